#include "core/base.h"
#include "gh_load.h"

/* Would a push of these files start it? */
static bool starts(const char *on, struct change c, const char *why)
{
    struct load l;
    load_init(&l);
    load_text(&l, on);
    assert_int_equal(l.d.errors, 0);
    struct verdict v;
    gh_verdict(l.a, l.w, &c, &v);
    if (why)
        assert_string_equal(arena_str(l.a, v.why).p, why);
    bool ret = v.starts;
    load_done(&l);
    return ret;
}

#define PUSH(name) ((struct change){.event = STR("push"), .branch = STR(name)})
#define TAG(name) ((struct change){.event = STR("push"), .tag = STR(name)})

static bool files_start(const char *on, struct str file)
{
    struct change c = PUSH("main");
    c.files_known = true;
    c.files = (struct strs){&file, 1, 1};
    return starts(on, c, NULL);
}

static void path_patterns(void **state)
{
    UNUSED(state);
    const char *on = "on:\n  push:\n    paths: ['*.md', '!README.md', 'README*']\n" JOBS;
    assert_true(files_start(on, STR("hello.md")));
    assert_true(files_start(on, STR("README.md")));
    assert_false(files_start(on, STR("docs/hello.md")));
    on = "on:\n  push:\n    paths: ['*.jsx?']\n" JOBS;
    assert_true(files_start(on, STR("page.js")));
    assert_true(files_start(on, STR("page.jsx")));
    on = "on:\n  push:\n    paths-ignore: ['docs/**']\n" JOBS;
    assert_false(files_start(on, STR("docs/a/b.md")));
    assert_true(files_start(on, STR("src/a.c")));
}

static void branch_patterns(void **state)
{
    UNUSED(state);
    const char *on = "on:\n  push:\n    branches: ['releases/**', '!releases/**-alpha']\n" JOBS;
    assert_true(starts(on, PUSH("releases/10"), "push to releases/10 matches 'releases/**'"));
    assert_false(
        starts(on, PUSH("releases/10-alpha"), "push to releases/10-alpha is excluded by '!releases/**-alpha'"));
    assert_false(starts(on, PUSH("main"), "push to main matches no pattern of 'branches'"));
    assert_false(starts(on, TAG("v1"), "push of tag v1: only branches start it"));
}

static void tag_patterns(void **state)
{
    UNUSED(state);
    const char *on = "on:\n  push:\n    tags: ['v[12].[0-9]+.[0-9]+']\n" JOBS;
    assert_true(starts(on, TAG("v1.10.1"), NULL));
    assert_false(starts(on, TAG("v3.0.0"), NULL));
    assert_false(starts(on, PUSH("main"), "push to main: only tags start it"));
}

static void no_filter_takes_all(void **state)
{
    UNUSED(state);
    assert_true(starts("on: push\n" JOBS, PUSH("x"), "push to x"));
    assert_true(starts("on: [push, pull_request]\n" JOBS, TAG("v1"), "push of tag v1"));
    assert_false(starts("on: pull_request\n" JOBS, PUSH("x"), "starts on pull_request, not on push"));
    struct change gone = PUSH("x");
    gone.deleted = true;
    assert_false(starts("on: push\n" JOBS, gone, NULL));
}

static void tags_do_not_look_at_paths(void **state)
{
    UNUSED(state);
    struct change c = TAG("v1");
    c.files_known = true;
    assert_true(starts("on:\n  push:\n    paths: ['*.md']\n" JOBS, c, NULL));
    c = PUSH("main");
    assert_true(starts("on:\n  push:\n    paths: ['*.md']\n" JOBS, c,
                       "push to main (path filters not applied: the changed files are not known)"));
    c.files_known = true;
    assert_false(starts("on:\n  push:\n    paths: ['*.md']\n" JOBS, c, NULL));
}

static void pull_requests_look_at_their_base(void **state)
{
    UNUSED(state);
    struct change c = {.event = STR("pull_request"), .branch = STR("feature"), .base = STR("main")};
    assert_true(
        starts("on:\n  pull_request:\n    branches: [main]\n" JOBS, c, "pull_request into main matches 'main'"));
    assert_false(starts("on:\n  pull_request:\n    branches: [feature]\n" JOBS, c, NULL));
    c.action = STR("labeled");
    assert_false(starts("on: pull_request\n" JOBS, c, "the activity 'labeled' of pull_request does not start it"));
    assert_true(starts("on:\n  pull_request:\n    types: [labeled]\n" JOBS, c, NULL));
}

static void runs_and_groups_look_at_theirs(void **state)
{
    UNUSED(state);
    const char *on = "on:\n  workflow_run:\n    workflows: [Build]\n    branches: [main]\n" JOBS;
    struct change ran = {.event = STR("workflow_run"), .branch = STR("main"), .after = STR("Build")};
    assert_true(starts(on, ran, "workflow_run matches 'main'"));
    ran.after = STR("build");
    assert_false(starts(on, ran, "'workflows' does not name 'build', which ran"));
    ran.after = STR("");
    assert_true(starts(on, ran, "workflow_run matches 'main' (workflows not compared: which one ran is not known)"));
    ran.branch = STR("other");
    assert_false(starts(on, ran, "workflow_run matches no pattern of 'branches'"));
    struct change group = {.event = STR("merge_group"), .branch = STR("queue"), .base = STR("main")};
    assert_true(
        starts("on:\n  merge_group:\n    branches: [main]\n" JOBS, group, "merge_group into main matches 'main'"));
    assert_false(starts("on:\n  merge_group:\n    branches: [queue]\n" JOBS, group, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_patterns),
        cmocka_unit_test(branch_patterns),
        cmocka_unit_test(tag_patterns),
        cmocka_unit_test(no_filter_takes_all),
        cmocka_unit_test(tags_do_not_look_at_paths),
        cmocka_unit_test(pull_requests_look_at_their_base),
        cmocka_unit_test(runs_and_groups_look_at_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
