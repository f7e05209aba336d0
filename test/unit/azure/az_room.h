/* What the tests of Azure's expressions share: a scope with fixed names, and a table's row played through. */
#pragma once
#include "core/base.h"
#include "provider/azure/expr_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* Null values, lists, cases of keys, moments: all that a row may ask for. */
#define AZ_ROOM                                                                                                        \
    "{\"s\": \"Text\", \"n\": 5, \"f\": 1.5, \"t\": true, \"u\": false, \"nil\": null, \"e\": \"\","                   \
    "\"list\": [1, \"two\", null, true], \"none\": [], \"empty\": {}, \"Key\": \"upper\", \"key\": \"lower\","         \
    "\"people\": [{\"name\": \"Ann\", \"pets\": [{\"kind\": \"cat\"}, {\"kind\": \"dog\"}]},"                          \
    "{\"name\": \"\", \"pets\": []}, {\"age\": 3}, \"none\"],"                                                         \
    "\"map\": {\"b\": {\"v\": 1}, \"a\": {\"v\": 2}}, \"1\": \"one\", \"True\": \"yes\", \"1.5\": \"half\"}"

struct az_room {
    struct arena *arena;
    struct az_named names[5];
    struct az_scope scope;
    struct az_slot slot;
};

static const struct str az_room_names[] = {
    {"x", 1}, {"variables", 9}, {"parameters", 10}, {"pipeline", 8}, {"item", 4},
};

static inline void az_room_init(struct az_room *r)
{
    struct az_value *x, *variables, *parameters, *pipeline;
    struct err e;
    *r = (struct az_room){.arena = arena_new()};
    assert_int_equal(az_from_json(r->arena, STR(AZ_ROOM), &x, &e), 0);
    variables = az_object(r->arena, true);
    az_set(r->arena, variables, STR("Build.Reason"), az_string(r->arena, STR("Manual")));
    az_set(r->arena, variables, STR("a"), az_string(r->arena, STR("1")));
    parameters = az_object(r->arena, true);
    az_set(r->arena, parameters, STR("Known"), x);
    pipeline = az_object(r->arena, true);
    struct az_value *start = ARENA_NEW(r->arena, struct az_value);
    *start = (struct az_value){.kind = AZ_DATETIME};
    start->datetime.ms = 1772546706123; /* 2026-03-03T14:05:06.123Z */
    start->datetime.offset_min = -90;
    az_set(r->arena, pipeline, STR("startTime"), start);
    const struct az_value *values[] = {x, variables, parameters, pipeline, az_string(r->arena, STR("inner"))};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        r->names[i] = (struct az_named){az_room_names[i], values[i]};
    r->scope = (struct az_scope){.arena = r->arena, .names = r->names, .n_names = ARRAY_LEN(r->names)};
    r->slot = (struct az_slot){.what = "a test", .names = az_room_names, .n_names = ARRAY_LEN(az_room_names)};
}

static inline void az_room_done(struct az_room *r)
{
    arena_free(r->arena);
}

/* "Kind value" of a result ("String Text", "Array [...]" as JSON without blanks), or "! sentence". */
static inline struct str az_room_shown(struct az_room *r, const char *text)
{
    struct az_value *v = NULL;
    struct err e = {0};
    CLEAN(buf) struct buf b = BUF(BUF_TEXT), shown = BUF(BUF_TEXT);
    if (az_evaluate(str_from(text), &r->slot, &r->scope, &v, &e) < 0)
        return arena_printf(r->arena, "! %s", e.text);
    if (az_is_scalar(v))
        return arena_printf(r->arena, "%s %.*s", az_kind_name(v->kind), STR_ARG(az_scalar(r->arena, v)));
    assert_int_equal(az_add_json(&b, v, &e), 0);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] != '\n' && b.p[i] != ' ')
            buf_add_ch(&shown, b.p[i]);
    return arena_printf(r->arena, "%s %s", az_kind_name(v->kind), buf_cstr(&shown));
}

struct az_row {
    const char *text, *shown;
};

static inline void az_play(const struct az_row *rows, size_t n)
{
    struct az_room r;
    unsigned bad = 0;
    az_room_init(&r);
    for (size_t i = 0; i < n; i++) {
        struct str shown = az_room_shown(&r, rows[i].text);
        if (str_is(shown, rows[i].shown))
            continue;
        print_error("%s\n  is   %.*s\n  not  %s\n", rows[i].text, STR_ARG(shown), rows[i].shown);
        bad++;
    }
    az_room_done(&r);
    assert_int_equal(bad, 0);
}
#define AZ_PLAY(rows) az_play(rows, ARRAY_LEN(rows))
