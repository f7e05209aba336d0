/*
 * actions/setup-python (specification 13.2) with the interpreters of this machine. The service's Pythons are
 * installations of their own under the tool cache, where pip may install and nothing but the standard library is there;
 * here each becomes a virtual environment at the same place, so that the job sees neither the machine's packages nor a
 * read-only prefix. Only what comes from a tool cache is used where it lies.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "core/vec.h"
#include "provider/github/cache_priv.h"
#include "provider/github/python_priv.h"
#include "provider/github/setup_priv.h"

enum phase {
    PHASE_INPUTS,
    PHASE_FILE,   /* read a version file */
    PHASE_FIND,   /* the next of the versions asked for */
    PHASE_PROBE,  /* is a tool cache's installation whole? */
    PHASE_KEPT,   /* a private one that an earlier run made and kept */
    PHASE_VENV,   /* make one */
    PHASE_KEEP,   /* for later runs */
    PHASE_READY,  /* enter it into the job */
    PHASE_PIP,    /* pip-version */
    PHASE_POETRY, /* where poetry keeps its environments */
    PHASE_CACHE,
    PHASE_DONE,
};

struct setup {
    struct strs specs;
    size_t at;            /* of specs */
    struct str file;      /* absolute path of a version file, or empty */
    bool file_is_default; /* .python-version, looked for because nothing was said */
    bool prereleases, update;
    struct str architecture;
    const struct interpreter *found;
    struct str location;
    struct gh_deps_cache cache;
};

/* What setup-python itself hands to add-matcher: Python's tracebacks. */
#define MATCHER                                                                                                        \
    "{\"problemMatcher\":[{\"owner\":\"python\",\"pattern\":["                                                         \
    "{\"regexp\":\"^\\\\s*File\\\\s\\\\\\\"(.*)\\\\\\\",\\\\sline\\\\s(\\\\d+),\\\\sin\\\\s(.*)$\",\"file\":1,"        \
    "\"line\":2},"                                                                                                     \
    "{\"regexp\":\"^\\\\s*raise\\\\s(.*)\\\\(\\\\'(.*)\\\\'\\\\)$\",\"message\":2}]}]}"

/* ---- inputs ---- */

static void read_inputs(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    struct str file = gh_input(t, "python-version-file"), arch = gh_node_arch(r->facts->machine.machine);
    gh_split_lines(r->arena, gh_input(t, "python-version"), &s->specs);
    s->prereleases = gh_input_bool(t, "allow-prereleases", false);
    s->update = gh_input_bool(t, "update-environment", true);
    s->architecture = gh_input(t, "architecture").n > 0 ? gh_input(t, "architecture") : arch;
    if (gh_input_bool(t, "freethreaded", false)) /* a build of its own, which is looked for by this name */
        s->architecture = arena_printf(r->arena, "%.*s-freethreaded", STR_ARG(s->architecture));
    if (s->specs.n > 0 && file.n > 0)
        gh_complain(t, LEVEL_WARNING,
                    "Both python-version and python-version-file inputs are specified, only python-version will be "
                    "used.");
    if (s->specs.n > 0)
        return;
    s->file_is_default = file.n == 0;
    if (s->file_is_default)
        gh_complain(t, LEVEL_WARNING,
                    "Neither 'python-version' nor 'python-version-file' inputs were supplied. Attempting to find "
                    "'.python-version' file.");
    file = s->file_is_default ? STR(".python-version") : file;
    s->file = path_clean(r->arena, path_join(r->arena, r->workspace, file));
}

static void take_file(struct gh_task *t, struct setup *s, const struct op_end *end)
{
    if (!gh_ended(t, end))
        return;
    t->status = -1;
    struct str text = end->reads != NULL ? end->reads[0] : STR_NONE;
    if (text.p != NULL)
        gh_python_file_read(t->run->arena, s->file, text, &s->specs);
    else if (!s->file_is_default)
        gh_fail(t, "The specified python version file at: %.*s doesn't exist.", STR_ARG(s->file));
    if (t->result == RESULT_NONE && s->specs.n == 0)
        gh_complain(t, LEVEL_WARNING,
                    "The `python-version` input is not set.  The version of Python currently in `PATH` will be used.");
}

/* ---- finding ---- */

/* A virtual environment knows its own place, which is the same in every job unless there is a prefix. */
static enum phase first_wrapper_phase(const struct gh_run *r)
{
    return r->prefix.n == 0 ? PHASE_KEPT : PHASE_VENV;
}

static void find(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    struct str spec = s->specs.p[s->at], arch = gh_node_arch(r->facts->machine.machine);
    struct err err = {0};
    int rc = gh_python_find(r->arena, r->facts, spec, s->prereleases, &s->found, &err);
    if (rc == 0 && str_eq_nocase(s->architecture, arch)) {
        s->location = arena_printf(r->arena, "%.*s/Python/%.*s/%.*s", STR_ARG(r->tools), STR_ARG(s->found->version),
                                   STR_ARG(arch));
        t->phase = first_wrapper_phase(r);
        if (str_is(s->found->origin, "tool cache") && !s->found->shared_prefix) {
            s->location = s->found->prefix;
            t->phase = PHASE_PROBE;
        }
        return;
    }
    if (rc == -ENOSYS || rc == -EINVAL) {
        gh_fail(t, "%s", err.text);
        return;
    }
    struct str list = interpreter_list(r->arena, r->facts, "python");
    gh_say(t, "Python on this machine: %.*s", STR_ARG(list));
    gh_fail(t, "The version '%.*s' with architecture '%.*s' was not found for this operating system.", STR_ARG(spec),
            STR_ARG(s->architecture));
}

static void probe_op(struct gh_task *t, struct op *op, const struct setup *s)
{
    struct str words[] = {STR("sh"), STR("-c"),
                          STR("test -x \"$0/bin/python\" && \"$0/bin/python\" -m pip --version >/dev/null 2>&1"),
                          s->location};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, true);
}

static void venv_op(struct gh_task *t, struct op *op, const struct setup *s)
{
    struct str words[] = {s->found->program, STR("-m"), STR("venv"), s->location};
    gh_op_tool(t->run, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, false);
}

/* Making one takes seconds, so it is kept as it was born, by the interpreter's path and version. */
static void keep_op(struct gh_task *t, struct op *op, const struct setup *s, enum op_kind kind)
{
    gh_op_other(t->run, t, op, kind);
    op->cache.space = STR("github");
    op->cache.scope = STR("slipway");
    op->cache.version = STR("venv 2");
    op->cache.key = arena_printf(t->run->arena, "%.*s %.*s %.*s", STR_ARG(s->found->program),
                                 STR_ARG(s->found->version), STR_ARG(s->location));
    op->cache.root = t->run->workspace;
    vec_push_in(t->run->arena, &op->cache.paths, gh_glob_escape(t->run->arena, s->location));
}

static void venv_ended(struct gh_task *t, const struct setup *s, const struct op_end *end)
{
    if (gh_ended(t, end) && t->status != 0)
        gh_fail(t,
                "%.*s cannot make a virtual environment (exit code %d): its venv or ensurepip module is missing (on "
                "Debian and Ubuntu: apt-get install python3-venv)",
                STR_ARG(s->found->program), t->status);
    t->status = -1;
}

/* ---- into the job ---- */

static struct str below(struct gh_run *r, const struct setup *s, const char *path)
{
    return arena_printf(r->arena, "%.*s/%s", STR_ARG(s->location), path);
}

/* Is dir one of the colon-separated folders? */
static bool lists(struct str folders, struct str dir)
{
    struct str one;
    while (str_next(&folders, ':', &one)) {
        if (str_eq(one, dir))
            return true;
    }
    return false;
}

static void update_environment(struct gh_run *r, struct gh_task *t, const struct setup *s)
{
    static const char *const ROOTS[] = {"pythonLocation", "Python_ROOT_DIR", "Python2_ROOT_DIR", "Python3_ROOT_DIR"};
    struct str lib = below(r, s, "lib"), libs = gh_env_get(r, t, "LD_LIBRARY_PATH");
    for (size_t i = 0; i < ARRAY_LEN(ROOTS); i++)
        gh_set_env(t, str_from(ROOTS[i]), s->location);
    gh_set_env(t, STR("PKG_CONFIG_PATH"), below(r, s, "lib/pkgconfig"));
    if (!lists(libs, lib))
        gh_set_env(t, STR("LD_LIBRARY_PATH"),
                   libs.n > 0 ? arena_printf(r->arena, "%.*s:%.*s", STR_ARG(lib), STR_ARG(libs)) : lib);
    gh_add_path(t, s->location);
    gh_add_path(t, below(r, s, "bin"));
}

static void ready(struct gh_run *r, struct gh_task *t, struct setup *s)
{
    const struct interpreter *py = s->found;
    bool wrapped = !str_eq(s->location, py->prefix);
    if (s->update)
        update_environment(r, t, s);
    gh_set_output(t, "python-version", py->version);
    gh_set_output(t, "python-path", below(r, s, "bin/python"));
    gh_say(t, "Successfully set up CPython (%.*s)", STR_ARG(py->version));
    gh_note_action(
        t, arena_printf(r->arena, "Python %.*s of this host (%.*s)%s%s", STR_ARG(py->version), STR_ARG(py->program),
                        wrapped ? ", in a virtual environment" : "",
                        gh_input_bool(t, "check-latest", false) ? "; check-latest: the newest of this machine" : ""));
    gh_matchers_add(r->matchers, STR("setup-python"), STR(MATCHER), NULL);
}

/* d, d.d or d.d.d, as the action asks for. */
static bool is_pip_version(struct str s)
{
    unsigned parts = 0;
    struct str piece;
    while (str_next(&s, '.', &piece)) {
        if (piece.n == 0 || ++parts > 3)
            return false;
        for (size_t i = 0; i < piece.n; i++) {
            if (piece.p[i] < '0' || piece.p[i] > '9')
                return false;
        }
    }
    return parts > 0;
}

static bool pip_op(struct gh_run *r, struct gh_task *t, struct op *op, const struct setup *s)
{
    struct str version = gh_input(t, "pip-version");
    if (version.n == 0)
        return false;
    if (!is_pip_version(version)) {
        gh_fail(t, "Invalid pip-version \"%.*s\". Please specify a version in the format major[.minor][.patch].",
                STR_ARG(version));
        return false;
    }
    struct str words[] = {below(r, s, "bin/python"),
                          STR("-m"),
                          STR("pip"),
                          STR("install"),
                          STR("--upgrade"),
                          STR("--disable-pip-version-check"),
                          STR("--no-warn-script-location"),
                          arena_printf(r->arena, "pip==%.*s", STR_ARG(version))};
    gh_op_tool(r, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, NULL, false);
    return true;
}

/* ---- the order of things ---- */

/* One move: true when it needs an op. */
static bool advance(struct gh_run *r, struct gh_task *t, struct setup *s, struct op *op)
{
    /* table */
    switch ((enum phase)t->phase) {
    case PHASE_INPUTS:
        read_inputs(r, t, s);
        t->phase = s->file.n > 0 ? PHASE_FILE : PHASE_FIND;
        return false;
    case PHASE_FILE:
        gh_op_read(r, t, op, &(struct strs){.p = &s->file, .n = 1});
        return true;
    case PHASE_FIND:
        if (s->at < s->specs.n)
            find(r, t, s);
        else
            t->phase = s->specs.n > 0 ? PHASE_PIP : PHASE_DONE;
        return false;
    case PHASE_PROBE:
        probe_op(t, op, s);
        return true;
    case PHASE_KEPT:
        keep_op(t, op, s, OP_RESTORE);
        return true;
    case PHASE_VENV:
        venv_op(t, op, s);
        return true;
    case PHASE_KEEP:
        keep_op(t, op, s, OP_SAVE);
        return true;
    case PHASE_READY:
        ready(r, t, s);
        s->at++;
        t->phase = PHASE_FIND;
        return false;
    case PHASE_PIP:
        if (pip_op(r, t, op, s))
            return true;
        t->phase = PHASE_POETRY;
        return false;
    case PHASE_POETRY:
        if (gh_poetry_op(t, op))
            return true;
        t->phase = PHASE_CACHE;
        return false;
    case PHASE_CACHE:
        if (gh_python_cache_restore(t, &s->cache, s->found->version, op))
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
    switch ((enum phase)t->phase) {
    case PHASE_FILE:
        take_file(t, s, end);
        t->phase = PHASE_FIND;
        return;
    case PHASE_PROBE:
        if (gh_ended(t, end))
            t->phase = t->status == 0 ? PHASE_READY : first_wrapper_phase(r);
        if (t->phase != PHASE_READY)
            s->location = arena_printf(t->run->arena, "%.*s/Python/%.*s/%.*s", STR_ARG(t->run->tools),
                                       STR_ARG(s->found->version), STR_ARG(s->architecture));
        t->status = -1;
        return;
    case PHASE_KEPT:
        t->phase = end->how == OP_EXITED && end->matched.n > 0 ? PHASE_READY : PHASE_VENV;
        if (end->how != OP_NOT_STARTED)
            gh_ended(t, end);
        t->status = -1;
        return;
    case PHASE_VENV:
        venv_ended(t, s, end);
        t->phase = r->prefix.n == 0 ? PHASE_KEEP : PHASE_READY;
        return;
    case PHASE_KEEP: /* what cannot be kept is made again the next time */
        if (end->how != OP_NOT_STARTED)
            gh_ended(t, end);
        t->status = -1;
        t->phase = PHASE_READY;
        return;
    case PHASE_PIP:
        if (gh_ended(t, end) && t->status != 0)
            gh_fail(t, "pip %.*s could not be installed (exit code %d)", STR_ARG(gh_input(t, "pip-version")),
                    t->status);
        t->status = -1;
        t->phase = PHASE_POETRY;
        return;
    case PHASE_POETRY:
        gh_poetry_took(t, &s->cache, end);
        t->phase = PHASE_CACHE;
        return;
    case PHASE_CACHE:
        gh_deps_restored(t, &s->cache, end);
        t->phase = PHASE_DONE;
        return;
    case PHASE_INPUTS:
    case PHASE_FIND:
    case PHASE_READY:
    case PHASE_DONE:
        break;
    }
}

const struct gh_action gh_setup_python = {.name = "actions/setup-python", .next = setup_next, .exited = setup_exited};
