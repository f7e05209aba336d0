/*
 * Answers for a project that slipway did not write: what is seen, where it fits the rules, and else the defaults. The
 * files of the services name the repository, its owner and the Pythons; what else `new` asks for is in none of them.
 */
#include "scaffold/scaffold.h"

#include "scaffold/names_priv.h"

/* The first of the names that a repository and an image may have. */
static struct str usable_name(const struct seen *seen)
{
    struct str names[] = {seen->repository, seen->name};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (name_check_project(names[i], NULL) == 0)
            return names[i];
    return seen->repository; /* the rule that it breaks is told when the answers are completed */
}

/* Names that no file of a service has, but that the rules ask for: a stand-in where the project's own would not do. */
static void fill_unused(struct arena *a, struct answers *x)
{
    struct str distribution = name_normal(a, x->name);
    if (name_check_distribution(distribution, NULL) < 0)
        distribution = STR("project");
    struct str package = name_import(a, distribution);
    x->distribution = distribution;
    x->package = name_check_package(package, NULL) < 0 ? STR("package") : package;
}

static void add_list(struct buf *b, const struct strs *list)
{
    for (size_t i = 0; i < list->n; i++)
        buf_printf(b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(list->p[i]));
}

void answers_from_seen(struct arena *a, const struct seen *seen, struct answers *x, struct str *ret_said)
{
    CLEAN(buf) struct buf said = BUF(BUF_LINE);
    if (x->name.n == 0)
        x->name = usable_name(seen);
    fill_unused(a, x);
    buf_printf(&said, "name %.*s", STR_ARG(x->name));
    bool given = x->owner.n > 0, seen_owner = seen->owner.n > 0 && name_check_owner(seen->owner, NULL) == 0;
    if (!given)
        x->owner = seen_owner ? seen->owner : STR("YOUR_ID");
    buf_printf(&said, ", owner %.*s%s", STR_ARG(x->owner), given || seen_owner ? "" : " (no remote tells it)");
    given = x->pythons.n > 0;
    if (!given && seen->requires.n > 0)
        answers_requires(a, seen->requires, &x->pythons);
    bool required = !given && x->pythons.n > 0;
    if (x->pythons.n == 0)
        answers_pythons(a, STR("3.11-3.14"), &x->pythons, NULL);
    buf_add_cstr(&said, ", Python ");
    add_list(&said, &x->pythons);
    if (required)
        buf_printf(&said, " (requires-python %.*s)", STR_ARG(seen->requires));
    *ret_said = arena_str(a, buf_str(&said));
}
