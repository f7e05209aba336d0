/* Inclusion of templates: specification 5.5. */
#include "az_place.h"

#define STEPS "steps:\n- script: "

static void test_kinds(void **state)
{
    static const struct az_case cases[] = {
        {"steps",
         {"a.yml", "steps:\n- script: 1\n- template: s.yml\n- script: 3\n", "s.yml",
          "steps:\n- script: 2\n- bash: b\n"},
         "steps:\n- script: 1\n- script: 2\n- bash: b\n- script: 3\n"},
        {"jobs",
         {"a.yml", "jobs:\n- template: j.yml\n", "j.yml", "jobs:\n- job: a\n  steps:\n  - template: s.yml\n", "s.yml",
          STEPS "x\n"},
         "jobs:\n- job: a\n  steps:\n  - script: x\n"},
        {"stages",
         {"a.yml", "stages:\n- template: t.yml\n- stage: b\n  jobs:\n  - template: j.yml\n", "t.yml",
          "stages:\n- stage: a\n", "j.yml", "jobs:\n- job: c\n"},
         "stages:\n- stage: a\n- stage: b\n  jobs:\n  - job: c\n"},
        {"variables",
         {"a.yml", "variables:\n- template: v.yml\n- name: c\n  value: ${{ variables.a }}${{ variables.b }}\n", "v.yml",
          "variables:\n  a: x\n  b: ${{ variables.a }}y\n"},
         "variables:\n- name: a\n  value: x\n- name: b\n  value: xy\n- name: c\n  value: xxy\n"},
        {"hooks",
         {"a.yml",
          "jobs:\n- deployment: a\n  strategy:\n    runOnce:\n      deploy:\n        steps:\n        - template: "
          "s.yml\n      on:\n"
          "        failure:\n          steps:\n          - template: s.yml\n",
          "s.yml", STEPS "x\n"},
         "jobs:\n- deployment: a\n  strategy:\n    runOnce:\n      deploy:\n        steps:\n        - script: x\n      "
         "on:\n        failure:\n"
         "          steps:\n          - script: x\n"},
        {"of another kind",
         {"a.yml", "jobs:\n- template: s.yml\n", "s.yml", STEPS "x\n"},
         "a.yml:2:13: The template s.yml holds no `jobs`\ns.yml:1:1: Unexpected value 'steps'\n"},
        {"twice is no circle",
         {"a.yml", "steps:\n- template: s.yml\n- template: s.yml\n", "s.yml", STEPS "x\n"},
         STEPS "x\n- script: x\n"},
        {"nothing in it", {"a.yml", "steps:\n- template: s.yml\n", "s.yml", "steps:\n"}, "steps: []\n"},
        {"other keys",
         {"a.yml", "steps:\n- template: s.yml\n  condition: x\n", "s.yml", STEPS "x\n"},
         "a.yml:3:3: Unexpected value 'condition'\n"},
        {"in a condition",
         {"a.yml", "steps:\n- ${{ if true }}:\n  - template: s.yml\n- ${{ if false }}:\n  - template: none.yml\n",
          "s.yml", STEPS "x\n"},
         STEPS "x\n"},
        {"a computed name",
         {"a.yml", "steps:\n- ${{ each n in split('s,s', ',') }}:\n  - template: ${{ n }}.yml\n", "s.yml", STEPS "x\n"},
         STEPS "x\n- script: x\n"},
        {"a macro",
         {"a.yml", "steps:\n- template: $(n).yml\n"},
         "a.yml:2:13: Macros are not known while templates are read: '$(n).yml'\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

#define REPO                                                                                                           \
    "resources:\n  repositories:\n  - repository: Shared\n    type: github\n    name: o/shared\n    ref: "             \
    "refs/tags/v1\n"
static void test_paths(void **state)
{
    static const struct az_case cases[] = {
        {"beside the file that includes",
         {"a.yml", "steps:\n- template: ci/s.yml\n", "ci/s.yml",
          "steps:\n- template: t.yml\n- template: ../u.yml\n- template: /u.yml\n", "ci/t.yml", STEPS "t\n", "u.yml",
          STEPS "u\n"},
         "steps:\n- script: t\n- script: u\n- script: u\n"},
        {"backslashes", {"a.yml", "steps:\n- template: .\\ci\\s.yml@self\n", "ci/s.yml", STEPS "s\n"}, STEPS "s\n"},
        {"above the root",
         {"a.yml", "steps:\n- template: ../s.yml\n"},
         "a.yml:2:13: The file path '../s.yml' is invalid\n"},
        {"missing, by case",
         {"a.yml", "steps:\n- template: S.yml\n", "s.yml", STEPS "s\n"},
         "a.yml:2:13: File /S.yml not found in this repository\n"},
        {"an unknown alias", {"a.yml", "steps:\n- template: s.yml@x\n"}, "a.yml:2:13: No repository found by name x\n"},
        {"another repository, and back",
         {"ci/a.yml", REPO "steps:\n- template: d/s.yml@shared\n", "o/shared@v1:d/s.yml",
          "steps:\n- template: t.yml\n- template: b.yml@self\n", "o/shared@v1:d/t.yml", STEPS "t\n", "b.yml",
          STEPS "b\n"},
         REPO "steps:\n- script: t\n- script: b\n"},
        {"missing there",
         {"a.yml", REPO "steps:\n- template: s.yml@shared\n"},
         "a.yml:8:13: File /s.yml not found in repository o/shared branch refs/tags/v1\n"},
        {"never fetched",
         {"a.yml", "resources:\n  repositories:\n  - repository: x\n    type: git\n    name: far/y\nsteps:\n- "
                   "template: s.yml@x\n"},
         "a.yml:7:13: The repository 'x' (far/y) of this template was never fetched\n"},
        {"of the same project",
         {"a.yml",
          "resources:\n  repositories:\n  - repository: x\n    type: git\n    name: y\nsteps:\n- template: s.yml@x\n",
          "octo/y@main:s.yml", STEPS "s\n"},
         "resources:\n  repositories:\n  - repository: x\n    type: git\n    name: y\nsteps:\n- script: s\n"},
        {"an expression in ref",
         {"a.yml",
          "resources:\n  repositories:\n  - repository: x\n    name: o/y\n    ref: ${{ 'dev' }}\nsteps:\n- template: "
          "s.yml@x\n",
          "o/y@dev:s.yml", STEPS "s\n"},
         "resources:\n  repositories:\n  - repository: x\n    name: o/y\n    ref: dev\nsteps:\n- script: s\n"},
        {"declared twice",
         {"a.yml", "resources:\n  repositories:\n  - repository: x\n    name: o/y\n  - repository: X\n    name: o/z\n"},
         "a.yml:5:17: The repository 'X' is declared more than once\n"},
        {"of a parameter: where it is inserted",
         {"a.yml", "steps:\n- template: ci/s.yml\n  parameters:\n    steps:\n    - template: t.yml\n", "ci/s.yml",
          "parameters:\n- name: steps\n  type: object\nsteps:\n- ${{ parameters.steps }}\n", "ci/t.yml",
          STEPS "there\n", "t.yml", STEPS "here\n"},
         STEPS "there\n"},
        {"and where it is written",
         {"a.yml", "steps:\n- template: ci/s.yml\n  parameters:\n    steps:\n    - template: t.yml\n", "ci/s.yml",
          "parameters:\n- name: steps\n  type: object\nsteps:\n- ${{ parameters.steps }}\n", "t.yml", STEPS "here\n"},
         "a.yml:5:17: warning: 't.yml' is not there beside ci/s.yml, where the service looks: the one beside a.yml is "
         "taken\n" STEPS "here\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_scopes(void **state)
{
    static const struct az_case cases[] = {
        {"templates do not see variables of others",
         {"a.yml", "variables:\n  v: x\nsteps:\n- template: s.yml\n", "s.yml",
          STEPS "<${{ variables.v }}${{ variables['Build.Reason'] }}>\n"},
         "variables:\n  v: x\nsteps:\n- script: <Manual>\n"},
        {"nor loop variables",
         {"a.yml", "steps:\n- ${{ each v in split('a', ',') }}:\n  - template: s.yml\n", "s.yml", STEPS "${{ v }}\n"},
         "s.yml:2:15: Unrecognized value: 'v'. Located at position 1 within expression: 'v'.\n"},
        {"their own",
         {"a.yml", "jobs:\n- template: d/j.yml\n", "d/j.yml",
          "jobs:\n- job: a\n  variables:\n  - template: v.yml\n  displayName: ${{ variables.v }}\n", "d/v.yml",
          "variables:\n- name: v\n  value: x\n"},
         "jobs:\n- job: a\n  variables:\n  - name: v\n    value: x\n  displayName: x\n"},
        {"arguments are the caller's",
         {"a.yml", "variables:\n  v: x\nsteps:\n- template: s.yml\n  parameters:\n    p: ${{ variables.v }}\n", "s.yml",
          "parameters:\n- name: p\nsteps:\n- script: ${{ parameters.P }}\n"},
         "variables:\n  v: x\nsteps:\n- script: x\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_extends(void **state)
{
    static const struct az_case cases[] = {
        {"a template",
         {"a.yml", "trigger: none\nextends:\n  template: b.yml\n  parameters:\n    p: x\n", "b.yml",
          "parameters:\n- name: p\nvariables:\n  v: y\nsteps:\n- script: ${{ parameters.p }}${{ variables.v }}\n"},
         "trigger: none\nvariables:\n  v: y\nsteps:\n- script: xy\n"},
        {"a chain",
         {"a.yml", "extends:\n  template: d/b.yml\n", "d/b.yml", "extends:\n  template: c.yml\n", "d/c.yml",
          STEPS "x\n"},
         STEPS "x\n"},
        {"repositories of the chain",
         {"a.yml", "extends:\n  template: b.yml\n", "b.yml", REPO "steps:\n- template: s.yml@shared\n",
          "o/shared@v1:s.yml", STEPS "s\n"},
         REPO "steps:\n- script: s\n"},
        {"variables of both",
         {"a.yml", "variables:\n  a: 1\nextends:\n  template: b.yml\n", "b.yml", "variables:\n  b: 1\nsteps: []\n"},
         "b.yml:1:1: 'variables' is already defined\n"},
        {"nothing else beside it",
         {"a.yml", "extends:\n  template: b.yml\n  x: y\n", "b.yml", "steps: []\n"},
         "a.yml:3:3: Unexpected value 'x'\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_limits(void **state)
{
    static const struct az_case cases[] = {
        {"a circle",
         {"a.yml", "steps:\n- template: s.yml\n", "s.yml", "steps:\n- template: t.yml\n", "t.yml",
          "steps:\n- template: s.yml\n"},
         "t.yml:2:13: Maximum object depth exceeded: templates are nested more than 100 deep\n"},
        {"a recursion that ends",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    n: aaa\n", "s.yml",
          "parameters:\n- name: n\nsteps:\n- script: ${{ parameters.n }}\n- ${{ if ne(parameters.n, 'a') }}:\n  - "
          "template: s.yml\n    parameters:\n      n: ${{ substring(parameters.n, 1) }}\n"},
         "steps:\n- script: aaa\n- script: aa\n- script: a\n"},
        {"growth",
         {"a.yml", "steps:\n- template: s.yml\n", "s.yml",
          "steps:\n- script: x\n- template: t.yml\n- template: t.yml\n", "t.yml",
          "steps:\n- template: s.yml\n- template: s.yml\n"},
         "t.yml:2:13: Maximum object depth exceeded: templates are nested more than 100 deep\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_reads_once(void **state)
{
    static const char *const files[] = {"a.yml", "steps:\n- template: s.yml\n- template: s.yml\n", "s.yml",
                                        STEPS "${{ 'x' }}\n", NULL};
    struct az_place p;
    struct az_expansion x;
    (void)state;
    az_place_init(&p, files);
    assert_non_null(az_place_expand(&p, "a.yml", &x));
    assert_int_equal(p.reads, 2);
    assert_int_equal(x.n_files, 2);
    assert_true(str_is(x.files[1], "s.yml"));
    assert_int_equal(x.repos.n, 1);
    az_place_done(&p);
}

static void test_many_files(void **state)
{
    struct az_place p;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    static const char *const files[] = {"none", "", NULL};
    (void)state;
    az_place_init(&p, files);
    buf_add_cstr(&b, "steps:\n");
    for (unsigned i = 0; i < 102; i++) {
        buf_printf(&b, "- template: t%u.yml\n", i);
        map_set_str(&p.files, arena_printf(p.arena, "t%u.yml", i), STR(STEPS "x\n"));
    }
    map_set_str(&p.files, STR("a.yml"), buf_str(&b));
    struct str shown = az_place_shown(&p, "a.yml");
    assert_string_equal(arena_str(p.arena, shown).p, "a.yml:102:13: More than 100 files are included\n");
    az_place_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),      cmocka_unit_test(test_paths),  cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_extends),    cmocka_unit_test(test_limits), cmocka_unit_test(test_reads_once),
        cmocka_unit_test(test_many_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
