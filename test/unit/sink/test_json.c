#include "core/base.h"
#include "play.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static char *json_of(const struct event *events, size_t n)
{
    int fd = scratch_fd();
    struct sink *s = sink_json_new(fd);
    play(s, events, n);
    end_play(s);
    char *text = written(fd);
    close(fd);
    return text;
}

static void each_kind_has_its_fields_only(void **state)
{
    UNUSED(state);
    char *text = json_of(one_of_each, ARRAY_LEN(one_of_each));
    static const char *const expected[] = {
        "{\"kind\":\"run_started\",\"at_ns\":0,\"version\":1,\"event\":\"push\",\"branch\":\"main\",\"run\":12}\n",
        "{\"kind\":\"pipeline\",\"at_ns\":0,\"service\":\"github\",\"pipeline\":\"Load\","
        "\"file\":\".github/workflows/load.yml\",\"started\":false,\"why\":\"branches: staging\"}\n",
        "{\"kind\":\"job_queued\",\"at_ns\":0,\"job\":1,\"service\":\"github\",\"pipeline\":\"CI\",\"id\":\"lint\","
        "\"name\":\"lint\",\"file\":\".github/workflows/ci.yml\",\"line\":10}\n",
        "{\"kind\":\"job_started\",\"at_ns\":100000000,\"job\":1,\"sandbox\":\"overlay\"}\n",
        "{\"kind\":\"step_started\",\"at_ns\":140000000,\"job\":2,\"step\":1,\"name\":\"Run tests\","
        "\"file\":\".github/workflows/ci.yml\",\"line\":38,\"command\":\"set -e\\npytest -q\\n\"}\n",
        "{\"kind\":\"output\",\"at_ns\":1000000000,\"job\":2,\"step\":1,\"stream\":\"err\",\"text\":\"\"}\n",
        "{\"kind\":\"annotation\",\"at_ns\":131000000,\"job\":1,\"step\":1,\"level\":\"warning\",\"title\":\"E501\","
        "\"text\":\"line too long\",\"file\":\"src/app.py\",\"line\":3,\"column\":80}\n",
        "{\"kind\":\"step_finished\",\"at_ns\":12000000000,\"job\":2,\"step\":1,\"result\":\"failure\","
        "\"conclusion\":\"failure\",\"status\":1,\"elapsed_ns\":11860000000}\n",
        "{\"kind\":\"step_finished\",\"at_ns\":12000000000,\"job\":2,\"step\":2,\"name\":\"Upload\","
        "\"result\":\"skipped\",\"conclusion\":\"skipped\",\"elapsed_ns\":0}\n",
        "{\"kind\":\"job_finished\",\"at_ns\":12000000000,\"job\":3,\"result\":\"skipped\",\"elapsed_ns\":0,"
        "\"why\":\"no Python 3.14 here\"}\n",
        "{\"kind\":\"note\",\"at_ns\":125000000,\"job\":1,\"step\":1,\"how\":\"emulated\","
        "\"what\":\"actions/checkout@v4\",\"text\":\"the work tree, copied\"}\n",
        "{\"kind\":\"warning\",\"at_ns\":12000000000,\"text\":\"the disk is nearly full\"}\n",
        "{\"kind\":\"run_finished\",\"at_ns\":12400000000,\"result\":\"failure\",\"elapsed_ns\":12400000000,"
        "\"exit_code\":1}\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        if (!strstr(text, expected[i]))
            fail_msg("missing: %s", expected[i]);
    free(text);
}

static void every_event_is_one_line(void **state)
{
    UNUSED(state);
    char *text = json_of(one_of_each, ARRAY_LEN(one_of_each));
    size_t lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, ARRAY_LEN(one_of_each));
    for (const char *p = text; *p; p++)
        assert_true((unsigned char)*p >= 0x20 || *p == '\n');
    free(text);
}

/* A reader of the stream sees a result without waiting for a tick; output may wait for one. */
static void only_output_is_gathered(void **state)
{
    UNUSED(state);
    int fd = scratch_fd();
    struct sink *s = sink_json_new(fd);
    play(s, &(struct event){.kind = EVENT_OUTPUT, .job = 1, .step = 1, .text = T("a")}, 1);
    char *before = written(fd);
    assert_string_equal(before, "");
    s->ops->tick(s, 0);
    char *after = written(fd);
    assert_string_equal(after, "{\"kind\":\"output\",\"at_ns\":0,\"job\":1,\"step\":1,\"stream\":\"out\","
                               "\"text\":\"a\"}\n");
    free(before);
    free(after);
    end_play(s);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_fields_only),
        cmocka_unit_test(every_event_is_one_line),
        cmocka_unit_test(only_output_is_gathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
