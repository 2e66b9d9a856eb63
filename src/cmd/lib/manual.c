/* manual.c -- man pages, printed from what each command says about itself.
 *
 * man(7) macros and nothing newer: they are read by man-db, mandoc and groff alike.
 * `weir help --man` is the whole manual, installed as weir.1. */
#include "cmd/lib/table.h"

#include <ctype.h>
#include <string.h>

/* Text as roff reads it literally; lines that would be requests are defused. */
static void text(FILE *out, const char *s)
{
    bool at_start = true;
    for (; *s; s++) {
        if (at_start && (*s == '.' || *s == '\''))
            fputs("\\&", out);
        at_start = *s == '\n';
        if (*s == '\\')
            fputs("\\e", out);
        else if (*s == '-')
            fputs("\\-", out);
        else
            fputc(*s, out);
    }
}

static void upper(FILE *out, const char *s)
{
    for (; *s; s++)
        fputc(toupper((unsigned char)*s), out);
}

static void synopsis(const struct command *c, FILE *out)
{
    fprintf(out, ".B weir %s\n", c->name);
    text(out, c->usage);
    fputc('\n', out);
}

static void options(const struct command *c, FILE *out)
{
    for (size_t i = 0; i < c->noptions; i++) {
        fputs(".TP\n\\fB", out);
        text(out, c->options[i].name);
        fputs("\\fR", out);
        if (c->options[i].arg) {
            fputs(" \\fI", out);
            text(out, c->options[i].arg);
            fputs("\\fR", out);
        }
        fputc('\n', out);
        text(out, c->options[i].help);
        fputc('\n', out);
    }
    fputs(".TP\n\\fB\\-\\-help\\fR\nPrint this text.\n", out);
}

static void details(const struct command *c, FILE *out)
{
    if (!c->details)
        return;
    fputs(".nf\n", out);
    text(out, c->details);
    fputs("\n.fi\n", out);
}

/* The parts of a verb, each behind a heading of this kind. */
static void parts(const struct command *c, const char *heading, FILE *out)
{
    for (size_t i = 0; c->parts && c->parts[i]; i++) {
        fprintf(out, "%s weir %s\n", heading, c->parts[i]->name);
        synopsis(c->parts[i], out);
        fputs(".PP\n", out);
        text(out, c->parts[i]->summary);
        fputs("\n.PP\n", out);
        details(c->parts[i], out);
        options(c->parts[i], out);
    }
}

static void page_of_verb(const struct command *c, FILE *out)
{
    fputs(".TH WEIR\\-", out);
    upper(out, c->name);
    fprintf(out, " 1 \"\" \"weir %s\" \"weir\"\n.SH NAME\nweir\\-%s \\- ", WEIR_VERSION,
            c->name);
    text(out, c->summary);
    fputs("\n.SH SYNOPSIS\n", out);
    synopsis(c, out);
    fputs(".SH DESCRIPTION\n", out);
    details(c, out);
    fputs(".SH OPTIONS\n", out);
    options(c, out);
    parts(c, ".SH", out);
    fputs(".SH SEE ALSO\n.BR weir (1)\n", out);
}

static void page_of_all(FILE *out)
{
    fprintf(out,
            ".TH WEIR 1 \"\" \"weir %s\" \"weir\"\n.SH NAME\nweir \\- local and cloud "
            "language models as one\n.SH SYNOPSIS\n.B weir\n\\fICOMMAND\\fR "
            "[\\fIoptions\\fR]\n.SH DESCRIPTION\n"
            "weir stands where applications call a language model through the OpenAI "
            "API.\nIt sends each request to a local engine or to the cloud for a reason "
            "it can\nstate, keeps what is labelled internal or confidential local, and "
            "records\nwhat each request cost.\n",
            WEIR_VERSION);
    for (size_t g = 0; g < command_ngroups; g++)
        for (size_t i = 0; command_groups[g].commands[i]; i++) {
            const struct command *c = command_groups[g].commands[i];
            fputs(".SH WEIR ", out);
            upper(out, c->name);
            fputc('\n', out);
            synopsis(c, out);
            fputs(".PP\n", out);
            text(out, c->summary);
            fputs("\n.PP\n", out);
            details(c, out);
            options(c, out);
            parts(c, ".SS", out);
        }
    fputs(".SH ENVIRONMENT\n.TP\n.B XDG_STATE_HOME\nThe ledger is kept in its folder "
          "weir; ~/.local/state when not set.\n.TP\n.B NO_COLOR\nNo colour on a "
          "terminal.\n",
          out);
}

void manual_print(const struct command *c, FILE *out)
{
    if (c)
        page_of_verb(c, out);
    else
        page_of_all(out);
}
