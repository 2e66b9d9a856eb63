/* err.c -- filling struct err, and the one table from kind to HTTP status. */
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void trim_to_utf8(char *msg, size_t size)
{
    size_t n = strlen(msg);
    if (n + 1 < size)
        return;
    while (n && ((unsigned char)msg[n - 1] & 0xC0) == 0x80)
        n--;
    if (n && ((unsigned char)msg[n - 1] & 0x80))
        n--;
    msg[n] = '\0';
}

static void fill(struct err *err, enum err_kind kind, const char *code, const char *fmt,
                 va_list ap)
{
    err->kind = kind;
    err->sys = 0;
    err->code = code;
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    trim_to_utf8(err->msg, sizeof err->msg);
}

int err_set(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
{
    va_list ap;
    if (!err)
        return -1;
    va_start(ap, fmt);
    fill(err, kind, code, fmt, ap);
    va_end(ap);
    return -1;
}

int err_sys(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
{
    int sys = errno;
    va_list ap;
    if (!err)
        return -1;
    va_start(ap, fmt);
    fill(err, kind, code, fmt, ap);
    va_end(ap);
    err->sys = sys;
    size_t n = strlen(err->msg);
    snprintf(err->msg + n, sizeof err->msg - n, ": %s", strerror(sys));
    return -1;
}

int err_nomem(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "out_of_memory", "weir is out of memory");
}

void err_clear(struct err *err)
{
    memset(err, 0, sizeof *err);
}

int err_http_status(enum err_kind kind)
{
    static const int status[ERR_KINDS] = {
        [ERR_BAD_REQUEST] = 400, [ERR_AUTH] = 401,        [ERR_FORBIDDEN] = 403,
        [ERR_NOT_FOUND] = 404,   [ERR_METHOD] = 405,      [ERR_CLIENT_SLOW] = 408,
        [ERR_TOO_LARGE] = 413,   [ERR_UNSUPPORTED] = 415, [ERR_HEAD_TOO_LARGE] = 431,
        [ERR_RATE_LIMIT] = 429,  [ERR_UPSTREAM] = 502,    [ERR_TIMEOUT] = 504,
        [ERR_LOOP] = 508,        [ERR_OVERLOAD] = 503,    [ERR_INTERNAL] = 500,
        [ERR_CONFIG] = 500,      [ERR_UPGRADE] = 426,     [ERR_MISDIRECTED] = 421,
    };
    return kind > ERR_NONE && kind < ERR_KINDS ? status[kind] : 500;
}
