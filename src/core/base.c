#include "core/base.h"

#include <stdarg.h>

void bug_(const char *file, int line, const char *fmt, ...)
{
    char text[500];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "slipway: bug in %s:%d: %s\n", file, line, text);
    fflush(stderr);
    abort();
}

void clean_free(void *slot)
{
    void *p;
    memcpy(&p, slot, sizeof p);
    free(p);
}
