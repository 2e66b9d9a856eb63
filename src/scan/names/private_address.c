/* private_address.c -- addresses without a caption, in a text about private people: see
 * private_text.h.
 *
 *     Polní 8, Kroměříž        12 cité Rapatel         Mtaa wa Sokoine Na. 26
 *     lives at 92 Clonard Park                          i Bjerkealleen 66U
 *     مکان نمبر 40، گلی 3، لاہور                         82/2 ถนนสุขุมวิท กรุงเทพฯ 10858 */
#include "scan/names/private_inside.h"
#include "scan/text/known.h"

enum { ADDRESS_SCORE = 80, STREET_WORDS = 3, PARTS_MOST = 3 };

/* -- a house number beside a town ---------------------------------------------------- */

static bool is_street_word(const struct token *t)
{
    return t->kind == TOK_WORD &&
           (t->letter == CASE_TITLE || (unsigned char)t->c >= 0xE0) &&
           !(t->lex & (LEX_MONTH | LEX_WEEKDAY | LEX_CLINICAL | LEX_ILLNESS));
}

/* "No:", "nr", "n.", "Na.": past the word for a number; i: none. */
static size_t past_number_word(const struct window *w, size_t i)
{
    static const char *const words[] = {
        "no",     "nr",        "n",         "na",    "num", "nro",
        "numero", "n\xC2\xBA", "n\xC2\xB0", "nomor", "br",  "\xC4\x8D",
        "č.p",    "№",         "д",         "буд",   "дом"};
    const struct token *t = private_token(w, i);
    size_t k = i + 1;
    if (t->kind != TOK_WORD || !is_on_line(t))
        return i;
    for (size_t n = 0; n < ARRAY_LEN(words); n++)
        if (words[n][0] == to_lower(t->c) &&
            str_eq_nocase(token_str(w, t), str_of(words[n]))) {
            while (k < i + 3 && private_token(w, k)->kind == TOK_PUNCT &&
                   strchr(".:", private_token(w, k)->c))
                k++;
            return private_token(w, k)->kind == TOK_NUMBER ? k : i;
        }
    return i;
}

/* 8, 3b/2, 5-3, 68 r, No: 80/4: past it; i: no house number, a year or an hour. */
static size_t house(const struct window *w, size_t first)
{
    size_t i = past_number_word(w, first);
    const struct token *t = private_token(w, i);
    if (t->kind != TOK_NUMBER || token_width(t) > 4 || !is_on_line(t) ||
        (token_width(t) == 4 && (t->c == '1' || t->c == '2')))
        return first;
    size_t k = i + 1;
    while (k < i + 6 && is_on_line(private_token(w, k)) &&
           ((private_token(w, k)->gap == 0 &&
             (private_token(w, k)->c == '/' || private_token(w, k)->c == '-' ||
              private_token(w, k)->kind == TOK_NUMBER)) ||
            (private_token(w, k)->kind == TOK_WORD &&
             token_width(private_token(w, k)) == 1)))
        k++;
    return k;
}

/* From a comma on: parts with a number ("ap. 7", "16147 Genova") and a town; past the
 * town, or `i` when there is none. */
static size_t town(const struct window *w, size_t i)
{
    for (int part = 0; part < PARTS_MOST && private_token(w, i)->c == ','; part++) {
        size_t k = i + 1, words = 0, numbers = 0;
        for (; k < i + 6 && k < w->ntok && is_on_line(private_token(w, k)) &&
               (private_token(w, k)->kind != TOK_PUNCT || private_token(w, k)->c == '.');
             k++) {
            if (private_token(w, k)->c == '.' && !numbers && words &&
                private_token(w, k - 1)->letter == CASE_TITLE)
                break;
            words += private_token(w, k)->kind == TOK_WORD;
            numbers += private_token(w, k)->kind == TOK_NUMBER;
        }
        size_t at = i + 1 + (private_token(w, i + 1)->kind == TOK_NUMBER);
        if (is_street_word(private_token(w, at)) && !private_token(w, at)->cls &&
            is_on_line(private_token(w, at)) &&
            (private_token(w, at + 1)->kind != TOK_NUMBER))
            return at + 1;
        if (!numbers)
            return 0;
        i = k;
    }
    return 0;
}

/* Words before a street's name, with a mark of abbreviation or without. */
static bool is_prefix(const struct window *w, size_t i)
{
    static const char *const words[] = {"str",
                                        "bd",
                                        "bld",
                                        "bul",
                                        "aleea",
                                        "calea",
                                        "sos",
                                        "splaiul",
                                        "piata",
                                        "borgo",
                                        "largo",
                                        "contrada",
                                        "salita",
                                        "calle",
                                        "cite",
                                        "cit\xC3\xA9",
                                        "sentier",
                                        "sente",
                                        "faubourg",
                                        "hameau",
                                        "rue",
                                        "lot",
                                        "glorieta",
                                        "travesia",
                                        "beco",
                                        "ladeira",
                                        "os",
                                        "osiedle",
                                        "rondo",
                                        "al",
                                        "pl",
                                        "ul",
                                        "trg",
                                        "nabrezi",
                                        "sady",
                                        "mah",
                                        "cad",
                                        "sk",
                                        "via",
                                        "v.le",
                                        "p.zza",
                                        "vicolo",
                                        "impasse",
                                        "all\xC3\xA9"
                                        "e",
                                        "allee",
                                        "quai",
                                        "chemin",
                                        "resid",
                                        "sr\xC3\xA1id",
                                        "b\xC3\xB3thar",
                                        "ascaill",
                                        "heol",
                                        "stryd",
                                        "ffordd",
                                        "triq",
                                        "carrer",
                                        "kalea",
                                        "r\xC3\xBA"
                                        "a",
                                        "rruga",
                                        "mtaa",
                                        "barabara",
                                        "jalan",
                                        "jl",
                                        "jln",
                                        "gang",
                                        "lorong",
                                        "ng\xC3\xB5",
                                        "ng\xC3\xA1"
                                        "ch",
                                        "h\xE1\xBA\xBBm",
                                        "ki\xE1\xBB\x87t",
                                        "\xC4\x91\xC6\xB0\xE1\xBB\x9Dng",
                                        "ph\xE1\xBB\x91",
                                        "οδός",
                                        "οδος",
                                        "λεωφόρος",
                                        "λεωφ",
                                        "ул",
                                        "пер",
                                        "пр",
                                        "вул",
                                        "просп",
                                        "бул",
                                        "наб"};
    const struct token *t = private_token(w, i);
    struct str word = {w->p + t->start, token_width(t)};
    if (t->kind != TOK_WORD)
        return false;
    if (t->lex & LEX_PREFIX_STREET)
        return true;
    return is_word_of(word, words, ARRAY_LEN(words));
}

/* Words behind a street's name: "Gül Sok. No: 80", "Vilniaus g. 5", "Kossuth u. 3". */
static bool is_suffix(const struct window *w, const struct token *t)
{
    static const char *const words[] = {"sok",
                                        "sokak",
                                        "soka\xC4\x9F\xC4\xB1",
                                        "sk",
                                        "cad",
                                        "cadde",
                                        "caddesi",
                                        "blv",
                                        "bulvar\xC4\xB1",
                                        "mah",
                                        "g",
                                        "gatv\xC4\x97",
                                        "iela",
                                        "prospektas",
                                        "tn",
                                        "pst",
                                        "mnt",
                                        "t\xC3\xA4nav",
                                        "katu",
                                        "tie",
                                        "u",
                                        "utca",
                                        "\xC3\xBAt",
                                        "t\xC3\xA9r",
                                        "kuja",
                                        "gata",
                                        "v\xC3\xA4g",
                                        "vei",
                                        "veien",
                                        "park",
                                        "k\xC3\xBC\xC3\xA7",
                                        "ko'chasi",
                                        "ulica",
                                        "cesta"};
    if (t->lex & LEX_STREET)
        return true;
    return is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

/* Past the words of a street's name from i on: "Polní", "dei Mille", "The Ropewalk". */
static size_t street(const struct window *w, size_t i, bool has_prefix)
{
    size_t k = i, words = 0;
    while (words < STREET_WORDS && is_on_line(private_token(w, k)) &&
           (is_street_word(private_token(w, k)) ||
            (has_prefix && words == 0 && private_token(w, k)->kind == TOK_WORD &&
             ((private_token(w, k)->lex & LEX_PARTICLE) ||
              token_width(private_token(w, k)) <= 3)))) {
        words += is_street_word(private_token(w, k));
        k++;
        if (private_token(w, k)->c == '.' && private_token(w, k)->gap == 0 && has_prefix)
            k++;
    }
    return words ? k : i;
}

/* What of names, places and addresses lies in it is a part of it; an address that begins
 * before it or ends behind it is one with it. */
static void put_address(struct window *w, size_t start, size_t end)
{
    for (size_t i = 0; i < w->nfound; i++) {
        const struct span *s = &w->found[i];
        if (s->type != TYPE_ADDRESS || s->start >= end || s->end <= start)
            continue;
        start = s->start < start ? s->start : start;
        end = s->end > end ? s->end : end;
    }
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        bool may_be_part = s->type == TYPE_PERSON || s->type == TYPE_ADDRESS ||
                           guard_type_group((enum guard_type)s->type) == GROUP_LOW;
        if (may_be_part && s->start >= start && s->end <= end)
            s->score = 1;
    }
    propose(w, start, end, TYPE_ADDRESS, ADDRESS_SCORE, SAW_SHAPE);
}

/* "Polní 8, Kroměříž", "ul. Mickiewicza 3b/2, Żory", "6 The Ropewalk, Hastings", "12 cité
 * Rapatel": with a word for a street the town may be missing. */
static size_t try_known_address(struct window *w, size_t i)
{
    size_t k = i, past;
    bool is_first = private_token(w, i)->kind == TOK_NUMBER;
    if (is_first && (k = house(w, i)) == i)
        return i;
    if (is_first && (private_token(w, k)->lex & LEX_TITLE))
        return i; /* "bed 4 Mr Holt, 81F" */
    bool has_prefix = is_prefix(w, k) && (is_first || k + 1 < w->ntok);
    if (has_prefix) {
        k++;
        k += private_token(w, k)->c == '.' && private_token(w, k)->gap == 0;
    }
    if ((past = street(w, k, has_prefix)) == k ||
        (is_first && !has_prefix && past - k < 2))
        return i;
    k = past;
    bool has_small = !is_first && private_token(w, k)->letter == CASE_LOWER &&
                     is_on_line(private_token(w, k)) &&
                     is_suffix(w, private_token(w, k)); /* "Vilties g. 104" */
    k += has_small;
    bool has_suffix =
        has_small || (!is_first && k > i + 1 && is_suffix(w, private_token(w, k - 1)));
    k += has_suffix && private_token(w, k)->c == '.' && private_token(w, k)->gap == 0;
    if (!is_first && (past = house(w, k)) == k)
        return i;
    size_t end = town(w, past);
    if (!end && (has_prefix || has_suffix))
        end = past;
    if (!end || is_glued(w, private_token(w, i)->start, private_token(w, end - 1)->end))
        return i;
    put_address(w, private_token(w, i)->start, private_token(w, end - 1)->end);
    return end;
}

/* -- behind a word of place ------------------------------------------------------------
 */

/* "at", "lives", "in": a house may stand behind it. */
static bool is_place_word(const struct window *w, const struct token *t)
{
    static const char *const words[] = {
        "at",    "in",      "lives",     "live",   "lived",   "living", "near",    "from",
        "to",    "address", "is",        "home",   "bei",     "wohnt",  "wohne",   "zur",
        "am",    "im",      "an",        "habite", "au",      "chez",   "vive",    "en",
        "abita", "mora",    "na",        "no",     "w",       "przy",   "v",       "u",
        "pri",   "i",       "p\xC3\xA5", "bor",    "op",      "woont",  "aan",     "kwa",
        "di",    "ở",       "tại",       "στο",    "στη",     "στην",   "στον",    "на",
        "в",     "по",      "у",         "live's", "resides", "stays",  "address:"};
    if (t->kind != TOK_WORD)
        return false;
    return is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

static bool is_known(const struct window *w, const struct token *t)
{
    char folded[32];
    struct str s = token_str(w, t);
    if (s.n > sizeof folded)
        return false;
    for (size_t k = 0; k < s.n; k++)
        folded[k] = to_lower(s.p[k]);
    return known_find(word_hash(folded, s.n)) != 0;
}

/* A word that a street may be called by and no ordinary thing is. */
static bool may_be_of_street(const struct window *w, const struct token *t)
{
    return is_street_word(t) && t->letter == CASE_TITLE && !is_far_script(t) &&
           !(t->names & NAME_FREQUENT) && !t->cls && !(t->lex & LEX_UNIT) &&
           !is_known(w, t);
}

/* "in 92 Clonard Park", "στο Αγίου Νικολάου 74", "i Bjerkealleen 66U". */
static size_t try_placed(struct window *w, size_t i)
{
    size_t words = 0, k = i;
    bool is_first = private_token(w, i)->kind == TOK_NUMBER;
    if (i == 0 || !is_on_line(private_token(w, i)) ||
        (!is_first && private_token(w, i)->letter != CASE_TITLE) ||
        !is_place_word(w, private_token(w, i - 1)))
        return i;
    if (is_first && (k = house(w, i)) == i)
        return i;
    size_t from = k;
    while (words < STREET_WORDS && is_on_line(private_token(w, k)) &&
           (words ? is_street_word(private_token(w, k))
                  : may_be_of_street(w, private_token(w, k)))) {
        words++;
        k++;
    }
    if (is_first ? words < 2 : words == 0)
        return i;
    if (!is_first) {
        size_t past = house(w, k);
        bool is_long = past > k + 1 || token_width(private_token(w, k)) > 1;
        if (past == k || !is_long ||
            (words == 1 && (private_token(w, from)->names & (NAME_COMMON | NAME_CITY))))
            return i;
        k = past;
    }
    size_t end = town(w, k);
    end = end ? end : k;
    if (is_glued(w, private_token(w, i)->start, private_token(w, end - 1)->end))
        return i;
    put_address(w, private_token(w, i)->start, private_token(w, end - 1)->end);
    return end;
}

/* -- in scripts without capitals --------------------------------------------------------
 */

/* Words for a house, a street, a quarter. */
static bool is_far_street(struct str s)
{
    static const struct str words[] = {
        STR_INIT("مکان"),    STR_INIT("گلی"),   STR_INIT("محلہ"),  STR_INIT("سڑک"),
        STR_INIT("فلیٹ"),    STR_INIT("شارع"),  STR_INIT("عمارة"), STR_INIT("حي"),
        STR_INIT("زنقة"),    STR_INIT("نهج"),   STR_INIT("شقة"),   STR_INIT("بناية"),
        STR_INIT("خیابان"),  STR_INIT("کوچه"),  STR_INIT("پلاک"),  STR_INIT("بلوار"),
        STR_INIT("मकान"),    STR_INIT("गली"),   STR_INIT("मार्ग"),  STR_INIT("सड़क"),
        STR_INIT("मोहल्ला"),  STR_INIT("फ्लैट"),   STR_INIT("प्लॉट"),  STR_INIT("नगर"),
        STR_INIT("रोड"),     STR_INIT("चौक"),   STR_INIT("বাড়ি"),  STR_INIT("রোড"),
        STR_INIT("সড়ক"),     STR_INIT("ফ্ল্যাট"), STR_INIT("ถนน"),   STR_INIT("ซอย"),
        STR_INIT("ถ"),       STR_INIT("หมู่"),    STR_INIT("หมู่บ้าน"), STR_INIT("คอนโด"),
        STR_INIT("רחוב"),    STR_INIT("שדרות"), STR_INIT("סמטת"),  STR_INIT("தெரு"),
        STR_INIT("சாலை"),    STR_INIT("వీధి"),    STR_INIT("ರಸ್ತೆ"),   STR_INIT("ਗਲੀ"),
        STR_INIT("ਮਕਾਨ"),    STR_INIT("शेरी"),   STR_INIT("ქუჩა"),  STR_INIT("ქ"),
        STR_INIT("გამზირი"), STR_INIT("փողոց"), STR_INIT("փող"),   STR_INIT("պողոտա"),
    };
    enum { STEM_LEAST = 9 };
    if (s.n == 0 || s.p[0] > 0)
        return false;
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (words[k].p[0] == s.p[0] &&
            (str_eq(s, words[k]) ||
             (words[k].n >= STEM_LEAST && str_starts(s, words[k]))))
            return true;
    return false;
}

/* Where the address ends that holds token i: parts with commas or blanks between, up to a
 * mark, the line's end, or a value of another kind. */
static size_t far_end(const struct window *w, size_t i)
{
    enum { TOKENS_MOST = 40 };
    size_t end = i + 1;
    for (size_t k = i + 1; k < w->ntok && k < i + TOKENS_MOST; k++) {
        const struct token *t = &w->tok[k];
        bool is_comma = t->c == ',' || str_eqz(token_str(w, t), "،");
        if (!is_on_line(t) ||
            (t->kind == TOK_PUNCT && !is_comma && !strchr("-/.", t->c)) ||
            (t->cls && t->cls != CLS_ADDRESS && t->cls != CLS_CITY) ||
            (t->kind == TOK_NUMBER && token_width(t) > 6) ||
            str_eqz(token_str(w, t), "۔"))
            break;
        if (t->c == '.' && private_token(w, k + 1)->gap && end == k &&
            private_token(w, k + 1)->kind != TOK_NUMBER)
            break;
        if (!is_comma && t->kind != TOK_PUNCT)
            end = k + 1;
    }
    return end;
}

/* In the scripts of India a street's word stands behind its name: "காந்தி தெரு". */
static bool is_name_before(const struct window *w, size_t i)
{
    const struct token *t = private_token(w, i), *before = private_token(w, i - 1);
    return (unsigned char)t->c == 0xE0 && (unsigned char)w->p[t->start + 1] < 0xB8 &&
           t->gap == GAP_SPACE && is_far_script(before) && !before->cls &&
           !is_far_street(token_str(w, before));
}

/* "مکان نمبر 40، گلی 3، لاہور", "82/2 ถนนสุขุมวิท กรุงเทพฯ 10858": a word for a street or
 * house with a number in the address. */
static size_t try_far(struct window *w, size_t i)
{
    size_t first = i, numbers = 0;
    if (!is_far_script(private_token(w, i)) ||
        !is_far_street(token_str(w, private_token(w, i))))
        return i;
    while (first > 0 && first + 3 > i && is_name_before(w, first))
        first--;
    while (first > 0 && first + 6 > i && is_on_line(private_token(w, first)) &&
           (private_token(w, first - 1)->kind == TOK_NUMBER ||
            strchr("/,", private_token(w, first - 1)->c)))
        first--;
    while (first < i && private_token(w, first)->c == ',')
        first++;
    size_t end = far_end(w, i);
    for (size_t k = first; k < end; k++)
        numbers += w->tok[k].kind == TOK_NUMBER && token_width(&w->tok[k]) <= 6;
    if (!numbers)
        return i;
    put_address(w, private_token(w, first)->start, private_token(w, end - 1)->end);
    return end;
}

size_t read_private_address(struct window *w, size_t i)
{
    static size_t (*const readers[])(struct window *, size_t) = {try_known_address,
                                                                 try_placed, try_far};
    for (size_t k = 0; k < ARRAY_LEN(readers); k++) {
        size_t past = readers[k](w, i);
        if (past > i)
            return past;
    }
    return i;
}
