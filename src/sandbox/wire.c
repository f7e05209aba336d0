/*
 * sandbox/wire.c - our end of the talk with the init.
 *
 * Our socket never blocks: where the init is busy telling us something we take that first, into the queue, so neither
 * side can wait for the other for ever.
 */
#include "sandbox/sandbox_priv.h"

#include "sys/clock.h"
#include "sys/file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 60000 /* an init that is silent so long is broken */
#define FDS_MAX 4

void wire_begin(struct buf *b, const struct wire_head *head)
{
    buf_clear(b);
    buf_add(b, str_of((const char *)head, sizeof *head));
}

void wire_text(struct buf *b, struct str s)
{
    uint32_t n = (uint32_t)s.n;
    if (b->over || b->n < sizeof(struct wire_head))
        return;
    if (s.n >= WIRE_MAX || (s.n > 0 && memchr(s.p, '\0', s.n) != NULL)) {
        b->over = true;
        return;
    }
    buf_add(b, str_of((const char *)&n, sizeof n));
    buf_add(b, s);
    buf_add_ch(b, '\0');
    struct wire_head head;
    memcpy(&head, b->p, sizeof head);
    head.texts++;
    memcpy(b->p, &head, sizeof head);
}

/* ---- receiving ---- */

static void take_descriptor(struct msghdr *h, int *ret)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len >= CMSG_LEN(sizeof *ret)) {
            if (*ret >= 0)
                fd_close(ret);
            memcpy(ret, CMSG_DATA(c), sizeof *ret);
        }
}

/* 1, 0 when nothing is there, -EPIPE at the end. */
static int answer_receive(struct sandbox *sb, struct wire_answer *a, int *ret_fd, struct err *e)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {a, sizeof *a};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(sb->sock, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n >= 0) /* else control was not written */
        take_descriptor(&h, ret_fd);
    if (n == (ssize_t)sizeof *a) {
        a->text[WIRE_TEXT - 1] = '\0';
        return 1;
    }
    sb->gone = true;
    return err_set(e, EPIPE, "the first process of the sandbox has ended");
}

static void queue_add(struct sandbox *sb, const struct sandbox_event *ev)
{
    vec_push(&sb->queue, *ev);
    eventfd_write(sb->ready, 1);
}

int wire_error(const struct wire_answer *a, struct err *e)
{
    if (a->num == 0)
        return 0;
    return a->text[0] != '\0' ? err_sys(e, a->num, "%s", a->text) : err_sys(e, a->num, "in the sandbox");
}

static void not_started(const struct wire_answer *a, struct err *e)
{
    bool absent = a->num == ENOENT || a->num == ENOTDIR;
    switch ((enum wire_what)a->what) {
    case WIRE_WHAT_CWD:
        if (absent)
            err_set(e, a->num, "no such folder: %s", a->text);
        else
            err_sys(e, a->num, "folder %s", a->text);
        return;
    case WIRE_WHAT_PROGRAM:
        if (absent)
            err_set(e, a->num, "no such program: %s", a->text);
        else if (a->num == ENOEXEC)
            err_set(e, a->num, "not a program for this machine, and no first line names one: %s", a->text);
        else
            err_sys(e, a->num, "%s", a->text);
        return;
    case WIRE_WHAT_FORK:
        err_sys(e, a->num, "no process for %s", a->text);
        return;
    case WIRE_WHAT_OTHER:
        break;
    }
    err_sys(e, a->num, "%s", a->text);
}

static bool is_event(const struct wire_answer *a, struct sandbox_event *ret)
{
    *ret = (struct sandbox_event){.id = a->id, .status = a->num};
    switch ((enum wire_type)a->type) {
    case WIRE_EXITED:
        ret->kind = SANDBOX_EXITED;
        return true;
    case WIRE_SIGNALLED:
        ret->kind = SANDBOX_SIGNALLED;
        return true;
    case WIRE_NOT_STARTED:
        ret->kind = SANDBOX_NOT_STARTED;
        ret->status = 0;
        not_started(a, &ret->err);
        return true;
    case WIRE_OPEN:
    case WIRE_LIMIT:
    case WIRE_EXEC:
    case WIRE_SIGNAL:
    case WIRE_MOUNT:
    case WIRE_OPENAT:
    case WIRE_END:
    case WIRE_REMOVE:
    case WIRE_READY:
    case WIRE_DONE:
    case WIRE_FAILED:
        break;
    }
    return false;
}

int wire_drain(struct sandbox *sb, struct err *e)
{
    struct wire_answer a;
    struct sandbox_event ev;
    CLEAN(fd) int fd = -1;
    int rc = answer_receive(sb, &a, &fd, e);
    if (rc <= 0)
        return rc;
    if (is_event(&a, &ev))
        queue_add(sb, &ev);
    return 1;
}

int wire_await(struct sandbox *sb, struct wire_answer *ret, int *ret_fd, struct err *e)
{
    struct sandbox_event ev;
    int64_t until = clock_mono_ns() + (int64_t)ANSWER_MS * 1000000;
    for (;;) {
        CLEAN(fd) int fd = -1;
        int rc = answer_receive(sb, ret, &fd, e);
        if (rc < 0)
            return rc;
        if (rc > 0 && is_event(ret, &ev)) {
            queue_add(sb, &ev);
        } else if (rc > 0) {
            if (ret_fd != NULL) {
                *ret_fd = fd;
                fd = -1;
            }
            return 0;
        } else {
            int64_t left = (until - clock_mono_ns()) / 1000000;
            struct pollfd p = {.fd = sb->sock, .events = POLLIN};
            if (left <= 0)
                return err_set(e, ETIMEDOUT, "the sandbox does not answer");
            if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
                return err_sys(e, errno, "waiting for the sandbox");
        }
    }
}

/* ---- sending ---- */

static int wait_room(struct sandbox *sb, struct err *e)
{
    struct pollfd p = {.fd = sb->sock, .events = POLLIN | POLLOUT};
    int n = poll(&p, 1, ANSWER_MS);
    if (n < 0 && errno != EINTR)
        return err_sys(e, errno, "waiting for the sandbox");
    if (n == 0)
        return err_set(e, ETIMEDOUT, "the sandbox takes no more requests");
    if (n > 0 && p.revents & (POLLIN | POLLHUP | POLLERR)) {
        int rc = wire_drain(sb, e);
        return rc < 0 ? rc : 0;
    }
    return 0;
}

static int message_send(struct sandbox *sb, struct str bytes, const int *fds, size_t n, struct err *e)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))] = {0};
    struct iovec iov = {(void *)(uintptr_t)bytes.p, bytes.n};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
    if (n > 0) {
        h.msg_control = control;
        h.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        MUST(c != NULL);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    }
    while (sendmsg(sb->sock, &h, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return err_sys(e, errno == ETOOMANYREFS ? EMFILE : errno, "a request to the sandbox");
        int rc = wait_room(sb, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The texts in a memfd, the head alone in the message. */
static int send_big(struct sandbox *sb, struct buf *b, const int *fds, size_t n, struct err *e)
{
    struct wire_head head;
    int all[FDS_MAX];
    CLEAN(fd) int mem = memfd_create("slipway-request", MFD_CLOEXEC);
    if (mem < 0)
        return err_sys(e, errno, "memory for a request to the sandbox");
    memcpy(&head, b->p, sizeof head);
    int rc = fd_write(mem, str_from_index(buf_str(b), sizeof head), e);
    if (rc < 0)
        return rc;
    head.big = (uint32_t)(b->n - sizeof head);
    for (size_t i = 0; i < n; i++)
        all[i] = fds[i];
    all[n] = mem;
    return message_send(sb, str_of((const char *)&head, sizeof head), all, n + 1, e);
}

int wire_send(struct sandbox *sb, struct buf *b, const int *fds, size_t n, struct err *e)
{
    MUST(n < FDS_MAX);
    if (b->over)
        return err_set(e, EINVAL, "a request to the sandbox is larger than 32 MiB or holds a NUL");
    return b->n <= WIRE_INLINE ? message_send(sb, buf_str(b), fds, n, e) : send_big(sb, b, fds, n, e);
}
