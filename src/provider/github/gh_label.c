/*
 * gh_label.c - runs-on: which machines this one can stand for.
 *
 * A Linux machine stands for GitHub's ubuntu runners and for a self-hosted Linux runner of its own architecture. What
 * asks for another system, for hardware or for a group of runners is left out by name: nothing is pretended.
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

struct labels {
    struct strs list;
    struct str group;
};

static int add_label(struct arena *a, const struct value *v, struct labels *l, struct err *e)
{
    if (v->kind == VALUE_ARRAY || v->kind == VALUE_OBJECT)
        return err_set(e, EINVAL, "runs-on: A %s was not expected", v->kind == VALUE_ARRAY ? "sequence" : "mapping");
    struct str text = gh_to_string(a, v);
    if (text.n == 0)
        return err_set(e, EINVAL, "runs-on: Unexpected value ''");
    vec_push_in(a, &l->list, text);
    return 0;
}

static int add_labels(struct arena *a, const struct value *v, struct labels *l, struct err *e)
{
    if (v->kind != VALUE_ARRAY)
        return add_label(a, v, l, e);
    if (v->array.n == 0)
        return err_set(e, EINVAL, "runs-on: Unexpected value ''");
    for (size_t i = 0; i < v->array.n; i++) {
        int rc = add_label(a, v->array.p[i], l, e);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int find_labels(struct arena *a, const struct value *v, struct labels *l, struct err *e)
{
    if (v->kind != VALUE_OBJECT)
        return add_labels(a, v, l, e);
    const struct value *group = value_get(v, STR("group"));
    const struct value *labels = value_get(v, STR("labels"));
    if (group)
        l->group = gh_to_string(a, group);
    return labels ? add_labels(a, labels, l, e) : 0;
}

/* x64, ARM64: does the label name this machine's architecture? *ret_is tells whether it names one at all. */
static bool arch_fits(struct str label, struct str machine, bool *ret_is)
{
    static const struct {
        const char *label, *machine;
    } archs[] = {{"x64", "x86_64"}, {"arm64", "aarch64"}, {"x86", "i686"}, {"arm", "armv7l"}};
    for (size_t i = 0; i < ARRAY_LEN(archs); i++)
        if (str_is_nocase(label, archs[i].label)) {
            *ret_is = true;
            return str_is(machine, archs[i].machine);
        }
    *ret_is = false;
    return false;
}

static bool label_fits(struct str label, const struct facts *f)
{
    struct str machine = f->machine.machine;
    bool is_arch, fits = arch_fits(label, machine, &is_arch);
    if (is_arch)
        return fits || machine.n == 0;
    if (str_is_nocase(label, "self-hosted") || str_is_nocase(label, "linux"))
        return true;
    if (label.n < 7 || !str_eq_nocase(str_sub(label, 0, 7), STR("ubuntu-")))
        return false;
    return !str_ends(label, STR("-arm")) || str_is(machine, "aarch64");
}

int gh_label(struct arena *a, const struct value *runs_on, const struct facts *f, struct str *ret_label,
             struct str *ret_skip, struct err *e)
{
    CLEAN(buf) struct buf all = BUF(BUF_LINE), alien = BUF(BUF_LINE);
    struct labels l = {0};
    int rc = find_labels(a, runs_on, &l, e);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < l.list.n; i++) {
        buf_printf(&all, "%s%.*s", all.n ? ", " : "", STR_ARG(l.list.p[i]));
        if (!label_fits(l.list.p[i], f))
            buf_printf(&alien, "%s%.*s", alien.n ? ", " : "needs ", STR_ARG(l.list.p[i]));
    }
    if (l.group.n && alien.n == 0)
        buf_printf(&alien, "needs the runner group '%.*s'", STR_ARG(l.group));
    *ret_label = all.n ? arena_str(a, buf_str(&all)) : arena_printf(a, "group %.*s", STR_ARG(l.group));
    *ret_skip = alien.n ? arena_str(a, buf_str(&alien)) : STR("");
    return 0;
}
