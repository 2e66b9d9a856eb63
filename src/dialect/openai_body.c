/* openai_body.c -- see openai_body.h. */
#include "dialect/openai_body.h"

#include "json/write.h"

static void text(struct json_writer *w, const char *key, struct str s)
{
    if (!s.p)
        return;
    json_key(w, key);
    json_str(w, s);
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
        text(w, "file_id", p->url);
    }
    json_object_close(w);
    w->out->failed |= data.failed;
    buf_release(&data);
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
    }
    json_object_close(w);
}

static void write_content(struct json_writer *w, const struct message *m)
{
    json_key(w, "content");
    if (m->npieces == 1 && m->pieces[0].kind == PIECE_TEXT) {
        json_str(w, m->pieces[0].text.p ? m->pieces[0].text : STR(""));
        return;
    }
    if (m->npieces == 0) {
        json_write_null(w);
        return;
    }
    json_array_open(w);
    for (size_t i = 0; i < m->npieces; i++)
        write_piece(w, &m->pieces[i]);
    json_array_close(w);
}

/* -- messages ------------------------------------------------------------------------ */

static void write_calls(struct json_writer *w, const struct message *m)
{
    if (m->ncalls == 0)
        return;
    json_key(w, "tool_calls");
    json_array_open(w);
    for (size_t i = 0; i < m->ncalls; i++) {
        json_object_open(w);
        text(w, "id", m->calls[i].id);
        text(w, "type", STR("function"));
        json_key(w, "function");
        json_object_open(w);
        text(w, "name", m->calls[i].name);
        text(w, "arguments", m->calls[i].arguments.n ? m->calls[i].arguments : STR("{}"));
        json_object_close(w);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_message(struct json_writer *w, const struct message *m)
{
    static const char *const roles[] = {
        [SPEAKER_SYSTEM] = "system",
        [SPEAKER_USER] = "user",
        [SPEAKER_MODEL] = "assistant",
        [SPEAKER_TOOL] = "tool",
    };
    json_object_open(w);
    text(w, "role", str_of(roles[m->speaker]));
    write_content(w, m);
    text(w, "reasoning_content", m->reasoning);
    write_calls(w, m);
    text(w, "tool_call_id", m->result_of);
    text(w, "name", m->name);
    json_object_close(w);
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
        if (c->tools[i].parameters.p) {
            json_key(w, "parameters");
            json_raw(w, c->tools[i].parameters);
        }
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
        text(w, "name", STR("answer"));
        json_key(w, "schema");
        json_raw(w, c->schema);
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
        if (c->sampling[i].p) {
            json_key(w, names[i]);
            json_raw(w, c->sampling[i]);
        }
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

void openai_write_body(const struct conversation *c, struct str model, bool is_stream,
                       struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    text(&w, "model", model);
    json_key(&w, "messages");
    json_array_open(&w);
    for (size_t i = 0; i < c->nmessages; i++)
        write_message(&w, &c->messages[i]);
    json_array_close(&w);
    if (is_stream) {
        json_key(&w, "stream");
        json_bool(&w, true);
    }
    write_tools(&w, c);
    write_choice(&w, c);
    write_format(&w, c);
    write_sampling(&w, c);
    if (c->effort.n)
        text(&w, "reasoning_effort", c->effort);
    json_object_close(&w);
}
