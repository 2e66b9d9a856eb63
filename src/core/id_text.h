/* id_text.h -- a number as an id that others keep and give back.
 *
 * Sixteen small consonants: whoever looks for numbers of people in a text finds one in
 * hex digits now and then ("ac0000000002" for an account), and vowels would make words.
 */
#ifndef WEIR_CORE_ID_TEXT_H
#define WEIR_CORE_ID_TEXT_H

#include <stdint.h>

struct id_text {
    char text[17]; /* ends in NUL */
};

static inline struct id_text id_text(uint64_t id)
{
    static const char letters[] = "bdfghjklmnpqrstv";
    struct id_text ret = {""};
    for (int i = 0; i < 16; i++)
        ret.text[i] = letters[id >> (60 - 4 * i) & 15];
    return ret;
}

#endif
