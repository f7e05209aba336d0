/*
 * cli/finder_priv.h - looks for interpreters on this machine without running what can be read off a path.
 *
 * Tool caches and version managers write the version into a folder's name. Only what lies on PATH must be asked, and
 * its answer is kept in the cache folder with the program's size and time, so that a listing stays fast. One finder
 * serves all kinds (find_python.c, find_node.c, find_go.c); texts live in its arena.
 */
#pragma once
#include "cli/world.h"

struct finder {
    struct arena *arena;
    struct machine_facts *to;
    size_t cap;       /* of to->interpreters */
    const char *tool; /* the kind that is looked for: "python" */
    struct str home;
    struct str tools; /* root of the tool cache */
    struct str arch;  /* as the tool cache names it: "x64" */
    struct str known; /* what was asked in earlier runs, as text */
    struct buf fresh; /* what it is to be now */
    bool changed;
};

/* Adds one; the same version at the same prefix is added once. */
void finder_add(struct finder *f, const char *origin, struct str version, struct str prefix, struct str program);
/* M.m.p and nothing else. */
bool finder_is_version(struct str s);
/* A variable that names a folder, else `otherwise` below the home. */
struct str finder_root(struct finder *f, const char *variable, const char *otherwise);
/* Where versions lie side by side: DIR/<mark><version><sub>/<program>. */
struct finder_place {
    const char *origin;
    struct str dir;
    const char *mark;    /* in front of the version: "v", "go"; may be "" */
    const char *sub;     /* behind it: "/x64"; may be "" */
    const char *program; /* below the prefix: "/bin/node" */
    bool complete;       /* counts only with <prefix>.complete beside it, as in a tool cache */
};
void finder_versions(struct finder *f, const struct finder_place *p);
/* The tool cache's folder of a tool: "Python", "node", "go". */
void finder_tool_cache(struct finder *f, const char *folder, const char *program);
/*
 * A question to a program that only it can answer.
 */
struct finder_question {
    const char *const
        *argv; /* behind the program, NULL-terminated; prints the version, then the prefix, on two lines */
};
/* Every folder on PATH and the system's own, each once; shims of version managers hold no programs. */
void finder_path(struct finder *f, void (*each)(struct finder *f, struct str dir));
/* Version and prefix of a program, from memory or by asking. */
bool finder_ask(struct finder *f, struct str program, const struct finder_question *q, struct str *version,
                struct str *prefix);

void find_pythons(struct finder *f);
void find_nodes(struct finder *f);
void find_gos(struct finder *f);
