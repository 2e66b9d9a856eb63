/* encoded.c -- base64 that hides text: decoded once, scanned, reported whole.
 *
 * Only runs whose bytes decode to printable text are looked into, and only one layer
 * deep: a scanner that unwraps for ever is a way to make it work for ever. */
#include "guard/detect.h"

enum { MIN_RUN = 12, MAX_RUN = 8192 };

/* The alphabets of base64, as bits: this is asked of every byte of a text. */
static bool is_base64(char c)
{
    static const uint32_t set[4] = {0, 0x03FFA800, 0x87FFFFFE, 0x07FFFFFE};
    unsigned char u = (unsigned char)c;
    return u < 128 && set[u / 32] >> u % 32 & 1;
}

static int value_of(char c)
{
    if (is_upper(c))
        return c - 'A';
    if (is_lower(c))
        return c - 'a' + 26;
    if (is_digit(c))
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Bytes of text decoded into out, or 0 when they are none. */
static size_t decode(struct str s, char *out)
{
    uint32_t bits = 0;
    size_t n = 0, k = 0, odd = 0;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)value_of(s.p[i]);
        if (++k % 4 != 1) {
            unsigned shift = 2 * (4 - (unsigned)((k - 1) % 4 + 1));
            out[n++] = (char)(bits >> shift & 255);
        }
    }
    if (k % 4 == 1)
        return 0;
    for (size_t i = 0; i < n; i++)
        odd += (unsigned char)out[i] < 9 ||
               ((unsigned char)out[i] > 13 && out[i] < 32 && out[i] >= 0) ||
               out[i] == 127;
    for (const char *p = out; p < out + n;) {
        uint32_t cp;
        p += utf8_read(p, out + n, &cp);
        odd += cp == 0xFFFD;
    }
    return odd == 0 ? n : 0;
}

static void look_inside(struct window *w, size_t start, size_t end)
{
    struct str run = {w->p + start, end - start};
    char *out = arena_alloc(w->a, run.n + 4);
    if (!out) {
        w->failed = true;
        return;
    }
    size_t n = decode(run, out);
    if (n < 8)
        return;
    struct window inner;
    if (scan_window(w->sc, (struct str){out, n}, w->a, 1, &inner) < 0) {
        w->failed = true;
        return;
    }
    const struct span *best = NULL;
    for (size_t i = 0; i < inner.nfound; i++)
        if (guard_type_group((enum guard_type)inner.found[i].type) != GROUP_LOW &&
            (!best || inner.found[i].score > best->score))
            best = &inner.found[i];
    if (best)
        propose(w, start, end, (enum guard_type)best->type, best->score, SAW_DECODED);
    rule_set_join(&w->rules, &inner.rules);
    w->is_unsure |= inner.is_unsure;
}

void find_encoded(struct window *w)
{
    for (size_t i = 0; i < w->n;) {
        size_t start = i, digits = 0, upper = 0, lower = 0;
        /* No run of that length begins before a byte that cannot be in one. */
        if (i + MIN_RUN > w->n)
            break;
        if (!is_base64(w->p[i + MIN_RUN - 1])) {
            i += MIN_RUN;
            continue;
        }
        for (size_t k = i + MIN_RUN; k > i; k--)
            if (!is_base64(w->p[k - 1])) {
                start = k;
                break;
            }
        i = start;
        while (i < w->n && is_base64(w->p[i])) {
            digits += is_digit(w->p[i]);
            upper += is_upper(w->p[i]);
            lower += is_lower(w->p[i]);
            i++;
        }
        size_t body = i - start;
        while (i < w->n && w->p[i] == '=' && i - start - body < 2)
            i++;
        if (body >= MIN_RUN && body <= MAX_RUN && upper >= 2 && lower + digits >= 2 &&
            (digits || i - start > body || body > 20))
            look_inside(w, start, i);
        i += i == start;
    }
}
