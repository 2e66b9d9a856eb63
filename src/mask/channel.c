/* channel.c -- see channel.h.
 *
 * The state of a channel is the bytes it holds: a candidate is matched anew when more
 * text comes, which is at most TAG_SPREAD bytes, and so nothing can go out of step.
 *
 * What a value is written like depends on what surrounds it (quoting.h) and on how its
 * tag was written (escapes.h). */
#include "mask/channel.h"

#include "mask/escapes.h"
#include "mask/mailbox.h"

#include <endian.h>

void channel_init(struct channel *ch, enum channel_kind kind)
{
    *ch = (struct channel){.kind = (uint8_t)kind};
    quoting_init(&ch->quoting, kind == CHANNEL_ARGUMENTS);
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
    return ch->kind == CHANNEL_ARGUMENTS || ch->kind == CHANNEL_INPUT ||
           ch->kind == CHANNEL_WHOLE_ARGUMENTS;
}

/* What was added to the name of an address goes between its name and its domain. */
static void put_value(struct channel *ch, const struct vault_found *f, struct buf *out)
{
    struct quoting_pen pen;
    size_t sign = f->value.n;
    quoting_take_pen(&ch->quoting, f->value, &pen);
    if (UNLIKELY(f->is_digits)) {
        for (size_t i = 0; i < f->value.n; i++)
            if (f->value.p[i] >= '0' && f->value.p[i] <= '9')
                buf_byte(out, f->value.p[i]);
        return;
    }
    if (pen.n == 0 && f->escape.kind == ESCAPE_NONE && !f->plus.n) {
        buf_append(out, f->value);
        return;
    }
    while (f->plus.n && sign > 0 && f->value.p[sign - 1] != '@')
        sign--;
    sign -= f->plus.n && sign > 0;
    escape_write(&f->escape, str_sub(f->value, 0, sign), &pen, out);
    buf_append(out, f->plus);
    escape_write(&f->escape, str_sub(f->value, sign, f->value.n), &pen, out);
}

/* A whole tag of ours: true when its value was put in its place. */
NOINLINE static bool take_tag(struct channel *ch, const struct vault_look *look,
                              struct buf *out, struct restore_counts *counts)
{
    if (look->found.is_secret && !is_arguments(ch)) {
        counts->withheld++;
        return false;
    }
    counts->restored++;
    counts->damaged += !look->found.is_exact;
    if (!look->found.is_mark_after)
        buf_append(out, look->found.mark);
    put_value(ch, &look->found, out);
    if (look->found.is_mark_after)
        buf_append(out, look->found.mark);
    quoting_step_over_value(&ch->quoting);
    return true;
}

enum { ESCAPE_BYTES = 6 }; /* the longest that ends in a digit */

/* The last eight bytes, the newest lowest. */
static uint64_t join(uint64_t before, struct str text)
{
    if (text.n >= sizeof before) {
        memcpy(&before, text.p + text.n - sizeof before, sizeof before);
        return be64toh(before);
    }
    for (size_t i = 0; i < text.n; i++)
        before = before << 8 | (unsigned char)text.p[i];
    return before;
}

/* The character before text[at]; that of an escape when one ends there: its digits are
 * none of a number that follows. */
NOINLINE static char before_at(const struct channel *ch, struct str text, size_t at)
{
    uint64_t before = join(ch->before, str_sub(text, 0, at));
    struct escape e;
    uint32_t code;
    char last[ESCAPE_BYTES];
    for (size_t i = 0; i < ESCAPE_BYTES; i++)
        last[i] = (char)(before >> 8 * (ESCAPE_BYTES - 1 - i));
    for (size_t i = 0; i + 3 <= ESCAPE_BYTES; i++)
        if (UNLIKELY(last[i] == '%' || last[i] == '=' || last[i] == '\\') &&
            escape_read((struct str){last + i, ESCAPE_BYTES - i}, &e, &code) ==
                (int)(ESCAPE_BYTES - i))
            return code < 0x80 ? (char)code : 'x';
    return last[ESCAPE_BYTES - 1];
}

/* What stands in front of the tag of an e-mail address belongs to that address. */
NOINLINE static bool is_in_address(const struct channel *ch, struct str text, size_t at)
{
    uint64_t before = htobe64(join(ch->before, str_sub(text, 0, at)));
    char last[sizeof before];
    memcpy(last, &before, sizeof last);
    char c = before_at(ch, text, at);
    if (c != last[sizeof last - 1]) /* written as an escape */
        last[sizeof last - 1] = c;
    return mailbox_begins_before((struct str){last, sizeof last});
}

/* Appends text[*copied, to) and remembers what it means for what follows. */
static void let_go(struct channel *ch, struct str text, size_t *copied, size_t to,
                   struct buf *out)
{
    struct str piece = str_sub(text, *copied, to);
    quoting_follow(&ch->quoting, piece);
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
        if (look.is_known && look.is_email && is_in_address(ch, text, i))
            look.is_known = false;
        if (look.match == TAG_NO || !look.is_known) {
            counts->unknown += look.match == TAG_FULL && look.is_word;
            i++; /* somebody else's: one of ours may begin inside of it */
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
        quoting_follow(&ch->quoting, all);
    else
        let_go(ch, all, &copied, end, out);
    ch->before = join(ch->before, str_sub(all, 0, end));
    if (rest.n)
        hold(ch, rest);
}
