/* provider/tool.h, played: which ops make a Python of a job's own, and what each answer leads to. */
#include "core/base.h"
#include "core/buf.h"
#include "provider/tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct play {
    struct arena *a;
    struct facts facts;
    struct interpreter python;
    struct tool t;
    struct op op;
    struct buf log;
};

static void begin(struct play *p, const char *tool, bool user_site, bool plain)
{
    *p = (struct play){.a = arena_new(), .log = BUF(BUF_TEXT)};
    p->python = (struct interpreter){
        .tool = str_from(tool), .version = STR("3.12.1"), .program = STR("/opt/py/bin/python3"), .origin = STR("uv")};
    p->t = (struct tool){.arena = p->a,
                         .facts = &p->facts,
                         .found = &p->python,
                         .location = STR("/usr/local/python"),
                         .root = STR("/workspace"),
                         .user_site = user_site,
                         .plain = plain};
    tool_init(&p->t);
}

static void end(struct play *p)
{
    buf_done(&p->log);
    arena_free(p->a);
}

/* The next op as a line: its kind and what it is about; "ready BIN", "failed WHY". */
static void next(struct play *p, const char *want)
{
    CLEAN(buf) struct buf got = BUF(BUF_LINE);
    p->op = (struct op){0};
    if (!tool_next(&p->t, &p->op)) {
        if (p->t.phase == TOOL_READY)
            buf_printf(&got, "ready %.*s", STR_ARG(p->t.bin));
        else
            buf_printf(&got, "failed %s", p->t.err.text);
    } else if (p->op.kind == OP_EXEC) {
        buf_add_cstr(&got, "exec");
        for (size_t i = 0; i < p->op.n_argv; i++)
            buf_printf(&got, " %.*s", STR_ARG(p->op.argv[i]));
    } else if (p->op.kind == OP_FILES) {
        for (size_t i = 0; i < p->op.n_reads; i++)
            buf_printf(&got, "read %.*s", STR_ARG(p->op.reads[i]));
        for (size_t i = 0; i < p->op.n_writes; i++)
            buf_printf(&got, "%swrite %.*s", i > 0 ? " " : "", STR_ARG(p->op.writes[i].path));
    } else {
        buf_printf(&got, "%s %.*s", p->op.kind == OP_RESTORE ? "restore" : "save", STR_ARG(p->op.cache.key));
    }
    assert_string_equal(buf_cstr(&got), want);
}

static void answer(struct play *p, struct op_end e)
{
    tool_exited(&p->t, &e);
}

static void what_was_kept_is_shown_again(void **state)
{
    UNUSED(state);
    struct play p;
    begin(&p, "python", false, false);
    next(&p, "restore /opt/py/bin/python3 3.12.1 /usr/local/python");
    answer(&p, (struct op_end){.matched = STR("it")});
    next(&p, "ready /usr/local/python/bin");
    end(&p);
}

static void what_is_not_there_is_made_and_kept(void **state)
{
    UNUSED(state);
    struct play p;
    begin(&p, "python", false, false);
    next(&p, "restore /opt/py/bin/python3 3.12.1 /usr/local/python");
    answer(&p, (struct op_end){0});
    next(&p, "exec /opt/py/bin/python3 -m venv /usr/local/python");
    answer(&p, (struct op_end){0});
    next(&p, "save /opt/py/bin/python3 3.12.1 /usr/local/python");
    answer(&p, (struct op_end){.how = OP_NOT_STARTED}); /* a full disk, say: it is made again the next time */
    next(&p, "ready /usr/local/python/bin");
    end(&p);
}

static void user_packages_are_allowed_by_two_files(void **state)
{
    UNUSED(state);
    struct play p;
    struct str cfg = STR("home = /opt/py/bin\ninclude-system-site-packages = false\nversion = 3.12.1\n");
    begin(&p, "python", true, true);
    next(&p, "exec /opt/py/bin/python3 -m venv /usr/local/python");
    answer(&p, (struct op_end){0});
    next(&p, "read /usr/local/python/pyvenv.cfg");
    answer(&p, (struct op_end){.reads = &cfg});
    next(&p, "write /usr/local/python/pyvenv.cfg "
             "write /usr/local/python/lib/python3.12/site-packages/usercustomize.py");
    assert_string_equal(arena_str(p.a, p.op.writes[0].text).p,
                        "home = /opt/py/bin\nversion = 3.12.1\ninclude-system-site-packages = true\n");
    answer(&p, (struct op_end){0});
    next(&p, "ready /usr/local/python/bin"); /* plain: nothing is kept */
    end(&p);
}

static void what_cannot_be_made_says_what_is_missing(void **state)
{
    UNUSED(state);
    struct play p;
    begin(&p, "python", false, true);
    next(&p, "exec /opt/py/bin/python3 -m venv /usr/local/python");
    answer(&p, (struct op_end){.status = 1});
    next(&p, "failed /opt/py/bin/python3 cannot make a virtual environment (exit code 1): its venv or ensurepip module "
             "is missing (on Debian and Ubuntu: apt-get install python3-venv)");
    end(&p);
    begin(&p, "python", false, true);
    next(&p, "exec /opt/py/bin/python3 -m venv /usr/local/python");
    struct op_end gone = {.how = OP_NOT_STARTED};
    err_set(&gone.err, ENOSPC, "the disk is full");
    answer(&p, gone);
    next(&p, "failed the disk is full");
    end(&p);
}

static void other_tools_are_used_where_they_lie(void **state)
{
    UNUSED(state);
    struct play p;
    begin(&p, "node", true, false);
    next(&p, "ready /opt/py/bin");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_is_shown_again),
        cmocka_unit_test(what_is_not_there_is_made_and_kept),
        cmocka_unit_test(user_packages_are_allowed_by_two_files),
        cmocka_unit_test(what_cannot_be_made_says_what_is_missing),
        cmocka_unit_test(other_tools_are_used_where_they_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
