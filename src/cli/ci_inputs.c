/*
 * cli/ci_inputs.c - secrets, variables, environment, inputs and platforms: from options, and from the files that act
 * reads (.secrets, .vars, .env, .input).
 */
#include "cli/ci_priv.h"

#include "core/path.h"
#include "doc/pairs.h"
#include "sys/file.h"

/* Texts and files that fill one map. */
struct source {
    struct map *into;
    struct strs texts, files;
    const char *option, *fallback; /* the file that is read when none is named and it is there */
    enum world_bare bare;
    bool private_file;
};

static int refuse(struct ci_run *r, const struct err *err, int rc)
{
    if (rc == -EINTR)
        return EXIT_INTERRUPTED;
    say_error(r->cli, "%s", err->text);
    return EXIT_USAGE;
}

/* A file that was named lies where we are, else in the project: settings are read from anywhere in it. */
static struct str find_file(struct ci_run *r, struct str name)
{
    struct str here = arena_str(r->a, name), there = path_join(r->a, r->facts.repo.root, name);
    return !path_exists(here.p) && path_exists(there.p) ? there : here;
}

static int read_files(struct ci_run *r, const struct source *s, struct str *ret_fallback)
{
    struct err err = {0};
    struct strs files = {0};
    for (size_t i = 0; i < s->files.n; i++)
        vec_push_in(r->a, &files, find_file(r, s->files.p[i]));
    struct str fallback = path_join(r->a, r->facts.repo.root, str_from(s->fallback));
    if (files.n == 0 && path_exists(fallback.p) && !path_is_dir(fallback.p)) {
        vec_push_in(r->a, &files, fallback);
        *ret_fallback = fallback;
    }
    for (size_t i = 0; i < files.n; i++) {
        int rc = world_pairs_file(r->a, s->into, files.p[i].p, s->private_file, &err);
        if (rc < 0)
            return refuse(r, &err, rc);
    }
    return 0;
}

static int read_source(struct ci_run *r, const struct source *s)
{
    struct err err = {0};
    struct str fallback = STR_NONE;
    int code = read_files(r, s, &fallback);
    if (code == 0 && fallback.n > 0 && strcmp(s->fallback, ".env") == 0 && s->into->n > 0)
        ci_note(r, STR(".env"),
                arena_printf(r->a, "%zu variable%s in the environment of every job, as act has it", s->into->n,
                             s->into->n == 1 ? "" : "s"));
    for (size_t i = 0; i < s->texts.n && code == 0; i++) {
        int rc = world_pair(s->into, s->texts.p[i], s->bare, s->option, &err);
        if (rc < 0)
            code = refuse(r, &err, rc);
    }
    return code;
}

void ci_note(struct ci_run *r, struct str what, struct str text)
{
    vec_push_in(r->a, &r->notes, what);
    vec_push_in(r->a, &r->notes, text);
}

/* ---- platforms ---- */

static bool of_this_host(struct str label)
{
    return label.n >= 7 && str_eq_nocase(str_sub(label, 0, 7), STR("ubuntu-"));
}

/*
 * Every act user's .actrc has images for the ubuntu labels, which act cannot do without. They are told of and passed
 * over; an image that was asked for by name on the command line is not.
 */
static int read_platform(struct ci_run *r, const struct option_seen *seen, bool *images)
{
    struct str label, where;
    if (!str_cut(seen->value, '=', &label, &where) || label.n == 0 || where.n == 0) {
        say_error(r->cli, "%.*s takes LABEL=host or LABEL=IMAGE, not '%.*s'", STR_ARG(seen->origin),
                  STR_ARG(seen->value));
        return EXIT_USAGE;
    }
    if (str_is(where, "-self-hosted"))
        where = STR("host");
    bool image = !str_is(where, "host");
    if (image && seen->act && of_this_host(label))
        *images = true;
    else
        map_set_str(&r->facts.platforms, label, where);
    return 0;
}

static int read_platforms(struct ci_run *r)
{
    bool images = false;
    int code = 0;
    map_init(&r->facts.platforms, r->a, MAP_NOCASE);
    for (size_t i = 0; i < r->trace.n && code == 0; i++)
        if (strcmp(r->trace.p[i].row->name, "platform") == 0)
            code = read_platform(r, &r->trace.p[i], &images);
    if (images)
        ci_note(r, STR(".actrc"), STR("its images of ubuntu labels are not used: jobs run on this host"));
    return code;
}

/* ---- all ---- */

static int check_names(struct ci_run *r)
{
    struct err err = {0};
    int rc = world_check_names(&r->facts.secrets, "secret", &err);
    rc = rc < 0 ? rc : world_check_names(&r->facts.vars, "variable", &err);
    return rc < 0 ? refuse(r, &err, rc) : 0;
}

static int read_substitutions(struct ci_run *r)
{
    struct err err = {0};
    map_init(&r->facts.substitutions, r->a, MAP_CASE);
    for (size_t i = 0; i < r->o->substitutions.n; i++)
        if (pairs_read(r->o->substitutions.p[i], &r->facts.substitutions, &err) < 0) {
            say_error(r->cli, "--substitutions: %s", err.text);
            return EXIT_USAGE;
        }
    return 0;
}

int ci_read_inputs(struct ci_run *r)
{
    struct facts *f = &r->facts;
    const struct ci *o = r->o;
    const struct source sources[] = {
        {&f->secrets, o->secrets, o->secret_files, "--secret", ".secrets", BARE_ASKED, true},
        {&f->vars, o->vars, o->var_files, "--var", ".vars", BARE_ASKED, false},
        {&f->env, o->env, o->env_files, "--env", ".env", BARE_EMPTY, false},
        {&f->inputs, o->inputs, o->input_files, "--input", ".input", BARE_EMPTY, false},
    };
    int code = 0;
    for (size_t i = 0; i < ARRAY_LEN(sources) && code == 0; i++) {
        map_init(sources[i].into, r->a, sources[i].into == &f->env ? MAP_CASE : MAP_NOCASE);
        code = read_source(r, &sources[i]);
    }
    for (size_t i = 0; i < o->matrix.n && code == 0; i++)
        if (str_find_ch(o->matrix.p[i], ':') <= 0) {
            say_error(r->cli, "--matrix takes KEY:VALUE, not '%.*s'", STR_ARG(o->matrix.p[i]));
            code = EXIT_USAGE;
        }
    code = code != 0 ? code : check_names(r);
    code = code != 0 ? code : read_substitutions(r);
    return code != 0 ? code : read_platforms(r);
}
