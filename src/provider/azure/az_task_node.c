/*
 * az_task_node.c - a task of --task NAME=FOLDER runs for real (specification 9.1): its folder is shown below _tasks,
 * and a node of this machine runs its file with the environment that the service's agent gives to tasks. What the task
 * does comes back as logging commands. Its prejob part runs in front of its step and not in front of the job.
 */
#include "core/base.h"
#include "provider/azure/known_priv.h"

#include "core/path.h"

enum { NODE_FETCH, NODE_PRE, NODE_MAIN, NODE_POST, NODE_DONE };
enum { PART_PRE, PART_MAIN, PART_POST };

/* In the arena of a run, made for each step anew. */
struct node_task {
    struct az_task task; /* the first member: what the agent holds */
    struct az_manifest manifest;
    struct str repo;
    /* While it runs: */
    struct str folder;
    struct str program; /* node */
};

static struct node_task *node_of(const struct az_task_run *t)
{
    return (struct node_task *)(uintptr_t)t->task;
}

/* ---- the environment ---- */

/* Names of inputs: blanks and dots become underscores, letters capitals. */
static struct str input_name(struct arena *a, struct str name)
{
    struct str upper = az_env_name(a, name);
    char *p = arena_alloc(a, upper.n + 1);
    for (size_t i = 0; i < upper.n; i++)
        p[i] = upper.p[i] == ' ' || upper.p[i] == '.' ? '_' : upper.p[i];
    return arena_printf(a, "INPUT_%.*s", (int)upper.n, p);
}

static const struct az_input *input_named(const struct az_task *task, struct str name)
{
    for (const struct az_input *in = task->inputs; in->name != NULL; in++)
        if (str_is_nocase(name, in->name))
            return in;
    return NULL;
}

/* Paths are rooted at the default working folder, empty ones are that folder ("filePath inputs"). */
static void add_inputs(struct az_task_run *t, struct op *op)
{
    struct arena *a = t->run->arena;
    for (const struct az_input *in = t->task->inputs; in->name != NULL; in++) {
        struct str value = az_input(t, in->name);
        if (in->kind == AZ_INPUT_PATH)
            value = value.n > 0 ? az_input_path(t, in->name) : az_var(t->run, "System.DefaultWorkingDirectory");
        az_op_env(t, op, input_name(a, str_from(in->name)), value);
    }
    for (size_t i = 0; i < t->inputs.n; i++) {
        struct str key = t->inputs.entries[i].key;
        if (input_named(t->task, key) == NULL)
            az_op_env(t, op, input_name(a, key), map_get_str(&t->inputs, key));
    }
}

static void add_name(struct buf *b, struct str name)
{
    buf_add_cstr(b, b->n > 1 ? "," : "");
    buf_add_json(b, name);
}

/* The names of all variables, and the values of the secret ones, which no other step gets. */
static void add_variables(struct az_task_run *t, struct op *op)
{
    struct az_run *r = t->run;
    CLEAN(buf) struct buf open = BUF(BUF_TEXT), secret = BUF(BUF_TEXT);
    buf_add_ch(&open, '[');
    buf_add_ch(&secret, '[');
    for (size_t i = 0; i < r->vars.map.n; i++) {
        const struct az_var *v = r->vars.map.entries[i].value;
        add_name(v->secret ? &secret : &open, v->name);
        struct str name = az_env_name(r->arena, v->name);
        if (v->secret)
            az_op_env(t, op, arena_printf(r->arena, "SECRET_%.*s", STR_ARG(name)), v->value);
    }
    buf_add_ch(&open, ']');
    buf_add_ch(&secret, ']');
    az_op_env(t, op, STR("VSTS_PUBLIC_VARIABLES"), arena_str(r->arena, buf_str(&open)));
    az_op_env(t, op, STR("VSTS_SECRET_VARIABLES"), arena_str(r->arena, buf_str(&secret)));
    for (size_t i = 0; i < t->task_vars.n; i++) {
        struct str key = az_env_name(r->arena, t->task_vars.entries[i].key);
        az_op_env(t, op, arena_printf(r->arena, "VSTS_TASKVARIABLE_%.*s", STR_ARG(key)),
                  map_get_str(&t->task_vars, t->task_vars.entries[i].key));
    }
}

/* The one connection that every job has: to the service itself. The token is whatever was given as one. */
static void add_connection(struct az_task_run *t, struct op *op)
{
    struct str url = az_var(t->run, "System.CollectionUri"), token = az_var(t->run, "System.AccessToken");
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_add_cstr(&b, "{\"parameters\":{\"AccessToken\":");
    buf_add_json(&b, token.p != NULL ? token : STR(""));
    buf_add_cstr(&b, "},\"scheme\":\"OAuth\"}");
    if (url.n > 0)
        az_op_env(t, op, STR("ENDPOINT_URL_SYSTEMVSSCONNECTION"), url);
    if (token.n == 0)
        return;
    az_op_env(t, op, STR("ENDPOINT_AUTH_SYSTEMVSSCONNECTION"), arena_str(t->run->arena, buf_str(&b)));
    az_op_env(t, op, STR("ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION"), STR("OAuth"));
    az_op_env(t, op, STR("ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN"), token);
}

/* ---- node ---- */

static bool choose_node(struct az_task_run *t, unsigned want)
{
    struct node_task *n = node_of(t);
    const struct interpreter *best = interpreter_nearest(t->run->facts, "node", want);
    n->program = best != NULL ? best->program : az_program(t->run, "node");
    if (n->program.n == 0)
        az_fail(t, "%s is a task of Node.js, and this machine has no node", t->task->name);
    else if (best != NULL && interpreter_major(best) != want)
        az_note(t->run, HOW_SUBSTITUTED, arena_printf(t->run->arena, "Node%u", want),
                arena_printf(t->run->arena, "node %.*s of this host", STR_ARG(best->version)));
    return n->program.n > 0;
}

/* ---- its life ---- */

static enum drive fetch(struct az_task_run *t, struct op *op)
{
    struct node_task *n = node_of(t);
    struct az_run *r = t->run;
    n->folder = arena_printf(r->arena, "%.*s/%s_%u/%.*s", STR_ARG(r->tasks), t->task->name, t->number,
                             STR_ARG(n->manifest.version));
    az_op_init(t, op, OP_FETCH);
    op->fetch.repo = n->repo;
    op->fetch.ref = STR("HEAD");
    op->fetch.path = n->folder;
    return DRIVE_OP;
}

static enum drive run_part(struct az_task_run *t, struct op *op, unsigned part)
{
    struct node_task *n = node_of(t);
    struct arena *a = t->run->arena;
    struct az_process *p = ARENA_NEW(a, struct az_process);
    struct str file = path_join(a, n->folder, n->manifest.target[part]);
    az_process_init(t, p, "node");
    p->exited = "Exit code ";
    p->exited_end = arena_printf(a, " returned from process: file name '%.*s', arguments '%.*s'.", STR_ARG(n->program),
                                 STR_ARG(file))
                        .p;
    az_process_word(t, p, n->program);
    az_process_word(t, p, file);
    az_process_op(t, p, op);
    add_inputs(t, op);
    add_variables(t, op);
    add_connection(t, op);
    t->state = p;
    return DRIVE_OP;
}

static enum drive node_next(struct az_task_run *t, struct op *op)
{
    const struct az_manifest *m = &node_of(t)->manifest;
    if (t->post && t->at == NODE_FETCH)
        t->at = node_of(t)->folder.n > 0 ? NODE_POST : NODE_DONE;
    if (t->at == NODE_FETCH)
        return choose_node(t, m->major[m->node[PART_MAIN] ? PART_MAIN : PART_PRE]) ? fetch(t, op) : DRIVE_DONE;
    if (t->at == NODE_PRE && m->node[PART_PRE])
        return run_part(t, op, PART_PRE);
    if (t->at == NODE_PRE)
        t->at = NODE_MAIN;
    if (t->at == NODE_MAIN && m->node[PART_MAIN])
        return run_part(t, op, PART_MAIN);
    return t->at == NODE_POST && m->node[PART_POST] ? run_part(t, op, PART_POST) : DRIVE_DONE;
}

static void node_exited(struct az_task_run *t, const struct op_end *end)
{
    bool good = true;
    if (t->at == NODE_FETCH)
        good = az_op_good(t, end, "the task's folder");
    else
        az_process_ended(t, t->state, end);
    good = good && t->result != AZ_FAILED;
    if (t->at == NODE_FETCH)
        t->at = good ? NODE_PRE : NODE_DONE;
    else
        t->at = t->at == NODE_PRE && good ? NODE_MAIN : NODE_DONE;
}

/* ---- made of its task.json ---- */

static enum az_input_kind kind_of(struct str type)
{
    if (str_is_nocase(type, "filePath"))
        return AZ_INPUT_PATH;
    if (str_is_nocase(type, "boolean"))
        return AZ_INPUT_BOOL;
    return str_is_nocase(type, "multiLine") ? AZ_INPUT_LINES : AZ_INPUT_TEXT;
}

static const char *text_of(struct arena *a, const struct value *v)
{
    if (v == NULL || v->kind == VALUE_NULL)
        return NULL;
    if (v->kind == VALUE_BOOL)
        return v->boolean ? "true" : "false";
    if (v->kind == VALUE_NUMBER)
        return arena_printf(a, "%g", v->number).p;
    return v->kind == VALUE_STRING ? arena_str(a, v->string).p : NULL;
}

static const struct az_input *inputs_of(struct arena *a, const struct value *list)
{
    size_t n = list != NULL ? list->array.n : 0, made = 0;
    struct az_input *inputs = arena_array(a, n + 1, sizeof *inputs);
    for (size_t i = 0; i < n; i++) {
        const struct value *one = list->array.p[i], *aliases = value_get(one, STR("aliases"));
        const struct value *required = value_get(one, STR("required"));
        bool needed = required != NULL && required->kind == VALUE_BOOL && required->boolean;
        const char *name = text_of(a, value_get(one, STR("name")));
        if (name == NULL || name[0] == '\0')
            continue;
        inputs[made++] = (struct az_input){
            .name = name,
            .alias = aliases != NULL && aliases->kind == VALUE_ARRAY && aliases->array.n > 0
                         ? text_of(a, aliases->array.p[0])
                         : NULL,
            .kind = kind_of(value_get_str(one, "type")),
            .fallback = text_of(a, value_get(one, STR("defaultValue"))),
            .required = needed && value_get_str(one, "visibleRule").n == 0,
        };
    }
    return inputs;
}

const struct az_task *az_task_of(struct arena *a, const struct facts *f, struct str name, struct str version)
{
    struct str repo = az_task_given(a, f, name, version);
    struct az_manifest m = {0};
    if (repo.n == 0)
        return az_task_find(name, version);
    if (az_manifest_find(a, f, name, version, &m, NULL) < 0)
        return NULL;
    struct node_task *n = ARENA_NEW(a, struct node_task);
    n->manifest = m;
    n->repo = repo;
    n->task = (struct az_task){.name = arena_str(a, m.name.n > 0 ? m.name : name).p,
                               .id = arena_str(a, m.id).p,
                               .majors = "",
                               .title = arena_str(a, m.name).p,
                               .inputs = inputs_of(a, m.inputs),
                               .next = node_next,
                               .exited = node_exited,
                               .line = az_process_line,
                               .post = m.node[PART_POST]};
    return &n->task;
}
