/* streets.c -- addresses whose street is told by other marks than addresses.c knows.
 *
 *     (Im Wiesengrund 12)       wohnt An der Eiche 12      Unter den Linden 7
 *     12 Church View            twelve Mill Rise           Nám. Míru 5, 12 đường Lê Lợi
 *     서울시 마포구 월드컵로 12, 3층       上海市黄浦区南京东路12号5室
 *     〒150-0043 東京都渋谷区道玄坂2-28-11      Cumhuriyet Mah. 118. Sok. No: 30/4
 *
 * German streets may begin with a preposition, English ones end in a word that means
 * something else as well; Korean and Chinese ones are a chain of places, each with its
 * mark, down to a number. */
#include "scan/detect.h"
#include "scan/text/lexicon.h"

enum { MAX_CHAIN = 90, SCORE = 66, SURE_SCORE = 76 };

static const struct token *tok(const struct window *w, size_t i)
{
    static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE, .c = '\0'};
    return i < w->ntok ? &w->tok[i] : &none;
}

static struct str text_of(const struct window *w, size_t i)
{
    return (struct str){w->p + tok(w, i)->start, tok(w, i)->end - tok(w, i)->start};
}

static bool is_cap(const struct token *t)
{
    return t->kind == TOK_WORD && (t->letter == CASE_TITLE || t->letter == CASE_UPPER);
}

static bool on_line(const struct token *t)
{
    return !(t->gap & GAP_LINE);
}

/* 12, 12a, 12-14, 12/3: index past it; i: none. */
static size_t house(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    if (t->kind != TOK_NUMBER || t->end - t->start > 4 || !on_line(t))
        return i;
    const struct token *u = tok(w, i + 1);
    if (u->kind == TOK_WORD && u->gap == 0 && u->end - u->start == 1)
        return i + 2;
    if ((u->c == '-' || u->c == '/') && u->gap == 0 && tok(w, i + 2)->gap == 0 &&
        tok(w, i + 2)->kind == TOK_NUMBER)
        return i + 3;
    return i + 1;
}

/* -- German ---------------------------------------------------------------------- */

static bool is_preposition(struct str s)
{
    static const char *const words[] = {"Am",
                                        "An",
                                        "Auf",
                                        "Bei",
                                        "Beim",
                                        "Hinter",
                                        "Im",
                                        "In",
                                        "Unter",
                                        "Vor",
                                        "Zum",
                                        "Zur",
                                        "\xC3\x9C"
                                        "ber"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(s, words[i]))
            return true;
    return false;
}

/* In the middle of a sentence or in brackets, or where somebody lives. */
static bool stands_for_itself(const struct window *w, size_t i)
{
    static const char *const before[] = {"wohne",    "wohnt",    "wohnen",
                                         "wohnhaft", "adresse",  "anschrift",
                                         "in",       "gemeldet", "wohnh"};
    if (i == 0 || (tok(w, i)->gap & GAP_LINE))
        return false;
    const struct token *p = tok(w, i - 1);
    if (p->kind == TOK_PUNCT)
        return p->c == '(' || p->c == ',';
    return p->kind == TOK_WORD &&
           (p->letter == CASE_LOWER || is_cap(p) ||
            is_word_of(text_of(w, i - 1), before, ARRAY_LEN(before)));
}

/* Nouns that a number counts: "Im Jahr 2020", "Im Kapitel 3". */
static bool is_counted(struct str s)
{
    static const char *const words[] = {
        "jahr",    "jahre",   "kapitel",   "abschnitt",    "absatz",  "artikel",
        "punkt",   "schritt", "teil",      "band",         "raum",    "zimmer",
        "tag",     "monat",   "quartal",   "bild",         "tabelle", "version",
        "release", "alter",   "gleis",     "level",        "stufe",   "zeile",
        "seite",   "anhang",  "block",     "fall",         "spiel",   "satz",
        "bereich", "port",    "layer",     "durchschnitt", "schnitt", "wert",
        "ende",    "anfang",  "sprint",    "klasse",       "liste",   "reihe",
        "gruppe",  "runde",   "folge",     "ausgabe",      "lektion", "aufgabe",
        "frage",   "nummer",  "kategorie", "woche",        "stunde",  "phase",
        "ebene",   "etage",   "stock",     "halle",        "linie",   "zone",
        "kernel",  "windows", "linux"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static void try_german(struct window *w, size_t i)
{
    static const char *const articles[] = {"der",
                                           "dem",
                                           "den",
                                           "alten",
                                           "neuen",
                                           "langen",
                                           "hohen",
                                           "oberen",
                                           "unteren",
                                           "kleinen",
                                           "gro\xC3\x9F"
                                           "en"};
    size_t k = i + 1, nouns = 0;
    if (!is_preposition(text_of(w, i)) || !stands_for_itself(w, i))
        return;
    while (k - i < 4 && tok(w, k)->kind == TOK_WORD && on_line(tok(w, k))) {
        if (tok(w, k)->lex & (LEX_MONTH | LEX_WEEKDAY))
            return;
        if (is_counted(text_of(w, k)))
            return;
        bool is_article = is_word_of(text_of(w, k), articles, ARRAY_LEN(articles));
        if (!is_article && (!is_cap(tok(w, k)) || tok(w, k)->letter == CASE_UPPER))
            break;
        nouns += !is_article;
        k++;
    }
    size_t end = house(w, k);
    if (nouns == 0 || end == k || (tok(w, k)->end - tok(w, k)->start) > 3)
        return;
    propose(w, tok(w, i)->start, tok(w, end - 1)->end, TYPE_ADDRESS, SURE_SCORE,
            SAW_LEXICON);
}

/* -- English --------------------------------------------------------------------- */

/* Ends of streets that are words of their own too: of a number, one or two capital
 * words and one of these, at the end of what is said. */
static bool is_weak_street(struct str s)
{
    static const char *const words[] = {
        "view", "approach", "rise",     "end",     "green",     "hill",
        "bank", "croft",    "fields",   "field",   "meadow",    "meadows",
        "vale", "park",     "side",     "reach",   "brow",      "wynd",
        "brae", "common",   "heath",    "paddock", "orchard",   "yard",
        "dell", "glade",    "glen",     "copse",   "drove",     "garth",
        "nook", "garden",   "cottages", "villas",  "buildings", "chase"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool is_number_word(struct str s)
{
    static const char *const words[] = {
        "one",     "two",     "three",     "four",     "five",     "six",      "seven",
        "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",   "thirty",
        "forty",   "fifty",   "sixty",     "seventy",  "eighty",   "ninety",   "hundred"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool ends_here(const struct window *w, size_t k)
{
    const struct token *t = tok(w, k);
    return k >= w->ntok || (t->gap & GAP_LINE) ||
           (t->kind == TOK_PUNCT && strchr(",-;).", t->c));
}

/* "Figure 3 Grid View": what stands before counts something else. */
static bool is_numbered(const struct window *w, size_t i)
{
    static const char *const words[] = {"figure",  "fig",     "chapter", "table", "step",
                                        "section", "version", "part",    "level", "page",
                                        "item",    "phase",   "day",     "stage", "hole",
                                        "mile",    "lot",     "issue",   "and"};
    return i > 0 && on_line(tok(w, i)) &&
           is_word_of(text_of(w, i - 1), words, ARRAY_LEN(words));
}

static void try_english(struct window *w, size_t i)
{
    size_t k = i, words = 0;
    bool in_words = is_number_word(text_of(w, i));
    if (in_words) {
        while (k - i < 3 && is_number_word(text_of(w, k)) &&
               (k == i || on_line(tok(w, k))))
            k++;
    } else {
        k = house(w, i);
    }
    if (k == i || is_numbered(w, i) || counts_lines(w, tok(w, i)->start))
        return;
    while (words < 3 && is_cap(tok(w, k)) && on_line(tok(w, k)) &&
           tok(w, k)->letter == CASE_TITLE && tok(w, k)->gap == GAP_SPACE) {
        words++;
        k++;
    }
    if (words < 2 || !ends_here(w, k))
        return;
    bool is_street = (tok(w, k - 1)->lex & LEX_STREET) && in_words;
    if (is_street || is_weak_street(text_of(w, k - 1)))
        propose(w, tok(w, i)->start, tok(w, k - 1)->end, TYPE_ADDRESS, SCORE,
                SAW_LEXICON);
}

/* -- words before the name ------------------------------------------------------- */

/* nám. Míru 5, đường Lê Lợi, Jl. Sudirman 12, and "utca 12." behind it. */
static bool is_prefix(struct str s)
{
    static const char *const words[] = {"n\xC3\xA1m",
                                        "n\xC3\xA1m\xC4\x9Bst\xC3\xAD",
                                        "\xC4\x91\xC6\xB0\xE1\xBB\x9Dng",
                                        "\xC4\x90\xC6\xB0\xE1\xBB\x9Dng",
                                        "ph\xE1\xBB\x91",
                                        "ng\xC3\xB5",
                                        "jl",
                                        "jalan",
                                        "trg",
                                        "strada",
                                        "bulevardul",
                                        "soseaua"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool is_suffix(struct str s)
{
    static const char *const words[] = {"u",
                                        "utca",
                                        "\xC3\xBAtja",
                                        "\xC3\xBAt",
                                        "t\xC3\xA9r",
                                        "tere",
                                        "k\xC3\xB6r\xC3\xBAt",
                                        "krt",
                                        "k\xC3\xB6z",
                                        "sor",
                                        "fasor",
                                        "s\xC3\xA9t\xC3\xA1ny",
                                        "rkp",
                                        "rakpart"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static size_t past_dot(const struct window *w, size_t k)
{
    return tok(w, k)->c == '.' && tok(w, k)->gap == 0 ? k + 1 : k;
}

/* A word for streets before their names; of those that are English too ("via", "place")
 * only abbreviations with their mark. */
static bool begins_street(const struct window *w, size_t i)
{
    bool is_marked = past_dot(w, i + 1) > i + 1;
    return is_prefix(text_of(w, i)) || ((tok(w, i)->lex & LEX_PREFIX_STREET) &&
                                        (is_marked || !(tok(w, i)->names & NAME_COMMON)));
}

/* "Lê Lợi", "Β. Αλεξάνδρου", "do Paseo": past the name; in small letters where a mark
 * shows that the word before it is an abbreviation: "ul. nowa". */
static size_t past_name(const struct window *w, size_t name, bool any_case)
{
    enum { WORDS_MOST = 4 };
    size_t k = name, words = 0;
    for (; words < WORDS_MOST && tok(w, k)->kind == TOK_WORD && on_line(tok(w, k));
         words++) {
        const struct token *t = tok(w, k);
        bool is_particle = (t->lex & LEX_PARTICLE) && is_cap(tok(w, k + 1));
        if (!is_cap(t) && w->p[t->start] >= 0 && !is_particle &&
            !(any_case && !(t->lex & LEX_STOP)))
            break;
        k = t->end - t->start <= 2 ? past_dot(w, k + 1) : k + 1;
    }
    return k;
}

/* [12] đường Lê Lợi, nám. Míru 5, вул. Замкова, 6 */
static void try_prefixed(struct window *w, size_t i)
{
    size_t name = past_dot(w, i + 1), first = i;
    if (!begins_street(w, i) || tok(w, i)->letter == CASE_UPPER)
        return;
    size_t k = past_name(w, name, name > i + 1);
    if (k == name)
        return;
    size_t comma = k + (tok(w, k)->c == ',' && tok(w, k)->gap == 0);
    size_t at =
        tok(w, comma)->kind == TOK_WORD && str_eq_nocase(text_of(w, comma), STR("no"))
            ? past_dot(w, comma + 1)
            : comma;
    size_t end = house(w, at);
    bool is_before = i > 0 && tok(w, i - 1)->kind == TOK_NUMBER &&
                     tok(w, i)->gap == GAP_SPACE &&
                     tok(w, i - 1)->end - tok(w, i - 1)->start <= 4;
    if (end == at && !(is_before && is_prefix(text_of(w, i))))
        return;
    first -= is_before;
    size_t last = end > at ? end : k;
    propose(w, tok(w, first)->start, tok(w, last - 1)->end, TYPE_ADDRESS, SURE_SCORE,
            SAW_LEXICON);
}

/* Kálmán Imre u. 12., Árpád fejedelem útja 3 */
static void try_suffixed(struct window *w, size_t i)
{
    size_t k = past_dot(w, i + 1), from = i;
    if (!is_suffix(text_of(w, i)) || i == 0 || tok(w, i)->letter == CASE_UPPER)
        return;
    size_t end = house(w, k);
    if (end == k)
        return;
    while (
        from > 0 && i - from < 3 && tok(w, from - 1)->kind == TOK_WORD &&
        on_line(tok(w, from)) && tok(w, from)->gap == GAP_SPACE &&
        (is_cap(tok(w, from - 1)) || w->p[tok(w, from - 1)->start] < 0 || i - from < 1))
        from--;
    if (from == i || !is_cap(tok(w, from)))
        return;
    propose(w, tok(w, from)->start, tok(w, end - 1)->end, TYPE_ADDRESS, SURE_SCORE,
            SAW_LEXICON);
}

/* -- Korean and Chinese ---------------------------------------------------------- */

static bool ends_in_one_of(struct str s, const char *const *marks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s.n > strlen(marks[i]) && str_ends(s, str_of(marks[i])))
            return true;
    return false;
}

static struct str word_ending_at(const struct window *w, size_t end)
{
    size_t from = end;
    while (from > 0 && (unsigned char)w->p[from - 1] > ' ' && end - from < 40)
        from--;
    return (struct str){w->p + from, end - from};
}

/* "정조로 12", "34번길 5": the places before, the house, floor and flat behind. */
static void try_korean(struct window *w, size_t i)
{
    static const char *const streets[] = {"\xEB\xA1\x9C", "\xEA\xB8\xB8"}; /* 로 길 */
    static const char *const places[] = {"\xEB\x8F\x84", "\xEC\x8B\x9C", "\xEA\xB5\xB0",
                                         "\xEA\xB5\xAC", "\xEC\x9D\x8D", "\xEB\xA9\xB4",
                                         "\xEB\x8F\x99"}; /* 도 시 군 구 읍 면 동 */
    static const char *const units[] = {"\xEB\x8F\x99", "\xED\x98\xB8",
                                        "\xEC\xB8\xB5"}; /* 동 호 층 */
    const struct token *t = tok(w, i);
    if (t->start < 2 || w->p[t->start - 1] != ' ')
        return;
    struct str street = word_ending_at(w, t->start - 1);
    if (!ends_in_one_of(street, streets, ARRAY_LEN(streets)))
        return;
    size_t from = (size_t)(street.p - w->p), n = 0, end = t->end;
    while (from > 1 && w->p[from - 1] == ' ' && n < 4) {
        struct str place = word_ending_at(w, from - 1);
        if (!ends_in_one_of(place, places, ARRAY_LEN(places)))
            break;
        from = (size_t)(place.p - w->p);
        n++;
    }
    for (size_t at = end; at < w->n && end - from < MAX_CHAIN;) {
        while (at < w->n && (w->p[at] == ' ' || w->p[at] == ',' || w->p[at] == '-'))
            at++;
        size_t digits = at;
        while (at < w->n && is_digit(w->p[at]))
            at++;
        if (at == digits)
            break;
        struct str rest = {w->p + at, w->n - at};
        bool is_unit = false;
        for (size_t k = 0; k < ARRAY_LEN(units); k++)
            is_unit |= str_starts(rest, str_of(units[k]));
        if (!is_unit && w->p[digits - 1] != '-')
            break;
        n++;
        end = at + (is_unit ? 3 : 0);
        at = end;
    }
    if (n)
        propose(w, from, end, TYPE_ADDRESS, SURE_SCORE, SAW_LEXICON);
}

static bool is_han(const struct window *w, size_t i)
{
    return (unsigned char)w->p[i] >= 0xE4 && (unsigned char)w->p[i] <= 0xE9;
}

/* Words before which no address goes on to the left: at, in, to, live, send, is. */
static bool stops_chain(struct str s)
{
    static const char *const words[] = {"\xE5\x9C\xA8", "\xE4\xBD\x8F", "\xE6\x98\xAF",
                                        "\xE5\x88\xB0", "\xE4\xBA\x8E", "\xE5\x9D\x80",
                                        "\xE5\xAF\x84", "\xE5\xBE\x80", "\xE5\x8E\xBB",
                                        "\xE4\xBB\x8E", "\xE7\x9A\x84"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eqz(s, words[i]))
            return true;
    return false;
}

/* "南京东路12号5室": a road before the number, 号 behind it, and what goes on from there.
 */
static void try_chinese(struct window *w, size_t i)
{
    static const char *const roads[] = {"\xE8\xB7\xAF", "\xE8\xA1\x97", "\xE5\xB7\xB7",
                                        "\xE9\x81\x93", "\xE5\xBC\x84", "\xE6\x9D\x91",
                                        "\xE6\xAE\xB5"}; /* 路 街 巷 道 弄 村 段 */
    static const char *const units[] = {
        "\xE5\x8F\xB7", "\xE8\x99\x9F", "\xE9\x99\xA2", "\xE6\xA0\x8B", "\xE5\xB9\xA2",
        "\xE5\x8D\x95", "\xE6\xA5\xBC", "\xE5\xB1\x82", "\xE5\xAE\xA4", "\xE5\xBA\xA7",
        "\xE5\xBC\x84", "\xE5\x85\x83", "\xE6\xA8\x93", "\xE5\xB7\xB7"};
    const struct token *t = tok(w, i);
    if (t->start < 6 || t->end + 3 > w->n)
        return;
    struct str road = {w->p + t->start - 3, 3};
    bool is_road = false;
    for (size_t k = 0; k < ARRAY_LEN(roads); k++)
        is_road |= str_eqz(road, roads[k]);
    size_t from = t->start - 3, end = t->end;
    if (!is_road)
        return;
    while (from >= 3 && t->start - from < MAX_CHAIN && is_han(w, from - 3) &&
           !stops_chain((struct str){w->p + from - 3, 3}))
        from -= 3;
    size_t n = 0;
    while (end + 3 <= w->n && end - t->start < MAX_CHAIN) {
        struct str next = {w->p + end, 3};
        bool is_unit = false;
        for (size_t k = 0; k < ARRAY_LEN(units); k++)
            is_unit |= str_eqz(next, units[k]);
        if (is_unit) {
            n++;
            end += 3;
        } else if (is_digit(w->p[end]) || w->p[end] == '-') {
            end++;
        } else {
            break;
        }
    }
    if (n)
        propose(w, from, end, TYPE_ADDRESS, SURE_SCORE, SAW_LEXICON);
}

/* は が を に で と 、 。 「 〒: no part of a place's name, or what stands before it. */
static bool stops_place(struct str s)
{
    static const char *const marks[] = {
        "\xE3\x81\xAF", "\xE3\x81\x8C", "\xE3\x82\x92", "\xE3\x81\xAB", "\xE3\x81\xA7",
        "\xE3\x81\xA8", "\xE3\x80\x81", "\xE3\x80\x82", "\xE3\x80\x8C", "\xE3\x80\x92"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_eqz(s, marks[i]))
            return true;
    return false;
}

/* "150-0043 " or the like right before; where it begins, with the mark of the post. */
static size_t with_jp_postcode(const struct window *w, size_t from)
{
    size_t at = from - (from > 0 && (w->p[from - 1] == ' ' || w->p[from - 1] == '\n'));
    if (at < 8)
        return from;
    for (size_t i = 0; i < 8; i++)
        if (i == 3 ? w->p[at - 8 + i] != '-' : !is_digit(w->p[at - 8 + i]))
            return from;
    at -= 8;
    bool has_mark = at >= 3 && str_eqz((struct str){w->p + at - 3, 3}, "\xE3\x80\x92");
    return has_mark ? at - 3 : at;
}

/* "2-28-11", "1丁目2番3号" from the number on; its end, or `at` when nothing goes on. */
static size_t past_jp_block(const struct window *w, size_t at)
{
    static const char *const units[] = {"\xE4\xB8\x81\xE7\x9B\xAE",
                                        "\xE7\x95\xAA\xE5\x9C\xB0", "\xE7\x95\xAA",
                                        "\xE5\x8F\xB7"}; /* 丁目 番地 番 号 */
    size_t end = at, parts = 0, i = at;
    while (parts < 5 && i < w->n && is_digit(w->p[i])) {
        size_t from = i;
        while (i < w->n && is_digit(w->p[i]))
            i++;
        if (i - from > 4)
            return at;
        end = i;
        struct str rest = {w->p + i, w->n - i};
        size_t unit = 0;
        for (size_t k = 0; k < ARRAY_LEN(units) && !unit; k++)
            unit = str_starts(rest, str_of(units[k])) ? strlen(units[k]) : 0;
        parts++;
        end += unit;
        i = end;
        if (!unit && (i >= w->n || w->p[i] != '-'))
            break;
        parts += unit > 0;
        i += i < w->n && w->p[i] == '-';
    }
    return parts > 1 && !is_alnum(end < w->n ? w->p[end] : ' ') ? end : at;
}

static bool is_after(const struct window *w, size_t at, const char *mark)
{
    size_t n = strlen(mark);
    return at >= n && memcmp(w->p + at - n, mark, n) == 0;
}

/* " メゾン堺502号室", " コーポ青葉337号": a house's name and a flat behind the block; its
 * end, or `at`. */
static size_t past_jp_house(const struct window *w, size_t at)
{
    enum { NAME_MOST = 48, FLAT_MOST = 5 };
    static const char *const units[] = {"号室", "号", "階", "F"};
    size_t i = at;
    while (i < w->n && i - at < 4 && (w->p[i] == ' ' || w->p[i] == '\n'))
        i++;
    size_t name = i;
    while (i < w->n && i - name < NAME_MOST && (unsigned char)w->p[i] >= 0xE3 &&
           !stops_place((struct str){w->p + i, 3}))
        i += 3;
    size_t flat = i;
    while (i < w->n && i - flat < FLAT_MOST && is_digit(w->p[i]))
        i++;
    if (i == flat)
        return at;
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        if (str_starts((struct str){w->p + i, w->n - i}, str_of(units[k])))
            return i + strlen(units[k]);
    return at;
}

/* "東京都渋谷区道玄坂2-28-11": a town, a ward or a village among the signs before. */
static void try_japanese(struct window *w, size_t i)
{
    static const char *const places[] = {"\xE5\xB8\x82", "\xE5\x8C\xBA", "\xE7\x94\xBA",
                                         "\xE6\x9D\x91", "\xE9\x83\xA1"}; /* 市区町村郡 */
    const struct token *t = tok(w, i);
    size_t from = t->start, end = past_jp_block(w, t->start), nth = 0, place = 0;
    struct str block = {w->p + t->start, end - t->start};
    if (is_after(w, from, "丁目")) { /* "南町三丁目176" */
        for (end = end > from ? end : from; end < w->n && is_digit(w->p[end]); end++)
            ;
    } else if (block.n < 3 || (!memchr(block.p, '-', block.n) &&
                               str_find(block, STR("\xE7\x95\xAA")) < 0)) { /* 番 */
        return;
    }
    while (from >= 3 && t->start - from < MAX_CHAIN &&
           (unsigned char)w->p[from - 3] >= 0xE3 &&
           (unsigned char)w->p[from - 3] <= 0xE9 &&
           !stops_place((struct str){w->p + from - 3, 3})) {
        from -= 3;
        nth++;
        for (size_t k = 0; k < ARRAY_LEN(places); k++)
            if (str_eqz((struct str){w->p + from, 3}, places[k]))
                place = nth;
    }
    if (place > 1 && nth > place)
        propose(w, with_jp_postcode(w, from), past_jp_house(w, end), TYPE_ADDRESS,
                SURE_SCORE, SAW_LEXICON);
}

/* -- Turkish ----------------------------------------------------------------------- */

static bool is_turkish_part(struct str s)
{
    static const char *const words[] = {"mah",
                                        "mahallesi",
                                        "mh",
                                        "sok",
                                        "sokak",
                                        "sk",
                                        "soka\xC4\x9F\xC4\xB1",
                                        "cad",
                                        "caddesi",
                                        "cd",
                                        "bulvar\xC4\xB1",
                                        "blv",
                                        "apt",
                                        "sitesi"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* Cumhuriyet Mah. 118. Sok. No: 30/4 D: 5 */
static void try_turkish(struct window *w, size_t i)
{
    enum { BACK = 12, NAMES = 3 };
    size_t at = i + 1, from = i, names = 0;
    bool has_part = false;
    while (at < i + 3 && (tok(w, at)->c == ':' || tok(w, at)->c == '.'))
        at++;
    size_t end = house(w, at);
    if (end == at || !str_eq_nocase(text_of(w, i), STR("no")))
        return;
    while (from > 0 && i - from < BACK && on_line(tok(w, from))) {
        const struct token *p = tok(w, from - 1);
        bool is_part = p->kind == TOK_WORD && is_turkish_part(text_of(w, from - 1));
        bool is_name = is_cap(p) || (p->kind == TOK_WORD && w->p[p->start] < 0);
        if (!is_part && p->kind != TOK_NUMBER &&
            !(p->kind == TOK_PUNCT && strchr(".,/", p->c)) &&
            !(is_name && names++ < NAMES))
            break;
        has_part |= is_part;
        names = is_part ? 0 : names;
        from--;
    }
    while (from < i && (tok(w, from)->kind == TOK_PUNCT ||
                        (tok(w, from)->kind == TOK_NUMBER && tok(w, from + 1)->c != '.')))
        from++;
    if (has_part && from < i)
        propose(w, tok(w, from)->start, tok(w, end - 1)->end, TYPE_ADDRESS, SURE_SCORE,
                SAW_LEXICON);
}

void find_streets(struct window *w)
{
    for (size_t i = 0; i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        if (t->kind == TOK_NUMBER) {
            try_english(w, i);
            if (t->start && w->p[t->start - 1] < 0) {
                try_chinese(w, i);
                try_japanese(w, i);
            }
            if (t->start > 1 && w->p[t->start - 1] == ' ' && w->p[t->start - 2] < 0)
                try_korean(w, i);
        } else if (t->kind == TOK_WORD) {
            size_t n = t->end - t->start;
            if (n >= 2 && n <= 6 && is_cap(t))
                try_german(w, i);
            if (n >= 3 && n <= 8 && strchr("ofstenOFSTEN", w->p[t->start]))
                try_english(w, i);
            if (n == 2 && (t->c | 32) == 'n')
                try_turkish(w, i);
            if (n <= 20)
                try_prefixed(w, i);
            if (n <= 10 && tok(w, i)->gap == GAP_SPACE)
                try_suffixed(w, i);
        }
    }
}
