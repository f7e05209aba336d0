/*
 * cli/cmd_clean.c - `slipway clean`: gives back the disk that caches and killed runs hold. `slipway completion`:
 * shells.
 */
#include "cli/cli.h"

#include "core/path.h"
#include "provider/provider.h"
#include "sandbox/sandbox.h"
#include "sys/file.h"
#include "sys/host.h"

struct clean_options {
    bool caches, history;
};

static const struct option_row clean_rows[] = {
    OPTION(struct clean_options, caches, "caches", 0, OPTION_FLAG, NULL,
           "remove the caches of jobs and fetched actions as well"),
    OPTION(struct clean_options, history, "history", 0, OPTION_FLAG, NULL, "remove the history as well"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_clean, verb_completion;

static int remove_files(struct cli *c, struct str dir, const char *const *names, size_t n)
{
    struct err err = {0};
    for (size_t i = 0; i < n; i++)
        if (tree_remove(path_join(c->arena, dir, str_from(names[i])).p, &err) < 0) {
            say_error(c, "%s", err.text);
            return EXIT_ENVIRONMENT;
        }
    return EXIT_PASSED;
}

static int run_clean(struct cli *c, int argc, char **argv)
{
    struct clean_options o = {0};
    struct strs words = {0};
    struct err err = {0};
    int code = options_read(c, &verb_clean, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    struct str state = host_state_dir(c->arena), runs = path_join(c->arena, state, STR("run"));
    int swept = path_is_dir(runs.p) ? sandbox_sweep(runs.p, &err) : 0;
    if (swept < 0) {
        say_error(c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    printf("%d folder%s of ended runs removed\n", swept, swept == 1 ? "" : "s");
    if (o.caches)
        code = remove_files(c, host_cache_dir(c->arena), (const char *const[]){"cache", "interpreters", "repos"}, 3);
    if (code == 0 && o.history)
        code = remove_files(c, state,
                            (const char *const[]){"history.db", "history.db-wal", "history.db-shm", "artifacts"}, 4);
    return code;
}

const struct verb verb_clean = {
    .name = "clean",
    .args = "",
    .summary = "remove what killed runs left, and caches on request",
    .options = clean_rows,
    .run = run_clean,
};

/* ---- completion ---- */

static const struct option_row no_rows[] = {{NULL, 0, OPTION_FLAG, 0, NULL, NULL, false}};

static void words_of_verbs(void)
{
    for (const struct verb *const *v = verbs(); *v != NULL; v++)
        printf("%s%s", v == verbs() ? "" : " ", (*v)->name);
}

static void words_of_options(const struct verb *v)
{
    for (const struct option_row *o = v->options; o->name != NULL; o++)
        if (o->help != NULL)
            printf(" --%s", o->name);
    printf(" --help");
}

static void bash_completion(void)
{
    printf(
        "_slipway() {\n    local cur=${COMP_WORDS[COMP_CWORD]} words\n    if [ \"$COMP_CWORD\" = 1 ]; then words=\"");
    words_of_verbs();
    printf(" help\"\n    else case ${COMP_WORDS[1]} in\n");
    for (const struct verb *const *v = verbs(); *v != NULL; v++) {
        printf("        %s) words=\"", (*v)->name);
        if (strcmp((*v)->name, "ci") == 0 || strcmp((*v)->name, "why") == 0)
            printf("push pull_request workflow_dispatch github");
        if (strcmp((*v)->name, "add") == 0)
            printf("github codebuild cloudbuild azure");
        words_of_options(*v);
        printf("\" ;;\n");
    }
    printf("        help) words=\"");
    words_of_verbs();
    printf("\" ;;\n    esac; fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
           "complete -o default -F _slipway slipway\n");
}

static void zsh_completion(void)
{
    printf("autoload -U +X bashcompinit && bashcompinit\n");
    bash_completion();
}

static void fish_completion(void)
{
    for (const struct verb *const *v = verbs(); *v != NULL; v++) {
        printf("complete -c slipway -f -n __fish_use_subcommand -a %s -d '%s'\n", (*v)->name, (*v)->summary);
        for (const struct option_row *o = (*v)->options; o->name != NULL; o++)
            if (o->help != NULL)
                printf("complete -c slipway -n '__fish_seen_subcommand_from %s' -l %s%s\n", (*v)->name, o->name,
                       o->arg != NULL ? " -r" : "");
    }
}

static int run_completion(struct cli *c, int argc, char **argv)
{
    char nothing = 0;
    struct strs words = {0};
    int code = options_read(c, &verb_completion, argc, argv, &nothing, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    struct str shell = words.n == 1 ? words.p[0] : STR_NONE;
    if (str_is(shell, "bash"))
        bash_completion();
    else if (str_is(shell, "zsh"))
        zsh_completion();
    else if (str_is(shell, "fish"))
        fish_completion();
    else {
        say_error(c, "completion takes bash, zsh or fish: source <(slipway completion bash)");
        return EXIT_USAGE;
    }
    return EXIT_PASSED;
}

const struct verb verb_completion = {
    .name = "completion",
    .args = "SHELL",
    .summary = "print completions for bash, zsh or fish",
    .options = no_rows,
    .run = run_completion,
};
