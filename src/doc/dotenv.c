#include "core/base.h"
#include "doc/dotenv.h"

#include "core/buf.h"
#include "doc/yaml.h"

struct reader {
    struct str text;
    size_t at;
    struct map *into;
    struct map seen; /* of this text: what $NAME stands for */
    size_t total;    /* bytes of all values */
    struct err *e;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

static bool is_variable(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int fault(const struct reader *r, size_t at, const char *why)
{
    unsigned line = 1;
    for (size_t i = 0; i < at && i < r->text.n; i++)
        line += r->text.p[i] == '\n';
    return err_set(r->e, EINVAL, "%u: %s", line, why);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->text.n && is_blank(r->text.p[r->at]))
        r->at++;
}

/* To the next statement, over blank lines and comments; false at the end. */
static bool next_statement(struct reader *r)
{
    for (;;) {
        while (r->at < r->text.n && (is_blank(r->text.p[r->at]) || r->text.p[r->at] == '\n'))
            r->at++;
        if (r->at == r->text.n)
            return false;
        if (r->text.p[r->at] != '#')
            return true;
        while (r->at < r->text.n && r->text.p[r->at] != '\n')
            r->at++;
    }
}

static int read_name(struct reader *r, struct str *ret)
{
    struct str rest = str_from_index(r->text, r->at);
    if (str_starts(rest, STR("export")) && rest.n > 6 && is_blank(rest.p[6])) {
        r->at += 6;
        skip_blanks(r);
    }
    size_t from = r->at;
    while (r->at < r->text.n && is_name(r->text.p[r->at]))
        r->at++;
    *ret = str_sub(r->text, from, r->at);
    skip_blanks(r);
    if (ret->n == 0 || r->at == r->text.n || (r->text.p[r->at] != '=' && r->text.p[r->at] != ':'))
        return fault(r, r->at, "expected NAME=VALUE");
    r->at++;
    skip_blanks(r);
    return 0;
}

/* Adds what stands at s.p[i], a dollar or a backslash before one, and returns where to go on. */
static size_t add_variable(const struct reader *r, struct buf *b, struct str s, size_t i)
{
    if (s.p[i] == '\\') {
        buf_add_ch(b, '$');
        return i + 2;
    }
    size_t from = i + 1 + (i + 1 < s.n && s.p[i + 1] == '{'), to = from;
    while (to < s.n && is_variable(s.p[to]))
        to++;
    if (to == from) {
        buf_add_ch(b, '$');
        return i + 1;
    }
    buf_add(b, map_get_str(&r->seen, str_sub(s, from, to)));
    return to + (to < s.n && s.p[to] == '}');
}

/* escapes: as in double quotes. */
static struct str expand(const struct reader *r, struct str s, bool escapes)
{
    CLEAN(buf) struct buf b = BUF(DOTENV_VALUE_MAX);
    for (size_t i = 0; i < s.n;) {
        bool more = i + 1 < s.n;
        if (s.p[i] == '$' || (s.p[i] == '\\' && more && s.p[i + 1] == '$')) {
            i = add_variable(r, &b, s, i);
        } else if (escapes && s.p[i] == '\\' && more) {
            char c = s.p[i + 1];
            buf_add_ch(&b, c == 'n' ? '\n' : c == 'r' ? '\r' : c);
            i += 2;
        } else {
            buf_add_ch(&b, s.p[i++]);
        }
    }
    return arena_str(r->into->arena, buf_str(&b));
}

static int read_quoted(struct reader *r, struct str *ret)
{
    char quote = r->text.p[r->at];
    size_t from = r->at + 1, to = from;
    while (to < r->text.n && (r->text.p[to] != quote || r->text.p[to - 1] == '\\'))
        to++;
    if (to == r->text.n)
        return fault(r, r->at, "the quote is not closed");
    r->at = to + 1;
    *ret = str_sub(r->text, from, to);
    if (quote == '"')
        *ret = expand(r, *ret, true);
    return 0;
}

/* A comment begins at the last # with a blank before it. */
static struct str read_plain(struct reader *r)
{
    size_t from = r->at, end;
    while (r->at < r->text.n && r->text.p[r->at] != '\n')
        r->at++;
    for (end = r->at; end > from; end--)
        if (r->text.p[end - 1] == '#' && end - 1 > from && is_blank(r->text.p[end - 2]))
            break;
    struct str s = str_sub(r->text, from, end > from ? end - 1 : r->at);
    return expand(r, str_trim(s), false);
}

static int read_value(struct reader *r, struct str *ret)
{
    char c = r->at < r->text.n ? r->text.p[r->at] : '\n';
    if (c == '"' || c == '\'')
        return read_quoted(r, ret);
    *ret = read_plain(r);
    return 0;
}

int dotenv_read(struct str text, struct map *into, struct err *e)
{
    struct reader r = {.text = text, .into = into, .e = e};
    map_init(&r.seen, into->arena, MAP_CASE);
    while (next_statement(&r)) {
        struct str name = STR_NONE, value = STR_NONE;
        int rc = read_name(&r, &name);
        if (rc == 0)
            rc = read_value(&r, &value);
        if (rc < 0)
            return rc;
        r.total += value.n;
        if (value.n >= DOTENV_VALUE_MAX || r.total > DOTENV_MAX)
            return fault(&r, r.at, "the values are too long");
        name = arena_str(into->arena, name);
        map_set_str(&r.seen, name, value);
        map_set_str(into, name, value);
    }
    return 0;
}

static int read_pair(const struct doc_pair *pair, const struct sources *s, struct map *into, struct err *e)
{
    if (pair->value->kind != DOC_SCALAR && pair->value->kind != DOC_NULL)
        return err_set(e, EINVAL, "%u: expected a text as the value", sources_place(s, pair->value->span).line);
    bool null = pair->value->kind == DOC_NULL || (pair->value->style == DOC_PLAIN && str_is(pair->value->text, "null"));
    map_set_str(into, arena_str(into->arena, pair->key->text),
                null ? STR("") : arena_str(into->arena, pair->value->text));
    return 0;
}

int dotenv_read_yaml(struct str text, struct map *into, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    struct yaml_limits limits = YAML_LIMITS;
    diags_init(&d, a, s);
    struct doc_node *root = yaml_read(a, s, sources_add(s, STR("values"), text), &limits, &d);
    if (d.errors > 0)
        return err_set(e, EINVAL, "%u: not YAML", sources_place(s, d.p[0].span).line);
    if (root == NULL || root->kind == DOC_NULL)
        return 0;
    if (root->kind != DOC_MAP)
        return err_set(e, EINVAL, "1: expected a mapping of names and values");
    for (size_t i = 0; i < root->map.n; i++) {
        int rc = read_pair(&root->map.p[i], s, into, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}
