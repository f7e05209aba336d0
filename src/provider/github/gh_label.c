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
    for (size_t i = 0; i < v->object.n; i++) {
        struct str key = v->object.entries[i].key;
        if (!str_is_nocase(key, "group") && !str_is_nocase(key, "labels"))
            return err_set(e, EINVAL, "runs-on: Unexpected value '%.*s'", STR_ARG(key));
    }
    if (!group && !labels)
        return err_set(e, EINVAL, "runs-on: Unexpected value ''");
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

/* What --platform says of the first label that it knows, else of the group: "host", an image, or nothing. */
static struct str mapped(const struct labels *l, const struct facts *f, struct str *ret_label)
{
    for (size_t i = 0; i <= l->list.n; i++) {
        *ret_label = i < l->list.n ? l->list.p[i] : l->group;
        struct str where = ret_label->n ? map_get_str(&f->platforms, *ret_label) : STR_NONE;
        if (where.n)
            return where;
    }
    return STR_NONE;
}

static struct str joined(struct arena *a, const struct strs *list)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < list->n; i++)
        buf_printf(&b, "%s%.*s", i ? ", " : "", STR_ARG(list->p[i]));
    return arena_str(a, buf_str(&b));
}

/* Which of the labels this machine has not; a group of runners is of the organization, and never here. */
static void find_lacking(struct arena *a, const struct labels *l, const struct facts *f, struct gh_machine *m)
{
    struct strs lacking = {0};
    for (size_t i = 0; i < l->list.n; i++)
        if (!label_fits(l->list.p[i], f))
            vec_push_in(a, &lacking, l->list.p[i]);
    if (lacking.n == 0 && l->group.n == 0)
        return;
    struct str first = lacking.n ? lacking.p[0] : l->group;
    m->lacks = lacking.n ? joined(a, &lacking) : arena_printf(a, "the runner group '%.*s'", STR_ARG(l->group));
    m->skip = arena_printf(a, "needs %.*s", STR_ARG(m->lacks));
    m->help = arena_printf(a, "this machine is none; --platform %.*s=host takes it for one", STR_ARG(first));
}

int gh_label(struct arena *a, const struct value *runs_on, const struct facts *f, struct gh_machine *ret, struct err *e)
{
    struct labels l = {0};
    struct gh_machine m = {.skip = STR(""), .lacks = STR(""), .help = STR("")};
    struct str label;
    int rc = find_labels(a, runs_on, &l, e);
    if (rc != 0)
        return rc;
    m.label = l.list.n ? joined(a, &l.list) : arena_printf(a, "group %.*s", STR_ARG(l.group));
    struct str where = mapped(&l, f, &label);
    m.mapped = str_is(where, "host");
    if (where.n && !m.mapped) {
        m.skip = arena_printf(a, "needs the image %.*s", STR_ARG(where));
        m.lacks = label;
        m.help = arena_printf(a, "the image %.*s that --platform names; this version runs no images", STR_ARG(where));
    } else if (!m.mapped) {
        find_lacking(a, &l, f, &m);
    }
    *ret = m;
    return 0;
}
