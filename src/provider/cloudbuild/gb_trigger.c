/*
 * gb_trigger.c - the triggers of a work tree: deploy/cloudbuild-trigger*.yaml, as `gcloud builds triggers import` takes
 * them: a trigger a file, or a list of them.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_trigger_priv.h"

#define FOLDER "deploy"

bool gb_is_trigger_file(struct str path)
{
    struct str name = path_base(path), ext = path_ext(path);
    bool text = str_is(ext, ".yaml") || str_is(ext, ".yml") || str_is(ext, ".json");
    return text && str_is(path_dir(path), FOLDER) && str_starts(name, STR("cloudbuild-trigger"));
}

/* ---- one file ---- */

struct file_reader {
    struct arena *a;
    const struct facts *f;
    struct diags *d;
    struct str path;
    struct gb_triggers *ret;
};

/* Names are unique in a project, and a second import of the same one replaces the first. */
static void check_unique(struct file_reader *w, const struct gb_draft *draft)
{
    for (size_t i = 0; i < w->ret->n; i++) {
        const struct gb_trigger *other = &w->ret->p[i];
        if (draft->name.text.n == 0 || !str_eq(other->name, draft->name.text))
            continue;
        diag_error(w->d, "GB085", draft->name.node->span, "another trigger is called '%.*s'", STR_ARG(other->name));
        diag_note(w->d, "GB085", (struct span){other->span.file, other->span.off, 0}, "it stands here");
        return;
    }
}

static void read_trigger(struct file_reader *w, const struct doc_node *node)
{
    struct gb_reader r = {.a = w->a, .d = w->d};
    struct gb_draft draft = {.facts = w->f};
    size_t before = w->d->errors;
    gb_trigger_read(&r, node, &draft);
    draft.told = w->d->errors > before;
    if (node->kind != DOC_MAP)
        return;
    gb_trigger_rules(&r, &draft);
    check_unique(w, &draft);
    draft.t.file = w->path;
    vec_push_in(w->a, w->ret, draft.t);
}

static void read_document(struct file_reader *w, uint32_t source)
{
    struct yaml_limits limits = YAML_LIMITS;
    const struct doc_node *root = yaml_read(w->a, w->d->sources, source, &limits, w->d);
    if (!root)
        return;
    if (gb_is_null(root) || (root->kind == DOC_SEQ && root->seq.n == 0))
        diag_warning(w->d, "GB086", (struct span){source, 0, 0}, "no trigger is declared here");
    else if (root->kind != DOC_SEQ)
        read_trigger(w, root);
    for (size_t i = 0; root->kind == DOC_SEQ && i < root->seq.n; i++)
        read_trigger(w, root->seq.p[i]);
}

/* ---- all files ---- */

/* The trigger files, in the order of their names. */
static struct strs find_files(struct arena *a, const struct facts *f)
{
    struct strs names = {0}, found = {0};
    if (!f->list_files || f->list_files(f->read_ctx, a, STR(FOLDER), &names) < 0)
        return found;
    for (size_t i = 0; i < names.n; i++) {
        struct str path = path_join(a, STR(FOLDER), names.p[i]);
        if (!str_ends(names.p[i], STR("/")) && gb_is_trigger_file(path))
            vec_push_in(a, &found, path);
    }
    return found;
}

void gb_triggers_read(struct arena *a, const struct facts *f, struct diags *d, struct gb_triggers *ret)
{
    struct strs files = find_files(a, f);
    struct file_found found;
    *ret = (struct gb_triggers){0};
    for (size_t i = 0; i < files.n; i++) {
        if (f->read_file(f->read_ctx, &(struct file_query){.path = files.p[i]}, &found, NULL) < 0)
            continue;
        struct diags own; /* each config asks for the triggers: what is said of them is said once */
        diags_init(&own, a, found.sources);
        struct file_reader w = {a, f, &own, files.p[i], ret};
        read_document(&w, found.source);
        if (d)
            diags_merge(d, &own);
    }
}

/* Of all files, as names are compared; what is said of others is left to their own check. */
void gb_trigger_check(const struct provider_file *file, const struct facts *f, struct diags *d)
{
    struct gb_triggers all = {0};
    struct diags own;
    diags_init(&own, d->arena, d->sources);
    bool listed = false;
    struct strs files = find_files(d->arena, f);
    for (size_t i = 0; i < files.n; i++)
        listed = listed || str_eq(files.p[i], file->path);
    struct file_reader w = {d->arena, f, &own, file->path, &all};
    if (listed)
        gb_triggers_read(d->arena, f, &own, &all);
    else
        read_document(&w, file->source);
    for (size_t i = 0; i < all.n; i++)
        if (all.p[i].inline_build && all.p[i].span.file == file->source)
            gb_validate(gb_build_read(d->arena, all.p[i].inline_build, &own), NULL, &own);
    struct diags here;
    diags_init(&here, d->arena, d->sources);
    for (size_t i = 0; i < own.n; i++)
        if (own.p[i].order.file == file->source)
            vec_push_in(d->arena, &here, own.p[i]);
    diags_merge(d, &here);
}

static void add_once(struct arena *a, struct strs *list, struct str path)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->p[i], path))
            return;
    vec_push_in(a, list, path);
}

/* What triggers name, and the files of triggers that bring their build with them. */
void gb_triggers_named(struct arena *a, const struct facts *f, struct strs *ret)
{
    struct gb_triggers all;
    struct file_found found;
    gb_triggers_read(a, f, NULL, &all);
    for (size_t i = 0; i < all.n; i++) {
        struct str path = all.p[i].inline_build ? all.p[i].file : all.p[i].filename;
        if (path.n > 0 && path_is_inner(path) &&
            f->read_file(f->read_ctx, &(struct file_query){.path = path}, &found, NULL) == 0)
            add_once(a, ret, path);
    }
}
