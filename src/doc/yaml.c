/*
 * The tree is built from libyaml's events by recursion whose depth the limits bound. Aliases are replayed as copies
 * that count as nodes, so that a few lines of nested anchors (a "billion laughs") end at the limit.
 */
#include "core/base.h"
#include "doc/yaml.h"

#include "core/map.h"
#include "core/utf8.h"
#include "core/vec.h"
#include "doc/yaml_priv.h"

#define DEPTH_MAX 1000u /* what the C stack bears, whatever the limits ask for */

/* In the arena, found by name; a later anchor of the same name takes the place of an earlier one. */
struct anchor {
    struct str name;
    struct doc_node *node; /* NULL while it is being read */
    struct anchor *older;  /* the one that was read before it */
    struct span at;
    bool used;
};

struct reader {
    struct arena *arena;
    const struct sources *sources;
    uint32_t file;
    struct yaml_limits limits;
    struct diags *diags;
    struct yaml_cursor cursor;
    yaml_parser_t parser;
    size_t nodes;
    struct map anchors;
    struct anchor *last_anchor;
};

static struct span span_of(struct reader *r, size_t from, size_t to)
{
    return (struct span){r->file, (uint32_t)from, (uint32_t)(to > from ? to - from : 0)};
}

static struct span event_span(struct reader *r, const yaml_event_t *ev)
{
    size_t from = yaml_offset(&r->cursor, ev->start_mark.index);
    return span_of(r, from, yaml_offset(&r->cursor, ev->end_mark.index));
}

static bool next_event(struct reader *r, yaml_event_t *ev)
{
    if (yaml_parser_parse(&r->parser, ev))
        return true;
    yaml_fault(&r->parser, &r->cursor, r->sources, r->file, r->diags);
    return false;
}

static bool ends_property(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* Past the blanks, line ends and comments that may stand between a node's properties and its text. */
static size_t skip_space(struct str text, size_t i, size_t end)
{
    for (; i < end; i++) {
        if (text.p[i] == '#')
            while (i + 1 < end && text.p[i + 1] != '\n')
                i++;
        else if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\n' && text.p[i] != '\r')
            break;
    }
    return i;
}

/* libyaml's spans begin at the anchor or tag; ours at the text itself. */
static struct span skip_properties(struct reader *r, struct span span)
{
    struct str text = r->cursor.text;
    size_t i = span.off - r->cursor.bom, end = i + span.len;
    while (i < end && (text.p[i] == '&' || text.p[i] == '!')) {
        bool verbatim = text.p[i] == '!' && i + 1 < end && text.p[i + 1] == '<';
        while (i < end && (verbatim ? text.p[i] != '>' : !ends_property(text.p[i])))
            i++;
        i = skip_space(text, verbatim && i < end ? i + 1 : i, end);
    }
    return span_of(r, i + r->cursor.bom, end + r->cursor.bom);
}

static struct str copy_of(struct reader *r, const yaml_char_t *text)
{
    return text ? arena_cstr(r->arena, (const char *)text) : STR_NONE;
}

/* NULL, with a diagnostic, when the document has grown too large. */
static struct doc_node *new_node(struct reader *r, enum doc_kind kind, struct span at)
{
    if (++r->nodes > r->limits.nodes) {
        diag_error(r->diags, "YA004", at, "the document has more than %zu values, those of aliases counted",
                   r->limits.nodes);
        return NULL;
    }
    struct doc_node *node = ARENA_NEW(r->arena, struct doc_node);
    node->kind = kind;
    node->span = at;
    node->line_off = at.off;
    return node;
}

static bool depth_ok(struct reader *r, unsigned depth, struct span at)
{
    if (depth < r->limits.depth)
        return true;
    diag_error(r->diags, "YA004", at, "values are nested more than %u deep", r->limits.depth);
    return false;
}

/* NULL for a node without an anchor. An anchor is known, but not usable, while its node is being read. */
static struct anchor *open_anchor(struct reader *r, const yaml_char_t *name, struct span at)
{
    if (!name)
        return NULL;
    struct anchor *anchor = ARENA_NEW(r->arena, struct anchor);
    anchor->name = copy_of(r, name);
    map_set(&r->anchors, anchor->name, anchor);
    anchor->at = at;
    anchor->older = r->last_anchor;
    r->last_anchor = anchor;
    if (r->limits.no_anchors) {
        diag_error(r->diags, "YA006", at, "anchors are not supported in this file: remove the anchor '%.*s'",
                   STR_ARG(anchor->name));
        diag_hint(r->diags, "write the value out in each place where it is used");
    }
    return anchor;
}

static void close_anchor(struct anchor *anchor, struct doc_node *node)
{
    if (!anchor)
        return;
    node->anchor = anchor->name;
    anchor->node = node;
}

static struct doc_node *copy_node(struct reader *r, const struct doc_node *from, struct span alias, unsigned depth);

static bool copy_items(struct reader *r, const struct doc_node *from, struct doc_node *to, unsigned depth)
{
    bool seq = from->kind == DOC_SEQ;
    for (size_t i = 0; i < (seq ? from->seq.n : from->map.n); i++) {
        if (seq) {
            struct doc_node *item = copy_node(r, from->seq.p[i], to->alias, depth);
            if (!item)
                return false;
            vec_push_in(r->arena, &to->seq, item);
            continue;
        }
        struct doc_pair pair = {.key = copy_node(r, from->map.p[i].key, to->alias, depth)};
        pair.value = pair.key ? copy_node(r, from->map.p[i].value, to->alias, depth) : NULL;
        if (!pair.value)
            return false;
        vec_push_in(r->arena, &to->map, pair);
    }
    return true;
}

/* depth: of the containers around the copy. NULL, with a diagnostic at the alias, past a limit. */
static struct doc_node *copy_node(struct reader *r, const struct doc_node *from, struct span alias, unsigned depth)
{
    struct doc_node *to = new_node(r, from->kind, alias);
    if (!to)
        return NULL;
    to->style = from->style;
    to->span = from->span;
    to->line_off = from->line_off;
    to->text = from->text;
    to->tag = from->tag;
    to->alias = alias;
    if (from->kind != DOC_SEQ && from->kind != DOC_MAP)
        return to;
    if (!depth_ok(r, depth, alias) || !copy_items(r, from, to, depth + 1))
        return NULL;
    return to;
}

static struct doc_node *read_alias(struct reader *r, const yaml_event_t *ev, unsigned depth)
{
    struct str name = str_from((const char *)ev->data.alias.anchor);
    struct span at = event_span(r, ev);
    struct anchor *anchor = map_get(&r->anchors, name);
    if (anchor)
        anchor->used = true;
    if (anchor && anchor->node)
        return copy_node(r, anchor->node, at, depth);
    if (anchor)
        diag_error(r->diags, "YA003", at, "the alias '*%.*s' stands inside the value that '&%.*s' names", STR_ARG(name),
                   STR_ARG(name));
    else {
        diag_error(r->diags, "YA003", at, "no anchor '&%.*s' stands before this alias", STR_ARG(name));
        diag_hint(r->diags, "put quotes around a value that begins with '*'");
    }
    return new_node(r, DOC_NULL, at);
}

static enum doc_style scalar_style(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        return DOC_PLAIN;
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return DOC_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return DOC_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
        return DOC_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return DOC_FOLDED;
    }
    BUG("no such style: %d", (int)style);
}

/* A block scalar: its lines begin below the header, and the line ends behind its last line are not shown as part of it.
 */
static void place_block(struct reader *r, struct doc_node *node)
{
    struct str text = r->cursor.text;
    size_t begin = node->span.off - r->cursor.bom, end = begin + node->span.len, line = begin;
    while (line < text.n && text.p[line] != '\n')
        line++;
    node->line_off = (uint32_t)((line < text.n ? line + 1 : line) + r->cursor.bom);
    while (end > begin + 1 && (text.p[end - 1] == '\n' || text.p[end - 1] == '\r' || text.p[end - 1] == ' '))
        end--;
    node->span.len = (uint32_t)(end - begin);
}

static struct doc_node *read_scalar(struct reader *r, const yaml_event_t *ev)
{
    struct span at = event_span(r, ev);
    struct anchor *anchor = open_anchor(r, ev->data.scalar.anchor, at);
    struct doc_node *node = new_node(r, DOC_SCALAR, skip_properties(r, at));
    if (!node)
        return NULL;
    node->style = scalar_style(ev->data.scalar.style);
    node->text = arena_str(r->arena, str_of((const char *)ev->data.scalar.value, ev->data.scalar.length));
    node->tag = copy_of(r, ev->data.scalar.tag);
    if (node->style == DOC_PLAIN && !node->text.n && !node->tag.n)
        node->kind = DOC_NULL;
    if (node->style == DOC_LITERAL || node->style == DOC_FOLDED)
        place_block(r, node);
    close_anchor(anchor, node);
    return node;
}

static struct doc_node *read_node(struct reader *r, yaml_event_t *ev, unsigned depth);

static size_t end_of(const struct doc_node *node)
{
    struct span at = node->alias.file ? node->alias : node->span;
    return (size_t)at.off + at.len;
}

/* Where a container ends: flow ones at their bracket, block ones with their last item, not at the next line's token. */
static void end_container(struct reader *r, struct doc_node *node, const yaml_event_t *end, const struct doc_node *last)
{
    size_t to = node->span.off;
    if (node->style == DOC_FLOW)
        to = yaml_offset(&r->cursor, end->end_mark.index);
    else if (last)
        to = end_of(last);
    node->span = span_of(r, node->span.off, to);
}

static struct doc_node *read_seq(struct reader *r, const yaml_event_t *start, unsigned depth)
{
    struct span at = event_span(r, start);
    struct anchor *anchor = open_anchor(r, start->data.sequence_start.anchor, at);
    bool bare = !start->data.sequence_start.anchor && !start->data.sequence_start.tag;
    struct doc_node *node = new_node(r, DOC_SEQ, bare ? at : skip_properties(r, at)), *last = NULL;
    if (!node || !depth_ok(r, depth, at))
        return NULL;
    node->style = start->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE ? DOC_FLOW : DOC_BLOCK;
    node->tag = copy_of(r, start->data.sequence_start.tag);
    for (;;) {
        yaml_event_t ev;
        if (!next_event(r, &ev))
            return NULL;
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            end_container(r, node, &ev, last);
            yaml_event_delete(&ev);
            close_anchor(anchor, node);
            return node;
        }
        last = read_node(r, &ev, depth + 1);
        if (!last)
            return NULL;
        vec_push_in(r->arena, &node->seq, last);
    }
}

static void complain_of_key(struct reader *r, const struct doc_node *key)
{
    struct span at = key->alias.file ? key->alias : key->span;
    diag_error(r->diags, "YA005", at, "a mapping key must be plain text, not a %s",
               key->kind == DOC_SEQ ? "sequence" : "mapping");
    struct str text = str_from_index(r->cursor.text, at.off - r->cursor.bom);
    if (str_starts(text, STR("{")) && at.off > r->cursor.bom && text.p[-1] == '{')
        diag_hint(r->diags, "put quotes around a value that begins with '{{'");
}

/* Reads the value of a key whose first event is ev; NULL after a fault. */
static struct doc_node *read_pair(struct reader *r, struct doc_node *map, yaml_event_t *ev, unsigned depth)
{
    struct doc_pair pair = {.key = read_node(r, ev, depth)};
    yaml_event_t value;
    if (!pair.key)
        return NULL;
    bool plain = pair.key->kind == DOC_SCALAR || pair.key->kind == DOC_NULL;
    if (!plain)
        complain_of_key(r, pair.key);
    if (!next_event(r, &value))
        return NULL;
    pair.value = read_node(r, &value, depth);
    if (pair.value && plain)
        vec_push_in(r->arena, &map->map, pair);
    return pair.value;
}

static struct doc_node *read_map(struct reader *r, const yaml_event_t *start, unsigned depth)
{
    struct span at = event_span(r, start);
    struct anchor *anchor = open_anchor(r, start->data.mapping_start.anchor, at);
    bool bare = !start->data.mapping_start.anchor && !start->data.mapping_start.tag;
    struct doc_node *node = new_node(r, DOC_MAP, bare ? at : skip_properties(r, at)), *last = NULL;
    if (!node || !depth_ok(r, depth, at))
        return NULL;
    node->style = start->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE ? DOC_FLOW : DOC_BLOCK;
    node->tag = copy_of(r, start->data.mapping_start.tag);
    for (;;) {
        yaml_event_t ev;
        if (!next_event(r, &ev))
            return NULL;
        if (ev.type == YAML_MAPPING_END_EVENT) {
            end_container(r, node, &ev, last);
            yaml_event_delete(&ev);
            close_anchor(anchor, node);
            return node;
        }
        last = read_pair(r, node, &ev, depth + 1);
        if (!last)
            return NULL;
    }
}

/* Reads the node that begins with ev, and deletes ev. NULL when reading cannot go on, which was said. */
static struct doc_node *read_node(struct reader *r, yaml_event_t *ev, unsigned depth)
{
    struct doc_node *node = NULL;
    if (ev->type == YAML_ALIAS_EVENT)
        node = read_alias(r, ev, depth);
    else if (ev->type == YAML_SCALAR_EVENT)
        node = read_scalar(r, ev);
    else if (ev->type == YAML_SEQUENCE_START_EVENT)
        node = read_seq(r, ev, depth);
    else if (ev->type == YAML_MAPPING_START_EVENT)
        node = read_map(r, ev, depth);
    else
        BUG("libyaml sent event %d where a node begins", (int)ev->type);
    yaml_event_delete(ev);
    return node;
}

/* Reads events up to the first node, or the end, of a document. */
static bool skip_to_content(struct reader *r, yaml_event_t *ev)
{
    while (next_event(r, ev)) {
        if (ev->type != YAML_STREAM_START_EVENT && ev->type != YAML_DOCUMENT_END_EVENT)
            return true;
        yaml_event_delete(ev);
    }
    return false;
}

/* What follows the document: nothing may. False when the text is broken there. */
static bool check_end(struct reader *r)
{
    yaml_event_t ev;
    if (!skip_to_content(r, &ev))
        return false;
    if (ev.type == YAML_DOCUMENT_START_EVENT) {
        diag_error(r->diags, "YA002", event_span(r, &ev), "a second YAML document begins here");
        diag_hint(r->diags, "a pipeline file holds one document: remove the '---' and what follows it");
    }
    yaml_event_delete(&ev);
    return true;
}

static void warn_unused(const struct reader *r)
{
    for (const struct anchor *a = r->last_anchor; a && !r->limits.no_anchors; a = a->older)
        if (!a->used)
            diag_warning(r->diags, "YA007", a->at, "the anchor '&%.*s' is never used", STR_ARG(a->name));
}

static struct doc_node *read_document(struct reader *r)
{
    yaml_event_t ev;
    if (!skip_to_content(r, &ev))
        return NULL;
    bool empty = ev.type == YAML_STREAM_END_EVENT;
    struct span at = event_span(r, &ev);
    yaml_event_delete(&ev);
    if (empty)
        return new_node(r, DOC_NULL, at);
    if (!next_event(r, &ev))
        return NULL;
    struct doc_node *root = read_node(r, &ev, 0);
    if (!root || !check_end(r))
        return NULL;
    warn_unused(r);
    return root;
}

static bool check_bytes(struct reader *r, struct str text)
{
    const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
    ssize_t invalid = utf8_invalid(text);
    if (nul && (invalid < 0 || nul - text.p < invalid)) {
        diag_error(r->diags, "SL002", span_of(r, (size_t)(nul - text.p), (size_t)(nul - text.p) + 1),
                   "the file has a NUL byte here: it is not a text file");
        return false;
    }
    if (invalid < 0)
        return true;
    diag_error(r->diags, "SL002", span_of(r, (size_t)invalid, (size_t)invalid + 1),
               "the file is not UTF-8: byte 0x%02x does not belong here", (unsigned char)text.p[invalid]);
    if (str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF")))
        diag_hint(r->diags, "the file looks like UTF-16: save it as UTF-8");
    return false;
}

static struct yaml_limits with_defaults(const struct yaml_limits *limits)
{
    struct yaml_limits l = limits ? *limits : YAML_LIMITS;
    l.max_bytes = l.max_bytes ? l.max_bytes : YAML_LIMITS.max_bytes;
    l.depth = l.depth ? l.depth : YAML_LIMITS.depth;
    l.depth = l.depth < DEPTH_MAX ? l.depth : DEPTH_MAX;
    l.nodes = l.nodes ? l.nodes : YAML_LIMITS.nodes;
    return l;
}

struct doc_node *yaml_read(struct arena *a, const struct sources *s, uint32_t file, const struct yaml_limits *limits,
                           struct diags *d)
{
    struct reader r = {.arena = a, .sources = s, .file = file, .limits = with_defaults(limits), .diags = d};
    struct str text = sources_text(s, file);
    if (text.n > r.limits.max_bytes) {
        diag_error(d, "YA004", span_of(&r, 0, 0), "the file has %zu bytes; at most %zu are read", text.n,
                   r.limits.max_bytes);
        return NULL;
    }
    if (!check_bytes(&r, text))
        return NULL;
    struct doc_node *quick = limits && limits->thorough ? NULL : yaml_quick(a, file, text, &r.limits);
    if (quick)
        return quick;
    size_t bom = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    r.cursor = (struct yaml_cursor){.text = str_from_index(text, bom), .bom = bom};
    map_init(&r.anchors, a, MAP_CASE);
    if (!yaml_parser_initialize(&r.parser))
        BUG("out of memory");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.cursor.text.p, r.cursor.text.n);
    struct doc_node *root = read_document(&r);
    yaml_parser_delete(&r.parser);
    return root;
}

struct doc_node *doc_get(const struct doc_node *node, const char *key)
{
    if (!node || node->kind != DOC_MAP)
        return NULL;
    for (size_t i = 0; i < node->map.n; i++)
        if (str_is(node->map.p[i].key->text, key))
            return node->map.p[i].value;
    return NULL;
}
