/*
 * gb_validate_lost.c - steps whose whole work is lost when they end: steps share /workspace, the home and volumes, and
 * what a step installs elsewhere, or the folder that it changed to, is gone in the next one.
 *
 * Only what is sure is told: every command of the step must be one that this file knows, in a text without anything of
 * a shell but words, quotes, `;`, `&&` and lines; with a volume or a variable that moves installations nothing is told.
 */
#include "core/base.h"
#include "core/buf.h"
#include "provider/cloudbuild/gb_validate_priv.h"
#include "provider/cloudbuild/run_priv.h"

/* ---- words of a shell ---- */

enum token { TOKEN_WORD, TOKEN_END, TOKEN_NONE, TOKEN_STRANGE };

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Does something begin here that only a shell can answer? */
static bool is_strange(struct str s, char quote)
{
    return quote != '\'' && (s.p[0] == '`' || str_starts(s, STR("$(")));
}

static enum token take_word(struct arena *a, struct str *rest, struct str *ret)
{
    CLEAN(buf) struct buf word = BUF(BUF_TEXT);
    char quote = '\0';
    size_t i = 0;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        if (quote == '\0' && is_one_of(c, " \t\n;&|<>()"))
            break;
        if (is_strange(str_from_index(*rest, i), quote))
            return TOKEN_STRANGE;
        if (quote == '\0' && is_one_of(c, "'\""))
            quote = c;
        else if (quote != '\0' && c == quote)
            quote = '\0';
        else if (c == '\\' && quote != '\'' && i + 1 < rest->n)
            buf_add_ch(&word, rest->p[++i]);
        else
            buf_add_ch(&word, c);
    }
    *rest = str_from_index(*rest, i);
    *ret = arena_str(a, buf_str(&word));
    return quote != '\0' || word.over ? TOKEN_STRANGE : TOKEN_WORD;
}

static void skip_blanks(struct str *rest)
{
    while (rest->n > 0) {
        if (is_one_of(rest->p[0], " \t"))
            *rest = str_from_index(*rest, 1);
        else if (str_starts(*rest, STR("\\\n")))
            *rest = str_from_index(*rest, 2);
        else
            break;
    }
    if (rest->n > 0 && rest->p[0] == '#') {
        ssize_t end = str_find_ch(*rest, '\n');
        *rest = end < 0 ? STR("") : str_from_index(*rest, (size_t)end);
    }
}

static enum token next_token(struct arena *a, struct str *rest, struct str *word)
{
    skip_blanks(rest);
    if (rest->n == 0)
        return TOKEN_NONE;
    size_t ends = is_one_of(rest->p[0], ";\n") ? 1 : str_starts(*rest, STR("&&")) ? 2 : 0;
    if (ends > 0) {
        *rest = str_from_index(*rest, ends);
        return TOKEN_END;
    }
    return is_one_of(rest->p[0], "&|<>()") ? TOKEN_STRANGE : take_word(a, rest, word);
}

/* ---- what a command leaves behind ---- */

enum lost {
    LOST_UNKNOWN, /* it may do anything */
    LOST_NOTHING, /* it leaves nothing, anywhere */
    LOST_FOLDER,
    LOST_PIP,
    LOST_NPM,
    LOST_PACKAGES
};

static bool has_word(const struct strs *w, const char *const *words, size_t n)
{
    for (size_t i = 0; i < w->n; i++) {
        struct str name, value;
        str_cut(w->p[i], '=', &name, &value);
        for (size_t k = 0; k < n; k++)
            if (str_is(name, words[k]))
                return true;
    }
    return false;
}

/* The first word behind number `at` that is no option; empty: there is none. */
static struct str verb_of(const struct strs *w, size_t at)
{
    for (size_t i = at; i < w->n; i++)
        if (!str_starts(w->p[i], STR("-")))
            return w->p[i];
    return STR("");
}

static enum lost lost_of_pip(const struct strs *w, size_t at)
{
    static const char *const keeps[] = {"--user", "--target", "-t",        "--prefix", "--root",
                                        "-h",     "--help",   "--dry-run", "--report", "--python"};
    if (at >= w->n || !str_is(w->p[at], "install") || has_word(w, keeps, ARRAY_LEN(keeps)))
        return LOST_UNKNOWN;
    for (size_t i = at; i < w->n; i++) /* short options in one word, a folder behind its option: "-qt", "-tlib" */
        if (w->p[i].n > 2 && w->p[i].p[0] == '-' && w->p[i].p[1] != '-' && str_find_ch(w->p[i], 't') > 0)
            return LOST_UNKNOWN;
    return LOST_PIP;
}

static enum lost lost_of_npm(const struct strs *w)
{
    static const char *const global[] = {"-g", "--global"}, *const keeps[] = {"--prefix", "-C"};
    struct str verb = verb_of(w, 1);
    bool installs = str_is(verb, "install") || str_is(verb, "i") || str_is(verb, "add");
    bool lost = installs && has_word(w, global, ARRAY_LEN(global)) && !has_word(w, keeps, ARRAY_LEN(keeps));
    return lost ? LOST_NPM : LOST_UNKNOWN;
}

static enum lost lost_of_packages(const struct strs *w, size_t at)
{
    static const char *const keeps[] = {"--root", "-d", "--download-only", "-s", "--simulate", "--installroot"};
    struct str verb = verb_of(w, at);
    if (has_word(w, keeps, ARRAY_LEN(keeps)))
        return LOST_UNKNOWN;
    if (str_is(verb, "install") || str_is(verb, "add"))
        return LOST_PACKAGES;
    return str_is(verb, "update") || str_is(verb, "clean") ? LOST_NOTHING : LOST_UNKNOWN;
}

static enum lost lost_of(const struct strs *w)
{
    static const char *const managers[] = {"apt-get", "apt", "apk", "yum", "dnf"}, *const silent[] = {"set", ":",
                                                                                                      "true"};
    size_t at = w->n > 1 && str_is(w->p[0], "sudo") ? 1 : 0;
    struct str program = w->p[at];
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        if (str_is(program, silent[i]))
            return LOST_NOTHING;
    for (size_t i = 0; i < ARRAY_LEN(managers); i++)
        if (str_is(program, managers[i]))
            return lost_of_packages(w, at + 1);
    if (str_is(program, "cd"))
        return LOST_FOLDER;
    if (str_is(program, "pip") || str_is(program, "pip3"))
        return lost_of_pip(w, at + 1);
    if ((str_is(program, "python") || str_is(program, "python3")) && w->n > at + 3 && str_is(w->p[at + 1], "-m") &&
        str_is(w->p[at + 2], "pip"))
        return lost_of_pip(w, at + 3);
    return str_is(program, "npm") ? lost_of_npm(w) : LOST_UNKNOWN;
}

/* ---- what a step leaves behind ---- */

/* What the commands so far lose, and this one: an installation counts more than a folder. */
static enum lost both(enum lost a, enum lost b)
{
    if (a == LOST_UNKNOWN || b == LOST_UNKNOWN)
        return LOST_UNKNOWN;
    return a > b ? a : b;
}

static enum lost lost_of_text(struct arena *a, struct str text)
{
    struct strs words = {0};
    enum lost lost = LOST_NOTHING;
    struct str word = STR("");
    for (;;) {
        enum token token = next_token(a, &text, &word);
        if (token == TOKEN_STRANGE)
            return LOST_UNKNOWN;
        if (token == TOKEN_WORD) {
            vec_push_in(a, &words, word);
            continue;
        }
        if (words.n > 0)
            lost = both(lost, lost_of(&words));
        words = (struct strs){0};
        if (token == TOKEN_NONE)
            return lost;
    }
}

static bool is_shell(struct str program)
{
    ssize_t slash = str_rfind_ch(program, '/');
    struct str name = str_from_index(program, (size_t)(slash + 1));
    return str_is(name, "sh") || str_is(name, "bash");
}

/* The first line of a script may name another interpreter than a shell. */
static bool is_shell_script(struct str text)
{
    struct str line, rest, word;
    str_cut(text, '\n', &line, &rest);
    if (!str_starts(line, STR("#!")))
        return true;
    for (line = str_from_index(line, 2); str_next(&line, ' ', &word);)
        if (is_shell(word))
            return true;
    return false;
}

static enum lost lost_of_step(struct arena *a, const struct gb_step *s)
{
    struct strs argv = {0};
    struct str name, tag;
    if (s->has_script)
        return is_shell_script(s->script.text) ? lost_of_text(a, s->script.text) : LOST_UNKNOWN;
    gb_image_name(a, s->name.text, &name, &tag);
    if (s->entrypoint.text.n > 0)
        vec_push_in(a, &argv, s->entrypoint.text);
    else if (str_is(name, "gcr.io/cloud-builders/npm"))
        vec_push_in(a, &argv, STR("npm"));
    for (size_t i = 0; i < s->args.n; i++)
        vec_push_in(a, &argv, s->args.p[i].text);
    if (argv.n == 0)
        return LOST_UNKNOWN;
    if (!is_shell(argv.p[0]))
        return lost_of(&argv);
    bool command = argv.n == 3 && str_starts(argv.p[1], STR("-")) && str_ends(argv.p[1], STR("c"));
    return command ? lost_of_text(a, argv.p[2]) : LOST_UNKNOWN;
}

/* ---- what is told ---- */

static bool moves(const struct gb_texts *env)
{
    static const char *const heads[] = {"PIP_", "PYTHON", "VIRTUAL_ENV", "NPM_CONFIG_", "npm_config_"};
    for (size_t i = 0; i < env->n; i++)
        for (size_t k = 0; k < ARRAY_LEN(heads); k++)
            if (str_starts(env->p[i].text, str_from(heads[k])))
                return true;
    return false;
}

/* Installations may lie somewhere that stays. */
static bool may_stay(const struct gb_build *b, const struct gb_step *s)
{
    return s->volumes.n > 0 || b->options.volumes.n > 0 || moves(&s->env) || moves(&b->options.env);
}

static bool speaks_of(struct str text)
{
    static const char *const words[] = {"install", "venv", "pip", "tox", "nox", "uv", "poetry", "conda", "PYTHONPATH"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(text, str_from(words[i])) >= 0)
            return true;
    return false;
}

/* A step of Python that brings nothing of its own along. */
static bool relies_on_others(struct arena *a, const struct gb_step *s)
{
    struct str name, tag;
    gb_image_name(a, s->name.text, &name, &tag);
    bool speaks = speaks_of(s->script.text) || speaks_of(s->entrypoint.text);
    for (size_t i = 0; i < s->args.n; i++)
        speaks = speaks || speaks_of(s->args.p[i].text);
    return str_is(name, "python") && !speaks && s->volumes.n == 0 && !moves(&s->env);
}

/* The step that misses it; n_steps: none. */
static size_t who_misses(struct arena *a, const struct gb_build *b, size_t i, enum lost lost)
{
    for (i++; i < b->n_steps; i++)
        if (lost != LOST_PIP || relies_on_others(a, &b->steps[i]))
            break;
    return i;
}

/* The text that a shell runs, else the first argument. */
static struct span place_of(const struct gb_step *s)
{
    if (s->has_script)
        return gb_at(&s->script, s->span);
    if (s->args.n == 0)
        return s->span;
    return gb_at(&s->args.p[str_starts(s->args.p[0].text, STR("-")) ? s->args.n - 1 : 0], s->span);
}

static void tell(const struct gb_build *b, size_t i, enum lost lost, size_t misses, struct diags *d)
{
    struct span at = place_of(&b->steps[i]);
    struct str label = gb_say_step(d->arena, b, i), other = gb_say_step(d->arena, b, misses);
    switch (lost) {
    case LOST_UNKNOWN:
    case LOST_NOTHING:
        break;
    case LOST_FOLDER:
        diag_warning(d, "GB029", at, "%.*s does nothing but change its folder, which %.*s does not see", STR_ARG(label),
                     STR_ARG(other));
        diag_hint(d, "say `dir: FOLDER` in each step that works there");
        break;
    case LOST_PIP:
        diag_warning(d, "GB028", at, "%.*s: what pip installs is gone with its step, and %.*s does not find it",
                     STR_ARG(label), STR_ARG(other));
        diag_hint(d, "`pip install --user` and `python -m TOOL`, or a virtual environment below /workspace");
        break;
    case LOST_NPM:
        diag_warning(d, "GB028", at, "%.*s: what npm installs with -g is gone with its step", STR_ARG(label));
        diag_hint(d, "install it without -g below /workspace, where `npx TOOL` finds it");
        break;
    case LOST_PACKAGES:
        diag_warning(d, "GB028", at, "%.*s: the packages that it installs are gone with it", STR_ARG(label));
        diag_hint(d, "install them in the step that uses them, or take an image that has them");
        break;
    }
}

void gb_check_lost(const struct gb_build *b, struct diags *d)
{
    for (size_t i = 0; i + 1 < b->n_steps; i++) {
        enum lost lost = lost_of_step(d->arena, &b->steps[i]);
        if (lost == LOST_UNKNOWN || lost == LOST_NOTHING || (lost != LOST_FOLDER && may_stay(b, &b->steps[i])))
            continue;
        size_t misses = who_misses(d->arena, b, i, lost);
        if (misses < b->n_steps)
            tell(b, i, lost, misses, d);
    }
}
