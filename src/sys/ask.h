/*
 * sys/ask.h - a question to the person at the terminal.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

/*
 * Puts the question on standard error and reads the answer, a line of standard input, without showing it. -ENOTTY when
 * that is no terminal, -EINTR for ^C, -ENODATA for ^D on an empty line; the terminal is left as it was.
 */
int ask_hidden(struct arena *a, struct str question, struct str *ret, struct err *e);
