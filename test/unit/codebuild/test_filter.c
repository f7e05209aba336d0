#include "core/base.h"
#include "project_load.h"

/* A project with these groups, as the lines below FilterGroups. */
#define HEAD                                                                                                           \
    "Resources:\n"                                                                                                     \
    "  P:\n"                                                                                                           \
    "    Type: AWS::CodeBuild::Project\n"                                                                              \
    "    Properties:\n"                                                                                                \
    "      Name: demo-ci\n"                                                                                            \
    "      ServiceRole: arn:aws:iam::123456789012:role/ci\n"                                                           \
    "      Artifacts: {Type: NO_ARTIFACTS}\n"                                                                          \
    "      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "                            \
    "aws/codebuild/standard:7.0}\n"
#define SOURCE(type) "      Source: {Type: " type ", Location: 'https://github.com/octo/demo.git'}\n"
#define TRIGGERS "      Triggers:\n        Webhook: true\n"
#define GROUPS "        FilterGroups:\n"
#define HOOK HEAD SOURCE("GITHUB") TRIGGERS
#define EVENT(names) "          - - {Type: EVENT, Pattern: '" names "'}\n"
#define FILTER(type, pattern) "            - {Type: " type ", Pattern: '" pattern "'}\n"
#define NOT(type, pattern) "            - {Type: " type ", Pattern: '" pattern "', ExcludeMatchedPattern: true}\n"
#define TUTORIAL "^refs/heads/(main|develop|staging)$"

#define PUSH(name) ((struct change){.event = STR("push"), .branch = STR(name)})
#define TAG(name) ((struct change){.event = STR("push"), .tag = STR(name)})
#define PULL(what, from, into)                                                                                         \
    ((struct change){.event = STR("pull_request"), .action = STR(what), .branch = STR(from), .base = STR(into)})

static struct value *payload_of(struct arena *a, const char *json)
{
    struct value *v = NULL;
    struct err e = {0};
    if (json && value_from_json(a, str_from(json), MAP_NOCASE, &v, &e) < 0)
        fail_msg("%s", e.text);
    return v;
}

/* Does it start, and why? errors: those that the check tells, which a run takes as warnings. */
static void decide(const char *text, struct change c, const char *json, size_t errors, bool starts, const char *why)
{
    struct project_load l;
    struct verdict v;
    project_load_init(&l);
    l.facts.change = c;
    l.facts.payload = payload_of(l.a, json);
    project_load_template(&l, text);
    if (l.d.errors != errors)
        fail_msg("%s", project_said(&l));
    assert_int_equal(l.projects.n, 1);
    cb_verdict(l.a, &l.projects.p[0], &l.facts, &v);
    assert_text(v.why, why);
    assert_int_equal(v.starts, starts);
    project_load_done(&l);
}

#define STARTS(text, change, why) decide((text), (change), NULL, 0, true, (why))
#define NOT_STARTS(text, change, why) decide((text), (change), NULL, 0, false, (why))

static void events(void **state)
{
    UNUSED(state);
    static const struct {
        const char *event, *action, *json, *is;
    } table[] = {
        {"push", "", NULL, "PUSH"},
        {"pull_request", "", NULL, "PULL_REQUEST_CREATED"},
        {"pull_request", "opened", NULL, "PULL_REQUEST_CREATED"},
        {"pull_request", "synchronize", NULL, "PULL_REQUEST_UPDATED"},
        {"pull_request", "reopened", NULL, "PULL_REQUEST_REOPENED"},
        {"pull_request", "closed", NULL, "PULL_REQUEST_CLOSED"},
        {"pull_request", "closed", "{\"pull_request\": {\"merged\": false}}", "PULL_REQUEST_CLOSED"},
        {"pull_request", "closed", "{\"pull_request\": {\"merged\": true}}", "PULL_REQUEST_MERGED"},
        {"pull_request", "labeled", NULL, ""},
        {"release", "", NULL, "RELEASED"},
        {"release", "published", NULL, "RELEASED"},
        {"release", "released", NULL, "RELEASED"},
        {"release", "prereleased", NULL, "PRERELEASED"},
        {"release", "published", "{\"release\": {\"prerelease\": true}}", "PRERELEASED"},
        {"release", "edited", NULL, ""},
        {"workflow_job", "queued", NULL, "WORKFLOW_JOB_QUEUED"},
        {"workflow_job", "completed", NULL, ""},
        {"pull_request_target", "opened", NULL, ""},
        {"workflow_dispatch", "", NULL, ""},
        {"schedule", "", NULL, ""},
    };
    CLEAN(arena) struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct change c = {.event = str_from(table[i].event), .action = str_from(table[i].action)};
        assert_text(cb_event(&c, payload_of(a, table[i].json)), table[i].is);
    }
}

static void tutorial(void **state)
{
    UNUSED(state);
    const char *head = HOOK GROUPS EVENT("PUSH") FILTER("HEAD_REF", TUTORIAL);
    const char *base = HOOK GROUPS EVENT("PUSH") FILTER("BASE_REF", TUTORIAL);
    STARTS(head, PUSH("main"), "push to main matches HEAD_REF '" TUTORIAL "'");
    STARTS(head, PUSH("develop"), "push to develop matches HEAD_REF '" TUTORIAL "'");
    STARTS(head, PUSH("staging"), "push to staging matches HEAD_REF '" TUTORIAL "'");
    NOT_STARTS(head, PUSH("feature/main2"),
               "push to feature/main2: HEAD_REF 'refs/heads/feature/main2' does not match '" TUTORIAL "'");
    NOT_STARTS(head, TAG("main"), "push of tag main: HEAD_REF 'refs/tags/main' does not match '" TUTORIAL "'");
    NOT_STARTS(head, PULL("opened", "topic", "main"), "starts on PUSH, not on PULL_REQUEST_CREATED");
    decide(base, PUSH("main"), NULL, 1, false, "never starts: BASE_REF never matches PUSH; use HEAD_REF");
    decide(base, PUSH("develop"), NULL, 1, false, "never starts: BASE_REF never matches PUSH; use HEAD_REF");
}

/* The fault stops no run: it is a warning there, and an error of the check. */
static void base_ref_levels(void **state)
{
    UNUSED(state);
    const char *base = HOOK GROUPS EVENT("PUSH") FILTER("BASE_REF", TUTORIAL);
    for (int check = 0; check < 2; check++) {
        struct project_load l;
        project_load_init(&l);
        l.facts.only_check = check;
        project_load_template(&l, base);
        assert_string_equal(project_said(&l), check ? "14:15 E CB083 BASE_REF never matches PUSH; use HEAD_REF\n"
                                                    : "14:15 W CB083 BASE_REF never matches PUSH; use HEAD_REF\n");
        project_load_done(&l);
    }
}

/* Push and pull request in one group: the pull request passes, the push never does. */
static void base_ref_in_company(void **state)
{
    UNUSED(state);
    const char *both = HOOK GROUPS EVENT("PUSH, PULL_REQUEST_CREATED") FILTER("BASE_REF", "main");
    decide(both, PUSH("main"), NULL, 1, false, "never starts on PUSH: BASE_REF never matches PUSH; use HEAD_REF");
    decide(both, PULL("opened", "topic", "main"), NULL, 1, true,
           "PULL_REQUEST_CREATED into main matches BASE_REF 'main'");
}

/* OR of groups, AND of filters. */
static void groups(void **state)
{
    UNUSED(state);
    const char *two =
        HOOK GROUPS EVENT("PUSH") FILTER("HEAD_REF", "^refs/heads/main$") FILTER("COMMIT_MESSAGE", "thing")
            EVENT("PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED") FILTER("BASE_REF", "^refs/heads/main$");
    STARTS(two, PUSH("main"), "push to main matches HEAD_REF '^refs/heads/main$' and COMMIT_MESSAGE 'thing'");
    NOT_STARTS(two, PUSH("topic"), "push to topic: HEAD_REF 'refs/heads/topic' does not match '^refs/heads/main$'");
    STARTS(two, PULL("synchronize", "topic", "main"),
           "PULL_REQUEST_UPDATED into main matches BASE_REF '^refs/heads/main$'");
    NOT_STARTS(two, PULL("opened", "topic", "next"),
               "PULL_REQUEST_CREATED into next: BASE_REF 'refs/heads/next' does not match '^refs/heads/main$'");
    NOT_STARTS(two, PULL("closed", "topic", "main"),
               "starts on PUSH, PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED, not on PULL_REQUEST_CLOSED");
    const char *message = HOOK GROUPS EVENT("PUSH") FILTER("COMMIT_MESSAGE", "\\[CodeBuild\\]");
    NOT_STARTS(message, PUSH("main"), "push to main: its message does not match COMMIT_MESSAGE '\\[CodeBuild\\]'");
    decide(message, PUSH("main"), "{\"head_commit\": {\"message\": \"try [CodeBuild]\"}}", 0, true,
           "push to main matches COMMIT_MESSAGE '\\[CodeBuild\\]'");
}

static void event_lists(void **state)
{
    UNUSED(state);
    const char *list = HOOK GROUPS EVENT(" PUSH ,PULL_REQUEST_MERGED");
    const char *but = HOOK GROUPS "          - - {Type: EVENT, Pattern: PUSH, ExcludeMatchedPattern: true}\n";
    STARTS(list, PUSH("main"), "push to main: EVENT names PUSH");
    NOT_STARTS(list, PULL("opened", "a", "main"), "starts on PUSH, PULL_REQUEST_MERGED, not on PULL_REQUEST_CREATED");
    NOT_STARTS(but, PUSH("main"), "starts on no event, not on PUSH");
    STARTS(but, PULL("opened", "a", "main"), "PULL_REQUEST_CREATED into main: EVENT names PULL_REQUEST_CREATED");
}

static void excludes(void **state)
{
    UNUSED(state);
    const char *not_wip = HOOK GROUPS EVENT("PUSH") NOT("HEAD_REF", "^refs/heads/wip/");
    STARTS(not_wip, PUSH("main"), "push to main is not excluded by HEAD_REF '^refs/heads/wip/'");
    NOT_STARTS(not_wip, PUSH("wip/a"), "push to wip/a: HEAD_REF 'refs/heads/wip/a' is excluded by '^refs/heads/wip/'");
}

static struct change with_file(struct str *file)
{
    struct change c = PUSH("main");
    c.files_known = true;
    c.files = (struct strs){file, 1, 1};
    return c;
}

static void files(void **state)
{
    UNUSED(state);
    struct str readme = STR("docs/READ_ME.md"), code = STR("src/a.c");
    const char *only = HOOK GROUPS EVENT("PUSH") FILTER("FILE_PATH", "READ_ME");
    const char *but = HOOK GROUPS EVENT("PUSH") NOT("FILE_PATH", "^docs/");
    STARTS(only, with_file(&readme), "push to main matches FILE_PATH 'READ_ME'");
    NOT_STARTS(only, with_file(&code), "push to main changes no file that FILE_PATH 'READ_ME' matches");
    NOT_STARTS(but, with_file(&readme), "push to main changes 'docs/READ_ME.md', which FILE_PATH '^docs/' excludes");
    STARTS(but, with_file(&code), "push to main is not excluded by FILE_PATH '^docs/'");
    STARTS(only, PUSH("main"),
           "push to main: EVENT names PUSH (FILE_PATH not applied: the changed files are not known)");
}

static void actors(void **state)
{
    UNUSED(state);
    const char *one = HOOK GROUPS EVENT("PUSH") FILTER("ACTOR_ACCOUNT_ID", "^583231$");
    STARTS(
        one, PUSH("main"),
        "push to main: EVENT names PUSH (ACTOR_ACCOUNT_ID not applied: the account number of the actor is not known)");
    decide(one, PUSH("main"), "{\"sender\": {\"id\": 583231}}", 0, true,
           "push to main matches ACTOR_ACCOUNT_ID '^583231$'");
    decide(one, PUSH("main"), "{\"sender\": {\"id\": 5832310}}", 0, false,
           "push to main: ACTOR_ACCOUNT_ID '5832310' does not match '^583231$'");
}

static void releases(void **state)
{
    UNUSED(state);
    struct change c = {.event = STR("release"), .action = STR("published"), .tag = STR("v1.2")};
    const char *tags = HOOK GROUPS EVENT("RELEASED") FILTER("TAG_NAME", "^v1") FILTER("RELEASE_NAME", "stable");
    STARTS(tags, c, "RELEASED matches TAG_NAME '^v1' (RELEASE_NAME not applied: the release's name is not known)");
    decide(tags, c, "{\"release\": {\"tag_name\": \"v1.2\", \"name\": \"beta\"}}", 0, false,
           "RELEASED: RELEASE_NAME 'beta' does not match 'stable'");
    const char *tag_push = HOOK GROUPS EVENT("PUSH") FILTER("TAG_NAME", "^v1");
    decide(tag_push, TAG("v1"), NULL, 1, false, "never starts: TAG_NAME never matches PUSH");
}

static void names(void **state)
{
    UNUSED(state);
    const char *whose =
        HOOK GROUPS EVENT("PUSH") FILTER("REPOSITORY_NAME", "^demo$") FILTER("ORGANIZATION_NAME", "octo");
    STARTS(whose, PUSH("main"), "push to main matches REPOSITORY_NAME '^demo$' and ORGANIZATION_NAME 'octo'");
    const char *job = HOOK GROUPS EVENT("WORKFLOW_JOB_QUEUED") FILTER("WORKFLOW_NAME", "CI");
    struct change c = {.event = STR("workflow_job"), .action = STR("queued")};
    decide(job, c, "{\"workflow_job\": {\"workflow_name\": \"CI\"}}", 0, true,
           "WORKFLOW_JOB_QUEUED matches WORKFLOW_NAME 'CI'");
}

static void without_groups(void **state)
{
    UNUSED(state);
    struct change release = {.event = STR("release")};
    STARTS(HOOK, PUSH("a"), "push to a: without filter groups every push and pull request starts it");
    STARTS(HOOK, TAG("v1"), "push of tag v1: without filter groups every push and pull request starts it");
    STARTS(HOOK, PULL("opened", "a", "b"),
           "PULL_REQUEST_CREATED into b: without filter groups every push and pull request starts it");
    NOT_STARTS(HOOK, release,
               "RELEASED: without filter groups every push and pull request starts it, and nothing else");
}

static void without_webhook(void **state)
{
    UNUSED(state);
    NOT_STARTS(HEAD SOURCE("GITHUB"), PUSH("main"),
               "the project 'demo-ci' has no webhook (no Triggers), so PUSH starts nothing");
    NOT_STARTS(HEAD SOURCE("GITHUB") "      Triggers: {Webhook: false}\n", PUSH("main"),
               "the project 'demo-ci' has no webhook (no 'Webhook: true'), so PUSH starts nothing");
}

static void other_changes(void **state)
{
    UNUSED(state);
    const char *head = HOOK GROUPS EVENT("PUSH") FILTER("HEAD_REF", "main");
    struct change hand = {.event = STR("workflow_dispatch"), .branch = STR("topic")},
                  timer = {.event = STR("schedule")};
    struct change gone = PUSH("main");
    gone.deleted = true;
    STARTS(head, hand, "started by hand: no webhook is asked");
    STARTS(HEAD SOURCE("GITHUB"), hand, "started by hand: no webhook is asked");
    NOT_STARTS(head, timer, "CodeBuild's webhook has no event for schedule");
    NOT_STARTS(head, PULL("labeled", "a", "main"),
               "CodeBuild's webhook has no event for the activity 'labeled' of pull_request");
    NOT_STARTS(head, gone, "push to main deletes it");
}

static void approval(void **state)
{
    UNUSED(state);
    const char *all = HOOK "        PullRequestBuildPolicy: {RequiresCommentApproval: ALL_PULL_REQUESTS}\n";
    const char *forks = HOOK "        PullRequestBuildPolicy: {RequiresCommentApproval: FORK_PULL_REQUESTS}\n";
    STARTS(
        all, PULL("opened", "a", "b"),
        "PULL_REQUEST_CREATED into b: without filter groups every push and pull request starts it (the service waits "
        "for a comment of approval: ALL_PULL_REQUESTS)");
    STARTS(all, PUSH("a"), "push to a: without filter groups every push and pull request starts it");
    STARTS(forks, PULL("opened", "a", "b"),
           "PULL_REQUEST_CREATED into b: without filter groups every push and pull request starts it");
    decide(
        forks, PULL("opened", "a", "b"), "{\"pull_request\": {\"head\": {\"repo\": {\"fork\": true}}}}", 0, true,
        "PULL_REQUEST_CREATED into b: without filter groups every push and pull request starts it (the service waits "
        "for a comment of approval: FORK_PULL_REQUESTS)");
}

static void undeclared(void **state)
{
    UNUSED(state);
    struct project_load l;
    struct cb_project p;
    struct verdict v;
    project_load_init(&l);
    cb_project_default(l.a, &l.facts, &p);
    assert_text(p.name, "demo");
    cb_verdict(l.a, &p, &l.facts, &v);
    assert_true(v.starts);
    assert_text(v.why,
                "no project file here (deploy/codebuild.yaml): taken as a webhook on every push and pull request");
    l.facts.change = (struct change){.event = STR("release")};
    cb_verdict(l.a, &p, &l.facts, &v);
    assert_false(v.starts);
    project_load_done(&l);
}

/* A pattern that only a deployment knows lets through, and says so. */
static void hidden_patterns(void **state)
{
    UNUSED(state);
    STARTS(HOOK GROUPS EVENT("PUSH") "            - {Type: HEAD_REF, Pattern: !GetAtt A.B}\n", PUSH("main"),
           "push to main: EVENT names PUSH (HEAD_REF not applied: its pattern is not known)");
    STARTS(HOOK GROUPS EVENT("PUSH") "            - !If [Unknown, {Type: HEAD_REF, Pattern: a}, !Ref AWS::NoValue]\n",
           PUSH("main"), "push to main: EVENT names PUSH (a filter not applied: what it says is not known)");
}

/* Enterprise servers tell no files and messages of pull requests. */
static void enterprise(void **state)
{
    UNUSED(state);
    const char *text =
        HEAD SOURCE("GITHUB_ENTERPRISE") TRIGGERS GROUPS EVENT("PULL_REQUEST_CREATED") FILTER("FILE_PATH", "src");
    decide(text, PULL("opened", "a", "main"), NULL, 1, false,
           "never starts: FILE_PATH never matches PULL_REQUEST_CREATED");
}

static void refused(const char *group, const char *said)
{
    struct project_load l;
    project_load_init(&l);
    project_load_template(&l, arena_printf(l.a, "%s%s", HOOK GROUPS, group).p);
    assert_string_equal(project_said(&l), said);
    project_load_done(&l);
}

static void faults(void **state)
{
    UNUSED(state);
    refused("          - - {Type: HEAD_REF, Pattern: main}\n",
            "13:13 E CB080 A filter group needs a filter of type EVENT\n");
    refused(EVENT("PUSH, PULL_REQUEST_CREATE"),
            "13:38 E CB081 There is no event 'PULL_REQUEST_CREATE' | did you mean 'PULL_REQUEST_CREATED'?\n");
    refused(EVENT(""), "13:38 E CB081 EVENT names no event\n");
    refused(
        "          - {Type: EVENT, Pattern: PUSH}\n",
        "13:13 E CB062 'FilterGroups' must be a list of filter groups, each a list of filters | a group begins with `- "
        "-`: `- - {Type: EVENT, Pattern: PUSH}`\n");
    refused(EVENT("PUSH") FILTER("HEADREF", "main"),
            "14:22 E CB063 'HEADREF' is no value of 'Type' | did you mean 'HEAD_REF'?\n");
    refused(EVENT("PUSH,RELEASED") FILTER("HEAD_REF", "main"), "14:15 W CB084 HEAD_REF never matches RELEASED\n");
}

static void bad_patterns(void **state)
{
    UNUSED(state);
    struct project_load l;
    project_load_init(&l);
    project_load_template(&l, HOOK GROUPS EVENT("PUSH") FILTER("HEAD_REF", "^refs/heads/(main$"));
    const char *said = project_said(&l);
    assert_non_null(strstr(said, "14:41 E CB082 '^refs/heads/(main$' is no regular expression: "));
    project_load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),          cmocka_unit_test(tutorial),
        cmocka_unit_test(base_ref_levels), cmocka_unit_test(groups),
        cmocka_unit_test(event_lists),     cmocka_unit_test(excludes),
        cmocka_unit_test(files),           cmocka_unit_test(actors),
        cmocka_unit_test(releases),        cmocka_unit_test(names),
        cmocka_unit_test(without_groups),  cmocka_unit_test(without_webhook),
        cmocka_unit_test(other_changes),   cmocka_unit_test(approval),
        cmocka_unit_test(undeclared),      cmocka_unit_test(hidden_patterns),
        cmocka_unit_test(enterprise),      cmocka_unit_test(faults),
        cmocka_unit_test(bad_patterns),    cmocka_unit_test(base_ref_in_company),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
