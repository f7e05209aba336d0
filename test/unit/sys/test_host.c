#include "core/base.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "room.h"
#include "sys/clock.h"
#include "sys/host.h"

#include <sched.h>
#include <pty.h>

static void clocks_go_on(void **state)
{
    UNUSED(state);
    int64_t a = clock_mono_ns(), b = clock_mono_ns();
    assert_true(b >= a && a > 0);
    int64_t ms = clock_wall_ms();
    assert_true(ms / 1000 - (int64_t)time(NULL) <= 1 && (int64_t)time(NULL) - ms / 1000 <= 1);
}

static void uuids_are_version_4(void **state)
{
    UNUSED(state);
    char one[37], two[37];
    for (int i = 0; i < 200; i++) {
        clock_uuid(one);
        clock_uuid(two);
        assert_int_equal(strlen(one), 36);
        assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
        assert_true(one[8] == '-' && one[13] == '-' && one[18] == '-' && one[23] == '-');
        assert_int_equal(one[14], '4');
        assert_non_null(strchr("89ab", one[19]));
        assert_string_not_equal(one, two);
    }
}

static void host_is_told(void **state)
{
    struct room *room = *state;
    struct host_info host;
    host_read(room->a, &host);
    assert_true(host.os_id.n > 0 && host.os_name.n > 0);
    assert_true(host.machine.n > 0 && host.hostname.n > 0 && host.user.n > 0);
    assert_true(path_is_abs(host.home));
    assert_int_equal(host.uid, geteuid());
    assert_true(host.cpus >= 1);
    assert_int_equal(str_find_ch(host.os_name, '"'), -1);
}

static int one_cpu(struct room *room)
{
    cpu_set_t set;
    struct host_info host;
    sched_getaffinity(0, sizeof set, &set);
    size_t cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        return NOT_POSSIBLE;
    host_read(room->a, &host);
    return host.cpus == 1 ? 0 : 1;
}

static void cpus_are_those_we_may_use(void **state)
{
    int r = in_child(one_cpu, *state);
    if (r == NOT_POSSIBLE)
        skip();
    assert_int_equal(r, 0);
}

static int xdg(struct room *room)
{
    struct str sub = arena_printf(room->a, "%s/c/slipway", room->dir);
    setenv("HOME", room->dir, 1);
    unsetenv("XDG_STATE_HOME");
    setenv("XDG_CACHE_HOME", in_room(room, "c/"), 1);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    if (!str_eq(host_cache_dir(room->a), sub))
        return 1;
    if (!str_eq(host_state_dir(room->a), arena_printf(room->a, "%s/.local/state/slipway", room->dir)))
        return 2;
    if (!str_eq(host_config_dir(room->a), arena_printf(room->a, "%s/.config/slipway", room->dir)))
        return 3;
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", in_room(room, "gone"), 1);
    if (!str_eq(host_cache_dir(room->a), arena_printf(room->a, "/tmp/slipway-%u/cache", geteuid())))
        return 4;
    struct host_info host;
    host_read(room->a, &host);
    return str_is(host.home, in_room(room, "gone")) ? 0 : 5;
}

static void folders_follow_xdg(void **state)
{
    assert_int_equal(in_child(xdg, *state), 0);
}

static void terminals_are_measured(void **state)
{
    UNUSED(state);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_false(term_is_tty(ends[0]));
    assert_int_equal(term_columns(ends[0]), 80);
    assert_int_equal(term_rows(ends[0]), 24);
    assert_false(term_is_tty(-1));
    fd_close(&ends[0]);
    fd_close(&ends[1]);
    struct winsize size = {.ws_col = 132, .ws_row = 50};
    if (openpty(&ends[0], &ends[1], NULL, NULL, &size) < 0)
        skip();
    assert_true(term_is_tty(ends[1]));
    assert_int_equal(term_columns(ends[1]), 132);
    assert_int_equal(term_rows(ends[1]), 50);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_on), cmocka_unit_test(uuids_are_version_4),
        IN_ROOM(host_is_told),          IN_ROOM(cpus_are_those_we_may_use),
        IN_ROOM(folders_follow_xdg),    cmocka_unit_test(terminals_are_measured),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
