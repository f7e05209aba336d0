/*
 * gb_read_secrets.c - availableSecrets (Secret Manager, or values that a KMS key has encrypted) and the older
 * `secrets`.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

static void add_secret(struct gb_reader *r, struct gb_secret s)
{
    struct gb_build *b = r->b;
    if (b->n_secrets == b->cap_secrets)
        b->secrets = vec_grow_(r->a, b->secrets, b->n_secrets, &b->cap_secrets, sizeof *b->secrets);
    b->secrets[b->n_secrets++] = s;
}

/* ---- Secret Manager ---- */

struct managed {
    struct gb_text version, env;
};
static const struct gb_key managed_keys[] = {
    {"versionName", GB_V_TEXT, offsetof(struct managed, version), 0, NULL},
    {"env", GB_V_TEXT, offsetof(struct managed, env), 0, NULL},
};

static void read_managed(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct managed m = {0};
    UNUSED(into);
    if (!gb_read_message(r, value, managed_keys, ARRAY_LEN(managed_keys), &m))
        return;
    struct span at = m.env.node != NULL ? m.env.node->span : value->span;
    add_secret(r, (struct gb_secret){
                      .name = m.env.text, .version = m.version.text, .version_node = m.version.node, .span = at});
}

/* ---- KMS ---- */

struct encrypted {
    struct gb_text key;
    const struct doc_node *values;
};

static void keep_values(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(r);
    struct encrypted *x = into;
    x->values = value;
}

static const struct gb_key inline_keys[] = {
    {"kmsKeyName", GB_V_TEXT, offsetof(struct encrypted, key), 0, NULL},
    {"envMap", GB_V_CALL, 0, 0, keep_values},
};
static const struct gb_key secret_keys[] = {
    {"kmsKeyName", GB_V_TEXT, offsetof(struct encrypted, key), 0, NULL},
    {"secretEnv", GB_V_CALL, 0, 0, keep_values},
};

/* Bytes that base64 stands for. */
static size_t decoded_size(struct str s)
{
    while (s.n > 0 && s.p[s.n - 1] == '=')
        s.n--;
    return s.n * 3 / 4;
}

static void read_encrypted_value(struct gb_reader *r, const struct doc_node *value, void *into)
{
    const struct encrypted *x = into;
    struct gb_text text;
    if (gb_read_text(r, value, &text) < 0)
        return;
    add_secret(
        r, (struct gb_secret){
               .name = r->key->text, .kms_key = x->key.text, .size = decoded_size(text.text), .span = r->key->span});
}

static void read_encrypted(struct gb_reader *r, const struct doc_node *value, const struct gb_key *keys)
{
    const struct gb_place *up = r->place;
    struct encrypted x = {0};
    if (!gb_read_message(r, value, keys, ARRAY_LEN(inline_keys), &x))
        return;
    size_t before = r->b->n_secrets, errors = r->d->errors;
    struct gb_place here = {.up = up, .key = str_from(keys[1].name)};
    r->place = &here;
    if (x.values != NULL)
        gb_read_pairs(r, x.values, read_encrypted_value, &x);
    r->place = up;
    if (r->b->n_secrets == before && r->d->errors == errors)
        diag_error(r->d, "GB039", value->span, "this secret has no value: %s is empty", keys[1].name);
    if (x.key.node != NULL)
        vec_push_in(r->a, &r->b->kms_keys, x.key);
}

static void read_inline(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    read_encrypted(r, value, inline_keys);
}

static const struct gb_key available_keys[] = {
    {"secretManager", GB_V_LIST, 0, 0, read_managed},
    {"inline", GB_V_LIST, 0, 0, read_inline},
};

/* Everything that is said about secrets while they are read keeps the rules quiet that count them. */
static void place_secrets(struct gb_reader *r, const struct doc_node *value, size_t errors_before)
{
    r->b->secrets_told = r->b->secrets_told || r->d->errors != errors_before;
    if (r->b->secrets_span.file == 0)
        r->b->secrets_span = r->key != NULL ? r->key->span : value->span;
}

void gb_read_available(struct gb_reader *r, const struct doc_node *value, void *into)
{
    size_t before = r->d->errors;
    gb_read_message(r, value, available_keys, ARRAY_LEN(available_keys), into);
    place_secrets(r, value, before);
}

void gb_read_secret(struct gb_reader *r, const struct doc_node *value, void *into)
{
    size_t before = r->d->errors;
    UNUSED(into);
    read_encrypted(r, value, secret_keys);
    place_secrets(r, value, before);
}
