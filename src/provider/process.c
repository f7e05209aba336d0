/*
 * provider/process.c - what all drivers write alike of processes and of this machine.
 */
#include "core/base.h"
#include "provider/process.h"

#include "core/buf.h"

static bool is_plain(struct str s)
{
    static const char OK[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";
    for (size_t i = 0; i < s.n; i++)
        if (memchr(OK, s.p[i], sizeof OK - 1) == NULL)
            return false;
    return s.n > 0;
}

struct str process_word(struct arena *a, struct str text)
{
    CLEAN(buf) struct buf b = BUF(4 * text.n + 2); /* a quote becomes four bytes */
    if (is_plain(text))
        return arena_str(a, text);
    buf_add_ch(&b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_add_cstr(&b, "'\\''");
        else
            buf_add_ch(&b, text.p[i]);
    }
    buf_add_ch(&b, '\'');
    return arena_str(a, buf_str(&b));
}

struct str process_variable(struct arena *a, struct str name, struct str value)
{
    char *p = arena_alloc(a, name.n + value.n + 2);
    memcpy(p, name.p, name.n);
    p[name.n] = '=';
    if (value.n > 0)
        memcpy(p + name.n + 1, value.p, value.n);
    return str_of(p, name.n + value.n + 1);
}

bool process_can_have(struct str name, struct str value)
{
    return name.n > 0 && str_find_ch(name, '=') < 0 && str_find_ch(name, '\0') < 0 && str_find_ch(value, '\0') < 0;
}

struct str process_machine(struct arena *a, const struct facts *f)
{
    const struct machine_facts *m = &f->machine;
    if (m->os_id.n == 0)
        return STR("this system");
    char first = m->os_id.p[0] >= 'a' && m->os_id.p[0] <= 'z' ? (char)(m->os_id.p[0] - 'a' + 'A') : m->os_id.p[0];
    struct str rest = str_from_index(m->os_id, 1);
    return str_trim_end(arena_printf(a, "%c%.*s %.*s", first, STR_ARG(rest), STR_ARG(m->os_version)));
}
