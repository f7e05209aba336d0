/*
 * gh_read_job.c - jobs: their keys, by what they are (a job with steps, or a call of another workflow).
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

static void read_needs(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    if (gh_is_null(at->value) || gh_warn_empty(r, at->value))
        return;
    gh_read_list(r, at->value, &j->needs, &j->needs_spans);
    for (size_t i = 1; i < j->needs.n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq_nocase(j->needs.p[i], j->needs.p[k])) {
                diag_warning(r->d, "GH063", j->needs_spans[i], "'%.*s' is needed already", STR_ARG(j->needs.p[i]));
                break;
            }
}

static void read_strategy(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    gh_read_strategy(r, at->value, into);
}

static void read_runs_on(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    gh_read_runs_on(r, at->value, into);
}

static void read_container(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    gh_warn_null(r, at->key, at->value);
    gh_read_container(r, at->value, into);
}

static void read_services(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    gh_read_services(r, at->value, into);
}

static void read_job_permissions(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_warn_null(r, at->key, at->value);
    gh_read_permissions(r, at->value, &j->permissions);
}

static void read_job_concurrency(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_read_concurrency(r, at->value, GH_SLOT_JOB_KEY, &j->concurrency);
}

static void read_steps(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    gh_read_steps(r, at->value, into);
}

struct environment {
    struct gh_text name, url, deployment;
};

static void read_environment(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"name", GH_V_FULL, GH_SLOT_JOB_KEY, offsetof(struct environment, name), NULL, true},
        {"url", GH_V_TEXT, GH_SLOT_ENVIRONMENT_URL, offsetof(struct environment, url), NULL, false},
        {"deployment", GH_V_BOOL, GH_SLOT_JOB_KEY, offsetof(struct environment, deployment), NULL, false},
    };
    struct gh_job *j = into;
    struct environment e = {0};
    if (at->value->kind == DOC_MAP)
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), &e);
    else
        gh_read_text(r, at->value, GH_SLOT_JOB_KEY, &e.name);
    j->environment = e.name;
    j->environment_url = e.url;
}

static void read_default_shell(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_read_full(r, at->value, GH_SLOT_DEFAULTS, &j->shell);
    if (!j->shell.set || j->shell.expr)
        return;
    j->default_shell = j->shell.literal;
    gh_check_shell(r, j->default_shell, at->value);
}

static void read_default_run(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"shell", GH_V_CALL, GH_SLOT_DEFAULTS, 0, read_default_shell, false},
        {"working-directory", GH_V_FULL, GH_SLOT_DEFAULTS, offsetof(struct gh_job, default_workdir), NULL, false},
    };
    if (gh_is_map(r, at->value))
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), into);
}

static void read_defaults(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {{"run", GH_V_CALL, GH_SLOT_DEFAULTS, 0, read_default_run, false}};
    gh_warn_null(r, at->key, at->value);
    if (gh_is_map(r, at->value))
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), into);
}

struct snapshot {
    struct gh_text name, version, cond;
};

/* The version of a snapshot is a pattern such as 1.*. */
static void check_version(struct gh_reader *r, const struct gh_text *version)
{
    struct glob *glob;
    bool negated;
    struct err e = {0};
    if (version->set && !version->expr && version->literal.n &&
        glob_compile(r->a, version->literal, &glob, &negated, &e) != 0)
        diag_warning(r->d, "GH042", version->span, "The pattern '%.*s' is invalid: %s", STR_ARG(version->literal),
                     e.text);
}

static void read_snapshot(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const struct gh_key keys[] = {
        {"image-name", GH_V_FULL, GH_SLOT_SNAPSHOT_IF, offsetof(struct snapshot, name), NULL, true},
        {"version", GH_V_FULL, GH_SLOT_SNAPSHOT_IF, offsetof(struct snapshot, version), NULL, false},
        {"if", GH_V_IF, GH_SLOT_SNAPSHOT_IF, offsetof(struct snapshot, cond), NULL, false},
    };
    struct snapshot s = {0};
    UNUSED(into);
    if (at->value->kind == DOC_MAP)
        gh_read_keys(r, at->value, keys, ARRAY_LEN(keys), &s);
    else
        gh_read_full(r, at->value, GH_SLOT_SNAPSHOT_IF, &s.name);
    check_version(r, &s.version);
}

static void read_timeout(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_read_minutes(r, at->value, GH_SLOT_JOB_KEY, &j->timeout);
}

static void read_cancel_timeout(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    gh_read_minutes(r, at->value, GH_SLOT_JOB_KEY, &j->cancel_timeout);
}

/* ---- calls ---- */

/* Wrong references as the service words them; a path in its own folder is only advised. */
static void read_uses(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    struct gh_job *j = into;
    struct str head, ref;
    if (!gh_read_literal(r, at->value, true, &j->uses) || gh_is_dynamic(at->value))
        return;
    bool local = str_starts(j->uses, STR("./"));
    bool versioned = str_cut(j->uses, '@', &head, &ref);
    ssize_t first = str_find_ch(head, '/');
    const char *wrong = NULL;
    if (local && versioned)
        wrong = "cannot specify version when calling local workflows";
    else if (!local && (first <= 0 || str_find_ch(str_from_index(head, (size_t)first + 1), '/') <= 0))
        wrong = "references to workflows must be prefixed with format 'owner/repository/' or './' for local workflows";
    else if (!local && (!versioned || ref.n == 0))
        wrong = "no version specified";
    j->uses_span = at->value->span;
    if (wrong)
        diag_error(r->d, "GH050", at->value->span, "invalid value workflow reference: %s", wrong);
}

static void read_secrets(struct gh_reader *r, const struct doc_pair *at, void *into)
{
    static const char *const words[] = {"inherit"};
    struct gh_job *j = into;
    if (at->value->kind == DOC_SCALAR && !gh_is_null(at->value))
        j->inherit = gh_read_word(r, at->value, words, ARRAY_LEN(words)) == 0;
    else
        gh_read_pairs(r, at->value, GH_SLOT_JOB_SECRETS, &j->secrets);
}

#define AT(field) offsetof(struct gh_job, field)
#define COMMON_KEYS                                                                                                    \
    {"name", GH_V_TEXT, GH_SLOT_JOB_KEY, AT(name), NULL, false},                                                       \
        {"needs", GH_V_CALL, GH_SLOT_ANY, 0, read_needs, false},                                                       \
        {"if", GH_V_IF, GH_SLOT_JOB_IF, AT(cond), NULL, false},                                                        \
        {"strategy", GH_V_CALL, GH_SLOT_STRATEGY, 0, read_strategy, false},                                            \
        {"permissions", GH_V_CALL, GH_SLOT_ANY, 0, read_job_permissions, false},                                       \
    {                                                                                                                  \
        "concurrency", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_job_concurrency, false                                      \
    }

static const struct gh_key steps_job[] = {
    COMMON_KEYS,
    {"runs-on", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_runs_on, true},
    {"steps", GH_V_CALL, GH_SLOT_ANY, 0, read_steps, true},
    {"timeout-minutes", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_timeout, false},
    {"cancel-timeout-minutes", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_cancel_timeout, false},
    {"continue-on-error", GH_V_BOOL, GH_SLOT_JOB_KEY, AT(continue_on_error), NULL, false},
    {"container", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_container, false},
    {"services", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_services, false},
    {"env", GH_V_PAIRS, GH_SLOT_JOB_ENV, AT(env), NULL, false},
    {"environment", GH_V_CALL, GH_SLOT_JOB_KEY, 0, read_environment, false},
    {"outputs", GH_V_PAIRS, GH_SLOT_JOB_OUTPUTS, AT(outputs), NULL, false},
    {"defaults", GH_V_CALL, GH_SLOT_DEFAULTS, 0, read_defaults, false},
    {"snapshot", GH_V_CALL, GH_SLOT_SNAPSHOT_IF, 0, read_snapshot, false},
};
static const struct gh_key call_job[] = {
    COMMON_KEYS,
    {"uses", GH_V_CALL, GH_SLOT_ANY, 0, read_uses, true},
    {"with", GH_V_PAIRS, GH_SLOT_JOB_KEY, AT(with), NULL, false},
    {"secrets", GH_V_CALL, GH_SLOT_JOB_SECRETS, 0, read_secrets, false},
};
static const struct gh_shape job_shapes[] = {GH_SHAPE(steps_job), GH_SHAPE(call_job)};

static void read_job(struct gh_reader *r, const struct doc_pair *at)
{
    struct gh_job *j = &r->w->jobs[r->w->n_jobs++];
    j->id = at->key->text;
    j->span = at->key->span;
    r->job = j;
    r->step = SIZE_MAX;
    r->owner = at;
    size_t before = r->d->errors;
    gh_read_shapes(r, at->value, job_shapes, ARRAY_LEN(job_shapes), j);
    j->faulty = r->d->errors != before;
    r->job = NULL;
}

void gh_read_jobs(struct gh_reader *r, const struct doc_node *jobs)
{
    struct map seen;
    if (jobs->kind != DOC_MAP) {
        gh_unexpected(r, jobs);
        return;
    }
    r->w->jobs = arena_array(r->a, jobs->map.n + 1, sizeof *r->w->jobs);
    r->w->cap_jobs = jobs->map.n;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < jobs->map.n; i++) {
        const struct doc_node *key = jobs->map.p[i].key;
        if (key->text.n == 0 || str_is(key->text, "<<"))
            gh_unexpected(r, key);
        else if (gh_fresh_key(r, &seen, key)) {
            gh_check_id(r, key->text, key);
            read_job(r, &jobs->map.p[i]);
        }
    }
}
