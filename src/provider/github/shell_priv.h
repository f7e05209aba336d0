/*
 * provider/github/shell_priv.h - how a script becomes a process (specification 7.5).
 *
 * `shell:` is a known word or a format with {0} where the script's path goes. Pure.
 */
#pragma once
#include "core/err.h"
#include "core/mem.h"

struct gh_shell {
    struct str *argv; /* of the process */
    size_t n_argv;
    struct str path;  /* of the script file: the stem with the extension that the shell wants */
    struct str text;  /* of the script, with the lines that the shell needs before and behind it */
    struct str shown; /* the command line as the log shows it, {0} left standing: "bash -e {0}" */
};

struct gh_shell_ask {
    struct str shell; /* as written, or empty */
    bool have_bash;   /* what an unset shell means depends on it */
    struct str stem;  /* absolute path of the script without an extension */
    struct str script;
};

/* 0, or -EINVAL with the service's sentence in e. Texts live in the arena. */
int gh_shell_make(struct arena *a, const struct gh_shell_ask *ask, struct gh_shell *ret, struct err *e);
