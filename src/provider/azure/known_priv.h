/*
 * provider/azure/known_priv.h - the names of the service's own tasks, and what slipway does with each
 * (az_task_known.def).
 */
#pragma once
#include "provider/azure/process_priv.h"

struct az_known {
    const char *name, *majors, *deprecated; /* "0 1"; deprecated ones are among majors or "" */
    enum {
        AZ_KNOWN_REFUSED,  /* not by this name and version */
        AZ_KNOWN_LEFT_OUT, /* skipped and counted */
        AZ_KNOWN_NOTHING,  /* there is nothing to do */
        AZ_KNOWN_WINDOWS,
        AZ_KNOWN_MAC
    } how;
    const char *why; /* or "" */
};
const struct az_known *az_known_all(size_t *ret_n);
const struct az_known *az_known_find(struct str name); /* in any case; NULL: there is none */

/* The inputs of tasks that take any. */
extern const struct az_input az_any_inputs[];

/* ---- --task NAME=DIR (az_node_task.c) ---- */

/* What is known of a task's task.json. */
struct az_manifest {
    struct str id, name, version; /* "2.1.0" */
    struct str target[3];         /* of prejobexecution, execution, postjobexecution; or empty: the task has none */
    bool node[3];                 /* it is one of node's */
    unsigned major[3];            /* of node that it asks for */
    const struct value *inputs;   /* its array, or NULL */
    const struct value *outputs;
};
/* Reads task.json; -EINVAL and e: it is none, or has nothing that runs here. */
int az_manifest_read(struct arena *a, struct str text, struct az_manifest *ret, struct err *e);
/* task.json of a task of --task, through facts->read_file. -ENOENT: no such task was given. */
int az_manifest_find(struct arena *a, const struct facts *f, struct str name, struct str version,
                     struct az_manifest *ret, struct err *e);
/* "owner/name" that stands for the task, or STR_NONE: by its name, its full name's last part, "Name@2". */
struct str az_task_given(struct arena *a, const struct facts *f, struct str name, struct str version);
