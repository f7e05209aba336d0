/*
 * core/value.h - JSON-like values: what payloads, contexts and facts are made of.
 *
 * Values live in an arena and are immutable once shared. Objects keep insertion order; key folding is the map's
 * (github contexts use MAP_NOCASE). Numbers are doubles, as in every expression language that slipway speaks.
 */
#pragma once
#include "core/base.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/map.h"
#include "core/vec.h"

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_STRING, VALUE_ARRAY, VALUE_OBJECT };

struct value {
    enum value_kind kind;
    bool filtered; /* an array that came of `.*` (github expressions 4.8) */
    union {
        bool boolean;
        double number;
        struct str string;
        struct {
            struct value **p;
            size_t n, cap;
        } array;
        struct map object; /* values are struct value * */
    };
};

struct value *value_null(void); /* one shared constant */
struct value *value_bool(struct arena *a, bool b);
struct value *value_number(struct arena *a, double d);
struct value *value_string(struct arena *a, struct str s); /* copies */
struct value *value_array(struct arena *a);
struct value *value_object(struct arena *a, enum map_case fold);
void value_push(struct arena *a, struct value *array, struct value *item);
void value_set(struct value *object, struct str key, struct value *item);
void value_set_str(struct arena *a, struct value *object, const char *key, struct str text);
/* The member or NULL; NULL also when v is NULL or no object. */
struct value *value_get(const struct value *v, struct str key);
/* The member's string, or STR_NONE. */
struct str value_get_str(const struct value *v, const char *key);

/*
 * Reads one JSON text, strictly (jansson), 100 levels deep at most; every number is a double. Objects get `fold`; of a
 * key that comes twice the last value counts, as with the services' own readers.
 * Errors: -EINVAL with the position in e.
 */
int value_from_json(struct arena *a, struct str text, enum map_case fold, struct value **ret, struct err *e);
enum value_json { VALUE_COMPACT, VALUE_PRETTY }; /* pretty: two spaces, LF, {} and [] when empty */
/*
 * What is not finite is written as null. -E2BIG when b is full (or was already), -ELOOP past 1,000 levels; b is then
 * as before.
 */
int value_add_json(struct buf *b, const struct value *v, enum value_json how);
