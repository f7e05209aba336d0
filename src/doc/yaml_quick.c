/*
 * yaml_quick.c - the YAML that people write, in one pass and without events.
 *
 * Block mappings and sequences, scalars on one line, literal and folded blocks, flow collections on one line, comments.
 * Whatever else there is (anchors, tags, tabs, escapes, scalars over several lines, documents with marks, anything that
 * looks wrong) makes it give up, and libyaml reads the text from the start: this reader never complains. Where it does
 * not give up its tree is the one that libyaml's events make, to the last byte of a span; a fuzz target compares them.
 */
#include "core/base.h"
#include "core/vec.h"
#include "doc/yaml_priv.h"

#define KEY_MAX 1000 /* bytes of a simple key; libyaml has 1024 characters */
#define NO_LINE (-1)

struct quick {
    struct arena *a;
    uint32_t file;
    struct str text;
    const struct yaml_limits *limits;
    size_t i;    /* the next byte */
    size_t line; /* where its line begins */
    int col;     /* after next_line: of the first byte of a line with something on it; NO_LINE at the end */
    size_t nodes;
    bool bad; /* given up */
};

static struct doc_node *give_up(struct quick *q)
{
    q->bad = true;
    return NULL;
}

static char at(const struct quick *q, size_t i)
{
    return i < q->text.n ? q->text.p[i] : '\n';
}

static bool is_end(char c)
{
    return c == '\n' || c == ' ';
}

/* ---- nodes ---- */

static struct doc_node *node_of(struct quick *q, enum doc_kind kind, enum doc_style style, size_t from, size_t to)
{
    if (++q->nodes > q->limits->nodes)
        return give_up(q);
    struct doc_node *n = ARENA_NEW(q->a, struct doc_node);
    n->kind = kind;
    n->style = style;
    n->span = (struct span){q->file, (uint32_t)from, (uint32_t)(to - from)};
    n->line_off = n->span.off;
    return n;
}

static struct doc_node *scalar_of(struct quick *q, enum doc_style style, size_t from, size_t to, struct str text)
{
    struct doc_node *n = node_of(q, DOC_SCALAR, style, from, to);
    if (n)
        n->text = arena_str(q->a, text);
    return n;
}

/* Nothing where a value could stand, at byte `from`. */
static struct doc_node *null_of(struct quick *q, size_t from)
{
    struct doc_node *n = node_of(q, DOC_NULL, DOC_PLAIN, from, from);
    if (n)
        n->text = arena_str(q->a, STR(""));
    return n;
}

static void end_with(struct doc_node *n, const struct doc_node *last)
{
    MUST(last); /* a block collection has an entry: it begins with it */
    n->span.len = last->span.off + last->span.len - n->span.off;
}

/* ---- lines ---- */

/* --- and ... and % begin a line: marks of documents. */
static bool is_mark(const struct quick *q, size_t i)
{
    char c = at(q, i);
    if (c == '%')
        return true;
    return (c == '-' || c == '.') && at(q, i + 1) == c && at(q, i + 2) == c && is_end(at(q, i + 3));
}

/* From behind a value: only blanks and a comment may follow on its line. Goes to the next line that has something. */
static void next_line(struct quick *q)
{
    size_t i = q->i, n = q->text.n;
    while (i < n && q->text.p[i] == ' ')
        i++;
    if (i < n && q->text.p[i] != '\n' && (q->text.p[i] != '#' || i == q->i)) {
        q->bad = true;
        return;
    }
    for (;;) {
        const char *end = i < n ? memchr(q->text.p + i, '\n', n - i) : NULL;
        if (!end) {
            q->i = n;
            q->col = NO_LINE;
            return;
        }
        q->line = i = (size_t)(end - q->text.p) + 1;
        while (i < n && q->text.p[i] == ' ')
            i++;
        if (i < n && q->text.p[i] != '\n' && q->text.p[i] != '#')
            break;
    }
    q->i = i;
    q->col = (int)(i - q->line);
    if (q->text.p[i] == '\t' || (q->col == 0 && is_mark(q, i)))
        q->bad = true;
}

/* ---- scalars on one line ---- */

/* What \c is in double quotes, for the usual ones; 0 for the others. */
static char escaped_by(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '"' || c == '\\' || c == '/' ? c : 0;
}

/* Byte behind the closing quote, or 0. */
static size_t quoted_end(const struct quick *q, size_t i)
{
    char quote = q->text.p[i++];
    for (; i < q->text.n && q->text.p[i] != '\n'; i++) {
        if (q->text.p[i] == '\\' && quote == '"') {
            if (!escaped_by(at(q, ++i)))
                return 0;
            continue;
        }
        if (q->text.p[i] != quote)
            continue;
        if (quote == '"' || at(q, i + 1) != '\'')
            return i + 1;
        i++;
    }
    return 0;
}

static struct doc_node *quoted(struct quick *q, size_t from, size_t to)
{
    bool single = q->text.p[from] == '\'';
    struct str inner = str_sub(q->text, from + 1, to - 1);
    struct doc_node *n = scalar_of(q, single ? DOC_SINGLE : DOC_DOUBLE, from, to, inner);
    if (!n || str_find_ch(inner, single ? '\'' : '\\') < 0)
        return n;
    char *text = arena_alloc(q->a, inner.n + 1);
    size_t size = 0;
    for (size_t i = 0; i < inner.n; i++) {
        bool escape = !single && inner.p[i] == '\\';
        text[size++] = escape ? escaped_by(inner.p[++i]) : inner.p[i];
        i += single && inner.p[i] == '\'';
    }
    n->text = str_of(text, size);
    return n;
}

/* May a plain scalar begin with c, before `next`? Fewer than YAML allows. */
static bool begins_plain(char c, char next)
{
    if (c == '-')
        return !is_end(next) && next != ',' && next != '[' && next != ']' && next != '{' && next != '}';
    return c == '_' || c == '.' || c == '/' || c == '$' || c == '(' || c == '~' || c == '<' || c == '=' || c == '+' ||
           c == '^' || c == ';' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

/* Where a plain scalar at i ends: at its line's end, a comment, or a colon; *ret_colon tells of the last. */
static size_t plain_end(const struct quick *q, size_t i, bool *ret_colon)
{
    size_t end = i;
    *ret_colon = false;
    for (; i < q->text.n && q->text.p[i] != '\n'; i++) {
        char c = q->text.p[i];
        if (c == ':' && is_end(at(q, i + 1))) {
            *ret_colon = true;
            return end;
        }
        if (c == '#' && q->text.p[i - 1] == ' ')
            return end;
        if (c == '\t') { /* where it counts as a blank is for libyaml to say: a colon that is none is given up on */
            *ret_colon = true;
            return end;
        }
        if (c != ' ')
            end = i + 1;
    }
    return end;
}

/* ---- flow collections on one line ---- */

static struct doc_node *flow(struct quick *q, unsigned depth);

static void skip_blanks(struct quick *q)
{
    while (at(q, q->i) == ' ')
        q->i++;
}

/* Past blanks, line ends and comments between the parts of a flow collection. */
static void skip_flow(struct quick *q)
{
    for (;;) {
        skip_blanks(q);
        if (q->i >= q->text.n)
            return;
        char c = q->text.p[q->i];
        bool comment = c == '#' && (q->text.p[q->i - 1] == ' ' || q->text.p[q->i - 1] == '\n');
        if (c != '\n' && !comment)
            return;
        while (at(q, q->i) != '\n')
            q->i++;
        if (q->i < q->text.n)
            q->i++;
        if (q->i < q->text.n && is_mark(q, q->i))
            q->bad = true;
    }
}

/* A plain scalar in brackets: up to a comma, a bracket or a colon with a blank. */
static struct doc_node *flow_plain(struct quick *q)
{
    size_t from = q->i, i = from, end = from;
    if (!begins_plain(at(q, i), at(q, i + 1)))
        return give_up(q);
    for (;; i++) {
        char c = at(q, i);
        if (c == ',' || c == ']' || c == '}' || c == '\n' || (c == ':' && at(q, i + 1) == ' '))
            break;
        bool odd = c == '\t' || c == '[' || c == '{' || c == '#' || c == '?' || c == ':';
        if (odd && (c != ':' || !begins_plain(at(q, i + 1), ' ')))
            return give_up(q);
        if (c != ' ')
            end = i + 1;
    }
    q->i = i;
    return scalar_of(q, DOC_PLAIN, from, end, str_sub(q->text, from, end));
}

static struct doc_node *flow_scalar(struct quick *q)
{
    size_t from = q->i, end;
    if (at(q, from) != '"' && at(q, from) != '\'')
        return flow_plain(q);
    end = quoted_end(q, from);
    if (!end)
        return give_up(q);
    q->i = end;
    return quoted(q, from, end);
}

static struct doc_node *flow_value(struct quick *q, unsigned depth)
{
    char c = at(q, q->i);
    return c == '[' || c == '{' ? flow(q, depth) : flow_scalar(q);
}

static bool flow_pair(struct quick *q, struct doc_node *map, unsigned depth)
{
    struct doc_pair pair = {.key = flow_scalar(q)};
    skip_blanks(q);
    if (!pair.key || at(q, q->i) != ':' || at(q, q->i + 1) != ' ') {
        q->bad = true;
        return false;
    }
    q->i++;
    skip_flow(q);
    pair.value = flow_value(q, depth + 1);
    if (pair.value)
        vec_push_in(q->a, &map->map, pair);
    return pair.value != NULL;
}

/* [ or { stands at q->i. */
static struct doc_node *flow(struct quick *q, unsigned depth)
{
    bool seq = at(q, q->i) == '[';
    struct doc_node *n = node_of(q, seq ? DOC_SEQ : DOC_MAP, DOC_FLOW, q->i, q->i), *item;
    if (!n || depth >= q->limits->depth)
        return give_up(q);
    q->i++;
    skip_flow(q);
    while (!q->bad && (q->i >= q->text.n || q->text.p[q->i] != (seq ? ']' : '}'))) {
        if (q->i >= q->text.n)
            return give_up(q);
        if (!seq && !flow_pair(q, n, depth))
            return NULL;
        if (seq) {
            item = flow_value(q, depth + 1);
            if (!item)
                return NULL;
            vec_push_in(q->a, &n->seq, item);
        }
        skip_flow(q);
        if (at(q, q->i) == ',') {
            q->i++;
            skip_flow(q);
        } else if (at(q, q->i) != (seq ? ']' : '}')) {
            return give_up(q);
        }
    }
    q->i++;
    n->span.len = (uint32_t)(q->i - n->span.off);
    return n;
}

/* ---- literal and folded blocks ---- */

struct block {
    bool folded;
    int chomp; /* -1 strip, 0 clip, 1 keep */
    size_t indent;
};

/* The header, up to its line's end; digits are left to libyaml. */
static bool block_header(struct quick *q, struct block *ret)
{
    *ret = (struct block){.folded = at(q, q->i) == '>'};
    q->i++;
    if (at(q, q->i) == '-' || at(q, q->i) == '+')
        ret->chomp = at(q, q->i++) == '-' ? -1 : 1;
    size_t i = q->i;
    while (at(q, i) == ' ')
        i++;
    if (at(q, i) == '#' && i > q->i)
        while (at(q, i) != '\n')
            i++;
    q->i = i;
    return at(q, i) == '\n';
}

/* The column of the first line with something on it. 0: there is none below the parent; SIZE_MAX: unclear. */
static size_t block_indent(const struct quick *q, size_t i, size_t parent)
{
    size_t blank = 0;
    while (i < q->text.n) {
        size_t begin = i;
        while (i < q->text.n && q->text.p[i] == ' ')
            i++;
        if (i < q->text.n && q->text.p[i] != '\n') {
            if (blank > i - begin || q->text.p[i] == '\t')
                return SIZE_MAX;
            return i - begin > parent ? i - begin : 0;
        }
        blank = i - begin > blank ? i - begin : blank;
        i++;
    }
    return blank ? SIZE_MAX : 0;
}

/* Skips lines that end before the indent; counts them. Leaves i at the indent of a line, or at less of one. */
static size_t block_blanks(const struct quick *q, size_t *i, size_t indent, bool *ret_more)
{
    size_t count = 0;
    for (;;) {
        size_t begin = *i, end = begin;
        while (end < q->text.n && end - begin < indent && q->text.p[end] == ' ')
            end++;
        if (end == q->text.n || q->text.p[end] != '\n') {
            *ret_more = end < q->text.n && end - begin == indent;
            *i = *ret_more ? end : begin;
            return count;
        }
        count++;
        *i = end + 1;
    }
}

static void add_breaks(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_add_ch(b, '\n');
}

/* libyaml's own rule: a line break becomes a blank when neither of its lines begins with one. Returns the end. */
static size_t block_text(const struct quick *q, const struct block *k, size_t i, struct buf *b, size_t *ret_last)
{
    bool more, broken = false, was_blank = false;
    size_t breaks = block_blanks(q, &i, k->indent, &more);
    while (more) {
        bool blank = q->text.p[i] == ' ' || q->text.p[i] == '\t';
        if (broken && k->folded && !was_blank && !blank) {
            if (breaks == 0)
                buf_add_ch(b, ' ');
        } else if (broken) {
            buf_add_ch(b, '\n');
        }
        add_breaks(b, breaks);
        was_blank = blank;
        const char *end = memchr(q->text.p + i, '\n', q->text.n - i);
        size_t to = end ? (size_t)(end - q->text.p) : q->text.n;
        buf_add(b, str_sub(q->text, i, to));
        *ret_last = to;
        broken = end != NULL;
        i = broken ? to + 1 : to;
        breaks = broken ? block_blanks(q, &i, k->indent, &more) : 0;
        more = more && broken;
    }
    if (k->chomp != -1 && broken)
        buf_add_ch(b, '\n');
    if (k->chomp == 1)
        add_breaks(b, breaks);
    return i;
}

/* | or > stands at q->i, in a collection of column `parent`; ends at the begin of the line behind it. */
static struct doc_node *block_scalar(struct quick *q, size_t parent)
{
    struct block k;
    size_t from = q->i, last;
    if (!block_header(q, &k))
        return give_up(q);
    last = q->i;
    size_t begin = q->i < q->text.n ? q->i + 1 : q->i;
    k.indent = block_indent(q, begin, parent);
    if (k.indent == SIZE_MAX || (k.indent == 0 && k.chomp == 1))
        return give_up(q);
    CLEAN(buf) struct buf b = BUF(q->text.n + 1);
    if (k.indent)
        q->i = block_text(q, &k, begin, &b, &last);
    while (last > from + 1 && (q->text.p[last - 1] == ' ' || q->text.p[last - 1] == '\n'))
        last--;
    struct doc_node *n = scalar_of(q, k.folded ? DOC_FOLDED : DOC_LITERAL, from, last, buf_str(&b));
    if (!n)
        return NULL;
    n->line_off = (uint32_t)begin;
    if (k.indent && q->i > 0) /* to the end of a line, from where next_line goes on */
        q->i--;
    if (q->i < q->text.n && q->text.p[q->i] != '\n')
        q->i = q->text.n;
    return n;
}

/* ---- block collections ---- */

static struct doc_node *collection(struct quick *q, int parent, unsigned depth);
static struct doc_node *sequence(struct quick *q, int col, bool indentless, unsigned depth);

/* Does a simple key stand at q->i? *ret_end is behind its text, *ret_colon its colon. */
static bool find_key(const struct quick *q, size_t *ret_end, size_t *ret_colon)
{
    size_t i = q->i;
    bool colon;
    char c = at(q, i);
    if (c == '"' || c == '\'') {
        *ret_end = quoted_end(q, i);
        if (!*ret_end)
            return false;
    } else {
        if (!begins_plain(c, at(q, i + 1)))
            return false;
        *ret_end = plain_end(q, i, &colon);
        if (!colon)
            return false;
    }
    for (i = *ret_end; at(q, i) == ' ';)
        i++;
    *ret_colon = i;
    return at(q, i) == ':' && is_end(at(q, i + 1)) && i - q->i < KEY_MAX;
}

/* A scalar or flow collection that begins on this line, in a collection of column `parent`. */
static struct doc_node *inline_value(struct quick *q, int parent, unsigned depth)
{
    struct doc_node *n;
    char c = at(q, q->i);
    bool colon = false;
    if (c == '|' || c == '>') {
        n = block_scalar(q, (size_t)parent);
        if (n)
            next_line(q);
        return n;
    }
    if (c == '[' || c == '{') {
        n = flow(q, depth);
    } else if (c == '"' || c == '\'') {
        size_t from = q->i, end = quoted_end(q, from);
        if (!end)
            return give_up(q);
        q->i = end;
        n = quoted(q, from, end);
    } else {
        size_t from = q->i, end;
        if (!begins_plain(c, at(q, from + 1)) && (c != ':' || is_end(at(q, from + 1))))
            return give_up(q);
        end = plain_end(q, from, &colon);
        q->i = end;
        n = scalar_of(q, DOC_PLAIN, from, end, str_sub(q->text, from, end));
    }
    if (!n || colon)
        return give_up(q);
    next_line(q);
    return q->bad || q->col > parent ? give_up(q) : n; /* deeper: the scalar goes on there */
}

/* What stands behind a key's colon or a dash, which ends at q->i. */
static struct doc_node *value(struct quick *q, int parent, bool in_map, unsigned depth)
{
    size_t mark = q->i, end, colon;
    skip_blanks(q);
    char c = at(q, q->i);
    if (c != '\n' && !(c == '#' && q->i > mark)) {
        bool dash = c == '-' && is_end(at(q, q->i + 1));
        if (!in_map && (dash || find_key(q, &end, &colon))) { /* - key: value, - - item */
            q->col = (int)(q->i - q->line);
            return collection(q, parent, depth);
        }
        return inline_value(q, parent, depth);
    }
    q->i = mark;
    next_line(q);
    if (q->bad)
        return NULL;
    bool dash = at(q, q->i) == '-' && is_end(at(q, q->i + 1));
    if (q->col == parent && in_map && dash)
        return sequence(q, parent, true, depth);
    if (q->col <= parent)
        return null_of(q, mark);
    return dash || find_key(q, &end, &colon) ? collection(q, parent, depth) : inline_value(q, parent, depth);
}

/* indentless: its dashes stand in the column of the mapping whose value it is, which goes on behind it. */
static struct doc_node *sequence(struct quick *q, int col, bool indentless, unsigned depth)
{
    struct doc_node *n = node_of(q, DOC_SEQ, DOC_BLOCK, q->i, q->i), *item = NULL;
    if (depth >= q->limits->depth)
        return give_up(q);
    while (n && q->col == col && at(q, q->i) == '-' && is_end(at(q, q->i + 1))) {
        q->i++;
        item = value(q, col, false, depth + 1);
        if (!item || q->bad)
            return give_up(q);
        vec_push_in(q->a, &n->seq, item);
    }
    if (!n || q->col > col || (q->col == col && !indentless))
        return give_up(q);
    end_with(n, item);
    return n;
}

static struct doc_node *mapping(struct quick *q, int col, unsigned depth)
{
    struct doc_node *n = node_of(q, DOC_MAP, DOC_BLOCK, q->i, q->i), *last = NULL;
    while (n && q->col == col) {
        size_t from = q->i, end, colon;
        struct doc_pair pair;
        if (!find_key(q, &end, &colon))
            return give_up(q);
        bool in_quotes = at(q, from) == '"' || at(q, from) == '\'';
        pair.key = in_quotes ? quoted(q, from, end) : scalar_of(q, DOC_PLAIN, from, end, str_sub(q->text, from, end));
        q->i = colon + 1;
        last = pair.value = pair.key ? value(q, col, true, depth + 1) : NULL;
        if (!last || q->bad)
            return give_up(q);
        vec_push_in(q->a, &n->map, pair);
    }
    if (!n || q->col > col)
        return give_up(q);
    end_with(n, last);
    return n;
}

/* A block collection whose first entry is at q->i, in one of column `parent`. */
static struct doc_node *collection(struct quick *q, int parent, unsigned depth)
{
    int col = q->col;
    if (depth >= q->limits->depth || col <= parent)
        return give_up(q);
    if (at(q, q->i) == '-' && is_end(at(q, q->i + 1)))
        return sequence(q, col, false, depth);
    return mapping(q, col, depth);
}

/* Control characters, and what is a line's end or nothing at all to YAML beside the line feed. */
static bool is_simple(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= ' ' && c < 127)
            continue;
        if (c < 0x80 && c != '\n' && c != '\t')
            return false;
        if (c < 0xC2 || (c != 0xC2 && c != 0xE2 && c != 0xEF))
            continue;
        if (i + 2 >= s.n)
            return false;
        unsigned char next = (unsigned char)s.p[i + 1], last = (unsigned char)s.p[i + 2];
        if ((c == 0xC2 && next < 0xA0) || (c == 0xE2 && next == 0x80 && last >= 0xA8 && last <= 0xA9) ||
            (c == 0xEF && ((next == 0xBB && last == 0xBF) || (next == 0xBF && last >= 0xBE))))
            return false;
    }
    return true;
}

struct doc_node *yaml_quick(struct arena *a, uint32_t file, struct str text, const struct yaml_limits *limits)
{
    struct quick q = {.a = a, .file = file, .text = text, .limits = limits};
    if (!is_simple(text))
        return NULL;
    skip_blanks(&q);
    if (at(&q, q.i) == '#')
        while (at(&q, q.i) != '\n')
            q.i++;
    q.col = (int)q.i;
    if (at(&q, q.i) == '\n')
        next_line(&q);
    else if (q.col == 0)
        q.bad = is_mark(&q, 0);
    if (q.bad && q.col == 0 && str_starts(str_from_index(text, q.i), STR("---\n"))) { /* the one in front */
        q.bad = false;
        q.i += 3;
        next_line(&q);
    }
    if (q.bad || q.col == NO_LINE)
        return NULL;
    struct doc_node *root = collection(&q, NO_LINE, 0);
    return root && !q.bad && q.col == NO_LINE ? root : NULL;
}
