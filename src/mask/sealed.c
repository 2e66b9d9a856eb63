/* sealed.c -- see sealed.h.  Advice that a kernel does not know (macOS, old Linux) is
 * skipped: the pages are then wiped all the same. */
#include "mask/sealed.h"

#include "core/mem.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

size_t sealed_bytes(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t n = bytes ? bytes : 1;
    return (n + page - 1) / page * page;
}

bool sealed_create(struct sealed *ret, size_t bytes)
{
    size_t n = sealed_bytes(bytes);
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *ret = (struct sealed){0};
    if (p == MAP_FAILED)
        return false;
#ifdef MADV_DONTDUMP
    (void)madvise(p, n, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
    (void)madvise(p, n, MADV_WIPEONFORK);
#endif
    (void)mlock(p, n);
    *ret = (struct sealed){p, n};
    return true;
}

void sealed_release(struct sealed *s)
{
    if (s->p) {
        mem_wipe(s->p, s->n);
        (void)munlock(s->p, s->n);
        (void)munmap(s->p, s->n);
    }
    *s = (struct sealed){0};
}
