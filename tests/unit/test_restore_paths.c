/* test_restore_paths.c -- which strings of an answer are texts, and which pieces belong
 * together.  Each case is a chunk around one piece; the client joins what stands at the
 * same path. */
#include "restoring.h"

struct fixture {
    struct vault *vault;
    struct restorer *restorer;
    struct tag mail, token;
    struct buf seen;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;
    f->vault = vault_create(key, NULL, NULL);
    f->restorer = restorer_create(f->vault, 1 << 16);
    assert_int_equal(vault_tag(f->vault, "EMAIL", STR("ada@analytical.org"), false, NULL,
                               NULL, &f->mail, &err),
                     0);
    assert_int_equal(vault_tag(f->vault, "API_KEY", STR("sk-verysecretindeed"), false,
                               NULL, NULL, &f->token, &err),
                     0);
    buf_init(&f->seen, TEXT_MAX);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    restorer_free(f->restorer);
    vault_release(f->vault);
    buf_release(&f->seen);
    free(f);
    return 0;
}

static void restart(struct fixture *f)
{
    restorer_free(f->restorer);
    f->restorer = restorer_create(f->vault, 1 << 16);
    buf_clear(&f->seen);
}

/* All strings of the JSON, one behind the other, but those of labels. */
static void join_strings(const json_t *v, struct buf *out)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_string(v))
        buf_append(out, str_of(json_string_value(v)));
    json_array_foreach((json_t *)(uintptr_t)v, i, member) join_strings(member, out);
    if (json_is_object(v))
        json_object_foreach((json_t *)(uintptr_t)v, name,
                            member) if (strcmp(name, "type") != 0 &&
                                        strcmp(name, "index") != 0)
            join_strings(member, out);
}

static int hear_strings(void *ctx, const struct event *e)
{
    json_t *root = json_loadb(e->data.p, e->data.n, JSON_DECODE_INT_AS_REAL, NULL);
    assert_non_null(root);
    join_strings(root, ctx);
    json_decref(root);
    return 0;
}

/* Sends frame, whose %s is the text, as an event. */
static void say(struct fixture *f, const char *frame, struct str text, event_sink *sink,
                void *ctx)
{
    struct buf data;
    struct err err = {0};
    const char *at = strstr(frame, "%s");
    buf_init(&data, TEXT_MAX);
    buf_append(&data, (struct str){frame, (size_t)(at - frame)});
    put_escaped(&data, text, 1);
    buf_append(&data, str_of(at + 2));
    struct event e = {.kind = EVENT_DELTA, .data = buf_view(&data)};
    assert_int_equal(restore_event(f->restorer, &e, sink, ctx, &err), 0);
    buf_release(&data);
}

static struct str sentence(const struct fixture *f, const char *before, char room[128])
{
    int n = snprintf(room, 128, "%s%s, yes", before, f->mail.text);
    return (struct str){room, (size_t)n};
}

/* The text in pieces of one size, and the end. */
static void say_in_pieces(struct fixture *f, const char *frame, struct str text,
                          size_t step)
{
    struct err err;
    for (size_t at = 0; at < text.n; at += step)
        say(f, frame, str_sub(text, at, at + step), hear_strings, &f->seen);
    assert_int_equal(restore_end(f->restorer, hear_strings, &f->seen, &err), 0);
}

static const char *const piece_frames[] = {
    "{\"choices\":[{\"index\":0,\"delta\":{\"thinking_blocks\":[{\"type\":\"thinking\","
    "\"thinking\":\"%s\"}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"provider_specific_fields\":{\"a\":{\"b\":["
    "\"%s\"]}}}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_text\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":{\"content\":\"%s\"}}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":{\"type\":\"text\",\"text\":"
    "\"%s\"}}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":[\"%s\"]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content_blocks\":[{\"index\":7,\"delta\":{"
    "\"text\":\"%s\"}}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"whatever\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":0.0,\"delta\":{\"content\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":1e0,\"delta\":{\"content\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":9223372036854775808,\"delta\":{\"content\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":-1,\"delta\":{\"content\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":null,\"delta\":{\"content\":\"%s\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"%s\",\"role\":\"\"},\"index\":\"0\"}]}",
    "{\"choices\":[{\"delta\":\"%s\"}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"reasoning\":\"%s\"}]}",
    "{\"choices\":[{\"index\":0,\"whatever\":{\"a\":\"%s\"}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0.0,\"function\":{"
    "\"arguments\":\"%s\"}}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{"
    "\"arguments\":\"%s\"},\"index\":18446744073709551616}]}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":{\"arguments\":\"%s\"}}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\",\"refusal\":\"\"}}]}",
};

static void every_string_of_a_delta_is_restored_over_its_pieces(void **state)
{
    struct fixture *f = *state;
    char room[128];
    for (size_t i = 0; i < ARRAY_LEN(piece_frames); i++)
        for (size_t step = 1; step < 12; step++) {
            restart(f);
            say_in_pieces(f, piece_frames[i], sentence(f, "To ", room), step);
            check_text(buf_view(&f->seen), STR("To ada@analytical.org, yes"));
        }
}

static void what_is_held_at_the_end_goes_out_where_it_belongs(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(piece_frames); i++) {
        restart(f);
        say_in_pieces(f, piece_frames[i], STR("A fine mail"), 64);
        check_text(buf_view(&f->seen), STR("A fine mail"));
    }
}

/* An index is the same number however it is written. */
static void pieces_are_joined_by_the_number_of_their_index(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}",
        "{\"choices\":[{\"index\":0.0,\"delta\":{\"content\":\"%s\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"%s\"},\"index\":0e0}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}",
    };
    struct fixture *f = *state;
    struct str tag = {f->mail.text, f->mail.n};
    for (size_t at = 0; at < tag.n; at++)
        say(f, frames[at % ARRAY_LEN(frames)], str_sub(tag, at, at + 1), hear_strings,
            &f->seen);
    say(f, frames[0], STR("."), hear_strings, &f->seen);
    say(f, frames[0], STR(" "), hear_strings, &f->seen);
    check_text(buf_view(&f->seen), STR("ada@analytical.org. "));
}

/* The text so far beside its newest piece, in either order. */
static void a_message_beside_its_delta_is_a_text_of_its_own(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"%.*s\"},\"delta\":{"
        "\"content\":\"%s\"}}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"message\":{"
        "\"content\":\"%.*s\"}}]}",
    };
    struct fixture *f = *state;
    char room[128], frame[512];
    struct str text = sentence(f, "To ", room);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct buf all, content;
        buf_init(&all, TEXT_MAX);
        buf_init(&content, TEXT_MAX);
        restart(f);
        for (size_t at = 0; at < text.n; at += 3) {
            const char *dot = strstr(frames[i], "%.*s");
            struct str so_far = str_sub(text, 0, at + 3);
            snprintf(frame, sizeof frame, "%.*s%.*s%s", (int)(dot - frames[i]), frames[i],
                     STR_ARG(so_far), dot + 4);
            buf_clear(&f->seen);
            say(f, frame, str_sub(text, at, at + 3), hear_strings, &f->seen);
            buf_append(&all, buf_view(&f->seen));
        }
        /* The last event has the whole message. */
        assert_true(str_find(buf_view(&f->seen), STR("To ada@analytical.org, yes")) >= 0);
        buf_release(&all);
        buf_release(&content);
    }
}

static int note_content(void *ctx, const struct event *e)
{
    json_t *root = json_loadb(e->data.p, e->data.n, JSON_DECODE_INT_AS_REAL, NULL);
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    take(ctx, json_object_get(json_object_get(choice, "delta"), "content"));
    json_decref(root);
    return 0;
}

static void a_delta_is_not_mixed_with_its_message(void **state)
{
    struct fixture *f = *state;
    struct err err;
    say(f,
        "{\"choices\":[{\"message\":{\"content\":\"To mail\"},\"delta\":{\"content\":"
        "\"%s\"}}]}",
        STR("To mail"), note_content, &f->seen);
    say(f,
        "{\"choices\":[{\"message\":{\"content\":\"To mailX\"},\"delta\":{\"content\":"
        "\"%s\"}}]}",
        STR("X"), note_content, &f->seen);
    assert_int_equal(restore_end(f->restorer, note_content, &f->seen, &err), 0);
    check_text(buf_view(&f->seen), STR("To mailX"));
}

/* What says a word again and again is not cut, although each could begin a tag. */
static void words_of_members_that_are_not_known_are_not_held(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"index\":0,\"delta\":{\"whatever\":\"%s\"}}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"a\":{\"status\":\"%s\"}}}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"audio\":{\"data\":\"%s\"}}}]}",
        "{\"choices\":[{\"index\":0,\"stop_reason\":\"%s\"}]}",
        "{\"choices\":[],\"provider\":\"%s\"}",
        "{\"choices\":[],\"whatever\":\"%s\"}",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        for (size_t round = 0; round < 3; round++) {
            buf_clear(&f->seen);
            say(f, frames[i], STR("in_stream"), hear_strings, &f->seen);
            check_text(buf_view(&f->seen), STR("in_stream"));
        }
}

static void of_a_member_that_comes_twice_the_last_one_counts(void **state)
{
    struct fixture *f = *state;
    struct buf content;
    struct err err;
    buf_init(&content, TEXT_MAX);
    say(f, "{\"choices\":[{\"delta\":{\"content\":\"a mail\",\"content\":\"%s\"}}]}",
        (struct str){f->mail.text, f->mail.n}, note_content, &content);
    assert_int_equal(restore_end(f->restorer, note_content, &content, &err), 0);
    check_text(buf_view(&content), STR("ada@analytical.org"));
    buf_release(&content);
}

/* Half of a character at the end of one event, and its other half in the next. */
static void halves_of_a_character_go_out_as_they_came(void **state)
{
    struct fixture *f = *state;
    struct buf data, raw;
    struct err err;
    buf_init(&data, TEXT_MAX);
    buf_init(&raw, TEXT_MAX);
    const char *const frames[] = {
        "{\"choices\":[{\"delta\":{\"content\":\"%s\\uD83d\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"\\ude00%s, \\\"x\\\"\\ud55c\"}}]}"};
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        const char *at = strstr(frames[i], "%s");
        buf_clear(&data);
        buf_append(&data, (struct str){frames[i], (size_t)(at - frames[i])});
        buf_append(&data, str_of(f->mail.text));
        buf_append(&data, str_of(at + 2));
        buf_clear(&raw);
        struct event e = {.kind = EVENT_DELTA, .data = buf_view(&data)};
        assert_int_equal(restore_answer(f->restorer, e.data, &raw, &err), 0);
        const char *want =
            i == 0 ? "{\"choices\":[{\"delta\":{\"content\":\"ada@analytical.org"
                     "\\ud83d\"}}]}"
                   : "{\"choices\":[{\"delta\":{\"content\":\"\\ude00ada@analytical.org, "
                     "\\\"x\\\"\xED\x95\x9C\"}}]}";
        check_text(buf_view(&raw), str_of(want));
    }
    buf_release(&data);
    buf_release(&raw);
}

/* -- whole answers --------------------------------------------------------------------
 */

static struct str answer(struct fixture *f, const char *frame, const char *text)
{
    struct buf body;
    struct err err;
    const char *at = strstr(frame, "%s");
    buf_init(&body, TEXT_MAX);
    buf_append(&body, (struct str){frame, (size_t)(at - frame)});
    buf_append(&body, str_of(text));
    buf_append(&body, str_of(at + 2));
    buf_clear(&f->seen);
    assert_int_equal(restore_answer(f->restorer, buf_view(&body), &f->seen, &err), 0);
    buf_release(&body);
    return buf_view(&f->seen);
}

/* An event with a piece for each of so many choices. */
static void say_to_many(struct fixture *f, size_t n, struct str piece)
{
    struct buf data;
    struct err err = {0};
    buf_init(&data, TEXT_MAX);
    buf_lit(&data, "{\"choices\":[");
    for (size_t i = 0; i < n; i++)
        buf_printf(&data, "%s{\"index\":%zu,\"delta\":{\"content\":\"%.*s\"}}",
                   i ? "," : "", i, STR_ARG(piece));
    buf_lit(&data, "]}");
    const struct event e = {.kind = EVENT_DELTA, .data = buf_view(&data)};
    assert_int_equal(restore_event(f->restorer, &e, hear_strings, &f->seen, &err), 0);
    buf_release(&data);
}

static size_t count_in(struct str text, struct str what)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(text, what)) >= 0; n++)
        text = str_sub(text, (size_t)at + what.n, text.n);
    return n;
}

/* ... and what is held for them is counted, from more than the usual few on. */
static void the_pieces_of_very_many_texts_are_joined(void **state)
{
    enum { KNOWN = 1024, ALL = 1100 };
    struct fixture *f = *state;
    struct err err = {0};
    struct str tag = str_of(f->mail.text), rest = str_sub(tag, 3, tag.n);
    say_to_many(f, 4, STR("- "));
    assert_int_equal(restorer_held(f->restorer), 0);
    say_to_many(f, ALL, str_sub(tag, 0, 3));
    assert_true(restorer_held(f->restorer) > KNOWN * TAG_SPREAD);
    assert_true(restorer_held(f->restorer) < 1 << 20); /* nothing of the event itself */
    say_to_many(f, ALL, rest);
    assert_int_equal(restore_end(f->restorer, hear_strings, &f->seen, &err), 0);
    assert_int_equal(count_in(buf_view(&f->seen), STR("ada@analytical.org")), KNOWN);
    assert_int_equal(count_in(buf_view(&f->seen), rest), ALL - KNOWN);
}

static void every_string_of_an_answer_is_restored(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"stop_reason\":\"%s\"}]}",
        "{\"choices\":[{\"citations\":[\"%s\"]}]}",
        "{\"choices\":[{\"content_filter\":{\"x\":\"%s\"}}]}",
        "{\"choices\":[],\"output_text\":\"%s\"}",
        "{\"choices\":[{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"%s\"}}}]}",
        "{\"choices\":[{\"message\":{\"content\":[\"%s\"]}}]}",
        "{\"choices\":[{\"message\":{\"name\":\"%s\"}}]}",
        "{\"choices\":[{\"message\":{\"parsed\":{\"%s\":1}}}]}",
        "{\"choices\":[{\"message\":\"%s\"}]}",
        "{\"choices\":{\"message\":{\"content\":\"%s\"}}}",
        "[{\"choices\":[{\"message\":{\"content\":\"%s\"}}]}]",
    };
    static const char *const calls[] = {
        "{\"choices\":[{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":"
        "\"%s\"}}}}]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"type\":\"function\","
        "\"arguments\":\"%s\"}]}}]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":{"
        "\"%s\":[1]}}}]}}]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":{"
        "\"id\":\"%s\"}}}]}}]}",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct str got = answer(f, frames[i], f->mail.text);
        if (str_find(got, STR("\"ada@analytical.org\"")) < 0)
            fprintf(stderr, "%.*s\n", STR_ARG(got));
        assert_true(str_find(got, STR("\"ada@analytical.org\"")) > 0);
        assert_true(str_find(answer(f, frames[i], f->token.text), STR("sk-very")) < 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        assert_true(str_find(answer(f, calls[i], f->token.text),
                             STR("\"sk-verysecretindeed\"")) > 0);
}

static void ids_and_names_of_models_stay_as_they_are(void **state)
{
    static const char *const frames[] = {
        "{\"id\":\"%s\",\"choices\":[]}",
        "{\"model\":\"%s\",\"choices\":[]}",
        "{\"choices\":[{\"message\":{\"role\":\"%s\"}}]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"%s\"}]}}]}",
        "{\"choices\":[{\"message\":{\"a\":[{\"signature\":\"%s\"}]}}]}",
        "{\"choices\":[{\"message\":{\"a\":{\"file_id\":\"%s\"}}}]}",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        assert_true(str_find(answer(f, frames[i], f->mail.text), STR("ada@")) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_string_of_a_delta_is_restored_over_its_pieces, begin, end),
        cmocka_unit_test_setup_teardown(what_is_held_at_the_end_goes_out_where_it_belongs,
                                        begin, end),
        cmocka_unit_test_setup_teardown(pieces_are_joined_by_the_number_of_their_index,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_message_beside_its_delta_is_a_text_of_its_own,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_delta_is_not_mixed_with_its_message, begin,
                                        end),
        cmocka_unit_test_setup_teardown(words_of_members_that_are_not_known_are_not_held,
                                        begin, end),
        cmocka_unit_test_setup_teardown(of_a_member_that_comes_twice_the_last_one_counts,
                                        begin, end),
        cmocka_unit_test_setup_teardown(halves_of_a_character_go_out_as_they_came, begin,
                                        end),
        cmocka_unit_test_setup_teardown(the_pieces_of_very_many_texts_are_joined, begin,
                                        end),
        cmocka_unit_test_setup_teardown(every_string_of_an_answer_is_restored, begin,
                                        end),
        cmocka_unit_test_setup_teardown(ids_and_names_of_models_stay_as_they_are, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
