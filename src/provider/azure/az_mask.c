/*
 * az_mask.c - what must not show (specification 7.4, "secret masking"). The engine's mask knows the encoded forms of a
 * text and its lines; here are the forms of logging commands, and a password inside of an address.
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

static void remember(struct az_run *r, struct str secret)
{
    struct strs *masks = &az_agent(r)->masks;
    secret = str_trim(secret);
    if (secret.n == 0)
        return;
    for (size_t i = 0; i < masks->n; i++)
        if (str_eq(masks->p[i], secret))
            return;
    vec_push_in(r->arena, masks, arena_str(r->arena, secret));
    r->host->mask(r->host->ctx, masks->p[masks->n - 1]);
}

/* As a command writes it: a line break, a bracket and a semicolon are escaped. */
static struct str escaped(struct arena *a, struct str text, bool percent)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%' && percent)
            buf_add_cstr(&b, "%AZP25");
        else if (c == ';')
            buf_add_cstr(&b, "%3B");
        else if (c == '\r')
            buf_add_cstr(&b, "%0D");
        else if (c == '\n')
            buf_add_cstr(&b, "%0A");
        else if (c == ']')
            buf_add_cstr(&b, "%5D");
        else
            buf_add_ch(&b, c);
    }
    return arena_str(a, buf_str(&b));
}

static struct str unquoted(struct str s)
{
    while (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        s = str_sub(s, 1, s.n - 1);
    return s;
}

/* https://user:password@host */
static struct str password_of(struct str url)
{
    ssize_t scheme = str_find(url, STR("://"));
    if (scheme < 0)
        return STR_NONE;
    struct str rest = str_from_index(url, (size_t)scheme + 3);
    ssize_t slash = str_find_ch(rest, '/');
    struct str authority = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash), user, password;
    ssize_t at = str_rfind_ch(authority, '@');
    if (at < 0 || !str_cut(str_sub(authority, 0, (size_t)at), ':', &user, &password))
        return STR_NONE;
    return password;
}

/* ---- passwords in what a step prints, whether anybody called them secret or not ---- */

static size_t run_of(struct str s, size_t from, const char *stops)
{
    size_t n = 0;
    while (from + n < s.n && (unsigned char)s.p[from + n] > ' ' && strchr(stops, s.p[from + n]) == NULL)
        n++;
    return n;
}

/* Behind ://, is there user:password@? Where the password begins, and how long it is; 0: there is none. */
static size_t password_at(struct str s, size_t from, size_t *ret_at)
{
    size_t user = run_of(s, from, ":/@?#\"");
    if (user == 0 || from + user >= s.n || s.p[from + user] != ':')
        return 0;
    *ret_at = from + user + 1;
    size_t n = run_of(s, *ret_at, ":/@?#\"");
    return *ret_at + n < s.n && s.p[*ret_at + n] == '@' ? n : 0;
}

bool az_hide_passwords(struct str text, struct buf *into)
{
    bool hidden = false;
    size_t shown = 0, at = 0, password;
    ssize_t scheme;
    while ((scheme = str_find(str_from_index(text, at), STR("://"))) >= 0) {
        at += (size_t)scheme + 3;
        size_t n = password_at(text, at, &password);
        if (n == 0)
            continue;
        buf_add(into, str_sub(text, shown, password));
        buf_add_cstr(into, "***");
        hidden = true;
        shown = at = password + n;
    }
    if (hidden)
        buf_add(into, str_from_index(text, shown));
    return hidden;
}

/* ---- what a job knows as secret ---- */

void az_mask(struct az_run *r, struct str secret)
{
    CLEAN(arena) struct arena *a = arena_new();
    remember(r, secret);
    remember(r, unquoted(str_trim(secret)));
    remember(r, password_of(secret));
    remember(r, escaped(a, secret, false));
    remember(r, escaped(a, secret, true));
}

void az_mask_vars(struct az_run *r, const struct az_vars *v)
{
    for (size_t i = 0; i < v->map.n; i++) {
        const struct az_var *x = v->map.entries[i].value;
        if (x->secret)
            az_mask(r, x->value);
    }
}

/* ---- secrets that leave a job as outputs ---- */

void az_secret_output(struct az_run *r, struct str secret)
{
    struct az_model *m = r->az->job->model;
    vec_push_in(r->leg->job->plan->arena, &m->secrets, arena_str(r->leg->job->plan->arena, secret));
}

/* A job's variable that holds one is a secret, too. */
void az_secret_inputs(struct az_run *r)
{
    struct az_vars *vars = &az_agent(r)->raw;
    for (size_t i = 0; i < r->model->secrets.n; i++) {
        struct str secret = r->model->secrets.p[i];
        az_mask(r, secret);
        for (size_t k = 0; k < vars->map.n; k++) {
            struct az_var *v = vars->map.entries[k].value;
            v->secret = v->secret || (str_trim(secret).n > 0 && str_find(v->value, secret) >= 0);
        }
    }
}
