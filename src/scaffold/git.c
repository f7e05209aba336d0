#include "scaffold/git_priv.h"

#include "core/vec.h"
#include "sys/run.h"

#define MESSAGE "feat: project scaffold with makefile/lint/test/format"
#define ARGS_MAX 24
#define GIT_TIMEOUT_MS 60000

extern char **environ;

struct repo {
    struct arena *a;
    const char *dir;
    const char *const *env;
    bool nameless; /* git does not know who commits */
};

/* Variables that would lead git to another repository than the one in its folder, as in a hook of that other one. */
static bool leads_away(const char *variable)
{
    static const char *const names[] = {"GIT_DIR=",
                                        "GIT_WORK_TREE=",
                                        "GIT_INDEX_FILE=",
                                        "GIT_COMMON_DIR=",
                                        "GIT_NAMESPACE=",
                                        "GIT_OBJECT_DIRECTORY=",
                                        "GIT_TEMPLATE_DIR=",
                                        "GIT_PREFIX=",
                                        "GIT_DEFAULT_HASH=",
                                        "GIT_CEILING_DIRECTORIES=",
                                        "GIT_ALTERNATE_OBJECT_DIRECTORIES="};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_starts(str_from(variable), str_from(names[i])))
            return true;
    return false;
}

static const char *const *own_environment(struct arena *a)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    const char **env = arena_array(a, n + 1, sizeof *env);
    for (size_t i = 0; i < n; i++)
        if (!leads_away(environ[i]))
            env[kept++] = environ[i];
    return env;
}

/*
 * Runs git with the given words. Settings travel by -c: they hold for this one command. Hooks that the user's template
 * folder brings along stay in place for later commits; this commit runs none.
 */
static int git(const struct repo *repo, const char *const *words, int *ret_status, struct err *e)
{
    const char *argv[ARGS_MAX] = {"git",
                                  "-c",
                                  "core.hooksPath=/dev/null",
                                  "-c",
                                  "commit.gpgSign=false",
                                  "-c",
                                  "core.autocrlf=false",
                                  "-c",
                                  "core.safecrlf=false",
                                  "-c",
                                  "user.useConfigOnly=true"};
    size_t n = 11;
    if (repo->nameless) {
        argv[n++] = "-c";
        argv[n++] = "user.name=slipway";
        argv[n++] = "-c";
        argv[n++] = "user.email=slipway@localhost";
    }
    while (*words && n + 1 < ARGS_MAX)
        argv[n++] = *words++;
    MUST(*words == NULL);
    struct run_result result;
    struct run_spec spec = {.argv = argv, .cwd = repo->dir, .env = repo->env, .timeout_ms = GIT_TIMEOUT_MS};
    int r = run_capture(repo->a, &spec, &result, e);
    if (r < 0)
        return r;
    if (ret_status) {
        *ret_status = result.status;
        return 0;
    }
    struct str first, rest;
    str_cut(result.err, '\n', &first, &rest);
    return result.status == 0 ? 0 : err_set(e, EIO, "git: %.*s", STR_ARG(first));
}

static int find_author(struct repo *repo, struct err *e)
{
    int author, committer;
    int r = git(repo, (const char *const[]){"var", "GIT_AUTHOR_IDENT", NULL}, &author, e);
    if (r == 0)
        r = git(repo, (const char *const[]){"var", "GIT_COMMITTER_IDENT", NULL}, &committer, e);
    if (r == 0)
        repo->nameless = author != 0 || committer != 0;
    return r;
}

int git_first_commit(struct arena *a, const char *dir, bool branches, struct err *e)
{
    struct repo repo = {.a = a, .dir = dir, .env = own_environment(a)};
    static const char *const init[] = {"init", "--quiet", "--initial-branch=main", NULL};
    static const char *const add[] = {"add", "--all", "--force", NULL};
    static const char *const commit[] = {"commit", "--quiet", "--no-verify", "--message", MESSAGE, NULL};
    static const char *const develop[] = {"branch", "develop", NULL};
    static const char *const staging[] = {"branch", "staging", NULL};
    int r = git(&repo, init, NULL, e);
    if (r == 0)
        r = find_author(&repo, e);
    if (r == 0)
        r = git(&repo, add, NULL, e);
    if (r == 0)
        r = git(&repo, commit, NULL, e);
    if (r == 0 && branches)
        r = git(&repo, develop, NULL, e);
    if (r == 0 && branches)
        r = git(&repo, staging, NULL, e);
    return r;
}
