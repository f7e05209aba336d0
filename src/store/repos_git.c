/*
 * repos_git.c - the git program, asked and never asking.
 *
 * Git runs in a session of its own, without a terminal, so that neither it nor ssh can put a question; credential
 * helpers, agents and the user's configuration work as ever. What it prints when it fails is for people, and in the
 * C locale: it tells "there is none" from "not for you" and from "no network".
 */
#include "core/base.h"
#include "store/repos_priv.h"

#include "core/path.h"
#include "core/vec.h"
#include "sys/file.h"

#include <unistd.h>

#define ASK_MS 60000          /* for the names of a repository */
#define FETCH_MS (30 * 60000) /* for its files */
#define NAMES_MAX ((size_t)1 << 20)

extern char **environ;

/* ---- the environment ---- */

static bool is_named(const char *entry, const char *name)
{
    size_t n = strlen(name);
    return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

static bool is_any(const char *entry, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_named(entry, names[i]))
            return true;
    return false;
}

const char *const *repos_git_env(struct arena *a)
{
    static const char *const dropped[] = {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_QUARANTINE_PATH",
        "GIT_GRAFT_FILE",
        "GIT_REPLACE_REF_BASE",
        "GIT_TERMINAL_PROMPT",
        "LC_ALL",
        "SSH_ASKPASS_REQUIRE",
        "SSH_ASKPASS",
        "GIT_TRACE",
        "GIT_CURL_VERBOSE",
        "GIT_LFS_SKIP_SMUDGE",
    };
    static const char *const usual[] = {"GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
                                        "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never", "GIT_LFS_SKIP_SMUDGE=1"};
    /* A server that says nothing for that long is given up; the user's own limits win. */
    static const char *const slow[] = {"GIT_HTTP_LOW_SPEED_LIMIT=1", "GIT_HTTP_LOW_SPEED_TIME=60"};
    VEC(const char *) env = {0};
    for (char **p = environ; *p != NULL; p++)
        if (!is_any(*p, dropped, ARRAY_LEN(dropped)))
            vec_push_in(a, &env, *p);
    if (!getenv("GIT_HTTP_LOW_SPEED_LIMIT") && !getenv("GIT_HTTP_LOW_SPEED_TIME"))
        for (size_t i = 0; i < ARRAY_LEN(slow); i++)
            vec_push_in(a, &env, slow[i]);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        vec_push_in(a, &env, usual[i]);
    vec_push_in(a, &env, NULL);
    return env.p;
}

/* ---- running it ---- */

int repos_git(const struct repos_ask *q, const struct repos_call *c, struct run_result *ret, struct err *e)
{
    static const char *const first[] = {
        "git",
        "-c",
        "core.autocrlf=false",
        "-c",
        "core.symlinks=true",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "gc.auto=0",
        "-c",
        "maintenance.auto=false",
        /* Large files kept elsewhere stay the pointers that the service's archives hold. */
        "-c",
        "filter.lfs.process=",
        "-c",
        "filter.lfs.smudge=",
        "-c",
        "filter.lfs.required=false",
    };
    VEC(const char *) argv = {0};
    VEC(const char *) env = {0};
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        vec_push_in(q->a, &argv, first[i]);
    for (size_t i = 0; c->args[i] != NULL; i++)
        vec_push_in(q->a, &argv, c->args[i]);
    vec_push_in(q->a, &argv, NULL);
    for (size_t i = 0; c->index && q->env[i] != NULL; i++)
        vec_push_in(q->a, &env, q->env[i]);
    if (c->index)
        vec_push_in(q->a, &env, arena_printf(q->a, "GIT_INDEX_FILE=%s", c->index).p);
    vec_push_in(q->a, &env, NULL);
    struct run_spec spec = {.argv = argv.p,
                            .cwd = c->cwd ? c->cwd : q->dir.p,
                            .env = c->index ? env.p : q->env,
                            .timeout_ms = c->timeout_ms,
                            .stop = q->r->stop};
    return run_capture(q->a, &spec, ret, e);
}

const char *repos_git_dir(const struct repos_ask *q)
{
    return arena_printf(q->a, "--git-dir=%.*s", STR_ARG(q->git)).p;
}

/* ---- what its complaints mean ---- */

struct complaint {
    const char *text;
    int num;
};

/* Searched in order. */
static const struct complaint complaints[] = {
    {"Could not resolve host", ENETUNREACH},
    {"Temporary failure in name resolution", ENETUNREACH},
    {"Name or service not known", ENETUNREACH},
    {"unable to look up", ENETUNREACH},
    {"Failed to connect", ENETUNREACH},
    {"Couldn't connect", ENETUNREACH},
    {"unable to connect", ENETUNREACH},
    {"onnection refused", ENETUNREACH},
    {"onnection reset", ENETUNREACH},
    {"onnection timed out", ENETUNREACH},
    {"peration timed out", ENETUNREACH},
    {"Operation too slow", ENETUNREACH},
    {"etwork is unreachable", ENETUNREACH},
    {"No route to host", ENETUNREACH},
    {"Recv failure", ENETUNREACH},
    {"Empty reply from server", ENETUNREACH},
    {"returned error: 5", ENETUNREACH},
    {"hung up unexpectedly", ENETUNREACH},
    {"could not read Username", EACCES},
    {"could not read Password", EACCES},
    {"Authentication failed", EACCES},
    {"Permission denied (", EACCES},
    {"Host key verification failed", EACCES},
    {"returned error: 403", EACCES},
    {"returned error: 401", EACCES},
    {"epository not found", ENOENT},
    {"' not found", ENOENT},
    {"does not exist", ENOENT},
    {"does not appear to be a git repository", ENOENT},
    {"repository not exported", ENOENT},
    {"ouldn't find remote ref", ENXIO},
    {"not our ref", ENXIO},
};

struct str repos_git_line(struct str all, const char *text)
{
    struct str rest = str_trim(all), line;
    while (str_next(&rest, '\n', &line))
        if (!text || str_find(line, str_from(text)) >= 0)
            return str_trim(line);
    return STR_NONE;
}

/* What people see of the URL: without a user's name and password. */
static struct str shown_url(const struct repos_ask *q)
{
    ssize_t scheme = str_find(q->url, STR("://")), at = str_find_ch(q->url, '@');
    if (scheme < 0 || at < scheme || str_find_from(q->url, (size_t)scheme + 3, STR("/")) < at)
        return q->url;
    return arena_printf(q->a, "%.*s%.*s", (int)scheme + 3, q->url.p, STR_ARG(str_from_index(q->url, (size_t)at + 1)));
}

/* Words what git said when it failed. */
static int complain(const struct repos_ask *q, const struct run_result *res, struct err *e)
{
    struct str url = shown_url(q), line;
    for (size_t i = 0; i < ARRAY_LEN(complaints); i++) {
        line = repos_git_line(res->err, complaints[i].text);
        if (line.n == 0)
            continue;
        switch (complaints[i].num) {
        case ENETUNREACH:
            return err_set(e, ENETUNREACH, "cannot reach %.*s: %.*s", STR_ARG(url), STR_ARG(line));
        case EACCES:
            return err_set(e, EACCES, "%.*s is private or not there, and git has no credentials that open it: %.*s",
                           STR_ARG(url), STR_ARG(line));
        case ENXIO:
            return err_set(e, ENOENT, "%.*s has no commit, branch or tag '%.*s'", STR_ARG(q->repo), STR_ARG(q->ref));
        default:
            return err_set(e, ENOENT, "there is no repository at %.*s", STR_ARG(url));
        }
    }
    line = repos_git_line(res->err, "fatal: ");
    line = line.n ? line : repos_git_line(res->err, NULL);
    return err_set(e, EIO, "git cannot fetch %.*s: %.*s", STR_ARG(url),
                   STR_ARG(line.n ? line : arena_printf(q->a, "it ended with status %d", res->status)));
}

/* As repos_git(), of one that talks to the remote; a status other than 0 is an error. */
static int git_talk(const struct repos_ask *q, const struct repos_call *c, struct run_result *ret, struct err *e)
{
    struct str url = shown_url(q);
    int rc = repos_git(q, c, ret, e);
    if (rc == -ETIMEDOUT)
        return err_set(e, ENETUNREACH, "cannot reach %.*s: no answer within %d seconds", STR_ARG(url),
                       c->timeout_ms / 1000);
    if (rc < 0)
        return err_wrap(e, "%.*s", STR_ARG(url));
    return ret->status == 0 ? 0 : complain(q, ret, e);
}

/* ---- the questions ---- */

bool repos_is_commit(struct str ref)
{
    for (size_t i = 0; i < ref.n; i++)
        if (!(ref.p[i] >= '0' && ref.p[i] <= '9') && !(ref.p[i] >= 'a' && ref.p[i] <= 'f'))
            return false;
    return ref.n == 40;
}

/* What a git that was killed leaves, which the next one would wait for. We hold the lock: no other is at it. */
static void clear_locks(const struct repos_ask *q)
{
    static const char *const names[] = {"shallow.lock", "config.lock", "HEAD.lock", "packed-refs.lock"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unlink(path_join(q->a, q->git, str_from(names[i])).p);
}

int repos_git_open(const struct repos_ask *q, struct err *e)
{
    struct run_result res = {0};
    struct str fresh = arena_printf(q->a, "%.*s.new", STR_ARG(q->git));
    if (path_is_dir(q->git.p)) {
        clear_locks(q);
        return 0;
    }
    int rc = tree_remove(fresh.p, e);
    struct repos_call init = {.args = ARGS("init", "--quiet", "--bare", "--template=", fresh.p)};
    if (rc == 0)
        rc = repos_git(q, &init, &res, e);
    if (rc < 0)
        return rc;
    if (res.status != 0)
        return err_set(e, EIO, "git init: %.*s", STR_ARG(repos_git_line(res.err, NULL)));
    return rename(fresh.p, q->git.p) == 0 ? 0 : err_sys(e, errno, "%s", q->git.p);
}

/* The object that ls-remote names `name` ("<id>\t<name>" lines), or empty. */
static struct str named_in(struct str lines, struct str name)
{
    struct str line, id, is;
    while (str_next(&lines, '\n', &line))
        if (str_cut(line, '\t', &id, &is) && str_eq(is, name) && repos_is_commit(id))
            return id;
    return STR_NONE;
}

/* Is it a beginning of a commit's name? The service takes whole ones only. */
static bool is_short_commit(struct str ref)
{
    bool hex = ref.n >= 7 && ref.n < 40;
    for (size_t i = 0; hex && i < ref.n; i++)
        hex = (ref.p[i] >= '0' && ref.p[i] <= '9') || (ref.p[i] >= 'a' && ref.p[i] <= 'f');
    return hex;
}

int repos_git_resolve(const struct repos_ask *q, struct str *ret_name, struct str *ret_commit, struct err *e)
{
    struct run_result res;
    bool full = str_starts(q->ref, STR("refs/"));
    struct str names[2] = {q->ref, STR_NONE};
    if (!full) {
        names[0] = arena_printf(q->a, "refs/tags/%.*s", STR_ARG(q->ref));
        names[1] = arena_printf(q->a, "refs/heads/%.*s", STR_ARG(q->ref));
    }
    struct str peeled = arena_printf(q->a, "%.*s^{}", STR_ARG(names[0]));
    struct repos_call ask = {.args = ARGS("ls-remote", "--quiet", "--", q->url.p, arena_str(q->a, names[0]).p, peeled.p,
                                          full ? NULL : names[1].p),
                             .timeout_ms = ASK_MS};
    int rc = git_talk(q, &ask, &res, e);
    if (rc < 0)
        return rc;
    struct str commit = named_in(res.out, peeled);
    for (size_t i = 0; i < ARRAY_LEN(names) && commit.n == 0; i++) {
        commit = named_in(res.out, names[i]);
        *ret_name = names[i];
    }
    if (named_in(res.out, peeled).n)
        *ret_name = names[0];
    if (commit.n == 0)
        return err_set(e, ENOENT, "%.*s has no branch or tag '%.*s'%s", STR_ARG(q->repo), STR_ARG(q->ref),
                       is_short_commit(q->ref) ? "; a commit is named by all of its 40 digits" : "");
    *ret_commit = commit;
    return 0;
}

/* One try; depth may be NULL for all of the history. */
static int fetch_once(const struct repos_ask *q, const char *depth, const char *spec, struct run_result *res,
                      struct err *e)
{
    static const char *const usual[] = {"fetch",   "--quiet",         "--no-tags", "--no-recurse-submodules",
                                        "--force", "--update-shallow"};
    VEC(const char *) args = {0};
    vec_push_in(q->a, &args, repos_git_dir(q));
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        vec_push_in(q->a, &args, usual[i]);
    if (depth)
        vec_push_in(q->a, &args, depth);
    vec_push_in(q->a, &args, "--");
    vec_push_in(q->a, &args, q->url.p);
    vec_push_in(q->a, &args, spec);
    if (repos_is_commit(str_from(spec)) && !depth) { /* the server does not give single commits: take all */
        args.p[args.n - 1] = "+refs/heads/*:refs/slipway/heads/*";
        vec_push_in(q->a, &args, "+refs/tags/*:refs/slipway/tags/*");
    }
    vec_push_in(q->a, &args, NULL);
    struct repos_call c = {.args = args.p, .timeout_ms = FETCH_MS};
    return git_talk(q, &c, res, e);
}

static int commit_of(const struct repos_ask *q, const char *what, struct str *ret, struct err *e)
{
    struct run_result res;
    struct str spec = arena_printf(q->a, "%s^{commit}", what);
    struct repos_call c = {.args = ARGS(repos_git_dir(q), "rev-parse", "--verify", "--quiet", spec.p)};
    int rc = repos_git(q, &c, &res, e);
    if (rc < 0)
        return rc;
    struct str commit = str_trim(res.out);
    if (res.status != 0 || !repos_is_commit(commit))
        return err_set(e, ENOENT, "%.*s has no commit, branch or tag '%.*s'", STR_ARG(q->repo), STR_ARG(q->ref));
    *ret = commit;
    return 0;
}

int repos_git_fetch(const struct repos_ask *q, struct str name, struct str *ret_commit, struct err *e)
{
    struct run_result res;
    const char *spec = arena_str(q->a, name).p;
    struct err first = {0};
    int rc = fetch_once(q, "--depth=1", spec, &res, &first);
    if (rc == -EIO) /* a plain file server, or one that gives branches and tags only */
        rc = fetch_once(q, NULL, spec, &res, &first);
    if (rc < 0) {
        if (e)
            *e = first;
        return rc;
    }
    return commit_of(q, repos_is_commit(name) ? spec : "FETCH_HEAD", ret_commit, e);
}
