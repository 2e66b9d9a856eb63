/* trouble.h -- the same work with one thing failing that it asks of the machine, each in
 * turn.
 *
 *     for (long n = 1; trouble_begin(kind, n); n = trouble_next(n)) {
 *         int rc = work();
 *         bool had_trouble = trouble_end();
 *         ... what must hold also of work that had trouble
 *     }
 *
 * It ends with the first round in which nothing failed.  Whoever uses it is linked with
 * trouble.c and its --wrap list (meson.build), and calls trouble_init() before SQLite is
 * used. */
#ifndef WEIR_TESTS_TROUBLE_H
#define WEIR_TESTS_TROUBLE_H

#include <stdbool.h>

enum trouble_kind {
    TROUBLE_MEMORY,       /* of weir's own code */
    TROUBLE_DISK,         /* a system call of weir's own code */
    TROUBLE_SHORT,        /* a read or write of it does the half */
    TROUBLE_STORE_MEMORY, /* of SQLite */
    TROUBLE_STORE_DISK,   /* a system call of SQLite */
    TROUBLE_STORE,        /* a call of SQLite by weir, which then does nothing */
    TROUBLE_KINDS
};

void trouble_init(void);
/* False when the round before had no trouble: then nothing is armed. */
bool trouble_begin(enum trouble_kind kind, long n);
/* Did anything fail?  Nothing fails from here on. */
bool trouble_end(void);
/* Each of the first ones, then fewer and fewer; all with WEIR_TROUBLE_EACH set. */
long trouble_next(long n);
const char *trouble_name(enum trouble_kind kind);

#endif
