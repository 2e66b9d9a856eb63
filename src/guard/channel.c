/* channel.c -- see channel.h.
 *
 * The state of a channel is the bytes it holds: a candidate is matched anew when more
 * text comes, which is at most TAG_SPREAD bytes, and so nothing can go out of step.
 *
 * Inside JSON the depth decides the escaping.  `arguments` is a JSON text, and often
 * has JSON in a string of its own ({"body":"{\"name\":\"...\"}"}): how many
 * backslashes stand before a quote tells which string it belongs to. */
#include "guard/channel.h"

void channel_init(struct channel *ch, enum channel_kind kind, uint32_t choice,
                  uint32_t tool)
{
    bool is_arguments = kind == CHANNEL_ARGUMENTS || kind == CHANNEL_FUNCTION;
    *ch = (struct channel){.choice = choice, .tool = tool, .kind = (uint8_t)kind};
    ch->depth.is_json = is_arguments;
    ch->depth.is_undecided = !is_arguments;
}

/* -- depth --------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

enum nested { NESTED_NO, NESTED_FIRST, NESTED_SECOND, NESTED_YES };

/* True when a text that opens with these two is an object or a list of JSON. */
static bool opens_json(char first, char second)
{
    return second == '"' || (first == '[' && (second == '{' || second == '['));
}

/* The string's own first two characters tell; its blanks may be written as \n. */
static void follow_nested(struct json_depth *d, char c)
{
    bool is_escaped = d->backslashes % 2 == 1;
    if (is_blank(c) || c == '\\' || (is_escaped && strchr("nrt", c)))
        return;
    if (d->nested == NESTED_FIRST) {
        d->nested_opener = c;
        d->nested = c == '{' || c == '[' ? NESTED_SECOND : NESTED_NO;
    } else {
        d->nested = opens_json(d->nested_opener, c) ? NESTED_YES : NESTED_NO;
    }
}

static void on_quote(struct json_depth *d)
{
    if (!d->is_in_string) {
        d->is_in_string = true;
        d->is_in_nested = false;
        d->nested = NESTED_FIRST;
    } else if (d->backslashes % 2 == 0) {
        d->is_in_string = false;
    } else if (d->nested == NESTED_YES && d->backslashes % 4 == 1) {
        d->is_in_nested = !d->is_in_nested;
    }
}

static void follow_byte(struct json_depth *d, char c)
{
    if (d->is_in_string && (d->nested == NESTED_FIRST || d->nested == NESTED_SECOND))
        follow_nested(d, c);
    if (c == '"')
        on_quote(d);
    d->backslashes = c == '\\' ? (uint8_t)(d->backslashes + 1) : 0;
}

/* Content that opens like a JSON object or a list is one that a program will parse. */
static void decide(struct json_depth *d, char c)
{
    if (is_blank(c))
        return;
    if (!d->opener) {
        d->opener = c;
        d->is_undecided = c == '{' || c == '[';
        return;
    }
    d->is_json = opens_json(d->opener, c);
    d->is_undecided = false;
}

static void follow(struct json_depth *d, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (d->is_undecided)
            decide(d, text.p[i]);
        else if (!d->is_json)
            return;
        if (d->is_json)
            follow_byte(d, text.p[i]);
    }
}

/* The value once escaped for a string of JSON, without quotes. */
static void put_escaped(struct str value, unsigned times, struct buf *out)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        unsigned slashes = (1u << times) - 1;
        if (c == '"') {
            while (slashes--)
                buf_byte(out, '\\');
            buf_byte(out, '"');
        } else if (c == '\\') {
            for (unsigned n = 1u << times; n--;)
                buf_byte(out, '\\');
        } else if (c < 0x20) {
            for (unsigned n = 1u << (times - 1); n--;)
                buf_byte(out, '\\');
            buf_printf(out, "u%04x", c);
        } else {
            buf_byte(out, (char)c);
        }
    }
}

static void put_value(const struct json_depth *d, const struct vault_found *f,
                      struct buf *out)
{
    bool is_bare = !d->is_json || !d->is_in_string;
    if (is_bare)
        buf_append(out, f->value);
    else
        put_escaped(f->value, d->is_in_nested ? 2 : 1, out);
}

/* -- feeding ------------------------------------------------------------------- */

/* Counts values that come in clear, over the seams of the pieces too. */
static void watch(struct channel *ch, const struct vault *v, struct str text,
                  struct restore_counts *counts)
{
    char joined[VAULT_WINDOW * 2];
    size_t head = text.n < VAULT_WINDOW ? text.n : VAULT_WINDOW;
    memcpy(joined, ch->window, ch->nwindow);
    memcpy(joined + ch->nwindow, text.p, head);
    counts->alarms +=
        vault_count_clear(v, (struct str){joined, ch->nwindow + head}, ch->nwindow);
    if (text.n > VAULT_WINDOW)
        counts->alarms += vault_count_clear(v, text, VAULT_WINDOW);
    size_t all = ch->nwindow + head;
    size_t keep = all < VAULT_WINDOW ? all : VAULT_WINDOW;
    if (text.n >= VAULT_WINDOW)
        memcpy(ch->window, text.p + text.n - VAULT_WINDOW, VAULT_WINDOW);
    else
        memcpy(ch->window, joined + all - keep, keep);
    ch->nwindow = (uint8_t)keep;
}

static bool is_arguments(const struct channel *ch)
{
    return ch->kind == CHANNEL_ARGUMENTS || ch->kind == CHANNEL_FUNCTION ||
           ch->kind == CHANNEL_INPUT;
}

/* A whole tag: true when its value was put in its place. */
static bool take_tag(struct channel *ch, const struct vault_look *look, struct buf *out,
                     struct restore_counts *counts)
{
    if (!look->is_known) {
        counts->unknown += look->is_word;
        return false;
    }
    if (look->found.is_secret && !is_arguments(ch)) {
        counts->withheld++;
        return false;
    }
    counts->restored++;
    counts->damaged += !look->found.is_exact;
    put_value(&ch->depth, &look->found, out);
    /* A text that opens with a value is for people. */
    ch->depth.is_undecided = false;
    if (ch->depth.nested != NESTED_YES)
        ch->depth.nested = NESTED_NO;
    return true;
}

static char before_at(const struct channel *ch, struct str text, size_t at)
{
    return at ? text.p[at - 1] : ch->before;
}

/* Appends text[*copied, to) and remembers what it means for what follows. */
static void let_go(struct channel *ch, struct str text, size_t *copied, size_t to,
                   struct buf *out)
{
    struct str piece = str_sub(text, *copied, to);
    follow(&ch->depth, piece);
    buf_append(out, piece);
    *copied = to;
}

/* Where the text must be held from, after all tags before that have been replaced. */
static size_t replace_tags(struct channel *ch, const struct vault *v, struct str text,
                           bool is_end, size_t *copied, struct buf *out,
                           struct restore_counts *counts)
{
    size_t i = 0;
    while (i < text.n) {
        struct vault_look look;
        if (LIKELY(!vault_may_begin(v, (unsigned char)text.p[i]))) {
            i++;
            continue;
        }
        vault_look_at(v, text, i, before_at(ch, text, i), is_end, &look);
        if (look.match == TAG_PART)
            return i;
        if (look.match == TAG_NO || (!look.is_known && !look.is_word)) {
            i++; /* digits of somebody else's: one of ours may begin among them */
            continue;
        }
        let_go(ch, text, copied, i, out);
        if (take_tag(ch, &look, out, counts))
            *copied = i + look.bytes;
        i += look.bytes;
    }
    return text.n;
}

static void hold(struct channel *ch, struct str rest)
{
    memcpy(ch->held, rest.p, rest.n);
    ch->nheld = (uint8_t)rest.n;
}

void channel_feed(struct channel *ch, const struct vault *v, struct str text, bool is_end,
                  struct buf *scratch, struct buf *out, struct restore_counts *counts,
                  bool *ret_same)
{
    size_t copied = 0, mark = out->n;
    bool had_held = ch->nheld > 0;
    struct str all = text;
    if (text.n)
        watch(ch, v, text, counts);
    if (had_held) {
        buf_clear(scratch);
        buf_append(scratch, (struct str){ch->held, ch->nheld});
        buf_append(scratch, text);
        all = buf_view(scratch);
        ch->nheld = 0;
    }
    size_t end = replace_tags(ch, v, all, is_end, &copied, out, counts);
    struct str rest = str_sub(all, end, all.n);
    *ret_same = !had_held && copied == 0 && out->n == mark && rest.n == 0;
    if (*ret_same)
        follow(&ch->depth, all);
    else
        let_go(ch, all, &copied, end, out);
    if (end > 0)
        ch->before = all.p[end - 1];
    if (rest.n)
        hold(ch, rest);
}
