/*
 * results/results_priv.h - inside of the results service.
 *
 * Nouns: a call is one request on its way through; an upload is an artifact or a cache that is being made, from its
 * reservation to its end; a route says which function answers which path.
 * Locks: results->lock guards the list of uploads with their users and blocks, and the start of the server. Bytes of a
 * blob are written without it, by an upload's users; who ends an upload has it alone.
 */
#pragma once
#include "core/value.h"
#include "http/http.h"
#include "results/results.h"
#include "store/artifact.h"
#include "store/cache.h"

#include <pthread.h>

#define SIGN_BYTES 32
#define BACKEND_LEN 36        /* of a backend id: shaped as a UUID */
#define CACHE_SPACE "archive" /* in store/cache.h */
#define CACHE_FILE "archive"  /* in an entry's tree */
#define BODY_MAX ((size_t)1 << 20)
#define CACHE_KEY_MAX 512

struct results {
    struct arena *arena;
    struct results_options o; /* texts are NUL-terminated */
    struct str url;
    unsigned char key[SIGN_BYTES];
    struct str run; /* backend id */
    int listening;  /* -1 once the server has it */
    pthread_mutex_t lock;
    struct http_server *server;
    struct upload *uploads;
    uint64_t last_upload;
};

/* ---- token.c ---- */

struct who {
    struct results_grant grant;
    struct str backend; /* the job's backend id */
};
int token_add(const struct results *s, const struct results_grant *grant, struct buf *ret, struct err *e);
/* The job that an Authorization header speaks for. -EACCES. Texts in a. */
int token_check(const struct results *s, struct arena *a, struct str authorization, struct who *ret);
/* The backend id of a job, in a. */
struct str backend_id(const struct results *s, struct arena *a, struct str job);

/* A blob's kinds, as they stand in its URL. */
#define BLOB_UPLOAD "upload"     /* named by the upload's id */
#define BLOB_ARTIFACT "artifact" /* by its number */
#define BLOB_CACHE "cache"       /* by the entry's two folders, joined by "-" */
/* A URL at which the blob can be read ('r') or written ('w') for some hours, in a. */
struct str blob_url(const struct results *s, struct arena *a, const char *kind, struct str name, char may);
/* Is the request's URL one of ours for this direction, and still good? -EACCES. */
int blob_url_check(const struct results *s, const struct http_request *q, char may, struct str *ret_kind,
                   struct str *ret_name);

/* What store/cache.h knows a ref of this repository as, in a. */
struct str cache_scope(const struct results *s, struct arena *a, struct str ref);

/* ---- upload.c ---- */

struct block {
    struct str id;
    uint64_t at, n; /* in the upload's file of blocks */
};
enum upload_kind { UPLOAD_ARTIFACT, UPLOAD_CACHE };
struct upload {
    struct upload *next;
    struct arena *arena;
    char id[2 * 16 + 1]; /* random: what its URL names */
    uint64_t number;     /* what cache v1 calls it, from 1 */
    enum upload_kind kind;
    struct str job, name, version, ref, mime; /* name: of the artifact, or the cache's key */
    struct artifact_draft *artifact;
    struct cache_draft *cache;
    int fd;     /* the blob */
    int blocks; /* the file of blocks, -1: none yet */
    VEC(struct block) staged;
    uint64_t staged_end;
    uint64_t size;  /* of the blob, once it is whole */
    bool whole;     /* one PUT, or a block list, has come */
    unsigned users; /* requests that write to it now */
    bool gone;      /* not in the list any more: its last user frees it */
};

enum reserved { RESERVED, RESERVED_THERE_ALREADY, RESERVED_BY_ANOTHER, RESERVED_TOO_MANY };
struct reservation {
    enum upload_kind kind;
    struct str job, name;
    struct str version, ref; /* of a cache */
    struct str mime;         /* of an artifact */
};
struct reserved_as { /* an upload's two names */
    char id[2 * 16 + 1];
    uint64_t number;
};
/* 0 and *ret_how, with *ret when it is RESERVED. An earlier reservation of the same job is dropped. */
int upload_reserve(struct results *s, const struct reservation *want, enum reserved *ret_how, struct reserved_as *ret,
                   struct err *e);
/* The upload with its users raised, or NULL. */
struct upload *upload_use(struct results *s, struct str id);
struct upload *upload_use_number(struct results *s, uint64_t number, struct str job);
/* Lowers the users. NULL is allowed. */
void upload_release(struct results *s, struct upload *u);
/* Takes the whole upload out of the list, to be ended by upload_free. -ENOENT: none of this job; -EBUSY: still written;
 * -ENODATA: its bytes have not come. */
int upload_take(struct results *s, const struct reservation *which, struct upload **ret);
int upload_take_number(struct results *s, uint64_t number, struct str job, struct upload **ret);
void upload_free(struct upload *u); /* drops what was not kept */
void uploads_drop(struct results *s);
/* Room for n bytes in the file of blocks: *ret_fd, *ret_at. -EFBIG. */
int upload_stage(struct results *s, struct upload *u, uint64_t n, int *ret_fd, uint64_t *ret_at, struct err *e);
int upload_staged(struct results *s, struct upload *u, struct str id, uint64_t at, uint64_t n, struct err *e);
/* The blob is these blocks in this order. -EINVAL: one is not there. */
int upload_commit(struct results *s, struct upload *u, const struct strs *ids, struct err *e);
/* The blob's first n bytes are all of it. */
int upload_whole(struct results *s, struct upload *u, uint64_t n, struct err *e);
/* Ids of an Azure block list (XML), decoded no further. -EINVAL. */
int block_list_parse(struct arena *a, struct str xml, struct strs *ret, struct err *e);

/* ---- results.c ---- */

struct call;
struct route {
    const char *method, *path;
    bool prefix;                  /* the path goes on behind `path` */
    bool is_signed;               /* the URL itself is the permission; else a bearer token is */
    bool json;                    /* the body is read into call->in */
    void (*open)(struct call *c); /* prepares the body; may refuse. May be NULL */
    void (*answer)(struct call *c);
};
struct call {
    struct results *s;
    struct http_request *q;
    struct http_reply *r;
    struct arena *a;
    const struct route *route;
    struct str rest; /* of the path, behind a prefix */
    struct who who;
    struct value *in;
    struct upload *upload; /* in use */
    struct str blob;       /* of a signed URL: its name */
    uint64_t at;           /* of a block: where it lies */
};

/* ---- reply.c: JSON in and out ---- */

/* A text field of the body, by its name of the schema ("restore_keys") or as JSON has it ("restoreKeys"). */
struct str in_text(const struct call *c, const char *name);
const struct value *in_value(const struct call *c, const char *name);
/* A whole number, as text or as a number; false: absent or wrong. */
bool in_number(const struct call *c, const char *name, uint64_t *ret);
void reply_json(struct call *c, unsigned status, const struct buf *b);
/* {"code": , "msg": , "message": } of Twirp; cache v1 reads message. */
void reply_error(struct call *c, unsigned status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Why upload_take failed with r: 404, 412, or 503, on which clients try again. what: "artifact". */
void reply_untaken(struct call *c, int r, const char *what);
/* An error of the store: 507 when the disk is full, else 500. */
void reply_err(struct call *c, const struct err *e);

/* ---- the routes, each list ended by a NULL method ---- */

extern const struct route artifact_routes[], cache_routes[], cache_v1_routes[], blob_routes[];

/* ---- cache.c, for cache_v1.c ---- */

struct hit {
    struct str key, scope, url;
    int64_t created_ms;
};
/* 1: found, 0: a miss. */
int cache_look(struct call *c, const struct strs *keys, struct str version, struct hit *ret, struct err *e);
/* The cache that the body names, as this job's. */
struct reservation cache_reservation(const struct call *c);
/* False: refused with a reply. */
bool cache_key_good(struct call *c, struct str key);
/* Keeps the upload and frees it. */
int cache_finish(struct upload *u, uint64_t size, struct err *e);
