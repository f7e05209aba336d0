/*
 * libyaml says why it gave up in the words of its grammar. What people write wrong is mostly one of a dozen things;
 * those are told in words about the file, at the place that must be mended.
 */
#include "core/base.h"
#include "doc/yaml_priv.h"

struct fault {
    const char *problem; /* libyaml's */
    const char *context; /* the context's beginning, or NULL: any */
    const char *message;
    const char *hint; /* may be NULL */
    bool at_context;  /* point at where the construct began, not at where the parser stopped */
};

/* The first that fits is taken. */
static const struct fault faults[] = {
    {"could not find expected ':'", NULL, "this line is neither 'key: value' nor part of the value before it",
     "a ':' behind the key may be missing", true},
    {"mapping values are not allowed in this context", NULL, "a ':' is not allowed here",
     "put quotes around a value that contains ': '; or a ':' is missing on a line before, or the indentation is wrong",
     false},
    {"block sequence entries are not allowed in this context", NULL, "a '-' item is not allowed here",
     "items begin on a line of their own, below their key", false},
    {"mapping keys are not allowed in this context", NULL, "a '?' key is not allowed here", NULL, false},
    {"did not find expected key", "while parsing a block mapping", "a key was expected here",
     "the keys of a mapping stand in one column: check the indentation", false},
    {"did not find expected '-' indicator", NULL, "an item that begins with '-' was expected here",
     "the items of a sequence stand in one column: check the indentation", false},
    {"did not find expected ',' or ']'", NULL, "a ',' or the closing ']' was expected here", NULL, false},
    {"did not find expected ',' or '}'", NULL, "a ',' or the closing '}' was expected here",
     "put quotes around a value that begins with '{'", false},
    {"did not find expected node content", NULL, "a value was expected here", NULL, false},
    {"did not find expected <document start>", NULL, "the document has ended before this line", "check the indentation",
     false},
    {"found unexpected end of stream", "while scanning a quoted scalar", "this quote is never closed", NULL, true},
    {"found unexpected document indicator", "while scanning a quoted scalar",
     "this quote is not closed before the document ends", NULL, true},
    {"found unknown escape character", NULL, "this is no escape that a double-quoted value knows",
     "write a backslash twice, or use single quotes", false},
    {"did not find expected alphabetic or numeric character", "while scanning an alias",
     "a '*' begins an alias, but no name follows", "put quotes around a value that begins with '*'", true},
    {"did not find expected alphabetic or numeric character", "while scanning an anchor",
     "a '&' begins an anchor, but no name follows", "put quotes around a value that begins with '&'", true},
    {"did not find expected whitespace or line break", "while scanning a tag", "a '!' begins a tag, and this is none",
     "put quotes around a value that begins with '!'", true},
    {"found undefined tag handle", NULL, "this tag's prefix is not defined",
     "put quotes around a value that begins with '!'", false},
    {"found a tab character where an indentation space is expected", NULL, "a tab cannot indent a line",
     "indent with spaces", false},
    {"found a tab character that violates indentation", NULL, "a tab cannot indent a line", "indent with spaces",
     false},
};

size_t yaml_offset(struct yaml_cursor *c, size_t index)
{
    const char *p = c->text.p;
    for (; c->chars < index && c->bytes < c->text.n; c->chars++) {
        c->bytes++;
        while (c->bytes < c->text.n && ((unsigned char)p[c->bytes] & 0xC0) == 0x80)
            c->bytes++;
    }
    for (; c->chars > index && c->bytes > 0; c->chars--) {
        c->bytes--;
        while (c->bytes > 0 && ((unsigned char)p[c->bytes] & 0xC0) == 0x80)
            c->bytes--;
    }
    return c->bytes + c->bom;
}

/* A span of one character, or of none at the end of the text. */
static struct span char_at(const struct yaml_cursor *c, uint32_t file, size_t off)
{
    size_t i = off - c->bom, n = 0;
    if (i < c->text.n)
        for (n = 1; i + n < c->text.n && ((unsigned char)c->text.p[i + n] & 0xC0) == 0x80; n++)
            ;
    return (struct span){file, (uint32_t)off, (uint32_t)n};
}

/* A character that begins no value: the parser's complaint is the same for all, the mistakes behind them differ. */
static void fault_of_char(const struct yaml_cursor *c, struct span at, struct diags *d)
{
    char ch = at.len ? c->text.p[at.off - c->bom] : 0;
    if (ch == '\t') {
        diag_error(d, "YA001", at, "a tab cannot indent a line");
        diag_hint(d, "indent with spaces");
        return;
    }
    diag_error(d, "YA001", at, "a plain value cannot begin with '%c'", ch);
    diag_hint(d, "put quotes around it");
}

static const struct fault *find_fault(const yaml_parser_t *p)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        const char *context = faults[i].context;
        if (strcmp(p->problem, faults[i].problem) != 0)
            continue;
        if (!context || (p->context && strcmp(p->context, context) == 0))
            return &faults[i];
    }
    return NULL;
}

/* "the mapping" when the context tells what was being read, else NULL. */
static const char *whole_of(const yaml_parser_t *p)
{
    static const char *const wholes[][2] = {
        {"while parsing a block mapping", "mapping"},
        {"while parsing a flow mapping", "mapping"},
        {"while parsing a block collection", "sequence"},
        {"while parsing a flow sequence", "sequence"},
    };
    for (size_t i = 0; p->context && i < ARRAY_LEN(wholes); i++)
        if (strcmp(p->context, wholes[i][0]) == 0)
            return wholes[i][1];
    return NULL;
}

static void fault_of_grammar(const yaml_parser_t *p, struct yaml_cursor *c, const struct sources *s, uint32_t file,
                             struct diags *d)
{
    const struct fault *fault = find_fault(p);
    size_t problem = yaml_offset(c, p->problem_mark.index), context = problem;
    if (p->context)
        context = yaml_offset(c, p->context_mark.index);
    struct span at = char_at(c, file, fault && fault->at_context ? context : problem);
    if (strcmp(p->problem, "found character that cannot start any token") == 0) {
        fault_of_char(c, at, d);
        return;
    }
    const char *message = fault ? fault->message : p->problem, *whole = whole_of(p);
    if (whole)
        diag_error(d, "YA001", at, "%s, in the %s that begins on line %u", message, whole,
                   sources_place(s, char_at(c, file, context)).line);
    else if (!fault && p->context)
        diag_error(d, "YA001", at, "%s %s", message, p->context);
    else
        diag_error(d, "YA001", at, "%s", message);
    if (fault && fault->hint)
        diag_hint(d, "%s", fault->hint);
}

void yaml_fault(const yaml_parser_t *parser, struct yaml_cursor *c, const struct sources *s, uint32_t file,
                struct diags *d)
{
    switch (parser->error) {
    case YAML_READER_ERROR: {
        struct span at = char_at(c, file, parser->problem_offset + c->bom);
        diag_error(d, "YA001", at, "%s (U+%04X)", parser->problem, (unsigned)parser->problem_value);
        break;
    }
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
        fault_of_grammar(parser, c, s, file, d);
        break;
    case YAML_MEMORY_ERROR:
        BUG("out of memory");
    case YAML_NO_ERROR:
    case YAML_COMPOSER_ERROR:
    case YAML_WRITER_ERROR:
    case YAML_EMITTER_ERROR:
        BUG("libyaml failed with error %d", (int)parser->error);
    }
}
