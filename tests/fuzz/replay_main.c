/* replay_main.c -- runs a fuzz target over the files and folders it is given, so that
 * every finding stays a test under compilers that have no libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILE_BYTES = 1 << 20 };

static size_t nreplayed(const char *path);

static size_t replay_folder(const char *path, DIR *dir)
{
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        int len = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (len < 0 || (size_t)len >= sizeof inner)
            exit(1);
        n += nreplayed(inner);
    }
    closedir(dir);
    return n;
}

static size_t replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *all = malloc(MAX_FILE_BYTES);
    if (!f || !all) {
        perror(path);
        exit(1);
    }
    size_t n = fread(all, 1, MAX_FILE_BYTES, f);
    fclose(f);
    uint8_t *exact = malloc(n ? n : 1); /* its end is where ASan looks */
    if (!exact)
        exit(1);
    memcpy(exact, all, n);
    free(all);
    fprintf(stderr, "%s\n", path); /* the last line before an abort names the file */
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 1;
}

static size_t nreplayed(const char *path)
{
    DIR *dir = opendir(path);
    return dir ? replay_folder(path, dir) : replay_file(path);
}

int main(int argc, char **argv)
{
    size_t n = 0;
    for (int i = 1; i < argc; i++)
        n += nreplayed(argv[i]);
    printf("%zu inputs\n", n);
    return n > 0 ? 0 : 1;
}
