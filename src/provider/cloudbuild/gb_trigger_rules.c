/*
 * gb_trigger_rules.c - what can be wrong with a trigger that has the right shape: its names, patterns, globs, files.
 *
 * Patterns and globs are what people get wrong without a word from the service, which takes nearly all of them: those
 * that start builds for more than was meant, and those that never start one, are warnings.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_trigger_priv.h"

#define NAME_MAX_LENGTH 64

/* ---- names ---- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_trigger_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '-')
            return false;
    return s.n > 0 && s.n <= NAME_MAX_LENGTH && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

static void check_name(struct gb_reader *r, const struct gb_draft *draft)
{
    const struct gb_text *name = &draft->name;
    if (!name->node)
        return;
    if (name->text.n > NAME_MAX_LENGTH)
        diag_error(r->d, "GB073", name->node->span, "a name has %d characters at most, and this one has %zu",
                   NAME_MAX_LENGTH, name->text.n);
    else if (!is_trigger_name(name->text))
        diag_error(r->d, "GB073", name->node->span,
                   "'%.*s' is no name of a trigger: letters, digits and dashes are "
                   "allowed, dashes only within",
                   STR_ARG(name->text));
}

/* projects/PROJECT/serviceAccounts/ADDRESS, as of builds. */
static void check_account(struct gb_reader *r, const struct gb_draft *draft)
{
    const struct gb_text *account = &draft->service_account;
    struct str project, rest, address;
    if (!account->node)
        return;
    bool form = str_starts(account->text, STR("projects/")) &&
                str_cut(str_from_index(account->text, strlen("projects/")), '/', &project, &rest) && project.n > 0 &&
                str_cut(rest, '/', &rest, &address) && str_is(rest, "serviceAccounts") && address.n > 0;
    if (form)
        return;
    diag_warning(r->d, "GB053", account->node->span, "'%.*s' is no service account", STR_ARG(account->text));
    diag_hint(r->d, "write projects/PROJECT/serviceAccounts/ADDRESS");
}

/* ---- patterns of branches and tags ---- */

/* Only what stands for itself: somebody thought of a whole name. A dot is in many of them. */
static bool is_literal(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr("_-/.", s.p[i]))
            return false;
    return s.n > 0;
}

static bool has_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_alnum(s.p[i]))
            return true;
    return false;
}

/* What compiles and does not mean what it looks like. */
static void check_meaning(struct gb_reader *r, const struct gb_draft *draft, const struct regex *regex)
{
    const struct gb_text *p = &draft->t.pattern;
    struct str s = p->text;
    struct span at = p->node->span;
    ssize_t star = str_find(s, STR("/*"));
    if (str_find(s, STR("refs/heads/")) >= 0 || str_find(s, STR("refs/tags/")) >= 0) {
        diag_warning(r->d, "GB077", at, "'%.*s' is compared with short names, so it finds nothing", STR_ARG(s));
        diag_hint(r->d, "leave out refs/heads/ or refs/tags/");
    } else if (star >= 0 && draft->t.event != GB_OTHER_EVENT) {
        diag_warning(r->d, "GB077", doc_span_in(r->d->sources, p->node, (size_t)star, 2),
                     "'/*' stands for any number of slashes: this is a regular expression, not a file pattern");
        diag_hint(r->d, "write '/.*'");
    } else if (has_word(s) && regex_search(regex, STR("")) == 1) {
        diag_warning(r->d, "GB077", at, "'%.*s' is found in every name, as nothing of it must be there", STR_ARG(s));
        diag_hint(r->d, "anchor it with ^ and $");
    } else if (is_literal(s)) {
        diag_warning(r->d, "GB076", at, "'%.*s' may stand anywhere in a name: it also finds 'x-%.*s-y'", STR_ARG(s),
                     STR_ARG(s));
        diag_hint(r->d, "write '^%.*s$'", STR_ARG(s));
    }
}

static void check_pattern(struct gb_reader *r, const struct gb_draft *draft)
{
    const struct gb_text *p = &draft->t.pattern;
    struct regex *regex = NULL;
    struct err e = {0};
    size_t at = 0;
    if (!p->node)
        return;
    if (p->text.n == 0) {
        diag_error(r->d, "GB074", p->node->span, "an empty pattern is none");
        diag_hint(r->d, "'.*' stands for all of them");
        return;
    }
    int rc = regex_compile_at(r->a, p->text, REGEX_RE2, &regex, &at, &e);
    if (rc == 0) {
        check_meaning(r, draft, regex);
        return;
    }
    struct span span = rc == -EINVAL ? doc_span_in(r->d->sources, p->node, at, at < p->text.n) : p->node->span;
    diag_error(r->d, "GB075", span, "'%.*s' is no regular expression of RE2: %s", STR_ARG(str_sub(p->text, 0, 200)),
               e.text);
    if (p->text.p[0] == '*')
        diag_hint(r->d, "'.*' stands for anything");
    else if (str_find(p->text, STR("(?!")) >= 0)
        diag_hint(r->d, "write what is to be left out, with `invertRegex: true`");
}

/* ---- globs of files ---- */

static const char *impossible(struct str s)
{
    if (str_starts(s, STR("/")) || str_starts(s, STR("./")) || str_starts(s, STR("../")))
        return "changed files are named from the repository's root, without / or . in front";
    if (str_ends(s, STR("/")))
        return "only files change, and no file's name ends with a slash";
    return NULL;
}

static void check_globs(struct gb_reader *r, const struct gb_texts *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct gb_text *t = &list->p[i];
        struct gb_file_glob *glob;
        struct err e = {0};
        size_t at = 0;
        const char *why = impossible(t->text);
        if (gb_file_glob_compile(r->a, t->text, &glob, &at, &e) < 0)
            diag_error(r->d, "GB080", doc_span_in(r->d->sources, t->node, at, at < t->text.n), "'%.*s': %s",
                       STR_ARG(str_sub(t->text, 0, 200)), e.text);
        else if (why)
            diag_warning(r->d, "GB081", t->node->span, "'%.*s' matches nothing: %s", STR_ARG(t->text), why);
        if (why && str_ends(t->text, STR("/")) && t->text.p[0] != '/' && t->text.p[0] != '.')
            diag_hint(r->d, "write '%.*s**'", STR_ARG(t->text));
    }
}

/* ---- what is built ---- */

/* "https://github.com/octo/demo.git" or ".../repositories/octo-demo": is it this repository, as far as one can tell? */
static bool is_this_repository(const struct gb_draft *draft)
{
    struct str uri = draft->repository.text;
    const struct repo_facts *repo = &draft->facts->repo;
    if (uri.n == 0)
        return true;
    if (str_ends(uri, STR(".git")))
        uri = str_sub(uri, 0, uri.n - 4);
    struct str name = path_base(uri);
    return str_eq(name, repo->name) || (name.n > repo->name.n && repo->name.n > 0 && str_ends(name, repo->name));
}

static void check_config(struct gb_reader *r, const struct gb_draft *draft)
{
    const struct gb_text *file = &draft->filename;
    const struct facts *f = draft->facts;
    struct file_found found;
    if (!draft->what && draft->told)
        return;
    if (!draft->what) {
        diag_warning(r->d, "GB071", (struct span){draft->t.span.file, draft->t.span.off, 0},
                     "the trigger does not say what it builds; cloudbuild.yaml is taken");
        diag_hint(r->d, "add `filename: cloudbuild.yaml`");
        return;
    }
    if (draft->elsewhere && !is_this_repository(draft)) {
        diag_warning(r->d, "GB084", draft->elsewhere->span,
                     "the config lies in another repository; the file of that name in this one is taken");
        return;
    }
    if (!file->node || !f->read_file)
        return;
    struct str path = draft->t.filename;
    if (!path_is_inner(path))
        diag_error(r->d, "GB083", file->node->span, "'%.*s' lies outside of the repository", STR_ARG(file->text));
    else if (f->read_file(f->read_ctx, &(struct file_query){.path = path}, &found, NULL) == -ENOENT)
        diag_warning(r->d, "GB083", file->node->span, "there is no file '%.*s' here", STR_ARG(path));
}

void gb_trigger_rules(struct gb_reader *r, struct gb_draft *draft)
{
    check_name(r, draft);
    check_account(r, draft);
    check_pattern(r, draft);
    check_globs(r, &draft->t.included);
    check_globs(r, &draft->t.ignored);
    check_config(r, draft);
    if (draft->filter.text.n > 0)
        diag_warning(r->d, "GB082", draft->filter.node->span,
                     "the filter is not evaluated here: builds start as if it let everything through");
}
