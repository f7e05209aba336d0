/*
 * cli/ci_list.c - what would run, for eyes and for programs.
 */
#include "cli/pipelines.h"

#include "core/utf8.h"
#include "plan/driver.h"

/* Gates a job as a preview, once. */
static enum gate preview(struct job *j, const struct facts *f, struct str *why)
{
    *why = STR_NONE;
    if (j->n_legs > 0)
        return GATE_RUN;
    return j->plan->driver->gate(j->plan, j, f, true, why);
}

static void pad(struct buf *b, struct str text, size_t width)
{
    buf_add(b, text);
    size_t w = utf8_width(text);
    if (w < width)
        buf_add_rep(b, ' ', width - w);
}

static void print(struct buf *b)
{
    fwrite(buf_cstr(b), 1, b->n, stdout);
    buf_clear(b);
}

static void needs_text(struct buf *b, const struct job *j)
{
    for (size_t i = 0; i < j->n_needs; i++)
        buf_printf(b, "%s%.*s", i == 0 ? "  needs " : ", ", STR_ARG(j->needs[i]->id));
}

static void list_steps(struct cli *c, const struct pipelines *p, const struct job *j)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < j->n_steps; i++) {
        struct place at = sources_place(p->sources, j->steps[i].span);
        buf_printf(&b, "        %2zu. %.*s", i + 1, STR_ARG(j->steps[i].name));
        if (at.line > 0)
            buf_printf(&b, "%s  %.*s:%u%s", c->colour_out ? "\033[2m" : "", STR_ARG(at.file), at.line,
                       c->colour_out ? "\033[0m" : "");
        buf_add_ch(&b, '\n');
    }
    print(&b);
}

static void list_job(struct cli *c, const struct pipelines *p, struct job *j, const struct facts *f,
                     const struct choice *ch, bool steps)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str why;
    enum gate g = preview(j, f, &why);
    if (g != GATE_RUN) {
        buf_add_cstr(&b, "    ");
        pad(&b, j->id, 28);
        buf_printf(&b, "%s: %.*s\n", g == GATE_SKIP ? "skipped" : "fails", STR_ARG(why));
        print(&b);
        return;
    }
    for (size_t i = 0; i < j->n_legs; i++) {
        struct leg *leg = j->legs[i];
        struct choice *mutable_choice = (struct choice *)(uintptr_t)ch;
        if (!choice_leg(mutable_choice, leg))
            continue;
        buf_add_cstr(&b, "    ");
        pad(&b, leg->name, 28);
        pad(&b, leg->label, 14);
        if (leg->skip.n > 0)
            buf_printf(&b, "  skipped: %.*s", STR_ARG(leg->skip));
        needs_text(&b, j);
        while (b.n > 0 && b.p[b.n - 1] == ' ')
            buf_cut(&b, b.n - 1);
        buf_add_ch(&b, '\n');
    }
    if (j->n_legs == 0)
        buf_printf(&b, "    %.*s  (its matrix is known when what it needs has run)\n", STR_ARG(j->id));
    print(&b);
    if (steps)
        list_steps(c, p, j);
}

void list_plans(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch, bool steps)
{
    const char *bold = c->colour_out ? "\033[1m" : "", *plain = c->colour_out ? "\033[0m" : "";
    for (size_t i = 0; i < p->n; i++) {
        const struct pipeline *pl = &p->p[i];
        if (pl->plan == NULL)
            continue;
        printf("%s%s  %.*s%s  %.*s  %s: %.*s\n", bold, pl->provider->name, STR_ARG(pl->plan->name), plain,
               STR_ARG(pl->path), pl->verdict.starts ? "starts" : "does not start", STR_ARG(pl->verdict.why));
        if (!pl->verdict.starts)
            continue;
        for (size_t k = 0; k < pl->plan->n_jobs; k++)
            if (pl->plan->jobs[k]->wanted)
                list_job(c, p, pl->plan->jobs[k], f, ch, steps);
    }
}

/* Depth of every job: the longest chain of needs behind it. A cycle was refused when the file was read. */
static unsigned *depths_of(struct arena *a, const struct plan *p)
{
    unsigned *depth = arena_array(a, p->n_jobs + 1, sizeof *depth);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->n_jobs; i++)
            for (size_t k = 0; k < p->jobs[i]->n_needs; k++)
                if (depth[i] <= depth[p->jobs[i]->needs[k]->index]) {
                    depth[i] = depth[p->jobs[i]->needs[k]->index] + 1;
                    changed = true;
                }
    }
    return depth;
}

static void graph_job(struct buf *b, struct job *j, const struct facts *f)
{
    struct str why;
    enum gate g = preview(j, f, &why);
    buf_printf(b, "[%.*s", STR_ARG(j->id));
    if (g == GATE_RUN && j->n_legs > 1)
        buf_printf(b, " x%zu", j->n_legs);
    buf_add_ch(b, ']');
    for (size_t i = 0; i < j->n_needs; i++)
        buf_printf(b, "%s%.*s", i == 0 ? " <- " : ", ", STR_ARG(j->needs[i]->id));
    buf_add_ch(b, '\n');
}

void list_graph(struct cli *c, const struct pipelines *p, const struct facts *f)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < p->n; i++) {
        const struct plan *plan = p->p[i].plan;
        if (plan == NULL || !p->p[i].verdict.starts)
            continue;
        printf("%.*s (%.*s)\n", STR_ARG(plan->name), STR_ARG(plan->file));
        const unsigned *depths = depths_of(c->arena, plan);
        for (unsigned depth = 0, found = 1; found > 0; depth++) {
            found = 0;
            for (size_t k = 0; k < plan->n_jobs; k++)
                if (depths[k] == depth) {
                    buf_add_rep(&b, ' ', 2 + (size_t)depth * 4);
                    graph_job(&b, plan->jobs[k], f);
                    found++;
                }
        }
        print(&b);
    }
}

static void json_field(struct buf *b, const char *name, struct str text)
{
    buf_printf(b, "\"%s\":", name);
    buf_add_json(b, text);
}

static void json_leg(struct buf *b, const struct leg *leg)
{
    buf_add_ch(b, '{');
    json_field(b, "id", leg->id);
    buf_add_ch(b, ',');
    json_field(b, "name", leg->name);
    buf_add_ch(b, ',');
    json_field(b, "label", leg->label);
    if (leg->skip.n > 0) {
        buf_add_ch(b, ',');
        json_field(b, "skipped", leg->skip);
    }
    buf_add_cstr(b, ",\"matrix\":{");
    for (size_t i = 0; i < leg->matrix.n; i++) {
        const struct str *v = leg->matrix.entries[i].value;
        buf_add_cstr(b, i > 0 ? "," : "");
        buf_add_json(b, leg->matrix.entries[i].key);
        buf_add_ch(b, ':');
        buf_add_json(b, *v);
    }
    buf_add_cstr(b, "}}");
}

static void json_job(struct buf *b, struct job *j, const struct facts *f, const struct choice *ch)
{
    struct str why;
    enum gate g = preview(j, f, &why);
    buf_add_ch(b, '{');
    json_field(b, "id", j->id);
    buf_add_cstr(b, ",\"needs\":[");
    for (size_t i = 0; i < j->n_needs; i++) {
        buf_add_cstr(b, i > 0 ? "," : "");
        buf_add_json(b, j->needs[i]->id);
    }
    buf_printf(b, "],\"gate\":\"%s\",", g == GATE_RUN ? "run" : g == GATE_SKIP ? "skip" : "fail");
    json_field(b, "why", why);
    buf_add_cstr(b, ",\"legs\":[");
    bool first = true;
    for (size_t i = 0; i < j->n_legs; i++) {
        struct choice *mutable_choice = (struct choice *)(uintptr_t)ch;
        if (!choice_leg(mutable_choice, j->legs[i]))
            continue;
        buf_add_cstr(b, first ? "" : ",");
        json_leg(b, j->legs[i]);
        first = false;
    }
    buf_add_cstr(b, "],\"steps\":[");
    for (size_t i = 0; i < j->n_steps; i++) {
        buf_add_cstr(b, i > 0 ? "," : "");
        buf_add_json(b, j->steps[i].name);
    }
    buf_add_cstr(b, "]}");
}

void list_json(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch)
{
    UNUSED(c);
    CLEAN(buf) struct buf b = BUF((size_t)64 << 20);
    buf_add_cstr(&b, "{\"pipelines\":[");
    bool first = true;
    for (size_t i = 0; i < p->n; i++) {
        const struct pipeline *pl = &p->p[i];
        if (pl->plan == NULL)
            continue;
        buf_add_cstr(&b, first ? "{" : ",{");
        first = false;
        json_field(&b, "service", pl->plan->service);
        buf_add_ch(&b, ',');
        json_field(&b, "name", pl->plan->name);
        buf_add_ch(&b, ',');
        json_field(&b, "file", pl->path);
        buf_printf(&b, ",\"starts\":%s,", pl->verdict.starts ? "true" : "false");
        json_field(&b, "why", pl->verdict.why);
        buf_add_cstr(&b, ",\"jobs\":[");
        for (size_t k = 0, shown = 0; k < pl->plan->n_jobs && pl->verdict.starts; k++)
            if (pl->plan->jobs[k]->wanted) {
                buf_add_cstr(&b, shown++ > 0 ? "," : "");
                json_job(&b, pl->plan->jobs[k], f, ch);
            }
        buf_add_cstr(&b, "]}");
    }
    buf_add_cstr(&b, "]}\n");
    print(&b);
}

void list_why(struct cli *c, const struct pipelines *p)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < p->n; i++) {
        const struct pipeline *pl = &p->p[i];
        if (pl->plan == NULL)
            continue;
        struct place at = sources_place(p->sources, pl->verdict.rule);
        const char *sgr = !c->colour_out ? "" : pl->verdict.starts ? "\033[32m" : "\033[33m";
        buf_printf(&b, "%s%s%s  %s  %.*s", sgr, pl->verdict.starts ? "starts        " : "does not start",
                   c->colour_out ? "\033[0m" : "", pl->provider->name, STR_ARG(pl->path));
        if (at.line > 0)
            buf_printf(&b, ":%u", at.line);
        buf_printf(&b, "  %.*s\n", STR_ARG(pl->verdict.why));
    }
    print(&b);
}
