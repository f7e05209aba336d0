/*
 * gb_expand.c - what values may do with other values when substitutions are dynamic: a part of bash's parameter
 * expansions.
 *
 * The service's own tool hands values to a library that knows (bash_utils.go [S], and that library's source):
 *
 *     ${N}  ${#N}  ${N^} ${N^^} ${N,} ${N,,}  ${N:offset} ${N:offset:length}  ${N:-word} ${N:=word} ${N=word}
 *     ${N#pattern} ${N##pattern} ${N%pattern} ${N%%pattern}  ${N/text/word} ${N//text/word} ${N/#text/word}
 * ${N/%text/word}
 *
 * Unlike bash: the text of / is no pattern, and the slash behind it is a must; a * in patterns matches slashes, too;
 * a name that nobody set is empty; $N without braces is read only when it is the whole value. Words and patterns may
 * hold ${...} again, 16 deep. "$${" is a "${" that is not read.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "provider/cloudbuild/gb_subst_priv.h"

#define DEPTH_MAX 16u
#define PATTERN_MAX 1000u /* bytes; the time to trim is this times the length of the value */

struct expander {
    struct arena *a;
    gb_look look;
    void *ctx;
    struct str text;
    size_t i; /* the next byte */
    unsigned depth;
    struct err *e;
};

static int bad(const struct expander *x, const char *what)
{
    return err_set(x->e, EINVAL, "%s: '%.*s'", what, STR_ARG(utf8_fit(x->text, 80)));
}

static int too_big(const struct expander *x)
{
    return err_set(x->e, E2BIG, "the value grows past %d bytes", GB_VALUE_MAX);
}

static char peek(const struct expander *x)
{
    return x->i < x->text.n ? x->text.p[x->i] : '\0';
}

static bool take(struct expander *x, const char *word)
{
    if (!str_starts(str_from_index(x->text, x->i), str_from(word)))
        return false;
    x->i += strlen(word);
    return true;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* ---- what the operators do ---- */

/* ASCII letters only: names of branches, tags and repositories have few others. */
static void change_case(struct buf *b, struct str s, bool upper, bool first_only)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if ((i == 0 || !first_only) && upper && c >= 'a' && c <= 'z')
            c = (char)(c - 32);
        if ((i == 0 || !first_only) && !upper && c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        buf_add_ch(b, c);
    }
}

/* Byte offset of the n-th character, or the length. */
static size_t offset_of(struct str s, uint64_t n)
{
    size_t i = 0;
    uint32_t cp;
    for (; n > 0 && i < s.n; n--) {
        size_t len = utf8_decode(s, i, &cp);
        i += len > 0 ? len : 1;
    }
    return i;
}

static uint64_t length_of(struct str s)
{
    uint64_t n = 0;
    uint32_t cp;
    for (size_t i = 0; i < s.n; n++) {
        size_t len = utf8_decode(s, i, &cp);
        i += len > 0 ? len : 1;
    }
    return n;
}

/* ${N:offset:length}. Numbers that are none leave the value as it is, as bash has it. */
static int substring(const struct expander *x, struct buf *b, struct str s, struct str offset, struct str length)
{
    int64_t from, n = INT64_MAX, all = (int64_t)length_of(s);
    if (num_parse_i64(offset, -INT32_MAX, INT32_MAX, &from) < 0 ||
        (length.p != NULL && num_parse_i64(length, -INT32_MAX, INT32_MAX, &n) < 0)) {
        buf_add(b, s);
        return 0;
    }
    if (n < 0)
        return bad(x, "the length of a part cannot be negative");
    if (from < 0)
        from = from + all < 0 ? 0 : from + all;
    struct str rest = str_from_index(s, offset_of(s, (uint64_t)from));
    buf_add(b, str_sub(rest, 0, offset_of(rest, (uint64_t)n)));
    return 0;
}

static void replace(struct buf *b, struct str s, struct str what, struct str with, bool all)
{
    size_t from = 0;
    for (ssize_t at; (at = str_find_from(s, from, what)) >= 0; from = (size_t)at + what.n) {
        buf_add(b, str_sub(s, from, (size_t)at));
        buf_add(b, with);
        if (!all || b->over) {
            from = (size_t)at + what.n;
            break;
        }
    }
    buf_add(b, str_from_index(s, from));
}

/* ---- patterns: the beginnings, or ends, of a value that match ---- */

/* One piece of a pattern: * or ?, a class, or a byte. */
struct piece {
    enum { ANY_TEXT, ANY_BYTE, CLASS, BYTE } kind;
    unsigned char byte;
    struct str class;
};

static bool in_class(struct str class, unsigned char c)
{
    bool negated = class.n > 0 && (class.p[0] == '^' || class.p[0] == '!'), found = false;
    for (size_t i = negated ? 1 : 0; i < class.n; i++) {
        unsigned char low = (unsigned char)class.p[i], high = low;
        if (i + 2 < class.n && class.p[i + 1] == '-') {
            high = (unsigned char)class.p[i + 2];
            i += 2;
        }
        found = found || (c >= low && c <= high);
    }
    return found != negated;
}

static size_t read_pieces(struct str pattern, struct piece *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];
        ssize_t close = c == '[' ? str_find_from(pattern, i + 2, STR("]")) : -1;
        if (c == '*' || c == '?') {
            ret[n++] = (struct piece){.kind = c == '*' ? ANY_TEXT : ANY_BYTE};
        } else if (close > 0) {
            ret[n++] = (struct piece){.kind = CLASS, .class = str_sub(pattern, i + 1, (size_t)close)};
            i = (size_t)close;
        } else {
            i += c == '\\' && i + 1 < pattern.n;
            ret[n++] = (struct piece){.kind = BYTE, .byte = (unsigned char)pattern.p[i]};
        }
    }
    return n;
}

static bool piece_takes(const struct piece *p, unsigned char c)
{
    switch (p->kind) {
    case ANY_TEXT:
    case ANY_BYTE:
        return true;
    case CLASS:
        return in_class(p->class, c);
    case BYTE:
        return p->byte == c;
    }
    return false;
}

/* A * may match nothing: what stands behind it is reached at once. */
static void skip_stars(bool *at, const struct piece *p, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (at[k] && p[k].kind == ANY_TEXT)
            at[k + 1] = true;
}

/*
 * Bytes of the shortest or longest part at the value's beginning (or end) that the pattern matches, not counting an
 * empty one; 0: there is none. All places of the pattern that the bytes so far can have reached are kept at once.
 */
static size_t matching(struct arena *a, struct str s, struct str pattern, bool at_end, bool longest)
{
    struct piece *p = arena_array(a, pattern.n + 1, sizeof *p);
    size_t n = read_pieces(pattern, p), found = 0;
    bool *at = arena_alloc(a, n + 1), *next = arena_alloc(a, n + 1);
    for (size_t k = 0; at_end && k < n / 2; k++) {
        struct piece t = p[k];
        p[k] = p[n - 1 - k];
        p[n - 1 - k] = t;
    }
    at[0] = true;
    skip_stars(at, p, n);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[at_end ? s.n - 1 - i : i];
        memset(next, 0, n + 1);
        for (size_t k = 0; k < n; k++)
            if (at[k] && piece_takes(&p[k], c))
                next[p[k].kind == ANY_TEXT ? k : k + 1] = true;
        skip_stars(next, p, n);
        memcpy(at, next, n + 1);
        if (at[n])
            found = i + 1;
        if (at[n] && !longest)
            break;
    }
    return found;
}

/* ---- reading ---- */

static int read_braces(struct expander *x, struct buf *b);

/* A word up to one of the bytes of `stops`, which is not taken; ${...} in it is expanded. */
static int read_word(struct expander *x, const char *stops, struct str *ret)
{
    CLEAN(buf) struct buf b = BUF(GB_VALUE_MAX);
    while (x->i < x->text.n && strchr(stops, peek(x)) == NULL) {
        int rc = 0;
        if (take(x, "$${"))
            buf_add_cstr(&b, "${");
        else if (take(x, "${"))
            rc = read_braces(x, &b);
        else if (peek(x) == '\\' && x->i + 1 < x->text.n && strchr("/}", x->text.p[x->i + 1]) != NULL) {
            buf_add_ch(&b, x->text.p[x->i + 1]);
            x->i += 2;
        } else
            buf_add_ch(&b, x->text.p[x->i++]);
        if (rc < 0)
            return rc;
    }
    if (b.over)
        return too_big(x);
    *ret = arena_str(x->a, buf_str(&b));
    return x->i < x->text.n ? 0 : bad(x, "the } of an expansion is missing");
}

static int apply_default(struct expander *x, struct buf *b, struct str s)
{
    struct str word;
    int rc = read_word(x, "}", &word);
    if (rc == 0)
        buf_add(b, s.n > 0 ? s : word);
    return rc;
}

static int apply_substring(struct expander *x, struct buf *b, struct str s)
{
    struct str offset, length = STR_NONE;
    int rc = read_word(x, ":}", &offset);
    if (rc == 0 && take(x, ":"))
        rc = read_word(x, "}", &length);
    return rc < 0 ? rc : substring(x, b, s, offset, length);
}

static int apply_trim(struct expander *x, struct buf *b, struct str s, char op)
{
    bool longest = take(x, op == '#' ? "#" : "%");
    struct str pattern;
    int rc = read_word(x, "}", &pattern);
    if (rc < 0)
        return rc;
    if (pattern.n > PATTERN_MAX)
        return bad(x, "the pattern is too long");
    size_t n = matching(x->a, s, pattern, op == '%', longest);
    buf_add(b, op == '#' ? str_from_index(s, n) : str_sub(s, 0, s.n - n));
    return 0;
}

static int apply_replace(struct expander *x, struct buf *b, struct str s)
{
    bool all = take(x, "/"), front = !all && take(x, "#"), back = !all && !front && take(x, "%");
    struct str what, with;
    int rc = read_word(x, "/}", &what);
    if (rc < 0)
        return rc;
    if (what.n == 0)
        return bad(x, "there is nothing to replace between the slashes");
    if (!take(x, "/"))
        return bad(x, "a slash is missing behind what is replaced");
    while (take(x, "/")) /* the library takes a run of slashes for one */
        ;
    rc = read_word(x, "}", &with);
    if (rc < 0)
        return rc;
    if (front || back) {
        bool fits = front ? str_starts(s, what) : str_ends(s, what);
        buf_add(b, front && fits ? with : STR(""));
        buf_add(b, !fits ? s : front ? str_from_index(s, what.n) : str_sub(s, 0, s.n - what.n));
        buf_add(b, back && fits ? with : STR(""));
        return 0;
    }
    replace(b, s, what, with, all);
    return 0;
}

/* What stands behind the name; s is what the name stands for. */
static int apply(struct expander *x, struct buf *b, struct str s)
{
    char op = peek(x);
    if (take(x, ":-") || take(x, ":=") || take(x, "="))
        return apply_default(x, b, s);
    if (take(x, ":+") || take(x, ":?"))
        return bad(x, "it is not known what the service makes of :+ and :?");
    if (take(x, ":"))
        return apply_substring(x, b, s);
    if (take(x, "^^") || take(x, ",,") || take(x, "^") || take(x, ",")) {
        change_case(b, s, op == '^', x->text.p[x->i - 1] != x->text.p[x->i - 2]);
        return 0;
    }
    if (take(x, "#") || take(x, "%"))
        return apply_trim(x, b, s, op);
    if (take(x, "/"))
        return apply_replace(x, b, s);
    if (op != '}')
        return bad(x, op == '\0' ? "the } of an expansion is missing" : "the service knows no such expansion");
    buf_add(b, s);
    return 0;
}

static int read_inside(struct expander *x, struct buf *b)
{
    bool length = take(x, "#");
    size_t begin = x->i;
    struct str s;
    while (is_name(peek(x)))
        x->i++;
    if (x->i == begin)
        return bad(x, "a name is missing behind ${");
    int rc = x->look(x->ctx, str_sub(x->text, begin, x->i), &s, x->e);
    if (rc == 0 && length)
        buf_printf(b, "%llu", (unsigned long long)length_of(s));
    else if (rc == 0)
        rc = apply(x, b, s);
    if (rc == 0 && !take(x, "}"))
        return bad(x, "the } of an expansion is missing");
    return rc;
}

/* Behind "${". */
static int read_braces(struct expander *x, struct buf *b)
{
    if (++x->depth > DEPTH_MAX)
        return err_set(x->e, ELOOP, "expansions stand within each other more than %u deep", DEPTH_MAX);
    int rc = read_inside(x, b);
    x->depth--;
    return rc;
}

/* Is the value a $NAME and nothing else? */
static bool is_bare(struct str value, struct str *ret_name)
{
    struct gb_found key;
    size_t from = 0;
    if (!str_starts(value, STR("$")) || str_starts(value, STR("${")) || !gb_find_key(value, &from, &key))
        return false;
    *ret_name = key.name;
    return key.at == 0 && key.end == value.n && key.name.n > 0;
}

int gb_expand(struct arena *a, struct str value, gb_look look, void *ctx, struct str *ret, struct err *e)
{
    struct expander x = {.a = a, .look = look, .ctx = ctx, .text = value, .e = e};
    CLEAN(buf) struct buf b = BUF(GB_VALUE_MAX);
    struct str name;
    if (is_bare(value, &name))
        return look(ctx, name, ret, e);
    while (x.i < value.n) {
        int rc = 0;
        if (take(&x, "$${"))
            buf_add_cstr(&b, "${");
        else if (take(&x, "${"))
            rc = read_braces(&x, &b);
        else
            buf_add_ch(&b, value.p[x.i++]);
        if (rc < 0)
            return rc;
    }
    if (b.over)
        return too_big(&x);
    *ret = arena_str(a, buf_str(&b));
    return 0;
}

ssize_t gb_find_unread(struct str value)
{
    struct gb_found key;
    struct str name;
    if (is_bare(value, &name))
        return -1;
    for (size_t from = 0; gb_find_key(value, &from, &key);)
        if (key.name.n > 0 && value.p[key.at + 1] != '{')
            return (ssize_t)key.at;
    return -1;
}
