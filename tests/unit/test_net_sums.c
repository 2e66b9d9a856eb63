/* test_net_sums.c -- every way to make the sums of the reader of names gives the same. */
#include "scan/ner/net_sums.h"

#include "core/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PIECES = 21, ROOM = PIECES + 2 * NET_FAR, ROWS = 50 };

struct sums {
    int8_t table[ROWS][NET_WIDTH];
    int16_t w[NET_IN / 2][NET_WIDTH][2];
    int32_t bias[NET_WIDTH];
    int16_t x[ROOM][NET_WIDTH], y[ROOM][NET_WIDTH];
};

static uint32_t seed = 1;

/* From -most to most; one in four is one of these two. */
static int32_t any_of(int32_t most)
{
    seed = seed * 1664525u + 1013904223u;
    uint32_t v = seed >> 8;
    if (v % 4 == 0)
        return v % 8 ? most : -most;
    return (int32_t)(v / 4 % (2 * (uint32_t)most + 1)) - most;
}

/* With weights as large as net_open() lets them be, and as they mostly are. */
static void fill(struct sums *s, int32_t weight, int32_t bias)
{
    int8_t *table = s->table[0];
    int16_t *w = s->w[0][0], *x = s->x[0];
    for (size_t i = 0; i < ROWS * NET_WIDTH; i++)
        table[i] = (int8_t)any_of(127);
    for (size_t i = 0; i < NET_IN * NET_WIDTH; i++)
        w[i] = (int16_t)any_of(weight);
    for (size_t o = 0; o < NET_WIDTH; o++)
        s->bias[o] = any_of(bias);
    for (size_t i = 0; i < ROOM * NET_WIDTH; i++)
        x[i] = (int16_t)any_of(NET_SUM_MAX);
}

static void run(const struct net_sums *way, struct sums *s, size_t far)
{
    const int16_t(*x)[NET_WIDTH] = (const int16_t(*)[NET_WIDTH])s->x;
    memset(s->y, 0, sizeof s->y);
    way->layer((const int16_t(*)[NET_WIDTH][2])s->w, s->bias, x + NET_FAR - far, s->y,
               PIECES, far);
    way->add(s->x + NET_FAR, (const int16_t(*)[NET_WIDTH])s->y, PIECES);
    for (size_t i = 0; i < NET_FAR; i++) {
        uint32_t row[PIECE_ROWS];
        size_t n = i == 0 ? 0 : i == 1 ? PIECE_ROWS : 7 * i;
        for (size_t k = 0; k < n; k++)
            row[k] = (uint32_t)((7 * k + i) % ROWS);
        way->look(s->table[0], row, n, s->x[i]);
    }
}

static void compare(int32_t weight, int32_t bias)
{
    const struct net_sums *way[NET_WAYS];
    size_t ways = net_sums_ways(way);
    struct sums *first = mem_new(struct sums), *other = mem_new(struct sums);
    struct sums *given = mem_new(struct sums);
    assert_true(first && other && given);
    for (size_t l = 0; l < NET_LAYERS; l++) {
        fill(given, weight, bias);
        *first = *given;
        run(way[0], first, net_far(l));
        assert_memory_not_equal(first->x, given->x, sizeof given->x);
        for (size_t i = 1; i < ways; i++) {
            *other = *given;
            run(way[i], other, net_far(l));
            assert_memory_equal(other->y, first->y, sizeof first->y);
            assert_memory_equal(other->x, first->x, sizeof first->x);
        }
    }
    mem_free(first);
    mem_free(other);
    mem_free(given);
}

static void ways_agree(void **state)
{
    (void)state;
    compare(60, NET_WEIGHT_ONE);
    compare(NET_WEIGHTS_MAX / NET_IN, 1 << 29);
}

/* By hand: a sum below 0 adds nothing, one above is divided, and the most is the most. */
static void layer_by_hand(void **state)
{
    (void)state;
    const struct net_sums *way[NET_WAYS];
    size_t ways = net_sums_ways(way);
    struct sums *s = mem_new(struct sums);
    assert_non_null(s);
    s->w[NET_WIDTH / 2][0][0] = 3; /* the first number of the piece itself */
    s->w[NET_WIDTH / 2][1][0] = -3;
    s->bias[0] = s->bias[1] = 1;
    s->bias[2] = 1 << 29;
    for (size_t i = 0; i < ways; i++) {
        memset(s->x, 0, sizeof s->x);
        s->x[NET_FAR][0] = NET_WEIGHT_ONE;
        s->x[NET_FAR][2] = -5;
        way[i]->layer((const int16_t(*)[NET_WIDTH][2])s->w, s->bias,
                      (const int16_t(*)[NET_WIDTH])s->x + NET_FAR - 1, s->y, PIECES, 1);
        assert_int_equal(s->y[0][0], 3);
        assert_int_equal(s->y[0][1], 0);
        assert_int_equal(s->y[0][2], NET_MADE_MAX);
        way[i]->add(s->x + NET_FAR, (const int16_t(*)[NET_WIDTH])s->y, PIECES);
        assert_int_equal(s->x[NET_FAR][0], NET_WEIGHT_ONE + 3);
        assert_int_equal(s->x[NET_FAR][2], NET_SUM_MAX);
    }
    mem_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_agree),
        cmocka_unit_test(layer_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
