/*
 * provider/github/python_priv.h - which Python a workflow means, and which of this machine's it gets (specification
 * 13.2). Pure: interpreters come from the facts.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"
#include "core/vec.h"
#include "plan/facts.h"

/*
 * The highest interpreter that the spec allows ("3.9", "3.x", ">=3.9 <3.12", "3.15-dev", "3.13.0rc1"). 0 and
 * *ret; -ENOENT: there is none here; -ENOSYS: a kind that slipway does not have (PyPy, GraalPy, free-threaded), named
 * in e; -EINVAL: no version at all.
 */
int gh_python_find(struct arena *a, const struct facts *f, struct str spec, bool prereleases,
                   const struct interpreter **ret, struct err *e);
/*
 * The specs in a file of the kind that its name tells: pyproject.toml, .tool-versions, Pipfile, else a plain list.
 * Nothing found is an empty list.
 */
void gh_python_file_read(struct arena *a, struct str name, struct str text, struct strs *ret);
