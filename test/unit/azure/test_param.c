/* Parameters: specification 5.4. */
#include "az_place.h"

#define ONE(type, value) "parameters:\n- name: p\n  type: " type "\n  default: " value "\n"
#define JSON "x: ${{ convertToJson(parameters.p) }}\n"
/* What a parameter of this type and default is, as JSON; or the complaint about its default. */
#define IS(type, value, json)                                                                                          \
    {                                                                                                                  \
        type " " value, {"a.yml", ONE(type, value) JSON}, ONE(type, value) "x: " json "\n"                             \
    }
#define NOT(type, value, word)                                                                                         \
    {                                                                                                                  \
        type " " value, {"a.yml", ONE(type, value) "x: y\n"}, "a.yml:4:12: The 'p' parameter value " word "\n"         \
    }

static void test_types(void **state)
{
    static const struct az_case cases[] = {
        IS("string", "007", "'\"007\"'"),
        IS("string", "True", "'\"True\"'"),
        IS("number", "1.0", "'1'"),
        IS("boolean", "TRUE", "'true'"),
        IS("boolean", "'False'", "'false'"),
        IS("environment", "prod", "'\"prod\"'"),
        NOT("number", "x", "'x' is not a valid Number."),
        NOT("number", "''", "'' is not a valid Number."),
        NOT("boolean", "yes", "'yes' is not a valid Boolean."),
        NOT("boolean", "1", "'1' is not a valid Boolean."),
        {"a mapping is no string",
         {"a.yml", ONE("string", "{a: b}") "x: y\n"},
         "a.yml:4:12: The 'p' parameter is not a valid String.\n"},
        {"a scalar is no list",
         {"a.yml", ONE("stringList", "a") "x: y\n"},
         "a.yml:4:12: The 'p' parameter value 'a' is not a valid StringList.\n"},
        {"leaves of objects are typed",
         {"a.yml",
          "parameters:\n- name: p\n  type: object\n  default:\n    n: 1.50\n    t: true\n    q: '1'\n    z:\n" JSON},
         "parameters:\n- name: p\n  type: object\n  default:\n    n: 1.50\n    t: true\n    q: '1'\n    z:\n"
         "x: |-\n  {\n    \"n\": 1.5,\n    \"t\": true,\n    \"q\": \"1\",\n    \"z\": \"\"\n  }\n"},
        {"unknown types", {"a.yml", ONE("String", "a") "x: y\n"}, "a.yml:3:9: Unexpected value 'String'\n"},
        {"types of pipelines are not those of templates",
         {"a.yml", "steps:\n- template: s.yml\n", "s.yml", ONE("pool", "a") "steps: []\n"},
         "s.yml:3:9: Unexpected value 'pool'\n"},
        {"nor the other way round",
         {"a.yml", ONE("legacyObject", "a") "x: y\n"},
         "a.yml:3:9: Unexpected value 'legacyObject'\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_shapes(void **state)
{
    static const struct az_case cases[] = {
        {"steps are canonical",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    p:\n    - script: a\n", "s.yml",
          "parameters:\n- name: p\n  type: stepList\nsteps:\n- ${{ each s in parameters.p }}:\n  - script: ${{ s.task "
          "}} ${{ s.inputs.script }} ${{ s.script }}\n"},
         "steps:\n- script: 'CmdLine@2 a '\n"},
        {"no step",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    p: {x: y}\n", "s.yml",
          "parameters:\n- name: p\n  type: step\nsteps: []\n"},
         "a.yml:4:8: The 'p' parameter is not a valid Step.\na.yml:4:9: Unexpected value 'x'\n"},
        {"no list",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    p: {script: y}\n", "s.yml",
          "parameters:\n- name: p\n  type: stepList\nsteps: []\n"},
         "a.yml:4:8: The 'p' parameter is not a valid StepList.\n"},
        {"templates in them",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    p:\n    - template: t.yml\n", "s.yml",
          "parameters:\n- name: p\n  type: stepList\nsteps:\n- ${{ parameters.p }}\n", "t.yml",
          "steps:\n- checkout: self\n"},
         "steps:\n- task: 6d15af64-176c-496d-b583-fd2ae21d4df4@1\n  inputs:\n    repository: self\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_binding(void **state)
{
    static const struct az_case cases[] = {
        {"no value",
         {"a.yml", "parameters:\n- name: p\n  values: [a, b]\nx: y\n"},
         "a.yml:2:9: A value for the 'p' parameter must be provided.\n"},
        {"not passed",
         {"a.yml", "steps:\n- template: s.yml\n", "s.yml", "parameters:\n- name: p\nsteps: []\n"},
         "a.yml:2:13: A value for the 'p' parameter must be provided.\n"},
        {"not expected",
         {"a.yml", "steps:\n- template: s.yml\n  parameters: {q: 1}\n", "s.yml", "parameters: []\nsteps: []\n"},
         "a.yml:3:16: Unexpected parameter 'q'\n"},
        {"ignored without any",
         {"a.yml", "steps:\n- template: s.yml\n  parameters: {q: 1}\n", "s.yml",
          "steps:\n- script: <${{ parameters.q }}>\n"},
         "steps:\n- script: <>\n"},
        {"names in any case",
         {"a.yml", "steps:\n- template: s.yml\n  parameters: {Q: 1}\n", "s.yml",
          "parameters:\n- name: q\nsteps:\n- script: a${{ parameters.q }}\n"},
         "steps:\n- script: a1\n"},
        {"declared twice",
         {"a.yml", "parameters:\n- name: p\n  default: a\n- name: P\n  default: b\nx: y\n"},
         "a.yml:4:9: The parameter 'P' is declared more than once\n"},
        {"name comes first",
         {"a.yml", "parameters:\n- type: string\n  name: p\nx: y\n"},
         "a.yml:2:3: Unexpected value 'type'\n"},
        {"no name",
         {"a.yml", "parameters:\n- name:\nx: y\n"},
         "a.yml:2:8: A value for the 'name' parameter must be provided.\n"},
        {"not declared", {"a.yml", ONE("string", "a") "x: ${{ parameters.q }}\n"}, "a.yml:5:8: Key not found 'q'\n"},
        {"but not evaluated",
         {"a.yml", ONE("string", "a") "x: ${{ coalesce('t', parameters.q) }}\n"},
         ONE("string", "a") "x: t\n"},
        {"values",
         {"a.yml", "parameters:\n- name: p\n  default: A\n  values: [a, b]\nx: y\n"},
         "a.yml:3:12: The 'p' parameter value 'A' is not allowed: it is one of 'a', 'b'\n"},
        {"values of numbers",
         {"a.yml",
          "parameters:\n- name: p\n  type: number\n  default: 1.0\n  values: [1, 2]\nx: ${{ parameters.p }}y\n"},
         "parameters:\n- name: p\n  type: number\n  default: 1.0\n  values:\n  - 1\n  - 2\nx: 1y\n"},
        {"values of lists",
         {"a.yml", "parameters:\n- name: p\n  type: stringList\n  default: [a, c]\n  values: [a, b]\nx: y\n"},
         "a.yml:4:16: The 'p' parameter value 'c' is not allowed: it is one of 'a', 'b'\n"},
        {"expressions in defaults",
         {"a.yml", ONE("string", "${{ variables.a }}") "x: y\n"},
         "a.yml:4:12: A template expression is not allowed in this context\n"},
        {"but for texts",
         {"a.yml", ONE("string", "${{ 'a' }}") "x: ${{ parameters.p }}\n"},
         ONE("string", "${{ 'a' }}") "x: a\n"},
        {"an insertion",
         {"a.yml", ONE("object", "{q: a}") "steps:\n- template: s.yml\n  parameters: ${{ parameters.p }}\n", "s.yml",
          "parameters:\n- name: q\nsteps:\n- script: ${{ parameters.q }}\n"},
         "parameters:\n- name: p\n  type: object\n  default:\n    q: a\nsteps:\n- script: a\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_older_form(void **state)
{
    static const struct az_case cases[] = {
        {"scalars are texts, all is taken, what is missing is null",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    b: [1]\n    c: true\n", "s.yml",
          "parameters:\n  a: 1.0\n  b: []\nsteps:\n- script: ${{ parameters.a }} ${{ parameters.b[0] }} ${{ "
          "eq(parameters.c, 'true') }} <${{ parameters.d }}>\n"},
         "steps:\n- script: 1.0 1 True <>\n"},
        {"steps",
         {"a.yml", "steps:\n- template: s.yml\n  parameters:\n    t:\n      script: x\n", "s.yml",
          "parameters:\n  t:\nsteps:\n- ${{ parameters.t }}\n"},
         "steps:\n- script: x\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static const char *const queued[] = {"a.yml",
                                     "parameters:\n- name: Text\n- name: flag\n  type: boolean\n  default: true\n- "
                                     "name: map\n  type: object\nx: ${{ parameters.text }} ${{ parameters.flag }} "
                                     "${{ parameters.map.a[1] }}\n",
                                     NULL};

static struct str queue(const char *text, const char *flag, const char *map, struct az_place *p)
{
    az_place_init(p, queued);
    map_set_str(&p->facts.inputs, STR("text"), str_from(text));
    map_set_str(&p->facts.inputs, STR("FLAG"), str_from(flag));
    map_set_str(&p->facts.inputs, STR("map"), str_from(map));
    struct str shown = az_place_shown(p, "a.yml");
    ssize_t at = str_find(shown, STR("\nx: "));
    return at < 0 ? shown : str_from_index(shown, (size_t)at + 1);
}

static void test_queued(void **state)
{
    struct az_place p;
    (void)state;
    assert_true(str_is(queue("a b", "FALSE", "{\"a\": [1, 2]}", &p), "x: a b False 2\n"));
    az_place_done(&p);
    assert_true(str_ends(queue("", "true", "a:\n- x\n- y: z\n- w", &p),
                         STR(": Unable to convert from Object to String. Value: Object\n")));
    az_place_done(&p);
    assert_true(
        str_is(queue("a", "no", "{}", &p), "a.yml:3:9: The 'flag' parameter value 'no' is not a valid Boolean.\n"));
    az_place_done(&p);
    struct str shown = queue("a", "true", "{", &p);
    assert_true(str_starts(
        shown, STR("a.yml:6:9: The value that was given for the 'map' parameter is neither JSON nor YAML: ")));
    az_place_done(&p);
}

static void test_mistyped(void **state)
{
    struct az_place p;
    static const char *const files[] = {"a.yml", "parameters:\n- name: version\n  default: 1\nx: y\n", NULL};
    (void)state;
    az_place_init(&p, files);
    map_set_str(&p.facts.inputs, STR("verison"), STR("2"));
    map_set_str(&p.facts.inputs, STR("other"), STR("2"));
    assert_true(
        str_starts(az_place_shown(&p, "a.yml"),
                   STR("a.yml:2:1: warning: The pipeline has no parameter 'verison', which is given\nparameters:")));
    az_place_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),      cmocka_unit_test(test_shapes), cmocka_unit_test(test_binding),
        cmocka_unit_test(test_older_form), cmocka_unit_test(test_queued), cmocka_unit_test(test_mistyped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
