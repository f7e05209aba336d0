/*
 * provider/azure/read_priv.h - from the canonical tree to the structs of a pipeline.
 *
 * The tree was walked (az_schema.c), so members have the kinds that they should; what is not there is empty. Only what
 * concerns several members is told here: empty lists, two strategies, containers without images.
 */
#pragma once
#include "provider/azure/model_priv.h"

struct az_reader {
    struct arena *arena;
    struct diags *d;
    struct az_pipeline *pipeline;
};

/* The text of a member, or empty. */
struct str az_member(const struct az_value *v, const char *key);
/* A boolean of the schema; `missing` when it is not there, or not known yet. */
bool az_member_bool(const struct az_value *v, const char *key, bool missing);
/* A member that is a list of texts, or one text. */
void az_read_texts(struct az_reader *r, const struct az_value *v, struct az_texts *ret);
void az_read_variables(struct az_reader *r, const struct az_value *list, struct az_variables *ret);
void az_read_pool(struct az_reader *r, const struct az_value *v, const struct az_pool *above, struct az_pool *ret);
/* az_read_step.c */
void az_read_steps(struct az_reader *r, const struct az_value *list, struct az_steps *ret);
/* az_read_job.c */
void az_read_stages(struct az_reader *r, const struct az_value *list);
void az_read_jobs(struct az_reader *r, const struct az_value *list, const struct az_pool *pool, struct az_stage *stage);
/* az_read_trigger.c */
void az_read_trigger(struct az_reader *r, const struct az_value *v, struct az_trigger *ret);
void az_read_schedules(struct az_reader *r, const struct az_value *list);
