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

static size_t char_bytes(struct str s, size_t i)
{
    unsigned char c = byte_at(s, i);
    size_t n = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return n < s.n - i ? n : s.n - i;
}

/* The next run at or after *at: its end, and *at at its start; 0 when there is none. */
static size_t next_run(struct str s, size_t *at)
{
    size_t i = *at;
    while (i < s.n && !is_word_byte(byte_at(s, i)))
        i++;
    if (i == s.n)
        return 0;
    *at = i;
    if (is_unspaced(s, i))
        return i + char_bytes(s, i);
    while (i < s.n && is_word_byte(byte_at(s, i)) && !is_unspaced(s, i))
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

/* Where a character begins that is part of a word with blanks around it. */
static bool goes_on(struct str s, size_t i)
{
    while (i > 0 && (byte_at(s, i) & 0xC0) == 0x80)
        i--;
    return is_word_byte(byte_at(s, i)) && !is_unspaced(s, i);
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
            if (item->anchor > at || !is_equal(text, at - item->anchor, &item->entry))
                continue;
            size_t start = at - item->anchor;
            if (is_whole(text, start, start + item->entry.word.n))
                hit(ctx, start, start + item->entry.word.n, item->entry.rule);
        }
    }
}
