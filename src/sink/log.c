#include "core/base.h"
#include "sink/log_priv.h"

struct record {
    uint32_t len;
    uint32_t stream;
};

/* The part before head may grow to LOG_BYTES before it is moved away, so that moving costs O(1) a byte. */
#define LOG_MEMORY (2 * LOG_BYTES + LOG_LINE_MAX + 64)

void log_init(struct log_ring *l)
{
    *l = (struct log_ring){.bytes = BUF(LOG_MEMORY)};
}

void log_done(struct log_ring *l)
{
    buf_done(&l->bytes);
    log_clear(l);
}

void log_clear(struct log_ring *l)
{
    buf_clear(&l->bytes);
    l->head = l->lines = l->dropped = 0;
}

static struct record record_at(const struct log_ring *l, size_t at)
{
    struct record r;
    memcpy(&r, l->bytes.p + at, sizeof r);
    return r;
}

static void drop_oldest(struct log_ring *l)
{
    l->head += sizeof(struct record) + record_at(l, l->head).len;
    l->lines--;
    l->dropped++;
}

void log_add(struct log_ring *l, enum event_stream stream, struct str line)
{
    line = str_sub(line, 0, LOG_LINE_MAX);
    struct record r = {.len = (uint32_t)line.n, .stream = (uint32_t)stream};
    while (l->lines > 0 && (l->lines >= LOG_LINES || l->bytes.n - l->head + sizeof r + line.n > LOG_BYTES))
        drop_oldest(l);
    if (l->head > LOG_BYTES) {
        buf_drop(&l->bytes, l->head);
        l->head = 0;
    }
    buf_add(&l->bytes, str_of((const char *)&r, sizeof r));
    buf_add(&l->bytes, line);
    MUST(!l->bytes.over);
    l->lines++;
}

bool log_next(const struct log_ring *l, size_t *at, enum event_stream *ret_stream, struct str *ret_line)
{
    if (*at == 0)
        *at = l->head;
    if (*at >= l->bytes.n)
        return false;
    struct record r = record_at(l, *at);
    *ret_stream = (enum event_stream)r.stream;
    *ret_line = str_of(l->bytes.p + *at + sizeof r, r.len);
    *at += sizeof r + r.len;
    return true;
}
