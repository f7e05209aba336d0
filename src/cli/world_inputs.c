/*
 * cli/world_inputs.c - names and values from the command line and from files.
 */
#include "cli/world.h"

#include "core/path.h"
#include "sys/file.h"

#include <sys/stat.h>

#define PAIRS_FILE_MAX ((size_t)1 << 20)

int world_pair(struct map *into, struct str text, bool from_env, const char *what, struct err *e)
{
    struct str name, value;
    bool given = str_cut(text, '=', &name, &value);
    if (name.n == 0)
        return err_set(e, EINVAL, "%s takes NAME=VALUE, not '%.*s'", what, STR_ARG(text));
    if (!given && !from_env)
        return err_set(e, EINVAL, "%s takes NAME=VALUE, not '%.*s'", what, STR_ARG(text));
    if (!given) {
        const char *set = getenv(arena_str(into->arena, name).p);
        if (set == NULL)
            return err_set(e, EINVAL, "%s %.*s: there is no environment variable of this name", what, STR_ARG(name));
        value = str_from(set);
    }
    map_set_str(into, name, value);
    return 0;
}

/* Takes quotes off; in double quotes \n, \t, \" and \\ mean what they mean in .env files. */
static struct str unquote(struct arena *a, struct str v)
{
    if (v.n < 2 || (v.p[0] != '"' && v.p[0] != '\'') || v.p[v.n - 1] != v.p[0])
        return v;
    bool escapes = v.p[0] == '"';
    v = str_sub(v, 1, v.n - 1);
    CLEAN(buf) struct buf b = BUF(PAIRS_FILE_MAX);
    for (size_t i = 0; i < v.n; i++) {
        if (!escapes || v.p[i] != '\\' || i + 1 == v.n) {
            buf_add_ch(&b, v.p[i]);
            continue;
        }
        char c = v.p[++i];
        buf_add_ch(&b, c == 'n' ? '\n' : c == 't' ? '\t' : c);
    }
    return arena_str(a, buf_str(&b));
}

int world_pairs_file(struct arena *a, struct map *into, const char *path, bool private_file, struct err *e)
{
    struct str text, line;
    struct stat st;
    int rc = file_read(a, path, PAIRS_FILE_MAX, &text, e);
    if (rc < 0)
        return rc;
    if (private_file && stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return err_set(e, EPERM, "%s: others on this machine can read it; `chmod 600 %s` mends that", path, path);
    for (unsigned n = 1; str_next(&text, '\n', &line); n++) {
        line = str_trim(line);
        if (str_starts(line, STR("export ")))
            line = str_trim(str_from_index(line, 7));
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct str name, value;
        if (!str_cut(line, '=', &name, &value) || str_trim(name).n == 0)
            return err_set(e, EINVAL, "%s:%u: expected NAME=VALUE", path, n);
        map_set_str(into, str_trim(name), unquote(a, str_trim(value)));
    }
    return 0;
}
