/*
 * provider/interpreter.h - which interpreter of this machine stands in for the one that a pipeline names. Pure: the
 * interpreters come from the facts. What providers share lies beside provider.h; none of them knows another.
 */
#pragma once
#include "core/mem.h"
#include "plan/facts.h"
#include "provider/semver.h"

/*
 * The highest released one of a tool ("python", "node", "go") whose version begins with the components of `version`:
 * "3", "3.12", "3.12.4"; "3.x" is "3"; "", "latest" and "x" are any. Components are compared as numbers, so that "3.1"
 * is not 3.10. Of two alike, the one with a prefix of its own. NULL: there is none, or version is no version.
 */
const struct interpreter *interpreter_find(const struct facts *f, const char *tool, struct str version);
/* The highest of a tool's that the range allows; of two alike, the one with a prefix of its own. NULL: there is none.
 */
const struct interpreter *interpreter_best(const struct facts *f, const char *tool, const struct semver_range *range);
/* The tool's for who asks for a major version: one of the same, else of the next newer, else of the newest. NULL: none.
 */
const struct interpreter *interpreter_nearest(const struct facts *f, const char *tool, unsigned major);
/* 20 of "20.11.0"; 0 when it does not begin with a number. */
unsigned interpreter_major(const struct interpreter *i);
/* "3.11.2 (system), 3.12.1 (uv)", or "none": what there is of a tool. In the arena. */
struct str interpreter_list(struct arena *a, const struct facts *f, const char *tool);
/* "Python", "Node.js", "Go": as people call a tool; the tool itself when there is no other name. */
struct str interpreter_title(struct str tool);
/* Orders versions by their numbers: -1, 0, 1. "3.9" < "3.10" < "3.10.1". */
int interpreter_version_cmp(struct str a, struct str b);
