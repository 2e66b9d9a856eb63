/* responses_events.c -- items as they begin and end, and the events that tell of it.
 *
 * An item is closed as soon as the next begins: agents act on it then.  A call is closed
 * only when its arguments are whole, for engines may send several calls at once, piece by
 * piece in turn; until then it stays open beside what follows. */
#include "core/mem.h"
#include "dialect/responses_output.h"
#include "json/write.h"

enum {
    MAX_ITEMS = 4096,
    MAX_ITEM_BYTES = 256 * 1024 * 1024, /* the decoder bounds events, limits: answers */
    ARENA_SPARE_BYTES = 64 * 1024
};

static struct output_item *item_at(struct output *o, size_t i)
{
    return &o->items[i];
}

/* -- events
 * ------------------------------------------------------------------------------- */

/* Only where the answer is streamed; output_end_event() closes it. */
static void begin_event(struct output *o, const char *type, struct buf *out)
{
    buf_printf(out, "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%llu", type,
               type, (unsigned long long)o->sequence++);
}

void output_end_event(struct buf *out)
{
    buf_lit(out, "}\n\n");
}

/* An event of an item; which part of it it is about is written by the caller. */
void output_begin_event(struct output *o, const char *type, size_t i, struct buf *out)
{
    begin_event(o, type, out);
    buf_lit(out, ",\"item_id\":\"");
    output_write_id(o, i, out);
    buf_printf(out, "\",\"output_index\":%zu", i);
}

void output_write_string(const char *key, struct str inside, struct buf *out)
{
    buf_printf(out, ",\"%s\":\"", key);
    buf_append(out, inside);
    buf_byte(out, '"');
}

static void tell_response(struct output *o, const char *type, const char *status,
                          const struct err *error, struct buf *out)
{
    begin_event(o, type, out);
    buf_lit(out, ",\"response\":");
    output_write_response(o, status, error, out);
    output_end_event(out);
}

void output_tell_item(struct output *o, const char *type, size_t i, bool is_new,
                      struct buf *out)
{
    if (!o->is_streamed)
        return;
    begin_event(o, type, out);
    buf_printf(out, ",\"output_index\":%zu,\"item\":", i);
    output_write_item(o, i, is_new, out);
    output_end_event(out);
}

void output_begin(struct output *o, struct str data, struct buf *out)
{
    uint64_t created;
    if (o->has_begun)
        return;
    o->has_begun = true;
    if (data.n && str_to_u64(json_get(data, "created"), &created))
        o->created_s = created;
    if (!o->is_streamed)
        return;
    tell_response(o, "response.created", "in_progress", NULL, out);
    tell_response(o, "response.in_progress", "in_progress", NULL, out);
}

void output_end(struct output *o, const struct err *error, struct buf *out)
{
    bool is_whole = strcmp(output_status(o), "completed") == 0;
    if (error)
        tell_response(o, "response.failed", "failed", error, out);
    else
        tell_response(o, is_whole ? "response.completed" : "response.incomplete", NULL,
                      NULL, out);
    out->failed |= o->failed;
}

/* -- items
 * -------------------------------------------------------------------------------- */

void output_keep(struct output *o, struct buf *b, struct str s)
{
    buf_append(b, s);
    o->held_bytes += s.n;
    o->failed |= b->failed;
}

void output_keep_inside(struct output *o, struct buf *b, struct str s)
{
    size_t before = b->n;
    json_write_inside(b, s);
    o->held_bytes += b->n - before;
    o->failed |= b->failed;
}

struct output_item *output_new_item(struct output *o, enum output_kind kind)
{
    if (!mem_room(&o->items, sizeof *o->items, o->nitems, &o->cap, MAX_ITEMS)) {
        o->failed = true;
        return NULL;
    }
    struct output_item *i = &o->items[o->nitems++];
    *i = (struct output_item){.kind = kind};
    struct buf *const bufs[] = {&i->text,   &i->refusal, &i->annotations, &i->logprobs,
                                &i->sealed, &i->call_id, &i->name,        &i->ns};
    for (size_t k = 0; k < ARRAY_LEN(bufs); k++)
        buf_init(bufs[k], MAX_ITEM_BYTES);
    o->held_bytes += sizeof *i;
    return i;
}

size_t output_content_index(const struct output_item *i, enum output_part part)
{
    return part == PART_OF_REFUSAL && i->has_text ? 1 : 0;
}

void output_tell_part(struct output *o, const char *type, size_t i, bool is_new,
                      struct buf *out)
{
    const struct output_item *item = item_at(o, i);
    output_begin_event(o, type, i, out);
    buf_printf(
        out, ",\"content_index\":%zu,\"part\":", output_content_index(item, item->part));
    output_write_part(item, item->part, is_new, out);
    output_end_event(out);
}

void output_close_part(struct output *o, size_t i, struct buf *out)
{
    struct output_item *item = item_at(o, i);
    bool is_refusal = item->part == PART_OF_REFUSAL;
    if (item->part != PART_NONE && o->is_streamed) {
        output_begin_event(
            o, is_refusal ? "response.refusal.done" : "response.output_text.done", i,
            out);
        buf_printf(out, ",\"content_index\":%zu", output_content_index(item, item->part));
        output_write_string(is_refusal ? "refusal" : "text",
                            buf_view(is_refusal ? &item->refusal : &item->text), out);
        if (!is_refusal) {
            buf_lit(out, ",\"logprobs\":[");
            buf_append(out, buf_view(&item->logprobs));
            buf_byte(out, ']');
        }
        output_end_event(out);
        output_tell_part(o, "response.content_part.done", i, false, out);
    }
    item->part = PART_NONE;
}

void output_tell_summary(struct output *o, const char *type, size_t i, const char *key,
                         struct str inside, struct buf *out)
{
    if (!o->is_streamed)
        return;
    output_begin_event(o, type, i, out);
    buf_lit(out, ",\"summary_index\":0");
    if (key) {
        output_write_string(key, inside, out);
    } else {
        buf_lit(out, ",\"part\":{\"type\":\"summary_text\",\"text\":\"");
        buf_append(out, inside);
        buf_lit(out, "\"}");
    }
    output_end_event(out);
}

static void close_reasoning(struct output *o, size_t i, struct buf *out)
{
    struct str text = buf_view(&item_at(o, i)->text);
    if (!text.n)
        return;
    output_tell_summary(o, "response.reasoning_summary_text.done", i, "text", text, out);
    output_tell_summary(o, "response.reasoning_summary_part.done", i, NULL, text, out);
}

void output_tell_call(struct output *o, const char *type, size_t i, const char *key,
                      struct str inside, struct buf *out)
{
    if (!o->is_streamed)
        return;
    output_begin_event(o, type, i, out);
    output_write_string(key, inside, out);
    output_end_event(out);
}

/* Custom tools went to the engine as functions of one text. */
static void unwrap_input(struct output *o, struct output_item *item)
{
    struct arena a;
    struct buf raw = item->text;
    struct json_cur c;
    struct json_string s;
    struct str input = buf_view(&raw);
    struct str own = json_get(input, CUSTOM_TOOL_INPUT);
    arena_init(&a, raw.n + ARENA_SPARE_BYTES);
    buf_init(&item->text, MAX_ITEM_BYTES);
    if (raw_is(own, '"')) {
        json_begin(&c, own);
        json_read_string(&c, &s);
        input = json_unescape(&a, s);
        o->failed |= !input.p;
    }
    output_keep_inside(o, &item->text, input);
    arena_reset(&a);
    buf_release(&raw);
}

static void close_call(struct output *o, size_t i, struct buf *out)
{
    struct output_item *item = item_at(o, i);
    if (item->kind == OUTPUT_CUSTOM) {
        unwrap_input(o, item);
        output_tell_call(o, "response.custom_tool_call_input.delta", i, "delta",
                         buf_view(&item->text), out);
        output_tell_call(o, "response.custom_tool_call_input.done", i, "input",
                         buf_view(&item->text), out);
        return;
    }
    if (item->text.n == 0) { /* it takes nothing */
        output_keep(o, &item->text, STR("{}"));
        output_tell_call(o, "response.function_call_arguments.delta", i, "delta",
                         STR("{}"), out);
    }
    if (!o->is_streamed)
        return;
    output_begin_event(o, "response.function_call_arguments.done", i, out);
    output_write_string("name", buf_view(&item->name), out);
    output_write_string("arguments", buf_view(&item->text), out);
    output_end_event(out);
}

static void close_item(struct output *o, size_t i, struct buf *out)
{
    switch (item_at(o, i)->kind) {
    case OUTPUT_MESSAGE:
        output_close_part(o, i, out);
        break;
    case OUTPUT_REASONING:
        close_reasoning(o, i, out);
        break;
    default:
        close_call(o, i, out);
        break;
    }
    item_at(o, i)->is_closed = true;
    output_tell_item(o, "response.output_item.done", i, false, out);
}

bool output_is_call(const struct output_item *i)
{
    return i->kind == OUTPUT_CALL || i->kind == OUTPUT_CUSTOM;
}

void output_close_whole(struct output *o, struct buf *out)
{
    for (size_t i = o->first_open; i < o->nitems; i++) {
        struct output_item *item = item_at(o, i);
        if (!item->is_closed &&
            (!output_is_call(item) || (item->is_whole && item->name.n)))
            close_item(o, i, out);
    }
    while (o->first_open < o->nitems && item_at(o, o->first_open)->is_closed)
        o->first_open++;
}

void output_close(struct output *o, struct buf *out)
{
    bool is_cut = strcmp(output_status(o), "completed") != 0;
    for (size_t i = o->first_open; i < o->nitems; i++) {
        struct output_item *item = item_at(o, i);
        if (item->is_closed)
            continue;
        item->is_cut = is_cut && !item->is_whole;
        close_item(o, i, out);
    }
    o->first_open = o->nitems;
}

struct output_item *output_open_one(struct output *o, enum output_kind kind)
{
    struct output_item *i = o->nitems ? item_at(o, o->nitems - 1) : NULL;
    return i && i->kind == kind && !i->is_closed ? i : NULL;
}
