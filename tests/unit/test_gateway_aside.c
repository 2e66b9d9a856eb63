/* test_gateway_aside.c -- which requests are mirrored: a share of the sessions, always
 * the same ones; and what a mirror leaves behind when it ends before it was sent. */
#include "gateway_world.h"
#include "nomem.h"

static const char yaml[] =
    "engines:\n"
    "  - {name: home, side: local, url: 'http://127.0.0.1:1/v1', max_inflight: 1,\n"
    "     models: [{name: near}, {name: small, context: 10}]}\n"
    "  - {name: other, side: local, url: 'http://127.0.0.1:2/v1', max_inflight: 1,\n"
    "     models: [{name: far}]}\n"
    "  - {name: away, side: cloud, url: 'https://api.example.com/v1', api_key: "
    "'${KEY}',\n"
    "     models: [{name: up, price: acme/m1}]}\n"
    "mirror: {to: far, share: 30%}\n";

static struct world world;
static struct asked asked;

static int open_world(void **state)
{
    (void)state;
    world_open(&world, yaml);
    ask(&asked, &world, A_CHAT);
    asked.r.model = world_model(&world, "near");
    asked.r.ntries = 1;
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    forget(&asked);
    world_close(&world);
    return 0;
}

/* Is a request of this session mirrored?  It ends again at once, without a byte sent. */
static bool is_mirrored(uint64_t session, uint64_t uid)
{
    struct request *r = &asked.r;
    r->session = session;
    r->uid = uid;
    r->nlegs = 0;
    request_look_at_engines(r);
    aside_mirror(r);
    bool is = !list_empty(&r->asides);
    assert_int_equal(world.worker.nasides, is);
    assert_int_equal(asked.d.nasides, is);
    /* It has its record, and waits for the turn's flush like any other. */
    assert_int_equal(r->nlegs, is);
    assert_int_equal(!list_empty(&world.worker.launches), is);
    aside_cancel(r, "client_left");
    assert_true(list_empty(&r->asides));
    assert_true(list_empty(&world.worker.launches));
    assert_int_equal(world.worker.nasides, 0);
    aside_free_dead(&world.worker);
    return is;
}

static void a_session_is_mirrored_whole_or_not(void **state)
{
    (void)state;
    enum { SESSIONS = 4000 };
    unsigned n = 0;
    for (uint64_t i = 1; i <= SESSIONS; i++) {
        uint64_t session = i * UINT64_C(0x2545F4914F6CDD1D);
        bool is = is_mirrored(session, i);
        n += is;
        if (i % 100 == 0)
            for (uint64_t uid = 0; uid < 10; uid++)
                assert_int_equal(is_mirrored(session, uid * 977), is);
    }
    /* 30 %, and four standard deviations of that. */
    assert_in_range(n, SESSIONS * 27 / 100, SESSIONS * 33 / 100);
}

/* Requests of no session are drawn one by one. */
static void without_a_session_each_request_is_drawn(void **state)
{
    (void)state;
    enum { REQUESTS = 4000 };
    unsigned n = 0;
    for (uint64_t i = 1; i <= REQUESTS; i++)
        n += is_mirrored(SESSION_NONE, start_ms * 1000 + i * 7);
    assert_in_range(n, REQUESTS * 27 / 100, REQUESTS * 33 / 100);
}

static void the_share_is_what_is_configured(void **state)
{
    (void)state;
    struct config *c = world.server.setup->config;
    uint32_t was = c->mirror_ppm;
    assert_int_equal(was, 300000);
    static const struct {
        uint32_t ppm;
        unsigned least, most;
    } rows[] = {{0, 0, 0}, {1000000, 500, 500}, {500000, 200, 300}};
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        unsigned n = 0;
        c->mirror_ppm = rows[k].ppm;
        for (uint64_t i = 1; i <= 500; i++)
            n += is_mirrored(i * UINT64_C(0x2545F4914F6CDD1D), i);
        assert_in_range(n, rows[k].least, rows[k].most);
    }
    c->mirror_ppm = was;
}

/* What is not mirrored although its session is in the share. */
static void a_mirror_is_left_out_where_it_would_be_in_the_way(void **state)
{
    (void)state;
    struct config *c = world.server.setup->config;
    struct request *r = &asked.r;
    c->mirror_ppm = 1000000;
    assert_true(is_mirrored(1, 1));
    r->ntries = 2; /* a retry */
    assert_false(is_mirrored(1, 1));
    r->ntries = 1;
    r->model = c->mirror_to; /* it answers itself */
    assert_false(is_mirrored(1, 1));
    r->model = world_model(&world, "near");
    /* No slot is free: it does not wait for one, and holds none. */
    struct gate *gate = world.server.setup->gates[c->mirror_to->engine->index];
    struct gate_ticket busy = {.gate = gate, .loop = world.worker.loop};
    list_init(&busy.link);
    assert_int_equal(gate_enter(gate, &busy, 0), GATE_GRANTED);
    assert_false(is_mirrored(1, 1));
    assert_int_equal(gate_look(gate, 0, 0).queued, 0);
    gate_leave(&busy);
    assert_true(is_mirrored(1, 1));
    /* What must stay is not mirrored to the cloud. */
    const struct config_model *was = c->mirror_to;
    c->mirror_to = world_model(&world, "up");
    r->label.effective = SENSITIVITY_CONFIDENTIAL;
    assert_false(is_mirrored(1, 1));
    r->label.effective = SENSITIVITY_PUBLIC;
    c->mirror_to = NULL;
    assert_false(is_mirrored(1, 1));
    c->mirror_to = was;
    c->mirror_ppm = 300000;
}

/* A mirror that lacks memory is none: no slot, no record without its end. */
static void a_mirror_without_memory_is_none(void **state)
{
    (void)state;
    struct config *c = world.server.setup->config;
    struct gate *gate = world.server.setup->gates[c->mirror_to->engine->index];
    c->mirror_ppm = 1000000;
    for (long n = 1; nomem_begin(n); n++) {
        struct request *r = &asked.r;
        r->session = 5;
        r->nlegs = 0;
        request_look_at_engines(r);
        aside_mirror(r);
        bool was_short = nomem_end();
        if (!was_short)
            assert_false(list_empty(&r->asides));
        assert_int_equal(world.worker.nasides, !list_empty(&r->asides));
        aside_cancel(r, "client_left");
        aside_free_dead(&world.worker);
        assert_int_equal(asked.d.nasides, 0);
        assert_int_equal(gate_look(gate, 0, 0).inflight, 0);
    }
    c->mirror_ppm = 300000;
}

/* weir stops: nothing aside is left of any request. */
static void stopping_ends_them_all(void **state)
{
    (void)state;
    world.server.setup->config->mirror_ppm = 1000000;
    asked.r.session = 9;
    request_look_at_engines(&asked.r);
    aside_mirror(&asked.r);
    assert_int_equal(world.worker.nasides, 1);
    aside_stop(&world.worker);
    assert_int_equal(world.worker.nasides, 0);
    assert_int_equal(asked.d.nasides, 0);
    assert_true(list_empty(&world.worker.launches));
    aside_free_dead(&world.worker);
    world.server.setup->config->mirror_ppm = 300000;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_mirrored_whole_or_not),
        cmocka_unit_test(without_a_session_each_request_is_drawn),
        cmocka_unit_test(the_share_is_what_is_configured),
        cmocka_unit_test(a_mirror_is_left_out_where_it_would_be_in_the_way),
        cmocka_unit_test(a_mirror_without_memory_is_none),
        cmocka_unit_test(stopping_ends_them_all),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
