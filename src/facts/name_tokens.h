/* name_tokens.h -- the tokens of a name, for names.c alone. */
#ifndef WEIR_FACTS_NAME_TOKENS_H
#define WEIR_FACTS_NAME_TOKENS_H

#include "facts/names.h"

enum { NAME_KEY = NAME_TEXT + NAME_TOKENS + 1 };

struct word_list {
    struct str *words;
    size_t n;
};

/* The "words" of a fact file's head. */
struct name_words {
    struct word_list ignored, formats;
    struct name_same {
        struct str written, read;
    } * same;
    size_t nsame;
};

/* Reads `text` from `from` on, where a word must begin, up to `most` tokens.  False when
 * it holds more; ret then has what was read. */
bool name_tokens_read(const struct name_words *words, struct str text, size_t from,
                      size_t most, struct name_tokens *ret);
struct str name_token(const struct name_tokens *t, size_t i);

/* The tokens `from` to `to` as one text in which their order does not matter; its length.
 */
size_t name_key(const struct name_tokens *t, size_t from, size_t to, char out[NAME_KEY]);
/* All tokens in one word, for names without any separator; its length. */
size_t name_folded(const struct name_tokens *t, char out[NAME_KEY]);

#endif
