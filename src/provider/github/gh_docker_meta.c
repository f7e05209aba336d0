/*
 * gh_docker_meta.c - docker/metadata-action: images and flavor are read, rules become tags (gh_docker_tags.c), labels
 * and annotations follow the Open Container Initiative's names.
 */
#include "core/base.h"
#include "provider/github/docker_meta_priv.h"

#include "core/buf.h"
#include "core/num.h"

void gh_docker_warn(struct gh_docker_work *m, struct str text)
{
    vec_push_in(m->a, &m->ret->warnings, text);
}

struct str gh_docker_ref(const struct gh_docker_work *m, const char *prefix)
{
    struct str kind = str_from(prefix), ref = m->asked->ref;
    return str_starts(ref, kind) ? str_from_index(ref, kind.n) : STR_NONE;
}

struct str gh_docker_short_sha(const struct gh_docker_work *m)
{
    return str_sub(m->asked->sha, 0, m->asked->short_sha);
}

/* ---- what templates see everywhere ---- */

static bool on_default_branch(const struct gh_docker_work *m)
{
    static const char *const ALWAYS[] = {"create", "discussion", "issues", "schedule"};
    struct str branch = gh_docker_ref(m, "refs/heads/");
    if (branch.p == NULL)
        branch = m->asked->ref;
    if (branch.n > 0 && str_eq(branch, m->asked->default_branch))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(ALWAYS); i++) {
        if (branch.n > 0 && str_find(m->asked->event_name, str_from(ALWAYS[i])) >= 0)
            return true;
    }
    return false;
}

static void globals_init(struct gh_docker_work *m)
{
    struct map *names = &m->globals.names;
    bool here = on_default_branch(m);
    map_init(names, m->a, MAP_CASE);
    map_set_str(names, STR("branch"), gh_docker_ref(m, "refs/heads/"));
    map_set_str(names, STR("tag"), gh_docker_ref(m, "refs/tags/"));
    map_set_str(names, STR("sha"), gh_docker_short_sha(m));
    map_set_str(names, STR("base_ref"), m->asked->base_ref);
    map_set_str(names, STR("is_default_branch"), here ? STR("true") : STR("false"));
    map_set_str(names, STR("is_not_default_branch"), here ? STR("false") : STR("true"));
    m->globals.date_ms = m->asked->now_ms;
    m->globals.commit_ms = m->asked->commit_ms;
}

int gh_docker_expand(struct gh_docker_work *m, struct str text, struct str *ret)
{
    return gh_handlebars(m->a, text, &m->globals, ret, m->e);
}

/* ---- flavor and images ---- */

bool gh_docker_is_bool(struct str s)
{
    return str_is(s, "true") || str_is(s, "false");
}

static int flavor_field(struct gh_docker_work *m, struct str line, struct str field, bool **onlatest)
{
    struct gh_docker_flavor *f = &m->flavor;
    struct str key, value;
    if (!str_cut(field, '=', &key, &value))
        return err_set(m->e, EINVAL, "Invalid flavor entry: %.*s", STR_ARG(line));
    key = str_trim(key);
    value = str_trim(value);
    if (str_is_nocase(key, "latest")) {
        if (!gh_docker_is_bool(value) && !str_is(value, "auto"))
            return err_set(m->e, EINVAL, "Invalid latest flavor entry: %.*s", STR_ARG(line));
        f->latest = str_is(value, "auto") ? LATEST_AUTO : str_is(value, "true") ? LATEST_TRUE : LATEST_FALSE;
    } else if (str_is_nocase(key, "prefix")) {
        f->prefix = value;
        *onlatest = &f->prefix_latest;
    } else if (str_is_nocase(key, "suffix")) {
        f->suffix = value;
        *onlatest = &f->suffix_latest;
    } else if (str_is_nocase(key, "onlatest")) {
        if (!gh_docker_is_bool(value))
            return err_set(m->e, EINVAL, "Invalid value for onlatest attribute: %.*s", STR_ARG(value));
        if (*onlatest != NULL)
            **onlatest = str_is(value, "true");
    } else {
        return err_set(m->e, EINVAL, "Unknown flavor entry: %.*s", STR_ARG(line));
    }
    return 0;
}

static int read_flavor(struct gh_docker_work *m)
{
    struct strs lines = {0};
    int rc = 0;
    gh_docker_lines(m->a, m->asked->flavor, &lines);
    for (size_t i = 0; i < lines.n && rc == 0; i++) {
        struct strs fields = {0};
        bool *onlatest = NULL;
        rc = gh_docker_fields(m->a, lines.p[i], &fields, m->e);
        for (size_t k = 0; k < fields.n && rc == 0; k++)
            rc = flavor_field(m, lines.p[i], fields.p[k], &onlatest);
    }
    return rc;
}

static struct str lower(struct arena *a, struct str s)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < s.n; i++)
        buf_add_ch(&b, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i]);
    return arena_str(a, buf_str(&b));
}

/* name=x,enable=y, or just x. */
static int read_image(struct gh_docker_work *m, struct str line, const struct strs *fields)
{
    struct str name = STR_NONE, key, value;
    bool enable = true;
    for (size_t i = 0; i < fields->n; i++) {
        if (!str_cut(fields->p[i], '=', &key, &value)) {
            name = fields->p[i];
            continue;
        }
        key = str_trim(key);
        value = str_trim(value);
        if (str_is_nocase(key, "name")) {
            name = value;
        } else if (!str_is_nocase(key, "enable")) {
            return err_set(m->e, EINVAL, "Unknown image attribute: %.*s", STR_ARG(line));
        } else {
            int rc = gh_docker_expand(m, value, &value);
            if (rc < 0)
                return rc;
            if (!gh_docker_is_bool(value))
                return err_set(m->e, EINVAL, "Invalid enable attribute value: %.*s", STR_ARG(line));
            enable = str_is(value, "true");
        }
    }
    if (name.n == 0)
        return err_set(m->e, EINVAL, "Image name attribute empty: %.*s", STR_ARG(line));
    if (enable)
        vec_push_in(m->a, &m->images, lower(m->a, name));
    return 0;
}

static int read_images(struct gh_docker_work *m)
{
    struct strs lines = {0};
    int rc = 0;
    gh_docker_lines(m->a, m->asked->images, &lines);
    for (size_t i = 0; i < lines.n && rc == 0; i++) {
        struct strs fields = {0};
        rc = gh_docker_fields(m->a, lines.p[i], &fields, m->e);
        bool plain = lines.n == 1 && str_find_ch(lines.p[i], '=') < 0; /* the old way: a,b,c on one line */
        for (size_t k = 0; k < fields.n && rc == 0 && plain; k++) {
            if (fields.p[k].n > 0)
                vec_push_in(m->a, &m->images, lower(m->a, fields.p[k]));
        }
        if (rc == 0 && !plain)
            rc = read_image(m, lines.p[i], &fields);
    }
    return rc;
}

struct str gh_docker_sanitize(struct arena *a, struct str s)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    bool before = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
                  c == '-';
        if (ok)
            buf_add_ch(&b, c);
        else if (!before)
            buf_add_ch(&b, '-');
        before = !ok;
    }
    return arena_str(a, buf_str(&b));
}

/* ---- what is told ---- */

static void add_tags(struct gh_docker_work *m, struct str image, struct strs *to)
{
    const char *colon = image.n > 0 ? ":" : "";
    for (size_t i = 0; i < m->values.n; i++)
        vec_push_in(m->a, to, arena_printf(m->a, "%.*s%s%.*s", STR_ARG(image), colon, STR_ARG(m->values.p[i])));
    if (!m->latest)
        return;
    const struct gh_docker_flavor *f = &m->flavor;
    struct str prefix = f->prefix_latest ? f->prefix : STR(""), suffix = f->suffix_latest ? f->suffix : STR("");
    struct str latest =
        gh_docker_sanitize(m->a, arena_printf(m->a, "%.*slatest%.*s", STR_ARG(prefix), STR_ARG(suffix)));
    vec_push_in(m->a, to, arena_printf(m->a, "%.*s%s%.*s", STR_ARG(image), colon, STR_ARG(latest)));
}

static void make_tags(struct gh_docker_work *m)
{
    if (m->values.n == 0)
        return;
    m->ret->version = m->values.p[0];
    add_tags(m, STR_NONE, &m->ret->tag_names);
    for (size_t i = 0; i < m->images.n; i++)
        add_tags(m, m->images.p[i], &m->ret->tags);
    if (m->images.n == 0)
        add_tags(m, STR_NONE, &m->ret->tags);
}

static int by_key(const struct map_entry *a, const struct map_entry *b)
{
    int c = str_cmp_nocase(a->key, b->key);
    return c != 0 ? c : str_cmp(a->key, b->key);
}

/* The usual names with what is known, then those of the input; sorted by name, "name=value" each. */
static int make_labels(struct gh_docker_work *m, struct str extra, struct map *into, struct strs *ret)
{
    const struct gh_docker_asked *q = m->asked;
    CLEAN(buf) struct buf created = BUF(64);
    struct strs lines = {0};
    num_add_time(&created, q->commit_ms > 0 ? q->commit_ms : q->now_ms);
    const struct {
        const char *name;
        struct str value;
    } USUAL[] = {{"title", q->repo_name}, {"description", q->description}, {"url", q->url},
                 {"source", q->url},      {"version", m->ret->version},    {"created", buf_str(&created)},
                 {"revision", q->sha},    {"licenses", q->license}};
    map_init(into, m->a, MAP_CASE);
    for (size_t i = 0; i < ARRAY_LEN(USUAL); i++)
        map_set_str(into, arena_printf(m->a, "org.opencontainers.image.%s", USUAL[i].name), USUAL[i].value);
    gh_docker_lines(m->a, extra, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        struct str text, key, value;
        int rc = gh_docker_expand(m, lines.p[i], &text);
        if (rc < 0)
            return rc;
        if (str_cut(text, '=', &key, &value))
            map_set_str(into, key, value);
    }
    struct map_entry *sorted = arena_array(m->a, into->n, sizeof *sorted);
    for (size_t i = 0; i < into->n; i++) {
        size_t k = i;
        for (; k > 0 && by_key(&sorted[k - 1], &into->entries[i]) > 0; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = into->entries[i];
    }
    for (size_t i = 0; i < into->n; i++) {
        const struct str *value = sorted[i].value;
        vec_push_in(m->a, ret, arena_printf(m->a, "%.*s=%.*s", STR_ARG(sorted[i].key), STR_ARG(*value)));
    }
    return 0;
}

/* Each annotation for each of the levels: "manifest:key=value". */
static void add_levels(struct gh_docker_work *m, const struct strs *annotations)
{
    struct str levels = m->asked->levels, level;
    while (str_next(&levels, ',', &level)) {
        for (size_t i = 0; i < annotations->n; i++)
            vec_push_in(m->a, &m->ret->annotations,
                        arena_printf(m->a, "%.*s:%.*s", STR_ARG(level), STR_ARG(annotations->p[i])));
    }
}

static struct value *array_of(struct arena *a, const struct strs *list)
{
    struct value *v = value_array(a);
    for (size_t i = 0; i < list->n; i++)
        value_push(a, v, value_string(a, list->p[i]));
    return v;
}

/* "a=b" lines as an object. */
static struct value *object_of(struct arena *a, const struct strs *pairs)
{
    struct value *v = value_object(a, MAP_CASE);
    for (size_t i = 0; i < pairs->n; i++) {
        struct str key, value;
        str_cut(pairs->p[i], '=', &key, &value);
        value_set(v, key, value_string(a, value));
    }
    return v;
}

static struct value *bake(struct gh_docker_work *m, struct value *target)
{
    struct value *v = value_object(m->a, MAP_CASE), *targets = value_object(m->a, MAP_CASE);
    value_set(targets, m->asked->bake_target, target);
    value_set(v, STR("target"), targets);
    return v;
}

static struct value *bake_args(struct gh_docker_work *m)
{
    struct value *v = value_object(m->a, MAP_CASE);
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < m->images.n; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? "," : "", STR_ARG(m->images.p[i]));
    value_set_str(m->a, v, "DOCKER_META_IMAGES", buf_str(&b));
    if (m->ret->version.n > 0)
        value_set_str(m->a, v, "DOCKER_META_VERSION", m->ret->version);
    return v;
}

static void make_files(struct gh_docker_work *m)
{
    struct gh_docker_meta *r = m->ret;
    struct value *tags = value_object(m->a, MAP_CASE), *labels = value_object(m->a, MAP_CASE),
                 *notes = value_object(m->a, MAP_CASE), *all = value_object(m->a, MAP_CASE);
    r->json = value_object(m->a, MAP_CASE);
    value_set(r->json, STR("tags"), array_of(m->a, &r->tags));
    value_set(r->json, STR("tag-names"), array_of(m->a, &r->tag_names));
    value_set(r->json, STR("labels"), object_of(m->a, &r->labels));
    value_set(r->json, STR("annotations"), array_of(m->a, &r->annotations));
    value_set(tags, STR("tags"), array_of(m->a, &r->tags));
    value_set(tags, STR("args"), bake_args(m));
    value_set(labels, STR("labels"), object_of(m->a, &r->labels));
    value_set(notes, STR("annotations"), array_of(m->a, &r->annotations));
    value_set(all, STR("tags"), array_of(m->a, &r->tags));
    value_set(all, STR("labels"), object_of(m->a, &r->labels));
    value_set(all, STR("args"), bake_args(m));
    r->bake_tags = bake(m, tags);
    r->bake_labels = bake(m, labels);
    r->bake_annotations = bake(m, notes);
    r->bake = bake(m, all);
}

int gh_docker_meta(struct arena *a, const struct gh_docker_asked *asked, struct gh_docker_meta *ret, struct err *e)
{
    struct gh_docker_work m = {.a = a, .asked = asked, .ret = ret, .e = e};
    struct map labels, notes;
    struct strs annotations = {0};
    *ret = (struct gh_docker_meta){.version = STR("")};
    globals_init(&m);
    int rc = read_images(&m);
    rc = rc == 0 ? read_flavor(&m) : rc;
    rc = rc == 0 ? gh_docker_rules(&m) : rc;
    if (rc < 0)
        return rc;
    make_tags(&m);
    rc = make_labels(&m, asked->labels, &labels, &ret->labels);
    rc = rc == 0 ? make_labels(&m, asked->annotations, &notes, &annotations) : rc;
    if (rc < 0)
        return rc;
    add_levels(&m, &annotations);
    make_files(&m);
    if (ret->version.n == 0)
        gh_docker_warn(&m, STR("No Docker image version has been generated. Check tags input."));
    if (ret->tags.n == 0)
        gh_docker_warn(&m, STR("No Docker tag has been generated. Check tags input."));
    return 0;
}
