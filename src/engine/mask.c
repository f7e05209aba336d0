/*
 * engine/mask.c - finding secrets in lines.
 *
 * A filter of two bytes (65,536 bits) tells for each position whether any pattern could begin there; only then are the
 * patterns of that first byte compared. For the tens of patterns that a job has this beats an automaton in time and
 * needs 8 KiB instead of a kilobyte a state. Patterns of one byte are kept apart, as they have no second byte.
 */
#include "engine/mask.h"

#include "core/vec.h"

#define MASK_PATTERNS_MAX 20000
#define MASK_SECRET_MAX ((size_t)1 << 20)

struct mask {
    VEC(struct str) by_first[256]; /* owned copies */
    size_t n, reach;
    uint64_t pairs[65536 / 64];
};

struct mask *mask_new(void)
{
    return mem_alloc(sizeof(struct mask));
}

void mask_free(struct mask *m)
{
    if (m == NULL)
        return;
    for (size_t c = 0; c < 256; c++) {
        for (size_t i = 0; i < m->by_first[c].n; i++)
            free((void *)(uintptr_t)m->by_first[c].p[i].p);
        vec_done(&m->by_first[c]);
    }
    free(m);
}

static void add_pattern(struct mask *m, struct str s)
{
    if (s.n == 0 || m->n >= MASK_PATTERNS_MAX)
        return;
    unsigned char first = (unsigned char)s.p[0];
    for (size_t i = 0; i < m->by_first[first].n; i++)
        if (str_eq(m->by_first[first].p[i], s))
            return;
    vec_push(&m->by_first[first], str_of(mem_dup_str(s), s.n));
    m->n++;
    if (s.n > m->reach && str_find_ch(s, '\n') < 0)
        m->reach = s.n;
    for (unsigned second = 0; second < 256; second++)
        if (s.n == 1 || second == (unsigned char)s.p[1]) {
            unsigned pair = (unsigned)first << 8 | second;
            m->pairs[pair / 64] |= (uint64_t)1 << (pair % 64);
        }
}

/* Base64 of all but the first `skip` bytes: how it looks behind bytes that fill up a group of three. */
static void add_base64(struct mask *m, struct str s, size_t skip)
{
    CLEAN(buf) struct buf b = BUF(2 * MASK_SECRET_MAX);
    if (s.n > skip && buf_add_base64(&b, str_from_index(s, skip)) == 0)
        add_pattern(m, buf_str(&b));
}

/* Adds s with each byte of `from` written as the text of the same index in `to`. */
static void add_escaped(struct mask *m, struct str s, const char *from, const char *const *to)
{
    CLEAN(buf) struct buf b = BUF(8 * MASK_SECRET_MAX);
    for (size_t i = 0; i < s.n; i++) {
        const char *hit = s.p[i] != '\0' ? strchr(from, s.p[i]) : NULL;
        if (hit != NULL)
            buf_add_cstr(&b, to[hit - from]);
        else
            buf_add_ch(&b, s.p[i]);
    }
    add_pattern(m, buf_str(&b));
}

/* As System.Uri.EscapeDataString: all but unreserved characters become %XX. */
static void add_uri(struct mask *m, struct str s)
{
    CLEAN(buf) struct buf b = BUF(3 * MASK_SECRET_MAX);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain)
            buf_add_ch(&b, (char)c);
        else
            buf_printf(&b, "%%%02X", c);
    }
    add_pattern(m, buf_str(&b));
}

#define POWERSHELL_PART_MIN 6 /* shorter parts are no secrets */

/*
 * An error message of PowerShell shows a command in two parts, cut behind the last & or behind the first &+, the byte
 * after which is coloured by itself.
 */
static void add_powershell(struct mask *m, struct str s)
{
    add_escaped(m, s, "`\"$", (const char *const[]){"``", "`\"", "`$"});
    size_t cut = s.n, skip = 0;
    ssize_t plus = str_find(s, STR("&+"));
    while (cut > 0 && s.p[cut - 1] != '&')
        cut--;
    if (plus >= 0) {
        cut = (size_t)plus + 2;
        skip = 1;
    }
    if (cut >= POWERSHELL_PART_MIN)
        add_pattern(m, str_sub(s, 0, cut));
    if (cut > 0 && s.n >= cut + skip + POWERSHELL_PART_MIN)
        add_pattern(m, str_from_index(s, cut + skip));
}

/* The runner's value encoders (actions/runner, SecretMasker): the forms in which tools print a secret by accident. */
static void add_forms(struct mask *m, struct str s)
{
    add_pattern(m, s);
    for (size_t skip = 0; skip < 3; skip++)
        add_base64(m, s, skip);
    add_escaped(m, s, "\"", (const char *const[]){"\\\""});
    add_escaped(m, s, "'", (const char *const[]){"''"});
    add_escaped(m, s, "&<>\"'", (const char *const[]){"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"});
    add_uri(m, s);
    add_powershell(m, s);
    CLEAN(buf) struct buf json = BUF(8 * MASK_SECRET_MAX);
    buf_add_json(&json, s);
    if (json.n > 2)
        add_pattern(m, str_sub(buf_str(&json), 1, json.n - 1));
    if (s.n > 8 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        add_pattern(m, str_sub(s, 1, s.n - 1));
}

void mask_add(struct mask *m, struct str secret)
{
    secret = str_trim(secret);
    if (secret.n == 0 || secret.n > MASK_SECRET_MAX)
        return;
    add_forms(m, secret);
    struct str rest = secret, block, line;
    while (str_next(&rest, '\n', &block)) {
        while (str_next(&block, '\r', &line)) {
            line = str_trim(line);
            if (line.n > 0 && line.n < secret.n)
                add_forms(m, line);
        }
    }
}

/* The longest pattern that begins at text[i], in bytes; 0 when there is none. */
static size_t match_at(const struct mask *m, struct str text, size_t i)
{
    unsigned char first = (unsigned char)text.p[i], second = i + 1 < text.n ? (unsigned char)text.p[i + 1] : 0;
    unsigned pair = (unsigned)first << 8 | second;
    if ((m->pairs[pair / 64] >> (pair % 64) & 1) == 0)
        return 0;
    size_t best = 0;
    for (size_t k = 0; k < m->by_first[first].n; k++) {
        struct str p = m->by_first[first].p[k];
        if (p.n > best && p.n <= text.n - i && memcmp(p.p, text.p + i, p.n) == 0)
            best = p.n;
    }
    return best;
}

bool mask_apply(struct mask *m, struct str text, struct buf *out)
{
    if (m->n == 0)
        return false;
    size_t done = 0, start = 0, end = 0; /* [start, end) is the run of matches that is not written yet */
    bool any = false;
    for (size_t i = 0; i < text.n; i++) {
        size_t hit = match_at(m, text, i);
        if (hit == 0)
            continue;
        if (!any)
            buf_clear(out);
        if (any && i <= end) { /* overlapping or adjacent: one *** for both */
            if (i + hit > end)
                end = i + hit;
            continue;
        }
        if (any) {
            buf_add(out, str_sub(text, done, start));
            buf_add_cstr(out, "***");
            done = end;
        }
        any = true;
        start = i;
        end = i + hit;
    }
    if (!any)
        return false;
    buf_add(out, str_sub(text, done, start));
    buf_add_cstr(out, "***");
    buf_add(out, str_from_index(text, end));
    return true;
}

size_t mask_reach(const struct mask *m)
{
    return m->reach;
}

size_t mask_cut(const struct mask *m, struct str text, size_t want)
{
    size_t start = 0, end = 0; /* of the run of overlapping matches that was found last */
    for (size_t i = 0; m->n > 0 && i < text.n && (i < want || i < end); i++) {
        size_t hit = match_at(m, text, i);
        if (hit == 0)
            continue;
        if (i >= end)
            start = i;
        if (i + hit > end)
            end = i + hit;
    }
    if (start >= want || end <= want)
        return want;
    return start > 0 ? start : end;
}
