#include "core/base.h"
#include "provider/github/envfile_priv.h"

static const struct str BOM = {"\xEF\xBB\xBF", 3};

/* A position in the file's text. */
struct reader {
    struct str text;
    size_t at;
};

/* The next line without its LF; *ret_ended tells whether it had one. False at the end. A CR stays in the line. */
static bool next_line(struct reader *r, struct str *ret, bool *ret_ended)
{
    if (r->at >= r->text.n)
        return false;
    const char *from = r->text.p + r->at;
    const char *lf = memchr(from, '\n', r->text.n - r->at);
    size_t n = lf != NULL ? (size_t)(lf - from) : r->text.n - r->at;
    *ret = str_of(from, n);
    *ret_ended = lf != NULL;
    r->at += n + (lf != NULL ? 1 : 0);
    return true;
}

/* The lines up to one that is the delimiter, which are one piece of the file's own text. */
static int read_block(struct reader *r, struct str delimiter, struct str *ret, struct err *e)
{
    size_t from = r->at, to = r->at;
    struct str line;
    bool ended;
    for (;;) {
        if (!next_line(r, &line, &ended))
            return err_set(e, EINVAL, "Invalid value. Matching delimiter not found '%.*s'", STR_ARG(delimiter));
        if (str_eq(line, delimiter))
            break;
        if (!ended)
            return err_set(e, EINVAL, "Invalid value. EOF marker missing new line.");
        to = r->at - 1;
    }
    *ret = str_sub(r->text, from, to);
    return 0;
}

static int read_entry(struct reader *r, struct str line, struct str *name, struct str *value, struct err *e)
{
    ssize_t equals = str_find_ch(line, '='), heredoc = str_find(line, STR("<<"));
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
        *name = str_sub(line, 0, (size_t)equals);
        *value = str_from_index(line, (size_t)equals + 1);
        if (name->n == 0)
            return err_set(e, EINVAL, "Invalid format '%.*s'. Name must not be empty", STR_ARG(line));
        return 0;
    }
    if (heredoc < 0)
        return err_set(e, EINVAL, "Invalid format '%.*s'", STR_ARG(line));
    *name = str_sub(line, 0, (size_t)heredoc);
    struct str delimiter = str_from_index(line, (size_t)heredoc + 2);
    if (name->n == 0 || delimiter.n == 0)
        return err_set(e, EINVAL, "Invalid format '%.*s'. Name must not be empty and delimiter must not be empty",
                       STR_ARG(line));
    return read_block(r, delimiter, value, e);
}

int gh_envfile_read(struct arena *a, struct str text, void (*take)(void *ctx, struct str name, struct str value),
                    void *ctx, struct err *e)
{
    struct reader r = {.text = str_starts(text, BOM) ? str_from_index(text, BOM.n) : text};
    struct str line, name, value;
    bool ended;
    while (next_line(&r, &line, &ended)) {
        if (line.n == 0)
            continue;
        int rc = read_entry(&r, line, &name, &value, e);
        if (rc < 0)
            return rc;
        take(ctx, arena_str(a, name), arena_str(a, value));
    }
    return 0;
}

void gh_pathfile_read(struct str text, void (*take)(void *ctx, struct str folder), void *ctx)
{
    size_t from = 0;
    if (str_starts(text, BOM))
        text = str_from_index(text, BOM.n);
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
            continue;
        if (i > from)
            take(ctx, str_sub(text, from, i));
        from = i + 1;
    }
}
