/*
 * az_template.c - `template:` and `extends:` (specification 5.5): files are found, read once, and stand in their
 * references' stead.
 */
#include "core/base.h"
#include "provider/azure/template_priv.h"

/* ---- files ---- */

struct az_file *az_file_of(struct az_walk *w, uint32_t source, struct str path, const struct az_frame *frame)
{
    struct az_expansion *x = w->x;
    for (size_t i = 0; i < w->n_files; i++)
        if (w->files[i]->source == source)
            return w->files[i];
    struct az_file *file = ARENA_NEW(x->arena, struct az_file);
    *file = (struct az_file){.source = source, .path = path, .alias = frame->repo->alias};
    VEC(struct az_file *) files = {w->files, w->n_files, w->cap_files};
    vec_push_in(x->arena, &files, file);
    w->files = files.p, w->n_files = files.n, w->cap_files = files.cap;
    struct strs names = {x->files, x->n_files, x->cap_files};
    vec_push_in(x->arena, &names, sources_name(x->d->sources, source));
    x->files = names.p, x->n_files = names.n, x->cap_files = names.cap;
    const struct az_value *root = frame == x->frame ? x->source : az_load(x->arena, source, frame, x->d);
    if (root)
        file->root = az_compile(x->arena, root, x->d);
    return file;
}

struct str az_short_ref(struct str ref)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(ref, str_from(prefixes[i])))
            return str_from_index(ref, strlen(prefixes[i]));
    return ref;
}

static void tell_missing(struct az_env *env, const struct az_value *at, const struct az_repo *repo, struct str path,
                         int r, const struct err *e)
{
    struct diags *d = env->w->x->d;
    if (r == -ENOENT && repo->repo.n == 0)
        az_error(d, "AZ041", at, "File /%.*s not found in this repository", STR_ARG(path));
    else if (r == -ENOENT)
        az_error(d, "AZ041", at, "File /%.*s not found in repository %.*s branch %.*s", STR_ARG(path),
                 STR_ARG(repo->repo), STR_ARG(repo->ref));
    else if (r == -EADDRNOTAVAIL) {
        az_error(d, "AZ042", at, "Where the repository '%.*s' (%.*s, type %.*s) is, is not known here",
                 STR_ARG(repo->alias), STR_ARG(repo->repo), STR_ARG(repo->type));
        az_hint(d, "--local-repository %.*s@%.*s=DIR takes a folder in its stead; --actions-base URL names its server",
                STR_ARG(repo->repo), STR_ARG(az_short_ref(repo->ref)));
    } else if (r == -ENETUNREACH) {
        az_error(d, "AZ042", at, "The repository '%.*s' (%.*s) of this template was never fetched",
                 STR_ARG(repo->alias), STR_ARG(repo->repo));
        az_hint(d, "--local-repository %.*s@%.*s=DIR takes a folder in its stead", STR_ARG(repo->repo),
                STR_ARG(az_short_ref(repo->ref)));
    } else
        az_error(d, "AZ042", at, "The template /%.*s cannot be read: %s", STR_ARG(path), e->text);
}

static struct az_file *known_file(const struct az_walk *w, const struct az_frame *frame)
{
    for (size_t i = 0; i < w->n_files; i++)
        if (str_eq(w->files[i]->path, frame->path) && str_eq_nocase(w->files[i]->alias, frame->repo->alias))
            return w->files[i];
    return NULL;
}

/* Reads the file at frame's path, unless it was read before. 0, or what read_file says. */
static int read_file(struct az_env *env, const struct az_frame *frame, struct az_file **ret, struct err *e)
{
    struct az_expansion *x = env->w->x;
    const struct az_repo *repo = frame->repo;
    struct file_query q = {repo->repo, repo->repo.n > 0 ? az_short_ref(repo->ref) : STR(""), frame->path};
    struct file_found found = {0};
    *ret = known_file(env->w, frame);
    if (*ret)
        return 0;
    if (!az_repo_has_address(x->facts, repo))
        return -EADDRNOTAVAIL;
    int r = x->facts->read_file ? x->facts->read_file(x->facts->read_ctx, &q, &found, e) : -ENOENT;
    if (r < 0)
        return r;
    *ret = az_file_of(env->w, found.source, frame->path, frame);
    return 0;
}

/* ---- references ---- */

struct reference {
    const struct az_value *at; /* the path */
    struct str path;
    const struct az_value *parameters;
};

static bool is_known_key(struct az_env *env, const struct az_value *key)
{
    if (str_is(key->text, "template") || str_is(key->text, "parameters"))
        return true;
    az_error(env->w->x->d, "AZ044", key, "Unexpected value '%.*s'", STR_ARG(key->text));
    az_hint(env->w->x->d, "a reference to a template has `parameters` beside it, and nothing else");
    return false;
}

static bool read_reference(struct az_env *env, const struct az_value *v, struct reference *ret)
{
    struct diags *d = env->w->x->d;
    for (size_t i = 0; i < v->object.n; i++)
        is_known_key(env, v->object.p[i].key);
    const struct az_value *path = az_get(v, STR("template"));
    if (!path || !az_is_scalar(path)) {
        az_error(d, "AZ019", path ? path : v, "Expected a scalar value: the path of a template");
        return false;
    }
    struct str text = az_scalar(env->w->x->arena, path);
    if (str_find(text, STR("$(")) >= 0) {
        az_error(d, "AZ045", path, "Macros are not known while templates are read: '%.*s'", STR_ARG(text));
        az_hint(d, "use ${{ parameters.name }} or ${{ variables.name }}");
        return false;
    }
    const struct az_value *given = az_get(v, STR("parameters"));
    if (given && given->kind != AZ_OBJECT && !(az_is_scalar(given) && az_scalar(env->w->x->arena, given).n == 0)) {
        az_error(d, "AZ019", given, "Expected a mapping: the parameters of a template");
        return false;
    }
    *ret = (struct reference){path, text, given && given->kind == AZ_OBJECT ? given : NULL};
    return true;
}

/* "b.yml, a.yml" for a.yml that includes b.yml that includes a.yml ...: empty when no file stands twice in the chain.
 */
static struct str circle(struct arena *a, const struct az_frame *frame)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (const struct az_frame *f = frame->parent; f; f = f->parent) {
        buf_printf(&b, "%s%.*s", b.n > 0 ? ", which is included by " : "", STR_ARG(f->path));
        if (str_eq(f->path, frame->path) && str_eq(f->repo->alias, frame->repo->alias))
            return arena_str(a, buf_str(&b));
    }
    return STR("");
}

static bool may_nest(struct az_env *env, const struct az_frame *frame)
{
    struct az_expansion *x = env->w->x;
    if (frame->depth <= AZ_MAX_NESTING)
        return true;
    struct str chain = circle(x->arena, env->frame);
    diag_error(x->d, "AZ043", frame->at, "Maximum object depth exceeded: templates are nested more than %d deep",
               AZ_MAX_NESTING);
    if (chain.n > 0)
        az_hint(x->d, "%.*s is included by %.*s", STR_ARG(env->frame->path), STR_ARG(chain));
    env->w->stopped = true;
    return false;
}

/* The file that a path leads to from `from`. 0, or -ENOENT and others, told unless quiet. */
static int find(struct az_env *env, const struct reference *r, const struct az_frame *from, bool quiet,
                struct az_frame *frame, struct az_file **ret)
{
    struct az_expansion *x = env->w->x;
    struct err e = {0};
    int n = az_resolve(x->arena, &x->repos, from, r->path, &frame->repo, &frame->path, &e);
    if (n < 0) {
        if (!quiet)
            az_error(x->d, "AZ046", r->at, "%s", e.text);
        return n;
    }
    n = read_file(env, frame, ret, &e);
    if (n < 0 && !quiet)
        tell_missing(env, r->at, frame->repo, frame->path, n, &e);
    return n;
}

/* Was the reference written in another file than the one that it stands in now? */
static const struct az_frame *writer_of(const struct az_env *env, const struct reference *r)
{
    const struct az_frame *f = r->at->frame;
    return f && !(str_eq(f->path, env->frame->path) && str_eq(f->repo->alias, env->frame->repo->alias)) ? f : NULL;
}

/* The file of a reference and its frame; NULL after a fault. */
static struct az_file *follow(struct az_env *env, const struct reference *r, struct az_frame **ret_frame)
{
    struct az_expansion *x = env->w->x;
    struct az_frame *frame = ARENA_NEW(x->arena, struct az_frame);
    struct az_file *file = NULL;
    *frame = (struct az_frame){.parent = env->frame, .at = r->at->span, .depth = env->frame->depth + 1};
    if (!may_nest(env, frame))
        return NULL;
    const struct az_frame *writer = writer_of(env, r);
    if (find(env, r, env->frame, writer != NULL, frame, &file) < 0) {
        if (!writer)
            return NULL;
        if (find(env, r, writer, true, frame, &file) < 0) {
            find(env, r, env->frame, false, frame, &file); /* again, to tell what is wrong */
            return NULL;
        }
        az_warning(x->d, "AZ061", r->at,
                   "'%.*s' is not there beside %.*s, where the service looks: the one beside %.*s is taken",
                   STR_ARG(r->path), STR_ARG(env->frame->path), STR_ARG(writer->path));
    }
    if (env->w->n_files > AZ_MAX_FILES + 1) {
        az_error(x->d, "AZ043", r->at, "More than %d files are included", AZ_MAX_FILES);
        env->w->stopped = true;
        return NULL;
    }
    *ret_frame = frame;
    return file->root ? file : NULL;
}

/* ---- inclusion ---- */

static const char *body_of(enum az_role role)
{
    switch (role) {
    case AZ_ROLE_STAGES:
        return "stages";
    case AZ_ROLE_JOBS:
        return "jobs";
    case AZ_ROLE_STEPS:
        return "steps";
    case AZ_ROLE_VARIABLES:
        return "variables";
    case AZ_DATA:
    case AZ_ROLE_PIPELINE:
    case AZ_ROLE_STAGE:
    case AZ_ROLE_JOB:
    case AZ_ROLE_STRATEGY:
    case AZ_ROLE_RESOURCES:
    case AZ_ROLE_REPOSITORIES:
    case AZ_ROLE_TRIGGER:
    case AZ_ROLE_PARAMETERS:
        break;
    }
    BUG("role %d includes nothing", (int)role);
}

/* The part of a template's root that stands for the reference; what else it holds is refused. */
static const struct az_value *find_body(struct az_env *env, const struct az_value *root, enum az_role role)
{
    const char *body = body_of(role);
    const struct az_value *found = NULL;
    for (size_t i = 0; i < root->object.n; i++) {
        const struct az_pair *p = &root->object.p[i];
        bool phases = role == AZ_ROLE_JOBS && str_is(p->key->text, "phases");
        if (!found && (str_is(p->key->text, body) || phases))
            found = p->value;
        else if (!str_is(p->key->text, "parameters")) {
            az_error(env->w->x->d, "AZ047", p->key, "Unexpected value '%.*s'", STR_ARG(p->key->text));
            az_hint(env->w->x->d, "a template that is included among %s holds `%s`, and `parameters`", body, body);
        }
    }
    return found;
}

/* An entry {name, value} of a mapping's pair. */
static struct az_value *entry_of(struct arena *a, const struct az_pair *p)
{
    struct az_value *entry = az_at(a, az_object(a, false), p->key);
    az_set(a, entry, STR("name"), p->key);
    az_set(a, entry, STR("value"), p->value);
    return entry;
}

static void add_body(struct az_env *env, const struct az_value *body, enum az_role role, struct az_value *list)
{
    struct arena *a = env->w->x->arena;
    if (body->kind == AZ_OBJECT && role == AZ_ROLE_VARIABLES) {
        for (size_t i = 0; i < body->object.n; i++)
            az_push_item(env, list, entry_of(a, &body->object.p[i]), role);
        return;
    }
    if (body->kind == AZ_ARRAY) {
        for (size_t i = 0; i < body->array.n; i++)
            az_push_item(env, list, body->array.p[i], role);
        return;
    }
    if (body->kind == AZ_OBJECT || az_scalar(a, body).n > 0)
        az_error(env->w->x->d, "AZ019", body, "Expected a sequence");
}

void az_include(struct az_env *env, const struct az_value *reference, enum az_role role, struct az_value *list)
{
    struct reference r;
    struct az_frame *frame;
    struct az_env inner;
    if (!az_walk_may(env, reference, 1) || !read_reference(env, reference, &r))
        return;
    struct az_file *file = follow(env, &r, &frame);
    if (!file || !az_walk_down(env, reference))
        return;
    az_env_init(&inner, env->w, frame);
    struct az_value *root = az_walk_root(&inner, file->root, r.parameters, r.at);
    const struct az_value *body = root ? find_body(&inner, root, role) : NULL;
    if (body)
        add_body(env, body, role, list);
    else if (root && !env->w->stopped)
        az_error(env->w->x->d, "AZ047", r.at, "The template %.*s holds no `%s`", STR_ARG(frame->path), body_of(role));
    az_walk_up(env);
}

struct az_value *az_extend(struct az_env *env, const struct az_value *reference)
{
    struct reference r;
    struct az_frame *frame;
    struct az_env inner;
    if (reference->kind != AZ_OBJECT) {
        az_error(env->w->x->d, "AZ019", reference, "Expected a mapping");
        return NULL;
    }
    if (!read_reference(env, reference, &r))
        return NULL;
    struct az_file *file = follow(env, &r, &frame);
    if (!file || !az_walk_down(env, reference))
        return NULL;
    az_env_init(&inner, env->w, frame);
    inner.pipeline = true;
    struct az_value *root = az_walk_root(&inner, file->root, r.parameters, r.at);
    az_walk_up(env);
    return root;
}
