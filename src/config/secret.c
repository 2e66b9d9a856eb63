/* secret.c -- an engine's key: out of the environment, out of a file, or as written.
 *
 * What is read here ends in an Authorization line, so it may hold nothing that could
 * end that line.  Copies made on the way are wiped; no message ever quotes one. */
#include "config/read.h"
#include "core/mem.h"

#include <stdio.h>
#include <sys/stat.h>

enum { MAX_KEY_BYTES = 8192 };

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}

struct str secret_trim(struct str key)
{
    while (key.n && is_blank(key.p[0]))
        key = str_sub(key, 1, key.n);
    while (key.n && is_blank(key.p[key.n - 1]))
        key.n--;
    return key;
}

const char *secret_fault(struct str key)
{
    if (key.n == 0)
        return "is empty";
    if (key.n >= MAX_KEY_BYTES)
        return "is too long for a key";
    for (size_t i = 0; i < key.n; i++) {
        unsigned char ch = (unsigned char)key.p[i];
        if (is_blank((char)ch))
            return "holds a blank or a line end in its middle: was more than the key "
                   "copied?";
        if (ch < ' ' || ch == 0x7f)
            return "holds a control character";
        if (ch > 0x7f)
            return "holds a character that is not ASCII, which no key has: was it copied "
                   "from a text with typographic signs?";
    }
    return NULL;
}

static struct str first_line(struct str text)
{
    ptrdiff_t end = str_index(text, '\n');
    struct str line = end < 0 ? text : str_sub(text, 0, (size_t)end);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return str_trim(line);
}

/* The bytes in text, or 0. */
static size_t read_file(struct reading *rd, const struct ynode *n, const char *path,
                        char *text, size_t size)
{
    struct stat st;
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    size_t got = fread(text, 1, size, f);
    if (fstat(fileno(f), &st) == 0 && (st.st_mode & 077))
        warn_at(rd->faults, n, "%s can be read by others; chmod 600 it", path);
    fclose(f);
    return got;
}

static void read_key_file(struct reading *rd, const struct ynode *n, struct str spec,
                          struct str *out)
{
    char text[MAX_KEY_BYTES];
    struct str path = STR("");
    if (!read_expand_path(rd, n, spec, &path))
        return;
    size_t got = read_file(rd, n, path.p, text, sizeof text);
    struct str key = first_line((struct str){text, got});
    if (key.n == 0)
        fault_at(rd->faults, n, "no key could be read from %s", path.p);
    else if (secret_fault(key))
        fault_at(rd->faults, n, "the first line of %s is not a key: it %s", path.p,
                 secret_fault(key));
    else
        *out = arena_strdup(rd->arena, key);
    mem_wipe(text, sizeof text);
}

static void wipe(struct str s)
{
    union {
        const char *in;
        char *out;
    } bytes = {s.p};
    mem_wipe(bytes.out, s.n);
}

void read_secret(struct reading *rd, const struct ynode *n, void *out)
{
    struct str raw = STR(""), key = STR("");
    read_text(rd, n, &raw);
    if (raw.n == 0)
        return;
    if (str_starts(raw, STR("file:"))) {
        read_key_file(rd, n, str_sub(raw, 5, raw.n), out);
        return;
    }
    bool is_literal = str_find(raw, STR("${")) < 0;
    if (!read_expand(rd, n, raw, &key))
        return;
    if (is_literal) {
        warn_at(rd->faults, n,
                "the key stands in the file itself; better api_key: ${NAME} or "
                "file:/path");
        wipe(raw); /* the tree's copy, which lives as long as the snapshot */
    }
    struct str trimmed = secret_trim(key);
    const char *fault = secret_fault(trimmed);
    if (!fault) {
        *(struct str *)out = trimmed;
        return;
    }
    if (is_literal)
        fault_at(rd->faults, n, "api_key %s", fault);
    else
        fault_at(rd->faults, n, "api_key: what %.*s stands for %s", STR_ARG(raw), fault);
    wipe(key);
}
