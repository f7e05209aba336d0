/*
 * doc/diag.h - the user's text is wrong: what, where, which rule, and what would mend it.
 *
 * Diagnostics are collected, never printed where they are found; reading goes on so that one pass finds all. One
 * renderer shows them: `file:line:col: error: message [GH017]`, the source line, a caret, a hint.
 * A code is a letter pair and three digits; the files of codes/ list every one with the rule's text (`slipway explain
 * GH017`). What is shown never carries control characters of the user's text: they are escaped or replaced.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/mem.h"
#include "doc/source.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };
/* "error", "warning", "note". */
const char *diag_level_name(enum diag_level level);

struct diag {
    enum diag_level level;
    const char *code; /* of codes/ */
    struct span span;
    struct span order;  /* where it is sorted: its span, or that of the diagnostic that a note belongs to */
    struct str message; /* one sentence, at most DIAG_TEXT_MAX bytes */
    struct str hint;    /* how to mend it ("did you mean 'runs-on'?"), or empty */
};

/*
 * Collected in order of discovery; texts are in the arena. At most DIAG_MAX errors and DIAG_MAX others are kept; the
 * rest are counted, in dropped and in errors or warnings.
 */
#define DIAG_MAX 100
#define DIAG_TEXT_MAX 1000 /* longer messages are cut with "..." */
struct diags {
    struct arena *arena;
    const struct sources *sources;
    struct diag *p;
    size_t n, cap;
    size_t errors, warnings;
    size_t dropped;
    bool last_dropped; /* a hint that follows belongs to nothing */
};

void diags_init(struct diags *d, struct arena *a, const struct sources *s);
void diag_error(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
void diag_warning(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A second place that belongs to the diagnostic that was added last. */
void diag_note(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Adds a hint to the diagnostic that was added last. */
void diag_hint(struct diags *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Adds what is in `from` and not in d yet: a file that is read twice has its faults told once. Texts are copied. */
void diags_merge(struct diags *d, const struct diags *from);
/* Sorts by file and offset, keeping the order of equals; notes stay behind what they belong to. */
void diags_sort(struct diags *d);

/*
 * Renders one diagnostic for people. colour: ANSI escapes. Lines past 200 columns are shown around the caret, so the
 * cost does not depend on the length of a line. -E2BIG when out is full.
 */
int diag_render(struct buf *out, const struct sources *s, const struct diag *d, bool colour);
/*
 * One JSON object on one line: level, code, file, line, column, end_column (behind the span's last character on that
 * line), message, hint. A diagnostic that is nowhere has file null and 0 for the numbers; no hint is "".
 */
int diag_json(struct buf *out, const struct sources *s, const struct diag *d);

/* How it is known that the service has a rule; said where the service's own text cannot be run. */
enum diag_evidence { EVIDENCE_UNSAID, EVIDENCE_DOCUMENTED, EVIDENCE_SOURCE, EVIDENCE_SEEN, EVIDENCE_GUESS };
/* A few words without a full stop; "" for EVIDENCE_UNSAID. */
const char *diag_evidence_words(enum diag_evidence e);

/* The text of a rule for `slipway explain` (ASCII case folded); NULL for an unknown code. */
struct diag_rule {
    const char *code, *title, *text;
    enum diag_evidence evidence;
};
const struct diag_rule *diag_rule_find(struct str code);
/* All rules, sorted by code. */
const struct diag_rule *diag_rules(size_t *ret_n);
