/*
 * provider/azure/value_priv.h - the one type of Azure Pipelines: a tree of what a file says and of what expressions
 * are.
 *
 * Nouns: a value is a scalar, an array or an object, with the place that it came of; a frame is the use of one file
 * (the root's, or that of a `template:`), and frames lead to the root, so that an error can say through which files.
 * What a file says begins as strings (a value with `plain`: a plain scalar); expressions and parameters make booleans
 * and numbers of them. Values live in an arena and are not changed once they are shared. Specification
 * 2, 5.1, 6.2, 6.4.
 */
#pragma once
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/mem.h"
#include "doc/diag.h"

enum az_kind { AZ_NULL, AZ_BOOL, AZ_NUMBER, AZ_STRING, AZ_VERSION, AZ_DATETIME, AZ_ARRAY, AZ_OBJECT };

/* A repository that templates come from (resources.repositories); the pipeline's own has no alias. */
struct az_repo {
    struct str alias; /* "self" for the pipeline's own */
    struct str type;  /* "git", "github", "githubenterprise", "bitbucket"; empty: self */
    struct str repo;  /* "owner/name", as facts->read_file and OP_FETCH ask; empty: this work tree */
    struct str ref;   /* "refs/heads/main", a tag, a commit; empty: self */
    struct span span; /* where it is declared */
};
/* "main" of "refs/heads/main": how a repository is asked for, by templates and by checkouts. */
struct str az_short_ref(struct str ref);

struct az_frame {
    const struct az_frame *parent; /* NULL: the root */
    struct span at;                /* of the reference (the value of `template:`), in the parent's file */
    struct str path;               /* of the file, from the root of its repository, without a leading slash */
    const struct az_repo *repo;
    unsigned depth; /* 0: the root */
};

struct az_value;
struct az_pair {
    struct az_value *key; /* AZ_STRING, with the key's place */
    struct az_value *value;
};

#define AZ_VERSION_PARTS 4
struct az_value {
    enum az_kind kind;
    bool plain; /* AZ_STRING: written as a plain scalar, whose text may be a number or a boolean in object parameters */
    bool fold;  /* AZ_OBJECT: a context, whose keys are found in any case */
    bool spread;      /* AZ_ARRAY: it came of `.*`: members are looked up in each (specification 6.4) */
    bool failed;      /* AZ_NULL: an expression that did not come out, which was told; text is it, as it was written */
    struct span span; /* SPAN_NONE: made by an expression of nothing that was written */
    const struct az_frame *frame; /* of span; NULL with SPAN_NONE */
    const struct doc_node *node;  /* the scalar or container of the file that it is, for doc_span_in; or NULL */
    struct str text;              /* AZ_STRING */
    union {
        bool boolean;
        double number;
        struct {
            int32_t part[AZ_VERSION_PARTS];
            unsigned n; /* 2 to 4 */
        } version;
        struct {
            int64_t ms; /* since 1970, UTC */
            int offset_min;
        } datetime;
        struct {
            struct az_value **p;
            size_t n, cap;
        } array;
        struct {
            struct az_pair *p; /* in the order of the file; keys are unique but for directives */
            size_t n, cap;
            struct map *index; /* of large ones, made by az_get; or NULL */
        } object;
    };
};

/* ---- making ---- */

struct az_value *az_null(void); /* one shared constant */
struct az_value *az_bool(struct arena *a, bool b);
struct az_value *az_number(struct arena *a, double d);
struct az_value *az_string(struct arena *a, struct str text); /* borrows text, which must live as long */
struct az_value *az_array(struct arena *a);
struct az_value *az_object(struct arena *a, bool fold);
void az_push(struct arena *a, struct az_value *array, struct az_value *item);
/* Replaces the value of a key that is there (by the object's own case rule), else adds it. */
void az_set(struct arena *a, struct az_value *object, struct str key, struct az_value *value);
/* Adds a pair as it is, with its key's place: what readers of files use. */
void az_add(struct arena *a, struct az_value *object, struct az_value *key, struct az_value *value);
/* The same value, said to stand elsewhere. */
struct az_value *az_at(struct arena *a, const struct az_value *v, const struct az_value *place);

/* ---- asking ---- */

/* The member by the object's case rule, or NULL; NULL also of what is no object (or NULL). */
struct az_value *az_get(const struct az_value *v, struct str key);
/* In any case, whatever the object's rule. */
struct az_value *az_get_nocase(const struct az_value *v, const char *key);
/* "Null", "Boolean", "Number", "String", "Version", "DateTime", "Array", "Object": as the service's messages say. */
const char *az_kind_name(enum az_kind k);
static inline bool az_is_scalar(const struct az_value *v)
{
    return v->kind < AZ_ARRAY;
}

/* ---- casts (specification 6.2) ---- */

bool az_truth(const struct az_value *v);
/* Text of a scalar: True, 1.5, 1.2.3; -EINVAL "Unable to convert from Object to String" for the others. */
int az_text(struct arena *a, const struct az_value *v, struct str *ret, struct err *e);
/* As az_text, for scalars only: what is none gives "". */
struct str az_scalar(struct arena *a, const struct az_value *v);
int az_to_number(const struct az_value *v, double *ret, struct err *e);
/* "1.2.3" to a version of 2 to 4 parts; false: it is none. */
bool az_version_read(struct str text, struct az_value *ret);
/* The number that a text is: sign, blanks around, thousands; false: none. */
bool az_number_read(struct str text, double *ret);
/* true and false in any case. */
bool az_bool_read(struct str text, bool *ret);
/* The schema's booleans: true y yes on, false n no off, in any case (specification 2). */
bool az_schema_bool(struct str text, bool *ret);
/* What convertToJson says: two spaces, LF. -E2BIG past `max` bytes. */
int az_add_json(struct buf *b, const struct az_value *v, struct err *e);
/* One JSON text (matrices, object parameters) as a value; -EINVAL with a sentence. */
int az_from_json(struct arena *a, struct str text, struct az_value **ret, struct err *e);

/* ---- telling (az_tell.c) ---- */

/* As diag_error at the value's place, with a note for each file that leads to it. v may be NULL: nowhere. */
void az_error(struct diags *d, const char *code, const struct az_value *v, const char *fmt, ...) PRINTF_LIKE(4, 5);
void az_warning(struct diags *d, const char *code, const struct az_value *v, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same at a part of a scalar's text: `at` bytes in, `len` long. */
void az_error_in(struct diags *d, const char *code, const struct az_value *v, size_t at, size_t len, const char *fmt,
                 ...) PRINTF_LIKE(6, 7);
/* As diag_hint, for what was told last, before the notes of the files that lead to it. */
void az_hint(struct diags *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
