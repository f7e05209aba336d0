/*
 * provider/codebuild/cb_reports.c - reports: what test programs wrote, found, read and told (specification 3, reports).
 *
 * They are looked for when POST_BUILD is over, also behind a failed BUILD; a report that fails, or cannot be read, does
 * not fail the build [R]. A group named by a plain name is <project>-<name> at the service, and may hold $NAME.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"

#define CASES_SHOWN 50  /* failed ones that become annotations; the others are counted */
#define MESSAGE_MAX 500 /* bytes of a failure in one */

enum { REPORT_FIND, REPORT_READ };

static const struct cb_files *current(const struct cb_run *r)
{
    return &r->spec->reports[r->report.next];
}

static struct str name_of(struct cb_run *r, const struct cb_files *f)
{
    struct str name = cb_expand(r, f->id);
    if (str_starts(name, STR("arn:")))
        return name;
    return arena_printf(r->arena, "%.*s-%.*s", STR_ARG(r->project->name), STR_ARG(name));
}

/* ---- telling ---- */

static void tell_case(struct cb_run *r, const struct report_case *c)
{
    struct str message = c->message.n > 0 ? c->message : c->details;
    message = str_trim(str_sub(message, 0, MESSAGE_MAX));
    struct event ev = {.kind = EVENT_ANNOTATION, .step = r->stages[r->stage].step, .level = LEVEL_ERROR};
    ev.name = c->suite.n > 0 ? arena_printf(r->arena, "%.*s %.*s", STR_ARG(c->suite), STR_ARG(c->name)) : c->name;
    ev.text = message.n > 0 ? message : STR("failed");
    ev.file = c->file;
    ev.line = c->line;
    r->host->emit(r->host->ctx, &ev);
}

static void tell_cases(struct cb_run *r)
{
    const struct report *rep = &r->report.report;
    size_t shown = 0;
    for (size_t i = 0; i < rep->n_cases; i++) {
        const struct report_case *c = &rep->cases[i];
        if ((c->state == CASE_FAILED || c->state == CASE_ERROR) && shown++ < CASES_SHOWN)
            tell_case(r, c);
    }
    if (shown > CASES_SHOWN)
        cb_say(r, "%zu more failed cases are in the report", shown - CASES_SHOWN);
}

static double percent(uint64_t part, uint64_t all)
{
    return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

/* For the summary of the run. */
static void tell_words(struct cb_run *r, const struct cb_files *f)
{
    const struct report *rep = &r->report.report;
    bool coverage = report_is_coverage(f->format);
    if (rep->n_cases == 0 && rep->lines_total == 0)
        return; /* what is wrong with its files was told */
    CLEAN(buf) struct buf words = BUF(BUF_LINE);
    report_add_words(&words, rep, coverage);
    struct event ev = {.kind = EVENT_REPORT, .step = r->stages[r->stage].step, .name = name_of(r, f)};
    ev.text = buf_str(&words);
    ev.number = coverage ? 0 : (int64_t)(rep->count[CASE_FAILED] + rep->count[CASE_ERROR]);
    r->host->emit(r->host->ctx, &ev);
}

static void tell_group(struct cb_run *r, const struct cb_files *f)
{
    const struct report *rep = &r->report.report;
    enum event_level level = LEVEL_NOTICE;
    struct str name = name_of(r, f), line;
    if (report_is_coverage(f->format)) {
        line = arena_printf(r->arena, "report %.*s: lines %.1f %% (%llu of %llu)", STR_ARG(name),
                            percent(rep->lines_covered, rep->lines_total), (unsigned long long)rep->lines_covered,
                            (unsigned long long)rep->lines_total);
        if (rep->branches_total > 0)
            line = arena_printf(r->arena, "%.*s, branches %.1f %% (%llu of %llu)", STR_ARG(line),
                                percent(rep->branches_covered, rep->branches_total),
                                (unsigned long long)rep->branches_covered, (unsigned long long)rep->branches_total);
    } else {
        size_t failed = rep->count[CASE_FAILED] + rep->count[CASE_ERROR];
        line = arena_printf(r->arena, "report %.*s: %s, %zu passed, %zu failed, %zu skipped, %.3f s", STR_ARG(name),
                            failed > 0 ? "FAILED" : "SUCCEEDED", rep->count[CASE_SUCCEEDED], failed,
                            rep->count[CASE_SKIPPED], rep->seconds);
        tell_cases(r);
        level = failed > 0 ? LEVEL_WARNING : LEVEL_NOTICE;
    }
    cb_say(r, "%.*s", STR_ARG(line));
    tell_words(r, f);
    cb_annotate(r, level, f->span, line);
    cb_emit_summary(r, arena_printf(r->arena, "%.*s\n", STR_ARG(line)));
}

/* ---- the part ---- */

static void warn(struct cb_run *r, const struct cb_files *f, const char *why)
{
    struct str name = name_of(r, f);
    cb_annotate(r, LEVEL_WARNING, f->span, arena_printf(r->arena, "report %.*s: %s", STR_ARG(name), why));
}

static void next_group(struct cb_run *r)
{
    struct cb_report_run *run = &r->report;
    run->next++;
    run->at = REPORT_FIND;
    run->file = 0;
    run->matches = (struct cb_matches){0};
    run->report = (struct report){0};
}

static enum drive report_next(struct cb_run *r, struct op *op)
{
    struct cb_report_run *run = &r->report;
    while (run->next < r->spec->n_reports) {
        const struct cb_files *f = current(r);
        if (run->at == REPORT_FIND) {
            run->listing = (struct cb_listing){.root = cb_files_root(r, f)};
            cb_say(r, "Preparing to copy report %.*s", STR_ARG(name_of(r, f)));
            cb_op_find(r, op, run->listing.root);
            return DRIVE_OP;
        }
        if (run->file < run->matches.n) {
            cb_op_init(r, op, OP_FILES);
            cb_op_read(r, op, run->matches.p[run->file].path, REPORT_MAX);
            return DRIVE_OP;
        }
        if (run->matches.n > 0)
            tell_group(r, f);
        else
            warn(r, f, "no report files were found");
        next_group(r);
    }
    return DRIVE_DONE;
}

static void read_file(struct cb_run *r, const struct op_end *end)
{
    struct cb_report_run *run = &r->report;
    const struct cb_match *m = &run->matches.p[run->file++];
    const struct cb_files *f = current(r);
    struct err err = {0};
    if (end->how != OP_EXITED || end->reads == NULL || end->reads[0].p == NULL || end->read_errors[0] != 0)
        err_set(&err, EIO, "it cannot be read");
    else
        report_read(r->arena, f->format, end->reads[0], &run->report, &err);
    if (err.num != 0)
        warn(r, f, arena_printf(r->arena, "%.*s: %s", STR_ARG(m->name), err.text).p);
}

static void report_exited(struct cb_run *r, const struct op_end *end)
{
    struct cb_report_run *run = &r->report;
    if (run->at == REPORT_READ) {
        read_file(r, end);
        return;
    }
    cb_listing_take(r, &run->listing, end);
    cb_files_match(r, current(r), &run->listing, &run->matches);
    run->at = REPORT_READ;
}

const struct cb_part cb_report = {.name = "reports", .next = report_next, .exited = report_exited};
