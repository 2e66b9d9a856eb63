/* token.c -- cuts a window into words, numbers and marks, and looks every word up.
 *
 * A word is a run of letters of any script; digits are tokens of their own, so
 * "EMP-50368" is three and "A1" is two.  An apostrophe inside a word stays in it
 * ("O'Brien") unless it begins a possessive; a hyphen does not ("Jean-Pierre" is three
 * tokens that people.c joins).  The humps of an identifier ("firstName") are captions as
 * well. */
#include "scan/detect.h"
#include "scan/scanner.h"
#include "scan/text/lexicon.h"

enum { FOLD_MAX = 40, TOKENS_BEHIND = 8 };

struct folded {
    char s[FOLD_MAX];
    size_t n;
    uint64_t hash;
    bool has_other; /* letters beyond Latin */
};

struct word_shape {
    size_t upper, lower;
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

/* A word with other than ASCII letters, or an apostrophe. */
static const char *read_odd_word(const char *p, const char *end, struct folded *f,
                                 struct word_shape *shape)
{
    const char *begin = p;
    f->n = 0;
    f->has_other = false;
    *shape = (struct word_shape){0};
    while (p < end) {
        if (is_alpha(*p)) {
            count_letter(shape, is_upper(*p), p == begin);
            fold_put(f, to_lower(*p++));
        } else if (*p < 0) {
            uint32_t cp;
            size_t k = utf8_read(p, end, &cp);
            char base = latin_base(cp);
            count_letter(shape, latin_is_upper(cp), p == begin);
            if (base) {
                fold_put(f, base);
            } else {
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
    f->hash = word_hash(f->s, f->n);
    return p;
}

/* Reads a word at p, behind which stands a NUL somewhere: its end, its folded form and
 * its case. */
static const char *read_word(const char *p, const char *end, struct folded *f,
                             struct word_shape *shape)
{
    const char *begin = p;
    uint64_t h = WORD_HASH_SEED;
    size_t n = 0, upper = 0;
    for (; is_alpha(*p) && n < FOLD_MAX; p++) {
        upper += is_upper(*p);
        f->s[n] = (char)(*p | 32);
        h = word_hash_step(h, f->s[n++]);
    }
    if (*p < 0 || *p == '\'' || n == FOLD_MAX)
        return read_odd_word(begin, end, f, shape);
    f->n = n;
    f->has_other = false;
    f->hash = word_hash_end(h);
    *shape = (struct word_shape){
        .upper = upper, .lower = n - upper, .starts_upper = is_upper(*begin)};
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
    w->hit[w->nhit++] = (struct caption_hit){start, end, cls};
}

/* The humps of an identifier are captions: patientMrn, dbPassword. */
static void caption_humps(struct window *w, const struct token *t)
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

/* A bit for each byte of a word, some of which share one. */
static uint64_t bytes_seen(struct str word)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < word.n; i++)
        seen |= UINT64_C(1) << (word.p[i] & 63);
    return seen;
}

/* Are the second, third and fourth byte of the text among those? */
static bool may_hold(uint64_t seen, const char *text)
{
    return seen >> (text[1] & 63) & seen >> (text[2] & 63) & seen >> (text[3] & 63) & 1;
}

/* Captions of scripts that put no blank between words. */
static void caption_script(struct window *w, const struct token *t)
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
    uint64_t seen = bytes_seen(word);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (may_hold(seen, rows[i].s) && str_find(word, str_of(rows[i].s)) >= 0) {
            add_hit(w, t->start, t->end, rows[i].cls);
            return;
        }
}

/* Tables of a megabyte miss the caches, and texts repeat their words. */
static struct word_memo look_up(const struct window *w, const struct folded *f,
                                struct str word)
{
    struct word_memo *m = &w->memo[(f->hash >> 20) % WORD_MEMOS];
    if (m->hash == f->hash)
        return *m;
    const struct word_entry *e = word_table_find(&w->sc->words, f->hash);
    uint8_t known = e ? e->known : 0;
    if (e && (e->lex & (LEX_MONTH | LEX_WEEKDAY)))
        known |= AT_DATE;
    *m = (struct word_memo){.hash = f->hash,
                            .lex = e ? e->lex : 0,
                            .cls = e ? e->cls : CLS_NONE,
                            .names = e ? e->names : lexicon_find(f->hash),
                            .known = known};
    if (m->lex & LEX_ILLNESS)
        m->clinical = OF_TREATMENT;
    else if ((m->lex & LEX_CLINICAL) && word.n > 3)
        m->clinical = OF_CARE;
    else if (!m->lex && !m->cls && word.n > 2 && !(m->names & NAME_FREQUENT))
        m->clinical = f->has_other ? clinical_word(word)
                                   : clinical_folded((struct str){f->s, f->n});
    return *m;
}

/* The "Nummer" of "BSN-Nummer" says nothing of a telephone. */
static bool is_tail_of_compound(const struct window *w, const struct token *t)
{
    return t->cls == CLS_PHONE && t->start > 1 && w->p[t->start - 1] == '-' &&
           is_alpha(w->p[t->start - 2]) &&
           str_eq_nocase((struct str){w->p + t->start, t->end - t->start}, STR("nummer"));
}

/* The same for the forms of one word, "bypass" and "bypasses". */
static uint32_t stem_hash(const struct folded *f)
{
    enum { STEM = 6 };
    uint64_t h = f->has_other || f->n <= STEM ? f->hash : word_hash(f->s, STEM);
    return (uint32_t)(h >> 32);
}

static void finish_word(struct window *w, struct token *t, const struct folded *f,
                        const struct word_shape *shape)
{
    const struct word_memo m =
        look_up(w, f, (struct str){w->p + t->start, t->end - t->start});
    t->kind = TOK_WORD;
    t->hash = (uint32_t)(f->hash >> 32);
    t->letter = case_of(shape);
    t->names = m.names;
    t->lex = m.lex;
    t->cls = m.cls;
    t->known = m.known;
    if (m.clinical)
        clinical_add(&w->clinical, stem_hash(f), m.clinical);
    if (t->cls && !is_tail_of_compound(w, t))
        add_hit(w, t->start, t->end, t->cls);
    else if (t->letter == CASE_MIXED)
        caption_humps(w, t);
    if (f->has_other)
        caption_script(w, t);
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

/* Room for one more token and for the captions of its humps, two letters each. */
static bool make_room(struct window *w, size_t *cap_tok, size_t *cap_hit, size_t bytes)
{
    if (w->ntok + TOKENS_BEHIND >= *cap_tok) {
        struct token *v = arena_raw(w->a, 2 * *cap_tok * sizeof *v);
        if (!v)
            return false;
        memcpy(v, w->tok, w->ntok * sizeof *v);
        w->tok = v;
        *cap_tok *= 2;
    }
    if (*cap_hit - w->nhit <= bytes / 2) {
        size_t cap = 2 * *cap_hit + bytes / 2;
        struct caption_hit *v = arena_raw(w->a, cap * sizeof *v);
        if (!v)
            return false;
        memcpy(v, w->hit, w->nhit * sizeof *v);
        w->hit = v;
        *cap_hit = cap;
    }
    return true;
}

static const char *end_of_digits(const char *p)
{
    while (is_digit(*p))
        p++;
    return p;
}

/* Texts have some five bytes to a token; the arrays grow where one has less. */
bool window_tokenise(struct window *w)
{
    const char *p = w->p, *end = w->p + w->n;
    size_t cap_tok = w->n / 4 + 2 * TOKENS_BEHIND, cap_hit = w->n / 32 + 8;
    struct folded f;
    struct word_shape shape = {0};
    w->tok = arena_raw(w->a, cap_tok * sizeof *w->tok);
    w->hit = arena_raw(w->a, cap_hit * sizeof *w->hit);
    if (!w->memo)
        w->memo = arena_array(w->a, struct word_memo, WORD_MEMOS);
    if (!w->tok || !w->hit || !w->memo)
        return false;
    while (p < end) {
        uint8_t gap = read_gap(&p, end);
        if (p >= end)
            break;
        const char *begin = p;
        bool is_word = is_alpha(*p) || *p < 0;
        if (is_word)
            p = read_word(p, end, &f, &shape);
        else
            p = is_digit(*p) ? end_of_digits(p) : p + 1;
        if (!make_room(w, &cap_tok, &cap_hit, (size_t)(p - begin)))
            return false;
        struct token *t = &w->tok[w->ntok++];
        *t = (struct token){.start = (uint32_t)(begin - w->p),
                            .end = (uint32_t)(p - w->p),
                            .gap = gap,
                            .c = *begin,
                            .letter = CASE_NONE,
                            .kind = is_digit(*begin) ? TOK_NUMBER : TOK_PUNCT};
        if (is_word)
            finish_word(w, t, &f, &shape);
    }
    memset(w->tok + w->ntok, 0, TOKENS_BEHIND * sizeof *w->tok);
    return true;
}

bool counts_lines(const struct window *w, size_t pos)
{
    size_t from = pos, end = pos;
    while (from > 0 && w->p[from - 1] == ' ')
        from--;
    while (end < w->n && is_digit(w->p[end]))
        end++;
    if (end == pos || (from > 0 && w->p[from - 1] != '\n'))
        return false;
    struct str behind = {w->p + end, w->n - end};
    return str_starts(behind, STR("\t")) || str_starts(behind, STR("|")) ||
           str_starts(behind, STR("\xE2\x86\x92"));
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
