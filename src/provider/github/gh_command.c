#include "core/base.h"
#include "provider/github/command_priv.h"

#include "core/buf.h"
#include "core/num.h"

#define COMMAND_MAX ((size_t)1 << 20) /* bytes of an unescaped text; lines are at most 64 KiB */

static const struct {
    const char *name;
    enum gh_command_kind kind;
} COMMANDS[] = {
    {"set-env", GH_CMD_SET_ENV},
    {"set-output", GH_CMD_SET_OUTPUT},
    {"save-state", GH_CMD_SAVE_STATE},
    {"add-mask", GH_CMD_ADD_MASK},
    {"add-path", GH_CMD_ADD_PATH},
    {"add-matcher", GH_CMD_ADD_MATCHER},
    {"remove-matcher", GH_CMD_REMOVE_MATCHER},
    {"debug", GH_CMD_DEBUG},
    {"warning", GH_CMD_WARNING},
    {"error", GH_CMD_ERROR},
    {"notice", GH_CMD_NOTICE},
    {"group", GH_CMD_GROUP},
    {"endgroup", GH_CMD_ENDGROUP},
    {"echo", GH_CMD_ECHO},
    {"stop-commands", GH_CMD_STOP_COMMANDS},
    {"internal-set-repo-path", GH_CMD_REPO_PATH},
};

/* How one of the two forms writes a command. */
struct form {
    struct str open, close;
    char separator;           /* between properties */
    const char *data, *props; /* escapes: triples of %XX, each followed by what it stands for */
};

static const struct form FORM_COLON = {.open = {"::", 2},
                                       .close = {"::", 2},
                                       .separator = ',',
                                       .data = "%0D\r%0A\n%25%",
                                       .props = "%0D\r%0A\n%3A:%2C,%25%"};
static const struct form FORM_HASH = {.open = {"##[", 3},
                                      .close = {"]", 1},
                                      .separator = ';',
                                      .data = "%3B;%0D\r%0A\n%5D]%25%",
                                      .props = "%3B;%0D\r%0A\n%5D]%25%"};

bool gh_command_maybe(struct str line)
{
    return str_find(line, STR("::")) >= 0 || str_find(line, STR("##[")) >= 0;
}

bool gh_command_find(struct str name, enum gh_command_kind *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        if (str_is_nocase(name, COMMANDS[i].name)) {
            *ret = COMMANDS[i].kind;
            return true;
        }
    }
    return false;
}

/* The character that the escape at s[i] stands for, or 0. */
static char escape_at(struct str s, size_t i, const char *escapes)
{
    if (s.n - i < 3)
        return 0;
    for (const char *e = escapes; *e != '\0'; e += 4) {
        if (memcmp(s.p + i, e, 3) == 0)
            return e[3];
    }
    return 0;
}

static struct str unescape(struct arena *a, struct str s, const char *escapes)
{
    CLEAN(buf) struct buf b = BUF(COMMAND_MAX);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == '%' ? escape_at(s, i, escapes) : 0;
        buf_add_ch(&b, c != 0 ? c : s.p[i]);
        if (c != 0)
            i += 2;
    }
    return arena_str(a, buf_str(&b));
}

static void read_props(struct arena *a, struct str text, const struct form *f, struct gh_command *c)
{
    struct str rest = str_trim(text), piece, key, value;
    while (c->n_props < GH_COMMAND_PROPS && str_next(&rest, f->separator, &piece)) {
        if (!str_cut(piece, '=', &key, &value) || key.n == 0 || value.n == 0)
            continue;
        c->props[c->n_props++] = (struct gh_prop){arena_str(a, key), unescape(a, value, f->props)};
    }
}

/* line begins behind the opening mark. */
static bool parse_body(struct arena *a, struct str line, const struct form *f, struct str resume,
                       struct gh_command *ret)
{
    struct gh_command c = {0};
    struct str name, props;
    ssize_t end = str_find(line, f->close);
    if (end < 0)
        return false;
    str_cut(str_sub(line, 0, (size_t)end), ' ', &name, &props);
    if (resume.n > 0 && str_eq_nocase(name, resume))
        c.kind = GH_CMD_RESUME;
    else if (!gh_command_find(name, &c.kind))
        return false;
    read_props(a, props, f, &c);
    c.data = unescape(a, str_from_index(line, (size_t)end + f->close.n), f->data);
    *ret = c;
    return true;
}

static struct str trim_start(struct str s)
{
    struct str t = str_trim(s);
    return t.n == 0 ? t : str_of(t.p, (size_t)(s.p + s.n - t.p));
}

bool gh_command_parse(struct arena *a, struct str line, struct str resume, struct gh_command *ret)
{
    struct str start = trim_start(line);
    if (str_starts(start, FORM_COLON.open) &&
        parse_body(a, str_from_index(start, FORM_COLON.open.n), &FORM_COLON, resume, ret))
        return true;
    ssize_t at = str_find(line, FORM_HASH.open);
    return at >= 0 && parse_body(a, str_from_index(line, (size_t)at + FORM_HASH.open.n), &FORM_HASH, resume, ret);
}

struct str gh_command_prop(const struct gh_command *c, const char *key)
{
    for (size_t i = c->n_props; i > 0; i--) {
        if (str_is_nocase(c->props[i - 1].key, key))
            return c->props[i - 1].value;
    }
    return STR_NONE;
}

static unsigned number_prop(const struct gh_command *c, const char *key)
{
    uint64_t n = 0;
    if (num_parse_u64(str_trim(gh_command_prop(c, key)), INT32_MAX, &n) < 0)
        return 0;
    return (unsigned)n;
}

/* Places that make no sense are mended or dropped, in the order of specification 9.3. */
static void fix_places(struct gh_annotation *n)
{
    if (n->end_line != 0 && n->line == 0)
        n->line = n->end_line;
    if (n->end_column != 0 && n->column == 0)
        n->column = n->end_column;
    if (n->line == 0 || (n->end_line != 0 && n->end_line != n->line))
        n->column = n->end_column = 0;
    if (n->end_line != 0 && n->end_line < n->line)
        n->line = n->end_line = 0;
    if (n->end_column != 0 && n->end_column < n->column)
        n->column = n->end_column = 0;
}

void gh_annotation_of(const struct gh_command *c, struct gh_annotation *ret)
{
    struct gh_annotation n = {
        .level = c->kind == GH_CMD_ERROR     ? LEVEL_ERROR
                 : c->kind == GH_CMD_WARNING ? LEVEL_WARNING
                                             : LEVEL_NOTICE,
        .title = gh_command_prop(c, "title"),
        .file = gh_command_prop(c, "file"),
        .text = c->data,
        .line = number_prop(c, "line"),
        .column = number_prop(c, "col"),
        .end_line = number_prop(c, "endLine"),
        .end_column = number_prop(c, "endColumn"),
    };
    fix_places(&n);
    *ret = n;
}
