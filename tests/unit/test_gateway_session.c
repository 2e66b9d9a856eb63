/* test_gateway_session.c -- which requests are one conversation: by headers, by members
 * that agents send, and by what was said; and that keys never share one. */
#include "gateway_world.h"

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

#define USER(text) "{\"role\":\"user\",\"content\":" text "}"
#define SAID(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define CHAT(list) "{\"model\":\"auto\",\"messages\":[" list "]}"
#define WITH(member)                                                                     \
    "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]," member "}"

/* As reading.c does. */
static int find_session(struct request *r, struct err *err)
{
    const struct session_ask ask = request_session_ask(r);
    int rc = draft_find_session(r->draft, &ask, err);
    if (rc == 0)
        r->session = r->draft->opening;
    return rc;
}

static uint64_t session_of_body(const char *body, const struct config_key *key)
{
    struct asked q;
    struct err err = {0};
    ask(&q, &world, body);
    q.r.key = key;
    assert_int_equal(find_session(&q.r, &err), 0);
    uint64_t id = q.r.session;
    forget(&q);
    return id;
}

static uint64_t of(const char *body)
{
    return session_of_body(body, NULL);
}

/* Of two the last counts, as with other members; one that is long names none. */
static void user_ids_are_read_once(void **state)
{
    (void)state;
    struct buf b;
    uint64_t named = of(WITH("\"metadata\":{\"user_id\":\"u_session_one\"}"));
    buf_init(&b, 1 << 20);
    buf_lit(&b,
            "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
            "\"metadata\":{");
    for (int i = 0; i < 20000; i++)
        buf_lit(&b, "\"user_id\":\"\\u0041\",");
    buf_append(&b, STR("\"user_id\":\"u_session_one\"}}\0"));
    assert_false(b.failed);
    assert_true(of(b.p) == named);
    b.n = 0;
    buf_lit(&b,
            "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
            "\"metadata\":{\"user_id\":\"");
    for (int i = 0; i < 5000; i++)
        buf_byte(&b, 'u');
    buf_append(&b, STR("_session_one\"}}\0"));
    assert_true(of(b.p) == of(CHAT(USER("\"a\""))));
    buf_release(&b);
}

/* -- names ------------------------------------------------------------------------- */

static void a_name_is_short_and_of_plain_bytes(void **state)
{
    (void)state;
    char longest[130];
    memset(longest, 'a', sizeof longest);
    assert_true(request_is_plain_name((struct str){longest, 128}));
    assert_false(request_is_plain_name((struct str){longest, 129}));
    assert_false(request_is_plain_name(STR("")));
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || (c && strchr("-_.:/+=@", c));
        assert_int_equal(request_is_plain_name((struct str){&byte, 1}), is_plain);
    }
}

#define FIELDS 6
struct named {
    const char *fields[FIELDS][2];
};

static uint64_t of_head(const struct named *n, enum surface surface, char shown[130])
{
    struct asked q;
    struct http_field fields[FIELDS];
    struct http_head head = {.fields = fields};
    while (head.nfields < FIELDS && n->fields[head.nfields][0]) {
        fields[head.nfields] = (struct http_field){str_of(n->fields[head.nfields][0]),
                                                   str_of(n->fields[head.nfields][1])};
        head.nfields++;
    }
    ask(&q, &world, CHAT(USER("\"a\"")));
    q.r.surface = surface;
    request_name_session(&q.r, &head);
    snprintf(shown, 130, "%.*s", STR_ARG(q.r.session_name));
    uint64_t id = q.r.session;
    forget(&q);
    return id;
}

/* Which header names it.  Two heads of one `id` (not 0) are one session. */
static void headers_name_a_session_and_the_first_kind_counts(void **state)
{
    (void)state;
    static const struct {
        struct named head;
        int id; /* 0: it has no name */
        const char *shown;
    } rows[] = {
        {{{{"x-weir-session", "a"}}}, 1, "a"},
        {{{{"X-Weir-Session", "a"}}}, 1, "a"},
        {{{{"x-weir-session", "a"}, {"session-id", "b"}}}, 1, "a"},
        {{{{"session-id", "b"}, {"x-weir-session", "a"}}}, 1, "a"},
        {{{{"x-weir-session", "a"}, {"x-weir-session", "b"}}}, 1, "a"},
        {{{{"x-weir-session", "A"}}}, 2, "A"},
        {{{{"x-claude-code-session-id", "a"}}}, 3, ""},
        {{{{"thread-id", "t"}, {"x-claude-code-session-id", "a"}}}, 3, ""},
        {{{{"x-session-id", "a"}}}, 4, ""},
        {{{{"session-id", "a"}}}, 5, ""},
        {{{{"thread-id", "a"}}}, 6, ""},
        {{{{"x-weir-session", ""}, {"thread-id", "a"}}}, 6, ""},
        {{{{"x-weir-session", "a b"}, {"thread-id", "a"}}}, 7, "a b"},
        {{{{"x-weir-session", "it's; 100%\""}}}, 8, "it's; 100%\""},
        {{{{"x-weir-session", "J\xC3\xBCrgen"}}}, 9, "J\xC3\xBCrgen"},
        {{{{"x-weir-session", "J\xFCrgen"}, {"thread-id", "a"}}}, 6, ""},
        {{{{"x-weir-session", "a\x1B[31m"}, {"thread-id", "a"}}}, 6, ""},
        {{{{"x-weir-session", "a\tb"}, {"thread-id", "a"}}}, 6, ""},
        {{{{"thread-id", "a b"}}}, 0, ""},
        {{{{"x-weir-sessions", "a"}}}, 0, ""},
        {{{{"x-weir-sessiom", "a"}}}, 0, ""},
        {{{{"accept", "a"}}}, 0, ""},
    };
    uint64_t ids[ARRAY_LEN(rows)];
    char shown[130];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ids[i] = of_head(&rows[i].head, SURFACE_CHAT, shown);
        assert_int_equal(ids[i] == SESSION_NONE, rows[i].id == 0);
        assert_string_equal(shown, rows[i].shown);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(ids[i] == ids[k], rows[i].id == rows[k].id);
    }
    /* Vectors belong to a session only when weir's own header says so. */
    assert_int_equal(of_head(&rows[6].head, SURFACE_EMBEDDINGS, shown), SESSION_NONE);
    assert_int_equal(of_head(&rows[0].head, SURFACE_EMBEDDINGS, shown), ids[0]);
}

struct digests {
    uint64_t items[16];
    size_t n;
};

static void take_digest(void *ctx, uint64_t digest)
{
    struct digests *d = ctx;
    assert_true(d->n < ARRAY_LEN(d->items));
    d->items[d->n++] = digest;
}

static bool has_digest(const struct digests *d, uint64_t digest)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i] == digest)
            return true;
    return false;
}

/* Whoever gave it, the ids that a name may have are among those that are looked for. */
static void the_ids_of_a_name_are_known_again(void **state)
{
    (void)state;
    static const char *const headers[] = {"x-weir-session", "x-claude-code-session-id",
                                          "x-session-id", "session-id", "thread-id"};
    const unsigned char other[CONFIG_KEY_HASH_BYTES] = {1};
    struct digests found = {.n = 0}, others = {.n = 0};
    char shown[130];
    session_each_digest(world.server.session_key, NULL, STR("0123456789abcdef"),
                        take_digest, &found);
    session_each_digest(world.server.session_key, other, STR("0123456789abcdef"),
                        take_digest, &others);
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        const struct named head = {{{headers[i], "0123456789abcdef"}}};
        uint64_t id = of_head(&head, SURFACE_CHAT, shown);
        assert_true(has_digest(&found, id));
        assert_false(has_digest(&others, id)); /* another client's */
    }
    assert_true(has_digest(&found, of(WITH("\"conversation\":\"0123456789abcdef\""))));
    assert_true(has_digest(
        &found, of(WITH("\"metadata\":{\"session_id\":\"0123456789abcdef\"}"))));
    assert_true(
        has_digest(&found, of(WITH("\"prompt_cache_key\":\"0123456789abcdef\""))));
    assert_false(has_digest(&found, of(WITH("\"conversation\":\"another\""))));
}

static void a_named_session_is_not_looked_for_in_the_body(void **state)
{
    (void)state;
    struct asked q;
    struct err err = {0};
    ask(&q, &world, WITH("\"metadata\":{\"session_id\":\"m\"}"));
    q.r.session = 77;
    assert_int_equal(find_session(&q.r, &err), 0);
    assert_int_equal(q.r.session, 77);
    assert_int_equal(q.d.session.id, 77);
    assert_int_equal(q.d.session.nbefore, 0);
    forget(&q);
}

#define HEX16 "0123456789abcdef"

/* Members of bodies: two of one `id` are one session; 0: as if the member were not
 * there. */
static void members_that_agents_send_name_a_session(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int id;
    } rows[] = {
        {WITH("\"metadata\":{\"session_id\":\"m\"}"), 1},
        {WITH("\"metadata\":{\"x\":1,\"session_id\":\"m\",\"y\":[]}"), 1},
        {WITH("\"metadata\":{\"user_id\":\"u_session_m\"}"), 1},
        {WITH("\"metadata\":{\"user_id\":\"{\\\"session_id\\\":\\\"m\\\"}\"}"), 1},
        {WITH("\"metadata\":{\"user_id\":\"u_session_n\",\"session_id\":\"m\"}"), 1},
        {WITH("\"metadata\":{\"session_id\":\"m\",\"user_id\":\"u_session_n\"}"), 1},
        {WITH("\"metadata\":{\"session_id\":\"n\"}"), 2},
        {WITH("\"metadata\":{\"session_id\":7}"), 0},
        {WITH("\"metadata\":{\"session_id\":\"\"}"), 0},
        {WITH("\"metadata\":{\"session_id\":\"m m\"}"), 0},
        {WITH("\"metadata\":{\"session_id\":\"m\\n\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"u\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":7}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"u_session_\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"u_session_m m\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"{\\\"session\\\":\\\"m\\\"}\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"{\\\"session_id\\\":7}\"}"), 0},
        {WITH("\"metadata\":{\"user_id\":\"{\"}"), 0},
        {WITH("\"metadata\":{}"), 0},
        {WITH("\"metadata\":7"), 0},
        {WITH("\"metadata\":null"), 0},
        {WITH("\"conversation\":\"c\""), 3},
        {WITH("\"conversation\":{\"id\":\"c\"}"), 3},
        {WITH("\"conversation\":{\"name\":\"c\"}"), 0},
        {WITH("\"conversation\":{\"id\":7}"), 0},
        {WITH("\"conversation\":7"), 0},
        {WITH("\"conversation\":\"c\",\"metadata\":{\"session_id\":\"m\"}"), 3},
        {WITH("\"conversation\":null,\"metadata\":{\"session_id\":\"m\"}"), 1},
        /* A cache key names a conversation when it is random. */
        {WITH("\"prompt_cache_key\":\"" HEX16 "\""), 4},
        {WITH("\"prompt_cache_key\":\"0123ABCD-4567-89ab-CDEF\""), 5},
        {WITH("\"prompt_cache_key\":\"run-" HEX16 "-1\""), 6},
        {WITH("\"prompt_cache_key\":\"0123456789abcde\""), 0},
        {WITH("\"prompt_cache_key\":\"01234567x89abcdef\""), 0},
        {WITH("\"prompt_cache_key\":\"my-program\""), 0},
        {WITH("\"prompt_cache_key\":7"), 0},
        {WITH("\"prompt_cache_key\":\"" HEX16 "\",\"metadata\":{\"session_id\":\"m\"}"),
         1},
    };
    uint64_t unnamed = of(CHAT(USER("\"a\""))), ids[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ids[i] = of(rows[i].body);
        if ((ids[i] == unnamed) != (rows[i].id == 0))
            fail_msg("%s", rows[i].body);
        for (size_t k = 0; k < i; k++)
            if ((ids[i] == ids[k]) != (rows[i].id == rows[k].id))
                fail_msg("%s and %s", rows[i].body, rows[k].body);
    }
}

/* -- what was said ----------------------------------------------------------------- */

#define LONG64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define IMAGE  "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,x\"}}"

/* Conversations that begin alike are one session, and others are others. */
static void what_was_said_first_makes_the_session(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int id;
    } rows[] = {
        {CHAT(USER("\"a\"")), 1},
        {CHAT(USER("[{\"type\":\"text\",\"text\":\"a\"}]")), 1},
        {CHAT(USER("[{\"text\":\"a\",\"cache_control\":{\"type\":\"ephemeral\"},"
                   "\"type\":\"text\"}]")),
         1},
        {CHAT(USER("\"a\"") "," SAID("x") "," USER("\"b\"")), 1},
        {CHAT(USER("\"a\"") "," SAID("y") "," USER("\"c\"")), 1},
        {CHAT(USER("\"b\"")), 2},
        {CHAT(USER("\"a\"") "," USER("\"b\"")), 3},
        {CHAT("{\"role\":\"system\",\"content\":\"s\"}," USER("\"a\"")), 4},
        {CHAT("{\"role\":\"system\",\"content\":\"t\"}," USER("\"a\"")), 5},
        {CHAT(USER("[{\"type\":\"text\",\"text\":\"a\"}," IMAGE "]")), 6},
        {CHAT(USER("[" IMAGE "]")), 7},
        /* The whole of a long text counts: where two begin and end alike too. */
        {CHAT(USER("\"" LONG64 "1" LONG64 "\"")), 8},
        {CHAT(USER("\"" LONG64 "2" LONG64 "\"")), 9},
        {CHAT("{\"role\":\"system\",\"content\":\"s\"}"), 10},
        {CHAT("{\"role\":\"system\",\"content\":\"t\"}"), 11},
    };
    uint64_t ids[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ids[i] = of(rows[i].body);
        assert_true(ids[i] != SESSION_NONE);
        assert_true(ids[i] == of(rows[i].body));
        for (size_t k = 0; k < i; k++)
            if ((ids[i] == ids[k]) != (rows[i].id == rows[k].id))
                fail_msg("%s and %s", rows[i].body, rows[k].body);
    }
}

static void keys_never_share_a_session(void **state)
{
    (void)state;
    const struct config_key ann = {.hash = {1}}, bob = {.hash = {2}};
    static const char *const bodies[] = {CHAT(USER("\"a\"")),
                                         WITH("\"conversation\":\"c\""),
                                         WITH("\"metadata\":{\"session_id\":\"m\"}")};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        uint64_t none = of(bodies[i]);
        uint64_t of_ann = session_of_body(bodies[i], &ann),
                 of_bob = session_of_body(bodies[i], &bob);
        assert_true(none != of_ann && none != of_bob && of_ann != of_bob);
        assert_true(of_ann == session_of_body(bodies[i], &ann));
    }
    /* Nor two runs of weir: the digest is keyed. */
    uint64_t was = of(bodies[0]);
    world.server.session_key.k0 ^= 1;
    assert_true(of(bodies[0]) != was);
    world.server.session_key.k0 ^= 1;
}

/* -- turns ------------------------------------------------------------------------- */

struct turns {
    struct asked q;
    const struct session_of *of;
};

static void read_turns(struct turns *t, const char *body)
{
    struct err err = {0};
    ask(&t->q, &world, body);
    assert_int_equal(find_session(&t->q.r, &err), 0);
    t->of = &t->q.d.session;
}

static bool knows(const struct session_of *of, uint64_t id)
{
    for (uint32_t i = 0; i < of->nbefore; i++)
        if (of->before[i] == id)
            return true;
    return false;
}

/* The next turn's request knows where the one before it stood, whatever was answered;
 * another conversation that began alike does not. */
static void a_turn_knows_those_before_it(void **state)
{
    (void)state;
    struct turns first, second, other, third;
    read_turns(&first, CHAT(USER("\"a\"")));
    read_turns(&second, CHAT(USER("\"a\"") "," SAID("x") "," USER("\"b\"")));
    read_turns(&other, CHAT(USER("\"a\"") "," SAID("x") "," USER("\"c\"")));
    read_turns(&third, CHAT(USER("\"a\"") "," SAID("cut") "," USER("\"b\"") "," SAID(
                           "y") "," USER("\"c\"")));
    assert_int_equal(first.of->nbefore, 0);
    assert_true(knows(second.of, first.of->id));
    assert_true(knows(third.of, second.of->id));
    assert_true(knows(third.of, first.of->id));
    assert_false(knows(third.of, other.of->id));
    assert_true(first.of->is_open && second.of->is_open && third.of->is_open);
    forget(&first.q);
    forget(&second.q);
    forget(&other.q);
    forget(&third.q);
}

#define CALL(id)                                                                         \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"" id             \
    "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}"
#define RESULT(id, text)                                                                 \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"" text "\"}"

/* An agent's loop: after the answer no user speaks, and the place is the answer's. */
static void tool_results_belong_to_the_call_before_them(void **state)
{
    (void)state;
    struct turns one, same, other;
    read_turns(&one, CHAT(USER("\"a\"") "," CALL("c1") "," RESULT("c1", "r")));
    read_turns(&same, CHAT(USER("\"a\"") "," CALL("c1") "," RESULT("c1", "cut")));
    read_turns(&other, CHAT(USER("\"a\"") "," CALL("c2") "," RESULT("c2", "r")));
    assert_false(one.of->is_open);
    assert_true(one.of->id == same.of->id);
    assert_true(one.of->id != other.of->id);
    assert_true(one.q.r.session == other.q.r.session);
    forget(&one.q);
    forget(&same.q);
    forget(&other.q);
}

static void add_turn(struct buf *b, int i)
{
    buf_printf(b,
               "%s{\"role\":\"user\",\"content\":\"u%d\"},"
               "{\"role\":\"assistant\",\"content\":\"x%d\"}",
               i ? "," : "", i, i);
}

/* A conversation without end costs a bounded number of places. */
static void of_many_turns_the_first_and_last_are_looked_up(void **state)
{
    (void)state;
    enum { MANY = 2000, MOST = 2 * (448 + 64) };
    struct turns first, newest, all;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_lit(&b, "{\"model\":\"auto\",\"messages\":[");
    for (int i = 0; i < MANY; i++)
        add_turn(&b, i);
    size_t n = b.n;
    buf_append(&b, STR("]}\0"));
    read_turns(&newest, b.p);
    b.n = n;
    buf_append(&b, STR(",{\"role\":\"user\",\"content\":\"last\"}]}\0"));
    read_turns(&all, b.p);
    read_turns(&first, CHAT(USER("\"u0\"")));
    assert_true(all.of->nbefore <= MOST);
    assert_true(all.of->nbefore > MOST - 4);
    assert_true(knows(all.of, first.of->id));
    assert_true(knows(all.of, newest.of->id));
    buf_release(&b);
    forget(&first.q);
    forget(&newest.q);
    forget(&all.q);
}

static void no_memory_is_an_error_and_no_session(void **state)
{
    (void)state;
    struct asked q;
    struct err err = {0};
    ask(&q, &world, CHAT(USER("\"a\"") "," SAID("x") "," USER("\"b\"")));
    q.d.arena.ceiling_bytes = q.d.arena.used_bytes;
    while (arena_alloc(&q.d.arena, 16)) {
    }
    assert_int_equal(find_session(&q.r, &err), -1);
    assert_string_equal(err.code, "out_of_memory");
    assert_int_equal(q.r.session, SESSION_NONE);
    forget(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_short_and_of_plain_bytes),
        cmocka_unit_test(headers_name_a_session_and_the_first_kind_counts),
        cmocka_unit_test(the_ids_of_a_name_are_known_again),
        cmocka_unit_test(a_named_session_is_not_looked_for_in_the_body),
        cmocka_unit_test(members_that_agents_send_name_a_session),
        cmocka_unit_test(what_was_said_first_makes_the_session),
        cmocka_unit_test(user_ids_are_read_once),
        cmocka_unit_test(keys_never_share_a_session),
        cmocka_unit_test(a_turn_knows_those_before_it),
        cmocka_unit_test(tool_results_belong_to_the_call_before_them),
        cmocka_unit_test(of_many_turns_the_first_and_last_are_looked_up),
        cmocka_unit_test(no_memory_is_an_error_and_no_session),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
