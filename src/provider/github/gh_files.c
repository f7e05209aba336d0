#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/path.h"
#include "core/utf8.h"
#include "core/vec.h"
#include "provider/github/envfile_priv.h"

static const struct {
    const char *file;    /* how its name begins */
    const char *command; /* as messages name it */
} FILES[GH_FILES] = {[GH_FILE_PATH] = {"add_path_", "path"},
                     [GH_FILE_ENV] = {"set_env_", "env"},
                     [GH_FILE_OUTPUT] = {"set_output_", "output"},
                     [GH_FILE_STATE] = {"save_state_", "state"},
                     [GH_FILE_SUMMARY] = {"step_summary_", "step_summary"}};

void gh_files_name(struct gh_run *r, struct gh_task *t)
{
    char uuid[37];
    r->host->uuid(r->host->ctx, uuid);
    for (size_t i = 0; i < GH_FILES; i++)
        t->files[i] = arena_printf(r->arena, "%.*s/%s%s", STR_ARG(r->file_commands), FILES[i].file, uuid);
    r->entered = NULL; /* the github context names them */
}

/* A step in the background: its changes are made again where it is waited for. */
static void note_change(struct gh_task *t, struct gh_change c)
{
    if (t->world->notes)
        vec_push_in(t->run->arena, &t->world->changes, c);
}

bool gh_set_env(struct gh_task *t, struct str name, struct str value)
{
    if (str_is_nocase(name, "NODE_OPTIONS")) {
        gh_complain(t, LEVEL_ERROR, "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
        return false;
    }
    gh_world_set(t->run, t->world, name, value);
    note_change(t,
                (struct gh_change){.name = arena_str(t->run->arena, name), .value = arena_str(t->run->arena, value)});
    return true;
}

void gh_path_add(struct gh_run *r, struct gh_world *w, struct str folder)
{
    for (size_t i = 0; i < w->path.n; i++) {
        if (str_eq(w->path.p[i], folder)) {
            vec_remove(&w->path, i);
            break;
        }
    }
    vec_push_in(r->arena, &w->path, arena_str(r->arena, folder));
}

void gh_add_path(struct gh_task *t, struct str folder)
{
    gh_path_add(t->run, t->world, folder);
    note_change(t, (struct gh_change){.is_path = true, .value = arena_str(t->run->arena, folder)});
}

static void take_env(void *ctx, struct str name, struct str value)
{
    gh_set_env(ctx, name, value);
}

static void take_output(void *ctx, struct str name, struct str value)
{
    struct gh_task *t = ctx;
    value_set(t->outputs, name, value_string(t->run->arena, value));
}

static void take_state(void *ctx, struct str name, struct str value)
{
    struct gh_task *t = ctx;
    map_set_str(&t->state, name, value);
}

static void take_path(void *ctx, struct str folder)
{
    struct gh_task *t = ctx;
    gh_add_path(t, folder);
}

static void take_summary(struct gh_task *t, struct str text)
{
    if (text.n > GH_SUMMARY_MAX) {
        gh_complain(t, LEVEL_ERROR,
                    "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got %zuk.",
                    (text.n + 1023) / 1024);
        return;
    }
    struct event ev = {.kind = EVENT_SUMMARY, .step = t->number, .text = text};
    if (str_trim(text).n > 0)
        t->run->host->emit(t->run->host->ctx, &ev);
}

static struct str clean_text(struct arena *a, struct str text)
{
    CLEAN(buf) struct buf b = BUF(GH_FILE_MAX * 3);
    if (utf8_invalid(text) < 0)
        return text;
    utf8_add_clean(&b, text);
    return arena_str(a, buf_str(&b));
}

static int take_file(struct gh_task *t, enum gh_file which, struct str text, struct err *e)
{
    struct arena *a = t->run->arena;
    switch (which) {
    case GH_FILE_PATH:
        gh_pathfile_read(text, take_path, t);
        return 0;
    case GH_FILE_ENV:
        return gh_envfile_read(a, text, take_env, t, e);
    case GH_FILE_OUTPUT:
        return gh_envfile_read(a, text, take_output, t, e);
    case GH_FILE_STATE:
        return gh_envfile_read(a, text, take_state, t, e);
    case GH_FILE_SUMMARY:
        take_summary(t, text);
        return 0;
    case GH_FILES:
        break;
    }
    return 0;
}

bool gh_files_take(struct gh_task *t, const struct str *texts, const int *errors)
{
    bool good = true;
    for (size_t i = 0; texts != NULL && i < GH_FILES; i++) {
        struct err err = {0};
        int rc = 0;
        if (errors[i] != 0)
            rc = errors[i] == -EFBIG ? err_set(&err, EFBIG, "the file is larger than %zu MiB", GH_FILE_MAX >> 20)
                                     : err_sys(&err, errors[i], "the file cannot be read");
        else if (texts[i].n > 0)
            rc = take_file(t, (enum gh_file)i, clean_text(t->run->arena, texts[i]), &err);
        if (rc == 0)
            continue;
        if (i == GH_FILE_SUMMARY) { /* a summary that cannot be shown fails nothing */
            gh_complain(t, LEVEL_ERROR, "$GITHUB_STEP_SUMMARY upload aborted: %s", err.text);
            continue;
        }
        gh_complain(t, LEVEL_ERROR, "Unable to process file command '%s' successfully.", FILES[i].command);
        gh_complain(t, LEVEL_ERROR, "%s", err.text);
        gh_fail(t, "Unable to process file command '%s' successfully: %s", FILES[i].command, err.text);
        good = false;
    }
    return good;
}
