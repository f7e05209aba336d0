/*
 * az_task_delay.c - Delay@1 and DownloadSecureFile@1 (specification 9.12): time that passes, and a file of
 * --secure-file in the temp folder.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

#include "core/num.h"
#include "core/path.h"

static const struct az_input DELAY_INPUTS[] = {
    {.name = "delayForMinutes", .kind = AZ_INPUT_TEXT, .fallback = "0", .required = true},
    {0},
};
static const struct az_input SECURE_INPUTS[] = {
    {.name = "secureFile", .kind = AZ_INPUT_TEXT, .required = true},
    {.name = "retryCount", .kind = AZ_INPUT_TEXT, .fallback = "8"},
    {.name = "socketTimeout", .kind = AZ_INPUT_TEXT},
    {0},
};

/* ---- Delay ---- */

#define DELAY_MAX 86400 /* minutes: 60 days, the service's own bound of a delay */

static enum drive delay_next(struct az_task_run *t, struct op *op)
{
    struct str text = az_input(t, "delayForMinutes");
    double minutes = 0;
    if (t->at != 0)
        return DRIVE_DONE;
    t->at = 1;
    if (num_parse_double(text, &minutes) < 0 || minutes < 0 || minutes > DELAY_MAX) {
        az_fail(t, "delayForMinutes: '%.*s' is no number of minutes", STR_ARG(text));
        return DRIVE_DONE;
    }
    if (minutes <= 0)
        return DRIVE_DONE;
    az_say(t, "Waiting for %.*s minutes", STR_ARG(text));
    struct str words[] = {STR("sleep"), arena_printf(t->run->arena, "%.3f", minutes * 60)};
    az_op_exec(t, op, words, ARRAY_LEN(words));
    return DRIVE_OP;
}

static void delay_exited(struct az_task_run *t, const struct op_end *end)
{
    az_op_good(t, end, "the delay");
}

/* ---- DownloadSecureFile ---- */

static enum drive secure_next(struct az_task_run *t, struct op *op)
{
    struct az_run *r = t->run;
    struct str name = az_input(t, "secureFile"), file = path_base(name);
    struct str text = map_get_str(&r->facts->secure_files, name);
    if (t->at != 0)
        return DRIVE_DONE;
    t->at = 1;
    if (text.p == NULL) {
        az_fail(t, "There was a resource authorization issue: secure file %.*s is not given (--secure-file %.*s=FILE)",
                STR_ARG(name), STR_ARG(name));
        return DRIVE_DONE;
    }
    struct str path = path_join(r->arena, r->temp, file);
    t->state = arena_alloc(r->arena, sizeof path);
    *(struct str *)t->state = path;
    az_op_init(t, op, OP_FILES);
    az_op_write(t, op, path, text, 0600);
    return DRIVE_OP;
}

static void secure_exited(struct az_task_run *t, const struct op_end *end)
{
    const struct str *path = t->state;
    if (az_op_good(t, end, "the secure file"))
        az_set_variable(t, STR("secureFilePath"), *path, false, true);
}

const struct az_task az_task_delay = {.name = "Delay",
                                      .id = "28782b92-5e8e-4458-9751-a71cd1492bae",
                                      .majors = "1",
                                      .title = "Delay",
                                      .inputs = DELAY_INPUTS,
                                      .next = delay_next,
                                      .exited = delay_exited};
const struct az_task az_task_secure_file = {.name = "DownloadSecureFile",
                                            .id = "2a6ca863-f2ce-4f4d-8bcb-15e64608ec4b",
                                            .majors = "1",
                                            .title = "Download secure file",
                                            .inputs = SECURE_INPUTS,
                                            .next = secure_next,
                                            .exited = secure_exited};
