/*
 * cb_read_files.c - artifacts, reports and cache: which files leave the build, and which come back.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

#define SECONDARY_MAX 12
#define REPORT_GROUPS_MAX 5
#define FALLBACK_KEYS_MAX 5

/* ---- artifacts ---- */

static void read_files(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_list(r, at->value, what, &f->files);
}

static void read_exclude(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    if (at->value->kind != DOC_NULL)
        cb_read_list(r, at->value, what, &f->exclude);
}

static void read_name(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_text(r, at->value, what, &f->name);
}

static void read_base(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_text(r, at->value, what, &f->base_directory);
}

static void read_discard(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_bool(r, at->value, what, &f->discard_paths);
}

static void read_symlinks(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_bool(r, at->value, what, &f->symlinks);
}

static void read_prefix(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    cb_read_text(r, at->value, what, &f->s3_prefix);
}

/* Of version 0.1: where artifacts go is the project's affair since. */
static void read_type(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    UNUSED(into);
    if (r->spec->version == 2)
        diag_warning(r->d, "CB040", at->key->span, "'%s' is deprecated, and the service does not look at it", what);
}

static void read_secondary(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into);

static const struct cb_key artifact_keys[] = {
    {"files", read_files},
    {"name", read_name},
    {"discard-paths", read_discard},
    {"base-directory", read_base},
    {"exclude-paths", read_exclude},
    {"enable-symlinks", read_symlinks},
    {"s3-prefix", read_prefix},
    {"secondary-artifacts", read_secondary},
    {"type", read_type},
};
#define SECONDARY_AT 7

static void read_artifact(struct cb_reader *r, const struct doc_pair *at, const char *what, size_t n_keys,
                          const struct cb_key *keys, struct cb_files *f)
{
    f->span = at->key->span;
    if (!cb_is_map(r, at->value, what))
        return;
    cb_read_keys(r, at->value, what, keys, n_keys, f);
    if (doc_get(at->value, "files") == NULL)
        cb_missing(r, at->key->span, what, "files");
}

static void read_secondary(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = r->spec;
    struct map seen;
    UNUSED(into);
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    s->secondary = arena_array(r->a, at->value->map.n + 1, sizeof *s->secondary);
    for (size_t i = 0; i < at->value->map.n; i++) {
        const struct doc_pair *p = &at->value->map.p[i];
        struct cb_files *f = &s->secondary[s->n_secondary];
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        f->id = p->key->text;
        s->n_secondary++;
        read_artifact(r, p, cb_below(r, what, p->key->text), SECONDARY_AT, artifact_keys, f);
    }
    if (s->n_secondary > SECONDARY_MAX)
        diag_error(r->d, "CB041", at->key->span, "A build has at most %d secondary artifacts, and not %zu",
                   SECONDARY_MAX, s->n_secondary);
}

void cb_read_artifacts(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    struct cb_spec *s = spec;
    if (at->value->kind == DOC_NULL)
        return;
    s->has_artifacts = true;
    read_artifact(r, at, what, ARRAY_LEN(artifact_keys), artifact_keys, &s->artifacts);
}

/* ---- reports ---- */

static void read_format(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_files *f = into;
    const char *names[REPORT_SIMPLECOV + 1]; /* formats behind it have no name here */
    struct str text;
    if (!cb_read_text(r, at->value, what, &text) || report_format_find(text, &f->format))
        return;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        names[i] = report_format_name((enum report_format)i);
    diag_error(r->d, "CB044", at->value->span, "'%s' cannot be '%.*s': there is no such format", what, STR_ARG(text));
    if (str_is_nocase(text, "JUNIT"))
        diag_hint(r->d, "did you mean 'JUNITXML'?");
    else
        cb_suggest(r, text, names, ARRAY_LEN(names));
}

static const struct cb_key report_keys[] = {
    {"files", read_files},
    {"base-directory", read_base},
    {"discard-paths", read_discard},
    {"file-format", read_format},
};

void cb_read_reports(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    struct cb_spec *s = spec;
    struct map seen;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    map_init(&seen, r->a, MAP_CASE);
    s->reports = arena_array(r->a, at->value->map.n + 1, sizeof *s->reports);
    for (size_t i = 0; i < at->value->map.n; i++) {
        const struct doc_pair *p = &at->value->map.p[i];
        struct cb_files *f = &s->reports[s->n_reports];
        if (!cb_fresh_key(r, &seen, p->key))
            continue;
        *f = (struct cb_files){.id = p->key->text, .format = REPORT_JUNIT};
        s->n_reports++;
        read_artifact(r, p, cb_below(r, what, p->key->text), ARRAY_LEN(report_keys), report_keys, f);
    }
    if (s->n_reports > REPORT_GROUPS_MAX)
        diag_error(r->d, "CB043", at->key->span, "A project has at most %d report groups, and not %zu",
                   REPORT_GROUPS_MAX, s->n_reports);
}

/* ---- cache ---- */

static void read_paths(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_cache *c = into;
    cb_read_list(r, at->value, what, &c->paths);
}

static void read_key(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_cache *c = into;
    cb_read_text(r, at->value, what, &c->key);
}

static void read_fallbacks(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_cache *c = into;
    if (at->value->kind != DOC_NULL)
        cb_read_list(r, at->value, what, &c->fallback_keys);
    if (c->fallback_keys.n > FALLBACK_KEYS_MAX)
        diag_error(r->d, "CB045", at->key->span, "A cache has at most %d fallback keys, and not %zu", FALLBACK_KEYS_MAX,
                   c->fallback_keys.n);
}

static void read_action(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const char *const words[] = {"restore", "save"};
    struct cb_cache *c = into;
    struct str text;
    if (!cb_read_text(r, at->value, what, &text))
        return;
    if (str_is(text, "restore")) {
        c->save = false;
    } else if (str_is(text, "save")) {
        c->restore = false;
    } else {
        diag_error(r->d, "CB006", at->value->span, "'%s' is restore or save, and not '%.*s'", what, STR_ARG(text));
        diag_hint(r->d, "without it, both are done");
        cb_suggest(r, text, words, ARRAY_LEN(words));
    }
}

void cb_read_cache(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    static const struct cb_key keys[] = {
        {"paths", read_paths}, {"key", read_key}, {"fallback-keys", read_fallbacks}, {"action", read_action}};
    struct cb_cache *c = &((struct cb_spec *)spec)->cache;
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    c->present = true;
    c->span = at->key->span;
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), c);
    if (doc_get(at->value, "paths") == NULL)
        cb_missing(r, at->key->span, what, "paths");
    if (c->fallback_keys.n > 0 && c->key.n == 0) {
        const struct doc_node *n = doc_get(at->value, "fallback-keys");
        diag_warning(r->d, "CB046", n->span, "'fallback-keys' are only looked at when there is a 'key'");
    }
}
