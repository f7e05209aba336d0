#include "core/base.h"
#include "sink/outlet_priv.h"

#include "sys/file.h"

/* More than any one event can add: a failed step's log with every byte of it a tab. */
#define OUTLET_MAX ((size_t)64 << 20)

void outlet_init(struct outlet *o, int fd)
{
    *o = (struct outlet){.fd = fd, .text = BUF(OUTLET_MAX)};
}

void outlet_done(struct outlet *o)
{
    buf_done(&o->text);
}

int outlet_flush(struct outlet *o, struct err *e)
{
    if (o->broken.num == 0 && o->text.over)
        err_set(&o->broken, E2BIG, "too much text for one event");
    else if (o->broken.num == 0 && o->text.n > 0)
        fd_write(o->fd, buf_str(&o->text), &o->broken);
    buf_clear(&o->text);
    if (o->broken.num != 0 && e)
        *e = o->broken;
    return o->broken.num;
}
