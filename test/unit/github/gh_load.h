/*
 * test/unit/github/gh_load.h - reads workflow texts for tests, and tells what was found wrong as a user would see it.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "provider/github/model_priv.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* A file that facts->read_file finds: "path", or "owner/name/path@ref". */
struct load_file {
    const char *name, *text;
    uint32_t source; /* 0: not read yet */
};

struct load {
    struct arena *a;
    struct sources *sources;
    struct diags d;
    struct facts facts;
    struct load_file *files; /* ended by a NULL name; or NULL */
    struct gh_workflow *w;   /* gh_load */
    struct plan *plan;       /* gh_load_plan; NULL after errors */
    struct verdict verdict;
};

static inline void load_init(struct load *l)
{
    *l = (struct load){.a = arena_new(), .sources = sources_new()};
    diags_init(&l->d, l->a, l->sources);
    map_init(&l->facts.secrets, l->a, MAP_NOCASE);
    map_init(&l->facts.vars, l->a, MAP_NOCASE);
    map_init(&l->facts.env, l->a, MAP_CASE);
    map_init(&l->facts.inputs, l->a, MAP_NOCASE);
    map_init(&l->facts.base_env, l->a, MAP_CASE);
    map_init(&l->facts.machine.programs, l->a, MAP_CASE);
    l->facts.repo.owner = STR("octo");
    l->facts.repo.name = STR("demo");
    l->facts.repo.default_branch = STR("main");
    l->facts.repo.branch = STR("main");
    l->facts.repo.sha = STR("1111111111111111111111111111111111111111");
    l->facts.machine.machine = STR("x86_64");
    l->facts.change.event = STR("push");
    l->facts.change.branch = STR("main");
}

static inline int load_read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct load *l = ctx;
    struct str name = q->repo.n == 0
                          ? q->path
                          : arena_printf(l->a, "%.*s/%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->path), STR_ARG(q->ref));
    for (struct load_file *f = l->files; f && f->name; f++) {
        if (!str_is(name, f->name))
            continue;
        if (f->source == 0)
            f->source = sources_add(l->sources, name, str_from(f->text));
        ret->source = f->source;
        ret->sources = l->sources;
        ret->commit = q->repo.n ? STR("2222222222222222222222222222222222222222") : STR("");
        return 0;
    }
    if (q->repo.n && !str_starts(q->repo, STR("octo/")))
        return err_set(e, ENETUNREACH, "%.*s was never fetched", STR_ARG(q->repo));
    return err_set(e, ENOENT, "there is no %.*s", STR_ARG(name));
}

/* Other files than the workflow itself; they stay the caller's. */
static inline void load_files(struct load *l, struct load_file *files)
{
    l->files = files;
    l->facts.read_file = load_read_file;
    l->facts.read_ctx = l;
}

static inline void load_text(struct load *l, const char *text)
{
    struct yaml_limits limits = YAML_LIMITS;
    uint32_t file = sources_add(l->sources, STR("ci.yml"), str_from(text));
    struct doc_node *root = yaml_read(l->a, l->sources, file, &limits, &l->d);
    l->w = root ? gh_workflow_try(l->a, root, STR("ci.yml"), &l->d) : NULL;
    if (l->w)
        l->w->facts = &l->facts;
}

extern const struct provider provider_github;

static inline void load_plan(struct load *l, const char *text)
{
    struct provider_file file = {.path = STR("ci.yml"), .source = 0};
    file.source = sources_add(l->sources, STR("ci.yml"), str_from(text));
    struct provider_plans made = {0};
    provider_github.read(&file, &l->facts, &l->d, &made);
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

/* "5:18 E text" lines, sorted by place; hints behind " | ". */
static inline struct str load_said(struct load *l)
{
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    diags_sort(&l->d);
    for (size_t i = 0; i < l->d.n; i++) {
        const struct diag *d = &l->d.p[i];
        struct place at = sources_place(l->sources, d->span);
        buf_printf(&out, "%u:%u %s %s %.*s%s%.*s\n", at.line, at.column,
                   d->level == DIAG_ERROR  ? "E"
                   : d->level == DIAG_NOTE ? "N"
                                           : "W",
                   d->code, STR_ARG(d->message), d->hint.n ? " | " : "", STR_ARG(d->hint));
    }
    return out.n ? arena_str(l->a, buf_str(&out)) : STR("");
}

/* Reads the text and compares everything that was said. */
static inline void assert_said(const char *text, const char *expected)
{
    struct load l;
    load_init(&l);
    load_text(&l, text);
    struct str said = load_said(&l);
    assert_string_equal(arena_str(l.a, said).p, expected);
    load_done(&l);
}

#define JOBS "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hi\n"
