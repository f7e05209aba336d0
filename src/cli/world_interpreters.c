/*
 * cli/world_interpreters.c - which interpreters this machine has: the parts that all kinds share (cli/finder_priv.h).
 */
#include "cli/finder_priv.h"

#include "core/num.h"
#include "core/path.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

#include <sys/stat.h>
#include <unistd.h>

#define KNOWN_MAX ((size_t)1 << 20)

void finder_add(struct finder *f, const char *origin, struct str version, struct str prefix, struct str program)
{
    struct machine_facts *m = f->to;
    for (size_t i = 0; i < m->n_interpreters; i++)
        if (str_is(m->interpreters[i].tool, f->tool) && str_eq(m->interpreters[i].prefix, prefix) &&
            str_eq(m->interpreters[i].version, version))
            return;
    struct {
        struct interpreter *p;
        size_t n, cap;
    } v = {m->interpreters, m->n_interpreters, f->cap};
    struct interpreter in = {.tool = str_from(f->tool),
                             .version = arena_str(f->arena, version),
                             .prefix = arena_str(f->arena, prefix),
                             .program = arena_str(f->arena, program),
                             .origin = str_from(origin),
                             .shared_prefix = str_is(prefix, "/usr") || str_is(prefix, "/usr/local")};
    vec_push_in(f->arena, &v, in);
    m->interpreters = v.p;
    m->n_interpreters = v.n;
    f->cap = v.cap;
}

bool finder_is_version(struct str s)
{
    unsigned dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.')
            dots++;
        else if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return dots == 2 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

struct str finder_root(struct finder *f, const char *variable, const char *otherwise)
{
    const char *set = getenv(variable);
    return set != NULL && set[0] != '\0' ? str_from(set) : path_join(f->arena, f->home, str_from(otherwise));
}

void finder_versions(struct finder *f, const struct finder_place *p)
{
    struct strs names = {0};
    struct str mark = str_from(p->mark);
    if (dir_list(f->arena, arena_str(f->arena, p->dir).p, &names, NULL) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (!str_starts(names.p[i], mark) || !finder_is_version(str_from_index(names.p[i], mark.n)))
            continue;
        struct str prefix = arena_printf(f->arena, "%.*s/%.*s%s", STR_ARG(p->dir), STR_ARG(names.p[i]), p->sub);
        if (p->complete && !path_exists(arena_printf(f->arena, "%.*s.complete", STR_ARG(prefix)).p))
            continue;
        struct str program = arena_printf(f->arena, "%.*s%s", STR_ARG(prefix), p->program);
        if (access(program.p, X_OK) == 0)
            finder_add(f, p->origin, str_from_index(names.p[i], mark.n), prefix, program);
    }
}

void finder_tool_cache(struct finder *f, const char *folder, const char *program)
{
    finder_versions(f, &(struct finder_place){.origin = "tool cache",
                                              .dir = path_join(f->arena, f->tools, str_from(folder)),
                                              .mark = "",
                                              .sub = arena_printf(f->arena, "/%.*s", STR_ARG(f->arch)).p,
                                              .program = program,
                                              .complete = true});
}

/* ---- what must be asked ---- */

/* "program TAB size:time TAB version TAB prefix" */
static bool known(struct finder *f, struct str program, struct str stamp, struct str *version, struct str *prefix)
{
    struct str rest = f->known, line;
    while (str_next(&rest, '\n', &line)) {
        struct str name, when, tail;
        if (str_cut(line, '\t', &name, &tail) && str_eq(name, program) && str_cut(tail, '\t', &when, &tail) &&
            str_eq(when, stamp) && str_cut(tail, '\t', version, prefix))
            return true;
    }
    return false;
}

static bool ask(struct finder *f, struct str program, const struct finder_question *q, struct str *version,
                struct str *prefix)
{
    const char *argv[8] = {program.p};
    struct str out;
    size_t n = 1;
    for (; q->argv[n - 1] != NULL && n + 1 < ARRAY_LEN(argv); n++)
        argv[n] = q->argv[n - 1];
    argv[n] = NULL;
    f->changed = true;
    if (run_line(f->arena, argv, "/", &out, NULL) < 0)
        return false;
    str_cut(out, '\n', version, prefix);
    *prefix = str_trim(*prefix);
    return version->n > 0 && prefix->n > 0;
}

bool finder_ask(struct finder *f, struct str program, const struct finder_question *q, struct str *version,
                struct str *prefix)
{
    struct stat st;
    char real[4096];
    if (realpath(program.p, real) == NULL || stat(real, &st) != 0 || access(real, X_OK) != 0)
        return false;
    struct str stamp = arena_printf(f->arena, "%lld:%lld", (long long)st.st_size, (long long)st.st_mtime);
    if (!known(f, program, stamp, version, prefix) && !ask(f, program, q, version, prefix))
        return false;
    buf_printf(&f->fresh, "%.*s\t%.*s\t%.*s\t%.*s\n", STR_ARG(program), STR_ARG(stamp), STR_ARG(*version),
               STR_ARG(*prefix));
    return true;
}

void finder_path(struct finder *f, void (*each)(struct finder *f, struct str dir))
{
    const char *path = getenv("PATH");
    struct str rest = arena_printf(f->arena, "%s:/usr/local/bin:/usr/bin", path != NULL ? path : ""), dir;
    struct map seen;
    map_init(&seen, f->arena, MAP_CASE);
    while (str_next(&rest, ':', &dir)) {
        if (path_is_abs(dir) && !str_ends(dir, STR("/shims")) && map_set(&seen, dir, f))
            each(f, dir);
    }
}

/* As the tool cache names processors: node's os.arch(). */
static struct str tool_arch(struct str machine)
{
    if (str_is(machine, "aarch64") || str_is(machine, "arm64"))
        return STR("arm64");
    return str_is(machine, "armv7l") ? STR("arm") : STR("x64");
}

void world_interpreters(struct arena *a, struct str cache_dir, struct str home, struct machine_facts *ret)
{
    CLEAN(buf) struct buf fresh = BUF(KNOWN_MAX);
    struct str cache = path_join(a, cache_dir, STR("interpreters"));
    const char *tools = getenv("RUNNER_TOOL_CACHE");
    struct finder f = {.arena = a,
                       .to = ret,
                       .home = home,
                       .tools = tools != NULL && tools[0] != '\0' ? str_from(tools) : STR("/opt/hostedtoolcache"),
                       .arch = tool_arch(ret->machine),
                       .fresh = fresh};
    file_read(a, cache.p, KNOWN_MAX, &f.known, NULL);
    f.tool = "python";
    find_pythons(&f);
    f.tool = "node";
    find_nodes(&f);
    f.tool = "go";
    find_gos(&f);
    if (f.changed && dir_make(arena_str(a, cache_dir).p, 0755, NULL) == 0)
        file_write(cache.p, buf_str(&f.fresh), 0644, NULL); /* only a cache: failing costs time, nothing else */
    fresh = f.fresh;
}
