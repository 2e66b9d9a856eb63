/* wordlist.c -- see wordlist.h.
 *
 * Each entry hangs on its first run of letters and digits (its anchor), in a table by the
 * hash of that run in lower case.  A text is cut into such runs, each is looked up once,
 * and what hangs there is compared with the text around it.  In scripts without blanks
 * every character is a run of its own. */
#include "scan/text/wordlist.h"

#include "core/mem.h"

struct item {
    struct wordlist_entry entry;
    uint32_t next;   /* of its bucket; item number + 1, 0 ends */
    uint32_t anchor; /* offset of the run within the word */
};

struct wordlist {
    struct item *items;
    uint32_t *buckets;
    size_t n, nbuckets; /* a power of two */
};

/* -- runs --------------------------------------------------------------------------- */

static unsigned char byte_at(struct str s, size_t i)
{
    return (unsigned char)s.p[i];
}

/* A character of a script that is written without blanks: from the Thai block on, among
 * those of three bytes; the rest of what has three is signs. */
static bool is_unspaced(struct str s, size_t i)
{
    unsigned char c = byte_at(s, i);
    if (c >= 0xE3)
        return true;
    return c == 0xE0 && i + 1 < s.n && byte_at(s, i + 1) >= 0xB8;
}

static bool is_word_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
}

/* A blank as texts have it: its bytes, 0 when none is there.  Those of U+00A0, U+2000 to
 * U+200A and U+202F are no ASCII. */
static size_t blank_bytes(struct str s, size_t i)
{
    unsigned char c = byte_at(s, i);
    unsigned char then = i + 1 < s.n ? byte_at(s, i + 1) : 0;
    unsigned char last = i + 2 < s.n ? byte_at(s, i + 2) : 0;
    if (c == ' ' || c == '\t' || c == '\r')
        return 1;
    if (c == 0xC2 && then == 0xA0)
        return 2;
    bool is_wide = c == 0xE2 && then == 0x80 && last >= 0x80;
    return is_wide && (last <= 0x8A || last == 0xAF) ? 3 : 0;
}

static size_t char_bytes(struct str s, size_t i)
{
    unsigned char c = byte_at(s, i);
    size_t n = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return n < s.n - i ? n : s.n - i;
}

static bool begins_word_at(struct str s, size_t i)
{
    return is_word_byte(byte_at(s, i)) && !blank_bytes(s, i);
}

/* The next run at or after *at: its end, and *at at its start; 0 when there is none. */
static size_t next_run(struct str s, size_t *at)
{
    size_t i = *at;
    while (i < s.n && !begins_word_at(s, i))
        i += blank_bytes(s, i) ? blank_bytes(s, i) : 1;
    if (i == s.n)
        return 0;
    *at = i;
    if (is_unspaced(s, i))
        return i + char_bytes(s, i);
    while (i < s.n && begins_word_at(s, i) && !is_unspaced(s, i))
        i++;
    return i;
}

static unsigned char fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static uint32_t hash_of(struct str s, size_t start, size_t end)
{
    uint32_t h = 2166136261u; /* FNV-1a, 32 bits */
    for (size_t i = start; i < end; i++)
        h = (h ^ fold(byte_at(s, i))) * 16777619u;
    return h;
}

/* -- building -------------------------------------------------------------------------
 */

static void hang(struct wordlist *l, size_t i)
{
    struct item *item = &l->items[i];
    size_t at = 0;
    size_t end = next_run(item->entry.word, &at);
    /* Signs alone hang on an empty run, which no text has: they are never found. */
    uint32_t *bucket =
        &l->buckets[hash_of(item->entry.word, at, end ? end : at) & (l->nbuckets - 1)];
    item->anchor = (uint32_t)at;
    item->next = *bucket;
    *bucket = (uint32_t)i + 1;
}

struct wordlist *wordlist_create(const struct wordlist_entry *entries, size_t n,
                                 struct err *err)
{
    struct wordlist *l = mem_new(struct wordlist);
    size_t nbuckets = 64;
    while (nbuckets < 2 * n)
        nbuckets *= 2;
    if (l) {
        l->items = mem_zalloc((n + 1) * sizeof *l->items);
        l->buckets = mem_zalloc(nbuckets * sizeof *l->buckets);
    }
    if (!l || !l->items || !l->buckets) {
        wordlist_free(l);
        err_nomem(err);
        return NULL;
    }
    l->n = n;
    l->nbuckets = nbuckets;
    for (size_t i = n; i-- > 0;) { /* so that the first of a bucket is the first listed */
        l->items[i].entry = entries[i];
        hang(l, i);
    }
    return l;
}

void wordlist_free(struct wordlist *l)
{
    if (!l)
        return;
    mem_free(l->items);
    mem_free(l->buckets);
    mem_free(l);
}

/* -- finding --------------------------------------------------------------------------
 */

static bool is_equal(struct str text, size_t at, const struct wordlist_entry *e)
{
    struct str w = e->word;
    if (w.n > text.n - at)
        return false;
    if (!e->ignores_case)
        return memcmp(text.p + at, w.p, w.n) == 0;
    for (size_t i = 0; i < w.n; i++)
        if (fold(byte_at(text, at + i)) != fold(byte_at(w, i)))
            return false;
    return true;
}

/* Past what a page writes around words: stars, backquotes, underscores. */
static size_t past_emphasis(struct str s, size_t i)
{
    enum { MOST = 3 };
    size_t from = i;
    while (i < s.n && i - from < MOST && memchr("*`_", s.p[i], 3))
        i++;
    return i;
}

/* Between two words of a phrase: blanks, the end of a line with the marks that the next
 * one begins with (quoting, comments), a dash or an underscore.  Where it ends; at: it is
 * none. */
static size_t past_gap(struct str s, size_t at)
{
    enum { MOST = 24 };
    size_t i = past_emphasis(s, at), from = i, breaks = 0, n;
    bool is_underscore = from == at + 1 && byte_at(s, at) == '_';
    while (i < s.n && i - at < MOST) {
        if (s.p[i] == '\n') {
            if (++breaks > 1)
                return at;
            i++;
            while (i < s.n && i - at < MOST && memchr(" \t>#/*|", s.p[i], 7))
                i++;
        } else if ((n = blank_bytes(s, i)) > 0) {
            i += n;
        } else {
            break;
        }
    }
    bool is_dash = i == from && from == at && i < s.n && s.p[i] == '-';
    if (is_dash)
        return i + 1;
    return i > from ? past_emphasis(s, i) : is_underscore ? from : at;
}

/* As is_equal(), the blanks of the phrase written in another way: where it ends, 0 when
 * it is another text. */
static size_t past_phrase(struct str text, size_t at, const struct wordlist_entry *e)
{
    struct str w = e->word;
    for (size_t i = 0; i < w.n; i++) {
        bool is_gap = w.p[i] == ' ' && i > 0 && i + 1 < w.n &&
                      is_word_byte(byte_at(w, i - 1)) && is_word_byte(byte_at(w, i + 1));
        if (is_gap) {
            size_t gap = past_gap(text, at);
            if (gap == at)
                return 0;
            at = gap;
            continue;
        }
        unsigned char a = at < text.n ? byte_at(text, at) : 0, b = byte_at(w, i);
        if (e->ignores_case ? fold(a) != fold(b) : a != b)
            return 0;
        at++;
    }
    return at;
}

/* Where the entry ends that begins at `at`; 0: it does not. */
static size_t past_entry(struct str text, size_t at, const struct wordlist_entry *e)
{
    if (is_equal(text, at, e))
        return at + e->word.n;
    return memchr(e->word.p, ' ', e->word.n) ? past_phrase(text, at, e) : 0;
}

/* Where a character begins that is part of a word with blanks around it. */
static bool goes_on(struct str s, size_t i)
{
    while (i > 0 && (byte_at(s, i) & 0xC0) == 0x80)
        i--;
    return begins_word_at(s, i) && !is_unspaced(s, i);
}

static bool is_whole(struct str text, size_t start, size_t end)
{
    bool joins_before = start > 0 && goes_on(text, start) && goes_on(text, start - 1);
    bool joins_after = end < text.n && goes_on(text, end - 1) && goes_on(text, end);
    return !joins_before && !joins_after;
}

void wordlist_find(const struct wordlist *l, struct str text, wordlist_hit *hit,
                   void *ctx)
{
    size_t end;
    for (size_t at = 0; (end = next_run(text, &at)) != 0; at = end) {
        uint32_t k = l->buckets[hash_of(text, at, end) & (l->nbuckets - 1)];
        for (; k; k = l->items[k - 1].next) {
            const struct item *item = &l->items[k - 1];
            if (item->anchor > at)
                continue;
            size_t start = at - item->anchor;
            size_t stop = past_entry(text, start, &item->entry);
            if (stop && is_whole(text, start, stop))
                hit(ctx, start, stop, item->entry.rule);
        }
    }
}
