#include "core/base.h"
#include "play.h"
#include "vt.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* A view and the screen it writes to. */
struct stage {
    struct sink *sink;
    struct vt vt;
    int fd;
    off_t seen;
};

static void look_at(struct stage *g)
{
    char text[65536];
    ssize_t n;
    while ((n = pread(g->fd, text, sizeof text, g->seen)) > 0) {
        vt_feed(&g->vt, str_of(text, (size_t)n));
        g->seen += n;
    }
    assert_false(g->vt.hidden);
}

static void assert_screen(struct stage *g, const char *expected)
{
    look_at(g);
    struct buf b = vt_text(&g->vt);
    assert_string_equal(buf_cstr(&b), expected);
    buf_done(&b);
}

static struct stage *stage_new(struct sink_look look)
{
    struct stage *g = mem_alloc(sizeof *g);
    g->fd = scratch_fd();
    look.out = look.progress = g->fd;
    g->vt.rows = look.rows;
    g->vt.columns = look.columns;
    g->sink = sink_term_new(&look);
    return g;
}

static void stage_free(struct stage *g)
{
    close(g->fd);
    free(g);
}

static void tick(struct stage *g, int64_t now_ns)
{
    g->sink->ops->tick(g->sink, now_ns);
}

static const struct sink_look usual = {.utf8 = true, .columns = 80, .rows = 24};

static void shows_a_line_per_job_and_redraws_in_place(void **state)
{
    UNUSED(state);
    struct stage *g = stage_new(usual);
    play(g->sink, one_of_each, 15);
    tick(g, 500 * MS);
    tick(g, 700 * MS);
    play(g->sink, &one_of_each[15], 3);
    tick(g, 3 * S);
    assert_screen(g, "lint: warning: src/app.py:3:80: E501: line too long\n"
                     "● lint         Lint         2.9s  all clean\n"
                     "● test (3.9)   Run tests    2.8s  E  assert 4 == 5\n"
                     "○ test (3.14)  waiting\n"
                     "2 running, 1 waiting  3.0s\n");
    end_play(g->sink);
    stage_free(g);
}

static void a_failed_step_shows_its_log_above_the_block_at_once(void **state)
{
    UNUSED(state);
    struct stage *g = stage_new(usual);
    play(g->sink, one_of_each, 15);
    tick(g, 500 * MS);
    play(g->sink, &one_of_each[15], 6);
    assert_screen(g, "lint: warning: src/app.py:3:80: E501: line too long\n"
                     "✗ test (3.9), step 1 Run tests failed after 11s: exit status 1\n"
                     "  .github/workflows/ci.yml:38\n"
                     "  $ set -e\n"
                     "    pytest -q\n"
                     "  │ F       [100%]\n"
                     "  │\n"
                     "  │ E  assert 4 == 5\n"
                     "\n"
                     "✓ lint                      1.4s\n"
                     "● test (3.9)   Run tests     11s  E  assert 4 == 5\n"
                     "○ test (3.14)  waiting\n"
                     "1 passed, 1 running, 1 waiting  12s\n");
    end_play(g->sink);
    stage_free(g);
}

static void the_end_replaces_the_block_by_the_table(void **state)
{
    UNUSED(state);
    struct sink_look look = usual;
    look.rows = 40;
    struct stage *g = stage_new(look);
    play(g->sink, one_of_each, ARRAY_LEN(one_of_each) - 1);
    tick(g, 13 * S);
    play(g->sink, &one_of_each[ARRAY_LEN(one_of_each) - 1], 1);
    end_play(g->sink);
    assert_screen(g, "lint: warning: src/app.py:3:80: E501: line too long\n"
                     "✗ test (3.9), step 1 Run tests failed after 11s: exit status 1\n"
                     "  .github/workflows/ci.yml:38\n"
                     "  $ set -e\n"
                     "    pytest -q\n"
                     "  │ F       [100%]\n"
                     "  │\n"
                     "  │ E  assert 4 == 5\n"
                     "\n"
                     "slipway: warning: the disk is nearly full\n"
                     "\n"
                     "SERVICE  JOB             RESULT     TIME\n"
                     "github   CI/lint         ✓ passed   1.4s\n"
                     "github   CI/test (3.9)   ✗ failed    11s  Run tests: exit status 1\n"
                     "github   CI/test (3.14)  – skipped        no Python 3.14 here\n"
                     "github   Load            – not run        branches: staging\n"
                     "\n"
                     "emulated\n"
                     "  actions/checkout@v4: the work tree, copied\n"
                     "substituted\n"
                     "  ubuntu-24.04: this host, Debian 12 (2 times)\n"
                     "skipped\n"
                     "  python 3.14: none found, skipped\n"
                     "\n"
                     "1 passed, 1 failed, 1 skipped in 12s\n");
    stage_free(g);
}

static void queue_and_start(struct sink *s, unsigned jobs, unsigned running, const char *name)
{
    for (unsigned i = 1; i <= jobs; i++) {
        char text[200];
        int n = snprintf(text, sizeof text, "%s (3.%u)", name, i);
        struct event ev = {.kind = EVENT_JOB_QUEUED,
                           .job = i,
                           .service = STR("github"),
                           .pipeline = STR("CI"),
                           .name = str_of(text, (size_t)n)};
        play(s, &ev, 1);
    }
    for (unsigned i = jobs - running + 1; i <= jobs; i++) {
        struct event events[] = {
            {.kind = EVENT_JOB_STARTED, .job = i},
            {.kind = EVENT_STEP_STARTED, .job = i, .step = 1, .name = T("a step whose name is long enough to be cut")},
            {.kind = EVENT_OUTPUT, .job = i, .step = 1, .text = T("가나다라마바사아자차카타파하 \033]0;title\a\ttab")},
        };
        play(s, events, ARRAY_LEN(events));
    }
}

static void more_jobs_than_rows_show_the_active_ones(void **state)
{
    UNUSED(state);
    struct sink_look look = usual;
    look.rows = 7;
    struct stage *g = stage_new(look);
    queue_and_start(g->sink, 30, 2, "test");
    tick(g, 1 * S);
    tick(g, 2 * S);
    assert_screen(g, "○ test (3.1)   waiting\n"
                     "○ test (3.2)   waiting\n"
                     "● test (3.29)  a step whose name is l…    2.0s  가나다라마바사아자차카타파하  …\n"
                     "● test (3.30)  a step whose name is l…    2.0s  가나다라마바사아자차카타파하  …\n"
                     "… and 26 more\n"
                     "2 running, 28 waiting  2.0s\n");
    end_play(g->sink);
    stage_free(g);
}

static void narrow_terminals_leave_columns_out(void **state)
{
    UNUSED(state);
    struct sink_look look = {.columns = 30, .rows = 24};
    struct stage *g = stage_new(look);
    queue_and_start(g->sink, 2, 1, "a name that does not fit");
    tick(g, 100 * S);
    tick(g, 200 * S);
    assert_screen(g, ". a na...3.1)\n"
                     "* a na...3.2)   3m20s\n"
                     "1 running, 1 waiting  3m20s\n");
    end_play(g->sink);
    stage_free(g);
}

static void at_most_ten_frames_a_second(void **state)
{
    UNUSED(state);
    struct stage *g = stage_new(usual);
    play(g->sink, one_of_each, 10);
    tick(g, 1000 * MS);
    look_at(g);
    off_t after_one = g->seen;
    tick(g, 1050 * MS);
    look_at(g);
    assert_int_equal(g->seen, after_one);
    tick(g, 1100 * MS);
    look_at(g);
    assert_true(g->seen > after_one);
    end_play(g->sink);
    stage_free(g);
}

static void verbose_output_passes_above_the_block(void **state)
{
    UNUSED(state);
    struct sink_look look = usual;
    look.verbose = 1;
    look.rows = 6;
    look.colour = true;
    struct stage *g = stage_new(look);
    play(g->sink, one_of_each, 3);
    play(g->sink, &one_of_each[3], 1);
    play(g->sink, &one_of_each[8], 1);
    for (int i = 0; i < 100; i++) {
        char text[40];
        int n = snprintf(text, sizeof text, "\033[31mline %d", i);
        play(g->sink, &(struct event){.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = str_of(text, (size_t)n)}, 1);
        if (i % 30 == 0)
            tick(g, 1 * S + i * 10 * MS);
    }
    tick(g, 9 * S);
    assert_screen(g, "lint │ line 97\n"
                     "lint │ line 98\n"
                     "lint │ line 99\n"
                     "● lint    8.9s  line 99\n"
                     "1 running  9.0s\n");
    end_play(g->sink);
    stage_free(g);
}

static void the_table_fits_a_narrow_terminal(void **state)
{
    UNUSED(state);
    static const struct event events[] = {
        {.kind = EVENT_JOB_QUEUED,
         .job = 1,
         .service = T("github"),
         .pipeline = T("통합"),
         .name = T("통합 테스트 (3.9)")},
        {.kind = EVENT_JOB_QUEUED, .job = 2, .service = T("github"), .pipeline = T("통합"), .name = T("b")},
        {.kind = EVENT_JOB_FINISHED,
         .job = 1,
         .result = RESULT_SKIPPED,
         .text = T("there is no Python 3.9 on this machine")},
        {.kind = EVENT_JOB_STARTED, .job = 2},
        {.kind = EVENT_JOB_FINISHED, .job = 2, .result = RESULT_SUCCESS, .elapsed_ns = 72 * S},
        {.kind = EVENT_RUN_FINISHED, .result = RESULT_SUCCESS, .elapsed_ns = 72 * S},
    };
    struct stage *g = stage_new((struct sink_look){.utf8 = true, .columns = 42, .rows = 24});
    play(g->sink, events, ARRAY_LEN(events));
    end_play(g->sink);
    assert_screen(g, "SERVICE  JOB              RESULT      TIME\n"
                     "github   통합/통… (3.9)   – skipped\n"
                     "           there is no Python 3.9 on this\n"
                     "           machine\n"
                     "github   통합/b           ✓ passed   1m12s\n"
                     "\n"
                     "1 passed, 1 skipped in 1m12s\n");
    stage_free(g);
}

static void a_frame_goes_up_by_the_rows_of_the_last_one(void **state)
{
    UNUSED(state);
    int fds[2];
    char text[65536];
    assert_int_equal(pipe(fds), 0);
    struct sink_look look = {.utf8 = true, .columns = 80, .rows = 24, .out = fds[1], .progress = fds[1]};
    struct sink *s = sink_term_new(&look);
    play(s, one_of_each, 13);
    s->ops->tick(s, 1 * S);
    assert_true(read(fds[0], text, sizeof text) > 0);
    s->ops->tick(s, 2 * S);
    ssize_t n = read(fds[0], text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = 0;
    assert_non_null(strstr(text, "\033[?25l\r\033[4A")); /* three jobs and the counts: four rows up */
    end_play(s);
    close(fds[0]);
    close(fds[1]);
}

static void quiet_has_no_block(void **state)
{
    UNUSED(state);
    struct sink_look look = usual;
    look.quiet = true;
    struct stage *g = stage_new(look);
    play(g->sink, one_of_each, 15);
    tick(g, 5 * S);
    assert_screen(g, "");
    end_play(g->sink);
    stage_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_line_per_job_and_redraws_in_place),
        cmocka_unit_test(a_failed_step_shows_its_log_above_the_block_at_once),
        cmocka_unit_test(the_end_replaces_the_block_by_the_table),
        cmocka_unit_test(more_jobs_than_rows_show_the_active_ones),
        cmocka_unit_test(narrow_terminals_leave_columns_out),
        cmocka_unit_test(at_most_ten_frames_a_second),
        cmocka_unit_test(verbose_output_passes_above_the_block),
        cmocka_unit_test(the_table_fits_a_narrow_terminal),
        cmocka_unit_test(a_frame_goes_up_by_the_rows_of_the_last_one),
        cmocka_unit_test(quiet_has_no_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
