/*
 * scaffold/scaffold.h - writes a new project with all its pipelines.
 *
 * Templates are files in src/scaffold/assets, embedded in the binary; the substitution language is tiny: @{name} inserts
 * an answer, lines `@if name`, `@if !name`, `@else`, `@end` choose, `@for x in list` ... `@end` repeats. No hooks, no code.
 * A project is written whole or not at all: into a folder beside its place, then renamed. Bytes are deterministic.
 */
#pragma once
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/vec.h"
#include "doc/diag.h"

struct answers {
    struct str name;         /* folder and repository: py-skeleton */
    struct str distribution; /* PEP 508 name: awesome-pkg */
    struct str package;      /* import name: awesome_pkg */
    struct str description, author, owner, licence; /* owner: of the repository, YOUR_ID when unknown */
    struct strs pythons;     /* "3.9", "3.10", ... ascending */
    struct strs services;    /* github codebuild cloudbuild azure */
    bool like_seed;
    int64_t year;
};

/* Fills what is empty with defaults derived from the name. -EINVAL with a sentence when an answer is not allowed. */
int answers_complete(struct arena *a, struct answers *x, struct err *e);
/* "3.9-3.12", "3.11,3.13": expanded by minor number. */
int answers_pythons(struct arena *a, struct str list, struct strs *ret, struct err *e);

struct scaffold_file {
    struct str path; /* relative */
    struct str text;
    unsigned mode; /* 0644 or 0755 */
};
/* Renders every file, sorted by path. Pure. */
int scaffold_render(struct arena *a, const struct answers *x, struct scaffold_file **ret, size_t *ret_n, struct err *e);

struct scaffold_report {
    size_t written, same, different;
    struct strs conflicts; /* paths that exist with other content: nothing was written then */
};
/* Writes the files to dir (created; an existing empty folder is fine), makes a git repository with the first commit. */
int scaffold_write(struct arena *a, const struct answers *x, const struct scaffold_file *files, size_t n,
                   struct str dir, bool git, struct scaffold_report *ret, struct err *e);
/* A unified diff of what is in dir against what would be written, into out. */
int scaffold_diff(struct arena *a, const struct scaffold_file *files, size_t n, struct str dir, struct buf *out,
                  struct err *e);
