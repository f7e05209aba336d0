/*
 * report_xml.c - XML as a stream of elements, by way of expat.
 *
 * Nothing is fetched: a DOCTYPE may name a DTD, which is not looked at. A text that declares entities is refused at the
 * first of them, so there is nothing to expand ("billion laughs").
 */
#include "core/base.h"
#include "report/report_priv.h"

#include <expat.h>
#include <stdarg.h>

struct xml {
    XML_Parser parser;
    const struct xml_reader *how;
    void *state;
    const char **attrs; /* of the element that opens: names and values by turns; NULL otherwise */
    unsigned depth;
    unsigned kept; /* the depth of the element whose text is collected; 0: none */
    struct buf text;
    struct err *e;
    int rc;
};

unsigned xml_depth(const struct xml *x)
{
    return x->depth;
}

struct str xml_attr(const struct xml *x, const char *name)
{
    for (const char **at = x->attrs; at && at[0]; at += 2)
        if (strcmp(at[0], name) == 0)
            return str_from(at[1]);
    return STR_NONE;
}

void xml_keep(struct xml *x)
{
    if (x->kept)
        return;
    x->kept = x->depth;
    buf_clear(&x->text);
}

struct str xml_text(const struct xml *x)
{
    return x->kept == x->depth ? str_of(buf_cstr(&x->text), x->text.n) : STR_NONE;
}

void xml_fail(struct xml *x, const char *fmt, ...)
{
    if (x->rc < 0)
        return;
    CLEAN(buf) struct buf why = BUF(BUF_LINE);
    va_list args;
    va_start(args, fmt);
    buf_vprintf(&why, fmt, args);
    va_end(args);
    x->rc = err_set(x->e, EINVAL, "line %lu: %s", XML_GetCurrentLineNumber(x->parser), buf_cstr(&why));
    XML_StopParser(x->parser, XML_FALSE);
}

static struct str local_name(const char *name)
{
    const char *colon = strrchr(name, ':');
    return str_from(colon ? colon + 1 : name);
}

static void check_root(struct xml *x, struct str name)
{
    const char *const *roots = x->how->roots;
    for (size_t i = 0; i < ARRAY_LEN(x->how->roots) && roots[i]; i++)
        if (str_is(name, roots[i]))
            return;
    xml_fail(x, "<%.*s> begins no %s: <%s> does", STR_ARG(str_sub(name, 0, 100)), x->how->what, roots[0]);
}

static void XMLCALL on_open(void *ctx, const char *name, const char **attrs)
{
    struct xml *x = ctx;
    x->depth++;
    if (x->depth > XML_DEPTH_MAX)
        xml_fail(x, "elements are nested more than %u deep", XML_DEPTH_MAX);
    if (x->depth == 1)
        check_root(x, local_name(name));
    if (x->rc < 0)
        return;
    x->attrs = attrs;
    x->how->open(x, x->state, local_name(name));
    x->attrs = NULL;
}

static void XMLCALL on_close(void *ctx, const char *name)
{
    struct xml *x = ctx;
    if (x->rc == 0 && x->how->close)
        x->how->close(x, x->state, local_name(name));
    if (x->kept == x->depth)
        x->kept = 0;
    x->depth--;
}

static void XMLCALL on_text(void *ctx, const char *p, int n)
{
    struct xml *x = ctx;
    if (x->kept)
        buf_add(&x->text, str_of(p, (size_t)n));
}

/* NOLINTNEXTLINE(readability-function-size): expat's own list of parameters */
static void XMLCALL on_entity(void *ctx, const char *name, int parameter, const char *value, int n, const char *base,
                              const char *system, const char *public, const char *notation)
{
    UNUSED(parameter), UNUSED(value), UNUSED(n), UNUSED(base), UNUSED(system), UNUSED(public), UNUSED(notation);
    xml_fail(ctx, "the entity '%.*s' is declared, which no report needs", STR_ARG(str_sub(str_from(name), 0, 100)));
}

int xml_read(const struct xml_reader *how, void *state, struct str text, struct err *e)
{
    static const XML_Memory_Handling_Suite memory = {mem_alloc, mem_realloc, free};
    struct xml x = {.how = how, .state = state, .text = BUF(REPORT_MAX), .e = e};
    x.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!x.parser)
        return err_set(e, ENOMEM, "the reader of XML cannot begin");
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, on_open, on_close);
    XML_SetCharacterDataHandler(x.parser, on_text);
    XML_SetEntityDeclHandler(x.parser, on_entity);
    if (XML_Parse(x.parser, text.p ? text.p : "", (int)text.n, XML_TRUE) != XML_STATUS_OK && x.rc == 0)
        xml_fail(&x, "%s", XML_ErrorString(XML_GetErrorCode(x.parser)));
    XML_ParserFree(x.parser);
    buf_done(&x.text);
    return x.rc;
}
