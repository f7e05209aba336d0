/*
 * cli/ci_list.c - what would run, for eyes and for programs.
 */
#include "cli/pipelines.h"

#include "core/utf8.h"
#include "plan/driver.h"

#define NAME_WIDTH 28

/*
 * Gates a job as a preview, once, behind its needs: one that is sure to be skipped takes others with it. What it adds
 * to the plan is chosen as a run would choose it.
 */
static enum gate preview(struct job *j, const struct facts *f, const struct choice *ch, struct str *why)
{
    *why = STR_NONE;
    if (j->n_legs > 0)
        return j->calls ? GATE_EXPAND : GATE_RUN;
    for (size_t i = 0; i < j->n_needs; i++)
        if (j->needs[i]->result == RESULT_NONE && preview(j->needs[i], f, ch, why) == GATE_SKIP)
            j->needs[i]->result = RESULT_SKIPPED;
    enum gate g = j->plan->driver->gate(j->plan, j, f, true, why);
    if (g == GATE_EXPAND)
        choice_added((void *)(uintptr_t)ch, j);
    return g;
}

/* What is listed goes by caller: NULL are the plan's own jobs. */
static bool is_listed(const struct job *j, const struct leg *caller)
{
    return j->wanted && j->caller == caller;
}

/* A name out of a file, on one line and without what a terminal would obey. */
static struct str shown(struct arena *a, struct str name)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0, n; i < name.n; i += n) {
        uint32_t cp = 0;
        n = utf8_decode(name, i, &cp);
        n = n == 0 ? 1 : n;
        bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
        buf_add(&b, control ? STR(" ") : str_of(name.p + i, n));
    }
    return arena_str(a, buf_str(&b));
}

static void pad(struct buf *b, struct str text, size_t width)
{
    buf_add(b, text);
    size_t w = utf8_width(text);
    if (w < width)
        buf_add_rep(b, ' ', width - w);
}

/* The first column; a name that is too long for it pushes the next one on. */
static void add_name(struct buf *b, struct str name)
{
    buf_add_cstr(b, "    ");
    pad(b, name, NAME_WIDTH);
    if (utf8_width(name) >= NAME_WIDTH)
        buf_add_cstr(b, "  ");
}

static void print(struct buf *b)
{
    fwrite(buf_cstr(b), 1, b->n, stdout);
    buf_clear(b);
}

static void needs_text(struct buf *b, const struct job *j)
{
    for (size_t i = 0; i < j->n_needs; i++)
        buf_printf(b, "%s%.*s", i == 0 ? "  needs " : ", ", STR_ARG(j->needs[i]->own_id));
}

static void end_line(struct buf *b)
{
    while (b->n > 0 && b->p[b->n - 1] == ' ')
        buf_cut(b, b->n - 1);
    buf_add_ch(b, '\n');
}

static void list_steps(struct cli *c, const struct pipelines *p, const struct job *j)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < j->n_steps; i++) {
        struct place at = sources_place(p->sources, j->steps[i].span);
        struct str name = shown(c->arena, j->steps[i].name);
        buf_printf(&b, "        %2zu. %.*s", i + 1, STR_ARG(name));
        if (at.line > 0)
            buf_printf(&b, "%s  %.*s:%u%s", c->colour_out ? "\033[2m" : "", STR_ARG(at.file), at.line,
                       c->colour_out ? "\033[0m" : "");
        buf_add_ch(&b, '\n');
    }
    print(&b);
}

/* What all lines of one listing have in common. */
struct listing {
    struct cli *c;
    const struct pipelines *p;
    const struct facts *f;
    const struct choice *choice;
    bool steps;
};

static void list_jobs(const struct listing *l, const struct plan *plan, const struct leg *caller);

static bool is_chosen(const struct choice *ch, const struct leg *leg)
{
    return choice_leg((void *)(uintptr_t)ch, leg);
}

/* A line of its own, and the jobs of its call below. */
static void list_call(const struct listing *l, const struct leg *leg)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (!is_chosen(l->choice, leg))
        return;
    add_name(&b, shown(l->c->arena, leg->name));
    buf_printf(&b, "calls %.*s", STR_ARG(leg->job->target));
    needs_text(&b, leg->job);
    end_line(&b);
    print(&b);
    list_jobs(l, leg->job->plan, leg);
}

static void list_leg(const struct listing *l, const struct leg *leg)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (!is_chosen(l->choice, leg))
        return;
    add_name(&b, shown(l->c->arena, leg->name));
    pad(&b, leg->label, 14);
    if (leg->skip.n > 0)
        buf_printf(&b, "  skipped: %.*s", STR_ARG(leg->skip));
    needs_text(&b, leg->job);
    end_line(&b);
    print(&b);
}

static void list_job(const struct listing *l, struct job *j)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str why;
    enum gate g = preview(j, l->f, l->choice, &why);
    if (g == GATE_SKIP || g == GATE_FAIL) {
        add_name(&b, j->caller != NULL ? j->name : j->id);
        buf_printf(&b, "%s: %.*s\n", g == GATE_SKIP ? "skipped" : "fails", STR_ARG(why));
        print(&b);
        return;
    }
    for (size_t i = 0; i < j->n_legs; i++) {
        if (g == GATE_EXPAND)
            list_call(l, j->legs[i]);
        else
            list_leg(l, j->legs[i]);
    }
    if (j->n_legs == 0)
        buf_printf(&b, "    %.*s  (its matrix is known when what it needs has run)\n", STR_ARG(j->id));
    print(&b);
    if (l->steps)
        list_steps(l->c, l->p, j);
}

static void list_jobs(const struct listing *l, const struct plan *plan, const struct leg *caller)
{
    for (size_t k = 0; k < plan->n_jobs; k++)
        if (is_listed(plan->jobs[k], caller))
            list_job(l, plan->jobs[k]);
}

void list_plans(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch, bool steps)
{
    const char *bold = c->colour_out ? "\033[1m" : "", *plain = c->colour_out ? "\033[0m" : "";
    const struct listing l = {c, p, f, ch, steps};
    for (size_t i = 0; i < p->n; i++) {
        const struct pipeline *pl = &p->p[i];
        printf("%s%s  %.*s%s  %.*s  %s: %.*s\n", bold, pl->provider->name, STR_ARG(pl->plan->name), plain,
               STR_ARG(pl->path), pl->verdict.starts ? "starts" : "does not start", STR_ARG(pl->verdict.why));
        if (!pl->verdict.starts)
            continue;
        list_jobs(&l, pl->plan, NULL);
    }
}

/*
 * Depth of every job: the longest chain of needs behind it, among the jobs of its call. A cycle was refused when the
 * file was read.
 */
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

static void graph_jobs(struct buf *b, const struct listing *l, const struct plan *plan, const struct leg *caller,
                       size_t indent);

/* The longest chain of waits behind each step; a step waits for earlier ones only. */
static unsigned *step_depths(struct arena *a, const struct job *j)
{
    unsigned *depth = arena_array(a, j->n_steps + 1, sizeof *depth);
    for (size_t i = 0; i < j->n_steps; i++)
        for (size_t k = 0; k < j->steps[i].n_waits; k++) {
            MUST(j->steps[i].waits[k] < i);
            if (depth[i] <= depth[j->steps[i].waits[k]])
                depth[i] = depth[j->steps[i].waits[k]] + 1;
        }
    return depth;
}

/* What a step waits for, without what its own waits wait for already. */
static void add_waits(struct buf *b, struct arena *a, const struct job *j, const unsigned *depth, const struct step *s,
                      unsigned of)
{
    for (size_t i = 0, n = 0; i < s->n_waits; i++) {
        const struct step *other = &j->steps[s->waits[i]];
        struct str name = shown(a, other->id.n > 0 ? other->id : other->name);
        if (depth[s->waits[i]] + 1 == of)
            buf_printf(b, "%s%.*s", n++ == 0 ? " <- " : ", ", STR_ARG(name));
    }
}

/* Steps that are a graph, below their job. */
static void graph_steps(struct buf *b, struct arena *a, const struct job *j, size_t indent)
{
    if (j->n_steps == 0 || !j->steps[0].in_graph)
        return;
    const unsigned *depth = step_depths(a, j);
    for (unsigned d = 0, found = 1; found > 0; d++) {
        found = 0;
        for (size_t i = 0; i < j->n_steps; i++) {
            const struct step *s = &j->steps[i];
            if (depth[i] != d)
                continue;
            struct str name = shown(a, s->id.n > 0 ? s->id : s->name);
            buf_add_rep(b, ' ', indent + (size_t)d * 4);
            buf_printf(b, "[%.*s]", STR_ARG(name));
            add_waits(b, a, j, depth, s, d);
            buf_add_ch(b, '\n');
            found++;
        }
    }
}

/* "build/test": a job of a call, whatever the leg. */
static void add_path(struct buf *b, const struct job *j)
{
    if (j->caller != NULL) {
        add_path(b, j->caller->job);
        buf_add_ch(b, '/');
    }
    buf_add(b, j->own_id);
}

static void graph_job(struct buf *b, const struct listing *l, struct job *j, size_t indent)
{
    struct str why;
    enum gate g = preview(j, l->f, l->choice, &why);
    buf_add_rep(b, ' ', indent);
    buf_add_ch(b, '[');
    add_path(b, j);
    if (j->n_legs > 1)
        buf_printf(b, " x%zu", j->n_legs);
    buf_add_ch(b, ']');
    for (size_t i = 0; i < j->n_needs; i++)
        buf_printf(b, "%s%.*s", i == 0 ? " <- " : ", ", STR_ARG(j->needs[i]->own_id));
    if (j->calls)
        buf_printf(b, "  calls %.*s", STR_ARG(j->target));
    buf_add_ch(b, '\n');
    graph_steps(b, l->c->arena, j, indent + 4);
    if (g == GATE_EXPAND) /* the jobs of one leg are those of all */
        graph_jobs(b, l, j->plan, j->legs[0], indent + 2);
}

static void graph_jobs(struct buf *b, const struct listing *l, const struct plan *plan, const struct leg *caller,
                       size_t indent)
{
    const unsigned *depths = depths_of(l->c->arena, plan);
    size_t n = plan->n_jobs; /* calls add more while they are drawn */
    for (unsigned depth = 0, found = 1; found > 0; depth++) {
        found = 0;
        for (size_t k = 0; k < n; k++)
            if (depths[k] == depth && plan->jobs[k]->caller == caller) {
                graph_job(b, l, plan->jobs[k], indent + (size_t)depth * 4);
                found++;
            }
    }
}

void list_graph(struct cli *c, const struct pipelines *p, const struct facts *f, const struct choice *ch)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    const struct listing l = {c, p, f, ch, false};
    for (size_t i = 0; i < p->n; i++) {
        const struct plan *plan = p->p[i].plan;
        if (!p->p[i].verdict.starts)
            continue;
        printf("%.*s (%.*s)\n", STR_ARG(plan->name), STR_ARG(plan->file));
        graph_jobs(&b, &l, plan, NULL, 2);
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

static void json_legs(struct buf *b, const struct job *j, const struct choice *ch)
{
    bool first = true;
    for (size_t i = 0; i < j->n_legs; i++) {
        if (!is_chosen(ch, j->legs[i]))
            continue;
        buf_add_cstr(b, first ? "" : ",");
        json_leg(b, j->legs[i]);
        first = false;
    }
}

static void json_job(struct buf *b, struct job *j, const struct facts *f, const struct choice *ch)
{
    static const char *const gates[] = {
        [GATE_RUN] = "run", [GATE_EXPAND] = "run", [GATE_SKIP] = "skip", [GATE_FAIL] = "fail"};
    struct str why;
    enum gate g = preview(j, f, ch, &why);
    buf_add_ch(b, '{');
    json_field(b, "id", j->id);
    if (j->calls) {
        buf_add_ch(b, ',');
        json_field(b, "calls", j->target);
    }
    if (j->caller != NULL) {
        buf_add_ch(b, ',');
        json_field(b, "caller", j->caller->id);
    }
    buf_add_cstr(b, ",\"needs\":[");
    for (size_t i = 0; i < j->n_needs; i++) {
        buf_add_cstr(b, i > 0 ? "," : "");
        buf_add_json(b, j->needs[i]->id);
    }
    buf_printf(b, "],\"gate\":\"%s\",", gates[g]);
    json_field(b, "why", why);
    buf_add_cstr(b, ",\"legs\":[");
    json_legs(b, j, ch);
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
        struct place at = sources_place(p->sources, pl->verdict.rule);
        const char *sgr = !c->colour_out ? "" : pl->verdict.starts ? "\033[32m" : "\033[33m";
        buf_printf(&b, "%s%s%s  %s  %.*s", sgr, pl->verdict.starts ? "starts        " : "does not start",
                   c->colour_out ? "\033[0m" : "", pl->provider->name, STR_ARG(pl->path));
        if (at.line > 0 && str_eq(at.file, pl->path))
            buf_printf(&b, ":%u", at.line);
        else if (at.line > 0) /* a file around it decides */
            buf_printf(&b, " (%.*s:%u)", STR_ARG(at.file), at.line);
        buf_printf(&b, "  %.*s\n", STR_ARG(pl->verdict.why));
    }
    print(&b);
}

/* Says once which services have nothing to expand. */
static void say_unexpanded(struct cli *c, const struct pipelines *p)
{
    CLEAN(buf) struct buf names = BUF(BUF_LINE);
    for (const struct provider *const *v = providers(); *v; v++)
        for (size_t i = 0; i < p->n && !(*v)->print; i++)
            if (p->p[i].provider == *v) {
                buf_printf(&names, "%s%s", names.n > 0 ? ", " : "", (*v)->title);
                break;
            }
    if (names.n > 0)
        say_warning(c, "pipelines of %s have no expanded form and are left out", buf_cstr(&names));
}

int list_expanded(struct cli *c, const struct pipelines *p)
{
    CLEAN(buf) struct buf b = BUF((size_t)64 << 20);
    size_t n = 0, done = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->p[i].provider->print != NULL;
    for (size_t i = 0; i < p->n; i++) {
        const struct pipeline *pl = &p->p[i];
        if (!pl->provider->print)
            continue;
        if (n > 1)
            buf_printf(&b, "%s# %.*s\n", done++ > 0 ? "---\n" : "", STR_ARG(shown(c->arena, pl->path)));
        if (pl->provider->print(pl->plan, &b) < 0) {
            say_error(c, "%.*s: the expanded pipeline is too large to be printed", STR_ARG(pl->path));
            return EXIT_USAGE;
        }
    }
    print(&b);
    say_unexpanded(c, p);
    return EXIT_PASSED;
}
