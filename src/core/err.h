/*
 * core/err.h - the world is wrong: an errno and a sentence, by value.
 *
 * A function that can fail returns 0 or a negative errno and takes `struct err *e` last; e may be NULL. It sets e
 * where it knows most; callers wrap context in front on the way up; cli/ prints it once. Nothing is ever freed.
 */
#pragma once
#include "core/base.h"

struct err {
    int num;        /* 0, or a negative errno */
    char text[500]; /* one sentence, no newline, no full stop at its end */
};

/* Sets e (when not NULL) and returns -num; num is a positive or negative errno, never 0. */
int err_set(struct err *e, int num, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As err_set, with ": strerror(num)" behind the text. */
int err_sys(struct err *e, int num, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts "context: " in front of e's text and returns e->num; -EIO when e is NULL, as the cause is not known then. */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#ifdef __clang_analyzer__
/* clang-tidy does not see the bodies; without their promise it believes that a failure may be returned as 0. */
static inline int err_below_0(int failure)
{
    __builtin_assume(failure < 0);
    return failure;
}
#define err_set(...) err_below_0((err_set)(__VA_ARGS__))
#define err_sys(...) err_below_0((err_sys)(__VA_ARGS__))
#define err_wrap(...) err_below_0((err_wrap)(__VA_ARGS__))
#endif
