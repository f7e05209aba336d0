/* What the schema says of values that do not fit: the service's words, at the place, with the mend. */
#include "az_tree.h"

static void tells(enum az_shape shape, const char *text, const char *told)
{
    az_tree_tells(shape, text, told);
}

static void keys(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_STEP, "script: x\ndisplyName: y\n",
          "2:1 AZ300 error: Unexpected value 'displyName' (did you mean 'displayName'?)\n");
    tells(AZ_SHAPE_STEP, "script: x\nzzzzzz: y\n",
          "2:1 AZ300 error: Unexpected value 'zzzzzz' (a step that begins with 'script' has no such key)\n");
    tells(AZ_SHAPE_STEP, "script: x\nDisplayname: y\n",
          "2:1 AZ307 warning: 'Displayname' is written 'displayName' (the service's keys have one spelling)\n");
    tells(AZ_SHAPE_JOB, "job: a\nenvironment: x\n",
          "2:1 AZ300 error: Unexpected value 'environment' (a job that begins with 'job' has no such key)\n");
    tells(AZ_SHAPE_CONTAINER, "container: a\nimage: b\nimag: c\n",
          "3:1 AZ300 error: Unexpected value 'imag' (did you mean 'image'?)\n");
}

static void first_keys(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_STEPS, "- displayName: x\n  script: y\n",
          "1:3 AZ300 error: Unexpected value 'displayName' ('script' must be the first key of a step)\n");
    tells(AZ_SHAPE_STEPS, "- scrip: y\n", "1:3 AZ300 error: Unexpected value 'scrip' (did you mean 'script'?)\n");
    tells(AZ_SHAPE_DEPLOYMENT, "job: x\n",
          "1:1 AZ300 error: Unexpected value 'job' (a deployment begins with deployment or template)\n");
    tells(AZ_SHAPE_VARIABLES, "- value: x\n  name: y\n",
          "1:3 AZ300 error: Unexpected value 'value' ('name' must be the first key of a variable)\n");
}

static void kinds(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_STEP, "script: {a: b}\n", "1:9 AZ301 error: A mapping was not expected (a text belongs here)\n");
    tells(AZ_SHAPE_STEP, "bash: x\ncondition: [a]\n",
          "2:12 AZ302 error: A sequence was not expected (a text belongs here)\n");
    tells(AZ_SHAPE_STEP, "bash: x\nenv: a\n",
          "2:6 AZ303 error: Expected a mapping (a mapping of names to texts belongs here)\n");
    tells(AZ_SHAPE_JOB, "job: x\nsteps: make\n",
          "2:8 AZ303 error: Unexpected value 'make' (a list of steps belongs here)\n");
    tells(AZ_SHAPE_VARIABLES, "a: {b: c}\n", "1:4 AZ301 error: A mapping was not expected (a text belongs here)\n");
    tells(AZ_SHAPE_PIPELINE, "- script: x\n",
          "1:1 AZ302 error: A sequence was not expected (a pipeline belongs here)\n");
}

static void values(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_STEP, "bash: x\nenabled: maybe\n",
          "2:10 AZ305 error: Unexpected value 'maybe' (true or false belongs here)\n");
    tells(AZ_SHAPE_STEP, "bash: x\nenabled: On\ncontinueOnError: y\ntimeoutInMinutes: $(t)\n", "");
    tells(AZ_SHAPE_STEP, "bash: x\ntimeoutInMinutes: soon\n",
          "2:19 AZ305 error: Unexpected value 'soon' (a whole number belongs here)\n");
    tells(AZ_SHAPE_STEP, "bash: x\nname: a b\n",
          "2:7 AZ305 error: Unexpected value 'a b' (a name of letters, digits, - and _ belongs here)\n");
    tells(AZ_SHAPE_JOB, "job: x\nworkspace: {clean: everything}\n",
          "2:20 AZ305 error: Unexpected value 'everything' (outputs, resources or all belongs here)\n");
    tells(AZ_SHAPE_JOB, "job: x\ncontinueOnError: $[ true ]\nstrategy: {matrix: text}\n",
          "3:20 AZ303 error: Expected a mapping (a mapping of legs, or one $[ ] belongs here)\n");
}

static void whole(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_JOB, "job: x\ncontainer: {endpoint: e}\n",
          "2:12 AZ306 error: Required property is missing: image\n");
    tells(AZ_SHAPE_STEPS, "-\n- bash: x\n",
          "1:2 AZ314 warning: This item is empty and is left out (a step belongs here)\n");
    tells(AZ_SHAPE_PIPELINE, "server: true\nsteps: [bash: x]\n", "1:1 AZ308 warning: 'server' is deprecated\n");
    tells(AZ_SHAPE_JOB, "job: x\npool: {name: p, queue: q}\n",
          "2:17 AZ309 warning: 'queue' is not in the service's schema here\n");
}

static void roots(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_PIPELINE, "jobs:\n- job: a\n  steps: [bash: x]\nsteps:\n- bash: x\n",
          "4:1 AZ310 error: Unexpected value 'steps' (a pipeline has one body, and 'jobs' is there already)\n");
    tells(AZ_SHAPE_PIPELINE, "pool: p\n",
          "1:1 AZ311 error: The pipeline has none of stages, jobs, steps and extends\n");
    tells(AZ_SHAPE_PIPELINE, "container: c\njobs:\n- job: a\n  steps: [bash: x]\n",
          "1:1 AZ312 error: Unexpected value 'container' (at the root it goes with steps, not with jobs)\n");
    tells(AZ_SHAPE_PIPELINE, "trigger: main\nsteps: [bash: x]\n",
          "1:10 AZ305 error: Unexpected value 'main' (none, a list of branches, or a mapping belongs here)\n");
    tells(AZ_SHAPE_PIPELINE, "trigger: {enabled: false}\nsteps: [bash: x]\n",
          "1:11 AZ309 warning: 'enabled' is not in the service's schema here\n");
    tells(AZ_SHAPE_PIPELINE, "condition: x\nsteps: [bash: x]\n",
          "1:1 AZ300 error: Unexpected value 'condition' (the root of a pipeline has no such key)\n");
}

/* Every key of the specification is known. */
static void all_keys(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_STAGE,
          "stage: a\ndisplayName: b\ngroup: g\npool: p\ndependsOn: []\ncondition: always()\nvariables: {a: b}\n"
          "lockBehavior: sequential\ntrigger: manual\nisSkippable: false\ntemplateContext: {a: [b]}\nchecks: [a]\n"
          "jobs: []\n",
          "");
    tells(AZ_SHAPE_JOB,
          "job: a\ndisplayName: b\ndependsOn: [c]\ncondition: x\ncontinueOnError: no\ntimeoutInMinutes: 0\n"
          "cancelTimeoutInMinutes: 5\nvariables: [{name: a, value: b, readonly: true}, {group: g}]\n"
          "pool: {name: p, demands: [a, b -equals c], vmImage: v}\n"
          "container: {image: i, endpoint: e, env: {a: b}, mapDockerSocket: no, options: o, ports: ['1:1'],"
          " volumes: [a:b], mountReadOnly: {work: no, externals: yes, tools: no, tasks: no}}\n"
          "services: {db: pg, r: {image: redis}}\nworkspace: {clean: all}\n"
          "uses: {repositories: [a], pools: [b]}\ntemplateContext: x\nstrategy: {parallel: 3, maxParallel: 2}\n"
          "steps: []\n",
          "");
    tells(AZ_SHAPE_STEP,
          "checkout: self\nclean: true\nfetchDepth: 0\nfetchFilter: 'tree:0'\nfetchTags: no\nlfs: no\n"
          "persistCredentials: yes\nsubmodules: recursive\npath: s\nsparseCheckoutDirectories: a\n"
          "sparseCheckoutPatterns: b\nworkspaceRepo: true\ntarget: {container: c, commands: restricted,"
          " settableVariables: none}\nretryCountOnTaskFailure: 2\n",
          "");
    tells(AZ_SHAPE_DEPLOYMENT,
          "deployment: d\nenvironment: {name: n, resourceName: r, resourceId: 1, resourceType: Kubernetes, tags: a}\n"
          "strategy: {canary: {increments: [10, 20], preDeploy: {steps: []}, deploy: {steps: [], pool: p},"
          " routeTraffic: {steps: []}, postRouteTraffic: {steps: []}, on: {failure: {steps: []}, success: {}}}}\n",
          "");
}

static void resources(void **state)
{
    UNUSED(state);
    tells(AZ_SHAPE_PIPELINE,
          "resources:\n"
          "  repositories: [{repository: a, type: git, name: b/c, ref: main, endpoint: e, trigger: [main]}]\n"
          "  containers: [{container: c, image: i, trigger: true}, {container: d, type: ACR, azureSubscription: s,"
          " resourceGroup: g, registry: r, repository: p, trigger: {enabled: true, tags: [a]}}]\n"
          "  pipelines: [{pipeline: p, project: j, source: s, version: 1, branch: b, tags: [t],"
          " trigger: {branches: [main], stages: [a], tags: [b]}}]\n"
          "  builds: [{build: b, type: Jenkins, connection: c, source: s, version: 1, branch: b, trigger: none}]\n"
          "  packages: [{package: p, type: npm, connection: c, name: n, version: 1, tag: t, trigger: true}]\n"
          "  webhooks: [{webhook: w, connection: c, filters: [{path: p, value: v}]}]\n"
          "schedules: [{cron: '0 0 * * *', displayName: d, branches: {include: [main]}, always: true, batch: no}]\n"
          "pr: {autoCancel: false, drafts: false, branches: {include: [a], exclude: [b]}, paths: {include: [c]}}\n"
          "appendCommitMessageToRunName: false\nlockBehavior: runLatest\nname: n\nparameters: [{name: x}]\n"
          "steps: [bash: x]\n",
          "");
    tells(AZ_SHAPE_PIPELINE, "resources: {containers: [container: c]}\nsteps: [bash: x]\n",
          "1:26 AZ319 error: Required property is missing: image\n");
    tells(AZ_SHAPE_PIPELINE, "resources: [{repo: self, clean: true}]\nsteps: [bash: x]\n",
          "1:14 AZ308 warning: 'repo' is deprecated\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),  cmocka_unit_test(first_keys), cmocka_unit_test(kinds),    cmocka_unit_test(values),
        cmocka_unit_test(whole), cmocka_unit_test(roots),      cmocka_unit_test(all_keys), cmocka_unit_test(resources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
