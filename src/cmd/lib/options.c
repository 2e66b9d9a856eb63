/* options.c -- one loop over argv, driven by the command's own table.
 *
 * getopt_long is not used: it permutes argv, prints its own words and keeps global
 * state, and the table here is also the text of --help. */
#include "cmd/lib/options.h"

#include "cmd/lib/say.h"
#include "facts/nearest.h"

#include <ctype.h>
#include <stdarg.h>

enum { HELP_COLUMN = 26, HELP_WIDTH = 79 };

int options_fault(const struct command *c, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct str rest = str_of(text), line;
    for (bool is_first = true; str_split(&rest, '\n', &line); is_first = false)
        say(stderr, "%s%s%s%.*s", is_first ? "weir " : "", is_first ? c->name : "",
            is_first ? ": " : "", STR_ARG(line));
    fprintf(stderr, "Try: weir %s --help\n", c->name);
    return EXIT_USAGE;
}

static void print_wrapped(FILE *out, const char *text, int column, int indent)
{
    while (*text) {
        int n = (int)strcspn(text, " ");
        if (column > indent && column + n >= HELP_WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", n, text);
        column += n;
        text += n;
        while (*text == ' ')
            text++;
        if (*text) {
            fputc(' ', out);
            column++;
        }
    }
    fputc('\n', out);
}

static void print_option(FILE *out, const struct command_option *o)
{
    int n = fprintf(out, "  %s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    if (n < 0)
        return;
    if (n >= HELP_COLUMN - 1) {
        fputc('\n', out);
        n = 0;
    }
    fprintf(out, "%*s", HELP_COLUMN - n, "");
    print_wrapped(out, o->help, HELP_COLUMN, HELP_COLUMN);
}

void command_print_help(const struct command *c, FILE *out)
{
    static const struct command_option help = {"--help", NULL, "Print this text."};
    fprintf(out, "weir %s: %s\n\nUsage: weir %s %s\n\nOptions:\n", c->name, c->summary,
            c->name, c->usage);
    for (size_t i = 0; i < c->noptions; i++)
        print_option(out, &c->options[i]);
    print_option(out, &help);
    if (c->details)
        fprintf(out, "\n%s\n", c->details);
    for (size_t i = 0; c->parts && c->parts[i]; i++) {
        fputc('\n', out);
        command_print_help(c->parts[i], out);
    }
}

/* -- parts -------------------------------------------------------------------------- */

const char *command_word(const struct command *c)
{
    const char *space = strrchr(c->name, ' ');
    return space ? space + 1 : c->name;
}

const struct command *command_part(const struct command *c, const char *word)
{
    for (size_t i = 0; c->parts && c->parts[i]; i++)
        if (strcmp(command_word(c->parts[i]), word) == 0)
            return c->parts[i];
    return NULL;
}

/* "weir eval escalate or weir eval route" */
static void list_parts(const struct command *c, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; c->parts[i] && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%sweir %s",
                              !i                ? ""
                              : c->parts[i + 1] ? ", "
                                                : " or ",
                              c->parts[i]->name);
}

int command_run(const struct command *c, int argc, char **argv)
{
    char words[400];
    const char *first = argc > 1 ? argv[1] : NULL;
    const struct command *part = first ? command_part(c, first) : NULL;
    if (part)
        return part->run(argc - 1, argv + 1);
    if (c->run)
        return c->run(argc, argv);
    if (first && (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)) {
        command_print_help(c, stdout);
        return EXIT_YES;
    }
    list_parts(c, words, sizeof words);
    if (first && first[0] == '-')
        return options_fault(c, "%s stands behind the word that says what to do: %s",
                             first, words);
    return first ? options_fault(c, "there is no 'weir %s %s'; say %s", c->name, first,
                                 words)
                 : options_fault(c, "say %s", words);
}

/* -- reading ------------------------------------------------------------------------ */

static const struct command_option *find(const struct command *c, struct str name)
{
    for (size_t i = 0; i < c->noptions; i++)
        if (str_eqz(name, c->options[i].name))
            return &c->options[i];
    return NULL;
}

/* The part of the same verb (or the verb itself) that has this option, or NULL. */
static const struct command *owner_of(const struct command *c, struct str name)
{
    const struct command *verb = c->of ? c->of : c;
    if (find(verb, name))
        return verb;
    for (size_t i = 0; verb->parts && verb->parts[i]; i++)
        if (find(verb->parts[i], name))
            return verb->parts[i];
    return NULL;
}

static int unknown_option(const struct command *c, struct str name)
{
    struct nearest near;
    char words[200];
    const struct command *owner = owner_of(c, name);
    if (owner)
        return options_fault(c, "%.*s is an option of `weir %s`", STR_ARG(name),
                             owner->name);
    nearest_init(&near, name);
    for (size_t i = 0; i < c->noptions; i++)
        nearest_offer(&near, str_of(c->options[i].name));
    nearest_offer(&near, STR("--help"));
    near.n = near.n ? 1 : 0;
    nearest_print(&near, "; did you mean ", "?", words, sizeof words);
    return options_fault(c, "unknown option %.*s%s", STR_ARG(name), words);
}

/* Takes the option at argv[*at]; moves *at past a separate value. */
static bool take_option(struct options *o, int argc, char **argv, int *at, int *ret_exit)
{
    struct str all = str_of(argv[*at]);
    ptrdiff_t eq = str_index(all, '=');
    struct str name = eq < 0 ? all : str_sub(all, 0, (size_t)eq);
    const struct command_option *opt = find(o->command, name);
    const char *value = "";

    if (!opt) {
        *ret_exit = unknown_option(o->command, name);
        return false;
    }
    if (!opt->arg && eq >= 0) {
        *ret_exit = options_fault(o->command, "%s takes no value", opt->name);
        return false;
    }
    if (opt->arg) {
        if (eq < 0 && *at + 1 >= argc) {
            *ret_exit =
                options_fault(o->command, "%s needs a value: %s", opt->name, opt->arg);
            return false;
        }
        value = eq >= 0 ? all.p + eq + 1 : argv[++*at];
    }
    o->seen[o->nseen].option = opt;
    o->seen[o->nseen++].value = value;
    return true;
}

static bool is_option(const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    return !isdigit((unsigned char)word[1]) && word[1] != '.';
}

bool options_read(struct options *o, const struct command *c, int argc, char **argv,
                  int *ret_exit)
{
    bool only_words = false;
    *o = (struct options){.command = c};
    for (int i = 1; i < argc; i++) {
        if (o->nseen == OPTIONS_MAX || o->nwords == OPTIONS_MAX) {
            *ret_exit = options_fault(c, "more than %d words on the line", OPTIONS_MAX);
            return false;
        }
        if (only_words || !is_option(argv[i])) {
            o->words[o->nwords++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            command_print_help(c, stdout);
            *ret_exit = EXIT_YES;
            return false;
        } else if (!take_option(o, argc, argv, &i, ret_exit)) {
            return false;
        }
    }
    return true;
}

const char *options_nth(const struct options *o, const char *name, size_t i)
{
    for (size_t k = 0; k < o->nseen; k++)
        if (strcmp(o->seen[k].option->name, name) == 0 && i-- == 0)
            return o->seen[k].value;
    return NULL;
}

const char *options_get(const struct options *o, const char *name)
{
    const char *value = NULL;
    for (size_t k = 0; k < o->nseen; k++)
        if (strcmp(o->seen[k].option->name, name) == 0)
            value = o->seen[k].value;
    return value;
}

bool options_has(const struct options *o, const char *name)
{
    return options_get(o, name) != NULL;
}
