#include "core/base.h"
#include "sys/clock.h"

#include <sys/random.h>

static struct timespec now(clockid_t id)
{
    struct timespec t = {0};
    MUST(clock_gettime(id, &t) == 0);
    return t;
}

int64_t clock_mono_ns(void)
{
    struct timespec t = now(CLOCK_MONOTONIC);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ms(void)
{
    struct timespec t = now(CLOCK_REALTIME);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_uuid(char ret[37])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char r[16];
    MUST(getrandom(r, sizeof r, 0) == (ssize_t)sizeof r);
    r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
    r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
    char *p = ret;
    for (size_t i = 0; i < sizeof r; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[r[i] >> 4];
        *p++ = digits[r[i] & 15];
    }
    *p = '\0';
}
