/*
 * az_status.c - results of stages and jobs, and the functions of conditions that ask for them (specification 7.2).
 *
 * Without names the functions ask for all units before this one, direct and indirect; with names for those only, and a
 * name that is none of them is false.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

const char *az_result_name(enum az_result r)
{
    switch (r) {
    case AZ_NOT_RUN:
        return "";
    case AZ_SUCCEEDED:
        return "Succeeded";
    case AZ_WITH_ISSUES:
        return "SucceededWithIssues";
    case AZ_SKIPPED:
        return "Skipped";
    case AZ_FAILED:
        return "Failed";
    case AZ_CANCELED:
        return "Canceled";
    case AZ_ABANDONED:
        return "Abandoned";
    }
    BUG("no such result: %d", (int)r);
}

/* Parts that did not run say nothing; of the others the order is the agent's own. */
static unsigned badness(enum az_result r)
{
    switch (r) {
    case AZ_NOT_RUN:
        return 0;
    case AZ_SKIPPED:
        return 1;
    case AZ_SUCCEEDED:
        return 2;
    case AZ_WITH_ISSUES:
        return 3;
    case AZ_FAILED:
        return 4;
    case AZ_CANCELED:
        return 5;
    case AZ_ABANDONED:
        return 6;
    }
    BUG("no such result: %d", (int)r);
}

enum az_result az_result_merge(enum az_result a, enum az_result b)
{
    return badness(a) >= badness(b) ? a : b;
}

enum result az_result_plain(enum az_result r)
{
    switch (r) {
    case AZ_NOT_RUN:
        return RESULT_NONE;
    case AZ_SUCCEEDED:
    case AZ_WITH_ISSUES:
        return RESULT_SUCCESS;
    case AZ_SKIPPED:
        return RESULT_SKIPPED;
    case AZ_FAILED:
    case AZ_ABANDONED:
        return RESULT_FAILURE;
    case AZ_CANCELED:
        return RESULT_CANCELLED;
    }
    BUG("no such result: %d", (int)r);
}

enum az_result az_result_of(enum result r)
{
    switch (r) {
    case RESULT_NONE:
        return AZ_NOT_RUN;
    case RESULT_SUCCESS:
        return AZ_SUCCEEDED;
    case RESULT_FAILURE:
        return AZ_FAILED;
    case RESULT_CANCELLED:
        return AZ_CANCELED;
    case RESULT_SKIPPED:
        return AZ_SKIPPED;
    }
    BUG("no such result: %d", (int)r);
}

/* ---- functions ---- */

struct tally {
    size_t units, good, failed, skipped;
    bool unknown; /* a name that is none of them */
};

static void add(struct tally *t, enum az_result r)
{
    t->units++;
    t->good += r == AZ_SUCCEEDED || r == AZ_WITH_ISSUES;
    t->failed += r == AZ_FAILED;
    t->skipped += r == AZ_SKIPPED;
}

static const struct az_unit *find(const struct az_units *u, struct str name)
{
    for (size_t i = 0; i < u->n; i++)
        if (str_eq_nocase(u->p[i].name, name))
            return &u->p[i];
    return NULL;
}

static struct tally count(const struct az_units *u, struct az_value *const *args, size_t n)
{
    struct tally t = {0};
    for (size_t i = 0; n == 0 && i < u->n; i++)
        add(&t, u->p[i].result);
    for (size_t i = 0; i < n; i++) {
        const struct az_unit *one = args[i]->kind == AZ_STRING ? find(u, args[i]->text) : NULL;
        if (one)
            add(&t, one->result);
        else
            t.unknown = true;
    }
    return t;
}

int az_status_call(const struct az_units *u, struct str function, struct az_value *const *args, size_t n, bool *ret)
{
    bool succeeded = str_is_nocase(function, "succeeded"), failed = str_is_nocase(function, "failed");
    if (str_is_nocase(function, "always")) {
        *ret = true;
        return 0;
    }
    if (str_is_nocase(function, "canceled")) {
        *ret = u->canceled;
        return 0;
    }
    if (!succeeded && !failed && !str_is_nocase(function, "succeededOrFailed"))
        return -ENOENT;
    struct tally t = count(u, args, n);
    if (u->canceled || t.unknown)
        *ret = false;
    else if (succeeded)
        *ret = t.good == t.units;
    else if (failed)
        *ret = t.failed > 0;
    else
        *ret = t.units == 0 || t.good + t.failed > 0;
    return 0;
}
