/*
 * What a step's process sees (specification 6.5, 7.4, 9.1): its environment, its expanded texts; and what is hidden.
 */
#include "az_play.h"

static void begin(struct play *p)
{
    play_init(p);
    play_var(p, "My.Var Name", " spaced ");
    play_var(p, "hy-phen", "h");
    play_var(p, "a", "1");
    play_var(p, "b", "$(a)$(a)");
    play_var(p, "LANG", "from a variable");
    az_vars_set(&p->az.vars, STR("token"), STR("s3cret"), true, false);
    play_var(p, "derived", "x-$(token)");
}

static void test_environment(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p);
    struct az_step *s = play_script(&p, "x", "x");
    map_set_str(&s->env, STR("TOKEN_HERE"), STR("$(token)"));
    map_set_str(&s->env, STR("A"), STR("own"));
    map_set_str(&s->env, STR("mixed"), STR(" $(b) "));
    play_begin(&p);
    play_go(&p);
    assert_str(play_env(&p.op, "MY_VAR_NAME"), "spaced");
    assert_str(play_env(&p.op, "HY-PHEN"), "h");
    assert_str(play_env(&p.op, "B"), "11");
    assert_str(play_env(&p.op, "A"), "1"); /* a variable wins over env */
    assert_str(play_env(&p.op, "mixed"), "11");
    assert_str(play_env(&p.op, "LANG"), "from a variable");
    assert_str(play_env(&p.op, "TOKEN"), NULL);
    assert_str(play_env(&p.op, "DERIVED"), NULL); /* it has a secret in it */
    assert_str(play_env(&p.op, "TOKEN_HERE"), "s3cret");
    assert_str(play_env(&p.op, "HOME"), "/home/vsts");
    assert_str(play_env(&p.op, "TF_BUILD"), "True");
    assert_str(play_env(&p.op, "AGENT_JOBSTATUS"), "Succeeded");
    assert_str(play_env(&p.op, "agent.jobstatus"), "Succeeded");
    assert_str(play_env(&p.op, "PIPELINE_WORKSPACE"), "/home/vsts/work/1");
    assert_str(play_env(&p.op, "BUILD_ARTIFACTSTAGINGDIRECTORY"), "/home/vsts/work/1/a");
    assert_str(play_env(&p.op, "AGENT_TEMPDIRECTORY"), "/home/vsts/work/_temp");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

/* Macros once, then the agent's own environment; what neither knows is the shell's. */
static void test_texts(void **state)
{
    static const char *const CASES[][2] = {
        {"$(a) $(A) $(nope) $(pwd)", "1 1 $(nope) $(pwd)"},
        {"$(b) $($(a))", "11 $(1)"},
        {"$(HOME) $(home) $(PATH)", "/home/vsts $(home) /usr/bin:/bin"},
        {"\n  echo\n", "echo"},
        {"$(My.Var Name)", "spaced"},
        {"$(a", "$(a"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        begin(&p);
        play_script(&p, "x", CASES[i][0]);
        play_begin(&p);
        play_go(&p);
        assert_str(play_text(&p), CASES[i][1]);
        play_rest(&p);
        play_finish(&p);
        play_done(&p);
    }
}

static void test_display_name(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p);
    play_script(&p, "Run $(a) of $(nope)", "x");
    play_begin(&p);
    play_go(&p);
    play_rest(&p);
    assert_log(&p, "+1 Run 1 of $(nope)\n-1 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_missing_input(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p);
    play_step(&p, "CmdLine", "2");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.drive, DRIVE_DONE);
    assert_log(&p, "+1 CmdLine\nerror: Input required: script\n-1 failure: Input required: script\n");
    play_finish(&p);
    play_done(&p);
}

/* ---- what is hidden ---- */

static bool masked(const struct play *p, const char *text)
{
    for (size_t i = 0; i < p->masks.n; i++)
        if (str_is(p->masks.p[i], text))
            return true;
    return false;
}

static void test_masks(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p);
    play_script(&p, "x", "x");
    play_begin(&p);
    play_go(&p);
    assert_true(masked(&p, "s3cret"));
    assert_true(masked(&p, "x-s3cret"));
    play_say(&p, "##vso[task.setsecret]\"quoted;50%]\"");
    assert_true(masked(&p, "\"quoted;50%]\""));
    assert_true(masked(&p, "quoted;50%]"));
    assert_true(masked(&p, "\"quoted%3B50%%5D\""));
    assert_true(masked(&p, "\"quoted%3B50%AZP25%5D\""));
    play_say(&p, "##vso[task.setvariable variable=u;issecret=true]https://me:pass@host/x");
    assert_true(masked(&p, "pass"));
    play_say(&p, "##vso[task.setendpoint id=e;field=authParameter;key=k]auth");
    assert_true(masked(&p, "auth"));
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

/* ---- checkouts ---- */

static struct az_step *checkout(struct play *p, const char *repository)
{
    struct az_step *s = play_step(p, AZ_CHECKOUT_TASK, "1");
    play_input(s, "repository", repository);
    return s;
}

static void test_checkout(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.az.implicit_checkout = true;
    play_script(&p, "x", "x");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.kind, OP_VIEW);
    assert_str(p.op.view_path, "/home/vsts/work/1/s");
    play_exit(&p, 0);
    assert_str(p.op.argv[4], "0123456789012345678901234567890123456789");
    play_exit(&p, 0);
    play_rest(&p);
    assert_log(&p, "+1 Checkout me/proj@main to s\n"
                   "substituted checkout self: the work tree of this machine\n"
                   "-1 success\n+2 x\n-2 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_no_checkout(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    checkout(&p, "none")->condition = STR("false");
    play_script(&p, "x", "x");
    play_begin(&p);
    play_go(&p);
    play_rest(&p);
    assert_log(&p, "+1 x\n-1 success\n");
    play_finish(&p);
    play_done(&p);
}

static void test_two_checkouts(void **state)
{
    struct az_repo repos[] = {
        {.alias = STR("tools"), .type = STR("github"), .repo = STR("you/tools"), .ref = STR("refs/heads/dev")}};
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.repos = (struct az_repos){.p = repos, .n = 1};
    checkout(&p, "self");
    play_input(checkout(&p, "Tools"), "workspaceRepo", "true");
    play_script(&p, "x", "x");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.view_path, "/home/vsts/work/1/s/proj");
    play_exit(&p, 0);
    play_exit(&p, 0);
    while (p.op.kind != OP_FETCH)
        play_exit(&p, 0);
    assert_str(p.op.fetch.repo, "you/tools");
    assert_str(p.op.fetch.ref, "dev");
    assert_str(p.op.fetch.path, "/home/vsts/work/1/s/tools");
    while (p.op.step != 3)
        play_exit(&p, 0);
    assert_str(p.op.cwd, "/home/vsts/work/1/s/tools");
    assert_str(play_env(&p.op, "BUILD_SOURCESDIRECTORY"), "/home/vsts/work/1/s");
    assert_str(play_env(&p.op, "BUILD_REPOSITORY_LOCALPATH"), "/home/vsts/work/1/s/proj");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

static void test_checkout_path(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_input(checkout(&p, "self"), "path", "src/here");
    play_script(&p, "x", "x");
    play_begin(&p);
    play_go(&p);
    assert_str(p.op.view_path, "/home/vsts/work/1/src/here");
    while (p.op.step != 2)
        play_exit(&p, 0);
    assert_str(p.op.cwd, "/home/vsts/work/1/src/here");
    play_rest(&p);
    play_finish(&p);
    play_done(&p);
}

static void test_sparse_and_submodules(void **state)
{
    struct play p;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    UNUSED(state);
    play_init(&p);
    struct az_step *s = checkout(&p, "self");
    play_input(s, "sparseCheckoutDirectories", "src  docs");
    play_input(s, "submodules", "recursive");
    play_begin(&p);
    for (play_go(&p); p.drive == DRIVE_OP; play_exit(&p, 0))
        if (p.op.kind == OP_EXEC && str_is(p.op.argv[0], "git"))
            buf_printf(&b, "%s\n", play_argv(&p));
    assert_string_equal(buf_cstr(&b), "git sparse-checkout set --cone src docs\n"
                                      "git submodule update --init --force --recursive\n");
    play_finish(&p);
    play_done(&p);
}

static void test_bad_checkouts(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_input(checkout(&p, "self"), "path", "../../out");
    checkout(&p, "nobody")->condition = STR("always()");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.drive, DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "+1 Checkout self\n"
                   "error: Input path '../../out' should resolve to a directory under '/home/vsts/work/1'\n"
                   "-1 failure: Input path '../../out' should resolve to a directory under '/home/vsts/work/1'\n"
                   "+2 Checkout nobody\n"
                   "error: No repository found by name nobody\n"
                   "-2 failure: No repository found by name nobody\n");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_display_name),
        cmocka_unit_test(test_missing_input),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_checkout),
        cmocka_unit_test(test_two_checkouts),
        cmocka_unit_test(test_no_checkout),
        cmocka_unit_test(test_checkout_path),
        cmocka_unit_test(test_bad_checkouts),
        cmocka_unit_test(test_sparse_and_submodules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
