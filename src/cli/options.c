/*
 * cli/options.c - one parser for all verbs, driven by their tables: -x, -xVALUE, -xyz, --name, --name=VALUE, --.
 *
 * Values come from configuration files (settings.h), then SLIPWAY_NAME in the environment, then the command line:
 * what comes later overrules, and lists grow.
 */
#include "cli/options.h"

#include "cli/settings.h"
#include "core/num.h"
#include "doc/suggest.h"

static const struct option_row common[] = {
    {"help", 'h', OPTION_FLAG, 0, NULL, "show this help", false},
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

/* ---- tables ---- */

const struct option_row *option_find(const struct verb *v, struct str name, char letter)
{
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL; o++)
        if (letter != '\0' ? o->letter == letter : str_is(name, o->name))
            return o;
    return NULL;
}

static const struct foreign_row *foreign_find(const struct verb *v, struct str name, char letter)
{
    for (const struct foreign_row *f = v->foreign; f != NULL && f->name != NULL; f++)
        if (letter != '\0' ? f->letter == letter : str_is(name, f->name))
            return f;
    return NULL;
}

struct str option_near(const struct verb *v, struct str name, bool settings)
{
    const char *names[128];
    size_t n = 0;
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL && n < ARRAY_LEN(names); o++)
        if (o->help != NULL && (o->setting || !settings))
            names[n++] = o->name;
    return suggest(name, names, n);
}

/* ---- values ---- */

static void complain(struct option_reader *r, struct str text)
{
    if (r->origin.n > 0)
        say_error(r->c, "%.*s: %.*s", STR_ARG(r->origin), STR_ARG(text));
    else
        say_error(r->c, "%.*s", STR_ARG(text));
}

static int number(struct option_reader *r, const struct option_row *o, struct str value, unsigned *ret)
{
    uint64_t n;
    if (num_parse_u64(value, 100000, &n) == 0) {
        *ret = (unsigned)n;
        return 0;
    }
    if (o->letter == 'j')
        complain(r, arena_printf(r->c->arena,
                                 "-j takes a number of jobs at a time, not '%.*s'; one job is chosen with --job %.*s",
                                 STR_ARG(value), STR_ARG(value)));
    else
        complain(r, arena_printf(r->c->arena, "--%s takes a number, not '%.*s'", o->name, STR_ARG(value)));
    return EXIT_USAGE;
}

/* A flag is on when it is there; --flag=false puts it off again. */
static int truth(struct option_reader *r, const char *name, struct str value, bool *ret)
{
    static const char *const yes[] = {"", "true", "1", "yes", "on"}, *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_is_nocase(value, yes[i])) {
            *ret = true;
            return 0;
        }
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_is_nocase(value, no[i])) {
            *ret = false;
            return 0;
        }
    complain(r, arena_printf(r->c->arena, "--%s takes true or false, not '%.*s'", name, STR_ARG(value)));
    return EXIT_USAGE;
}

static int assign(struct option_reader *r, const struct option_row *o, struct str value)
{
    void *slot = (char *)r->into + o->offset;
    bool on = true;
    int rc;
    switch (o->kind) {
    case OPTION_FLAG:
        return truth(r, o->name, value, slot);
    case OPTION_COUNT:
        rc = truth(r, o->name, value, &on);
        *(unsigned *)slot = on ? *(unsigned *)slot + (rc == 0) : 0;
        return rc;
    case OPTION_TEXT:
        *(struct str *)slot = value;
        return 0;
    case OPTION_LIST:
        vec_push_in(r->c->arena, (struct strs *)slot, value);
        return 0;
    case OPTION_NUMBER:
        return number(r, o, value, slot);
    }
    return 0;
}

int option_store(struct option_reader *r, const struct option_row *o, struct str value)
{
    int rc = assign(r, o, value);
    if (rc != 0 || r->trace == NULL)
        return rc;
    struct str origin = r->origin.n > 0 ? r->origin : arena_printf(r->c->arena, "--%s", o->name);
    vec_push_in(r->c->arena, r->trace, ((struct option_seen){o, value, origin, r->act}));
    return 0;
}

bool option_takes_value(const struct option_row *o)
{
    return o->kind != OPTION_FLAG && o->kind != OPTION_COUNT;
}

/* ---- words ---- */

static int need_value(struct option_reader *r, struct str shown, const char *arg, struct str *ret)
{
    if (r->at + 1 >= r->words.n) {
        complain(r, arena_printf(r->c->arena, "%.*s needs a value: %.*s %s", STR_ARG(shown), STR_ARG(shown), arg));
        return EXIT_USAGE;
    }
    *ret = r->words.p[++r->at];
    return 0;
}

/* Another program's option: its value, if any, is passed over. has_value: behind '='. */
static int foreign(struct option_reader *r, const struct foreign_row *f, bool has_value)
{
    struct str ignored, shown = arena_printf(r->c->arena, "--%s", f->name);
    int rc = f->value && !has_value ? need_value(r, shown, "VALUE", &ignored) : 0;
    if (rc != 0 || f->fate == FOREIGN_SAME)
        return rc;
    if (r->act) {
        vec_push_in(r->c->arena, &r->moot, shown);
        return 0;
    }
    if (f->fate == FOREIGN_MOOT) {
        say_warning(r->c, "--%s has no effect: %s", f->name, f->text);
        return 0;
    }
    say_error(r->c, "--%s is not for slipway: %s", f->name, f->text);
    return EXIT_USAGE;
}

static int unknown(struct option_reader *r, struct str shown, struct str near)
{
    if (r->act) {
        vec_push_in(r->c->arena, &r->moot, arena_str(r->c->arena, shown));
        return 0;
    }
    if (near.n > 0)
        say_error(r->c, "%s has no option %.*s; did you mean --%.*s?", r->v->name, STR_ARG(shown), STR_ARG(near));
    else
        say_error(r->c, "%s has no option %.*s; `slipway %s --help` lists them", r->v->name, STR_ARG(shown),
                  r->v->name);
    return EXIT_USAGE;
}

static int read_long(struct option_reader *r, struct str word)
{
    struct str name, value;
    bool has_value = str_cut(str_from_index(word, 2), '=', &name, &value);
    const struct option_row *o = option_find(r->v, name, '\0');
    const struct foreign_row *f = o == NULL ? foreign_find(r->v, name, '\0') : NULL;
    if (f != NULL)
        return foreign(r, f, has_value);
    if (o == NULL)
        return unknown(r, arena_printf(r->c->arena, "--%.*s", STR_ARG(name)), option_near(r->v, name, false));
    if (has_value && !option_takes_value(o) && value.n == 0)
        value = STR("''");
    if (!has_value && option_takes_value(o)) {
        int rc = need_value(r, arena_printf(r->c->arena, "--%s", o->name), o->arg, &value);
        if (rc != 0)
            return rc;
    }
    return option_store(r, o, value);
}

/* act's letters for what slipway has under others; of an .actrc only. */
static const char *act_name(const struct option_reader *r, char letter)
{
    return !r->act ? NULL : letter == 'j' ? "job" : letter == 'b' ? "bind" : NULL;
}

static int read_letters(struct option_reader *r, struct str word)
{
    for (size_t i = 1; i < word.n; i++) {
        const char *act = act_name(r, word.p[i]);
        struct str name = act != NULL ? str_from(act) : STR_NONE;
        const struct option_row *o = option_find(r->v, name, act != NULL ? '\0' : word.p[i]);
        const struct foreign_row *f = o == NULL ? foreign_find(r->v, name, act != NULL ? '\0' : word.p[i]) : NULL;
        int rc = 0;
        if (o == NULL && f == NULL)
            return unknown(r, arena_printf(r->c->arena, "-%c", word.p[i]), STR_NONE);
        if (f != NULL) {
            if ((rc = foreign(r, f, i + 1 < word.n)) != 0 || f->value)
                return rc;
            continue;
        }
        if (!option_takes_value(o)) {
            if ((rc = option_store(r, o, STR_NONE)) != 0)
                return rc;
            continue;
        }
        struct str value = str_from_index(word, i + 1);
        if (value.n > 0 && value.p[0] == '=')
            value = str_from_index(value, 1);
        if (value.n == 0)
            rc = need_value(r, arena_printf(r->c->arena, "-%c", o->letter), o->arg, &value);
        return rc != 0 ? rc : option_store(r, o, value);
    }
    return 0;
}

int options_words(struct option_reader *r, struct strs words, struct strs *rest)
{
    r->words = words;
    for (r->at = 0; r->at < r->words.n; r->at++) {
        struct str word = r->words.p[r->at];
        int rc = 0;
        if (str_is(word, "--")) {
            for (r->at++; r->at < r->words.n; r->at++)
                vec_push_in(r->c->arena, rest, r->words.p[r->at]);
            return 0;
        }
        if (!r->act && (str_is(word, "--help") || (str_is(word, "-h") && option_find(r->v, STR_NONE, 'h') == NULL))) {
            options_help(r->c, r->v, stdout);
            return -1;
        }
        if (str_starts(word, STR("--")))
            rc = read_long(r, word);
        else if (word.n > 1 && word.p[0] == '-')
            rc = read_letters(r, word);
        else
            vec_push_in(r->c->arena, rest, word);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- the environment ---- */

struct str option_variable(struct arena *a, const struct option_row *o)
{
    CLEAN(buf) struct buf name = BUF(BUF_LINE);
    buf_add_cstr(&name, "SLIPWAY_");
    for (const char *p = o->name; *p != '\0'; p++)
        buf_add_ch(&name, *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
    return arena_str(a, buf_str(&name));
}

/* SLIPWAY_SKIP_UNKNOWN=1 stands for --skip-unknown, SLIPWAY_SANDBOX=plain for --sandbox plain. "": not set. */
static int read_environment(struct option_reader *r)
{
    for (const struct option_row *o = r->v->options; o != NULL && o->name != NULL; o++) {
        if (o->kind == OPTION_LIST || o->help == NULL)
            continue;
        struct str name = option_variable(r->c->arena, o);
        const char *set = getenv(name.p);
        if (set == NULL || set[0] == '\0')
            continue;
        r->origin = name;
        int rc = option_store(r, o, str_from(set));
        r->origin = STR_NONE;
        if (rc != 0)
            return rc;
    }
    return 0;
}

int options_read_traced(struct cli *c, const struct verb *v, int argc, char **argv, void *into, struct strs *rest,
                        struct options_trace *trace)
{
    struct option_reader r = {.c = c, .v = v, .into = into, .trace = trace};
    struct strs words = {0};
    for (int i = 1; i < argc; i++)
        vec_push_in(c->arena, &words, str_from(argv[i]));
    for (size_t i = 0; i < words.n && !str_is(words.p[i], "--"); i++)
        if (str_is(words.p[i], "--help"))
            words = (struct strs){&words.p[i], 1, 1}; /* whatever the files say */
    int rc = words.n == 1 && str_is(words.p[0], "--help") ? 0 : settings_read(&r);
    rc = rc != 0 ? rc : read_environment(&r);
    return rc != 0 ? rc : options_words(&r, words, rest);
}

int options_read(struct cli *c, const struct verb *v, int argc, char **argv, void *into, struct strs *rest)
{
    return options_read_traced(c, v, argc, argv, into, rest, NULL);
}

/* ---- help ---- */

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
