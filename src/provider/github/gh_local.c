/*
 * gh_local.c - actions that lie in the work tree (`uses: ./x`), looked at before anything runs.
 *
 * When the step runs, its workspace decides: a checkout may bring another repository, a script may write the action.
 * So what is missing now is a warning; what is there is read, its own problems are told at its own place, and the
 * inputs that steps give are held against those that it takes.
 */
#include "core/base.h"
#include "core/path.h"
#include "doc/suggest.h"
#include "provider/github/gh_read_priv.h"

#define WORDS_MAX 64

/* The folder of a local action, relative to the work tree; false when it may lie elsewhere. */
static bool folder_of(struct arena *a, struct str uses, struct str *ret)
{
    char *p = arena_alloc(a, uses.n + 1);
    for (size_t i = 0; i < uses.n; i++)
        p[i] = uses.p[i] == '\\' ? '/' : uses.p[i];
    struct str path = path_clean(a, str_from_index(str_of(p, uses.n), 2)); /* ./x, .\x, $/x */
    *ret = path;
    return path_is_inner(path);
}

static bool find_file(struct arena *a, const struct facts *f, struct str dir, const char *const *names, uint32_t *ret)
{
    for (; *names; names++) {
        struct file_query q = {.path = path_clean(a, path_join(a, dir, str_from(*names)))};
        struct file_found found;
        if (f->read_file(f->read_ctx, &q, &found, NULL) == 0) {
            *ret = found.source;
            return true;
        }
    }
    return false;
}

/* Were problems of this source told already? */
static bool was_told(const struct diags *d, uint32_t file)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->p[i].span.file == file)
            return true;
    return false;
}

enum gh_local gh_local_find(struct arena *a, const struct facts *f, struct str uses, struct diags *d,
                            struct gh_manifest **ret)
{
    struct str dir;
    struct diags quiet;
    uint32_t file = 0;
    if (!f || !f->read_file || !folder_of(a, uses, &dir))
        return GH_LOCAL_UNKNOWN;
    if (!find_file(a, f, dir, gh_manifest_names, &file))
        return find_file(a, f, dir, gh_dockerfile_names, &file) ? GH_LOCAL_DOCKERFILE : GH_LOCAL_ABSENT;
    diags_init(&quiet, a, d->sources);
    *ret = gh_manifest_read(a, file, was_told(d, file) ? &quiet : d);
    return *ret ? GH_LOCAL_THERE : GH_LOCAL_BROKEN;
}

/* ---- what steps give it ---- */

static void warn_unexpected(const struct gh_manifest *m, const struct gh_step *s, const struct gh_pair *p,
                            struct diags *d)
{
    const char *words[WORDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < m->inputs.n && n < WORDS_MAX; i++)
        words[n++] = arena_str(d->arena, m->inputs.p[i].id).p;
    diag_warning(d, "GH064", p->span, "Unexpected input '%.*s': %.*s has none of that name", STR_ARG(p->key),
                 STR_ARG(s->uses));
    struct str near = suggest(p->key, words, n);
    if (near.n)
        diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
}

static bool gives(const struct gh_step *s, struct str id)
{
    for (size_t i = 0; i < s->with.n; i++)
        if (s->with.p[i].insert || s->with.p[i].name.set || str_eq_nocase(s->with.p[i].key, id))
            return true;
    return s->with.whole.set;
}

static void check_inputs(const struct gh_manifest *m, const struct gh_step *s, struct diags *d)
{
    bool docker = m->using == GH_USING_DOCKER;
    for (size_t i = 0; i < s->with.n; i++) {
        const struct gh_pair *p = &s->with.p[i];
        const struct gh_action_input *in = gh_manifest_input(m, p->key);
        if (p->insert || p->name.set ||
            (docker && (str_is_nocase(p->key, "args") || str_is_nocase(p->key, "entrypoint"))))
            continue;
        if (!in)
            warn_unexpected(m, s, p, d);
        else if (in->deprecated.n)
            diag_warning(d, "GH061", p->span, "Input '%.*s' has been deprecated with message: %.*s", STR_ARG(p->key),
                         STR_ARG(in->deprecated));
    }
    for (size_t i = 0; i < m->inputs.n; i++) {
        const struct gh_action_input *in = &m->inputs.p[i];
        if (in->required && !in->def.set && !gives(s, in->id))
            diag_warning(d, "GH056", s->where, "Input '%.*s' of %.*s is required, and not given here", STR_ARG(in->id),
                         STR_ARG(s->uses));
    }
}

static void check_step(struct arena *a, const struct gh_step *s, const struct facts *f, struct diags *d)
{
    struct gh_manifest *m = NULL;
    if (s->kind != GH_STEP_USES || s->uses.n == 0 || gh_uses_kind(s->uses) != GH_USES_LOCAL)
        return;
    switch (gh_local_find(a, f, s->uses, d, &m)) {
    case GH_LOCAL_THERE:
        check_inputs(m, s, d);
        return;
    case GH_LOCAL_ABSENT:
        diag_warning(d, "GH057", s->where, "There is no action.yml, action.yaml or Dockerfile in '%.*s'",
                     STR_ARG(s->uses));
        diag_hint(d, "a step before this one must bring it");
        return;
    case GH_LOCAL_UNKNOWN:
    case GH_LOCAL_DOCKERFILE:
    case GH_LOCAL_BROKEN:
        return;
    }
}

void gh_check_local(struct arena *a, const struct gh_workflow *w, const struct facts *f, struct diags *d)
{
    for (size_t i = 0; i < w->n_jobs; i++)
        for (size_t k = 0; k < w->jobs[i].n_steps; k++) {
            const struct gh_step *s = &w->jobs[i].steps[k];
            check_step(a, s, f, d);
            for (size_t c = 0; c < s->n_children; c++)
                check_step(a, &s->children[c], f, d);
        }
}
