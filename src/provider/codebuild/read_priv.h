/*
 * provider/codebuild/read_priv.h - what the readers of a buildspec share: mappings by tables of keys, kinds, lints.
 *
 * Whatever is wrong is told where it stands and reading goes on; a value that cannot be used stays as it was. `what`
 * is the place in words as the reference of the service writes it: "phases/build/commands". Scalars are taken as raw
 * text, as the service does: 3.10 stays "3.10".
 */
#pragma once
#include "provider/codebuild/model_priv.h"

struct cb_reader {
    struct arena *a;
    struct diags *d;
    struct cb_spec *spec;
};

/* ---- cb_read_shape.c: kinds ---- */

/* A key of a mapping; read is called for it, with the value's place in words. */
struct cb_key {
    const char *name;
    void (*read)(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into);
};
/* Reads a mapping: keys that come twice are errors, unknown ones are warnings, each with the nearest known one. */
void cb_read_keys(struct cb_reader *r, const struct doc_node *map, const char *what, const struct cb_key *keys,
                  size_t n, void *into);
/* "phases" and "build": "phases/build". */
const char *cb_below(struct cb_reader *r, const char *what, struct str key);
/* Each true when the node is of that kind; else it is told. An empty value is no mapping and no list. */
bool cb_is_map(struct cb_reader *r, const struct doc_node *n, const char *what);
bool cb_read_text(struct cb_reader *r, const struct doc_node *n, const char *what, struct str *ret);
bool cb_read_bool(struct cb_reader *r, const struct doc_node *n, const char *what, bool *ret);
bool cb_read_number(struct cb_reader *r, const struct doc_node *n, const char *what, unsigned max, unsigned *ret);
/* A list of scalars. A scalar in its stead is a list of one. */
bool cb_read_list(struct cb_reader *r, const struct doc_node *n, const char *what, struct cb_texts *ret);
bool cb_read_strs(struct cb_reader *r, const struct doc_node *n, const char *what, struct strs *ret);
/* NAME: value, into an initialised map. */
void cb_read_pairs(struct cb_reader *r, const struct doc_node *n, const char *what, struct map *ret);
/* True when the key is the mapping's first of that name; else it is told. */
bool cb_fresh_key(struct cb_reader *r, struct map *seen, const struct doc_node *key);
/* "did you mean" for the diagnostic that was added last, when a word is near. */
void cb_suggest(struct cb_reader *r, struct str word, const char *const *words, size_t n);
void cb_missing(struct cb_reader *r, struct span at, const char *what, const char *key);
/* A remark by itself, sorted by its own place. */
void cb_remark(struct diags *d, const char *code, struct span at, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ---- the parts of a buildspec ---- */

void cb_read_env(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
void cb_read_env_old(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec); /* of 0.1 */
/* What holds for any mapping of variables; a pair's place is that of its key. */
void cb_check_variables(struct cb_reader *r, const struct doc_node *n);
void cb_read_phases(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
bool cb_is_phase(struct str name);
void cb_read_artifacts(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
void cb_read_reports(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
void cb_read_cache(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
void cb_read_batch(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);
/* Identifiers, depend-on and circles of what was read. */
void cb_check_batch(struct cb_reader *r);
void cb_read_runtimes(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec);

/* ---- cb_read_lint.c: what the service accepts, and what surprises ---- */

/* sh_is_bash: the image's /bin/sh is bash (Amazon Linux), so that its words work. */
void cb_lint(const struct cb_spec *s, bool sh_is_bash, struct diags *d);
/* Is the program called in a command, as its words say? */
bool cb_calls(struct str command, const char *program);

/* ---- cb_plan_check.c: what does not go together ---- */

/* A buildspec and the declared project that runs it. */
void cb_check_together(const struct cb_project *p, const struct cb_spec *s, struct diags *d);

/* ---- cb_read_runtime.c: runtime-versions ---- */

/* What this machine can tell of a runtime. */
struct cb_runtime_tool {
    const char *name;  /* "python": as in the buildspec */
    const char *title; /* "Python" */
    const char *tool;  /* of facts->machine.interpreters: "python", "node", "go"; NULL: not looked for */
};
/* NULL: the service has no such runtime. */
const struct cb_runtime_tool *cb_runtime_tool(struct str name);

/* ---- cb_gate_runtime.c ---- */

/* $NAME and ${NAME} filled in; false: one of them is not known. */
bool cb_fill_in(struct arena *a, struct str text, const struct map *vars, struct str *ret);

/* "3.9.18, 3.12.1": every version of a tool that this machine has, in their order, or "none". */
struct str cb_versions_here(struct arena *a, const struct facts *f, const char *tool);

/* ---- cb_gate_image.c ---- */

/* Can this machine stand for it? Fills skip, lacks and lacks_help of the leg when it cannot. */
void cb_gate_image(struct arena *a, const struct facts *f, struct str image, struct str type, struct leg *leg);
