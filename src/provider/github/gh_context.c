/*
 * gh_context.c - the contexts that are known before a job starts ("Contexts reference").
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/model_priv.h"

static bool is_pull(struct str event)
{
    return str_is(event, "pull_request");
}

static struct str default_branch(const struct facts *f)
{
    return f->repo.default_branch.n ? f->repo.default_branch : STR("main");
}

static unsigned pull_number(const struct value *event)
{
    const struct value *n = value_get(event, STR("number"));
    bool good = n && n->kind == VALUE_NUMBER && n->number >= 1 && n->number < 1e9;
    return good ? (unsigned)n->number : 1;
}

struct ref {
    struct str ref, name, type;
};

static struct ref find_ref(struct arena *a, const struct facts *f, const struct value *event)
{
    const struct change *c = &f->change;
    if (is_pull(c->event)) {
        unsigned n = pull_number(event);
        return (struct ref){arena_printf(a, "refs/pull/%u/merge", n), arena_printf(a, "%u/merge", n), STR("branch")};
    }
    if (c->tag.n)
        return (struct ref){arena_printf(a, "refs/tags/%.*s", STR_ARG(c->tag)), c->tag, STR("tag")};
    struct str branch = c->branch.n ? c->branch : default_branch(f);
    if (str_is(c->event, "pull_request_target"))
        branch = c->base.n ? c->base : default_branch(f);
    return (struct ref){arena_printf(a, "refs/heads/%.*s", STR_ARG(branch)), branch, STR("branch")};
}

static struct str actor(const struct facts *f, const struct value *event)
{
    struct str login = value_get_str(value_get(event, STR("sender")), "login");
    return f->actor.n ? f->actor : login.n ? login : f->repo.owner;
}

static void add_refs(struct arena *a, struct value *o, const struct facts *f, const struct value *event)
{
    struct ref ref = find_ref(a, f, event);
    bool pull = is_pull(f->change.event) || str_is(f->change.event, "pull_request_target");
    struct str base = f->change.base.n ? f->change.base : default_branch(f);
    struct str head = f->change.branch.n ? f->change.branch : f->repo.branch;
    value_set_str(a, o, "ref", ref.ref);
    value_set_str(a, o, "ref_name", ref.name);
    value_set_str(a, o, "ref_type", ref.type);
    value_set(o, STR("ref_protected"), value_bool(a, false));
    value_set_str(a, o, "base_ref", pull ? base : STR(""));
    value_set_str(a, o, "head_ref", pull ? head : STR(""));
    value_set_str(a, o, "sha", f->repo.sha);
}

static void add_repository(struct arena *a, struct value *o, const struct facts *f, const struct gh_workflow *w)
{
    struct str full = arena_printf(a, "%.*s/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name));
    value_set_str(a, o, "repository", full);
    value_set_str(a, o, "repository_owner", f->repo.owner);
    value_set_str(a, o, "repository_id", STR("1"));
    value_set_str(a, o, "repository_owner_id", STR("1"));
    value_set_str(a, o, "repositoryUrl", arena_printf(a, "git://github.com/%.*s.git", STR_ARG(full)));
    value_set_str(a, o, "workflow", w->name);
    value_set_str(a, o, "workflow_ref",
                  arena_printf(a, "%.*s/%.*s@%.*s", STR_ARG(full), STR_ARG(w->file), STR_ARG(value_get_str(o, "ref"))));
    value_set_str(a, o, "workflow_sha", f->repo.sha);
}

struct value *gh_github_context(struct arena *a, const struct gh_workflow *w, const struct facts *f)
{
    struct value *o = value_object(a, MAP_NOCASE);
    struct value *event = gh_event_payload(a, f);
    struct str who = actor(f, event);
    value_set_str(a, o, "event_name", f->change.event);
    value_set(o, STR("event"), event);
    value_set_str(a, o, "actor", who);
    value_set_str(a, o, "actor_id", STR("1"));
    value_set_str(a, o, "triggering_actor", who);
    add_refs(a, o, f, event);
    add_repository(a, o, f, w);
    value_set_str(a, o, "run_id", arena_printf(a, "%llu", (unsigned long long)f->run_id));
    value_set_str(a, o, "run_number", arena_printf(a, "%llu", (unsigned long long)f->run_number));
    value_set_str(a, o, "run_attempt", arena_printf(a, "%u", f->attempt ? f->attempt : 1));
    value_set_str(a, o, "retention_days", STR("90"));
    value_set_str(a, o, "server_url", STR("https://github.com"));
    value_set_str(a, o, "api_url", STR("https://api.github.com"));
    value_set_str(a, o, "graphql_url", STR("https://api.github.com/graphql"));
    value_set_str(a, o, "job", STR(""));
    struct str token = map_get_str(&f->secrets, STR("GITHUB_TOKEN"));
    value_set_str(a, o, "token", token.p ? token : STR(""));
    value_set_str(a, o, "secret_source", STR("Actions"));
    return o;
}

static struct value *of_texts(struct arena *a, const struct map *texts)
{
    struct value *o = value_object(a, MAP_NOCASE);
    for (size_t i = 0; i < texts->n; i++)
        value_set(o, texts->entries[i].key, value_string(a, map_get_str(texts, texts->entries[i].key)));
    return o;
}

struct value *gh_job_value(struct arena *a, const struct job *j)
{
    struct value *v = value_object(a, MAP_NOCASE);
    value_set_str(a, v, "result", str_from(result_name(j->result)));
    value_set(v, STR("outputs"), of_texts(a, &j->outputs));
    return v;
}

struct value *gh_needs_context(struct arena *a, const struct job *j)
{
    struct value *o = value_object(a, MAP_NOCASE);
    for (size_t i = 0; i < j->n_needs; i++) {
        value_set(o, j->needs[i]->own_id, gh_job_value(a, j->needs[i]));
    }
    return o;
}

struct value *gh_vars_context(struct arena *a, const struct facts *f)
{
    return of_texts(a, &f->vars);
}

struct value *gh_secrets_context(struct arena *a, const struct facts *f)
{
    return of_texts(a, &f->secrets);
}

static struct value *typed_input(struct arena *a, const struct gh_input *in, struct str given)
{
    struct str text = given.p ? given : in->def;
    double number = 0;
    if (str_is(in->type, "boolean"))
        return value_bool(a, str_is(text, "true"));
    if (str_is(in->type, "number"))
        return value_number(a, num_parse_double(text, &number) == 0 ? number : 0);
    if (!text.p && str_is(in->type, "choice") && in->options.n)
        text = in->options.p[0]; /* a form has its first option chosen */
    return value_string(a, text.p ? text : STR(""));
}

static struct value *typed_param(struct arena *a, const struct gh_workflow *w, const struct gh_param *p,
                                 const struct facts *f)
{
    struct gh_job_scope js = {.workflow = w, .facts = f, .no_inputs = true};
    struct str given = map_get_str(&f->inputs, p->id);
    struct value *v = value_null();
    double number = 0;
    if (!given.p) {
        gh_param_default(a, p, &js, &v, NULL); /* what is wrong with it was told when the plan was made */
        return v;
    }
    if (p->type == GH_PARAM_BOOLEAN)
        return value_bool(a, str_is(given, "true"));
    if (p->type == GH_PARAM_NUMBER)
        return value_number(a, num_parse_double(given, &number) == 0 ? number : 0);
    return value_string(a, given);
}

/* What --input gave, as the inputs of a call: a workflow that is started as if it were called. */
static struct value *started_call(struct arena *a, const struct gh_workflow *w, const struct facts *f)
{
    struct value *o = value_object(a, MAP_NOCASE);
    for (size_t i = 0; i < w->call_inputs.n; i++)
        value_set(o, w->call_inputs.p[i].id, typed_param(a, w, &w->call_inputs.p[i], f));
    return o;
}

struct value *gh_inputs_context(struct arena *a, const struct gh_workflow *w, const struct facts *f)
{
    if (str_is(f->change.event, "workflow_call"))
        return started_call(a, w, f);
    if (!str_is(f->change.event, "workflow_dispatch"))
        return value_null();
    struct value *o = value_object(a, MAP_NOCASE);
    for (size_t i = 0; i < w->n_inputs; i++)
        value_set(o, w->inputs[i].id, typed_input(a, &w->inputs[i], map_get_str(&f->inputs, w->inputs[i].id)));
    return o;
}
