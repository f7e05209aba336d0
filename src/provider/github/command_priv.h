/*
 * provider/github/command_priv.h - workflow commands: what a line of output asks for (specification 9).
 *
 * `::name key=value,key=value::data` at a line's start, or the older `##[name key=value;key=value]data` anywhere in it.
 * Pure text to data; what a command does is gh_talk.c's.
 */
#pragma once
#include "core/mem.h"
#include "event/event.h"

enum gh_command_kind {
    GH_CMD_SET_ENV,
    GH_CMD_SET_OUTPUT,
    GH_CMD_SAVE_STATE,
    GH_CMD_ADD_MASK,
    GH_CMD_ADD_PATH,
    GH_CMD_ADD_MATCHER,
    GH_CMD_REMOVE_MATCHER,
    GH_CMD_DEBUG,
    GH_CMD_WARNING,
    GH_CMD_ERROR,
    GH_CMD_NOTICE,
    GH_CMD_GROUP,
    GH_CMD_ENDGROUP,
    GH_CMD_ECHO,
    GH_CMD_STOP_COMMANDS,
    GH_CMD_REPO_PATH,
    GH_CMD_RESUME, /* the token that stop-commands named */
};

#define GH_COMMAND_PROPS 32 /* properties of a command that are kept; more are dropped */

struct gh_prop {
    struct str key, value;
};

struct gh_command {
    enum gh_command_kind kind;
    struct gh_prop props[GH_COMMAND_PROPS];
    size_t n_props;
    struct str data; /* unescaped */
};

/* Cheap: can the line hold a command at all? */
bool gh_command_maybe(struct str line);
/* The kind of a registered name, ASCII case folded; false when there is none. GH_CMD_RESUME is never found. */
bool gh_command_find(struct str name, enum gh_command_kind *ret);
/*
 * Reads a line. resume: the token that ends stop-commands, or empty. False: the line is plain output. Texts are
 * unescaped copies in the arena.
 */
bool gh_command_parse(struct arena *a, struct str line, struct str resume, struct gh_command *ret);
/* A property by name, ASCII case folded; STR_NONE when absent. The last one of a name counts. */
struct str gh_command_prop(const struct gh_command *c, const char *key);

struct gh_annotation {
    enum event_level level;
    struct str title, file, text;
    unsigned line, column, end_line, end_column; /* 0: not given */
};
/* The annotation that an error, warning or notice asks for, with the fix-ups of specification 9.3. */
void gh_annotation_of(const struct gh_command *c, struct gh_annotation *ret);
