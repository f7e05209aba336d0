/*
 * az_upload.c - one file or folder becomes an artifact of the run, for the publishing tasks and the agent's command.
 *
 * Pipeline artifacts never change: a name that is taken is an error. A build artifact takes more files under the same
 * name, from several jobs at once; the store's artifacts are whole, so that each publishing is one of its own, called
 * "drop (part 2)", which every download puts together again (specification 9.9). `.artifactignore` in the folder says
 * what stays behind, in the words of .gitignore; without it, that is the folder .git. A later line wins, also over one
 * that left out the folder above: `*` with `!*.exe` keeps every program, as the service's own example has it.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

#define IGNORE_NAME ".artifactignore"
#define PARTS_MAX 10000u

enum { UPLOAD_LOOK, UPLOAD_READ, UPLOAD_SEARCH, UPLOAD_KEEP, UPLOAD_END };

/* ---- what a name may be ---- */

bool az_artifact_name_ok(struct str name)
{
    if (name.n == 0)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f || strchr("\":<>|*?/\\", name.p[i]) != NULL)
            return false;
    return true;
}

/* Letters, digits, blanks, - and . of the job's identifier, without ".default". */
struct str az_artifact_default(struct az_run *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    struct str id = az_var(r, "System.JobIdentifier");
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c == ' ' || c == '-' || c == '.')
            buf_add_ch(&b, c);
    }
    struct str all = buf_str(&b), drop = STR(".default");
    ssize_t at = str_find(all, drop);
    if (at < 0)
        return arena_str(r->arena, all);
    struct str head = str_sub(all, 0, (size_t)at), tail = str_from_index(all, (size_t)at + drop.n);
    return arena_printf(r->arena, "%.*s%.*s", STR_ARG(head), STR_ARG(tail));
}

struct str az_artifact_part(struct arena *a, struct str name, unsigned part)
{
    return part < 2 ? name : arena_printf(a, "%.*s (part %u)", STR_ARG(name), part);
}

/* ---- .artifactignore ---- */

/* A line as minimatch's: one with a slash inside is of the folder itself, else it is of any. */
static struct str ignore_pattern(struct arena *a, struct str line)
{
    while (str_ends(line, STR("/")))
        line = str_sub(line, 0, line.n - 1);
    if (str_starts(line, STR("/")))
        return str_from_index(line, 1);
    if (str_find_ch(line, '/') >= 0)
        return line;
    return arena_printf(a, "**/%.*s", STR_ARG(line));
}

static void read_ignore(struct arena *a, struct str text, struct az_ignore *ret)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        struct az_ignored one = {0};
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        one.keep = line.p[0] == '!';
        one.pattern = ignore_pattern(a, str_from_index(line, one.keep));
        if (one.pattern.n > 0)
            vec_push_in(a, ret, one);
    }
}

/* The path itself, or a folder above it. */
static bool is_below(struct str pattern, struct str path)
{
    for (size_t i = 1; i <= path.n; i++)
        if ((i == path.n || path.p[i] == '/') && az_minimatch(pattern, str_sub(path, 0, i), false))
            return true;
    return false;
}

static bool is_ignored(const struct az_ignore *ignore, struct str path)
{
    for (size_t i = ignore->n; i > 0; i--)
        if (is_below(ignore->p[i - 1].pattern, path))
            return !ignore->p[i - 1].keep;
    return false;
}

/* ---- the coroutine ---- */

static void leave_out(struct az_task_run *t, struct az_upload *u, struct str inner)
{
    struct str whole = path_join(t->run->arena, u->path, inner), escaped = az_glob_escape(t->run->scratch, whole);
    vec_push_in(t->run->arena, &u->patterns, arena_printf(t->run->arena, "!%.*s", STR_ARG(escaped)));
}

/* Without .artifactignore. */
static void leave_out_git(struct az_task_run *t, struct az_upload *u, const struct op_end *end)
{
    for (size_t i = 0; i < end->n_files; i++)
        if (str_is(end->files[i].path, ".git") || str_ends(end->files[i].path, STR("/.git")))
            leave_out(t, u, end->files[i].path);
}

/* What lies behind links is judged, too, by where it is seen. */
static void choose(struct az_task_run *t, struct az_upload *u)
{
    for (size_t i = 0; i < u->search.found.n; i++) {
        struct str inner = path_rel(u->search.found.p[i].path, u->path);
        if (is_ignored(&u->ignore, inner))
            leave_out(t, u, inner);
    }
}

bool az_upload_next(struct az_task_run *t, struct az_upload *u, struct op *op)
{
    if (u->at == UPLOAD_END)
        return false;
    if (u->at == UPLOAD_LOOK) {
        az_op_init(t, op, OP_FIND);
        op->find.root = u->path;
        op->find.max = 1000000;
        vec_push_in(t->run->scratch, &op->find.skip, STR(".git"));
        return true;
    }
    if (u->at == UPLOAD_READ) {
        az_op_read(t, op, path_join(t->run->scratch, u->path, STR(IGNORE_NAME)), AZ_READ_MAX);
        return true;
    }
    if (u->at == UPLOAD_SEARCH && az_search_next(t, &u->search, op))
        return true;
    if (u->at == UPLOAD_SEARCH) {
        u->at = u->search.failed ? UPLOAD_END : UPLOAD_KEEP;
        if (u->search.failed)
            return false;
        choose(t, u);
    }
    az_op_init(t, op, OP_UPLOAD);
    op->artifact.name = az_artifact_part(t->run->arena, u->name, u->part);
    op->artifact.root = t->run->sources;
    op->artifact.patterns = u->patterns;
    op->artifact.hidden = true;
    op->artifact.any_names = true;
    op->artifact.level = -1;
    return true;
}

static int failure(const struct op_end *end)
{
    return end->how != OP_NOT_STARTED ? 0 : end->err.num < 0 ? -end->err.num : end->err.num;
}

static void looked(struct az_task_run *t, struct az_upload *u, const struct op_end *end)
{
    struct arena *a = t->run->arena;
    u->at = UPLOAD_END;
    if (failure(end) == ENOENT) {
        az_fail(t, "Path does not exist: %.*s", STR_ARG(u->path));
        return;
    }
    vec_push_in(a, &u->patterns, az_glob_escape(a, u->path));
    if (failure(end) == ENOTDIR) {
        u->at = UPLOAD_KEEP;
        return;
    }
    if (!az_op_good(t, end, u->path.p))
        return;
    for (size_t i = 0; i < end->n_files && !u->merge; i++) /* build artifacts know of no such file */
        u->has_ignore = u->has_ignore || str_is(end->files[i].path, IGNORE_NAME);
    u->at = u->has_ignore ? UPLOAD_READ : UPLOAD_KEEP;
    if (!u->has_ignore && !u->merge)
        leave_out_git(t, u, end);
}

static void read_exited(struct az_task_run *t, struct az_upload *u, const struct op_end *end)
{
    u->at = UPLOAD_END;
    if (!az_op_good(t, end, IGNORE_NAME))
        return;
    if (end->read_errors[0] != 0) {
        az_fail(t, "%s cannot be read", IGNORE_NAME);
        return;
    }
    if (end->reads[0].p != NULL)
        read_ignore(t->run->arena, arena_str(t->run->arena, end->reads[0]), &u->ignore);
    vec_push_in(t->run->arena, &u->search.roots, u->path);
    u->at = UPLOAD_SEARCH;
}

static void kept(struct az_task_run *t, struct az_upload *u, const struct op_end *end)
{
    u->at = UPLOAD_END;
    if (failure(end) == EEXIST && u->merge && u->part < PARTS_MAX) {
        u->part = u->part < 2 ? 2 : u->part + 1;
        u->at = UPLOAD_KEEP;
        return;
    }
    if (failure(end) == EEXIST) {
        az_fail(t, "Artifact %.*s already exists for build %.*s.", STR_ARG(u->name),
                STR_ARG(az_var(t->run, "Build.BuildId")));
        return;
    }
    if (!az_op_good(t, end, u->path.p))
        return;
    u->made = end->n_artifacts > 0;
    if (!u->made) {
        az_warn(t, "Directory '%.*s' is empty. Nothing will be added to artifact '%.*s'.", STR_ARG(u->path),
                STR_ARG(u->name));
        return;
    }
    u->n_files = end->artifacts[0].n_files;
    az_say(t, "Artifact %.*s: %zu file%s, %llu bytes packed", STR_ARG(u->name), u->n_files, u->n_files == 1 ? "" : "s",
           (unsigned long long)end->artifacts[0].size);
}

void az_upload_exited(struct az_task_run *t, struct az_upload *u, const struct op_end *end)
{
    if (u->at == UPLOAD_LOOK)
        looked(t, u, end);
    else if (u->at == UPLOAD_READ)
        read_exited(t, u, end);
    else if (u->at == UPLOAD_SEARCH)
        az_search_exited(t, &u->search, end);
    else
        kept(t, u, end);
}
