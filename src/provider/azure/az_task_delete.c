/*
 * az_task_delete.c - DeleteFiles@1: files and folders that patterns pick (specification 9.8).
 *
 * The task puts the folder in front of each pattern before minimatch sees it [T]: so a `!` in front excludes nothing,
 * `#` is no comment, and a pattern without a slash is of the folder itself. Braces are two patterns here, and dot files
 * are left alone unless RemoveDotFiles says so.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

static const struct az_input INPUTS[] = {
    {.name = "SourceFolder", .kind = AZ_INPUT_PATH},
    {.name = "Contents", .kind = AZ_INPUT_LINES, .fallback = "myFileShare", .required = true},
    {.name = "RemoveSourceFolder", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "RemoveDotFiles", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

enum { DELETE_BEGIN, DELETE_FIND, DELETE_RUN };

struct delete
{
    struct str source;
    struct az_search search;
    struct az_names names;
};

/* $1 source, $2 "source" or nothing: the folder goes, too, when no file is left in it. */
static const char SCRIPT[] =
    "cd -- \"$1\" || exit\n"
    "xargs -0 -r rm -rf -- <\"$LIST\" || exit\n"
    "if [ -n \"$2\" ] && [ -z \"$(find . ! -type d | head -n 1)\" ]; then cd / && rm -rf -- \"$1\"; fi\n";

static void begin(struct az_task_run *t)
{
    struct delete *d = t->state = ARENA_NEW(t->run->arena, struct delete);
    struct arena *a = t->run->arena;
    struct str source = az_input_path(t, "SourceFolder");
    struct strs lines = {0};
    unsigned flags = AZ_MATCH_BRACES | AZ_MATCH_LITERAL_MARKS;
    if (!az_input_bool(t, "RemoveDotFiles"))
        flags |= AZ_MATCH_NO_DOTS;
    d->source = path_clean(a, source.n > 0 ? source : t->run->sources);
    az_input_lines(t, "Contents", &lines);
    for (size_t i = 0; i < lines.n; i++) /* absolute ones are below the folder, too */
        while (str_starts(lines.p[i], STR("/")))
            lines.p[i] = str_from_index(lines.p[i], 1);
    d->search.patterns = az_patterns_with(a, d->source, &lines, flags);
    d->search.no_follow = true;
    d->search.folders = true;
    vec_push_in(a, &d->search.roots, d->source);
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at == DELETE_BEGIN) {
        begin(t);
        t->at = DELETE_FIND;
    }
    struct delete *d = t->state;
    if (t->at == DELETE_RUN || t->error.n > 0)
        return DRIVE_DONE;
    if (az_search_next(t, &d->search, op))
        return DRIVE_OP;
    if (d->search.failed)
        return DRIVE_DONE;
    if (d->search.missing) {
        az_say(t, "No files were found to delete: there is no folder %.*s", STR_ARG(d->source));
        return DRIVE_DONE;
    }
    for (size_t i = d->search.found.n; i > 0; i--) { /* what is in a folder before the folder */
        struct str inner = path_rel(d->search.found.p[i - 1].path, d->source);
        az_say(t, "rm -rf %.*s/%.*s", STR_ARG(d->source), STR_ARG(inner));
        az_names_add(&d->names, arena_printf(t->run->scratch, "./%.*s", STR_ARG(inner)));
    }
    struct str args[] = {d->source, az_input_bool(t, "RemoveSourceFolder") ? STR("source") : STR("")};
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &d->names);
    t->at = DELETE_RUN;
    return DRIVE_OP;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct delete *d = t->state;
    if (t->at == DELETE_FIND)
        az_search_exited(t, &d->search, end);
    else
        az_batch_good(t, end, "Couldn't delete all of the matching files");
}

const struct az_task az_task_delete_files = {.name = "DeleteFiles",
                                             .id = "b7e8b412-0437-4065-9371-edc5881de25b",
                                             .majors = "1",
                                             .title = "Delete files",
                                             .inputs = INPUTS,
                                             .next = next,
                                             .exited = exited};
