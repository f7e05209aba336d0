/*
 * cli/world_repo.c - what git knows of the work tree, in as few calls as it takes: a listing must stay under 30 ms.
 */
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

#include <unistd.h>

#define ZERO_SHA "0000000000000000000000000000000000000000"
#define GIT_TIMEOUT_MS 30000

/* Runs git in dir; its trimmed output, or STR_NONE when it fails. */
static struct str git(struct arena *a, const char *dir, const char *const *argv)
{
    struct run_spec spec = {.argv = argv, .cwd = dir, .timeout_ms = GIT_TIMEOUT_MS};
    struct run_result r;
    if (run_capture(a, &spec, &r, NULL) < 0 || r.status != 0)
        return STR_NONE;
    return arena_str(a, str_trim_end(r.out)); /* NUL-terminated at its new end */
}

/* git@host:owner/name.git, ssh://git@host/owner/name, https://user:token@host/owner/name.git */
static void owner_of_url(struct arena *a, struct str url, struct repo_facts *r)
{
    ssize_t scheme = str_find(url, STR("://"));
    struct str rest = scheme >= 0 ? str_from_index(url, (size_t)scheme + 3) : url;
    ssize_t at = str_find_ch(rest, '@'), slash = str_find_ch(rest, '/');
    if (at >= 0 && (slash < 0 || at < slash))
        rest = str_from_index(rest, (size_t)at + 1);
    r->remote_url = scheme >= 0 ? arena_printf(a, "%.*s%.*s", (int)scheme + 3, url.p, STR_ARG(rest)) : url;
    ssize_t cut = scheme >= 0 ? str_find_ch(rest, '/') : str_find_ch(rest, ':');
    struct str path = cut >= 0 ? str_from_index(rest, (size_t)cut + 1) : rest;
    if (str_ends(path, STR(".git")))
        path = str_sub(path, 0, path.n - 4);
    while (path.n > 0 && path.p[path.n - 1] == '/')
        path.n--;
    struct str owner = path_base(path_dir(path)), name = path_base(path);
    if (name.n > 0)
        r->name = name;
    if (owner.n > 0 && !str_is(owner, "."))
        r->owner = owner;
}

/* The lines of `git config -l -z` that matter: "key\nvalue\0". */
static void read_config(struct arena *a, const char *dir, struct str remote, struct repo_facts *r)
{
    struct str url_key = arena_printf(a, "remote.%.*s.url", STR_ARG(remote));
    struct str all = git(a, dir, (const char *const[]){"git", "config", "-l", "-z", NULL}), item;
    struct str url = STR_NONE;
    while (str_next(&all, '\0', &item)) {
        struct str key, value;
        str_cut(item, '\n', &key, &value);
        if (str_eq(key, url_key))
            url = value;
        else if (str_is(key, "user.name"))
            r->author_name = value;
        else if (str_is(key, "user.email"))
            r->author_email = value;
        else if (str_is(key, "init.defaultbranch") && r->default_branch.n == 0)
            r->default_branch = value;
    }
    if (url.n > 0)
        owner_of_url(a, url, r);
}

static void read_head(struct arena *a, const char *dir, struct repo_facts *r)
{
    struct str log =
        git(a, dir, (const char *const[]){"git", "log", "-1", "--format=%H%x00%P%x00%an%x00%ae%x00%ct%x00%B", NULL});
    struct str sha, parents, name, mail, time, rest = log, parent, more;
    r->sha = STR(ZERO_SHA);
    r->parent_sha = STR(ZERO_SHA);
    if (log.n == 0 || !str_cut(rest, '\0', &sha, &rest) || !str_cut(rest, '\0', &parents, &rest) ||
        !str_cut(rest, '\0', &name, &rest) || !str_cut(rest, '\0', &mail, &rest) || !str_cut(rest, '\0', &time, &rest))
        return;
    uint64_t seconds = 0;
    r->sha = sha;
    str_cut(parents, ' ', &parent, &more);
    if (parent.n > 0)
        r->parent_sha = parent;
    r->author_name = name;
    r->author_email = mail;
    if (num_parse_u64(time, UINT32_MAX, &seconds) == 0)
        r->commit_ms = (int64_t)seconds * 1000;
    r->message = str_trim_end(rest);
}

static void read_default_branch(struct arena *a, const char *dir, struct str remote, struct repo_facts *r)
{
    const char *ref = arena_printf(a, "refs/remotes/%.*s/HEAD", STR_ARG(remote)).p;
    struct str head = git(a, dir, (const char *const[]){"git", "symbolic-ref", "-q", "--short", ref, NULL});
    if (head.n > remote.n)
        r->default_branch = str_from_index(head, remote.n + 1);
    if (r->default_branch.n == 0)
        r->default_branch = STR("main");
}

int world_root(struct arena *a, struct str *ret, struct err *e)
{
    CLEAN(free) char *cwd = getcwd(NULL, 0);
    if (cwd == NULL)
        return err_sys(e, errno, "the current folder is gone");
    struct str dir = arena_cstr(a, cwd);
    *ret = dir;
    for (; dir.n > 1; dir = path_dir(dir))
        if (path_exists(path_join(a, dir, STR(".git")).p)) {
            *ret = dir;
            return 0;
        }
    return 0;
}

int world_repo(struct arena *a, struct str remote, struct repo_facts *ret, struct err *e)
{
    struct host_info host;
    remote = remote.n > 0 ? remote : STR("origin");
    host_read(a, &host);
    *ret = (struct repo_facts){.sha = STR(ZERO_SHA), .parent_sha = STR(ZERO_SHA)};
    char *cwd = getcwd(NULL, 0);
    if (cwd == NULL)
        return err_sys(e, errno, "the current folder is gone");
    ret->root = arena_cstr(a, cwd);
    free(cwd);
    struct str top = git(a, NULL, (const char *const[]){"git", "rev-parse", "--show-toplevel", NULL});
    ret->is_git = top.n > 0;
    if (ret->is_git)
        ret->root = top;
    ret->name = path_base(ret->root);
    ret->owner = host.user;
    ret->author_name = host.user;
    ret->author_email = arena_printf(a, "%.*s@%.*s", STR_ARG(host.user), STR_ARG(host.hostname));
    if (!ret->is_git) {
        ret->branch = ret->default_branch = STR("main");
        return 0;
    }
    read_config(a, ret->root.p, remote, ret);
    read_head(a, ret->root.p, ret);
    read_default_branch(a, ret->root.p, remote, ret);
    ret->branch = git(a, ret->root.p, (const char *const[]){"git", "symbolic-ref", "-q", "--short", "HEAD", NULL});
    return 0;
}

static void add_lines(struct arena *a, struct str out, struct strs *ret)
{
    struct str item;
    while (str_next(&out, '\0', &item))
        if (item.n > 0)
            vec_push_in(a, ret, item);
}

/* The commit of the ref, as the remote has it or else as it is here; empty when there is none. */
static struct str remote_first(struct arena *a, const char *dir, struct str ref)
{
    const char *remote = arena_printf(a, "refs/remotes/origin/%.*s", STR_ARG(ref)).p;
    const char *local = arena_printf(a, "%.*s^{commit}", STR_ARG(ref)).p;
    struct str sha = git(a, dir, (const char *const[]){"git", "rev-parse", "-q", "--verify", remote, NULL});
    return sha.n > 0 ? sha : git(a, dir, (const char *const[]){"git", "rev-parse", "-q", "--verify", local, NULL});
}

/* Where HEAD left the branch; empty when they have nothing in common. */
static struct str fork_point(struct arena *a, const char *dir, struct str branch)
{
    struct str sha = remote_first(a, dir, branch);
    if (sha.n == 0)
        return STR_NONE;
    return git(a, dir, (const char *const[]){"git", "merge-base", arena_str(a, sha).p, "HEAD", NULL});
}

/*
 * What is pushed is compared with: what was asked for, else the branch's remote, else where a new branch left the
 * default one, else the commit before HEAD. A pull request is compared with where it left its target.
 */
static struct str changed_base(struct arena *a, const struct repo_facts *r, struct str base, bool pull)
{
    const char *dir = r->root.p;
    struct str sha = STR_NONE;
    if (base.n > 0) {
        sha = pull ? fork_point(a, dir, base) : STR_NONE;
        return sha.n > 0 ? sha : base;
    }
    if (r->branch.n > 0)
        sha = git(a, dir,
                  (const char *const[]){"git", "rev-parse", "-q", "--verify",
                                        arena_printf(a, "refs/remotes/origin/%.*s", STR_ARG(r->branch)).p, NULL});
    if (sha.n == 0 && r->branch.n > 0 && !str_eq(r->branch, r->default_branch))
        sha = fork_point(a, dir, r->default_branch);
    if (sha.n > 0 && !str_eq(sha, r->sha))
        return sha;
    return str_is(r->parent_sha, ZERO_SHA) ? STR_NONE : r->parent_sha;
}

int world_changed_files(struct arena *a, const struct repo_facts *r, struct str base, struct change *c, struct err *e)
{
    if (!r->is_git)
        return 0;
    struct str from = changed_base(a, r, base, str_starts(c->event, STR("pull_request")));
    const char *dir = r->root.p;
    struct run_result out;
    struct run_spec spec = {.cwd = dir, .timeout_ms = GIT_TIMEOUT_MS};
    const char *const everything[] = {"git", "ls-files", "-z", "--full-name", ":/", NULL};
    const char *from_text = arena_str(a, from).p;
    const char *const some[] = {"git", "diff", "--name-only", "-z", "--no-renames", from_text, "--", NULL};
    spec.argv = from.n > 0 ? some : everything;
    int rc = run_capture(a, &spec, &out, e);
    if (rc < 0)
        return err_wrap(e, "git");
    if (out.status != 0)
        return err_set(e, EINVAL, "git diff %s: %.*s", from_text, STR_ARG(str_trim(out.err)));
    add_lines(a, out.out, &c->files);
    add_lines(a, git(a, dir, (const char *const[]){"git", "ls-files", "-z", "-o", "--exclude-standard", NULL}),
              &c->files);
    c->files_known = true;
    return 0;
}

bool world_dirty(struct arena *a, const struct repo_facts *r)
{
    static const char *const argv[] = {"git", "--no-optional-locks", "status", "--porcelain", NULL};
    return r->is_git && git(a, r->root.p, argv).n > 0;
}

int world_ignored(struct arena *a, const struct repo_facts *r, struct strs *ret, struct err *e)
{
    if (!r->is_git)
        return 0;
    struct run_spec spec = {
        .argv = (const char *const[]){"git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard",
                                      "--directory", NULL},
        .cwd = r->root.p,
        .timeout_ms = GIT_TIMEOUT_MS,
    };
    struct run_result out;
    int rc = run_capture(a, &spec, &out, e);
    if (rc < 0)
        return err_wrap(e, "git");
    if (out.status != 0)
        return err_set(e, EIO, "git ls-files: %.*s", STR_ARG(str_trim(out.err)));
    struct str item;
    while (str_next(&out.out, '\0', &item)) {
        while (item.n > 0 && item.p[item.n - 1] == '/')
            item.n--;
        if (item.n > 0)
            vec_push_in(a, ret, item);
    }
    return 0;
}
