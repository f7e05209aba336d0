/*
 * cb_event.c - what CodeBuild's webhook would be told of a change: its event, refs, actor and message.
 *
 * The payload of -e wins where it says more than the change does (merged, the sender's number, a release's name).
 * Names and the events that each type of filter tests are of "GitHub webhook events" and API_WebhookFilter.
 */
#include "core/base.h"
#include "provider/codebuild/project_priv.h"

const char *const cb_events[] = {
    "PUSH",
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_CLOSED",
    "PULL_REQUEST_REOPENED",
    "PULL_REQUEST_MERGED",
    "RELEASED",
    "PRERELEASED",
    "WORKFLOW_JOB_QUEUED",
};
const size_t cb_n_events = ARRAY_LEN(cb_events);

const char *const cb_filter_types[] = {
    "EVENT",    "ACTOR_ACCOUNT_ID", "HEAD_REF",        "BASE_REF",          "FILE_PATH",     "COMMIT_MESSAGE",
    "TAG_NAME", "RELEASE_NAME",     "REPOSITORY_NAME", "ORGANIZATION_NAME", "WORKFLOW_NAME", NULL,
};

static const struct value *part(const struct value *payload, const char *key)
{
    return value_get(payload, str_from(key));
}

static bool is_true(const struct value *v)
{
    return v && v->kind == VALUE_BOOL && v->boolean;
}

static const char *pull_event(struct str action, const struct value *payload)
{
    if (action.n == 0 || str_is(action, "opened"))
        return "PULL_REQUEST_CREATED";
    if (str_is(action, "synchronize"))
        return "PULL_REQUEST_UPDATED";
    if (str_is(action, "reopened"))
        return "PULL_REQUEST_REOPENED";
    if (str_is(action, "closed"))
        return is_true(part(part(payload, "pull_request"), "merged")) ? "PULL_REQUEST_MERGED" : "PULL_REQUEST_CLOSED";
    return NULL;
}

static const char *release_event(struct str action, const struct value *payload)
{
    bool early = is_true(part(part(payload, "release"), "prerelease"));
    if (str_is(action, "prereleased"))
        return "PRERELEASED";
    if (action.n == 0 || str_is(action, "published") || str_is(action, "released"))
        return early ? "PRERELEASED" : "RELEASED";
    return NULL;
}

struct str cb_event(const struct change *c, const struct value *payload)
{
    const char *event = NULL;
    if (str_is(c->event, "push"))
        event = "PUSH";
    else if (str_is(c->event, "pull_request"))
        event = pull_event(c->action, payload);
    else if (str_is(c->event, "release"))
        event = release_event(c->action, payload);
    else if (str_is(c->event, "workflow_job") && (c->action.n == 0 || str_is(c->action, "queued")))
        event = "WORKFLOW_JOB_QUEUED";
    return event ? str_from(event) : STR("");
}

bool cb_filter_applies(struct str type, struct str event, bool enterprise)
{
    bool push = str_is(event, "PUSH"), pull = str_starts(event, STR("PULL_REQUEST_"));
    if (str_is(type, "BASE_REF"))
        return pull;
    if (str_is(type, "HEAD_REF"))
        return push || pull;
    if (str_is(type, "FILE_PATH") || str_is(type, "COMMIT_MESSAGE"))
        return push || (pull && !enterprise);
    if (str_is(type, "TAG_NAME") || str_is(type, "RELEASE_NAME"))
        return str_is(event, "RELEASED") || str_is(event, "PRERELEASED");
    if (str_is(type, "WORKFLOW_NAME"))
        return str_is(event, "WORKFLOW_JOB_QUEUED");
    return true;
}

/* A number of the payload as digits; STR_NONE when there is none. */
static struct str digits(struct arena *a, const struct value *v)
{
    if (!v || v->kind != VALUE_NUMBER || v->number < 0 || v->number > 9e15)
        return STR_NONE;
    return arena_printf(a, "%.0f", v->number);
}

static struct str head_ref(struct arena *a, const struct change *c)
{
    if (c->tag.n)
        return arena_printf(a, "refs/tags/%.*s", STR_ARG(c->tag));
    return c->branch.n ? arena_printf(a, "refs/heads/%.*s", STR_ARG(c->branch)) : STR_NONE;
}

void cb_webhook_of(struct arena *a, const struct facts *f, struct cb_webhook *ret)
{
    const struct change *c = &f->change;
    const struct value *release = part(f->payload, "release"), *head = part(part(f->payload, "pull_request"), "head");
    struct str told = value_get_str(part(f->payload, "head_commit"), "message");
    *ret = (struct cb_webhook){.event = cb_event(c, f->payload)};
    bool push = str_is(ret->event, "PUSH"), pull = str_starts(ret->event, STR("PULL_REQUEST_"));
    ret->actor_id = digits(a, part(part(f->payload, "sender"), "id"));
    ret->message = told.p ? told : f->repo.message;
    if (push || pull)
        ret->head_ref = head_ref(a, c);
    if (pull && c->base.n)
        ret->base_ref = arena_printf(a, "refs/heads/%.*s", STR_ARG(c->base));
    ret->fork = pull && is_true(part(part(head, "repo"), "fork"));
    ret->tag = release ? value_get_str(release, "tag_name") : c->tag.n ? c->tag : STR_NONE;
    ret->release = value_get_str(release, "name");
    ret->workflow = value_get_str(part(f->payload, "workflow_job"), "workflow_name");
}
