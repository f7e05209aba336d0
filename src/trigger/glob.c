/*
 * A pattern is compiled into a small program of an NFA. Matching keeps the set of instructions that could be next and
 * moves the whole set over each character, so its time is the length of the text times that of the program, whatever
 * the pattern. Text is read as code points; a byte that is not UTF-8 is a character of its own, equal to itself only.
 *
 * Rules: workflow syntax, "Filter pattern cheat sheet". As there, ? and + apply to the item before them, which may be
 * an item that has one already: "c++" is one c or more.
 */
#include "core/base.h"
#include "trigger/glob.h"

#include "core/utf8.h"

#define PATTERN_MAX 1024u /* bytes; git refuses longer names of refs, and no rule for paths comes near */
#define BAD_BYTE 0x110000u

enum instr_kind {
    INSTR_CHAR,      /* cp */
    INSTR_CLASS,     /* an ASCII character of set */
    INSTR_NOT_SLASH, /* any but / */
    INSTR_ANY,
    INSTR_SPLIT, /* goes on both at the next one and `to` further */
    INSTR_JUMP,  /* goes on `to` further */
    INSTR_MATCH,
};

struct instr {
    enum instr_kind kind;
    uint32_t cp;
    uint64_t set[2];
    ptrdiff_t to;
};

struct glob {
    struct instr *p;
    size_t n, cap;
};

struct compiler {
    struct arena *arena;
    struct glob *glob;
    struct str pattern;
    size_t i;    /* the next byte of the pattern */
    size_t item; /* where the program of the last item begins */
};

static uint32_t next_char(struct str s, size_t *i)
{
    uint32_t cp;
    size_t n = utf8_decode(s, *i, &cp);
    if (!n)
        cp = BAD_BYTE + (unsigned char)s.p[*i];
    *i += n ? n : 1;
    return cp;
}

static void emit(struct compiler *c, struct instr instr)
{
    vec_push_in(c->arena, c->glob, instr);
}

static void emit_char(struct compiler *c, uint32_t cp)
{
    emit(c, (struct instr){.kind = INSTR_CHAR, .cp = cp});
}

/* The item, none or any number of times: all that stars are. */
static void emit_star(struct compiler *c, enum instr_kind item)
{
    emit(c, (struct instr){.kind = INSTR_SPLIT, .to = 3});
    emit(c, (struct instr){.kind = item});
    emit(c, (struct instr){.kind = INSTR_JUMP, .to = -2});
}

static void compile_star(struct compiler *c)
{
    struct str rest = str_from_index(c->pattern, c->i);
    if (str_starts(rest, STR("**/"))) {
        /* Nothing, or at least one character and a slash: "a/" + "**" + "/b" matches a/b, too. */
        emit(c, (struct instr){.kind = INSTR_SPLIT, .to = 4});
        emit(c, (struct instr){.kind = INSTR_ANY});
        emit(c, (struct instr){.kind = INSTR_SPLIT, .to = -1});
        emit_char(c, '/');
        c->i += 3;
        return;
    }
    bool two = str_starts(rest, STR("**"));
    emit_star(c, two ? INSTR_ANY : INSTR_NOT_SLASH);
    c->i += two ? 2 : 1;
}

/* The item once or more: behind it, back to its begin. */
static void compile_plus(struct compiler *c)
{
    emit(c, (struct instr){.kind = INSTR_SPLIT, .to = -(ptrdiff_t)(c->glob->n - c->item)});
}

/* The item or nothing: in front of it, past its end. Its own steps are relative, so it may be moved. */
static void compile_optional(struct compiler *c)
{
    size_t n = c->glob->n - c->item;
    emit(c, (struct instr){.kind = INSTR_MATCH});
    struct instr *item = c->glob->p + c->item;
    memmove(item + 1, item, n * sizeof *item);
    item[0] = (struct instr){.kind = INSTR_SPLIT, .to = (ptrdiff_t)n + 1};
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool same_kind(char a, char b)
{
    return (a <= '9') == (b <= '9') && (a >= 'a') == (b >= 'a');
}

static int compile_class(struct compiler *c, struct err *e)
{
    struct instr instr = {.kind = INSTR_CLASS};
    ssize_t close = str_find_from(c->pattern, c->i, STR("]"));
    if (close < 0)
        return err_set(e, EINVAL, "the '[' at character %zu is not closed", c->i + 1);
    struct str set = str_sub(c->pattern, c->i + 1, (size_t)close);
    if (!set.n)
        return err_set(e, EINVAL, "the '[]' at character %zu is empty", c->i + 1);
    for (size_t i = 0; i < set.n; i++) {
        char from = set.p[i], to = from;
        if (i + 2 < set.n && set.p[i + 1] == '-') {
            to = set.p[i + 2];
            i += 2;
        }
        if (!is_alnum(from) || !is_alnum(to))
            return err_set(e, EINVAL, "'[%.*s]' may only hold letters, digits and ranges of them", STR_ARG(set));
        if (from > to || !same_kind(from, to))
            return err_set(e, EINVAL, "'%c-%c' is no range: ranges lie inside a-z, A-Z or 0-9", from, to);
        for (unsigned char one = (unsigned char)from; one <= (unsigned char)to; one++)
            instr.set[one / 64] |= (uint64_t)1 << one % 64;
    }
    emit(c, instr);
    c->i = (size_t)close + 1;
    return 0;
}

static int compile_item(struct compiler *c, struct err *e)
{
    char ch = c->pattern.p[c->i];
    if ((ch == '?' || ch == '+') && c->glob->n) {
        c->i++;
        if (ch == '?')
            compile_optional(c);
        else
            compile_plus(c);
        return 0;
    }
    c->item = c->glob->n;
    if (ch == '[')
        return compile_class(c, e);
    if (ch == '*') {
        compile_star(c);
        return 0;
    }
    if (ch == '\\' && ++c->i == c->pattern.n)
        return err_set(e, EINVAL, "a '\\' at the end of a pattern escapes nothing");
    emit_char(c, next_char(c->pattern, &c->i));
    return 0;
}

int glob_compile(struct arena *a, struct str pattern, struct glob **ret, bool *ret_negated, struct err *e)
{
    bool negated = str_starts(pattern, STR("!"));
    struct compiler c = {.arena = a, .glob = ARENA_NEW(a, struct glob), .pattern = str_from_index(pattern, negated)};
    if (!c.pattern.n)
        return err_set(e, EINVAL, negated ? "nothing follows the '!'" : "the pattern is empty");
    if (c.pattern.n > PATTERN_MAX)
        return err_set(e, EINVAL, "the pattern is longer than %u bytes", PATTERN_MAX);
    while (c.i < c.pattern.n) {
        int rc = compile_item(&c, e);
        if (rc < 0)
            return rc;
    }
    emit(&c, (struct instr){.kind = INSTR_MATCH});
    *ret = c.glob;
    *ret_negated = negated;
    return 0;
}

/* Instructions that could be next, each once. */
struct set {
    uint32_t *p;
    size_t n;
};

struct matcher {
    const struct glob *glob;
    struct set now, then;
    uint32_t *stack;
    uint32_t *seen; /* the round in which an instruction was last added */
    uint32_t round;
};

/* Adds instruction `first` and all that can be reached from it without reading a character. */
static void add(struct matcher *m, struct set *set, size_t first)
{
    size_t depth = 0;
    if (m->seen[first] != m->round)
        m->stack[depth++] = (uint32_t)first;
    m->seen[first] = m->round;
    while (depth) {
        size_t at = m->stack[--depth], next[2] = {at + 1, at + 1};
        const struct instr *instr = &m->glob->p[at];
        if (instr->kind != INSTR_SPLIT && instr->kind != INSTR_JUMP) {
            set->p[set->n++] = (uint32_t)at;
            continue;
        }
        next[1] = (size_t)((ptrdiff_t)at + instr->to);
        for (size_t i = instr->kind == INSTR_JUMP ? 1 : 0; i < 2; i++)
            if (m->seen[next[i]] != m->round) {
                m->seen[next[i]] = m->round;
                m->stack[depth++] = (uint32_t)next[i];
            }
    }
}

static bool takes(const struct instr *instr, uint32_t cp)
{
    switch (instr->kind) {
    case INSTR_CHAR:
        return instr->cp == cp;
    case INSTR_CLASS:
        return cp < 128 && (instr->set[cp / 64] >> cp % 64 & 1);
    case INSTR_NOT_SLASH:
        return cp != '/';
    case INSTR_ANY:
        return true;
    case INSTR_SPLIT:
    case INSTR_JUMP:
    case INSTR_MATCH:
        return false;
    }
    BUG("no such instruction: %d", (int)instr->kind);
}

static void step(struct matcher *m, uint32_t cp)
{
    m->round++;
    m->then.n = 0;
    for (size_t i = 0; i < m->now.n; i++)
        if (takes(&m->glob->p[m->now.p[i]], cp))
            add(m, &m->then, m->now.p[i] + 1);
    struct set now = m->now;
    m->now = m->then;
    m->then = now;
}

bool glob_match(const struct glob *g, struct str text)
{
    CLEAN(free) uint32_t *memory = mem_array(g->n, 4 * sizeof *memory);
    struct matcher m = {.glob = g, .stack = memory + 2 * g->n, .seen = memory + 3 * g->n, .round = 1};
    m.now.p = memory;
    m.then.p = memory + g->n;
    MUST(text.n < UINT32_MAX); /* rounds are counted in 32 bits */
    add(&m, &m.now, 0);
    for (size_t i = 0; i < text.n && m.now.n;)
        step(&m, next_char(text, &i));
    for (size_t i = 0; i < m.now.n; i++)
        if (g->p[m.now.p[i]].kind == INSTR_MATCH)
            return true;
    return false;
}

bool globs_pass(const struct globs *list, struct str text, int *ret_which)
{
    *ret_which = -1;
    /* From the end: the last one that matches decides. A negative one that decides had nothing to take away from. */
    for (size_t i = list->n; i-- > 0;)
        if (glob_match(list->p[i], text)) {
            *ret_which = (int)i;
            return !list->negated[i];
        }
    return false;
}

bool globs_any(const struct globs *list, struct str text, int *ret_which)
{
    *ret_which = -1;
    for (size_t i = 0; i < list->n; i++)
        if (glob_match(list->p[i], text)) {
            *ret_which = (int)i;
            return true;
        }
    return false;
}
