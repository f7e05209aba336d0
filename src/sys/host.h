/*
 * sys/host.h - what machine and what user this is, and where their files belong.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"
#include "core/str.h"

struct host_info {
    struct str os_id;      /* "debian" of /etc/os-release */
    struct str os_version; /* "12" */
    struct str os_name;    /* "Debian GNU/Linux 12 (bookworm)" */
    struct str os_codename;
    struct str machine; /* "x86_64" */
    struct str hostname;
    struct str user;
    struct str home;
    unsigned cpus; /* that this process may use, at least 1 */
    unsigned uid;
};
void host_read(struct arena *a, struct host_info *ret);

/*
 * As many open files as this machine lets the user have, but not more than 65536: a run has a few for each process of
 * its jobs. Processes that are started later have as many.
 */
void host_raise_files(void);

/*
 * XDG folders with "slipway" behind: absolute, not created. $XDG_x_HOME, else the home's default, else (no home)
 * cache, state and config in /tmp/slipway-UID.
 */
struct str host_cache_dir(struct arena *a);
struct str host_state_dir(struct arena *a);
struct str host_config_dir(struct arena *a);

/* Is it a terminal; its columns (80 when unknown) and rows. */
bool term_is_tty(int fd);
unsigned term_columns(int fd);
unsigned term_rows(int fd);
