/*
 * provider/interpreter.c - versions as lists of numbers, compared component by component.
 */
#include "core/base.h"
#include "provider/interpreter.h"

#include "core/buf.h"
#include "core/num.h"
#include "core/vec.h"

#define PART_MAX 1000000u

/* One component: false when it is no number. */
static bool part_of(struct str part, uint64_t *ret)
{
    return num_parse_u64(part, PART_MAX, ret) == 0;
}

static bool is_released(struct str version)
{
    for (size_t i = 0; i < version.n; i++)
        if (version.p[i] != '.' && (version.p[i] < '0' || version.p[i] > '9'))
            return false;
    return version.n > 0;
}

int interpreter_version_cmp(struct str a, struct str b)
{
    struct str one, other;
    for (;;) {
        uint64_t x = 0, y = 0;
        bool more = str_next(&a, '.', &one), also = str_next(&b, '.', &other);
        if (!more || !also)
            return (int)more - (int)also;
        part_of(one, &x);
        part_of(other, &y);
        if (x != y)
            return x < y ? -1 : 1;
    }
}

/* Does the version begin with what was asked for? -1: that is no version. */
static int begins_with(struct str version, struct str asked)
{
    struct str want, has;
    while (str_next(&asked, '.', &want)) {
        uint64_t x, y;
        if (str_is_nocase(want, "x") || str_is(want, "*"))
            return asked.n == 0 ? 1 : -1;
        if (!part_of(want, &x))
            return -1;
        if (!str_next(&version, '.', &has) || !part_of(has, &y) || x != y)
            return 0;
    }
    return 1;
}

const struct interpreter *interpreter_find(const struct facts *f, const char *tool, struct str version)
{
    const struct interpreter *found = NULL;
    bool any = version.n == 0 || str_is_nocase(version, "latest");
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (!str_is(one->tool, tool) || !is_released(one->version))
            continue;
        int fits = any ? 1 : begins_with(one->version, version);
        if (fits < 0)
            return NULL;
        int order = found == NULL ? 1 : interpreter_version_cmp(one->version, found->version);
        if (fits && (order > 0 || (order == 0 && found->shared_prefix && !one->shared_prefix)))
            found = one;
    }
    return found;
}

const struct interpreter *interpreter_best(const struct facts *f, const char *tool, const struct semver_range *range)
{
    const struct interpreter *found = NULL;
    struct semver highest = {0}, v;
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (!str_is(one->tool, tool) || semver_parse(one->version, &v) < 0 || !semver_range_has(range, &v))
            continue;
        int order = found == NULL ? 1 : semver_cmp(&v, &highest);
        /* Of two with the same version, an installation of its own is nearer to the service's than /usr. */
        if (order > 0 || (order == 0 && found->shared_prefix && !one->shared_prefix)) {
            found = one;
            highest = v;
        }
    }
    return found;
}

struct str interpreter_list(struct arena *a, const struct facts *f, const char *tool)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (str_is(one->tool, tool))
            buf_printf(&b, "%s%.*s (%.*s)", b.n > 0 ? ", " : "", STR_ARG(one->version), STR_ARG(one->origin));
    }
    return b.n > 0 ? arena_str(a, buf_str(&b)) : STR("none");
}

struct str interpreter_title(struct str tool)
{
    static const struct {
        const char *tool, *title;
    } TITLES[] = {{"python", "Python"}, {"node", "Node.js"}, {"go", "Go"}};
    for (size_t i = 0; i < ARRAY_LEN(TITLES); i++)
        if (str_is(tool, TITLES[i].tool))
            return str_from(TITLES[i].title);
    return tool;
}

unsigned interpreter_major(const struct interpreter *i)
{
    struct str head, rest;
    uint64_t major = 0;
    str_cut(i->version, '.', &head, &rest);
    return part_of(head, &major) ? (unsigned)major : 0;
}

/* Is a better than b for who asks for `want`: the same, else the next newer one, else the newest? */
static bool nearer(unsigned a, unsigned b, unsigned want)
{
    if ((a >= want) != (b >= want))
        return a >= want;
    return a >= want ? a < b : a > b;
}

const struct interpreter *interpreter_nearest(const struct facts *f, const char *tool, unsigned major)
{
    const struct interpreter *best = NULL;
    for (size_t i = 0; i < f->machine.n_interpreters; i++) {
        const struct interpreter *one = &f->machine.interpreters[i];
        if (str_is(one->tool, tool) && (!best || nearer(interpreter_major(one), interpreter_major(best), major)))
            best = one;
    }
    return best;
}
