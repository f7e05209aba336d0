#include "core/base.h"
#include "project_load.h"

/* What is told of a template; lines of a whole project, whose properties are these. */
static void assert_said(const char *text, const char *said)
{
    struct project_load l;
    project_load_init(&l);
    project_load_template(&l, text);
    assert_string_equal(project_said(&l), said);
    project_load_done(&l);
}

#define HEAD                                                                                                           \
    "Resources:\n"                                                                                                     \
    "  P:\n"                                                                                                           \
    "    Type: AWS::CodeBuild::Project\n"                                                                              \
    "    Properties:\n"
#define NAME "      Name: demo-ci\n"
#define ROLE "      ServiceRole: arn:aws:iam::123456789012:role/ci\n"
#define SOURCE "      Source: {Type: GITHUB, Location: 'https://github.com/octo/demo.git'}\n"
#define ARTIFACTS "      Artifacts: {Type: NO_ARTIFACTS}\n"
#define ENVIRONMENT                                                                                                    \
    "      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "                            \
    "aws/codebuild/standard:7.0}\n"
#define PROJECT HEAD NAME ROLE SOURCE ARTIFACTS ENVIRONMENT /* nine lines */

static const char whole[] = /* every property */
    "AWSTemplateFormatVersion: '2010-09-09'\n"
    "Parameters:\n"
    "  Stage: {Type: String, Default: test}\n"
    "  Repository: {Type: String, Default: 'https://github.com/octo/demo.git'}\n"
    "  Token: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /ci/token}\n"
    "  Modes: {Type: CommaDelimitedList, Default: 'LOCAL_CUSTOM_CACHE, LOCAL_SOURCE_CACHE'}\n"
    "  Role: {Type: String}\n"
    "Conditions:\n"
    "  IsTest: !Equals [!Ref Stage, test]\n"
    "  IsLive: !Not [!Condition IsTest]\n"
    "Mappings:\n"
    "  Images: {test: {image: 'aws/codebuild/standard:8.0'}}\n"
    "Resources:\n"
    "  Bucket: {Type: 'AWS::S3::Bucket'}\n"
    "  Live:\n"
    "    Type: AWS::CodeBuild::Project\n"
    "    Condition: IsLive\n"
    "  P:\n"
    "    Type: AWS::CodeBuild::Project\n"
    "    Properties:\n"
    "      Name: !Sub '${AWS::StackName}-${Stage}-ci'\n"
    "      Description: {'Fn::Join': [' ', [for, !Ref Stage]]}\n"
    "      ServiceRole: !Ref Role\n"
    "      Source:\n"
    "        Type: GITHUB\n"
    "        Location: {Ref: Repository}\n"
    "        BuildSpec: ./buildspec.yml\n"
    "        GitCloneDepth: 1\n"
    "        GitSubmodulesConfig: {FetchSubmodules: true}\n"
    "        ReportBuildStatus: true\n"
    "        BuildStatusConfig: {Context: ci}\n"
    "        Auth: {Type: CODECONNECTIONS, Resource: !Ref Role}\n"
    "      SecondarySources: [{Type: S3, Location: bucket/x, SourceIdentifier: lib}]\n"
    "      SecondarySourceVersions: [{SourceIdentifier: lib, SourceVersion: v1}]\n"
    "      SourceVersion: main\n"
    "      Artifacts:\n"
    "        Type: S3\n"
    "        Location: !Ref Bucket\n"
    "        Packaging: ZIP\n"
    "        NamespaceType: BUILD_ID\n"
    "        OverrideArtifactName: true\n"
    "        Name: app.zip\n"
    "      SecondaryArtifacts: [{Type: S3, Location: !Ref Bucket, ArtifactIdentifier: docs}]\n"
    "      Environment:\n"
    "        Type: LINUX_CONTAINER\n"
    "        ComputeType: BUILD_GENERAL1_MEDIUM\n"
    "        Image: !FindInMap [Images, !Ref Stage, image]\n"
    "        ImagePullCredentialsType: CODEBUILD\n"
    "        PrivilegedMode: 'true'\n"
    "        EnvironmentVariables:\n"
    "          - {Name: STAGE, Value: !If [IsTest, !Ref Stage, live]}\n"
    "          - {Name: TOKEN, Type: SECRETS_MANAGER, Value: 'ci:token'}\n"
    "          - {Name: KEY, Type: PARAMETER_STORE, Value: /ci/key}\n"
    "          - {Name: HIDDEN, Value: !GetAtt Bucket.Arn}\n"
    "          - {Name: LOOKED_UP, Value: !Ref Token}\n"
    "      Cache: {Type: LOCAL, Modes: !Ref Modes}\n"
    "      LogsConfig: {CloudWatchLogs: {Status: ENABLED, GroupName: g}, S3Logs: {Status: DISABLED}}\n"
    "      Triggers:\n"
    "        Webhook: true\n"
    "        BuildType: BUILD_BATCH\n"
    "        FilterGroups: [[{Type: EVENT, Pattern: PUSH}, {Type: HEAD_REF, Pattern: main, ExcludeMatchedPattern: "
    "yes}]]\n"
    "        PullRequestBuildPolicy: {RequiresCommentApproval: DISABLED, ApproverRoles: [GITHUB_ADMIN]}\n"
    "      BuildBatchConfig: {ServiceRole: !Ref Role, TimeoutInMins: 60, Restrictions: {MaximumBuildsAllowed: 10}}\n"
    "      TimeoutInMinutes: 20\n"
    "      QueuedTimeoutInMinutes: 30\n"
    "      ConcurrentBuildLimit: 2\n"
    "      BadgeEnabled: false\n"
    "      Tags: [{Key: team, Value: ci}]\n"
    "      Visibility: PUBLIC_READ\n"
    "      VpcConfig: {VpcId: v, Subnets: [a], SecurityGroupIds: [b]}\n";

static void assert_environment(const struct cb_project *p)
{
    static const struct {
        const char *name, *value;
        enum cb_var_type type;
    } vars[] = {
        {"STAGE", "test", CB_PLAINTEXT},
        {"TOKEN", "ci:token", CB_SECRETS_MANAGER},
        {"KEY", "/ci/key", CB_PARAMETER_STORE},
    };
    assert_text(p->image, "aws/codebuild/standard:8.0");
    assert_text(p->type, "LINUX_CONTAINER");
    assert_text(p->compute_type, "BUILD_GENERAL1_MEDIUM");
    assert_true(p->privileged);
    assert_int_equal(p->n_vars, ARRAY_LEN(vars)); /* what is not known is not there */
    for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
        assert_text(p->vars[i].name, vars[i].name);
        assert_text(p->vars[i].value, vars[i].value);
        assert_int_equal(p->vars[i].type, vars[i].type);
    }
}

static void assert_keeping(const struct cb_project *p)
{
    assert_int_equal(p->cache, CB_CACHE_LOCAL);
    assert_true(p->cache_custom && p->cache_source && !p->cache_layers);
    assert_int_equal(p->artifacts, CB_TO_S3);
    assert_true(p->artifacts_zip && p->artifacts_override_name && p->artifacts_build_id);
    assert_text(p->artifacts_name, "app.zip");
    assert_int_equal(p->secondary_artifacts.n, 1);
    assert_text(p->secondary_artifacts.p[0], "docs");
    assert_int_equal(p->timeout_min, 20);
    assert_int_equal(p->queued_timeout_min, 30);
    assert_text(p->visibility, "PUBLIC_READ");
}

static void every_property(void **state)
{
    UNUSED(state);
    struct project_load l;
    project_load_init(&l);
    project_load_template(&l, whole);
    assert_string_equal(project_said(&l), "");
    assert_int_equal(l.projects.n, 1); /* Live is not made */
    assert_text(l.projects.file, TEMPLATE);
    const struct cb_project *p = &l.projects.p[0];
    assert_true(p->declared && p->webhook && p->batch && !p->inline_text);
    assert_text(p->logical_id, "P");
    assert_text(p->name, "codebuild-test-ci");
    assert_text(p->source_type, "GITHUB");
    assert_text(p->source_location, "https://github.com/octo/demo.git");
    assert_int_equal(p->clone_depth, 1);
    assert_text(p->buildspec, "buildspec.yml");
    assert_environment(p);
    assert_keeping(p);
    assert_int_equal(p->n_groups, 1);
    assert_int_equal(p->groups[0].n, 2);
    assert_text(p->groups[0].p[1].type, "HEAD_REF");
    assert_true(p->groups[0].p[1].exclude && !p->groups[0].p[0].exclude);
    assert_int_equal(sources_place(l.sources, p->span).line, 18);
    assert_int_equal(p->source, l.numbers[1]);
    project_load_done(&l);
}

/* JSON is YAML; long forms of functions. */
static void json(void **state)
{
    UNUSED(state);
    struct project_load l;
    project_load_init(&l);
    project_load_template(
        &l, "{\n\t\"Parameters\": {\"Name\": {\"Type\": \"String\", \"Default\": \"demo\"}},\n"
            "\t\"Resources\": {\"P\": {\"Type\": \"AWS::CodeBuild::Project\", \"Properties\": {\n"
            "\t\t\"Name\": {\"Fn::Sub\": [\"${Name}-${What}-${!x}\", {\"What\": {\"Ref\": \"AWS::Region\"}}]},\n"
            "\t\t\"ServiceRole\": {\"Fn::GetAtt\": [\"Role\", \"Arn\"]},\n"
            "\t\t\"Source\": {\"Type\": \"GITHUB\", \"Location\": {\"Fn::ImportValue\": \"url\"}},\n"
            "\t\t\"Artifacts\": {\"Type\": \"NO_ARTIFACTS\"},\n"
            "\t\t\"Environment\": {\"Type\": \"LINUX_CONTAINER\", \"ComputeType\": \"BUILD_GENERAL1_SMALL\",\n"
            "\t\t\t\"Image\": {\"Fn::Select\": [0, [\"a\"]]}}}}}}\n");
    assert_string_equal(project_said(&l), "4:11 E CB068 A project's name is 2 to 255 letters, digits, '-' and '_', and "
                                          "begins with a letter or digit\n");
    assert_text(l.projects.p[0].name, "demo-us-east-1-${x}");
    assert_text(l.projects.p[0].source_location, "");
    assert_text(l.projects.p[0].image, "aws/codebuild/standard:7.0"); /* not known: the usual one */
    project_load_done(&l);
}

static void circles_end(void **state)
{
    UNUSED(state);
    assert_said("Conditions:\n  A: !Or [!Condition B, !Condition B]\n  B: !And [!Condition A, !Condition A]\n" PROJECT
                "      Description: !If [A, x, y]\n",
                "");
    /* Each level asks twice for the one below. */
    assert_said("Conditions:\n  A: !Equals [!Ref X, y]\n" PROJECT
                "      Description: !Sub ['${A}${A}', {A: !Sub ['${B}${B}', {B: !Sub ['${C}${C}', {C: c}]}]}]\n",
                "");
}

static void kinds(void **state)
{
    UNUSED(state);
    assert_said(PROJECT "      Description: [a]\n", "10:20 E CB062 'Description' must be a text\n");
    assert_said(PROJECT "      Description:\n", "10:19 E CB062 'Description' must be a text\n");
    assert_said(PROJECT "      BadgeEnabled: maybe\n", "10:21 E CB062 'BadgeEnabled' must be true or false\n");
    assert_said(PROJECT "      TimeoutInMinutes: soon\n", "10:25 E CB062 'TimeoutInMinutes' must be a number\n");
    assert_said(PROJECT "      Cache: {Type: LOCAL, Modes: LOCAL_CUSTOM_CACHE}\n",
                "10:35 E CB062 'Modes' must be a list of texts\n");
    assert_said(PROJECT "      Tags: {a: b}\n", "10:13 E CB062 'Tags' must be a list of objects\n");
    assert_said(PROJECT "      LogsConfig: on\n", "10:19 E CB062 'LogsConfig' must be an object\n");
    assert_said("Resources: {P: {Type: 'AWS::CodeBuild::Project', Properties: []}}\n",
                "1:62 E CB062 'Properties' must be an object\n");
}

static void words_and_ranges(void **state)
{
    UNUSED(state);
    assert_said(PROJECT "      Visibility: PUBLIC\n",
                "10:19 E CB063 'PUBLIC' is no value of 'Visibility' | one of PRIVATE, PUBLIC_READ\n");
    assert_said(PROJECT "      Cache: {Type: LOCAL, Modes: [LOCAL_CUSTOM_CACH]}\n",
                "10:36 E CB063 'LOCAL_CUSTOM_CACH' is no value of 'Modes' | did you mean 'LOCAL_CUSTOM_CACHE'?\n");
    assert_said(PROJECT "      TimeoutInMinutes: 4\n", "10:25 E CB064 'TimeoutInMinutes' must be 5 to 2160, not 4\n");
    assert_said(PROJECT "      TimeoutInMinutes: 2161\n",
                "10:25 E CB064 'TimeoutInMinutes' must be 5 to 2160, not 2161\n");
    assert_said(PROJECT "      TimeoutInMinutes: 2160\n", "");
    assert_said(PROJECT "      QueuedTimeoutInMinutes: 481\n",
                "10:31 E CB064 'QueuedTimeoutInMinutes' must be 5 to 480, not 481\n");
}

/* Templates of the first years are not refused. */
static void old_words(void **state)
{
    UNUSED(state);
    struct project_load l;
    project_load_init(&l);
    project_load_template(&l, HEAD ROLE "      Source: {Type: codepipeline, BuildSpec: '{\"version\": 0.2}'}\n"
                                        "      Artifacts: {Type: CodePipeline}\n"
                                        "      Environment: {Type: linuxContainer, Image: a, ComputeType: "
                                        "BUILD_GENERAL1_SMALL}\n");
    assert_string_equal(project_said(&l), "6:22 W CB063 'codepipeline' is written CODEPIPELINE\n"
                                          "7:25 W CB063 'CodePipeline' is written CODEPIPELINE\n"
                                          "8:27 W CB063 'linuxContainer' is written LINUX_CONTAINER\n");
    assert_text(l.projects.p[0].type, "LINUX_CONTAINER");
    assert_text(l.projects.p[0].source_type, "CODEPIPELINE");
    assert_int_equal(l.projects.p[0].artifacts, CB_TO_PIPELINE);
    assert_true(l.projects.p[0].inline_text);
    project_load_done(&l);
}

static void keys(void **state)
{
    UNUSED(state);
    assert_said(PROJECT "      Trigger: {Webhook: true}\n",
                "10:7 W CB060 'Trigger' is no property of 'AWS::CodeBuild::Project' | did you mean 'Triggers'?\n");
    assert_said(PROJECT NAME, "10:7 W CB061 'Name' stands here twice; the first one counts\n");
    assert_said(HEAD NAME, "2:3 E CB065 'AWS::CodeBuild::Project' lacks 'ServiceRole'\n2:3 E CB065 "
                           "'AWS::CodeBuild::Project' lacks 'Source'\n"
                           "2:3 E CB065 'AWS::CodeBuild::Project' lacks 'Artifacts'\n2:3 E CB065 "
                           "'AWS::CodeBuild::Project' lacks 'Environment'\n");
    assert_said(HEAD ROLE SOURCE ARTIFACTS "      Environment: {Image: a, Type: LINUX_CONTAINER}\n",
                "8:20 E CB065 'Environment' lacks 'ComputeType'\n");
    assert_said(PROJECT "      LogsConfig: {'Fn::Transform': {Name: x}}\n", "");
}

static void names(void **state)
{
    UNUSED(state);
    assert_said(HEAD "      Name: my.project\n" ROLE SOURCE ARTIFACTS ENVIRONMENT,
                "5:13 E CB068 A project's name is 2 to 255 letters, digits, '-' and '_', and begins with a letter or "
                "digit\n");
    assert_said(PROJECT
                "  Q:\n    Type: AWS::CodeBuild::Project\n    Properties:\n" NAME ROLE SOURCE ARTIFACTS ENVIRONMENT,
                "13:13 E CB069 There is a project 'demo-ci' already\n");
}

static void sources_and_artifacts(void **state)
{
    UNUSED(state);
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT "      Source: {Type: GITHUB}\n",
                "8:15 E CB065 'Source' lacks 'Location', which GITHUB needs\n");
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT "      Source: {Type: NO_SOURCE, BuildSpec: buildspec.yml}\n",
                "8:44 E CB072 With NO_SOURCE there is no file: BuildSpec is the buildspec's own text\n");
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT "      Source: {Type: NO_SOURCE, BuildSpec: \"version: 0.2\\n\"}\n",
                "");
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT "      Source: {Type: CODEPIPELINE}\n",
                "6:25 E CB072 Source and Artifacts are both of type CODEPIPELINE, or none is\n");
    assert_said(HEAD ROLE SOURCE ENVIRONMENT "      Artifacts: {Type: S3}\n",
                "8:18 E CB065 'Artifacts' lacks 'Location', which S3 needs\n");
    assert_said(PROJECT "      SecondarySources: [{Type: S3, Location: b/x}]\n",
                "10:26 E CB065 'SecondarySources' lacks 'SourceIdentifier', which a secondary one needs\n");
}

static void environments(void **state)
{
    UNUSED(state);
#define ENVIRONMENT_WITH(more)                                                                                         \
    "      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: "                            \
    "aws/codebuild/standard:7.0, " more "}\n"
    assert_said(HEAD ROLE SOURCE ARTIFACTS ENVIRONMENT_WITH("ImagePullCredentialsType: SERVICE_ROLE"),
                "8:140 E CB073 An image of CodeBuild's own is pulled with CODEBUILD credentials\n");
    assert_said(HEAD ROLE SOURCE ARTIFACTS ENVIRONMENT_WITH("EnvironmentVariables: [{Name: CODEBUILD_X, Value: y}]"),
                "8:137 W CB074 'CODEBUILD_X': names with CODEBUILD_ are the service's own\n");
    assert_said(PROJECT "      Cache: {Type: LOCAL, Modes: [LOCAL_DOCKER_LAYER_CACHE]}\n",
                "10:14 W CB075 LOCAL_DOCKER_LAYER_CACHE works in a privileged environment only\n");
    assert_said(PROJECT "      Cache: {Type: LOCAL}\n", "10:14 W CB075 A LOCAL cache without 'Modes' keeps nothing\n");
    assert_said(PROJECT "      Cache: {Type: S3}\n", "10:14 E CB065 'Cache' lacks 'Location', which S3 needs\n");
}

static void triggers(void **state)
{
    UNUSED(state);
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT "      Source: {Type: S3, Location: b/x}\n"
                                                "      Triggers: {Webhook: true}\n",
                "9:17 E CB076 A source of type S3 has no webhooks\n");
    assert_said(PROJECT "      Triggers: {FilterGroups: [[{Type: EVENT, Pattern: PUSH}]]}\n",
                "10:32 W CB077 Filter groups without 'Webhook: true' start nothing\n");
    assert_said(PROJECT "      Triggers: {Webhook: true, BuildType: BUILD_BATCH}\n",
                "10:44 W CB078 BUILD_BATCH wants a 'BuildBatchConfig' with the role that starts builds\n");
    assert_said(PROJECT "      Triggers: {Webhook: true, BuildType: RUNNER_BUILDKITE_BUILD}\n",
                "10:44 W CB079 Jobs of Buildkite are not run here: the buildspec is, as a plain build\n");
}

static void buildspecs(void **state)
{
    UNUSED(state);
#define WITH_SPEC(path)                                                                                                \
    HEAD ROLE ARTIFACTS ENVIRONMENT                                                                                    \
        "      Source: {Type: GITHUB, Location: 'https://github.com/octo/demo', BuildSpec: '" path "'}\n"
    assert_said(WITH_SPEC("ci/build.yml"), "8:83 E CB070 The project's buildspec 'ci/build.yml' is not there\n");
    assert_said(WITH_SPEC("buildspec.yaml"), "8:83 E CB070 The project's buildspec 'buildspec.yaml' is not there\n");
    assert_said(WITH_SPEC("arn:aws:s3:::b/x.yml"),
                "8:83 W CB071 The buildspec lies in S3, which is not asked here: nothing runs this project\n");
    assert_said(HEAD ROLE ARTIFACTS ENVIRONMENT
                "      Source: {Type: GITHUB, Location: 'https://github.com/octo/other', BuildSpec: x.yml}\n",
                "");
}

static void no_templates(void **state)
{
    UNUSED(state);
    assert_said("version: 0.2\n", "1:1 E CB066 This is no CloudFormation template: it has no 'Resources'\n");
    assert_said("Resources: {}\n", "1:12 W CB067 No resource here is an AWS::CodeBuild::Project\n");
    assert_said("Resources: {A: {Type: 'AWS::S3::Bucket'}, 'Fn::ForEach::B': [x, [a], {}]}\n",
                "1:12 W CB067 No resource here is an AWS::CodeBuild::Project\n");
}

/* A run tells what is wrong with the template; the check of a buildspec leaves that to the template's own. */
static void told_once(void **state)
{
    UNUSED(state);
    for (int check = 0; check < 2; check++) {
        struct project_load l;
        struct cb_projects again;
        project_load_init(&l);
        l.facts.only_check = check;
        project_load_add(&l, TEMPLATE, PROJECT "      Visibility: PUBLIC\n");
        cb_projects_read(l.a, &l.facts, &l.d, &l.projects);
        cb_projects_read(l.a, &l.facts, &l.d, &again);
        assert_int_equal(l.d.errors, check ? 0 : 1);
        project_load_done(&l);
    }
}

static void named(void **state)
{
    UNUSED(state);
    struct project_load l;
    struct strs ret = {0};
    project_load_init(&l);
    project_load_add(&l, "ci/a.yml", "version: 0.2\n");
#define SPEC(id, path)                                                                                                 \
    "  " id ":\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Source: {Type: GITHUB, BuildSpec: " path "}" \
    "\n"
    project_load_add(&l, TEMPLATE,
                     "Resources:\n" SPEC("A", "./ci/a.yml") SPEC("B", "ci/nowhere.yml")
                         SPEC("C", "'arn:aws:s3:::b/x.yml'") SPEC("D", "!Ref Path") SPEC("E", "\"version: 0.2\\n\""));
    cb_projects_named(l.a, &l.facts, &ret);
    assert_int_equal(ret.n, 2);
    assert_text(ret.p[0], "ci/a.yml");
    assert_text(ret.p[1], TEMPLATE); /* E has its buildspec in itself */
    project_load_done(&l);
}

/* ---- slipway.toml ---- */

static void load_table(struct project_load *l, const char *text)
{
    project_load_init(l);
    project_load_add(l, "slipway.toml", text);
    cb_projects_read(l->a, &l->facts, &l->d, &l->projects);
}

static void table(void **state)
{
    UNUSED(state);
    struct project_load l;
    load_table(&l, "[codebuild]\nname = \"hello-ci\"\nimage = \"aws/codebuild/standard:8.0\"\nprivileged = true\n"
                   "batch = true\nenvironment = {STAGE = \"test\"}\ncache = [\"custom\"]\nartifacts = \"zip\"\n"
                   "timeout = 20\nbuildspec = \"buildspec.yml\"\nfilter-groups = [\n"
                   "  [{type = \"EVENT\", pattern = \"PUSH\"},\n"
                   "   {type = \"HEAD_REF\", pattern = \"main\", exclude = true}],\n]\n");
    assert_string_equal(project_said(&l), "");
    assert_int_equal(l.projects.n, 1);
    const struct cb_project *p = &l.projects.p[0];
    assert_text(l.projects.file, "slipway.toml");
    assert_text(p->name, "hello-ci");
    assert_text(p->image, "aws/codebuild/standard:8.0");
    assert_true(p->declared && p->webhook && p->privileged && p->batch && p->cache_custom && p->artifacts_zip);
    assert_int_equal(p->artifacts, CB_TO_S3);
    assert_int_equal(p->timeout_min, 20);
    assert_text(p->vars[0].value, "test");
    assert_int_equal(p->groups[0].n, 2);
    assert_true(p->groups[0].p[1].exclude);
    struct verdict v;
    cb_verdict(l.a, p, &l.facts, &v);
    assert_text(v.why, "push to main: HEAD_REF 'refs/heads/main' is excluded by 'main'");
    assert_int_equal(sources_place(l.sources, v.rule).line, 13);
    project_load_done(&l);
}

static void table_faults(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text, *said;
    } faults[] = {
        {"[codebuild]\nbuild-spec = \"x\"\n",
         "2:1 W CB086 [codebuild] has no key 'build-spec' | did you mean 'buildspec'?\n"},
        {"[codebuild]\ntimeout = \"20\"\n", "2:1 E CB087 'timeout' must be a number of minutes, 5 to 2160\n"},
        {"[codebuild]\ntimeout = 4\n", "2:1 E CB087 'timeout' must be a number of minutes, 5 to 2160\n"},
        {"[codebuild]\ncache = [\"all\"]\n",
         "2:1 E CB087 'cache' must be a list of \"custom\", \"source\" and \"docker\"\n"},
        {"[codebuild]\nname = \"a.b\"\n", "2:1 E CB068 A project's name is 2 to 255 letters, digits, '-' and '_', and "
                                          "begins with a letter or digit\n"},
        {"[codebuild]\nbuildspec = \"x.yml\"\n", "2:1 E CB070 The project's buildspec 'x.yml' is not there\n"},
        {"[codebuild]\nfilter-groups = [[{type = \"EVENT\", pattern = \"PUSH\"}, {type = \"BASE_REF\", pattern = "
         "\"a\"}]]\n",
         "2:56 E CB083 BASE_REF never matches PUSH; use HEAD_REF\n"},
        {"[codebuild]\nfilter-groups = [{type = \"EVENT\", pattern = \"PUSH\"}]\n",
         "2:1 E CB087 'filter-groups' must be a list of lists of {type, pattern, exclude}\n"},
        {"[codebuild]\nenvironment = {CODEBUILD_A = \"b\"}\n",
         "2:16 W CB074 'CODEBUILD_A': names with CODEBUILD_ are the service's own\n"},
        {"codebuild = 1\n", "1:1 E CB087 [codebuild] must be a table\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct project_load l;
        load_table(&l, faults[i].text);
        assert_string_equal(project_said(&l), faults[i].said);
        project_load_done(&l);
    }
}

static void nothing(void **state)
{
    UNUSED(state);
    struct project_load l;
    load_table(&l, "[ci]\nevent = \"push\"\n");
    assert_int_equal(l.projects.n, 0);
    assert_int_equal(l.projects.file.n, 0);
    assert_string_equal(project_said(&l), "");
    l.facts.read_file = NULL; /* nothing may be read */
    cb_projects_read(l.a, &l.facts, &l.d, &l.projects);
    assert_int_equal(l.projects.n, 0);
    project_load_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_property),
        cmocka_unit_test(json),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(kinds),
        cmocka_unit_test(keys),
        cmocka_unit_test(names),
        cmocka_unit_test(words_and_ranges),
        cmocka_unit_test(environments),
        cmocka_unit_test(sources_and_artifacts),
        cmocka_unit_test(triggers),
        cmocka_unit_test(buildspecs),
        cmocka_unit_test(no_templates),
        cmocka_unit_test(told_once),
        cmocka_unit_test(named),
        cmocka_unit_test(table),
        cmocka_unit_test(table_faults),
        cmocka_unit_test(nothing),
        cmocka_unit_test(old_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
