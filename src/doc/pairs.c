/*
 * doc/pairs.c - reads pairs off one line, from separator to separator.
 */
#include "core/base.h"
#include "doc/pairs.h"

/* "^SEPARATOR^" in front: taken off, else a comma. */
static struct str separator_of(struct str *text)
{
    if (text->n == 0 || text->p[0] != '^')
        return STR(",");
    ssize_t end = str_find_from(*text, 1, STR("^"));
    if (end <= 1)
        return STR(",");
    struct str sep = str_sub(*text, 1, (size_t)end);
    *text = str_from_index(*text, (size_t)end + 1);
    return sep;
}

int pairs_read(struct str text, struct map *into, struct err *e)
{
    struct str sep = separator_of(&text);
    for (size_t at = 0; at < text.n;) {
        ssize_t found = str_find_from(text, at, sep);
        size_t end = found < 0 ? text.n : (size_t)found;
        struct str pair = str_trim(str_sub(text, at, end)), name, value;
        if (!str_cut(pair, '=', &name, &value) || name.n == 0)
            return err_set(e, EINVAL, "NAME=VALUE was expected, not '%.*s'", STR_ARG(pair));
        map_set_str(into, name, value);
        at = end + sep.n;
    }
    return 0;
}
