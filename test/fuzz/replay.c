/*
 * Runs every file of a folder through a fuzz target, as `make test` does with the corpora; no file and no folder is
 * fine. A crash of the target is the failure.
 */
#include "core/base.h"
#include "core/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 1 when the file was run, 0 when it is none, -1 when it cannot be read. */
static int run_file(int dir, const char *name)
{
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        fprintf(stderr, "%s: %s\n", name, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (!S_ISREG(st.st_mode) || (size_t)st.st_size > FILE_MAX) {
        close(fd);
        return 0;
    }
    size_t size = (size_t)st.st_size, n = 0;
    /* Exactly as large as the text, so that a sanitizer sees a read past its end. */
    CLEAN(free) uint8_t *data = malloc(size ? size : 1);
    for (ssize_t got = 1; data && n < size && got > 0; n += got > 0 ? (size_t)got : 0)
        got = read(fd, data + n, size - n);
    close(fd);
    if (!data || n < size)
        return -1;
    LLVMFuzzerTestOneInput(data, size);
    return 1;
}

int main(int argc, char **argv)
{
    int run = 0, failed = 0;
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    if (!dir && errno != ENOENT) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        int result = entry->d_name[0] == '.' ? 0 : run_file(dirfd(dir), entry->d_name);
        run += result > 0;
        failed += result < 0;
    }
    if (dir)
        closedir(dir);
    printf("%d files\n", run);
    return failed ? 1 : 0;
}
