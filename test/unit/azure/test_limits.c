/* What bounds an expansion: values, levels, bytes. */
#include "az_place.h"

#define DIGITS "parameters:\n- {name: l, type: object, default: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}\nx:\n"

static void test_values(void **state)
{
    static const struct az_case cases[] = {
        {"loops in loops",
         {"a.yml", DIGITS "- ${{ each a in parameters.l }}:\n  - ${{ each b in parameters.l }}:\n    - ${{ each c in "
                          "parameters.l }}:\n      - "
                          "${{ each d in parameters.l }}:\n        - ${{ each e in parameters.l }}:\n          - ${{ "
                          "each f in parameters.l }}:\n            - a: ${{ a }}\n"},
         "a.yml:9:13: The expanded pipeline would have more than 500000 values\n"},
        {"parameters that double",
         {"a.yml", "steps:\n- template: s.yml\n  parameters: {v: [x]}\n", "s.yml",
          "parameters:\n- {name: v, type: object}\nsteps:\n- template: s.yml\n  parameters: {v: [\"${{ parameters.v "
          "}}\", {a: \"${{ parameters.v }}\"}]}\n"},
         "a.yml:3:20: The expanded pipeline would have more than 500000 values\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

static void test_bytes(void **state)
{
    static const struct az_case cases[] = {
        {"texts that grow",
         {"a.yml", "variables:\n  a0: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n  ${{ each i in "
                   "split('1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g', ',') }}:\n    a${{ i }}: x\n"
                   "  b: ${{ variables.a0 }}${{ variables.a0 }}\n"},
         "variables:\n  a0: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n  a1: x\n  a2: x\n  a3: x\n  a4: x\n  a5: x\n  a6: x\n  "
         "a7: x\n  a8: x\n  a9: x\n  aa: x\n  ab: x\n"
         "  ac: x\n  ad: x\n  ae: x\n  af: x\n  ag: x\n  b: "
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"},
    };
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    static const char *const files[] = {"none", "", NULL};
    struct az_place p;
    (void)state;
    AZ_CASES(cases);
    az_place_init(&p, files);
    buf_add_cstr(&b, "variables:\n  v0: 0123456789abcdef\n");
    for (int i = 1; i < 30; i++)
        buf_printf(&b, "  v%d: ${{ variables.v%d }}${{ variables.v%d }}\n", i, i - 1, i - 1);
    map_set_str(&p.files, STR("a.yml"), buf_str(&b));
    assert_true(
        str_is(az_place_shown(&p, "a.yml"), "a.yml:22:8: The expressions of the pipeline make more than 20 MiB\n"));
    az_place_done(&p);
}

static void test_levels(void **state)
{
    static const struct az_case cases[] = {
        {"a parameter that is wrapped",
         {"a.yml", "steps:\n- template: s.yml\n  parameters: {v: x}\n", "s.yml",
          "parameters:\n- {name: v, type: object}\nsteps:\n- template: s.yml\n  parameters: {v: "
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"${{ parameters.v }}\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}\n"},
         "s.yml:5:22: Maximum object depth exceeded: more than 1000 values within each other\n"},
    };
    (void)state;
    AZ_CASES(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
