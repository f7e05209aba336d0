/* Any bytes as a zip: entries with names that stay inside, or an error that says why; and an end to it. */
#include "core/base.h"
#include "core/path.h"
#include "store/zip.h"
#include "sys/file.h"

#include <fcntl.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int told(void *ctx, const struct zip_entry *entry)
{
    struct err *e = ctx;
    MUST(entry->name.n > 0 && path_is_inner(entry->name));
    CLEAN(fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return entry->folder ? 0 : zip_extract(entry, null, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    CLEAN(fd) int fd = memfd_create("zip", MFD_CLOEXEC);
    if (fd < 0 || size > ((size_t)1 << 20) || fd_write(fd, str_of((const char *)data, size), &err) < 0)
        return 0;
    int rc = zip_each(fd, -1, told, &err, &err);
    MUST((rc == 0 && err.num == 0) || (rc < 0 && err.num == rc && err.text[0] != '\0'));
    return 0;
}
