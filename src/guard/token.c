/* token.c -- cuts a window into words, numbers and marks, and looks every word up.
 *
 * A word is a run of letters of any script; digits are tokens of their own, so
 * "EMP-50368" is three and "A1" is two.  An apostrophe inside a word stays in it
 * ("O'Brien") unless it begins a possessive; a hyphen does not ("Jean-Pierre" is three
 * tokens that person.c joins).  Humps of identifiers ("firstName") label as well. */
#include "guard/detect.h"
#include "guard/lexicon.h"
#include "guard/scanner.h"

enum { FOLD_MAX = 40 };

struct folded {
    char s[FOLD_MAX];
    size_t n;
    bool has_other; /* letters beyond Latin */
};

struct word_shape {
    size_t upper, lower, other;
    bool starts_upper;
};

static void fold_put(struct folded *f, char c)
{
    if (f->n < FOLD_MAX)
        f->s[f->n++] = c;
}

static void count_letter(struct word_shape *s, bool upper, bool first)
{
    s->starts_upper |= first && upper;
    s->upper += upper;
    s->lower += !upper;
}

/* A run of ASCII letters: most words are one. */
static const char *read_letters(const char *p, const char *end, struct folded *f,
                                struct word_shape *shape)
{
    const char *begin = p;
    size_t upper = 0, n = f->n;
    while (p < end && is_alpha(*p)) {
        upper += is_upper(*p);
        if (n < FOLD_MAX)
            f->s[n++] = *p | 0x20;
        p++;
    }
    f->n = n;
    shape->upper += upper;
    shape->lower += (size_t)(p - begin) - upper;
    return p;
}

/* Reads a word at p: its end, its folded form and its case. */
static const char *read_word(const char *p, const char *end, struct folded *f,
                             struct word_shape *shape)
{
    const char *begin = p;
    f->n = 0; /* the letters are written as they are counted */
    f->has_other = false;
    *shape = (struct word_shape){0};
    while (p < end) {
        if (is_alpha(*p)) {
            shape->starts_upper |= p == begin && is_upper(*p);
            p = read_letters(p, end, f, shape);
        } else if (*p < 0) {
            uint32_t cp;
            size_t k = utf8_read(p, end, &cp);
            char base = latin_base(cp);
            if (base) {
                count_letter(shape, latin_is_upper(cp), p == begin);
                fold_put(f, base);
            } else {
                count_letter(shape, latin_is_upper(cp), p == begin);
                shape->other++;
                f->has_other = true;
                for (size_t i = 0; i < k; i++)
                    fold_put(f, p[i]);
            }
            p += k;
        } else if (*p == '\'' && p > begin && end - p > 2 && p - begin <= 2 &&
                   (is_alpha(p[1]) || p[1] < 0) && (is_alpha(p[2]) || p[2] < 0)) {
            p++; /* O'Brien, D'Angelo; not he's, not l' before a noun of one letter */
        } else {
            break;
        }
    }
    return p;
}

static uint8_t case_of(const struct word_shape *s)
{
    if (s->upper + s->lower == 0 || (s->upper == 0 && !s->starts_upper))
        return CASE_LOWER;
    if (s->lower == 0)
        return s->upper == 1 ? CASE_TITLE : CASE_UPPER;
    return s->starts_upper && s->upper == 1 ? CASE_TITLE : CASE_MIXED;
}

static void add_hit(struct window *w, uint32_t start, uint32_t end, uint8_t cls)
{
    w->hit[w->nhit++] = (struct label_hit){start, end, cls};
}

/* Identifiers label by their humps: patientMrn, dbPassword. */
static void label_humps(struct window *w, const struct token *t)
{
    size_t begin = t->start;
    for (size_t i = t->start + 1; i <= t->end; i++) {
        bool edge = i == t->end || (is_upper(w->p[i]) && is_lower(w->p[i - 1]));
        if (!edge || i - begin < 2 || i - begin > FOLD_MAX) {
            begin = edge ? i : begin;
            continue;
        }
        char fold[FOLD_MAX];
        for (size_t k = begin; k < i; k++)
            fold[k - begin] = to_lower(w->p[k]);
        const struct word_entry *e =
            word_table_find(&w->sc->words, word_hash(fold, i - begin));
        if (e && e->cls)
            add_hit(w, (uint32_t)begin, (uint32_t)i, e->cls);
        begin = i;
    }
}

/* Labels of scripts that put no blank between words. */
static void label_script(struct window *w, const struct token *t)
{
    static const struct {
        const char *s;
        uint8_t cls;
    } rows[] = {
        {"주민등록번호", CLS_KR},     {"외국인등록번호", CLS_KR},
        {"身份证", CLS_CN},           {"身份證", CLS_CN},
        {"マイナンバー", CLS_JP},     {"個人番号", CLS_JP},
        {"电话", CLS_PHONE},          {"電話", CLS_PHONE},
        {"手机", CLS_PHONE},          {"전화", CLS_PHONE},
        {"휴대폰", CLS_PHONE},        {"密码", CLS_PASSWORD},
        {"パスワード", CLS_PASSWORD}, {"비밀번호", CLS_PASSWORD},
        {"пароль", CLS_PASSWORD},     {"телефон", CLS_PHONE},
        {"паспорт", CLS_PASSPORT},    {"护照", CLS_PASSPORT},
        {"姓名", CLS_NAME},           {"氏名", CLS_NAME},
        {"이름", CLS_NAME},           {"住址", CLS_ADDRESS},
        {"住所", CLS_ADDRESS},        {"地址", CLS_ADDRESS},
    };
    struct str word = {w->p + t->start, t->end - t->start};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_find(word, str_of(rows[i].s)) >= 0) {
            add_hit(w, t->start, t->end, rows[i].cls);
            return;
        }
}

static void finish_word(struct window *w, struct token *t, const struct folded *f,
                        const struct word_shape *shape)
{
    uint64_t h = word_hash(f->s, f->n);
    const struct word_entry *e = word_table_find(&w->sc->words, h);
    t->kind = TOK_WORD;
    t->hash = (uint32_t)(h >> 32);
    t->letter = case_of(shape);
    t->names = e ? e->names : lexicon_find(h);
    if (e) {
        t->lex = e->lex;
        t->cls = e->cls;
    }
    if ((t->lex & LEX_CLINICAL) && t->end - t->start > 3)
        w->clinical++;
    if (t->cls)
        add_hit(w, t->start, t->end, t->cls);
    else if (t->letter == CASE_MIXED)
        label_humps(w, t);
    if (f->has_other)
        label_script(w, t);
}

static uint8_t read_gap(const char **p, const char *end)
{
    uint8_t gap = 0;
    while (*p < end) {
        char c = **p;
        if (c == '\n') {
            gap |= gap & GAP_LINE ? GAP_BLANK_LINE : GAP_LINE;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
        gap |= GAP_SPACE;
        (*p)++;
    }
    return gap;
}

bool window_tokenise(struct window *w)
{
    const char *p = w->p, *end = w->p + w->n;
    /* Each is written when it is counted: zeroing them all would cost a tenth of a scan. */
    w->tok = arena_raw_array(w->a, struct token, w->n + 1);
    w->hit = arena_raw_array(w->a, struct label_hit, w->n / 2 + 2); /* of two letters */
    if (!w->tok || !w->hit)
        return false;
    while (p < end) {
        uint8_t gap = read_gap(&p, end);
        if (p >= end)
            break;
        struct token *t = &w->tok[w->ntok++];
        *t = (struct token){.start = (uint32_t)(p - w->p), .gap = gap, .c = *p};
        if (is_alpha(*p) || *p < 0) {
            struct folded f;
            struct word_shape shape;
            p = read_word(p, end, &f, &shape);
            t->end = (uint32_t)(p - w->p);
            finish_word(w, t, &f, &shape);
        } else if (is_digit(*p)) {
            while (p < end && is_digit(*p))
                p++;
            t->kind = TOK_NUMBER;
            t->letter = CASE_NONE;
            t->end = (uint32_t)(p - w->p);
        } else {
            t->kind = TOK_PUNCT;
            t->letter = CASE_NONE;
            t->end = (uint32_t)(++p - w->p);
        }
    }
    return true;
}

size_t token_at(const struct window *w, uint32_t pos)
{
    size_t lo = 0, hi = w->ntok;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->tok[mid].end <= pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
