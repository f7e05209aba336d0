/*
 * doc/diag.h - the user's text is wrong: what, where, which rule, and what would mend it.
 *
 * Diagnostics are collected, never printed where they are found; reading goes on so that one pass finds all. One
 * renderer shows them: `file:line:col: error: message [GH017]`, the source line, a caret, notes.
 * A code is a letter pair and three digits; codes.def lists every one with the rule's text (`slipway explain GH017`).
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/mem.h"
#include "doc/source.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag {
    enum diag_level level;
    const char *code;    /* of codes.def */
    struct span span;
    struct str message;  /* one sentence */
    struct str hint;     /* how to mend it ("did you mean 'runs-on'?"), or empty */
};

/* Collected in order of discovery; texts are in the arena. At most DIAG_MAX errors are kept, the rest are counted. */
#define DIAG_MAX 100
struct diags {
    struct arena *arena;
    const struct sources *sources;
    struct diag *p;
    size_t n, cap;
    size_t errors, warnings;
    size_t dropped;
};

void diags_init(struct diags *d, struct arena *a, const struct sources *s);
void diag_error(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
void diag_warning(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Adds a hint to the diagnostic that was added last. */
void diag_hint(struct diags *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Sorts by file and offset, keeping the order of equals. */
void diags_sort(struct diags *d);

/* Renders one diagnostic for people. colour: ANSI escapes. Lines past 200 columns are shown around the caret. */
int diag_render(struct buf *out, const struct sources *s, const struct diag *d, bool colour);
/* One JSON object: level, code, file, line, column, end_column, message, hint. */
int diag_json(struct buf *out, const struct sources *s, const struct diag *d);

/* The text of a rule for `slipway explain`; NULL for an unknown code. */
struct diag_rule {
    const char *code, *title, *text;
};
const struct diag_rule *diag_rule_find(struct str code);
const struct diag_rule *diag_rules(size_t *ret_n);
