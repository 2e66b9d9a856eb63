/* anthropic_queue.c -- see anthropic_queue.h. */
#include "dialect/anthropic_queue.h"

#include "core/hash.h"
#include "core/mem.h"
#include "dialect/anthropic_write.h"
#include "json/write.h"

enum {
    MAX_HELD_BYTES = 32 * 1024 * 1024,
    MAX_WAITING = 1024, /* blocks */
    MAX_NAME_BYTES = 1024
};

static void fail(struct block_queue *q, const char *why)
{
    if (!q->fault)
        q->fault = why;
}

/* -- events ----------------------------------------------------------------------------
 */

static void begin_event(const struct block_queue *q, const char *type, struct buf *out)
{
    buf_lit(out, "event: ");
    buf_append(out, str_of(type));
    buf_lit(out, "\ndata: {\"type\":\"");
    buf_append(out, str_of(type));
    buf_lit(out, "\",\"index\":");
    buf_u64(out, q->index);
}

/* Up to what the delta says. */
static void open_delta(const struct block_queue *q, struct str members, struct buf *out)
{
    buf_lit(out, "event: content_block_delta\n"
                 "data: {\"type\":\"content_block_delta\",\"index\":");
    buf_u64(out, q->index);
    buf_lit(out, ",\"delta\":{\"type\":\"");
    buf_append(out, members);
}

static void close_delta(struct buf *out)
{
    buf_lit(out, "\"}}\n\n");
}

static void open_text(const struct block_queue *q, enum block_kind kind, struct buf *out)
{
    open_delta(q,
               kind == BLOCK_TEXT       ? STR("text_delta\",\"text\":\"")
               : kind == BLOCK_THINKING ? STR("thinking_delta\",\"thinking\":\"")
                                        : STR("input_json_delta\",\"partial_json\":\""),
               out);
}

static void write_text(const struct block_queue *q, enum block_kind kind, struct str text,
                       struct buf *out)
{
    if (!text.n)
        return;
    open_text(q, kind, out);
    json_write_inside(out, text);
    close_delta(out);
}

/* Arguments that are no object, whole: in one. */
static void write_arguments_text(const struct block_queue *q, struct str text,
                                 struct buf *out)
{
    struct buf object;
    buf_init(&object, 8 * text.n + 64);
    buf_lit(&object, "{\"text\":");
    json_write_string(&object, text);
    buf_byte(&object, '}');
    out->failed |= object.failed;
    write_text(q, BLOCK_CALL, buf_view(&object), out);
    buf_release(&object);
}

static void write_signature(const struct block_queue *q, struct str seal, struct buf *out)
{
    open_delta(q, STR("signature_delta\",\"signature\":\""), out);
    json_write_inside(out, seal);
    close_delta(out);
}

static void write_start(struct block_queue *q, const struct out_block *b, struct buf *out)
{
    begin_event(q, "content_block_start", out);
    buf_lit(out, ",\"content_block\":");
    switch (b->kind) {
    case BLOCK_TEXT:
        anthropic_open_text(out);
        buf_lit(out, "\"}");
        break;
    case BLOCK_THINKING:
        anthropic_open_thinking(out);
        buf_lit(out, "\",\"signature\":\"\"}");
        break;
    case BLOCK_REDACTED:
        anthropic_write_redacted(buf_view(&b->id), out);
        break;
    case BLOCK_CALL:
        anthropic_open_call(q->answer_id, q->ncalls++, buf_view(&b->id),
                            buf_view(&b->name), out);
        buf_lit(out, "{}}");
        q->has_call = true;
        break;
    }
    buf_lit(out, "}\n\n");
}

static void write_stop(const struct block_queue *q, struct buf *out)
{
    begin_event(q, "content_block_stop", out);
    buf_lit(out, "}\n\n");
}

/* -- the queue -------------------------------------------------------------------------
 */

static void release(struct out_block *b)
{
    buf_release(&b->id);
    buf_release(&b->name);
    buf_release(&b->text);
}

void block_queue_release(struct block_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        release(&q->v[i]);
    mem_free(q->v);
    mem_free(q->ended);
    q->v = NULL;
    q->ended = NULL;
    q->n = q->cap = q->nended = q->ended_cap = 0;
}

static void keep(struct block_queue *q, struct buf *to, struct str s)
{
    if (q->held_bytes + s.n > MAX_HELD_BYTES) {
        fail(q, "too much of the answer waits for a tool call that does not end");
        return;
    }
    buf_append(to, s);
    if (to->failed)
        fail(q, "weir is out of memory");
    else
        q->held_bytes += s.n;
}

/* NULL, and the fault is noted: there are too many. */
static struct out_block *push(struct block_queue *q, enum block_kind kind)
{
    if (q->n == q->cap) {
        size_t cap = q->cap ? 2 * q->cap : 4;
        struct out_block *v =
            cap > MAX_WAITING ? NULL : mem_realloc(q->v, cap * sizeof *v);
        if (!v) {
            fail(q,
                 "too many parts of the answer wait for a tool call that does not end");
            return NULL;
        }
        q->v = v;
        q->cap = cap;
    }
    struct out_block *b = &q->v[q->n++];
    *b = (struct out_block){.kind = kind};
    buf_init(&b->id, MAX_HELD_BYTES);
    buf_init(&b->name, MAX_NAME_BYTES);
    buf_init(&b->text, MAX_HELD_BYTES);
    return b;
}

/* A call is told by its name; until that has come nothing of it can be. */
static bool may_open(const struct out_block *b)
{
    return b->kind != BLOCK_CALL || buf_len(&b->name) > 0;
}

static bool is_whole(const struct nesting *n)
{
    return n->is_begun && n->depth == 0 && !n->in_string;
}

static bool may_close(const struct out_block *b)
{
    return b->is_open && (b->kind != BLOCK_CALL || is_whole(&b->nesting));
}

static void open_first(struct block_queue *q, struct buf *out)
{
    struct out_block *b = &q->v[0];
    write_start(q, b, out);
    b->is_open = true;
    if (b->kind != BLOCK_REDACTED && !b->is_text) {
        write_text(q, b->kind, buf_view(&b->text), out);
        q->held_bytes -= buf_len(&b->text);
        buf_clear(&b->text);
    }
    if (b->kind == BLOCK_THINKING && buf_len(&b->id))
        write_signature(q, buf_view(&b->id), out);
    q->held_bytes -= buf_len(&b->id) + buf_len(&b->name);
    if (b->kind != BLOCK_CALL)
        buf_clear(&b->id);
    else
        q->held_bytes += buf_len(&b->id) + buf_len(&b->name);
}

static uint64_t digest(const struct buf *id)
{
    static const struct siphash_key key = {5, 6};
    return siphash_once(key, buf_view(id));
}

static void note_ended(struct block_queue *q, const struct out_block *b)
{
    if (q->nended == q->ended_cap) {
        size_t cap = q->ended_cap ? 2 * q->ended_cap : 4;
        struct ended_call *v = mem_realloc(q->ended, cap * sizeof *v);
        if (!v) {
            fail(q, "weir is out of memory");
            return;
        }
        q->ended = v;
        q->ended_cap = cap;
    }
    q->ended[q->nended++] = (struct ended_call){b->call, digest(&b->id)};
}

static void close_first(struct block_queue *q, struct buf *out)
{
    struct out_block *b = &q->v[0];
    if (b->is_text)
        write_arguments_text(q, buf_view(&b->text), out);
    write_stop(q, out);
    if (b->kind == BLOCK_CALL) {
        note_ended(q, b);
        q->held_bytes -= buf_len(&b->id) + buf_len(&b->name) + buf_len(&b->text);
    }
    release(b);
    q->index++;
    q->n--;
    memmove(q->v, q->v + 1, q->n * sizeof *q->v);
}

/* Opens and ends what can be. */
static void go_on(struct block_queue *q, struct buf *out)
{
    while (q->n > 0 && !q->fault) {
        if (!q->v[0].is_open) {
            if (!may_open(&q->v[0]))
                return;
            open_first(q, out);
        }
        bool is_last = q->n == 1 && q->v[0].kind != BLOCK_REDACTED;
        if (is_last || !may_close(&q->v[0]))
            return;
        close_first(q, out);
    }
}

/* -- text, thoughts and seals -----------------------------------------------------------
 */

void block_queue_text(struct block_queue *q, enum block_kind kind, struct str text,
                      struct buf *out)
{
    struct out_block *b = q->n ? &q->v[q->n - 1] : NULL;
    if (text.n == 0 || q->fault)
        return;
    if (!b || b->kind != kind || b->is_closed_soon)
        b = push(q, kind);
    if (!b)
        return;
    if (b->is_open)
        write_text(q, kind, text, out);
    else
        keep(q, &b->text, text);
    go_on(q, out);
}

bool block_queue_more(const struct block_queue *q, enum block_kind kind, struct str raw,
                      struct buf *out)
{
    const struct out_block *b = q->v;
    if (q->n != 1 || q->fault || !b->is_open || b->is_closed_soon || b->kind != kind)
        return false;
    open_text(q, kind, out);
    json_rewrite_inside(out, raw);
    close_delta(out);
    return true;
}

void block_queue_sign(struct block_queue *q, struct str seal, struct buf *out)
{
    struct out_block *b = q->n ? &q->v[q->n - 1] : NULL;
    if (q->fault)
        return;
    if (!b || b->kind != BLOCK_THINKING || b->is_closed_soon)
        b = push(q, BLOCK_THINKING);
    if (!b)
        return;
    b->is_closed_soon = true;
    if (b->is_open)
        write_signature(q, seal, out);
    else
        keep(q, &b->id, seal);
    go_on(q, out);
}

void block_queue_redacted(struct block_queue *q, struct str seal, struct buf *out)
{
    struct out_block *b = q->fault ? NULL : push(q, BLOCK_REDACTED);
    if (!b)
        return;
    keep(q, &b->id, seal);
    go_on(q, out);
}

/* -- calls -----------------------------------------------------------------------------
 */

static void follow(struct nesting *n, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (n->in_string) {
            if (n->is_escaped)
                n->is_escaped = false;
            else if (c == '\\')
                n->is_escaped = true;
            else
                n->in_string = c != '"';
            continue;
        }
        if (c == '"')
            n->in_string = true;
        else if (c == '{' || c == '[')
            n->depth++;
        else if ((c == '}' || c == ']') && n->depth > 0)
            n->depth--;
        n->is_begun |= c == '{' || c == '[';
    }
}

/* The newest call with that index; NULL: there is none in the queue. */
static struct out_block *find_call(struct block_queue *q, uint32_t index)
{
    for (size_t i = q->n; i > 0; i--)
        if (q->v[i - 1].kind == BLOCK_CALL && q->v[i - 1].call == index)
            return &q->v[i - 1];
    return NULL;
}

/* Engines repeat a call's index for the next one, and its id and name with each piece. */
static bool begins_another(const struct out_block *b, const struct call_piece *c)
{
    if (c->id.n && buf_len(&b->id))
        return !str_eq(c->id, buf_view(&b->id));
    return c->name.n && is_whole(&b->nesting) && str_trim(c->arguments).n;
}

/* Of a call that has been ended: nothing, or all of it once more. */
static bool is_repeated(const struct block_queue *q, const struct call_piece *c)
{
    static const struct siphash_key key = {5, 6};
    for (size_t i = 0; i < q->nended; i++)
        if (q->ended[i].call == c->index &&
            (c->id.n ? q->ended[i].id == siphash_once(key, c->id)
                     : !c->name.n && !str_trim(c->arguments).n))
            return true;
    return false;
}

static void add_arguments(struct block_queue *q, struct out_block *b, struct str text,
                          struct buf *out)
{
    bool was_whole = is_whole(&b->nesting);
    if (was_whole && (!str_trim(text).n || str_starts(str_trim(text), STR("{"))))
        return; /* blanks, or all of them once more */
    if (!b->is_object && !b->is_text) {
        if (!str_trim(text).n)
            return; /* nobody knows yet */
        b->is_object = str_starts(str_trim(text), STR("{"));
        b->is_text = !b->is_object;
    }
    follow(&b->nesting, text);
    if (b->is_open && b->is_object)
        write_text(q, BLOCK_CALL, text, out);
    else
        keep(q, &b->text, text);
}

void block_queue_call(struct block_queue *q, const struct call_piece *c, struct buf *out)
{
    struct out_block *b = q->fault ? NULL : find_call(q, c->index);
    if (q->fault || (!b && is_repeated(q, c)))
        return;
    if (!b || begins_another(b, c)) {
        b = push(q, BLOCK_CALL);
        if (!b)
            return;
        b->call = c->index;
    }
    if (!buf_len(&b->id))
        keep(q, &b->id, c->id);
    if (!buf_len(&b->name))
        keep(q, &b->name, c->name);
    if (c->arguments.n)
        add_arguments(q, b, c->arguments, out);
    go_on(q, out);
}

void block_queue_end(struct block_queue *q, struct buf *out)
{
    while (q->n > 0 && !q->fault) {
        if (!q->v[0].is_open && !may_open(&q->v[0])) {
            fail(q, "the engine sent a tool call without a name");
            return;
        }
        if (!q->v[0].is_open)
            open_first(q, out);
        close_first(q, out);
    }
}
