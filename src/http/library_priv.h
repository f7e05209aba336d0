/*
 * http/library_priv.h - libmicrohttpd's functions, found when the first server starts.
 */
#pragma once
#include "core/err.h"

#include <microhttpd.h>

#define MHD_CALLS(X)                                                                                                   \
    X(add_response_header)                                                                                             \
    X(create_response_from_buffer)                                                                                     \
    X(create_response_from_fd_at_offset64)                                                                             \
    X(destroy_response)                                                                                                \
    X(get_connection_values)                                                                                           \
    X(queue_response)                                                                                                  \
    X(quiesce_daemon)                                                                                                  \
    X(start_daemon)                                                                                                    \
    X(stop_daemon)

struct mhd {
#define MHD_SLOT(name) __typeof__(MHD_##name) *(name);
    MHD_CALLS(MHD_SLOT)
#undef MHD_SLOT
};

/* Loads the library once and keeps it; any thread may call. -ENOENT: it is not here, or lacks a function. */
int mhd_load(const struct mhd **ret, struct err *e);
