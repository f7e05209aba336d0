#include "core/base.h"
#include "provider/github/python_priv.h"

#include "core/buf.h"
#include "core/num.h"
#include "provider/github/model_priv.h"
#include "provider/github/semver_priv.h"

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

static const struct interpreter *best(const struct facts *f, const struct gh_range *range)
{
    const struct interpreter *found = NULL;
    struct gh_version highest = {0}, v;
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (!str_is(one->tool, "python") || gh_version_parse(one->version, &v) < 0 || !gh_range_has(range, &v))
            continue;
        int order = found == NULL ? 1 : gh_version_cmp(&v, &highest);
        /* Of two with the same version, an installation of its own is nearer to the service's than /usr. */
        if (order > 0 || (order == 0 && found->shared_prefix && !one->shared_prefix)) {
            found = one;
            highest = v;
        }
    }
    return found;
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
    found = best(f, range);
    if (found == NULL && prereleases) {
        if (is_major_minor(spec))
            text = arena_printf(a, "~%.*s.0-0", STR_ARG(spec));
        if (gh_range_parse(a, text, true, &range, e) == 0)
            found = best(f, range);
    }
    if (found == NULL)
        return err_set(e, ENOENT, "no Python %.*s here", STR_ARG(spec));
    *ret = found;
    return 0;
}

struct str gh_python_list(struct arena *a, const struct facts *f)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (str_is(one->tool, "python"))
            buf_printf(&b, "%s%.*s (%.*s)", b.n > 0 ? ", " : "", STR_ARG(one->version), STR_ARG(one->origin));
    }
    return b.n > 0 ? arena_str(a, buf_str(&b)) : STR("none");
}

struct str gh_node_arch(struct str machine)
{
    static const struct {
        const char *machine, *arch;
    } ARCHES[] = {{"aarch64", "arm64"}, {"arm64", "arm64"}, {"armv7l", "arm"}, {"i686", "ia32"}, {"i386", "ia32"}};
    for (size_t i = 0; i < ARRAY_LEN(ARCHES); i++) {
        if (str_is(machine, ARCHES[i].machine))
            return str_from(ARCHES[i].arch);
    }
    return STR("x64");
}

/* ---- before the run ---- */

/* The first setup-python step that surely runs, or NULL. */
static const struct gh_step *first_setup(const struct gh_job *job)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        const struct gh_step *s = &job->steps[i];
        struct str name, ref;
        if (s->kind == GH_STEP_USES && !s->cond.set && gh_uses_parse(s->uses, &name, &ref, NULL) == 0 &&
            str_is_nocase(name, "actions/setup-python"))
            return s;
    }
    return NULL;
}

static const struct gh_text *with_find(const struct gh_step *s, const char *name)
{
    for (size_t i = 0; i < s->with.n; i++) {
        if (str_is_nocase(s->with.p[i].key, name))
            return &s->with.p[i].value;
    }
    return NULL;
}

/* Can the slot be evaluated before the job runs? */
static bool is_known(const struct gh_text *t)
{
    static const char *const LATE[] = {"env", "steps", "job", "runner", "secrets"};
    for (size_t i = 0; t->expr != NULL && i < ARRAY_LEN(LATE); i++) {
        if (gh_expr_uses(t->expr, LATE[i]))
            return false;
    }
    return true;
}

struct str gh_leg_missing(struct arena *a, const struct gh_job *job, const struct gh_scope *scope,
                          const struct facts *f)
{
    const struct gh_step *setup = first_setup(job);
    const struct gh_text *version = setup != NULL ? with_find(setup, "python-version") : NULL;
    const struct gh_text *pre = setup != NULL ? with_find(setup, "allow-prereleases") : NULL;
    struct str rest, line;
    bool prereleases = pre != NULL && str_is_nocase(pre->literal, "true");
    if (version == NULL || !is_known(version) || gh_text_string(a, version, scope, &rest, NULL) < 0)
        return STR_NONE;
    while (str_next(&rest, '\n', &line)) {
        const struct interpreter *found;
        line = str_trim(line);
        if (line.n == 0)
            continue;
        int rc = gh_python_find(a, f, line, prereleases, &found, NULL);
        if (rc == -ENOENT || rc == -ENOSYS) {
            bool named = rc == -ENOSYS && !is_digit(line.p[0]); /* "no pypy3.10 here" */
            return arena_printf(a, "no %s%.*s here", named ? "" : "Python ", STR_ARG(line));
        }
    }
    return STR_NONE;
}
