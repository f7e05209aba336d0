#include "core/base.h"
#include "cli/world_files.h"

#include "core/path.h"
#include "sys/file.h"

#define FILE_MAX_BYTES ((size_t)256 << 20) /* the provider's own limit is lower and has its own message */

void world_files_init(struct world_files *w, struct arena *a, struct str root, struct sources **sources,
                      struct world_repos *repos)
{
    *w = (struct world_files){.arena = a, .root = root, .sources = sources, .repos = repos};
    map_init(&w->seen, a, MAP_CASE);
    map_init(&w->notes, a, MAP_CASE);
}

/* The folder that q's path lies in, and what people call the file. */
static int folder_of(struct world_files *w, const struct file_query *q, struct str *ret_dir, struct str *ret_name,
                     struct str *ret_commit, struct err *e)
{
    struct fetched got;
    if (q->repo.n == 0) {
        *ret_dir = w->root;
        *ret_name = arena_str(w->arena, q->path);
        *ret_commit = STR("");
        return 0;
    }
    if (w->repos == NULL)
        return err_set(e, ENOTSUP, "%.*s@%.*s is not asked for here", STR_ARG(q->repo), STR_ARG(q->ref));
    int rc = world_repos_fetch(w->repos, w->arena, &(struct fetch_query){q->repo, q->ref, -1}, &got, e);
    if (rc < 0)
        return rc;
    *ret_dir = got.dir;
    *ret_commit = got.commit;
    if (got.note.n > 0)
        map_set_str(&w->notes, arena_printf(w->arena, "%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->ref)), got.note);
    *ret_name = arena_printf(w->arena, "%.*s/%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->path), STR_ARG(q->ref));
    return 0;
}

/* The file, through links that stay in the folder. name: what people call it. */
static int read_inside(struct arena *a, struct str dir, struct str path, struct str name, struct str *ret,
                       struct err *e)
{
    struct str real = STR_NONE, real_dir = STR_NONE, full = path_join(a, dir, path);
    if (!path_exists(full.p)) /* asked for often, and cheaper than to follow each folder of the path */
        return err_set(e, ENOENT, "there is no file '%.*s'", STR_ARG(name));
    int rc = path_real(a, arena_str(a, dir).p, &real_dir, e);
    if (rc == 0)
        rc = path_real(a, full.p, &real, e);
    if (rc < 0)
        return rc;
    if (!path_is_inner(path_rel(real, real_dir)))
        return err_set(e, ENOENT, "'%.*s' is a link to the outside of the repository", STR_ARG(path));
    return file_read(a, real.p, FILE_MAX_BYTES, ret, e);
}

int world_files_read(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct world_files *w = ctx;
    struct str dir, name, text, commit;
    if (!path_is_inner(q->path))
        return err_set(e, ENOENT, "'%.*s' lies outside of the repository", STR_ARG(q->path));
    int rc = folder_of(w, q, &dir, &name, &commit, e);
    if (rc < 0)
        return rc;
    struct map_entry *there = map_find(&w->seen, name);
    if (there == NULL) {
        rc = read_inside(w->arena, dir, q->path, name, &text, e);
        if (rc < 0)
            return rc;
        map_set(&w->seen, name, (void *)(uintptr_t)sources_add(*w->sources, name, text));
        there = map_find(&w->seen, name);
    }
    *ret = (struct file_found){(uint32_t)(uintptr_t)there->value, commit, *w->sources};
    return 0;
}

int world_files_list(void *ctx, struct arena *a, struct str folder, struct strs *ret)
{
    const struct world_files *w = ctx;
    struct strs names = {0};
    struct str real = STR_NONE, real_root = STR_NONE, full = path_join(a, w->root, folder);
    if (path_real(a, arena_str(a, w->root).p, &real_root, NULL) < 0 || path_real(a, full.p, &real, NULL) < 0)
        return -ENOENT;
    if (!path_is_inner(folder) || !path_is_inner(path_rel(real, real_root)))
        return -ENOENT;
    int rc = dir_list(a, real.p, &names, NULL);
    for (size_t i = 0; i < names.n; i++) {
        bool dir = path_is_dir(path_join(a, real, names.p[i]).p);
        vec_push_in(a, ret, dir ? arena_printf(a, "%.*s/", STR_ARG(names.p[i])) : names.p[i]);
    }
    return rc;
}
