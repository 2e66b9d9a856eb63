/* private_text.c -- see private_text.h. */
#include "scan/names/private_text.h"

#include "scan/names/private_inside.h"
#include "scan/names/whole.h"
#include "scan/text/kind.h"
#include "scan/text/stems.h"

/* Of the prior's score: from here on a text speaks of private people; where it has a name
 * and a way to reach somebody, it may be lower. */
enum { ABOUT_LEAST = -24, ABOUT_LEAST_REACHED = -60 };

static bool is_contact(unsigned type)
{
    return type == TYPE_EMAIL || type == TYPE_PHONE || type == TYPE_ADDRESS ||
           type == TYPE_DOB || type == TYPE_ID_NUMBER;
}

static bool is_somebody(const struct span *s)
{
    return s->score >= PRIVATE_SURE && s->type == TYPE_PERSON && !s->is_alone;
}

static bool is_reach(const struct span *s)
{
    return s->score >= PRIVATE_SURE && is_contact(s->type) && !s->is_allowed;
}

bool may_be_private_text(const struct window *w)
{
    for (size_t i = 0; i < w->nfound; i++)
        if (is_reach(&w->found[i]) || is_somebody(&w->found[i]))
            return true;
    return false;
}

static bool has_both(const struct window *w)
{
    bool named = false, reached = false;
    for (size_t i = 0; i < w->nfound; i++) {
        named |= is_somebody(&w->found[i]);
        reached |= is_reach(&w->found[i]);
    }
    return named && reached;
}

bool is_taken(const struct window *w, struct taken *t, size_t start, size_t end)
{
    while (t->next < t->n && w->found[t->next].end <= start)
        t->next++;
    return t->next < t->n && w->found[t->next].start < end;
}

bool is_glued(const struct window *w, size_t start, size_t end)
{
    char before = start ? w->p[start - 1] : ' ', behind = w->p[end];
    return is_alnum(before) || strchr("_@./\\-#$&=%", before) || is_alnum(behind) ||
           behind == '_' || behind == '@' || behind == '\\' ||
           (behind && strchr("./-=(", behind) &&
            (is_alnum(w->p[end + 1]) || w->p[end + 1] == ')'));
}

/* A whole date of a year in which somebody grown was born. */
static void take_days_of_birth(struct window *w)
{
    enum { BORN_FROM = 1925, BORN_TO = 2010, YEAR = 4 };
    for (size_t i = 0; i < w->nfound; i++) {
        struct span *s = &w->found[i];
        int year = 0;
        if (s->type != TYPE_DATE_TIME || s->end - s->start < 8 || s->end - s->start > 18)
            continue;
        for (size_t k = s->start; k + YEAR <= s->end; k++) {
            size_t digits = 0;
            while (k + digits < s->end && is_digit(w->p[k + digits]))
                digits++;
            if ((k == s->start || !is_digit(w->p[k - 1])) && digits == YEAR)
                year = (w->p[k] - '0') * 1000 + (w->p[k + 1] - '0') * 100 +
                       (w->p[k + 2] - '0') * 10 + (w->p[k + 3] - '0');
        }
        if (year >= BORN_FROM && year <= BORN_TO)
            s->type = TYPE_DOB;
    }
}

/* May be a part of an address. */
static bool is_soft(const struct span *s)
{
    return s->type == TYPE_PERSON || s->type == TYPE_ADDRESS ||
           s->type == TYPE_LOCATION || s->type == TYPE_POSTCODE;
}

/* What leaves as it is hides no value: a number may look like a place. */
static bool is_low(const struct span *s)
{
    return s->type == TYPE_LOCATION || s->type == TYPE_ORG || s->type == TYPE_NRP ||
           s->type == TYPE_TITLE || s->type == TYPE_POSTCODE;
}

/* A text about private people and of illness: whoever is named in it is surely somebody.
 */
static void be_sure_of_patients(struct window *w)
{
    enum { NAMED_LEAST = 52, OF_PATIENT = 78 };
    for (size_t i = 0; w->clinical.weight >= CLINICAL_LEAST && i < w->nfound; i++) {
        struct span *s = &w->found[i];
        if (s->type == TYPE_PERSON && !s->is_alone && s->score >= NAMED_LEAST &&
            s->score < OF_PATIENT)
            s->score = OF_PATIENT;
    }
}

/* An address ends with its word: "H2X 1A5". */
static void end_addresses(struct window *w)
{
    for (size_t i = 0; i < w->nfound; i++)
        while (w->found[i].type == TYPE_ADDRESS && w->found[i].end < w->n &&
               is_alnum(w->p[w->found[i].end]) && is_alnum(w->p[w->found[i].end - 1]))
            w->found[i].end++;
}

/* Several readers ask for them. */
static bool read_stems(struct window *w)
{
    char folded[STEM_FOLD_BYTES];
    w->stems = arena_raw_array(w->a, uint64_t, w->ntok + 1);
    for (size_t i = 0; w->stems && i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        w->stems[i] =
            t->kind == TOK_WORD ? stems_of(stem_fold(token_str(w, t), folded)) : 0;
    }
    return w->stems != NULL;
}

static void read_tokens(struct window *w)
{
    static size_t (*const readers[])(struct window *, size_t) = {
        read_private_national, read_private_plate,    read_private_postcode,
        read_private_phone,    read_private_initials, read_private_staff,
        read_private_serial};
    struct taken taken = {.n = w->nfound};
    for (size_t i = 0; i < w->ntok;) {
        const struct token *t = &w->tok[i];
        size_t past = i;
        const struct span *s =
            is_taken(w, &taken, t->start, t->end) ? &w->found[taken.next] : NULL;
        if (t->kind != TOK_PUNCT && (!s || is_soft(s)))
            past = read_private_address(w, i);
        if (s && s->type == TYPE_PHONE && s->start == t->start)
            past = read_private_national(w, i);
        for (size_t k = 0; t->kind != TOK_PUNCT && (!s || is_low(s)) && past == i &&
                           k < ARRAY_LEN(readers);
             k++)
            past = readers[k](w, i);
        if (t->kind != TOK_PUNCT && !s && past == i)
            past = read_private_name(w, i);
        i = past > i ? past : i + 1;
    }
}

void find_in_private_text(struct window *w, int about)
{
    if (about < ABOUT_LEAST_REACHED || (about < ABOUT_LEAST && !has_both(w)) ||
        !may_be_private_text(w) || text_is_program((struct str){w->p, w->n}))
        return;
    if (!read_stems(w)) {
        w->failed = true;
        return;
    }
    find_speakers(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    read_tokens(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_address_chains(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_private_handles(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_first_names_again(w);
    find_far_names_again(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    take_private_names_whole(w);
    end_addresses(w);
    be_sure_of_patients(w);
    w->nfound = resolve_spans(w->found, w->nfound);
    find_private_accounts(w);
    take_days_of_birth(w);
    w->nfound = resolve_spans(w->found, w->nfound);
}
