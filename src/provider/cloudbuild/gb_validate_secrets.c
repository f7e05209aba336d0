/*
 * gb_validate_secrets.c - secrets: defined once, used at least once, never beside a plain variable of the same name.
 */
#include "core/base.h"
#include "doc/suggest.h"
#include "provider/cloudbuild/gb_validate_priv.h"

static const struct gb_text *find(const struct gb_texts *list, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list->p[i].text, name))
            return &list->p[i];
    return NULL;
}

static bool is_used(const struct gb_build *b, struct str name)
{
    bool used = find(&b->options.secret_env, b->options.secret_env.n, name) != NULL;
    for (size_t i = 0; i < b->n_steps && !used; i++)
        used = find(&b->steps[i].secret_env, b->steps[i].secret_env.n, name) != NULL;
    return used;
}

static const struct gb_secret *defined(const struct gb_build *b, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(b->secrets[i].name, name))
            return &b->secrets[i];
    return NULL;
}

/* ---- those that use ---- */

static void undefined(const struct gb_build *b, const struct gb_text *use, struct diags *d)
{
    const char *words[GB_SECRETS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < b->n_secrets && n < ARRAY_LEN(words); i++)
        words[n++] = arena_str(d->arena, b->secrets[i].name).p;
    diag_error(d, "GB036", use->node->span, "no secret of this build is called '%.*s'", STR_ARG(use->text));
    struct str near = suggest(use->text, words, n);
    if (near.n > 0)
        diag_hint(d, "did you mean '%.*s'?", STR_ARG(near));
    else
        diag_hint(d,
                  "define it in availableSecrets.secretManager: {versionName: projects/P/secrets/S/versions/latest, "
                  "env: %.*s}",
                  STR_ARG(use->text));
}

static void check_uses(const struct gb_build *b, const struct gb_texts *uses, const struct gb_texts *global,
                       struct diags *d)
{
    for (size_t i = 0; i < uses->n; i++) {
        const struct gb_text *use = &uses->p[i], *first = find(uses, i, use->text);
        if (first == NULL && global != NULL)
            first = find(global, global->n, use->text);
        if (first != NULL) {
            diag_error(d, "GB040", use->node->span, "the secret '%.*s' is asked for twice", STR_ARG(use->text));
            diag_note(d, "GB040", first->node->span, "it is asked for here, too");
        } else if (!b->secrets_told && defined(b, b->n_secrets, use->text) == NULL) {
            undefined(b, use, d);
        }
    }
}

/* The variable of that name among KEY=VALUE texts. */
static const struct gb_text *variable(const struct gb_texts *env, struct str name)
{
    struct str key, value;
    for (size_t i = 0; i < env->n; i++)
        if (str_cut(env->p[i].text, '=', &key, &value) && str_eq(key, name))
            return &env->p[i];
    return NULL;
}

static void check_clash(const struct gb_texts *secrets, const struct gb_texts *env, struct diags *d)
{
    for (size_t i = 0; i < secrets->n; i++) {
        const struct gb_text *use = &secrets->p[i], *plain = variable(env, use->text);
        if (plain == NULL || gb_was_told(d, "GB041", use->node->span))
            continue;
        diag_error(d, "GB041", use->node->span, "'%.*s' is a secret and a variable of the same step",
                   STR_ARG(use->text));
        diag_note(d, "GB041", plain->node->span, "the variable");
    }
}

/* ---- those that define ---- */

static void check_version(const struct gb_secret *s, struct diags *d)
{
    struct str v = s->version;
    if (v.p == NULL || s->kms_key.n > 0)
        return;
    if (!str_starts(v, STR("projects/")) || str_find(v, STR("/secrets/")) < 0 || str_find(v, STR("/versions/")) < 0) {
        diag_error(d, "GB043", s->version_node->span, "'%.*s' names no version of a secret", STR_ARG(v));
        diag_hint(d, "it is projects/PROJECT/secrets/SECRET/versions/VERSION; `latest` is a version");
    }
}

static void check_definitions(const struct gb_build *b, struct diags *d)
{
    for (size_t i = 0; i < b->n_secrets; i++) {
        const struct gb_secret *s = &b->secrets[i], *first = defined(b, i, s->name);
        check_version(s, d);
        if (s->size > GB_SECRET_SIZE)
            diag_error(d, "GB042", s->span, "the value of '%.*s' is larger than 64 KiB", STR_ARG(s->name));
        if (s->name.n == 0) {
            diag_error(d, "GB039", s->span, "this secret has no env: under which name do steps ask for it?");
        } else if (first != NULL) {
            diag_error(d, "GB038", s->span, "the secret '%.*s' is defined twice", STR_ARG(s->name));
            diag_note(d, "GB038", first->span, "the first one");
        } else if (!is_used(b, s->name)) {
            diag_error(d, "GB037", s->span, "no step asks for the secret '%.*s'", STR_ARG(s->name));
            diag_hint(d, "add `secretEnv: ['%.*s']` to the steps that need it", STR_ARG(s->name));
        }
    }
    if (b->n_secrets > GB_SECRETS_MAX)
        diag_error(d, "GB042", b->secrets[GB_SECRETS_MAX].span, "the build has %zu secrets, and at most %d are allowed",
                   b->n_secrets, GB_SECRETS_MAX);
    for (size_t i = 0; i < b->kms_keys.n; i++) {
        const struct gb_text *key = &b->kms_keys.p[i], *first = find(&b->kms_keys, i, key->text);
        if (first == NULL)
            continue;
        diag_error(d, "GB038", key->node->span, "two secrets have the same kmsKeyName");
        diag_note(d, "GB038", first->node->span, "the first one");
        diag_hint(d, "put the values of both into one");
    }
}

void gb_check_secrets(const struct gb_build *b, struct diags *d)
{
    const struct gb_options *o = &b->options;
    check_definitions(b, d);
    check_uses(b, &o->secret_env, NULL, d);
    check_clash(&o->secret_env, &o->env, d);
    for (size_t i = 0; i < b->n_steps; i++) {
        const struct gb_step *s = &b->steps[i];
        check_uses(b, &s->secret_env, &o->secret_env, d);
        check_clash(&s->secret_env, &s->env, d);
        check_clash(&s->secret_env, &o->env, d);
        check_clash(&o->secret_env, &s->env, d);
    }
}
