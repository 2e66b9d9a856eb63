/* dates.c -- dates, which are nothing to hide, and dates of birth, which are.
 *
 * A date is a birthday when a word or a field says so; the parser is the same.  Phones
 * live in phones.c; both need the same care with digits that belong to longer runs. */
#include "scan/detect.h"
#include "scan/text/stems.h"

static int number_of(const struct window *w, const struct token *t)
{
    int v = 0;
    if (t->kind != TOK_NUMBER || t->end - t->start > 4)
        return -1;
    for (uint32_t i = t->start; i < t->end; i++)
        v = v * 10 + (w->p[i] - '0');
    return v;
}

static bool is_year(int y, size_t digits)
{
    return digits == 4 ? y >= 1900 && y <= 2035 : digits == 2;
}

/* Of the calendar of Iran, or counted from the Buddha as Thailand does: in these only
 * days of birth are looked for. */
static bool is_far_year(int y, size_t digits)
{
    return digits == 4 && ((y >= 1290 && y <= 1410) || (y >= 2443 && y <= 2580));
}

static bool glued(const struct window *w, size_t i)
{
    return i < w->ntok && w->tok[i].gap == 0;
}

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

/* 2024-10-09, 05/14/2021, 28.08.2023, 8/23/48, 28. 8. 2023, 2023. 8. 28; the last token
 * in *ret_last. */
static bool numeric_date(const struct window *w, size_t i, size_t *ret_last)
{
    if (i + 4 >= w->ntok || !glued(w, i + 1) || !glued(w, i + 3))
        return false;
    bool is_spaced = w->tok[i + 1].c == '.' && w->tok[i + 2].gap == GAP_SPACE &&
                     w->tok[i + 4].gap == GAP_SPACE &&
                     (width(&w->tok[i + 4]) == 4 || width(&w->tok[i]) == 4);
    if (!is_spaced && (!glued(w, i + 2) || !glued(w, i + 4)))
        return false;
    const struct token *a = &w->tok[i], *s = a + 1, *b = a + 2, *s2 = a + 3, *c = a + 4;
    int x = number_of(w, a), y = number_of(w, b), z = number_of(w, c);
    if (x < 0 || y < 0 || z < 0 || s->c != s2->c || !strchr("-/.", s->c) || !s->c)
        return false;
    *ret_last = i + 4;
    if (width(a) == 4)
        return (is_year(x, 4) || is_far_year(x, 4)) && y >= 1 && y <= 12 && z >= 1 &&
               z <= 31 && width(c) <= 2;
    if (width(a) > 2 || width(b) > 2 ||
        (!is_year(z, width(c)) && !is_far_year(z, width(c))))
        return false;
    if (s->c == '.' && width(c) == 2 && z < 25)
        return false; /* 1.2.10 is a version */
    return (x >= 1 && x <= 12 && y >= 1 && y <= 31) ||
           (x >= 1 && x <= 31 && y >= 1 && y <= 12);
}

static bool is_month(const struct window *w, size_t i)
{
    return i < w->ntok && w->tok[i].kind == TOK_WORD && (w->tok[i].lex & LEX_MONTH) &&
           width(&w->tok[i]) >= 3;
}

static bool is_char(const struct window *w, size_t i, char c)
{
    return i < w->ntok && w->tok[i].kind == TOK_PUNCT && w->tok[i].c == c;
}

static bool is_four_year(const struct window *w, size_t i)
{
    int year = i < w->ntok ? number_of(w, &w->tok[i]) : -1;
    return year > 0 && width(&w->tok[i]) == 4 &&
           (is_year(year, 4) || is_far_year(year, 4));
}

/* "of", "de", "del": between the day, the month and the year. */
static bool is_little_word(const struct window *w, size_t i)
{
    return i < w->ntok && (width(&w->tok[i]) == 2 || width(&w->tok[i]) == 3) &&
           (w->tok[i].lex & (LEX_STOP | LEX_PARTICLE)) && !is_month(w, i);
}

static bool is_text(const struct window *w, size_t i, const char *s)
{
    return i < w->ntok &&
           str_eq_nocase((struct str){w->p + w->tok[i].start, width(&w->tok[i])},
                         str_of(s));
}

/* 14 tháng 3 năm 1962 */
static bool vietnamese_date(const struct window *w, size_t i, size_t *ret_last)
{
    int day = number_of(w, &w->tok[i]);
    int month = i + 2 < w->ntok ? number_of(w, &w->tok[i + 2]) : -1;
    if (day < 1 || day > 31 || month < 1 || month > 12 ||
        !is_text(w, i + 1, "th\xC3\xA1ng"))
        return false;
    *ret_last = i + 2;
    if (is_text(w, i + 3, "n\xC4\x83m") && is_four_year(w, i + 4))
        *ret_last = i + 4;
    return true;
}

/* 6 Nov 1967, 6. November 1967, 3rd of May 2020, 1 de enero de 1980, November 6, 1967 */
static bool worded_date(const struct window *w, size_t i, size_t *ret_last)
{
    int day = number_of(w, &w->tok[i]);
    size_t k = i + 1;
    if (day >= 1 && day <= 31 && width(&w->tok[i]) <= 2) {
        if (is_char(w, k, '.') || (k < w->ntok && glued(w, k) &&
                                   w->tok[k].kind == TOK_WORD && width(&w->tok[k]) == 2))
            k++;
        if (is_little_word(w, k))
            k++;
        if (is_char(w, k, '-') && glued(w, k))
            k++;
        if (!is_month(w, k))
            return false;
        *ret_last = k++;
        if (is_char(w, k, ',') || is_char(w, k, '.') || is_char(w, k, '-') ||
            is_little_word(w, k))
            k++;
        if (is_four_year(w, k))
            *ret_last = k;
        return true;
    }
    if (!is_month(w, i))
        return false;
    if (is_char(w, k, '.'))
        k++;
    day = k < w->ntok ? number_of(w, &w->tok[k]) : -1;
    if (day < 1 || day > 31 || width(&w->tok[k]) > 2)
        return false;
    *ret_last = k++;
    if (k < w->ntok && glued(w, k) && w->tok[k].kind == TOK_WORD &&
        width(&w->tok[k]) == 2)
        *ret_last = k++;
    if (is_char(w, k, ','))
        k++;
    if (is_four_year(w, k))
        *ret_last = k;
    return true;
}

static bool has_year(const struct window *w, size_t i, size_t last)
{
    for (; i <= last; i++)
        if (w->tok[i].kind == TOK_NUMBER && width(&w->tok[i]) == 4)
            return true;
    return false;
}

static bool has_far_year(const struct window *w, size_t i, size_t last)
{
    for (; i <= last; i++)
        if (is_far_year(number_of(w, &w->tok[i]), width(&w->tok[i])))
            return true;
    return false;
}

/* "(*03.02.1971)", "b. 3 Feb 1971", "22.09.1957 г.р.", "1971年2月3日生まれ" */
static bool has_birth_mark(const struct window *w, size_t start, size_t end)
{
    static const char *const before[] = {
        "b. ", "b.", "*", "* ", "ur. ", "nar. ", "geb. ", "f. ", "\xD0\xB4.\xD1\x80. "};
    static const char *const behind[] = {
        " \xD0\xB3.\xD1\x80",
        " \xD0\xB3. \xD1\x80",                        /* г.р. */
        " \xD0\xB3\xD0\xBE\xD0\xB4\xD0\xB0 \xD1\x80", /* года рождения */
        " \xD1\x80.\xD0\xBD",
        "\xE7\x94\x9F",
        " \xE7\x94\x9F", /* р.н., 生 */
        "\xEC\x83\x9D",
        " \xEC\x83\x9D",
        " born",
        " geboren",
        "\xE5\x87\xBA\xE7\x94\x9F"};
    struct str rest = {w->p + end, w->n - end};
    for (size_t k = 0; k < ARRAY_LEN(behind); k++)
        if (str_starts(rest, str_of(behind[k])))
            return true;
    for (size_t k = 0; k < ARRAY_LEN(before); k++) {
        size_t n = strlen(before[k]);
        if (start <= n || memcmp(w->p + start - n, before[k], n) != 0)
            continue;
        char c = w->p[start - n - 1]; /* not first on a line: no mark of a list */
        if (c == ' ' || c == '(' || c == ',')
            return c != ' ' || (start > n + 1 && w->p[start - n - 2] != '\n');
    }
    return false;
}

/* "roj. 28. 12. 1978", "född den 3.4.1971", "née le 3/4/71": a word for being born right
 * before. */
static bool is_behind_birth(const struct window *w, size_t i)
{
    enum { WORDS_BACK = 2 };
    char folded[STEM_FOLD_BYTES];
    for (size_t k = i, words = 0; k > 0 && words < WORDS_BACK; k--) {
        const struct token *t = &w->tok[k - 1];
        bool is_glue = t->c == '-' && w->tok[k].gap == 0; /* Hebrew */
        if (t->kind == TOK_NUMBER || (w->tok[k].gap & GAP_LINE) ||
            (t->kind == TOK_PUNCT && !is_glue && !strchr(".:(", t->c)))
            return false;
        if (t->kind != TOK_WORD)
            continue;
        words++;
        struct str s = {w->p + t->start, width(t)};
        if (stems_of(stem_fold(s, folded)) & STEM_BORN)
            return true;
    }
    return false;
}

static void take_date(struct window *w, size_t i, size_t last)
{
    size_t start = w->tok[i].start, end = w->tok[last].end;
    int dist = caption_distance(w, start, end, CLS_DOB);
    /* "born in Rome. On 3 May" is not: the caption must be close. */
    bool is_birth = dist >= 0 && dist <= 40 &&
                    !(dist > 24 && memchr(w->p + (start > 30 ? start - 30 : 0), '.',
                                          start > 30 ? 30 : start));
    if (is_birth || has_birth_mark(w, start, end) || is_behind_birth(w, i)) {
        propose(w, start, end, TYPE_DOB, is_birth ? 95 - dist / 4 : 80, SAW_WORD);
        return;
    }
    if (has_far_year(w, i, last))
        return;
    /* A time behind the date belongs to it: 2024-10-09T10:23:54Z. */
    size_t stop = end;
    if (stop + 1 < w->n && (w->p[stop] == 'T' || w->p[stop] == ' ') &&
        is_digit(w->p[stop + 1])) {
        size_t t = stop + 1;
        while (t < w->n && (is_digit(w->p[t]) || strchr(":.Z+", w->p[t])) && w->p[t])
            t++;
        if (t - stop >= 6 && memchr(w->p + stop, ':', t - stop))
            end = t;
    }
    if (has_year(w, i, last) || end > stop || w->tok[i].kind == TOK_NUMBER)
        propose(w, start, end, TYPE_DATE_TIME, 60, SAW_SHAPE);
}

/* 1971年2月3日, 1971년 2월 3일: where it ends, 0 when it is none. */
static size_t cjk_date_end(const struct window *w, const struct token *t)
{
    static const char *const units[][2] = {{"\xE5\xB9\xB4", "\xEB\x85\x84"},
                                           {"\xE6\x9C\x88", "\xEC\x9B\x94"},
                                           {"\xE6\x97\xA5", "\xEC\x9D\xBC"}};
    size_t i = t->start;
    for (size_t k = 0; k < 3; k++) {
        size_t from = i;
        while (i < w->n && is_digit(w->p[i]))
            i++;
        struct str rest = {w->p + i, w->n - i};
        if (i == from || i - from > (k ? 2u : 4u) ||
            (!str_starts(rest, str_of(units[k][0])) &&
             !str_starts(rest, str_of(units[k][1]))))
            return 0;
        i += 3;
        if (k < 2 && i < w->n && w->p[i] == ' ')
            i++;
    }
    return i;
}

/* 昭和37年: bytes of the era before a year of it. */
static size_t era_before(const struct window *w, const struct token *t)
{
    static const char *const eras[] = {
        "\xE6\x98\xAD\xE5\x92\x8C", "\xE5\xB9\xB3\xE6\x88\x90",
        "\xE5\xA4\xA7\xE6\xAD\xA3", "\xE4\xBB\xA4\xE5\x92\x8C"};
    enum { ERA_BYTES = 6 };
    for (size_t k = 0; t->start >= ERA_BYTES && k < ARRAY_LEN(eras); k++)
        if (memcmp(w->p + t->start - ERA_BYTES, eras[k], ERA_BYTES) == 0)
            return ERA_BYTES;
    return 0;
}

static bool cjk_birth(struct window *w, const struct token *t)
{
    size_t era = width(t) <= 2 ? era_before(w, t) : 0;
    size_t end = width(t) == 4 || era ? cjk_date_end(w, t) : 0;
    if (!end || !has_birth_mark(w, t->start, end))
        return false;
    propose(w, t->start - era, end, TYPE_DOB, 80, SAW_WORD);
    return true;
}

/* A column or key of birth dates in the compact form: 19840527. */
static void compact_birth(struct window *w, const struct token *t)
{
    if (width(t) != 8 || caption_distance(w, t->start, t->end, CLS_DOB) < 0)
        return;
    const char *p = w->p + t->start;
    int year = (p[0] - '0') * 1000 + (p[1] - '0') * 100 + (p[2] - '0') * 10 + p[3] - '0';
    int month = (p[4] - '0') * 10 + p[5] - '0', day = (p[6] - '0') * 10 + p[7] - '0';
    if (is_year(year, 4) && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
        caption_distance(w, t->start, t->end, CLS_DOB) < 30)
        propose(w, t->start, t->end, TYPE_DOB, 80, SAW_WORD);
}

/* "38-year-old", "turned 47", "age of 72"; and years after "in" or "during". */
static void age_or_year(struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    int v = number_of(w, t);
    size_t k = i + 1;
    if (v < 1 || t->gap == 0)
        return;
    k += is_char(w, k, '-');
    bool age = is_text(w, k, "year") || is_text(w, k, "years") || is_text(w, k, "yo") ||
               (is_text(w, k, "y") && is_char(w, k + 1, '/')) ||
               (i > 0 && (is_text(w, i - 1, "turned") || is_text(w, i - 1, "turn") ||
                          is_text(w, i - 1, "aged"))) ||
               (i > 1 && is_text(w, i - 1, "of") && is_text(w, i - 2, "age")) ||
               (i > 1 && is_text(w, i - 1, "was") && is_text(w, i - 2, "he"));
    if (age && v <= 120)
        propose(w, t->start, t->end, TYPE_AGE, 60, SAW_WORD);
    else if (width(t) == 4 && is_year(v, 4) && i > 0 &&
             (is_text(w, i - 1, "in") || is_text(w, i - 1, "during") ||
              is_text(w, i - 1, "since") || is_text(w, i - 1, "a")))
        propose(w, t->start, t->end, TYPE_DATE_TIME, 55, SAW_WORD);
}

void find_dates(struct window *w)
{
    for (size_t i = next_anchor(w, 0, AT_DATE); i < w->ntok;
         i = next_anchor(w, i + 1, AT_DATE)) {
        const struct token *t = &w->tok[i];
        size_t last = i;
        if ((t->lex & LEX_WEEKDAY) && t->letter == CASE_TITLE && width(t) > 5)
            propose(w, t->start, t->end, TYPE_DATE_TIME, 50, SAW_WORD);
        if (t->kind == TOK_PUNCT || (t->kind == TOK_WORD && !(t->lex & LEX_MONTH)))
            continue;
        char before = t->start ? w->p[t->start - 1] : ' ';
        if (is_alnum(before) || (t->kind == TOK_NUMBER && strchr(".-/", before) &&
                                 t->start > 1 && is_digit(w->p[t->start - 2])))
            continue;
        if ((t->kind == TOK_NUMBER && numeric_date(w, i, &last)) ||
            (worded_date(w, i, &last) && last > i) || vietnamese_date(w, i, &last)) {
            take_date(w, i, last);
            i = last;
        } else if (t->kind == TOK_NUMBER && !cjk_birth(w, t)) {
            compact_birth(w, t);
            age_or_year(w, i);
        }
    }
}
