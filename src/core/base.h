/*
 * core/base.h - the first include of every file.
 *
 * Purpose: the few macros that every room uses, and the list of C library calls that no room may use.
 * Nouns: none; this header declares no type of its own.
 * It never includes another header of slipway, and it allocates nothing.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <alloca.h>
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define UNUSED(x) ((void)(x))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))

/*
 * CLEAN(free) char *p = ...;   frees p when its scope ends. The word names a function clean_WORD(void *slot).
 * TAKE(p) hands the value over to the caller: it yields p and leaves NULL behind.
 */
#define CLEAN(how) __attribute__((cleanup(clean_##how)))
#define TAKE(p)                                                                                                        \
    __extension__({                                                                                                    \
        __typeof__(p) taken_ = (p);                                                                                    \
        (p) = NULL;                                                                                                    \
        taken_;                                                                                                        \
    })

/* A fault of ours: says where, and ends the process with abort(). Asserts stay on in release builds. */
#define BUG(...) bug_(__FILE__, __LINE__, __VA_ARGS__)
#define MUST(cond) ((cond) ? (void)0 : bug_(__FILE__, __LINE__, "'%s' does not hold", #cond))

NORETURN void bug_(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* free() for CLEAN(free). */
void clean_free(void *slot);

/*
 * Calls with no bound, no error or hidden state: their use is a compile error that names the thing to use instead.
 * Function-like macros, so that members and locals of these names in foreign headers stay legal; the headers that
 * declare them are all included above.
 */
#define strcpy(...) banned_use_struct_buf
#define strcat(...) banned_use_struct_buf
#define strncpy(...) banned_use_struct_buf
#define strncat(...) banned_use_struct_buf
#undef sprintf /* a macro already where the library checks buffer sizes */
#undef vsprintf
#define sprintf(...) banned_use_buf_printf
#define vsprintf(...) banned_use_buf_vprintf
#define gets(...) banned_use_struct_buf
#define strtok(...) banned_use_str_next
#define strtok_r(...) banned_use_str_next
#define atoi(...) banned_use_num_parse
#define atol(...) banned_use_num_parse
#define atof(...) banned_use_num_parse
#define localtime(...) banned_use_num_add_time
#define gmtime(...) banned_use_num_add_time
#define ctime(...) banned_use_num_add_time
#define asctime(...) banned_use_num_add_time
#define system(...) banned_use_sys_run
#define popen(...) banned_use_sys_run
#undef alloca
#define alloca(...) banned_use_an_arena
#define rand(...) banned_use_getrandom
#define srand(...) banned_use_getrandom
#define tmpnam(...) banned_use_mkdtemp
#define mktemp(...) banned_use_mkdtemp
