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

/* Kinds of Python that are none of CPython's usual builds. */
static int refuse_kind(struct str spec, struct err *e)
{
    if (str_starts(spec, STR("pypy")))
        return err_set(e, ENOSYS, "PyPy ('%.*s') is not supported by slipway", STR_ARG(spec));
    if (str_starts(spec, STR("graalpy")))
        return err_set(e, ENOSYS, "GraalPy ('%.*s') is not supported by slipway", STR_ARG(spec));
    if (spec.n > 1 && (str_ends(spec, STR("t")) || str_ends(spec, STR("t-dev"))) && is_digit(spec.p[0]))
        return err_set(e, ENOSYS, "free-threaded Python ('%.*s') is not supported by slipway", STR_ARG(spec));
    return 0;
}

/* M.m alone. */
static bool is_major_minor(struct str s)
{
    struct str major, minor;
    uint64_t n;
    return str_cut(s, '.', &major, &minor) && num_parse_u64(major, 1000, &n) == 0 &&
           num_parse_u64(minor, 1000, &n) == 0;
}

int gh_python_find(struct arena *a, const struct facts *f, struct str spec, bool prereleases,
                   const struct interpreter **ret, struct err *e)
{
    struct gh_range *range = NULL;
    const struct interpreter *found = NULL;
    spec = str_trim(spec);
    int rc = refuse_kind(spec, e);
    if (rc < 0)
        return rc;
    struct str dev = STR("-dev"), text = semantic_prereleases(a, spec);
    bool is_dev = str_ends(spec, dev);
    if (is_dev)
        text = arena_printf(a, "~%.*s.0-0", STR_ARG(str_sub(spec, 0, spec.n - dev.n)));
    if (gh_range_parse(a, text, is_dev, &range, e) < 0)
        return -EINVAL;
    found = gh_tool_best(f, "python", range);
    if (found == NULL && prereleases) {
        if (is_major_minor(spec))
            text = arena_printf(a, "~%.*s.0-0", STR_ARG(spec));
        if (gh_range_parse(a, text, true, &range, e) == 0)
            found = gh_tool_best(f, "python", range);
    }
    if (found == NULL)
        return err_set(e, ENOENT, "no Python %.*s here", STR_ARG(spec));
    *ret = found;
    return 0;
}
