/* pool.c -- see pool.h: one queue, one lock, N threads.
 *
 * Work that is done in between runs on top of the one that stepped aside, on the same
 * thread and stack, one deep: what runs there does not step aside itself. */
#include "loop/pool.h"

#include "core/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* At 5 the streams of a worker on the same CPU were up to six times as late while
 * prompts were scanned; at 19 they do not notice. */
enum {
    MAX_THREADS = 16,
    NICENESS = 19,
    LOOK_AHEAD = 256, /* of the queue, for work that may go before its turn */
    MUCH_SMALLER = 8, /* so many times, and it is done in between */
    AT_ONE_STEP = 4   /* so many of them */
};

/* What a thread is at; the second runs on top of the first. */
struct at_work {
    const struct work *work, *aside;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct link queue;
    atomic_uint nqueued; /* as a hint, without the lock */
    bool is_ending;
    struct at_work at[MAX_THREADS];
    unsigned nthreads;
    pthread_t threads[MAX_THREADS];
};

static void yield_to_loops(void)
{
#ifdef __linux__ /* a thread's own there; the whole process's elsewhere */
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICENESS);
    pthread_setname_np(pthread_self(), "weir-pool");
#endif
}

/* -- under the lock ---------------------------------------------------------------- */

static unsigned threads_of(const struct pool *p, uint64_t owner)
{
    unsigned n = 0;
    for (unsigned i = 0; i < p->nthreads; i++) {
        const struct at_work *at = &p->at[i];
        const struct work *w = at->aside ? at->aside : at->work;
        n += w && w->owner == owner;
    }
    return n;
}

/* The first in the queue that `fits`, or NULL. */
typedef bool fits_fn(const struct pool *p, const struct work *w, const struct work *mine);

static struct work *find(struct pool *p, fits_fn *fits, const struct work *mine)
{
    unsigned seen = 0;
    for (struct link *l = p->queue.next; l != &p->queue && seen < LOOK_AHEAD;
         l = l->next, seen++) {
        struct work *w = CONTAINER_OF(l, struct work, link);
        if (fits(p, w, mine))
            return w;
    }
    return NULL;
}

static bool has_no_thread(const struct pool *p, const struct work *w,
                          const struct work *mine)
{
    (void)mine;
    return threads_of(p, w->owner) == 0;
}

static bool is_small_beside(const struct pool *p, const struct work *w,
                            const struct work *mine)
{
    (void)p;
    return w->bytes <= mine->bytes / MUCH_SMALLER;
}

static void take(struct pool *p, struct work *w)
{
    list_remove(&w->link);
    atomic_fetch_sub_explicit(&p->nqueued, 1, memory_order_relaxed);
}

/* -- threads ------------------------------------------------------------------------- */

static struct work *next_work(struct pool *p, unsigned me)
{
    struct work *w = NULL;
    pthread_mutex_lock(&p->lock);
    while (list_empty(&p->queue) && !p->is_ending)
        pthread_cond_wait(&p->wake, &p->lock);
    if (!list_empty(&p->queue)) {
        w = find(p, has_no_thread, NULL);
        if (!w)
            w = list_first(&p->queue, struct work, link);
        take(p, w);
        p->at[me].work = w;
    }
    pthread_mutex_unlock(&p->lock);
    return w;
}

static void run_done(void *arg)
{
    struct work *w = arg;
    w->done(w);
}

/* Its owner may free it as soon as it is posted. */
static void finish(struct pool *p, const struct work **place, struct work *w)
{
    pthread_mutex_lock(&p->lock);
    *place = NULL;
    pthread_mutex_unlock(&p->lock);
    loop_post(w->loop, &w->task);
}

struct start {
    struct pool *pool;
    unsigned number;
};

static void *pool_main(void *arg)
{
    struct start *start = arg;
    struct pool *p = start->pool;
    unsigned me = start->number;
    struct work *w;
    mem_free(start);
    yield_to_loops();
    while ((w = next_work(p, me)) != NULL) {
        w->fn(w);
        finish(p, &p->at[me].work, w);
    }
    return NULL;
}

/* The one to do before `mine` goes on, taken out of the queue; NULL: none. */
static struct work *next_aside(struct pool *p, struct at_work *at,
                               const struct work *mine)
{
    struct work *w = NULL;
    if (threads_of(p, mine->owner) == p->nthreads)
        w = find(p, has_no_thread, mine);
    if (!w)
        w = find(p, is_small_beside, mine);
    if (w) {
        take(p, w);
        at->aside = w;
    }
    return w;
}

static struct at_work *my_place(struct pool *p, const struct work *mine)
{
    for (unsigned i = 0; i < p->nthreads; i++)
        if (p->at[i].work == mine)
            return &p->at[i];
    return NULL;
}

void pool_step_aside(struct pool *p, const struct work *mine)
{
    for (int i = 0; i < AT_ONE_STEP; i++) {
        if (atomic_load_explicit(&p->nqueued, memory_order_relaxed) == 0)
            return;
        pthread_mutex_lock(&p->lock);
        struct at_work *at = my_place(p, mine); /* NULL: it is on top of another */
        struct work *w = at ? next_aside(p, at, mine) : NULL;
        pthread_mutex_unlock(&p->lock);
        if (!w)
            return;
        w->fn(w);
        finish(p, &at->aside, w);
    }
}

static bool start_thread(struct pool *p)
{
    sigset_t all, was;
    struct start *start = mem_new(struct start);
    if (!start)
        return false;
    *start = (struct start){p, p->nthreads};
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was); /* signals belong to the main thread */
    bool ok = pthread_create(&p->threads[p->nthreads], NULL, pool_main, start) == 0;
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (!ok)
        mem_free(start);
    pthread_mutex_lock(&p->lock); /* the threads there are may be looking */
    p->nthreads += ok;
    pthread_mutex_unlock(&p->lock);
    return ok;
}

struct pool *pool_create(unsigned nthreads, struct err *err)
{
    struct pool *p = mem_new(struct pool);
    if (!p) {
        err_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    list_init(&p->queue);
    if (nthreads > MAX_THREADS)
        nthreads = MAX_THREADS;
    for (unsigned i = 0; i < nthreads; i++)
        if (!start_thread(p))
            break;
    if (p->nthreads > 0)
        return p;
    pool_free(p);
    err_set(err, ERR_INTERNAL, "thread", "cannot start a pool thread");
    return NULL;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_ending = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->nthreads; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    mem_free(p);
}

void pool_submit(struct pool *p, struct loop *l, struct work *w)
{
    w->loop = l;
    w->task = (struct loop_task){.fn = run_done, .arg = w};
    list_init(&w->link);
    pthread_mutex_lock(&p->lock);
    list_append(&p->queue, &w->link);
    atomic_fetch_add_explicit(&p->nqueued, 1, memory_order_relaxed);
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

bool pool_cancel(struct pool *p, struct work *w)
{
    pthread_mutex_lock(&p->lock);
    bool is_waiting = !list_empty(&w->link);
    if (is_waiting)
        take(p, w);
    pthread_mutex_unlock(&p->lock);
    return is_waiting;
}
