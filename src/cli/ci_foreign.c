/*
 * cli/ci_foreign.c - options of act 0.2.87 that `slipway ci` has no use for. docs/from-act.md lists every one of act's,
 * and test/e2e/test_from_act.py runs them.
 */
#include "cli/ci_priv.h"

#define NO_CONTAINERS "jobs run in sandboxes, not in containers of an engine"
#define LOOPBACK "jobs reach artifacts and caches on loopback, at a port of their own"

const struct foreign_row ci_foreign[] = {
    {"action-cache-path", 0, true, FOREIGN_MOOT, "what was fetched is kept in the cache folder (XDG_CACHE_HOME)"},
    {"artifact-server-addr", 0, true, FOREIGN_MOOT, LOOPBACK},
    {"artifact-server-port", 0, true, FOREIGN_MOOT, LOOPBACK},
    {"bind", 0, false, FOREIGN_MOOT, "jobs see the work tree copy-on-write; it is never written to"},
    {"bug-report", 0, false, FOREIGN_REFUSED, "`slipway doctor` tells about this machine"},
    {"cache-server-addr", 0, true, FOREIGN_MOOT, LOOPBACK},
    {"cache-server-external-url", 0, true, FOREIGN_MOOT, LOOPBACK},
    {"cache-server-path", 0, true, FOREIGN_MOOT, "caches are kept in the cache folder (XDG_CACHE_HOME)"},
    {"cache-server-port", 0, true, FOREIGN_MOOT, LOOPBACK},
    {"container-architecture", 0, true, FOREIGN_MOOT, "jobs run on this machine's own architecture"},
    {"container-cap-add", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"container-cap-drop", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"container-daemon-socket", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"container-options", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"detect-event", 0, false, FOREIGN_REFUSED, "name the event, as in `slipway ci workflow_dispatch`"},
    {"insecure-secrets", 0, false, FOREIGN_MOOT, "secrets are masked, as the service does"},
    {"list-options", 0, false, FOREIGN_REFUSED, "`slipway help ci` lists the options"},
    {"log-prefix-job-id", 0, false, FOREIGN_MOOT, "lines begin with the job's name; --json has its id"},
    {"network", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"no-cache-server", 0, false, FOREIGN_MOOT, "caches stay on; `slipway clean` empties them"},
    {"no-recurse", 0, false, FOREIGN_SAME, NULL},
    {"no-skip-checkout", 0, false, FOREIGN_SAME, NULL},
    {"privileged", 0, false, FOREIGN_MOOT, NO_CONTAINERS},
    {"pull", 'p', false, FOREIGN_MOOT, NO_CONTAINERS},
    {"rebuild", 0, false, FOREIGN_MOOT, NO_CONTAINERS},
    {"replace-ghe-action-token-with-github-com", 0, true, FOREIGN_REFUSED,
     "private repositories are fetched with git's own credentials"},
    {"replace-ghe-action-with-github-com", 0, true, FOREIGN_REFUSED,
     "--local-repository takes a folder for an action, --actions-base another server for all"},
    {"rerun", 0, false, FOREIGN_REFUSED, "`slipway ci --lf` runs what failed the last time"},
    {"reuse", 'r', false, FOREIGN_MOOT, "every job begins in a sandbox of its own; caches carry over"},
    {"rm", 0, false, FOREIGN_SAME, NULL},
    {"use-new-action-cache", 0, false, FOREIGN_SAME, NULL},
    {"userns", 0, true, FOREIGN_MOOT, NO_CONTAINERS},
    {"version", 0, false, FOREIGN_REFUSED, "`slipway --version`"},
    {"watch", 'w', false, FOREIGN_REFUSED, "a tool such as entr or watchexec runs `slipway ci` again on changes"},
    {NULL, 0, false, FOREIGN_SAME, NULL},
};
