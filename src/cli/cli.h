/*
 * cli/cli.h - the verbs, their options, and what they share.
 *
 * cli/ is the only room that composes the others, the only one that prints errors, and the only one that knows exit
 * codes. A verb is one file that ends in its own `struct verb`; verbs.def lists them.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"
#include "doc/diag.h"

/* Documented in README and `slipway help`: stable. */
enum exit_code {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,      /* a job, a check or a threshold failed */
    EXIT_USAGE = 2,       /* wrong arguments, or a file that cannot be read */
    EXIT_ENVIRONMENT = 3, /* this machine lacks something */
    EXIT_LEFT_OUT = 4,    /* something was skipped under --strict */
    EXIT_BUG = 70,
    EXIT_INTERRUPTED = 130
};

/* ---- options: a table, never a switch ---- */

enum option_kind {
    OPTION_FLAG,  /* bool */
    OPTION_COUNT, /* unsigned: how often it was given */
    OPTION_TEXT,  /* struct str: the last one wins */
    OPTION_LIST,  /* struct strs: all of them */
    OPTION_NUMBER /* unsigned */
};

struct option_row {
    const char *name; /* long form without its dashes */
    char letter;      /* or 0 */
    enum option_kind kind;
    size_t offset;    /* into the verb's own struct */
    const char *arg;  /* what the value is called, NULL for flags */
    const char *help; /* NULL: understood, but not listed */
    bool setting;     /* may stand in configuration files */
};
#define OPTION(type, field, name, letter, kind, arg, help)                                                             \
    {                                                                                                                  \
        name, letter, kind, offsetof(type, field), arg, help, false                                                    \
    }
#define SETTING(type, field, name, letter, kind, arg, help)                                                            \
    {                                                                                                                  \
        name, letter, kind, offsetof(type, field), arg, help, true                                                     \
    }

/* An option of another program that people bring along. */
enum foreign_fate {
    FOREIGN_SAME,   /* what it asks for is always so */
    FOREIGN_MOOT,   /* accepted, and told that it has no effect */
    FOREIGN_REFUSED /* by name; text says what to use instead */
};
struct foreign_row {
    const char *name;
    char letter;
    bool value; /* it takes one */
    enum foreign_fate fate;
    const char *text; /* why, or what instead; NULL for FOREIGN_SAME */
};

struct cli {
    struct arena *arena; /* lives as long as the program */
    bool colour_out, colour_err;
    bool utf8;
    const char *program;
};

struct verb {
    const char *name;
    const char *args;                  /* "[EVENT] [SERVICE...]" */
    const char *summary;               /* one line */
    const char *more;                  /* paragraphs for `slipway help VERB`, or NULL */
    const struct option_row *options;  /* ends with a row whose name is NULL */
    const struct foreign_row *foreign; /* the same, or NULL */
    const char *table;                 /* of its settings in slipway.toml, or NULL; such a verb reads .actrc, too */
    int (*run)(struct cli *c, int argc, char **argv);
};

/*
 * Reads argv[1..] by the table into *into; what is no option goes to rest. 0, EXIT_USAGE after a message, or -1 when
 * help was asked for and printed. `--` ends the options.
 */
int options_read(struct cli *c, const struct verb *v, int argc, char **argv, void *into, struct strs *rest);

/* Every value that was given, lowest precedence first, and where: "--env", "SLIPWAY_ENV", "/home/mina/.actrc:3". */
struct option_seen {
    const struct option_row *row;
    struct str value, origin;
    bool act; /* of an .actrc */
};
struct options_trace {
    struct option_seen *p;
    size_t n, cap;
};
int options_read_traced(struct cli *c, const struct verb *v, int argc, char **argv, void *into, struct strs *rest,
                        struct options_trace *trace);
void options_help(struct cli *c, const struct verb *v, FILE *to);

const struct verb *const *verbs(void); /* NULL-terminated, in the order of `slipway` */
const struct verb *verb_find(struct str name);

/* "slipway: message" on stderr, in colour when allowed. */
void say_error(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
void say_warning(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints every diagnostic, sorted; a line with the counts behind them when there are several. */
void say_diags(struct cli *c, struct diags *d);
/* stdout is flushed and was written whole, else EXIT_FAILED; a closed pipe (| head) is no error. */
int say_flush(struct cli *c, int code);
