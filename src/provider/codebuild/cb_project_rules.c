/*
 * cb_project_rules.c - what must hold between the properties of a project (CreateProject and its data types).
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/codebuild/project_priv.h"

#define NAME_MAX_BYTES 255

struct rules {
    struct cb_project_reader *r;
    struct cb_template *t;
    const struct cb_project *p;
};

static const struct doc_node *get(const struct rules *u, const struct doc_node *n, const char *key)
{
    return cb_resolve(u->t, doc_get(n, key));
}

static bool is(const struct rules *u, const struct doc_node *n, const char *key, const char *word)
{
    struct str text;
    return cb_resolve_text(u->t, doc_get(n, key), &text) && cb_word_is(text, word);
}

/* An object needs this member because of what another one says. */
static void need(const struct rules *u, const struct doc_node *n, const char *what, const char *key, const char *why)
{
    if (!doc_get(n, key))
        diag_error(u->r->d, "CB065", n->span, "'%s' lacks '%s', which %s needs", what, key, why);
}

/* ---- rules of every declaration ---- */

static bool name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || (!first && (c == '-' || c == '_'));
}

void cb_name_check(struct cb_project_reader *r, struct str name, struct span at)
{
    bool good = name.n >= 2 && name.n <= NAME_MAX_BYTES;
    for (size_t i = 0; good && i < name.n; i++)
        good = name_char(name.p[i], i == 0);
    if (!good)
        diag_error(r->d, "CB068", at,
                   "A project's name is 2 to 255 letters, digits, '-' and '_', and begins with a letter or digit");
    for (size_t i = 0; i < r->ret->n; i++)
        if (str_eq(r->ret->p[i].name, name))
            diag_error(r->d, "CB069", at, "There is a project '%.*s' already", STR_ARG(name));
}

/* Is the source another repository than this one? */
static bool is_elsewhere(const struct cb_project *p, const struct facts *f)
{
    struct str base = path_base(p->source_location);
    bool git = str_starts(p->source_type, STR("GIT")) || str_is(p->source_type, "BITBUCKET");
    if (str_ends(base, STR(".git")))
        base = str_sub(base, 0, base.n - strlen(".git"));
    return !git || (base.n && !str_eq_nocase(base, f->repo.name));
}

void cb_buildspec_check(struct cb_project_reader *r, const struct cb_project *p, struct span at)
{
    struct str path = p->buildspec.n ? p->buildspec : STR(CB_BUILDSPEC);
    struct file_query q = {.path = path};
    struct file_found found;
    if (p->inline_text)
        return;
    if (str_starts(path, STR("arn:")))
        diag_warning(r->d, "CB071", at, "The buildspec lies in S3, which is not asked here: nothing runs this project");
    else if (r->f->read_file && !is_elsewhere(p, r->f) && r->f->read_file(r->f->read_ctx, &q, &found, NULL) < 0)
        cb_never(r, "CB070", at, "The project's buildspec '%.*s' is not there", STR_ARG(path));
}

/* ---- rules of a template ---- */

static void check_source(const struct rules *u, const struct doc_node *n, bool secondary)
{
    struct str type, spec;
    if (!n || n->kind != DOC_MAP || !cb_resolve_text(u->t, doc_get(n, "Type"), &type))
        return;
    const char *what = secondary ? "SecondarySources" : "Source";
    type = cb_word_of(cb_source_types, type);
    if (secondary)
        need(u, n, what, "SourceIdentifier", "a secondary one");
    if (!str_is(type, "CODEPIPELINE") && !str_is(type, "NO_SOURCE"))
        need(u, n, what, "Location", arena_str(u->t->a, type).p);
    if (str_is(type, "NO_SOURCE") && !secondary) {
        need(u, n, what, "BuildSpec", "NO_SOURCE");
        if (cb_resolve_text(u->t, doc_get(n, "BuildSpec"), &spec) && !u->p->inline_text)
            diag_error(u->r->d, "CB072", get(u, n, "BuildSpec")->span,
                       "With NO_SOURCE there is no file: BuildSpec is the buildspec's own text");
    }
}

static void check_artifacts(const struct rules *u, const struct doc_node *n, bool secondary)
{
    if (!n || n->kind != DOC_MAP)
        return;
    const char *what = secondary ? "SecondaryArtifacts" : "Artifacts";
    if (secondary)
        need(u, n, what, "ArtifactIdentifier", "a secondary one");
    if (is(u, n, "Type", "S3"))
        need(u, n, what, "Location", "S3");
}

static void check_lists(const struct rules *u, const struct doc_node *properties)
{
    const struct doc_node *sources = get(u, properties, "SecondarySources");
    const struct doc_node *artifacts = get(u, properties, "SecondaryArtifacts");
    for (size_t i = 0; sources && sources->kind == DOC_SEQ && i < sources->seq.n; i++)
        check_source(u, cb_resolve(u->t, sources->seq.p[i]), true);
    for (size_t i = 0; artifacts && artifacts->kind == DOC_SEQ && i < artifacts->seq.n; i++)
        check_artifacts(u, cb_resolve(u->t, artifacts->seq.p[i]), true);
}

/* Input and output of a pipeline's action go together. */
static void check_pipeline(const struct rules *u, const struct doc_node *source, const struct doc_node *artifacts)
{
    struct str in, out;
    if (!cb_resolve_text(u->t, doc_get(source, "Type"), &in) ||
        !cb_resolve_text(u->t, doc_get(artifacts, "Type"), &out))
        return;
    if (cb_word_is(in, "CODEPIPELINE") != cb_word_is(out, "CODEPIPELINE"))
        diag_error(u->r->d, "CB072", get(u, artifacts, "Type")->span,
                   "Source and Artifacts are both of type CODEPIPELINE, or none is");
}

static void check_environment(const struct rules *u, const struct doc_node *n)
{
    const struct doc_node *pull = get(u, n, "ImagePullCredentialsType");
    if (pull && str_starts(u->p->image, STR("aws/codebuild/")) && is(u, n, "ImagePullCredentialsType", "SERVICE_ROLE"))
        diag_error(u->r->d, "CB073", pull->span, "An image of CodeBuild's own is pulled with CODEBUILD credentials");
    for (size_t i = 0; i < u->p->n_vars; i++)
        if (str_starts(u->p->vars[i].name, STR("CODEBUILD_")))
            diag_warning(u->r->d, "CB074", u->p->vars[i].span, "'%.*s': names with CODEBUILD_ are the service's own",
                         STR_ARG(u->p->vars[i].name));
}

static void check_cache(const struct rules *u, const struct doc_node *n)
{
    if (!n || n->kind != DOC_MAP)
        return;
    if (is(u, n, "Type", "S3"))
        need(u, n, "Cache", "Location", "S3");
    if (is(u, n, "Type", "LOCAL") && !doc_get(n, "Modes"))
        diag_warning(u->r->d, "CB075", n->span, "A LOCAL cache without 'Modes' keeps nothing");
    if (u->p->cache_layers && !u->p->privileged)
        diag_warning(u->r->d, "CB075", n->span, "LOCAL_DOCKER_LAYER_CACHE works in a privileged environment only");
}

static bool has_webhooks(struct str type)
{
    static const char *const none[] = {"CODECOMMIT", "CODEPIPELINE", "S3", "NO_SOURCE"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (str_is(type, none[i]))
            return false;
    return true;
}

static void check_triggers(const struct rules *u, const struct doc_node *properties, const struct doc_node *n)
{
    const struct doc_node *groups = doc_get(n, "FilterGroups"), *type = get(u, n, "BuildType");
    struct diags *d = u->r->d;
    if (!n || n->kind != DOC_MAP)
        return;
    if (u->p->webhook && !has_webhooks(u->p->source_type))
        diag_error(d, "CB076", n->span, "A source of type %.*s has no webhooks", STR_ARG(u->p->source_type));
    if (groups && !doc_get(n, "Webhook"))
        diag_warning(d, "CB077", groups->span, "Filter groups without 'Webhook: true' start nothing");
    if (u->p->batch && !doc_get(properties, "BuildBatchConfig"))
        diag_warning(d, "CB078", type->span, "BUILD_BATCH wants a 'BuildBatchConfig' with the role that starts builds");
    if (is(u, n, "BuildType", "RUNNER_BUILDKITE_BUILD"))
        diag_warning(d, "CB079", type->span, "Jobs of Buildkite are not run here: the buildspec is, as a plain build");
}

void cb_project_rules(struct cb_project_reader *r, struct cb_template *t, const struct doc_node *properties,
                      const struct cb_project *p)
{
    struct rules u = {r, t, p};
    const struct doc_node *name = get(&u, properties, "Name"), *source = get(&u, properties, "Source");
    const struct doc_node *artifacts = get(&u, properties, "Artifacts"), *spec = doc_get(source, "BuildSpec");
    if (name && name->kind == DOC_SCALAR)
        cb_name_check(r, name->text, name->span);
    check_source(&u, source, false);
    check_artifacts(&u, artifacts, false);
    check_pipeline(&u, source, artifacts);
    check_lists(&u, properties);
    check_environment(&u, get(&u, properties, "Environment"));
    check_cache(&u, get(&u, properties, "Cache"));
    check_triggers(&u, properties, get(&u, properties, "Triggers"));
    if (source && (!spec || get(&u, source, "BuildSpec")))
        cb_buildspec_check(r, p, spec ? spec->span : source->span);
    cb_filters_check(r, p);
}
