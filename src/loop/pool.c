/* pool.c -- see pool.h: one queue, one lock, N threads. */
#include "loop/pool.h"

#include "core/mem.h"

#include <pthread.h>
#include <signal.h>
#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* At 5 the streams of a worker on the same CPU were up to six times as late while
 * prompts were scanned; at 19 they do not notice. */
enum { MAX_THREADS = 16, NICENESS = 19 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct link queue;
    bool is_ending;
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

static struct work *next_work(struct pool *p)
{
    struct work *w = NULL;
    pthread_mutex_lock(&p->lock);
    while (list_empty(&p->queue) && !p->is_ending)
        pthread_cond_wait(&p->wake, &p->lock);
    if (!list_empty(&p->queue)) {
        w = list_first(&p->queue, struct work, link);
        list_remove(&w->link);
    }
    pthread_mutex_unlock(&p->lock);
    return w;
}

static void run_done(void *arg)
{
    struct work *w = arg;
    w->done(w);
}

static void *pool_main(void *arg)
{
    struct pool *p = arg;
    struct work *w;
    yield_to_loops();
    while ((w = next_work(p)) != NULL) {
        w->fn(w);
        loop_post(w->loop, &w->task);
    }
    return NULL;
}

static bool start_thread(struct pool *p)
{
    sigset_t all, was;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was); /* signals belong to the main thread */
    bool ok = pthread_create(&p->threads[p->nthreads], NULL, pool_main, p) == 0;
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    p->nthreads += ok;
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
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}
