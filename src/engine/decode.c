/* decode.c -- a streamed answer's bytes to events.
 *
 * The hot path of the whole program: a model sends one event a token, and most differ
 * from the one before only in one string.  The bytes around that string are kept; an
 * event that begins and ends with them, with one valid JSON string between, is known
 * without being parsed or even split.  What the rest of such an event says (index, no
 * finish, no usage) was read when the shape was learned and is the same byte for byte.
 * Everything else goes through sse.c and chunk.c. */
#include "core/mem.h"
#include "dialect/member.h"
#include "dialect/spoken.h"
#include "engine/chunk.h"
#include "engine/classify.h"
#include "engine/failure.h"
#include "engine/notjson.h"
#include "engine/string_at.h"
#include "engine/toolnames.h"
#include "json/scan.h"

/* An event may carry a picture or sound in base64. */
enum {
    MAX_EVENT_BYTES = 16 * 1024 * 1024,
    MAX_SHAPE_BYTES = 16 * 1024,
    KEEP_FRAMED_BYTES = 64 * 1024
};
enum { SOLE_ARENA_BYTES = 1024 };
enum { PREFIX_BYTES = 6, SUFFIX_BYTES = 2 }; /* "data: " and the blank line */

void engine_decoder_init(struct engine_decoder *d, enum engine_speech speaks,
                         enum surface surface)
{
    *d = (struct engine_decoder){.speaks = speaks, .surface = surface};
    d->translation.speaks = speaks;
    buf_init(&d->translation.partial, MAX_EVENT_BYTES);
    buf_init(&d->translation.made, (size_t)8 * MAX_EVENT_BYTES);
    buf_init(&d->translation.own, (size_t)2 * MAX_EVENT_BYTES);
    buf_init(&d->translation.marks, MAX_EVENT_BYTES);
    sse_init(&d->translation.sse, MAX_EVENT_BYTES);
    known_init(&d->translation.known);
    sse_init(&d->sse, MAX_EVENT_BYTES);
    buf_init(&d->shape, MAX_SHAPE_BYTES);
    buf_init(&d->framed, (size_t)2 * MAX_EVENT_BYTES);
}

static void release_translation(struct engine_decoder *d)
{
    struct engine_translation *t = &d->translation;
    const struct engine_translator *row = engine_translator(d->speaks);
    if (t->state && row->release_state)
        row->release_state(t->state);
    mem_free(t->state);
    sse_release(&t->sse);
    known_release(&t->known);
    buf_release(&t->partial);
    buf_release(&t->made);
    buf_release(&t->own);
    buf_release(&t->marks);
}

void engine_decoder_release(struct engine_decoder *d)
{
    sse_release(&d->sse);
    buf_release(&d->shape);
    buf_release(&d->framed);
    release_translation(d);
}

static uint32_t clamp(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void set_text_bytes(struct event *e, const uint64_t bytes[TEXT_KINDS])
{
    e->content_bytes = clamp(bytes[TEXT_CONTENT]);
    e->reasoning_bytes = clamp(bytes[TEXT_REASONING]);
    e->tool_bytes = clamp(bytes[TEXT_TOOL]);
}

/* What all events of the shape say besides their text, which is what this one does. */
static NOINLINE void learn_sole(struct engine_decoder *d, const struct event *e)
{
    _Alignas(16) char first[SOLE_ARENA_BYTES];
    struct arena a;
    struct spoken s;
    struct err unheard;
    arena_init_in(&a, 2 * e->data.n + SOLE_ARENA_BYTES, first, sizeof first);
    d->is_sole_known = true;
    if (d->is_shape_single && spoken_read(e->data, STR("any"), &a, &s, &unheard) == 0 &&
        s.choice == e->choice)
        d->shape_sole = spoken_is_sole(&s, &d->shape_call);
    arena_reset(&a);
}

static inline void tell_sole(struct engine_decoder *d, struct str text, bool is_plain,
                             struct event *e)
{
    if (UNLIKELY(!d->is_sole_known))
        learn_sole(d, e);
    e->sole_kind = d->shape_sole;
    e->sole_call = d->shape_call;
    e->sole = text;
    e->sole_is_plain = is_plain;
}

/* An event of the known shape. */
static inline void tell_shaped(struct engine_decoder *d, struct str raw, struct str text,
                               bool is_plain, struct event *ret)
{
    uint64_t bytes[TEXT_KINDS] = {0};
    bytes[d->shape_counter] = text.n;
    *ret = (struct event){
        .kind = EVENT_DELTA,
        .raw = raw,
        .data = {raw.p + PREFIX_BYTES, raw.n - PREFIX_BYTES - SUFFIX_BYTES},
        .choice = d->shape_choice,
    };
    set_text_bytes(ret, bytes);
    if (UNLIKELY(d->tells_sole))
        tell_sole(d, text, is_plain, ret);
}

/* Length of the one at the start of `in`, or 0. */
static size_t match_shape(struct engine_decoder *d, struct str in, struct event *ret)
{
    uint32_t head = d->shape_head, tail = d->shape_tail;
    if (!head || in.n < (size_t)head + tail || memcmp(in.p, d->shape.p, head) != 0)
        return 0;
    bool is_plain;
    struct str text = string_at(str_sub(in, head, in.n), &is_plain);
    size_t n = head + text.n + tail;
    if (text.n == 0 || in.n < n || memcmp(text.p + text.n, d->shape.p + head, tail) != 0)
        return 0;
    tell_shaped(d, (struct str){in.p, n}, text, is_plain, ret);
    return n;
}

/* Takes one such event off the front of *in, past the reader of events, which must
 * have none half read. */
static bool take_shaped(struct engine_decoder *d, struct str *in, struct event *ret)
{
    if (buf_len(&d->sse.partial) || d->sse.after_cr)
        return false;
    size_t n = match_shape(d, *in, ret);
    if (n == 0)
        return false;
    in->p += n;
    in->n -= n;
    return true;
}

static void learn_shape(struct engine_decoder *d, const struct event *e,
                        const struct chunk *ch)
{
    if (ch->ntexts != 1 || ch->has_usage || ch->usage.given || d->reads_all)
        return;
    size_t head = PREFIX_BYTES + (size_t)(ch->sole.p - e->data.p);
    buf_clear(&d->shape);
    buf_append(&d->shape, str_sub(e->raw, 0, head));
    buf_append(&d->shape, str_sub(e->raw, head + ch->sole.n, e->raw.n));
    if (d->shape.failed) {
        d->shape_head = 0;
        return;
    }
    d->shape_head = (uint32_t)head;
    d->shape_tail = (uint32_t)(buf_len(&d->shape) - head);
    d->shape_choice = ch->choice;
    d->shape_counter = ch->sole_kind;
    d->is_sole_known = false;
    d->shape_sole = SOLE_NONE;
    d->is_shape_single = ch->nchoices == 1;
}

static bool is_canonical(const struct sse_event *s)
{
    return s->raw.n == s->data.n + PREFIX_BYTES + SUFFIX_BYTES &&
           str_starts(s->raw, STR("data: ")) && str_ends(s->raw, STR("\n\n"));
}

/* The event as weir would have framed it; its data's bytes stay. */
static struct str frame(struct engine_decoder *d, struct str data)
{
    struct str line;
    buf_clear(&d->framed);
    while (str_split(&data, '\n', &line)) {
        buf_lit(&d->framed, "data: ");
        buf_append(&d->framed, line);
        buf_byte(&d->framed, '\n');
    }
    buf_byte(&d->framed, '\n');
    return buf_view(&d->framed);
}

/* An event without data: its comments, in canonical framing; fields that say nothing
 * by themselves are left out. */
static struct str frame_comments(struct engine_decoder *d, struct str raw)
{
    struct str line, part;
    buf_clear(&d->framed);
    while (str_split(&raw, '\n', &line))
        while (str_split(&line, '\r', &part)) {
            if (part.n == 0 || part.p[0] != ':')
                continue;
            buf_append(&d->framed, part);
            buf_byte(&d->framed, '\n');
        }
    if (buf_len(&d->framed))
        buf_byte(&d->framed, '\n');
    return buf_view(&d->framed);
}

/* -- usage of several choices --------------------------------------------------------
 *
 * llama-server counts each choice by itself, in a chunk without choices or on the chunk
 * that ends it; others put a choice's usage into the choice.  Those add up, the prompt is
 * one.  Usage that runs along on every chunk, or comes once at the end, is of all. */

enum { SOURCE_ALL, SOURCE_ALONE, SOURCE_CHOICE }; /* ... and from there on its index */

static uint32_t source_of(const struct engine_decoder *d, const struct chunk *ch)
{
    uint32_t choice = ch->choice < CHOICES_MAX ? ch->choice : CHOICES_MAX - 1;
    if (ch->usage_of && ch->nchoices == 1)
        return SOURCE_CHOICE + choice;
    if (ch->is_usage_aside || !ch->has_usage)
        return SOURCE_ALL;
    if (ch->nchoices == 0)
        return SOURCE_ALONE;
    bool is_end = ch->nchoices == 1 && ch->nfinished == 1;
    return is_end && !d->has_running ? SOURCE_CHOICE + choice : SOURCE_ALL;
}

static uint32_t count_seen(const struct engine_decoder *d)
{
    return (uint32_t)(__builtin_popcountll(d->seen[0]) +
                      __builtin_popcountll(d->seen[1]));
}

static void forget_report(struct engine_decoder *d)
{
    struct usage_report none = {.has_tier = d->report.has_tier, .tier = d->report.tier};
    d->report = none;
}

/* What has been reported so far is of another choice than what comes. */
static void keep_others(struct engine_decoder *d)
{
    struct usage own = usage_resolve(&d->report, false);
    usage_add_choice(&d->others, &own);
    if (d->source >= SOURCE_CHOICE) {
        uint32_t i = d->source - SOURCE_CHOICE;
        d->counted[i / 64] |= (uint64_t)1 << (i % 64);
    }
    forget_report(d);
}

/* False: it has been counted. */
static bool turn_to(struct engine_decoder *d, uint32_t source)
{
    bool is_choice = source >= SOURCE_CHOICE;
    uint32_t i = is_choice ? source - SOURCE_CHOICE : 0;
    if (is_choice && (d->counted[i / 64] >> (i % 64) & 1))
        return false;
    bool is_other_choice = is_choice && d->source >= SOURCE_CHOICE && source != d->source;
    bool is_twin =
        source == SOURCE_ALONE && d->source == SOURCE_ALONE && d->nalone < count_seen(d);
    if (is_other_choice || is_twin) {
        keep_others(d);
    } else if (!is_choice && d->others.is_known &&
               (source == SOURCE_ALL || d->source != SOURCE_ALONE)) {
        d->others = (struct usage){.is_known = false}; /* this is of all of them */
        forget_report(d);
    }
    d->nalone += source == SOURCE_ALONE;
    d->has_running |= source == SOURCE_ALL;
    d->source = source == SOURCE_ALL ? d->source : source;
    return true;
}

/* What this chunk says, put to what the ones before it said.  Figures beside the answer
 * count until usage itself is said. */
static void add_usage(struct engine_decoder *d, const struct chunk *ch)
{
    if (ch->is_usage_aside && !d->is_usage_aside && d->usage.is_known)
        return;
    if (!ch->is_usage_aside && d->is_usage_aside) {
        forget_report(d);
        d->usage = (struct usage){.tier = d->usage.tier};
    }
    d->is_usage_aside = ch->is_usage_aside;
    if (!ch->is_usage_aside && !turn_to(d, source_of(d, ch)))
        return;
    usage_report_merge(&d->report, &ch->usage);
    d->usage = usage_resolve(&d->report, false);
    if (UNLIKELY(d->others.is_known)) {
        struct usage all = d->others;
        usage_add_choice(&all, &d->usage);
        all.tier = d->usage.tier;
        d->usage = all;
    }
}

static int emit_error(struct event *e, const struct err *error, event_sink *sink,
                      void *ctx)
{
    e->kind = EVENT_ERROR;
    e->error = error;
    return sink(ctx, e);
}

static void count_choices(struct engine_decoder *d, const struct chunk *ch)
{
    for (size_t i = 0; i < ARRAY_LEN(d->seen); i++) {
        d->seen[i] |= ch->seen.bits[i];
        d->finished[i] &= ~ch->spoken.bits[i];
        d->finished[i] |= ch->finished.bits[i];
    }
    d->nfinished += ch->nfinished;
    if (ch->nfinished)
        d->shape_head = 0; /* text after it is to be seen here */
}

bool engine_decoder_is_finished(const struct engine_decoder *d, uint32_t nchoices)
{
    uint32_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(d->seen); i++) {
        n += (uint32_t)__builtin_popcountll(d->finished[i]);
        if (d->seen[i] & ~d->finished[i])
            return false;
    }
    return n > 0 && n >= (nchoices < CHOICES_MAX ? nchoices : CHOICES_MAX);
}

bool engine_decoder_is_over(const struct engine_decoder *d, uint32_t nchoices)
{
    return d->has_ended && engine_decoder_is_finished(d, nchoices);
}

static int emit_chunk(struct engine_decoder *d, struct event *e, const struct chunk *ch,
                      event_sink *sink, void *ctx)
{
    struct err error;
    d->needs_finish |=
        ch->text_bytes[TEXT_TOOL] > 0 || UNLIKELY(ch->has_words && d->has_text);
    d->has_text |= ch->ntexts > 0;
    bool is_failed = UNLIKELY(ch->failure.p) && !d->has_text;
    e->kind = is_failed ? EVENT_ERROR : ch->kind;
    e->choice = ch->choice;
    e->finish = ch->finish;
    set_text_bytes(e, ch->text_bytes);
    count_choices(d, ch);
    if (usage_report_is_known(&ch->usage)) {
        add_usage(d, ch);
        e->usage = d->usage;
    } else if (ch->usage.has_tier) {
        usage_report_merge(&d->report, &ch->usage);
        d->usage.tier = d->report.tier;
    }
    if (e->kind != EVENT_ERROR)
        return sink(ctx, e);
    classify_value(ch->error.p ? ch->error : ch->failure, &error);
    return emit_error(e, &error, sink, ctx);
}

static int emit_bad_data(struct event *e, bool is_cut, event_sink *sink, void *ctx)
{
    struct err error;
    if (is_cut)
        err_set(&error, ERR_UPSTREAM, "upstream_truncated",
                "the engine's stream broke off in the middle of an event");
    else
        not_json(e->data, "upstream_bad_sse", "an event's data", &error);
    return emit_error(e, &error, sink, ctx);
}

/* The chunk that a whole answer, or a chunk of another surface, would have been. */
static int emit_reshaped(struct engine_decoder *d, struct str data, event_sink *sink,
                         void *ctx)
{
    struct event e = {.kind = EVENT_NOTE};
    struct chunk ch;
    struct buf b;
    buf_init(&b, 2 * data.n + 1024);
    buf_lit(&b, "data: ");
    bool ok = engine_reshape(data, d->surface, true, &b);
    buf_lit(&b, "\n\n");
    e.raw = buf_view(&b);
    e.data = str_sub(e.raw, PREFIX_BYTES, e.raw.n - SUFFIX_BYTES);
    int rc = -1;
    if (ok && !b.failed && chunk_read(e.data, &ch))
        rc = emit_chunk(d, &e, &ch, sink, ctx);
    else
        rc = emit_bad_data(&e, false, sink, ctx);
    buf_release(&b);
    return rc;
}

static int emit_ping(struct event *e, event_sink *sink, void *ctx)
{
    e->kind = EVENT_NOTE;
    e->raw = STR(": ping\n\n");
    e->data = (struct str){NULL, 0};
    return sink(ctx, e);
}

/* Clients take any `error` for one; what says nothing goes without it. */
static int emit_without_error(struct engine_decoder *d, struct str data,
                              const struct chunk *ch, event_sink *sink, void *ctx)
{
    struct event e = {.kind = EVENT_NOTE};
    struct member at;
    struct buf b;
    int rc;
    buf_init(&b, data.n + 64);
    if (member_find(data, "error", &at))
        member_cut(data, &at, &b);
    e.data = buf_view(&b);
    e.raw = frame(d, e.data);
    if (b.failed)
        rc = emit_bad_data(&e, false, sink, ctx);
    else if (!chunk_is_of(ch, d->surface, true))
        rc = emit_reshaped(d, e.data, sink, ctx);
    else
        rc = emit_chunk(d, &e, ch, sink, ctx);
    buf_release(&b);
    return rc;
}

static bool is_end_mark(const struct engine_decoder *d, struct str data, bool is_cut)
{
    data = str_trim(data);
    if (str_eqz(data, "[DONE]"))
        return true;
    return is_cut && d->nfinished && data.n && str_starts(STR("[DONE]"), data);
}

/* An event named error whose data does not call itself one. */
static int emit_named_error(struct event *e, event_sink *sink, void *ctx)
{
    struct err error;
    classify_value(e->data, &error);
    return emit_error(e, &error, sink, ctx);
}

static bool is_named_error(const struct sse_event *s)
{
    return UNLIKELY(s->event.n) && failure_of_finish(s->event).error.p;
}

static int emit_wordless_error(struct event *e, event_sink *sink, void *ctx)
{
    struct err error;
    err_set(&error, ERR_UPSTREAM, "upstream_error",
            "the engine ended its stream with an error and no words");
    return emit_error(e, &error, sink, ctx);
}

static int emit(struct engine_decoder *d, const struct sse_event *s, bool is_cut,
                event_sink *sink, void *ctx)
{
    struct event e = {.kind = EVENT_NOTE, .raw = s->raw, .data = s->data};
    struct chunk ch;
    if (!s->has_data || str_trim(s->data).n == 0) {
        if (is_named_error(s))
            return emit_wordless_error(&e, sink, ctx);
        e.raw = is_cut ? (struct str){"", 0} : frame_comments(d, s->raw);
        return sink(ctx, &e);
    }
    bool is_plain = is_canonical(s);
    if (is_plain && match_shape(d, s->raw, &e) == s->raw.n)
        return sink(ctx, &e); /* it was cut between two reads */
    if (!is_plain)
        e.raw = frame(d, s->data);
    if (is_end_mark(d, s->data, is_cut)) {
        e.kind = EVENT_END;
        e.data = (struct str){NULL, 0};
        d->has_ended = true;
        return sink(ctx, &e);
    }
    if (!chunk_read(s->data, &ch)) {
        if (is_named_error(s))
            return emit_named_error(&e, sink, ctx);
        if (!is_heartbeat(s->data))
            return emit_bad_data(&e, is_cut, sink, ctx);
        return emit_ping(&e, sink, ctx);
    }
    if (is_named_error(s) && ch.kind != EVENT_ERROR)
        return emit_named_error(&e, sink, ctx);
    if (UNLIKELY(ch.has_void_error) && ch.kind == EVENT_NOTE)
        return emit_ping(&e, sink, ctx);
    if (UNLIKELY(ch.has_void_error) && ch.kind != EVENT_ERROR)
        return emit_without_error(d, s->data, &ch, sink, ctx);
    if (UNLIKELY(!chunk_is_of(&ch, d->surface, true)))
        return emit_reshaped(d, s->data, sink, ctx);
    if (is_plain && ch.kind == EVENT_DELTA)
        learn_shape(d, &e, &ch);
    return emit_chunk(d, &e, &ch, sink, ctx);
}

static int too_large(struct err *err)
{
    return err_set(err, ERR_UPSTREAM, "upstream_bad_sse",
                   "the engine sent an event of more than %d bytes", MAX_EVENT_BYTES);
}

/* Server-sent events in weir's form. */
static int decode_events(struct engine_decoder *d, struct str bytes, event_sink *sink,
                         void *ctx, struct err *err)
{
    struct event e;
    struct sse_event s;
    while (!d->has_ended) {
        while (bytes.n && take_shaped(d, &bytes, &e))
            if (sink(ctx, &e) != 0)
                return -1;
        int status = bytes.n || d->sse.is_taken ? sse_next(&d->sse, &bytes, &s) : 0;
        if (status == 0) {
            if (UNLIKELY(d->framed.cap > KEEP_FRAMED_BYTES))
                buf_release(&d->framed);
            return 0;
        }
        if (status < 0)
            return too_large(err);
        if (emit(d, &s, false, sink, ctx) != 0)
            return -1;
    }
    return 0;
}

static bool is_translated(const struct engine_decoder *d)
{
    return UNLIKELY(d->speaks != SPEECH_OPENAI) &&
           engine_translates(d->speaks, d->surface);
}

/* Hands on the engine's own bytes with the first event that was made of them. */
struct passing {
    event_sink *sink;
    void *ctx;
    struct str own;
};

static int pass_event(void *ctx, const struct event *e)
{
    struct passing *p = ctx;
    struct event with = *e;
    with.own = p->own;
    p->own = (struct str){NULL, 0};
    return p->sink(p->ctx, &with);
}

/* Event by event of the engine's; one that says nothing in weir's form is a note. */
static int decode_own(struct engine_decoder *d, event_sink *sink, void *ctx,
                      struct err *err)
{
    const struct engine_translation *t = &d->translation;
    struct passing p = {.sink = sink, .ctx = ctx};
    struct str made;
    size_t at = 0, end = 0;
    bool has_ended = d->has_ended;
    while (translation_next(t, &at, &made, &p.own)) {
        end += made.n;
        if (decode_events(d, made, pass_event, &p, err) != 0)
            return -1;
        const struct event note = {.kind = EVENT_NOTE, .own = p.own};
        if (p.own.n && !has_ended && sink(ctx, &note) != 0)
            return -1;
        has_ended = d->has_ended;
    }
    /* What was left half at the end: an error, whose bytes do not go on. */
    return decode_events(d, str_sub(buf_view(&t->made), end, t->made.n), sink, ctx, err);
}

/* What is made of the event that is known is of the shape that is known. */
static bool is_known_shaped(const struct engine_decoder *d)
{
    struct str shape = buf_view(&d->shape);
    return d->shape_head &&
           known_makes(&d->translation.known, str_sub(shape, 0, d->shape_head),
                       str_sub(shape, d->shape_head, shape.n));
}

/* After events that were read: whether those that follow may be like the last of them. */
static void look_ahead(struct engine_decoder *d)
{
    struct engine_translation *t = &d->translation;
    bool is_known = t->known.is_known && !d->has_ended && translation_is_between(t) &&
                    !buf_len(&d->sse.partial) && !d->sse.after_cr;
    d->hands_out = is_known && !t->keeps_own && is_known_shaped(d);
    t->may_stop = t->may_stop && (d->hands_out || !is_known);
}

/* Takes events that are like the one before off the front of *bytes: what is made of them
 * need not be looked for once more. */
static int hand_out(struct engine_decoder *d, struct str *bytes, event_sink *sink,
                    void *ctx, struct err *err)
{
    struct engine_translation *t = &d->translation;
    const struct engine_translator *row = engine_translator(d->speaks);
    struct known_said said;
    struct event e;
    for (size_t n; bytes->n && (n = known_match(&t->known, *bytes, &said)) > 0;) {
        struct str made = known_make(&t->known, said.text);
        row->note(t, &said);
        if (!made.p || t->made.failed)
            return err_nomem(err);
        tell_shaped(d, made, (struct str){made.p + d->shape_head, said.text.n},
                    said.is_plain, &e);
        *bytes = str_sub(*bytes, n, bytes->n);
        if (sink(ctx, &e) != 0)
            return -1;
    }
    return 0;
}

/* What these bytes make, or the first of them: t->rest are left. */
static int decode_made(struct engine_decoder *d, struct str bytes, bool is_end,
                       event_sink *sink, void *ctx, struct err *err)
{
    struct engine_translation *t = &d->translation;
    const struct engine_translator *row = engine_translator(d->speaks);
    struct err fault;
    t->rest = STR("");
    buf_clear(&t->made);
    buf_clear(&t->own);
    buf_clear(&t->marks);
    int translated = row->translate(t, bytes, is_end, &fault);
    if (t->made.failed)
        return err_nomem(err);
    int rc = t->keeps_own ? decode_own(d, sink, ctx, err)
                          : decode_events(d, buf_view(&t->made), sink, ctx, err);
    look_ahead(d);
    if (rc == 0 && translated != 0) {
        *err = fault;
        return -1;
    }
    return rc;
}

/* From another form into weir's first. */
static NOINLINE int decode_translated(struct engine_decoder *d, struct str bytes,
                                      bool is_end, event_sink *sink, void *ctx,
                                      struct err *err)
{
    struct engine_translation *t = &d->translation;
    const struct engine_translator *row = engine_translator(d->speaks);
    int rc = 0;
    if (row->state_bytes && !t->state && !(t->state = mem_zalloc(row->state_bytes)))
        return err_nomem(err);
    t->may_stop = !t->keeps_own;
    do {
        if (d->hands_out)
            rc = hand_out(d, &bytes, sink, ctx, err);
        if (rc == 0 && (bytes.n || is_end)) {
            rc = decode_made(d, bytes, is_end, sink, ctx, err);
            bytes = t->rest;
        }
    } while (rc == 0 && bytes.n);
    if (t->made.cap > KEEP_FRAMED_BYTES)
        buf_release(&t->made);
    if (t->own.cap > KEEP_FRAMED_BYTES)
        buf_release(&t->own);
    if (t->known.made.cap > KEEP_FRAMED_BYTES) {
        known_forget(&t->known);
        d->hands_out = false;
    }
    return rc;
}

int engine_decode(struct engine_decoder *d, struct str bytes, event_sink *sink, void *ctx,
                  struct err *err)
{
    struct names_back back = {d->translation.naming.names, sink, ctx, err};
    if (UNLIKELY(back.names.n)) {
        sink = names_back_event;
        ctx = &back;
    }
    if (UNLIKELY(is_translated(d)))
        return decode_translated(d, bytes, false, sink, ctx, err);
    return decode_events(d, bytes, sink, ctx, err);
}

int engine_decode_answer(struct engine_decoder *d, struct str answer, event_sink *sink,
                         void *ctx)
{
    const struct event end = {.kind = EVENT_END};
    if (emit_reshaped(d, answer, sink, ctx) != 0)
        return -1;
    d->has_ended = true;
    return sink(ctx, &end);
}

int engine_decode_end(struct engine_decoder *d, event_sink *sink, void *ctx,
                      struct err *err)
{
    struct sse_event s;
    struct names_back back = {d->translation.naming.names, sink, ctx, err};
    if (UNLIKELY(back.names.n)) {
        sink = names_back_event;
        ctx = &back;
    }
    if (is_translated(d) && decode_translated(d, STR(""), true, sink, ctx, err) != 0)
        return -1;
    if (d->has_ended || sse_finish(&d->sse, &s) != 1)
        return 0;
    return emit(d, &s, true, sink, ctx);
}
