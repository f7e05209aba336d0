#include "core/base.h"
#include "store/groups.h"

#include "core/num.h"
#include "core/path.h"
#include "core/vec.h"
#include "sys/file.h"

#include <fcntl.h>
#include <unistd.h>

#define WHO_MAX 200
#define LIVE '.'
#define CALLED_OFF 'x'

struct ticket {
    struct arena *arena;
    struct str dir, prefix; /* the name of every ticket of this group begins with prefix */
    struct str name;
    int fd; /* the lock */
    bool holds;
};

static int lock_dir(struct arena *a, struct str dir, int *ret_fd, struct err *e)
{
    return file_lock(path_join(a, dir, STR("lock")).p, true, ret_fd, e);
}

/* Is its owner still there? What was left behind is removed. */
static bool alive(const char *path)
{
    CLEAN(fd) int fd = -1;
    if (file_lock(path, false, &fd, NULL) < 0)
        return true;
    unlink(path);
    return false;
}

/* The living tickets of the group, in order of arrival; the numbers of names have one width. */
static int read_line(struct arena *a, struct str dir, struct str prefix, struct strs *ret, struct err *e)
{
    struct strs all = {0};
    int rc = dir_list(a, dir.p, &all, e);
    for (size_t i = 0; i < all.n && rc == 0; i++)
        if (str_starts(all.p[i], prefix) && alive(path_join(a, dir, all.p[i]).p))
            vec_push_in(a, ret, all.p[i]);
    return rc;
}

static bool is_off(struct arena *a, struct str path)
{
    struct str text;
    return file_read(a, path.p, WHO_MAX + 2, &text, NULL) == 0 && text.n > 0 && text.p[0] == CALLED_OFF;
}

static void call_off(struct str path)
{
    CLEAN(fd) int fd = open(path.p, O_WRONLY | O_CLOEXEC);
    static const char mark = CALLED_OFF;
    if (fd >= 0 && pwrite(fd, &mark, 1, 0) < 0) {
        /* its owner goes on, and we wait for it */
    }
}

/* What a newcomer does to those in line. True when there is room for it behind them. */
static bool come_behind(struct arena *a, struct str dir, const struct strs *line, const struct ticket_spec *spec)
{
    unsigned waiting = 0;
    for (size_t i = 0; i < line->n; i++) {
        struct str path = path_join(a, dir, line->p[i]);
        if (i == 0 ? spec->cancel_holder : !spec->queue)
            call_off(path);
        waiting += i > 0 && !is_off(a, path);
    }
    return !spec->queue || waiting < spec->queue_max;
}

static struct str who_of(struct arena *a, struct str path)
{
    struct str text;
    if (file_read(a, path.p, WHO_MAX + 2, &text, NULL) < 0 || text.n < 2)
        return STR("another run");
    return str_from_index(text, 1);
}

static int write_ticket(struct ticket *t, const struct ticket_spec *spec, uint64_t number, bool room, struct err *e)
{
    t->name = arena_printf(t->arena, "%.*s%012llu", STR_ARG(t->prefix), (unsigned long long)number);
    struct str path = path_join(t->arena, t->dir, t->name);
    int rc = file_lock(path.p, false, &t->fd, e);
    if (rc < 0)
        return rc;
    struct str who = str_sub(spec->who, 0, spec->who.n < WHO_MAX ? spec->who.n : WHO_MAX);
    rc = fd_write(t->fd, arena_printf(t->arena, "%c%.*s", room ? LIVE : CALLED_OFF, STR_ARG(who)), e);
    if (rc < 0)
        unlink(path.p);
    return rc;
}

static int enter(struct arena *a, struct ticket *t, const struct ticket_spec *spec, struct str *ret_before,
                 struct err *e)
{
    struct strs line = {0};
    uint64_t number = 0;
    CLEAN(fd) int lock = -1;
    int rc = dir_make(t->dir.p, 0700, e);
    if (rc == 0)
        rc = lock_dir(t->arena, t->dir, &lock, e);
    if (rc == 0)
        rc = read_line(t->arena, t->dir, t->prefix, &line, e);
    if (rc < 0)
        return rc;
    if (line.n > 0) {
        num_parse_u64(str_from_index(line.p[line.n - 1], t->prefix.n), UINT64_MAX, &number);
        *ret_before = arena_str(a, who_of(t->arena, path_join(t->arena, t->dir, line.p[0])));
    }
    t->holds = line.n == 0;
    bool room = come_behind(t->arena, t->dir, &line, spec);
    return write_ticket(t, spec, number + 1, room, e);
}

int ticket_enter(struct arena *a, struct str dir, const struct ticket_spec *spec, struct ticket **ret,
                 struct str *ret_before, struct err *e)
{
    struct ticket *t = mem_alloc(sizeof *t);
    *t = (struct ticket){.arena = arena_new(), .fd = -1};
    *ret_before = STR("");
    t->dir = arena_str(t->arena, dir);
    t->prefix = arena_printf(t->arena, "%016llx.", (unsigned long long)str_hash(spec->group, true));
    int rc = enter(a, t, spec, ret_before, e);
    if (rc < 0) {
        fd_close(&t->fd);
        arena_free(t->arena);
        free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

enum ticket_state ticket_ask(struct ticket *t)
{
    char mark;
    if (pread(t->fd, &mark, 1, 0) == 1 && mark == CALLED_OFF)
        return TICKET_OFF;
    if (t->holds)
        return TICKET_HOLDS;
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(fd) int lock = -1;
    struct strs line = {0};
    if (lock_dir(a, t->dir, &lock, NULL) < 0 || read_line(a, t->dir, t->prefix, &line, NULL) < 0)
        return TICKET_WAITS;
    t->holds = line.n > 0 && str_eq(line.p[0], t->name);
    return t->holds ? TICKET_HOLDS : TICKET_WAITS;
}

void ticket_leave(struct ticket *t)
{
    if (t == NULL)
        return;
    CLEAN(fd) int lock = -1;
    lock_dir(t->arena, t->dir, &lock, NULL);
    unlink(path_join(t->arena, t->dir, t->name).p);
    fd_close(&t->fd);
    arena_free(t->arena);
    free(t);
}
