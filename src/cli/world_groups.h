/*
 * cli/world_groups.h - concurrency groups that runs of the same repository share (engine/group.h over store/groups.h).
 */
#pragma once
#include "cli/cli.h"
#include "engine/group.h"
#include "plan/facts.h"

struct bus;
struct world_groups {
    struct group_share share; /* struct engine_options' groups */
    struct arena *arena;
    struct str dir;  /* of this repository, in the state folder */
    struct str who;  /* "run 12 in /home/mina/hello" */
    struct bus *bus; /* is told when something waits, or cannot be shared; set before the run */
    bool failed;
};

/* Work trees of one remote are one repository; without a remote, each work tree is one. */
void world_groups_init(struct world_groups *w, struct arena *a, struct str state_dir, const struct facts *f);
