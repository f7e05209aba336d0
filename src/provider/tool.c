/*
 * provider/tool.c - a Python as the services have it, made of one of this machine's.
 *
 * A virtual environment without the packages of this machine refuses `pip install --user`, by pyvenv.cfg alone. So with
 * user_site the environment is told that it sees the machine's packages, and a usercustomize takes them off sys.path
 * again: Python imports it last, and only where user packages count.
 */
#include "core/base.h"
#include "provider/tool.h"

#include "core/path.h"
#include "provider/interpreter.h"

#define CFG_MAX ((size_t)64 << 10)

static const char customize[] = "# slipway: packages of this machine are not to be seen here, those of `pip install "
                                "--user` are.\n"
                                "import sys\n"
                                "\n"
                                "_base = tuple({sys.base_prefix + '/', sys.base_exec_prefix + '/'})\n"
                                "_own = sys.prefix + '/'\n"
                                "sys.path[:] = [\n"
                                "    p for p in sys.path\n"
                                "    if not (p.startswith(_base) and not p.startswith(_own)\n"
                                "            and p.rstrip('/').endswith(('site-packages', 'dist-packages')))\n"
                                "]\n";

static struct str below(const struct tool *t, const char *path)
{
    return arena_printf(t->arena, "%.*s/%s", STR_ARG(t->location), path);
}

struct str tool_words(struct arena *a, const struct interpreter *found)
{
    struct str title = interpreter_title(found->tool);
    return arena_printf(a, "%.*s %.*s of this host (%.*s)%s", STR_ARG(title), STR_ARG(found->version),
                        STR_ARG(found->program), str_is(found->tool, "python") ? ", in a virtual environment" : "");
}

void tool_init(struct tool *t)
{
    bool python = str_is(t->found->tool, "python");
    t->err = (struct err){0};
    t->bin = python ? below(t, "bin") : path_dir(t->found->program);
    t->phase = !python ? TOOL_READY : t->plain ? TOOL_VENV : TOOL_KEPT;
}

/* As it was born, by the interpreter's path and version. */
static void keep_op(struct tool *t, struct op *op, enum op_kind kind)
{
    op->kind = kind;
    op->cache.space = STR("tools");
    op->cache.scope = STR("slipway");
    op->cache.version = t->user_site ? STR("venv 1, user site") : STR("venv 1");
    op->cache.key = arena_printf(t->arena, "%.*s %.*s %.*s", STR_ARG(t->found->program), STR_ARG(t->found->version),
                                 STR_ARG(t->location));
    op->cache.root = t->root;
    vec_push_in(t->arena, &op->cache.paths, t->location);
}

static void venv_op(struct tool *t, struct op *op)
{
    op->kind = OP_EXEC;
    op->argv = arena_array(t->arena, 4, sizeof *op->argv);
    op->argv[op->n_argv++] = t->found->program;
    op->argv[op->n_argv++] = STR("-m");
    op->argv[op->n_argv++] = STR("venv");
    op->argv[op->n_argv++] = t->location;
    op->env = (struct str *)(uintptr_t)t->env; /* ops take what they do not change */
    op->n_env = t->n_env;
    op->cwd = STR("/");
}

static void read_op(struct tool *t, struct op *op)
{
    op->kind = OP_FILES;
    op->reads = arena_array(t->arena, 1, sizeof *op->reads);
    op->reads[op->n_reads++] = below(t, "pyvenv.cfg");
    op->read_max = CFG_MAX;
}

/* "lib/python3.12/site-packages" */
static struct str packages_of(const struct tool *t)
{
    struct str rest = t->found->version, major = STR(""), minor = STR("");
    str_next(&rest, '.', &major);
    str_next(&rest, '.', &minor);
    return arena_printf(t->arena, "%.*s/lib/python%.*s.%.*s/site-packages", STR_ARG(t->location), STR_ARG(major),
                        STR_ARG(minor));
}

static struct str told_otherwise(struct tool *t)
{
    CLEAN(buf) struct buf b = BUF(2 * CFG_MAX);
    struct str rest = t->cfg, line;
    while (str_next(&rest, '\n', &line))
        if (!str_starts(line, STR("include-system-site-packages")))
            buf_printf(&b, "%.*s\n", STR_ARG(line));
    buf_add_cstr(&b, "include-system-site-packages = true\n");
    return arena_str(t->arena, buf_str(&b));
}

static void tailor_op(struct tool *t, struct op *op)
{
    op->kind = OP_FILES;
    op->writes = arena_array(t->arena, 2, sizeof *op->writes);
    op->writes[op->n_writes++] = (struct op_file){.path = below(t, "pyvenv.cfg"), .text = told_otherwise(t)};
    op->writes[op->n_writes++] = (struct op_file){.path = path_join(t->arena, packages_of(t), STR("usercustomize.py")),
                                                  .text = str_from(customize)};
}

bool tool_next(struct tool *t, struct op *op)
{
    switch (t->phase) {
    case TOOL_KEPT:
        keep_op(t, op, OP_RESTORE);
        return true;
    case TOOL_VENV:
        venv_op(t, op);
        return true;
    case TOOL_READ:
        read_op(t, op);
        return true;
    case TOOL_TAILOR:
        tailor_op(t, op);
        return true;
    case TOOL_KEEP:
        keep_op(t, op, OP_SAVE);
        return true;
    case TOOL_READY:
    case TOOL_FAILED:
        break;
    }
    return false;
}

static void failed(struct tool *t, const struct op_end *end)
{
    t->phase = TOOL_FAILED;
    if (end->how == OP_NOT_STARTED)
        t->err = end->err;
    else
        err_set(&t->err, EIO,
                "%.*s cannot make a virtual environment (exit code %d): its venv or ensurepip module is missing (on "
                "Debian and Ubuntu: apt-get install python3-venv)",
                STR_ARG(t->found->program), end->status);
}

void tool_exited(struct tool *t, const struct op_end *end)
{
    bool good = end->how == OP_EXITED && end->status == 0;
    enum tool_phase made = t->plain ? TOOL_READY : TOOL_KEEP;
    switch (t->phase) {
    case TOOL_KEPT:
        t->phase = good && end->matched.n > 0 ? TOOL_READY : TOOL_VENV;
        break;
    case TOOL_VENV:
        t->phase = t->user_site ? TOOL_READ : made;
        break;
    case TOOL_READ:
        t->cfg = good && end->reads != NULL && end->reads[0].p != NULL ? arena_str(t->arena, end->reads[0]) : STR("");
        t->phase = t->cfg.n > 0 ? TOOL_TAILOR : made;
        break;
    case TOOL_TAILOR:
        t->phase = made;
        break;
    case TOOL_KEEP: /* what cannot be kept is made again the next time */
        t->phase = TOOL_READY;
        return;
    case TOOL_READY:
    case TOOL_FAILED:
        return;
    }
    if (!good && t->phase != TOOL_VENV)
        failed(t, end);
}
