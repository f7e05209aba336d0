/*
 * Which files a project has, and what the templates may ask. The list of files is a table: template, path, and the
 * answer on which the file depends.
 */
#include "scaffold/scaffold.h"

#include "scaffold/assets_priv.h"
#include "scaffold/names_priv.h"
#include "scaffold/pythons_priv.h"
#include "scaffold/record_priv.h"
#include "scaffold/template.h"

#define FILE_MAX ((size_t)1 << 20)

struct entry {
    const char *asset; /* below assets/python */
    const char *path;  /* in the project, itself a template */
    const char *when;  /* the flag that must be set, NULL: always */
};

/* slipway.toml is not here: it lists the others and so is rendered last. */
static const struct entry entries[] = {
    {"dot-dockerignore", ".dockerignore", NULL},
    {"dot-gitignore", ".gitignore", NULL},
    {"dot-github/dependabot.yml", ".github/dependabot.yml", "github"},
    {"dot-github/workflows/ci.yml", ".github/workflows/ci.yml", "github"},
    {"dot-github/workflows/image.yml", ".github/workflows/image.yml", "github"},
    {"dot-github/workflows/load.yml", ".github/workflows/load.yml", "github"},
    {"Dockerfile", "Dockerfile", NULL},
    {"LICENSE.MIT", "LICENSE", "licensed"},
    {"Makefile", "Makefile", NULL},
    {"README.md", "README.md", NULL},
    {"azure-pipelines.yml", "azure-pipelines.yml", "azure"},
    {"buildspec.yml", "buildspec.yml", "codebuild"},
    {"cloudbuild.yaml", "cloudbuild.yaml", "cloudbuild"},
    {"deploy/cloudbuild-trigger.yaml", "deploy/cloudbuild-trigger.yaml", "cloudbuild"},
    {"deploy/codebuild.yaml", "deploy/codebuild.yaml", "codebuild"},
    {"load/locustfile.py", "load/locustfile.py", NULL},
    {"load/run.sh", "load/run.sh", NULL},
    {"load/thresholds.json", "load/thresholds.json", NULL},
    {"package/__init__.py", "src/@{package}/__init__.py", NULL},
    {"package/app.py", "src/@{package}/app.py", NULL},
    {"package/py.typed", "src/@{package}/py.typed", NULL},
    {"pyproject.toml", "pyproject.toml", NULL},
    {"requirements-dev.txt", "requirements-dev.txt", NULL},
    {"tests/test_add.py", "tests/test_add.py", NULL},
    {"tests/test_app.py", "tests/test_app.py", NULL},
};

struct files {
    struct scaffold_file *p;
    size_t n, cap;
};

static const struct asset *asset_find(const char *below_python)
{
    struct str wanted = str_from(below_python);
    for (size_t i = 0; i < scaffold_assets_n; i++) {
        struct str path = str_from(scaffold_assets[i].path);
        if (str_starts(path, STR("python/")) && str_eq(str_from_index(path, 7), wanted))
            return &scaffold_assets[i];
    }
    BUG("the template %s is not embedded", below_python);
}

static bool has_service(const struct answers *x, const char *service)
{
    for (size_t i = 0; i < x->services.n; i++)
        if (str_is(x->services.p[i], service))
            return true;
    return false;
}

static void set_names(struct template_vars *v, struct arena *a, const struct answers *x)
{
    struct str resource = name_normal(a, x->name), owner = name_lower(a, x->owner), image = name_lower(a, x->name);
    struct str holder = x->author.n > 0 ? x->author : arena_printf(a, "the authors of %.*s", STR_ARG(x->name));
    template_text(v, "name", x->name);
    template_text(v, "distribution", x->distribution);
    template_text(v, "package", x->package);
    template_text(v, "description", x->description);
    template_text(v, "author", x->author);
    template_text(v, "owner", x->owner);
    template_text(v, "licence", x->licence);
    template_text(v, "resource", resource);
    template_text(v, "image", arena_printf(a, "ghcr.io/%.*s/%.*s", STR_ARG(owner), STR_ARG(image)));
    template_text(v, "year", arena_printf(a, "%lld", (long long)x->year));
    template_text(v, "copyright",
                  x->year > 0 ? arena_printf(a, "%lld %.*s", (long long)x->year, STR_ARG(holder)) : holder);
    template_text(v, "version", STR(SLIPWAY_VERSION));
    template_flag(v, "licensed", !str_is(x->licence, "none"));
    template_flag(v, "like_seed", x->like_seed);
    template_flag(v, "branches", x->branches);
}

/* locust needs Python 3.11, which may be newer than all that the project is tested on. */
static struct str load_python(const struct answers *x)
{
    struct str newest = x->pythons.p[x->pythons.n - 1];
    for (size_t i = 0; i < x->pythons.n; i++)
        if (str_is(x->pythons.p[i], "3.12"))
            return STR("3.12");
    return python_minor(newest) >= 11 ? newest : STR("3.12");
}

static void set_pythons(struct template_vars *v, struct arena *a, const struct answers *x)
{
    struct str oldest = x->pythons.p[0], newest = x->pythons.p[x->pythons.n - 1];
    unsigned minor = python_minor(oldest);
    template_list(v, "pythons", &x->pythons);
    template_text(v, "oldest", oldest);
    template_text(v, "oldest_minor", arena_printf(a, "%u", minor));
    template_text(v, "newest", newest);
    template_flag(v, "has_39", minor == 9);
    template_flag(v, "before_311", minor < 11);
    template_text(v, "load_python", load_python(x));
    /* aws/codebuild/standard:8.0 has 3.10 to 3.14, 7.0 also 3.9 (aws-codebuild-docker-images, runtime versions). */
    template_text(v, "codebuild_image", minor == 9 ? STR("7.0") : STR("8.0"));
    /* mypy 2 no longer knows the target 3.9: it checks for 3.10 instead and exits as if all were well. */
    template_text(v, "mypy", minor == 9 ? STR("mypy>=1.19,<2") : STR("mypy>=1.19"));
    /* mypy reads the installed pytest with the target's grammar, and pytest 9 has match statements. */
    template_text(v, "pytest", minor == 9 ? STR("pytest>=8,<9") : STR("pytest>=8,<10"));
    template_text(v, "ruff", STR("ruff>=0.9,<1"));
}

static void set_services(struct template_vars *v, struct arena *a, const struct answers *x)
{
    static const char *const names[] = {"github", "codebuild", "cloudbuild", "azure"};
    static const char *const checks[] = {"format-check", "lint", "typecheck", "test"};
    struct strs *list = ARENA_NEW(a, struct strs);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        template_flag(v, names[i], has_service(x, names[i]));
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        vec_push_in(a, list, str_from(checks[i]));
    template_list(v, "checks", list);
    template_list(v, "services", &x->services);
}

/* The conditions of the table are flags that set_names and set_services have set. */
static bool is_wanted(const struct entry *entry, const struct answers *x)
{
    if (!entry->when)
        return true;
    if (strcmp(entry->when, "licensed") == 0)
        return !str_is(x->licence, "none");
    return has_service(x, entry->when);
}

static int render_text(struct arena *a, const char *what, struct str template, const struct template_vars *v,
                       struct str *ret, struct err *e)
{
    CLEAN(buf) struct buf out = BUF(FILE_MAX);
    int r = template_render(str_from(what), template, v, &out, e);
    if (r == 0)
        *ret = arena_str(a, buf_str(&out));
    return r;
}

static int render_entry(struct arena *a, const struct entry *entry, const struct template_vars *v, struct files *files,
                        struct err *e)
{
    const struct asset *asset = asset_find(entry->asset);
    struct scaffold_file file = {.mode = asset->mode};
    int r = render_text(a, entry->asset, str_from(entry->path), v, &file.path, e);
    if (r == 0)
        r = render_text(a, entry->asset, str_of(asset->text, asset->n), v, &file.text, e);
    if (r == 0)
        vec_push_in(a, files, file);
    return r;
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct scaffold_file *)a)->path, ((const struct scaffold_file *)b)->path);
}

static int render_record(struct arena *a, struct template_vars *v, struct files *files, struct err *e)
{
    static const struct entry record = {"slipway.toml", "slipway.toml", NULL};
    struct strs *lines = ARENA_NEW(a, struct strs);
    for (size_t i = 0; i < files->n; i++) {
        struct str line;
        int r = record_line(a, &files->p[i], &line, e);
        if (r < 0)
            return r;
        vec_push_in(a, lines, line);
    }
    template_list(v, "hashes", lines);
    return render_entry(a, &record, v, files, e);
}

/* What is to be done once for each service, under the name steps_<service>: README and scaffold_steps say the same. */
static int set_steps(struct template_vars *v, struct arena *a, struct err *e)
{
    static const char *const names[] = {"github", "codebuild", "cloudbuild", "azure"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct str text = STR_NONE, path = arena_printf(a, "steps/%s.md", names[i]);
        const struct asset *asset = asset_find(path.p);
        int r = render_text(a, path.p, str_of(asset->text, asset->n), v, &text, e);
        if (r < 0)
            return r;
        template_text(v, arena_printf(a, "steps_%s", names[i]).p, str_trim_end(text));
    }
    return 0;
}

static int set_all(struct template_vars *v, struct arena *a, const struct answers *x, struct err *e)
{
    if (x->pythons.n == 0 || x->name.n == 0)
        return err_set(e, EINVAL, "the answers are not complete");
    template_vars_init(v, a);
    set_names(v, a, x);
    set_pythons(v, a, x);
    set_services(v, a, x);
    return set_steps(v, a, e);
}

static void sort(struct files *files)
{
    if (files->n > 1)
        qsort(files->p, files->n, sizeof *files->p, by_path);
}

int scaffold_render(struct arena *a, const struct answers *x, struct scaffold_file **ret, size_t *ret_n, struct err *e)
{
    struct template_vars v;
    struct files files = {0};
    int r = set_all(&v, a, x, e);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(entries); i++)
        r = is_wanted(&entries[i], x) ? render_entry(a, &entries[i], &v, &files, e) : 0;
    if (r < 0)
        return r;
    sort(&files);
    r = render_record(a, &v, &files, e);
    if (r < 0)
        return r;
    sort(&files);
    *ret = files.p;
    *ret_n = files.n;
    return 0;
}

static bool is_of(const struct entry *entry, const struct strs *services)
{
    for (size_t i = 0; entry->when && i < services->n; i++)
        if (str_is(services->p[i], entry->when))
            return true;
    return false;
}

int scaffold_render_services(struct arena *a, const struct answers *x, const struct strs *services,
                             struct scaffold_file **ret, size_t *ret_n, struct err *e)
{
    struct template_vars v;
    struct files files = {0};
    int r = set_all(&v, a, x, e);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(entries); i++)
        r = is_of(&entries[i], services) ? render_entry(a, &entries[i], &v, &files, e) : 0;
    if (r < 0)
        return r;
    sort(&files);
    *ret = files.p;
    *ret_n = files.n;
    return 0;
}

int scaffold_steps(struct arena *a, const struct answers *x, struct str service, struct str *ret, struct err *e)
{
    struct template_vars v;
    struct str path = arena_printf(a, "steps/%.*s.md", STR_ARG(service));
    int r = set_all(&v, a, x, e);
    if (r < 0)
        return r;
    const struct asset *asset = asset_find(path.p);
    return render_text(a, path.p, str_of(asset->text, asset->n), &v, ret, e);
}
