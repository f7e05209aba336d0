/* setup-node and setup-go as slipway does them. */
#include "gh_play.h"

#include "provider/github/setup_priv.h"

static struct interpreter TOOLS[7]; /* filled in by machine() */

static struct interpreter tool(const char *name, const char *version, const char *prefix, bool shared)
{
    static char programs[7][64];
    static size_t at;
    char *program = programs[at++ % 7];
    snprintf(program, 64, "%s/bin/%s", prefix, name);
    return (struct interpreter){str_from(name),    str_from(version), str_from(prefix),
                                str_from(program), STR("test"),       shared};
}

static void machine(struct facts *f)
{
    TOOLS[0] = tool("node", "20.11.1", "/usr", true);
    TOOLS[1] = tool("node", "22.3.0", "/home/me/.nvm/versions/node/v22.3.0", false);
    TOOLS[2] = tool("node", "18.20.4", "/opt/tc/node/18.20.4/x64", false);
    TOOLS[3] = tool("go", "1.22.3", "/usr/local/go", false);
    TOOLS[4] = tool("go", "1.20.0", "/home/me/sdk/go1.20", false);
    TOOLS[5] = tool("go", "1.23.0-rc.1", "/home/me/sdk/go1.23rc1", false);
    TOOLS[6] = tool("go", "1.8.7", "/home/me/sdk/go1.8.7", false);
    f->machine.interpreters = TOOLS;
    f->machine.n_interpreters = ARRAY_LEN(TOOLS);
    f->now_ms = 1780000000000; /* 2026-05-28 */
}

#define USES(action, with) JOB "    steps:\n      - {id: s, uses: " action ", with: {" with "}}\n"
#define NODE(with) USES("actions/setup-node@v6", with)
#define GO(with) USES("actions/setup-go@v6", with)
#define WS "/home/runner/work/demo/demo"

static void begin(struct play *p, const char *text)
{
    play_init(p);
    machine(&p->l.facts);
    play_begin(p, text);
}

#define assert_says(p, text)                                                                                           \
    do {                                                                                                               \
        if (str_find(buf_str(&(p)->log), str_from(text)) < 0)                                                          \
            fail_msg("'%s' is not in\n%s", text, buf_cstr(&(p)->log));                                                 \
    } while (0)

/* ---- which one ---- */

static void nodes_are_found(void **state)
{
    static const struct {
        const char *spec, *found; /* NULL: the error number that follows */
        int rc;
    } FINDS[] = {
        {"20", "20.11.1", 0},           {"v20.11.1", "20.11.1", 0},     {"20.x", "20.11.1", 0},
        {">=18 <21", "20.11.1", 0},     {"18.x || 22.x", "22.3.0", 0},  {"*", "22.3.0", 0},
        {"latest", "22.3.0", 0},        {"node", "22.3.0", 0},          {"current", "22.3.0", 0},
        {"lts/iron", "20.11.1", 0},     {"lts/Hydrogen", "18.20.4", 0}, {"lts/-1", "22.3.0", 0},
        {"lts/-2", "20.11.1", 0},       {"lts/*", NULL, -ENOENT},       {"lts/nobody", NULL, -EINVAL},
        {"lts/", NULL, -EINVAL},        {"lts/-99", NULL, -EINVAL},     {"16", NULL, -ENOENT},
        {"20.12", NULL, -ENOENT},       {"20-nightly", NULL, -ENOSYS},  {"20-v8-canary", NULL, -ENOSYS},
        {"22.0.0-rc.1", NULL, -ENOENT}, {"no version!", NULL, -ENOENT},
    };
    struct load l;
    UNUSED(state);
    load_init(&l);
    machine(&l.facts);
    for (size_t i = 0; i < ARRAY_LEN(FINDS); i++) {
        const struct interpreter *found = NULL;
        int rc = gh_node_find(l.a, &l.facts, str_from(FINDS[i].spec), &found, NULL, NULL);
        if (rc != FINDS[i].rc || (rc == 0 && !str_is(found->version, FINDS[i].found)))
            fail_msg("%s: %d %.*s", FINDS[i].spec, rc, STR_ARG(found != NULL ? found->version : STR("none")));
    }
    load_done(&l);
}

static void gos_are_found(void **state)
{
    static const struct {
        const char *spec, *found;
    } FINDS[] = {
        {"1.22", "1.22.3"},
        {"1.22.x", "1.22.3"},
        {"^1.20", "1.22.3"},
        {"1.20", "1.20.0"},
        {"1.20.0", "1.20.0"},
        {"stable", "1.22.3"},
        {"oldstable", "1.20.0"},
        {">=1.20.0 <1.22.0", "1.20.0"},
        {"1.22.4", NULL},
        {"1.23rc1", "1.23.0-rc.1"},
        {"1.23.0-rc.1", "1.23.0-rc.1"},
        {"1.23", NULL},
        {"2", NULL},
        {"1.22.3rc", NULL},
        {"go1.22", NULL},
        {"1.", NULL},
    };
    struct load l;
    UNUSED(state);
    load_init(&l);
    machine(&l.facts);
    for (size_t i = 0; i < ARRAY_LEN(FINDS); i++) {
        const struct interpreter *found = NULL;
        int rc = gh_go_find(l.a, &l.facts, str_from(FINDS[i].spec), &found, NULL, NULL);
        if ((rc == 0) != (FINDS[i].found != NULL) || (rc == 0 && !str_is(found->version, FINDS[i].found)))
            fail_msg("%s: %d %.*s", FINDS[i].spec, rc, STR_ARG(found != NULL ? found->version : STR("none")));
    }
    load_done(&l);
}

static void legs_without_their_tool_are_skipped(void **state)
{
    static const struct {
        const char *uses, *with, *skip;
    } LEGS[] = {
        {"actions/setup-node@v6", "node-version: 16", "no Node.js 16 here"},
        {"actions/setup-node@v6", "node-version: lts/iron", ""},
        {"actions/setup-node@v6", "node-version: 20-nightly", "no Node.js 20-nightly here"},
        {"actions/setup-node@v6", "node-version: '${{ env.X }}'", ""},
        {"actions/setup-node@v6", "node-version-file: .nvmrc", ""},
        {"Actions/Setup-Go@v6", "go-version: '1.99'", "no Go 1.99 here"},
        {"actions/setup-go@v6", "go-version: stable", ""},
        {"actions/setup-python@v6", "python-version: '3.12'", "no Python 3.12 here"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(LEGS); i++) {
        struct load l;
        struct str why = STR("");
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        load_init(&l);
        machine(&l.facts);
        buf_printf(&text, JOB "    steps:\n      - run: 'true'\n      - uses: %s\n        with: {%s}\n", LEGS[i].uses,
                   LEGS[i].with);
        load_plan(&l, buf_cstr(&text));
        assert_non_null(l.plan);
        assert_int_equal(gh_driver.gate(l.plan, l.plan->jobs[0], &l.facts, false, &why), GATE_RUN);
        assert_string_equal(arena_str(l.a, l.plan->jobs[0]->legs[0]->skip).p, LEGS[i].skip);
        load_done(&l);
    }
}

/* ---- version files ---- */

static void node_version_files_have_their_kinds(void **state)
{
    static const struct {
        const char *text, *version, *extends;
    } FILES[] = {
        {"20.11.1\n", "20.11.1", ""},
        {"v20\n", "20", ""},
        {"lts/*\n", "lts/*", ""},
        {"# mine\n20\n", "20", ""},
        {"nodejs v20.1.0\npython 3.12\n", "20.1.0", ""},
        {"python 3.12\nnode 20.1.0\n", "20.1.0", ""},
        {"{\"volta\": {\"node\": \"18.1.0\", \"extends\": \"../x\"}, \"engines\": {\"node\": \"20\"}}", "18.1.0", ""},
        {"{\"volta\": {\"extends\": \"../package.json\"}}", "", "../package.json"},
        {"{\"devEngines\": {\"runtime\": {\"name\": \"Node\", \"version\": \"^22\"}}, \"engines\": {\"node\": \"20\"}}",
         "^22", ""},
        {"{\"devEngines\": {\"runtime\": [{\"name\": \"bun\"}, {\"name\": \"node\", \"version\": \"21\"}]}}", "21", ""},
        {"{\"devEngines\": {\"runtime\": [7, null]}, \"engines\": {\"node\": \">=20\"}}", ">=20", ""},
        {"{\"engines\": {\"node\": 20}}", "", ""},
        {"{\"engines\": []}", "", ""},
        {"[tools]\nnode = \"20\"\n", "20", ""},
        {"[tools]\nnode = {version = \"22.1\"}\n", "22.1", ""},
        {"[tools]\npython = \"3\"\n", "", ""},
        {"{ not json", "{ not json", ""},
        {"", "", ""},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct gh_node_file said;
        gh_node_file_read(a, str_from(FILES[i].text), &said);
        assert_string_equal(arena_str(a, said.version).p, FILES[i].version);
        assert_string_equal(arena_str(a, said.extends).p, FILES[i].extends);
    }
}

static void go_version_files_have_their_kinds(void **state)
{
    static const struct {
        const char *name, *text;
        bool local;
        const char *version;
    } FILES[] = {
        {"go.mod", "module x\n\ngo 1.21\n", false, "1.21"},
        {"go.mod", "module x\r\n\r\ngo 1.22.1\r\ntoolchain go1.22.3\r\n", false, "1.22.3"},
        {"sub/go.mod", "go 1.22.1\ntoolchain go1.22.3\n", true, "1.22.1"},
        {"go.mod", "go 1.22.1\ntoolchain go1.23rc1\n", false, "1.23rc1"},
        {"go.mod", "go 1.22.1\ntoolchain default\n", false, "1.22.1"},
        {"go.work", "go 1.20\nuse ./a\n", false, "1.20"},
        {"go.mod", "module go 1.2\n", false, ""},
        {".tool-versions", "nodejs 20\ngolang 1.21.5 # why\n", false, "1.21.5"},
        {".tool-versions", "nodejs 20\n", false, ""},
        {".go-version", " 1.21.5\n", false, "1.21.5"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        struct str version = gh_go_file_read(str_from(FILES[i].name), str_from(FILES[i].text), FILES[i].local);
        if (!str_is(version, FILES[i].version))
            fail_msg("%s: '%.*s', not '%s'", FILES[i].text, STR_ARG(version), FILES[i].version);
    }
}

/* ---- setup-node ---- */

static void a_node_of_its_own_comes_on_path(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, NODE("node-version: 22, package-manager-cache: false") "      - run: echo ${{ "
                                                                     "steps.s.outputs.node-version }}\n");
    p.shows = true;
    play_op(&p);
    assert_non_null(strstr(play_argv(&p), "for tool in node npm yarn"));
    assert_env(&p, "PATH", "/home/me/.nvm/versions/node/v22.3.0/bin:/usr/bin:/bin");
    play_say(&p, "node: v22.3.0");
    play_say(&p, "npm: 10.8.1");
    play_say(&p, "yarn: ");
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo v22.3.0"));
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "{ Environment details\n| node: v22.3.0\n| npm: 10.8.1\n| yarn: \n}\n");
    assert_says(&p, "emulated actions/setup-node: Node.js 22.3.0 of this host "
                    "(/home/me/.nvm/versions/node/v22.3.0/bin/node)\n");
    play_done(&p);
}

static void a_shared_node_gets_a_folder(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, NODE("node-version: lts/-2, package-manager-cache: false, check-latest: true, mirror: 'https://m'"));
    play_op(&p);
    assert_true(str_is(p.op.argv[3], "/opt/hostedtoolcache/node/20.11.1/x64"));
    assert_true(str_is(p.op.argv[4], "/usr/bin"));
    play_exit(&p, 0);
    play_op(&p);
    assert_env(&p, "PATH", "/opt/hostedtoolcache/node/20.11.1/x64/bin:/usr/bin:/bin");
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "Node.js 20.11.1 of this host (/usr/bin/node), in a folder of its own; lts/-2: Node.js 20, by "
                    "slipway's table of 2026-11-23; check-latest: the newest of this machine; mirror: nothing is "
                    "downloaded\n");
    play_done(&p);
    begin(&p, NODE("node-version: 20"));
    play_op(&p);
    play_exit(&p, 2);
    play_rest(&p);
    assert_says(&p, "1 failure: '/opt/hostedtoolcache/node/20.11.1/x64' could not be made (exit code 2)");
    play_done(&p);
}

static void node_failures_are_the_actions_own(void **state)
{
    static const struct {
        const char *with, *said;
    } FAILS[] = {
        {"node-version: \"${{ env.V }}\"",
         "1 failure: Unable to find Node version '99' for platform linux and architecture x64.\n"},
        {"node-version: 20, architecture: arm64",
         "1 failure: Unable to find Node version '20' for platform linux and architecture arm64.\n"},
        {"node-version: lts/nobody", "1 failure: Unable to find LTS release 'nobody' for Node version 'lts/nobody'.\n"},
        {"node-version: \"${{ env.V }}-nightly\"",
         "1 failure: Node.js builds of '99-nightly' are not supported by slipway\n"},
        {"node-version: 22, cache: bun", "1 failure: Caching for 'bun' is not supported\n"},
        {"node-version: 22, cache: npm",
         "1 failure: Dependencies lock file is not found in " WS
         ". Supported file patterns: package-lock.json,npm-shrinkwrap.json,yarn.lock\n"},
        {"node-version: 22, cache: pnpm", ". Supported file patterns: pnpm-lock.yaml\n"},
        {"node-version: 22, cache: npm, cache-dependency-path: 'x/*.json'",
         "1 failure: Some specified paths were not resolved, unable to cache dependencies.\n"},
        {"node-version: 22, package-manager-cache: maybe", "1 failure: Input does not meet YAML 1.2"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FAILS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, NODE("%s") "    env: {V: '99'}\n", FAILS[i].with);
        begin(&p, buf_cstr(&text));
        while (play_next(&p) == DRIVE_OP) {
            if (p.op.kind == OP_EXEC)
                play_say(&p, "/answer");
            play_exit(&p, 0);
        }
        assert_says(&p, FAILS[i].said);
        play_done(&p);
    }
}

static void a_node_version_file_is_followed(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, NODE("node-version-file: app/package.json, package-manager-cache: false"));
    play_op(&p);
    assert_true(str_is(p.op.reads[0], WS "/app/package.json"));
    play_end(&p, OP_EXITED, 0, (const char *const[]){"{\"volta\": {\"extends\": \"../package.json\"}}"});
    play_op(&p);
    assert_true(str_is(p.op.reads[0], WS "/package.json"));
    play_end(&p, OP_EXITED, 0, (const char *const[]){"{\"volta\": {\"node\": \"18.20.4\"}}"});
    play_op(&p);
    assert_env(&p, "PATH", "/opt/tc/node/18.20.4/x64/bin:/usr/bin:/bin");
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "1 success");
    play_done(&p);
    begin(&p, NODE("node-version-file: p.json, package-manager-cache: false")); /* it names itself */
    for (unsigned i = 0; play_next(&p) == DRIVE_OP; i++) {
        assert_true(i < 20);
        play_end(&p, OP_EXITED, 0, (const char *const[]){"{\"volta\": {\"extends\": \"p.json\"}}"});
    }
    assert_says(&p, "warning: Could not determine node version from " WS "/p.json. Falling back\n");
    play_done(&p);
    begin(&p, NODE("node-version-file: gone"));
    play_op(&p);
    gh_driver.exited(p.run, &(struct op_end){.token = p.op.token, .how = OP_EXITED, .reads = &(struct str){0}});
    play_rest(&p);
    assert_says(&p, "1 failure: The specified node version file at: " WS "/gone does not exist\n");
    play_done(&p);
}

static void a_registry_is_written(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p,
          NODE("registry-url: 'https://npm.pkg.github.com', package-manager-cache: false") "      - run: 'x'\n"
                                                                                           "    env: {NODE_AUTH_TOKEN: "
                                                                                           "t}\n");
    play_op(&p); /* details */
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(p.op.reads[0], "/home/runner/work/_temp/.npmrc"));
    play_end(&p, OP_EXITED, 0, (const char *const[]){"color=true\n@Octo:registry=https://old/\nregistry=https://a/\n"});
    play_op(&p);
    assert_true(str_is(play_written(&p, ".npmrc"),
                       "color=true\nregistry=https://a/\n//npm.pkg.github.com/:_authToken=${NODE_AUTH_TOKEN}\n"
                       "@octo:registry=https://npm.pkg.github.com/"));
    play_exit(&p, 0);
    play_op(&p);
    assert_env(&p, "NPM_CONFIG_USERCONFIG", "/home/runner/work/_temp/.npmrc");
    assert_env(&p, "NODE_AUTH_TOKEN", "t");
    play_exit(&p, 0);
    play_done(&p);
    begin(&p, NODE("registry-url: 'https://r.example/npm/', scope: Mine, package-manager-cache: false"));
    play_op(&p);
    play_exit(&p, 0);
    play_op(&p);
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".npmrc"), "//r.example/npm/:_authToken=${NODE_AUTH_TOKEN}\n"
                                                   "@mine:registry=https://r.example/npm/"));
    play_done(&p);
}

static void begin_cached(struct play *p, const char *text, const char *hash_for)
{
    begin(p, text);
    p->hash = "abc";
    p->hash_for = hash_for;
    play_op(p); /* details */
    play_exit(p, 0);
}

static void npm_is_cached(void **state)
{
    struct play p;
    UNUSED(state);
    begin_cached(&p, NODE("node-version: 22, cache: npm") "      - run: echo ${{ toJSON(steps.s.outputs) }}\n",
                 "npm-shrinkwrap.json");
    play_op(&p);
    assert_string_equal(play_argv(&p), "npm config get cache");
    play_say(&p, "/home/runner/.npm");
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_true(str_is(p.op.cache.key, "node-cache-Linux-x64-npm-abc"));
    assert_int_equal(p.op.cache.restore_keys.n, 1); /* the key itself, as the service tries it as a prefix */
    assert_true(str_is(p.op.cache.paths.p[0], "/home/runner/.npm"));
    play_exit(&p, 0);
    play_op(&p);
    struct str outputs = play_written(&p, ".sh");
    assert_true(str_find(outputs, STR("\"cache-hit\": \"false\"")) > 0);
    assert_true(str_find(outputs, STR("\"cache-primary-key\": \"node-cache-Linux-x64-npm-abc\"")) > 0);
    assert_true(str_find(outputs, STR("\"cache-matched-key\": \"\"")) > 0);
    play_exit(&p, 0);
    play_op(&p);
    assert_int_equal(p.op.kind, OP_SAVE);
    play_exit(&p, 0);
    play_rest(&p);
    play_done(&p);
}

static void yarn_tells_its_generation(void **state)
{
    static const struct {
        const char *version, *ask;
    } YARNS[] = {{"1.22.19", "yarn cache dir"}, {"4.1.0", "yarn config get cacheFolder"}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(YARNS); i++) {
        struct play p;
        begin_cached(&p, NODE("node-version: 22, cache: yarn, cache-dependency-path: web/yarn.lock"), "web/yarn.lock");
        play_op(&p);
        assert_string_equal(play_argv(&p), "yarn --version");
        assert_true(str_is(p.op.cwd, WS "/web"));
        play_say(&p, YARNS[i].version);
        play_exit(&p, 0);
        play_op(&p);
        assert_string_equal(play_argv(&p), YARNS[i].ask);
        play_say(&p, ".yarn/cache");
        play_exit(&p, 0);
        play_op(&p);
        assert_true(str_is(p.op.cache.paths.p[0], WS "/web/.yarn/cache"));
        struct op_end hit = {.token = p.op.token, .how = OP_EXITED, .matched = p.op.cache.key};
        gh_driver.exited(p.run, &hit);
        play_rest(&p);
        assert_says(&p, "2 success");
        play_done(&p);
    }
}

static void a_manager_that_fails_fails_the_step(void **state)
{
    struct play p;
    UNUSED(state);
    begin_cached(&p, NODE("node-version: 22, cache: pnpm"), "pnpm-lock.yaml");
    play_op(&p);
    assert_string_equal(play_argv(&p), "pnpm store path --silent");
    struct op_end end = {.token = p.op.token, .how = OP_NOT_STARTED};
    err_set(&end.err, ENOENT, "pnpm: not found");
    gh_driver.exited(p.run, &end);
    play_rest(&p);
    assert_says(&p, "1 failure: Unable to locate executable file: pnpm. Please verify");
    play_done(&p);
    begin_cached(&p, NODE("node-version: 22, cache: yarn"), "yarn.lock");
    play_op(&p);
    play_exit(&p, 3);
    play_rest(&p);
    assert_says(&p, "1 failure: The 'yarn' command failed with exit code: 3");
    play_done(&p);
    begin_cached(&p, NODE("node-version: 22, cache: yarn"), "yarn.lock");
    play_op(&p);
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "1 failure: Could not retrieve version of yarn");
    play_done(&p);
}

static void npm_is_cached_unasked_when_the_package_names_it(void **state)
{
    static const struct {
        const char *package;
        bool cached;
    } PACKAGES[] = {
        {"{\"packageManager\": \"npm@10.1.0\"}", true},
        {"{\"packageManager\": \"pnpm@9\"}", false},
        {"{\"devEngines\": {\"packageManager\": {\"name\": \"npm\"}}}", true},
        {"{\"devEngines\": {\"packageManager\": [{\"name\": \"yarn\"}, {\"name\": \"npm\"}]}}", true},
        {"{\"devEngines\": {\"packageManager\": {\"name\": \"yarn\"}}, \"packageManager\": \"npm@1\"}", false},
        {"{}", false},
        {"not json", false}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(PACKAGES); i++) {
        struct play p;
        begin_cached(&p, NODE("node-version: 22"), "package-lock.json");
        play_op(&p);
        assert_true(str_is(p.op.reads[0], WS "/package.json"));
        play_end(&p, OP_EXITED, 0, (const char *const[]){PACKAGES[i].package});
        assert_int_equal(play_next(&p) == DRIVE_OP, PACKAGES[i].cached);
        play_done(&p);
    }
}

static void problems_of_tsc_and_eslint_are_found(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, NODE("package-manager-cache: false") "      - run: 'x'\n");
    play_op(&p);
    play_exit(&p, 0);
    play_op(&p);
    play_say(&p, "src/a.ts(3,14): error TS2304: Cannot find name 'x'.");
    play_say(&p, WS "/src/b.js");
    play_say(&p, "  7:5  warning  Unexpected console statement  no-console");
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "error: Cannot find name 'x'. @src/a.ts:3:14\n");
    assert_says(&p, "warning: Unexpected console statement @src/b.js:7:5\n");
    play_done(&p);
}

/* ---- setup-go ---- */

static void go_answers(struct play *p)
{
    play_op(p);
    play_say(p, "go version go1.22.3 linux/amd64");
    play_say(p, "/home/runner/go");
    play_say(p, "/home/runner/go/pkg/mod");
    play_say(p, "/home/runner/.cache/go-build");
    play_say(p, "GOARCH='amd64'");
    play_exit(p, 0);
}

static void go_comes_on_path_with_its_cache(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, GO("go-version: '1.22'") "      - run: echo ${{ toJSON(steps.s.outputs) }}\n");
    p.hash = "abc";
    p.hash_for = "go.mod";
    p.shows = true;
    go_answers(&p);
    assert_env(&p, "PATH", "/usr/local/go/bin:/usr/bin:/bin");
    assert_env(&p, "GOTOOLCHAIN", "local");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_RESTORE);
    assert_true(str_is(p.op.cache.key, "setup-go-Linux-x64-debian12-go-1.22.3-abc"));
    assert_int_equal(p.op.cache.paths.n, 2);
    assert_true(str_is(p.op.cache.paths.p[0], "/home/runner/go/pkg/mod"));
    assert_true(str_is(p.op.cache.paths.p[1], "/home/runner/.cache/go-build"));
    struct op_end hit = {.token = p.op.token, .how = OP_EXITED, .matched = p.op.cache.key};
    gh_driver.exited(p.run, &hit);
    play_op(&p);
    assert_env(&p, "PATH", "/home/runner/go/bin:/usr/local/go/bin:/usr/bin:/bin");
    assert_true(str_find(play_written(&p, ".sh"), STR("\"go-version\": \"1.22.3\"")) > 0);
    assert_true(str_find(play_written(&p, ".sh"), STR("\"cache-hit\": \"true\"")) > 0);
    play_say(&p, "./main.go:4:2: undefined: x");
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "{ go env\n| GOARCH='amd64'\n}\n");
    assert_says(&p, "error: undefined: x @main.go:4:2\n");
    assert_says(&p, "not saving cache.");
    play_done(&p);
}

static void go_without_a_module_only_warns(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, GO("go-version: '1.22'"));
    go_answers(&p);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_says(&p, "warning: Restore cache failed: Dependencies file is not found in " WS
                    ". Supported file pattern: go.mod\n");
    assert_says(&p, "1 success");
    play_done(&p);
    begin(&p, GO("go-version: '1.22', cache-dependency-path: '**/go.sum'"));
    go_answers(&p);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_says(&p, "warning: Restore cache failed: Some specified paths were not resolved, unable to cache "
                    "dependencies.\n");
    play_done(&p);
    begin(&p, GO("go-version: '1.22', cache: false"));
    go_answers(&p);
    assert_int_equal(play_next(&p), DRIVE_DONE);
    assert_true(str_find(buf_str(&p.log), STR("warning")) < 0);
    play_done(&p);
}

static void go_failures_are_the_actions_own(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, GO("go-version: '${{ env.V }}'") "    env: {V: '1.99'}\n");
    play_rest(&p);
    assert_says(&p, "1 failure: Unable to find Go version '1.99' for platform linux and architecture x64.\n");
    play_done(&p);
    begin(&p, GO("go-version-file: gone/go.mod"));
    play_op(&p);
    gh_driver.exited(p.run, &(struct op_end){.token = p.op.token, .how = OP_EXITED, .reads = &(struct str){0}});
    play_rest(&p);
    assert_says(&p, "1 failure: The specified go version file at: gone/go.mod does not exist\n");
    play_done(&p);
    begin(&p, GO(""));
    play_op(&p);
    play_exit(&p, 127);
    play_rest(&p);
    assert_says(&p, "1 failure: go cannot be run");
    play_done(&p);
}

static void an_old_go_gets_its_root(void **state)
{
    struct play p;
    UNUSED(state);
    begin(&p, GO("go-version-file: go.mod"));
    play_op(&p);
    assert_true(str_is(p.op.reads[0], WS "/go.mod"));
    play_end(&p, OP_EXITED, 0, (const char *const[]){"module x\ngo 1.8.7\n"});
    play_op(&p);
    assert_env(&p, "GOROOT", "/home/me/sdk/go1.8.7");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_are_found),
        cmocka_unit_test(gos_are_found),
        cmocka_unit_test(legs_without_their_tool_are_skipped),
        cmocka_unit_test(node_version_files_have_their_kinds),
        cmocka_unit_test(go_version_files_have_their_kinds),
        cmocka_unit_test(a_node_of_its_own_comes_on_path),
        cmocka_unit_test(a_shared_node_gets_a_folder),
        cmocka_unit_test(node_failures_are_the_actions_own),
        cmocka_unit_test(a_node_version_file_is_followed),
        cmocka_unit_test(a_registry_is_written),
        cmocka_unit_test(npm_is_cached),
        cmocka_unit_test(yarn_tells_its_generation),
        cmocka_unit_test(a_manager_that_fails_fails_the_step),
        cmocka_unit_test(npm_is_cached_unasked_when_the_package_names_it),
        cmocka_unit_test(problems_of_tsc_and_eslint_are_found),
        cmocka_unit_test(go_comes_on_path_with_its_cache),
        cmocka_unit_test(go_without_a_module_only_warns),
        cmocka_unit_test(go_failures_are_the_actions_own),
        cmocka_unit_test(an_old_go_gets_its_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
