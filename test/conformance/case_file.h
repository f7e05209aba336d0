/*
 * test/conformance/case_file.h - files of public conformance sets: found, read, and given to the code under test.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/vec.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

/* The whole file as text in the arena; p == NULL when it cannot be read. */
static inline struct str case_read(struct arena *a, struct str path)
{
    struct str name = arena_str(a, path);
    int fd = open(name.p, O_RDONLY | O_CLOEXEC);
    struct buf text = BUF(BUF_TEXT);
    ssize_t got = 1;
    if (fd < 0)
        return STR_NONE;
    while (got > 0) {
        char *room = buf_room(&text, 65536);
        got = room ? read(fd, room, 65536) : -1;
        if (got > 0)
            buf_grew(&text, (size_t)got);
    }
    close(fd);
    struct str ret = got < 0 ? STR_NONE : arena_str(a, text.p ? buf_str(&text) : STR(""));
    buf_done(&text);
    return ret;
}

static inline int case_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Names in a folder that end so, sorted. */
static inline struct strs case_list(struct arena *a, struct str folder, struct str suffix)
{
    struct strs names = {0};
    DIR *d = opendir(arena_str(a, folder).p);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (str_ends(str_from(e->d_name), suffix))
            vec_push_in(a, &names, arena_cstr(a, e->d_name));
    if (d)
        closedir(d);
    if (names.n)
        qsort(names.p, names.n, sizeof *names.p, case_order);
    return names;
}
