#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/path.h"
#include "core/vec.h"
#include "provider/github/cache_priv.h"
#include "provider/github/python_priv.h"

#define DEFAULT_FILES "**/requirements.txt"
#define BACKUP_FILES "**/pyproject.toml"

static int hash(struct gh_run *r, struct str patterns, char ret[65], struct err *e)
{
    struct strs list = {0};
    struct str line;
    while (str_next(&patterns, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0 && line.p[0] != '#')
            vec_push_in(r->arena, &list, line);
    }
    ret[0] = '\0';
    if (r->host->hash_files == NULL)
        return err_set(e, ENOSYS, "files cannot be hashed here");
    return r->host->hash_files(r->host->ctx, r->workspace, &list, false, ret, e);
}

/* The hash over what the dependencies stand in; false: the task has failed. */
static bool hash_dependencies(struct gh_run *r, struct gh_task *t, char ret[65])
{
    struct str files = gh_input(t, "cache-dependency-path");
    struct err err = {0};
    if (files.n == 0)
        files = STR(DEFAULT_FILES);
    int rc = hash(r, files, ret, &err);
    if (rc == 0 && ret[0] == '\0')
        rc = hash(r, STR(BACKUP_FILES), ret, &err);
    if (rc < 0)
        gh_fail(t, "%s", err.text);
    else if (ret[0] == '\0')
        gh_fail(t,
                "No file in %.*s matched to [%.*s or " BACKUP_FILES
                "], make sure you have checked out the target repository",
                STR_ARG(r->workspace), STR_ARG(files));
    return t->result == RESULT_NONE;
}

static struct str os_name(const struct gh_run *r)
{
    struct str name = r->facts->machine.os_name, first, rest;
    str_cut(name, ' ', &first, &rest);
    return first.n > 0 ? first : STR("Linux");
}

static void make_keys(struct gh_run *r, struct gh_pip_cache *c, struct str version, const char *hex)
{
    const struct machine_facts *m = &r->facts->machine;
    struct str arch = gh_node_arch(m->machine), os = os_name(r);
    struct str prefix = arena_printf(r->arena, "setup-python-Linux-%.*s-%.*s-%.*s-python-%.*s-pip", STR_ARG(arch),
                                     STR_ARG(m->os_version), STR_ARG(os), STR_ARG(version));
    c->key = arena_printf(r->arena, "%.*s-%s", STR_ARG(prefix), hex);
    vec_push_in(r->arena, &c->restore_keys, prefix);
}

static void cache_op(struct gh_task *t, struct op *op, enum op_kind kind, const struct gh_pip_cache *c)
{
    struct gh_cache_key k = {.key = c->key, .restore_keys = c->restore_keys};
    vec_push_in(t->run->arena, &k.paths, gh_glob_escape(t->run->arena, c->path));
    gh_op_cache(t, op, kind, &k);
}

/* Where pip of this job keeps its cache: what `pip cache dir` says. */
static struct str cache_folder(struct gh_run *r, const struct gh_task *t)
{
    struct str named = gh_env_get(r, t, "PIP_CACHE_DIR"), xdg = gh_env_get(r, t, "XDG_CACHE_HOME");
    if (path_is_abs(named))
        return path_clean(r->arena, named);
    if (path_is_abs(xdg))
        return path_join(r->arena, xdg, STR("pip"));
    return path_join(r->arena, r->home, STR(".cache/pip"));
}

bool gh_pip_cache_restore(struct gh_run *r, struct gh_task *t, struct gh_pip_cache *c, struct str version,
                          struct op *op)
{
    struct str manager = gh_input(t, "cache");
    char hex[65];
    if (manager.n == 0)
        return false;
    if (str_is(manager, "pipenv") || str_is(manager, "poetry")) {
        gh_note(r, t->number, HOW_SKIPPED, arena_printf(r->arena, "setup-python, cache: %.*s", STR_ARG(manager)),
                STR("not kept by slipway"));
        return false;
    }
    if (!str_is(manager, "pip")) {
        gh_fail(t, "Caching for '%.*s' is not supported", STR_ARG(manager));
        return false;
    }
    if (!hash_dependencies(r, t, hex))
        return false;
    c->path = cache_folder(r, t);
    make_keys(r, c, version, hex);
    cache_op(t, op, OP_RESTORE, c);
    return true;
}

/* ---- post: save ---- */

enum phase { PHASE_SAVE, PHASE_DONE };

static enum drive save_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct gh_pip_cache *c = t->impl;
    UNUSED(r);
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    if (str_eq_nocase(c->matched, c->key)) {
        gh_say(t, "Cache hit occurred on the primary key %.*s, not saving cache.", STR_ARG(c->key));
        return DRIVE_DONE;
    }
    cache_op(t, op, OP_SAVE, c);
    return DRIVE_OP;
}

/* A cache that cannot be saved fails nothing. */
static void save_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct gh_pip_cache *c = t->impl;
    UNUSED(r);
    t->phase = PHASE_DONE;
    if (end->how == OP_EXITED && end->matched.n == 0)
        gh_say(t, "Unable to reserve cache with key %.*s, another job may be creating this cache.", STR_ARG(c->key));
    else if (end->how == OP_EXITED)
        gh_say(t, "Cache saved with the key: %.*s", STR_ARG(c->key));
    else if (end->how == OP_NOT_STARTED && end->err.num == -ENOENT)
        gh_say(t, "There is nothing to keep: '%.*s' does not exist", STR_ARG(c->path));
    else if (end->how == OP_NOT_STARTED)
        gh_complain(t, LEVEL_WARNING, "The cache %.*s was not saved: %s", STR_ARG(c->path), end->err.text);
    else
        gh_ended(t, end);
}

static const struct gh_action gh_pip_cache_save = {
    .name = "actions/setup-python", .next = save_next, .exited = save_exited};

void gh_pip_cache_restored(struct gh_task *t, struct gh_pip_cache *c, const struct op_end *end)
{
    if (end->how == OP_NOT_STARTED)
        gh_complain(t, LEVEL_WARNING, "The cache could not be restored: %s", end->err.text);
    else if (!gh_ended(t, end))
        return;
    t->status = -1;
    if (end->how == OP_EXITED && end->matched.n > 0)
        c->matched = arena_str(t->run->arena, end->matched);
    if (c->matched.n > 0)
        gh_say(t, "Cache restored from key: %.*s", STR_ARG(c->matched));
    else
        gh_say(t, "pip cache is not found");
    gh_set_output(t, "cache-hit", str_eq_nocase(c->matched, c->key) ? STR("true") : STR("false"));
    struct gh_task *post = gh_post_push(t, &gh_pip_cache_save);
    post->impl = c;
}
