/*
 * gb_validate_names.c - artifacts, and what can only be told when substitutions are in: names of images, tags, buckets.
 *
 * A file is checked before anybody knows what its keys stand for. Then a name is wrong only if nothing that its keys
 * could be would make it right: stand-ins are tried: a word that fits as a part of a name, a tag, a port, and
 * a bucket.
 */
#include "core/base.h"
#include "core/vec.h"
#include "provider/cloudbuild/gb_validate_priv.h"

#define NAME_MIN 2
#define NAME_MAX 255
#define TAG_LENGTH 128
#define DIGEST_LENGTH 64

/* ---- names of images: go-containerregistry's reading [S] ---- */

static bool holds_only(struct str s, const char *more, bool upper)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (upper && c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && strchr(more, c) == NULL)
            return false;
    }
    return true;
}

static bool has_upper(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static const char *digest_fault(struct str digest)
{
    struct str hex = str_from_index(digest, strlen("sha256:"));
    if (!str_starts(digest, STR("sha256:")))
        return "a digest is sha256: with 64 hexadecimal digits behind it";
    for (size_t i = 0; i < hex.n; i++)
        if (strchr("0123456789abcdef", hex.p[i]) == NULL)
            return "a digest has lower-case hexadecimal digits only";
    return hex.n == DIGEST_LENGTH ? NULL : "a digest has 64 hexadecimal digits";
}

static const char *repository_fault(struct str name)
{
    struct str registry, rest = name;
    if (str_cut(name, '/', &registry, &rest) &&
        (str_find_ch(registry, '.') >= 0 || str_find_ch(registry, ':') >= 0 || str_is(registry, "localhost"))) {
        if (!holds_only(registry, ".:-", true))
            return "its registry is no host";
    } else {
        rest = name;
    }
    if (rest.n == 0)
        return "there is nothing between the registry and the tag";
    if (has_upper(rest))
        return "names of images are lower case";
    if (!holds_only(rest, "_-./", false))
        return "letters, digits, '_', '-', '.' and '/' are allowed in it";
    return rest.n < NAME_MIN ? "it is too short" : rest.n > NAME_MAX ? "it is too long" : NULL;
}

static const char *tag_fault(struct str tag)
{
    if (tag.n == 0)
        return "there is no tag behind the colon";
    if (tag.n > TAG_LENGTH)
        return "its tag is too long";
    return holds_only(tag, "_-.", true) ? NULL : "letters, digits, '_', '-' and '.' are allowed in a tag";
}

const char *gb_image_fault(struct str name)
{
    struct str base = name, digest;
    const char *fault = NULL;
    if (name.n == 0)
        return "it is empty";
    if (str_cut(name, '@', &base, &digest))
        fault = digest_fault(digest);
    ssize_t colon = str_rfind_ch(base, ':');
    if (fault == NULL && colon >= 0 && str_find_ch(str_from_index(base, (size_t)colon), '/') < 0) {
        fault = tag_fault(str_from_index(base, (size_t)colon + 1));
        base = str_sub(base, 0, (size_t)colon);
    }
    return fault != NULL ? fault : repository_fault(base);
}

static const char *tag_of_build_fault(struct str tag)
{
    if (tag.n == 0) /* the service drops it */
        return NULL;
    if (tag.n > TAG_LENGTH)
        return "it has more than 128 characters";
    if (tag.p[0] == '.' || tag.p[0] == '-' || !holds_only(tag, "_-.", true))
        return "letters, digits, '_', '.' and '-' are allowed, the last two not in front";
    return NULL;
}

static const char *location_fault(struct str location)
{
    return str_starts(location, STR("gs://")) && location.n > strlen("gs://") ? NULL : "it must begin with gs://";
}

/* ---- with values, or without ---- */

struct names {
    struct diags *d;
    const struct gb_values *v; /* NULL: not known yet */
};

static struct str with_stand_in(struct arena *a, struct str text, struct str stand_in)
{
    CLEAN(buf) struct buf b = BUF(GB_TEXT_MAX);
    struct gb_found key;
    size_t done = 0;
    for (size_t from = 0; gb_find_key(text, &from, &key); done = key.end) {
        buf_add(&b, str_sub(text, done, key.at));
        buf_add(&b, key.name.n > 0 ? stand_in : STR("$"));
    }
    buf_add(&b, str_from_index(text, done));
    return arena_str(a, buf_str(&b));
}

static bool has_key(struct str text)
{
    struct gb_found key;
    size_t from = 0;
    while (gb_find_key(text, &from, &key))
        if (key.name.n > 0)
            return true;
    return false;
}

static const char *fault_of(const struct names *x, const struct gb_text *t, const char *(*rule)(struct str))
{
    struct str text = t->text;
    if (x->v != NULL)
        return rule(text);
    ssize_t at = str_find_ch(text, '@');
    if (rule == gb_image_fault && at > 0 && has_key(str_from_index(text, (size_t)at)))
        text = str_sub(text, 0, (size_t)at); /* a digest that nobody knows yet */
    const char *fault = rule(with_stand_in(x->d->arena, text, STR("000")));
    if (fault != NULL && rule(with_stand_in(x->d->arena, text, STR("gs://000"))) == NULL)
        return NULL;
    return fault;
}

/* Says which keys of the text as it was written left nothing behind, and why. */
static bool hint_empty(const struct names *x, const struct gb_text *t)
{
    struct gb_found key;
    struct str first = STR_NONE;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t from = 0; x->v != NULL && gb_find_key(t->node->text, &from, &key);) {
        if (key.name.n == 0 || map_get_str(&x->v->values, key.name).n > 0)
            continue;
        first = first.n > 0 ? first : key.name;
        buf_printf(&b, "%s$%.*s", b.n > 0 ? ", " : "", STR_ARG(key.name));
    }
    if (b.n == 0)
        return false;
    if (!x->v->loose && gb_is_builtin(first))
        diag_hint(x->d, "only a trigger knows %s, by hand it is empty: give it with --substitutions %.*s=VALUE",
                  buf_cstr(&b), STR_ARG(first));
    else
        diag_hint(x->d, "%s is empty in this start", buf_cstr(&b));
    return true;
}

static void check(const struct names *x, const struct gb_text *t, const char *(*rule)(struct str), const char *code,
                  const char *what)
{
    const char *fault = fault_of(x, t, rule);
    if (fault == NULL)
        return;
    diag_error(x->d, code, t->node->span, "'%.*s' is no %s: %s", STR_ARG(t->text), what, fault);
    if (!hint_empty(x, t) && rule == gb_image_fault && has_upper(t->text) && str_find_ch(t->text, '$') < 0)
        diag_hint(x->d, "capitals are allowed in a tag only");
}

/*
 * The service takes "a//b", as its own builders show; Docker does not, when the image is pulled or pushed. A file alone
 * is asked for what is written, not for what may be empty.
 */
static void check_parts(const struct names *x, const struct gb_text *t)
{
    struct str s = t->text;
    if (gb_image_fault(s) != NULL || (str_find(s, STR("//")) < 0 && s.p[0] != '/' && s.p[s.n - 1] != '/'))
        return;
    diag_warning(x->d, "GB027", t->node->span, "a part of the name '%.*s' is empty: Docker knows no such image",
                 STR_ARG(s));
    hint_empty(x, t);
}

static void check_image(const struct names *x, const struct gb_text *t)
{
    check(x, t, gb_image_fault, "GB019", "name of an image");
    check_parts(x, t);
}

static void check_images_of(const struct names *x, const struct gb_texts *list)
{
    for (size_t i = 0; i < list->n; i++)
        check_image(x, &list->p[i]);
}

static void check_all(const struct names *x, const struct gb_texts *list, const char *(*rule)(struct str),
                      const char *code, const char *what)
{
    for (size_t i = 0; i < list->n; i++)
        check(x, &list->p[i], rule, code, what);
}

void gb_check_names(const struct gb_build *b, const struct gb_values *v, struct diags *d)
{
    struct names x = {d, v};
    for (size_t i = 0; i < b->n_steps; i++)
        if (b->steps[i].name.node != NULL && b->steps[i].name.node->text.n > 0)
            check_image(&x, &b->steps[i].name);
    check_all(&x, &b->tags, tag_of_build_fault, "GB048", "tag of a build");
    check_images_of(&x, &b->images);
    if (b->images.n == 0) /* else they are the same */
        check_images_of(&x, &b->artifact_images);
    if (b->objects.location.node != NULL && b->objects.location.node->text.n > 0)
        check(&x, &b->objects.location, location_fault, "GB046", "place for objects");
}

/* ---- artifacts ---- */

static bool are_same(const struct gb_texts *a, const struct gb_texts *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->p[i].text, b->p[i].text))
            return false;
    return true;
}

static void check_images(const struct gb_build *b, struct diags *d)
{
    const struct gb_texts *list = b->images.n > 0 ? &b->images : &b->artifact_images;
    if (b->images.n > 0 && b->artifact_images.n > 0 && !are_same(&b->images, &b->artifact_images)) {
        diag_error(d, "GB044", b->artifact_images.p[0].node->span, "images and artifacts.images are not the same");
        diag_note(d, "GB044", b->images.p[0].node->span, "images");
        diag_hint(d, "keep one of the two");
    }
    if (list->n > GB_IMAGES_MAX)
        diag_error(d, "GB045", list->p[GB_IMAGES_MAX].node->span, "there are %zu images, and at most %d are allowed",
                   list->n, GB_IMAGES_MAX);
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i].text.n > GB_NAME_LENGTH)
            diag_error(d, "GB045", list->p[i].node->span, "the name of an image has more than %d characters",
                       GB_NAME_LENGTH);
}

static bool has_space(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
            return true;
    return false;
}

static void check_paths(const struct gb_objects *o, struct diags *d)
{
    const struct gb_texts *paths = &o->paths;
    struct map seen;
    map_init(&seen, d->arena, MAP_CASE);
    if (paths->n > GB_PATHS_MAX)
        diag_error(d, "GB047", paths->p[GB_PATHS_MAX].node->span, "there are %zu paths, and at most %d are allowed",
                   paths->n, GB_PATHS_MAX);
    for (size_t i = 0; i < paths->n; i++) {
        const struct gb_text *t = &paths->p[i], *first = map_get(&seen, t->text);
        map_set(&seen, t->text, (void *)(uintptr_t)t);
        if (has_space(t->text))
            diag_error(d, "GB047", t->node->span, "the path '%.*s' has white space in it", STR_ARG(t->text));
        if (first == NULL)
            continue;
        diag_error(d, "GB047", t->node->span, "the path '%.*s' is there twice", STR_ARG(t->text));
        diag_note(d, "GB047", first->node->span, "the first one");
    }
}

void gb_check_artifacts(const struct gb_build *b, struct diags *d)
{
    const struct gb_objects *o = &b->objects;
    check_images(b, d);
    if (b->tags.n > GB_TAGS_MAX)
        diag_error(d, "GB048", b->tags.p[GB_TAGS_MAX].node->span, "there are %zu tags, and at most %d are allowed",
                   b->tags.n, GB_TAGS_MAX);
    if (!o->present)
        return;
    if (o->location.text.n == 0 && !b->objects_told) {
        diag_error(d, "GB046", gb_at(&o->location, o->span), "objects need a location");
        diag_hint(d, "a bucket, with a folder behind it or without: gs://BUCKET/FOLDER");
    }
    if (o->paths.n == 0 && !b->objects_told)
        diag_error(d, "GB047", o->span, "objects need paths: which files of /workspace are they?");
    check_paths(o, d);
}
