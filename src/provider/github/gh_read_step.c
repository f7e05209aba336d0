/*
 * gh_read_step.c - steps: what runs, what uses an action, and the steps that wait, cancel or group.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

#define RUN_MAX 21000 /* characters of a script, as of an expression */

void gh_check_shell(struct gh_reader *r, struct str shell, const struct doc_node *n)
{
    static const char *const builtin[] = {"bash", "sh", "cmd", "powershell", "pwsh", "python"};
    for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
        if (str_is_nocase(shell, builtin[i]))
            return;
    if (str_find(shell, STR("{0}")) < 0)
        diag_error(r->d, "GH051", n->span,
                   "Invalid shell option. Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh) or a format "
                   "string containing '{0}'");
}

/* ---- values ---- */

/* What expressions of a step may name: less in a composite action than in a job. */
static enum gh_slot step_slot(const struct gh_reader *r)
{
    return r->m ? GH_SLOT_ACTION_STEP : GH_SLOT_STEP;
}

static void read_id(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    bool read = gh_read_literal(r, at->value, false, &s->id);
    if (read && s->id.n == 0)
        diag_warning(r->d, "GH063", at->value->span, "The id is empty: the step has none");
    if (read && s->id.n && !gh_check_id(r, s->id, at->value))
        s->id = STR_NONE;
}

/* ::set-output and its kin: deprecated, or refused by the service since 2020. */
static void warn_commands(struct gh_reader *r, const struct doc_node *n)
{
    static const struct {
        const char *text, *instead;
        bool refused;
    } old[] = {
        {"::set-output ", "GITHUB_OUTPUT", false},
        {"::save-state ", "GITHUB_STATE", false},
        {"::set-env ", "GITHUB_ENV", true},
        {"::add-path::", "GITHUB_PATH", true},
    };
    ssize_t first = str_find(n->text, STR("::"));
    for (size_t i = 0; i < ARRAY_LEN(old) && first >= 0; i++) {
        ssize_t at = str_find_from(n->text, (size_t)first, str_from(old[i].text));
        if (at < 0)
            continue;
        size_t len = strlen(old[i].text) - 1;
        diag_warning(r->d, "GH061", doc_span_in(r->d->sources, n, (size_t)at, len), "The command '%.*s' is %s",
                     (int)len - 2, old[i].text + 2, old[i].refused ? "disabled" : "deprecated");
        diag_hint(r->d, "write to the file $%s", old[i].instead);
    }
}

static void read_run(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    size_t before = r->d->errors;
    s->where = at->value->span;
    s->run_node = at->value;
    r->script = true;
    gh_read_text(r, at->value, step_slot(r), &s->run);
    r->script = false;
    if (r->d->errors != before)
        return;
    if (at->value->text.n > RUN_MAX) /* with expressions, it is one: format() of the whole */
        diag_error(r->d, "GH054", at->value->span, "Exceeded max expression length %d", RUN_MAX);
    warn_commands(r, at->value);
}

/* Majors of actions whose runtime the service no longer has. */
static void warn_outdated(struct gh_reader *r, struct str uses, const struct doc_node *n)
{
    static const char *const old[] = {
        "actions/checkout@v1",     "actions/checkout@v2",        "actions/checkout@v3",
        "actions/setup-python@v4", "actions/upload-artifact@v3", "actions/download-artifact@v3",
        "actions/setup-node@v3",   "actions/setup-go@v3",        "actions/setup-python@v1",
        "actions/setup-python@v2", "actions/setup-python@v3",    "actions/cache@v1",
        "actions/cache@v2",        "actions/upload-artifact@v1", "actions/upload-artifact@v2",
        "actions/setup-node@v1",   "actions/setup-node@v2",      "actions/download-artifact@v1",
        "actions/stale@v4",        "actions/setup-go@v2",        "actions/download-artifact@v2",
    };
    for (size_t i = 0; i < ARRAY_LEN(old); i++)
        if (str_is_nocase(uses, old[i])) {
            diag_warning(r->d, "GH061", n->span, "'%s' asks for a runtime that the service no longer has", old[i]);
            return;
        }
}

static void read_uses(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    struct str name, ref;
    struct err e = {0};
    s->where = at->value->span;
    if (!gh_read_literal(r, at->value, true, &s->uses))
        return;
    if (gh_uses_kind(s->uses) != GH_USES_REPOSITORY)
        return;
    if (gh_uses_parse(s->uses, &name, &ref, &e) != 0)
        diag_error(r->d, "GH050", at->value->span, "%s", e.text);
    else
        warn_outdated(r, s->uses, at->value);
}

static void read_shell(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    s->shell_span = at->value->span;
    if (gh_read_literal(r, at->value, true, &s->shell))
        gh_check_shell(r, s->shell, at->value);
}

static void read_shell_text(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    size_t before = r->d->errors;
    gh_read_full(r, at->value, GH_SLOT_ACTION_STEP, &s->shell_text);
    if (r->d->errors != before || s->shell_text.expr)
        return;
    s->shell = s->shell_text.literal;
    gh_check_shell(r, s->shell, at->value);
}

static void read_with(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    gh_warn_null(r, at->key, at->value);
    gh_read_pairs(r, at->value, step_slot(r), &s->with);
    for (size_t i = 0; at->value->kind == DOC_MAP && i < at->value->map.n; i++)
        if (str_find(at->value->map.p[i].key->text, STR("version")) >= 0)
            gh_warn_number(r, at->value->map.p[i].value);
}

static void read_timeout(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    gh_read_minutes(r, at->value, GH_SLOT_STEP, &s->timeout);
}

static void read_background(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    gh_read_flag(r, at->value, &s->background);
}

static void read_targets(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    s->where = at->value->span;
    gh_read_list(r, at->value, &s->targets, NULL);
}

static void read_cancel(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    struct str id;
    s->where = at->value->span;
    if (gh_read_literal(r, at->value, true, &id))
        vec_push_in(r->a, &s->targets, id);
}

static void read_wait_all(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    bool on = true;
    s->where = at->key->span;
    if (gh_is_null(at->value))
        return;
    if (gh_read_flag(r, at->value, &on) && !on)
        gh_unexpected(r, at->value);
}

static void read_parallel(struct gh_reader *r, const struct doc_pair *at, void *into);

/* ---- shapes ---- */

#define AT(field) offsetof(struct gh_step, field)
#define BASIC_KEYS_IN(slot)                                                                                            \
    {"name", GH_V_TEXT, slot, AT(name), NULL, false}, {"id", GH_V_CALL, GH_SLOT_ANY, 0, read_id, false},               \
    {                                                                                                                  \
        "continue-on-error", GH_V_BOOL, slot, AT(continue_on_error), NULL, false                                       \
    }
#define BASIC_KEYS BASIC_KEYS_IN(GH_SLOT_STEP)
#define ACTIVE_KEYS                                                                                                    \
    BASIC_KEYS, {"if", GH_V_IF, GH_SLOT_STEP_IF, AT(cond), NULL, false},                                               \
        {"env", GH_V_PAIRS, GH_SLOT_STEP, AT(env), NULL, false},                                                       \
    {                                                                                                                  \
        "timeout-minutes", GH_V_CALL, GH_SLOT_STEP, 0, read_timeout, false                                             \
    }
#define COMPOSITE_KEYS                                                                                                 \
    BASIC_KEYS_IN(GH_SLOT_ACTION_STEP), {"if", GH_V_IF, GH_SLOT_ACTION_IF, AT(cond), NULL, false},                     \
    {                                                                                                                  \
        "env", GH_V_PAIRS, GH_SLOT_ACTION_STEP, AT(env), NULL, false                                                   \
    }
#define BACKGROUND_KEY                                                                                                 \
    {                                                                                                                  \
        "background", GH_V_CALL, GH_SLOT_ANY, 0, read_background, false                                                \
    }

/* `background` stands last: steps inside of `parallel` do without it. */
static const struct gh_key run_step[] = {
    ACTIVE_KEYS,
    {"run", GH_V_CALL, GH_SLOT_STEP, 0, read_run, true},
    {"shell", GH_V_CALL, GH_SLOT_ANY, 0, read_shell, false},
    {"working-directory", GH_V_TEXT, GH_SLOT_STEP, AT(workdir), NULL, false},
    BACKGROUND_KEY,
};
static const struct gh_key uses_step[] = {
    ACTIVE_KEYS,
    {"uses", GH_V_CALL, GH_SLOT_ANY, 0, read_uses, true},
    {"with", GH_V_CALL, GH_SLOT_STEP, 0, read_with, false},
    BACKGROUND_KEY,
};
static const struct gh_key wait_step[] = {BASIC_KEYS, {"wait", GH_V_CALL, GH_SLOT_ANY, 0, read_targets, true}};
static const struct gh_key wait_all_step[] = {BASIC_KEYS, {"wait-all", GH_V_CALL, GH_SLOT_ANY, 0, read_wait_all, true}};
static const struct gh_key cancel_step[] = {BASIC_KEYS, {"cancel", GH_V_CALL, GH_SLOT_ANY, 0, read_cancel, true}};
static const struct gh_key parallel_step[] = {{"parallel", GH_V_CALL, GH_SLOT_ANY, 0, read_parallel, true}};

/* In the order of enum gh_step_kind. */
static const struct gh_shape step_shapes[] = {
    [GH_STEP_RUN] = GH_SHAPE(run_step),
    [GH_STEP_USES] = GH_SHAPE(uses_step),
    [GH_STEP_WAIT] = {wait_step, ARRAY_LEN(wait_step), true},
    [GH_STEP_WAIT_ALL] = {wait_all_step, ARRAY_LEN(wait_all_step), true},
    [GH_STEP_CANCEL] = {cancel_step, ARRAY_LEN(cancel_step), true},
    [GH_STEP_PARALLEL] = GH_SHAPE(parallel_step),
};
static const struct gh_shape inner_shapes[] = {
    [GH_STEP_RUN] = {run_step, ARRAY_LEN(run_step) - 1, false},
    [GH_STEP_USES] = {uses_step, ARRAY_LEN(uses_step) - 1, false},
};

static const struct gh_key composite_run[] = {
    COMPOSITE_KEYS,
    {"run", GH_V_CALL, GH_SLOT_ACTION_STEP, 0, read_run, true},
    {"shell", GH_V_CALL, GH_SLOT_ACTION_STEP, 0, read_shell_text, true},
    {"working-directory", GH_V_TEXT, GH_SLOT_ACTION_STEP, AT(workdir), NULL, false},
};
static const struct gh_key composite_uses[] = {
    COMPOSITE_KEYS,
    {"uses", GH_V_CALL, GH_SLOT_ANY, 0, read_uses, true},
    {"with", GH_V_CALL, GH_SLOT_ACTION_STEP, 0, read_with, false},
};
static const struct gh_shape composite_shapes[] = {
    [GH_STEP_RUN] = GH_SHAPE(composite_run),
    [GH_STEP_USES] = GH_SHAPE(composite_uses),
};

/* The script of actions/github-script is one, too. */
static void mark_script(struct gh_reader *r, const struct doc_node *n, const struct gh_step *s, size_t refs_before)
{
    const struct doc_node *with = doc_get(n, "with"), *script = with ? doc_get(with, "script") : NULL;
    if (!script || !str_starts(s->uses, STR("actions/github-script@")))
        return;
    for (size_t i = refs_before; i < r->refs.n; i++)
        r->refs.p[i].script = r->refs.p[i].script || r->refs.p[i].node == script;
}

static size_t read_sequence(struct gh_reader *r, const struct doc_node *n, const struct gh_shape *shapes,
                            size_t n_shapes, struct gh_step **ret)
{
    if (n->kind != DOC_SEQ) {
        gh_unexpected(r, n);
        return 0;
    }
    struct gh_step *steps = arena_array(r->a, n->seq.n + 1, sizeof *steps);
    bool outer = r->step == SIZE_MAX; /* steps of a parallel group see what that group sees */
    for (size_t i = 0; i < n->seq.n; i++) {
        if (outer)
            r->step = i;
        size_t refs = r->refs.n;
        int kind = gh_read_shapes(r, n->seq.p[i], shapes, n_shapes, &steps[i]);
        steps[i].kind = kind < 0 ? GH_STEP_RUN : (enum gh_step_kind)kind;
        mark_script(r, n->seq.p[i], &steps[i], refs);
        steps[i].span = n->seq.p[i]->span;
        if (!steps[i].where.file)
            steps[i].where = steps[i].span;
    }
    if (outer)
        r->step = SIZE_MAX;
    *ret = steps;
    return n->seq.n;
}

static void read_parallel(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_step *s = into;
    s->where = at->key->span;
    s->n_children = read_sequence(r, at->value, inner_shapes, ARRAY_LEN(inner_shapes), &s->children);
}

/* ---- names and ids ---- */

/* What a step without an id is called in GITHUB_ACTION: "__run", "__actions_checkout". */
static struct str generated_name(struct arena *a, const struct gh_step *s)
{
    struct str base = STR("run"), ref, repo, rest;
    switch (s->kind) {
    case GH_STEP_RUN:
        break;
    case GH_STEP_WAIT:
        base = STR("wait");
        break;
    case GH_STEP_WAIT_ALL:
        base = STR("wait-all");
        break;
    case GH_STEP_CANCEL:
        base = STR("cancel");
        break;
    case GH_STEP_PARALLEL:
        base = STR("parallel");
        break;
    case GH_STEP_USES:
        base = s->uses;
        if (gh_uses_kind(s->uses) == GH_USES_LOCAL) {
            base = STR("self");
        } else if (gh_uses_kind(s->uses) == GH_USES_DOCKER) {
            base = str_from_index(base, sizeof "docker://" - 1);
        } else { /* owner and repository only */
            str_cut(base, '@', &base, &ref);
            if (str_cut(base, '/', &repo, &rest) && str_find_ch(rest, '/') >= 0)
                base = str_sub(base, 0, repo.n + 1 + (size_t)str_find_ch(rest, '/'));
        }
    }
    char *p = arena_alloc(a, base.n + 3);
    p[0] = p[1] = '_';
    for (size_t i = 0; i < base.n; i++) {
        char c = base.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        p[i + 2] = good ? c : '_';
    }
    return str_of(p, base.n + 2);
}

/* node: the step as written, for the place of its id. */
static void name_step(struct gh_reader *r, const struct doc_node *node, struct gh_step *s, struct map *names)
{
    const struct doc_node *id = doc_get(node, "id");
    if (s->id.n) {
        s->context_name = s->id;
        if (!map_set(names, s->id, NULL))
            diag_error(r->d, "GH037", id ? id->span : s->span,
                       "The identifier '%.*s' may not be used more than once within the same scope.", STR_ARG(s->id));
        return;
    }
    struct str base = generated_name(r->a, s);
    struct map_entry *used = map_find(names, base);
    uintptr_t i = used == NULL ? 0 : (uintptr_t)used->value; /* the number last given to this name */
    s->context_name = base;
    while (map_find(names, s->context_name) != NULL) {
        i = i < 2 ? 2 : i + 1;
        s->context_name = arena_printf(r->a, "%.*s_%u", STR_ARG(base), (unsigned)i);
    }
    map_set(names, s->context_name, NULL);
    map_find(names, base)->value = (void *)i;
}

/* wait and cancel name background steps above them. */
static void check_targets(struct gh_reader *r, const struct gh_step *s, const struct map *background)
{
    for (size_t i = 0; i < s->targets.n; i++)
        if (!map_find(background, s->targets.p[i]))
            diag_error(r->d, "GH053", s->where, "There is no background step '%.*s' before this one",
                       STR_ARG(s->targets.p[i]));
}

void gh_read_steps(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    struct map names, background;
    map_init(&names, r->a, MAP_NOCASE);
    map_init(&background, r->a, MAP_NOCASE);
    j->n_steps = read_sequence(r, n, step_shapes, ARRAY_LEN(step_shapes), &j->steps);
    if (n->kind == DOC_SEQ && n->seq.n == 0)
        diag_error(r->d, "GH030", n->span, "Unexpected value ''");
    if (j->n_steps == 0)
        diag_note(r->d, "GH030", j->span, "'%.*s' has no steps", STR_ARG(j->id));
    for (size_t i = 0; i < j->n_steps; i++) {
        struct gh_step *s = &j->steps[i];
        name_step(r, n->seq.p[i], s, &names);
        const struct doc_node *group = s->n_children ? doc_get(n->seq.p[i], "parallel") : NULL;
        for (size_t k = 0; k < s->n_children; k++)
            name_step(r, group->seq.p[k], &s->children[k], &names);
        if (s->background && s->id.n)
            map_set(&background, s->id, s);
        check_targets(r, s, &background);
    }
}

void gh_read_composite(struct gh_reader *r, const struct doc_node *n, struct gh_job *j)
{
    struct map names;
    map_init(&names, r->a, MAP_NOCASE);
    j->n_steps = read_sequence(r, n, composite_shapes, ARRAY_LEN(composite_shapes), &j->steps);
    for (size_t i = 0; i < j->n_steps; i++)
        name_step(r, n->seq.p[i], &j->steps[i], &names);
}
