/*
 * cli/find_go.c - the Go installations of this machine. Each says which it is in its file VERSION, so none is run.
 */
#include "cli/finder_priv.h"

#include "core/path.h"
#include "sys/file.h"

#include <unistd.h>

#define VERSION_MAX 4096

static size_t digits(struct str s, size_t from)
{
    while (from < s.n && s.p[from] >= '0' && s.p[from] <= '9')
        from++;
    return from;
}

/* "go1.22.3", "go1.20" and "go1.23rc1" as 1.22.3, 1.20.0 and 1.23.0-rc.1; empty when it is none of Go's. */
static struct str semantic(struct arena *a, struct str text)
{
    if (!str_starts(text, STR("go1.")))
        return STR_NONE;
    struct str s = str_from_index(text, 2);
    size_t minor = digits(s, 2), end = minor;
    if (minor < s.n && s.p[minor] == '.')
        end = digits(s, minor + 1);
    struct str core = str_sub(s, 0, end), rest = str_from_index(s, end);
    const char *zero = end == minor ? ".0" : "";
    if (rest.n == 0)
        return arena_printf(a, "%.*s%s", STR_ARG(core), zero);
    size_t word = str_starts(rest, STR("beta")) ? 4 : str_starts(rest, STR("rc")) ? 2 : 0;
    if (word == 0 || digits(rest, word) != rest.n)
        return STR_NONE; /* a build of its own: "go1.22.3-custom" */
    return arena_printf(a, "%.*s%s-%.*s.%.*s", STR_ARG(core), zero, STR_ARG(str_sub(rest, 0, word)),
                        STR_ARG(str_from_index(rest, word)));
}

static void add_root(struct finder *f, const char *origin, struct str root)
{
    struct str text = STR(""), line = STR("");
    char real[4096];
    if (realpath(arena_str(f->arena, root).p, real) == NULL)
        return;
    root = arena_cstr(f->arena, real);
    struct str program = arena_printf(f->arena, "%.*s/bin/go", STR_ARG(root));
    if (access(program.p, X_OK) != 0 ||
        file_read(f->arena, path_join(f->arena, root, STR("VERSION")).p, VERSION_MAX, &text, NULL) < 0)
        return;
    str_next(&text, '\n', &line);
    struct str version = semantic(f->arena, str_trim(line));
    if (version.n > 0)
        finder_add(f, origin, version, root, program);
}

/* Every folder of dir whose name begins with mark; sub is behind it. */
static void roots_below(struct finder *f, const char *origin, struct str dir, const char *mark, const char *sub)
{
    struct strs names = {0};
    if (dir_list(f->arena, arena_str(f->arena, dir).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++)
        if (str_starts(names.p[i], str_from(mark)))
            add_root(f, origin, arena_printf(f->arena, "%.*s/%.*s%s", STR_ARG(dir), STR_ARG(names.p[i]), sub));
}

static void path_go(struct finder *f, struct str dir)
{
    char real[4096];
    if (realpath(arena_printf(f->arena, "%.*s/go", STR_ARG(dir)).p, real) != NULL)
        add_root(f, "PATH", path_dir(path_dir(str_from(real))));
}

void find_gos(struct finder *f)
{
    static const struct {
        const char *origin, *variable, *root, *dir, *mark, *sub;
    } PLACES[] = {
        {"sdk", "GOSDK", "sdk", "", "go", ""},
        {"sdk", "GOSDK", "go/sdk", "", "go", ""},
        {"goenv", "GOENV_ROOT", ".goenv", "versions", "", ""},
        {"asdf", "ASDF_DATA_DIR", ".asdf", "installs/golang", "", "/go"},
        {"mise", "MISE_DATA_DIR", ".local/share/mise", "installs/go", "", ""},
        {"toolchain", "GOMODCACHE", "go/pkg/mod", "golang.org", "toolchain@", ""},
    };
    finder_tool_cache(f, "go", "/bin/go");
    const char *root = getenv("GOROOT");
    if (root != NULL && root[0] == '/')
        add_root(f, "GOROOT", str_from(root));
    add_root(f, "system", STR("/usr/local/go"));
    roots_below(f, "system", STR("/usr/lib"), "go-", "");
    add_root(f, "system", STR("/usr/lib/golang"));
    for (size_t i = 0; i < ARRAY_LEN(PLACES); i++)
        roots_below(f, PLACES[i].origin,
                    path_join(f->arena, finder_root(f, PLACES[i].variable, PLACES[i].root), str_from(PLACES[i].dir)),
                    PLACES[i].mark, PLACES[i].sub);
    finder_path(f, path_go);
}
