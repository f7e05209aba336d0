/*
 * gb_subst_apply.c - the fields of a build where the service puts substitutions.
 *
 * subst.go [S] has options.env, the worker pool, name, args, env, dir and entrypoint of steps, images, tags, logsBucket
 * and artifacts. Secret versions and the service account are the documentation's [D]; volumes and packages a guess [R].
 * Not script, id, waitFor and timeouts.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_subst_priv.h"

struct walk {
    void (*visit)(void *ctx, struct gb_text *field);
    void *ctx;
};

static void one(const struct walk *w, struct gb_text *field)
{
    if (field->node != NULL)
        w->visit(w->ctx, field);
}

static void all(const struct walk *w, struct gb_texts *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        one(w, &fields->p[i]);
}

static void volumes(const struct walk *w, struct gb_volumes *list)
{
    for (size_t i = 0; i < list->n; i++) {
        one(w, &list->p[i].name);
        one(w, &list->p[i].path);
    }
}

static void steps(const struct walk *w, struct gb_build *b)
{
    for (size_t i = 0; i < b->n_steps; i++) {
        struct gb_step *s = &b->steps[i];
        one(w, &s->name);
        all(w, &s->args);
        all(w, &s->env);
        one(w, &s->dir);
        one(w, &s->entrypoint);
        volumes(w, &s->volumes);
    }
}

static void secrets(const struct walk *w, struct gb_build *b)
{
    for (size_t i = 0; i < b->n_secrets; i++) {
        struct gb_text version = {b->secrets[i].version, b->secrets[i].version_node};
        one(w, &version);
        b->secrets[i].version = version.text;
    }
}

void gb_each_field(struct gb_build *b, void (*visit)(void *ctx, struct gb_text *field), void *ctx)
{
    struct walk w = {visit, ctx};
    all(&w, &b->options.env);
    one(&w, &b->options.worker_pool);
    volumes(&w, &b->options.volumes);
    steps(&w, b);
    all(&w, &b->images);
    all(&w, &b->tags);
    one(&w, &b->logs_bucket);
    all(&w, &b->artifact_images);
    one(&w, &b->objects.location);
    all(&w, &b->objects.paths);
    for (size_t i = 0; i < b->n_packages; i++) {
        one(&w, &b->packages[i].repository);
        all(&w, &b->packages[i].paths);
    }
    one(&w, &b->service_account);
    secrets(&w, b);
    all(&w, &b->others);
}

struct apply {
    const struct gb_values *v;
    struct diags *d;
};

static void apply(void *ctx, struct gb_text *field)
{
    const struct apply *x = ctx;
    struct err e = {0};
    if (gb_substitute_text(x->v, field->text, &field->text, &e) < 0)
        diag_error(x->d, "GB056", field->node->span, "%s", e.text);
}

void gb_substitute(struct gb_build *build, const struct gb_values *v, struct diags *d)
{
    struct apply x = {v, d};
    gb_each_field(build, apply, &x);
}
