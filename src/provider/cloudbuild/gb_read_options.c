/*
 * gb_read_options.c - options: what holds for the whole build.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

#define DISK_MAX 4000 /* GB */

static void deprecated(const struct gb_reader *r, const struct doc_node *n, const char *instead)
{
    struct str where = gb_place_text(r);
    diag_warning(r->d, "GB052", n->span, "%.*s: '%.*s' is deprecated", STR_ARG(where), STR_ARG(n->text));
    diag_hint(r->d, "%s", instead);
}

static void read_machine(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"UNSPECIFIED",   "N1_HIGHCPU_8", "N1_HIGHCPU_32", "E2_HIGHCPU_8",
                                        "E2_HIGHCPU_32", "E2_MEDIUM",    "E2_STANDARD_2"};
    struct gb_options *o = into;
    int word = gb_read_word(r, n, words, ARRAY_LEN(words));
    if (word > 0)
        o->machine_type = str_from(words[word]);
    if (word == 1 || word == 2)
        deprecated(r, n, word == 1 ? "E2_HIGHCPU_8 took its place" : "E2_HIGHCPU_32 took its place");
}

static void read_disk(struct gb_reader *r, const struct doc_node *n, void *into)
{
    UNUSED(into);
    gb_read_number(r, n, DISK_MAX);
}

static void read_substitution_option(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"MUST_MATCH", "ALLOW_LOOSE"};
    struct gb_options *o = into;
    o->allow_loose = gb_read_word(r, n, words, ARRAY_LEN(words)) == 1;
}

static void read_logging(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"LOGGING_UNSPECIFIED", "LEGACY", "GCS_ONLY", "STACKDRIVER_ONLY",
                                        "CLOUD_LOGGING_ONLY",  "NONE"};
    struct gb_options *o = into;
    int word = gb_read_word(r, n, words, ARRAY_LEN(words));
    if (word >= 0)
        o->logging = (enum gb_logging)word;
    if (word == GB_STACKDRIVER_ONLY)
        deprecated(r, n, "CLOUD_LOGGING_ONLY is its name now");
}

static void read_bucket_behavior(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"DEFAULT_LOGS_BUCKET_BEHAVIOR_UNSPECIFIED", "REGIONAL_USER_OWNED_BUCKET",
                                        "LEGACY_BUCKET"};
    struct gb_options *o = into;
    o->regional_bucket = gb_read_word(r, n, words, ARRAY_LEN(words)) == 1;
}

static void read_verify(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"NOT_VERIFIED", "VERIFIED"};
    UNUSED(into);
    gb_read_word(r, n, words, ARRAY_LEN(words));
}

static void read_streaming(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"STREAM_DEFAULT", "STREAM_ON", "STREAM_OFF"};
    UNUSED(into);
    gb_read_word(r, n, words, ARRAY_LEN(words));
}

static void read_hash(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"NONE", "SHA256", "MD5", "GO_MODULE_H1", "SHA512", "DIRSUM_SHA256"};
    UNUSED(into);
    gb_read_word(r, n, words, ARRAY_LEN(words));
}

static const struct gb_key pool_keys[] = {{"name", GB_V_TEXT, offsetof(struct gb_options, worker_pool), 0, NULL}};

static void read_pool(struct gb_reader *r, const struct doc_node *n, void *into)
{
    gb_read_message(r, n, pool_keys, ARRAY_LEN(pool_keys), into);
}

static void read_worker_pool(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_options *o = into;
    if (gb_read_text(r, n, &o->worker_pool) == 0)
        deprecated(r, n, "write `pool: {name: ...}`");
}

#define OPTION(field) offsetof(struct gb_options, field)
static const struct gb_key option_keys[] = {
    {"sourceProvenanceHash", GB_V_LIST, 0, 0, read_hash},
    {"requestedVerifyOption", GB_V_CALL, 0, 0, read_verify},
    {"machineType", GB_V_CALL, 0, 0, read_machine},
    {"diskSizeGb", GB_V_CALL, 0, 0, read_disk},
    {"substitutionOption", GB_V_CALL, 0, 0, read_substitution_option},
    {"dynamicSubstitutions", GB_V_BOOL, OPTION(dynamic), 0, NULL},
    {"automapSubstitutions", GB_V_BOOL, OPTION(automap), 0, NULL},
    {"logStreamingOption", GB_V_CALL, 0, 0, read_streaming},
    {"workerPool", GB_V_CALL, 0, 0, read_worker_pool},
    {"pool", GB_V_CALL, 0, 0, read_pool},
    {"logging", GB_V_CALL, 0, 0, read_logging},
    {"env", GB_V_TEXTS, OPTION(env), 0, NULL},
    {"secretEnv", GB_V_TEXTS, OPTION(secret_env), 0, NULL},
    {"volumes", GB_V_LIST, OPTION(volumes), 0, gb_read_volume},
    {"defaultLogsBucketBehavior", GB_V_CALL, 0, 0, read_bucket_behavior},
    {"enableStructuredLogging", GB_V_IGNORED, 0, 0, NULL},
    {"pubsubTopic", GB_V_OTHER, 0, 0, NULL},
};

/* Where its volumes stand: what is wrong with them as a whole is told there. */
static struct span volumes_span(const struct doc_node *options)
{
    for (size_t i = 0; options->kind == DOC_MAP && i < options->map.n; i++)
        if (str_is(options->map.p[i].key->text, "volumes"))
            return options->map.p[i].key->span;
    return options->span;
}

void gb_read_options(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_options *o = into;
    o->span = value->span;
    o->volumes_span = volumes_span(value);
    gb_read_message(r, value, option_keys, ARRAY_LEN(option_keys), o);
}
