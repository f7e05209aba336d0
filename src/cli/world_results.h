/*
 * cli/world_results.h - the services for artifacts and caches of one run (results/results.h), as facts.
 *
 * The port is bound when the run begins; the service starts with the first JavaScript action that asks for its token.
 */
#pragma once
#include "event/event.h"
#include "plan/facts.h"

struct results;
struct world_results {
    struct results *service; /* NULL: the port could not be bound */
    struct bus *bus;         /* is told when the service cannot start; set before the run */
    bool failed;
};

/* Binds the port and fills in ret, which keeps w; without a port ret stays empty and e says why. */
int world_results_open(struct world_results *w, const struct facts *f, struct str artifacts_dir, struct str cache_dir,
                       struct results_facts *ret, struct err *e);
/* Ends requests under way, and the service. */
void world_results_close(struct world_results *w);
/* Tells of each artifact that the run left in its folder. */
void world_results_tell(struct arena *a, struct str artifacts_dir, struct bus *bus);
