/* addresses.c -- where somebody lives: number, street and town in the orders people
 * write them.  What else stands on the lines below is taken in names/whole_address.c.
 *
 * A street is a street word ("Old Mill Road", "rue Bellecour"), a word that ends like
 * one ("Bahnhofstrasse", "Coolsingel" by its number and postcode), or a name between two
 * numbers.  Around that core the joiner takes units, postcodes, towns and states.  A
 * town alone is a location and nothing to hide. */
#include "scan/find/postcode.h"
#include "scan/names/address_parts.h"
#include "scan/text/lexicon.h"

static const struct token *tok(const struct window *w, size_t i)
{
    static const struct token none = {.kind = TOK_PUNCT, .letter = CASE_NONE, .c = '\0'};
    return i < w->ntok ? &w->tok[i] : &none;
}

static size_t width(const struct token *t)
{
    return t->end - t->start;
}

static bool is_cap(const struct token *t)
{
    return t->kind == TOK_WORD && (t->letter == CASE_TITLE || t->letter == CASE_UPPER ||
                                   t->letter == CASE_MIXED);
}

/* RFC, SOC, Hz */
static bool is_abbreviation(const struct token *t)
{
    return width(t) < 3 || (t->letter == CASE_UPPER && width(t) <= 4);
}

/* Words that end like streets in the languages that glue them. */
bool ends_like_street(const struct window *w, const struct token *t)
{
#define END(s)                                                                           \
    {                                                                                    \
        s, sizeof(s) - 1                                                                 \
    }
    static const struct str ends[] = {END("strasse"),
                                      END("stra\xC3\x9F"
                                          "e"),
                                      END("str"),
                                      END("weg"),
                                      END("platz"),
                                      END("allee"),
                                      END("gasse"),
                                      END("straat"),
                                      END("gracht"),
                                      END("singel"),
                                      END("laan"),
                                      END("plein"),
                                      END("kade"),
                                      END("vej"),
                                      END("gade"),
                                      END("gata"),
                                      END("gatan"),
                                      END("v\xC3\xA4gen"),
                                      END("vagen"),
                                      END("veien"),
                                      END("katu"),
                                      END("tie"),
                                      END("polku"),
                                      END("kuja"),
                                      END("stien"),
                                      END("ufer"),
                                      END("damm"),
                                      END("promenade"),
                                      END("ring"),
                                      END("steig"),
                                      END("bakken"),
                                      END("gaten"),
                                      END("vangen"),
                                      END("bundesstrasse"),
                                      END("dijk")};
#undef END
    struct str s = {w->p + t->start, width(t)};
    if (t->kind != TOK_WORD || s.n < 6 || t->letter == CASE_MIXED) /* WriteString */
        return false;
    if (str_eq_nocase(str_sub(s, s.n - 6, s.n), STR("string")))
        return false;
    char last = to_lower(s.p[s.n - 1]);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = ends[i].n;
        if (ends[i].p[n - 1] == last && s.n > n + 2 &&
            str_eq_nocase(str_sub(s, s.n - n, s.n), ends[i]))
            return is_cap(t) || !(t->names & NAME_COMMON);
    }
    return false;
}

static bool is_comma(const struct token *t)
{
    return t->kind == TOK_PUNCT && t->c == ',';
}

/* House numbers: 12, 99a, 12 bis, 12-14, 12/3; index past it, or i when none. */
static size_t house_number(const struct window *w, size_t i)
{
    size_t k = i + 1;
    if (tok(w, i)->kind != TOK_NUMBER || width(tok(w, i)) > 6 ||
        counts_lines(w, tok(w, i)->start))
        return i;
    if (tok(w, k)->kind == TOK_WORD && width(tok(w, k)) == 1 && tok(w, k)->gap == 0)
        k++;
    else if ((tok(w, k)->c == '-' || tok(w, k)->c == '/') && tok(w, k)->gap == 0 &&
             tok(w, k + 1)->kind == TOK_NUMBER && tok(w, k + 1)->gap == 0 &&
             width(tok(w, k + 1)) <= 4)
        k += 2;
    struct str s = {w->p + tok(w, k)->start, width(tok(w, k))};
    if (str_eq_nocase(s, STR("bis")) || str_eq_nocase(s, STR("ter")))
        k++;
    return k;
}

static bool on_line(const struct token *t)
{
    return !(t->gap & GAP_LINE);
}

static bool is_street_part(const struct window *w, size_t i)
{
    const struct token *t = tok(w, i);
    (void)w;
    if (t->kind != TOK_WORD || !on_line(t) || (t->lex & (LEX_MONTH | LEX_WEEKDAY)))
        return false;
    return is_cap(t) || (t->lex & LEX_PARTICLE) || (t->lex & LEX_STREET) ||
           (t->lex & LEX_PREFIX_STREET) ||
           (!(t->names & NAME_COMMON) && !(t->lex & LEX_STOP));
}

/* "184th" of "184th Street": the token past it, or i. */
static size_t past_ordinal(const struct window *w, size_t i)
{
    static const char *const others[] = {"place", "way", "point", "row", "run"};
    const struct token *n = tok(w, i), *end = tok(w, i + 1), *street = tok(w, i + 2);
    struct str s = {w->p + street->start, width(street)};
    bool is_ordinal = n->kind == TOK_NUMBER && width(n) <= 3 && end->gap == 0 &&
                      end->kind == TOK_WORD && width(end) == 2;
    return is_ordinal && street->gap == GAP_SPACE && is_cap(street) &&
                   (street->lex & LEX_STREET) && !is_word_of(s, others, ARRAY_LEN(others))
               ? i + 2
               : i;
}

/* Street words from i: their end, and whether they make a street by themselves. */
static size_t street_name(const struct window *w, size_t i, bool *ret_sure)
{
    size_t k = past_ordinal(w, i), caps = k - i;
    bool prefix = tok(w, i)->kind == TOK_WORD && (tok(w, i)->lex & LEX_PREFIX_STREET);
    *ret_sure = false;
    while (k - i < 7 && (is_street_part(w, k) || (tok(w, k)->c == '\'' && k > i) ||
                         (tok(w, k)->c == '.' && k > i && tok(w, k)->gap == 0 &&
                          width(tok(w, k - 1)) <= 5) ||
                         (tok(w, k)->c == '-' && tok(w, k)->gap == 0 && k > i))) {
        const struct token *t = tok(w, k);
        caps += is_cap(t);
        k++;
        if (!prefix && k - i >= 2 && (t->lex & LEX_STREET) &&
            !(tok(w, k)->lex & LEX_STREET)) {
            *ret_sure = caps >= 1 || k - i >= 2;
            if (tok(w, k)->c == '.' && tok(w, k)->gap == 0)
                k++;
            if ((tok(w, k)->lex & LEX_DIRECTION) && tok(w, k)->letter == CASE_UPPER)
                k++;
            return k;
        }
        if (ends_like_street(w, t)) {
            *ret_sure = true;
            if (tok(w, k)->c == '.' && tok(w, k)->gap == 0)
                k++;
            return k;
        }
    }
    while (k > i &&
           (tok(w, k - 1)->kind == TOK_PUNCT || (tok(w, k - 1)->lex & LEX_PARTICLE)))
        k--;
    *ret_sure = prefix && k - i >= 2;
    return k;
}

static size_t skip_comma(const struct window *w, size_t i)
{
    return is_comma(tok(w, i)) ? i + 1 : i;
}

/* Apt 30D, Suite #138, #650, 3o B, bajo, Unit 12 */
static size_t take_unit(const struct window *w, size_t i)
{
    size_t k = skip_comma(w, i);
    const struct token *t = tok(w, k);
    if (t->gap & GAP_BLANK_LINE)
        return i;
    if (t->c == '#' && tok(w, k + 1)->kind == TOK_NUMBER)
        return house_number(w, k + 1);
    if (t->kind == TOK_WORD && (t->lex & LEX_UNIT)) {
        size_t n = k + 1;
        if (tok(w, n)->c == '.' && tok(w, n)->gap == 0)
            n++;
        if (tok(w, n)->c == '#')
            n++;
        if (tok(w, n)->kind == TOK_NUMBER)
            return house_number(w, n);
        if (tok(w, n)->kind == TOK_WORD && width(tok(w, n)) == 1 && is_cap(tok(w, n)))
            return tok(w, n + 1)->kind == TOK_NUMBER && tok(w, n + 1)->gap == 0 ? n + 2
                                                                                : n + 1;
        return is_comma(tok(w, n)) && k > i ? n : i;
    }
    /* 1st floor marks of the south: 3o B, 1o A, with the sign glued to the digit */
    if (k > i && t->kind == TOK_NUMBER && width(t) <= 2 && tok(w, k + 1)->gap == 0 &&
        tok(w, k + 1)->kind == TOK_WORD && w->p[tok(w, k + 1)->start] < 0) {
        size_t n = k + 2;
        return tok(w, n)->kind == TOK_WORD && width(tok(w, n)) <= 3 && on_line(tok(w, n))
                   ? n + 1
                   : n;
    }
    return i;
}

/* Towns are one to three capital words, particles between. */
static size_t town(const struct window *w, size_t i)
{
    size_t k = i;
    while (k - i < 4 && tok(w, k)->kind == TOK_WORD &&
           !(tok(w, k)->lex & (LEX_MONTH | LEX_WEEKDAY | LEX_UNIT)) &&
           (k == i || on_line(tok(w, k))) &&
           (is_cap(tok(w, k)) ||
            (k > i && (tok(w, k)->lex & LEX_PARTICLE) && is_cap(tok(w, k + 1))))) {
        if (k > i && (tok(w, k)->lex & LEX_STOP) && !(tok(w, k)->lex & LEX_PARTICLE))
            break;
        if (tok(w, k + 1)->kind == TOK_NUMBER && tok(w, k + 1)->gap == 0)
            break; /* EH2: a postcode's first half */
        k++;
        if (tok(w, k)->c == '-' && tok(w, k)->gap == 0 && is_cap(tok(w, k + 1)))
            k++;
    }
    return k;
}

static bool is_state(const struct token *t)
{
    return t->letter == CASE_UPPER && (t->lex & LEX_STATE) && width(t) == 2;
}

/* The token past a postcode at i, or i. */
static size_t postcode(const struct window *w, size_t i)
{
    size_t end;
    return postcode_at(w, i, false, &end) != POSTCODE_PARTED ? end : i;
}

/* raleigh, nc 27601: in lower case the postcode must be there. */
static size_t small_place(const struct window *w, size_t k, size_t none)
{
    size_t t = k;
    while (t - k < 3 && tok(w, t)->letter == CASE_LOWER && on_line(tok(w, t)) &&
           !(tok(w, t)->lex & LEX_STOP))
        t++;
    size_t n = skip_comma(w, t);
    if (t > k && (tok(w, n)->lex & LEX_STATE) && width(tok(w, n)) == 2) {
        size_t p = postcode(w, n + 1);
        return p > n + 1 ? p : none;
    }
    return none;
}

/* ", Raleigh, NC 27601", ", 04109 Leipzig", "Edinburgh EH2 2LR"; a town needs a
 * postcode, a state or a comma before it to be taken. */
static size_t take_place(const struct window *w, size_t i, size_t *ret_plain)
{
    size_t k = skip_comma(w, i), p, t;
    *ret_plain = i;
    if (tok(w, k)->gap & GAP_BLANK_LINE)
        return i;
    if ((p = postcode(w, k)) > k) {
        t = town(w, p);
        return t > p && on_line(tok(w, p))            ? t
               : k > i || (tok(w, k)->gap & GAP_LINE) ? p
                                                      : i;
    }
    t = town(w, k);
    if (t == k)
        return small_place(w, k, i);
    bool split = k > i || (tok(w, k)->gap & GAP_LINE);
    size_t n = skip_comma(w, t);
    if (is_state(tok(w, n))) {
        p = postcode(w, n + 1);
        return p > n + 1 ? p : split ? n + 1 : i;
    }
    if ((p = postcode(w, n)) > n && !(tok(w, n)->gap & GAP_BLANK_LINE) &&
        (tok(w, n)->kind == TOK_WORD || !counts_things(w, k, t)))
        return p;
    /* The state may have been taken into the town: Raleigh NC 27601. */
    if (t > k + 1 && is_state(tok(w, t - 1)) && (p = postcode(w, t)) > t)
        return p;
    if (split && t - k <= 3)
        *ret_plain = t;
    return i;
}

static size_t join_block(const struct window *w, size_t end, bool *ret_joined)
{
    *ret_joined = false;
    for (int round = 0; round < 6; round++) {
        size_t plain, next = take_unit(w, end);
        if (next == end) {
            next = take_place(w, end, &plain);
            if (next > end)
                *ret_joined = true;
        }
        if (next == end) {
            size_t k = skip_comma(w, end);
            if (*ret_joined && (tok(w, k)->lex & LEX_COUNTRY) && is_cap(tok(w, k)))
                next = k + 1;
        }
        if (next == end)
            break;
        end = next;
    }
    return end;
}

static size_t with_unit_before(const struct window *w, size_t i)
{
    size_t k = i;
    if (k >= 1 && is_comma(tok(w, k - 1)))
        k--;
    if (k >= 2 && tok(w, k - 1)->kind == TOK_NUMBER && (tok(w, k - 2)->lex & LEX_UNIT) &&
        is_cap(tok(w, k - 2)))
        return k - 2;
    return i;
}

static void emit(struct window *w, size_t first, size_t end, int score,
                 enum guard_evidence e)
{
    while (end > first && tok(w, end - 1)->kind == TOK_PUNCT && tok(w, end - 1)->c != '.')
        end--;
    if (end > first)
        propose(w, tok(w, first)->start, tok(w, end - 1)->end, TYPE_ADDRESS, score, e);
    size_t place = skip_comma(w, end), last = town(w, place);
    if (place > end && last > place && !(tok(w, place)->gap & GAP_LINE) &&
        !(tok(w, place)->lex & LEX_STOP))
        propose(w, tok(w, place)->start, tok(w, last - 1)->end, TYPE_LOCATION, 55, e);
}

/* A second number before the first: a building, or a postcode without its town. */
static size_t with_number_before(const struct window *w, size_t i)
{
    if (i > 0 && tok(w, i - 1)->kind == TOK_NUMBER && width(tok(w, i - 1)) <= 6 &&
        tok(w, i)->gap == GAP_SPACE)
        return i - 1;
    return i;
}

/* number [,] street */
static bool number_first(struct window *w, size_t i, size_t *ret_next)
{
    size_t k = house_number(w, i), name, end;
    bool sure, joined;
    if (k == i || width(tok(w, i)) > 6)
        return false;
    name = skip_comma(w, k);
    if (!on_line(tok(w, name)))
        return false;
    if ((tok(w, name)->lex & LEX_DIRECTION) && tok(w, name)->letter == CASE_UPPER)
        name++;
    if (tok(w, name)->c == '.' && name > k)
        name++;
    end = street_name(w, name, &sure);
    if (end == name)
        return false;
    bool captioned =
        caption_distance(w, tok(w, i)->start, tok(w, end - 1)->end, CLS_ADDRESS) >= 0;
    size_t second = house_number(w, end);
    bool between =
        second > end && on_line(tok(w, end)) && tok(w, end)->gap &&
        width(tok(w, end)) <= 4 && tok(w, end)->c != '0' &&
        (sure || (tok(w, name)->letter == CASE_TITLE &&
                  !(tok(w, name)->names & NAME_FREQUENT))) &&
        end - name <= 4 && !(tok(w, name)->lex & LEX_STOP) && tok(w, name)->gap &&
        !(end - name == 1 && is_abbreviation(tok(w, name))); /* "27001, SOC 2" */
    if (between) {
        end = second;
        if (tok(w, end)->c == '.' && tok(w, end)->gap == 0)
            end++;
    }
    bool unit = take_unit(w, end) > end && is_cap(tok(w, name));
    size_t block = join_block(w, end, &joined);
    bool caps = is_cap(tok(w, name)) || past_ordinal(w, name) > name;
    if (!sure && !between && !unit && !(joined && (captioned || end - name >= 2) && caps))
        return false;
    if (!caps && !(tok(w, name)->lex & LEX_PREFIX_STREET) &&
        !ends_like_street(w, tok(w, end - 1)) && !joined && !captioned)
        return false; /* "2 way", "10 minutes walk" */
    emit(w, with_unit_before(w, with_number_before(w, i)), block,
         joined      ? 90
         : captioned ? 85
         : sure      ? 78
                     : 64,
         SAW_LEXICON);
    *ret_next = block;
    return true;
}

/* street number */
static bool street_first(struct window *w, size_t i, size_t *ret_next)
{
    bool sure, joined;
    size_t end = street_name(w, i, &sure);
    size_t k = skip_comma(w, end);
    if (end == i || !is_cap(tok(w, i)))
        return false;
    size_t n = house_number(w, k);
    if (k == end && !tok(w, k)->gap && tok(w, k)->kind == TOK_NUMBER && !sure)
        return false; /* "IPv4", "X509" */
    if (n == k || width(tok(w, k)) > 4 || !on_line(tok(w, k))) {
        /* A street without a number is half an address: worth hiding, no more. */
        const struct token *last =
            tok(w, end - 1)->c == '.' ? tok(w, end - 2) : tok(w, end - 1);
        if (!sure || !is_cap(last) || !(last->lex & LEX_STREET) || end - i > 4 ||
            (tok(w, i)->names & NAME_FREQUENT) || (tok(w, i)->lex & LEX_STOP))
            return false;
        emit(w, i, end, 52, SAW_LEXICON);
        *ret_next = end;
        return true;
    }
    size_t block = join_block(w, n, &joined);
    bool captioned =
        caption_distance(w, tok(w, i)->start, tok(w, n - 1)->end, CLS_ADDRESS) >= 0;
    if (!sure && !(joined && end - i <= 3 && !(tok(w, i)->lex & LEX_MONTH)) &&
        !(captioned && !(tok(w, i)->names & NAME_FREQUENT)))
        return false;
    if (!sure && !joined && (tok(w, i)->lex & LEX_STOP))
        return false;
    if (!sure && is_abbreviation(tok(w, i)) && end - i == 1)
        return false; /* "RFC 2119, RFC 7231" */
    emit(w, i, block, joined ? 90 : sure ? 74 : 60, SAW_LEXICON);
    *ret_next = block;
    return true;
}

/* "P.O." or "PO" before token i, a box: its first token; i: it is not there. */
static size_t post_office_before(const struct window *w, size_t i)
{
    size_t k = i;
    while (k > 0 && tok(w, k)->start - tok(w, k - 1)->end <= 1 &&
           width(tok(w, k - 1)) <= 2 && tok(w, k - 1)->kind != TOK_NUMBER)
        k--;
    const struct token *t = tok(w, k);
    return k < i && (t->c | 32) == 'p' && (i - k > 1 || (w->p[t->start + 1] | 32) == 'o')
               ? k
               : i;
}

/* "APO AE", ", DPO AA": mail of the army; the token past it and its postcode, or i. */
static size_t past_army_office(const struct window *w, size_t i)
{
    size_t k = skip_comma(w, i);
    if (!(tok(w, k)->lex & LEX_BOX) || width(tok(w, k)) != 3 || width(tok(w, k + 1)) != 2)
        return i;
    size_t p = postcode(w, k + 2);
    return p > k + 2 ? p : k + 2;
}

static bool is_word_box(const struct window *w, size_t i)
{
    return str_eq_nocase((struct str){w->p + tok(w, i)->start, width(tok(w, i))},
                         STR("box"));
}

/* Past "PSC 6293, Box 8158", or i. */
static size_t past_pair(const struct window *w, size_t i)
{
    size_t k = skip_comma(w, i + 2);
    bool is_pair = tok(w, i + 1)->kind == TOK_NUMBER && is_word_box(w, k) &&
                   tok(w, k + 1)->kind == TOK_NUMBER;
    return is_pair ? k + 2 : i;
}

/* PSC 6293, Box 8158 / APO AP 04336; Unit 4719 Box 7394 / DPO AA; P.O. Box 99 */
static bool boxed(struct window *w, size_t i, size_t *ret_next)
{
    const struct token *t = tok(w, i);
    if (t->kind != TOK_WORD || !(t->lex & (LEX_BOX | LEX_UNIT)))
        return false;
    bool is_small = t->letter == CASE_LOWER;
    size_t first = i, plain;
    size_t k = past_pair(w, i);
    if (k == i || (is_small && past_army_office(w, k) == k)) {
        first = is_word_box(w, i) ? post_office_before(w, i) : i;
        if (first == i || tok(w, i + 1)->kind != TOK_NUMBER)
            return false;
        k = i + 2;
    }
    first = with_number_before(w, first);
    size_t office = past_army_office(w, k);
    if (office > k) {
        k = office;
    } else {
        size_t p = take_unit(w, k);
        p = take_place(w, p, &plain);
        k = p > k ? p : k;
    }
    emit(w, first, k, 88, SAW_LEXICON);
    *ret_next = k;
    return true;
}

void find_addresses(struct window *w)
{
    find_captioned_addresses(w);
    for (size_t i = 0; i < w->ntok;) {
        const struct token *t = &w->tok[i];
        size_t next = i + 1;
        bool may_be_box = t->lex & (LEX_BOX | LEX_UNIT);
        bool may_begin = t->kind == TOK_NUMBER || is_cap(t) || may_be_box;
        bool begins =
            may_begin &&
            (t->gap || t->start == 0 ||
             (!is_alnum(w->p[t->start - 1]) && !strchr(".$-/:+", w->p[t->start - 1])));
        if (begins && t->kind == TOK_NUMBER) {
            if (number_first(w, i, &next) && next <= i)
                next = i + 1;
        } else if (begins && (!may_be_box || !boxed(w, i, &next)) && is_cap(t)) {
            street_first(w, i, &next);
        }
        i = next > i ? next : i + 1;
    }
}
