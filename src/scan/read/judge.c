/* judge.c -- see judge.h: passwords, tokens and codes. */
#include "scan/find/plausible.h"
#include "scan/read/basic.h"
#include "scan/read/form_words.h"
#include "scan/read/inside.h"
#include "scan/read/known_form.h"
#include "scan/read/named.h"
#include "scan/read/no_value.h"

enum {
    SURE_LEAST = 12,
    MAX_SECRET = 600,
    PHRASE_BLANKS = 11 /* between the words of a wallet */
};

/* -- the part that is a value ------------------------------------------------------ */

static bool is_secret_kind(enum telling t)
{
    return t == TELLS_PASSWORD || t == TELLS_PIN || t == TELLS_TOKEN || t == TELLS_KEY ||
           t == TELLS_SESSION || t == TELLS_CVC || t == TELLS_HASH;
}

static struct str past_scheme(struct str s)
{
    static const char *const schemes[] = {
        "bearer ", "basic ",   "token ", "apikey ", "digest ", "!!str ",
        "hex:",    "raw:",     "plain:", "base64:", "bot ",    "negotiate ",
        "ascii:",  "0 ",       "7 ",     "5 ",      "s:",      "aws4-hmac-sha256 ",
        "{aes}",   "{aes256}", "{3des}", "{xor}",   "{noop}",  "{plain}",
        "{cipher}"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (s.n > strlen(schemes[i]) && str_starts_nocase(s, str_of(schemes[i])))
            return str_trim(str_sub(s, strlen(schemes[i]), s.n));
    return s;
}

/* Four words and more in small letters, none of them a function word: a phrase. */
static bool is_phrase(struct str s)
{
    size_t words = 0;
    for (size_t i = 0; i < s.n;) {
        size_t to = i;
        while (to < s.n && is_lower(s.p[to]))
            to++;
        if (to == i || is_function_word(str_sub(s, i, to)) ||
            (to < s.n && s.p[to] != ' '))
            return false;
        words++;
        i = to + 1;
    }
    return words >= 4 && words <= 24;
}

bool is_app_password(struct str v)
{
    size_t vowels = 0;
    if (v.n != 19)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        if (i % 5 == 4 ? v.p[i] != ' ' : !is_lower(v.p[i]))
            return false;
        vowels += v.p[i] != ' ' && strchr("aeiou", v.p[i]) != NULL;
    }
    return vowels <= 6;
}

/* "49 30 21": digits and single blanks. */
static struct str digits_at_front(struct str s)
{
    size_t end = 0;
    for (size_t i = 0; i < s.n && (is_digit(s.p[i]) || s.p[i] == ' '); i++)
        if (is_digit(s.p[i]))
            end = i + 1;
    return end < s.n && (is_alnum(s.p[end]) || s.p[end] == '-') ? str_sub(s, 0, 0)
                                                                : str_sub(s, 0, end);
}

/* "EsTb 9aQk 2mLp 77Xc": three groups and more of one length, no words: their end. */
static size_t groups_at_front(struct str s)
{
    size_t groups = 0, width = 0, digits = 0, end = 0;
    for (size_t i = 0; i < s.n; i++) {
        size_t to = i;
        while (to < s.n && is_alnum(s.p[to]))
            digits += is_digit(s.p[to++]);
        width = groups ? width : to - i;
        if (to - i != width || width < 3 || width > 8 ||
            (to < s.n && !strchr(" ,.;)\n", s.p[to])))
            break;
        groups++;
        end = to;
        if (to < s.n && s.p[to] != ' ')
            break;
        i = to;
    }
    struct str v = str_sub(s, 0, end);
    return groups >= 3 && digits >= 2 && digits + groups - 1 < v.n ? end : 0;
}

static bool is_loose_value(const struct given *g, struct str s)
{
    return g->is_explicit && g->note != NOTE_LINE && is_loose_phrase(s);
}

struct str judge_trim(const struct given *g)
{
    struct str s = str_trim(g->value);
    if (!is_secret_kind(g->what))
        return s;
    s = past_scheme(s);
    if (g->what == TELLS_SESSION && s.n > 16 && s.p[0] == '<') { /* as Dovecot logs it */
        ptrdiff_t close = str_index(s, '>');
        struct str inner = str_sub(s, 1, close > 0 ? (size_t)close : 1);
        if (inner.n >= 12 && !memchr(inner.p, ' ', inner.n) && count_digits(inner))
            return inner;
    }
    if (g->is_quoted || is_phrase(s) || is_loose_value(g, s))
        return s;
    if (s.n > 19 && is_app_password(str_sub(s, 0, 19)) && !is_alnum(s.p[19]))
        return str_sub(s, 0, 19);
    size_t groups = g->what == TELLS_TOKEN ? groups_at_front(s) : 0;
    if (groups)
        return str_sub(s, 0, groups);
    struct str digits = digits_at_front(s);
    if (g->what == TELLS_PIN && count_digits(digits) >= 4)
        return digits;
    size_t i = 0;
    while (i < s.n && (unsigned char)s.p[i] > ' ')
        i++;
    s = str_sub(s, 0, i);
    while (s.n && strchr(",.;:)]}\"'`|", s.p[s.n - 1]))
        s.n--;
    return s;
}

/* -- secrets ----------------------------------------------------------------------- */

static bool mixes(struct str s)
{
    size_t lower = 0, upper = 0, digit = 0, other = 0, far = 0;
    for (size_t i = 0; i < s.n; i++) {
        lower += is_lower(s.p[i]);
        upper += is_upper(s.p[i]);
        digit += is_digit(s.p[i]);
        other += s.p[i] >= 0 && !is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' &&
                 s.p[i] != '-' && s.p[i] != ' ';
        far += s.p[i] < 0;
    }
    bool letters = lower + upper + far > 0;
    return s.n >= 4 &&
           ((letters && digit) || (letters && other && s.n >= 6) || (digit && other) ||
            (lower && upper && s.n >= 10 && entropy_of(s) > 3.4));
}

static bool is_random(struct str v)
{
    double h = entropy_of(v);
    size_t digits = count_digits(v);
    return (digits == v.n && v.n >= 16) || (digits >= 2 && h > 3.0 && v.n >= 12) ||
           (digits && h > 3.2 && v.n >= 12) || (h > 4.1 && v.n >= 24 && mixes(v)) ||
           (mixes(v) && h > 2.8 && v.n >= 8 && digits >= 2);
}

static bool is_sentence(struct str v)
{
    size_t blanks = 0;
    for (size_t i = 0; i < v.n; i++)
        blanks += v.p[i] == ' ';
    return blanks > 3 || (blanks && (v.n > 24 || count_digits(v) == 0));
}

/* Small letters, five in a row without a vowel: nobody speaks it. */
static bool is_unspeakable(struct str v)
{
    size_t run = 0, longest = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (!is_lower(v.p[i]))
            return false;
        run = strchr("aeiouy", v.p[i]) ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return v.n >= 12 && longest >= 5;
}

/* All there is: no sentence goes on behind it. */
static bool is_alone(const struct given *g, struct str v)
{
    struct str rest = str_sub(g->value, (size_t)(v.p + v.n - g->value.p), g->value.n);
    rest = str_trim(rest);
    return g->is_quoted || rest.n == 0 || strchr(".,;)(|\"'`<", rest.p[0]) != NULL;
}

/* "Unicode password.", "Create a shadow entry": words go on behind the first. */
static bool begins_sentence(const struct given *g, struct str v)
{
    enum { WORDS_LEAST = 2 };
    struct str rest = str_sub(g->value, (size_t)(v.p + v.n - g->value.p), g->value.n),
               word;
    size_t words = 0;
    rest = str_trim(rest);
    bool ends = rest.n && rest.p[rest.n - 1] == '.';
    while (words < WORDS_LEAST && str_split(&rest, ' ', &word) && word.n &&
           is_alpha(word.p[0]))
        words++;
    return !g->is_quoted && !g->is_said && (words >= WORDS_LEAST || (words && ends));
}

static unsigned judge_password(const struct given *g, struct str v)
{
    bool plain_word = count_digits(v) == 0 && !mixes(v);
    if (is_app_password(v) || (g->is_said && is_unspeakable(v)))
        return 75;
    if (is_phrase(v))
        return g->note == NOTE_CODE ? 50 : 75;
    if (g->is_explicit && is_loose_phrase(v))
        return 70;
    if (g->is_explicit && (g->is_quoted || g->note != NOTE_CODE) &&
        is_phrase_of_things(v))
        return g->note == NOTE_CODE ? 58 : 70;
    if (is_passphrase(v) && !g->is_inner && !memchr(v.p, '_', v.n))
        return !memchr(v.p, '.', v.n) ? g->note == NOTE_CODE ? 58 : 70
               : g->note == NOTE_FORM || g->note == NOTE_LINE ? 57
                                                              : 0;
    if (is_sentence(v) || str_find(g->value, STR(" :: ")) > 0) /* "PASS: x :: y" */
        return 0;
    if (mixes(v))
        return g->is_inner && v.n < 8 ? 0 : 90;
    if (count_digits(v) == v.n)
        return v.n >= 4 && g->note != NOTE_CODE && !g->is_inner ? (v.n >= 6 ? 75 : 60)
                                                                : 0;
    if (g->is_inner || v.n < 5 || v.n > 40 || memchr(v.p, '.', v.n) || !plain_word ||
        (g->note == NOTE_DATA && says_of_password(v)) ||
        (g->note != NOTE_COMMAND && begins_sentence(g, v)))
        return 0;
    if (g->note == NOTE_FORM && g->is_explicit && is_alone(g, v))
        return is_form_word(v) ? 0 : 56;
    /* A plain word may be a password and may be a caption: in data and commands it is
     * held, elsewhere masked. */
    if (g->note == NOTE_COMMAND || g->note == NOTE_TABLE)
        return 60;
    if (g->note == NOTE_DATA)
        return g->is_quoted || g->is_said ? 57 : 56;
    if (g->is_quoted || g->is_said)
        return entropy_of(v) > 2.2 && v.n >= 6 ? 50 : 0;
    return 0;
}

/* Only hexadecimal, and as long as the digests that everybody prints. */
static bool is_digest(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_hex(v.p[i]))
            return false;
    return v.n == 32 || v.n == 40 || v.n == 64 || v.n == 96 || v.n == 128;
}

static size_t count_blanks(struct str v)
{
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++)
        n += v.p[i] == ' ';
    return n;
}

static unsigned judge_token(const struct given *g, struct str v)
{
    if (memchr(v.p, ' ', v.n))
        return (is_phrase(v) && g->what != TELLS_SESSION &&
                (g->what != TELLS_KEY || count_blanks(v) >= PHRASE_BLANKS)) ||
                       groups_at_front(v) == v.n
                   ? 75
                   : 0;
    bool random = is_random(v);
    bool is_sure =
        g->what == TELLS_TOKEN && random && can_only_be_password(v) && v.n >= SURE_LEAST;
    if (g->note == NOTE_LINE && !is_sure &&
        (v.n < 16 || count_digits(v) < 3 || memchr(v.p, '/', v.n) || is_typed(v) ||
         memchr(v.p, ':', v.n) || g->what == TELLS_SESSION || g->what == TELLS_KEY))
        return 0;
    if (g->what == TELLS_KEY && is_digest(v))
        return 0;
    if (g->what == TELLS_KEY)
        return random && v.n >= 20 && entropy_of(v) > 3.6 && count_digits(v) >= 3 &&
                       (g->is_quoted || g->note != NOTE_CODE)
                   ? 56
                   : 0;
    if (g->what == TELLS_SESSION)
        return random && v.n >= 16 ? 85 : 0;
    if (random)
        return g->is_inner ? 60 : 85;
    if (g->is_inner || v.n < 8 || !mixes(v) || g->note == NOTE_CODE)
        return 0;
    return count_digits(v) ? 65 : 0;
}

static unsigned judge_pin(const struct given *g, struct str v)
{
    if (v.n > 5 && is_upper(v.p[0]) && v.p[1] == '-')
        v = str_sub(v, 2, v.n); /* G-493021 */
    size_t digits = count_digits(v), other = 0, points = 0;
    for (size_t i = 0; i < v.n; i++)
        points += v.p[i] == '.';
    for (size_t i = 0; i < v.n; i++)
        other += !is_digit(v.p[i]) && v.p[i] != ' ' && v.p[i] != '-';
    if (g->is_inner || (g->note == NOTE_CODE && !g->is_quoted) || is_colour(v) ||
        is_of_register(v) ||
        (points && points + digits == v.n)) /* "Pin: 0.190", a version */
        return 0;
    if (g->what == TELLS_CVC && g->is_quoted && is_counted_off(v))
        return 0; /* "123" of every test of a payment */
    size_t least = g->what == TELLS_CVC ? 3 : 4, most = g->what == TELLS_CVC ? 8 : 10;
    if (other == 0)
        return digits >= least && digits <= most ? 85 : 0;
    return g->what == TELLS_PIN && g->note != NOTE_LINE &&
                   (v.n >= 6 || digits >= 4 || (g->is_said && digits >= 3)) &&
                   v.n <= 24 && digits >= 2 && other <= 12 && !memchr(v.p, ' ', v.n)
               ? 70
               : 0;
}

unsigned judge_secret(const struct given *g)
{
    struct str v = judge_trim(g);
    if (v.n < 3 || v.n > MAX_SECRET ||
        (v.p[0] == '0' && v.n > 1 && v.p[1] == 'x' && v.n != 66))
        return 0;
    if (g->what == TELLS_HASH)
        return g->is_said ? 85 : 0;
    if (g->what == TELLS_PIN || g->what == TELLS_CVC)
        return judge_pin(g, v);
    enum basic basic = basic_of(g->value);
    if (basic != BASIC_NONE)
        return basic == BASIC_GIVEN ? 90 : 0;
    if (v.n < 4 || is_no_value(g, v))
        return 0;
    return g->what == TELLS_PASSWORD ? judge_password(g, v) : judge_token(g, v);
}
