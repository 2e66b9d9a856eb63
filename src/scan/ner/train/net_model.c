/* net_model.c -- see net_model.h.
 *
 * The products that take nearly all of the time, and Adam, are written for vectors of
 * eight floats, and compiled for every machine, for wide registers and for many of them.
 * The build fuses no multiply with an add here, and sums are added up in one order, so
 * that all give the same bits. */
#include "scan/ner/train/net_model.h"

#include "core/mem.h"
#include "scan/ner/tagger.h"

#include <math.h>

typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));
enum { LANES = 8, TILES = NET_WIDTH / LANES };

enum {
    BIAS_AT = NET_LAYERS * NET_IN * NET_WIDTH,
    OUT_AT = BIAS_AT + NET_LAYERS * NET_WIDTH,
    OUT_BIAS_AT = OUT_AT + NET_CLASSES * NET_WIDTH,
    LAYERS_SIZE = (OUT_BIAS_AT + NET_CLASSES + LANES - 1) / LANES * LANES
};

#define INLINE static inline __attribute__((always_inline))

/* -- products ------------------------------------------------------------------------ */

#define AT(p)     (*(const lanes *)(const void *)(p))
#define PUT(p, v) (*(lanes *)(void *)(p) = (v))

/* What a layer sees from x[0] on. */
INLINE void gather(const net_vec *x, size_t far, float ret[NET_IN])
{
    for (size_t t = 0; t < NET_SPAN; t++)
        memcpy(ret + t * NET_WIDTH, x[t * far], sizeof x[0]);
}

/* y = bias + x * w for n pieces, `many` (at most 4) of them at once; x are what a layer
 * sees from each piece on.  As many sums at once as fit into the registers of the
 * machine. */
INLINE void forward_many(const float *w, const float *bias, const net_vec *x, net_vec *y,
                         size_t n, size_t far, size_t many)
{
    enum { HALF = TILES / 2 };
    for (size_t at = 0; at < NET_WIDTH; at += HALF * LANES)
        for (size_t i = 0; i < n; i += many) {
            float in[4][NET_IN];
            size_t to[4];
            lanes a[4][HALF];
            for (size_t q = 0; q < many; q++) {
                to[q] = i + q < n ? i + q : n - 1;
                gather(x + to[q], far, in[q]);
                for (size_t v = 0; v < HALF; v++)
                    a[q][v] = AT(bias + at + v * LANES);
            }
            for (size_t k = 0; k < NET_IN; k++)
                for (size_t v = 0; v < HALF; v++) {
                    lanes m = AT(w + k * NET_WIDTH + at + v * LANES);
                    for (size_t q = 0; q < many; q++)
                        a[q][v] += m * in[q][k];
                }
            for (size_t q = 0; q < many; q++)
                for (size_t v = 0; v < HALF; v++)
                    PUT(y[to[q]] + at + v * LANES, a[q][v]);
        }
}

/* Adds to dw what dy makes of x, pair of pieces by pair, `pairs` (at most 2) at once. */
INLINE void weights_back_many(float *dw, const net_vec *x, const net_vec *dy, size_t n,
                              size_t far, size_t pairs)
{
    for (size_t i = 0; i < n; i += 2 * pairs) {
        float in[4][NET_IN];
        lanes d[4][TILES];
        for (size_t q = 0; q < 2 * pairs; q++) {
            bool is_there = i + q < n;
            gather(x + (is_there ? i + q : n - 1), far, in[q]);
            for (size_t v = 0; v < TILES; v++)
                d[q][v] = AT(dy[is_there ? i + q : n - 1] + v * LANES) *
                          (is_there ? 1.0f : 0.0f);
        }
        for (size_t k = 0; k < NET_IN; k++) {
            for (size_t v = 0; v < TILES; v++) {
                float *p = dw + k * NET_WIDTH + v * LANES;
                lanes sum = AT(p);
                for (size_t q = 0; q < 2 * pairs; q += 2)
                    sum += d[q][v] * in[q][k] + d[q + 1][v] * in[q + 1][k];
                PUT(p, sum);
            }
        }
    }
}

/* Adds to dx what dy means for it; wt is w with inputs side by side. */
INLINE void inputs_back(const float *wt, const net_vec *dy, net_vec *dx, size_t n,
                        size_t far)
{
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < NET_SPAN; t++) {
            float *to = dx[i + t * far];
            lanes a[TILES];
            for (size_t v = 0; v < TILES; v++)
                a[v] = AT(to + v * LANES);
            for (size_t o = 0; o < NET_WIDTH; o++) {
                float d = dy[i][o];
                if (d == 0)
                    continue;
                for (size_t v = 0; v < TILES; v++)
                    a[v] += AT(wt + o * NET_IN + t * NET_WIDTH + v * LANES) * d;
            }
            for (size_t v = 0; v < TILES; v++)
                PUT(to + v * LANES, a[v]);
        }
}

/* Adds n rows of the table up, without those dropped. */
INLINE void add_up(const float *table, const uint32_t *row, size_t n, const float *keep,
                   float *x)
{
    lanes a[TILES] = {{0}};
    for (size_t k = 0; k < n; k++)
        for (size_t v = 0; v < TILES; v++)
            a[v] += AT(table + (size_t)row[k] * NET_WIDTH + v * LANES);
    for (size_t v = 0; v < TILES; v++)
        PUT(x + v * LANES, a[v] * AT(keep + v * LANES));
}

/* Adds to the gradients of n rows what d means for each. */
INLINE void spread(float *grad, const uint32_t *row, size_t n, const float *keep,
                   const float *d)
{
    lanes a[TILES];
    for (size_t v = 0; v < TILES; v++)
        a[v] = AT(d + v * LANES) * AT(keep + v * LANES);
    for (size_t k = 0; k < n; k++)
        for (size_t v = 0; v < TILES; v++) {
            float *p = grad + (size_t)row[k] * NET_WIDTH + v * LANES;
            PUT(p, AT(p) + a[v]);
        }
}

struct pace {
    float rate, first, second; /* the latter two: how much of their sums is there yet */
};

/* A step of Adam for n weights, a multiple of LANES; the gradients are used up. */
INLINE void adam(struct learnt *l, size_t from, size_t n, struct pace pace, float most)
{
    for (size_t i = from; i < from + n; i += LANES) {
        lanes g = AT(l->grad + i), zero = {0}, root;
        lanes one = AT(l->first + i) * 0.9f + g * (1 - 0.9f);
        lanes two = AT(l->second + i) * 0.99f + g * g * (1 - 0.99f);
        lanes ready = two / pace.second;
        PUT(l->first + i, one);
        PUT(l->second + i, two);
        for (size_t k = 0; k < LANES; k++)
            root[k] = __builtin_sqrtf(ready[k]);
        lanes w = AT(l->w + i) - one / pace.first / (root + 1e-6f) * pace.rate;
        for (size_t k = 0; k < LANES; k++)
            w[k] = w[k] > most ? most : w[k] < -most ? -most : w[k];
        PUT(l->w + i, w);
        PUT(l->grad + i, zero);
    }
}

struct products {
    void (*forward)(const float *, const float *, const net_vec *, net_vec *, size_t,
                    size_t);
    void (*weights_back)(float *, const net_vec *, const net_vec *, size_t, size_t);
    void (*inputs_back)(const float *, const net_vec *, net_vec *, size_t, size_t);
    void (*add_up)(const float *, const uint32_t *, size_t, const float *, float *);
    void (*spread)(float *, const uint32_t *, size_t, const float *, const float *);
    void (*adam)(struct learnt *, size_t, size_t, struct pace, float);
};

/* An attribute stands in no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define PRODUCTS(name, many, attribute)                                                  \
    attribute static void forward_##name(const float *w, const float *bias,              \
                                         const net_vec *x, net_vec *y, size_t n,         \
                                         size_t far)                                     \
    {                                                                                    \
        forward_many(w, bias, x, y, n, far, many);                                       \
    }                                                                                    \
    attribute static void weights_##name(float *dw, const net_vec *x, const net_vec *dy, \
                                         size_t n, size_t far)                           \
    {                                                                                    \
        weights_back_many(dw, x, dy, n, far, (many) / 2);                                \
    }                                                                                    \
    attribute static void inputs_##name(const float *wt, const net_vec *dy, net_vec *dx, \
                                        size_t n, size_t far)                            \
    {                                                                                    \
        inputs_back(wt, dy, dx, n, far);                                                 \
    }                                                                                    \
    attribute static void add_up_##name(const float *table, const uint32_t *row,         \
                                        size_t n, const float *keep, float *x)           \
    {                                                                                    \
        add_up(table, row, n, keep, x);                                                  \
    }                                                                                    \
    attribute static void spread_##name(float *grad, const uint32_t *row, size_t n,      \
                                        const float *keep, const float *d)               \
    {                                                                                    \
        spread(grad, row, n, keep, d);                                                   \
    }                                                                                    \
    attribute static void adam_##name(struct learnt *l, size_t from, size_t n,           \
                                      struct pace pace, float most)                      \
    {                                                                                    \
        adam(l, from, n, pace, most);                                                    \
    }                                                                                    \
    static const struct products name = {forward_##name, weights_##name, inputs_##name,  \
                                         add_up_##name,  spread_##name,  adam_##name};
/* NOLINTEND(bugprone-macro-parentheses) */

PRODUCTS(plain, 2, )
#ifdef __x86_64__
PRODUCTS(wide, 2, __attribute__((target("avx2"))))
PRODUCTS(widest, 4, __attribute__((target("avx2,avx512f,avx512vl"))))
#endif

static const struct products *products_of_machine(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
        return &widest;
    if (__builtin_cpu_supports("avx2"))
        return &wide;
#endif
    return &plain;
}

/* -- the model ----------------------------------------------------------------------- */

static bool learnt_init(struct learnt *l, size_t n)
{
    l->n = n;
    l->w = mem_zalloc(n * sizeof *l->w);
    l->grad = mem_zalloc(n * sizeof *l->grad);
    l->first = mem_zalloc(n * sizeof *l->first);
    l->second = mem_zalloc(n * sizeof *l->second);
    return l->w && l->grad && l->first && l->second;
}

static void learnt_release(struct learnt *l)
{
    mem_free(l->w);
    mem_free(l->grad);
    mem_free(l->first);
    mem_free(l->second);
}

static float draw(uint64_t *rng)
{
    *rng ^= *rng << 13;
    *rng ^= *rng >> 7;
    *rng ^= *rng << 17;
    return (float)((*rng * 0x2545F4914F6CDD1Du) >> 40) / (float)(1 << 23) - 1.0f;
}

static const float *layer_at(const struct model *m, size_t l)
{
    return m->layers.w + l * NET_IN * NET_WIDTH;
}

/* The layers with inputs side by side. */
static void turn_layers(struct model *m)
{
    for (size_t l = 0; l < NET_LAYERS; l++) {
        const float *w = layer_at(m, l);
        for (size_t o = 0; o < NET_WIDTH; o++)
            for (size_t k = 0; k < NET_IN; k++)
                m->turned[l][o * NET_IN + k] = w[k * NET_WIDTH + o];
    }
}

bool model_init(struct model *m, uint32_t nrows, uint64_t seed)
{
    uint64_t rng = seed * 0x9E3779B97F4A7C15u + 1;
    *m = (struct model){.nrows = nrows};
    m->touched = mem_zalloc(nrows * sizeof *m->touched);
    m->is_touched = mem_zalloc(nrows);
    if (!learnt_init(&m->table, (size_t)nrows * NET_WIDTH) ||
        !learnt_init(&m->layers, LAYERS_SIZE) || !m->touched || !m->is_touched)
        return false;
    for (size_t i = 0; i < m->table.n; i++)
        m->table.w[i] = draw(&rng) * 0.01f;
    for (size_t i = 0; i < BIAS_AT; i++)
        m->layers.w[i] = draw(&rng) * 0.12f;
    for (size_t i = OUT_AT; i < OUT_BIAS_AT; i++)
        m->layers.w[i] = draw(&rng) * 0.2f;
    turn_layers(m);
    return true;
}

void model_release(struct model *m)
{
    learnt_release(&m->table);
    learnt_release(&m->layers);
    mem_free(m->touched);
    mem_free(m->is_touched);
}

float model_exp(float x)
{
    double y = x < -40 ? -40 : x > 40 ? 40 : (double)x, term = 1, sum = 1;
    y /= 1024;
    for (int i = 1; i <= 6; i++) {
        term *= y / i;
        sum += term;
    }
    for (int i = 0; i < 10; i++)
        sum *= sum;
    return (float)sum;
}

void model_forward(const struct model *m, struct pass *p)
{
    const struct products *f = products_of_machine();
    for (size_t i = 0; i < p->n; i++)
        f->add_up(m->table.w, p->row[i], p->nrow[i], p->keep[i], p->x[0][i + NET_FAR]);
    for (size_t l = 0; l <= NET_LAYERS; l++) {
        memset(p->x[l], 0, NET_FAR * sizeof(net_vec));
        memset(p->x[l][p->n + NET_FAR], 0, NET_FAR * sizeof(net_vec));
    }
    for (size_t l = 0; l < NET_LAYERS; l++) {
        f->forward(layer_at(m, l), m->layers.w + BIAS_AT + l * NET_WIDTH,
                   (const net_vec *)p->x[l] + NET_FAR - net_far(l), p->y[l], p->n,
                   net_far(l));
        for (size_t i = 0; i < p->n; i++)
            for (size_t o = 0; o < NET_WIDTH; o++) {
                float v = p->y[l][i][o] > 0 ? p->y[l][i][o] : 0;
                p->y[l][i][o] = v;
                p->x[l + 1][i + NET_FAR][o] = p->x[l][i + NET_FAR][o] + v;
            }
    }
    for (size_t i = p->first; i < p->end; i++)
        for (size_t c = 0; c < NET_CLASSES; c++) {
            const float *w = m->layers.w + OUT_AT + c * NET_WIDTH;
            float sum = m->layers.w[OUT_BIAS_AT + c];
            for (size_t o = 0; o < NET_WIDTH; o++)
                sum += w[o] * p->x[NET_LAYERS][i + NET_FAR][o];
            p->logit[i][c] = sum;
        }
}

static void output_back(struct model *m, struct pass *p,
                        const float (*dlogit)[NET_CLASSES])
{
    memset(p->d, 0, (p->n + 2 * NET_FAR) * sizeof p->d[0]);
    for (size_t i = p->first; i < p->end; i++)
        for (size_t c = 0; c < NET_CLASSES; c++) {
            float d = dlogit[i][c], *dw = m->layers.grad + OUT_AT + c * NET_WIDTH;
            const float *w = m->layers.w + OUT_AT + c * NET_WIDTH;
            m->layers.grad[OUT_BIAS_AT + c] += d;
            for (size_t o = 0; o < NET_WIDTH; o++) {
                dw[o] += d * p->x[NET_LAYERS][i + NET_FAR][o];
                p->d[i + NET_FAR][o] += d * w[o];
            }
        }
}

static void layer_back(struct model *m, struct pass *p, size_t l)
{
    const struct products *f = products_of_machine();
    float *dbias = m->layers.grad + BIAS_AT + l * NET_WIDTH;
    for (size_t i = 0; i < p->n; i++)
        for (size_t o = 0; o < NET_WIDTH; o++) {
            p->dy[i][o] = p->y[l][i][o] > 0 ? p->d[i + NET_FAR][o] : 0;
            dbias[o] += p->dy[i][o];
        }
    f->weights_back(m->layers.grad + l * NET_IN * NET_WIDTH,
                    (const net_vec *)p->x[l] + NET_FAR - net_far(l),
                    (const net_vec *)p->dy, p->n, net_far(l));
    f->inputs_back(m->turned[l], (const net_vec *)p->dy, p->d + NET_FAR - net_far(l),
                   p->n, net_far(l));
    memset(p->d, 0, NET_FAR * sizeof p->d[0]);
    memset(p->d[p->n + NET_FAR], 0, NET_FAR * sizeof p->d[0]);
}

static void rows_back(struct model *m, const struct pass *p)
{
    const struct products *f = products_of_machine();
    for (size_t i = 0; i < p->n; i++) {
        f->spread(m->table.grad, p->row[i], p->nrow[i], p->keep[i], p->d[i + NET_FAR]);
        for (size_t k = 0; k < p->nrow[i]; k++) {
            uint32_t row = p->row[i][k];
            if (!m->is_touched[row]) {
                m->is_touched[row] = 1;
                m->touched[m->ntouched++] = row;
            }
        }
    }
}

void model_backward(struct model *m, struct pass *p, const float (*dlogit)[NET_CLASSES])
{
    output_back(m, p, dlogit);
    for (size_t l = NET_LAYERS; l-- > 0;)
        layer_back(m, p, l);
    rows_back(m, p);
}

/* -- Adam ---------------------------------------------------------------------------- */

void model_step(struct model *m, float rate)
{
    const float row_most = 127.0f / NET_TABLE_ONE, most = 15;
    float left1 = 1, left2 = 1;
    m->step++;
    for (uint64_t i = 0; i < m->step && left2 > 1e-6f; i++) {
        left1 *= 0.9f;
        left2 *= 0.99f;
    }
    struct pace pace = {rate, 1 - left1, 1 - left2};
    const struct products *f = products_of_machine();
    f->adam(&m->layers, 0, m->layers.n, pace, most);
    for (size_t i = 0; i < m->ntouched; i++) {
        f->adam(&m->table, (size_t)m->touched[i] * NET_WIDTH, NET_WIDTH, pace, row_most);
        m->is_touched[m->touched[i]] = 0;
    }
    m->ntouched = 0;
    turn_layers(m);
}

/* -- writing ------------------------------------------------------------------------- */

static void put_le(struct buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(b, (char)(v >> 8 * i));
}

static int32_t in_parts(float v, int32_t one, int32_t most)
{
    float x = v * (float)one;
    int32_t q = (int32_t)(x < 0 ? x - 0.5f : x + 0.5f);
    return q > most ? most : q < -most ? -most : q;
}

/* Together, the weights of one output stay below NET_WEIGHTS_MAX. */
static float shrink_of(const float *w, size_t n, size_t stride)
{
    float total = 0;
    for (size_t i = 0; i < n; i++)
        total += fabsf(w[i * stride]);
    float most = (float)(NET_WEIGHTS_MAX - NET_IN) / NET_WEIGHT_ONE;
    return total > most ? most / total : 1;
}

static void put_layer(const float *w, struct buf *b)
{
    float shrink[NET_WIDTH];
    for (size_t o = 0; o < NET_WIDTH; o++)
        shrink[o] = shrink_of(w + o, NET_IN, NET_WIDTH);
    for (size_t k = 0; k < NET_IN; k += 2)
        for (size_t o = 0; o < NET_WIDTH; o++)
            for (size_t i = 0; i < 2; i++)
                put_le(b,
                       (uint16_t)in_parts(w[(k + i) * NET_WIDTH + o] * shrink[o],
                                          NET_WEIGHT_ONE, 32000),
                       2);
}

static void put_body(const struct model *m, struct buf *b)
{
    const int32_t one = NET_WEIGHT_ONE * NET_SUM_ONE;
    for (size_t l = 0; l < NET_LAYERS; l++)
        put_layer(layer_at(m, l), b);
    for (size_t i = BIAS_AT; i < OUT_AT; i++)
        put_le(b, (uint32_t)in_parts(m->layers.w[i], one, 1 << 28), 4);
    for (size_t c = 0; c < NET_CLASSES; c++) {
        const float *w = m->layers.w + OUT_AT + c * NET_WIDTH;
        float shrink = shrink_of(w, NET_WIDTH, 1);
        for (size_t o = 0; o < NET_WIDTH; o++)
            put_le(b, (uint16_t)in_parts(w[o] * shrink, NET_WEIGHT_ONE, 32000), 2);
    }
    for (size_t c = 0; c < NET_CLASSES; c++)
        put_le(b, (uint32_t)in_parts(m->layers.w[OUT_BIAS_AT + c], one, 1 << 28), 4);
    for (size_t i = 0; i < m->table.n; i++)
        buf_byte(b, (char)in_parts(m->table.w[i], NET_TABLE_ONE, 127));
}

bool model_write(const struct model *m, const int32_t lean[NET_SCRIPTS], struct buf *ret)
{
    struct buf body;
    buf_init(&body, NET_WEIGHT_BYTES + (size_t)NET_MAX_ROWS * NET_WIDTH);
    put_body(m, &body);
    buf_append(ret, STR(NET_MAGIC));
    put_le(ret, PIECES_VERSION, 4);
    put_le(ret, m->nrows, 4);
    put_le(ret, 0, 8);
    put_le(ret, tagger_sum(buf_view(&body)), 8);
    for (size_t i = 0; i < NET_SCRIPTS; i++)
        put_le(ret, (uint32_t)lean[i], 4);
    for (size_t i = NET_LEAN_AT + 4 * NET_SCRIPTS; i < NET_HEADER_BYTES; i++)
        buf_byte(ret, 0);
    buf_append(ret, buf_view(&body));
    ret->failed |= body.failed;
    buf_release(&body);
    return !ret->failed;
}
