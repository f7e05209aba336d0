/*
 * gh_settle.c - the result of a job from those of its legs ("Contexts reference", needs.<id>.result and outputs).
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

enum result gh_worse_of_jobs(enum result a, enum result b)
{
    static const enum result order[] = {RESULT_FAILURE, RESULT_CANCELLED, RESULT_SUCCESS, RESULT_SKIPPED};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return RESULT_NONE;
}

void gh_settle(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret)
{
    struct leg_outcome out = {.result = RESULT_SKIPPED, .conclusion = RESULT_SKIPPED};
    map_init(&out.outputs, j->plan->arena, MAP_NOCASE);
    for (size_t i = 0; i < n; i++) {
        out.result = gh_worse_of_jobs(out.result, legs[i].result);
        out.conclusion = gh_worse_of_jobs(out.conclusion, legs[i].conclusion);
        for (size_t k = 0; k < legs[i].outputs.n; k++) {
            struct str key = legs[i].outputs.entries[k].key;
            struct str text = map_get_str(&legs[i].outputs, key);
            if (text.n) /* an empty value never replaces one */
                map_set_str(&out.outputs, key, text);
        }
        if (!out.why.n && legs[i].result == out.result)
            out.why = legs[i].why;
    }
    *ret = out;
}
