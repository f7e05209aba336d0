/*
 * gb_read_step.c - steps and volumes.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

#define EXIT_CODE_MAX 255

#define VOLUME(field) offsetof(struct gb_volume, field)
static const struct gb_key volume_keys[] = {
    {"name", GB_V_TEXT, VOLUME(name), 0, NULL},
    {"path", GB_V_TEXT, VOLUME(path), 0, NULL},
};

void gb_read_volume(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_volumes *list = into;
    struct gb_volume v = {.span = value->span};
    size_t before = r->d->errors;
    gb_read_message(r, value, volume_keys, ARRAY_LEN(volume_keys), &v);
    if (r->d->errors == before) /* of a broken one nothing more is to be said */
        vec_push_in(r->a, list, v);
}

static void read_exit_codes(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_step *s = into;
    const struct gb_place *up = r->place;
    size_t n = value->kind == DOC_SEQ ? value->seq.n : 1;
    s->allow_exit_codes = arena_alloc(r->a, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct gb_place item = {.up = up, .index = i};
        r->place = value->kind == DOC_SEQ ? &item : up;
        int64_t code = gb_read_number(r, value->kind == DOC_SEQ ? value->seq.p[i] : value, EXIT_CODE_MAX);
        if (code >= 0)
            s->allow_exit_codes[s->n_allow_exit_codes++] = (unsigned char)code;
    }
    r->place = up;
}

static void read_entrypoint(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_step *s = into;
    s->has_entrypoint = gb_read_text(r, value, &s->entrypoint) == 0;
}

static void read_script(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_step *s = into;
    s->has_script = gb_read_text(r, value, &s->script) == 0;
}

/* What nobody here keeps is said, not dropped in silence. */
static void read_results(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(value);
    UNUSED(into);
    diag_warning(r->d, "GB011", r->key->span, "results of steps are not kept by this version");
}

#define STEP(field) offsetof(struct gb_step, field)
static const struct gb_key step_keys[] = {
    {"name", GB_V_TEXT, STEP(name), 0, NULL},
    {"args", GB_V_TEXTS, STEP(args), 0, NULL},
    {"env", GB_V_TEXTS, STEP(env), 0, NULL},
    {"dir", GB_V_TEXT, STEP(dir), 0, NULL},
    {"id", GB_V_TEXT, STEP(id), 0, NULL},
    {"waitFor", GB_V_TEXTS, STEP(wait_for), 0, NULL},
    {"entrypoint", GB_V_CALL, 0, 0, read_entrypoint},
    {"secretEnv", GB_V_TEXTS, STEP(secret_env), 0, NULL},
    {"volumes", GB_V_LIST, STEP(volumes), 0, gb_read_volume},
    {"timeout", GB_V_DURATION, STEP(timeout_ns), STEP(timeout_span), NULL},
    {"script", GB_V_CALL, 0, 0, read_script},
    {"automapSubstitutions", GB_V_TRISTATE, STEP(automap), 0, NULL},
    {"allowFailure", GB_V_BOOL, STEP(allow_failure), 0, NULL},
    {"allowExitCodes", GB_V_CALL, 0, 0, read_exit_codes},
    {"results", GB_V_CALL, 0, 0, read_results},
    {"status", GB_V_OUTPUT, 0, 0, NULL},
    {"timing", GB_V_OUTPUT, 0, 0, NULL},
    {"pullTiming", GB_V_OUTPUT, 0, 0, NULL},
    {"exitCode", GB_V_OUTPUT, 0, 0, NULL},
};

void gb_read_step(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_build *b = into;
    struct gb_step s = {.span = value->span};
    size_t before = r->d->errors;
    gb_read_message(r, value, step_keys, ARRAY_LEN(step_keys), &s);
    s.told = r->d->errors != before;
    if (b->n_steps == b->cap_steps)
        b->steps = vec_grow_(r->a, b->steps, b->n_steps, &b->cap_steps, sizeof *b->steps);
    b->steps[b->n_steps++] = s;
}
