/*
 * actions/checkout (specification 13.1). The repository itself is shown as the work tree of this machine, uncommitted
 * changes and all; another repository is fetched with git, which needs a network.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/vec.h"

enum phase {
    PHASE_CLEAN,  /* empty the folder when earlier steps may have filled it */
    PHASE_VIEW,   /* own repository */
    PHASE_SAFE,   /* git's safe.directory */
    PHASE_SWITCH, /* own repository, another ref */
    PHASE_INIT,   /* another repository: init, remote, fetch, checkout; or clone */
    PHASE_REMOTE,
    PHASE_FETCH,
    PHASE_DETACH,
    PHASE_COMMIT, /* which commit is it? */
    PHASE_DONE,
};

struct checkout {
    struct str path, repository, ref;
    bool own;       /* the repository that the workflow lies in */
    bool by_sha;    /* ref is a whole commit id */
    bool other_ref; /* own repository, but not the ref that the work tree stands at */
    bool has_git, safe;
    bool silent;    /* the failure of the process under way means nothing */
    struct map env; /* credentials and manners for git */
};

static bool is_sha(struct str s)
{
    if (s.n != 40 && s.n != 64)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static struct str github(const struct gh_run *r, const char *name)
{
    return value_get_str(r->github, name);
}

/* Does the ref name what the work tree stands at? */
static bool is_current(const struct gh_run *r, struct str ref)
{
    static const char *const SAME[] = {"ref", "ref_name", "sha", "head_ref"};
    for (size_t i = 0; i < ARRAY_LEN(SAME); i++) {
        struct str s = github(r, SAME[i]);
        if (s.n > 0 && str_eq(ref, s))
            return true;
    }
    struct str branch = r->facts->repo.branch;
    return branch.n > 0 &&
           (str_eq(ref, branch) || (str_starts(ref, STR("refs/heads/")) && str_eq(str_from_index(ref, 11), branch)));
}

static void add_base64(struct buf *b, struct str s)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_add_ch(b, i + k > s.n ? '=' : DIGITS[v >> (18 - 6 * k) & 63]);
    }
}

static struct str server_url(const struct gh_task *t)
{
    struct str url = gh_input(t, "github-server-url");
    if (url.n == 0)
        url = github(t->run, "server_url");
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    return url.n > 0 ? url : STR("https://github.com");
}

/* git must never ask, and gets the token in its environment: an argument would be there for all to see. */
static void prepare_env(struct gh_task *t, struct checkout *c)
{
    struct gh_run *r = t->run;
    struct str token = gh_input(t, "token"), server = server_url(t);
    CLEAN(buf) struct buf pair = BUF(BUF_LINE), coded = BUF(BUF_LINE * 2);
    map_init(&c->env, r->arena, MAP_CASE);
    map_set_str(&c->env, STR("GIT_TERMINAL_PROMPT"), STR("0"));
    if (token.n == 0)
        token = github(r, "token");
    if (c->own || token.n == 0)
        return;
    buf_printf(&pair, "x-access-token:%.*s", STR_ARG(token));
    add_base64(&coded, buf_str(&pair));
    gh_mask(r, token);
    gh_mask(r, buf_str(&coded));
    map_set_str(&c->env, STR("GIT_CONFIG_COUNT"), STR("1"));
    map_set_str(&c->env, STR("GIT_CONFIG_KEY_0"), arena_printf(r->arena, "http.%.*s/.extraheader", STR_ARG(server)));
    map_set_str(&c->env, STR("GIT_CONFIG_VALUE_0"),
                arena_printf(r->arena, "AUTHORIZATION: basic %s", buf_cstr(&coded)));
}

/* Where this machine's way differs from the action's, in one sentence; only what was asked for is named. */
static void note_differences(struct gh_task *t, const struct checkout *c)
{
    static const struct {
        const char *input, *text;
    } DIFFERENT[] = {
        {"fetch-depth", "fetch-depth: the history is complete"},
        {"fetch-tags", "fetch-tags: all tags of this machine are there"},
        {"submodules", "submodules: as the work tree holds them"},
        {"lfs", "lfs: files as the work tree holds them"},
        {"sparse-checkout", "sparse-checkout: the whole tree is there"},
        {"filter", "filter: nothing is left out"},
        {"ssh-key", "ssh-key: not used"},
    };
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, c->own ? "the work tree of this machine" : "fetched with git");
    if (c->own && t->run->facts->repo.dirty && !c->other_ref)
        buf_add_cstr(&b, ", uncommitted changes included");
    for (size_t i = 0; i < ARRAY_LEN(DIFFERENT); i++) {
        struct str given = gh_input(t, DIFFERENT[i].input);
        bool depth = i < 2 || i == 5; /* these are honoured when another repository is fetched */
        if (given.n > 0 && !str_is_nocase(given, "false") && (c->own || !depth))
            buf_printf(&b, "; %s", DIFFERENT[i].text);
    }
    gh_note_action(t, buf_str(&b));
}

static struct checkout *read_inputs(struct gh_run *r, struct gh_task *t)
{
    struct checkout *c = ARENA_NEW(r->arena, struct checkout);
    struct str path = gh_input(t, "path");
    c->repository = gh_input(t, "repository");
    c->ref = gh_input(t, "ref");
    c->has_git = map_get_str(&r->facts->machine.programs, STR("git")).n > 0;
    c->safe = gh_input_bool(t, "set-safe-directory", true);
    c->path = path_clean(r->arena, path_join(r->arena, r->workspace, path));
    if (path.n == 0)
        c->path = r->workspace;
    if (!path_under(c->path, r->workspace))
        gh_fail(t, "Repository path '%.*s' is not under '%.*s'", STR_ARG(c->path), STR_ARG(r->workspace));
    struct str mine = github(r, "repository");
    c->own = c->repository.n == 0 || str_eq_nocase(c->repository, mine);
    if (!c->own && str_find_ch(c->repository, '/') <= 0)
        gh_fail(t, "Invalid repository '%.*s'. Expected format {owner}/{repo}.", STR_ARG(c->repository));
    c->by_sha = is_sha(c->ref);
    c->other_ref = c->own && c->ref.n > 0 && !is_current(r, c->ref);
    if ((!c->own || c->other_ref) && !c->has_git)
        gh_fail(t, "git is not installed on this machine, and %s needs it",
                c->own ? "checking out another ref" : "another repository");
    prepare_env(t, c);
    return c;
}

/* ---- processes ---- */

static void git(struct gh_task *t, struct op *op, bool capture, const char *const *words, size_t n)
{
    const struct checkout *c = t->impl;
    struct strs argv = {0};
    CLEAN(buf) struct buf shown = BUF(BUF_LINE);
    for (size_t i = 0; i < n; i++) {
        if (words[i] == NULL)
            continue;
        vec_push_in(t->run->arena, &argv, str_from(words[i]));
        buf_printf(&shown, "%s%s", i > 0 ? " " : "", words[i]);
    }
    gh_say(t, "[command]%s", buf_cstr(&shown));
    gh_op_tool(t->run, t, op, &argv, &c->env, capture);
}

/* A NULL word is left out. */
#define GIT(t, op, capture, ...)                                                                                       \
    git((t), (op), (capture), (const char *const[]){"git", __VA_ARGS__},                                               \
        ARRAY_LEN(((const char *const[]){"git", __VA_ARGS__})))

static const char *text(struct gh_task *t, struct str s)
{
    return arena_str(t->run->arena, s).p;
}

static void clean_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct checkout *c = t->impl;
    struct str words[] = {STR("sh"), STR("-c"), STR("test ! -d \"$0\" || find \"$0\" -mindepth 1 -delete 2>&1"),
                          c->path};
    struct strs argv = {.p = words, .n = ARRAY_LEN(words)};
    gh_op_tool(r, t, op, &argv, NULL, true);
}

static const char *depth_option(struct gh_task *t)
{
    struct str depth = gh_input(t, "fetch-depth");
    if (str_is(depth, "0"))
        return NULL;
    return arena_printf(t->run->arena, "--depth=%.*s", STR_ARG(depth.n > 0 ? depth : STR("1"))).p;
}

static const char *filter_option(struct gh_task *t)
{
    struct str filter = gh_input(t, "filter");
    return filter.n > 0 ? arena_printf(t->run->arena, "--filter=%.*s", STR_ARG(filter)).p : NULL;
}

static const char *remote_url(struct gh_task *t)
{
    const struct checkout *c = t->impl;
    struct str server = server_url(t);
    return arena_printf(t->run->arena, "%.*s/%.*s", STR_ARG(server), STR_ARG(c->repository)).p;
}

/* A branch or a tag, without what git clone --branch does not take. */
static const char *short_ref(struct gh_task *t, struct str ref)
{
    static const char *const PREFIXES[] = {"refs/heads/", "refs/tags/"};
    for (size_t i = 0; i < ARRAY_LEN(PREFIXES); i++) {
        struct str prefix = str_from(PREFIXES[i]);
        if (str_starts(ref, prefix))
            return text(t, str_from_index(ref, prefix.n));
    }
    return text(t, ref);
}

/* Branches and tags are cloned by name; a commit id or another ref (refs/pull/..) must be fetched by itself. */
static bool fetches(const struct checkout *c)
{
    return c->by_sha || (str_starts(c->ref, STR("refs/")) && !str_starts(c->ref, STR("refs/heads/")) &&
                         !str_starts(c->ref, STR("refs/tags/")));
}

static void init_op(struct gh_task *t, struct op *op)
{
    const struct checkout *c = t->impl;
    const char *path = text(t, c->path);
    gh_say(t, "Fetching %.*s", STR_ARG(c->repository));
    if (fetches(c)) {
        GIT(t, op, false, "-c", "init.defaultBranch=main", "init", path);
        return;
    }
    GIT(t, op, false, "-c", "protocol.version=2", "clone",
        str_is(gh_input(t, "fetch-tags"), "true") ? NULL : "--no-tags", "--progress", "--no-recurse-submodules",
        depth_option(t), filter_option(t), c->ref.n > 0 ? "--branch" : NULL, c->ref.n > 0 ? short_ref(t, c->ref) : NULL,
        "--", remote_url(t), path);
}

/* ---- the order of things ---- */

/* Fills in the op of a phase; false when it has nothing to do here. */
static bool phase_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    /* table */
    struct checkout *c = t->impl;
    const char *path = text(t, c->path);
    c->silent = false;
    switch ((enum phase)t->phase) {
    case PHASE_CLEAN:
        if (!r->dirty)
            return false;
        c->silent = true; /* what cannot be deleted is told by what comes next */
        clean_op(r, t, op);
        return true;
    case PHASE_VIEW:
        if (!c->own)
            return false;
        gh_say(t, "Showing the work tree at '%.*s'", STR_ARG(c->path));
        gh_op_other(r, t, op, OP_VIEW);
        op->view_path = c->path;
        return true;
    case PHASE_SAFE:
        if (!c->safe || !c->has_git)
            return false;
        GIT(t, op, false, "config", "--global", "--add", "safe.directory", path);
        return true;
    case PHASE_SWITCH:
        if (!c->other_ref)
            return false;
        GIT(t, op, false, "-C", path, "checkout", "--progress", "--force", short_ref(t, c->ref));
        return true;
    case PHASE_INIT:
        if (c->own)
            return false;
        init_op(t, op);
        return true;
    case PHASE_REMOTE:
        if (c->own || !fetches(c))
            return false;
        GIT(t, op, false, "-C", path, "remote", "add", "origin", remote_url(t));
        return true;
    case PHASE_FETCH:
        if (c->own || !fetches(c))
            return false;
        GIT(t, op, false, "-C", path, "-c", "protocol.version=2", "fetch", "--no-tags", "--prune",
            "--no-recurse-submodules", "--progress", filter_option(t), depth_option(t), "origin", text(t, c->ref));
        return true;
    case PHASE_DETACH:
        if (c->own || !fetches(c))
            return false;
        GIT(t, op, false, "-C", path, "checkout", "--progress", "--force", "--detach", "FETCH_HEAD");
        return true;
    case PHASE_COMMIT:
        if (c->own && !c->other_ref)
            return false;
        GIT(t, op, true, "-C", path, "log", "-1", "--format=%H");
        return true;
    case PHASE_DONE:
        break;
    }
    return false;
}

/* A second checkout to the same place: what is there stays, which is said, as the service would start afresh. */
static bool shown_before(struct gh_run *r, struct gh_task *t, const struct checkout *c)
{
    for (size_t i = 0; i < r->viewed.n; i++) {
        if (c->own && str_eq(r->viewed.p[i], c->path)) {
            gh_note(r, t->number, HOW_SUBSTITUTED, STR("actions/checkout"),
                    arena_printf(r->arena, "'%.*s' was checked out before and is left as it is", STR_ARG(c->path)));
            return true;
        }
    }
    return false;
}

static void start(struct gh_run *r, struct gh_task *t)
{
    struct checkout *c = read_inputs(r, t);
    t->impl = c;
    if (t->result != RESULT_NONE)
        return;
    note_differences(t, c);
    if (shown_before(r, t, c))
        t->phase = c->other_ref ? PHASE_SWITCH : PHASE_DONE;
}

static void set_outputs(struct gh_run *r, struct gh_task *t)
{
    const struct checkout *c = t->impl;
    struct str commit = str_trim(buf_str(&t->capture));
    if (c->own && !c->other_ref)
        commit = github(r, "sha");
    gh_set_output(t, "ref", c->ref.n > 0 || !c->own ? c->ref : github(r, "ref"));
    gh_set_output(t, "commit", commit);
}

static enum drive checkout_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->impl == NULL)
        start(r, t);
    for (; t->result == RESULT_NONE && t->phase < PHASE_DONE; t->phase++) {
        if (phase_op(r, t, op))
            return DRIVE_OP;
    }
    if (t->result == RESULT_NONE)
        set_outputs(r, t);
    return DRIVE_DONE;
}

static void git_failed(struct gh_task *t)
{
    const struct checkout *c = t->impl;
    if (t->phase == PHASE_SWITCH)
        gh_fail(t, "A branch or tag with the name '%.*s' could not be found", STR_ARG(c->ref));
    else if (c->own)
        gh_fail(t, "The process 'git' failed with exit code %d", t->status);
    else
        gh_fail(
            t,
            "The process 'git' failed with exit code %d: %.*s could not be fetched (it needs a network, and a token "
            "when it is private)",
            t->status, STR_ARG(c->repository));
}

static void checkout_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct checkout *c = t->impl;
    if (t->phase == PHASE_VIEW && end->how == OP_EXITED)
        vec_push_in(r->arena, &r->viewed, c->path);
    if (gh_ended(t, end) && t->phase != PHASE_VIEW && t->status != 0 && !c->silent)
        git_failed(t);
    t->status = -1; /* of tools of ours: no step's exit status */
    t->phase++;
}

const struct gh_action gh_checkout = {.name = "actions/checkout", .next = checkout_next, .exited = checkout_exited};
