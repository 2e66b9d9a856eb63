/* gemini_contents.c -- what was said, as Gemini's contents.
 *
 * Instructions at the beginning are `systemInstruction`; later ones are said by the user,
 * in their place.  The user speaks first, and neighbours of one role are one entry, with
 * the results of calls before all else and in the order of the calls: calls have no ids
 * there, so the name and the order say which result is whose.
 *
 * A signature goes back on the part that it came on.  The calls of the turn that is under
 * way must have one; those that another model made get the word that passes for it. */
#include "dialect/seal.h"
#include "engine/gemini.h"
#include "engine/lacks.h"
#include "engine/media.h"
#include "engine/talk.h"
#include "json/scan.h"

#include <stdio.h>

enum { VERSION_SIGNED = 300 };

/* A call of the model's last turn, and its result. */
struct gemini_call {
    struct str id, name;
    const struct message *result; /* NULL: none */
};

int gemini_cannot(const struct gemini_asking *x, const char *what)
{
    return engine_refuse(x->q, GEMINI_FORM, what, x->err);
}

static int cannot_in(const struct gemini_asking *x, const struct message *m,
                     const char *what)
{
    return asking_refuse_in(x->q, x->c, GEMINI_FORM, m, what, x->err);
}

/* -- entries and parts -----------------------------------------------------------------
 */

static void end_entry(struct gemini_asking *x)
{
    talk_end(x->w, &x->role);
}

static void begin_entry(struct gemini_asking *x, const char *role)
{
    static const struct talk_form form = {NULL, "parts"};
    talk_begin(x->w, &form, role, &x->role);
}

static void write_text(struct gemini_asking *x, struct json_text text,
                       struct str signature)
{
    json_object_open(x->w);
    json_key(x->w, "text");
    json_text(x->w, text);
    if (signature.n) {
        json_key(x->w, "thoughtSignature");
        json_str(x->w, signature);
    }
    json_object_close(x->w);
}

/* -- pictures, sound, files ------------------------------------------------------------
 */

/* OpenAI says "wav" where others say "audio/wav". */
static struct str type_of(const struct gemini_asking *x, const struct piece *p)
{
    if (p->kind == PIECE_AUDIO && p->media_type.n && str_index(p->media_type, '/') < 0)
        return arena_printf(x->arena, "audio/%.*s", STR_ARG(p->media_type));
    return piece_type_of(p->media_type, p->data, p->file_name.n ? p->file_name : p->url);
}

/* Google fetches from its own stores alone. */
static bool is_of_google(struct str url)
{
    static const char *const starts[] = {"gs://",
                                         "https://generativelanguage.googleapis.com/",
                                         "https://www.youtube.com/", "https://youtu.be/"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (str_starts_nocase(url, str_of(starts[i])))
            return true;
    return false;
}

static int write_media(struct gemini_asking *x, const struct message *m,
                       const struct piece *p)
{
    struct str type = type_of(x, p);
    if (!p->data.n && !is_of_google(p->url))
        return cannot_in(x, m,
                         p->file_id.n ? "a file known by its id to another provider"
                                      : "a picture or file by its address");
    if (p->data.n && !type.n)
        return cannot_in(x, m, "a file without a type");
    json_object_open(x->w);
    json_key(x->w, p->data.n ? "inlineData" : "fileData");
    json_object_open(x->w);
    if (type.n) {
        json_key(x->w, "mimeType");
        json_str(x->w, type);
    }
    json_key(x->w, p->data.n ? "data" : "fileUri");
    json_str(x->w, p->data.n ? p->data : p->url);
    json_object_close(x->w);
    json_object_close(x->w);
    return 0;
}

static int write_piece(struct gemini_asking *x, const struct message *m,
                       const struct piece *p)
{
    if (p->kind == PIECE_IMAGE || p->kind == PIECE_AUDIO || p->kind == PIECE_FILE)
        return write_media(x, m, p);
    write_text(x, p->text, STR(""));
    return 0;
}

/* -- the model's turns -----------------------------------------------------------------
 */

/* What this engine has signed of a message. */
static bool own_seal(const struct gemini_asking *x, const struct piece *p,
                     struct seal *ret)
{
    return p->kind == PIECE_THOUGHT && p->sealed.n && seal_read(p->sealed, ret) &&
           str_eqz(ret->issuer, x->q->issuer.text);
}

static struct str signature_of_call(const struct gemini_asking *x,
                                    const struct message *m, const struct tool_call *call)
{
    struct seal s;
    for (size_t i = 0; i < m->npieces; i++)
        if (own_seal(x, &m->pieces[i], &s) && s.kind == SEAL_CALL &&
            str_eq(s.call, call->id))
            return s.payload;
    return STR("");
}

/* Of a message's last text; the last one that there is. */
static struct str signature_of_text(const struct gemini_asking *x,
                                    const struct message *m)
{
    struct seal s;
    struct str found = STR("");
    for (size_t i = 0; i < m->npieces; i++)
        if (own_seal(x, &m->pieces[i], &s) &&
            (s.kind == SEAL_TEXT || s.kind == SEAL_THOUGHT))
            found = s.payload;
    return found;
}

static int write_call(struct gemini_asking *x, const struct message *m, size_t i,
                      bool is_current)
{
    const struct tool_call *call = &m->calls[i];
    struct str signature = signature_of_call(x, m, call);
    bool needs_one = is_current && i == 0 &&
                     (!gemini_version(x) || gemini_version(x) >= VERSION_SIGNED);
    x->calls[x->ncalls++] = (struct gemini_call){call->id, call->name, NULL};
    begin_entry(x, "model");
    json_object_open(x->w);
    json_key(x->w, "functionCall");
    json_object_open(x->w);
    json_key(x->w, "name");
    json_str(x->w, call->name);
    json_key(x->w, "args");
    write_object_of(x->w, call);
    json_object_close(x->w);
    if (!signature.n && needs_one)
        signature = STR(GEMINI_UNSIGNED);
    if (signature.n) {
        json_key(x->w, "thoughtSignature");
        json_str(x->w, signature);
    }
    json_object_close(x->w);
    return 0;
}

static size_t last_text_of(const struct message *m)
{
    size_t last = m->npieces;
    for (size_t i = 0; i < m->npieces; i++)
        if ((m->pieces[i].kind == PIECE_TEXT || m->pieces[i].kind == PIECE_REFUSAL) &&
            talk_is_said(&m->pieces[i]))
            last = i;
    return last;
}

static void note_thought(struct gemini_asking *x, const struct piece *p)
{
    struct seal s;
    x->has_lost_thoughts |= !own_seal(x, p, &s) && (p->thought.n || p->sealed.n);
}

static int write_turn(struct gemini_asking *x, const struct message *m, bool is_current)
{
    struct str signature = signature_of_text(x, m);
    const size_t last_text = last_text_of(m);
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        int rc = 0;
        if (p->kind == PIECE_THOUGHT) {
            note_thought(x, p);
        } else if (p->kind == PIECE_CALL) {
            rc = write_call(x, m, p->call, is_current);
        } else if (i == last_text) {
            begin_entry(x, "model");
            write_text(x, p->text, signature);
        } else if (talk_is_said(p)) {
            begin_entry(x, "model");
            rc = write_piece(x, m, p);
        }
        if (rc != 0)
            return -1;
    }
    if (signature.n && last_text == m->npieces) {
        begin_entry(x, "model");
        write_text(x, JSON_TEXT(""), signature);
    }
    return 0;
}

/* -- what others say before the model speaks again -------------------------------------
 */

/* By its id, else the next call without a result (of that name, where it has one). */
static struct gemini_call *call_of(const struct gemini_asking *x, const struct message *m)
{
    for (size_t i = 0; i < x->ncalls; i++) {
        struct gemini_call *c = &x->calls[i];
        bool is_it = m->result_of.n ? str_eq(c->id, m->result_of)
                                    : !m->name.n || str_eq(c->name, m->name);
        if (is_it && !c->result)
            return c;
    }
    return NULL;
}

/* All texts as one; what a tool says is never read as a schema. */
static void write_output(struct gemini_asking *x, const struct message *m)
{
    bool has_text = false;
    json_key(x->w, "response");
    json_object_open(x->w);
    json_key(x->w, m->is_error ? "error" : "output");
    buf_byte(x->w->out, '"');
    for (size_t i = 0; i < m->npieces; i++) {
        if (m->pieces[i].kind != PIECE_TEXT && m->pieces[i].kind != PIECE_REFUSAL)
            continue;
        if (has_text)
            buf_lit(x->w->out, "\\n");
        buf_append(x->w->out, m->pieces[i].text.raw);
        has_text |= m->pieces[i].text.raw.n > 0;
    }
    buf_byte(x->w->out, '"');
    x->w->needs_comma = true;
    json_object_close(x->w);
}

static int write_result(struct gemini_asking *x, const struct gemini_call *call)
{
    const struct message *m = call->result;
    bool has_media = false;
    begin_entry(x, "user");
    json_object_open(x->w);
    json_key(x->w, "functionResponse");
    json_object_open(x->w);
    json_key(x->w, "name");
    json_str(x->w, call->name);
    write_output(x, m);
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        if (p->kind == PIECE_TEXT || p->kind == PIECE_REFUSAL)
            continue;
        if (!has_media) {
            json_key(x->w, "parts");
            json_array_open(x->w);
        }
        has_media = true;
        if (write_media(x, m, p) != 0)
            return -1;
    }
    if (has_media)
        json_array_close(x->w);
    json_object_close(x->w);
    json_object_close(x->w);
    return 0;
}

/* A result whose call is not there: the history was cut. */
static int begin_orphan(struct gemini_asking *x, const struct message *m)
{
    struct str head = arena_printf(x->arena, "Result of the tool %.*s:",
                                   STR_ARG(m->name.n        ? m->name
                                           : m->result_of.n ? m->result_of
                                                            : STR("call")));
    const struct json_text text = json_text_saying(x->arena, head);
    if (!head.p || !text.raw.p)
        return err_nomem(x->err);
    begin_entry(x, "user");
    write_text(x, text, STR(""));
    return 0;
}

static int write_said(struct gemini_asking *x, const struct message *m)
{
    if (m->speaker == SPEAKER_TOOL && begin_orphan(x, m) != 0)
        return -1;
    for (size_t i = 0; i < m->npieces; i++) {
        if (!talk_is_said(&m->pieces[i]))
            continue;
        begin_entry(x, "user");
        if (write_piece(x, m, &m->pieces[i]) != 0)
            return -1;
    }
    return 0;
}

/* messages[from..to): none of the model. */
static int write_between(struct gemini_asking *x, size_t from, size_t to)
{
    bool *is_done = arena_array(x->arena, bool, to - from);
    if (!is_done)
        return err_nomem(x->err);
    for (size_t i = from; i < to; i++) {
        const struct message *m = &x->c->messages[i];
        struct gemini_call *call = m->speaker == SPEAKER_TOOL ? call_of(x, m) : NULL;
        is_done[i - from] = call != NULL;
        if (call)
            call->result = m;
    }
    for (size_t i = 0; i < x->ncalls; i++)
        if (x->calls[i].result && write_result(x, &x->calls[i]) != 0)
            return -1;
    for (size_t i = from; i < to; i++)
        if (!is_done[i - from] && write_said(x, &x->c->messages[i]) != 0)
            return -1;
    return 0;
}

/* -- all of it -------------------------------------------------------------------------
 */

static void begin_system(struct gemini_asking *x, bool *is_open)
{
    if (*is_open)
        return;
    json_key(x->w, "systemInstruction");
    json_object_open(x->w);
    json_key(x->w, "parts");
    json_array_open(x->w);
    *is_open = true;
}

static int write_system(struct gemini_asking *x, size_t n)
{
    const struct json_text own =
        json_text_saying(x->arena, x->q->target->engine->default_system);
    bool is_open = false;
    if (!own.raw.p)
        return err_nomem(x->err);
    if (!x->q->chat->has_system && !json_text_is_blank(own)) {
        begin_system(x, &is_open);
        write_text(x, own, STR(""));
    }
    for (size_t i = 0; i < n; i++) {
        const struct message *m = &x->c->messages[i];
        for (size_t k = 0; k < m->npieces; k++) {
            if (!talk_is_said(&m->pieces[k]))
                continue;
            if (m->pieces[k].kind != PIECE_TEXT)
                return cannot_in(x, m, "instructions that are no text");
            begin_system(x, &is_open);
            if (write_piece(x, m, &m->pieces[k]) != 0)
                return -1;
        }
    }
    if (x->q->has_tags) {
        begin_system(x, &is_open);
        write_text(x, JSON_TEXT(TAG_HINT), STR(""));
    }
    if (is_open) {
        json_array_close(x->w);
        json_object_close(x->w);
    }
    return 0;
}

static int make_room(struct gemini_asking *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->c->nmessages; i++)
        n += x->c->messages[i].ncalls;
    x->calls = arena_array(x->arena, struct gemini_call, n + 1);
    return x->calls ? 0 : err_nomem(x->err);
}

/* Where the turn begins that is under way: behind what the user said last. */
static size_t start_of_turn(const struct conversation *c)
{
    size_t n = c->nmessages;
    while (n > 0 && c->messages[n - 1].speaker != SPEAKER_USER)
        n--;
    return n;
}

static int write_contents(struct gemini_asking *x, size_t from)
{
    const struct conversation *c = x->c;
    const size_t current = start_of_turn(c);
    const size_t before = x->w->out->n;
    bool was_model = false;
    json_key(x->w, "contents");
    json_array_open(x->w);
    const size_t start = x->w->out->n;
    if (from < c->nmessages && c->messages[from].speaker == SPEAKER_MODEL) {
        begin_entry(x, "user");
        write_text(x, JSON_TEXT("(start)"), STR(""));
    }
    for (size_t i = from, to; i < c->nmessages; i = to) {
        bool is_model = c->messages[i].speaker == SPEAKER_MODEL;
        for (to = i + 1; !is_model && to < c->nmessages; to++)
            if (c->messages[to].speaker == SPEAKER_MODEL)
                break;
        if (is_model && !was_model)
            x->ncalls = 0;
        was_model = is_model;
        if ((is_model ? write_turn(x, &c->messages[i], i >= current)
                      : write_between(x, i, to)) != 0)
            return -1;
    }
    end_entry(x);
    bool has_contents = x->w->out->n > start && start > before;
    json_array_close(x->w);
    return has_contents ? 0 : gemini_cannot(x, "a conversation without messages");
}

int gemini_write_talk(struct gemini_asking *x)
{
    const struct conversation *c = x->c;
    size_t n = 0;
    while (n < c->nmessages && c->messages[n].speaker == SPEAKER_SYSTEM)
        n++;
    if (make_room(x) != 0 || write_system(x, n) != 0 || write_contents(x, n) != 0)
        return -1;
    if (x->has_lost_thoughts)
        engine_lose(x->q, LOST_THOUGHTS);
    return 0;
}
