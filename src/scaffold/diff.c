/*
 * A unified diff that git and patch can apply: the longest common subsequence of lines by the classic table. Common
 * heads and tails are taken off first, so the table is small; texts whose middles are too large for it are shown as
 * replaced whole.
 */
#include "scaffold/scaffold.h"

#include "core/path.h"
#include "sys/file.h"

#include <sys/stat.h>

#define CONTEXT 3
#define CELLS_MAX ((size_t)4 << 20)
#define EXISTING_MAX ((size_t)16 << 20)

enum op { OP_KEEP, OP_DROP, OP_ADD };

struct edit {
    enum op op;
    size_t old, new; /* line numbers from 0, on both sides */
};

struct change {
    struct arena *a;
    struct strs old, new; /* lines with their ends */
    struct {
        struct edit *p;
        size_t n, cap;
    } edits;
};

static struct strs lines_of(struct arena *a, struct str text)
{
    struct strs lines = {0};
    size_t from = 0;
    while (from < text.n) {
        ssize_t at = str_find_from(text, from, STR("\n"));
        size_t to = at < 0 ? text.n : (size_t)at + 1;
        vec_push_in(a, &lines, str_sub(text, from, to));
        from = to;
    }
    return lines;
}

static void add_edit(struct change *c, enum op op, size_t old, size_t new)
{
    struct edit edit = {op, old, new};
    vec_push_in(c->a, &c->edits, edit);
}

/* The middles old[from..old_to) and new[from..new_to) by the table: cell (i, j) is the best for what lies behind. */
static void align(struct change *c, size_t from, size_t old_to, size_t new_to)
{
    size_t rows = old_to - from, columns = new_to - from, i = 0, j = 0, width = columns + 1;
    bool small = (rows + 1) <= CELLS_MAX / width;
    uint32_t *best = small ? mem_array((rows + 1) * width, sizeof *best) : NULL;
    for (size_t r = small ? rows : 0; r-- > 0;)
        for (size_t k = columns; k-- > 0;) {
            uint32_t down = best[(r + 1) * width + k], right = best[r * width + k + 1];
            bool same = str_eq(c->old.p[from + r], c->new.p[from + k]);
            best[r * width + k] = same ? best[(r + 1) * width + k + 1] + 1 : down > right ? down : right;
        }
    while (i < rows || j < columns) {
        if (small && i < rows && j < columns && str_eq(c->old.p[from + i], c->new.p[from + j])) {
            add_edit(c, OP_KEEP, from + i, from + j);
            i++;
            j++;
        } else if (i < rows && (j == columns || !small || best[(i + 1) * width + j] >= best[i * width + j + 1])) {
            add_edit(c, OP_DROP, from + i, from + j);
            i++;
        } else {
            add_edit(c, OP_ADD, from + i, from + j);
            j++;
        }
    }
    free(best);
}

static void find_edits(struct change *c)
{
    size_t head = 0, old_to = c->old.n, new_to = c->new.n;
    while (head < old_to && head < new_to && str_eq(c->old.p[head], c->new.p[head])) {
        add_edit(c, OP_KEEP, head, head);
        head++;
    }
    while (old_to > head && new_to > head && str_eq(c->old.p[old_to - 1], c->new.p[new_to - 1])) {
        old_to--;
        new_to--;
    }
    align(c, head, old_to, new_to);
    for (size_t i = 0; old_to + i < c->old.n; i++)
        add_edit(c, OP_KEEP, old_to + i, new_to + i);
}

static void add_line(struct buf *out, char mark, struct str line)
{
    buf_add_ch(out, mark);
    buf_add(out, line);
    if (!str_ends(line, STR("\n")))
        buf_add_cstr(out, "\n\\ No newline at end of file\n");
}

/* "start,count" counted from 1; an empty range names the line before it, as diff(1) does. */
static void add_range(struct buf *out, char mark, size_t start, size_t count)
{
    buf_printf(out, "%c%zu", mark, count == 0 ? start : start + 1);
    if (count != 1)
        buf_printf(out, ",%zu", count);
}

static void add_hunk(struct buf *out, const struct change *c, size_t from, size_t to)
{
    static const char marks[] = {[OP_KEEP] = ' ', [OP_DROP] = '-', [OP_ADD] = '+'};
    size_t old = 0, new = 0;
    for (size_t i = from; i < to; i++) {
        old += c->edits.p[i].op != OP_ADD;
        new += c->edits.p[i].op != OP_DROP;
    }
    buf_add_cstr(out, "@@ ");
    add_range(out, '-', c->edits.p[from].old, old);
    buf_add_ch(out, ' ');
    add_range(out, '+', c->edits.p[from].new, new);
    buf_add_cstr(out, " @@\n");
    for (size_t i = from; i < to; i++) {
        const struct edit *edit = &c->edits.p[i];
        add_line(out, marks[edit->op], edit->op == OP_ADD ? c->new.p[edit->new] : c->old.p[edit->old]);
    }
}

/* Changes closer than two contexts share a hunk. */
static void add_hunks(struct buf *out, const struct change *c)
{
    size_t i = 0, n = c->edits.n, done = 0;
    while (i < n) {
        if (c->edits.p[i].op == OP_KEEP) {
            i++;
            continue;
        }
        size_t from = i - done < CONTEXT ? done : i - CONTEXT, last = i;
        for (size_t k = i; k < n && k - last <= 2 * CONTEXT + 1; k++)
            if (c->edits.p[k].op != OP_KEEP)
                last = k;
        size_t to = n - last - 1 < CONTEXT ? n : last + 1 + CONTEXT;
        add_hunk(out, c, from, to);
        i = done = to;
    }
}

static void add_file(struct arena *a, const struct scaffold_file *file, const struct str *old, struct buf *out)
{
    struct change c = {.a = a, .new = lines_of(a, file->text)};
    struct str path = file->path;
    buf_printf(out, "diff --git a/%.*s b/%.*s\n", STR_ARG(path), STR_ARG(path));
    if (old)
        c.old = lines_of(a, *old);
    else
        buf_printf(out, "new file mode 10%04o\n", file->mode);
    find_edits(&c);
    if (c.edits.n == 0)
        return;
    if (old)
        buf_printf(out, "--- a/%.*s\n", STR_ARG(path));
    else
        buf_add_cstr(out, "--- /dev/null\n");
    buf_printf(out, "+++ b/%.*s\n", STR_ARG(path));
    add_hunks(out, &c);
}

static bool is_text(struct str s)
{
    return str_find_ch(s, '\0') < 0;
}

static int diff_file(struct arena *a, const struct scaffold_file *file, struct str dir, struct buf *out, struct err *e)
{
    struct stat st;
    struct str old;
    const char *path = path_join(a, dir, file->path).p;
    if (lstat(path, &st) < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return err_sys(e, errno, "%s", path);
        add_file(a, file, NULL, out);
        return 0;
    }
    if (!S_ISREG(st.st_mode)) {
        buf_printf(out, "Only a regular file can be compared: %.*s\n", STR_ARG(file->path));
        return 0;
    }
    int r = file_read(a, path, EXISTING_MAX, &old, e);
    if (r < 0)
        return r;
    if (!is_text(old))
        buf_printf(out, "Binary file differs: %.*s\n", STR_ARG(file->path));
    else if (!str_eq(old, file->text))
        add_file(a, file, &old, out);
    return 0;
}

int scaffold_diff(struct arena *a, const struct scaffold_file *files, size_t n, struct str dir, struct buf *out,
                  struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        int r = diff_file(a, &files[i], dir, out, e);
        if (r < 0)
            return r;
    }
    return out->over ? err_set(e, E2BIG, "the differences are too long to show") : 0;
}
