/* openai_body.c -- see openai_body.h.
 *
 * OpenAI's form has one place for all of a message's reasoning and one for its calls, and
 * none for what makers want back with their thoughts: seals stay here, their texts go. A
 * tool whose input is any text becomes a function with one text, `input`, as few engines
 * know the other kind.  Results of tools are texts: pictures in one come in a message of
 * the user behind the results, which names the call. */
#include "dialect/openai_body.h"

#include "dialect/body.h"
#include "dialect/call_id.h"
#include "dialect/openai_view.h"
#include "dialect/seal.h"
#include "json/write.h"

#include <stdio.h>

enum { ROOM_BYTES = 4096, SPARE_BYTES = 64 * 1024, MAX_TIMES = 8 };

/* The body in the making, and where its members come to stand. */
struct made_body {
    const struct conversation *c;
    struct str issuer; /* whose seals the engine may have back */
    struct json_writer w;
    struct openai_view view;
    size_t at, value_at;           /* of the newest member */
    size_t system_from, system_to; /* of the first instructions */
    struct err *err;
    struct body_names names; /* last: not cleared */
};

static void begin_member(struct made_body *b, const char *name)
{
    const struct json_string own = {str_of(name), false};
    (void)body_note_name(&b->names, SHAPE_BODY, own, b->err); /* each once */
    b->at = b->w.out->n + b->w.needs_comma;
    json_key(&b->w, name);
    b->value_at = b->w.out->n;
}

static void end_member(const struct made_body *b, struct member *ret)
{
    *ret = (struct member){.at = (uint32_t)b->at,
                           .value_at = (uint32_t)b->value_at,
                           .end = (uint32_t)b->w.out->n};
}

static void text(struct json_writer *w, const char *key, struct str s)
{
    if (!s.p)
        return;
    json_key(w, key);
    json_str(w, s);
}

static void words(struct json_writer *w, const char *key, struct json_text t)
{
    if (!t.raw.p)
        return;
    json_key(w, key);
    json_text(w, t);
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
    text(w, "filename", p->file_name);
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
        words(w, "text", p->text.raw.p ? p->text : JSON_TEXT(""));
        break;
    case PIECE_REFUSAL:
        words(w, "refusal", p->text);
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
    if (n == 1 && first->kind == PIECE_TEXT) {
        json_text(w, first->text.raw.p ? first->text : JSON_TEXT(""));
        return;
    }
    if (n == 0 && m->ncalls) {
        json_write_null(w);
        return;
    }
    if (n == 0) { /* OpenAI wants one of them: a text or calls */
        json_str(w, STR(""));
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
    buf_byte(w->out, '"');
    if (m->is_error)
        buf_lit(w->out, "Error: ");
    for (size_t i = 0; i < m->npieces; i++) {
        if (!is_word(&m->pieces[i]))
            continue;
        if (has_text)
            buf_lit(w->out, "\\n");
        buf_append(w->out, m->pieces[i].text.raw);
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
        if (m->pieces[i].kind != PIECE_THOUGHT || !m->pieces[i].thought.n)
            continue;
        if (!is_open) {
            json_key(w, "reasoning_content");
            buf_byte(w->out, '"');
        }
        is_open = true;
        json_write_inside(w->out, m->pieces[i].thought);
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

static void write_message(struct made_body *b, const struct message *m)
{
    static const char *const roles[] = {
        [SPEAKER_SYSTEM] = "system",
        [SPEAKER_USER] = "user",
        [SPEAKER_MODEL] = "assistant",
        [SPEAKER_TOOL] = "tool",
    };
    struct json_writer *w = &b->w;
    json_object_open(w);
    text(w, "role", str_of(roles[m->speaker]));
    json_key(w, "content");
    const size_t from = w->out->n;
    if (m->speaker == SPEAKER_TOOL)
        write_result(w, m);
    else
        write_content(w, m);
    if (m->speaker == SPEAKER_SYSTEM && b->system_to == 0) {
        b->system_from = from;
        b->system_to = w->out->n;
    }
    write_reasoning(w, m);
    write_details(w, m, b->issuer);
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
        json_object_open(w);
        text(w, "type", STR("text"));
        text(w, "text", (struct str){of, (size_t)n});
        json_object_close(w);
        for (size_t i = 0; i < m->npieces; i++)
            if (is_content(&m->pieces[i]) && !is_word(&m->pieces[i]))
                write_piece(w, &m->pieces[i]);
    }
    if (!is_open)
        return;
    json_array_close(w);
    json_object_close(w);
}

static void write_messages(struct made_body *b)
{
    const struct conversation *c = b->c;
    const struct message *end = c->messages + c->nmessages;
    begin_member(b, "messages");
    json_array_open(&b->w);
    for (const struct message *m = c->messages, *next; m < end; m = next) {
        for (next = m; next < end && next->speaker == SPEAKER_TOOL; next++)
            write_message(b, next);
        if (next > m)
            write_media_of(&b->w, m, next);
        else
            write_message(b, next++);
    }
    json_array_close(&b->w);
    end_member(b, &b->view.messages_at);
}

/* -- the rest --------------------------------------------------------------------------
 */

static void write_tools(struct made_body *b)
{
    const struct conversation *c = b->c;
    struct json_writer *w = &b->w;
    if (c->ntools == 0)
        return;
    begin_member(b, "tools");
    json_array_open(w);
    for (size_t i = 0; i < c->ntools; i++) {
        json_object_open(w);
        text(w, "type", STR("function"));
        json_key(w, "function");
        json_object_open(w);
        text(w, "name", c->tools[i].name);
        words(w, "description", c->tools[i].description);
        raw(w, "parameters",
            c->tools[i].kind == TOOL_CUSTOM ? STR(CUSTOM_TOOL_SCHEMA)
                                            : c->tools[i].parameters);
        raw(w, "strict", c->tools[i].strict);
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_choice(struct made_body *b)
{
    const struct conversation *c = b->c;
    struct json_writer *w = &b->w;
    static const char *const words[] = {[CHOICE_UNSAID] = NULL,
                                        [CHOICE_AUTO] = "auto",
                                        [CHOICE_NONE] = "none",
                                        [CHOICE_REQUIRED] = "required",
                                        [CHOICE_NAMED] = NULL};
    if (c->choice == CHOICE_UNSAID)
        return;
    begin_member(b, "tool_choice");
    if (c->choice != CHOICE_NAMED) {
        json_str(w, str_of(words[c->choice]));
        return;
    }
    json_object_open(w);
    text(w, "type", STR("function"));
    json_key(w, "function");
    json_object_open(w);
    text(w, "name", c->choice_name);
    json_object_close(w);
    json_object_close(w);
}

static void write_format(struct made_body *b)
{
    const struct conversation *c = b->c;
    struct json_writer *w = &b->w;
    if (c->format == FORMAT_TEXT)
        return;
    begin_member(b, "response_format");
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

static void write_sampling(struct made_body *b)
{
    const struct conversation *c = b->c;
    struct json_writer *w = &b->w;
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
        if (c->sampling[i].p) {
            begin_member(b, names[i]);
            json_raw(w, c->sampling[i]);
        }
    if (c->max_output_tokens >= 0) {
        begin_member(b, "max_tokens");
        json_i64(w, c->max_output_tokens);
    }
    if (c->nstops == 0)
        return;
    begin_member(b, "stop");
    json_array_open(w);
    for (size_t i = 0; i < c->nstops; i++)
        json_str(w, c->stops[i]);
    json_array_close(w);
}

/* It is the client's own: looked at as in a body of this form. */
static int write_other(struct made_body *b, const struct other_member *m)
{
    const struct json_string name = {m->name, str_index(m->name, '\\') >= 0};
    struct json_writer *w = &b->w;
    struct json_cur c;
    int place = body_note_name(&b->names, SHAPE_BODY, name, b->err);
    json_begin(&c, m->value);
    if (place == NAME_REFUSED ||
        shape_skip(&c, name_inner(SHAPE_BODY, place), b->err) != 0 ||
        json_finish(&c, b->err) != 0)
        return -1;
    const size_t at = w->out->n + 1;
    buf_byte(w->out, ',');
    json_write_string(w->out, m->name);
    buf_byte(w->out, ':');
    b->at = at;
    b->value_at = w->out->n;
    w->needs_comma = false;
    json_raw(w, m->value);
    if (place == BODY_STREAM_OPTIONS)
        end_member(b, &b->view.stream_options_at);
    return 0;
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

static int write_members(struct made_body *b, struct str model, bool is_stream)
{
    const struct conversation *c = b->c;
    const struct str effort = effort_of(c);
    json_object_open(&b->w);
    begin_member(b, "model");
    json_str(&b->w, model);
    end_member(b, &b->view.model_at);
    b->view.model_at.first = true;
    write_messages(b);
    if (is_stream) {
        begin_member(b, "stream");
        json_bool(&b->w, true);
        end_member(b, &b->view.stream_at);
    }
    write_tools(b);
    write_choice(b);
    write_format(b);
    write_sampling(b);
    if (effort.p) {
        begin_member(b, "reasoning_effort");
        json_str(&b->w, effort);
    }
    for (size_t i = 0; i < c->nothers; i++)
        if (write_other(b, &c->others[i]) != 0)
            return -1;
    json_object_close(&b->w);
    return 0;
}

/* What was written, as a reading of it would see it. */
static int keep_view(struct made_body *b, struct str body, struct arena *a,
                     struct chat *ret)
{
    struct openai_view *view = arena_raw(a, sizeof *view);
    struct str *keys = arena_raw_array(a, struct str, b->names.n);
    if (!body.p || !view || !keys)
        return err_nomem(b->err);
    memcpy(keys, b->names.raw, b->names.n * sizeof *keys);
    *view = b->view;
    view->object_at = 1;
    view->keys = keys;
    view->nkeys = b->names.n;
    ret->view = view;
    ret->body = body;
    ret->system_text = str_sub(body, b->system_from, b->system_to);
    ret->has_system = b->system_to > 0;
    return body_check_bytes(body, b->err);
}

int openai_make_chat(const struct conversation *c, const struct chat *asked,
                     struct str issuer, struct arena *a, struct chat *ret,
                     struct err *err)
{
    const size_t likely = asked->body.n + asked->body.n / 8 + ROOM_BYTES;
    struct chat chat = {.surface = SURFACE_CHAT,
                        .model = asked->model,
                        .is_stream = asked->is_stream,
                        .wants_usage = asked->wants_usage && asked->is_stream,
                        .nchoices = 1,
                        .max_output_tokens = c->max_output_tokens};
    struct made_body b = {.c = c, .issuer = issuer, .err = err};
    struct buf body;
    struct str text = {NULL, 0};
    if (c->nmessages == 0)
        return err_set(err, ERR_BAD_REQUEST, "invalid_field", "'messages' is empty");
    char *room = arena_raw(a, likely); /* nearly always it fits where it is to stay */
    if (!room)
        return err_nomem(err);
    buf_init_in(&body, MAX_TIMES * asked->body.n + SPARE_BYTES, room, likely);
    json_writer_init(&b.w, &body);
    int rc = write_members(&b, asked->model, asked->is_stream);
    if (rc == 0 && !body.failed)
        text = body.is_given ? buf_view(&body) : arena_strdup(a, buf_view(&body));
    buf_release(&body);
    if (rc != 0 || keep_view(&b, text, a, &chat) != 0)
        return -1;
    *ret = chat;
    return 0;
}
