/* test_restore.c -- an answer with tags in it, event by event and whole.  What holds for
 * all of them is shown by test_restore_property.c, what a value is written like by
 * test_quoting.c. */
#include "chunks.h"
#include "restoring.h"

#include "core/clock.h"

struct fixture {
    struct run run;
    struct tag ada, mail, token;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;
    f->run.vault = vault_create(key, NULL, NULL);
    f->run.restorer = restorer_create(f->run.vault, 1 << 16);
    client_init(&f->run.client);
    buf_init(&f->run.scratch, TEXT_MAX);
    assert_int_equal(vault_tag(f->run.vault, "PERSON", STR("Ada \"Countess\" Byron"),
                               false, NULL, NULL, &f->ada, &err),
                     0);
    assert_int_equal(vault_tag(f->run.vault, "EMAIL", STR("ada@analytical.org"), false,
                               NULL, NULL, &f->mail, &err),
                     0);
    assert_int_equal(vault_tag(f->run.vault, "API_KEY", STR("sk-verysecretindeed"), false,
                               NULL, NULL, &f->token, &err),
                     0);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    restorer_free(f->run.restorer);
    vault_release(f->run.vault);
    client_release(&f->run.client);
    buf_release(&f->run.scratch);
    free(f);
    return 0;
}

static struct str tag_text(const struct tag *t)
{
    return (struct str){t->text, t->n};
}

static void text_without_tags_passes_untouched(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("It is a fine day"));
    send_piece(&f->run, CONTENT, 0, STR(" in \"June\"\n"));
    send_piece(&f->run, CONTENT, 0, STR("9 of it"));
    assert_int_equal(f->run.client.untouched, 3);
}

static void the_beginning_of_a_tag_waits_for_its_end(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("It was Pers"));
    check_text(buf_view(&f->run.client.content[0]), STR("It was "));
    send_piece(&f->run, CONTENT, 0, STR("uasion"));
    check_text(buf_view(&f->run.client.content[0]), STR("It was Persuasion"));
    assert_int_equal(f->run.client.untouched, 0);
    send_piece(&f->run, CONTENT, 0, STR(", a novel"));
    assert_int_equal(f->run.client.untouched, 1);
}

/* In the form A stands for the area, L for the last digits. */
static void write_number(char *out, size_t n, const char *form, const char *area,
                         const char *last)
{
    size_t used = 0;
    for (out[0] = '\0'; *form && used + 8 < n; form++)
        used += (size_t)(*form == 'A'   ? snprintf(out + used, n - used, "%s", area)
                         : *form == 'L' ? snprintf(out + used, n - used, "%s", last)
                                        : snprintf(out + used, n - used, "%c", *form));
}

/* A letter or a link writes a telephone without its country code, or as digits alone. */
static void telephones_come_back_however_they_are_written(void **state)
{
    struct fixture *f = *state;
    struct tag tag;
    struct err err;
    const char *value = "+49 431 557890";
    assert_int_equal(
        vault_tag(f->run.vault, "PHONE", str_of(value), false, NULL, NULL, &tag, &err),
        0);
    char area[4], last[5], text[256];
    snprintf(area, sizeof area, "%.3s", tag.text + 3); /* +1-NXX-555-01XX */
    snprintf(last, sizeof last, "%.4s", tag.text + 11);
    const struct {
        const char *before, *form, *behind, *want;
    } rows[] = {
        {"call ", "+1-A-555-L", " now", "call +49 431 557890 now"},
        {"call ", "A-555-L", ", now", "call +49 431 557890, now"},
        {"call ", "(A) 555-L", ".", "call +49 431 557890."},
        {"call ", "1-A-555-L", " ", "call +49 431 557890 "},
        {"call ", "A.555.L", " ", "call +49 431 557890 "},
        {"https://wa.me/", "1A555L", " ", "https://wa.me/49431557890 "},
        {"tel ", "A555L", " ", "tel 49431557890 "},
        {"tel ", "+1A555L", " ", "tel +49 431 557890 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t size = 1; size < 64; size += 31) {
            char number[64];
            write_number(number, sizeof number, rows[i].form, area, last);
            snprintf(text, sizeof text, "%s%s%s;", rows[i].before, number,
                     rows[i].behind);
            buf_clear(&f->run.client.content[0]);
            for (size_t at = 0; text[at]; at += size)
                send_piece(&f->run, CONTENT, 0, str_sub(str_of(text), at, at + size));
            snprintf(text, sizeof text, "%s;", rows[i].want);
            check_text(buf_view(&f->run.client.content[0]), str_of(text));
        }
    /* Parts of other numbers are none. */
    snprintf(text, sizeof text, "12-%s-555-%s; 9%s555%s; %s-555-%s9;", area, last, area,
             last, area, last);
    buf_clear(&f->run.client.content[0]);
    send_piece(&f->run, CONTENT, 0, str_of(text));
    check_text(buf_view(&f->run.client.content[0]), str_of(text));
}

/* Engines put a finish on any chunk and go on: only the stream's end is an end. */
static void what_is_held_goes_out_at_the_end_and_not_at_a_finish(void **state)
{
    struct fixture *f = *state;
    struct str none = {NULL, 0}, tag = tag_text(&f->mail);
    struct err err;
    send_piece(&f->run, REASONING, 0, STR("a Person"));
    send_piece(&f->run, CONTENT, 0, STR("an m"));
    send(&f->run, EVENT_FINISH,
         "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
         "\"stop\"}]}",
         none, "");
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a "));
    check_text(buf_view(&f->run.client.content[0]), STR("an "));
    send(&f->run, EVENT_FINISH,
         "{\"id\":\"c1\",\"choices\":[{\"index\":1,\"delta\":{\"content\":\"",
         str_sub(tag, 0, 7), "\"},\"finish_reason\":\"stop\"}]}");
    send_piece(&f->run, CONTENT, 1, str_sub(tag, 7, tag.n));
    send_piece(&f->run, CONTENT, 1, STR("."));
    send_piece(&f->run, CONTENT, 1, STR(" "));
    check_text(buf_view(&f->run.client.content[1]), STR("ada@analytical.org. "));
    assert_int_equal(restore_end(f->run.restorer, hear, &f->run.client, &err), 0);
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a Person"));
    check_text(buf_view(&f->run.client.content[0]), STR("an m"));
    assert_int_equal(restore_end(f->run.restorer, hear, &f->run.client, &err), 0);
    check_text(buf_view(&f->run.client.content[0]), STR("an m"));
}

/* One byte at a time, in turns: no text waits for another to end. */
static void texts_that_take_turns_are_restored(void **state)
{
    struct fixture *f = *state;
    struct str tag = tag_text(&f->mail);
    for (size_t i = 0; i < tag.n; i++)
        for (unsigned choice = 0; choice < CHOICES; choice++)
            for (enum channel ch = CONTENT; ch <= ARGUMENTS; ch++)
                send_piece(&f->run, ch, choice, str_sub(tag, i, i + 1));
    struct err err;
    assert_int_equal(restore_end(f->run.restorer, hear, &f->run.client, &err), 0);
    for (unsigned i = 0; i < CHOICES; i++) {
        check_text(buf_view(&f->run.client.content[i]), STR("ada@analytical.org"));
        check_text(buf_view(&f->run.client.reasoning[i]), STR("ada@analytical.org"));
        check_text(buf_view(&f->run.client.arguments[i]), STR("ada@analytical.org"));
    }
}

/* Clients that close one kind of text before the next begins. */
static void in_order_what_is_held_goes_out_before_another_kind_begins(void **state)
{
    struct fixture *f = *state;
    struct str none = {NULL, 0}, tag = tag_text(&f->mail);
    restorer_keep_order(f->run.restorer);
    send_piece(&f->run, REASONING, 0, STR("a Person"));
    send(&f->run, EVENT_START,
         "{\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{"
         "\"type\":\"reasoning.encrypted\",\"data\":\"weir1:a:t:8:0:S\"}]}}]}",
         none, "");
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a Person"));
    send_piece(&f->run, REASONING, 0, STR(" m"));
    send_piece(&f->run, CONTENT, 0, STR("an m"));
    check_text(buf_view(&f->run.client.reasoning[0]), STR("a Person m"));
    check_text(buf_view(&f->run.client.content[0]), STR("an "));
    send_piece(&f->run, ARGUMENTS, 0, str_sub(tag, 0, 7));
    check_text(buf_view(&f->run.client.content[0]), STR("an m"));
    send_piece(&f->run, ARGUMENTS, 0, str_sub(tag, 7, tag.n));
    send_piece(&f->run, ARGUMENTS, 0, STR("."));
    send_piece(&f->run, CONTENT, 1, STR("m")); /* another choice's */
    send_piece(&f->run, CONTENT, 0, STR("x"));
    check_text(buf_view(&f->run.client.arguments[0]), STR("ada@analytical.org."));
    check_text(buf_view(&f->run.client.content[1]), STR(""));
    check_text(buf_view(&f->run.client.content[0]), STR("an mx"));
}

static void invented_tags_pass_and_are_counted(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("Ask PersonA1B2C or mailz9z9z@example.com!"));
    check_text(buf_view(&f->run.client.content[0]),
               STR("Ask PersonA1B2C or mailz9z9z@example.com!"));
    assert_int_equal(restorer_counts(f->run.restorer)->unknown, 2);
    assert_int_equal(restorer_counts(f->run.restorer)->restored, 0);
}

/* What looks like a tag, and ends inside of one. */
static void a_word_like_a_tag_does_not_take_the_tag_behind_it(void **state)
{
    static const char *const before[] = {"PersonQ7K2", "PersonQ7K2 ", "Person Q7K2*",
                                         "mailq7k2",   "Mail Q7K2",   "PersonA1B2C"};
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        for (size_t step = 1; step < 12; step++) {
            struct buf text, want;
            buf_init(&text, 256);
            buf_init(&want, 256);
            buf_printf(&text, "%s%s %s*%s! ", before[i], f->ada.text, before[i],
                       f->mail.text);
            buf_printf(&want, "%sAda \"Countess\" Byron %s*ada@analytical.org! ",
                       before[i], before[i]);
            buf_clear(&f->run.client.content[0]);
            for (size_t at = 0; at < text.n; at += step)
                send_piece(&f->run, CONTENT, 0, str_sub(buf_view(&text), at, at + step));
            check_text(buf_view(&f->run.client.content[0]), buf_view(&want));
            buf_release(&text);
            buf_release(&want);
        }
}

static void a_value_in_clear_is_an_alarm_over_seams_too(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, STR("Write to ada@anal"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 0);
    send_piece(&f->run, CONTENT, 0, STR("ytical.ORG, please"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 1);
    send_piece(&f->run, CONTENT, 0, STR(". And again: ada@analytical.org"));
    assert_int_equal(restorer_counts(f->run.restorer)->alarms, 2);
}

static void secrets_come_back_in_tool_calls_alone(void **state)
{
    struct fixture *f = *state;
    send_piece(&f->run, CONTENT, 0, tag_text(&f->token));
    check_text(buf_view(&f->run.client.content[0]), tag_text(&f->token));
    assert_int_equal(restorer_counts(f->run.restorer)->withheld, 1);
    struct buf b;
    buf_init(&b, 1024);
    buf_printf(&b, "{\"k\":\"%s\"}", f->token.text);
    send_piece(&f->run, ARGUMENTS, 0, buf_view(&b));
    buf_release(&b);
    check_text(buf_view(&f->run.client.arguments[0]),
               STR("{\"k\":\"sk-verysecretindeed\"}"));
}

static void content_that_is_json_stays_json(void **state)
{
    struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1024);
    buf_printf(&b, "{\"name\":\"%s\"}", f->ada.text);
    send_piece(&f->run, CONTENT, 0, buf_view(&b));
    buf_release(&b);
    check_text(buf_view(&f->run.client.content[0]),
               STR("{\"name\":\"Ada \\\"Countess\\\" Byron\"}"));
    send_piece(&f->run, CONTENT, 1, tag_text(&f->ada));
    check_text(buf_view(&f->run.client.content[1]), STR("Ada \"Countess\" Byron"));
}

static void whole_answers_are_restored(void **state)
{
    struct fixture *f = *state;
    struct buf body, out;
    struct err err;
    buf_init(&body, 1 << 16);
    buf_init(&out, 1 << 16);
    buf_printf(&body,
               "{\"id\":\"x\",\"choices\":[{\"message\":{\"content\":\"Dear %s\","
               "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":"
               "\"{\\\"to\\\":\\\"%s\\\",\\\"by\\\":\\\"%s\\\"}\"}}]},\"logprobs\":"
               "{\"content\":[{\"token\":\"%s\"}]},\"finish_reason\":\"stop\"}]}",
               f->ada.text, f->mail.text, f->ada.text, f->ada.text);
    assert_int_equal(restore_answer(f->run.restorer, buf_view(&body), &out, &err), 0);
    json_t *root = json_loadb(out.p, out.n, 0, NULL);
    const json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    const json_t *message = json_object_get(choice, "message");
    assert_string_equal(json_string_value(json_object_get(message, "content")),
                        "Dear Ada \"Countess\" Byron");
    const json_t *call = json_array_get(json_object_get(message, "tool_calls"), 0);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(call, "function"), "arguments")),
                        "{\"to\":\"ada@analytical.org\",\"by\":\"Ada "
                        "\\\"Countess\\\" Byron\"}");
    const json_t *probs = json_object_get(json_object_get(choice, "logprobs"), "content");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(probs, 0), "token")),
        f->ada.text);
    json_decref(root);
    buf_clear(&out);
    assert_int_equal(restore_answer(f->run.restorer, STR("no {JSON"), &out, &err), 0);
    check_text(buf_view(&out), STR("no {JSON"));
    buf_release(&body);
    buf_release(&out);
}

static int note_data(void *ctx, const struct event *e)
{
    buf_append(ctx, e->data);
    return 0;
}

/* A tag in two pieces of a text that fewer engines send; and one in a member that comes
 * whole. */
static void texts_of_fewer_engines_are_restored(void **state)
{
    static const struct {
        const char *open, *close;
    } frames[] = {
        {"{\"thinking\":\"", "\"}"},
        {"{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"index\":1,\"text\":\"",
         "\"}]}"},
        {"{\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"",
         "\"}]}"},
        {"{\"audio\":{\"transcript\":\"", "\"}}"},
        {"{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
         "\"text\":\"",
         "\"}]}]}"},
        {"{\"content\":[{\"type\":\"text\",\"text\":\"", "\"}]}"},
    };
    struct fixture *f = *state;
    struct str tag = tag_text(&f->mail);
    struct buf seen, data;
    struct err err;
    buf_init(&seen, 1 << 16);
    buf_init(&data, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        buf_clear(&seen);
        for (size_t at = 0; at < tag.n; at += 8) {
            struct str piece = str_sub(tag, at, at + 8);
            buf_clear(&data);
            buf_printf(&data,
                       "{\"choices\":[{\"index\":0,\"delta\":%s%.*s%s,"
                       "\"finish_reason\":null}]}",
                       frames[i].open, STR_ARG(piece), frames[i].close);
            struct event e = {.kind = EVENT_START, .data = buf_view(&data)};
            assert_int_equal(restore_event(f->run.restorer, &e, note_data, &seen, &err),
                             0);
        }
        assert_int_equal(restore_end(f->run.restorer, note_data, &seen, &err), 0);
        assert_true(str_find(buf_view(&seen), STR("ada@analytical.org")) >= 0);
        assert_true(str_find(buf_view(&seen), STR("example.com")) < 0);
    }
    buf_clear(&data);
    buf_clear(&seen);
    buf_printf(&data,
               "{\"choices\":[{\"index\":0,\"delta\":{\"annotations\":[{\"type\":"
               "\"url_citation\",\"url_citation\":{\"start_index\":3,\"title\":"
               "\"of %.*s\"}}]}}]}",
               STR_ARG(tag));
    struct event e = {.kind = EVENT_DELTA, .data = buf_view(&data)};
    assert_int_equal(restore_event(f->run.restorer, &e, note_data, &seen, &err), 0);
    assert_true(str_find(buf_view(&seen), STR("\"of ada@analytical.org\"")) > 0);
    buf_release(&seen);
    buf_release(&data);
}

/* Every string of what nobody here knows: citations, tools that the provider ran, parts
 * of content, arguments that are an object.  Secrets in the last alone. */
static void strings_of_members_that_are_not_known_are_restored(void **state)
{
    static const char *const frames[] = {
        "{\"choices\":[{\"message\":{\"content\":\"x\",\"executed_tools\":[{\"output\":"
        "\"%s\"}]}}]}",
        "{\"choices\":[{\"message\":{\"context\":{\"citations\":[{\"content\":\"%s\"}]}}}"
        "]}",
        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"refusal\",\"refusal\":"
        "\"%s\"}]}}]}",
        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":"
        "\"%s\"}]}}]}",
        "{\"choices\":[],\"citations\":[\"https://x.test/?q=%s\"]}",
        "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":{\"a\":"
        "[{\"to\":\"%s\"}]}}}]}}]}",
    };
    struct fixture *f = *state;
    struct buf body, out;
    struct err err;
    buf_init(&body, 1 << 16);
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < 2 * ARRAY_LEN(frames); i++) {
        bool is_secret = i % 2, is_call = i / 2 == ARRAY_LEN(frames) - 1;
        const char *tag = is_secret ? f->token.text : f->mail.text;
        buf_clear(&body);
        buf_clear(&out);
        const char *at = strstr(frames[i / 2], "%s");
        buf_append(&body, (struct str){frames[i / 2], (size_t)(at - frames[i / 2])});
        buf_append(&body, str_of(tag));
        buf_append(&body, str_of(at + 2));
        assert_int_equal(restore_answer(f->run.restorer, buf_view(&body), &out, &err), 0);
        struct str want = !is_secret ? STR("ada@analytical.org")
                          : is_call  ? STR("sk-verysecretindeed")
                                     : str_of(tag);
        if (str_find(buf_view(&out), want) < 0)
            fprintf(stderr, "%.*s\n", STR_ARG(buf_view(&out)));
        assert_true(str_find(buf_view(&out), want) > 0);
    }
    buf_release(&body);
    buf_release(&out);
}

static int count_whole(void *ctx, const struct event *e)
{
    *(unsigned *)ctx += str_ends(e->raw, STR("\n\n"));
    return 0;
}

static void a_delta_without_tags_costs_little(void **state)
{
    static const char *const pieces[] = {" the",  " quick", " brown", " fox", " jumps",
                                         " over", " a",     " lazy",  " dog", "."};
    enum { ROUNDS = 200000 };
    struct fixture *f = *state;
    struct event events[10];
    char raws[10][256];
    for (size_t i = 0; i < 10; i++) {
        int n = snprintf(raws[i], sizeof raws[i], EV(DELTA("%s")), pieces[i]);
        struct str raw = {raws[i], (size_t)n};
        events[i] = (struct event){
            .kind = EVENT_DELTA, .raw = raw, .data = str_sub(raw, 6, raw.n - 2)};
    }
    struct err err;
    unsigned whole = 0;
    uint64_t start = clock_mono_us();
    for (unsigned i = 0; i < ROUNDS; i++)
        assert_int_equal(
            restore_event(f->run.restorer, &events[i % 10], count_whole, &whole, &err),
            0);
    uint64_t us = clock_mono_us() - start;
    assert_int_equal(whole, ROUNDS); /* each passed with its own bytes */
    printf("%.0f ns a delta without tags\n", (double)us * 1000 / ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_without_tags_passes_untouched, begin, end),
        cmocka_unit_test_setup_teardown(telephones_come_back_however_they_are_written,
                                        begin, end),
        cmocka_unit_test_setup_teardown(the_beginning_of_a_tag_waits_for_its_end, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            what_is_held_goes_out_at_the_end_and_not_at_a_finish, begin, end),
        cmocka_unit_test_setup_teardown(texts_that_take_turns_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(
            in_order_what_is_held_goes_out_before_another_kind_begins, begin, end),
        cmocka_unit_test_setup_teardown(invented_tags_pass_and_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(a_word_like_a_tag_does_not_take_the_tag_behind_it,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_value_in_clear_is_an_alarm_over_seams_too,
                                        begin, end),
        cmocka_unit_test_setup_teardown(secrets_come_back_in_tool_calls_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(content_that_is_json_stays_json, begin, end),
        cmocka_unit_test_setup_teardown(whole_answers_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(texts_of_fewer_engines_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(
            strings_of_members_that_are_not_known_are_restored, begin, end),
        cmocka_unit_test_setup_teardown(a_delta_without_tags_costs_little, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
