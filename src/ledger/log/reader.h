/* reader.h -- following one worker's segments, whatever state they are in.
 *
 * A reader hands out whole records in the order written.  What is damaged is skipped
 * up to the next whole record and reported once, with file, byte, reason and length.
 * It never waits: below `limit` everything is either a record or damage. */
#ifndef WEIR_LEDGER_LOG_READER_H
#define WEIR_LEDGER_LOG_READER_H

#include "core/err.h"
#include "ledger/log/record.h"

struct damage {
    const char *file; /* "w0-00000001.log" */
    const char *what;
    uint64_t at, skipped; /* bytes */
};
typedef void damage_fn(void *ctx, const struct damage *d);

struct reader {
    const char *log_dir; /* borrowed */
    damage_fn *on_damage;
    void *ctx;
    uint32_t worker, segment;
    uint64_t offset; /* of the next record */
    int fd;
    bool is_gone; /* its file is not there, which has been reported */
    char *block;
    uint64_t block_at;
    size_t block_bytes;
};

void reader_init(struct reader *r, const char *log_dir, uint32_t worker,
                 damage_fn *on_damage, void *ctx);
void reader_release(struct reader *r);

/* Goes to a byte of a segment, usually where an earlier reading ended. */
void reader_seek(struct reader *r, uint32_t segment, uint64_t offset);
/* Opens the file if it is not open.  -1 when there is no such segment. */
int reader_open(struct reader *r);
/* True when somebody has removed the segment: reported once as damage up to `limit`,
 * which is then where the reader stands. */
bool reader_step_over_gone(struct reader *r, uint64_t limit);
/* The file's size; 0 when it cannot be told. */
uint64_t reader_size(struct reader *r);

/* 1: *ret is the record that ends at r->offset, valid until the next call.  0: the
 * limit is reached.  -1: the file cannot be read. */
int reader_next(struct reader *r, uint64_t limit, struct record *ret, struct err *err);

#endif
