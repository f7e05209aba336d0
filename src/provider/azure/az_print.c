/*
 * az_print.c - a tree as YAML (--expanded): block style, quotes where a reader would take a text for something else,
 * literal blocks for texts of several lines. az_load reads it back to the same.
 */
#include "core/base.h"
#include "core/utf8.h"
#include "provider/azure/model_priv.h"
#include "provider/azure/template_priv.h"

#include <string.h>

#define STEP 2        /* columns a level is indented by */
#define LONG_KEY 1000 /* bytes; longer ones are written behind a question mark, as YAML asks past 1024 */

/* ---- scalars ---- */

static bool is_printable(uint32_t cp)
{
    if (cp == 0x85 || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff) /* line breaks to some, and the byte order mark */
        return false;
    return (cp >= 0x20 && cp <= 0x7e) || (cp >= 0xa0 && cp <= 0xd7ff) || (cp >= 0xe000 && cp <= 0xfffd) ||
           cp >= 0x10000;
}

struct look {
    bool breaks;  /* it has line feeds */
    bool escapes; /* it has what only double quotes can say */
};

static struct look look_at(struct str text)
{
    struct look l = {0};
    for (size_t i = 0, n; i < text.n; i += n) {
        uint32_t cp = 0;
        n = utf8_decode(text, i, &cp);
        if (n == 0)
            n = 1;
        if (cp == '\n')
            l.breaks = true;
        else if (cp != '\t' && !is_printable(cp))
            l.escapes = true;
    }
    return l;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* May the text begin with this, unquoted? - ? and : may, before what is no blank. */
static bool begins_plain(struct str s)
{
    if (strchr(",[]{}#&*!|>'\"%@`=", s.p[0]))
        return false;
    if (strchr("-?:", s.p[0]))
        return s.n > 1 && !is_blank(s.p[1]);
    return !str_starts(s, STR("...")) && !is_blank(s.p[0]);
}

/* A one-line text that a reader gives back as it is. */
static bool is_plain(struct str s)
{
    if (s.n == 0 || !begins_plain(s) || str_starts(s, STR("---")) || is_blank(s.p[s.n - 1]) || s.p[s.n - 1] == ':')
        return false;
    for (size_t i = 0; i + 1 < s.n; i++)
        if ((s.p[i] == ':' && is_blank(s.p[i + 1])) || (is_blank(s.p[i]) && s.p[i + 1] == '#') || s.p[i] == '\t')
            return false;
    return true;
}

/* Would it be read as a null, a number or a boolean, where those count? */
static bool is_typed(struct str s)
{
    static const char *const words[] = {"~", "null", "Null", "NULL", "<<"};
    double number;
    bool boolean;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(s, words[i]))
            return true;
    return az_bool_read(s, &boolean) || az_plain_number(s, &number);
}

static void print_single(struct buf *b, struct str s)
{
    struct str part, rest = s;
    buf_add_ch(b, '\'');
    while (str_cut(rest, '\'', &part, &rest)) {
        buf_add(b, part);
        buf_add_cstr(b, "''");
    }
    buf_add(b, part);
    buf_add_ch(b, '\'');
}

static void print_escaped(struct buf *b, struct str s, size_t i, size_t n, uint32_t cp)
{
    if (cp == '\n')
        buf_add_cstr(b, "\\n");
    else if (cp == '\t')
        buf_add_cstr(b, "\\t");
    else if (cp == '"' || cp == '\\')
        buf_printf(b, "\\%c", (int)cp);
    else if (is_printable(cp))
        buf_add(b, str_of(s.p + i, n));
    else if (cp <= 0xff)
        buf_printf(b, "\\x%02x", (unsigned)cp);
    else
        buf_printf(b, "\\u%04x", (unsigned)cp);
}

static void print_double(struct buf *b, struct str s)
{
    buf_add_ch(b, '"');
    for (size_t i = 0, n; i < s.n; i += n) {
        uint32_t cp = 0xfffd;
        n = utf8_decode(s, i, &cp);
        if (n == 0)
            n = 1;
        print_escaped(b, s, i, n, cp);
    }
    buf_add_ch(b, '"');
}

static void print_line(struct buf *b, struct str s, bool quoted)
{
    struct look l = look_at(s);
    if (l.escapes || l.breaks)
        print_double(b, s);
    else if (quoted || !is_plain(s))
        print_single(b, s);
    else
        buf_add(b, s);
}

/* The end of a literal block's header: what becomes of the line feeds at the end of the text. */
static const char *chomping(struct str s)
{
    if (!str_ends(s, STR("\n")))
        return "-";
    return str_ends(s, STR("\n\n")) ? "+" : "";
}

static bool is_literal(struct str s)
{
    struct look l = look_at(s);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n' && s.p[i] != ' ' && s.p[i] != '\t')
            return l.breaks && !l.escapes;
    return false;
}

static void print_literal(struct buf *b, struct str s, size_t indent)
{
    struct str line, rest = s;
    buf_add_ch(b, '|');
    if (is_blank(s.p[0]) || s.p[0] == '\n')
        buf_printf(b, "%d", STEP);
    buf_add_cstr(b, chomping(s));
    buf_add_ch(b, '\n');
    while (str_next(&rest, '\n', &line)) {
        if (line.n > 0)
            buf_add_rep(b, ' ', indent);
        buf_add(b, line);
        buf_add_ch(b, '\n');
    }
}

/* A scalar behind "key:" or "-", with the line's end. indent: of a block's lines. */
static void print_scalar(struct buf *b, const struct az_value *v, size_t indent)
{
    CLEAN(arena) struct arena *a = v->kind == AZ_STRING ? NULL : arena_new();
    struct str text = v->kind == AZ_STRING ? v->text : az_scalar(a, v);
    if (v->kind != AZ_NULL)
        buf_add_ch(b, ' ');
    if (v->kind == AZ_STRING && is_literal(text)) {
        print_literal(b, text, indent);
        return;
    }
    if (v->kind == AZ_STRING)
        print_line(b, text, !v->plain && is_typed(text));
    else
        buf_add(b, text);
    buf_add_ch(b, '\n');
}

/* ---- containers ---- */

static void print_value(struct buf *b, const struct az_value *v, size_t indent);

static bool is_empty(const struct az_value *v)
{
    return (v->kind == AZ_ARRAY && v->array.n == 0) || (v->kind == AZ_OBJECT && v->object.n == 0);
}

/* What stands behind "key:": on its line, or on those below. */
static void print_member(struct buf *b, const struct az_value *v, size_t indent)
{
    if (is_empty(v))
        buf_add_cstr(b, v->kind == AZ_ARRAY ? " []\n" : " {}\n");
    else if (az_is_scalar(v))
        print_scalar(b, v, indent + STEP);
    else {
        buf_add_ch(b, '\n');
        size_t below = v->kind == AZ_ARRAY ? indent : indent + STEP;
        buf_add_rep(b, ' ', below);
        print_value(b, v, below);
    }
}

static void print_key(struct buf *b, const struct az_value *key, size_t indent)
{
    bool quoted = str_is(key->text, "<<") || (!key->plain && is_typed(key->text)) || key->text.n == 0;
    if (key->text.n > LONG_KEY)
        buf_add_cstr(b, "? ");
    print_line(b, key->text, quoted);
    if (key->text.n > LONG_KEY) {
        buf_add_ch(b, '\n');
        buf_add_rep(b, ' ', indent);
    }
    buf_add_ch(b, ':');
}

static void print_object(struct buf *b, const struct az_value *v, size_t indent)
{
    for (size_t i = 0; i < v->object.n && !b->over; i++) {
        if (i > 0)
            buf_add_rep(b, ' ', indent);
        print_key(b, v->object.p[i].key, indent);
        print_member(b, v->object.p[i].value, indent);
    }
}

static void print_array(struct buf *b, const struct az_value *v, size_t indent)
{
    for (size_t i = 0; i < v->array.n && !b->over; i++) {
        const struct az_value *item = v->array.p[i];
        if (i > 0)
            buf_add_rep(b, ' ', indent);
        buf_add_ch(b, '-');
        if (is_empty(item))
            buf_add_cstr(b, item->kind == AZ_ARRAY ? " []\n" : " {}\n");
        else if (az_is_scalar(item))
            print_scalar(b, item, indent + STEP);
        else {
            buf_add_ch(b, ' ');
            print_value(b, item, indent + STEP);
        }
    }
}

/* A container that is not empty; the cursor stands at the column `indent`. */
static void print_value(struct buf *b, const struct az_value *v, size_t indent)
{
    if (v->kind == AZ_ARRAY)
        print_array(b, v, indent);
    else
        print_object(b, v, indent);
}

int az_print(struct buf *b, const struct az_value *root)
{
    if (is_empty(root))
        buf_add_cstr(b, root->kind == AZ_ARRAY ? "[]\n" : "{}\n");
    else if (az_is_scalar(root))
        print_member(b, root, 0);
    else
        print_value(b, root, 0);
    return b->over ? -E2BIG : 0;
}

/* ---- texts that would be read as expressions ---- */

/* "${{" as an expression that gives these letters. */
static struct str quoted_text(struct arena *a, struct str s)
{
    const struct str mark = STR("${{"), said = STR("${{ '${{' }}");
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (ssize_t at; (at = str_find(s, mark)) >= 0; s = str_sub(s, (size_t)at + mark.n, s.n)) {
        buf_add(&b, str_sub(s, 0, (size_t)at));
        buf_add(&b, said);
    }
    buf_add(&b, s);
    return arena_str(a, str_from(buf_cstr(&b)));
}

/* The tree with every such text quoted, so that what is printed means the same when it is read again. */
static struct az_value *quote(struct arena *a, const struct az_value *v)
{
    struct az_value *ret = ARENA_NEW(a, struct az_value);
    *ret = *v;
    if (v->kind == AZ_STRING && str_find(v->text, STR("${{")) >= 0)
        ret->text = quoted_text(a, v->text);
    if (v->kind == AZ_ARRAY) {
        memset(&ret->array, 0, sizeof ret->array);
        for (size_t i = 0; i < v->array.n; i++)
            az_push(a, ret, quote(a, v->array.p[i]));
    }
    if (v->kind == AZ_OBJECT) {
        memset(&ret->object, 0, sizeof ret->object);
        for (size_t i = 0; i < v->object.n; i++)
            az_add(a, ret, quote(a, v->object.p[i].key), quote(a, v->object.p[i].value));
    }
    return ret;
}

int az_print_plan(const struct plan *p, struct buf *b)
{
    const struct az_model *m = p->model;
    CLEAN(arena) struct arena *a = arena_new();
    return az_print(b, quote(a, m->expanded));
}
