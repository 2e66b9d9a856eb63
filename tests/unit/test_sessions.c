/* test_sessions.c -- a session's label rises, ends with it, and is lowered by hand; and
 * no client fills the table or the memory at another's cost. */
#include "guard/sessions.h"

#include "config/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SECRET   SENSITIVITY_CONFIDENTIAL
#define INTERNAL SENSITIVITY_INTERNAL
#define NONE     SENSITIVITY_UNLABELLED

static struct sessions *small(uint32_t max_sessions, size_t max_vault_bytes)
{
    const struct sessions_limits limits = {max_sessions, max_vault_bytes};
    struct err err = {0};
    struct sessions *s = sessions_create(&limits, &err);
    assert_non_null(s);
    return s;
}

static struct session_of of(uint64_t id, const char *owner)
{
    return (struct session_of){.id = id, .owner = str_of(owner)};
}

static struct session_state look(struct sessions *s, uint64_t id, const char *owner,
                                 uint64_t now)
{
    const struct session_of o = of(id, owner);
    return sessions_look(s, &o, now);
}

static bool raise(struct sessions *s, uint64_t id, const char *owner, enum sensitivity to,
                  uint32_t groups, uint64_t now)
{
    return sessions_raise(s, id, str_of(owner), to, groups, 1000 + id, now);
}

static struct vault *vault(struct sessions *s, uint64_t id, const char *owner,
                           uint64_t now)
{
    const struct session_of o = of(id, owner);
    return sessions_vault(s, &o, now);
}

static void a_label_only_rises(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    assert_int_equal(look(s, 7, "", 0).label, NONE);
    assert_true(raise(s, 7, "", SECRET, 1u << GROUP_SECRET, 1));
    assert_true(raise(s, 7, "", INTERNAL, 0, 2));
    assert_int_equal(look(s, 7, "", 3).label, SECRET);
    assert_int_equal(look(s, 7, "", 3).by, 1007);
    assert_int_equal(look(s, 8, "", 3).label, NONE);
    sessions_free(s);
}

static void it_ends_with_the_session(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    assert_true(raise(s, 7, "", SECRET, 0, 1000));
    assert_int_equal(look(s, 7, "", 1000 + SESSION_IDLE_MS - 1).label, SECRET);
    /* That look was a use: the time begins anew. */
    assert_int_equal(look(s, 7, "", 1000 + 2 * SESSION_IDLE_MS - 2).label, SECRET);
    assert_int_equal(look(s, 7, "", 1000 + 4 * SESSION_IDLE_MS).label, NONE);
    assert_int_equal(sessions_count(s).sessions, 0);
    sessions_free(s);
}

static void lowering_accepts_what_was_found_and_no_more(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    assert_false(sessions_lower(s, 7, 0));
    assert_true(raise(s, 7, "", SECRET, 1u << GROUP_SECRET, 1));
    assert_true(sessions_lower(s, 7, 2));
    struct session_state now = look(s, 7, "", 3);
    assert_int_equal(now.label, NONE);
    assert_int_equal(now.accepted_groups, 1u << GROUP_SECRET);
    assert_false(sessions_lower(s, 7, 4));
    assert_true(raise(s, 7, "", SECRET, 1u << GROUP_IBAN, 5));
    now = look(s, 7, "", 6);
    assert_int_equal(now.label, SECRET);
    assert_int_equal(now.accepted_groups, 1u << GROUP_SECRET);
    assert_int_equal(sessions_count(s).raised, 1);
    sessions_free(s);
}

static void those_with_a_raised_label_are_listed(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    struct session_row rows[4];
    assert_int_equal(sessions_list(s, 1, rows, ARRAY_LEN(rows)), 0);
    assert_true(raise(s, 1, "ann", SECRET, 1u << GROUP_SECRET, 1));
    assert_true(raise(s, 2, "ann", SECRET, 1u << GROUP_IBAN, 2));
    assert_true(raise(s, 3, "ann", SENSITIVITY_PUBLIC, 0, 3));
    assert_true(sessions_lower(s, 1, 4));
    assert_int_equal(sessions_list(s, 5, rows, ARRAY_LEN(rows)), 1);
    assert_int_equal(rows[0].id, 2);
    assert_int_equal(rows[0].by, 1002);
    assert_int_equal(rows[0].label, SECRET);
    assert_int_equal(rows[0].found_groups, 1u << GROUP_IBAN);
    assert_int_equal(rows[0].used_ms, 2);
    assert_string_equal(rows[0].owner, "ann");
    for (uint64_t id = 4; id < 8; id++)
        assert_true(raise(s, id, "bob", SECRET, 0, 6));
    assert_int_equal(sessions_list(s, 7, rows, ARRAY_LEN(rows)), ARRAY_LEN(rows));
    assert_int_equal(sessions_list(s, 7 + SESSION_IDLE_MS, rows, ARRAY_LEN(rows)), 0);
    sessions_free(s);
}

/* -- turns ------------------------------------------------------------------------- */

static void a_label_holds_for_the_turns_after_it(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    const uint64_t turns[] = {1, 2, 3};
    struct session_of third = {.id = 3, .before = turns, .nbefore = 2, .is_open = true};
    struct session_of first = {.id = 1, .is_open = true},
                      other = {.id = 9, .is_open = true};
    assert_true(raise(s, 2, "", SECRET, 1u << GROUP_SECRET, 1));
    struct session_state now = sessions_look(s, &third, 2);
    assert_int_equal(now.label, SECRET);
    assert_int_equal(now.id, 2);
    assert_int_equal(now.by, 1002);
    assert_int_equal(now.found_groups, 1u << GROUP_SECRET);
    assert_int_equal(sessions_look(s, &first, 2).label, NONE);
    assert_int_equal(sessions_look(s, &other, 2).label, NONE);
    assert_true(sessions_lower(s, 2, 3));
    now = sessions_look(s, &third, 4);
    assert_int_equal(now.label, NONE);
    assert_int_equal(now.id, 3);
    assert_int_equal(now.accepted_groups, 1u << GROUP_SECRET);
    sessions_free(s);
}

/* "hi" of two programs: what the one declared is no label of the other. */
static void what_begins_alike_has_the_label_of_neither(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    const struct session_of open = {.id = 1, .is_open = true}, named = {.id = 1};
    assert_true(raise(s, 1, "", INTERNAL, 0, 1));
    assert_int_equal(sessions_look(s, &open, 2).label, NONE);
    assert_int_equal(sessions_look(s, &open, 2).open_label, INTERNAL);
    assert_int_equal(sessions_look(s, &named, 2).label, INTERNAL);
    sessions_free(s);
}

static void later_turns_use_the_vault_of_the_earliest(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    const uint64_t turns[] = {1, 2};
    const struct session_of first = {.id = 1},
                            third = {.id = 3, .before = turns, .nbefore = 2};
    struct vault *v = sessions_vault(s, &first, 1), *w = sessions_vault(s, &third, 2);
    assert_ptr_equal(v, w);
    vault_release(w);
    w = sessions_find_vault(s, &third);
    assert_ptr_equal(v, w);
    vault_release(v);
    vault_release(w);
    assert_int_equal(sessions_count(s).vaults, 1);
    sessions_free(s);
}

/* -- a full table ---------------------------------------------------------------------
 */

/* A table full of one client's findings must say so to it: forgetting one would let it
 * leave. */
static void a_full_table_forgets_no_finding_for_its_own_client(void **state)
{
    (void)state;
    struct sessions *s = small(3, 1 << 20);
    struct vault *v = vault(s, 100, "k", 0);
    assert_non_null(v);
    vault_release(v);
    for (uint64_t id = 1; id <= 3; id++) /* the third makes 100 go */
        assert_true(raise(s, id, "k", SECRET, 1u << GROUP_SECRET, id));
    assert_false(raise(s, 4, "k", SECRET, 1u << GROUP_SECRET, 10));
    assert_null(vault(s, 4, "k", 10));
    for (uint64_t id = 1; id <= 3; id++)
        assert_int_equal(look(s, id, "k", 11).label, SECRET);
    assert_int_equal(sessions_count(s).raised, 3);
    assert_int_equal(sessions_count(s).vaults, 0);
    assert_int_equal(sessions_count(s).refused, 2);
    assert_int_equal(sessions_count(s).forgotten, 0);
    sessions_free(s);
}

static void who_fills_the_table_makes_room_for_the_others(void **state)
{
    (void)state;
    struct sessions *s = small(100, 1 << 20);
    char name[16];
    assert_true(raise(s, 500, "bob", SECRET, 1u << GROUP_SECRET, 1));
    for (uint64_t id = 1; id <= 300; id++)
        assert_true(raise(s, id, "alice", INTERNAL, 0, 10 + id));
    assert_int_equal(sessions_count(s).sessions, 100);
    assert_int_equal(sessions_heaviest(s, name, sizeof name), 99);
    assert_string_equal(name, "alice");
    /* Bob's label is there, and what he begins is watched and masked. */
    assert_int_equal(look(s, 500, "bob", 400).label, SECRET);
    for (uint64_t id = 501; id <= 520; id++) {
        struct vault *v = vault(s, id, "bob", 400);
        assert_non_null(v);
        vault_release(v);
        assert_false(look(s, id + 100, "bob", 400).is_held);
    }
    assert_true(sessions_count(s).forgotten >= 201);
    sessions_free(s);
}

/* Alice's labels that were forgotten hold on, as far as they reach: what of hers weir
 * does not know counts as confidential, for as long as they would have held. */
static void what_was_forgotten_is_held_for_its_client_alone(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    for (uint64_t id = 1; id <= 11; id++)
        assert_true(raise(s, id, "alice", INTERNAL, 0, id));
    const uint64_t lost = 1;
    const struct session_of later = {
        .id = 70, .before = &lost, .nbefore = 1, .is_open = true, .owner = STR("alice")};
    const struct session_of begun = {.id = 71, .is_open = true, .owner = STR("alice")};
    assert_true(look(s, 1, "alice", 20).is_held);
    assert_true(sessions_look(s, &later, 20).is_held);
    assert_false(sessions_look(s, &begun, 20).is_held);
    assert_false(look(s, 1, "bob", 20).is_held);
    assert_false(look(s, 5, "alice", 20).is_held); /* its label is known */
    assert_int_equal(look(s, 5, "alice", 20).label, INTERNAL);
    assert_false(look(s, 1, "alice", 10 + SESSION_DECLARED_MS).is_held);
    sessions_free(s);
}

static void a_finding_makes_room_for_another_client_and_is_held_longer(void **state)
{
    (void)state;
    struct sessions *s = small(4, 1 << 20);
    for (uint64_t id = 1; id <= 4; id++)
        assert_true(raise(s, id, "alice", SECRET, 1u << GROUP_SECRET, id));
    assert_true(raise(s, 9, "bob", SECRET, 1u << GROUP_SECRET, 10));
    assert_int_equal(look(s, 9, "bob", 11).label, SECRET);
    assert_true(look(s, 1, "alice", 11).is_held);
    assert_true(look(s, 1, "alice", SESSION_IDLE_MS - 1).is_held);
    sessions_free(s);
}

/* -- vaults ----------------------------------------------------------------------------
 */

static void fill(struct vault *v, int nvalues)
{
    struct err err = {0};
    struct tag t;
    for (int i = 0; v && i < nvalues; i++) {
        char value[200];
        snprintf(value, sizeof value, "%0150d", i);
        if (vault_tag(v, "PERSON", str_of(value), false, NULL, NULL, &t, &err) < 0)
            return;
    }
}

static void vaults_have_a_ceiling_and_come_back_with_the_same_tags(void **state)
{
    (void)state;
    enum { MAX = 1 << 20 };
    struct sessions *s = small(1000, MAX);
    struct err err = {0};
    struct tag first, again, other;
    struct vault *v = vault(s, 1, "anna", 0);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &first, &err), 0);
    vault_release(v);
    for (uint64_t id = 2; id <= 100; id++) {
        const struct session_of o = of(id, "anna");
        v = sessions_vault(s, &o, id);
        assert_non_null(v);
        fill(v, 100);
        vault_release(v);
        sessions_weigh(s, &o);
        assert_true(sessions_vault_bytes(s) <= MAX / 2);
    }
    const struct session_of one = of(1, "anna");
    assert_null(sessions_find_vault(s, &one));
    v = sessions_vault(s, &one, 200);
    assert_int_equal(vault_stats(v).entries, 0);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &again, &err), 0);
    assert_string_equal(first.text, again.text);
    vault_release(v);
    v = vault(s, 4000, "bert", 9);
    assert_int_equal(
        vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &other, &err), 0);
    assert_string_not_equal(first.text, other.text);
    vault_release(v);
    assert_int_equal(sessions_count(s).sessions, 101); /* labels are kept all the same */
    sessions_free(s);
}

/* Vaults that answers under way still hold are counted too, and one client's do not take
 * the others' part. */
static void one_client_cannot_take_all_vaults(void **state)
{
    (void)state;
    enum { MAX = 1 << 20, HELD = 40 };
    struct sessions *s = small(1000, MAX);
    struct vault *held[HELD];
    for (uint64_t id = 0; id < HELD; id++) {
        held[id] = vault(s, 1 + id, "alice", id);
        fill(held[id], 300);
    }
    assert_true(sessions_vault_bytes(s) <= MAX / 2);
    struct vault *v = vault(s, 900, "bob", 100);
    assert_non_null(v);
    fill(v, 500);
    assert_int_equal(vault_stats(v).entries, 500);
    vault_release(v);
    for (uint64_t id = 0; id < HELD; id++)
        vault_release(held[id]);
    sessions_set_max_vault_bytes(s, 64 * 1024);
    const struct session_of o = of(900, "bob");
    sessions_weigh(s, &o);
    assert_true(sessions_count(s).vaults < 20);
    sessions_free(s);
}

static void a_request_of_no_session_has_a_vault_of_its_own(void **state)
{
    (void)state;
    struct sessions *s = small(10, 1 << 20);
    struct vault *v = vault(s, SESSION_NONE, "anna", 1),
                 *w = vault(s, SESSION_NONE, "anna", 1);
    struct err err = {0};
    struct tag a, b;
    assert_ptr_not_equal(v, w);
    assert_int_equal(vault_tag(v, "PERSON", STR("Ann Ray"), false, NULL, NULL, &a, &err),
                     0);
    assert_int_equal(vault_tag(w, "PERSON", STR("Ann Ray"), false, NULL, NULL, &b, &err),
                     0);
    assert_string_equal(a.text, b.text);
    assert_int_equal(sessions_count(s).sessions, 0);
    vault_release(v);
    vault_release(w);
    assert_int_equal(sessions_vault_bytes(s), 0);
    sessions_free(s);
}

/* What was forgotten and is then declared anew is not known better than before. */
static void a_lesser_label_does_not_end_the_holding(void **state)
{
    (void)state;
    struct sessions *s = small(4, 1 << 20);
    const uint64_t late = SESSION_IDLE_MS + 500;
    assert_true(raise(s, 9, "bob", INTERNAL, 0, 0));
    for (uint64_t id = 1; id <= 3; id++)
        assert_true(raise(s, id, "alice", SECRET, 1u << GROUP_SECRET, 1000 + id));
    assert_true(
        raise(s, 8, "zoe", INTERNAL, 0, 1010));     /* in the place of alice's first */
    assert_true(look(s, 1, "alice", late).is_held); /* bob's is over */
    assert_true(raise(s, 1, "alice", INTERNAL, 0, late));
    assert_int_equal(look(s, 1, "alice", late).label, INTERNAL);
    assert_true(look(s, 1, "alice", late).is_held);
    assert_true(sessions_lower(s, 1, late));
    assert_true(look(s, 1, "alice", late).is_held);
    assert_false(look(s, 1, "alice", SESSION_IDLE_MS + 1001).is_held);
    sessions_free(s);
}

/* -- a property over random use ---------------------------------------------------- */

enum { OWNERS = 5, IDS = 40, ROOM = 12, STEPS = 20000 };

/* What a session was last raised to, and when it was last used. */
struct told {
    enum sensitivity label;
    bool is_found; /* and not only declared */
    uint64_t used_ms;
};

static uint64_t drawn = 88172645463325252ULL;

static uint64_t draw(uint64_t below)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return drawn % below;
}

/* is_there: the table knows what was told; else that ends when it would have, unused. */
static void use(struct sessions *s, struct told *t, bool is_there, uint64_t id,
                const char *owner, uint64_t now)
{
    const struct session_of o = of(id, owner);
    bool is_found = draw(2);
    struct vault *v = NULL;
    switch (draw(5)) {
    case 0:
        if (sessions_raise(s, id, o.owner, is_found ? SECRET : INTERNAL,
                           is_found ? 1u << GROUP_SECRET : 0, id, now))
            *t = is_found             ? (struct told){SECRET, true, now}
                 : !is_there          ? *t
                 : t->label == SECRET ? (struct told){SECRET, t->is_found, now}
                                      : (struct told){INTERNAL, t->is_found, now};
        break;
    case 1:
        if (sessions_lower(s, id, now))
            *t = (struct told){.label = NONE};
        break;
    case 2:
        v = sessions_vault(s, &o, now);
        fill(v, (int)draw(300));
        vault_release(v);
        sessions_weigh(s, &o);
        break;
    default:
        break;
    }
}

/* Whoever fills the table, no label is forgotten while it holds: it is there, or its
 * client is held. */
static void no_label_is_forgotten_while_it_holds(void **state)
{
    (void)state;
    static const char *const owners[OWNERS] = {"", "ann", "bob", "cay", "dan"};
    enum { MAX = 1 << 20 };
    struct sessions *s = small(ROOM, MAX);
    struct told told[OWNERS * IDS] = {{0}};
    uint64_t now = 1000, nheld = 0;
    for (int i = 0; i < STEPS; i++) {
        /* One owner is busier than the others. */
        uint64_t who = draw(3) ? 1 : draw(OWNERS), which = who * IDS + draw(IDS);
        struct told *t = &told[which];
        now += draw(40) ? draw(60 * 1000) : draw(3 * 60 * 60 * 1000);
        uint64_t holds = t->is_found ? SESSION_IDLE_MS : SESSION_DECLARED_MS;
        if (now - t->used_ms >= holds)
            *t = (struct told){.label = NONE};
        struct session_state is = look(s, which + 1, owners[who], now);
        if (is.label < t->label && !is.is_held)
            fail_msg("step %d: session %llu lost its label (%d, found %d) after %llu s",
                     i, (unsigned long long)which, t->label, t->is_found,
                     (unsigned long long)(now - t->used_ms) / 1000);
        nheld += is.is_held;
        if (is.label >= t->label && t->label != NONE)
            t->used_ms = now;
        use(s, t, is.label >= t->label, which + 1, owners[who], now);
        struct sessions_counts c = sessions_count(s);
        assert_true(c.sessions <= ROOM && c.raised <= c.sessions &&
                    c.vaults <= c.sessions);
        assert_true(sessions_vault_bytes(s) <= MAX);
    }
    assert_true(nheld > 0 && nheld < STEPS);
    sessions_free(s);
}

static void names_read_back(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "s-",
                                      "s-0123456789abcde",
                                      "s-0123456789abcdeF",
                                      "x-0123456789abcdef",
                                      "s-0123456789abcdef0"};
    char text[SESSION_TEXT_BYTES];
    uint64_t id = 0;
    session_format(UINT64_C(0x0123456789abcdef), text);
    assert_string_equal(text, "s-0123456789abcdef");
    assert_true(session_parse(str_of(text), &id));
    assert_true(id == UINT64_C(0x0123456789abcdef));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(session_parse(str_of(bad[i]), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_only_rises),
        cmocka_unit_test(it_ends_with_the_session),
        cmocka_unit_test(lowering_accepts_what_was_found_and_no_more),
        cmocka_unit_test(those_with_a_raised_label_are_listed),
        cmocka_unit_test(a_label_holds_for_the_turns_after_it),
        cmocka_unit_test(what_begins_alike_has_the_label_of_neither),
        cmocka_unit_test(later_turns_use_the_vault_of_the_earliest),
        cmocka_unit_test(a_full_table_forgets_no_finding_for_its_own_client),
        cmocka_unit_test(who_fills_the_table_makes_room_for_the_others),
        cmocka_unit_test(what_was_forgotten_is_held_for_its_client_alone),
        cmocka_unit_test(a_finding_makes_room_for_another_client_and_is_held_longer),
        cmocka_unit_test(vaults_have_a_ceiling_and_come_back_with_the_same_tags),
        cmocka_unit_test(one_client_cannot_take_all_vaults),
        cmocka_unit_test(a_request_of_no_session_has_a_vault_of_its_own),
        cmocka_unit_test(a_lesser_label_does_not_end_the_holding),
        cmocka_unit_test(no_label_is_forgotten_while_it_holds),
        cmocka_unit_test(names_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
