/*
 * sandbox/init/wire.h - what slipway and the init of a sandbox say to each other, over one SOCK_SEQPACKET socket.
 *
 * A message is a wire_head and then texts, each a u32 length, its bytes and a NUL (the length counts no NUL, the next
 * text follows unaligned). What is longer than WIRE_INLINE travels in a memfd that is the last descriptor passed.
 * Both ends are of one build, so there is no version; neither end trusts the job, which never sees the socket.
 */
#pragma once
#include <stdint.h>

#define WIRE_FD 3            /* the init's end */
#define WIRE_INLINE 32768    /* bytes of a message, head included */
#define WIRE_MAX (32u << 20) /* bytes of texts in a memfd */
#define WIRE_TEXT 256        /* bytes of text in an answer */

enum wire_type {
    /* from slipway */
    WIRE_OPEN = 1, /* id: bytes of the tmpfs; a: process limit; b: how many dirs, and times 65536 how many files. texts:
                      scratch, home on the host, home, hostname, the folder to hide with scratch in it, path, mode
                      (decimal) and text of each file, dirs, memory dirs */
    WIRE_LIMIT,    /* join the cgroup whose `tasks` is the descriptor; not answered */
    WIRE_EXEC,     /* id; a: how many argv; flags: 0 or WIRE_OWN_ROOT, then b: how many shares. texts: "r" or "w", from
                      and to of each share, cwd, argv, env. Descriptors: 0, 1, 2 */
    WIRE_SIGNAL,   /* id or 0 for all; a: signal. Answered by DONE */
    WIRE_MOUNT,  /* id: bytes of a tmpfs; a: enum mount_kind; b: 1 when the source is a copy made for this mount alone.
                    texts: source, path, hidden. Answered by DONE */
    WIRE_OPENAT, /* a: flags, b: mode. text: path. Answered by DONE with a descriptor */
    WIRE_END,    /* kill everything, then exit: what SIGKILL does when the init is process 1 */
    WIRE_REMOVE, /* text: a folder. Answered by DONE, then the init exits */
    /* from the init: a struct wire_answer */
    WIRE_READY,       /* flags: WIRE_GOT_x */
    WIRE_DONE,        /* num: 0 or an errno; text: what failed */
    WIRE_EXITED,      /* id, num: status */
    WIRE_SIGNALLED,   /* id, num: signal */
    WIRE_NOT_STARTED, /* id, num: errno, what: enum wire_what, text: the name */
    WIRE_FAILED,      /* the opening failed: num, text; the init exits */
};

enum wire_flags {
    WIRE_PLAIN = 1,       /* no namespaces, only a reaper */
    WIRE_SINGLE_ID = 2,   /* one user id: pretend that chown and set*id work */
    WIRE_REAL_ROOT = 4,   /* 0 inside is 0 outside: mask what a real root may write */
    WIRE_NETWORK_OWN = 8, /* bring the loopback up */
    WIRE_PROBE = 16,      /* only try: one overlay, /proc, and no root to run anything in */
    WIRE_NO_OVERLAY = 32, /* for tests: as if overlayfs refused */
    WIRE_NO_SETATTR = 64, /* for tests: as if there were no mount_setattr */
    WIRE_NO_PROC = 128,   /* for tests: as if a fresh /proc were refused */
    WIRE_OWN_ROOT = 256,  /* of WIRE_EXEC: in a root of its own */
};

enum wire_got {
    WIRE_GOT_OVERLAY = 1, /* at least one overlay stands */
    WIRE_GOT_PROC = 2,    /* /proc is our own */
};

enum wire_what { WIRE_WHAT_CWD = 1, WIRE_WHAT_PROGRAM, WIRE_WHAT_FORK, WIRE_WHAT_OTHER };

struct wire_head {
    uint32_t type, flags;
    uint64_t id;
    uint32_t a, b;
    uint32_t texts; /* how many */
    uint32_t big;   /* bytes of texts in the memfd; 0: they follow the head */
};

struct wire_answer {
    uint32_t type, flags;
    uint64_t id;
    int32_t num;
    uint32_t what;
    char text[WIRE_TEXT]; /* NUL-terminated */
};
