/*
 * http/server.c - connections and their requests.
 *
 * libmicrohttpd calls back: begin_exchange with the request's target, then on_request once with the head, once with
 * each piece of the body and once at its end, then on_completed, which it calls for all that begin_exchange made. All
 * calls of one request come from the thread of its connection.
 *
 * A body that is refused is swallowed up to DRAIN_MAX before the answer is sent: a client that still writes when the
 * connection is closed would lose the answer with it.
 */
#include "core/base.h"
#include "http/http.h"

#include "http/library_priv.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_MAX ((uint64_t)4 << 20)
#define BACKLOG 128
#define STACK_BYTES ((size_t)1 << 20)

struct http_server {
    const struct mhd *mhd;
    struct MHD_Daemon *daemon;
    struct http_service service;
    pthread_mutex_t lock;
    pthread_cond_t ended; /* on CLOCK_MONOTONIC: a request was over */
    unsigned under_way;
};

struct exchange {
    struct http_server *server;
    struct http_request q;
    struct http_reply r;
    struct buf body;
    bool bad_target;
    bool opened;              /* by the service, which was not told yet that it is done */
    uint64_t took, announced; /* bytes of the body */
    int error;                /* -errno: the body could not be taken */
};

/* ---- the life of an exchange ---- */

static struct exchange *exchange_new(struct http_server *s, struct str target)
{
    struct arena *a = arena_new();
    struct exchange *x = ARENA_NEW(a, struct exchange);
    *x = (struct exchange){.server = s, .q = {.arena = a, .into = -1}, .r = {.fd = -1}};
    x->q.target = arena_str(a, target);
    map_init(&x->q.headers, a, MAP_NOCASE);
    x->bad_target = http_target_parse(a, x->q.target, &x->q.path, &x->q.query, &x->q.n_query, NULL) < 0;
    return x;
}

static void *begin_exchange(void *ctx, const char *uri, struct MHD_Connection *c)
{
    struct http_server *s = ctx;
    UNUSED(c);
    pthread_mutex_lock(&s->lock);
    s->under_way++;
    pthread_mutex_unlock(&s->lock);
    return exchange_new(s, str_from(uri));
}

static void tell_done(struct exchange *x)
{
    const struct http_service *service = &x->server->service;
    if (x->opened && service->done != NULL)
        service->done(service->ctx, &x->q);
    x->opened = false;
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **slot, enum MHD_RequestTerminationCode how)
{
    struct http_server *s = ctx;
    struct exchange *x = *slot;
    UNUSED(c);
    UNUSED(how);
    if (x == NULL)
        return;
    *slot = NULL;
    tell_done(x);
    if (x->r.fd >= 0)
        close(x->r.fd);
    buf_done(&x->body);
    arena_free(x->q.arena);
    pthread_mutex_lock(&s->lock);
    s->under_way--;
    pthread_cond_broadcast(&s->ended);
    pthread_mutex_unlock(&s->lock);
}

/* ---- the reply ---- */

static struct MHD_Response *response_of(struct exchange *x, const struct http_range *part)
{
    const struct mhd *m = x->server->mhd;
    struct MHD_Response *made = NULL;
    if (x->r.fd >= 0) {
        made = m->create_response_from_fd_at_offset64(part->n, x->r.fd, part->from);
        if (made != NULL)
            x->r.fd = -1; /* the response closes it */
        return made;
    }
    union {
        const char *text;
        void *bytes; /* the library only copies them */
    } body = {.text = x->r.body.n > 0 ? x->r.body.p : ""};
    return m->create_response_from_buffer(x->r.body.n, body.bytes, MHD_RESPMEM_MUST_COPY);
}

static bool add_headers(struct exchange *x, struct MHD_Response *to)
{
    struct arena *a = x->q.arena;
    for (size_t i = 0; i < x->r.n_headers; i++)
        if (x->server->mhd->add_response_header(to, arena_str(a, x->r.headers[i].name).p,
                                                arena_str(a, x->r.headers[i].value).p) != MHD_YES)
            return false;
    return true;
}

static void fall_back(struct exchange *x, unsigned status, const char *why)
{
    fd_close(&x->r.fd);
    http_reply_text(&x->r, status, "text/plain; charset=utf-8", str_from(why));
}

/* Narrows a reply with a file to the range that was asked for. */
static struct http_range choose_part(struct exchange *x)
{
    struct http_range part = {0, x->r.file_size};
    if (x->r.fd < 0 || x->r.status != 200)
        return part;
    enum http_range_how how = HTTP_RANGE_NONE;
    if (http_header(&x->q, "If-Range").p == NULL) /* no entity tags here: the whole is always right */
        how = http_range_parse(http_header(&x->q, "Range"), x->r.file_size, &part);
    unsigned long long size = x->r.file_size;
    if (how == HTTP_RANGE_OUTSIDE) {
        fall_back(x, 416, "the range lies outside of the file\n");
        http_reply_header(&x->r, "Content-Range", arena_printf(x->q.arena, "bytes */%llu", size));
    } else {
        http_reply_header(&x->r, "Accept-Ranges", STR("bytes"));
    }
    if (how == HTTP_RANGE_ONE) {
        x->r.status = 206;
        http_reply_header(&x->r, "Content-Range",
                          arena_printf(x->q.arena, "bytes %llu-%llu/%llu", (unsigned long long)part.from,
                                       (unsigned long long)(part.from + part.n - 1), size));
    }
    return part;
}

static enum MHD_Result send_reply(struct exchange *x, struct MHD_Connection *c)
{
    const struct mhd *m = x->server->mhd;
    tell_done(x);
    if (x->r.status == 0)
        fall_back(x, 500, "the service gave no answer\n");
    struct http_range part = choose_part(x);
    struct MHD_Response *response = response_of(x, &part);
    if (response != NULL && !add_headers(x, response)) {
        m->destroy_response(response);
        fall_back(x, 500, "the answer has a header that cannot be sent\n");
        response = response_of(x, &part);
        if (response != NULL)
            add_headers(x, response);
    }
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result sent = m->queue_response(c, x->r.status, response);
    m->destroy_response(response); /* the connection holds it as well */
    return sent;
}

/* ---- the request ---- */

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct map *headers = ctx;
    UNUSED(kind);
    if (map_find(headers, str_from(name)) == NULL)
        map_set_str(headers, str_from(name), str_from(value));
    return MHD_YES;
}

static void check_length(struct exchange *x)
{
    uint64_t max = x->q.into >= 0 ? x->q.into_max : x->q.max_memory;
    if (x->announced != HTTP_CHUNKED && x->announced > max)
        fall_back(x, 413, "the body is too large\n");
}

static enum MHD_Result take_head(struct exchange *x, struct MHD_Connection *c, const char *method)
{
    const struct http_service *service = &x->server->service;
    x->q.method = arena_cstr(x->q.arena, method);
    x->server->mhd->get_connection_values(c, MHD_HEADER_KIND, add_header, &x->q.headers);
    x->announced = http_length(&x->q);
    if (x->bad_target) {
        fall_back(x, 400, "the target of the request is broken\n");
    } else {
        x->opened = true;
        service->open(service->ctx, &x->q, &x->r);
        if (x->r.status == 0)
            check_length(x);
        x->body = BUF(x->q.max_memory);
    }
    bool asks_first = http_header(&x->q, "Expect").p != NULL; /* and sends nothing when the answer is no */
    bool hopeless = x->announced != HTTP_CHUNKED && x->announced > DRAIN_MAX;
    return x->r.status != 0 && (asks_first || hopeless) ? send_reply(x, c) : MHD_YES;
}

static int keep_piece(struct exchange *x, uint64_t max, struct str piece)
{
    if (piece.n > max - x->took)
        return -EMSGSIZE;
    return x->q.into >= 0 ? fd_write_at(x->q.into, piece, x->q.into_at + x->took, NULL) : buf_add(&x->body, piece);
}

static enum MHD_Result take_body(struct exchange *x, struct str piece)
{
    uint64_t max = x->q.into >= 0 ? x->q.into_max : x->q.max_memory;
    if (x->r.status == 0 && x->error == 0)
        x->error = keep_piece(x, max, piece);
    x->took += piece.n;
    bool unwanted = x->r.status != 0 || x->error != 0;
    bool endless = x->announced == HTTP_CHUNKED && x->took > max && x->took - max > DRAIN_MAX;
    return unwanted && endless ? MHD_NO : MHD_YES;
}

static void answer(struct exchange *x)
{
    const struct http_service *service = &x->server->service;
    if (x->r.status != 0)
        return;
    if (x->error == -EMSGSIZE) {
        fall_back(x, 413, "the body is too large\n");
    } else if (x->error != 0) {
        bool full = x->error == -ENOSPC || x->error == -EDQUOT || x->error == -EFBIG;
        const char *why = arena_printf(x->q.arena, "the body cannot be kept: %s\n", strerror(-x->error)).p;
        fall_back(x, full ? 507 : 500, why);
    } else {
        x->q.body = buf_str(&x->body);
        x->q.n_body = x->took;
        service->answer(service->ctx, &x->q, &x->r);
    }
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
                                  const char *version, const char *data, size_t *n, void **slot)
{
    struct exchange *x = *slot;
    UNUSED(ctx);
    UNUSED(url);
    UNUSED(version);
    if (x->q.method.p == NULL)
        return take_head(x, c, method);
    if (*n > 0) {
        size_t had = *n;
        *n = 0;
        return take_body(x, str_of(data, had));
    }
    answer(x);
    return send_reply(x, c);
}

/* ---- the server ---- */

int http_listen(uint16_t port, int *ret_fd, uint16_t *ret_port, struct err *e)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t n = sizeof at;
    int on = 1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CLEAN(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_sys(e, errno, "cannot make a socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0)
        return err_sys(e, errno, "cannot listen on port %u of 127.0.0.1", port);
    if (getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        return err_sys(e, errno, "cannot tell the port of a socket");
    *ret_port = ntohs(at.sin_port);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static size_t keep_escapes(void *ctx, struct MHD_Connection *c, char *s)
{
    UNUSED(ctx);
    UNUSED(c);
    return strlen(s);
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd, const struct http_limits *l)
{
    static const unsigned flags =
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC;
    size_t head = l->head > 0 ? l->head : (size_t)32 << 10;
    return s->mhd->start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange,
        s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_CONNECTION_LIMIT, l->connections > 0 ? l->connections : 64U, MHD_OPTION_CONNECTION_TIMEOUT,
        l->idle_s > 0 ? l->idle_s : 60U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, head, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_END);
}

static struct http_server *server_new(const struct http_service *service)
{
    struct http_server *s = mem_alloc(sizeof *s);
    pthread_condattr_t attr;
    s->service = *service;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->ended, &attr);
    pthread_condattr_destroy(&attr);
    return s;
}

static void server_free(struct http_server *s)
{
    pthread_cond_destroy(&s->ended);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int http_start(int fd, const struct http_service *service, const struct http_limits *limits, struct http_server **ret,
               struct err *e)
{
    static const struct http_limits usual = {0};
    CLEAN(fd) int mine = fd;
    const struct mhd *mhd = NULL;
    sigset_t all, before;
    int r = mhd_load(&mhd, e);
    if (r < 0)
        return r;
    struct http_server *s = server_new(service);
    s->mhd = mhd;
    /* Signals are for the program's own thread; a SIGPIPE of sendfile stays pending in the connection's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->daemon = start_daemon(s, fd, limits != NULL ? limits : &usual);
    int num = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (s->daemon == NULL) {
        server_free(s);
        return err_sys(e, num != 0 ? num : EIO, "cannot start an HTTP server");
    }
    mine = -1;
    *ret = s;
    return 0;
}

static void wait_until_idle(struct http_server *s, int grace_ms)
{
    struct timespec end;
    int r = 0;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ns = end.tv_nsec + (int64_t)(grace_ms % 1000) * 1000000;
    end.tv_sec += grace_ms / 1000 + ns / 1000000000;
    end.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&s->lock);
    while (s->under_way > 0 && r == 0)
        r = pthread_cond_timedwait(&s->ended, &s->lock, &end);
    pthread_mutex_unlock(&s->lock);
}

void http_stop(struct http_server *s, int grace_ms)
{
    if (s == NULL)
        return;
    int fd = s->mhd->quiesce_daemon(s->daemon);
    if (grace_ms > 0)
        wait_until_idle(s, grace_ms);
    s->mhd->stop_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    server_free(s);
}
