/*
 * The linter's rules on where things stand: names of legs (8), macros and `$[ ]` where nobody replaces them (12, 13),
 * patterns of triggers (23).
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

/* ---- 8 ---- */

static bool plain_leg(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (!letter && c != '_' && !(digit && i > 0))
            return false;
    }
    return name.n <= 100;
}

void az_lint_leg_names(struct az_lint *l, const struct az_job *j)
{
    for (size_t i = 0; j->matrix && j->matrix->kind == AZ_OBJECT && i < j->matrix->object.n; i++) {
        const struct az_value *key = j->matrix->object.p[i].key;
        if (plain_leg(key->text))
            continue;
        az_lint_warn(l, "AZ508", key,
                     "The documentation has letters, digits and underscores in names of legs, a letter first; the "
                     "service takes '%.*s' all the same",
                     STR_ARG(key->text));
        return;
    }
}

/* ---- 12 ---- */

static void macros_in(struct az_lint *l, const struct az_value *v, const char *what)
{
    size_t from = 0, at;
    struct str name;
    if (!v)
        return;
    if (v->kind == AZ_STRING && az_lint_macro(v->text, &from, &name, &at) &&
        az_lint_warn_in(l, "AZ512", v, at, name.n + 3, "$(%.*s) is never replaced in %s", STR_ARG(name), what))
        az_hint(l->d, "${{ variables['%.*s'] }} is there before the run", STR_ARG(name));
    for (size_t i = 0; v->kind == AZ_ARRAY && i < v->array.n; i++)
        macros_in(l, v->array.p[i], what);
    for (size_t i = 0; v->kind == AZ_OBJECT && i < v->object.n; i++)
        macros_in(l, v->object.p[i].value, what);
}

void az_lint_macro_matrix(struct az_lint *l, const struct az_job *j)
{
    size_t from = 0, at;
    struct str name;
    if (j->matrix && j->matrix->kind == AZ_STRING && az_lint_macro(j->matrix->text, &from, &name, &at) &&
        az_lint_warn_in(l, "AZ512", j->matrix, at, name.n + 3, "$(%.*s) is never replaced as a matrix", STR_ARG(name)))
        az_hint(l->d, "$[ dependencies.JOB.outputs['STEP.VARIABLE'] ]");
}

void az_lint_macro_places(struct az_lint *l)
{
    static const char *const resources[] = {"repositories", "pipelines", "builds", "packages", "webhooks"};
    static const char *const triggers[] = {"trigger", "pr", "schedules"};
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++)
        macros_in(l, az_get_nocase(l->p->at, triggers[i]), "triggers");
    for (size_t i = 0; i < ARRAY_LEN(resources); i++)
        macros_in(l, az_get_nocase(az_get_nocase(l->p->at, "resources"), resources[i]), "resources");
}

/* ---- 13 ---- */

/* Where a `$[ name(...` or `$[ name.` begins in text that is more than that; -1: nowhere. */
static ssize_t partial(struct str text)
{
    struct str whole = str_trim(text);
    ssize_t open = str_find(text, STR("$["));
    if (open < 0 || (str_starts(whole, STR("$[")) && str_ends(whole, STR("]"))))
        return -1;
    size_t i = (size_t)open + 2;
    while (i < text.n && text.p[i] == ' ')
        i++;
    size_t start = i;
    while (i < text.n && ((text.p[i] >= 'a' && text.p[i] <= 'z') || (text.p[i] >= 'A' && text.p[i] <= 'Z')))
        i++;
    bool name = i > start && i < text.n && (text.p[i] == '(' || text.p[i] == '.' || text.p[i] == '[');
    return name && str_find_from(text, i, STR("]")) >= 0 ? open : -1;
}

static void tell_partial(struct az_lint *l, struct str text, const struct az_value *tree, const struct az_value *owner)
{
    ssize_t open = partial(text);
    const struct az_value *at = open < 0 ? NULL : az_lint_find(tree, text);
    if (open >= 0 && az_lint_warn_in(l, "AZ513", at ? at : owner, (size_t)open, text.n - (size_t)open,
                                     "$[ ] with other text around it stays as it is written"))
        az_hint(l->d, "make the text inside: $[ format('x-{0}', variables.y) ]");
}

static void partial_variables(struct az_lint *l, const struct az_variables *v, const struct az_value *owner)
{
    for (size_t i = 0; i < v->n; i++)
        tell_partial(l, v->p[i].value, az_get_nocase(owner, "variables"), v->p[i].at);
}

void az_lint_partial_root(struct az_lint *l)
{
    partial_variables(l, &l->p->variables, l->p->at);
}

void az_lint_partial_stage(struct az_lint *l, const struct az_stage *s)
{
    partial_variables(l, &s->variables, s->at);
}

void az_lint_partial_job(struct az_lint *l, const struct az_job *j)
{
    const struct str fields[] = {j->continue_on_error, j->timeout_minutes, j->container, j->parallel, j->max_parallel};
    partial_variables(l, &j->variables, j->at);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        tell_partial(l, fields[i], j->at, j->at);
    if (j->matrix && j->matrix->kind == AZ_STRING)
        tell_partial(l, j->matrix->text, j->matrix, j->at);
}

/* ---- 23 ---- */

static void brackets(struct az_lint *l, const struct az_filter *f, const struct az_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        ssize_t open = str_find_ch(list->p[i], '[');
        const struct az_value *at = open < 0 ? NULL : az_lint_find(f->at, list->p[i]);
        if (open >= 0 && az_lint_warn_in(l, "AZ523", at ? at : f->at, (size_t)open, list->p[i].n - (size_t)open,
                                         "Brackets are no class of characters here: they stand for themselves"))
            az_hint(l->d, "* is any run of characters, ? is one");
    }
}

static void leading(struct az_lint *l, const struct az_filter *f, const struct az_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str path = list->p[i];
        bool dot = str_starts(path, STR("./"));
        bool wrong = dot || (str_starts(path, STR("/")) && path.n > 1);
        const struct az_value *at = wrong ? az_lint_find(f->at, path) : NULL;
        if (wrong && az_lint_warn(l, "AZ523", at ? at : f->at,
                                  "Paths begin at the root of the repository, without '%s'", dot ? "./" : "/"))
            az_hint(l->d, "%.*s", STR_ARG(str_from_index(path, dot ? 2 : 1)));
    }
}

static void check_filter(struct az_lint *l, const struct az_filter *f, bool paths)
{
    const struct az_texts *lists[] = {&f->include, &f->exclude};
    for (size_t i = 0; f->set && i < ARRAY_LEN(lists); i++) {
        brackets(l, f, lists[i]);
        if (paths)
            leading(l, f, lists[i]);
    }
}

void az_lint_patterns(struct az_lint *l)
{
    const struct az_trigger *triggers[] = {&l->p->trigger, &l->p->pr};
    for (size_t i = 0; i < ARRAY_LEN(triggers); i++) {
        check_filter(l, &triggers[i]->branches, false);
        check_filter(l, &triggers[i]->tags, false);
        check_filter(l, &triggers[i]->paths, true);
    }
    for (size_t i = 0; i < l->p->n_schedules; i++)
        check_filter(l, &l->p->schedules[i].branches, false);
}
