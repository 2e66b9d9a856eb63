/* restore.c -- see restore.h.
 *
 * Most events of a stream differ from the one before only in one string, so the bytes
 * around it are kept, as the engine's decoder does: an event that begins and ends with
 * them is not parsed.  Everything else goes through texts.c. */
#include "mask/restore.h"

#include "core/mem.h"
#include "mask/texts.h"
#include "json/write.h"

enum {
    CHANNELS_MAX = 1024, /* past these each piece stands alone: nothing is held */
    FIRST_CHANNELS = 4,
    SHAPE_BYTES = 16 * 1024,
    ENVELOPE_BYTES = 4096,
    FRAME_BYTES = 8, /* "data: " and the blank line */
    EVENT_ROOM = 256,
    WORDS_BYTES = 256 * 1024
};

struct restorer {
    struct vault *vault;
    size_t max_bytes;
    struct restore_counts counts;
    struct channel *channels;
    uint32_t nchannels, cap;
    struct texts texts;
    struct arena strings; /* of the event at hand */
    struct buf scratch;   /* what was held, and the piece after it */
    struct buf plain;     /* restored text */
    struct buf framed;    /* the event written anew: "data: ...\n\n" */
    struct buf envelope;  /* members that every chunk of this stream has */
    struct buf shape;     /* an event's JSON before the string, then that after it */
    uint32_t shape_head, shape_tail; /* 0: none known */
    uint32_t shape_channel;
};

struct restorer *restorer_create(struct vault *v, size_t max_bytes)
{
    struct restorer *r = mem_new(struct restorer);
    if (!r)
        return NULL;
    r->vault = vault_retain(v);
    r->max_bytes = max_bytes;
    arena_init(&r->strings, max_bytes + 4096);
    buf_init(&r->scratch, max_bytes + TAG_SPREAD);
    buf_init(&r->plain, max_bytes);
    buf_init(&r->framed, max_bytes + EVENT_ROOM);
    buf_init(&r->envelope, ENVELOPE_BYTES);
    buf_init(&r->shape, SHAPE_BYTES);
    return r;
}

static void wipe(struct buf *b)
{
    if (b->p)
        mem_wipe(b->p, b->cap);
    buf_release(b);
}

void restorer_free(struct restorer *r)
{
    if (!r)
        return;
    vault_release(r->vault);
    texts_release(&r->texts);
    arena_reset(&r->strings);
    wipe(&r->scratch);
    wipe(&r->plain);
    wipe(&r->framed);
    buf_release(&r->envelope);
    buf_release(&r->shape);
    mem_free(r->channels);
    mem_free(r);
}

const struct restore_counts *restorer_counts(const struct restorer *r)
{
    return &r->counts;
}

/* -- channels ------------------------------------------------------------------ */

static bool is_of(const struct channel *ch, const struct text *t)
{
    return ch->choice == t->choice && ch->tool == t->tool && ch->kind == t->kind;
}

/* Its place, or -1 when there is no room for one more. */
static int channel_of(struct restorer *r, const struct text *t)
{
    for (uint32_t i = 0; i < r->nchannels; i++)
        if (is_of(&r->channels[i], t))
            return (int)i;
    if (r->nchannels == CHANNELS_MAX)
        return -1;
    if (r->nchannels == r->cap) {
        uint32_t cap = r->cap ? r->cap * 2 : FIRST_CHANNELS;
        void *p = mem_realloc(r->channels, cap * sizeof *r->channels);
        if (!p)
            return -1;
        r->channels = p;
        r->cap = cap;
    }
    channel_init(&r->channels[r->nchannels], t->kind, t->choice, t->tool);
    return (int)r->nchannels++;
}

/* The piece's restored text is in r->plain unless *ret_same. */
static void feed(struct restorer *r, struct channel *ch, struct json_string s,
                 bool is_end, bool *ret_same)
{
    struct str text = json_unescape(&r->strings, s);
    buf_clear(&r->plain);
    if (!text.p) {
        r->plain.failed = true;
        *ret_same = false;
        return;
    }
    channel_feed(ch, r->vault, text, is_end, &r->scratch, &r->plain, &r->counts,
                 ret_same);
    r->plain.failed |= r->scratch.failed;
}

/* -- writing ------------------------------------------------------------------- */

static uint32_t *counter_of(struct event *e, unsigned kind)
{
    switch (kind) {
    case CHANNEL_REASONING_CONTENT:
    case CHANNEL_REASONING:
    case CHANNEL_THINKING:
    case CHANNEL_DETAIL:
    case CHANNEL_SUMMARY:
    case CHANNEL_PART_THINKING:
        return &e->reasoning_bytes;
    case CHANNEL_ARGUMENTS:
    case CHANNEL_INPUT:
    case CHANNEL_FUNCTION:
        return &e->tool_bytes;
    default:
        return &e->content_bytes;
    }
}

/* The text as a JSON string's inside. */
static size_t put_inside(struct buf *out, struct str text)
{
    size_t at = out->n;
    json_write_string(out, text);
    if (out->failed || out->n < at + 2)
        return 0;
    size_t n = out->n - at - 2;
    memmove(out->p + at, out->p + at + 1, n);
    out->n -= 2;
    return n;
}

static void set_counter(struct event *e, unsigned kind, size_t was, size_t is)
{
    if (kind == CHANNEL_THINKING || kind == CHANNEL_DETAIL || kind == CHANNEL_SUMMARY ||
        kind == CHANNEL_PART_THINKING || kind >= CHANNEL_WHOLE)
        return; /* the engine's room counts none of these */
    uint32_t *counter = counter_of(e, kind);
    uint32_t rest = *counter > was ? *counter - (uint32_t)was : 0;
    *counter = rest + (uint32_t)is;
}

/* Ends the event begun with "data: " in r->framed and hands it out. */
static int emit_framed(struct restorer *r, struct event *e, event_sink *sink, void *ctx,
                       struct err *err)
{
    if (r->framed.failed || r->plain.failed)
        return err_set(err, ERR_UPSTREAM, "event_too_large",
                       "a restored event has more than %zu bytes, or memory is out",
                       r->max_bytes);
    /* Between tokens only: a string has no raw line ends.  They would end the field. */
    for (char *p = r->framed.p;
         (p = memchr(p, '\n', r->framed.n - (size_t)(p - r->framed.p)));)
        *p = ' ';
    buf_lit(&r->framed, "\n\n");
    e->raw = buf_view(&r->framed);
    e->data = str_sub(e->raw, FRAME_BYTES - 2, e->raw.n - 2);
    bool is_empty = e->content_bytes + e->reasoning_bytes + e->tool_bytes == 0;
    if (e->kind == EVENT_DELTA && is_empty)
        e->kind = EVENT_START; /* all of it is held */
    return sink(ctx, e);
}

static void begin_framed(struct restorer *r)
{
    buf_clear(&r->framed);
    buf_lit(&r->framed, "data: ");
}

/* -- what was held -------------------------------------------------------------- */

static const struct {
    const char *open, *close;
    const char *list; /* of which it is the member with its own index; NULL: none */
} frames[CHANNEL_KINDS] = {
    [CHANNEL_CONTENT] = {"\"delta\":{\"content\":\"", "\"}", NULL},
    [CHANNEL_REASONING_CONTENT] = {"\"delta\":{\"reasoning_content\":\"", "\"}", NULL},
    [CHANNEL_REASONING] = {"\"delta\":{\"reasoning\":\"", "\"}", NULL},
    [CHANNEL_THINKING] = {"\"delta\":{\"thinking\":\"", "\"}", NULL},
    [CHANNEL_DETAIL] = {",\"type\":\"reasoning.text\",\"text\":\"", "\"}]}",
                        "reasoning_details"},
    [CHANNEL_SUMMARY] = {",\"type\":\"reasoning.summary\",\"summary\":\"", "\"}]}",
                         "reasoning_details"},
    [CHANNEL_PART_THINKING] = {"\"delta\":{\"content\":[{\"type\":\"thinking\","
                               "\"thinking\":[{\"type\":\"text\",\"text\":\"",
                               "\"}]}]}", NULL},
    [CHANNEL_TRANSCRIPT] = {"\"delta\":{\"audio\":{\"transcript\":\"", "\"}}", NULL},
    [CHANNEL_REFUSAL] = {"\"delta\":{\"refusal\":\"", "\"}", NULL},
    [CHANNEL_TEXT] = {"\"text\":\"", "\",\"logprobs\":null", NULL},
    [CHANNEL_ARGUMENTS] = {",\"function\":{\"arguments\":\"", "\"}}]}", "tool_calls"},
    [CHANNEL_INPUT] = {",\"custom\":{\"input\":\"", "\"}}]}", "tool_calls"},
    [CHANNEL_FUNCTION] = {"\"delta\":{\"function_call\":{\"arguments\":\"", "\"}}", NULL},
};

static void learn_envelope(struct restorer *r, struct str data)
{
    static const char *const kept[] = {
        "id", "object", "created", "model", "system_fingerprint", "service_tier"};
    if (buf_len(&r->envelope))
        return;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        struct str value = json_get(data, kept[i]);
        if (!value.p)
            continue;
        buf_printf(&r->envelope, "\"%s\":%.*s,", kept[i], STR_ARG(value));
    }
    if (r->envelope.failed) { /* a stream with an absurd id: chunks go without */
        buf_release(&r->envelope);
        buf_init(&r->envelope, ENVELOPE_BYTES);
    }
}

/* Lets go what a channel holds, as a delta of its own. */
static int flush(struct restorer *r, struct channel *ch, event_sink *sink, void *ctx,
                 struct err *err)
{
    static const struct json_string nothing = {.raw = {"", 0}};
    bool same;
    if (ch->nheld == 0)
        return 0;
    feed(r, ch, nothing, true, &same);
    struct event e = {.kind = EVENT_DELTA, .choice = ch->choice};
    begin_framed(r);
    buf_byte(&r->framed, '{');
    buf_append(&r->framed, buf_view(&r->envelope));
    buf_printf(&r->framed, "\"choices\":[{\"index\":%u,", ch->choice);
    if (frames[ch->kind].list)
        buf_printf(&r->framed, "\"delta\":{\"%s\":[{\"index\":%u", frames[ch->kind].list,
                   ch->tool);
    buf_append(&r->framed, str_of(frames[ch->kind].open));
    *counter_of(&e, ch->kind) = (uint32_t)put_inside(&r->framed, buf_view(&r->plain));
    buf_append(&r->framed, str_of(frames[ch->kind].close));
    buf_lit(&r->framed, ",\"finish_reason\":null}]}");
    return emit_framed(r, &e, sink, ctx, err);
}

int restore_end(struct restorer *r, event_sink *sink, void *ctx, struct err *err)
{
    for (uint32_t i = 0; i < r->nchannels; i++)
        if (flush(r, &r->channels[i], sink, ctx, err) < 0)
            return -1;
    return 0;
}

/* -- one event ------------------------------------------------------------------- */

static void learn_shape(struct restorer *r, const struct event *e)
{
    const struct text *t = r->texts.items;
    r->shape_head = 0;
    if (r->texts.n != 1 || t->kind >= CHANNEL_WHOLE || e->kind != EVENT_DELTA ||
        e->usage.is_known)
        return;
    int at = channel_of(r, t);
    size_t head = (size_t)(t->string.raw.p - e->data.p);
    buf_clear(&r->shape);
    buf_append(&r->shape, str_sub(e->data, 0, head));
    buf_append(&r->shape, str_sub(e->data, head + t->string.raw.n, e->data.n));
    if (at < 0 || r->shape.failed) {
        r->shape.failed = false;
        return;
    }
    r->shape_head = (uint32_t)head;
    r->shape_tail = (uint32_t)(buf_len(&r->shape) - head);
    r->shape_channel = (uint32_t)at;
}

/* True when the event is one of the known shape, with this string in the middle. */
static bool has_shape(const struct restorer *r, const struct event *e,
                      struct json_string *ret)
{
    size_t head = r->shape_head, tail = r->shape_tail;
    if (!head || e->kind != EVENT_DELTA || e->usage.is_known || e->data.n < head + tail ||
        memcmp(e->data.p, r->shape.p, head) != 0 ||
        memcmp(e->data.p + e->data.n - tail, r->shape.p + head, tail) != 0)
        return false;
    struct json_cur c;
    json_begin(&c, str_sub(e->data, head - 1, e->data.n - tail + 1));
    return json_read_string(&c, ret) && json_finish(&c, NULL) == 0;
}

static int restore_shaped(struct restorer *r, const struct event *e, struct json_string s,
                          event_sink *sink, void *ctx, struct err *err)
{
    struct channel *ch = &r->channels[r->shape_channel];
    bool same;
    feed(r, ch, s, false, &same);
    if (same)
        return sink(ctx, e);
    struct event changed = *e;
    begin_framed(r);
    buf_append(&r->framed, str_sub(e->data, 0, r->shape_head));
    size_t n = put_inside(&r->framed, buf_view(&r->plain));
    buf_append(&r->framed, str_sub(e->data, r->shape_head + s.raw.n, e->data.n));
    set_counter(&changed, ch->kind, s.raw.n, n);
    return emit_framed(r, &changed, sink, ctx, err);
}

/* Writes data with its texts restored behind what is in `out`; true when anything
 * differs.  is_whole: every text is complete. */
static bool rewrite(struct restorer *r, struct str data, bool is_whole, struct event *e,
                    struct buf *out)
{
    size_t copied = 0;
    bool has_changed = false;
    for (size_t i = 0; i < r->texts.n; i++) {
        const struct text *t = &r->texts.items[i];
        struct channel alone;
        bool stands_alone = is_whole || t->kind >= CHANNEL_WHOLE;
        int at = stands_alone ? -1 : channel_of(r, t);
        bool same = true;
        channel_init(&alone, t->kind, t->choice, t->tool);
        feed(r, at < 0 ? &alone : &r->channels[at], t->string, at < 0, &same);
        if (same)
            continue;
        size_t from = (size_t)(t->string.raw.p - data.p);
        buf_append(out, str_sub(data, copied, from));
        size_t n = put_inside(out, buf_view(&r->plain));
        copied = from + t->string.raw.n;
        has_changed = true;
        out->failed |= r->plain.failed;
        if (e)
            set_counter(e, t->kind, t->string.raw.n, n);
    }
    buf_append(out, str_sub(data, copied, data.n));
    return has_changed;
}

static int restore_texts(struct restorer *r, const struct event *e, event_sink *sink,
                         void *ctx, struct err *err)
{
    struct json_string s;
    arena_reset(&r->strings);
    if (has_shape(r, e, &s))
        return restore_shaped(r, e, s, sink, ctx, err);
    if (!texts_read(e->data, &r->texts) || r->texts.n == 0)
        return sink(ctx, e);
    if (r->texts.failed)
        return err_nomem(err);
    learn_envelope(r, e->data);
    struct event changed = *e;
    begin_framed(r);
    bool has_changed = rewrite(r, e->data, false, &changed, &r->framed);
    learn_shape(r, e);
    return has_changed ? emit_framed(r, &changed, sink, ctx, err) : sink(ctx, e);
}

int restore_event(struct restorer *r, const struct event *e, event_sink *sink, void *ctx,
                  struct err *err)
{
    switch (e->kind) {
    case EVENT_NOTE: /* texts that the engine's room does not know */
    case EVENT_START:
    case EVENT_DELTA:
    case EVENT_FINISH:
        return restore_texts(r, e, sink, ctx, err);
    case EVENT_ERROR:
    case EVENT_END:
        if (restore_end(r, sink, ctx, err) < 0)
            return -1;
        return sink(ctx, e);
    default:
        return sink(ctx, e);
    }
}

int restore_answer(struct restorer *r, struct str body, struct buf *out, struct err *err)
{
    size_t mark = out->n;
    arena_reset(&r->strings);
    bool is_json = texts_read(body, &r->texts);
    if (r->texts.failed)
        return err_nomem(err);
    if (!is_json)
        r->texts.n = 0;
    rewrite(r, body, true, NULL, out);
    /* Here, where the time is, and not where the restorer is freed. */
    wipe(&r->plain);
    wipe(&r->scratch);
    arena_reset(&r->strings);
    if (out->failed) {
        if (out->n > mark)
            out->n = mark;
        return err_set(err, ERR_UPSTREAM, "event_too_large",
                       "a restored answer does not fit, or memory is out");
    }
    return 0;
}

/* -- errors ------------------------------------------------------------------------ */

static bool is_json(struct str text)
{
    while (text.n && text.p[0] && strchr(" \t\r\n", text.p[0]))
        text = str_sub(text, 1, text.n);
    return text.n && (text.p[0] == '{' || text.p[0] == '[');
}

void restore_words(struct vault *v, struct str text, struct buf *out,
                   struct restore_counts *counts)
{
    struct channel ch;
    struct buf scratch;
    bool is_same;
    buf_init(&scratch, WORDS_BYTES);
    channel_init(&ch, CHANNEL_REFUSAL, 0, 0);
    quoting_init(&ch.quoting, is_json(text));
    channel_feed(&ch, v, text, true, &scratch, out, counts, &is_same);
    if (is_same)
        buf_append(out, text);
    out->failed |= scratch.failed;
    wipe(&scratch);
}

/* How much of it fits, in whole characters. */
static size_t fitting(struct str text, size_t max)
{
    size_t n = text.n;
    if (n > max)
        for (n = max; n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80; n--)
            ;
    return n;
}

void restore_error(struct vault *v, const struct err *err, struct err *ret,
                   struct restore_counts *counts)
{
    struct buf told;
    *ret = *err;
    buf_init(&told, WORDS_BYTES);
    restore_words(v, str_of(err->msg), &told, counts);
    if (!told.failed) {
        size_t n = fitting(buf_view(&told), sizeof ret->msg - 1);
        memcpy(ret->msg, buf_view(&told).p, n);
        ret->msg[n] = '\0';
    }
    wipe(&told);
}
