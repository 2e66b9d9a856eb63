/* anthropic_reader.h -- a stream as a client of Anthropic reads it, stricter than the
 * SDKs: the order of events, one open block at a time, indices without gaps, deltas of
 * the block's own type, one end.  For tests, and for fuzzing the encoder.
 *
 * What was read is written down shortly, one word a step:
 *   `(` the message begins   `T` `H` `R` `C:name` a block begins: text, thought, hidden
 *   thought, call   "..." a delta's text   `s:...` a signature   `.` the block ends
 *   `):reason` the message ends   `!` an error   `~` a ping */
#ifndef WEIR_TEST_ANTHROPIC_READER_H
#define WEIR_TEST_ANTHROPIC_READER_H

#include "core/buf.h"
#include "json/scan.h"

struct anthropic_reader {
    bool is_begun, is_ended, has_delta;
    int64_t nblocks; /* that have begun */
    char open;       /* the open block's letter, or 0 */
    struct buf said;
};

/* The raw value without its quotes. */
static inline struct str anthropic_bare(struct str object, const char *key)
{
    struct str raw = json_get(object, key);
    return raw.n >= 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1) : raw;
}

static inline bool anthropic_index_is(struct str data, int64_t wanted)
{
    int64_t n;
    struct str raw = json_get(data, "index");
    return raw.p && json_to_i64(raw, &n) && n == wanted;
}

static inline const char *anthropic_begin_block(struct anthropic_reader *r,
                                                struct str data)
{
    struct str block = json_get(data, "content_block");
    struct str type = anthropic_bare(block, "type");
    if (r->open)
        return "a block begins in another";
    if (!anthropic_index_is(data, r->nblocks))
        return "a gap in the indices";
    r->nblocks++;
    r->open = str_eqz(type, "text")                ? 'T'
              : str_eqz(type, "thinking")          ? 'H'
              : str_eqz(type, "redacted_thinking") ? 'R'
              : str_eqz(type, "tool_use")          ? 'C'
                                                   : 0;
    buf_printf(&r->said, "%c", r->open);
    if (r->open == 'C') {
        if (!str_eqz(json_get(block, "input"), "{}") || !anthropic_bare(block, "id").n)
            return "a call without an id, or with an input at its start";
        buf_printf(&r->said, ":%.*s", STR_ARG(anthropic_bare(block, "name")));
    }
    if (r->open == 'R')
        buf_printf(&r->said, "s:%.*s", STR_ARG(anthropic_bare(block, "data")));
    if (r->open == 'T' && !str_eqz(json_get(block, "text"), "\"\""))
        return "a text that is not empty at its start";
    if (r->open == 'H' && (!str_eqz(json_get(block, "thinking"), "\"\"") ||
                           !str_eqz(json_get(block, "signature"), "\"\"")))
        return "a thought that is not empty at its start";
    return r->open ? NULL : "a block of no known type";
}

static inline const char *anthropic_delta(struct anthropic_reader *r, struct str data)
{
    static const struct {
        const char *type, *member;
        char of;
    } rows[] = {{"text_delta", "text", 'T'},
                {"thinking_delta", "thinking", 'H'},
                {"signature_delta", "signature", 'H'},
                {"input_json_delta", "partial_json", 'C'}};
    struct str delta = json_get(data, "delta"), type = anthropic_bare(delta, "type");
    if (!r->open || !anthropic_index_is(data, r->nblocks - 1))
        return "a delta of a block that is not open";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!str_eqz(type, rows[i].type))
            continue;
        struct str text = anthropic_bare(delta, rows[i].member);
        if (rows[i].of != r->open || !text.p)
            return "a delta of another kind of block";
        if (i == 2)
            buf_printf(&r->said, "s:%.*s", STR_ARG(text));
        else
            buf_printf(&r->said, "\"%.*s\"", STR_ARG(text));
        return NULL;
    }
    return "a delta of no known type";
}

static inline const char *anthropic_end_block(struct anthropic_reader *r, struct str data)
{
    if (!r->open || !anthropic_index_is(data, r->nblocks - 1))
        return "the end of a block that is not open";
    r->open = 0;
    buf_byte(&r->said, '.');
    return NULL;
}

static inline const char *anthropic_event(struct anthropic_reader *r, struct str type,
                                          struct str data)
{
    if (!str_eq(anthropic_bare(data, "type"), type))
        return "the event's name is not its type";
    if (str_eqz(type, "ping")) {
        buf_byte(&r->said, '~');
        return NULL;
    }
    if (str_eqz(type, "error")) {
        r->is_ended = true;
        buf_byte(&r->said, '!');
        return NULL;
    }
    if (str_eqz(type, "message_start")) {
        struct str message = json_get(data, "message");
        if (r->is_begun || !str_eqz(json_get(message, "content"), "[]") ||
            !json_get(json_get(message, "usage"), "input_tokens").p)
            return "no good begin of a message";
        r->is_begun = true;
        buf_byte(&r->said, '(');
        return NULL;
    }
    if (!r->is_begun || r->has_delta == !str_eqz(type, "message_stop"))
        return "an event in the wrong place";
    if (str_eqz(type, "content_block_start"))
        return anthropic_begin_block(r, data);
    if (str_eqz(type, "content_block_delta"))
        return anthropic_delta(r, data);
    if (str_eqz(type, "content_block_stop"))
        return anthropic_end_block(r, data);
    if (r->open)
        return "the message ends in a block";
    if (str_eqz(type, "message_delta")) {
        r->has_delta = true;
        buf_printf(&r->said, "):%.*s",
                   STR_ARG(anthropic_bare(json_get(data, "delta"), "stop_reason")));
        return json_get(json_get(data, "usage"), "output_tokens").p ? NULL : "no usage";
    }
    r->is_ended = str_eqz(type, "message_stop");
    return r->is_ended ? NULL : "an event of no known type";
}

/* Reads all of a stream; NULL, or what is wrong with it. */
static inline const char *anthropic_read(struct anthropic_reader *r, struct str stream)
{
    while (stream.n) {
        ptrdiff_t end = str_find(stream, STR("\n\n"));
        struct str frame = str_sub(stream, 0, end < 0 ? stream.n : (size_t)end);
        ptrdiff_t line = str_index(frame, '\n');
        struct str name = str_sub(frame, 0, line < 0 ? 0 : (size_t)line);
        struct str data = str_sub(frame, name.n + 1, frame.n);
        if (end < 0 || !str_starts(name, STR("event: ")) ||
            !str_starts(data, STR("data: ")) || str_index(data, '\n') >= 0)
            return "a frame that is not an event line and a data line";
        if (r->is_ended)
            return "an event behind the end";
        const char *fault =
            anthropic_event(r, str_sub(name, 7, name.n), str_sub(data, 6, data.n));
        if (fault)
            return fault;
        stream = str_sub(stream, (size_t)end + 2, stream.n);
    }
    return NULL;
}

#endif
