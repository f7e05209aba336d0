/*
 * provider/cloudbuild/gb_validate_priv.h - the rules, in groups, in the service's order (cloud-build-local's
 * validate.go [S]). The service stops at the first error; here all are told, but none that only echoes another.
 * Limits are those of the hosted service [D].
 */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/gb_subst_priv.h"

#define GB_STEPS_MAX 300
#define GB_ARGS_MAX 100
#define GB_ARG_LENGTH 10000 /* characters */
#define GB_ENV_MAX 100
#define GB_ENV_LENGTH 65536
#define GB_NAME_LENGTH 1000 /* of image names and folders */
#define GB_IMAGES_MAX 100
#define GB_PATHS_MAX 100
#define GB_TAGS_MAX 64
#define GB_SUBSTITUTIONS_MAX 200
#define GB_KEY_LENGTH 100
#define GB_SECRETS_MAX 100
#define GB_SECRET_SIZE 65536

void gb_check_steps(const struct gb_build *b, struct diags *d);
/* Steps whose work is lost with them: pip install, cd ... */
void gb_check_lost(const struct gb_build *b, struct diags *d);
void gb_check_env(const struct gb_build *b, struct diags *d);
void gb_check_volumes(const struct gb_build *b, struct diags *d);
void gb_check_secrets(const struct gb_build *b, struct diags *d);
void gb_check_artifacts(const struct gb_build *b, struct diags *d);
/* The map of substitutions in the file; what its values say. */
void gb_check_substitutions(const struct gb_build *b, const struct gb_values *v, struct diags *d);
/* Keys that fields use, and keys that none uses. v: as of gb_validate. */
void gb_check_keys(const struct gb_build *b, const struct gb_values *v, struct diags *d);
/* Names of images, tags, locations: with the values v put in; NULL: with stand-ins for what nobody knows yet. */
void gb_check_names(const struct gb_build *b, const struct gb_values *v, struct diags *d);
/* Does the build say enough about its logs to have a service account of its own? */
bool gb_says_where_logs_go(const struct gb_build *b);
/* What is wrong with an image's name; NULL: nothing. */
const char *gb_image_fault(struct str name);

/* "step #2" or "step #2 'build'". */
struct str gb_say_step(struct arena *a, const struct gb_build *b, size_t i);
/* Where a text stands; the place `or` when it stands nowhere. */
struct span gb_at(const struct gb_text *t, struct span or);
uint64_t gb_characters(struct str s);
