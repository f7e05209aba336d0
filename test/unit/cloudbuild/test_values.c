/*
 * What keys stand for in one start of a build, whose word counts most, and durations.
 */
#include "gb_load.h"

struct start {
    struct load l;
    struct facts f;
    struct gb_trigger t;
    bool by_hand;
};

static void start_init(struct start *s, const char *event, const char *config)
{
    *s = (struct start){0};
    load_init(&s->l);
    load_text(&s->l, str_from(config));
    map_init(&s->f.substitutions, s->l.a, MAP_CASE);
    map_init(&s->t.substitutions, s->l.a, MAP_CASE);
    s->by_hand = strcmp(event, "workflow_dispatch") == 0;
    s->f.change = (struct change){.event = str_from(event), .branch = STR("topic"), .base = STR("main")};
    s->f.repo.owner = STR("octo");
    s->f.repo.name = STR("demo");
    s->f.repo.remote_url = STR("https://example.com/octo/demo");
    s->f.repo.sha = STR("0123456789012345678901234567890123456789");
}

/* "A=x B=y" of the keys asked for. */
static struct str values_of(struct start *s, const char *keys)
{
    struct gb_start how = {.facts = &s->f,
                           .trigger = s->by_hand ? NULL : &s->t,
                           .trigger_name = STR("on-push"),
                           .build_id = STR("the-id"),
                           .config = STR("ci/build.yaml")};
    struct str rest = str_from(keys), key;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    gb_values_make(&s->l.v, s->l.a, s->l.b, &how, &s->l.d);
    while (str_next(&rest, ' ', &key))
        buf_printf(&b, "%s%.*s=%.*s", b.n > 0 ? " " : "", STR_ARG(key), STR_ARG(map_get_str(&s->l.v.values, key)));
    return arena_str(s->l.a, buf_str(&b));
}

#define CONFIG "steps: [{name: foo}]\n"

static void built_ins_of_a_push(void **state)
{
    UNUSED(state);
    struct start s;
    start_init(&s, "push", CONFIG);
    assert_string_equal(
        values_of(&s, "PROJECT_ID PROJECT_NUMBER LOCATION BUILD_ID TRIGGER_NAME").p,
        "PROJECT_ID=slipway-local PROJECT_NUMBER=0 LOCATION=global BUILD_ID=the-id TRIGGER_NAME=on-push");
    assert_string_equal(values_of(&s, "SHORT_SHA COMMIT_SHA").p,
                        "SHORT_SHA=0123456 COMMIT_SHA=0123456789012345678901234567890123456789");
    assert_string_equal(values_of(&s, "REVISION_ID").p, "REVISION_ID=0123456789012345678901234567890123456789");
    assert_string_equal(values_of(&s, "BRANCH_NAME TAG_NAME REF_NAME REPO_NAME REPO_FULL_NAME").p,
                        "BRANCH_NAME=topic TAG_NAME= REF_NAME=topic REPO_NAME=demo REPO_FULL_NAME=octo/demo");
    assert_string_equal(values_of(&s, "TRIGGER_BUILD_CONFIG_PATH").p, "TRIGGER_BUILD_CONFIG_PATH=ci/build.yaml");
    assert_true(s.l.v.loose && s.l.v.dynamic);
    assert_null(map_find(&s.l.v.values, STR("_PR_NUMBER")));
    s.f.repo.sha = STR("abcd");
    assert_string_equal(values_of(&s, "SHORT_SHA").p, "SHORT_SHA=abcd");
    s.f.change.branch = STR("");
    s.f.change.tag = STR("v1");
    assert_string_equal(values_of(&s, "BRANCH_NAME TAG_NAME REF_NAME").p, "BRANCH_NAME= TAG_NAME=v1 REF_NAME=v1");
    load_done(&s.l);
}

static void built_ins_of_a_pull_request(void **state)
{
    UNUSED(state);
    struct start s;
    struct err e;
    const char *keys = "_HEAD_BRANCH _BASE_BRANCH _HEAD_REPO_URL _PR_NUMBER";
    start_init(&s, "pull_request", CONFIG);
    assert_string_equal(
        values_of(&s, keys).p,
        "_HEAD_BRANCH=topic _BASE_BRANCH=main _HEAD_REPO_URL=https://example.com/octo/demo _PR_NUMBER=1");
    struct str json =
        STR("{\"pull_request\": {\"number\": 42, \"head\": {\"repo\": {\"clone_url\": \"https://x/y\"}}}}");
    assert_int_equal(value_from_json(s.l.a, json, MAP_CASE, &s.f.payload, &e), 0);
    assert_string_equal(values_of(&s, "_HEAD_REPO_URL _PR_NUMBER").p, "_HEAD_REPO_URL=https://x/y _PR_NUMBER=42");
    load_done(&s.l);
}

static void built_ins_by_hand(void **state)
{
    UNUSED(state);
    struct start s;
    start_init(&s, "workflow_dispatch", CONFIG);
    assert_string_equal(values_of(&s, "PROJECT_ID COMMIT_SHA BRANCH_NAME REPO_NAME TRIGGER_NAME").p,
                        "PROJECT_ID=slipway-local COMMIT_SHA= BRANCH_NAME= REPO_NAME= TRIGGER_NAME=");
    assert_false(s.l.v.loose || s.l.v.dynamic);
    load_done(&s.l);
    start_init(&s, "workflow_dispatch",
               CONFIG "options: {substitutionOption: ALLOW_LOOSE, dynamicSubstitutions: true}\n");
    values_of(&s, "");
    assert_true(s.l.v.loose && s.l.v.dynamic);
    load_done(&s.l);
}

static void accounts(void **state)
{
    UNUSED(state);
    struct start s;
    const char *keys = "SERVICE_ACCOUNT_EMAIL SERVICE_ACCOUNT";
    start_init(&s, "push", CONFIG "serviceAccount: projects/p/serviceAccounts/of@build\n");
    assert_string_equal(values_of(&s, keys).p, "SERVICE_ACCOUNT_EMAIL=of@build "
                                               "SERVICE_ACCOUNT=projects/slipway-local/serviceAccounts/of@build");
    s.t.service_account = STR("projects/p/serviceAccounts/of@trigger");
    assert_string_equal(values_of(&s, "SERVICE_ACCOUNT_EMAIL").p, "SERVICE_ACCOUNT_EMAIL=of@trigger");
    load_done(&s.l);
    start_init(&s, "push", CONFIG);
    assert_string_equal(values_of(&s, "SERVICE_ACCOUNT_EMAIL").p,
                        "SERVICE_ACCOUNT_EMAIL=0-compute@developer.gserviceaccount.com");
    load_done(&s.l);
}

static void the_last_word(void **state)
{
    UNUSED(state);
    struct start s;
    start_init(&s, "push", CONFIG "substitutions: {_A: file, _B: file, _C: file, _D: '${_A}-$(body.x)'}\n");
    map_set_str(&s.t.substitutions, STR("_B"), STR("trigger"));
    map_set_str(&s.t.substitutions, STR("_C"), STR("trigger"));
    map_set_str(&s.t.substitutions, STR("_D"), STR("${_C}-${COMMIT_SHA:0:3}"));
    map_set_str(&s.f.substitutions, STR("_C"), STR("flag"));
    map_set_str(&s.f.substitutions, STR("COMMIT_SHA"), STR("abcdef"));
    map_set_str(&s.f.substitutions, STR("PROJECT_ID"), STR("mine"));
    assert_string_equal(values_of(&s, "_A _B _C _D COMMIT_SHA PROJECT_ID").p,
                        "_A=file _B=trigger _C=flag _D=flag-abc COMMIT_SHA=abcdef PROJECT_ID=mine");
    assert_int_equal(s.l.d.errors, 0); /* the file's $(body.x) does not count: the trigger's value does */
    map_set_str(&s.f.substitutions, STR("BUILD_ID"), STR("x"));
    map_set_str(&s.f.substitutions, STR("PROJECT_NUMBER"), STR("1"));
    values_of(&s, "");
    assert_string_equal(load_codes(&s.l, DIAG_ERROR).p, "GB065");
    assert_int_equal(s.l.d.errors, 1);
    load_done(&s.l);
}

static void durations(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"600s", 600000000000}, {"1.5s", 1500000000},
                {"0.000000001s", 1},    {"0s", 0},
                {"-2s", -2000000000},   {"86400s", 86400000000000},
                {"-0.5s", -500000000},  {"99999999999999999999s", 9000000000000000000}};
    static const char *const bad[] = {"",    "s",   "600",  "10m",  "1h",  ".5s",           "1.s",
                                      "1 s", "+1s", "--1s", "1e3s", "1s ", "1.0000000001s", "0x1s"};
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        int64_t ns = -1;
        assert_int_equal(gb_duration_parse(str_from(good[i].text), &ns, &e), 0);
        assert_true(ns == good[i].ns);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int64_t ns = 77;
        assert_int_equal(gb_duration_parse(str_from(bad[i]), &ns, &e), -EINVAL);
        assert_true(ns == 77 && e.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_ins_of_a_push), cmocka_unit_test(built_ins_of_a_pull_request),
        cmocka_unit_test(built_ins_by_hand),   cmocka_unit_test(accounts),
        cmocka_unit_test(the_last_word),       cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
