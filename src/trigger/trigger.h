/*
 * trigger/trigger.h - would this change start that pipeline, and which rule of which file says so.
 *
 * Nouns: a change is what happened to the repository (a push, a pull request ...); a verdict says yes or no, in words,
 * with the rule's place. Pure: the changed files arrive as data.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"
#include "core/str.h"
#include "core/value.h"
#include "core/vec.h"
#include "doc/source.h"

struct change {
    struct str event;  /* "push", "pull_request", "workflow_dispatch", "schedule" ... */
    struct str action; /* github.event.action ("opened"), or empty */
    struct str branch; /* short name; empty when a tag was pushed or HEAD is detached */
    struct str tag;    /* short name, or empty */
    struct str base;   /* pull request, merge group: the branch it would merge into */
    struct str after;  /* workflow_run: the name of the workflow that ran; empty: not known */
    bool files_known;  /* false: `files` was not computed; path filters then pass and the verdict says so */
    struct strs files; /* repository-relative paths that changed */
    bool deleted;      /* the branch was deleted */
};

struct verdict {
    bool starts;
    struct str why;   /* one sentence without a full stop: "push to main matches 'main'" */
    struct span rule; /* what decided */
};
