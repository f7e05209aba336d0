/*
 * regex_re2.c - RE2's syntax (its page "Syntax") in the words of PCRE2.
 *
 * The two agree on most patterns. What RE2 does not have is refused; where the same text means two things, it is
 * rewritten: \v (a character there, a class here), octal numbers, a brace that begins no repetition, a hyphen behind a
 * class within brackets, \z (which PCRE2 also finds before bytes that are not UTF-8). The rest of a pattern's grammar
 * is left to PCRE2, whose complaints are about the same things.
 */
#include "core/base.h"
#include "trigger/regex_priv.h"

#include "core/num.h"
#include "core/utf8.h"

#define REPEAT_MAX 1000u

struct re2 {
    struct str in;
    size_t i; /* the next byte */
    struct regex_text *out;
    bool repeated; /* a repetition ended here: another one has nothing to repeat */
    size_t *ret_at;
    struct err *e;
};

static int fail(struct re2 *r, size_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static int fail(struct re2 *r, size_t at, const char *fmt, ...)
{
    CLEAN(buf) struct buf text = BUF(BUF_LINE);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&text, fmt, args);
    va_end(args);
    *r->ret_at = at;
    return err_set(r->e, EINVAL, "%s", buf_cstr(&text));
}
#ifdef __clang_analyzer__ /* clang-tidy does not look into variadic functions */
#define fail(...) err_below_0((fail)(__VA_ARGS__))
#endif

static char peek(const struct re2 *r, size_t ahead)
{
    return r->i + ahead < r->in.n ? r->in.p[r->i + ahead] : '\0';
}

static bool at(const struct re2 *r, const char *what)
{
    return str_starts(str_from_index(r->in, r->i), str_from(what));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Writes text for the next n bytes of the pattern. */
static void write_for(struct re2 *r, size_t n, struct str text)
{
    for (size_t k = 0; k < text.n; k++)
        r->out->from[r->out->text.n + k] = (uint32_t)r->i;
    buf_add(&r->out->text, text);
    r->i += n;
}

static void copy(struct re2 *r, size_t n)
{
    for (; n > 0 && r->i < r->in.n; n--)
        write_for(r, 1, str_sub(r->in, r->i, r->i + 1));
}

/* \1 alone is a back-reference; \12 and \012 are octal, of three digits at most. */
static int octal(struct re2 *r)
{
    size_t n = 1;
    unsigned code = 0;
    while (n < 4 && peek(r, n) >= '0' && peek(r, n) <= '7')
        code = code * 8 + (unsigned)(peek(r, n++) - '0');
    if (peek(r, 1) != '0' && n < 3)
        return fail(r, r->i, "'\\%c' is a back-reference, which RE2 does not have", peek(r, 1));
    char text[16];
    int len = snprintf(text, sizeof text, code < 256 ? "\\x%02x" : "\\x{%x}", code);
    write_for(r, n, str_of(text, (size_t)len));
    return 0;
}

static int hexadecimal(struct re2 *r)
{
    size_t n = 2;
    if (peek(r, 2) == '{') {
        for (n = 3; is_hex(peek(r, n));)
            n++;
        if (n == 3 || peek(r, n++) != '}')
            return fail(r, r->i, "'\\x{' wants hexadecimal digits and a '}'");
    } else if (is_hex(peek(r, 2)) && is_hex(peek(r, 3))) {
        n = 4;
    } else {
        return fail(r, r->i, "'\\x' wants two hexadecimal digits");
    }
    copy(r, n);
    return 0;
}

/* \pL, \p{Greek}: PCRE2 knows the names, and some that RE2 does not. */
static int property(struct re2 *r)
{
    size_t n = 3;
    if (peek(r, 2) == '{') {
        ssize_t close = str_find_from(r->in, r->i, STR("}"));
        if (close < 0)
            return fail(r, r->i, "'\\%c{' is not closed", peek(r, 1));
        n = (size_t)close + 1 - r->i;
        char first = peek(r, 3) == '^' ? peek(r, 4) : peek(r, 3);
        struct str name = str_sub(r->in, r->i + 3, r->i + n - 1);
        if (first == 'X' || str_find_ch(name, '&') >= 0)
            return fail(r, r->i, "'%.*s' is no property that RE2 has", STR_ARG(name));
    }
    copy(r, n);
    return 0;
}

static int quoted(struct re2 *r)
{
    ssize_t end = str_find_from(r->in, r->i, STR("\\E"));
    copy(r, end < 0 ? r->in.n - r->i : (size_t)end + 2 - r->i);
    return 0;
}

/* A \ and what it escapes; *ret_class when it stands for several characters. */
static int escape(struct re2 *r, bool in_class, bool *ret_class)
{
    char c = peek(r, 1);
    *ret_class = c && strchr("dDsSwWpP", c);
    if (r->i + 1 == r->in.n)
        return fail(r, r->i, "a '\\' at the end escapes nothing");
    if (is_digit(c) && c < '8')
        return octal(r);
    if (c == 'x')
        return hexadecimal(r);
    if (c == 'p' || c == 'P')
        return property(r);
    if (c == 'C' && !in_class)
        return fail(r, r->i, "'\\C' (one byte of a character) is not done here");
    if (c == 'Q' && !in_class)
        return quoted(r);
    if (c == 'v' || (c == 'z' && !in_class)) {
        write_for(r, 2, c == 'v' ? STR("\\x0b") : STR("(?-m:$)"));
        return 0;
    }
    if (is_digit(c) || (is_letter(c) && !strchr(in_class ? "afnrtdDsSwW" : "afnrtdDsSwWAbBz", c)))
        return fail(r, r->i, "'\\%c' is not known to RE2%s", c, in_class ? " within brackets" : "");
    if ((unsigned char)c >= 0x80)
        return fail(r, r->i, "a '\\' before a character that is not ASCII is not known to RE2");
    copy(r, 2);
    return 0;
}

/* A [ within brackets: it begins [:alpha:] or stands for itself. */
static void class_bracket(struct re2 *r, bool *ret_class)
{
    ssize_t end = peek(r, 1) == ':' ? str_find_from(r->in, r->i + 2, STR(":]")) : -1;
    *ret_class = end >= 0;
    if (end >= 0)
        copy(r, (size_t)end + 2 - r->i);
    else
        write_for(r, 1, STR("\\["));
}

static int brackets(struct re2 *r)
{
    size_t open = r->i;
    copy(r, peek(r, 1) == '^' ? 2 : 1);
    for (bool first = true, several = false; r->i < r->in.n; first = false) {
        char c = peek(r, 0);
        if (c == ']' && !first) {
            copy(r, 1);
            return 0;
        }
        bool was_several = several;
        several = false;
        if (c == '\\') {
            int rc = escape(r, true, &several);
            if (rc < 0)
                return rc;
        } else if (c == '[') {
            class_bracket(r, &several);
        } else if (c == '-' && was_several && peek(r, 1) != '-') {
            write_for(r, 1, STR("\\-"));
        } else {
            copy(r, 1);
        }
    }
    return fail(r, open, "the '[' is not closed");
}

/* What begins a group in PCRE2 and not in RE2. */
static const struct {
    const char *text, *what;
} foreign[] = {
    {"(?=", "look-ahead"},       {"(?!", "look-ahead"},      {"(?<=", "look-behind"},
    {"(?<!", "look-behind"},     {"(?>", "an atomic group"}, {"(?|", "a branch reset"},
    {"(?#", "a comment"},        {"(?(", "a condition"},     {"(?P=", "a back-reference"},
    {"(?P>", "a recursion"},     {"(?&", "a recursion"},     {"(?R", "a recursion"},
    {"(?+", "a recursion"},      {"(?C", "a callout"},       {"(?'", "a name in quotes"},
    {"(?^", "a reset of flags"}, {"(*", "a verb"},
};

/* (?flags) or (?flags:...). */
static int group_flags(struct re2 *r)
{
    size_t n = 2;
    while (peek(r, n) && strchr("imsU-", peek(r, n)))
        n++;
    char c = peek(r, n);
    if (is_digit(c))
        return fail(r, r->i, "'(?%c' is a recursion, which RE2 does not have", c);
    if (c != ':' && c != ')')
        return fail(r, r->i + n, "'(?' is followed by i, m, s, U, :, P<name> or <name> in RE2");
    copy(r, n + 1);
    return 0;
}

static int group(struct re2 *r)
{
    for (size_t k = 0; k < ARRAY_LEN(foreign); k++)
        if (at(r, foreign[k].text))
            return fail(r, r->i, "'%s' is %s, which RE2 does not have", foreign[k].text, foreign[k].what);
    if (at(r, "(?P<") || at(r, "(?<")) {
        ssize_t close = str_find_from(r->in, r->i, STR(">"));
        if (close < 0)
            return fail(r, r->i, "the name of the group is not closed");
        copy(r, (size_t)close + 1 - r->i);
        return 0;
    }
    if (at(r, "(?"))
        return group_flags(r);
    copy(r, 1);
    return 0;
}

/* The length of {2}, {2,} or {2,3}; 0 when the brace stands for itself. *ret_most is the larger number. */
static size_t braces(const struct re2 *r, uint64_t *ret_most)
{
    ssize_t close = str_find_from(r->in, r->i, STR("}"));
    struct str low, high;
    if (close < 0)
        return 0;
    bool two = str_cut(str_sub(r->in, r->i + 1, (size_t)close), ',', &low, &high);
    for (size_t k = 0; k < low.n + high.n; k++)
        if (!is_digit(k < low.n ? low.p[k] : high.p[k - low.n]))
            return 0;
    if (low.n == 0)
        return 0;
    uint64_t a = 0, b = 0;
    if (num_parse_u64(low, UINT32_MAX, &a) < 0)
        a = UINT32_MAX;
    if (two && high.n && num_parse_u64(high, UINT32_MAX, &b) < 0)
        b = UINT32_MAX;
    *ret_most = a > b ? a : b;
    return (size_t)close + 1 - r->i;
}

/* *, +, ? or {n}, and a ? behind it. */
static int repetition(struct re2 *r)
{
    size_t n = 1, begin = r->i;
    uint64_t most = 0;
    if (peek(r, 0) == '{') {
        n = braces(r, &most);
        if (!n) {
            write_for(r, 1, STR("\\{"));
            r->repeated = false;
            return 0;
        }
    }
    if (most > REPEAT_MAX)
        return fail(r, begin, "RE2 repeats at most %u times", REPEAT_MAX);
    if (r->repeated)
        return fail(r, begin, "the repetition '%.*s' follows a repetition", STR_ARG(str_sub(r->in, r->i, r->i + n)));
    copy(r, n + (peek(r, n) == '?'));
    if (peek(r, 0) == '+')
        return fail(r, r->i, "a '+' behind a repetition makes it possessive, which RE2 does not have");
    r->repeated = true;
    return 0;
}

static int item(struct re2 *r)
{
    char c = peek(r, 0);
    bool several;
    if (c && strchr("*+?{", c))
        return repetition(r);
    r->repeated = false;
    if (c == '\\')
        return escape(r, false, &several);
    if (c == '[')
        return brackets(r);
    if (c == '(')
        return group(r);
    copy(r, 1);
    return 0;
}

int regex_from_re2(struct str pattern, struct regex_text *into, size_t *ret_at, struct err *e)
{
    struct re2 r = {.in = pattern, .out = into, .ret_at = ret_at, .e = e};
    ssize_t bad = utf8_invalid(pattern);
    if (bad >= 0)
        return fail(&r, (size_t)bad, "the expression is not UTF-8");
    while (r.i < pattern.n) {
        int rc = item(&r);
        if (rc < 0)
            return rc;
    }
    return 0;
}
