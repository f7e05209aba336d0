/*
 * gh_go_find.c - which Go a version of setup-go means, and what version files say (specification 13.4). `stable` is
 * settled by the service over the network; here it is the newest of this machine, which is told.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/num.h"
#include "core/path.h"

static size_t digits(struct str s, size_t from)
{
    while (from < s.n && s.p[from] >= '0' && s.p[from] <= '9')
        from++;
    return from;
}

/* 1.21rc1, 1.10.3beta2: Go's way to write 1.21.0-rc.1 and 1.10.3-beta.2. All else stays as it is. */
static struct str semantic(struct arena *a, struct str s)
{
    size_t minor = digits(s, 2), end = minor, word;
    if (!str_starts(s, STR("1.")) || minor == 2)
        return s;
    if (minor + 1 < s.n && s.p[minor] == '.')
        end = digits(s, minor + 1);
    struct str core = str_sub(s, 0, end), rest = str_from_index(s, end);
    word = str_starts(rest, STR("beta")) ? 4 : str_starts(rest, STR("rc")) ? 2 : 0;
    if (word == 0 || word == rest.n || digits(rest, word) != rest.n)
        return s;
    return arena_printf(a, "%.*s%s-%.*s.%.*s", STR_ARG(core), end == minor ? ".0" : "", STR_ARG(str_sub(rest, 0, word)),
                        STR_ARG(str_from_index(rest, word)));
}

static int find_range(struct arena *a, const struct facts *f, struct str text, const struct interpreter **ret,
                      struct err *e)
{
    struct semver_range *range = NULL;
    if (semver_range_parse(a, text, false, &range, NULL) < 0)
        return err_set(e, ENOENT, "'%.*s' is no version of Go", STR_ARG(text));
    *ret = interpreter_best(f, "go", range);
    return *ret != NULL ? 0 : err_set(e, ENOENT, "no Go %.*s here", STR_ARG(text));
}

/* The newest of a minor version below the newest one's. */
static int find_oldstable(struct arena *a, const struct facts *f, const struct interpreter **ret, struct err *e)
{
    const struct interpreter *newest = NULL;
    struct semver v;
    int rc = find_range(a, f, STR("*"), &newest, e);
    if (rc < 0 || semver_parse(newest->version, &v) < 0)
        return rc < 0 ? rc : err_set(e, ENOENT, "no Go oldstable here");
    return find_range(
        a, f, arena_printf(a, "<%llu.%llu.0", (unsigned long long)v.part[0], (unsigned long long)v.part[1]), ret, e);
}

int gh_go_find(struct arena *a, const struct facts *f, struct str spec, const struct interpreter **ret,
               struct str *ret_spec, struct err *e)
{
    spec = str_trim(spec);
    if (ret_spec != NULL)
        *ret_spec = spec;
    if (str_is(spec, "stable"))
        return find_range(a, f, STR("*"), ret, e);
    if (str_is(spec, "oldstable"))
        return find_oldstable(a, f, ret, e);
    return find_range(a, f, semantic(a, spec), ret, e);
}

/* ---- version files ---- */

/* What stands behind `word` on the first line that begins with it, as far as it is a version; or empty. */
static struct str directive(struct str text, const char *word, bool prerelease)
{
    struct str line, mark = str_from(word);
    while (str_next(&text, '\n', &line)) {
        if (!str_starts(line, mark))
            continue;
        struct str rest = str_from_index(line, mark.n);
        size_t end = digits(rest, 0);
        while (end > 0 && end + 1 < rest.n && rest.p[end] == '.' && digits(rest, end + 1) > end + 1)
            end = digits(rest, end + 1);
        if (end == 0)
            continue;
        struct str tail = str_from_index(rest, end);
        if (prerelease && str_starts(tail, STR("rc")) && digits(tail, 2) > 2)
            end += digits(tail, 2);
        return str_sub(rest, 0, end);
    }
    return STR_NONE;
}

struct str gh_go_file_read(struct str name, struct str text, bool local_toolchain)
{
    struct str base = path_base(name), version = STR_NONE, comment;
    if (str_is(base, "go.mod") || str_is(base, "go.work")) {
        if (!local_toolchain)
            version = directive(text, "toolchain go", true);
        return version.n > 0 ? version : directive(text, "go ", false);
    }
    if (str_is(base, ".tool-versions")) {
        str_cut(gh_tool_versions_get(text, "golang"), '#', &version, &comment);
        return str_trim(version);
    }
    return str_trim(text);
}
