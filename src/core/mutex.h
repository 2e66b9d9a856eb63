/* mutex.h -- one owner at a time, for tables that threads share.
 *
 * A lock and no more: what waits for events belongs to loop/. */
#ifndef WEIR_CORE_MUTEX_H
#define WEIR_CORE_MUTEX_H

#include <pthread.h>

struct mutex {
    pthread_mutex_t m;
};

static inline void mutex_init(struct mutex *m)
{
    pthread_mutex_init(&m->m, NULL);
}

static inline void mutex_release(struct mutex *m)
{
    pthread_mutex_destroy(&m->m);
}

static inline void mutex_lock(struct mutex *m)
{
    pthread_mutex_lock(&m->m);
}

static inline void mutex_unlock(struct mutex *m)
{
    pthread_mutex_unlock(&m->m);
}

#endif
