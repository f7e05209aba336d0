/*
 * cli/cmd_ci.c - `slipway ci`: runs what an event would start.
 */
#include "cli/pipelines.h"
#include "cli/world.h"
#include "cli/world_files.h"

#include "core/num.h"
#include "core/path.h"
#include "doc/suggest.h"
#include "engine/engine.h"
#include "sandbox/sandbox.h"
#include "sink/sink.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

#include <unistd.h>

#define EVENT_FILE_MAX ((size_t)16 << 20)

struct ci {
    struct strs jobs, matrix, secrets, secret_files, env, env_files, vars, var_files, inputs;
    struct strs local_repositories;
    struct str branch, tag, base, file, event_file, event, junit, sandbox, actions_base, github_instance;
    bool list, dry, graph, json, quiet, stop_first, keep_going, last_failed, strict, skip_unknown, keep, why, offline;
    unsigned parallel, verbose;
};

static const struct option_row ci_options[] = {
    OPTION(struct ci, list, "list", 'l', OPTION_FLAG, NULL, "list what would run"),
    OPTION(struct ci, dry, "dry-run", 'n', OPTION_FLAG, NULL, "list it with every step; run nothing"),
    OPTION(struct ci, graph, "graph", 'g', OPTION_FLAG, NULL, "draw which job needs which"),
    OPTION(struct ci, why, "why", 0, OPTION_FLAG, NULL, "say which rule starts each pipeline, and run nothing"),
    OPTION(struct ci, jobs, "job", 0, OPTION_LIST, "ID", "only this job, and what it needs"),
    OPTION(struct ci, matrix, "matrix", 0, OPTION_LIST, "KEY:VALUE", "only the legs of a matrix with this value"),
    OPTION(struct ci, last_failed, "lf", 0, OPTION_FLAG, NULL, "only what failed in the last run"),
    OPTION(struct ci, stop_first, "exitfirst", 'x', OPTION_FLAG, NULL, "cancel the rest at the first failure"),
    OPTION(struct ci, keep_going, "keep-going", 'k', OPTION_FLAG, NULL,
           "let the other legs go on where fail-fast would cancel them"),
    OPTION(struct ci, parallel, "jobs", 'j', OPTION_NUMBER, "N", "jobs at a time (default: processors)"),
    OPTION(struct ci, branch, "branch", 'b', OPTION_TEXT, "NAME",
           "as if this branch were pushed (default: the current one)"),
    OPTION(struct ci, tag, "tag", 0, OPTION_TEXT, "NAME", "as if this tag were pushed"),
    OPTION(struct ci, base, "base", 0, OPTION_TEXT, "REF",
           "pull request: its target; push: what to compare files with"),
    OPTION(struct ci, event, "event", 0, OPTION_TEXT, "NAME", "the event, as the bare word does"),
    OPTION(struct ci, event_file, "eventpath", 'e', OPTION_TEXT, "FILE", "the event's payload as JSON"),
    OPTION(struct ci, file, "workflows", 'W', OPTION_TEXT, "FILE", "only this pipeline file, or this folder of them"),
    OPTION(struct ci, secrets, "secret", 's', OPTION_LIST, "NAME[=VALUE]",
           "a secret; without a value, the environment's"),
    OPTION(struct ci, secret_files, "secret-file", 0, OPTION_LIST, "FILE",
           "secrets as NAME=VALUE lines (default: .secrets)"),
    OPTION(struct ci, env, "env", 0, OPTION_LIST, "NAME=VALUE", "a variable for every job"),
    OPTION(struct ci, env_files, "env-file", 0, OPTION_LIST, "FILE",
           "such variables (default: .env of act, when named)"),
    OPTION(struct ci, vars, "var", 0, OPTION_LIST, "NAME=VALUE", "a configuration variable (vars.NAME)"),
    OPTION(struct ci, var_files, "var-file", 0, OPTION_LIST, "FILE", "configuration variables (default: .vars)"),
    OPTION(struct ci, inputs, "input", 0, OPTION_LIST, "NAME=VALUE", "an input of workflow_dispatch"),
    OPTION(struct ci, strict, "strict", 0, OPTION_FLAG, NULL,
           "exit 4 when anything was skipped that the service would run"),
    OPTION(struct ci, skip_unknown, "skip-unknown", 0, OPTION_FLAG, NULL,
           "skip actions that slipway does not know, and count them"),
    OPTION(struct ci, actions_base, "actions-base", 0, OPTION_TEXT, "URL",
           "where repositories of actions are fetched from (default: https://github.com)"),
    OPTION(struct ci, local_repositories, "local-repository", 0, OPTION_LIST, "OWNER/NAME@REF=DIR",
           "take this folder for a repository of actions; REF may be *"),
    OPTION(struct ci, offline, "offline", 0, OPTION_FLAG, NULL, "fetch nothing; what was fetched before works"),
    OPTION(struct ci, offline, "action-offline-mode", 0, OPTION_FLAG, NULL, NULL),
    OPTION(struct ci, github_instance, "github-instance", 0, OPTION_TEXT, "HOST", NULL),
    OPTION(struct ci, sandbox, "sandbox", 0, OPTION_TEXT, "MODE", "auto, overlay or plain"),
    OPTION(struct ci, keep, "keep", 0, OPTION_FLAG, NULL, "leave the folders of failed jobs, and say where"),
    OPTION(struct ci, json, "json", 0, OPTION_FLAG, NULL,
           "events as JSON lines (with -l or -n: the plan as one object)"),
    OPTION(struct ci, junit, "junit", 0, OPTION_TEXT, "FILE", "write the results as JUnit XML"),
    OPTION(struct ci, verbose, "verbose", 'v', OPTION_COUNT, NULL,
           "all output, and why each pipeline starts; twice: debug output"),
    OPTION(struct ci, quiet, "quiet", 'q', OPTION_FLAG, NULL, "only failures and the table"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL},
};

static const char ci_more[] = "EVENT is push (the default), pull_request, workflow_dispatch, schedule or any other "
                              "event of the service; SERVICE is\n"
                              "github. Every pipeline that the event would start runs, each job in a sandbox of its "
                              "own on this machine. The work\n"
                              "tree is shown to jobs copy-on-write, with uncommitted changes and without what git "
                              "ignores; it is never written to.\n"
                              "\n"
                              "exit: 0 passed, 1 a job failed, 2 usage or an unreadable file, 3 nothing could run "
                              "here, 4 skipped under --strict,\n"
                              "130 interrupted.";

static const char *const events[] = {"push",
                                     "pull_request",
                                     "pull_request_target",
                                     "workflow_dispatch",
                                     "schedule",
                                     "release",
                                     "issues",
                                     "issue_comment",
                                     "create",
                                     "delete",
                                     "merge_group",
                                     "repository_dispatch",
                                     "workflow_run",
                                     "workflow_call"};

/* Everything that a run needs, collected in order. */
struct ci_run {
    struct cli *cli;
    struct ci *o;
    struct arena *a;
    struct facts facts;
    struct host_info host;
    struct str cache_dir, state_dir, db;
    struct strs services;
    struct pipelines pipelines;
    struct choice choice;
    struct world_repos *repos;
    struct world_files files;
    bool run; /* something will run: collect what only running needs */
};

/* ---- words ---- */

static int read_words(struct ci_run *r, struct strs words)
{
    struct change *ch = &r->facts.change;
    ch->event = r->o->event.n > 0 ? r->o->event : STR("push");
    for (size_t i = 0; i < words.n; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(events); k++)
            if (str_is(words.p[i], events[k])) {
                ch->event = words.p[i];
                known = true;
            }
        if (!known && provider_find(words.p[i]) != NULL) {
            vec_push_in(r->a, &r->services, words.p[i]);
            known = true;
        }
        if (known)
            continue;
        struct str near = suggest(words.p[i], events, ARRAY_LEN(events));
        if (str_is(words.p[i], "codebuild") || str_is(words.p[i], "cloudbuild") || str_is(words.p[i], "azure"))
            say_error(r->cli, "'%.*s' is planned and not in this version; docs/roadmap.md says what comes when",
                      STR_ARG(words.p[i]));
        else if (near.n > 0)
            say_error(r->cli, "'%.*s' is neither an event nor a service; did you mean '%.*s'?", STR_ARG(words.p[i]),
                      STR_ARG(near));
        else
            say_error(r->cli, "'%.*s' is neither an event nor a service", STR_ARG(words.p[i]));
        return EXIT_USAGE;
    }
    return 0;
}

/* ---- inputs ---- */

static int pairs(struct ci_run *r, struct map *into, struct strs list, bool from_env, const char *what)
{
    struct err err = {0};
    for (size_t i = 0; i < list.n; i++)
        if (world_pair(into, list.p[i], from_env, what, &err) < 0) {
            say_error(r->cli, "%s", err.text);
            return EXIT_USAGE;
        }
    return 0;
}

/* Files that were named must be there; the default one may be absent. */
static int pair_files(struct ci_run *r, struct map *into, struct strs files, const char *fallback, bool private_file)
{
    struct err err = {0};
    if (files.n == 0 && fallback != NULL) {
        struct str path = path_join(r->a, r->facts.repo.root, str_from(fallback));
        if (!path_exists(path.p))
            return 0;
        vec_push_in(r->a, &files, path);
    }
    for (size_t i = 0; i < files.n; i++)
        if (world_pairs_file(r->a, into, arena_str(r->a, files.p[i]).p, private_file, &err) < 0) {
            say_error(r->cli, "%s", err.text);
            return EXIT_USAGE;
        }
    return 0;
}

static int read_inputs(struct ci_run *r)
{
    struct facts *f = &r->facts;
    const struct ci *o = r->o;
    map_init(&f->secrets, r->a, MAP_NOCASE);
    map_init(&f->vars, r->a, MAP_NOCASE);
    map_init(&f->env, r->a, MAP_CASE);
    map_init(&f->inputs, r->a, MAP_NOCASE);
    int rc = pair_files(r, &f->secrets, o->secret_files, ".secrets", true);
    rc = rc != 0 ? rc : pair_files(r, &f->vars, o->var_files, ".vars", false);
    rc = rc != 0 ? rc : pair_files(r, &f->env, o->env_files, NULL, false);
    rc = rc != 0 ? rc : pairs(r, &f->secrets, o->secrets, true, "--secret");
    rc = rc != 0 ? rc : pairs(r, &f->vars, o->vars, false, "--var");
    rc = rc != 0 ? rc : pairs(r, &f->env, o->env, true, "--env");
    rc = rc != 0 ? rc : pairs(r, &f->inputs, o->inputs, false, "--input");
    for (size_t i = 0; i < o->matrix.n && rc == 0; i++)
        if (str_find_ch(o->matrix.p[i], ':') <= 0) {
            say_error(r->cli, "--matrix takes KEY:VALUE, not '%.*s'", STR_ARG(o->matrix.p[i]));
            rc = EXIT_USAGE;
        }
    return rc;
}

static int read_payload(struct ci_run *r)
{
    struct err err = {0};
    struct str text;
    if (r->o->event_file.n == 0)
        return 0;
    const char *path = arena_str(r->a, r->o->event_file).p;
    if (file_read(r->a, path, EVENT_FILE_MAX, &text, &err) < 0 ||
        value_from_json(r->a, text, MAP_NOCASE, &r->facts.payload, &err) < 0) {
        say_error(r->cli, "%s: %s", path, err.text);
        return EXIT_USAGE;
    }
    if (r->facts.payload->kind != VALUE_OBJECT) {
        say_error(r->cli, "%s: an event's payload is a JSON object", path);
        return EXIT_USAGE;
    }
    r->facts.change.action = value_get_str(r->facts.payload, "action");
    return 0;
}

/* ---- the change ---- */

static int read_change(struct ci_run *r)
{
    struct change *ch = &r->facts.change;
    const struct repo_facts *repo = &r->facts.repo;
    struct err err = {0};
    bool pr = str_starts(ch->event, STR("pull_request"));
    ch->tag = r->o->tag;
    ch->branch = r->o->branch.n > 0 ? r->o->branch : repo->branch;
    if (ch->tag.n > 0)
        ch->branch = STR_NONE;
    if (ch->branch.n == 0 && ch->tag.n == 0)
        ch->branch = repo->default_branch;
    if (pr) {
        ch->base = r->o->base.n > 0 ? r->o->base : repo->default_branch;
        if (ch->action.n == 0)
            ch->action = STR("opened");
    }
    struct str base = pr || r->o->base.n > 0 ? (r->o->base.n > 0 ? r->o->base : repo->default_branch) : STR_NONE;
    if (pr && str_eq(base, ch->branch))
        base = STR_NONE; /* a pull request from its own target: compare with the commit before */
    if (world_changed_files(r->a, repo, base, ch, &err) < 0) {
        if (r->o->base.n > 0) {
            say_error(r->cli, "%s", err.text);
            return EXIT_USAGE;
        }
        ch->files_known = false;
    }
    return 0;
}

/* ---- what was chosen ---- */

static int read_last_failed(struct ci_run *r)
{
    struct history_run *runs;
    struct history_job *jobs;
    size_t n = 0, n_jobs = 0, kept = 0;
    struct err err = {0};
    if (!r->o->last_failed)
        return 0;
    if (history_runs(r->a, r->db, r->facts.repo.root, 1, &runs, &n, &err) < 0 || n == 0 ||
        history_jobs(r->a, r->db, runs[0].id, &jobs, &n_jobs, &err) < 0) {
        say_error(r->cli, "--lf: no run of this project is in the history%s%s", err.num != 0 ? ": " : "", err.text);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < n_jobs; i++)
        if (jobs[i].result == RESULT_FAILURE || jobs[i].result == RESULT_CANCELLED)
            jobs[kept++] = jobs[i];
    if (kept == 0) {
        printf("nothing failed in the last run\n");
        return -1;
    }
    r->choice.last_failed = true;
    r->choice.failed = jobs;
    r->choice.n_failed = kept;
    return 0;
}

/* ---- running ---- */

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
        if (p->plan == NULL)
            continue;
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

static size_t starting(const struct ci_run *r, struct plan **plans)
{
    size_t n = 0;
    for (size_t i = 0; i < r->pipelines.n; i++)
        if (r->pipelines.p[i].plan != NULL && r->pipelines.p[i].verdict.starts)
            plans[n++] = r->pipelines.p[i].plan;
    return n;
}

static int nothing_starts(struct ci_run *r)
{
    const struct change *ch = &r->facts.change;
    if (r->pipelines.n == 0) {
        say_error(r->cli, "no pipeline files here: .github/workflows has no *.yml or *.yaml in %.*s",
                  STR_ARG(r->facts.repo.root));
        return EXIT_USAGE;
    }
    printf("%.*s of %.*s starts nothing:\n", STR_ARG(ch->event), STR_ARG(ch->tag.n > 0 ? ch->tag : ch->branch));
    list_why(r->cli, &r->pipelines);
    return EXIT_PASSED;
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

static int run_plans(struct ci_run *r, struct plan **plans, size_t n)
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
                                .fetch = world_repos_fetch,
                                .fetch_ctx = r->repos,
                                .home_host = r->host.home,
                                .jobs = r->o->parallel > 0 ? r->o->parallel : r->host.cpus,
                                .stop_first = r->o->stop_first,
                                .keep = r->o->keep,
                                .network = true,
                                .leg_wanted = choice_leg,
                                .leg_wanted_ctx = &r->choice};
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
    if (world_ignored(r->a, &r->facts.repo, &eo.ignored, &err) < 0)
        say_warning(r->cli, "ignored files are visible to jobs: %s", err.text);
    eo.bus = open_bus(r);
    tell_start(r, eo.bus);
    if (note.n > 0)
        bus_emit(eo.bus,
                 &(struct event){.kind = EVENT_NOTE, .how = HOW_SUBSTITUTED, .name = STR("sandbox"), .text = note});
    struct engine_tally tally;
    int64_t began = clock_mono_ns();
    int rc = engine_run(plans, n, &eo, &tally, &err);
    code = code_of(r, &tally);
    tell_end(eo.bus, &tally, code, clock_mono_ns() - began);
    struct err sink_err = {0};
    if (bus_finish(eo.bus, &sink_err) < 0)
        say_warning(r->cli, "%s", sink_err.text);
    bus_free(eo.bus);
    if (rc < 0) {
        say_error(r->cli, "%s", err.text);
        return code == EXIT_PASSED ? EXIT_ENVIRONMENT : code;
    }
    return code;
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
    if (r->o->json)
        list_json(r->cli, &r->pipelines, &r->facts, &r->choice);
    else if (r->o->why)
        list_why(r->cli, &r->pipelines);
    else if (r->o->graph)
        list_graph(r->cli, &r->pipelines, &r->facts);
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
    if (choice_apply(&r->choice, &r->pipelines, &err) < 0) {
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
    return run_plans(r, plans, n);
}

/* act's --github-instance is a host; ours is where repositories are, whatever serves them. */
static int open_repos(struct ci_run *r)
{
    struct err err = {0};
    struct world_repos_spec spec = {.cache_dir = r->cache_dir,
                                    .base = r->o->actions_base,
                                    .local = r->o->local_repositories,
                                    .offline = r->o->offline};
    if (spec.base.n == 0 && r->o->github_instance.n > 0)
        spec.base = str_find(r->o->github_instance, STR("://")) >= 0
                        ? r->o->github_instance
                        : arena_printf(r->a, "https://%.*s", STR_ARG(r->o->github_instance));
    if (world_repos_open(&spec, &r->repos, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    world_files_init(&r->files, r->a, r->facts.repo.root, &r->pipelines.sources, r->repos);
    r->facts.read_file = world_files_read;
    r->facts.read_ctx = &r->files;
    return 0;
}

static int collect(struct ci_run *r, struct strs words)
{
    struct err err = {0};
    struct facts *f = &r->facts;
    int64_t id = 0, number = 0;
    int code = read_words(r, words);
    if (code != 0)
        return code;
    if (world_repo(r->a, &f->repo, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    code = open_repos(r);
    code = code != 0 ? code : read_inputs(r);
    code = code != 0 ? code : read_payload(r);
    code = code != 0 ? code : read_change(r);
    code = code != 0 ? code : read_last_failed(r);
    if (code != 0)
        return code;
    world_machine(r->a, r->cache_dir, &f->machine);
    world_base_env(r->a, r->host.home, &f->base_env);
    if (r->run && dir_make(r->state_dir.p, 0755, &err) < 0) {
        say_error(r->cli, "the state folder: %s", err.text);
        return EXIT_ENVIRONMENT;
    }
    if (r->run && history_next_run(r->db, f->repo.root, &id, &number, &err) < 0)
        say_warning(r->cli, "no history: %s", err.text);
    f->run_id = id > 0 ? (uint64_t)id : 1;
    f->run_number = number > 0 ? (uint64_t)number : 1;
    return 0;
}

static int run_ci(struct cli *c, int argc, char **argv)
{
    struct ci o = {0};
    struct strs words = {0};
    extern const struct verb verb_ci;
    int code = options_read(c, &verb_ci, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    struct ci_run r = {.cli = c, .o = &o, .a = c->arena, .run = !o.list && !o.dry && !o.graph && !o.why};
    host_read(c->arena, &r.host);
    r.cache_dir = host_cache_dir(c->arena);
    r.state_dir = host_state_dir(c->arena);
    r.db = path_join(c->arena, r.state_dir, STR("history.db"));
    r.facts.attempt = 1;
    r.facts.now_ms = clock_wall_ms();
    r.facts.debug = o.verbose >= 2;
    r.facts.skip_unknown = o.skip_unknown;
    r.facts.strict = o.strict;
    r.choice.jobs = o.jobs;
    r.choice.matrix = o.matrix;
    code = collect(&r, words);
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
    .run = run_why,
};
