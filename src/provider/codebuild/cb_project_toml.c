/*
 * cb_project_toml.c - a project without CloudFormation: the table [codebuild] of slipway.toml.
 *
 *     [codebuild]
 *     name = "hello-ci"                      # the repository's name when it is not said
 *     image = "aws/codebuild/standard:7.0"
 *     buildspec = "buildspec.yml"
 *     privileged = false
 *     batch = true                           # starts are batch builds
 *     webhook = true                         # false: it is started by hand only
 *     filter-groups = [                      # one group that passes is enough; in a group, all filters must
 *         [{type = "EVENT", pattern = "PUSH"}, {type = "HEAD_REF", pattern = "^refs/heads/main$", exclude = false}],
 *     ]
 *     environment = {STAGE = "test"}         # plain texts: they win over the buildspec's variables
 *     cache = ["custom", "source", "docker"] # modes of a local cache
 *     artifacts = "zip"                      # or "folder", or "none"
 *     override-artifact-name = true          # the buildspec's artifacts/name counts (OverrideArtifactName)
 *     timeout = 20                           # minutes, 5 to 2160
 *
 * The table is slipway's own: these names are no service's, and whatever is not said has the service's usual value.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "doc/toml.h"
#include "provider/codebuild/project_priv.h"

struct table {
    struct cb_project_reader *r;
    struct map places;
    struct cb_project *p;
    struct span at; /* of the key at hand */
};

/* Each returns false when the value is of another kind. */
struct table_key {
    const char *name;
    bool (*read)(struct table *t, const struct value *v);
    const char *kind;
};

static bool as_text(const struct value *v, struct str *ret)
{
    if (v->kind != VALUE_STRING)
        return false;
    *ret = v->string;
    return true;
}

static bool as_flag(const struct value *v, bool *ret)
{
    if (v->kind != VALUE_BOOL)
        return false;
    *ret = v->boolean;
    return true;
}

static bool read_name(struct table *t, const struct value *v)
{
    if (!as_text(v, &t->p->name))
        return false;
    cb_name_check(t->r, t->p->name, t->at);
    return true;
}

static bool read_image(struct table *t, const struct value *v)
{
    return as_text(v, &t->p->image);
}

static bool read_buildspec(struct table *t, const struct value *v)
{
    struct str text;
    if (!as_text(v, &text))
        return false;
    cb_project_set_buildspec(t->r->a, text, t->p);
    cb_buildspec_check(t->r, t->p, t->at);
    return true;
}

static bool read_privileged(struct table *t, const struct value *v)
{
    return as_flag(v, &t->p->privileged);
}

static bool read_batch(struct table *t, const struct value *v)
{
    return as_flag(v, &t->p->batch);
}

static bool read_webhook(struct table *t, const struct value *v)
{
    t->p->webhook_span = t->at;
    return as_flag(v, &t->p->webhook);
}

static bool read_filter(struct table *t, const struct value *v, struct cb_filter *ret)
{
    static const char *const keys[] = {"type", "pattern", "exclude"};
    size_t n_types = 0;
    *ret = (struct cb_filter){.span = t->at, .pattern_span = t->at};
    for (size_t i = 0; v->kind == VALUE_OBJECT && i < v->object.n; i++) {
        struct map_entry *e = &v->object.entries[i];
        struct span at = toml_key_span(&t->places, e->key);
        bool good = str_is(e->key, "type")      ? as_text(e->value, &ret->type)
                    : str_is(e->key, "pattern") ? as_text(e->value, &ret->pattern)
                    : str_is(e->key, "exclude") ? as_flag(e->value, &ret->exclude)
                                                : false;
        if (str_is(e->key, "type"))
            ret->span = at;
        if (str_is(e->key, "pattern"))
            ret->pattern_span = at;
        if (!good && suggest(e->key, keys, ARRAY_LEN(keys)).n == 0)
            diag_warning(t->r->d, "CB086", at, "A filter has no key '%.*s'", STR_ARG(e->key));
        else if (!good)
            return false;
    }
    while (cb_filter_types[n_types] && !str_is(ret->type, cb_filter_types[n_types]))
        n_types++;
    return v->kind == VALUE_OBJECT && ret->pattern.p && cb_filter_types[n_types];
}

static bool read_groups(struct table *t, const struct value *v)
{
    if (v->kind != VALUE_ARRAY)
        return false;
    t->p->groups = arena_array(t->r->a, v->array.n + 1, sizeof *t->p->groups);
    for (size_t i = 0; i < v->array.n; i++) {
        const struct value *items = v->array.p[i];
        struct cb_filter_group *g = &t->p->groups[t->p->n_groups];
        struct cb_filter f;
        *g = (struct cb_filter_group){.span = t->at};
        for (size_t k = 0; items->kind == VALUE_ARRAY && k < items->array.n; k++) {
            if (!read_filter(t, items->array.p[k], &f))
                return false;
            vec_push_in(t->r->a, g, f);
        }
        if (items->kind != VALUE_ARRAY)
            return false;
        t->p->n_groups++;
    }
    return true;
}

static bool read_environment(struct table *t, const struct value *v)
{
    if (v->kind != VALUE_OBJECT)
        return false;
    t->p->vars = arena_array(t->r->a, v->object.n + 1, sizeof *t->p->vars);
    for (size_t i = 0; i < v->object.n; i++) {
        struct str name = v->object.entries[i].key;
        struct cb_var var = {.name = name, .span = toml_key_span(&t->places, name)};
        if (!as_text(v->object.entries[i].value, &var.value))
            return false;
        if (str_starts(name, STR("CODEBUILD_")))
            diag_warning(t->r->d, "CB074", var.span, "'%.*s': names with CODEBUILD_ are the service's own",
                         STR_ARG(name));
        t->p->vars[t->p->n_vars++] = var;
    }
    return true;
}

static bool read_cache(struct table *t, const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_ARRAY && i < v->array.n; i++) {
        struct str mode;
        if (!as_text(v->array.p[i], &mode))
            return false;
        if (!str_is(mode, "custom") && !str_is(mode, "source") && !str_is(mode, "docker"))
            return false;
        t->p->cache = CB_CACHE_LOCAL;
        t->p->cache_custom = t->p->cache_custom || str_is(mode, "custom");
        t->p->cache_source = t->p->cache_source || str_is(mode, "source");
        t->p->cache_layers = t->p->cache_layers || str_is(mode, "docker");
    }
    return v->kind == VALUE_ARRAY;
}

static bool read_artifacts(struct table *t, const struct value *v)
{
    struct str how;
    if (!as_text(v, &how) || (!str_is(how, "none") && !str_is(how, "zip") && !str_is(how, "folder")))
        return false;
    t->p->artifacts = str_is(how, "none") ? CB_NO_ARTIFACTS : CB_TO_S3;
    t->p->artifacts_zip = str_is(how, "zip");
    return true;
}

static bool read_override(struct table *t, const struct value *v)
{
    return as_flag(v, &t->p->artifacts_override_name);
}

static bool read_timeout(struct table *t, const struct value *v)
{
    if (v->kind != VALUE_NUMBER || v->number < 5 || v->number > 2160)
        return false;
    t->p->timeout_min = (unsigned)v->number;
    return true;
}

static const struct table_key keys[] = {
    {"name", read_name, "a text"},
    {"image", read_image, "a text"},
    {"buildspec", read_buildspec, "a text"},
    {"privileged", read_privileged, "true or false"},
    {"batch", read_batch, "true or false"},
    {"webhook", read_webhook, "true or false"},
    {"filter-groups", read_groups, "a list of lists of {type, pattern, exclude}"},
    {"environment", read_environment, "a table of texts"},
    {"cache", read_cache, "a list of \"custom\", \"source\" and \"docker\""},
    {"artifacts", read_artifacts, "\"none\", \"zip\" or \"folder\""},
    {"override-artifact-name", read_override, "true or false"},
    {"timeout", read_timeout, "a number of minutes, 5 to 2160"},
};

static void read_key(struct table *t, struct str name, const struct value *v)
{
    const char *names[ARRAY_LEN(keys)];
    t->at = toml_key_span(&t->places, name);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        names[i] = keys[i].name;
        if (!str_is(name, keys[i].name))
            continue;
        if (!keys[i].read(t, v))
            diag_error(t->r->d, "CB087", t->at, "'%s' must be %s", keys[i].name, keys[i].kind);
        return;
    }
    diag_warning(t->r->d, "CB086", t->at, "[codebuild] has no key '%.*s'", STR_ARG(name));
    struct str near = suggest(name, names, ARRAY_LEN(keys));
    if (near.n)
        diag_hint(t->r->d, "did you mean '%.*s'?", STR_ARG(near));
}

void cb_table_read(struct cb_project_reader *r, uint32_t source)
{
    struct cb_project p;
    struct table t = {.r = r, .p = &p};
    const struct value *root = toml_read_places(r->a, r->d->sources, source, r->d, &t.places);
    struct map_entry *e = root ? map_find(&root->object, STR("codebuild")) : NULL;
    const struct value *table = e ? e->value : NULL;
    if (!table)
        return;
    cb_project_default(r->a, r->f, &p);
    p.declared = true;
    p.span = toml_key_span(&t.places, e->key);
    p.source = source;
    if (table->kind != VALUE_OBJECT) {
        diag_error(r->d, "CB087", p.span, "[codebuild] must be a table");
        return;
    }
    for (size_t i = 0; i < table->object.n; i++)
        read_key(&t, table->object.entries[i].key, table->object.entries[i].value);
    cb_filters_check(r, &p);
    vec_push_in(r->a, r->ret, p);
}
