/*
 * store/repos_priv.h - one question to one repository: what repos.c (where things lie) and repos_git.c (who talks)
 * share.
 */
#pragma once
#include "store/repos.h"
#include "sys/run.h"

struct repos_ask {
    struct arena *a;
    const struct repos *r;
    struct str repo, ref;
    struct str dir;         /* ROOT/<owner>/<name> */
    struct str git;         /* dir/git */
    struct str url;         /* of the repository */
    const char *const *env; /* of every git, NULL-terminated */
};

/* One call of git. */
struct repos_call {
    const char *const *args; /* NULL-terminated, behind the options that every call has */
    const char *cwd;         /* NULL: the repository's folder */
    const char *index;       /* GIT_INDEX_FILE, or NULL */
    int timeout_ms;          /* 0: none */
};
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- repos_git.c ---- */

/* 0 when it ran, whatever it exited with; as run_capture. */
int repos_git(const struct repos_ask *q, const struct repos_call *c, struct run_result *ret, struct err *e);
const char *repos_git_dir(const struct repos_ask *q); /* the option */
/* The first line of what git said that holds the text; the first of all when the text is NULL. */
struct str repos_git_line(struct str all, const char *text);
/* The environment of git: ours without what points at another repository, and with what keeps it from asking. */
const char *const *repos_git_env(struct arena *a);
/* Makes dir/git, and clears what a killed git left in it. */
int repos_git_open(const struct repos_ask *q, struct err *e);
/*
 * What the ref is at the remote: the full name of the tag or branch, or the ref itself when it is a whole commit; and
 * the commit that it stands for.
 */
int repos_git_resolve(const struct repos_ask *q, struct str *ret_name, struct str *ret_commit, struct err *e);
/* Brings `name`'s commit, without its history where the remote can; *ret is what came. */
int repos_git_fetch(const struct repos_ask *q, struct str name, struct str *ret_commit, struct err *e);

/* ---- repos_files.c ---- */

/* Writes the files of a commit that is here into `to`, an empty folder; uses to.index and to.tar beside it. */
int repos_git_files(const struct repos_ask *q, struct str commit, struct str to, struct err *e);

bool repos_is_commit(struct str ref); /* 40 hex digits, lower case */
