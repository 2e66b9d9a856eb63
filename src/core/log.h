/* log.h -- what the operator reads on stderr: one line an event.
 *
 * Never a prompt, never a secret.  Code that returns an error does not log it; the
 * place that decides what happens next does.  Lines are whole, free of control
 * characters (core/clean.h), and while weir serves they hold up no thread
 * (core/printer.h).  What a request can cause is said with log_warn_rarely(). */
#ifndef WEIR_CORE_LOG_H
#define WEIR_CORE_LOG_H

#include "core/str.h"

#include <stdatomic.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Text of another program: each of its lines as one of ours. */
void log_text(enum log_level level, struct str text);

/* At most one line a minute of each kind; the next one then tells how many were held
 * back.  A kind is a place in the code. */
enum { LOG_LIMIT_MS = 60 * 1000 };
struct log_limit {
    atomic_uint_fast64_t next_ms, held_back;
};
void log_line_rarely(struct log_limit *limit, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)                                                                   \
    do {                                                                                 \
        if (log_enabled(LOG_DEBUG))                                                      \
            log_line(LOG_DEBUG, __VA_ARGS__);                                            \
    } while (0)
#define log_warn_rarely(...)                                                             \
    do {                                                                                 \
        static struct log_limit limit_of_this_kind;                                      \
        log_line_rarely(&limit_of_this_kind, LOG_WARN, __VA_ARGS__);                     \
    } while (0)

#endif
