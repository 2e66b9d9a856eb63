/* segment.h -- the log's files: their names, their heads, which ones there are.
 *
 *   0  magic    "weirlog\n"
 *   8  version  u32, 2; 1 is of weirs until 0.1.1, and has records of versions 1 and 2
 *  12  worker   u32
 *  16  segment  u32, from 1
 *  20  created  u64, ms since 1970
 *  28  crc32c   u32 over bytes 0..27
 *
 * A process never appends to a segment of an earlier process: a torn end stays an
 * end. */
#ifndef WEIR_LEDGER_LOG_SEGMENT_H
#define WEIR_LEDGER_LOG_SEGMENT_H

#include "core/err.h"
#include "core/str.h"
#include "ledger/log/uid.h"

enum {
    SEGMENT_VERSION = 2,
    SEGMENT_HEAD_BYTES = 32,
    SEGMENT_NAME = 40,
    SEGMENT_PATH = 4096
};

#define SEGMENT_BYTES (UINT64_C(64) << 20) /* a new one is begun past this */

void segment_name(uint32_t worker, uint32_t segment, char out[SEGMENT_NAME]);
/* out, filled. */
const char *segment_path(const char *log_dir, uint32_t worker, uint32_t segment,
                         char out[SEGMENT_PATH]);
/* -1 with "bad_state_dir": it is empty, or too long for the names of its files. */
int state_dir_check(struct str state_dir, struct err *err);
/* Creates it with its head written; returns the descriptor or -1 with errno set and
 * nothing left behind. */
int segment_create(const char *log_dir, uint32_t worker, uint32_t segment);
/* The version of a head that is whole; 0: it is not, or not of this segment. */
uint32_t segment_head_version(struct str bytes, uint32_t worker, uint32_t segment);
bool segment_head_is_good(struct str bytes, uint32_t worker, uint32_t segment);

/* Every segment of a directory, ordered by worker and number. */
struct segment_id {
    uint32_t worker, segment;
};
struct segment_list {
    struct segment_id *items;
    size_t n;
};
/* A directory that is not there gives an empty list. */
int segment_list(const char *log_dir, struct segment_list *ret, struct err *err);
void segment_list_release(struct segment_list *l);
/* The lowest number above `after`, or 0. */
uint32_t segment_after(const struct segment_list *l, uint32_t worker, uint32_t after);

#endif
