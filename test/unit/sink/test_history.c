#include "core/base.h"
#include "play.h"
#include "core/err.h"
#include "sink/history.h"
#include "sys/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct place {
    char dir[64], db[96];
    struct arena *arena;
    struct err e;
};

static int place_new(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/slipway-history-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->db, sizeof p->db, "%s/history.db", p->dir);
    p->arena = arena_new();
    *state = p;
    return 0;
}

static int place_free(void **state)
{
    struct place *p = *state;
    tree_remove(p->dir, NULL);
    arena_free(p->arena);
    free(p);
    return 0;
}

static struct str db_of(const struct place *p)
{
    return str_from(p->db);
}

static int64_t begin(struct place *p, const char *project, struct sink **ret)
{
    int64_t id = 0, number = 0;
    if (history_next_run(db_of(p), str_from(project), &id, &number, &p->e) < 0)
        fail_msg("%s", p->e.text);
    *ret = sink_history_new(db_of(p), id, 1000 + id, str_from(project), &p->e);
    if (!*ret)
        fail_msg("%s", p->e.text);
    return id;
}

static int collect(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line)
{
    buf_printf(ctx, "%u.%u %s: %.*s\n", job, step, event_stream_name(stream), STR_ARG(line));
    return 0;
}

static void assert_log(struct place *p, int64_t run, unsigned job, const char *expected)
{
    struct buf b = BUF(BUF_TEXT);
    assert_int_equal(history_log(db_of(p), run, job, collect, &b, &p->e), 0);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static void a_run_is_read_as_it_was_written(void **state)
{
    struct place *p = *state;
    struct sink *s;
    struct history_run *runs;
    struct history_job *jobs;
    size_t n;
    int64_t id = begin(p, "hello", &s);
    assert_int_equal(id, 1);
    play(s, one_of_each, ARRAY_LEN(one_of_each));
    end_play(s);

    assert_int_equal(history_runs(p->arena, db_of(p), STR("hello"), 10, &runs, &n, &p->e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(runs[0].id, 1);
    assert_int_equal(runs[0].number, 1);
    assert_int_equal(runs[0].started_ms, 1001);
    assert_int_equal(runs[0].elapsed_ns, 12400 * MS);
    assert_true(str_is(runs[0].event, "push") && str_is(runs[0].branch, "main") && str_is(runs[0].project, "hello"));
    assert_int_equal(runs[0].result, RESULT_FAILURE);
    assert_true(runs[0].finished);
    assert_int_equal(runs[0].passed, 1);
    assert_int_equal(runs[0].failed, 1);
    assert_int_equal(runs[0].cancelled, 0);
    assert_int_equal(runs[0].skipped, 1);

    assert_int_equal(history_jobs(p->arena, db_of(p), id, &jobs, &n, &p->e), 0);
    assert_int_equal(n, 3);
    assert_true(str_is(jobs[1].id, "test (3.9)") && str_is(jobs[1].pipeline, "CI") &&
                str_is(jobs[1].service, "github"));
    assert_int_equal(jobs[1].result, RESULT_FAILURE);
    assert_int_equal(jobs[1].elapsed_ns, 11890 * MS);
    assert_true(str_is(jobs[2].why, "no Python 3.14 here"));

    assert_log(p, id, 0,
               "1.1 out: \033[32mall\033[0m clean\033[2J\n"
               "2.1 out: F\t[100%]\n"
               "2.1 err: \n"
               "2.1 out: E  assert 4 == 5\n");
    assert_log(p, id, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n");
}

static void runs_are_numbered_in_their_project(void **state)
{
    struct place *p = *state;
    int64_t id = 0, number = 0;
    struct history_run *runs;
    size_t n;
    struct sink *s;
    assert_int_equal(history_runs(p->arena, db_of(p), STR(""), 10, &runs, &n, &p->e), 0); /* no file yet */
    assert_int_equal(n, 0);
    assert_false(path_exists(p->db));
    assert_int_equal(history_next_run(db_of(p), STR("a"), &id, &number, &p->e), 0);
    assert_true(id == 1 && number == 1);
    assert_int_equal(history_next_run(db_of(p), STR("b"), &id, &number, &p->e), 0);
    assert_true(id == 2 && number == 1);
    begin(p, "a", &s);
    end_play(s);
    begin(p, "b", &s);
    end_play(s);
    assert_int_equal(history_runs(p->arena, db_of(p), STR(""), 10, &runs, &n, &p->e), 0);
    assert_int_equal(n, 2); /* the two that were only reserved are not listed */
    assert_true(runs[0].id == 4 && runs[0].number == 2 && runs[1].id == 3 && runs[1].number == 2);
    assert_false(runs[0].finished);
    assert_int_equal(history_runs(p->arena, db_of(p), STR(""), 1, &runs, &n, &p->e), 0);
    assert_true(n == 1 && runs[0].id == 4);
    assert_int_equal(history_runs(p->arena, db_of(p), STR("c"), 10, &runs, &n, &p->e), 0);
    assert_int_equal(n, 0);
}

static void long_logs_come_back_whole_and_in_order(void **state)
{
    struct place *p = *state;
    struct sink *s;
    struct buf expected = BUF((size_t)64 << 20), got = BUF((size_t)64 << 20);
    int64_t id = begin(p, "a", &s);
    char *huge = mem_alloc(200001);
    memset(huge, 'x', 200000);
    play(s, &(struct event){.kind = EVENT_JOB_QUEUED, .job = 1, .name = STR("a")}, 1);
    for (unsigned i = 0; i < 40000; i++) {
        char text[60];
        int n = snprintf(text, sizeof text, "line %u of a log that is long", i);
        struct str line = i == 777 ? str_from(huge) : str_of(text, (size_t)n);
        struct event ev = {.kind = EVENT_OUTPUT, .job = 1, .step = 1 + i / 1000, .stream = i % 3, .text = line};
        play(s, &ev, 1);
        collect(&expected, 1, ev.step, ev.stream, line);
    }
    play(s, &(struct event){.kind = EVENT_GROUP, .job = 1, .step = 2, .text = STR("g")}, 1);
    play(s, &(struct event){.kind = EVENT_GROUP_END, .job = 1, .step = 2}, 1);
    buf_add_cstr(&expected, "1.2 slipway: ##[group]g\n1.2 slipway: ##[endgroup]\n");
    play(s, &(struct event){.kind = EVENT_JOB_FINISHED, .job = 1, .result = RESULT_SUCCESS}, 1);
    end_play(s);
    assert_int_equal(history_log(db_of(p), id, 1, collect, &got, &p->e), 0);
    assert_true(str_eq(buf_str(&expected), buf_str(&got)));
    buf_done(&expected);
    buf_done(&got);
    free(huge);
}

static void a_run_that_goes_on_can_be_read(void **state)
{
    struct place *p = *state;
    struct sink *s;
    int64_t id = begin(p, "a", &s);
    play(s, one_of_each, 13);
    s->ops->tick(s, 2 * S);
    assert_log(p, id, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n");
    play(s, &(struct event){.kind = EVENT_OUTPUT, .at_ns = 2100 * MS, .job = 1, .step = 1, .text = STR("more")}, 1);
    assert_log(p, id, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n"); /* no transaction for every line */
    s->ops->tick(s, 3500 * MS);
    assert_log(p, id, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n1.1 out: more\n");
    end_play(s);
}

static void two_runs_write_at_once(void **state)
{
    struct place *p = *state;
    struct sink *a, *b;
    int64_t first = begin(p, "a", &a), second = begin(p, "a", &b);
    for (size_t i = 0; i < ARRAY_LEN(one_of_each); i++) {
        play(a, &one_of_each[i], 1);
        a->ops->tick(a, (int64_t)i * 2 * S);
        play(b, &one_of_each[i], 1);
        b->ops->tick(b, (int64_t)i * 2 * S);
    }
    end_play(a);
    end_play(b);
    assert_log(p, first, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n");
    assert_log(p, second, 1, "1.1 out: \033[32mall\033[0m clean\033[2J\n");
}

static int stop_at_once(void *ctx, unsigned job, unsigned step, enum event_stream stream, struct str line)
{
    UNUSED(job), UNUSED(step), UNUSED(stream), UNUSED(line);
    ++*(int *)ctx;
    return 1;
}

static void what_is_not_there_is_said(void **state)
{
    struct place *p = *state;
    struct history_job *jobs;
    size_t n;
    struct sink *s;
    int calls = 0;
    assert_int_equal(history_jobs(p->arena, db_of(p), 9, &jobs, &n, &p->e), -ENOENT);
    assert_string_equal(p->e.text, "there is no run 9: nothing ran here yet");
    int64_t id = begin(p, "a", &s);
    play(s, one_of_each, ARRAY_LEN(one_of_each));
    end_play(s);
    assert_int_equal(history_jobs(p->arena, db_of(p), 9, &jobs, &n, &p->e), -ENOENT);
    assert_string_equal(p->e.text, "there is no run 9");
    assert_int_equal(history_log(db_of(p), id, 0, stop_at_once, &calls, &p->e), 0);
    assert_int_equal(calls, 1);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void foreign_and_newer_files_are_left_alone(void **state)
{
    struct place *p = *state;
    int64_t id, number;
    struct sink *s;
    assert_int_equal(file_write(p->db, STR("this is a text, and a long enough one to be no empty file\n"), 0600, NULL),
                     0);
    assert_true(history_next_run(db_of(p), STR("a"), &id, &number, &p->e) < 0);
    assert_non_null(strstr(p->e.text, "history.db"));
    assert_int_equal(unlink(p->db), 0);
    execute(p->db, "CREATE TABLE t (x); PRAGMA user_version = 3");
    assert_int_equal(history_next_run(db_of(p), STR("a"), &id, &number, &p->e), -EINVAL);
    assert_non_null(strstr(p->e.text, "not a history of slipway"));
    assert_int_equal(unlink(p->db), 0);
    begin(p, "a", &s);
    end_play(s);
    execute(p->db, "PRAGMA user_version = 1000");
    assert_null(sink_history_new(db_of(p), 1, 1, STR("a"), &p->e));
    assert_int_equal(p->e.num, -EPROTO);
    assert_non_null(strstr(p->e.text, "newer slipway"));
    assert_null(sink_history_new(str_from(p->dir), 1, 1, STR("a"), &p->e));
    assert_non_null(strstr(p->e.text, p->dir));
}

/* In a process of its own: the limit stays. */
static int write_until_full(struct place *p)
{
    struct sink *s;
    struct err e = {0};
    begin(p, "a", &s);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    struct event ev = {.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = STR("some line of output that is not short")};
    int r = 0;
    for (int i = 0; i < 1000000 && r == 0; i++)
        r = s->ops->event(s, &ev, &e);
    int again = s->ops->event(s, &ev, &e);
    s->ops->free(s);
    bool says_why = strstr(e.text, "cannot write to the history") != NULL;
    return r < 0 && again == r && says_why ? 0 : 1;
}

static void a_full_disk_is_an_error(void **state)
{
    struct place *p = *state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(write_until_full(p));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void old_logs_are_trimmed(void **state)
{
    struct place *p = *state;
    struct history_run *runs;
    size_t n;
    char text[1000];
    memset(text, 'x', sizeof text);
    for (int run = 0; run < 3; run++) {
        struct sink *s;
        begin(p, "a", &s);
        for (int i = 0; i < 1000; i++)
            play(s, &(struct event){.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = str_of(text, sizeof text)}, 1);
        end_play(s);
    }
    assert_int_equal(history_trim(db_of(p), 2500000, &p->e), 0);
    assert_log(p, 1, 0, "");
    int calls = 0;
    assert_int_equal(history_log(db_of(p), 2, 0, stop_at_once, &calls, &p->e), 0);
    assert_int_equal(history_log(db_of(p), 3, 0, stop_at_once, &calls, &p->e), 0);
    assert_int_equal(calls, 2);
    assert_int_equal(history_runs(p->arena, db_of(p), STR("a"), 10, &runs, &n, &p->e), 0);
    assert_int_equal(n, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_is_read_as_it_was_written),
        TEST(runs_are_numbered_in_their_project),
        TEST(long_logs_come_back_whole_and_in_order),
        TEST(a_run_that_goes_on_can_be_read),
        TEST(two_runs_write_at_once),
        TEST(what_is_not_there_is_said),
        TEST(foreign_and_newer_files_are_left_alone),
        TEST(a_full_disk_is_an_error),
        TEST(old_logs_are_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
