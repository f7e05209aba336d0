/*
 * cb_read.c - a whole buildspec: its version, the keys of its root, and the mends for what YAML itself refuses.
 *
 * The service reads the file in DOWNLOAD_SOURCE; whatever is an error here ends a build there with YAML_FILE_ERROR.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

static const struct {
    const char *key, *name;
} phase_words[CB_PHASES] = {
    [CB_INSTALL] = {"install", "INSTALL"},
    [CB_PRE_BUILD] = {"pre_build", "PRE_BUILD"},
    [CB_BUILD] = {"build", "BUILD"},
    [CB_POST_BUILD] = {"post_build", "POST_BUILD"},
};

const char *cb_phase_key(enum cb_phase_kind k)
{
    return phase_words[k].key;
}

const char *cb_phase_name(enum cb_phase_kind k)
{
    return phase_words[k].name;
}

bool cb_is_phase(struct str name)
{
    for (size_t i = 0; i < CB_PHASES; i++)
        if (str_is(name, phase_words[i].key))
            return true;
    return false;
}

/* ---- the root ---- */

static void read_run_as(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = into;
    cb_read_text(r, at->value, what, &s->run_as);
}

/* Only for builds behind an explicit proxy: of no effect here. */
static void read_proxy_key(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = into;
    bool on = false;
    cb_read_bool(r, at->value, what, &on);
    s->proxied = s->proxied || on;
}

static void read_proxy(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const struct cb_key keys[] = {{"upload-artifacts", read_proxy_key}, {"logs", read_proxy_key}};
    if (cb_is_map(r, at->value, what))
        cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), into);
}

static const struct cb_key root_keys[] = {
    {"version", NULL},
    {"run-as", read_run_as},
    {"env", cb_read_env},
    {"proxy", read_proxy},
    {"batch", cb_read_batch},
    {"phases", cb_read_phases},
    {"reports", cb_read_reports},
    {"artifacts", cb_read_artifacts},
    {"cache", cb_read_cache},
};

/* Version 0.1 knows less; what is not documented for it is honoured all the same. */
static const struct cb_key old_root_keys[] = {
    {"version", NULL},
    {"environment_variables", cb_read_env_old},
    {"run-as", read_run_as},
    {"env", cb_read_env},
    {"proxy", read_proxy},
    {"batch", cb_read_batch},
    {"phases", cb_read_phases},
    {"reports", cb_read_reports},
    {"artifacts", cb_read_artifacts},
    {"cache", cb_read_cache},
};

static struct span start_of(const struct doc_node *root)
{
    return (struct span){root->span.file, root->span.off, 0};
}

static void read_version(struct cb_reader *r, const struct doc_node *root)
{
    const struct doc_node *v = doc_get(root, "version");
    r->spec->version = 2;
    if (v == NULL) {
        diag_error(r->d, "CB001", start_of(root), "A buildspec begins with its version, and this one has none");
        diag_hint(r->d, "write 'version: 0.2' above all else");
        return;
    }
    if (v->kind == DOC_SCALAR && str_is(v->text, "0.1")) {
        r->spec->version = 1;
        cb_remark(r->d, "CB008", v->span,
                  "version 0.1 runs each command in a shell of its own; 0.2 keeps folder and variables");
    } else if (v->kind != DOC_SCALAR || !str_is(v->text, "0.2")) {
        diag_error(r->d, "CB001", v->span, "The version of a buildspec is 0.1 or 0.2, and not '%.*s'",
                   STR_ARG(v->text));
        diag_hint(r->d, "write 'version: 0.2'");
    }
}

/* In a batch whose builds all bring a buildspec of their own, the file around it needs no phases. */
static bool needs_phases(const struct cb_batch *b)
{
    if (b->kind == CB_MATRIX)
        return b->buildspecs.n == 0;
    if (b->kind != CB_GRAPH && b->kind != CB_LIST)
        return true;
    for (size_t i = 0; i < b->n_items; i++)
        if (b->items[i].buildspec.n == 0)
            return true;
    return false;
}

static void read_root(struct cb_reader *r, const struct doc_node *root)
{
    if (root->kind != DOC_MAP) {
        diag_error(r->d, "CB003", root->span, "A buildspec is a mapping of keys (version, phases ...)");
        return;
    }
    read_version(r, root);
    if (r->spec->version == 1)
        cb_read_keys(r, root, "", old_root_keys, ARRAY_LEN(old_root_keys), r->spec);
    else
        cb_read_keys(r, root, "", root_keys, ARRAY_LEN(root_keys), r->spec);
    cb_check_batch(r);
    if (doc_get(root, "phases") == NULL && needs_phases(&r->spec->batch)) {
        diag_error(r->d, "CB005", start_of(root), "A buildspec has 'phases', and this one has none");
        diag_hint(r->d, "phases are install, pre_build, build and post_build, each with its commands");
    }
}

/* ---- what YAML refuses ---- */

/* The character that begins the value on a line: behind "- " or "key: ". */
static char first_of_value(struct str line)
{
    struct str rest = str_trim(line);
    while (str_starts(rest, STR("- ")))
        rest = str_trim(str_from_index(rest, 2));
    ssize_t colon = str_find(rest, STR(": "));
    bool is_key = colon > 0;
    for (ssize_t i = 0; i < colon && is_key; i++) {
        char c = rest.p[i];
        is_key = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
    if (is_key)
        rest = str_trim(str_from_index(rest, (size_t)colon + 2));
    return rest.n > 0 ? rest.p[0] : '\0';
}

/*
 * A command that begins with a bracket or a quote is a list, a mapping or a quoted text to YAML, which ends where that
 * ends: what the parser says of the rest is true and no help.
 */
static void mend_yaml(struct cb_reader *r, size_t from)
{
    for (size_t i = from; i < r->d->n; i++) {
        struct diag *d = &r->d->p[i];
        if (d->level != DIAG_ERROR || !str_starts(str_from(d->code), STR("YA")))
            continue;
        char c = first_of_value(sources_line(r->d->sources, d->span));
        if (c != '\0' && strchr("{[\"'", c) != NULL)
            d->hint = arena_printf(r->d->arena, "to YAML the value ends with what its %c begins: put all of it into %s",
                                   c, c == '\'' ? "double quotes" : "single quotes");
    }
}

static void read_what_there_is(struct cb_reader *r, uint32_t source)
{
    struct yaml_limits limits = YAML_LIMITS;
    size_t before = r->d->n;
    struct doc_node *root = yaml_read(r->a, r->d->sources, source, &limits, r->d);
    mend_yaml(r, before);
    if (root == NULL) {
        r->spec = NULL;
        return;
    }
    r->spec->span = root->span;
    read_root(r, root);
}

struct cb_spec *cb_spec_read(struct arena *a, struct str file, uint32_t source, struct diags *d)
{
    struct cb_reader r = {.a = a, .d = d, .spec = ARENA_NEW(a, struct cb_spec)};
    r.spec->file = arena_str(a, file);
    r.spec->source = source;
    map_init(&r.spec->variables, a, MAP_CASE);
    r.spec->cache.restore = r.spec->cache.save = true;
    read_what_there_is(&r, source);
    return r.spec;
}
