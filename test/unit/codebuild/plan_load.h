/*
 * test/unit/codebuild/plan_load.h - a work tree of a few files and a machine with known interpreters: reads a buildspec
 * as the provider does, and tells what was found wrong, one "line: level: message [code]" each.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/codebuild/model_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

extern const struct provider provider_codebuild;

struct plan_file {
    const char *name, *text;
    uint32_t source; /* 0: not read yet */
};

struct plan_load {
    struct arena *a;
    struct sources *sources;
    struct diags d;
    struct facts facts;
    struct plan_file *files; /* ended by a NULL name; or NULL */
    struct provider_plans made;
    struct plan *plan; /* the first one made, or NULL */
};

static inline int plan_load_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct plan_load *l = ctx;
    for (struct plan_file *f = l->files; f != NULL && f->name != NULL; f++)
        if (str_is(q->path, f->name)) {
            if (f->source == 0)
                f->source = sources_add(l->sources, q->path, str_from(f->text));
            *ret = (struct file_found){.source = f->source, .commit = STR(""), .sources = l->sources};
            return 0;
        }
    return err_set(e, ENOENT, "there is no file '%.*s'", STR_ARG(q->path));
}

/* A start by hand of octo/demo, on a machine with Python 3.9, 3.12 and Node.js 20. */
static inline void plan_load_init(struct plan_load *l)
{
    static struct interpreter here[] = {
        {.tool = {"python", 6}, .version = {"3.12.1", 6}, .origin = {"uv", 2}},
        {.tool = {"python", 6}, .version = {"3.9.18", 6}, .origin = {"pyenv", 5}},
        {.tool = {"node", 4}, .version = {"20.1.0", 6}, .origin = {"PATH", 4}},
    };
    *l = (struct plan_load){.a = arena_new(), .sources = sources_new()};
    diags_init(&l->d, l->a, l->sources);
    struct map *maps[] = {&l->facts.secrets,       &l->facts.vars,     &l->facts.env,       &l->facts.inputs,
                          &l->facts.substitutions, &l->facts.base_env, &l->facts.platforms, &l->facts.machine.programs};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        map_init(maps[i], l->a, MAP_NOCASE);
    l->facts.read_file = plan_load_file;
    l->facts.read_ctx = l;
    l->facts.repo.owner = STR("octo");
    l->facts.repo.name = STR("demo");
    l->facts.machine.machine = STR("x86_64");
    l->facts.machine.interpreters = here;
    l->facts.machine.n_interpreters = ARRAY_LEN(here);
    l->facts.change = (struct change){.event = STR("workflow_dispatch"), .branch = STR("main")};
}

static inline void plan_load_read(struct plan_load *l, const char *text)
{
    struct provider_file file = {.path = STR("buildspec.yml")};
    file.source = sources_add(l->sources, file.path, str_from(text));
    provider_codebuild.read(&file, &l->facts, &l->d, &l->made);
    l->plan = l->made.n > 0 ? l->made.p[0].plan : NULL;
}

static inline void plan_load_done(struct plan_load *l)
{
    for (size_t i = 0; i < l->made.n; i++)
        plan_free(l->made.p[i].plan);
    sources_free(l->sources);
    arena_free(l->a);
}

static inline const char *plan_said(struct plan_load *l)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    diags_sort(&l->d);
    for (size_t i = 0; i < l->d.n; i++) {
        const struct diag *d = &l->d.p[i];
        buf_printf(&b, "%u: %s: %.*s [%s]\n", sources_place(l->sources, d->span).line, diag_level_name(d->level),
                   STR_ARG(d->message), d->code);
    }
    return arena_str(l->a, buf_str(&b)).p;
}

/* Gates job number `at` and lists its legs: "name label[ (skip)]", one a line; or why there are none. */
static inline const char *plan_legs(struct plan_load *l, size_t at, bool preview)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct job *j = l->plan->jobs[at];
    struct str why;
    if (cb_driver.gate(l->plan, j, &l->facts, preview, &why) == GATE_SKIP)
        return arena_str(l->a, why).p;
    for (size_t i = 0; i < j->n_legs; i++) {
        const struct leg *leg = j->legs[i];
        buf_printf(&b, "%.*s %.*s%s%.*s%s\n", STR_ARG(leg->name), STR_ARG(leg->label), leg->skip.n > 0 ? " (" : "",
                   STR_ARG(leg->skip), leg->skip.n > 0 ? ")" : "");
    }
    return arena_str(l->a, buf_str(&b)).p;
}
