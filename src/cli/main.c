/*
 * cli/main.c - the program: which verb, which folder, which colours.
 */
#include "cli/cli.h"
#include "cli/man.h"
#include "cli/status.h"

#include "doc/suggest.h"
#include "sys/host.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#define X(name) extern const struct verb verb_##name;
#include "cli/verbs.def"
#undef X

const struct verb *const *verbs(void)
{
    static const struct verb *const all[] = {
#define X(name) &verb_##name,
#include "cli/verbs.def"
#undef X
        NULL,
    };
    return all;
}

const struct verb *verb_find(struct str name)
{
    for (const struct verb *const *v = verbs(); *v != NULL; v++)
        if (str_is(name, (*v)->name))
            return *v;
    return NULL;
}

/* ---- saying things ---- */

static void say(bool colour, const char *sgr, const char *word, const char *fmt, va_list args) PRINTF_LIKE(4, 0);

static void say(bool colour, const char *sgr, const char *word, const char *fmt, va_list args)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_vprintf(&b, fmt, args);
    if (colour)
        fprintf(stderr, "\033[1mslipway:\033[0m \033[%sm%s\033[0m%s\n", sgr, word, buf_cstr(&b));
    else
        fprintf(stderr, "slipway: %s%s\n", word, buf_cstr(&b));
}

void say_error(struct cli *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(c->colour_err, "31", "", fmt, args);
    va_end(args);
}

void say_warning(struct cli *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(c->colour_err, "35", "warning: ", fmt, args);
    va_end(args);
}

void say_diags(struct cli *c, struct diags *d)
{
    diags_sort(d);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < d->n; i++)
        diag_render(&b, d->sources, &d->p[i], c->colour_err);
    fwrite(buf_cstr(&b), 1, b.n, stderr);
    if (d->dropped > 0)
        fprintf(stderr, "and %zu more\n", d->dropped);
}

int say_flush(struct cli *c, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE)
        return code;
    say_error(c, "standard output: %s", strerror(errno));
    return code == EXIT_PASSED ? EXIT_FAILED : code;
}

/* ---- help and version ---- */

static void print_help(FILE *to)
{
    fprintf(to, "slipway " SLIPWAY_VERSION
                " takes a project from an empty folder to a load-tested container on one machine,\n"
                "without Docker, a cloud account or a push.\n\n");
    for (const struct verb *const *v = verbs(); *v != NULL; v++)
        fprintf(to, "  %-11s %s\n", (*v)->name, (*v)->summary);
    fprintf(to, "\nexample:  slipway new hello && cd hello && slipway ci\n"
                "help:     slipway help VERB\n");
}

static int print_version(void)
{
    printf("slipway " SLIPWAY_VERSION
           "\ndata of 2026-11-23 (interpreters' ends of life, runner images)\nMIT licence\n");
    return EXIT_PASSED;
}

static int help(struct cli *c, int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        return EXIT_PASSED;
    }
    if (strcmp(argv[1], "--man") == 0) {
        man_print(stdout);
        return EXIT_PASSED;
    }
    const struct verb *v = verb_find(str_from(argv[1]));
    if (v == NULL) {
        say_error(c, "there is no verb '%s'; `slipway help` lists them", argv[1]);
        return EXIT_USAGE;
    }
    options_help(c, v, stdout);
    return EXIT_PASSED;
}

static int unknown_verb(struct cli *c, const char *word)
{
    const char *names[64];
    size_t n = 0;
    for (const struct verb *const *v = verbs(); *v != NULL && n < ARRAY_LEN(names); v++)
        names[n++] = (*v)->name;
    struct str near = suggest(str_from(word), names, n);
    static const char *const planned[] = {"adopt", "update", "image", "registry", "load", "serve", "hook"};
    for (size_t i = 0; i < ARRAY_LEN(planned); i++)
        if (strcmp(word, planned[i]) == 0) {
            say_error(c, "'%s' is planned and not in this version; docs/roadmap.md says what comes when", word);
            return EXIT_USAGE;
        }
    if (near.n > 0)
        say_error(c, "there is no verb '%s'; did you mean '%.*s'?", word, STR_ARG(near));
    else
        say_error(c, "there is no verb '%s'; `slipway help` lists them", word);
    return EXIT_USAGE;
}

/* ---- colours ---- */

static bool colour_for(int fd, struct str when)
{
    if (str_is(when, "always"))
        return true;
    if (str_is(when, "never"))
        return false;
    const char *force = getenv("FORCE_COLOR"), *no = getenv("NO_COLOR"), *cli = getenv("CLICOLOR"),
               *term = getenv("TERM");
    if (no != NULL && no[0] != '\0')
        return false;
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0)
        return true;
    if (cli != NULL && strcmp(cli, "0") == 0)
        return false;
    return term_is_tty(fd) && (term == NULL || strcmp(term, "dumb") != 0);
}

/* -C DIR, -CDIR, --directory DIR, --directory=DIR: *word becomes DIR, and *at the last word that it took. */
static bool directory(struct str *word, char *next, int *at)
{
    if (str_starts(*word, STR("--directory=")))
        *word = str_from_index(*word, strlen("--directory="));
    else if (word->n > 2 && str_starts(*word, STR("-C")))
        *word = str_from_index(*word, 2);
    else if (next == NULL || (!str_is(*word, "-C") && !str_is(*word, "--directory")))
        return false;
    else {
        *word = str_from(next);
        ++*at;
    }
    return true;
}

/* Takes the options that stand before or behind any verb: -C DIR, --color WHEN. Returns the new argc, or -1. */
static int global_options(struct cli *c, int argc, char **argv, struct str *colour)
{
    int kept = 1;
    for (int i = 1; i < argc; i++) {
        struct str word = str_from(argv[i]), value = STR_NONE;
        if (str_is(word, "--")) {
            while (i < argc)
                argv[kept++] = argv[i++];
            break;
        }
        if (str_starts(word, STR("--color=")) || str_starts(word, STR("--colour="))) {
            str_cut(word, '=', &word, &value);
            *colour = value;
        } else if ((str_is(word, "--color") || str_is(word, "--colour")) && i + 1 < argc) {
            *colour = str_from(argv[++i]);
        } else if (directory(&word, i + 1 < argc ? argv[i + 1] : NULL, &i)) {
            if (chdir(word.p) != 0) {
                say_error(c, "%s: %s", word.p, strerror(errno));
                return -1;
            }
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    return kept;
}

static int dispatch(struct cli *c, int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        status_print(c);
        return EXIT_PASSED;
    }
    struct str word = str_from(argv[1]);
    if (str_is(word, "-h") || str_is(word, "--help"))
        return help(c, 1, argv + 1);
    if (str_is(word, "help"))
        return help(c, argc - 1, argv + 1);
    if (str_is(word, "--version") || str_is(word, "-V"))
        return print_version();
    const struct verb *v = verb_find(word);
    if (v == NULL)
        return unknown_verb(c, argv[1]);
    return v->run(c, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    struct cli c = {.arena = arena_new(), .program = argv[0]};
    struct str colour = STR("auto");
    c.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    c.colour_err = colour_for(STDERR_FILENO, colour);
    argc = global_options(&c, argc, argv, &colour);
    int code = EXIT_USAGE;
    if (argc > 0 && !str_is(colour, "auto") && !str_is(colour, "always") && !str_is(colour, "never"))
        say_error(&c, "--color takes always, never or auto, not '%.*s'", STR_ARG(colour));
    else if (argc > 0) {
        c.colour_out = colour_for(STDOUT_FILENO, colour);
        c.colour_err = colour_for(STDERR_FILENO, colour);
        code = dispatch(&c, argc, argv);
    }
    code = say_flush(&c, code);
    arena_free(c.arena);
    return code;
}
