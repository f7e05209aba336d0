/*
 * gb_subst.c - the grammar of substitutions: keys in fields, names of built-ins.
 *
 * Read from left to right: "$$" is a $; "$KEY" and "${KEY}" are keys, where KEY is [A-Z_][A-Z0-9_]*, as long as it can
 * be; any other $ stays. So a shell's $(date), $1, $?, $x and ${x} are left alone.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_subst_priv.h"

static bool starts_key(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool goes_on(char c)
{
    return starts_key(c) || (c >= '0' && c <= '9');
}

/* The key that begins with the $ at `at`; false: the $ is an ordinary one. */
static bool key_at(struct str text, size_t at, struct gb_found *ret)
{
    bool braced = at + 1 < text.n && text.p[at + 1] == '{';
    size_t begin = at + (braced ? 2 : 1), end = begin;
    if (begin >= text.n || !starts_key(text.p[begin]))
        return false;
    while (end < text.n && goes_on(text.p[end]))
        end++;
    if (braced && (end >= text.n || text.p[end] != '}'))
        return false;
    *ret = (struct gb_found){at, end + (braced ? 1 : 0), str_sub(text, begin, end)};
    return true;
}

bool gb_find_key(struct str text, size_t *from, struct gb_found *ret)
{
    for (size_t i = *from; i < text.n; i++) {
        ssize_t next = str_find_ch(str_from_index(text, i), '$');
        if (next < 0)
            break;
        i += (size_t)next;
        bool escaped = i + 1 < text.n && text.p[i + 1] == '$';
        if (escaped)
            *ret = (struct gb_found){.at = i, .end = i + 2};
        if (escaped || key_at(text, i, ret)) {
            *from = ret->end;
            return true;
        }
    }
    *from = text.n;
    return false;
}

void gb_each_key(struct str text, void (*each)(void *ctx, struct str name, size_t at, size_t len), void *ctx)
{
    struct gb_found key;
    for (size_t from = 0; gb_find_key(text, &from, &key);)
        if (key.name.n > 0)
            each(ctx, key.name, key.at, key.end - key.at);
}

int gb_substitute_text(const struct gb_values *v, struct str text, struct str *ret, struct err *e)
{
    CLEAN(buf) struct buf b = BUF(GB_TEXT_MAX);
    struct gb_found key;
    size_t done = 0;
    for (size_t from = 0; gb_find_key(text, &from, &key); done = key.end) {
        buf_add(&b, str_sub(text, done, key.at));
        buf_add(&b, key.name.n > 0 ? map_get_str(&v->values, key.name) : STR("$"));
    }
    if (done == 0) { /* nothing to replace */
        *ret = text;
        return 0;
    }
    buf_add(&b, str_from_index(text, done));
    if (b.over)
        return err_set(e, E2BIG, "with its substitutions the text is longer than 64 KiB");
    *ret = arena_str(v->arena, buf_str(&b));
    return 0;
}

/* ---- names ---- */

/* In the order of the service's documentation; those that --substitutions may set come last. */
static const char *const builtins[] = {
    "PROJECT_ID",
    "BUILD_ID",
    "PROJECT_NUMBER",
    "LOCATION",
    "TRIGGER_NAME",
    "TRIGGER_BUILD_CONFIG_PATH",
    "SERVICE_ACCOUNT_EMAIL",
    "SERVICE_ACCOUNT",
    "COMMIT_SHA",
    "REVISION_ID",
    "SHORT_SHA",
    "REPO_NAME",
    "REPO_FULL_NAME",
    "BRANCH_NAME",
    "TAG_NAME",
    "REF_NAME",
};

bool gb_is_builtin(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (str_is(name, builtins[i]))
            return true;
    return false;
}

bool gb_is_overridable(struct str name)
{
    return gb_is_builtin(name) && !str_is(name, "PROJECT_ID") && !str_is(name, "BUILD_ID");
}

bool gb_is_user_key(struct str name)
{
    if (name.n < 2 || name.p[0] != '_')
        return false;
    for (size_t i = 1; i < name.n; i++)
        if (!goes_on(name.p[i]))
            return false;
    return true;
}

bool gb_is_pull_request_key(struct str name)
{
    return str_is(name, "_HEAD_BRANCH") || str_is(name, "_BASE_BRANCH") || str_is(name, "_HEAD_REPO_URL") ||
           str_is(name, "_PR_NUMBER");
}
