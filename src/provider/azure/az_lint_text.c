/*
 * The linter's reading of texts: macros, function calls as they are written, words of scripts.
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

bool az_lint_macro(struct str text, size_t *from, struct str *ret_name, size_t *ret_at)
{
    ssize_t open = str_find_from(text, *from, STR("$("));
    ssize_t close = open < 0 ? -1 : str_find_from(text, (size_t)open, STR(")"));
    if (close < 0)
        return false;
    /* `$(a$(b))`: the inner one alone can be meant */
    size_t inner = (size_t)close;
    while (!(text.p[inner] == '$' && text.p[inner + 1] == '('))
        inner--;
    *ret_at = inner;
    *ret_name = str_sub(text, inner + 2, (size_t)close);
    *from = (size_t)close + 1;
    return true;
}

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the literal that begins at the quote at byte i; `''` in it is two literals, which comes to the same. */
static size_t past_quote(struct str text, size_t i)
{
    ssize_t end = str_find_from(text, i + 1, STR("'"));
    return end < 0 ? text.n : (size_t)end + 1;
}

/* Fills in arguments and the closing parenthesis. False: it is never closed. */
static bool read_args(struct str text, struct az_lint_call *c)
{
    size_t depth = 0, start = c->open + 1;
    for (size_t i = start; i < text.n; i++) {
        char b = text.p[i];
        if (b == '\'') {
            i = past_quote(text, i) - 1;
        } else if (b == '(' || b == '[') {
            depth++;
        } else if (depth > 0 && (b == ')' || b == ']')) {
            depth--;
        } else if (depth == 0 && (b == ',' || b == ')')) {
            struct str arg = str_trim(str_sub(text, start, i));
            if (c->n_args < AZ_LINT_ARGS && (arg.n > 0 || b == ','))
                c->args[c->n_args++] = arg;
            start = i + 1;
            c->close = i;
            if (b == ')')
                return true;
        }
    }
    return false;
}

bool az_lint_next_call(struct str text, size_t *from, struct az_lint_call *ret)
{
    if (text.n > AZ_LINT_TEXT_MAX)
        return false;
    for (size_t i = *from; i < text.n; i++) {
        if (text.p[i] == '\'') {
            i = past_quote(text, i) - 1;
            continue;
        }
        if (text.p[i] != '(')
            continue;
        size_t end = i;
        while (end > 0 && text.p[end - 1] == ' ')
            end--;
        size_t start = end;
        while (start > 0 && word_byte(text.p[start - 1]))
            start--;
        *ret = (struct az_lint_call){.name = str_sub(text, start, end), .at = start, .open = i};
        *from = i + 1;
        if (start < end && read_args(text, ret))
            return true;
    }
    return false;
}

bool az_lint_calls(struct str text, const char *const *names)
{
    size_t from = 0;
    struct az_lint_call c;
    while (az_lint_next_call(text, &from, &c))
        if (az_lint_word(c.name, names))
            return true;
    return false;
}

struct str az_lint_bare_variable(struct str operand)
{
    struct str rest, name;
    if (operand.n < 11 || !str_is_nocase(str_sub(operand, 0, 9), "variables"))
        return STR_NONE;
    rest = str_trim(str_from_index(operand, 9));
    if (str_starts(rest, STR("."))) {
        name = str_from_index(rest, 1);
    } else if (str_starts(rest, STR("['")) && str_ends(rest, STR("']"))) {
        name = str_sub(rest, 2, rest.n - 2);
        return str_find_ch(name, '\'') < 0 ? name : STR_NONE;
    } else {
        return STR_NONE;
    }
    for (size_t i = 0; i < name.n; i++)
        if (!word_byte(name.p[i]))
            return STR_NONE;
    return name;
}

ssize_t az_lint_find_word(struct str text, size_t from, struct str word)
{
    for (ssize_t at = str_find_from(text, from, word); at >= 0; at = str_find_from(text, (size_t)at + 1, word)) {
        size_t start = (size_t)at, end = start + word.n;
        bool before = start == 0 || !(word_byte(text.p[start - 1]) || text.p[start - 1] == '-');
        bool behind = end >= text.n || !(word_byte(text.p[end]) || text.p[end] == '-');
        if (before && behind)
            return at;
    }
    return -1;
}
