/*
 * Tasks that set tools up, and those that are left out or have nothing to do (specification 9.6, 9.7, 9.11, 9.12).
 */
#include "az_play.h"

#include "provider/azure/process_priv.h"

static struct interpreter FOUND[] = {
    {.tool = {"python", 6},
     .version = {"3.11.2", 6},
     .prefix = {"/usr", 4},
     .program = {"/usr/bin/python3", 16},
     .origin = {"system", 6},
     .shared_prefix = true},
    {.tool = {"python", 6},
     .version = {"3.12.1", 6},
     .prefix = {"/opt/py312", 10},
     .program = {"/opt/py312/bin/python3", 22},
     .origin = {"uv", 2}},
    {.tool = {"python", 6},
     .version = {"3.15.0-rc.1", 11},
     .prefix = {"/opt/py315", 10},
     .program = {"/opt/py315/bin/python3", 22},
     .origin = {"uv", 2}},
    {.tool = {"node", 4},
     .version = {"20.5.0", 6},
     .prefix = {"/opt/node", 9},
     .program = {"/opt/node/bin/node", 18},
     .origin = {"PATH", 4}},
    {.tool = {"node", 4},
     .version = {"18.19.0", 7},
     .prefix = {"/usr", 4},
     .program = {"/usr/bin/node", 13},
     .origin = {"system", 6},
     .shared_prefix = true},
    {.tool = {"go", 2},
     .version = {"1.21.5", 6},
     .prefix = {"/opt/go", 7},
     .program = {"/opt/go/bin/go", 14},
     .origin = {"PATH", 4}},
};

static void init(struct play *p)
{
    play_init(p);
    p->facts.machine.interpreters = FOUND;
    p->facts.machine.n_interpreters = ARRAY_LEN(FOUND);
    map_init(&p->facts.secure_files, p->a, MAP_NOCASE);
}

typedef int find_fn(struct arena *, const struct facts *, struct str, const struct interpreter **, struct err *);

/* wanted: a version, or NULL for none here, or "!" for what is no version, or "?" for a kind that is not looked for. */
static void check_find(find_fn *find, const char *spec, const char *wanted)
{
    struct play p;
    const struct interpreter *found = NULL;
    struct err err = {0};
    init(&p);
    int rc = find(p.a, &p.facts, str_from(spec), &found, &err);
    const char *got = rc == 0 ? found->version.p : rc == -ENOENT ? NULL : rc == -ENOSYS ? "?" : "!";
    if ((got == NULL) != (wanted == NULL) || (got != NULL && strcmp(got, wanted) != 0))
        fail_msg("%s: %s, not %s", spec, got != NULL ? got : "none", wanted != NULL ? wanted : "none");
    arena_free(p.a);
}

static void test_versions(void **state)
{
    UNUSED(state);
    check_find(az_python_find, "3.x", "3.12.1");
    check_find(az_python_find, "3", "3.12.1");
    check_find(az_python_find, "3.11", "3.11.2");
    check_find(az_python_find, ">=3.9 <3.12", "3.11.2");
    check_find(az_python_find, "3.1", NULL);
    check_find(az_python_find, "3.12.1", "3.12.1");
    check_find(az_python_find, "3.12.2", NULL);
    check_find(az_python_find, "3.15-dev", "3.15.0-rc.1");
    check_find(az_python_find, "3.15", NULL);
    check_find(az_python_find, "3.15.0rc1", "3.15.0-rc.1");
    check_find(az_python_find, "pypy3.10", "?");
    check_find(az_python_find, "three", "!");
    check_find(az_node_find, "20.x", "20.5.0");
    check_find(az_node_find, ">=18", "20.5.0");
    check_find(az_node_find, "10.x", NULL);
    check_find(az_go_find, "1.21", "1.21.5");
    check_find(az_go_find, "1.20.3", NULL);
}

static bool missing(struct play *p, struct str *what)
{
    struct str help = STR_NONE;
    return az_tool_missing(p->a, &p->steps, &p->az.vars, &p->facts, what, &help);
}

static void test_what_is_missing(void **state)
{
    struct play p;
    struct str what = STR("");
    UNUSED(state);
    init(&p);
    play_step(&p, "UsePythonVersion", "0");
    play_step(&p, "GoTool", "0")->condition = STR("failed()");
    play_input(play_step(&p, "UseNode", "1"), "version", "$(node)");
    assert_false(missing(&p, &what));
    play_var(&p, "node", "99.x");
    assert_true(missing(&p, &what));
    assert_str(what, "no Node.js 99.x here");
    play_var(&p, "node", "18.x");
    assert_false(missing(&p, &what));
    play_step(&p, "NodeTool", "0");
    assert_true(missing(&p, &what));
    assert_str(what, "no Node.js 6.x here");
    arena_free(p.a);
}

static void test_use_python(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "UsePythonVersion", "0"), "versionSpec", "3.11");
    play_script(&p, "s", "python");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    play_exit(&p, 0); /* a miss */
    assert_string_equal(play_argv(&p), "/usr/bin/python3 -m venv /home/vsts/work/_tool/Python/3.11.2/x64");
    while (!str_is(play_text(&p), "python"))
        play_exit(&p, 0);
    assert_true(str_starts(play_env(&p.op, "PATH"), STR("/home/vsts/work/_tool/Python/3.11.2/x64/bin:"
                                                        "/home/vsts/work/_tool/Python/3.11.2/x64:")));
    play_exit(&p, 0);
    play_finish(&p);
    assert_log(&p, "+1 UsePythonVersion\nsubstituted UsePythonVersion 3.11: Python 3.11.2 of this host "
                   "(/usr/bin/python3), in a virtual environment\n-1 success\n+2 s\n-2 success\n");
    play_done(&p);
}

static void run_one(struct play *p, const char *wanted)
{
    play_begin(p);
    play_go(p);
    play_rest(p);
    play_finish(p);
    assert_log(p, wanted);
    play_done(p);
}

static void test_no_such_python(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "UsePythonVersion", "0"), "versionSpec", "2.7");
    run_one(&p, "+1 UsePythonVersion\nerror: Version spec 2.7 for architecture x64 did not match any version in "
                "Agent.ToolsDirectory.\n-1 failure: Version spec 2.7 for architecture x64 did not match any version in "
                "Agent.ToolsDirectory.\n");
}

static void test_use_node(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "UseNode", "1"), "version", "20.x");
    play_input(play_step(&p, "NodeTool", "0"), "versionSpec", "18.x");
    play_script(&p, "s", "node");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.argv[0], "sh"); /* the shared one gets a folder of its own */
    assert_str(p.op.argv[3], "/home/vsts/work/_tool/node/18.19.0/x64");
    play_exit(&p, 0);
    assert_true(str_starts(play_env(&p.op, "PATH"), STR("/home/vsts/work/_tool/node/18.19.0/x64/bin:/opt/node/bin:")));
    play_rest(&p);
    play_done(&p);
}

static void test_version_file(void **state)
{
    struct play p;
    struct str reads[] = {STR("v20\n")};
    UNUSED(state);
    init(&p);
    struct az_step *s = play_step(&p, "NodeTool", "0");
    play_input(s, "versionSource", "fromFile");
    play_input(s, "versionFilePath", ".nvmrc");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.reads[0], "/home/vsts/work/1/s/.nvmrc");
    play_end(&p, &(struct op_end){.how = OP_EXITED, .reads = reads});
    play_go(&p);
    play_finish(&p);
    assert_log(&p, "+1 NodeTool\nsubstituted NodeTool 20: Node.js 20.5.0 of this host (/opt/node/bin/node)\n"
                   "-1 success\n");
    play_done(&p);
}

static void test_go(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "GoTool", "0"), "version", "1.21");
    struct az_step *s = play_step(&p, "Go", "0");
    play_input(s, "command", "build");
    play_input(s, "arguments", "-o \"a b\" ./...");
    play_begin(&p);
    play_go(&p);
    assert_str(play_env(&p.op, "GOROOT"), "/opt/go");
    assert_string_equal(play_argv(&p), "go build -o a b ./...");
    assert_int_equal(p.op.n_argv, 5);
    play_rest(&p);
    play_done(&p);
}

static void test_secure_file(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    map_set_str(&p.facts.secure_files, STR("key.pem"), STR("secret\n"));
    struct az_step *s = play_step(&p, "DownloadSecureFile", "1");
    s->name = STR("key");
    play_input(s, "secureFile", "KEY.pem");
    play_input(play_step(&p, "DownloadSecureFile", "1"), "secureFile", "other");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.writes[0].path, "/home/vsts/work/_temp/KEY.pem");
    assert_str(play_text(&p), "secret\n");
    assert_int_equal(p.op.writes[0].mode, 0600);
    play_rest(&p);
    play_finish(&p);
    assert_str(map_get_str(&p.outcome.outputs, STR("key.secureFilePath")), "/home/vsts/work/_temp/KEY.pem");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_left_out(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_step(&p, "Docker", "2");
    play_step(&p, "PipAuthenticate", "1");
    play_step(&p, "VSBuild", "1");
    run_one(&p,
            "+1 Docker\nskipped Docker@2: it asks a Docker daemon, and jobs have none here\n-1 skipped\n"
            "+2 PipAuthenticate\nemulated PipAuthenticate@1: nothing is authenticated here: what the machine itself "
            "is configured for is used\n-2 success\n+3 VSBuild\nerror: The current operating system is not capable "
            "of running this task. That typically means the task was written for Windows only.\n-3 failure: The "
            "current operating system is not capable of running this task. That typically means the task was "
            "written for Windows only.\n");
}

static void test_delay(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "Delay", "1"), "delayForMinutes", "0.5");
    play_begin(&p);
    play_go(&p);
    assert_string_equal(play_argv(&p), "sleep 30.000");
    play_rest(&p);
    play_done(&p);
}

static void test_npm(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    struct az_step *s = play_step(&p, "Npm", "1");
    play_input(s, "command", "custom");
    play_input(s, "customCommand", "run \"my test\"");
    play_input(s, "workingDir", "web");
    play_input(play_step(&p, "Npm", "1"), "command", "publish");
    play_begin(&p);
    play_go(&p);
    assert_string_equal(play_argv(&p), "npm run my test");
    assert_str(p.op.cwd, "/home/vsts/work/1/s/web");
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_cmake(void **state)
{
    struct play p;
    UNUSED(state);
    init(&p);
    play_input(play_step(&p, "CMake", "1"), "cmakeArgs", "-S .. -G \"Unix Makefiles\"");
    struct az_step *s = play_step(&p, "CMake", "1");
    play_input(s, "workingDirectory", "out");
    play_input(s, "cmakeArgs", "--build \"$PWD\"");
    play_input(s, "runInsideShell", "true");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.n_argv, 8);
    assert_str(p.op.argv[3], "/home/vsts/work/1/s/build");
    assert_str(p.op.argv[7], "Unix Makefiles");
    play_exit(&p, 0);
    assert_str(p.op.argv[2], "mkdir -p \"$0\" && cd \"$0\" && exec cmake --build \"$PWD\"");
    assert_str(p.op.argv[3], "/home/vsts/work/1/s/out");
    play_exit(&p, 2);
    play_finish(&p);
    assert_log(&p,
               "+1 CMake\n-1 success\n+2 CMake\nerror: CMake failed with error: the process 'cmake' failed with exit "
               "code 2\n-2 failure: CMake failed with error: the process 'cmake' failed with exit code 2\n");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),   cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_use_python), cmocka_unit_test(test_no_such_python),
        cmocka_unit_test(test_use_node),   cmocka_unit_test(test_version_file),
        cmocka_unit_test(test_go),         cmocka_unit_test(test_secure_file),
        cmocka_unit_test(test_left_out),   cmocka_unit_test(test_delay),
        cmocka_unit_test(test_npm),        cmocka_unit_test(test_cmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
