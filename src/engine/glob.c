/*
 * engine/glob.c - reads patterns and walks a job's folders for them.
 */
#include "core/base.h"
#include "engine/glob_priv.h"

#include "core/buf.h"
#include "core/path.h"
#include "engine/glob_match_priv.h"
#include "sys/file.h"
#include "sys/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define DEPTH_MAX 200 /* folders; each is open while the walk is below it */
#define PATH_BYTES ((size_t)64 << 10)

struct glob {
    struct arena *arena;
    struct glob_options o;
    VEC(struct glob_pattern) patterns;
    struct strs roots;
};

/* ---- reading patterns ---- */

/* The end of the class that begins at seg.p[i], or 0; *ret_n is how many characters stand in it, *ret_c the last. */
static size_t class_end(struct str seg, size_t i, size_t *ret_n, char *ret_c)
{
    *ret_n = 0;
    for (size_t k = i + 1; k < seg.n; k++) {
        if (seg.p[k] == ']')
            return k;
        if (seg.p[k] == '\\' && k + 1 < seg.n)
            k++;
        *ret_c = seg.p[k];
        ++*ret_n;
    }
    return 0;
}

/* The name that a segment without wildcards stands for; false when it has some. "[x]" is x. */
static bool literal_of(struct arena *a, struct str seg, struct str *ret)
{
    CLEAN(buf) struct buf b = BUF(PATH_BYTES);
    for (size_t i = 0; i < seg.n; i++) {
        char c = seg.p[i], only = 0;
        size_t n = 0, end = 0;
        if (c == '*' || c == '?')
            return false;
        if (c == '\\' && i + 1 < seg.n)
            c = seg.p[++i];
        else if (c == '[')
            end = class_end(seg, i, &n, &only);
        if (end > 0 && n > 1)
            return false;
        if (end > 0 && n == 1) {
            c = only;
            i = end;
        }
        buf_add_ch(&b, c);
    }
    *ret = arena_str(a, buf_str(&b));
    return true;
}

static int seg_add(const struct glob *g, struct glob_pattern *pt, struct str text, bool exact, struct err *e)
{
    if (pt->n == GLOB_SEGMENTS_MAX)
        return err_set(e, ENAMETOOLONG, "%sa pattern of more than %d names", g->o.who, GLOB_SEGMENTS_MAX);
    pt->seg[pt->n++] = (struct glob_seg){.text = text, .exact = exact};
    return 0;
}

static int segs_add_exact(const struct glob *g, struct glob_pattern *pt, struct str path, struct err *e)
{
    struct str name;
    int rc = 0;
    while (rc == 0 && str_next(&path, '/', &name))
        rc = name.n > 0 ? seg_add(g, pt, name, true, e) : 0;
    return rc;
}

static int segs_add(const struct glob *g, struct glob_pattern *pt, struct str text, struct err *e)
{
    struct str rest = text, seg, literal;
    bool first = true;
    int rc = 0;
    while (rc == 0 && str_next(&rest, '/', &seg)) {
        if (seg.n == 0)
            continue;
        bool plain = literal_of(g->arena, seg, &literal);
        if (plain && ((str_is(literal, ".") && !first) || str_is(literal, "..")))
            return err_set(e, EINVAL, "%sInvalid pattern '%.*s'. Relative pathing '.' and '..' is not allowed.",
                           g->o.who, STR_ARG(text));
        if (!plain || !str_is(literal, "."))
            rc = seg_add(g, pt, plain ? literal : seg, plain, e);
        first = false;
    }
    return rc;
}

static int pattern_read(struct glob *g, struct str text, struct err *e)
{
    struct glob_pattern pt = {.seg = arena_array(g->arena, GLOB_SEGMENTS_MAX, sizeof *pt.seg)};
    int rc = 0;
    while (text.n > 0 && text.p[0] == '!') {
        pt.exclude = !pt.exclude;
        text = str_trim(str_from_index(text, 1));
    }
    if (text.n == 0)
        return err_set(e, EINVAL, "%spattern cannot be empty", g->o.who);
    pt.folders_only = str_ends(text, STR("/"));
    if (str_is(text, "~") || str_starts(text, STR("~/"))) {
        rc = segs_add_exact(g, &pt, g->o.home, e);
        text = str_from_index(text, 1);
    } else if (!path_is_abs(text)) {
        rc = segs_add_exact(g, &pt, g->o.root, e);
    }
    if (rc == 0)
        rc = segs_add(g, &pt, text, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < pt.n && pt.seg[i].exact; i++)
        vec_push_in(g->arena, &pt.root, pt.seg[i].text);
    vec_push_in(g->arena, &g->patterns, pt);
    return 0;
}

/* Is pattern i's root the same as, or below, the root of another include (an earlier one when they are the same)? */
static bool root_is_covered(const struct glob *g, size_t i)
{
    const struct glob_pattern *x = &g->patterns.p[i];
    for (size_t k = 0; k < g->patterns.n; k++) {
        const struct glob_pattern *y = &g->patterns.p[k];
        if (k == i || y->exclude || y->root.n > x->root.n || (y->root.n == x->root.n && k > i))
            continue;
        size_t same = 0;
        while (same < y->root.n && str_eq(x->root.p[same], y->root.p[same]))
            same++;
        if (same == y->root.n)
            return true;
    }
    return false;
}

static struct str root_text(struct arena *a, const struct glob_pattern *pt)
{
    CLEAN(buf) struct buf b = BUF(PATH_BYTES * 2);
    for (size_t i = 0; i < pt->root.n; i++) {
        buf_add_ch(&b, '/');
        buf_add(&b, pt->root.p[i]);
    }
    return pt->root.n == 0 ? STR("/") : arena_str(a, buf_str(&b));
}

int glob_read(struct arena *a, const struct glob_options *o, const struct str *lines, size_t n, struct glob **ret,
              struct err *e)
{
    struct glob *g = ARENA_NEW(a, struct glob);
    *g = (struct glob){.arena = a, .o = *o};
    for (size_t i = 0; i < n; i++) {
        struct str rest = lines[i], line;
        while (str_next(&rest, '\n', &line)) {
            line = str_trim(line);
            int rc = line.n == 0 || line.p[0] == '#' ? 0 : pattern_read(g, line, e);
            if (rc < 0)
                return rc;
        }
    }
    for (size_t i = 0; i < g->patterns.n; i++)
        if (!g->patterns.p[i].exclude && !root_is_covered(g, i))
            vec_push_in(a, &g->roots, root_text(a, &g->patterns.p[i]));
    *ret = g;
    return 0;
}

const struct strs *glob_roots(const struct glob *g)
{
    return &g->roots;
}

/* ---- walking ---- */

struct walk {
    const struct glob *g;
    int root;
    int (*each)(void *ctx, const struct glob_hit *hit);
    void *ctx;
    struct err *e;
    struct buf path;
    struct str seg[DEPTH_MAX + GLOB_SEGMENTS_MAX + 1];
    size_t n;
    struct {
        dev_t dev;
        ino_t ino;
    } above[DEPTH_MAX]; /* the folders that the walk is in: a link back to one of them is not entered */
    size_t depth;
};

static int walk_fail(const struct walk *w, int num)
{
    return err_sys(w->e, num, "%s%s", w->g->o.who, buf_cstr(&w->path));
}

/* As what the walk's path is chosen; *ret_partial: there may be hits below it. */
static unsigned chosen(const struct walk *w, bool *ret_partial)
{
    unsigned kinds = 0;
    *ret_partial = false;
    for (size_t i = 0; i < w->g->patterns.n; i++) {
        const struct glob_pattern *pt = &w->g->patterns.p[i];
        bool partial;
        unsigned hit = glob_pattern_match(pt, w->seg, w->n, w->g->o.implicit, &partial);
        kinds = pt->exclude ? kinds & ~hit : kinds | hit;
        *ret_partial = *ret_partial || (!pt->exclude && partial);
    }
    return kinds;
}

/* Does the walk's path lie where hits may be, or above that place? */
static bool is_within(const struct walk *w, bool *ret_hit)
{
    struct str within = w->g->o.within, path = buf_str(&w->path);
    *ret_hit = within.n == 0 || (path_under(path, within) && !str_eq(path, within));
    return *ret_hit || path_under(path, within) || path_under(within, path);
}

/* 1 and *st, or 0: there is nothing to see here. */
static int look(const struct walk *w, int dir, const char *name, struct stat *st, bool *ret_link)
{
    if (fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : walk_fail(w, errno);
    *ret_link = S_ISLNK(st->st_mode);
    if (!*ret_link || !w->g->o.follow)
        return 1;
    CLEAN(fd) int fd = inside_open(w->root, buf_str(&w->path), O_PATH, 0);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0; /* a broken link */
    return fd < 0 || fstat(fd, st) != 0 ? walk_fail(w, fd < 0 ? fd : errno) : 1;
}

static int cmp_names(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

/* The names in a folder, in byte order. Takes fd over when it succeeds: closedir(*ret_d) is due. */
static int names_of(const struct walk *w, struct arena *a, int fd, DIR **ret_d, struct strs *ret)
{
    DIR *d = fdopendir(fd);
    if (d == NULL)
        return walk_fail(w, errno);
    const struct dirent *ent;
    while (errno = 0, (ent = readdir(d)) != NULL)
        if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
            vec_push_in(a, ret, arena_cstr(a, ent->d_name));
    *ret_d = d;
    if (errno != 0)
        return walk_fail(w, errno);
    if (ret->n > 0)
        qsort(ret->p, ret->n, sizeof *ret->p, cmp_names);
    return 0;
}

static int visit(struct walk *w, int dir, struct str name);

static int visit_all(struct walk *w, int fd)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct strs names = {0};
    DIR *d = NULL;
    int rc = names_of(w, a, fd, &d, &names);
    for (size_t i = 0; i < names.n && rc == 0; i++) {
        size_t before = w->path.n;
        if (before > 1)
            buf_add_ch(&w->path, '/');
        rc = buf_add(&w->path, names.p[i]) < 0 ? walk_fail(w, ENAMETOOLONG) : 0;
        w->seg[w->n++] = names.p[i];
        if (rc == 0)
            rc = visit(w, dirfd(d), names.p[i]);
        w->n--;
        buf_cut(&w->path, before);
    }
    if (d != NULL)
        closedir(d);
    else
        fd_close(&fd);
    return rc;
}

static int visit_folder(struct walk *w, int dir, const char *name, const struct stat *st, bool link)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->above[i].dev == st->st_dev && w->above[i].ino == st->st_ino)
            return 0;
    if (w->depth == DEPTH_MAX)
        return err_set(w->e, ENAMETOOLONG, "%s%s: folders are nested too deeply (more than %d)", w->g->o.who,
                       buf_cstr(&w->path), DEPTH_MAX);
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = link ? inside_open(w->root, buf_str(&w->path), flags, 0) : openat(dir, name, flags | O_NOFOLLOW);
    if (fd < 0)
        return walk_fail(w, link ? fd : errno);
    w->above[w->depth].dev = st->st_dev;
    w->above[w->depth++].ino = st->st_ino;
    int rc = visit_all(w, fd);
    w->depth--;
    return rc;
}

/* What lies at (dir, name); the walk's path names it. */
static int visit(struct walk *w, int dir, struct str name)
{
    const struct glob_options *o = &w->g->o;
    struct stat st;
    bool partial, link = false, inside;
    unsigned kinds = chosen(w, &partial);
    if ((kinds == 0 && !partial) || !is_within(w, &inside))
        return 0;
    int rc = look(w, dir, name.p, &st, &link);
    if (rc <= 0 || (!o->hidden && name.p[0] == '.' && w->path.n > 1))
        return rc < 0 ? rc : 0;
    bool folder = S_ISDIR(st.st_mode);
    struct glob_hit hit = {.path = buf_str(&w->path), .dir = dir, .name = name.p, .st = &st};
    rc = 0;
    if (inside && (folder ? o->folders && (kinds & GLOB_FOLDER) != 0 : (kinds & GLOB_FILE) != 0))
        rc = w->each(w->ctx, &hit);
    return rc < 0 || !folder ? rc : visit_folder(w, dir, name.p, &st, link);
}

static int visit_root(struct walk *w, struct str path)
{
    CLEAN(arena) struct arena *a = arena_new();
    CLEAN(fd) int dir = inside_open(w->root, path_dir(path), O_RDONLY | O_DIRECTORY, 0);
    struct str rest = path, name = STR(".");
    buf_clear(&w->path);
    w->n = w->depth = 0;
    if (buf_add(&w->path, path) < 0)
        return walk_fail(w, ENAMETOOLONG);
    if (dir == -ENOENT || dir == -ENOTDIR)
        return 0; /* nothing there, nothing matches */
    if (dir < 0)
        return walk_fail(w, dir);
    while (str_next(&rest, '/', &name))
        if (name.n > 0)
            w->seg[w->n++] = name;
    return visit(w, dir, w->n > 0 ? arena_str(a, name) : STR("."));
}

int glob_walk(const struct glob *g, int root, int (*each)(void *ctx, const struct glob_hit *hit), void *ctx,
              struct err *e)
{
    CLEAN(free) struct walk *w = mem_alloc(sizeof *w);
    *w = (struct walk){.g = g, .root = root, .each = each, .ctx = ctx, .e = e, .path = BUF(PATH_BYTES)};
    int rc = 0;
    for (size_t i = 0; i < g->roots.n && rc == 0; i++)
        rc = visit_root(w, g->roots.p[i]);
    buf_done(&w->path);
    return rc;
}

int glob_open(int root, const struct glob_hit *hit, int flags)
{
    int fd = openat(hit->dir, hit->name, flags | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    return errno == ELOOP ? inside_open(root, hit->path, flags, 0) : -errno;
}
