/*
 * provider/process.h - words and variables of processes, and what this machine is called: what all drivers write alike.
 */
#pragma once
#include "core/mem.h"
#include "plan/facts.h"

/* text as one word of a POSIX shell, quoted only when it must be. */
struct str process_word(struct arena *a, struct str text);
/* "NAME=VALUE"; bytes of both are kept as they are. */
struct str process_variable(struct arena *a, struct str name, struct str value);
/* NUL cannot be in an environment, nor = in a name, and a name is something. */
bool process_can_have(struct str name, struct str value);
/* "Debian 12" of "debian" and "12"; "this system" when it is not known. */
struct str process_machine(struct arena *a, const struct facts *f);
