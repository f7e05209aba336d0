/*
 * az_task_copy.c - CopyFiles@2: files that patterns pick, into another folder (specification 9.8).
 *
 * The source is searched with its links followed, then the target, so that files that are there already are known; then
 * one script cleans, makes folders and copies. When nothing matches nothing is cleaned either, as at the service.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

static const struct az_input INPUTS[] = {
    {.name = "SourceFolder", .kind = AZ_INPUT_PATH},
    {.name = "Contents", .kind = AZ_INPUT_LINES, .fallback = "**", .required = true},
    {.name = "TargetFolder", .kind = AZ_INPUT_PATH, .required = true},
    {.name = "CleanTargetFolder", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "OverWrite", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "flattenFolders", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "preserveTimestamp", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "retryCount", .kind = AZ_INPUT_TEXT, .fallback = "0"},
    {.name = "delayBetweenRetries", .kind = AZ_INPUT_TEXT, .fallback = "1000"},
    {.name = "ignoreMakeDirErrors", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

enum { COPY_BEGIN, COPY_SOURCE, COPY_TARGET, COPY_RUN, COPY_END };

struct copy {
    struct str source, target;
    bool clean, overwrite, flatten;
    struct az_search from, to;
    struct az_names names;
};

/* $1 source, $2 target, $3 "clean" or nothing, $4 --parents or nothing, $5 --preserve=timestamps or nothing. */
static const char SCRIPT[] =
    "if [ -n \"$3\" ]; then\n"
    "    if [ -d \"$2\" ]; then find \"$2/\" -mindepth 1 -delete || exit; else rm -f -- \"$2\" || exit; fi\n"
    "fi\n"
    "mkdir -p -- \"$2\" && cd -- \"$1\" && xargs -0 -r cp -fL $4 $5 -t \"$2\" -- <\"$LIST\"\n";

static void begin(struct az_task_run *t)
{
    struct copy *c = t->state = ARENA_NEW(t->run->arena, struct copy);
    struct arena *a = t->run->arena;
    struct str source = az_input_path(t, "SourceFolder");
    struct strs lines = {0};
    c->source = path_clean(a, source.n > 0 ? source : t->run->sources);
    c->target = path_clean(a, az_input_path(t, "TargetFolder"));
    c->clean = az_input_bool(t, "CleanTargetFolder");
    c->overwrite = az_input_bool(t, "OverWrite");
    c->flatten = az_input_bool(t, "flattenFolders");
    az_input_lines(t, "Contents", &lines);
    c->from.patterns = az_patterns_new(a, c->source, &lines);
    vec_push_in(a, &c->from.roots, c->source);
    vec_push_in(a, &c->to.roots, c->target);
    c->to.folders = true;
    c->to.no_follow = true;
    if (az_input(t, "TargetFolder").n == 0)
        az_fail(t, "Input required: TargetFolder");
}

static bool is_broken(struct az_task_run *t, const struct copy *c)
{
    for (size_t i = 0; i < c->from.found.n; i++)
        if (c->from.found.p[i].broken) {
            az_fail(t, "%.*s: the link leads nowhere", STR_ARG(c->from.found.p[i].path));
            return true;
        }
    return false;
}

/* Chooses the names to be copied. Of files that flatten to one name the first stays, with OverWrite the last. */
static void choose(struct az_task_run *t, struct copy *c)
{
    struct map there, last;
    map_init(&there, t->run->arena, MAP_CASE);
    map_init(&last, t->run->arena, MAP_CASE);
    for (size_t i = 0; i < c->to.found.n && !c->clean; i++)
        map_set(&there, path_rel(c->to.found.p[i].path, c->target), &c->to.found.p[i]);
    for (size_t i = 0; i < c->from.found.n; i++) {
        struct str path = c->from.found.p[i].path, inner = path_rel(path, c->source);
        struct str name = c->flatten ? path_base(path) : inner;
        const struct az_found *old = map_get(&there, name);
        if (old != NULL && old->folder) {
            az_fail(t, "%.*s cannot be copied to %.*s/%.*s, which is a folder", STR_ARG(path), STR_ARG(c->target),
                    STR_ARG(name));
            return;
        }
        if (!c->overwrite && (old != NULL || map_find(&last, name) != NULL))
            az_say(t, "File %.*s exists already at %.*s/%.*s", STR_ARG(path), STR_ARG(c->target), STR_ARG(name));
        else
            map_set_str(&last, name, inner);
    }
    for (size_t i = 0; i < last.n; i++) {
        struct str inner = map_get_str(&last, last.entries[i].key);
        az_say(t, "Copying %.*s/%.*s to %.*s/%.*s", STR_ARG(c->source), STR_ARG(inner), STR_ARG(c->target),
               STR_ARG(last.entries[i].key));
        az_names_add(&c->names, inner);
    }
}

static void copy_op(struct az_task_run *t, struct copy *c, struct op *op)
{
    struct str args[] = {c->source, c->target, c->clean ? STR("clean") : STR(""),
                         c->flatten ? STR("") : STR("--parents"),
                         az_input_bool(t, "preserveTimestamp") ? STR("--preserve=timestamps") : STR("")};
    if (c->clean)
        az_say(t, "Cleaning target folder: %.*s", STR_ARG(c->target));
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &c->names);
    t->at = COPY_RUN;
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at == COPY_BEGIN) {
        begin(t);
        t->at = COPY_SOURCE;
    }
    struct copy *c = t->state;
    if (t->error.n > 0 || t->at >= COPY_RUN)
        return DRIVE_DONE;
    if (t->at == COPY_SOURCE && az_search_next(t, &c->from, op))
        return DRIVE_OP;
    if (t->at == COPY_SOURCE) {
        if (c->from.missing)
            az_fail(t, "Not found SourceFolder: %.*s", STR_ARG(c->source));
        else
            az_say(t, "found %zu files", c->from.found.n);
        if (c->from.missing || c->from.found.n == 0 || is_broken(t, c))
            return DRIVE_DONE;
        t->at = COPY_TARGET;
    }
    if (az_search_next(t, &c->to, op))
        return DRIVE_OP;
    choose(t, c);
    if (t->error.n > 0)
        return DRIVE_DONE;
    copy_op(t, c, op);
    return DRIVE_OP;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct copy *c = t->state;
    if (t->at == COPY_SOURCE)
        az_search_exited(t, &c->from, end);
    else if (t->at == COPY_TARGET)
        az_search_exited(t, &c->to, end);
    else
        az_batch_good(t, end, "The files could not all be copied");
}

const struct az_task az_task_copy_files = {.name = "CopyFiles",
                                           .id = "5bfb729a-a7c8-4a78-a7c3-8d717bb7c13c",
                                           .majors = "2",
                                           .title = "Copy files",
                                           .inputs = INPUTS,
                                           .next = next,
                                           .exited = exited};
