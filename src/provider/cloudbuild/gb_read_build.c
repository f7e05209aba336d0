/*
 * gb_read_build.c - the config as a whole: the Build message of the service's API.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

#define DEFAULT_TIMEOUT_NS ((int64_t)60 * 60 * 1000000000)

static void read_source(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(value);
    UNUSED(into);
    diag_error(r->d, "GB009", r->key->span, "a config cannot say where its source is");
    diag_hint(r->d, "remove it: the trigger, or the folder that is submitted, is the source");
}

static void read_substitution(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_build *b = into;
    struct gb_text *text = ARENA_NEW(r->a, struct gb_text);
    *text = (struct gb_text){STR(""), value}; /* nothing behind the colon is an empty value */
    if (!gb_is_null(value) && gb_read_text(r, value, text) < 0)
        return;
    map_set(&b->substitutions, r->key->text, text);
    map_set(&b->substitution_keys, r->key->text, (void *)(uintptr_t)r->key);
}

static void read_substitutions(struct gb_reader *r, const struct doc_node *value, void *into)
{
    gb_read_pairs(r, value, read_substitution, into);
}

static void read_dependencies(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    UNUSED(value);
    diag_warning(r->d, "GB011", r->key->span, "dependencies are not fetched by this version");
}

#define BUILD(field) offsetof(struct gb_build, field)
static const struct gb_key build_keys[] = {
    {"steps", GB_V_LIST, 0, 0, gb_read_step},
    {"timeout", GB_V_DURATION, BUILD(timeout_ns), BUILD(timeout_span), NULL},
    {"queueTtl", GB_V_IGNORED, 0, 0, NULL},
    {"substitutions", GB_V_CALL, 0, 0, read_substitutions},
    {"images", GB_V_TEXTS, BUILD(images), 0, NULL},
    {"artifacts", GB_V_CALL, 0, 0, gb_read_artifacts},
    {"options", GB_V_CALL, BUILD(options), 0, gb_read_options},
    {"tags", GB_V_TEXTS, BUILD(tags), 0, NULL},
    {"logsBucket", GB_V_TEXT, BUILD(logs_bucket), 0, NULL},
    {"serviceAccount", GB_V_TEXT, BUILD(service_account), 0, NULL},
    {"availableSecrets", GB_V_CALL, 0, 0, gb_read_available},
    {"secrets", GB_V_LIST, 0, 0, gb_read_secret},
    {"dependencies", GB_V_CALL, 0, 0, read_dependencies},
    {"gitConfig", GB_V_IGNORED, 0, 0, NULL},
    {"source", GB_V_CALL, 0, 0, read_source},
    {"id", GB_V_OUTPUT, 0, 0, NULL},
    {"name", GB_V_OUTPUT, 0, 0, NULL},
    {"projectId", GB_V_OUTPUT, 0, 0, NULL},
    {"status", GB_V_OUTPUT, 0, 0, NULL},
    {"statusDetail", GB_V_OUTPUT, 0, 0, NULL},
    {"results", GB_V_OUTPUT, 0, 0, NULL},
    {"createTime", GB_V_OUTPUT, 0, 0, NULL},
    {"startTime", GB_V_OUTPUT, 0, 0, NULL},
    {"finishTime", GB_V_OUTPUT, 0, 0, NULL},
    {"buildTriggerId", GB_V_OUTPUT, 0, 0, NULL},
    {"logUrl", GB_V_OUTPUT, 0, 0, NULL},
    {"sourceProvenance", GB_V_OUTPUT, 0, 0, NULL},
    {"approval", GB_V_OUTPUT, 0, 0, NULL},
    {"timing", GB_V_OUTPUT, 0, 0, NULL},
    {"warnings", GB_V_OUTPUT, 0, 0, NULL},
    {"failureInfo", GB_V_OUTPUT, 0, 0, NULL},
};

/* Is there a value for steps that is no list? It was told, and "no steps" would only be its echo. */
static bool has_other_steps(const struct doc_node *root)
{
    const struct doc_node *steps = doc_get(root, "steps");
    return steps != NULL && !gb_is_null(steps) && steps->kind != DOC_SEQ;
}

struct gb_build *gb_build_read(struct arena *a, const struct doc_node *root, struct diags *d)
{
    struct gb_build *b = ARENA_NEW(a, struct gb_build);
    struct gb_reader r = {.a = a, .d = d, .b = b};
    map_init(&b->substitutions, a, MAP_CASE);
    map_init(&b->substitution_keys, a, MAP_CASE);
    b->timeout_ns = DEFAULT_TIMEOUT_NS;
    b->span = root->span;
    b->steps_told = !gb_read_message(&r, root, build_keys, ARRAY_LEN(build_keys), b) || has_other_steps(root);
    if (gb_is_null(root))
        diag_error(d, "GB012", root->span, "the config is empty");
    return b;
}
