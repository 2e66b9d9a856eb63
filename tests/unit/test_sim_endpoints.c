/* test_sim_endpoints.c -- completions, embeddings, lists and replay of the simulated
 * engine, and what it refuses. */
#include "sim_talk.h"

static void completions_answer_every_prompt(void **state)
{
    struct reply plain, stream;
    struct arena a;
    char order[4096];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, "/v1/completions", "", "{\"prompt\":[\"one two\",\"three\"]}", &plain);
    post(s, "/v1/completions", "", "{\"prompt\":[\"one two\",\"three\"],\"stream\":true}",
         &stream);
    struct str body = buf_view(&plain.body);
    for (size_t i = 0; i < 2; i++) {
        struct str choice = nth(json_get(body, "choices"), i);
        struct str text = unquoted(&a, json_get(choice, "text"));
        assert_true(text.n > 0);
        assert_true(str_eq(
            text, join_stream(&a, buf_view(&stream.body), i, "text", NULL, order)));
    }
    assert_null(nth(json_get(body, "choices"), 2).p);
    assert_int_equal(number(body, "usage", "prompt_tokens"), 3);
    assert_true(str_eqz(json_get(body, "object"), "\"text_completion\""));
    reply_release(&plain);
    reply_release(&stream);
    arena_reset(&a);
    sim_stop(s);
}

/* -- embeddings ------------------------------------------------------------- */

enum { NVECTOR = 50 };

static void read_vector(struct str body, size_t i, double v[NVECTOR])
{
    struct str list = json_get(nth(json_get(body, "data"), i), "embedding");
    for (size_t k = 0; k < NVECTOR; k++)
        assert_true(str_to_double(nth(list, k), &v[k]));
    assert_null(nth(list, NVECTOR).p);
}

static double dot(const double a[NVECTOR], const double b[NVECTOR])
{
    double sum = 0;
    for (size_t i = 0; i < NVECTOR; i++)
        sum += a[i] * b[i];
    return sum;
}

static unsigned base64_digit(char ch)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *hit = strchr(letters, ch);
    assert_true(hit && ch);
    return (unsigned)(hit - letters);
}

static void check_base64(struct str text, const double v[NVECTOR])
{
    unsigned char bytes[NVECTOR * 4 + 3];
    size_t n = 0;
    assert_int_equal(text.n, (NVECTOR * 4 + 2) / 3 * 4);
    for (size_t i = 0; i < text.n; i += 4) {
        unsigned group = 0;
        for (size_t k = 0; k < 4; k++)
            group = group << 6 | (text.p[i + k] == '=' ? 0 : base64_digit(text.p[i + k]));
        for (int shift = 16; shift >= 0; shift -= 8)
            bytes[n++] = (unsigned char)(group >> shift);
    }
    for (size_t i = 0; i < NVECTOR; i++) {
        const unsigned char *b = bytes + i * 4;
        uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                        (uint32_t)b[3] << 24;
        float f;
        memcpy(&f, &bits, sizeof f);
        assert_true(f == (float)v[i]);
    }
}

static void vectors_have_length_one_and_know_their_text(void **state)
{
    struct reply r, coded;
    struct arena a;
    double v[4][NVECTOR];
    struct sim *s = start();
    (void)state;
    arena_init(&a, 1 << 20);
    post(s, "/v1/embeddings", "",
         "{\"dimensions\":50,\"input\":[\"the old mill\",\"tax forms due\",\"the old "
         "mill\",\"the old bridge\"]}",
         &r);
    for (size_t i = 0; i < 4; i++) {
        read_vector(buf_view(&r.body), i, v[i]);
        assert_true(fabs(dot(v[i], v[i]) - 1) < 1e-5);
    }
    assert_true(fabs(dot(v[0], v[2]) - 1) < 1e-6);
    assert_true(dot(v[0], v[1]) < dot(v[0], v[3]));
    assert_int_equal(number(buf_view(&r.body), "usage", "prompt_tokens"), 12);
    post(s, "/v1/embeddings", "",
         "{\"dimensions\":50,\"encoding_format\":\"base64\",\"input\":\"tax forms due\"}",
         &coded);
    struct str first = nth(json_get(buf_view(&coded.body), "data"), 0);
    check_base64(unquoted(&a, json_get(first, "embedding")), v[1]);
    reply_release(&r);
    reply_release(&coded);
    arena_reset(&a);
    sim_stop(s);
}

/* -- errors, lists, records ------------------------------------------------- */

static void what_it_cannot_answer_it_refuses(void **state)
{
    static const struct {
        const char *path, *fields, *body;
        int status;
        const char *says;
    } rows[] = {
        {CHAT, "", "{\"messages\":[", 400, "at byte"},
        {CHAT, "", "{\"model\":\"m\"}", 400, "'messages' is required"},
        {"/v1/completions", "", "{}", 400, "'prompt' is required"},
        {"/v1/embeddings", "", "{\"input\":[]}", 400, "between 1 and"},
        {CHAT, "", ASK("\"x\"}],\"n\":0"), 400, "n must be"},
        {CHAT, "", ASK("\"x\"}],\"max_tokens\":0"), 400, "max_tokens"},
        {CHAT, "x-sim-fault: nonesuch\r\n", plain_ask, 400, "knows no fault nonesuch"},
        {CHAT, "", ASK("\"[[sim:nonesuch]]\"}]"), 400, "knows no fault nonesuch"},
        {"/v1/nothing", "", "{}", 404, "no such path"},
        {"/v1/models", "", "{}", 405, "no such method"},
    };
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        post(s, rows[i].path, rows[i].fields, rows[i].body, &r);
        assert_int_equal(r.status, rows[i].status);
        struct str message = json_path(buf_view(&r.body), "error", "message", NULL);
        if (!message.p || !has(message, rows[i].says))
            fail_msg("row %zu says %.*s", i, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    sim_stop(s);
}

static void models_and_keys_are_those_it_was_started_with(void **state)
{
    const struct str models[] = {STR("alpha"), STR("be\"ta")};
    struct reply r;
    struct sim *s = start_with(
        (struct sim_options){.models = models, .nmodels = 2, .api_key = STR("sk-river")});
    (void)state;
    get(s, "/v1/models", "", &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    get(s, "/v1/models", "Authorization: Bearer sk-rivet\r\n", &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    get(s, "/v1/models", "Authorization: Bearer sk-river\r\n", &r);
    assert_int_equal(r.status, 200);
    struct str data = json_get(buf_view(&r.body), "data");
    assert_true(str_eqz(json_get(nth(data, 0), "id"), "\"alpha\""));
    assert_true(str_eqz(json_get(nth(data, 1), "id"), "\"be\\\"ta\""));
    reply_release(&r);
    post(s, CHAT, "", plain_ask, &r);
    assert_int_equal(r.status, 401);
    reply_release(&r);
    post(s, CHAT, "authorization: bearer sk-river\r\n", plain_ask, &r);
    assert_int_equal(r.status, 200);
    reply_release(&r);
    get(s, "/health", "", &r);
    assert_int_equal(r.status, 200);
    reply_release(&r);
    sim_stop(s);
}

static void it_tells_what_it_received(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, CHAT, "", "{}", &r);
    reply_release(&r);
    post(s, CHAT, "Cookie: a=b\r\nauthorization: Bearer x\r\n", "abc", &r);
    reply_release(&r);
    get(s, "/sim/stats", "", &r);
    struct str recent = json_get(buf_view(&r.body), "recent");
    assert_true(str_eqz(json_get(buf_view(&r.body), "requests"), "2"));
    assert_true(str_eqz(json_get(nth(recent, 0), "cookie"), "false"));
    assert_true(str_eqz(json_get(nth(recent, 0), "authorization"), "false"));
    assert_true(str_eqz(json_get(nth(recent, 1), "cookie"), "true"));
    assert_true(str_eqz(json_get(nth(recent, 1), "authorization"), "true"));
    /* FIPS 180-2, appendix B.1: the digest of "abc" */
    assert_true(
        str_eqz(json_get(nth(recent, 1), "sha256"),
                "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""));
    reply_release(&r);
    get(s, "/sim/last", "", &r);
    assert_true(str_starts(buf_view(&r.body), STR("POST " CHAT " HTTP/1.1\r\n")));
    assert_true(has(buf_view(&r.body), "\r\nCookie: a=b\r\n"));
    assert_true(str_ends(buf_view(&r.body), STR("\r\n\r\nabc")));
    reply_release(&r);
    sim_stop(s);
}

/* -- replay ----------------------------------------------------------------- */

static const char recorded[] = "{\"id\":1,\"prompt\":\"what is\\na "
                               "weir?\",\"model\":\"Small\",\"answer\":\"A \\\"low\\\" "
                               "dam.\"}\n"
                               "\n"
                               "{\"id\":2,\"prompt\":\"what is\\na "
                               "weir?\",\"model\":\"Large\",\"answer\":\"It raises "
                               "the river a little.\"}\n";

static void write_file(char path[], const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void recorded_prompts_get_recorded_answers(void **state)
{
    static const struct {
        const char *model, *prompt, *says;
        bool is_recorded;
    } rows[] = {
        {"small", "what is\\na weir?", "A \\\"low\\\" dam.", true},
        {"large", "what is\\u000aa weir?", "It raises the river a little.", true},
        {"other", "what is\\na weir?", "A \\\"low\\\" dam.", true},
        {"small", "what is a weir?", "A \\\"low\\\" dam.", false},
    };
    char path[] = "/tmp/weir-test-replay-XXXXXX", body[256];
    (void)state;
    write_file(path, recorded);
    struct sim *s = start_with((struct sim_options){.replay_path = str_of(path)});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        snprintf(
            body, sizeof body,
            "{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
            "{\"role\":\"user\",\"content\":\"%s\"}]}",
            rows[i].model, rows[i].prompt);
        post(s, CHAT, "", body, &r);
        assert_int_equal(r.status, 200);
        assert_int_equal(has(buf_view(&r.body), rows[i].says), rows[i].is_recorded);
        reply_release(&r);
    }
    sim_stop(s);
    unlink(path);
}

static void a_bad_recording_is_named_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{\"prompt\":\"a\",\"answer\":\"b\"}\n{\"prompt\":\"a\"}\n", ":2: needs"},
        {"\n\n{\"prompt\":", ":3: "},
        {"\x1f\x8b\x08", "gzip"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/weir-test-replay-XXXXXX";
        struct sim *s = NULL;
        struct err err = {0};
        write_file(path, rows[i].text);
        struct sim_options o = {.replay_path = str_of(path)};
        assert_int_equal(sim_start(&o, &s, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_true(has(str_of(err.msg), rows[i].says));
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completions_answer_every_prompt),
        cmocka_unit_test(vectors_have_length_one_and_know_their_text),
        cmocka_unit_test(what_it_cannot_answer_it_refuses),
        cmocka_unit_test(models_and_keys_are_those_it_was_started_with),
        cmocka_unit_test(it_tells_what_it_received),
        cmocka_unit_test(recorded_prompts_get_recorded_answers),
        cmocka_unit_test(a_bad_recording_is_named_with_its_line),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
