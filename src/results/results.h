/*
 * results/results.h - the services that actions talk to while a run goes on: artifacts and caches, on loopback.
 *
 * What the real actions/upload-artifact, download-artifact and cache find under ACTIONS_RESULTS_URL (Twirp over JSON,
 * blobs as the Azure SDK sends them) and ACTIONS_CACHE_URL (github-actions specification 12). Artifacts are those of
 * store/artifact.h, shared with whatever else keeps there; caches lie in a space of their own in store/cache.h, for
 * these clients keep archives of their own making.
 *
 * Who may do what: each job has a bearer token, signed with a key that lives as long as the run; it makes artifacts and
 * caches as that job only, and reads those of the run. A blob's URL is signed for one blob, one direction and a time.
 * Nothing listens beyond 127.0.0.1.
 *
 * The port is bound by results_open, so that the URL is known; threads start with the first token, as most runs have
 * no job that asks for one. All functions but results_open and results_close may be called from any thread.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "core/vec.h"

struct results_options {
    struct str artifacts; /* this run's folder of store/artifact.h; need not exist */
    struct str caches;    /* the root of store/cache.h; need not exist */
    struct str repo;      /* "owner/name": caches of one repository are nobody else's */
    uint64_t max_bytes;   /* of one blob; 0: 10 GiB */
    uint16_t port;        /* 0: any */
};

struct results_grant { /* what a token allows */
    struct str job;    /* unique in the run */
    struct str ref;    /* caches are kept for it: "refs/heads/topic" */
    struct strs refs;  /* and looked for in it, then in these (a pull request's base, the default branch) */
};

struct results;

/* Texts are copied. */
int results_open(const struct results_options *o, struct results **ret, struct err *e);
/* "http://127.0.0.1:4711/" */
struct str results_url(const struct results *s);
/* Adds the bearer token of a job, and starts to serve if that did not happen yet. */
int results_token(struct results *s, const struct results_grant *grant, struct buf *ret, struct err *e);
/* Ends requests under way, drops what was not finished, frees. NULL is allowed. */
void results_close(struct results *s);
