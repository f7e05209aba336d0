/*
 * gh_javascript.c - JavaScript actions (specification 10.5): node of this machine runs the action's pre, main or post
 * file in the workspace, with its inputs, its state and the addresses of the services in the environment.
 */
#include "core/base.h"
#include "provider/github/cache_priv.h"
#include "provider/github/gh_run_priv.h"
#include "provider/interpreter.h"

#include "core/path.h"
#include "core/vec.h"

enum phase { PHASE_RUN, PHASE_MATCHERS, PHASE_DONE };

/* ---- which node ---- */

static void note_node(struct gh_task *t, struct str name, bool same, struct str text)
{
    struct gh_run *r = t->run;
    for (size_t i = 0; i < r->noted.n; i++) {
        if (str_eq(r->noted.p[i], name))
            return;
    }
    vec_push_in(r->arena, &r->noted, name);
    gh_note(r, t->number, same ? HOW_EMULATED : HOW_SUBSTITUTED, name, text);
}

/* The program, or empty: the task has failed. */
static struct str choose_node(struct gh_task *t)
{
    struct gh_run *r = t->run;
    unsigned want = t->got->manifest->node;
    const struct interpreter *found = interpreter_nearest(r->facts, "node", want);
    struct str name = arena_printf(r->arena, "node%u", want);
    if (found != NULL) {
        note_node(t, name, interpreter_major(found) == want,
                  arena_printf(r->arena, "node %.*s of this host", STR_ARG(found->version)));
        return found->program;
    }
    struct str program = map_get_str(&r->facts->machine.programs, STR("node"));
    if (program.n == 0)
        gh_fail(t, "%.*s is a JavaScript action for %.*s, and this machine has no node", STR_ARG(t->got->label),
                STR_ARG(name));
    else
        note_node(t, name, false, arena_printf(r->arena, "%.*s of this host", STR_ARG(program)));
    return program;
}

/* ---- its environment ---- */

/* Blanks become underscores and letters capitals; all else stays, hyphens too (specification 10.4). */
static struct str input_name(struct arena *a, struct str name)
{
    struct str prefix = STR("INPUT_");
    char *p = arena_alloc(a, prefix.n + name.n + 1);
    memcpy(p, prefix.p, prefix.n);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i] == ' ' ? '_' : name.p[i];
        p[prefix.n + i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return str_of(p, prefix.n + name.n);
}

/* What only JavaScript actions are told of the services (specification 11.2). */
static void add_services(struct gh_run *r, struct map *m)
{
    static const char *const URLS[] = {"ACTIONS_RUNTIME_URL", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL"};
    const struct results_facts *services = &r->facts->results;
    struct results_job job = {.name = arena_printf(r->arena, "%u", r->leg->number)};
    CLEAN(buf) struct buf token = BUF(BUF_LINE);
    if (services->url.n == 0)
        return;
    gh_cache_refs(r, &job.ref, &job.refs);
    services->token(services->ctx, &job, &token);
    if (token.n == 0)
        return;
    gh_mask(r, buf_str(&token));
    for (size_t i = 0; i < ARRAY_LEN(URLS); i++)
        map_set_str(m, str_from(URLS[i]), services->url);
    map_set_str(m, STR("ACTIONS_RUNTIME_TOKEN"), buf_str(&token));
    map_set_str(m, STR("ACTIONS_CACHE_SERVICE_V2"), STR("True"));
}

static struct map variables(struct gh_run *r, struct gh_task *t)
{
    struct map m;
    map_init(&m, r->arena, MAP_CASE);
    const struct map *inputs = &t->with->object;
    for (size_t i = 0; i < inputs->n; i++)
        map_set_str(&m, input_name(r->arena, inputs->entries[i].key), gh_to_string(r->arena, inputs->entries[i].value));
    for (size_t i = 0; i < t->state.n; i++)
        map_set(&m, arena_printf(r->arena, "STATE_%.*s", STR_ARG(t->state.entries[i].key)), t->state.entries[i].value);
    add_services(r, &m);
    return m;
}

/* ---- the process ---- */

static struct str file_of(const struct gh_task *t)
{
    const struct gh_manifest *m = t->got->manifest;
    return t->early ? m->pre : t->main != NULL ? m->post : m->main;
}

/* Its post file runs once pre or main has started. */
static void register_post(struct gh_task *t)
{
    if (t->main != NULL || t->got->manifest->post.n == 0)
        return;
    if (t->before != NULL && t->before->post != NULL) {
        gh_post_adopt(t->before->post, t);
        return;
    }
    t->post = gh_post_push(t, &gh_javascript);
    t->post->got = t->got;
    t->post->hook_if = t->got->manifest->post_if.set ? &t->got->manifest->post_if : NULL;
    t->post->post_always = true;
}

static enum drive run_op(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct str program = choose_node(t);
    if (program.n == 0)
        return DRIVE_DONE;
    if (t->files[GH_FILE_ENV].n == 0) /* its inputs may have named them already */
        gh_files_name(r, t);
    struct str words[] = {program, path_join(r->arena, t->got->dir, file_of(t))};
    struct map extra = variables(r, t);
    gh_op_action(r, t, op, &(struct strs){.p = words, .n = ARRAY_LEN(words)}, &extra);
    gh_op_files(r, t, op);
    register_post(t);
    return DRIVE_OP;
}

static enum drive node_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    switch ((enum phase)t->phase) {
    case PHASE_RUN:
        if (t->result == RESULT_NONE)
            return run_op(r, t, op);
        break;
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

static void node_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    if (t->phase == PHASE_MATCHERS)
        gh_talk_matchers(t, end);
    else
        gh_process_ended(t, end, STR("node"), r->workspace);
    t->phase++;
}

const struct gh_action gh_javascript = {.name = "node", .next = node_next, .exited = node_exited};
