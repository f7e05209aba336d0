/*
 * cb_read_lint.c - what the service accepts and a user would not have meant: words of bash under sh, constructs that
 * are split over commands, failures that nobody sees, publishing after a failed build.
 *
 * A command is looked through word by word, as a shell would take it apart, but without expanding anything. What is in
 * quotes or in a here-document is never looked at; where a text cannot be understood, nothing is told.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

/* A word of a command, or an operator by itself ("&&", ";", a line end as "\n"). */
struct word {
    struct str text;
    bool first;  /* where a command begins */
    bool quoted; /* some of it is in quotes */
    unsigned line;
};

struct words {
    struct str rest;
    bool first;
    bool here; /* a here-document begins: the rest is not code */
    unsigned line;
};

static bool is_operator(char c)
{
    return c == ';' || c == '&' || c == '|' || c == '(' || c == ')' || c == '\n';
}

/* Behind these words of the shell a command begins. */
static bool begins_command(struct str w)
{
    static const char *const words[] = {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(w, words[i]))
            return true;
    return false;
}

/* Bytes of the quoted part that begins at s[0]; what is never closed goes to the end. */
static size_t quoted_length(struct str s)
{
    char quote = s.p[0];
    size_t i = 1;
    while (i < s.n && s.p[i] != quote)
        i += s.p[i] == '\\' && quote == '"' ? 2 : 1;
    return i < s.n ? i + 1 : s.n;
}

/* $(...), ${...} and `...` belong to the word around them. */
static size_t nested_length(struct str s)
{
    char open = s.p[1], close = open == '(' ? ')' : '}';
    size_t depth = 0, i = 1;
    for (; i < s.n; i++) {
        if (s.p[i] == open)
            depth++;
        else if (s.p[i] == close && --depth == 0)
            return i + 1;
    }
    return s.n;
}

static size_t piece_length(struct str s)
{
    if (s.p[0] == '\'' || s.p[0] == '"' || s.p[0] == '`')
        return quoted_length(s);
    if (s.p[0] == '$' && s.n > 1 && (s.p[1] == '(' || s.p[1] == '{'))
        return nested_length(s);
    if (s.p[0] == '\\')
        return s.n > 1 ? 2 : 1;
    return 1;
}

static void skip_blank(struct words *w)
{
    while (w->rest.n > 0) {
        char c = w->rest.p[0];
        if (c == '\\' && w->rest.n > 1 && w->rest.p[1] == '\n') {
            w->rest = str_from_index(w->rest, 2);
            w->line++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            w->rest = str_from_index(w->rest, 1);
        } else if (c == '#') {
            ssize_t end = str_find_ch(w->rest, '\n');
            w->rest = end < 0 ? STR("") : str_from_index(w->rest, (size_t)end);
        } else {
            return;
        }
    }
}

static unsigned lines_in(struct str s)
{
    unsigned n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

static bool next_word(struct words *w, struct word *ret)
{
    skip_blank(w);
    if (w->rest.n == 0 || w->here)
        return false;
    struct str s = w->rest;
    size_t n = 0;
    *ret = (struct word){.first = w->first, .line = w->line};
    if (is_operator(s.p[0])) {
        n = s.n > 1 && s.p[0] != '\n' && s.p[1] == s.p[0] ? 2 : 1;
        w->first = true;
    } else {
        while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\r' && !is_operator(s.p[n])) {
            ret->quoted = ret->quoted || s.p[n] == '\'' || s.p[n] == '"';
            n += piece_length(str_from_index(s, n));
            n = n > s.n ? s.n : n;
        }
        w->first = w->first && begins_command(str_sub(s, 0, n));
        w->here = str_starts(s, STR("<<")) && !str_starts(s, STR("<<<"));
    }
    ret->text = str_sub(s, 0, n);
    w->line += lines_in(ret->text);
    w->rest = str_from_index(s, n);
    return true;
}

static struct words words_of(struct str command)
{
    return (struct words){.rest = command, .first = true};
}

static bool is_op(const struct word *w)
{
    return w->text.n > 0 && is_operator(w->text.p[0]);
}

bool cb_calls(struct str command, const char *program)
{
    struct words w = words_of(command);
    struct word word;
    while (next_word(&w, &word))
        if (word.first && str_is(word.text, program))
            return true;
    return false;
}

/* ---- words of bash ---- */

/* x=(1 2): the word ends at the bracket, which no other assignment does. */
static bool is_array(const struct word *w, struct str rest)
{
    return w->first && w->text.n > 1 && str_ends(w->text, STR("=")) && rest.n > 0 && rest.p[0] == '(';
}

static const char *bash_word(const struct word *w, const struct word *before, bool in_test, struct str rest)
{
    if (w->first && str_is(w->text, "[["))
        return "[[";
    if (w->first && str_is(w->text, "source"))
        return "source";
    if (in_test && str_is(w->text, "=="))
        return "== in [";
    if (!w->quoted && str_is(w->text, "pipefail") && (str_is(before->text, "-o") || str_ends(before->text, STR("o"))))
        return "pipefail";
    if (is_array(w, rest))
        return "an array";
    if (str_starts(w->text, STR("<<<")))
        return "<<<";
    return NULL;
}

static void lint_bash(const struct cb_text *c, struct diags *d)
{
    struct words w = words_of(c->text);
    struct word word, before = {.text = STR("")};
    bool in_test = false;
    while (next_word(&w, &word)) {
        if (word.first && (str_is(word.text, "[") || str_is(word.text, "test")))
            in_test = true;
        else if (is_op(&word) || str_is(word.text, "]"))
            in_test = false;
        const char *what = bash_word(&word, &before, in_test, w.rest);
        if (what != NULL) {
            diag_warning(d, "CB030", c->span, "%s is bash's, and commands run under /bin/sh", what);
            diag_hint(d, "write 'shell: bash' below 'env'");
            return;
        }
        before = word;
    }
}

/* ---- constructs ---- */

/* +1: it opens a construct, -1: it closes one, 0: neither. */
static int opens(struct str w)
{
    static const char *const open[] = {"if", "for", "while", "until", "case", "{"};
    static const char *const close[] = {"fi", "done", "esac", "}"};
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (str_is(w, open[i]))
            return 1;
    for (size_t i = 0; i < ARRAY_LEN(close); i++)
        if (str_is(w, close[i]))
            return -1;
    return 0;
}

static bool is_inner(struct str w)
{
    return str_is(w, "then") || str_is(w, "else") || str_is(w, "elif") || str_is(w, "do");
}

/* A command that leaves a construct open, or begins in the middle of one. */
static struct str split_word(struct str command)
{
    struct words w = words_of(command);
    struct word word;
    struct str opener = STR_NONE;
    int depth = 0;
    while (next_word(&w, &word)) {
        int step = word.first ? opens(word.text) : 0;
        if (depth == 0 && word.first && (step < 0 || is_inner(word.text)))
            return word.text;
        if (step > 0 && depth == 0)
            opener = word.text;
        depth += step;
        if (str_is(word.text, "case")) /* its patterns have brackets of their own, which look like commands */
            return STR_NONE;
    }
    return depth > 0 && !w.here ? opener : STR_NONE;
}

static void lint_split(const struct cb_text *c, struct diags *d)
{
    struct str word = split_word(c->text);
    if (word.n == 0)
        return;
    if (opens(word) > 0)
        diag_error(d, "CB033", c->span,
                   "'%.*s' does not end in the command that it begins in: each item is a script "
                   "of its own",
                   STR_ARG(word));
    else
        diag_error(d, "CB033", c->span, "'%.*s' stands alone: each item is a script of its own", STR_ARG(word));
    diag_hint(d, "put all of it below one '- |'");
}

/* ---- blocks ---- */

/* Programs whose failure is what a build is for. */
static bool is_check(struct str w)
{
    static const char *const programs[] = {"pytest", "tox",   "nox",   "make",   "npm",    "yarn",  "pnpm",   "npx",
                                           "go",     "cargo", "mvn",   "gradle", "ruff",   "mypy",  "flake8", "eslint",
                                           "docker", "cmake", "ctest", "bazel",  "dotnet", "rspec", "phpunit"};
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (str_is(w, programs[i]))
            return true;
    return false;
}

/* set -e, set -eu, set -o errexit: somewhere in the block. */
static bool sets_errexit(struct str command)
{
    return str_find(command, STR("set -e")) >= 0 || str_find(command, STR("errexit")) >= 0 ||
           str_find(command, STR("set -xe")) >= 0 || str_find(command, STR("set -ue")) >= 0 ||
           str_find(command, STR("$?")) >= 0;
}

/* A checking program that begins a plain line by itself, with another line behind it; empty: there is none. */
static struct str unseen_check(struct str command)
{
    struct words w = words_of(str_trim(command));
    struct word word, start = {.text = STR("")};
    bool alone = true;
    int depth = 0;
    while (next_word(&w, &word)) {
        bool end = str_is(word.text, "\n") || str_is(word.text, ";");
        depth += word.first ? opens(word.text) : 0;
        if (end && alone && depth == 0 && is_check(start.text))
            return start.text;
        if (end) {
            start.text = STR("");
            alone = true;
        } else if (is_op(&word) || begins_command(word.text)) {
            alone = false;
        } else if (word.first && start.text.n == 0) {
            start = word;
        }
    }
    return STR_NONE;
}

static void lint_block(const struct cb_text *c, struct diags *d)
{
    if (str_find_ch(str_trim(c->text), '\n') < 0 || sets_errexit(c->text))
        return;
    struct str program = unseen_check(c->text);
    if (program.n == 0)
        return;
    diag_warning(d, "CB031", c->span, "When '%.*s' fails, this goes on, and only its last line counts",
                 STR_ARG(program));
    diag_hint(d, "begin the block with 'set -e', or give each line an item of its own");
}

/* ---- version 0.1 ---- */

static void lint_old(const struct cb_text *c, struct diags *d)
{
    struct words w = words_of(c->text);
    struct word word, first = {.text = STR("")};
    for (size_t n = 0; next_word(&w, &word); n++) {
        if (n == 0)
            first = word;
        if (is_op(&word))
            return;
    }
    if (str_is(first.text, "cd") || str_is(first.text, "export"))
        diag_warning(d, "CB009", c->span, "In version 0.1 nothing of '%.*s' is left for the next command",
                     STR_ARG(first.text));
}

/* ---- publishing ---- */

static bool publishes(struct str command)
{
    static const char *const calls[] = {"docker push",
                                        "aws ecs update-service",
                                        "aws cloudformation deploy",
                                        "aws lambda update-function-code",
                                        "kubectl apply",
                                        "helm upgrade",
                                        "twine upload",
                                        "npm publish",
                                        "terraform apply",
                                        "serverless deploy",
                                        "cdk deploy",
                                        "sam deploy"};
    ssize_t sync = str_find(command, STR("aws s3 sync "));
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (str_find(command, str_from(calls[i])) >= 0)
            return true;
    return sync >= 0 &&
           !str_starts(str_trim(str_from_index(command, (size_t)sync + 12)), STR("s3://")); /* a download */
}

static void lint_publish(const struct cb_spec *s, struct diags *d)
{
    const struct cb_texts *commands = &s->phases[CB_POST_BUILD].commands;
    const struct cb_text *push = NULL;
    if (s->phases[CB_BUILD].on_failure.how == CB_ABORT || s->phases[CB_BUILD].commands.n == 0)
        return;
    for (size_t i = 0; i < commands->n; i++) {
        if (str_find(commands->p[i].text, STR("CODEBUILD_BUILD_SUCCEEDING")) >= 0)
            return;
        if (push == NULL && publishes(commands->p[i].text))
            push = &commands->p[i];
    }
    if (push == NULL)
        return;
    diag_warning(d, "CB032", push->span, "post_build runs when build has failed, too, and this publishes then");
    diag_hint(d, "test CODEBUILD_BUILD_SUCCEEDING first, or write 'on-failure: ABORT' in build");
}

/* ---- all of them ---- */

static void lint_commands(const struct cb_spec *s, const struct cb_texts *list, bool bash, struct diags *d)
{
    for (size_t i = 0; i < list->n; i++) {
        lint_split(&list->p[i], d);
        lint_block(&list->p[i], d);
        if (!bash)
            lint_bash(&list->p[i], d);
        if (s->version == 1)
            lint_old(&list->p[i], d);
    }
}

void cb_lint(const struct cb_spec *s, bool sh_is_bash, struct diags *d)
{
    bool bash = sh_is_bash || str_is(s->shell, "bash");
    if (str_ends(s->shell, STR(".exe")))
        return;
    for (size_t i = 0; i < CB_PHASES; i++) {
        lint_commands(s, &s->phases[i].commands, bash, d);
        lint_commands(s, &s->phases[i].finally, bash, d);
    }
    lint_publish(s, d);
}
