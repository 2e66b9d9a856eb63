/* child.h -- an engine that weir starts itself, watches, restarts and stops.
 *
 * The command is split into words here; no shell reads it, so a path with blanks or
 * quotes in it is one word.  The engine runs in a process group of its own: Ctrl-C in
 * the terminal reaches weir alone, which first lets requests finish.  On Linux the
 * kernel ends the engine when weir is killed.
 *
 * After a death it is started again, after 1 s, then 2, 4 ... 30 s; a minute of life
 * starts the count anew.  One that was ended (child_end()) rests until child_start(). */
#ifndef WEIR_SUPERVISE_CHILD_H
#define WEIR_SUPERVISE_CHILD_H

#include "core/err.h"
#include "core/str.h"

#include <sys/types.h>

enum {
    CHILD_WORDS = 64,
    CHILD_TEXT = 8192,
    CHILD_BACKOFF_MIN_MS = 1000,
    CHILD_BACKOFF_MAX_MS = 30000,
    CHILD_STEADY_MS = 60000,
    CHILD_LOG_MAX_BYTES = 8 << 20
};

struct child {
    char text[CHILD_TEXT]; /* what argv points into */
    char *argv[CHILD_WORDS + 1];
    uint16_t port;
    char log_path[1100];
    int log_fd;
    pid_t pid; /* 0: not running */
    uint64_t started_ms, restart_at_ms;
    uint32_t backoff_ms;
    unsigned deaths;
    int status;          /* of its last death, as wait() has it */
    bool rests;          /* it is not started again */
    uint64_t kill_at_ms; /* it was told to end; 0: it was not */
};

/* `command` with {model} and {port} replaced in its words; both must be in it. */
int child_init(struct child *c, const char *command, const char *model, uint16_t port,
               const char *log_path, struct err *err);
void child_release(struct child *c); /* closes the log; the child must be stopped */

/* A TCP port of 127.0.0.1 that nobody listens on now; 0 when there is none. */
uint16_t child_free_port(void);
/* Nobody listens on c's port: whoever did would be taken for the engine. */
bool child_port_is_free(const struct child *c);

int child_start(struct child *c, struct err *err);

enum child_event { CHILD_SAME, CHILD_DIED, CHILD_RESTARTED };
/* Notes a death and starts again when it is time; kills what does not end in time.  Call
 * it about once a second. */
enum child_event child_poll(struct child *c, uint64_t now_ms);
/* True when it answers /v1/models and does not say that it is loading. */
bool child_is_healthy(const struct child *c);
/* SIGTERM to the group; child_poll() sends SIGKILL after grace_ms.  It has ended when its
 * pid is 0, and rests then. */
void child_end(struct child *c, uint64_t now_ms, uint64_t grace_ms);
/* The same, waited for: SIGTERM to the group, SIGKILL after grace_ms. */
void child_stop(struct child *c, uint64_t grace_ms);

/* How it ended last: "it ended with exit code 1", "it was ended by signal 9 (Killed)". */
void child_exit_words(const struct child *c, char *out, size_t size);
/* The last lines of the engine's own output, printable, for a message. */
void child_last_words(const struct child *c, char *out, size_t size);

#endif
