/* weights.c -- writing the block, and refusing every other. */
#include "route/learned/weights.h"

#include "core/hash.h"

#include <math.h>

extern const char router_weights_begin[], router_weights_end[]; /* by tools/incbin.py */

struct head {
    char magic[8];
    uint32_t version, features, buckets, size;
};

static const struct head expected = {
    {'W', 'E', 'I', 'R', 'R', 'O', 'U', 'T'},
    WEIGHTS_VERSION,
    F_NFEATURES,
    ROUTER_BUCKETS,
    sizeof(struct router_weights),
};

enum { TABLE_BYTES = ROUTER_BUCKETS * HEAD_COUNT };

void weights_write(const struct router_weights *w, const int8_t *table, struct buf *out)
{
    size_t from = buf_len(out);
    buf_append(out, (struct str){(const char *)&expected, sizeof expected});
    buf_append(out, (struct str){(const char *)w, sizeof *w});
    buf_append(out, (struct str){(const char *)table, TABLE_BYTES});
    struct str all = buf_view(out);
    uint32_t crc = crc32c(0, str_sub(all, from, all.n));
    buf_append(out, (struct str){(const char *)&crc, sizeof crc});
}

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_CONFIG, "router_weights",
                   "these are no weights of a router that this weir can use: %s; make "
                   "them anew with: weir train router",
                   why);
}

static bool are_numbers(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static bool knots_rise(const struct router_weights *w)
{
    for (uint32_t i = 0; i < w->nknots; i++) {
        const struct router_knot *k = &w->knots[i];
        if (!isfinite(k->x) || !(k->p >= 0 && k->p <= 1))
            return false;
        if (i && (k[0].x < k[-1].x || k[0].p < k[-1].p))
            return false;
    }
    return true;
}

int router_open(struct router *r, struct str bytes, struct err *err)
{
    struct head h;
    uint32_t crc;
    size_t whole = sizeof h + sizeof r->w + TABLE_BYTES + sizeof crc;
    if (bytes.n < sizeof h || memcmp(bytes.p, expected.magic, sizeof expected.magic) != 0)
        return refuse(err, "they do not begin with WEIRROUT");
    memcpy(&h, bytes.p, sizeof h);
    if (memcmp(&h, &expected, sizeof h) != 0)
        return refuse(err, "they are of another version");
    if (bytes.n != whole)
        return refuse(err, bytes.n < whole ? "they are cut off" : "they are too long");
    memcpy(&crc, bytes.p + bytes.n - sizeof crc, sizeof crc);
    if (crc != crc32c(0, str_sub(bytes, 0, bytes.n - sizeof crc)))
        return refuse(err, "they are damaged (their checksum differs)");
    memcpy(&r->w, bytes.p + sizeof h, sizeof r->w);
    if (r->w.nknots < 1 || r->w.nknots > ROUTER_KNOTS || !knots_rise(&r->w) ||
        !are_numbers(&r->w.figure[0][0], HEAD_COUNT * F_NFEATURES) ||
        !are_numbers(r->w.usual, F_NFEATURES) || !are_numbers(r->w.bias, HEAD_COUNT) ||
        !are_numbers(r->w.unit, HEAD_COUNT) ||
        !are_numbers(r->w.quantile, ROUTER_QUANTILES))
        return refuse(err, "a figure in them is out of range");
    r->table = (const int8_t *)bytes.p + sizeof h + sizeof r->w;
    r->digest = crc;
    cue_table_fill(&r->words);
    return 0;
}

struct str router_builtin(void)
{
    return (struct str){router_weights_begin,
                        (size_t)(router_weights_end - router_weights_begin)};
}
