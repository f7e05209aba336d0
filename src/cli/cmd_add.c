/*
 * cli/cmd_add.c - `slipway add`: writes the files of further services into a project that stands.
 */
#include "cli/cli.h"
#include "cli/world.h"

#include "core/path.h"
#include "doc/toml.h"
#include "scaffold/record.h"
#include "scaffold/scaffold.h"
#include "sys/file.h"

#include <sys/stat.h>
#include <unistd.h>

#define TOML_MAX ((size_t)1 << 20)

struct add {
    struct str python, owner;
    bool dry, diff;
};

static const struct option_row add_options[] = {
    OPTION(struct add, python, "python", 0, OPTION_TEXT, "LIST",
           "Pythons to test on, where no slipway.toml names them: 3.9-3.12, or 3.11,3.13"),
    OPTION(struct add, owner, "owner", 0, OPTION_TEXT, "NAME",
           "owner of the hosted repository, where no slipway.toml names it (default: the remote's)"),
    OPTION(struct add, dry, "dry-run", 'n', OPTION_FLAG, NULL, "list what would be written; write nothing"),
    OPTION(struct add, diff, "diff", 0, OPTION_FLAG, NULL, "show what would change; write nothing"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_add;

/* What the command works on. */
struct adding {
    struct cli *c;
    const struct add *o;
    struct str root;      /* of the project */
    struct strs services; /* the ones that were named */
    struct answers x;     /* of the project, with those services */
    struct scaffold_file *files;
    size_t n;
    struct sources *sources;
    struct diags diags;
    struct str record_path; /* slipway.toml; empty: the project has none with answers */
    struct str record_old, record_new;
};

/* ---- the project ---- */

static struct str below(const struct adding *g, const char *name)
{
    return path_join(g->c->arena, g->root, str_from(name));
}

/* The nearest folder upwards with a slipway.toml, as far as the repository reaches, or the repository's. */
static int find_root(struct adding *g)
{
    struct err err = {0};
    struct str top, here;
    if (world_root(g->c->arena, &top, &err) < 0 || path_real(g->c->arena, ".", &here, &err) < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    g->root = top;
    for (struct str dir = here; str_starts(dir, top); dir = path_dir(dir)) {
        if (path_exists(path_join(g->c->arena, dir, STR("slipway.toml")).p)) {
            g->root = dir;
            break;
        }
        if (dir.n <= top.n)
            break;
    }
    g->root = arena_str(g->c->arena, g->root);
    return 0;
}

/* A folder that nobody would call a project: nothing in it but a repository, or nothing that says what it is. */
static int check_project(struct adding *g)
{
    static const char *const marks[] = {"slipway.toml", ".git", "pyproject.toml"};
    struct strs names = {0};
    struct err err = {0};
    bool marked = false;
    if (dir_list(g->c->arena, g->root.p, &names, &err) < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        marked = marked || path_exists(below(g, marks[i]).p);
    bool empty = names.n == 0 || (names.n == 1 && str_is(names.p[0], ".git"));
    if (marked && !empty)
        return 0;
    say_error(g->c, "%.*s is %s; `slipway new NAME` starts one", STR_ARG(path_base(g->root)),
              empty ? "empty: there is no project to add to"
                    : "no project: it has no slipway.toml, no pyproject.toml and no repository");
    return EXIT_USAGE;
}

/* The parsed text of a TOML file below the root, NULL when it is absent or was complained of (*ret_code). */
static uint32_t read_source(struct adding *g, const char *name, int *ret_code)
{
    struct str text;
    struct err err = {0};
    *ret_code = 0;
    int rc = file_read(g->c->arena, below(g, name).p, TOML_MAX, &text, &err);
    if (rc == 0)
        return sources_add(g->sources, str_from(name), text);
    if (rc == -ENOENT)
        return 0;
    say_error(g->c, "%s", err.text);
    *ret_code = EXIT_USAGE;
    return 0;
}

static int refuse_options(struct adding *g)
{
    if (g->o->python.n == 0 && g->o->owner.n == 0)
        return 0;
    say_error(g->c, "slipway.toml names the %s of this project: change it there, not by --%s",
              g->o->python.n > 0 ? "Pythons" : "owner", g->o->python.n > 0 ? "python" : "owner");
    return EXIT_USAGE;
}

/* Fills the answers from slipway.toml. *ret_found is false when there is none that holds answers. */
static int read_record(struct adding *g, struct record *ret, bool *ret_found)
{
    struct err err = {0};
    int code;
    uint32_t file = read_source(g, "slipway.toml", &code);
    *ret_found = false;
    if (file == 0)
        return code;
    if (record_read(g->c->arena, g->sources, file, &g->diags, ret) < 0) {
        say_diags(g->c, &g->diags);
        return EXIT_USAGE;
    }
    if (!record_has_answers(ret))
        return 0;
    *ret_found = true;
    if (record_answers(g->c->arena, ret, &g->x, &err) < 0) {
        say_error(g->c, "slipway.toml: %s", err.text);
        return EXIT_USAGE;
    }
    return refuse_options(g);
}

/* ---- a project that slipway did not write ---- */

static struct str owner_of_remote(const struct repo_facts *repo)
{
    bool hosted =
        repo->remote_url.n > 0 && str_find_ch(repo->remote_url, ':') > 0 && !str_starts(repo->remote_url, STR("file:"));
    return hosted ? repo->owner : STR_NONE;
}

static int see_pyproject(struct adding *g, struct seen *seen)
{
    int code;
    uint32_t file = read_source(g, "pyproject.toml", &code);
    if (file == 0)
        return code;
    const struct value *root = toml_read(g->c->arena, g->sources, file, &g->diags);
    if (root == NULL) {
        say_diags(g->c, &g->diags);
        return EXIT_USAGE;
    }
    const struct value *project = value_get(root, STR("project"));
    seen->name = value_get_str(project, "name");
    seen->requires = value_get_str(project, "requires-python");
    return 0;
}

static bool adds(const struct adding *g, const char *service)
{
    for (size_t i = 0; i < g->services.n; i++)
        if (str_is(g->services.p[i], service))
            return true;
    return false;
}

/* The files of the services use the project's own: what is not there is told, for they would fail. */
static void note_missing(struct adding *g)
{
    static const struct {
        const char *path, *service; /* service: NULL: all of them */
    } used[] = {{"Makefile", NULL},
                {"requirements-dev.txt", NULL},
                {"pyproject.toml", NULL},
                {"Dockerfile", "github"},
                {"load/run.sh", "github"}};
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    for (size_t i = 0; i < ARRAY_LEN(used); i++)
        if ((used[i].service == NULL || adds(g, used[i].service)) && !path_exists(below(g, used[i].path).p))
            buf_printf(&list, "%s%s", list.n > 0 ? ", " : "", used[i].path);
    if (list.n > 0)
        say_warning(g->c,
                    "the files call make format-check, lint, typecheck, test and pip install -r requirements-dev.txt "
                    "-e . as in a project of `slipway new`; missing here: %s",
                    buf_cstr(&list));
}

static int see_project(struct adding *g)
{
    struct err err = {0};
    struct seen seen = {0};
    struct repo_facts repo;
    struct str said = STR_NONE;
    g->x = (struct answers){.owner = g->o->owner};
    if (world_repo(g->c->arena, STR_NONE, &repo, &err) < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    seen.repository = repo.remote_url.n > 0 ? repo.name : path_base(g->root);
    seen.owner = owner_of_remote(&repo);
    int code = see_pyproject(g, &seen);
    if (code != 0)
        return code;
    int rc = g->o->python.n > 0 ? answers_pythons(g->c->arena, g->o->python, &g->x.pythons, &err) : 0;
    if (rc == 0) {
        answers_from_seen(g->c->arena, &seen, &g->x, &said);
        g->x.services = g->services;
        rc = answers_complete(g->c->arena, &g->x, &err);
    }
    if (rc < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_USAGE;
    }
    fprintf(stderr, "note: no slipway.toml with answers here: %.*s\n", STR_ARG(said));
    note_missing(g);
    return 0;
}

/* ---- what is to be written ---- */

static int merge_services(struct adding *g, struct err *e)
{
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    const struct strs *both[] = {&g->x.services, &g->services};
    for (size_t k = 0; k < ARRAY_LEN(both); k++)
        for (size_t i = 0; i < both[k]->n; i++)
            if (!str_is(both[k]->p[i], "none"))
                buf_printf(&list, ",%.*s", STR_ARG(both[k]->p[i]));
    return answers_services(g->c->arena, buf_str(&list), &g->x.services, e);
}

static int prepare(struct adding *g)
{
    struct err err = {0};
    struct record record = {0};
    bool found;
    int code = read_record(g, &record, &found);
    if (code == 0 && !found)
        code = see_project(g);
    if (code != 0)
        return code;
    int rc = merge_services(g, &err);
    if (rc == 0)
        rc = scaffold_render_services(g->c->arena, &g->x, &g->services, &g->files, &g->n, &err);
    if (rc == 0 && found) {
        g->record_path = below(g, "slipway.toml");
        g->record_old = record.text;
        rc = record_change(g->c->arena, &record, &g->x, g->files, g->n, &g->record_new, &err);
    }
    if (rc < 0)
        say_error(g->c, "%s", err.text);
    return rc < 0 ? EXIT_USAGE : 0;
}

static bool record_changes(const struct adding *g)
{
    return g->record_path.n > 0 && !str_eq(g->record_old, g->record_new);
}

/* ---- what is printed ---- */

static int print_diff(struct adding *g)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct err err = {0};
    struct scaffold_file record = {STR("slipway.toml"), g->record_new, 0644};
    int rc = scaffold_diff(g->c->arena, g->files, g->n, g->root, &b, &err);
    if (rc == 0 && record_changes(g))
        rc = scaffold_diff(g->c->arena, &record, 1, g->root, &b, &err);
    if (rc < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    fwrite(buf_cstr(&b), 1, b.n, stdout);
    return b.n > 0 ? EXIT_FAILED : EXIT_PASSED;
}

static int refuse_conflicts(struct adding *g, const struct scaffold_report *rep)
{
    say_error(g->c, "nothing was written: %s with other content; --diff shows the differences",
              rep->different == 1 ? "this file is there" : "these files are there");
    for (size_t i = 0; i < rep->conflicts.n; i++)
        fprintf(stderr, "  %.*s\n", STR_ARG(rep->conflicts.p[i]));
    return EXIT_FAILED;
}

static void print_list(const struct adding *g, const bool *missing, const char *end)
{
    for (size_t i = 0; i < g->n; i++)
        if (missing[i])
            printf("%8zu  %.*s\n", g->files[i].text.n, STR_ARG(g->files[i].path));
    if (record_changes(g))
        printf("%8s  slipway.toml\n", "changed");
    printf("%s", end);
}

/* The steps that are done once, as the README of a new project has them. */
static int print_steps(struct adding *g)
{
    static const struct {
        const char *service, *title;
    } titles[] = {{"github", "GitHub Actions"},
                  {"codebuild", "AWS CodeBuild"},
                  {"cloudbuild", "Google Cloud Build"},
                  {"azure", "Azure Pipelines"}};
    for (size_t i = 0; i < g->services.n; i++) {
        struct str text = STR_NONE;
        struct err err = {0};
        const char *title = "";
        for (size_t k = 0; k < ARRAY_LEN(titles); k++)
            if (str_is(g->services.p[i], titles[k].service))
                title = titles[k].title;
        if (scaffold_steps(g->c->arena, &g->x, g->services.p[i], &text, &err) < 0) {
            say_error(g->c, "%s", err.text);
            return EXIT_BUG;
        }
        printf("\n%s, once:\n\n%.*s", title, STR_ARG(text));
    }
    return EXIT_PASSED;
}

/* ---- writing ---- */

/* In place of the old text, behind a link too; its mode stays. */
static int write_record(struct adding *g, struct err *e)
{
    struct str real;
    struct stat st;
    int rc = path_real(g->c->arena, g->record_path.p, &real, e);
    if (rc < 0)
        return rc;
    mode_t mode = stat(real.p, &st) == 0 ? st.st_mode & 0777 : 0644;
    return file_write(real.p, g->record_new, mode, e);
}

static int write_all(struct adding *g)
{
    struct err err = {0};
    struct scaffold_report rep = {0};
    int rc = scaffold_write(g->c->arena, &g->x, g->files, g->n, g->root, false, &rep, &err);
    if (rc == 0 && record_changes(g))
        rc = write_record(g, &err);
    if (rc == 0)
        return EXIT_PASSED;
    say_error(g->c, "%s", err.text);
    return rc == -ENOSPC || rc == -EACCES || rc == -EROFS ? EXIT_ENVIRONMENT : EXIT_FAILED;
}

static int add_services(struct adding *g)
{
    struct err err = {0};
    struct scaffold_report rep = {0};
    bool *missing = arena_array(g->c->arena, g->n, sizeof *missing);
    if (scaffold_survey(g->c->arena, g->files, g->n, g->root, missing, &rep, &err) < 0) {
        say_error(g->c, "%s", err.text);
        return EXIT_ENVIRONMENT;
    }
    if (g->o->diff)
        return print_diff(g);
    if (rep.different > 0)
        return refuse_conflicts(g, &rep);
    if (rep.same == g->n && !record_changes(g)) {
        printf("already there, as slipway writes them: %zu files\n", g->n);
        return EXIT_PASSED;
    }
    if (g->o->dry) {
        print_list(g, missing, "nothing was written\n");
        return EXIT_PASSED;
    }
    int code = write_all(g);
    if (code != EXIT_PASSED)
        return code;
    print_list(g, missing, "");
    return print_steps(g);
}

/* "codebuild azure", "codebuild,azure", "all". */
static int read_services(struct adding *g, const struct strs *words)
{
    CLEAN(buf) struct buf list = BUF(BUF_LINE);
    struct err err = {0};
    for (size_t i = 0; i < words->n; i++)
        buf_printf(&list, ",%.*s", STR_ARG(words->p[i]));
    if (words->n == 0)
        say_error(g->c, "add needs a service: slipway add codebuild; github, cloudbuild and azure are the others");
    else if (answers_services(g->c->arena, buf_str(&list), &g->services, &err) < 0)
        say_error(g->c, "%s", err.text);
    else if (str_is(g->services.p[0], "none"))
        say_error(g->c, "'none' adds nothing: name a service");
    else
        return 0;
    return EXIT_USAGE;
}

static int run_add(struct cli *c, int argc, char **argv)
{
    struct add o = {0};
    struct strs words = {0};
    CLEAN(sources) struct sources *sources = sources_new();
    struct adding g = {.c = c, .o = &o, .sources = sources};
    int code = options_read(c, &verb_add, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    diags_init(&g.diags, c->arena, sources);
    code = read_services(&g, &words);
    if (code == 0)
        code = find_root(&g);
    if (code == 0)
        code = check_project(&g);
    if (code == 0)
        code = prepare(&g);
    return code != 0 ? code : add_services(&g);
}

const struct verb verb_add = {
    .name = "add",
    .args = "SERVICE...",
    .summary = "add the pipeline of a service (github, codebuild, cloudbuild, azure) to a project that stands",
    .more = "Writes the files that `slipway new` would have written for the service, and nothing else: a file that is "
            "there with\n"
            "other content stops it before anything is written. In a project of `slipway new` the answers come from "
            "slipway.toml, to\n"
            "which the service is added; elsewhere from the folder, the remote and pyproject.toml. The steps to do "
            "once are printed.",
    .options = add_options,
    .run = run_add,
};
