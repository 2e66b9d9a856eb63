/* say.c -- see say.h. */
#include "cmd/lib/say.h"

#include "core/clean.h"
#include "core/mem.h"

#include <stdarg.h>

enum { JSON_BYTES = 64 << 20 };

void say(FILE *out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *line = n < 0 ? NULL : mem_alloc((size_t)n + 1);
    if (!line)
        return;
    va_start(ap, fmt);
    vsnprintf(line, (size_t)n + 1, fmt, ap);
    va_end(ap);
    size_t len = clean_in_place(line, (size_t)n);
    fprintf(out, "%.*s\n", (int)len, line);
    mem_free(line);
}

void say_json(FILE *out, struct str json)
{
    struct buf b;
    buf_init(&b, JSON_BYTES);
    clean_append_json(&b, json);
    fprintf(out, "%.*s\n", STR_ARG(buf_view(&b)));
    buf_release(&b);
}

const char *say_s(uint64_t n)
{
    return n == 1 ? "" : "s";
}
