/*
 * The linter's rules on where jobs run: pools and images (27), and for how long (30).
 */
#include "core/base.h"
#include "core/num.h"
#include "doc/suggest.h"
#include "provider/azure/az_lint_priv.h"

/* Images of the hosted pool, without regard to case; retired ones refuse to start. */
static const char *const images[] = {"ubuntu-latest",
                                     "ubuntu-26.04",
                                     "ubuntu-24.04",
                                     "ubuntu-22.04",
                                     "windows-latest",
                                     "windows-2025",
                                     "windows-2022",
                                     "windows-2019",
                                     "macOS-latest",
                                     "macOS-26",
                                     "macOS-26-arm64",
                                     "macOS-15",
                                     "macOS-15-arm64",
                                     "macOS-14",
                                     "macOS-14-arm64",
                                     "macOS-13",
                                     "macOS-13-arm64",
                                     "windows-2025-vs2026",
                                     "ubuntu-slim",
                                     "windows-2025-vs2022",
                                     NULL};
static const char *const retired[] = {"xcode9-macos10.13", "ubuntu-20.04",
                                      "ubuntu-18.04",      "ubuntu-16.04",
                                      "vs2017-win2016",    "windows-2016",
                                      "vs2015-win2012r2",  "win1803",
                                      "macOS-12",          "macOS-11",
                                      "macOS-10.15",       "macOS-10.14",
                                      "macOS-10.13",       NULL};

/* ---- 27 ---- */

static bool hosted(const struct az_pool *pool)
{
    return pool->set && pool->vm_image.n > 0 && (pool->name.n == 0 || str_is_nocase(pool->name, "Azure Pipelines"));
}

static void check_image(struct az_lint *l, const struct az_pool *pool, struct str image, const struct az_value *at)
{
    if (image.n == 0 || str_find_ch(image, '$') >= 0 || az_lint_word(image, images))
        return;
    if (az_lint_word(image, retired)) {
        if (map_set(&l->told, arena_printf(l->arena, "image %.*s", STR_ARG(image)), l) &&
            az_lint_warn(l, "AZ527", at ? at : pool->at, "The hosted image '%.*s' was retired: no job starts on it",
                         STR_ARG(image)))
            az_hint(l->d, "ubuntu-latest, windows-latest and macOS-latest follow the newest ones");
        return;
    }
    if (az_lint_warn(l, "AZ527", at ? at : pool->at, "No hosted image is known as '%.*s'", STR_ARG(image))) {
        struct str near = suggest(image, images, ARRAY_LEN(images) - 1);
        if (near.p)
            az_hint(l->d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

/* `$(vmImage)` of a matrix: each leg's own. */
static void check_leg_images(struct az_lint *l, const struct az_job *j, struct str name)
{
    const struct az_value *m = j->matrix;
    for (size_t i = 0; m && m->kind == AZ_OBJECT && i < m->object.n; i++) {
        const struct az_value *leg = m->object.p[i].value;
        for (size_t k = 0; leg->kind == AZ_OBJECT && k < leg->object.n; k++)
            if (str_eq_nocase(leg->object.p[k].key->text, name))
                check_image(l, &j->pool, az_scalar(l->arena, leg->object.p[k].value), leg->object.p[k].value);
    }
}

void az_lint_image(struct az_lint *l, const struct az_job *j)
{
    size_t from = 0, at;
    struct str name, image = j->pool.vm_image;
    if (!hosted(&j->pool))
        return;
    if (az_lint_macro(image, &from, &name, &at) && at == 0 && from == image.n)
        check_leg_images(l, j, name);
    else
        check_image(l, &j->pool, image, az_lint_find(j->pool.at, image));
}

/* Where some jobs say their pool, the one that does not has been forgotten. */
void az_lint_no_pool(struct az_lint *l)
{
    size_t with = 0, without = 0;
    const struct az_job *lost = NULL;
    for (size_t i = 0; i < l->p->n_stages; i++)
        for (size_t k = 0; k < l->p->stages[i].n_jobs; k++) {
            const struct az_job *j = &l->p->stages[i].jobs[k];
            bool hook = false;
            for (size_t h = 0; h < AZ_HOOKS; h++)
                hook |= j->hooks[h].set && j->hooks[h].pool.set;
            with += j->pool.set || hook;
            if (!j->pool.set && !hook && without++ == 0)
                lost = j;
        }
    if (with > 0 && without == 1 &&
        az_lint_warn(l, "AZ527", lost->id_at ? lost->id_at : lost->at,
                     "Job '%.*s' has no pool, where all others have one: it runs in the "
                     "pipeline's default pool",
                     STR_ARG(lost->id)))
        az_hint(l->d, "pool: {vmImage: ubuntu-latest}");
}

/* ---- 30 ---- */

void az_lint_timeout(struct az_lint *l, const struct az_job *j)
{
    uint64_t minutes;
    struct str text = str_trim(j->timeout_minutes);
    const struct az_value *at = az_get_nocase(j->at, "timeoutInMinutes");
    if (hosted(&j->pool) && num_parse_u64(text, UINT32_MAX, &minutes) == 0 && minutes > 360)
        az_lint_warn(l, "AZ530", at ? at : j->at, "A job of a hosted pool has 360 minutes at most, not %.*s",
                     STR_ARG(text));
}
