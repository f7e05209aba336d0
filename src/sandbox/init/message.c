/*
 * sandbox/init/message.c - receiving what slipway asks, and answering.
 */
#include "sandbox/init/init.h"

#include <linux/mman.h>
#include <sys/socket.h>

void *map_new(size_t bytes)
{
    long p = sc(__NR_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p < 0 && p > -4096 ? NULL : (void *)p;
}

void map_free(void *p, size_t bytes)
{
    if (p != NULL)
        sc(__NR_munmap, p, bytes);
}

static void take_descriptors(struct message *m, struct msghdr *h)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = NULL) { /* slipway sends one control message */
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const int *fds = (const int *)(void *)CMSG_DATA(c);
        for (size_t i = 0; i < n && i < ARRAY_LEN(m->fds); i++)
            m->fds[m->n_fds++] = fds[i];
    }
}

static int map_texts(struct message *m, char **ret, size_t *ret_bytes)
{
    if (m->n_fds == 0 || m->head.big > WIRE_MAX)
        return -EPROTO;
    m->map_bytes = m->head.big;
    long p = sc(__NR_mmap, 0, m->map_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, m->fds[m->n_fds - 1], 0);
    if (p < 0 && p > -4096)
        return (int)p;
    m->map = (void *)p;
    *ret = m->map;
    *ret_bytes = m->map_bytes;
    return 0;
}

static int split_texts(struct message *m, char *p, size_t bytes)
{
    size_t want = m->head.texts;
    m->all = m->texts;
    if (want >= TEXTS_MAX)
        return -E2BIG;
    if (want >= ARRAY_LEN(m->texts)) {
        m->all_bytes = (want + 1) * sizeof(char *);
        m->all = map_new(m->all_bytes);
        if (m->all == NULL)
            return -ENOMEM;
    }
    for (size_t at = 0; at < bytes;) {
        uint32_t n;
        if (bytes - at < sizeof n)
            return -EPROTO;
        memcpy(&n, p + at, sizeof n);
        at += sizeof n;
        if (n >= bytes - at || p[at + n] != '\0' || m->n == want)
            return -EPROTO;
        m->all[m->n++] = p + at;
        at += n + 1;
    }
    m->all[m->n] = NULL;
    return m->n == want ? 0 : -EPROTO;
}

int message_receive(struct message *m, int fd)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
    struct iovec iov = {m->inline_bytes, sizeof m->inline_bytes};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    for (size_t i = 0; i < ARRAY_LEN(m->fds); i++)
        m->fds[i] = -1;
    m->map = NULL;
    m->all = NULL;
    m->n = m->n_fds = m->map_bytes = m->all_bytes = 0;
    long got = sc(__NR_recvmsg, fd, &h, MSG_CMSG_CLOEXEC);
    if (got <= 0)
        return got == -EINTR || got == -EAGAIN ? -EAGAIN : (int)got;
    take_descriptors(m, &h);
    if ((size_t)got < sizeof m->head)
        return -EPROTO;
    m->bytes = (size_t)got;
    memcpy(&m->head, m->inline_bytes, sizeof m->head);
    char *p = m->inline_bytes + sizeof m->head;
    size_t bytes = (size_t)got - sizeof m->head;
    int rc = m->head.big > 0 ? map_texts(m, &p, &bytes) : 0;
    if (rc == 0)
        rc = split_texts(m, p, bytes);
    return rc == 0 ? 1 : rc;
}

long message_forward(const struct message *m, int fd)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof m->fds)] = {0};
    struct iovec iov = {(void *)(uintptr_t)m->inline_bytes, m->bytes};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
    if (m->n_fds > 0) {
        h.msg_control = control;
        h.msg_controllen = CMSG_SPACE(m->n_fds * sizeof(int));
        struct cmsghdr *c = (struct cmsghdr *)(void *)control;
        *c = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(m->n_fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), m->fds, m->n_fds * sizeof(int));
    }
    long rc;
    do
        rc = sc(__NR_sendmsg, fd, &h, MSG_NOSIGNAL);
    while (rc == -EINTR);
    return rc < 0 ? rc : 0;
}

char **texts_copy(char *const *texts, size_t n)
{
    size_t bytes = (n + 1) * sizeof(char *);
    for (size_t i = 0; i < n; i++)
        bytes += text_len(texts[i]) + 1;
    char **all = map_new(bytes);
    if (all == NULL)
        return NULL;
    char *at = (char *)(all + n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t len = text_len(texts[i]) + 1;
        memcpy(at, texts[i], len);
        all[i] = at;
        at += len;
    }
    return all;
}

void message_done(struct message *m)
{
    for (size_t i = 0; i < ARRAY_LEN(m->fds); i++)
        if (m->fds[i] >= 0)
            sc(__NR_close, m->fds[i]);
    m->n_fds = 0;
    for (size_t i = 0; i < ARRAY_LEN(m->fds); i++)
        m->fds[i] = -1;
    if (m->all != m->texts && m->all_bytes > 0)
        map_free(m->all, m->all_bytes);
    map_free(m->map, m->map_bytes);
}

void answer(const struct wire_answer *a, int fd)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = {(void *)(uintptr_t)a, sizeof *a};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        h.msg_control = control;
        h.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    long rc;
    do
        rc = sc(__NR_sendmsg, WIRE_FD, &h, MSG_NOSIGNAL);
    while (rc == -EINTR);
    if (rc < 0 && fd >= 0) { /* too many descriptors are under way: who asks must not wait for ever */
        struct wire_answer failed = *a;
        failed.num = rc == -ETOOMANYREFS ? EMFILE : (int32_t)-rc;
        answer(&failed, -1);
    }
}

void answer_num(struct box *b, uint32_t type, uint64_t id, long num)
{
    struct wire_answer a = {.type = type, .id = id, .num = (int32_t)(num < 0 ? -num : num)};
    if (num < 0)
        text_add(a.text, sizeof a.text, b->why);
    answer(&a, -1);
}

int box_fail(struct box *b, long num, const char *what, const char *path)
{
    b->why[0] = '\0';
    text_add(b->why, sizeof b->why, what);
    if (path != NULL && text_len(path) + text_len(what) + 2 < sizeof b->why) {
        text_add(b->why, sizeof b->why, " ");
        text_add(b->why, sizeof b->why, path);
    }
    return (int)num;
}
