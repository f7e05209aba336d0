/* The canonical form: what the service's preview of a pipeline shows (specification 4.1). Each is a fix-point. */
#include "az_tree.h"

static void gives(enum az_shape shape, const char *text, const char *canonical)
{
    az_tree_gives(shape, text, canonical);
}

static void roots_become_stages(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_PIPELINE, "steps:\n- script: make\n",
          "stages:\n- stage: __default\n  jobs:\n  - job: Job\n    steps:\n    - task: CmdLine@2\n      inputs:\n"
          "        script: make\n");
    gives(
        AZ_SHAPE_PIPELINE, "pool: mine\njobs:\n- job: a\n  dependsOn: b\n- job: b\n",
        "pool:\n  name: mine\nstages:\n- stage: __default\n  jobs:\n  - job: a\n    dependsOn:\n    - b\n  - job: b\n");
    gives(AZ_SHAPE_PIPELINE, "stages:\n- stage: a\n  dependsOn: []\n  jobs: []\n",
          "stages:\n- stage: a\n  dependsOn: []\n  jobs: []\n");
}

static void keys_of_the_job_leave_the_root(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_PIPELINE,
          "container: alpine\nstrategy:\n  parallel: 2\npool:\n  vmImage: ubuntu-latest\n  demands: npm\nsteps:\n"
          "- bash: make\n",
          "stages:\n- stage: __default\n  jobs:\n  - job: Job\n    strategy:\n      parallel: 2\n    pool:\n"
          "      vmImage: ubuntu-latest\n      demands:\n      - npm\n    container:\n      alias: alpine\n    steps:\n"
          "    - task: Bash@3\n      inputs:\n        targetType: inline\n        script: make\n");
}

static void triggers(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_PIPELINE, "trigger: none\npr:\n- main\nstages: []\n",
          "trigger:\n  enabled: false\npr:\n  branches:\n    include:\n    - main\nstages: []\n");
    gives(AZ_SHAPE_PIPELINE, "trigger:\n  batch: true\n  paths:\n    exclude: [docs]\nstages: []\n",
          "trigger:\n  batch: true\n  paths:\n    exclude:\n    - docs\nstages: []\n");
}

static void variables_are_a_list(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_VARIABLES, "a: x\nb: $(a)\n", "- name: a\n  value: x\n- name: b\n  value: $(a)\n");
    gives(AZ_SHAPE_VARIABLES, "- group: g\n- name: a\n  readonly: yes\n  value: x\n",
          "- group: g\n- name: a\n  value: x\n  readonly: yes\n");
}

static void shortcuts_are_tasks(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_STEP, "script: make\nworkingDirectory: src\ndisplayName: build\nenv:\n  A: b\n",
          "task: CmdLine@2\ndisplayName: build\nenv:\n  A: b\ninputs:\n  script: make\n  workingDirectory: src\n");
    gives(AZ_SHAPE_STEP, "pwsh: ls\nerrorActionPreference: stop\n",
          "task: PowerShell@2\ninputs:\n  targetType: inline\n  script: ls\n  pwsh: true\n"
          "  errorActionPreference: stop\n");
    gives(AZ_SHAPE_STEP, "powershell: ls\nname: n\n",
          "task: PowerShell@2\nname: n\ninputs:\n  targetType: inline\n  script: ls\n");
    gives(AZ_SHAPE_STEP, "publish: out\nartifact: drop\n",
          "task: PublishPipelineArtifact@1\ninputs:\n  targetPath: out\n  artifact: drop\n");
    gives(AZ_SHAPE_STEP, "downloadBuild: other\nartifact: drop\npath: p\n",
          "task: DownloadBuildArtifacts@1\ninputs:\n  buildType: specific\n  definition: other\n  artifactName: drop\n"
          "  downloadPath: p\n");
    gives(AZ_SHAPE_STEP, "getPackage: p\n", "task: DownloadPackage@1\ninputs:\n  alias: p\n");
    gives(AZ_SHAPE_STEP, "reviewApp: r\n", "task: ReviewApp@0\ninputs:\n  resourceName: r\n");
    gives(AZ_SHAPE_STEP, "task: Cache@2\ninputs:\n  Key: k\nenabled: false\ntarget: host\n",
          "task: Cache@2\nenabled: false\ntarget:\n  container: host\ninputs:\n  Key: k\n");
}

static void checkout_and_download(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_STEP, "checkout: self\nfetchDepth: 1\nclean: true\n",
          "task: " AZ_CHECKOUT_TASK "@1\ninputs:\n  repository: self\n  clean: true\n  fetchDepth: 1\n");
    gives(AZ_SHAPE_STEP, "checkout: none\n",
          "task: " AZ_CHECKOUT_TASK "@1\ncondition: false\ninputs:\n  repository: none\n");
    gives(AZ_SHAPE_STEP, "download: current\nartifact: drop\npatterns: '**/*.zip'\n",
          "task: " AZ_DOWNLOAD_TASK "@1\ninputs:\n  alias: current\n  artifact: drop\n  patterns: '**/*.zip'\n");
}

static void deployments(void **state)
{
    UNUSED(state);
    gives(
        AZ_SHAPE_DEPLOYMENT,
        "deployment: web\nenvironment: staging\nstrategy:\n  runOnce:\n    deploy:\n      steps:\n      - script: go\n",
        "deployment: web\nenvironment:\n  name: staging\nstrategy:\n  runOnce:\n    deploy:\n      steps:\n"
        "      - task: CmdLine@2\n        inputs:\n          script: go\n");
}

static void jobs_keep_their_matrix(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_JOBS,
          "- job: a\n  services:\n    db: pg\n  strategy:\n    maxParallel: 2\n    matrix:\n      one:\n        v: 1\n"
          "- job:\n  strategy:\n    matrix: $[ dependencies.a.outputs['s.m'] ]\n",
          "- job: a\n  strategy:\n    matrix:\n      one:\n        v: 1\n    maxParallel: 2\n  services:\n    db:\n"
          "      alias: pg\n- job: ''\n  strategy:\n    matrix: $[ dependencies.a.outputs['s.m'] ]\n");
}

static void templates_stay(void **state)
{
    UNUSED(state);
    gives(AZ_SHAPE_STEPS, "- template: x.yml\n  parameters:\n    a: [1]\n",
          "- template: x.yml\n  parameters:\n    a:\n    - 1\n");
}

static void phases_are_jobs(void **state)
{
    struct az_tree t;
    UNUSED(state);
    az_tree_init(&t, AZ_SHAPE_PIPELINE,
                 "phases:\n- phase: a\n  queue:\n    name: q\n    timeoutInMinutes: 9\n    parallel: 3\n    matrix:\n"
                 "      one: {v: 1}\n  steps:\n  - script: x\n- phase: b\n  server: true\n");
    assert_string_equal(az_tree_print(&t, t.canonical).p,
                        "stages:\n- stage: __default\n  jobs:\n  - job: a\n    timeoutInMinutes: 9\n    strategy:\n"
                        "      matrix:\n        one:\n          v: 1\n      maxParallel: 3\n    pool:\n      name: q\n"
                        "    steps:\n    - task: CmdLine@2\n      inputs:\n        script: x\n  - job: b\n    pool:\n"
                        "      name: server\n");
    assert_string_equal(az_tree_told(&t).p, "");
    az_tree_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_become_stages),
        cmocka_unit_test(keys_of_the_job_leave_the_root),
        cmocka_unit_test(triggers),
        cmocka_unit_test(variables_are_a_list),
        cmocka_unit_test(shortcuts_are_tasks),
        cmocka_unit_test(checkout_and_download),
        cmocka_unit_test(deployments),
        cmocka_unit_test(jobs_keep_their_matrix),
        cmocka_unit_test(templates_stay),
        cmocka_unit_test(phases_are_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
