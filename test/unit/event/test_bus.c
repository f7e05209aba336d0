#include "core/base.h"
#include "core/err.h"
#include "event/event.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* A sink that writes down what it is told, and fails when asked to. */
struct recorder {
    struct sink sink;
    char name;
    char *log; /* shared: "a:output" ... */
    enum event_kind fails_on;
    bool fails, finish_fails;
    int64_t last_ns;
    struct bus *emits_to;
};

static int64_t clock_ns;

static int64_t fake_now(void)
{
    return clock_ns;
}

static void note(struct recorder *r, const char *what, struct str text)
{
    size_t n = strlen(r->log);
    snprintf(r->log + n, 4096 - n, "%c:%s%s%.*s ", r->name, what, text.n ? "=" : "", STR_ARG(text));
}

static int on_event(struct sink *s, const struct event *ev, struct err *e)
{
    struct recorder *r = (struct recorder *)s;
    r->last_ns = ev->at_ns;
    if (r->fails && r->fails_on == ev->kind)
        return err_set(e, EPIPE, "the pipe is closed");
    if (r->emits_to)
        bus_emit(r->emits_to, &(struct event){.kind = EVENT_NOTE});
    note(r, event_kind_name(ev->kind), ev->text);
    return 0;
}

static void on_tick(struct sink *s, int64_t now_ns)
{
    struct recorder *r = (struct recorder *)s;
    r->last_ns = now_ns;
    note(r, "tick", STR_NONE);
}

static int on_finish(struct sink *s, struct err *e)
{
    struct recorder *r = (struct recorder *)s;
    note(r, "finish", STR_NONE);
    return r->finish_fails ? err_set(e, ENOSPC, "disk full") : 0;
}

static void on_free(struct sink *s)
{
    free(s);
}

static const struct sink_ops ticking = {"recorder", on_event, on_tick, on_finish, on_free};
static const struct sink_ops silent = {"recorder", on_event, NULL, on_finish, on_free};

static struct recorder *attach(struct bus *b, char name, char *log, const struct sink_ops *ops)
{
    struct recorder *r = mem_alloc(sizeof *r);
    r->sink.ops = ops;
    r->name = name;
    r->log = log;
    bus_attach(b, &r->sink);
    return r;
}

static void emit(struct bus *b, enum event_kind kind, struct str text)
{
    bus_emit(b, &(struct event){.kind = kind, .text = text});
}

static void events_go_to_all_in_order(void **state)
{
    UNUSED(state);
    char log[4096] = "";
    clock_ns = 5000;
    struct bus *b = bus_new(fake_now);
    struct recorder *a = attach(b, 'a', log, &ticking);
    attach(b, 'b', log, &silent);
    clock_ns = 5042;
    emit(b, EVENT_OUTPUT, STR("hi"));
    assert_int_equal(a->last_ns, 42);
    clock_ns = 5050;
    bus_tick(b);
    assert_int_equal(a->last_ns, 50);
    struct err e = {0};
    assert_int_equal(bus_finish(b, &e), 0);
    assert_string_equal(log, "a:output=hi b:output=hi a:tick a:finish b:finish ");
    bus_free(b);
    bus_free(NULL);
}

static void a_failed_sink_is_detached_and_told_of_once(void **state)
{
    UNUSED(state);
    char log[4096] = "";
    struct bus *b = bus_new(fake_now);
    attach(b, 'a', log, &silent);
    struct recorder *bad = attach(b, 'b', log, &silent);
    attach(b, 'c', log, &silent);
    bad->fails = true;
    bad->fails_on = EVENT_OUTPUT;
    emit(b, EVENT_GROUP, STR_NONE);
    emit(b, EVENT_OUTPUT, STR_NONE);
    emit(b, EVENT_OUTPUT, STR_NONE);
    assert_int_equal(bus_finish(b, NULL), 0);
    assert_string_equal(log, "a:group b:group c:group a:output c:output "
                             "a:warning=recorder stopped taking part: the pipe is closed "
                             "c:warning=recorder stopped taking part: the pipe is closed "
                             "a:output c:output a:finish c:finish ");
    bus_free(b);
}

static void a_sink_may_fail_on_the_warning(void **state)
{
    UNUSED(state);
    char log[4096] = "";
    struct bus *b = bus_new(fake_now);
    struct recorder *first = attach(b, 'a', log, &silent), *second = attach(b, 'b', log, &silent);
    first->fails = second->fails = true;
    first->fails_on = EVENT_OUTPUT;
    second->fails_on = EVENT_WARNING;
    emit(b, EVENT_OUTPUT, STR_NONE);
    assert_string_equal(log, "b:output ");
    struct err e = {0};
    /* Nobody was left to be told of the second: the caller is. */
    assert_int_equal(bus_finish(b, &e), -EPIPE);
    assert_string_equal(e.text, "recorder: the pipe is closed");
    bus_free(b);
}

static void all_are_finished_and_the_first_error_returned(void **state)
{
    UNUSED(state);
    char log[4096] = "";
    struct bus *b = bus_new(fake_now);
    attach(b, 'a', log, &silent)->finish_fails = true;
    attach(b, 'b', log, &silent);
    struct err e = {0};
    assert_int_equal(bus_finish(b, &e), -ENOSPC);
    assert_string_equal(e.text, "recorder: disk full");
    assert_string_equal(log, "a:finish b:finish ");
    bus_free(b);
}

/* In a child, as BUG ends the process. */
static void an_event_from_inside_a_sink_is_a_bug(void **state)
{
    UNUSED(state);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        char log[4096] = "";
        struct bus *b = bus_new(fake_now);
        attach(b, 'a', log, &silent)->emits_to = b;
        emit(b, EVENT_OUTPUT, STR_NONE);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void names_are_those_of_the_json_stream(void **state)
{
    UNUSED(state);
    assert_string_equal(result_name(RESULT_NONE), "");
    assert_string_equal(result_name(RESULT_CANCELLED), "cancelled");
    assert_string_equal(event_kind_name(EVENT_RUN_STARTED), "run_started");
    assert_string_equal(event_kind_name(EVENT_RUN_FINISHED), "run_finished");
    assert_string_equal(event_stream_name(STREAM_ERR), "err");
    assert_string_equal(event_level_name(LEVEL_NOTICE), "notice");
    assert_string_equal(event_how_name(HOW_SUBSTITUTED), "substituted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_go_to_all_in_order),
        cmocka_unit_test(a_failed_sink_is_detached_and_told_of_once),
        cmocka_unit_test(a_sink_may_fail_on_the_warning),
        cmocka_unit_test(all_are_finished_and_the_first_error_returned),
        cmocka_unit_test(an_event_from_inside_a_sink_is_a_bug),
        cmocka_unit_test(names_are_those_of_the_json_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
