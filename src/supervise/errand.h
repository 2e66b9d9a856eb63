/* errand.h -- a program that is run once, for what it prints.
 *
 * No shell reads its words, it gets no descriptor but those below, and it runs in a
 * process group of its own, all of which is ended when its time is over, when it prints
 * too much or when nobody wants its answer any more.  Where the system has limits of a
 * process, its memory and its time on a processor are bounded too.
 *
 *     stdin   /dev/null, or `input`
 *     stdout  the answer, or /dev/null when the answer comes by out_fd
 *     stderr  what it says beside it
 *
 * errand_run() waits, so it is for threads that may; a loop thread is none. */
#ifndef WEIR_SUPERVISE_ERRAND_H
#define WEIR_SUPERVISE_ERRAND_H

#include "core/buf.h"
#include "core/err.h"

enum { ERRAND_INPUT_BYTES = 32 * 1024 };

struct errand {
    const char *program;     /* a path; argv[0] is what it is told */
    const char *const *argv; /* NULL ends them, and env */
    const char *const *env;  /* "NAME=value" */
    struct str input;        /* at most ERRAND_INPUT_BYTES */
    int out_fd;              /* 1, or 3: the program is told to write to /dev/fd/3 */
    uint32_t most_ms;
    uint64_t most_memory_bytes; /* of its address space; 0: no limit */
    /* Asked every few milliseconds; false: it is ended.  NULL: nobody asks. */
    bool (*is_wanted)(void *ctx);
    void *ctx;
};

/* *ret_code is its exit code; `out` and `said` keep their own ceilings.  -1 with
 * ERR_TIMEOUT "errand_late", ERR_TOO_LARGE "errand_long", ERR_INTERNAL "errand_failed"
 * (it could not be started, or a signal ended it), ERR_CLIENT_SLOW "errand_unwanted". */
int errand_run(const struct errand *e, struct buf *out, struct buf *said, int *ret_code,
               struct err *err);

/* The path of the program that runs, of its own file even when that was replaced since;
 * NULL: this system does not say. */
const char *errand_self(void);

#endif
