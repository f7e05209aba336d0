/*
 * report_simplecov.c - SimpleCov's JSON: .resultset.json, by the command that ran, and coverage.json of its formatter.
 *
 * Each file has a list with the hits of each line, null where there is no code. What several commands ran of one file
 * is one: a line is covered when one of them came by.
 */
#include "core/base.h"
#include "report/report_priv.h"

/* Lines or branches of one file, numbered in their order. */
struct marks {
    unsigned char *p; /* 0: no code, 1: missed, 2: covered */
    size_t n;
};

struct file {
    struct marks lines, branches;
};

struct simplecov {
    struct arena *a;
    struct map files; /* path -> struct file * */
};

static void mark(struct simplecov *s, struct marks *m, size_t at, size_t room, const struct value *hits)
{
    if (hits->kind != VALUE_NUMBER)
        return;
    if (at >= m->n) {
        size_t n = room > at ? room : at + 1;
        unsigned char *p = arena_alloc(s->a, n);
        if (m->n)
            memcpy(p, m->p, m->n);
        *m = (struct marks){p, n};
    }
    unsigned char how = hits->number > 0 ? 2 : 1;
    m->p[at] = m->p[at] > how ? m->p[at] : how;
}

static void add_lines(struct simplecov *s, struct marks *m, const struct value *list)
{
    for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->array.n; i++)
        mark(s, m, i, list->array.n, list->array.p[i]);
}

/* Of a result set: {"[:if, 0, ...]": {"[:then, ...]": 1, "[:else, ...]": 0}}. */
static void add_branch_map(struct simplecov *s, struct marks *m, const struct value *conditions)
{
    size_t n = 0, all = 0;
    for (size_t i = 0; i < conditions->object.n; i++) {
        const struct value *arms = conditions->object.entries[i].value;
        all += arms->kind == VALUE_OBJECT ? arms->object.n : 0;
    }
    for (size_t i = 0; i < conditions->object.n; i++) {
        const struct value *arms = conditions->object.entries[i].value;
        for (size_t k = 0; arms->kind == VALUE_OBJECT && k < arms->object.n; k++)
            mark(s, m, n++, all, arms->object.entries[k].value);
    }
}

/* Of the formatter: [{"type": "then", "coverage": 1, ...}]. */
static void add_branch_list(struct simplecov *s, struct marks *m, const struct value *list)
{
    for (size_t i = 0; i < list->array.n; i++) {
        const struct value *hits = value_get(list->array.p[i], STR("coverage"));
        if (hits)
            mark(s, m, i, list->array.n, hits);
    }
}

static void add_file(struct simplecov *s, struct str path, const struct value *v)
{
    struct file *f = map_get(&s->files, path);
    if (!f) {
        f = ARENA_NEW(s->a, struct file);
        map_set(&s->files, path, f);
    }
    const struct value *branches = value_get(v, STR("branches"));
    add_lines(s, &f->lines, v->kind == VALUE_ARRAY ? v : value_get(v, STR("lines")));
    if (branches && branches->kind == VALUE_OBJECT)
        add_branch_map(s, &f->branches, branches);
    else if (branches && branches->kind == VALUE_ARRAY)
        add_branch_list(s, &f->branches, branches);
}

/* An object with "coverage": of one command, or the formatter's whole. */
static bool add_coverage(struct simplecov *s, const struct value *v)
{
    const struct value *files = value_get(v, STR("coverage"));
    if (!files || files->kind != VALUE_OBJECT)
        return false;
    for (size_t i = 0; i < files->object.n; i++)
        add_file(s, files->object.entries[i].key, files->object.entries[i].value);
    return true;
}

static void count(const struct marks *m, uint64_t *covered, uint64_t *total)
{
    for (size_t i = 0; i < m->n; i++) {
        *covered += m->p[i] == 2;
        *total += m->p[i] > 0;
    }
}

int report_simplecov(struct report_into *to, struct str text, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct simplecov s = {.a = a};
    struct value *v;
    map_init(&s.files, a, MAP_CASE);
    int rc = report_json(a, text, &v, e);
    if (rc < 0)
        return rc;
    bool any = add_coverage(&s, v);
    for (size_t i = 0; !any && v->kind == VALUE_OBJECT && i < v->object.n; i++)
        if (!add_coverage(&s, v->object.entries[i].value))
            return err_set(e, EINVAL, "line 1: '%.*s' has no 'coverage', so this is no SimpleCov report",
                           STR_ARG(str_sub(v->object.entries[i].key, 0, 100)));
    if (v->kind != VALUE_OBJECT)
        return err_set(e, EINVAL, "line 1: a SimpleCov report is an object of commands, this is something else");
    for (size_t i = 0; i < s.files.n; i++) {
        const struct file *f = s.files.entries[i].value;
        count(&f->lines, &to->r->lines_covered, &to->r->lines_total);
        count(&f->branches, &to->r->branches_covered, &to->r->branches_total);
    }
    return 0;
}
