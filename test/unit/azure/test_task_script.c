/*
 * CmdLine, Bash, ShellScript, PythonScript and PowerShell as processes: what is run, with which file, and which
 * sentence tells how it ended (specification 9.2 to 9.5).
 */
#include "az_play.h"

static void begin(struct play *p)
{
    play_begin(p);
    play_go(p);
}

/* All lines of the log, with those of slipway's own. */
static void assert_said(struct play *p, const char *line)
{
    if (str_find(buf_str(&p->log), str_from(line)) < 0)
        fail_msg("'%s' is not in:\n%s", line, buf_cstr(&p->log));
}

static void end_with(struct play *p, int status, const char *wanted)
{
    play_exit(p, status);
    play_rest(p);
    play_finish(p);
    assert_log(p, wanted);
    play_done(p);
}

static void test_cmdline(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "s", "  \n echo 1\necho 2 \n\n");
    begin(&p);
    assert_string_equal(play_argv(&p), "bash --noprofile --norc /home/vsts/work/_temp/u.sh");
    assert_str(play_text(&p), "echo 1\necho 2");
    assert_true(str_find(buf_str(&p.log), STR("Script contents:")) < 0);
    end_with(&p, 4, "+1 s\nerror: Bash exited with code '4'.\n-1 failure: Bash exited with code '4'.\n");
}

static void test_one_line_is_shown(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_script(&p, "a", "make test");
    play_script(&p, "b", "echo '##VSO[task.debug]x'");
    begin(&p);
    assert_said(&p, "| Script contents:\n| make test\n| ===");
    buf_clear(&p.log);
    play_exit(&p, 0);
    assert_true(str_find(buf_str(&p.log), STR("Script contents:")) < 0);
    end_with(&p, 0, "-1 success\n+2 b\n-2 success\n");
}

static void test_stderr_fails(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_input(play_script(&p, "s", "x"), "failOnStderr", "true");
    play_script(&p, "t", "x")->condition = STR("always()");
    begin(&p);
    play_line(&p, STREAM_ERR, "oh no");
    play_exit(&p, 0);
    play_line(&p, STREAM_ERR, "this one may");
    end_with(&p, 0,
             "+1 s\n  oh no\nerror: Bash wrote one or more lines to the standard error stream.\nerror: oh no\n"
             "-1 failure: Bash wrote one or more lines to the standard error stream.\n+2 t\n  this one may\n"
             "-2 success\n");
}

static void test_folder(void **state)
{
    struct play p;
    struct op_end end = {.how = OP_NOT_STARTED};
    UNUSED(state);
    play_init(&p);
    play_input(play_script(&p, "s", "x"), "workingDirectory", "sub/../gone");
    begin(&p);
    assert_str(p.op.cwd, "/home/vsts/work/1/s/gone");
    err_set(&end.err, ENOENT, "no such folder: /home/vsts/work/1/s/gone");
    play_end(&p, &end);
    play_go(&p);
    play_finish(&p);
    assert_log(&p, "+1 s\nerror: Not found workingDirectory: /home/vsts/work/1/s/gone\n"
                   "-1 failure: Not found workingDirectory: /home/vsts/work/1/s/gone\n");
    play_done(&p);
}

static void test_bash_inline(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "bash", "3");
    play_input(s, "targetType", "Inline");
    play_input(s, "script", "echo 1");
    play_input(s, "bashEnvValue", "~/.profile");
    begin(&p);
    assert_string_equal(play_argv(&p), "bash /home/vsts/work/_temp/u.sh");
    assert_str(play_text(&p), "echo 1");
    assert_str(play_env(&p.op, "BASH_ENV"), "~/.profile");
    end_with(&p, 137,
             "+1 bash: echo 1\nerror: Bash exited with code '137'.\nwarning: Exit code 137 is that of a killed "
             "process, most "
             "often for want of memory.\n-1 failure: Bash exited with code '137'.\n");
}

static void read_file(struct play *p, const char *text)
{
    struct str reads[] = {str_from(text)};
    play_end(p, &(struct op_end){.how = OP_EXITED, .reads = reads});
    play_go(p);
}

static struct az_step *bash_file(struct play *p)
{
    struct az_step *s = play_step(p, "Bash", "3");
    play_input(s, "filePath", "ci/it's.sh");
    play_input(s, "arguments", "--x \"a b\" $HOME");
    return s;
}

static void test_bash_file(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    bash_file(&p);
    begin(&p);
    assert_int_equal(p.op.kind, OP_FILES);
    assert_str(p.op.reads[0], "/home/vsts/work/1/s/ci/it's.sh");
    read_file(&p, "echo");
    assert_string_equal(play_argv(&p), "bash /home/vsts/work/_temp/u.sh");
    assert_str(play_text(&p), "exec bash '/home/vsts/work/1/s/ci/it'\\''s.sh' --x \"a b\" $HOME");
    end_with(&p, 0, "+1 Bash\n-1 success\n");
}

static void test_bash_file_is_not_there(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    bash_file(&p);
    begin(&p);
    read_file(&p, NULL);
    assert_int_equal(p.drive, DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "+1 Bash\nerror: Invalid file path '/home/vsts/work/1/s/ci/it's.sh'.\n"
                   "-1 failure: Invalid file path '/home/vsts/work/1/s/ci/it's.sh'.\n");
    play_done(&p);
}

static void test_shell_script(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "ShellScript", "2");
    play_input(s, "scriptPath", "ci/a.sh");
    play_input(s, "args", "one \"two three\" a\\b \"c\\\"d\"");
    begin(&p);
    read_file(&p, "echo");
    assert_str(p.op.cwd, "/home/vsts/work/1/s/ci");
    assert_int_equal(p.op.n_argv, 6);
    assert_str(p.op.argv[3], "two three");
    assert_str(p.op.argv[4], "a\\b");
    assert_str(p.op.argv[5], "c\"d");
    end_with(&p, 0, "+1 ShellScript\n-1 success\n");
}

static void test_python(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "PythonScript", "0");
    play_input(s, "scriptSource", "inline");
    play_input(s, "script", "import sys\nprint(sys.argv)");
    play_input(s, "arguments", "a \"b c\"");
    begin(&p);
    assert_string_equal(play_argv(&p), "python /home/vsts/work/_temp/u.py a b c");
    assert_int_equal(p.op.n_argv, 4);
    assert_str(play_text(&p), "import sys\nprint(sys.argv)");
    end_with(&p, 2,
             "+1 PythonScript\nerror: The process 'python' failed with exit code 2\n"
             "-1 failure: The process 'python' failed with exit code 2\n");
}

static struct az_step *powershell(struct play *p)
{
    struct az_step *s = play_step(p, "PowerShell", "2");
    play_input(s, "targetType", "inline");
    play_input(s, "script", "Write-Host 1");
    return s;
}

static void test_powershell_is_missing(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    powershell(&p);
    begin(&p);
    assert_int_equal(p.drive, DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_said(&p, "'pwsh'. PowerShell is not on this machine");
    play_done(&p);
}

static void test_powershell(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_set_str(&p.facts.machine.programs, STR("pwsh"), STR("/usr/bin/pwsh"));
    play_input(powershell(&p), "errorActionPreference", "Continue");
    begin(&p);
    assert_string_equal(play_argv(&p),
                        "pwsh -NoLogo -NoProfile -NonInteractive -Command . '/home/vsts/work/_temp/u.ps1'");
    assert_str(play_text(&p), "\xef\xbb\xbf$ErrorActionPreference = 'Continue'\n$ProgressPreference = "
                              "'silentlyContinue'\nWrite-Host 1\n\nif (Test-Path -LiteralPath "
                              "variable:\\LASTEXITCODE) { exit $LASTEXITCODE }\n");
    end_with(&p, 1,
             "+1 powershell: Write-Host 1\nerror: PowerShell exited with code '1'.\n"
             "-1 failure: PowerShell exited with code '1'.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmdline),
        cmocka_unit_test(test_one_line_is_shown),
        cmocka_unit_test(test_stderr_fails),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_bash_inline),
        cmocka_unit_test(test_bash_file),
        cmocka_unit_test(test_bash_file_is_not_there),
        cmocka_unit_test(test_shell_script),
        cmocka_unit_test(test_python),
        cmocka_unit_test(test_powershell_is_missing),
        cmocka_unit_test(test_powershell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
