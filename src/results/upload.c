/*
 * results/upload.c - artifacts and caches that are being made.
 *
 * A blob comes in one PUT, in chunks at given places (cache v1), or as blocks in any order, five at a time, that a
 * block list puts in order. Blocks are gathered in a file without a name, each in a region given out when its request
 * begins, and copied into the blob when the list comes.
 */
#include "core/base.h"
#include "results/results_priv.h"

#include "sys/file.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#define UPLOADS_MAX 200
#define BLOCKS_MAX 50000 /* as Azure has it */
#define COPY_BYTES ((size_t)256 << 10)

/* ---- birth and end ---- */

static void random_id(char ret[2 * 16 + 1])
{
    unsigned char p[16];
    MUST(RAND_bytes(p, sizeof p) == 1);
    for (size_t i = 0; i < sizeof p; i++)
        snprintf(ret + 2 * i, 3, "%02x", p[i]);
}

void upload_free(struct upload *u)
{
    if (u == NULL)
        return;
    artifact_drop(u->artifact);
    if (u->kind == UPLOAD_CACHE)
        fd_close(&u->fd); /* of an artifact it is the draft's */
    cache_drop(u->cache);
    fd_close(&u->blocks);
    vec_done(&u->staged);
    arena_free(u->arena);
}

static struct upload *upload_new(const struct reservation *want)
{
    struct arena *a = arena_new();
    struct upload *u = ARENA_NEW(a, struct upload);
    *u = (struct upload){.arena = a,
                         .kind = want->kind,
                         .job = arena_str(a, want->job),
                         .name = arena_str(a, want->name),
                         .version = arena_str(a, want->version),
                         .ref = arena_str(a, want->ref),
                         .mime = arena_str(a, want->mime),
                         .fd = -1,
                         .blocks = -1};
    random_id(u->id);
    return u;
}

static int open_cache(struct results *s, struct upload *u, struct err *e)
{
    const char *tree = NULL;
    struct cache_query q = {
        .space = STR(CACHE_SPACE), .scope = cache_scope(s, u->arena, u->ref), .version = u->version, .key = u->name};
    int r = cache_begin(s->o.caches.p, &q, &u->cache, &tree, e);
    if (r <= 0)
        return r;
    const char *path = arena_printf(u->arena, "%s/" CACHE_FILE, tree).p;
    u->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return u->fd < 0 ? err_sys(e, errno, "cannot make '%s'", path) : 1;
}

static int open_artifact(struct results *s, struct upload *u, struct err *e)
{
    struct artifact *all = NULL;
    size_t n = 0;
    int r = artifact_list(u->arena, s->o.artifacts.p, &all, &n, e);
    for (size_t i = 0; r == 0 && i < n; i++)
        if (str_eq(all[i].name, u->name))
            return 0;
    if (r == 0)
        r = artifact_begin(s->o.artifacts.p, &u->artifact, &u->fd, e);
    return r < 0 ? r : 1;
}

/* ---- the list; the lock is held ---- */

static bool same(const struct upload *u, const struct reservation *r)
{
    return u->kind == r->kind && str_eq(u->name, r->name) && str_eq(u->version, r->version) && str_eq(u->ref, r->ref);
}

/* Out of the list; freed now or by its last user. */
static void forget(struct results *s, struct upload *u)
{
    struct upload **at = &s->uploads;
    while (*at != u)
        at = &(*at)->next;
    *at = u->next;
    u->gone = true;
    if (u->users == 0)
        upload_free(u);
}

static enum reserved make_room(struct results *s, const struct reservation *want)
{
    size_t n = 0;
    for (struct upload *u = s->uploads, *next; u != NULL; u = next) {
        next = u->next;
        n++;
        if (!same(u, want))
            continue;
        if (!str_eq(u->job, want->job))
            return RESERVED_BY_ANOTHER;
        forget(s, u);
        n--;
    }
    return n < UPLOADS_MAX ? RESERVED : RESERVED_TOO_MANY;
}

int upload_reserve(struct results *s, const struct reservation *want, enum reserved *ret_how, struct reserved_as *ret,
                   struct err *e)
{
    struct upload *u = upload_new(want);
    int r = want->kind == UPLOAD_ARTIFACT ? open_artifact(s, u, e) : open_cache(s, u, e);
    enum reserved how = RESERVED_THERE_ALREADY;
    pthread_mutex_lock(&s->lock);
    if (r > 0)
        how = make_room(s, want);
    if (r > 0 && how == RESERVED) {
        u->number = ++s->last_upload;
        u->next = s->uploads;
        s->uploads = u;
        ret->number = u->number;
        memcpy(ret->id, u->id, sizeof ret->id);
        u = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    upload_free(u);
    *ret_how = how;
    return r < 0 ? r : 0;
}

/* ---- users ---- */

struct upload *upload_use(struct results *s, struct str id)
{
    pthread_mutex_lock(&s->lock);
    struct upload *u = s->uploads;
    while (u != NULL && !str_is(id, u->id))
        u = u->next;
    if (u != NULL)
        u->users++;
    pthread_mutex_unlock(&s->lock);
    return u;
}

static struct upload *by_number(struct results *s, uint64_t number, struct str job)
{
    struct upload *u = s->uploads;
    while (u != NULL && (u->number != number || u->kind != UPLOAD_CACHE || !str_eq(u->job, job)))
        u = u->next;
    return u;
}

struct upload *upload_use_number(struct results *s, uint64_t number, struct str job)
{
    pthread_mutex_lock(&s->lock);
    struct upload *u = by_number(s, number, job);
    if (u != NULL)
        u->users++;
    pthread_mutex_unlock(&s->lock);
    return u;
}

void upload_release(struct results *s, struct upload *u)
{
    if (u == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    u->users--;
    bool last = u->gone && u->users == 0;
    pthread_mutex_unlock(&s->lock);
    if (last)
        upload_free(u);
}

/* ---- the end ---- */

static int take(struct results *s, struct upload *u, struct upload **ret)
{
    if (u == NULL)
        return -ENOENT;
    if (u->users > 0)
        return -EBUSY;
    if (!u->whole)
        return -ENODATA;
    u->users++; /* keeps forget from freeing it */
    forget(s, u);
    u->users--;
    *ret = u;
    return 0;
}

int upload_take(struct results *s, const struct reservation *which, struct upload **ret)
{
    pthread_mutex_lock(&s->lock);
    struct upload *u = s->uploads;
    while (u != NULL && !(same(u, which) && str_eq(u->job, which->job)))
        u = u->next;
    int r = take(s, u, ret);
    pthread_mutex_unlock(&s->lock);
    return r;
}

int upload_take_number(struct results *s, uint64_t number, struct str job, struct upload **ret)
{
    pthread_mutex_lock(&s->lock);
    int r = take(s, by_number(s, number, job), ret);
    pthread_mutex_unlock(&s->lock);
    return r;
}

void uploads_drop(struct results *s)
{
    while (s->uploads != NULL)
        forget(s, s->uploads);
}

/* ---- bytes ---- */

int upload_whole(struct results *s, struct upload *u, uint64_t n, struct err *e)
{
    if (ftruncate(u->fd, (off_t)n) < 0) /* an earlier try may have been longer */
        return err_sys(e, errno, "cannot cut a blob to %llu bytes", (unsigned long long)n);
    pthread_mutex_lock(&s->lock);
    u->size = n;
    u->whole = true;
    pthread_mutex_unlock(&s->lock);
    return 0;
}

/* Beside the blob, on its disk; without a name from birth, so that no kill leaves it behind. */
static int open_blocks(struct results *s, struct upload *u, struct err *e)
{
    const char *root = u->kind == UPLOAD_ARTIFACT ? s->o.artifacts.p : s->o.caches.p;
    return file_nameless(arena_printf(u->arena, "%s/.tmp", root).p, e);
}

int upload_stage(struct results *s, struct upload *u, uint64_t n, int *ret_fd, uint64_t *ret_at, struct err *e)
{
    int r = 0;
    pthread_mutex_lock(&s->lock);
    if (u->blocks < 0)
        u->blocks = open_blocks(s, u, e);
    if (u->blocks < 0)
        r = u->blocks;
    else if (u->staged.n >= BLOCKS_MAX || u->staged_end > 2 * s->o.max_bytes || n > s->o.max_bytes)
        r = err_set(e, EFBIG, "a blob is too large"); /* twice: blocks may be sent again */
    if (r == 0) {
        *ret_fd = u->blocks;
        *ret_at = u->staged_end;
        u->staged_end += n;
    }
    pthread_mutex_unlock(&s->lock);
    return r;
}

static size_t block_index(const struct upload *u, struct str id)
{
    size_t i = 0;
    while (i < u->staged.n && !str_eq(u->staged.p[i].id, id))
        i++;
    return i;
}

int upload_staged(struct results *s, struct upload *u, struct str id, uint64_t at, uint64_t n, struct err *e)
{
    int r = 0;
    pthread_mutex_lock(&s->lock);
    size_t i = block_index(u, id);
    if (i < u->staged.n)
        u->staged.p[i] = (struct block){u->staged.p[i].id, at, n};
    else if (i < BLOCKS_MAX)
        vec_push(&u->staged, ((struct block){arena_str(u->arena, id), at, n}));
    else
        r = err_set(e, EFBIG, "a blob has more than %d blocks", BLOCKS_MAX);
    pthread_mutex_unlock(&s->lock);
    return r;
}

static int copy_block(int from, int to, const struct block *b, uint64_t at, struct err *e)
{
    CLEAN(free) char *piece = mem_alloc(COPY_BYTES);
    for (uint64_t done = 0; done < b->n;) {
        size_t want = b->n - done < COPY_BYTES ? (size_t)(b->n - done) : COPY_BYTES;
        ssize_t got = pread(from, piece, want, (off_t)(b->at + done));
        if (got <= 0)
            return err_sys(e, got < 0 ? errno : EIO, "cannot read a block");
        int r = fd_write_at(to, str_of(piece, (size_t)got), at + done, e);
        if (r < 0)
            return r;
        done += (uint64_t)got;
    }
    return 0;
}

/* The blocks in the list's order, found under the lock and copied without it. */
static int pick_blocks(struct results *s, struct upload *u, struct arena *a, const struct strs *ids, struct block **ret,
                       struct err *e)
{
    struct block *picked = arena_array(a, ids->n + 1, sizeof *picked);
    struct map known;
    uint64_t size = 0;
    int r = 0;
    map_init(&known, a, MAP_CASE);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < u->staged.n; i++)
        map_set(&known, u->staged.p[i].id, &u->staged.p[i]);
    for (size_t i = 0; i < ids->n && r == 0; i++) {
        const struct block *b = map_get(&known, ids->p[i]);
        if (b == NULL)
            r = err_set(e, EINVAL, "block '%.*s' was not sent", STR_ARG(ids->p[i]));
        else if (b->n > s->o.max_bytes - size)
            r = err_set(e, EFBIG, "a blob is too large");
        else
            size += b->n;
        if (r == 0)
            picked[i] = *b;
    }
    pthread_mutex_unlock(&s->lock);
    *ret = picked;
    return r;
}

int upload_commit(struct results *s, struct upload *u, const struct strs *ids, struct err *e)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct block *picked = NULL;
    uint64_t at = 0;
    int r = pick_blocks(s, u, a, ids, &picked, e);
    for (size_t i = 0; r == 0 && i < ids->n; i++) {
        r = copy_block(u->blocks, u->fd, &picked[i], at, e);
        at += picked[i].n;
    }
    return r < 0 ? r : upload_whole(s, u, at, e);
}

/* ---- the block list ---- */

/* Takes "<kind>id</kind>" off *rest. */
static bool next_block(struct str *rest, struct str *ret)
{
    static const char *const tags[][2] = {
        {"<Latest>", "</Latest>"}, {"<Uncommitted>", "</Uncommitted>"}, {"<Committed>", "</Committed>"}};
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        struct str open = str_from(tags[i][0]), close = str_from(tags[i][1]);
        ssize_t end = str_starts(*rest, open) ? str_find(*rest, close) : -1;
        if (end < 0)
            continue;
        *ret = str_trim(str_sub(*rest, open.n, (size_t)end));
        *rest = str_trim(str_from_index(*rest, (size_t)end + close.n));
        return true;
    }
    return false;
}

/* <?xml ...?><BlockList><Latest>id</Latest><Uncommitted>id</Uncommitted>...</BlockList>, ids in base64. */
int block_list_parse(struct arena *a, struct str xml, struct strs *ret, struct err *e)
{
    struct strs ids = {0};
    struct str id, rest = str_trim(xml);
    ssize_t end = str_starts(rest, STR("<?xml")) ? str_find(rest, STR("?>")) : -2;
    rest = str_trim(str_from_index(rest, (size_t)(end + 2)));
    ssize_t tag = str_starts(rest, STR("<BlockList")) ? str_find(rest, STR(">")) : -1;
    if (end == -1 || tag < 0)
        return err_set(e, EINVAL, "the body is no block list");
    bool empty = rest.p[tag - 1] == '/';
    rest = str_trim(str_from_index(rest, (size_t)tag + 1));
    while (!empty && next_block(&rest, &id)) {
        if (ids.n >= BLOCKS_MAX)
            return err_set(e, EFBIG, "a block list has more than %d blocks", BLOCKS_MAX);
        vec_push_in(a, &ids, id);
    }
    if (!str_is(rest, empty ? "" : "</BlockList>"))
        return err_set(e, EINVAL, "the block list is malformed");
    *ret = ids;
    return 0;
}
