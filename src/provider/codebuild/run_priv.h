/*
 * provider/codebuild/run_priv.h - one build of CodeBuild while it runs: the state behind plan/driver.h.
 *
 * Nouns: a stage is one of the service's build phases (SUBMITTED to COMPLETED), of which only some do anything here and
 * are steps; a part is what a stage does, as a small coroutine of ops; the shell is what is carried from one command to
 * the next: variables and the working folder.
 * Flow: cb_driver.c walks the stages and asks the parts of each in turn; a part that fails says so with cb_fail, and
 * cb_driver.c decides what runs after it. There is never more than one op under way.
 * Ownership: all in run->arena, freed by the driver's end; what lives for one op only is in run->scratch, which is
 * emptied before the next one.
 */
#pragma once
#include "core/buf.h"
#include "provider/codebuild/model_priv.h"
#include "provider/tool.h"

/* In the order of the service ("BuildPhase, phaseType"). */
enum cb_stage {
    CB_SUBMITTED,
    CB_QUEUED,
    CB_PROVISIONING,
    CB_DOWNLOAD_SOURCE,
    CB_STAGE_INSTALL,
    CB_STAGE_PRE_BUILD,
    CB_STAGE_BUILD,
    CB_STAGE_POST_BUILD,
    CB_UPLOAD_ARTIFACTS,
    CB_FINALIZING,
    CB_COMPLETED,
    CB_STAGES
};
/* "BuildPhase, phaseStatus"; CB_NOT_RUN is ours. */
enum cb_status { CB_NOT_RUN, CB_SUCCEEDED, CB_FAILED, CB_FAULT, CB_TIMED_OUT, CB_STOPPED };

#define CB_LINE_MAX ((size_t)256 << 10)
#define CB_DUMP_MAX ((size_t)16 << 20) /* bytes of a command's variables */
#define CB_TAIL_MAX ((size_t)16 << 10) /* bytes of a failed command's output that RETRY's expression looks at */
#define CB_ORPHAN_NS 200000000         /* what a command leaves behind may hold its pipes this long, then it is over */
#define CB_FIND_MAX 200000             /* entries that globs of artifacts and reports look through */

struct cb_run;

/* What a stage does. Each slot is required. */
struct cb_part {
    const char *name;
    /* DRIVE_OP with *op filled in by cb_op_*, or DRIVE_DONE. Called again after each op's end. */
    enum drive (*next)(struct cb_run *r, struct op *op);
    /* Its op has exited, was stopped or never started; the run's time has been added up. */
    void (*exited)(struct cb_run *r, const struct op_end *end);
};

struct cb_stage_state {
    bool entered, left;
    enum cb_status status;
    int64_t ns;
    struct str code, message; /* the phase context, or empty */
    unsigned step;            /* event number, 0: no step */
    struct str error;         /* what the step's end says, or empty */
    int exit_status;
};

/* A variable of the shell. */
struct cb_value {
    struct str text;
    bool exported;
};

/* What is carried between commands (specification 1, "one shell"). On the heap: it is made anew by each command. */
struct cb_shell {
    struct arena *arena; /* of vars */
    struct map vars;     /* name -> struct cb_value * */
    struct str cwd, old_cwd;
    bool bash; /* the dump was one of bash */
};

/* A command under way or to come (cb_phase.c). */
struct cb_phase_run {
    enum { PHASE_COMMANDS, PHASE_FINALLY, PHASE_OVER } at;
    size_t next;         /* of the list */
    unsigned tries_left; /* RETRY */
    bool began;
    const struct cb_text *command; /* under way */
    struct buf tail;               /* of its output, on the heap */
    struct regex *pattern;
};

/* Texts that the shell evaluates: names of artifacts, keys of caches (cb_eval.c). */
struct cb_eval {
    const struct str *texts;
    size_t n;
    struct str *values; /* in run->arena */
    bool done;
    struct err err; /* num 0: they are good */
};

/* A place with what OP_FIND saw there. */
struct cb_listing {
    struct str root; /* absolute */
    bool known;
    struct op_found *p; /* in run->arena */
    size_t n;
};

struct cb_source_run {
    unsigned at;
    bool has_git;
    struct str git_head; /* the file to write */
};

struct cb_runtime_run {
    unsigned at;
    size_t next;
    bool tool_live;
    struct tool tool;
    struct str asked; /* the program that is looked for */
};

struct cb_cache_run {
    unsigned at;
    size_t next;
    struct strs paths; /* cleaned, absolute */
    bool keyed;
    struct str key;
    struct strs fallback;
    struct str matched; /* of a keyed one */
    struct cb_eval eval;
    struct str state; /* hash over what is to be saved */
    bool saving;
};

/* A file of an artifact or a report. */
struct cb_match {
    struct str path; /* absolute, in the job */
    struct str name; /* in the artifact */
    bool link;
};
struct cb_matches {
    struct cb_match *p;
    size_t n, cap;
};

struct cb_artifact_run {
    unsigned at;
    size_t next, n; /* of the artifacts: primary and secondary */
    struct cb_eval eval;
    struct cb_listing listing;
    struct cb_matches matches;
    struct str name; /* where it goes */
};

struct cb_report_run {
    unsigned at;
    size_t next;
    struct cb_listing listing;
    struct cb_matches matches;
    size_t file;
    struct report report;
};

struct cb_run {
    struct arena *arena, *scratch;
    struct leg *leg;
    const struct host *host;
    const struct facts *facts;
    const struct cb_build *build;
    const struct cb_spec *spec;
    const struct cb_project *project;
    const struct sources *sources;                         /* where spans are */
    struct str prefix, home, src_dir, src_base, temp, bin; /* bin: our helpers, on PATH */
    struct str uuid, build_id;                             /* "project:uuid" */
    struct str script, dump, env_file;
    struct cb_shell shell;
    struct map env; /* name -> text: what a build starts from */
    enum cb_stage stage;
    size_t part;
    struct cb_stage_state stages[CB_STAGES];
    unsigned number, token; /* last used; token_live: under way */
    bool token_live;
    int64_t elapsed_ns;
    bool succeeding; /* CODEBUILD_BUILD_SUCCEEDING */
    bool failed;     /* the build's own result: after on-failure */
    bool continued;  /* a failure was passed over by CONTINUE */
    int last_exit;
    bool cancelled, began;
    enum cancel_why why;
    struct str machine; /* "Debian 12" */
    struct str image;
    unsigned n_keys;   /* access key ids that were hidden */
    bool told_sh;      /* that /bin/sh is another shell than at the service */
    bool run_as_works; /* the users of run-as are here */
    struct cb_source_run source;
    struct cb_runtime_run runtime;
    struct cb_phase_run phase;
    struct cb_cache_run cache;
    struct cb_artifact_run artifact;
    struct cb_report_run report;
};

/* ---- cb_log.c: what the build says ---- */

void cb_say(struct cb_run *r, const char *fmt, ...) PRINTF_LIKE(2, 3);   /* "[Container] <time> ..." */
void cb_plain(struct cb_run *r, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a line without it */
void cb_note(struct cb_run *r, enum event_how how, struct str name, struct str text);
void cb_annotate(struct cb_run *r, enum event_level level, struct span where, struct str text);
/* The stage under way has failed: its context. The first one stays. */
void cb_fail(struct cb_run *r, const char *code, const char *fmt, ...) PRINTF_LIKE(3, 4);
struct str cb_stage_name(enum cb_stage s);
struct str cb_status_name(enum cb_status s);
void cb_stage_enter(struct cb_run *r);
void cb_stage_leave(struct cb_run *r, enum cb_status status);
/* The phase table and what the build leaves, as Markdown. */
void cb_summary(struct cb_run *r);
void cb_emit_summary(struct cb_run *r, struct str markdown);

/* ---- cb_env.c: variables (specification 5) ---- */

/* Fills run->env; false: a value is missing and the stage has failed. */
bool cb_env_make(struct cb_run *r);
/* CODEBUILD_BUILD_SUCCEEDING and CODEBUILD_LAST_EXIT as they are now, into the shell. */
void cb_env_refresh(struct cb_run *r);
/* A folder in front of PATH. */
void cb_env_path(struct cb_run *r, struct str folder);
/* $NAME and ${NAME} replaced by what the shell carries; unknown ones are empty. In run->arena. */
struct str cb_expand(struct cb_run *r, struct str text);

/* ---- cb_shell.c ---- */

void cb_shell_init(struct cb_run *r);
void cb_shell_done(struct cb_shell *s);
struct str cb_shell_get(const struct cb_shell *s, const char *name); /* or STR_NONE */
void cb_shell_set(struct cb_shell *s, struct str name, struct str text, bool exported);
/* A command as the service runs it; run_as may be empty. */
void cb_op_command(struct cb_run *r, struct op *op, struct str text, struct str run_as);
/* As the build's processes see the world, but what it does to variables is not carried. */
void cb_op_exec(struct cb_run *r, struct op *op, const struct str *argv, size_t n);
/* Takes over what the command left. */
void cb_shell_take(struct cb_run *r, const struct op_end *end);
/*
 * Reads the dump of a shell (cb_shell.c tells its form) into s, from an arena of its own. -EINVAL: it is damaged, and s
 * is as before.
 */
int cb_dump_read(struct cb_shell *s, struct str dump);

/* ---- cb_driver.c: ops of the parts ---- */

void cb_op_init(struct cb_run *r, struct op *op, enum op_kind kind);
void cb_op_write(struct cb_run *r, struct op *op, struct str path, struct str text, unsigned mode);
void cb_op_read(struct cb_run *r, struct op *op, struct str path, size_t max);
/* Did the op do what it was for? A failure is the stage's, as CLIENT_ERROR. */
bool cb_op_good(struct cb_run *r, const struct op_end *end, const char *what);
void cb_op_find(struct cb_run *r, struct op *op, struct str root);
void cb_listing_take(struct cb_run *r, struct cb_listing *l, const struct op_end *end);

/* Does the service export a variable of this name? */
bool cb_is_exported(const struct cb_run *r, struct str name);

/* ---- cb_glob.c: the patterns of artifacts and reports (specification 3, artifacts) ---- */

/* `*` and `?` within a component, `**` over any number of them. Relative to one root, both without ./ in front. */
bool cb_glob_match(struct str pattern, struct str path);
bool cb_glob_is_pattern(struct str text);
/* Without ./ and doubled slashes, as text; "." is empty. */
struct str cb_glob_clean(struct arena *a, struct str text);

/* ---- cb_files.c ---- */

/* The folder whose listing tells the files: its base directory, or the source folder when that is a pattern. */
struct str cb_files_root(struct cb_run *r, const struct cb_files *f);
/* The files among what lies there; says what the service says while it looks. */
void cb_files_match(struct cb_run *r, const struct cb_files *f, const struct cb_listing *l, struct cb_matches *ret);

/* ---- cb_eval.c ---- */

/* DRIVE_OP, or DRIVE_DONE: values are there, or err says why not. */
enum drive cb_eval_next(struct cb_run *r, struct cb_eval *v, struct op *op);
void cb_eval_exited(struct cb_run *r, struct cb_eval *v, const struct op_end *end);

/* ---- cb_keys.c ---- */

/* Whatever looks like an access key id in the text never shows from now on. */
void cb_hide_keys(struct cb_run *r, struct str text);
void cb_hide_in_commands(struct cb_run *r);
/* The same of a variable, which is hidden whole when its name is that of a credential. */
void cb_hide_credential(struct cb_run *r, struct str name, struct str text);

/* ---- cb_notes.c ---- */

/* Tells what the build asks for and does not get here. */
void cb_note_differences(struct cb_run *r);

/* ---- cb_shims.c: programs of the service that builds call ---- */

struct cb_shim {
    const char *name, *text;
};
extern const struct cb_shim cb_shims[];
extern const size_t cb_shims_len;

/* ---- the parts ---- */

extern const struct cb_part cb_source;                       /* cb_source.c */
extern const struct cb_part cb_runtimes;                     /* cb_runtime.c */
extern const struct cb_part cb_phase;                        /* cb_phase.c */
extern const struct cb_part cb_cache_restore, cb_cache_save; /* cb_cache.c */
extern const struct cb_part cb_report;                       /* cb_reports.c */
extern const struct cb_part cb_artifact;                     /* cb_artifacts.c */

/* Is there anything for the part to do? What is a step and what is not depends on it. */
bool cb_cache_wanted(const struct cb_run *r);
bool cb_upload_wanted(const struct cb_run *r);
/* The phase of the buildspec that the stage is, or NULL. */
const struct cb_phase *cb_stage_phase(const struct cb_run *r, enum cb_stage s);
/* What of the phase a user can paste into a terminal, or empty. */
struct str cb_phase_paste(struct cb_run *r, const struct cb_phase *p);
