/* features.c -- one pass: lines, then words, numbers and marks of a line.
 *
 * Lines that begin with "A." "B." .. are options of a multiple choice.  Their words are
 * terms like others, but the figures count them apart, so that what is learnt of
 * questions holds for questions without options, or with fewer. */
#include "route/learned/features.h"

#include "route/learned/envelope.h"

#include <math.h>

enum { SEEN_BITS = 8192, OPTION_SEEN_BITS = 1024, LONG_WORD = 10, MAX_LETTER = 'J' };

struct pass {
    const struct cue_table *words;
    const uint8_t *common;
    struct prompt *out;
    uint64_t seen[SEEN_BITS / 64], option_seen[OPTION_SEEN_BITS / 64];
    uint32_t chars, wide, nwords, letters, nlong, rare, different;
    uint32_t numbers, large, decimals, years, operators, latex, currency, brackets;
    uint32_t code, quotes, questions, sentences, lines, bullets, names, acronyms;
    uint32_t blanks, numerals, last_line;
    uint32_t noptions, option_chars, option_words, option_same, option_numbers;
    uint32_t cls[CUE_COUNT], first_class;
    uint32_t previous; /* hash of the word before; 0: none */
    bool starts;       /* the next word begins a sentence */
    bool in_option, has_fence;
};

static bool is_letter(unsigned char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26 || c >= 0x80;
}

static bool is_digit(unsigned char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_upper(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26;
}

static uint32_t mixed(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    return h ^ h >> 13;
}

/* True when it was not yet there. */
static bool note(uint64_t *bits, uint32_t nbits, uint32_t h)
{
    uint32_t i = h & (nbits - 1);
    uint64_t bit = (uint64_t)1 << (i & 63);
    bool is_new = !(bits[i / 64] & bit);
    bits[i / 64] |= bit;
    return is_new;
}

static bool add_term(struct pass *p, uint32_t h)
{
    h = mixed(h);
    if (!note(p->seen, SEEN_BITS, h >> 3))
        return false;
    if (p->out->nterms < PROMPT_MAX_TERMS)
        p->out->term[p->out->nterms++] = h;
    return true;
}

/* A word or number by its hash; true when it is the first of its kind here. */
static bool add_token(struct pass *p, uint32_t h)
{
    bool is_new = add_term(p, h);
    if (p->previous)
        add_term(p, p->previous * 0x9e3779b1u ^ h);
    p->previous = h;
    return is_new;
}

/* -- words and numbers -------------------------------------------------------------- */

static bool is_numeral(struct str w)
{
    for (size_t i = 0; i < w.n; i++)
        if (w.p[i] != 'I' && w.p[i] != 'V' && w.p[i] != 'X')
            return false;
    return w.n >= 2;
}

static void count_capitals(struct pass *p, struct str w, uint32_t nupper)
{
    if (nupper == w.n && w.n >= 2) {
        p->numerals += is_numeral(w);
        p->acronyms += w.n <= 6;
    } else if (is_upper((unsigned char)w.p[0]) && w.n >= 2 && !p->starts) {
        p->names++;
    }
}

static void count_word(struct pass *p, struct str w, uint32_t h, uint32_t nupper,
                       bool is_new)
{
    enum cue c = cue_find(p->words, h);
    if (p->nwords++ == 0)
        p->first_class = c;
    p->cls[c]++;
    p->letters += (uint32_t)w.n;
    p->nlong += w.n >= LONG_WORD;
    p->different += is_new;
    if (p->common && is_new && w.n >= 3 && !(p->common[(h & 0xffff) / 8] >> (h & 7) & 1))
        p->rare++;
    if (nupper)
        count_capitals(p, w, nupper);
    p->starts = false;
}

static size_t read_word(struct pass *p, struct str s, size_t at)
{
    const uint8_t *fold = p->words->fold;
    uint32_t h = (uint32_t)CUE_HASH_BASIS, nupper = 0;
    const unsigned char *b = (const unsigned char *)s.p + at, *end = b + (s.n - at);
    for (uint8_t c; b < end && (c = fold[*b]) != 0; b++) {
        nupper += *b ^ c; /* 0x20 for a capital */
        h = (h ^ c) * (uint32_t)CUE_HASH_PRIME;
    }
    size_t i = (size_t)((const char *)b - s.p);
    bool is_new = add_token(p, h);
    if (p->in_option) {
        p->option_words++;
        p->option_same += !note(p->option_seen, OPTION_SEEN_BITS, mixed(h));
    } else {
        count_word(p, str_sub(s, at, i), h, nupper / 0x20, is_new);
    }
    return i;
}

static bool is_year(struct str n)
{
    return n.n == 4 && (n.p[0] == '1' || (n.p[0] == '2' && n.p[1] == '0'));
}

/* Digits, with points and commas between them.  A number's term is how long it is. */
static size_t read_number(struct pass *p, struct str s, size_t at)
{
    size_t i = at, digits = 0;
    bool is_decimal = false;
    for (; i < s.n; i++) {
        bool joins = (s.p[i] == '.' || s.p[i] == ',') && i + 1 < s.n &&
                     is_digit((unsigned char)s.p[i + 1]);
        if (!joins && !is_digit((unsigned char)s.p[i]))
            break;
        digits += !joins;
        is_decimal |= joins && s.p[i] == '.';
    }
    add_token(p, is_decimal ? 9 : digits < 4 ? (uint32_t)digits : 4);
    if (p->in_option) {
        p->option_words++;
        p->option_numbers++;
        return i;
    }
    p->numbers++;
    p->large += digits >= 3;
    p->decimals += is_decimal;
    p->years += is_year(str_sub(s, at, i));
    p->currency += (at > 0 && s.p[at - 1] == '$') || (i < s.n && s.p[i] == '%');
    p->starts = false;
    return i;
}

/* -- marks -------------------------------------------------------------------------- */

static bool ends_sentence(struct str s, size_t at)
{
    return at + 1 >= s.n || s.p[at + 1] == ' ' || s.p[at + 1] == '"';
}

static void count_end(struct pass *p, struct str s, size_t at)
{
    p->questions += s.p[at] == '?';
    if (ends_sentence(s, at)) {
        p->sentences++;
        p->starts = true;
    }
}

static size_t read_mark(struct pass *p, struct str s, size_t at)
{
    char c = s.p[at], next = at + 1 < s.n ? s.p[at + 1] : '\0';
    switch (c) {
    case '.':
    case '?':
    case '!':
        count_end(p, s, at);
        break;
    case '_':
        p->blanks += next == '_';
        p->latex += next != '_';
        for (; next == '_'; at++)
            next = at + 2 < s.n ? s.p[at + 2] : '\0';
        break;
    case '\\':
        p->latex += is_letter((unsigned char)next);
        break;
    case '$':
        p->latex += !is_digit((unsigned char)next);
        break;
    case '^':
        p->latex++;
        p->operators++;
        break;
    case '=':
        p->code += next == '=';
        p->operators++;
        break;
    case '-':
    case ':':
        p->code += next == (c == '-' ? '>' : ':');
        break;
    case '(':
        p->code += next == ')';
        p->brackets++;
        break;
    case '[':
        p->brackets++;
        break;
    case '{':
    case '}':
    case ';':
        p->code++;
        break;
    case '+':
    case '*':
    case '/':
    case '<':
    case '>':
    case '%':
        p->operators++;
        break;
    case '"':
        p->quotes++;
        break;
    case '`':
        p->has_fence = true;
        break;
    default:
        break;
    }
    return at + 1;
}

/* -- lines -------------------------------------------------------------------------- */

/* After "A." "B)" "(C)" of the option that is next, or 0. */
static size_t option_mark(const struct pass *p, struct str line)
{
    size_t i = line.n && line.p[0] == '(';
    char want = (char)('A' + p->noptions % 26);
    if (line.n < i + 3 || want > MAX_LETTER || line.p[i] != want)
        return 0;
    char after = line.p[i + 1];
    bool is_mark = i ? after == ')' : after == '.' || after == ')' || after == ':';
    return is_mark && line.p[i + 2] == ' ' ? i + 3 : 0;
}

static bool is_bullet(struct str line)
{
    if (line.n < 3)
        return false;
    if ((line.p[0] == '-' || line.p[0] == '*') && line.p[1] == ' ')
        return true;
    return is_digit((unsigned char)line.p[0]) && (line.p[1] == '.' || line.p[1] == ')') &&
           line.p[2] == ' ';
}

static void read_tokens(struct pass *p, struct str s)
{
    const uint8_t *fold = p->words->fold;
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        if (fold[c])
            i = read_word(p, s, i);
        else if (c <= ' ')
            i++;
        else if (is_digit(c))
            i = read_number(p, s, i);
        else if (p->in_option)
            i++;
        else
            i = read_mark(p, s, i);
    }
}

/* Eight bytes at a time while they are ASCII. */
static void count_chars(struct pass *p, struct str s)
{
    size_t i = 0;
    for (uint64_t eight; i + 8 <= s.n; i += 8) {
        memcpy(&eight, s.p + i, 8);
        if (eight & 0x8080808080808080u)
            break;
    }
    p->chars += (uint32_t)i;
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        p->chars += (c & 0xc0) != 0x80;
        p->wide += c >= 0xc0;
    }
}

static void read_line(struct pass *p, struct str line)
{
    size_t indent = 0;
    count_chars(p, line);
    while (indent < line.n && line.p[indent] == ' ')
        indent++;
    if (indent == line.n)
        return;
    struct str text = str_sub(line, indent, line.n);
    size_t mark = option_mark(p, text);
    p->in_option = mark > 0;
    p->starts = true;
    if (mark) {
        p->noptions++;
        p->option_chars += (uint32_t)(text.n - mark);
        p->previous = 0;
    } else {
        p->lines++;
        p->bullets += is_bullet(text);
        p->code += indent >= 4;
        p->last_line = (uint32_t)text.n;
    }
    read_tokens(p, str_sub(text, mark, text.n));
    p->in_option = false;
}

static void read_piece(struct pass *p, struct str s)
{
    struct str line;
    while (str_split(&s, '\n', &line))
        read_line(p, line);
}

/* -- figures ------------------------------------------------------------------------ */

static float ln1(uint32_t n)
{
    return logf(1.0f + (float)n);
}

static float share(uint32_t part, uint32_t whole)
{
    return whole ? (float)part / (float)whole : 0.0f;
}

static enum prompt_kind kind_of(const struct pass *p)
{
    const uint32_t *c = p->cls;
    uint32_t asks_open = c[CUE_WRITE] + c[CUE_FICTION] + c[CUE_EXPLAIN];
    if (p->noptions >= 3)
        return KIND_CHOICE;
    if (p->latex >= 3 && 2 * p->latex >= p->code)
        return KIND_FORMAL;
    if (p->code >= 6 || (p->has_fence && p->code >= 2) || c[CUE_CODE] >= 4 ||
        (c[CUE_CODE] >= 1 && p->first_class == CUE_WRITE))
        return KIND_CODE;
    if (p->numbers >= 2 &&
        c[CUE_QUANTITY] + c[CUE_MANY] + c[CUE_MONEY] + c[CUE_TIME] >= 2)
        return KIND_WORD_PROBLEM;
    if (p->first_class == CUE_WRITE || p->first_class == CUE_EXPLAIN || asks_open >= 2)
        return KIND_OPEN;
    return p->nwords <= 30 && p->sentences <= 1 ? KIND_FACT : KIND_OTHER;
}

static void words_figures(const struct pass *p, float *f)
{
    uint32_t n = p->nwords;
    f[F_WORDS] = ln1(n);
    f[F_SENTENCES] = ln1(p->sentences);
    f[F_SENTENCE_WORDS] =
        logf(1.0f + (float)n / (float)(p->sentences ? p->sentences : 1));
    f[F_WORD_LETTERS] = share(p->letters, n);
    f[F_LONG_WORDS] = share(p->nlong, n);
    f[F_PLAIN_WORDS] = share(p->cls[CUE_PLAIN], n);
    f[F_RARE_WORDS] = share(p->rare, p->different);
    f[F_RARE_COUNT] = ln1(p->rare);
    f[F_VARIETY] = n ? (float)p->different / sqrtf(2.0f * (float)n) : 0.0f;
    f[F_NAMES] = share(p->names, n);
    f[F_ACRONYMS] = ln1(p->acronyms);
    f[F_NUMERALS] = ln1(p->numerals);
    f[F_WIDE] = share(p->wide, p->chars);
    f[F_FIRST_WORD + p->first_class] = 1.0f;
    for (unsigned c = 0; c < CUE_COUNT; c++)
        f[F_CLASS + c] = ln1(p->cls[c]);
}

static void marks_figures(const struct pass *p, float *f)
{
    f[F_NUMBERS] = ln1(p->numbers);
    f[F_LARGE_NUMBERS] = ln1(p->large);
    f[F_DECIMALS] = ln1(p->decimals);
    f[F_YEARS] = ln1(p->years);
    f[F_NUMBER_SHARE] = share(p->numbers, p->nwords + p->numbers);
    f[F_OPERATORS] = ln1(p->operators);
    f[F_LATEX] = ln1(p->latex);
    f[F_CURRENCY] = ln1(p->currency);
    f[F_BRACKETS] = ln1(p->brackets);
    f[F_CODE_MARKS] = ln1(p->code);
    f[F_QUOTES] = ln1(p->quotes);
    f[F_QUESTIONS] = ln1(p->questions);
    f[F_NO_QUESTION] = p->questions ? 0.0f : 1.0f;
    f[F_BLANK] = p->blanks ? 1.0f : 0.0f;
}

static void lines_figures(const struct pass *p, float *f)
{
    f[F_LENGTH] = ln1(p->chars);
    f[F_LINES] = ln1(p->lines);
    f[F_BULLETS] = ln1(p->bullets);
    f[F_OPTIONS] = ln1(p->noptions);
    if (p->noptions) {
        f[F_OPTION_LENGTH] = ln1(p->option_chars / p->noptions);
        f[F_OPTION_NUMBERS] = share(p->option_numbers, p->option_words);
        f[F_OPTION_SAME] = share(p->option_same, p->option_words);
    }
    uint32_t stem = p->chars > p->option_chars ? p->chars - p->option_chars : 0;
    f[F_PASSAGE] = ln1(stem > p->last_line ? stem - p->last_line : 0);
}

static void figures(const struct pass *p)
{
    float *f = p->out->f;
    memset(f, 0, sizeof p->out->f);
    lines_figures(p, f);
    words_figures(p, f);
    marks_figures(p, f);
    p->out->kind = kind_of(p);
    f[F_KIND + p->out->kind] = 1.0f;
    if (p->out->kind == KIND_WORD_PROBLEM)
        f[F_STEPS] = ln1(p->numbers + p->cls[CUE_QUANTITY]);
    uint32_t stem = p->chars > p->option_chars ? p->chars - p->option_chars : 0;
    f[F_KIND_LENGTH + p->out->kind] = ln1(stem);
}

/* -- words that are common ------------------------------------------------------------
 */

void prompt_count_words(struct str text, uint32_t df[COMMON_BITS])
{
    uint64_t seen[COMMON_BITS / 64] = {0};
    for (size_t i = 0; i < text.n;) {
        uint32_t h = (uint32_t)CUE_HASH_BASIS;
        size_t from = i;
        for (; i < text.n && is_letter((unsigned char)text.p[i]); i++) {
            unsigned char c = (unsigned char)text.p[i];
            h = (h ^ (is_upper(c) ? c | 0x20u : c)) * (uint32_t)CUE_HASH_PRIME;
        }
        if (i == from)
            i++;
        else if (note(seen, COMMON_BITS, h))
            df[h & (COMMON_BITS - 1)]++;
    }
}

/* -- the text ----------------------------------------------------------------------- */

/* Of the pieces joined, the bytes [from, to). */
static void read_range(struct pass *p, const struct str *v, size_t n, size_t from,
                       size_t to)
{
    size_t at = 0;
    for (size_t i = 0; i < n && at < to; at += v[i++].n) {
        size_t a = from > at ? from - at : 0, b = to - at < v[i].n ? to - at : v[i].n;
        if (a < b)
            read_piece(p, str_sub(v[i], a, b));
    }
}

void prompt_read(const struct cue_table *words, const uint8_t *common, struct str text,
                 struct prompt *ret)
{
    struct str v[ENVELOPE_PIECES];
    size_t n = envelope_strip(text, v), total = 0;
    struct pass p;
    memset(&p, 0, sizeof p);
    p.words = words;
    p.common = common;
    p.out = ret;
    ret->nterms = 0;
    for (size_t i = 0; i < n; i++)
        total += v[i].n;
    if (total <= PROMPT_HEAD_BYTES + PROMPT_TAIL_BYTES) {
        read_range(&p, v, n, 0, total);
    } else {
        read_range(&p, v, n, 0, PROMPT_HEAD_BYTES);
        read_range(&p, v, n, total - PROMPT_TAIL_BYTES, total);
        p.chars += (uint32_t)(total - PROMPT_HEAD_BYTES - PROMPT_TAIL_BYTES);
    }
    figures(&p);
}
