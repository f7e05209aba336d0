/*
 * cli/cmd_check.c - `slipway check`: reads every pipeline file and says what is wrong, with places and mends.
 * `slipway explain`: the rule behind a code.
 */
#include "cli/pipelines.h"
#include "cli/world.h"
#include "cli/world_files.h"

#include "sys/host.h"

struct check_options {
    bool json;
};

static const struct option_row check_rows[] = {
    OPTION(struct check_options, json, "json", 0, OPTION_FLAG, NULL, "diagnostics as JSON lines"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL},
};

extern const struct verb verb_check;

static void json_diags(const struct pipelines *p)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < p->diags.n; i++) {
        diag_json(&b, p->sources, &p->diags.p[i]);
        buf_add_ch(&b, '\n');
    }
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

static void empty_facts(struct cli *c, struct facts *f)
{
    map_init(&f->secrets, c->arena, MAP_NOCASE);
    map_init(&f->vars, c->arena, MAP_NOCASE);
    map_init(&f->env, c->arena, MAP_CASE);
    map_init(&f->inputs, c->arena, MAP_NOCASE);
    f->change.event = STR("push");
    f->run_id = f->run_number = f->attempt = 1;
    f->only_check = true;
    f->skip_unknown = true; /* whether an action is known here is a run's question, not a fault of the file */
}

struct count {
    size_t files, parts, errors;
};

static int check_one(struct cli *c, struct facts *f, struct str file, bool json, struct count *count)
{
    struct pipelines p;
    struct world_files read;
    struct err err = {0};
    world_files_init(&read, c->arena, f->repo.root, &p.sources, NULL);
    f->read_file = world_files_read;
    f->read_ctx = &read;
    if (pipelines_read(c, f, (struct strs){0}, file, &p, &err) < 0) {
        say_error(c, "%s", err.text);
        return EXIT_USAGE;
    }
    if (file.n == 0)
        pipelines_check_parts(c, f, &p);
    count->files += p.n;
    count->parts += p.n_parts;
    count->errors += p.diags.errors;
    if (json)
        json_diags(&p);
    else
        say_diags(c, &p.diags);
    pipelines_done(&p);
    return 0;
}

static void say_count(const struct count *n)
{
    fprintf(stderr, "%zu pipeline file%s", n->files, n->files == 1 ? "" : "s");
    if (n->parts > 0)
        fprintf(stderr, ", %zu action%s", n->parts, n->parts == 1 ? "" : "s");
    fprintf(stderr, ", %zu error%s\n", n->errors, n->errors == 1 ? "" : "s");
}

static int run_check(struct cli *c, int argc, char **argv)
{
    struct check_options o = {0};
    struct strs words = {0};
    struct facts f = {0};
    struct err err = {0};
    struct count count = {0};
    int code = options_read(c, &verb_check, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    empty_facts(c, &f);
    if (world_repo(c->arena, &f.repo, &err) < 0) {
        say_error(c, "%s", err.text);
        return EXIT_USAGE;
    }
    f.change.branch = f.repo.branch;
    world_machine(c->arena, host_cache_dir(c->arena), &f.machine);
    world_base_env(c->arena, STR("/nonexistent"), &f.base_env);
    for (size_t i = 0; i < words.n || (i == 0 && words.n == 0); i++) {
        code = check_one(c, &f, words.n > 0 ? words.p[i] : STR_NONE, o.json, &count);
        if (code != 0)
            return code;
    }
    if (!o.json)
        say_count(&count);
    return count.errors > 0 ? EXIT_FAILED : EXIT_PASSED;
}

const struct verb verb_check = {
    .name = "check",
    .args = "[FILE...]",
    .summary = "read every pipeline file and action and say what is wrong with it",
    .options = check_rows,
    .run = run_check,
};

/* ---- explain ---- */

extern const struct verb verb_explain;
static const struct option_row no_rows[] = {{NULL, 0, OPTION_FLAG, 0, NULL, NULL}};

static int run_explain(struct cli *c, int argc, char **argv)
{
    char nothing = 0;
    struct strs words = {0};
    int code = options_read(c, &verb_explain, argc, argv, &nothing, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    size_t n = 0;
    const struct diag_rule *rules = diag_rules(&n);
    if (words.n == 0) {
        for (size_t i = 0; i < n; i++)
            printf("%s  %s\n", rules[i].code, rules[i].title);
        return EXIT_PASSED;
    }
    const struct diag_rule *rule = diag_rule_find(words.p[0]);
    if (rule == NULL) {
        say_error(c, "there is no rule '%.*s'; `slipway explain` lists them", STR_ARG(words.p[0]));
        return EXIT_USAGE;
    }
    printf("%s  %s\n\n%s\n", rule->code, rule->title, rule->text);
    return EXIT_PASSED;
}

const struct verb verb_explain = {
    .name = "explain",
    .args = "[CODE]",
    .summary = "what a diagnostic's rule is, and where it comes from",
    .options = no_rows,
    .run = run_explain,
};
