/*
 * store/zip.c - zips by libarchive.
 *
 * libarchive converts names between the zip's character set and that of the locale; ours is C, which has no letters but
 * ASCII. So the thread gets a UTF-8 locale of its own while it works.
 */
#include "core/base.h"
#include "store/zip.h"

#include "core/mem.h"
#include "core/path.h"
#include "sys/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)256 << 10)

/* ---- what both need ---- */

struct tongue {
    locale_t own, before; /* (locale_t)0: there is no such locale here, and names stay bytes */
};

static void clean_tongue(void *slot)
{
    const struct tongue *t = slot;
    if (t->own == (locale_t)0)
        return;
    uselocale(t->before);
    freelocale(t->own);
}

static struct tongue speak_utf8(void)
{
    struct tongue t = {.own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    if (t.own != (locale_t)0)
        t.before = uselocale(t.own);
    return t;
}

static int asked(int stop, struct err *e)
{
    struct pollfd p = {.fd = stop, .events = POLLIN};
    return stop >= 0 && poll(&p, 1, 0) > 0 ? err_set(e, ECANCELED, "it was stopped") : 0;
}

static int fail(struct archive *a, const char *what, struct err *e)
{
    const char *why = archive_error_string(a);
    int num = archive_errno(a);
    return err_set(e, num > 0 && num < 4096 ? num : EINVAL, "%s: %s", what, why != NULL ? why : "no reason given");
}

/* ---- writing ---- */

struct zip_writer {
    struct archive *archive;
    struct archive_entry *entry;
    char *chunk;
    int fd, stop;
    struct err err; /* once something could not be written; what comes behind is swallowed */
};

/* libarchive frees all it has only after a good end, so it is never told that writing failed. */
static la_ssize_t write_out(struct archive *archive, void *ctx, const void *p, size_t n)
{
    struct zip_writer *w = ctx;
    UNUSED(archive);
    if (w->err.num == 0)
        fd_write(w->fd, str_of(p, n), &w->err);
    return (la_ssize_t)n;
}

/* What happened to the zip, as the caller's error. */
static int written(const struct zip_writer *w, struct err *e)
{
    return w->err.num == 0 ? 0 : err_set(e, w->err.num, "cannot write the zip: %s", w->err.text);
}

void zip_drop(struct zip_writer *w)
{
    if (w == NULL)
        return;
    if (w->err.num == 0)
        err_set(&w->err, ECANCELED, "it was dropped");
    archive_write_free(w->archive);
    archive_entry_free(w->entry);
    free(w->chunk);
    free(w);
}

int zip_begin(int fd, int level, int stop, struct zip_writer **ret, struct err *e)
{
    CLEAN(tongue) struct tongue t = speak_utf8();
    UNUSED(t);
    char option[] = "6";
    struct zip_writer *w = mem_alloc(sizeof *w);
    *w = (struct zip_writer){.archive = archive_write_new(),
                             .entry = archive_entry_new(),
                             .chunk = mem_alloc(CHUNK),
                             .fd = fd,
                             .stop = stop};
    MUST(w->archive != NULL && w->entry != NULL && level <= 9);
    if (level >= 0)
        option[0] = (char)('0' + level);
    int r = archive_write_set_format_zip(w->archive);
    if (r == ARCHIVE_OK)
        r = level == 0 ? archive_write_zip_set_compression_store(w->archive)
                       : archive_write_set_format_option(w->archive, "zip", "compression-level", option);
    if (r == ARCHIVE_OK)
        r = archive_write_set_format_option(w->archive, "zip", "hdrcharset", "UTF-8");
    if (r == ARCHIVE_OK)
        r = archive_write_set_bytes_in_last_block(w->archive, 1);
    if (r == ARCHIVE_OK)
        r = archive_write_open(w->archive, w, NULL, write_out, NULL);
    if (r != ARCHIVE_OK) {
        r = fail(w->archive, "cannot begin a zip", e);
        zip_drop(w);
        return r;
    }
    *ret = w;
    return 0;
}

static int add_data(struct zip_writer *w, int file, struct err *e)
{
    off_t at = 0;
    for (;;) {
        int rc = asked(w->stop, e);
        if (rc == 0)
            rc = written(w, e);
        if (rc < 0)
            return rc;
        ssize_t n = pread(file, w->chunk, CHUNK, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_sys(e, errno, "cannot read it") : 0;
        at += n;
        for (ssize_t done = 0; done < n;) {
            la_ssize_t put = archive_write_data(w->archive, w->chunk + done, (size_t)(n - done));
            if (put < 0)
                return fail(w->archive, "cannot write the zip", e);
            if (put == 0)
                return 0; /* the file has grown past the size that was told */
            done += put;
        }
    }
}

/* A warning: the name is not UTF-8, and stays as it is. */
static int put_header(struct zip_writer *w, struct err *e)
{
    int r = archive_write_header(w->archive, w->entry);
    return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : fail(w->archive, "cannot write the zip", e);
}

static int end_entry(struct zip_writer *w, struct err *e)
{
    return archive_write_finish_entry(w->archive) < ARCHIVE_WARN ? fail(w->archive, "cannot write the zip", e) : 0;
}

int zip_add(struct zip_writer *w, struct str name, int file, struct err *e)
{
    return zip_add_mode(w, name, file, 0644, e);
}

int zip_add_mode(struct zip_writer *w, struct str name, int file, unsigned mode, struct err *e)
{
    CLEAN(tongue) struct tongue t = speak_utf8();
    UNUSED(t);
    struct stat st;
    CLEAN(free) char *text = mem_dup_str(name);
    if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode))
        return err_set(e, EINVAL, "%s is no regular file", text);
    archive_entry_clear(w->entry);
    archive_entry_set_pathname(w->entry, text);
    archive_entry_set_filetype(w->entry, AE_IFREG);
    archive_entry_set_perm(w->entry, (mode_t)mode);
    archive_entry_set_size(w->entry, st.st_size);
    archive_entry_set_mtime(w->entry, st.st_mtim.tv_sec, 0);
    int rc = put_header(w, e);
    if (rc == 0)
        rc = add_data(w, file, e);
    return rc == 0 ? end_entry(w, e) : rc;
}

int zip_add_link(struct zip_writer *w, struct str name, struct str target, int64_t mtime, struct err *e)
{
    CLEAN(tongue) struct tongue t = speak_utf8();
    UNUSED(t);
    CLEAN(free) char *text = mem_dup_str(name), *to = mem_dup_str(target);
    archive_entry_clear(w->entry);
    archive_entry_set_pathname(w->entry, text);
    archive_entry_set_filetype(w->entry, AE_IFLNK);
    archive_entry_set_perm(w->entry, 0777);
    archive_entry_set_symlink(w->entry, to);
    archive_entry_set_size(w->entry, 0); /* libarchive tells the target's */
    archive_entry_set_mtime(w->entry, (time_t)mtime, 0);
    int rc = put_header(w, e);
    if (rc == 0)
        rc = end_entry(w, e);
    return rc == 0 ? written(w, e) : rc;
}

int zip_finish(struct zip_writer *w, struct err *e)
{
    CLEAN(tongue) struct tongue t = speak_utf8();
    UNUSED(t);
    int rc = archive_write_close(w->archive) < ARCHIVE_WARN ? fail(w->archive, "cannot end the zip", e) : written(w, e);
    zip_drop(w);
    return rc;
}

/* ---- reading ---- */

struct zip_reader {
    struct archive *archive;
    uint64_t bytes; /* taken out so far */
    int stop;
};

static void clean_reader(void *slot)
{
    const struct zip_reader *r = slot;
    archive_read_free(r->archive);
}

/* The entry's name, if it is one that may be trusted. */
static int entry_name(struct archive_entry *entry, struct zip_entry *ret, struct err *e)
{
    const char *text = archive_entry_pathname(entry);
    if (text == NULL)
        text = archive_entry_pathname_utf8(entry);
    struct str name = str_from(text);
    if (name.n == 0)
        return err_set(e, EINVAL, "an entry without a name");
    ret->folder = archive_entry_filetype(entry) == AE_IFDIR;
    while (ret->folder && name.n > 1 && name.p[name.n - 1] == '/')
        name.n--;
    if (!path_is_inner(name))
        return err_set(e, EINVAL, "Malformed extraction path: %.*s", STR_ARG(name));
    if (!ret->folder && archive_entry_filetype(entry) != AE_IFREG)
        return err_set(e, EINVAL, "%.*s is neither a file nor a folder", STR_ARG(name));
    if (archive_entry_is_encrypted(entry))
        return err_set(e, EINVAL, "%.*s is encrypted", STR_ARG(name));
    ret->name = name;
    return 0;
}

static int reader_open(struct zip_reader *r, int fd, struct err *e)
{
    MUST(r->archive != NULL);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_sys(e, errno, "the zip cannot be read");
    if (archive_read_support_format_zip_seekable(r->archive) != ARCHIVE_OK ||
        archive_read_open_fd(r->archive, fd, CHUNK) != ARCHIVE_OK)
        return fail(r->archive, "the zip cannot be read", e);
    return 0;
}

int zip_each(int fd, int stop, int (*each)(void *ctx, const struct zip_entry *entry), void *ctx, struct err *e)
{
    CLEAN(tongue) struct tongue t = speak_utf8();
    UNUSED(t);
    CLEAN(reader) struct zip_reader r = {.archive = archive_read_new(), .stop = stop};
    struct archive_entry *entry = NULL;
    int rc = reader_open(&r, fd, e);
    for (size_t n = 0; rc == 0; n++) {
        int got = archive_read_next_header(r.archive, &entry);
        if (got == ARCHIVE_EOF)
            return 0;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return fail(r.archive, "the zip cannot be read", e);
        if (n == ZIP_ENTRIES_MAX)
            return err_set(e, EINVAL, "the zip has more than %d entries", ZIP_ENTRIES_MAX);
        struct zip_entry told = {.reader = &r};
        rc = asked(stop, e);
        if (rc == 0)
            rc = entry_name(entry, &told, e);
        if (rc == 0)
            rc = each(ctx, &told);
    }
    return rc;
}

int zip_extract(const struct zip_entry *entry, int fd, struct err *e)
{
    struct zip_reader *r = entry->reader;
    for (;;) {
        const void *block = NULL;
        size_t n = 0;
        la_int64_t at = 0;
        int got = archive_read_data_block(r->archive, &block, &n, &at);
        if (got == ARCHIVE_EOF)
            return 0;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return fail(r->archive, "the zip cannot be read", e);
        r->bytes += n;
        if (r->bytes > ZIP_BYTES_MAX)
            return err_set(e, EINVAL, "the zip holds too many bytes");
        int rc = asked(r->stop, e);
        if (rc == 0)
            rc = fd_write(fd, str_of(block, n), e);
        if (rc < 0)
            return rc;
    }
}
