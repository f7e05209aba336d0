/*
 * provider/codebuild/cb_source.c - DOWNLOAD_SOURCE: the work tree at its place, the variables, what builds call.
 *
 * The service checks the commit out by itself, so that HEAD is on no branch and scripts ask CODEBUILD_* instead. Here
 * it is this machine's work tree with its uncommitted changes, and HEAD is made to name the commit: one file is
 * written, as `git checkout --detach` would read every file of the view anew.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"

#define HEAD_MAX ((size_t)4096)

enum { SOURCE_BEGIN, SOURCE_SHOWN, SOURCE_WRITTEN, SOURCE_HEAD };

/*
 * May the users of run-as go where the build is, and is setpriv there to become them? They are let in first: the
 * service "grants the specified user read and run permissions". A sandbox with one user lets setpriv believe that it
 * worked.
 */
static const char users_script[] =
    "exec >/dev/null 2>&1\n"
    "src=$1 tmp=$2 dump=$3; shift 3\n"
    ": >\"$dump\" && chmod a+rw \"$dump\" && chmod a+rx \"$src\" \"$tmp\" || exit\n"
    "dir=$src; while dir=${dir%/*}; [ -n \"$dir\" ]; do case $dir in */codebuild*) chmod a+x \"$dir\" ;; esac; done\n"
    "for user; do\n"
    "    now=$(setpriv --reuid=\"$user\" --regid=\"$(id -g \"$user\")\" --init-groups -- id -u) || exit\n"
    "    [ \"$now\" = \"$(id -u \"$user\")\" ] || exit\n"
    "    setpriv --reuid=\"$user\" --regid=\"$(id -g \"$user\")\" --init-groups -- test -r \"$src\" || exit\n"
    "done\n";

/* ---- ops ---- */

static void view(struct cb_run *r, struct op *op)
{
    cb_op_init(r, op, OP_VIEW);
    op->view_path = r->src_dir;
}

/* A value of git's configuration: a path may hold quotes, comment signs, a newline. */
static struct str git_value(struct arena *a, struct str text)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add_ch(&b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\' || text.p[i] == '\n')
            buf_add_ch(&b, '\\');
        buf_add_ch(&b, text.p[i] == '\n' ? 'n' : text.p[i]);
    }
    buf_add_ch(&b, '"');
    return arena_str(a, buf_str(&b));
}

/* The helpers of the service; a git that trusts a work tree of another user, as the service's own needs no trust. */
static void write_helpers(struct cb_run *r, struct op *op)
{
    cb_op_init(r, op, OP_FILES);
    for (size_t i = 0; i < cb_shims_len; i++)
        cb_op_write(r, op, path_join(r->scratch, r->bin, str_from(cb_shims[i].name)), str_from(cb_shims[i].text), 0755);
    struct str place = git_value(r->scratch, r->src_dir);
    cb_op_write(r, op, path_join(r->scratch, r->home, STR(".gitconfig")),
                arena_printf(r->scratch, "[safe]\n\tdirectory = %.*s\n", STR_ARG(place)), 0644);
    if (!r->facts->repo.is_git)
        return;
    cb_op_read(r, op, path_join(r->scratch, r->src_dir, STR(".git/HEAD")), HEAD_MAX);
    cb_op_read(r, op, path_join(r->scratch, r->src_dir, STR(".git")), HEAD_MAX);
}

/*
 * Which file is HEAD: that of a folder .git, or that of a linked work tree, whose .git names a folder elsewhere. In a
 * plain sandbox that folder is this machine's own and is left alone.
 */
static void find_head(struct cb_run *r, const struct op_end *end)
{
    struct str head = end->reads != NULL && r->facts->repo.is_git ? end->reads[0] : STR_NONE;
    struct str link = head.p == NULL && end->reads != NULL && r->facts->repo.is_git ? end->reads[1] : STR_NONE;
    struct str word = STR("gitdir: ");
    struct str sha = r->facts->repo.sha;
    if (sha.n == 0 || str_starts(sha, STR("0000000000000000000000000000000000000000")))
        return; /* there is no commit yet */
    if (str_starts(head, STR("ref: refs/heads/")) && str_find(head, STR(".invalid")) < 0)
        r->source.git_head = path_join(r->arena, r->src_dir, STR(".git/HEAD"));
    else if (r->prefix.n == 0 && str_starts(link, word))
        r->source.git_head =
            path_join(r->arena, path_join(r->arena, r->src_dir, str_trim(str_from_index(link, word.n))), STR("HEAD"));
    r->source.has_git = r->source.git_head.n > 0;
}

static void detach(struct cb_run *r, struct op *op)
{
    cb_op_init(r, op, OP_FILES);
    cb_op_write(r, op, r->source.git_head, arena_printf(r->scratch, "%.*s\n", STR_ARG(r->facts->repo.sha)), 0644);
}

/* The users that commands run as, but for root. */
static struct strs users_of(const struct cb_run *r)
{
    struct strs ret = {0};
    for (size_t i = 0; i <= CB_PHASES; i++) {
        struct str user = i < CB_PHASES ? r->spec->phases[i].run_as : r->spec->run_as;
        bool known = user.n == 0 || str_is(user, "root");
        for (size_t k = 0; k < ret.n; k++)
            known = known || str_eq(ret.p[k], user);
        if (!known)
            vec_push_in(r->arena, &ret, user);
    }
    return ret;
}

static void ask_users(struct cb_run *r, struct op *op, const struct strs *users)
{
    struct strs argv = {0};
    struct str head[] = {STR("/bin/sh"), STR("-c"), str_from(users_script), STR("sh"), r->src_dir, r->temp, r->dump};
    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        vec_push_in(r->arena, &argv, head[i]);
    for (size_t i = 0; i < users->n; i++)
        vec_push_in(r->arena, &argv, users->p[i]);
    cb_op_exec(r, op, argv.p, argv.n);
}

static void note_users(struct cb_run *r, const struct strs *users)
{
    for (size_t i = 0; i < users->n; i++)
        cb_note(r, HOW_SUBSTITUTED, arena_printf(r->arena, "run-as: %.*s", STR_ARG(users->p[i])),
                STR("commands run as root: this machine has no such user, or the sandbox has only one user"));
}

static void users_answered(struct cb_run *r, const struct op_end *end)
{
    struct strs users = users_of(r);
    r->run_as_works = end->how == OP_EXITED && end->status == 0;
    if (!r->run_as_works)
        note_users(r, &users);
}

/* ---- the log ---- */

static void say_begin(struct cb_run *r)
{
    cb_say(r, "Running on slipway, %.*s", STR_ARG(r->machine));
    cb_say(r, "Waiting for DOWNLOAD_SOURCE");
    cb_say(r, "Phase is DOWNLOAD_SOURCE");
    cb_say(r, "CODEBUILD_SRC_DIR=%.*s", STR_ARG(r->src_dir));
    if (r->project->inline_text && r->build->item == NULL)
        cb_say(r, "YAML location is /codebuild/readonly/buildspec.yml"); /* where the agent keeps it; here it is not */
    else
        cb_say(r, "YAML location is %.*s/%.*s", STR_ARG(r->src_dir), STR_ARG(r->spec->file));
    cb_say(r, "Processing environment variables");
}

/* ---- the part ---- */

static enum drive source_next(struct cb_run *r, struct op *op)
{
    struct strs users;
    if (r->source.at == SOURCE_WRITTEN && !r->source.has_git)
        r->source.at = SOURCE_HEAD;
    switch (r->source.at) {
    case SOURCE_BEGIN:
        say_begin(r);
        cb_note_differences(r);
        if (!cb_env_make(r))
            return DRIVE_DONE;
        view(r, op);
        return DRIVE_OP;
    case SOURCE_SHOWN:
        write_helpers(r, op);
        return DRIVE_OP;
    case SOURCE_WRITTEN:
        detach(r, op);
        return DRIVE_OP;
    case SOURCE_HEAD:
        users = users_of(r);
        if (users.n > 0 && r->prefix.n == 0) {
            ask_users(r, op, &users);
            return DRIVE_OP;
        }
        note_users(r, &users); /* a plain sandbox has this machine's own folders around it: none is opened to others */
        break;
    default:
        break;
    }
    cb_env_path(r, r->bin);
    return DRIVE_DONE;
}

static void source_exited(struct cb_run *r, const struct op_end *end)
{
    switch (r->source.at++) {
    case SOURCE_BEGIN:
        cb_op_good(r, end, "the source");
        break;
    case SOURCE_SHOWN:
        if (cb_op_good(r, end, "the helpers of a build"))
            find_head(r, end);
        break;
    case SOURCE_WRITTEN:
        cb_op_good(r, end, ".git/HEAD");
        break;
    case SOURCE_HEAD:
        users_answered(r, end);
        break;
    default:
        break;
    }
}

const struct cb_part cb_source = {.name = "source", .next = source_next, .exited = source_exited};
