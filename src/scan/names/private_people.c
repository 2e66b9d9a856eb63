/* private_people.c -- who is meant without a whole name, in a text about private people:
 * see private_text.h.
 *
 *     B.K., JU (of J. Urrutia)     Olga (of Olga Marsh)     Sirpalta (Finnish: of Sirpa)
 *     jmarsh33 (of Jo Marsh)       "PS: Thanks for coming" where PS speaks again and
 * again
 */
#include "scan/names/private_inside.h"
#include "scan/text/facts.h"
#include "scan/text/stems.h"

/* -- listed given names
 * ------------------------------------------------------------------ */

uint16_t facts_of_token(const struct window *w, const struct token *t)
{
    char folded[STEM_FOLD_BYTES];
    struct str s = stem_fold(token_str(w, t), folded);
    return facts_find(word_hash(s.p, s.n));
}

/* A given name in the lists, and no ordinary word or place. */
static bool is_listed_first(uint16_t facts)
{
    enum { FREQUENCY_MOST = 5 };
    return (facts & FACT_FIRST) && (facts & FACT_FREQUENCY) <= FREQUENCY_MOST &&
           !(facts & (FACT_PLACE | FACT_PRODUCT | FACT_FIRM | FACT_ENGLISH));
}

static bool is_given_name(const struct window *w, const struct token *t)
{
    bool may_be = t->kind == TOK_WORD && !t->lex && !t->cls && token_width(t) > 3 &&
                  !(t->names & (NAME_COMMON | NAME_FREQUENT | NAME_CITY));
    if (!may_be)
        return false;
    if (is_far_script(t))
        return token_width(t) >= 6 && is_listed_first(facts_of_token(w, t));
    return t->letter == CASE_TITLE &&
           ((t->names & NAME_FIRST) ||
            (!t->names && is_listed_first(facts_of_token(w, t))));
}

/* Endings of cases and possessives, as Finnish, Estonian, Hungarian, Turkish, Baltic and
 * Slavic languages put them behind a name. */
static const char *const endings[] = {
    "lta", "lle", "lla", "ssa",       "sta", "n",   "ta",       "kin",      "nak",
    "nek", "val", "vel", "\xC3\xB3k", "hoz", "ban", "ben",      "t",        "\xC4\xB1n",
    "nin", "in",  "un",  "ya",        "ye",  "a",   "e",        "i",        "u",
    "y",   "om",  "em",  "ovi",       "owi", "ie",  "\xC4\x99", "\xC4\x85", "\xC5\xB3",
    "ui",  "s",   "ot",  "ov",        "ova", "ina", "le",       "ga"};

/* What lists say of a word without the ending, folded; `more` is put in its place. */
static uint8_t names_of_stem(struct str s, const char *more)
{
    char folded[40];
    size_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end && n + 2 < sizeof folded;) {
        uint32_t cp;
        size_t k = utf8_read(p, end, &cp);
        char c = is_alpha(*p) ? to_lower(*p) : latin_base(cp);
        if (!c)
            return 0;
        folded[n++] = c;
        p += k;
    }
    for (; *more; more++)
        folded[n++] = *more;
    uint64_t hash = word_hash(folded, n);
    return lexicon_find(hash) | (is_listed_first(facts_find(hash)) ? NAME_FIRST : 0);
}

/* "Sirpalta", "Jukan", "Ayselin", "Tomaszowi": a given name with an ending, in no list.
 */
static bool is_inflected_name(const struct window *w, const struct token *t)
{
    enum { STEM_LEAST = 4 };
    static const char *const vowels[] = {"", "a"};
    struct str s = token_str(w, t);
    if (t->kind != TOK_WORD || t->letter != CASE_TITLE || t->names || t->lex || t->cls)
        return false;
    for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
        struct str end = str_of(endings[k]);
        if (s.n < end.n + STEM_LEAST || !str_ends(s, end))
            continue;
        for (size_t v = 0; v < ARRAY_LEN(vowels); v++) {
            uint8_t names = names_of_stem(str_sub(s, 0, s.n - end.n), vowels[v]);
            if (names == NAME_FIRST || names == (NAME_FIRST | NAME_LAST))
                return true;
        }
    }
    return false;
}

/* A family name behind a given one. */
static bool goes_on(const struct window *w, const struct token *t)
{
    if (is_far_script(t)) {
        uint16_t facts = facts_of_token(w, t);
        return (facts & (FACT_LAST | FACT_FIRST)) && (facts & FACT_FREQUENCY) < 6;
    }
    return t->letter == CASE_TITLE && (t->names & NAME_LAST) && !(t->names & NAME_COMMON);
}

/* Words that stand before a name in scripts without capitals: Mr, my daughter, I am. */
static size_t past_cue(struct str s)
{
    static const char *const cues[] = {
        "بیٹی",    "بیٹے",     "بیٹا", "والد",  "والدہ",   "بیوی",     "شوہر",   "بھائی",
        "بہن",     "محترمہ",   "جناب", "أنا",   "الأستاذ", "الأستاذة", "السيد",  "السيدة",
        "الدكتور", "الدكتورة", "ابني", "ابنتي", "زوجتي",   "زوجي",     "أخي",    "أختي",
        "اسمي",    "آقای",     "خانم", "همسرم", "دخترم",   "پسرم",     "אני",    "שמי",
        "מר",      "גברת",     "אחי",  "אחותי", "श्री",     "श्रीमती",   "सुश्री",   "पत्नी",
        "पुत्री",    "पुत्र",      "প্রিয়", "জনাব",  "คุณ",      "นาย",      "นางสาว", "นาง",
        "พี่",       "น้อง",      "ลุง",   "ป้า",    "ด.ช.",    "ด.ญ."};
    size_t best = 0;
    for (size_t k = 0; k < ARRAY_LEN(cues); k++) {
        struct str cue = str_of(cues[k]);
        bool is_thai = (unsigned char)cue.p[0] == 0xE0 && (unsigned char)cue.p[1] >= 0xB8;
        if ((is_thai ? str_starts(s, cue) : str_eq(s, cue)) && cue.n > best)
            best = cue.n;
    }
    return best;
}

/* "ہماری بیٹی نازیہ چوہدری", "คุณธนพล วงศ์ประดิษฐ์": one or two words behind such a word that
 * are no common ones. */
static size_t behind_cue(struct window *w, size_t i)
{
    enum { WORDS_MOST = 2, WORD_BYTES = 54, COMMON = 6 };
    const struct token *t = private_token(w, i);
    size_t past = is_far_script(t) ? past_cue(token_str(w, t)) : 0;
    if (!past)
        return i;
    bool is_glued_on = past < token_width(t);
    size_t first = is_glued_on ? i : i + 1, start = is_glued_on ? t->start + past : 0,
           end = start, k = first;
    for (; k < first + WORDS_MOST; k++) {
        const struct token *x = private_token(w, k);
        bool is_own = is_glued_on && k == first;
        if (!is_own && (!is_far_script(x) || x->gap != GAP_SPACE || x->cls ||
                        token_width(x) > WORD_BYTES || token_width(x) < 4 ||
                        (facts_of_token(w, x) & FACT_FREQUENCY) >= COMMON))
            break;
        start = start ? start : x->start;
        end = x->end;
    }
    if (end <= start + 3 || end - start > 2 * WORD_BYTES)
        return i;
    propose(w, start, end, TYPE_PERSON, PRIVATE_NAME_SCORE, SAW_WORD);
    return k;
}

size_t read_private_name(struct window *w, size_t i)
{
    const struct token *t = private_token(w, i);
    bool is_inside = i > 0 && is_on_line(t) && w->tok[i - 1].kind == TOK_WORD;
    size_t past = behind_cue(w, i);
    if (past > i)
        return past;
    if ((!is_given_name(w, t) && !(is_inside && is_inflected_name(w, t))) ||
        is_glued(w, t->start, t->end))
        return i;
    size_t end = i + 1;
    while (end < i + 3 && private_token(w, end)->kind == TOK_WORD &&
           private_token(w, end)->gap == GAP_SPACE && goes_on(w, private_token(w, end)))
        end++;
    propose(w, t->start, w->tok[end - 1].end, TYPE_PERSON, PRIVATE_NAME_SCORE,
            SAW_LEXICON);
    w->found[w->nfound - 1].who = w->tok[end - 1].hash;
    return end;
}

/* -- initials
 * ---------------------------------------------------------------------------- */

/* "B.B.", "J.R.K.": somebody's initials, unless they are an abbreviation of all. */
static size_t initials_with_dots(struct window *w, size_t i)
{
    static const char *const others[] = {
        "U.S.", "U.K.", "E.U.", "U.N.", "P.S.", "N.B.", "D.C.",   "L.A.", "N.Y.",
        "B.C.", "A.D.", "A.M.", "P.M.", "T.V.", "P.O.", "U.S.A.", "S.A.", "I.T.",
        "H.R.", "Q.A.", "S.R.", "A.I.", "P.R.", "V.A.", "U.A."};
    const struct token *t = private_token(w, i);
    size_t end = t->start;
    while (is_upper(w->p[end]) && w->p[end + 1] == '.' && end - t->start < 6)
        end += 2;
    struct str s = {w->p + t->start, end - t->start};
    if (s.n < 4 || is_alnum(w->p[end]) ||
        (t->start && !strchr(" \n(,:;/\"'", w->p[t->start - 1])))
        return i;
    for (size_t k = 0; k < ARRAY_LEN(others); k++)
        if (str_eqz(s, others[k]))
            return i;
    propose(w, t->start, end, TYPE_PERSON, PRIVATE_NAME_SCORE, SAW_SHAPE);
    return skip_to(w, i, end);
}

enum { INITIALS_MOST = 16, NAMED_MOST = 48 };

/* The first letters of a name's words, folded; how many bytes. */
static size_t initials_of(const struct window *w, const struct span *s, char *ret)
{
    size_t n = 0;
    for (size_t i = token_at(w, s->start); i < w->ntok && w->tok[i].start < s->end; i++) {
        const struct token *t = &w->tok[i];
        uint32_t cp;
        utf8_read(w->p + t->start, w->p + t->end, &cp);
        char c = is_alpha(t->c) ? to_lower(t->c) : latin_base(cp);
        if (t->kind == TOK_WORD && c && n < INITIALS_MOST && !(t->lex & LEX_TITLE))
            ret[n++] = c;
    }
    return n;
}

/* Are these letters the initials of a name that is masked: of all its words, or of the
 * first and the last? */
static bool are_initials(const struct window *w, const char *letters, size_t n)
{
    for (size_t i = 0, named = 0; i < w->nfound && named < NAMED_MOST; i++) {
        const struct span *s = &w->found[i];
        char has[INITIALS_MOST];
        if (s->type != TYPE_PERSON || s->is_alone || s->score < PRIVATE_SURE)
            continue;
        named++;
        size_t m = initials_of(w, s, has);
        if ((m == n && memcmp(has, letters, n) == 0) ||
            (n == 2 && m > 1 &&
             ((has[0] == letters[0] && has[m - 1] == letters[1]) ||
              (has[0] == letters[1] && has[m - 1] == letters[0]))))
            return true;
    }
    return false;
}

/* "JU" where a "J. Urrutia" is named. */
static size_t initials_of_named(struct window *w, size_t i)
{
    static const char *const others[] = {"IT", "HR", "PC", "TV", "AM", "PM", "CV", "ID",
                                         "OK", "UK", "US", "EU", "PR", "QA", "AI", "DB",
                                         "CC", "RE", "PS", "NB", "MS", "MR", "DR", "PIN"};
    const struct token *t = private_token(w, i);
    char letters[4];
    size_t n = 0;
    for (const char *p = w->p + t->start, *end = w->p + t->end; p < end; n++) {
        uint32_t cp;
        size_t k = utf8_read(p, end, &cp);
        if (n == 3 || !(is_upper(*p) || (k > 1 && latin_is_upper(cp) && latin_base(cp))))
            return i;
        letters[n] = k > 1 ? latin_base(cp) : to_lower(*p);
        p += k;
    }
    bool speaks = w->p[t->end] == ':' && !is_on_line(t);
    for (size_t k = 0; !speaks && k < ARRAY_LEN(others); k++)
        if (str_eqz(token_str(w, t), others[k]))
            return i;
    if (n < 2 || is_glued(w, t->start, t->end) || !are_initials(w, letters, n))
        return i;
    propose(w, t->start, t->end, TYPE_PERSON, PRIVATE_NAME_SCORE, SAW_SHAPE);
    return i + 1;
}

size_t read_private_initials(struct window *w, size_t i)
{
    size_t past = initials_with_dots(w, i);
    return past > i ? past : initials_of_named(w, i);
}

/* -- first names alone
 * -------------------------------------------------------------------- */

/* The first word of a whole name stands for its person where it stands alone again. */
void find_first_names_again(struct window *w)
{
    enum { LETTERS_LEAST = 4 };
    uint32_t first[NAMED_MOST];
    size_t nfirst = 0, n = w->nfound;
    struct taken taken = {.n = n};
    for (size_t i = 0; i < n && nfirst < NAMED_MOST; i++) {
        const struct span *s = &w->found[i];
        size_t at = token_at(w, s->start);
        const struct token *t = private_token(w, at);
        if (s->type == TYPE_PERSON && !s->is_alone && s->score >= PRIVATE_SURE &&
            private_token(w, at + 1)->start < s->end && t->kind == TOK_WORD &&
            token_width(t) >= LETTERS_LEAST && t->hash &&
            !(t->names & (NAME_COMMON | NAME_FREQUENT)) && !t->lex && !t->cls)
            first[nfirst++] = t->hash;
    }
    for (size_t i = 0; nfirst && i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        if (t->kind != TOK_WORD || is_taken(w, &taken, t->start, t->end) ||
            (t->letter != CASE_TITLE && t->letter != CASE_UPPER && !is_far_script(t)) ||
            is_glued(w, t->start, t->end))
            continue;
        for (size_t k = 0; k < nfirst; k++)
            if (first[k] == t->hash) {
                propose(w, t->start, t->end, TYPE_PERSON, PRIVATE_NAME_SCORE,
                        SAW_LEXICON);
                break;
            }
    }
}

/* -- accounts
 * ------------------------------------------------------------------------------ */

/* A name in letters that need no blanks stands again in other runs of them; what was read
 * there as a part of it gives way. */
void find_far_names_again(struct window *w)
{
    enum { BYTES_LEAST = 6, BYTES_MOST = 15, AGAIN_MOST = 64, AGAIN_SCORE = 70 };
    size_t n = w->nfound, again = 0;
    for (size_t i = 0; i < n && again < AGAIN_MOST; i++) {
        const struct span s = w->found[i];
        struct str name = {w->p + s.start, s.end - s.start};
        if (s.type != TYPE_PERSON || s.is_alone || s.score < PRIVATE_SURE ||
            name.n < BYTES_LEAST || name.n > BYTES_MOST ||
            (unsigned char)name.p[0] < 0xE3)
            continue;
        for (size_t at = s.end; at < w->n && again < AGAIN_MOST; again++) {
            ptrdiff_t d = str_find((struct str){w->p + at, w->n - at}, name);
            if (d < 0)
                break;
            size_t start = at + (size_t)d, end = start + name.n;
            for (size_t k = 0; k < n; k++)
                if (w->found[k].type == TYPE_PERSON && w->found[k].start >= start &&
                    w->found[k].end <= end &&
                    w->found[k].end - w->found[k].start < name.n)
                    w->found[k].score = 1;
            propose(w, start, end, TYPE_PERSON, AGAIN_SCORE, SAW_LEXICON);
            at = end;
        }
    }
}

enum { NAMES_MOST = 16, PART_LEAST = 4, PART_MOST = 24 };

/* Latin letters in lower case without their marks; 0: other letters, or too long. */
static size_t fold_latin(struct str s, char *ret, size_t cap)
{
    size_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end; n++) {
        uint32_t cp;
        size_t k = utf8_read(p, end, &cp);
        char c = is_alpha(*p) ? to_lower(*p) : latin_base(cp);
        if (!c || n == cap)
            return 0;
        ret[n] = c;
        p += k;
    }
    return n;
}

/* An account made of a name that is masked: mkettering, deirdre.bramley, xbramleyx. */
static bool holds_name(const struct window *w, const struct token *t, size_t n)
{
    const struct str word = token_str(w, t);
    for (size_t i = 0, names = 0; i < n && names < NAMES_MOST; i++) {
        const struct span *s = &w->found[i];
        if (s->type != TYPE_PERSON || s->is_alone || s->score < PRIVATE_SURE)
            continue;
        names++;
        for (size_t k = token_at(w, s->start); k < w->ntok && w->tok[k].start < s->end;
             k++) {
            char folded[PART_MOST];
            struct str name = {folded,
                               fold_latin(token_str(w, &w->tok[k]), folded, PART_MOST)};
            if (name.n >= PART_LEAST && word.n > name.n && word.n <= name.n + 6 &&
                str_contains_nocase(word, name))
                return true;
        }
    }
    return false;
}

static bool is_account_sign(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

void find_private_accounts(struct window *w)
{
    struct taken taken = {.n = w->nfound};
    size_t n = w->nfound;
    for (size_t i = 0; i < w->ntok; i++) {
        const struct token *t = private_token(w, i);
        if (t->kind != TOK_WORD || t->letter != CASE_LOWER ||
            token_width(t) <= PART_LEAST || (t->names & NAME_COMMON) ||
            is_taken(w, &taken, t->start, t->end) || !holds_name(w, t, n))
            continue;
        size_t start = t->start, end = t->end;
        while (start > 0 && is_account_sign(w->p[start - 1]))
            start--;
        while (is_account_sign(w->p[end]))
            end++;
        while (end > start && !is_alnum(w->p[end - 1]))
            end--;
        propose(w, start, end, TYPE_USERNAME, PRIVATE_FORM_SCORE, SAW_SHAPE);
    }
}

/* -- who speaks
 * ---------------------------------------------------------------------------- */

enum { LABELS_MOST = 64, LABEL_WORDS = 3, LABEL_BYTES = 40 };

/* "Anna: ...", "PS: ...", "伟豪：...": the words before the colon that begins a line. */
struct label {
    uint32_t start, end, hash;
};

static bool is_colon(const struct window *w, const struct token *t)
{
    return t->c == ':' || str_eqz(token_str(w, t), "\xEF\xBC\x9A");
}

/* A role, a question's letter, a form's field: nobody's name. */
static bool may_be_speaker(const struct window *w, const struct token *t)
{
    static const char *const others[] = {
        "user",   "assistant", "system", "human", "bot",   "ai",     "model", "question",
        "answer", "q",         "a",      "note",  "input", "output", "me",    "you",
        "ps",     "nb",        "todo",   "re",    "fw",    "from",   "to",    "subject"};
    bool is_capital = t->letter == CASE_TITLE || t->letter == CASE_UPPER;
    if (t->kind != TOK_WORD || t->cls ||
        (t->lex & (LEX_STOP | LEX_WEEKDAY | LEX_MONTH | LEX_JOB | LEX_CLINICAL)) ||
        (!is_capital && !is_far_script(t)))
        return false;
    for (size_t k = 0; k < ARRAY_LEN(others); k++)
        if (str_eq_nocase(token_str(w, t), str_of(others[k])))
            return t->letter == CASE_UPPER && token_width(t) == 2;
    return !(t->names & NAME_COMMON) || (t->names & NAME_FIRST) ||
           t->letter == CASE_UPPER;
}

/* The label of the line that token i begins; false: it has none. */
static bool label_of(const struct window *w, size_t i, struct label *ret)
{
    *ret = (struct label){.start = w->tok[i].start};
    for (size_t k = i; k < w->ntok && k <= i + LABEL_BYTES; k++) {
        const struct token *t = &w->tok[k];
        if (k > i && !is_on_line(t))
            return false;
        if (is_colon(w, t))
            return k > i && w->tok[k - 1].end == ret->end &&
                   ret->end - ret->start <= LABEL_BYTES && !is_digit(w->p[t->end]) &&
                   w->p[t->end] != '/' && ret->end - ret->start >= 2;
        bool may_go_on =
            may_be_speaker(w, t) && (is_far_script(t) || k < i + LABEL_WORDS);
        if (!may_go_on)
            return false;
        ret->end = t->end;
        ret->hash = ret->hash * 31 + t->hash + (t->hash ? 0 : (unsigned char)t->c);
    }
    return false;
}

/* A conversation: at least three lines with labels, and half of them of somebody who
 * speaks twice.  Whoever speaks in it is somebody. */
void find_speakers(struct window *w)
{
    struct label seen[LABELS_MOST];
    size_t n = 0, again = 0, before = w->nfound;
    for (size_t i = 0; i < w->ntok && n < LABELS_MOST; i++)
        if ((i == 0 || !is_on_line(&w->tok[i])) && label_of(w, i, &seen[n]))
            n++;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (k != i && seen[k].hash == seen[i].hash) {
                again++;
                break;
            }
    if (n < 3 || 2 * again < n)
        return;
    struct taken taken = {.n = before};
    for (size_t i = 0; i < n; i++)
        if (!is_taken(w, &taken, seen[i].start, seen[i].end))
            propose(w, seen[i].start, seen[i].end, TYPE_PERSON, PRIVATE_FORM_SCORE,
                    SAW_SHAPE);
}
