/* What the tests of expansion share: a few files in memory, and what they expand to, as YAML or as complaints. */
#pragma once
#include "core/base.h"
#include "provider/azure/expand_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct az_place {
    struct arena *arena;
    struct sources *sources;
    struct facts facts;
    struct diags d;
    struct map files; /* "path" or "owner/name@ref:path" -> text */
    unsigned reads;
};

static inline int az_place_read(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct az_place *p = ctx;
    struct str name = q->path;
    if (q->repo.n > 0)
        name = arena_printf(p->arena, "%.*s@%.*s:%.*s", STR_ARG(q->repo), STR_ARG(q->ref), STR_ARG(q->path));
    struct str text = map_get_str(&p->files, name);
    if (q->repo.n > 0 && str_starts(q->repo, STR("far/")))
        return err_set(e, ENETUNREACH, "nothing is fetched");
    if (!text.p)
        return err_set(e, ENOENT, "there is no %.*s", STR_ARG(name));
    p->reads++;
    uint32_t *known = map_get(&p->facts.env, name);
    if (!known) {
        known = arena_alloc(p->arena, sizeof *known);
        *known = sources_add(p->sources, name, text);
        map_set(&p->facts.env, name, known);
    }
    *ret = (struct file_found){.source = *known, .sources = p->sources};
    return 0;
}

/* files: pairs of a name and a text, up to NULL; the first one is the pipeline. */
static inline void az_place_init(struct az_place *p, const char *const *files)
{
    *p = (struct az_place){.arena = arena_new(), .sources = sources_new()};
    diags_init(&p->d, p->arena, p->sources);
    map_init(&p->files, p->arena, MAP_CASE);
    map_init(&p->facts.env, p->arena, MAP_CASE);
    map_init(&p->facts.inputs, p->arena, MAP_NOCASE);
    p->facts.repo.owner = STR("octo");
    p->facts.read_file = az_place_read;
    p->facts.read_ctx = p;
    p->facts.repos.base = STR("/srv/git"); /* the server of all repositories is known */
    for (; files[0]; files += 2)
        map_set_str(&p->files, str_from(files[0]), str_from(files[1]));
}

static inline void az_place_done(struct az_place *p)
{
    sources_free(p->sources);
    arena_free(p->arena);
}

static inline struct az_value *az_place_expand(struct az_place *p, const char *root, struct az_expansion *x)
{
    struct file_query q = {.path = str_from(root)};
    struct file_found found = {0};
    assert_int_equal(az_place_read(p, &q, &found, NULL), 0);
    *x = (struct az_expansion){
        .arena = p->arena, .facts = &p->facts, .d = &p->d, .variables = az_object(p->arena, true)};
    az_set(p->arena, x->variables, STR("Build.Reason"), az_string(p->arena, STR("Manual")));
    return az_expand(x, str_from(root), found.source);
}

/* The tree as YAML, or the complaints, a line each: "a.yml:3:5: text". Notes and hints are left out. */
static inline struct str az_place_shown(struct az_place *p, const char *root)
{
    struct az_expansion x;
    struct az_value *v = az_place_expand(p, root, &x);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    diags_sort(&p->d);
    for (size_t i = 0; i < p->d.n; i++) {
        struct place at = sources_place(p->sources, p->d.p[i].span);
        assert_non_null(diag_rule_find(str_from(p->d.p[i].code)));
        if (p->d.p[i].level != DIAG_NOTE)
            buf_printf(&b, "%.*s:%u:%u: %s%.*s\n", STR_ARG(at.file), at.line, at.column,
                       p->d.p[i].level == DIAG_WARNING ? "warning: " : "", STR_ARG(p->d.p[i].message));
    }
    if (p->d.errors == 0)
        assert_int_equal(az_print(&b, v), 0);
    return arena_str(p->arena, buf_str(&b));
}

struct az_case {
    const char *what;
    const char *files[14]; /* pairs, NULL behind the last */
    const char *shown;
};

static inline bool az_play_case(const struct az_case *c)
{
    struct az_place p;
    az_place_init(&p, c->files);
    struct str shown = az_place_shown(&p, c->files[0]);
    bool same = str_is(shown, c->shown);
    if (!same)
        print_error("%s:\n%.*s--- instead of\n%s", c->what, STR_ARG(shown), c->shown);
    az_place_done(&p);
    return same;
}

static inline void az_play_cases(const struct az_case *cases, size_t n)
{
    unsigned bad = 0;
    for (size_t i = 0; i < n; i++)
        bad += !az_play_case(&cases[i]);
    assert_int_equal(bad, 0);
}
#define AZ_CASES(cases) az_play_cases(cases, ARRAY_LEN(cases))
