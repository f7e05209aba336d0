/*
 * gb_validate_steps.c - steps: their number, names, ids and what they wait for, the sizes of what they hold.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/cloudbuild/gb_validate_priv.h"

/* ---- sizes ---- */

static void check_length(const struct gb_text *t, uint64_t max, struct str label, const char *what, struct diags *d)
{
    uint64_t n = gb_characters(t->text);
    if (n > max)
        diag_error(d, "GB022", t->node->span, "%.*s: %s has %llu characters, and at most %llu are allowed",
                   STR_ARG(label), what, (unsigned long long)n, (unsigned long long)max);
}

static void check_number(const struct gb_texts *t, size_t max, struct str label, const char *what, struct diags *d)
{
    if (t->n > max)
        diag_error(d, "GB022", t->p[max].node->span, "%.*s has %zu %s, and at most %zu are allowed", STR_ARG(label),
                   t->n, what, max);
}

static void check_sizes(const struct gb_step *s, struct str label, struct diags *d)
{
    check_length(&s->name, GB_NAME_LENGTH, label, "its name", d);
    check_number(&s->args, GB_ARGS_MAX, label, "args", d);
    for (size_t i = 0; i < s->args.n; i++)
        check_length(&s->args.p[i], GB_ARG_LENGTH, label, "an argument", d);
    check_length(&s->dir, GB_NAME_LENGTH, label, "dir", d);
}

/* ---- what runs ---- */

static void check_script(const struct gb_step *s, struct str label, struct diags *d)
{
    if (!s->has_script || (s->args.n == 0 && !s->has_entrypoint))
        return;
    const struct gb_text *other = s->has_entrypoint ? &s->entrypoint : &s->args.p[0];
    diag_error(d, "GB024", s->script.node->span, "%.*s has a script, so it cannot have %s", STR_ARG(label),
               s->has_entrypoint ? "an entrypoint" : "args");
    diag_note(d, "GB024", other->node->span, "which stands here");
    diag_hint(d, "a script says what runs it in its first line: #!/usr/bin/env bash");
}

/* Images whose containers run their first argument, be it an option (node's entrypoint hands options to node). */
static bool has_no_entrypoint(struct str image)
{
    static const char *const names[] = {"ubuntu", "debian", "alpine", "busybox", "python", "golang", "gcc"};
    struct str name, tag;
    str_cut(image, ':', &name, &tag);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static void check_first_argument(const struct gb_step *s, struct str label, struct diags *d)
{
    if (s->has_entrypoint || s->args.n == 0 || !str_starts(s->args.p[0].text, STR("-")) ||
        !has_no_entrypoint(s->name.text))
        return;
    diag_warning(d, "GB026", s->args.p[0].node->span,
                 "%.*s: the image '%.*s' has no entrypoint, so '%.*s' is run as a "
                 "program",
                 STR_ARG(label), STR_ARG(s->name.text), STR_ARG(s->args.p[0].text));
    if (str_is(s->args.p[0].text, "-c"))
        diag_hint(d, "add `entrypoint: bash` (or sh)");
}

/* ---- ids ---- */

struct ids {
    const struct gb_build *b;
    struct map known; /* id -> struct gb_text *, of the steps so far */
    struct diags *d;
};

static bool is_further_down(const struct ids *x, size_t i, struct str id)
{
    for (size_t k = i; k < x->b->n_steps; k++)
        if (str_eq(x->b->steps[k].id.text, id))
            return true;
    return false;
}

static void hint_id(const struct ids *x, struct str id)
{
    const char *words[GB_STEPS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < x->known.n && n < ARRAY_LEN(words); i++)
        words[n++] = arena_str(x->d->arena, x->known.entries[i].key).p;
    struct str near = suggest(id, words, n);
    if (near.n > 0)
        diag_hint(x->d, "did you mean '%.*s'?", STR_ARG(near));
}

static void check_waits(const struct ids *x, size_t i, struct str label)
{
    const struct gb_step *s = &x->b->steps[i];
    const struct gb_text *dash = NULL;
    size_t others = 0;
    for (size_t k = 0; k < s->wait_for.n; k++) {
        const struct gb_text *t = &s->wait_for.p[k];
        bool is_dash = str_is(t->text, "-");
        if (is_dash)
            dash = t;
        others += !is_dash;
        if (is_dash || map_find(&x->known, t->text) != NULL)
            continue;
        bool later = is_further_down(x, i, t->text);
        diag_error(x->d, "GB021", t->node->span, "%.*s waits for '%.*s', %s", STR_ARG(label), STR_ARG(t->text),
                   !later                        ? "and no step above it has that id"
                   : str_eq(s->id.text, t->text) ? "which is itself"
                                                 : "which stands further down");
        if (later && !str_eq(s->id.text, t->text))
            diag_hint(x->d, "steps wait for steps above them: move it up");
        else
            hint_id(x, t->text);
    }
    if (dash != NULL && others > 0)
        diag_warning(x->d, "GB025", dash->node->span, "%.*s: beside ids the '-' has no effect", STR_ARG(label));
}

static void take_id(struct ids *x, size_t i)
{
    const struct gb_text *id = &x->b->steps[i].id;
    if (id->text.n == 0)
        return;
    const struct gb_text *first = map_get(&x->known, id->text);
    if (str_is(id->text, "-")) {
        diag_error(x->d, "GB020", id->node->span, "a step cannot have the id '-'");
        diag_hint(x->d, "in waitFor it means: wait for nothing");
    } else if (first != NULL) {
        diag_error(x->d, "GB020", id->node->span, "two steps have the id '%.*s'", STR_ARG(id->text));
        diag_note(x->d, "GB020", first->node->span, "the first one");
    } else {
        map_set(&x->known, id->text, (void *)(uintptr_t)id);
    }
}

static void check_step(struct ids *x, size_t i)
{
    const struct gb_step *s = &x->b->steps[i];
    struct str label = gb_say_step(x->d->arena, x->b, i);
    if (s->name.text.n == 0 && !s->told) {
        diag_error(x->d, "GB018", gb_at(&s->name, s->span), "%.*s has no name: which image does it run?",
                   STR_ARG(label));
        if (s->id.text.n > 0)
            diag_hint(x->d, "`name` is the image; what a step is called is its `id`");
    }
    check_sizes(s, label, x->d);
    check_script(s, label, x->d);
    check_first_argument(s, label, x->d);
    check_waits(x, i, label);
    take_id(x, i);
}

void gb_check_steps(const struct gb_build *b, struct diags *d)
{
    struct ids x = {.b = b, .d = d};
    if (b->n_steps == 0 && !b->steps_told)
        diag_error(d, "GB015", (struct span){b->span.file, b->span.off, 0}, "a build needs at least one step");
    if (b->n_steps > GB_STEPS_MAX)
        diag_error(d, "GB015", b->steps[GB_STEPS_MAX].span, "the build has %zu steps, and at most %d are allowed",
                   b->n_steps, GB_STEPS_MAX);
    map_init(&x.known, d->arena, MAP_CASE);
    for (size_t i = 0; i < b->n_steps; i++)
        check_step(&x, i);
}

/* ---- env ---- */

static void check_entries(const struct gb_texts *env, struct str label, struct diags *d)
{
    check_number(env, GB_ENV_MAX, label, "variables", d);
    for (size_t i = 0; i < env->n; i++) {
        const struct gb_text *t = &env->p[i];
        if (t->text.n > GB_ENV_LENGTH)
            diag_error(d, "GB022", t->node->span, "%.*s: a variable has more than %d bytes", STR_ARG(label),
                       GB_ENV_LENGTH);
        if (str_find_ch(t->text, '=') >= 0)
            continue;
        diag_error(d, "GB023", t->node->span, "%.*s: a variable is KEY=VALUE, and this has no =", STR_ARG(label));
        ssize_t colon = str_find_ch(t->text, ':');
        if (colon > 0)
            diag_hint(d, "write '%.*s=%.*s'", (int)colon, t->text.p,
                      STR_ARG(str_trim(str_from_index(t->text, (size_t)colon + 1))));
    }
}

void gb_check_env(const struct gb_build *b, struct diags *d)
{
    check_entries(&b->options.env, STR("options"), d);
    for (size_t i = 0; i < b->n_steps; i++)
        check_entries(&b->steps[i].env, gb_say_step(d->arena, b, i), d);
}
