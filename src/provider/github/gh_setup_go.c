/*
 * actions/setup-go (specification 13.4) with the Go installations of this machine. A Go root is never written to by go
 * itself, so each is put on PATH where it lies.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/vec.h"

enum phase {
    PHASE_INPUTS,
    PHASE_FILE,
    PHASE_FIND,
    PHASE_ENV, /* which version is on PATH, where it keeps its things; GOPATH/bin is made */
    PHASE_CACHE,
    PHASE_DONE,
};

struct setup {
    struct str spec;
    struct str file; /* absolute path of a version file, or empty */
    bool cache;
    struct str version; /* as go tells it: "1.22.3" */
    struct str mod_cache, build_cache;
    struct gh_deps_cache deps;
};

/* What setup-go itself hands to add-matcher. */
#define MATCHER                                                                                                        \
    "{\"problemMatcher\":[{\"owner\":\"go\",\"pattern\":[{\"regexp\":\"((?:\\\\.{0,2}\\\\/|\\\\.{0,2}\\\\\\\\)"        \
    "(?:.+\\\\.go)):(?:(\\\\d+):(\\\\d+):)? (.*)\",\"file\":1,\"line\":2,\"column\":3,\"message\":4}]}]}"

static void read_inputs(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    struct str file = gh_input(t, "go-version-file");
    s->spec = gh_input(t, "go-version");
    s->cache = gh_input_bool(t, "cache", true);
    if (s->spec.n > 0 && file.n > 0)
        gh_complain(t, LEVEL_WARNING,
                    "Both go-version and go-version-file inputs are specified, only go-version will be used");
    if (s->spec.n == 0 && file.n > 0)
        s->file = path_clean(r->arena, path_join(r->arena, r->workspace, file));
}

static void take_file(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    struct gh_run *r = t->run;
    if (!gh_ended(t, end))
        return;
    struct str text = end->reads != NULL ? end->reads[0] : STR_NONE;
    bool local = str_is(gh_env_get(r, t, "GOTOOLCHAIN"), "local");
    if (text.p == NULL)
        gh_fail(t, "The specified go version file at: %.*s does not exist", STR_ARG(gh_input(t, "go-version-file")));
    else
        s->spec = arena_str(r->arena, gh_go_file_read(s->file, text, local));
}

static void note(struct gh_task *t, const struct setup *s, const struct interpreter *go)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "Go %.*s of this host (%.*s)", STR_ARG(go->version), STR_ARG(go->program));
    if (str_is(s->spec, "stable") || str_is(s->spec, "oldstable"))
        buf_printf(&b, "; %.*s: %s", STR_ARG(s->spec),
                   str_is(s->spec, "stable") ? "the newest Go of this machine" : "the newest but one of this machine");
    if (gh_input_bool(t, "check-latest", false))
        buf_add_cstr(&b, "; check-latest: the newest of this machine");
    if (gh_input(t, "go-download-base-url").n > 0)
        buf_add_cstr(&b, "; go-download-base-url: nothing is downloaded");
    gh_note_action(t, buf_str(&b));
}

static void find(struct gh_run *r, struct gh_task *t, const struct setup *s)
{
    const struct interpreter *go = NULL;
    struct str arch = gh_input(t, "architecture");
    struct semver v, old = {.part = {1, 9, 0}};
    gh_say(t, "Setup go version spec %.*s", STR_ARG(s->spec));
    gh_set_env(t, STR("GOTOOLCHAIN"), STR("local"));
    if (s->spec.n == 0) {
        gh_say(t, "[warning]go-version input was not specified. The action will try to use pre-installed version.");
        return;
    }
    if (gh_go_find(r->arena, r->facts, s->spec, &go, NULL, NULL) < 0 || !gh_arch_is_here(r->facts, arch)) {
        gh_say(t, "Go on this machine: %.*s", STR_ARG(interpreter_list(r->arena, r->facts, "go")));
        gh_fail(t, "Unable to find Go version '%.*s' for platform linux and architecture %.*s.", STR_ARG(s->spec),
                STR_ARG(arch.n > 0 ? arch : gh_node_arch(r->facts->machine.machine)));
        return;
    }
    note(t, s, go);
    gh_say(t, "Found in cache @ %.*s", STR_ARG(go->prefix));
    gh_add_path(t, arena_printf(r->arena, "%.*s/bin", STR_ARG(go->prefix)));
    gh_say(t, "Added go to the path");
    if (semver_parse(go->version, &v) == 0 && semver_cmp(&v, &old) < 0)
        gh_set_env(t, STR("GOROOT"), go->prefix);
    gh_say(t, "Successfully set up Go version %.*s", STR_ARG(s->spec));
}

static void env_op(struct gh_task *t, struct op *op)
{
    struct str words[] = {STR("sh"), STR("-c"),
                          STR("go version && go env GOPATH && go env GOMODCACHE && go env GOCACHE && "
                              "mkdir -p \"$(go env GOPATH)/bin\" && go env")};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
}

/* "go version go1.22.3 linux/amd64": the third word, without its go. */
static struct str version_in(struct str line)
{
    struct str word = STR_NONE;
    for (unsigned i = 0; i < 3; i++)
        str_cut(line, ' ', &word, &line);
    return str_starts(word, STR("go")) ? str_from_index(word, 2) : word;
}

static struct str next_line(struct gh_run *r, struct str *rest)
{
    struct str line = STR("");
    str_next(rest, '\n', &line);
    return arena_str(r->arena, line);
}

static void take_env(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    struct gh_run *r = t->run;
    if (!gh_ended(t, end))
        return;
    struct str rest = buf_str(&t->capture), line = next_line(r, &rest);
    if (t->status != 0) {
        gh_fail(t, "go cannot be run: it is not on PATH, or it does not start (exit code %d)", t->status);
        return;
    }
    s->version = version_in(line);
    gh_add_path(t, path_join(r->arena, next_line(r, &rest), STR("bin")));
    s->mod_cache = next_line(r, &rest);
    s->build_cache = next_line(r, &rest);
    gh_matchers_add(r->matchers, STR("setup-go"), STR(MATCHER), NULL);
    gh_say(t, "%.*s", STR_ARG(line));
    gh_set_output(t, "go-version", s->version);
    gh_group(t, STR("go env"));
    while (str_next(&rest, '\n', &line))
        gh_say(t, "%.*s", STR_ARG(line));
    gh_group_end(t);
}

/* ---- the cache ---- */

/* The image that a runner was made of; here the system's name. */
static struct str image_os(struct gh_run *r, const struct gh_task *t)
{
    struct str named = gh_env_get(r, t, "ImageOS");
    const struct machine_facts *m = &r->facts->machine;
    return named.n > 0 ? named : arena_printf(r->arena, "%.*s%.*s", STR_ARG(m->os_id), STR_ARG(m->os_version));
}

/* True and *op; what stands in the way is a warning, no failure. */
static bool restore_op(struct gh_task *t, struct setup *s, struct op *op)
{
    struct gh_run *r = t->run;
    struct str files = gh_input(t, "cache-dependency-path");
    struct err err = {0};
    char hex[65];
    int rc = gh_deps_hash(r, files.n > 0 ? files : STR("go.mod"), hex, &err);
    if (rc == 0 && hex[0] == '\0' && files.n > 0)
        rc = err_set(&err, ENOENT, "Some specified paths were not resolved, unable to cache dependencies.");
    else if (rc == 0 && hex[0] == '\0')
        rc = err_set(&err, ENOENT, "Dependencies file is not found in %.*s. Supported file pattern: go.mod",
                     STR_ARG(r->workspace));
    if (rc < 0) {
        gh_complain(t, LEVEL_WARNING, "Restore cache failed: %s", err.text);
        return false;
    }
    s->deps.key =
        arena_printf(r->arena, "setup-go-Linux-%.*s-%.*s-go-%.*s-%s", STR_ARG(gh_node_arch(r->facts->machine.machine)),
                     STR_ARG(image_os(r, t)), STR_ARG(s->version), hex);
    vec_push_in(r->arena, &s->deps.paths, s->mod_cache);
    vec_push_in(r->arena, &s->deps.paths, s->build_cache);
    gh_deps_restore_op(t, &s->deps, op);
    return true;
}

/* ---- the order of things ---- */

/* One move: true when it needs an op. */
static bool advance(struct gh_run *r, struct gh_task *t, struct setup *s, struct op *op)
{
    switch ((enum phase)t->phase) {
    case PHASE_INPUTS:
        read_inputs(r, t, s);
        t->phase = s->file.n > 0 ? PHASE_FILE : PHASE_FIND;
        return false;
    case PHASE_FILE:
        gh_op_read(r, t, op, &(struct strs){.p = &s->file, .n = 1});
        return true;
    case PHASE_FIND:
        t->phase = PHASE_ENV;
        find(r, t, s);
        return false;
    case PHASE_ENV:
        env_op(t, op);
        return true;
    case PHASE_CACHE:
        if (s->cache && restore_op(t, s, op))
            return true;
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
            return DRIVE_OP;
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
        break;
    case PHASE_ENV:
        take_env(t, s, end);
        break;
    case PHASE_CACHE:
        gh_deps_restored(t, &s->deps, end);
        break;
    case PHASE_INPUTS:
    case PHASE_FIND:
    case PHASE_DONE:
        return;
    }
    t->status = -1;
    t->phase++;
}

const struct gh_action gh_setup_go = {.name = "actions/setup-go", .next = setup_next, .exited = setup_exited};
