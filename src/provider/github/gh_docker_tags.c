/*
 * gh_docker_tags.c - the rules of docker/metadata-action, type by type: which tag comes of each, and whether it is the
 * latest. The first tag is the version.
 */
#include "core/base.h"
#include "provider/github/docker_meta_priv.h"

#include "core/buf.h"
#include "core/num.h"
#include "provider/semver.h"

static struct str attr(const struct gh_docker_rule *r, const char *name)
{
    return map_get_str(&r->attrs, str_from(name));
}

/* A tag that came of a rule: prefix, suffix, and whether it is the latest when nobody says. */
static int add_tag(struct gh_docker_work *m, const struct gh_docker_rule *r, struct str value, bool latest)
{
    bool own_prefix = map_find(&r->attrs, STR("prefix")) != NULL,
         own_suffix = map_find(&r->attrs, STR("suffix")) != NULL;
    struct str prefix = STR_NONE, suffix = STR_NONE;
    int rc = gh_docker_expand(m, own_prefix ? attr(r, "prefix") : m->flavor.prefix, &prefix);
    rc = rc == 0 ? gh_docker_expand(m, own_suffix ? attr(r, "suffix") : m->flavor.suffix, &suffix) : rc;
    if (rc < 0)
        return rc;
    struct str tag = arena_printf(m->a, "%.*s%.*s%.*s", STR_ARG(prefix), STR_ARG(value), STR_ARG(suffix));
    if (tag.n == 0)
        return 0;
    tag = gh_docker_sanitize(m->a, tag);
    bool known = false;
    for (size_t i = 0; i < m->values.n; i++)
        known = known || str_eq(m->values.p[i], tag);
    if (!known)
        vec_push_in(m->a, &m->values, tag);
    if (!m->latest_set)
        m->latest = m->flavor.latest == LATEST_AUTO ? latest : m->flavor.latest == LATEST_TRUE;
    m->latest_set = true;
    return 0;
}

/* The value that semver, pep440 and match look at: theirs, or the git tag; p == NULL: there is none. */
static int subject(struct gh_docker_work *m, const struct gh_docker_rule *r, struct str *ret)
{
    struct str value = attr(r, "value");
    *ret = gh_docker_ref(m, "refs/tags/");
    return value.n > 0 ? gh_docker_expand(m, value, ret) : 0;
}

/* `match=`: the first group of what matches takes the place of the whole. */
static int narrow(struct gh_docker_work *m, const struct gh_docker_rule *r, struct str *text)
{
    struct str pattern = attr(r, "match"), group = STR_NONE;
    if (pattern.n > 0) {
        int rc = gh_docker_match(m->a, pattern, STR(""), *text, 1, &group, m->e);
        if (rc == -EINVAL)
            return rc;
        if (rc == -ENOENT)
            gh_docker_warn(m, arena_printf(m->a, "%.*s does not match %.*s.", STR_ARG(pattern), STR_ARG(*text)));
        else
            *text = group;
    }
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < text->n; i++)
        buf_add_ch(&b, text->p[i] == '/' ? '-' : text->p[i]);
    *text = arena_str(m->a, buf_str(&b));
    return 0;
}

static void set_number(struct map *names, struct arena *a, const char *name, uint64_t n)
{
    map_set_str(names, str_from(name), arena_printf(a, "%llu", (unsigned long long)n));
}

static void version_names(struct gh_docker_work *m, struct gh_handlebars *h, struct str raw, struct str version,
                          const uint64_t parts[3])
{
    map_init(&h->names, m->a, MAP_CASE);
    map_set_str(&h->names, STR("raw"), raw);
    map_set_str(&h->names, STR("version"), version);
    set_number(&h->names, m->a, "major", parts[0]);
    set_number(&h->names, m->a, "minor", parts[1]);
    set_number(&h->names, m->a, "patch", parts[2]);
}

/* npm's semver.valid(): one leading v at most, no =. */
static bool is_semver(struct str s, struct semver *ret)
{
    s = str_trim(s);
    if (s.n > 0 && s.p[0] == 'v')
        s = str_from_index(s, 1);
    return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9' && semver_parse(s, ret) == 0;
}

static int proc_semver(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct gh_handlebars h = {0};
    struct semver v;
    struct str raw, pattern = attr(r, "pattern"), value;
    int rc = subject(m, r, &raw);
    if (rc < 0 || raw.p == NULL || (rc = narrow(m, r, &raw)) < 0)
        return rc;
    if (!is_semver(raw, &v)) {
        gh_docker_warn(m,
                       arena_printf(m->a, "%.*s is not a valid semver. More info: https://semver.org/", STR_ARG(raw)));
        return 0;
    }
    struct str version =
        arena_printf(m->a, "%llu.%llu.%llu%s%.*s", (unsigned long long)v.part[0], (unsigned long long)v.part[1],
                     (unsigned long long)v.part[2], v.pre.n > 0 ? "-" : "", STR_ARG(v.pre));
    version_names(m, &h, raw, version, v.part);
    if (v.pre.n > 0 && !gh_handlebars_is(pattern, "raw"))
        pattern = STR("{{version}}");
    rc = gh_handlebars(m->a, pattern, &h, &value, m->e);
    return rc < 0 ? rc : add_tag(m, r, value, v.pre.n == 0);
}

static int proc_pep440(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct gh_handlebars h = {0};
    struct gh_pep440 v;
    struct str raw, pattern = attr(r, "pattern"), value;
    int rc = subject(m, r, &raw);
    if (rc < 0 || raw.p == NULL || (rc = narrow(m, r, &raw)) < 0)
        return rc;
    if (gh_pep440_parse(m->a, raw, &v) < 0) {
        gh_docker_warn(m, arena_printf(m->a,
                                       "%.*s does not conform to PEP 440. More info: "
                                       "https://www.python.org/dev/peps/pep-0440",
                                       STR_ARG(raw)));
        return 0;
    }
    if (!v.is_final)
        return add_tag(m, r, gh_handlebars_is(pattern, "raw") ? raw : v.clean, false);
    version_names(m, &h, raw, v.clean, (const uint64_t[]){v.major, v.minor, v.patch});
    rc = gh_handlebars(m->a, pattern, &h, &value, m->e);
    return rc < 0 ? rc : add_tag(m, r, value, true);
}

static int proc_match(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct str raw, pattern = attr(r, "pattern"), re = pattern, flags = STR(""), value = STR_NONE;
    double group = 0;
    int rc = subject(m, r, &raw);
    if (rc < 0 || raw.p == NULL)
        return rc;
    ssize_t slash = pattern.n > 2 && pattern.p[0] == '/' ? str_rfind_ch(pattern, '/') : -1;
    if (slash > 1) { /* /expression/flags */
        re = str_sub(pattern, 1, (size_t)slash);
        flags = str_from_index(pattern, (size_t)slash + 1);
    }
    num_parse_double(attr(r, "group"), &group);
    rc = gh_docker_match(m->a, re, flags, raw, group >= 0 && group < 1000 ? (unsigned)group : 1000, &value, m->e);
    if (rc == -EINVAL)
        return rc;
    if (rc == -ENOENT)
        gh_docker_warn(m, arena_printf(m->a, "%.*s does not match %.*s.", STR_ARG(pattern), STR_ARG(raw)));
    else if (rc == -ERANGE)
        gh_docker_warn(m, arena_printf(m->a, "Group %.*s does not exist for %.*s pattern.", STR_ARG(attr(r, "group")),
                                       STR_ARG(pattern)));
    return rc < 0 ? 0 : add_tag(m, r, value, true);
}

static int proc_ref(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct str event = attr(r, "event"), value;
    bool tag = str_is(event, "tag");
    if (str_is(event, "branch")) {
        value = gh_docker_ref(m, "refs/heads/");
    } else if (tag) {
        value = gh_docker_ref(m, "refs/tags/");
    } else {
        value = gh_docker_ref(m, "refs/pull/");
        if (str_ends(value, STR("/merge")))
            value.n -= strlen("/merge");
    }
    return value.p == NULL ? 0 : add_tag(m, r, value, tag);
}

static int proc_schedule(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct gh_handlebars h = {.date_ms = m->asked->now_ms, .commit_ms = m->asked->commit_ms};
    struct str value;
    if (str_find(m->asked->event_name, STR("schedule")) < 0)
        return 0;
    map_init(&h.names, m->a, MAP_CASE);
    int rc = gh_handlebars(m->a, attr(r, "pattern"), &h, &value, m->e);
    return rc < 0 ? rc : add_tag(m, r, value, false);
}

static int proc_edge(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct str branch = gh_docker_ref(m, "refs/heads/"), wanted = attr(r, "branch");
    if (wanted.n == 0)
        wanted = m->asked->default_branch;
    return branch.p == NULL || !str_eq(branch, wanted) ? 0 : add_tag(m, r, STR("edge"), false);
}

static int proc(struct gh_docker_work *m, const struct gh_docker_rule *r)
{
    struct str enable, value;
    int rc = gh_docker_expand(m, attr(r, "enable"), &enable);
    if (rc < 0)
        return rc;
    if (!gh_docker_is_bool(enable))
        return err_set(m->e, EINVAL, "Invalid value for enable attribute: %.*s", STR_ARG(enable));
    if (str_is(enable, "false"))
        return 0;
    switch (r->type) {
    case DOCKER_SCHEDULE:
        return proc_schedule(m, r);
    case DOCKER_SEMVER:
        return proc_semver(m, r);
    case DOCKER_PEP440:
        return proc_pep440(m, r);
    case DOCKER_MATCH:
        return proc_match(m, r);
    case DOCKER_EDGE:
        return proc_edge(m, r);
    case DOCKER_REF:
        return proc_ref(m, r);
    case DOCKER_RAW:
        rc = gh_docker_expand(m, attr(r, "value"), &value);
        return rc < 0 ? rc : add_tag(m, r, value, false);
    case DOCKER_SHA:
        if (m->asked->sha.n == 0)
            return 0;
        return add_tag(m, r, str_is(attr(r, "format"), "short") ? gh_docker_short_sha(m) : m->asked->sha, false);
    }
    return 0;
}

/* Rules in the order of their priority, the highest first; of equals the one that was written first. */
int gh_docker_rules(struct gh_docker_work *m)
{
    static const char DEFAULTS[] = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";
    VEC(struct gh_docker_rule) rules = {0};
    struct strs lines = {0};
    int rc = 0;
    gh_docker_lines(m->a, m->asked->tags, &lines);
    if (lines.n == 0)
        gh_docker_lines(m->a, str_from(DEFAULTS), &lines);
    for (size_t i = 0; i < lines.n && rc == 0; i++) {
        struct gh_docker_rule r;
        rc = gh_docker_rule(m->a, lines.p[i], &r, m->e);
        if (rc < 0)
            break;
        vec_push_in(m->a, &rules, r);
        for (size_t k = rules.n - 1; k > 0 && rules.p[k - 1].priority < rules.p[k].priority; k--) {
            struct gh_docker_rule swap = rules.p[k];
            rules.p[k] = rules.p[k - 1];
            rules.p[k - 1] = swap;
        }
    }
    for (size_t i = 0; i < rules.n && rc == 0; i++) {
        vec_push_in(m->a, &m->ret->rules, gh_docker_rule_text(m->a, &rules.p[i]));
        rc = proc(m, &rules.p[i]);
    }
    return rc;
}
