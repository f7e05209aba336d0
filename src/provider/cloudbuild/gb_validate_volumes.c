/*
 * gb_validate_volumes.c - volumes: names and paths, what may not meet, and that at least two steps share one.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_validate_priv.h"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Docker's: two characters at least. */
static bool is_name(struct str s)
{
    if (s.n < 2 || !is_letter_or_digit(s.p[0]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_letter_or_digit(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
            return false;
    return true;
}

static void check_name(const struct gb_volume *v, struct diags *d)
{
    if (is_name(v->name.text))
        return;
    struct span at = gb_at(&v->name, v->span);
    if (v->name.text.n == 0)
        diag_error(d, "GB030", at, "a volume needs a name");
    else
        diag_error(d, "GB030", at, "'%.*s' is no name of a volume", STR_ARG(v->name.text));
    diag_hint(d, "two or more letters, digits, '_', '.' and '-', a letter or digit in front");
}

static void check_path(const struct gb_volume *v, struct diags *d)
{
    static const char *const reserved[] = {"/workspace", "/builder/home", "/var/run/docker.sock"};
    struct span at = gb_at(&v->path, v->span);
    struct str path = path_clean(d->arena, v->path.text);
    if (!path_is_abs(path)) {
        diag_error(d, "GB031", at, "the path of a volume must be absolute");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (str_is(path, reserved[i]))
            diag_error(d, "GB031", at, "%s is the service's own: no volume can be there", reserved[i]);
    if (str_starts(path, STR("/cloudbuild/")))
        diag_error(d, "GB031", at, "no volume can be below /cloudbuild/");
}

/* Tells when `v` has the name or the path of one of the first n. */
static void check_twins(const struct gb_volume *v, const struct gb_volume *others, size_t n, const char *code,
                        const char *where, struct diags *d)
{
    struct str path = path_clean(d->arena, v->path.text);
    for (size_t i = 0; i < n; i++) {
        bool same_name = v->name.text.n > 0 && str_eq(others[i].name.text, v->name.text);
        bool same_path = v->path.text.n > 0 && str_eq(path_clean(d->arena, others[i].path.text), path);
        if (!same_name && !same_path)
            continue;
        const struct gb_text *mine = same_name ? &v->name : &v->path;
        diag_error(d, code, gb_at(mine, v->span), "%s has the %s '%.*s'", where, same_name ? "name" : "path",
                   STR_ARG(mine->text));
        diag_note(d, code, gb_at(same_name ? &others[i].name : &others[i].path, others[i].span), "the other one");
        return;
    }
}

static void check_list(const struct gb_volumes *list, const char *where, struct diags *d)
{
    for (size_t i = 0; i < list->n; i++) {
        check_name(&list->p[i], d);
        check_path(&list->p[i], d);
        check_twins(&list->p[i], list->p, i, "GB032", where, d);
    }
}

static bool uses(const struct gb_step *s, struct str name)
{
    for (size_t i = 0; i < s->volumes.n; i++)
        if (str_eq(s->volumes.p[i].name.text, name))
            return true;
    return false;
}

/* Is the name of the i-th volume that of one before it? What is wrong with both was told. */
static bool is_repeated(const struct gb_volumes *list, size_t i, const struct gb_volumes *global)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(list->p[k].name.text, list->p[i].name.text))
            return true;
    for (size_t k = 0; k < global->n; k++)
        if (str_eq(global->p[k].name.text, list->p[i].name.text))
            return true;
    return false;
}

static void check_shared(const struct gb_build *b, const struct gb_volume *v, struct diags *d)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_steps; i++)
        n += uses(&b->steps[i], v->name.text);
    if (n != 1 || v->name.text.n == 0)
        return;
    diag_error(d, "GB034", gb_at(&v->name, v->span), "only one step has the volume '%.*s'", STR_ARG(v->name.text));
    diag_hint(d, "volumes are for steps to share, and go with the build; what one step alone needs can be anywhere");
}

void gb_check_volumes(const struct gb_build *b, struct diags *d)
{
    const struct gb_volumes *global = &b->options.volumes;
    if (global->n > 0 && b->n_steps == 1) {
        diag_error(d, "GB035", b->options.volumes_span,
                   "options.volumes need at least two steps to share them, and this build has one");
        diag_hint(d, "remove options.volumes: nothing is kept from one build to the next in them; or divide the step");
    }
    check_list(global, "another volume of options", d);
    for (size_t i = 0; i < b->n_steps; i++) {
        const struct gb_volumes *own = &b->steps[i].volumes;
        check_list(own, "another volume of the step", d);
        for (size_t k = 0; k < own->n; k++) {
            check_twins(&own->p[k], global->p, global->n, "GB033", "a volume of options", d);
            if (!is_repeated(own, k, global))
                check_shared(b, &own->p[k], d);
        }
    }
}
