/*
 * The document: headers, keys, values. What a table or an array was made by decides who may add to it later (TOML
 * 1.0, "Table" and "Array of Tables"), so each is remembered with its maker.
 */
#include "core/base.h"
#include "doc/toml.h"

#include "core/utf8.h"
#include "doc/toml_priv.h"

#include <stdarg.h>

#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 50u

enum made {
    MADE_PASSING = 1, /* by a header that went through it: may be defined by its own header or dotted keys once */
    MADE_HEADER,
    MADE_DOTTED, /* by a dotted key: other dotted keys may add */
    MADE_CLOSED, /* an inline table or array: nobody may add */
    MADE_TABLES, /* an array by [[header]]: such headers add */
};

struct key {
    struct str name;
    size_t from, to;
};

/* The parts of a dotted key; the last one names the value. */
struct keys {
    struct key p[DEPTH_MAX];
    size_t n;
};

size_t toml_newline(const struct toml *t)
{
    return toml_at(t, "\n") ? 1 : toml_at(t, "\r\n") ? 2 : 0;
}

bool(toml_fail)(struct toml *t, const char *code, size_t from, size_t to, const char *fmt, ...)
{
    char text[DIAG_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    to = to < t->text.n ? to : t->text.n;
    struct span at = {t->file, (uint32_t)from, (uint32_t)(to > from ? to - from : 0)};
    diag_error(t->diags, code, at, "%s", text);
    return false;
}

static struct str address_of(struct value *const *v)
{
    return str_of((const char *)v, sizeof *v);
}

static enum made made_by(const struct toml *t, struct value *v)
{
    return (enum made)(uintptr_t)map_get(&t->kinds, address_of(&v));
}

static void set_made(struct toml *t, struct value *v, enum made by)
{
    map_set(&t->kinds, address_of(&v), (void *)(uintptr_t)by);
}

static struct value *new_table(struct toml *t, enum made by)
{
    struct value *v = value_object(t->arena, MAP_CASE);
    set_made(t, v, by);
    return v;
}

/* Adds a member and remembers where its key stands, by the address of the key as the table has it. */
static void put(struct toml *t, struct value *table, const struct key *key, struct value *v)
{
    value_set(table, key->name, v);
    if (t->places == NULL)
        return;
    const char *kept = map_find(&table->object, key->name)->key.p;
    struct span *at = ARENA_NEW(t->arena, struct span);
    *at = (struct span){t->file, (uint32_t)key->from, (uint32_t)(key->to - key->from)};
    map_set(t->places, str_of((const char *)&kept, sizeof kept), at);
}

struct span toml_key_span(const struct map *places, struct str key)
{
    const struct span *at = map_get(places, str_of((const char *)&key.p, sizeof key.p));
    return at != NULL ? *at : SPAN_NONE;
}

static void skip_blanks(struct toml *t)
{
    while (toml_peek(t) == ' ' || toml_peek(t) == '\t')
        t->i++;
}

static bool skip_comment(struct toml *t)
{
    if (toml_peek(t) != '#')
        return true;
    for (; t->i < t->text.n && !toml_newline(t); t->i++) {
        unsigned char c = (unsigned char)toml_peek(t);
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return toml_fail(t, "TM001", t->i, t->i + 1, "a control character must not stand in a comment");
    }
    return true;
}

/* Blanks, a comment and the line's end, or the text's. */
static bool end_line(struct toml *t)
{
    skip_blanks(t);
    if (!skip_comment(t))
        return false;
    size_t newline = toml_newline(t);
    if (!newline && t->i < t->text.n)
        return toml_fail(t, "TM001", t->i, t->i + 1, "the end of the line was expected here");
    t->i += newline;
    return true;
}

/* Blanks, comments and line ends, as between the items of an array. */
static bool skip_lines(struct toml *t)
{
    for (;;) {
        skip_blanks(t);
        if (!skip_comment(t))
            return false;
        size_t newline = toml_newline(t);
        if (!newline)
            return true;
        t->i += newline;
    }
}

static bool is_bare_key(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool read_key(struct toml *t, struct key *ret)
{
    ret->from = t->i;
    char c = toml_peek(t);
    if (toml_at(t, "\"\"\"") || toml_at(t, "'''"))
        return toml_fail(t, "TM001", t->i, t->i + 3, "a key stands on one line");
    if (c == '"' || c == '\'') {
        if (!toml_line_string(t, &ret->name))
            return false;
    } else {
        while (is_bare_key(toml_peek(t)))
            t->i++;
        ret->name = str_sub(t->text, ret->from, t->i);
        if (!ret->name.n)
            return toml_fail(t, "TM001", t->i, t->i + 1, "a key was expected here");
    }
    ret->to = t->i;
    return true;
}

static bool read_keys(struct toml *t, struct keys *ret)
{
    ret->n = 0;
    for (;;) {
        skip_blanks(t);
        if (ret->n == DEPTH_MAX)
            return toml_fail(t, "TM003", t->i, t->i + 1, "a key has at most %u parts", DEPTH_MAX);
        if (!read_key(t, &ret->p[ret->n++]))
            return false;
        skip_blanks(t);
        if (toml_peek(t) != '.')
            return true;
        t->i++;
    }
}

static bool fail_twice(struct toml *t, const struct key *key)
{
    return toml_fail(t, "TM002", key->from, key->to, "'%.*s' is already defined", STR_ARG(key->name));
}

static struct value *read_value(struct toml *t, unsigned depth);

/* From `table` through the parts of a dotted key but the last, making tables as needed; NULL after an error. */
static struct value *follow_dots(struct toml *t, struct value *table, const struct keys *keys)
{
    for (size_t i = 0; i + 1 < keys->n; i++) {
        struct value *next = value_get(table, keys->p[i].name);
        if (!next) {
            next = new_table(t, MADE_DOTTED);
            put(t, table, &keys->p[i], next);
        } else if (next->kind != VALUE_OBJECT ||
                   (made_by(t, next) != MADE_DOTTED && made_by(t, next) != MADE_PASSING)) {
            fail_twice(t, &keys->p[i]);
            return NULL;
        }
        set_made(t, next, MADE_DOTTED);
        table = next;
    }
    return table;
}

static bool read_pair(struct toml *t, struct value *table, unsigned depth)
{
    struct keys keys;
    if (!read_keys(t, &keys))
        return false;
    if (toml_peek(t) != '=')
        return toml_fail(t, "TM001", t->i, t->i + 1, "a '=' was expected behind the key");
    t->i++;
    skip_blanks(t);
    table = follow_dots(t, table, &keys);
    if (!table)
        return false;
    const struct key *last = &keys.p[keys.n - 1];
    if (value_get(table, last->name))
        return fail_twice(t, last);
    struct value *v = read_value(t, depth + (unsigned)keys.n - 1);
    if (v)
        put(t, table, last, v);
    return v != NULL;
}

static struct value *read_array(struct toml *t, unsigned depth)
{
    struct value *array = value_array(t->arena);
    size_t start = t->i++;
    for (;;) {
        if (!skip_lines(t))
            return NULL;
        if (toml_peek(t) == ']')
            break;
        if (t->i >= t->text.n) {
            toml_fail(t, "TM001", start, start + 1, "this '[' is never closed");
            return NULL;
        }
        struct value *item = read_value(t, depth + 1);
        if (!item || !skip_lines(t))
            return NULL;
        value_push(t->arena, array, item);
        if (toml_peek(t) == ',')
            t->i++;
        else if (t->i < t->text.n && toml_peek(t) != ']') {
            toml_fail(t, "TM001", t->i, t->i + 1, "a ',' or the closing ']' was expected here");
            return NULL;
        }
    }
    t->i++;
    set_made(t, array, MADE_CLOSED);
    return array;
}

/* Tables that dotted keys made inside an inline table are closed with it. */
static void close_table(struct toml *t, struct value *table, unsigned depth)
{
    MUST(depth <= 2 * DEPTH_MAX);
    set_made(t, table, MADE_CLOSED);
    for (size_t i = 0; i < table->object.n; i++) {
        struct value *v = table->object.entries[i].value;
        if (v->kind == VALUE_OBJECT && made_by(t, v) == MADE_DOTTED)
            close_table(t, v, depth + 1);
    }
}

static struct value *read_inline_table(struct toml *t, unsigned depth)
{
    struct value *table = new_table(t, MADE_DOTTED);
    t->i++;
    skip_blanks(t);
    if (toml_peek(t) != '}')
        for (;;) {
            if (!read_pair(t, table, depth + 1))
                return NULL;
            skip_blanks(t);
            if (toml_peek(t) != ',')
                break;
            t->i++;
        }
    if (toml_peek(t) != '}') {
        toml_fail(t, "TM001", t->i, t->i + 1, "a ',' or the closing '}' was expected here, on the same line");
        return NULL;
    }
    t->i++;
    close_table(t, table, 0);
    return table;
}

static struct value *read_value(struct toml *t, unsigned depth)
{
    char c = toml_peek(t);
    struct str text;
    if (depth >= DEPTH_MAX) {
        toml_fail(t, "TM003", t->i, t->i + 1, "values are nested more than %u deep", DEPTH_MAX);
        return NULL;
    }
    if (c == '[')
        return read_array(t, depth);
    if (c == '{')
        return read_inline_table(t, depth);
    if (c == '"' || c == '\'')
        return toml_string(t, &text) ? value_string(t->arena, text) : NULL;
    return toml_bare(t);
}

/* From the root through the parts of a header but the last: through an array of tables, into its last one. */
static struct value *follow_header(struct toml *t, struct value *table, const struct keys *keys)
{
    for (size_t i = 0; i + 1 < keys->n; i++) {
        struct value *next = value_get(table, keys->p[i].name);
        if (!next) {
            next = new_table(t, MADE_PASSING);
            put(t, table, &keys->p[i], next);
        } else if (next->kind == VALUE_ARRAY && made_by(t, next) == MADE_TABLES)
            next = next->array.p[next->array.n - 1];
        else if (next->kind != VALUE_OBJECT || made_by(t, next) == MADE_CLOSED) {
            fail_twice(t, &keys->p[i]);
            return NULL;
        }
        table = next;
    }
    return table;
}

/* The table of [a.b]; NULL after an error. */
static struct value *open_table(struct toml *t, struct value *in, const struct key *key)
{
    struct value *table = value_get(in, key->name);
    if (!table) {
        table = new_table(t, MADE_HEADER);
        put(t, in, key, table);
        return table;
    }
    if (table->kind != VALUE_OBJECT || made_by(t, table) != MADE_PASSING) {
        fail_twice(t, key);
        return NULL;
    }
    set_made(t, table, MADE_HEADER);
    return table;
}

/* A new table at the end of [[a.b]]; NULL after an error. */
static struct value *open_item(struct toml *t, struct value *in, const struct key *key)
{
    struct value *array = value_get(in, key->name);
    if (!array) {
        array = value_array(t->arena);
        set_made(t, array, MADE_TABLES);
        put(t, in, key, array);
    } else if (array->kind != VALUE_ARRAY || made_by(t, array) != MADE_TABLES) {
        fail_twice(t, key);
        return NULL;
    }
    struct value *table = new_table(t, MADE_HEADER);
    value_push(t->arena, array, table);
    return table;
}

/* Reads [a.b] or [[a.b]]; NULL after an error. */
static struct value *read_header(struct toml *t, struct value *root)
{
    struct keys keys;
    bool item = toml_at(t, "[[");
    const char *close = item ? "]]" : "]";
    t->i += strlen(close);
    if (!read_keys(t, &keys))
        return NULL;
    if (!toml_at(t, close)) {
        toml_fail(t, "TM001", t->i, t->i + 1, "the closing '%s' was expected here", close);
        return NULL;
    }
    t->i += strlen(close);
    struct value *in = follow_header(t, root, &keys);
    if (!in)
        return NULL;
    const struct key *last = &keys.p[keys.n - 1];
    struct value *table = item ? open_item(t, in, last) : open_table(t, in, last);
    return table && end_line(t) ? table : NULL;
}

static bool check_text(struct toml *t)
{
    const char *nul = t->text.n ? memchr(t->text.p, 0, t->text.n) : NULL;
    ssize_t invalid = utf8_invalid(t->text);
    if (t->text.n > TEXT_MAX)
        return toml_fail(t, "TM003", 0, 0, "the file has %zu bytes; at most %zu are read", t->text.n, TEXT_MAX);
    if (nul)
        return toml_fail(t, "SL002", (size_t)(nul - t->text.p), (size_t)(nul - t->text.p) + 1,
                         "the file has a NUL byte here: it is not a text file");
    if (invalid >= 0)
        return toml_fail(t, "SL002", (size_t)invalid, (size_t)invalid + 1,
                         "the file is not UTF-8: byte 0x%02x does not belong here", (unsigned char)t->text.p[invalid]);
    t->i = str_starts(t->text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    return true;
}

struct value *toml_read(struct arena *a, const struct sources *s, uint32_t file, struct diags *d)
{
    return toml_read_places(a, s, file, d, NULL);
}

struct value *toml_read_places(struct arena *a, const struct sources *s, uint32_t file, struct diags *d,
                               struct map *places)
{
    struct toml t = {.arena = a, .diags = d, .file = file, .text = sources_text(s, file), .places = places};
    map_init(&t.kinds, a, MAP_CASE);
    if (places != NULL)
        map_init(places, a, MAP_CASE);
    if (!check_text(&t))
        return NULL;
    struct value *root = new_table(&t, MADE_HEADER), *table = root;
    while (skip_lines(&t)) {
        if (t.i >= t.text.n)
            return root;
        if (toml_peek(&t) == '[')
            table = read_header(&t, root);
        else if (!read_pair(&t, table, 0) || !end_line(&t))
            return NULL;
        if (!table)
            return NULL;
    }
    return NULL;
}
