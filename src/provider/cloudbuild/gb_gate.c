/*
 * gb_gate.c - a build is one leg: the machine it asks for, its time, and whether this one can run its images.
 */
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

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

/* The first step whose image nothing here stands in for says so for the whole build. */
static void check_images(struct plan *p, struct leg *leg, const struct facts *f)
{
    const struct gb_model *m = p->model;
    for (size_t i = 0; i < m->build->n_steps && leg->skip.n == 0; i++) {
        struct str image = m->build->steps[i].name.text;
        struct gb_standin s;
        struct err e = {0};
        if (gb_standin_find(p->arena, image, f, &s, &e) == 0)
            continue;
        leg->skip = arena_printf(p->arena, "step #%zu needs the image %.*s, which this version cannot run: %s", i,
                                 STR_ARG(image), e.text);
        leg->lacks = image;
        leg->lacks_help = STR("--skip-unknown leaves such steps out");
    }
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
    if (!f->skip_unknown)
        check_images(p, leg, f);
    return GATE_RUN;
}
