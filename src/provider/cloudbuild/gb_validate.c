/*
 * gb_validate.c - the rules in their order, and those that belong to no group: timeouts, accounts and logs.
 */
#include "core/base.h"
#include "core/num.h"
#include "core/utf8.h"
#include "provider/cloudbuild/gb_validate_priv.h"

#define DAY_NS ((int64_t)24 * 60 * 60 * 1000000000)

struct str gb_say_step(struct arena *a, const struct gb_build *b, size_t i)
{
    struct str id = b->steps[i].id.text;
    if (id.n == 0)
        return arena_printf(a, "step #%zu", i);
    return arena_printf(a, "step #%zu '%.*s'", i, STR_ARG(utf8_fit(id, 60)));
}

struct span gb_at(const struct gb_text *t, struct span or)
{
    return t->node != NULL ? t->node->span : or ;
}

uint64_t gb_characters(struct str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

bool gb_was_told(const struct diags *d, const char *code, struct span at)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->p[i].code, code) == 0 && d->p[i].span.file == at.file && d->p[i].span.off == at.off)
            return true;
    return false;
}

/* ---- timeouts ---- */

static bool check_range(int64_t ns, struct span at, const char *whose, struct diags *d)
{
    if (ns >= 0 && ns <= DAY_NS)
        return true;
    diag_error(d, "GB016", at, ns < 0 ? "%s cannot be negative" : "%s is longer than 24 hours", whose);
    return false;
}

static void check_timeouts(const struct gb_build *b, struct diags *d)
{
    CLEAN(buf) struct buf limit = BUF(BUF_LINE);
    bool good = check_range(b->timeout_ns, b->timeout_span, "the timeout of the build", d);
    num_add_duration(&limit, b->timeout_ns);
    for (size_t i = 0; i < b->n_steps; i++) {
        const struct gb_step *s = &b->steps[i];
        if (s->timeout_span.file == 0 || !check_range(s->timeout_ns, s->timeout_span, "the timeout of a step", d))
            continue;
        if (!good || b->timeout_ns == 0 || s->timeout_ns <= b->timeout_ns)
            continue;
        struct str label = gb_say_step(d->arena, b, i);
        diag_error(d, "GB017", s->timeout_span, "%.*s may take longer than the whole build, which has %s",
                   STR_ARG(label), buf_cstr(&limit));
        if (b->timeout_span.file != 0)
            diag_note(d, "GB017", b->timeout_span, "the build's timeout");
        else
            diag_hint(d, "without `timeout` a build has 60 minutes: give it a longer one");
    }
}

/* ---- accounts and logs ---- */

bool gb_says_where_logs_go(const struct gb_build *b)
{
    const struct gb_options *o = &b->options;
    return b->logs_bucket.text.n > 0 || o->regional_bucket || o->logging == GB_CLOUD_LOGGING_ONLY ||
           o->logging == GB_LOGGING_NONE || o->logging == GB_STACKDRIVER_ONLY;
}

static void check_account(const struct gb_build *b, struct diags *d)
{
    const struct gb_text *account = &b->service_account;
    if (account->text.n == 0)
        return;
    if (!gb_says_where_logs_go(b)) {
        diag_error(d, "GB050", account->node->span,
                   "with a service account of its own the build must say where its logs go");
        diag_hint(d, "add `options: {logging: CLOUD_LOGGING_ONLY}`, or a logsBucket");
    }
    if (!str_starts(account->text, STR("projects/")) || str_find(account->text, STR("/serviceAccounts/")) < 0) {
        diag_warning(d, "GB053", account->node->span, "a service account is projects/PROJECT/serviceAccounts/ADDRESS");
        if (str_find_ch(account->text, '@') > 0)
            diag_hint(d, "write projects/$PROJECT_ID/serviceAccounts/%.*s", STR_ARG(account->text));
    }
}

/* ---- all ---- */

void gb_validate(const struct gb_build *build, const struct gb_values *v, struct diags *d)
{
    check_timeouts(build, d);
    gb_check_substitutions(build, v, d);
    gb_check_artifacts(build, d);
    gb_check_steps(build, d);
    gb_check_lost(build, d);
    gb_check_keys(build, v, d);
    gb_check_volumes(build, d);
    gb_check_env(build, d);
    gb_check_secrets(build, d);
    check_account(build, d);
    if (v == NULL)
        gb_check_names(build, NULL, d);
}

void gb_validate_substituted(const struct gb_build *build, const struct gb_values *v, struct diags *d)
{
    gb_check_names(build, v, d);
}
