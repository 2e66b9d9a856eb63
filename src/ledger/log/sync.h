/* sync.h -- putting a file on the disk, and what it means when that fails.
 *
 * After a failed fdatasync(2) Linux has dropped the pages that it could not write, and
 * the next call on the same file says 0: a failure is told once.  So whoever gets -1
 * here goes on in a new file, and believes the disk again when that one was synced. */
#ifndef WEIR_LEDGER_LOG_SYNC_H
#define WEIR_LEDGER_LOG_SYNC_H

/* 0, or -1 with errno.  In builds with test hooks the environment's WEIR_FAIL_SYNC
 * names a file: while it exists, every call fails with EIO. */
int sync_file(int fd);
/* What was created, renamed or removed in it.  A directory that is not there: -1. */
int sync_directory(const char *path);

#endif
