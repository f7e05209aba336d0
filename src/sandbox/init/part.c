/*
 * sandbox/init/part.c - parts of a root that are used again.
 *
 * A steward makes one root behind the other (steward.c), and most of the work is in overlays and folders on disk: each
 * costs several new inodes and as many removed ones. Most commands touch none of them. So these parts outlive a root:
 * they are made, and overlays are mounted at places of a `parking` tmpfs, in a mount namespace that the steward keeps
 * (its shop). The namespace of each root begins as a copy of it, and there they are moved to where they belong.
 *
 * Before the next root every part is looked at: its upper layer (or the folder) must hold just what it held at its
 * birth: names, kinds, owners, modes, contents, and no more extended attributes. That is a comparison of what is there,
 * not of times, which a fast job may not move. What differs is dropped and made anew; what is the same is as good as
 * new, as all processes of the root are gone and nothing else is kept in an overlay.
 */
#include "sandbox/init/init.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CONTENT_MAX 65536 /* larger files are not compared: their part is made anew */

/* ---- what a folder holds ---- */

struct print {
    uint64_t sum;
    unsigned entries, max;
    char *bytes;
};

static void mix(struct print *p, const void *data, size_t n)
{
    const unsigned char *c = data;
    for (size_t i = 0; i < n; i++)
        p->sum = (p->sum ^ c[i]) * 0x100000001b3ull;
}

static void mix_number(struct print *p, uint64_t n)
{
    p->sum = (p->sum ^ n) * 0x100000001b3ull;
}

static int mix_content(struct print *p, const char *path, uint64_t size)
{
    long fd = size > CONTENT_MAX ? -EFBIG : sc(__NR_openat, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
    long n = fd < 0 ? fd : sc(__NR_read, fd, p->bytes, CONTENT_MAX);
    if (fd >= 0)
        sc(__NR_close, fd);
    if (n > 0)
        mix(p, p->bytes, (size_t)n);
    return n < 0 ? (int)n : 0;
}

static int print_one(void *ctx, const char *path)
{
    struct print *p = ctx;
    struct statx st = {0};
    if (++p->entries > p->max)
        return -E2BIG;
    long rc = sc(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st);
    if (rc < 0)
        return (int)rc;
    bool folder = S_ISDIR(st.stx_mode), file = S_ISREG(st.stx_mode);
    const uint64_t all[] = {
        folder ? 0 : st.stx_ino,
        file ? st.stx_size : 0,
        st.stx_mode,
        st.stx_uid,
        st.stx_gid,
        st.stx_rdev_major,
        st.stx_rdev_minor,
        (uint64_t)sc(__NR_llistxattr, path, 0, 0),
    };
    mix(p, path, text_len(path));
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        mix_number(p, all[i]);
    if (folder)
        return dir_each(path, print_one, p);
    return file ? mix_content(p, path, st.stx_size) : 0;
}

/* -E2BIG: it holds more than max entries. */
static int print_take(struct box *b, const char *path, unsigned max, struct print *ret)
{
    *ret = (struct print){.sum = 0xcbf29ce484222325ull, .max = max, .bytes = b->content};
    return print_one(ret, path);
}

/* ---- the table ---- */

int parts_open(struct box *b)
{
    b->parts = map_new(PARTS_MAX * sizeof *b->parts);
    b->content = map_new(CONTENT_MAX);
    return b->parts == NULL || b->content == NULL ? box_fail(b, -ENOMEM, "memory", NULL) : 0;
}

struct part *part_find(struct box *b, uint32_t kind, const char *path)
{
    for (size_t i = 0; i < b->n_parts; i++)
        if (b->parts[i].path != NULL && b->parts[i].kind == kind && text_eq(b->parts[i].path, path))
            return &b->parts[i];
    return NULL;
}

struct part *part_new(struct box *b, uint32_t kind, const char *path)
{
    size_t i = 0;
    while (i < b->n_parts && b->parts[i].path != NULL)
        i++;
    char *texts[] = {(char *)(uintptr_t)path};
    char **kept = i < PARTS_MAX ? texts_copy(texts, 1) : NULL;
    if (kept == NULL) {
        b->once = true; /* then this root is the last one of its steward */
        return NULL;
    }
    b->n_parts += i == b->n_parts;
    b->parts[i] = (struct part){.kind = kind, .path = kept[0], .place = (unsigned)i};
    return &b->parts[i];
}

static bool part_place(const struct box *b, const struct part *p, char at[PATH_BYTES])
{
    at[0] = '\0';
    return text_add(at, PATH_BYTES, b->parking) && text_add(at, PATH_BYTES, "/place") &&
           text_add_num(at, PATH_BYTES, p->place);
}

static long part_park(struct box *b, struct part *p, int mnt)
{
    char at[PATH_BYTES];
    if (!part_place(b, p, at))
        return -ENAMETOOLONG;
    long rc = sc(__NR_mkdirat, AT_FDCWD, at, 0700);
    if (rc < 0 && rc != -EEXIST)
        return rc;
    long target = sc(__NR_openat, AT_FDCWD, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    rc = target < 0 ? target : mount_attach(mnt, (int)target, false);
    if (target >= 0)
        sc(__NR_close, target);
    return rc;
}

long part_take(struct box *b, const struct part *p)
{
    char at[PATH_BYTES];
    return part_place(b, p, at) ? sc(__NR_openat, AT_FDCWD, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
                                : -ENAMETOOLONG;
}

/* What it is born with; a part that cannot be compared is never used again. */
int part_born(struct box *b, struct part *p, const char *upper, const char *work)
{
    struct print print;
    char *texts[] = {(char *)(uintptr_t)upper, (char *)(uintptr_t)work};
    char **kept = texts_copy(texts, 2);
    if (kept == NULL)
        return box_fail(b, -ENOMEM, "memory", NULL);
    p->upper = kept[0];
    p->work = kept[1];
    p->compared = print_take(b, upper, PRINT_MAX, &print) == 0;
    p->sum = print.sum;
    p->entries = print.entries;
    return 0;
}

long part_keep(struct box *b, struct part *p, long mnt)
{
    long rc = mnt < 0 ? mnt : part_park(b, p, (int)mnt);
    if (rc == 0)
        rc = part_born(b, p, b->upper, b->work);
    if (mnt >= 0)
        sc(__NR_close, mnt);
    p->rc = (int)rc;
    return rc;
}

static bool is_as_born(struct box *b, const struct part *p)
{
    struct print print;
    return p->compared && print_take(b, p->upper, p->entries, &print) == 0 && print.sum == p->sum &&
           print.entries == p->entries;
}

static void part_drop(struct box *b, struct part *p)
{
    char at[PATH_BYTES];
    if (p->kind != PART_FOLDER && part_place(b, p, at))
        sc(__NR_umount2, at, 2 /* MNT_DETACH */);
    tree_unlink(p->upper);
    if (p->work[0] != '\0')
        tree_unlink(p->work);
    p->path = NULL; /* a few bytes stay until the steward goes */
}

void parts_check(struct box *b)
{
    for (size_t i = 0; i < b->n_parts; i++)
        if (b->parts[i].path != NULL && b->parts[i].rc == 0 && !is_as_born(b, &b->parts[i]))
            part_drop(b, &b->parts[i]);
}
