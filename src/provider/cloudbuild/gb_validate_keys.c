/*
 * gb_validate_keys.c - substitutions: the map in the file, keys that fields use, values that no field uses.
 *
 * A build by hand must match (MUST_MATCH): what is used is set, what is set is used. A trigger's is loose. A file alone
 * is judged for both: what only a build by hand refuses is a warning there.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/cloudbuild/gb_validate_priv.h"

/* ---- the map ---- */

/* Where the name of a substitution stands. */
static struct span key_span(const struct gb_build *b, struct str key)
{
    const struct doc_node *node = map_get(&b->substitution_keys, key);
    return node != NULL ? node->span : b->span;
}

static void check_name(struct str key, struct span at, struct diags *d)
{
    if (key.n > GB_KEY_LENGTH)
        diag_error(d, "GB056", at, "the name of a substitution has more than %d bytes", GB_KEY_LENGTH);
    if (gb_is_user_key(key))
        return;
    if (gb_is_builtin(key)) {
        diag_error(d, "GB055", at, "%.*s is the service's own: a file cannot set it", STR_ARG(key));
        if (gb_is_overridable(key))
            diag_hint(d, "--substitutions can, for one build");
        return;
    }
    diag_error(d, "GB055", at, "'%.*s' is no name of a substitution", STR_ARG(key));
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < key.n && i < GB_KEY_LENGTH; i++) {
        char c = key.p[i];
        bool fits = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        buf_add_ch(&b, fits ? c : c >= 'a' && c <= 'z' ? (char)(c - 32) : '_');
    }
    diag_hint(d, "write %s%s", str_starts(key, STR("_")) ? "" : "_", buf_cstr(&b));
}

/* A value that means something else than it seems to. */
static void check_value(const struct gb_build *b, const struct gb_values *v, struct str key, const struct gb_text *t,
                        struct diags *d)
{
    struct gb_found found;
    size_t from = 0;
    bool dynamic = v != NULL ? v->dynamic : b->options.dynamic;
    if (t->text.n > GB_VALUE_MAX)
        diag_error(d, "GB056", t->node->span, "the value of %.*s has more than %d bytes", STR_ARG(key), GB_VALUE_MAX);
    if (!dynamic && str_find(t->text, STR("${")) < 0 && !gb_find_key(t->text, &from, &found))
        return;
    if (!dynamic) {
        diag_warning(d, "GB063", t->node->span, "the value of %.*s refers to another one: by hand it stays as it is",
                     STR_ARG(key));
        diag_hint(d, "add `options: {dynamicSubstitutions: true}`");
        return;
    }
    ssize_t unread = gb_find_unread(t->text);
    from = unread < 0 ? t->text.n : (size_t)unread;
    if (gb_find_key(t->text, &from, &found)) {
        diag_warning(d, "GB064", doc_span_in(d->sources, t->node, found.at, found.end - found.at),
                     "within a value $%.*s stays as it is: braces are needed", STR_ARG(found.name));
        diag_hint(d, "write ${%.*s}", STR_ARG(found.name));
    }
}

/* Reads the values as expansions, with what the file alone says. */
static void check_expansions(const struct gb_build *b, struct diags *d)
{
    struct gb_values own = {.arena = d->arena, .dynamic = true};
    map_init(&own.values, d->arena, MAP_CASE);
    for (size_t i = 0; i < b->substitutions.n; i++) {
        const struct gb_text *t = b->substitutions.entries[i].value;
        map_set_str(&own.values, b->substitutions.entries[i].key, t->text);
    }
    gb_values_resolve(&own, b, d);
}

void gb_check_substitutions(const struct gb_build *b, const struct gb_values *v, struct diags *d)
{
    const struct map *m = &b->substitutions;
    if (m->n > GB_SUBSTITUTIONS_MAX) {
        diag_error(d, "GB056", key_span(b, m->entries[GB_SUBSTITUTIONS_MAX].key),
                   "there are %zu substitutions, and at most %d are allowed", m->n, GB_SUBSTITUTIONS_MAX);
    }
    for (size_t i = 0; i < m->n; i++) {
        check_name(m->entries[i].key, key_span(b, m->entries[i].key), d);
        check_value(b, v, m->entries[i].key, m->entries[i].value, d);
    }
    if (v == NULL && b->options.dynamic)
        check_expansions(b, d);
}

/* ---- keys of fields ---- */

struct keys {
    const struct gb_build *b;
    const struct gb_values *v; /* NULL: the file alone */
    struct diags *d;
    struct map used;             /* name -> anything */
    const struct gb_text *field; /* under way */
};

static void not_builtin(struct keys *x, struct str name, struct span at)
{
    static const char *const words[] = {"PROJECT_ID",     "BUILD_ID",   "PROJECT_NUMBER", "LOCATION",
                                        "TRIGGER_NAME",   "COMMIT_SHA", "REVISION_ID",    "SHORT_SHA",
                                        "REPO_FULL_NAME", "REPO_NAME",  "BRANCH_NAME",    "TAG_NAME"};
    struct str near = name.n > 4 ? suggest(name, words, ARRAY_LEN(words)) : STR_NONE;
    if (gb_was_told(x->d, "GB057", at))
        return;
    diag_error(x->d, "GB057", at, "$%.*s is none of the service's substitutions", STR_ARG(name));
    if (near.n > 0)
        diag_hint(x->d, "did you mean $%.*s? A variable of the shell is $$%.*s", STR_ARG(near), STR_ARG(name));
    else
        diag_hint(x->d, "a variable of the shell is $$%.*s here; a substitution of your own is $_%.*s", STR_ARG(name),
                  STR_ARG(name));
}

static void not_set(struct keys *x, struct str name, struct span at)
{
    if (x->v == NULL && x->b->options.allow_loose)
        return;
    if (x->v == NULL) {
        diag_warning(x->d, "GB058", at,
                     "nothing here says what $%.*s is: by hand it must be given, a trigger without "
                     "it leaves it empty",
                     STR_ARG(name));
    } else if (x->v->loose) {
        diag_warning(x->d, "GB058", at, "nothing says what $%.*s is: it is empty", STR_ARG(name));
        return;
    } else {
        diag_error(x->d, "GB058", at, "nothing says what $%.*s is", STR_ARG(name));
    }
    diag_hint(x->d, "give it with --substitutions %.*s=VALUE, or add it to `substitutions`", STR_ARG(name));
}

static bool is_set(const struct keys *x, struct str name)
{
    if (x->v != NULL)
        return map_find(&x->v->values, name) != NULL;
    return map_find(&x->b->substitutions, name) != NULL || gb_is_pull_request_key(name);
}

static void see_key(void *ctx, struct str name, size_t at, size_t len)
{
    struct keys *x = ctx;
    struct span span = doc_span_in(x->d->sources, x->field->node, at, len);
    bool first = map_set(&x->used, name, x);
    if (!gb_is_user_key(name)) {
        if (!gb_is_builtin(name) && !is_set(x, name))
            not_builtin(x, name, span);
    } else if (first && !is_set(x, name)) {
        not_set(x, name, span);
    }
}

static void see_field(void *ctx, struct gb_text *field)
{
    struct keys *x = ctx;
    x->field = field;
    gb_each_key(field->text, see_key, x);
}

/* ---- what nobody uses ---- */

static void see_reference(void *ctx, struct str name, size_t at, size_t len)
{
    struct keys *x = ctx;
    UNUSED(at);
    UNUSED(len);
    map_set(&x->used, name, x);
}

/* Names behind ${ in values: expansions hide their ends from the grammar of fields. */
static void see_value(struct keys *x, struct str text)
{
    gb_each_key(text, see_reference, x);
    for (ssize_t at = 0; (at = str_find_from(text, (size_t)at, STR("${"))) >= 0; at++) {
        size_t begin = (size_t)at + 2, end = begin;
        begin += begin < text.n && text.p[begin] == '#';
        for (end = begin; end < text.n && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", text.p[end]) != NULL;)
            end++;
        map_set(&x->used, str_sub(text, begin, end), x);
    }
}

static bool is_mapped(const struct gb_build *b, const struct gb_step *s)
{
    return s->automap == GB_TRUE || (s->automap == GB_UNSET && b->options.automap);
}

static bool any_mapped(const struct gb_build *b)
{
    bool any = b->options.automap;
    for (size_t i = 0; i < b->n_steps; i++)
        any = any || b->steps[i].automap == GB_TRUE;
    return any;
}

static bool is_in_a_script(const struct gb_build *b, struct str name)
{
    for (size_t i = 0; i < b->n_steps; i++)
        if (str_find(b->steps[i].script.text, name) >= 0)
            return true;
    return false;
}

static void not_used(const struct keys *x, struct str name, struct span at, const char *where)
{
    bool error = x->v != NULL && !x->v->loose;
    if (error)
        diag_error(x->d, "GB059", at, "nothing uses the substitution %.*s%s", STR_ARG(name), where);
    else
        diag_warning(x->d, "GB059", at, "nothing uses the substitution %.*s%s%s", STR_ARG(name), where,
                     x->v == NULL ? ": by hand the build is refused" : "");
    if (is_in_a_script(x->b, name))
        diag_hint(x->d, "nothing is put into scripts: hand it over with env, or set automapSubstitutions");
    else
        diag_hint(x->d, "remove it, or set `options: {substitutionOption: ALLOW_LOOSE}`");
}

static void check_unused(struct keys *x)
{
    const struct map *own = &x->b->substitutions;
    if (x->b->options.allow_loose || any_mapped(x->b))
        return;
    for (size_t i = 0; i < own->n; i++) {
        struct str key = own->entries[i].key;
        if (gb_is_user_key(key) && map_find(&x->used, key) == NULL)
            not_used(x, key, key_span(x->b, key), "");
    }
    for (size_t i = 0; x->v != NULL && !x->v->loose && i < x->v->values.n; i++) {
        struct str key = x->v->values.entries[i].key;
        struct span top = {x->b->span.file, x->b->span.off, 0};
        if (gb_is_user_key(key) && map_find(own, key) == NULL && map_find(&x->used, key) == NULL)
            not_used(x, key, top, " of --substitutions");
    }
}

/* ---- scripts ---- */

static bool has_variable(const struct gb_texts *env, struct str name)
{
    struct str key, value;
    for (size_t i = 0; i < env->n; i++)
        if (str_cut(env->p[i].text, '=', &key, &value) && str_eq(key, name))
            return true;
    return false;
}

static bool has_text(const struct gb_texts *list, struct str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->p[i].text, name))
            return true;
    return false;
}

/* Is the name a variable of the script, of its own making or handed over? */
static bool is_variable(const struct keys *x, const struct gb_step *s, struct str name)
{
    struct str set = arena_printf(x->d->arena, "%.*s=", STR_ARG(name));
    return has_variable(&s->env, name) || has_variable(&x->b->options.env, name) || has_text(&s->secret_env, name) ||
           has_text(&x->b->options.secret_env, name) || str_find(s->script.text, set) >= 0;
}

static void check_scripts(struct keys *x)
{
    for (size_t i = 0; i < x->b->n_steps; i++) {
        const struct gb_step *s = &x->b->steps[i];
        struct gb_found key;
        if (!s->has_script || is_mapped(x->b, s))
            continue;
        for (size_t from = 0; gb_find_key(s->script.text, &from, &key);) {
            bool known = gb_is_user_key(key.name) ? is_set(x, key.name) : gb_is_builtin(key.name);
            if (!known || is_variable(x, s, key.name))
                continue;
            diag_warning(x->d, "GB067", doc_span_in(x->d->sources, s->script.node, key.at, key.end - key.at),
                         "nothing is put into scripts: $%.*s is a variable of the shell here, and empty",
                         STR_ARG(key.name));
            diag_hint(x->d, "add `env: ['%.*s=$%.*s']` to the step, or set automapSubstitutions", STR_ARG(key.name),
                      STR_ARG(key.name));
            break;
        }
    }
}

void gb_check_keys(const struct gb_build *b, const struct gb_values *v, struct diags *d)
{
    struct keys x = {.b = b, .v = v, .d = d};
    map_init(&x.used, d->arena, MAP_CASE);
    gb_each_field((struct gb_build *)(uintptr_t)b, see_field, &x);
    for (size_t i = 0; i < b->substitutions.n; i++)
        see_value(&x, ((const struct gb_text *)b->substitutions.entries[i].value)->text);
    for (size_t i = 0; v != NULL && i < v->values.n; i++)
        see_value(&x, *(const struct str *)v->values.entries[i].value);
    check_unused(&x);
    check_scripts(&x);
}
