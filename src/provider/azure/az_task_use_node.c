/*
 * az_task_use_node.c - UseNode@1, NodeTool@0 and GoTool@0 (specification 9.7) with what this machine has. An
 * installation of its own is used where it lies; of one that shares its folder with other programs (/usr) a folder
 * below the tools is made that holds this tool alone, so that PATH brings nothing else to the front.
 */
#include "core/base.h"
#include "provider/azure/process_priv.h"

enum { USE_BEGIN, USE_READ, USE_FIND, USE_WRAP, USE_DONE };

struct use {
    struct str spec;
    const struct interpreter *found;
    struct str location; /* whose bin comes on PATH */
};

static const struct az_input USE_NODE_INPUTS[] = {
    {.name = "version", .kind = AZ_INPUT_TEXT, .fallback = "10.x"},
    {.name = "checkLatest", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "force32bit", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "nodejsMirror", .kind = AZ_INPUT_TEXT},
    {.name = "retryCountOnDownloadFails", .kind = AZ_INPUT_TEXT, .fallback = "5"},
    {.name = "delayBetweenRetries", .kind = AZ_INPUT_TEXT, .fallback = "1000"},
    {0},
};
static const struct az_input NODE_TOOL_INPUTS[] = {
    {.name = "versionSource", .kind = AZ_INPUT_TEXT, .fallback = "spec"},
    {.name = "versionSpec", .kind = AZ_INPUT_TEXT, .fallback = "6.x"},
    {.name = "versionFilePath", .kind = AZ_INPUT_PATH},
    {.name = "checkLatest", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "force32bit", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "nodejsMirror", .kind = AZ_INPUT_TEXT},
    {.name = "retryCountOnDownloadFails", .kind = AZ_INPUT_TEXT, .fallback = "5"},
    {.name = "delayBetweenRetries", .kind = AZ_INPUT_TEXT, .fallback = "1000"},
    {0},
};
static const struct az_input GO_TOOL_INPUTS[] = {
    {.name = "version", .kind = AZ_INPUT_TEXT, .fallback = "1.19", .required = true},
    {.name = "goPath", .kind = AZ_INPUT_TEXT},
    {.name = "goBin", .kind = AZ_INPUT_TEXT},
    {.name = "goSource", .alias = "goDownloadUrl", .kind = AZ_INPUT_TEXT},
    {0},
};

static bool is_go(const struct az_task_run *t)
{
    return str_is(str_from(t->task->name), "GoTool");
}

/* ---- which ---- */

static bool from_file(const struct az_task_run *t)
{
    return str_is_nocase(az_input(t, "versionSource"), "fromFile");
}

static void missing(struct az_task_run *t, struct str spec)
{
    const char *tool = is_go(t) ? "go" : "node";
    struct str list = interpreter_list(t->run->arena, t->run->facts, tool);
    struct str title = interpreter_title(str_from(tool));
    az_say(t, "%.*s on this machine: %.*s", STR_ARG(title), STR_ARG(list));
    if (is_go(t))
        az_fail(t, "Go %.*s is not on this machine", STR_ARG(spec));
    else
        az_fail(t, "Unable to find Node version %.*s for platform linux and architecture %.*s.", STR_ARG(spec),
                STR_ARG(az_architecture(t->run->facts)));
}

static void ready(struct az_task_run *t)
{
    struct use *u = t->state;
    struct az_run *r = t->run;
    struct str name = arena_printf(r->arena, "%s %.*s", t->task->name, STR_ARG(u->spec));
    struct str path = az_input(t, "goPath"), bin = az_input(t, "goBin");
    az_say(t, "Found tool in cache: %.*s %.*s %.*s", STR_ARG(u->found->tool), STR_ARG(u->found->version),
           STR_ARG(az_architecture(r->facts)));
    if (is_go(t)) {
        az_set_variable(t, STR("GOROOT"), u->found->prefix, false, false);
        if (path.n > 0)
            az_set_variable(t, STR("GOPATH"), path, false, false);
        if (bin.n > 0)
            az_set_variable(t, STR("GOBIN"), bin, false, false);
    }
    az_prepend_path(r, arena_printf(r->arena, "%.*s/bin", STR_ARG(u->location)));
    az_note(r, HOW_SUBSTITUTED, name, tool_words(r->arena, u->found));
}

static void find(struct az_task_run *t)
{
    struct use *u = t->state;
    struct az_run *r = t->run;
    struct err err = {0};
    int rc = is_go(t) ? az_go_find(r->arena, r->facts, u->spec, &u->found, &err)
                      : az_node_find(r->arena, r->facts, u->spec, &u->found, &err);
    t->at = USE_DONE;
    if (az_input_bool(t, "force32bit") || rc == -ENOENT)
        missing(t, u->spec);
    else if (rc < 0)
        az_fail(t, "%s", err.text);
    if (t->result == AZ_FAILED)
        return;
    bool wrapped = u->found->shared_prefix && !is_go(t);
    u->location = wrapped ? arena_printf(r->arena, "%.*s/node/%.*s/%.*s", STR_ARG(r->tools), STR_ARG(u->found->version),
                                         STR_ARG(az_architecture(r->facts)))
                          : u->found->prefix;
    if (wrapped)
        t->at = USE_WRAP;
    else
        ready(t);
}

/* npm takes the prefix of global installs from where node really lies, unless it is told. */
static void wrap(struct az_task_run *t, struct op *op)
{
    const struct use *u = t->state;
    struct str words[] = {
        STR("sh"), STR("-c"),
        STR("mkdir -p \"$0/bin\" && cd \"$0/bin\" && ln -sf \"$1/node\" node || exit 1\n"
            "for tool in npm npx; do\n"
            "  [ -e \"$1/$tool\" ] || continue\n"
            "  printf '#!/bin/sh\\nexport NPM_CONFIG_PREFIX=\"${NPM_CONFIG_PREFIX-%s}\"\\nexec \"%s\" \"$@\"\\n' "
            "\"$0\" \"$1/$tool\" >$tool && chmod 755 $tool || exit 1\n"
            "done\n"
            "[ ! -e \"$1/corepack\" ] || ln -sf \"$1/corepack\" corepack"),
        u->location, arena_printf(t->run->arena, "%.*s/bin", STR_ARG(u->found->prefix))};
    az_op_exec(t, op, words, ARRAY_LEN(words));
    op->cwd = STR("/");
}

static enum drive use_next(struct az_task_run *t, struct op *op)
{
    if (t->at == USE_BEGIN) {
        struct use *u = ARENA_NEW(t->run->arena, struct use);
        const char *input = str_is(str_from(t->task->name), "NodeTool") ? "versionSpec" : "version";
        u->spec = az_input(t, input);
        t->state = u;
        t->at = from_file(t) ? USE_READ : USE_FIND;
    }
    if (t->at == USE_READ) {
        az_op_read(t, op, az_input_path(t, "versionFilePath"), AZ_READ_MAX);
        return DRIVE_OP;
    }
    if (t->at == USE_FIND)
        find(t);
    if (t->at != USE_WRAP)
        return DRIVE_DONE;
    wrap(t, op);
    return DRIVE_OP;
}

/* A .nvmrc: a version, perhaps with its v. */
static void take_file(struct az_task_run *t, const struct op_end *end)
{
    struct use *u = t->state;
    struct str path = az_input_path(t, "versionFilePath");
    t->at = USE_FIND;
    if (end->reads == NULL || end->reads[0].p == NULL) {
        az_fail(t, "File specified in version file path %.*s does not exist", STR_ARG(path));
        t->at = USE_DONE;
        return;
    }
    struct str text = str_trim(end->reads[0]);
    u->spec = arena_str(t->run->arena, str_starts(text, STR("v")) ? str_from_index(text, 1) : text);
}

static void use_exited(struct az_task_run *t, const struct op_end *end)
{
    if (t->at == USE_READ) {
        take_file(t, end);
        return;
    }
    t->at = USE_DONE;
    if (az_op_good(t, end, "the folder of node"))
        ready(t);
}

const struct az_task az_task_use_node = {.name = "UseNode",
                                         .id = "31c75bbb-bcdf-4706-8d7c-4da6a1959bc2",
                                         .majors = "1",
                                         .title = "Use Node.js ecosystem",
                                         .inputs = USE_NODE_INPUTS,
                                         .next = use_next,
                                         .exited = use_exited};
const struct az_task az_task_node_tool = {.name = "NodeTool",
                                          .id = "31c75bbb-bcdf-4706-8d7c-4da6a1959bc2",
                                          .majors = "0",
                                          .title = "Node.js tool installer",
                                          .inputs = NODE_TOOL_INPUTS,
                                          .next = use_next,
                                          .exited = use_exited};
const struct az_task az_task_go_tool = {.name = "GoTool",
                                        .id = "334727f4-9495-4f9d-a391-fc621d671474",
                                        .majors = "0",
                                        .title = "Go tool installer",
                                        .inputs = GO_TOOL_INPUTS,
                                        .next = use_next,
                                        .exited = use_exited};
