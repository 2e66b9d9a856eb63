/* beside.c -- what stands beside a person's name is that person's.
 *
 *     Anna Bell (10/21/1982)     Anna Bell, 21.10.1982     Anna Bell, 34, was diagnosed
 * ...
 *
 * A date of some decades ago in brackets behind a name is a date of birth.  A sentence
 * that says of somebody named that they have an illness is clinical however short it is.
 */
#include "scan/detect.h"

enum {
    BIRTH_SCORE = 70,
    LAST_YEAR = 2012,
    MAX_GAP = 4,
    SURE_OF_PATIENT = 76,
    FACT_BYTES = 90,
    LEAST_SURE = 50,
    LEAST_SURE_UNCASED = 45, /* of names in other letters, where fewer words tell */
    PHONE_SCORE = 72
};

static unsigned year_in(const struct window *w, const struct span *s)
{
    for (size_t i = s->start; i + 4 <= s->end; i++)
        if (is_digit(w->p[i]) && is_digit(w->p[i + 1]) && is_digit(w->p[i + 2]) &&
            is_digit(w->p[i + 3]))
            return (unsigned)(w->p[i] - '0') * 1000 +
                   (unsigned)(w->p[i + 1] - '0') * 100 +
                   (unsigned)(w->p[i + 2] - '0') * 10 + (unsigned)(w->p[i + 3] - '0');
    return 0;
}

static size_t groups_of_digits(const struct window *w, const struct span *s)
{
    size_t n = 0;
    for (size_t i = s->start; i < s->end; i++)
        n += is_digit(w->p[i]) && (i == s->start || !is_digit(w->p[i - 1]));
    return n;
}

/* Only a bracket, and nothing but the date in it. */
static bool is_beside(const struct window *w, const struct span *name,
                      const struct span *date)
{
    if (date->start <= name->end || date->start - name->end > MAX_GAP)
        return false;
    struct str between = {w->p + name->end, date->start - name->end};
    char behind = date->end < w->n ? w->p[date->end] : ' ';
    return str_eqz(between, " (") && (behind == ')' || behind == ',' || behind == ';');
}

static void link_birthdays(struct window *w)
{
    for (size_t i = 0; i + 1 < w->nfound; i++) {
        struct span *name = &w->found[i], *date = &w->found[i + 1];
        if (name->type != TYPE_PERSON || date->type != TYPE_DATE_TIME ||
            !is_beside(w, name, date))
            continue;
        unsigned year = year_in(w, date);
        if (year >= 1900 && year <= LAST_YEAR && groups_of_digits(w, date) >= 2) {
            date->type = TYPE_DOB;
            date->score = BIRTH_SCORE;
        }
    }
}

/* "Ann Bell (07123 456 758)": nothing but a number in brackets behind the name. */
static void link_phones(struct window *w)
{
    size_t n = w->nfound;
    for (size_t i = 0; i < n; i++) {
        size_t at = w->found[i].end, digits = 0;
        if (w->found[i].type != TYPE_PERSON || at + 12 > w->n || w->p[at] != ' ' ||
            w->p[at + 1] != '(')
            continue;
        size_t end = at + 2;
        while (end < w->n && (is_digit(w->p[end]) || strchr(" -./+", w->p[end])) &&
               w->p[end] && end - at < 24)
            digits += is_digit(w->p[end++]);
        if (digits >= 9 && digits <= 13 && end < w->n && w->p[end] == ')')
            propose(w, at + 2, end, TYPE_PHONE, PHONE_SCORE, SAW_SHAPE);
    }
}

/* Blanks, line ends and commas alone between them. */
static bool is_next_line(const struct window *w, size_t from, size_t to)
{
    if (to < from || to - from > 6)
        return false;
    for (size_t i = from; i < to; i++)
        if (!strchr(" \n\r\t,", w->p[i]) || !w->p[i])
            return false;
    return true;
}

/* A town and a country between a street and its postcode are parts of the address. */
static void link_places(struct window *w)
{
    for (size_t i = 0; i + 2 < w->nfound; i++) {
        if (w->found[i].type != TYPE_ADDRESS)
            continue;
        size_t k = i + 1;
        while (k < w->nfound && k - i <= 4 && w->found[k].type == TYPE_LOCATION &&
               is_next_line(w, w->found[k - 1].end, w->found[k].start))
            k++;
        bool ends =
            k > i + 1 && k < w->nfound &&
            (w->found[k].type == TYPE_ADDRESS || w->found[k].type == TYPE_POSTCODE) &&
            is_next_line(w, w->found[k - 1].end, w->found[k].start);
        for (size_t j = i + 1; ends && j <= k; j++)
            w->found[j].is_part = w->found[j].type != TYPE_ADDRESS;
    }
}

/* What a key calls a town or a postcode is one, whatever it looks like, where a street
 * stands near: {"line1": "12 Mill Rd", "city_state": "Ely", "postal": "CB7 4DL"} */
static void put_fields(struct window *w)
{
    enum { NEAR = 200, LONGEST = 60, STREET_LEAST = 60, PART_SCORE = 71 };
    size_t n = w->nfound;
    for (size_t i = 0; i < w->nfield && n; i++) {
        struct field f = w->field[i];
        bool is_near = false;
        if (f.cls != CLS_CITY && f.cls != CLS_PLZ)
            continue;
        while (f.start < f.end && strchr(" \"'\t", w->p[f.start]))
            f.start++;
        while (f.end > f.start && strchr(" \"'\t\r,;", w->p[f.end - 1]))
            f.end--;
        for (size_t k = 0; k < n && !is_near; k++)
            is_near =
                w->found[k].type == TYPE_ADDRESS && w->found[k].score >= STREET_LEAST &&
                w->found[k].start < f.end + NEAR && f.start < w->found[k].end + NEAR;
        bool is_value = f.end > f.start + 1 && f.end - f.start <= LONGEST &&
                        (is_alnum(w->p[f.start]) || w->p[f.start] < 0) &&
                        !memchr(w->p + f.start, '\n', f.end - f.start) &&
                        !memchr(w->p + f.start, '(', f.end - f.start);
        if (!is_near || !is_value)
            continue;
        propose(w, f.start, f.end, f.cls == CLS_PLZ ? TYPE_POSTCODE : TYPE_LOCATION,
                PART_SCORE, SAW_WORD);
        if (w->nfound > n)
            w->found[w->nfound - 1].is_part = true;
    }
}

/* A postcode and a town under keys of their own belong to the street beside them. */
static void link_fields(struct window *w)
{
    enum { NEAR = 200 };
    uint32_t last = UINT32_MAX; /* where the last street ended */
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        if (s->type == TYPE_ADDRESS)
            last = s->end;
        bool is_post = s->type == TYPE_POSTCODE;
        bool is_town =
            s->type == TYPE_LOCATION && field_is(w, s->start, s->end, CLS_CITY);
        if (!is_post && !is_town)
            continue;
        bool is_near = last != UINT32_MAX && s->start - last < NEAR;
        for (size_t k = i + 1; k < w->nfound && k - i < 6 && !is_near; k++)
            is_near =
                w->found[k].type == TYPE_ADDRESS && w->found[k].start - s->end < NEAR;
        s->is_part |= is_near;
    }
    put_fields(w);
}

void find_beside(struct window *w)
{
    w->nfound = resolve_spans(w->found, w->nfound);
    link_birthdays(w);
    link_places(w);
    link_fields(w);
    link_phones(w);
    w->nfound = resolve_spans(w->found, w->nfound);
}

/* -- illness ----------------------------------------------------------------------- */

/* Words that say of a person that they have what follows; folded by nobody, so in the
 * cases that a sentence has. */
static const char *const links[] = {"was",
                                    "is",
                                    "has",
                                    "had",
                                    "have",
                                    "takes",
                                    "taking",
                                    "suffers",
                                    "suffering",
                                    "diagnosed",
                                    "survived",
                                    "with",
                                    "on",
                                    "got",
                                    "hat",
                                    "leidet",
                                    "nimmt",
                                    "wegen",
                                    "erkrankt",
                                    "ist",
                                    "bekam",
                                    "souffre",
                                    "prend",
                                    "atteint",
                                    "atteinte",
                                    "est",
                                    "avait",
                                    "a",
                                    "padece",
                                    "sufre",
                                    "toma",
                                    "tiene",
                                    "tem",
                                    "sofre",
                                    "ha",
                                    "soffre",
                                    "prende",
                                    "heeft",
                                    "lijdt",
                                    "choruje",
                                    "bierze",
                                    "cierpi",
                                    "sees",
                                    "positive",
                                    "tested",
                                    "relapsed",
                                    "missed",
                                    "har",
                                    "lider",
                                    "tar",
                                    "tager",
                                    "bruger",
                                    "bruker",
                                    "fik",
                                    "on",
                                    "med",
                                    "er",
                                    "sairastaa",
                                    "ir",
                                    "slimo",
                                    "serga",
                                    "yra",
                                    "ma",
                                    "má",
                                    "mám",
                                    "trpí",
                                    "bere",
                                    "berie",
                                    "zażywa",
                                    "van",
                                    "szed",
                                    "are",
                                    "ia",
                                    "suferă",
                                    "ima",
                                    "boluje",
                                    "uzima",
                                    "jemlje",
                                    "ka",
                                    "vuan",
                                    "hasta",
                                    "hastası",
                                    "kanseri",
                                    "döş",
                                    "bilan",
                                    "menderita",
                                    "menghidap",
                                    "mengidap",
                                    "bị",
                                    "may",
                                    "ana",
                                    "anaugua",
                                    "het",
                                    "ly",
                                    "té",
                                    "pren",
                                    "pateix",
                                    "ten",
                                    "padece",
                                    "du",
                                    "gan",
                                    "ar",
                                    "zit",
                                    "slikt",
                                    "sous",
                                    "fait",
                                    "fatto",
                                    "fez",
                                    "en",
                                    "slimuje",
                                    "nedir",
                                    "inizia",
                                    "starts",
                                    "beginnt",
                                    "begint",
                                    "\xD0\xB1\xD0\xBE\xD0\xBB\xD0\xB5\xD0\xB5\xD1\x82",
                                    "\xD0\xBF\xD1\x8C\xD1\x91\xD1\x82"};

static bool is_link(struct str s)
{
    return is_word_of(s, links, ARRAY_LEN(links));
}

/* Illnesses and what is taken for them, that nobody tells of somebody else: no colds. */
static const char *const illnesses[] = {
    "adhd",
    "aids",
    "alcoholism",
    "alzheimer",
    "anorexia",
    "antidepressants",
    "autism",
    "autismus",
    "autisme",
    "autismo",
    "autistic",
    "bipolar",
    "bulimia",
    "bipolaire",
    "cancer",
    "c\xC3\xA1ncer",
    "c\xC3\xA2ncer",
    "cancro",
    "carcinoma",
    "chemo",
    "chemotherapy",
    "chemotherapie",
    "chlamydia",
    "celiac",
    "coeliac",
    "colitis",
    "crohn",
    "crohns",
    "cirrhosis",
    "dementia",
    "demenz",
    "demencia",
    "d\xC3\xA9mence",
    "depression",
    "d\xC3\xA9pression",
    "depressie",
    "depresi\xC3\xB3n",
    "depress\xC3\xA3o",
    "depresja",
    "depresj\xC4\x99",
    "diabetes",
    "diab\xC3\xA8te",
    "diabete",
    "dialysis",
    "endometriosis",
    "endometriose",
    "epilepsy",
    "epilepsie",
    "epilepsia",
    "epilessia",
    "fibromyalgia",
    "fluoxetine",
    "gonorrhea",
    "gonorrhoea",
    "hepatitis",
    "hepatitus",
    "h\xC3\xA9patite",
    "herpes",
    "hiv",
    "hodgkin",
    "insulin",
    "krebs",
    "kanker",
    "leukemia",
    "leukaemia",
    "lithium",
    "lupus",
    "lymphom",
    "lymphoma",
    "melanoma",
    "methadone",
    "metformin",
    "miscarriage",
    "olanzapine",
    "ocd",
    "pancreatitis",
    "parkinson",
    "pcos",
    "psychosis",
    "ptsd",
    "quetiapine",
    "rak",
    "rheumatoid",
    "sarcoidosis",
    "schizophrenia",
    "sclerosis",
    "schizophrenie",
    "sertraline",
    "suicidal",
    "syphilis",
    "tuberculosis",
    "tuberkulose",
    "tumor",
    "tumore",
    "tumour",
    "vih",
    "\xD0\xB4\xD0\xB8\xD0\xB0\xD0\xB1\xD0\xB5\xD1\x82\xD0\xBE\xD0\xBC",
    "\xD1\x80\xD0\xB0\xD0\xBA\xD0\xBE\xD0\xBC"};

static bool is_illness(struct str s)
{
    return is_word_of(s, illnesses, ARRAY_LEN(illnesses)) ||
           clinical_word(s) == OF_ILLNESS;
}

static bool is_whose(struct str s)
{
    static const char *const words[] = {
        "her",    "his",    "their", "s",     "sein", "seine", "seiner",
        "seinem", "ihre",   "ihrer", "ihrem", "sa",   "son",   "ses",
        "su",     "sus",    "sua",   "seu",   "zijn", "haar",  "hans",
        "hennes", "hendes", "jego",  "jej",   "jeho", "její"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* In the rest of the sentence, or before its end: a word that links, then an illness; or
 * "her", and an illness next to it.  Where the name is not in Latin letters no word for
 * it is asked: they are too many. */
static bool has_illness(const struct window *w, size_t from)
{
    bool is_linked = w->p[from - 1] < 0 && (unsigned char)w->p[from - 2] >= 0xCD;
    bool is_theirs = false;
    is_linked |= from > 2 && (unsigned char)w->p[from - 3] >= 0xE0;
    for (size_t i = token_at(w, (uint32_t)from); i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        size_t start = t->start < from ? from : t->start; /* of a run without blanks */
        if (start - from > FACT_BYTES || (t->gap & GAP_BLANK_LINE) ||
            (t->kind == TOK_PUNCT && strchr(".?!;:|{}=", t->c)))
            return false;
        struct str s = {w->p + start, t->end - start};
        if (t->kind != TOK_WORD)
            continue;
        if ((is_linked || is_theirs) && is_illness(s))
            return true;
        is_linked |= is_link(s);
        is_theirs = is_whose(s);
    }
    return false;
}

/* What makes a text clinical (scan.c) and a name sure enough for it (actions.c). */
void find_illness(struct window *w)
{
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        bool is_latin = w->p[s->start] > 0 || (unsigned char)w->p[s->start] < 0xCD;
        unsigned least = is_latin ? LEAST_SURE : LEAST_SURE_UNCASED;
        if (s->type != TYPE_PERSON || s->is_alone || s->score < least || s->end < 3 ||
            !has_illness(w, s->end))
            continue;
        s->score = s->score > SURE_OF_PATIENT ? s->score : SURE_OF_PATIENT;
        clinical_add(&w->clinical, 0, OF_SOMEBODY);
    }
}
