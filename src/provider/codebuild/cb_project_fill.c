/*
 * cb_project_fill.c - from the tree of AWS::CodeBuild::Project to struct cb_project. Faults were told before by
 * cb_shape_check; here a value that is of the wrong kind, or not known, is as if it was not there.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/path.h"
#include "provider/codebuild/project_priv.h"

/* ---- values ---- */

static const struct doc_node *get(struct cb_template *t, const struct doc_node *n, const char *key)
{
    return cb_resolve(t, doc_get(n, key));
}

static struct str text(struct cb_template *t, const struct doc_node *n, const char *key, struct str otherwise)
{
    const struct doc_node *v = get(t, n, key);
    return v && v->kind == DOC_SCALAR && !cb_is_null(v) ? v->text : otherwise;
}

static bool is(struct cb_template *t, const struct doc_node *n, const char *key, const char *word)
{
    return cb_word_is(text(t, n, key, STR("")), word);
}

static bool flag(struct cb_template *t, const struct doc_node *n, const char *key)
{
    bool b;
    return cb_bool_of(text(t, n, key, STR("")), &b) && b;
}

static unsigned number(struct cb_template *t, const struct doc_node *n, const char *key, unsigned otherwise)
{
    uint64_t x;
    return num_parse_u64(text(t, n, key, STR("")), 0x7fffffff, &x) == 0 ? (unsigned)x : otherwise;
}

static size_t length(const struct doc_node *n)
{
    return n && n->kind == DOC_SEQ ? n->seq.n : 0;
}

/* ---- parts ---- */

void cb_project_set_buildspec(struct arena *a, struct str spec, struct cb_project *p)
{
    p->inline_text = str_find_ch(spec, '\n') >= 0 || str_starts(str_trim(spec), STR("{")); /* YAML, or JSON on a line */
    bool plain = p->inline_text || spec.n == 0 || str_starts(spec, STR("arn:"));
    p->buildspec = plain ? spec : path_clean(a, spec);
}

static void fill_source(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    p->source_type = cb_word_of(cb_source_types, text(t, n, "Type", p->source_type));
    p->source_location = text(t, n, "Location", p->source_location);
    p->clone_depth = number(t, n, "GitCloneDepth", 0);
    p->submodules = flag(t, get(t, n, "GitSubmodulesConfig"), "FetchSubmodules");
    cb_project_set_buildspec(t->a, text(t, n, "BuildSpec", STR("")), p);
}

static enum cb_var_type var_type(struct str type)
{
    return cb_word_is(type, "PARAMETER_STORE")   ? CB_PARAMETER_STORE
           : cb_word_is(type, "SECRETS_MANAGER") ? CB_SECRETS_MANAGER
                                                 : CB_PLAINTEXT;
}

static void fill_vars(struct cb_template *t, const struct doc_node *list, struct cb_project *p)
{
    p->vars = arena_array(t->a, length(list) + 1, sizeof *p->vars);
    for (size_t i = 0; i < length(list); i++) {
        const struct doc_node *item = cb_resolve(t, list->seq.p[i]);
        struct cb_var v = {.name = text(t, item, "Name", STR("")), .value = text(t, item, "Value", STR_NONE)};
        if (v.name.n == 0 || !v.value.p)
            continue;
        v.type = var_type(text(t, item, "Type", STR("")));
        v.span = item->span;
        p->vars[p->n_vars++] = v;
    }
}

static void fill_environment(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    p->image = text(t, n, "Image", p->image);
    p->type = cb_word_of(cb_container_types, text(t, n, "Type", p->type));
    p->compute_type = text(t, n, "ComputeType", p->compute_type);
    p->fleet = path_base(text(t, get(t, n, "Fleet"), "FleetArn", STR("")));
    p->privileged = flag(t, n, "PrivilegedMode");
    fill_vars(t, get(t, n, "EnvironmentVariables"), p);
}

static void fill_cache(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    struct str mode;
    const struct doc_node *modes = get(t, n, "Modes");
    p->cache_namespace = text(t, n, "CacheNamespace", STR(""));
    p->cache = is(t, n, "Type", "S3") ? CB_CACHE_S3 : is(t, n, "Type", "LOCAL") ? CB_CACHE_LOCAL : CB_CACHE_NONE;
    for (size_t i = 0; p->cache == CB_CACHE_LOCAL && i < length(modes); i++) {
        if (!cb_resolve_text(t, modes->seq.p[i], &mode))
            continue;
        p->cache_custom = p->cache_custom || cb_word_is(mode, "LOCAL_CUSTOM_CACHE");
        p->cache_source = p->cache_source || cb_word_is(mode, "LOCAL_SOURCE_CACHE");
        p->cache_layers = p->cache_layers || cb_word_is(mode, "LOCAL_DOCKER_LAYER_CACHE");
    }
}

static void fill_artifacts(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    p->artifacts = is(t, n, "Type", "S3")             ? CB_TO_S3
                   : is(t, n, "Type", "CODEPIPELINE") ? CB_TO_PIPELINE
                                                      : CB_NO_ARTIFACTS;
    p->artifacts_zip = is(t, n, "Packaging", "ZIP");
    p->artifacts_override_name = flag(t, n, "OverrideArtifactName");
    p->artifacts_build_id = is(t, n, "NamespaceType", "BUILD_ID");
    p->artifacts_name = text(t, n, "Name", STR(""));
}

/* The identifiers of secondary sources or artifacts. */
static void fill_secondary(struct cb_template *t, const struct doc_node *list, const char *key, struct strs *ret)
{
    for (size_t i = 0; i < length(list); i++) {
        struct str id = text(t, cb_resolve(t, list->seq.p[i]), key, STR(""));
        if (id.n)
            vec_push_in(t->a, ret, id);
    }
}

/* ---- the webhook ---- */

static struct cb_filter filter_of(struct cb_template *t, const struct doc_node *n)
{
    const struct doc_node *type = get(t, n, "Type"), *pattern = doc_get(n, "Pattern");
    struct cb_filter f = {.type = cb_word_of(cb_filter_types, text(t, n, "Type", STR(""))),
                          .pattern = text(t, n, "Pattern", STR_NONE)};
    f.exclude = flag(t, n, "ExcludeMatchedPattern");
    f.span = type && n->style == DOC_BLOCK ? type->span : n->span; /* one line is enough to see which it is */
    f.pattern_span = pattern ? pattern->span : f.span;
    return f;
}

static void fill_groups(struct cb_template *t, const struct doc_node *list, struct cb_project *p)
{
    p->groups = arena_array(t->a, length(list) + 1, sizeof *p->groups);
    for (size_t i = 0; i < length(list); i++) {
        const struct doc_node *items = cb_resolve(t, list->seq.p[i]);
        struct cb_filter_group group = {.span = list->seq.p[i]->span};
        const struct cb_filter hidden = {.type = STR(""), .span = group.span, .pattern_span = group.span};
        if (!items || items->kind != DOC_SEQ)
            vec_push_in(t->a, &group, hidden);
        for (size_t k = 0; k < length(items); k++) {
            const struct doc_node *item = cb_resolve(t, items->seq.p[k]);
            struct cb_filter f = item && item->kind == DOC_MAP ? filter_of(t, item) : hidden;
            vec_push_in(t->a, &group, f);
        }
        p->groups[p->n_groups++] = group;
    }
}

static void fill_triggers(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    if (!n)
        return;
    p->webhook_span = n->span;
    p->webhook = flag(t, n, "Webhook");
    p->batch = is(t, n, "BuildType", "BUILD_BATCH");
    p->comment_approval = text(t, get(t, n, "PullRequestBuildPolicy"), "RequiresCommentApproval", STR(""));
    fill_groups(t, get(t, n, "FilterGroups"), p);
}

void cb_project_fill(struct cb_template *t, const struct doc_node *n, struct cb_project *p)
{
    p->name = text(t, n, "Name", p->logical_id);
    fill_source(t, get(t, n, "Source"), p);
    fill_environment(t, get(t, n, "Environment"), p);
    fill_cache(t, get(t, n, "Cache"), p);
    fill_artifacts(t, get(t, n, "Artifacts"), p);
    fill_secondary(t, get(t, n, "SecondaryArtifacts"), "ArtifactIdentifier", &p->secondary_artifacts);
    fill_secondary(t, get(t, n, "SecondarySources"), "SourceIdentifier", &p->secondary_sources);
    fill_triggers(t, get(t, n, "Triggers"), p);
    p->source_version = text(t, n, "SourceVersion", STR(""));
    p->combine_artifacts = flag(t, get(t, n, "BuildBatchConfig"), "CombineArtifacts");
    p->timeout_min = number(t, n, "TimeoutInMinutes", p->timeout_min);
    p->queued_timeout_min = number(t, n, "QueuedTimeoutInMinutes", p->queued_timeout_min);
    p->visibility = text(t, n, "Visibility", STR("PRIVATE"));
}
