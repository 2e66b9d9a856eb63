/* test_halves.c -- characters that an engine cuts apart between two events. */
#include "dialect/spoken.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

#define GRIN    "\xF0\x9F\x98\x80"
#define UNKNOWN "\xEF\xBF\xBD"

/* Events one after another; *said: what they say in `part` of this choice and call. */
struct told {
    struct spoken_halves halves;
    struct arena a;
    char said[256];
};

static void note(struct told *t, struct str piece)
{
    size_t n = strlen(t->said);
    snprintf(t->said + n, sizeof t->said - n, "%.*s|", STR_ARG(piece));
}

static void hear(struct told *t, const char *choice, enum spoken_part part)
{
    char data[512];
    struct spoken s;
    struct err err;
    snprintf(data, sizeof data, "{\"choices\":[%s]}", choice);
    const struct event e = {.kind = EVENT_DELTA, .data = str_of(data)};
    assert_int_equal(spoken_read_event(&e, STR(""), &t->halves, &t->a, &s, &err), 0);
    if (part == SPOKEN_TEXT && s.text.p)
        note(t, s.text);
    if (part == SPOKEN_REASONING && s.reasoning.p)
        note(t, s.reasoning);
    for (size_t i = 0; part == SPOKEN_ARGUMENTS && i < s.ncalls; i++) {
        char index[16];
        snprintf(index, sizeof index, "%u", s.calls[i].index);
        note(t, str_of(index));
        note(t, s.calls[i].arguments);
    }
    arena_reset(&t->a);
}

#define SAYS(member, inside) "{\"delta\":{\"" member "\":\"" inside "\"}}"
#define ARGS(index, inside)                                                              \
    "{\"delta\":{\"tool_calls\":[{\"index\":" index                                      \
    ",\"function\":{\"arguments\":\"" inside "\"}}]}}"
#define ENDS "{\"delta\":{},\"finish_reason\":\"stop\"}"

static void a_character_is_whole_again(void **state)
{
    (void)state;
    static const struct {
        enum spoken_part part;
        const char *events[6], *said;
    } rows[] = {
        {SPOKEN_TEXT,
         {SAYS("content", "a\\ud83d"), SAYS("content", "\\ude00b"), ENDS},
         "a|" GRIN "b|"},
        {SPOKEN_TEXT,
         {SAYS("content", "\\ud83d"), SAYS("content", "\\ude00"), ENDS},
         "|" GRIN "|"},
        /* two in a row, each cut */
        {SPOKEN_TEXT,
         {SAYS("content", "\\ud83d"), SAYS("content", "\\ude00\\ud83d"),
          SAYS("content", "\\ude00"), ENDS},
         "|" GRIN "|" GRIN "|"},
        /* what says nothing is no end of it */
        {SPOKEN_TEXT,
         {SAYS("content", "\\ud83d"), "{\"delta\":{}}", SAYS("content", "\\ude00"), ENDS},
         "|" GRIN "|"},
        {SPOKEN_TEXT,
         {SAYS("content", "a\\ud83d"), SAYS("content", "b"), ENDS},
         "a|" UNKNOWN "b|"},
        {SPOKEN_TEXT, {SAYS("content", "a\\ud83d"), ENDS}, "a|" UNKNOWN "|"},
        {SPOKEN_TEXT,
         {SAYS("content", "\\ude00b\\udc00"), ENDS},
         UNKNOWN "b" UNKNOWN "|"},
        {SPOKEN_TEXT,
         {"{\"delta\":{\"content\":\"a\\ud83d\"},\"finish_reason\":\"stop\"}"},
         "a" UNKNOWN "|"},
        {SPOKEN_REASONING,
         {SAYS("reasoning_content", "a\\ud83d"), SAYS("content", "b"), ENDS},
         "a|" UNKNOWN "|"},
        /* calls may take turns */
        {SPOKEN_ARGUMENTS,
         {ARGS("0", "a\\ud83d"), ARGS("1", "b\\ud83d"), ARGS("0", "\\ude00"),
          ARGS("1", "\\ude00"), ENDS},
         "0|a|1|b|0|" GRIN "|1|" GRIN "|"},
        {SPOKEN_ARGUMENTS, {ARGS("3", "a\\ud83d"), ENDS}, "3|a|3|" UNKNOWN "|"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t = {.said = ""};
        arena_init(&t.a, 1 << 20);
        for (size_t k = 0; k < 6 && rows[i].events[k]; k++)
            hear(&t, rows[i].events[k], rows[i].part);
        assert_int_equal(t.halves.n, 0);
        assert_string_equal(t.said, rows[i].said);
    }
}

/* Of two choices each has its own. */
static void choices_are_apart(void **state)
{
    (void)state;
    struct told t = {.said = ""};
    arena_init(&t.a, 1 << 20);
    hear(&t, "{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"}}", SPOKEN_TEXT);
    hear(&t, "{\"delta\":{\"content\":\"x\"},\"index\":1}", SPOKEN_TEXT);
    hear(&t, "{\"index\":0,\"delta\":{\"content\":\"\\ude00\"}}", SPOKEN_TEXT);
    assert_string_equal(t.said, "|x|" GRIN "|");
}

/* One more than are kept. */
static void too_many_are_unknown(void **state)
{
    (void)state;
    struct told t = {.said = ""};
    char event[128];
    arena_init(&t.a, 1 << 20);
    for (unsigned i = 0; i <= SPOKEN_MOST_HALVES; i++) {
        snprintf(event, sizeof event,
                 "{\"index\":%u,\"delta\":{\"content\":\"\\ud83d\"}}", i);
        hear(&t, event, SPOKEN_TEXT);
    }
    assert_string_equal(t.said, "||||" UNKNOWN "|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_is_whole_again),
        cmocka_unit_test(choices_are_apart),
        cmocka_unit_test(too_many_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
