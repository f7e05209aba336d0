#include "core/base.h"
#include "core/mem.h"
#include "core/num.h"
#include "http/http.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
    char dir[64];
    struct arena *arena;
    struct http_server *server;
    uint16_t port;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned opened, answered, done, waiting; /* under lock */
    bool go;                                  /* /wait may answer; under lock */
    int full;                                 /* of /full: a file that takes nothing */
};

static void count(struct world *w, unsigned *which)
{
    pthread_mutex_lock(&w->lock);
    (*which)++;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void wait_for(struct world *w, const unsigned *which, unsigned n)
{
    pthread_mutex_lock(&w->lock);
    while (*which < n)
        pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

static void let_go(struct world *w)
{
    pthread_mutex_lock(&w->lock);
    w->go = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* ---- the service under test ---- */

static void test_open(void *ctx, struct http_request *q, struct http_reply *r)
{
    struct world *w = ctx;
    count(w, &w->opened);
    if (str_is(q->path, "/refuse"))
        http_reply_text(r, 401, "text/plain", STR("no token"));
    else if (str_is(q->path, "/file")) {
        q->into = open(arena_printf(q->arena, "%s/put", w->dir).p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        q->into_at = 2;
        q->into_max = 1 << 20;
        q->own = &q->into;
    } else if (str_is(q->path, "/full")) {
        q->into = w->full;
        q->into_max = 1 << 20;
    } else {
        q->max_memory = 1000;
    }
}

static void echo(struct http_request *q, struct http_reply *r)
{
    struct str text = arena_printf(q->arena, "%.*s %.*s q=%.*s h=%.*s b=%.*s n=%llu", STR_ARG(q->method),
                                   STR_ARG(q->path), STR_ARG(http_query(q, "q")), STR_ARG(http_header(q, "X-Test")),
                                   STR_ARG(q->body), (unsigned long long)q->n_body);
    http_reply_text(r, 200, "text/plain", text);
    http_reply_header(r, "X-Reply", STR("yes"));
}

static void test_answer(void *ctx, struct http_request *q, struct http_reply *r)
{
    struct world *w = ctx;
    count(w, &w->answered);
    if (str_is(q->path, "/nothing"))
        return;
    if (str_is(q->path, "/get")) {
        int fd = open(arena_printf(q->arena, "%s/get", w->dir).p, O_RDONLY | O_CLOEXEC);
        http_reply_file(r, fd, 26, STR("application/zip"));
        return;
    }
    if (str_is(q->path, "/wait")) {
        count(w, &w->waiting);
        pthread_mutex_lock(&w->lock);
        while (!w->go)
            pthread_cond_wait(&w->changed, &w->lock);
        pthread_mutex_unlock(&w->lock);
    }
    echo(q, r);
    if (str_is(q->path, "/split"))
        http_reply_header(r, "X-Split", STR("a\r\nX-Smuggled: b"));
}

static void test_done(void *ctx, struct http_request *q)
{
    struct world *w = ctx;
    if (q->own != NULL)
        close(*(int *)q->own);
    count(w, &w->done);
}

/* ---- life ---- */

static void start(struct world *w, const struct http_limits *limits)
{
    struct err e = {0};
    int fd = -1;
    struct http_service service = {.ctx = w, .open = test_open, .answer = test_answer, .done = test_done};
    assert_int_equal(http_listen(0, &fd, &w->port, &e), 0);
    if (http_start(fd, &service, limits, &w->server, &e) < 0)
        fail_msg("%s", e.text);
}

static void stop(struct world *w, int grace_ms)
{
    http_stop(w->server, grace_ms);
    w->server = NULL;
    assert_int_equal(w->opened, w->done); /* whatever became of them */
}

static int world_new(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    snprintf(w->dir, sizeof w->dir, "/tmp/slipway-http-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->arena = arena_new();
    w->full = -1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    const char *path = arena_printf(w->arena, "%s/get", w->dir).p;
    assert_int_equal(file_write(path, STR("abcdefghijklmnopqrstuvwxyz"), 0600, NULL), 0);
    *state = w;
    start(w, NULL);
    return 0;
}

static int world_free(void **state)
{
    struct world *w = *state;
    let_go(w);
    stop(w, 0);
    fd_close(&w->full);
    tree_remove(w->dir, NULL);
    arena_free(w->arena);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

/* ---- a client of few words ---- */

static int dial(struct world *w)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(w->port)};
    struct timeval patience = {.tv_sec = 20};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void put_text(int fd, struct str s)
{
    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* closed by the server: what it said is still to be read */
        s = str_from_index(s, (size_t)n);
    }
}

/* All that comes until the server closes. */
static const char *read_all(struct world *w, int fd)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (;;) {
        char *to = buf_room(&b, 4096);
        ssize_t n = recv(fd, to, 4096, 0);
        if (n <= 0)
            break;
        buf_grew(&b, (size_t)n);
    }
    close(fd);
    return arena_str(w->arena, buf_str(&b)).p;
}

/* The head needs no end: "Host" and "Connection: close" are added. */
static const char *talk(struct world *w, const char *head, struct str body)
{
    int fd = dial(w);
    put_text(fd, arena_printf(w->arena, "%s\r\nHost: x\r\nConnection: close\r\n\r\n", head));
    put_text(fd, body);
    return read_all(w, fd);
}

static void assert_says(const char *reply, const char *status, const char *part)
{
    if (strncmp(reply, "HTTP/1.1 ", 9) != 0 || strncmp(reply + 9, status, strlen(status)) != 0 ||
        strstr(reply, part) == NULL)
        fail_msg("expected %s with '%s' in: %s", status, part, reply);
}

static struct str repeat(struct world *w, char c, size_t n)
{
    char *p = arena_alloc(w->arena, n + 1);
    memset(p, c, n);
    return str_of(p, n);
}

/* ---- tests ---- */

static void a_request_comes_whole(void **state)
{
    struct world *w = *state;
    const char *r =
        talk(w, "POST /a%20b?q=%2B&q=2 HTTP/1.1\r\nX-Test: one\r\nx-test: two\r\nContent-Length: 3", STR("abc"));
    assert_says(r, "200", "\r\n\r\nPOST /a b q=+ h=one b=abc n=3");
    assert_says(r, "200", "X-Reply: yes");
    assert_says(talk(w, "GET / HTTP/1.1", STR("")), "200", "GET / q= h= b= n=0");
    assert_says(talk(w, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", STR("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")),
                "200", "b=abcde n=5");
}

static void requests_follow_each_other_on_a_connection(void **state)
{
    struct world *w = *state;
    int fd = dial(w);
    put_text(fd, STR("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\naGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                     "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const char *all = read_all(w, fd);
    assert_non_null(strstr(all, "POST /1 q= h= b=a n=1"));
    assert_non_null(strstr(all, "GET /2"));
    assert_non_null(strstr(all, "GET /3"));
}

static void files_come_in_ranges(void **state)
{
    struct world *w = *state;
    const char *r = talk(w, "GET /get HTTP/1.1", STR(""));
    assert_says(r, "200", "\r\n\r\nabcdefghijklmnopqrstuvwxyz");
    assert_says(r, "200", "Accept-Ranges: bytes");
    assert_says(r, "200", "Content-Type: application/zip");
    r = talk(w, "GET /get HTTP/1.1\r\nRange: bytes=2-4", STR(""));
    assert_says(r, "206", "\r\n\r\ncde");
    assert_says(r, "206", "Content-Range: bytes 2-4/26");
    assert_says(r, "206", "Content-Length: 3");
    assert_says(talk(w, "GET /get HTTP/1.1\r\nRange: bytes=-2", STR("")), "206", "\r\n\r\nyz");
    assert_says(talk(w, "GET /get HTTP/1.1\r\nRange: bytes=26-", STR("")), "416", "Content-Range: bytes */26");
    assert_says(talk(w, "GET /get HTTP/1.1\r\nRange: bytes=1-2\r\nIf-Range: \"x\"", STR("")), "200", "\r\n\r\nabc");
}

static void head_has_no_body(void **state)
{
    struct world *w = *state;
    const char *r = talk(w, "HEAD /get HTTP/1.1", STR(""));
    assert_says(r, "200", "Content-Length: 26");
    assert_string_equal(strstr(r, "\r\n\r\n"), "\r\n\r\n");
    r = talk(w, "HEAD /x HTTP/1.1", STR(""));
    assert_string_equal(strstr(r, "\r\n\r\n"), "\r\n\r\n");
}

static void a_body_goes_into_a_file(void **state)
{
    struct world *w = *state;
    struct str big = repeat(w, 'x', 1 << 20), got;
    assert_says(talk(w, "PUT /file HTTP/1.1\r\nContent-Length: 1048576", big), "200", "b= n=1048576");
    assert_int_equal(file_read(w->arena, arena_printf(w->arena, "%s/put", w->dir).p, 2 << 20, &got, NULL), 0);
    assert_int_equal(got.n, (1 << 20) + 2);
    assert_true(str_eq(str_from_index(got, 2), big));
    assert_says(talk(w, "PUT /file HTTP/1.1\r\nContent-Length: 1048577\r\nExpect: 100-continue", STR("")), "413",
                "large");
}

static void a_body_that_is_too_large_is_refused(void **state)
{
    struct world *w = *state;
    assert_says(talk(w, "POST / HTTP/1.1\r\nContent-Length: 1001", repeat(w, 'x', 1001)), "413", "too large");
    assert_says(talk(w, "POST / HTTP/1.1\r\nContent-Length: 1000", repeat(w, 'x', 1000)), "200", "n=1000");
    assert_says(talk(w, "POST / HTTP/1.1\r\nContent-Length: 3000000", repeat(w, 'x', 3000000)), "413", "too large");
    struct str chunk = arena_printf(w->arena, "3e9\r\n%s\r\n0\r\n\r\n", repeat(w, 'x', 1001).p);
    assert_says(talk(w, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", chunk), "413", "too large");
    assert_int_equal(w->answered, 1);
}

static void chunks_without_end_are_cut_off(void **state)
{
    struct world *w = *state;
    struct str chunk = arena_printf(w->arena, "100000\r\n%s\r\n", repeat(w, 'x', 1 << 20).p);
    int fd = dial(w);
    put_text(fd, STR("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (int i = 0; i < 64; i++)
        put_text(fd, chunk);
    assert_null(strstr(read_all(w, fd), "200"));
    wait_for(w, &w->done, 1);
}

static void a_refused_body_does_not_lose_the_answer(void **state)
{
    struct world *w = *state;
    assert_says(talk(w, "POST /refuse HTTP/1.1\r\nContent-Length: 2000000", repeat(w, 'x', 2000000)), "401",
                "no token");
    assert_says(talk(w, "GET /refuse HTTP/1.1", STR("")), "401", "no token");
    assert_int_equal(w->answered, 0);
}

static void a_full_disk_is_said(void **state)
{
    struct world *w = *state;
    w->full = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(w->full >= 0);
    assert_says(talk(w, "PUT /full HTTP/1.1\r\nContent-Length: 100000", repeat(w, 'x', 100000)), "507",
                "No space left");
    assert_int_equal(w->answered, 0);
}

static void what_is_no_http_is_refused(void **state)
{
    struct world *w = *state;
    assert_says(talk(w, "GET /%zz HTTP/1.1", STR("")), "400", "broken");
    assert_says(talk(w, "GET /a%00b HTTP/1.1", STR("")), "400", "broken");
    assert_says(talk(w, "OPTIONS * HTTP/1.1", STR("")), "400", "broken");
    assert_null(strstr(talk(w, "\x01\x02\x03\xff garbage", STR("")), "200"));
    assert_null(strstr(talk(w, "POST / HTTP/1.1\r\nContent-Length: -1", STR("")), "200"));
    assert_says(talk(w, arena_printf(w->arena, "GET / HTTP/1.1\r\nX-Long: %s", repeat(w, 'x', 40000).p).p, STR("")),
                "431", "");
    assert_says(talk(w, arena_printf(w->arena, "GET /%s HTTP/1.1", repeat(w, 'x', 40000).p).p, STR("")), "414", "");
    assert_int_equal(w->opened, 0);
}

static void an_answer_cannot_smuggle(void **state)
{
    struct world *w = *state;
    assert_says(talk(w, "GET /nothing HTTP/1.1", STR("")), "500", "no answer");
    const char *r = talk(w, "GET /split HTTP/1.1", STR(""));
    assert_says(r, "500", "cannot be sent");
    assert_null(strstr(r, "Smuggled"));
}

static void a_client_that_goes_away_is_forgotten(void **state)
{
    struct world *w = *state;
    int fd = dial(w);
    put_text(fd, STR("PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this"));
    wait_for(w, &w->opened, 1);
    close(fd);
    wait_for(w, &w->done, 1);
    assert_int_equal(w->answered, 0);
}

static void connections_beyond_the_limit_are_turned_away(void **state)
{
    struct world *w = *state;
    stop(w, 0);
    start(w, &(struct http_limits){.connections = 2});
    int held[2] = {dial(w), dial(w)};
    for (int i = 0; i < 2; i++)
        put_text(held[i], STR("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    wait_for(w, &w->waiting, 2);
    assert_string_equal(talk(w, "GET / HTTP/1.1", STR("")), "");
    let_go(w);
    for (int i = 0; i < 2; i++)
        assert_says(read_all(w, held[i]), "200", "GET /wait");
}

static void a_silent_connection_is_closed(void **state)
{
    struct world *w = *state;
    stop(w, 0);
    start(w, &(struct http_limits){.idle_s = 1});
    int fd = dial(w);
    put_text(fd, STR("GET / HT"));
    int64_t began = clock_mono_ns();
    read_all(w, fd);
    assert_true(clock_mono_ns() - began < INT64_C(15) * 1000000000);
}

static void *open_the_gate(void *arg)
{
    struct world *w = arg;
    struct pollfd nobody = {.fd = -1};
    poll(&nobody, 1, 100); /* while the main thread waits in http_stop */
    let_go(w);
    return NULL;
}

static void the_end_waits_for_requests_under_way(void **state)
{
    struct world *w = *state;
    pthread_t gate;
    int fd = dial(w), idle = dial(w);
    put_text(fd, STR("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    wait_for(w, &w->waiting, 1);
    pthread_create(&gate, NULL, open_the_gate, w);
    stop(w, 20000);
    pthread_join(gate, NULL);
    assert_says(read_all(w, fd), "200", "GET /wait");
    assert_string_equal(read_all(w, idle), "");
}

static void the_end_does_not_wait_for_ever(void **state)
{
    struct world *w = *state;
    int fd = dial(w);
    put_text(fd, STR("PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this"));
    wait_for(w, &w->opened, 1);
    stop(w, 10);
    assert_string_equal(read_all(w, fd), "");
}

static void a_port_in_use_is_told(void **state)
{
    struct world *w = *state;
    struct err e = {0};
    uint16_t port = 0;
    int fd = -1;
    assert_int_equal(http_listen(w->port, &fd, &port, &e), -EADDRINUSE);
    assert_non_null(strstr(e.text, arena_printf(w->arena, "port %u", w->port).p));
}

static void requests_from_before_the_start_are_served(void **state)
{
    struct world *w = *state;
    struct http_service service = {.ctx = w, .open = test_open, .answer = test_answer, .done = test_done};
    int listening = -1;
    stop(w, 0);
    assert_int_equal(http_listen(0, &listening, &w->port, NULL), 0);
    int fd = dial(w);
    put_text(fd, STR("GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    assert_int_equal(http_start(listening, &service, NULL, &w->server, NULL), 0);
    assert_says(read_all(w, fd), "200", "GET /early");
}

#define CLIENTS 8
#define EACH 25

static void *chatter(void *arg)
{
    struct world *w = arg;
    struct world mine = {.port = w->port, .arena = arena_new()};
    void *bad = NULL;
    for (int i = 0; i < EACH; i++) {
        const char *path = i % 2 ? "GET /get HTTP/1.1" : "POST /post HTTP/1.1\r\nContent-Length: 2";
        const char *r = talk(&mine, path, i % 2 ? STR("") : STR("ab"));
        if (strstr(r, i % 2 ? "xyz" : "b=ab n=2") == NULL)
            bad = w;
    }
    arena_free(mine.arena);
    return bad;
}

static void clients_beside_each_other(void **state)
{
    struct world *w = *state;
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, chatter, w), 0);
    for (int i = 0; i < CLIENTS; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    assert_int_equal(w->done, CLIENTS * EACH); /* before the answers went out */
    assert_int_equal(w->answered, CLIENTS * EACH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_comes_whole),
        TEST(requests_follow_each_other_on_a_connection),
        TEST(files_come_in_ranges),
        TEST(head_has_no_body),
        TEST(a_body_goes_into_a_file),
        TEST(a_body_that_is_too_large_is_refused),
        TEST(chunks_without_end_are_cut_off),
        TEST(a_refused_body_does_not_lose_the_answer),
        TEST(a_full_disk_is_said),
        TEST(what_is_no_http_is_refused),
        TEST(an_answer_cannot_smuggle),
        TEST(a_client_that_goes_away_is_forgotten),
        TEST(connections_beyond_the_limit_are_turned_away),
        TEST(a_silent_connection_is_closed),
        TEST(the_end_waits_for_requests_under_way),
        TEST(the_end_does_not_wait_for_ever),
        TEST(a_port_in_use_is_told),
        TEST(requests_from_before_the_start_are_served),
        TEST(clients_beside_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
