/*
 * test/unit/sandbox/place.h - one sandbox for one test, in a folder of its own, and running shell scripts in it.
 */
#pragma once
#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/mem.h"
#include "sandbox/sandbox.h"

/* A way of opening; the initial state of every test that is to hold in that way. */
struct way {
    const char *name;
    enum sandbox_mode mode;
    unsigned deny;
};

struct place {
    const struct way *way;
    struct arena *a;
    char dir[64];     /* ours */
    char scratch[96]; /* dir/scratch */
    struct sandbox_spec spec;
    struct sandbox *sb; /* NULL until place_open */
    uint64_t next_id;
    bool fresh; /* commands get roots of their own, with these shares */
    struct sandbox_share shares[8];
    size_t n_shares;
};

struct outcome {
    struct sandbox_event ev;
    struct str out; /* standard output and error */
};

/* cmocka's: *state is a struct way * before, a struct place * after; a way that this machine cannot go is skipped. */
int place_setup(void **state);
int place_teardown(void **state);
/* Opens with spec; fails the test when it cannot. */
void place_open(struct place *p);
/* Closes and asserts that nothing is left of the scratch folder. */
void place_close(struct place *p);
/* A text in the arena. */
struct str place_text(struct place *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A path of the job as its scripts must name it. */
const char *place_path(struct place *p, const char *path);
/* Writes a file of the host below dir, its folders too. */
void host_write(struct place *p, const char *path, const char *text);
/* Its content, or NULL. */
const char *host_read(struct place *p, const char *path);

/* From now on commands get roots of their own. */
void place_fresh(struct place *p);
/* These see the leg's `from` at `to`. */
void place_share(struct place *p, const char *from, const char *to, bool read_only);
/* Runs a script in the root that all share. */
const char *place_first(struct place *p, const char *script);
/* Starts argv with the environment PATH and HOME; out becomes 1 and 2. Returns its id. */
uint64_t place_start(struct place *p, const char *const *argv, const char *cwd, int out);
/* Waits for the end of id; fails the test after 20 s. Other events are dropped. */
struct sandbox_event place_wait(struct place *p, uint64_t id);
/* Runs a script with sh and waits for its end. */
struct outcome place_sh(struct place *p, const char *script);
/* As place_sh; fails the test, showing the output, unless it ends with status 0. Returns the output. */
const char *place_ok(struct place *p, const char *script);
/* Waits until the other end of a pipe is closed everywhere; false after 20 s. */
bool pipe_ends(int fd);
