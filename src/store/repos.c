/*
 * repos.c - where the trees of repositories lie, and when the remote is asked for one.
 *
 * Everything about a repository happens below its own folder, under its lock, but for a tree that is there already: it
 * is whole and never changes, so that finding it needs no lock. A tree is written to trees/.tmp and appears by rename;
 * what a killed process left there is removed by the next one that holds the lock. A clone that git cannot work with
 * any more is thrown away and made anew, once.
 */
#include "core/base.h"
#include "store/repos_priv.h"

#include "core/path.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <poll.h>
#include <unistd.h>

#define LOCK_POLL_MS 50
#define REF_FILE_MAX 160 /* bytes of a ref's name that are a file's name; longer ones end in a hash */

/* ---- names ---- */

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != '.')
            return false;
    }
    return s.n > 0 && s.n <= 100 && s.p[0] != '-' && !str_is(s, ".") && !str_is(s, "..");
}

static int check_repo(struct str repo, struct err *e)
{
    struct str owner, name;
    if (str_cut(repo, '/', &owner, &name) && is_word(owner) && is_word(name))
        return 0;
    return err_set(e, EINVAL, "'%.*s' cannot name a repository", STR_ARG(repo));
}

/* The rules of git check-ref-format. */
static int check_ref(struct str ref, struct err *e)
{
    bool good = ref.n > 0 && ref.n <= 1000 && ref.p[0] != '-' && ref.p[0] != '/' && ref.p[ref.n - 1] != '/' &&
                ref.p[ref.n - 1] != '.' && str_find(ref, STR("..")) < 0 && str_find(ref, STR("//")) < 0 &&
                str_find(ref, STR("@{")) < 0 && !str_is(ref, "@");
    for (size_t i = 0; good && i < ref.n; i++)
        good = (unsigned char)ref.p[i] > ' ' && ref.p[i] != 0x7f && !strchr("~^:?*[\\", ref.p[i]);
    struct str rest = ref, part;
    while (good && str_next(&rest, '/', &part))
        good = part.n > 0 && part.p[0] != '.' && !str_ends(part, STR(".lock"));
    return good ? 0 : err_set(e, EINVAL, "'%.*s' cannot be a branch, a tag or a commit", STR_ARG(ref));
}

/* A ref as a file's name, unlike that of any other. */
static struct str ref_file(const struct repos_ask *q)
{
    struct str s = STR_NONE;
    for (size_t i = 0; i < q->ref.n && s.n < REF_FILE_MAX; i++) {
        char c = q->ref.p[i];
        bool plain = is_word(str_of(&c, 1)) && !(c == '.' && i == 0);
        s = plain || c == '-' ? arena_printf(q->a, "%.*s%c", STR_ARG(s), c)
                              : arena_printf(q->a, "%.*s%%%02x", STR_ARG(s), (unsigned)(unsigned char)c);
    }
    if (s.n >= REF_FILE_MAX)
        s = arena_printf(q->a, "%.*s-%016llx", STR_ARG(s), (unsigned long long)str_hash(q->ref, false));
    return arena_printf(q->a, "%.*s/refs/%.*s", STR_ARG(q->dir), STR_ARG(s));
}

/* ---- what is here ---- */

static struct str tree_dir(const struct repos_ask *q, struct str commit)
{
    return arena_printf(q->a, "%.*s/trees/%.*s", STR_ARG(q->dir), STR_ARG(commit));
}

static bool have_tree(const struct repos_ask *q, struct str commit, struct repo_tree *ret)
{
    struct str dir = tree_dir(q, commit);
    if (!path_is_dir(dir.p))
        return false;
    *ret = (struct repo_tree){.dir = dir, .commit = arena_str(q->a, commit)};
    return true;
}

/* The tree of the commit that the ref was last seen at. */
static bool have_seen(const struct repos_ask *q, struct repo_tree *ret)
{
    struct str text;
    if (file_read(q->a, ref_file(q).p, 100, &text, NULL) < 0 || !repos_is_commit(str_trim(text)) ||
        !have_tree(q, str_trim(text), ret))
        return false;
    ret->stale = true;
    return true;
}

/* ---- the lock ---- */

static bool is_stopped(const struct repos *r, int wait_ms)
{
    struct pollfd p = {.fd = r->stop ? *r->stop : -1, .events = POLLIN};
    return poll(&p, 1, wait_ms) > 0;
}

static int take_lock(const struct repos_ask *q, int *ret_fd, struct err *e)
{
    struct str path = path_join(q->a, q->dir, STR("lock"));
    struct err held = {0};
    int rc = dir_make(q->dir.p, 0755, e);
    while (rc == 0) {
        rc = file_lock(path.p, false, ret_fd, &held);
        if (rc != -EWOULDBLOCK)
            break;
        rc = is_stopped(q->r, LOCK_POLL_MS) ? err_set(&held, ECANCELED, "stopped") : 0;
    }
    if (rc < 0 && held.num && e)
        *e = held;
    return rc;
}

/* ---- making a tree ---- */

/* The files of a commit that is in the clone. */
static int make_tree(const struct repos_ask *q, struct str commit, struct repo_tree *ret, struct err *e)
{
    struct str dir = tree_dir(q, commit), tmp = arena_printf(q->a, "%.*s/trees/.tmp", STR_ARG(q->dir));
    int rc = tree_remove(tmp.p, e);
    if (rc == 0)
        rc = dir_make(tmp.p, 0755, e);
    if (rc == 0)
        rc = repos_git_files(q, commit, tmp, e);
    if (rc == 0 && rename(tmp.p, dir.p) != 0)
        rc = err_sys(e, errno, "%s", dir.p);
    if (rc < 0) {
        tree_remove(tmp.p, NULL);
        return rc;
    }
    have_tree(q, commit, ret);
    return 0;
}

static int remember(const struct repos_ask *q, struct str commit, struct err *e)
{
    struct str path = ref_file(q);
    int rc = dir_make(arena_str(q->a, path_dir(path)).p, 0755, e);
    return rc < 0 ? rc : file_write(path.p, arena_printf(q->a, "%.*s\n", STR_ARG(commit)), 0644, e);
}

/* Asks the remote; q's lock is held. */
static int ask_once(const struct repos_ask *q, struct repo_tree *ret, struct err *e)
{
    struct str name = q->ref, commit = q->ref;
    bool whole = repos_is_commit(q->ref);
    int rc = repos_git_open(q, e);
    if (rc == 0 && !whole)
        rc = repos_git_resolve(q, &name, &commit, e);
    if (rc < 0)
        return rc;
    if (!have_tree(q, commit, ret)) {
        rc = repos_git_fetch(q, name, &commit, e);
        if (rc == 0 && !have_tree(q, commit, ret))
            rc = make_tree(q, commit, ret, e);
    }
    return rc == 0 && !whole ? remember(q, commit, e) : rc;
}

static int ask(const struct repos_ask *q, struct repo_tree *ret, struct err *e)
{
    CLEAN(fd) int lock = -1;
    struct err err = {0};
    int rc = take_lock(q, &lock, e);
    if (rc < 0)
        return rc;
    rc = ask_once(q, ret, &err);
    if (rc == -EIO) { /* it may be the clone, left half done by a crash or a full disk */
        rc = tree_remove(q->git.p, &err);
        if (rc == 0)
            rc = ask_once(q, ret, &err);
    }
    if (rc < 0 && rc != -ENOENT && rc != -ECANCELED && have_seen(q, ret)) {
        ret->why = arena_cstr(q->a, err.text);
        return 0;
    }
    if (rc < 0 && e)
        *e = err;
    return rc;
}

int repos_tree(struct arena *a, const struct repos *r, struct str repo, struct str ref, struct repo_tree *ret,
               struct err *e)
{
    int rc = check_repo(repo, e);
    if (rc == 0)
        rc = check_ref(ref, e);
    if (rc < 0)
        return rc;
    struct str base = r->base.n > 1 && str_ends(r->base, STR("/")) ? str_sub(r->base, 0, r->base.n - 1) : r->base;
    struct repos_ask q = {.a = a,
                          .r = r,
                          .repo = arena_str(a, repo),
                          .ref = arena_str(a, ref),
                          .dir = path_join(a, r->root, repo),
                          .url = arena_printf(a, "%.*s/%.*s", STR_ARG(base), STR_ARG(repo)),
                          .env = repos_git_env(a)};
    q.git = path_join(a, q.dir, STR("git"));
    if (repos_is_commit(ref) && have_tree(&q, ref, ret))
        return 0;
    if (!r->offline)
        return ask(&q, ret, e);
    if (have_seen(&q, ret))
        return 0;
    return err_set(e, ENETUNREACH, "%.*s@%.*s was not fetched before, and nothing is fetched offline", STR_ARG(repo),
                   STR_ARG(ref));
}
