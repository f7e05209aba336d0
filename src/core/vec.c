#include "core/base.h"
#include "core/vec.h"

void *vec_grow_(struct arena *arena, void *p, size_t n, size_t *cap, size_t item)
{
    size_t more = *cap < 8 ? 8 : *cap + *cap / 2;
    MUST(more > n && more <= SIZE_MAX / item);
    *cap = more;
    if (!arena)
        return mem_realloc(p, more * item);
    void *q = arena_array(arena, more, item);
    if (n)
        memcpy(q, p, n * item);
    return q;
}
