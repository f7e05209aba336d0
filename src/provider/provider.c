#include "core/base.h"
#include "provider/provider.h"

#define X(name) extern const struct provider provider_##name;
#include "provider/providers.def"
#undef X

const struct provider *const *providers(void)
{
    static const struct provider *const all[] = {
#define X(name) &provider_##name,
#include "provider/providers.def"
#undef X
        NULL
    };
    return all;
}

const struct provider *provider_find(struct str name)
{
    for (const struct provider *const *p = providers(); *p; p++)
        if (str_is(name, (*p)->name))
            return *p;
    return NULL;
}
