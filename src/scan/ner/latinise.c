/* latinise.c -- see latinise.h. */
#include "scan/ner/latinise.h"

enum {
    CYRILLIC_FIRST = 0x430,
    CYRILLIC_LAST = 0x45F,
    GREEK_FIRST = 0x3AC,
    GREEK_LAST = 0x3CE,
    GHE_WITH_UPTURN = 0x491
};

static const char cyrillic[CYRILLIC_LAST - CYRILLIC_FIRST + 1][5] = {
    "a",  "b",  "v", "g", "d", "e",  "zh", "z",  "i", "i",  "k",  "l",
    "m",  "n",  "o", "p", "r", "s",  "t",  "u",  "f", "kh", "ts", "ch",
    "sh", "sh", "",  "y", "",  "e",  "iu", "ia", "e", "e",  "dj", "g",
    "ie", "z",  "i", "i", "j", "lj", "nj", "c",  "k", "i",  "u",  "dz"};

static const char greek[GREEK_LAST - GREEK_FIRST + 1][3] = {
    "a",  "e", "i", "i",  "y",  "a", "v", "g", "d", "e", "z", "i",
    "th", "i", "k", "l",  "m",  "n", "x", "o", "p", "r", "s", "s",
    "t",  "y", "f", "ch", "ps", "o", "i", "y", "o", "y", "o"};

const char *latinise_letter(uint32_t lower)
{
    if (lower >= CYRILLIC_FIRST && lower <= CYRILLIC_LAST)
        return cyrillic[lower - CYRILLIC_FIRST];
    if (lower >= GREEK_FIRST && lower <= GREEK_LAST)
        return greek[lower - GREEK_FIRST];
    return lower == GHE_WITH_UPTURN ? "g" : NULL;
}

/* What two letters are read as; 0: as two. */
static char pair_of(char a, char b, bool begins)
{
    if (a == 'm' && b == 'p')
        return 'b';
    if (a == 'n' && b == 't')
        return begins ? 'd' : 0;
    if (a == 'g' && (b == 'k' || b == 'g'))
        return 'g';
    if (a == 'o' && b == 'y')
        return 'u';
    if ((a == 'e' || a == 'o') && b == 'i')
        return 'i';
    return a == 'a' && b == 'i' ? 'e' : 0;
}

size_t latinise_greek(char *word, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        char c = i + 1 < n ? pair_of(word[i], word[i + 1], i == 0) : 0;
        word[out++] = c ? c : word[i];
        i += c != 0;
    }
    return out;
}
