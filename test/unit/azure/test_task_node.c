/*
 * Tasks of --task: what their task.json says, and what node is started with (specification 9.1).
 */
#include "az_play.h"

#include "provider/azure/known_priv.h"

static const char *const TASK_JSON =
    "{\"id\": \"11111111-2222-3333-4444-555555555555\", \"name\": \"Greet\",\n"
    "\"version\": {\"Major\": 1, \"Minor\": \"2\", \"Patch\": 3},\n"
    "\"inputs\": [{\"name\": \"greeting\", \"aliases\": [\"say\"], \"type\": \"string\", \"defaultValue\": \"hello "
    "$(who)\"},\n"
    "  {\"name\": \"loud.er\", \"type\": \"boolean\", \"defaultValue\": false},\n"
    "  {\"name\": \"folder\", \"type\": \"filePath\"}, {\"name\": \"must\", \"type\": \"string\", \"required\": "
    "true}],\n"
    "\"execution\": {\"PowerShell3\": {\"target\": \"x.ps1\"}, \"Node10\": {\"target\": \"old.js\"},\n"
    "  \"Node20_1\": {\"target\": \"main.js\"}, \"Node16\": {\"target\": \"mid.js\"}},\n"
    "\"postjobexecution\": {\"Node20_1\": {\"target\": \"post.js\"}}}\n";

static struct interpreter NODES[] = {
    {.tool = {"node", 4}, .version = {"18.1.0", 6}, .prefix = {"/a", 2}, .program = {"/a/bin/node", 11}},
    {.tool = {"node", 4}, .version = {"22.1.0", 6}, .prefix = {"/b", 2}, .program = {"/b/bin/node", 11}},
    {.tool = {"node", 4}, .version = {"24.1.0", 6}, .prefix = {"/c", 2}, .program = {"/c/bin/node", 11}},
};

static struct sources *texts;
static const char *json;

static int read_task(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    UNUSED(ctx);
    if (!str_is(q->repo, "task/Greet") || !str_is(q->path, "task.json") || json == NULL)
        return err_set(e, ENOENT, "there is no %.*s", STR_ARG(q->path));
    *ret = (struct file_found){.source = sources_add(texts, STR("task.json"), str_from(json)), .sources = texts};
    return 0;
}

static void init(struct play *p)
{
    play_init(p);
    texts = sources_new();
    json = TASK_JSON;
    p->facts.read_file = read_task;
    p->facts.machine.interpreters = NODES;
    p->facts.machine.n_interpreters = ARRAY_LEN(NODES);
    map_set_str(&p->facts.tasks, STR("Greet"), STR("task/Greet"));
}

static void done(struct play *p)
{
    play_done(p);
    sources_free(texts);
}

static struct az_step *greet(struct play *p)
{
    struct az_step *s = play_step(p, "pub.ext.greet", "1");
    play_input(s, "must", "x");
    return s;
}

static void test_runs(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_var(&p, "who", "world");
    az_vars_set(&p.az.vars, STR("my.token"), STR("hush"), true, false);
    play_input(greet(&p), "Other", "kept");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.kind, OP_FETCH);
    assert_str(p.op.fetch.repo, "task/Greet");
    assert_str(p.op.fetch.path, "/home/vsts/work/_tasks/Greet_1/1.2.3");
    play_exit(&p, 0);
    assert_string_equal(play_argv(&p), "/b/bin/node /home/vsts/work/_tasks/Greet_1/1.2.3/main.js");
    assert_str(play_env(&p.op, "INPUT_GREETING"), "hello world");
    assert_str(play_env(&p.op, "INPUT_LOUD_ER"), "false");
    assert_str(play_env(&p.op, "INPUT_FOLDER"), "/home/vsts/work/1/s");
    assert_str(play_env(&p.op, "INPUT_OTHER"), "kept");
    assert_str(play_env(&p.op, "SECRET_MY_TOKEN"), "hush");
    assert_str(play_env(&p.op, "MY_TOKEN"), NULL);
    assert_true(str_find(play_env(&p.op, "VSTS_SECRET_VARIABLES"), STR("[\"my.token\"]")) == 0);
    assert_true(str_find(play_env(&p.op, "VSTS_PUBLIC_VARIABLES"), STR("\"who\"")) > 0);
    play_say(&p, "##vso[task.settaskvariable variable=kept]yes");
    play_exit(&p, 0);
    assert_string_equal(play_argv(&p), "/b/bin/node /home/vsts/work/_tasks/Greet_1/1.2.3/post.js");
    assert_str(play_env(&p.op, "VSTS_TASKVARIABLE_KEPT"), "yes");
    assert_str(play_env(&p.op, "INPUT_GREETING"), "hello world");
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    done(&p);
}

static void test_alias_and_path(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    struct az_step *s = greet(&p);
    play_input(s, "say", "hi");
    play_input(s, "folder", "sub");
    play_begin(&p);
    play_go(&p);
    play_exit(&p, 0);
    assert_str(play_env(&p.op, "INPUT_GREETING"), "hi");
    assert_str(play_env(&p.op, "INPUT_FOLDER"), "/home/vsts/work/1/s/sub");
    play_exit(&p, 7);
    play_rest(&p);
    play_finish(&p);
    assert_true(str_find(buf_str(&p.log), STR("-1 failure: Exit code 7 returned from process: file name "
                                              "'/b/bin/node'")) > 0);
    done(&p);
}

static void test_folder_is_not_there(void **state)
{
    struct play p;
    struct op_end end = {.how = OP_NOT_STARTED};
    UNUSED(state);
    init(&p);
    greet(&p);
    play_begin(&p);
    play_go(&p);
    err_set(&end.err, ENOENT, "gone");
    play_end(&p, &end);
    play_go(&p);
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    done(&p);
}

static void test_no_node(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    p.facts.machine.n_interpreters = 0;
    greet(&p);
    play_begin(&p);
    play_go(&p);
    play_rest(&p);
    play_finish(&p);
    assert_true(str_find(buf_str(&p.log), STR("Greet is a task of Node.js, and this machine has no node")) > 0);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    done(&p);
}

static void test_checked(void **state)
{
    struct play p;
    struct diags d;
    UNUSED(state);
    init(&p);
    diags_init(&d, p.a, texts);
    struct az_step *s = play_step(&p, "Greet", "1");
    az_task_check(p.a, s, &p.facts, &d);
    assert_int_equal(d.errors, 1);
    assert_string_equal(d.p[0].code, "AZ601");
    json = "{\"execution\": {\"PowerShell3\": {\"target\": \"x.ps1\"}}}";
    az_task_check(p.a, s, &p.facts, &d);
    assert_int_equal(d.errors, 2);
    assert_string_equal(d.p[1].code, "AZ606");
    assert_true(str_find(d.p[1].message, STR("no handler of Node.js, but PowerShell3")) > 0);
    json = NULL;
    az_task_check(p.a, s, &p.facts, &d);
    assert_true(str_find(d.p[2].message, STR("its folder has no task.json")) > 0);
    arena_free(p.a);
    sources_free(texts);
}

static void check_manifest(const char *text, int wanted)
{
    struct arena *a = arena_new();
    struct az_manifest m = {0};
    struct err err = {0};
    assert_int_equal(az_manifest_read(a, str_from(text), &m, &err), wanted);
    assert_true(wanted == 0 || err.text[0] != '\0');
    arena_free(a);
}

static void test_manifests(void **state)
{
    UNUSED(state);
    check_manifest(TASK_JSON, 0);
    check_manifest("\xef\xbb\xbf{\"prejobexecution\": {\"node\": {\"target\": \"a.js\"}}}", 0);
    check_manifest("{", -EINVAL);
    check_manifest("[]", -EINVAL);
    check_manifest("{\"execution\": []}", -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_alias_and_path),
        cmocka_unit_test(test_folder_is_not_there),
        cmocka_unit_test(test_no_node),
        cmocka_unit_test(test_checked),
        cmocka_unit_test(test_manifests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
