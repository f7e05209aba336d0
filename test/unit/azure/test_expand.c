/* Directives, texts with expressions and what they see: specification 5.1 to 5.3. */
#include "az_place.h"

#define P                                                                                                              \
    "parameters:\n- name: list\n  type: object\n  default: [a, b]\n- name: map\n  type: object\n  default:\n    one: " \
    "1\n    two: b\n"
#define P_OUT                                                                                                          \
    "parameters:\n- name: list\n  type: object\n  default:\n  - a\n  - b\n- name: map\n  type: object\n  default:\n  " \
    "  one: 1\n    two: b\n"

static void test_texts(void **state)
{
    static const struct az_case cases[] = {
        {"alone and mixed",
         {"a.yml", "steps:\n- script: x${{ 'y' }}z ${{ 1.0 }}\n  enabled: ${{ eq(1, 1) }}\n"},
         "steps:\n- script: xyz 1\n  enabled: True\n"},
        {"a literal opener", {"a.yml", "steps:\n- script: ${{ 'a${{b' }}\n"}, "steps:\n- script: a${{b\n"},
        {"null is empty", {"a.yml", "steps:\n- script: a${{ variables.nothing }}b\n"}, "steps:\n- script: ab\n"},
        {"an object replaces its node",
         {"a.yml", P "steps: []\nx: ${{ parameters.map }}\n"},
         P_OUT "steps: []\nx:\n  one: 1\n  two: b\n"},
        {"arrays are spliced in lists",
         {"a.yml", P "x:\n- 1\n- ${{ parameters.list }}\n- ${{ parameters.map }}\n"},
         P_OUT "x:\n- 1\n- a\n- b\n- one: 1\n  two: b\n"},
        {"keys", {"a.yml", "x:\n  ${{ 'k' }}: v\n  a${{ 'b' }}c: w\n"}, "x:\n  k: v\n  abc: w\n"},
        {"not in a text",
         {"a.yml", P "x: a${{ parameters.map }}\n"},
         "a.yml:10:9: Unable to convert from Object to String. Value: Object\n"},
        {"not closed", {"a.yml", "x: a${{ 'b\n"}, "a.yml:1:5: The expression is not closed: '}}' is missing\n"},
        {"a key that is no scalar",
         {"a.yml", P "x:\n  ${{ parameters.list }}: v\n"},
         "a.yml:11:3: Expected a scalar value\n"},
        {"keys that come of expressions are unique",
         {"a.yml", "x:\n  K: v\n  ${{ 'k' }}: w\n"},
         "a.yml:3:3: 'k' is already defined\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_conditions(void **state)
{
    static const struct az_case cases[] = {
        {"mappings",
         {"a.yml", "x:\n  a: 1\n  ${{ if true }}:\n    b: 2\n  ${{ else }}:\n    c: 3\n  d: 4\n"},
         "x:\n  a: 1\n  b: 2\n  d: 4\n"},
        {"lists",
         {"a.yml", "x:\n- ${{ if false }}:\n  - a\n- ${{ elseif eq(1, 1) }}:\n  - b\n  - c\n- ${{ else }}:\n  - d\n"},
         "x:\n- b\n- c\n"},
        {"a mapping is one item", {"a.yml", "x:\n- ${{ if true }}:\n    a: 1\n    b: 2\n"}, "x:\n- a: 1\n  b: 2\n"},
        {"keys of an item", {"a.yml", "x:\n- a: 1\n  ${{ if true }}:\n    b: 2\n"}, "x:\n- a: 1\n  b: 2\n"},
        {"siblings do not break a chain",
         {"a.yml", "x:\n- ${{ if false }}:\n  - a\n- b\n- ${{ else }}:\n  - c\n"},
         "x:\n- b\n- c\n"},
        {"a new if does",
         {"a.yml", "x:\n- ${{ if true }}:\n  - a\n- ${{ if false }}:\n  - b\n- ${{ else }}:\n  - c\n"},
         "x:\n- a\n- c\n"},
        {"an orphan",
         {"a.yml", "x:\n- ${{ else }}:\n  - c\n"},
         "a.yml:2:3: The directive 'else' is not supported in this context: no 'if' stands before it\n"},
        {"two elses",
         {"a.yml", "x:\n- ${{ if true }}:\n  - a\n- ${{ else }}:\n  - c\n- ${{ else }}:\n  - d\n"},
         "a.yml:6:3: The directive 'else' is not supported in this context: no 'if' stands before it\n"},
        {"an orphan in a lost branch",
         {"a.yml", "x:\n- ${{ if false }}:\n  - ${{ else }}:\n- ${{ else }}:\n  - d\n"},
         "x:\n- d\n"},
        {"a bare one is wrong everywhere",
         {"a.yml", "x:\n- ${{ if false }}:\n  - ${{ else }}\n"},
         "a.yml:3:5: The directive 'else' is not allowed in this context\n"},
        {"truth",
         {"a.yml", "x:\n- ${{ if 'False' }}:\n  - text\n- ${{ if '' }}:\n  - empty\n- ${{ if 0 }}:\n  - zero\n- ${{if "
                   "eq(1,1)}}:\n  - close\n"},
         "x:\n- text\n- close\n"},
        {"else if",
         {"a.yml", "x:\n- ${{ if true }}:\n  - a\n- ${{ else if false }}:\n  - b\n"},
         "a.yml:4:3: Exactly 0 parameter(s) were expected following the directive 'else'. Actual parameter count was: "
         "2\n"},
        {"lost conditions are not evaluated",
         {"a.yml", P "x:\n- ${{ if true }}:\n  - a\n- ${{ elseif parameters.none }}:\n  - b\n"},
         P_OUT "x:\n- a\n"},
        {"but parsed",
         {"a.yml", "x:\n- ${{ if false }}:\n  - ${{ eq(1) }}\n"},
         "a.yml:3:13: Unexpected symbol: ')'. Located at position 5 within expression: 'eq(1)'.\n"},
        {"no scalar as a body", {"a.yml", "x:\n  ${{ if true }}: a\n"}, "a.yml:2:19: Expected a mapping\n"},
        {"no list in a mapping", {"a.yml", "x:\n  ${{ if true }}:\n  - a\n"}, "a.yml:3:3: Expected a mapping\n"},
        {"duplicates of a body",
         {"a.yml", "x:\n  a: 1\n  ${{ if true }}:\n    A: 2\n"},
         "a.yml:4:5: 'A' is already defined\n"},
        {"the same directive twice",
         {"a.yml", "x:\n  ${{ if true }}:\n    a: 1\n  ${{ if true }}:\n    b: 2\n"},
         "x:\n  a: 1\n  b: 2\n"},
        {"wrong case",
         {"a.yml", "x:\n- ${{ If true }}:\n  - a\n"},
         "a.yml:2:7: Unrecognized value: 'If'. Located at position 1 within expression: 'If true'.\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_each(void **state)
{
    static const struct az_case cases[] = {
        {"arrays in lists",
         {"a.yml", P "x:\n- ${{ each v in parameters.list }}:\n  - s: ${{ V }}\n"},
         P_OUT "x:\n- s: a\n- s: b\n"},
        {"objects in mappings",
         {"a.yml", P "x:\n  ${{ each p in parameters.map }}:\n    ${{ p.key }}: <${{ p.value }}>\n"},
         P_OUT "x:\n  one: <1>\n  two: <b>\n"},
        {"a mapping is one item, of all rounds",
         {"a.yml", P "x:\n- ${{ each p in parameters.map }}:\n    ${{ if ne(p.key, 'two') }}:\n      ${{ p.key }}: ${{ "
                     "p.value }}\n"
                     "    ${{ else }}:\n      more: x\n"},
         P_OUT "x:\n- one: 1\n  more: x\n"},
        {"of no rounds there is none", {"a.yml", "x:\n- ${{ each p in variables.none }}:\n    a: 1\n"}, "x: []\n"},
        {"loops in loops",
         {"a.yml",
          P "x:\n- ${{ each v in parameters.list }}:\n  - ${{ each w in parameters.list }}:\n    - ${{ v }}${{ w }}\n"},
         P_OUT "x:\n- aa\n- ab\n- ba\n- bb\n"},
        {"nothing", {"a.yml", "x:\n- ${{ each v in variables.none }}:\n  - a\n"}, "x: []\n"},
        {"in inside of texts",
         {"a.yml", "x:\n- ${{ each v in split('a in b', ' in ') }}:\n  - ${{ v }}\n"},
         "x:\n- a\n- b\n"},
        {"scalars",
         {"a.yml", "x:\n- ${{ each v in 'abc' }}:\n  - a\n"},
         "a.yml:2:17: Expected a sequence or mapping. Actual value 'abc'\n"},
        {"names of contexts",
         {"a.yml", "x:\n- ${{ each Variables in split('a', ',') }}:\n  - a\n"},
         "a.yml:2:3: The identifier 'Variables' has already been defined within the current scope\n"},
        {"names of outer loops",
         {"a.yml", P "x:\n- ${{ each v in parameters.list }}:\n  - ${{ each V in parameters.list }}:\n    - a\n"},
         "a.yml:12:5: The identifier 'V' has already been defined within the current scope\n"},
        {"no index, no name outside",
         {"a.yml", P "x:\n- ${{ each v in parameters.list }}:\n  - a\n- ${{ v }}\n"},
         "a.yml:13:7: Unrecognized value: 'v'. Located at position 1 within expression: 'v'.\n"},
        {"the form",
         {"a.yml", "x:\n- ${{ each v of variables.a }}:\n  - a\n- ${{ each v in }}:\n  - b\n"},
         "a.yml:2:3: 'each' is written as `each NAME in EXPRESSION`, not 'v of variables.a'\n"
         "a.yml:4:3: Exactly 3 parameter(s) were expected following the directive 'each'. Actual parameter count was: "
         "2\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_insert(void **state)
{
    static const struct az_case cases[] = {
        {"an expression",
         {"a.yml", P "x:\n  ${{ insert }}: ${{ parameters.map }}\n  z: 1\n"},
         P_OUT "x:\n  one: 1\n  two: b\n  z: 1\n"},
        {"a mapping",
         {"a.yml", "x:\n  ${{ insert }}:\n    a: 1\n  ${{ insert }}:\n    b: 1\n"},
         "x:\n  a: 1\n  b: 1\n"},
        {"an item", {"a.yml", P "x:\n- ${{ insert }}: ${{ parameters.map }}\n"}, P_OUT "x:\n- one: 1\n  two: b\n"},
        {"no list", {"a.yml", P "x:\n  ${{ insert }}: ${{ parameters.list }}\n"}, "a.yml:11:18: Expected a mapping\n"},
        {"nothing", {"a.yml", "x:\n  ${{ insert }}:\n"}, "a.yml:2:17: Expected a mapping\n"},
        {"no parameters",
         {"a.yml", "x:\n  ${{ insert a }}:\n    b: 1\n"},
         "a.yml:2:3: Exactly 0 parameter(s) were expected following the directive 'insert'. Actual parameter count "
         "was: 1\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_variables(void **state)
{
    static const struct az_case cases[] = {
        {"predefined, in any case", {"a.yml", "x: ${{ variables['build.reason'] }}\n"}, "x: Manual\n"},
        {"later entries see earlier ones",
         {"a.yml", "variables:\n  a.b: 1\n  c: ${{ variables['A.B'] }}2\n"},
         "variables:\n  a.b: 1\n  c: '12'\n"},
        {"lists",
         {"a.yml",
          "variables:\n- name: a\n  value: $(x)\n- group: g\nsteps:\n- script: ${{ variables.a }}${{ variables.g }}\n"},
         "variables:\n- name: a\n  value: $(x)\n- group: g\nsteps:\n- script: $(x)\n"},
        {"wherever they stand",
         {"a.yml", "steps:\n- script: ${{ variables.a }}\nvariables:\n  a: 1\n"},
         "steps:\n- script: '1'\nvariables:\n  a: 1\n"},
        {"the innermost wins, and ends",
         {"a.yml", "variables:\n  v: root\nstages:\n- stage: a\n  variables:\n    v: stage\n  jobs:\n  - job: b\n    "
                   "variables:\n      v: "
                   "${{ variables.v }}-job\n    displayName: ${{ variables.v }}\n  - job: c\n    displayName: ${{ "
                   "variables.v }}\n- stage: d\n"
                   "  displayName: ${{ variables.v }}\n"},
         "variables:\n  v: root\nstages:\n- stage: a\n  variables:\n    v: stage\n  jobs:\n  - job: b\n    "
         "variables:\n      v: "
         "stage-job\n    displayName: stage-job\n  - job: c\n    displayName: stage\n- stage: d\n  displayName: "
         "root\n"},
        {"of a condition",
         {"a.yml", "variables:\n  ${{ if true }}:\n    a: 1\n  b: ${{ variables.a }}\n"},
         "variables:\n  a: 1\n  b: '1'\n"},
        {"nothing else is there",
         {"a.yml", "x: ${{ dependencies.a }}\n"},
         "a.yml:1:8: Unrecognized value: 'dependencies'. Located at position 1 within expression: 'dependencies.a'.\n"},
        {"nor in triggers",
         {"a.yml", "trigger:\n- ${{ if true }}:\n  - main\n- ${{ 'dev' }}\n"},
         "a.yml:2:3: A mapping was not expected: triggers take no directives\n"},
        {"nor in repositories",
         {"a.yml", "resources:\n  repositories:\n  - ${{ if true }}:\n    - repository: a\n"},
         "a.yml:3:5: A template expression is not allowed in this context: repositories take no directives\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),  cmocka_unit_test(test_conditions), cmocka_unit_test(test_each),
        cmocka_unit_test(test_insert), cmocka_unit_test(test_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
