/*
 * The linter's rule on templates (29): one that reads a variable which only its includer defines, and one that looks
 * for `script` in the steps of a stepList, which are tasks by then. The files are read anew, as they are written: of
 * what expressions said nothing is left in the expanded tree.
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

/* Files that have a part in the pipeline: bounded as expansion is. */
struct parts {
    VEC(uint32_t) files;
};

static void add_file(struct az_lint *l, struct parts *p, uint32_t file)
{
    for (size_t i = 0; i < p->files.n; i++)
        if (p->files.p[i] == file)
            return;
    if (file != 0 && p->files.n < AZ_MAX_FILES)
        vec_push_in(l->arena, &p->files, file);
}

static void collect(struct az_lint *l, struct parts *p, const struct az_value *v)
{
    add_file(l, p, v->span.file);
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++)
        collect(l, p, v->array.p[i]);
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n; i++) {
        add_file(l, p, v->object.p[i].key->span.file);
        collect(l, p, v->object.p[i].value);
    }
}

/* ---- scalars of one file ---- */

struct file {
    struct az_lint *l;
    const struct doc_node *root;
    bool template;     /* not the root's own file */
    struct map own;    /* MAP_NOCASE: names of variables that it defines or is given as parameters */
    struct strs lists; /* parameters of type stepList */
    struct strs loops; /* loop variables over them */
};

static void gather_names(struct file *f, const struct doc_node *variables)
{
    for (size_t i = 0; variables->kind == DOC_MAP && i < variables->map.n; i++)
        map_set(&f->own, variables->map.p[i].key->text, f);
    for (size_t i = 0; variables->kind == DOC_SEQ && i < variables->seq.n; i++) {
        const struct doc_node *name = doc_get(variables->seq.p[i], "name");
        if (name && name->kind == DOC_SCALAR)
            map_set(&f->own, name->text, f);
        if (doc_get(variables->seq.p[i], "template"))
            map_set(&f->own, STR("*"), f); /* another file's, which may be any */
    }
}

/* All `variables:` of the file, wherever they stand: what it may define itself. */
static void gather(struct file *f, const struct doc_node *n)
{
    for (size_t i = 0; n->kind == DOC_SEQ && i < n->seq.n; i++)
        gather(f, n->seq.p[i]);
    for (size_t i = 0; n->kind == DOC_MAP && i < n->map.n; i++) {
        if (str_is(n->map.p[i].key->text, "variables"))
            gather_names(f, n->map.p[i].value);
        gather(f, n->map.p[i].value);
    }
}

static void gather_lists(struct file *f)
{
    const struct doc_node *parameters = doc_get(f->root, "parameters");
    for (size_t i = 0; parameters && parameters->kind == DOC_SEQ && i < parameters->seq.n; i++) {
        const struct doc_node *name = doc_get(parameters->seq.p[i], "name"),
                              *type = doc_get(parameters->seq.p[i], "type");
        if (name && type && name->kind == DOC_SCALAR && type->kind == DOC_SCALAR && str_is(type->text, "stepList"))
            vec_push_in(f->l->arena, &f->lists, name->text);
    }
}

static void warn_at(struct file *f, const struct doc_node *n, size_t at, size_t len, struct str text)
{
    struct az_value place = {.kind = AZ_STRING, .span = doc_span_in(f->l->d->sources, n, at, len)};
    az_lint_warn(f->l, "AZ529", &place, "%.*s", STR_ARG(text));
}

/* ---- variables that only the includer has ---- */

struct variable_uses {
    struct file *f;
    const struct doc_node *node;
    size_t shift; /* of the expression in the node's text */
};

static bool root_defines(const struct az_lint *l, struct str name)
{
    for (size_t i = 0; i < l->p->variables.n; i++) {
        const struct az_variable *v = &l->p->variables.p[i];
        if (v->group.n == 0 && str_eq_nocase(v->name, name) && v->at && l->root &&
            v->at->span.file == l->root->span.file)
            return true;
    }
    return false;
}

static void use_variable(void *ctx, const struct az_use *u)
{
    const struct variable_uses *uses = ctx;
    struct file *f = uses->f;
    if (u->function || u->n_members == 0 || !f->template)
        return;
    struct str name = u->members[0];
    if (str_is_nocase(u->name, "variables") && root_defines(f->l, name) && !map_find(&f->own, name) &&
        !map_find(&f->own, STR("*")) && !az_get(az_predefined(f->l->arena, f->l->f), name)) {
        warn_at(
            f, uses->node, uses->shift + u->at, u->len,
            arena_printf(f->l->arena,
                         "A template does not see '%.*s', which the file defines that includes it: it is empty here",
                         STR_ARG(name)));
        az_hint(f->l->d, "hand it over as a parameter");
    }
}

/* ---- steps that are tasks by now ---- */

static void use_step(void *ctx, const struct az_use *u)
{
    static const char *const shortcuts[] = {"script",   "bash",     "pwsh",    "powershell",
                                            "checkout", "download", "publish", NULL};
    const struct variable_uses *uses = ctx;
    struct file *f = uses->f;
    for (size_t i = 0; !u->function && u->n_members > 0 && i < f->loops.n; i++)
        if (str_eq_nocase(f->loops.p[i], u->name) && az_lint_word(u->members[0], shortcuts)) {
            warn_at(f, uses->node, uses->shift + u->at, u->len,
                    arena_printf(f->l->arena, "Steps of a stepList are tasks by now: none has a '%.*s'",
                                 STR_ARG(u->members[0])));
            az_hint(f->l->d, "a script is task: CmdLine@2 with inputs.script");
        }
}

/* The expression behind `if`, `elseif`, `each x in`, or all of it; *shift moves to where it begins. */
static struct str expression_of(struct file *f, struct str inner, size_t *shift)
{
    static const char *const words[] = {"if ", "elseif ", "each "};
    struct str text = str_trim(inner), variable, rest;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_starts(text, str_from(words[i])))
            text = str_trim(str_from_index(text, strlen(words[i])));
        else if (i == 2)
            goto done;
    if (!str_cut(text, ' ', &variable, &rest) || !str_starts(str_trim(rest), STR("in ")))
        goto done;
    text = str_trim(str_from_index(str_trim(rest), 3));
    for (size_t i = 0; i < f->lists.n; i++)
        if (text.n > 11 && str_is_nocase(str_sub(text, 0, 11), "parameters.") &&
            str_eq_nocase(str_from_index(text, 11), f->lists.p[i]))
            vec_push_in(f->l->arena, &f->loops, variable);
done:
    *shift += (size_t)(text.p - inner.p);
    return text;
}

static void check_scalar(struct file *f, const struct doc_node *n)
{
    struct az_slot slot = {.what = "a template", .any_name = true};
    size_t from = 0, open, close;
    while (n->kind == DOC_SCALAR && az_find_expression(n->text, from, &open, &close)) {
        struct variable_uses uses = {f, n, open + 3};
        struct az_fault fault;
        struct az_expr *x;
        struct str text = expression_of(f, str_sub(n->text, open + 3, close - 2), &uses.shift);
        if (az_expr_parse(f->l->arena, text, &slot, &x, &fault) == 0) {
            az_expr_uses(x, use_variable, &uses);
            az_expr_uses(x, use_step, &uses);
        }
        from = close;
    }
}

static void check_nodes(struct file *f, const struct doc_node *n)
{
    check_scalar(f, n);
    for (size_t i = 0; n->kind == DOC_SEQ && i < n->seq.n; i++)
        check_nodes(f, n->seq.p[i]);
    for (size_t i = 0; n->kind == DOC_MAP && i < n->map.n; i++) {
        check_scalar(f, n->map.p[i].key);
        check_nodes(f, n->map.p[i].value);
    }
}

/* Is there anything to look for? Files are read anew for that alone. */
static bool worth_reading(const struct az_lint *l, uint32_t file, bool template)
{
    struct str text = sources_text(l->d->sources, file);
    return str_find(text, STR("stepList")) >= 0 || (template && str_find(text, STR("variables")) >= 0 &&
                                                    l->p->variables.n > 0 && str_find(text, STR("${{")) >= 0);
}

void az_lint_templates(struct az_lint *l)
{
    struct parts parts = {0};
    if (l->p->at)
        collect(l, &parts, l->p->at);
    for (size_t i = 0; i < parts.files.n; i++) {
        struct diags told_before;
        struct yaml_limits limits = YAML_LIMITS;
        struct file f = {.l = l, .template = !l->root || parts.files.p[i] != l->root->span.file};
        if (!worth_reading(l, parts.files.p[i], f.template))
            continue;
        diags_init(&told_before, l->arena, l->d->sources);
        f.root = yaml_read(l->arena, l->d->sources, parts.files.p[i], &limits, &told_before);
        if (!f.root)
            continue;
        map_init(&f.own, l->arena, MAP_NOCASE);
        gather(&f, f.root);
        gather_lists(&f);
        check_nodes(&f, f.root);
    }
}
