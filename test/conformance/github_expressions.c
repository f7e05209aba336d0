/*
 * github_expressions.c - runs the expression cases of a folder: groups of {expr, contexts, result or err} in JSON
 * files.
 *
 *   github_expressions FOLDER
 *
 * An error's text must hold the text of the case, and must come from reading or from evaluating as the case says. The
 * memory limit is the expression library's own default, 1 MiB (workflows have 10): the cases were written against it.
 */
#include "core/base.h"
#include "core/value.h"
#include "core/vec.h"
#include "provider/github/expr_priv.h"

#include <dirent.h>

#define MEMORY ((size_t)1 << 20)
#define FILE_MAX ((size_t)16 << 20)

struct tally {
    unsigned passed, failed;
};

static struct value *context_of(void *ctx, struct arena *a, const char *name)
{
    UNUSED(a);
    return value_get(ctx, str_from(name));
}

/* The contexts of the case are what it may name; a NULL-terminated list in lower case. */
static const char **names_of(struct arena *a, const struct value *contexts)
{
    size_t n = contexts ? contexts->object.n : 0;
    const char **names = arena_array(a, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        struct str key = contexts->object.entries[i].key;
        char *p = arena_alloc(a, key.n + 1);
        for (size_t k = 0; k < key.n; k++)
            p[k] = key.p[k] >= 'A' && key.p[k] <= 'Z' ? (char)(key.p[k] + 32) : key.p[k];
        names[i] = p;
    }
    return names;
}

static const char *kind_name(const struct value *v)
{
    static const char *const names[] = {
        [VALUE_NULL] = "Null",     [VALUE_BOOL] = "Boolean", [VALUE_NUMBER] = "Number",
        [VALUE_STRING] = "String", [VALUE_ARRAY] = "Array",  [VALUE_OBJECT] = "Object",
    };
    return names[v->kind];
}

/* What an evaluation came to: "String \"x\"", "parsing: ...", "evaluation: ...". */
static void outcome(struct arena *a, const struct value *test, struct buf *out)
{
    struct value *contexts = value_get(test, STR("contexts")), *v;
    struct gh_allow allow = {.contexts = names_of(a, contexts)};
    struct gh_scope scope = {.ctx = contexts, .context = context_of, .max_bytes = MEMORY};
    struct gh_expr_error wrong = {0};
    struct gh_expr *x;
    struct err e = {0};
    if (gh_expr_parse(a, value_get_str(test, "expr"), &allow, &x, &wrong) < 0) {
        buf_printf(out, "parsing: %s", wrong.text);
    } else if (gh_expr_eval(a, x, &scope, &v, &e) < 0) {
        buf_printf(out, "evaluation: %s", e.text);
    } else {
        buf_printf(out, "%s ", kind_name(v));
        value_add_json(out, v, VALUE_COMPACT);
    }
}

static bool agrees(const struct value *test, struct str got, struct buf *want)
{
    const struct value *err = value_get(test, STR("err")), *result = value_get(test, STR("result"));
    if (err) {
        bool late = str_is(value_get_str(err, "kind"), "evaluation");
        buf_printf(want, "%s: %.*s", late ? "evaluation" : "parsing", STR_ARG(value_get_str(err, "value")));
        struct str text = str_from_index(buf_str(want), late ? strlen("evaluation: ") : strlen("parsing: "));
        return str_starts(got, late ? STR("evaluation: ") : STR("parsing: ")) && str_find(got, text) >= 0;
    }
    if (!result)
        return false;
    struct value *v = value_get(result, STR("value"));
    buf_printf(want, "%.*s ", STR_ARG(value_get_str(result, "kind")));
    value_add_json(want, v ? v : value_null(), VALUE_COMPACT);
    return str_eq(got, buf_str(want));
}

static void run_case(const struct value *test, struct str file, struct str group, struct tally *t)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf got = BUF(BUF_TEXT), want = BUF(BUF_TEXT);
    outcome(a, test, &got);
    if (agrees(test, buf_str(&got), &want)) {
        t->passed++;
        return;
    }
    t->failed++;
    struct str expr = value_get_str(test, "expr");
    printf("FAIL %.*s: %.*s: %.*s\n  want %s\n  got  %s\n", STR_ARG(file), STR_ARG(group),
           STR_ARG(str_sub(expr, 0, 300)), buf_cstr(&want), buf_cstr(&got));
}

static void run_groups(const struct value *root, struct str file, struct tally *t)
{
    for (size_t i = 0; i < root->object.n; i++) {
        const struct value *group = root->object.entries[i].value;
        for (size_t k = 0; group->kind == VALUE_ARRAY && k < group->array.n; k++)
            run_case(group->array.p[k], file, root->object.entries[i].key, t);
    }
}

static int read_whole(const char *path, struct buf *ret)
{
    FILE *f = fopen(path, "rbe");
    size_t n = 1;
    if (!f)
        return -errno;
    while (n > 0) {
        char *to = buf_room(ret, 65536);
        if (!to)
            break;
        n = fread(to, 1, 65536, f);
        buf_grew(ret, n);
    }
    fclose(f);
    return ret->over ? -E2BIG : 0;
}

static void run_file(const char *folder, const char *name, struct tally *t)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(buf) struct buf path = BUF(BUF_LINE), text = BUF(FILE_MAX);
    struct value *root;
    struct err e = {0};
    buf_printf(&path, "%s/%s", folder, name);
    if (read_whole(buf_cstr(&path), &text) < 0 || value_from_json(a, buf_str(&text), MAP_NOCASE, &root, &e) < 0) {
        printf("FAIL %s: cannot be read %s\n", name, e.text);
        t->failed++;
    } else if (root->kind == VALUE_OBJECT) {
        run_groups(root, str_from(name), t);
    }
}

static int only_json(const struct dirent *d)
{
    return str_ends(str_from(d->d_name), STR(".json"));
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    struct dirent **names = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: github_expressions FOLDER\n");
        return 2;
    }
    int n = scandir(argv[1], &names, only_json, alphasort);
    if (n < 0) {
        fprintf(stderr, "github_expressions: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }
    for (int i = 0; i < n; i++) {
        run_file(argv[1], names[i]->d_name, &t);
        free(names[i]);
    }
    free(names);
    printf("github-expressions: %u passed, %u failed\n", t.passed, t.failed);
    return t.failed > 0;
}
