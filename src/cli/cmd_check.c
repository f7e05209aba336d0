/*
 * cli/cmd_check.c - `slipway check`: reads every pipeline file and says what is wrong, with places and mends.
 * `slipway explain`: the rule behind a code.
 */
#include "cli/check_run.h"
#include "cli/world.h"
#include "cli/world_files.h"

#include "sys/host.h"

struct check_options {
    bool json, strict;
};

static const struct option_row check_rows[] = {
    OPTION(struct check_options, json, "json", 0, OPTION_FLAG, NULL, "diagnostics as JSON lines"),
    OPTION(struct check_options, strict, "strict", 0, OPTION_FLAG, NULL, "warnings fail, too"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_check;

static void empty_facts(struct cli *c, struct facts *f)
{
    map_init(&f->secrets, c->arena, MAP_NOCASE);
    map_init(&f->vars, c->arena, MAP_NOCASE);
    map_init(&f->env, c->arena, MAP_CASE);
    map_init(&f->inputs, c->arena, MAP_NOCASE);
    map_init(&f->substitutions, c->arena, MAP_CASE);
    f->change.event = STR("push");
    f->run_id = f->run_number = f->attempt = 1;
    f->only_check = true;
    f->skip_unknown = true; /* whether an action is known here is a run's question, not a fault of the file */
}

static void say_count(const struct check_run *r)
{
    fprintf(stderr, "%zu pipeline file%s", r->n_files, r->n_files == 1 ? "" : "s");
    for (const struct provider *const *p = providers(); *p != NULL; p++) {
        size_t n = 0;
        for (size_t i = 0; i < r->files.n; i++)
            n += r->files.p[i].part && r->files.p[i].provider == *p;
        if (n > 0)
            fprintf(stderr, ", %zu %s%s", n, (*p)->part_name, n == 1 ? "" : "s");
    }
    fprintf(stderr, ", %zu error%s\n", r->errors, r->errors == 1 ? "" : "s");
}

/* The files named, or all of the project's with the actions among them. */
static int find_files(struct cli *c, struct facts *f, const struct strs *words, struct pipeline_files *ret)
{
    struct pipelines seen; /* what is read to find the rest is read again by the check, with its diagnostics */
    struct world_files read;
    struct err err = {0};
    int rc = 0;
    pipelines_init(c->arena, &seen);
    world_files_init(&read, c->arena, f->repo.root, &seen.sources, NULL);
    f->read_file = world_files_read;
    f->list_files = world_files_list;
    f->read_ctx = &read;
    for (size_t i = 0; rc == 0 && i < words->n; i++)
        rc = pipelines_find(c->arena, f, (struct strs){0}, words->p[i], ret, &err);
    if (words->n == 0) {
        rc = pipelines_find(c->arena, f, (struct strs){0}, STR_NONE, ret, &err);
        pipelines_find_parts(c->arena, f->repo.root, ret);
    }
    f->read_file = NULL;
    f->list_files = NULL;
    pipelines_done(&seen);
    if (rc < 0)
        say_error(c, "%s", err.text);
    return rc;
}

/* Other repositories as they were last fetched: a check never asks the network. */
static struct world_repos *open_repos(struct cli *c)
{
    struct world_repos_spec spec = {.cache_dir = host_cache_dir(c->arena), .offline = true};
    struct world_repos *repos = NULL;
    struct err err = {0};
    if (world_repos_open(&spec, &repos, &err) < 0)
        say_warning(c, "%s", err.text);
    return repos;
}

static int run_check(struct cli *c, int argc, char **argv)
{
    struct check_options o = {0};
    struct strs words = {0};
    struct facts f = {0};
    struct err err = {0};
    struct check_run run = {.facts = &f, .colour = c->colour_err};
    int code = options_read(c, &verb_check, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    empty_facts(c, &f);
    if (world_root(c->arena, &f.repo.root, &err) < 0) {
        say_error(c, "%s", err.text);
        return EXIT_USAGE;
    }
    if (find_files(c, &f, &words, &run.files) < 0)
        return EXIT_USAGE;
    run.json = o.json;
    run.out = o.json ? stdout : stderr;
    run.repos = open_repos(c);
    check_run(&run);
    world_repos_free(run.repos);
    if (!o.json)
        say_count(&run);
    return run.errors > 0 || (o.strict && run.warnings > 0) ? EXIT_FAILED : EXIT_PASSED;
}

const struct verb verb_check = {
    .name = "check",
    .args = "[FILE|FOLDER...]",
    .summary = "read every pipeline file and action and say what is wrong with it",
    .options = check_rows,
    .run = run_check,
};

/* ---- explain ---- */

extern const struct verb verb_explain;
static const struct option_row no_rows[] = {{NULL, 0, OPTION_FLAG, 0, NULL, NULL, false}};

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
    if (rule->evidence != EVIDENCE_UNSAID)
        printf("\nEvidence: %s.\n", diag_evidence_words(rule->evidence));
    return EXIT_PASSED;
}

const struct verb verb_explain = {
    .name = "explain",
    .args = "[CODE]",
    .summary = "what a diagnostic's rule is, and where it comes from",
    .options = no_rows,
    .run = run_explain,
};
