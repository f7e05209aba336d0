/*
 * cli/options.c - one parser for all verbs, driven by their tables: -x, -xVALUE, -xyz, --name, --name=VALUE, --, and
 * SLIPWAY_NAME in the environment, which any option on the command line overrules.
 */
#include "cli/cli.h"

#include "core/num.h"
#include "doc/suggest.h"

static const struct option_row common[] = {
    {"help", 'h', OPTION_FLAG, 0, NULL, "show this help"},
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL},
};

static const struct option_row *row_of(const struct verb *v, struct str name, char letter)
{
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL; o++)
        if (letter != '\0' ? o->letter == letter : str_is(name, o->name))
            return o;
    return NULL;
}

static void suggest_option(struct cli *c, const struct verb *v, struct str name)
{
    const char *names[128];
    size_t n = 0;
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL && n < ARRAY_LEN(names); o++)
        if (o->help != NULL)
            names[n++] = o->name;
    struct str near = suggest(name, names, n);
    if (near.n > 0)
        say_error(c, "%s has no option --%.*s; did you mean --%.*s?", v->name, STR_ARG(name), STR_ARG(near));
    else
        say_error(c, "%s has no option --%.*s; `slipway %s --help` lists them", v->name, STR_ARG(name), v->name);
}

static int number(struct cli *c, const struct option_row *o, struct str value, unsigned *ret)
{
    uint64_t n;
    if (num_parse_u64(value, 100000, &n) == 0) {
        *ret = (unsigned)n;
        return 0;
    }
    if (o->letter == 'j')
        say_error(c, "-j takes a number of jobs at a time, not '%.*s'; one job is chosen with --job %.*s",
                  STR_ARG(value), STR_ARG(value));
    else
        say_error(c, "--%s takes a number, not '%.*s'", o->name, STR_ARG(value));
    return EXIT_USAGE;
}

static int store(struct cli *c, const struct option_row *o, struct str value, void *into)
{
    void *slot = (char *)into + o->offset;
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)slot = true;
        return 0;
    case OPTION_COUNT:
        ++*(unsigned *)slot;
        return 0;
    case OPTION_TEXT:
        *(struct str *)slot = value;
        return 0;
    case OPTION_LIST:
        vec_push_in(c->arena, (struct strs *)slot, value);
        return 0;
    case OPTION_NUMBER:
        return number(c, o, value, slot);
    }
    return 0;
}

static bool takes_value(const struct option_row *o)
{
    return o->kind != OPTION_FLAG && o->kind != OPTION_COUNT;
}

struct reader {
    struct cli *c;
    const struct verb *v;
    char **argv;
    int argc, at;
    void *into;
};

static int read_long(struct reader *r, struct str word)
{
    struct str name, value;
    bool has_value = str_cut(word, '=', &name, &value);
    const struct option_row *o = row_of(r->v, name, '\0');
    if (o == NULL) {
        suggest_option(r->c, r->v, name);
        return EXIT_USAGE;
    }
    if (has_value && !takes_value(o)) {
        say_error(r->c, "--%s takes no value", o->name);
        return EXIT_USAGE;
    }
    if (!has_value && takes_value(o)) {
        if (r->at + 1 >= r->argc) {
            say_error(r->c, "--%s needs a value: --%s %s", o->name, o->name, o->arg);
            return EXIT_USAGE;
        }
        value = str_from(r->argv[++r->at]);
    }
    return store(r->c, o, value, r->into);
}

static int read_letters(struct reader *r, struct str word)
{
    for (size_t i = 0; i < word.n; i++) {
        const struct option_row *o = row_of(r->v, STR_NONE, word.p[i]);
        if (o == NULL) {
            say_error(r->c, "%s has no option -%c; `slipway %s --help` lists them", r->v->name, word.p[i], r->v->name);
            return EXIT_USAGE;
        }
        if (!takes_value(o)) {
            store(r->c, o, STR_NONE, r->into);
            continue;
        }
        struct str value = str_from_index(word, i + 1);
        if (value.n > 0 && value.p[0] == '=')
            value = str_from_index(value, 1);
        if (value.n == 0 && r->at + 1 >= r->argc) {
            say_error(r->c, "-%c needs a value: -%c %s", o->letter, o->letter, o->arg);
            return EXIT_USAGE;
        }
        if (value.n == 0)
            value = str_from(r->argv[++r->at]);
        return store(r->c, o, value, r->into);
    }
    return 0;
}

/* SLIPWAY_SKIP_UNKNOWN=1 stands for --skip-unknown, SLIPWAY_SANDBOX=plain for --sandbox plain. "" and "0": not set. */
static int read_environment(struct cli *c, const struct verb *v, void *into)
{
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL; o++) {
        CLEAN(buf) struct buf name = BUF(BUF_LINE);
        if (o->kind == OPTION_LIST || o->help == NULL)
            continue;
        buf_add_cstr(&name, "SLIPWAY_");
        for (const char *p = o->name; *p != '\0'; p++)
            buf_add_ch(&name, *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
        const char *set = getenv(buf_cstr(&name));
        if (set == NULL || set[0] == '\0' || (!takes_value(o) && strcmp(set, "0") == 0))
            continue;
        int rc = store(c, o, str_from(set), into);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int options_read(struct cli *c, const struct verb *v, int argc, char **argv, void *into, struct strs *rest)
{
    struct reader r = {.c = c, .v = v, .argv = argv, .argc = argc, .into = into};
    int env = read_environment(c, v, into);
    if (env != 0)
        return env;
    for (r.at = 1; r.at < argc; r.at++) {
        struct str word = str_from(argv[r.at]);
        int rc = 0;
        if (str_is(word, "--")) {
            for (r.at++; r.at < argc; r.at++)
                vec_push_in(c->arena, rest, str_from(argv[r.at]));
            return 0;
        }
        if (str_is(word, "--help") || (str_is(word, "-h") && row_of(v, STR_NONE, 'h') == NULL)) {
            options_help(c, v, stdout);
            return -1;
        }
        if (str_starts(word, STR("--")))
            rc = read_long(&r, str_from_index(word, 2));
        else if (word.n > 1 && word.p[0] == '-')
            rc = read_letters(&r, str_from_index(word, 1));
        else
            vec_push_in(c->arena, rest, word);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static void help_row(const struct option_row *o, FILE *to)
{
    if (o->help == NULL)
        return;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    if (o->letter != '\0')
        buf_printf(&b, "  -%c, --%s", o->letter, o->name);
    else
        buf_printf(&b, "      --%s", o->name);
    if (o->arg != NULL)
        buf_printf(&b, " %s", o->arg);
    if (b.n < 30)
        buf_add_rep(&b, ' ', 30 - b.n);
    fprintf(to, "%s  %s\n", buf_cstr(&b), o->help);
}

void options_help(struct cli *c, const struct verb *v, FILE *to)
{
    UNUSED(c);
    fprintf(to, "usage: slipway %s%s%s\n\n%s\n", v->name, v->options != NULL ? " [options] " : " ",
            v->args != NULL ? v->args : "", v->summary);
    if (v->more != NULL)
        fprintf(to, "\n%s\n", v->more);
    fprintf(to, "\noptions:\n");
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL; o++)
        help_row(o, to);
    help_row(&common[0], to);
}
