/*
 * core/vec.h - a growing array of any type, on the heap or in an arena.
 *
 *   VEC(struct job *) jobs = {0};
 *   vec_push(&jobs, job);              heap; vec_done(&jobs) frees the array, not what it holds
 *   vec_push_in(arena, &jobs, job);    the array lives in the arena; never mix the two on one vec
 *   for (size_t i = 0; i < jobs.n; i++) use(jobs.p[i]);
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *p;                                                                                                       \
        size_t n, cap;                                                                                                 \
    }

#define vec_push(v, item)                                                                                              \
    do {                                                                                                               \
        if ((v)->n == (v)->cap)                                                                                        \
            (v)->p = vec_grow_(NULL, (v)->p, (v)->n, &(v)->cap, sizeof *(v)->p);                                       \
        (v)->p[(v)->n++] = (item);                                                                                     \
    } while (0)
#define vec_push_in(arena, v, item)                                                                                    \
    do {                                                                                                               \
        if ((v)->n == (v)->cap)                                                                                        \
            (v)->p = vec_grow_((arena), (v)->p, (v)->n, &(v)->cap, sizeof *(v)->p);                                    \
        (v)->p[(v)->n++] = (item);                                                                                     \
    } while (0)
#define vec_done(v) (free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)
#define vec_remove(v, i) (memmove(&(v)->p[i], &(v)->p[(i) + 1], ((v)->n - (i)-1) * sizeof *(v)->p), (v)->n--)

/* Grows by half again, at least 8. arena NULL means the heap. */
void *vec_grow_(struct arena *arena, void *p, size_t n, size_t *cap, size_t item);

/* The list of texts that many rooms pass around. */
struct strs {
    struct str *p;
    size_t n, cap;
};
