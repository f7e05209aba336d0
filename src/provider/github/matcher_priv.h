/*
 * provider/github/matcher_priv.h - problem matchers: patterns that find problems in the output of tools and make
 * annotations of them (specification 9.5, 16.13).
 *
 * A matcher has an owner and one or more patterns that must match on consecutive lines; the newest matcher is asked
 * first. Ownership: gh_matchers_free frees all. A pattern that runs away (PCRE2's match limit) three times turns its
 * matcher off.
 */
#pragma once
#include "core/err.h"
#include "core/str.h"
#include "event/event.h"

struct gh_matchers;
struct gh_matchers *gh_matchers_new(void);
void gh_matchers_free(struct gh_matchers *m); /* NULL is allowed */
/*
 * Adds all matchers of one JSON file, read from path. A matcher with the same owner is replaced. -EINVAL and e when the
 * file is wrong: then none of them was added.
 */
int gh_matchers_add(struct gh_matchers *m, struct str path, struct str json, struct err *e);
bool gh_matchers_remove(struct gh_matchers *m, struct str owner);
void gh_matchers_remove_file(struct gh_matchers *m, struct str path);
bool gh_matchers_any(const struct gh_matchers *m);

struct gh_finding {
    enum event_level level;
    struct str text, code, file, from_path; /* empty: not captured; valid until the next call */
    unsigned line, column;                  /* 0: not captured */
};
/*
 * Looks at a line of output of a step, by its number (escape codes of colours are passed over). True: *ret is a
 * problem. Problems that take several lines are looked for in each step by itself.
 */
bool gh_matchers_line(struct gh_matchers *m, unsigned step, struct str line, struct gh_finding *ret);
/* The step is over: what it began to say counts no more. */
void gh_matchers_forget(struct gh_matchers *m, unsigned step);
