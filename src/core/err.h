/* err.h -- why something failed, in the caller's storage.
 *
 * Functions return 0 or -1 and fill *err last.  The kind alone decides the HTTP
 * status and whether another engine may be tried; `code` is the word a program may
 * match on (it is weir's own, stable, and static storage); `msg` is for people and
 * names the place and the remedy.  Code that returns an error does not log it. */
#ifndef WEIR_CORE_ERR_H
#define WEIR_CORE_ERR_H

#include "core/compiler.h"

enum err_kind {
    ERR_NONE = 0,
    ERR_BAD_REQUEST,    /* the client's fault: 400, never retried                */
    ERR_AUTH,           /* no key or an unknown one: 401                         */
    ERR_FORBIDDEN,      /* known, but not allowed: 403                           */
    ERR_NOT_FOUND,      /* no such model or path: 404                            */
    ERR_METHOD,         /* known path, other method: 405                         */
    ERR_UPGRADE,        /* known path, to be spoken in another protocol: 426     */
    ERR_CLIENT_SLOW,    /* the client did not finish its request in time: 408    */
    ERR_TOO_LARGE,      /* past a stated ceiling: 413                            */
    ERR_UNSUPPORTED,    /* a media type or encoding we do not take: 415          */
    ERR_HEAD_TOO_LARGE, /* request head past its ceiling: 431                    */
    ERR_MISDIRECTED,    /* addressed to a host that is none of ours: 421        */
    ERR_RATE_LIMIT,     /* the upstream's 429: another engine may be tried       */
    ERR_UPSTREAM,       /* the engine answered badly or not at all: 502          */
    ERR_TIMEOUT,        /* a deadline passed: 504                                */
    ERR_LOOP,           /* the request has come back to its weir: 508           */
    ERR_OVERLOAD,       /* our own limit, or no able engine: 503                 */
    ERR_INTERNAL,       /* the disk, memory, or a bug: 500                       */
    ERR_CONFIG,         /* what the operator wrote; never seen by a client       */
    ERR_KINDS           /* sentinel */
};

struct err {
    enum err_kind kind;
    int sys;          /* errno, or 0 */
    const char *code; /* weir's word, e.g. "model_not_found"; static; may be NULL */
    char msg[512];
};

/* Sets *err and returns -1, so that `return err_set(...)` reads well.  err may be
 * NULL.  A message longer than msg is cut at a UTF-8 boundary. */
int err_set(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The same from errno: appends ": strerror". */
int err_sys(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
int err_nomem(struct err *err); /* ERR_INTERNAL "out_of_memory" */
void err_clear(struct err *err);
/* For the paths that every request takes: an error that is none yet.  Its text is empty
 * and not overwritten, which = {0} would do to all 320 bytes of it. */
static inline void err_init(struct err *err)
{
    err->kind = ERR_NONE;
    err->sys = 0;
    err->code = NULL;
    err->msg[0] = '\0';
}

/* The HTTP status a client sees for this kind. */
int err_http_status(enum err_kind kind);

#endif
