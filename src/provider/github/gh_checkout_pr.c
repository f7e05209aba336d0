/*
 * gh_checkout_pr.c - actions/checkout does not check out a fork's pull request where the workflow runs with the base
 * repository's secrets (pull_request_target, workflow_run), unless it is told to.
 */
#include "core/base.h"
#include "provider/github/checkout_priv.h"

struct fork {
    struct str full_name;
    struct str commits[2];
};

static const struct value *at(const struct value *v, const char *path)
{
    struct str rest = str_from(path), key;
    while (v != NULL && str_next(&rest, '.', &key))
        v = value_get(v, key);
    return v;
}

static struct str text_at(const struct value *v, const char *path)
{
    v = at(v, path);
    return v != NULL && v->kind == VALUE_STRING ? v->string : STR_NONE;
}

/* Does the event come of another repository than the base? *ret is then what is its. */
static bool read_fork(const struct value *event, struct str name, struct fork *ret)
{
    bool target = str_is(name, "pull_request_target");
    const struct value *base = at(event, "repository.id");
    const struct value *head = at(event, target ? "pull_request.head.repo.id" : "workflow_run.head_repository.id");
    struct str of = text_at(event, "workflow_run.event");
    if (!target && !str_starts(of, STR("pull_request")))
        return false;
    if (base == NULL || head == NULL || base->kind != VALUE_NUMBER || head->kind != VALUE_NUMBER)
        return false;
    ret->full_name =
        text_at(event, target ? "pull_request.head.repo.full_name" : "workflow_run.head_repository.full_name");
    ret->commits[0] = text_at(event, target ? "pull_request.head.sha" : "workflow_run.head_commit.id");
    ret->commits[1] = target                              ? text_at(event, "pull_request.merge_commit_sha")
                      : str_is(of, "pull_request_target") ? STR_NONE
                                                          : text_at(event, "workflow_run.head_sha");
    return base->number < head->number || base->number > head->number;
}

/* refs/pull/7/head, refs/pull/7/merge */
static bool is_pull(struct str ref)
{
    struct str number, kind;
    if (!str_starts(ref, STR("refs/pull/")) || !str_cut(str_from_index(ref, 10), '/', &number, &kind))
        return false;
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] < '0' || number.p[i] > '9')
            return false;
    }
    return number.n > 0 && (str_is(kind, "head") || str_is(kind, "merge"));
}

bool gh_checkout_safe_pr(struct gh_task *t, const struct gh_checkout *c)
{
    const struct gh_run *r = t->run;
    struct str name = value_get_str(r->github, "event_name");
    struct fork fork = {0};
    if ((!str_is(name, "pull_request_target") && !str_is(name, "workflow_run")) ||
        !read_fork(value_get(r->github, STR("event")), name, &fork))
        return true;
    bool theirs = fork.full_name.n > 0 && str_eq_nocase(c->repository, fork.full_name);
    bool commit =
        c->commit.n > 0 && (str_eq_nocase(c->commit, fork.commits[0]) || str_eq_nocase(c->commit, fork.commits[1]));
    if (!theirs && !commit && !is_pull(c->ref))
        return true;
    gh_fail(t,
            "Refusing to check out fork pull request code from a '%.*s' workflow. This workflow runs with the base "
            "repository's GITHUB_TOKEN, secrets, default-branch cache scope, and runner access. Fetching fork's code "
            "in that trusted context is a \"pwn request\" supply-chain attack pattern. To opt in after reviewing the "
            "risk, set 'allow-unsafe-pr-checkout: true' on the actions/checkout step.",
            STR_ARG(name));
    return false;
}
