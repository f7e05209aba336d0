/*
 * az_expr_hint.c - how a fault of an expression would be mended: what other languages write, and slips of the pen.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/azure/ast_priv.h"

static const struct {
    const char *symbol, *hint;
} symbols[] = {
    {"==", "there are no operators: write eq(a, b)"},
    {"=", "there are no operators: write eq(a, b)"},
    {"!=", "there are no operators: write ne(a, b)"},
    {"&&", "there are no operators: write and(a, b)"},
    {"||", "there are no operators: write or(a, b)"},
    {"!", "there are no operators: write not(a)"},
    {">", "there are no operators: write gt(a, b)"},
    {">=", "there are no operators: write ge(a, b)"},
    {"<", "there are no operators: write lt(a, b)"},
    {"<=", "there are no operators: write le(a, b)"},
    {"+", "there is no arithmetic; texts are put together by format('{0}{1}', a, b)"},
    {"-", "there is no arithmetic"},
    {"/", "there is no arithmetic"},
    {"(", "there is no grouping: brackets belong to functions"},
};

static const struct {
    const char *name, *hint;
} elsewhere[] = {
    {"parameters", "parameters are there in ${{ }} only: write ${{ parameters.name }}"},
    {"dependencies", "what other jobs did is known when this one begins: conditions, and variables with $[ ]"},
    {"stageDependencies", "what other stages did is known when this one begins: conditions, and variables with $[ ]"},
    {"always", "functions of the run's state are for conditions"},
    {"canceled", "functions of the run's state are for conditions"},
    {"succeeded", "functions of the run's state are for conditions"},
    {"failed", "functions of the run's state are for conditions"},
    {"succeededOrFailed", "functions of the run's state are for conditions"},
    {"counter", "counter is for variables with $[ ]"},
    {"null", "there is no null; an empty text equals it"},
};

static struct str nearest(struct arena *a, const struct az_slot *slot, struct str word, bool function)
{
    size_t n = 0, n_functions;
    const struct az_function *functions = az_functions(&n_functions);
    const char **words = arena_array(a, n_functions + slot->n_names, sizeof *words);
    for (size_t i = 0; function && i < n_functions; i++)
        words[n++] = functions[i].name;
    for (size_t i = 0; !function && i < slot->n_names; i++)
        words[n++] = arena_str(a, slot->names[i]).p;
    return suggest(word, words, n);
}

struct str az_symbol_hint(struct str symbol)
{
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
        if (str_is(symbol, symbols[i].symbol))
            return str_from(symbols[i].hint);
    if (str_starts(symbol, STR("\"")))
        return STR("texts stand in single quotes");
    if (str_starts(symbol, STR("$")))
        return STR("macros are not put into expressions: write variables['name']");
    return STR("");
}

struct str az_name_hint(struct arena *a, const struct az_slot *slot, struct str word, bool function)
{
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
        if (str_is_nocase(word, elsewhere[i].name))
            return str_from(elsewhere[i].hint);
    struct str near = nearest(a, slot, word, function);
    return near.p ? arena_printf(a, "did you mean '%.*s'?", STR_ARG(near)) : STR("");
}
