/*
 * An artifact is built in ROOT/.tmp/<uuid>/ and renamed to ROOT/<id>/ under the lock, after ROOT/.next was raised past
 * its number. Replacing puts the new one in place before it takes the old one away, and the later of two artifacts of
 * one name is the one that counts: whoever is killed between the two steps leaves neither none nor both. What a kill
 * leaves in ROOT/.tmp goes with ROOT.
 */
#include "core/base.h"
#include "store/artifact.h"

#include "core/num.h"
#include "core/path.h"
#include "core/value.h"
#include "core/vec.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define META_MAX ((size_t)64 << 10)
#define NEXT_MAX ((size_t)32)
#define READ_SIZE ((size_t)64 << 10)
#define ID_MAX (UINT64_MAX / 2)
#define SIZE_MAX_EXACT 9e15 /* as a double */

struct artifact_draft {
    char *root, *dir;
    int fd;
};

struct artifacts {
    struct artifact *p;
    size_t n, cap;
};

static struct str below(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name);
}

static struct str fresh_tmp(struct arena *a, const char *root)
{
    char id[37];
    clock_uuid(id);
    return arena_printf(a, "%s/.tmp/%s", root, id);
}

static int lock(struct arena *a, const char *root, int *ret_fd, struct err *e)
{
    return file_lock(below(a, root, ".lock").p, true, ret_fd, e);
}

/* ---- making ---- */

int artifact_begin(const char *root, struct artifact_draft **ret, int *ret_fd, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct str dir = fresh_tmp(a, root);
    int r = dir_make(dir.p, 0700, e);
    if (r < 0)
        return r;
    int fd = open(below(a, dir.p, "blob").p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        r = err_sys(e, errno, "cannot make an artifact in '%s'", root);
        tree_remove(dir.p, NULL);
        return r;
    }
    struct artifact_draft *d = mem_alloc(sizeof *d);
    *d = (struct artifact_draft){.root = mem_dup(root), .dir = mem_dup_str(dir), .fd = fd};
    *ret = d;
    *ret_fd = fd;
    return 0;
}

static void draft_free(struct artifact_draft *d)
{
    fd_close(&d->fd);
    free(d->root);
    free(d->dir);
    free(d);
}

void artifact_drop(struct artifact_draft *d)
{
    if (d == NULL)
        return;
    tree_remove(d->dir, NULL);
    draft_free(d);
}

static int feed(EVP_MD_CTX *sum, int fd, uint64_t *ret_size, struct err *e)
{
    CLEAN(free) char *piece = mem_alloc(READ_SIZE);
    uint64_t at = 0;
    for (;;) {
        ssize_t n = pread(fd, piece, READ_SIZE, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, errno, "cannot read an artifact back");
        if (n == 0)
            break;
        if (EVP_DigestUpdate(sum, piece, (size_t)n) != 1)
            return err_set(e, EIO, "cannot compute a SHA-256 sum");
        at += (uint64_t)n;
    }
    *ret_size = at;
    return 0;
}

static struct str hex(struct arena *a, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *to = arena_alloc(a, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        to[2 * i] = digits[bytes[i] >> 4];
        to[2 * i + 1] = digits[bytes[i] & 15];
    }
    return str_of(to, 2 * n);
}

static int measure(struct arena *a, int fd, struct artifact *into, struct err *e)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int r = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 ? feed(ctx, fd, &into->size, e)
                                                                           : err_set(e, EIO, "SHA-256 is not there");
    if (r == 0 && EVP_DigestFinal_ex(ctx, sum, &n) != 1)
        r = err_set(e, EIO, "cannot compute a SHA-256 sum");
    EVP_MD_CTX_free(ctx);
    if (r == 0)
        into->digest = hex(a, sum, n);
    return r;
}

int artifact_digest(struct arena *a, int fd, struct str *ret, struct err *e)
{
    struct artifact now = {0};
    int r = measure(a, fd, &now, e);
    if (r == 0)
        *ret = now.digest;
    return r;
}

static void add_member(struct buf *b, const char *name, struct str text)
{
    buf_printf(b, "\"%s\": ", name);
    buf_add_json(b, text);
    buf_add_cstr(b, ", ");
}

static int write_meta(struct arena *a, const char *dir, const struct artifact *what, struct err *e)
{
    struct buf b CLEAN(buf) = BUF(META_MAX);
    buf_add_ch(&b, '{');
    add_member(&b, "name", what->name);
    add_member(&b, "job", what->job);
    add_member(&b, "digest", what->digest);
    add_member(&b, "mime", what->mime);
    buf_printf(&b, "\"size\": %llu, \"created_ms\": %lld, \"raw\": %s}\n", (unsigned long long)what->size,
               (long long)what->created_ms, what->raw ? "true" : "false");
    if (b.over)
        return err_set(e, E2BIG, "an artifact's name of %zu bytes is too long", what->name.n);
    return file_write(below(a, dir, "meta.json").p, buf_str(&b), 0600, e);
}

/* ---- reading ---- */

static double number_of(const struct value *meta, const char *name)
{
    const struct value *v = value_get(meta, str_from(name));
    return v != NULL && v->kind == VALUE_NUMBER && v->number >= 0 && v->number < SIZE_MAX_EXACT ? v->number : 0;
}

static int read_meta(struct arena *a, struct str dir, uint64_t id, struct artifact *ret, struct err *e)
{
    struct str text;
    struct value *meta = NULL;
    int r = file_read(a, below(a, dir.p, "meta.json").p, META_MAX, &text, e);
    if (r == 0)
        r = value_from_json(a, text, MAP_CASE, &meta, e);
    if (r < 0)
        return err_wrap(e, "the artifact in '%s'", dir.p);
    const struct value *raw = value_get(meta, STR("raw"));
    *ret = (struct artifact){.id = id,
                             .name = value_get_str(meta, "name"),
                             .job = value_get_str(meta, "job"),
                             .digest = value_get_str(meta, "digest"),
                             .mime = value_get_str(meta, "mime"),
                             .size = (uint64_t)number_of(meta, "size"),
                             .created_ms = (int64_t)number_of(meta, "created_ms"),
                             .raw = raw != NULL && raw->kind == VALUE_BOOL && raw->boolean,
                             .blob = below(a, dir.p, "blob")};
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const struct artifact *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static size_t index_of(const struct artifacts *all, struct str name)
{
    size_t i = 0;
    while (i < all->n && !str_eq(all->p[i].name, name))
        i++;
    return i;
}

/* Of two of one name, which a kill while replacing leaves, the later one stays. */
static void drop_replaced(struct artifacts *all)
{
    struct artifacts kept = {.p = all->p};
    for (size_t i = 0; i < all->n; i++) {
        struct artifacts rest = {.p = all->p + i + 1, .n = all->n - i - 1};
        if (index_of(&rest, all->p[i].name) == rest.n)
            kept.p[kept.n++] = all->p[i];
    }
    *all = kept;
}

/* All of them, replaced ones too; the lock is held. */
static int read_all(struct arena *a, const char *root, struct artifacts *ret, struct err *e)
{
    struct strs names = {0};
    int r = dir_list(a, root, &names, e);
    for (size_t i = 0; r == 0 && i < names.n; i++) {
        struct artifact one;
        uint64_t id;
        if (num_parse_u64(names.p[i], ID_MAX, &id) < 0)
            continue;
        r = read_meta(a, path_join(a, str_from(root), names.p[i]), id, &one, e);
        if (r == 0)
            vec_push_in(a, ret, one);
    }
    if (r == 0 && ret->n > 1)
        qsort(ret->p, ret->n, sizeof *ret->p, by_id);
    return r;
}

int artifact_list(struct arena *a, const char *root, struct artifact **ret, size_t *ret_n, struct err *e)
{
    struct artifacts all = {0};
    CLEAN(fd) int held = -1;
    if (!path_is_dir(root)) {
        *ret = NULL;
        *ret_n = 0;
        return 0;
    }
    int r = lock(a, root, &held, e);
    if (r == 0)
        r = read_all(a, root, &all, e);
    if (r < 0)
        return r;
    drop_replaced(&all);
    *ret = all.p;
    *ret_n = all.n;
    return 0;
}

/* ---- changing, under the lock ---- */

static int take_away(struct arena *a, const char *root, uint64_t id, struct err *e)
{
    struct str tmp = fresh_tmp(a, root);
    int r = dir_make(below(a, root, ".tmp").p, 0700, e);
    if (r < 0)
        return r;
    if (rename(arena_printf(a, "%s/%llu", root, (unsigned long long)id).p, tmp.p) < 0)
        return err_sys(e, errno, "cannot remove artifact %llu of '%s'", (unsigned long long)id, root);
    return tree_remove(tmp.p, e);
}

/* A number past all that are there and all that ever were. */
static int next_id(struct arena *a, const char *root, const struct artifacts *all, uint64_t *ret, struct err *e)
{
    struct str text;
    uint64_t next = 1;
    const char *path = below(a, root, ".next").p;
    if (path_exists(path)) {
        int r = file_read(a, path, NEXT_MAX, &text, e);
        if (r < 0)
            return r;
        if (num_parse_u64(str_trim(text), ID_MAX, &next) < 0)
            return err_set(e, EINVAL, "'%s' holds no number", path);
    }
    if (all->n > 0 && all->p[all->n - 1].id >= next)
        next = all->p[all->n - 1].id + 1;
    unsigned long long after = next + 1;
    int r = file_write(path, arena_printf(a, "%llu\n", after), 0600, e);
    if (r == 0)
        *ret = next;
    return r;
}

static int put(struct arena *a, const char *root, const char *dir, struct artifact *what, bool overwrite, struct err *e)
{
    struct artifacts all = {0};
    CLEAN(fd) int held = -1;
    int r = lock(a, root, &held, e);
    if (r == 0)
        r = read_all(a, root, &all, e);
    if (r < 0)
        return r;
    if (!overwrite && index_of(&all, what->name) < all.n)
        return err_set(e, EEXIST, "there is an artifact '%.*s' already", STR_ARG(what->name));
    r = next_id(a, root, &all, &what->id, e);
    if (r < 0)
        return r;
    struct str home = arena_printf(a, "%s/%llu", root, (unsigned long long)what->id);
    if (rename(dir, home.p) < 0)
        return err_sys(e, errno, "cannot keep the artifact '%.*s'", STR_ARG(what->name));
    what->blob = below(a, home.p, "blob");
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(all.p[i].name, what->name))
            take_away(a, root, all.p[i].id, NULL); /* what stays is not seen: drop_replaced */
    return 0;
}

int artifact_keep(struct arena *a, struct artifact_draft *d, const struct artifact *what, bool overwrite,
                  struct artifact *ret, struct err *e)
{
    struct artifact kept = {.name = arena_str(a, what->name),
                            .job = arena_str(a, what->job),
                            .raw = what->raw,
                            .mime = what->mime.n > 0 ? arena_str(a, what->mime)
                                    : what->raw      ? STR("application/octet-stream")
                                                     : STR("application/zip"),
                            .created_ms = clock_wall_ms()};
    if (kept.name.n == 0)
        return err_set(e, EINVAL, "an artifact needs a name");
    int r = measure(a, d->fd, &kept, e);
    if (r == 0)
        r = write_meta(a, d->dir, &kept, e);
    if (r == 0)
        r = put(a, d->root, d->dir, &kept, overwrite, e);
    if (r < 0)
        return r;
    draft_free(d);
    if (ret != NULL)
        *ret = kept;
    return 0;
}

int artifact_remove(const char *root, uint64_t id, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct artifacts all = {0};
    CLEAN(fd) int held = -1;
    int r = path_is_dir(root) ? lock(a, root, &held, e) : 0;
    if (r == 0 && held >= 0)
        r = read_all(a, root, &all, e);
    if (r < 0)
        return r;
    struct artifacts seen = {.p = arena_array(a, all.n + 1, sizeof *all.p), .n = all.n};
    if (all.n > 0)
        memcpy(seen.p, all.p, all.n * sizeof *all.p);
    drop_replaced(&seen);
    const struct artifact *goes = NULL;
    for (size_t i = 0; i < seen.n; i++)
        if (seen.p[i].id == id)
            goes = &seen.p[i];
    if (goes == NULL)
        return err_set(e, ENOENT, "there is no artifact %llu", (unsigned long long)id);
    /* The oldest first: a replaced one must not come to light. */
    for (size_t i = 0; r == 0 && i < all.n; i++)
        if (str_eq(all.p[i].name, goes->name))
            r = take_away(a, root, all.p[i].id, e);
    return r;
}
