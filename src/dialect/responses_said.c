/* responses_said.c -- what an engine says becomes items, one after another.
 *
 * Reasoning, messages and calls each begin an item where another kind stands before them;
 * each piece of a call goes to the call that it belongs to, whatever came between. */
#include "core/hash.h"
#include "core/id_text.h"
#include "dialect/responses_output.h"
#include "dialect/seal.h"
#include "dialect/spoken.h"
#include "json/write.h"

enum { ARENA_SPARE_BYTES = 64 * 1024, FIRST_ROOM_BYTES = 2048 };

/* -- reasoning ----------------------------------------------------------------------- */

/* The newest item, if it is of this kind; else a new one. */
static struct output_item *item_for(struct output *o, enum output_kind kind,
                                    struct buf *out)
{
    struct output_item *i = output_open_one(o, kind);
    if (i)
        return i;
    i = output_new_item(o, kind);
    if (i)
        output_advance(o, out);
    return i;
}

static void say_reasoning(struct output *o, struct str text, struct buf *out)
{
    if (!text.n)
        return;
    struct output_item *i = item_for(o, OUTPUT_REASONING, out);
    if (!i)
        return;
    size_t before = i->text.n;
    output_keep_inside(o, &i->text, text);
    if (output_is_live(o, i))
        output_tell_more(o, before, STR(""), out);
}

/* It ends the thought before it; other seals have an item of their own. */
static void say_seal(struct output *o, struct str sealed, bool is_of_thought,
                     struct buf *out)
{
    struct output_item *i = is_of_thought ? item_for(o, OUTPUT_REASONING, out)
                                          : output_new_item(o, OUTPUT_REASONING);
    if (!i)
        return;
    output_keep_inside(o, &i->sealed, sealed);
    i->is_ended = true;
    output_advance(o, out);
}

static bool is_of_thought(struct str sealed, uint64_t *ret_length)
{
    struct seal s;
    *ret_length = 0;
    if (!seal_read(sealed, &s))
        return true; /* an engine's own */
    *ret_length = s.length;
    return s.kind == SEAL_THOUGHT;
}

static bool is_of_text(struct str sealed)
{
    struct seal s;
    return seal_read(sealed, &s) && s.kind == SEAL_TEXT;
}

/* In a whole answer the texts of several thoughts stand in one; their seals know how long
 * each is.  Where that does not come out, as values have come back into it, all of it is
 * one thought. */
static bool is_divided(const struct spoken *s)
{
    uint64_t length, all = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->nseals; i++)
        if (is_of_thought(s->seals[i], &length)) {
            all += length;
            n++;
        }
    return n > 1 && all <= s->reasoning.n;
}

static void say_thoughts(struct output *o, const struct spoken *s, struct buf *out)
{
    struct str rest = s->reasoning;
    bool is_parted = !o->is_streamed && is_divided(s);
    uint64_t length;
    if (!is_parted) {
        say_reasoning(o, rest, out);
        rest = STR("");
    }
    for (size_t i = 0; i < s->nseals; i++) {
        bool of_thought = is_of_thought(s->seals[i], &length);
        if (is_of_text(s->seals[i]))
            continue;
        if (of_thought && is_parted) {
            say_reasoning(o, str_sub(rest, 0, (size_t)length), out);
            rest = str_sub(rest, (size_t)length, rest.n);
        }
        say_seal(o, s->seals[i], of_thought, out);
    }
    say_reasoning(o, rest, out);
}

/* -- messages ------------------------------------------------------------------------ */

/* The message that takes this part.  After a refusal text is another message's. */
static struct output_item *message_for(struct output *o, enum output_part part,
                                       struct buf *out)
{
    struct output_item *i = output_open_one(o, OUTPUT_MESSAGE);
    if (i && part == PART_OF_TEXT && i->has_refusal)
        i->is_ended = true;
    i = item_for(o, OUTPUT_MESSAGE, out);
    if (!i)
        return NULL;
    bool *has = part == PART_OF_TEXT ? &i->has_text : &i->has_refusal;
    bool is_new = !*has;
    *has = true;
    if (is_new && output_is_live(o, i))
        output_begin_part(o, part, out);
    return i;
}

/* [{"token":...},...] of a chunk's logprobs, without the brackets. */
static struct str logprobs_of(const struct spoken *s)
{
    struct str raw = s->logprobs.p ? json_get(s->logprobs, "content") : s->logprobs;
    return raw_is(raw, '[') ? str_trim(str_sub(raw, 1, raw.n - 1)) : STR("");
}

static void keep_elements(struct output *o, struct buf *b, struct str elements)
{
    if (!elements.n)
        return;
    if (b->n)
        output_keep(o, b, STR(","));
    output_keep(o, b, elements);
}

static void say_text(struct output *o, const struct spoken *s, struct buf *out)
{
    struct str logprobs = logprobs_of(s);
    if (!s->text.n)
        return;
    struct output_item *i = message_for(o, PART_OF_TEXT, out);
    if (!i)
        return;
    size_t before = i->text.n;
    output_keep_inside(o, &i->text, s->text);
    keep_elements(o, &i->logprobs, logprobs);
    if (output_is_live(o, i))
        output_tell_more(o, before, logprobs, out);
}

static void say_refusal(struct output *o, struct str text, struct buf *out)
{
    if (!text.n)
        return;
    struct output_item *i = message_for(o, PART_OF_REFUSAL, out);
    if (!i)
        return;
    size_t before = i->refusal.n;
    output_keep_inside(o, &i->refusal, text);
    if (output_is_live(o, i))
        output_tell_more(o, before, STR(""), out);
}

/* Chat has {"type":"url_citation","url_citation":{...}}, Responses the members at once.
 */
static void write_annotation(struct str raw, struct buf *out)
{
    struct str inner = json_get(raw, "url_citation");
    struct str members =
        raw_is(inner, '{') ? str_trim(str_sub(inner, 1, inner.n - 1)) : STR("");
    if (!members.n) {
        buf_append(out, raw);
        return;
    }
    buf_lit(out, "{\"type\":\"url_citation\",");
    buf_append(out, members);
    buf_byte(out, '}');
}

static void say_annotations(struct output *o, struct str all, struct buf *out)
{
    struct json_cur c;
    struct str one;
    if (!array_begin(&c, all) || !json_next_element(&c))
        return;
    struct output_item *i = message_for(o, PART_OF_TEXT, out);
    if (!i)
        return;
    do {
        if (!json_skip(&c, &one))
            return;
        if (i->annotations.n)
            output_keep(o, &i->annotations, STR(","));
        size_t before = i->annotations.n;
        write_annotation(one, &i->annotations);
        o->held_bytes += i->annotations.n - before;
        o->failed |= i->annotations.failed;
        if (output_is_live(o, i))
            output_tell_annotation(
                o, i->nannotations,
                str_sub(buf_view(&i->annotations), before, i->annotations.n), out);
        i->nannotations++;
    } while (json_next_element(&c));
}

/* -- calls
 * -------------------------------------------------------------------------------- */

static uint64_t sum_of(struct str id)
{
    static const struct siphash_key key = {5, 6};
    return id.n ? siphash_once(key, id) | 1 : 0;
}

/* Is the JSON object whole whose next bytes these are?  Of what follows it nothing
 * counts. */
static void follow(struct output_item *i, struct str s)
{
    for (size_t k = 0; k < s.n && !i->is_whole; k++) {
        char c = s.p[k];
        if (i->is_in_string) {
            i->is_in_string = i->is_escaped || c != '"';
            i->is_escaped = !i->is_escaped && c == '\\';
        } else if (c == '"') {
            i->is_in_string = true;
        } else if (c == '{' || c == '[') {
            i->depth++;
        } else if ((c == '}' || c == ']') && i->depth) {
            i->is_whole = --i->depth == 0;
        }
    }
}

static void keep_call_id(struct output *o, struct output_item *i, struct str id)
{
    char room[RESPONSES_ID_BYTES];
    if (id.n) {
        output_keep_inside(o, &i->call_id, responses_call_id(id, room));
        return;
    }
    buf_printf(&i->call_id, "call_%s%04zx", id_text(o->about->id).text, o->nitems - 1);
}

static struct output_item *begin_call(struct output *o, const struct spoken_call *s)
{
    struct str flat = s->name.p ? s->name : STR("");
    struct responses_tool tool = responses_tool_of(o->about->echo, flat);
    struct output_item *i =
        output_new_item(o, tool.is_custom ? OUTPUT_CUSTOM : OUTPUT_CALL);
    if (!i)
        return NULL;
    i->index = s->index;
    i->id_sum = sum_of(s->id);
    keep_call_id(o, i, s->id);
    if (tool.name.p) {
        output_keep(o, &i->name, tool.name);
        output_keep(o, &i->ns, tool.ns);
    } else {
        output_keep_inside(o, &i->name, flat);
    }
    return i;
}

/* Which call the piece belongs to: the newest of its index, unless it names another. Some
 * engines give all calls the index 0, and some repeat name and id with each piece. */
static size_t find_call(struct output *o, const struct spoken_call *s)
{
    for (size_t n = o->nitems; n > 0; n--) {
        const struct output_item *i = &o->items[n - 1];
        if (!output_is_call(i) || i->index != s->index)
            continue;
        bool is_other = s->id.n ? i->id_sum && i->id_sum != sum_of(s->id)
                                : i->is_whole && s->name.n && s->arguments.n;
        return is_other ? o->nitems : n - 1;
    }
    return o->nitems;
}

/* A piece that comes after its call is whole: blanks say nothing, anything else would be
 * lost. */
static void say_late(struct output *o, struct str piece)
{
    for (size_t i = 0; i < piece.n; i++)
        o->is_garbled |= !strchr(" \t\r\n", piece.p[i]);
}

static void say_call(struct output *o, const struct spoken_call *s, struct buf *out)
{
    size_t at = find_call(o, s);
    struct output_item *i = at < o->nitems ? &o->items[at] : begin_call(o, s);
    if (!i)
        return;
    if (i->name.n == 0 && s->name.n)
        output_keep_inside(o, &i->name, s->name);
    output_advance(o, out);
    if (!s->arguments.n)
        return;
    if (i->is_closed) {
        say_late(o, s->arguments);
        return;
    }
    size_t before = i->text.n;
    follow(i, s->arguments);
    if (i->kind == OUTPUT_CUSTOM)
        output_keep(o, &i->text, s->arguments);
    else
        output_keep_inside(o, &i->text, s->arguments);
    if (output_is_live(o, i))
        output_tell_more(o, before, STR(""), out);
    output_advance(o, out);
}

/* -- the whole
 * ---------------------------------------------------------------------------- */

static enum finish_reason finish_of(struct str word)
{
    static const struct {
        const char *word;
        enum finish_reason finish;
    } rows[] = {
        {"length", FINISH_LENGTH},
        {"content_filter", FINISH_CONTENT_FILTER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(word, rows[i].word))
            return rows[i].finish;
    return FINISH_STOP;
}

bool output_say_more(struct output *o, const struct event *e, struct buf *out)
{
    bool is_text = e->sole_kind == SOLE_TEXT;
    struct output_item *i = o->nitems ? &o->items[o->nitems - 1] : NULL;
    if (e->choice != 0 || !i || i->is_closed || i->is_ended || !output_is_live(o, i) ||
        o->failed || !i->text.n)
        return false;
    if (is_text ? i->kind != OUTPUT_MESSAGE || i->part != PART_OF_TEXT || i->has_refusal
                : i->kind != OUTPUT_REASONING || e->sole_kind != SOLE_THOUGHT)
        return false;
    size_t before = i->text.n;
    spoken_write_sole(e, &i->text);
    o->held_bytes += i->text.n - before;
    o->failed |= i->text.failed;
    output_tell_more(o, before, STR(""), out);
    out->failed |= o->failed;
    return true;
}

void output_say(struct output *o, const struct event *e, struct buf *out)
{
    const struct str data = e->data;
    _Alignas(16) char room[FIRST_ROOM_BYTES];
    struct arena a;
    struct spoken s;
    struct err err;
    arena_init_in(&a, 2 * data.n + ARENA_SPARE_BYTES, room, sizeof room);
    if (spoken_read_event(e, o->about ? o->about->issuer : STR(""), o->halves, &a, &s,
                          &err) != 0 ||
        spoken_remark_images(&s, &a, &err) != 0)
        o->failed = true;
    output_begin(o, data, out);
    if (!o->failed && s.choice == 0) {
        say_thoughts(o, &s, out);
        say_text(o, &s, out);
        say_annotations(o, s.annotations, out);
        for (size_t i = 0; i < s.nseals; i++)
            if (is_of_text(s.seals[i]))
                say_seal(o, s.seals[i], false, out);
        say_refusal(o, s.refusal, out);
        for (size_t i = 0; i < s.ncalls; i++)
            say_call(o, &s.calls[i], out);
        if (s.finish.n)
            o->finish = finish_of(s.finish);
    }
    out->failed |= o->failed;
    arena_reset(&a);
}
