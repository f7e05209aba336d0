/*
 * github_lint FOLDER - files that must be refused (err/NAME.yaml, with the lines in err/NAME.out) and files that must
 * pass (ok/). A case of err passes when every line that it names has a diagnostic, of any level: the set is stricter
 * than the service in places, where a warning is the right answer. A case of ok passes without an error.
 */
#include "core/base.h"
#include "case_file.h"
#include "core/num.h"
#include "provider/github/model_priv.h"

struct tally {
    unsigned passed, failed;
};

struct judged {
    struct arena *a;
    struct sources *sources;
    struct diags d;
};

static void judge(struct judged *r, struct str text)
{
    struct yaml_limits limits = YAML_LIMITS;
    r->a = arena_new();
    r->sources = sources_new();
    diags_init(&r->d, r->a, r->sources);
    uint32_t file = sources_add(r->sources, STR("test.yaml"), text);
    struct doc_node *root = yaml_read(r->a, r->sources, file, &limits, &r->d);
    if (root)
        gh_workflow_try(r->a, root, STR("test.yaml"), &r->d);
}

static void done(struct judged *r)
{
    sources_free(r->sources);
    arena_free(r->a);
}

/* The number behind "yaml:"; 0 when the line names no place, or place 0:0. */
static unsigned line_of(struct str expected)
{
    struct str digits;
    uint64_t n = 0;
    ssize_t at = str_find(expected, STR("yaml:"));
    if (at < 0)
        return 0;
    str_cut(str_from_index(expected, (size_t)at + 5), ':', &digits, &(struct str){0});
    return num_parse_u64(digits, 100000, &n) == 0 ? (unsigned)n : 0;
}

static size_t indent_of(struct str line)
{
    size_t n = 0;
    while (n < line.n && line.p[n] == ' ')
        n++;
    return n;
}

/* Does `inner` lie in the block scalar (| or >) whose header is on `line`? There the set names the header's line. */
static bool in_block(struct str text, unsigned line, unsigned inner)
{
    struct str rest = text, one;
    size_t indent = 0;
    bool block = false;
    for (unsigned n = 1; n <= inner && str_next(&rest, '\n', &one); n++) {
        struct str end = str_trim_end(one);
        if (n == line) {
            indent = indent_of(one);
            block = str_ends(end, STR("|")) || str_ends(end, STR("|-")) || str_ends(end, STR(">")) ||
                    str_ends(end, STR(">-"));
        } else if (n > line && end.n > 0 && indent_of(one) <= indent) {
            return false;
        }
    }
    return block;
}

static bool has_line(const struct judged *r, unsigned line)
{
    for (size_t i = 0; i < r->d.n; i++) {
        unsigned at = sources_place(r->sources, r->d.p[i].span).line;
        if (line == 0 || at == line || (at > line && in_block(sources_text(r->sources, 1), line, at)))
            return true;
    }
    return false;
}

static void err_case(struct arena *a, struct str folder, struct str name, struct tally *t)
{
    struct judged r;
    struct str base = str_sub(name, 0, name.n - 4);
    struct str expected = case_read(a, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name)));
    judge(&r, case_read(a, arena_printf(a, "%.*s/%.*s.yaml", STR_ARG(folder), STR_ARG(base))));
    struct str rest = expected, line;
    unsigned missing = 0;
    while (str_next(&rest, '\n', &line)) {
        if (str_trim(line).n == 0 || has_line(&r, line_of(line)))
            continue;
        if (!missing++)
            printf("FAIL err/%.*s\n", STR_ARG(base));
        printf("  nothing at: %.*s\n", STR_ARG(line));
    }
    *(missing ? &t->failed : &t->passed) += 1;
    done(&r);
}

static void ok_case(struct arena *a, struct str folder, struct str name, struct tally *t)
{
    struct judged r;
    judge(&r, case_read(a, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name))));
    if (r.d.errors) {
        printf("FAIL ok/%.*s\n", STR_ARG(name));
        for (size_t i = 0; i < r.d.n; i++)
            if (r.d.p[i].level == DIAG_ERROR)
                printf("  line %u: %.*s\n", sources_place(r.sources, r.d.p[i].span).line, STR_ARG(r.d.p[i].message));
    }
    *(r.d.errors ? &t->failed : &t->passed) += 1;
    done(&r);
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: github_lint FOLDER\n");
        return 2;
    }
    struct arena *a = arena_new();
    struct str err = arena_printf(a, "%s/err", argv[1]), ok = arena_printf(a, "%s/ok", argv[1]);
    struct strs errs = case_list(a, err, STR(".out")), oks = case_list(a, ok, STR(".yaml"));
    for (size_t i = 0; i < errs.n; i++)
        err_case(a, err, errs.p[i], &t);
    for (size_t i = 0; i < oks.n; i++)
        ok_case(a, ok, oks.p[i], &t);
    printf("github-lint: %u passed, %u failed\n", t.passed, t.failed);
    arena_free(a);
    return t.failed > 0;
}
