/*
 * A build as the engine sees it: which step starts when, what it runs, sees and is told, and what becomes of the build.
 * The tables named after tests of cloud-build-local (build_test.go) have its cases, those that need no Docker.
 */
#include "gb_play.h"

/* Numbers of the steps that run, each behind a space. */
static const char *running(struct play *p)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (unsigned i = 1; i <= p->build.n_steps; i++)
        if (play_runs(p, i))
            buf_printf(&b, " %u", i);
    return arena_str(p->a, buf_str(&b)).p;
}

/* ---- waitFor ---- */

struct waiting {
    const char *name;
    const char *steps[10][2]; /* id, waitFor */
    const char *ends;         /* digits: numbers of steps in the order of their ends; 0 is the tenth */
    const char *started;      /* what runs at the beginning and behind each end, parted by | */
};

static void check_waiting(const struct waiting *c)
{
    struct play p;
    CLEAN(buf) struct buf got = BUF(BUF_LINE);
    play_init(&p);
    for (size_t i = 0; i < 10 && c->steps[i][0] != NULL; i++)
        play_step(&p, U, c->steps[i][0], "true", c->steps[i][1]);
    play_begin(&p);
    play_fetch(&p);
    buf_add_cstr(&got, running(&p));
    for (const char *e = c->ends; *e != '\0'; e++) {
        play_exit(&p, *e == '0' ? 10 : (unsigned)(*e - '0'), 0);
        buf_printf(&got, "|%s", running(&p));
    }
    if (strcmp(buf_cstr(&got), c->started) != 0)
        fail_msg("%s: '%s' is not '%s'", c->name, buf_cstr(&got), c->started);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

/* TestGetWaitChansForStep; an id that nobody has is refused before a build runs. */
static void test_wait_chans(void **state)
{
    static const struct waiting CASES[] = {
        {"no dependencies", {{"", ""}, {"", ""}}, "12", " 1| 2|"},
        {"one", {{"A", "-"}, {"B", "A"}}, "12", " 1| 2|"},
        {"several", {{"A", "-"}, {"B", "A"}, {"C", "A B"}}, "123", " 1| 2| 3|"},
        {"at the start", {{"", "-"}}, "1", " 1|"},
        {"a dash beside ids", {{"A", "-"}, {"", "- A"}}, "12", " 1| 2|"},
        {"a dash behind ids", {{"A", "-"}, {"", "A -"}}, "12", " 1| 2|"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        check_waiting(&CASES[i]);
}

/* TestBuildStepOrder, and TestBuildTiming's order of starts. */
static void test_step_order(void **state)
{
    static const struct waiting CASES[] = {
        {"one step", {{"", ""}}, "1", " 1|"},
        {"two steps", {{"", ""}, {"", ""}}, "12", " 1| 2|"},
        {"ten steps",
         {{"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}},
         "1234567890",
         " 1| 2| 3| 4| 5| 6| 7| 8| 9| 10|"},
        {"serial with ids", {{"A", ""}, {"B", "A"}, {"", "B"}}, "123", " 1| 2| 3|"},
        {"parallel",
         {{"I", ""},
          {"J", ""},
          {"D", ""},
          {"F", "I"},
          {"G", "I"},
          {"H", "J"},
          {"C", "G F"},
          {"E", "H"},
          {"A", "C D"},
          {"B", "D E"}},
         "1245736890",
         " 1| 2 4 5| 3 4 5 6| 3 5 6| 3 6 7| 3 6| 6 9| 8 9| 9 10| 10|"},
        {"several at once", {{"I", "-"}, {"J", "-"}, {"D", "-"}, {"A", "I J D"}}, "3124", " 1 2 3| 1 2| 2| 4|"},
        {"a step that starts at once beside one that does not",
         {{"A", "-"}, {"", ""}, {"", "-"}},
         "132",
         " 1 3| 2 3| 2|"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        check_waiting(&CASES[i]);
}

/* TestBuildTimingOutOfOrder, and TestBuildStepConcurrency: two that wait for each other both run. */
static void test_out_of_order(void **state)
{
    static const struct waiting CASES[] = {
        {"two, reversed", {{"", ""}, {"", "-"}}, "21", " 1 2| 1|"},
        {"four, reversed", {{"", ""}, {"", "-"}, {"", "-"}, {"", "-"}}, "4321", " 1 2 3 4| 1 2 3| 1 2| 1|"},
        {"four, mixed", {{"", ""}, {"", "-"}, {"", "-"}, {"", "-"}}, "2431", " 1 2 3 4| 1 3 4| 1 3| 1|"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        check_waiting(&CASES[i]);
}

/* ---- what a step runs ---- */

/* TestWorkdir; source.dir is part of the workspace's place here. */
static void test_workdir(void **state)
{
    static const struct {
        const char *source, *dir, *wanted;
    } CASES[] = {
        {"/workspace", "", "/workspace"},
        {"/workspace", "relstep", "/workspace/relstep"},
        {"/workspace/relrs", "", "/workspace/relrs"},
        {"/workspace/relrs", "relstep", "/workspace/relrs/relstep"},
        {"/workspace", "/absstep", "/absstep"},
        {"/workspace/relrs", "/absstep", "/absstep"},
        {"/workspace", "..", "/"},
        {"/workspace/relrs", "..", "/workspace"},
        {"/workspace/a/b", "../../", "/workspace"},
        {"/workspace", "foo/bar/../baz", "/workspace/foo/baz"},
    };
    struct arena *a = arena_new();
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++)
        assert_str(gb_workdir(a, str_from(CASES[i].source), str_from(CASES[i].dir)), CASES[i].wanted);
    arena_free(a);
}

/* TestEntrypoint, and the table of the specification (16.20). */
static void test_entrypoint(void **state)
{
    static const struct {
        const char *image, *entrypoint, *args, *wanted;
    } CASES[] = {
        {"gcr.io/cloud-builders/git", "", "clone x", "git clone x"},
        {"gcr.io/cloud-builders/git", "", "", "git"},
        {"gcr.io/cloud-builders/git", "bash", "-c ls", "bash -c ls"},
        {U, "", "a b c", "a b c"},
        {U, "bash", "a b c", "bash a b c"},
        {U, "", "", "bash"},
        {U, "", "-c ls", "-c ls"}, /* no shell in between: -c is the program */
        {U, "bash", "", "bash"},   /* what the image would run without arguments is dropped */
        {"bash", "", "-c ls", "bash -c ls"},
        {"bash", "", "", "bash"},
        {"node:20", "", "--version", "node --version"},
        {"node:20", "", "npm ci", "npm ci"},
        {"node:20", "npm", "ci", "npm ci"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        play_init(&p);
        struct gb_step *s = play_step(&p, CASES[i].image, "", CASES[i].args, "");
        s->entrypoint.text = str_from(CASES[i].entrypoint);
        s->has_entrypoint = s->entrypoint.text.n > 0;
        play_begin(&p);
        play_fetch(&p);
        assert_string_equal(play_argv(&p, play_op(&p, 1)), CASES[i].wanted);
        play_done(&p);
    }
}

static void test_no_command(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "x", "");
    p.build.steps[0].args.p[0].text = STR("");
    play_begin(&p);
    assert_int_equal(play_fetch(&p), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_log(&p,
               NOTED "+1 ubuntu\n| " STANDIN
                     "-1 failure: no command specified: neither args nor an entrypoint\n| ERROR\n| ERROR: build step "
                     "0 \"ubuntu\" failed: no command specified: neither args nor an entrypoint\n");
    play_done(&p);
}

static void test_script(void **state)
{
    static const struct {
        const char *script, *wanted;
    } CASES[] = {
        {"echo a\n", "#!/bin/sh\necho a\n"},
        {"#!/usr/bin/env python3\nprint(1)\n", "#!/usr/bin/env python3\nprint(1)\n"},
        {"\n#!/bin/bash\n", "#!/bin/sh\n\n#!/bin/bash\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        play_init(&p);
        struct gb_step *s = play_step(&p, U, "", "", "");
        s->script.text = str_from(CASES[i].script);
        s->has_script = true;
        play_begin(&p);
        play_fetch(&p);
        struct op *op = play_op(&p, 1);
        assert_string_equal(play_argv(&p, op), "/builder/.slipway/script-0");
        assert_int_equal(op->n_writes, 1);
        assert_str(op->writes[0].text, CASES[i].wanted);
        assert_int_equal(op->writes[0].mode, 0755);
        assert_str(play_share(op, "/builder/.slipway/script-0"), "/builder/.slipway/script-0");
        play_done(&p);
    }
}

/* ---- what it sees ---- */

static void test_shares(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    struct gb_volume one = {.name = {.text = STR("myvol")}, .path = {.text = STR("/foo/")}},
                     all = {.name = {.text = STR("every")}, .path = {.text = STR("/all")}};
    struct gb_step *first = play_step(&p, U, "", "true", ""), *second = play_step(&p, U, "", "true", "-");
    vec_push_in(p.a, &first->volumes, one);
    one.path.text = STR("/bar");
    vec_push_in(p.a, &second->volumes, one);
    vec_push_in(p.a, &p.build.options.volumes, all);
    play_begin(&p);
    play_fetch(&p);
    struct op *op = play_op(&p, 1), *other = play_op(&p, 2);
    assert_true(op->fresh_root);
    assert_str(play_share(op, "/workspace"), "/workspace");
    assert_str(play_share(op, "/builder/home"), "/builder/home");
    assert_str(play_share(op, "/builder/outputs"), "/builder/.slipway/outputs/0");
    assert_str(play_share(other, "/builder/outputs"), "/builder/.slipway/outputs/1");
    assert_str(play_share(op, "/foo"), "/cloudbuild/volumes/myvol");
    assert_str(play_share(other, "/bar"), "/cloudbuild/volumes/myvol");
    assert_str(play_share(other, "/all"), "/cloudbuild/volumes/every");
    assert_str(play_share(op, "/bar"), NULL);
    play_done(&p);
}

/* TestEnvVars: what is global, what the step says, and which wins. */
static void test_env(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.build.options.env = texts_of(&p, "GLOBAL=1 BOTH=global EQUALS=a=b");
    play_step(&p, U, "", "true", "")->env = texts_of(&p, "LOCAL=2 BOTH=local EMPTY=");
    play_step(&p, U, "", "true", "-")->env = texts_of(&p, "HOME=/elsewhere PATH=/mine");
    play_begin(&p);
    play_fetch(&p);
    const struct op *op = play_op(&p, 1);
    assert_str(play_env(op, "GLOBAL"), "1");
    assert_str(play_env(op, "LOCAL"), "2");
    assert_str(play_env(op, "BOTH"), "local");
    assert_str(play_env(op, "EQUALS"), "a=b");
    assert_str(play_env(op, "EMPTY"), "");
    assert_str(play_env(op, "HOME"), "/builder/home");
    assert_str(play_env(op, "BUILDER_OUTPUT"), "/builder/outputs");
    assert_str(play_env(op, "PATH"), "/usr/bin:/bin");
    assert_str(play_env(op, "CI"), NULL);
    assert_str(play_env(op, "PROJECT_ID"), NULL);
    op = play_op(&p, 2);
    assert_str(play_env(op, "HOME"), "/elsewhere");
    assert_str(play_env(op, "PATH"), "/mine");
    assert_str(play_env(op, "BOTH"), "global");
    play_done(&p);
}

static void test_tool_path(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "node:20", "", "npm ci", "");
    play_step(&p, "golang", "", "go test", "-");
    play_begin(&p);
    play_fetch(&p);
    assert_str(play_env(play_op(&p, 1), "PATH"), "/opt/node/bin:/usr/bin:/bin");
    assert_str(play_env(play_op(&p, 2), "PATH"), "/go/bin:/usr/local/go/bin:/usr/bin:/bin");
    assert_str(play_env(play_op(&p, 2), "GOPATH"), "/go");
    play_done(&p);
}

static void test_automap(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_init(&p.model.values.values, p.a, MAP_CASE);
    map_set_str(&p.model.values.values, STR("PROJECT_ID"), STR("demo"));
    map_set_str(&p.model.values.values, STR("_WHO"), STR("you"));
    p.build.options.automap = true;
    play_step(&p, U, "", "true", "")->env = texts_of(&p, "_WHO=me");
    play_step(&p, U, "", "true", "-")->automap = GB_FALSE;
    play_step(&p, U, "", "true", "-")->automap = GB_TRUE;
    play_begin(&p);
    play_fetch(&p);
    assert_str(play_env(play_op(&p, 1), "PROJECT_ID"), "demo");
    assert_str(play_env(play_op(&p, 1), "_WHO"), "me");
    assert_str(play_env(play_op(&p, 2), "PROJECT_ID"), NULL);
    assert_str(play_env(play_op(&p, 3), "_WHO"), "you");
    play_done(&p);
}

static void test_folder(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "true", "")->dir.text = STR("a/b");
    play_step(&p, U, "", "true", "-")->dir.text = STR("/usr/src");
    play_begin(&p);
    play_fetch(&p);
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "mkdir -p -- /workspace/a/b");
    assert_false(play_op(&p, 1)->fresh_root);
    assert_str(play_op(&p, 2)->cwd, "/usr/src"); /* of its own root: nothing to be made here */
    play_exit(&p, 1, 0);
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "true");
    assert_str(play_op(&p, 1)->cwd, "/workspace/a/b");
    play_done(&p);
}

/* ---- secrets ---- */

static void add_secret(struct play *p, const char *name, const char *version, const char *key)
{
    struct gb_secret *all = arena_array(p->a, p->build.n_secrets + 1, sizeof *all);
    if (p->build.n_secrets > 0)
        memcpy(all, p->build.secrets, p->build.n_secrets * sizeof *all);
    all[p->build.n_secrets++] =
        (struct gb_secret){.name = str_from(name), .version = str_from(version), .kms_key = str_from(key)};
    p->build.secrets = all;
}

#define VERSION "projects/p/secrets/token/versions/1"
#define KEY "projects/p/locations/global/keyRings/r/cryptoKeys/k"

/* TestSecrets with values of this run instead of a key's: by the variable, the version, the secret's name. */
static void test_secrets(void **state)
{
    static const char *const GIVEN[] = {"MY_SECRET", VERSION, "token"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(GIVEN); i++) {
        struct play p;
        play_init(&p);
        map_set_str(&p.facts.secrets, str_from(GIVEN[i]), STR("sup3rs3kr1t"));
        add_secret(&p, "MY_SECRET", VERSION, "");
        play_step(&p, U, "", "true", "")->secret_env = texts_of(&p, "MY_SECRET");
        play_step(&p, U, "", "true", "-");
        play_begin(&p);
        play_fetch(&p);
        assert_str(play_env(play_op(&p, 1), "MY_SECRET"), "sup3rs3kr1t");
        assert_str(play_env(play_op(&p, 2), "MY_SECRET"), NULL);
        assert_str(p.masks.p[0], "sup3rs3kr1t");
        play_done(&p);
    }
}

/* options.secretEnv reaches every step; a variable of the same name stays as it is (processEnvVars). */
static void test_secrets_everywhere(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    map_set_str(&p.facts.secrets, STR("KEY"), STR("s"));
    add_secret(&p, "KEY", "", KEY);
    p.build.options.secret_env = texts_of(&p, "KEY");
    play_step(&p, U, "", "true", "");
    play_step(&p, U, "", "true", "-")->env = texts_of(&p, "KEY=plain");
    play_begin(&p);
    play_fetch(&p);
    assert_str(play_env(play_op(&p, 1), "KEY"), "s");
    assert_str(play_env(play_op(&p, 2), "KEY"), "plain");
    play_done(&p);
}

static void test_secrets_missing(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    add_secret(&p, "TOKEN", VERSION, "");
    add_secret(&p, "KEY", "", KEY);
    play_step(&p, U, "", "true", "");
    play_begin(&p);
    assert_int_equal(play_go(&p), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, "error: no value for the secret TOKEN (" VERSION "): give one with -s TOKEN=VALUE\n"
                   "error: no value for the secret KEY (" KEY "): give one with -s KEY=VALUE\n"
                   "substituted ubuntu: the own tools of this host, Debian GNU/Linux 12 (bookworm)\n"
                   "-1 skipped: QUEUED: never started, as the build is FAILURE\n"
                   "| ERROR\n| ERROR: 2 of its secrets have no value: -s NAME=VALUE gives one\n");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

/* ---- the log ---- */

static void say(struct play *p, unsigned step, const char *line)
{
    CLEAN(buf) struct buf other = BUF(BUF_LINE);
    enum line_verdict v = gb_driver.line(p->run, play_op(p, step)->token, STREAM_OUT, str_from(line), &other);
    buf_printf(&p->log, "> %s\n", v == LINE_REPLACED ? buf_cstr(&other) : line);
}

static void test_log(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "one", "echo 1", "");
    play_step(&p, U, "", "echo 2", "");
    play_begin(&p);
    play_fetch(&p);
    say(&p, 1, "1");
    play_exit(&p, 1, 0);
    say(&p, 2, "2");
    play_exit(&p, 2, 0);
    play_finish(&p);
    assert_log(&p, NOTED "+1 one $ echo 1\n"
                         "| Starting Step #0 - \"one\"\n"
                         "| Step #0 - \"one\": " STANDIN "> Step #0 - \"one\": 1\n"
                         "| Finished Step #0 - \"one\"\n"
                         "-1 success\n"
                         "+2 ubuntu $ echo 2\n"
                         "| Starting Step #1\n"
                         "| Step #1: " STANDIN "> Step #1: 2\n"
                         "| Finished Step #1\n"
                         "-2 success\n"
                         "| PUSH\n| DONE\n");
    play_done(&p);
}

static void test_log_of_one(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "one", "echo it's", "");
    play_begin(&p);
    play_fetch(&p);
    say(&p, 1, "1");
    play_exit(&p, 1, 0);
    play_finish(&p);
    assert_log(&p, NOTED "+1 one $ echo 'it'\\''s'\n| " STANDIN "> 1\n-1 success\n| PUSH\n| DONE\n");
    play_done(&p);
}

/* ---- failures ---- */

#define SAID(n) "| Starting Step #" n "\n| Step #" n ": " STANDIN

static void test_failure(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "A", "false", "");
    play_step(&p, U, "", "sleep", "-");
    play_step(&p, U, "", "true", "A");
    play_step(&p, U, "", "true", "");
    play_begin(&p);
    play_fetch(&p);
    assert_int_equal(play_exit(&p, 1, 3), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p,
               NOTED "+1 A $ false\n| Starting Step #0 - \"A\"\n| Step #0 - \"A\": " STANDIN "+2 ubuntu $ sleep\n" SAID(
                   "1") "| Finished Step #0 - \"A\"\n"
                        "-1 failure: step exited with non-zero status: 3\n"
                        "stop 2\n"
                        "| Finished Step #1\n"
                        "-2 cancelled: another step of the build failed\n"
                        "-3 skipped: QUEUED: never started, as it waits for \"A\", which is FAILURE\n"
                        "-4 skipped: QUEUED: never started, as the build is FAILURE\n"
                        "| ERROR\n"
                        "| ERROR: build step 0 \"ubuntu\" failed: step exited with non-zero status: 3\n");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_int_equal(p.outcome.why.n, 0);
    play_done(&p);
}

static void test_allowed(void **state)
{
    static unsigned char codes[] = {3, 137};
    static const struct {
        bool allow_failure, codes;
        enum op_how how;
        int status;
        enum result step, build;
    } CASES[] = {
        {false, false, OP_EXITED, 1, RESULT_FAILURE, RESULT_FAILURE},
        {true, false, OP_EXITED, 1, RESULT_FAILURE, RESULT_SUCCESS},
        {false, true, OP_EXITED, 3, RESULT_FAILURE, RESULT_SUCCESS},
        {false, true, OP_EXITED, 1, RESULT_FAILURE, RESULT_FAILURE},
        {true, true, OP_EXITED, 1, RESULT_FAILURE, RESULT_FAILURE}, /* allowExitCodes takes precedence */
        {true, true, OP_EXITED, 3, RESULT_FAILURE, RESULT_SUCCESS},
        {false, true, OP_SIGNALLED, 9, RESULT_FAILURE, RESULT_SUCCESS},
        {true, false, OP_NOT_STARTED, 0, RESULT_FAILURE, RESULT_SUCCESS},
        {true, false, OP_TIMED_OUT, 0, RESULT_FAILURE, RESULT_FAILURE}, /* that is TIMEOUT, no failure */
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        play_init(&p);
        struct gb_step *s = play_step(&p, U, "", "x", "");
        s->allow_failure = CASES[i].allow_failure;
        s->allow_exit_codes = codes;
        s->n_allow_exit_codes = CASES[i].codes ? ARRAY_LEN(codes) : 0;
        play_step(&p, U, "", "true", "");
        play_begin(&p);
        play_fetch(&p);
        play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = CASES[i].how, .status = CASES[i].status});
        play_go(&p);
        assert_int_equal(play_runs(&p, 2), CASES[i].build == RESULT_SUCCESS);
        if (play_runs(&p, 2))
            play_exit(&p, 2, 0);
        play_finish(&p);
        assert_int_equal(p.outcome.result, CASES[i].build);
        play_done(&p);
    }
}

static void test_step_timeout(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "sleep", "")->timeout_ns = 1500000000;
    play_begin(&p);
    play_fetch(&p);
    assert_int_equal(play_op(&p, 1)->timeout_ns, 1500000000);
    play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_TIMED_OUT});
    assert_int_equal(play_go(&p), DRIVE_DONE);
    play_finish(&p);
    assert_log(&p, NOTED "+1 ubuntu $ sleep\n| " STANDIN
                         "-1 failure: step exceeded its timeout of 1.5s\n| TIMEOUT\n| ERROR: build step "
                         "0 \"ubuntu\" failed: step exceeded its timeout of 1.5s\n");
    assert_str(p.outcome.why, "TIMEOUT");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

/* TestTimeout and TestCancel: SUCCESS, WORKING or CANCELLED, QUEUED. */
static void cancelled(struct play *p, enum cancel_why why)
{
    play_init(p);
    play_step(p, U, "", "true", "");
    play_step(p, U, "", "sleep", "-");
    play_step(p, U, "", "true", "");
    play_begin(p);
    play_fetch(p);
    play_exit(p, 1, 0);
    gb_driver.cancel(p->run, why);
    assert_false(gb_driver.spares(p->run, play_op(p, 2)->token));
    assert_int_equal(play_go(p), DRIVE_WAIT);
    play_end_op(p, play_op(p, 2), &(struct op_end){.how = OP_STOPPED});
    assert_int_equal(play_go(p), DRIVE_DONE);
    play_finish(p);
}

#define ENDED(word) "| Finished Step #1\n-2 cancelled" word "\n-3 skipped: QUEUED: never started, as the build is "
#define BEFORE NOTED "+1 ubuntu $ true\n" SAID("0") "+2 ubuntu $ sleep\n" SAID("1") "| Finished Step #0\n-1 success\n"

static void test_timeout(void **state)
{
    struct play p;
    UNUSED(state);
    cancelled(&p, CANCEL_TIMEOUT);
    assert_log(
        &p,
        BEFORE ENDED(": WORKING when the build timed out") "TIMEOUT\n| TIMEOUT\n| ERROR: context deadline exceeded\n");
    assert_str(p.outcome.why, "TIMEOUT");
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    play_done(&p);
}

static void test_cancel(void **state)
{
    struct play p;
    UNUSED(state);
    cancelled(&p, CANCEL_USER);
    assert_log(&p, BEFORE ENDED("") "CANCELLED\n| CANCELLED\n| ERROR: context canceled\n");
    assert_str(p.outcome.why, "CANCELLED");
    assert_int_equal(p.outcome.result, RESULT_CANCELLED);
    play_done(&p);
}

/* ---- images ---- */

static void test_refused(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "true", "");
    play_step(&p, "gcr.io/cloud-builders/docker", "", "build .", "");
    play_step(&p, "python:3.9", "", "", "");
    play_begin(&p);
    assert_int_equal(play_go(&p), DRIVE_DONE);
    play_finish(&p);
    assert_log(
        &p, "substituted ubuntu: the own tools of this host, Debian GNU/Linux 12 (bookworm)\n"
            "error: Step #1: gcr.io/cloud-builders/docker: images are built, pushed and run by the image room, which "
            "this version does not have (--skip-unknown leaves the step out)\n"
            "error: Step #2: python:3.9: no Python 3.9 here (there is: 3.12.1 (uv), 3.11.2 (system)) (--skip-unknown "
            "leaves the step out)\n"
            "-1 skipped: QUEUED: never started, as the build is FAILURE\n"
            "-2 skipped: QUEUED: never started, as the build is FAILURE\n"
            "-3 skipped: QUEUED: never started, as the build is FAILURE\n"
            "| ERROR\n| ERROR: 2 of its steps have an image that nothing here stands in for\n");
    assert_str(p.outcome.why, "2 of its steps have an image that nothing here stands in for");
    play_done(&p);
}

static void test_skipped(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.facts.skip_unknown = true;
    play_step(&p, "gcr.io/p/x", "", "build .", "");
    play_step(&p, U, "", "true", "");
    p.build.images = texts_of(&p, "gcr.io/p/x");
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 2, 0);
    play_finish(&p);
#define LACKS "no tool of this host stands in for it"
    assert_log(&p, NOTED
               "| Step #0: skipped: gcr.io/p/x: " LACKS "\n"
               "skipped gcr.io/p/x: " LACKS "\n"
               "-1 skipped: " LACKS "\n"
               "+2 ubuntu $ true\n" SAID(
                   "1") "| Finished Step #1\n-2 success\n| PUSH\n"
                        "skipped images: gcr.io/p/x: is pushed by the image room, which this version does not have\n"
                        "| DONE\n");
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

/* ---- Python ---- */

#define PY "/cloudbuild/tools/python-3.12.1"

/* Two steps of one image: the environment is found once, both wait for it, and see it first on their PATH. */
static void test_python(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "python:3.12", "", "pytest", "");
    play_step(&p, "python:3.12-slim", "", "pytest", "-");
    play_begin(&p);
    play_fetch(&p);
    struct op *op = play_op(&p, 1);
    assert_int_equal(op->kind, OP_RESTORE);
    assert_false(play_runs(&p, 2));
    play_end_op(&p, op, &(struct op_end){.how = OP_EXITED, .matched = STR("key")});
    play_go(&p);
    assert_string_equal(running(&p), " 1 2");
    assert_string_equal(play_argv(&p, play_op(&p, 2)), "pytest");
    assert_str(play_env(play_op(&p, 2), "PATH"), PY "/bin:/usr/bin:/bin");
    assert_str(play_env(play_op(&p, 2), "PYTHON_VERSION"), "3.12.1");
    assert_str(play_share(play_op(&p, 2), PY), NULL);
    play_done(&p);
}

/* One that was made in this run is taken away, and shown as what was kept. */
static void test_python_made(void **state)
{
    static const char cfg[] = "include-system-site-packages = false\n";
    struct str read = str_from(cfg);
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "python:3.12", "", "pytest", "");
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 1, 0); /* a miss */
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "/opt/py/bin/python3.12 -m venv " PY);
    play_exit(&p, 1, 0);
    play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_EXITED, .reads = &read});
    play_go(&p);
    play_exit(&p, 1, 0); /* tailored */
    assert_int_equal(play_op(&p, 1)->kind, OP_SAVE);
    play_exit(&p, 1, 0);
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "rm -rf -- " PY);
    play_exit(&p, 1, 0);
    assert_int_equal(play_op(&p, 1)->kind, OP_RESTORE);
    play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_EXITED, .matched = STR("key")});
    play_go(&p);
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "pytest");
    assert_str(play_share(play_op(&p, 1), PY), NULL);
    play_done(&p);
}

/* Where nothing can be kept, steps share the one that was made, which is told. */
static void test_python_shared(void **state)
{
    static const char cfg[] = "include-system-site-packages = false\n";
    struct str read = str_from(cfg);
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "python:3.12", "", "pytest", "");
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 1, 0);
    play_exit(&p, 1, 0);
    play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_EXITED, .reads = &read});
    play_go(&p);
    play_exit(&p, 1, 0);
    play_end_op(&p, play_op(&p, 1), &(struct op_end){.how = OP_NOT_STARTED});
    play_go(&p);
    assert_string_equal(play_argv(&p, play_op(&p, 1)), "pytest");
    assert_str(play_share(play_op(&p, 1), PY), PY);
    assert_true(str_find(buf_str(&p.log), STR("emulated " PY ": could not be kept")) > 0);
    play_done(&p);
}

static void test_python_fails(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, "python:3.12", "", "pytest", "");
    play_begin(&p);
    play_fetch(&p);
    play_exit(&p, 1, 0);
    assert_int_equal(play_exit(&p, 1, 1), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_true(str_find(buf_str(&p.log), STR("cannot make a virtual environment")) > 0);
    play_done(&p);
}

/* ---- plain sandboxes ---- */

static void test_plain(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.room.prefix = STR("/x/root");
    play_step(&p, U, "", "true", "")->dir.text = STR("/workspace");
    play_begin(&p);
    play_go(&p);
    assert_string_equal(play_argv(&p, play_op(&p, 0)), "mkdir -p -- /x/root/builder/.slipway/outputs/0");
    play_exit(&p, 0, 0);
    assert_str(play_op(&p, 0)->view_path, "/x/root/workspace");
    play_end_op(&p, play_op(&p, 0), &(struct op_end){.how = OP_EXITED});
    play_go(&p);
    assert_int_equal(play_op(&p, 1)->n_shares, 0);
    assert_str(play_op(&p, 1)->cwd, "/x/root/workspace");
    assert_str(play_env(play_op(&p, 1), "BUILDER_OUTPUT"), "/x/root/builder/.slipway/outputs/0");
    assert_true(str_find(buf_str(&p.log), STR("emulated steps: one root for all of them")) > 0);
    play_done(&p);
}

static void test_plain_volumes(void **state)
{
    struct play p;
    struct gb_volume v = {.name = {.text = STR("vol")}, .path = {.text = STR("/v")}};
    UNUSED(state);
    play_init(&p);
    p.room.prefix = STR("/x/root");
    struct gb_step *s = play_step(&p, U, "", "true", "");
    vec_push_in(p.a, &s->volumes, v);
    play_begin(&p);
    assert_null(p.run);
    assert_true(str_starts(buf_str(&p.log), STR("volumes cannot be shown where the build wants them")));
    play_done(&p);
}

static void test_by_hand(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_step(&p, U, "", "true", "");
    p.facts.repo.is_git = true;
    play_begin(&p);
    p.model.trigger = NULL;
    play_go(&p);
    assert_true(str_find(buf_str(&p.log), STR("emulated .git: is not in /workspace")) > 0);
    play_done(&p);
}

int main(void) /* table */
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_chans),
        cmocka_unit_test(test_step_order),
        cmocka_unit_test(test_out_of_order),
        cmocka_unit_test(test_workdir),
        cmocka_unit_test(test_entrypoint),
        cmocka_unit_test(test_no_command),
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_env),
        cmocka_unit_test(test_tool_path),
        cmocka_unit_test(test_automap),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_secrets_everywhere),
        cmocka_unit_test(test_secrets_missing),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_of_one),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_step_timeout),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_python),
        cmocka_unit_test(test_python_made),
        cmocka_unit_test(test_python_shared),
        cmocka_unit_test(test_python_fails),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_plain_volumes),
        cmocka_unit_test(test_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
