/*
 * gh_skip.c - commit messages that ask the service to start nothing ("Skipping workflow runs").
 */
#include "core/base.h"
#include "provider/github/model_priv.h"

/* A trailer of the last paragraph: skip-checks: true. */
static bool has_trailer(struct str message)
{
    struct str rest = str_trim(message), line;
    bool found = false;
    while (str_next(&rest, '\n', &line)) {
        struct str name, value;
        line = str_trim(line);
        if (line.n == 0)
            found = false;
        else if (str_cut(line, ':', &name, &value) && str_is_nocase(str_trim(name), "skip-checks"))
            found = str_is_nocase(str_trim(value), "true");
    }
    return found;
}

/* What the message says, or empty. */
static struct str skip_word(struct str message)
{
    static const char *const words[] = {"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(message, str_from(words[i])) >= 0)
            return str_from(words[i]);
    return has_trailer(message) ? STR("skip-checks: true") : STR("");
}

void gh_skip_ci(struct arena *a, const struct facts *f, struct verdict *v)
{
    bool event = str_is(f->change.event, "push") || str_is(f->change.event, "pull_request");
    struct str word = event && v->starts ? skip_word(f->repo.message) : STR("");
    if (word.n == 0)
        return;
    v->starts = !f->obey_skip_ci;
    if (v->starts)
        v->why = arena_printf(a, "%.*s; the service would skip it, as the commit's message says %.*s (--skip-ci)",
                              STR_ARG(v->why), STR_ARG(word));
    else
        v->why = arena_printf(a, "the commit's message says %.*s", STR_ARG(word));
}
