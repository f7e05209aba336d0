/*
 * sys/run.h - run a helper program of the host (git, newuidmap, an interpreter) and read what it says.
 *
 * For the short questions that slipway asks; a job's commands run in a sandbox instead. Blocks.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"

struct run_spec {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up on PATH */
    const char *cwd;         /* NULL: ours */
    const char *const *env;  /* NULL: ours */
    struct str input;        /* given on stdin; empty: /dev/null */
    size_t max;              /* of the output, bytes; 0: 16 MiB; past it the child is killed and -EFBIG returned */
    int timeout_ms;          /* 0: none; then the child and its process group are ended and -ETIMEDOUT returned */
    /* NULL, or a descriptor: once it is readable or hung up they are ended, -ECANCELED. The child has no terminal. */
    const int *stop;
};

struct run_result {
    int status;     /* exit status, or 128 + signal */
    struct str out; /* in the arena */
    struct str err; /* in the arena, at most 64 KiB */
};

/*
 * 0 when the program ran, whatever it exited with; -ENOENT when there is no such program, -ENOTDIR when there is no
 * cwd. It starts with no signal blocked and SIGPIPE at its default. It ends for us when the program itself ends, also
 * when a daemon that it left behind keeps its output open.
 */
int run_capture(struct arena *a, const struct run_spec *spec, struct run_result *ret, struct err *e);
/* As run_capture, and a status other than 0 is -EIO with the first line of its stderr in e. Returns trimmed stdout. */
int run_line(struct arena *a, const char *const *argv, const char *cwd, struct str *ret, struct err *e);
/* The absolute path of a program on `path_list` (NULL: $PATH), whose relative entries do not count; false: none. */
bool run_find(struct arena *a, const char *program, const char *path_list, struct str *ret);
