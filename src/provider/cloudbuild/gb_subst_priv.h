/*
 * provider/cloudbuild/gb_subst_priv.h - substitutions inside: the grammar, expansions of values, where values come
 * from.
 *
 * Nouns: a key is a name behind a $ in a text; a field is a text of the build in which keys are replaced, once; a value
 * is what a key stands for. With dynamic substitutions a value may refer to other keys and change what they stand for
 * (${NAME:-x} and its kin: expansions); fields never do, so that a shell's own ${NAME:-x} in args reaches the shell.
 * Evidence: cloud-build-local's subst.go and bash_utils.go [S].
 */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/model_priv.h"

#define GB_VALUE_MAX 4000              /* bytes of a value [D] */
#define GB_TEXT_MAX ((size_t)64 << 10) /* bytes of a field when its keys were replaced */

/* A key, or an escaped $. */
struct gb_found {
    size_t at, end;  /* bytes of the text that it covers */
    struct str name; /* empty: "$$" */
};
/* The next one from *from on; moves *from behind it. */
bool gb_find_key(struct str text, size_t *from, struct gb_found *ret);
bool gb_is_user_key(struct str name);         /* _[A-Z0-9_]+ */
bool gb_is_overridable(struct str name);      /* a built-in that --substitutions may set */
bool gb_is_pull_request_key(struct str name); /* _PR_NUMBER and its kin: set by triggers of pull requests */

/*
 * Expands one value: look gives what a name stands for (any text; "" for unknown ones). -EINVAL: it cannot be read;
 * -E2BIG: it grows past GB_VALUE_MAX; -ELOOP and others: what look returns.
 */
typedef int (*gb_look)(void *ctx, struct str name, struct str *ret, struct err *e);
int gb_expand(struct arena *a, struct str value, gb_look look, void *ctx, struct str *ret, struct err *e);
/* Byte of a `$NAME` in a value that stays as it is, as only ${NAME} is read there; -1: there is none. */
ssize_t gb_find_unread(struct str value);

/* Who started the build, and with what: all that decides about values. */
struct gb_start {
    const struct facts *facts;
    const struct gb_trigger *trigger;          /* NULL: by hand */
    struct str trigger_name, build_id, config; /* config: path of the file */
};
/*
 * Built-ins, the config's values, the trigger's and --substitutions, in this order; then values that refer to others.
 * Problems go to d.
 */
void gb_values_make(struct gb_values *v, struct arena *a, const struct gb_build *b, const struct gb_start *start,
                    struct diags *d);
/* "$(body.message.data) ..." with the payload put in; -EINVAL with a sentence. */
int gb_bind_payload(struct arena *a, const struct value *payload, struct str text, struct str *ret, struct err *e);
bool gb_has_binding(struct str text);

/* Calls visit for every field of the build, in the order of the service's own walk. */
void gb_each_field(struct gb_build *b, void (*visit)(void *ctx, struct gb_text *field), void *ctx);
/* Was this told already, at this place? (A field that an alias repeats is the same text.) */
bool gb_was_told(const struct diags *d, const char *code, struct span at);
