/*
 * The template is walked line by line with a stack of open blocks. A loop is a jump back to the line behind its @for;
 * a block that is not taken is walked without output, so that its own blocks still pair up. Depth and the number of
 * lines walked are bounded: templates are data and may be foreign.
 */
#include "scaffold/template.h"

#include "doc/suggest.h"

#define DEPTH_MAX 8
#define LINES_MAX 100000
#define NAMES_MAX 64

enum var_kind { VAR_TEXT, VAR_FLAG, VAR_LIST };

struct var {
    enum var_kind kind;
    bool flag;
    struct str text;
    const struct strs *list;
};

enum block_kind { BLOCK_IF, BLOCK_FOR };

struct block {
    enum block_kind kind;
    bool live;       /* its lines are written */
    bool outer_live; /* the lines around it are */
    bool met;        /* of an @if: its condition held */
    bool had_else;
    struct str word;         /* of a @for: the loop's name */
    const struct strs *list; /* of a @for */
    size_t i;                /* of a @for: the element at hand */
    size_t pos, line;        /* behind the opening line */
};

struct walk {
    struct str name, text;
    const struct template_vars *vars;
    size_t pos, line, walked;
    struct block blocks[DEPTH_MAX];
    size_t depth;
    struct buf *out;
    struct err *e;
};

void template_vars_init(struct template_vars *v, struct arena *a)
{
    v->arena = a;
    map_init(&v->map, a, MAP_CASE);
}

static struct var *var_new(struct template_vars *v, const char *name, enum var_kind kind)
{
    struct var *var = ARENA_NEW(v->arena, struct var);
    var->kind = kind;
    map_set(&v->map, str_from(name), var);
    return var;
}

void template_text(struct template_vars *v, const char *name, struct str text)
{
    var_new(v, name, VAR_TEXT)->text = text;
}

void template_flag(struct template_vars *v, const char *name, bool flag)
{
    var_new(v, name, VAR_FLAG)->flag = flag;
}

void template_list(struct template_vars *v, const char *name, const struct strs *list)
{
    var_new(v, name, VAR_LIST)->list = list;
}

static int wrong(const struct walk *w, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int wrong(const struct walk *w, size_t line, const char *fmt, ...)
{
    CLEAN(buf) struct buf text = BUF(BUF_LINE);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&text, fmt, args);
    va_end(args);
    return err_set(w->e, EINVAL, "%.*s:%zu: %s", STR_ARG(w->name), line, buf_cstr(&text));
}

static int full(const struct walk *w)
{
    return err_set(w->e, E2BIG, "%.*s:%zu: the rendered text is too long", STR_ARG(w->name), w->line);
}

/* Adds the name that was probably meant to the refusal. */
static int unknown_name(const struct walk *w, struct str name)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < w->vars->map.n && n < NAMES_MAX; i++)
        names[n++] = w->vars->map.entries[i].key.p;
    struct str near = suggest(name, names, n);
    if (near.p)
        return wrong(w, w->line, "there is no answer named '%.*s'; did you mean '%.*s'?", STR_ARG(name), STR_ARG(near));
    return wrong(w, w->line, "there is no answer named '%.*s'", STR_ARG(name));
}

/* The innermost loop's name wins over an outer one's and over an answer's. */
static bool var_find(const struct walk *w, struct str name, struct var *ret)
{
    for (size_t d = w->depth; d > 0; d--) {
        const struct block *b = &w->blocks[d - 1];
        if (b->kind == BLOCK_FOR && str_eq(b->word, name)) {
            *ret = (struct var){.kind = VAR_TEXT, .text = b->i < b->list->n ? b->list->p[b->i] : STR("")};
            return true;
        }
    }
    const struct var *var = map_get(&w->vars->map, name);
    if (var)
        *ret = *var;
    return var != NULL;
}

static void add_digits(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9')
            buf_add_ch(out, text.p[i]);
}

static int add_filtered(struct walk *w, struct str text, struct str filter)
{
    if (filter.p == NULL)
        buf_add(w->out, text);
    else if (str_is(filter, "quoted"))
        buf_add_json(w->out, text);
    else if (str_is(filter, "digits"))
        add_digits(w->out, text);
    else
        return wrong(w, w->line, "there is no filter named '%.*s': quoted and digits exist", STR_ARG(filter));
    return w->out->over ? full(w) : 0;
}

static int insert(struct walk *w, struct str inside)
{
    struct str name, filter;
    struct var var;
    str_cut(inside, '|', &name, &filter);
    if (!var_find(w, name, &var))
        return unknown_name(w, name);
    switch (var.kind) {
    case VAR_TEXT:
        return add_filtered(w, var.text, filter);
    case VAR_FLAG:
        return add_filtered(w, var.flag ? STR("true") : STR("false"), filter);
    case VAR_LIST:
        break;
    }
    for (size_t i = 0; i < var.list->n; i++) {
        if (i > 0)
            buf_add_cstr(w->out, ", ");
        int r = add_filtered(w, var.list->p[i], filter);
        if (r < 0)
            return r;
    }
    return 0;
}

static int write_line(struct walk *w, struct str line)
{
    size_t from = 0;
    for (;;) {
        ssize_t at = str_find_from(line, from, STR("@{"));
        if (at < 0)
            break;
        size_t open = (size_t)at;
        if (open > from && line.p[open - 1] == '@') {
            buf_add(w->out, str_sub(line, from, open - 1));
            buf_add_cstr(w->out, "@{");
            from = open + 2;
            continue;
        }
        ssize_t close = str_find_from(line, open, STR("}"));
        if (close < 0)
            return wrong(w, w->line, "'@{' without its '}'");
        buf_add(w->out, str_sub(line, from, open));
        int r = insert(w, str_sub(line, open + 2, (size_t)close));
        if (r < 0)
            return r;
        from = (size_t)close + 1;
    }
    buf_add(w->out, str_from_index(line, from));
    return w->out->over ? full(w) : 0;
}

static bool is_live(const struct walk *w)
{
    return w->depth == 0 || w->blocks[w->depth - 1].live;
}

static int block_open(struct walk *w, struct block block)
{
    if (w->depth == DEPTH_MAX)
        return wrong(w, w->line, "more than %d blocks inside one another", DEPTH_MAX);
    block.outer_live = is_live(w);
    block.live = block.live && block.outer_live;
    block.pos = w->pos;
    block.line = w->line;
    w->blocks[w->depth++] = block;
    return 0;
}

static int open_if(struct walk *w, struct str rest)
{
    bool negated = str_starts(rest, STR("!"));
    struct str name = negated ? str_from_index(rest, 1) : rest;
    struct var var;
    if (!var_find(w, name, &var))
        return unknown_name(w, name);
    bool truth = false;
    switch (var.kind) {
    case VAR_TEXT:
        truth = var.text.n > 0;
        break;
    case VAR_FLAG:
        truth = var.flag;
        break;
    case VAR_LIST:
        truth = var.list->n > 0;
        break;
    }
    bool met = truth != negated;
    return block_open(w, (struct block){.kind = BLOCK_IF, .live = met, .met = met});
}

static int open_for(struct walk *w, struct str rest)
{
    struct str word, name, in;
    struct var var;
    if (!str_cut(rest, ' ', &word, &name) || !str_cut(name, ' ', &in, &name) || !str_is(in, "in") || word.n == 0)
        return wrong(w, w->line, "a loop reads '@for x in list'");
    if (!var_find(w, name, &var))
        return unknown_name(w, name);
    if (var.kind != VAR_LIST)
        return wrong(w, w->line, "'%.*s' is no list", STR_ARG(name));
    return block_open(w, (struct block){.kind = BLOCK_FOR, .word = word, .list = var.list, .live = var.list->n > 0});
}

static int take_else(struct walk *w)
{
    struct block *b = w->depth > 0 ? &w->blocks[w->depth - 1] : NULL;
    if (!b || b->kind != BLOCK_IF || b->had_else)
        return wrong(w, w->line, "'@else' without an '@if' of its own");
    b->had_else = true;
    b->live = b->outer_live && !b->met;
    return 0;
}

static int take_end(struct walk *w)
{
    if (w->depth == 0)
        return wrong(w, w->line, "'@end' without an '@if' or '@for' before it");
    struct block *b = &w->blocks[w->depth - 1];
    if (b->kind == BLOCK_FOR && b->live && b->i + 1 < b->list->n) {
        b->i++;
        w->pos = b->pos;
        w->line = b->line;
        return 0;
    }
    w->depth--;
    return 0;
}

/* Words of other template languages: as text they would be a mistake that nobody sees. */
static bool is_misspelt(struct str word)
{
    static const char *const words[] = {"elif", "elseif", "endif", "endfor", "foreach", "unless"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(word, words[i]))
            return true;
    return false;
}

/* Carries out a line that commands; *ret_text tells that it is text after all. */
static int command(struct walk *w, struct str line, bool *ret_text)
{
    struct str word, rest;
    *ret_text = true;
    if (!str_starts(line, STR("@")))
        return 0;
    str_cut(str_from_index(str_trim_end(line), 1), ' ', &word, &rest);
    *ret_text = false;
    if (str_is(word, "if"))
        return open_if(w, str_trim(rest));
    if (str_is(word, "for"))
        return open_for(w, str_trim(rest));
    if (str_is(word, "else"))
        return take_else(w);
    if (str_is(word, "end"))
        return take_end(w);
    if (is_misspelt(word))
        return wrong(w, w->line, "'@%.*s' is no command: @if, @else, @for and @end are", STR_ARG(word));
    *ret_text = true;
    return 0;
}

static struct str take_line(struct walk *w)
{
    ssize_t end = str_find_from(w->text, w->pos, STR("\n"));
    size_t next = end < 0 ? w->text.n : (size_t)end + 1;
    struct str line = str_sub(w->text, w->pos, next);
    w->pos = next;
    w->line++;
    return line;
}

int template_render(struct str name, struct str text, const struct template_vars *v, struct buf *out, struct err *e)
{
    struct walk w = {.name = name, .text = text, .vars = v, .out = out, .e = e};
    while (w.pos < text.n) {
        bool is_text;
        if (++w.walked > LINES_MAX)
            return full(&w);
        struct str line = take_line(&w);
        int r = command(&w, line, &is_text);
        if (r == 0 && is_text && is_live(&w))
            r = write_line(&w, line);
        if (r < 0)
            return r;
    }
    if (w.depth > 0)
        return wrong(&w, w.blocks[w.depth - 1].line, "this block has no '@end'");
    return 0;
}
