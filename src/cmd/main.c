/* main.c -- a table of verbs. */
#include "cmd/commands.h"
#include "cmd/options.h"
#include "facts/nearest.h"

#include <string.h>

static const struct {
    const char *heading;
    const struct command *commands[8];
} groups[] = {
    {"Serve",
     {&cmd_up, &cmd_serve, &cmd_route, &cmd_ledger, &cmd_check, &cmd_key, &cmd_sim}},
};

static void print_help(FILE *out)
{
    fprintf(out,
            "weir %s -- local and cloud language models as one\n\n"
            "It stands where your apps call an LLM, sends each request to the local "
            "engine or\nto the cloud for a reason it can state, and keeps what is "
            "confidential local.\n\nUsage: weir COMMAND [options]\n",
            WEIR_VERSION);
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        fprintf(out, "\n%s\n", groups[g].heading);
        for (size_t i = 0; i < 8 && groups[g].commands[i]; i++)
            fprintf(out, "  %-10s %s\n", groups[g].commands[i]->name,
                    groups[g].commands[i]->summary);
    }
    fprintf(out,
            "\nFirst steps:\n"
            "  weir up                      find engines and keys, and serve them\n"
            "  weir serve -c weir.yaml      your engines\n"
            "  weir ledger                  what each request cost and where it went\n"
            "\nEach command explains itself: weir COMMAND --help\n");
}

static const struct command *find(const char *name)
{
    for (size_t g = 0; g < ARRAY_LEN(groups); g++)
        for (size_t i = 0; i < 8 && groups[g].commands[i]; i++)
            if (strcmp(groups[g].commands[i]->name, name) == 0)
                return groups[g].commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, str_of(name));
    for (size_t g = 0; g < ARRAY_LEN(groups); g++)
        for (size_t i = 0; i < 8 && groups[g].commands[i]; i++)
            nearest_offer(&near, str_of(groups[g].commands[i]->name));
    near.n = near.n ? 1 : 0;
    nearest_print(&near, words, sizeof words);
    fprintf(stderr, "weir: unknown command '%s'; did you mean %s? See weir --help\n",
            name, words);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("weir %s\n", WEIR_VERSION);
        return EXIT_YES;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        (strcmp(argv[1], "help") == 0 && argc == 2)) {
        print_help(stdout);
        return EXIT_YES;
    }
    const struct command *c = find(argv[strcmp(argv[1], "help") == 0 ? 2 : 1]);
    if (!c)
        return unknown_command(argv[1]);
    if (strcmp(argv[1], "help") == 0) {
        command_print_help(c, stdout);
        return EXIT_YES;
    }
    return c->run(argc - 1, argv + 1);
}
