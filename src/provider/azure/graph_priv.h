/*
 * provider/azure/graph_priv.h - parts of az_graph_check: names, dependencies, expressions.
 */
#pragma once
#include "provider/azure/model_priv.h"

/* az_graph.c */
/* One stage or job, as far as names and dependencies go. */
struct az_unit {
    struct str id;
    const struct az_value *at; /* its name */
    const struct az_texts *depends_on;
    const struct az_value *depends_at;
    bool follows; /* nothing is said: it waits for the one before it */
};
struct az_units {
    const char *what; /* "stage", "job" */
    struct str where; /* "The pipeline", "Stage build" */
    const struct az_value *at;
    struct az_unit *p;
    size_t n;
    struct map by_id; /* MAP_NOCASE: name -> struct az_unit * */
};
/* az_graph_needs.c: targets, circles, where to begin. Names were put into by_id. */
void az_graph_needs(const struct az_units *u, struct diags *d);
/* az_graph_expr.c: syntax and names of conditions and `$[ ]`. */
void az_graph_expressions(const struct az_pipeline *p, struct diags *d);
