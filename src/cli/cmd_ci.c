/*
 * cli/cmd_ci.c - `slipway ci`: runs what an event would start; `slipway why`: says what it would start.
 */
#include "cli/ci_priv.h"
#include "cli/man.h"

#include "core/path.h"
#include "sys/clock.h"

static const char ci_more[] =
    "EVENT is push (the default), pull_request, manual (workflow_dispatch), schedule or any other event of the\n"
    "service; SERVICE is github, codebuild, cloudbuild or azure (default: all of them). Every pipeline that the event\n"
    "would start runs, each job in a sandbox of its own on this machine. The work tree is shown to jobs copy-on-write, "
    "with\n"
    "uncommitted changes and without what git ignores; it is never written to.\n"
    "\n"
    "exit: 0 passed, 1 a job failed, 2 usage or an unreadable file, 3 nothing could run here, 4 skipped under "
    "--strict,\n"
    "130 interrupted.";

static size_t starting(const struct ci_run *r, struct plan **plans)
{
    size_t n = 0;
    for (size_t i = 0; i < r->pipelines.n; i++)
        if (r->pipelines.p[i].verdict.starts)
            plans[n++] = r->pipelines.p[i].plan;
    return n;
}

/* Where the services asked for, else all, have their files. */
static struct str places_of(struct ci_run *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (const struct provider *const *p = providers(); *p != NULL; p++) {
        bool asked = r->services.n == 0;
        for (size_t i = 0; i < r->services.n; i++)
            asked = asked || str_is(r->services.p[i], (*p)->name);
        for (const char *const *g = (*p)->globs; asked && *g != NULL; g++)
            buf_printf(&b, "%s%s", b.n > 0 ? ", " : "", *g);
    }
    return arena_str(r->a, buf_str(&b));
}

static int nothing_starts(struct ci_run *r)
{
    const struct change *ch = &r->facts.change;
    if (r->pipelines.n_files == 0) {
        say_error(r->cli, "no pipeline files in %.*s: looked for %.*s", STR_ARG(r->facts.repo.root),
                  STR_ARG(places_of(r)));
        return EXIT_USAGE;
    }
    printf("%.*s of %.*s starts nothing:\n", STR_ARG(ch->event), STR_ARG(ch->tag.n > 0 ? ch->tag : ch->branch));
    list_why(r->cli, &r->pipelines);
    return EXIT_PASSED;
}

/* -k: fail-fast never cancels. */
static void forgive(struct plan **plans, size_t n, bool keep_going)
{
    for (size_t i = 0; i < n && keep_going; i++)
        for (size_t k = 0; k < plans[i]->n_jobs; k++)
            plans[i]->jobs[k]->keep_going = true;
}

static int listed(struct ci_run *r)
{
    if (r->o->validate) {
        printf("%zu pipeline file%s, no error\n", r->pipelines.n_files, r->pipelines.n_files == 1 ? "" : "s");
        return EXIT_PASSED;
    }
    if (r->o->expanded)
        return list_expanded(r->cli, &r->pipelines);
    if (r->o->json)
        list_json(r->cli, &r->pipelines, &r->facts, &r->choice);
    else if (r->o->why)
        list_why(r->cli, &r->pipelines);
    else if (r->o->graph)
        list_graph(r->cli, &r->pipelines, &r->facts, &r->choice);
    else
        list_plans(r->cli, &r->pipelines, &r->facts, &r->choice, r->o->dry);
    return EXIT_PASSED;
}

static int go(struct ci_run *r)
{
    struct err err = {0};
    if (pipelines_read(r->cli, &r->facts, r->services, r->o->file, &r->pipelines, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    say_diags(r->cli, &r->pipelines.diags);
    if (r->pipelines.diags.errors > 0) {
        say_error(r->cli, "%zu error%s in the pipeline files; nothing was run", r->pipelines.diags.errors,
                  r->pipelines.diags.errors == 1 ? "" : "s");
        return EXIT_USAGE;
    }
    if (choice_apply(&r->choice, &r->facts, &r->pipelines, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    if (!r->run)
        return listed(r);
    struct plan **plans = arena_array(r->a, r->pipelines.n + 1, sizeof(struct plan *));
    size_t n = starting(r, plans);
    if (n == 0)
        return nothing_starts(r);
    forgive(plans, n, r->o->keep_going);
    return ci_run_plans(r, plans, n);
}

static int run_ci(struct cli *c, int argc, char **argv)
{
    struct ci o = {.use_gitignore = true};
    struct strs words = {0};
    struct options_trace trace = {0};
    extern const struct verb verb_ci;
    int code = options_read_traced(c, &verb_ci, argc, argv, &o, &words, &trace);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    if (o.native.n > 0 && !str_is(o.native, "never") && !str_is(o.native, "auto")) {
        say_error(c, "--native takes auto or never, not '%.*s'", STR_ARG(o.native));
        return EXIT_USAGE;
    }
    if (o.man_page) {
        man_print(stdout);
        return EXIT_PASSED;
    }
    struct ci_run r = {.cli = c,
                       .o = &o,
                       .a = c->arena,
                       .run = !o.list && !o.dry && !o.graph && !o.why && !o.validate && !o.expanded,
                       .trace = trace};
    host_read(c->arena, &r.host);
    host_raise_files();
    r.cache_dir = host_cache_dir(c->arena);
    r.state_dir = host_state_dir(c->arena);
    r.db = path_join(c->arena, r.state_dir, STR("history.db"));
    r.facts.attempt = 1;
    r.facts.now_ms = clock_wall_ms();
    r.facts.debug = o.verbose >= 2;
    r.facts.skip_unknown = o.skip_unknown;
    r.facts.strict = o.strict;
    r.facts.obey_skip_ci = o.skip_ci;
    r.facts.native_never = str_is(o.native, "never");
    r.facts.not_native = o.no_native;
    r.choice.jobs = o.jobs;
    r.facts.jobs = o.jobs;
    r.choice.matrix = o.matrix;
    code = ci_collect(&r, words);
    if (code == 0)
        code = go(&r);
    pipelines_done(&r.pipelines);
    world_repos_free(r.repos);
    return code < 0 ? EXIT_PASSED : code;
}

const struct verb verb_ci = {
    .name = "ci",
    .args = "[EVENT] [SERVICE...]",
    .summary = "run what the event would start, in sandboxes (default: a push of this branch)",
    .more = ci_more,
    .options = ci_options,
    .foreign = ci_foreign,
    .table = "ci",
    .run = run_ci,
};

static int run_why(struct cli *c, int argc, char **argv)
{
    char flag[] = "--why";
    char **all = arena_array(c->arena, (size_t)argc + 2, sizeof(char *));
    memcpy(all, argv, (size_t)argc * sizeof(char *));
    all[argc] = flag;
    return run_ci(c, argc + 1, all);
}

const struct verb verb_why = {
    .name = "why",
    .args = "[EVENT] [SERVICE...]",
    .summary = "which pipelines an event starts, and which rule of which file says so",
    .options = ci_options,
    .foreign = ci_foreign,
    .run = run_why,
};
