/*
 * provider/codebuild/cb_env.c - the variables of a build (specification 3, env, and 5).
 *
 * High to low: what the start overrides (--env), the batch item's, the project's, the buildspec's, the image's. Values
 * are literal. What comes from the Parameter Store or Secrets Manager is given here with -s, and never shows.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/num.h"

#define ACCOUNT "000000000000"

static void set(struct cb_run *r, const char *name, struct str text)
{
    map_set_str(&r->env, str_from(name), text);
}

static void set_all(struct cb_run *r, const struct map *from)
{
    for (size_t i = 0; i < from->n; i++)
        map_set_str(&r->env, from->entries[i].key, map_get_str(from, from->entries[i].key));
}

/* ---- secrets ---- */

/* The member of a JSON object as text; false: it is no object, or has no such member. */
static bool json_member(struct cb_run *r, struct str text, struct str key, struct str *ret)
{
    struct value *v = NULL;
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (value_from_json(r->arena, text, MAP_CASE, &v, NULL) < 0 || v->kind != VALUE_OBJECT)
        return false;
    const struct value *member = value_get(v, key);
    if (member == NULL)
        return false;
    if (member->kind == VALUE_STRING) {
        *ret = member->string;
        return true;
    }
    if (value_add_json(&b, member, VALUE_COMPACT) < 0)
        return false;
    *ret = arena_str(r->arena, buf_str(&b));
    return true;
}

/* By the variable's own name first, then by the name that it has at the service. */
static struct str secret_of(struct cb_run *r, const struct cb_ref *ref)
{
    const struct map *secrets = &r->facts->secrets;
    struct str given = map_get_str(secrets, ref->name), part = STR_NONE;
    struct str remote = ref->secret ? ref->secret_id : ref->target;
    if (given.p != NULL) {
        if (ref->json_key.n > 0 && json_member(r, given, ref->json_key, &part))
            return part;
        return given;
    }
    given = map_get_str(secrets, remote);
    if (given.p == NULL || ref->json_key.n == 0)
        return given;
    return json_member(r, given, ref->json_key, &part) ? part : STR_NONE;
}

/* The start's own value of the name stands in for the service's: it is not asked for then. */
static bool add_secret(struct cb_run *r, const struct cb_ref *ref)
{
    const char *kind = ref->secret ? "Secrets Manager secret" : "Parameter Store parameter";
    struct str remote = ref->secret ? ref->secret_id : ref->target;
    struct str text = secret_of(r, ref);
    if (map_find(&r->facts->env, ref->name) != NULL)
        return true;
    if (text.p == NULL) {
        cb_fail(r, "CLIENT_ERROR", "%s '%.*s'%s%.*s of variable %.*s is not known here: give it with -s %.*s=VALUE",
                kind, STR_ARG(remote), ref->json_key.n > 0 ? ", key " : "", STR_ARG(ref->json_key), STR_ARG(ref->name),
                STR_ARG(ref->name));
        cb_annotate(r, LEVEL_ERROR, ref->span, r->stages[r->stage].message);
        return false;
    }
    r->host->mask(r->host->ctx, text);
    map_set_str(&r->env, ref->name, text);
    return true;
}

static bool add_spec(struct cb_run *r)
{
    bool good = true;
    set_all(r, &r->spec->variables);
    for (size_t i = 0; i < r->spec->n_refs; i++)
        good = add_secret(r, &r->spec->refs[i]) && good;
    return good;
}

static bool add_project_secret(struct cb_run *r, const struct cb_var *v)
{
    struct cb_ref ref = {.name = v->name, .target = v->value, .secret = v->type == CB_SECRETS_MANAGER};
    struct err err = {0};
    ref.span = v->span;
    if (ref.secret && cb_secret_parse(v->value, &ref, &err) < 0) {
        cb_fail(r, "CLIENT_ERROR", "variable %.*s: %s", STR_ARG(v->name), err.text);
        return false;
    }
    return add_secret(r, &ref);
}

static bool add_project(struct cb_run *r)
{
    bool good = true;
    for (size_t i = 0; i < r->project->n_vars; i++) {
        const struct cb_var *v = &r->project->vars[i];
        switch (v->type) {
        case CB_PLAINTEXT:
            map_set_str(&r->env, v->name, v->value);
            break;
        case CB_PARAMETER_STORE:
        case CB_SECRETS_MANAGER:
            good = add_project_secret(r, v) && good;
            break;
        }
    }
    return good;
}

/* ---- what the service sets ---- */

static struct str region_of(struct cb_run *r)
{
    struct str region = map_get_str(&r->env, STR("AWS_REGION"));
    if (region.n == 0)
        region = map_get_str(&r->env, STR("AWS_DEFAULT_REGION"));
    return region.n > 0 ? region : STR("us-east-1");
}

/* Of the payload's pull request; 1 when nobody said. */
static unsigned pull_number(const struct cb_run *r)
{
    const struct value *pull = value_get(r->facts->payload, STR("pull_request"));
    const struct value *n = value_get(pull, STR("number"));
    if (n == NULL)
        n = value_get(r->facts->payload, STR("number"));
    return n != NULL && n->kind == VALUE_NUMBER && n->number >= 1 && n->number < 1e9 ? (unsigned)n->number : 1;
}

static bool is_pull(struct str event)
{
    return str_starts(event, STR("PULL_REQUEST"));
}

/* "commit, branch or tag given; pr/N". A start by hand is one of the branch that is checked out [R]. */
static struct str source_version(struct cb_run *r, struct str event)
{
    const struct repo_facts *repo = &r->facts->repo;
    const struct change *c = &r->facts->change;
    if (is_pull(event))
        return arena_printf(r->arena, "pr/%u", pull_number(r));
    if (event.n > 0)
        return repo->sha;
    if (c->tag.n > 0)
        return c->tag;
    return repo->branch.n > 0 ? repo->branch : repo->sha;
}

static struct str head_ref(struct cb_run *r)
{
    const struct change *c = &r->facts->change;
    if (c->tag.n > 0)
        return arena_printf(r->arena, "refs/tags/%.*s", STR_ARG(c->tag));
    return arena_printf(r->arena, "refs/heads/%.*s", STR_ARG(c->branch));
}

/* Only under an event: "unset in manually started builds". */
static void add_webhook(struct cb_run *r, struct str event)
{
    const struct change *c = &r->facts->change;
    const struct value *id = value_get(value_get(r->facts->payload, STR("sender")), STR("id"));
    struct str before = value_get_str(r->facts->payload, "before");
    set(r, "CODEBUILD_WEBHOOK_EVENT", event);
    set(r, "CODEBUILD_WEBHOOK_HEAD_REF", head_ref(r));
    if (id != NULL && id->kind == VALUE_NUMBER)
        set(r, "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID", arena_printf(r->arena, "%.0f", id->number));
    if (is_pull(event)) {
        set(r, "CODEBUILD_WEBHOOK_BASE_REF", arena_printf(r->arena, "refs/heads/%.*s", STR_ARG(c->base)));
        set(r, "CODEBUILD_WEBHOOK_TRIGGER", arena_printf(r->arena, "pr/%u", pull_number(r)));
        return;
    }
    bool tag = c->tag.n > 0;
    set(r, "CODEBUILD_WEBHOOK_TRIGGER",
        arena_printf(r->arena, "%s/%.*s", tag ? "tag" : "branch", STR_ARG(tag ? c->tag : c->branch)));
    if (str_is(event, "PUSH"))
        set(r, "CODEBUILD_WEBHOOK_PREV_COMMIT", before.n > 0 ? before : r->facts->repo.parent_sha);
}

static struct str arn(struct cb_run *r, struct str region, const char *kind, struct str name)
{
    return arena_printf(r->arena, "arn:aws:codebuild:%.*s:" ACCOUNT ":%s/%.*s", STR_ARG(region), kind, STR_ARG(name));
}

static void add_build(struct cb_run *r, struct str region)
{
    char log[37];
    r->host->uuid(r->host->ctx, log);
    set(r, "CODEBUILD_BUILD_ARN", arn(r, region, "build", r->build_id));
    set(r, "CODEBUILD_BUILD_ID", r->build_id);
    set(r, "CODEBUILD_BUILD_IMAGE", r->image);
    set(r, "CODEBUILD_BUILD_NUMBER", arena_printf(r->arena, "%llu", (unsigned long long)r->facts->run_number));
    set(r, "CODEBUILD_BUILD_URL",
        arena_printf(r->arena, "https://%.*s.console.aws.amazon.com/codebuild/home?region=%.*s#/builds/%.*s/view/new",
                     STR_ARG(region), STR_ARG(region), STR_ARG(r->build_id)));
    set(r, "CODEBUILD_CI", STR("true"));
    set(r, "CODEBUILD_GOPATH", r->src_base);
    set(r, "CODEBUILD_KMS_KEY_ID",
        arena_printf(r->arena, "arn:aws:kms:%.*s:" ACCOUNT ":alias/aws/s3", STR_ARG(region)));
    set(r, "CODEBUILD_LOG_PATH", str_from(log));
    set(r, "CODEBUILD_PROJECT_ARN", arn(r, region, "project", r->project->name));
    set(r, "CODEBUILD_START_TIME", arena_printf(r->arena, "%lld", (long long)r->facts->now_ms));
    if (r->build->identifier.n > 0)
        set(r, "CODEBUILD_BATCH_BUILD_IDENTIFIER", r->build->identifier);
}

static void add_source(struct cb_run *r, struct str event)
{
    set(r, "CODEBUILD_SRC_DIR", r->src_dir);
    if (r->facts->repo.is_git) {
        set(r, "CODEBUILD_RESOLVED_SOURCE_VERSION", r->facts->repo.sha);
        if (r->facts->repo.remote_url.n > 0)
            set(r, "CODEBUILD_SOURCE_REPO_URL", r->facts->repo.remote_url);
        set(r, "CODEBUILD_SOURCE_VERSION", source_version(r, event));
    }
}

/* "GitHub-Hookshot/<hex>" of a webhook, else who started it. */
static void add_initiator(struct cb_run *r, struct str event)
{
    struct str hex = str_sub(r->facts->repo.sha, 0, 7);
    set(r, "CODEBUILD_INITIATOR",
        event.n > 0 ? arena_printf(r->arena, "GitHub-Hookshot/%.*s", STR_ARG(hex)) : r->facts->machine.user);
}

/* How a command of a fanout finds its share (cb_shims.c); no variables of the service [R]. */
static void add_shard(struct cb_run *r)
{
    if (r->build->shards < 2)
        return;
    set(r, "SLIPWAY_SHARD", arena_printf(r->arena, "%u", r->build->shard));
    set(r, "SLIPWAY_SHARDS", arena_printf(r->arena, "%u", r->build->shards));
}

static void add_service(struct cb_run *r)
{
    const struct cb_model *model = r->leg->job->plan->model;
    struct str region = region_of(r);
    struct str event = model->by_hand ? STR("") : cb_event(&r->facts->change, r->facts->payload);
    if (map_find(&r->env, STR("AWS_REGION")) == NULL)
        set(r, "AWS_REGION", region);
    if (map_find(&r->env, STR("AWS_DEFAULT_REGION")) == NULL)
        set(r, "AWS_DEFAULT_REGION", region);
    add_build(r, region);
    add_source(r, event);
    add_initiator(r, event);
    if (event.n > 0)
        add_webhook(r, event);
    add_shard(r);
    set(r, "HOME", r->home);
}

bool cb_env_make(struct cb_run *r)
{
    map_init(&r->env, r->arena, MAP_CASE);
    set_all(r, &r->facts->base_env);
    map_remove(&r->env, STR("CI")); /* the service does not set it */
    set(r, "GOPATH", arena_printf(r->arena, "%.*s/go:%.*s", STR_ARG(r->prefix), STR_ARG(r->src_base)));
    bool good = add_spec(r);
    good = add_project(r) && good;
    set_all(r, &r->build->variables);
    set_all(r, &r->facts->env);
    add_service(r);
    cb_hide_in_commands(r);
    for (size_t i = 0; good && i < r->env.n; i++) {
        struct str name = r->env.entries[i].key, text = map_get_str(&r->env, name);
        cb_hide_credential(r, name, text);
        cb_shell_set(&r->shell, name, text, true);
    }
    return good;
}

void cb_env_refresh(struct cb_run *r)
{
    cb_shell_set(&r->shell, STR("CODEBUILD_BUILD_SUCCEEDING"), r->succeeding ? STR("1") : STR("0"), true);
    cb_shell_set(&r->shell, STR("CODEBUILD_LAST_EXIT"), arena_printf(r->scratch, "%d", r->last_exit), true);
}

void cb_env_path(struct cb_run *r, struct str folder)
{
    struct str path = cb_shell_get(&r->shell, "PATH");
    if (path.n > 0)
        folder = arena_printf(r->arena, "%.*s:%.*s", STR_ARG(folder), STR_ARG(path));
    cb_shell_set(&r->shell, STR("PATH"), folder, true);
}

/* ---- $NAME in texts that no shell sees ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name behind the $ at i; *ret_end is behind it all. Empty: it is no variable. */
static struct str name_at(struct str s, size_t i, size_t *ret_end)
{
    bool braces = i + 1 < s.n && s.p[i + 1] == '{';
    size_t from = i + (braces ? 2 : 1), to = from;
    while (to < s.n && is_word(s.p[to]))
        to++;
    *ret_end = braces ? to + 1 : to;
    if (braces && (to >= s.n || s.p[to] != '}'))
        return STR("");
    return str_sub(s, from, to);
}

struct str cb_expand(struct cb_run *r, struct str text)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < text.n; i++) {
        size_t end = 0;
        struct str name = text.p[i] == '$' ? name_at(text, i, &end) : STR("");
        if (name.n == 0) {
            buf_add_ch(&b, text.p[i]);
            continue;
        }
        const struct cb_value *v = map_get(&r->shell.vars, name);
        if (v != NULL)
            buf_add(&b, v->text);
        i = end - 1;
    }
    return arena_str(r->arena, buf_str(&b));
}
