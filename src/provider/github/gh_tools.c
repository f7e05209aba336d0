#include "core/base.h"
#include "provider/github/setup_priv.h"

#include "core/buf.h"
#include "core/vec.h"
#include "doc/toml.h"

struct str gh_node_arch(struct str machine)
{
    static const struct {
        const char *machine, *arch;
    } ARCHES[] = {{"aarch64", "arm64"}, {"arm64", "arm64"}, {"armv7l", "arm"}, {"i686", "ia32"}, {"i386", "ia32"}};
    for (size_t i = 0; i < ARRAY_LEN(ARCHES); i++) {
        if (str_is(machine, ARCHES[i].machine))
            return str_from(ARCHES[i].arch);
    }
    return STR("x64");
}

bool gh_arch_is_here(const struct facts *f, struct str wanted)
{
    return wanted.n == 0 || str_eq_nocase(wanted, gh_node_arch(f->machine.machine));
}

void gh_split_lines(struct arena *a, struct str text, struct strs *ret)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0)
            vec_push_in(a, ret, line);
    }
}

struct str gh_tool_versions_get(struct str text, const char *tool)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        size_t i = 0;
        while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t')
            i++;
        struct str version = str_trim(str_from_index(line, i));
        if (!str_is(str_sub(line, 0, i), tool))
            continue;
        return str_starts(version, STR("v")) ? str_from_index(version, 1) : version;
    }
    return STR_NONE;
}

struct value *gh_toml(struct arena *a, struct str name, struct str text)
{
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    diags_init(&d, a, s);
    return toml_read(a, s, sources_add(s, name, text), &d);
}

struct value *gh_value_at(struct value *v, const char *const *keys)
{
    for (; *keys != NULL && v != NULL; keys++)
        v = value_get(v, str_from(*keys));
    return v;
}
