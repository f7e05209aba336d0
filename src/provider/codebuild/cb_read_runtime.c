/*
 * cb_read_runtime.c - runtime-versions: the runtimes of the service's images, and which of them this machine has.
 *
 * The lists are those of standard:7.0 and 8.0 in April 2026; the Amazon Linux images 5.0 and 6.0 have the same. Of
 * python, nodejs and golang any other version is installed while the build waits; of the others there is only what is
 * listed.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"
#include "provider/interpreter.h"

#define VERSIONS_MAX 8

static const struct runtime {
    struct cb_runtime_tool tool;
    bool any; /* the image installs versions that it has not */
    const char *const standard7[VERSIONS_MAX], *const standard8[VERSIONS_MAX];
} runtimes[] = {
    /* table */
    {{"python", "Python", "python"},
     true,
     {"3.9", "3.10", "3.11", "3.12", "3.13", "3.14"},
     {"3.10", "3.11", "3.12", "3.13", "3.14"}},
    {{"nodejs", "Node.js", "node"}, true, {"18", "20", "22", "24"}, {"22", "24"}},
    {{"java", "Java", NULL},
     false,
     {"corretto8", "corretto11", "corretto17", "corretto21", "corretto25"},
     {"corretto8", "corretto11", "corretto17", "corretto21", "corretto25"}},
    {{"golang", "Go", "go"}, true, {"1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26"}, {"1.24", "1.25", "1.26"}},
    {{"php", "PHP", NULL}, false, {"8.2", "8.3", "8.4", "8.5"}, {"8.2", "8.3", "8.4", "8.5"}},
    {{"ruby", "Ruby", NULL}, false, {"3.1", "3.2", "3.3", "3.4", "4.0"}, {"3.3", "3.4", "4.0"}},
    {{"dotnet", ".NET", NULL}, false, {"6.0", "8.0", "10.0"}, {"8.0", "10.0"}},
    {{"rust", "Rust", NULL}, false, {NULL}, {"1.93"}},
};

static const struct runtime *find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(runtimes); i++)
        if (str_is(name, runtimes[i].tool.name))
            return &runtimes[i];
    return NULL;
}

const struct cb_runtime_tool *cb_runtime_tool(struct str name)
{
    const struct runtime *rt = find(name);
    return rt != NULL ? &rt->tool : NULL;
}

bool cb_image_is_managed(struct str image)
{
    return str_starts(image, STR("aws/codebuild/")) || str_starts(image, STR("public.ecr.aws/codebuild/"));
}

/* ---- reading ---- */

/* Is one of the listed versions what was asked for, or the beginning of it? "8" is of "8.4", "3.4.1" is of "3.4". */
static bool is_listed(const char *const *versions, struct str asked)
{
    for (size_t i = 0; i < VERSIONS_MAX && versions[i] != NULL; i++) {
        struct str v = str_from(versions[i]);
        if (str_starts(v, asked) || str_starts(asked, v))
            return true;
    }
    return false;
}

/* "3.12", "3.x", "latest", "openjdk8", "$VERSION": anything but white space and what a shell would take apart. */
static bool is_version(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= ' ' || strchr("\"'`;&|<>*?\\", v.p[i]) != NULL)
            return false;
    return v.n > 0;
}

static bool is_open(struct str v)
{
    return str_find_ch(v, '$') >= 0 || str_is(v, "latest") || str_ends(v, STR(".x")) || str_is(v, "x");
}

static void check_version(struct cb_reader *r, const struct runtime *rt, const struct doc_node *n)
{
    struct str v = n->text;
    if (!is_version(v)) {
        diag_error(r->d, "CB014", n->span, "'%.*s' is no version of %s", STR_ARG(v), rt->tool.title);
    } else if (!rt->any && !is_open(v) && !is_listed(rt->standard7, v) && !is_listed(rt->standard8, v)) {
        diag_warning(r->d, "CB014", n->span,
                     "Unknown runtime version named '%.*s' of %s: standard:7.0 and 8.0 do not have it", STR_ARG(v),
                     rt->tool.name);
        diag_hint(r->d, "standard:8.0 has %s%s", rt->standard8[0], rt->standard8[1] != NULL ? " and others" : "");
    }
}

static void unknown_runtime(struct cb_reader *r, const struct doc_node *key)
{
    static const struct {
        const char *word, *name;
    } others[] = {{"node", "nodejs"}, {"go", "golang"},   {"jdk", "java"},       {"openjdk", "java"},
                  {"py", "python"},   {".net", "dotnet"}, {"python3", "python"}, {"corretto", "java"}};
    const char *names[ARRAY_LEN(runtimes)];
    for (size_t i = 0; i < ARRAY_LEN(runtimes); i++)
        names[i] = runtimes[i].tool.name;
    diag_error(r->d, "CB013", key->span, "Unknown runtime named '%.*s'", STR_ARG(key->text));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_is_nocase(key->text, others[i].word)) {
            diag_hint(r->d, "did you mean '%s'?", others[i].name);
            return;
        }
    cb_suggest(r, key->text, names, ARRAY_LEN(names));
}

void cb_read_runtimes(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    struct cb_spec *s = spec;
    struct map seen;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    s->runtimes = arena_array(r->a, at->value->map.n + 1, sizeof *s->runtimes);
    for (size_t i = 0; i < at->value->map.n; i++) {
        const struct doc_pair *p = &at->value->map.p[i];
        const struct runtime *rt = find(p->key->text);
        struct cb_runtime one = {.name = p->key->text, .span = p->key->span};
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        if (rt == NULL && !str_is(p->key->text, "docker") && !str_is(p->key->text, "android")) {
            unknown_runtime(r, p->key);
        } else if (cb_read_text(r, p->value, cb_below(r, what, p->key->text), &one.version)) {
            if (rt != NULL)
                check_version(r, rt, p->value);
            s->runtimes[s->n_runtimes++] = one;
        }
    }
}
