#include "core/base.h"
#include "report/report.h"

static const char *const names[REPORT_FORMATS_LEN] = {
#define X(id, name) [REPORT_##id] = name,
    REPORT_FORMATS(X)
#undef X
};

const char *report_format_name(enum report_format f)
{
    return names[f];
}

bool report_format_find(struct str name, enum report_format *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is_nocase(name, names[i])) {
            *ret = (enum report_format)i;
            return true;
        }
    return false;
}

bool report_is_coverage(enum report_format f)
{
    return f >= REPORT_CLOVER;
}

int report_read(struct arena *a, enum report_format f, struct str text, struct report *r, struct err *e)
{
    UNUSED(a), UNUSED(f), UNUSED(text), UNUSED(r);
    return err_set(e, ENOSYS, "no report is read yet");
}
