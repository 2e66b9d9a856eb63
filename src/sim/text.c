/* text.c -- sentences from a list of words about water, and cutting them in tokens.
 *
 * Nothing here means anything; it only has to look like prose, be the same on every
 * machine, and be countable. */
#include "sim/text.h"

#include "core/random.h"

static const char *const words[] = {
    "river",   "stone",   "gate",    "water",  "slow",    "bright",  "under",   "over",
    "the",     "a",       "and",     "but",    "so",      "then",    "while",   "where",
    "flows",   "turns",   "rises",   "falls",  "holds",   "opens",   "closes",  "carries",
    "bank",    "bridge",  "mill",    "wheel",  "current", "level",   "basin",   "channel",
    "quiet",   "deep",    "shallow", "clear",  "cold",    "early",   "late",    "steady",
    "morning", "evening", "winter",  "spring", "rain",    "mist",    "cloud",   "light",
    "keeper",  "boat",    "reed",    "heron",  "otter",   "trout",   "willow",  "alder",
    "one",     "two",     "many",    "each",   "some",    "most",    "every",   "no",
    "measure", "mark",    "rope",    "chain",  "lock",    "sluice",  "board",   "beam",
    "near",    "far",     "along",   "across", "between", "behind",  "before",  "after",
    "it",      "they",    "this",    "that",   "these",   "those",   "there",   "here",
    "is",      "was",     "has",     "will",   "can",     "may",     "must",    "should",
    "path",    "field",   "valley",  "hill",   "town",    "harbour", "shore",   "island",
    "gently",  "often",   "again",   "always", "never",   "soon",    "still",   "almost",
    "small",   "large",   "old",     "new",    "narrow",  "wide",    "green",   "grey",
    "reaches", "waits",   "passes",  "meets",  "follows", "leaves",  "returns", "stays",
};
_Static_assert(ARRAY_LEN(words) == 128, "sim_word() takes seven bits");

struct str sim_word(uint64_t random)
{
    return str_of(words[random & 127]);
}

uint64_t sim_natural_words(uint64_t seed)
{
    return 24 + (seed >> 7) % 97;
}

static void append_capital(struct buf *out, struct str word)
{
    buf_byte(out, (char)(word.p[0] - 'a' + 'A'));
    buf_append(out, str_sub(word, 1, word.n));
}

void sim_text(struct buf *out, uint64_t seed, uint64_t nwords)
{
    uint64_t left_in_sentence = 0;
    for (uint64_t i = 0; i < nwords; i++) {
        uint64_t r = random_next(&seed);
        if (i)
            buf_byte(out, ' ');
        if (left_in_sentence == 0) {
            left_in_sentence = 6 + (r >> 8) % 9;
            append_capital(out, sim_word(r));
        } else {
            buf_append(out, sim_word(r));
        }
        if (--left_in_sentence == 0 || i + 1 == nwords) {
            buf_byte(out, '.');
            left_in_sentence = 0;
        }
    }
}

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
}

struct str sim_past_blanks(struct str text)
{
    while (text.n && is_blank(text.p[0]))
        text = str_sub(text, 1, text.n);
    return text;
}

struct str sim_next_token(struct str text, size_t *at)
{
    size_t from = *at, i = from;
    while (i < text.n && is_blank(text.p[i]))
        i++;
    while (i < text.n && !is_blank(text.p[i]))
        i++;
    size_t end = i;
    while (end < text.n && is_blank(text.p[end]))
        end++;
    *at = end == text.n ? end : i; /* blanks at the very end go with the last word */
    return str_sub(text, from, *at);
}

uint64_t sim_count_tokens(struct str text)
{
    uint64_t n = 0;
    for (size_t at = 0; at < text.n; n++)
        sim_next_token(text, &at);
    return n;
}

struct str sim_cut_tokens(struct str text, uint64_t max_tokens)
{
    size_t at = 0;
    while (max_tokens-- && at < text.n)
        sim_next_token(text, &at);
    return str_sub(text, 0, at);
}
