/*
 * core/map.h - an ordered map from text to a pointer: insertion order is kept, look-up is by hash.
 *
 * The map, its keys (copied) and its table live in the arena that map_init was given. Values are borrowed.
 * MAP_NOCASE folds ASCII case in look-ups; the first spelling of a key is the one that is kept.
 * Iterate: for (size_t i = 0; i < m.n; i++) m.entries[i].key, m.entries[i].value.
 */
#pragma once
#include "core/base.h"
#include "core/mem.h"

enum map_case { MAP_CASE, MAP_NOCASE };

struct map_entry {
    struct str key;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entries; /* in insertion order */
    size_t n, cap;
    uint32_t *table; /* slot -> entry index + 1; 0 is empty */
    size_t slots;
    enum map_case fold;
};

void map_init(struct map *m, struct arena *a, enum map_case fold);
/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);
/* The entry, or NULL: tells a NULL value from an absent key. */
struct map_entry *map_find(const struct map *m, struct str key);
/* Adds or replaces; returns true when the key was new. */
bool map_set(struct map *m, struct str key, void *value);
/* Removes, keeping the order of the rest; true when it was there. O(n). */
bool map_remove(struct map *m, struct str key);

/* A map whose values are texts: the value pointer is a struct str * in the same arena, its bytes are copied. */
void map_set_str(struct map *m, struct str key, struct str value);
/* STR_NONE (p == NULL) when absent. */
struct str map_get_str(const struct map *m, struct str key);
