/* fixture.h -- recorded bytes from tests/fixtures, found beside this file whatever the
 * build folder is. */
#ifndef WEIR_TEST_FIXTURE_H
#define WEIR_TEST_FIXTURE_H

#include "core/buf.h"

#include <stdio.h>
#include <stdlib.h>

/* The file's bytes in *ret, which the caller releases.  A missing fixture ends the
 * test program: a test that found nothing must not pass. */
static inline struct str fixture_read(const char *name, struct buf *ret)
{
    char path[1024];
    const char *here = __FILE__, *slash = strrchr(here, '/');
    int dir = slash ? (int)(slash - here) : 1;
    snprintf(path, sizeof path, "%.*s/../fixtures/%s", dir, slash ? here : ".", name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "fixture %s is missing\n", path);
        exit(99);
    }
    buf_init(ret, 16 * 1024 * 1024);
    while (buf_reserve(ret, 4096)) {
        size_t n = fread(ret->p + ret->n, 1, 4096, f);
        ret->n += n;
        if (n == 0)
            break;
    }
    fclose(f);
    return buf_view(ret);
}

#endif
