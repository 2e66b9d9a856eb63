/* main.c -- reads the verb; the table of verbs is cmd/lib/table.c. */
#include "cmd/lib/options.h"
#include "cmd/lib/output.h"
#include "cmd/lib/table.h"
#include "facts/nearest.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void print_help(FILE *out)
{
    fprintf(out,
            "weir %s -- local and cloud language models as one\n\n"
            "It stands where your apps call an LLM, sends each request to the local "
            "engine or\nto the cloud for a reason it can state, and keeps what is "
            "confidential local.\n\nUsage: weir COMMAND [options]\n",
            WEIR_VERSION);
    for (size_t g = 0; g < command_ngroups; g++) {
        fprintf(out, "\n%s\n", command_groups[g].heading);
        for (size_t i = 0; command_groups[g].commands[i]; i++)
            fprintf(out, "  %-12s %s\n", command_groups[g].commands[i]->name,
                    command_groups[g].commands[i]->summary);
    }
    fprintf(out,
            "\nFirst steps:\n"
            "  weir up                      find engines and keys, and serve them\n"
            "  weir serve -c weir.yaml      your engines\n"
            "  weir ledger                  what each request cost and where it went\n"
            "\nEach command explains itself: weir COMMAND --help\n");
}

static int unknown_command(const char *name)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, str_of(name));
    for (size_t g = 0; g < command_ngroups; g++)
        for (size_t i = 0; command_groups[g].commands[i]; i++)
            nearest_offer(&near, str_of(command_groups[g].commands[i]->name));
    near.n = near.n ? 1 : 0;
    nearest_print(&near, "did you mean ", "? ", words, sizeof words);
    fprintf(stderr, "weir: unknown command '%s'; %sweir --help lists them\n", name,
            words);
    return EXIT_USAGE;
}

/* weir help [--man] [VERB], or weir help VERB PART */
static int help(int argc, char **argv)
{
    bool is_manual = argc > 2 && strcmp(argv[2], "--man") == 0;
    const char *verb = argc > (is_manual ? 3 : 2) ? argv[is_manual ? 3 : 2] : NULL;
    const struct command *c = verb ? command_find(verb) : NULL;
    if (verb && !c)
        return unknown_command(verb);
    if (!is_manual && c && argc > 3 && command_part(c, argv[3]))
        c = command_part(c, argv[3]);
    if (is_manual)
        manual_print(c, stdout);
    else if (c)
        command_print_help(c, stdout);
    else
        print_help(stdout);
    return EXIT_YES;
}

/* A descriptor of 0 to 2 that the caller closed would be the next file's, and what weir
 * prints would be written into that.  Its place is taken by one that can do nothing: who
 * reads an input that is not there, or whose output goes nowhere, is to be told.  Only
 * messages without a place are dropped. */
static void open_standard_descriptors(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            return;
}

static int run_verb(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("weir %s\n", WEIR_VERSION);
        return EXIT_YES;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return EXIT_YES;
    }
    if (strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    const struct command *c = command_find(argv[1]);
    return c ? command_run(c, argc - 1, argv + 1) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    open_standard_descriptors();
    int exit_code = run_verb(argc, argv);
    int why = output_finish();
    if (!why)
        return exit_code;
    fprintf(stderr, "weir: not all of the output could be written: %s\n", strerror(why));
    return exit_code == EXIT_YES ? EXIT_NO : exit_code;
}
