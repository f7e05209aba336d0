/*
 * gb_gate.c - a build is one leg: the machine it asks for, its time, and whether this one can run its images.
 */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

#include "core/buf.h"

#define LACKING_MAX 4 /* images and steps that are named; more are counted */

/* "e2-highcpu-8" of "E2_HIGHCPU_8". */
static struct str machine(struct arena *a, struct str type)
{
    if (type.n == 0)
        return STR("e2-standard-2");
    char *text = arena_alloc(a, type.n + 1);
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        text[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return str_of(text, type.n);
}

/* Images that nothing here stands in for, and the steps that need them. */
struct lacking {
    struct buf images, whys, steps;
    struct strs seen;
    size_t n_steps;
    struct str only; /* why, of the first */
};

static bool is_seen(const struct lacking *l, struct str image)
{
    for (size_t i = 0; i < l->seen.n; i++)
        if (str_eq(l->seen.p[i], image))
            return true;
    return false;
}

static void add_lacking(struct arena *a, struct lacking *l, size_t step, struct str image, const char *why)
{
    if (l->n_steps++ < LACKING_MAX)
        buf_printf(&l->steps, "%s#%zu", l->n_steps > 1 ? ", " : "", step);
    if (is_seen(l, image))
        return;
    vec_push_in(a, &l->seen, image);
    if (l->seen.n == 1)
        l->only = arena_cstr(a, why);
    if (l->seen.n > LACKING_MAX)
        return;
    buf_printf(&l->images, "%s%.*s", l->seen.n > 1 ? ", " : "", STR_ARG(image));
    buf_printf(&l->whys, "%s%.*s (%s)", l->seen.n > 1 ? "; " : "", STR_ARG(image), why);
}

static void lacking_done(struct lacking *l)
{
    buf_done(&l->images);
    buf_done(&l->whys);
    buf_done(&l->steps);
}

static void add_more(struct buf *b, size_t n)
{
    if (n > LACKING_MAX)
        buf_printf(b, " and %zu more", n - LACKING_MAX);
}

static void skip_leg(struct arena *a, struct leg *leg, struct lacking *l, bool all)
{
    add_more(&l->images, l->seen.n);
    add_more(&l->whys, l->seen.n);
    add_more(&l->steps, l->n_steps);
    struct str images = arena_str(a, buf_str(&l->images)), steps = buf_str(&l->steps), whys = buf_str(&l->whys);
    if (l->seen.n == 1)
        leg->skip = arena_printf(a, "step%s %.*s need%s the image %.*s, which this version cannot run: %.*s",
                                 l->n_steps > 1 ? "s" : "", STR_ARG(steps), l->n_steps > 1 ? "" : "s", STR_ARG(images),
                                 STR_ARG(l->only));
    else
        leg->skip =
            arena_printf(a, "steps %.*s need images that this version cannot run: %.*s", STR_ARG(steps), STR_ARG(whys));
    leg->lacks = images;
    leg->lacks_help = all ? STR("no step of the build can run here") : STR("--skip-unknown leaves such steps out");
}

/* All of them are told at once; a build whose every step would be left out is none, whatever was asked for. */
static void check_images(struct plan *p, struct leg *leg, const struct facts *f)
{
    const struct gb_model *m = p->model;
    struct lacking l = {.images = BUF(BUF_TEXT), .whys = BUF(BUF_TEXT), .steps = BUF(BUF_TEXT)};
    for (size_t i = 0; i < m->build->n_steps; i++) {
        struct str image = m->build->steps[i].name.text;
        struct gb_standin s;
        struct err e = {0};
        if (gb_standin_find(p->arena, image, f, &s, &e) < 0)
            add_lacking(p->arena, &l, i, image, e.text);
    }
    bool all = l.n_steps > 0 && l.n_steps == m->build->n_steps;
    if (l.n_steps > 0 && (all || !f->skip_unknown))
        skip_leg(p->arena, leg, &l, all);
    lacking_done(&l);
}

enum gate gb_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    const struct gb_model *m = p->model;
    UNUSED(preview);
    UNUSED(ret_why);
    if (j->n_legs > 0)
        return GATE_RUN;
    struct leg *leg = plan_add_leg(j, STR("build"), STR("build"));
    leg->label = machine(p->arena, m->build->options.machine_type);
    leg->timeout_ns = m->build->timeout_ns;
    check_images(p, leg, f);
    return GATE_RUN;
}
