#include "core/base.h"
#include "core/buf.h"
#include "provider/cloudbuild/gb_trigger_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* A work tree of a few files. */
struct tree {
    struct arena *a;
    struct sources *sources;
    struct facts facts;
    struct diags d;
    struct {
        const char *path, *text;
        uint32_t source;
    } files[4];
};

static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct tree *t = ctx;
    for (size_t i = 0; i < ARRAY_LEN(t->files) && t->files[i].path; i++) {
        if (!str_is(q->path, t->files[i].path))
            continue;
        if (!t->files[i].source)
            t->files[i].source = sources_add(t->sources, q->path, str_from(t->files[i].text));
        *ret = (struct file_found){.source = t->files[i].source, .sources = t->sources};
        return 0;
    }
    return err_set(e, ENOENT, "there is no %.*s", STR_ARG(q->path));
}

static int list_files(void *ctx, struct arena *a, struct str folder, struct strs *ret)
{
    struct tree *t = ctx;
    assert_true(str_is(folder, "deploy"));
    for (size_t i = 0; i < ARRAY_LEN(t->files) && t->files[i].path; i++)
        if (str_starts(str_from(t->files[i].path), STR("deploy/")))
            vec_push_in(a, ret, str_from(t->files[i].path + strlen("deploy/")));
    return 0;
}

static int setup(void **state)
{
    struct tree *t = mem_alloc(sizeof *t);
    *t = (struct tree){.a = arena_new(), .sources = sources_new()};
    diags_init(&t->d, t->a, t->sources);
    t->facts.read_file = read_file;
    t->facts.list_files = list_files;
    t->facts.read_ctx = t;
    t->facts.repo.owner = STR("octo");
    t->facts.repo.name = STR("demo");
    t->facts.change.event = STR("push");
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct tree *t = *state;
    sources_free(t->sources);
    arena_free(t->a);
    free(t);
    return 0;
}

/* ---- verdicts ---- */

#define TRIGGER "name: t\nfilename: cloudbuild.yaml\n"

/* Reads the only trigger there is, asks for a verdict: "yes|no why [text of the rule]". */
static void check(void **state, const char *trigger, const char *want)
{
    struct tree *t = *state;
    struct gb_triggers list;
    struct verdict v;
    t->files[0].path = "deploy/cloudbuild-trigger.yaml";
    t->files[0].text = trigger;
    t->files[0].source = 0;
    t->files[1].path = "cloudbuild.yaml";
    t->files[1].text = "";
    t->d.n = t->d.errors = 0;
    gb_triggers_read(t->a, &t->facts, &t->d, &list);
    if (t->d.errors)
        fail_msg("%.*s", STR_ARG(t->d.p[0].message));
    assert_int_equal(list.n, 1);
    gb_verdict(t->a, &list.p[0], &t->facts, &v);
    struct str rule =
        v.rule.file ? str_sub(sources_text(t->sources, v.rule.file), v.rule.off, v.rule.off + v.rule.len) : STR("-");
    if (rule.n > 40)
        rule = STR("...");
    struct str got = arena_printf(t->a, "%s %.*s [%.*s]", v.starts ? "yes" : "no", STR_ARG(v.why), STR_ARG(rule));
    assert_string_equal(got.p, want);
}

static void push_to(void **state, const char *branch)
{
    struct tree *t = *state;
    t->facts.change = (struct change){.event = STR("push"), .branch = str_from(branch)};
}

static void patterns_of_branches_are_searched_for(void **state)
{
    push_to(state, "barfoo");
    check(state, TRIGGER "github: {push: {branch: foo}}", "yes push to barfoo matches 'foo' [foo]");
    check(state, TRIGGER "github: {push: {branch: ^foo$}}", "no push to barfoo does not match '^foo$' [^foo$]");
    check(state, TRIGGER "github: {push: {branch: ^foo$, invertRegex: true}}",
          "yes push to barfoo does not match '^foo$', which invertRegex turns round [^foo$]");
    check(state, TRIGGER "github: {push: {branch: foo, invert_regex: true}}",
          "no push to barfoo matches 'foo', which invertRegex turns round [foo]");
    check(state, TRIGGER "repository_event_config: {push: {branch: .*}}", "yes push to barfoo matches '.*' [.*]");
    check(state, TRIGGER "triggerTemplate: {repoName: x, branchName: bar}", "yes push to barfoo matches 'bar' [bar]");
    check(state, TRIGGER "github: {push: {tag: .*}}", "no starts on pushes of tags, not on push to barfoo [.*]");
    check(state, TRIGGER "github: {push: {branch: '(a+)+$'}}", "no push to barfoo does not match '(a+)+$' ['(a+)+$']");
    push_to(state, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    check(state, TRIGGER "github: {push: {branch: '^(a+)+$'}}",
          "no push to aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!: the search for '^(a+)+$' takes too long "
          "['^(a+)+$']");
}

static void tags_have_patterns_of_their_own(void **state)
{
    struct tree *t = *state;
    t->facts.change = (struct change){.event = STR("push"), .tag = STR("v1.2")};
    check(state, TRIGGER "github: {push: {tag: '^v\\d+'}}", "yes push of tag v1.2 matches '^v\\d+' ['^v\\d+']");
    check(state, TRIGGER "github: {push: {branch: .*}}",
          "no starts on pushes of branches, not on push of tag v1.2 [.*]");
}

static void other_starts_are_told(void **state)
{
    struct tree *t = *state;
    push_to(state, "main");
    check(state, TRIGGER "disabled: true\ngithub: {push: {branch: .*}}", "no the trigger is disabled [...]");
    check(state, TRIGGER "pubsubConfig: {topic: t}",
          "no starts on what 'pubsubConfig' sends, not on push to main [...]");
    check(state, TRIGGER "webhookConfig: {secret: s}",
          "no starts on what 'webhookConfig' sends, not on push to main [...]");
    check(state, TRIGGER, "no starts by hand, not on push to main [name: t\nfilename: cloudbuild.yaml]");
    check(state, TRIGGER "filter: x\napprovalConfig: {approvalRequired: true}\ngithub: {push: {branch: ^main$}}",
          "yes push to main matches '^main$' (its filter is not evaluated; at the service it waits for an approval) "
          "[^main$]");
    t->facts.change.deleted = true;
    check(state, TRIGGER "github: {push: {branch: .*}}", "no push to main deletes it [...]");
    t->facts.change = (struct change){.event = STR("schedule")};
    check(state, TRIGGER "github: {push: {branch: .*}}", "no starts on pushes of branches, not on schedule [.*]");
}

static void what_is_not_declared_starts_on_pushes(void **state)
{
    struct tree *t = *state;
    struct gb_trigger none = {0};
    struct verdict v;
    push_to(state, "main");
    gb_verdict(t->a, &none, &t->facts, &v);
    assert_true(v.starts);
    assert_true(str_is(v.why, "push to main; no trigger is declared, and one on every push is assumed"));
    t->facts.change.event = STR("pull_request");
    gb_verdict(t->a, &none, &t->facts, &v);
    assert_false(v.starts);
}

/* ---- pull requests ---- */

static void payload(struct tree *t, const char *json)
{
    assert_int_equal(value_from_json(t->a, str_from(json), MAP_NOCASE, &t->facts.payload, NULL), 0);
}

#define PULL(control) TRIGGER "github: {pullRequest: {branch: ^main$, commentControl: " control "}}"

static void pull_requests_are_judged_by_their_base(void **state)
{
    struct tree *t = *state;
    t->facts.change = (struct change){.event = STR("pull_request"), .branch = STR("topic"), .base = STR("main")};
    check(state, TRIGGER "github: {pullRequest: {branch: ^main$}}",
          "yes pull_request into main matches '^main$' [^main$]");
    check(state, TRIGGER "github: {pull_request: {branch: ^topic$}}",
          "no pull_request into main does not match '^topic$' [^topic$]");
    check(state, TRIGGER "github: {push: {branch: ^main$}}",
          "no starts on pushes of branches, not on pull_request [^main$]");
    t->facts.change.action = STR("closed");
    check(state, PULL("COMMENTS_DISABLED"), "no the activity 'closed' of pull_request does not start it [...]");
}

static void comments_are_waited_for(void **state)
{
    struct tree *t = *state;
    t->facts.change = (struct change){.event = STR("pull_request"), .base = STR("main"), .action = STR("opened")};
    check(state, PULL("COMMENTS_DISABLED"), "yes pull_request into main matches '^main$' [^main$]");
    check(state, PULL("COMMENTS_ENABLED"),
          "no pull_request into main waits until somebody who may write comments /gcbrun [COMMENTS_ENABLED]");
    check(state, PULL("COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"),
          "yes pull_request into main matches '^main$' (its author is taken for one who may write) [^main$]");
    payload(t, "{\"pull_request\":{\"author_association\":\"NONE\",\"body\":\"/gcbrun\"}}");
    check(state, PULL("COMMENTS_ENABLED"),
          "no pull_request into main waits until somebody who may write comments /gcbrun [COMMENTS_ENABLED]");
    check(state, PULL("COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"),
          "no pull_request into main of an outsider waits until somebody who may write comments /gcbrun [...]");
    payload(t, "{\"pull_request\":{\"author_association\":\"MEMBER\",\"body\":\"please\\n/gcbrun\"}}");
    check(state, PULL("COMMENTS_ENABLED"), "yes pull_request into main matches '^main$' [^main$]");
    check(state, PULL("COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"),
          "yes pull_request into main matches '^main$' [^main$]");
}

static void a_comment_starts_a_build(void **state)
{
    struct tree *t = *state;
    t->facts.change = (struct change){.event = STR("issue_comment"), .action = STR("created")};
    check(state, PULL("COMMENTS_ENABLED"),
          "no a comment starts it when it says /gcbrun (-e FILE tells which one) [COMMENTS_ENABLED]");
    payload(t, "{\"comment\":{\"body\":\"ok, /gcbrun\"},\"issue\":{\"pull_request\":{}}}");
    check(state, PULL("COMMENTS_DISABLED"),
          "yes the comment /gcbrun (the base branch is not known and not compared) [COMMENTS_DISABLED]");
    t->facts.change.base = STR("dev");
    check(state, PULL("COMMENTS_DISABLED"), "no the comment /gcbrun does not match '^main$' [^main$]");
    payload(t, "{\"comment\":{\"body\":\"ok\"},\"issue\":{\"pull_request\":{}}}");
    check(state, PULL("COMMENTS_ENABLED"), "no the comment does not say /gcbrun [COMMENTS_ENABLED]");
    payload(t, "{\"comment\":{\"body\":\"/gcbrun\",\"author_association\":\"NONE\"},\"issue\":{\"pull_request\":{}}}");
    check(state, PULL("COMMENTS_ENABLED"),
          "no the comment says /gcbrun, but its author may not write [COMMENTS_ENABLED]");
    payload(t, "{\"comment\":{\"body\":\"/gcbrun\"},\"issue\":{}}");
    check(state, PULL("COMMENTS_ENABLED"), "no the comment is not on a pull request [COMMENTS_ENABLED]");
    check(state, TRIGGER "github: {push: {branch: .*}}", "no starts on pushes of branches, not on issue_comment [.*]");
}

/* ---- files ---- */

static void files(void **state, const char *one, const char *two)
{
    struct tree *t = *state;
    struct change *c = &t->facts.change;
    push_to(state, "main");
    c->files_known = true;
    if (one)
        vec_push_in(t->a, &c->files, str_from(one));
    if (two)
        vec_push_in(t->a, &c->files, str_from(two));
}

#define PUSH TRIGGER "github: {push: {branch: ^main$}}\n"

static void files_are_ignored_then_included(void **state)
{
    const char *both = PUSH "ignoredFiles: ['**/*.md', docs/**]\nincludedFiles: [src/**]";
    files(state, "README.md", "docs/a/b.txt");
    check(state, PUSH "ignoredFiles: ['**/*.md', docs/**]",
          "no push to main changes only files that 'ignoredFiles' names ['**/*.md']");
    check(state, both, "no push to main changes only files that 'ignoredFiles' names ['**/*.md']");
    files(state, "README.md", "src/a.c");
    check(state, PUSH "ignoredFiles: ['**/*.md']",
          "yes push to main changes 'src/a.c', which 'ignoredFiles' does not name ['**/*.md']");
    check(state, both, "yes push to main changes 'src/a.c', which 'src/**' includes [src/**]");
    files(state, "src/a.md", "test/a.c");
    check(state, both, "no push to main changes no file that 'includedFiles' names [src/**]");
    files(state, NULL, NULL);
    check(state, PUSH, "yes push to main matches '^main$' [^main$]");
    check(state, PUSH "ignored_files: [x]", "no push to main changes only files that 'ignoredFiles' names [x]");
    push_to(state, "main");
    check(state, both,
          "yes push to main matches '^main$' (includedFiles and ignoredFiles not applied: the changed files are not "
          "known) [^main$]");
}

static bool glob(struct arena *a, const char *pattern, const char *path)
{
    struct gb_file_glob *g;
    size_t at;
    struct err e = {0};
    if (gb_file_glob_compile(a, str_from(pattern), &g, &at, &e) < 0)
        fail_msg("'%s': %s", pattern, e.text);
    return gb_file_glob_match(g, str_from(path));
}

/* Those without ** are of Go's documentation and of how its matcher is known to behave. */
static void globs_are_those_of_go(void **state)
{
    static const struct {
        const char *pattern, *yes[4], *no[4];
    } v[] = {
        {"abc", {"abc"}, {"ab", "abcd", "ABC"}},
        {"*", {"abc", ""}, {"a/b"}},
        {"*c", {"abc", "c"}, {"abcd"}},
        {"a*/b", {"a/b", "abc/b"}, {"a/c/b"}},
        {"a*b*c*d*e*/f", {"axbxcxdxexxx/f"}, {"axbxcxdxexxx/fff"}},
        {"a*b?c*x", {"abxbbxdbxebxczzx"}, {"abxbbxdbxebxczzy"}},
        {"ab[c]", {"abc"}, {"ab"}},
        {"ab[b-d]", {"abc"}, {"abe", "ab-"}},
        {"ab[^b-d]", {"abe"}, {"abc", "ab/"}},
        {"a?b",
         {"axb", "a\xe2\x98\xba"
                 "b"},
         {"a/b", "axxb"}},
        {"a[^a]b",
         {"a\xe2\x98\xba"
          "b"},
         {"aab"}},
        {"a\\*b", {"a*b"}, {"axb"}},
        {"[\\]a]", {"]", "a"}, {"\\"}},
        {"[\\-x]", {"-", "x"}, {"a"}},
        {"src/**", {"src/a", "src/a/b.c", "src/"}, {"src", "xsrc/a"}},
        {"**/*.md", {"README.md", "a/b/c.md"}, {"a.mdx", "a/b"}},
        {"a/**/b", {"a/b", "a/x/b", "a/x/y/b"}, {"a/xb", "ab"}},
        {"**", {"", "a/b/c"}, {NULL}},
        {"a**b", {"ab", "a/x/b"}, {"ba"}},
        {"**/**/x", {"x", "a/x", "a/b/x"}, {"ax"}},
        {"x**/y", {"x/y", "xa/b/y"}, {"y"}},
    };
    struct tree *t = *state;
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        for (size_t k = 0; k < 4 && v[i].yes[k]; k++)
            if (!glob(t->a, v[i].pattern, v[i].yes[k]))
                fail_msg("'%s' must match '%s'", v[i].pattern, v[i].yes[k]);
        for (size_t k = 0; k < 4 && v[i].no[k]; k++)
            if (glob(t->a, v[i].pattern, v[i].no[k]))
                fail_msg("'%s' must not match '%s'", v[i].pattern, v[i].no[k]);
    }
}

static void bad_globs_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *pattern;
        size_t at;
        const char *want;
    } v[] = {
        {"", 0, "the pattern is empty"},
        {"a[", 1, "the '[' is not closed"},
        {"a[b", 1, "the '[' is not closed"},
        {"a\\", 1, "a '\\' at the end escapes nothing"},
        {"[]a]", 1, "'-' and ']' must be escaped within brackets"},
        {"[-]", 1, "'-' and ']' must be escaped within brackets"},
        {"[a-]", 3, "'-' and ']' must be escaped within brackets"},
        {"[x-", 3, "'-' and ']' must be escaped within brackets"},
    };
    struct tree *t = *state;
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        struct gb_file_glob *g = NULL;
        struct err e = {0};
        size_t at = 99;
        assert_int_equal(gb_file_glob_compile(t->a, str_from(v[i].pattern), &g, &at, &e), -EINVAL);
        assert_string_equal(e.text, v[i].want);
        assert_int_equal(at, v[i].at);
    }
}

static void globs_take_linear_time(void **state)
{
    struct tree *t = *state;
    CLEAN(buf) struct buf pattern = BUF(BUF_LINE), path = BUF(BUF_TEXT);
    for (int i = 0; i < 200; i++)
        buf_add_cstr(&pattern, i % 2 ? "**/" : "a*");
    buf_add_rep(&path, 'a', 2000);
    assert_false(glob(t->a, buf_cstr(&pattern), buf_cstr(&path)));
}

/* ---- files of triggers ---- */

static void configs_are_named_once_and_only_those_there(void **state)
{
    struct tree *t = *state;
    struct strs named = {0};
    t->files[0].path = "deploy/cloudbuild-trigger-a.json";
    t->files[0].text =
        "[{\"name\": \"a\", \"filename\": \"/ci/cb.yaml\", \"github\": {\"push\": {\"tag\": \"^v\"}}},"
        " {\"name\": \"b\", \"filename\": \"./ci/cb.yaml\"}, {\"name\": \"c\", \"filename\": \"no.yaml\"},"
        " {\"name\": \"d\", \"filename\": \"../up.yaml\"}]";
    t->files[1].path = "deploy/cloudbuild-trigger.yaml";
    t->files[1].text = "build: {steps: [{name: bash}]}";
    t->files[2].path = "ci/cb.yaml";
    t->files[2].text = "";
    t->files[3].path = "deploy/other.yaml";
    t->files[3].text = "a: [";
    gb_triggers_named(t->a, &t->facts, &named);
    assert_int_equal(named.n, 2);
    assert_true(str_is(named.p[0], "ci/cb.yaml"));
    assert_true(str_is(named.p[1], "deploy/cloudbuild-trigger.yaml"));
    struct gb_triggers list;
    gb_triggers_read(t->a, &t->facts, NULL, &list);
    assert_int_equal(list.n, 5);
    assert_true(str_is(list.p[4].file, "deploy/cloudbuild-trigger.yaml"));
    assert_true(gb_is_trigger_file(STR("deploy/cloudbuild-trigger_x.yml")));
    assert_false(gb_is_trigger_file(STR("cloudbuild-trigger.yaml")));
    assert_false(gb_is_trigger_file(STR("deploy/cloudbuild-trigger.txt")));
    t->facts.list_files = NULL;
    gb_triggers_read(t->a, &t->facts, NULL, &list);
    assert_int_equal(list.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(patterns_of_branches_are_searched_for),
        TEST(tags_have_patterns_of_their_own),
        TEST(other_starts_are_told),
        TEST(what_is_not_declared_starts_on_pushes),
        TEST(pull_requests_are_judged_by_their_base),
        TEST(comments_are_waited_for),
        TEST(a_comment_starts_a_build),
        TEST(files_are_ignored_then_included),
        TEST(globs_are_those_of_go),
        TEST(bad_globs_are_refused_with_their_place),
        TEST(globs_take_linear_time),
        TEST(configs_are_named_once_and_only_those_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
