/*
 * az_process.c - what tasks that run one program have in common: its words and folder, its end, failOnStderr.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

#include "core/vec.h"

#define ERROR_BYTES 1000 /* of a line of standard error that is told again */

void az_process_init(struct az_task_run *t, struct az_process *p, const char *name)
{
    struct arena *a = t->run->arena;
    *p = (struct az_process){
        .name = name,
        .exited = arena_printf(a, "%s exited with code '", name).p,
        .exited_end = "'.",
        .wrote = arena_printf(a, "%s wrote one or more lines to the standard error stream.", name).p,
    };
}

void az_process_folder(struct az_task_run *t, struct az_process *p, const char *input)
{
    p->cwd_input = input;
    p->cwd = az_input_path(t, input);
}

void az_process_word(struct az_task_run *t, struct az_process *p, struct str word)
{
    struct str *argv = arena_array(t->run->arena, p->n + 1, sizeof *argv);
    for (size_t i = 0; i < p->n; i++)
        argv[i] = p->argv[i];
    argv[p->n++] = word;
    p->argv = argv;
}

/* Takes one word off *rest: quotes are dropped, and a backslash counts between them only. */
static bool next_word(struct str *rest, struct buf *ret)
{
    bool quoted = false, escaped = false, some = false;
    size_t i = 0;
    buf_clear(ret);
    while (i < rest->n && rest->p[i] == ' ')
        i++;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        if (c == ' ' && !quoted)
            break;
        some = true;
        if (c == '"' && !escaped) {
            quoted = !quoted;
        } else if (c == '\\' && quoted && !escaped) {
            escaped = true;
            continue;
        } else {
            if (escaped && c != '"')
                buf_add_ch(ret, '\\');
            buf_add_ch(ret, c);
        }
        escaped = false;
    }
    *rest = str_from_index(*rest, i);
    return some;
}

void az_process_line_words(struct az_task_run *t, struct az_process *p, struct str line)
{
    CLEAN(buf) struct buf word = BUF(BUF_TEXT);
    while (next_word(&line, &word))
        az_process_word(t, p, arena_str(t->run->arena, buf_str(&word)));
}

void az_process_op(struct az_task_run *t, struct az_process *p, struct op *op)
{
    az_op_exec(t, op, p->argv, p->n);
    if (p->cwd.n > 0)
        op->cwd = p->cwd;
    if (p->path.n > 0)
        az_op_write(t, op, p->path, p->script, 0644);
}

void az_process_line(struct az_task_run *t, enum event_stream stream, struct str text)
{
    struct az_process *p = t->state;
    if (stream != STREAM_ERR || p == NULL || !p->fail_on_stderr)
        return;
    if (p->n_errors++ < AZ_STDERR_LINES)
        vec_push_in(t->run->arena, &p->errors, arena_str(t->run->arena, str_sub(text, 0, ERROR_BYTES)));
}

static void tell_stderr(struct az_task_run *t, const struct az_process *p)
{
    az_fail(t, "%s", p->wrote);
    for (size_t i = 0; i < p->errors.n; i++)
        az_fail(t, "%.*s", STR_ARG(p->errors.p[i]));
    if (p->n_errors > p->errors.n)
        az_fail(t, "Additional writes to stderr truncated");
}

void az_process_ended(struct az_task_run *t, struct az_process *p, const struct op_end *end)
{
    bool absent = end->how == OP_NOT_STARTED && p->cwd.n > 0 && p->cwd_input != NULL &&
                  str_starts(str_from(end->err.text), STR("no such folder"));
    if (absent) {
        az_fail(t, "Not found %s: %.*s", p->cwd_input, STR_ARG(p->cwd));
        return;
    }
    if (end->how != OP_EXITED) {
        az_op_good(t, end, p->name);
        return;
    }
    t->status = end->status;
    if (end->status != 0)
        az_fail(t, "%s%d%s", p->exited, end->status, p->exited_end);
    if (end->status == 137)
        az_warn(t, "Exit code 137 is that of a killed process, most often for want of memory.");
    if (p->fail_on_stderr && p->n_errors > 0)
        tell_stderr(t, p);
}

bool az_process_is_file(const struct op_end *end)
{
    return end->reads != NULL &&
           (end->reads[0].p != NULL || (end->read_errors != NULL && end->read_errors[0] == -EFBIG));
}

bool az_script_is_short(struct str text)
{
    static const char mark[] = "##vso[";
    struct str m = str_from(mark);
    if (str_find_ch(text, '\n') >= 0)
        return false;
    for (size_t i = 0; i + m.n <= text.n; i++)
        if (str_eq_nocase(str_sub(text, i, i + m.n), m))
            return false;
    return true;
}

void az_say_ruler(struct az_task_run *t)
{
    az_say(t, "========================== Starting Command Output ===========================");
}

struct str az_program(const struct az_run *r, const char *name)
{
    return map_get_str(&r->facts->machine.programs, str_from(name));
}
