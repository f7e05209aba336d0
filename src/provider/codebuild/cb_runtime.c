/*
 * provider/codebuild/cb_runtime.c - runtime-versions (specification 8): interpreters of this machine at the image's
 * places.
 *
 * Python, Node and Go are those that slipway finds; a Python becomes an environment of its own, as pip may write into
 * the image's. The others are whatever program of theirs is on PATH, and told as substituted, as no version is asked
 * for. What is not here fails the build by name, unless unknown things are to be skipped.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"
#include "provider/interpreter.h"

enum { RUNTIME_BEGIN, RUNTIME_ONE, RUNTIME_ASKED, RUNTIME_TOOL };

/* What stands for a runtime here; tool NULL: `program` on PATH. */
struct known {
    const char *name, *tool, *program;
};
static const struct known KNOWN[] = {
    {"python", "python", "python3"}, {"nodejs", "node", "node"}, {"golang", "go", "go"},
    {"java", NULL, "java"},          {"php", NULL, "php"},       {"ruby", NULL, "ruby"},
    {"dotnet", NULL, "dotnet"},      {"rust", NULL, "rustc"},    {"docker", NULL, "docker"},
};

/* "when runtime-versions has no python": the image's own ("runtimes.yml, default"). */
static const struct {
    const char *image, *python;
} DEFAULTS[] = {
    {"standard:5.0", "3.9"},
    {"standard:6.0", "3.10"},
    {"standard:7.0", "3.11"},
    {"standard:8.0", "3.14"},
    {"amazonlinux-x86_64-standard:5.0", "3.11"},
    {"amazonlinux-x86_64-standard:6.0", "3.14"},
    {"amazonlinux-aarch64-standard:3.0", "3.11"},
    {"amazonlinux-aarch64-standard:4.0", "3.14"},
};

static const struct known *known_of(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
        if (str_is(name, KNOWN[i].name))
            return &KNOWN[i];
    return NULL;
}

static const struct cb_runtime *current(const struct cb_run *r)
{
    return &r->spec->runtimes[r->runtime.next];
}

static struct str asked_version(struct cb_run *r)
{
    return cb_expand(r, current(r)->version);
}

/* ---- one that is not here ---- */

static void missing(struct cb_run *r, struct str what, struct str have)
{
    const struct cb_runtime *rt = current(r);
    struct str version = asked_version(r);
    if (r->facts->skip_unknown) {
        cb_note(r, HOW_SKIPPED, arena_printf(r->arena, "%.*s %.*s", STR_ARG(rt->name), STR_ARG(version)),
                arena_printf(r->arena, "this machine has no such %.*s%s%.*s%s", STR_ARG(what),
                             have.n > 0 ? " (it has " : "", STR_ARG(have), have.n > 0 ? ")" : ""));
        return;
    }
    cb_fail(r, "YAML_FILE_ERROR", "runtime %.*s %.*s: this machine has no such %.*s%s%.*s%s", STR_ARG(rt->name),
            STR_ARG(version), STR_ARG(what), have.n > 0 ? " (it has " : "", STR_ARG(have), have.n > 0 ? ")" : "");
    cb_annotate(r, LEVEL_ERROR, rt->span, r->stages[r->stage].message);
}

/* ---- one that slipway finds ---- */

static void note_found(struct cb_run *r, const struct interpreter *found)
{
    const struct cb_runtime *rt = current(r);
    cb_note(r, HOW_SUBSTITUTED, arena_printf(r->arena, "%.*s %.*s", STR_ARG(rt->name), STR_ARG(asked_version(r))),
            tool_words(r->arena, found));
}

/* Its own place on the images; one of this machine that lies there already makes room. */
static struct str place_of(struct cb_run *r, const struct interpreter *found)
{
    struct str place = arena_printf(r->arena, "%.*s/.pyenv/versions/%.*s", STR_ARG(r->home), STR_ARG(found->version));
    if (path_under(place, found->prefix) || path_under(found->prefix, place))
        place = arena_printf(r->arena, "%.*s-build", STR_ARG(place));
    return place;
}

static void fill_env(struct cb_run *r, struct tool *t)
{
    const struct map *vars = &r->shell.vars;
    struct str *env = arena_array(r->arena, vars->n + 1, sizeof *env);
    for (size_t i = 0; i < vars->n; i++) {
        const struct cb_value *v = vars->entries[i].value;
        if (v->exported)
            env[t->n_env++] = arena_printf(r->arena, "%.*s=%.*s", STR_ARG(vars->entries[i].key), STR_ARG(v->text));
    }
    t->env = env;
}

static void begin_tool(struct cb_run *r, const struct interpreter *found)
{
    struct tool *t = &r->runtime.tool;
    *t = (struct tool){.arena = r->arena,
                       .facts = r->facts,
                       .found = found,
                       .location = place_of(r, found),
                       .root = r->src_dir,
                       .user_site = true,
                       .plain = r->prefix.n > 0};
    fill_env(r, t);
    tool_init(t);
    r->runtime.at = RUNTIME_TOOL;
}

/* True: it is under way, as a tool or a question. */
static void begin_one(struct cb_run *r, const struct known *k)
{
    struct str version = asked_version(r);
    const struct interpreter *found = k->tool != NULL ? interpreter_find(r->facts, k->tool, version) : NULL;
    cb_say(r, "Selecting '%.*s' runtime version '%.*s' based on manual selections...", STR_ARG(current(r)->name),
           STR_ARG(version));
    if (found != NULL) {
        note_found(r, found);
        begin_tool(r, found);
    } else if (k->tool != NULL) {
        missing(r, str_from(k->tool), interpreter_list(r->arena, r->facts, k->tool));
        r->runtime.next++;
    } else {
        r->runtime.asked = str_from(k->program);
        r->runtime.at = RUNTIME_ASKED;
    }
}

/* ---- none chosen ---- */

static const char *default_python(struct str image)
{
    for (size_t i = 0; i < ARRAY_LEN(DEFAULTS); i++)
        if (str_ends(image, str_from(DEFAULTS[i].image)))
            return DEFAULTS[i].python;
    return NULL;
}

/* Without runtime-versions: python the image's default of python is used, here the nearest that there is. */
static void choose_python(struct cb_run *r)
{
    const char *wanted = default_python(r->image);
    const struct interpreter *found = interpreter_find(r->facts, "python", str_from(wanted));
    for (size_t i = 0; i < r->spec->n_runtimes; i++)
        if (str_is(r->spec->runtimes[i].name, "python"))
            return;
    if (found == NULL)
        found = interpreter_find(r->facts, "python", STR(""));
    if (found == NULL || wanted == NULL)
        return;
    if (!found->shared_prefix)
        cb_env_path(r, path_dir(found->program));
    cb_note(r, HOW_SUBSTITUTED, STR("python"),
            arena_printf(r->arena, "runtime-versions names none: the image has %s, `python` is %.*s of this machine",
                         wanted, STR_ARG(found->version)));
}

static void say_phases(struct cb_run *r)
{
    cb_say(r, "Moving to directory %.*s", STR_ARG(r->src_dir));
    cb_say(r, "Phases found in YAML: %zu", r->spec->n_phases);
    for (enum cb_stage s = CB_STAGE_INSTALL; s <= CB_STAGE_POST_BUILD; s++) {
        const struct cb_phase *p = cb_stage_phase(r, s);
        if (p->present)
            cb_say(r, " %s: %zu commands", cb_stage_name(s).p, p->commands.n);
    }
}

/* ---- the part ---- */

static void begin(struct cb_run *r)
{
    r->runtime.at = RUNTIME_ONE;
    choose_python(r);
    if (r->spec->n_runtimes > 0 && !cb_image_is_managed(r->image)) {
        cb_say(r, "Skipping install of runtimes. Runtime version selection is not supported by this build image");
        r->runtime.next = r->spec->n_runtimes;
    }
}

static void next_one(struct cb_run *r)
{
    const struct known *k = known_of(current(r)->name);
    if (k != NULL) {
        begin_one(r, k);
        return;
    }
    missing(r, current(r)->name, STR(""));
    r->runtime.next++;
}

static void ask(struct cb_run *r, struct op *op)
{
    struct str argv[] = {STR("/bin/sh"), STR("-c"), STR("command -v \"$0\" >/dev/null"), r->runtime.asked};
    cb_op_exec(r, op, argv, ARRAY_LEN(argv));
}

static void tool_over(struct cb_run *r)
{
    const struct tool *t = &r->runtime.tool;
    if (t->phase == TOOL_FAILED)
        cb_fail(r, "CLIENT_ERROR", "%s", t->err.text);
    else
        cb_env_path(r, t->bin);
    r->runtime.at = RUNTIME_ONE;
    r->runtime.next++;
}

static enum drive runtime_next(struct cb_run *r, struct op *op)
{
    struct cb_runtime_run *run = &r->runtime;
    if (run->at == RUNTIME_BEGIN)
        begin(r);
    for (;;) {
        if (run->at == RUNTIME_TOOL) {
            struct op made = {0};
            if (tool_next(&run->tool, &made)) {
                cb_op_init(r, op, made.kind);
                made.token = op->token;
                made.step = op->step;
                *op = made;
                return DRIVE_OP;
            }
            tool_over(r);
        } else if (run->at == RUNTIME_ASKED) {
            ask(r, op);
            return DRIVE_OP;
        } else if (run->next >= r->spec->n_runtimes || r->stages[r->stage].status == CB_FAILED) {
            break;
        } else {
            next_one(r);
        }
    }
    if (r->stages[r->stage].status != CB_FAILED)
        say_phases(r);
    return DRIVE_DONE;
}

static void answered(struct cb_run *r, const struct op_end *end)
{
    const struct cb_runtime *rt = current(r);
    r->runtime.at = RUNTIME_ONE;
    if (end->how == OP_EXITED && end->status == 0)
        cb_note(r, HOW_SUBSTITUTED, arena_printf(r->arena, "%.*s %.*s", STR_ARG(rt->name), STR_ARG(asked_version(r))),
                arena_printf(r->arena, "`%.*s` of this machine, whatever its version", STR_ARG(r->runtime.asked)));
    else
        missing(r, r->runtime.asked, STR(""));
    r->runtime.next++;
}

static void runtime_exited(struct cb_run *r, const struct op_end *end)
{
    if (r->runtime.at == RUNTIME_TOOL)
        tool_exited(&r->runtime.tool, end);
    else
        answered(r, end);
}

const struct cb_part cb_runtimes = {.name = "runtimes", .next = runtime_next, .exited = runtime_exited};
