/* responses_events.c -- items as they begin and end, and the events that tell of it.
 *
 * One item is told at a time, and closed as soon as the next begins: agents act on it
 * then. A call is closed only when its arguments are whole, for engines may send several
 * calls at once, piece by piece in turn; what comes meanwhile for others waits behind it.
 */
#include "core/id_text.h"
#include "core/mem.h"
#include "dialect/responses_output.h"
#include "json/write.h"

#include <stdio.h>

enum {
    FIRST_ITEMS = 1,
    MAX_ITEMS = 4096,
    MAX_ITEM_BYTES = 256 * 1024 * 1024, /* the decoder bounds events, limits: answers */
    ARENA_SPARE_BYTES = 64 * 1024
};

/* -- events
 * ------------------------------------------------------------------------------
 */

static void begin_event(struct output *o, const char *type, struct buf *out)
{
    const struct str name = str_of(type);
    buf_lit(out, "event: ");
    buf_append(out, name);
    buf_lit(out, "\ndata: {\"type\":\"");
    buf_append(out, name);
    buf_lit(out, "\",\"sequence_number\":");
    buf_u64(out, o->sequence++);
}

static void end_event(struct buf *out)
{
    buf_lit(out, "}\n\n");
}

/* An event of the live item; which part of it it is about is written by the caller. */
static void begin_item_event(struct output *o, const char *type, struct buf *out)
{
    begin_event(o, type, out);
    buf_lit(out, ",\"item_id\":\"");
    buf_append(out, str_of(o->items[o->live].id));
    buf_lit(out, "\",\"output_index\":");
    buf_u64(out, o->live);
}

static void write_string(const char *key, struct str inside, struct buf *out)
{
    buf_lit(out, ",\"");
    buf_append(out, str_of(key));
    buf_lit(out, "\":\"");
    buf_append(out, inside);
    buf_byte(out, '"');
}

static void tell_response(struct output *o, const char *type, const char *status,
                          const struct err *error, struct buf *out)
{
    begin_event(o, type, out);
    buf_lit(out, ",\"response\":");
    output_write_response(o, status, error, out);
    end_event(out);
}

static void tell_item(struct output *o, const char *type, bool is_new, struct buf *out)
{
    if (!o->is_streamed)
        return;
    begin_event(o, type, out);
    buf_lit(out, ",\"output_index\":");
    buf_u64(out, o->live);
    buf_lit(out, ",\"item\":");
    output_write_item(o, o->live, is_new, out);
    end_event(out);
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

/* -- what an item keeps
 * --------------------------------------------------------------------
 */

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

/* Most answers have one to three items; one that is told has one for long. */
static bool has_room(struct output *o)
{
    size_t cap = o->cap ? 2 * o->cap : FIRST_ITEMS;
    if (o->nitems < o->cap)
        return true;
    struct output_item *v =
        cap > MAX_ITEMS ? NULL : mem_realloc(o->items, cap * sizeof *v);
    if (!v)
        return false;
    o->items = v;
    o->cap = cap;
    return true;
}

/* The answer's number makes the id of an item one of its own. */
struct output_item *output_new_item(struct output *o, enum output_kind kind)
{
    static const char *const marks[] = {[OUTPUT_REASONING] = "rs",
                                        [OUTPUT_MESSAGE] = "msg",
                                        [OUTPUT_CALL] = "fc",
                                        [OUTPUT_CUSTOM] = "ctc"};
    if (!has_room(o)) {
        o->failed = true;
        return NULL;
    }
    struct output_item *i = &o->items[o->nitems];
    *i = (struct output_item){.kind = kind};
    snprintf(i->id, sizeof i->id, "%s_%s%04zx", marks[kind], id_text(o->about->id).text,
             o->nitems++);
    struct buf *const bufs[] = {&i->text,   &i->refusal, &i->annotations, &i->logprobs,
                                &i->sealed, &i->call_id, &i->name,        &i->ns};
    for (size_t k = 0; k < ARRAY_LEN(bufs); k++)
        buf_init(bufs[k], MAX_ITEM_BYTES);
    o->held_bytes += sizeof *i;
    return i;
}

struct output_item *output_open_one(struct output *o, enum output_kind kind)
{
    struct output_item *i = o->nitems ? &o->items[o->nitems - 1] : NULL;
    return i && i->kind == kind && !i->is_closed && !i->is_ended ? i : NULL;
}

bool output_is_call(const struct output_item *i)
{
    return i->kind == OUTPUT_CALL || i->kind == OUTPUT_CUSTOM;
}

bool output_is_live(const struct output *o, const struct output_item *i)
{
    return i == &o->items[o->live] && i->is_told;
}

/* -- the live item: more of it
 * --------------------------------------------------------------
 */

static struct output_item *live_item(struct output *o)
{
    return &o->items[o->live];
}

static void write_content_index(const struct output_item *i, struct buf *out)
{
    buf_lit(out, ",\"content_index\":");
    buf_byte(out, i->part == PART_OF_REFUSAL && i->has_text ? '1' : '0');
}

static void tell_part(struct output *o, const char *type, bool is_new, struct buf *out)
{
    const struct output_item *i = live_item(o);
    begin_item_event(o, type, out);
    write_content_index(i, out);
    buf_lit(out, ",\"part\":");
    output_write_part(i, i->part, is_new, out);
    end_event(out);
}

static void close_part(struct output *o, struct buf *out)
{
    struct output_item *i = live_item(o);
    bool is_refusal = i->part == PART_OF_REFUSAL;
    if (i->part != PART_NONE && o->is_streamed) {
        begin_item_event(
            o, is_refusal ? "response.refusal.done" : "response.output_text.done", out);
        write_content_index(i, out);
        write_string(is_refusal ? "refusal" : "text",
                     buf_view(is_refusal ? &i->refusal : &i->text), out);
        if (!is_refusal) {
            buf_lit(out, ",\"logprobs\":[");
            buf_append(out, buf_view(&i->logprobs));
            buf_byte(out, ']');
        }
        end_event(out);
        tell_part(o, "response.content_part.done", false, out);
    }
    i->part = PART_NONE;
}

void output_begin_part(struct output *o, enum output_part part, struct buf *out)
{
    close_part(o, out);
    live_item(o)->part = part;
    if (o->is_streamed)
        tell_part(o, "response.content_part.added", true, out);
}

/* How the next event of a delta begins, as one before it did: its number is another.
 * `rest` is a literal, of the same bytes wherever it is the same pointer. */
static void write_lead(struct output *o, struct str type_twice, struct str rest)
{
    struct output_lead *l = &o->lead;
    struct buf b;
    buf_init_in(&b, sizeof l->text, l->text, sizeof l->text);
    buf_append(&b, type_twice);
    buf_u64(&b, o->sequence);
    l->last_digit = (uint32_t)b.n - 1;
    buf_lit(&b, ",\"item_id\":\"");
    buf_append(&b, str_of(live_item(o)->id));
    buf_lit(&b, "\",\"output_index\":");
    buf_u64(&b, o->live);
    buf_append(&b, rest);
    o->failed |= b.failed;
    l->n = (uint32_t)b.n;
    l->item = o->live;
    l->sequence = o->sequence;
    l->rest = rest.p;
}

/* The number goes up by one; where it gets one more digit, the lead is to be written. */
static void count_up(struct output_lead *l)
{
    char *p = &l->text[l->last_digit];
    l->sequence++;
    while (*p == '9')
        *p-- = '0';
    if (LIKELY(*p >= '0' && *p < '9'))
        ++*p;
    else
        l->rest = NULL;
}

/* begin_item_event() in few steps, for the events of which a stream has most; `rest` goes
 * up to the delta's text. */
static void begin_delta(struct output *o, struct str type_twice, struct str rest,
                        struct buf *out)
{
    struct output_lead *l = &o->lead;
    if (l->rest != rest.p || l->item != o->live || l->sequence != o->sequence)
        write_lead(o, type_twice, rest);
    buf_append(out, (struct str){l->text, l->n});
    o->sequence++;
    count_up(l);
}
#define TYPE_TWICE(type)                                                                 \
    STR("event: " type "\ndata: {\"type\":\"" type "\",\"sequence_number\":")

static void tell_refusal(struct output *o, size_t from, struct buf *out)
{
    const struct output_item *i = live_item(o);
    struct str all = buf_view(&i->refusal);
    begin_item_event(o, "response.refusal.delta", out);
    write_content_index(i, out);
    write_string("delta", str_sub(all, from, all.n), out);
    end_event(out);
}

static void tell_text(struct output *o, struct str more, struct str logprobs,
                      struct buf *out)
{
    begin_delta(o, TYPE_TWICE("response.output_text.delta"),
                STR(",\"content_index\":0,\"delta\":\""), out);
    buf_append(out, more);
    if (LIKELY(!logprobs.n)) {
        buf_lit(out, "\",\"logprobs\":[]}\n\n");
        return;
    }
    buf_lit(out, "\",\"logprobs\":[");
    buf_append(out, logprobs);
    buf_lit(out, "]}\n\n");
}

/* Of the one part of a summary: its text under `key`, or, NULL, the part. */
static void tell_summary(struct output *o, const char *type, const char *key,
                         struct str inside, struct buf *out)
{
    begin_item_event(o, type, out);
    buf_lit(out, ",\"summary_index\":0");
    if (key) {
        write_string(key, inside, out);
    } else {
        buf_lit(out, ",\"part\":{\"type\":\"summary_text\",\"text\":\"");
        buf_append(out, inside);
        buf_lit(out, "\"}");
    }
    end_event(out);
}

static void tell_call(struct output *o, const char *type, const char *key,
                      struct str inside, struct buf *out)
{
    if (!o->is_streamed)
        return;
    begin_item_event(o, type, out);
    write_string(key, inside, out);
    end_event(out);
}

void output_tell_more(struct output *o, size_t from, struct str logprobs, struct buf *out)
{
    const struct output_item *i = live_item(o);
    struct str more = str_sub(buf_view(&i->text), from, i->text.n);
    if (!o->is_streamed)
        return;
    switch (i->kind) {
    case OUTPUT_MESSAGE:
        if (i->part == PART_OF_REFUSAL)
            tell_refusal(o, from, out);
        else
            tell_text(o, more, logprobs, out);
        break;
    case OUTPUT_REASONING:
        if (from == 0)
            tell_summary(o, "response.reasoning_summary_part.added", NULL, STR(""), out);
        begin_delta(o, TYPE_TWICE("response.reasoning_summary_text.delta"),
                    STR(",\"summary_index\":0,\"delta\":\""), out);
        buf_append(out, more);
        buf_lit(out, "\"}\n\n");
        break;
    case OUTPUT_CALL:
        begin_delta(o, TYPE_TWICE("response.function_call_arguments.delta"),
                    STR(",\"delta\":\""), out);
        buf_append(out, more);
        buf_lit(out, "\"}\n\n");
        break;
    case OUTPUT_CUSTOM: /* its input is known when the call is whole */
        break;
    }
}

void output_tell_annotation(struct output *o, size_t index, struct str raw,
                            struct buf *out)
{
    if (!o->is_streamed)
        return;
    begin_item_event(o, "response.output_text.annotation.added", out);
    buf_printf(out,
               ",\"content_index\":0,\"annotation_index\":%zu,\"annotation\":", index);
    buf_append(out, raw);
    end_event(out);
}

/* -- the live item: its beginning and its end
 * ------------------------------------------------
 */

static void tell_annotations(struct output *o, struct buf *out)
{
    struct buf list;
    struct json_cur c;
    struct str one, all = buf_view(&live_item(o)->annotations);
    buf_init(&list, all.n + 2);
    buf_byte(&list, '[');
    buf_append(&list, all);
    buf_byte(&list, ']');
    o->failed |= list.failed;
    if (!list.failed && array_begin(&c, buf_view(&list)))
        for (size_t k = 0; array_next(&c, &one); k++)
            output_tell_annotation(o, k, one, out);
    buf_release(&list);
}

/* As far as it has come. */
static void tell_begun(struct output *o, struct buf *out)
{
    struct output_item *i = live_item(o);
    i->is_told = true;
    tell_item(o, "response.output_item.added", true, out);
    if (i->kind != OUTPUT_MESSAGE) {
        if (i->text.n)
            output_tell_more(o, 0, STR(""), out);
        return;
    }
    if (i->has_text) {
        output_begin_part(o, PART_OF_TEXT, out);
        if (i->text.n)
            output_tell_more(o, 0, buf_view(&i->logprobs), out);
        tell_annotations(o, out);
    }
    if (i->has_refusal) {
        output_begin_part(o, PART_OF_REFUSAL, out);
        output_tell_more(o, 0, STR(""), out);
    }
}

static void close_reasoning(struct output *o, struct buf *out)
{
    struct str text = buf_view(&live_item(o)->text);
    if (!text.n || !o->is_streamed)
        return;
    tell_summary(o, "response.reasoning_summary_text.done", "text", text, out);
    tell_summary(o, "response.reasoning_summary_part.done", NULL, text, out);
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

static void close_call(struct output *o, struct buf *out)
{
    struct output_item *i = live_item(o);
    if (i->kind == OUTPUT_CUSTOM) {
        unwrap_input(o, i);
        struct str input = buf_view(&i->text);
        tell_call(o, "response.custom_tool_call_input.delta", "delta", input, out);
        tell_call(o, "response.custom_tool_call_input.done", "input", input, out);
        return;
    }
    if (i->text.n == 0) { /* it takes nothing */
        output_keep(o, &i->text, STR("{}"));
        output_tell_more(o, 0, STR(""), out);
    }
    if (!o->is_streamed)
        return;
    begin_item_event(o, "response.function_call_arguments.done", out);
    write_string("name", buf_view(&i->name), out);
    write_string("arguments", buf_view(&i->text), out);
    end_event(out);
}

static void close_live(struct output *o, struct buf *out)
{
    struct output_item *i = live_item(o);
    if (i->kind == OUTPUT_MESSAGE)
        close_part(o, out);
    else if (i->kind == OUTPUT_REASONING)
        close_reasoning(o, out);
    else
        close_call(o, out);
    i->is_closed = true;
    tell_item(o, "response.output_item.done", false, out);
    o->live++;
}

void output_advance(struct output *o, struct buf *out)
{
    while (o->live < o->nitems && !o->failed) {
        struct output_item *i = live_item(o);
        bool is_call = output_is_call(i), has_next = o->live + 1 < o->nitems;
        if (is_call && !i->name.n)
            return;
        if (!i->is_told)
            tell_begun(o, out);
        if (!i->is_ended && (!has_next || (is_call && !i->is_whole)))
            return;
        close_live(o, out);
    }
}

void output_close(struct output *o, struct buf *out)
{
    bool is_cut = strcmp(output_status(o), "completed") != 0;
    while (o->live < o->nitems) {
        struct output_item *i = live_item(o);
        bool is_last = o->live + 1 == o->nitems;
        if (!i->is_told)
            tell_begun(o, out);
        i->is_cut = is_cut && (output_is_call(i) ? !i->is_whole : is_last);
        close_live(o, out);
    }
}
