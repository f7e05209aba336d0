/*
 * Which minor versions a requires-python admits (PEP 440, version specifiers). A minor version is admitted when some
 * patch release of it is: ">3.9" admits 3.9, whose 3.9.1 is newer, and "<3.9" does not.
 */
#include "scaffold/scaffold.h"

#include "core/num.h"
#include "scaffold/pythons_priv.h"

#define NUMBER_MAX 99999

/* major.minor.patch; what is not written is absent, and a trailing .* leaves the rest open. */
struct release {
    uint64_t part[3];
    size_t n;
    bool open;
};

enum relation { RELATION_SAME, RELATION_NOT, RELATION_FROM, RELATION_OVER, RELATION_UNDER, RELATION_TO, RELATION_NEAR };

static bool read_release(struct str text, struct release *ret)
{
    struct release r = {0};
    struct str piece;
    while (str_next(&text, '.', &piece)) {
        if (str_is(piece, "*")) {
            r.open = true;
            break;
        }
        uint64_t number;
        if (num_parse_u64(piece, NUMBER_MAX, &number) < 0)
            return false;
        if (r.n < ARRAY_LEN(r.part))
            r.part[r.n++] = number;
    }
    *ret = r;
    return r.n > 0;
}

static bool read_relation(struct str *clause, enum relation *ret)
{
    static const struct {
        const char *text;
        enum relation relation;
    } table[] = {
        {"===", RELATION_SAME}, {"==", RELATION_SAME}, {"!=", RELATION_NOT}, {">=", RELATION_FROM},
        {"<=", RELATION_TO},    {"~=", RELATION_NEAR}, {">", RELATION_OVER}, {"<", RELATION_UNDER},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (str_starts(*clause, str_from(table[i].text))) {
            *clause = str_trim(str_from_index(*clause, strlen(table[i].text)));
            *ret = table[i].relation;
            return true;
        }
    return false;
}

/* Where 3.minor lies against the clause's release: -1 below all of it, 1 above, 0 when its minor version is meant. */
static int side_of(unsigned minor, const struct release *r)
{
    if (r->part[0] != 3)
        return 3 < r->part[0] ? -1 : 1;
    if (r->n == 1 && r->open)
        return 0;
    uint64_t meant = r->n > 1 ? r->part[1] : 0;
    return minor < meant ? -1 : minor > meant;
}

static bool admits(enum relation relation, const struct release *r, unsigned minor)
{
    int side = side_of(minor, r);
    bool patch = r->n > 2 && r->part[2] > 0;
    switch (relation) {
    case RELATION_SAME:
        return side == 0;
    case RELATION_NOT:
        return side != 0 || !r->open;
    case RELATION_FROM:
    case RELATION_OVER:
        return side >= 0;
    case RELATION_UNDER:
    case RELATION_TO:
        return side < 0 || (side == 0 && patch);
    case RELATION_NEAR: /* the last part that is written may grow, the parts before it are fixed */
        return r->n > 2 ? side == 0 : side >= 0 && r->part[0] == 3;
    }
    return false;
}

static bool admits_all(struct str specifier, unsigned minor, bool *ret_readable)
{
    struct str clause;
    bool all = true;
    *ret_readable = false;
    while (str_next(&specifier, ',', &clause)) {
        enum relation relation;
        struct release release;
        clause = str_trim(clause);
        *ret_readable = read_relation(&clause, &relation) && read_release(clause, &release);
        if (!*ret_readable)
            return false;
        all = all && admits(relation, &release, minor);
    }
    return all;
}

void answers_requires(struct arena *a, struct str specifier, struct strs *ret)
{
    struct strs found = {0};
    bool readable = true;
    for (unsigned minor = 0; readable && minor < PYTHON_MINORS; minor++) {
        struct str python = arena_printf(a, "3.%u", minor);
        if (python_minor(python) > 0 && admits_all(specifier, minor, &readable) && readable)
            vec_push_in(a, &found, python);
    }
    *ret = found;
}
