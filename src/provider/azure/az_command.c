/*
 * az_command.c - logging commands as text (specification 8): `##vso[area.event k=v;k=v]data`, anywhere in a line.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#define COMMAND_MAX ((size_t)1 << 20) /* bytes of an unescaped text; lines are at most 64 KiB */

/* ---- escapes ---- */

struct escape {
    const char *from;
    char to;
};

/* One escape at s[i], or NULL. */
static const struct escape *escape_at(struct str s, size_t i, const struct escape *list)
{
    struct str rest = str_from_index(s, i);
    for (; list->from != NULL; list++)
        if (rest.n >= strlen(list->from) && str_eq_nocase(str_sub(rest, 0, strlen(list->from)), str_from(list->from)))
            return list;
    return NULL;
}

static struct str replace(struct arena *a, struct str s, const struct escape *list)
{
    CLEAN(buf) struct buf b = BUF(COMMAND_MAX);
    for (size_t i = 0; i < s.n; i++) {
        const struct escape *e = s.p[i] == '%' ? escape_at(s, i, list) : NULL;
        buf_add_ch(&b, e != NULL ? e->to : s.p[i]);
        if (e != NULL)
            i += strlen(e->from) - 1;
    }
    return arena_str(a, buf_str(&b));
}

/* A percent sign that was written as %AZP25 comes last, so that what it makes is no escape. */
static struct str unescape(struct arena *a, struct str s, bool property, bool decode)
{
    static const struct escape DATA[] = {{"%0D", '\r'}, {"%0A", '\n'}, {NULL, 0}};
    static const struct escape PROPERTY[] = {{"%3B", ';'}, {"%0D", '\r'}, {"%0A", '\n'}, {"%5D", ']'}, {NULL, 0}};
    static const struct escape PERCENT[] = {{"%AZP25", '%'}, {NULL, 0}};
    s = replace(a, s, property ? PROPERTY : DATA);
    return decode ? replace(a, s, PERCENT) : s;
}

/* ---- parsing ---- */

static ssize_t find_nocase(struct str s, struct str needle)
{
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if ((s.p[i] == needle.p[0]) && str_eq_nocase(str_sub(s, i, i + needle.n), needle))
            return (ssize_t)i;
    return -1;
}

/* Pieces without a key, a value or a = are passed over; of a key that comes twice the last value counts. */
static void read_properties(struct arena *a, struct str text, bool decode, struct az_command *c)
{
    struct str rest = text, piece, key, value;
    while (c->n_props < AZ_PROPERTIES && str_next(&rest, ';', &piece)) {
        piece = str_trim(piece);
        if (!str_cut(piece, '=', &key, &value) || key.n == 0 || value.n == 0)
            continue;
        c->props[c->n_props++] = (struct az_property){arena_str(a, key), unescape(a, value, true, decode)};
    }
}

/* "area.event": two parts, both non-empty. */
static bool read_name(struct arena *a, struct str name, struct az_command *c)
{
    struct str area, event;
    if (!str_cut(name, '.', &area, &event) || area.n == 0 || event.n == 0 || str_find_ch(event, '.') >= 0)
        return false;
    c->area = arena_str(a, area);
    c->event = arena_str(a, event);
    return true;
}

enum az_parsed az_command_parse(struct arena *a, struct str line, bool decode, struct az_command *ret)
{
    const struct str open = STR("##vso[");
    struct az_command c = {0};
    struct str name, props = STR("");
    ssize_t at = find_nocase(line, open);
    if (at < 0)
        return find_nocase(line, STR("##vso")) >= 0 ? AZ_BAD_COMMAND : AZ_NO_COMMAND;
    struct str rest = str_from_index(line, (size_t)at + open.n);
    ssize_t end = str_find_ch(rest, ']');
    if (end < 0)
        return AZ_BAD_COMMAND;
    str_cut(str_sub(rest, 0, (size_t)end), ' ', &name, &props);
    if (!read_name(a, name, &c))
        return AZ_BAD_COMMAND;
    read_properties(a, props, decode, &c);
    c.data = unescape(a, str_from_index(rest, (size_t)end + 1), false, decode);
    *ret = c;
    return AZ_COMMAND;
}

struct str az_command_prop(const struct az_command *c, const char *key)
{
    for (size_t i = c->n_props; i > 0; i--)
        if (str_is_nocase(c->props[i - 1].key, key))
            return c->props[i - 1].value;
    return STR_NONE;
}
