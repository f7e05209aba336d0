/*
 * github_reader FOLDER - workflows with what the official reader makes of them: errors with line and text, or jobs with
 * their steps. Cases that need called workflows or other limits are counted as skipped.
 */
#include "core/base.h"
#include "case_file.h"
#include "core/num.h"
#include "provider/github/model_priv.h"

struct tally {
    unsigned passed, failed, skipped;
};

struct parts {
    struct str p[16];
    size_t n;
};

/* The documents of a case: options, workflow, called files, and the JSON at the end. */
static struct parts split(struct str text)
{
    struct parts parts = {0};
    size_t start = 0;
    while (parts.n < ARRAY_LEN(parts.p)) {
        ssize_t at = str_find_from(text, start, STR("\n---\n"));
        if (at < 0) {
            parts.p[parts.n++] = str_from_index(text, start);
            break;
        }
        parts.p[parts.n++] = str_sub(text, start, (size_t)at + 1);
        start = (size_t)at + 5;
    }
    return parts;
}

struct expected {
    unsigned line; /* 0: none given */
    struct str text;
};

/* "file (Line: 5, Col: 18): text" or "file: text". */
static struct expected parse_expected(struct str message)
{
    struct expected e = {0};
    struct str digits;
    uint64_t line = 0;
    ssize_t at = str_find(message, STR(" (Line: "));
    if (at >= 0) {
        str_cut(str_from_index(message, (size_t)at + 8), ',', &digits, &(struct str){0});
        if (num_parse_u64(digits, 1000000, &line) == 0)
            e.line = (unsigned)line;
        at = str_find(message, STR("): "));
        e.text = str_from_index(message, (size_t)at + 3);
        return e;
    }
    at = str_find(message, STR(": "));
    e.text = at < 0 ? message : str_from_index(message, (size_t)at + 2);
    return e;
}

/* The official place is where a block scalar begins; ours, in the same words, may be a line inside of it. */
static bool found(const struct diags *d, const struct sources *s, struct expected e, bool text_too)
{
    for (size_t i = 0; i < d->n; i++) {
        unsigned line = sources_place(s, d->p[i].span).line;
        bool text = str_eq(d->p[i].message, e.text);
        bool place = e.line == 0 || line == e.line || (text && line > e.line);
        if (d->p[i].level == DIAG_ERROR && place && (text || !text_too))
            return true;
    }
    return false;
}

/* Every expected error is at its line; says which have another wording. */
static bool check_errors(const struct value *errors, const struct diags *d, const struct sources *s, struct str name)
{
    bool good = true;
    for (size_t i = 0; i < errors->array.n; i++) {
        struct expected e = parse_expected(value_get_str(errors->array.p[i], "Message"));
        if (!found(d, s, e, false)) {
            printf("FAIL %.*s\n  no error at line %u: %.*s\n", STR_ARG(name), e.line, STR_ARG(e.text));
            good = false;
        } else if (!found(d, s, e, true)) {
            printf("note %.*s: other words at line %u for: %.*s\n", STR_ARG(name), e.line, STR_ARG(e.text));
        }
    }
    return good;
}

/* An id, also where the case keeps the places of texts: {"type": 0, "lit": ..., "line": ...}. */
static struct str id_of(const struct value *v)
{
    struct str id = value_get_str(v, "id");
    return id.p ? id : value_get_str(value_get(v, STR("id")), "lit");
}

static bool check_steps(const struct value *job, const struct gh_job *def)
{
    const struct value *steps = value_get(job, STR("steps"));
    if (!steps)
        return def->n_steps == 0;
    if (steps->array.n != def->n_steps)
        return false;
    for (size_t i = 0; i < def->n_steps; i++)
        if (!str_eq(id_of(steps->array.p[i]), def->steps[i].context_name))
            return false;
    return true;
}

static bool check_jobs(const struct value *jobs, const struct gh_workflow *w, const struct diags *d, struct str name)
{
    bool good = d->errors == 0 && jobs->array.n == w->n_jobs;
    for (size_t i = 0; good && i < w->n_jobs; i++)
        good = str_eq(id_of(jobs->array.p[i]), w->jobs[i].id) && check_steps(jobs->array.p[i], &w->jobs[i]);
    if (good)
        return true;
    printf("FAIL %.*s\n", STR_ARG(name));
    for (size_t i = 0; i < d->n; i++)
        if (d->p[i].level == DIAG_ERROR)
            printf("  line %u: %.*s\n", sources_place(d->sources, d->p[i].span).line, STR_ARG(d->p[i].message));
    return false;
}

/* "NAME: 124" in the options, or 0. */
static uint64_t option_number(struct str options, const char *name)
{
    struct str rest = options, line, key, value;
    uint64_t n = 0;
    while (str_next(&rest, '\n', &line))
        if (str_cut(line, ':', &key, &value) && str_is(str_trim(key), name))
            num_parse_u64(str_trim(value), 1u << 30, &n);
    return n;
}

static bool run_case(struct arena *a, const struct parts *parts, struct str name)
{
    struct yaml_limits limits = YAML_LIMITS;
    struct value *want;
    struct diags d;
    struct err e = {0};
    CLEAN(sources) struct sources *s = sources_new();
    diags_init(&d, a, s);
    if (value_from_json(a, str_trim(parts->p[parts->n - 1]), MAP_CASE, &want, &e) != 0) {
        printf("FAIL %.*s\n  the expected JSON: %s\n", STR_ARG(name), e.text);
        return false;
    }
    uint64_t max_bytes = option_number(parts->p[0], "max-file-size");
    if (max_bytes)
        limits.max_bytes = max_bytes;
    uint32_t file = sources_add(s, name, parts->p[1]);
    struct doc_node *root = yaml_read(a, s, file, &limits, &d);
    struct gh_workflow *w = root ? gh_workflow_try(a, root, name, &d) : NULL;
    const struct value *errors = value_get(want, STR("errors")), *jobs = value_get(want, STR("jobs"));
    if (errors)
        return check_errors(errors, &d, s, name);
    if (w && jobs)
        return check_jobs(jobs, w, &d, name);
    printf("FAIL %.*s\n", STR_ARG(name));
    return false;
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: github_reader FOLDER\n");
        return 2;
    }
    struct arena *names_arena = arena_new();
    struct strs names = case_list(names_arena, str_from(argv[1]), STR(".yml"));
    for (size_t i = 0; i < names.n; i++) {
        CLEAN(arena) struct arena *a = arena_new();
        struct str text = case_read(a, arena_printf(a, "%s/%.*s", argv[1], STR_ARG(names.p[i])));
        struct parts parts = split(text);
        bool result_limit = option_number(parts.p[0], "max-result-size") > 0; /* of a format that slipway has not */
        if (parts.n != 3 || result_limit)
            t.skipped++;
        else if (run_case(a, &parts, names.p[i]))
            t.passed++;
        else
            t.failed++;
    }
    printf("github-reader: %u passed, %u failed, %u skipped\n", t.passed, t.failed, t.skipped);
    arena_free(names_arena);
    return t.failed > 0;
}
