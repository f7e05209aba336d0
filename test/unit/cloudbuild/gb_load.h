/*
 * A config from a few lines, and what the rules say of it.
 */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/gb_validate_priv.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct load {
    struct arena *a;
    struct sources *s;
    struct diags d;
    struct gb_build *b;
    struct gb_values v;
};

static inline void load_init(struct load *l)
{
    *l = (struct load){.a = arena_new(), .s = sources_new()};
    diags_init(&l->d, l->a, l->s);
}

static inline void load_done(struct load *l)
{
    arena_free(l->a);
    sources_free(l->s);
}

static inline void load_text(struct load *l, struct str text)
{
    struct yaml_limits limits = YAML_LIMITS;
    uint32_t file = sources_add(l->s, STR("cloudbuild.yaml"), text);
    struct doc_node *root = yaml_read(l->a, l->s, file, &limits, &l->d);
    assert_non_null(root);
    l->b = gb_build_read(l->a, root, &l->d);
    map_init(&l->v.values, l->a, MAP_CASE);
    l->v.arena = l->a;
}

/* The values of a build by hand in a project `p`, whose build is `b`; more of them as "KEY=VALUE,...". */
static inline void load_values(struct load *l, const char *pairs)
{
    struct str rest = str_from(pairs), pair, key, value;
    map_set_str(&l->v.values, STR("PROJECT_ID"), STR("my-project"));
    map_set_str(&l->v.values, STR("BUILD_ID"), STR("build-id"));
    for (size_t i = 0; i < l->b->substitutions.n; i++) {
        const struct gb_text *t = l->b->substitutions.entries[i].value;
        map_set_str(&l->v.values, l->b->substitutions.entries[i].key, t->text);
    }
    while (pairs != NULL && str_next(&rest, ',', &pair))
        if (str_cut(pair, '=', &key, &value))
            map_set_str(&l->v.values, key, value);
    l->v.loose = l->b->options.allow_loose;
    l->v.dynamic = l->b->options.dynamic;
    gb_values_resolve(&l->v, l->b, &l->d);
}

/* The codes of a level, each once, in the order of their telling: "GB021 GB034". */
static inline struct str load_codes(const struct load *l, enum diag_level level)
{
    struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < l->d.n; i++)
        if (l->d.p[i].level == level && str_find(buf_str(&b), str_from(l->d.p[i].code)) < 0)
            buf_printf(&b, "%s%s", b.n > 0 ? " " : "", l->d.p[i].code);
    struct str codes = arena_str(l->a, buf_str(&b));
    buf_done(&b);
    return codes;
}

/* What a build by hand is refused for, all rules taken, as codes. */
static inline void assert_codes(const char *text, const char *pairs, const char *codes)
{
    struct load l;
    load_init(&l);
    load_text(&l, str_from(text));
    load_values(&l, pairs);
    gb_validate(l.b, &l.v, &l.d);
    gb_substitute(l.b, &l.v, &l.d);
    gb_validate_substituted(l.b, &l.v, &l.d);
    struct str found = load_codes(&l, DIAG_ERROR);
    if (!str_is(found, codes))
        fail_msg("%.200s\n  is refused for '%s', not for '%s'", text, found.p, codes);
    load_done(&l);
}
