/*
 * gh_expr_hint.c - what would have been right: the hint behind an error in an expression.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/expr_node_priv.h"

static const char *const all_contexts[] = {"github", "needs", "strategy", "matrix", "job",    "runner",
                                           "env",    "vars",  "secrets",  "steps",  "inputs", "jobs"};

static bool is_context(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(all_contexts); i++)
        if (str_is_nocase(name, all_contexts[i]))
            return true;
    return false;
}

static void hint_available(struct diags *d, struct str name, const char *const *contexts)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; contexts[i]; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", contexts[i]);
    if (b.n)
        diag_hint(d, "'%.*s' is not available here; what is: %s", STR_ARG(name), buf_cstr(&b));
    else
        diag_hint(d, "no context is available here");
}

static void hint_context(struct diags *d, struct str name, const struct gh_allow *allow)
{
    const char *const *contexts = allow && allow->contexts ? allow->contexts : NULL;
    size_t n = 0;
    if (contexts && is_context(name)) {
        hint_available(d, name, contexts);
        return;
    }
    while (contexts && contexts[n])
        n++;
    struct str near = contexts ? suggest(name, contexts, n) : suggest(name, all_contexts, ARRAY_LEN(all_contexts));
    if (near.n)
        diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
    else
        diag_hint(d, "text is written in single quotes: '%.*s'", STR_ARG(name));
}

static void hint_function(struct diags *d, struct str name)
{
    const char *words[32];
    size_t n;
    const struct gh_func *f = gh_func_find(name), *funcs = gh_funcs(&n);
    MUST(n <= ARRAY_LEN(words));
    if (f) {
        diag_hint(d, "%s() may be used %s", f->shown, f->where == GH_FUNC_STATUS ? "in 'if' only" : "in steps only");
        return;
    }
    for (size_t i = 0; i < n; i++)
        words[i] = funcs[i].shown;
    struct str near = suggest(name, words, n);
    if (near.n)
        diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
}

void gh_expr_hint(struct diags *d, const struct gh_expr_error *err, struct str text, const struct gh_allow *allow)
{
    struct str name = str_sub(text, err->at, err->at + err->len);
    if (strcmp(err->code, "GH003") == 0)
        hint_context(d, name, allow);
    else if (strcmp(err->code, "GH004") == 0)
        hint_function(d, name);
    else if (strcmp(err->code, "GH001") == 0 && str_find_ch(name, '"') >= 0)
        diag_hint(d, "text is written in single quotes");
    else if (strcmp(err->code, "GH001") == 0 && str_starts(name, STR("'")))
        diag_hint(d, "the text that begins here has no closing quote");
    else if (strcmp(err->code, "GH001") == 0 && str_starts(name, STR("=")))
        diag_hint(d, "equality is written ==");
}
