/*
 * gb_secret.c - values for availableSecrets and the older secrets, from those of this run: by the variable's name, else
 * by the name of the secret or its whole version. Nothing is asked of Secret Manager, and no key decrypts anything.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

/* "S" of "projects/P/secrets/S/versions/V"; empty: it is no such path. */
static struct str short_name(struct str version)
{
    struct str part, before = STR("");
    while (str_next(&version, '/', &part)) {
        if (str_is(before, "secrets"))
            return part;
        before = part;
    }
    return STR("");
}

/* p == NULL: there is none. */
static struct str value_of(const struct gb_run *r, const struct gb_secret *s)
{
    const struct map *given = &r->facts->secrets;
    const struct str names[] = {s->name, s->version, short_name(s->version)};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].n > 0 && map_find(given, names[i]) != NULL)
            return map_get_str(given, names[i]);
    return STR_NONE;
}

static void tell_missing(const struct gb_run *r, const struct gb_secret *s)
{
    struct str from = s->version.n > 0 ? s->version : s->kms_key;
    gb_complain(r, NULL,
                arena_printf(r->arena, "no value for the secret %.*s (%.*s): give one with -s %.*s=VALUE",
                             STR_ARG(s->name), STR_ARG(from), STR_ARG(s->name)));
}

size_t gb_secrets_find(struct gb_run *r)
{
    size_t missing = 0;
    map_init(&r->secrets, r->arena, MAP_CASE);
    for (size_t i = 0; i < r->build->n_secrets; i++) {
        const struct gb_secret *s = &r->build->secrets[i];
        struct str value = value_of(r, s);
        if (value.p == NULL) {
            tell_missing(r, s);
            missing++;
            continue;
        }
        r->host->mask(r->host->ctx, value);
        map_set_str(&r->secrets, s->name, value);
    }
    for (size_t i = 0; i < r->facts->secrets.n; i++) { /* a step may find them elsewhere */
        const struct str *value = r->facts->secrets.entries[i].value;
        r->host->mask(r->host->ctx, *value);
    }
    return missing;
}
