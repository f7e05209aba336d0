#include "core/base.h"
#include "plan_load.h"

/* ---- on-failure ---- */

static void assert_on_failure(const char *text, enum cb_failure how, unsigned retries, const char *pattern)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct cb_on_failure f = {0};
    struct err e = {0};
    assert_int_equal(cb_on_failure_parse(a, str_from(text), &f, &e), 0);
    assert_int_equal(f.how, how);
    if (how == CB_RETRY) {
        assert_int_equal(f.retries, retries);
        assert_true(str_is(f.pattern, pattern));
    }
}

static void assert_no_on_failure(const char *text, const char *says)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct cb_on_failure f = {.how = CB_ABORT};
    struct err e = {0};
    assert_int_equal(cb_on_failure_parse(a, str_from(text), &f, &e), -EINVAL);
    assert_string_equal(e.text, says);
    assert_int_equal(f.how, CB_ABORT);
}

static void test_on_failure(void **state)
{
    UNUSED(state);
    assert_on_failure("ABORT", CB_ABORT, 0, "");
    assert_on_failure("Continue", CB_CONTINUE, 0, "");
    assert_on_failure("RETRY", CB_RETRY, 3, "");
    assert_on_failure("RETRY-0", CB_RETRY, 0, "");
    assert_on_failure("RETRY-100", CB_RETRY, 100, "");
    assert_on_failure("Retry-3-.*timeout.*", CB_RETRY, 3, ".*timeout.*");
    assert_on_failure("RETRY-2-regex", CB_RETRY, 2, "regex");
    assert_on_failure("RETRY-2-a-b", CB_RETRY, 2, "a-b");
    assert_on_failure("RETRY-.*Error.*", CB_RETRY, 3, ".*Error.*");
    assert_on_failure("RETRY-2x-y", CB_RETRY, 3, "2x-y");
    assert_on_failure("RETRY-a-2", CB_RETRY, 3, "a-2");
}

static void test_on_failure_wrong(void **state)
{
    const char *forms = "it is ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex";
    UNUSED(state);
    assert_no_on_failure("", forms);
    assert_no_on_failure("STOP", forms);
    assert_no_on_failure("RETRY2", forms);
    assert_no_on_failure("ABORT-2", forms);
    assert_no_on_failure("RETRY-", "nothing follows the last -");
    assert_no_on_failure("RETRY-3-", "nothing follows the last -");
    assert_no_on_failure("RETRY-101", "it retries 0 to 100 times");
    assert_no_on_failure("RETRY-99999999999999999999-x", "it retries 0 to 100 times");
    assert_no_on_failure("RETRY-(", "missing closing parenthesis (at byte 1)");
}

/* ---- secrets-manager ---- */

static void assert_secret(const char *text, const char *id, const char *key, const char *stage, const char *version)
{
    struct cb_ref r = {.name = STR("kept")};
    struct err e = {0};
    assert_int_equal(cb_secret_parse(str_from(text), &r, &e), 0);
    assert_true(r.secret);
    assert_true(str_is(r.secret_id, id));
    assert_true(str_is(r.json_key, key));
    assert_true(str_is(r.stage, stage));
    assert_true(str_is(r.version_id, version));
    assert_true(str_is(r.name, "kept"));
}

static void assert_no_secret(const char *text)
{
    struct cb_ref r = {0};
    struct err e = {0};
    assert_int_equal(cb_secret_parse(str_from(text), &r, &e), -EINVAL);
    assert_true(e.text[0] != '\0');
    assert_false(r.secret);
}

#define ARN "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3"

static void test_secret(void **state)
{
    UNUSED(state);
    assert_secret("db", "db", "", "AWSCURRENT", "");
    assert_secret("prod/db", "prod/db", "", "AWSCURRENT", "");
    assert_secret("db:password", "db", "password", "AWSCURRENT", "");
    assert_secret("db:password:AWSPREVIOUS", "db", "password", "AWSPREVIOUS", "");
    assert_secret("db:password::0123", "db", "password", "", "0123");
    assert_secret("db:::0123", "db", "", "", "0123");
    assert_secret("db::", "db", "", "AWSCURRENT", "");
    assert_secret(ARN, ARN, "", "AWSCURRENT", "");
    assert_secret(ARN ":password", ARN, "password", "AWSCURRENT", "");
    assert_secret(ARN ":password:AWSPREVIOUS", ARN, "password", "AWSPREVIOUS", "");
    assert_secret(ARN "::AWSPREVIOUS:", ARN, "", "AWSPREVIOUS", "");
}

static void test_secret_wrong(void **state)
{
    UNUSED(state);
    assert_no_secret("");
    assert_no_secret(":key");
    assert_no_secret("db:key:AWSCURRENT:0123");
    assert_no_secret("db:key:::");
    assert_no_secret("db:a:b:c:d");
    assert_no_secret("arn:");
    assert_no_secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:");
    assert_no_secret("arn:aws:ssm:eu-west-1:123456789012:parameter:x");
    assert_no_secret(ARN ":a:b:c:d");
}

/* ---- a whole file ---- */

static const char whole[] = "version: \"0.2\"\n"
                            "run-as: builder\n"
                            "env:\n"
                            "  shell: bash\n"
                            "  variables: {NUMBER: 3.10, EMPTY: , YES: yes}\n"
                            "  parameter-store: {USER_NAME: /app/user}\n"
                            "  secrets-manager: {PASS: 'db:password'}\n"
                            "  exported-variables: [TAG]\n"
                            "  git-credential-helper: yes\n"
                            "phases:\n"
                            "  post_build: {commands: [make clean]}\n"
                            "  install:\n"
                            "    run-as: root\n"
                            "    runtime-versions: {python: 3.10}\n"
                            "  build:\n"
                            "    on-failure: RETRY-2\n"
                            "    commands:\n"
                            "      - |\n"
                            "        cd app\n"
                            "        make\n"
                            "      - 123\n"
                            "    finally: [make log]\n"
                            "reports:\n"
                            "  unit: {files: ['*.xml'], base-directory: out, file-format: cucumberjson}\n"
                            "artifacts:\n"
                            "  files: [a, b]\n"
                            "  name: app-$(date +%F)\n"
                            "  discard-paths: yes\n"
                            "  exclude-paths: [c]\n"
                            "  s3-prefix: p\n"
                            "  enable-symlinks: no\n"
                            "  secondary-artifacts: {docs: {files: [d], base-directory: 'my-*'}}\n"
                            "cache: {paths: [/root/.cache], key: k, fallback-keys: [f], action: save}\n";

static void check_whole(const struct cb_spec *s)
{
    assert_int_equal(s->version, 2);
    assert_true(str_is(s->run_as, "builder") && str_is(s->shell, "bash"));
    assert_true(str_is(map_get_str(&s->variables, STR("NUMBER")), "3.10"));
    assert_true(str_is(map_get_str(&s->variables, STR("YES")), "yes"));
    assert_int_equal(map_get_str(&s->variables, STR("EMPTY")).n, 0);
    assert_int_equal(s->variables.n, 3);
    assert_int_equal(s->n_refs, 2);
    assert_true(!s->refs[0].secret && str_is(s->refs[0].target, "/app/user"));
    assert_true(s->refs[1].secret && str_is(s->refs[1].json_key, "password"));
    assert_true(s->exported.n == 1 && s->git_credential_helper);
    assert_int_equal(s->n_phases, 3);
    assert_false(s->phases[CB_PRE_BUILD].present);
    assert_true(str_is(s->phases[CB_INSTALL].run_as, "root"));
    assert_true(s->n_runtimes == 1 && str_is(s->runtimes[0].version, "3.10"));
    assert_true(str_is(s->phases[CB_BUILD].commands.p[0].text, "cd app\nmake\n"));
    assert_true(str_is(s->phases[CB_BUILD].commands.p[1].text, "123"));
    assert_true(s->phases[CB_BUILD].finally.n == 1 && s->phases[CB_BUILD].on_failure.retries == 2);
}

static void check_files(const struct cb_spec *s)
{
    assert_true(s->n_reports == 1 && s->reports[0].format == REPORT_CUCUMBER && str_is(s->reports[0].id, "unit"));
    assert_true(s->has_artifacts && s->artifacts.files.n == 2 && s->artifacts.exclude.n == 1);
    assert_true(s->artifacts.discard_paths && !s->artifacts.symlinks && str_is(s->artifacts.s3_prefix, "p"));
    assert_true(str_is(s->artifacts.name, "app-$(date +%F)"));
    assert_true(s->n_secondary == 1 && str_is(s->secondary[0].id, "docs"));
    assert_true(str_is(s->secondary[0].base_directory, "my-*"));
    assert_true(s->cache.present && s->cache.save && !s->cache.restore && str_is(s->cache.key, "k"));
}

static void test_whole(void **state)
{
    struct plan_load l;
    UNUSED(state);
    plan_load_init(&l);
    plan_load_read(&l, whole);
    assert_string_equal(plan_said(&l), "");
    assert_non_null(l.plan);
    const struct cb_model *m = l.plan->model;
    check_whole(m->spec);
    check_files(m->spec);
    plan_load_done(&l);
}

/* ---- words that only look wrong ---- */

static void assert_quiet(const char *command)
{
    struct plan_load l;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    plan_load_init(&l);
    buf_add_cstr(&b, "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        ");
    for (const char *p = command; *p != '\0'; p++) {
        buf_add_ch(&b, *p);
        if (*p == '\n')
            buf_add_cstr(&b, "        ");
    }
    buf_add_ch(&b, '\n');
    plan_load_read(&l, buf_cstr(&b));
    assert_string_equal(plan_said(&l), "");
    plan_load_done(&l);
}

static void test_quiet(void **state)
{
    UNUSED(state);
    assert_quiet("echo '[[' \"a == b\" \\[\\[");
    assert_quiet("python -c 'if a == b: print(1)'");
    assert_quiet("jq '.a == \"b\"' file | test -s");
    assert_quiet("expr 1 == 1");
    assert_quiet("echo then else fi done");
    assert_quiet("for f in a b; do\n  if test $f = a; then echo $f; fi\ndone");
    assert_quiet("case $A in\n  a) echo;;\n  *) if true; then echo; fi;;\nesac");
    assert_quiet("cat > f <<EOF\nif [[ a == b ]]; then source x\nEOF");
    assert_quiet("x=$(if true; then echo a; fi)");
    assert_quiet("! grep x file");
    assert_quiet("echo \"unclosed");
    assert_quiet("run() {\n  make\n}\nrun");
    assert_quiet("(cd a && make)\ncd b");
    assert_quiet("make a && \\\n  make b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_failure), cmocka_unit_test(test_on_failure_wrong),
        cmocka_unit_test(test_secret),     cmocka_unit_test(test_secret_wrong),
        cmocka_unit_test(test_whole),      cmocka_unit_test(test_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
