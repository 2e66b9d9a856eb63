/* sealed.c -- see sealed.h.  Advice that a kernel does not know (macOS, old Linux) is
 * skipped: the pages are then wiped all the same. */
#include "guard/sealed.h"

#include "core/mem.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t whole_pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

bool sealed_create(struct sealed *ret, size_t bytes)
{
    size_t n = whole_pages(bytes ? bytes : 1);
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

bool sealed_grow(struct sealed *s, size_t bytes)
{
    struct sealed more;
    if (bytes <= s->n)
        return true;
    if (!sealed_create(&more, bytes))
        return false;
    if (s->n)
        memcpy(more.p, s->p, s->n);
    sealed_release(s);
    *s = more;
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
