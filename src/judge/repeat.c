/* repeat.c -- does a text go in circles? */
#include "judge/repeat.h"

#include "judge/find.h"

enum {
    TAIL_BYTES = 2048,
    TAIL_LEAST = 120, /* bytes that must be periodic */
    TAIL_TIMES = 5,
    LAST_BYTES = 24,
    LINE_LEAST = 12, /* bytes of a line that counts */
    LINE_TIMES = 6,
    LINE_SLOTS = 256,  /* power of two */
    WORDS_LEAST = 150, /* of a text whose phrases are looked at */
    PHRASE_BITS = 8192
};

static unsigned letters_in(struct str s)
{
    unsigned n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += is_letter(s.p[i]);
    return n;
}

static bool asked_for(struct str unit, struct str prompt)
{
    struct str u = find_trim(unit);
    return u.n > 0 && u.n <= prompt.n && str_find(prompt, u) >= 0;
}

/* What is periodic to its end has its last bytes once more, one period before. */
static bool may_be_periodic(struct str t)
{
    struct str last = str_sub(t, t.n - LAST_BYTES, t.n);
    size_t from = t.n > TAIL_BYTES / TAIL_TIMES + LAST_BYTES
                      ? t.n - TAIL_BYTES / TAIL_TIMES - LAST_BYTES
                      : 0;
    struct str before = str_sub(t, from, t.n - 1);
    return memmem(before.p, before.n, last.p, last.n) != NULL;
}

/* The prefix function (Knuth, Morris, Pratt 1977) of the text read backwards: a loop ends
 * anywhere, so it is the end that is periodic and not the beginning. */
static struct repeat repeated_tail(struct str text)
{
    uint16_t pi[TAIL_BYTES];
    struct str t = str_sub(text, text.n > TAIL_BYTES ? text.n - TAIL_BYTES : 0, text.n);
    struct repeat best = {REPEAT_NONE, {NULL, 0}, 0};
    if (t.n < TAIL_LEAST || !may_be_periodic(t))
        return best;
    const char *last = t.p + t.n - 1;
    pi[0] = 0;
    for (size_t i = 1, k = 0; i < t.n; i++) {
        while (k && last[-(ptrdiff_t)i] != last[-(ptrdiff_t)k])
            k = pi[k - 1];
        k += last[-(ptrdiff_t)i] == last[-(ptrdiff_t)k];
        pi[i] = (uint16_t)k;
        size_t n = i + 1, period = n - k;
        if (n >= TAIL_LEAST && n / period >= TAIL_TIMES)
            best = (struct repeat){
                REPEAT_TAIL, {last - period + 1, period}, (unsigned)(n / period)};
    }
    return best;
}

/* "12. " and "- " in front of a line do not make it another one. */
static struct str bare_line(struct str line)
{
    size_t i = 0;
    while (i < line.n && (is_digit(line.p[i]) || is_one_of(line.p[i], " \t.-*#)(:>")))
        i++;
    return find_trim(str_sub(line, i, line.n));
}

static uint32_t hash_str(struct str s)
{
    uint32_t h = 0x811c9dc5u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x01000193u;
    return h;
}

static bool has_lines(struct str text, unsigned least)
{
    for (ptrdiff_t at; least > 0 && (at = str_index(text, '\n')) >= 0; least--)
        text = str_sub(text, (size_t)at + 1, text.n);
    return least == 0;
}

static struct repeat repeated_lines(struct str text)
{
    if (!has_lines(text, LINE_TIMES - 1))
        return (struct repeat){REPEAT_NONE, {NULL, 0}, 0};
    struct {
        uint32_t hash;
        unsigned n;
    } slot[LINE_SLOTS] = {{0, 0}};
    unsigned nlines = 0;
    struct repeat best = {REPEAT_NONE, {NULL, 0}, 0};
    struct str rest = text, line;
    while (find_line(&rest, &line)) {
        struct str bare = bare_line(line);
        nlines += bare.n > 0;
        if (bare.n < LINE_LEAST || letters_in(str_sub(bare, 0, 64)) < LINE_LEAST / 2)
            continue;
        uint32_t h = hash_str(bare);
        size_t i = (h ^ h >> 16) % LINE_SLOTS;
        if (slot[i].hash != h) {
            slot[i].hash = h;
            slot[i].n = 0;
        }
        if (++slot[i].n > best.times)
            best = (struct repeat){REPEAT_LINES, bare, slot[i].n};
    }
    if (best.times < LINE_TIMES || 2 * best.times < nlines)
        best.kind = REPEAT_NONE;
    return best;
}

/* Of all groups of four words, how many have been there before. */
static struct repeat repeated_phrases(struct str text)
{
    if (text.n < 2 * (size_t)WORDS_LEAST)
        return (struct repeat){REPEAT_NONE, {NULL, 0}, 0};
    uint64_t seen[PHRASE_BITS / 64] = {0};
    uint32_t word = 0x811c9dc5u, past[4] = {0};
    unsigned nwords = 0, again = 0, since = 0;
    for (size_t i = 0; i <= text.n; i++) {
        char c = i < text.n ? text.p[i] : ' ';
        if (is_word(c)) {
            word = (word ^ (unsigned char)(c | 0x20)) * 0x01000193u;
            since++;
            continue;
        }
        if (!since)
            continue;
        memmove(past, past + 1, sizeof past - sizeof *past);
        past[3] = word;
        word = 0x811c9dc5u;
        since = 0;
        if (++nwords < 4)
            continue;
        uint32_t h = past[0] * 31u + past[1];
        h = (h * 31u + past[2]) * 31u + past[3];
        h = (h ^ h >> 15) * 0x2c1b3c6du;
        h = (h ^ h >> 13) % PHRASE_BITS;
        again += (unsigned)(seen[h / 64] >> h % 64 & 1);
        seen[h / 64] |= (uint64_t)1 << h % 64;
        if (nwords > PHRASE_BITS / 8)
            break; /* fuller, and what is new would look like what was there */
    }
    bool loops = nwords >= WORDS_LEAST && 10 * again > 7 * nwords;
    return (struct repeat){loops ? REPEAT_PHRASES : REPEAT_NONE, {"", 0}, again};
}

struct repeat repeat_in(struct str text, struct str prompt)
{
    struct str t = find_trim(text);
    struct repeat r = repeated_tail(t);
    if (r.kind && letters_in(r.unit) >= 2 && !asked_for(r.unit, prompt))
        return r;
    r = repeated_lines(t);
    if (r.kind && !asked_for(r.unit, prompt))
        return r;
    r = repeated_phrases(t);
    /* A phrase of a prompt is not looked for, so here only much of it counts. */
    return r;
}
