/* log.h -- what the operator reads on stderr: one line an event.
 *
 * Never a prompt, never a secret.  Code that returns an error does not log it; the
 * place that decides what happens next does.  Lines are written whole, so threads
 * do not interleave.  The level is the one mutable global of the program. */
#ifndef WEIR_CORE_LOG_H
#define WEIR_CORE_LOG_H

#include "core/compiler.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)                                                                   \
    do {                                                                                 \
        if (log_enabled(LOG_DEBUG))                                                      \
            log_line(LOG_DEBUG, __VA_ARGS__);                                            \
    } while (0)

#endif
