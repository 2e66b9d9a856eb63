/* nomem.h -- the same work with one allocation failing, each in turn.
 *
 *     for (long n = 1; nomem_begin(n); n++) {
 *         int rc = work();
 *         bool was_short = nomem_end();
 *         ... was_short: what must hold of an operation that lacked memory
 *     }
 *
 * It ends with the first round in which nothing failed, whose was_short is false: what
 * the work does when it has all it wants is asserted there.  Leaks are the sanitizer's to
 * find. */
#ifndef WEIR_TESTS_NOMEM_H
#define WEIR_TESTS_NOMEM_H

#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOMEM_MOST = 20000 };

static bool nomem_is_over;

static inline bool nomem_begin(long n)
{
    if (n == 1)
        nomem_is_over = false;
    if (nomem_is_over)
        return false;
    if (n > NOMEM_MOST) {
        fprintf(stderr, "after %d rounds there is still one more allocation\n",
                NOMEM_MOST);
        abort();
    }
    mem_fail_at(n);
    return true;
}

/* Did one fail? */
static inline bool nomem_end(void)
{
    bool has_failed = mem_has_failed();
    mem_fail_at(0);
    nomem_is_over = !has_failed;
    return has_failed;
}

#endif
