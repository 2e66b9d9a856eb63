/* fuzz_ledger_log.c -- any bytes as a segment and as a record's payload.
 *
 * As a segment: every byte is accounted for once, as head, record or reported damage.
 * As a payload (past the checksum, which a fuzzer seldom guesses): what decodes can be
 * encoded, and decodes to the same again. */
#include "ledger/log/reader.h"
#include "ledger/log/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUF_MAX = 1 << 20 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void encode(const struct record *rec, struct buf *out)
{
    struct ledger_row row;
    struct ledger_open open;
    struct ledger_attempt attempt;
    struct ledger_leg leg;
    struct ledger_feedback feedback;
    struct ledger_legs legs;
    if (record_get_settle(rec, &row, &legs))
        require(record_put_settle(out, &row));
    else if (record_get_open(rec, &open))
        require(record_put_open(out, &open));
    else if (record_get_attempt(rec, &attempt))
        require(record_put_attempt(out, &attempt));
    else if (record_get_leg(rec, &leg))
        require(record_put_leg(out, &leg));
    else if (record_get_feedback(rec, &feedback))
        require(record_put_feedback(out, &feedback));
}

static void try_payload(struct str payload)
{
    for (unsigned i = 0; i < 15; i++) {
        unsigned type = RECORD_OPEN + i / 3;
        struct record rec = {type, RECORD_VERSION_1 + i % 3, payload, 0};
        struct buf once, twice;
        buf_init(&once, BUF_MAX);
        buf_init(&twice, BUF_MAX);
        encode(&rec, &once);
        if (buf_len(&once)) {
            require(record_parse(buf_view(&once), &rec) == RECORD_WHOLE);
            require(rec.type == type && rec.size == buf_len(&once));
            encode(&rec, &twice);
            require(str_eq(buf_view(&once), buf_view(&twice)));
        }
        buf_release(&once);
        buf_release(&twice);
    }
}

static void count_skipped(void *ctx, const struct damage *d)
{
    uint64_t *skipped = ctx;
    require(d->skipped > 0);
    *skipped += d->skipped;
}

static void try_segment(struct str bytes)
{
    char dir[] = "/tmp/weir-fuzz-log-XXXXXX", path[SEGMENT_PATH];
    struct reader r;
    struct record rec;
    struct err err;
    uint64_t skipped = 0, kept = 0;
    int rc;
    require(mkdtemp(dir) != NULL);
    require(segment_path(dir, 0, 1, path));
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    require(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
    close(fd);
    reader_init(&r, dir, 0, count_skipped, &skipped);
    reader_seek(&r, 1, 0);
    while ((rc = reader_next(&r, bytes.n, &rec, &err)) > 0) {
        kept += rec.size;
        require(r.offset <= bytes.n);
        try_payload(rec.payload);
    }
    require(rc == 0 && r.offset == bytes.n);
    uint64_t head = segment_head_is_good(bytes, 0, 1) ? SEGMENT_HEAD_BYTES : 0;
    require(head + kept + skipped == bytes.n);
    reader_release(&r);
    unlink(path);
    rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    if (size == 0)
        return 0;
    try_payload(bytes);
    try_segment(bytes);
    return 0;
}
