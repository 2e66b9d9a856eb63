/* test_gateway_feedback.c -- who learns from feedback is told of answers, and of nothing
 * else. */
#include "gateway/feedback.h"

#include "gateway_world.h"

#include <math.h>

static struct world world;

static struct {
    struct feedback_heard last;
    unsigned n;
} heard;

static void hear(void *ctx, const struct feedback_heard *h)
{
    assert_ptr_equal(ctx, &heard);
    heard.last = *h;
    heard.n++;
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world, world_yaml);
    world.server.heard = hear;
    world.server.heard_ctx = &heard;
    heard.n = 0;
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

#define QUESTION                                                                         \
    "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"What is it "     \
    "good for?\"}]}"

static void begin(struct asked *q)
{
    ask(q, &world, QUESTION);
    q->r.session = 77;
    q->r.score = 0.25;
    q->d.mark = reask_mark_of(world.server.session_key, &q->d.chat, 0);
    feedback_begin(&q->r);
}

static void end(struct asked *q, const char *model, enum outcome outcome)
{
    q->r.model = model ? world_model(&world, model) : NULL;
    q->r.is_cloud = q->r.model && q->r.model->engine->side == SIDE_CLOUD;
    q->r.outcome = outcome;
    feedback_end(&q->r);
}

static void a_question_that_is_asked_again_is_heard_of_with_its_answer(void **state)
{
    (void)state;
    struct asked a, b, c;
    begin(&a);
    end(&a, "near", OUTCOME_OK);
    assert_int_equal(heard.n, 0);
    begin(&b);
    assert_int_equal(heard.n, 1);
    assert_true(heard.last.uid == a.r.uid && heard.last.said == FEEDBACK_REASK);
    assert_true(heard.last.answer.is_local && heard.last.answer.score == 0.25);
    uint64_t near_digest = heard.last.answer.model;
    end(&b, "priced", OUTCOME_OK);
    begin(&c);
    assert_int_equal(heard.n, 2);
    assert_true(heard.last.uid == b.r.uid && !heard.last.answer.is_local);
    assert_true(near_digest && heard.last.answer.model != near_digest);
    forget(&a);
    forget(&b);
    forget(&c);
}

static void of_a_request_without_an_answer_nothing_is_heard(void **state)
{
    (void)state;
    static const enum outcome none[] = {OUTCOME_ERROR, OUTCOME_REFUSED,
                                        OUTCOME_CANCELLED};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        struct asked a;
        begin(&a);
        end(&a, i ? "near" : NULL, none[i]);
        forget(&a);
    }
    assert_int_equal(heard.n, 0);
}

/* A stream that its reader stops has been seen. */
static void a_stream_that_was_stopped_is_an_answer(void **state)
{
    (void)state;
    struct asked a, b;
    begin(&a);
    a.r.is_stream = true;
    a.r.leg.ttft_ms = 3;
    end(&a, "near", OUTCOME_CANCELLED);
    begin(&b);
    assert_int_equal(heard.n, 1);
    forget(&a);
    forget(&b);
}

static void what_is_said_early_is_heard_when_the_answer_has_ended(void **state)
{
    (void)state;
    struct asked a;
    struct recent_answer answer;
    begin(&a);
    struct ledger_feedback f = {a.r.uid, start_ms, FEEDBACK_BAD};
    assert_int_equal(recent_say(world.server.recent, 0, 0, &f, &answer), RECENT_EARLY);
    assert_int_equal(heard.n, 0);
    end(&a, "near", OUTCOME_OK);
    assert_int_equal(heard.n, 1);
    assert_true(heard.last.said == FEEDBACK_BAD && heard.last.answer.is_local);
    forget(&a);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(a_question_that_is_asked_again_is_heard_of_with_its_answer),
        TEST(of_a_request_without_an_answer_nothing_is_heard),
        TEST(a_stream_that_was_stopped_is_an_answer),
        TEST(what_is_said_early_is_heard_when_the_answer_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
