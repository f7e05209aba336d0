/*
 * cli/options.h - how a value reaches a verb's struct, whichever way it comes: the command line, the environment or a
 * configuration file. Verbs call options_read (cli.h).
 */
#pragma once
#include "cli/cli.h"

struct option_reader {
    struct cli *c;
    const struct verb *v;
    void *into;
    struct str origin;           /* of what is being read: "/home/mina/.actrc:3"; empty: the command line */
    struct options_trace *trace; /* or NULL */
    bool act;                    /* an .actrc: act's letters, and what has no effect is gathered, not told */
    struct strs moot;
    struct strs words; /* options_words' own */
    size_t at;
};

const struct option_row *option_find(const struct verb *v, struct str name, char letter); /* letter 0: by name */
/* The nearest option's name (settings: of those that may stand in files), or empty. */
struct str option_near(const struct verb *v, struct str name, bool settings);
bool option_takes_value(const struct option_row *o);
struct str option_variable(struct arena *a, const struct option_row *o); /* "SLIPWAY_DRY_RUN" */
/* 0, or EXIT_USAGE after a message. A flag takes "", true or false. */
int option_store(struct option_reader *r, const struct option_row *o, struct str value);
/* As options_read; what is no option goes to rest. */
int options_words(struct option_reader *r, struct strs words, struct strs *rest);
