/* mem.c -- malloc behind four names, so that a test can make it fail. */
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifdef WEIR_TEST_HOOKS
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Atomic, for the ledger's writer allocates while a test sets them. */
static atomic_long count, fail_at = -1;
static atomic_bool and_later;

void mem_fail_at(long n)
{
    atomic_store(&count, 0);
    atomic_store(&and_later, false);
    atomic_store(&fail_at, n);
}

bool mem_has_failed(void)
{
    long at = atomic_load(&fail_at);
    return at > 0 && atomic_load(&count) >= at;
}

static bool must_fail(void)
{
    long at = atomic_load(&fail_at);
    if (at == -1) {
        const char *s = getenv("WEIR_FAIL_ALLOC");
        at = s ? strtol(s, NULL, 10) : 0;
        atomic_store(&and_later, s && s[0] && s[strlen(s) - 1] == '+');
        atomic_store(&fail_at, at);
    }
    if (at == 0)
        return false;
    long n = atomic_fetch_add(&count, 1) + 1;
    /* Who walks through all points learns where they end; stdio may not be in a turn. */
    if (n == at)
        dprintf(STDERR_FILENO, "WEIR_FAIL_ALLOC: failed as asked\n");
    return n == at || (atomic_load(&and_later) && n > at);
}
#else
static inline bool must_fail(void)
{
    return false;
}
#endif

void *mem_alloc(size_t size)
{
    return must_fail() ? NULL : malloc(size ? size : 1);
}

void *mem_zalloc(size_t size)
{
    return must_fail() ? NULL : calloc(1, size ? size : 1);
}

void *mem_realloc(void *p, size_t size)
{
    return must_fail() ? NULL : realloc(p, size ? size : 1);
}

bool mem_room(void *at, size_t size, size_t n, size_t *cap, size_t most)
{
    enum { FIRST_BYTES = 256 };
    void *p;
    if (n < *cap)
        return true;
    size_t first = size < FIRST_BYTES ? FIRST_BYTES / size : 1;
    size_t more = *cap ? 2 * *cap : first;
    if (more > most)
        more = most;
    if (n >= more || more > SIZE_MAX / size)
        return false;
    memcpy(&p, at, sizeof p);
    if (!(p = mem_realloc(p, more * size)))
        return false;
    memcpy(at, &p, sizeof p);
    *cap = more;
    return true;
}

char *mem_strndup(const char *s, size_t n)
{
    char *copy = mem_alloc(n + 1);
    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

void mem_free(void *p)
{
    free(p);
}

#if defined(__SANITIZE_ADDRESS__)
/* LeakSanitizer does not look for pointers in pages that malloc did not hand out. */
void *mem_pages(size_t size)
{
    return mem_alloc(size);
}

void mem_pages_free(void *p, size_t size)
{
    (void)size;
    mem_free(p);
}
#else
void *mem_pages(size_t size)
{
    if (must_fail())
        return NULL;
    void *p =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void mem_pages_free(void *p, size_t size)
{
    munmap(p, size);
}
#endif

/* An agent's body is often about 1 MB.  In pages of its own each would cost more in page
 * faults than in reading it. */
void mem_tune(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 2 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

void mem_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void mem_wipe(void *p, size_t n)
{
    if (p && n)
        explicit_bzero(p, n);
}
