/* responses_items.c -- what was said, as items of OpenAI's Responses, in its order.
 *
 * Nothing is kept at the provider (`store` is false), so all of it is sent, and thoughts
 * only as the provider encrypted them for this very engine. */
#include "dialect/dialect.h"
#include "dialect/seal.h"
#include "engine/lacks.h"
#include "engine/media.h"
#include "engine/responses.h"
#include "engine/talk.h"
#include "json/scan.h"

#include <stdio.h>

enum { MOST_ID_BYTES = 64 };

/* A call of the model's last turn. */
struct responses_call {
    struct str id, sent, name; /* as the client has it; as the engine has it */
    bool is_custom, is_answered;
};

int responses_cannot(const struct responses_asking *x, const char *what)
{
    return engine_refuse(x->q, RESPONSES_FORM, what, x->err);
}

static int cannot_in(const struct responses_asking *x, const struct message *m,
                     const char *what)
{
    return asking_refuse_in(x->q, x->c, RESPONSES_FORM, m, what, x->err);
}

/* -- messages and parts ----------------------------------------------------------------
 */

static void end_message(struct responses_asking *x)
{
    talk_end(x->w, &x->role);
}

static void begin_message(struct responses_asking *x, const char *role)
{
    static const struct talk_form form = {"message", "content"};
    talk_begin(x->w, &form, role, &x->role);
}

static void begin_item(struct responses_asking *x, const char *type)
{
    end_message(x);
    talk_open_typed(x->w, type);
}

static void write_text(struct responses_asking *x, const char *type, const char *name,
                       struct json_text text)
{
    talk_open_typed(x->w, type);
    json_key(x->w, name);
    json_text(x->w, text);
    json_object_close(x->w);
}

static bool is_said(const struct piece *p)
{
    return (p->kind != PIECE_TEXT && p->kind != PIECE_REFUSAL) || p->text.raw.n > 0;
}

/* -- pictures, sound, files ------------------------------------------------------------
 */

static struct str data_url(const struct responses_asking *x, const struct piece *p,
                           struct str type)
{
    return arena_printf(x->arena, "data:%.*s;base64,%.*s", STR_ARG(type),
                        STR_ARG(p->data));
}

/* An id is known to the provider that gave it: one of its own dialects' clients. */
static bool knows_ids(const struct responses_asking *x)
{
    enum dialect_id id = x->q->chat->dialect->id;
    return id == DIALECT_OPENAI || id == DIALECT_OPENAI_RESPONSES;
}

static int write_place(struct responses_asking *x, const struct message *m,
                       const struct piece *p, const char *data, const char *address)
{
    struct str type = piece_type_of(p->media_type, p->data, p->file_name), url = p->url;
    if (p->data.n) {
        if (!type.n)
            return cannot_in(x, m, "a file without a type");
        url = data_url(x, p, type);
        if (!url.p)
            return err_nomem(x->err);
    }
    if (!p->data.n && p->file_id.n) {
        if (!knows_ids(x))
            return cannot_in(x, m, "a file known by its id to another provider");
        json_key(x->w, "file_id");
        json_str(x->w, p->file_id);
        return 0;
    }
    if (!url.n)
        return cannot_in(x, m, "a picture or file without data or address");
    json_key(x->w, p->data.n ? data : address);
    json_str(x->w, url);
    return 0;
}

static int write_picture(struct responses_asking *x, const struct message *m,
                         const struct piece *p)
{
    talk_open_typed(x->w, "input_image");
    json_key(x->w, "detail");
    json_str(x->w, STR("auto"));
    if (write_place(x, m, p, "image_url", "image_url") != 0)
        return -1;
    json_object_close(x->w);
    return 0;
}

static int write_file(struct responses_asking *x, const struct message *m,
                      const struct piece *p)
{
    talk_open_typed(x->w, "input_file");
    if (p->data.n) {
        json_key(x->w, "filename");
        json_str(x->w, p->file_name.n ? p->file_name : STR("file"));
    }
    if (write_place(x, m, p, "file_data", "file_url") != 0)
        return -1;
    json_object_close(x->w);
    return 0;
}

static int write_sound(struct responses_asking *x, const struct message *m,
                       const struct piece *p)
{
    struct str format = p->media_type;
    if (str_starts_nocase(format, STR("audio/")))
        format = str_sub(format, strlen("audio/"), format.n);
    if (str_eq_nocase(format, STR("mpeg")))
        format = STR("mp3");
    if (!p->data.n || !format.n)
        return cannot_in(x, m, "a sound without data or format");
    talk_open_typed(x->w, "input_audio");
    json_key(x->w, "input_audio");
    json_object_open(x->w);
    json_key(x->w, "data");
    json_str(x->w, p->data);
    json_key(x->w, "format");
    json_str(x->w, format);
    json_object_close(x->w);
    json_object_close(x->w);
    return 0;
}

/* Of who speaks to the model, and of a tool. */
static int write_piece(struct responses_asking *x, const struct message *m,
                       const struct piece *p)
{
    switch (p->kind) {
    case PIECE_TEXT:
    case PIECE_REFUSAL:
        write_text(x, "input_text", "text", p->text);
        return 0;
    case PIECE_IMAGE:
        return write_picture(x, m, p);
    case PIECE_AUDIO:
        return write_sound(x, m, p);
    case PIECE_FILE:
        return write_file(x, m, p);
    default:
        return cannot_in(x, m, "such a part");
    }
}

/* -- the model's turns -----------------------------------------------------------------
 */

static void write_thought(struct responses_asking *x, const struct piece *p)
{
    struct seal s;
    bool is_own =
        p->sealed.n && seal_read(p->sealed, &s) && str_eqz(s.issuer, x->q->issuer.text);
    if (!is_own) {
        x->has_lost_thoughts |= p->thought.n || p->sealed.n;
        return;
    }
    x->has_own_thoughts = true;
    begin_item(x, "reasoning");
    json_key(x->w, "summary");
    json_array_open(x->w);
    if (p->thought.n) {
        talk_open_typed(x->w, "summary_text");
        json_key(x->w, "text");
        json_str(x->w, p->thought);
        json_object_close(x->w);
    }
    json_array_close(x->w);
    json_key(x->w, "encrypted_content");
    json_str(x->w, s.payload);
    json_object_close(x->w);
}

/* A call without an id gets one of its place. */
static struct str id_of(const struct responses_asking *x, const struct message *m,
                        const struct tool_call *call)
{
    if (call->id.n)
        return id_within(call->id, MOST_ID_BYTES, x->arena);
    return arena_printf(x->arena, "call_%zu_%zu", (size_t)(m - x->c->messages),
                        (size_t)(call - m->calls));
}

static int write_call(struct responses_asking *x, const struct message *m,
                      const struct tool_call *call)
{
    struct responses_call *own = &x->calls[x->ncalls];
    *own = (struct responses_call){.id = call->id,
                                   .sent = id_of(x, m, call),
                                   .name = call->name,
                                   .is_custom = call->is_custom};
    if (!own->sent.p)
        return err_nomem(x->err);
    x->ncalls++;
    begin_item(x, call->is_custom ? "custom_tool_call" : "function_call");
    json_key(x->w, "call_id");
    json_str(x->w, own->sent);
    json_key(x->w, "name");
    json_str(x->w, call->name);
    json_key(x->w, call->is_custom ? "input" : "arguments");
    json_str(x->w, call->arguments.n || call->is_custom ? call->arguments : STR("{}"));
    json_object_close(x->w);
    return 0;
}

static int write_turn(struct responses_asking *x, const struct message *m)
{
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        if (!is_said(p))
            continue;
        switch (p->kind) {
        case PIECE_THOUGHT:
            write_thought(x, p);
            break;
        case PIECE_CALL:
            if (write_call(x, m, &m->calls[p->call]) != 0)
                return -1;
            break;
        case PIECE_TEXT:
        case PIECE_REFUSAL:
            begin_message(x, "assistant");
            if (p->kind == PIECE_TEXT)
                write_text(x, "output_text", "text", p->text);
            else
                write_text(x, "refusal", "refusal", p->text);
            break;
        default:
            return cannot_in(x, m, "a picture, sound or file that the model said");
        }
    }
    return 0;
}

/* -- what others say -------------------------------------------------------------------
 */

/* By its id, else the next call without a result (of that name, where it has one). */
static struct responses_call *call_of(const struct responses_asking *x,
                                      const struct message *m)
{
    for (size_t i = 0; i < x->ncalls; i++) {
        struct responses_call *c = &x->calls[i];
        bool is_it = m->result_of.n ? str_eq(c->id, m->result_of)
                                    : !m->name.n || str_eq(c->name, m->name);
        if (is_it && !c->is_answered)
            return c;
    }
    return NULL;
}

static bool is_text_alone(const struct message *m)
{
    for (size_t i = 0; i < m->npieces; i++)
        if (m->pieces[i].kind != PIECE_TEXT && m->pieces[i].kind != PIECE_REFUSAL)
            return false;
    return true;
}

/* All texts as one. */
static void write_joined(struct responses_asking *x, const struct message *m)
{
    bool has_text = false;
    buf_byte(x->w->out, '"');
    if (m->is_error)
        buf_lit(x->w->out, "Error: ");
    for (size_t i = 0; i < m->npieces; i++) {
        if (has_text)
            buf_lit(x->w->out, "\\n");
        buf_append(x->w->out, m->pieces[i].text.raw);
        has_text |= m->pieces[i].text.raw.n > 0;
    }
    buf_byte(x->w->out, '"');
    x->w->needs_comma = true;
}

static int write_result(struct responses_asking *x, const struct message *m,
                        struct responses_call *call)
{
    call->is_answered = true;
    begin_item(x, call->is_custom ? "custom_tool_call_output" : "function_call_output");
    json_key(x->w, "call_id");
    json_str(x->w, call->sent);
    json_key(x->w, "output");
    if (is_text_alone(m)) {
        write_joined(x, m);
    } else {
        json_array_open(x->w);
        if (m->is_error)
            write_text(x, "input_text", "text", JSON_TEXT("Error:"));
        for (size_t i = 0; i < m->npieces; i++)
            if (is_said(&m->pieces[i]) && write_piece(x, m, &m->pieces[i]) != 0)
                return -1;
        json_array_close(x->w);
    }
    json_object_close(x->w);
    return 0;
}

/* A result whose call is not there is the user's text: the history was cut. */
static int write_said(struct responses_asking *x, const struct message *m)
{
    const char *role = m->speaker == SPEAKER_SYSTEM ? "system" : "user";
    if (m->speaker == SPEAKER_TOOL) {
        struct str head = arena_printf(x->arena, "Result of the tool %.*s:",
                                       STR_ARG(m->name.n        ? m->name
                                               : m->result_of.n ? m->result_of
                                                                : STR("call")));
        const struct json_text text = json_text_saying(x->arena, head);
        if (!head.p || !text.raw.p)
            return err_nomem(x->err);
        begin_message(x, role);
        write_text(x, "input_text", "text", text);
    }
    for (size_t i = 0; i < m->npieces; i++) {
        if (!is_said(&m->pieces[i]))
            continue;
        begin_message(x, role);
        if (write_piece(x, m, &m->pieces[i]) != 0)
            return -1;
    }
    end_message(x);
    return 0;
}

/* -- all of it -------------------------------------------------------------------------
 */

static int make_room(struct responses_asking *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->c->nmessages; i++)
        n += x->c->messages[i].ncalls;
    x->calls = arena_array(x->arena, struct responses_call, n + 1);
    return x->calls ? 0 : err_nomem(x->err);
}

/* The operator's instructions where the client has none, and the hint about tags: the
 * client's own are items. */
static int write_instructions(struct responses_asking *x)
{
    const struct str own =
        x->q->chat->has_system ? STR("") : x->q->target->engine->default_system;
    const struct str parts[] = {own, own.n && x->q->has_tags ? STR("\n\n") : STR(""),
                                x->q->has_tags ? STR(TAG_HINT) : STR("")};
    if (!own.n && !x->q->has_tags)
        return 0;
    struct str text = arena_join(x->arena, parts, ARRAY_LEN(parts));
    json_key(x->w, "instructions");
    json_str(x->w, text);
    return text.p ? 0 : err_nomem(x->err);
}

static int write_message(struct responses_asking *x, const struct message *m,
                         bool was_model)
{
    if (m->speaker == SPEAKER_MODEL) {
        x->ncalls = was_model ? x->ncalls : 0;
        return write_turn(x, m);
    }
    struct responses_call *call = m->speaker == SPEAKER_TOOL ? call_of(x, m) : NULL;
    return call ? write_result(x, m, call) : write_said(x, m);
}

int responses_write_talk(struct responses_asking *x)
{
    const struct conversation *c = x->c;
    bool was_model = false;
    if (make_room(x) != 0 || write_instructions(x) != 0)
        return -1;
    json_key(x->w, "input");
    json_array_open(x->w);
    const size_t start = x->w->out->n;
    for (size_t i = 0; i < c->nmessages; i++) {
        if (write_message(x, &c->messages[i], was_model) != 0)
            return -1;
        was_model = c->messages[i].speaker == SPEAKER_MODEL;
    }
    end_message(x);
    bool has_items = x->w->out->n > start;
    json_array_close(x->w);
    if (x->has_lost_thoughts)
        engine_lose(x->q, LOST_THOUGHTS);
    return has_items ? 0 : responses_cannot(x, "a conversation without messages");
}
