/* key.c -- `weir key new NAME`: a client key, shown once, with the line to paste. */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "config/config.h"
#include "core/mem.h"

static const struct command_option options[] = {
    {"--sensitivity", "WORD",
     "Label of all its requests: public, internal, confidential."},
};

static bool is_name(const char *s)
{
    size_t n =
        strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return n > 0 && n <= 64 && s[n] == '\0';
}

static void print_key(const char *name, const char *key, const char *sensitivity)
{
    unsigned char hash[CONFIG_KEY_HASH_BYTES];
    config_key_hash(str_of(key), hash);
    printf("%s\n\n", key);
    printf("This is the only time it is shown. Give it to %s, and add to weir.yaml:\n\n",
           name);
    printf("keys:\n  - {name: %s, hash: \"sha256:", name);
    for (size_t i = 0; i < sizeof hash; i++)
        printf("%02x", hash[i]);
    printf("\"%s%s}\n", sensitivity ? ", sensitivity: " : "",
           sensitivity ? sensitivity : "");
}

static int run(int argc, char **argv)
{
    struct options o;
    struct err err = {0};
    char key[64];
    int exit_code = EXIT_YES;
    enum sensitivity ignored;
    if (!options_read(&o, &cmd_key, argc, argv, &exit_code))
        return exit_code;
    if (o.nwords != 2 || strcmp(o.words[0], "new") != 0)
        return options_fault(&cmd_key, "say whom the key is for: weir key new NAME");
    if (!is_name(o.words[1]))
        return options_fault(&cmd_key, "a name is letters, digits, '-', '_' and '.', at "
                                       "most 64 of them");
    const char *sensitivity = options_get(&o, "--sensitivity");
    if (sensitivity && !sensitivity_parse(str_of(sensitivity), &ignored))
        return options_fault(&cmd_key,
                             "--sensitivity is public, internal or confidential");
    if (config_key_generate(key, &err) < 0) {
        fprintf(stderr, "weir key: %s\n", err.msg);
        return EXIT_NO;
    }
    print_key(o.words[1], key, sensitivity);
    mem_wipe(key, sizeof key);
    return EXIT_YES;
}

const struct command cmd_key = {
    .name = "key",
    .summary = "make a key for a client",
    .usage = "new NAME [--sensitivity WORD]",
    .details =
        "weir keeps only the SHA-256 of a key. Without keys in the configuration,\n"
        "weir listens on loopback only and asks for none.\n\n"
        "Example:\n  weir key new alice --sensitivity internal",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
