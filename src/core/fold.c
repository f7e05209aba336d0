/*
 * fold.c - case mappings as sorted ranges: first to last in steps, each shifted by delta.
 */
#include "core/base.h"
#include "core/fold.h"

struct fold_range {
    uint16_t first, last, step;
    int32_t delta;
};

static const struct fold_range uppers[] = {
#define X(first, last, step, delta) {first, last, step, delta},
#include "core/fold_upper.def"
#undef X
};

static const struct fold_range lowers[] = {
#define X(first, last, step, delta) {first, last, step, delta},
#include "core/fold_lower.def"
#undef X
};

static uint32_t map(const struct fold_range *folds, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > folds[mid].last)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || cp < folds[lo].first || (cp - folds[lo].first) % folds[lo].step)
        return cp;
    return (uint32_t)((int32_t)cp + folds[lo].delta);
}

uint32_t fold_upper(uint32_t cp)
{
    if (cp < 0x80)
        return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
    return map(uppers, ARRAY_LEN(uppers), cp);
}

uint32_t fold_lower(uint32_t cp)
{
    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    return map(lowers, ARRAY_LEN(lowers), cp);
}
