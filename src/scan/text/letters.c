/* letters.c -- see letters.h.  tools/guard_facts.py has the same lower case: what the
 * lists hold is looked up by it. */
#include "scan/text/letters.h"

#include "scan/detect.h"

struct block {
    uint32_t last; /* from the block before it on */
    uint8_t kind;
};

static const struct block blocks[] = {
    {0xA9, LETTER_SIGN},    {0xAA, LETTER_WORD},    {0xB4, LETTER_SIGN},
    {0xB5, LETTER_WORD},    {0xB9, LETTER_SIGN},    {0xBA, LETTER_WORD},
    {0xBF, LETTER_SIGN},    {0xD6, LETTER_WORD},    {0xD7, LETTER_SIGN},
    {0xF6, LETTER_WORD},    {0xF7, LETTER_SIGN},    {0x2FF, LETTER_WORD},
    {0x36F, LETTER_JOINS},  {0x37D, LETTER_WORD},   {0x37E, LETTER_SIGN},
    {0x386, LETTER_WORD},   {0x387, LETTER_SIGN},   {0x481, LETTER_WORD},
    {0x482, LETTER_SIGN},   {0x489, LETTER_JOINS},  {0x559, LETTER_WORD},
    {0x55F, LETTER_SIGN},   {0x588, LETTER_WORD},   {0x590, LETTER_SIGN},
    {0x5BD, LETTER_JOINS},  {0x5BE, LETTER_SIGN},   {0x5C7, LETTER_JOINS},
    {0x5F2, LETTER_WORD},   {0x60F, LETTER_SIGN},   {0x61A, LETTER_JOINS},
    {0x61F, LETTER_SIGN},   {0x64A, LETTER_WORD},   {0x65F, LETTER_JOINS},
    {0x669, LETTER_DIGIT},  {0x66D, LETTER_SIGN},   {0x66F, LETTER_WORD},
    {0x670, LETTER_JOINS},  {0x6D3, LETTER_WORD},   {0x6D4, LETTER_SIGN},
    {0x6D5, LETTER_WORD},   {0x6ED, LETTER_JOINS},  {0x6EF, LETTER_WORD},
    {0x6F9, LETTER_DIGIT},  {0x963, LETTER_WORD},   {0x965, LETTER_SIGN},
    {0x96F, LETTER_DIGIT},  {0x970, LETTER_SIGN},   {0xDFF, LETTER_WORD},
    {0xE30, LETTER_ALONE},  {0xE31, LETTER_JOINS},  {0xE33, LETTER_ALONE},
    {0xE3A, LETTER_JOINS},  {0xE3F, LETTER_SIGN},   {0xE46, LETTER_ALONE},
    {0xE4E, LETTER_JOINS},  {0xE4F, LETTER_SIGN},   {0xE59, LETTER_DIGIT},
    {0xE5B, LETTER_SIGN},   {0xEFF, LETTER_ALONE},  {0xFFF, LETTER_WORD},
    {0x109F, LETTER_ALONE}, {0x10FF, LETTER_WORD},  {0x11FF, LETTER_ALONE},
    {0x1360, LETTER_WORD},  {0x1368, LETTER_SIGN},  {0x177F, LETTER_WORD},
    {0x17FF, LETTER_ALONE}, {0x1FFF, LETTER_WORD},  {0x200A, LETTER_BLANK},
    {0x200F, LETTER_JOINS}, {0x2027, LETTER_SIGN},  {0x202F, LETTER_BLANK},
    {0x205E, LETTER_SIGN},  {0x2064, LETTER_JOINS}, {0x2E7F, LETTER_SIGN},
    {0x2FFF, LETTER_ALONE}, {0x3000, LETTER_BLANK}, {0x3004, LETTER_SIGN},
    {0x3007, LETTER_ALONE}, {0x3040, LETTER_SIGN},  {0x3098, LETTER_ALONE},
    {0x309A, LETTER_JOINS}, {0x309F, LETTER_ALONE}, {0x30A0, LETTER_SIGN},
    {0x30FA, LETTER_ALONE}, {0x30FB, LETTER_SIGN},  {0x318F, LETTER_ALONE},
    {0x33FF, LETTER_SIGN},  {0x9FFF, LETTER_ALONE}, {0xABFF, LETTER_WORD},
    {0xD7FF, LETTER_ALONE}, {0xF8FF, LETTER_SIGN},  {0xFAFF, LETTER_ALONE},
    {0xFDFF, LETTER_WORD},  {0xFE0F, LETTER_JOINS}, {0xFE6F, LETTER_SIGN},
    {0xFEFE, LETTER_WORD},  {0xFEFF, LETTER_JOINS}, {0xFF0F, LETTER_SIGN},
    {0xFF19, LETTER_DIGIT}, {0xFF20, LETTER_SIGN},  {0xFF3A, LETTER_WORD},
    {0xFF40, LETTER_SIGN},  {0xFF5A, LETTER_WORD},  {0xFF65, LETTER_SIGN},
    {0xFFDF, LETTER_ALONE}, {0xFFFF, LETTER_SIGN},  {0x1FFFF, LETTER_SIGN},
    {0x3FFFF, LETTER_ALONE}};

enum letter_kind letter_kind_wide(uint32_t cp)
{
    size_t lo = 0, hi = ARRAY_LEN(blocks);
    if (cp == 0xA0)
        return LETTER_BLANK;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (blocks[mid].last < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < ARRAY_LEN(blocks) ? (enum letter_kind)blocks[lo].kind : LETTER_SIGN;
}

struct casing {
    uint32_t first, last;
    uint32_t by; /* 0: capitals are the even ones, 1: the odd ones */
};

static const struct casing casings[] = {
    {0xC0, 0xD6, 32},    {0xD8, 0xDE, 32},    {0x100, 0x137, 0},  {0x139, 0x148, 1},
    {0x14A, 0x177, 0},   {0x179, 0x17E, 1},   {0x1CD, 0x1DC, 1},  {0x1DE, 0x1EF, 0},
    {0x1F8, 0x21F, 0},   {0x222, 0x233, 0},   {0x391, 0x3A1, 32}, {0x3A3, 0x3AB, 32},
    {0x400, 0x40F, 80},  {0x410, 0x42F, 32},  {0x460, 0x481, 0},  {0x48A, 0x4BF, 0},
    {0x4C1, 0x4CE, 1},   {0x4D0, 0x52F, 0},   {0x531, 0x556, 48}, {0x1E00, 0x1E95, 0},
    {0x1EA0, 0x1EFF, 0}, {0xFF21, 0xFF3A, 32}};

static uint32_t odd_lower(uint32_t cp)
{
    switch (cp) {
    case 0x178:
        return 0xFF;
    case 0x386:
        return 0x3AC;
    case 0x388:
    case 0x389:
    case 0x38A:
        return cp + 37;
    case 0x38C:
        return 0x3CC;
    case 0x38E:
    case 0x38F:
        return cp + 63;
    default:
        return cp;
    }
}

uint32_t letter_lower_wide(uint32_t cp)
{
    size_t lo = 0, hi = ARRAY_LEN(casings) - 1; /* the first that ends at cp or behind */
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (casings[mid].last < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    const struct casing *c = &casings[lo];
    if (cp < c->first || cp > c->last)
        return odd_lower(cp);
    return c->by > 1 ? cp + c->by : cp + ((cp & 1) == c->by);
}

size_t letter_put(uint32_t cp, char ret[4])
{
    static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    if (n == 1) {
        ret[0] = (char)cp;
        return 1;
    }
    for (size_t i = n; i-- > 1; cp >>= 6)
        ret[i] = (char)(0x80 | (cp & 0x3F));
    ret[0] = (char)(heads[n] | cp);
    return n;
}

bool has_letter(struct str text)
{
    for (const char *p = text.p, *end = text.p + text.n; p < end;) {
        uint32_t cp;
        p += utf8_read(p, end, &cp);
        enum letter_kind kind = letter_kind(cp);
        if (kind == LETTER_WORD || kind == LETTER_ALONE)
            return true;
    }
    return false;
}
