/* machine.c -- how fast main memory is read, by reading it. */
#include "discover/machine.h"

#include "core/clock.h"
#include "core/mem.h"

#include <pthread.h>
#include <string.h>

enum { THREADS_MAX = 16, WORDS = 8 << 20, RUN_US = 250000 };

struct reader {
    pthread_t thread;
    uint64_t *words;
    uint64_t sum, bytes, us;
    bool started;
};

static void *read_memory(void *arg)
{
    struct reader *r = arg;
    uint64_t from = clock_mono_us();
    do {
        uint64_t a = 0, b = 0, c = 0, d = 0;
        for (size_t i = 0; i < WORDS; i += 4) {
            a += r->words[i];
            b += r->words[i + 1];
            c += r->words[i + 2];
            d += r->words[i + 3];
        }
        r->sum += a + b + c + d;
        r->bytes += WORDS * sizeof(uint64_t);
        r->us = clock_mono_us() - from;
    } while (r->us < RUN_US);
    return NULL;
}

/* Sums the rates; the sums are looked at so that the reads are not left out. */
static double measure(unsigned cpus)
{
    struct reader readers[THREADS_MAX] = {0};
    unsigned n = cpus < THREADS_MAX ? cpus : THREADS_MAX;
    double rate = 0;
    uint64_t seen = 0;
    if (clock_is_virtual())
        return 0;
    for (unsigned i = 0; i < n; i++) {
        struct reader *r = &readers[i];
        r->words = mem_alloc(WORDS * sizeof(uint64_t));
        if (!r->words)
            break;
        memset(r->words, 1, WORDS * sizeof(uint64_t));
        r->started = pthread_create(&r->thread, NULL, read_memory, r) == 0;
    }
    for (unsigned i = 0; i < n; i++) {
        if (readers[i].started) {
            pthread_join(readers[i].thread, NULL);
            rate += (double)readers[i].bytes / (double)readers[i].us / 1000.0;
            seen |= readers[i].sum;
        }
        mem_free(readers[i].words);
    }
    return seen ? rate : 0;
}

void machine_read(struct machine *m, bool measure_bandwidth)
{
    static double measured; /* of commands, which have one thread */
    *m = (struct machine){0};
    machine_read_system(m);
    if (measure_bandwidth && m->cpus && measured <= 0)
        measured = measure(m->cpus);
    if (measure_bandwidth)
        m->ram_gbs = measured;
}
