/* What was packed comes out again, and what is not to be trusted does not. */
#include "core/base.h"
#include "core/buf.h"
#include "core/mem.h"
#include "store/zip.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int memory(const char *text, size_t n)
{
    int fd = memfd_create("zip", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fd_write(fd, str_of(text, n), NULL), 0);
    return fd;
}

struct list {
    struct buf b;
    struct err e;
};

/* "name=size" for each file, "name/" for each folder. */
static int tell(void *ctx, const struct zip_entry *entry)
{
    struct list *l = ctx;
    struct stat st;
    CLEAN(fd) int fd = memory("", 0);
    if (entry->folder) {
        buf_printf(&l->b, "%.*s/ ", STR_ARG(entry->name));
        return 0;
    }
    int rc = zip_extract(entry, fd, &l->e);
    assert_int_equal(fstat(fd, &st), 0);
    buf_printf(&l->b, "%.*s=%lld ", STR_ARG(entry->name), (long long)st.st_size);
    return rc;
}

static void packed_and_unpacked(void **state)
{
    static const int LEVELS[] = {-1, 0, 1, 9};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(LEVELS); i++) {
        struct list l = {.b = BUF(BUF_LINE)};
        struct zip_writer *w = NULL;
        CLEAN(fd) int zip = memory("", 0), small = memory("small", 5), none = memory("", 0);
        CLEAN(free) char *zeros = mem_alloc(3000000);
        CLEAN(fd) int large = memory(zeros, 3000000);
        assert_int_equal(zip_begin(zip, LEVELS[i], -1, &w, &l.e), 0);
        assert_int_equal(zip_add(w, STR("a/small.txt"), small, &l.e), 0);
        assert_int_equal(zip_add(w, STR("large"), large, &l.e), 0);
        assert_int_equal(zip_add(w, STR("\xc3\xbc \xe6\x97\xa5"), none, &l.e), 0);
        assert_int_equal(zip_finish(w, &l.e), 0);
        struct stat st;
        assert_int_equal(fstat(zip, &st), 0);
        assert_true(LEVELS[i] == 0 ? st.st_size > 3000000 : st.st_size < 30000);
        if (zip_each(zip, -1, tell, &l, &l.e) < 0)
            fail_msg("%s", l.e.text);
        assert_string_equal(buf_cstr(&l.b), "a/small.txt=5 large=3000000 \xc3\xbc \xe6\x97\xa5=0 ");
        buf_done(&l.b);
    }
}

/* A reader of ours takes no link; that it is one, and what it says, stands in the zip. */
static void links_are_kept_as_links(void **state)
{
    UNUSED(state);
    struct list l = {.b = BUF(BUF_LINE)};
    struct zip_writer *w = NULL;
    char head[512];
    CLEAN(fd) int zip = memory("", 0), file = memory("x", 1);
    assert_int_equal(zip_begin(zip, 0, -1, &w, &l.e), 0);
    assert_int_equal(zip_add_link(w, STR("l\xc3\xbc"), STR("../nowhere"), 1700000000, &l.e), 0);
    assert_int_equal(zip_add(w, STR("f"), file, &l.e), 0);
    assert_int_equal(zip_finish(w, &l.e), 0);
    ssize_t n = pread(zip, head, sizeof head, 0);
    assert_true(n > 0 && str_find(str_of(head, (size_t)n), STR("../nowhere")) > 0);
    assert_int_equal(zip_each(zip, -1, tell, &l, &l.e), -EINVAL);
    assert_string_equal(l.e.text, "l\xc3\xbc is neither a file nor a folder");
    buf_done(&l.b);
}

static void what_is_no_zip(void **state)
{
    static const char *const TEXTS[] = {"", "PK", "PK\3\4 but no more", "hello, this is a text of some length"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct list l = {.b = BUF(BUF_LINE)};
        CLEAN(fd) int fd = memory(TEXTS[i], strlen(TEXTS[i]));
        assert_true(zip_each(fd, -1, tell, &l, &l.e) < 0);
        assert_true(l.e.text[0] != '\0');
        buf_done(&l.b);
    }
}

static void names_that_lead_out(void **state)
{
    static const char *const NAMES[] = {"../x", "/x", "a/../../x", "..", "a/.."};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        struct list l = {.b = BUF(BUF_LINE)};
        struct zip_writer *w = NULL;
        CLEAN(fd) int zip = memory("", 0), file = memory("x", 1);
        assert_int_equal(zip_begin(zip, 6, -1, &w, &l.e), 0);
        assert_int_equal(zip_add(w, str_from(NAMES[i]), file, &l.e), 0);
        assert_int_equal(zip_finish(w, &l.e), 0);
        int rc = zip_each(zip, -1, tell, &l, &l.e);
        if (strcmp(NAMES[i], "a/..") != 0) { /* which is the folder itself */
            assert_int_equal(rc, -EINVAL);
            assert_true(strstr(l.e.text, "Malformed extraction path: ") != NULL);
            assert_string_equal(buf_cstr(&l.b), "");
        }
        buf_done(&l.b);
    }
}

static void a_stop_ends_it(void **state)
{
    struct list l = {.b = BUF(BUF_LINE)};
    struct zip_writer *w = NULL;
    int ends[2];
    UNUSED(state);
    CLEAN(fd) int zip = memory("", 0), file = memory("x", 1);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(zip_begin(zip, 6, ends[0], &w, &l.e), 0);
    assert_int_equal(zip_add(w, STR("a"), file, &l.e), 0);
    close(ends[1]);
    assert_int_equal(zip_add(w, STR("b"), file, &l.e), -ECANCELED);
    zip_drop(w);
    close(ends[0]);
    buf_done(&l.b);
}

static void a_disk_that_is_full(void **state)
{
    struct err e = {0};
    struct zip_writer *w = NULL;
    UNUSED(state);
    CLEAN(free) char *noise = mem_alloc(2000000);
    for (size_t i = 0, x = 1; i < 2000000; i++, x = x * 1103515245 + 12345)
        noise[i] = (char)(x >> 16);
    CLEAN(fd) int full = open("/dev/full", O_WRONLY | O_CLOEXEC), file = memory(noise, 2000000);
    assert_true(full >= 0);
    assert_int_equal(zip_begin(full, 6, -1, &w, &e), 0);
    assert_int_equal(zip_add(w, STR("a"), file, &e), -ENOSPC);
    zip_drop(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_and_unpacked), cmocka_unit_test(what_is_no_zip),
        cmocka_unit_test(names_that_lead_out), cmocka_unit_test(a_stop_ends_it),
        cmocka_unit_test(a_disk_that_is_full), cmocka_unit_test(links_are_kept_as_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
