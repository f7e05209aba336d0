/*
 * provider/codebuild/cb_keys.c - access key ids never show (specification 3, env: the service hides them in its logs).
 *
 * What looks like one (AKIA or ASIA and sixteen capitals and digits) is hidden from the moment that it is seen: in a
 * variable, in a command, in a line of output. A variable with the name of a credential is hidden whole, unless it is
 * too short to be one: "test" would blank half of a log.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#define KEY_LEN 20
#define KEYS_MAX 100 /* of one build: who prints more makes them up */

static bool is_key_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_word_char(char c)
{
    return is_key_char(c) || (c >= 'a' && c <= 'z');
}

static bool is_key_at(struct str text, size_t i)
{
    size_t end = i + KEY_LEN;
    if (end > text.n || (i > 0 && is_word_char(text.p[i - 1])) || (end < text.n && is_word_char(text.p[end])))
        return false;
    for (size_t k = i + 4; k < end; k++)
        if (!is_key_char(text.p[k]))
            return false;
    return true;
}

static void hide(struct cb_run *r, struct str key)
{
    if (r->n_keys == KEYS_MAX)
        return;
    r->n_keys++;
    r->host->mask(r->host->ctx, key);
}

void cb_hide_keys(struct cb_run *r, struct str text)
{
    static const char *const HEADS[] = {"AKIA", "ASIA"};
    for (size_t h = 0; h < ARRAY_LEN(HEADS); h++) {
        struct str rest = text;
        for (ssize_t at; (at = str_find(rest, str_from(HEADS[h]))) >= 0;) {
            size_t i = text.n - rest.n + (size_t)at;
            if (is_key_at(text, i))
                hide(r, str_sub(text, i, i + KEY_LEN));
            rest = str_from_index(text, i + 4);
        }
    }
}

static void hide_in_list(struct cb_run *r, const struct cb_texts *list)
{
    for (size_t i = 0; i < list->n; i++)
        cb_hide_keys(r, list->p[i].text);
}

void cb_hide_in_commands(struct cb_run *r)
{
    for (size_t i = 0; i < CB_PHASES; i++) {
        hide_in_list(r, &r->spec->phases[i].commands);
        hide_in_list(r, &r->spec->phases[i].finally);
    }
}

void cb_hide_credential(struct cb_run *r, struct str name, struct str text)
{
    static const char *const NAMES[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_ends(name, str_from(NAMES[i])) && text.n >= 16)
            hide(r, text);
    cb_hide_keys(r, text);
}
