/*
 * gh_payload.c - github.event: as it was given, or made up from what is known of the repository ("Webhook events").
 *
 * What is made up holds the members that workflows commonly ask for. Times are UTC, ids are stable small numbers.
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/model_priv.h"

static struct str known(struct str s, struct str otherwise)
{
    return s.n ? s : otherwise;
}

static void set_text(struct arena *a, struct value *o, const char *key, struct str text)
{
    value_set_str(a, o, key, text);
}

static void set(struct value *o, const char *key, struct value *v)
{
    value_set(o, str_from(key), v);
}

static struct value *object(struct arena *a)
{
    return value_object(a, MAP_NOCASE);
}

static struct value *person(struct arena *a, struct str login)
{
    struct value *o = object(a);
    set_text(a, o, "login", login);
    set_text(a, o, "name", login);
    set(o, "id", value_number(a, 1));
    set_text(a, o, "type", STR("User"));
    return o;
}

static struct value *repository(struct arena *a, const struct facts *f)
{
    const struct repo_facts *r = &f->repo;
    struct str full = arena_printf(a, "%.*s/%.*s", STR_ARG(r->owner), STR_ARG(r->name));
    struct value *o = object(a);
    set(o, "id", value_number(a, 1));
    set_text(a, o, "name", r->name);
    set_text(a, o, "full_name", full);
    set(o, "owner", person(a, r->owner));
    set(o, "private", value_bool(a, false));
    set(o, "fork", value_bool(a, false));
    set_text(a, o, "default_branch", known(r->default_branch, STR("main")));
    set_text(a, o, "html_url", arena_printf(a, "https://github.com/%.*s", STR_ARG(full)));
    set_text(a, o, "clone_url", arena_printf(a, "https://github.com/%.*s.git", STR_ARG(full)));
    return o;
}

static struct value *commit(struct arena *a, const struct facts *f)
{
    struct value *o = object(a), *author = object(a);
    CLEAN(buf) struct buf time = BUF(BUF_LINE);
    num_add_time(&time, f->repo.commit_ms);
    set_text(a, author, "name", f->repo.author_name);
    set_text(a, author, "email", f->repo.author_email);
    set_text(a, author, "username", f->repo.author_name);
    set_text(a, o, "id", f->repo.sha);
    set_text(a, o, "message", f->repo.message);
    set_text(a, o, "timestamp", buf_str(&time));
    set_text(a, o, "url",
             arena_printf(a, "https://github.com/%.*s/%.*s/commit/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name),
                          STR_ARG(f->repo.sha)));
    set(o, "author", author);
    set(o, "committer", author);
    return o;
}

static void add_push(struct arena *a, const struct facts *f, struct value *o)
{
    static const char zeros[] = "0000000000000000000000000000000000000000";
    const struct change *c = &f->change;
    struct str before = known(f->repo.parent_sha, str_from(zeros));
    struct value *commits = value_array(a), *head = commit(a, f), *pusher = object(a);
    struct str branch = known(c->branch, known(f->repo.default_branch, STR("main")));
    value_push(a, commits, head);
    set_text(a, pusher, "name", f->repo.author_name);
    set_text(a, pusher, "email", f->repo.author_email);
    set_text(a, o, "ref",
             c->tag.n ? arena_printf(a, "refs/tags/%.*s", STR_ARG(c->tag))
                      : arena_printf(a, "refs/heads/%.*s", STR_ARG(branch)));
    set_text(a, o, "before", before);
    set_text(a, o, "after", f->repo.sha);
    set(o, "base_ref", value_null());
    set(o, "created", value_bool(a, str_is(before, zeros)));
    set(o, "deleted", value_bool(a, c->deleted));
    set(o, "forced", value_bool(a, false));
    set_text(a, o, "compare",
             arena_printf(a, "https://github.com/%.*s/%.*s/compare/%.*s...%.*s", STR_ARG(f->repo.owner),
                          STR_ARG(f->repo.name), STR_ARG(before), STR_ARG(f->repo.sha)));
    set(o, "commits", commits);
    set(o, "head_commit", head);
    set(o, "pusher", pusher);
}

static struct value *pull_end(struct arena *a, const struct facts *f, struct str branch, struct str sha)
{
    struct value *o = object(a);
    set_text(a, o, "ref", branch);
    set_text(a, o, "sha", sha);
    set(o, "repo", repository(a, f));
    return o;
}

static void add_pull(struct arena *a, const struct facts *f, struct value *o)
{
    struct value *p = object(a);
    struct str title, rest;
    struct str base = known(f->change.base, known(f->repo.default_branch, STR("main")));
    str_cut(f->repo.message, '\n', &title, &rest);
    set(p, "number", value_number(a, 1));
    set_text(a, p, "title", title);
    set_text(a, p, "body", rest);
    set(p, "draft", value_bool(a, false));
    set_text(a, p, "state", STR("open"));
    set(p, "merged", value_bool(a, false));
    set(p, "user", person(a, f->repo.owner));
    set(p, "labels", value_array(a));
    set(p, "head", pull_end(a, f, known(f->change.branch, f->repo.branch), f->repo.sha));
    set(p, "base", pull_end(a, f, base, f->repo.parent_sha));
    set_text(a, p, "merge_commit_sha", f->repo.sha);
    set_text(a, o, "action", known(f->change.action, STR("synchronize")));
    set(o, "number", value_number(a, 1));
    set(o, "pull_request", p);
}

static void add_dispatch(struct arena *a, const struct facts *f, struct value *o)
{
    struct value *inputs = object(a);
    for (size_t i = 0; i < f->inputs.n; i++) {
        struct str key = f->inputs.entries[i].key;
        value_set(inputs, key, value_string(a, map_get_str(&f->inputs, key)));
    }
    struct str branch = known(f->change.branch, known(f->repo.default_branch, STR("main")));
    set(o, "inputs", inputs);
    set_text(a, o, "ref",
             f->change.tag.n ? arena_printf(a, "refs/tags/%.*s", STR_ARG(f->change.tag))
                             : arena_printf(a, "refs/heads/%.*s", STR_ARG(branch)));
}

struct value *gh_event_payload(struct arena *a, const struct facts *f)
{
    struct str event = f->change.event;
    struct value *o;
    if (f->payload)
        return f->payload;
    o = object(a);
    if (str_is(event, "push"))
        add_push(a, f, o);
    else if (str_is(event, "pull_request") || str_is(event, "pull_request_target"))
        add_pull(a, f, o);
    else if (str_is(event, "workflow_dispatch"))
        add_dispatch(a, f, o);
    else if (f->change.action.n)
        set_text(a, o, "action", f->change.action);
    set(o, "repository", repository(a, f));
    set(o, "sender", person(a, f->repo.owner));
    return o;
}
