/*
 * azure_pipelines FOLDER - pipelines in folders of their own; a leading comment may hold options ("# Name: value"): the
 * error that is expected, folders that stand for other repositories. What has no expected error must expand and be
 * planned without one: `assert`, `fail` and the like are steps that only a wrong expansion leaves behind, and no keys
 * of any step. An expected error must be told where the thing stands that its text names.
 */
#include "core/base.h"
#include "case_file.h"
#include "plan/driver.h"
#include "provider/provider.h"

#include <sys/stat.h>

extern const struct provider provider_azure;

struct tally {
    unsigned passed, failed, skipped;
};

/* A repository that a folder of the set stands for. */
struct stand_in {
    struct str repo, ref, folder;
};

struct options {
    struct str message; /* what the error says or names; or empty */
    struct str name;    /* what the authors call it, or empty */
    bool fails;         /* an error is expected */
    bool editor;        /* completion in an editor is asked */
    struct str unknown; /* an option that is not known here */
    VEC(struct stand_in) repos;
};

/* One pipeline to read. */
struct entry {
    struct str set;    /* the whole set's folder */
    struct str folder; /* the root of its repository: a path below the set */
    struct str path;   /* the file, below folder */
};

/* ---- options ---- */

static void option(struct arena *a, struct options *o, struct str name, struct str value)
{
    struct stand_in s;
    struct str where;
    static const char *const editor[] = {"Row", "Column", "AutoCompletion"};
    static const char *const idle[] = {"src", "ValidateSyntax"};
    for (size_t i = 0; i < ARRAY_LEN(editor); i++)
        if (str_is_nocase(name, editor[i]))
            o->editor = true;
    for (size_t i = 0; i < ARRAY_LEN(idle); i++)
        if (str_is_nocase(name, idle[i]))
            return;
    if (o->editor)
        return;
    if (str_is_nocase(name, "ExpectedException")) {
        o->fails = true;
    } else if (str_is_nocase(name, "ExpectedErrorMessage") || str_is_nocase(name, "ExpectedMessage")) {
        o->fails = true;
        o->message = value;
    } else if (str_is_nocase(name, "Name")) {
        o->name = value;
    } else if (str_is_nocase(name, "LocalRepository") && str_cut(value, '=', &where, &s.folder)) {
        str_cut(where, '@', &s.repo, &s.ref);
        vec_push_in(a, &o->repos, s);
    } else if (str_starts(name, STR("Expected"))) {
        o->unknown = name;
    }
}

/* Comments in front of the first line that is none. Other prose has no name of one word before its colon. */
static struct options options_of(struct arena *a, struct str text)
{
    struct options o = {0};
    struct str line, name, value;
    while (str_next(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0)
            continue;
        if (!str_starts(line, STR("#")))
            break;
        if (str_cut(str_from_index(line, 1), ':', &name, &value) && str_find_ch(str_trim(name), ' ') < 0)
            option(a, &o, str_trim(name), str_trim(value));
    }
    return o;
}

/* ---- files ---- */

struct world {
    const struct entry *entry;
    const struct options *options;
    struct sources *sources;
    struct arena *arena;
    uint32_t last; /* number of the source that was read last */
};

static struct str short_ref(struct str ref)
{
    static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(ref, str_from(prefixes[i])))
            return str_from_index(ref, strlen(prefixes[i]));
    return ref;
}

/* Beside the cases, or below the case itself. STR_NONE: the case has no folder for that repository. */
static struct str folder_of(const struct world *w, const struct file_query *q, bool own)
{
    if (q->repo.n == 0)
        return arena_printf(w->arena, "%.*s/%.*s", STR_ARG(w->entry->set), STR_ARG(w->entry->folder));
    for (size_t i = 0; i < w->options->repos.n; i++) {
        const struct stand_in *s = &w->options->repos.p[i];
        if (!str_eq_nocase(s->repo, q->repo) || !str_eq(short_ref(s->ref), short_ref(q->ref)))
            continue;
        return own ? arena_printf(w->arena, "%.*s/%.*s/%.*s", STR_ARG(w->entry->set), STR_ARG(w->entry->folder),
                                  STR_ARG(s->folder))
                   : arena_printf(w->arena, "%.*s/%.*s", STR_ARG(w->entry->set), STR_ARG(s->folder));
    }
    return STR_NONE;
}

static int read_file(void *ctx, const struct file_query *q, struct file_found *ret, struct err *e)
{
    struct world *w = ctx;
    for (int own = 0; own <= 1; own++) {
        struct str folder = folder_of(w, q, own);
        if (!folder.p)
            break;
        struct str text = case_read(w->arena, arena_printf(w->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(q->path)));
        if (!text.p)
            continue;
        struct str name = q->repo.n ? arena_printf(w->arena, "%.*s:%.*s", STR_ARG(q->repo), STR_ARG(q->path)) : q->path;
        w->last = sources_add(w->sources, name, text);
        *ret = (struct file_found){w->last, q->repo.n ? STR("0123456789abcdef0123456789abcdef01234567") : STR(""),
                                   w->sources};
        return 0;
    }
    return err_set(e, ENOENT, "the case has no %.*s", STR_ARG(q->path));
}

static void init_facts(struct arena *a, struct facts *f, struct world *w)
{
    struct map *folded[] = {&f->secrets, &f->vars, &f->groups, &f->secure_files, &f->tasks, &f->platforms};
    struct map *exact[] = {&f->env, &f->inputs, &f->substitutions, &f->base_env, &f->machine.programs};
    for (size_t i = 0; i < ARRAY_LEN(folded); i++)
        map_init(folded[i], a, MAP_NOCASE);
    for (size_t i = 0; i < ARRAY_LEN(exact); i++)
        map_init(exact[i], a, MAP_CASE);
    f->repos.base = STR("/srv/git"); /* every repository can be asked for; those that the case has are there */
    f->change = (struct change){.event = STR("push"), .branch = STR("main")};
    f->repo = (struct repo_facts){.root = STR("/project"),
                                  .is_git = true,
                                  .owner = STR("octo"),
                                  .name = STR("project"),
                                  .remote_url = STR("https://github.com/octo/project"),
                                  .default_branch = STR("main"),
                                  .sha = STR("0123456789abcdef0123456789abcdef01234567"),
                                  .branch = STR("main"),
                                  .author_name = STR("Mona"),
                                  .author_email = STR("mona@example.org"),
                                  .message = STR("one")};
    f->run_id = f->run_number = f->attempt = 1;
    f->now_ms = 1767225600000;
    f->skip_unknown = true;
    f->read_file = read_file;
    f->read_ctx = w;
}

/* ---- judging ---- */

/* What the text names in quotes, else all of it: a token that stands where the error is. */
static struct str token_of(struct str message)
{
    ssize_t open = str_find_ch(message, '\'');
    ssize_t close = open < 0 ? -1 : str_find_from(message, (size_t)open + 1, STR("'"));
    return close < 0 ? message : str_sub(message, (size_t)open + 1, (size_t)close);
}

/* Is an error told there: does its line, or its own sentence, hold the token? */
static bool found(const struct diags *d, struct str token)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->p[i].level == DIAG_ERROR &&
            (str_find(sources_line(d->sources, d->p[i].span), token) >= 0 || str_find(d->p[i].message, token) >= 0))
            return true;
    return false;
}

/* Does a line which is no comment hold the token? */
static bool uncommented(struct str text, struct str token)
{
    struct str line;
    while (str_next(&text, '\n', &line))
        if (!str_starts(str_trim(line), STR("#")) && str_find(line, token) >= 0)
            return true;
    return false;
}

/* Is the token in any file of the case? Some comments were copied from another case. */
static bool written(const struct diags *d, uint32_t last, struct str token)
{
    for (uint32_t file = 1; file <= last; file++)
        if (uncommented(sources_text(d->sources, file), token))
            return true;
    return false;
}

static bool has_place(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->p[i].level == DIAG_ERROR && d->p[i].span.file == 0)
            return false;
    return true;
}

static void tell(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++) {
        struct place at = sources_place(d->sources, d->p[i].span);
        if (d->p[i].level == DIAG_ERROR)
            printf("  %.*s:%u:%u: %.*s [%s]\n", STR_ARG(at.file), at.line, at.column, STR_ARG(d->p[i].message),
                   d->p[i].code);
    }
}

static bool judge(const struct world *w, const struct diags *d, bool planned, struct str name)
{
    const char *wrong = NULL;
    const struct options *o = w->options;
    if (!o->fails && d->errors)
        wrong = "no error is expected";
    else if (!o->fails && !planned)
        wrong = "there is no error, and no plan";
    else if (o->fails && !d->errors)
        wrong = "an error is expected";
    else if (o->fails && !has_place(d))
        wrong = "an error is nowhere";
    else if (o->message.n && !found(d, token_of(o->message)) && written(d, w->last, token_of(o->message)))
        wrong = "the error is elsewhere";
    if (!wrong && !o->fails)
        return true;
    if (wrong && o->message.n)
        printf("FAIL %.*s: %s: %.*s\n", STR_ARG(name), wrong, STR_ARG(o->message));
    else if (wrong)
        printf("FAIL %.*s: %s\n", STR_ARG(name), wrong);
    else
        printf("refused %.*s, as expected: %.*s\n", STR_ARG(name), STR_ARG(o->message));
    tell(d);
    return !wrong;
}

/* Legs are made as a list asks for them: gates must bear every plan. */
static void list_plan(struct plan *p, const struct facts *f)
{
    struct str why;
    for (size_t i = 0; i < p->n_jobs; i++)
        if (p->jobs[i]->legs == NULL)
            p->driver->gate(p, p->jobs[i], f, true, &why);
    plan_free(p);
}

static bool run_entry(struct arena *a, const struct entry *entry, const struct options *o, struct str text,
                      struct str name)
{
    struct facts f = {0};
    struct diags d;
    CLEAN(sources) struct sources *s = sources_new();
    struct world w = {entry, o, s, a, sources_add(s, entry->path, text)};
    struct provider_file file = {.path = entry->path, .source = w.last};
    struct provider_plans plans = {0};
    diags_init(&d, a, s);
    init_facts(a, &f, &w);
    provider_azure.read(&file, &f, &d, &plans);
    bool good = judge(&w, &d, plans.n > 0, name);
    for (size_t i = 0; i < plans.n; i++)
        list_plan(plans.p[i].plan, &f);
    return good;
}

/* Why a case cannot be asked here; NULL: it can. */
static const char *skip_reason(struct arena *a, const struct entry *entry, const struct options *o)
{
    struct stat st;
    if (o->editor)
        return "completion of keys is an editor's";
    if (o->unknown.n)
        return "what it expects is not known here";
    for (size_t i = 0; i < o->repos.n; i++) {
        struct str beside = arena_printf(a, "%.*s/%.*s", STR_ARG(entry->set), STR_ARG(o->repos.p[i].folder));
        struct str below = arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(entry->set), STR_ARG(entry->folder),
                                        STR_ARG(o->repos.p[i].folder));
        if (stat(beside.p, &st) != 0 && stat(below.p, &st) != 0)
            return "a folder that it stands another repository on is not in the set";
    }
    return NULL;
}

static void run_case(const struct entry *entry, struct tally *t)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct str path =
        arena_printf(a, "%.*s/%.*s/%.*s", STR_ARG(entry->set), STR_ARG(entry->folder), STR_ARG(entry->path));
    struct str text = case_read(a, path);
    struct options o = options_of(a, text);
    struct str name = arena_printf(a, "%.*s/%.*s", STR_ARG(entry->folder), STR_ARG(entry->path));
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ' ')
            ((char *)(uintptr_t)name.p)[i] = '_';
    const char *skip = skip_reason(a, entry, &o);
    if (skip) {
        printf("skip %.*s: %s\n", STR_ARG(name), skip);
        t->skipped++;
    } else if (run_entry(a, entry, &o, text, name)) {
        t->passed++;
    } else {
        t->failed++;
    }
}

/* ---- which files are pipelines ---- */

/* All YAML files below a folder, as paths below it. */
static void walk(struct arena *a, struct str set, struct str folder, struct strs *ret)
{
    struct strs names = case_list(a, arena_printf(a, "%.*s/%.*s", STR_ARG(set), STR_ARG(folder)), STR(""));
    for (size_t i = 0; i < names.n; i++) {
        struct stat st;
        struct str path = folder.n ? arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(names.p[i])) : names.p[i];
        if (str_starts(names.p[i], STR(".")) ||
            stat(arena_printf(a, "%.*s/%.*s", STR_ARG(set), STR_ARG(path)).p, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            walk(a, set, path, ret);
        else if (str_ends(path, STR(".yml")) || str_ends(path, STR(".yaml")))
            vec_push_in(a, ret, path);
    }
}

static struct str last_name(struct str path)
{
    return str_from_index(path, (size_t)(str_rfind_ch(path, '/') + 1));
}

static struct str folder_name(struct str path)
{
    ssize_t slash = str_rfind_ch(path, '/');
    return slash < 0 ? STR("") : str_sub(path, 0, (size_t)slash);
}

static bool called_pipeline(struct str path)
{
    return str_starts(last_name(path), STR("pipeline"));
}

/* Has a folder with that file a pipeline by name, in it or above it? Then what else is there are its templates. */
static bool beside_pipeline(const struct strs *files, struct str path)
{
    for (struct str folder = folder_name(path);; folder = folder_name(folder)) {
        for (size_t i = 0; i < files->n; i++)
            if (!str_eq(files->p[i], path) && called_pipeline(files->p[i]) && str_eq(folder_name(files->p[i]), folder))
                return true;
        if (folder.n == 0)
            return false;
    }
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: azure_pipelines FOLDER\n");
        return 2;
    }
    struct arena *a = arena_new();
    struct strs files = {0};
    struct str set = str_from(argv[1]);
    while (set.n > 1 && str_ends(set, STR("/")))
        set.n--;
    walk(a, set, STR(""), &files);
    for (size_t i = 0; i < files.n; i++) {
        struct str path = files.p[i], folder = folder_name(path);
        struct entry entry = {set, folder, str_from_index(path, folder.n + (folder.n > 0))};
        if (called_pipeline(path) || !beside_pipeline(&files, path))
            run_case(&entry, &t);
    }
    printf("azure-pipelines: %u passed, %u failed, %u skipped\n", t.passed, t.failed, t.skipped);
    arena_free(a);
    return t.failed > 0;
}
