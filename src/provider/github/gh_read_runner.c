/*
 * gh_read_runner.c - where a job runs: runs-on, container and services. Checked here, evaluated when the job starts.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

/* ---- runs-on ---- */

/* GitHub's own machines; names with "core" in them are larger ones that an organization sets up. */
static const char *const hosted[] = {
    "ubuntu-latest",    "ubuntu-26.04",        "ubuntu-24.04",        "ubuntu-22.04",   "ubuntu-slim",
    "ubuntu-26.04-arm", "ubuntu-24.04-arm",    "ubuntu-22.04-arm",    "windows-latest", "windows-2025",
    "windows-2022",     "windows-11-arm",      "windows-2025-vs2026", "macos-latest",   "macos-latest-large",
    "macos-26",         "macos-26-large",      "macos-26-xlarge",     "macos-26-intel", "macos-15",
    "macos-15-large",   "macos-15-xlarge",     "macos-15-intel",      "macos-14",       "macos-14-large",
    "macos-14-xlarge",  "macos-latest-xlarge",
};

static bool is_hosted(struct str label)
{
    for (size_t i = 0; i < ARRAY_LEN(hosted); i++)
        if (str_is_nocase(label, hosted[i]))
            return true;
    return false;
}

/* linux-latest: the name of a system, but not as the service's machines are called. */
static bool is_nickname(struct str label)
{
    static const char *const names[] = {"linux", "debian", "mac", "osx", "win"};
    struct str head, version;
    str_cut(label, '-', &head, &version);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is_nocase(head, names[i]))
            return str_is_nocase(version, "latest") || (version.n && version.p[0] >= '0' && version.p[0] <= '9');
    return false;
}

/* A label of no system may be one of a runner of one's own; it is worth a word when it looks mistyped. */
static void warn_label(struct gh_reader *r, struct str label, const struct doc_node *n)
{
    bool own = gh_system_of(label) == GH_SYSTEM_ANY;
    if (str_find_ch(label, '-') < 0 || str_find(label, STR("core")) >= 0 || is_hosted(label))
        return;
    struct str near = suggest(label, hosted, ARRAY_LEN(hosted));
    if (own && near.n == 0 && !is_nickname(label))
        return;
    diag_warning(r->d, "GH065", n->span, "The service has no machine '%.*s' of its own", STR_ARG(label));
    if (near.n)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
}

static enum gh_system check_label(struct gh_reader *r, const struct doc_node *n, enum gh_want want)
{
    struct gh_text label = {0};
    gh_read_full(r, n, GH_SLOT_JOB_KEY, &label);
    if (label.set && label.expr && r->refs.n)
        r->refs.p[r->refs.n - 1].want = want;
    if (!label.set || label.expr)
        return GH_SYSTEM_ANY;
    warn_label(r, label.literal, n);
    return gh_system_of(label.literal);
}

static void check_labels(struct gh_reader *r, const struct doc_node *n)
{
    enum gh_system first = GH_SYSTEM_ANY;
    if (n->kind != DOC_SEQ) {
        check_label(r, n, GH_WANT_LABELS);
        return;
    }
    if (n->seq.n == 0)
        diag_error(r->d, "GH030", n->span, "Unexpected value ''");
    for (size_t i = 0; i < n->seq.n; i++) {
        enum gh_system is = check_label(r, n->seq.p[i], GH_WANT_TEXT);
        if (is != GH_SYSTEM_ANY && first != GH_SYSTEM_ANY && is != first)
            diag_warning(r->d, "GH065", n->seq.p[i]->span, "No machine has this label and those before it");
        first = first == GH_SYSTEM_ANY ? is : first;
    }
}

/* A group may stand behind one of four prefixes; nothing else may hold a slash. */
static void check_group_name(struct gh_reader *r, const struct doc_node *n, struct str name)
{
    static const char *const prefixes[] = {"org", "organization", "ent", "enterprise"};
    struct str prefix, rest;
    bool known = false;
    if (!str_cut(name, '/', &prefix, &rest))
        return;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        known = known || str_is_nocase(prefix, prefixes[i]);
    if (!known || str_find_ch(rest, '/') >= 0)
        diag_error(r->d, "GH049", n->span,
                   "Invalid runs-on group name '%.*s'. Please use 'organization/' or 'enterprise/' prefix to target a "
                   "single runner group.",
                   STR_ARG(name));
    else if (rest.n == 0)
        diag_error(r->d, "GH049", n->span, "Invalid runs-on group name '%.*s'.", STR_ARG(name));
}

static void read_group(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_text group = {0};
    UNUSED(into);
    gh_read_full(r, at->value, GH_SLOT_JOB_KEY, &group);
    if (group.set && !group.expr)
        check_group_name(r, at->value, group.literal);
}

static void read_labels(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    check_labels(r, at->value);
}

void gh_read_runs_on(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    static const struct gh_key keys[] = {
        {"group", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_group, false},
        {"labels", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_labels, false},
    };
    j->runs_on = n;
    if (n->kind != DOC_MAP)
        check_labels(r, n);
    else if (n->map.n == 0)
        diag_error(r->d, "GH030", n->span, "Unexpected value ''");
    else
        gh_read_keys(r, n, keys, ARRAY_LEN(keys), NULL);
}

/* ---- containers ---- */

struct container {
    struct gh_text image, options, entrypoint, command, username, password;
    struct gh_pairs env;
    bool service;
};

static void check_image(struct gh_reader *r, const struct doc_node *n, const struct gh_text *image, bool service)
{
    if (!image->set || image->expr)
        return;
    bool bare = str_is(image->literal, "docker://");
    if (bare || (service && image->literal.n == 0))
        diag_error(r->d, "GH048", n->span, "Container image cannot be empty");
    else if (image->literal.n == 0)
        diag_warning(r->d, "GH063", n->span, "An empty image means no container");
}

static void read_image(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct container *c = into;
    if (gh_is_null(at->value)) {
        gh_unexpected(r, at->value);
        c->image.set = true; /* it is there, only wrong */
        return;
    }
    gh_read_text(r, at->value, GH_SLOT_JOB_KEY, &c->image);
    check_image(r, at->value, &c->image, c->service);
}

static void read_credentials(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"username", GH_V_FULL, GH_SLOT_CREDENTIALS, offsetof(struct container, username), NULL, false},
        {"password", GH_V_FULL, GH_SLOT_CREDENTIALS, offsetof(struct container, password), NULL, false},
    };
    struct gh_text whole = {0};
    size_t before = r->d->errors;
    if (at->value->kind == DOC_MAP) {
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), into);
        struct container *c = into;
        if (c->password.set && !c->password.expr)
            diag_warning(r->d, "GH070", c->password.span, "A password that stands in the file is no secret");
        if (r->d->errors == before && at->value->map.n < 2)
            diag_warning(r->d, "GH048", at->key->span, "Credentials need both 'username' and 'password'");
        return;
    }
    gh_read_whole(r, at->value, GH_SLOT_CREDENTIALS, GH_WANT_OBJECT, &whole);
}

static void read_ports(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_text port = {0};
    UNUSED(into);
    if (gh_is_null(at->value))
        return;
    if (at->value->kind != DOC_SEQ)
        gh_read_whole(r, at->value, GH_SLOT_JOB_KEY, GH_WANT_ARRAY, &port);
    else
        for (size_t i = 0; i < at->value->seq.n; i++)
            gh_read_full(r, at->value->seq.p[i], GH_SLOT_JOB_KEY, &port);
}

#define AT(field) offsetof(struct container, field)
static const struct gh_key service_keys[] = {
    {"image", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_image, false},
    {"options", GH_V_TEXT, GH_SLOT_JOB_KEY, AT(options), NULL, false},
    {"env", GH_V_PAIRS, GH_SLOT_CONTAINER_ENV, AT(env), NULL, false},
    {"ports", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_ports, false},
    {"volumes", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_ports, false},
    {"credentials", GH_V_CALL, GH_SLOT_CREDENTIALS, 0, read_credentials, false},
    {"entrypoint", GH_V_TEXT, GH_SLOT_JOB_KEY, AT(entrypoint), NULL, false}, /* of services only, and last */
    {"command", GH_V_TEXT, GH_SLOT_JOB_KEY, AT(command), NULL, false},
};
#define CONTAINER_KEYS (ARRAY_LEN(service_keys) - 2)

static void empty_image(struct gh_reader *r, const struct doc_node *n)
{
    diag_error(r->d, "GH048", n->span, "Container image cannot be empty");
    gh_note_owner(r, n, "GH048", "image");
}

static void read_one(struct gh_reader *r, const struct doc_node *n, bool service)
{
    struct container c = {.service = service};
    if (n->kind != DOC_MAP) {
        gh_read_text(r, n, GH_SLOT_JOB_KEY, &c.image);
        check_image(r, n, &c.image, service);
        return;
    }
    size_t before = r->d->errors;
    gh_read_keys(r, n, service_keys, service ? ARRAY_LEN(service_keys) : CONTAINER_KEYS, &c);
    if (!c.image.set && r->d->errors == before)
        empty_image(r, n);
}

void gh_read_container(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    if (gh_is_null(n))
        return;
    j->container = (struct gh_container){.set = true, .node = n, .span = n->span};
    read_one(r, n, false);
}

void gh_read_services(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    struct map seen;
    struct gh_text whole = {0};
    if (gh_is_null(n))
        return;
    j->services = n;
    if (n->kind == DOC_SCALAR) {
        gh_read_whole(r, n, GH_SLOT_JOB_KEY, GH_WANT_OBJECT, &whole);
        return;
    }
    if (!gh_is_map(r, n))
        return;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++)
        if (gh_fresh_key(r, &seen, n->map.p[i].key)) {
            r->owner = &n->map.p[i];
            read_one(r, n->map.p[i].value, true);
        }
}
