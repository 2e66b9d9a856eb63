/* test_gate.c -- slots never exceed the limit, keys take turns, the breaker opens and
 * probes, and a ticket that left is never told it was granted, on any thread. */
#include "upstream/gate.h"

#include "core/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct waiter {
    struct gate_ticket t;
    char name;
    char *log; /* names in the order of being granted */
};

static void note_grant(struct gate_ticket *t)
{
    struct waiter *w = CONTAINER_OF(t, struct waiter, t);
    w->log[strlen(w->log)] = w->name;
}

/* In capitals: the place in the queue was lost. */
static void note_refusal(struct gate_ticket *t)
{
    struct waiter *w = CONTAINER_OF(t, struct waiter, t);
    assert_null(t->gate);
    w->log[strlen(w->log)] = (char)(w->name - 'a' + 'A');
}

static struct waiter waiter_for(struct loop *l, uint64_t key, char name, char *log)
{
    return (struct waiter){
        .t = {.loop = l, .key_id = key, .granted = note_grant, .refused = note_refusal},
        .name = name,
        .log = log};
}

/* One turn of the loop: posted mailboxes run. */
static void turn(struct loop *l)
{
    uv_run(loop_uv(l), UV_RUN_NOWAIT);
}

static struct loop *make_loop(void)
{
    struct loop *l = loop_create(NULL);
    assert_non_null(l);
    return l;
}

static void it_counts_queues_and_refuses(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 2, .max_queue = 1});
    char log[8] = "";
    struct waiter w[4];
    static const enum gate_answer expected[] = {GATE_GRANTED, GATE_GRANTED, GATE_QUEUED,
                                                GATE_FULL};
    for (size_t i = 0; i < ARRAY_LEN(w); i++) {
        w[i] = waiter_for(l, i, (char)('a' + i), log);
        assert_int_equal(gate_enter(g, &w[i].t, 0), expected[i]);
    }
    assert_int_equal(gate_look(g, 0, 0).inflight, 2);
    assert_int_equal(gate_look(g, 0, 0).queued, 1);
    gate_leave(&w[3].t); /* holds nothing: no effect */
    gate_leave(&w[0].t);
    gate_leave(&w[0].t);
    assert_string_equal(log, ""); /* never from inside another call */
    turn(l);
    assert_string_equal(log, "c");
    gate_leave(&w[1].t);
    gate_leave(&w[2].t);
    assert_int_equal(gate_look(g, 0, 0).inflight, 0);
    gate_unref(g);
    loop_free(l);
}

/* Key 1 waits with four requests; keys 2 and 3 come later and are not put behind. */
static void keys_take_turns(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g =
        gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 10});
    static const struct {
        char name;
        uint64_t key;
    } rows[] = {{'x', 9}, {'a', 1}, {'b', 1}, {'c', 1},
                {'d', 1}, {'p', 2}, {'q', 2}, {'s', 3}};
    char log[16] = "";
    struct waiter w[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        w[i] = waiter_for(l, rows[i].key, rows[i].name, log);
        assert_int_equal(gate_enter(g, &w[i].t, 0), i ? GATE_QUEUED : GATE_GRANTED);
    }
    gate_leave(&w[0].t);
    for (size_t served = 0; served + 1 < ARRAY_LEN(rows); served++) {
        turn(l);
        assert_int_equal(strlen(log), served + 1);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (rows[i].name == log[served])
                gate_leave(&w[i].t);
    }
    assert_string_equal(log, "apsbqcd");
    gate_unref(g);
    loop_free(l);
}

/* A key that comes back at once after each answer does not starve one that waits. */
static void coming_back_at_once_wins_nothing(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g =
        gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 10});
    char log[32] = "";
    struct waiter first = waiter_for(l, 9, 'x', log), eager = waiter_for(l, 2, 'e', log);
    struct waiter patient[3];
    assert_int_equal(gate_enter(g, &first.t, 0), GATE_GRANTED);
    for (int i = 0; i < 3; i++) {
        patient[i] = waiter_for(l, 1, (char)('1' + i), log);
        assert_int_equal(gate_enter(g, &patient[i].t, 0), GATE_QUEUED);
    }
    assert_int_equal(gate_enter(g, &eager.t, 0), GATE_QUEUED);
    gate_leave(&first.t);
    for (int i = 0; i < 6; i++) {
        turn(l);
        char last = log[strlen(log) - 1];
        if (last == 'e') {
            gate_leave(&eager.t);
            gate_enter(g, &eager.t, 0);
        } else {
            gate_leave(&patient[last - '1'].t);
        }
    }
    assert_memory_equal(log, "1e2e3e", 6);
    turn(l);
    gate_leave(&eager.t);
    gate_unref(g);
    loop_free(l);
}

static void a_ticket_that_left_is_never_granted(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 5});
    char log[8] = "";
    struct waiter holder = waiter_for(l, 1, 'h', log), gone = waiter_for(l, 1, 'g', log),
                  next = waiter_for(l, 1, 'n', log);
    assert_int_equal(gate_enter(g, &holder.t, 0), GATE_GRANTED);
    assert_int_equal(gate_enter(g, &gone.t, 0), GATE_QUEUED);
    assert_int_equal(gate_enter(g, &next.t, 0), GATE_QUEUED);
    gate_leave(&holder.t); /* `gone` holds the slot now, but was not told */
    gate_leave(&gone.t);   /* and passes it on */
    turn(l);
    assert_string_equal(log, "n");
    gate_leave(&next.t);
    assert_int_equal(gate_look(g, 0, 0).inflight, 0);
    gate_unref(g);
    loop_free(l);
}

/* What happens to a full queue of `max_queue` behind one slot: keys come in the order of
 * `keys` and are granted (the first), queued, refused at once ('-'), or push another's
 * ticket out; then the slot is passed on until nobody waits. */
static void a_full_queue_makes_room_for_a_key_that_has_less(void **state)
{
    (void)state;
    static const struct {
        uint32_t max_queue;
        const char *keys, *refused_at_once, *log;
    } rows[] = {
        {2, "1112", "", "Cbd"},           /* key 2 pushes out key 1's last */
        {2, "11122", "e", "Cbd"},         /* and has its share then */
        {3, "1111222", "g", "DCbef"},     /* two each, with the slot */
        {1, "112", "", "Bc"},             /* key 1 has the slot as well */
        {1, "1121", "d", "Bc"},           /* and does not push back */
        {1, "123", "c", "b"},             /* all have one: who came first stays */
        {2, "9111", "d", "bc"},           /* a key does not push its own out */
        {2, "91123", "e", "Cbd"},         /* as 1 and 2 have one each */
        {4, "911112233", "i", "EDCbfhg"}, /* one or two each */
        {0, "12", "b", ""},               /* nothing to push out of */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct loop *l = make_loop();
        struct gate *g = gate_create(
            (struct gate_limits){.max_inflight = 1, .max_queue = rows[i].max_queue});
        struct waiter w[12];
        char log[16] = "", at_once[16] = "";
        size_t n = strlen(rows[i].keys);
        for (size_t k = 0; k < n; k++) {
            uint64_t key = (uint64_t)rows[i].keys[k];
            w[k] = waiter_for(l, key, (char)('a' + k), log);
            bool takes = gate_look(g, key, 0).takes_key;
            enum gate_answer a = gate_enter(g, &w[k].t, 0);
            assert_int_equal(takes, a != GATE_FULL);
            if (a == GATE_FULL)
                at_once[strlen(at_once)] = w[k].name;
        }
        for (size_t round = 0; round < n; round++) {
            turn(l);
            for (size_t k = 0; k < n; k++)
                if (w[k].t.holds_slot && (k == 0 || strchr(log, w[k].name)))
                    gate_leave(&w[k].t);
        }
        turn(l);
        assert_string_equal(at_once, rows[i].refused_at_once);
        assert_string_equal(log, rows[i].log);
        assert_int_equal(gate_look(g, 0, 0).inflight + gate_look(g, 0, 0).queued, 0);
        gate_unref(g);
        loop_free(l);
    }
}

/* A ticket that lost its place and leaves before it is told is never told. */
static void a_refused_ticket_that_left_is_never_told(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 2});
    char log[8] = "";
    struct waiter w[4];
    for (size_t i = 0; i < 4; i++) {
        w[i] = waiter_for(l, i < 3 ? 1 : 2, (char)('a' + i), log);
        assert_int_not_equal(gate_enter(g, &w[i].t, 0), GATE_FULL);
    }
    gate_leave(&w[2].t);
    turn(l);
    assert_string_equal(log, "");
    for (size_t i = 0; i < 4; i++)
        gate_leave(&w[i].t);
    turn(l);
    assert_int_equal(gate_look(g, 0, 0).inflight + gate_look(g, 0, 0).queued, 0);
    gate_unref(g);
    loop_free(l);
}

/* Random keys come and leave: never more than the limits, nobody is lost, and a key that
 * waits for nothing is never shut out by one that has two or more. */
static void nobody_is_shut_out_of_a_queue_at_random(void **state)
{
    (void)state;
    enum { N = 40, STEPS = 20000 };
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 3, .max_queue = 8});
    static char log[2 * STEPS];
    static struct waiter w[N];
    unsigned seed = 7;
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1103515245 + 12345;
        size_t i = (seed >> 16) % N;
        if (w[i].t.gate) {
            gate_leave(&w[i].t);
        } else {
            w[i] = waiter_for(l, i < 30 ? 1 : i, 'a', log);
            enum gate_answer a = gate_enter(g, &w[i].t, 0);
            if (i >= 30)
                assert_int_not_equal(a, GATE_FULL);
        }
        struct gate_state s = gate_look(g, 0, 0);
        assert_true(s.inflight <= 3 && s.queued <= 8);
        if (step % 3 == 0) {
            turn(l);
            memset(log, 0, sizeof log);
        }
    }
    for (size_t i = 0; i < N; i++)
        gate_leave(&w[i].t);
    turn(l);
    assert_int_equal(gate_look(g, 0, 0).inflight + gate_look(g, 0, 0).queued, 0);
    gate_unref(g);
    loop_free(l);
}

static void a_full_queue_tells_how_long_it_takes(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 2, .max_queue = 3});
    char log[8] = "";
    struct waiter w[6];
    uint64_t now = loop_now_ms(l);
    w[0] = waiter_for(l, 1, 'a', log);
    gate_enter(g, &w[0].t, now - 3000); /* held for 3 s */
    gate_leave(&w[0].t);
    for (size_t i = 0; i < 5; i++) {
        w[i] = waiter_for(l, 1, (char)('a' + i), log);
        assert_int_not_equal(gate_enter(g, &w[i].t, now), GATE_FULL);
    }
    uint64_t wait = gate_look(g, 1, now).queue_time_ms;
    assert_in_range(wait, 5900, 6500); /* three and one more, two at a time */
    assert_int_equal(gate_look(g, 2, now).queue_time_ms, 0); /* it would be taken */
    for (size_t i = 0; i < 5; i++)
        gate_leave(&w[i].t);
    turn(l);
    gate_unref(g);
    loop_free(l);
}

static void note_yield(struct gate_ticket *t)
{
    note_grant(t);
    gate_leave(t);
}

/* Those that wait get the slots of tickets that yield, one each: who came before and has
 * not been served yet is not asked for again. */
static void as_many_yield_as_wait(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 4, .max_queue = 5});
    char log[16] = "";
    struct waiter w[6];
    for (int i = 0; i < 6; i++)
        w[i] = waiter_for(l, 1, (char)('a' + i), log);
    for (int i = 0; i < 4; i++) {
        w[i].t.yield = note_yield;
        assert_int_equal(gate_enter(g, &w[i].t, 0), GATE_GRANTED);
    }
    assert_int_equal(gate_enter(g, &w[4].t, 0), GATE_QUEUED);
    assert_int_equal(gate_enter(g, &w[5].t, 0), GATE_QUEUED);
    turn(l);
    turn(l);
    assert_string_equal(log, "abef");
    assert_int_equal(gate_look(g, 1, 0).inflight, 4);
    for (int i = 0; i < 6; i++)
        gate_leave(&w[i].t);
    assert_int_equal(gate_look(g, 1, 0).inflight, 0);
    gate_unref(g);
    loop_free(l);
}

static void raising_the_limit_grants_and_a_ticket_keeps_its_gate(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 5});
    char log[8] = "";
    struct waiter w[3];
    for (int i = 0; i < 3; i++) {
        w[i] = waiter_for(l, 1, (char)('0' + i), log);
        gate_enter(g, &w[i].t, 0);
    }
    gate_set_limits(g, (struct gate_limits){.max_inflight = 0, .max_queue = 5});
    turn(l);
    assert_string_equal(log, "12");
    gate_unref(g);
    for (int i = 0; i < 3; i++)
        gate_leave(&w[i].t); /* the last one frees the gate */
    loop_free(l);
}

static void the_breaker_opens_probes_and_closes(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 9, .max_queue = 9});
    char log[8] = "";
    struct waiter a = waiter_for(l, 1, 'a', log), b = waiter_for(l, 1, 'b', log);
    uint64_t now = 1000;
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_int_equal(gate_look(g, 0, now).breaker, BREAKER_CLOSED);
        assert_int_equal(gate_enter(g, &a.t, now), GATE_GRANTED);
        gate_fail(g, "HTTP 500", now);
        gate_leave(&a.t);
    }
    static const uint64_t pauses[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
        assert_int_equal(gate_look(g, 0, now).breaker, BREAKER_OPEN);
        assert_int_equal(gate_look(g, 0, now).retry_after_ms, pauses[i]);
        gate_fail(g, "HTTP 500", now); /* an older request's failure changes nothing */
        assert_int_equal(gate_enter(g, &a.t, now + pauses[i] - 1), GATE_BROKEN);
        now += pauses[i];
        assert_int_equal(gate_look(g, 0, now).breaker, BREAKER_HALF_OPEN);
        assert_int_equal(gate_enter(g, &a.t, now), GATE_GRANTED);
        assert_int_equal(gate_enter(g, &b.t, now), GATE_BROKEN); /* one probe */
        gate_leave(&a.t); /* cancelled, unreported: somebody else may probe */
        assert_int_equal(gate_enter(g, &b.t, now), GATE_GRANTED);
        gate_fail(g, "HTTP 500", now);
        gate_leave(&b.t);
    }
    now += 30000;
    assert_int_equal(gate_enter(g, &a.t, now), GATE_GRANTED);
    gate_succeed(g, now);
    assert_int_equal(gate_look(g, 0, now).breaker, BREAKER_CLOSED);
    assert_int_equal(gate_enter(g, &b.t, now), GATE_GRANTED);
    gate_leave(&a.t);
    gate_leave(&b.t);
    for (int i = 0; i < 3 * BREAKER_FAILURES; i++) /* not in a row */
        if (i % BREAKER_FAILURES == 0)
            gate_succeed(g, now);
        else
            gate_fail(g, "HTTP 500", now);
    assert_int_equal(gate_look(g, 0, now).breaker, BREAKER_CLOSED);
    gate_unref(g);
    loop_free(l);
}

static bool is_change(const struct past_change *c, enum past_what what, uint32_t times,
                      const char *why)
{
    return c->what == what && c->times == times && strcmp(c->why, why) == 0 &&
           c->first_ms <= c->at_ms;
}

static void fail_often(struct gate *g, int times, const char *why, uint64_t now)
{
    while (times--)
        gate_fail(g, why, now);
}

/* Of one outage it keeps at most four entries, however long it is. */
static void the_past_of_the_breaker_is_kept_with_its_reasons(void **state)
{
    (void)state;
    struct past_change c[PAST_CHANGES];
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 9, .max_queue = 9});
    uint64_t now = 1000, wall = clock_wall_ms();
    fail_often(g, BREAKER_FAILURES - 1, "it answered HTTP 500", now);
    assert_int_equal(gate_past(g, now, 0, c), 0);
    gate_fail(g, "it fell silent", now);
    gate_fail(g, "an older request's", now);
    assert_int_equal(gate_past(g, now, 0, c), 1);
    assert_true(is_change(&c[0], PAST_OPENED, 1,
                          "it fell silent (5 failures in a row; this was the last)"));
    assert_true(c[0].at_ms >= wall);
    now += 1500; /* nobody looked when the pause ended */
    assert_int_equal(gate_past(g, now, 0, c), 2);
    assert_true(
        is_change(&c[0], PAST_HALF_OPENED, 1, "after 1 s one request may try it"));
    for (int i = 0; i < 200; i++) {
        gate_fail(g, "it takes no connection", now);
        now += 30000;
    }
    gate_succeed(g, now);
    gate_succeed(g, now);
    assert_int_equal(gate_past(g, now, 0, c), 4);
    assert_true(is_change(&c[0], PAST_CLOSED, 1, "it answered a request"));
    assert_true(
        is_change(&c[1], PAST_HALF_OPENED, 201, "after 30 s one request may try it"));
    assert_true(is_change(&c[2], PAST_OPENED_AGAIN, 200, "it takes no connection"));
    assert_int_equal(c[3].what, PAST_OPENED);
    assert_int_equal(gate_past(g, now, clock_wall_ms() + 60000, c), 0);
    gate_unref(g);
}

/* Nothing passes, what waits is refused, what yields is told to, and failures of what had
 * passed do not count. */
static void a_gate_that_is_held_lets_nothing_pass(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct past_change c[PAST_CHANGES];
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 1, .max_queue = 9});
    char log[8] = "";
    struct waiter a = waiter_for(l, 1, 'a', log), b = waiter_for(l, 2, 'b', log);
    struct waiter d = waiter_for(l, 3, 'd', log);
    assert_int_equal(gate_enter(g, &a.t, 0), GATE_GRANTED);
    assert_int_equal(gate_enter(g, &b.t, 0), GATE_QUEUED);
    gate_hold(g, GATE_STOPPED, "the GPU is needed", 0);
    assert_int_equal(gate_enter(g, &d.t, 0), GATE_BROKEN);
    d.t.yield = note_grant;
    assert_int_equal(gate_enter(g, &d.t, 0), GATE_FULL);
    assert_string_equal(log, "");
    turn(l);
    assert_string_equal(log, "B");
    assert_int_equal(gate_look(g, 0, 0).queued, 0);
    assert_int_equal(gate_look(g, 0, 0).inflight, 1);
    assert_int_equal(gate_look(g, 0, 0).hold, GATE_STOPPED);
    fail_often(g, BREAKER_FAILURES, "it was cut off", 0);
    assert_int_equal(gate_look(g, 0, 0).breaker, BREAKER_CLOSED);
    gate_leave(&a.t);
    gate_hold(g, GATE_STOPPED, "again", 0);
    gate_hold(g, GATE_STARTING, "it is free", 0);
    d.t.yield = NULL;
    assert_int_equal(gate_enter(g, &d.t, 0), GATE_BROKEN);
    gate_hold(g, GATE_RUNS, "it answers", 0);
    assert_int_equal(gate_enter(g, &d.t, 0), GATE_GRANTED);
    gate_leave(&d.t);
    gate_hold(g, GATE_STARTING, "it ended with exit code 1", 0);
    gate_hold(g, GATE_STARTING, "once more", 0);
    assert_int_equal(gate_enter(g, &d.t, 0), GATE_BROKEN);
    assert_int_equal(gate_past(g, 0, 0, c), 3);
    assert_true(is_change(&c[0], PAST_DIED, 1, "it ended with exit code 1"));
    assert_true(is_change(&c[1], PAST_STARTED, 1, "it answers"));
    assert_true(is_change(&c[2], PAST_STOPPED, 1, "the GPU is needed"));
    gate_unref(g);
    loop_free(l);
}

/* A mirror gives its slot back, and a breaker that was open is closed by the start. */
static void holding_a_gate_asks_mirrors_to_leave(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 2, .max_queue = 9});
    char log[8] = "";
    struct waiter m = waiter_for(l, 1, 'm', log);
    m.t.yield = note_grant;
    assert_int_equal(gate_enter(g, &m.t, 0), GATE_GRANTED);
    fail_often(g, BREAKER_FAILURES, "it fell silent", 0);
    assert_int_equal(gate_look(g, 0, 0).breaker, BREAKER_OPEN);
    gate_hold(g, GATE_STOPPED, "why", 0);
    turn(l);
    assert_string_equal(log, "m");
    gate_leave(&m.t);
    gate_hold(g, GATE_RUNS, "it answers", 0);
    assert_int_equal(gate_look(g, 0, 0).breaker, BREAKER_CLOSED);
    gate_unref(g);
    loop_free(l);
}

static void the_past_is_bounded_and_its_words_are_cut(void **state)
{
    (void)state;
    char why[400];
    struct past_change c[PAST_CHANGES];
    struct gate *g = gate_create((struct gate_limits){.max_inflight = 9, .max_queue = 9});
    memset(why, 'w', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    for (uint64_t now = 0; now < 200; now++) {
        fail_often(g, BREAKER_FAILURES, why, now);
        gate_succeed(g, now);
    }
    fail_often(g, BREAKER_FAILURES, "it fell silent", 200);
    assert_int_equal(gate_past(g, 200, 0, c), PAST_CHANGES);
    assert_int_equal(c[0].what, PAST_OPENED);
    for (size_t i = 1; i < PAST_CHANGES; i++) {
        assert_int_equal(c[i].what, i % 2 ? PAST_CLOSED : PAST_OPENED);
        assert_true(strlen(c[i].why) < PAST_WHY);
        assert_true(c[i].at_ms <= c[i - 1].at_ms);
    }
    gate_unref(g);
}

/* -- four threads ------------------------------------------------------------- */

enum { NTHREADS = 4, NTICKETS = 16, NROUNDS = 4000, LIMIT = 3 };

struct worker {
    struct loop *loop;
    struct gate *gate;
    unsigned seed;
    int rounds, running;
    struct loop_task start;
    struct runner *runners[NTICKETS];
    atomic_int *inside;
    int grants, left_early, refused;
};

/* On the heap and freed as soon as it has left: a late grant would touch it. */
struct runner {
    struct gate_ticket t;
    struct worker *w;
    size_t slot;
    bool holds;
};

static void enter_again(struct worker *w, size_t slot);

static void leave(struct runner *r)
{
    struct worker *w = r->w;
    size_t slot = r->slot;
    if (r->holds)
        atomic_fetch_sub(w->inside, 1);
    else
        w->left_early++;
    gate_leave(&r->t);
    free(r);
    w->runners[slot] = NULL;
    w->running--;
}

static void hold(struct runner *r)
{
    assert_false(r->holds);
    r->holds = true;
    r->w->grants++;
    int inside = atomic_fetch_add(r->w->inside, 1) + 1;
    assert_true(inside <= LIMIT);
}

static void on_granted(struct gate_ticket *t)
{
    hold(CONTAINER_OF(t, struct runner, t));
}

/* Its place in the full queue was given to another key. */
static void on_refused(struct gate_ticket *t)
{
    struct runner *r = CONTAINER_OF(t, struct runner, t);
    struct worker *w = r->w;
    assert_false(r->holds);
    w->refused++;
    w->runners[r->slot] = NULL;
    w->running--;
    free(r);
}

static void enter_again(struct worker *w, size_t slot)
{
    struct runner *r = calloc(1, sizeof *r);
    *r = (struct runner){.w = w, .slot = slot};
    r->t.loop = w->loop;
    r->t.key_id = (uint64_t)rand_r(&w->seed) % 5;
    r->t.granted = on_granted;
    r->t.refused = on_refused;
    switch (gate_enter(w->gate, &r->t, 0)) {
    case GATE_GRANTED:
        hold(r);
        break;
    case GATE_QUEUED:
        break;
    default:
        free(r);
        return;
    }
    w->runners[slot] = r;
    w->running++;
}

static void step(void *arg)
{
    struct worker *w = arg;
    for (int i = 0; i < 4; i++) {
        size_t slot = (size_t)rand_r(&w->seed) % NTICKETS;
        const struct runner *r = w->runners[slot];
        if (r && (r->holds || rand_r(&w->seed) % 32 == 0))
            leave(w->runners[slot]);
        else if (!r && w->rounds > 0)
            enter_again(w, slot);
    }
    if (--w->rounds <= 0 && w->running == 0) {
        loop_stop(w->loop);
        return;
    }
    loop_defer(w->loop, &w->start);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    w->start = (struct loop_task){.fn = step, .arg = w};
    loop_defer(w->loop, &w->start);
    loop_run(w->loop);
    return NULL;
}

static void four_threads_share_slots_without_a_late_grant(void **state)
{
    (void)state;
    struct gate *g =
        gate_create((struct gate_limits){.max_inflight = LIMIT, .max_queue = 20});
    static struct worker w[NTHREADS];
    pthread_t threads[NTHREADS];
    atomic_int inside = 0;
    for (unsigned i = 0; i < NTHREADS; i++) {
        w[i] = (struct worker){.loop = make_loop(),
                               .gate = g,
                               .seed = i + 1,
                               .rounds = NROUNDS,
                               .inside = &inside};
        pthread_create(&threads[i], NULL, work, &w[i]);
    }
    int grants = 0, left_early = 0, refused = 0;
    for (int i = 0; i < NTHREADS; i++) {
        pthread_join(threads[i], NULL);
        grants += w[i].grants;
        left_early += w[i].left_early;
        refused += w[i].refused;
    }
    print_message("%d grants, %d left before theirs, %d lost their places\n", grants,
                  left_early, refused);
    assert_int_equal(atomic_load(&inside), 0);
    assert_int_equal(gate_look(g, 0, 0).inflight, 0);
    assert_int_equal(gate_look(g, 0, 0).queued, 0);
    assert_true(grants > 100);
    assert_true(left_early > 200);
    assert_true(refused > 0);
    gate_unref(g);
    for (int i = 0; i < NTHREADS; i++)
        loop_free(w[i].loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_counts_queues_and_refuses),
        cmocka_unit_test(keys_take_turns),
        cmocka_unit_test(coming_back_at_once_wins_nothing),
        cmocka_unit_test(a_ticket_that_left_is_never_granted),
        cmocka_unit_test(a_full_queue_makes_room_for_a_key_that_has_less),
        cmocka_unit_test(a_refused_ticket_that_left_is_never_told),
        cmocka_unit_test(nobody_is_shut_out_of_a_queue_at_random),
        cmocka_unit_test(a_full_queue_tells_how_long_it_takes),
        cmocka_unit_test(as_many_yield_as_wait),
        cmocka_unit_test(raising_the_limit_grants_and_a_ticket_keeps_its_gate),
        cmocka_unit_test(the_breaker_opens_probes_and_closes),
        cmocka_unit_test(the_past_of_the_breaker_is_kept_with_its_reasons),
        cmocka_unit_test(a_gate_that_is_held_lets_nothing_pass),
        cmocka_unit_test(holding_a_gate_asks_mirrors_to_leave),
        cmocka_unit_test(the_past_is_bounded_and_its_words_are_cut),
        cmocka_unit_test(four_threads_share_slots_without_a_late_grant),
    };
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
