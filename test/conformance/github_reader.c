/*
 * github_reader FOLDER - workflows with what the official reader makes of them: errors with line and text, or jobs with
 * their steps, those of called workflows included. Cases that need a limit which slipway does not have are skipped.
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

/* ---- options: "key: value # comment" lines ---- */

static struct str option(struct str options, const char *key)
{
    struct str rest = options, line, name, value, comment;
    while (str_next(&rest, '\n', &line)) {
        if (!str_cut(line, ':', &name, &value) || !str_is(name, key))
            continue;
        str_cut(value, '#', &value, &comment);
        return str_trim(value);
    }
    return STR_NONE;
}

static uint64_t option_number(struct str options, const char *key, uint64_t absent)
{
    uint64_t n = absent;
    struct str text = option(options, key);
    return text.p && num_parse_u64(text, UINT32_MAX, &n) == 0 ? n : absent;
}

/* ---- called files ---- */

struct world {
    const struct parts *parts;
    struct sources *sources;
};

/* Documents between the workflow and the JSON: names, each followed by its text. */
static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct world *w = ctx;
    char want[400];
    if (q->repo.n)
        snprintf(want, sizeof want, "%.*s/%.*s@%.*s", STR_ARG(q->repo), STR_ARG(q->path), STR_ARG(q->ref));
    else
        snprintf(want, sizeof want, "%.*s", STR_ARG(q->path));
    for (size_t i = 2; i + 2 < w->parts->n; i += 2)
        if (str_is(str_trim(w->parts->p[i]), want)) {
            *ret =
                (struct file_found){sources_add(w->sources, str_from(want), w->parts->p[i + 1]), STR(""), w->sources};
            return 0;
        }
    return err_set(e, ENOENT, "the case has no %s", want);
}

/* ---- errors ---- */

struct expected {
    struct str file; /* of errors in called files; else as the case is called */
    unsigned line;   /* 0: none given */
    struct str text;
};

/* "file (Line: 5, Col: 18): text" or "file: text"; "In file (Line: ...): text". */
static struct expected parse_expected(struct str message)
{
    struct expected e = {0};
    struct str digits;
    uint64_t line = 0;
    ssize_t at = str_find(message, STR(" (Line: "));
    if (at >= 0) {
        bool in = str_starts(message, STR("In "));
        e.file = str_sub(message, in ? 3 : 0, (size_t)at);
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
        struct place at = sources_place(s, d->p[i].span);
        unsigned line = e.file.p && !str_eq(at.file, e.file) ? 0 : at.line;
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

/* Ids of jobs and steps, and the same below each call. */
static bool same_jobs(const struct value *jobs, struct gh_workflow *w, struct diags *d)
{
    bool good = jobs->array.n == w->n_jobs;
    for (size_t i = 0; good && i < w->n_jobs; i++) {
        const struct value *job = jobs->array.p[i], *inner = value_get(job, STR("jobs"));
        const struct gh_job *def = &w->jobs[i];
        good = str_eq(id_of(job), def->id) && check_steps(job, def) && !inner == !def->uses.n;
        if (!good || !inner)
            continue;
        const struct gh_called *called = gh_library_find(w, def->uses, d);
        const struct value *inherit = value_get(job, STR("inherit-secrets"));
        good = called->workflow && (inherit != NULL) == def->inherit && same_jobs(inner, called->workflow, d);
    }
    return good;
}

static bool check_jobs(const struct value *jobs, struct gh_workflow *w, struct diags *d, struct str name)
{
    if (d->errors == 0 && same_jobs(jobs, w, d))
        return true;
    printf("FAIL %.*s\n", STR_ARG(name));
    for (size_t i = 0; i < d->n; i++)
        if (d->p[i].level == DIAG_ERROR)
            printf("  line %u: %.*s\n", sources_place(d->sources, d->p[i].span).line, STR_ARG(d->p[i].message));
    return false;
}

/* What a token may by itself under the policy LimitedRead. */
static void limited_read(struct arena *a, struct sources *s, struct diags *d, struct gh_permissions *ret)
{
    static const char text[] = "on: push\npermissions: {contents: read, packages: read}\njobs: {a: {runs-on: x, steps: "
                               "[{run: x}]}}\n";
    struct yaml_limits limits = YAML_LIMITS;
    struct doc_node *root = yaml_read(a, s, sources_add(s, STR("policy"), str_from(text)), &limits, d);
    MUST(root);
    *ret = gh_workflow_try(a, root, STR("policy"), d)->permissions;
}

static struct gh_workflow *read_workflow(struct arena *a, const struct parts *parts, struct world *world,
                                         struct str name, struct diags *d)
{
    struct str options = parts->p[0];
    struct yaml_limits limits = YAML_LIMITS;
    struct facts *f = ARENA_NEW(a, struct facts);
    struct gh_permissions policy = {0};
    struct gh_call_rules rules = {.granted = &policy};
    struct str path = arena_printf(a, ".github/workflows/%.*s", STR_ARG(name));
    limits.max_bytes = (size_t)option_number(options, "max-file-size", limits.max_bytes);
    rules.depth = (unsigned)option_number(options, "max-nested-reusable-workflows-depth", GH_CALL_DEPTH);
    if (str_is(option(options, "permissions-policy"), "LimitedRead"))
        limited_read(a, world->sources, d, &policy);
    uint32_t file = sources_add(world->sources, path, parts->p[1]);
    struct doc_node *root = yaml_read(a, world->sources, file, &limits, d);
    struct gh_workflow *w = root ? gh_workflow_try(a, root, path, d) : NULL;
    if (!w)
        return NULL;
    f->read_file = read_file;
    f->read_ctx = world;
    w->facts = f;
    w->library = gh_library_new(a, w, f);
    if (d->errors == 0)
        gh_check_calls(a, w, &rules, d);
    return w;
}

static bool run_case(struct arena *a, const struct parts *parts, struct str name)
{
    struct value *want;
    struct diags d;
    struct err e = {0};
    CLEAN(sources) struct sources *s = sources_new();
    struct world world = {parts, s};
    diags_init(&d, a, s);
    if (value_from_json(a, str_trim(parts->p[parts->n - 1]), MAP_CASE, &want, &e) != 0) {
        printf("FAIL %.*s\n  the expected JSON: %s\n", STR_ARG(name), e.text);
        return false;
    }
    struct gh_workflow *w = read_workflow(a, parts, &world, name, &d);
    const struct value *errors = value_get(want, STR("errors")), *jobs = value_get(want, STR("jobs"));
    if (errors)
        return check_errors(errors, &d, s, name);
    if (w && jobs)
        return check_jobs(jobs, w, &d, name);
    printf("FAIL %.*s\n", STR_ARG(name));
    return false;
}

/* Why a case cannot be asked here; NULL: it can. */
static const char *skip_reason(const struct parts *parts)
{
    static const char *const known[] = {"max-file-size", "max-nested-reusable-workflows-depth"};
    struct str rest = parts->p[0], line, name, value;
    if (parts->n < 3 || parts->n % 2 == 0)
        return "its documents are not options, a workflow, called files and JSON";
    while (str_next(&rest, '\n', &line)) {
        bool asked = !str_starts(line, STR("max-")) || !str_cut(line, ':', &name, &value);
        for (size_t i = 0; i < ARRAY_LEN(known) && !asked; i++)
            asked = str_is(name, known[i]);
        if (!asked)
            return "slipway does not count the bytes and jobs of a workflow as the official reader does";
    }
    return NULL;
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
        const char *skip = skip_reason(&parts);
        if (skip) {
            printf("skip %.*s: %s\n", STR_ARG(names.p[i]), skip);
            t.skipped++;
        } else if (run_case(a, &parts, names.p[i])) {
            t.passed++;
        } else {
            t.failed++;
        }
    }
    printf("github-reader: %u passed, %u failed, %u skipped\n", t.passed, t.failed, t.skipped);
    arena_free(names_arena);
    return t.failed > 0;
}
