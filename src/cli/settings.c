#include "core/base.h"
#include "cli/settings.h"

#include "cli/world.h"
#include "core/path.h"
#include "doc/suggest.h"
#include "doc/toml.h"
#include "sys/file.h"
#include "sys/host.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)

/* An absent file is empty. EXIT_USAGE after a message. */
static int read_text(struct cli *c, struct str path, struct str *ret)
{
    struct err err = {0};
    *ret = STR_NONE;
    int rc = file_read(c->arena, path.p, FILE_MAX_BYTES, ret, &err);
    if (rc == 0 || rc == -ENOENT || rc == -ENOTDIR)
        return 0;
    say_error(c, "%s", err.text);
    return EXIT_USAGE;
}

/* ---- .actrc ---- */

static bool is_variable(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* $NAME and ${NAME} of the environment; what is not set is nothing. */
static struct str expand(struct arena *a, struct str line)
{
    CLEAN(buf) struct buf b = BUF(FILE_MAX_BYTES);
    for (size_t i = 0; i < line.n;) {
        size_t from = i + 1 + (i + 1 < line.n && line.p[i + 1] == '{'), to = from;
        while (line.p[i] == '$' && to < line.n && is_variable(line.p[to]))
            to++;
        if (line.p[i] != '$' || to == from) {
            buf_add_ch(&b, line.p[i++]);
            continue;
        }
        const char *set = getenv(arena_str(a, str_sub(line, from, to)).p);
        buf_add_cstr(&b, set != NULL ? set : "");
        i = to + (line.p[from - 1] == '{' && to < line.n && line.p[to] == '}');
    }
    return arena_str(a, buf_str(&b));
}

/* A line is an option and, behind the first blank, its value as it stands: no quoting. Other lines are comments. */
static int read_act_line(struct option_reader *r, struct str line)
{
    struct strs words = {0}, rest = {0};
    line = expand(r->c->arena, str_trim(line));
    if (line.n == 0 || line.p[0] != '-')
        return 0;
    size_t end = 0;
    while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t')
        end++;
    vec_push_in(r->c->arena, &words, str_sub(line, 0, end));
    if (end < line.n)
        vec_push_in(r->c->arena, &words, str_trim(str_from_index(line, end)));
    int rc = options_words(r, words, &rest);
    if (rc == 0 && rest.n > 0)
        say_warning(r->c, "%.*s: '%.*s' is passed over", STR_ARG(r->origin), STR_ARG(rest.p[0]));
    return rc;
}

static int read_actrc(struct option_reader *r, struct str path)
{
    struct str text, line;
    int rc = read_text(r->c, path, &text);
    r->act = true;
    r->moot = (struct strs){0};
    for (unsigned n = 1; rc == 0 && str_next(&text, '\n', &line); n++) {
        r->origin = arena_printf(r->c->arena, "%.*s:%u", STR_ARG(path), n);
        rc = read_act_line(r, line);
    }
    CLEAN(buf) struct buf moot = BUF(BUF_LINE);
    for (size_t i = 0; i < r->moot.n; i++)
        buf_printf(&moot, "%s%.*s", i > 0 ? ", " : "", STR_ARG(r->moot.p[i]));
    if (moot.n > 0)
        say_warning(r->c, "%.*s: without effect here: %s", STR_ARG(path), buf_cstr(&moot));
    r->act = false;
    r->origin = STR_NONE;
    return rc;
}

/* ---- slipway.toml ---- */

struct settings {
    struct option_reader *r;
    struct sources *sources;
    uint32_t file;
    struct diags *d;
    struct map places;
};

static bool is_table(struct str name)
{
    static const char *const others[] = {"scaffold", "files", /* what `slipway new` writes down */
                                         "codebuild"};        /* a project: its provider reads it */
    for (const struct verb *const *v = verbs(); *v != NULL; v++)
        if ((*v)->table != NULL && str_is(name, (*v)->table))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_is(name, others[i]))
            return true;
    return false;
}

static void refuse_table(struct settings *s, struct str name)
{
    static const char *const tables[] = {"ci", "scaffold", "files", "codebuild"};
    diag_error(s->d, "SL003", toml_key_span(&s->places, name), "There is no setting '%.*s'", STR_ARG(name));
    struct str near = suggest(name, tables, ARRAY_LEN(tables));
    if (near.n > 0)
        diag_hint(s->d, "did you mean '%.*s'?", STR_ARG(near));
}

static const char *kind_of(const struct option_row *o)
{
    switch (o->kind) {
    case OPTION_FLAG:
        return "true or false";
    case OPTION_COUNT:
    case OPTION_NUMBER:
        return "a number";
    case OPTION_TEXT:
        return "a text";
    case OPTION_LIST:
        return "a list of texts, or a table of them";
    }
    return "";
}

/* One value as an option's text; false when it is of another kind. */
static bool as_text(struct arena *a, const struct option_row *o, const struct value *v, struct str *ret)
{
    bool flag = o->kind == OPTION_FLAG, number = o->kind == OPTION_NUMBER || o->kind == OPTION_COUNT;
    if (flag && v->kind == VALUE_BOOL)
        *ret = v->boolean ? STR("true") : STR("false");
    else if (number && v->kind == VALUE_NUMBER && v->number >= 0 && v->number <= 100000)
        *ret = arena_printf(a, "%.0f", v->number);
    else if (!flag && !number && v->kind == VALUE_STRING)
        *ret = arena_str(a, v->string); /* the source goes, the option stays */
    else
        return false;
    return true;
}

/* platform = ["windows-latest=host"], or [ci.platform] with windows-latest = "host". */
static bool store_list(struct settings *s, const struct option_row *o, const struct value *v, int *rc)
{
    struct arena *a = s->r->c->arena;
    struct str text;
    bool good = v->kind == VALUE_ARRAY || v->kind == VALUE_OBJECT;
    for (size_t i = 0; good && v->kind == VALUE_ARRAY && *rc == 0 && i < v->array.n; i++)
        if ((good = as_text(a, o, v->array.p[i], &text)))
            *rc = option_store(s->r, o, text);
    for (size_t i = 0; good && v->kind == VALUE_OBJECT && *rc == 0 && i < v->object.n; i++)
        if ((good = as_text(a, o, v->object.entries[i].value, &text)))
            *rc = option_store(s->r, o, arena_printf(a, "%.*s=%.*s", STR_ARG(v->object.entries[i].key), STR_ARG(text)));
    return good;
}

static int store_setting(struct settings *s, struct str key, const struct value *v)
{
    const struct option_row *o = option_find(s->r->v, key, '\0');
    struct span at = toml_key_span(&s->places, key);
    struct str text;
    int rc = 0;
    if (o == NULL || !o->setting) {
        diag_error(s->d, "SL003", at, o != NULL ? "'%.*s' is for the command line only" : "There is no setting '%.*s'",
                   STR_ARG(key));
        struct str near = option_near(s->r->v, key, true);
        if (near.n > 0 && o == NULL)
            diag_hint(s->d, "did you mean '%.*s'?", STR_ARG(near));
        return 0;
    }
    s->r->origin = arena_printf(s->r->c->arena, "%.*s:%u", STR_ARG(sources_name(s->sources, s->file)),
                                sources_place(s->sources, at).line);
    bool good = as_text(s->r->c->arena, o, v, &text);
    if (good)
        rc = option_store(s->r, o, text);
    else if (o->kind == OPTION_LIST)
        good = store_list(s, o, v, &rc);
    if (!good)
        diag_error(s->d, "SL003", at, "'%.*s' is %s", STR_ARG(key), kind_of(o));
    s->r->origin = STR_NONE;
    return rc;
}

static int store_tables(struct settings *s, const struct value *root)
{
    int rc = 0;
    for (size_t i = 0; i < root->object.n; i++) {
        struct str key = root->object.entries[i].key;
        const struct value *v = root->object.entries[i].value;
        if (!is_table(key)) {
            refuse_table(s, key);
            continue;
        }
        if (!str_is(key, s->r->v->table))
            continue;
        if (v->kind != VALUE_OBJECT)
            diag_error(s->d, "SL003", toml_key_span(&s->places, key), "'%.*s' is a table", STR_ARG(key));
        for (size_t k = 0; v->kind == VALUE_OBJECT && k < v->object.n && rc == 0; k++)
            rc = store_setting(s, v->object.entries[k].key, v->object.entries[k].value);
    }
    return rc;
}

static int read_toml(struct option_reader *r, struct str path)
{
    struct diags d;
    struct str text;
    CLEAN(sources) struct sources *sources = sources_new();
    int rc = read_text(r->c, path, &text);
    if (rc != 0 || text.n == 0)
        return rc;
    diags_init(&d, r->c->arena, sources);
    struct settings s = {.r = r, .sources = sources, .file = sources_add(sources, path, text), .d = &d};
    struct value *root = toml_read_places(r->c->arena, sources, s.file, &d, &s.places);
    if (root != NULL)
        rc = store_tables(&s, root);
    say_diags(r->c, &d);
    return rc != 0 ? rc : d.errors > 0 ? EXIT_USAGE : 0;
}

/* ---- all of them ---- */

static struct str act_config(struct cli *c, struct str home)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    if (xdg != NULL && xdg[0] == '/')
        return path_join(c->arena, str_from(xdg), STR("act/actrc"));
    return path_join(c->arena, home, STR(".config/act/actrc"));
}

int settings_read(struct option_reader *r)
{
    struct cli *c = r->c;
    struct host_info host;
    if (r->v->table == NULL)
        return 0;
    host_read(c->arena, &host);
    struct err err = {0};
    struct str project;
    if (world_root(c->arena, &project, &err) < 0)
        return 0; /* whoever needs the folder says so */
    struct str ours = path_join(c->arena, project, STR(".actrc")),
               theirs = path_join(c->arena, host.home, STR(".actrc"));
    int rc = read_actrc(r, act_config(c, host.home));
    rc = rc != 0 ? rc : read_actrc(r, theirs);
    rc = rc != 0 ? rc : read_toml(r, path_join(c->arena, host_config_dir(c->arena), STR("config.toml")));
    if (rc == 0 && !str_eq(ours, theirs)) /* a project in the home itself */
        rc = read_actrc(r, ours);
    return rc != 0 ? rc : read_toml(r, path_join(c->arena, project, STR("slipway.toml")));
}
