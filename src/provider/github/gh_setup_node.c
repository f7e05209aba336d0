/*
 * actions/setup-node (specification 13.3) with the Node.js of this machine. An installation of its own (nvm, fnm, a
 * tool cache) is put on PATH as it is; one that shares its prefix (/usr), or lies on this machine's own root, gets a
 * folder at the service's place with node, npm, npx and corepack, so that what the job installs globally stays in the
 * job.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "provider/github/node_priv.h"

enum phase {
    PHASE_INPUTS,
    PHASE_FILE, /* read a version file; again for what it extends */
    PHASE_FIND,
    PHASE_WRAP,    /* a folder of its own for a shared installation */
    PHASE_DETAILS, /* what is on PATH now? */
    PHASE_NPMRC,   /* registry-url: what is written there so far */
    PHASE_REGISTRY,
    PHASE_PACKAGE, /* package.json: is npm cached unasked? */
    PHASE_CACHE,
    PHASE_MATCHERS,
    PHASE_DONE,
};

#define EXTENDS_MAX 10 /* version files that name another */

struct setup {
    struct str spec;
    struct str file; /* absolute path of a version file, or empty */
    unsigned extended;
    struct str location; /* whose bin comes on PATH */
    const struct interpreter *found;
    struct str npmrc, npmrc_text;
    struct gh_node_cache cache;
};

/* What setup-node itself hands to add-matcher; the second of eslint's is as broken as there, and matches nothing. */
#define TSC                                                                                                            \
    "{\"problemMatcher\":[{\"owner\":\"tsc\",\"pattern\":[{\"regexp\":\"^(?:\\\\s+\\\\d+\\\\>)?([^\\\\s].*)"           \
    "\\\\((\\\\d+)(?:,(\\\\d+)(?:,\\\\d+(?:,\\\\d+)?)?)?\\\\)\\\\s*:\\\\s+(error|warning|info)\\\\s+"                  \
    "(\\\\w{1,2}\\\\d+)\\\\s*:\\\\s*(.*)$\",\"file\":1,\"line\":2,\"column\":3,\"severity\":4,\"code\":5,"             \
    "\"message\":6}]}]}"
#define ESLINT_STYLISH                                                                                                 \
    "{\"problemMatcher\":[{\"owner\":\"eslint-stylish\",\"pattern\":[{\"regexp\":\"^\\\\s*([^\\\\s].*)$\","            \
    "\"file\":1},{\"regexp\":\"^\\\\s+(\\\\d+):(\\\\d+)\\\\s+(error|warning|info)\\\\s+(.*)\\\\s\\\\s+(.*)$\","        \
    "\"line\":1,\"column\":2,\"severity\":3,\"message\":4,\"code\":5,\"loop\":true}]}]}"
#define ESLINT_COMPACT                                                                                                 \
    "{\"problemMatcher\":[{\"owner\":\"eslint-compact\",\"pattern\":[{\"regexp\":\"/^(.+):\\\\sline\\\\s(\\\\d+),"     \
    "\\\\scol\\\\s(\\\\d+),\\\\s(Error|Warning|Info)\\\\s-\\\\s(.+)\\\\s\\\\((.+)\\\\)$/\",\"file\":1,\"line\":2,"     \
    "\"severity\":4,\"message\":5,\"code\":6}]}]}"

/* ---- which one ---- */

static void read_inputs(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    struct str file = gh_input(t, "node-version-file");
    s->spec = gh_input(t, "node-version");
    if (s->spec.n > 0 && file.n > 0)
        gh_complain(t, LEVEL_WARNING,
                    "Both node-version and node-version-file inputs are specified, only node-version will be used");
    if (s->spec.n == 0 && file.n > 0)
        s->file = path_clean(r->arena, arena_printf(r->arena, "%.*s/%.*s", STR_ARG(r->workspace), STR_ARG(file)));
}

static void take_file(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    struct gh_run *r = t->run;
    struct gh_node_file said;
    t->phase = PHASE_FIND;
    if (!gh_ended(t, end))
        return;
    t->status = -1;
    struct str text = end->reads != NULL ? end->reads[0] : STR_NONE;
    if (text.p == NULL) {
        gh_fail(t, "The specified node version file at: %.*s does not exist", STR_ARG(s->file));
        return;
    }
    gh_node_file_read(r->arena, text, &said);
    if (said.version.n == 0 && said.extends.n > 0 && s->extended < EXTENDS_MAX) {
        s->file = path_clean(r->arena, path_join(r->arena, path_dir(s->file), said.extends));
        s->extended++;
        gh_say(t, "Resolving node version from %.*s", STR_ARG(s->file));
        t->phase = PHASE_FILE;
        return;
    }
    s->spec = str_trim(said.version);
    if (s->spec.n == 0)
        gh_complain(t, LEVEL_WARNING, "Could not determine node version from %.*s. Falling back", STR_ARG(s->file));
    else
        gh_say(t, "Resolved %.*s as %.*s", STR_ARG(gh_input(t, "node-version-file")), STR_ARG(s->spec));
}

static void warn_lonely_arch(struct gh_task *t)
{
    if (gh_input(t, "architecture").n > 0)
        gh_complain(t, LEVEL_WARNING,
                    "`architecture` is provided but `node-version` is missing. In this configuration, the "
                    "version/architecture of Node will not be changed. To fix this, provide `architecture` in "
                    "combination with `node-version`");
}

static void note(struct gh_task *t, const struct setup *s, bool wrapped)
{
    struct gh_run *r = t->run;
    struct str alias = gh_node_alias_note(r->arena, r->facts, s->spec);
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "Node.js %.*s of this host (%.*s)%s", STR_ARG(s->found->version), STR_ARG(s->found->program),
               wrapped ? ", in a folder of its own" : "");
    if (alias.n > 0)
        buf_printf(&b, "; %.*s", STR_ARG(alias));
    if (gh_input_bool(t, "check-latest", false))
        buf_add_cstr(&b, "; check-latest: the newest of this machine");
    if (gh_input(t, "mirror").n > 0)
        buf_add_cstr(&b, "; mirror: nothing is downloaded");
    gh_note_action(t, buf_str(&b));
}

static void find(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    struct str arch = gh_input(t, "architecture"), spec = s->spec;
    struct err err = {0};
    int rc = gh_node_find(r->arena, r->facts, s->spec, &s->found, &spec, &err);
    if (rc == -ENOSYS || rc == -EINVAL) {
        gh_fail(t, "%s", err.text);
        return;
    }
    if (rc < 0 || !gh_arch_is_here(r->facts, arch)) {
        gh_say(t, "Node.js on this machine: %.*s", STR_ARG(interpreter_list(r->arena, r->facts, "node")));
        gh_fail(t, "Unable to find Node version '%.*s' for platform linux and architecture %.*s.", STR_ARG(spec),
                STR_ARG(arch.n > 0 ? arch : gh_node_arch(r->facts->machine.machine)));
        return;
    }
    bool wrapped = s->found->shared_prefix || r->prefix.n > 0;
    s->location = wrapped ? arena_printf(r->arena, "%.*s/node/%.*s/%.*s", STR_ARG(r->tools), STR_ARG(s->found->version),
                                         STR_ARG(gh_node_arch(r->facts->machine.machine)))
                          : s->found->prefix;
    gh_say(t, "Found in cache @ %.*s", STR_ARG(s->location));
    note(t, s, wrapped);
    gh_add_path(t, arena_printf(r->arena, "%.*s/bin", STR_ARG(s->location)));
    t->phase = wrapped ? PHASE_WRAP : PHASE_DETAILS;
}

/* npm takes the prefix of global installs from where node really lies, unless it is told. */
static void wrap_op(struct gh_task *t, struct op *op, const struct setup *s)
{
    struct str words[] = {
        STR("sh"), STR("-c"),
        STR("mkdir -p \"$0/bin\" && cd \"$0/bin\" && ln -sf \"$1/node\" node || exit 1\n"
            "for tool in npm npx; do\n"
            "  [ -e \"$1/$tool\" ] || continue\n"
            "  printf '#!/bin/sh\\nexport NPM_CONFIG_PREFIX=\"${NPM_CONFIG_PREFIX-%s}\"\\nexec \"%s\" \"$@\"\\n' "
            "\"$0\" \"$1/$tool\" >$tool && chmod 755 $tool || exit 1\n"
            "done\n"
            "[ ! -e \"$1/corepack\" ] || ln -sf \"$1/corepack\" corepack"),
        s->location, arena_printf(t->run->arena, "%.*s/bin", STR_ARG(s->found->prefix))};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
}

static void details_op(struct gh_task *t, struct op *op)
{
    struct str words[] = {STR("sh"), STR("-c"),
                          STR("for tool in node npm yarn; do\n"
                              "  echo \"$tool: $(command -v $tool >/dev/null && $tool --version 2>/dev/null)\"\n"
                              "done")};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
}

static void take_details(struct gh_task *t, const struct op_end *end)
{
    struct str rest, line, tool, version;
    if (!gh_ended(t, end))
        return;
    t->status = -1;
    rest = buf_str(&t->capture);
    gh_group(t, STR("Environment details"));
    while (str_next(&rest, '\n', &line)) {
        gh_say(t, "%.*s", STR_ARG(line));
        if (str_cut(line, ':', &tool, &version) && str_is(tool, "node"))
            gh_set_output(t, "node-version", str_trim(version));
    }
    gh_group_end(t);
}

/* ---- registry-url ---- */

/* "@scope:" in lower case, or empty. */
static struct str registry_scope(struct gh_task *t, struct str url)
{
    struct str scope = gh_input(t, "scope");
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    if (scope.n == 0 && str_find(url, STR("npm.pkg.github.com")) >= 0)
        scope = value_get_str(t->run->github, "repository_owner");
    if (scope.n == 0)
        return STR("");
    if (scope.p[0] != '@')
        buf_add_ch(&b, '@');
    for (size_t i = 0; i < scope.n; i++)
        buf_add_ch(&b, scope.p[i] >= 'A' && scope.p[i] <= 'Z' ? (char)(scope.p[i] - 'A' + 'a') : scope.p[i]);
    buf_add_ch(&b, ':');
    return arena_str(t->run->arena, buf_str(&b));
}

/* What is written there stays, but for another registry of the same scope. */
static void take_npmrc(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    struct gh_run *r = t->run;
    struct str url = gh_input(t, "registry-url"), rest, line;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (!gh_ended(t, end))
        return;
    t->status = -1;
    if (!str_ends(url, STR("/")))
        url = arena_printf(r->arena, "%.*s/", STR_ARG(url));
    struct str scope = registry_scope(t, url);
    struct str key = arena_printf(r->arena, "%.*sregistry", STR_ARG(scope));
    rest = end->reads != NULL ? end->reads[0] : STR_NONE;
    while (str_next(&rest, '\n', &line)) {
        if (!str_eq_nocase(str_sub(line, 0, key.n), key))
            buf_printf(&b, "%.*s\n", STR_ARG(line));
    }
    ssize_t slashes = str_find(url, STR("//"));
    struct str host = slashes > 0 ? str_from_index(url, (size_t)slashes) : url;
    buf_printf(&b, "%.*s:_authToken=${NODE_AUTH_TOKEN}\n%.*s=%.*s", STR_ARG(host), STR_ARG(key), STR_ARG(url));
    s->npmrc_text = arena_str(r->arena, buf_str(&b));
}

static void registry_op(struct gh_task *t, struct op *op, const struct setup *s)
{
    struct gh_run *r = t->run;
    struct str program = STR("true"), token = gh_env_get(r, t, "NODE_AUTH_TOKEN");
    gh_op_tool(r, t, op, &(struct strs){.p = &program, .n = 1}, NULL, true);
    gh_op_write(r, op, s->npmrc, s->npmrc_text);
    gh_set_env(t, STR("NPM_CONFIG_USERCONFIG"), s->npmrc);
    if (token.p != NULL)
        gh_set_env(t, STR("NODE_AUTH_TOKEN"), token);
}

/* ---- the order of things ---- */

/* Which package manager is cached: `cache:`, or npm when package.json names it and nobody said no. */
static void take_package(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    if (!gh_ended(t, end))
        return;
    t->status = -1;
    struct str text = end->reads != NULL ? end->reads[0] : STR_NONE;
    if (text.p == NULL || !gh_node_wants_npm(t->run->arena, text))
        return;
    gh_say(t, "package.json names npm as the package manager: its cache is kept (package-manager-cache)");
    s->cache.manager = STR("npm");
}

static bool read_op(struct gh_task *t, struct op *op, struct str *file)
{
    gh_op_read(t->run, t, op, &(struct strs){.p = file, .n = 1});
    return true;
}

/* One move: true when it needs an op. */
static bool advance(struct gh_run *r, struct gh_task *t, struct setup *s, struct op *op)
{
    /* table */
    static const char *const MATCHERS[] = {TSC, ESLINT_STYLISH, ESLINT_COMPACT};
    struct str package = arena_printf(r->arena, "%.*s/package.json", STR_ARG(r->workspace));
    switch ((enum phase)t->phase) {
    case PHASE_INPUTS:
        read_inputs(r, t, s);
        t->phase = s->file.n > 0 ? PHASE_FILE : PHASE_FIND;
        return false;
    case PHASE_FILE:
        return read_op(t, op, &s->file);
    case PHASE_FIND:
        t->phase = PHASE_DETAILS;
        if (s->spec.n > 0)
            find(r, t, s);
        else
            warn_lonely_arch(t);
        return false;
    case PHASE_WRAP:
        wrap_op(t, op, s);
        return true;
    case PHASE_DETAILS:
        details_op(t, op);
        return true;
    case PHASE_NPMRC:
        s->npmrc = path_join(r->arena, r->temp, STR(".npmrc"));
        if (gh_input(t, "registry-url").n > 0)
            return read_op(t, op, &s->npmrc);
        t->phase = PHASE_PACKAGE;
        return false;
    case PHASE_REGISTRY:
        registry_op(t, op, s);
        return true;
    case PHASE_PACKAGE:
        s->cache.manager = gh_input(t, "cache");
        if (s->cache.manager.n == 0 && gh_input_bool(t, "package-manager-cache", true))
            return read_op(t, op, &package);
        t->phase = PHASE_CACHE;
        return false;
    case PHASE_CACHE:
        if (s->cache.manager.n > 0 && gh_node_cache_next(t, &s->cache, op))
            return true;
        t->phase = PHASE_MATCHERS;
        return false;
    case PHASE_MATCHERS:
        for (size_t i = 0; i < ARRAY_LEN(MATCHERS); i++)
            gh_matchers_add(r->matchers, STR("setup-node"), str_from(MATCHERS[i]), NULL);
        t->phase = PHASE_DONE;
        return false;
    case PHASE_DONE:
        break;
    }
    return false;
}

static enum drive setup_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->impl == NULL)
        t->impl = ARENA_NEW(r->arena, struct setup);
    while (t->result == RESULT_NONE && t->phase != PHASE_DONE) {
        if (advance(r, t, t->impl, op))
            return t->result == RESULT_NONE ? DRIVE_OP : DRIVE_DONE;
    }
    return DRIVE_DONE;
}

static void setup_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    struct setup *s = t->impl;
    UNUSED(r);
    switch ((enum phase)t->phase) {
    case PHASE_FILE:
        take_file(t, s, end);
        return;
    case PHASE_WRAP:
        if (gh_ended(t, end) && t->status != 0)
            gh_fail(t, "'%.*s' could not be made (exit code %d)", STR_ARG(s->location), t->status);
        break;
    case PHASE_DETAILS:
        take_details(t, end);
        break;
    case PHASE_NPMRC:
        take_npmrc(t, s, end);
        break;
    case PHASE_REGISTRY:
        gh_ended(t, end);
        break;
    case PHASE_PACKAGE:
        take_package(t, s, end);
        break;
    case PHASE_CACHE:
        gh_node_cache_took(t, &s->cache, end);
        return;
    case PHASE_INPUTS:
    case PHASE_FIND:
    case PHASE_MATCHERS:
    case PHASE_DONE:
        return;
    }
    t->status = -1;
    t->phase++;
}

const struct gh_action gh_setup_node = {.name = "actions/setup-node", .next = setup_next, .exited = setup_exited};
