/*
 * provider/github/docker_priv.h - docker/metadata-action as a pure function (specification 13.11), and its parts: lists
 * as Docker's actions read them, handlebars, PEP 440, dates.
 *
 * Nouns: a rule is a line of `tags`; a tag is what comes of it; the version is the first tag. Everything lives in the
 * arena that is given.
 */
#pragma once
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "core/value.h"
#include "core/vec.h"

/* ---- gh_docker_list.c ---- */

/* Lines, trimmed, without empty ones and what stands behind # outside of quotes. */
void gh_docker_lines(struct arena *a, struct str text, struct strs *ret);
/* The fields of one CSV line, unquoted and trimmed. -EINVAL: a quote that is not closed. */
int gh_docker_fields(struct arena *a, struct str line, struct strs *ret, struct err *e);
/* A list whose items are parted by commas and newlines (tags, platforms). */
int gh_docker_csv(struct arena *a, struct str text, struct strs *ret, struct err *e);

/* ---- gh_handlebars.c ---- */

/* What expressions of a template see. Texts only; NULL p: there is none, which renders as nothing. */
struct gh_handlebars {
    struct map names;  /* texts */
    int64_t date_ms;   /* {{date 'FORMAT' tz='ZONE'}} */
    int64_t commit_ms; /* {{commit_date ..}} */
};
/* -EINVAL and a sentence for what is no template; -ENOSYS for what slipway has not: blocks, zones other than UTC. */
int gh_handlebars(struct arena *a, struct str text, const struct gh_handlebars *h, struct str *ret, struct err *e);
/* Is the template just {{name}}? */
bool gh_handlebars_is(struct str text, const char *name);
/* A time in UTC as moment.js formats it: YYYY-MM-DD HH:mm:ss and the like. */
struct str gh_moment(struct arena *a, int64_t epoch_ms, struct str format);

/* ---- gh_pep440.c ---- */

struct gh_pep440 {
    uint64_t major, minor, patch;
    bool is_final; /* no pre, post or dev release */
    struct str clean;
};
int gh_pep440_parse(struct arena *a, struct str s, struct gh_pep440 *ret);

/* ---- gh_docker_meta.c ---- */

struct gh_docker_asked {
    struct str images, tags, flavor, labels, annotations; /* inputs, as written */
    struct str bake_target;
    struct str event_name, ref, sha, default_branch;
    struct str base_ref; /* of the payload of a tag push, or of its pull request */
    struct str repo_name, description, url, license;
    struct str levels;  /* of annotations: "manifest,index" */
    unsigned short_sha; /* characters of {{sha}} and type=sha */
    int64_t now_ms, commit_ms;
};
struct gh_docker_meta {
    struct str version; /* empty: no rule gave one */
    struct strs tags, tag_names, labels;
    struct strs annotations; /* "manifest:key=value" */
    struct value *json, *bake, *bake_tags, *bake_labels, *bake_annotations;
    struct strs warnings, rules; /* for the log */
};
/* -EINVAL and the action's sentence; -ENOSYS: see gh_handlebars. */
int gh_docker_meta(struct arena *a, const struct gh_docker_asked *asked, struct gh_docker_meta *ret, struct err *e);

/* ---- gh_docker_rule.c: one line of `tags` ---- */

enum gh_docker_type {
    DOCKER_SCHEDULE,
    DOCKER_SEMVER,
    DOCKER_PEP440,
    DOCKER_MATCH,
    DOCKER_EDGE,
    DOCKER_REF,
    DOCKER_RAW,
    DOCKER_SHA,
};
struct gh_docker_rule {
    enum gh_docker_type type;
    struct map attrs; /* texts: pattern, value, enable, priority, prefix, suffix, ... */
    double priority;
};
int gh_docker_rule(struct arena *a, struct str line, struct gh_docker_rule *ret, struct err *e);
/* "type=ref,event=branch,enable=true,priority=600": as the log shows it. */
struct str gh_docker_rule_text(struct arena *a, const struct gh_docker_rule *r);
/*
 * JavaScript's text.match(pattern)[group]: 0 and *ret; -ENOENT no match; -ERANGE no such group; -EINVAL no regular
 * expression, or one that runs away. flags: "i", "m", "s" or none.
 */
int gh_docker_match(struct arena *a, struct str pattern, struct str flags, struct str text, unsigned group,
                    struct str *ret, struct err *e);
