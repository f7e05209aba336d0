/*
 * cli/cmd_config.c - `slipway config`: the settings of a run, and where each came from.
 */
#include "cli/ci_priv.h"

#include "core/utf8.h"
#include "core/value.h"

struct config_options {
    bool json;
};

static const struct option_row config_rows[] = {
    OPTION(struct config_options, json, "json", 0, OPTION_FLAG, NULL, "one JSON object a line"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_ci, verb_config;

static bool listed(const struct option_row *o)
{
    return o->setting && o->help != NULL;
}

/* Two rows may fill one field: --offline and act's name for it. */
static bool same_setting(const struct option_row *a, const struct option_row *b)
{
    return a->offset == b->offset;
}

static void say_setting(struct cli *c, const struct option_row *o, struct str value, struct str origin, bool json)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    if (json) {
        struct value *v = value_object(c->arena, MAP_CASE);
        value_set_str(c->arena, v, "name", str_from(o->name));
        value_set_str(c->arena, v, "value", value);
        value_set_str(c->arena, v, "origin", origin);
        value_add_json(&b, v, VALUE_COMPACT);
    } else {
        struct str shown = value.n > 0 ? value : STR("-");
        buf_printf(&b, "%-18s %.*s", o->name, STR_ARG(shown));
        size_t width = utf8_width(shown);
        buf_add_rep(&b, ' ', width < 24 ? 24 - width : 1);
        buf_printf(&b, " %.*s", STR_ARG(origin));
    }
    printf("%s\n", buf_cstr(&b));
}

static struct str shown_value(const struct option_seen *seen)
{
    bool flag = seen->row->kind == OPTION_FLAG || seen->row->kind == OPTION_COUNT;
    return flag && seen->value.n == 0 ? STR("true") : seen->value;
}

/* The last value, or all of a list. */
static void say_row(struct cli *c, const struct option_row *o, const struct options_trace *t, bool json)
{
    const struct option_seen *last = NULL;
    for (size_t i = 0; i < t->n; i++) {
        if (!same_setting(t->p[i].row, o))
            continue;
        last = &t->p[i];
        if (o->kind == OPTION_LIST)
            say_setting(c, o, shown_value(last), last->origin, json);
    }
    if (last == NULL)
        say_setting(c, o, STR(""), STR("default"), json);
    else if (o->kind != OPTION_LIST)
        say_setting(c, o, shown_value(last), last->origin, json);
}

static int run_config(struct cli *c, int argc, char **argv)
{
    struct config_options o = {0};
    struct ci ci = {0};
    struct strs words = {0};
    struct options_trace trace = {0};
    char *nothing[] = {argv[0], NULL};
    int code = options_read(c, &verb_config, argc, argv, &o, &words);
    if (code == 0 && words.n > 0) {
        say_error(c, "config takes no arguments, not '%.*s'", STR_ARG(words.p[0]));
        return EXIT_USAGE;
    }
    if (code == 0)
        code = options_read_traced(c, &verb_ci, 1, nothing, &ci, &words, &trace);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    for (const struct option_row *row = ci_options; row->name != NULL; row++)
        if (listed(row))
            say_row(c, row, &trace, o.json);
    return EXIT_PASSED;
}

const struct verb verb_config = {
    .name = "config",
    .args = "",
    .summary = "the settings of `slipway ci`, and where each came from",
    .more =
        "Settings are taken from flags, then SLIPWAY_NAME in the environment, ./slipway.toml, ./.actrc,\n"
        "$XDG_CONFIG_HOME/slipway/config.toml, ~/.actrc and act's own configuration; lists grow. In slipway.toml they\n"
        "stand in the table [ci] by their long names:\n"
        "\n"
        "    [ci]\n"
        "    strict = true\n"
        "    platform = [\"windows-latest=host\"]\n"
        "    env = {COLOUR = \"blue\"}",
    .options = config_rows,
    .run = run_config,
};
