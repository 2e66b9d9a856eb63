/* name_tokens.c -- a name in tokens, and what a reference to a model is called. */
#include "facts/name_tokens.h"

#include <stdlib.h>

#define MOST_GB 2048

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word_char(char c)
{
    return is_digit(c) || is_letter(c) || c == '_';
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool has(const struct word_list *list, struct str word)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq_nocase(list->words[i], word))
            return true;
    return false;
}

/* "q4", "q4_k_m", "iq2_xxs": the block types of GGUF files. */
static bool is_gguf_type(struct str w)
{
    if (w.n && lower(w.p[0]) == 'i')
        w = str_sub(w, 1, w.n);
    return w.n >= 2 && lower(w.p[0]) == 'q' && w.p[1] >= '1' && w.p[1] <= '8' &&
           (w.n == 2 || w.p[2] == '_');
}

static void add_format(struct name_tokens *t, struct str word)
{
    size_t used = strlen(t->format);
    if (used + word.n + 2 > sizeof t->format)
        return;
    if (used)
        t->format[used++] = '-';
    for (size_t i = 0; i < word.n; i++)
        t->format[used++] = lower(word.p[i]);
    t->format[used] = '\0';
}

struct reading {
    const struct name_words *words;
    struct str s;
    size_t at;
    struct name_tokens *t;
    size_t used; /* of t->text */
    size_t most;
    bool is_glued, is_full;
};

static void add(struct reading *r, struct str token, const char *unit, size_t end)
{
    struct name_tokens *t = r->t;
    size_t n = token.n + strlen(unit);
    if (t->n >= r->most || r->used + n > sizeof t->text) {
        r->is_full = true;
        return;
    }
    struct name_token *to = &t->token[t->n++];
    *to = (struct name_token){.at = (uint16_t)r->used,
                              .n = (uint16_t)n,
                              .from = r->at,
                              .end = end,
                              .is_glued = r->is_glued,
                              .ends_word = end >= r->s.n || !is_word_char(r->s.p[end])};
    for (size_t i = 0; i < token.n; i++)
        t->text[r->used++] = lower(token.p[i]);
    memcpy(t->text + r->used, unit, strlen(unit));
    r->used += strlen(unit);
}

/* The letters at `at`, when a word ends with them. */
static struct str last_letters(struct str s, size_t at)
{
    size_t end = at;
    while (end < s.n && is_letter(s.p[end]))
        end++;
    return end < s.n && is_word_char(s.p[end]) ? (struct str){0} : str_sub(s, at, end);
}

static const char *unit_of(struct str letters, bool is_apart)
{
    static const struct {
        const char *word, *unit;
        bool apart; /* also with a blank between: "16 GB" */
    } units[] = {{"gb", "gb", true},   {"gib", "gb", true},  {"g", "gb", false},
                 {"b", "b", true},     {"m", "m", false},    {"k", "k", false},
                 {"bit", "bit", true}, {"inch", "in", true}, {"in", "in", false}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_eq_nocase(letters, str_of(units[i].word)) &&
            (!is_apart || units[i].apart))
            return units[i].unit;
    return "";
}

static void read_number(struct reading *r)
{
    struct str s = r->s;
    size_t from = r->at, end = from;
    while (end < s.n && (is_digit(s.p[end]) ||
                         (s.p[end] == '.' && end + 1 < s.n && is_digit(s.p[end + 1]))))
        end++;
    struct str number = str_sub(s, from, end);
    struct str letters = last_letters(s, end);
    size_t apart = end;
    const char *unit = unit_of(letters, false);
    if (letters.n == 0 && end < s.n && (s.p[end] == ' ' || s.p[end] == '-')) {
        apart = end + 1;
        letters = last_letters(s, apart);
        unit = unit_of(letters, true);
    }
    char text[24] = {0};
    memcpy(text, number.p, number.n < sizeof text - 1 ? number.n : sizeof text - 1);
    double value = strtod(text, NULL);
    if (letters.n == 1 && strcmp(unit, "gb") == 0 && (value > MOST_GB || r->is_glued))
        unit = ""; /* "8700G" is a processor, "A10G" a card */
    if (unit[0])
        end = apart + letters.n;
    if (strcmp(unit, "gb") == 0)
        r->t->memory_gb = value;
    else if (strcmp(unit, "bit") == 0)
        add_format(r->t, str_sub(s, from, end));
    else if (strcmp(unit, "in") != 0)
        add(r, number, unit, end);
    r->at = end;
}

/* True when the word at r->at is done with: it says nothing, or it names a format. */
static bool skip_word(struct reading *r)
{
    size_t end = r->at;
    while (end < r->s.n && is_word_char(r->s.p[end]))
        end++;
    struct str word = str_sub(r->s, r->at, end);
    if (is_gguf_type(word) || has(&r->words->formats, word)) {
        if (!r->t->format[0])
            r->t->format_from = r->at;
        add_format(r->t, word);
    } else if (!has(&r->words->ignored, word)) {
        return false;
    }
    r->at = end;
    return true;
}

/* "sxm5" reads as "sxm", where the data say so. */
static bool replace_word(struct reading *r)
{
    size_t end = r->at;
    while (end < r->s.n && is_word_char(r->s.p[end]))
        end++;
    struct str word = str_sub(r->s, r->at, end);
    for (size_t i = 0; i < r->words->nsame; i++) {
        if (!str_eq_nocase(r->words->same[i].written, word))
            continue;
        add(r, r->words->same[i].read, "", end);
        r->at = end;
        return true;
    }
    return false;
}

/* "(R)", "(TM)": 0 when there is none. */
static size_t mark_at(struct str s, size_t at)
{
    struct str rest = str_sub(s, at, s.n);
    if (str_starts_nocase(rest, STR("(r)")) || str_starts_nocase(rest, STR("(c)")))
        return 3;
    return str_starts_nocase(rest, STR("(tm)")) ? 4 : 0;
}

/* Of a file in parts: "-00001-of-00003". */
static size_t part_at(struct str s, size_t at)
{
    struct str rest = str_sub(s, at, s.n);
    if (rest.n < 15 || !str_eq_nocase(str_sub(rest, 6, 10), STR("-of-")))
        return 0;
    for (size_t i = 1; i < 6; i++)
        if (!is_digit(rest.p[i]) || !is_digit(rest.p[i + 9]))
            return 0;
    return rest.p[0] == '-' ? 15 : 0;
}

bool name_tokens_read(const struct name_words *words, struct str text, size_t from,
                      size_t most, struct name_tokens *ret)
{
    struct reading r = {.words = words,
                        .s = text,
                        .at = from,
                        .t = ret,
                        .most = most < NAME_TOKENS ? most : NAME_TOKENS};
    ret->n = 0;
    ret->memory_gb = 0;
    ret->format[0] = '\0';
    /* Words that say nothing do not lead on and on. */
    size_t far = most < NAME_TOKENS ? from + NAME_TEXT : text.n;
    while (r.at < text.n && r.at <= far && !r.is_full) {
        char c = text.p[r.at];
        size_t skip = mark_at(text, r.at) + part_at(text, r.at);
        if (skip || !is_word_char(c) || c == '_') {
            r.at += skip ? skip : 1;
            continue;
        }
        bool starts = r.at == from || !is_word_char(text.p[r.at - 1]);
        r.is_glued = !starts && ret->n && text.p[r.at - 1] != '_';
        if (starts && (skip_word(&r) || replace_word(&r)))
            continue;
        if (is_digit(c)) {
            read_number(&r);
            continue;
        }
        size_t end = r.at;
        while (end < text.n && is_letter(text.p[end]))
            end++;
        add(&r, str_sub(text, r.at, end), "", end);
        r.at = end;
    }
    return !r.is_full && r.at >= text.n;
}

struct str name_token(const struct name_tokens *t, size_t i)
{
    return (struct str){t->text + t->token[i].at, t->token[i].n};
}

static int order(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = memcmp(a.p, b.p, n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

size_t name_key(const struct name_tokens *t, size_t from, size_t to, char out[NAME_KEY])
{
    struct str sorted[NAME_TOKENS];
    size_t n = 0, used = 0;
    for (size_t i = from; i < to; i++) {
        struct str token = name_token(t, i);
        size_t at = n++;
        for (; at > 0 && order(sorted[at - 1], token) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = token;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(out + used, sorted[i].p, sorted[i].n);
        used += sorted[i].n;
        out[used++] = ' ';
    }
    return used;
}

size_t name_folded(const struct name_tokens *t, char out[NAME_KEY])
{
    size_t used = 0;
    out[used++] = '='; /* apart from the keys of sets */
    for (size_t i = 0; i < t->n; i++) {
        struct str token = name_token(t, i);
        memcpy(out + used, token.p, token.n);
        used += token.n;
    }
    return used;
}

/* The part before the first '/', cut off *rest. */
static struct str segment(struct str *rest)
{
    struct str part;
    return str_split(rest, '/', &part) ? part : (struct str){0};
}

struct str names_of_reference(struct str text)
{
    struct str rest = str_trim(text), whole = rest;
    ptrdiff_t scheme = str_find(rest, STR("://"));
    if (scheme >= 0)
        rest = str_sub(rest, (size_t)scheme + 3, rest.n);
    ptrdiff_t query = str_index(rest, '?');
    if (query > 0)
        rest = str_sub(rest, 0, (size_t)query);
    if (str_index(rest, '/') < 0)
        return whole;
    struct str first = segment(&rest);
    if (scheme < 0 && str_index(first, '.') < 0) { /* no host: the last part */
        while (rest.n && str_index(rest, '/') >= 0)
            segment(&rest);
        return rest.n ? rest : first;
    }
    if (str_index(first, '.') >= 0 && (scheme >= 0 || str_index(rest, '/') >= 0))
        first = segment(&rest);
    while (str_eq_nocase(first, STR("models")) || str_eq_nocase(first, STR("library")) ||
           str_eq_nocase(first, STR("registry")))
        first = segment(&rest);
    struct str second = rest.n ? segment(&rest) : (struct str){0};
    return second.n ? second : first;
}
