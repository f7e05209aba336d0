/* Trees of repositories that lie on this machine: what comes, what stays, and what is refused. */
#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../sys/room.h"
#include "store/repos.h"
#include "sys/run.h"

#include <pthread.h>

struct world {
    struct room *room;
    struct repos r;
    struct repo_tree tree;
    struct err e;
};

/* Runs a script in the room; fails the test unless it ends well. Returns what it printed, trimmed. */
static const char *sh(struct room *room, const char *script)
{
    struct err e = {0};
    struct run_result res;
    const char *const argv[] = {"sh", "-e", "-c", script, NULL};
    struct run_spec spec = {.argv = argv, .cwd = room->dir};
    if (run_capture(room->a, &spec, &res, &e) < 0)
        fail_msg("%s", e.text);
    if (res.status)
        fail_msg("%s\n%s", script, res.err.p);
    return arena_str(room->a, str_trim(res.out)).p;
}

/* A room with base/octo/tool.git: v1 is a tag of the first commit, v2 an annotated one of the second, which main is. */
static int world_open(void **state)
{
    if (room_open(state) < 0)
        return -1;
    struct room *room = *state;
    setenv("HOME", room->dir, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_DIR", "/nonexistent", 1); /* as in a hook of git's; it must not matter */
    sh(room, "unset GIT_DIR\n"
             "git config --global user.name o; git config --global user.email o@x; git config --global "
             "init.defaultBranch main; git config --global advice.detachedHead false\n"
             "mkdir -p base/octo; git init -q --bare base/octo/tool.git; git init -q work; cd work\n"
             "git remote add origin ../base/octo/tool.git\n"
             "echo one >file; mkdir sub; printf '#!/bin/sh\\n' >sub/run.sh; chmod 755 sub/run.sh\n"
             "ln -s ../../outside link; ln -s file near; git add .; git commit -qm one; git tag v1\n"
             "echo two >file; git commit -qam two; git tag -a v2 -m v2; git branch topic/x; git push -q origin main "
             "topic/x v1 v2");
    struct world *w = mem_alloc(sizeof *w);
    *w = (struct world){.room = room,
                        .r = {.root = str_from(in_room(room, "cache")), .base = str_from(in_room(room, "base"))}};
    *state = w;
    return 0;
}

static int world_close(void **state)
{
    struct world *w = *state;
    void *room = w->room;
    free(w);
    return room_close(&room);
}

static const char *commit_named(struct world *w, const char *ref)
{
    return sh(w->room, arena_printf(w->room->a, "unset GIT_DIR; cd work; git rev-parse '%s^{commit}'", ref).p);
}

static int get_tree(struct world *w, const char *ref)
{
    w->e = (struct err){0};
    w->tree = (struct repo_tree){0};
    return repos_tree(w->room->a, &w->r, STR("octo/tool"), str_from(ref), &w->tree, &w->e);
}

/* The tree at ref is there, fresh, and its file holds `text`. */
static void assert_tree(struct world *w, const char *ref, const char *text)
{
    struct err e = {0};
    struct str got;
    if (get_tree(w, ref) != 0)
        fail_msg("%s: %s", ref, w->e.text);
    assert_false(w->tree.stale);
    assert_string_equal(w->tree.commit.p, commit_named(w, ref));
    if (file_read(w->room->a, path_join(w->room->a, w->tree.dir, STR("file")).p, 100, &got, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(got.p, text);
}

static void assert_refused(struct world *w, const char *repo, const char *ref, int num, const char *text)
{
    struct repo_tree tree;
    struct err e = {0};
    assert_int_equal(repos_tree(w->room->a, &w->r, str_from(repo), str_from(ref), &tree, &e), -num);
    if (!strstr(e.text, text))
        fail_msg("'%s' is not in '%s'", text, e.text);
}

static void refs_of_every_kind(void **state)
{
    struct world *w = *state;
    assert_tree(w, "v1", "one\n");
    assert_tree(w, "v2", "two\n");
    assert_tree(w, "main", "two\n");
    assert_tree(w, "topic/x", "two\n");
    assert_tree(w, "refs/heads/topic/x", "two\n");
    assert_tree(w, "refs/tags/v2", "two\n");
    assert_tree(w, commit_named(w, "v1"), "one\n");
    assert_string_equal(sh(w->room, "ls cache/octo/tool/trees | wc -l"), "2");
}

static void a_commit_first(void **state)
{
    struct world *w = *state;
    assert_tree(w, commit_named(w, "v1"), "one\n");
    /* It is here now: nobody is asked. */
    w->r.base = STR("/nonexistent");
    assert_tree(w, commit_named(w, "v1"), "one\n");
}

/* A tag and a branch of one name: the tag is meant. */
static void tags_win(void **state)
{
    struct world *w = *state;
    sh(w->room, "unset GIT_DIR; cd work; git push -q origin main:refs/heads/v1");
    get_tree(w, "v1");
    assert_string_equal(w->tree.commit.p, commit_named(w, "refs/tags/v1"));
}

static void modes_and_links(void **state)
{
    struct world *w = *state;
    assert_tree(w, "v1", "one\n");
    const char *dir = w->tree.dir.p;
    assert_string_equal(
        sh(w->room, arena_printf(w->room->a, "cd %s; readlink link; readlink near; stat -c %%a sub/run.sh", dir).p),
        "../../outside\nfile\n755");
    assert_string_equal(sh(w->room, arena_printf(w->room->a, "ls -A %s", dir).p), "file\nlink\nnear\nsub");
}

static void branches_move(void **state)
{
    struct world *w = *state;
    assert_tree(w, "main", "two\n");
    sh(w->room, "unset GIT_DIR; cd work; echo three >file; git commit -qam three; git push -q origin main");
    assert_tree(w, "main", "three\n");
    sh(w->room, "unset GIT_DIR; cd work; git reset -q --hard v1; git push -qf origin main");
    assert_tree(w, "main", "one\n");
}

static void offline(void **state)
{
    struct world *w = *state;
    assert_tree(w, "v1", "one\n");
    w->r.offline = true;
    assert_int_equal(get_tree(w, "v1"), 0);
    assert_true(w->tree.stale);
    assert_int_equal(w->tree.why.n, 0);
    assert_refused(w, "octo/tool", "v2", ENETUNREACH, "octo/tool@v2 was not fetched before");
    assert_refused(w, "octo/other", "v1", ENETUNREACH, "was not fetched before");
}

static void unreachable(void **state)
{
    struct world *w = *state;
    assert_tree(w, "main", "two\n");
    w->r.base = STR("http://127.0.0.1:1");
    assert_int_equal(get_tree(w, "main"), 0);
    assert_true(w->tree.stale);
    assert_non_null(strstr(w->tree.why.p, "cannot reach http://127.0.0.1:1/octo/tool: "));
    w->r.base = STR("http://me:secret@127.0.0.1:1/x/");
    assert_refused(w, "octo/tool", "v1", ENETUNREACH, "cannot reach http://127.0.0.1:1/x/octo/tool: ");
    assert_refused(w, "octo/tool", "0123456789012345678901234567890123456789", ENETUNREACH, "cannot reach");
}

static void absent(void **state)
{
    struct world *w = *state;
    assert_refused(w, "octo/none", "v1", ENOENT, "there is no repository at ");
    assert_refused(w, "octo/tool", "v9", ENOENT, "octo/tool has no branch or tag 'v9'");
    assert_refused(w, "octo/tool", "abcdef1", ENOENT, "a commit is named by all of its 40 digits");
    assert_refused(w, "octo/tool", "0123456789012345678901234567890123456789", ENOENT, "octo/tool has no commit");
    /* A repository that is gone is not served from memory. */
    assert_tree(w, "v1", "one\n");
    sh(w->room, "rm -r base/octo/tool.git");
    assert_refused(w, "octo/tool", "v1", ENOENT, "there is no repository at ");
}

static void impossible_names(void **state)
{
    struct world *w = *state;
    static const char *const repos[] = {"",        "octo",     "octo/", "/tool", "octo/..",
                                        "../tool", "octo/a/b", "-x/y",  "a b/c"};
    static const char *const refs[] = {"",       "--upload-pack=touch /tmp/x",
                                       "a..b",   "a b",
                                       "/a",     "a/",
                                       "a~1",    "a^",
                                       "*",      "a/.b",
                                       "a.lock", "a\nb",
                                       "@",      "a@{1}",
                                       "x/../y"};
    for (size_t i = 0; i < ARRAY_LEN(repos); i++)
        assert_refused(w, repos[i], "v1", EINVAL, "cannot name a repository");
    for (size_t i = 0; i < ARRAY_LEN(refs); i++)
        assert_refused(w, "octo/tool", refs[i], EINVAL, "cannot be a branch, a tag or a commit");
    assert_false(path_exists(in_room(w->room, "cache")));
}

/* Refs that would be one file if names were cut or joined carelessly. */
static void names_do_not_collide(void **state)
{
    struct world *w = *state;
    char a[230], b[230];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    b[sizeof b - 2] = 'y';
    sh(w->room, arena_printf(w->room->a,
                             "unset GIT_DIR; cd work; git push -q origin v1:refs/heads/a%%2fb v2^0:refs/heads/a/b "
                             "v1:refs/heads/%s v2^0:refs/heads/%s",
                             a, b)
                    .p);
    get_tree(w, "a%2fb");
    get_tree(w, "a/b");
    get_tree(w, a);
    get_tree(w, b);
    w->r.offline = true;
    static const char *const want[] = {"v1", "v2", "v1", "v2"};
    const char *const refs[] = {"a%2fb", "a/b", a, b};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(get_tree(w, refs[i]), 0);
        assert_string_equal(w->tree.commit.p, commit_named(w, want[i]));
    }
}

/* What kill -9 may leave: half a tree, half a clone, locks of git's. */
static void leftovers(void **state)
{
    struct world *w = *state;
    sh(w->room, "mkdir -p cache/octo/tool/trees/.tmp/half cache/octo/tool/git.new; touch cache/octo/tool/trees/.tmp/x");
    assert_tree(w, "v1", "one\n");
    assert_string_equal(sh(w->room, "ls -A cache/octo/tool/trees | wc -l; ls cache/octo/tool"),
                        "1\ngit\nlock\nrefs\ntrees");
    sh(w->room, "touch cache/octo/tool/git/shallow.lock cache/octo/tool/git/config.lock");
    assert_tree(w, "v2", "two\n");
    sh(w->room, "rm -r cache/octo/tool/git/objects cache/octo/tool/trees");
    assert_tree(w, "v1", "one\n");
    assert_tree(w, "main", "two\n");
}

/* A tree object with names that lead out of it: nothing is written there, and nothing is shown. */
static void trees_that_climb(void **state)
{
    struct world *w = *state;
    sh(w->room, "unset GIT_DIR; cd base/octo/tool.git\n"
                "blob=$(echo gotcha | git hash-object -w --stdin)\n"
                "raw=$(printf %s $blob | sed 's/../\\\\x&/g')\n"
                "evil() { bash -c \"printf '100644 $1\\0$raw'\" | git hash-object -t tree -w --stdin --literally; }\n"
                "for name in ../escaped .git/x /tmp/slipway-escaped; do\n"
                "  n=$((n+1)); git update-ref refs/heads/evil$n $(git commit-tree -m e $(evil $name))\n"
                "done");
    for (int i = 1; i <= 3; i++) {
        assert_true(get_tree(w, arena_printf(w->room->a, "evil%d", i).p) < 0);
        assert_non_null(strstr(w->e.text, "invalid path"));
    }
    assert_string_equal(sh(w->room, "find . -name escaped; ls -A cache/octo/tool/trees 2>/dev/null || true"), "");
    assert_false(path_exists("/tmp/slipway-escaped"));
    assert_tree(w, "v1", "one\n");
}

/* As in the archives that the service takes. */
static void attributes_decide_what_is_there(void **state)
{
    struct world *w = *state;
    sh(w->room, "unset GIT_DIR; cd work; mkdir tests; echo x >tests/x; echo y >secret; printf 'a\\r\\n' >crlf\n"
                "echo '$Format:%H$' >version; printf '/tests export-ignore\\nsecret export-ignore\\nversion "
                "export-subst\\n' >.gitattributes; git add .; git commit -qm attributes; git push -q origin main");
    assert_tree(w, "main", "two\n");
    const char *dir = w->tree.dir.p;
    assert_string_equal(sh(w->room, arena_printf(w->room->a, "ls -A %s", dir).p),
                        ".gitattributes\ncrlf\nfile\nlink\nnear\nsub\nversion");
    assert_string_equal(sh(w->room, arena_printf(w->room->a, "cat %s/version; wc -c <%s/crlf", dir, dir).p),
                        arena_printf(w->room->a, "%s\n3", w->tree.commit.p).p);
}

/* Configuration of the user's that would change files or run programs has no say. */
static void filters_do_not_run(void **state)
{
    struct world *w = *state;
    sh(w->room,
       "unset GIT_DIR; cd work; echo '* text=auto' >.gitattributes; echo 'big filter=lfs' >>.gitattributes\n"
       "echo pointer >big; git add .; git commit -qm lfs; git push -q origin main\n"
       "git config --global filter.lfs.smudge 'touch ~/smudged; cat'; git config --global filter.lfs.required true\n"
       "git config --global core.autocrlf true; mkdir ../hooks; git config --global core.hooksPath ~/hooks\n"
       "printf '#!/bin/sh\\ntouch ~/hooked\\n' >../hooks/reference-transaction; chmod 755 ../hooks/*");
    assert_tree(w, "main", "two\n");
    assert_string_equal(sh(w->room, "ls smudged hooked 2>/dev/null || true"), "");
}

static void *fetch_all(void *arg)
{
    struct world w = *(struct world *)arg;
    static const char *const refs[] = {"v1", "v2", "main", "topic/x"};
    intptr_t good = 0;
    CLEAN(arena) struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(refs); i++)
        good += repos_tree(a, &w.r, STR("octo/tool"), str_from(refs[i]), &w.tree, &w.e) == 0 && !w.tree.stale;
    return (void *)good;
}

static void many_at_once(void **state)
{
    struct world *w = *state;
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fetch_all, w), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_int_equal((intptr_t)good, 4);
    }
}

/* Nobody waits any more: neither the lock that another holds nor a server that says nothing keeps us. */
static void stopped(void **state)
{
    struct world *w = *state;
    int ends[2], lock = -1;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    w->r.stop = &ends[0];
    assert_tree(w, "v1", "one\n");
    fd_close(&ends[1]);
    assert_int_equal(get_tree(w, "v2"), -ECANCELED);
    assert_int_equal(file_lock(in_room(w->room, "cache/octo/tool/lock"), true, &lock, NULL), 0);
    assert_int_equal(get_tree(w, "v2"), -ECANCELED);
    fd_close(&lock);
    fd_close(&ends[0]);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(refs_of_every_kind),
        IN_WORLD(a_commit_first),
        IN_WORLD(tags_win),
        IN_WORLD(modes_and_links),
        IN_WORLD(branches_move),
        IN_WORLD(offline),
        IN_WORLD(unreachable),
        IN_WORLD(absent),
        IN_WORLD(impossible_names),
        IN_WORLD(leftovers),
        IN_WORLD(trees_that_climb),
        IN_WORLD(filters_do_not_run),
        IN_WORLD(attributes_decide_what_is_there),
        IN_WORLD(many_at_once),
        IN_WORLD(stopped),
        IN_WORLD(names_do_not_collide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
