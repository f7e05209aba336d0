/*
 * gh_missing.c - which legs cannot run here because a tool that they surely set up is not on this machine: they are
 * skipped by name before the run, instead of failing in the middle of it.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "provider/github/python_priv.h"

enum tool { TOOL_PYTHON, TOOL_NODE, TOOL_GO };

static const struct {
    enum tool tool;
    const char *action, *input, *title;
} SETUPS[] = {
    {TOOL_PYTHON, "actions/setup-python", "python-version", "Python"},
    {TOOL_NODE, "actions/setup-node", "node-version", "Node.js"},
    {TOOL_GO, "actions/setup-go", "go-version", "Go"},
};

/* The row of a step that surely runs as slipway's own action, or ARRAY_LEN. */
static size_t row_of(const struct gh_step *s, const struct facts *f)
{
    struct str name, ref;
    size_t row = 0;
    if (s->kind != GH_STEP_USES || s->cond.set || f->native_never || gh_uses_parse(s->uses, &name, &ref, NULL) < 0)
        return ARRAY_LEN(SETUPS);
    for (size_t i = 0; i < f->not_native.n; i++) {
        if (str_eq_nocase(f->not_native.p[i], name))
            return ARRAY_LEN(SETUPS);
    }
    while (row < ARRAY_LEN(SETUPS) && !str_is_nocase(name, SETUPS[row].action))
        row++;
    return row;
}

static const struct gh_text *with_find(const struct gh_step *s, const char *name)
{
    for (size_t i = 0; i < s->with.n; i++) {
        if (str_is_nocase(s->with.p[i].key, name))
            return &s->with.p[i].value;
    }
    return NULL;
}

/* Can the slot be evaluated before the job runs? */
static bool is_known(const struct gh_text *t)
{
    static const char *const LATE[] = {"env", "steps", "job", "runner", "secrets"};
    for (size_t i = 0; t->expr != NULL && i < ARRAY_LEN(LATE); i++) {
        if (gh_expr_uses(t->expr, LATE[i]))
            return false;
    }
    return true;
}

static int find(struct arena *a, const struct facts *f, const struct gh_step *s, enum tool tool, struct str spec)
{
    const struct interpreter *found;
    const struct gh_text *pre = with_find(s, "allow-prereleases"), *free = with_find(s, "freethreaded");
    switch (tool) {
    case TOOL_PYTHON:
        if (free != NULL && str_is_nocase(free->literal, "true"))
            return -ENOSYS;
        return gh_python_find(a, f, spec, pre != NULL && str_is_nocase(pre->literal, "true"), &found, NULL);
    case TOOL_NODE:
        return gh_node_find(a, f, spec, &found, NULL, NULL);
    case TOOL_GO:
        return gh_go_find(a, f, spec, &found, NULL, NULL);
    }
    return 0;
}

static struct str step_missing(struct arena *a, const struct gh_step *s, size_t row, const struct gh_scope *scope,
                               const struct facts *f)
{
    const struct gh_text *version = with_find(s, SETUPS[row].input);
    struct str rest, line;
    if (version == NULL || !is_known(version) || gh_text_string(a, version, scope, &rest, NULL) < 0)
        return STR_NONE;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0)
            continue;
        int rc = find(a, f, s, SETUPS[row].tool, line);
        if (rc == -ENOENT || rc == -ENOSYS) {
            bool named = rc == -ENOSYS && (line.p[0] < '0' || line.p[0] > '9'); /* "no pypy3.10 here" */
            return arena_printf(a, "no %s%s%.*s here", named ? "" : SETUPS[row].title, named ? "" : " ", STR_ARG(line));
        }
    }
    return STR_NONE;
}

struct str gh_leg_missing(struct arena *a, const struct gh_job *job, const struct gh_scope *scope,
                          const struct facts *f)
{
    for (size_t i = 0; i < job->n_steps; i++) {
        size_t row = row_of(&job->steps[i], f);
        if (row == ARRAY_LEN(SETUPS))
            continue;
        struct str why = step_missing(a, &job->steps[i], row, scope, f);
        if (why.n > 0)
            return why;
    }
    return STR_NONE;
}
