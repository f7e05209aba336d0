#include "core/base.h"
#include "doc/suggest.h"

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* One row of the table: the distances of a[0..i] to every beginning of b, from the two rows before it. */
static unsigned fill_row(struct str a, struct str b, size_t i, unsigned rows[3][SUGGEST_MAX + 1])
{
    unsigned *row = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    unsigned nearest = row[0] = (unsigned)i;
    for (size_t k = 1; k <= b.n; k++) {
        char x = fold(a.p[i - 1]), y = fold(b.p[k - 1]);
        row[k] = least(last[k - 1] + (x != y), least(last[k], row[k - 1]) + 1);
        if (i > 1 && k > 1 && x == fold(b.p[k - 2]) && y == fold(a.p[i - 2]))
            row[k] = least(row[k], before[k - 2] + 1);
        nearest = least(nearest, row[k]);
    }
    return nearest;
}

unsigned suggest_distance(struct str a, struct str b, unsigned cap)
{
    size_t apart = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (str_eq_nocase(a, b))
        return 0;
    if (apart > cap || a.n > SUGGEST_MAX || b.n > SUGGEST_MAX)
        return cap + 1;
    unsigned rows[3][SUGGEST_MAX + 1] = {0}, last_nearest = 0;
    for (size_t k = 0; k <= b.n; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned nearest = fill_row(a, b, i, rows);
        /* A swap reaches over one row, so two rows past the cap are needed to give up. */
        if (nearest > cap && last_nearest > cap)
            return cap + 1;
        last_nearest = nearest;
    }
    return least(rows[a.n % 3][b.n], cap + 1);
}

struct str suggest(struct str word, const char *const *words, size_t n)
{
    size_t third = word.n / 3;
    unsigned cap = third < 1 ? 1 : third > 3 ? 3 : (unsigned)third;
    struct str best = STR_NONE;
    if (!word.n)
        return STR_NONE;
    for (size_t i = 0; i < n; i++) {
        unsigned distance = suggest_distance(word, str_from(words[i]), best.p ? cap - 1 : cap);
        if (distance > (best.p ? cap - 1 : cap))
            continue;
        best = str_from(words[i]);
        cap = distance;
        if (!cap)
            break;
    }
    return best;
}
