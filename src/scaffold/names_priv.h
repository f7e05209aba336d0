/*
 * scaffold/names_priv.h - which names are allowed where, and the forms derived from a project's name.
 *
 * Every check returns 0, or -EINVAL with a sentence that names the rule.
 */
#pragma once
#include "core/base.h"
#include "core/err.h"
#include "core/mem.h"

/* Folder, repository and container image at once: the name rules of GitHub and, in lower case, of OCI repositories. */
int name_check_project(struct str name, struct err *e);
/* PEP 508, and no name of a tool that the project installs. */
int name_check_distribution(struct str name, struct err *e);
/* PEP 8: a lower-case identifier; no keyword, no module of the standard library, nothing that tests/ or a tool owns. */
int name_check_package(struct str name, struct err *e);
/* A GitHub user or organisation, or the placeholder YOUR_ID. */
int name_check_owner(struct str name, struct err *e);
/* Text for people in one line: UTF-8 without control characters, at most max bytes. `what` names it in the refusal. */
int name_check_line(struct str text, const char *what, size_t max, struct err *e);

/* PEP 503: lower case, each run of - _ . as one dash. Resource names of AWS and Google Cloud follow the same rules. */
struct str name_normal(struct arena *a, struct str name);
/* The import name of a distribution: its normal form with underscores. */
struct str name_import(struct arena *a, struct str distribution);
struct str name_lower(struct arena *a, struct str name);
