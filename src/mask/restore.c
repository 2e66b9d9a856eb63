/* restore.c -- see restore.h.
 *
 * Most events of a stream differ from the one before only in one string, so the bytes
 * around it are kept, as the engine's decoder does: an event that begins and ends with
 * them is not parsed.  Everything else goes through texts.c. */
#include "mask/restore.h"

#include "core/mem.h"
#include "mask/texts.h"
#include "json/halves.h"

enum {
    CHANNELS_MAX = 1024, /* past these each piece stands alone: nothing is held */
    FIRST_CHANNELS = 4,
    SHAPE_BYTES = 16 * 1024,
    ENVELOPE_BYTES = 4096,
    FRAME_ROOM = 1024,
    TWINS_MAX = 8,
    FRAME_BYTES = 8, /* "data: " and the blank line */
    EVENT_ROOM = 256,
    LARGE_EVENT_BYTES = 16 * 1024, /* what it took does not wait for the next event */
    USUAL_BYTES = 16 * 1024,       /* held by nearly every stream */
    WORDS_BYTES = 256 * 1024
};

struct restorer {
    struct vault *vault;
    size_t max_bytes;
    struct restore_counts counts;
    struct channel *channels;
    uint16_t *slots; /* behind them, two for each: by path, 1 + its place; 0: free */
    uint32_t nchannels, cap;
    uint32_t frame_bytes;
    struct texts texts;
    bool has_whole_changed; /* in the event at hand: a text that is in no channel */
    struct arena strings;   /* of the event at hand */
    struct buf scratch;     /* what was held, and the piece after it */
    struct buf plain;       /* restored text */
    struct buf framed;      /* the event written anew: "data: ...\n\n" */
    struct buf envelope;    /* members that every chunk of this stream has */
    struct buf shape;       /* an event's JSON before the string, then that after it */
    uint32_t shape_head, shape_tail; /* 0: none known */
    uint32_t shape_channel;
    bool is_in_order; /* one kind of text after the other */
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
    for (uint32_t i = 0; i < r->nchannels; i++)
        mem_free(r->channels[i].frame);
    mem_free(r->channels);
    mem_free(r);
}

void restorer_keep_order(struct restorer *r)
{
    r->is_in_order = true;
}

size_t restorer_held(const struct restorer *r)
{
    size_t n = r->cap * sizeof *r->channels + r->frame_bytes + r->strings.used_bytes +
               r->scratch.cap + r->plain.cap + r->framed.cap + texts_held(&r->texts);
    return n <= USUAL_BYTES ? 0 : n;
}

const struct restore_counts *restorer_counts(const struct restorer *r)
{
    return &r->counts;
}

/* -- channels ------------------------------------------------------------------ */

/* What a piece of this text stands in, to let go what is held at the end.  False: it is
 * too long, and the text must not be held. */
static bool keep_frame(const struct restorer *r, const struct text *t, struct channel *ch)
{
    struct buf open, close;
    buf_init(&open, FRAME_ROOM);
    buf_init(&close, FRAME_ROOM);
    bool fits = texts_frame(&r->texts, t, &open, &close);
    size_t n = buf_len(&open), nclose = buf_len(&close);
    ch->frame = fits ? mem_alloc(n + nclose) : NULL;
    if (ch->frame) {
        memcpy(ch->frame, open.p, n);
        memcpy(ch->frame + n, close.p, nclose);
        ch->nopen = (uint16_t)n;
        ch->nclose = (uint16_t)nclose;
    }
    buf_release(&open);
    buf_release(&close);
    return ch->frame != NULL;
}

/* Where the path has its channel, or would have it. */
static uint16_t *slot_of(const struct restorer *r, uint64_t path)
{
    const uint32_t mask = 2 * r->cap - 1;
    uint32_t i = (uint32_t)(path ^ path >> 32) & mask;
    while (r->slots[i] && r->channels[r->slots[i] - 1].path != path)
        i = (i + 1) & mask;
    return &r->slots[i];
}

static bool grow_channels(struct restorer *r)
{
    uint32_t cap = r->cap ? r->cap * 2 : FIRST_CHANNELS;
    size_t nslots = 2 * (size_t)cap;
    if (r->nchannels == CHANNELS_MAX)
        return false;
    void *p =
        mem_realloc(r->channels, cap * sizeof *r->channels + nslots * sizeof *r->slots);
    if (!p)
        return false;
    r->channels = p;
    r->slots = (void *)(r->channels + cap);
    r->cap = cap;
    memset(r->slots, 0, nslots * sizeof *r->slots);
    for (uint32_t i = 0; i < r->nchannels; i++)
        *slot_of(r, r->channels[i].path) = (uint16_t)(i + 1);
    return true;
}

/* Its place, or -1 when there is no room for one more. */
static int channel_of(struct restorer *r, const struct text *t)
{
    const uint64_t path = texts_path(&r->texts, t);
    const uint16_t *slot = r->cap ? slot_of(r, path) : NULL;
    if (slot && *slot)
        return *slot - 1;
    if (r->nchannels == r->cap && !grow_channels(r))
        return -1;
    struct channel *ch = &r->channels[r->nchannels];
    channel_init(ch, t->kind);
    ch->path = path;
    ch->choice = texts_choice(&r->texts, t);
    if (!keep_frame(r, t, ch))
        return -1;
    r->frame_bytes += ch->nopen + ch->nclose;
    *slot_of(r, path) = (uint16_t)++r->nchannels;
    return (int)r->nchannels - 1;
}

/* The piece's restored text is in r->plain unless *ret_same. */
static void feed(struct restorer *r, struct channel *ch, struct json_string s,
                 bool is_end, bool *ret_same)
{
    struct str text = halves_read(&r->strings, s);
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
    case CHANNEL_REASONING:
    case CHANNEL_THOUGHT:
    case CHANNEL_MAYBE:
        return &e->reasoning_bytes;
    case CHANNEL_ARGUMENTS:
    case CHANNEL_INPUT:
        return &e->tool_bytes;
    default:
        return &e->content_bytes;
    }
}

/* The text as a JSON string's inside. */
static size_t put_inside(struct buf *out, struct str text)
{
    size_t at = out->n;
    halves_write(out, text);
    return out->failed ? 0 : out->n - at;
}

static void set_counter(struct event *e, unsigned kind, size_t was, size_t is)
{
    if (kind == CHANNEL_THOUGHT || kind == CHANNEL_MAYBE || kind >= CHANNEL_WHOLE)
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
    buf_append(&r->framed, (struct str){ch->frame, ch->nopen});
    *counter_of(&e, ch->kind) = (uint32_t)put_inside(&r->framed, buf_view(&r->plain));
    buf_append(&r->framed, (struct str){ch->frame + ch->nopen, ch->nclose});
    return emit_framed(r, &e, sink, ctx, err);
}

int restore_end(struct restorer *r, event_sink *sink, void *ctx, struct err *err)
{
    for (uint32_t i = 0; i < r->nchannels; i++)
        if (flush(r, &r->channels[i], sink, ctx, err) < 0)
            return -1;
    return 0;
}

/* -- who speaks next ------------------------------------------------------------ */

/* Kinds of text that follow one another in an answer: thoughts, words, calls. */
static unsigned group_of(unsigned kind)
{
    switch (kind) {
    case CHANNEL_REASONING:
    case CHANNEL_THOUGHT:
        return 1;
    case CHANNEL_CONTENT:
        return 2;
    case CHANNEL_ARGUMENTS:
    case CHANNEL_INPUT:
        return 4;
    default:
        return 0;
    }
}

/* Texts of one group may take turns, as the arguments of parallel calls do.  When a text
 * of another group begins, what was held of the one before goes out first. */
static int end_others(struct restorer *r, unsigned present, uint32_t choice,
                      event_sink *sink, void *ctx, struct err *err)
{
    for (uint32_t i = 0; i < r->nchannels; i++) {
        struct channel *ch = &r->channels[i];
        unsigned group = group_of(ch->kind);
        if (ch->nheld && ch->choice == choice && group && !(group & present) &&
            flush(r, ch, sink, ctx, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_holding(const struct restorer *r)
{
    for (uint32_t i = 0; i < r->nchannels; i++)
        if (r->channels[i].nheld)
            return true;
    return false;
}

/* A call may begin without arguments, and a seal closes a thought without a text. */
static unsigned groups_without_text(struct str data)
{
    if (str_find(data, STR("\"tool_calls\"")) >= 0)
        return 4;
    return str_find(data, STR("\"reasoning_details\"")) >= 0 ? 2 | 4 : 0;
}

/* By what the event says; of several choices at once nothing is known. */
static int end_before(struct restorer *r, const struct event *e, event_sink *sink,
                      void *ctx, struct err *err)
{
    unsigned present = 0;
    uint32_t choice = e->choice;
    if (LIKELY(!is_holding(r)))
        return 0;
    for (size_t i = 0; i < r->texts.n; i++) {
        const struct text *t = &r->texts.items[i];
        unsigned group = t->string.raw.n ? group_of(t->kind) : 0;
        uint32_t own = group ? texts_choice(&r->texts, t) : choice;
        if (present && own != choice)
            return 0;
        present |= group;
        choice = own;
    }
    if (!present)
        present = groups_without_text(e->data);
    return present ? end_others(r, present, choice, sink, ctx, err) : 0;
}

/* -- one event ------------------------------------------------------------------- */

/* The one text of the event that comes in pieces, when all others are as they were. */
static const struct text *only_piece(const struct restorer *r)
{
    const struct text *found = NULL;
    for (size_t i = 0; i < r->texts.n; i++) {
        const struct text *t = &r->texts.items[i];
        if (t->kind >= CHANNEL_WHOLE || t->string.raw.n == 0)
            continue;
        if (found || t->kind == CHANNEL_MAYBE || t->is_message)
            return NULL;
        found = t;
    }
    return found;
}

static void learn_shape(struct restorer *r, const struct event *e)
{
    const struct text *t = only_piece(r);
    r->shape_head = 0;
    if (!t || r->has_whole_changed || e->kind != EVENT_DELTA || e->usage.is_known)
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

/* What alone the event says is its text as it is now, n bytes that stand at `at`. */
static void keep_sole(struct restorer *r, struct event *e, struct str was, size_t at,
                      size_t n)
{
    bool is_same_text = e->sole.p == was.p && e->sole.n == was.n;
    if (!is_same_text || n == 0 || !buf_reserve(&r->framed, strlen("\n\n")))
        e->sole_kind = SOLE_NONE;
    else
        e->sole = (struct str){r->framed.p + at, n};
}

static int restore_shaped(struct restorer *r, const struct event *e, struct json_string s,
                          event_sink *sink, void *ctx, struct err *err)
{
    struct channel *ch = &r->channels[r->shape_channel];
    bool same;
    if (UNLIKELY(r->is_in_order) &&
        end_others(r, group_of(ch->kind), ch->choice, sink, ctx, err) < 0)
        return -1;
    feed(r, ch, s, false, &same);
    if (same)
        return sink(ctx, e);
    struct event changed = *e;
    begin_framed(r);
    buf_append(&r->framed, str_sub(e->data, 0, r->shape_head));
    size_t at = r->framed.n, n = put_inside(&r->framed, buf_view(&r->plain));
    buf_append(&r->framed, str_sub(e->data, r->shape_head + s.raw.n, e->data.n));
    set_counter(&changed, ch->kind, s.raw.n, n);
    keep_sole(r, &changed, s.raw, at, n);
    return emit_framed(r, &changed, sink, ctx, err);
}

/* A member that is not known says a word again and again ("state": "stop"): nothing of
 * that may be held.  It is a text from the first string on that is more than a word, or
 * that may begin a tag from its first byte on. */
static bool is_word(struct restorer *r, struct channel *ch, struct str raw)
{
    struct channel probe;
    bool same;
    size_t i = 0;
    if (ch->kind != CHANNEL_MAYBE || ch->is_text)
        return false;
    while (i < raw.n && ((raw.p[i] >= 'a' && raw.p[i] <= 'z') || raw.p[i] == '_' ||
                         raw.p[i] == '-' || raw.p[i] == '.'))
        i++;
    if (i == raw.n) {
        struct restore_counts ignored = {0};
        channel_init(&probe, CHANNEL_MAYBE);
        buf_clear(&r->plain);
        channel_feed(&probe, r->vault, raw, false, &r->scratch, &r->plain, &ignored,
                     &same);
        if (raw.n == 0 || probe.nheld < raw.n)
            return true;
    }
    ch->is_text = true;
    return false;
}

/* The same member comes once more in its object: readers take the last one. */
static bool is_overruled(const struct restorer *r, size_t i)
{
    const struct text *t = &r->texts.items[i];
    for (size_t j = i + 1; j < r->texts.n && j <= i + TWINS_MAX; j++) {
        const struct text *next = &r->texts.items[j];
        if (next->node == t->node && t->name.p && next->name.p &&
            str_eq(next->name, t->name))
            return true;
    }
    return false;
}

/* Where the pieces of this text are joined; NULL: it is whole. */
static struct channel *pieces_of(struct restorer *r, size_t i)
{
    const struct text *t = &r->texts.items[i];
    if (t->kind >= CHANNEL_WHOLE || (t->is_message && r->texts.has_delta) ||
        UNLIKELY(is_overruled(r, i)))
        return NULL;
    int at = channel_of(r, t);
    if (at < 0 || is_word(r, &r->channels[at], t->string.raw))
        return NULL;
    return &r->channels[at];
}

/* Writes data with its texts restored behind what is in `out`; true when anything
 * differs.  is_whole: every text is complete. */
static bool rewrite(struct restorer *r, struct str data, bool is_whole, struct event *e,
                    struct buf *out)
{
    size_t copied = 0;
    bool has_changed = false;
    r->has_whole_changed = false;
    for (size_t i = 0; i < r->texts.n; i++) {
        const struct text *t = &r->texts.items[i];
        struct channel alone;
        struct channel *ch = is_whole ? NULL : pieces_of(r, i);
        bool same = true, is_alone = !ch;
        if (is_alone) {
            channel_init(&alone, t->kind);
            ch = &alone;
        }
        feed(r, ch, t->string, is_alone, &same);
        if (same)
            continue;
        size_t from = (size_t)(t->string.raw.p - data.p);
        buf_append(out, str_sub(data, copied, from));
        size_t n = put_inside(out, buf_view(&r->plain));
        copied = from + t->string.raw.n;
        has_changed = true;
        r->has_whole_changed |= is_alone;
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
    if (!texts_read(e->data, false, &r->texts) || r->texts.n == 0)
        return sink(ctx, e);
    if (r->texts.failed)
        return err_nomem(err);
    learn_envelope(r, e->data);
    if (UNLIKELY(r->is_in_order) && end_before(r, e, sink, ctx, err) < 0)
        return -1;
    struct event changed = *e;
    changed.sole_kind = SOLE_NONE;
    begin_framed(r);
    bool has_changed = rewrite(r, e->data, false, &changed, &r->framed);
    learn_shape(r, e);
    return has_changed ? emit_framed(r, &changed, sink, ctx, err) : sink(ctx, e);
}

/* It is rare, and much time may pass until the next event. */
NOINLINE static void let_go_of_large(struct restorer *r)
{
    arena_reset(&r->strings);
    wipe(&r->scratch);
    wipe(&r->plain);
    wipe(&r->framed);
    texts_release(&r->texts);
}

static int restore_kind(struct restorer *r, const struct event *e, event_sink *sink,
                        void *ctx, struct err *err)
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

int restore_event(struct restorer *r, const struct event *e, event_sink *sink, void *ctx,
                  struct err *err)
{
    int rc = restore_kind(r, e, sink, ctx, err);
    /* Else both may be freed by now. */
    if (rc >= 0 && UNLIKELY(e->data.n > LARGE_EVENT_BYTES))
        let_go_of_large(r);
    return rc;
}

int restore_answer(struct restorer *r, struct str body, struct buf *out, struct err *err)
{
    size_t mark = out->n;
    arena_reset(&r->strings);
    bool is_json = texts_read(body, true, &r->texts);
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
    channel_init(&ch, CHANNEL_CONTENT);
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
