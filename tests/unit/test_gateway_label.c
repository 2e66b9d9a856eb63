/* test_gateway_label.c -- the label of a request and what of it may leave, with every
 * allocation failing once; and the words that say how a held session goes on. */
#include "gateway/budget.h"

#include "gateway_world.h"
#include "nomem.h"

static struct world world;

static int open_world(void **state)
{
    (void)state;
    world_open(&world, world_yaml);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

#define SAYS(text)                                                                       \
    "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]}"

static unsigned nthens;

static void then(struct request *r)
{
    (void)r;
    nthens++;
}

/* A request that stands before its label. */
static void ask_unscreened(struct asked *q, const char *body)
{
    ask(q, &world, body);
    screened_release(&q->screened);
    buf_release(&q->masked);
    q->d.screened = NULL;
    q->d.clearance = NULL;
    q->d.body = (struct buf){.max_bytes = 1 << 20};
    buf_append(&q->d.body, str_of(body));
    struct err err = {0};
    assert_int_equal(dialect_read(q->r.dialect, SURFACE_CHAT, buf_view(&q->d.body),
                                  &q->d.arena, &q->d.chat, &err),
                     0);
    q->d.session = (struct session_of){.id = q->r.uid};
    nthens = 0;
    world.worker.turn_steps = 0;
}

static void forget_screened(struct asked *q)
{
    if (q->d.screened)
        screened_release(q->d.screened);
    vault_release(q->r.vault);
    buf_release(&q->d.body);
    buf_release(&q->d.masked);
    arena_reset(&q->r.keep);
    arena_reset(&q->d.arena);
    if (q->d.masked_bytes)
        budget_release(&world.worker, &q->d.masked_bytes);
}

enum leaves { NOTHING, AS_IT_IS, MASKED };

static void a_label_without_memory_lets_nothing_go(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum leaves leaves;
    } rows[] = {
        {SAYS("What is a weir?"), AS_IT_IS},
        {SAYS("Write to ann.ray@acme-labs.io, please."), MASKED},
        {SAYS("My SSN is 536-22-8726."), NOTHING},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (long n = 1; nomem_begin(n); n++) {
            struct asked q;
            mem_fail_at(0);
            ask_unscreened(&q, rows[i].body);
            mem_fail_at(n);
            label_screen(&q.r, then);
            bool was_short = nomem_end();
            const struct draft *d = &q.d;
            assert_int_equal(nthens, 1); /* whatever happened, it goes on */
            bool may_leave = d->clearance && d->leaving;
            if (!was_short)
                assert_int_equal(may_leave, rows[i].leaves != NOTHING);
            if (may_leave) {
                assert_true(clearance_covers(d->clearance, d->leaving));
                assert_int_equal(request_leaves_masked(d), rows[i].leaves == MASKED);
                assert_true(str_find(d->leaving->body, STR("ann.ray")) < 0);
            } else {
                assert_int_equal(q.r.label.effective, SENSITIVITY_CONFIDENTIAL);
                assert_string_equal(q.r.label.source, "scan");
                assert_non_null(q.r.label.detail);
            }
            forget_screened(&q);
        }
}

/* A turn that has done much already leaves a scan to the pool; without one, or memory to
 * ask it, the request is held. */
static void a_scan_that_cannot_be_handed_on_holds(void **state)
{
    (void)state;
    struct asked q;
    ask_unscreened(&q, SAYS("What is a weir?"));
    world.worker.turn_steps = WORKER_TURN_STEPS;
    mem_fail_at(1);
    label_screen(&q.r, then);
    assert_true(mem_has_failed());
    mem_fail_at(0);
    assert_int_equal(nthens, 1);
    assert_null(q.d.clearance);
    assert_int_equal(q.r.label.effective, SENSITIVITY_CONFIDENTIAL);
    assert_string_equal(q.r.label.detail, "no_memory");
    assert_false(q.r.can_lower);
    world.worker.turn_steps = 0;
    forget_screened(&q);
}

/* The command that lowers a label, as it may be pasted into a shell. */
static void an_offer_is_a_command_that_can_be_pasted(void **state)
{
    (void)state;
    static const struct {
        bool is_default, is_file;
        const char *path, *state_dir, *ends;
    } rows[] = {
        {true, true, "/etc/weir.yaml", "/var/lib/weir", "--why REASON"},
        {false, true, "/etc/weir.yaml", "/var/lib/weir",
         "--why REASON -c /etc/weir.yaml"},
        {false, true, "/srv/ann ray/weir.yaml", "/v",
         "--why REASON -c '/srv/ann ray/weir.yaml'"},
        {false, true, "/ann's/x y", "/v", "--why REASON -c '/ann'\\''s/x y'"},
        {false, true, "/a;b/$x", "/v", "--why REASON -c '/a;b/$x'"},
        {false, true, "/a_b-c.d+e@f,g:h/Z9", "/v", "--why REASON -c /a_b-c.d+e@f,g:h/Z9"},
        {false, false, "weir.yaml", "/var/lib/we ir",
         "--why REASON --state-dir '/var/lib/we ir'"},
    };
    struct config *c = world.server.setup->config;
    const struct config was = {.is_default_state_dir = c->is_default_state_dir,
                               .is_file = c->is_file,
                               .path = c->path,
                               .state_dir = c->state_dir};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked q;
        ask(&q, &world, A_CHAT);
        c->is_default_state_dir = rows[i].is_default;
        c->is_file = rows[i].is_file;
        c->path = str_of(rows[i].path);
        c->state_dir = str_of(rows[i].state_dir);
        assert_string_equal_n(label_offer(&q.r, &q.d.arena), "");
        q.r.can_lower = true;
        q.r.label_session = 0x1234;
        struct str offer = label_offer(&q.r, &q.d.arena);
        assert_true(str_find(offer, STR("weir label lower s-0000000000001234 ")) >= 0);
        if (!str_ends(offer, str_of(rows[i].ends)))
            fail_msg("%.*s", STR_ARG(offer));
        forget(&q);
    }
    c->is_default_state_dir = was.is_default_state_dir;
    c->is_file = was.is_file;
    c->path = was.path;
    c->state_dir = was.state_dir;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_without_memory_lets_nothing_go),
        cmocka_unit_test(a_scan_that_cannot_be_handed_on_holds),
        cmocka_unit_test(an_offer_is_a_command_that_can_be_pasted),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
