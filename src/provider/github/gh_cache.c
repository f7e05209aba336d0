/*
 * actions/cache, actions/cache/restore and actions/cache/save (specification 13.5), in the words of the originals. What
 * they call [warning] is a line of the log there, too.
 */
#include "core/base.h"
#include "provider/github/cache_priv.h"

#include "core/vec.h"

#define KEYS_MAX 10
#define KEY_CHARS_MAX 512

enum phase { PHASE_BEGIN, PHASE_DONE };

struct cache {
    struct gh_cache_key k;
    struct str matched;
    bool fail_on_miss, look_only;
    bool outputs; /* cache/restore: both keys are outputs */
    bool alone;   /* cache/save: a step of its own */
};

/* ---- inputs ---- */

static struct str required(struct gh_task *t, const char *name)
{
    struct str text = gh_input(t, name);
    if (text.n == 0)
        gh_fail(t, "Input required and not supplied: %s", name);
    return text;
}

/* "!  x" is "!x". */
static void add_lines(struct arena *a, struct str text, struct strs *ret)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        struct str rest = str_starts(line, STR("!")) ? str_trim(str_from_index(line, 1)) : STR("");
        if (rest.n > 0 && rest.n + 1 < line.n)
            line = arena_printf(a, "!%.*s", STR_ARG(rest));
        if (line.n > 0)
            vec_push_in(a, ret, line);
    }
}

static size_t count_chars(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80 ? 1 : 0;
    return n;
}

/* What is wrong with the keys, or empty. */
static struct str keys_fault(struct arena *a, const struct gh_cache_key *k)
{
    if (k->restore_keys.n + 1 > KEYS_MAX)
        return arena_printf(a, "Key Validation Error: Keys are limited to a maximum of %d.", KEYS_MAX);
    for (size_t i = 0; i <= k->restore_keys.n; i++) {
        struct str key = i == 0 ? k->key : k->restore_keys.p[i - 1];
        if (count_chars(key) > KEY_CHARS_MAX)
            return arena_printf(a, "Key Validation Error: %.*s cannot be larger than %d characters.", STR_ARG(key),
                                KEY_CHARS_MAX);
        if (str_find_ch(key, ',') >= 0)
            return arena_printf(a, "Key Validation Error: %.*s cannot contain commas.", STR_ARG(key));
    }
    return STR_NONE;
}

/* Events that belong to no branch or tag have no caches. */
static bool has_ref(struct gh_run *r, struct gh_task *t)
{
    if (value_get_str(r->github, "ref").n > 0)
        return true;
    gh_say(t,
           "[warning]Event Validation Error: The event type %.*s is not supported because it's not tied to a branch or "
           "tag ref.",
           STR_ARG(value_get_str(r->github, "event_name")));
    return false;
}

static void warn_deprecated(struct gh_task *t)
{
    if (gh_input(t, "save-always").n > 0 && gh_input_bool(t, "save-always", false))
        gh_complain(t, LEVEL_WARNING,
                    "Input 'save-always' has been deprecated with message: save-always does not work as intended and "
                    "will be removed in a future release. A separate `actions/cache/restore` step should be used "
                    "instead.");
}

/* ---- restore ---- */

static bool read_restore(struct gh_task *t, struct cache *c)
{
    struct arena *a = t->run->arena;
    c->k.key = required(t, "key");
    if (c->outputs && c->k.key.n > 0)
        gh_set_output(t, "cache-primary-key", c->k.key);
    add_lines(a, gh_input(t, "restore-keys"), &c->k.restore_keys);
    add_lines(a, required(t, "path"), &c->k.paths);
    c->fail_on_miss = gh_input_bool(t, "fail-on-cache-miss", false);
    c->look_only = gh_input_bool(t, "lookup-only", false);
    struct str fault = keys_fault(a, &c->k);
    if (fault.n > 0)
        gh_fail(t, "%.*s", STR_ARG(fault));
    return t->result == RESULT_NONE;
}

static enum drive restore(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct cache *c = t->impl;
    t->phase = PHASE_DONE;
    if (!has_ref(r, t) || !read_restore(t, c))
        return DRIVE_DONE;
    gh_op_cache(t, op, OP_RESTORE, &c->k);
    op->cache.look_only = c->look_only;
    return DRIVE_OP;
}

static void miss(struct gh_task *t, const struct cache *c)
{
    struct arena *a = t->run->arena;
    struct str keys = c->k.key;
    if (c->fail_on_miss) {
        gh_fail(t, "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: %.*s",
                STR_ARG(c->k.key));
        return;
    }
    for (size_t i = 0; i < c->k.restore_keys.n; i++)
        keys = arena_printf(a, "%.*s, %.*s", STR_ARG(keys), STR_ARG(c->k.restore_keys.p[i]));
    gh_say(t, "Cache not found for input keys: %.*s", STR_ARG(keys));
}

/* What cannot be restored is a miss with a warning, as there. */
static void restore_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    struct cache *c = t->impl;
    if (end->how == OP_NOT_STARTED && !r->cancelled)
        gh_complain(t, LEVEL_WARNING, "Failed to restore: %s", end->err.text);
    else if (!gh_ended(t, end))
        return;
    t->status = -1;
    if (end->how != OP_EXITED || end->matched.n == 0) {
        miss(t, c);
        return;
    }
    c->matched = arena_str(r->arena, end->matched);
    r->dirty = r->dirty || !c->look_only;
    if (c->outputs)
        gh_set_output(t, "cache-matched-key", c->matched);
    gh_set_output(t, "cache-hit", str_eq_nocase(c->matched, c->k.key) ? STR("true") : STR("false"));
    if (c->look_only)
        gh_say(t, "Cache found and can be restored from key: %.*s", STR_ARG(c->matched));
    else
        gh_say(t, "Cache restored from key: %.*s", STR_ARG(c->matched));
}

/* ---- save ---- */

static void save_failed(struct gh_task *t, const struct cache *c)
{
    if (c->alone)
        gh_complain(t, LEVEL_WARNING, "Cache save failed.");
}

/* True: there is something to save. What is wrong is a line of the log. */
static bool read_save(struct gh_run *r, struct gh_task *t, struct cache *c)
{
    if (!has_ref(r, t))
        return false;
    if (c->k.key.n == 0)
        c->k.key = gh_input(t, "key");
    if (c->k.key.n == 0) {
        gh_say(t, "[warning]Key is not specified.");
        return false;
    }
    if (str_eq_nocase(c->matched, c->k.key)) {
        gh_say(t, "Cache hit occurred on the primary key %.*s, not saving cache.", STR_ARG(c->k.key));
        return false;
    }
    c->k.paths = (struct strs){0};
    add_lines(r->arena, gh_input(t, "path"), &c->k.paths);
    c->k.restore_keys = (struct strs){0};
    struct str fault = c->k.paths.n == 0 ? STR("Input required and not supplied: path") : keys_fault(r->arena, &c->k);
    if (fault.n > 0)
        gh_say(t, "[warning]%.*s", STR_ARG(fault));
    return fault.n == 0;
}

static enum drive save_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->impl == NULL) {
        struct cache *c = ARENA_NEW(r->arena, struct cache);
        c->alone = true;
        t->impl = c;
    }
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    struct cache *c = t->impl;
    t->phase = PHASE_DONE;
    if (!read_save(r, t, c)) {
        if (!str_eq_nocase(c->matched, c->k.key) || c->k.key.n == 0)
            save_failed(t, c);
        return DRIVE_DONE;
    }
    gh_op_cache(t, op, OP_SAVE, &c->k);
    return DRIVE_OP;
}

static void save_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct cache *c = t->impl;
    if (end->how == OP_EXITED && end->matched.n > 0) {
        gh_say(t, "Cache saved with key: %.*s", STR_ARG(c->k.key));
        return;
    }
    if (end->how == OP_EXITED)
        gh_say(t, "Failed to save: Unable to reserve cache with key %.*s, another job may be creating this cache.",
               STR_ARG(c->k.key));
    else if (end->how == OP_NOT_STARTED && !r->cancelled && end->err.num == -ENOENT)
        gh_say(t, "[warning]Path Validation Error: Path(s) specified in the action for caching do(es) not exist, hence "
                  "no cache is being saved.");
    else if (end->how == OP_NOT_STARTED && !r->cancelled)
        gh_complain(t, LEVEL_WARNING, "Failed to save: %s", end->err.text);
    else
        gh_ended(t, end);
    if (t->result == RESULT_NONE)
        save_failed(t, c);
}

/* ---- the actions ---- */

static const struct gh_action cache_post = {.name = "actions/cache", .next = save_next, .exited = save_exited};

static enum drive cache_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    t->impl = ARENA_NEW(r->arena, struct cache);
    gh_post_push(t, &cache_post)->impl = t->impl;
    warn_deprecated(t);
    return restore(r, t, op);
}

static enum drive restore_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    if (t->phase == PHASE_DONE)
        return DRIVE_DONE;
    struct cache *c = ARENA_NEW(r->arena, struct cache);
    c->outputs = true;
    t->impl = c;
    return restore(r, t, op);
}

const struct gh_action gh_cache = {.name = "actions/cache", .next = cache_next, .exited = restore_exited};
const struct gh_action gh_cache_restore = {
    .name = "actions/cache/restore", .next = restore_next, .exited = restore_exited};
const struct gh_action gh_cache_save = {.name = "actions/cache/save", .next = save_next, .exited = save_exited};
