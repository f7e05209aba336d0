/*
 * gh_read.c - a whole workflow: the keys of its root, and what root and jobs have in common.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

static void check_group(struct gh_reader *r, const struct doc_node *n, const struct gh_text *group)
{
    if (!group->set || group->expr)
        return;
    if (group->literal.n == 0)
        diag_error(r->d, "GH047", n->span, "Concurrency group name cannot be empty");
    else if (utf16_units(group->literal) > 400)
        diag_error(r->d, "GH047", n->span, "Concurrency group name must be less than 400 characters");
}

static void read_queue(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const char *const words[] = {"single", "max"};
    struct gh_concurrency *c = into;
    c->queue_max = gh_read_word(r, at->value, words, ARRAY_LEN(words)) == 1;
}

static const struct gh_key root_concurrency[] = {
    {"group", GH_V_TEXT, GH_SLOT_RUN_NAME, offsetof(struct gh_concurrency, group), NULL, true},
    {"cancel-in-progress", GH_V_BOOL, GH_SLOT_RUN_NAME, offsetof(struct gh_concurrency, cancel), NULL, false},
    {"queue", GH_V_CALL, GH_SLOT_RUN_NAME, 0, read_queue, false},
};
static const struct gh_key job_concurrency[] = {
    {"group", GH_V_TEXT, GH_SLOT_JOB_KEY, offsetof(struct gh_concurrency, group), NULL, true},
    {"cancel-in-progress", GH_V_BOOL, GH_SLOT_JOB_KEY, offsetof(struct gh_concurrency, cancel), NULL, false},
    {"queue", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_queue, false},
};

void gh_read_concurrency(struct gh_reader *r, const struct doc_node *n, enum gh_slot slot, struct gh_concurrency *ret)
{
    struct gh_concurrency c = {0};
    if (n->kind != DOC_MAP) {
        gh_read_text(r, n, slot, &c.group);
    } else if (slot == GH_SLOT_RUN_NAME) {
        gh_read_keys(r, n, root_concurrency, ARRAY_LEN(root_concurrency), &c);
    } else {
        gh_read_keys(r, n, job_concurrency, ARRAY_LEN(job_concurrency), &c);
    }
    const struct doc_node *where = n->kind == DOC_MAP ? doc_get(n, "group") : n;
    if (where)
        check_group(r, where, &c.group);
    if (c.queue_max && c.cancel.set && !c.cancel.expr && str_is(c.cancel.literal, "true"))
        diag_error(r->d, "GH047", c.cancel.span, GH_QUEUE_AND_CANCEL);
    *ret = c;
}

/* ---- the root ---- */

static void read_default_shell(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_workflow *w = into;
    if (gh_read_literal(r, at->value, true, &w->default_shell))
        gh_check_shell(r, w->default_shell, at->value);
}

static void read_default_workdir(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_workflow *w = into;
    struct str text;
    if (gh_read_literal(r, at->value, true, &text))
        gh_read_text(r, at->value, GH_SLOT_ANY, &w->default_workdir);
}

static void read_default_run(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"shell", GH_V_CALL, GH_SLOT_ANY, 0, read_default_shell, false},
        {"working-directory", GH_V_CALL, GH_SLOT_ANY, 0, read_default_workdir, false},
    };
    if (gh_is_map(r, at->value))
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), into);
}

static void read_defaults(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {{"run", GH_V_CALL, GH_SLOT_ANY, 0, read_default_run, false}};
    gh_warn_null(r, at->key, at->value);
    if (gh_is_map(r, at->value))
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), into);
}

static void read_on(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    gh_read_on(r, at->value);
}

static void read_jobs(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    gh_read_jobs(r, at->value);
    gh_check_needs(r, at->value);
}

static void read_root_permissions(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_workflow *w = into;
    gh_warn_null(r, at->key, at->value);
    gh_read_permissions(r, at->value, &w->permissions);
}

static void read_root_concurrency(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_workflow *w = into;
    gh_read_concurrency(r, at->value, GH_SLOT_RUN_NAME, &w->concurrency);
}

static const struct gh_key root_keys[] = {
    {"on", GH_V_CALL, GH_SLOT_ANY, 0, read_on, true},
    {"jobs", GH_V_CALL, GH_SLOT_ANY, 0, read_jobs, true},
    {"name", GH_V_LITERAL, GH_SLOT_ANY, offsetof(struct gh_workflow, name), NULL, false},
    {"run-name", GH_V_TEXT, GH_SLOT_RUN_NAME, offsetof(struct gh_workflow, run_name), NULL, false},
    {"description", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
    {"env", GH_V_PAIRS, GH_SLOT_ROOT_ENV, offsetof(struct gh_workflow, env), NULL, false},
    {"defaults", GH_V_CALL, GH_SLOT_ANY, 0, read_defaults, false},
    {"permissions", GH_V_CALL, GH_SLOT_ANY, 0, read_root_permissions, false},
    {"concurrency", GH_V_CALL, GH_SLOT_ANY, 0, read_root_concurrency, false},
};

struct gh_workflow *gh_workflow_try(struct arena *a, const struct doc_node *root, struct str file, struct diags *d)
{
    struct gh_workflow *w = ARENA_NEW(a, struct gh_workflow);
    struct gh_reader r = {.a = a, .d = d, .w = w};
    w->file = w->called = arena_str(a, file);
    w->sources = d->sources;
    gh_read_keys(&r, root, root_keys, ARRAY_LEN(root_keys), w);
    if (w->name.n == 0)
        w->name = w->file;
    gh_check_types(&r);
    gh_check_runners(&r);
    gh_check_with(&r);
    return w;
}

struct gh_workflow *gh_workflow_read(struct arena *a, const struct doc_node *root, struct str file, struct diags *d)
{
    size_t before = d->errors;
    struct gh_workflow *w = gh_workflow_try(a, root, file, d);
    return d->errors == before ? w : NULL;
}
