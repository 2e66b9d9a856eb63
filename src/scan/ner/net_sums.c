/* net_sums.c -- see net_sums.h. */
#include "scan/ner/net_sums.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

/* Fast in builds for tests as well, whose texts are as long as anybody's: all bounds are
 * constants. */
#ifdef __clang__
#define HOT __attribute__((no_sanitize("address", "undefined")))
#else
#define HOT __attribute__((optimize("O3"), no_sanitize("address", "undefined")))
#endif
#define INLINE __attribute__((always_inline)) static inline

/* -- for any machine ----------------------------------------------------------------- */

enum { LANES = 16 };
typedef int8_t lanes8 __attribute__((vector_size(LANES)));
typedef int16_t lanes16 __attribute__((vector_size(2 * LANES)));

INLINE int16_t at_most(int16_t v, int16_t most)
{
    return v < most ? v : most;
}

HOT INLINE void look_in(const int8_t *table, const uint32_t *row, size_t n,
                        int16_t ret[NET_WIDTH])
{
    enum { PARTS = NET_WIDTH / LANES };
    lanes16 sum[PARTS] = {{0}};
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < PARTS; i++) {
            lanes8 v;
            memcpy(&v, table + (size_t)row[k] * NET_WIDTH + i * LANES, sizeof v);
            sum[i] += __builtin_convertvector(v, lanes16);
        }
    memcpy(ret, sum, sizeof sum);
    for (size_t o = 0; o < NET_WIDTH; o++) {
        int16_t v = (int16_t)(ret[o] * (NET_SUM_ONE / NET_TABLE_ONE));
        v = at_most(v, NET_SUM_MAX);
        ret[o] = v > -NET_SUM_MAX ? v : -NET_SUM_MAX;
    }
}
_Static_assert(PIECE_ROWS * 128 * (NET_SUM_ONE / NET_TABLE_ONE) <= INT16_MAX,
               "a sum of rows fits");

HOT INLINE void add_in(int16_t (*x)[NET_WIDTH], const int16_t (*y)[NET_WIDTH], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < NET_WIDTH; o++)
            x[i][o] = at_most((int16_t)(x[i][o] + y[i][o]), NET_SUM_MAX);
}

HOT INLINE void gather(const int16_t (*x)[NET_WIDTH], size_t far, int16_t ret[NET_IN])
{
    for (size_t t = 0; t < NET_SPAN; t++)
        memcpy(ret + t * NET_WIDTH, x[t * far], sizeof x[0]);
}

HOT static void look_plain(const int8_t *table, const uint32_t *row, size_t n,
                           int16_t ret[NET_WIDTH])
{
    look_in(table, row, n, ret);
}

HOT static void add_plain(int16_t (*x)[NET_WIDTH], const int16_t (*y)[NET_WIDTH],
                          size_t n)
{
    add_in(x, y, n);
}

HOT static void layer_plain(const int16_t (*w)[NET_WIDTH][2],
                            const int32_t bias[NET_WIDTH], const int16_t (*x)[NET_WIDTH],
                            int16_t (*y)[NET_WIDTH], size_t n, size_t far)
{
    for (size_t i = 0; i < n; i++) {
        int16_t xi[NET_IN];
        int32_t sum[NET_WIDTH];
        gather(x + i, far, xi);
        memcpy(sum, bias, sizeof sum);
        for (size_t k = 0; k < NET_IN / 2; k++)
            for (size_t o = 0; o < NET_WIDTH; o++)
                sum[o] += xi[2 * k] * w[k][o][0] + xi[2 * k + 1] * w[k][o][1];
        for (size_t o = 0; o < NET_WIDTH; o++) {
            int32_t v = sum[o] / NET_WEIGHT_ONE;
            y[i][o] = (int16_t)(v < 0 ? 0 : v < NET_MADE_MAX ? v : NET_MADE_MAX);
        }
    }
}

static const struct net_sums plain = {look_plain, layer_plain, add_plain};

/* -- for x86-64 ---------------------------------------------------------------------- */

#ifdef __SSE2__
enum { TILE = 32, WEIGHT_BITS = 11 };
_Static_assert(1 << WEIGHT_BITS == NET_WEIGHT_ONE, "a shift divides what is not below 0");

INLINE int32_t pair_at(const int16_t *x)
{
    int32_t v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* What is below 0 becomes 0 once its sign is all that is left to look at. */
HOT static void put_sse2(const __m128i a[2], const int32_t *bias, int16_t *y)
{
    __m128i v[2];
    for (size_t i = 0; i < 2; i++) {
        const void *b = bias + 4 * i;
        v[i] = _mm_srai_epi32(_mm_add_epi32(a[i], _mm_loadu_si128(b)), WEIGHT_BITS);
    }
    __m128i made = _mm_packs_epi32(v[0], v[1]);
    made = _mm_max_epi16(made, _mm_setzero_si128());
    made = _mm_min_epi16(made, _mm_set1_epi16(NET_MADE_MAX));
    _mm_storeu_si128((__m128i *)(void *)y, made);
}

HOT static void layer_sse2(const int16_t (*w)[NET_WIDTH][2],
                           const int32_t bias[NET_WIDTH], const int16_t (*x)[NET_WIDTH],
                           int16_t (*y)[NET_WIDTH], size_t n, size_t far)
{
    for (size_t i = 0; i < n; i++) {
        int16_t xi[NET_IN];
        gather(x + i, far, xi);
        for (size_t o = 0; o < NET_WIDTH; o += TILE) {
            __m128i a[8];
            for (size_t v = 0; v < 8; v++)
                a[v] = _mm_setzero_si128();
            for (size_t k = 0; k < NET_IN / 2; k++) {
                __m128i xa = _mm_set1_epi32(pair_at(xi + 2 * k));
                for (size_t v = 0; v < 8; v++) {
                    const void *from = w[k][o + 4 * v];
                    __m128i m = _mm_loadu_si128(from);
                    a[v] = _mm_add_epi32(a[v], _mm_madd_epi16(m, xa));
                }
            }
            for (size_t v = 0; v < 8; v += 2)
                put_sse2(a + v, bias + o + 4 * v, y[i] + o + 4 * v);
        }
    }
}

#define AVX2 __attribute__((target("avx2")))
/* In its register: gcc 12 would make all products first and keep sums in memory. */
#define STAYS(sum) __asm__("" : "+x"(sum))

HOT AVX2 static void put_avx2(const __m256i a[4], const int32_t *bias, int16_t *y)
{
    for (size_t i = 0; i < 4; i += 2) {
        const void *b0 = bias + 8 * i, *b1 = bias + 8 * (i + 1);
        __m256i v0 = _mm256_add_epi32(a[i], _mm256_loadu_si256(b0));
        __m256i v1 = _mm256_add_epi32(a[i + 1], _mm256_loadu_si256(b1));
        __m256i made = _mm256_packs_epi32(_mm256_srai_epi32(v0, WEIGHT_BITS),
                                          _mm256_srai_epi32(v1, WEIGHT_BITS));
        made = _mm256_permute4x64_epi64(made, 0xD8); /* packed in halves */
        made = _mm256_max_epi16(made, _mm256_setzero_si256());
        made = _mm256_min_epi16(made, _mm256_set1_epi16(NET_MADE_MAX));
        _mm256_storeu_si256((__m256i *)(void *)(y + 8 * i), made);
    }
}

HOT AVX2 static void layer_avx2(const int16_t (*w)[NET_WIDTH][2],
                                const int32_t bias[NET_WIDTH],
                                const int16_t (*x)[NET_WIDTH], int16_t (*y)[NET_WIDTH],
                                size_t n, size_t far)
{
    for (size_t i = 0; i < n; i += 2) {
        size_t j = i + 1 < n ? i + 1 : i;
        int16_t xi[NET_IN], xj[NET_IN];
        gather(x + i, far, xi);
        gather(x + j, far, xj);
        for (size_t o = 0; o < NET_WIDTH; o += TILE) {
            __m256i a[4], b[4];
            for (size_t v = 0; v < 4; v++)
                a[v] = b[v] = _mm256_setzero_si256();
            for (size_t k = 0; k < NET_IN / 2; k++) {
                __m256i xa = _mm256_set1_epi32(pair_at(xi + 2 * k));
                __m256i xb = _mm256_set1_epi32(pair_at(xj + 2 * k));
                for (size_t v = 0; v < 4; v++) {
                    const void *from = w[k][o + 8 * v];
                    __m256i m = _mm256_loadu_si256(from);
                    a[v] = _mm256_add_epi32(a[v], _mm256_madd_epi16(m, xa));
                    b[v] = _mm256_add_epi32(b[v], _mm256_madd_epi16(m, xb));
                    STAYS(a[v]);
                    STAYS(b[v]);
                }
            }
            put_avx2(a, bias + o, y[i] + o);
            put_avx2(b, bias + o, y[j] + o);
        }
    }
}

HOT AVX2 static void look_avx2(const int8_t *table, const uint32_t *row, size_t n,
                               int16_t ret[NET_WIDTH])
{
    look_in(table, row, n, ret);
}

HOT AVX2 static void add_avx2(int16_t (*x)[NET_WIDTH], const int16_t (*y)[NET_WIDTH],
                              size_t n)
{
    add_in(x, y, n);
}

/* -- the same with products that are added in one step ------------------------------- */

#define VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))
enum { AT_ONCE = 4, WIDE = 16, WIDES = NET_WIDTH / WIDE };

HOT VNNI static void put_vnni(const __m512i a[WIDES], int16_t y[NET_WIDTH])
{
    for (size_t v = 0; v < WIDES; v++) {
        __m512i made = _mm512_srai_epi32(a[v], WEIGHT_BITS);
        made = _mm512_max_epi32(made, _mm512_setzero_si512());
        made = _mm512_min_epi32(made, _mm512_set1_epi32(NET_MADE_MAX));
        _mm256_storeu_si256((__m256i *)(void *)(y + WIDE * v),
                            _mm512_cvtepi32_epi16(made));
    }
}

HOT VNNI static void layer_vnni(const int16_t (*w)[NET_WIDTH][2],
                                const int32_t bias[NET_WIDTH],
                                const int16_t (*x)[NET_WIDTH], int16_t (*y)[NET_WIDTH],
                                size_t n, size_t far)
{
    for (size_t i = 0; i < n; i += AT_ONCE) {
        int16_t in[AT_ONCE][NET_IN];
        __m512i a[AT_ONCE][WIDES], m[WIDES];
        for (size_t q = 0; q < AT_ONCE; q++) {
            gather(x + (i + q < n ? i + q : n - 1), far, in[q]);
            for (size_t v = 0; v < WIDES; v++)
                a[q][v] = _mm512_loadu_si512(bias + WIDE * v);
        }
        for (size_t k = 0; k < NET_IN / 2; k++) {
            for (size_t v = 0; v < WIDES; v++)
                m[v] = _mm512_loadu_si512(w[k][WIDE * v]);
            for (size_t q = 0; q < AT_ONCE; q++) {
                __m512i xq = _mm512_set1_epi32(pair_at(in[q] + 2 * k));
                for (size_t v = 0; v < WIDES; v++)
                    a[q][v] = _mm512_dpwssd_epi32(a[q][v], m[v], xq);
            }
        }
        for (size_t q = 0; q < AT_ONCE && i + q < n; q++)
            put_vnni(a[q], y[i + q]);
    }
}

static const struct net_sums sse2 = {look_plain, layer_sse2, add_plain};
static const struct net_sums avx2 = {look_avx2, layer_avx2, add_avx2};
static const struct net_sums vnni = {look_avx2, layer_vnni, add_avx2};
#endif

size_t net_sums_ways(const struct net_sums *ret[NET_WAYS])
{
    size_t n = 0;
    ret[n++] = &plain;
#ifdef __SSE2__
    ret[n++] = &sse2;
    if (__builtin_cpu_supports("avx2"))
        ret[n++] = &avx2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        ret[n++] = &vnni;
#endif
    return n;
}
