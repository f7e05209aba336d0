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

enum gate gb_gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    const struct gb_model *m = p->model;
    UNUSED(f);
    UNUSED(preview);
    UNUSED(ret_why);
    struct leg *leg = plan_add_leg(j, STR("build"), STR("build"));
    leg->label = machine(p->arena, m->build->options.machine_type);
    leg->timeout_ns = m->build->timeout_ns;
    return GATE_RUN;
}
