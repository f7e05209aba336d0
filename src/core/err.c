#include "core/base.h"
#include "core/err.h"

#include <stdarg.h>

static int negative(int num)
{
    MUST(num != 0);
    return num > 0 ? -num : num;
}

/* One line of valid length: control characters become spaces, and a text that was cut ends in "..." between code
 * points. */
static void err_store(struct err *e, const char *text, size_t length)
{
    size_t n = length < sizeof e->text ? length : sizeof e->text - 1;
    if (n < length) {
        n -= 3;
        while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        e->text[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
    size_t dots = n < length ? 3 : 0;
    memset(e->text + n, '.', dots);
    e->text[n + dots] = '\0';
}

/* Formats into e->text with "glue tail" behind it. The arguments may point into e itself. */
PRINTF_LIKE(2, 0)
static void err_format(struct err *e, const char *fmt, va_list args, const char *tail)
{
    char text[2 * sizeof e->text];
    int n = vsnprintf(text, sizeof text, fmt, args);
    size_t at = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if (tail && at < sizeof text - 1) {
        int more = snprintf(text + at, sizeof text - at, ": %s", tail);
        at = more < 0 ? at : at + (size_t)more < sizeof text ? at + (size_t)more : sizeof text - 1;
    }
    err_store(e, text, at);
}

int(err_set)(struct err *e, int num, const char *fmt, ...)
{
    num = negative(num);
    if (!e)
        return num;
    va_list args;
    va_start(args, fmt);
    err_format(e, fmt, args, NULL);
    va_end(args);
    e->num = num;
    return num;
}

int(err_sys)(struct err *e, int num, const char *fmt, ...)
{
    num = negative(num);
    if (!e)
        return num;
    va_list args;
    va_start(args, fmt);
    err_format(e, fmt, args, strerror(-num));
    va_end(args);
    e->num = num;
    return num;
}

int(err_wrap)(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -EIO;
    char inner[sizeof e->text];
    memcpy(inner, e->text, sizeof inner);
    va_list args;
    va_start(args, fmt);
    err_format(e, fmt, args, inner);
    va_end(args);
    return e->num;
}
