/*
 * sandbox/init/names.c - what /etc says of this machine and of its resolver.
 *
 * hostname and hosts are written into the upper layer of /etc before it is covered, so that the job may replace them as
 * it may every file. /etc/resolv.conf stays as it is; but it is often a link into /run, which is private, and then the
 * file is put where the link leads.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>

#define FILE_BYTES 16384

/* Copies a small file of the host (absent: empty) to dir/path and puts `more` behind it. */
static long file_copy(const char *from, int dir, const char *path, const char *more)
{
    char bytes[FILE_BYTES];
    long in = from == NULL ? -ENOENT : sc(__NR_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    long n = in < 0 ? 0 : sc(__NR_read, in, bytes, sizeof bytes - 512);
    if (in >= 0)
        sc(__NR_close, in);
    if (n < 0)
        return n;
    bytes[n] = '\0';
    text_add(bytes, sizeof bytes, more);
    long out = sc(__NR_openat, dir, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (out < 0)
        return out;
    long rc = sc(__NR_write, out, bytes, text_len(bytes));
    sc(__NR_close, out);
    return rc < 0 ? rc : 0;
}

int names_fill(struct box *b, const char *path)
{
    const char *host = b->birth.hostname;
    char more[512] = "";
    if (!text_eq(path, "/etc"))
        return 0;
    long dir = sc(__NR_openat, AT_FDCWD, b->upper, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0)
        return box_fail(b, dir, "names of the machine", NULL);
    text_add(more, sizeof more, host);
    text_add(more, sizeof more, "\n");
    long rc = file_copy(NULL, (int)dir, "hostname", more);
    more[0] = '\0';
    text_add(more, sizeof more, "\n127.0.1.1\t");
    text_add(more, sizeof more, host);
    text_add(more, sizeof more, "\n");
    if (rc == 0)
        rc = file_copy("/etc/hosts", (int)dir, "hosts", more);
    sc(__NR_close, dir);
    return rc < 0 ? box_fail(b, rc, "names of the machine", NULL) : 0;
}

/* Where /etc/resolv.conf leads; false when it leads nowhere: a host without a resolver gives a job without one. */
static bool resolver_find(char *ret, size_t size)
{
    char at[32] = "/proc/self/fd/";
    long fd = sc(__NR_openat, AT_FDCWD, "/etc/resolv.conf", O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0)
        return false;
    text_add_num(at, sizeof at, (uint64_t)fd);
    long n = sc(__NR_readlinkat, AT_FDCWD, at, ret, size - 1);
    sc(__NR_close, fd);
    if (n > 0)
        ret[n] = '\0';
    return n > 0;
}

int resolver_show(struct box *b)
{
    char dir[PATH_BYTES] = "", to[PATH_BYTES];
    if (!resolver_find(to, sizeof to) || !text_under(to, "/run"))
        return 0;
    text_add(dir, sizeof dir, to);
    size_t n = text_len(dir);
    while (n > 1 && dir[n - 1] != '/')
        n--;
    dir[n - 1] = '\0';
    long rc = dir_make_at(b->root, dir, 0755);
    if (rc == 0)
        rc = file_copy("/etc/resolv.conf", b->root, to + 1, "");
    return rc < 0 ? box_fail(b, rc, "resolver configuration", to) : 0;
}
