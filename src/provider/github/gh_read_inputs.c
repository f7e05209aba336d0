/*
 * gh_read_inputs.c - what a workflow declares: inputs of workflow_dispatch; inputs, outputs and secrets of
 * workflow_call ("Workflow syntax", on.workflow_dispatch.inputs and on.workflow_call).
 */
#include "core/base.h"
#include "core/num.h"
#include "provider/github/gh_read_priv.h"

#define DISPATCH_MAX 25 /* inputs of workflow_dispatch */

static void ignore_literal(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct str text;
    UNUSED(into);
    gh_read_literal(r, at->value, false, &text);
}

static void read_required(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_input *input = into;
    gh_read_flag(r, at->value, &input->required);
}

static void read_dispatch_type(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const char *const words[] = {"string", "boolean", "number", "choice", "environment"};
    struct gh_input *input = into;
    int which = gh_read_word(r, at->value, words, ARRAY_LEN(words));
    input->type = which < 0 ? STR_NONE : str_from(words[which]);
}

static void read_default(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_input *input = into;
    if (gh_read_literal(r, at->value, false, &input->def) && !input->def.p)
        input->def = STR("");
}

static void read_options(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_input *input = into;
    struct span *spans = NULL;
    if (at->value->kind != DOC_SEQ) {
        gh_unexpected(r, at->value);
        return;
    }
    if (gh_warn_empty(r, at->value) || !gh_read_list(r, at->value, &input->options, &spans))
        return;
    for (size_t i = 0; i < input->options.n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(input->options.p[i], input->options.p[k])) {
                diag_warning(r->d, "GH044", spans[i], "The option '%.*s' stands here twice",
                             STR_ARG(input->options.p[i]));
                break;
            }
}

static bool in_options(const struct gh_input *in, struct str text)
{
    for (size_t i = 0; i < in->options.n; i++)
        if (str_eq(in->options.p[i], text))
            return true;
    return false;
}

static void check_default(struct gh_reader *r, const struct gh_input *in, const struct doc_node *config)
{
    const struct doc_node *n = config->kind == DOC_MAP ? doc_get(config, "default") : NULL;
    double number;
    if (!n || !in->def.p || gh_is_null(n))
        return;
    bool good = true;
    if (str_is(in->type, "choice"))
        good = in_options(in, in->def) || in->options.n == 0;
    else if (str_is(in->type, "boolean"))
        good = str_is(in->def, "true") || str_is(in->def, "false");
    else if (str_is(in->type, "number"))
        good = num_parse_double(in->def, &number) == 0;
    if (!good) {
        gh_unexpected(r, n);
        diag_hint(r->d, "the default of a %.*s input must be %s", STR_ARG(in->type),
                  str_is(in->type, "choice")    ? "one of its options"
                  : str_is(in->type, "boolean") ? "true or false"
                                                : "a number");
    }
}

/* Options belong to choices, and a choice needs some. */
static void check_options(struct gh_reader *r, const struct gh_input *in, const struct doc_pair *at)
{
    const struct doc_node *options = doc_get(at->value, "options");
    bool choice = str_is(in->type, "choice");
    if (choice && !options)
        diag_error(r->d, "GH032", at->key->span, "Required property is missing: options");
    else if (choice && options->kind == DOC_SEQ && options->seq.n == 0)
        diag_error(r->d, "GH044", at->key->span, "A choice needs at least one option");
    else if (!choice && options && in->type.p)
        diag_warning(r->d, "GH044", at->key->span, "'options' has a meaning for the type 'choice' only");
}

static void read_dispatch_input(struct gh_reader *r, const struct doc_pair *at, struct gh_input *ret)
{
    static const struct gh_key keys[] = {
        {"description", GH_V_CALL, GH_SLOT_ANY, 0, ignore_literal, false},
        {"deprecationMessage", GH_V_CALL, GH_SLOT_ANY, 0, ignore_literal, false},
        {"required", GH_V_CALL, GH_SLOT_ANY, 0, read_required, false},
        {"default", GH_V_CALL, GH_SLOT_ANY, 0, read_default, false},
        {"type", GH_V_CALL, GH_SLOT_ANY, 0, read_dispatch_type, false},
        {"options", GH_V_CALL, GH_SLOT_ANY, 0, read_options, false},
    };
    *ret = (struct gh_input){.id = at->key->text, .type = STR("string"), .span = at->key->span};
    if (gh_is_null(at->value) || !gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), ret))
        return;
    check_default(r, ret, at->value);
    check_options(r, ret, at);
}

static void read_dispatch_inputs(struct gh_reader *r, const struct doc_node *n)
{
    struct gh_workflow *w = r->w;
    struct map seen;
    if (!gh_is_map(r, n))
        return;
    w->inputs = arena_array(r->a, n->map.n + 1, sizeof *w->inputs);
    w->cap_inputs = n->map.n;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_pair *at = &n->map.p[i];
        if (!gh_fresh_key(r, &seen, at->key))
            continue;
        if (gh_check_id(r, at->key->text, at->key))
            read_dispatch_input(r, at, &w->inputs[w->n_inputs++]);
        else
            r->on_faulty = true;
    }
}

void gh_read_dispatch(struct gh_reader *r, struct span event, const struct doc_node *config)
{
    struct map seen;
    if (!gh_is_map(r, config))
        return;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < config->map.n; i++) {
        const struct doc_node *key = config->map.p[i].key;
        if (!gh_fresh_key(r, &seen, key))
            continue;
        if (str_is(key->text, "inputs"))
            read_dispatch_inputs(r, config->map.p[i].value);
        else /* the service ignores it, too */
            diag_warning(r->d, "GH064", key->span, "'%.*s' means nothing to workflow_dispatch and is ignored",
                         STR_ARG(key->text));
    }
    if (r->w->n_inputs > DISPATCH_MAX)
        diag_warning(r->d, "GH044", event, "The service takes %d inputs at most, and these are %zu", DISPATCH_MAX,
                     r->w->n_inputs);
}

/* ---- workflow_call ---- */

static void read_call_type(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const char *const words[] = {"string", "boolean", "number"};
    static const enum gh_param_type types[] = {GH_PARAM_STRING, GH_PARAM_BOOLEAN, GH_PARAM_NUMBER};
    struct gh_param *param = into;
    int which = gh_read_word(r, at->value, words, ARRAY_LEN(words));
    if (which >= 0)
        param->type = types[which];
}

static void read_call_required(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_param *param = into;
    gh_read_flag(r, at->value, &param->required);
}

static const struct gh_key call_input_keys[] = {
    {"type", GH_V_CALL, GH_SLOT_ANY, 0, read_call_type, true},
    {"description", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
    {"deprecationMessage", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
    {"required", GH_V_CALL, GH_SLOT_ANY, 0, read_call_required, false},
    {"default", GH_V_TEXT, GH_SLOT_CALL_DEFAULT, offsetof(struct gh_param, value), NULL, false},
};
static const struct gh_key call_secret_keys[] = {
    {"description", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
    {"required", GH_V_CALL, GH_SLOT_ANY, 0, read_call_required, false},
};
static const struct gh_key call_output_keys[] = {
    {"description", GH_V_IGNORE, GH_SLOT_ANY, 0, NULL, false},
    {"value", GH_V_FULL, GH_SLOT_CALL_OUTPUT, offsetof(struct gh_param, value), NULL, true},
};

/* The parts of workflow_call: a mapping of ids to mappings. */
static const struct call_part {
    const char *name;
    const struct gh_key *keys;
    size_t n;
    size_t at; /* of its list in the workflow */
} call_parts[] = {
    {"inputs", call_input_keys, ARRAY_LEN(call_input_keys), offsetof(struct gh_workflow, call_inputs)},
    {"secrets", call_secret_keys, ARRAY_LEN(call_secret_keys), offsetof(struct gh_workflow, call_secrets)},
    {"outputs", call_output_keys, ARRAY_LEN(call_output_keys), offsetof(struct gh_workflow, call_outputs)},
};

static enum gh_want want_of(const struct gh_param *p)
{
    switch (p->type) {
    case GH_PARAM_UNKNOWN:
        return GH_WANT_ANY;
    case GH_PARAM_STRING:
        return GH_WANT_TEXT;
    case GH_PARAM_BOOLEAN:
        return GH_WANT_BOOL;
    case GH_PARAM_NUMBER:
        return GH_WANT_NUMBER;
    }
    BUG("an input of type %d", (int)p->type);
}

static const struct gh_type *type_wanted(enum gh_want want)
{
    if (want == GH_WANT_BOOL)
        return &gh_type_bool;
    if (want == GH_WANT_NUMBER)
        return &gh_type_number;
    return want == GH_WANT_TEXT ? &gh_type_string : &gh_type_any;
}

/* The default of a called workflow's input is of its type, or an expression that gives one. */
static void check_call_default(struct gh_reader *r, const struct gh_param *in, const struct doc_node *def,
                               size_t refs_before)
{
    bool flag = in->type == GH_PARAM_BOOLEAN, number = in->type == GH_PARAM_NUMBER;
    if (in->required)
        diag_warning(r->d, "GH044", def->span, "The input is required, so its default is never used");
    for (size_t i = refs_before; i < r->refs.n; i++)
        if (r->refs.p[i].node == def)
            r->refs.p[i].want = want_of(in);
    if (!in->value.set || in->value.expr || !in->value.typed || in->value.typed->kind == VALUE_NULL ||
        (!flag && !number))
        return;
    if (in->value.typed->kind == (flag ? VALUE_BOOL : VALUE_NUMBER))
        return;
    gh_unexpected(r, def);
    diag_hint(r->d, "the default of a %s input must be %s", flag ? "boolean" : "number",
              flag ? "true or false" : "a number");
}

const struct gh_param *gh_param_find(const struct gh_params *list, struct str id)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq_nocase(list->p[i].id, id))
            return &list->p[i];
    return NULL;
}

static void add_param(struct gh_reader *r, const struct call_part *part, const struct gh_param *param)
{
    struct gh_params *list = (void *)((char *)r->w + part->at);
    vec_push_in(r->a, list, *param);
}

static void read_call_entry(struct gh_reader *r, const struct call_part *part, const struct doc_pair *at)
{
    struct gh_param in = {.id = at->key->text, .span = at->key->span};
    if (!gh_check_id(r, at->key->text, at->key)) {
        r->on_faulty = true;
        return;
    }
    if (gh_is_null(at->value)) {
        for (size_t k = 0; k < part->n; k++)
            if (part->keys[k].required)
                diag_error(r->d, "GH032", at->key->span, "Required property is missing: %s", part->keys[k].name);
    } else {
        size_t refs = r->refs.n;
        r->owner = at;
        gh_read_keys(r, at->value, part->keys, part->n, &in);
        const struct doc_node *def = doc_get(at->value, "default");
        if (def)
            check_call_default(r, &in, def, refs);
    }
    struct gh_member m = {at->key->text, part == &call_parts[0] ? type_wanted(want_of(&in)) : &gh_type_string};
    if (part == &call_parts[0])
        vec_push_in(r->a, &r->call_inputs, m);
    else if (part == &call_parts[1])
        vec_push_in(r->a, &r->call_secrets, m);
    add_param(r, part, &in);
}

static void read_call_part(struct gh_reader *r, const struct call_part *part, const struct doc_node *n)
{
    struct map seen;
    if (!gh_is_map(r, n))
        return;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++)
        if (gh_fresh_key(r, &seen, n->map.p[i].key))
            read_call_entry(r, part, &n->map.p[i]);
}

static void read_inputs(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    r->in_inputs = true;
    read_call_part(r, &call_parts[0], at->value);
    r->in_inputs = false;
}

static void read_secrets(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    r->call_secrets.set = true;
    read_call_part(r, &call_parts[1], at->value);
}

static void read_outputs(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    UNUSED(into);
    read_call_part(r, &call_parts[2], at->value);
}

void gh_read_call(struct gh_reader *r, const struct doc_node *config)
{
    static const struct gh_key keys[] = {
        {"inputs", GH_V_CALL, GH_SLOT_ANY, 0, read_inputs, false},
        {"secrets", GH_V_CALL, GH_SLOT_ANY, 0, read_secrets, false},
        {"outputs", GH_V_CALL, GH_SLOT_ANY, 0, read_outputs, false},
    };
    if (gh_is_map(r, config))
        gh_read_keys(r, config, keys, ARRAY_LEN(keys), NULL);
}
