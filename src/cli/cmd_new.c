/*
 * cli/cmd_new.c - `slipway new`: writes a project with all its pipelines.
 */
#include "cli/cli.h"

#include "core/num.h"
#include "core/path.h"
#include "scaffold/scaffold.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/host.h"

#include <unistd.h>

struct new
{
    struct str python, ci, package, owner, licence, description;
    bool like_seed, branches, dry, diff, yes, no_git, json;
};

static const struct option_row new_options[] = {
    OPTION(struct new, python, "python", 0, OPTION_TEXT, "LIST", "Pythons to test on: 3.9-3.12, or 3.11,3.13"),
    OPTION(struct new, ci, "ci", 0, OPTION_TEXT, "LIST", "services: github,codebuild,cloudbuild,azure (default: all)"),
    OPTION(struct new, package, "package", 0, OPTION_TEXT, "NAME", "import name (default: from the project's name)"),
    OPTION(struct new, owner, "owner", 0, OPTION_TEXT, "NAME", "owner of the hosted repository (default: YOUR_ID)"),
    OPTION(struct new, licence, "licence", 0, OPTION_TEXT, "NAME", "MIT (default) or none"),
    OPTION(struct new, licence, "license", 0, OPTION_TEXT, "NAME", NULL),
    OPTION(struct new, description, "description", 0, OPTION_TEXT, "TEXT",
           "one sentence for pyproject.toml and README"),
    OPTION(struct new, like_seed, "like-seed", 0, OPTION_FLAG, NULL,
           "the tutorial's project: awesome_pkg on Python 3.9-3.12"),
    OPTION(struct new, branches, "branches", 0, OPTION_FLAG, NULL, "make the branches develop and staging as well"),
    OPTION(struct new, dry, "dry-run", 'n', OPTION_FLAG, NULL, "list the files and their sizes; write nothing"),
    OPTION(struct new, diff, "diff", 0, OPTION_FLAG, NULL, "show how an existing folder differs; write nothing"),
    OPTION(struct new, yes, "yes", 'y', OPTION_FLAG, NULL, "ask nothing, take the defaults"),
    OPTION(struct new, no_git, "no-git", 0, OPTION_FLAG, NULL, "make no repository and no commit"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_new;

/* ---- questions: on a terminal only, and only for what was not given ---- */

static bool ask(struct cli *c, const char *what, struct str proposal, struct str *ret)
{
    char line[1024];
    fprintf(stderr, "%s [%.*s]: ", what, STR_ARG(proposal));
    fflush(stderr);
    if (fgets(line, sizeof line, stdin) == NULL) {
        fputc('\n', stderr);
        return false;
    }
    struct str text = str_trim(str_from(line));
    *ret = text.n > 0 ? arena_str(c->arena, text) : proposal;
    return true;
}

static bool ask_all(struct cli *c, struct new *o, struct answers *x)
{
    struct answers trial = *x;
    struct err err = {0};
    if (answers_complete(c->arena, &trial, &err) < 0)
        return true; /* the fault is told when the real answers are completed */
    bool ok = true;
    if (o->package.n == 0)
        ok = ask(c, "import name", trial.package, &x->package);
    if (ok && o->python.n == 0)
        ok = ask(c, "Pythons", o->like_seed ? STR("3.9-3.12") : STR("3.11-3.14"), &o->python);
    if (ok && o->ci.n == 0)
        ok = ask(c, "services", STR("all"), &o->ci);
    if (ok && o->owner.n == 0)
        ok = ask(c, "owner of the hosted repository", trial.owner, &x->owner);
    if (ok && o->licence.n == 0)
        ok = ask(c, "licence", trial.licence, &x->licence);
    return ok;
}

static int read_answers(struct cli *c, struct new *o, struct str name, struct answers *x)
{
    struct err err = {0};
    *x = (struct answers){.name = name,
                          .package = o->package,
                          .description = o->description,
                          .owner = o->owner,
                          .licence = o->licence,
                          .like_seed = o->like_seed,
                          .branches = o->branches};
    if (!o->yes && !o->dry && !o->diff && term_is_tty(STDIN_FILENO) && term_is_tty(STDERR_FILENO) &&
        !ask_all(c, o, x)) {
        say_error(c, "nothing was written");
        return EXIT_INTERRUPTED;
    }
    int rc = o->python.n > 0 ? answers_pythons(c->arena, o->python, &x->pythons, &err) : 0;
    if (rc == 0 && o->ci.n > 0)
        rc = answers_services(c->arena, o->ci, &x->services, &err);
    if (rc == 0) {
        answers_from_host(c->arena, x);
        rc = answers_complete(c->arena, x, &err);
    }
    if (rc < 0)
        say_error(c, "%s", err.text);
    return rc < 0 ? EXIT_USAGE : 0;
}

/* ---- what is printed ---- */

static void print_files(const struct answers *x, const struct scaffold_file *files, size_t n)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%8zu  %.*s/%.*s\n", files[i].text.n, STR_ARG(x->name), STR_ARG(files[i].path));
        total += files[i].text.n;
    }
    buf_printf(&b, "%8zu  in %zu files; nothing was written\n", total, n);
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

/* The files by folder, one line a folder, as people read a tree. */
static void print_tree(const struct scaffold_file *files, size_t n)
{
    for (size_t i = 0; i < n;) {
        struct str dir = path_dir(files[i].path);
        printf("  %.*s%s", STR_ARG(str_is(dir, ".") ? STR_NONE : dir), str_is(dir, ".") ? "" : "/");
        bool first = true;
        for (; i < n && str_eq(path_dir(files[i].path), dir); i++, first = false)
            printf("%s%.*s", first && str_is(dir, ".") ? "" : " ", STR_ARG(path_base(files[i].path)));
        printf("\n");
    }
}

static void print_done(struct cli *c, const struct answers *x, const struct scaffold_file *files, size_t n,
                       const struct scaffold_report *rep, struct str dir)
{
    printf("%.*s/\n", STR_ARG(dir));
    print_tree(files, n);
    printf("%zu files", rep->written + rep->same);
    if (rep->committed)
        printf(", 1 commit on main");
    printf("\n");
    struct strs notes = {0};
    CLEAN(buf) struct buf today = BUF(64);
    num_add_time(&today, clock_wall_ms());
    answers_notes(c->arena, x, str_sub(buf_str(&today), 0, 10), &notes);
    for (size_t i = 0; i < notes.n; i++)
        fprintf(stderr, "note: %.*s\n", STR_ARG(notes.p[i]));
    if (rep->note.n > 0)
        say_warning(c, "%.*s", STR_ARG(rep->note));
    printf("next:  cd %.*s   make init   slipway ci\n", STR_ARG(dir));
}

static bool has_files(struct cli *c, struct str dir)
{
    struct strs names = {0};
    return dir_list(c->arena, dir.p, &names, NULL) == 0 && names.n > 0;
}

static int write_project(struct cli *c, const struct new *o, const struct answers *x, const struct scaffold_file *files,
                         size_t n, struct str dir)
{
    struct err err = {0};
    struct scaffold_report rep = {0};
    if (has_files(c, dir)) {
        say_error(c, "%.*s exists and is not empty: nothing was written; --diff shows the differences", STR_ARG(dir));
        return EXIT_FAILED;
    }
    if (scaffold_write(c->arena, x, files, n, dir, !o->no_git, &rep, &err) < 0) {
        say_error(c, "%s", err.text);
        return err.num == -ENOSPC || err.num == -EACCES || err.num == -EROFS ? EXIT_ENVIRONMENT : EXIT_FAILED;
    }
    print_done(c, x, files, n, &rep, dir);
    return EXIT_PASSED;
}

static int run_new(struct cli *c, int argc, char **argv)
{
    struct new o = {0};
    struct strs words = {0};
    struct answers x;
    struct scaffold_file *files;
    size_t n;
    struct err err = {0};
    int code = options_read(c, &verb_new, argc, argv, &o, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    if (words.n == 0 && o.like_seed)
        vec_push_in(c->arena, &words, STR("py-skeleton"));
    if (words.n != 1) {
        say_error(c,
                  words.n == 0 ? "new needs a name: slipway new hello" : "new takes one name; see slipway new --help");
        return EXIT_USAGE;
    }
    struct str dir = words.p[0];
    while (dir.n > 1 && dir.p[dir.n - 1] == '/')
        dir.n--;
    dir = arena_str(c->arena, dir);
    code = read_answers(c, &o, path_base(dir), &x);
    if (code != 0)
        return code;
    if (scaffold_render(c->arena, &x, &files, &n, &err) < 0) {
        say_error(c, "%s", err.text);
        return EXIT_BUG;
    }
    if (o.diff) {
        CLEAN(buf) struct buf b = BUF(BUF_TEXT);
        if (scaffold_diff(c->arena, files, n, dir, &b, &err) < 0) {
            say_error(c, "%s", err.text);
            return EXIT_ENVIRONMENT;
        }
        fwrite(buf_cstr(&b), 1, b.n, stdout);
        return b.n > 0 ? EXIT_FAILED : EXIT_PASSED;
    }
    if (o.dry) {
        print_files(&x, files, n);
        return EXIT_PASSED;
    }
    return write_project(c, &o, &x, files, n, dir);
}

const struct verb verb_new = {
    .name = "new",
    .args = "NAME",
    .summary = "write a Python project with tests, service, Makefile, image and all its pipelines",
    .more = "Writes the folder NAME whole or not at all, makes a git repository and its first commit, and touches "
            "nothing that\n"
            "exists. Questions are asked on a terminal only, for what was not given; --yes takes every default.",
    .options = new_options,
    .run = run_new,
};
