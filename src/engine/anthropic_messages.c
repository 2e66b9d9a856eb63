/* anthropic_messages.c -- what was said, as blocks of Anthropic's messages.
 *
 * Roles: instructions at the beginning are `system`, later ones stay in their place with
 * that role; neighbours of one role are one message.  All results of a turn's calls come
 * first in the one user message behind it, wherever the client has them before the model
 * speaks again.
 *
 * Thoughts: only what this engine itself has sealed goes back, if no letter of it has
 * changed.  A text that nobody signed is no thought of its model, and is left out. */
#include "engine/anthropic.h"
#include "engine/lacks.h"
#include "engine/talk.h"
#include "json/scan.h"

#include <stdio.h>

enum { MOST_ID_BYTES = 64 };

/* A call of the model's last turn. */
struct anthropic_call {
    struct str id, sent, name; /* as the client has it; as the engine has it */
    bool is_answered;
};

int anthropic_cannot(const struct anthropic_asking *x, const char *what)
{
    return engine_refuse(x->q, ANTHROPIC_FORM, what, x->err);
}

static int cannot_in(const struct anthropic_asking *x, const struct message *m,
                     const char *what)
{
    return asking_refuse_in(x->q, x->c, ANTHROPIC_FORM, m, what, x->err);
}

/* -- messages and blocks ---------------------------------------------------------------
 */

static void end_message(struct anthropic_asking *x)
{
    talk_end(x->w, &x->role);
}

static void begin_message(struct anthropic_asking *x, const char *role)
{
    static const struct talk_form form = {NULL, "content"};
    talk_begin(x->w, &form, role, &x->role);
}

static void end_block(struct anthropic_asking *x, struct str cache)
{
    if (!json_is_empty(cache)) {
        json_key(x->w, "cache_control");
        json_raw(x->w, cache);
    }
    json_object_close(x->w);
}

/* Anthropic refuses a text of blanks alone, which says nothing. */
static void write_text(struct anthropic_asking *x, struct json_text text,
                       struct str cache)
{
    talk_open_typed(x->w, "text");
    json_key(x->w, "text");
    json_text(x->w, text);
    end_block(x, cache);
}

static int write_piece(struct anthropic_asking *x, const struct message *m,
                       const struct piece *p)
{
    switch (p->kind) {
    case PIECE_TEXT:
    case PIECE_REFUSAL:
        write_text(x, p->text, p->cache);
        return 0;
    case PIECE_IMAGE:
    case PIECE_FILE:
        talk_open_typed(x->w, p->kind == PIECE_IMAGE ? "image" : "document");
        if (anthropic_write_media(x, p, (size_t)(m - x->c->messages)) != 0)
            return -1;
        end_block(x, p->cache);
        return 0;
    default:
        return cannot_in(x, m, p->kind == PIECE_AUDIO ? "audio" : "such a part");
    }
}

/* -- the model's turns -----------------------------------------------------------------
 */

void anthropic_write_digest(struct siphash text, char out[ANTHROPIC_DIGEST_BYTES + 1])
{
    snprintf(out, ANTHROPIC_DIGEST_BYTES + 1, "%016llx",
             (unsigned long long)siphash_final(&text));
}

static bool is_as_signed(struct str text, struct str digest)
{
    char own[ANTHROPIC_DIGEST_BYTES + 1];
    struct siphash h;
    siphash_init(&h, anthropic_digest_key);
    siphash_update(&h, text);
    anthropic_write_digest(h, own);
    return str_eqz(digest, own);
}

static void write_sealed(struct anthropic_asking *x, const char *type, const char *name,
                         struct str value)
{
    begin_message(x, "assistant");
    talk_open_typed(x->w, type);
    json_key(x->w, name);
    json_str(x->w, value);
}

/* False: it is none that this engine has made, word for word, and stays here. */
static bool write_thought(struct anthropic_asking *x, const struct piece *p)
{
    struct seal s;
    bool is_own =
        p->sealed.n && seal_read(p->sealed, &s) && str_eqz(s.issuer, x->q->issuer.text);
    if (is_own && s.kind == SEAL_REDACTED) {
        write_sealed(x, "redacted_thinking", "data", s.payload);
    } else if (is_own && s.kind == SEAL_THOUGHT && is_as_signed(p->thought, s.call)) {
        write_sealed(x, "thinking", "thinking", p->thought);
        json_key(x->w, "signature");
        json_str(x->w, s.payload);
    } else {
        x->has_lost_thoughts |= p->thought.n || p->sealed.n;
        return false;
    }
    json_object_close(x->w);
    return true;
}

/* A call without an id gets one of its place. */
static struct str id_of(const struct anthropic_asking *x, const struct message *m,
                        const struct tool_call *call)
{
    if (call->id.n)
        return id_within(call->id, MOST_ID_BYTES, x->arena);
    return arena_printf(x->arena, "call_%zu_%zu", (size_t)(m - x->c->messages),
                        (size_t)(call - m->calls));
}

static int write_call(struct anthropic_asking *x, const struct message *m,
                      const struct piece *p)
{
    const struct tool_call *call = &m->calls[p->call];
    struct anthropic_call *own = &x->calls[x->ncalls];
    *own = (struct anthropic_call){call->id, id_of(x, m, call), call->name, false};
    if (!own->sent.p)
        return err_nomem(x->err);
    x->ncalls++;
    begin_message(x, "assistant");
    talk_open_typed(x->w, "tool_use");
    json_key(x->w, "id");
    json_str(x->w, own->sent);
    json_key(x->w, "name");
    json_str(x->w, call->name);
    json_key(x->w, "input");
    write_object_of(x->w, call);
    end_block(x, p->cache);
    return 0;
}

static int write_turn(struct anthropic_asking *x, const struct message *m)
{
    for (size_t i = 0; i < m->npieces; i++) {
        const struct piece *p = &m->pieces[i];
        bool is_first = !x->role || strcmp(x->role, "assistant") != 0;
        bool is_thought = false;
        int rc = 0;
        if (!talk_is_said(p))
            continue;
        if (p->kind == PIECE_THOUGHT) {
            is_thought = write_thought(x, p);
            if (!is_thought)
                continue;
        } else if (p->kind == PIECE_CALL) {
            rc = write_call(x, m, p);
        } else {
            begin_message(x, "assistant");
            rc = write_piece(x, m, p);
        }
        if (rc != 0)
            return -1;
        if (is_first)
            x->begins_unthought = !is_thought;
    }
    return 0;
}

/* -- what others say before the model speaks again -------------------------------------
 */

/* The call that this is the result of: by its id, else the next one without a result (of
 * that name, where it has one).  NULL: there is none. */
static struct anthropic_call *call_of(const struct anthropic_asking *x,
                                      const struct message *m)
{
    for (size_t i = 0; i < x->ncalls; i++) {
        struct anthropic_call *c = &x->calls[i];
        bool is_it = m->result_of.n ? str_eq(c->id, m->result_of)
                                    : !m->name.n || str_eq(c->name, m->name);
        if (is_it && !c->is_answered)
            return c;
    }
    return NULL;
}

/* One text alone as a string, anything else as blocks. */
static int write_content(struct anthropic_asking *x, const struct message *m)
{
    size_t n = 0, last = 0;
    for (size_t i = 0; i < m->npieces; i++)
        if (talk_is_said(&m->pieces[i])) {
            n++;
            last = i;
        }
    if (n == 0)
        return 0;
    json_key(x->w, "content");
    if (n == 1 && m->pieces[last].kind == PIECE_TEXT &&
        json_is_empty(m->pieces[last].cache)) {
        json_text(x->w, m->pieces[last].text);
        return 0;
    }
    json_array_open(x->w);
    for (size_t i = 0; i < m->npieces; i++)
        if (talk_is_said(&m->pieces[i]) && write_piece(x, m, &m->pieces[i]) != 0)
            return -1;
    json_array_close(x->w);
    return 0;
}

static int write_result(struct anthropic_asking *x, const struct message *m,
                        struct anthropic_call *call)
{
    call->is_answered = true;
    begin_message(x, "user");
    talk_open_typed(x->w, "tool_result");
    json_key(x->w, "tool_use_id");
    json_str(x->w, call->sent);
    if (write_content(x, m) != 0)
        return -1;
    if (m->is_error) {
        json_key(x->w, "is_error");
        json_bool(x->w, true);
    }
    end_block(x, (struct str){NULL, 0});
    return 0;
}

/* A result whose call is not there: the history was cut.  Its text is kept as the user's.
 */
static int write_orphan(struct anthropic_asking *x, const struct message *m)
{
    struct str head = arena_printf(x->arena, "Result of the tool %.*s:",
                                   STR_ARG(m->name.n        ? m->name
                                           : m->result_of.n ? m->result_of
                                                            : STR("call")));
    const struct json_text text = json_text_saying(x->arena, head);
    if (!head.p || !text.raw.p)
        return err_nomem(x->err);
    begin_message(x, "user");
    write_text(x, text, (struct str){NULL, 0});
    for (size_t i = 0; i < m->npieces; i++)
        if (talk_is_said(&m->pieces[i]) && write_piece(x, m, &m->pieces[i]) != 0)
            return -1;
    return 0;
}

static int write_said(struct anthropic_asking *x, const struct message *m)
{
    const char *role = m->speaker == SPEAKER_SYSTEM ? "system" : "user";
    for (size_t i = 0; i < m->npieces; i++) {
        if (!talk_is_said(&m->pieces[i]))
            continue;
        begin_message(x, role);
        if (write_piece(x, m, &m->pieces[i]) != 0)
            return -1;
    }
    return 0;
}

/* messages[from..to): none of the model.  Results first. */
static int write_between(struct anthropic_asking *x, size_t from, size_t to)
{
    bool *is_done = arena_array(x->arena, bool, to - from);
    size_t nresults = 0;
    if (!is_done)
        return err_nomem(x->err);
    for (size_t i = from; i < to; i++) {
        const struct message *m = &x->c->messages[i];
        struct anthropic_call *call = m->speaker == SPEAKER_TOOL ? call_of(x, m) : NULL;
        is_done[i - from] = call != NULL;
        nresults += call != NULL;
        if (call && write_result(x, m, call) != 0)
            return -1;
    }
    for (size_t i = from; i < to; i++) {
        const struct message *m = &x->c->messages[i];
        if (!is_done[i - from] &&
            (m->speaker == SPEAKER_TOOL ? write_orphan(x, m) : write_said(x, m)) != 0)
            return -1;
    }
    x->ends_in_results = nresults > 0;
    return 0;
}

/* -- all of it -------------------------------------------------------------------------
 */

static void begin_system(struct anthropic_asking *x, bool *is_open)
{
    if (*is_open)
        return;
    json_key(x->w, "system");
    json_array_open(x->w);
    *is_open = true;
}

/* What the operator says where the client says nothing, and the hint about tags, behind
 * what the provider may have kept. */
static int write_system(struct anthropic_asking *x, size_t n)
{
    const struct str none = {NULL, 0};
    const struct json_text own =
        json_text_saying(x->arena, x->q->target->engine->default_system);
    bool is_open = false;
    if (!own.raw.p)
        return err_nomem(x->err);
    if (!x->q->chat->has_system && !json_text_is_blank(own)) {
        begin_system(x, &is_open);
        write_text(x, own, none);
    }
    for (size_t i = 0; i < n; i++) {
        const struct message *m = &x->c->messages[i];
        for (size_t k = 0; k < m->npieces; k++) {
            if (!talk_is_said(&m->pieces[k]))
                continue;
            if (m->pieces[k].kind != PIECE_TEXT)
                return cannot_in(x, m, "instructions that are no text");
            begin_system(x, &is_open);
            write_text(x, m->pieces[k].text, m->pieces[k].cache);
        }
    }
    if (x->q->has_tags) {
        begin_system(x, &is_open);
        write_text(x, JSON_TEXT(TAG_HINT), none);
    }
    if (is_open)
        json_array_close(x->w);
    return 0;
}

static int make_room(struct anthropic_asking *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->c->nmessages; i++)
        n += x->c->messages[i].ncalls;
    x->calls = arena_array(x->arena, struct anthropic_call, n + 1);
    return x->calls ? 0 : err_nomem(x->err);
}

static int write_messages(struct anthropic_asking *x, size_t from)
{
    const struct conversation *c = x->c;
    bool was_model = false;
    json_key(x->w, "messages");
    json_array_open(x->w);
    if (from < c->nmessages && c->messages[from].speaker == SPEAKER_MODEL) {
        begin_message(x, "user"); /* speaks first */
        write_text(x, JSON_TEXT("(start)"), (struct str){NULL, 0});
    }
    for (size_t i = from, to; i < c->nmessages; i = to) {
        bool is_model = c->messages[i].speaker == SPEAKER_MODEL;
        for (to = i + 1; !is_model && to < c->nmessages; to++)
            if (c->messages[to].speaker == SPEAKER_MODEL)
                break;
        if (is_model && !was_model)
            x->ncalls = 0;
        was_model = is_model;
        x->ends_in_results &= !is_model;
        if ((is_model ? write_turn(x, &c->messages[i]) : write_between(x, i, to)) != 0)
            return -1;
    }
    bool has_messages = x->role != NULL;
    end_message(x);
    json_array_close(x->w);
    return has_messages ? 0 : anthropic_cannot(x, "a conversation without messages");
}

int anthropic_write_talk(struct anthropic_asking *x)
{
    const struct conversation *c = x->c;
    size_t n = 0;
    while (n < c->nmessages && c->messages[n].speaker == SPEAKER_SYSTEM)
        n++;
    if (make_room(x) != 0 || write_system(x, n) != 0 || write_messages(x, n) != 0)
        return -1;
    if (x->has_lost_thoughts)
        engine_lose(x->q, LOST_THOUGHTS);
    return 0;
}
