/*
 * The linter's rules on conditions: names that a step's has not (10), macros (12), no status function (14), skipped
 * dependencies (15), words for booleans (22), bare variables (24), versions that are numbers (25).
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

static const char *const status_functions[] = {"always", "canceled", "succeeded", "failed", "succeededOrFailed", NULL};

/* ---- 10 ---- */

struct step_uses {
    struct az_lint *l;
    const struct az_view *v;
};

static const char *const step_functions[] = {"and",
                                             "or",
                                             "not",
                                             "xor",
                                             "eq",
                                             "ne",
                                             "gt",
                                             "ge",
                                             "lt",
                                             "le",
                                             "in",
                                             "notIn",
                                             "contains",
                                             "containsValue",
                                             "startsWith",
                                             "endsWith",
                                             "coalesce",
                                             "format",
                                             "join",
                                             "split",
                                             "replace",
                                             "trim",
                                             "lower",
                                             "upper",
                                             "length",
                                             "iif",
                                             "convertToJson",
                                             "substring",
                                             "always",
                                             "canceled",
                                             "succeeded",
                                             "failed",
                                             "succeededOrFailed",
                                             NULL};

static void step_name(void *ctx, const struct az_use *u)
{
    const struct step_uses *s = ctx;
    if (u->function ? az_lint_word(u->name, step_functions) : str_is_nocase(u->name, "variables"))
        return;
    if (u->function)
        az_lint_warn_view(s->l, "AZ510", s->v, u->at, u->len,
                          "A step's condition has no function '%.*s': the step fails when it is reached",
                          STR_ARG(u->name));
    else if (az_lint_warn_view(s->l, "AZ510", s->v, u->at, u->len,
                               "A step's condition knows variables alone: '%.*s' fails the step when it is reached",
                               STR_ARG(u->name)) &&
             str_is_nocase(u->name, "parameters"))
        az_hint(s->l->d, "write the value into the text: eq('${{ parameters.x }}', 'y')");
    else if (str_is_nocase(u->name, "dependencies") || str_is_nocase(u->name, "stageDependencies"))
        az_hint(s->l->d, "give it to a variable of the job with $[ ], and ask for the variable");
}

void az_lint_step_names(struct az_lint *l, const struct az_view *v)
{
    struct az_slot slot = {.what = "a step's condition", .status = AZ_STEP_STATUS, .counter = true, .any_name = true};
    struct step_uses uses = {l, v};
    struct az_fault fault;
    struct az_expr *x;
    if (v->slot == AZ_VIEW_STEP && az_expr_parse(l->arena, v->text, &slot, &x, &fault) == 0)
        az_expr_uses(x, step_name, &uses);
}

/* ---- 12 ---- */

/* Outside of a literal `$` is no symbol at all, which is an error already. */
static bool in_literal(struct str text, size_t at)
{
    bool in = false;
    for (size_t i = 0; i < at; i++)
        in ^= text.p[i] == '\'';
    return in;
}

void az_lint_macro_condition(struct az_lint *l, const struct az_view *v)
{
    size_t from = 0, at;
    struct str name;
    if (!az_lint_macro(v->text, &from, &name, &at) || !in_literal(v->text, at))
        return;
    if (az_lint_warn_view(l, "AZ512", v, at, name.n + 3,
                          "$(%.*s) is never replaced in an expression: its own letters are compared", STR_ARG(name)))
        az_hint(l->d, "write variables['%.*s'] without quotes around it", STR_ARG(name));
}

/* ---- 14 ---- */

/* Does it ask how others ended, or what they gave: then who wrote it knows that failures come here? */
static bool asks_dependencies(struct str text)
{
    return az_lint_find_word(text, 0, STR("dependencies")) >= 0 ||
           az_lint_find_word(text, 0, STR("stageDependencies")) >= 0;
}

static bool no_status(struct str condition)
{
    bool literal;
    struct str text = str_trim(condition);
    return text.n > 0 && !az_bool_read(text, &literal) && !az_lint_calls(text, status_functions) &&
           !asks_dependencies(text);
}

static void tell_status(struct az_lint *l, struct str condition, const struct az_value *at,
                        const struct az_value *owner, const char *what)
{
    if (az_lint_warn(l, "AZ514", at ? at : owner,
                     "The condition has no status function: %s even when what is before it failed or was cancelled",
                     what))
        az_hint(l->d, "and(succeeded(), %.*s)", STR_ARG(str_trim(condition)));
}

void az_lint_status_stage(struct az_lint *l, const struct az_stage *s)
{
    bool first = s->depends_on.set ? s->depends_on.n == 0 : s == l->p->stages;
    if (!first && no_status(s->condition))
        tell_status(l, s->condition, s->condition_at, s->at, "the stage runs");
}

void az_lint_status_job(struct az_lint *l, const struct az_job *j)
{
    if (j->depends_on.n > 0 && no_status(j->condition))
        tell_status(l, j->condition, j->condition_at, j->at, "the job runs");
}

/* What leaves the pipeline: where a release after a failure does harm. */
static const char *const releases[] = {"AzureWebApp",
                                       "AzureWebAppContainer",
                                       "AzureRmWebAppDeployment",
                                       "AzureFunctionApp",
                                       "AzureFunctionAppContainer",
                                       "AzureStaticWebApp",
                                       "AzureContainerApps",
                                       "AzureResourceManagerTemplateDeployment",
                                       "AzureFileCopy",
                                       "SqlAzureDacpacDeployment",
                                       "KubernetesManifest",
                                       "HelmDeploy",
                                       "GitHubRelease",
                                       "UniversalPackages",
                                       NULL};

static bool release(const struct az_step *s)
{
    static const char *const pushes[] = {"push", "buildAndPush", "publish", NULL};
    ssize_t dot = str_rfind_ch(s->task, '.');
    if (az_lint_word(dot < 0 ? s->task : str_from_index(s->task, (size_t)dot + 1), releases))
        return true;
    struct str command = map_get_str(&s->inputs, STR("command"));
    if (az_lint_task(s, "Docker"))
        return command.n == 0 || az_lint_word(command, pushes);
    return (az_lint_task(s, "NuGetCommand") || az_lint_task(s, "Npm")) && az_lint_word(command, pushes);
}

void az_lint_status_step(struct az_lint *l, const struct az_step *s)
{
    if (l->step > 0 && release(s) && no_status(s->condition))
        tell_status(l, s->condition, s->condition_at, s->at, "the step, which releases something, runs");
}

/* ---- 15 ---- */

/* Something is asked of it, so that it can be skipped: not `always()` or `true`. */
static bool can_skip(struct str condition)
{
    static const char *const always[] = {"always", "succeededOrFailed", "succeeded", NULL};
    struct az_lint_call c;
    size_t from = 0;
    bool literal;
    struct str text = str_trim(condition);
    if (text.n == 0 || az_bool_read(text, &literal))
        return false;
    bool whole = az_lint_next_call(text, &from, &c) && c.at == 0 && c.close + 1 == text.n;
    return !(whole && az_lint_word(c.name, always));
}

static bool asks_or_failed(struct str condition, size_t *ret_at)
{
    struct az_lint_call c;
    size_t from = 0;
    while (az_lint_next_call(condition, &from, &c))
        if (str_is_nocase(c.name, "succeededOrFailed") && c.n_args == 0) {
            *ret_at = c.at;
            return true;
        }
    return false;
}

static void tell_skipped(struct az_lint *l, struct az_view v, size_t at, struct str other)
{
    if (az_lint_warn_view(l, "AZ515", &v, at, strlen("succeededOrFailed"),
                          "succeededOrFailed() is false when all that is before it was skipped, as '%.*s' can be by "
                          "its condition",
                          STR_ARG(other)))
        az_hint(l->d, "not(canceled()) is true then");
}

static struct az_view condition_view(enum az_view_slot slot, struct str text, const struct az_value *at,
                                     const struct az_value *owner)
{
    ssize_t shift = at ? str_find(at->text, text) : -1;
    return (struct az_view){slot, text, at ? at : owner, shift < 0 ? 0 : (size_t)shift, shift >= 0};
}

void az_lint_skipped_stage(struct az_lint *l, const struct az_stage *s)
{
    size_t at, needs = 0, skippable = 0;
    struct str other = STR("");
    if (!asks_or_failed(s->condition, &at) || asks_dependencies(s->condition))
        return;
    for (size_t i = 0; i < l->p->n_stages; i++)
        if (az_lint_stage_needs(l->p, s, l->p->stages[i].id)) {
            needs++;
            skippable += can_skip(l->p->stages[i].condition);
            other = l->p->stages[i].id;
        }
    if (needs > 0 && skippable == needs)
        tell_skipped(l, condition_view(AZ_VIEW_STAGE, s->condition, s->condition_at, s->at), at, other);
}

void az_lint_skipped_job(struct az_lint *l, const struct az_job *j)
{
    size_t at, skippable = 0;
    struct str other = STR("");
    if (!asks_or_failed(j->condition, &at) || asks_dependencies(j->condition))
        return;
    for (size_t i = 0; i < j->depends_on.n; i++) {
        const struct az_job *need = az_lint_job(l, l->stage, j->depends_on.p[i]);
        skippable += need && can_skip(need->condition);
        other = j->depends_on.p[i];
    }
    if (j->depends_on.n > 0 && skippable == j->depends_on.n)
        tell_skipped(l, condition_view(AZ_VIEW_JOB, j->condition, j->condition_at, j->at), at, other);
}

/* ---- 22: words for booleans; 24: bare variables ---- */

static bool word_for_boolean(struct str value)
{
    static const char *const words[] = {"yes", "no", "on", "off", NULL};
    return az_lint_word(value, words);
}

void az_lint_words(struct az_lint *l, const struct az_view *v)
{
    size_t from = 0;
    struct az_lint_call c;
    bool literal;
    while (az_lint_next_call(v->text, &from, &c)) {
        if (c.n_args != 2 || !(str_is_nocase(c.name, "eq") || str_is_nocase(c.name, "ne")))
            continue;
        for (size_t i = 0; i < 2; i++) {
            struct str name = az_lint_bare_variable(c.args[i]);
            struct strs values = {0};
            if (name.p && az_bool_read(c.args[1 - i], &literal))
                values = az_lint_values(l, name);
            for (size_t k = 0; k < values.n; k++)
                if (word_for_boolean(values.p[k]))
                    az_lint_warn_view(l, "AZ522", v, c.at, c.close + 1 - c.at,
                                      "'%.*s' is the text '%.*s', which is no boolean: it never equals %.*s",
                                      STR_ARG(name), STR_ARG(values.p[k]), STR_ARG(c.args[1 - i]));
        }
    }
}

/* Is the value a boolean's text, or an expression that makes one? */
static bool boolean_value(struct str value)
{
    static const char *const makers[] = {"eq",  "ne",  "gt", "ge",    "lt",       "le",         "and",      "or",
                                         "not", "xor", "in", "notIn", "contains", "startsWith", "endsWith", NULL};
    struct az_lint_call c;
    size_t from = 0;
    bool literal;
    struct str text = str_trim(value);
    if (az_bool_read(text, &literal))
        return true;
    if (!str_starts(text, STR("$[")) || !str_ends(text, STR("]")))
        return false;
    text = str_trim(str_sub(text, 2, text.n - 1));
    return az_lint_next_call(text, &from, &c) && c.at == 0 && az_lint_word(c.name, makers);
}

static void bare(struct az_lint *l, const struct az_view *v, struct str operand)
{
    struct str name = az_lint_bare_variable(operand);
    struct strs values = {0};
    if (name.p)
        values = az_lint_values(l, name);
    for (size_t i = 0; i < values.n; i++)
        if (boolean_value(values.p[i])) {
            if (az_lint_warn_view(l, "AZ524", v, (size_t)(operand.p - v->text.p), operand.n,
                                  "'%.*s' is a text, and true also when it is 'false'", STR_ARG(name)))
                az_hint(l->d, "eq(%.*s, true)", STR_ARG(operand));
            return;
        }
}

void az_lint_bare(struct az_lint *l, const struct az_view *v)
{
    static const char *const takers[] = {"and", "or", "not", "xor", NULL};
    size_t from = 0;
    struct az_lint_call c;
    if (az_view_condition(v))
        bare(l, v, str_trim(v->text));
    while (az_lint_next_call(v->text, &from, &c))
        for (size_t i = 0; i < c.n_args; i++)
            if (az_lint_word(c.name, takers) || (i == 0 && str_is_nocase(c.name, "iif")))
                bare(l, v, c.args[i]);
}

/* ---- 25 ---- */

/* Two runs of digits with a dot between: a number, where a version is meant. */
static bool two_parts(struct str text, struct str *ret_fraction)
{
    struct str whole;
    if (!str_cut(text, '.', &whole, ret_fraction) || whole.n == 0 || ret_fraction->n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (i != whole.n && (text.p[i] < '0' || text.p[i] > '9'))
            return false;
    return true;
}

static bool says_version(struct str operand)
{
    struct str name = az_lint_bare_variable(operand);
    for (size_t i = 0; name.p && i + 7 <= name.n; i++)
        if (str_is_nocase(str_sub(name, i, i + 7), "version"))
            return true;
    return false;
}

/* The left side's kind decides, and texts are compared by their letters: the version goes there. */
static void hint_version(struct az_lint *l, const struct az_lint_call *c, size_t i, bool ordered)
{
    static const struct {
        const char *name, *turned;
    } turns[] = {{"gt", "lt"}, {"ge", "le"}, {"lt", "gt"}, {"le", "ge"}};
    if (!ordered) {
        az_hint(l->d, "write it as a text: '%.*s'", STR_ARG(c->args[i]));
        return;
    }
    for (size_t k = 0; k < ARRAY_LEN(turns); k++)
        if (str_is_nocase(c->name, turns[k].name))
            az_hint(l->d, "a version has three parts, and stands first: %s(%.*s.0, %.*s)",
                    i == 1 ? turns[k].turned : turns[k].name, STR_ARG(c->args[i]), STR_ARG(c->args[1 - i]));
}

void az_lint_versions(struct az_lint *l, const struct az_view *v)
{
    static const char *const equal[] = {"eq", "ne", NULL}, *const order[] = {"gt", "ge", "lt", "le", NULL};
    size_t from = 0;
    struct az_lint_call c;
    struct str fraction;
    while (az_lint_next_call(v->text, &from, &c)) {
        bool ordered = az_lint_word(c.name, order);
        if (c.n_args != 2 || !(ordered || az_lint_word(c.name, equal)))
            continue;
        for (size_t i = 0; i < 2; i++) {
            if (!two_parts(c.args[i], &fraction))
                continue;
            bool zero = fraction.p[fraction.n - 1] == '0' && fraction.n > 1;
            if (!zero && !(ordered && says_version(c.args[1 - i])))
                continue;
            if (az_lint_warn_view(l, "AZ525", v, (size_t)(c.args[i].p - v->text.p), c.args[i].n,
                                  "%.*s is a number of one point, no version: %s", STR_ARG(c.args[i]),
                                  zero ? "its last zero is lost" : "3.10 is less than 3.9"))
                hint_version(l, &c, i, ordered);
        }
    }
}
