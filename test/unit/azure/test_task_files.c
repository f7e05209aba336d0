/*
 * Tasks that copy, delete, pack and unpack, as the engine sees them: what is asked for, in which order, with which
 * names.
 */
#include "az_play.h"

#include "provider/azure/files_priv.h"

static struct op_found at(const char *path, int kind)
{
    struct op_found one = {.path = str_from(path), .size = 3};
    one.kind = kind == 'd' ? FOUND_FOLDER : kind == 'l' ? FOUND_LINK : FOUND_FILE;
    return one;
}

static enum drive found(struct play *p, struct op_found *files, size_t n)
{
    assert_int_equal(p->op.kind, OP_FIND);
    play_end(p, &(struct op_end){.how = OP_EXITED, .files = files, .n_files = n});
    return play_go(p);
}

static enum drive refused(struct play *p, int num)
{
    struct op_end end = {.how = OP_NOT_STARTED};
    err_set(&end.err, num, "refused");
    play_end(p, &end);
    return play_go(p);
}

/* The names of the batch under way, with | for NUL. */
static void assert_names(const struct play *p, const char *wanted)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str text = play_text(p);
    for (size_t i = 0; i < text.n; i++)
        buf_add_ch(&b, text.p[i] != '\0' ? text.p[i] : '|');
    assert_string_equal(buf_cstr(&b), wanted);
}

static struct az_step *copy(struct play *p, const char *contents)
{
    play_init(p);
    struct az_step *s = play_step(p, "CopyFiles", "2");
    play_input(s, "SourceFolder", "src");
    play_input(s, "Contents", contents);
    play_input(s, "TargetFolder", "to");
    return s;
}

static void copies_in_one_process(void **state)
{
    struct play p;
    struct op_found files[] = {at("a.txt", 'f'), at("d", 'd'), at("d/b\n'.txt", 'f'), at("c.bin", 'f')};
    struct op_found there[] = {at("a.txt", 'f')};
    UNUSED(state);
    copy(&p, "**/*.txt");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.find.root, "/home/vsts/work/1/s/src");
    found(&p, files, ARRAY_LEN(files));
    assert_str(p.op.find.root, "/home/vsts/work/1/s/to");
    found(&p, there, ARRAY_LEN(there));
    assert_int_equal(p.op.kind, OP_EXEC);
    assert_str(p.op.argv[0], "sh");
    assert_names(&p, "d/b\n'.txt|"); /* a.txt is there already */
    assert_int_equal(play_exit(&p, 0), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "+1 CopyFiles\n-1 success\n");
    play_done(&p);
}

static void links_are_followed_by_one_more_process(void **state)
{
    struct play p;
    struct op_found files[] = {at("l", 'l')};
    static int fine[1];
    struct str listing = STR("d4096/l\0f3/l/x.txt\0f1/a.txt");
    UNUSED(state);
    copy(&p, "**");
    play_begin(&p);
    play_go(&p);
    found(&p, files, ARRAY_LEN(files));
    assert_int_equal(p.op.kind, OP_EXEC);
    assert_int_equal(p.op.n_reads, 1);
    play_end(&p, &(struct op_end){.how = OP_EXITED, .reads = &listing, .read_errors = fine});
    play_go(&p);
    refused(&p, ENOENT); /* no target yet */
    assert_names(&p, "a.txt|l/x.txt|");
    play_exit(&p, 0);
    play_done(&p);
}

static void a_failure_is_one_sentence(void **state)
{
    struct play p;
    struct op_found files[] = {at("a", 'f')}, folder[] = {at("a", 'd')};
    UNUSED(state);
    copy(&p, "**");
    play_begin(&p);
    play_go(&p);
    refused(&p, ENOENT);
    play_finish(&p);
    assert_log(&p, "+1 CopyFiles\nerror: Not found SourceFolder: /home/vsts/work/1/s/src\n"
                   "-1 failure: Not found SourceFolder: /home/vsts/work/1/s/src\n");
    play_done(&p);
    copy(&p, "**");
    play_begin(&p);
    play_go(&p);
    found(&p, files, 1);
    assert_int_equal(found(&p, folder, 1), DRIVE_DONE);
    play_done(&p);
}

static void delete_roots_every_pattern(void **state)
{
    struct play p;
    struct op_found files[] = {at(".x", 'f'), at("a", 'd'), at("a/.y", 'f'), at("a/b.o", 'f'), at("b.o", 'f')};
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "DeleteFiles", "1");
    play_input(s, "Contents", "**\n!b.o\n");
    play_begin(&p);
    play_go(&p);
    found(&p, files, ARRAY_LEN(files));
    assert_names(&p, "./b.o|./a/b.o|./a|"); /* `!` excludes nothing, dot files stay, what is deeper goes first */
    play_exit(&p, 1);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void archives_say_what_is_missing(void **state)
{
    static const struct {
        const char *type;
        int status;
        const char *error;
    } CASES[] = {{"zip", 90, "Unable to locate executable file: 'zip'"},
                 {"wim", 90, "Unable to locate executable file: '7z'"},
                 {"tar", 91, "No file or directory found - /home/vsts/work/1/s/x"},
                 {"tar", 92, "The specified archive file: /home/vsts/work/1/s/y already exists, but is a folder"}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        play_init(&p);
        struct az_step *s = play_step(&p, "ArchiveFiles", "2");
        play_input(s, "rootFolderOrFile", "x");
        play_input(s, "archiveFile", "y");
        play_input(s, "archiveType", CASES[i].type);
        play_begin(&p);
        play_go(&p);
        play_exit(&p, CASES[i].status);
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        buf_printf(&b, "+1 ArchiveFiles\nerror: %s\n-1 failure: %s\n", CASES[i].error, CASES[i].error);
        assert_log(&p, buf_cstr(&b));
        play_done(&p);
    }
}

static void a_named_archive_must_be_there(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "ExtractFiles", "1");
    play_input(s, "archiveFilePatterns", "out/x[1].zip");
    play_input(s, "destinationFolder", "to");
    play_begin(&p);
    play_go(&p);
    struct op_found files[] = {at("x1.zip", 'f')};
    assert_int_equal(found(&p, files, 1), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_in_one_process),        cmocka_unit_test(links_are_followed_by_one_more_process),
        cmocka_unit_test(a_failure_is_one_sentence),    cmocka_unit_test(delete_roots_every_pattern),
        cmocka_unit_test(archives_say_what_is_missing), cmocka_unit_test(a_named_archive_must_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
