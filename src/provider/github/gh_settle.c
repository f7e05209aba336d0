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

/*
 * The legs come in the order in which they ended: the last one wins, but an empty value never replaces one. Of the
 * calls of a matrix only those count that succeeded ("Reuse workflows", outputs).
 */
static void merge_outputs(const struct job *j, const struct leg_outcome *legs, size_t n, struct map *into)
{
    for (size_t i = 0; i < n; i++) {
        bool counts = !j->calls || n == 1 || legs[i].result == RESULT_SUCCESS;
        for (size_t k = 0; counts && k < legs[i].outputs.n; k++) {
            struct str key = legs[i].outputs.entries[k].key;
            struct str text = map_get_str(&legs[i].outputs, key);
            if (text.n)
                map_set_str(into, key, text);
        }
    }
}

void gh_settle(struct job *j, const struct leg_outcome *legs, size_t n, struct leg_outcome *ret)
{
    struct leg_outcome out = {.result = RESULT_SKIPPED, .conclusion = RESULT_SKIPPED};
    map_init(&out.outputs, j->plan->arena, MAP_NOCASE);
    for (size_t i = 0; i < n; i++) {
        out.result = gh_worse_of_jobs(out.result, legs[i].result);
        out.conclusion = gh_worse_of_jobs(out.conclusion, legs[i].conclusion);
        if (!out.why.n && legs[i].result == out.result)
            out.why = legs[i].why;
    }
    merge_outputs(j, legs, n, &out.outputs);
    *ret = out;
}
