/*
 * sys/ask.h - an answer of the person at the terminal.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

/*
 * Reads the answer, a line of standard input, without showing it. -ENOTTY when that is no terminal, -EINTR for ^C,
 * -ENODATA for ^D on an empty line; the terminal is left as it was.
 */
int ask_hidden(struct arena *a, struct str *ret, struct err *e);
