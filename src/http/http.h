/*
 * http/http.h - an HTTP/1.1 server on 127.0.0.1: a thin face of libmicrohttpd.
 *
 * Nouns: a service is three functions; a request is what came; a reply is what goes back. A connection has a thread of
 * its own, in which the service is called: it may read files and wait for locks, and it is called for several requests
 * at once. Requests share nothing but the service's ctx.
 *
 *   open    the head has come: refuse it with a reply, or say where its body goes (memory or a file, with a ceiling)
 *   answer  the body has come whole: fill in the reply
 *   done    give back what `own` holds: before the client hears the answer, so that what it asks next finds it free
 *
 * What this room sees to: the lines of the protocol, percent encoding, ceilings and time-outs, Expect: 100-continue,
 * HEAD, ranges of files, a body that is refused but sent nevertheless, an end with requests under way. It knows no
 * path, no token and no format. The library is loaded by the first http_start, because the TLS libraries that come
 * with it would cost every start of slipway 2 ms.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"

struct http_pair {
    struct str name, value;
};

struct http_request {
    struct arena *arena; /* freed after done */
    struct str method;   /* "GET"; of HEAD the reply's body is left out by this room */
    struct str target;   /* path and query as they came */
    struct str path;     /* decoded; begins with "/"; may hold "..", but no NUL */
    struct http_pair *query;
    size_t n_query;     /* decoded, in order */
    struct map headers; /* MAP_NOCASE, texts; of a name that came twice the first */
    /* Set by open for requests that it lets pass: */
    size_t max_memory; /* a body of up to so many bytes comes in `body`; 0: no body is expected */
    int into;          /* >= 0: the body goes into this file instead, which stays the service's; */
    uint64_t into_at;  /* from this byte on */
    uint64_t into_max; /* and is no longer than this */
    void *own;         /* the service's, until done */
    /* Set before answer: */
    struct str body;
    uint64_t n_body; /* bytes */
};

/* The length that the head announces: 0 without a body, HTTP_CHUNKED when it does not say. */
#define HTTP_CHUNKED UINT64_MAX
uint64_t http_length(const struct http_request *q);
/* STR_NONE when there is none. */
struct str http_header(const struct http_request *q, const char *name);
struct str http_query(const struct http_request *q, const char *name);

#define HTTP_HEADERS_MAX 12

struct http_reply {
    unsigned status; /* 0: none yet */
    struct http_pair headers[HTTP_HEADERS_MAX];
    size_t n_headers;
    struct str body; /* lives as long as the request */
    int fd; /* >= 0: the body is this file from byte 0 to file_size, by ranges when asked; closed by this room */
    uint64_t file_size;
};
/* Texts live as long as the request. A value with a line break is a fault of the caller's and becomes status 500. */
void http_reply_text(struct http_reply *r, unsigned status, const char *type, struct str body);
void http_reply_file(struct http_reply *r, int fd, uint64_t size, struct str type);
void http_reply_header(struct http_reply *r, const char *name, struct str value);

struct http_service {
    void *ctx;
    /* Required. r->status != 0 on return: refused with r; answer is not called, done is. */
    void (*open)(void *ctx, struct http_request *q, struct http_reply *r);
    /* Required. Not called when the body was too large (413), could not be written (507), or ended early. */
    void (*answer)(void *ctx, struct http_request *q, struct http_reply *r);
    /* May be NULL. Called once for each that was opened: answered, refused, or given up by its client. */
    void (*done)(void *ctx, struct http_request *q);
};

struct http_limits {
    unsigned connections; /* at a time; more are turned away. 0: 64 */
    unsigned idle_s;      /* a connection on which nothing moves for so long is closed. 0: 60 */
    size_t head;          /* bytes of a request's line and headers; more is 431 or 414. 0: 32 KiB */
};

/* A socket that listens on 127.0.0.1; port 0: any, *ret_port says which. -EADDRINUSE names the port. */
int http_listen(uint16_t port, int *ret_fd, uint16_t *ret_port, struct err *e);

struct http_server;
/*
 * Serves what comes to the socket fd, also what came before; fd is the server's from now on, whatever is returned.
 * limits may be NULL. -ENOENT: libmicrohttpd is not on this machine.
 */
int http_start(int fd, const struct http_service *service, const struct http_limits *limits, struct http_server **ret,
               struct err *e);
/*
 * Takes no more connections, lets requests under way go on for grace_ms, then closes all connections, waits until
 * every call of the service has returned, and frees. NULL is allowed.
 */
void http_stop(struct http_server *s, int grace_ms);

/* ---- pieces of the protocol, for services and for tests ---- */

/* Path and query of a target ("/a%20b?c=d&e"). -EINVAL: no leading slash, a broken escape, a NUL. "+" stays. */
int http_target_parse(struct arena *a, struct str target, struct str *ret_path, struct http_pair **ret_query,
                      size_t *ret_n, struct err *e);
/* Adds s with all but letters, digits and "-._~" percent-encoded. */
int http_escape(struct buf *b, struct str s);

struct http_range {
    uint64_t from, n;
};
enum http_range_how { HTTP_RANGE_NONE, HTTP_RANGE_ONE, HTTP_RANGE_OUTSIDE };
/*
 * A Range header over `size` bytes. NONE: absent, of another unit, of several ranges or malformed, all of which is
 * answered with the whole (RFC 9110, 14.2); OUTSIDE: 416.
 */
enum http_range_how http_range_parse(struct str header, uint64_t size, struct http_range *ret);
/* "bytes 0-99/<star or 1000>" of an upload: *ret. -EINVAL. */
int http_content_range_parse(struct str header, struct http_range *ret);
