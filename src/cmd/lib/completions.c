/* completions.c -- words for the tab key, from the table of verbs.
 *
 *     weir completions bash > ~/.local/share/bash-completion/completions/weir
 *     weir completions zsh  > a folder of $fpath, as _weir
 *     weir completions fish > ~/.config/fish/completions/weir.fish */
#include "cmd/lib/table.h"

#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"

#include <string.h>

typedef void each_fn(const struct command *c, FILE *out);

static void each(each_fn *fn, FILE *out)
{
    for (size_t g = 0; g < command_ngroups; g++)
        for (size_t i = 0; command_groups[g].commands[i]; i++)
            fn(command_groups[g].commands[i], out);
}

static bool takes_file(const struct command_option *o)
{
    return o->arg && (strncmp(o->arg, "FILE", 4) == 0 || strcmp(o->arg, "DIR") == 0);
}

/* A text inside single quotes.  `ends` would end it in the shell's own notation and is
 * written with a backslash. */
static void quoted(const char *text, const char *ends, FILE *out)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", out); /* and the quote itself goes on */
        else if (strchr(ends, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void bash_name(const struct command *c, FILE *out)
{
    fprintf(out, " %s", c->name);
}

/* The words of a verb's parts, each with a blank before it. */
static void part_words(const struct command *c, FILE *out)
{
    for (size_t i = 0; c->parts && c->parts[i]; i++)
        fprintf(out, " %s", command_word(c->parts[i]));
}

/* Parts come before their verb, whose pattern would match them too. */
static void each_with_parts(each_fn *fn, const struct command *c, FILE *out)
{
    for (size_t i = 0; c->parts && c->parts[i]; i++)
        fn(c->parts[i], out);
    fn(c, out);
}

static void bash_one(const struct command *c, FILE *out)
{
    fprintf(out, "    '%s '*)\n        options='--help", c->name);
    part_words(c, out);
    for (size_t i = 0; i < c->noptions; i++)
        fprintf(out, " %s", c->options[i].name);
    fputs("'\n        values='", out);
    for (size_t i = 0; i < c->noptions; i++)
        if (c->options[i].arg)
            fprintf(out, " %s", c->options[i].name);
    fputs(" '\n        ;;\n", out);
}

static void bash_case(const struct command *c, FILE *out)
{
    each_with_parts(bash_one, c, out);
}

static void bash(FILE *out)
{
    fputs("# bash completion for weir; printed by: weir completions bash\n"
          "_weir() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local options='' values=''\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '--help --version help",
          out);
    each(bash_name, out);
    fputs("' -- \"$cur\"))\n        return\n    fi\n    case \"${COMP_WORDS[1]} "
          "${COMP_WORDS[2]} \" in\n",
          out);
    each(bash_case, out);
    fputs("    esac\n"
          "    case \"$values\" in\n"
          "    *\" $prev \"*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
          "    *) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
          "    esac\n"
          "}\n"
          "complete -o default -F _weir weir\n",
          out);
}

static void zsh_name(const struct command *c, FILE *out)
{
    fprintf(out, "        '%s:", c->name);
    quoted(c->summary, "\\", out);
    fputs("'\n", out);
}

static void zsh_one(const struct command *c, FILE *out)
{
    fprintf(out, "    '%s '*)\n        _arguments '--help[Print this text.]'", c->name);
    if (c->parts) {
        fputs(" \\\n            '1: :(", out);
        part_words(c, out);
        fputs(" )'", out);
    }
    for (size_t i = 0; i < c->noptions; i++) {
        const struct command_option *o = &c->options[i];
        fprintf(out, " \\\n            '*%s[", o->name);
        quoted(o->help, "[]\\", out);
        fputc(']', out);
        if (o->arg) {
            fputc(':', out);
            quoted(o->arg, ":\\", out);
            fputs(takes_file(o) ? ":_files" : ": ", out);
        }
        fputc('\'', out);
    }
    fputs(" \\\n            '*: :_files'\n        ;;\n", out);
}

static void zsh_case(const struct command *c, FILE *out)
{
    each_with_parts(zsh_one, c, out);
}

static void zsh(FILE *out)
{
    fputs("#compdef weir\n# printed by: weir completions zsh\n_weir() {\n"
          "    local -a verbs=(\n",
          out);
    each(zsh_name, out);
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe command verbs\n"
          "        return\n"
          "    fi\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case \"$words[1] $words[2] \" in\n",
          out);
    each(zsh_case, out);
    fputs("    esac\n}\n_weir \"$@\"\n", out);
}

static void fish_options(const struct command *c, FILE *out)
{
    for (size_t i = 0; i < c->noptions; i++) {
        const struct command_option *o = &c->options[i];
        bool is_long = strncmp(o->name, "--", 2) == 0;
        fprintf(out, "complete -c weir -n '__fish_seen_subcommand_from %s",
                c->of ? c->of->name : c->name);
        if (c->of)
            fprintf(out, "; and __fish_seen_subcommand_from %s", command_word(c));
        if (c->parts) {
            fputs("; and not __fish_seen_subcommand_from", out);
            part_words(c, out);
        }
        fprintf(out, "' -%c %s%s -d '", is_long ? 'l' : 's', o->name + (is_long ? 2 : 1),
                takes_file(o) ? " -r"
                : o->arg      ? " -x"
                              : "");
        quoted(o->help, "\\", out);
        fputs("'\n", out);
    }
}

static void fish_command(const struct command *c, FILE *out)
{
    fprintf(out, "complete -c weir -n __fish_use_subcommand -f -a %s -d '", c->name);
    quoted(c->summary, "\\", out);
    fputs("'\n", out);
    for (size_t i = 0; c->parts && c->parts[i]; i++) {
        fprintf(out,
                "complete -c weir -n '__fish_seen_subcommand_from %s; and not "
                "__fish_seen_subcommand_from",
                c->name);
        part_words(c, out);
        fprintf(out, "' -f -a %s -d '", command_word(c->parts[i]));
        quoted(c->parts[i]->summary, "\\", out);
        fputs("'\n", out);
    }
    each_with_parts(fish_options, c, out);
}

static void fish(FILE *out)
{
    fputs("# fish completion for weir; printed by: weir completions fish\n", out);
    each(fish_command, out);
}

bool completions_print(const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0)
        bash(out);
    else if (strcmp(shell, "zsh") == 0)
        zsh(out);
    else if (strcmp(shell, "fish") == 0)
        fish(out);
    else
        return false;
    return true;
}

static int run(int argc, char **argv)
{
    struct options o;
    int code = EXIT_YES;
    if (!options_read(&o, &cmd_completions, argc, argv, &code))
        return code;
    if (o.nwords != 1 || !completions_print(o.words[0], stdout))
        return options_fault(&cmd_completions, "name one shell: bash, zsh or fish");
    return EXIT_YES;
}

const struct command cmd_completions = {
    .name = "completions",
    .summary = "words for the tab key of a shell",
    .usage = "bash|zsh|fish",
    .details = "  weir completions bash > "
               "~/.local/share/bash-completion/completions/weir\n"
               "  weir completions fish > ~/.config/fish/completions/weir.fish\n"
               "  weir completions zsh  > _weir   (in a folder of $fpath)",
    .run = run,
};
