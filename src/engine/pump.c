/*
 * engine/pump.c - from the bytes of a pipe to lines: the driver sees each first, then the mask, then the sinks.
 */
#include "engine/engine_priv.h"

#include "core/utf8.h"
#include "plan/driver.h"
#include "sys/file.h"

#include <fcntl.h>
#include <unistd.h>

/* Tells the driver of one line and shows what it leaves of it. */
static void line_out(struct pump *p, struct str text)
{
    struct leg_run *lr = p->op->leg;
    if ((p->op->over && p->op->op.orphan_wait_ns == 0) || lr->finishing)
        return; /* an orphan of a step that is over still talks, and nobody wants to hear it */
    CLEAN(buf) struct buf clean = BUF(4 * LINE_MAX_BYTES), replaced = BUF(4 * LINE_MAX_BYTES);
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        text.n--;
    if (utf8_invalid(text) >= 0) {
        utf8_add_clean(&clean, text);
        text = buf_str(&clean);
    }
    const struct driver *d = lr->leg->job->plan->driver;
    switch (d->line(lr->state, p->op->op.token, p->stream, text, &replaced)) {
    case LINE_SHOW:
        break;
    case LINE_HIDE:
        return;
    case LINE_REPLACED:
        text = buf_str(&replaced);
        break;
    }
    if (lr->log_full)
        return;
    lr->log_bytes += text.n + 1;
    uint64_t max = lr->engine->o->max_log;
    if (max > 0 && lr->log_bytes > max) {
        lr->log_full = true;
        text = STR("... this job prints more than its log may hold; the rest is not kept");
    }
    leg_emit(lr, &(struct event){.kind = EVENT_OUTPUT, .step = p->op->op.step, .stream = p->stream, .text = text});
}

/* Where to cut a line, of which this much is here, so that neither a character nor a secret falls in two; 0: not yet.
 */
static size_t part_of(const struct pump *p, struct str line, bool whole)
{
    const struct mask *m = p->op->leg->mask;
    size_t reach = mask_reach(m) < LINE_MAX_BYTES ? mask_reach(m) : LINE_MAX_BYTES, want = LINE_MAX_BYTES;
    if (line.n <= LINE_MAX_BYTES)
        return whole ? line.n : 0;
    if (!whole && line.n < LINE_MAX_BYTES + reach)
        return 0;
    while (want > LINE_MAX_BYTES - 4 && ((unsigned char)line.p[want] & 0xC0) == 0x80)
        want--;
    return mask_cut(m, line, want);
}

/* Cuts whole lines off `text`, and parts off one that is too long; returns what is left of it. */
static struct str lines_out(struct pump *p, struct str text, bool last)
{
    while (text.n > 0) {
        const char *nl = memchr(text.p, '\n', text.n);
        struct str line = nl != NULL ? str_sub(text, 0, (size_t)(nl - text.p)) : text;
        size_t n = part_of(p, line, nl != NULL || last);
        if (n == 0 && nl == NULL)
            break;
        line_out(p, str_sub(text, 0, n));
        text = str_from_index(text, nl != NULL && n == line.n ? n + 1 : n);
    }
    return text;
}

void pump_drain(struct pump *p)
{
    char chunk[LINE_MAX_BYTES];
    for (int rounds = 0; rounds < 4 && p->fd >= 0; rounds++) {
        ssize_t n = read(p->fd, chunk, sizeof chunk);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            lines_out(p, buf_str(&p->line), true);
            buf_clear(&p->line);
            pump_close(p);
            return;
        }
        struct str text = str_of(chunk, (size_t)n);
        if (p->line.n > 0) {
            buf_add(&p->line, text);
            struct str rest = lines_out(p, buf_str(&p->line), false);
            buf_drop(&p->line, p->line.n - rest.n);
        } else {
            buf_add(&p->line, lines_out(p, text, false));
        }
    }
}

static void on_readable(uv_poll_t *h, int status, int events)
{
    UNUSED(events);
    struct pump *p = h->data;
    struct op_run *o = p->op;
    if (status < 0)
        pump_close(p);
    else
        pump_drain(p);
    op_settle(o);
}

static void on_closed(uv_handle_t *h)
{
    struct pump *p = h->data;
    p->op->closing--;
    op_settle(p->op);
}

int pump_open(struct pump *p, struct op_run *o, enum event_stream stream, int fd)
{
    *p = (struct pump){.op = o, .stream = stream, .fd = fd, .line = BUF(4 * LINE_MAX_BYTES)};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int rc = uv_poll_init(&o->leg->engine->loop, &p->poll, fd);
    if (rc != 0)
        return rc;
    p->poll.data = p;
    p->polling = true;
    return uv_poll_start(&p->poll, UV_READABLE, on_readable);
}

void pump_close(struct pump *p)
{
    if (p->polling) {
        p->polling = false;
        p->op->closing++;
        uv_poll_stop(&p->poll);
        uv_close((uv_handle_t *)&p->poll, on_closed);
    }
    fd_close(&p->fd);
    buf_done(&p->line);
}
