/* printer.c -- see printer.h: a list that any thread adds to and one thread takes. */
#include "core/printer.h"

#include "core/mem.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum mode { MODE_DIRECT, MODE_QUEUED, MODE_OVER };

struct chunk {
    struct chunk *next;
    size_t n;
    char text[];
};

static struct {
    atomic_int mode;
    _Atomic(struct chunk *) newest;
    atomic_size_t queued_bytes;
    atomic_ullong dropped; /* lines, since the last line that said so */
    atomic_bool is_ending;
    sem_t work, done;
    pthread_t thread;
} printer;

/* -- writing -------------------------------------------------------------------- */

/* False when nobody will ever read it. */
static bool write_whole(struct str s)
{
    while (s.n) {
        ssize_t n = write(STDERR_FILENO, s.p, s.n);
        if (n > 0) {
            s = str_sub(s, (size_t)n, s.n);
        } else if (n < 0 && errno == EAGAIN) { /* somebody else made it non-blocking */
            struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
            poll(&p, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static void tell_dropped(void)
{
    char line[120];
    unsigned long long n = atomic_exchange(&printer.dropped, 0);
    if (n == 0)
        return;
    int len = snprintf(line, sizeof line,
                       "weir: warning: %llu lines are missing here: nobody read them in "
                       "time\n",
                       n);
    write_whole((struct str){line, (size_t)len});
}

static struct chunk *take_oldest_first(void)
{
    struct chunk *c = atomic_exchange(&printer.newest, NULL), *oldest = NULL;
    while (c) {
        struct chunk *next = c->next;
        c->next = oldest;
        oldest = c;
        c = next;
    }
    return oldest;
}

static void write_queued(void)
{
    struct chunk *c;
    while ((c = take_oldest_first()) != NULL) {
        while (c) {
            struct chunk *next = c->next;
            write_whole((struct str){c->text, c->n});
            atomic_fetch_sub(&printer.queued_bytes, c->n);
            mem_free(c);
            c = next;
        }
        tell_dropped();
    }
}

static void *printer_main(void *arg)
{
    bool is_ending = false;
    while (!is_ending) {
        while (sem_wait(&printer.work) < 0 && errno == EINTR)
            ;
        is_ending = atomic_load(&printer.is_ending);
        write_queued();
    }
    sem_post(&printer.done);
    return arg;
}

/* -- queueing ------------------------------------------------------------------- */

static void drop(struct str lines)
{
    unsigned long long n = 0;
    for (size_t i = 0; i < lines.n; i++)
        n += lines.p[i] == '\n';
    atomic_fetch_add(&printer.dropped, n);
}

static void queue(struct str lines)
{
    size_t was = atomic_fetch_add(&printer.queued_bytes, lines.n);
    struct chunk *c = was + lines.n <= PRINTER_MAX_BYTES
                          ? mem_alloc(sizeof(struct chunk) + lines.n)
                          : NULL;
    if (!c) {
        atomic_fetch_sub(&printer.queued_bytes, lines.n);
        drop(lines);
        return;
    }
    c->n = lines.n;
    memcpy(c->text, lines.p, lines.n);
    struct chunk *head = atomic_load(&printer.newest);
    do
        c->next = head;
    while (!atomic_compare_exchange_weak(&printer.newest, &head, c));
    if (!head) /* whoever found it empty wakes the thread for all */
        sem_post(&printer.work);
}

void printer_put(struct str lines)
{
    int mode = atomic_load_explicit(&printer.mode, memory_order_relaxed);
    if (lines.n == 0)
        return;
    if (mode == MODE_QUEUED)
        queue(lines);
    else if (mode == MODE_DIRECT)
        write_whole(lines);
}

/* -- life ------------------------------------------------------------------------- */

void printer_start(void)
{
    sigset_t all, was;
    if (atomic_load(&printer.mode) != MODE_DIRECT || sem_init(&printer.work, 0, 0) < 0 ||
        sem_init(&printer.done, 0, 0) < 0)
        return;
    atomic_store(&printer.is_ending, false);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was); /* signals belong to the main thread */
    if (pthread_create(&printer.thread, NULL, printer_main, NULL) == 0)
        atomic_store(&printer.mode, MODE_QUEUED);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
}

static bool wait_for_end(void)
{
    struct timespec until;
    int rc;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PRINTER_STOP_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    do
        rc = sem_clockwait(&printer.done, CLOCK_MONOTONIC, &until);
    while (rc < 0 && errno == EINTR);
    return rc == 0;
}

void printer_stop(void)
{
    if (atomic_load(&printer.mode) != MODE_QUEUED)
        return;
    atomic_store(&printer.is_ending, true);
    sem_post(&printer.work);
    if (!wait_for_end()) { /* it hangs in write(2), and ends with the process */
        atomic_store(&printer.mode, MODE_OVER);
        pthread_detach(printer.thread);
        return;
    }
    pthread_join(printer.thread, NULL);
    atomic_store(&printer.mode, MODE_DIRECT);
}
