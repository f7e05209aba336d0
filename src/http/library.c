/*
 * http/library.c - loads libmicrohttpd (http/http.h says why that waits for the first server).
 */
#include "core/base.h"
#include "http/library_priv.h"

#include <dlfcn.h>
#include <pthread.h>

#define CALL_NAME(name) {"MHD_" #name, offsetof(struct mhd, name)},

static const struct {
    const char *name;
    size_t slot;
} calls[] = {MHD_CALLS(CALL_NAME)};

static struct mhd loaded;
static struct err failed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *library = dlopen(HTTP_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        err_set(&failed, ENOENT, "an HTTP server needs libmicrohttpd: %s", dlerror());
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        void *found = dlsym(library, calls[i].name);
        if (found == NULL) {
            err_set(&failed, ENOENT, "the libmicrohttpd of this machine has no %s", calls[i].name);
            return;
        }
        memcpy((char *)&loaded + calls[i].slot, &found, sizeof found);
    }
}

int mhd_load(const struct mhd **ret, struct err *e)
{
    pthread_once(&once, load);
    if (failed.num != 0)
        return err_set(e, failed.num, "%s", failed.text);
    *ret = &loaded;
    return 0;
}
