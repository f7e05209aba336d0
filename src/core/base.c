#include "core/base.h"

#include <stdarg.h>

void bug_(const char *file, int line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "slipway: bug in %s:%d: ", file, line);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    fflush(stderr);
    abort();
}

void clean_free(void *slot)
{
    void *p;
    memcpy(&p, slot, sizeof p);
    free(p);
}
