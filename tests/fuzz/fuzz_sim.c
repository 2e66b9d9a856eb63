/* fuzz_sim.c -- any bytes as a request that the simulator checks as a vendor does, and as
 * a rule of a script.
 *
 * The first byte says which: the dialect by its letter, 's' a rule. */
#include "sim/check.h"
#include "sim/play.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static void check(enum dialect_id id, struct str body)
{
    char room[SIM_MESSAGE_BYTES] = "";
    struct arena a;
    struct buf out;
    struct sim_trouble t;
    const struct dialect d = {.id = id};
    const struct sim_directives asked = {.checks = SIM_STRICT,
                                         .wants_signed_calls = true};
    arena_init(&a, ARENA_BYTES);
    buf_init(&out, ARENA_BYTES);
    const struct sim_checking c = {.dialect = &d,
                                   .surface = SURFACE_CHAT,
                                   .body = body,
                                   .version = STR("2023-06-01"),
                                   .asked = &asked,
                                   .arena = &a};
    if (sim_check(&c, &t, room)) {
        struct json_cur cur;
        sim_trouble_write(&t, &out);
        json_begin(&cur, buf_view(&out));
        json_skip(&cur, NULL);
        if (t.status < 400 || json_finish(&cur, NULL) != 0)
            abort(); /* a refusal is an error with a body that can be read */
    }
    buf_release(&out);
    arena_reset(&a);
}

static void play(struct str raw)
{
    struct arena a;
    struct err err = {0};
    struct sim_rule *first = NULL, **tail = &first;
    struct sim_heard heard;
    struct sim_turn turn = {0};
    struct piece piece = {.kind = PIECE_TEXT,
                          .text = JSON_TEXT("create a.sh with hi, run it")};
    struct message message = {.speaker = SPEAKER_USER, .pieces = &piece, .npieces = 1};
    struct tool tools[] = {{.name = STR("f")},
                           {.kind = TOOL_CUSTOM, .name = STR("patch")}};
    const struct conversation said = {
        .messages = &message, .nmessages = 1, .tools = tools, .ntools = 2};
    arena_init(&a, ARENA_BYTES);
    if (sim_rule_read(raw, &a, &tail, &err) == 0 &&
        sim_hear(&heard, &said, STR("m"), &a, &err) == 0 &&
        sim_rules_play(first, &heard, &a, &turn, &err) == 1) {
        struct sim_choice choice = {.parts = turn.parts, .nparts = turn.nparts};
        for (size_t i = 0; i < turn.nparts; i++) {
            struct sim_part *part = &turn.parts[i];
            size_t n = 0;
            while (part->sent < part->text.n)
                n += sim_part_next(part).n;
            if (n != part->text.n)
                abort(); /* the pieces joined are the text */
        }
        sim_choice_cut(&choice, 3);
    }
    sim_rules_release(first);
    arena_reset(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char letters[DIALECT_COUNT + 1] = "crago"; /* in the order of the ids */
    const char *bytes = (const void *)data;
    const char *letter = size ? memchr(letters, bytes[0], DIALECT_COUNT) : NULL;
    if (size == 0)
        return 0;
    struct str rest = {bytes + 1, size - 1};
    if (letter)
        check((enum dialect_id)(letter - letters), rest);
    else
        play(rest);
    return 0;
}
