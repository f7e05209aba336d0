/*
 * gh_got.c - gets actions that are not native: fetches their repositories into the job, reads their manifests there,
 * and goes on with the actions that composite ones name (specification 10.1, 10.2). What comes from a repository is got
 * once a job; folders of the workspace are read whenever a step asks, as steps may write them.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/path.h"
#include "core/vec.h"

#define NAMES_MAX 8 /* of manifests and Dockerfiles */

/* ---- what is wanted ---- */

static struct str actions_dir(const struct gh_run *r)
{
    return arena_printf(r->arena, "%.*s/_actions", STR_ARG(r->work));
}

static struct gh_got *find(const struct gh_run *r, struct str uses)
{
    for (size_t i = 0; i < r->gots.n; i++) {
        if (str_eq(r->gots.p[i]->label, uses))
            return r->gots.p[i];
    }
    return NULL;
}

struct gh_got *gh_got_remote(struct gh_run *r, struct str uses)
{
    struct str name, ref, dir = actions_dir(r);
    struct gh_got *g = find(r, uses);
    if (g != NULL || gh_uses_parse(uses, &name, &ref, NULL) < 0)
        return g;
    g = ARENA_NEW(r->arena, struct gh_got);
    g->label = uses;
    g->repository = gh_uses_repository(name);
    g->ref = ref;
    g->root = arena_printf(r->arena, "%.*s/%.*s/%.*s", STR_ARG(dir), STR_ARG(g->repository), STR_ARG(ref));
    struct str inner = str_from_index(name, g->repository.n);
    g->dir = path_clean(r->arena, arena_printf(r->arena, "%.*s%.*s", STR_ARG(g->root), STR_ARG(inner)));
    g->file_dir = uses;
    if (!path_under(g->dir, g->root) || !path_under(g->root, dir))
        g->error = arena_printf(r->arena, "'%.*s' leads out of its repository", STR_ARG(uses));
    vec_push_in(r->arena, &r->gots, g);
    return g;
}

struct gh_got *gh_got_of(struct gh_run *r, const struct gh_step *def)
{
    struct str name, ref;
    if (def->kind != GH_STEP_USES || gh_uses_kind(def->uses) != GH_USES_REPOSITORY ||
        gh_uses_parse(def->uses, &name, &ref, NULL) < 0 || gh_native_for(r->facts, name) != NULL)
        return NULL;
    return gh_got_remote(r, def->uses);
}

/* "$/x" of the workflow itself: its repository as it is, shown beside the workspace. */
static struct str own_root(struct gh_run *r)
{
    struct str dir = actions_dir(r);
    return arena_printf(r->arena, "%.*s/%.*s/%.*s", STR_ARG(dir), STR_ARG(value_get_str(r->github, "repository")),
                        STR_ARG(value_get_str(r->github, "sha")));
}

/* "$/x" of a called workflow that lies in another repository: an action of that one, as if it were named. */
static struct gh_got *of_called(struct gh_run *r, struct str uses)
{
    const struct gh_workflow *w = r->workflow;
    struct str inner = path_clean(r->arena, str_from_index(uses, 2));
    bool root = str_is(inner, ".");
    return gh_got_remote(r, arena_printf(r->arena, "%.*s%s%.*s@%.*s", STR_ARG(w->repo), root ? "" : "/",
                                         root ? 0 : (int)inner.n, inner.p, STR_ARG(w->ref)));
}

struct gh_got *gh_got_local(struct gh_run *r, const struct gh_frame *f, struct str uses)
{
    struct gh_got *g = ARENA_NEW(r->arena, struct gh_got);
    bool same = uses.p[0] == '$';
    if (same && f->got == NULL && r->workflow->repo.n > 0)
        return of_called(r, uses);
    char *path = arena_alloc(r->arena, uses.n + 1);
    for (size_t i = 0; i < uses.n; i++)
        path[i] = uses.p[i] == '\\' ? '/' : uses.p[i];
    g->label = uses;
    g->local = true;
    g->root = r->workspace;
    if (same && f->got != NULL) {
        g->root = f->got->root;
        g->repository = f->got->repository;
        g->ref = f->got->ref;
    } else if (same) {
        g->root = own_root(r);
        g->shows_own = true;
    }
    g->dir = path_clean(r->arena, path_join(r->arena, g->root, str_from_index(str_of(path, uses.n), 2)));
    g->file_dir = path_rel(g->dir, g->root);
    return g;
}

/* ---- getting ---- */

void gh_errand_add(struct gh_run *r, struct gh_errand *errand, struct gh_got *g)
{
    for (size_t i = 0; i < errand->n; i++) {
        if (errand->p[i] == g)
            return;
    }
    vec_push_in(r->arena, errand, g);
}

void gh_errand_steps(struct gh_run *r, struct gh_errand *errand, const struct gh_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct gh_got *g = gh_got_of(r, &steps[i]);
        if (g != NULL)
            gh_errand_add(r, errand, g);
        gh_errand_steps(r, errand, steps[i].children, steps[i].n_children);
    }
}

/* Is its repository there already, because of another action of the same? */
static bool is_shown(struct gh_run *r, const struct gh_got *g)
{
    if (g->local && !g->shows_own)
        return true;
    for (size_t i = 0; i < r->shown.n; i++) {
        if (str_eq_nocase(r->shown.p[i], g->root))
            return true;
    }
    return false;
}

static void show_op(struct gh_run *r, struct gh_task *t, struct op *op, const struct gh_got *g)
{
    if (g->shows_own) {
        gh_op_other(r, t, op, OP_VIEW);
        op->view_path = g->root;
        return;
    }
    gh_say(t, "Download action repository '%.*s@%.*s'", STR_ARG(g->repository), STR_ARG(g->ref));
    gh_op_other(r, t, op, OP_FETCH);
    op->fetch.repo = g->repository;
    op->fetch.ref = g->ref;
    op->fetch.path = g->root;
}

static void read_op(struct gh_run *r, struct gh_task *t, struct op *op, const struct gh_got *g)
{
    struct strs files = {0};
    for (size_t i = 0; gh_manifest_names[i] != NULL; i++)
        vec_push_in(r->arena, &files, path_join(r->arena, g->dir, str_from(gh_manifest_names[i])));
    for (size_t i = 0; gh_dockerfile_names[i] != NULL; i++)
        vec_push_in(r->arena, &files, path_join(r->arena, g->dir, str_from(gh_dockerfile_names[i])));
    gh_op_read(r, t, op, &files);
}

enum drive gh_errand_next(struct gh_run *r, struct gh_task *t, struct op *op, struct gh_errand *errand)
{
    for (; errand->at < errand->n; errand->at++) {
        const struct gh_got *g = errand->p[errand->at];
        if (g->manifest != NULL || g->container || g->error.n > 0)
            continue;
        if (is_shown(r, g))
            read_op(r, t, op, g);
        else
            show_op(r, t, op, g);
        return DRIVE_OP;
    }
    return DRIVE_DONE;
}

/* ---- what came of it ---- */

static void not_there(struct gh_run *r, struct gh_got *g)
{
    g->error =
        g->local
            ? arena_printf(r->arena,
                           "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '%.*s'. Did you forget to run "
                           "actions/checkout before running your local action?",
                           STR_ARG(g->dir))
            : arena_printf(r->arena, "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action '%.*s'.",
                           STR_ARG(g->label));
}

static void parse(struct gh_task *t, struct gh_got *g, const char *name, struct str text)
{
    struct gh_run *r = t->run;
    struct str file = path_join(r->arena, g->file_dir, str_from(name));
    struct strs errors = {0};
    if (r->sources == NULL)
        r->sources = sources_new();
    g->manifest = gh_manifest_parse(r->arena, r->sources, file, text, &errors);
    if (g->manifest != NULL)
        return;
    for (size_t i = 0; i < errors.n; i++)
        gh_complain(t, LEVEL_ERROR, "%.*s", STR_ARG(errors.p[i]));
    g->error = arena_printf(r->arena, "Failed to load %.*s", STR_ARG(file));
}

/* The files of read_op are back: the first that is there counts. */
static void take_files(struct gh_task *t, struct gh_got *g, const struct op_end *end)
{
    size_t i = 0;
    for (size_t k = 0; gh_manifest_names[k] != NULL; k++, i++) {
        if (end->read_errors[i] != 0) {
            struct err err = {0};
            err_sys(&err, end->read_errors[i], "%s", gh_manifest_names[k]);
            g->error = arena_printf(t->run->arena, "Failed to load %.*s: %s", STR_ARG(g->label), err.text);
            return;
        }
        if (end->reads[i].p != NULL) {
            parse(t, g, gh_manifest_names[k], end->reads[i]);
            return;
        }
    }
    for (size_t k = 0; gh_dockerfile_names[k] != NULL; k++, i++) {
        if (end->reads[i].p != NULL) {
            g->container = true;
            return;
        }
    }
    not_there(t->run, g);
}

static void take_shown(struct gh_task *t, struct gh_got *g, const struct op_end *end)
{
    struct gh_run *r = t->run;
    if (end->how == OP_EXITED) {
        vec_push_in(r->arena, &r->shown, g->root);
        if (end->matched.n > 0)
            gh_say(t, "  (SHA:%.*s)", STR_ARG(end->matched));
        return;
    }
    g->missing = !g->local;
    g->error = arena_printf(r->arena, "Unable to resolve action `%.*s`: %s", STR_ARG(g->label), end->err.text);
}

bool gh_errand_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end, struct gh_errand *errand)
{
    struct gh_got *g = errand->p[errand->at];
    bool reading = is_shown(r, g);
    if (end->how != OP_EXITED && end->how != OP_NOT_STARTED)
        return gh_ended(t, end);
    if (end->how == OP_NOT_STARTED && r->cancelled)
        return gh_ended(t, end);
    if (!reading)
        take_shown(t, g, end);
    else if (end->how == OP_EXITED)
        take_files(t, g, end);
    else
        g->error = arena_printf(r->arena, "Failed to load %.*s: %s", STR_ARG(g->label), end->err.text);
    if (g->manifest != NULL && g->manifest->using == GH_USING_COMPOSITE)
        gh_errand_steps(r, errand, g->manifest->steps, g->manifest->n_steps);
    if (g->manifest != NULL && g->manifest->using == GH_USING_DOCKER)
        g->container = true;
    return true;
}
