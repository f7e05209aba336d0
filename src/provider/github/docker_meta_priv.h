/*
 * provider/github/docker_meta_priv.h - docker/metadata-action at work: what gh_docker_meta.c and gh_docker_tags.c
 * share.
 */
#pragma once
#include "provider/github/docker_priv.h"

enum gh_docker_latest { LATEST_AUTO, LATEST_TRUE, LATEST_FALSE };

struct gh_docker_flavor {
    enum gh_docker_latest latest;
    struct str prefix, suffix;
    bool prefix_latest, suffix_latest;
};

struct gh_docker_work {
    struct arena *a;
    const struct gh_docker_asked *asked;
    struct gh_docker_meta *ret;
    struct gh_handlebars globals;
    struct gh_docker_flavor flavor;
    struct strs images;
    struct strs values; /* the tags without images, the version first */
    bool latest, latest_set;
    struct err *e;
};

void gh_docker_warn(struct gh_docker_work *m, struct str text);
/* refs/tags/x -> x; p == NULL when the ref is of another kind. */
struct str gh_docker_ref(const struct gh_docker_work *m, const char *prefix);
struct str gh_docker_short_sha(const struct gh_docker_work *m);
/* A template with what is known everywhere. */
int gh_docker_expand(struct gh_docker_work *m, struct str text, struct str *ret);
bool gh_docker_is_bool(struct str s);
/* What cannot stand in a tag becomes a dash. */
struct str gh_docker_sanitize(struct arena *a, struct str s);
/* Reads the rules and makes their tags (gh_docker_tags.c). */
int gh_docker_rules(struct gh_docker_work *m);
