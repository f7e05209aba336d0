/*
 * az_files.c - searches and batches: how tasks look at many files and touch them, with one process for all.
 *
 * OP_FIND tells links and does not follow them, where the service's tasks do. A folder with links is listed once more,
 * by find -L, which knows of loops; what it writes is read back, so that any byte may be in a name.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/num.h"
#include "core/path.h"

#define FIND_MAX 1000000u              /* entries below one root */
#define LISTING_MAX ((size_t)64 << 20) /* bytes of their names */

struct str az_temp_path(struct az_run *r, const char *ending)
{
    char id[37];
    r->host->uuid(r->host->ctx, id);
    return arena_printf(r->arena, "%.*s/%s%s", STR_ARG(r->temp), id, ending);
}

struct str az_path_below(struct az_run *r, struct str base, struct str path)
{
    return path_clean(r->arena, path_join(r->arena, base, path));
}

struct str az_glob_escape(struct arena *a, struct str path)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '\n' || path.p[i] == '\r') { /* lines are patterns of their own there */
            buf_add_ch(&b, '?');
            continue;
        }
        if (path.p[i] == '*' || path.p[i] == '?' || path.p[i] == '[' || path.p[i] == '\\')
            buf_add_ch(&b, '\\');
        buf_add_ch(&b, path.p[i]);
    }
    return arena_str(a, buf_str(&b));
}

/* ---- searches ---- */

bool az_search_next(struct az_task_run *t, struct az_search *s, struct op *op)
{
    if (s->failed || s->next == s->roots.n)
        return false;
    struct str root = s->roots.p[s->next];
    if (s->listing.n > 0) {
        static const char SCRIPT[] = "find -L \"$1\" -mindepth 1 -printf '%y%s/%P\\0' >\"$2\" 2>/dev/null; true";
        struct str args[] = {root, s->listing};
        az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), NULL);
        az_op_read(t, op, s->listing, LISTING_MAX);
        return true;
    }
    az_op_init(t, op, OP_FIND);
    op->find.root = root;
    op->find.max = FIND_MAX;
    return true;
}

static void take(struct az_task_run *t, struct az_search *s, struct str name, char kind, uint64_t size)
{
    struct arena *a = t->run->arena;
    struct az_found one = {.folder = kind == 'd',
                           .broken = !s->no_follow && (kind == 'l' || kind == 'L' || kind == 'N')};
    if (one.folder && !s->folders)
        return;
    struct str path = path_join(a, s->roots.p[s->next], name);
    if (s->patterns != NULL && !az_patterns_match(s->patterns, path))
        return;
    one.path = path;
    one.size = size;
    vec_push_in(a, &s->found, one);
}

/* "f120/a/b": the kind, the size, and the path behind the first slash. */
static void take_line(struct az_task_run *t, struct az_search *s, struct str line)
{
    struct str size, path;
    uint64_t bytes = 0;
    if (str_cut(str_from_index(line, 1), '/', &size, &path) && num_parse_u64(size, UINT64_MAX, &bytes) == 0)
        take(t, s, path, line.p[0], bytes);
}

static int by_path(const void *a, const void *b)
{
    const struct az_found *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

static void read_listing(struct az_task_run *t, struct az_search *s, const struct op_end *end)
{
    struct str root = s->roots.p[s->next];
    if (!az_op_good(t, end, root.p)) {
        s->failed = true;
        return;
    }
    if (end->reads == NULL || end->reads[0].p == NULL || end->read_errors[0] != 0) {
        az_fail(t, "%.*s: the list of its files cannot be read", STR_ARG(root));
        s->failed = true;
        return;
    }
    struct str rest = end->reads[0], one;
    size_t before = s->found.n;
    while (str_next(&rest, '\0', &one))
        if (one.n > 1)
            take_line(t, s, one);
    if (s->found.n > before)
        qsort(s->found.p + before, s->found.n - before, sizeof *s->found.p, by_path);
}

static bool has_links(const struct op_end *end)
{
    for (size_t i = 0; i < end->n_files; i++)
        if (end->files[i].kind == FOUND_LINK)
            return true;
    return false;
}

/* A root that is a file, or is not there, holds nothing. */
static bool found_root(struct az_task_run *t, struct az_search *s, const struct op_end *end)
{
    struct str root = s->roots.p[s->next];
    int num = end->err.num < 0 ? -end->err.num : end->err.num;
    if (end->how == OP_NOT_STARTED && (num == ENOENT || num == ENOTDIR)) {
        s->missing = true;
        return false;
    }
    if (!az_op_good(t, end, root.p))
        s->failed = true;
    return !s->failed;
}

void az_search_exited(struct az_task_run *t, struct az_search *s, const struct op_end *end)
{
    if (s->listing.n > 0) {
        read_listing(t, s, end);
        s->listing = STR_NONE;
    } else if (found_root(t, s, end)) {
        if (!s->no_follow && has_links(end)) {
            s->listing = az_temp_path(t->run, ".list");
            return;
        }
        static const char KINDS[] = {[FOUND_FILE] = 'f', [FOUND_FOLDER] = 'd', [FOUND_LINK] = 'l'};
        for (size_t i = 0; i < end->n_files; i++)
            take(t, s, end->files[i].path, KINDS[end->files[i].kind], end->files[i].size);
    }
    s->next++;
}

/* ---- batches ---- */

void az_names_add(struct az_names *n, struct str name)
{
    if (n->text.max == 0)
        n->text = BUF(LISTING_MAX);
    buf_add(&n->text, name);
    buf_add_ch(&n->text, '\0');
    n->n++;
}

void az_batch(struct az_task_run *t, struct op *op, const char *script, const struct str *args, size_t n_args,
              struct az_names *names)
{
    struct str argv[AZ_ARGS_MAX + 4] = {STR("sh"), STR("-c"), str_from(script), STR("sh")};
    MUST(n_args <= AZ_ARGS_MAX);
    if (names != NULL && names->text.over) {
        az_fail(t, "The names of %zu files are too many for one step", names->n);
        argv[2] = STR("exit 1");
    }
    for (size_t i = 0; i < n_args; i++)
        argv[4 + i] = args[i];
    az_op_exec(t, op, argv, 4 + n_args);
    if (names == NULL)
        return;
    struct str path = az_temp_path(t->run, ".names");
    az_op_write(t, op, path, arena_str(t->run->arena, buf_str(&names->text)), 0600);
    az_op_env(t, op, STR("LIST"), path);
    buf_done(&names->text);
}

bool az_batch_good(struct az_task_run *t, const struct op_end *end, const char *what)
{
    if (end->how != OP_EXITED)
        return az_op_good(t, end, what);
    t->status = end->status;
    if (end->status != 0)
        az_fail(t, "%s", what);
    return end->status == 0;
}
