#include "core/base.h"
#include "cli/man.h"

/* Text of a paragraph: backslashes and leading dots mean something to roff, and hyphens must stay hyphens. */
static void text(FILE *to, const char *s)
{
    bool begin = true;
    for (; *s != '\0'; s++) {
        if (begin && (*s == '.' || *s == '\''))
            fputs("\\&", to);
        if (*s == '\\')
            fputs("\\e", to);
        else if (*s == '-')
            fputs("\\-", to);
        else
            fputc(*s, to);
        begin = *s == '\n';
    }
}

/* As it stands: line ends and indents kept, an empty line ends a paragraph. */
static void block(FILE *to, const char *s)
{
    fputs(".nf\n", to);
    text(to, s);
    fputs("\n.fi\n", to);
}

static void option(FILE *to, const struct option_row *o)
{
    if (o->help == NULL)
        return;
    fputs(".TP\n\\fB", to);
    if (o->letter != '\0')
        fprintf(to, "\\-%c\\fR, \\fB", o->letter);
    fputs("\\-\\-", to);
    text(to, o->name);
    fputs("\\fR", to);
    if (o->arg != NULL) {
        fputs(" \\fI", to);
        text(to, o->arg);
        fputs("\\fR", to);
    }
    fputc('\n', to);
    text(to, o->help);
    fputc('\n', to);
}

static void verb(FILE *to, const struct verb *v)
{
    fputs(".SS slipway ", to);
    text(to, v->name);
    if (v->args != NULL) {
        fputc(' ', to);
        text(to, v->args);
    }
    fputc('\n', to);
    text(to, v->summary);
    fputs(".\n", to);
    if (v->more != NULL)
        block(to, v->more);
    for (const struct option_row *o = v->options; o != NULL && o->name != NULL; o++)
        option(to, o);
}

void man_print(FILE *to)
{
    fputs(".TH SLIPWAY 1 \"\" \"slipway " SLIPWAY_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nslipway \\- run a project's CI pipelines on this machine\n"
          ".SH SYNOPSIS\n.B slipway\n[\\fB\\-C\\fR \\fIDIR\\fR] [\\fB\\-\\-color\\fR \\fIWHEN\\fR] \\fIVERB\\fR "
          "[\\fIoptions\\fR] [\\fIarguments\\fR]\n"
          ".SH DESCRIPTION\nRuns what a push would start, natively and in sandboxes, and says what was not the same as "
          "on the service.\n.SH VERBS\n",
          to);
    for (const struct verb *const *v = verbs(); *v != NULL; v++)
        verb(to, *v);
    fputs(
        ".SH ENVIRONMENT\n\\fBSLIPWAY_\\fINAME\\fR stands for the option \\-\\-name of every verb. \\fBNO_COLOR\\fR, "
        "\\fBFORCE_COLOR\\fR, \\fBCLICOLOR\\fR and \\fBTERM=dumb\\fR are obeyed.\n"
        ".SH FILES\n\\fB./slipway.toml\\fR and \\fB$XDG_CONFIG_HOME/slipway/config.toml\\fR hold options by their long "
        "names, in a table \\fB[ci]\\fR; act's \\fB.actrc\\fR, \\fB.secrets\\fR, \\fB.vars\\fR, \\fB.env\\fR and "
        "\\fB.input\\fR are read. Flags win over the environment, and it over files.\n"
        ".SH EXIT STATUS\n.nf\n"
        "0    passed\n"
        "1    a job, check or threshold failed\n"
        "2    usage, or a file that cannot be read\n"
        "3    this machine lacks something\n"
        "4    something was skipped under \\-\\-strict\n"
        "70   a fault of slipway\n"
        "130  interrupted\n.fi\n",
        to);
}
