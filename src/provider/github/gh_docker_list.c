#include "core/base.h"
#include "provider/github/docker_priv.h"

#include "core/buf.h"

/* The line up to a # that stands outside of quotes. */
static struct str without_comment(struct str line)
{
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '"')
            quoted = !quoted;
        else if (line.p[i] == '#' && !quoted)
            return str_sub(line, 0, i);
    }
    return line;
}

void gh_docker_lines(struct arena *a, struct str text, struct strs *ret)
{
    struct str line;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(without_comment(line));
        if (line.n > 0)
            vec_push_in(a, ret, arena_str(a, line));
    }
}

/* One field off *rest; a quote counts at its beginning only, as in CSV. */
static int next_field(struct buf *b, struct str *rest)
{
    size_t i = 0;
    bool quoted = rest->n > 0 && rest->p[0] == '"';
    buf_clear(b);
    for (i = quoted; i < rest->n; i++) {
        char c = rest->p[i];
        if (quoted && c == '"' && i + 1 < rest->n && rest->p[i + 1] == '"')
            i++;
        else if (quoted && c == '"') {
            quoted = false;
            continue;
        } else if (!quoted && c == ',')
            break;
        buf_add_ch(b, c);
    }
    *rest = i < rest->n ? str_from_index(*rest, i + 1) : STR_NONE;
    return quoted ? -EINVAL : 0;
}

int gh_docker_fields(struct arena *a, struct str line, struct strs *ret, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str rest = line;
    bool more = true;
    while (more) {
        size_t before = rest.n;
        if (next_field(&b, &rest) < 0)
            return err_set(e, EINVAL, "Quote Not Closed: the parsing is finished with an opening quote in '%.*s'",
                           STR_ARG(line));
        more = rest.p != NULL && before > 0;
        vec_push_in(a, ret, arena_str(a, str_trim(buf_str(&b))));
    }
    return 0;
}

int gh_docker_csv(struct arena *a, struct str text, struct strs *ret, struct err *e)
{
    struct strs lines = {0};
    gh_docker_lines(a, text, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        struct strs fields = {0};
        int rc = gh_docker_fields(a, lines.p[i], &fields, e);
        if (rc < 0)
            return rc;
        for (size_t k = 0; k < fields.n; k++) {
            if (fields.p[k].n > 0)
                vec_push_in(a, ret, fields.p[k]);
        }
    }
    return 0;
}
