/* table.h -- reading one fact file: a JSON object with a head and an array of rows.
 *
 * Every file says {"format": 1, "built": DATE, "stale_after_days": N, "rows": [...]}
 * and every row has "source" and "source_date".  Readers report a fault with the file,
 * the row's number and the field, and never fill a gap: what is absent stays absent.
 * Strings are copied into the arena given to table_open(). */
#ifndef WEIR_FACTS_TABLE_H
#define WEIR_FACTS_TABLE_H

#include "core/arena.h"
#include "core/err.h"

#include <jansson.h>

struct table {
    const char *file; /* "prices", for faults */
    json_t *root;
    json_t *rows;
    size_t n;
    int64_t built_days;
    int64_t stale_after_days;
    struct arena *arena;
};

int table_open(struct table *t, const char *file, struct str text, struct arena *arena,
               struct err *err);
/* The same without the head: only "rows" is asked for. */
int table_open_rows(struct table *t, const char *file, struct str text,
                    struct arena *arena, struct err *err);
void table_close(struct table *t);

/* Row readers.  Absent or null leaves *ret as it was and returns 0; a value of another
 * type, or a number that is negative or not finite, is a fault. */
int table_str(const struct table *t, size_t row, const char *field, struct str *ret,
              struct err *err);
int table_number(const struct table *t, size_t row, const char *field, double *ret,
                 struct err *err);
int table_u64(const struct table *t, size_t row, const char *field, uint64_t *ret,
              struct err *err);
int table_bool(const struct table *t, size_t row, const char *field, bool *ret,
               struct err *err);
int table_date(const struct table *t, size_t row, const char *field, int64_t *ret,
               struct err *err);
/* "source" and "source_date" of a row; their absence is a fault. */
int table_source(const struct table *t, size_t row, struct str *ret_source,
                 int64_t *ret_days, struct err *err);
int table_fault(const struct table *t, size_t row, const char *field, const char *why,
                struct err *err);

/* True when today is further from `days` than the file's stale_after_days. */
bool table_is_stale(int64_t today, int64_t days, int64_t stale_after_days);

#endif
