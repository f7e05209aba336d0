/*
 * gh_events.c - the events that start workflows, their activity types and filters ("Events that trigger workflows").
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

#define TYPES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct gh_event events[] = {
    /* table */
    {"branch_protection_rule", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"check_run", GH_F_TYPES, TYPES("created", "rerequested", "completed", "requested_action")},
    {"check_suite", GH_F_TYPES, TYPES("completed", "requested", "rerequested")},
    {"create", 0, NULL},
    {"delete", 0, NULL},
    {"deployment", 0, NULL},
    {"deployment_status", 0, NULL},
    {"discussion", GH_F_TYPES,
     TYPES("created", "edited", "deleted", "transferred", "pinned", "unpinned", "labeled", "unlabeled", "locked",
           "unlocked", "category_changed", "answered", "unanswered")},
    {"discussion_comment", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"fork", 0, NULL},
    {"gollum", 0, NULL},
    {"image_version", GH_F_TYPES | GH_F_VERSIONS, TYPES("ready")},
    {"issue_comment", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"issues", GH_F_TYPES,
     TYPES("opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned",
           "unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned", "typed", "untyped",
           "field_added", "field_removed")},
    {"label", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"merge_group", GH_F_TYPES | GH_F_BRANCHES, TYPES("checks_requested", "destroyed")},
    {"milestone", GH_F_TYPES, TYPES("created", "closed", "opened", "edited", "deleted")},
    {"page_build", 0, NULL},
    {"project", GH_F_TYPES, TYPES("created", "closed", "reopened", "edited", "deleted", "updated")},
    {"project_card", GH_F_TYPES, TYPES("created", "moved", "converted", "edited", "deleted")},
    {"project_column", GH_F_TYPES, TYPES("created", "updated", "moved", "deleted")},
    {"public", 0, NULL},
    {"pull_request", GH_F_TYPES | GH_F_BRANCHES | GH_F_PATHS,
     TYPES("assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize",
           "converted_to_draft", "locked", "unlocked", "enqueued", "dequeued", "milestoned", "demilestoned",
           "ready_for_review", "review_requested", "review_request_removed", "auto_merge_enabled",
           "auto_merge_disabled", "stacked")},
    {"pull_request_comment", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"pull_request_review", GH_F_TYPES, TYPES("submitted", "edited", "dismissed")},
    {"pull_request_review_comment", GH_F_TYPES, TYPES("created", "edited", "deleted")},
    {"pull_request_target", GH_F_TYPES | GH_F_BRANCHES | GH_F_PATHS,
     TYPES("assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize",
           "converted_to_draft", "locked", "unlocked", "enqueued", "dequeued", "milestoned", "demilestoned",
           "ready_for_review", "review_requested", "review_request_removed", "auto_merge_enabled",
           "auto_merge_disabled", "stacked")},
    {"push", GH_F_BRANCHES | GH_F_TAGS | GH_F_PATHS, NULL},
    {"registry_package", GH_F_TYPES, TYPES("published", "updated")},
    {"release", GH_F_TYPES,
     TYPES("published", "unpublished", "created", "edited", "deleted", "prereleased", "released")},
    {"repository_dispatch", GH_F_TYPES | GH_F_ANY_TYPE, NULL},
    {"schedule", 0, NULL},
    {"status", 0, NULL},
    {"watch", GH_F_TYPES, TYPES("started")},
    {"workflow_call", 0, NULL},
    {"workflow_dispatch", 0, NULL},
    {"workflow_run", GH_F_TYPES | GH_F_BRANCHES | GH_F_WORKFLOWS, TYPES("requested", "completed", "in_progress")},
};

static const char *const names[] = {
    /* table: the same, for suggestions */
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
};
_Static_assert(ARRAY_LEN(events) == ARRAY_LEN(names), "every event has its name in both tables");

const struct gh_event *gh_event_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        if (str_is(name, events[i].name))
            return &events[i];
    return NULL;
}

const char *const *gh_event_names(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(names);
    return names;
}
