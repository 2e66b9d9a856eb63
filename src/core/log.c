/* log.c -- "weir: level: text", cleaned and handed to the printer. */
#include "core/log.h"

#include "core/clean.h"
#include "core/clock.h"
#include "core/printer.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_BYTES = 1024, MORE_BYTES = 64 };

static atomic_int current_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&current_level, memory_order_relaxed);
}

static void print(enum log_level level, uint64_t more, const char *fmt, va_list ap)
{
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    char line[LINE_BYTES + MORE_BYTES];
    size_t n = (size_t)snprintf(line, sizeof line, "weir: %s", names[level]);
    int said = vsnprintf(line + n, LINE_BYTES - n, fmt, ap);
    n += said > 0 ? (size_t)said : 0;
    if (n > LINE_BYTES - 1)
        n = LINE_BYTES - 1;
    n = clean_in_place(line, n);
    if (more)
        n += (size_t)snprintf(line + n, MORE_BYTES - 1, " (and %llu more in between)",
                              (unsigned long long)more);
    line[n++] = '\n';
    printer_put((struct str){line, n});
}

void log_line(enum log_level level, const char *fmt, ...)
{
    va_list ap;
    if (!log_enabled(level))
        return;
    va_start(ap, fmt);
    print(level, 0, fmt, ap);
    va_end(ap);
}

void log_text(enum log_level level, struct str text)
{
    struct str line;
    while (str_split(&text, '\n', &line))
        if (line.n)
            log_line(level, "  %.*s", STR_ARG(line));
}

void log_line_rarely(struct log_limit *limit, enum log_level level, const char *fmt, ...)
{
    va_list ap;
    uint64_t now = clock_mono_ms();
    uint_fast64_t next = atomic_load(&limit->next_ms);
    if (!log_enabled(level))
        return;
    if ((next && now < next) ||
        !atomic_compare_exchange_strong(&limit->next_ms, &next, now + LOG_LIMIT_MS)) {
        atomic_fetch_add(&limit->held_back, 1);
        return;
    }
    va_start(ap, fmt);
    print(level, atomic_exchange(&limit->held_back, 0), fmt, ap);
    va_end(ap);
}
