/* Logging commands of Azure: whatever a step prints is read without harm, and its parts are no longer than it is. */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), line;
    while (str_next(&rest, '\n', &line)) {
        for (int decode = 0; decode < 2; decode++) {
            struct arena *a = arena_new();
            struct az_command c = {0};
            enum az_parsed parsed = az_command_parse(a, line, decode != 0, &c);
            MUST(parsed == AZ_COMMAND || c.area.n == 0);
            if (parsed == AZ_COMMAND) {
                MUST(c.area.n > 0 && c.event.n > 0 && c.n_props <= AZ_PROPERTIES);
                MUST(c.area.n + c.event.n + c.data.n <= line.n);
                for (size_t i = 0; i < c.n_props; i++)
                    MUST(c.props[i].key.n > 0 && (str_find_ch(c.props[i].key, '\0') >= 0 || /* no C text */
                                                  az_command_prop(&c, c.props[i].key.p).n > 0));
            }
            arena_free(a);
        }
    }
    return 0;
}
