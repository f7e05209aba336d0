#include "core/base.h"
#include "provider/github/docker_priv.h"

#include "core/buf.h"
#include "core/num.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 1000000

static const struct {
    const char *name;
    const char *priority;
} TYPES[] = {
    [DOCKER_SCHEDULE] = {"schedule", "1000"},
    [DOCKER_SEMVER] = {"semver", "900"},
    [DOCKER_PEP440] = {"pep440", "900"},
    [DOCKER_MATCH] = {"match", "800"},
    [DOCKER_EDGE] = {"edge", "700"},
    [DOCKER_REF] = {"ref", "600"},
    [DOCKER_RAW] = {"raw", "200"},
    [DOCKER_SHA] = {"sha", "100"},
};

static void set_default(struct gh_docker_rule *r, const char *name, const char *value)
{
    if (map_find(&r->attrs, str_from(name)) == NULL)
        map_set_str(&r->attrs, str_from(name), str_from(value));
}

static bool has(const struct gh_docker_rule *r, const char *name)
{
    return map_find(&r->attrs, str_from(name)) != NULL;
}

static bool is_one_of(const struct gh_docker_rule *r, const char *name, const char *const *values)
{
    for (; *values != NULL; values++) {
        if (str_is(map_get_str(&r->attrs, str_from(name)), *values))
            return true;
    }
    return false;
}

static int take_field(struct gh_docker_rule *r, struct str field, bool *typed, struct err *e)
{
    struct str key, value;
    ssize_t equals = field.n > 0 ? str_find_from(field, 1, STR("=")) : -1;
    if (equals < 0) {
        map_set_str(&r->attrs, STR("value"), field);
        return 0;
    }
    key = str_trim(str_sub(field, 0, (size_t)equals));
    value = str_trim(str_from_index(field, (size_t)equals + 1));
    CLEAN(buf) struct buf lower = BUF(BUF_LINE);
    for (size_t i = 0; i < key.n; i++)
        buf_add_ch(&lower, key.p[i] >= 'A' && key.p[i] <= 'Z' ? (char)(key.p[i] - 'A' + 'a') : key.p[i]);
    if (!str_is(buf_str(&lower), "type")) {
        map_set_str(&r->attrs, buf_str(&lower), value);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        if (str_is(value, TYPES[i].name)) {
            r->type = (enum gh_docker_type)i;
            *typed = true;
            return 0;
        }
    }
    return err_set(e, EINVAL, "Unknown tag type attribute: %.*s", STR_ARG(value));
}

/* What a type needs, and what it takes when nothing is said. */
static int check(struct gh_docker_rule *r, struct str line, struct err *e)
{
    static const char *const EVENTS[] = {"branch", "tag", "pr", NULL}, *const FORMATS[] = {"short", "long", NULL};
    double group;
    switch (r->type) {
    case DOCKER_SCHEDULE:
        set_default(r, "pattern", "nightly");
        return 0;
    case DOCKER_SEMVER:
    case DOCKER_PEP440:
    case DOCKER_MATCH:
        if (!has(r, "pattern"))
            return err_set(e, EINVAL, "Missing pattern attribute for %.*s", STR_ARG(line));
        set_default(r, "value", "");
        set_default(r, r->type == DOCKER_MATCH ? "group" : "match", r->type == DOCKER_MATCH ? "0" : "");
        if (r->type == DOCKER_MATCH && num_parse_double(map_get_str(&r->attrs, STR("group")), &group) < 0)
            return err_set(e, EINVAL, "Invalid match group for %.*s", STR_ARG(line));
        return 0;
    case DOCKER_EDGE:
        set_default(r, "branch", "");
        return 0;
    case DOCKER_REF:
        if (!has(r, "event"))
            return err_set(e, EINVAL, "Missing event attribute for %.*s", STR_ARG(line));
        if (!is_one_of(r, "event", EVENTS))
            return err_set(e, EINVAL, "Invalid event for %.*s", STR_ARG(line));
        if (str_is(map_get_str(&r->attrs, STR("event")), "pr"))
            set_default(r, "prefix", "pr-");
        return 0;
    case DOCKER_RAW:
        if (!has(r, "value"))
            return err_set(e, EINVAL, "Missing value attribute for %.*s", STR_ARG(line));
        return 0;
    case DOCKER_SHA:
        set_default(r, "prefix", "sha-");
        set_default(r, "format", "short");
        if (!is_one_of(r, "format", FORMATS))
            return err_set(e, EINVAL, "Invalid format for %.*s", STR_ARG(line));
        return 0;
    }
    return 0;
}

int gh_docker_rule(struct arena *a, struct str line, struct gh_docker_rule *ret, struct err *e)
{
    struct gh_docker_rule r = {.type = DOCKER_RAW};
    struct strs fields = {0};
    bool typed = false;
    map_init(&r.attrs, a, MAP_CASE);
    int rc = gh_docker_fields(a, line, &fields, e);
    for (size_t i = 0; i < fields.n && rc == 0; i++)
        rc = take_field(&r, fields.p[i], &typed, e);
    rc = rc == 0 ? check(&r, line, e) : rc;
    if (rc < 0)
        return rc;
    set_default(&r, "enable", "true");
    set_default(&r, "priority", TYPES[r.type].priority);
    if (num_parse_double(map_get_str(&r.attrs, STR("priority")), &r.priority) < 0)
        r.priority = 0;
    *ret = r;
    return 0;
}

struct str gh_docker_rule_text(struct arena *a, const struct gh_docker_rule *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    buf_printf(&b, "type=%s", TYPES[r->type].name);
    for (size_t i = 0; i < r->attrs.n; i++) {
        const struct str *value = r->attrs.entries[i].value;
        buf_printf(&b, ",%.*s=%.*s", STR_ARG(r->attrs.entries[i].key), STR_ARG(*value));
    }
    return arena_str(a, buf_str(&b));
}

static uint32_t options_of(struct str flags)
{
    uint32_t options = PCRE2_UTF;
    for (size_t i = 0; i < flags.n; i++) {
        options |= flags.p[i] == 'i' ? PCRE2_CASELESS : 0;
        options |= flags.p[i] == 'm' ? PCRE2_MULTILINE : 0;
        options |= flags.p[i] == 's' ? PCRE2_DOTALL : 0;
    }
    return options;
}

int gh_docker_match(struct arena *a, struct str pattern, struct str flags, struct str text, unsigned group,
                    struct str *ret, struct err *e)
{
    int code = 0;
    size_t at = 0;
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)(pattern.p != NULL ? pattern.p : ""), pattern.n, options_of(flags), &code, &at, NULL);
    if (re == NULL)
        return err_set(e, EINVAL, "Invalid regular expression: /%.*s/", STR_ARG(pattern));
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(re, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    int n = pcre2_match(re, (PCRE2_SPTR)(text.p != NULL ? text.p : ""), text.n, 0, 0, data, context);
    int rc = 0;
    if (n == PCRE2_ERROR_NOMATCH) {
        rc = err_set(e, ENOENT, "no match");
    } else if (n < 0) {
        rc = err_set(e, EINVAL, "the regular expression /%.*s/ does not come to an end", STR_ARG(pattern));
    } else {
        const size_t *ends = pcre2_get_ovector_pointer(data);
        size_t i = (size_t)2 * group;
        if (group >= (unsigned)n || ends[i] == PCRE2_UNSET)
            rc = err_set(e, ERANGE, "no group %u", group);
        else
            *ret = arena_str(a, str_sub(text, ends[i], ends[i + 1]));
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(re);
    return rc;
}
