/*
 * repos_files.c - from a commit in the clone to its files in a folder.
 */
#include "core/base.h"
#include "store/repos_priv.h"

#include <unistd.h>

/* A git that must do its part here, without the remote. */
static int git_here(const struct repos_ask *q, const struct repos_call *c, struct err *e)
{
    struct run_result res = {0};
    int rc = repos_git(q, c, &res, e);
    if (rc == 0 && res.status != 0)
        return err_set(e, EIO, "git cannot write the files of %.*s: %.*s", STR_ARG(q->repo),
                       STR_ARG(repos_git_line(res.err, NULL)));
    return rc;
}

static int unpack(const struct repos_ask *q, const char *archive, const char *to, struct err *e)
{
    struct run_result res = {0};
    struct run_spec spec = {
        .argv = ARGS("tar", "-x", "-f", archive, "--no-same-owner"), .cwd = to, .env = q->env, .stop = q->r->stop};
    int rc = run_capture(q->a, &spec, &res, e);
    if (rc == 0 && res.status != 0)
        return err_set(e, EIO, "tar cannot unpack %.*s: %.*s", STR_ARG(q->repo),
                       STR_ARG(repos_git_line(res.err, NULL)));
    return rc;
}

/*
 * The service takes an archive of the commit, so that .gitattributes decides what is in it (export-ignore). An index is
 * read first for the sake of its rules: git refuses names there that lead out of the tree.
 */
int repos_git_files(const struct repos_ask *q, struct str commit, struct str to, struct err *e)
{
    const char *index = arena_printf(q->a, "%.*s.index", STR_ARG(to)).p, *name = arena_str(q->a, commit).p;
    const char *archive = arena_printf(q->a, "%.*s.tar", STR_ARG(to)).p, *folder = arena_str(q->a, to).p;
    struct repos_call names = {.args = ARGS(repos_git_dir(q), "read-tree", name), .index = index};
    struct repos_call pack = {
        .args = ARGS(repos_git_dir(q), "-c", "tar.umask=0022", "archive", "--format=tar", "-o", archive, name)};
    int rc = git_here(q, &names, e);
    if (rc == 0)
        rc = git_here(q, &pack, e);
    if (rc == 0)
        rc = unpack(q, archive, folder, e);
    unlink(index);
    unlink(archive);
    return rc;
}
