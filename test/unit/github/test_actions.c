/* setup-python as slipway does it. */
#include "gh_play.h"

#include "provider/github/python_priv.h"

static struct interpreter PYTHONS[4]; /* filled in by machine() */

static void machine(struct facts *f)
{
    PYTHONS[0] = (struct interpreter){STR("python"), STR("3.11.2"), STR("/usr"), STR("/usr/bin/python3.11"),
                                      STR("system"), true};
    PYTHONS[1] = (struct interpreter){STR("python"),
                                      STR("3.12.4"),
                                      STR("/opt/tc/Python/3.12.4/x64"),
                                      STR("/opt/tc/Python/3.12.4/x64/bin/python3"),
                                      STR("tool cache"),
                                      false};
    PYTHONS[2] = (struct interpreter){STR("python"),
                                      STR("3.15.0-rc.1"),
                                      STR("/home/me/.pyenv/versions/3.15.0rc1"),
                                      STR("/home/me/.pyenv/versions/3.15.0rc1/bin/python"),
                                      STR("pyenv"),
                                      false};
    PYTHONS[3] =
        (struct interpreter){STR("node"), STR("20.1.0"), STR("/usr"), STR("/usr/bin/node"), STR("system"), true};
    f->machine.interpreters = PYTHONS;
    f->machine.n_interpreters = ARRAY_LEN(PYTHONS);
}

#define USES(action, with) JOB "    steps:\n      - {id: s, uses: " action ", with: {" with "}}\n"
#define PYTHON(with) USES("actions/setup-python@v5", with)

static void begin(struct play *p, const char *text)
{
    play_init(p);
    machine(&p->l.facts);
    play_begin(p, text);
}

/* ---- setup-python ---- */

/* No virtual environment is kept yet: the op that makes one. */
static const char *venv_op(struct play *p)
{
    play_op(p);
    assert_int_equal(p->op.kind, OP_RESTORE);
    assert_true(str_starts(p->op.cache.paths.p[0], STR("/opt/hostedtoolcache/Python/3.1")));
    play_exit(p, 0);
    play_op(p);
    return play_argv(p);
}

/* It is made, and kept. */
static void venv_made(struct play *p)
{
    play_exit(p, 0);
    play_op(p);
    assert_int_equal(p->op.kind, OP_SAVE);
    play_exit(p, 0);
}

static void a_system_python_is_wrapped(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.11'") "      - run: x ${{ steps.s.outputs.python-version }}\n");
    assert_string_equal(venv_op(&p), "/usr/bin/python3.11 -m venv /opt/hostedtoolcache/Python/3.11.2/x64");
    venv_made(&p);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "x 3.11.2"));
    assert_env(&p, "pythonLocation", "/opt/hostedtoolcache/Python/3.11.2/x64");
    assert_env(&p, "Python3_ROOT_DIR", "/opt/hostedtoolcache/Python/3.11.2/x64");
    assert_env(&p, "PKG_CONFIG_PATH", "/opt/hostedtoolcache/Python/3.11.2/x64/lib/pkgconfig");
    assert_env(&p, "LD_LIBRARY_PATH", "/opt/hostedtoolcache/Python/3.11.2/x64/lib");
    assert_env(&p, "PATH",
               "/opt/hostedtoolcache/Python/3.11.2/x64/bin:/opt/hostedtoolcache/Python/3.11.2/x64:/usr/bin:/bin");
    play_say(&p, "  File \"/home/runner/work/demo/demo/t.py\", line 3, in <module>");
    play_say(&p, "    raise ValueError('boom')");
    play_exit(&p, 0);
    play_rest(&p);
    assert_log(&p,
               NOTED "1 Run actions/setup-python@v5 :6\n"
                     "emulated actions/setup-python: Python 3.11.2 of this host (/usr/bin/python3.11), in a virtual "
                     "environment\n"
                     "1 success\n"
                     "2 Run x 3.11.2 :7 $ x 3.11.2\n"
                     ">   File \"/home/runner/work/demo/demo/t.py\", line 3, in <module>\n"
                     "error: boom @t.py:3:0\n"
                     ">     raise ValueError('boom')\n"
                     "2 success\n");
    play_done(&p);
}

static void a_python_without_venv_is_said_plainly(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.11'"));
    venv_op(&p);
    play_exit(&p, 1);
    play_rest(&p);
    assert_true(str_find(buf_str(&p.log), STR("1 failure: /usr/bin/python3.11 cannot make a virtual environment (exit "
                                              "code 1): its venv or ensurepip module is missing (on Debian and Ubuntu: "
                                              "apt-get install python3-venv)")) >= 0);
    play_done(&p);
}

static void a_kept_environment_is_used_again(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.11'") "      - run: 'x'\n");
    play_op(&p);
    struct op_end end = {.token = p.op.token, .how = OP_EXITED, .matched = p.op.cache.key};
    gh_driver.exited(p.run, &end);
    play_op(&p);
    assert_env(&p, "pythonLocation", "/opt/hostedtoolcache/Python/3.11.2/x64");
    play_exit(&p, 0);
    play_done(&p);
    play_init(&p);
    machine(&p.l.facts);
    p.room.prefix = STR("/scratch/7"); /* it would know another job's place: not kept */
    play_begin(&p, PYTHON("python-version: '3.11'"));
    play_op(&p);
    assert_string_equal(play_argv(&p), "/usr/bin/python3.11 -m venv /scratch/7/opt/hostedtoolcache/Python/3.11.2/x64");
    play_exit(&p, 0);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_done(&p);
}

static void a_tool_cache_is_used_where_it_lies(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.x'") "      - run: 'x'\n");
    play_op(&p);
    assert_true(str_is(p.op.argv[0], "sh"));
    assert_true(str_is(p.op.argv[3], "/opt/tc/Python/3.12.4/x64"));
    play_exit(&p, 0);
    play_op(&p);
    assert_env(&p, "pythonLocation", "/opt/tc/Python/3.12.4/x64");
    play_exit(&p, 0);
    play_done(&p);
    begin(&p, PYTHON("python-version: '3.12'")); /* half an installation gets a wrapper */
    play_op(&p);
    play_exit(&p, 1);
    assert_string_equal(venv_op(&p),
                        "/opt/tc/Python/3.12.4/x64/bin/python3 -m venv /opt/hostedtoolcache/Python/3.12.4/x64");
    play_exit(&p, 0);
    play_done(&p);
}

static void a_version_file_is_read(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version-file: pyproject.toml"));
    play_op(&p);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/demo/demo/pyproject.toml"));
    play_end(&p, OP_EXITED, 0, (const char *const[]){"[project]\nrequires-python = \">=3.9,<3.12\"\n"});
    venv_op(&p);
    assert_true(str_is(p.op.argv[0], "/usr/bin/python3.11"));
    venv_made(&p);
    play_done(&p);
}

static void nothing_said_leaves_the_path_alone(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON(""));
    play_op(&p);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/demo/demo/.python-version"));
    struct op_end end = {.token = p.op.token, .how = OP_EXITED, .reads = &(struct str){0}, .read_errors = &(int){0}};
    gh_driver.exited(p.run, &end);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_true(str_find(buf_str(&p.log), STR("The version of Python currently in `PATH` will be used.")) >= 0);
    assert_true(str_find(buf_str(&p.log), STR("1 success")) >= 0);
    play_done(&p);
}

static void pip_is_cached(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.11', cache: pip, pip-version: '24.0'"));
    p.hash = "abc";
    venv_op(&p);
    venv_made(&p);
    play_op(&p);
    assert_true(str_find(str_from(play_argv(&p)), STR("bin/python -m pip install --upgrade")) >= 0);
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_true(str_is(p.op.cache.key, "setup-python-Linux-x64-12-Debian-python-3.11.2-pip-abc"));
    assert_true(str_is(p.op.cache.restore_keys.p[0], "setup-python-Linux-x64-12-Debian-python-3.11.2-pip-abc"));
    assert_true(str_is(p.op.cache.restore_keys.p[1], "setup-python-Linux-x64-12-Debian-python-3.11.2-pip"));
    assert_true(str_is(p.op.cache.paths.p[0], "/home/runner/.cache/pip"));
    assert_true(str_is(p.op.cache.scope, "octo/demo refs/heads/main"));
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_SAVE);
    play_exit(&p, 0);
    play_rest(&p);
    assert_true(str_find(buf_str(&p.log), STR("2 Post Run actions/setup-python@v5 :6\n2 success\n")) >= 0);
    play_done(&p);
    begin(&p, PYTHON("python-version: '3.11', cache: pip"));
    p.hash = "abc";
    venv_op(&p);
    venv_made(&p);
    play_op(&p);
    struct op_end end = {.token = p.op.token, .how = OP_EXITED, .matched = p.op.cache.key};
    gh_driver.exited(p.run, &end);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    play_done(&p);
    begin(&p, PYTHON("python-version: '3.11', cache: pip"));
    venv_op(&p);
    venv_made(&p);
    play_rest(&p);
    assert_true(str_find(buf_str(&p.log), STR("1 failure: No file in /home/runner/work/demo/demo matched to "
                                              "[**/requirements.txt or **/pyproject.toml], make sure you have checked "
                                              "out the target repository")) >= 0);
    play_done(&p);
}

static void pipenv_and_poetry_are_cached(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: '3.11', cache: pipenv, check-latest: true"));
    p.hash = "abc";
    p.hash_for = "**/Pipfile.lock";
    venv_op(&p);
    venv_made(&p);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_true(str_is(p.op.cache.key, "setup-python-Linux-x64-python-3.11.2-pipenv-abc"));
    assert_int_equal(p.op.cache.restore_keys.n, 1);
    assert_true(str_is(p.op.cache.paths.p[0], "/home/runner/.local/share/virtualenvs"));
    assert_non_null(strstr(buf_cstr(&p.log), "; check-latest: the newest of this machine\n"));
    play_done(&p);
    begin(&p, PYTHON("python-version: '3.11', cache: poetry, cache-dependency-path: sub/poetry.lock"));
    p.hash = "abc";
    p.hash_for = "sub/poetry.lock";
    venv_op(&p);
    venv_made(&p);
    play_op(&p);
    assert_non_null(strstr(play_argv(&p), "poetry config virtualenvs.path"));
    play_say(&p, "/home/runner/.cache/pypoetry/virtualenvs");
    play_say(&p, "true");
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(p.op.cache.key, "setup-python-Linux-x64-python-3.11.2-poetry-v2-abc"));
    assert_true(str_is(p.op.cache.paths.p[0], "/home/runner/.cache/pypoetry/virtualenvs"));
    assert_true(str_is(p.op.cache.paths.p[1], "/home/runner/work/demo/demo/.venv"));
    play_done(&p);
}

static void python_failures_are_the_actions_own(void **state)
{
    static const struct {
        const char *with, *said;
    } FAILS[] = {
        {"python-version: pypy3.10", "1 failure: PyPy version 3.10 (x) with arch x64 not found\n"},
        {"python-version: pypy-3.10-v7.3.x", "1 failure: PyPy version 3.10 (v7.3.x) with arch x64 not found\n"},
        {"python-version: pypy3.10-nightly", "1 failure: PyPy version 3.10 (nightly) with arch x64 not found\n"},
        {"python-version: pypy", "1 failure: Invalid 'version' property for PyPy. PyPy version should be"},
        {"python-version: pypy3", "1 failure: Invalid format of Python version for PyPy. Python version should be"},
        {"python-version: graalpy-24.0", "1 failure: GraalPy version 24.0 with arch x64 not found\n"},
        {"python-version: graalpy", "1 failure: Invalid 'version' property for GraalPy."},
        {"python-version: 3.13t",
         "1 failure: The version '3.13t' with architecture 'x64-freethreaded' was not found for this operating "
         "system.\n"},
        {"python-version: '3.11', freethreaded: true",
         "1 failure: The version '3.11' with architecture 'x64-freethreaded' was not found for this operating "
         "system.\n"},
        {"python-version: '3.11', architecture: x86",
         "1 failure: The version '3.11' with architecture 'x86' was not found for this operating system.\n"},
        {"python-version: '3.11', cache: conda", "1 failure: Caching for 'conda' is not supported\n"},
        {"python-version: '3.11', cache: pipenv",
         "1 failure: No file in /home/runner/work/demo/demo matched to [**/Pipfile.lock], make sure you have checked "
         "out the target repository\n"},
        {"python-version: '3.11', cache: poetry",
         "1 failure: Could not get cache folder path for poetry package manager\n"},
        {"python-version: '3.11', pip-version: '24.x'", "1 failure: Invalid pip-version \"24.x\"."},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FAILS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, PYTHON("%s") "    env: {V: ''}\n", FAILS[i].with);
        begin(&p, buf_cstr(&text));
        play_rest(&p);
        if (strstr(buf_cstr(&p.log), FAILS[i].said) == NULL)
            fail_msg("'%s' is not in\n%s", FAILS[i].said, buf_cstr(&p.log));
        play_done(&p);
    }
}

static void a_version_that_is_not_here_fails_with_the_actions_words(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, PYTHON("python-version: \"${{ env.V }}\"") "    env: {V: '3.9'}\n");
    play_rest(&p);
    assert_true(str_find(buf_str(&p.log), STR("1 failure: The version '3.9' with architecture 'x64' was not found for "
                                              "this operating system.")) >= 0);
    play_done(&p);
}

/* ---- what the gate asks ---- */

static void a_leg_without_its_python_is_skipped(void **state)
{
    static const struct {
        const char *version, *skip;
    } LEGS[] = {{"'3.9'", "no Python 3.9 here"},
                {"3.11", ""},
                {"pypy3.10", "no pypy3.10 here"},
                {"3.13t", "no Python 3.13t here"},
                {"3.15-dev", ""},
                {"'3.15'", "no Python 3.15 here"},
                {"${{ env.X }}", ""}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(LEGS); i++) {
        struct load l;
        struct str why = STR("");
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        load_init(&l);
        machine(&l.facts);
        buf_printf(&text,
                   JOB "    strategy: {matrix: {v: [%s]}}\n    steps:\n      - uses: actions/setup-python@v5\n"
                       "        with: {python-version: \"${{ %s }}\"}\n",
                   LEGS[i].version[0] == '$' ? "1" : LEGS[i].version, LEGS[i].version[0] == '$' ? "env.X" : "matrix.v");
        load_plan(&l, buf_cstr(&text));
        assert_non_null(l.plan);
        assert_int_equal(gh_driver.gate(l.plan, l.plan->jobs[0], &l.facts, false, &why), GATE_RUN);
        assert_string_equal(arena_str(l.a, l.plan->jobs[0]->legs[0]->skip).p, LEGS[i].skip);
        load_done(&l);
    }
}

static void pythons_are_found_by_range(void **state)
{
    static const struct {
        const char *spec;
        bool pre;
        const char *found; /* or the error number's sign */
    } FINDS[] = {
        {"3", false, "3.12.4"},
        {"3.x", false, "3.12.4"},
        {"3.11", false, "3.11.2"},
        {">=3.9 <3.12", false, "3.11.2"},
        {"3.12.4", false, "3.12.4"},
        {"3.12.5", false, NULL},
        {"3.15", false, NULL},
        {"3.15", true, "3.15.0-rc.1"},
        {"3.15-dev", false, "3.15.0-rc.1"},
        {"3.15.0rc1", false, "3.15.0-rc.1"},
        {"graalpy-24.0", false, NULL},
        {"garbage!", false, NULL},
    };
    struct load l;
    UNUSED(state);
    load_init(&l);
    machine(&l.facts);
    for (size_t i = 0; i < ARRAY_LEN(FINDS); i++) {
        const struct interpreter *found = NULL;
        int rc = gh_python_find(l.a, &l.facts, str_from(FINDS[i].spec), FINDS[i].pre, &found, NULL);
        assert_int_equal(rc == 0, FINDS[i].found != NULL);
        if (rc == 0)
            assert_true(str_is(found->version, FINDS[i].found));
    }
    load_done(&l);
}

static void version_files_have_their_kinds(void **state)
{
    static const struct {
        const char *name, *text, *specs;
    } FILES[] = {
        {".python-version", "# mine\n3.11\n\n3.12.4/envs/app\n", "3.11,3.12.4,"},
        {"a/.tool-versions", "nodejs 20\npython v3.11.2\n", "3.11.2,"},
        {"Pipfile", "[requires]\npython_version = \"3.11\"\n", "3.11,"},
        {"pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.9\"\n", "^3.9,"},
        {"pyproject.toml", "[project]\nname = \"x\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\n", ""},
        {"pyproject.toml", "[project]\nrequires-python = \"!=3.9\"\n", ""},
        {"pyproject.toml", "not toml", ""},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        struct strs specs = {0};
        gh_python_file_read(a, str_from(FILES[i].name), str_from(FILES[i].text), &specs);
        for (size_t k = 0; k < specs.n; k++)
            buf_printf(&b, "%.*s,", STR_ARG(specs.p[k]));
        assert_string_equal(buf_cstr(&b), FILES[i].specs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_python_is_wrapped),
        cmocka_unit_test(a_python_without_venv_is_said_plainly),
        cmocka_unit_test(a_kept_environment_is_used_again),
        cmocka_unit_test(a_tool_cache_is_used_where_it_lies),
        cmocka_unit_test(a_version_file_is_read),
        cmocka_unit_test(nothing_said_leaves_the_path_alone),
        cmocka_unit_test(pip_is_cached),
        cmocka_unit_test(pipenv_and_poetry_are_cached),
        cmocka_unit_test(python_failures_are_the_actions_own),
        cmocka_unit_test(a_version_that_is_not_here_fails_with_the_actions_words),
        cmocka_unit_test(a_leg_without_its_python_is_skipped),
        cmocka_unit_test(pythons_are_found_by_range),
        cmocka_unit_test(version_files_have_their_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
