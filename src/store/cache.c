/*
 * Entries are folders that appear by rename. A saver builds its entry in ROOT/.tmp/<uuid>, then renames it to its
 * place; of two savers the second finds a folder there that is not empty, and throws its own away. An eviction renames
 * the entry into ROOT/.tmp before it removes it, so that no reader ever sees half an entry. What a crash leaves in
 * ROOT/.tmp is removed by the next trim once it is a day old.
 *
 * "When it was used last" is the modification time of the entry's key file, which holds no other meaning; the tree and
 * meta.json never change.
 */
#include "core/base.h"
#include "store/cache.h"

#include "core/map.h"
#include "core/num.h"
#include "core/path.h"
#include "core/value.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#define META_MAX ((size_t)64 << 10)
#define KEY_MAX ((size_t)16 << 10)
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define TMP_NAME ".tmp"

struct found {
    struct str dir, key;
    int64_t created_ms;
};

static int sha256_hex(struct arena *a, struct str text, struct str *ret, struct err *e)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(text.p ? text.p : "", text.n, sum, &n, EVP_sha256(), NULL) != 1)
        return err_set(e, EIO, "cannot compute a SHA-256 sum");
    char *hex = arena_alloc(a, 2 * (size_t)n + 1);
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    *ret = str_of(hex, 2 * (size_t)n);
    return 0;
}

static bool is_space_name(struct str s)
{
    return s.n > 0 && s.p[0] != '.' && path_is_inner(s) && str_find_ch(s, '/') < 0;
}

/* ROOT/space/<sha256 of scope, version>. A NUL keeps ("ab", "c") and ("a", "bc") apart. */
static int scope_dir(struct arena *a, const char *root, const struct cache_query *q, struct str scope, struct str *ret,
                     struct err *e)
{
    struct str sum;
    if (!is_space_name(q->space))
        return err_set(e, EINVAL, "'%.*s' cannot name a cache", STR_ARG(q->space));
    struct buf b CLEAN(buf) = BUF(BUF_TEXT);
    buf_add(&b, scope);
    buf_add_ch(&b, '\0');
    buf_add(&b, q->version);
    int r = sha256_hex(a, buf_str(&b), &sum, e);
    if (r < 0)
        return r;
    *ret = arena_printf(a, "%s/%.*s/%.*s", root, STR_ARG(q->space), STR_ARG(sum));
    return 0;
}

static int entry_dir(struct arena *a, struct str scope, struct str key, struct str *ret, struct err *e)
{
    struct str sum;
    int r = sha256_hex(a, key, &sum, e);
    if (r < 0)
        return r;
    *ret = path_join(a, scope, sum);
    return 0;
}

static struct str below(struct arena *a, struct str dir, const char *name)
{
    return arena_printf(a, "%.*s/%s", STR_ARG(dir), name);
}

static int64_t read_number(struct arena *a, struct str dir, const char *name)
{
    struct str text;
    struct value *meta = NULL;
    if (file_read(a, below(a, dir, "meta.json").p, META_MAX, &text, NULL) < 0 ||
        value_from_json(a, text, MAP_CASE, &meta, NULL) < 0)
        return 0;
    const struct value *v = value_get(meta, str_from(name));
    return v && v->kind == VALUE_NUMBER && v->number > 0 && v->number < 9e15 ? (int64_t)v->number : 0;
}

/* 1 when dir is a whole entry. An entry that another process is just removing is simply not there. */
static int look(struct arena *a, struct str dir, struct found *ret)
{
    struct str key;
    if (!path_is_dir(below(a, dir, "tree").p) || file_read(a, below(a, dir, "key").p, KEY_MAX, &key, NULL) < 0)
        return 0;
    *ret = (struct found){.dir = dir, .key = key, .created_ms = read_number(a, dir, "created_ms")};
    return 1;
}

/* All whole entries of one scope and version; none when the folder is not there. */
static int list_scope(struct arena *a, struct str scope, struct found **ret, size_t *ret_n, struct err *e)
{
    struct strs names = {0};
    VEC(struct found) all = {0};
    if (path_is_dir(scope.p)) {
        int r = dir_list(a, scope.p, &names, e);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct found f;
        if (look(a, path_join(a, scope, names.p[i]), &f))
            vec_push_in(a, &all, f);
    }
    *ret = all.p;
    *ret_n = all.n;
    return 0;
}

static const struct found *newest_with(const struct found *all, size_t n, struct str prefix)
{
    const struct found *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i].key, prefix))
            return &all[i];
        if (str_starts(all[i].key, prefix) && (!best || all[i].created_ms > best->created_ms))
            best = &all[i];
    }
    return best;
}

static int find_in_scope(struct arena *a, const char *root, const struct cache_query *q, struct str scope_name,
                         struct found *ret, struct err *e)
{
    struct str scope, dir;
    struct found *all = NULL;
    size_t n = 0;
    int r = scope_dir(a, root, q, scope_name, &scope, e);
    if (r == 0)
        r = entry_dir(a, scope, q->key, &dir, e);
    if (r < 0)
        return r;
    if (look(a, dir, ret) && str_eq(ret->key, q->key))
        return 1;
    if (q->restore_keys.n == 0)
        return 0;
    r = list_scope(a, scope, &all, &n, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < q->restore_keys.n; i++) {
        const struct found *best = newest_with(all, n, q->restore_keys.p[i]);
        if (best) {
            *ret = *best;
            return 1;
        }
    }
    return 0;
}

/* A use that cannot be noted (a read-only disk) only makes the entry look older. */
static void note_use(struct arena *a, struct str dir)
{
    if (utimensat(AT_FDCWD, below(a, dir, "key").p, NULL, 0) < 0)
        return;
}

int cache_find(struct arena *a, const char *root, const struct cache_query *q, struct str *ret_tree,
               struct str *ret_key, struct err *e)
{
    struct found f;
    int r = find_in_scope(a, root, q, q->scope, &f, e);
    for (size_t i = 0; r == 0 && i < q->scopes.n; i++)
        r = find_in_scope(a, root, q, q->scopes.p[i], &f, e);
    if (r <= 0)
        return r;
    note_use(a, f.dir);
    *ret_tree = below(a, f.dir, "tree");
    *ret_key = f.key;
    return 1;
}

static int add_size(void *ctx, struct str rel, const struct stat *st)
{
    UNUSED(rel);
    *(uint64_t *)ctx += (uint64_t)st->st_blocks * 512;
    return 0;
}

static void add_member(struct buf *b, const char *name, struct str text)
{
    buf_printf(b, "\"%s\": ", name);
    buf_add_json(b, text);
    buf_add_cstr(b, ", ");
}

static int write_meta(struct arena *a, struct str dir, const struct cache_query *q, struct err *e)
{
    struct buf b CLEAN(buf) = BUF(META_MAX);
    uint64_t bytes = 0;
    int r = tree_walk(below(a, dir, "tree").p, add_size, &bytes, e);
    if (r < 0)
        return r;
    buf_add_ch(&b, '{');
    add_member(&b, "scope", q->scope);
    add_member(&b, "version", q->version);
    add_member(&b, "key", q->key);
    buf_printf(&b, "\"bytes\": %llu, \"created_ms\": %lld}\n", (unsigned long long)bytes, (long long)clock_wall_ms());
    if (b.over)
        return err_set(e, E2BIG, "a cache key of %zu bytes is too long", q->key.n);
    r = file_write(below(a, dir, "meta.json").p, buf_str(&b), 0600, e);
    return r == 0 ? file_write(below(a, dir, "key").p, q->key, 0600, e) : r;
}

static struct str fresh_tmp(struct arena *a, const char *root)
{
    char id[37];
    clock_uuid(id);
    return arena_printf(a, "%s/" TMP_NAME "/%s", root, id);
}

/*
 * Somebody else's entry of the same key may have come first: it stays, as entries never change. What is there but is
 * no whole entry (somebody deleted a part of it) is moved out of the way once.
 */
static int publish(struct arena *a, const char *root, struct str tmp, struct str entry, struct err *e)
{
    struct found f;
    for (int tries = 0; tries < 2; tries++) {
        if (rename(tmp.p, entry.p) == 0)
            return 1;
        if (errno != EEXIST && errno != ENOTEMPTY)
            break;
        if (look(a, entry, &f))
            return 0;
        struct str broken = fresh_tmp(a, root);
        if (rename(entry.p, broken.p) == 0)
            tree_remove(broken.p, NULL);
        errno = EEXIST;
    }
    return err_sys(e, errno, "cannot keep %s", entry.p);
}

/* ---- drafts ---- */

struct cache_draft {
    struct arena *arena; /* holds the draft itself */
    struct cache_query q;
    const char *root;
    struct str tmp, entry;
};

static struct cache_query query_copy(struct arena *a, const struct cache_query *q)
{
    return (struct cache_query){.space = arena_str(a, q->space),
                                .scope = arena_str(a, q->scope),
                                .version = arena_str(a, q->version),
                                .key = arena_str(a, q->key)};
}

/* Where the entry will lie; 1: there is one, whole. */
static int draft_place(struct cache_draft *d, struct err *e)
{
    struct str scope;
    struct found f;
    if (d->q.key.n == 0 || d->q.key.n > KEY_MAX)
        return err_set(e, EINVAL, "a cache key must have 1 to %zu bytes", KEY_MAX);
    int r = scope_dir(d->arena, d->root, &d->q, d->q.scope, &scope, e);
    if (r == 0)
        r = entry_dir(d->arena, scope, d->q.key, &d->entry, e);
    if (r < 0 || look(d->arena, d->entry, &f))
        return r < 0 ? r : 1;
    d->tmp = fresh_tmp(d->arena, d->root);
    r = dir_make(scope.p, 0700, e);
    return r == 0 ? dir_make(below(d->arena, d->tmp, "tree").p, 0700, e) : r;
}

int cache_begin(const char *root, const struct cache_query *q, struct cache_draft **ret, const char **ret_tree,
                struct err *e)
{
    struct arena *a = arena_new();
    struct cache_draft *d = ARENA_NEW(a, struct cache_draft);
    *d = (struct cache_draft){.arena = a, .q = query_copy(a, q), .root = arena_cstr(a, root).p};
    int r = draft_place(d, e);
    if (r != 0) {
        cache_drop(d);
        return r < 0 ? r : 0;
    }
    *ret = d;
    *ret_tree = below(a, d->tmp, "tree").p;
    return 1;
}

int cache_keep(struct cache_draft *d, struct err *e)
{
    int r = write_meta(d->arena, d->tmp, &d->q, e);
    if (r == 0)
        r = publish(d->arena, d->root, d->tmp, d->entry, e);
    cache_drop(d);
    return r;
}

void cache_drop(struct cache_draft *d)
{
    if (d == NULL)
        return;
    if (d->tmp.n > 0)
        tree_remove(d->tmp.p, NULL); /* gone already when it was published */
    arena_free(d->arena);
}

/* ---- eviction ---- */

struct old {
    struct str dir;
    int64_t used_ms;
    uint64_t bytes;
};

struct trimming {
    struct arena *arena;
    const char *root;
    VEC(struct old) entries;
    uint64_t bytes;
};

static int64_t modified_ms(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

static int collect_scope(struct trimming *t, struct str scope, struct err *e)
{
    struct found *all = NULL;
    size_t n = 0;
    int r = list_scope(t->arena, scope, &all, &n, e);
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct old old = {.dir = all[i].dir,
                          .used_ms = modified_ms(below(t->arena, all[i].dir, "key").p),
                          .bytes = (uint64_t)read_number(t->arena, all[i].dir, "bytes")};
        vec_push_in(t->arena, &t->entries, old);
        t->bytes += old.bytes;
    }
    return r;
}

static int collect(struct trimming *t, struct err *e)
{
    struct str root = str_from(t->root);
    struct strs spaces = {0}, scopes;
    int r = dir_list(t->arena, t->root, &spaces, e);
    for (size_t i = 0; r == 0 && i < spaces.n; i++) {
        struct str space = path_join(t->arena, root, spaces.p[i]);
        if (!is_space_name(spaces.p[i]) || !path_is_dir(space.p))
            continue;
        scopes = (struct strs){0};
        r = dir_list(t->arena, space.p, &scopes, e);
        for (size_t k = 0; r == 0 && k < scopes.n; k++)
            r = collect_scope(t, path_join(t->arena, space, scopes.p[k]), e);
    }
    return r;
}

static int by_use(const void *a, const void *b)
{
    const struct old *x = a, *y = b;
    return (x->used_ms > y->used_ms) - (x->used_ms < y->used_ms);
}

/* An entry that another process took away in the meantime is as good as evicted. */
static int evict(struct trimming *t, const struct old *old, struct err *e)
{
    struct str tmp = fresh_tmp(t->arena, t->root);
    int r = dir_make(below(t->arena, str_from(t->root), TMP_NAME).p, 0700, e);
    if (r < 0)
        return r;
    if (rename(old->dir.p, tmp.p) < 0)
        return errno == ENOENT ? 0 : err_sys(e, errno, "cannot evict %s", old->dir.p);
    return tree_remove(tmp.p, e);
}

static int remove_leftovers(struct trimming *t, int64_t now_ms, struct err *e)
{
    struct str tmp = below(t->arena, str_from(t->root), TMP_NAME);
    struct strs names = {0};
    int r = path_is_dir(tmp.p) ? dir_list(t->arena, tmp.p, &names, e) : 0;
    for (size_t i = 0; r == 0 && i < names.n; i++) {
        struct str one = path_join(t->arena, tmp, names.p[i]);
        if (modified_ms(one.p) + DAY_MS < now_ms)
            r = tree_remove(one.p, e);
    }
    return r;
}

int cache_trim(const char *root, uint64_t max_bytes, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct trimming t = {.arena = a, .root = root};
    int64_t now_ms = clock_wall_ms();
    if (!path_is_dir(root))
        return 0;
    int r = remove_leftovers(&t, now_ms, e);
    if (r == 0)
        r = collect(&t, e);
    if (r < 0)
        return r;
    if (t.entries.n > 1)
        qsort(t.entries.p, t.entries.n, sizeof *t.entries.p, by_use);
    for (size_t i = 0; i < t.entries.n && t.bytes > max_bytes; i++) {
        if (t.entries.p[i].used_ms + DAY_MS > now_ms)
            break; /* the rest was used later still */
        r = evict(&t, &t.entries.p[i], e);
        if (r < 0)
            return r;
        t.bytes -= t.entries.p[i].bytes;
    }
    return 0;
}
