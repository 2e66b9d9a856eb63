/* stems.c -- see stems.h.
 *
 * The rows are sorted by their bytes.  Most words begin like no stem, which a table of
 * bits of three first bytes says. */
#include "scan/text/stems.h"

#include "core/compiler.h"
#include "scan/detect.h"
#include "scan/text/letters.h"
#include "scan/text/stem_table.h"

static bool may_begin(struct str s)
{
    uint32_t a = s.n > 0 ? (unsigned char)s.p[0] : 0;
    uint32_t b = s.n > 1 ? (unsigned char)s.p[1] : 0;
    uint32_t c = s.n > 2 ? (unsigned char)s.p[2] : 0;
    uint32_t place = (a * 961 + b * 31 + c) % STEM_BITS;
    return guard_stem_begins[place / 8] >> place % 8 & 1;
}

/* As strcmp() has it. */
static int compare(struct str s, const char *text)
{
    for (size_t i = 0;; i++) {
        unsigned char a = i < s.n ? (unsigned char)s.p[i] : 0;
        unsigned char b = (unsigned char)text[i];
        if (a != b || a == 0)
            return (int)a - (int)b;
    }
}

/* The longest stem that the word begins with: the row before the word, or one that this
 * row begins with in its turn. */
static uint64_t stem_at(struct str s)
{
    size_t lo = 0, hi = guard_nstems;
    if (LIKELY(!may_begin(s)))
        return 0;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (compare(s, guard_stems[mid].text) < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    for (size_t k = lo; k > 0; k = guard_stems[k - 1].front) {
        const struct stem *x = &guard_stems[k - 1];
        struct str text = str_of(x->text);
        if (str_starts(s, text) && (!x->is_whole || s.n == text.n))
            return x->roles;
    }
    return 0;
}

/* Scripts whose words follow each other without blanks or with particles: those of Thai,
 * Lao, Khmer, Burmese, Amharic, China, Japan and Korea. */
static bool is_run(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i], then = (unsigned char)s.p[i + 1];
        bool is_georgian = then == 0x82 || then == 0x83;
        if (c >= 0xE3 || (c == 0xE0 && then >= 0xB8) ||
            (c == 0xE1 && then < 0xA0 && !is_georgian))
            return true;
    }
    return false;
}

/* Articles and particles that Arabic and Hebrew write before a word, in one with it. */
static uint64_t behind_particle(struct str s)
{
    static const char *const fronts[] = {"\xD8\xA7\xD9\x84",
                                         "\xD9\x88\xD8\xA7\xD9\x84",
                                         "\xD8\xA8\xD8\xA7\xD9\x84",
                                         "\xD9\x84\xD9\x84",
                                         "\xD9\x88",
                                         "\xD7\x94",
                                         "\xD7\x91",
                                         "\xD7\x9C",
                                         "\xD7\x95",
                                         "\xD7\x9E",
                                         "\xD7\x9B"};
    unsigned char c = (unsigned char)s.p[0];
    for (size_t i = 0; (c == 0xD7 || c == 0xD8 || c == 0xD9) && i < ARRAY_LEN(fronts);
         i++)
        if (str_starts(s, str_of(fronts[i]))) {
            uint64_t roles = stem_at(str_sub(s, strlen(fronts[i]), s.n));
            if (roles)
                return roles;
        }
    return 0;
}

struct str stem_fold(struct str word, char *ret)
{
    size_t n = 0;
    for (const char *p = word.p, *end = word.p + word.n;
         p < end && n + 4 < STEM_FOLD_BYTES;) {
        uint32_t cp = (unsigned char)*p;
        if (LIKELY(cp < 0x80)) {
            ret[n++] = to_lower(*p++);
            continue;
        }
        p += utf8_read(p, end, &cp);
        char base = latin_base(cp);
        if (base)
            ret[n++] = base;
        else
            n += letter_put(letter_lower(cp), ret + n);
    }
    return (struct str){ret, n};
}

uint64_t stems_of(struct str s)
{
    uint64_t roles = 0;
    if (s.n == 0)
        return 0;
    if (!is_run(s)) {
        roles = stem_at(s);
        return roles || s.p[0] > 0 ? roles : behind_particle(s);
    }
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] & 0xC0) != 0x80)
            roles |= stem_at(str_sub(s, i, s.n));
    return roles;
}
