/*
 * npm's range grammar is desugared while it is read: every form (x-range, tilde, caret, hyphen) becomes one or two
 * plain comparators, so that testing a version is a loop over comparisons. `-0` is the least prerelease there is:
 * `<3.13.0-0` shuts out 3.13.0's prereleases as well.
 */
#include "core/base.h"
#include "provider/semver.h"

#include "core/num.h"
#include "core/vec.h"

#define PART_MAX 9007199254740991U /* npm's own limit, 2^53 - 1 */
#define RANGE_MAX 256              /* bytes of a range, as npm's MAX_LENGTH */

enum compare { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL };

struct comparator {
    enum compare op;
    struct semver v;
};

struct comparators {
    struct comparator *p;
    size_t n, cap;
};

struct semver_range {
    struct comparators *p; /* any of these sets */
    size_t n, cap;
    bool prerelease;
};

/* A version as a range writes it: missing parts and x are wild. */
struct partial {
    struct semver v;
    unsigned given; /* parts before the first wild one: 0..3 */
};

static bool is_wild(struct str s)
{
    return s.n == 0 || str_is(s, "*") || str_is(s, "x") || str_is(s, "X");
}

/* A number as versions have it: no zeros in front. */
static bool is_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

static bool has_leading_zero(struct str s)
{
    return s.n > 1 && s.p[0] == '0' && is_number(s);
}

static bool pre_is_valid(struct str pre)
{
    struct str rest = pre, piece;
    if (pre.n == 0 || pre.p[pre.n - 1] == '.')
        return false;
    while (str_next(&rest, '.', &piece)) {
        if (piece.n == 0 || has_leading_zero(piece))
            return false;
        for (size_t i = 0; i < piece.n; i++) {
            char c = piece.p[i];
            bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
            if (!ok)
                return false;
        }
    }
    return true;
}

/* Reads M, M.m, M.m.p[-pre][+build], with x for any part; 0 or -EINVAL. */
static int partial_parse(struct str s, struct partial *ret)
{
    struct partial p = {0};
    struct str core, build, pre, head;
    while (s.n > 0 && (s.p[0] == 'v' || s.p[0] == '='))
        s = str_from_index(s, 1);
    str_cut(s, '+', &s, &build);
    bool has_pre = str_cut(s, '-', &core, &pre);
    if (has_pre && (core.n == 0 || !pre_is_valid(pre)))
        return -EINVAL;
    bool wild = false;
    struct str rest = core;
    for (unsigned i = 0; i < 3; i++) {
        bool more = str_cut(rest, '.', &head, &rest);
        if (is_wild(head) && (head.n > 0 || (i == 0 && !more))) {
            wild = true;
        } else if (head.n == 0 || has_leading_zero(head) || num_parse_u64(head, PART_MAX, &p.v.part[i]) < 0) {
            return -EINVAL;
        } else if (!wild) {
            p.given = i + 1;
        }
        if (wild)
            p.v.part[i] = 0;
        if (!more)
            break;
        if (i == 2)
            return -EINVAL;
    }
    if (p.given == 3)
        p.v.pre = has_pre ? pre : STR_NONE;
    *ret = p;
    return 0;
}

int semver_parse(struct str s, struct semver *ret)
{
    struct partial p;
    if (partial_parse(str_trim(s), &p) < 0 || p.given != 3)
        return -EINVAL;
    *ret = p.v;
    return 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* One dot part: numbers compare as numbers and are less than words. */
static int compare_pieces(struct str a, struct str b)
{
    uint64_t x = 0, y = 0;
    bool na = num_parse_u64(a, UINT64_MAX, &x) == 0, nb = num_parse_u64(b, UINT64_MAX, &y) == 0;
    if (na && nb)
        return compare_numbers(x, y);
    if (na != nb)
        return na ? -1 : 1;
    return str_cmp(a, b);
}

static int compare_pre(struct str a, struct str b)
{
    struct str x, y;
    if (a.n == 0 || b.n == 0)
        return (a.n == 0) - (b.n == 0);
    for (;;) {
        bool more_a = str_next(&a, '.', &x), more_b = str_next(&b, '.', &y);
        if (!more_a || !more_b)
            return (int)more_a - (int)more_b;
        int c = compare_pieces(x, y);
        if (c != 0)
            return c;
    }
}

int semver_cmp(const struct semver *a, const struct semver *b)
{
    for (size_t i = 0; i < 3; i++) {
        int c = compare_numbers(a->part[i], b->part[i]);
        if (c != 0)
            return c;
    }
    return compare_pre(a->pre, b->pre);
}

/* ---- ranges ---- */

static struct semver version_at(uint64_t major, uint64_t minor, uint64_t patch, const char *pre)
{
    return (struct semver){.part = {major, minor, patch}, .pre = str_from(pre)};
}

static void add(struct arena *a, struct comparators *set, enum compare op, struct semver v)
{
    vec_push_in(a, set, ((struct comparator){op, v}));
}

/* The least version past every version that begins as p's first `keep` parts; keep is 1..3. */
static struct semver bumped(const struct partial *p, unsigned keep, const char *pre)
{
    struct semver v = version_at(p->v.part[0], 0, 0, pre);
    if (keep > 1)
        v.part[1] = p->v.part[1];
    if (keep > 2)
        v.part[2] = p->v.part[2];
    v.part[keep - 1]++;
    return v;
}

/* p's parts, wild ones as 0; with `least`, a partial one begins at its least prerelease. */
static struct semver floor_of(const struct partial *p, bool least)
{
    struct semver v = p->v;
    if (p->given < 3 && least)
        v.pre = STR("0");
    return v;
}

/* A wild version behind an operator: ">1" is ">=2.0.0", "<=1.2" is "<1.3.0-0". */
static void add_wild(struct arena *a, struct comparators *set, enum compare op, const struct partial *p, bool least)
{
    if (p->given == 0) {
        if (op == LESS || op == GREATER)
            add(a, set, LESS, version_at(0, 0, 0, "0")); /* nothing is less than everything */
        return;
    }
    switch (op) {
    case GREATER:
        add(a, set, GREATER_EQUAL, bumped(p, p->given, least ? "0" : NULL));
        break;
    case LESS_EQUAL:
        add(a, set, LESS, bumped(p, p->given, "0"));
        break;
    case LESS:
        add(a, set, LESS, floor_of(p, true));
        break;
    case GREATER_EQUAL:
        add(a, set, GREATER_EQUAL, floor_of(p, least));
        break;
    case EQUAL:
        add(a, set, GREATER_EQUAL, floor_of(p, least));
        add(a, set, LESS, bumped(p, p->given, "0"));
        break;
    }
}

static void add_tilde(struct arena *a, struct comparators *set, const struct partial *p, bool least)
{
    if (p->given == 0)
        return;
    add(a, set, GREATER_EQUAL, floor_of(p, least));
    add(a, set, LESS, bumped(p, p->given > 1 ? 2 : 1, "0"));
}

/* Up to the next change of the leftmost part that is not 0. */
static void add_caret(struct arena *a, struct comparators *set, const struct partial *p, bool least)
{
    unsigned keep = 1;
    if (p->given == 0)
        return;
    if (p->v.part[0] == 0 && p->given > 1)
        keep = p->v.part[1] == 0 && p->given > 2 ? 3 : 2;
    add(a, set, GREATER_EQUAL, floor_of(p, least));
    add(a, set, LESS, bumped(p, keep, "0"));
}

static struct str take_operator(struct str s, enum compare *ret)
{
    static const struct {
        const char *text;
        enum compare op;
    } OPS[] = {{">=", GREATER_EQUAL}, {"<=", LESS_EQUAL}, {">", GREATER}, {"<", LESS}, {"=", EQUAL}};
    *ret = EQUAL;
    for (size_t i = 0; i < ARRAY_LEN(OPS); i++) {
        struct str op = str_from(OPS[i].text);
        if (str_starts(s, op)) {
            *ret = OPS[i].op;
            return str_trim(str_from_index(s, op.n));
        }
    }
    return s;
}

static int add_simple(struct arena *a, struct comparators *set, struct str s, bool least)
{
    struct partial p;
    enum compare op;
    bool tilde = str_starts(s, STR("~")), caret = str_starts(s, STR("^"));
    if (tilde || caret) {
        s = str_trim(str_from_index(s, tilde && str_starts(s, STR("~>")) ? 2 : 1));
        if (s.n == 0 || partial_parse(s, &p) < 0)
            return -EINVAL;
        if (tilde)
            add_tilde(a, set, &p, least);
        else
            add_caret(a, set, &p, least);
        return 0;
    }
    s = take_operator(s, &op);
    if (s.n == 0 || partial_parse(s, &p) < 0)
        return -EINVAL;
    if (p.given == 3)
        add(a, set, op, p.v);
    else
        add_wild(a, set, op, &p, least);
    return 0;
}

/* "A - B", both ends included; a partial B reaches to the end of what it names. */
static int add_hyphen(struct arena *a, struct comparators *set, struct str from, struct str to, bool least)
{
    struct partial p, q;
    if (partial_parse(str_trim(from), &p) < 0 || partial_parse(str_trim(to), &q) < 0)
        return -EINVAL;
    if (p.given > 0)
        add(a, set, GREATER_EQUAL, floor_of(&p, least));
    if (q.given == 3)
        add(a, set, LESS_EQUAL, q.v);
    else if (q.given > 0)
        add(a, set, LESS, bumped(&q, q.given, "0"));
    return 0;
}

static bool is_operator_char(char c)
{
    return c == '<' || c == '>' || c == '=' || c == '~' || c == '^';
}

/* Takes one comparator off *rest: operators may stand apart from their version (">= 3.9"). */
static bool next_simple(struct str *rest, struct str *ret)
{
    *rest = str_trim(*rest);
    size_t i = 0;
    while (i < rest->n && (is_operator_char(rest->p[i]) || rest->p[i] == ' '))
        i++;
    while (i < rest->n && rest->p[i] != ' ')
        i++;
    if (i == 0)
        return false;
    *ret = str_sub(*rest, 0, i);
    *rest = str_from_index(*rest, i);
    return true;
}

static int add_set(struct arena *a, struct semver_range *r, struct str text)
{
    struct comparators set = {0};
    struct str piece;
    ssize_t dash = str_find(text, STR(" - "));
    if (dash >= 0) {
        if (add_hyphen(a, &set, str_sub(text, 0, (size_t)dash), str_from_index(text, (size_t)dash + 3), r->prerelease) <
            0)
            return -EINVAL;
    } else {
        while (next_simple(&text, &piece)) {
            if (add_simple(a, &set, piece, r->prerelease) < 0)
                return -EINVAL;
        }
    }
    vec_push_in(a, r, set);
    return 0;
}

static int invalid(struct str s, struct err *e)
{
    return err_set(e, EINVAL, "'%.*s' is not a version range", STR_ARG(s));
}

int semver_range_parse(struct arena *a, struct str s, bool prerelease, struct semver_range **ret, struct err *e)
{
    struct semver_range *r = ARENA_NEW(a, struct semver_range);
    struct str rest = s;
    r->prerelease = prerelease;
    if (s.n > RANGE_MAX)
        return invalid(str_sub(s, 0, RANGE_MAX), e);
    for (;;) {
        ssize_t bar = str_find(rest, STR("||"));
        struct str piece = bar < 0 ? rest : str_sub(rest, 0, (size_t)bar);
        if (add_set(a, r, str_trim(piece)) < 0)
            return invalid(s, e);
        if (bar < 0)
            break;
        rest = str_from_index(rest, (size_t)bar + 2);
    }
    *ret = r;
    return 0;
}

static bool holds(const struct comparator *c, const struct semver *v)
{
    int order = semver_cmp(v, &c->v);
    switch (c->op) {
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case GREATER:
        return order > 0;
    case GREATER_EQUAL:
        return order >= 0;
    case EQUAL:
        return order == 0;
    }
    return false;
}

static bool set_has(const struct comparators *set, const struct semver *v, bool prerelease)
{
    bool named = prerelease || v->pre.n == 0;
    for (size_t i = 0; i < set->n; i++) {
        const struct comparator *c = &set->p[i];
        if (!holds(c, v))
            return false;
        if (c->v.pre.n > 0 && memcmp(c->v.part, v->part, sizeof v->part) == 0)
            named = true;
    }
    return named;
}

bool semver_range_has(const struct semver_range *r, const struct semver *v)
{
    for (size_t i = 0; i < r->n; i++) {
        if (set_has(&r->p[i], v, r->prerelease))
            return true;
    }
    return false;
}
