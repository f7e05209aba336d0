/*
 * az_cache_key.c - the keys of Cache@2: segments that are texts, and segments that are files, by their hashes
 * (specification 9.10).
 *
 * A segment of files becomes the SHA-256, in base64, of a line for each file in the order of the bytes of their paths:
 * LF, "SHA256(<path below the workspace>)=[<length>]<hex>". Files are hashed by one process for all segments.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

#include <openssl/evp.h>

#define HASHES_MAX ((size_t)64 << 20)

enum { KEY_FIND, KEY_HASH, KEY_END };

/* ---- what a segment is ---- */

bool az_segment_is_path(struct str s)
{
    if (s.n == 0 || (s.n > 1 && s.p[0] == '"' && s.p[s.n - 1] == '"'))
        return false;
    return (str_find_ch(s, '.') >= 0 || str_find_ch(s, '/') >= 0) && s.p[s.n - 1] != '.';
}

static bool check_segment(struct az_task_run *t, struct str s)
{
    if (str_is(s, "*") || str_is(s, "**"))
        az_fail(t, "`%.*s` is a reserved key segment. For path glob, use `./%.*s`.", STR_ARG(s), STR_ARG(s));
    else if (s.n > 0 && (s.p[0] == '\'' || s.p[0] == '`'))
        az_fail(t, "A key segment cannot start with a %s character: %.*s", s.p[0] == '`' ? "backtick" : "single-quote",
                STR_ARG(s));
    return t->error.n == 0;
}

/* The patterns of a segment, absolute; those that exclude come last, as they always win. */
static void segment_patterns(struct az_task_run *t, struct str segment, struct strs *ret)
{
    struct arena *a = t->run->arena;
    struct str rest = segment, one;
    struct strs excludes = {0};
    while (str_next(&rest, ',', &one)) {
        one = str_trim(one);
        if (one.n > 0 && one.p[0] == '!')
            vec_push_in(a, &excludes, one);
        else if (one.n > 0)
            vec_push_in(a, ret, one);
    }
    if (ret->n == 0)
        az_fail(t, "No include rules specified: %.*s", STR_ARG(segment));
    for (size_t i = 0; i < excludes.n; i++)
        vec_push_in(a, ret, excludes.p[i]);
}

static void add_segment(struct az_task_run *t, struct az_key *k, struct str text)
{
    struct arena *a = t->run->arena;
    struct az_segment s = {.text = text, .files = az_segment_is_path(text)};
    if (!check_segment(t, text))
        return;
    if (s.files) {
        struct strs lines = {0};
        struct str base = az_var(t->run, "System.DefaultWorkingDirectory");
        segment_patterns(t, text, &lines);
        s.search.patterns = az_patterns_new(a, base.n > 0 ? base : t->run->sources, &lines);
        az_patterns_roots(s.search.patterns, &s.search.roots);
    }
    vec_push_in(a, &k->segments, s);
}

void az_key_init(struct az_task_run *t, struct az_key *k, struct str text)
{
    struct str salt = az_var(t->run, "AZP_CACHING_SALT"), one;
    *k = (struct az_key){.text = text};
    if (salt.n > 0)
        add_segment(t, k, arena_printf(t->run->arena, "\"AZP_CACHING_SALT=%.*s\"", STR_ARG(salt)));
    while (str_next(&text, '|', &one))
        if (str_trim(one).n > 0)
            add_segment(t, k, str_trim(one));
    if (t->error.n == 0 && k->segments.n == 0)
        az_fail(t, "Input required: key");
}

/* ---- hashing ---- */

/* As the service's hash has it: links in the way are followed. */
static bool find_next(struct az_task_run *t, struct az_key *k, struct op *op)
{
    for (; k->next < k->segments.n; k->next++)
        if (k->segments.p[k->next].files && az_search_next(t, &k->segments.p[k->next].search, op))
            return true;
    return false;
}

static void hash_op(struct az_task_run *t, struct az_key *k, struct op *op)
{
    static const char SCRIPT[] = "xargs -0 -r sha256sum -z -- <\"$LIST\" >\"$1\"";
    struct az_names names = {0};
    k->hashes = az_temp_path(t->run, ".sha256");
    for (size_t i = 0; i < k->segments.n; i++)
        for (size_t n = 0; n < k->segments.p[i].search.found.n; n++)
            az_names_add(&names, k->segments.p[i].search.found.p[n].path);
    struct str args[] = {k->hashes};
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &names);
    az_op_read(t, op, k->hashes, HASHES_MAX);
}

static bool has_files(const struct az_key *k)
{
    for (size_t i = 0; i < k->segments.n; i++)
        if (k->segments.p[i].search.found.n > 0)
            return true;
    return false;
}

static int by_path(const void *a, const void *b)
{
    const struct az_found *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

/* No file at all is an error; patterns that match none are so, too. */
static void check_found(struct az_task_run *t, struct az_key *k)
{
    for (size_t i = 0; i < k->segments.n; i++) {
        struct az_segment *s = &k->segments.p[i];
        if (s->files && s->search.found.n == 0)
            az_fail(t, "No matching files found for key segment: %.*s", STR_ARG(s->text));
        if (s->search.found.n > 1)
            qsort(s->search.found.p, s->search.found.n, sizeof *s->search.found.p, by_path);
    }
}

static struct str base64_sha256(struct arena *a, struct str text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    MUST(EVP_Digest(text.p, text.n, digest, &n, EVP_sha256(), NULL) == 1);
    buf_add_base64(&b, str_of((const char *)digest, n));
    return arena_str(a, buf_str(&b));
}

/* "<64 hex digits>  <path>\0" each, in the order that they were asked for. */
static bool add_file(struct az_task_run *t, struct buf *b, const struct az_found *file, struct str *hashes)
{
    struct str line, hex;
    if (!str_next(hashes, '\0', &line) || line.n < 66 || !str_eq(str_from_index(line, 66), file->path)) {
        az_fail(t, "%.*s cannot be hashed", STR_ARG(file->path));
        return false;
    }
    CLEAN(buf) struct buf upper = BUF(BUF_LINE);
    hex = str_sub(line, 0, 64);
    for (size_t i = 0; i < hex.n; i++)
        buf_add_ch(&upper, hex.p[i] >= 'a' && hex.p[i] <= 'f' ? (char)(hex.p[i] - 'a' + 'A') : hex.p[i]);
    struct str shown = path_rel(file->path, t->run->root);
    buf_printf(b, "\nSHA256(%.*s)=[%llu]%s", STR_ARG(shown), (unsigned long long)file->size, buf_cstr(&upper));
    az_say(t, "   - %.*s --> %s", STR_ARG(shown), buf_cstr(&upper));
    return true;
}

static void finish(struct az_task_run *t, struct az_key *k, struct str hashes)
{
    CLEAN(buf) struct buf all = BUF(BUF_TEXT);
    for (size_t i = 0; i < k->segments.n && t->error.n == 0; i++) {
        struct az_segment *s = &k->segments.p[i];
        struct str value = s->text;
        az_say(t, " - %.*s [%s]", STR_ARG(s->text), s->files ? "files" : "string");
        if (s->files) {
            CLEAN(buf) struct buf b = BUF(HASHES_MAX);
            for (size_t n = 0; n < s->search.found.n; n++)
                if (!add_file(t, &b, &s->search.found.p[n], &hashes))
                    return;
            value = base64_sha256(t->run->arena, buf_str(&b));
        }
        buf_printf(&all, "%s%.*s", i > 0 ? "|" : "", STR_ARG(value));
    }
    k->fingerprint = arena_str(t->run->arena, buf_str(&all));
    az_say(t, "Resolved to: %.*s", STR_ARG(k->fingerprint));
}

bool az_key_next(struct az_task_run *t, struct az_key *k, struct op *op)
{
    if (k->at == KEY_END || t->error.n > 0)
        return false;
    if (k->at == KEY_FIND && find_next(t, k, op))
        return true;
    if (k->at == KEY_FIND) {
        check_found(t, k);
        if (t->error.n > 0)
            return false;
        k->at = KEY_HASH;
        if (has_files(k)) {
            hash_op(t, k, op);
            return true;
        }
    }
    k->at = KEY_END;
    finish(t, k, STR(""));
    return false;
}

void az_key_exited(struct az_task_run *t, struct az_key *k, const struct op_end *end)
{
    if (k->at == KEY_FIND) {
        az_search_exited(t, &k->segments.p[k->next].search, end);
        return;
    }
    k->at = KEY_END;
    if (!az_batch_good(t, end, "The files of the key could not all be hashed"))
        return;
    if (end->reads[0].p == NULL || end->read_errors[0] != 0)
        az_fail(t, "The hashes of the files of the key cannot be read");
    else
        finish(t, k, end->reads[0]);
}
