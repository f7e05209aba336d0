/*
 * gb_files.c - the globs of changed files (BuildTrigger, includedFiles): Go's filepath.Match, "extended with support
 * for **".
 *
 * `*` any but /, `?` one but /, [a-z] and [^a-z] one of, \ escapes. What the extension means is told no further: here
 * `**` is any text with slashes, and with a slash behind it also nothing at all, so that the pattern of all .go files
 * finds main.go, too. A pattern's items are states of an automaton; all that could be next move over each character at
 * once, so no pattern takes exponential time.
 */
#include "core/base.h"
#include "core/utf8.h"
#include "provider/cloudbuild/gb_trigger_priv.h"

#define BAD_BYTE 0x110000u

enum item_kind {
    ITEM_CHAR,
    ITEM_ONE,     /* ? */
    ITEM_CLASS,   /* ranges */
    ITEM_STAR,    /* * */
    ITEM_DEEP,    /* ** */
    ITEM_FOLDERS, /* **, slash: nothing, or any text that ends with a slash */
};

struct range {
    uint32_t from, to;
};

struct item {
    enum item_kind kind;
    uint32_t cp;
    bool negated;
    VEC(struct range) ranges;
};

struct gb_file_glob {
    struct arena *arena;
    VEC(struct item) items;
};

struct globber {
    struct gb_file_glob *g;
    struct str text;
    size_t i; /* the next byte */
    size_t *ret_at;
    struct err *e;
};

static uint32_t next_char(struct str s, size_t *i)
{
    uint32_t cp;
    size_t n = utf8_decode(s, *i, &cp);
    if (n == 0)
        cp = BAD_BYTE + (unsigned char)s.p[*i];
    *i += n ? n : 1;
    return cp;
}

static int fail(struct globber *c, size_t at, const char *what)
{
    *c->ret_at = at;
    return err_set(c->e, EINVAL, "%s", what);
}

static void add(struct globber *c, struct item item)
{
    vec_push_in(c->g->arena, &c->g->items, item);
}

static bool at_end(const struct globber *c)
{
    return c->i == c->text.n;
}

static bool here(const struct globber *c, const char *what)
{
    return str_starts(str_from_index(c->text, c->i), str_from(what));
}

/* A character of a class: as filepath.Match has it, - and ] stand there escaped only. */
static int class_char(struct globber *c, uint32_t *ret)
{
    if (at_end(c) || here(c, "-") || here(c, "]"))
        return fail(c, c->i, "'-' and ']' must be escaped within brackets");
    if (here(c, "\\"))
        c->i++;
    if (at_end(c))
        return fail(c, c->i - 1, "a '\\' at the end escapes nothing");
    *ret = next_char(c->text, &c->i);
    return 0;
}

static int class(struct globber *c)
{
    size_t open = c->i++;
    struct item item = {.kind = ITEM_CLASS, .negated = here(c, "^")};
    c->i += item.negated;
    while (!at_end(c) && !(here(c, "]") && item.ranges.n > 0)) {
        struct range range = {0, 0};
        int rc = class_char(c, &range.from);
        range.to = range.from;
        if (rc == 0 && here(c, "-")) {
            c->i++;
            rc = class_char(c, &range.to);
        }
        if (rc < 0)
            return rc;
        vec_push_in(c->g->arena, &item.ranges, range);
    }
    if (at_end(c))
        return fail(c, open, "the '[' is not closed");
    c->i++;
    add(c, item);
    return 0;
}

static void stars(struct globber *c)
{
    bool deep = here(c, "**"), begins = c->i == 0 || c->text.p[c->i - 1] == '/';
    while (here(c, "*"))
        c->i++;
    if (deep && begins && here(c, "/")) {
        c->i++;
        add(c, (struct item){.kind = ITEM_FOLDERS});
    } else {
        add(c, (struct item){.kind = deep ? ITEM_DEEP : ITEM_STAR});
    }
}

static int item(struct globber *c)
{
    if (here(c, "*")) {
        stars(c);
        return 0;
    }
    if (here(c, "["))
        return class(c);
    if (here(c, "?")) {
        c->i++;
        add(c, (struct item){.kind = ITEM_ONE});
        return 0;
    }
    if (here(c, "\\") && ++c->i == c->text.n)
        return fail(c, c->i - 1, "a '\\' at the end escapes nothing");
    add(c, (struct item){.kind = ITEM_CHAR, .cp = next_char(c->text, &c->i)});
    return 0;
}

int gb_file_glob_compile(struct arena *a, struct str pattern, struct gb_file_glob **ret, size_t *ret_at, struct err *e)
{
    struct gb_file_glob *g = ARENA_NEW(a, struct gb_file_glob);
    struct globber c = {.g = g, .text = pattern, .ret_at = ret_at, .e = e};
    g->arena = a;
    if (pattern.n == 0)
        return fail(&c, 0, "the pattern is empty");
    if (pattern.n > GB_GLOB_MAX)
        return fail(&c, GB_GLOB_MAX, "the pattern is longer than 1024 bytes");
    while (!at_end(&c)) {
        int rc = item(&c);
        if (rc < 0)
            return rc;
    }
    *ret = g;
    return 0;
}

/* ---- matching ---- */

static bool takes(const struct item *it, uint32_t cp)
{
    switch (it->kind) {
    case ITEM_CHAR:
        return it->cp == cp;
    case ITEM_ONE:
    case ITEM_STAR:
        return cp != '/';
    case ITEM_DEEP:
    case ITEM_FOLDERS:
        return true;
    case ITEM_CLASS:
        for (size_t i = 0; i < it->ranges.n; i++)
            if (cp >= it->ranges.p[i].from && cp <= it->ranges.p[i].to)
                return !it->negated;
        return it->negated && cp != '/';
    }
    BUG("no such item: %d", (int)it->kind);
}

static bool may_be_empty(const struct item *it)
{
    return it->kind == ITEM_STAR || it->kind == ITEM_DEEP || it->kind == ITEM_FOLDERS;
}

/* Marks state i and those that need no character to be reached from it. */
static void reach(const struct gb_file_glob *g, bool *states, size_t i)
{
    for (; !states[i]; i++) {
        states[i] = true;
        if (i == g->items.n || !may_be_empty(&g->items.p[i]))
            return;
    }
}

/* state: in front of an item; inside: within the text of an ITEM_FOLDERS that has not come to its slash yet. */
static void step(const struct gb_file_glob *g, const bool *state, const bool *inside, bool *next, bool *next_inside,
                 uint32_t cp)
{
    for (size_t i = 0; i < g->items.n; i++) {
        const struct item *it = &g->items.p[i];
        if (!state[i] && !inside[i])
            continue;
        if (it->kind == ITEM_FOLDERS) {
            next_inside[i] = true;
            if (cp == '/')
                reach(g, next, i + 1);
        } else if (takes(it, cp)) {
            reach(g, next, may_be_empty(it) ? i : i + 1);
        }
    }
}

bool gb_file_glob_match(const struct gb_file_glob *g, struct str path)
{
    size_t n = g->items.n + 1;
    CLEAN(free) bool *memory = mem_array(n, 4 * sizeof *memory);
    bool *state = memory, *inside = memory + n, *next = memory + 2 * n, *next_inside = memory + 3 * n;
    reach(g, state, 0);
    for (size_t i = 0; i < path.n;) {
        memset(next, 0, 2 * n * sizeof *next);
        step(g, state, inside, next, next_inside, next_char(path, &i));
        memcpy(state, next, 2 * n * sizeof *state);
    }
    return state[g->items.n];
}
