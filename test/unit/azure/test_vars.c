/* Variables: names, macros, variables within variables, precedence, the predefined ones (specification 6.5, 7.4). */
#include "plan_load.h"

static const char *macros(struct load *l, const struct az_vars *v, const char *text)
{
    return arena_str(l->a, az_macros(l->a, v, str_from(text), NULL)).p;
}

static void set(struct az_vars *v, const char *name, const char *value)
{
    az_vars_set(v, str_from(name), str_from(value), false, false);
}

static void test_names(void **state)
{
    struct load load, *l = &load;
    struct az_vars v;
    UNUSED(state);
    load_init(l);
    az_vars_init(&v, l->a);
    set(&v, "My.Name", "1");
    set(&v, "MY.NAME", "2");
    assert_int_equal(v.map.n, 1);
    assert_text(az_vars_find(&v, STR("my.name"))->name, "My.Name");
    assert_text(az_vars_get(&v, "mY.nAme"), "2");
    assert_null(az_vars_get(&v, "other").p);
    assert_text(az_env_name(l->a, STR("a.b-c d")), "A_B-C_D");
    assert_text(az_get(az_vars_value(l->a, &v), STR("my.NAME"))->text, "2");
    load_done(l);
}

static void test_macros(void **state)
{
    struct load load, *l = &load;
    struct az_vars v;
    bool secret = false;
    UNUSED(state);
    load_init(l);
    az_vars_init(&v, l->a);
    set(&v, "b", "x$(b)");
    set(&v, "ax", "no");
    set(&v, "pwd", "p");
    set(&v, "a b", "blank");
    assert_string_equal(macros(l, &v, "$(B)!"), "x$(b)!");
    assert_string_equal(macros(l, &v, "$(a$(b))"), "$(ax$(b))");
    assert_string_equal(macros(l, &v, "$(none) $( b ) $(pwd) $(a b) $("), "$(none) $( b ) p blank $(");
    az_vars_set(&v, STR("key"), STR("s3cret"), true, false);
    az_macros(l->a, &v, STR("$(pwd)"), &secret);
    assert_false(secret);
    az_macros(l->a, &v, STR("-$(key)-"), &secret);
    assert_true(secret);
    load_done(l);
}

static void test_settling(void **state)
{
    struct load load, *l = &load;
    struct az_vars v;
    UNUSED(state);
    load_init(l);
    az_vars_init(&v, l->a);
    set(&v, "one", "$(two)/$(two)");
    set(&v, "two", "<$(three)>");
    set(&v, "three", "3");
    set(&v, "self", "$(self)");
    set(&v, "ping", "a$(pong)");
    set(&v, "pong", "b$(ping)");
    az_vars_set(&v, STR("key"), STR("k"), true, false);
    set(&v, "url", "http://$(key)@");
    az_vars_settle(&v);
    assert_text(az_vars_get(&v, "one"), "<3>/<3>");
    assert_text(az_vars_get(&v, "self"), "$(self)");
    assert_text(az_vars_get(&v, "ping"), "ab$(ping)");
    assert_text(az_vars_get(&v, "pong"), "ba$(pong)");
    assert_text(az_vars_get(&v, "url"), "http://k@");
    assert_true(az_vars_find(&v, STR("url"))->secret);
    assert_false(az_vars_find(&v, STR("one"))->secret);
    load_done(l);
}

/* Each twice the one before: neither time nor memory may grow without end. */
static void test_growing(void **state)
{
    struct load load, *l = &load;
    struct az_vars v;
    UNUSED(state);
    load_init(l);
    az_vars_init(&v, l->a);
    for (int i = 1; i < 60; i++)
        az_vars_set(&v, arena_printf(l->a, "v%d", i), arena_printf(l->a, "$(v%d)$(v%d)", i - 1, i - 1), false, false);
    set(&v, "v0", "");
    az_vars_settle(&v);
    assert_text(az_vars_get(&v, "v3"), "");
    assert_true(arena_used(l->a) < ((size_t)64 << 20));
    load_done(l);
}

static const char *const text = "variables:\n"
                                "- {name: root, value: root}\n"
                                "- {name: stage, value: root}\n"
                                "- {name: job, value: root}\n"
                                "- {name: leg, value: root}\n"
                                "- {group: g}\n"
                                "- {name: seen, value: 'x $[ variables.start ]'}\n"
                                "- {name: count, value: \"$[counter('c', 10)]\"}\n"
                                "- {name: eval, value: '$[ variables.given ]'}\n"
                                "stages:\n"
                                "- stage: S\n"
                                "  variables: {stage: stage, job: stage, leg: stage}\n"
                                "  jobs:\n"
                                "  - job: J\n"
                                "    variables: {job: job, leg: job}\n"
                                "    strategy: {matrix: {one: {leg: leg, own: 1}}}\n"
                                "    steps: [{script: 'true'}]\n";

static void test_precedence(void **state)
{
    struct load load, *l = &load;
    struct map group;
    UNUSED(state);
    load_init(l);
    map_init(&group, l->a, MAP_NOCASE);
    map_set_str(&group, STR("root"), STR("group"));
    map_set_str(&group, STR("given"), STR("group"));
    map_set_str(&group, STR("only"), STR("group"));
    map_set_str(&group, STR("Build.Reason"), STR("group"));
    map_set(&l->facts.groups, STR("G"), &group);
    map_set_str(&l->facts.vars, STR("root"), STR("start"));
    map_set_str(&l->facts.vars, STR("given"), STR("start"));
    map_set_str(&l->facts.secrets, STR("key"), STR("s3cret"));
    load_plan(l, text);
    assert_int_equal(load_gate(l, "S.J"), GATE_RUN);
    assert_string_equal(load_var(l, "S.J", 0, "root"), "root");
    assert_string_equal(load_var(l, "S.J", 0, "stage"), "stage");
    assert_string_equal(load_var(l, "S.J", 0, "job"), "job");
    assert_string_equal(load_var(l, "S.J", 0, "leg"), "leg");
    assert_string_equal(load_var(l, "S.J", 0, "own"), "1");
    assert_string_equal(load_var(l, "S.J", 0, "given"), "start");
    assert_string_equal(load_var(l, "S.J", 0, "only"), "group");
    assert_string_equal(load_var(l, "S.J", 0, "Build.Reason"), "IndividualCI");
    assert_string_equal(load_var(l, "S.J", 0, "eval"), "start");
    assert_string_equal(load_var(l, "S.J", 0, "seen"), "x $[ variables.start ]");
    assert_string_equal(load_var(l, "S.J", 0, "count"), "10");
    assert_true(az_vars_find(&load_leg(l, "S.J", 0)->vars, STR("KEY"))->secret);
    load_done(l);
}

static void test_group_missing(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l, text);
    assert_non_null(l->plan);
    bool told = false;
    for (size_t i = 0; i < l->d.n; i++)
        told = told || strcmp(l->d.p[i].code, "AZ460") == 0;
    assert_true(told);
    load_done(l);
}

static void test_predefined(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    load_plan(l,
              "stages: [{stage: S, displayName: Stage S, jobs: [{job: J, displayName: Job J, steps: [{script: x}]}]}]");
    assert_int_equal(load_gate(l, "S.J"), GATE_RUN);
    static const struct {
        const char *name, *value;
    } all[] = {{"Build.BuildId", "7"},
               {"Build.BuildNumber", "20260102.1"},
               {"Build.SourceBranch", "refs/heads/main"},
               {"Build.SourceBranchName", "main"},
               {"Build.Repository.Provider", "GitHub"},
               {"Build.Repository.Name", "octo/demo"},
               {"System.JobName", "__default"},
               {"System.JobIdentifier", "S.J.__default"},
               {"System.PhaseName", "J"},
               {"System.StageName", "S"},
               {"System.StageDisplayName", "Stage S"},
               {"Agent.JobName", "Job J"},
               {"System.ParallelExecutionType", "None"},
               {"System.TeamProject", "octo"},
               {"TF_BUILD", "True"},
               {"System.PullRequest.PullRequestId", "(none)"},
               {"System.AccessToken", ""},
               {"Environment.Name", "(none)"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        assert_string_equal(load_var(l, "S.J", 0, all[i].name), all[i].value);
    struct az_value *early = az_predefined(l->a, &l->facts);
    assert_text(az_get(early, STR("build.REASON"))->text, "IndividualCI");
    assert_null(az_get(early, STR("Build.BuildId")));
    load_done(l);
}

static void test_pull_request(void **state)
{
    struct load load, *l = &load;
    UNUSED(state);
    load_init(l);
    l->facts.change.event = STR("pull_request");
    l->facts.change.branch = STR("topic/x");
    l->facts.change.base = STR("releases/1");
    load_plan(l, "steps: [{script: x}]");
    assert_int_equal(load_gate(l, "Job"), GATE_RUN);
    assert_string_equal(load_var(l, "Job", 0, "Build.Reason"), "PullRequest");
    assert_string_equal(load_var(l, "Job", 0, "Build.SourceBranch"), "refs/pull/1/merge");
    assert_string_equal(load_var(l, "Job", 0, "System.PullRequest.SourceBranch"), "topic/x");
    assert_string_equal(load_var(l, "Job", 0, "System.PullRequest.TargetBranch"), "releases/1");
    assert_string_equal(load_var(l, "Job", 0, "System.PullRequest.targetBranchName"), "1");
    assert_string_equal(load_var(l, "Job", 0, "System.JobIdentifier"), "Job.__default");
    load_done(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),      cmocka_unit_test(test_macros),
                                       cmocka_unit_test(test_settling),   cmocka_unit_test(test_growing),
                                       cmocka_unit_test(test_precedence), cmocka_unit_test(test_group_missing),
                                       cmocka_unit_test(test_predefined), cmocka_unit_test(test_pull_request)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
