/*
 * az_matrix.c - the legs of a job: combinations of a matrix, slices of `parallel` (specification 3.4).
 *
 * A matrix stands in the file or comes of an expression, as the text of a JSON object of objects, which another job
 * has usually made. Values are texts, and variables of their leg. An empty matrix makes no leg.
 */
#include "core/base.h"
#include "provider/azure/plan_priv.h"

static int add_combination(const struct az_asking *q, const struct az_pair *pair, struct az_combinations *ret,
                           struct err *e)
{
    struct arena *a = q->arena;
    struct az_combination one = {.name = pair->key->text};
    if (pair->value->kind != AZ_OBJECT && pair->value->kind != AZ_NULL)
        return err_set(e, EINVAL, "the matrix is no mapping of mappings: '%.*s' is none", STR_ARG(one.name));
    if (ret->n == AZ_MAX_LEGS)
        return err_set(e, E2BIG, "the matrix has more than %d combinations", AZ_MAX_LEGS);
    map_init(&one.values, a, MAP_NOCASE);
    for (size_t i = 0; pair->value->kind == AZ_OBJECT && i < pair->value->object.n; i++) {
        const struct az_pair *v = &pair->value->object.p[i];
        struct str text;
        int rc = az_text(a, v->value, &text, e);
        if (rc < 0)
            return err_wrap(e, "the matrix, %.*s, %.*s", STR_ARG(one.name), STR_ARG(v->key->text));
        map_set_str(&one.values, v->key->text, text);
    }
    vec_push_in(a, ret, one);
    return 0;
}

static int add_object(const struct az_asking *q, const struct az_value *o, struct az_combinations *ret, struct err *e)
{
    int rc = 0;
    if (o->kind == AZ_NULL)
        return 0;
    if (o->kind != AZ_OBJECT)
        return err_set(e, EINVAL, "the matrix is no mapping of mappings");
    for (size_t i = 0; i < o->object.n && rc == 0; i++)
        rc = add_combination(q, &o->object.p[i], ret, e);
    return rc;
}

/* A text in quotes from byte *at on, in double ones whatever it had. */
static void requote(struct buf *b, struct str json, size_t *at)
{
    char quote = json.p[(*at)++];
    buf_add_ch(b, '"');
    while (*at < json.n && json.p[*at] != quote) {
        char c = json.p[(*at)++];
        bool escape = c == '\\' && *at < json.n;
        if (escape && json.p[*at] != '\'')
            buf_add_ch(b, c);
        if (escape)
            c = json.p[(*at)++];
        else if (c == '"')
            buf_add_ch(b, '\\');
        buf_add_ch(b, c);
    }
    if (*at < json.n)
        (*at)++;
    buf_add_ch(b, '"');
}

/* The service reads JSON with single quotes as well, which scripts write because double ones are the shell's. */
static struct str double_quoted(struct arena *a, struct str json)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    size_t at = 0;
    if (str_find_ch(json, '\'') < 0)
        return json;
    while (at < json.n) {
        if (json.p[at] == '\'' || json.p[at] == '"')
            requote(&b, json, &at);
        else
            buf_add_ch(&b, json.p[at++]);
    }
    return arena_str(a, buf_str(&b));
}

/* `matrix: $[ ... ]`: a text of JSON; nothing at all is an empty matrix. */
static int add_evaluated(const struct az_asking *q, struct str text, struct az_combinations *ret, struct err *e)
{
    struct az_value *o;
    struct str json;
    if (!az_is_runtime(text))
        return err_set(e, EINVAL, "the matrix is no mapping of mappings, and no expression that gives one");
    int rc = az_runtime_text(q, text, &json, &ret->unknown, e);
    if (rc < 0 || ret->unknown || str_trim(json).n == 0)
        return rc;
    rc = az_from_json(q->arena, double_quoted(q->arena, json), &o, e);
    return rc < 0 ? err_wrap(e, "the matrix is no JSON") : add_object(q, o, ret, e);
}

/* A count, as it is or evaluated; -1: a preview cannot know it. */
static int read_count(const struct az_asking *q, struct str text, const char *what, int64_t *ret, struct err *e)
{
    struct str value;
    bool unknown = false;
    double x = 0;
    int rc = az_runtime_text(q, text, &value, &unknown, e);
    *ret = unknown ? -1 : 0;
    if (rc < 0 || unknown || str_trim(value).n == 0)
        return rc;
    value = az_macros(q->arena, q->vars, value, NULL);
    if (!az_number_read(value, &x) || x < 0 || x > AZ_MAX_LEGS)
        return err_set(e, EINVAL, "%s: '%.*s' is no number from 0 to %d", what, STR_ARG(value), AZ_MAX_LEGS);
    *ret = (int64_t)x;
    return 0;
}

static int add_slices(const struct az_asking *q, const struct az_job *job, struct az_combinations *ret, struct err *e)
{
    int64_t n;
    int rc = read_count(q, job->parallel, "parallel", &n, e);
    ret->unknown = rc == 0 && n < 0;
    if (rc == 0 && n == 0)
        n = 1;
    for (int64_t i = 1; rc == 0 && i <= n; i++) {
        struct az_combination one = {.name = arena_printf(q->arena, "%lld", (long long)i)};
        map_init(&one.values, q->arena, MAP_NOCASE);
        vec_push_in(q->arena, ret, one);
    }
    return rc;
}

int az_combinations(const struct az_asking *q, const struct az_job *job, struct az_combinations *ret, struct err *e)
{
    *ret = (struct az_combinations){.set = job->strategy == AZ_MATRIX || job->strategy == AZ_PARALLEL};
    if (job->strategy == AZ_PARALLEL)
        return add_slices(q, job, ret, e);
    if (job->strategy != AZ_MATRIX || !job->matrix)
        return 0;
    if (job->matrix->kind == AZ_STRING && str_trim(job->matrix->text).n > 0)
        return add_evaluated(q, job->matrix->text, ret, e);
    return job->matrix->kind == AZ_STRING ? 0 : add_object(q, job->matrix, ret, e);
}

int az_max_parallel(const struct az_asking *q, const struct az_job *job, unsigned *ret, struct err *e)
{
    int64_t n = 0;
    bool of_legs = job->strategy == AZ_MATRIX || job->strategy == AZ_PARALLEL;
    int rc = of_legs ? read_count(q, job->max_parallel, "maxParallel", &n, e) : 0;
    *ret = n > 0 ? (unsigned)n : 0;
    return rc;
}
