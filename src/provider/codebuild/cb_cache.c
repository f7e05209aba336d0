/*
 * provider/codebuild/cb_cache.c - cache: folders kept from one run of a project to the next (specification 3, cache).
 *
 * Without a key each path is an entry of its own, the last state wins: kept entries are never changed, so a state is
 * named by what OP_FIND sees of it (paths, sizes, times), and the newest one comes back. With a key all paths are one
 * entry, which the first build that has the key makes; fallback keys are prefixes. LOCAL, S3 and projects that are not
 * declared are alike here; the service puts links at the places of a LOCAL one before the source is there, so that it
 * hides what the source has there, and here both are merged.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"

enum { CACHE_BEGIN, CACHE_KEY, CACHE_PATHS, CACHE_SAVE };

bool cb_cache_wanted(const struct cb_run *r)
{
    const struct cb_project *p = r->project;
    bool kept = !p->declared || p->cache == CB_CACHE_S3 || (p->cache == CB_CACHE_LOCAL && p->cache_custom);
    return r->spec->cache.present && r->spec->cache.paths.n > 0 && kept;
}

/* ---- paths ---- */

/* "/root/.cache/pip/" followed by two stars, slash and star, or by a star alone, is the folder in front of them. */
static struct str folder_of(struct str text)
{
    static const char *const TAILS[] = {"/**/*", "/**", "/*"};
    for (size_t i = 0; i < ARRAY_LEN(TAILS); i++)
        if (str_ends(text, str_from(TAILS[i])))
            return str_sub(text, 0, text.n - strlen(TAILS[i]));
    return str_is(text, "**/*") || str_is(text, "*") ? STR(".") : text;
}

static struct str place_of(struct cb_run *r, struct str text)
{
    struct str path = path_clean(r->arena, path_join(r->arena, r->src_dir, folder_of(cb_expand(r, text))));
    bool ours = path_under(path, STR("/root")) || path_under(path, STR("/codebuild"));
    if (r->prefix.n > 0 && ours && !path_under(path, r->prefix))
        return arena_printf(r->arena, "%.*s%.*s", STR_ARG(r->prefix), STR_ARG(path));
    return path;
}

/* A plain sandbox's prefix is another one in each run. */
static struct str version_of(const struct cb_run *r, struct str path)
{
    return r->prefix.n > 0 && path_under(path, r->prefix) ? str_from_index(path, r->prefix.n) : path;
}

/* ---- ops ---- */

static void cache_op(struct cb_run *r, struct op *op, enum op_kind kind)
{
    cb_op_init(r, op, kind);
    op->cache.space = STR("codebuild");
    op->cache.scope = r->project->name;
    op->cache.root = r->src_dir;
}

static void keyed_op(struct cb_run *r, struct op *op, enum op_kind kind)
{
    const struct cb_cache_run *run = &r->cache;
    CLEAN(buf) struct buf version = BUF(BUF_TEXT);
    cache_op(r, op, kind);
    for (size_t i = 0; i < run->paths.n; i++) /* "Cache identity also includes a hash of paths" */
        buf_printf(&version, "%.*s|", STR_ARG(version_of(r, run->paths.p[i])));
    op->cache.version = arena_str(r->arena, buf_str(&version));
    op->cache.key = run->key;
    for (size_t i = 0; i < run->fallback.n && kind == OP_RESTORE; i++)
        vec_push_in(r->arena, &op->cache.restore_keys, run->fallback.p[i]);
    op->cache.paths = run->paths;
}

static void path_op(struct cb_run *r, struct op *op, enum op_kind kind)
{
    const struct cb_cache_run *run = &r->cache;
    struct str path = run->paths.p[run->next];
    cache_op(r, op, kind);
    op->cache.version = version_of(r, path);
    op->cache.key = kind == OP_SAVE ? run->state : STR("state-");
    if (kind == OP_RESTORE)
        vec_push_in(r->arena, &op->cache.restore_keys, STR("state-"));
    vec_push_in(r->arena, &op->cache.paths, path);
}

/* ---- restoring ---- */

static void note_unkept(struct cb_run *r)
{
    const struct cb_project *p = r->project;
    if (!r->spec->cache.present || cb_cache_wanted(r))
        return;
    cb_note(r, HOW_EMULATED, STR("cache"),
            p->cache == CB_CACHE_LOCAL ? STR("the project's cache is LOCAL without LOCAL_CUSTOM_CACHE: cache.paths of "
                                             "the buildspec are ignored, as the service does")
                                       : STR("the project has no cache: that of the buildspec is ignored, as the "
                                             "service does"));
}

static void begin(struct cb_run *r)
{
    struct cb_cache_run *run = &r->cache;
    const struct cb_cache *c = &r->spec->cache;
    struct str *texts = arena_array(r->arena, c->fallback_keys.n + 1, sizeof *texts);
    for (size_t i = 0; i < c->paths.n; i++) {
        cb_say(r, "Expanded cache path %.*s", STR_ARG(c->paths.p[i].text));
        vec_push_in(r->arena, &run->paths, place_of(r, c->paths.p[i].text));
    }
    run->keyed = c->key.n > 0;
    run->at = run->keyed ? CACHE_KEY : CACHE_PATHS;
    texts[0] = c->key;
    for (size_t i = 0; i < c->fallback_keys.n; i++)
        texts[i + 1] = c->fallback_keys.p[i].text;
    run->eval.texts = texts;
    run->eval.n = run->keyed ? c->fallback_keys.n + 1 : 0;
}

static void key_known(struct cb_run *r)
{
    struct cb_cache_run *run = &r->cache;
    run->at = CACHE_PATHS;
    if (run->eval.err.num != 0) {
        cb_annotate(r, LEVEL_WARNING, r->spec->cache.span,
                    arena_printf(r->arena, "cache.key cannot be evaluated, nothing is kept: %s", run->eval.err.text));
        run->paths.n = 0;
        return;
    }
    run->key = run->eval.values[0];
    for (size_t i = 1; i < run->eval.n; i++)
        vec_push_in(r->arena, &run->fallback, run->eval.values[i]);
}

static enum drive restore_next(struct cb_run *r, struct op *op)
{
    struct cb_cache_run *run = &r->cache;
    if (!cb_cache_wanted(r)) {
        note_unkept(r);
        return DRIVE_DONE;
    }
    if (run->at == CACHE_BEGIN)
        begin(r);
    if (run->at == CACHE_KEY) {
        if (cb_eval_next(r, &run->eval, op) == DRIVE_OP)
            return DRIVE_OP;
        key_known(r);
    }
    if (!r->spec->cache.restore || run->next >= run->paths.n)
        return DRIVE_DONE;
    if (run->keyed)
        keyed_op(r, op, OP_RESTORE);
    else
        path_op(r, op, OP_RESTORE);
    return DRIVE_OP;
}

/* A cache that cannot be had or kept is no reason to fail, and it is told. That nothing is there is no trouble. */
static bool in_trouble(struct cb_run *r, const struct op_end *end, const char *what, struct str path)
{
    if (end->how != OP_NOT_STARTED || end->err.num == -ENOENT)
        return false;
    cb_annotate(r, LEVEL_WARNING, r->spec->cache.span,
                arena_printf(r->arena, "the cache %.*s cannot be %s: %s", STR_ARG(path), what, end->err.text));
    return true;
}

static void restore_exited(struct cb_run *r, const struct op_end *end)
{
    struct cb_cache_run *run = &r->cache;
    if (run->at == CACHE_KEY) {
        cb_eval_exited(r, &run->eval, end);
        return;
    }
    struct str path = run->keyed ? run->key : run->paths.p[run->next];
    if (end->how == OP_EXITED && end->matched.n > 0) {
        run->matched = arena_str(r->arena, end->matched);
        cb_say(r, "Restored cache %.*s", STR_ARG(run->keyed ? run->matched : path));
    } else if (!in_trouble(r, end, "restored", path)) {
        cb_say(r, "No cache yet for %.*s", STR_ARG(path));
    }
    run->next = run->keyed ? run->paths.n : run->next + 1;
}

const struct cb_part cb_cache_restore = {.name = "cache", .next = restore_next, .exited = restore_exited};

/* ---- saving ---- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    for (int i = 0; i < 64; i += 8)
        h = (h ^ (x >> i & 0xFF)) * 0x100000001B3u;
    return h;
}

static struct str state_of(struct cb_run *r, const struct op_end *end)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < end->n_files; i++) {
        const struct op_found *f = &end->files[i];
        h = mix(h, str_hash(f->path, false));
        h = mix(h, f->size);
        h = mix(h, f->kind == FOUND_FOLDER ? 0 : (uint64_t)f->mtime_ns);
    }
    return arena_printf(r->arena, "state-%016llx", (unsigned long long)h);
}

static enum drive save_next(struct cb_run *r, struct op *op)
{
    struct cb_cache_run *run = &r->cache;
    if (!cb_cache_wanted(r) || !r->spec->cache.save || run->at < CACHE_PATHS)
        return DRIVE_DONE; /* a build that failed before it knew its paths keeps nothing */
    if (!run->saving) {
        run->saving = true;
        run->next = 0;
    }
    if (run->next >= run->paths.n || (run->keyed && (r->failed || str_eq(run->matched, run->key))))
        return DRIVE_DONE; /* of a failed build no keyed entry is made [R]: it could never be mended */
    if (run->keyed)
        keyed_op(r, op, OP_SAVE);
    else if (run->at == CACHE_SAVE)
        path_op(r, op, OP_SAVE);
    else
        cb_op_find(r, op, run->paths.p[run->next]);
    return DRIVE_OP;
}

static void save_exited(struct cb_run *r, const struct op_end *end)
{
    struct cb_cache_run *run = &r->cache;
    struct str what = run->keyed ? run->key : run->paths.p[run->next];
    if (!run->keyed && run->at == CACHE_PATHS && end->how == OP_EXITED) {
        run->state = state_of(r, end);
        run->at = CACHE_SAVE;
        return;
    }
    if (end->how == OP_EXITED && end->matched.n > 0)
        cb_say(r, "Saved cache %.*s", STR_ARG(what));
    else if (end->how == OP_EXITED)
        cb_say(r, "Cache %.*s is unchanged", STR_ARG(what));
    else if (!in_trouble(r, end, "saved", what))
        cb_say(r, "Nothing to save for cache %.*s", STR_ARG(what));
    run->at = CACHE_PATHS;
    run->next = run->keyed ? run->paths.n : run->next + 1;
}

const struct cb_part cb_cache_save = {.name = "cache", .next = save_next, .exited = save_exited};
