/*
 * gh_library.c - the workflows that a workflow calls, and those that they call: each is found and read once.
 *
 * `./path` lies in the repository of the file that says so, at the same commit; all others are named with owner, name
 * and ref ("Reuse workflows", calling a reusable workflow).
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/github/model_priv.h"

struct gh_library {
    struct arena *a;
    const struct facts *f;
    struct map files; /* "owner/name/path@ref", or the path in this repository -> struct gh_called */
};

struct gh_library *gh_library_new(struct arena *a, struct gh_workflow *started, const struct facts *f)
{
    struct gh_library *lib = ARENA_NEW(a, struct gh_library);
    struct gh_called *c = ARENA_NEW(a, struct gh_called);
    *lib = (struct gh_library){.a = a, .f = f};
    map_init(&lib->files, a, MAP_CASE);
    *c = (struct gh_called){.name = started->called, .workflow = started};
    diags_init(&c->diags, a, started->sources);
    map_set(&lib->files, started->file, c); /* it may be called, too */
    return lib;
}

size_t gh_library_files(const struct gh_workflow *w)
{
    return w->library ? w->library->files.n - 1 : 0;
}

/* What uses names, from the place of the file that says so. */
static struct file_query query_of(struct arena *a, const struct gh_workflow *w, struct str uses)
{
    struct file_query q = {.repo = w->repo, .ref = w->ref};
    struct str head, owner, name, rest;
    if (str_starts(uses, STR("./"))) {
        q.path = path_clean(a, str_from_index(uses, 2));
        return q;
    }
    str_cut(uses, '@', &head, &q.ref);
    str_cut(head, '/', &owner, &rest);
    str_cut(rest, '/', &name, &q.path);
    q.repo = arena_printf(a, "%.*s/%.*s", STR_ARG(owner), STR_ARG(name));
    return q;
}

static struct str name_of(struct arena *a, const struct file_query *q)
{
    if (q->repo.n == 0)
        return q->path;
    return arena_printf(a, "%.*s/%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->path), STR_ARG(q->ref));
}

static void read_called(struct gh_library *lib, struct gh_called *c, const struct file_query *q)
{
    struct yaml_limits limits = YAML_LIMITS;
    struct file_found found = {0};
    if (!lib->f->read_file)
        c->rc = err_set(&c->e, ENOTSUP, "no other file is read here");
    else
        c->rc = lib->f->read_file(lib->f->read_ctx, q, &found, &c->e);
    if (c->rc < 0)
        return;
    struct doc_node *root = yaml_read(lib->a, c->diags.sources, found.source, &limits, &c->diags);
    if (!root)
        return;
    struct gh_workflow *w = gh_workflow_try(lib->a, root, q->path, &c->diags);
    w->facts = lib->f;
    w->library = lib;
    w->called = c->name;
    w->repo = arena_str(lib->a, q->repo);
    w->ref = arena_str(lib->a, q->ref);
    w->commit = arena_str(lib->a, found.commit);
    c->workflow = w;
}

struct gh_called *gh_library_find(struct gh_workflow *w, struct str uses, struct diags *d)
{
    struct gh_library *lib = w->library;
    struct file_query q = query_of(lib->a, w, uses);
    struct str name = name_of(lib->a, &q);
    struct gh_called *c = map_get(&lib->files, name);
    if (c)
        return c;
    c = ARENA_NEW(lib->a, struct gh_called);
    c->name = arena_str(lib->a, name);
    diags_init(&c->diags, lib->a, w->sources);
    map_set(&lib->files, name, c);
    read_called(lib, c, &q);
    diags_merge(d, &c->diags);
    return c;
}
