/* asked.c -- see asked.h. */
#include "judge/asked.h"

#include "judge/find.h"

enum { MAX_CHOICES = 26 };

/* -- sums --------------------------------------------------------------------------- */

/* Before a sum; at a beginning of a word. */
static const char *const openings[] = {
    "what is ",       "what's ",    "what\xe2\x80\x99s ",
    "whats ",         "what does ", "how much is ",
    "calculate ",     "compute ",   "evaluate ",
    "solve ",         "was ist ",   "was ergibt ",
    "wat is ",        "berechne ",  "combien font ",
    "calcule ",       "cuánto es ", "calcula ",
    "quanto fa ",     "calcola ",   "quanto é ",
    "ile jest ",      "ile to ",    "сколько будет ",
    "Сколько будет ",
};

static const char *const numbers[] = {
    "zero",     "one",      "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",    "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen",  "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    "thirty",   "forty",    "fifty",   "sixty",     "seventy",  "eighty",   "ninety",
    "hundred",  "thousand", "million", "half",
};

static const char *const signs[] = {
    "plus",         "minus",      "times",   "multiplied by", "divided by",

    "modulo",       "mod",        "squared", "cubed",         "to the power of",
    "percent of",   "% of",       "mal",     "geteilt durch", "moins",
    "fois",         "divisé par", "más",     "menos",         "por",
    "dividido por", "entre",      "più",     "meno",          "per",
    "diviso",       "mais",       "vezes",   "keer",          "gedeeld door",
    "razy",         "плюс",       "минус",   "умножить на",   "разделить на",
    "prozent von",
};

/* The sum so far. */
struct sum {
    struct str s;
    size_t at;
    unsigned nnumbers, nsigns;
    bool is_sure; /* a sign that is neither a date's nor a span's */
};

static bool take_word(struct sum *m, const char *const *words, size_t n)
{
    struct str rest = str_sub(m->s, m->at, m->s.n);
    for (size_t i = 0; i < n; i++)
        if (find_starts_word(rest, words[i])) {
            m->at += strlen(words[i]);
            return true;
        }
    return false;
}

/* Digits with points and commas in them, or a number's word.  "4G" is none. */
static bool take_number(struct sum *m)
{
    struct str s = m->s;
    size_t at = m->at;
    if (!is_digit(s.p[at])) {
        bool is_word = take_word(m, numbers, ARRAY_LEN(numbers));
        m->nnumbers += is_word;
        return is_word;
    }
    while (at < s.n && (is_digit(s.p[at]) || (is_one_of(s.p[at], ".,") && at + 1 < s.n &&
                                              is_digit(s.p[at + 1]))))
        at++;
    if (at < s.n && (unsigned char)s.p[at] < 0x80 && is_letter(s.p[at]) && s.p[at] != 'x')
        return false;
    m->at = at;
    m->nnumbers++;
    return true;
}

static bool is_blank_at(struct str s, size_t at)
{
    return at < s.n && is_blank(s.p[at]);
}

static bool take_sign(struct sum *m)
{
    static const char *const marks[] = {"\xc3\x97", "\xc3\xb7", "\xe2\x88\x92",
                                        "\xc2\xb7"}; /* of ×, ÷, − and · */
    struct str s = m->s;
    size_t at = m->at;
    bool is_apart = at > 0 && is_blank_at(s, at - 1);
    if (take_word(m, signs, ARRAY_LEN(signs))) {
        m->is_sure = true;
    } else if (is_one_of(s.p[at], "+*^")) {
        m->at += str_starts(str_sub(s, at, s.n), STR("**")) ? 2 : 1;
        m->is_sure = true;
    } else if (is_one_of(s.p[at], "-/x")) {
        m->at++;
        m->is_sure |= is_apart && is_blank_at(s, at + 1);
    } else {
        size_t i = 0;
        while (i < ARRAY_LEN(marks) && !str_starts(str_sub(s, at, s.n), str_of(marks[i])))
            i++;
        if (i == ARRAY_LEN(marks))
            return false;
        m->at += strlen(marks[i]);
        m->is_sure = true;
    }
    m->nsigns++;
    return true;
}

/* What may stand in a sum and means nothing by itself. */
static bool take_filler(struct sum *m)
{
    static const char *const words[] = {"the square root of",
                                        "the result of",
                                        "equal",
                                        "equals",
                                        "and",
                                        "ist",
                                        "da",
                                        "fa"};
    if (is_one_of(m->s.p[m->at], " \t()[]$%=,")) {
        m->at++;
        return true;
    }
    return take_word(m, words, ARRAY_LEN(words));
}

/* A sum from here to the end of the sentence. */
static bool is_sum_at(struct str s, size_t at)
{
    struct sum m = {.s = s, .at = at};
    while (m.at < s.n && !is_one_of(s.p[m.at], "?!\n\r")) {
        if (s.p[m.at] == '.' && (m.at + 1 == s.n || is_blank(s.p[m.at + 1])))
            break;
        if (!take_number(&m) && !take_sign(&m) && !take_filler(&m))
            return false;
    }
    return m.nnumbers >= 2 && m.nsigns > 0 && m.is_sure;
}

bool asked_sum(struct str prompt)
{
    struct str s = find_trim(prompt);
    bool in_word = false;
    if (s.n && is_sum_at(s, 0))
        return true;
    for (size_t i = 0; i < s.n; i++) {
        for (size_t k = 0; !in_word && k < ARRAY_LEN(openings); k++)
            if (find_starts(str_sub(s, i, s.n), openings[k]) &&
                is_sum_at(s, i + strlen(openings[k])))
                return true;
        in_word = (unsigned char)s.p[i] < 0x80 && is_word(s.p[i]);
    }
    return false;
}

/* -- choices ------------------------------------------------------------------------ */

/* "A. x", "(A) x", "A) x", "A: x", "- A. x", "**A.** x", and with small letters; *ret_n:
 * the letter's number. */
static bool line_choice(struct str line, char first, unsigned *ret_n)
{
    size_t i = 0;
    while (i < line.n && is_one_of(line.p[i], " \t(*-"))
        i++;
    if (i + 1 >= line.n || !is_one_of(line.p[i + 1], ").:"))
        return false;
    *ret_n = (unsigned)(unsigned char)line.p[i] - (unsigned)first;
    return *ret_n < MAX_CHOICES;
}

/* The longest run of lines A, B, C ...; *ret_at: where it begins. */
static unsigned count_lines(struct str s, char first, size_t *ret_at)
{
    struct str rest = s, line;
    unsigned n = 0, most = 0, letter;
    size_t at = 0;
    while (find_line(&rest, &line)) {
        if (!line_choice(line, first, &letter))
            continue;
        if (letter == 0) {
            n = 1;
            at = (size_t)(line.p - s.p);
        } else if (n > 0 && letter == n) {
            n++;
        }
        if (n > most) {
            most = n;
            *ret_at = at;
        }
    }
    return most;
}

/* "A) 4 B) 6 C) 8" in one line, each behind a blank or a bracket. */
static unsigned count_inline(struct str s, char first, const char *ends, size_t *ret_at)
{
    unsigned n = 0;
    size_t last = 0;
    for (size_t i = 0; i + 1 < s.n && n < MAX_CHOICES; i++) {
        bool is_begun = i == 0 || is_one_of(s.p[i - 1], " \t\n(,;:*");
        bool is_ended = is_one_of(s.p[i + 1], ends) &&
                        (i + 2 == s.n || s.p[i + 1] == ')' || is_blank(s.p[i + 2]));
        if (s.p[i] != (char)(first + (char)n) || !is_begun || !is_ended ||
            (n > 0 && i < last + 3))
            continue;
        if (n++ == 0)
            *ret_at = i;
        last = i;
    }
    return n;
}

/* Is one of several asked for?  A question mark right before the list says so, too. */
static bool asks_which(struct str s, size_t list_at)
{
    static const char *const words[] = {
        "which",  "choose",  "pick",    "select", "correct", "welche", "wähle",
        "quel",   "quelle",  "choisis", "cuál",   "elige",   "qual",   "quale",
        "scegli", "escolha", "welk",    "kies",   "który",   "które",  "wybierz",
        "какой",  "какая",   "какое",   "какие",  "Какой",   "Какая",  "Какое",
        "Какие",  "выбери",  "哪",      "选择",   "どれ",    "選"};
    struct str before = find_trim(str_sub(s, 0, list_at));
    size_t which;
    while (before.n && is_one_of(before.p[before.n - 1], " \t\n(*-"))
        before.n--;
    return str_ends(before, STR("?")) ||
           find_last_any(s, words, ARRAY_LEN(words), &which) >= 0;
}

unsigned asked_choices(struct str prompt)
{
    size_t at = 0;
    unsigned n = count_lines(prompt, 'A', &at);
    if (n >= 2)
        return n;
    n = count_lines(prompt, 'a', &at);
    if (n >= 2 && asks_which(prompt, at))
        return n;
    static const struct {
        char first;
        const char *ends;
        unsigned least, least_asked; /* without and with a question for one of them */
    } forms[] = {{'A', ")", 3, 2},
                 {'a', ")", MAX_CHOICES + 1, 2},
                 {'A', ".:", MAX_CHOICES + 1, 3}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        n = count_inline(prompt, forms[i].first, forms[i].ends, &at);
        if (n >= forms[i].least || (n >= forms[i].least_asked && asks_which(prompt, at)))
            return n;
    }
    return 0;
}
