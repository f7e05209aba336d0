/*
 * gh_node_find.c - which Node.js a version of setup-node means. Aliases are settled by the service over the network;
 * here lts lines by the table below, latest by what this machine has, and both are told.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/num.h"

#define LTS_READ "2026-11-23"

/* nodejs/Release, schedule.json: the long-term lines in order, from which day on. A name yet to be given is empty. */
static const struct {
    unsigned major;
    const char *name, *since;
} LTS[] = {
    {4, "argon", "2015-10-12"},    {6, "boron", "2016-10-18"},     {8, "carbon", "2017-10-31"},
    {10, "dubnium", "2018-10-30"}, {12, "erbium", "2019-10-21"},   {14, "fermium", "2020-10-27"},
    {16, "gallium", "2021-10-26"}, {18, "hydrogen", "2022-10-25"}, {20, "iron", "2023-10-24"},
    {22, "jod", "2024-10-29"},     {24, "krypton", "2025-10-28"},  {26, "", "2026-10-28"},
};

/* How many of the lines are long-term ones on the day of the run. */
static size_t lts_lines(const struct facts *f)
{
    CLEAN(buf) struct buf day = BUF(64);
    size_t n = 0;
    num_add_time(&day, f->now_ms);
    while (n < ARRAY_LEN(LTS) && str_cmp(str_from(LTS[n].since), str_sub(buf_str(&day), 0, 10)) <= 0)
        n++;
    return n > 0 ? n : ARRAY_LEN(LTS);
}

static bool is_lts(struct str spec)
{
    return str_starts(spec, STR("lts/"));
}

static bool is_latest(struct str spec)
{
    return str_is(spec, "latest") || str_is(spec, "current") || str_is(spec, "node");
}

/* The star, -1 or iron behind lts/: the major version, or -EINVAL in the action's words. */
static int resolve_lts(const struct facts *f, struct str spec, unsigned *ret, struct err *e)
{
    struct str alias = str_from_index(spec, 4);
    size_t n = lts_lines(f);
    uint64_t back = 0;
    if (alias.n == 0)
        return err_set(e, EINVAL, "Unable to parse LTS alias for Node version '%.*s'", STR_ARG(spec));
    bool counted = alias.p[0] == '-' && num_parse_u64(str_from_index(alias, 1), ARRAY_LEN(LTS), &back) == 0;
    if ((str_is(alias, "*") || (counted && back > 0)) && back < n) {
        *ret = LTS[n - 1 - back].major;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (LTS[i].name[0] != '\0' && str_is_nocase(alias, LTS[i].name)) {
            *ret = LTS[i].major;
            return 0;
        }
    }
    return err_set(e, EINVAL, "Unable to find LTS release '%.*s' for Node version '%.*s'.", STR_ARG(alias),
                   STR_ARG(spec));
}

/* Builds that are no releases come from places of their own. */
static int refuse_channel(struct str spec, struct err *e)
{
    static const char *const CHANNELS[] = {"-nightly", "-v8-canary"};
    for (size_t i = 0; i < ARRAY_LEN(CHANNELS); i++) {
        if (str_find(spec, str_from(CHANNELS[i])) >= 0)
            return err_set(e, ENOSYS, "Node.js builds of '%.*s' are not supported by slipway", STR_ARG(spec));
    }
    return 0;
}

int gh_node_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
                 struct str *ret_spec, struct err *e)
{
    struct semver_range *range = NULL;
    unsigned major = 0;
    spec = str_trim(spec);
    int rc = refuse_channel(spec, e);
    if (rc == 0 && is_lts(spec)) {
        rc = resolve_lts(f, spec, &major, e);
        spec = arena_printf(a, "%u", major);
    }
    if (rc < 0)
        return rc;
    if (ret_spec != NULL)
        *ret_spec = spec;
    if (semver_range_parse(a, is_latest(spec) ? STR("*") : spec, false, &range, NULL) < 0)
        return err_set(e, ENOENT, "'%.*s' is no version of Node.js", STR_ARG(spec));
    const struct interpreter *found = interpreter_best(f, "node", range);
    if (found == NULL)
        return err_set(e, ENOENT, "no Node.js %.*s here", STR_ARG(spec));
    *ret = found;
    return 0;
}

struct str gh_node_alias_note(struct arena *a, const struct facts *f, struct str spec)
{
    unsigned major;
    spec = str_trim(spec);
    if (is_latest(spec))
        return arena_printf(a, "%.*s: the newest Node.js of this machine", STR_ARG(spec));
    if (is_lts(spec) && resolve_lts(f, spec, &major, NULL) == 0)
        return arena_printf(a, "%.*s: Node.js %u, by slipway's table of " LTS_READ, STR_ARG(spec), major);
    return STR_NONE;
}
