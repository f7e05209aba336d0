#include "core/base.h"
#include "provider/github/python_priv.h"

#include "core/buf.h"
#include "core/num.h"
#include "provider/github/setup_priv.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 3.7.0b2, 3.7.0rc1, 3.7.0a3: how Python writes prereleases. The same as semantic versions do: 3.7.0-beta.2. */
static struct str semantic_prereleases(struct arena *a, struct str spec)
{
    static const struct {
        const char *python, *semantic;
    } KINDS[] = {{"rc", "-rc."}, {"a", "-alpha."}, {"b", "-beta."}};
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < spec.n; i++) {
        size_t kind = ARRAY_LEN(KINDS);
        for (size_t k = 0; k < ARRAY_LEN(KINDS) && i > 0 && is_digit(spec.p[i - 1]); k++) {
            size_t n = strlen(KINDS[k].python);
            if (spec.n - i > n && memcmp(spec.p + i, KINDS[k].python, n) == 0 && is_digit(spec.p[i + n])) {
                kind = k;
                break;
            }
        }
        if (kind < ARRAY_LEN(KINDS)) {
            buf_add_cstr(&b, KINDS[kind].semantic);
            i += strlen(KINDS[kind].python) - 1;
        } else {
            buf_add_ch(&b, spec.p[i]);
        }
    }
    return arena_str(a, buf_str(&b));
}

/* x.y and nothing else? */
static bool is_x_y(struct str s)
{
    struct str major, minor;
    uint64_t n;
    return str_cut(s, '.', &major, &minor) && num_parse_u64(major, 1000, &n) == 0 &&
           num_parse_u64(minor, 1000, &n) == 0;
}

/* pypy3.10, pypy-3.10-v7.3.x, pypy3.10-nightly: refused in the words that the action has when it finds none. */
static int refuse_pypy(struct str spec, struct str arch, struct err *e)
{
    struct str rest = str_from_index(spec, 4), python, pypy;
    if (str_starts(rest, STR("-")))
        rest = str_from_index(rest, 1);
    str_cut(rest, '-', &python, &pypy);
    if (python.n == 0)
        return err_set(e, EINVAL,
                       "Invalid 'version' property for PyPy. PyPy version should be specified as "
                       "'pypy<python-version>' or 'pypy-<python-version>'. See README for examples and "
                       "documentation.");
    if (!is_x_y(python))
        return err_set(e, EINVAL,
                       "Invalid format of Python version for PyPy. Python version should be specified in format "
                       "'x.y'. See README for examples and documentation.");
    return err_set(e, ENOSYS, "PyPy version %.*s (%.*s) with arch %.*s not found", STR_ARG(python),
                   STR_ARG(pypy.n > 0 ? pypy : STR("x")), STR_ARG(arch));
}

static int refuse_graalpy(struct str spec, struct str arch, struct err *e)
{
    struct str rest = str_from_index(spec, 7);
    if (str_starts(rest, STR("-")))
        rest = str_from_index(rest, 1);
    if (rest.n == 0)
        return err_set(e, EINVAL,
                       "Invalid 'version' property for GraalPy. GraalPy version should be specified as "
                       "'graalpy<python-version>' or 'graalpy-<python-version>'. See README for examples and "
                       "documentation.");
    return err_set(e, ENOSYS, "GraalPy version %.*s with arch %.*s not found", STR_ARG(rest), STR_ARG(arch));
}

/* Kinds of Python that are none of CPython's usual builds: slipway looks for none of them. */
static int refuse_kind(const struct facts *f, struct str spec, struct err *e)
{
    struct str arch = gh_node_arch(f->machine.machine);
    if (str_starts(spec, STR("pypy")))
        return refuse_pypy(spec, arch, e);
    if (str_starts(spec, STR("graalpy")))
        return refuse_graalpy(spec, arch, e);
    if (spec.n > 1 && (str_ends(spec, STR("t")) || str_ends(spec, STR("t-dev"))) && is_digit(spec.p[0]))
        return err_set(e, ENOSYS,
                       "The version '%.*s' with architecture '%.*s-freethreaded' was not found for this operating "
                       "system.",
                       STR_ARG(spec), STR_ARG(arch));
    return 0;
}

int gh_python_find(struct arena *a, const struct facts *f, struct str spec, bool prereleases,
                   const struct interpreter **ret, struct err *e)
{
    struct semver_range *range = NULL;
    const struct interpreter *found = NULL;
    spec = str_trim(spec);
    int rc = refuse_kind(f, spec, e);
    if (rc < 0)
        return rc;
    struct str dev = STR("-dev"), text = semantic_prereleases(a, spec);
    bool is_dev = str_ends(spec, dev);
    if (is_dev)
        text = arena_printf(a, "~%.*s.0-0", STR_ARG(str_sub(spec, 0, spec.n - dev.n)));
    if (semver_range_parse(a, text, is_dev, &range, e) < 0)
        return -EINVAL;
    found = interpreter_best(f, "python", range);
    if (found == NULL && prereleases) {
        if (is_x_y(spec))
            text = arena_printf(a, "~%.*s.0-0", STR_ARG(spec));
        if (semver_range_parse(a, text, true, &range, e) == 0)
            found = interpreter_best(f, "python", range);
    }
    if (found == NULL)
        return err_set(e, ENOENT, "no Python %.*s here", STR_ARG(spec));
    *ret = found;
    return 0;
}
