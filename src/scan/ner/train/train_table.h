/* train_table.h -- the weights while they are learnt, one row for each feature.
 *
 * A feature that is seen only once or twice teaches nothing and would take most of the
 * room: the texts are read once to count (table_count), and only what was seen
 * TABLE_LEAST times gets a row.  At the end table_write() keeps the rows that matter
 * most, rounds them to bytes and lays them out as tagger.h says. */
#ifndef WEIR_SCAN_NER_TRAIN_TRAIN_TABLE_H
#define WEIR_SCAN_NER_TRAIN_TRAIN_TABLE_H

#include "core/buf.h"
#include "scan/ner/tagger.h"

enum { TABLE_LEAST = 8, TABLE_NONE = UINT32_MAX };

struct table {
    uint8_t *count; /* by hash, to at most 255; owned, until the counting is done */
    uint32_t *key;  /* hashes; 0 is an empty place; owned, as are the next */
    uint32_t *seen; /* how often a row was learnt from */
    int32_t (*now)[STATE_COUNT];
    int64_t (*late)[STATE_COUNT]; /* each change times the step it was made at */
    size_t mask, n;
    int64_t step;
    /* What follows what. */
    int32_t next[STATE_COUNT][STATE_COUNT];
    int64_t next_late[STATE_COUNT][STATE_COUNT];
};

bool table_init(struct table *t);
void table_release(struct table *t);
void table_count(struct table *t, uint32_t hash);
/* Makes room for what was counted; false when memory is out. */
bool table_begin(struct table *t);
/* The row of a feature, TABLE_NONE for one that is too rare. */
uint32_t table_row(struct table *t, uint32_t hash);
void table_change(struct table *t, uint32_t row, unsigned state, int32_t by);
void table_change_next(struct table *t, unsigned from, unsigned to, int32_t by);
/* Appends the bytes of tagger.h with at most nrows rows; the table is used up. */
bool table_write(struct table *t, uint32_t nrows, struct buf *ret);

#endif
