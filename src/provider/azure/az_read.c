/*
 * az_read.c - the canonical tree becomes a struct az_pipeline: its root, variables, pools and resources.
 */
#include "core/base.h"
#include "core/vec.h"
#include "provider/azure/read_priv.h"

struct str az_member(const struct az_value *v, const char *key)
{
    const struct az_value *m = az_get(v, str_from(key));
    return m != NULL && m->kind == AZ_STRING ? m->text : (struct str){"", 0};
}

bool az_member_bool(const struct az_value *v, const char *key, bool missing)
{
    bool b = missing;
    return az_schema_bool(str_trim(az_member(v, key)), &b) ? b : missing;
}

void az_read_texts(struct az_reader *r, const struct az_value *v, struct az_texts *ret)
{
    if (v == NULL)
        return;
    ret->set = true;
    if (v->kind == AZ_STRING && v->text.n > 0)
        vec_push_in(r->arena, ret, v->text);
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++)
        if (v->array.p[i]->kind == AZ_STRING && v->array.p[i]->text.n > 0)
            vec_push_in(r->arena, ret, v->array.p[i]->text);
}

void az_read_variables(struct az_reader *r, const struct az_value *list, struct az_variables *ret)
{
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        const struct az_value *name = az_get(v, STR("name")), *group = az_get(v, STR("group"));
        struct az_variable var = {.name = az_member(v, "name"),
                                  .value = az_member(v, "value"),
                                  .group = az_member(v, "group"),
                                  .readonly = az_member_bool(v, "readonly", false),
                                  .at = name != NULL ? name : group,
                                  .value_at = az_get(v, STR("value"))};
        if (var.at != NULL)
            vec_push_in(r->arena, ret, var);
    }
}

void az_read_pool(struct az_reader *r, const struct az_value *v, const struct az_pool *above, struct az_pool *ret)
{
    if (v == NULL || v->kind != AZ_OBJECT) {
        *ret = *above;
        return;
    }
    *ret = (struct az_pool){.set = true, .name = az_member(v, "name"), .vm_image = az_member(v, "vmImage"), .at = v};
    az_read_texts(r, az_get(v, STR("demands")), &ret->demands);
}

/* ---- resources ---- */

static void read_containers(struct az_reader *r, const struct az_value *list)
{
    struct az_pipeline *p = r->pipeline;
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        struct az_container c = {.alias = az_member(v, "container"), .image = az_member(v, "image"), .at = v};
        if (c.image.n == 0 && az_get(v, STR("type")) == NULL)
            az_error(r->d, "AZ319", v, "Required property is missing: image");
        if (p->n_containers == p->cap_containers)
            p->containers = vec_grow_(r->arena, p->containers, p->n_containers, &p->cap_containers, sizeof c);
        p->containers[p->n_containers++] = c;
    }
}

static void read_pipelines(struct az_reader *r, const struct az_value *list)
{
    struct az_pipeline *p = r->pipeline;
    for (size_t i = 0; list != NULL && list->kind == AZ_ARRAY && i < list->array.n; i++) {
        const struct az_value *v = list->array.p[i];
        struct az_pipeline_resource res = {.alias = az_member(v, "pipeline"),
                                           .source = az_member(v, "source"),
                                           .project = az_member(v, "project"),
                                           .at = v};
        if (p->n_pipelines == p->cap_pipelines)
            p->pipelines = vec_grow_(r->arena, p->pipelines, p->n_pipelines, &p->cap_pipelines, sizeof res);
        p->pipelines[p->n_pipelines++] = res;
    }
}

/* ---- the root ---- */

struct az_pipeline *az_pipeline_read(struct arena *a, const struct az_value *canonical, const struct az_repos *repos,
                                     struct diags *d)
{
    static const struct az_pool no_pool;
    struct az_pipeline *p = ARENA_NEW(a, struct az_pipeline);
    struct az_reader r = {a, d, p};
    const struct az_value *resources = az_get(canonical, STR("resources"));
    p->at = canonical;
    p->repos = repos;
    p->name = az_member(canonical, "name");
    az_read_trigger(&r, az_get(canonical, STR("trigger")), &p->trigger);
    az_read_trigger(&r, az_get(canonical, STR("pr")), &p->pr);
    az_read_schedules(&r, az_get(canonical, STR("schedules")));
    read_containers(&r, az_get(resources, STR("containers")));
    read_pipelines(&r, az_get(resources, STR("pipelines")));
    az_read_variables(&r, az_get(canonical, STR("variables")), &p->variables);
    az_read_pool(&r, az_get(canonical, STR("pool")), &no_pool, &p->pool);
    az_read_stages(&r, az_get(canonical, STR("stages")));
    return p;
}
