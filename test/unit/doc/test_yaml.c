#include "core/base.h"
#include "doc/yaml.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct room {
    struct arena *arena;
    struct sources *sources;
    struct diags diags;
    uint32_t file;
    struct doc_node *root;
};

static int setup(void **state)
{
    struct room *r = mem_alloc(sizeof *r);
    r->arena = arena_new();
    r->sources = sources_new();
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    sources_free(r->sources);
    arena_free(r->arena);
    free(r);
    return 0;
}

static struct doc_node *read_str(struct room *r, struct str text, struct yaml_limits limits)
{
    diags_init(&r->diags, r->arena, r->sources);
    r->file = sources_add(r->sources, STR("f"), text);
    r->root = yaml_read(r->arena, r->sources, r->file, &limits, &r->diags);
    return r->root;
}

static struct doc_node *read_text(struct room *r, const char *text)
{
    return read_str(r, str_from(text), YAML_LIMITS);
}

static struct doc_node *read_ok(struct room *r, const char *text)
{
    read_text(r, text);
    assert_int_equal(r->diags.errors, 0);
    assert_non_null(r->root);
    return r->root;
}

/* The first diagnostic as "line:column code message". */
static void assert_diag(struct room *r, const char *want)
{
    struct buf b = BUF(BUF_LINE);
    assert_int_not_equal(r->diags.n, 0);
    struct diag *d = &r->diags.p[0];
    struct place place = sources_place(r->sources, d->span);
    buf_printf(&b, "%u:%u %s %.*s", place.line, place.column, d->code, STR_ARG(d->message));
    assert_string_equal(buf_cstr(&b), want);
    buf_done(&b);
}

static void assert_hint(struct room *r, const char *want)
{
    assert_true(str_is(r->diags.p[0].hint, want));
}

/* What stands in the source where the span says. */
static struct str at(struct room *r, struct span span)
{
    return str_sub(sources_text(r->sources, span.file), span.off, (size_t)span.off + span.len);
}

#define assert_at(r, span, want)                                                                                       \
    do {                                                                                                               \
        struct str got_ = at(r, span);                                                                                 \
        if (!str_is(got_, want))                                                                                       \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), want);                                                       \
    } while (0)

static void reads_a_tree(void **state)
{
    struct room *r = *state;
    struct doc_node *root =
        read_ok(r, "on: push\njobs:\n  a:\n    - 'x'\n    - [1, {k: \"v\"}]\n  b:\n  # end\n\nz: 1\n");
    assert_int_equal(root->kind, DOC_MAP);
    assert_int_equal(root->map.n, 3);
    assert_true(str_is(root->map.p[0].key->text, "on"));
    assert_int_equal(doc_get(root, "on")->style, DOC_PLAIN);
    struct doc_node *jobs = doc_get(root, "jobs"), *a = doc_get(jobs, "a");
    assert_int_equal(a->kind, DOC_SEQ);
    assert_int_equal(a->style, DOC_BLOCK);
    assert_int_equal(a->seq.p[0]->style, DOC_SINGLE);
    assert_int_equal(a->seq.p[1]->style, DOC_FLOW);
    assert_int_equal(doc_get(jobs, "b")->kind, DOC_NULL);
    assert_at(r, a->span, "- 'x'\n    - [1, {k: \"v\"}]");
    assert_at(r, a->seq.p[0]->span, "'x'");
    assert_at(r, a->seq.p[1]->span, "[1, {k: \"v\"}]");
    assert_at(r, jobs->span, "a:\n    - 'x'\n    - [1, {k: \"v\"}]\n  b:");
    assert_null(doc_get(root, "On"));
    assert_null(doc_get(a, "k"));
    assert_null(doc_get(NULL, "k"));
}

static void scalars_are_kept_as_written(void **state)
{
    struct room *r = *state;
    struct doc_node *root =
        read_ok(r, "a: ~\nb: 3.10\nc: ''\nd: !!str 12\ne: !!str\nf: \"a\\u00e9\\0b\"\n<<: x\na: 2\n");
    assert_true(str_is(doc_get(root, "a")->text, "~"));
    assert_int_equal(doc_get(root, "a")->kind, DOC_SCALAR);
    assert_true(str_is(doc_get(root, "b")->text, "3.10"));
    assert_int_equal(doc_get(root, "c")->kind, DOC_SCALAR);
    assert_true(str_is(doc_get(root, "d")->tag, "tag:yaml.org,2002:str"));
    assert_at(r, doc_get(root, "d")->span, "12");
    assert_int_equal(doc_get(root, "e")->kind, DOC_SCALAR);
    assert_int_equal(doc_get(root, "f")->text.n, 5);
    assert_memory_equal(doc_get(root, "f")->text.p, "a\xc3\xa9\0b", 5);
    /* Merge keys are keys, duplicates are kept. */
    assert_true(str_is(doc_get(root, "<<")->text, "x"));
    assert_int_equal(root->map.n, 8);
}

static void offsets_are_bytes_behind_wide_text_and_a_mark(void **state)
{
    struct room *r = *state;
    struct doc_node *root = read_ok(r, "\xEF\xBB\xBFñame: 漢字\r\nk: [\"é\", v] # ü\r\nlast: x\r\n");
    assert_at(r, root->map.p[0].key->span, "ñame");
    assert_at(r, doc_get(root, "ñame")->span, "漢字");
    assert_at(r, doc_get(root, "k")->seq.p[1]->span, "v");
    assert_at(r, doc_get(root, "last")->span, "x");
    struct place place = sources_place(r->sources, root->map.p[0].key->span);
    assert_int_equal(place.column, 1);
}

static void empty_documents_are_null(void **state)
{
    struct room *r = *state;
    const char *texts[] = {"", "# only a comment\n", "---\n", "\n\n", "---\n...\n", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(read_ok(r, texts[i])->kind, DOC_NULL);
}

static void aliases_are_copies(void **state)
{
    struct room *r = *state;
    struct doc_node *root = read_ok(r, "a: &x !!map {k: [1, 2]}\nb: *x\nc: &x new\nd: *x\n*x : key\n");
    struct doc_node *a = doc_get(root, "a"), *b = doc_get(root, "b");
    assert_ptr_not_equal(a, b);
    assert_ptr_not_equal(doc_get(a, "k"), doc_get(b, "k"));
    assert_true(str_is(a->anchor, "x"));
    assert_int_equal(b->anchor.n, 0);
    assert_at(r, a->span, "{k: [1, 2]}");
    assert_at(r, b->span, "{k: [1, 2]}");
    assert_at(r, b->alias, "*x");
    assert_int_equal(a->alias.file, 0);
    assert_at(r, doc_get(b, "k")->seq.p[1]->span, "2");
    assert_at(r, doc_get(b, "k")->seq.p[1]->alias, "*x");
    assert_true(str_is(doc_get(root, "d")->text, "new"));
    assert_true(str_is(doc_get(root, "new")->text, "key"));
}

static void spans_leave_properties_out(void **state)
{
    struct room *r = *state;
    struct doc_node *root =
        read_ok(r, "a: !<tag:yaml.org,2002:str> &x  # why\n  text\nb: &y\n  - 1\nc: &z k\n&q d: 1\n");
    assert_at(r, doc_get(root, "a")->span, "text");
    assert_at(r, doc_get(root, "b")->span, "- 1");
    assert_at(r, doc_get(root, "c")->span, "k");
    assert_at(r, root->map.p[3].key->span, "d");
    assert_true(str_is(root->map.p[3].key->anchor, "q"));
}

static void broken_aliases_are_errors(void **state)
{
    struct room *r = *state;
    read_text(r, "a: 1\nb: *nope\nc: *neither\n");
    assert_diag(r, "2:4 YA003 no anchor '&nope' stands before this alias");
    assert_int_equal(r->diags.n, 2);
    assert_int_equal(doc_get(r->root, "b")->kind, DOC_NULL);
    read_text(r, "a: &x\n  b: *x\n");
    assert_diag(r, "2:6 YA003 the alias '*x' stands inside the value that '&x' names");
    read_str(r, STR("a: &x 1\nb: *x\n"), (struct yaml_limits){.no_anchors = true});
    assert_diag(r, "1:4 YA006 anchors are not supported in this file: remove the anchor 'x'");
    assert_int_equal(r->diags.n, 1);
}

static void laughs_end_at_the_limit(void **state)
{
    struct room *r = *state;
    struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        buf_printf(&b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            buf_printf(&b, "*a%d, ", i - 1);
        buf_add_cstr(&b, "]\n");
    }
    assert_null(read_str(r, buf_str(&b), YAML_LIMITS));
    assert_diag(r, "5:35 YA004 the document has more than 50000 values, those of aliases counted");
    assert_true(arena_used(r->arena) < (size_t)64 << 20);
    buf_done(&b);
}

static void depth_is_limited(void **state)
{
    struct room *r = *state;
    struct yaml_limits three = {.depth = 3};
    assert_non_null(read_str(r, STR("[[[1]]]"), three));
    assert_null(read_str(r, STR("[[[[1]]]]"), three));
    assert_diag(r, "1:4 YA004 values are nested more than 3 deep");
    assert_null(read_str(r, STR("a: &x [[1]]\nb: {c: *x}\n"), three));
    assert_diag(r, "2:8 YA004 values are nested more than 3 deep");
    char deep[100001];
    memset(deep, '[', 100000);
    deep[100000] = 0;
    assert_null(read_text(r, deep));
    assert_diag(r, "1:51 YA004 values are nested more than 50 deep");
    for (size_t i = 0; i < 100000; i++)
        deep[i] = "- "[i % 2];
    assert_null(read_str(r, str_from(deep), (struct yaml_limits){.depth = 1000000}));
    assert_diag(r, "1:2001 YA004 values are nested more than 1000 deep");
}

static void size_is_limited_before_reading(void **state)
{
    struct room *r = *state;
    assert_null(read_str(r, STR("a: \xff"), (struct yaml_limits){.max_bytes = 3}));
    assert_diag(r, "1:1 YA004 the file has 4 bytes; at most 3 are read");
    assert_non_null(read_str(r, STR("a: b"), (struct yaml_limits){.max_bytes = 4}));
}

static void bytes_are_checked_first(void **state)
{
    struct room *r = *state;
    assert_null(read_str(r, STR("a: b\nc: \xff\n"), YAML_LIMITS));
    assert_diag(r, "2:4 SL002 the file is not UTF-8: byte 0xff does not belong here");
    assert_null(read_str(r, STR("a: b\nc\0\xff"), YAML_LIMITS));
    assert_diag(r, "2:2 SL002 the file has a NUL byte here: it is not a text file");
    assert_null(read_str(r, STR("\xFF\xFEo\0n\0"), YAML_LIMITS));
    assert_hint(r, "the file looks like UTF-16: save it as UTF-8");
    assert_null(read_text(r, "é: \x01\n"));
    assert_diag(r, "1:4 YA001 control characters are not allowed (U+0001)");
}

static void documents_are_one(void **state)
{
    struct room *r = *state;
    assert_non_null(read_text(r, "a: 1\n---\nb: 2\n"));
    assert_diag(r, "2:1 YA002 a second YAML document begins here");
    read_ok(r, "%YAML 1.2\n---\na: 1\n...\n");
}

static void keys_are_scalars(void **state)
{
    struct room *r = *state;
    assert_non_null(read_text(r, "a: {{ x }}\nb: 1\n"));
    assert_diag(r, "1:5 YA005 a mapping key must be plain text, not a mapping");
    assert_hint(r, "put quotes around a value that begins with '{{'");
    assert_int_equal(doc_get(r->root, "a")->map.n, 0);
    assert_true(str_is(doc_get(r->root, "b")->text, "1"));
    read_text(r, "? [a]\n: 1\n");
    assert_diag(r, "1:3 YA005 a mapping key must be plain text, not a sequence");
}

static void mistakes_are_told_in_words(void **state)
{
    struct room *r = *state;
    static const char *const cases[][2] = {
        {"a:\n\t- b\n", "2:1 YA001 a tab cannot indent a line"},
        {"a: b: c\n", "1:5 YA001 a ':' is not allowed here"},
        {"a: 1\nb\nc: 2\n", "2:1 YA001 this line is neither 'key: value' nor part of the value before it"},
        {"é: [1, 2\nb: 3\n",
         "2:2 YA001 a ',' or the closing ']' was expected here, in the sequence that begins on line 1"},
        {"a: 1\nb:\n  c: 1\n d: 2\n", "4:2 YA001 a key was expected here, in the mapping that begins on line 1"},
        {"a:\n  - 1\n - 2\n", "3:2 YA001 a key was expected here, in the mapping that begins on line 1"},
        {"a: 'x\nb: 1\n", "1:4 YA001 this quote is never closed"},
        {"p:\n  - *.py\n", "2:5 YA001 a '*' begins an alias, but no name follows"},
        {"a: @x\n", "1:4 YA001 a plain value cannot begin with '@'"},
        {"a: \"\\d\"\n", "1:5 YA001 this is no escape that a double-quoted value knows"},
        {"a: !x!y z\n", "1:4 YA001 this tag's prefix is not defined"},
        {"a: 1\n- b\n", "2:1 YA001 a key was expected here, in the mapping that begins on line 1"},
        {"'a'\nb: 1\n", "2:1 YA001 the document has ended before this line"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_null(read_text(r, cases[i][0]));
        assert_diag(r, cases[i][1]);
    }
}

/* In `text`, the scalar at key k; every needle of its resolved text must be found where it stands in the source. */
static void check_inside(struct room *r, const char *text, const char *needle, const char *want, unsigned line,
                         unsigned column)
{
    struct doc_node *k = doc_get(read_ok(r, text), "k");
    ssize_t i = str_find(k->text, str_from(needle));
    assert_true(i >= 0);
    struct span span = doc_span_in(r->sources, k, (size_t)i, strlen(needle));
    assert_at(r, span, want);
    struct place place = sources_place(r->sources, span);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void texts_are_found_in_plain_and_quoted_scalars(void **state)
{
    struct room *r = *state;
    check_inside(r, "é: 1\nk: a ${{ é }} b\n", "${{ é }}", "${{ é }}", 2, 6);
    check_inside(r, "k: one\n   two  \n\n  three x\n", "three", "three", 4, 3);
    check_inside(r, "k: one\n   two\n\n  three x\n", "two", "two", 2, 4);
    check_inside(r, "k: 'it''s here'\n", "here", "here", 1, 11);
    check_inside(r, "k: 'it''s'\n", "'s", "''s", 1, 7);
    check_inside(r, "k: \"\\\"\\u00e9\\x41\\n\\tfind\"\n", "find", "find", 1, 21);
    check_inside(r, "k: \"\\u00e9x\"\n", "é", "\\u00e9", 1, 5);
    check_inside(r, "k: \"a\\\n    \\  b\n\n  find\"\n", "find", "find", 4, 3);
    check_inside(r, "k: &x !!str \"find\"\n", "find", "find", 1, 14);
    check_inside(r, "k: 'a\r\n  b\r\n\r\n  find'\r\n", "find", "find", 4, 3);
}

static void texts_are_found_in_block_scalars(void **state)
{
    struct room *r = *state;
    check_inside(r, "k: |\n  one\n    two\n  find x\n", "find", "find", 4, 3);
    check_inside(r, "k: |\n  one\n    two\n  find x\n", "  two", "  two", 3, 3);
    check_inside(r, "k: |2-  # c\n    one\n\n  find\n\n\n", "find", "find", 4, 3);
    check_inside(r, "k: |\n\n\n  é\n \n  find", "find", "find", 6, 3);
    check_inside(r, "k: |\r\n  one\r\n  find\r\n", "find", "find", 3, 3);
    check_inside(r, "k: &a !!str |\n one\n find\n", "find", "find", 3, 2);
    check_inside(r, "k: >\n  one\n  two\n\n  three\n    more\n\n    more2\n  find\n", "find", "find", 9, 3);
    check_inside(r, "k: >\n  one\n  two\n\n  three\n    more\n  find\n", "more", "more", 6, 5);
    check_inside(r, "k: >-\n\n  one\n  find\nz: 1\n", "find", "find", 4, 3);
}

static void the_end_of_a_text_has_a_place(void **state)
{
    struct room *r = *state;
    struct doc_node *k = doc_get(read_ok(r, "k: abc\n"), "k");
    struct span end = doc_span_in(r->sources, k, 3, 5);
    assert_int_equal(end.off, 6);
    assert_int_equal(end.len, 0);
    assert_int_equal(doc_span_in(r->sources, k, 99, 5).off, 6);
    k = doc_get(read_ok(r, "k: ''\n"), "k");
    assert_int_equal(doc_span_in(r->sources, k, 0, 0).off, 4);
    k = doc_get(read_ok(r, "k: |\n  ab\n"), "k");
    assert_at(r, k->span, "|\n  ab");
    assert_int_equal(k->line_off, 5);
    assert_at(r, doc_span_in(r->sources, k, 0, 2), "ab");
    struct doc_node *copy = doc_get(read_ok(r, "a: &x abc\nk: *x\n"), "k");
    assert_at(r, doc_span_in(r->sources, copy, 1, 2), "bc");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_a_tree),
        TEST(scalars_are_kept_as_written),
        TEST(offsets_are_bytes_behind_wide_text_and_a_mark),
        TEST(empty_documents_are_null),
        TEST(aliases_are_copies),
        TEST(spans_leave_properties_out),
        TEST(broken_aliases_are_errors),
        TEST(laughs_end_at_the_limit),
        TEST(depth_is_limited),
        TEST(size_is_limited_before_reading),
        TEST(bytes_are_checked_first),
        TEST(documents_are_one),
        TEST(keys_are_scalars),
        TEST(mistakes_are_told_in_words),
        TEST(texts_are_found_in_plain_and_quoted_scalars),
        TEST(texts_are_found_in_block_scalars),
        TEST(the_end_of_a_text_has_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
