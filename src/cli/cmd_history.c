/*
 * cli/cmd_history.c - `slipway history` and `slipway logs`: what ran, from the database in the state folder.
 */
#include "cli/cli.h"
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "core/utf8.h"
#include "sink/history.h"
#include "sys/file.h"
#include "sys/host.h"

struct history_options {
    bool all, json;
    unsigned limit;
};

static const struct option_row history_rows[] = {
    OPTION(struct history_options, all, "all", 'a', OPTION_FLAG, NULL, "runs of every project"),
    OPTION(struct history_options, limit, "limit", 'n', OPTION_NUMBER, "N", "at most N runs (default 20)"),
    OPTION(struct history_options, json, "json", 0, OPTION_FLAG, NULL, "JSON lines"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_history, verb_logs;

static struct str db_path(struct cli *c)
{
    return path_join(c->arena, host_state_dir(c->arena), STR("history.db"));
}

static void json_run(const struct history_run *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "{\"run\":%lld,\"started\":\"", (long long)r->id);
    num_add_time(&b, r->started_ms);
    buf_add_cstr(&b, "\",\"project\":");
    buf_add_json(&b, r->project);
    buf_add_cstr(&b, ",\"event\":");
    buf_add_json(&b, r->event);
    buf_add_cstr(&b, ",\"branch\":");
    buf_add_json(&b, r->branch);
    buf_printf(&b,
               ",\"result\":\"%s\",\"finished\":%s,\"elapsed_ns\":%lld,\"passed\":%u,\"failed\":%u,\"cancelled\":%u,"
               "\"skipped\":%u}\n",
               result_name(r->result), r->finished ? "true" : "false", (long long)r->elapsed_ns, r->passed, r->failed,
               r->cancelled, r->skipped);
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

static void text_run(const struct history_run *r, bool all)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "%5lld  ", (long long)r->id);
    num_add_time(&b, r->started_ms);
    buf_cut(&b, b.n - 5); /* people need no milliseconds */
    buf_printf(&b, "Z  %-9s  ", r->finished ? result_name(r->result) : "unfinished");
    size_t mark = b.n;
    num_add_duration(&b, r->elapsed_ns);
    if (b.n - mark < 8)
        buf_add_rep(&b, ' ', 8 - (b.n - mark));
    buf_printf(&b, "  %.*s %.*s  %u passed", STR_ARG(r->event), STR_ARG(r->branch), r->passed);
    const struct {
        unsigned n;
        const char *word;
    } rest[] = {{r->failed, "failed"}, {r->cancelled, "cancelled"}, {r->skipped, "skipped"}};
    for (size_t i = 0; i < ARRAY_LEN(rest); i++)
        if (rest[i].n > 0)
            buf_printf(&b, ", %u %s", rest[i].n, rest[i].word);
    if (all)
        buf_printf(&b, "  %.*s", STR_ARG(r->project));
    buf_add_ch(&b, '\n');
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

static int run_history(struct cli *c, int argc, char **argv)
{
    struct history_options o = {.limit = 20};
    struct strs words = {0};
    struct repo_facts repo;
    struct history_run *runs;
    size_t n = 0;
    struct err err = {0};
    int code = options_read(c, &verb_history, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    if (words.n > 0) {
        say_error(c, "history takes no argument; `slipway logs %.*s` shows a run", STR_ARG(words.p[0]));
        return EXIT_USAGE;
    }
    struct str db = db_path(c);
    if (!path_exists(db.p)) {
        fprintf(stderr, "nothing has run yet\n");
        return EXIT_PASSED;
    }
    if (world_repo(c->arena, STR_NONE, &repo, &err) < 0 ||
        history_runs(c->arena, db, o.all ? STR_NONE : repo.root, o.limit, &runs, &n, &err) < 0) {
        say_error(c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    for (size_t i = 0; i < n; i++)
        if (o.json)
            json_run(&runs[i]);
        else
            text_run(&runs[i], o.all);
    if (n == 0 && !o.json)
        fprintf(stderr, "nothing of this project has run yet; --all lists the others\n");
    return EXIT_PASSED;
}

const struct verb verb_history = {
    .name = "history",
    .args = "",
    .summary = "what ran in this project, newest first",
    .options = history_rows,
    .run = run_history,
};

/* ---- logs ---- */

struct logs_options {
    bool list;
};

static const struct option_row logs_rows[] = {
    OPTION(struct logs_options, list, "list", 'l', OPTION_FLAG, NULL, "the run's jobs, without their output"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

struct log_printer {
    struct history_job *jobs;
    size_t n;
    bool prefix;
};

static int print_line(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line)
{
    struct log_printer *p = ctx;
    UNUSED(step);
    UNUSED(stream);
    for (size_t i = 0; i < p->n && p->prefix; i++)
        if (p->jobs[i].number == job)
            printf("%.*s | ", STR_ARG(p->jobs[i].name));
    fwrite(line.p, 1, line.n, stdout);
    return putchar('\n') == EOF ? -EPIPE : 0;
}

/* A job by its number, its id or its name; 0: none of them. */
static unsigned job_number(const struct history_job *jobs, size_t n, struct str word)
{
    uint64_t number = 0;
    if (num_parse_u64(word, 1000000, &number) != 0)
        number = 0;
    for (size_t i = 0; i < n; i++)
        if (jobs[i].number == number || str_eq(jobs[i].id, word) || str_eq(jobs[i].name, word))
            return jobs[i].number;
    return 0;
}

static void list_jobs(const struct history_job *jobs, size_t n)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%4u  %-9s  %.*s  %.*s  %.*s  ", jobs[i].number, result_name(jobs[i].result),
                   STR_ARG(jobs[i].service), STR_ARG(jobs[i].pipeline), STR_ARG(jobs[i].name));
        num_add_duration(&b, jobs[i].elapsed_ns);
        buf_add_ch(&b, '\n');
    }
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

/* A run's id, or `last`. */
static int run_id(struct cli *c, struct str word, int64_t *ret)
{
    struct repo_facts repo;
    struct history_run *runs;
    size_t n = 0;
    struct err err = {0};
    if (!str_is(word, "last"))
        return num_parse_i64(word, 1, INT64_MAX, ret) == 0 ? 0 : -EINVAL;
    if (world_repo(c->arena, STR_NONE, &repo, &err) < 0 ||
        history_runs(c->arena, db_path(c), repo.root, 1, &runs, &n, &err) < 0 || n == 0)
        return -ENOENT;
    *ret = runs[0].id;
    return 0;
}

static int run_logs(struct cli *c, int argc, char **argv)
{
    struct logs_options o = {0};
    struct strs words = {0};
    struct history_job *jobs;
    size_t n = 0;
    int64_t id = 0;
    struct err err = {0};
    int code = options_read(c, &verb_logs, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    if (words.n < 1 || words.n > 2 || run_id(c, words.p[0], &id) < 0) {
        say_error(c, "logs takes a run (`slipway history` lists them, `last` is the newest) and, if you like, a job");
        return EXIT_USAGE;
    }
    struct str db = db_path(c);
    if (!path_exists(db.p) || history_jobs(c->arena, db, id, &jobs, &n, &err) < 0 || n == 0) {
        say_error(c, "run %lld is not in the history%s%s", (long long)id, err.num != 0 ? ": " : "", err.text);
        return EXIT_USAGE;
    }
    unsigned job = 0;
    if (words.n == 2 && (job = job_number(jobs, n, words.p[1])) == 0) {
        say_error(c, "run %lld has no job '%.*s'; `slipway logs %lld -l` lists them", (long long)id,
                  STR_ARG(words.p[1]), (long long)id);
        return EXIT_USAGE;
    }
    if (o.list) {
        list_jobs(jobs, n);
        return EXIT_PASSED;
    }
    struct log_printer p = {.jobs = jobs, .n = n, .prefix = job == 0 && n > 1};
    if (history_log(db, id, job, print_line, &p, &err) < 0 && err.num != 0) {
        say_error(c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    return EXIT_PASSED;
}

const struct verb verb_logs = {
    .name = "logs",
    .args = "RUN|last [JOB]",
    .summary = "the output of a run, or of one of its jobs",
    .options = logs_rows,
    .run = run_logs,
};
