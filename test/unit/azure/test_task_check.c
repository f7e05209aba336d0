/*
 * What planning says of a step's task: names, versions, inputs; what is an error and what a warning
 * (specification 3.6).
 */
#include "az_play.h"

struct check {
    struct play play;
    struct diags d;
    struct sources *sources;
};

static void init(struct check *c)
{
    play_init(&c->play);
    c->sources = sources_new();
    diags_init(&c->d, c->play.a, c->sources);
}

static void done(struct check *c)
{
    sources_free(c->sources);
    arena_free(c->play.a);
}

/* All that was said, a line each: code, level's first letter, message, hint. */
static void assert_told(struct check *c, const char *wanted)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < c->d.n; i++) {
        const struct diag *one = &c->d.p[i];
        buf_printf(&b, "%s %s: %.*s", one->code, diag_level_name(one->level), STR_ARG(one->message));
        buf_printf(&b, "%s%.*s\n", one->hint.n > 0 ? " | " : "", STR_ARG(one->hint));
    }
    assert_string_equal(buf_cstr(&b), wanted);
}

static void check_name(const char *task, const char *version, const char *wanted)
{
    struct check c;
    init(&c);
    struct az_step *s = play_step(&c.play, task, version);
    play_input(s, "filePath", "x");
    az_task_check(c.play.a, s, &c.play.facts, &c.d);
    assert_told(&c, wanted);
    done(&c);
}

static void test_names(void **state)
{
    UNUSED(state);
    check_name("bash", "3", "");
    check_name("bash", "3.201.1", "");
    check_name("6C731C3C-3C68-459A-A5C9-BDE6E6595B5B", "3", "");
    check_name("ms.vss-code.Bash", "3", "");
    check_name("Docker", "2", "");
    check_name("Bsh", "3", "AZ600 error: Unknown task 'Bsh@3' | did you mean 'Bash@3'?\n");
    check_name("Bash", "9", "AZ602 error: The task 'Bash' has no version 9 | did you mean 'Bash@3'?\n");
    check_name("pub.ext.Thing", "1",
               "AZ600 error: Unknown task 'pub.ext.Thing@1' | --task pub.ext.Thing=FOLDER runs it from a folder, "
               "--skip-unknown leaves its steps out\n");
    check_name(
        "usedotnet", "2",
        "AZ600 error: The task 'UseDotNet@2' is not one that slipway runs | --task UseDotNet=FOLDER runs it from "
        "a folder, --skip-unknown leaves its steps out\n");
    check_name("Docker", "1", "AZ605 warning: 'Docker@1' is deprecated | take Docker@2\n");
}

static void test_only_checked(void **state)
{
    struct check c;
    UNUSED(state);
    init(&c);
    c.play.facts.only_check = true;
    az_task_check(c.play.a, play_step(&c.play, "UseDotNet", "2"), &c.play.facts, &c.d);
    az_task_check(c.play.a, play_step(&c.play, "pub.Thing", "2"), &c.play.facts, &c.d);
    assert_int_equal(c.d.errors, 0);
    assert_int_equal(c.d.warnings, 1);
    done(&c);
}

static void test_skipped(void **state)
{
    struct check c;
    UNUSED(state);
    init(&c);
    c.play.facts.skip_unknown = true;
    az_task_check(c.play.a, play_step(&c.play, "pub.Thing", "2"), &c.play.facts, &c.d);
    play_step(&c.play, "Thing", "2")->enabled = false;
    c.play.facts.skip_unknown = false;
    az_task_check(c.play.a, &c.play.steps.p[1], &c.play.facts, &c.d);
    assert_told(&c, "");
    done(&c);
}

static void test_inputs(void **state)
{
    struct check c;
    UNUSED(state);
    init(&c);
    struct az_step *s = play_step(&c.play, "Bash", "3");
    play_input(s, "targetTipe", "inline");
    play_input(s, "workingDirectory", "");
    az_task_check(c.play.a, s, &c.play.facts, &c.d);
    s = play_step(&c.play, "PythonScript", "0");
    play_input(s, "scriptSource", "inlin");
    az_task_check(c.play.a, s, &c.play.facts, &c.d);
    s = play_step(&c.play, "PythonScript", "0");
    play_input(s, "SCRIPTSOURCE", "$(how)");
    az_task_check(c.play.a, s, &c.play.facts, &c.d);
    assert_told(&c, "AZ604 warning: The task 'Bash' has no input 'targetTipe' | did you mean 'targetType'?\n"
                    "AZ601 error: The task 'Bash' needs the input 'filePath'\n"
                    "AZ603 warning: 'inlin' is none of the values of 'scriptSource': filePath inline | did you mean "
                    "'inline'?\n");
    done(&c);
}

static void add_job(struct check *c, struct az_job *job, const char *image, const char *condition)
{
    *job = (struct az_job){.condition = str_from(condition)};
    job->pool.vm_image = str_from(image);
    struct az_step *s = play_step(&c->play, "pub.Thing", "1");
    job->steps = (struct az_steps){.p = s, .n = 1};
}

/* What slipway has no task for is an error only where it surely runs. */
static void test_pipeline(void **state)
{
    struct check c;
    struct az_job jobs[5];
    UNUSED(state);
    init(&c);
    add_job(&c, &jobs[0], "ubuntu-latest", "");
    add_job(&c, &jobs[1], "windows-latest", "");
    add_job(&c, &jobs[2], "$(image)", "");
    add_job(&c, &jobs[3], "", "always()");
    add_job(&c, &jobs[4], "", "");
    jobs[4].steps.p->condition = STR("failed()");
    struct az_stage stage = {.jobs = jobs, .n_jobs = ARRAY_LEN(jobs)};
    struct az_pipeline pipeline = {.stages = &stage, .n_stages = 1};
    az_tasks_check(c.play.a, &pipeline, &c.play.facts, &c.d);
    assert_int_equal(c.d.errors, 1);
    assert_int_equal(c.d.warnings, 4);
    done(&c);
}

static void check_title(const char *task, const char *version, const char *script, const char *wanted)
{
    struct check c;
    init(&c);
    struct az_step *s = play_step(&c.play, task, version);
    play_input(s, "targetType", "inline");
    play_input(s, "script", script);
    assert_str(az_task_title(c.play.a, s), wanted);
    done(&c);
}

static void test_titles(void **state)
{
    UNUSED(state);
    check_title("CmdLine", "2", "\n  make test\nmore", "script: make test");
    check_title("CmdLine", "2", "#!/bin/sh\n\n# why\nmake\n", "script: make");
    check_title("CmdLine", "2", "# nothing\n# else", "script: # nothing");
    check_title("CmdLine", "2", "echo \xc3\xa4 23456789 123456789 123456789 123456789 123456789 123456789",
                "script: echo \xc3\xa4 23456789 123456789 123456789 123456789 123456789 1234\xe2\x80\xa6");
    check_title("Bash", "3", "ls", "bash: ls");
    check_title("PowerShell", "2", "ls", "powershell: ls");
    check_title("a.b.Thing", "1", "", "Thing");
    check_title("usepythonversion", "0", "", "UsePythonVersion");
    check_title(AZ_CHECKOUT_TASK, "1", "", "Checkout self");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),  cmocka_unit_test(test_only_checked), cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_inputs), cmocka_unit_test(test_pipeline),     cmocka_unit_test(test_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
