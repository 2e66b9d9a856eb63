/* descriptors.h -- how many file descriptors the process may have, and for what.
 *
 * A new descriptor has the lowest free number, so its number tells how many are in use:
 * whoever gets one at his ceiling or above has had enough, and gives it back.  What the
 * two ceilings leave is for files: the ledger, the audit chain, the configuration. */
#ifndef WEIR_CORE_DESCRIPTORS_H
#define WEIR_CORE_DESCRIPTORS_H

/* As the limit of open files is now (it may change while weir runs): three quarters of
 * it for clients; for engines all but an eighth, or all but 32 if that is fewer. */
struct descriptors {
    int of_clients, of_engines;
};
struct descriptors descriptors_ceilings(void);

#endif
