/* train_table.c -- the table of train_table.h: open addressing, averaged, cut to size.
 *
 * The average of a weight over all steps is now - late / step; it is kept in 1/256
 * until it is rounded.  What a row matters is how far its states are apart, times the
 * root of how often it was seen. */
#include "scan/ner/train/train_table.h"

#include "core/mem.h"

#include <stdlib.h>

enum { COUNT_BITS = 24, LEAST_PLACES = 1 << 12, FRACTION = 256 };

bool table_init(struct table *t)
{
    *t = (struct table){.count = mem_zalloc((size_t)1 << COUNT_BITS)};
    return t->count != NULL;
}

void table_release(struct table *t)
{
    mem_free(t->count);
    mem_free(t->key);
    mem_free(t->seen);
    mem_free(t->now);
    mem_free(t->late);
    *t = (struct table){0};
}

static uint32_t scramble(uint32_t h)
{
    h = (h ^ h >> 16) * 0x7FEB352Du;
    return h ^ h >> 15;
}

static uint8_t *counter(const struct table *t, uint32_t hash)
{
    return &t->count[scramble(hash) >> (32 - COUNT_BITS)];
}

void table_count(struct table *t, uint32_t hash)
{
    uint8_t *c = counter(t, hash);
    *c = (uint8_t)(*c + (*c < 255));
}

bool table_begin(struct table *t)
{
    size_t wanted = 0, places = LEAST_PLACES;
    for (size_t i = 0; i < (size_t)1 << COUNT_BITS; i++)
        wanted += t->count[i] >= TABLE_LEAST;
    while (places < wanted + wanted / 2)
        places *= 2;
    t->mask = places - 1;
    t->key = mem_zalloc(places * sizeof *t->key);
    t->seen = mem_zalloc(places * sizeof *t->seen);
    t->now = mem_zalloc(places * sizeof *t->now);
    t->late = mem_zalloc(places * sizeof *t->late);
    return t->key && t->seen && t->now && t->late;
}

uint32_t table_row(struct table *t, uint32_t hash)
{
    uint32_t key = hash ? hash : 1;
    size_t i = scramble(hash) & t->mask;
    while (t->key[i] && t->key[i] != key)
        i = (i + 1) & t->mask;
    if (t->key[i])
        return (uint32_t)i;
    if (*counter(t, hash) < TABLE_LEAST || t->n > t->mask - t->mask / 8)
        return TABLE_NONE;
    t->key[i] = key;
    t->n++;
    return (uint32_t)i;
}

void table_change(struct table *t, uint32_t row, unsigned state, int32_t by)
{
    t->now[row][state] += by;
    t->late[row][state] += t->step * by;
}

void table_change_next(struct table *t, unsigned from, unsigned to, int32_t by)
{
    t->next[from][to] += by;
    t->next_late[from][to] += t->step * by;
}

/* -- the end ------------------------------------------------------------------------ */

/* In 1/FRACTION. */
static int32_t average(const struct table *t, int32_t now, int64_t late)
{
    int64_t steps = t->step ? t->step : 1;
    int64_t v = now * (int64_t)FRACTION - late / steps * FRACTION -
                late % steps * FRACTION / steps;
    return (int32_t)(v > INT32_MAX / 2   ? INT32_MAX / 2
                     : v < INT32_MIN / 2 ? INT32_MIN / 2
                                         : v);
}

static void settle(struct table *t)
{
    for (size_t r = 0; r <= t->mask; r++)
        for (size_t l = 0; t->key[r] && l < STATE_COUNT; l++)
            t->now[r][l] = average(t, t->now[r][l], t->late[r][l]);
    for (size_t a = 0; a < STATE_COUNT; a++)
        for (size_t b = 0; b < STATE_COUNT; b++)
            t->next[a][b] = average(t, t->next[a][b], t->next_late[a][b]);
}

struct rank {
    uint32_t row, key;
    uint64_t weight;
};

static uint32_t root(uint32_t n)
{
    uint32_t r = 0;
    while ((r + 1) * (r + 1) <= n && r < 255)
        r++;
    return r;
}

static uint64_t weight_of(const struct table *t, size_t row)
{
    int64_t low = t->now[row][0], high = low;
    for (size_t l = 1; l < STATE_SPARE; l++) {
        low = t->now[row][l] < low ? t->now[row][l] : low;
        high = t->now[row][l] > high ? t->now[row][l] : high;
    }
    return (uint64_t)(high - low) * root(t->seen[row]);
}

static int by_weight(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* What one step of a byte stands for: all but one weight in 2048 fit. */
static int32_t grain_of(const struct table *t, const struct rank *v, size_t n)
{
    for (int32_t grain = 1;; grain += 1 + grain / 16) {
        size_t past = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t l = 0; l < STATE_COUNT; l++) {
                int32_t w = t->now[v[i].row][l] / grain;
                past += w > 127 || w < -127;
            }
        if (past <= n * STATE_COUNT / 2048)
            return grain;
    }
}

static int32_t in_grains(int32_t v, int32_t grain, int32_t most)
{
    int32_t q = (v + (v < 0 ? -grain / 2 : grain / 2)) / grain;
    return q > most ? most : q < -most ? -most : q;
}

/* Puts a row into its bucket; false when that is full. */
static bool place(char *rows, uint32_t nrows, const struct table *t, const struct rank *r,
                  int32_t grain)
{
    char *bucket = rows + (size_t)tagger_bucket(r->key, nrows) * TAGGER_BUCKET_BYTES;
    uint32_t mark = tagger_mark(r->key);
    for (size_t k = 0; k < TAGGER_BUCKET_ROWS; k++) {
        char *at = bucket + TAGGER_MARKS_AT + 4 * k;
        if (at[0] || at[1] || at[2] || at[3])
            continue;
        for (size_t l = 0; l < STATE_COUNT; l++)
            bucket[k * TAGGER_ROW_BYTES + l] =
                (char)in_grains(t->now[r->row][l], grain, 127);
        for (size_t i = 0; i < 4; i++)
            at[i] = (char)(mark >> 8 * i);
        return true;
    }
    return false;
}

static void put_le(struct buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(b, (char)(v >> 8 * i));
}

static void write_all(const struct table *t, const char *rows, uint32_t nrows,
                      int32_t grain, struct buf *ret)
{
    struct buf body;
    buf_init(&body, (size_t)TAGGER_MAX_ROWS * TAGGER_BUCKET_BYTES);
    for (size_t a = 0; a < STATE_COUNT; a++)
        for (size_t b = 0; b < STATE_COUNT; b++)
            put_le(&body, (uint16_t)in_grains(t->next[a][b], grain, STATE_NEXT_MAX), 2);
    buf_append(&body, (struct str){rows, (size_t)nrows / TAGGER_BUCKET_ROWS *
                                             TAGGER_BUCKET_BYTES});
    buf_append(ret, STR(TAGGER_MAGIC));
    put_le(ret, FEATURES_VERSION, 4);
    put_le(ret, nrows, 4);
    put_le(ret, STATE_COUNT, 4);
    put_le(ret, 1, 4);
    put_le(ret, tagger_sum(buf_view(&body)), 8);
    buf_append(ret, buf_view(&body));
    ret->failed |= body.failed;
    buf_release(&body);
}

bool table_write(struct table *t, uint32_t nrows, struct buf *ret)
{
    struct rank *v = mem_alloc((t->n + 1) * sizeof *v);
    char *rows = mem_zalloc((size_t)nrows / TAGGER_BUCKET_ROWS * TAGGER_BUCKET_BYTES);
    size_t n = 0, left = nrows;
    if (v && rows) {
        settle(t);
        for (size_t i = 0; i <= t->mask; i++) {
            uint64_t w = t->key[i] ? weight_of(t, i) : 0;
            if (w)
                v[n++] = (struct rank){(uint32_t)i, t->key[i], w};
        }
        qsort(v, n, sizeof *v, by_weight);
        int32_t grain = grain_of(t, v, n < nrows ? n : nrows);
        for (size_t i = 0; i < n && left > 0; i++)
            left -= place(rows, nrows, t, &v[i], grain);
        write_all(t, rows, nrows, grain, ret);
    }
    bool ok = v && rows && !ret->failed;
    mem_free(v);
    mem_free(rows);
    return ok;
}
