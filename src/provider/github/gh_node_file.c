/*
 * gh_node_file.c - the version files that setup-node reads (specification 13.3): package.json, mise.toml,
 * .tool-versions, .nvmrc and .node-version, told apart by what they hold, not by their names.
 */
#include "core/base.h"
#include "provider/github/setup_priv.h"

static struct str text_of(const struct value *v)
{
    return v != NULL && v->kind == VALUE_STRING ? v->string : STR_NONE;
}

/* devEngines.runtime: an entry, or several, of which the one named node counts. */
static struct str runtime_version(const struct value *runtime)
{
    const struct value *one = runtime;
    size_t n = runtime != NULL && runtime->kind == VALUE_ARRAY ? runtime->array.n : 1;
    for (size_t i = 0; runtime != NULL && i < n; i++) {
        if (runtime->kind == VALUE_ARRAY)
            one = runtime->array.p[i];
        struct str version = value_get_str(one, "version");
        if (str_is_nocase(value_get_str(one, "name"), "node") && version.n > 0)
            return version;
    }
    return STR_NONE;
}

static void read_package(struct arena *a, struct value *root, struct gh_node_file *ret)
{
    static const char *const VOLTA[] = {"volta", "node", NULL}, *const EXTENDS[] = {"volta", "extends", NULL},
                             *const RUNTIME[] = {"devEngines", "runtime", NULL},
                             *const ENGINES[] = {"engines", "node", NULL};
    struct str version = text_of(gh_value_at(root, VOLTA));
    if (version.n == 0)
        version = runtime_version(gh_value_at(root, RUNTIME));
    if (version.n == 0)
        version = text_of(gh_value_at(root, ENGINES));
    if (version.n == 0)
        ret->extends = arena_str(a, text_of(gh_value_at(root, EXTENDS)));
    ret->version = arena_str(a, version);
}

/* tools.node: a text, or a table with its version. */
static struct str mise_version(struct value *root)
{
    static const char *const NODE[] = {"tools", "node", NULL}, *const VERSION[] = {"tools", "node", "version", NULL};
    struct str version = text_of(gh_value_at(root, NODE));
    return version.n > 0 ? version : text_of(gh_value_at(root, VERSION));
}

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r')
            return false;
    }
    return s.n > 0;
}

/* The first line that is a version alone, or one behind `node` or `nodejs`; without its v. */
static struct str plain_version(struct str text)
{
    static const char *const TOOLS[] = {"nodejs", "node"};
    struct str rest = text, line;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim_end(line);
        for (size_t i = 0; i < ARRAY_LEN(TOOLS); i++) {
            struct str tool = str_from(TOOLS[i]), behind = str_from_index(line, tool.n);
            if (str_starts(line, tool) && behind.n > 0 && (behind.p[0] == ' ' || behind.p[0] == '\t')) {
                line = str_trim(behind);
                break;
            }
        }
        if (is_word(line))
            return line.n > 1 && line.p[0] == 'v' ? str_from_index(line, 1) : line;
    }
    return str_trim(text);
}

void gh_node_file_read(struct arena *a, struct str text, struct gh_node_file *ret)
{
    struct value *json = NULL, *toml = NULL;
    *ret = (struct gh_node_file){0};
    if (value_from_json(a, text, MAP_CASE, &json, NULL) == 0 && json->kind == VALUE_OBJECT) {
        read_package(a, json, ret);
        return;
    }
    toml = gh_toml(a, STR("mise.toml"), text);
    if (toml != NULL && toml->kind == VALUE_OBJECT && toml->object.n > 0)
        ret->version = arena_str(a, mise_version(toml));
    else
        ret->version = arena_str(a, plain_version(text));
}

bool gh_node_wants_npm(struct arena *a, struct str text)
{
    static const char *const DEV[] = {"devEngines", "packageManager", NULL};
    struct value *root = NULL;
    if (value_from_json(a, text, MAP_CASE, &root, NULL) < 0)
        return false;
    const struct value *dev = gh_value_at(root, DEV);
    if (dev != NULL && dev->kind == VALUE_ARRAY) {
        for (size_t i = 0; i < dev->array.n; i++) {
            if (str_is(value_get_str(dev->array.p[i], "name"), "npm"))
                return true;
        }
        return false;
    }
    if (dev != NULL && dev->kind == VALUE_OBJECT)
        return str_is(value_get_str(dev, "name"), "npm");
    struct str manager = value_get_str(root, "packageManager");
    return str_starts(manager, STR("npm@")) || str_starts(manager, STR("^npm@"));
}
