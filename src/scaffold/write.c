/*
 * A project appears whole or not at all. It is written to a folder with a unique name beside its place, committed
 * there, and renamed. A folder that exists keeps its identity, as it may be somebody's working folder or a mount: the
 * unique folder is then made in it and what is in that one moved up. If the existing folder has something in it, that
 * is compared first and what is missing moved in file by file, each of them whole.
 */
#include "scaffold/scaffold.h"

#include "core/path.h"
#include "scaffold/git_priv.h"
#include "sys/file.h"

#include <sys/stat.h>
#include <unistd.h>

#define EXISTING_MAX ((size_t)16 << 20)

enum target { TARGET_ABSENT, TARGET_EMPTY, TARGET_FULL };

struct job {
    struct arena *a;
    const struct answers *answers;
    const struct scaffold_file *files;
    size_t n;
    struct str dir;   /* absolute; its parent has its links resolved */
    struct str temp;  /* the unique folder, on the same file system */
    struct str whole; /* the project in it */
    enum target target;
    bool git;
};

enum state { STATE_MISSING, STATE_SAME, STATE_DIFFERENT };

static const char *cstr(struct arena *a, struct str s)
{
    return arena_str(a, s).p;
}

static int look(struct arena *a, struct str dir, enum target *ret, struct err *e)
{
    struct stat st;
    struct strs names;
    const char *path = cstr(a, dir);
    if (lstat(path, &st) < 0) {
        if (errno != ENOENT)
            return err_sys(e, errno, "%s", path);
        *ret = TARGET_ABSENT;
        return 0;
    }
    if (!path_is_dir(path))
        return err_set(e, ENOTDIR, "%s exists and is no folder", path);
    int r = dir_list(a, path, &names, e);
    if (r == 0)
        *ret = names.n == 0 ? TARGET_EMPTY : TARGET_FULL;
    return r;
}

/* A link on the way would lead writing out of the folder: such a path counts as different. */
static bool goes_through_link(struct arena *a, struct str dir, struct str path)
{
    struct stat st;
    for (struct str up = path_dir(path); !str_is(up, "."); up = path_dir(up))
        if (lstat(cstr(a, path_join(a, dir, up)), &st) == 0 && !S_ISDIR(st.st_mode))
            return true;
    return false;
}

static enum state compare(struct arena *a, struct str dir, const struct scaffold_file *file)
{
    struct stat st;
    struct str text;
    const char *path = cstr(a, path_join(a, dir, file->path));
    if (goes_through_link(a, dir, file->path))
        return STATE_DIFFERENT;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? STATE_MISSING : STATE_DIFFERENT;
    if (!S_ISREG(st.st_mode) || file_read(a, path, EXISTING_MAX, &text, NULL) < 0)
        return STATE_DIFFERENT;
    return str_eq(text, file->text) ? STATE_SAME : STATE_DIFFERENT;
}

static int refuse(const struct job *job, const struct scaffold_report *report, struct err *e)
{
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    size_t shown = report->conflicts.n < 5 ? report->conflicts.n : 5;
    for (size_t i = 0; i < shown; i++)
        buf_printf(&list, "%s%.*s", i ? ", " : "", STR_ARG(report->conflicts.p[i]));
    if (report->conflicts.n > shown)
        buf_printf(&list, " and %zu more", report->conflicts.n - shown);
    return err_set(e, EEXIST, "%.*s has files with other content, nothing is written: %s", STR_ARG(path_base(job->dir)),
                   buf_cstr(&list));
}

static int write_tree(const struct job *job, struct str root, const bool *wanted, struct err *e)
{
    for (size_t i = 0; i < job->n; i++) {
        if (wanted && !wanted[i])
            continue;
        struct str path = path_join(job->a, root, job->files[i].path);
        int r = dir_make(cstr(job->a, path_dir(path)), 0777, e);
        if (r == 0)
            r = file_write(cstr(job->a, path), job->files[i].text, (mode_t)job->files[i].mode, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The outer folder is private (mkdtemp); the inner one gets the modes that the user's umask asks for. */
static int open_temp(struct job *job, struct err *e)
{
    struct str parent = job->target == TARGET_ABSENT ? path_dir(job->dir) : job->dir;
    struct str name = arena_printf(job->a, ".%.*s.slipway-XXXXXX", STR_ARG(path_base(job->dir)));
    char *pattern = mem_dup_str(path_join(job->a, parent, name));
    int r = dir_make(cstr(job->a, parent), 0777, e);
    if (r == 0 && !mkdtemp(pattern))
        r = err_sys(e, errno, "no folder can be made in %.*s", STR_ARG(parent));
    if (r == 0) {
        job->temp = arena_cstr(job->a, pattern);
        job->whole = path_join(job->a, job->temp, STR("project"));
        r = dir_make(cstr(job->a, job->whole), 0777, e);
    }
    free(pattern);
    return r;
}

static int commit(const struct job *job, struct scaffold_report *report, struct err *e)
{
    int r = git_first_commit(job->a, job->whole.p, job->answers->branches, e);
    if (r == -ENOENT) {
        report->note = STR("git was not found: no repository was made");
        return 0;
    }
    report->committed = r == 0;
    return r;
}

static int move(const struct job *job, struct str from, struct str to, struct err *e)
{
    if (rename(cstr(job->a, from), cstr(job->a, to)) == 0)
        return 0;
    return err_sys(e, errno, "%.*s cannot be put in place", STR_ARG(to));
}

static int move_up(const struct job *job, struct err *e)
{
    struct strs names;
    int r = dir_list(job->a, job->whole.p, &names, e);
    for (size_t i = 0; r == 0 && i < names.n; i++)
        r = move(job, path_join(job->a, job->whole, names.p[i]), path_join(job->a, job->dir, names.p[i]), e);
    return r;
}

static int place_whole(struct job *job, struct scaffold_report *report, struct err *e)
{
    int r = write_tree(job, job->whole, NULL, e);
    if (r == 0 && job->git)
        r = commit(job, report, e);
    if (r == 0)
        r = job->target == TARGET_EMPTY ? move_up(job, e) : move(job, job->whole, job->dir, e);
    if (r == 0)
        report->written = job->n;
    return r;
}

/* Moves what the folder lacks from the temporary project to its place. A file that has come up meanwhile is kept. */
static int place_missing(struct job *job, const bool *missing, struct scaffold_report *report, struct err *e)
{
    int r = write_tree(job, job->whole, missing, e);
    for (size_t i = 0; i < job->n && r == 0; i++) {
        if (!missing[i])
            continue;
        struct str to = path_join(job->a, job->dir, job->files[i].path);
        const char *from = cstr(job->a, path_join(job->a, job->whole, job->files[i].path));
        r = dir_make(cstr(job->a, path_dir(to)), 0777, e);
        if (r == 0 && link(from, cstr(job->a, to)) < 0)
            r = err_sys(e, errno, "%.*s cannot be written", STR_ARG(to));
        if (r == 0)
            report->written++;
    }
    if (r == 0 && job->git)
        report->note = STR("the folder was not empty: git was left to you");
    return r;
}

/* Fills the report with what is there; missing[] tells the files to write. */
static void survey(struct job *job, bool *missing, struct scaffold_report *report)
{
    for (size_t i = 0; i < job->n; i++) {
        enum state state = compare(job->a, job->dir, &job->files[i]);
        missing[i] = state == STATE_MISSING;
        report->same += state == STATE_SAME;
        if (state == STATE_DIFFERENT) {
            report->different++;
            vec_push_in(job->a, &report->conflicts, job->files[i].path);
        }
    }
}

int scaffold_survey(struct arena *a, const struct scaffold_file *files, size_t n, struct str dir, bool *missing,
                    struct scaffold_report *ret, struct err *e)
{
    struct scaffold_report report = {0};
    struct job job = {.a = a, .files = files, .n = n};
    int r = path_real(a, cstr(a, dir), &job.dir, e);
    if (r < 0)
        return r;
    survey(&job, missing, &report);
    *ret = report;
    return 0;
}

static int with_temp(struct job *job, const bool *missing, struct scaffold_report *report, struct err *e)
{
    int r = open_temp(job, e);
    if (r == 0)
        r = job->target == TARGET_FULL ? place_missing(job, missing, report, e) : place_whole(job, report, e);
    if (job->temp.n > 0)
        tree_remove(job->temp.p, NULL);
    return r;
}

/* Absolute, so that "." and "x/.." have a name and a parent; an absent folder's parent may be absent too. */
static int resolve(struct arena *a, struct str dir, struct str *ret, struct err *e)
{
    struct str here;
    if (path_exists(cstr(a, dir)))
        return path_real(a, cstr(a, dir), ret, e);
    int r = path_real(a, ".", &here, e);
    if (r == 0)
        *ret = path_clean(a, path_join(a, here, dir));
    return r;
}

int scaffold_write(struct arena *a, const struct answers *x, const struct scaffold_file *files, size_t n,
                   struct str dir, bool git, struct scaffold_report *ret, struct err *e)
{
    struct scaffold_report report = {0};
    struct job job = {.a = a, .answers = x, .files = files, .n = n, .git = git};
    bool *missing = arena_array(a, n, sizeof *missing);
    for (size_t i = 0; i < n; i++)
        if (!path_is_inner(files[i].path))
            return err_set(e, EINVAL, "%.*s leads out of the project", STR_ARG(files[i].path));
    int r = resolve(a, dir, &job.dir, e);
    if (r == 0)
        r = look(a, job.dir, &job.target, e);
    if (r < 0)
        return r;
    if (job.target == TARGET_FULL)
        survey(&job, missing, &report);
    if (report.different > 0)
        r = refuse(&job, &report, e);
    else if (report.same < n || n == 0)
        r = with_temp(&job, missing, &report, e);
    if (r == 0 || r == -EEXIST)
        *ret = report;
    return r;
}
