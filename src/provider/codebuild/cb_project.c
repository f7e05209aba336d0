/*
 * cb_project.c - the projects of this work tree: deploy/codebuild.yaml (.yml, .json), else [codebuild] of slipway.toml,
 * which is read too when the template declares no project.
 *
 * A template is told of by its own check (`slipway check` reads it as a part) and by a run, which a broken one stops;
 * a check of a buildspec is silent about it. Who names no project at all gets one with the service's usual values.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/codebuild/project_priv.h"

#include <stdarg.h>

struct cb_project cb_project_usual(void)
{
    return (struct cb_project){
        .source_type = STR("GITHUB"),
        .source_location = STR(""),
        .image = STR("aws/codebuild/standard:7.0"),
        .type = STR("LINUX_CONTAINER"),
        .compute_type = STR("BUILD_GENERAL1_SMALL"),
        .timeout_min = 60,
        .queued_timeout_min = 480,
        .visibility = STR("PRIVATE"),
    };
}

void cb_never(struct cb_project_reader *r, const char *code, struct span at, const char *fmt, ...)
{
    char text[DIAG_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (r->f->only_check)
        diag_error(r->d, code, at, "%s", text);
    else
        diag_warning(r->d, code, at, "%s", text);
}

/* ---- a template ---- */

static void read_project(struct cb_project_reader *r, struct cb_template *t, const struct doc_pair *resource)
{
    const struct doc_node *properties = cb_resolve(t, doc_get(resource->value, "Properties"));
    struct cb_project p = cb_project_usual();
    static const struct doc_node nothing = {.kind = DOC_MAP};
    p.declared = true;
    p.logical_id = resource->key->text;
    p.span = resource->key->span;
    p.source = p.span.file;
    if (!properties && doc_get(resource->value, "Properties"))
        return; /* a function hides all of it */
    if (properties && properties->kind != DOC_MAP) {
        diag_error(r->d, "CB062", properties->span, "'Properties' must be an object");
        return;
    }
    properties = properties ? properties : &nothing;
    cb_shape_check(t, properties, p.span, r->d);
    cb_project_fill(t, properties, &p);
    cb_project_rules(r, t, properties, &p);
    vec_push_in(r->a, r->ret, p);
}

/* A resource whose condition does not hold is not made. */
static bool is_made(struct cb_template *t, const struct doc_node *resource)
{
    const struct doc_node *condition = doc_get(resource, "Condition");
    return !condition || condition->kind != DOC_SCALAR || cb_condition(t, condition->text) != 0;
}

void cb_template_read(struct cb_project_reader *r, struct str file, uint32_t source)
{
    struct yaml_limits limits = YAML_LIMITS;
    struct cb_template t;
    const struct doc_node *root = yaml_read(r->a, r->d->sources, source, &limits, r->d);
    const struct doc_node *resources = root ? doc_get(root, "Resources") : NULL;
    if (!root)
        return;
    if (!resources || resources->kind != DOC_MAP) {
        diag_error(r->d, "CB066", resources ? resources->span : (struct span){source, 0, 0},
                   "This is no CloudFormation template: it has no 'Resources'");
        return;
    }
    cb_template_init(&t, r->a, root, file);
    size_t found = 0;
    for (size_t i = 0; i < resources->map.n; i++) {
        const struct doc_node *type = doc_get(resources->map.p[i].value, "Type");
        if (!type || !str_is(type->text, "AWS::CodeBuild::Project"))
            continue;
        found++;
        if (is_made(&t, resources->map.p[i].value))
            read_project(r, &t, &resources->map.p[i]);
    }
    if (found == 0)
        diag_warning(r->d, "CB067", resources->span, "No resource here is an AWS::CodeBuild::Project");
}

/* ---- all that there are ---- */

static bool find_file(struct arena *a, const struct facts *f, struct str path, struct file_found *ret)
{
    struct file_query q = {.path = arena_str(a, path)};
    return f->read_file && f->read_file(f->read_ctx, &q, ret, NULL) == 0;
}

/* Both kinds of declaration; diagnostics are those of the file that was read. */
static bool read_template(struct cb_project_reader *r)
{
    static const char *const files[] = {"deploy/codebuild.yaml", "deploy/codebuild.yml", "deploy/codebuild.json"};
    struct file_found found;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (find_file(r->a, r->f, str_from(files[i]), &found)) {
            diags_init(r->d, r->a, found.sources);
            r->ret->file = str_from(files[i]);
            cb_template_read(r, r->ret->file, found.source);
            return true;
        }
    return false;
}

static bool read_table(struct cb_project_reader *r)
{
    struct file_found found;
    if (!find_file(r->a, r->f, STR(CB_TABLE_FILE), &found))
        return false;
    diags_init(r->d, r->a, found.sources);
    cb_table_read(r, found.source);
    if (r->ret->n)
        r->ret->file = STR(CB_TABLE_FILE);
    return true;
}

void cb_projects_read(struct arena *a, const struct facts *f, struct diags *d, struct cb_projects *ret)
{
    struct diags own = {0};
    *ret = (struct cb_projects){0};
    struct cb_project_reader r = {.a = a, .f = f, .d = &own, .ret = ret};
    if (read_template(&r) && d && !f->only_check)
        diags_merge(d, &own);
    if (ret->n > 0 || own.errors > 0)
        return;
    ret->empty = ret->file; /* a template of something else */
    ret->file = STR_NONE;
    if (read_table(&r) && d)
        diags_merge(d, &own);
}

void cb_project_check(const struct provider_file *file, const struct facts *f, struct diags *d)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct cb_projects found = {0};
    struct cb_project_reader r = {.a = a, .f = f, .d = d, .ret = &found};
    cb_template_read(&r, file->path, file->source);
}

/* A buildspec that is written into a project is read where it stands. */
void cb_projects_named(struct arena *a, const struct facts *f, struct strs *ret)
{
    struct cb_projects all;
    struct file_found found;
    struct map seen;
    map_init(&seen, a, MAP_CASE);
    cb_projects_read(a, f, NULL, &all);
    for (size_t i = 0; i < all.n; i++) {
        struct str path = all.p[i].inline_text ? all.file : all.p[i].buildspec;
        if (path.n && find_file(a, f, path, &found) && map_set(&seen, path, NULL))
            vec_push_in(a, ret, path);
    }
}

void cb_project_default(struct arena *a, const struct facts *f, struct cb_project *ret)
{
    *ret = cb_project_usual();
    ret->name = f->repo.name.n ? f->repo.name : STR("project");
    ret->source_location = f->repo.remote_url;
    UNUSED(a);
    ret->webhook = true;
    ret->artifacts = CB_TO_S3;
}
