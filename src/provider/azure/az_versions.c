/*
 * az_versions.c - which interpreter of this machine a version of a tool task means (specification 9.6, 9.7), and which
 * legs cannot run here because theirs is missing: they are skipped by name instead of failing in the middle.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

#include "core/buf.h"
#include "core/num.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- Python ---- */

/* Python writes 3.7.0b2 for what a semantic version calls 3.7.0-beta.2; length of the word at p, and its meaning. */
static size_t prerelease_at(struct str s, size_t at, const char **ret)
{
    static const struct {
        const char *python, *semantic;
    } KINDS[] = {{"rc", "-rc."}, {"a", "-alpha."}, {"b", "-beta."}};
    for (size_t i = 0; at > 0 && is_digit(s.p[at - 1]) && i < ARRAY_LEN(KINDS); i++) {
        struct str word = str_from(KINDS[i].python), rest = str_from_index(s, at);
        if (str_starts(rest, word) && rest.n > word.n && is_digit(rest.p[word.n])) {
            *ret = KINDS[i].semantic;
            return word.n;
        }
    }
    return 0;
}

static struct str semantic(struct arena *a, struct str spec)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < spec.n;) {
        const char *word = NULL;
        size_t n = prerelease_at(spec, i, &word);
        if (n > 0)
            buf_add_cstr(&b, word);
        else
            buf_add_ch(&b, spec.p[i]);
        i += n > 0 ? n : 1;
    }
    return arena_str(a, buf_str(&b));
}

int az_python_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
                   struct err *e)
{
    struct semver_range *range = NULL;
    struct str dev = STR("-dev"), text;
    spec = str_trim(spec);
    if (spec.n >= 4 && str_is_nocase(str_sub(spec, 0, 4), "pypy"))
        return err_set(e, ENOSYS, "no PyPy here: slipway looks for CPython only");
    text = str_ends(spec, dev) ? arena_printf(a, ">= %.*s.0-a0", STR_ARG(str_sub(spec, 0, spec.n - dev.n)))
                               : semantic(a, spec);
    if (semver_range_parse(a, text, false, &range, e) < 0)
        return -EINVAL;
    *ret = interpreter_best(f, "python", range);
    return *ret != NULL ? 0 : err_set(e, ENOENT, "no Python %.*s here", STR_ARG(spec));
}

/* ---- Node.js, Go ---- */

int az_node_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret, struct err *e)
{
    struct semver_range *range = NULL;
    spec = str_trim(spec);
    if (semver_range_parse(a, spec, false, &range, e) < 0)
        return -EINVAL;
    *ret = interpreter_best(f, "node", range);
    return *ret != NULL ? 0 : err_set(e, ENOENT, "no Node.js %.*s here", STR_ARG(spec));
}

int az_go_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret, struct err *e)
{
    struct semver_range *range = NULL;
    spec = str_trim(spec);
    if (semver_range_parse(a, spec, false, &range, e) < 0)
        return -EINVAL;
    *ret = interpreter_best(f, "go", range);
    return *ret != NULL ? 0 : err_set(e, ENOENT, "no Go %.*s here", STR_ARG(spec));
}

struct str az_architecture(const struct facts *f)
{
    static const struct {
        const char *machine, *name;
    } NAMES[] = {{"aarch64", "arm64"}, {"arm64", "arm64"}, {"armv7l", "arm"}, {"i686", "x86"}, {"i386", "x86"}};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(f->machine.machine, NAMES[i].machine))
            return str_from(NAMES[i].name);
    return STR("x64");
}

/* ---- what is surely missing ---- */

static const struct {
    const char *task, *version; /* by name and major */
    const char *input, *fallback;
    const char *tool;
    int (*find)(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret, struct err *e);
} SETUPS[] = {
    {"UsePythonVersion", "0", "versionSpec", "3.x", "python", az_python_find},
    {"UseNode", "1", "version", "10.x", "node", az_node_find},
    {"NodeTool", "0", "versionSpec", "6.x", "node", az_node_find},
    {"GoTool", "0", "version", "1.19", "go", az_go_find},
};

/* The row of a step that surely runs, or ARRAY_LEN. */
static size_t row_of(const struct az_step *s, const struct facts *f)
{
    const struct az_task *task = az_task_find(s->task, s->version);
    size_t row = 0;
    bool ifs = s->condition.n > 0 && !str_is_nocase(s->condition, "succeeded()");
    bool other =
        task == NULL || ifs || !s->enabled || s->continue_on_error.n > 0 || map_get_str(&f->tasks, s->task).n > 0;
    while (row < ARRAY_LEN(SETUPS) && (other || !str_is(str_from(task->name), SETUPS[row].task)))
        row++;
    return row;
}

static struct str version_of(struct arena *a, const struct az_step *s, size_t row, const struct az_vars *vars)
{
    struct str text = map_get_str(&s->inputs, str_from(SETUPS[row].input));
    if (str_is_nocase(map_get_str(&s->inputs, STR("versionSource")), "fromFile"))
        return STR_NONE;
    if (str_trim(text).n == 0)
        text = str_from(SETUPS[row].fallback);
    return str_trim(az_macros(a, vars, text, NULL));
}

bool az_tool_missing(struct arena *a, const struct az_steps *steps, const struct az_vars *vars, const struct facts *f,
                     struct str *ret_what, struct str *ret_help)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct interpreter *found = NULL;
        struct err err = {0};
        size_t row = row_of(&steps->p[i], f);
        struct str version = row < ARRAY_LEN(SETUPS) ? version_of(a, &steps->p[i], row, vars) : STR_NONE;
        if (version.n == 0 || str_find(version, STR("$(")) >= 0)
            continue;
        int rc = SETUPS[row].find(a, f, version, &found, &err);
        if (rc != -ENOENT && rc != -ENOSYS)
            continue;
        struct str title = interpreter_title(str_from(SETUPS[row].tool));
        struct str list = interpreter_list(a, f, SETUPS[row].tool);
        *ret_what = rc == -ENOSYS ? arena_printf(a, "no %.*s here", STR_ARG(version)) : arena_cstr(a, err.text);
        *ret_help = rc == -ENOSYS ? STR("slipway looks for CPython only")
                                  : arena_printf(a, "%.*s on this machine: %.*s", STR_ARG(title), STR_ARG(list));
        return true;
    }
    return false;
}
