/*
 * test/unit/azure/plan_load.h - reads a pipeline's text, and lets its jobs have their turns as the engine would.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/azure/plan_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define assert_text(s, cstr) assert_string_equal(arena_str(l->a, s).p, cstr)

struct load {
    struct arena *a;
    struct sources *sources;
    struct diags d;
    struct facts facts;
    struct plan *plan; /* NULL after errors */
    struct verdict verdict;
    struct map counters;
    struct str why; /* of the last gate */
};

extern const struct provider provider_azure;

static inline int64_t load_count(void *ctx, struct str key, int64_t seed)
{
    struct load *l = ctx;
    struct map_entry *at = map_find(&l->counters, key);
    int64_t n = at ? (int64_t)(intptr_t)at->value + 1 : seed;
    map_set(&l->counters, arena_str(l->a, key), (void *)(intptr_t)n);
    return n;
}

static inline void load_init(struct load *l)
{
    *l = (struct load){.a = arena_new(), .sources = sources_new()};
    struct facts *f = &l->facts;
    struct map *maps[] = {&f->secrets, &f->vars, &f->inputs, &f->groups, &f->secure_files, &f->tasks, &f->platforms};
    diags_init(&l->d, l->a, l->sources);
    map_init(&l->counters, l->a, MAP_CASE);
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i], l->a, MAP_NOCASE);
    map_init(&f->env, l->a, MAP_CASE);
    map_init(&f->base_env, l->a, MAP_CASE);
    map_init(&f->machine.programs, l->a, MAP_CASE);
    f->repo.owner = STR("octo");
    f->repo.name = STR("demo");
    f->repo.remote_url = STR("https://github.com/octo/demo");
    f->repo.sha = STR("1111111111111111111111111111111111111111");
    f->machine.machine = STR("x86_64");
    f->change.event = STR("push");
    f->change.branch = STR("main");
    f->run_id = 7;
    f->now_ms = 1767366245000; /* 2026-01-02 15:04:05 UTC, a Friday */
    f->count = load_count;
    f->count_ctx = l;
}

static inline void load_plan(struct load *l, const char *text)
{
    struct provider_file file = {.path = STR("azure-pipelines.yml")};
    struct provider_plans made = {0};
    file.source = sources_add(l->sources, file.path, str_from(text));
    provider_azure.read(&file, &l->facts, &l->d, &made);
    if (l->d.errors > 0)
        print_message("%.*s\n", STR_ARG(l->d.p[0].message));
    if (made.n == 0)
        return;
    l->plan = made.p[0].plan;
    l->verdict = made.p[0].verdict;
}

static inline void load_done(struct load *l)
{
    plan_free(l->plan);
    sources_free(l->sources);
    arena_free(l->a);
}

static inline struct job *load_job(struct load *l, const char *id)
{
    assert_non_null(l->plan);
    struct job *j = plan_find_job(l->plan, str_from(id));
    assert_non_null(j);
    return j;
}

/* The job's turn. */
static inline enum gate load_gate(struct load *l, const char *id)
{
    struct job *j = load_job(l, id);
    enum gate g = az_gate(l->plan, j, &l->facts, false, &l->why);
    if (g == GATE_SKIP)
        j->result = RESULT_SKIPPED;
    if (g == GATE_FAIL)
        j->result = RESULT_FAILURE;
    return g;
}

static inline const struct az_leg *load_leg(struct load *l, const char *id, size_t n)
{
    struct job *j = load_job(l, id);
    assert_true(n < j->n_legs);
    return j->legs[n]->impl;
}

/* The job's legs end like this. */
static inline void load_end(struct load *l, const char *id, enum az_result r)
{
    struct job *j = load_job(l, id);
    struct leg_outcome *all = arena_array(l->a, j->n_legs + 1, sizeof *all), out;
    for (size_t i = 0; i < j->n_legs; i++) {
        struct az_leg *leg = j->legs[i]->impl;
        if (leg->result == AZ_NOT_RUN)
            leg->result = r;
        all[i] = (struct leg_outcome){.result = az_result_plain(r), .conclusion = az_result_plain(leg->result)};
    }
    az_settle(j, all, j->n_legs, &out);
    j->result = out.conclusion;
    j->outputs = out.outputs;
}

static inline void load_output(struct load *l, const char *id, size_t n, const char *name, const char *value)
{
    struct az_leg *leg = load_job(l, id)->legs[n]->impl;
    if (!leg->outputs.arena)
        map_init(&leg->outputs, l->plan->arena, MAP_NOCASE);
    map_set_str(&leg->outputs, str_from(name), str_from(value));
}

static inline const char *load_var(struct load *l, const char *id, size_t n, const char *name)
{
    struct str value = az_vars_get(&load_leg(l, id, n)->vars, name);
    return value.p ? arena_str(l->a, value).p : "(none)";
}
