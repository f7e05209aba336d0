/* The scalars of TOML 1.0: strings, numbers, bools, dates and times. */
#include "core/base.h"
#include "doc/toml_priv.h"

#include "core/num.h"
#include "core/utf8.h"

/* An escape of a basic string, the next byte being the one behind the backslash. */
static bool read_escape(struct toml *t, struct buf *b)
{
    static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
    char c = toml_peek(t);
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        t->i++;
        return buf_add_ch(b, to[simple - from]) == 0;
    }
    size_t n = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint32_t cp = 0;
    for (size_t k = 1; k <= n; k++) {
        char h = t->i + k < t->text.n ? t->text.p[t->i + k] : 0;
        uint32_t digit = h >= '0' && h <= '9'                 ? (uint32_t)(h - '0')
                         : (h | 32) >= 'a' && (h | 32) <= 'f' ? (uint32_t)((h | 32) - 'a' + 10)
                                                              : 16;
        if (digit > 15)
            return toml_fail(t, "TM001", t->i - 1, t->i + k, "'\\%c' is followed by %zu hexadecimal digits", c, n);
        cp = cp << 4 | digit;
    }
    if (!n)
        return toml_fail(t, "TM001", t->i - 1, t->i + 1, "this is no escape that TOML knows");
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return toml_fail(t, "TM001", t->i - 1, t->i + 1 + n, "U+%04X is no character", (unsigned)cp);
    t->i += 1 + n;
    return utf8_add(b, cp) == 0;
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

bool toml_line_string(struct toml *t, struct str *ret)
{
    size_t start = t->i;
    char quote = toml_peek(t);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (t->i++; toml_peek(t) != quote;) {
        char c = toml_peek(t);
        if (t->i >= t->text.n || toml_newline(t))
            return toml_fail(t, "TM001", start, start + 1, "this quote is not closed on its line");
        if (is_control(c))
            return toml_fail(t, "TM001", t->i, t->i + 1, "a control character must be written as an escape");
        t->i++;
        if (quote == '"' && c == '\\') {
            if (!read_escape(t, &b))
                return false;
        } else
            buf_add_ch(&b, c);
    }
    t->i++;
    *ret = arena_str(t->arena, buf_str(&b));
    return true;
}

/* A backslash at the end of a line takes all white space up to the next text away. */
static bool skip_folded(struct toml *t)
{
    size_t i = t->i;
    while (i < t->text.n && (t->text.p[i] == ' ' || t->text.p[i] == '\t'))
        i++;
    struct str rest = str_from_index(t->text, i);
    if (!str_starts(rest, STR("\n")) && !str_starts(rest, STR("\r\n")))
        return false;
    size_t newline;
    for (t->i = i; toml_peek(t) == ' ' || toml_peek(t) == '\t' || toml_newline(t); t->i += newline ? newline : 1)
        newline = toml_newline(t);
    return true;
}

static bool read_part(struct toml *t, char quote, struct buf *b)
{
    char c = toml_peek(t);
    size_t newline = toml_newline(t);
    if (newline) {
        t->i += newline;
        buf_add_ch(b, '\n');
        return true;
    }
    if (is_control(c))
        return toml_fail(t, "TM001", t->i, t->i + 1, "a control character must be written as an escape");
    t->i++;
    if (quote == '"' && c == '\\')
        return skip_folded(t) || read_escape(t, b);
    buf_add_ch(b, c);
    return true;
}

static size_t quotes_here(const struct toml *t, char quote)
{
    size_t n = 0;
    while (t->i + n < t->text.n && t->text.p[t->i + n] == quote)
        n++;
    return n;
}

static bool read_block_string(struct toml *t, struct str *ret)
{
    size_t start = t->i;
    char quote = toml_peek(t);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    t->i += 3;
    t->i += toml_newline(t);
    for (;;) {
        size_t quotes = quotes_here(t, quote);
        if (quotes >= 3) {
            /* Up to two quotes may stand right before the closing three. */
            size_t taken = quotes > 5 ? 5 : quotes;
            buf_add_rep(&b, quote, taken - 3);
            t->i += taken;
            *ret = arena_str(t->arena, buf_str(&b));
            return true;
        }
        if (t->i >= t->text.n)
            return toml_fail(t, "TM001", start, start + 3, "these quotes are never closed");
        if (!read_part(t, quote, &b))
            return false;
    }
}

bool toml_string(struct toml *t, struct str *ret)
{
    return toml_at(t, "\"\"\"") || toml_at(t, "'''") ? read_block_string(t, ret) : toml_line_string(t, ret);
}

/* Digits with single underscores between them, without them; false when an underscore stands wrongly. */
static bool take_underscores(struct str s, struct buf *b)
{
    const char *digits = str_starts(s, STR("0x")) ? "0123456789abcdefABCDEF" : "0123456789";
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '_') {
            buf_add_ch(b, s.p[i]);
            continue;
        }
        bool inside = i > 0 && i + 1 < s.n && s.p[i - 1] != '_';
        if (!inside || !strchr(digits, s.p[i - 1]) || !strchr(digits, s.p[i + 1]))
            return false;
    }
    return true;
}

/* 0x, 0o and 0b, lower case and without a sign. */
static struct value *prefixed(struct toml *t, struct str digits, unsigned base)
{
    uint64_t n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a' + 10);
        if ((c > '9' && (c | 32) < 'a') || c < '0' || digit >= base || n > (uint64_t)INT64_MAX / base)
            return NULL;
        n = n * base + digit;
    }
    return digits.n && n <= (uint64_t)INT64_MAX ? value_number(t->arena, (double)n) : NULL;
}

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

/* [-+]? int (. digits)? ([eE] [-+]? digits)? where int has no leading zero. */
static struct value *decimal(struct toml *t, struct str s)
{
    struct str body = s, exponent = STR_NONE, fraction = STR_NONE, whole;
    if (str_starts(body, STR("+")) || str_starts(body, STR("-")))
        body = str_from_index(body, 1);
    bool has_exponent = str_cut(body, str_find_ch(body, 'e') >= 0 ? 'e' : 'E', &body, &exponent);
    bool has_fraction = str_cut(body, '.', &whole, &fraction);
    if (str_starts(exponent, STR("+")) || str_starts(exponent, STR("-")))
        exponent = str_from_index(exponent, 1);
    if (!all_digits(whole) || (whole.n > 1 && whole.p[0] == '0') || (has_fraction && !all_digits(fraction)) ||
        (has_exponent && !all_digits(exponent)))
        return NULL;
    int64_t integer;
    double number;
    if (!has_fraction && !has_exponent)
        return num_parse_i64(s, INT64_MIN, INT64_MAX, &integer) == 0 ? value_number(t->arena, (double)integer) : NULL;
    return num_parse_double(s, &number) == 0 ? value_number(t->arena, number) : NULL;
}

static struct value *number(struct toml *t, struct str s)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"inf", __builtin_inf()},   {"+inf", __builtin_inf()},   {"-inf", -__builtin_inf()},
                 {"nan", __builtin_nan("")}, {"+nan", __builtin_nan("")}, {"-nan", __builtin_nan("")}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(s, words[i].word))
            return value_number(t->arena, words[i].value);
    CLEAN(buf) struct buf plain = BUF(BUF_LINE);
    if (!take_underscores(s, &plain) || plain.over)
        return NULL;
    s = buf_str(&plain);
    unsigned base = str_starts(s, STR("0x")) ? 16 : str_starts(s, STR("0o")) ? 8 : str_starts(s, STR("0b")) ? 2 : 0;
    return base ? prefixed(t, str_from_index(s, 2), base) : decimal(t, s);
}

/* Does s follow the form, where 0 stands for any digit and everything else for itself? Takes it off then. */
static bool take_form(struct str *s, const char *form)
{
    size_t n = strlen(form);
    for (size_t i = 0; i < n; i++) {
        char c = i < s->n ? s->p[i] : 0;
        if (form[i] == '0' ? c < '0' || c > '9' : c != form[i])
            return false;
    }
    *s = str_from_index(*s, n);
    return true;
}

static unsigned two(const char *p)
{
    return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

static bool date_in_range(const char *p)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year = two(p) * 100 + two(p + 2), month = two(p + 5), day = two(p + 8);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

static bool take_time(struct str *s)
{
    const char *p = s->p;
    if (!take_form(s, "00:00:00") || two(p) > 23 || two(p + 3) > 59 || two(p + 6) > 60)
        return false;
    if (!str_starts(*s, STR(".")))
        return true;
    size_t n = 1;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    *s = str_from_index(*s, n);
    return n > 1;
}

/* A date, a time, or both with or without an offset (RFC 3339; a space may stand for the T). */
static bool is_moment(struct str s)
{
    const char *p = s.p;
    if (!take_form(&s, "0000-00-00"))
        return take_time(&s) && !s.n;
    if (!date_in_range(p))
        return false;
    if (!s.n)
        return true;
    if (!strchr("Tt ", s.p[0]))
        return false;
    s = str_from_index(s, 1);
    if (!take_time(&s))
        return false;
    p = s.p;
    if (take_form(&s, "Z") || take_form(&s, "z"))
        return !s.n;
    if (take_form(&s, "+00:00") || take_form(&s, "-00:00"))
        return !s.n && two(p + 1) <= 23 && two(p + 4) <= 59;
    return !s.n;
}

static bool ends_bare(char c)
{
    return !c || strchr(" \t\r\n,]}#=", c);
}

struct value *toml_bare(struct toml *t)
{
    size_t start = t->i, i = start;
    while (i < t->text.n && !ends_bare(t->text.p[i]))
        i++;
    struct str word = str_sub(t->text, start, i), date = word;
    /* "1979-05-27 07:32:00": the one value that may hold a space. */
    if (word.n == 10 && take_form(&date, "0000-00-00") && i + 3 < t->text.n && t->text.p[i] == ' ' &&
        t->text.p[i + 1] >= '0' && t->text.p[i + 1] <= '9') {
        for (i++; i < t->text.n && !ends_bare(t->text.p[i]); i++)
            ;
        word = str_sub(t->text, start, i);
    }
    struct value *v = NULL;
    if (!word.n)
        toml_fail(t, "TM001", start, start + 1, "a value was expected here");
    else if (str_is(word, "true") || str_is(word, "false"))
        v = value_bool(t->arena, str_is(word, "true"));
    else if (is_moment(word))
        v = value_string(t->arena, word);
    else
        v = number(t, word);
    if (word.n && !v) {
        toml_fail(t, "TM001", start, i, "'%.*s' is no bool, no date and no number of 64 bits", STR_ARG(word));
        diag_hint(t->diags, "put quotes around text");
    }
    t->i = v ? i : start;
    return v;
}
