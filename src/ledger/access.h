/* access.h -- one line a request on stderr, in batches; never a prompt or a secret.
 *
 * The printer may lose lines when nobody reads them; the rows are in the ledger. */
#ifndef WEIR_LEDGER_ACCESS_H
#define WEIR_LEDGER_ACCESS_H

#include "config/config.h"
#include "core/buf.h"
#include "ledger/row.h"

struct access {
    enum access_log kind;
    struct buf out;
    uint64_t second; /* whose local time `clock` is */
    char clock[9];
    bool is_for_eyes, wants_colour; /* TEXT on a terminal: access_tty.c */
};

void access_init(struct access *a, enum access_log kind);
void access_release(struct access *a);
void access_add(struct access *a, const struct ledger_row *r);
void access_flush(struct access *a); /* to the printer */

/* access_tty.c: the same request in two lines of at most 80 columns. */
bool access_is_for_eyes(int fd);
bool access_wants_colour(void);
void access_add_for_eyes(struct access *a, const struct ledger_row *r);

#endif
