/*
 * gh_pep440.c - Python's versions (PEP 440): N!N.N.N, a, b, rc, .post, .dev and +local, with all their spellings, and
 * the one that they are cleaned to.
 */
#include "core/base.h"
#include "provider/github/docker_priv.h"

#include "core/buf.h"
#include "core/num.h"

static size_t digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

static bool take_number(struct str *s, uint64_t *ret)
{
    size_t n = digits(*s);
    if (n == 0 || num_parse_u64(str_sub(*s, 0, n), UINT32_MAX, ret) < 0)
        return false;
    *s = str_from_index(*s, n);
    return true;
}

static struct str past_separator(struct str s)
{
    return s.n > 0 && strchr("-_.", s.p[0]) != NULL ? str_from_index(s, 1) : s;
}

/* A word of the list, with what may part it from its number: ".post1", "-rc.2", "b". */
static bool take_word(struct str *s, const char *const *words, size_t *ret_which, uint64_t *ret_number)
{
    struct str rest = past_separator(*s);
    for (size_t i = 0; words[i] != NULL; i++) {
        struct str word = str_from(words[i]);
        if (!str_eq_nocase(str_sub(rest, 0, word.n), word))
            continue;
        rest = str_from_index(rest, word.n);
        *ret_number = 0;
        struct str number = past_separator(rest);
        if (digits(number) > 0)
            rest = number;
        if (digits(rest) > 0 && !take_number(&rest, ret_number))
            return false;
        *s = rest;
        *ret_which = i;
        return true;
    }
    return false;
}

static bool take_release(struct str *s, struct buf *clean, uint64_t parts[3])
{
    uint64_t n = 0;
    if (!take_number(s, &n))
        return false;
    if (s->n > 0 && s->p[0] == '!') { /* that was the epoch */
        *s = str_from_index(*s, 1);
        if (n > 0)
            buf_printf(clean, "%llu!", (unsigned long long)n);
        if (!take_number(s, &n))
            return false;
    }
    for (size_t i = 0;; i++) {
        if (i < 3)
            parts[i] = n;
        buf_printf(clean, "%s%llu", i > 0 ? "." : "", (unsigned long long)n);
        struct str next = str_from_index(*s, 1);
        if (s->n < 2 || s->p[0] != '.' || digits(next) == 0)
            return true;
        *s = next;
        if (!take_number(s, &n))
            return false;
    }
}

/* "+ubuntu-1": words and numbers, parted by one separator each. */
static bool take_local(struct str *s, struct buf *clean)
{
    bool part = false;
    if (s->n == 0)
        return true;
    if (s->p[0] != '+')
        return false;
    for (size_t i = 0; i < s->n; i++) {
        char c = s->p[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!word && i > 0 && (!part || strchr("-_.", c) == NULL || c == '\0'))
            return false;
        buf_add_ch(clean, i == 0 ? '+' : !word ? '.' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        part = word;
    }
    return part;
}

int gh_pep440_parse(struct arena *a, struct str s, struct gh_pep440 *ret)
{
    static const char *const PRE[] = {"alpha", "beta", "preview", "pre", "rc", "a", "b", "c", NULL};
    static const char *const SHORT[] = {"a", "b", "rc", "rc", "rc", "a", "b", "rc"};
    static const char *const POST[] = {"post", "rev", "r", NULL}, *const DEV[] = {"dev", NULL};
    CLEAN(buf) struct buf clean = BUF(BUF_LINE);
    uint64_t parts[3] = {0}, n = 0;
    size_t which = 0;
    struct gh_pep440 v = {.is_final = true};
    s = str_trim(s);
    if (s.n > 0 && (s.p[0] == 'v' || s.p[0] == 'V'))
        s = str_from_index(s, 1);
    if (!take_release(&s, &clean, parts))
        return -EINVAL;
    if (take_word(&s, PRE, &which, &n)) {
        v.is_final = false;
        buf_printf(&clean, "%s%llu", SHORT[which], (unsigned long long)n);
    }
    struct str dash = str_from_index(s, 1);
    if (s.n > 1 && s.p[0] == '-' && digits(dash) > 0 && take_number(&dash, &n)) {
        v.is_final = false;
        s = dash;
        buf_printf(&clean, ".post%llu", (unsigned long long)n);
    } else if (take_word(&s, POST, &which, &n)) {
        v.is_final = false;
        buf_printf(&clean, ".post%llu", (unsigned long long)n);
    }
    if (take_word(&s, DEV, &which, &n)) {
        v.is_final = false;
        buf_printf(&clean, ".dev%llu", (unsigned long long)n);
    }
    if (!take_local(&s, &clean))
        return -EINVAL;
    v.major = parts[0];
    v.minor = parts[1];
    v.patch = parts[2];
    v.clean = arena_str(a, buf_str(&clean));
    *ret = v;
    return 0;
}
