/*
 * A `run` step: one process for the script, and a second look into the workspace when it asked for problem matchers.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"
#include "provider/process.h"

#include "core/path.h"
#include "provider/github/shell_priv.h"

#define PASTE_MAX 2000 /* bytes of script that are worth pasting */

enum phase { PHASE_RUN, PHASE_MATCHERS, PHASE_DONE };

struct script {
    struct str text; /* evaluated */
    struct gh_shell shell;
    struct str cwd;
    bool shell_is_default, cwd_is_default;
};

struct str gh_script_text(const struct gh_task *t)
{
    const struct script *s = t->impl;
    return s != NULL ? s->text : t->def->run.literal;
}

/* step.shell > defaults of the job > defaults of the workflow. Steps of a composite action say it themselves. */
static int choose_shell(struct gh_task *t, const struct gh_scope *scope, struct str *ret, struct err *e)
{
    const struct gh_job *job = t->run->def;
    *ret = t->def->shell;
    if (t->def->shell_text.set)
        return gh_text_string(t->run->arena, &t->def->shell_text, scope, ret, e) < 0 ? err_wrap(e, "shell") : 0;
    if (ret->n > 0 || t->frame->owner != NULL)
        return 0;
    if (job->shell.set) {
        int rc = gh_text_string(t->run->arena, &job->shell, scope, ret, e);
        if (rc < 0 || ret->n > 0)
            return rc < 0 ? err_wrap(e, "defaults.run.shell") : 0;
    }
    *ret = job->default_shell.n > 0 ? job->default_shell : t->run->workflow->default_shell;
    return 0;
}

static int choose_folder(struct gh_task *t, const struct gh_scope *scope, struct str *ret, struct err *e)
{
    const struct gh_text *from[] = {&t->def->workdir, &t->run->def->default_workdir,
                                    &t->run->workflow->default_workdir};
    size_t n = t->frame->owner == NULL ? ARRAY_LEN(from) : 1; /* defaults are the job's own */
    *ret = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        if (!from[i]->set)
            continue;
        if (gh_text_string(t->run->arena, from[i], scope, ret, e) < 0)
            return err_wrap(e, "working-directory");
        if (ret->n > 0)
            break;
    }
    return 0;
}

/* "bash -e -c SCRIPT" of "bash -e {0}"; empty when the shell takes no script this way. */
static struct str inline_command(struct arena *a, const struct script *s)
{
    struct str name = path_base(s->shell.argv[0]);
    struct str tail = STR(" {0}");
    bool takes_c = str_is(name, "bash") || str_is(name, "sh") || str_starts(name, STR("python"));
    if (!takes_c || !str_ends(s->shell.shown, tail))
        return STR_NONE;
    struct str head = str_sub(s->shell.shown, 0, s->shell.shown.n - tail.n);
    struct str quoted = process_word(a, str_trim(s->text));
    return arena_printf(a, "%.*s -c %.*s", STR_ARG(head), STR_ARG(quoted));
}

/* A command line that does in a terminal, in the project's folder, what the step did. */
static struct str paste_of(struct gh_task *t, const struct script *s, struct str folder)
{
    struct arena *a = t->run->arena;
    struct str text = str_trim(s->text), command = text, env = STR("");
    bool plain = s->shell_is_default && str_find_ch(text, '\n') < 0 && t->env.n == 0;
    if (text.n > PASTE_MAX)
        return STR_NONE;
    if (!plain)
        command = inline_command(a, s);
    if (command.n == 0)
        return STR_NONE;
    for (size_t i = 0; i < t->env.n; i++) {
        const struct str *value = t->env.entries[i].value;
        struct str quoted = process_word(a, *value);
        env = arena_printf(a, "%.*s%.*s=%.*s ", STR_ARG(env), STR_ARG(t->env.entries[i].key), STR_ARG(quoted));
    }
    if (env.n > 0)
        command = arena_printf(a, "env %.*s%.*s", STR_ARG(env), STR_ARG(command));
    if (s->cwd_is_default)
        return command;
    folder = process_word(a, folder);
    return arena_printf(a, "cd %.*s && %.*s", STR_ARG(folder), STR_ARG(command));
}

int gh_script_prepare(struct gh_run *r, struct gh_task *t, struct str *ret_paste, struct err *e)
{
    struct gh_eye eye = {r, t};
    struct gh_scope scope = gh_eye_scope(&eye);
    struct script *s = ARENA_NEW(r->arena, struct script);
    struct gh_shell_ask ask = {.have_bash = map_get_str(&r->facts->machine.programs, STR("bash")).n > 0};
    struct str folder = STR_NONE;
    char uuid[37];
    gh_files_name(r, t); /* before the script is evaluated: it may name them as github.output */
    int rc = gh_text_string(r->arena, &t->def->run, &scope, &s->text, e);
    if (rc == 0)
        t->impl = s; /* its name can be told from here on */
    if (rc == 0)
        rc = choose_shell(t, &scope, &ask.shell, e);
    if (rc == 0)
        rc = choose_folder(t, &scope, &folder, e);
    if (rc < 0)
        return rc;
    r->host->uuid(r->host->ctx, uuid);
    ask.stem = arena_printf(r->arena, "%.*s/%s", STR_ARG(r->temp), uuid);
    ask.script = s->text;
    rc = gh_shell_make(r->arena, &ask, &s->shell, e);
    if (rc < 0)
        return rc;
    s->shell_is_default = str_trim(ask.shell).n == 0;
    s->cwd_is_default = folder.n == 0;
    s->cwd = s->cwd_is_default ? r->workspace : path_clean(r->arena, path_join(r->arena, r->workspace, folder));
    *ret_paste = paste_of(t, s, folder);
    return 0;
}

void gh_script_say(struct gh_task *t)
{
    const struct script *s = t->impl;
    const struct gh_run *r = t->run;
    struct str rest = s->text, line, program = path_base(s->shell.argv[0]), args;
    struct str found = map_get_str(&r->facts->machine.programs, program);
    struct map env;
    str_cut(s->shell.shown, ' ', &line, &args);
    gh_group(t, t->name);
    while (str_next(&rest, '\n', &line))
        gh_say(t, "%.*s", STR_ARG(line));
    if (found.n == 0)
        found = s->shell.argv[0];
    gh_say(t, "shell: %.*s %.*s", STR_ARG(found), STR_ARG(args));
    gh_env_shown(t, &env);
    gh_say_map(t, "env", &env);
    gh_group_end(t);
}

static void run_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    const struct script *s = t->impl;
    gh_op_exec(r, t, op, s->shell.argv, s->shell.n_argv);
    op->cwd = s->cwd;
    gh_op_write(r, op, s->shell.path, s->shell.text);
    gh_op_files(r, t, op);
}

static enum drive script_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    switch ((enum phase)t->phase) {
    case PHASE_RUN:
        run_op(r, t, op);
        return DRIVE_OP;
    case PHASE_MATCHERS:
        if (t->talk.matchers.n == 0 || r->cancelled)
            break;
        gh_op_read(r, t, op, &t->talk.matchers);
        return DRIVE_OP;
    case PHASE_DONE:
        break;
    }
    t->phase = PHASE_DONE;
    return DRIVE_DONE;
}

void gh_process_ended(struct gh_task *t, const struct op_end *end, struct str program, struct str cwd)
{
    if (end->how == OP_NOT_STARTED && !t->run->cancelled) {
        gh_fail(t, "An error occurred trying to start process '%.*s' with working directory '%.*s'. %s",
                STR_ARG(program), STR_ARG(cwd), end->err.text);
        return;
    }
    if (gh_ended(t, end) && t->status != 0)
        gh_fail(t, "Process completed with exit code %d.", t->status);
    gh_files_take(t, end->reads, end->read_errors);
    if (t->talk.failed.n > 0)
        gh_fail(t, "%.*s", STR_ARG(t->talk.failed));
}

static void script_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    const struct script *s = t->impl;
    UNUSED(r);
    if (t->phase == PHASE_MATCHERS)
        gh_talk_matchers(t, end);
    else
        gh_process_ended(t, end, s->shell.argv[0], s->cwd);
    t->phase++;
}

const struct gh_action gh_script = {.name = "run", .next = script_next, .exited = script_exited};
