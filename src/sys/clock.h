/* sys/clock.h - two clocks: one that only goes forward (ns), one that people read (ms since 1970, UTC). */
#pragma once
#include "core/base.h"

int64_t clock_mono_ns(void);
int64_t clock_wall_ms(void);
/* 16 random bytes as a version 4 UUID, 36 characters and a NUL. */
void clock_uuid(char ret[37]);
