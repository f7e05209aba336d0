/*
 * engine/hash.c - hashFiles: SHA-256 over the SHA-256 of every file that matches (actions/runner, hashFiles;
 * actions/glob).
 *
 * A pattern that names a folder means all below it. Files are taken in the order of the patterns' search roots (the
 * part of a pattern before its first wildcard), each root walked depth first in byte order. Links are not followed and
 * nothing outside of the workspace is read: all goes through a descriptor of the workspace.
 */
#include "engine/engine_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 200
#define SEGMENTS_MAX 64

struct pattern {
    bool exclude;
    struct str seg[SEGMENTS_MAX];
    size_t n;
    size_t literal; /* leading segments without a wildcard */
};

struct hash {
    struct arena *arena;
    struct pattern *patterns;
    size_t n;
    EVP_MD_CTX *outer;
    size_t files;
    struct err *err;
};

/* ---- matching ---- */

static bool has_wildcard(struct str seg)
{
    for (size_t i = 0; i < seg.n; i++)
        if (strchr("*?[", seg.p[i]) != NULL)
            return true;
    return false;
}

/* [abc], [a-z], [!a]; *len is its length with brackets, 0 when it is not closed (then [ is itself). */
static bool class_match(struct str pat, char c, size_t *len)
{
    size_t i = 1;
    bool negate = pat.n > 1 && (pat.p[1] == '!' || pat.p[1] == '^'), hit = false;
    i += negate ? 1 : 0;
    for (bool first = true; i < pat.n && (first || pat.p[i] != ']'); first = false) {
        unsigned char lo = (unsigned char)pat.p[i], hi = lo;
        if (i + 2 < pat.n && pat.p[i + 1] == '-' && pat.p[i + 2] != ']') {
            hi = (unsigned char)pat.p[i + 2];
            i += 2;
        }
        hit = hit || ((unsigned char)c >= lo && (unsigned char)c <= hi);
        i++;
    }
    *len = i < pat.n ? i + 1 : 0;
    return hit != negate;
}

/* One segment; iterative, with a single point to come back to (the last star). */
static bool segment_match(struct str pat, struct str name)
{
    size_t p = 0, i = 0, star = SIZE_MAX, mark = 0;
    while (i < name.n) {
        size_t len = 1;
        bool ok = false;
        if (p < pat.n && pat.p[p] == '*') {
            star = p++;
            mark = i;
            continue;
        }
        if (p < pat.n && pat.p[p] == '[') {
            ok = class_match(str_from_index(pat, p), name.p[i], &len);
            if (len == 0) {
                len = 1;
                ok = name.p[i] == '[';
            }
        } else if (p < pat.n) {
            ok = pat.p[p] == '?' || pat.p[p] == name.p[i];
        }
        if (ok) {
            p += len;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (p < pat.n && pat.p[p] == '*')
        p++;
    return p == pat.n;
}

/*
 * Does the pattern match the path, or a folder above it (implicit descendants)? partial: could it match something below
 * the path? Table over pattern positions instead of recursion, so `**` costs no more than anything else.
 */
static bool path_match(const struct pattern *pt, const struct str *path, size_t n, bool partial)
{
    bool at[SEGMENTS_MAX + 1] = {true};
    for (size_t k = 0; k < pt->n && str_is(pt->seg[k], "**"); k++)
        at[k + 1] = true;
    for (size_t i = 0; i < n; i++) {
        bool next[SEGMENTS_MAX + 1] = {false}, any = false;
        for (size_t k = 0; k < pt->n; k++) {
            if (!at[k])
                continue;
            bool deep = str_is(pt->seg[k], "**");
            if (deep)
                next[k] = any = true;
            else if (segment_match(pt->seg[k], path[i]))
                next[k + 1] = any = true;
        }
        for (size_t k = 0; k < pt->n; k++)
            if (next[k] && str_is(pt->seg[k], "**"))
                next[k + 1] = true;
        if (next[pt->n])
            return true; /* this folder or file matches, so all below it does */
        if (!any)
            return false;
        memcpy(at, next, sizeof at);
    }
    return partial || at[pt->n];
}

/* ---- reading patterns ---- */

static int pattern_read(struct hash *h, struct str root, struct str text, struct pattern *pt)
{
    while (text.n > 0 && text.p[0] == '!') {
        pt->exclude = !pt->exclude;
        text = str_trim(str_from_index(text, 1));
    }
    if (path_is_abs(text)) {
        if (!path_under(text, root))
            return err_set(h->err, EINVAL, "hashFiles: '%.*s' lies outside of the workspace", STR_ARG(text));
        text = path_rel(text, root);
    }
    struct str seg, rest = text;
    bool leading = true;
    while (str_next(&rest, '/', &seg)) {
        if (seg.n == 0 || (leading && str_is(seg, ".")))
            continue;
        if (str_is(seg, ".") || str_is(seg, ".."))
            return err_set(h->err, EINVAL, "hashFiles: invalid pattern '%.*s': '.' and '..' are not allowed in it",
                           STR_ARG(text));
        if (pt->n == SEGMENTS_MAX)
            return err_set(h->err, EINVAL, "hashFiles: '%.*s' is too deep", STR_ARG(text));
        leading = false;
        if (pt->literal == pt->n && !has_wildcard(seg))
            pt->literal++;
        pt->seg[pt->n++] = seg;
    }
    return 0;
}

static int patterns_read(struct hash *h, struct str root, const struct str *texts, size_t n)
{
    VEC(struct pattern) list = {0};
    for (size_t i = 0; i < n; i++) {
        struct str rest = texts[i], line;
        while (str_next(&rest, '\n', &line)) {
            line = str_trim(line);
            if (line.n == 0 || line.p[0] == '#')
                continue;
            struct pattern pt = {0};
            int rc = pattern_read(h, root, line, &pt);
            if (rc < 0)
                return rc;
            vec_push_in(h->arena, &list, pt);
        }
    }
    h->patterns = list.p;
    h->n = list.n;
    return 0;
}

/* ---- walking ---- */

static bool chosen(const struct hash *h, const struct str *path, size_t n)
{
    bool in = false;
    for (size_t i = 0; i < h->n; i++)
        if (path_match(&h->patterns[i], path, n, false))
            in = !h->patterns[i].exclude;
    return in;
}

static bool may_hold(const struct hash *h, const struct str *path, size_t n)
{
    for (size_t i = 0; i < h->n; i++)
        if (!h->patterns[i].exclude && path_match(&h->patterns[i], path, n, true))
            return true;
    return false;
}

static int add_file(struct hash *h, int dir, const char *name)
{
    unsigned char chunk[32768], digest[32];
    CLEAN(fd) int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_sys(h->err, errno, "hashFiles: %s", name);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    MUST(md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1);
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        EVP_DigestUpdate(md, chunk, (size_t)n);
    EVP_DigestFinal_ex(md, digest, NULL);
    EVP_MD_CTX_free(md);
    if (n < 0)
        return err_sys(h->err, errno, "hashFiles: %s", name);
    EVP_DigestUpdate(h->outer, digest, sizeof digest);
    h->files++;
    return 0;
}

static int cmp_names(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static int names_of(struct hash *h, int fd, struct strs *ret)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    if (d == NULL) {
        fd_close(&copy);
        return err_sys(h->err, errno, "hashFiles");
    }
    rewinddir(d);
    for (struct dirent *ent; (ent = readdir(d)) != NULL;)
        if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
            vec_push_in(h->arena, ret, arena_cstr(h->arena, ent->d_name));
    closedir(d);
    if (ret->n > 0)
        qsort(ret->p, ret->n, sizeof *ret->p, cmp_names);
    return 0;
}

/* path[0..n) names what lies at (dir, name). */
static int visit(struct hash *h, int dir, struct str *path, size_t n)
{
    struct stat st;
    MUST(n > 0 && path[n - 1].p != NULL);
    if (fstatat(dir, path[n - 1].p, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : err_sys(h->err, errno, "hashFiles: %.*s", STR_ARG(path[n - 1]));
    if (S_ISREG(st.st_mode))
        return chosen(h, path, n) ? add_file(h, dir, path[n - 1].p) : 0;
    if (!S_ISDIR(st.st_mode) || n >= DEPTH_MAX || !may_hold(h, path, n))
        return 0;
    CLEAN(fd) int fd = openat(dir, path[n - 1].p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : err_sys(h->err, errno, "hashFiles: %.*s", STR_ARG(path[n - 1]));
    struct strs names = {0};
    int rc = names_of(h, fd, &names);
    for (size_t i = 0; i < names.n && rc == 0; i++) {
        path[n] = names.p[i];
        rc = visit(h, fd, path, n + 1);
    }
    return rc;
}

/* Goes down the literal segments of a root, then visits what is there. */
static int visit_root(struct hash *h, int workspace, const struct pattern *pt)
{
    struct str path[DEPTH_MAX + 1] = {0};
    CLEAN(fd) int dir = fcntl(workspace, F_DUPFD_CLOEXEC, 0);
    if (pt->literal == 0) {
        struct strs names = {0};
        int rc = names_of(h, dir, &names);
        for (size_t i = 0; i < names.n && rc == 0; i++) {
            path[0] = names.p[i];
            rc = visit(h, dir, path, 1);
        }
        return rc;
    }
    for (size_t i = 0; i < pt->literal; i++) {
        path[i] = arena_str(h->arena, pt->seg[i]);
        if (i + 1 == pt->literal)
            break;
        int next = openat(dir, path[i].p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            return 0; /* nothing there, nothing matches */
        fd_close(&dir);
        dir = next;
    }
    return visit(h, dir, path, pt->literal);
}

/* Is pattern i's root the same as, or below, the root of another include (an earlier one when they are the same)? */
static bool root_is_covered(const struct hash *h, size_t i)
{
    const struct pattern *x = &h->patterns[i];
    for (size_t k = 0; k < h->n; k++) {
        const struct pattern *y = &h->patterns[k];
        if (k == i || y->exclude || y->literal > x->literal || (y->literal == x->literal && k > i))
            continue;
        size_t same = 0;
        while (same < y->literal && str_eq(x->seg[same], y->seg[same]))
            same++;
        if (same == y->literal)
            return true;
    }
    return false;
}

int leg_hash_files(void *ctx, struct str root, const struct str *patterns, size_t n, char ret[65], struct err *e)
{
    struct leg_run *lr = ctx;
    CLEAN(arena) struct arena *a = arena_new();
    struct hash h = {.arena = a, .err = e};
    int rc = patterns_read(&h, root, patterns, n);
    if (rc < 0)
        return rc;
    CLEAN(fd) int ws = sandbox_openat(lr->sandbox, root, O_RDONLY | O_DIRECTORY, 0, e);
    if (ws < 0)
        return ws;
    h.outer = EVP_MD_CTX_new();
    MUST(h.outer != NULL && EVP_DigestInit_ex(h.outer, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < h.n && rc == 0; i++)
        if (!h.patterns[i].exclude && !root_is_covered(&h, i))
            rc = visit_root(&h, ws, &h.patterns[i]);
    unsigned char digest[32];
    EVP_DigestFinal_ex(h.outer, digest, NULL);
    EVP_MD_CTX_free(h.outer);
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof digest && h.files > 0; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
    return rc;
}
