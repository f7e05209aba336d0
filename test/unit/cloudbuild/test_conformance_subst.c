/*
 * The verdicts of cloud-build-local's subst_test.go and bash_utils_test.go (Apache License 2.0) on substitutions, and
 * those of common_test.go and config_test.go, as facts: what goes in and what comes out.
 */
#include "gb_load.h"

#include "doc/pairs.h"

/* ---- fields ---- */

/* What a template becomes, in a field, with the values of an own config ("_A=x,_B=y") and built-ins. */
static void becomes(const char *values, const char *template, const char *wanted)
{
    struct load l;
    struct str got;
    struct err e = {0};
    load_init(&l);
    load_text(&l, STR("steps: [{name: foo}]\n"));
    load_values(&l, values);
    assert_int_equal(gb_substitute_text(&l.v, str_from(template), &got, &e), 0);
    if (!str_is(got, wanted))
        fail_msg("%s becomes %.*s, not %s", template, STR_ARG(got), wanted);
    load_done(&l);
}

static void users_own(void **state)
{
    UNUSED(state);
    static const char *const rows[][2] = {
        {"Hello $_VAR", "Hello World"},
        {"Hello $_VAR_FOO, $_VAR", "Hello , World"},
        {"Hello $_VARfoo", "Hello Worldfoo"},
        {"Hello ${_VAR}_FOO", "Hello World_FOO"},
        {"Hello, 世界_FOO$_VAR", "Hello, 世界_FOOWorld"},
        {"Hello $_VAR$_VAR", "Hello WorldWorld"},
        {"$$$_VAR", "$World"},
        {"Hello $${_VAR}_FOO, $_VAR", "Hello ${_VAR}_FOO, World"},
        {"Hello $$$$_VAR $$$_VAR, $_VAR, $$_VAR", "Hello $$_VAR $World, World, $_VAR"},
        {"$$_VAR", "$_VAR"},
        {"Hello $BUILTIN_DEFINED_VARIABLE", "Hello "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        becomes("_VAR=World", rows[i][0], rows[i][1]);
}

static void shells_are_left_alone(void **state)
{
    UNUSED(state);
    static const char *const rows[] = {"$(date)", "$1 $? $# $@", "$foo ${foo}", "a $ b", "${BAR", "${BAR:-x}", "$"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        becomes("", rows[i], rows[i]);
    becomes("", "{print $$NF}", "{print $NF}");
    becomes("", "$${IP}", "${IP}");
}

/* The config of the old tool's tests, and what a step of it becomes: name|args|env|dir|entrypoint|image|tags|logs|env.
 */
static struct str fields_of(struct load *l, const char *name)
{
    CLEAN(buf) struct buf text = BUF(BUF_TEXT);
    buf_printf(&text,
               "steps:\n- name: 'gcr.io/$PROJECT_ID/my-builder:${%s}'\n"
               "  args: ['gcr.io/$PROJECT_ID/$%s:${REVISION_ID}']\n"
               "  env: ['REPO_NAME=$REPO_NAME', 'BUILD_ID=${BUILD_ID}']\n"
               "  dir: 'in $%s?'\n  entrypoint: 'so $BUILD_ID'\n"
               "images: ['gcr.io/foo/$%s:${COMMIT_SHA}']\n"
               "tags: ['${%s}', 'repo=${REPO_NAME}', unchanged]\n"
               "logsBucket: 'gs://${PROJECT_ID}/x/${%s}'\n"
               "options: {env: ['GLOBAL1=$REPO_NAME', 'GLOBAL2=${BUILD_ID}']}\n",
               name, name, name, name, name, name);
    load_text(l, buf_str(&text));
    load_values(l, "REPO_NAME=my-repo,BRANCH_NAME=my-branch,TAG_NAME=my-tag,COMMIT_SHA=abc123,REVISION_ID=abc123");
    gb_substitute(l->b, &l->v, &l->d);
    const struct gb_step *s = &l->b->steps[0];
    return arena_printf(l->a, "%s|%s|%s %s|%s|%s|%s|%s %s %s|%s|%s %s", s->name.text.p, s->args.p[0].text.p,
                        s->env.p[0].text.p, s->env.p[1].text.p, s->dir.text.p, s->entrypoint.text.p,
                        l->b->images.p[0].text.p, l->b->tags.p[0].text.p, l->b->tags.p[1].text.p,
                        l->b->tags.p[2].text.p, l->b->logs_bucket.text.p, l->b->options.env.p[0].text.p,
                        l->b->options.env.p[1].text.p);
}

static void every_field(void **state)
{
    UNUSED(state);
    static const char *const names[][2] = {
        {"BRANCH_NAME", "my-branch"}, {"TAG_NAME", "my-tag"}, {"COMMIT_SHA", "abc123"}, {"SHORT_SHA", ""}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct load l;
        char wanted[600];
        const char *x = names[i][1];
        load_init(&l);
        snprintf(wanted, sizeof wanted,
                 "gcr.io/my-project/my-builder:%s|gcr.io/my-project/%s:abc123|REPO_NAME=my-repo BUILD_ID=build-id|"
                 "in %s?|so build-id|gcr.io/foo/%s:abc123|%s repo=my-repo unchanged|gs://my-project/x/%s|"
                 "GLOBAL1=my-repo GLOBAL2=build-id",
                 x, x, x, x, x, x);
        assert_string_equal(fields_of(&l, names[i][0]).p, wanted);
        load_done(&l);
    }
}

static void objects_and_pools(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, STR("steps: [{name: foo, dir: 'Hello $_VAR $COMMIT_SHA'}]\ntags: ['Hello $_VAR $COMMIT_SHA']\n"
                      "artifacts: {objects: {location: 'gs://b/$_VAR/', paths: ['**/$_OUT', foo.txt]}}\n"
                      "options: {workerPool: 'my-project/$_VAR'}\n"
                      "substitutions: {_VAR: World, _OUT: test.xml}\n"));
    load_values(&l, "COMMIT_SHA=my-sha");
    gb_substitute(l.b, &l.v, &l.d);
    assert_string_equal(l.b->steps[0].dir.text.p, "Hello World my-sha");
    assert_string_equal(l.b->tags.p[0].text.p, "Hello World my-sha");
    assert_string_equal(l.b->objects.location.text.p, "gs://b/World/");
    assert_string_equal(l.b->objects.paths.p[0].text.p, "**/test.xml");
    assert_string_equal(l.b->options.worker_pool.text.p, "my-project/World");
    load_done(&l);
}

/* ---- the grammar ---- */

static void keys_in_a_row(void **state)
{
    UNUSED(state);
    static const struct {
        size_t at, end; /* the last byte, as the old tool counts */
        const char *name;
    } wanted[] = {{1, 4, "BAR"},    {5, 8, "FOO"}, {9, 10, ""}, {14, 15, ""},
                  {16, 20, "_BOO"}, {21, 22, ""},  {23, 24, ""}};
    struct str text = STR("\\$BAR$FOO$$BAZ$$$_BOO$$$$BAH");
    struct gb_found key;
    size_t from = 0, n = 0;
    for (; gb_find_key(text, &from, &key); n++) {
        assert_true(n < ARRAY_LEN(wanted));
        assert_int_equal(key.at, wanted[n].at);
        assert_int_equal(key.end - 1, wanted[n].end);
        assert_true(str_is(key.name, wanted[n].name));
    }
    assert_int_equal(n, ARRAY_LEN(wanted));
}

static void one_key(void **state)
{
    UNUSED(state);
    static const struct {
        const char *text;
        size_t from, at, end;
        const char *name; /* NULL: none */
    } rows[] = {
        {"$BAR", 0, 0, 3, "BAR"},      {"$BAR $FOO", 5, 5, 8, "FOO"}, {"$_BAR$FOO", 0, 0, 4, "_BAR"},
        {"${BAR}FOO", 0, 0, 5, "BAR"}, {"$BAR}FOO", 0, 0, 3, "BAR"},  {"${BARFOO", 0, 0, 0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct gb_found key;
        size_t from = rows[i].from;
        bool found = gb_find_key(str_from(rows[i].text), &from, &key);
        assert_int_equal(found, rows[i].name != NULL);
        if (!found)
            continue;
        assert_true(str_is(key.name, rows[i].name));
        assert_int_equal(key.at, rows[i].at);
        assert_int_equal(key.end - 1, rows[i].end);
    }
}

/* ---- values of values ---- */

/* `values` is YAML of the map; what `name` stands for, or "!CODE" when the build is refused. */
static void resolves(const char *values, const char *name, const char *wanted)
{
    struct load l;
    CLEAN(buf) struct buf text = BUF(BUF_TEXT);
    load_init(&l);
    buf_printf(&text, "steps: [{name: foo}]\noptions: {dynamicSubstitutions: true}\nsubstitutions: {%s}\n", values);
    load_text(&l, buf_str(&text));
    load_values(&l, "BRANCH_NAME=feature/xtpo,TAG_NAME=v0-1-1,REPO_NAME=DEMO_REPO");
    struct str got = l.d.errors > 0 ? arena_printf(l.a, "!%s", load_codes(&l, DIAG_ERROR).p)
                                    : map_get_str(&l.v.values, str_from(name));
    if (!str_is(got, wanted))
        fail_msg("%s: %s is '%.*s', not '%s'", values, name, STR_ARG(got), wanted);
    load_done(&l);
}

static void values_of_values(void **state)
{
    UNUSED(state);
    static const char *const rows[][3] = {
        {"_FOO: $_N, _N: basic replacement", "_FOO", "basic replacement"},
        {"_BAR: '${_H}', _H: with braces", "_BAR", "with braces"},
        {"_FOO: '${_FOO^^}', _OK: ok here", "_FOO", "!GB060"},
        {"_MOON: '${_UNDEFINED:-${_EARTH}}', _EARTH: '${_VENUS,}', _VENUS: '${BRANCH_NAME^^}'", "_MOON",
         "fEATURE/XTPO"},
        {"_C: '${_A} ${_B} ${_Z}', _A: hello, _B: to, _Z: you", "_C", "hello to you"},
        {"_C: '${_A}+++${_A}***${_A} ${_A}', _A: hello", "_C", "hello+++hello***hello hello"},
        {"_C: '${_A}navie', _A: hello", "_C", "hellonavie"},
        {"_C: '${_A^^} navie ${_B}', _A: hello, _B: you", "_C", "HELLO navie you"},
        {"_A: $_B, _B: $_C, _C: $_A, _RAW: ok", "_A", "!GB060"},
        {"_FOO: '${_BAR:=default}', _N: some", "_FOO", "default"},
        {"_FOO: '${_BAR:1}', _N: some", "_FOO", ""},
        {"_DROP: '${TAG_NAME:1}'", "_DROP", "0-1-1"},
        {"_DROP: '${TAG_NAME:1}', _U: '${_DROP//-/_}'", "_U", "0_1_1"},
        {"_M: 'my-app-${TAG_NAME:1}-prod'", "_M", "my-app-0-1-1-prod"},
        {"_M: 'prefix-${REPO_NAME,,}-tag-${TAG_NAME}-staging'", "_M", "prefix-demo_repo-tag-v0-1-1-staging"},
        {"_M: 'my-app-$TAG_NAME-prod'", "_M", "my-app-$TAG_NAME-prod"},
        {"_B: car409-patch-1, _I: '${_N//-//+}', _N: '${_B#*_}'", "_I", "car409+patch+1"},
        {"_B: car409-patch-1, _I: 'my-app-${_N}-prod', _N: '${_B#*_}'", "_I", "my-app-car409-patch-1-prod"},
        {"_I: 'car409+patch+1', _N: 'my-app-${_I//+//-}-prod'", "_N", "my-app-car409-patch-1-prod"},
        {"_FOO: '${${_BAR}}'", "_FOO", "!GB061"},
        {"_BAZ: '${${_FOO}/sdfg/xcvb}'", "_BAZ", "!GB061"},
        {"_FOO: '${${_BAR}}', _BAZ: '${_FOO}-prod', _OK: hello, _T: '${_OK:0:2}'", "_FOO", "!GB061"},
        {"_OK: hello, _T: '${_OK:0:2}'", "_T", "he"},
        {"_FOO: '${BUILD_ID:1:4}'", "_FOO", "uild"},
        {"_FOO: $_BAR, _BAR: 'app-${_UNDEFINED}-${_BAZ}-staging', _BAZ: $_FOO", "_FOO", "!GB060"},
        {"_BAR: Bob, _VAR: World, _M: 'my-app-${_VAR^^}-${_BAR}-prod'", "_M", "my-app-WORLD-Bob-prod"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        resolves(rows[i][0], rows[i][1], rows[i][2]);
}

/* Values grow by each other: the old tool cuts them where the service refuses them. */
static void values_have_an_end(void **state)
{
    UNUSED(state);
    resolves("_A: xxxxx, _B: '${_A//x/${_A}}', _C: '${_B//x/${_B}}', _D: '${_C//x/${_C}}'", "_D", "!GB056");
    resolves("_A: xxxxxxxxxx, _B: '${_A//x/${_A//x/${_A//x/${_A//x/${_A}}}}}'", "_B", "!GB056");
}

static void every_expansion(void **state)
{
    UNUSED(state);
    static const char *const rows[][2] = {
        {"${_P##*/}", "c.tar.gz"},
        {"${_P#*/}", "b/c.tar.gz"},
        {"${_P%.*}", "a/b/c.tar"},
        {"${_P%%.*}", "a/b/c"},
        {"${_P/b/X}", "a/X/c.tar.gz"},
        {"${_P/#a/X}", "X/b/c.tar.gz"},
        {"${_P/#b/X}", "a/b/c.tar.gz"},
        {"${_P/%gz/X}", "a/b/c.tar.X"},
        {"${_P/%tar/X}", "a/b/c.tar.gz"},
        {"${_P//./}", "a/b/ctargz"},
        {"${_P//\\//-}", "a-b-c.tar.gz"},
        {"${_P#[xa]?}", "b/c.tar.gz"},
        {"${_P#[!a]}", "a/b/c.tar.gz"},
        {"${#_P}", "12"},
        {"${_P^}", "A/b/c.tar.gz"},
        {"${_P:0:3}", "a/b"},
        {"${_P: -2}", "a/b/c.tar.gz"},
        {"${_P:99}", ""},
        {"${_E:-none}", "none"},
        {"${_P:-none}", "a/b/c.tar.gz"},
        {"${_E:-a}${_E:-b}", "ab"},
        {"$${_P}", "${_P}"},
        {"$(date)", "$(date)"},
        {"${_P/b}", "!GB061"},
        {"${_P//}", "!GB061"},
        {"${_P+x}", "!GB061"},
        {"${_P:+x}", "!GB061"},
        {"${_P:1:-1}", "!GB061"},
        {"${_P", "!GB061"},
        {"${}", "!GB061"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char values[200];
        snprintf(values, sizeof values, "_P: a/b/c.tar.gz, _E: '', _X: '%s'", rows[i][0]);
        resolves(values, "_X", rows[i][1]);
    }
}

static void values_stay_without_the_option(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, STR("steps: [{name: foo, dir: 'Hello $_Mfoo'}]\nsubstitutions: {_V: World, _M: 'app-${_V^^}'}\n"));
    load_values(&l, NULL);
    gb_substitute(l.b, &l.v, &l.d);
    assert_string_equal(l.b->steps[0].dir.text.p, "Hello app-${_V^^}foo");
    load_done(&l);
}

/* ---- payloads ---- */

static void binds(const char *text, const char *wanted)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct value *payload;
    struct str got;
    struct err e = {0};
    struct str json = STR("{\"message\": {\"data\": \"x y\", \"n\": 3}, \"list\": [{\"a.b\": true}]}");
    assert_int_equal(value_from_json(a, json, MAP_CASE, &payload, &e), 0);
    if (gb_bind_payload(a, payload, str_from(text), &got, &e) < 0)
        got = str_from(e.text);
    assert_string_equal(arena_str(a, got).p, wanted);
}

static void payloads(void **state)
{
    UNUSED(state);
    binds("$(body.message.data)", "x y");
    binds("a-$(body.message.n)-$(push.list[0]['a.b'])", "a-3-true");
    binds("$(body.message)", "{\"data\":\"x y\",\"n\":3}");
    binds("$(date) $(bodyguard)", "$(date) $(bodyguard)");
    binds("$(body.nowhere)", "the payload has no $(body.nowhere)");
    binds("$(body.list[7])", "the payload has no $(body.list[7])");
    binds("$(body.list[)", "the payload has no $(body.list[)");
    CLEAN(arena) struct arena *a = arena_new();
    struct str got;
    struct err e = {0};
    assert_int_equal(gb_bind_payload(a, NULL, STR("$(body.x)"), &got, &e), -EINVAL);
}

/* ---- the flag, and all of it together ---- */

static void pairs_of_the_flag(void **state)
{
    UNUSED(state);
    static const char *const rows[][3] = {
        {"_FOO=bar", "_FOO", "bar"},
        {"_FOO=", "_FOO", ""},
        {"_FOO=bar,_BAR=baz", "_BAR", "baz"},
        {"_FOO=bar, _BAR=baz", "_BAR", "baz"},
        {"_FOO=1+1=2,_BAR=baz", "_FOO", "1+1=2"},
        {"_FOO=1+1=2=4-2=5-3,_BAR=baz", "_FOO", "1+1=2=4-2=5-3"},
        {"_FOO", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct map m;
        struct err e = {0};
        map_init(&m, a, MAP_CASE);
        int rc = pairs_read(str_from(rows[i][0]), &m, &e);
        assert_int_equal(rc, rows[i][1] != NULL ? 0 : -EINVAL);
        if (rows[i][1] != NULL)
            assert_true(str_is(map_get_str(&m, str_from(rows[i][1])), rows[i][2]));
    }
}

static void substituted_and_judged(void **state)
{
    UNUSED(state);
    assert_codes("steps: [{name: ubuntu}]\nsubstitutions: {}\n", NULL, "");
    assert_codes("steps: [{name: '${_NAME}'}]\nsubstitutions: {_NAME: foo}\n", NULL, "");
    assert_codes("steps: [{name: '${_NAME}'}]\n", "_NAME=foo", "");
    assert_codes("steps: [{name: '${_NAME}${_CITY}', args: [Arlon, is]}]\nsubstitutions: {_NAME: foo, _CITY: arlon}\n",
                 "_NAME=bar", "");
    assert_codes("steps: [{name: ubuntu}]\nsubstitutions: {REPO_NAME: foo}\n", NULL, "GB055");
    assert_codes("steps: [{name: '${REPO_NAME}${BRANCH_NAME}${TAG_NAME}${REVISION_ID}${COMMIT_SHA}${SHORT_SHA}'}]\n",
                 "REPO_NAME=bar,BRANCH_NAME=bar,TAG_NAME=bar,REVISION_ID=bar,COMMIT_SHA=bar,SHORT_SHA=bar", "");
    assert_codes("steps: [{name: '${REPO_NAME}'}]\n", NULL, "GB019");
}

static void configs(void **state)
{
    UNUSED(state);
    struct load l;
    load_init(&l);
    load_text(&l, STR("\nsteps:\n- name: \"gcr.io/my-project/my-builder\"\n  args:\n  - \"foo\"\n  - \"bar\"\n "));
    assert_int_equal(l.d.errors, 0);
    assert_string_equal(l.b->steps[0].args.p[1].text.p, "bar");
    load_done(&l);
    load_init(&l);
    load_text(&l, STR("steps:\n- name: 'gcr.io/cloud-builders/docker'\n  args: [\"build\", \".\"]\n\n"
                      "images: ['gcr.io/$PROJECT_ID/test:latest']\n"));
    assert_int_equal(l.d.errors, 0);
    assert_string_equal(l.b->images.p[0].text.p, "gcr.io/$PROJECT_ID/test:latest");
    load_done(&l);
    assert_codes("steps:\n- name: 'gcr.io/cloud-builders/docker'\nfoo: \"bar\"\n", NULL, "GB001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_own),
        cmocka_unit_test(shells_are_left_alone),
        cmocka_unit_test(every_field),
        cmocka_unit_test(objects_and_pools),
        cmocka_unit_test(keys_in_a_row),
        cmocka_unit_test(one_key),
        cmocka_unit_test(values_of_values),
        cmocka_unit_test(values_have_an_end),
        cmocka_unit_test(every_expansion),
        cmocka_unit_test(values_stay_without_the_option),
        cmocka_unit_test(payloads),
        cmocka_unit_test(pairs_of_the_flag),
        cmocka_unit_test(substituted_and_judged),
        cmocka_unit_test(configs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
