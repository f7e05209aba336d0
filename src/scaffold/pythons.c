/*
 * Lists of Pythons. A version is not a decimal number: 3.9 to 3.12 are four versions, and 3.1 is not 3.10.
 */
#include "scaffold/pythons_priv.h"

#include "core/num.h"
#include "scaffold/scaffold.h"

struct python {
    unsigned minor;
    const char *end;
};

#define X(minor, end) {minor, end},
static const struct python pythons[] = {
#include "scaffold/eol.def"
};
#undef X

const char *answers_data_date(void)
{
    return EOL_READ;
}

static const struct python *find(unsigned minor)
{
    for (size_t i = 0; i < ARRAY_LEN(pythons); i++)
        if (pythons[i].minor == minor)
            return &pythons[i];
    return NULL;
}

/* "3.N" as N; no leading zero, no patch number. */
static bool read_minor(struct str version, unsigned *ret)
{
    struct str digits = str_from_index(version, 2);
    uint64_t minor;
    if (!str_starts(version, STR("3.")) || num_parse_u64(digits, PYTHON_MINORS - 1, &minor) < 0)
        return false;
    if (digits.n > 1 && digits.p[0] == '0')
        return false;
    *ret = (unsigned)minor;
    return true;
}

unsigned python_minor(struct str python)
{
    unsigned minor;
    return read_minor(python, &minor) && find(minor) ? minor : 0;
}

struct str python_end(struct str python)
{
    unsigned minor;
    const struct python *found = read_minor(python, &minor) ? find(minor) : NULL;
    return found ? str_from(found->end) : STR("");
}

static int read_version(struct str version, unsigned *ret, struct err *e)
{
    unsigned minor, first = pythons[0].minor, last = pythons[ARRAY_LEN(pythons) - 1].minor;
    if (!read_minor(version, &minor))
        return err_set(e, EINVAL, "'%.*s' is no Python version: write 3.12, 3.9-3.12 or 3.11,3.13", STR_ARG(version));
    if (minor < first)
        return err_set(e, EINVAL, "Python 3.%u is too old for the tools of the project: 3.%u is the oldest offered",
                       minor, first);
    if (minor > last)
        return err_set(e, EINVAL, "Python 3.%u is not known to this slipway, whose data is of %s: 3.%u is the newest",
                       minor, EOL_READ, last);
    *ret = minor;
    return 0;
}

/* Adds the bits of "3.9-3.12" or "3.9". */
static int read_range(struct str piece, uint64_t *bits, struct err *e)
{
    struct str low, high;
    unsigned from, to;
    bool range = str_cut(piece, '-', &low, &high);
    int r = read_version(str_trim(low), &from, e);
    if (r < 0)
        return r;
    r = read_version(str_trim(range ? high : low), &to, e);
    if (r < 0)
        return r;
    if (from > to)
        return err_set(e, EINVAL, "the range %.*s runs backwards", STR_ARG(piece));
    for (unsigned minor = from; minor <= to; minor++)
        *bits |= (uint64_t)1 << minor;
    return 0;
}

int answers_pythons(struct arena *a, struct str list, struct strs *ret, struct err *e)
{
    uint64_t bits = 0;
    struct strs found = {0};
    struct str piece;
    while (str_next(&list, ',', &piece)) {
        piece = str_trim(piece);
        int r = piece.n > 0 ? read_range(piece, &bits, e) : 0;
        if (r < 0)
            return r;
    }
    if (bits == 0)
        return err_set(e, EINVAL, "no Python is named: write 3.12, 3.9-3.12 or 3.11,3.13");
    for (unsigned minor = 0; minor < PYTHON_MINORS; minor++)
        if (bits >> minor & 1)
            vec_push_in(a, &found, arena_printf(a, "3.%u", minor));
    *ret = found;
    return 0;
}
