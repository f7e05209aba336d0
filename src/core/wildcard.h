/*
 * core/wildcard.h - names and patterns as minimatch and shells have them, within one folder.
 *
 * "*" is any text, "?" any character, "[a-c]" one of a class, "[!a]" one outside of it; a backslash takes their meaning
 * away. A name that begins with a dot is no exception. Bytes, not characters; the time is linear in both for each star.
 */
#pragma once
#include "core/str.h"

bool wildcard_match(struct str pattern, struct str name);
