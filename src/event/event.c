#include "core/base.h"
#include "event/event.h"

#include "core/err.h"

const char *result_name(enum result r)
{
    switch (r) {
    case RESULT_NONE:
        return "";
    case RESULT_SUCCESS:
        return "success";
    case RESULT_FAILURE:
        return "failure";
    case RESULT_CANCELLED:
        return "cancelled";
    case RESULT_SKIPPED:
        return "skipped";
    }
    BUG("no such result: %d", (int)r);
}

const char *event_kind_name(enum event_kind k)
{
    switch (k) {
#define X(kind, name)                                                                                                  \
    case kind:                                                                                                         \
        return name;
        EVENT_KINDS(X)
#undef X
    }
    BUG("no such kind of event: %d", (int)k);
}

const char *event_stream_name(enum event_stream s)
{
    switch (s) {
    case STREAM_OUT:
        return "out";
    case STREAM_ERR:
        return "err";
    case STREAM_SLIPWAY:
        return "slipway";
    }
    BUG("no such stream: %d", (int)s);
}

const char *event_level_name(enum event_level l)
{
    switch (l) {
    case LEVEL_NOTICE:
        return "notice";
    case LEVEL_WARNING:
        return "warning";
    case LEVEL_ERROR:
        return "error";
    case LEVEL_DEBUG:
        return "debug";
    }
    BUG("no such level: %d", (int)l);
}

const char *event_how_name(enum event_how h)
{
    switch (h) {
    case HOW_EMULATED:
        return "emulated";
    case HOW_SUBSTITUTED:
        return "substituted";
    case HOW_SKIPPED:
        return "skipped";
    }
    BUG("no such word: %d", (int)h);
}
