/*
 * cli/ci_azure.c - what Azure Pipelines keeps at the service and a file does not hold: groups of variables, secure
 * files, tasks, counters.
 */
#include "cli/ci_priv.h"

#include "core/path.h"
#include "sys/file.h"

#define SECURE_FILE_MAX ((size_t)10 << 20) /* the service's own limit */

/* NAME=WHAT of an option. */
static int cut(struct ci_run *r, struct str text, const char *option, const char *what, struct str *ret_name,
               struct str *ret_value)
{
    if (str_cut(text, '=', ret_name, ret_value) && ret_name->n > 0 && ret_value->n > 0)
        return 0;
    say_error(r->cli, "%s takes NAME=%s, not '%.*s'", option, what, STR_ARG(text));
    return EXIT_USAGE;
}

static int read_group(struct ci_run *r, struct str text)
{
    struct str name, file;
    struct err err = {0};
    int code = cut(r, text, "--var-group", "FILE", &name, &file);
    if (code != 0)
        return code;
    struct map *group = map_get(&r->facts.groups, name);
    if (group == NULL) {
        group = ARENA_NEW(r->a, struct map);
        map_init(group, r->a, MAP_NOCASE);
        map_set(&r->facts.groups, name, group);
    }
    if (world_pairs_file(r->a, group, arena_str(r->a, file).p, false, &err) < 0) {
        say_error(r->cli, "--var-group %.*s: %s", STR_ARG(name), err.text);
        return EXIT_USAGE;
    }
    return 0;
}

static int read_secure_file(struct ci_run *r, struct str text)
{
    struct str name, file, bytes;
    struct err err = {0};
    int code = cut(r, text, "--secure-file", "FILE", &name, &file);
    if (code != 0)
        return code;
    if (file_read(r->a, arena_str(r->a, file).p, SECURE_FILE_MAX, &bytes, &err) < 0) {
        say_error(r->cli, "--secure-file %.*s: %s", STR_ARG(name), err.text);
        return EXIT_USAGE;
    }
    map_set_str(&r->facts.secure_files, name, bytes);
    return 0;
}

int ci_read_tasks(struct ci_run *r, struct strs *locals)
{
    map_init(&r->facts.tasks, r->a, MAP_NOCASE);
    for (size_t i = 0; i < r->o->local_repositories.n; i++)
        vec_push_in(r->a, locals, r->o->local_repositories.p[i]);
    for (size_t i = 0; i < r->o->tasks.n; i++) {
        struct str name, dir, bare, version;
        int code = cut(r, r->o->tasks.p[i], "--task", "DIR", &name, &dir);
        if (code != 0)
            return code;
        str_cut(name, '@', &bare, &version);
        if (bare.n == 0 || str_find_ch(bare, '/') >= 0) {
            say_error(r->cli, "--task: '%.*s' is no name of a task", STR_ARG(name));
            return EXIT_USAGE;
        }
        if (!path_is_dir(arena_str(r->a, dir).p)) {
            say_error(r->cli, "--task %.*s: '%.*s' is not a folder", STR_ARG(name), STR_ARG(dir));
            return EXIT_USAGE;
        }
        map_set_str(&r->facts.tasks, bare, arena_printf(r->a, "task/%.*s", STR_ARG(bare)));
        vec_push_in(r->a, locals, arena_printf(r->a, "task/%.*s=%.*s", STR_ARG(bare), STR_ARG(dir)));
    }
    return 0;
}

/* A counter that cannot be kept stays at its seed, and says so. */
static int64_t count(void *ctx, struct str key, int64_t seed)
{
    struct ci_run *r = ctx;
    struct err err = {0};
    int64_t value = seed;
    if (history_count(r->db, r->facts.repo.root, key, seed, &value, &err) < 0)
        say_warning(r->cli, "a counter is not kept: %s", err.text);
    return value;
}

int ci_read_azure(struct ci_run *r)
{
    int code = 0;
    map_init(&r->facts.groups, r->a, MAP_NOCASE);
    map_init(&r->facts.secure_files, r->a, MAP_NOCASE);
    for (size_t i = 0; i < r->o->var_groups.n && code == 0; i++)
        code = read_group(r, r->o->var_groups.p[i]);
    for (size_t i = 0; i < r->o->secure_files.n && code == 0; i++)
        code = read_secure_file(r, r->o->secure_files.p[i]);
    if (r->run) {
        r->facts.count = count;
        r->facts.count_ctx = r;
    }
    return code;
}
