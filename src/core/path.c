#include "core/base.h"
#include "core/path.h"

bool path_is_abs(struct str path)
{
    return path.n && path.p[0] == '/';
}

/* Without slashes at its end; "/" stays. */
static struct str path_unslash(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    return path;
}

struct str path_join(struct arena *a, struct str dir, struct str name)
{
    if (dir.n == 0 || path_is_abs(name))
        return arena_str(a, name);
    if (name.n == 0)
        return arena_str(a, dir);
    size_t slash = dir.p[dir.n - 1] == '/' ? 0 : 1, n = dir.n + slash + name.n;
    char *p = arena_alloc(a, n + 1);
    memcpy(p, dir.p, dir.n);
    p[dir.n] = '/';
    memcpy(p + dir.n + slash, name.p, name.n);
    return str_of(p, n);
}

/* Takes the last component off the n bytes of p; false when it is ".." or there is none. */
static bool path_pop(const char *p, size_t *n, size_t root)
{
    struct str last = path_base(str_of(p + root, *n - root));
    if (last.n == 0 || str_is(last, ".."))
        return false;
    *n -= last.n;
    if (*n > root)
        (*n)--;
    return true;
}

struct str path_clean(struct arena *a, struct str path)
{
    size_t root = path_is_abs(path) ? 1 : 0, n = root;
    char *p = arena_alloc(a, path.n + 2);
    if (root)
        p[0] = '/';
    struct str rest = path, part;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || str_is(part, "."))
            continue;
        if (str_is(part, "..") && (path_pop(p, &n, root) || root))
            continue;
        if (n > root)
            p[n++] = '/';
        memcpy(p + n, part.p, part.n);
        n += part.n;
    }
    if (n == 0)
        p[n++] = '.';
    p[n] = '\0';
    return str_of(p, n);
}

struct str path_base(struct str path)
{
    path = path_unslash(path);
    return str_from_index(path, (size_t)(str_rfind_ch(path, '/') + 1));
}

struct str path_dir(struct str path)
{
    path = path_unslash(path);
    ssize_t slash = str_rfind_ch(path, '/');
    if (slash < 0)
        return STR(".");
    return slash == 0 ? STR("/") : path_unslash(str_sub(path, 0, (size_t)slash));
}

struct str path_ext(struct str path)
{
    struct str base = path_base(path);
    ssize_t dot = str_rfind_ch(base, '.');
    return dot <= 0 || str_is(base, "..") ? STR_NONE : str_from_index(base, (size_t)dot);
}

bool path_under(struct str path, struct str dir)
{
    dir = path_unslash(dir);
    if (!str_starts(path, dir) || dir.n == 0)
        return false;
    return path.n == dir.n || dir.p[dir.n - 1] == '/' || path.p[dir.n] == '/';
}

struct str path_rel(struct str path, struct str dir)
{
    if (!path_under(path, dir))
        return path;
    struct str rest = str_from_index(path, path_unslash(dir).n);
    while (rest.n && rest.p[0] == '/')
        rest = str_from_index(rest, 1);
    return rest.n ? rest : STR(".");
}

bool path_is_inner(struct str path)
{
    if (path.n == 0 || path_is_abs(path) || str_find_ch(path, '\0') >= 0)
        return false;
    size_t depth = 0;
    struct str rest = path, part;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || str_is(part, "."))
            continue;
        if (!str_is(part, ".."))
            depth++;
        else if (depth-- == 0)
            return false;
    }
    return true;
}
