/* The first byte chooses the format, the rest is the report: read twice, it adds up twice, or nothing and a sentence.
 */
#include "core/base.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t cases(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i <= CASE_UNKNOWN; i++)
        n += r->count[i];
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    CLEAN(arena) struct arena *a = arena_new();
    struct report r = {0};
    struct err e = {0};
    enum report_format f = data[0] % REPORT_FORMATS_LEN;
    struct str text = str_of((const char *)data + 1, size - 1);
    int rc = report_read(a, f, text, &r, &e);
    MUST(r.lines_covered <= r.lines_total && r.branches_covered <= r.branches_total);
    if (rc < 0) {
        MUST(rc == e.num && str_starts(str_from(e.text), STR("line ")) && cases(&r) == 0);
        return 0;
    }
    size_t n = cases(&r);
    uint64_t lines = r.lines_total;
    MUST(report_read(a, f, text, &r, &e) == 0);
    MUST(cases(&r) == 2 * n && r.n_cases <= cases(&r) && r.lines_total == 2 * lines);
    return 0;
}
