/* form_words.c -- see form_words.h.
 *
 * A password of one word stands where forms say "required".  What forms say is a few
 * hundred words in each language (stems.txt); of English also all words that are common
 * in manuals of programs, by the lexicon.  Whatever is left is a password. */
#include "scan/read/form_words.h"

#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/read/no_value.h"
#include "scan/text/lexicon.h"
#include "scan/text/stems.h"
#include "scan/text/words.h"

/* Of words that mean other things as well: "clave", "parola"; and of short ones. */
static bool is_vague_label(struct str folded)
{
    static const char *const words[] = {"clave", "parola", "parole", "gesl", "geslo"};
    enum { LEAST = 5 };
    return folded.n < LEAST || is_word_of(folded, words, ARRAY_LEN(words));
}

bool names_password(struct str label)
{
    for (size_t i = 0, to = 0; i < label.n; i = to + 1) {
        char folded[STEM_FOLD_BYTES];
        for (to = i; to < label.n && (is_alnum(label.p[to]) || label.p[to] < 0); to++)
            ;
        struct str word = stem_fold(str_sub(label, i, to), folded);
        if (to == i || is_vague_label(word))
            continue;
        if ((stems_of(word) & STEM_PASS) || str_ends(word, STR("password")) ||
            str_ends(word, STR("passwort")) || str_ends(word, STR("kennwort")) ||
            str_ends(word, STR("passphrase")))
            return true;
    }
    return false;
}

bool says_of_password(struct str word)
{
    const uint64_t roles = STEM_STATE | STEM_CHANGE | STEM_ASK | STEM_PASS | STEM_CODE |
                           STEM_ENTER | STEM_OPEN | STEM_HINT | STEM_TURN | STEM_STILL |
                           STEM_PROVE | STEM_RESCUE | STEM_ONCE;
    char folded[STEM_FOLD_BYTES];
    return (stems_of(stem_fold(word, folded)) & roles) != 0;
}

/* Letters of Latin, Greek and Cyrillic; a capital only at the front. */
static bool is_plain_spelling(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_letter = is_alpha(s.p[i]) || (c >= 0x80 && c < 0xD4);
        if (!is_letter || (i > 0 && is_upper(s.p[i])))
            return false;
    }
    return true;
}

/* "confirmed", "reusable": an English word that describes. */
static bool is_describing_word(struct str folded)
{
    static const char *const ends[] = {"ed",  "ing",  "able", "ible", "tion", "ous",
                                       "ive", "less", "ful",  "ment", "ic",   "ally"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends(folded, str_of(ends[i])))
            return true;
    return false;
}

bool is_form_word(struct str word)
{
    char folded[STEM_FOLD_BYTES];
    struct str s = stem_fold(word, folded);
    uint8_t names = lexicon_find(word_hash(s.p, s.n));
    return !is_plain_spelling(word) || says_of_password(word) || is_function_word(s) ||
           (names & NAME_FREQUENT) || ((names & NAME_COMMON) && is_describing_word(s));
}

struct counted {
    size_t words, rare, numbers;
    bool says; /* one of them says something of passwords, or only links */
};

static void count_word(struct counted *c, struct str word)
{
    char folded[STEM_FOLD_BYTES];
    struct str s = stem_fold(word, folded);
    c->words++;
    c->says |= says_of_password(word) || is_function_word(s);
    c->rare += !(lexicon_find(word_hash(s.p, s.n)) & NAME_FREQUENT);
}

bool is_phrase_of_things(struct str s)
{
    struct counted c = {0};
    if (!is_passphrase(s))
        return false;
    for (size_t i = 0, to = 0; i < s.n; i = to + 1) {
        for (to = i; to < s.n && is_alpha(s.p[to]); to++)
            ;
        count_word(&c, str_sub(s, i, to));
    }
    return !c.says && c.rare * 2 >= c.words;
}

bool is_loose_phrase(struct str s)
{
    enum { LEAST = 3, MOST = 8, LETTERS_LEAST = 2 };
    struct counted c = {0};
    struct str word;
    if (s.n && strchr("!?.", s.p[s.n - 1]))
        s.n--;
    while (str_split(&s, ' ', &word)) {
        size_t digits = count_digits(word), letters = 0;
        for (size_t i = 0; i < word.n; i++)
            letters += is_alpha(word.p[i]) || word.p[i] < 0;
        if (word.n == 0 || letters + digits != word.n)
            return false;
        c.numbers += digits > 0;
        if (digits == 0 || letters > 0)
            count_word(&c, word);
    }
    return !c.says && c.numbers > 0 && c.words >= LETTERS_LEAST &&
           c.words + c.numbers >= LEAST && c.words <= MOST && c.rare * 2 >= c.words;
}

bool can_only_be_password(struct str s)
{
    enum { LEAST = 8 };
    bool upper = false, lower = false, other = false;
    for (size_t i = 0; i < s.n; i++) {
        upper |= is_upper(s.p[i]);
        lower |= is_lower(s.p[i]);
        other |= !is_alnum(s.p[i]) && !strchr("!#$%&*+-?_=", s.p[i]);
    }
    return upper && lower && count_digits(s) > 1 && !other && s.n >= LEAST;
}
