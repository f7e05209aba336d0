/* OP_FIND, OP_EXPORT, and OP_EXEC in a root of its own, as a driver sees them. */
#include "core/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "store/artifact.h"
#include "store/zip.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "../sys/room.h"

#include <errno.h>
#include <signal.h>

#define OPS_MAX 8

/* A run of one job: a script makes files, then ops follow one behind the other. */
struct trial {
    struct room *room;
    const char *script;
    struct op ops[OPS_MAX]; /* paths begin with the job's home: "~/" */
    size_t n_ops, at;
    enum sandbox_mode mode;
    bool waits;
    enum op_how how[OPS_MAX];
    int num[OPS_MAX], status[OPS_MAX];
    char err[OPS_MAX][500], matched[OPS_MAX][300];
    uint64_t size[OPS_MAX];
    struct buf found[OPS_MAX], lines;
    struct engine_tally tally;
};

static struct plan *the_plan;
static struct str home;

/* ---- a driver ---- */

static enum gate gate(struct plan *p, struct job *j, const struct facts *f, bool preview, struct str *ret_why)
{
    UNUSED(p);
    UNUSED(f);
    UNUSED(preview);
    UNUSED(ret_why);
    plan_add_leg(j, STR("a"), STR("a"));
    return GATE_RUN;
}

static void *begin(struct leg *leg, const struct host *host, struct leg_room *room, struct err *e)
{
    struct arena *a = leg->job->plan->arena;
    UNUSED(host);
    UNUSED(e);
    room->home = arena_printf(a, "%.*s/home/job", STR_ARG(room->prefix));
    room->workspace = arena_printf(a, "%.*s/home/job/work", STR_ARG(room->prefix));
    room->temp = arena_printf(a, "%.*s/home/job/temp", STR_ARG(room->prefix));
    home = room->home;
    return leg->job->plan->model;
}

static struct str at_home(struct str path)
{
    return str_starts(path, STR("~/")) ? path_join(the_plan->arena, home, str_from_index(path, 2)) : path;
}

static void shell(struct op *op, const char *script)
{
    struct arena *a = the_plan->arena;
    op->kind = OP_EXEC;
    op->argv = arena_array(a, 3, sizeof *op->argv);
    op->argv[0] = STR("sh");
    op->argv[1] = STR("-ec");
    op->argv[2] = arena_cstr(a, script);
    op->n_argv = 3;
    op->env = arena_array(a, 2, sizeof *op->env);
    op->env[0] = STR("PATH=/usr/bin:/bin");
    op->env[1] = arena_printf(a, "HOME=%.*s", STR_ARG(home));
    op->n_env = 2;
}

static enum drive next(void *run, struct op *op)
{
    struct trial *t = run;
    struct arena *a = the_plan->arena;
    if (t->waits)
        return DRIVE_WAIT;
    if (t->at > t->n_ops)
        return DRIVE_DONE;
    t->waits = true;
    op->token = (unsigned)t->at++;
    if (op->token == 0) {
        op->cwd = home;
        shell(op, t->script);
        return DRIVE_OP;
    }
    unsigned token = op->token;
    *op = t->ops[token - 1];
    op->token = token;
    if (op->kind == OP_EXEC) {
        shell(op, op->view_path.p); /* where the tests put the script */
        struct op_share *shares = arena_array(a, op->n_shares + 1, sizeof *shares);
        for (size_t i = 0; i < op->n_shares; i++) {
            shares[i] = op->shares[i];
            shares[i].from = at_home(shares[i].from);
        }
        op->shares = shares;
    }
    op->find.root = at_home(op->find.root);
    struct op_exported *files = arena_array(a, op->export.n_files + 1, sizeof *files);
    for (size_t i = 0; i < op->export.n_files; i++)
        files[i] = (struct op_exported){at_home(op->export.files[i].from), op->export.files[i].to};
    op->export.files = files;
    return DRIVE_OP;
}

static enum line_verdict line(void *run, unsigned token, enum event_stream stream, struct str text,
                              struct buf *replacement)
{
    struct trial *t = run;
    UNUSED(token);
    UNUSED(stream);
    UNUSED(replacement);
    buf_printf(&t->lines, "%.*s\n", STR_ARG(text));
    return LINE_SHOW;
}

static void exited(void *run, const struct op_end *end)
{
    static const char kinds[] = {[FOUND_FILE] = 'f', [FOUND_FOLDER] = 'd', [FOUND_LINK] = 'l'};
    struct trial *t = run;
    unsigned i = end->token;
    t->waits = false;
    if (i == 0) {
        if (end->how != OP_EXITED || end->status != 0)
            fail_msg("the script fails: %s %s", end->err.text, buf_cstr(&t->lines));
        return;
    }
    i--;
    t->how[i] = end->how;
    t->num[i] = end->err.num;
    t->status[i] = end->status;
    t->size[i] = end->size;
    snprintf(t->err[i], sizeof t->err[i], "%s", end->err.text);
    snprintf(t->matched[i], sizeof t->matched[i], "%.*s", STR_ARG(end->matched));
    for (size_t k = 0; k < end->n_files; k++) {
        const struct op_found *f = &end->files[k];
        buf_printf(&t->found[i], "%c %.*s %llu %lld\n", kinds[f->kind], STR_ARG(f->path), (unsigned long long)f->size,
                   (long long)(f->mtime_ns / 1000000000));
    }
}

static void cancel(void *run, enum cancel_why why)
{
    UNUSED(run);
    UNUSED(why);
}

static bool spares(void *run, unsigned token)
{
    UNUSED(run);
    UNUSED(token);
    return false;
}

static void finish(void *run, struct leg_outcome *ret)
{
    UNUSED(run);
    *ret = (struct leg_outcome){.result = RESULT_SUCCESS, .conclusion = RESULT_SUCCESS};
    map_init(&ret->outputs, the_plan->arena, MAP_NOCASE);
}

static void end(void *run)
{
    UNUSED(run);
}

static const struct driver driver = {.service = "test",
                                     .gate = gate,
                                     .begin = begin,
                                     .next = next,
                                     .line = line,
                                     .exited = exited,
                                     .cancel = cancel,
                                     .spares = spares,
                                     .finish = finish,
                                     .end = end};

static void run(struct trial *t)
{
    struct facts facts = {.run_id = 7, .repo.root = str_from(t->room->dir)};
    struct sandbox_caps caps;
    struct err err = {0};
    struct bus *bus = bus_new(clock_mono_ns);
    struct op_file files[] = {{STR("/run/slipway/bin/tool"), STR("#!/bin/sh\necho tool\n"), 0755}};
    folder(t->room, "run");
    sandbox_probe(in_room(t->room, "run"), &caps);
    the_plan = plan_new(STR("test"), STR("ci.yml"), &driver);
    the_plan->model = t;
    plan_add_job(the_plan, STR("a"), STR("a"), SPAN_NONE);
    CLEAN(sources) struct sources *sources = sources_new();
    t->lines = BUF(BUF_TEXT);
    for (size_t i = 0; i < OPS_MAX; i++)
        t->found[i] = BUF(BUF_TEXT);
    struct engine_options o = {.facts = &facts,
                               .bus = bus,
                               .sources = sources,
                               .runs_dir = str_from(in_room(t->room, "run")),
                               .cache_dir = str_from(in_room(t->room, "cache")),
                               .artifacts_dir = str_from(in_room(t->room, "artifacts/7")),
                               .home_host = STR("/nonexistent"),
                               .files = files,
                               .n_files = 1,
                               .jobs = 1,
                               .mode = t->mode == SANDBOX_AUTO ? caps.best : t->mode};
    t->mode = o.mode;
    if (engine_run(&the_plan, 1, &o, &t->tally, &err) != 0)
        fail_msg("%s", err.text);
    bus_finish(bus, NULL);
    bus_free(bus);
    plan_free(the_plan);
}

static void done(struct trial *t)
{
    for (size_t i = 0; i < OPS_MAX; i++)
        buf_done(&t->found[i]);
    buf_done(&t->lines);
}

static const char TREE[] =
    "cd; mkdir -p tree/a/deep tree/.git/objects tree/empty; echo one > tree/a/one; echo > tree/a.b;"
    "echo x > tree/.git/objects/x; ln -s /etc tree/out; ln -s a/one tree/a-link; mkfifo tree/pipe;"
    "ln -s tree/a linked; find tree -exec touch -hd @1000000000 {} +;";

/* ---- finding ---- */

static void test_find(void **state)
{
    struct str skip[] = {STR(".git")};
    struct trial t = {.room = *state, .script = TREE, .n_ops = 7};
    t.ops[0] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/tree"), .skip = {skip, 1, 1}}};
    t.ops[1] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/linked")}};
    t.ops[2] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/none")}};
    t.ops[3] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/tree"), .max = 9}};
    t.ops[4] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/tree"), .max = 8, .skip = {skip, 1, 1}}};
    t.ops[5] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/tree/a.b")}};
    t.ops[6] = (struct op){.kind = OP_FIND, .find = {.root = STR("~/tree/empty")}};
    run(&t);
    assert_string_equal(buf_cstr(&t.found[0]), "d .git 0 1000000000\n"
                                               "d a 0 1000000000\n"
                                               "l a-link 0 1000000000\n"
                                               "f a.b 1 1000000000\n"
                                               "d a/deep 0 1000000000\n"
                                               "f a/one 4 1000000000\n"
                                               "d empty 0 1000000000\n"
                                               "l out 0 1000000000\n");
    assert_int_equal(t.how[0], OP_EXITED);
    assert_string_equal(buf_cstr(&t.found[1]), "d deep 0 1000000000\nf one 4 1000000000\n");
    assert_int_equal(t.how[2], OP_NOT_STARTED);
    assert_int_equal(t.num[2], -ENOENT);
    assert_int_equal(t.num[3], -E2BIG);
    assert_non_null(strstr(t.err[3], "more than 9 files and folders lie below "));
    assert_int_equal(t.how[4], OP_EXITED);
    assert_int_equal(t.num[5], -ENOTDIR);
    assert_int_equal(t.how[6], OP_EXITED);
    assert_string_equal(buf_cstr(&t.found[6]), "");
    done(&t);
}

/* ---- leaving files ---- */

static void test_export_folder(void **state)
{
    struct room *room = *state;
    struct op_exported files[] = {
        {STR("~/tree/a/one"), STR("x/y/one")}, {STR("~/tree/a-link"), STR("followed")}, {STR("~/tool"), STR("tool")}};
    struct trial t = {.room = room, .n_ops = 2};
    t.script = "cd; mkdir -p tree/a; echo one > tree/a/one; ln -s a/one tree/a-link; echo tool > tool; chmod 750 tool;"
               "touch -d @1000000000 tool";
    t.ops[0] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("codebuild/p"), .files = files, .n_files = 3}};
    t.ops[1] = t.ops[0];
    run(&t);
    assert_string_equal(t.err[0], "");
    assert_int_equal(t.how[0], OP_EXITED);
    assert_string_equal(t.matched[0], in_room(room, "artifacts/7/codebuild/p"));
    assert_int_equal(t.size[0], 13);
    assert_string_equal(get(room, "artifacts/7/codebuild/p/x/y/one"), "one\n");
    assert_string_equal(get(room, "artifacts/7/codebuild/p/followed"), "one\n");
    assert_int_equal(mode_of(room, "artifacts/7/codebuild/p/followed") & 0777, 0644);
    assert_int_equal(mode_of(room, "artifacts/7/codebuild/p/tool") & 0777, 0755);
    struct stat st;
    assert_int_equal(stat(in_room(room, "artifacts/7/codebuild/p/tool"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, 1000000000);
    assert_int_equal(t.num[1], -EEXIST);
    assert_string_equal(t.err[1], "'codebuild/p' is there already");
    struct artifact *all;
    size_t n;
    assert_int_equal(artifact_list(room->a, in_room(room, "artifacts/7"), &all, &n, NULL), 0);
    assert_int_equal(n, 0);
    done(&t);
}

struct listing {
    struct room *room;
    struct buf text;
    struct err err;
};

static int list_entry(void *ctx, const struct zip_entry *entry)
{
    struct listing *l = ctx;
    buf_printf(&l->text, "%.*s\n", STR_ARG(entry->name));
    return 0;
}

/* The modes that the zip's directory tells, one behind the other. */
static void list_modes(struct room *room, const char *path, struct buf *ret)
{
    struct str text;
    struct err e = {0};
    if (file_read(room->a, path, BUF_TEXT, &text, &e) < 0)
        fail_msg("%s", e.text);
    for (size_t i = 0; i + 42 <= text.n; i++)
        if (memcmp(text.p + i, "PK\1\2", 4) == 0)
            buf_printf(ret, "%o\n",
                       ((unsigned char)text.p[i + 40] | (unsigned)(unsigned char)text.p[i + 41] << 8) & 0177777u);
}

/* The text of a link's entry is what the link says. */
static void test_export_links(void **state)
{
    struct room *room = *state;
    struct op_exported files[] = {{STR("~/d/one"), STR("one")},
                                  {STR("~/d/in"), STR("in")},
                                  {STR("~/d/folder"), STR("folder")},
                                  {STR("~/d/none"), STR("none")},
                                  {STR("~/d/out"), STR("out")}};
    struct trial t = {.room = room, .n_ops = 3};
    CLEAN(buf) struct buf modes = BUF(BUF_TEXT);
    t.script =
        "cd; mkdir d; echo one > d/one; ln -s one d/in; ln -s . d/folder; ln -s nowhere d/none; ln -s /etc d/out";
    t.ops[0] = (struct op){
        .kind = OP_EXPORT,
        .export = {.name = STR("p.zip"), .files = files, .n_files = ARRAY_LEN(files), .zip = true, .links = true}};
    t.ops[1] =
        (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = files, .n_files = 2, .links = true}};
    t.ops[2] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("q"), .files = files, .n_files = 3}};
    run(&t);
    char to[64];
    assert_string_equal(t.err[0], "");
    list_modes(room, in_room(room, "artifacts/7/p.zip"), &modes);
    assert_string_equal(buf_cstr(&modes), "100644\n120777\n120777\n120777\n120777\n");
    assert_int_equal(readlink(in_room(room, "artifacts/7/p/in"), to, sizeof to), -1); /* a folder has no links */
    assert_string_equal(get(room, "artifacts/7/p/in"), "one\n");
    assert_int_equal(t.num[2], -EINVAL); /* a folder */
    assert_non_null(strstr(t.err[2], "/d/folder is no regular file"));
    assert_false(path_exists(in_room(room, "artifacts/7/q")));
    done(&t);
}

static void test_export_zip(void **state)
{
    struct room *room = *state;
    struct op_exported files[] = {{STR("~/one"), STR("x/one")}, {STR("~/two"), STR("two")}};
    struct trial t = {.room = room, .n_ops = 2};
    struct listing l = {.room = room, .text = BUF(BUF_TEXT)};
    t.script = "cd; echo one > one; echo two > two; chmod +x two";
    t.ops[0] = (struct op){.kind = OP_EXPORT,
                           .export = {.name = STR("cloudbuild/p.zip"), .files = files, .n_files = 2, .zip = true}};
    t.ops[1] = t.ops[0];
    run(&t);
    assert_string_equal(t.err[0], "");
    assert_string_equal(t.matched[0], in_room(room, "artifacts/7/cloudbuild/p.zip"));
    CLEAN(fd) int fd = open(t.matched[0], O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(t.size[0], st.st_size);
    assert_int_equal(zip_each(fd, -1, list_entry, &l, &l.err), 0);
    list_modes(room, t.matched[0], &l.text);
    assert_string_equal(buf_cstr(&l.text), "x/one\ntwo\n100644\n100755\n");
    assert_int_equal(t.num[1], -EEXIST);
    buf_done(&l.text);
    done(&t);
}

static void test_export_refuses(void **state)
{
    struct room *room = *state;
    struct op_exported pipe[] = {{STR("~/one"), STR("one")}, {STR("~/pipe"), STR("pipe")}};
    struct op_exported out[] = {{STR("~/one"), STR("../one")}}, none[] = {{STR("~/none"), STR("none")}};
    struct op_exported twice[] = {{STR("~/one"), STR("one")}, {STR("~/one"), STR("./one")}};
    struct op_exported one[] = {{STR("~/one"), STR("one")}},
                       in_file[] = {{STR("~/one"), STR("one")}, {STR("~/one"), STR("one/one")}};
    struct trial t = {.room = room, .n_ops = 8, .script = "cd; echo one > one; mkfifo pipe"};
    t.ops[0] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = pipe, .n_files = 2}};
    t.ops[1] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = out, .n_files = 1}};
    t.ops[2] =
        (struct op){.kind = OP_EXPORT, .export = {.name = STR("p.zip"), .files = none, .n_files = 1, .zip = true}};
    t.ops[3] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = twice, .n_files = 2}};
    t.ops[4] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("7/p"), .files = one, .n_files = 1}};
    t.ops[5] = (struct op){.kind = OP_EXPORT, .export = {.name = STR(".tmp/p"), .files = one, .n_files = 1}};
    t.ops[6] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("../p"), .files = one, .n_files = 1}};
    t.ops[7] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = in_file, .n_files = 2}};
    run(&t);
    static const char *const words[] = {"/pipe is no regular file",
                                        "'../one' cannot name an exported file",
                                        "/none: No such file or directory",
                                        "two files are to be left as 'one'",
                                        "'7/p' cannot name an export: the store uses such names",
                                        "'.tmp/p' cannot name an export",
                                        "'../p' cannot name an export: it leads out",
                                        "one/one: Not a directory"};
    for (size_t i = 0; i < t.n_ops; i++) {
        assert_int_equal(t.how[i], OP_NOT_STARTED);
        if (strstr(t.err[i], words[i]) == NULL)
            fail_msg("%s", t.err[i]);
    }
    assert_int_equal(t.num[0], -EINVAL);
    assert_int_equal(t.num[2], -ENOENT);
    struct strs names = {0};
    assert_int_equal(dir_list(room->a, in_room(room, "artifacts/7"), &names, NULL), 0);
    for (size_t i = 0; i < names.n; i++)
        assert_int_equal(names.p[i].p[0], '.'); /* nothing is left but the store's own */
    names.n = 0;
    assert_int_equal(dir_list(room->a, in_room(room, "artifacts/7/.tmp"), &names, NULL), 0);
    assert_int_equal(names.n, 0);
    done(&t);
}

static void test_export_timeout(void **state)
{
    struct room *room = *state;
    struct op_exported big[] = {{STR("~/big"), STR("big")}};
    struct trial t = {.room = room, .n_ops = 1, .script = "cd; truncate -s 300G big"};
    t.ops[0] = (struct op){.kind = OP_EXPORT,
                           .timeout_ns = 30000000,
                           .export = {.name = STR("p.zip"), .files = big, .n_files = 1, .zip = true}};
    run(&t);
    assert_int_equal(t.how[0], OP_TIMED_OUT);
    assert_false(path_exists(in_room(room, "artifacts/7/p.zip")));
    done(&t);
}

/* In a child, where the artifacts lie on a disk of 64 KiB. */
static int export_on_full_disk(struct room *room)
{
    struct op_exported files[] = {{STR("~/big"), STR("big")}};
    struct trial t = {.room = room, .n_ops = 2, .script = "cd; head -c 200000 /dev/urandom > big"};
    struct strs left = {0};
    if (!mount_small(room, in_room(room, "artifacts")))
        return NOT_POSSIBLE;
    t.ops[0] = (struct op){.kind = OP_EXPORT, .export = {.name = STR("p"), .files = files, .n_files = 1}};
    t.ops[1] =
        (struct op){.kind = OP_EXPORT, .export = {.name = STR("p.zip"), .files = files, .n_files = 1, .zip = true}};
    run(&t);
    for (size_t i = 0; i < 2; i++)
        if (t.how[i] != OP_NOT_STARTED || t.num[i] != -ENOSPC || strstr(t.err[i], "No space left on device") == NULL)
            return 1;
    if (dir_list(room->a, in_room(room, "artifacts/7/.tmp"), &left, NULL) < 0 || left.n > 0)
        return 2;
    done(&t);
    return path_exists(in_room(room, "artifacts/7/p")) || path_exists(in_room(room, "artifacts/7/p.zip")) ? 3 : 0;
}

static void test_export_full_disk(void **state)
{
    struct room *room = *state;
    folder(room, "artifacts");
    int rc = in_child(export_on_full_disk, room);
    if (rc == NOT_POSSIBLE)
        skip();
    assert_int_equal(rc, 0);
}

/* ---- a root of its own ---- */

static void own(struct trial *t, size_t i, const char *script, const struct op_share *shares, size_t n)
{
    t->ops[i] = (struct op){
        .kind = OP_EXEC, .view_path = str_from(script), .fresh_root = true, .shares = shares, .n_shares = n};
}

static void test_own_root(void **state)
{
    struct op_share shares[] = {{STR("~/work"), STR("/workspace"), false}, {STR("~/work"), STR("/ro"), true}};
    struct trial t = {.room = *state, .n_ops = 4, .script = "cd; echo first > work/file; echo x > /tmp/x"};
    own(&t, 0, "cat /workspace/file; tool; test ! -e /tmp/x; echo y > /tmp/y; echo own > /workspace/file", shares, 2);
    own(&t, 1, "cat /ro/file; test ! -e /tmp/y; ! echo z > /ro/file", shares, 2);
    own(&t, 2, "test ! -e /workspace; test ! -e $HOME/work/file; sleep 1000 & exit 3", NULL, 0);
    t.ops[3] = (struct op){.kind = OP_EXEC, .view_path = STR("cat $HOME/work/file /tmp/x; test ! -e /tmp/y")};
    t.ops[0].view_path =
        STR("PATH=$PATH:/run/slipway/bin; cat /workspace/file; tool; test ! -e /tmp/x; echo y > /tmp/y;"
            "echo own > /workspace/file");
    run(&t);
    if (t.mode == SANDBOX_PLAIN) {
        done(&t);
        skip();
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(t.how[i], OP_EXITED);
        assert_int_equal(t.status[i], i == 2 ? 3 : 0);
    }
    assert_non_null(strstr(buf_cstr(&t.lines), "first\ntool\nown\n"));
    assert_non_null(strstr(buf_cstr(&t.lines), "\nown\nx\n"));
    done(&t);
}

static void test_plain_has_one_root(void **state)
{
    struct op_share moved[] = {{STR("~/work"), STR("/workspace"), false}};
    struct trial t = {.room = *state, .n_ops = 2, .mode = SANDBOX_PLAIN, .script = "echo x > $HOME/x"};
    own(&t, 0, "true", moved, 1);
    own(&t, 1, "cat $HOME/x", NULL, 0);
    run(&t);
    assert_int_equal(t.how[0], OP_NOT_STARTED);
    assert_int_equal(t.num[0], -ENOTSUP);
    assert_int_equal(t.how[1], OP_EXITED);
    assert_string_equal(buf_cstr(&t.lines), "x\n");
    done(&t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_find),           TEST(test_export_folder),    TEST(test_export_links),
        TEST(test_export_zip),     TEST(test_export_full_disk), TEST(test_export_refuses),
        TEST(test_export_timeout), TEST(test_own_root),         TEST(test_plain_has_one_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
