/*
 * az_node_manifest.c - what a task.json says (specification 9.1): which file of node's runs before, in and after the
 * job, and its inputs. Handlers of PowerShell and processes of Windows are none of ours.
 */
#include "core/base.h"
#include "provider/azure/known_priv.h"

#include "core/num.h"
#include "doc/source.h"

#define PARTS 3

static const char *const PART_KEYS[PARTS] = {"prejobexecution", "execution", "postjobexecution"};

/* "Node20_1" is 20, "Node" is 6; 0: no handler of node's. */
static unsigned node_of(struct str handler)
{
    struct str head, rest, digits;
    uint64_t major = 0;
    if (handler.n < 4 || !str_is_nocase(str_sub(handler, 0, 4), "node"))
        return 0;
    digits = str_from_index(handler, 4);
    if (digits.n == 0)
        return 6;
    str_cut(digits, '_', &head, &rest);
    return num_parse_u64(head, 1000, &major) == 0 ? (unsigned)major : 0;
}

/* The newest of node's handlers in a section. */
static void read_part(const struct value *section, unsigned part, struct az_manifest *m, struct str *ret_other)
{
    for (size_t i = 0; section != NULL && section->kind == VALUE_OBJECT && i < section->object.n; i++) {
        const struct map_entry *one = &section->object.entries[i];
        unsigned major = node_of(one->key);
        if (major == 0)
            *ret_other = one->key;
        if (major <= m->major[part])
            continue;
        m->node[part] = true;
        m->major[part] = major;
        m->target[part] = value_get_str(one->value, "target");
    }
}

static const struct value *array_of(const struct value *root, const char *key)
{
    const struct value *v = value_get(root, str_from(key));
    return v != NULL && v->kind == VALUE_ARRAY ? v : NULL;
}

static struct str version_of(struct arena *a, const struct value *root)
{
    static const char *const KEYS[] = {"Major", "Minor", "Patch"};
    const struct value *version = value_get(root, STR("version"));
    struct str text = STR("");
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        const struct value *part = value_get(version, str_from(KEYS[i]));
        struct str one = part != NULL && part->kind == VALUE_STRING ? part->string : STR("0");
        if (part != NULL && part->kind == VALUE_NUMBER && part->number >= 0 && part->number < 1e9)
            one = arena_printf(a, "%.0f", part->number);
        text = arena_printf(a, "%.*s%s%.*s", STR_ARG(text), i > 0 ? "." : "", STR_ARG(one));
    }
    return text;
}

int az_manifest_read(struct arena *a, struct str text, struct az_manifest *ret, struct err *e)
{
    struct az_manifest m = {0};
    struct value *root = NULL;
    struct str other = STR_NONE, bom = STR("\xef\xbb\xbf");
    if (str_starts(text, bom))
        text = str_from_index(text, bom.n);
    int rc = value_from_json(a, text, MAP_NOCASE, &root, e);
    if (rc < 0)
        return err_wrap(e, "task.json");
    if (root->kind != VALUE_OBJECT)
        return err_set(e, EINVAL, "task.json is no object");
    for (unsigned part = 0; part < PARTS; part++)
        read_part(value_get(root, str_from(PART_KEYS[part])), part, &m, &other);
    if (!m.node[0] && !m.node[1] && !m.node[2])
        return err_set(e, EINVAL, "task.json has no handler of Node.js%s%.*s", other.n > 0 ? ", but " : "",
                       STR_ARG(other));
    m.id = value_get_str(root, "id");
    m.name = value_get_str(root, "name");
    m.version = version_of(a, root);
    m.inputs = array_of(root, "inputs");
    m.outputs = array_of(root, "outputVariables");
    *ret = m;
    return 0;
}

struct str az_task_given(struct arena *a, const struct facts *f, struct str name, struct str version)
{
    ssize_t dot = str_rfind_ch(name, '.');
    struct str major, minor, given = map_get_str(&f->tasks, name);
    str_cut(version, '.', &major, &minor);
    if (given.n == 0)
        given = map_get_str(&f->tasks, arena_printf(a, "%.*s@%.*s", STR_ARG(name), STR_ARG(major)));
    if (given.n == 0 && dot >= 0)
        given = map_get_str(&f->tasks, str_from_index(name, (size_t)dot + 1));
    return given;
}

int az_manifest_find(struct arena *a, const struct facts *f, struct str name, struct str version,
                     struct az_manifest *ret, struct err *e)
{
    struct file_found found = {0};
    struct file_query q = {.repo = az_task_given(a, f, name, version), .ref = STR("HEAD"), .path = STR("task.json")};
    if (q.repo.n == 0)
        return err_set(e, ENOENT, "no --task gives %.*s", STR_ARG(name));
    if (f->read_file == NULL)
        return err_set(e, ENOSYS, "no file can be read");
    int rc = f->read_file(f->read_ctx, &q, &found, e);
    if (rc < 0)
        return rc == -ENOENT ? err_set(e, ENOENT, "its folder has no task.json") : rc;
    return az_manifest_read(a, sources_text(found.sources, found.source), ret, e);
}
