#include "core/base.h"
#include "trigger/regex.h"

int regex_compile(struct arena *a, struct str pattern, enum regex_dialect dialect, struct regex **ret, struct err *e)
{
    UNUSED(a), UNUSED(pattern), UNUSED(dialect), UNUSED(ret);
    return err_set(e, ENOSYS, "no expression is compiled yet");
}

int regex_search(const struct regex *r, struct str text)
{
    UNUSED(r), UNUSED(text);
    return 0;
}
