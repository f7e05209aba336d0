/* actions/checkout as slipway does it: which commands, in which order, and what is said. */
#include "gh_play.h"

#define CHECKOUT(with) JOB "    steps:\n      - {id: s, uses: actions/checkout@v4, with: {" with "}}\n"
#define WS "/home/runner/work/demo/demo"
#define SHA "222222222222222222222222222222222222222a"

/* What a command answers: the first whose part is in it. A status other than 0 goes with no line. */
struct answer {
    const char *part, *line;
    int status;
};

/* Plays the rest of the job and writes its ops down, one a line; WS is written as `.`. */
static const char *ops(struct play *p, const struct answer *answers, size_t n)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT), line = BUF(BUF_TEXT);
    while (play_next(p) == DRIVE_OP) {
        struct op_end end = {.token = p->op.token, .how = OP_EXITED, .elapsed_ns = 1};
        buf_clear(&line);
        if (p->op.kind == OP_VIEW)
            buf_printf(&line, "view %.*s", STR_ARG(p->op.view_path));
        else if (p->op.kind == OP_FETCH)
            buf_printf(&line, "show %.*s@%.*s at %.*s", STR_ARG(p->op.fetch.repo), STR_ARG(p->op.fetch.ref),
                       STR_ARG(p->op.fetch.path));
        else if (str_is(p->op.argv[0], "sh"))
            buf_printf(&line, "sh %s", strstr(play_argv(p), "-delete") != NULL ? "delete" : "adopt");
        else
            buf_add_cstr(&line, play_argv(p));
        struct str rest = buf_str(&line);
        for (ssize_t at; (at = str_find(rest, STR(WS))) >= 0; rest = str_from_index(rest, (size_t)at + strlen(WS)))
            buf_printf(&b, "%.*s.", (int)at, rest.p);
        buf_printf(&b, "%.*s\n", STR_ARG(rest));
        for (size_t i = 0; i < n; i++) {
            if (strstr(buf_cstr(&line), answers[i].part) == NULL)
                continue;
            end.status = answers[i].status;
            if (p->op.kind == OP_FETCH)
                end.matched = str_from(answers[i].line);
            else if (answers[i].line != NULL)
                play_say(p, answers[i].line);
            break;
        }
        if (p->op.kind == OP_EXEC)
            play_exit(p, end.status);
        else
            gh_driver.exited(p->run, &end);
    }
    return arena_str(p->l.a, buf_str(&b)).p;
}

#define assert_says(p, text)                                                                                           \
    do {                                                                                                               \
        if (str_find(buf_str(&(p)->log), str_from(text)) < 0)                                                          \
            fail_msg("'%s' is not in\n%s", text, buf_cstr(&(p)->log));                                                 \
    } while (0)

#define OPS(p, ...) ops((p), (const struct answer[]){__VA_ARGS__}, ARRAY_LEN(((const struct answer[]){__VA_ARGS__})))
#define SAFE(path) "git config --global --add safe.directory " path "\n"

static void the_work_tree_is_shown(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    p.l.facts.repo.dirty = true;
    play_begin(&p, CHECKOUT("fetch-depth: 1, fetch-tags: true, filter: 'blob:none', ssh-key: k, lfs: true, "
                            "persist-credentials: true") "      - run: echo ${{ steps.s.outputs.ref }} ${{ "
                                                         "steps.s.outputs.commit }}\n");
    play_op(&p);
    assert_int_equal(p.op.kind, OP_VIEW);
    assert_true(str_is(p.op.view_path, WS));
    play_exit(&p, 0);
    play_op(&p);
    assert_string_equal(play_argv(&p), "git config --global --add safe.directory " WS);
    assert_env(&p, "GITHUB_ENV", NULL);
    assert_env(&p, "GIT_CONFIG_COUNT", NULL);
    play_exit(&p, 0);
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo refs/heads/main 1111111111111111111111111111111111111111"));
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "emulated actions/checkout: the work tree of this machine, uncommitted changes included; "
                    "fetch-depth: the history is complete; fetch-tags: all tags of this machine are there; filter: "
                    "nothing is left out; lfs: files as the work tree holds them; ssh-key: not used; "
                    "persist-credentials: none are kept\n1 success\n");
    play_done(&p);
}

static void what_is_current_needs_no_switch(void **state)
{
    static const char *const REFS[] = {"main",
                                       "refs/heads/main",
                                       "'1111111111111111111111111111111111111111'",
                                       "'${{ github.ref }}'",
                                       "'${{ github.sha }}'",
                                       "'  '"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(REFS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, CHECKOUT("fetch-depth: 0, repository: Octo/Demo, ref: %s"), REFS[i]);
        play_init(&p);
        play_begin(&p, buf_cstr(&text));
        assert_string_equal(OPS(&p, {"nothing", NULL, 0}), "view .\n" SAFE("."));
        assert_says(&p, "emulated actions/checkout: the work tree of this machine\n");
        play_done(&p);
    }
}

static void parts_of_the_work_tree(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, CHECKOUT("path: sub, submodules: recursive, sparse-checkout: \"src\\n docs \\n\\n\", "
                            "set-safe-directory: false"));
    assert_string_equal(OPS(&p, {"nothing", NULL, 0}),
                        "view ./sub\n"
                        "git -C ./sub update-index -q --refresh\n"
                        "git -C ./sub sparse-checkout set --cone src docs\n"
                        "git -C ./sub submodule sync --recursive\n"
                        "git -C ./sub -c protocol.version=2 submodule update --init --depth=1 --recursive\n"
                        "git -C ./sub submodule foreach --recursive git config --local gc.auto 0\n");
    play_done(&p);
    play_init(&p);
    p.l.facts.repo.is_git = false;
    play_begin(&p, CHECKOUT("submodules: true, sparse-checkout: src"));
    assert_string_equal(OPS(&p, {"nothing", NULL, 0}), "view .\n" SAFE("."));
    play_done(&p);
}

#define LOOK(ref) "git -C . for-each-ref --format=%(refname) " ref "\n"
#define SWITCHED "git -C . clean -ffdx\ngit -C . checkout --progress --force "

static void another_ref_of_the_repository(void **state)
{
    static const struct {
        const char *with, *names, *ops, *said;
    } REFS[] = {
        {"ref: refs/heads/dev", "refs/heads/dev",
         LOOK("refs/heads/dev refs/heads/dev refs/remotes/origin/dev") SWITCHED "-B dev refs/heads/dev\n"
                                                                                "git -C . log -1 --format=%H\n",
         "1 success"},
        {"ref: dev, show-progress: false", "refs/remotes/origin/dev",
         LOOK("refs/tags/dev refs/heads/dev refs/remotes/origin/dev") "git -C . clean -ffdx\ngit -C . checkout --force "
                                                                      "-B dev refs/remotes/origin/dev\n"
                                                                      "git -C . log -1 --format=%H\n",
         "1 success"},
        {"ref: v1, clean: false", "refs/tags/v1",
         LOOK("refs/tags/v1 refs/heads/v1 refs/remotes/origin/v1") "git -C . checkout --progress --force "
                                                                   "refs/tags/v1\ngit -C . log -1 --format=%H\n",
         "1 success"},
        {"ref: v1", "refs/tags/v1/not-it",
         LOOK("refs/tags/v1 refs/heads/v1 refs/remotes/origin/v1") "git -C . -c protocol.version=2 fetch --no-tags "
                                                                   "--no-recurse-submodules --progress origin "
                                                                   "+refs/heads/v1*:refs/remotes/origin/v1* "
                                                                   "+refs/tags/v1*:refs/tags/v1*\n" LOOK(
                                                                       "refs/tags/v1 refs/heads/v1 "
                                                                       "refs/remotes/origin/v1"),
         "1 failure: A branch or tag with the name 'v1' could not be found"},
        {"ref: refs/pull/7/head", "",
         LOOK("refs/pull/7/head") "git -C . -c protocol.version=2 fetch --no-tags --no-recurse-submodules --progress "
                                  "origin "
                                  "+refs/pull/7/head:refs/remotes/pull/7/head\n" SWITCHED "refs/remotes/pull/7/head\n"
                                  "git -C . log -1 --format=%H\n",
         "1 success"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(REFS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE), expected = BUF(BUF_TEXT);
        buf_printf(&text, CHECKOUT("%s"), REFS[i].with);
        buf_printf(&expected, "view .\n" SAFE(".") "%s", REFS[i].ops);
        play_init(&p);
        play_begin(&p, buf_cstr(&text));
        assert_string_equal(OPS(&p, {"for-each-ref", REFS[i].names, 0}), buf_cstr(&expected));
        assert_says(&p, REFS[i].said);
        play_done(&p);
    }
}

static void another_commit_of_the_repository(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, CHECKOUT("ref: " SHA ", set-safe-directory: false") "      - run: echo [${{ steps.s.outputs.ref }}] "
                                                                       "${{ steps.s.outputs.commit }}\n");
    static const char *const COMMANDS[] = {"", ("cat-file -e " SHA "^{commit}"), "clean -ffdx",
                                           ("checkout --progress --force " SHA), "log -1 --format=%H"};
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        play_op(&p);
        if (i > 0)
            assert_string_equal(play_argv(&p) + strlen("git -C " WS " "), COMMANDS[i]);
        if (i == 4)
            play_say(&p, SHA);
        play_exit(&p, 0);
    }
    play_op(&p);
    assert_true(str_is(play_written(&p, ".sh"), "echo [] " SHA));
    play_exit(&p, 0);
    play_done(&p);
}

static void a_ref_that_is_nowhere(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, CHECKOUT("ref: " SHA));
    assert_string_equal(
        OPS(&p, {"cat-file", NULL, 1}, {"fetch", NULL, 128}),
        "view .\n" SAFE(
            ".") "git -C . cat-file -e " SHA "^{commit}\n"
                 "git -C . -c protocol.version=2 fetch --no-tags --no-recurse-submodules --progress origin " SHA "\n"
                 "git -C . -c protocol.version=2 fetch --no-tags --no-recurse-submodules --progress origin " SHA "\n"
                 "git -C . -c protocol.version=2 fetch --no-tags --no-recurse-submodules --progress origin " SHA "\n");
    assert_says(&p, "1 failure: The commit " SHA " is not in the repository of this machine, and could not be fetched");
    play_done(&p);
}

#define BEGUN(path, url)                                                                                               \
    SAFE(path)                                                                                                         \
    "git -c init.defaultBranch=main init " path "\ngit -C " path " remote add origin " url "\ngit -C " path            \
    " config --local gc.auto 0\n"
#define FETCH(path) "git -C " path " -c protocol.version=2 fetch --no-tags --prune --no-recurse-submodules "

static void another_repository_is_fetched(void **state)
{
    static const struct {
        const char *with, *ops;
    } WITHS[] = {
        {"repository: o/r, path: r",
         BEGUN("./r", "https://github.com/o/r") "git -C ./r ls-remote --quiet --exit-code --symref origin HEAD\n" FETCH(
             "./r") "--progress --depth=1 origin +refs/heads/trunk:refs/remotes/origin/trunk\n"
                    "git -C ./r checkout --progress --force -B trunk refs/remotes/origin/trunk\n"
                    "git -C ./r log -1 --format=%H\n"},
        {"repository: o/r, ref: v1, show-progress: false, github-server-url: 'https://ghe.example/'",
         BEGUN(".", "https://ghe.example/o/r")
             FETCH(".") "--depth=1 origin +refs/heads/v1*:refs/remotes/origin/v1* +refs/tags/v1*:refs/tags/v1*\n"
                        "git -C . for-each-ref --format=%(refname) refs/tags/v1 refs/heads/v1 refs/remotes/origin/v1\n"
                        "git -C . checkout --force refs/tags/v1\ngit -C . log -1 --format=%H\n"},
        {"repository: o/r, ref: refs/tags/v1, fetch-depth: 5, fetch-tags: true, filter: 'tree:0', submodules: true",
         BEGUN(".", "https://github.com/o/r") FETCH(
             ".") "--progress --filter=tree:0 --depth=5 origin +refs/tags/*:refs/tags/* +refs/tags/v1:refs/tags/v1\n"
                  "git -C . checkout --progress --force refs/tags/v1\n"
                  "git -C . submodule sync\n"
                  "git -C . -c protocol.version=2 submodule update --init --force --depth=5\n"
                  "git -C . submodule foreach git config --local gc.auto 0\n"
                  "git -C . log -1 --format=%H\n"},
        {"repository: o/r, ref: refs/heads/x/y, fetch-depth: 0",
         BEGUN(".", "https://github.com/o/r")
             FETCH(".") "--progress origin +refs/heads/*:refs/remotes/origin/* +refs/tags/*:refs/tags/*\n"
                        "git -C . checkout --progress --force -B x/y refs/remotes/origin/x/y\n"
                        "git -C . log -1 --format=%H\n"},
        {"repository: o/r, ref: " SHA ", fetch-depth: none, lfs: true",
         BEGUN(".", "https://github.com/o/r") "git -C . lfs install --local\n" FETCH(
             ".") "--progress origin +refs/heads/*:refs/remotes/origin/* +refs/tags/*:refs/tags/* " SHA "\n"
                  "git -C . lfs fetch origin " SHA "\n"
                  "git -C . checkout --progress --force " SHA "\n"
                  "git -C . log -1 --format=%H\n"},
        {"repository: o/r, ref: refs/pull/3/merge, sparse-checkout: a, sparse-checkout-cone-mode: false",
         BEGUN(".", "https://github.com/o/r")
             FETCH(".") "--progress --filter=blob:none --depth=1 origin +refs/pull/3/merge:refs/remotes/pull/3/merge\n"
                        "git -C . sparse-checkout set --no-cone a\n"
                        "git -C . checkout --progress --force refs/remotes/pull/3/merge\n"
                        "git -C . log -1 --format=%H\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(WITHS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, CHECKOUT("%s"), WITHS[i].with);
        play_init(&p);
        play_begin(&p, buf_cstr(&text));
        assert_string_equal(
            OPS(&p, {"ls-remote", "ref: refs/heads/trunk\tHEAD", 0}, {"for-each-ref", "refs/tags/v1", 0}),
            WITHS[i].ops);
        assert_says(&p, "emulated actions/checkout: fetched with git");
        assert_says(&p, "1 success");
        play_done(&p);
    }
}

static void the_token_is_never_an_argument(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, CHECKOUT("repository: o/r, ref: refs/heads/main, token: sesame, set-safe-directory: false"));
    play_op(&p);
    assert_env(&p, "GIT_TERMINAL_PROMPT", "0");
    assert_env(&p, "GIT_CONFIG_KEY_0", "http.https://github.com/.extraheader");
    assert_env(&p, "GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46c2VzYW1l");
    assert_true(p.masks.n > 0 && str_is(p.masks.p[0], "sesame"));
    play_exit(&p, 0);
    assert_null(strstr(OPS(&p, {"nothing", NULL, 0}), "sesame"));
    play_done(&p);
}

static void a_folder_stands_in_its_stead(void **state)
{
    static const struct {
        const char *local, *base;
        bool offline;
    } WORLDS[] = {{"O/R", "", false}, {"o/r@v1", "", false}, {"o/r@v2", "/srv/git", false}, {NULL, "", true}};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(WORLDS); i++) {
        struct play p;
        play_init(&p);
        p.l.facts.repos.base = str_from(WORLDS[i].base);
        p.l.facts.repos.offline = WORLDS[i].offline;
        if (WORLDS[i].local != NULL)
            vec_push_in(p.l.a, &p.l.facts.repos.local, str_from(WORLDS[i].local));
        play_begin(&p, CHECKOUT("repository: o/r, ref: v1, path: r, set-safe-directory: false, sparse-checkout: a"));
        assert_string_equal(OPS(&p, {"show", SHA, 0}),
                            "show o/r@v1 at ./r\nsh adopt\ngit -C ./r sparse-checkout set --cone a\n");
        assert_says(&p, "emulated actions/checkout: its files, in a repository made of them\n1 success\n");
        play_done(&p);
    }
}

static void failures_are_told(void **state)
{
    static const struct {
        const char *with, *said;
    } FAILS[] = {
        {"path: ../x", "1 failure: Repository path '/home/runner/work/demo/x' is not under '" WS "'\n"},
        {"repository: nobody", "1 failure: Invalid repository 'nobody'. Expected format {owner}/{repo}.\n"},
        {"repository: a/b/c", "1 failure: Invalid repository 'a/b/c'. Expected format {owner}/{repo}.\n"},
        {"repository: /b", "1 failure: Invalid repository '/b'. Expected format {owner}/{repo}.\n"},
        {"repository: o/r, ssh-key: k",
         "1 failure: ssh-key is not supported by slipway: o/r is fetched from https://github.com/o/r, with `token`\n"},
        {"repository: o/r, ref: refs/heads/x",
         "1 failure: The process '/usr/bin/git' failed with exit code 128: https://github.com/o/r could not be "
         "fetched (it needs a network, and a token when it is private; --local-repository o/r=DIR takes a folder "
         "instead)\n"},
        {"repository: o/r, ref: v9", "1 failure: The process '/usr/bin/git' failed with exit code 128: https"},
        {"repository: o/r, lfs: true, ref: refs/heads/x", "1 failure: Unable to locate executable file: git-lfs."},
        {"repository: o/r", "1 failure: Unexpected output when retrieving default branch\n"},
    };
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(FAILS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, CHECKOUT("%s"), FAILS[i].with);
        play_init(&p);
        play_begin(&p, buf_cstr(&text));
        OPS(&p, {" fetch ", NULL, 128}, {" lfs ", NULL, 1});
        assert_says(&p, FAILS[i].said);
        play_done(&p);
    }
}

static void a_fetch_is_tried_again(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(&p, CHECKOUT("repository: o/r, ref: refs/heads/x, set-safe-directory: false"));
    for (unsigned i = 0; i < 3; i++) {
        play_op(&p);
        play_exit(&p, 0);
    }
    play_op(&p);
    play_exit(&p, 128);
    play_op(&p);
    assert_non_null(strstr(play_argv(&p), " fetch "));
    play_exit(&p, 0);
    play_op(&p);
    assert_non_null(strstr(play_argv(&p), " checkout "));
    play_exit(&p, 0);
    play_rest(&p);
    assert_says(&p, "1 success");
    play_done(&p);
}

#define TARGET "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"

static void a_forks_pull_request_is_refused(void **state)
{
    static const struct {
        const char *with;
        bool refused;
    } WITHS[] = {{"ref: refs/pull/7/merge", true},
                 {"ref: refs/pull/7/head", true},
                 {"ref: " SHA, true},
                 {"repository: Fork/demo", true},
                 {"ref: refs/heads/dev", false},
                 {"ref: refs/pull/7/merge, allow-unsafe-pr-checkout: true", false}};
    static const char EVENT[] = "{\"repository\": {\"id\": 1}, \"pull_request\": {\"head\": {\"sha\": \"" SHA
                                "\", \"repo\": {\"id\": 2, \"full_name\": \"fork/demo\"}}, \"base\": {\"ref\": "
                                "\"main\"}}}";
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(WITHS); i++) {
        struct play p;
        CLEAN(buf) struct buf text = BUF(BUF_LINE);
        buf_printf(&text, TARGET "      - {uses: actions/checkout@v7, with: {%s}}\n", WITHS[i].with);
        play_init(&p);
        p.l.facts.change.event = STR("pull_request_target");
        assert_int_equal(value_from_json(p.l.a, str_from(EVENT), MAP_NOCASE, &p.l.facts.payload, NULL), 0);
        play_begin(&p, buf_cstr(&text));
        OPS(&p, {"for-each-ref", "refs/heads/dev", 0});
        bool refused = strstr(buf_cstr(&p.log), "failure: Refusing to check out fork pull request code from a "
                                                "'pull_request_target' workflow.") != NULL;
        if (refused != WITHS[i].refused)
            fail_msg("%s: %s", WITHS[i].with, buf_cstr(&p.log));
        play_done(&p);
    }
}

static void what_steps_left_is_emptied(void **state)
{
    struct play p;
    UNUSED(state);
    play_init(&p);
    play_begin(
        &p,
        JOB "    steps:\n      - run: touch x\n      - uses: actions/checkout@v4\n      - uses: actions/checkout@v4\n");
    play_op(&p);
    play_exit(&p, 0);
    assert_string_equal(OPS(&p, {"nothing", NULL, 0}), "sh delete\nview .\n" SAFE("."));
    assert_says(&p, "substituted actions/checkout: '" WS "' was checked out before and is left as it is");
    play_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_work_tree_is_shown),           cmocka_unit_test(what_is_current_needs_no_switch),
        cmocka_unit_test(parts_of_the_work_tree),           cmocka_unit_test(another_ref_of_the_repository),
        cmocka_unit_test(another_commit_of_the_repository), cmocka_unit_test(a_ref_that_is_nowhere),
        cmocka_unit_test(another_repository_is_fetched),    cmocka_unit_test(the_token_is_never_an_argument),
        cmocka_unit_test(a_folder_stands_in_its_stead),     cmocka_unit_test(failures_are_told),
        cmocka_unit_test(a_fetch_is_tried_again),           cmocka_unit_test(a_forks_pull_request_is_refused),
        cmocka_unit_test(what_steps_left_is_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
