#include "scaffold/scaffold.h"

#include "core/num.h"
#include "doc/suggest.h"
#include "scaffold/names_priv.h"
#include "scaffold/pythons_priv.h"
#include "sys/clock.h"
#include "sys/run.h"

#define DESCRIPTION_MAX 200
#define AUTHOR_MAX 100

static const char *const service_names[] = {"github", "codebuild", "cloudbuild", "azure"};

static void set_default(struct str *slot, struct str value)
{
    if (slot->n == 0)
        *slot = value;
}

static int check_licence(struct str licence, struct err *e)
{
    static const char *const later[] = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-3.0-or-later", "ISC"};
    if (str_is(licence, "MIT") || str_is(licence, "none"))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (str_is_nocase(licence, later[i]))
            return err_set(e, EINVAL, "the text of %s is not part of slipway yet: MIT and none are", later[i]);
    return err_set(e, EINVAL, "there is no licence '%.*s': MIT and none are offered", STR_ARG(licence));
}

static int complete_names(struct arena *a, struct answers *x, struct err *e)
{
    set_default(&x->name, x->like_seed ? STR("py-skeleton") : STR(""));
    int r = name_check_project(x->name, e);
    if (r < 0)
        return r;
    set_default(&x->distribution, x->like_seed ? STR("awesome-pkg") : name_normal(a, x->name));
    r = name_check_distribution(x->distribution, e);
    if (r < 0)
        return r;
    set_default(&x->package, name_import(a, x->distribution));
    return name_check_package(x->package, e);
}

static int complete_texts(struct answers *x, struct err *e)
{
    set_default(&x->description, STR("A small service."));
    set_default(&x->author, STR(""));
    set_default(&x->owner, STR("YOUR_ID"));
    set_default(&x->licence, STR("MIT"));
    if (x->year < 0 || x->year > 9999)
        return err_set(e, EINVAL, "the year %lld is no year of a copyright", (long long)x->year);
    int r = name_check_line(x->description, "description", DESCRIPTION_MAX, e);
    if (r == 0)
        r = name_check_line(x->author, "author", AUTHOR_MAX, e);
    if (r == 0)
        r = name_check_owner(x->owner, e);
    return r < 0 ? r : check_licence(x->licence, e);
}

/* The list as one text: what was filled in by hand goes through the same reader as an option. */
static struct str joined(struct arena *a, const struct strs *list)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < list->n; i++) {
        buf_add_ch(&b, ',');
        buf_add(&b, list->p[i]);
    }
    return arena_str(a, buf_str(&b));
}

static int complete_lists(struct arena *a, struct answers *x, struct err *e)
{
    struct strs pythons, services;
    struct str usual = x->like_seed ? STR("3.9-3.12") : STR("3.11-3.14");
    int r = answers_pythons(a, x->pythons.n > 0 ? joined(a, &x->pythons) : usual, &pythons, e);
    if (r == 0)
        r = answers_services(a, x->services.n > 0 ? joined(a, &x->services) : STR("all"), &services, e);
    if (r < 0)
        return r;
    x->pythons = pythons;
    x->services = services;
    return 0;
}

int answers_complete(struct arena *a, struct answers *x, struct err *e)
{
    struct answers y = *x;
    y.branches = y.branches || y.like_seed;
    int r = complete_names(a, &y, e);
    if (r == 0)
        r = complete_texts(&y, e);
    if (r == 0)
        r = complete_lists(a, &y, e);
    if (r == 0)
        *x = y;
    return r;
}

static int unknown_service(struct str word, struct err *e)
{
    struct str near = suggest(word, service_names, ARRAY_LEN(service_names));
    if (near.p)
        return err_set(e, EINVAL, "there is no service '%.*s'; did you mean '%.*s'?", STR_ARG(word), STR_ARG(near));
    return err_set(e, EINVAL, "there is no service '%.*s': github, codebuild, cloudbuild and azure are", STR_ARG(word));
}

/* Marks what `word` names in chosen[]. */
static int choose_service(struct str word, bool *chosen, bool *none, struct err *e)
{
    bool all = str_is(word, "all"), found = all;
    *none = *none || str_is(word, "none");
    for (size_t i = 0; i < ARRAY_LEN(service_names); i++) {
        bool named = str_is(word, service_names[i]);
        chosen[i] = chosen[i] || named || all;
        found = found || named;
    }
    return found || str_is(word, "none") ? 0 : unknown_service(word, e);
}

int answers_services(struct arena *a, struct str list, struct strs *ret, struct err *e)
{
    bool chosen[ARRAY_LEN(service_names)] = {0}, none = false;
    struct strs services = {0};
    struct str piece;
    while (str_next(&list, ',', &piece)) {
        piece = str_trim(piece);
        int r = piece.n > 0 ? choose_service(piece, chosen, &none, e) : 0;
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < ARRAY_LEN(service_names); i++)
        if (chosen[i])
            vec_push_in(a, &services, str_from(service_names[i]));
    if (none && services.n > 0)
        return err_set(e, EINVAL, "'none' beside other services");
    if (services.n == 0 && !none)
        return err_set(e, EINVAL, "no service is named: github, codebuild, cloudbuild, azure, all or none");
    if (none)
        vec_push_in(a, &services, STR("none"));
    *ret = services;
    return 0;
}

void answers_from_host(struct arena *a, struct answers *x)
{
    struct str name;
    const char *const argv[] = {"git", "config", "user.name", NULL};
    if (x->author.n == 0 && run_line(a, argv, NULL, &name, NULL) == 0 &&
        name_check_line(name, "author", AUTHOR_MAX, NULL) == 0)
        x->author = name;
    if (x->year == 0) {
        CLEAN(buf) struct buf now = BUF(BUF_LINE);
        uint64_t year = 0;
        num_add_time(&now, clock_wall_ms());
        if (num_parse_u64(str_sub(buf_str(&now), 0, 4), 9999, &year) == 0)
            x->year = (int64_t)year;
    }
}

void answers_notes(struct arena *a, const struct answers *x, struct str today, struct strs *ret)
{
    struct strs notes = {0};
    for (size_t i = 0; i < x->pythons.n; i++) {
        struct str end = python_end(x->pythons.p[i]);
        if (end.n > 0 && str_cmp(end, today) <= 0)
            vec_push_in(a, &notes,
                        arena_printf(a, "Python %.*s has had no security fixes since %.*s", STR_ARG(x->pythons.p[i]),
                                     STR_ARG(end)));
    }
    if (x->pythons.n > 0 && str_is(x->pythons.p[0], "3.9"))
        vec_push_in(a, &notes,
                    STR("Python 3.9 holds the project back: mypy stays below 2, runners on ubuntu-24.04, CodeBuild on "
                        "standard:7.0"));
    *ret = notes;
}
