/*
 * cb_read_phase.c - phases: run-as, on-failure, commands and finally; and why a command is no text.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/codebuild/read_priv.h"

/* ---- on-failure ---- */

#define RETRIES 3
#define RETRIES_MAX 100

/* What follows "RETRY-": [digits][-pattern], or a pattern. */
static int read_retry(struct str rest, struct cb_on_failure *ret, struct err *e)
{
    struct str count, pattern;
    uint64_t n;
    bool more = str_cut(rest, '-', &count, &pattern);
    bool digits = count.n > 0;
    for (size_t i = 0; i < count.n && digits; i++)
        digits = count.p[i] >= '0' && count.p[i] <= '9';
    if (digits && num_parse_u64(count, RETRIES_MAX, &n) < 0)
        return err_set(e, EINVAL, "it retries 0 to %d times", RETRIES_MAX);
    if (digits)
        ret->retries = (unsigned)n;
    ret->pattern = digits ? pattern : rest;
    if (ret->pattern.n == 0 && (more || !digits))
        return err_set(e, EINVAL, "nothing follows the last -");
    return 0;
}

int cb_on_failure_parse(struct arena *a, struct str text, struct cb_on_failure *ret, struct err *e)
{
    struct cb_on_failure f = {.retries = RETRIES, .pattern = STR(""), .span = ret->span};
    struct regex *compiled;
    struct str word = str_sub(text, 0, 6);
    if (str_is_nocase(text, "ABORT")) {
        f.how = CB_ABORT;
    } else if (str_is_nocase(text, "CONTINUE")) {
        f.how = CB_CONTINUE;
    } else if (str_is_nocase(text, "RETRY")) {
        f.how = CB_RETRY;
    } else if (str_is_nocase(word, "RETRY-")) {
        int rc = read_retry(str_from_index(text, 6), &f, e);
        if (rc == 0 && f.pattern.n > 0)
            rc = regex_compile(a, f.pattern, REGEX_COMMON, &compiled, e);
        if (rc < 0)
            return rc;
        f.how = CB_RETRY;
        f.pattern = arena_str(a, f.pattern);
    } else {
        return err_set(e, EINVAL, "it is ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex or RETRY-count-regex");
    }
    *ret = f;
    return 0;
}

static void read_on_failure(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const char *const words[] = {"ABORT", "CONTINUE", "RETRY"};
    struct cb_phase *p = into;
    struct str text;
    struct err e = {0};
    if (!cb_read_text(r, at->value, what, &text))
        return;
    p->on_failure.span = at->value->span;
    if (cb_on_failure_parse(r->a, text, &p->on_failure, &e) == 0)
        return;
    diag_error(r->d, "CB016", at->value->span, "'%s' cannot be '%.*s': %s", what, STR_ARG(text), e.text);
    cb_suggest(r, text, words, ARRAY_LEN(words));
}

/* ---- commands ---- */

/* `- echo "Status: ok"` is a mapping, whose key is echo "Status. */
static void explain_mapping(struct cb_reader *r, const struct doc_node *n, const char *list, size_t index)
{
    struct span at = n->map.n > 0 ? n->map.p[0].key->span : n->span;
    struct str key = n->map.n > 0 ? n->map.p[0].key->text : STR("");
    diag_error(r->d, "CB011", at, "Expected %s[%zu] to be of string type: found subkeys instead", list, index);
    if (n->style == DOC_FLOW)
        diag_hint(r->d, "a command that begins with { is a mapping: put it into single quotes");
    else
        diag_hint(r->d,
                  "'%.*s' is a key, because a colon and a space follow it: put the command into single quotes, "
                  "or below '- |'",
                  STR_ARG(key));
}

/* `- ! test -f x` is the text "test -f x" with a tag: what the shell should have turned round. */
static void explain_tag(struct cb_reader *r, const struct doc_node *n)
{
    diag_error(r->d, "CB028", n->span,
               "This item begins with '!', which YAML takes for a tag, and not for a part of it");
    diag_hint(r->d, "put the command into single quotes, or below '- |'");
}

/* "echo "a #b": the rest is gone. Are the quotes of a text that a # may have cut closed? */
static bool quotes_closed(struct str s)
{
    char open = '\0';
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && open != '\'')
            i++;
        else if (open == '\0' && (c == '\'' || c == '"'))
            open = c;
        else if (c == open)
            open = '\0';
    }
    return open == '\0';
}

static void check_comment(struct cb_reader *r, const struct doc_node *n)
{
    struct str text = sources_text(r->d->sources, n->span.file);
    size_t i = (size_t)n->span.off + n->span.len;
    if (n->style != DOC_PLAIN || n->alias.file != 0 || quotes_closed(n->text))
        return;
    while (i < text.n && text.p[i] == ' ')
        i++;
    if (i >= text.n || text.p[i] != '#')
        return;
    diag_warning(r->d, "CB019", (struct span){n->span.file, (uint32_t)i, 1},
                 "A comment begins here: the command ends before its quotes do");
    diag_hint(r->d, "put the command into single quotes, or below '- |'");
}

static void read_commands(struct cb_reader *r, const struct doc_node *n, const char *what, const char *list,
                          struct cb_texts *ret)
{
    if (n->kind == DOC_NULL)
        return;
    if (n->kind == DOC_SCALAR) {
        diag_error(r->d, "CB015", n->span, "'%s' is a list of commands, and not one text", what);
        diag_hint(r->d, "put '- ' before it, on a line of its own");
        return;
    }
    if (n->kind != DOC_SEQ) {
        cb_read_list(r, n, what, ret);
        return;
    }
    for (size_t i = 0; i < n->seq.n; i++) {
        const struct doc_node *item = n->seq.p[i];
        struct cb_text one = {item->text, item->span};
        if (item->kind == DOC_MAP)
            explain_mapping(r, item, list, i);
        else if (item->kind == DOC_SEQ)
            diag_error(r->d, "CB003", item->span, "'%s[%zu]' is one command, and not a list", what, i);
        else if (item->tag.n > 0 && !str_starts(item->tag, STR("tag:yaml.org,")))
            explain_tag(r, item);
        else if (item->kind == DOC_NULL || str_trim(item->text).n == 0)
            cb_remark(r->d, "CB018", item->span, "an empty command does nothing");
        else {
            check_comment(r, item);
            vec_push_in(r->a, ret, one);
        }
    }
}

static void read_command_list(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_phase *p = into;
    read_commands(r, at->value, what, "Commands", &p->commands);
}

static void read_finally(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_phase *p = into;
    read_commands(r, at->value, what, "Finally", &p->finally);
}

/* ---- a phase ---- */

static void read_run_as(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_phase *p = into;
    cb_read_text(r, at->value, what, &p->run_as);
}

static void misplaced_runtimes(struct cb_reader *r, const struct doc_pair *at)
{
    diag_error(r->d, "CB012", at->key->span, "'runtime-versions' stands below 'install', and nowhere else");
    diag_hint(r->d, "move it to phases/install");
}

static void read_phase_runtimes(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    if (into == &r->spec->phases[CB_INSTALL])
        cb_read_runtimes(r, at, what, r->spec);
    else
        misplaced_runtimes(r, at);
}

static const struct cb_key phase_keys[] = {
    {"run-as", read_run_as},   {"on-failure", read_on_failure},           {"commands", read_command_list},
    {"finally", read_finally}, {"runtime-versions", read_phase_runtimes},
};

static void read_phase(struct cb_reader *r, const struct doc_pair *at, const char *what, enum cb_phase_kind kind)
{
    struct cb_phase *p = &r->spec->phases[kind];
    p->present = true;
    p->span = at->key->span;
    r->spec->n_phases++;
    size_t before = r->d->errors + r->d->warnings;
    if (at->value->kind == DOC_SEQ || at->value->kind == DOC_SCALAR) {
        diag_error(r->d, "CB003", at->value->span, "The phase '%s' is a mapping with commands", cb_phase_key(kind));
        diag_hint(r->d, "write 'commands:' above them");
        return;
    }
    if (at->value->kind == DOC_MAP)
        cb_read_keys(r, at->value, what, phase_keys, ARRAY_LEN(phase_keys), p);
    bool told = r->d->errors + r->d->warnings > before;
    if (p->commands.n + p->finally.n == 0 && !told && !(kind == CB_INSTALL && r->spec->n_runtimes > 0))
        diag_warning(r->d, "CB017", at->key->span, "The phase '%s' has no commands", cb_phase_key(kind));
}

static void unknown_phase(struct cb_reader *r, const struct doc_pair *at)
{
    static const char *const words[] = {"install", "pre_build", "build", "post_build"};
    struct str name = at->key->text;
    if (str_is(name, "runtime-versions")) {
        misplaced_runtimes(r, at);
        return;
    }
    diag_error(r->d, "CB010", at->key->span, "Invalid buildspec phase name: %.*s", STR_ARG(name));
    struct str near = STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) /* prebuild, pre-build, PreBuild */
        if (suggest_distance(name, str_from(words[i]), 1) <= 1)
            near = str_from(words[i]);
    if (near.n > 0)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
    else
        diag_hint(r->d, "phases are install, pre_build, build and post_build");
}

void cb_read_phases(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    struct map seen;
    UNUSED(spec);
    if (!cb_is_map(r, at->value, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    for (size_t i = 0; i < at->value->map.n; i++) {
        const struct doc_pair *p = &at->value->map.p[i];
        unsigned k = 0;
        while (k < CB_PHASES && !str_is(p->key->text, cb_phase_key((enum cb_phase_kind)k)))
            k++;
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        if (k == CB_PHASES)
            unknown_phase(r, p);
        else
            read_phase(r, p, cb_below(r, what, p->key->text), (enum cb_phase_kind)k);
    }
}
