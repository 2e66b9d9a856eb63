/* pairs.c -- values that stand under a telling name, in whatever notation.
 *
 * read/ finds the pairs, telling.h says what a name means, judge.h whether the value is
 * one.  What is left here: which type a telling is, and which stretch of the text is
 * hidden.  Numbers whose detectors check digits are given to those as fields
 * (context.c), too. */
#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/read/form_words.h"
#include "scan/read/judge.h"
#include "scan/read/known_form.h"
#include "scan/read/name_words.h"
#include "scan/read/read.h"
#include "scan/text/letters.h"
#include "scan/text/lexicon.h"

enum { MAX_NAMES = 64, RECORD_BYTES = 400, MEMOS = 64, MAX_NUMBER = 48 };

/* What a telling is as a type and for the other detectors. */
struct kind {
    uint8_t type, cls;
};

static const struct kind kinds[TELLING_COUNT] = {
    [TELLS_PASSWORD] = {TYPE_PASSWORD, CLS_PASSWORD},
    [TELLS_PIN] = {TYPE_PASSWORD, CLS_PASSWORD},
    [TELLS_TOKEN] = {TYPE_SECRET, CLS_NONE},
    [TELLS_KEY] = {TYPE_SECRET, CLS_NONE},
    [TELLS_SESSION] = {TYPE_SECRET, CLS_NONE},
    [TELLS_CVC] = {TYPE_SECRET, CLS_NONE},
    [TELLS_HASH] = {TYPE_SECRET, CLS_NONE},
    [TELLS_CONNECTION] = {TYPE_SECRET, CLS_NONE},
    [TELLS_USER] = {TYPE_USERNAME, CLS_USER},
    [TELLS_PERSON] = {TYPE_PERSON, CLS_NAME},
    [TELLS_FIRST] = {TYPE_PERSON, CLS_FIRST},
    [TELLS_LAST] = {TYPE_PERSON, CLS_LAST},
    [TELLS_NAME] = {TYPE_PERSON, CLS_NAME},
    [TELLS_DOB] = {TYPE_DOB, CLS_DOB},
    [TELLS_ADDRESS] = {TYPE_ADDRESS, CLS_ADDRESS},
    [TELLS_POSTCODE] = {TYPE_POSTCODE, CLS_PLZ},
    [TELLS_CITY] = {TYPE_LOCATION, CLS_CITY},
    [TELLS_PHONE] = {TYPE_PHONE, CLS_PHONE},
    [TELLS_EMAIL] = {TYPE_EMAIL, CLS_EMAIL},
    [TELLS_MRN] = {TYPE_MRN, CLS_MRN},
    [TELLS_PLAN] = {TYPE_HEALTH_PLAN_ID, CLS_PLAN},
    [TELLS_NATIONAL] = {TYPE_ID_NUMBER, CLS_IDENTITY},
    [TELLS_TAX] = {TYPE_ID_NUMBER, CLS_TAX},
    [TELLS_PASSPORT] = {TYPE_PASSPORT, CLS_PASSPORT},
    [TELLS_LICENSE] = {TYPE_DRIVER_LICENSE, CLS_LICENSE},
    [TELLS_ACCOUNT] = {TYPE_US_BANK_ACCOUNT, CLS_ACCOUNT},
    [TELLS_ROUTING] = {TYPE_US_ABA_ROUTING, CLS_ROUTING},
    [TELLS_BIC] = {TYPE_SWIFT_BIC, CLS_SWIFT},
    [TELLS_IBAN] = {TYPE_IBAN, CLS_IBAN},
    [TELLS_CARD] = {TYPE_CREDIT_CARD, CLS_CARD},
    [TELLS_PLATE] = {TYPE_LICENSE_PLATE, CLS_PLATE},
    [TELLS_VIN] = {TYPE_VIN, CLS_VIN},
    [TELLS_EMPLOYEE] = {TYPE_EMPLOYEE_ID, CLS_EMPLOYEE},
    [TELLS_HOST] = {TYPE_HOSTNAME, CLS_HOST},
    [TELLS_DEVICE] = {TYPE_DEVICE_ID, CLS_NONE},
};

/* A name that stands over many values (a column's head) is looked up once. */
struct name_memo {
    uint32_t start, end;
    struct told told;
    uint64_t roles; /* name_roles(), once somebody has asked */
    bool has_roles;
};

struct pairs {
    struct window *w;
    struct name_memo memo[MEMOS];
    struct pair name[MAX_NAMES]; /* of whom is open until the record is read */
    size_t nnames;
    uint32_t personal[MAX_NAMES]; /* where something personal stands */
    size_t npersonal;
    bool is_club; /* the pair being taken is a member's number of no health plan */
};

static struct name_memo *memo_of(struct pairs *x, const struct pair *p)
{
    struct name_memo *m = &x->memo[p->name % MEMOS];
    struct str name = {x->w->p + p->name, p->name_end - p->name};
    if (m->end != p->name_end || m->start != p->name)
        *m = (struct name_memo){
            .start = p->name, .end = p->name_end, .told = telling_of(name)};
    return m;
}

static uint64_t roles_of(struct name_memo *m, struct str name)
{
    if (!m->has_roles)
        m->roles = name_roles(name);
    m->has_roles = true;
    return m->roles;
}

/* Whether the words of a name are worth a look, where no row has the whole name. */
static bool may_say_more(const struct pair *p, struct told t)
{
    bool is_weak = t.what <= TELLS_FAKE || t.what >= TELLS_MAKER || t.is_inner ||
                   t.what == TELLS_EMPLOYEE || t.what == TELLS_DEVICE ||
                   t.what == TELLS_USER || t.what == TELLS_KEY;
    bool has_place = p->notation == NOTE_DATA || p->notation == NOTE_FORM ||
                     p->notation == NOTE_TABLE || (p->notation == NOTE_CODE && p->quote);
    return is_weak && has_place && !t.is_neuter;
}

/* What the pair's name tells of its value; *note: a form of a scheme may say it. */
static struct told told_of(struct pairs *x, const struct pair *p, enum notation *note)
{
    if (p->says)
        return (struct told){.what = p->says};
    enum { DIGITS_LEAST = 2, LEAST = 4 };
    struct name_memo *m = memo_of(x, p);
    struct str value =
        str_trim((struct str){x->w->p + p->value, p->value_end - p->value});
    struct str name = {x->w->p + p->name, p->name_end - p->name};
    bool is_in_form = false;
    if (value.n < LEAST || value.n > MAX_NUMBER || !may_say_more(p, m->told) ||
        count_digits(value) < DIGITS_LEAST || !roles_of(m, name))
        return m->told;
    enum telling what = paper_of(name, m->roles, value, &is_in_form);
    what = what ? what : secret_of(m->roles, value);
    *note = is_in_form ? NOTE_SCHEME : *note;
    bool is_open = m->told.what <= TELLS_FAKE || m->told.what >= TELLS_MAKER ||
                   m->told.is_inner || m->told.what == TELLS_KEY ||
                   (m->told.what == TELLS_USER && count_digits(value) == value.n);
    return what && (is_in_form || is_open) ? (struct told){.what = (uint8_t)what}
                                           : m->told;
}

static void propose_str(struct window *w, struct str v, enum guard_type t, unsigned score)
{
    if (score && v.n)
        propose(w, (size_t)(v.p - w->p), (size_t)(v.p - w->p) + v.n, t, (int)score,
                SAW_WORD);
}

/* -- persons ----------------------------------------------------------------------- */

/* The words of a name from the value's front, without its titles: capitals, other
 * scripts, initials, particles between; what follows them is no part of it. */
struct name_seen {
    size_t start, end, words;
};

static bool continues_name(const struct window *w, const struct token *t, bool *ret_part)
{
    bool capital = t->letter == CASE_TITLE || t->letter == CASE_UPPER ||
                   t->letter == CASE_MIXED || w->p[t->start] < 0;
    *ret_part =
        t->lex & LEX_PARTICLE ||
        (t->start > 0 && (w->p[t->start - 1] == '-' || w->p[t->start - 1] == '\''));
    return capital || *ret_part;
}

static struct name_seen see_name(const struct window *w, const struct pair *p)
{
    struct name_seen n = {.start = p->value, .end = p->value};
    bool any_case = p->notation == NOTE_TABLE || p->notation == NOTE_SEGMENT;
    for (size_t i = token_at(w, p->value); i < w->ntok && n.words < 6; i++) {
        const struct token *t = &w->tok[i];
        bool part = false;
        if (t->start >= p->value_end || t->kind == TOK_NUMBER ||
            (t->gap & GAP_LINE && t->start > p->value))
            break;
        if (t->kind == TOK_PUNCT) {
            if (!strchr(".,'-^*", t->c) || (t->c == '.' && t->gap))
                break;
            continue;
        }
        if (n.words == 0 && t->lex & LEX_TITLE && !(t->names & NAME_FIRST)) {
            n.start = n.end = t->end;
            continue;
        }
        if (!continues_name(w, t, &part) && !any_case)
            break;
        if (t->lex & (LEX_COMPANY | LEX_STOP) && !part &&
            !(t->names & (NAME_FIRST | NAME_LAST)))
            return (struct name_seen){0};
        n.start = n.words ? n.start : t->start;
        n.words += !part;
        n.end = t->end;
    }
    return n;
}

/* Not "Patient: Stable", "Guest: None": some word is no everyday one.  Not "D" either,
 * nor "OR CONTRIBUTORS BE LIABLE", with two function words in it. */
static bool may_be_name(const struct window *w, size_t from, size_t to)
{
    enum { STOPS_MOST = 1 };
    size_t stops = 0;
    bool is_rare = false;
    if (to - from == 1 && w->p[from] > 0)
        return false;
    for (size_t i = token_at(w, (uint32_t)from); i < w->ntok && w->tok[i].start < to;
         i++) {
        const struct token *t = &w->tok[i];
        if (t->kind != TOK_WORD || (t->lex & (LEX_TITLE | LEX_PARTICLE)))
            continue;
        stops += (t->lex & LEX_STOP) != 0;
        is_rare |= t->names & (NAME_FIRST | NAME_LAST) || !(t->names & NAME_COMMON);
    }
    return is_rare && stops <= STOPS_MOST;
}

static void take_person(struct pairs *x, const struct pair *p, enum telling what,
                        bool is_inner)
{
    struct window *w = x->w;
    struct name_seen n = see_name(w, p);
    if (is_inner || n.words == 0 || (p->notation == NOTE_CODE && !p->quote) ||
        p->notation == NOTE_LINE || (what == TELLS_NAME && n.words < 2))
        return;
    struct str v = {w->p + n.start, n.end - n.start};
    if (!has_letter(v) || is_placeholder(v) || telling_of(v).what ||
        !may_be_name(w, n.start, n.end))
        return;
    propose_str(w, v, TYPE_PERSON, what == TELLS_PERSON && n.words == 1 ? 70 : 82);
}

/* -- the rest ---------------------------------------------------------------------- */

static void take_number(struct pairs *x, const struct given *g)
{
    unsigned score = judge_number(g);
    struct str v = str_trim(g->value);
    v = g->note == NOTE_SCHEME ? v : number_at_front(v);
    if (g->what == TELLS_CARD && (count_digits(v) < 12 || count_digits(v) > 19))
        return;
    bool is_club = g->what == TELLS_PLAN && x->is_club;
    if (g->what == TELLS_ROUTING && (count_digits(v) < 6 || count_digits(v) > 11))
        return;
    if (g->what == TELLS_BIC && v.n != 8 && v.n != 11)
        return;
    propose_str(x->w, v, is_club ? TYPE_ID_NUMBER : (enum guard_type)kinds[g->what].type,
                !score    ? 0
                : is_club ? SCORE_OF_CLUB
                          : score - 2);
}

static void take_phone(struct pairs *x, const struct given *g)
{
    struct str v = number_at_front(str_trim(g->value));
    size_t digits = count_digits(v), letters = 0;
    for (size_t i = 0; i < v.n; i++)
        letters += is_alpha(v.p[i]);
    if (digits >= 7 && digits <= 15 && letters == 0 &&
        !(g->note == NOTE_CODE && !g->is_quoted) && !g->is_inner)
        propose_str(x->w, v, TYPE_PHONE, 75);
}

/* A webhook: by its name or by the place of its key. */
static void take_connection(struct pairs *x, const struct given *g)
{
    struct str v = str_trim(g->value);
    for (size_t i = 0; i < v.n; i++)
        if ((unsigned char)v.p[i] <= ' ')
            v.n = i;
    if (g->is_said && v.n >= 12 && count_digits(v) >= 2 && !is_placeholder(v))
        propose_str(x->w, v, TYPE_SECRET, 92);
}

static void take_secret(struct pairs *x, const struct given *g)
{
    struct str v = judge_trim(g);
    unsigned score = judge_secret(g);
    size_t end = v.n ? (size_t)(v.p + v.n - x->w->p) : 0;
    if (score && !is_elided((struct str){x->w->p, x->w->n}, end))
        propose_str(x->w, v, (enum guard_type)kinds[g->what].type, score);
}

/* "PASSWORD@HOST:5432/db": what stands behind the host is its port. */
static bool is_port(struct str login, size_t colon)
{
    size_t i = colon + 1;
    if (!memchr(login.p, '@', colon))
        return false;
    while (i < login.n && is_digit(login.p[i]))
        i++;
    return i > colon + 1 && i - colon - 1 <= 5 &&
           (i == login.n || strchr("/?#,;\"'`", login.p[i]));
}

/* user = "bob:secret", "login for the demo: bob/secret" */
static void take_login(struct pairs *x, const struct given *g)
{
    struct str v = str_trim(g->value);
    ptrdiff_t colon = str_index(v, ':'), slash = str_index(v, '/');
    struct given password = *g;
    if (colon < 0 && slash > 2 &&
        !memchr(v.p + slash + 1, '/', v.n - (size_t)slash - 1) &&
        !memchr(v.p, '.', v.n) && v.n - (size_t)slash > 7 &&
        count_digits(str_sub(v, (size_t)slash, v.n)) >= 2)
        colon = slash;
    if (colon < 2 || (g->note == NOTE_CODE && !g->is_quoted) || is_port(v, (size_t)colon))
        return;
    password.value = str_sub(v, (size_t)colon + 1, v.n);
    password.what = TELLS_PASSWORD;
    if (password.value.n >= 5 && count_digits(password.value) && !memchr(v.p, ' ', v.n) &&
        judge_secret(&password) >= 80)
        take_secret(x, &password);
}

static void take(struct pairs *x, const struct given *g)
{
    switch (g->what) {
    case TELLS_PASSWORD:
    case TELLS_PIN:
    case TELLS_TOKEN:
    case TELLS_KEY:
    case TELLS_SESSION:
    case TELLS_CVC:
    case TELLS_HASH:
        take_secret(x, g);
        break;
    case TELLS_CONNECTION:
        take_connection(x, g);
        break;
    case TELLS_USER:
        take_login(x, g);
        propose_str(x->w, str_trim(g->value), TYPE_USERNAME, judge_user(g));
        break;
    case TELLS_DOB:
        propose_str(x->w, str_trim(g->value), TYPE_DOB, judge_date(g));
        break;
    case TELLS_ADDRESS:
        propose_str(x->w, str_trim(g->value), TYPE_ADDRESS, judge_address(g));
        break;
    case TELLS_HOST:
        propose_str(x->w, str_trim(g->value), TYPE_HOSTNAME, judge_host(g));
        break;
    case TELLS_PHONE:
        take_phone(x, g);
        break;
    case TELLS_MRN:
    case TELLS_PLAN:
    case TELLS_NATIONAL:
    case TELLS_TAX:
    case TELLS_PASSPORT:
    case TELLS_LICENSE:
    case TELLS_ACCOUNT:
    case TELLS_ROUTING:
    case TELLS_BIC:
    case TELLS_CARD:
    case TELLS_PLATE:
    case TELLS_VIN:
    case TELLS_EMPLOYEE:
    case TELLS_DEVICE:
        take_number(x, g);
        break;
    default:
        break;
    }
}

static bool is_personal(enum telling t)
{
    return t == TELLS_DOB || t == TELLS_PHONE || t == TELLS_EMAIL || t == TELLS_ADDRESS ||
           t == TELLS_FIRST || t == TELLS_LAST || t == TELLS_MRN || t == TELLS_NATIONAL ||
           t == TELLS_EMPLOYEE || t == TELLS_PLAN || t == TELLS_PASSPORT ||
           t == TELLS_POSTCODE || t == TELLS_IBAN || t == TELLS_CARD ||
           t == TELLS_ACCOUNT;
}

/* Whether a name tells something of a value that other words part from it. */
static bool reaches(struct told t, const struct pair *p, struct str v)
{
    bool is_year = v.n == 4 && (v.p[0] == '1' || v.p[0] == '2') && count_digits(v) == 4 &&
                   (str_starts(v, STR("19")) || str_starts(v, STR("20")));
    switch (t.what) {
    case TELLS_NATIONAL:
    case TELLS_PLAN:
    case TELLS_MRN:
    case TELLS_TAX:
    case TELLS_PASSPORT:
    case TELLS_LICENSE:
    case TELLS_ACCOUNT:
    case TELLS_CARD:
        return !t.is_inner && !t.is_front;
    case TELLS_CVC:
        return v.n <= 4 && !t.is_inner && !t.is_front;
    case TELLS_PIN:
        return p->notation == NOTE_STATED && !t.is_inner && !t.is_front && !is_year;
    default:
        return false;
    }
}

/* "${PASSWORD:?is not set}": what the shell says when there is none. */
static bool is_message(const struct window *w, const struct pair *p)
{
    return !p->quote && !p->says && p->value > 0 && w->p[p->value] == '?' &&
           w->p[p->value - 1] == ':';
}

/* "typedef struct key_bag key_bag": the name once more. */
static bool repeats_name(const struct window *w, const struct pair *p)
{
    struct str name = {w->p + p->name, p->name_end - p->name};
    struct str value = str_trim((struct str){w->p + p->value, p->value_end - p->value});
    return value.n > 0 && str_ends(name, value) &&
           (name.n == value.n || !is_alnum(name.p[name.n - value.n - 1]));
}

/* "RFC 7230-7235": name and value are the number of a standard. */
static bool is_standard(const struct window *w, const struct pair *p)
{
    size_t from = p->name_end;
    while (from > p->name && (unsigned char)w->p[from - 1] > ' ')
        from--;
    return p->value > p->name_end && p->value - p->name_end == 1 &&
           is_of_register((struct str){w->p + from, p->value_end - from});
}

static void take_pair(void *ctx, const struct pair *p)
{
    struct pairs *x = ctx;
    if (is_message(x->w, p) || repeats_name(x->w, p) || is_standard(x->w, p))
        return;
    bool is_apart = p->notation == NOTE_APART || p->notation == NOTE_STATED;
    enum notation note = is_apart ? NOTE_LINE : (enum notation)p->notation;
    struct told t = told_of(x, p, &note);
    struct str name = {x->w->p + p->name, p->name_end - p->name};
    struct str value = {x->w->p + p->value, p->value_end - p->value};
    bool is_for_some = t.is_front && note == NOTE_LINE &&
                       !(t.what == TELLS_PASSWORD && can_only_be_password(value));
    if (t.what <= TELLS_FAKE || t.what >= TELLS_MAKER ||
        (is_apart && !reaches(t, p, value)) || is_for_some)
        return;
    const struct given g = {.value = value,
                            .what = (enum telling)t.what,
                            .note = note,
                            .is_quoted = p->quote != 0,
                            .is_inner = t.is_inner,
                            .is_said = p->says != 0,
                            .is_explicit = t.what == TELLS_PASSWORD && !p->says &&
                                           names_password(name)};
    if (!may_spend(x->w))
        return;
    spend(x->w, g.value.n);
    if (is_personal(g.what) && !(g.note == NOTE_CODE && !g.is_quoted))
        x->personal[x->npersonal++ % MAX_NAMES] = p->value;
    x->is_club = g.what == TELLS_PLAN && !p->says && names_club_member(x->w, name);
    if (kinds[t.what].cls && !x->is_club && note != NOTE_LINE && !t.is_inner)
        add_field(x->w, p->value, p->value_end, kinds[t.what].cls);
    if (g.what == TELLS_NAME) {
        x->name[x->nnames++ % MAX_NAMES] = *p;
        return;
    }
    if (g.what == TELLS_PERSON || g.what == TELLS_FIRST || g.what == TELLS_LAST)
        take_person(x, p, g.what, t.is_inner);
    else
        take(x, &g);
}

/* A "name" is a person's where something else of a person stands near. */
static void take_names(struct pairs *x)
{
    size_t nnames = x->nnames < MAX_NAMES ? x->nnames : MAX_NAMES;
    size_t npersonal = x->npersonal < MAX_NAMES ? x->npersonal : MAX_NAMES;
    for (size_t i = 0; i < nnames; i++)
        for (size_t k = 0; k < npersonal; k++) {
            uint32_t a = x->name[i].value, b = x->personal[k];
            if ((a > b ? a - b : b - a) > RECORD_BYTES)
                continue;
            take_person(x, &x->name[i], TELLS_NAME, false);
            break;
        }
}

/* Puts blanks there in a copy of the text; false: no memory. */
static bool blank_out(struct window *w, char **copy, size_t at, size_t n)
{
    if (!*copy) {
        *copy = arena_raw(w->a, w->n + 1);
        if (!*copy)
            return false;
        memcpy(*copy, w->p, w->n + 1);
    }
    memset(*copy + at, ' ', n);
    return true;
}

/* With blanks for what tools print before the lines of files, and for the numbers of
 * tickets.  Without memory the text as it is: it may be read wrong, but is read. */
static struct str without_places(struct window *w)
{
    struct str text = {w->p, w->n}, rest = text, line;
    struct hits hits = {0};
    char *copy = NULL;
    while (str_split(&rest, '\n', &line)) {
        size_t n = hit_lead(&hits, line, rest);
        if (n && !blank_out(w, &copy, (size_t)(line.p - w->p), n))
            return text;
    }
    for (const char *p = w->p; (p = memchr(p, '#', w->n - (size_t)(p - w->p))); p++) {
        size_t at = (size_t)(p - w->p), end = ticket_end(text, at);
        if (end > at && !blank_out(w, &copy, at, end - at))
            return text;
    }
    return copy ? (struct str){copy, w->n} : text;
}

void find_pairs(struct window *w)
{
    struct pairs x = {.w = w};
    if (!read_pairs(without_places(w), take_pair, &x))
        w->is_unsure = true;
    take_names(&x);
    sort_fields(w);
}
