/*
 * sys/copy_data.c - the bytes of one file.
 *
 * First the file system is asked to share the extents (btrfs, xfs, bcachefs): no byte moves. Else each stretch of data
 * is copied inside the kernel, and where that is refused through a buffer; holes stay holes.
 */
#include "core/base.h"
#include "sys/copy_priv.h"
#include "core/mem.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PIECE ((size_t)128 << 10)
#define KERNEL_PIECE ((off_t)1 << 30)

static int write_at(int to, const char *p, size_t n, off_t at)
{
    while (n) {
        ssize_t done = pwrite(to, p, n, at);
        if (done == 0 || (done < 0 && errno != EINTR))
            return done == 0 ? -ENOSPC : -errno;
        if (done > 0) {
            p += done;
            at += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

/* By hand, until `end` or the end of the file. */
static int copy_buffered(int from, int to, off_t at, off_t end)
{
    CLEAN(free) char *piece = mem_alloc(PIECE);
    while (at < end) {
        size_t want = end - at < (off_t)PIECE ? (size_t)(end - at) : PIECE;
        ssize_t n = pread(from, piece, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        int r = write_at(to, piece, (size_t)n, at);
        if (r < 0)
            return r;
        at += n;
    }
    return 0;
}

/* Whether an error of copy_file_range says no more than "not here". */
static bool not_here(int num)
{
    return num == EXDEV || num == EINVAL || num == ENOSYS || num == EOPNOTSUPP || num == EPERM || num == ETXTBSY;
}

static int copy_stretch(int from, int to, off_t at, off_t end)
{
    off_t in = at, out = at;
    while (in < end) {
        off_t want = end - in < KERNEL_PIECE ? end - in : KERNEL_PIECE;
        ssize_t n = copy_file_range(from, &in, to, &out, (size_t)want, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && !not_here(errno))
            return -errno;
        /* 0 is the end of the file, or a file system that pretends so: the buffered copy finds out which. */
        if (n <= 0)
            return copy_buffered(from, to, in, end);
    }
    return 0;
}

int copy_data(int from, int to, const struct stat *st)
{
    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    off_t at = 0, size = st->st_size;
    /* Files of /proc are 0 bytes long and yet have something in them. */
    if (size == 0)
        return copy_buffered(from, to, 0, INT64_MAX);
    while (at < size) {
        off_t data = lseek(from, at, SEEK_DATA), hole = size;
        if (data < 0 && errno == ENXIO)
            break;
        if (data < 0)
            data = at;
        else
            hole = lseek(from, data, SEEK_HOLE);
        if (hole <= data || hole > size)
            hole = size;
        int r = copy_stretch(from, to, data, hole);
        if (r < 0)
            return r;
        at = hole;
    }
    return ftruncate(to, size) < 0 ? -errno : 0;
}
