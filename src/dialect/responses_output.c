/* responses_output.c -- items and responses as JSON. */
#include "dialect/responses_output.h"

#include "core/clock.h"
#include "core/mem.h"
#include "json/write.h"

static void release_item(struct output_item *i)
{
    struct buf *const bufs[] = {&i->text,   &i->refusal, &i->annotations, &i->logprobs,
                                &i->sealed, &i->call_id, &i->name,        &i->ns};
    for (size_t k = 0; k < ARRAY_LEN(bufs); k++)
        buf_release(bufs[k]);
}

void output_release(struct output *o)
{
    for (size_t i = 0; i < o->nitems; i++)
        release_item(&o->items[i]);
    mem_free(o->items);
}

/* -- items
 * --------------------------------------------------------------------------------
 */

static void write_text(const char *key, struct str inside, struct buf *out)
{
    buf_byte(out, '"');
    buf_append(out, str_of(key));
    buf_lit(out, "\":\"");
    buf_append(out, inside);
    buf_byte(out, '"');
}

void output_write_part(const struct output_item *item, enum output_part part, bool is_new,
                       struct buf *out)
{
    const struct str nothing = STR("");
    if (part == PART_OF_REFUSAL) {
        buf_lit(out, "{\"type\":\"refusal\",");
        write_text("refusal", is_new ? nothing : buf_view(&item->refusal), out);
        buf_byte(out, '}');
        return;
    }
    buf_lit(out, "{\"type\":\"output_text\",\"annotations\":[");
    buf_append(out, is_new ? nothing : buf_view(&item->annotations));
    buf_lit(out, "],\"logprobs\":[");
    buf_append(out, is_new ? nothing : buf_view(&item->logprobs));
    buf_lit(out, "],");
    write_text("text", is_new ? nothing : buf_view(&item->text), out);
    buf_byte(out, '}');
}

static void write_message(const struct output_item *item, bool is_new, struct buf *out)
{
    buf_lit(out, ",\"role\":\"assistant\",\"content\":[");
    if (!is_new && item->has_text)
        output_write_part(item, PART_OF_TEXT, false, out);
    if (!is_new && item->has_refusal) {
        if (item->has_text)
            buf_byte(out, ',');
        output_write_part(item, PART_OF_REFUSAL, false, out);
    }
    buf_byte(out, ']');
}

/* weir has one text of reasoning, and clients show summaries. */
static void write_reasoning(const struct output_item *item, bool is_new, struct buf *out)
{
    buf_lit(out, ",\"summary\":[");
    if (!is_new && item->text.n) {
        buf_lit(out, "{\"type\":\"summary_text\",");
        write_text("text", buf_view(&item->text), out);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
    if (item->sealed.n) {
        buf_byte(out, ',');
        write_text("encrypted_content", buf_view(&item->sealed), out);
    }
}

/* Of a custom tool there is no input before the call is closed: until then it is inside
 * of a function's arguments. */
static void write_call(const struct output_item *item, bool is_new, struct buf *out)
{
    bool is_custom = item->kind == OUTPUT_CUSTOM;
    bool has_text = !is_new && (!is_custom || item->is_closed);
    buf_byte(out, ',');
    write_text(is_custom ? "input" : "arguments",
               has_text ? buf_view(&item->text) : STR(""), out);
    buf_byte(out, ',');
    write_text("call_id", buf_view(&item->call_id), out);
    buf_byte(out, ',');
    write_text("name", buf_view(&item->name), out);
    if (item->ns.n) {
        buf_byte(out, ',');
        write_text("namespace", buf_view(&item->ns), out);
    }
}

void output_write_item(const struct output *o, size_t item, bool is_new, struct buf *out)
{
    static const char *const types[] = {[OUTPUT_REASONING] = "reasoning",
                                        [OUTPUT_MESSAGE] = "message",
                                        [OUTPUT_CALL] = "function_call",
                                        [OUTPUT_CUSTOM] = "custom_tool_call"};
    const struct output_item *i = &o->items[item];
    bool is_cut = i->is_cut || !i->is_closed;
    buf_byte(out, '{');
    write_text("id", str_of(i->id), out);
    buf_byte(out, ',');
    write_text("type", str_of(types[i->kind]), out);
    buf_byte(out, ',');
    write_text("status",
               is_new   ? STR("in_progress")
               : is_cut ? STR("incomplete")
                        : STR("completed"),
               out);
    if (i->kind == OUTPUT_MESSAGE)
        write_message(i, is_new, out);
    else if (i->kind == OUTPUT_REASONING)
        write_reasoning(i, is_new, out);
    else
        write_call(i, is_new, out);
    buf_byte(out, '}');
}

/* -- the response
 * -------------------------------------------------------------------------
 */

/* Full in each of its members, and 0 where nothing was counted: clients fail where one is
 * missing. */
static void write_usage(const struct usage *u, struct buf *out)
{
    buf_lit(out, "{\"input_tokens\":");
    buf_u64(out, u->input_tokens);
    buf_lit(out, ",\"input_tokens_details\":{\"cached_tokens\":");
    buf_u64(out, u->cached_tokens);
    buf_lit(out, ",\"cache_write_tokens\":");
    buf_u64(out, u->cache_write_tokens);
    buf_lit(out, "},\"output_tokens\":");
    buf_u64(out, u->output_tokens);
    buf_lit(out, ",\"output_tokens_details\":{\"reasoning_tokens\":");
    buf_u64(out, u->reasoning_tokens);
    buf_lit(out, "},\"total_tokens\":");
    buf_u64(out, u->input_tokens + u->output_tokens);
    buf_byte(out, '}');
}

const char *output_status(const struct output *o)
{
    return o->finish == FINISH_LENGTH || o->finish == FINISH_CONTENT_FILTER ? "incomplete"
                                                                            : "completed";
}

static void write_outcome(const struct output *o, const char *status,
                          const struct err *error, struct buf *out)
{
    write_text("status", str_of(status), out);
    buf_lit(out, ",\"completed_at\":");
    if (strcmp(status, "completed") == 0)
        buf_u64(out, clock_wall_ms() / 1000);
    else
        buf_lit(out, "null");
    buf_lit(out, ",\"error\":");
    if (error) {
        buf_printf(out, "{\"code\":\"%s\",\"message\":", responses_error_code(error));
        json_write_string(out, str_of(error->msg));
        buf_byte(out, '}');
    } else {
        buf_lit(out, "null");
    }
    buf_lit(out, ",\"incomplete_details\":");
    if (strcmp(status, "incomplete") == 0)
        buf_printf(out, "{\"reason\":\"%s\"}",
                   o->finish == FINISH_LENGTH ? "max_output_tokens" : "content_filter");
    else
        buf_lit(out, "null");
}

void output_write_response(const struct output *o, const char *status,
                           const struct err *error, struct buf *out)
{
    buf_lit(out, "{\"id\":\"resp_");
    buf_id(out, o->about->id);
    buf_lit(out, "\",\"object\":\"response\",\"created_at\":");
    buf_u64(out, o->created_s);
    buf_lit(out, ",\"model\":");
    json_write_string(out, o->about->model);
    buf_byte(out, ',');
    write_outcome(o, status ? status : output_status(o), error, out);
    buf_byte(out, ',');
    responses_write_asked(o->about->echo, out);
    buf_lit(out, "\"output\":[");
    for (size_t i = 0; i < o->nitems && o->items[i].is_told; i++) {
        if (i)
            buf_byte(out, ',');
        output_write_item(o, i, false, out);
    }
    buf_lit(out, "],\"usage\":");
    if (status && strcmp(status, "in_progress") == 0)
        buf_lit(out, "null");
    else
        write_usage(&o->usage, out);
    buf_byte(out, '}');
}
