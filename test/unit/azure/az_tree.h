/*
 * What the tests of the schema share: a text is loaded and made canonical, a pipeline or a part of one; what was told
 * is a list of lines, `line:column CODE level message (hint)`.
 */
#pragma once
#include "core/base.h"
#include "provider/azure/model_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct az_tree {
    struct arena *arena;
    struct sources *sources;
    struct diags d;
    struct az_frame frame;
    struct az_repo self;
    struct az_value *loaded, *canonical;
};

static inline void az_tree_init(struct az_tree *t, enum az_shape shape, const char *text)
{
    *t = (struct az_tree){.arena = arena_new(), .sources = sources_new(), .self = {.alias = STR("self")}};
    diags_init(&t->d, t->arena, t->sources);
    t->frame = (struct az_frame){.path = STR("azure-pipelines.yml"), .repo = &t->self};
    uint32_t source = sources_add(t->sources, STR("azure-pipelines.yml"), str_from(text));
    t->loaded = az_load(t->arena, source, &t->frame, &t->d);
    assert_non_null(t->loaded);
    t->canonical = az_canonical(t->arena, shape, t->loaded, &t->d);
    assert_non_null(t->canonical);
}

static inline void az_tree_done(struct az_tree *t)
{
    arena_free(t->arena);
    sources_free(t->sources);
}

/* All that was told, in the order of the text. */
static inline struct str az_tree_told(struct az_tree *t)
{
    struct buf b = BUF(BUF_TEXT);
    diags_sort(&t->d);
    for (size_t i = 0; i < t->d.n; i++) {
        const struct diag *d = &t->d.p[i];
        struct place at = sources_place(t->sources, d->span);
        buf_printf(&b, "%u:%u %s %s: %.*s", at.line, at.column, d->code, diag_level_name(d->level),
                   STR_ARG(d->message));
        if (d->hint.n > 0)
            buf_printf(&b, " (%.*s)", STR_ARG(d->hint));
        buf_add_ch(&b, '\n');
    }
    struct str told = arena_str(t->arena, buf_str(&b));
    buf_done(&b);
    return told;
}

static inline struct str az_tree_print(struct az_tree *t, const struct az_value *v)
{
    struct buf b = BUF(BUF_TEXT);
    assert_int_equal(az_print(&b, v), 0);
    struct str text = arena_str(t->arena, buf_str(&b));
    buf_done(&b);
    return text;
}

/* The canonical form of a text without faults; doing it again must change nothing. */
static inline void az_tree_gives(enum az_shape shape, const char *text, const char *canonical)
{
    struct az_tree t;
    az_tree_init(&t, shape, text);
    assert_string_equal(az_tree_told(&t).p, "");
    assert_string_equal(az_tree_print(&t, t.canonical).p, canonical);
    const struct az_value *again = az_canonical(t.arena, shape, t.canonical, &t.d);
    assert_string_equal(az_tree_print(&t, again).p, canonical);
    assert_int_equal(t.d.errors, 0);
    az_tree_done(&t);
}

/* What is told of a text that is checked, read and (a pipeline) joined. */
static inline void az_tree_tells(enum az_shape shape, const char *text, const char *told)
{
    struct az_tree t;
    az_tree_init(&t, shape, text);
    if (shape == AZ_SHAPE_PIPELINE)
        az_graph_check(az_pipeline_read(t.arena, t.canonical, NULL, &t.d), &t.d);
    assert_string_equal(az_tree_told(&t).p, told);
    az_tree_done(&t);
}
