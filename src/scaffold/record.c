/*
 * Changes are found by the places of the keys, made on the text, and proved: the new text is read again and must tell
 * what was asked for. Whatever form somebody gave to the file, a change is right or refused.
 */
#include "scaffold/record.h"

#include "doc/toml.h"
#include "scaffold/record_priv.h"

#include <openssl/evp.h>

#define RECORD_MAX ((size_t)2 << 20)
#define ITEMS_MAX 16

/* ---- reading ---- */

int record_read(struct arena *a, const struct sources *s, uint32_t file, struct diags *d, struct record *ret)
{
    map_init(&ret->places, a, MAP_CASE);
    ret->text = sources_text(s, file);
    ret->root = toml_read_places(a, s, file, d, &ret->places);
    return ret->root ? 0 : -EINVAL;
}

static const struct value *scaffold_table(const struct record *r)
{
    return value_get(r->root, STR("scaffold"));
}

static const struct value *answers_table(const struct record *r)
{
    const struct value *answers = value_get(scaffold_table(r), STR("answers"));
    return answers && answers->kind == VALUE_OBJECT ? answers : NULL;
}

bool record_has_answers(const struct record *r)
{
    return answers_table(r) != NULL;
}

static int read_text(const struct value *answers, const char *key, struct str *ret, struct err *e)
{
    const struct value *v = value_get(answers, str_from(key));
    if (v && v->kind != VALUE_STRING)
        return err_set(e, EINVAL, "'%s' of [scaffold.answers] is text in quotes", key);
    if (v)
        *ret = v->string;
    return 0;
}

static int read_list(struct arena *a, const struct value *answers, const char *key, struct strs *ret, struct err *e)
{
    const struct value *v = value_get(answers, str_from(key));
    struct strs list = {0};
    bool fits = !v || v->kind == VALUE_ARRAY;
    for (size_t i = 0; fits && v && i < v->array.n; i++) {
        fits = v->array.p[i]->kind == VALUE_STRING;
        if (fits)
            vec_push_in(a, &list, v->array.p[i]->string);
    }
    if (!fits)
        return err_set(e, EINVAL, "'%s' of [scaffold.answers] is a list of texts in quotes", key);
    *ret = list;
    return 0;
}

static int read_texts(const struct value *answers, struct answers *x, struct err *e)
{
    struct {
        const char *key;
        struct str *slot;
    } const texts[] = {
        {"name", &x->name},       {"distribution", &x->distribution}, {"package", &x->package},
        {"author", &x->author},   {"description", &x->description},   {"owner", &x->owner},
        {"licence", &x->licence},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int r = read_text(answers, texts[i].key, texts[i].slot, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool flag_of(const struct value *table, const char *key)
{
    const struct value *v = value_get(table, str_from(key));
    return v && v->kind == VALUE_BOOL && v->boolean;
}

int record_answers(struct arena *a, const struct record *r, struct answers *ret, struct err *e)
{
    const struct value *table = scaffold_table(r), *answers = answers_table(r), *year;
    struct answers x = {.like_seed = flag_of(table, "like-seed"), .branches = flag_of(table, "branches")};
    struct str template = value_get_str(table, "template");
    if (template.n > 0 && !str_is(template, "python"))
        return err_set(e, EINVAL, "the project was made from the template '%.*s', which this slipway does not have",
                       STR_ARG(template));
    int rc = read_texts(answers, &x, e);
    if (rc == 0)
        rc = read_list(a, answers, "pythons", &x.pythons, e);
    if (rc == 0)
        rc = read_list(a, answers, "services", &x.services, e);
    if (rc < 0)
        return rc;
    year = value_get(answers, STR("year"));
    if (year && year->kind == VALUE_NUMBER && year->number >= 0 && year->number <= 9999)
        x.year = (int64_t)year->number;
    if (value_get(answers, STR("services")) && x.services.n == 0)
        vec_push_in(a, &x.services, STR("none"));
    rc = answers_complete(a, &x, e);
    if (rc == 0)
        *ret = x;
    return rc;
}

/* ---- a file's line ---- */

static int add_hash(struct buf *b, struct str text, struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(text.p, text.n, digest, &n, EVP_sha256(), NULL) != 1)
        return err_set(e, ENOSYS, "libcrypto refuses to compute SHA-256");
    buf_add_cstr(b, "sha256:");
    for (unsigned i = 0; i < n; i++)
        buf_printf(b, "%02x", digest[i]);
    return 0;
}

int record_line(struct arena *a, const struct scaffold_file *file, struct str *ret, struct err *e)
{
    CLEAN(buf) struct buf line = BUF(BUF_LINE);
    buf_add_json(&line, file->path);
    buf_add_cstr(&line, " = \"");
    int r = add_hash(&line, file->text, e);
    buf_add_ch(&line, '"');
    if (r == 0)
        *ret = arena_str(a, buf_str(&line));
    return r;
}

/* ---- the words of the text ---- */

struct piece {
    size_t from, to;
};

/* Edits in ascending order; those of one place in the order in which they were added. */
struct edit {
    struct piece at;
    struct str text;
    size_t order;
};
struct edits {
    struct edit *p;
    size_t n, cap;
};

static void add_edit(struct arena *a, struct edits *edits, size_t from, size_t to, struct str text)
{
    struct edit edit = {{from, to}, text, edits->n};
    vec_push_in(a, edits, edit);
}

static int by_place(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;
    if (x->at.from != y->at.from)
        return x->at.from < y->at.from ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static struct str apply(struct arena *a, struct str text, struct edits *edits)
{
    CLEAN(buf) struct buf out = BUF(RECORD_MAX);
    size_t done = 0;
    if (edits->n > 1)
        qsort(edits->p, edits->n, sizeof *edits->p, by_place);
    for (size_t i = 0; i < edits->n; i++) {
        const struct edit *edit = &edits->p[i];
        buf_add(&out, str_sub(text, done, edit->at.from));
        buf_add(&out, edit->text);
        done = edit->at.to;
    }
    buf_add(&out, str_from_index(text, done));
    return arena_str(a, buf_str(&out));
}

/* Behind the string that begins at `at`, which is a quote. */
static size_t string_end(struct str text, size_t at)
{
    char quote = text.p[at++];
    while (at < text.n && text.p[at] != quote && text.p[at] != '\n')
        at += quote == '"' && text.p[at] == '\\' ? 2 : 1;
    return at < text.n ? at + 1 : text.n;
}

static size_t line_end(struct str text, size_t at)
{
    ssize_t end = str_find_from(text, at, STR("\n"));
    return end < 0 ? text.n : (size_t)end + 1;
}

static size_t line_start(struct str text, size_t at)
{
    while (at > 0 && text.p[at - 1] != '\n')
        at--;
    return at;
}

/* The strings of the array whose key ends at `at`; *ret_open is behind its bracket. At most ITEMS_MAX are told. */
static size_t find_items(struct str text, size_t at, struct piece *items, size_t *ret_open)
{
    size_t n = 0;
    while (at < text.n && text.p[at] != '[')
        at++;
    *ret_open = at < text.n ? ++at : at;
    while (at < text.n && text.p[at] != ']') {
        char c = text.p[at];
        if (c == '#') {
            at = line_end(text, at);
        } else if (c == '"' || c == '\'') {
            size_t end = string_end(text, at);
            if (n < ITEMS_MAX)
                items[n++] = (struct piece){at, end};
            at = end;
        } else {
            at++;
        }
    }
    return n;
}

static bool has_word(const struct strs *list, struct str word)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->p[i], word))
            return true;
    return false;
}

/* The place of a service in the order of struct answers, as far as `all` has it. */
static size_t rank(const struct strs *all, struct str quoted)
{
    for (size_t i = 0; i < all->n; i++)
        if (quoted.n > 1 && str_eq(str_sub(quoted, 1, quoted.n - 1), all->p[i]))
            return i;
    return all->n;
}

struct change {
    struct arena *a;
    const struct record *r;
    struct edits edits;
};

/* Puts what the list lacks where `new` would have put it: before the first service that comes later, else behind all.
 */
static void change_services(struct change *c, const struct strs *services)
{
    const struct map *answers = &answers_table(c->r)->object;
    const struct map_entry *entry = map_find(answers, STR("services"));
    struct piece items[ITEMS_MAX];
    struct strs had;
    if (!entry || read_list(c->a, answers_table(c->r), "services", &had, NULL) < 0)
        return; /* no list: every service is one of the project's */
    struct span key = toml_key_span(&c->r->places, entry->key);
    size_t open, n = find_items(c->r->text, key.off + key.len, items, &open);
    bool none = n == 1 && had.n == 1 && str_is(had.p[0], "none"), first = n == 0 || none;
    if (none)
        add_edit(c->a, &c->edits, items[0].from, items[0].to, STR(""));
    for (size_t i = 0; i < services->n; i++) {
        struct str word = services->p[i];
        size_t k = 0;
        if (has_word(&had, word))
            continue;
        while (k < n && !none && rank(services, str_sub(c->r->text, items[k].from, items[k].to)) < i)
            k++;
        size_t at = n == 0 ? open : none || k == n ? items[n - 1].to : items[k].from;
        bool before = !none && k < n;
        add_edit(c->a, &c->edits, at, at,
                 arena_printf(c->a, "%s\"%.*s\"%s", first || before ? "" : ", ", STR_ARG(word), before ? ", " : ""));
        first = false;
    }
}

/* The end of the text's own lines. */
static struct str newline(const struct record *r)
{
    return str_find(r->text, STR("\r\n")) >= 0 ? STR("\r\n") : STR("\n");
}

static void insert_line(struct change *c, size_t at, struct str line)
{
    struct str text = c->r->text, end = newline(c->r);
    bool open = at > 0 && text.p[at - 1] != '\n'; /* the last line has no end of its own */
    add_edit(c->a, &c->edits, at, at,
             arena_printf(c->a, "%.*s%.*s%.*s", STR_ARG(open ? end : STR("")), STR_ARG(line),
                          STR_ARG(open ? STR("") : end)));
}

/* Where a new line goes: before the first path that sorts behind it, else behind the last one. */
static size_t place_for(const struct change *c, const struct map *listed, struct str path)
{
    struct str text = c->r->text;
    size_t behind = 0;
    for (size_t i = 0; i < listed->n; i++) {
        struct span key = toml_key_span(&c->r->places, listed->entries[i].key);
        if (str_cmp(listed->entries[i].key, path) > 0)
            return line_start(text, key.off);
        behind = line_end(text, key.off);
    }
    return behind;
}

static int change_file(struct change *c, const struct map *listed, const struct scaffold_file *file, struct err *e)
{
    struct str line = STR_NONE, key_text, hash;
    int r = record_line(c->a, file, &line, e);
    if (r < 0)
        return r;
    const struct map_entry *entry = map_find(listed, file->path);
    if (!entry) {
        insert_line(c, place_for(c, listed, file->path), line);
        return 0;
    }
    str_cut(line, '=', &key_text, &hash);
    hash = str_trim(hash);
    const struct value *had = entry->value;
    if (had->kind == VALUE_STRING && str_eq(had->string, str_sub(hash, 1, hash.n - 1)))
        return 0;
    struct span key = toml_key_span(&c->r->places, entry->key);
    size_t from = key.off + key.len;
    while (from < c->r->text.n && c->r->text.p[from] != '"' && c->r->text.p[from] != '\'')
        from++;
    if (from < c->r->text.n)
        add_edit(c->a, &c->edits, from, string_end(c->r->text, from), hash);
    return 0;
}

/* A table without a line: the lines go behind its header, or the header comes with them. */
static int change_no_files(struct change *c, const struct scaffold_file *files, size_t n, struct err *e)
{
    const struct map_entry *header = map_find(&c->r->root->object, STR("files"));
    size_t at = c->r->text.n;
    if (header) {
        struct span key = toml_key_span(&c->r->places, header->key);
        at = line_end(c->r->text, key.off);
    } else {
        insert_line(c, at, arena_printf(c->a, "%.*s[files]", STR_ARG(newline(c->r))));
    }
    for (size_t i = 0; i < n; i++) {
        struct str line = STR_NONE;
        int r = record_line(c->a, &files[i], &line, e);
        if (r < 0)
            return r;
        insert_line(c, at, line);
    }
    return 0;
}

/* ---- the proof ---- */

static int refuse(struct err *e)
{
    return err_set(e, EINVAL,
                   "slipway.toml is written in a form that cannot be changed here: put the service into 'services' of "
                   "[scaffold.answers] by hand");
}

static int prove(struct arena *a, struct str text, const struct answers *x, const struct scaffold_file *files, size_t n,
                 struct err *e)
{
    CLEAN(sources) struct sources *s = sources_new();
    struct diags d;
    struct record r;
    struct answers y = {0};
    diags_init(&d, a, s);
    if (record_read(a, s, sources_add(s, STR("slipway.toml"), text), &d, &r) < 0 || !record_has_answers(&r) ||
        record_answers(a, &r, &y, NULL) < 0 || y.services.n != x->services.n)
        return refuse(e);
    for (size_t i = 0; i < x->services.n; i++)
        if (!str_eq(x->services.p[i], y.services.p[i]))
            return refuse(e);
    const struct value *listed = value_get(r.root, STR("files"));
    for (size_t i = 0; i < n; i++) {
        CLEAN(buf) struct buf hash = BUF(BUF_LINE);
        const struct value *has = value_get(listed, files[i].path);
        int rc = add_hash(&hash, files[i].text, e);
        if (rc < 0)
            return rc;
        if (!has || has->kind != VALUE_STRING || !str_eq(has->string, buf_str(&hash)))
            return refuse(e);
    }
    return 0;
}

int record_change(struct arena *a, const struct record *r, const struct answers *x, const struct scaffold_file *files,
                  size_t n, struct str *ret, struct err *e)
{
    struct change c = {.a = a, .r = r};
    const struct value *listed = value_get(r->root, STR("files"));
    int rc = 0;
    if (listed && listed->kind != VALUE_OBJECT)
        return refuse(e);
    change_services(&c, &x->services);
    if (!listed || listed->object.n == 0)
        rc = change_no_files(&c, files, n, e);
    for (size_t i = 0; rc == 0 && listed && listed->object.n > 0 && i < n; i++)
        rc = change_file(&c, &listed->object, &files[i], e);
    if (rc < 0)
        return rc;
    struct str text = apply(a, r->text, &c.edits);
    rc = prove(a, text, x, files, n, e);
    if (rc == 0)
        *ret = text;
    return rc;
}
