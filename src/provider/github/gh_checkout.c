/*
 * actions/checkout (specification 13.1). The repository itself is shown as the work tree of this machine, uncommitted
 * changes and all; another repository is fetched with git as the action does it, or comes from the folder that stands
 * in its stead.
 */
#include "core/base.h"
#include "provider/github/checkout_priv.h"

#include "core/buf.h"
#include "core/vec.h"

#define TRIES 3 /* of a fetch, as the action has it */

/* ---- ops ---- */

static void tool_op(struct gh_task *t, struct op *op, const struct strs *words, bool capture)
{
    const struct gh_checkout *c = t->impl;
    CLEAN(buf) struct buf shown = BUF(BUF_LINE);
    for (size_t i = 0; i < words->n; i++)
        buf_printf(&shown, "%s%.*s", i > 0 ? " " : "", STR_ARG(words->p[i]));
    gh_say(t, "[command]%s", buf_cstr(&shown));
    gh_op_tool(t->run, t, op, words, &c->env, capture);
}

static void clean_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct gh_checkout *c = t->impl;
    struct str words[] = {STR("sh"), STR("-c"), STR("test ! -d \"$0\" || find \"$0\" -mindepth 1 -delete 2>&1"),
                          c->path};
    struct strs argv = {.p = words, .n = ARRAY_LEN(words)};
    gh_op_tool(r, t, op, &argv, NULL, true);
}

/* What is not committed: the files of another ref take its place. */
static void reset_op(struct gh_task *t, struct op *op)
{
    const struct gh_checkout *c = t->impl;
    struct str words[] = {STR("git"), STR("-C"), c->path, STR("clean"), STR("-ffdx")};
    tool_op(t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, true);
}

/* One commit of the files, on the branch that was asked for. */
static void adopt_op(struct gh_task *t, struct op *op)
{
    const struct gh_checkout *c = t->impl;
    struct str heads = STR("refs/heads/"), branch = c->ref;
    if (str_starts(branch, heads))
        branch = str_from_index(branch, heads.n);
    if (branch.n == 0 || str_starts(branch, STR("refs/")))
        branch = STR("main");
    struct str words[] = {STR("sh"),
                          STR("-c"),
                          STR("cd \"$0\" && { [ -e .git ] || { git -c init.defaultBranch=\"$1\" init -q && "
                              "git remote add origin \"$2\" && git add -A -f && "
                              "git -c user.name=slipway -c user.email=slipway@localhost -c commit.gpgsign=false "
                              "commit -q --allow-empty -m \"$3\"; }; }"),
                          c->path,
                          branch,
                          c->url,
                          arena_printf(t->run->arena, "%.*s at %.*s", STR_ARG(c->repository), STR_ARG(c->start))};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, &c->env, false);
}

static void show_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct gh_checkout *c = t->impl;
    gh_op_other(r, t, op, OP_FETCH);
    op->fetch.repo = c->repository;
    op->fetch.ref = c->commit.n > 0 ? c->commit : c->ref.n > 0 ? c->ref : STR("HEAD");
    op->fetch.path = c->path;
}

/* Which ways have a phase, as bits of 1 << way. */
static unsigned ways_of(enum gh_checkout_phase phase)
{
    enum { OWN = 1 << WAY_OWN, SWITCH = 1 << WAY_SWITCH, REMOTE = 1 << WAY_REMOTE, SHOWN = 1 << WAY_SHOWN };
    /* table */
    static const unsigned char WAYS[CHECKOUT_DONE] = {
        [CHECKOUT_CLEAN] = OWN | SWITCH | REMOTE | SHOWN,
        [CHECKOUT_VIEW] = OWN | SWITCH,
        [CHECKOUT_SHOW] = SHOWN,
        [CHECKOUT_SAFE] = OWN | SWITCH | REMOTE | SHOWN,
        [CHECKOUT_ADOPT] = SHOWN,
        [CHECKOUT_INIT] = REMOTE,
        [CHECKOUT_REMOTE] = REMOTE,
        [CHECKOUT_GC] = REMOTE,
        [CHECKOUT_DEFAULT] = REMOTE,
        [CHECKOUT_LFS] = SWITCH | REMOTE,
        [CHECKOUT_LOOK] = SWITCH,
        [CHECKOUT_FETCH] = SWITCH | REMOTE,
        [CHECKOUT_LIST] = SWITCH | REMOTE,
        [CHECKOUT_LFS_FETCH] = REMOTE,
        [CHECKOUT_RESET] = SWITCH,
        [CHECKOUT_REFRESH] = OWN | SWITCH,
        [CHECKOUT_SPARSE] = OWN | SWITCH | REMOTE | SHOWN,
        [CHECKOUT_SWITCH] = SWITCH | REMOTE,
        [CHECKOUT_SYNC] = OWN | SWITCH | REMOTE,
        [CHECKOUT_UPDATE] = OWN | SWITCH | REMOTE,
        [CHECKOUT_FOREACH] = OWN | SWITCH | REMOTE,
        [CHECKOUT_COMMIT] = SWITCH | REMOTE,
    };
    return phase < CHECKOUT_DONE ? WAYS[phase] : 0;
}

static bool git_op(struct gh_task *t, struct op *op, enum gh_checkout_phase phase)
{
    struct gh_checkout *c = t->impl;
    struct strs words = {0};
    bool plain = c->way == WAY_OWN && !t->run->facts->repo.is_git; /* a folder without git has nothing to switch */
    if (phase == CHECKOUT_LFS_FETCH && c->start.n == 0)
        gh_checkout_start(t->run->arena, c);
    if (phase == CHECKOUT_SWITCH && c->start.n == 0)
        gh_checkout_start(t->run->arena, c);
    if (!c->has_git || (plain && phase != CHECKOUT_SAFE) || !gh_checkout_words(t, c, phase, &words))
        return false;
    c->looking = phase == CHECKOUT_LOOK || phase == CHECKOUT_REFRESH;
    tool_op(t, op, &words,
            phase == CHECKOUT_LOOK || phase == CHECKOUT_LIST || phase == CHECKOUT_DEFAULT || phase == CHECKOUT_COMMIT);
    return true;
}

/* ---- the order of things ---- */

/* Fills in the op of a phase; false when it has nothing to do here. */
static bool phase_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct gh_checkout *c = t->impl;
    enum gh_checkout_phase phase = t->phase;
    c->looking = false;
    if ((ways_of(phase) & 1U << c->way) == 0)
        return false;
    if (phase == CHECKOUT_CLEAN) {
        c->looking = true; /* what cannot be deleted is told by what comes next */
        if (r->dirty)
            clean_op(r, t, op);
        return r->dirty;
    }
    if (phase == CHECKOUT_VIEW) {
        gh_say(t, "Showing the work tree at '%.*s'", STR_ARG(c->path));
        gh_op_other(r, t, op, OP_VIEW);
        op->view_path = c->path;
    } else if (phase == CHECKOUT_SHOW) {
        show_op(r, t, op);
    } else if (phase == CHECKOUT_ADOPT) {
        adopt_op(t, op);
    } else if (phase == CHECKOUT_RESET) {
        if (!gh_checkout_says(t, "clean", true))
            return false;
        reset_op(t, op);
    } else {
        return git_op(t, op, phase);
    }
    return true;
}

/* A second checkout to the same place: what is there stays, which is said, as the service would start afresh. */
static bool shown_before(struct gh_run *r, struct gh_task *t, const struct gh_checkout *c)
{
    for (size_t i = 0; i < r->viewed.n; i++) {
        if ((c->way == WAY_OWN || c->way == WAY_SWITCH) && str_eq(r->viewed.p[i], c->path)) {
            gh_note(r, t->number, HOW_SUBSTITUTED, STR("actions/checkout"),
                    arena_printf(r->arena, "'%.*s' was checked out before and is left as it is", STR_ARG(c->path)));
            return true;
        }
    }
    return false;
}

static void start(struct gh_run *r, struct gh_task *t)
{
    struct gh_checkout *c = gh_checkout_read(r, t);
    t->impl = c;
    if (t->result != RESULT_NONE)
        return;
    gh_say(t, "Syncing repository: %.*s", STR_ARG(c->repository));
    gh_checkout_note(t, c);
    if (shown_before(r, t, c))
        t->phase = c->way == WAY_SWITCH ? CHECKOUT_LOOK : CHECKOUT_DONE;
}

static void set_outputs(struct gh_run *r, struct gh_task *t)
{
    const struct gh_checkout *c = t->impl;
    struct str commit = str_trim(buf_str(&t->capture));
    if (c->way == WAY_OWN)
        commit = value_get_str(r->github, "sha");
    else if (c->way == WAY_SHOWN)
        commit = c->start;
    struct str ref = c->ref.n == 0 && c->commit.n == 0 && c->way == WAY_OWN ? value_get_str(r->github, "ref") : c->ref;
    gh_set_output(t, "ref", ref);
    gh_set_output(t, "commit", commit);
}

static enum drive checkout_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->impl == NULL)
        start(r, t);
    for (; t->result == RESULT_NONE && t->phase < CHECKOUT_DONE; t->phase++) {
        if (phase_op(r, t, op))
            return DRIVE_OP;
    }
    if (t->result == RESULT_NONE)
        set_outputs(r, t);
    return DRIVE_DONE;
}

/* ---- what came of an op ---- */

static void no_such_ref(struct gh_task *t, const struct gh_checkout *c)
{
    if (c->commit.n > 0)
        gh_fail(t, "The commit %.*s is not in the repository of this machine, and could not be fetched",
                STR_ARG(c->commit));
    else
        gh_fail(t, "A branch or tag with the name '%.*s' could not be found", STR_ARG(c->ref));
}

static void git_failed(struct gh_task *t, struct gh_checkout *c)
{
    struct str git = map_get_str(&t->run->facts->machine.programs, STR("git"));
    if (t->phase == CHECKOUT_LFS)
        gh_fail(t, "Unable to locate executable file: git-lfs. Please verify either the file path exists or the file "
                   "can be found within a directory specified by the PATH environment variable. Also check the file "
                   "mode to verify the file is executable.");
    else if (c->way == WAY_SWITCH && (t->phase == CHECKOUT_FETCH || t->phase == CHECKOUT_SWITCH))
        no_such_ref(t, c);
    else if (t->phase == CHECKOUT_FETCH || t->phase == CHECKOUT_DEFAULT)
        gh_fail(t,
                "The process '%.*s' failed with exit code %d: %.*s could not be fetched (it needs a network, and a "
                "token when it is private; --local-repository %.*s=DIR takes a folder instead)",
                STR_ARG(git), t->status, STR_ARG(c->url), STR_ARG(c->repository));
    else
        gh_fail(t, "The process '%.*s' failed with exit code %d", STR_ARG(git), t->status);
}

/* "ref: refs/heads/main<TAB>HEAD" */
static void take_default(struct gh_task *t, struct gh_checkout *c)
{
    struct str rest = buf_str(&t->capture), line, name, tail;
    while (str_next(&rest, '\n', &line)) {
        if (str_starts(line, STR("ref: refs/heads/")) && str_cut(str_from_index(line, 5), '\t', &name, &tail)) {
            c->ref = arena_str(t->run->arena, name);
            return;
        }
    }
    gh_fail(t, "Unexpected output when retrieving default branch");
}

static void take(struct gh_run *r, struct gh_task *t, struct gh_checkout *c, const struct op_end *end)
{
    enum gh_checkout_phase phase = t->phase;
    if (phase == CHECKOUT_VIEW)
        vec_push_in(r->arena, &r->viewed, c->path);
    else if (phase == CHECKOUT_SHOW)
        c->start = arena_str(r->arena, end->matched);
    else if (phase == CHECKOUT_DEFAULT)
        take_default(t, c);
    else if (phase == CHECKOUT_LOOK)
        c->found = t->status == 0 && (c->commit.n > 0 || gh_checkout_choose(r->arena, c, buf_str(&t->capture)));
    else if (phase == CHECKOUT_LIST && !gh_checkout_choose(r->arena, c, buf_str(&t->capture)))
        no_such_ref(t, c);
}

static void checkout_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    struct gh_checkout *c = t->impl;
    bool process = t->phase != CHECKOUT_VIEW && t->phase != CHECKOUT_SHOW;
    if (gh_ended(t, end)) {
        if (process && t->status != 0 && t->phase == CHECKOUT_FETCH && ++c->tries < TRIES) {
            t->status = -1;
            return; /* the same phase again */
        }
        if (process && t->status != 0 && !c->looking)
            git_failed(t, c);
        else
            take(r, t, c, end);
    }
    t->status = -1; /* of tools of ours: no step's exit status */
    t->phase++;
}

const struct gh_action gh_checkout = {.name = "actions/checkout", .next = checkout_next, .exited = checkout_exited};
