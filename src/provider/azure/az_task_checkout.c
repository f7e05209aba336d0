/*
 * az_task_checkout.c - `checkout:` (specification 7.5). The repository itself is the work tree of this machine,
 * copy-on-write, uncommitted changes and all, with a detached HEAD as the agent leaves it; another repository's files
 * come from where OP_FETCH has them, and get a repository of one commit.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/path.h"

enum { CHECKOUT_CLEAN, CHECKOUT_SHOW, CHECKOUT_GIT, CHECKOUT_SPARSE, CHECKOUT_SUBMODULES, CHECKOUT_DONE };

/* Where and what. */
struct checkout {
    struct az_checkout_place place;
    struct str commit; /* of another repository, when it is there */
};

static const struct az_input INPUTS[] = {
    {.name = "repository", .kind = AZ_INPUT_TEXT, .fallback = "self"},
    {.name = "clean", .kind = AZ_INPUT_BOOL},
    {.name = "fetchDepth", .kind = AZ_INPUT_TEXT},
    {.name = "fetchFilter", .kind = AZ_INPUT_TEXT},
    {.name = "fetchTags", .kind = AZ_INPUT_BOOL},
    {.name = "lfs", .kind = AZ_INPUT_BOOL},
    {.name = "persistCredentials", .kind = AZ_INPUT_BOOL},
    {.name = "submodules", .kind = AZ_INPUT_TEXT},
    {.name = "path", .kind = AZ_INPUT_TEXT},
    {.name = "sparseCheckoutDirectories", .kind = AZ_INPUT_TEXT},
    {.name = "sparseCheckoutPatterns", .kind = AZ_INPUT_TEXT},
    {.name = "workspaceRepo", .kind = AZ_INPUT_BOOL},
    {0},
};

/*
 * $0: the folder, $1: the commit, $2: not empty: a plain sandbox, where the repository of a linked work tree is this
 * machine's own and is left alone. Git trusts the folder, whoever owns it.
 */
static const char detach_script[] = "cd \"$0\" && git config --global --add safe.directory \"$0\" || exit\n"
                                    "[ -e .git ] && [ -n \"$1\" ] || exit 0\n"
                                    "[ -d .git ] || [ -z \"$2\" ] || exit 0\n"
                                    "git -c core.hooksPath=/dev/null update-ref --no-deref HEAD \"$1\"\n";

/* $0: the folder, $1: its address, $2: what the commit says. */
static const char adopt_script[] =
    "cd \"$0\" && git config --global --add safe.directory \"$0\" || exit\n"
    "[ -e .git ] && exit\n"
    "git -c init.defaultBranch=main init -q && git remote add origin \"$1\" && git add -A -f &&\n"
    "git -c user.name=slipway -c user.email=slipway@localhost -c commit.gpgsign=false \\\n"
    "    commit -q --allow-empty -m \"$2\" && git checkout -q --detach\n";

/* ---- ops ---- */

static bool has_git(const struct az_run *r)
{
    return map_get_str(&r->facts->machine.programs, STR("git")).n > 0;
}

static bool has_commit(const struct az_run *r)
{
    const struct repo_facts *repo = &r->facts->repo;
    return repo->is_git && !str_starts(repo->sha, STR("0000000000000000000000000000000000000000"));
}

/* A folder that is no repository is emptied, as the agent does: steps before it may have written there. */
static bool clean_op(struct az_task_run *t, const struct checkout *c, struct op *op)
{
    const struct str argv[] = {STR("sh"), STR("-c"), STR("test ! -d \"$0\" || find \"$0\" -mindepth 1 -delete"),
                               c->place.path};
    if (t->run->token == 0)
        return false; /* nothing has run yet */
    az_op_exec(t, op, argv, ARRAY_LEN(argv));
    op->cwd = t->run->root;
    return true;
}

static bool show_op(struct az_task_run *t, const struct checkout *c, struct op *op)
{
    const struct az_repo *repo = c->place.repo;
    if (c->place.own) {
        az_say(t, "Showing the work tree at %.*s", STR_ARG(c->place.path));
        az_op_init(t, op, OP_VIEW);
        op->view_path = c->place.path;
        return true;
    }
    az_say(t, "Syncing repository: %.*s", STR_ARG(repo->repo));
    az_op_init(t, op, OP_FETCH);
    op->fetch.repo = repo->repo;
    op->fetch.ref = repo->ref.n > 0 ? az_short_ref(repo->ref) : STR("HEAD"); /* as for a template */
    op->fetch.path = c->place.path;
    return true;
}

static bool git_op(struct az_task_run *t, const struct checkout *c, struct op *op)
{
    struct az_run *r = t->run;
    struct str address = STR(""), message = STR("");
    if (!c->place.own) {
        struct str base = r->facts->repos.base.n > 0 ? r->facts->repos.base : STR("https://github.com");
        address = arena_printf(r->scratch, "%.*s/%.*s", STR_ARG(base), STR_ARG(c->place.repo->repo));
        message = arena_printf(r->scratch, "%.*s at %.*s", STR_ARG(c->place.repo->repo), STR_ARG(c->commit));
    }
    const struct str own[] = {
        STR("sh"), STR("-c"), str_from(detach_script), c->place.path, has_commit(r) ? r->facts->repo.sha : STR(""),
        r->prefix};
    const struct str other[] = {STR("sh"), STR("-c"), str_from(adopt_script), c->place.path, address, message};
    az_op_exec(t, op, c->place.own ? own : other, ARRAY_LEN(own));
    op->cwd = c->place.path;
    return true;
}

static void tool_op(struct az_task_run *t, const struct checkout *c, struct op *op, const struct strs *words)
{
    CLEAN(buf) struct buf shown = BUF(BUF_LINE);
    for (size_t i = 0; i < words->n; i++)
        buf_printf(&shown, "%s%.*s", i > 0 ? " " : "", STR_ARG(words->p[i]));
    az_say(t, "##[command]%s", buf_cstr(&shown));
    az_op_exec(t, op, words->p, words->n);
    op->cwd = c->place.path;
}

static void add_words(struct az_task_run *t, struct strs *words, struct str text)
{
    for (size_t i = 0, from = 0; i <= text.n; i++) {
        bool blank = i == text.n || text.p[i] == ' ' || text.p[i] == '\n' || text.p[i] == '\r' || text.p[i] == '\t';
        if (!blank)
            continue;
        if (i > from)
            vec_push_in(t->run->scratch, words, str_sub(text, from, i));
        from = i + 1;
    }
}

/* Directories are cones; patterns are those of .gitignore, and count only without directories. */
static bool sparse_op(struct az_task_run *t, const struct checkout *c, struct op *op)
{
    struct strs words = {0};
    struct str folders = az_input(t, "sparseCheckoutDirectories"), patterns = az_input(t, "sparseCheckoutPatterns");
    if (folders.n == 0 && patterns.n == 0)
        return false;
    add_words(t, &words,
              folders.n > 0 ? STR("git sparse-checkout set --cone") : STR("git sparse-checkout set --no-cone"));
    add_words(t, &words, folders.n > 0 ? folders : patterns);
    tool_op(t, c, op, &words);
    return true;
}

static bool submodules_op(struct az_task_run *t, const struct checkout *c, struct op *op)
{
    struct strs words = {0};
    struct str how = az_input(t, "submodules");
    bool nested = str_is_nocase(how, "recursive");
    if (!nested && !str_is_nocase(how, "true"))
        return false;
    add_words(t, &words, STR("git submodule update --init --force"));
    if (nested)
        add_words(t, &words, STR("--recursive"));
    tool_op(t, c, op, &words);
    return true;
}

static bool phase_op(struct az_task_run *t, struct op *op)
{
    const struct checkout *c = t->state;
    switch (t->at) {
    case CHECKOUT_CLEAN:
        return clean_op(t, c, op);
    case CHECKOUT_SHOW:
        return show_op(t, c, op);
    case CHECKOUT_GIT:
        return has_git(t->run) && git_op(t, c, op);
    case CHECKOUT_SPARSE:
        return has_git(t->run) && sparse_op(t, c, op);
    case CHECKOUT_SUBMODULES:
        return has_git(t->run) && submodules_op(t, c, op);
    default:
        return false;
    }
}

/* ---- the task ---- */

/* Where this machine's way differs from the agent's; only what was asked for is named. */
static void note(struct az_task_run *t, const struct checkout *c)
{
    static const struct {
        const char *input, *text;
    } DIFFERENT[] = {
        {"fetchDepth", "fetchDepth: the history is as it is on this machine"},
        {"fetchFilter", "fetchFilter: nothing is left out"},
        {"fetchTags", "fetchTags: the tags are those of this machine"},
        {"lfs", "lfs: files as the work tree holds them"},
        {"persistCredentials", "persistCredentials: none are kept"},
        {"clean", "clean: every job begins with an empty folder"},
    };
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, c->place.own ? "the work tree of this machine" : "its files, in a repository made of them");
    if (c->place.own && t->run->facts->repo.dirty)
        buf_add_cstr(&b, ", uncommitted changes included");
    for (size_t i = 0; i < ARRAY_LEN(DIFFERENT); i++) {
        struct str given = az_input(t, DIFFERENT[i].input);
        if (given.n > 0 && !str_is_nocase(given, "false") && !str_is(given, "0"))
            buf_printf(&b, "; %s", DIFFERENT[i].text);
    }
    az_note(t->run, HOW_SUBSTITUTED, arena_printf(t->run->arena, "checkout %.*s", STR_ARG(az_input(t, "repository"))),
            arena_str(t->run->arena, buf_str(&b)));
}

/* False: there is nothing to do, or it failed. */
static bool start(struct az_task_run *t)
{
    struct az_run *r = t->run;
    struct checkout *c = ARENA_NEW(r->arena, struct checkout);
    struct strs *shown = &az_agent(r)->shown;
    struct err err = {0};
    t->state = c;
    if (az_checkout_place(r, &t->inputs, &c->place, &err) < 0) {
        az_fail(t, "%s", err.text);
        return false;
    }
    if (!c->place.own && !az_repo_has_address(r->facts, c->place.repo)) {
        struct str name = c->place.repo->repo;
        az_fail(
            t,
            "where the repository %.*s (type %.*s) is, is not known here: --local-repository %.*s=DIR names a folder",
            STR_ARG(name), STR_ARG(c->place.repo->type), STR_ARG(name));
        return false;
    }
    for (size_t i = 0; i < shown->n; i++) {
        if (!str_eq(shown->p[i], c->place.path))
            continue;
        az_say(t, "%.*s was checked out before and is left as it is", STR_ARG(c->place.path));
        return false;
    }
    if (!c->place.own && !has_git(r))
        az_warn(t, "git is not installed on this machine: the files are there, without a repository");
    vec_push_in(r->arena, shown, c->place.path);
    note(t, c);
    return true;
}

static enum drive checkout_next(struct az_task_run *t, struct op *op)
{
    if (t->state == NULL && !start(t))
        t->at = CHECKOUT_DONE;
    for (; t->at < CHECKOUT_DONE && t->result != AZ_FAILED; t->at++)
        if (phase_op(t, op))
            return DRIVE_OP;
    return DRIVE_DONE;
}

static void checkout_exited(struct az_task_run *t, const struct op_end *end)
{
    static const char *const WHAT[] = {[CHECKOUT_CLEAN] = "Emptying the folder",
                                       [CHECKOUT_SHOW] = "The repository",
                                       [CHECKOUT_GIT] = "Git",
                                       [CHECKOUT_SPARSE] = "Git sparse-checkout",
                                       [CHECKOUT_SUBMODULES] = "Git submodule update"};
    struct checkout *c = t->state;
    if (t->at >= CHECKOUT_DONE)
        return;
    if (az_op_good(t, end, WHAT[t->at]) && t->at == CHECKOUT_SHOW && !c->place.own)
        c->commit = arena_str(t->run->arena, end->matched);
    t->status = -1; /* of tools of ours: no step's exit status */
    t->at++;
}

const struct az_task az_task_checkout = {.name = "Checkout",
                                         .id = AZ_CHECKOUT_TASK,
                                         .majors = "1",
                                         .title = "Get sources",
                                         .inputs = INPUTS,
                                         .next = checkout_next,
                                         .exited = checkout_exited};
