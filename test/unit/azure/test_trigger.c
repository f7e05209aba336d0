/* Would a change start the pipeline: branches, tags, paths, pull requests, schedules (specification 3.2). */
#include "plan_load.h"

static void test_patterns(void **state)
{
    UNUSED(state);
    static const struct {
        const char *pattern, *name;
        bool matches;
    } all[] = {{"main", "main", true},
               {"main", "Main", false},
               {"main", "main2", false},
               {"*", "a/b", true},
               {"releases/*", "releases/1/x", true},
               {"releases/*", "releases", false},
               {"releases/*", "releases/", true},
               {"*/x", "a/b/x", true},
               {"v?.0", "v1.0", true},
               {"v?.0", "v10.0", false},
               {"v[0-9]*", "v1.0", false},
               {"v[0-9]*", "v[0-9]x", true},
               {"a*b*c", "aXXbYYbc", true},
               {"", "", true},
               {"", "x", false},
               {"**", "", true}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        assert_int_equal(az_pattern_matches(str_from(all[i].pattern), str_from(all[i].name)), all[i].matches);
}

static void test_paths(void **state)
{
    UNUSED(state);
    static const struct {
        const char *pattern, *path;
        bool matches;
        unsigned depth;
    } all[] = {{"src", "src/a/b.c", true, 1},         {"src/", "src/a.c", true, 1}, {"src/*", "src/a/b.c", true, 1},
               {"src", "src2/a.c", false, 1},         {"*", "a/b", true, 0},        {"src/a", "src/a/b.c", true, 2},
               {"docs/*.md", "docs/x/y.md", true, 2}, {"*.md", "x.md", true, 1},    {"/src", "src/a.c", false, 2},
               {"README.md", "README.md", true, 1},   {"/", "x", true, 0},          {"", "x", false, 0}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        unsigned depth;
        assert_int_equal(az_path_matches(str_from(all[i].pattern), str_from(all[i].path), &depth), all[i].matches);
        assert_int_equal(depth, all[i].depth);
    }
}

static void test_cron(void **state)
{
    UNUSED(state);
    static const char *const good[] = {"0 0 * * *", "*/5 0-6,12 1 jan-mar mon,Friday", "30 1 1-7/2 * 0",
                                       " 0  0 * * 6 "};
    static const struct {
        const char *line, *why;
    } bad[] = {{"0 25 * * *", "'25' is no hour"},
               {"0 0 * *", "it needs five fields and has 4"},
               {"0 0 * * * *", "it needs five fields and has 6"},
               {"0 0 0 * *", "'0' is no day of the month"},
               {"0 0 * 13 *", "'13' is no month"},
               {"5-1 0 * * *", "'5-1' is no minute"},
               {"*/0 0 * * *", "'*/0' is no minute"},
               {"1, 0 * * *", "'1,' is no minute"},
               {"0 0 * * x", "'x' is no day of the week"}};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(az_cron_check(str_from(good[i]), NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {0};
        assert_int_equal(az_cron_check(str_from(bad[i].line), &e), -EINVAL);
        assert_string_equal(e.text, bad[i].why);
    }
}

struct change_of {
    const char *event, *branch, *tag, *base, *files; /* files: NULL is not known */
};

static void check(const char *triggers, struct change_of c, bool starts, const char *why)
{
    struct load load, *l = &load;
    load_init(l);
    l->facts.change = (struct change){.event = str_from(c.event),
                                      .branch = str_from(c.branch),
                                      .tag = str_from(c.tag),
                                      .base = str_from(c.base),
                                      .files_known = c.files != NULL};
    struct str rest = str_from(c.files), file;
    while (str_next(&rest, ' ', &file))
        vec_push_in(l->a, &l->facts.change.files, file);
    load_plan(l, arena_printf(l->a, "%ssteps: [{script: x}]\n", triggers).p);
    assert_non_null(l->plan);
    assert_text(l->verdict.why, why);
    assert_int_equal(l->verdict.starts, starts);
    load_done(l);
}

static void test_branches(void **state)
{
    UNUSED(state);
    struct change_of main = {"push", "main", "", "", ""}, topic = {"push", "topic/x", "", "", ""};
    check("", main, true, "push to main: without 'trigger' every branch starts it");
    check("trigger: none\n", main, false, "'trigger: none': push to main does not start it");
    check("trigger: [main, rel/*]\n", main, true, "push to main matches 'main'");
    check("trigger: [refs/heads/main]\n", main, true, "push to main matches 'refs/heads/main'");
    check("trigger: [main, rel/*]\n", topic, false, "push to topic/x matches no pattern of 'branches'");
    check("trigger: {branches: {exclude: [topic/*]}}\n", topic, false, "push to topic/x is excluded by 'topic/*'");
    check("trigger: {branches: {exclude: [topic/*]}}\n", main, true, "push to main matches no pattern of 'exclude'");
    check("trigger: {branches: {include: ['*'], exclude: [topic/*]}}\n", topic, false,
          "push to topic/x is excluded by 'topic/*'");
    check("trigger: {batch: true, branches: {include: [main]}}\n", main, true,
          "push to main matches 'main' (with 'batch' the service waits until the run before has ended)");
}

static void test_tags(void **state)
{
    UNUSED(state);
    struct change_of tag = {"push", "", "v1", "", ""}, main = {"push", "main", "", "", ""};
    check("", tag, false, "push of tag v1: no 'trigger' names tags");
    check("trigger: ['*']\n", tag, false, "push of tag v1: only branches start it");
    check("trigger: {tags: {include: [v*]}}\n", tag, true, "push of tag v1 matches 'v*'");
    check("trigger: {tags: {include: [v*], exclude: [v1]}}\n", tag, false, "push of tag v1 is excluded by 'v1'");
    check("trigger: {tags: {include: [v*]}}\n", main, false, "push to main: only tags start it");
    check("trigger: {branches: {include: [main]}, tags: {include: [v*]}}\n", main, true, "push to main matches 'main'");
    check("trigger: [refs/tags/v*]\n", tag, true, "push of tag v1 matches 'refs/tags/v*'");
    check("trigger: [main, refs/tags/x*]\n", tag, false, "push of tag v1 matches no pattern of 'tags'");
    check("trigger: {tags: {include: [v*]}, paths: {include: [src]}}\n", tag, true, "push of tag v1 matches 'v*'");
}

static void test_changed_files(void **state)
{
    UNUSED(state);
    const char *in = "trigger: {paths: {include: [src], exclude: [src/doc]}}\n";
    check(in, (struct change_of){"push", "main", "", "", "README src/a.c"}, true,
          "push to main changes 'src/a.c', which matches 'src'");
    check(in, (struct change_of){"push", "main", "", "", "src/doc/a.md"}, false,
          "push to main changes no file that 'paths' includes");
    check(in, (struct change_of){"push", "main", "", "", NULL}, true,
          "push to main (path filters not applied: the changed files are not known)");
    check("trigger: {paths: {exclude: [docs]}}\n", (struct change_of){"push", "main", "", "", "docs/a"}, false,
          "push to main changes only files that 'paths' excludes");
    check("trigger: {paths: {exclude: [docs]}}\n", (struct change_of){"push", "main", "", "", "docs/a x"}, true,
          "push to main changes 'x', which 'paths' does not exclude");
    check("trigger: {paths: {include: [docs/api], exclude: [docs]}}\n",
          (struct change_of){"push", "main", "", "", "docs/api/x"}, true,
          "push to main changes 'docs/api/x', which matches 'docs/api'");
    check("trigger: {paths: {include: [docs], exclude: [docs]}}\n",
          (struct change_of){"push", "main", "", "", "docs/x"}, false,
          "push to main changes no file that 'paths' includes");
}

static void test_others(void **state)
{
    UNUSED(state);
    struct change_of pull = {"pull_request", "t", "", "main", ""}, timer = {"schedule", "main", "", "", ""};
    check("trigger: none\n", pull, true, "pull_request into main: without 'pr' every target starts it");
    check("pr: none\n", pull, false, "'pr: none': pull_request into main does not start it");
    check("pr: [main]\n", pull, true, "pull_request into main matches 'main'");
    check("pr: [rel/*]\n", pull, false, "pull_request into main matches no pattern of 'branches'");
    check("pr: {branches: {include: [main]}, paths: {exclude: ['*']}}\n",
          (struct change_of){"pull_request", "t", "", "main", "x"}, false,
          "pull_request into main changes only files that 'paths' excludes");
    check("", timer, false, "it has no 'schedules'");
    check("schedules: [{cron: 0 3 * * *, displayName: Nightly, branches: {include: [main]}}]\n", timer, true,
          "the schedule '0 3 * * *' (Nightly) on main matches 'main' (the service waits for a change since the last "
          "such run)");
    check("schedules: [{cron: 0 3 * * *, always: true, branches: {exclude: [main]}}]\n", timer, false,
          "the schedule '0 3 * * *' on main is excluded by 'main'");
    check("trigger: none\n", (struct change_of){"workflow_dispatch", "main", "", "", ""}, true, "a start by hand");
    check("", (struct change_of){"release", "main", "", "", ""}, false,
          "starts on push, pull_request, schedule and by hand, not on release");
}

static void test_of_azure_repos(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    l->facts.repo.remote_url = STR("https://dev.azure.com/octo/demo/_git/demo");
    l->facts.change.event = STR("pull_request");
    l->facts.change.base = STR("main");
    load_plan(l, "pr: none\nsteps: [{script: x}]\n");
    assert_true(l->verdict.starts);
    load_done(l);
}

static void test_message(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    l->facts.repo.message = STR("fix ***NO_CI***");
    l->facts.obey_skip_ci = true;
    load_plan(l, "steps: [{script: x}]\n");
    assert_false(l->verdict.starts);
    assert_text(l->verdict.why, "the commit's message says ***NO_CI***");
    load_done(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_paths),   cmocka_unit_test(test_cron),
        cmocka_unit_test(test_branches), cmocka_unit_test(test_tags),    cmocka_unit_test(test_changed_files),
        cmocka_unit_test(test_others),   cmocka_unit_test(test_message), cmocka_unit_test(test_of_azure_repos)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
