/* Tickets of concurrency groups: order, calling off, queues, and tickets of processes that are no more. */
#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../sys/room.h"
#include "store/groups.h"

#include <sys/wait.h>
#include <unistd.h>

static struct ticket *enter(struct room *room, const struct ticket_spec *spec, const char *before)
{
    struct ticket *t;
    struct str first;
    struct err e = {0};
    if (ticket_enter(room->a, str_from(in_room(room, "groups")), spec, &t, &first, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(arena_str(room->a, first).p, before);
    return t;
}

static void the_first_holds_and_the_second_waits(void **state)
{
    struct room *room = *state;
    struct ticket *a = enter(room, &(struct ticket_spec){.group = STR("deploy"), .who = STR("run 1")}, "");
    struct ticket *b = enter(room, &(struct ticket_spec){.group = STR("Deploy"), .who = STR("run 2")}, "run 1");
    struct ticket *other = enter(room, &(struct ticket_spec){.group = STR("docs"), .who = STR("run 2")}, "");
    assert_int_equal(ticket_ask(a), TICKET_HOLDS);
    assert_int_equal(ticket_ask(b), TICKET_WAITS);
    assert_int_equal(ticket_ask(other), TICKET_HOLDS);
    ticket_leave(a);
    assert_int_equal(ticket_ask(b), TICKET_HOLDS);
    ticket_leave(b);
    ticket_leave(other);
    ticket_leave(NULL);
}

static void a_newcomer_calls_off_who_waits(void **state)
{
    struct room *room = *state;
    struct ticket *a = enter(room, &(struct ticket_spec){.group = STR("g"), .who = STR("1")}, "");
    struct ticket *b = enter(room, &(struct ticket_spec){.group = STR("g"), .who = STR("2")}, "1");
    struct ticket *c = enter(room, &(struct ticket_spec){.group = STR("g"), .who = STR("3")}, "1");
    assert_int_equal(ticket_ask(a), TICKET_HOLDS);
    assert_int_equal(ticket_ask(b), TICKET_OFF);
    assert_int_equal(ticket_ask(c), TICKET_WAITS);
    struct ticket *d =
        enter(room, &(struct ticket_spec){.group = STR("g"), .who = STR("4"), .cancel_holder = true}, "1");
    assert_int_equal(ticket_ask(a), TICKET_OFF);
    assert_int_equal(ticket_ask(c), TICKET_OFF);
    assert_int_equal(ticket_ask(d), TICKET_WAITS); /* until the holder has ended */
    ticket_leave(a);
    ticket_leave(b);
    ticket_leave(c);
    assert_int_equal(ticket_ask(d), TICKET_HOLDS);
    ticket_leave(d);
}

static void a_queue_keeps_its_order_and_its_length(void **state)
{
    struct room *room = *state;
    struct ticket_spec spec = {.group = STR("g"), .who = STR("r"), .queue = true, .queue_max = 2};
    struct ticket *a = enter(room, &spec, ""), *b = enter(room, &spec, "r"), *c = enter(room, &spec, "r");
    struct ticket *d = enter(room, &spec, "r");
    assert_int_equal(ticket_ask(b), TICKET_WAITS);
    assert_int_equal(ticket_ask(c), TICKET_WAITS);
    assert_int_equal(ticket_ask(d), TICKET_OFF);
    ticket_leave(d);
    ticket_leave(a);
    assert_int_equal(ticket_ask(c), TICKET_WAITS);
    assert_int_equal(ticket_ask(b), TICKET_HOLDS);
    ticket_leave(b);
    assert_int_equal(ticket_ask(c), TICKET_HOLDS);
    ticket_leave(c);
}

static void tickets_of_the_dead_do_not_count(void **state)
{
    struct room *room = *state;
    pid_t child = fork();
    if (child == 0) {
        struct ticket *t;
        struct str before;
        int rc = ticket_enter(room->a, str_from(in_room(room, "groups")),
                              &(struct ticket_spec){.group = STR("g"), .who = STR("gone")}, &t, &before, NULL);
        _exit(rc < 0); /* without leaving */
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct ticket *t = enter(room, &(struct ticket_spec){.group = STR("g"), .who = STR("2")}, "");
    assert_int_equal(ticket_ask(t), TICKET_HOLDS);
    ticket_leave(t);
}

static void a_folder_that_cannot_be_is_told(void **state)
{
    struct room *room = *state;
    struct ticket *t = NULL;
    struct str before;
    struct err e = {0};
    int rc = ticket_enter(room->a, STR("/dev/null/groups"), &(struct ticket_spec){.group = STR("g")}, &t, &before, &e);
    assert_int_equal(rc, -ENOTDIR);
    assert_null(t);
    assert_true(e.text[0] != '\0');
}

#define IN_ROOM(f) cmocka_unit_test_setup_teardown(f, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(the_first_holds_and_the_second_waits),   IN_ROOM(a_newcomer_calls_off_who_waits),
        IN_ROOM(a_queue_keeps_its_order_and_its_length), IN_ROOM(tickets_of_the_dead_do_not_count),
        IN_ROOM(a_folder_that_cannot_be_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
