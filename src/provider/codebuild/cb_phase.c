/*
 * provider/codebuild/cb_phase.c - install, pre_build, build and post_build: the commands, then finally (specification
 * 3, phases, and on-failure).
 *
 * RETRY runs the phase's commands again from the first one, before finally; what the failed try did to variables and
 * files stays. That it is the phase that runs again, and not the build, is a guess [R], as is what its expression
 * searches: the failure's message and the end of the failed command's output.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#define PASTE_MAX ((size_t)2 << 10)
#define SHOWN_MAX ((size_t)200) /* bytes of a command in one line */

/* They share a shell, so they are pasted together; in one of their own, as one may `cd` or `exit`. */
struct str cb_phase_paste(struct cb_run *r, const struct cb_phase *p)
{
    CLEAN(buf) struct buf b = BUF(PASTE_MAX);
    if (p->commands.n == 1)
        return p->commands.p[0].text.n > PASTE_MAX ? STR("") : str_trim(p->commands.p[0].text);
    for (size_t i = 0; i < p->commands.n; i++)
        buf_printf(&b, "%s%.*s\n", i == 0 ? "(\n" : "", STR_ARG(str_trim(p->commands.p[i].text)));
    buf_add_ch(&b, ')');
    return b.over ? STR("") : arena_str(r->arena, buf_str(&b));
}

/* ---- beginning ---- */

static void begin(struct cb_run *r, const struct cb_phase *p)
{
    struct cb_phase_run *ph = &r->phase;
    struct err err = {0};
    ph->began = true;
    ph->at = PHASE_COMMANDS;
    ph->next = 0;
    ph->pattern = NULL;
    ph->tries_left = p->on_failure.how == CB_RETRY ? p->on_failure.retries : 0;
    cb_say(r, "Entering phase %s", cb_stage_name(r->stage).p);
    if (p->on_failure.how == CB_RETRY && p->on_failure.pattern.n > 0 &&
        regex_compile(r->arena, p->on_failure.pattern, REGEX_COMMON, &ph->pattern, &err) < 0) {
        cb_annotate(r, LEVEL_WARNING, p->on_failure.span, /* the reader has refused it already */
                    arena_printf(r->arena, "on-failure: %s: nothing is tried again", err.text));
        ph->tries_left = 0;
    }
}

static void start(struct cb_run *r, const struct cb_phase *p, const struct cb_text *c, struct op *op)
{
    struct cb_phase_run *ph = &r->phase;
    ph->command = c;
    buf_clear(&ph->tail);
    cb_say(r, "Running command %.*s", STR_ARG(str_trim_end(c->text)));
    cb_op_command(r, op, c->text, p->run_as.n > 0 ? p->run_as : r->spec->run_as);
}

static enum drive phase_next(struct cb_run *r, struct op *op)
{
    const struct cb_phase *p = cb_stage_phase(r, r->stage);
    struct cb_phase_run *ph = &r->phase;
    if (!ph->began)
        begin(r, p);
    while (ph->at != PHASE_OVER) {
        const struct cb_texts *list = ph->at == PHASE_COMMANDS ? &p->commands : &p->finally;
        if (ph->next < list->n) {
            start(r, p, &list->p[ph->next++], op);
            return DRIVE_OP;
        }
        ph->at = ph->at == PHASE_COMMANDS ? PHASE_FINALLY : PHASE_OVER;
        ph->next = 0;
    }
    ph->began = false;
    ph->pattern = NULL;
    return DRIVE_DONE;
}

/* ---- failing ---- */

/* The first line, and not more of it than a reader takes in. */
static struct str shown(struct cb_run *r, struct str command)
{
    struct str text = str_trim(command), rest = text, line = STR("");
    str_next(&rest, '\n', &line);
    bool more = rest.n > 0 || line.n > SHOWN_MAX;
    line = str_sub(line, 0, SHOWN_MAX);
    while (more && line.n > 0 && ((unsigned char)line.p[line.n - 1] & 0xC0) == 0x80)
        line.n--;
    return more ? arena_printf(r->arena, "%.*s ...", STR_ARG(line)) : line;
}

/* "exit status 2", or why there was no exit. */
static struct str reason_of(struct cb_run *r, const struct op_end *end)
{
    if (end->how == OP_NOT_STARTED)
        return arena_cstr(r->arena, end->err.text[0] != '\0' ? end->err.text : "it could not be started");
    return arena_printf(r->arena, "exit status %d", r->last_exit);
}

/* Does RETRY's expression find itself in what is known of the failure? */
static bool worth_a_try(struct cb_run *r, struct str message)
{
    const struct cb_phase_run *ph = &r->phase;
    if (ph->tries_left == 0)
        return false;
    if (ph->pattern == NULL)
        return true;
    CLEAN(buf) struct buf b = BUF(4 * CB_TAIL_MAX + CB_LINE_MAX);
    buf_add(&b, message);
    buf_add_ch(&b, '\n');
    buf_add(&b, buf_str(&ph->tail));
    return regex_search(ph->pattern, buf_str(&b)) > 0;
}

static void command_failed(struct cb_run *r, const struct op_end *end)
{
    struct cb_phase_run *ph = &r->phase;
    struct cb_stage_state *s = &r->stages[r->stage];
    struct str command = str_trim_end(ph->command->text), reason = reason_of(r, end);
    struct str text =
        arena_printf(r->arena, "Error while executing command: %.*s. Reason: %.*s", STR_ARG(command), STR_ARG(reason));
    cb_say(r, "Command did not exit successfully %.*s %.*s", STR_ARG(command), STR_ARG(reason));
    if (ph->at == PHASE_COMMANDS && worth_a_try(r, text)) {
        ph->tries_left--;
        ph->next = 0;
        cb_say(r, "Retrying phase %s, %u more after this one", cb_stage_name(r->stage).p, ph->tries_left);
        return;
    }
    bool first = s->status != CB_FAILED;
    struct str brief = arena_printf(r->arena, "Error while executing command: %.*s. Reason: %.*s",
                                    STR_ARG(shown(r, command)), STR_ARG(reason));
    cb_fail(r, "COMMAND_EXECUTION_ERROR", "%.*s", STR_ARG(text));
    cb_annotate(r, LEVEL_ERROR, ph->command->span, brief);
    if (first) {
        s->error = brief;
        s->exit_status = r->last_exit;
    }
    r->succeeding = false; /* finally is to see it */
    ph->at = ph->at == PHASE_COMMANDS ? PHASE_FINALLY : PHASE_OVER;
    ph->next = 0;
}

static void phase_exited(struct cb_run *r, const struct op_end *end)
{
    r->last_exit = end->how == OP_SIGNALLED ? 128 + end->status : end->how == OP_EXITED ? end->status : 1;
    cb_shell_take(r, end);
    if (end->how != OP_STOPPED && (end->how != OP_EXITED || end->status != 0))
        command_failed(r, end);
}

const struct cb_part cb_phase = {.name = "phase", .next = phase_next, .exited = phase_exited};
