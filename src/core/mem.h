/* mem.h -- the heap, in one place.
 *
 * No other file calls malloc.  Every call may return NULL and every caller copes:
 * in builds with test hooks WEIR_FAIL_ALLOC=n makes the n-th call (and, with a
 * trailing '+', every later one) fail, and the torture test walks n upwards. */
#ifndef WEIR_CORE_MEM_H
#define WEIR_CORE_MEM_H

#include "core/compiler.h"

#include <string.h>

void *mem_alloc(size_t size);               /* not zeroed; NULL when there is none */
void *mem_zalloc(size_t size);              /* zeroed */
void *mem_realloc(void *p, size_t size);    /* as realloc: p lives on when NULL returns */
char *mem_strndup(const char *s, size_t n); /* NUL-terminated copy */
void mem_free(void *p);                     /* NULL is fine */
/* Room for one more in a list that grows: `at` is the address of its pointer (NULL before
 * the first), which has room for *cap elements of `size` bytes and holds n.  Doubles when
 * it is full, up to `most` elements.  False, and nothing has changed: it holds the most,
 * or there is no memory. */
bool mem_room(void *at, size_t size, size_t n, size_t *cap, size_t most);

/* Whole pages from the system, and back to it at once; not zeroed.  For what comes in
 * bursts: malloc keeps what it got, in holes between what lives longer. */
void *mem_pages(size_t size);
void mem_pages_free(void *p, size_t size);

/* Before weir serves: large pieces are pages of their own, whatever was freed before, so
 * that bodies and answers come and go without leaving holes in the heap. */
void mem_tune(void);
/* Returns to the system what is free: after a start, whose parsing leaves a heap that
 * serving does not need. */
void mem_trim(void);

/* n bytes become 0, by the library's memset and not by the string instruction that
 * compilers write where they know a size of some hundred bytes. */
static inline void mem_zero(void *p, size_t n)
{
    __asm__("" : "+r"(n)); /* the size is not known here */
    memset(p, 0, n);
}

/* Overwrites n bytes in a way no compiler removes; for keys and tokens. */
void mem_wipe(void *p, size_t n);

#define mem_new(T) ((T *)mem_zalloc(sizeof(T)))

#ifdef WEIR_TEST_HOOKS
/* Of the calls from now on, the n-th fails, and no other; 0: none.  In place of what the
 * environment says. */
void mem_fail_at(long n);
/* The call that was to fail has come. */
bool mem_has_failed(void);
#endif

#endif
