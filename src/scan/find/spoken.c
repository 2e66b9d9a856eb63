/* spoken.c -- numbers, plates and names as they are said.
 *
 *     my card is four one five double two ...      the reg is Alfa 7 Kilo Kilo Mike
 *     null eins fünf zwei ...                      Vogel, V-O-G-E-L
 *
 * Transcripts of calls write digit by digit what was said.  A run of such words is what
 * its nearest caption says; without one it may be a card (by its check digit) or a
 * telephone.  Counting (one two three) and ones and zeros are none. */
#include "scan/find/spoken.h"

#include "scan/detect.h"
#include "scan/find/checksum.h"
#include "scan/scanner.h"
#include "scan/text/stems.h"

enum spoken {
    SAID_NOTHING,
    SAID_DIGIT = 1,   /* ... to 10: 0 to 9 */
    SAID_TEEN = 11,   /* two digits */
    SAID_TENS = 12,   /* two digits; a unit behind is in them */
    SAID_DOUBLE = 13, /* the next one twice */
    SAID_TRIPLE = 14,
    SAID_GLUE = 15,   /* "dash": between them */
    SAID_LETTER = 16, /* and more: of the alphabet of radio */
    SAID_CASE = 60    /* "capital", "lowercase": a password is dictated */
};

/* Digits from 0 on; folded. */
static const char *const digits[][10] = {
    {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"},
    {"null", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun"},
    {"zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"},
    {"cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"},
    {"zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"},
    {"zero", "um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove"},
    {"nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"},
    {"zero", "jeden", "dwa", "trzy", "cztery", "piec", "szesc", "siedem", "osiem",
     "dziewiec"},
    {"noll", "ett", "tva", "tre", "fyra", "fem", "sex", "sju", "atta", "nio"},
    {"nul", "en", "to", "tre", "fire", "fem", "seks", "syv", "otte", "ni"},
    {"nolla", "yksi", "kaksi", "kolme", "nelja", "viisi", "kuusi", "seitseman",
     "kahdeksan", "yhdeksan"},
    {"nula", "jedna", "dva", "tri", "ctyri", "pet", "sest", "sedm", "osm", "devet"},
    {"nulla", "egy", "ketto", "harom", "negy", "ot", "hat", "het", "nyolc", "kilenc"},
    {"sifir", "bir", "iki", "uc", "dort", "bes", "alti", "yedi", "sekiz", "dokuz"},
    {"zero", "unu", "doi", "trei", "patru", "cinci", "sase", "sapte", "opt", "noua"},
    {"ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"},
    {"нуль", "один", "два", "три", "чотири", "п'ять", "шість", "сім", "вісім", "дев'ять"},
    {"nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan",
     "sembilan"}};

static const struct {
    const char *word;
    uint8_t what;
} others[] = {{"oh", SAID_DIGIT},
              {"zwo", SAID_DIGIT + 2},
              {"une", SAID_DIGIT + 1},
              {"uma", SAID_DIGIT + 1},
              {"duas", SAID_DIGIT + 2},
              {"meia", SAID_DIGIT + 6},
              {"niner", SAID_DIGIT + 9},
              {"nought", SAID_DIGIT},
              {"naught", SAID_DIGIT},
              {"double", SAID_DOUBLE},
              {"triple", SAID_TRIPLE},
              {"treble", SAID_TRIPLE},
              {"doppel", SAID_DOUBLE},
              {"doble", SAID_DOUBLE},
              {"doppio", SAID_DOUBLE},
              {"dubbel", SAID_DOUBLE},
              {"ten", SAID_TEEN},
              {"eleven", SAID_TEEN},
              {"twelve", SAID_TEEN},
              {"thirteen", SAID_TEEN},
              {"fourteen", SAID_TEEN},
              {"fifteen", SAID_TEEN},
              {"sixteen", SAID_TEEN},
              {"seventeen", SAID_TEEN},
              {"eighteen", SAID_TEEN},
              {"nineteen", SAID_TEEN},
              {"twenty", SAID_TENS},
              {"thirty", SAID_TENS},
              {"forty", SAID_TENS},
              {"fifty", SAID_TENS},
              {"sixty", SAID_TENS},
              {"seventy", SAID_TENS},
              {"eighty", SAID_TENS},
              {"ninety", SAID_TENS},
              {"dix", SAID_TEEN},
              {"onze", SAID_TEEN},
              {"douze", SAID_TEEN},
              {"treize", SAID_TEEN},
              {"quatorze", SAID_TEEN},
              {"quinze", SAID_TEEN},
              {"seize", SAID_TEEN},
              {"vingt", SAID_TENS},
              {"trente", SAID_TENS},
              {"quarante", SAID_TENS},
              {"cinquante", SAID_TENS},
              {"soixante", SAID_TENS},
              {"septante", SAID_TENS},
              {"huitante", SAID_TENS},
              {"nonante", SAID_TENS},
              {"diez", SAID_TEEN},
              {"once", SAID_TEEN},
              {"doce", SAID_TEEN},
              {"trece", SAID_TEEN},
              {"catorce", SAID_TEEN},
              {"quince", SAID_TEEN},
              {"veinte", SAID_TENS},
              {"treinta", SAID_TENS},
              {"cuarenta", SAID_TENS},
              {"cincuenta", SAID_TENS},
              {"sesenta", SAID_TENS},
              {"setenta", SAID_TENS},
              {"ochenta", SAID_TENS},
              {"noventa", SAID_TENS},
              {"zehn", SAID_TEEN},
              {"elf", SAID_TEEN},
              {"zwolf", SAID_TEEN},
              {"zwanzig", SAID_TENS},
              {"dreissig", SAID_TENS},
              {"vierzig", SAID_TENS},
              {"funfzig", SAID_TENS},
              {"sechzig", SAID_TENS},
              {"siebzig", SAID_TENS},
              {"achtzig", SAID_TENS},
              {"neunzig", SAID_TENS},
              {"dieci", SAID_TEEN},
              {"venti", SAID_TENS},
              {"trenta", SAID_TENS},
              {"quaranta", SAID_TENS},
              {"cinquanta", SAID_TENS},
              {"sessanta", SAID_TENS},
              {"settanta", SAID_TENS},
              {"ottanta", SAID_TENS},
              {"novanta", SAID_TENS},
              {"dash", SAID_GLUE},
              {"hyphen", SAID_GLUE},
              {"strich", SAID_GLUE},
              {"tiret", SAID_GLUE},
              {"guion", SAID_GLUE},
              {"trattino", SAID_GLUE},
              {"alfa", SAID_LETTER},
              {"alpha", SAID_LETTER},
              {"bravo", SAID_LETTER + 1},
              {"charlie", SAID_LETTER + 2},
              {"delta", SAID_LETTER + 3},
              {"echo", SAID_LETTER + 4},
              {"foxtrot", SAID_LETTER + 5},
              {"golf", SAID_LETTER + 6},
              {"hotel", SAID_LETTER + 7},
              {"india", SAID_LETTER + 8},
              {"juliet", SAID_LETTER + 9},
              {"juliett", SAID_LETTER + 9},
              {"kilo", SAID_LETTER + 10},
              {"lima", SAID_LETTER + 11},
              {"mike", SAID_LETTER + 12},
              {"november", SAID_LETTER + 13},
              {"oscar", SAID_LETTER + 14},
              {"papa", SAID_LETTER + 15},
              {"quebec", SAID_LETTER + 16},
              {"romeo", SAID_LETTER + 17},
              {"sierra", SAID_LETTER + 18},
              {"tango", SAID_LETTER + 19},
              {"uniform", SAID_LETTER + 20},
              {"victor", SAID_LETTER + 21},
              {"whiskey", SAID_LETTER + 22},
              {"whisky", SAID_LETTER + 22},
              {"xray", SAID_LETTER + 23},
              {"yankee", SAID_LETTER + 24},
              {"zulu", SAID_LETTER + 25},
              {"ray", SAID_LETTER + 23},
              {"capital", SAID_CASE},
              {"uppercase", SAID_CASE},
              {"lowercase", SAID_CASE},
              {"majuscule", SAID_CASE},
              {"minuscule", SAID_CASE},
              {"mayuscula", SAID_CASE},
              {"minuscula", SAID_CASE},
              {"maiuscola", SAID_CASE},
              {"minuscola", SAID_CASE},
              {"maiuscula", SAID_CASE},
              {"hoofdletter", SAID_CASE},
              {"grosses", SAID_CASE},
              {"groses", SAID_CASE}, /* "gro\xC3\x9F" "es", folded */
              {"kleines", SAID_CASE},
              {"versal", SAID_CASE},
              {"заглавная", SAID_CASE},
              {"велика", SAID_CASE}};

static void add(struct spoken_index *x, struct word_table *t, const char *word,
                uint8_t what)
{
    uint32_t hash = (uint32_t)(word_hash(word, strlen(word)) >> 32);
    size_t i = hash % SPOKEN_SLOTS;
    while (x->hash[i] && x->hash[i] != hash)
        i = (i + 1) % SPOKEN_SLOTS;
    if (x->hash[i])
        return; /* the language before has it */
    x->hash[i] = hash;
    x->what[i] = what;
    word_table_know(t, str_of(word), AT_SPOKEN);
}

void spoken_index_init(struct spoken_index *x, struct word_table *t)
{
    *x = (struct spoken_index){{0}, {0}};
    for (size_t l = 0; l < ARRAY_LEN(digits); l++)
        for (size_t d = 0; d < 10; d++)
            add(x, t, digits[l][d], (uint8_t)(SAID_DIGIT + d));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        add(x, t, others[i].word, others[i].what);
}

static uint8_t said_any(const struct window *w, const struct token *t)
{
    if (t->kind != TOK_WORD || !(t->known & AT_SPOKEN))
        return SAID_NOTHING;
    const struct spoken_index *x = &w->sc->spoken;
    size_t i = t->hash % SPOKEN_SLOTS;
    while (x->hash[i] && x->hash[i] != t->hash)
        i = (i + 1) % SPOKEN_SLOTS;
    return x->hash[i] ? x->what[i] : SAID_NOTHING;
}

static uint8_t said(const struct window *w, const struct token *t)
{
    uint8_t what = said_any(w, t);
    return what < SAID_CASE ? what : SAID_NOTHING;
}

bool begins_dictation(const struct window *w, const struct token *t)
{
    return said_any(w, t) == SAID_CASE;
}

bool says_number(const struct window *w, const struct token *t)
{
    uint8_t what = said(w, t);
    return what > SAID_NOTHING && what < SAID_GLUE;
}

/* -- a run of them ------------------------------------------------------------------- */

enum { MOST_DIGITS = 40 };

struct run {
    size_t first, last; /* tokens */
    size_t digits, letters, words;
    size_t rising, binary; /* letters or digits one more than the one before; 0 and 1 */
    int before;
    char digit[MOST_DIGITS]; /* '?' where only their count is known */
    char both[MOST_DIGITS];  /* digits and letters in their order */
    size_t nboth;
};

static void note_both(struct run *r, char c)
{
    if (r->nboth < MOST_DIGITS)
        r->both[r->nboth++] = c;
}

static void note_digit(struct run *r, int d, int same)
{
    r->rising += d >= 0 && r->before >= 0 && d == r->before + 1;
    r->binary += d == 0 || d == 1;
    r->before = d;
    for (int k = 0; k < same; k++) {
        char c = d < 0 ? '?' : (char)('0' + d);
        if (r->digits < MOST_DIGITS)
            r->digit[r->digits] = c;
        r->digits++;
        note_both(r, c);
    }
}

/* A number of one or two digits, or a single letter, written among the words. */
static bool note_written(struct run *r, const struct window *w, const struct token *t)
{
    size_t n = t->end - t->start;
    if (t->kind == TOK_NUMBER && n <= 2) {
        for (size_t i = 0; i < n; i++)
            note_digit(r, w->p[t->start + i] - '0', 1);
        return true;
    }
    if (t->kind == TOK_WORD && n == 1 && t->c == 'x' && w->p[t->end] == '-')
        return true; /* x-ray */
    if (t->kind == TOK_WORD && n == 1 && is_upper(t->c)) {
        r->letters++;
        r->before = -1;
        note_both(r, t->c);
        return true;
    }
    return false;
}

static void note_word(struct run *r, uint8_t what, int *times)
{
    r->words++;
    if (what >= SAID_LETTER) {
        int letter = what - SAID_LETTER + 100;
        r->rising += r->before >= 0 && letter == r->before + 1;
        r->before = letter;
        r->letters++;
        note_both(r, (char)('A' + what - SAID_LETTER));
    } else if (what == SAID_TEEN || what == SAID_TENS) {
        note_digit(r, -1, 2);
    } else if (what < SAID_TEEN) {
        note_digit(r, what - SAID_DIGIT, *times);
    }
    *times = what == SAID_DOUBLE ? 2 : what == SAID_TRIPLE ? 3 : 1;
}

/* The run that begins with token i, which says something. */
static void read_run(const struct window *w, size_t i, struct run *r)
{
    int times = 1;
    uint8_t last = SAID_NOTHING;
    *r = (struct run){.first = i, .last = i, .before = -1};
    while (r->first > 0 && i - r->first < 3) {
        const struct token *t = &w->tok[r->first - 1];
        bool is_short = t->kind == TOK_NUMBER ? t->end - t->start == 1
                                              : t->kind == TOK_WORD && is_upper(t->c) &&
                                                    t->end - t->start == 1;
        if (!is_short || w->tok[r->first].gap != GAP_SPACE)
            break;
        r->first--;
    }
    for (size_t k = r->first; k < i; k++)
        note_written(r, w, &w->tok[k]);
    for (size_t k = i; k < w->ntok; k++) {
        const struct token *t = &w->tok[k];
        uint8_t what = said(w, t);
        if (t->gap & GAP_BLANK_LINE || (k > i && t->start - w->tok[k - 1].end > 4))
            return;
        if (t->kind == TOK_PUNCT && t->c && strchr("-,.", t->c))
            continue;
        if (what == SAID_GLUE)
            continue;
        if (what == SAID_NOTHING && !note_written(r, w, t))
            return;
        bool is_unit = last == SAID_TENS && what > SAID_DIGIT && what < SAID_TEEN;
        if (what && !is_unit)
            note_word(r, what, &times);
        last = what;
        if (what != SAID_DOUBLE && what != SAID_TRIPLE)
            r->last = k;
    }
}

/* -- what it is ---------------------------------------------------------------------- */

static const struct {
    uint8_t cls, type, least, most;
} captions[] = {
    {CLS_CARD, TYPE_CREDIT_CARD, 12, 19},
    {CLS_ACCOUNT, TYPE_US_BANK_ACCOUNT, 6, 24},
    {CLS_ROUTING, TYPE_US_ABA_ROUTING, 6, 9},
    {CLS_SSN, TYPE_ID_NUMBER, 4, 12},
    {CLS_TAX, TYPE_ID_NUMBER, 8, 14},
    {CLS_IDENTITY, TYPE_ID_NUMBER, 6, 14},
    {CLS_NIF, TYPE_ID_NUMBER, 7, 14},
    {CLS_NINO, TYPE_ID_NUMBER, 6, 10},
    {CLS_NHS, TYPE_MRN, 9, 10},
    {CLS_MRN, TYPE_MRN, 5, 12},
    {CLS_PLAN, TYPE_HEALTH_PLAN_ID, 6, 20},
    {CLS_PASSPORT, TYPE_PASSPORT, 6, 10},
    {CLS_LICENSE, TYPE_DRIVER_LICENSE, 6, 18},
    {CLS_EMPLOYEE, TYPE_EMPLOYEE_ID, 4, 10},
    {CLS_PASSWORD, TYPE_PASSWORD, 4, 12},
    {CLS_PHONE, TYPE_PHONE, 6, 15},
    {CLS_DOB, TYPE_DOB, 4, 8},
};

/* "the code is four seven one one": no error, area or postcode. */
static bool names_code(const struct window *w, size_t start)
{
    static const char *const yes[] = {"pin ",     "passcode",      "cvv",
                                      "cvc",      "security code", "code is",
                                      "one time", "otp",           "geheimzahl"};
    static const char *const no[] = {"error", "area", "post", "zip", "exit", "status"};
    struct str s = str_sub((struct str){w->p, w->n}, start > 48 ? start - 48 : 0, start);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_find(s, str_of(no[i])) >= 0)
            return false;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_find(s, str_of(yes[i])) >= 0)
            return true;
    return false;
}

/* "I have sent a code to your phone, could you read it back?": words for a code that one
 * is sent, or that opens something, in the two lines before. */
static bool is_asked_for(const struct window *w, size_t first)
{
    enum { WORDS_BACK = 30 };
    uint64_t roles = 0;
    char folded[STEM_FOLD_BYTES];
    for (size_t k = first; k > 0 && first - k < WORDS_BACK; k--) {
        const struct token *t = &w->tok[k - 1];
        if (t->gap & GAP_BLANK_LINE)
            break;
        if (t->kind == TOK_WORD)
            roles |= stems_of(
                stem_fold((struct str){w->p + t->start, t->end - t->start}, folded));
    }
    return !(roles & STEM_OTHER_WORD) &&
           ((roles & STEM_ONCE) || ((roles & STEM_CODE) && (roles & STEM_PROVE)) ||
            ((roles & STEM_CODE) && (roles & STEM_CAME)));
}

static enum guard_type type_by_caption(const struct window *w, const struct run *r,
                                       size_t start, size_t end)
{
    enum { NEAR = 64 };
    int nearest = NEAR;
    size_t n = r->digits + r->letters;
    enum guard_type type = GUARD_NTYPES;
    for (size_t i = 0; i < ARRAY_LEN(captions); i++) {
        int d = caption_distance(w, start, end, (enum word_class)captions[i].cls);
        if (d < 0 || d >= nearest || n < captions[i].least || n > captions[i].most)
            continue;
        nearest = d;
        type = (enum guard_type)captions[i].type;
    }
    return type;
}

static bool is_counting(const struct run *r)
{
    size_t n = r->digits + r->letters;
    return r->rising + 2 >= n || (r->letters == 0 && r->binary == r->digits) ||
           2 * r->rising > n;
}

static bool is_card(const struct run *r)
{
    return r->digits >= 13 && r->digits <= 19 && !memchr(r->digit, '?', r->digits) &&
           luhn_ok((struct str){r->digit, r->digits});
}

/* Digits of which only the count is known may be the right ones. */
static bool may_have_check(const struct run *r, enum guard_type type)
{
    struct str both = {r->both, r->nboth};
    if (is_card(r))
        return true;
    if (type == GUARD_NTYPES)
        return false;
    return memchr(both.p, '?', both.n) ? kind_has_check(type) : has_check_of(type, both);
}

/* "set to 1L to enable": the Danish two is an English word, and says nothing by itself.
 */
static bool is_only_to(const struct window *w, const struct run *r)
{
    for (size_t i = r->first; i <= r->last; i++) {
        struct str s = {w->p + w->tok[i].start, w->tok[i].end - w->tok[i].start};
        if (w->tok[i].kind == TOK_WORD && s.n > 1 && !str_eq_nocase(s, STR("to")))
            return false;
    }
    return true;
}

static void take_run(struct window *w, const struct run *r)
{
    enum { LEAST = 4, LEAST_PHONE = 9, MOST_PHONE = 15, SCORE = 80, SCORE_ALONE = 66 };
    size_t start = w->tok[r->first].start, end = w->tok[r->last].end;
    size_t n = r->digits + r->letters;
    if (n < LEAST || r->words < 2 || is_counting(r) ||
        (r->digits > 0 && r->letters > 0 && is_only_to(w, r)))
        return;
    enum guard_type type = type_by_caption(w, r, start, end);
    if (may_have_check(r, type))
        note_checked(w, start, end);
    bool is_plate = r->letters >= 2 && r->digits >= 1 && n <= 9;
    if (is_plate && (caption_distance(w, start, end, CLS_PLATE) >= 0 ||
                     (type == GUARD_NTYPES && n >= 5)))
        propose(w, start, end, TYPE_LICENSE_PLATE, SCORE, SAW_WORD);
    else if (r->letters == 0 && n <= 8 &&
             ((type == GUARD_NTYPES && names_code(w, start)) ||
              ((type == GUARD_NTYPES || type == TYPE_PHONE) &&
               is_asked_for(w, r->first))))
        propose(w, start, end, TYPE_PASSWORD, SCORE, SAW_WORD);
    else if (type != GUARD_NTYPES)
        propose(w, start, end, type, SCORE, SAW_WORD);
    else if (is_card(r))
        propose(w, start, end, TYPE_CREDIT_CARD, SCORE, SAW_CHECKSUM);
    else if (r->letters == 0 && r->digits >= LEAST_PHONE && r->digits <= MOST_PHONE)
        propose(w, start, end, TYPE_PHONE, SCORE_ALONE, SAW_SHAPE);
    else if (r->digits == 0 && r->letters >= LEAST && r->words == r->letters)
        propose(w, start, end, TYPE_PERSON, SCORE_ALONE, SAW_SHAPE);
}

/* "V-O-G-E-L": five capitals and more with the same mark between, but not the alphabet.
 */
static size_t spelt_end(const struct window *w, size_t i)
{
    size_t letters = 0, rising = 0, at = i;
    char mark = i + 1 < w->n ? w->p[i + 1] : ' ';
    if (mark != '-' && mark != '.' && mark != ' ')
        return i;
    while (at < w->n && is_upper(w->p[at]) && (at == i || w->p[at - 1] == mark)) {
        letters++;
        rising += at > i && w->p[at] == w->p[at - 2] + 1;
        if (at + 1 >= w->n || w->p[at + 1] != mark)
            break;
        at += 2;
    }
    at += at < w->n && is_upper(w->p[at]);
    bool ends = at >= w->n || !is_alnum(w->p[at]);
    size_t least = mark == '-' ? 5 : 6;
    return letters >= least && ends && 2 * rising < letters ? at : i;
}

static bool speaks_of_letters(const struct window *w, size_t start)
{
    static const char *const words[] = {"spell",  "spelt", "buchstab",    "pell",
                                        "eletre", "letra", "spelt",       "letter",
                                        "liter",  "букв",  "hl\xC3\xA1s", "bokst"};
    struct str s = str_sub((struct str){w->p, w->n}, start > 80 ? start - 80 : 0, start);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(s, str_of(words[i])) >= 0)
            return true;
    return false;
}

static void find_spelt(struct window *w)
{
    for (size_t k = 0; k < w->ntok; k++) {
        const struct token *t = &w->tok[k];
        if (t->end - t->start != 1 || !is_upper(t->c) ||
            (t->start && is_alnum(w->p[t->start - 1])))
            continue;
        size_t end = spelt_end(w, t->start);
        if (end > t->start && speaks_of_letters(w, t->start)) {
            propose(w, t->start, end, TYPE_PERSON, 66, SAW_SHAPE);
            k = token_at(w, (uint32_t)end);
        }
    }
}

void find_spoken(struct window *w)
{
    find_spelt(w);
    for (size_t i = next_anchor(w, 0, AT_SPOKEN); i < w->ntok;) {
        struct run r;
        uint8_t what = said(w, &w->tok[i]);
        if (begins_dictation(w, &w->tok[i]))
            take_dictated(w, i);
        if (what == SAID_NOTHING || what == SAID_GLUE) {
            i = next_anchor(w, i + 1, AT_SPOKEN);
            continue;
        }
        read_run(w, i, &r);
        take_run(w, &r);
        i = next_anchor(w, r.last > i ? r.last + 1 : i + 1, AT_SPOKEN);
    }
}
