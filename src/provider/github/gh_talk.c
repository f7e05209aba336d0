/*
 * What a line of output does (specification 9): a workflow command is carried out and hidden, a problem matcher makes
 * an annotation of it, anything else is shown.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/path.h"
#include "core/vec.h"

#define STOP_TOKEN_SECRET 6 /* longer tokens are masked: they may have been made to be unguessable */
#define DEPRECATED_OUTPUT                                                                                              \
    "The `%s` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. For more "   \
    "information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-"  \
    "commands/"
#define DISABLED_COMMAND                                                                                               \
    "The `%s` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution "  \
    "by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`. For more information see: "      \
    "https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/"
#define BAD_STOP_TOKEN                                                                                                 \
    "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. Or "  \
    "opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment "      \
    "variable to `true`."

/* A command could not be carried out: two errors, and the step fails. */
static void refuse(struct gh_task *t, struct str line, struct str why)
{
    gh_complain(t, LEVEL_ERROR, "Unable to process command '%.*s' successfully.", STR_ARG(line));
    gh_complain(t, LEVEL_ERROR, "%.*s", STR_ARG(why));
    if (t->talk.failed.n == 0)
        t->talk.failed = arena_str(t->run->arena, why);
}

static bool env_says_true(struct gh_task *t, const char *name)
{
    return str_is_nocase(gh_env_get(t->run, t, name), "true");
}

static void deprecated(struct gh_task *t, const char *name, bool *told)
{
    if (!*told)
        gh_complain(t, LEVEL_WARNING, DEPRECATED_OUTPUT, name);
    *told = true;
}

/* set-output, save-state and set-env need a name; it is copied into the run's arena. */
static bool take_name(struct gh_task *t, struct str line, const struct gh_command *c, const char *command,
                      struct str *ret)
{
    struct str name = gh_command_prop(c, "name");
    if (name.n == 0) {
        refuse(t, line, arena_printf(t->run->arena, "Required field 'name' is missing in ##[%s] command.", command));
        return false;
    }
    *ret = arena_str(t->run->arena, name);
    return true;
}

static void set_output(struct gh_task *t, struct str line, const struct gh_command *c)
{
    struct str name;
    deprecated(t, "set-output", &t->talk.told_output);
    if (take_name(t, line, c, "set-output", &name))
        value_set(t->outputs, name, value_string(t->run->arena, c->data));
}

static void save_state(struct gh_task *t, struct str line, const struct gh_command *c)
{
    struct str name;
    deprecated(t, "save-state", &t->talk.told_state);
    if (take_name(t, line, c, "save-state", &name))
        map_set_str(&t->state, name, arena_str(t->run->arena, c->data));
}

/* set-env and add-path: off for years, as anything that a step prints could use them. */
static bool unsecure_allowed(struct gh_task *t, struct str line, const char *command)
{
    if (env_says_true(t, "ACTIONS_ALLOW_UNSECURE_COMMANDS"))
        return true;
    refuse(t, line, arena_printf(t->run->arena, DISABLED_COMMAND, command));
    return false;
}

static void set_env(struct gh_task *t, struct str line, const struct gh_command *c)
{
    struct str name;
    if (unsecure_allowed(t, line, "set-env") && take_name(t, line, c, "set-env", &name))
        gh_set_env(t, name, arena_str(t->run->arena, c->data));
}

static void add_path(struct gh_task *t, struct str line, const struct gh_command *c)
{
    if (!unsecure_allowed(t, line, "add-path"))
        return;
    if (c->data.n == 0)
        refuse(t, line, STR("path"));
    else
        gh_add_path(t, c->data);
}

static enum line_verdict add_mask(struct gh_task *t, const struct gh_command *c, struct buf *replacement)
{
    if (str_trim(c->data).n == 0) {
        gh_complain(t, LEVEL_WARNING, "Can't add secret mask for empty string in ##[add-mask] command.");
        return LINE_HIDE;
    }
    gh_mask(t->run, c->data);
    buf_add_cstr(replacement, "::add-mask::***");
    return LINE_REPLACED;
}

static void set_echo(struct gh_task *t, struct str line, const struct gh_command *c)
{
    struct str how = str_trim(c->data);
    if (str_is_nocase(how, "on"))
        t->talk.echo = true;
    else if (str_is_nocase(how, "off"))
        t->talk.echo = false;
    else
        refuse(t, line,
               arena_printf(t->run->arena,
                            "Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '%.*s'",
                            STR_ARG(c->data)));
}

static void stop_commands(struct gh_task *t, struct str line, const struct gh_command *c)
{
    enum gh_command_kind kind;
    struct str token = c->data;
    bool bad = token.n == 0 || str_is_nocase(token, "pause-logging") || gh_command_find(token, &kind);
    if (bad && (token.n == 0 || !env_says_true(t, "ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"))) {
        refuse(t, line, STR(BAD_STOP_TOKEN));
        return;
    }
    t->talk.stop_token = arena_str(t->run->arena, token);
    if (token.n > STOP_TOKEN_SECRET)
        gh_mask(t->run, token);
}

static void group(struct gh_task *t, const struct gh_command *c)
{
    gh_group(t, c->data);
}

static struct str in_workspace(struct gh_run *r, struct str file)
{
    return path_clean(r->arena, path_join(r->arena, r->workspace, arena_str(r->arena, file)));
}

/*
 * A driver reads no file while a process runs. So from the first add-matcher of a step on, its lines and what it does
 * with matchers are written down, one a line behind a letter, and gone through when the files were read.
 */
enum later { LATER_LINE = 'l', LATER_ADD = 'a', LATER_OWNER = 'o', LATER_FILE = 'f' };

static void note_for_later(struct gh_task *t, enum later what, struct str text)
{
    struct buf *b = &t->talk.later;
    size_t before = b->n;
    if (b->over)
        return;
    if (buf_add_ch(b, (char)what) != 0 || buf_add(b, text) != 0 || buf_add_ch(b, '\n') != 0) {
        buf_cut(b, before);
        gh_complain(t, LEVEL_WARNING,
                    "This step prints too much after ##[add-matcher]; the rest of it is not searched for problems.");
    }
}

static void add_matcher(struct gh_task *t, struct str line, const struct gh_command *c)
{
    if (c->data.n == 0) {
        refuse(t, line, STR("File path must be specified."));
        return;
    }
    note_for_later(t, LATER_ADD, line);
    vec_push_in(t->run->arena, &t->talk.matchers, in_workspace(t->run, c->data));
}

static void remove_matcher(struct gh_task *t, struct str line, const struct gh_command *c)
{
    struct str owner = gh_command_prop(c, "owner");
    if ((owner.n == 0) == (c->data.n == 0))
        refuse(t, line, STR("Either a matchers file path or an owner must be specified."));
    else if (t->talk.matchers.n > 0)
        note_for_later(t, owner.n > 0 ? LATER_OWNER : LATER_FILE, owner.n > 0 ? owner : c->data);
    else if (owner.n > 0)
        gh_matchers_remove(t->run->matchers, owner);
    else
        gh_matchers_remove_file(t->run->matchers, in_workspace(t->run, c->data));
}

static enum line_verdict debug(struct gh_task *t, const struct gh_command *c, struct buf *replacement)
{
    if (!t->run->debug)
        return LINE_HIDE;
    buf_add_cstr(replacement, "##[debug]");
    buf_add(replacement, c->data);
    return LINE_REPLACED;
}

/* Carries out a command; what becomes of its line. */
static enum line_verdict obey(struct gh_task *t, struct str line, const struct gh_command *c, struct buf *replacement)
{
    /* table */
    struct gh_annotation note;
    enum line_verdict shown = t->talk.echo ? LINE_SHOW : LINE_HIDE;
    switch (c->kind) {
    case GH_CMD_SET_ENV:
        set_env(t, line, c);
        return shown;
    case GH_CMD_SET_OUTPUT:
        set_output(t, line, c);
        return shown;
    case GH_CMD_SAVE_STATE:
        save_state(t, line, c);
        return shown;
    case GH_CMD_ADD_MASK:
        return add_mask(t, c, replacement);
    case GH_CMD_ADD_PATH:
        add_path(t, line, c);
        return shown;
    case GH_CMD_ADD_MATCHER:
        add_matcher(t, line, c);
        return shown;
    case GH_CMD_REMOVE_MATCHER:
        remove_matcher(t, line, c);
        return shown;
    case GH_CMD_DEBUG:
        return debug(t, c, replacement);
    case GH_CMD_WARNING:
    case GH_CMD_ERROR:
    case GH_CMD_NOTICE:
        gh_annotation_of(c, &note);
        gh_annotate(t, &note);
        return LINE_HIDE;
    case GH_CMD_GROUP:
        group(t, c);
        return shown;
    case GH_CMD_ENDGROUP:
        gh_group_end(t);
        return shown;
    case GH_CMD_ECHO:
        set_echo(t, line, c);
        return shown;
    case GH_CMD_STOP_COMMANDS:
        stop_commands(t, line, c);
        return LINE_SHOW;
    case GH_CMD_REPO_PATH: /* of the runner's own checkout: nothing to do here */
        return shown;
    case GH_CMD_RESUME:
        return LINE_SHOW;
    }
    return LINE_SHOW;
}

/* ---- problem matchers ---- */

/* A file is attached when it lies in the workspace; what else a tool names is not the project's. */
static void report(struct gh_task *t, const struct gh_finding *f)
{
    struct gh_run *r = t->run;
    struct gh_annotation n = {.level = f->level, .text = f->text, .title = f->code};
    struct str dir = r->workspace;
    if (f->from_path.n > 0)
        dir = path_dir(in_workspace(r, f->from_path));
    if (f->file.n > 0) {
        struct str file = path_clean(r->arena, path_join(r->arena, dir, arena_str(r->arena, f->file)));
        if (path_under(file, r->workspace)) {
            n.file = file;
            n.line = f->line;
            n.column = f->column;
        }
    }
    gh_annotate(t, &n);
}

static void load_matcher(struct gh_task *t, struct str line, size_t i, const struct op_end *end)
{
    struct str path = t->talk.matchers.p[i];
    struct err err = {0};
    if (end->reads == NULL || end->reads[i].p == NULL)
        err_set(&err, ENOENT, "Could not find file '%.*s'", STR_ARG(path));
    else if (gh_matchers_add(t->run->matchers, path, end->reads[i], &err) == 0)
        return;
    refuse(t, line, str_from(err.text));
    gh_fail(t, "%s", err.text);
}

static void search(struct gh_task *t, struct str text)
{
    struct gh_finding found;
    if (gh_matchers_line(t->run->matchers, t->number, text, &found))
        report(t, &found);
}

void gh_talk_matchers(struct gh_task *t, const struct op_end *end)
{
    struct str rest = buf_str(&t->talk.later), item;
    size_t loaded = 0;
    while (str_next(&rest, '\n', &item)) {
        struct str text = item.n > 0 ? str_from_index(item, 1) : item;
        switch (item.n > 0 ? (enum later)item.p[0] : LATER_LINE) {
        case LATER_LINE:
            search(t, text);
            break;
        case LATER_ADD:
            load_matcher(t, text, loaded++, end);
            break;
        case LATER_OWNER:
            gh_matchers_remove(t->run->matchers, text);
            break;
        case LATER_FILE:
            gh_matchers_remove_file(t->run->matchers, in_workspace(t->run, text));
            break;
        }
    }
    while (loaded < t->talk.matchers.n) /* behind what was kept */
        load_matcher(t, STR("##[add-matcher]"), loaded++, end);
}

/* ---- lines ---- */

static bool command_line(struct gh_task *t, struct str text, struct buf *replacement, enum line_verdict *ret)
{
    CLEAN(arena) struct arena *scratch = arena_new();
    struct gh_command c;
    if (!gh_command_parse(scratch, text, t->talk.stop_token, &c))
        return false;
    if (t->talk.stop_token.n > 0) {
        if (c.kind != GH_CMD_RESUME)
            return false;
        t->talk.stop_token = STR_NONE;
    }
    *ret = obey(t, text, &c, replacement);
    return true;
}

enum line_verdict gh_talk_line(struct gh_task *t, enum event_stream stream, struct str text, struct buf *replacement)
{
    enum line_verdict verdict = LINE_SHOW;
    if (t->capturing && stream == STREAM_OUT) {
        buf_add(&t->capture, text);
        buf_add_ch(&t->capture, '\n');
        return LINE_HIDE;
    }
    if (t->files[GH_FILE_ENV].n == 0) /* a tool of ours: its output is no step's */
        return LINE_SHOW;
    if (gh_command_maybe(text) && command_line(t, text, replacement, &verdict))
        return verdict;
    if (t->talk.matchers.n > 0)
        note_for_later(t, LATER_LINE, text);
    else
        search(t, text);
    return LINE_SHOW;
}
