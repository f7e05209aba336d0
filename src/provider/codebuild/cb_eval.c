/*
 * provider/codebuild/cb_eval.c - texts that the build's own shell evaluates: names of artifacts, keys of caches.
 *
 * Each is printed between double quotes, so that $NAME and $(command) are replaced and nothing is split. How the
 * service quotes them is a guess [R]. Texts without anything to replace cost no process.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#define VALUE_MAX ((size_t)64 << 10)

static bool is_plain(struct str text)
{
    return str_find_ch(text, '$') < 0 && str_find_ch(text, '`') < 0 && str_find_ch(text, '\\') < 0;
}

static struct str file_of(struct cb_run *r, size_t i)
{
    return arena_printf(r->arena, "%.*s/eval.%zu", STR_ARG(r->temp), i);
}

enum drive cb_eval_next(struct cb_run *r, struct cb_eval *v, struct op *op)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (v->done)
        return DRIVE_DONE;
    v->values = arena_array(r->arena, v->n + 1, sizeof *v->values);
    for (size_t i = 0; i < v->n; i++) {
        v->values[i] = v->texts[i];
        if (!is_plain(v->texts[i]))
            buf_printf(&b, "printf %%s \"%.*s\" >%.*s || exit\n", STR_ARG(v->texts[i]), STR_ARG(file_of(r, i)));
    }
    v->done = b.n == 0;
    if (v->done)
        return DRIVE_DONE;
    cb_op_command(r, op, arena_str(r->arena, buf_str(&b)), STR(""));
    for (size_t i = 0; i < v->n; i++)
        cb_op_read(r, op, file_of(r, i), VALUE_MAX);
    return DRIVE_OP;
}

void cb_eval_exited(struct cb_run *r, struct cb_eval *v, const struct op_end *end)
{
    v->done = true;
    if (end->how != OP_EXITED || end->status != 0) {
        err_set(&v->err, EIO, "the shell ended with exit status %d", end->how == OP_EXITED ? end->status : 1);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        struct str text = end->reads[i + 1]; /* the first one is the shell's dump */
        if (!is_plain(v->texts[i]))
            v->values[i] = arena_str(r->arena, str_trim(text));
    }
}
