/*
 * provider/codebuild/cb_files.c - the files of an artifact or a report: base-directory, files, exclude-paths,
 * discard-paths, with the log lines of the service.
 *
 * Paths are relative to the source folder, not to where the last `cd` led. A base directory may be a pattern; the
 * folder that it matches is no part of the names. A bare folder is not its contents: it is skipped as invalid [R]. Of
 * two files with one name, as discard-paths makes them, the last wins [R].
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"

static struct str base_of(struct cb_run *r, const struct cb_files *f)
{
    struct str base = cb_expand(r, f->base_directory);
    base = path_clean(r->arena, path_join(r->arena, r->src_dir, base));
    return base;
}

struct str cb_files_root(struct cb_run *r, const struct cb_files *f)
{
    struct str base = base_of(r, f);
    return cb_glob_is_pattern(path_rel(base, r->src_dir)) ? r->src_dir : base;
}

/* ---- one base ---- */

struct search {
    struct cb_run *run;
    const struct cb_files *files;
    const struct cb_listing *listing;
    struct cb_matches *ret;
    struct map names; /* name -> index + 1 in ret */
};

static bool is_excluded(const struct search *s, struct str path)
{
    for (size_t i = 0; i < s->files->exclude.n; i++) {
        struct str pattern = cb_glob_clean(s->run->arena, s->files->exclude.p[i].text);
        if (cb_glob_match(pattern, path))
            return true;
    }
    return false;
}

static void add(struct search *s, const struct op_found *found, struct str rel)
{
    struct arena *a = s->run->arena;
    struct str name = s->files->discard_paths ? path_base(rel) : rel;
    struct cb_match m = {.path = path_join(a, s->listing->root, found->path), .name = name};
    size_t seen = (size_t)(uintptr_t)map_get(&s->names, name);
    m.link = found->kind == FOUND_LINK;
    if (seen > 0) {
        s->ret->p[seen - 1] = m;
        return;
    }
    vec_push_in(a, s->ret, m);
    map_set(&s->names, name, (void *)(uintptr_t)s->ret->n);
}

/* The path below the base, or absent: it lies elsewhere. base is relative to the listing's root, "" for itself. */
static struct str below(struct str path, struct str base)
{
    if (base.n == 0)
        return path;
    if (path.n <= base.n + 1 || !str_starts(path, base) || path.p[base.n] != '/')
        return STR_NONE;
    return str_from_index(path, base.n + 1);
}

/* How many files a pattern adds. A pattern may be absolute when it leads into the base. */
static size_t search_pattern(struct search *s, struct str base, struct str text)
{
    struct cb_run *r = s->run;
    struct str folder = base.n > 0 ? path_join(r->arena, s->listing->root, base) : s->listing->root;
    struct str pattern = cb_glob_clean(r->arena, cb_expand(r, text));
    size_t n = 0;
    if (path_is_abs(pattern))
        pattern = path_rel(pattern, folder);
    for (size_t i = 0; i < s->listing->n; i++) {
        const struct op_found *found = &s->listing->p[i];
        struct str rel = below(found->path, base);
        if (found->kind == FOUND_FOLDER || rel.p == NULL || !cb_glob_match(pattern, rel) || is_excluded(s, rel))
            continue;
        add(s, found, rel);
        n++;
    }
    return n;
}

static void search_base(struct search *s, struct str base)
{
    struct cb_run *r = s->run;
    cb_say(r, "Expanding file paths for base directory %.*s", STR_ARG(base.n > 0 ? base : STR(".")));
    cb_say(r, "Assembling file list");
    for (size_t i = 0; i < s->files->files.n; i++) {
        struct str text = s->files->files.p[i].text;
        cb_say(r, "Expanding %.*s", STR_ARG(text));
        size_t n = search_pattern(s, base, text);
        if (n == 0)
            cb_say(r, "Skipping invalid file path %.*s", STR_ARG(text));
        else
            cb_say(r, "Found %zu file(s)", n);
    }
}

void cb_files_match(struct cb_run *r, const struct cb_files *f, const struct cb_listing *l, struct cb_matches *ret)
{
    struct search s = {.run = r, .files = f, .listing = l, .ret = ret};
    struct str base = path_rel(base_of(r, f), r->src_dir);
    map_init(&s.names, r->arena, MAP_CASE);
    cb_say(r, "Expanding base directory path: %.*s", STR_ARG(f->base_directory.n > 0 ? f->base_directory : STR(".")));
    cb_say(r, "Assembling file list");
    if (!cb_glob_is_pattern(base)) {
        search_base(&s, STR(""));
        return;
    }
    for (size_t i = 0; i < l->n; i++)
        if (l->p[i].kind == FOUND_FOLDER && cb_glob_match(base, l->p[i].path))
            search_base(&s, l->p[i].path);
}
