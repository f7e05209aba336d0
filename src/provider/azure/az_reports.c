/*
 * az_reports.c - what the tasks for test results and for coverage share: files are found, read one by one, and told.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "report/report.h"

void az_reading_init(struct az_task_run *t, struct az_reading *r, struct str root, const struct strs *lines)
{
    r->search.patterns = az_patterns_new(t->run->arena, root, lines);
    az_patterns_roots(r->search.patterns, &r->search.roots);
}

bool az_reading_next(struct az_task_run *t, struct az_reading *r, struct op *op)
{
    if (r->search.failed)
        return false;
    if (az_search_next(t, &r->search, op))
        return true;
    while (r->next < r->search.found.n && r->search.found.p[r->next].broken)
        r->next++;
    if (r->next == r->search.found.n)
        return false;
    az_op_init(t, op, OP_FILES);
    az_op_read(t, op, r->search.found.p[r->next].path, REPORT_MAX);
    return true;
}

void az_reading_exited(struct az_task_run *t, struct az_reading *r, const struct op_end *end)
{
    if (r->search.next < r->search.roots.n) {
        az_search_exited(t, &r->search, end);
        return;
    }
    struct str name = r->search.found.p[r->next++].path;
    if (!az_op_good(t, end, name.p))
        return;
    bool read = end->reads[0].p != NULL && end->read_errors[0] == 0;
    r->take(t, name, read ? end->reads[0] : STR_NONE);
}

void az_summary(struct az_task_run *t, struct str markdown)
{
    struct event ev = {.kind = EVENT_SUMMARY, .step = t->number, .text = markdown};
    t->run->host->emit(t->run->host->ctx, &ev);
}

void az_tell_report(struct az_task_run *t, struct str name, const struct report *r, bool coverage)
{
    if (r->n_cases == 0 && r->lines_total == 0)
        return; /* what is wrong with its files was told */
    CLEAN(buf) struct buf words = BUF(BUF_LINE);
    report_add_words(&words, r, coverage);
    struct event ev = {.kind = EVENT_REPORT, .step = t->number, .name = name, .text = buf_str(&words)};
    ev.number = coverage ? 0 : (int64_t)(r->count[CASE_FAILED] + r->count[CASE_ERROR]);
    t->run->host->emit(t->run->host->ctx, &ev);
}
