/* erase_order.h -- what `weir ledger delete` wants of a running weir: a file an order.
 *
 *   state_dir/erase/ID.order
 *
 * Its first two lines are the order.  Whoever does it appends what came of it:
 *
 *   begun ROWS LAST_UID   it is in the audit chain, and is done to its end from here on
 *
 *   waits WHY             not possible now; it is tried again
 *
 *   ok ROWS               its end: so many rows are deleted
 *
 *   error WHY             its end: none is
 *
 * and then removes the name.  Who asked keeps the descriptor and reads the answer through
 * it.  So an answer cannot be another's and none is left behind, an order is done whether
 * or not somebody waits for it, and a weir that died in the middle finds how far it was.
 * Orders are done one after another, by their ids, which begin with the time.
 *
 *   state_dir/erase/clean
 *
 * stands while files of the log may have rows that are deleted; a weir that starts with
 * it lets them go too. */
#ifndef WEIR_LEDGER_ERASE_ORDER_H
#define WEIR_LEDGER_ERASE_ORDER_H

#include "core/buf.h"
#include "core/err.h"

enum { ERASE_ORDER_BYTES = 8192, ERASE_ORDER_NAME = 64 };

struct erase_order {
    int fd; /* -1: none */
    char name[ERASE_ORDER_NAME];
};

enum erase_state { ERASE_WAITING, ERASE_BEGUN, ERASE_DONE, ERASE_FAILED, ERASE_LOST };

/* What stands in an order.  ERASE_LOST: its name is gone and nothing says why. */
struct erase_report {
    enum erase_state state;
    uint64_t rows;     /* BEGUN: recorded; DONE: deleted */
    uint64_t last_uid; /* BEGUN: no newer row goes */
    char why[512];     /* FAILED, or why it waits; "" */
};

/* Writes a new order; -1 when it cannot. */
int erase_order_place(const char *state_dir, struct str text, struct erase_order *ret,
                      struct err *err);
/* The oldest one that is not at its end, with its two lines; false when there is none.
 * Names of orders that are at their end are removed. */
bool erase_order_next(const char *state_dir, struct erase_order *ret,
                      char text[ERASE_ORDER_BYTES], struct str *ret_text,
                      struct erase_report *report);
/* What became of it until now. */
struct erase_report erase_order_look(const struct erase_order *o);
/* Appends a line, which fmt has without its end; false when the disk does not take it. */
bool erase_order_note(const struct erase_order *o, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* It is at its end, or withdrawn: the name goes. */
void erase_order_remove(const char *state_dir, const struct erase_order *o);
void erase_order_close(struct erase_order *o);

/* The mark that the logs are to be cleaned: set, taken away, looked for. */
void erase_mark_set(const char *state_dir);
void erase_mark_remove(const char *state_dir);
bool erase_mark_is_set(const char *state_dir);

#endif
