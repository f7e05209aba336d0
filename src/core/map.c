/*
 * core/map.c - entries in an array, found by open addressing.
 *
 * Up to SMALL entries are looked through in order and there is no table: most mappings of a workflow are that small.
 * Above, the table has a power of two of slots and is at most half full, so a chain of taken slots always ends.
 */
#include "core/base.h"
#include "core/map.h"

#define SMALL 8

void map_init(struct map *m, struct arena *a, enum map_case fold)
{
    *m = (struct map){.arena = a, .fold = fold};
}

static bool key_eq(const struct map *m, struct str a, struct str b)
{
    return m->fold == MAP_NOCASE ? str_eq_nocase(a, b) : str_eq(a, b);
}

/* The slot that holds the key, or the empty one where it belongs. */
static size_t slot_of(const struct map *m, struct str key)
{
    uint64_t h = str_hash(key, m->fold == MAP_NOCASE);
    size_t i = (size_t)(h ^ h >> 32) & (m->slots - 1);
    while (m->table[i] && !key_eq(m, m->entries[m->table[i] - 1].key, key))
        i = (i + 1) & (m->slots - 1);
    return i;
}

struct map_entry *map_find(const struct map *m, struct str key)
{
    if (m->slots) {
        uint32_t at = m->table[slot_of(m, key)];
        return at ? &m->entries[at - 1] : NULL;
    }
    for (size_t i = 0; i < m->n; i++)
        if (key_eq(m, m->entries[i].key, key))
            return &m->entries[i];
    return NULL;
}

void *map_get(const struct map *m, struct str key)
{
    struct map_entry *found = map_find(m, key);
    return found ? found->value : NULL;
}

static void table_fill(struct map *m)
{
    memset(m->table, 0, m->slots * sizeof *m->table);
    for (size_t i = 0; i < m->n; i++)
        m->table[slot_of(m, m->entries[i].key)] = (uint32_t)(i + 1);
}

static void map_grow(struct map *m)
{
    size_t cap = m->cap ? m->cap * 2 : SMALL;
    MUST(cap <= UINT32_MAX / 2);
    struct map_entry *entries = arena_array(m->arena, cap, sizeof *entries);
    if (m->n)
        memcpy(entries, m->entries, m->n * sizeof *entries);
    m->entries = entries;
    m->cap = cap;
    if (cap <= SMALL)
        return;
    m->slots = cap * 2;
    m->table = arena_array(m->arena, m->slots, sizeof *m->table);
    table_fill(m);
}

bool map_set(struct map *m, struct str key, void *value)
{
    struct map_entry *found = map_find(m, key);
    if (found) {
        found->value = value;
        return false;
    }
    if (m->n == m->cap)
        map_grow(m);
    m->entries[m->n++] = (struct map_entry){arena_str(m->arena, key), value};
    if (m->slots)
        m->table[slot_of(m, key)] = (uint32_t)m->n;
    return true;
}

bool map_remove(struct map *m, struct str key)
{
    struct map_entry *found = map_find(m, key);
    if (!found)
        return false;
    size_t i = (size_t)(found - m->entries);
    memmove(found, found + 1, (m->n - i - 1) * sizeof *found);
    m->n--;
    if (m->slots)
        table_fill(m);
    return true;
}

void map_set_str(struct map *m, struct str key, struct str value)
{
    struct str *text = ARENA_NEW(m->arena, struct str);
    *text = arena_str(m->arena, value);
    map_set(m, key, text);
}

struct str map_get_str(const struct map *m, struct str key)
{
    const struct str *text = map_get(m, key);
    return text ? *text : STR_NONE;
}
