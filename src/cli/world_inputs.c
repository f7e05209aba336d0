/*
 * cli/world_inputs.c - names and values from the command line, from files and from the person at the terminal.
 */
#include "cli/world.h"

#include "core/path.h"
#include "doc/dotenv.h"
#include "sys/ask.h"
#include "sys/file.h"

#include <sys/stat.h>

#define PAIRS_FILE_MAX ((size_t)1 << 20)

/* The environment's value: of the name as it is, or in capitals, which is where act looks. */
static const char *from_environment(struct arena *a, struct str name)
{
    CLEAN(buf) struct buf capitals = BUF(BUF_LINE);
    for (size_t i = 0; i < name.n; i++)
        buf_add_ch(&capitals, name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i]);
    const char *set = getenv(arena_str(a, name).p);
    return set != NULL && set[0] != '\0' ? set : getenv(buf_cstr(&capitals));
}

static int ask(struct arena *a, struct str name, const char *what, struct str *ret, struct err *e)
{
    int rc = ask_hidden(a, arena_printf(a, "%s %.*s: ", what + 2, STR_ARG(name)), ret, e);
    if (rc == -EINTR)
        fputc('\n', stderr);
    if (rc == -ENOTTY)
        return err_set(e, EINVAL, "%s %.*s: there is no environment variable of this name, and nobody to ask", what,
                       STR_ARG(name));
    return rc;
}

int world_pair(struct map *into, struct str text, enum world_bare bare, const char *what, struct err *e)
{
    struct str name, value;
    bool given = str_cut(text, '=', &name, &value);
    if (name.n == 0 || (!given && bare == BARE_REFUSED))
        return err_set(e, EINVAL, "%s takes NAME=VALUE, not '%.*s'", what, STR_ARG(text));
    if (!given) {
        const char *set = from_environment(into->arena, name);
        value = set != NULL ? str_from(set) : STR("");
        if (value.n == 0 && bare == BARE_ASKED) {
            int rc = ask(into->arena, name, what, &value, e);
            if (rc < 0)
                return rc;
        }
    }
    map_set_str(into, name, value);
    return 0;
}

int world_pairs_file(struct arena *a, struct map *into, const char *path, bool private_file, struct err *e)
{
    struct str text, ext = path_ext(str_from(path));
    struct map fresh;
    struct stat st;
    int rc = file_read(a, path, PAIRS_FILE_MAX, &text, e);
    if (rc < 0)
        return rc;
    if (private_file && stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return err_set(e, EPERM, "%s: others on this machine can read it; `chmod 600 %s` mends that", path, path);
    map_init(&fresh, a, MAP_CASE);
    bool yaml = str_is(ext, ".yml") || str_is(ext, ".yaml");
    rc = yaml ? dotenv_read_yaml(text, &fresh, e) : dotenv_read(text, &fresh, e);
    if (rc < 0)
        return err_wrap(e, "%s", path);
    for (size_t i = 0; i < fresh.n; i++)
        map_set_str(into, fresh.entries[i].key, map_get_str(&fresh, fresh.entries[i].key));
    return 0;
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n > 0;
}

/* "python.version": Azure's names are in parts. */
static bool is_dotted(struct str s)
{
    struct str rest = s, part;
    bool good = s.n > 0 && !str_ends(s, STR("."));
    while (good && str_next(&rest, '.', &part))
        good = is_name(part);
    return good;
}

/* A parameter or secret of a cloud, by its own name: "/CodeBuild/password", "projects/p/secrets/s/versions/1". */
static bool is_cloud_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_name(str_sub(s, i, i + 1)) && (s.p[i] < '0' || s.p[i] > '9') && !strchr("/-.:@+", s.p[i]))
            return false;
    return s.n > 0 && s.p[0] != '-' && (str_find_ch(s, '/') >= 0 || str_find_ch(s, ':') >= 0);
}

static bool is_reserved(struct str s)
{
    return s.n >= 7 && str_eq_nocase(str_sub(s, 0, 7), STR("GITHUB_")) && !str_is_nocase(s, "GITHUB_TOKEN");
}

int world_check_names(const struct map *m, const char *what, struct err *e)
{
    for (size_t i = 0; i < m->n; i++) {
        struct str name = m->entries[i].key;
        if (!is_dotted(name) && !(strcmp(what, "secret") == 0 && is_cloud_name(name)))
            return err_set(e, EINVAL,
                           "%s '%.*s': a name has letters, digits, . and _ only, and no digit at its beginning", what,
                           STR_ARG(name));
        if (is_reserved(name))
            return err_set(e, EINVAL, "%s '%.*s': the service keeps names that begin with GITHUB_ for itself", what,
                           STR_ARG(name));
    }
    return 0;
}
