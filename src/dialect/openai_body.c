/* openai_body.c -- see openai_body.h.
 *
 * OpenAI's form has one place for all of a message's reasoning and one for its calls, and
 * none for what makers want back with their thoughts: seals stay here, their texts go. A
 * tool whose input is any text becomes a function with one text, `input`, as few engines
 * know the other kind.  Results of tools are texts: pictures in one come in a message of
 * the user behind the results, which names the call. */
#include "dialect/openai_body.h"

#include "dialect/call_id.h"
#include "dialect/seal.h"
#include "json/write.h"

#include <stdio.h>

static void text(struct json_writer *w, const char *key, struct str s)
{
    if (!s.p)
        return;
    json_key(w, key);
    json_str(w, s);
}

static void raw(struct json_writer *w, const char *key, struct str s)
{
    if (!s.p)
        return;
    json_key(w, key);
    json_raw(w, s);
}

/* -- content ------------------------------------------------------------------------- */

static void write_image(struct json_writer *w, const struct piece *p)
{
    struct buf url;
    buf_init(&url, p->data.n + p->media_type.n + p->url.n + 64);
    if (p->data.n)
        buf_printf(&url, "data:%.*s;base64,", STR_ARG(p->media_type));
    buf_append(&url, p->data.n ? p->data : p->url);
    json_key(w, "image_url");
    json_object_open(w);
    text(w, "url", buf_view(&url));
    json_object_close(w);
    w->out->failed |= url.failed;
    buf_release(&url);
}

static void write_audio(struct json_writer *w, const struct piece *p)
{
    json_key(w, "input_audio");
    json_object_open(w);
    text(w, "data", p->data);
    text(w, "format", p->media_type);
    json_object_close(w);
}

static void write_file(struct json_writer *w, const struct piece *p)
{
    struct buf data;
    buf_init(&data, p->data.n + p->media_type.n + 64);
    json_key(w, "file");
    json_object_open(w);
    text(w, "filename", p->text);
    if (p->data.n) {
        buf_printf(&data, "data:%.*s;base64,", STR_ARG(p->media_type));
        buf_append(&data, p->data);
        text(w, "file_data", buf_view(&data));
    } else {
        text(w, "file_id", p->file_id);
    }
    json_object_close(w);
    w->out->failed |= data.failed;
    buf_release(&data);
}

static bool is_content(const struct piece *p)
{
    return p->kind != PIECE_THOUGHT && p->kind != PIECE_CALL;
}

static bool is_word(const struct piece *p)
{
    return p->kind == PIECE_TEXT || p->kind == PIECE_REFUSAL;
}

static void write_piece(struct json_writer *w, const struct piece *p)
{
    static const char *const types[] = {
        [PIECE_TEXT] = "text", [PIECE_IMAGE] = "image_url", [PIECE_AUDIO] = "input_audio",
        [PIECE_FILE] = "file", [PIECE_REFUSAL] = "refusal",
    };
    json_object_open(w);
    text(w, "type", str_of(types[p->kind]));
    switch (p->kind) {
    case PIECE_TEXT:
        text(w, "text", p->text.p ? p->text : STR(""));
        break;
    case PIECE_REFUSAL:
        text(w, "refusal", p->text);
        break;
    case PIECE_IMAGE:
        write_image(w, p);
        break;
    case PIECE_AUDIO:
        write_audio(w, p);
        break;
    case PIECE_FILE:
        write_file(w, p);
        break;
    case PIECE_THOUGHT:
    case PIECE_CALL:
        break; /* these stand elsewhere */
    }
    json_object_close(w);
}

static void write_content(struct json_writer *w, const struct message *m)
{
    const struct piece *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < m->npieces; i++) {
        n += is_content(&m->pieces[i]);
        first = first || !is_content(&m->pieces[i]) ? first : &m->pieces[i];
    }
    json_key(w, "content");
    if (n == 1 && first->kind == PIECE_TEXT) {
        json_str(w, first->text.p ? first->text : STR(""));
        return;
    }
    if (n == 0) {
        json_write_null(w);
        return;
    }
    json_array_open(w);
    for (size_t i = 0; i < m->npieces; i++)
        if (is_content(&m->pieces[i]))
            write_piece(w, &m->pieces[i]);
    json_array_close(w);
}

/* Of a tool: its words alone, as one text. */
static void write_result(struct json_writer *w, const struct message *m)
{
    bool has_text = false;
    json_key(w, "content");
    buf_byte(w->out, '"');
    if (m->is_error)
        buf_lit(w->out, "Error: ");
    for (size_t i = 0; i < m->npieces; i++) {
        if (!is_word(&m->pieces[i]))
            continue;
        if (has_text)
            json_write_inside(w->out, STR("\n"));
        json_write_inside(w->out, m->pieces[i].text);
        has_text = true;
    }
    if (!has_text && m->npieces)
        buf_lit(w->out, "(what it gave stands in the next message of the user)");
    buf_byte(w->out, '"');
    w->needs_comma = true;
}

/* -- messages ------------------------------------------------------------------------ */

/* {"input":"..."} of a tool that takes any text. */
static void write_arguments(struct json_writer *w, const struct tool_call *c)
{
    struct buf own;
    if (!c->is_custom) {
        text(w, "arguments", c->arguments.n ? c->arguments : STR("{}"));
        return;
    }
    buf_init(&own, 6 * c->arguments.n + 64);
    buf_lit(&own, "{\"" CUSTOM_TOOL_INPUT "\":");
    json_write_string(&own, c->arguments);
    buf_byte(&own, '}');
    text(w, "arguments", buf_view(&own));
    w->out->failed |= own.failed;
    buf_release(&own);
}

/* OpenAI takes ids of at most 64 bytes. */
static void write_id(struct json_writer *w, const char *key, struct str id)
{
    struct buf own;
    buf_init(&own, id.n + 64);
    call_id_write_short(id, &own);
    text(w, key, id.p ? buf_view(&own) : id);
    w->out->failed |= own.failed;
    buf_release(&own);
}

static void write_calls(struct json_writer *w, const struct message *m)
{
    if (m->ncalls == 0)
        return;
    json_key(w, "tool_calls");
    json_array_open(w);
    for (size_t i = 0; i < m->ncalls; i++) {
        json_object_open(w);
        write_id(w, "id", m->calls[i].id);
        text(w, "type", STR("function"));
        json_key(w, "function");
        json_object_open(w);
        text(w, "name", m->calls[i].name);
        write_arguments(w, &m->calls[i]);
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

/* All of its thoughts as one text. */
static void write_reasoning(struct json_writer *w, const struct message *m)
{
    bool is_open = false;
    for (size_t i = 0; i < m->npieces; i++) {
        if (m->pieces[i].kind != PIECE_THOUGHT || !m->pieces[i].text.n)
            continue;
        if (!is_open) {
            json_key(w, "reasoning_content");
            buf_byte(w->out, '"');
        }
        is_open = true;
        json_write_inside(w->out, m->pieces[i].text);
    }
    if (is_open)
        buf_byte(w->out, '"');
    w->needs_comma |= is_open;
}

/* What its engine gave to be given back. */
static void write_details(struct json_writer *w, const struct message *m,
                          struct str issuer)
{
    bool is_open = false;
    struct seal s;
    for (size_t i = 0; i < m->npieces && issuer.n; i++) {
        const struct piece *p = &m->pieces[i];
        if (p->kind != PIECE_THOUGHT || !p->sealed.n || !seal_read(p->sealed, &s) ||
            !str_eq(s.issuer, issuer))
            continue;
        if (!is_open) {
            json_key(w, "reasoning_details");
            json_array_open(w);
        }
        is_open = true;
        json_object_open(w);
        text(w, "type", STR("reasoning.encrypted"));
        text(w, "data", s.payload);
        json_object_close(w);
    }
    if (is_open)
        json_array_close(w);
}

static void write_message(struct json_writer *w, const struct message *m,
                          struct str issuer)
{
    static const char *const roles[] = {
        [SPEAKER_SYSTEM] = "system",
        [SPEAKER_USER] = "user",
        [SPEAKER_MODEL] = "assistant",
        [SPEAKER_TOOL] = "tool",
    };
    json_object_open(w);
    text(w, "role", str_of(roles[m->speaker]));
    if (m->speaker == SPEAKER_TOOL)
        write_result(w, m);
    else
        write_content(w, m);
    write_reasoning(w, m);
    write_details(w, m, issuer);
    write_calls(w, m);
    write_id(w, "tool_call_id", m->result_of);
    text(w, "name", m->name);
    json_object_close(w);
}

static bool has_media(const struct message *m)
{
    for (size_t i = 0; i < m->npieces; i++)
        if (is_content(&m->pieces[i]) && !is_word(&m->pieces[i]))
            return true;
    return false;
}

/* What results of tools had beside words: messages from..to, all of tools. */
static void write_media_of(struct json_writer *w, const struct message *from,
                           const struct message *to)
{
    bool is_open = false;
    for (const struct message *m = from; m < to; m++) {
        if (!has_media(m))
            continue;
        if (!is_open) {
            json_object_open(w);
            text(w, "role", STR("user"));
            json_key(w, "content");
            json_array_open(w);
        }
        is_open = true;
        char of[160];
        int n =
            snprintf(of, sizeof of,
                     "The tool call %.*s gave:", STR_ARG(str_sub(m->result_of, 0, 100)));
        const struct piece head = {.text = {of, (size_t)n}};
        write_piece(w, &head);
        for (size_t i = 0; i < m->npieces; i++)
            if (is_content(&m->pieces[i]) && !is_word(&m->pieces[i]))
                write_piece(w, &m->pieces[i]);
    }
    if (!is_open)
        return;
    json_array_close(w);
    json_object_close(w);
}

static void write_messages(struct json_writer *w, const struct conversation *c,
                           struct str issuer)
{
    const struct message *end = c->messages + c->nmessages;
    for (const struct message *m = c->messages, *next; m < end; m = next) {
        for (next = m; next < end && next->speaker == SPEAKER_TOOL; next++)
            write_message(w, next, issuer);
        if (next > m)
            write_media_of(w, m, next);
        else
            write_message(w, next++, issuer);
    }
}

/* -- the rest --------------------------------------------------------------------------
 */

static void write_tools(struct json_writer *w, const struct conversation *c)
{
    if (c->ntools == 0)
        return;
    json_key(w, "tools");
    json_array_open(w);
    for (size_t i = 0; i < c->ntools; i++) {
        json_object_open(w);
        text(w, "type", STR("function"));
        json_key(w, "function");
        json_object_open(w);
        text(w, "name", c->tools[i].name);
        text(w, "description", c->tools[i].description);
        raw(w, "parameters",
            c->tools[i].kind == TOOL_CUSTOM ? STR(CUSTOM_TOOL_SCHEMA)
                                            : c->tools[i].parameters);
        raw(w, "strict", c->tools[i].strict);
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_choice(struct json_writer *w, const struct conversation *c)
{
    static const char *const words[] = {[CHOICE_UNSAID] = NULL,
                                        [CHOICE_AUTO] = "auto",
                                        [CHOICE_NONE] = "none",
                                        [CHOICE_REQUIRED] = "required",
                                        [CHOICE_NAMED] = NULL};
    if (words[c->choice])
        text(w, "tool_choice", str_of(words[c->choice]));
    if (c->choice != CHOICE_NAMED)
        return;
    json_key(w, "tool_choice");
    json_object_open(w);
    text(w, "type", STR("function"));
    json_key(w, "function");
    json_object_open(w);
    text(w, "name", c->choice_name);
    json_object_close(w);
    json_object_close(w);
}

static void write_format(struct json_writer *w, const struct conversation *c)
{
    if (c->format == FORMAT_TEXT)
        return;
    json_key(w, "response_format");
    json_object_open(w);
    text(w, "type", c->format == FORMAT_JSON ? STR("json_object") : STR("json_schema"));
    if (c->format == FORMAT_SCHEMA) {
        json_key(w, "json_schema");
        json_object_open(w);
        text(w, "name", c->schema_name.n ? c->schema_name : STR("answer"));
        raw(w, "schema", c->schema);
        raw(w, "strict", c->schema_strict);
        json_object_close(w);
    }
    json_object_close(w);
}

static void write_sampling(struct json_writer *w, const struct conversation *c)
{
    static const char *const names[SAMPLING_COUNT] = {
        [SAMPLING_TEMPERATURE] = "temperature",
        [SAMPLING_TOP_P] = "top_p",
        [SAMPLING_TOP_K] = "top_k",
        [SAMPLING_MIN_P] = "min_p",
        [SAMPLING_SEED] = "seed",
        [SAMPLING_FREQUENCY_PENALTY] = "frequency_penalty",
        [SAMPLING_PRESENCE_PENALTY] = "presence_penalty",
    };
    for (int i = 0; i < SAMPLING_COUNT; i++)
        raw(w, names[i], c->sampling[i]);
    if (c->max_output_tokens >= 0) {
        json_key(w, "max_tokens");
        json_i64(w, c->max_output_tokens);
    }
    if (c->nstops == 0)
        return;
    json_key(w, "stop");
    json_array_open(w);
    for (size_t i = 0; i < c->nstops; i++)
        json_str(w, c->stops[i]);
    json_array_close(w);
}

static void write_other(struct json_writer *w, const struct other_member *m)
{
    if (w->needs_comma)
        buf_byte(w->out, ',');
    json_write_string(w->out, m->name);
    buf_byte(w->out, ':');
    w->needs_comma = false;
    json_raw(w, m->value);
}

/* The form has words for how long a model may think, and no number. */
static struct str effort_of(const struct conversation *c)
{
    enum { LITTLE_TOKENS = 4096, SOME_TOKENS = 16384 };
    if (c->thinking_budget == 0)
        return STR("none");
    if (c->effort.n)
        return c->effort;
    return c->thinking_budget == THINKING_UNSAID ? (struct str){NULL, 0}
           : c->thinking_budget <= LITTLE_TOKENS ? STR("low")
           : c->thinking_budget <= SOME_TOKENS   ? STR("medium")
                                                 : STR("high");
}

void openai_write_body(const struct conversation *c, struct str model, bool is_stream,
                       struct str issuer, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    text(&w, "model", model);
    json_key(&w, "messages");
    json_array_open(&w);
    write_messages(&w, c, issuer);
    json_array_close(&w);
    if (is_stream) {
        json_key(&w, "stream");
        json_bool(&w, true);
    }
    write_tools(&w, c);
    write_choice(&w, c);
    write_format(&w, c);
    write_sampling(&w, c);
    text(&w, "reasoning_effort", effort_of(c));
    for (size_t i = 0; i < c->nothers; i++)
        write_other(&w, &c->others[i]);
    json_object_close(&w);
}
