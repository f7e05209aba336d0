/*
 * test/unit/codebuild/project_load.h - a work tree of a few files for tests of projects, and what is said of them.
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

#define TEMPLATE "deploy/codebuild.yaml"
#define FILES_MAX 4

struct project_load {
    struct arena *a;
    struct sources *sources;
    struct diags d;
    struct facts facts;
    const char *names[FILES_MAX];
    uint32_t numbers[FILES_MAX];
    size_t n_files;
    struct cb_projects projects;
};

static inline int project_load_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct project_load *l = ctx;
    for (size_t i = 0; i < l->n_files; i++)
        if (str_is(q->path, l->names[i])) {
            *ret = (struct file_found){l->numbers[i], STR(""), l->sources};
            return 0;
        }
    return err_set(e, ENOENT, "there is no %.*s", STR_ARG(q->path));
}

static inline void project_load_add(struct project_load *l, const char *name, const char *text)
{
    MUST(l->n_files < FILES_MAX);
    l->names[l->n_files] = name;
    l->numbers[l->n_files++] = sources_add(l->sources, str_from(name), str_from(text));
}

/* A push to main of octo/demo, which has a buildspec. */
static inline void project_load_init(struct project_load *l)
{
    *l = (struct project_load){.a = arena_new(), .sources = sources_new()};
    diags_init(&l->d, l->a, l->sources);
    l->facts.read_file = project_load_file;
    l->facts.read_ctx = l;
    l->facts.only_check = true;
    l->facts.repo.owner = STR("octo");
    l->facts.repo.name = STR("demo");
    l->facts.repo.message = STR("mend the thing");
    l->facts.change = (struct change){.event = STR("push"), .branch = STR("main")};
    project_load_add(l, "buildspec.yml", "version: 0.2\n");
}

static inline void project_load_done(struct project_load *l)
{
    sources_free(l->sources);
    arena_free(l->a);
}

/* "5:18 E CB062 text" lines, sorted by place; hints behind " | ". */
static inline const char *project_said(struct project_load *l)
{
    CLEAN(buf) struct buf out = BUF(BUF_TEXT);
    diags_sort(&l->d);
    for (size_t i = 0; i < l->d.n; i++) {
        const struct diag *d = &l->d.p[i];
        struct place at = sources_place(l->sources, d->span);
        buf_printf(&out, "%u:%u %s %s %.*s%s%.*s\n", at.line, at.column, d->level == DIAG_ERROR ? "E" : "W", d->code,
                   STR_ARG(d->message), d->hint.n ? " | " : "", STR_ARG(d->hint));
    }
    return arena_str(l->a, buf_str(&out)).p;
}

/* The template's check, and what it declares. */
static inline void project_load_template(struct project_load *l, const char *text)
{
    project_load_add(l, TEMPLATE, text);
    struct provider_file file = {.path = STR(TEMPLATE), .source = l->numbers[l->n_files - 1]};
    cb_project_check(&file, &l->facts, &l->d);
    cb_projects_read(l->a, &l->facts, NULL, &l->projects);
}

static inline void assert_text(struct str text, const char *expected)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_add(&b, text);
    assert_string_equal(buf_cstr(&b), expected);
}
