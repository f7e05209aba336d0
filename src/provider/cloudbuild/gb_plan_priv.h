/* provider/cloudbuild/gb_plan_priv.h - how a plan is made of one config for one start of it. */
#pragma once
#include "core/base.h"
#include "provider/cloudbuild/gb_subst_priv.h"

/*
 * A plan for one start, with a build of its own, which is read anew as substitution changes it. Problems of the start
 * go to d; of the file they were told. `inline_build` of the trigger, if any, is the config.
 */
struct plan *gb_plan_make(const struct provider_file *file, const struct doc_node *root, const struct gb_trigger *t,
                          const struct facts *f, bool starts, struct diags *d);
