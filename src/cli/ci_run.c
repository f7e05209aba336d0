/*
 * cli/ci_run.c - runs the plans: sandbox mode, mounts, sinks, the engine, the exit code.
 */
#include "cli/ci_priv.h"
#include "cli/world_results.h"
#include "cli/world_groups.h"

#include "core/path.h"
#include "sink/sink.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/run.h"

#include <unistd.h>

#define LOGS_MAX ((uint64_t)512 << 20) /* bytes of logs that the history keeps */

static struct sink_look look_of(const struct ci_run *r)
{
    return (struct sink_look){
        .out = STDOUT_FILENO,
        .progress = STDERR_FILENO,
        .colour = r->cli->colour_err,
        .columns = term_columns(STDERR_FILENO),
        .rows = term_rows(STDERR_FILENO),
        .quiet = r->o->quiet,
        .verbose = r->o->verbose,
        .utf8 = r->cli->utf8,
    };
}

static struct bus *open_bus(struct ci_run *r)
{
    struct bus *bus = bus_new(clock_mono_ns);
    struct sink_look look = look_of(r);
    struct err err = {0};
    if (r->o->json)
        bus_attach(bus, sink_json_new(STDOUT_FILENO));
    else if (term_is_tty(STDERR_FILENO) && r->o->verbose == 0 && r->cli->colour_err)
        bus_attach(bus, sink_term_new(&look));
    else
        bus_attach(bus, sink_lines_new(&look));
    if (r->o->junit.n > 0)
        bus_attach(bus, sink_junit_new(r->o->junit));
    struct sink *history = sink_history_new(r->db, (int64_t)r->facts.run_id, r->facts.now_ms, r->facts.repo.root, &err);
    if (history != NULL)
        bus_attach(bus, history);
    else
        say_warning(r->cli, "this run is not kept in the history: %s", err.text);
    return bus;
}

static void tell_start(struct ci_run *r, struct bus *bus)
{
    const struct change *ch = &r->facts.change;
    struct event ev = {.kind = EVENT_RUN_STARTED,
                       .name = ch->event,
                       .text = ch->tag.n > 0 ? ch->tag : ch->branch,
                       .number = (int64_t)r->facts.run_id};
    bus_emit(bus, &ev);
    for (size_t i = 0; i < r->pipelines.n; i++) {
        const struct pipeline *p = &r->pipelines.p[i];
        struct event pe = {.kind = EVENT_PIPELINE,
                           .service = p->plan->service,
                           .pipeline = p->plan->name,
                           .file = p->path,
                           .started = p->verdict.starts,
                           .text = p->verdict.why};
        bus_emit(bus, &pe);
    }
}

static int code_of(const struct ci_run *r, const struct engine_tally *t)
{
    if (t->interrupted)
        return EXIT_INTERRUPTED;
    if (t->failed > 0 || t->cancelled > 0)
        return EXIT_FAILED;
    if (r->o->strict && t->left_out > 0)
        return EXIT_LEFT_OUT;
    if (t->passed == 0 && t->left_out > 0)
        return EXIT_ENVIRONMENT;
    return EXIT_PASSED;
}

static void tell_end(struct bus *bus, const struct engine_tally *t, int code, int64_t elapsed_ns)
{
    enum result res = t->interrupted ? RESULT_CANCELLED : code == EXIT_PASSED ? RESULT_SUCCESS : RESULT_FAILURE;
    struct event ev = {.kind = EVENT_RUN_FINISHED, .result = res, .number = code, .elapsed_ns = elapsed_ns};
    bus_emit(bus, &ev);
}

static int sandbox_mode_read(struct ci_run *r, enum sandbox_mode *ret)
{
    for (enum sandbox_mode m = SANDBOX_AUTO; m <= SANDBOX_PLAIN; m++)
        if (r->o->sandbox.n == 0 || str_is(r->o->sandbox, sandbox_mode_name(m))) {
            *ret = m;
            return 0;
        }
    say_error(r->cli, "--sandbox takes auto, overlay or plain, not '%.*s'", STR_ARG(r->o->sandbox));
    return EXIT_USAGE;
}

/* Settles `auto`, and says why when it cannot be the good one. */
static int sandbox_settle(struct ci_run *r, const char *runs_dir, enum sandbox_mode *mode, struct str *ret_note)
{
    struct sandbox_caps caps = {0};
    sandbox_probe(runs_dir, &caps);
    const char *why = !caps.userns ? caps.why_userns : caps.why_overlay;
    bool overlay = caps.best == SANDBOX_OVERLAY;
    if (*mode == SANDBOX_OVERLAY && !overlay) {
        say_error(r->cli, "--sandbox overlay: %s; `slipway doctor` tells more", why);
        return EXIT_ENVIRONMENT;
    }
    if (*mode == SANDBOX_AUTO)
        *mode = caps.best;
    if (*mode == SANDBOX_PLAIN)
        *ret_note = overlay ? STR("copied trees on this machine's own root, as asked for")
                            : arena_printf(r->a, "copied trees on this machine's own root, as %s", why);
    return 0;
}

/* A plain job sees this machine's own folders: only what belongs into its private home is still to be shown. */
static void keep_home_files(struct engine_options *eo)
{
    size_t kept = 0;
    for (size_t i = 0; i < eo->n_mounts; i++)
        if (str_starts(eo->mounts[i].path, STR("~/")))
            eo->mounts[kept++] = eo->mounts[i];
    eo->n_mounts = kept;
}

/*
 * A job is root in its sandbox and may gain no privileges, so that the set-user-id sudo of this machine refuses to
 * work; hosted runners give every job sudo without a password. world_base_env puts the folder on PATH.
 */
static const char sudo_script[] = "#!/bin/sh\n"
                                  "# slipway: you are root in this sandbox already\n"
                                  "while [ $# -gt 0 ]; do\n"
                                  "    case $1 in\n"
                                  "    --) shift; break ;;\n"
                                  "    -u | -g | -h | -p | --user | --group) shift 2 ;;\n"
                                  "    -*) shift ;;\n"
                                  "    *=*) export \"$1\"; shift ;;\n"
                                  "    *) break ;;\n"
                                  "    esac\n"
                                  "done\n"
                                  "[ $# -gt 0 ] || exec sh\n"
                                  "exec \"$@\"\n";

/* Hosted runners have `python`; Debian has it under python3 only. */
static const char python_script[] = "#!/bin/sh\nexec python3 \"$@\"\n";

static void open_services(struct ci_run *r, struct world_results *w, const struct engine_options *eo)
{
    struct err err = {0};
    if (world_results_open(w, &r->facts, eo->artifacts_dir, eo->cache_dir, &r->facts.results, &err) < 0)
        say_warning(r->cli, "actions have no service for artifacts and caches: %s", err.text);
    w->bus = eo->bus;
}

/* The run itself, told from its first event to its last. note: what is to be said of the sandbox, or empty. */
static int run_told(struct ci_run *r, struct plan **plans, size_t n, struct engine_options *eo, struct str note)
{
    struct err err = {0}, sink_err = {0};
    struct world_groups groups;
    struct world_results services;
    struct engine_tally tally;
    world_groups_init(&groups, r->a, r->state_dir, &r->facts);
    eo->groups = &groups.share;
    eo->bus = groups.bus = open_bus(r);
    tell_start(r, eo->bus);
    open_services(r, &services, eo);
    if (note.n > 0)
        ci_note(r, STR("sandbox"), note);
    for (size_t i = 0; i < r->files.notes.n; i++) /* of called workflows, which were fetched to make the plan */
        ci_note(r, r->files.notes.entries[i].key, map_get_str(&r->files.notes, r->files.notes.entries[i].key));
    for (size_t i = 0; i + 1 < r->notes.n; i += 2)
        bus_emit(eo->bus,
                 &(struct event){
                     .kind = EVENT_NOTE, .how = HOW_SUBSTITUTED, .name = r->notes.p[i], .text = r->notes.p[i + 1]});
    int64_t began = clock_mono_ns();
    int rc = engine_run(plans, n, eo, &tally, &err);
    int code = code_of(r, &tally);
    world_results_close(&services);
    world_results_tell(r->a, eo->artifacts_dir, eo->bus);
    tell_end(eo->bus, &tally, code, clock_mono_ns() - began);
    if (bus_finish(eo->bus, &sink_err) < 0)
        say_warning(r->cli, "%s", sink_err.text);
    bus_free(eo->bus);
    history_trim(r->db, LOGS_MAX, NULL); /* of no concern to this run */
    if (rc < 0) {
        say_error(r->cli, "%s", err.text);
        return code == EXIT_PASSED ? EXIT_ENVIRONMENT : code;
    }
    return code;
}

int ci_run_plans(struct ci_run *r, struct plan **plans, size_t n)
{
    struct err err = {0};
    struct str runs = path_join(r->a, r->state_dir, STR("run")), note = STR_NONE;
    struct op_file files[] = {{.path = STR(WORLD_SHIMS "/sudo"), .text = str_from(sudo_script), .mode = 0755},
                              {.path = STR(WORLD_SHIMS "/python"), .text = str_from(python_script), .mode = 0755}};
    struct str python;
    bool has_python = run_find(r->a, "python", NULL, &python);
    struct engine_options eo = {.facts = &r->facts,
                                .files = files,
                                .n_files = has_python ? 1 : 2,
                                .sources = r->pipelines.sources,
                                .runs_dir = runs,
                                .cache_dir = path_join(r->a, r->cache_dir, STR("cache")),
                                .artifacts_dir = world_artifacts(r->a, r->state_dir, r->o->artifacts, r->facts.run_id),
                                .fetch = world_repos_fetch,
                                .fetch_ctx = r->repos,
                                .home_host = r->host.home,
                                .jobs = r->o->parallel > 0 ? r->o->parallel : r->host.cpus,
                                .stop_first = r->o->stop_first,
                                .keep = r->o->keep,
                                .network = true,
                                .leg_wanted = choice_leg,
                                .leg_wanted_ctx = &r->choice,
                                .jobs_added = choice_added,
                                .jobs_added_ctx = &r->choice};
    int code = sandbox_mode_read(r, &eo.mode);
    if (code != 0)
        return code;
    if (dir_make(runs.p, 0755, &err) < 0) {
        say_error(r->cli, "the state folder: %s", err.text);
        return EXIT_ENVIRONMENT;
    }
    sandbox_sweep(runs.p, NULL);
    code = sandbox_settle(r, runs.p, &eo.mode, &note);
    if (code != 0)
        return code;
    world_home_mounts(r->a, r->host.home, &r->facts, &eo.mounts, &eo.n_mounts);
    if (eo.mode == SANDBOX_PLAIN)
        keep_home_files(&eo);
    if (r->o->use_gitignore && world_ignored(r->a, &r->facts.repo, &eo.ignored, &err) < 0)
        say_warning(r->cli, "ignored files are visible to jobs: %s", err.text);
    return run_told(r, plans, n, &eo, note);
}
