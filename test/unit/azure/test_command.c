/*
 * Logging commands (specification 8): how they are read, and what each of them does.
 */
#include "az_play.h"

/* ---- reading ---- */

static void check_parse(const char *line, bool decode, const char *wanted)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct az_command c = {0};
    switch (az_command_parse(a, str_from(line), decode, &c)) {
    case AZ_NO_COMMAND:
        buf_add_cstr(&b, "none");
        break;
    case AZ_BAD_COMMAND:
        buf_add_cstr(&b, "bad");
        break;
    case AZ_COMMAND:
        buf_printf(&b, "%.*s.%.*s", STR_ARG(c.area), STR_ARG(c.event));
        for (size_t i = 0; i < c.n_props; i++)
            buf_printf(&b, " %.*s=%.*s", STR_ARG(c.props[i].key), STR_ARG(c.props[i].value));
        buf_printf(&b, "|%.*s", STR_ARG(c.data));
        break;
    }
    if (strcmp(buf_cstr(&b), wanted) != 0)
        fail_msg("%s: '%s' is not '%s'", line, buf_cstr(&b), wanted);
}

static void test_parse(void **state)
{
    static const char *const CASES[][2] = {
        {"plain", "none"},
        {"##[group]x", "none"},
        {"##vso[a.b]", "a.b|"},
        {"##vso[a.b]data ] more", "a.b|data ] more"},
        {"text ##vso[a.b x=1]d", "a.b x=1|d"},
        {"##VSO[a.b]d", "a.b|d"},
        {"##vso[a.b x=1;y=2;]d", "a.b x=1 y=2|d"},
        {"##vso[a.b x=1=2;=3;z=;w]d", "a.b x=1=2|d"},
        {"##vso[a.b x=a%3Bb%5D%0D%0A]d%0A%3B", "a.b x=a;b]\r\n|d\n%3B"},
        {"##vso[a.b x=%AZP253B]100%AZP25", "a.b x=%3B|100%"},
        {"##vso[a]d", "bad"},
        {"##vso[a.]d", "bad"},
        {"##vso[.b]d", "bad"},
        {"##vso[a.b.c]d", "bad"},
        {"##vso[]d", "bad"},
        {"##vso[a.b", "bad"},
        {"about ##vso commands", "bad"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        check_parse(CASES[i][0], true, CASES[i][1]);
    check_parse("##vso[a.b x=%AZP25]%AZP25", false, "a.b x=%AZP25|%AZP25");
}

/* ---- what they do ---- */

/* A job of a step that prints the lines (until NULL) and one behind it; its log is left in the play. */
static void play_lines(struct play *p, const char *const *lines)
{
    play_init(p);
    play_var(p, "x", "old");
    az_vars_set(&p->az.vars, STR("fixed"), STR("old"), false, true);
    az_vars_set(&p->az.vars, STR("hidden"), STR("s3cret"), true, false);
    play_script(p, "talk", "x")->name = STR("S");
    play_script(p, "next", "echo $(x)")->condition = STR("always()");
    play_begin(p);
    play_go(p);
    for (; *lines != NULL; lines++)
        play_say(p, *lines);
    play_exit(p, 0);
}

#define LINES(...)                                                                                                     \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
#define HELP "Please reference documentation (http://go.microsoft.com/fwlink/?LinkId=817296)"

/* One line, and the log of its step. */
static void check_line(const char *line, const char *wanted)
{
    struct play p;
    play_lines(&p, LINES(line));
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str log = buf_str(&p.log), rest, one;
    rest = log;
    while (str_next(&rest, '\n', &one) && !str_starts(one, STR("+2")))
        if (!str_starts(one, STR("|")) && !str_starts(one, STR("+1")))
            buf_printf(&b, "%.*s\n", STR_ARG(one));
    if (strcmp(buf_cstr(&b), wanted) != 0)
        fail_msg("%s:\n%s is not\n%s", line, buf_cstr(&b), wanted);
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

static void test_issues(void **state)
{
    UNUSED(state);
    check_line("##vso[task.logissue type=error]bad", "error: bad\n-1 success\n");
    check_line("##vso[task.issue type=Warning]odd", "warning: odd\n-1 success\n");
    check_line("##vso[task.logissue type=error;sourcepath=src/a.c;linenumber=3;columnnumber=7;code=E1]bad",
               "error: src/a.c(3,7): E1: bad\n-1 success\n");
    check_line("##vso[task.logissue type=error;sourcepath=/home/vsts/work/1/s/a.c]bad",
               "error: a.c(0,0): bad\n-1 success\n");
    check_line("##vso[task.logissue]bad", "warning: Can't create TaskIssue from logging event.\n-1 success\n");
    check_line("##vso[task.logissue type=note]n",
               "error: Unable to process command '##vso[task.logissue type=note]n' successfully. " HELP "\n"
               "error: issue type note is not an expected issue type.\n"
               "-1 failure: issue type note is not an expected issue type.\n");
}

static void test_complete(void **state)
{
    UNUSED(state);
    check_line("##vso[task.complete result=Succeeded;]done", "-1 success\n");
    check_line("##vso[task.complete result=SucceededWithIssues;]done", "-1 success\n");
    check_line("##vso[task.complete result=Failed;]done", "-1 failure\n");
    check_line("##vso[task.complete result=Skipped;]done", "-1 skipped\n");
    check_line("##vso[task.complete result=Canceled;]done", "-1 cancelled\n");
    check_line("##vso[task.complete result=failed]done",
               "error: Unable to process command '##vso[task.complete result=failed]done' successfully. " HELP "\n"
               "error: Command doesn't have valid result value.\n"
               "-1 failure: Command doesn't have valid result value.\n");
}

static void test_unknown(void **state)
{
    UNUSED(state);
    check_line("##vso[nothing.here]x",
               "warning: Cannot find command extension for ##vso[nothing.command]. " HELP "\n-1 success\n");
    check_line("##vso[task.nothing]x",
               "error: Unable to process command '##vso[task.nothing]x' successfully. " HELP "\n"
               "error: ##vso[task.nothing] is not a recognized command for task command extension. " HELP "\n"
               "-1 failure: ##vso[task.nothing] is not a recognized command for task command extension. " HELP "\n");
    check_line("say ##vso here",
               "warning: 'say ##vso here' contains logging command keyword '##vso', but it's not a legal command. "
               "Please see the list of accepted commands: https://go.microsoft.com/fwlink/?LinkId=817296\n"
               "  say ##vso here\n-1 success\n");
}

static void test_quiet(void **state)
{
    static const char *const LINES_[] = {
        "##vso[task.setprogress value=50]half",
        "##vso[task.logdetail id=9b4ce2b1-1c1c-4b3f-9d0a-1a1a1a1a1a1a;name=n;type=build]x",
        "##vso[task.debug]hidden",
        "##vso[telemetry.publish area=a;feature=f]{}",
        "##vso[task.setendpoint id=e;field=url]https://example.org",
        "##vso[task.settaskvariable variable=t]1",
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(LINES_); i++)
        check_line(LINES_[i], "-1 success\n");
    check_line("##[group]head", "group head\n-1 success\n");
    check_line("##[endgroup]", "group_end\n-1 success\n");
    check_line("##[debug]shown", "  ##[debug]shown\n-1 success\n");
    check_line("##[section]s", "  ##[section]s\n-1 success\n");
    check_line("##vso[build.addbuildtag]t", "-1 success\n");
    check_line("##vso[release.updatereleasename]r",
               "warning: ##vso[release.updatereleasename] is for releases, which a pipeline of YAML is not\n"
               "-1 success\n");
    check_line("##vso[artifact.associate type=filepath;artifactname=A]/drop",
               "emulated artifact A: is said to be at /drop; nothing is kept of it here\n-1 success\n");
}

/* Seen by later steps, not by the one that sets it: its next try has the old value, too. */
static void test_set_variable(void **state)
{
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[task.setvariable variable=X]new", "##vso[task.setvariable variable=Big.Name]b",
                         "##vso[task.setvariable variable=o;isoutput=true]out",
                         "##vso[task.setvariable variable=c;issecret=true]top secret",
                         "##vso[task.setvariable variable=hidden]other"));
    assert_str(play_text(&p), "echo new");
    assert_str(play_env(&p.op, "X"), "new");
    assert_str(play_env(&p.op, "BIG_NAME"), "b");
    assert_str(play_env(&p.op, "S_O"), "out");
    assert_str(play_env(&p.op, "O"), NULL);
    assert_str(play_env(&p.op, "C"), NULL);      /* secrets are for those who ask */
    assert_str(play_env(&p.op, "HIDDEN"), NULL); /* what was secret stays secret */
    play_rest(&p);
    play_finish(&p);
    assert_str(map_get_str(&p.outcome.outputs, STR("S.o")), "out");
    assert_str(map_get_str(&p.az.outputs, STR("s.O")), "out");
    assert_int_equal(p.outcome.outputs.n, 1);
    play_done(&p);
}

/* A guess: the first is called as its task is, the next has a number behind it. */
static void test_outputs_without_a_name(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "a", "x");
    play_script(&p, "b", "x");
    play_script(&p, "c", "$(CmdLine.v) $(CmdLine1.v)");
    play_begin(&p);
    play_go(&p);
    play_say(&p, "##vso[task.setvariable variable=v;isoutput=true]1");
    play_exit(&p, 0);
    play_say(&p, "##vso[task.setvariable variable=v;isoutput=true]2");
    play_exit(&p, 0);
    assert_str(play_text(&p), "1 2");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

#define READONLY                                                                                                       \
    "Overwriting readonly variable 'fixed' is not permitted. See "                                                     \
    "https://github.com/microsoft/azure-pipelines-yaml/blob/master/design/readonly-variables.md for details."

static void test_readonly(void **state)
{
    struct play p;
    UNUSED(state);
    check_line("##vso[task.setvariable variable=fixed]new",
               "error: Unable to process command '##vso[task.setvariable variable=fixed]new' successfully. " HELP "\n"
               "error: " READONLY "\n-1 failure: " READONLY "\n");
    play_lines(&p, LINES("##vso[task.setvariable variable=n;isreadonly=true]1", "##vso[task.setvariable variable=n]2"));
    assert_str(play_env(&p.op, "N"), "1");
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_bad_variable(void **state)
{
    UNUSED(state);
    check_line("##vso[task.setvariable]1",
               "error: Unable to process command '##vso[task.setvariable]1' successfully. " HELP "\n"
               "error: Required field 'variable' is missing in ##vso[task.setvariable] command.\n"
               "-1 failure: Required field 'variable' is missing in ##vso[task.setvariable] command.\n");
    check_line("##vso[task.setvariable variable=s;issecret=true]a%0Ab",
               "error: Unable to process command '##vso[task.setvariable variable=s;issecret=true]a%0Ab' "
               "successfully. " HELP "\n"
               "error: Secrets cannot contain multiple lines\n"
               "-1 failure: Secrets cannot contain multiple lines\n");
}

static void test_path(void **state)
{
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[task.prependpath]/a", "##vso[task.prependpath]/b", "##vso[task.prependpath]/a"));
    assert_str(play_env(&p.op, "PATH"), "/a:/b:/usr/bin:/bin");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

static void test_debug(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_var(&p, "System.Debug", "true");
    play_script(&p, "talk", "x");
    play_begin(&p);
    play_go(&p);
    play_say(&p, "##vso[task.debug]shown");
    play_rest(&p);
    assert_log(&p, "+1 talk\n  ##[debug]shown\n-1 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_restricted(void **state)
{
    static struct str allowed[] = {{"ok", 2}};
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_script(&p, "talk", "x");
    s->restricted = true;
    s->settable = (struct az_texts){.p = allowed, .n = 1, .set = true};
    play_script(&p, "next", "x");
    play_begin(&p);
    play_go(&p);
    play_say(&p, "##vso[build.addbuildtag]t");
    play_say(&p, "##vso[task.setvariable variable=no]1");
    play_say(&p, "##vso[task.setvariable variable=ok]1");
    play_exit(&p, 0);
    assert_str(play_env(&p.op, "OK"), "1");
    assert_str(play_env(&p.op, "NO"), NULL);
    play_rest(&p);
    assert_log(&p,
               "+1 talk\n"
               "warning: ##vso[build.addbuildtag] is not allowed in this step due to policy restrictions. " HELP "\n"
               "warning: Setting variable 'no' has been disabled by the task or build definition.\n"
               "-1 success\n+2 next\n-2 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_build_number(void **state)
{
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[build.updatebuildnumber]1.2.3"));
    assert_str(play_env(&p.op, "BUILD_BUILDNUMBER"), "1.2.3");
    assert_str(p.model.build_number, "1.2.3");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

/* ---- files, when the process has ended ---- */

static void test_summary(void **state)
{
    struct str text = STR("# Hello");
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[task.uploadsummary]notes.md"));
    assert_int_equal(p.op.kind, OP_FILES);
    assert_str(p.op.reads[0], "/home/vsts/work/1/s/notes.md");
    play_end(&p, &(struct op_end){.how = OP_EXITED, .reads = &text});
    play_go(&p);
    play_rest(&p);
    assert_log(&p, "+1 talk\nsummary # Hello\n-1 success\n+2 next\n-2 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_summary_missing(void **state)
{
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[task.uploadsummary]none.md"));
    play_rest(&p);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_attachment(void **state)
{
    struct play p;
    UNUSED(state);
    play_lines(&p, LINES("##vso[task.uploadfile]/tmp/a.log", "##vso[task.addattachment type=t;name=n]b"));
    assert_int_equal(p.op.kind, OP_EXPORT);
    assert_str(p.op.export.files[0].from, "/tmp/a.log");
    assert_str(p.op.export.files[0].to, "a.log");
    play_end(&p, &(struct op_end){.how = OP_EXITED, .matched = STR("/here/a.log"), .size = 3});
    play_go(&p);
    assert_str(p.op.export.files[0].from, "/home/vsts/work/1/s/b");
    play_end(&p, &(struct op_end){.how = OP_NOT_STARTED, .err = {.num = -ENOENT, .text = "no such file: b"}});
    play_go(&p);
    play_rest(&p);
    assert_log(&p, "+1 talk\nartifact a.log: /here/a.log\n"
                   "error: Unable to process command '##vso[task.addattachment type=t;name=n]b' successfully. " HELP
                   "\nerror: no such file: b\n-1 failure: no such file: b\n+2 next\n-2 success\n");
    play_finish(&p);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),           cmocka_unit_test(test_issues),
        cmocka_unit_test(test_complete),        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_quiet),           cmocka_unit_test(test_set_variable),
        cmocka_unit_test(test_readonly),        cmocka_unit_test(test_outputs_without_a_name),
        cmocka_unit_test(test_bad_variable),    cmocka_unit_test(test_path),
        cmocka_unit_test(test_debug),           cmocka_unit_test(test_restricted),
        cmocka_unit_test(test_build_number),    cmocka_unit_test(test_summary),
        cmocka_unit_test(test_summary_missing), cmocka_unit_test(test_attachment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
