/*
 * gh_manifest.c - action.yml, read by the rules of the service's own schema.
 *
 * Most of a manifest is loose: keys that nobody knows are passed over, at the root and in inputs, though no expression
 * may stand in them. `runs`, outputs and steps are strict. What `runs` is meant to be is told by its keys first, and
 * by `using` afterwards.
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define ERRORS_MAX 10
#define ERROR_BYTES 500
#define LOOSE_DEPTH 100

const char *const gh_manifest_names[] = {"action.yml", "action.yaml", NULL};
const char *const gh_dockerfile_names[] = {"Dockerfile", "dockerfile", NULL};

/* `runs` as written, before `using` is asked what it means. */
struct runs {
    struct str using, main, pre, post, image, entrypoint, pre_entrypoint, post_entrypoint;
    const struct doc_node *steps;
};

/* Anything at all, but no expressions. */
static void check_loose(struct gh_reader *r, const struct doc_node *n, unsigned depth)
{
    struct str text;
    struct map seen;
    if (depth > LOOSE_DEPTH)
        return;
    switch (n->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        gh_read_literal(r, n, false, &text);
        return;
    case DOC_SEQ:
        for (size_t i = 0; i < n->seq.n; i++)
            check_loose(r, n->seq.p[i], depth + 1);
        return;
    case DOC_MAP:
        map_init(&seen, r->a, MAP_NOCASE);
        for (size_t i = 0; i < n->map.n; i++)
            if (gh_fresh_key(r, &seen, n->map.p[i].key))
                check_loose(r, n->map.p[i].value, depth + 1);
        return;
    }
}

/* A mapping that must be there, its keys not empty and each once; calls each for every pair. */
static void read_loose(struct gh_reader *r, const struct doc_node *n,
                       void (*each)(struct gh_reader *r, const struct doc_pair *at, void *into), void *into)
{
    struct map seen;
    if (n->kind != DOC_MAP) {
        gh_unexpected(r, n);
        return;
    }
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_node *key = n->map.p[i].key;
        struct str text;
        if (gh_read_literal(r, key, true, &text) && gh_fresh_key(r, &seen, key))
            each(r, &n->map.p[i], into);
    }
}

/* ---- inputs ---- */

static bool is_true(struct gh_reader *r, const struct doc_node *n)
{
    struct str text;
    return gh_read_literal(r, n, false, &text) && str_is_nocase(text, "true");
}

static void read_input_key(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_action_input *in = into;
    struct str key = at->key->text;
    if (str_is(key, "default")) {
        gh_read_text(r, at->value, GH_SLOT_ACTION_DEFAULT, &in->def);
    } else if (str_is_nocase(key, "default")) {
        check_loose(r, at->value, 0);
        gh_read_text(r, at->value, GH_SLOT_ANY, &in->def);
    } else if (str_is_nocase(key, "deprecationMessage")) {
        gh_read_literal(r, at->value, false, &in->deprecated);
    } else if (str_is(key, "required")) {
        in->required = is_true(r, at->value);
    } else {
        check_loose(r, at->value, 0);
    }
}

static void read_input(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_action_input in = {.id = at->key->text, .span = at->key->span};
    UNUSED(into);
    read_loose(r, at->value, read_input_key, &in);
    vec_push_in(r->a, &r->m->inputs, in);
}

/* ---- outputs ---- */

static void read_output(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"description", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
        {"value", GH_V_TEXT, GH_SLOT_ACTION_OUTPUT, offsetof(struct gh_action_output, value), NULL, false},
    };
    struct gh_action_output out = {.id = at->key->text, .span = at->key->span};
    UNUSED(into);
    gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), &out);
    vec_push_in(r->a, &r->m->outputs, out);
}

/* ---- runs ---- */

static void read_hook_if(struct gh_reader *r, const struct doc_node *n, struct gh_text *ret)
{
    struct str text;
    if (!gh_read_literal(r, n, true, &text))
        return;
    gh_hook_if_read(r->a, n, gh_allow(GH_SLOT_ACTION_HOOK_IF), r->d, ret);
}

static void read_pre_if(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    read_hook_if(r, at->value, &r->m->pre_if);
}

static void read_post_if(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    read_hook_if(r, at->value, &r->m->post_if);
}

static void read_args(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    const struct doc_node *n = at->value;
    UNUSED(into);
    if (n->kind != DOC_SEQ) {
        gh_unexpected(r, n);
        return;
    }
    r->m->args = arena_array(r->a, n->seq.n + 1, sizeof *r->m->args);
    r->m->n_args = n->seq.n;
    for (size_t i = 0; i < n->seq.n; i++)
        gh_read_text(r, n->seq.p[i], GH_SLOT_ACTION_DOCKER, &r->m->args[i]);
}

static void read_docker_env(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    if (gh_is_null(at->value))
        gh_unexpected(r, at->value);
    else
        gh_read_pairs(r, at->value, GH_SLOT_ACTION_DOCKER, &r->m->env);
}

static void read_steps(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct runs *runs = into;
    runs->steps = at->value;
    gh_read_composite(r, at->value, r->job);
    r->m->steps = r->job->steps;
    r->m->n_steps = r->job->n_steps;
}

#define AT(field) offsetof(struct runs, field)
#define HOOK_KEYS                                                                                                      \
    {"pre-if", GH_V_CALL, GH_SLOT_ANY, 0, read_pre_if, false},                                                         \
    {                                                                                                                  \
        "post-if", GH_V_CALL, GH_SLOT_ANY, 0, read_post_if, false                                                      \
    }
#define USING_KEY                                                                                                      \
    {                                                                                                                  \
        "using", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(using), NULL, false                                                \
    }

static const struct gh_key docker_keys[] = {
    USING_KEY,
    HOOK_KEYS,
    {"image", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(image), NULL, false},
    {"entrypoint", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(entrypoint), NULL, false},
    {"args", GH_V_CALL, GH_SLOT_ANY, 0, read_args, false},
    {"env", GH_V_CALL, GH_SLOT_ANY, 0, read_docker_env, false},
    {"pre-entrypoint", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(pre_entrypoint), NULL, false},
    {"post-entrypoint", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(post_entrypoint), NULL, false},
};
static const struct gh_key node_keys[] = {
    USING_KEY,
    HOOK_KEYS,
    {"main", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(main), NULL, false},
    {"pre", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(pre), NULL, false},
    {"post", GH_V_LITERAL_FULL, GH_SLOT_ANY, AT(post), NULL, false},
};
static const struct gh_key composite_keys[] = {
    USING_KEY,
    {"steps", GH_V_CALL, GH_SLOT_ANY, 0, read_steps, false},
};
static const struct gh_shape runs_shapes[] = {GH_SHAPE(docker_keys), GH_SHAPE(node_keys), GH_SHAPE(composite_keys)};

/* "node20": 20, and 0 when the service knows no such runtime. */
static unsigned node_major(struct str using)
{
    static const unsigned known[] = {12, 16, 20, 24};
    uint64_t major = 0;
    if (using.n < 5 || !str_is_nocase(str_sub(using, 0, 4), "node") ||
        num_parse_u64(str_from_index(using, 4), UINT32_MAX, &major) != 0)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i] == major)
            return known[i];
    return 0;
}

/* What `using` says it is must have what that needs. */
static void judge_runs(struct gh_reader *r, const struct doc_node *n, const struct runs *runs)
{
    struct gh_manifest *m = r->m;
    const struct doc_node *using = doc_get(n, "using");
    const char *missing = NULL;
    m->node = node_major(runs->using);
    if (!using) {
        diag_error(r->d, "GH055", n->span,
                   "Missing 'using' value. 'using' requires 'composite', 'docker', 'node12', 'node16', 'node20' or "
                   "'node24'.");
        return;
    }
    if (str_is_nocase(runs->using, "docker")) {
        m->using = GH_USING_DOCKER;
        missing = runs->image.n ? NULL : "a Container Action but an image is not provided";
    } else if (m->node) {
        m->using = GH_USING_NODE;
        missing = runs->main.n ? NULL : "a JavaScript Action but there is not an entry JavaScript file provided";
    } else if (str_is_nocase(runs->using, "composite")) {
        m->using = GH_USING_COMPOSITE;
        missing = runs->steps ? NULL : "a composite action but there are no steps provided";
    } else if (runs->using.n) {
        diag_error(r->d, "GH055", using->span,
                   "'using: %.*s' is not supported, use 'docker', 'node12', 'node16', 'node20' or 'node24' instead.",
                   STR_ARG(runs->using));
    }
    if (missing)
        diag_error(r->d, "GH055", using->span, "You are using %s in %.*s.", missing, STR_ARG(m->file));
}

static void read_runs(struct gh_reader *r, const struct doc_node *n)
{
    struct gh_manifest *m = r->m;
    struct runs runs = {0};
    size_t before = r->d->errors;
    gh_read_shapes(r, n, runs_shapes, ARRAY_LEN(runs_shapes), &runs);
    if (r->d->errors != before)
        return;
    judge_runs(r, n, &runs);
    m->main = runs.main;
    m->pre = m->using == GH_USING_DOCKER ? runs.pre_entrypoint : runs.pre;
    m->post = m->using == GH_USING_DOCKER ? runs.post_entrypoint : runs.post;
    m->image = runs.image;
    m->entrypoint = runs.entrypoint;
}

/* ---- the root ---- */

static void warn_unknown(struct gh_reader *r, const struct doc_node *key)
{
    static const char *const words[] = {"name", "description", "author", "inputs", "outputs", "runs", "branding"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(key->text, words[i]))
            return;
    struct str near = suggest(key->text, words, ARRAY_LEN(words));
    diag_warning(r->d, "GH064", key->span, "The service ignores '%.*s' in an action", STR_ARG(key->text));
    if (near.n)
        diag_hint(r->d, "did you mean '%.*s'?", STR_ARG(near));
}

static void read_root(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    const struct doc_node **runs = into;
    struct str key = at->key->text, text;
    if (str_is(key, "name")) {
        gh_read_literal(r, at->value, false, &r->m->name);
    } else if (str_is(key, "description")) {
        gh_read_literal(r, at->value, false, &text);
    } else if (str_is(key, "inputs")) {
        read_loose(r, at->value, read_input, NULL);
    } else if (str_is(key, "outputs")) {
        read_loose(r, at->value, read_output, NULL);
    } else if (str_is(key, "runs")) {
        *runs = at->value;
        read_runs(r, at->value);
    } else {
        warn_unknown(r, at->key);
        check_loose(r, at->value, 0);
    }
}

/* Outputs of a composite action come from their `value` alone. */
static void warn_valueless(struct gh_reader *r)
{
    for (size_t i = 0; r->m->using == GH_USING_COMPOSITE && i < r->m->outputs.n; i++)
        if (!r->m->outputs.p[i].value.set)
            diag_warning(r->d, "GH068", r->m->outputs.p[i].span, "The output '%.*s' has no value, and is always empty",
                         STR_ARG(r->m->outputs.p[i].id));
}

struct gh_manifest *gh_manifest_read(struct arena *a, uint32_t file, struct diags *d)
{
    struct yaml_limits limits = {.depth = 100, .nodes = 1000000, .no_anchors = true};
    struct gh_manifest *m = ARENA_NEW(a, struct gh_manifest);
    struct gh_job self = {0}; /* as which its steps are read */
    struct gh_reader r = {.a = a, .d = d, .m = m, .job = &self, .step = SIZE_MAX};
    const struct doc_node *runs = NULL;
    size_t before = d->errors;
    m->file = sources_name(d->sources, file);
    m->sources = d->sources;
    struct doc_node *root = yaml_read(a, d->sources, file, &limits, d);
    if (!root)
        return NULL;
    read_loose(&r, root, read_root, &runs);
    if (!runs && d->errors == before)
        diag_error(d, "GH055", root->span, "Top level 'runs:' section is required for %.*s", STR_ARG(m->file));
    if (d->errors != before)
        return NULL;
    gh_check_types(&r);
    warn_valueless(&r);
    return m;
}

/* At most n bytes, whole characters. */
static struct str cut(struct str s, size_t n)
{
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

struct gh_manifest *gh_manifest_parse(struct arena *a, struct sources *s, struct str name, struct str text,
                                      struct strs *ret_errors)
{
    struct diags d;
    struct strs errors = {0};
    diags_init(&d, a, s);
    struct gh_manifest *m = gh_manifest_read(a, sources_add(s, name, text), &d);
    if (m)
        return m;
    diags_sort(&d);
    for (size_t i = 0; i < d.n && errors.n < ERRORS_MAX; i++) {
        if (d.p[i].level != DIAG_ERROR)
            continue;
        struct place at = sources_place(s, d.p[i].span);
        struct str line = arena_printf(a, "%.*s (Line: %u, Col: %u): %.*s", STR_ARG(name), at.line, at.column,
                                       STR_ARG(d.p[i].message));
        vec_push_in(a, &errors, cut(line, ERROR_BYTES));
    }
    *ret_errors = errors;
    return NULL;
}

const struct gh_action_input *gh_manifest_input(const struct gh_manifest *m, struct str id)
{
    for (size_t i = 0; i < m->inputs.n; i++)
        if (str_eq_nocase(m->inputs.p[i].id, id))
            return &m->inputs.p[i];
    return NULL;
}
