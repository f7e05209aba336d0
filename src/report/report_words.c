/*
 * report_words.c - a report in one line, for summaries.
 */
#include "core/base.h"
#include "report/report.h"

static void add_count(struct buf *b, size_t n, const char *word)
{
    if (n > 0)
        buf_printf(b, "%s%zu %s", b->n > 0 ? ", " : "", n, word);
}

static void add_share(struct buf *b, const char *what, uint64_t part, uint64_t all)
{
    buf_printf(b, "%s%s %.1f%% (%llu of %llu)", b->n > 0 ? ", " : "", what,
               all > 0 ? 100.0 * (double)part / (double)all : 0.0, (unsigned long long)part, (unsigned long long)all);
}

void report_add_words(struct buf *b, const struct report *r, bool coverage)
{
    CLEAN(buf) struct buf words = BUF(BUF_LINE);
    if (coverage) {
        add_share(&words, "lines", r->lines_covered, r->lines_total);
        if (r->branches_total > 0)
            add_share(&words, "branches", r->branches_covered, r->branches_total);
    } else {
        add_count(&words, r->count[CASE_SUCCEEDED], "passed");
        add_count(&words, r->count[CASE_FAILED] + r->count[CASE_ERROR], "failed");
        add_count(&words, r->count[CASE_SKIPPED], "skipped");
        add_count(&words, r->count[CASE_UNKNOWN], "of unknown result");
        if (words.n == 0)
            buf_add_cstr(&words, "no tests");
        buf_printf(&words, " in %.2fs", r->seconds);
    }
    buf_add(b, buf_str(&words));
}
