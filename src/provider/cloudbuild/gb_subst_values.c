/*
 * gb_subst_values.c - what every key stands for in one start of a build.
 *
 * From below: built-ins, the values of the config, those of the trigger, those of --substitutions. By hand
 * (`gcloud builds submit`) the built-ins that only a trigger knows are empty, without a word from the service.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_subst_priv.h"

#define DEPTH_MAX 16u
#define SHORT_SHA 7

/* ---- built-ins ---- */

static void set(struct gb_values *v, const char *name, struct str text)
{
    map_set_str(&v->values, str_from(name), text);
}

/* "projects/P/serviceAccounts/EMAIL" or an address alone. */
static void set_account(struct gb_values *v, struct str account, struct str project)
{
    struct str email = path_base(account);
    if (account.n == 0)
        email = STR("0-compute@developer.gserviceaccount.com"); /* the default one of project number 0 */
    set(v, "SERVICE_ACCOUNT_EMAIL", email);
    set(v, "SERVICE_ACCOUNT",
        arena_printf(v->arena, "projects/%.*s/serviceAccounts/%.*s", STR_ARG(project), STR_ARG(email)));
}

static void set_pull_request(struct gb_values *v, const struct facts *f)
{
    const struct value *pr = value_get(f->payload, STR("pull_request"));
    const struct value *number = value_get(pr, STR("number"));
    struct str url = value_get_str(value_get(value_get(pr, STR("head")), STR("repo")), "clone_url");
    set(v, "_HEAD_BRANCH", f->change.branch);
    set(v, "_BASE_BRANCH", f->change.base);
    set(v, "_HEAD_REPO_URL", url.p != NULL ? url : f->repo.remote_url);
    set(v, "_PR_NUMBER",
        number != NULL && number->kind == VALUE_NUMBER ? arena_printf(v->arena, "%.0f", number->number) : STR("1"));
}

/* What a trigger knows of the change. */
static void set_change(struct gb_values *v, const struct gb_start *s)
{
    const struct facts *f = s->facts;
    struct str full = arena_printf(v->arena, "%.*s/%.*s", STR_ARG(f->repo.owner), STR_ARG(f->repo.name));
    set(v, "TRIGGER_NAME", s->trigger_name);
    set(v, "TRIGGER_BUILD_CONFIG_PATH", s->trigger->inline_build != NULL ? STR("") : s->config);
    set(v, "COMMIT_SHA", f->repo.sha);
    set(v, "REVISION_ID", f->repo.sha);
    set(v, "SHORT_SHA", str_sub(f->repo.sha, 0, SHORT_SHA));
    set(v, "REPO_NAME", f->repo.name);
    set(v, "REPO_FULL_NAME", f->repo.owner.n > 0 ? full : f->repo.name);
    set(v, "BRANCH_NAME", f->change.branch);
    set(v, "TAG_NAME", f->change.tag);
    set(v, "REF_NAME", f->change.tag.n > 0 ? f->change.tag : f->change.branch);
    if (str_is(f->change.event, "pull_request"))
        set_pull_request(v, f);
}

static void set_builtins(struct gb_values *v, const struct gb_build *b, const struct gb_start *s)
{
    struct str account =
        s->trigger != NULL && s->trigger->service_account.n > 0 ? s->trigger->service_account : b->service_account.text;
    struct str project = map_get_str(&s->facts->substitutions, STR("PROJECT_ID"));
    if (project.n == 0)
        project = STR("slipway-local");
    set(v, "PROJECT_ID", project);
    set(v, "BUILD_ID", s->build_id);
    set(v, "PROJECT_NUMBER", STR("0"));
    set(v, "LOCATION", STR("global"));
    set_account(v, account, project);
    if (s->trigger != NULL)
        set_change(v, s);
}

/* ---- what files and flags say ---- */

/* A value of the config or of a trigger; what a trigger's build takes from the event is put in at once. */
static void add_value(struct gb_values *v, struct str key, struct str text, struct span at, struct diags *d)
{
    struct err e = {0};
    if (gb_bind_payload(v->arena, v->payload, text, &text, &e) < 0)
        diag_error(d, "GB062", at, "substitution %.*s: %s", STR_ARG(key), e.text);
    map_set_str(&v->values, key, text);
}

/* Does somebody set it whose word counts more than the config's? */
static bool is_overridden(const struct gb_start *s, struct str key)
{
    return (s->trigger != NULL && map_find(&s->trigger->substitutions, key) != NULL) ||
           map_find(&s->facts->substitutions, key) != NULL;
}

static void add_config(struct gb_values *v, const struct gb_build *b, const struct gb_start *s, struct diags *d)
{
    for (size_t i = 0; i < b->substitutions.n; i++) {
        struct str key = b->substitutions.entries[i].key;
        const struct gb_text *t = b->substitutions.entries[i].value;
        if (s->trigger != NULL && !is_overridden(s, key))
            add_value(v, key, t->text, t->node->span, d);
        else
            map_set_str(&v->values, key, t->text);
    }
}

static void add_trigger(struct gb_values *v, const struct gb_trigger *t, struct diags *d)
{
    for (size_t i = 0; i < t->substitutions.n; i++) {
        struct str key = t->substitutions.entries[i].key;
        add_value(v, key, map_get_str(&t->substitutions, key), t->span, d);
    }
}

static void add_flags(struct gb_values *v, const struct gb_build *b, const struct facts *f, struct diags *d)
{
    struct span at = {b->span.file, b->span.off, 0};
    for (size_t i = 0; i < f->substitutions.n; i++) {
        struct str key = f->substitutions.entries[i].key, text = map_get_str(&f->substitutions, key);
        if (!gb_is_user_key(key) && !gb_is_overridable(key) && !str_is(key, "PROJECT_ID")) {
            diag_error(d, "GB065", at, "--substitutions cannot set %.*s", STR_ARG(key));
            if (!gb_is_builtin(key))
                diag_hint(d, "a substitution of your own is _ with capitals, digits and _ behind it");
        } else if (text.n > GB_VALUE_MAX) {
            diag_error(d, "GB056", at, "--substitutions: the value of %.*s has more than %d bytes", STR_ARG(key),
                       GB_VALUE_MAX);
        }
        map_set_str(&v->values, key, text);
    }
}

/* ---- values of values ---- */

enum state { UNTOUCHED, UNDER_WAY, DONE };
struct resolver {
    struct gb_values *v;
    enum state *states; /* by the index of the value */
    unsigned depth;
    bool told; /* the error under way was told where it arose */
    const struct gb_build *b;
    struct diags *d;
};

/* Where the value stands in the config; its beginning for values from elsewhere. */
static struct span value_span(const struct resolver *r, struct str name)
{
    const struct gb_text *t = map_get(&r->b->substitutions, name);
    bool same = t != NULL && t->node != NULL && str_eq(t->text, map_get_str(&r->v->values, name));
    return same ? t->node->span : (struct span){r->b->span.file, r->b->span.off, 0};
}

static int resolve(struct resolver *r, struct map_entry *entry, struct err *e);

static int look_up(void *ctx, struct str name, struct str *ret, struct err *e)
{
    struct resolver *r = ctx;
    struct map_entry *entry = map_find(&r->v->values, name);
    *ret = STR("");
    if (entry == NULL)
        return 0;
    int rc = resolve(r, entry, e);
    *ret = map_get_str(&r->v->values, name);
    return rc;
}

static int resolve(struct resolver *r, struct map_entry *entry, struct err *e)
{
    enum state *state = &r->states[entry - r->v->values.entries];
    const struct str *text = entry->value;
    struct str result;
    if (*state == DONE || !gb_is_user_key(entry->key))
        return 0;
    if (*state == UNDER_WAY)
        return err_set(e, ELOOP, "$%.*s refers, directly or through others, to itself", STR_ARG(entry->key));
    if (r->depth >= DEPTH_MAX)
        return err_set(e, ELOOP, "values refer to others more than %u deep", DEPTH_MAX);
    *state = UNDER_WAY;
    r->depth++;
    struct span at = value_span(r, entry->key);
    int rc = gb_expand(r->v->arena, *text, look_up, r, &result, e);
    r->depth--;
    *state = DONE;
    if (rc == 0) {
        map_set_str(&r->v->values, entry->key, result);
    } else if (!r->told) {
        r->told = true;
        diag_error(r->d,
                   rc == -ELOOP   ? "GB060"
                   : rc == -E2BIG ? "GB056"
                                  : "GB061",
                   at, "substitution %.*s: %s", STR_ARG(entry->key), e != NULL ? e->text : "");
    }
    return rc;
}

void gb_values_resolve(struct gb_values *v, const struct gb_build *build, struct diags *d)
{
    struct resolver r = {.v = v, .b = build, .d = d};
    if (!v->dynamic)
        return;
    r.states = arena_array(v->arena, v->values.n + 1, sizeof *r.states);
    for (size_t i = 0; i < v->values.n; i++) {
        struct err e = {0};
        r.told = false;
        resolve(&r, &v->values.entries[i], &e);
    }
}

void gb_values_make(struct gb_values *v, struct arena *a, const struct gb_build *b, const struct gb_start *start,
                    struct diags *d)
{
    bool triggered = start->trigger != NULL;
    *v = (struct gb_values){.arena = a,
                            .loose = triggered || b->options.allow_loose,
                            .dynamic = triggered || b->options.dynamic,
                            .payload = start->facts->payload};
    map_init(&v->values, a, MAP_CASE);
    set_builtins(v, b, start);
    add_config(v, b, start, d);
    if (triggered)
        add_trigger(v, start->trigger, d);
    add_flags(v, b, start->facts, d);
    gb_values_resolve(v, b, d);
}
