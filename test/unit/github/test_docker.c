/* docker/metadata-action as a pure function, and its parts. */
#include "gh_play.h"

#include "provider/github/docker_priv.h"

#define SHA "860c1904a1ce19322e91ac35af1ab07466440c37"

static struct gh_docker_asked asked(const char *ref, const char *tags)
{
    return (struct gh_docker_asked){.images = STR("user/app"),
                                    .tags = str_from(tags),
                                    .bake_target = STR("docker-metadata-action"),
                                    .event_name = STR("push"),
                                    .ref = str_from(ref),
                                    .sha = STR(SHA),
                                    .default_branch = STR("main"),
                                    .repo_name = STR("demo"),
                                    .description = STR("a demo"),
                                    .url = STR("https://github.com/octo/demo"),
                                    .license = STR("MIT"),
                                    .levels = STR("manifest"),
                                    .short_sha = 7,
                                    .now_ms = 1700000000123,
                                    .commit_ms = 1600000000000};
}

/* Joined by spaces. */
static const char *joined(struct arena *a, const struct strs *list)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < list->n; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? " " : "", STR_ARG(list->p[i]));
    return arena_str(a, buf_str(&b)).p;
}

/* Tags without the image, or the error; warnings behind " ! ". */
static const char *tags_of(struct arena *a, const struct gh_docker_asked *q)
{
    struct gh_docker_meta m;
    struct err err = {0};
    if (gh_docker_meta(a, q, &m, &err) < 0)
        return arena_printf(a, "error: %s", err.text).p;
    const char *tags = joined(a, &m.tag_names);
    return m.warnings.n > 0 ? arena_printf(a, "%s ! %s", tags, joined(a, &m.warnings)).p : tags;
}

static void rules_make_tags(void **state)
{
    static const struct {
        const char *ref, *tags, *expected;
    } CASES[] = {
        /* by default */
        {"refs/heads/main", "", "main"},
        {"refs/heads/feature/x y", "", "feature-x-y"},
        {"refs/tags/v1.2.3", "", "v1.2.3 latest"},
        {"refs/pull/2/merge", "", "pr-2"},
        /* semver */
        {"refs/tags/v1.2.3", "type=semver,pattern={{version}}", "1.2.3 latest"},
        {"refs/tags/v1.2.3", "type=semver,pattern={{raw}}", "v1.2.3 latest"},
        {"refs/tags/v1.2.3", "type=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern=v{{major}}",
         "1.2 v1 latest"},
        {"refs/tags/v1.2.3", "type=semver,pattern={{patch}}\ntype=semver,pattern={{minor}}", "3 2 latest"},
        {"refs/tags/v2.0.8-beta.67", "type=semver,pattern={{raw}}", "v2.0.8-beta.67"},
        {"refs/tags/v2.0.8-beta.67", "type=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{version}}",
         "2.0.8-beta.67"},
        {"refs/tags/1.2.3+build", "type=semver,pattern={{version}}", "1.2.3 latest"},
        {"refs/heads/main", "type=semver,pattern={{version}},value=v3.4.5", "3.4.5 latest"},
        {"refs/tags/x", "type=semver,pattern={{version}}",
         " ! x is not a valid semver. More info: https://semver.org/ No Docker image version has been generated. "
         "Check tags input. No Docker tag has been generated. Check tags input."},
        {"refs/tags/app/v1.2.3", "type=semver,pattern={{version}},match=app/(.*)", "1.2.3 latest"},
        {"refs/tags/v1.2.3", "type=semver", "error: Missing pattern attribute for type=semver"},
        /* pep440 */
        {"refs/tags/1.2.3", "type=pep440,pattern={{version}}", "1.2.3 latest"},
        {"refs/tags/v1.2.3rc2", "type=pep440,pattern={{major}}.{{minor}}", "1.2.3rc2"},
        {"refs/tags/1.2.3rc2", "type=pep440,pattern={{raw}}", "1.2.3rc2"},
        {"refs/tags/1.2.3", "type=pep440,pattern={{major}}.{{minor}}", "1.2 latest"},
        {"refs/tags/1.2.3.post1", "type=pep440,pattern={{version}}", "1.2.3.post1"},
        /* match */
        {"refs/tags/v1.2.3", "type=match,pattern=\\d.\\d.\\d", "1.2.3 latest"},
        {"refs/tags/v2.0.8-beta.67", "type=match,pattern=v(.*),group=1", "2.0.8-beta.67 latest"},
        {"refs/tags/20200110-RC2", "type=match,pattern=\\d+", "20200110 latest"},
        {"refs/tags/20200110-RC2", "type=match,pattern=/(.*)-rc/i,group=1", "20200110 latest"},
        {"refs/tags/p1/v1.2.3", "type=match,\"pattern=p1/v(\\d{1,3}.\\d.\\d)\",group=1", "1.2.3 latest"},
        {"refs/tags/abc", "type=match,pattern=\\d+\ntype=raw,x", "x ! \\d+ does not match abc."},
        {"refs/tags/abc", "type=match,pattern=b,group=3\ntype=raw,x", "x ! Group 3 does not exist for b pattern."},
        {"refs/tags/abc", "type=match,pattern=(", "error: Invalid regular expression: /(/"},
        /* edge */
        {"refs/heads/main", "type=edge", "edge"},
        {"refs/heads/dev", "type=edge\ntype=raw,x", "x"},
        {"refs/heads/dev", "type=edge,branch=dev", "edge"},
        /* ref */
        {"refs/heads/my/branch", "type=ref,event=branch", "my-branch"},
        {"refs/pull/318/merge", "type=ref,event=pr,prefix=p", "p318"},
        {"refs/tags/v1", "type=ref,event=tag", "v1 latest"},
        {"refs/heads/main", "type=ref,event=push", "error: Invalid event for type=ref,event=push"},
        {"refs/heads/main", "type=ref", "error: Missing event attribute for type=ref"},
        /* raw */
        {"refs/heads/main", "type=raw,value=foo\nbar\ntype=raw,foo", "foo bar"},
        {"refs/heads/main", "type=raw,value={{branch}}-{{sha}}", "main-860c190"},
        {"refs/heads/main", "type=raw,value=x,enable={{is_default_branch}}", "x"},
        {"refs/heads/dev", "type=raw,value=x,enable={{is_default_branch}}\ny", "y"},
        {"refs/heads/dev", "type=raw,value=x,enable={{is_not_default_branch}}", "x"},
        {"refs/heads/main", "type=raw,value=x,enable=yes", "error: Invalid value for enable attribute: yes"},
        {"refs/heads/main", "type=raw", "error: Missing value attribute for type=raw"},
        {"refs/heads/main", "type=raw,value={{date 'YYYYMMDD-hhmmss'}}", "20231114-101320"},
        {"refs/heads/main", "type=raw,value={{date 'YYYYMMDD' tz='Asia/Tokyo'}}",
         "error: the time zone 'Asia/Tokyo' is not supported by slipway: dates are in UTC"},
        {"refs/heads/main", "type=raw,value={{commit_date 'YYYYMMDD'}}", "20200913"},
        {"refs/heads/main", "type=raw,value=a # why\n# type=raw,value=b", "a"},
        {"refs/heads/main", "type=raw,value={{tag}}x", "x"},
        {"refs/heads/main", "type=raw,\"value=a",
         "error: Quote Not Closed: the parsing is finished with an opening "
         "quote in 'type=raw,\"value=a'"},
        /* sha */
        {"refs/heads/main", "type=sha", "sha-860c190"},
        {"refs/heads/main", "type=sha,format=long,prefix=", SHA},
        {"refs/heads/main", "type=sha,format=medium", "error: Invalid format for type=sha,format=medium"},
        /* priorities, prefixes, unknown types */
        {"refs/heads/main", "type=sha\ntype=ref,event=branch", "main sha-860c190"},
        {"refs/heads/main", "type=sha,priority=601\ntype=ref,event=branch", "sha-860c190 main"},
        {"refs/heads/main", "type=raw,value=a,prefix=x-,suffix=-{{sha}}", "x-a-860c190"},
        {"refs/heads/main", "type=nope", "error: Unknown tag type attribute: nope"},
        {"refs/heads/main", "type=raw,\"value={{#if x}}\"", "error: handlebars' {{#if x}} is not supported by slipway"},
        {"refs/heads/main", "type=raw,value={{oops 'x'}}", "error: Missing helper: \"oops\""},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_docker_asked q = asked(CASES[i].ref, CASES[i].tags);
        const char *got = tags_of(a, &q);
        if (strcmp(got, CASES[i].expected) != 0)
            fail_msg("%s of %s:\n'%s', not\n'%s'", CASES[i].tags, CASES[i].ref, got, CASES[i].expected);
    }
}

static void a_schedule_makes_its_own(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    UNUSED(state);
    struct gh_docker_asked q = asked("refs/heads/main", "");
    q.event_name = STR("schedule");
    assert_string_equal(tags_of(a, &q), "nightly main");
    q.tags = STR("type=schedule,pattern={{date 'YYYYMMDD'}}");
    assert_string_equal(tags_of(a, &q), "20231114");
}

static void flavor_says_what_is_latest(void **state)
{
    static const struct {
        const char *ref, *flavor, *expected;
    } CASES[] = {
        {"refs/tags/v1", "latest=false", "v1"},
        {"refs/heads/main", "latest=true", "main latest"},
        {"refs/heads/main", "latest=auto\nprefix=a-\nsuffix=-b", "a-main-b"},
        {"refs/tags/v1", "prefix=a-,onlatest=true\nsuffix=-b", "a-v1-b a-latest"},
        {"refs/tags/v1", "suffix=-alpine,onlatest=true", "v1-alpine latest-alpine"},
        {"refs/tags/v1", "prefix={{sha}}-", "860c190-v1 latest"},
        {"refs/tags/v1", "latest=maybe", "error: Invalid latest flavor entry: latest=maybe"},
        {"refs/tags/v1", "latest", "error: Invalid flavor entry: latest"},
        {"refs/tags/v1", "colour=red", "error: Unknown flavor entry: colour=red"},
        {"refs/tags/v1", "prefix=a,onlatest=x", "error: Invalid value for onlatest attribute: x"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_docker_asked q = asked(CASES[i].ref, "");
        q.flavor = str_from(CASES[i].flavor);
        assert_string_equal(tags_of(a, &q), CASES[i].expected);
    }
}

static void images_have_names(void **state)
{
    static const struct {
        const char *images, *expected;
    } CASES[] = {
        {"User/App", "user/app:main"},
        {"a,ghcr.io/B", "a:main ghcr.io/b:main"},
        {"a\nname=b,enable=true\nname=c,enable={{is_not_default_branch}}", "a:main b:main"},
        {"", "main"},
        {"name=a,enable=x", "error: Invalid enable attribute value: name=a,enable=x"},
        {"nam=a", "error: Unknown image attribute: nam=a"},
        {"enable=true", "error: Image name attribute empty: enable=true"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_docker_meta m;
        struct err err = {0};
        struct gh_docker_asked q = asked("refs/heads/main", "");
        q.images = str_from(CASES[i].images);
        const char *got =
            gh_docker_meta(a, &q, &m, &err) < 0 ? arena_printf(a, "error: %s", err.text).p : joined(a, &m.tags);
        assert_string_equal(got, CASES[i].expected);
    }
}

static void labels_and_files(void **state)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct gh_docker_meta m;
    UNUSED(state);
    struct gh_docker_asked q = asked("refs/tags/v1.2.3", "type=semver,pattern={{version}}");
    q.labels = STR("maintainer=mina\norg.opencontainers.image.title=Mine {{tag}}\nnothing");
    q.levels = STR("manifest,index");
    assert_int_equal(gh_docker_meta(a, &q, &m, NULL), 0);
    assert_string_equal(joined(a, &m.labels),
                        "maintainer=mina org.opencontainers.image.created=2020-09-13T12:26:40.000Z "
                        "org.opencontainers.image.description=a demo org.opencontainers.image.licenses=MIT "
                        "org.opencontainers.image.revision=" SHA " org.opencontainers.image.source=https://github.com/"
                        "octo/demo org.opencontainers.image.title=Mine v1.2.3 "
                        "org.opencontainers.image.url=https://github.com/octo/demo "
                        "org.opencontainers.image.version=1.2.3");
    assert_int_equal(m.annotations.n, 16);
    value_add_json(&b, m.json, VALUE_COMPACT);
    assert_true(
        str_starts(buf_str(&b), STR("{\"tags\":[\"user/app:1.2.3\",\"user/app:latest\"],\"tag-names\":[\"1.2.3\","
                                    "\"latest\"],\"labels\":{\"maintainer\":\"mina\",")));
    assert_true(str_find(buf_str(&b), STR("\"annotations\":[\"manifest:org.opencontainers.image.created=")) > 0);
    assert_true(str_find(buf_str(&b), STR("\"index:org.opencontainers.image.version=1.2.3\"]}")) > 0);
    buf_clear(&b);
    value_add_json(&b, m.bake_tags, VALUE_COMPACT);
    assert_string_equal(buf_cstr(&b),
                        "{\"target\":{\"docker-metadata-action\":{\"tags\":[\"user/app:1.2.3\",\"user/app:latest\"],"
                        "\"args\":{\"DOCKER_META_IMAGES\":\"user/app\",\"DOCKER_META_VERSION\":\"1.2.3\"}}}}");
}

static void dates_are_moments(void **state)
{
    static const struct {
        int64_t ms;
        const char *format, *expected;
    } CASES[] = {
        {0, "YYYY-MM-DD HH:mm:ss.SSS", "1970-01-01 00:00:00.000"},
        {1700000000123, "YYYY-MM-DDTHH:mm:ssZ", "2023-11-14T22:13:20+00:00"},
        {1700000000123, "ddd dddd dd d E MMM MMMM Mo M D Do", "Tue Tuesday Tu 2 2 Nov November 11th 11 14 14th"},
        {1700000000123, "h hh A a k kk H", "10 10 PM pm 22 22 22"},
        {1700000000123, "[YYYY] DDD DDDD Q W WW GGGG X x S SS ZZ",
         "YYYY 318 318 4 46 46 2023 1700000000 1700000000123 "
         "1 12 +0000"},
        {1709164800000, "YYYYMMDD DDD", "20240229 60"},
        {1735689599000, "YYYY-MM-DD GGGG-[W]WW", "2024-12-31 2025-W01"},
        {946684800000, "YY k h", "00 24 12"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        assert_string_equal(gh_moment(a, CASES[i].ms, str_from(CASES[i].format)).p, CASES[i].expected);
    }
}

static void templates_are_handlebars(void **state)
{
    static const struct {
        const char *text, *expected; /* NULL: an error */
    } CASES[] = {{"plain", "plain"},
                 {"{{x}}", "a&lt;b&gt;&amp;&#x3D;&quot;"},
                 {"{{{x}}}!", "a<b>&=\"!"},
                 {"{{! no }}y{{unknown}}z", "yz"},
                 {"{{ x", NULL},
                 {"{{}}", NULL},
                 {"}} {", "}} {"}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_handlebars h = {0};
        struct str got = STR_NONE;
        map_init(&h.names, a, MAP_CASE);
        map_set_str(&h.names, STR("x"), STR("a<b>&=\""));
        int rc = gh_handlebars(a, str_from(CASES[i].text), &h, &got, NULL);
        assert_int_equal(rc == 0, CASES[i].expected != NULL);
        if (rc == 0)
            assert_string_equal(got.p, CASES[i].expected);
    }
    assert_true(gh_handlebars_is(STR("{{ raw }}"), "raw"));
    assert_true(gh_handlebars_is(STR("{{{raw}}}"), "raw"));
    assert_false(gh_handlebars_is(STR("v{{raw}}"), "raw"));
    assert_false(gh_handlebars_is(STR("{{raw}}{{raw}}"), "raw"));
}

static void pythons_versions_are_cleaned(void **state)
{
    static const struct {
        const char *text, *clean; /* NULL: no version */
        bool is_final;
    } CASES[] = {
        {"1.2.3", "1.2.3", true},
        {"v1.0", "1.0", true},
        {"1.0a1", "1.0a1", false},
        {"1.0-alpha.1", "1.0a1", false},
        {"1.0_b", "1.0b0", false},
        {"1.0c1", "1.0rc1", false},
        {"1.0.pre2", "1.0rc2", false},
        {"1.0-1", "1.0.post1", false},
        {"1.0.rev3", "1.0.post3", false},
        {"1.0dev", "1.0.dev0", false},
        {"1!2.3", "1!2.3", true},
        {"1.0+Ubuntu-1", "1.0+ubuntu.1", true},
        {"1.0a1.post2.dev3", "1.0a1.post2.dev3", false},
        {"1.0+", NULL, false},
        {"1.0+a..b", NULL, false},
        {"x", NULL, false},
        {"1.0x", NULL, false},
        {"", NULL, false},
        {"1.2.3-beta.1", "1.2.3b1", false},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_pep440 v;
        int rc = gh_pep440_parse(a, str_from(CASES[i].text), &v);
        if ((rc == 0) != (CASES[i].clean != NULL))
            fail_msg("%s: %d", CASES[i].text, rc);
        if (rc == 0) {
            assert_string_equal(v.clean.p, CASES[i].clean);
            assert_int_equal(v.is_final, CASES[i].is_final);
        }
    }
}

/* ---- the actions ---- */

#define DOCKER(action, with) JOB "    steps:\n      - {id: s, uses: docker/" action ", with: {" with "}}\n"

static void metadata_tells_outputs_and_variables(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.l.facts.now_ms = 1700000000000;
    play_begin(
        &p,
        DOCKER("metadata-action@v5",
               "images: 'Octo/App', sep-tags: ',', bake-target: b") "      - run: echo ${{ steps.s.outputs.tags }} ${{ "
                                                                    "fromJSON(steps.s.outputs.json).tags[0] }}\n");
    play_op(&p);
    assert_int_equal(p.op.n_writes, 4 + 1); /* and the event */
    struct str bake = play_written(&p, "-docker-metadata-action-bake.json");
    assert_true(
        str_starts(bake, STR("{\n  \"target\": {\n    \"b\": {\n      \"tags\": [\n        \"octo/app:main\"")));
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo octo/app:main octo/app:main"));
    assert_env(&p, "DOCKER_METADATA_OUTPUT_VERSION", "main");
    assert_env(&p, "DOCKER_METADATA_OUTPUT_TAG_NAMES", "main");
    assert_true(
        str_ends(play_env(&p, "DOCKER_METADATA_OUTPUT_BAKE_FILE_TAGS"), STR("-docker-metadata-action-bake-tags.json")));
    play_exit(&p, 0);
    play_rest(&p);
    play_done(&p);
}

static void what_is_simulated_says_so(void **state)
{
    static const struct {
        const char *with, *said;
    } CASES[] = {
        {"login-action@v3, with: {username: u, password: sesame}",
         "emulated docker/login-action: simulated, nothing sent\n1 success\n"},
        {"login-action@v3, with: {username: u}", "1 failure: Username and password required\n"},
        {"login-action@v3, with: {registry: 1.dkr.ecr.eu-west-1.amazonaws.com}", "1 success\n"},
        {"login-action@v3, with: {registry-auth: x, username: u}",
         "1 failure: Cannot use registry-auth with other inputs\n"},
        {"login-action@v3, with: {username: u, password: p, ecr: maybe}", "1 failure: Input does not meet"},
        {"login-action@v3, with: {username: u, password: p, logout: maybe}", "1 failure: Input does not meet YAML"},
        {"setup-qemu-action@v3, with: {platforms: 'arm64,s390x'}",
         "emulated docker/setup-qemu-action: simulated, no emulator was installed: linux/amd64 only\n1 success\n"},
        {"setup-qemu-action@v3, with: {reset: perhaps}", "1 failure: Input does not meet YAML"},
        {"setup-buildx-action@v3, with: {driver: docker}",
         "emulated docker/setup-buildx-action: simulated, no builder was started\n1 success\n"},
        {"setup-buildx-action@v3, with: {driver: podman}", "1 failure: failed to find driver \"podman\"\n"},
        {"metadata-action@v5, with: {images: a, tags: type=nope}", "1 failure: Unknown tag type attribute: nope\n"},
        {"metadata-action@v5, with: {images: a, context: moon}", "1 failure: Invalid context source: moon\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, JOB "    steps:\n      - {uses: docker/%s}\n", CASES[i].with);
        play_init(&p);
        play_begin(&p, buf_cstr(&text));
        play_rest(&p);
        if (strstr(buf_cstr(&p.log), CASES[i].said) == NULL)
            fail_msg("'%s' is not in\n%s", CASES[i].said, buf_cstr(&p.log));
        if (i == 0)
            assert_true(p.masks.n > 0 && str_is(p.masks.p[0], "sesame"));
        play_done(&p);
    }
}

static void buildx_has_its_outputs(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p,
               DOCKER("setup-buildx-action@v3", "driver: docker") "      - run: echo ${{ join(steps.s.outputs.*, ' ') "
                                                                  "}} ${{ fromJSON(steps.s.outputs.nodes)[0].name "
                                                                  "}}\n");
    play_op(&p);
    assert_true(str_find(play_written(&p, ".sh"), STR("default docker linux/amd64 [{")) >= 0);
    assert_true(str_ends(play_written(&p, ".sh"), STR(" default0")));
    play_exit(&p, 0);
    play_rest(&p);
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_tells_outputs_and_variables),
        cmocka_unit_test(what_is_simulated_says_so),
        cmocka_unit_test(buildx_has_its_outputs),
        cmocka_unit_test(rules_make_tags),
        cmocka_unit_test(a_schedule_makes_its_own),
        cmocka_unit_test(flavor_says_what_is_latest),
        cmocka_unit_test(images_have_names),
        cmocka_unit_test(labels_and_files),
        cmocka_unit_test(dates_are_moments),
        cmocka_unit_test(templates_are_handlebars),
        cmocka_unit_test(pythons_versions_are_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
