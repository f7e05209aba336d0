#include "place.h"

#include "core/path.h"
#include "core/buf.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_NS ((int64_t)20 * 1000000000)

struct str place_text(struct place *p, const char *fmt, ...)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&b, fmt, args);
    va_end(args);
    return arena_str(p->a, buf_str(&b));
}

int place_setup(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    *p = (struct place){.way = *state, .a = arena_new()};
    snprintf(p->dir, sizeof p->dir, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    chmod(p->dir, 0755);
    snprintf(p->scratch, sizeof p->scratch, "%s/scratch", p->dir);
    assert_int_equal(mkdir(p->scratch, 0755), 0);
    p->spec = (struct sandbox_spec){.mode = p->way->mode,
                                    .deny = p->way->deny,
                                    .scratch = str_from(p->scratch),
                                    .hostname = STR("box-1"),
                                    .home_host = place_text(p, "%s/home", p->dir),
                                    .home = STR("/home/job"),
                                    .network = true};
    *state = p;
    return 0;
}

int place_teardown(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    int rc = sandbox_close(p->sb, false, &e);
    if (rc == 0)
        rc = tree_remove(p->dir, &e);
    if (rc < 0)
        print_message("%s\n", e.text);
    arena_free(p->a);
    free(p);
    return rc;
}

void place_open(struct place *p)
{
    struct err e = {0};
    if (sandbox_open(&p->spec, &p->sb, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(sandbox_mode_of(p->sb), p->way->mode);
}

void place_close(struct place *p)
{
    struct err e = {0};
    struct sandbox *sb = p->sb;
    p->sb = NULL;
    if (sandbox_close(sb, false, &e) < 0)
        fail_msg("%s", e.text);
    assert_false(path_exists(p->scratch));
}

const char *place_path(struct place *p, const char *path)
{
    return arena_str(p->a, sandbox_path(p->sb, p->a, str_from(path))).p;
}

void host_write(struct place *p, const char *path, const char *text)
{
    struct err e = {0};
    struct str full = place_text(p, "%s/%s", p->dir, path);
    if (dir_make(arena_str(p->a, path_dir(full)).p, 0755, &e) < 0 || file_write(full.p, str_from(text), 0644, &e) < 0)
        fail_msg("%s", e.text);
}

const char *host_read(struct place *p, const char *path)
{
    struct str text;
    return file_read(p->a, place_text(p, "%s/%s", p->dir, path).p, BUF_TEXT, &text, NULL) == 0 ? text.p : NULL;
}

void place_fresh(struct place *p)
{
    p->fresh = true;
}

void place_share(struct place *p, const char *from, const char *to, bool read_only)
{
    assert_true(p->n_shares < ARRAY_LEN(p->shares));
    p->shares[p->n_shares++] = (struct sandbox_share){
        .from = place_text(p, "%s", from), .to = place_text(p, "%s", to), .read_only = read_only};
}

const char *place_first(struct place *p, const char *script)
{
    bool fresh = p->fresh;
    p->fresh = false;
    const char *out = place_ok(p, script);
    p->fresh = fresh;
    return out;
}

uint64_t place_start(struct place *p, const char *const *argv, const char *cwd, int out)
{
    struct err e = {0};
    struct str args[16],
        env[] = {STR("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), place_text(p, "HOME=%s", place_path(p, "/home/job"))};
    size_t n = 0;
    while (argv[n] != NULL && n < ARRAY_LEN(args)) {
        args[n] = str_from(argv[n]);
        n++;
    }
    CLEAN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct sandbox_cmd cmd = {.id = ++p->next_id,
                              .argv = args,
                              .n_argv = n,
                              .env = env,
                              .n_env = ARRAY_LEN(env),
                              .cwd = str_from(cwd),
                              .stdio = {null, out >= 0 ? out : null, out >= 0 ? out : null},
                              .fresh_root = p->fresh,
                              .shares = p->shares,
                              .n_shares = p->fresh ? p->n_shares : 0};
    if (sandbox_exec(p->sb, &cmd, &e) < 0)
        fail_msg("%s", e.text);
    return cmd.id;
}

struct sandbox_event place_wait(struct place *p, uint64_t id)
{
    struct sandbox_event ev = {0};
    struct err e = {0};
    int64_t until = clock_mono_ns() + WAIT_NS;
    for (;;) {
        struct pollfd pfd = {.fd = sandbox_fd(p->sb), .events = POLLIN};
        int rc = sandbox_next(p->sb, &ev, &e);
        if (rc < 0)
            fail_msg("%s", e.text);
        if (rc > 0 && (ev.kind == SANDBOX_GONE || ev.id == id))
            return ev;
        if (clock_mono_ns() > until)
            fail_msg("command %llu does not end", (unsigned long long)id);
        if (rc == 0)
            poll(&pfd, 1, 1000);
    }
}

struct outcome place_sh(struct place *p, const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    char bytes[4096];
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    uint64_t id = place_start(p, argv, "/", ends[1]);
    close(ends[1]);
    struct pollfd pfd = {.fd = ends[0], .events = POLLIN};
    for (ssize_t n = 1; n > 0 && poll(&pfd, 1, 20000) == 1;) {
        n = read(ends[0], bytes, sizeof bytes);
        buf_add(&b, str_of(bytes, n > 0 ? (size_t)n : 0));
    }
    close(ends[0]);
    struct outcome o = {.ev = place_wait(p, id)};
    o.out = arena_str(p->a, buf_str(&b));
    return o;
}

const char *place_ok(struct place *p, const char *script)
{
    struct outcome o = place_sh(p, script);
    if (o.ev.kind != SANDBOX_EXITED || o.ev.status != 0)
        fail_msg("%s\nkind %d, status %d %s: %s", script, (int)o.ev.kind, o.ev.status, o.ev.err.text, o.out.p);
    return o.out.p;
}

bool pipe_ends(int fd)
{
    char c[512];
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    for (;;) {
        if (poll(&pfd, 1, 20000) != 1)
            return false;
        if (read(fd, c, sizeof c) <= 0)
            return true;
    }
}
