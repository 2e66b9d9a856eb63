/* printer.h -- stderr while weir serves, written by a thread of its own.
 *
 * A stopped terminal (Ctrl-S), a pager or a container's log may leave stderr unread for
 * hours, and no thread that serves may wait for that.  So lines are queued without a
 * lock, up to PRINTER_MAX_BYTES; what has no room is dropped and counted, and when stderr
 * takes bytes again one line says how many are missing.  Lines stay whole and in order.
 *
 * Without printer_start(), as in other commands, printing is a plain write(2). */
#ifndef WEIR_CORE_PRINTER_H
#define WEIR_CORE_PRINTER_H

#include "core/str.h"

enum { PRINTER_MAX_BYTES = 1 << 20, PRINTER_STOP_MS = 300 };

/* Whole lines, each with its line end.  Any thread; never waits once started. */
void printer_put(struct str lines);
/* The main thread, before other threads print.  When there can be no thread, printing
 * stays a plain write. */
void printer_start(void);
/* The main thread, when no other prints any more: waits until all is written, at most
 * PRINTER_STOP_MS.  A stderr that takes nothing then takes nothing more of this process:
 * what is still printed is dropped. */
void printer_stop(void);

#endif
