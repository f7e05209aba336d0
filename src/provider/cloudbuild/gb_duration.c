/*
 * gb_duration.c - durations as the service's API writes them: "600s", "1.5s".
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/cloudbuild/model_priv.h"

#define SECONDS_MAX 9000000000u /* what fits into nanoseconds; all limits are far below */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to nine digits behind the point, as nanoseconds; -EINVAL when they are none. */
static int parse_fraction(struct str digits, int64_t *ret)
{
    int64_t ns = 0;
    if (digits.n == 0 || digits.n > 9)
        return -EINVAL;
    for (size_t i = 0; i < 9; i++) {
        if (i < digits.n && !is_digit(digits.p[i]))
            return -EINVAL;
        ns = ns * 10 + (i < digits.n ? digits.p[i] - '0' : 0);
    }
    *ret = ns;
    return 0;
}

int gb_duration_parse(struct str text, int64_t *ret, struct err *e)
{
    struct str body = text, whole, part;
    uint64_t seconds = 0;
    int64_t ns = 0;
    bool negative = str_starts(text, STR("-"));
    if (!str_ends(text, STR("s")))
        return err_set(e, EINVAL, "a duration is seconds with an 's' behind them, as in 600s or 1.5s");
    body = str_sub(text, negative ? 1 : 0, text.n - 1);
    bool point = str_cut(body, '.', &whole, &part);
    int rc = num_parse_u64(whole, SECONDS_MAX, &seconds);
    if (rc == -ERANGE) {
        seconds = SECONDS_MAX;
        rc = 0;
    }
    if (rc < 0 || (point && parse_fraction(part, &ns) < 0))
        return err_set(e, EINVAL, "a duration is seconds with an 's' behind them, as in 600s or 1.5s");
    ns += (int64_t)seconds * 1000000000;
    *ret = negative ? -ns : ns;
    return 0;
}
