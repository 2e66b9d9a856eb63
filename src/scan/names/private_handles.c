/* private_handles.c -- accounts in a text about private people: see private_text.h.
 *
 *     moonpetal_7: did you get it      add me on snap: jules_p22      ask @lindqvist_p
 *     exported by karen1978            CORP\nadia.holm                C:\Users\t.nguyen
 *
 * A handle is written in small letters, with digits or marks inside.  One that has them
 * is somebody's behind a word for accounts or for who did it; one without is where no
 * list knows the word, or where a sign says so. */
#include "scan/names/private_inside.h"
#include "scan/text/facts.h"
#include "scan/text/kind.h"
#include "scan/text/stems.h"

enum {
    HANDLE_LEAST = 3,
    HANDLE_MOST = 32,
    HANDLES_MOST = 48,
    LABELS_MOST = 96,
    FILLERS_MOST = 5,
    TOLD_LEAST = 5 /* letters of one without digits or marks */
};

struct handle {
    size_t start, end, letters, upper, digits, marks;
};

static bool is_handle_sign(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

/* What is written without a break from here on; `any`: with other letters than Latin
 * ones, too. */
static struct handle word_at(const struct window *w, size_t start, bool any)
{
    struct handle h = {.start = start, .end = start};
    while ((is_handle_sign(w->p[h.end]) || (any && w->p[h.end] < 0)) &&
           h.end - start <= HANDLE_MOST)
        h.end++;
    while (h.end > start && w->p[h.end - 1] >= 0 && !is_alnum(w->p[h.end - 1]) &&
           w->p[h.end - 1] != '_')
        h.end--;
    for (size_t i = start; i < h.end; i++) {
        h.letters += is_alpha(w->p[i]) || w->p[i] < 0;
        h.upper += is_upper(w->p[i]);
        h.digits += is_digit(w->p[i]);
        h.marks += w->p[i] >= 0 && !is_alnum(w->p[i]);
    }
    return h;
}

static struct handle handle_at(const struct window *w, size_t start)
{
    return word_at(w, start, false);
}

static struct str handle_str(const struct window *w, const struct handle *h)
{
    return (struct str){w->p + h->start, h->end - h->start};
}

/* Names of nobody: of roles, of programs' own accounts. */
static bool is_role(struct str s)
{
    static const char *const words[] = {
        "root",     "admin",     "administrator", "system",   "user",    "users",
        "guest",    "here",      "channel",       "everyone", "all",     "default",
        "test",     "nobody",    "local",         "service",  "public",  "support",
        "info",     "bot",       "team",          "none",     "null",    "true",
        "false",    "localhost", "home",          "shared",   "desktop", "documents",
        "username", "name",      "password",      "login",    "account"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* A file, a version, a machine: "notes.txt", "v1.2", "mail.example.org". */
static bool is_of_machine(struct str s)
{
    static const char *const ends[] = {
        ".txt",      ".pdf",  ".doc", ".docx", ".xls", ".xlsx",    ".csv",     ".png",
        ".jpg",      ".jpeg", ".com", ".org",  ".net", ".de",      ".io",      ".html",
        ".js",       ".py",   ".c",   ".h",    ".md",  ".json",    ".yaml",    ".yml",
        ".log",      ".zip",  ".exe", ".dll",  ".so",  ".service", ".example", ".local",
        ".internal", ".uk",   ".fr",  ".eu",   ".gov", ".edu",     ".php",     ".sh",
        ".conf",     ".cfg",  ".ini", ".xml",  ".sql", ".java"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (s.n > strlen(ends[i]) &&
            str_eq_nocase(str_sub(s, s.n - strlen(ends[i]), s.n), str_of(ends[i])))
            return true;
    return false;
}

static bool may_be_handle(const struct window *w, const struct handle *h)
{
    size_t n = h->end - h->start;
    struct str s = handle_str(w, h);
    return n >= HANDLE_LEAST && n <= HANDLE_MOST && h->letters >= 2 && !is_role(s) &&
           !is_of_machine(s) && w->p[h->end] != '@' && w->p[h->end] != '(' &&
           !(w->p[h->end] == '/' || w->p[h->end] == '=');
}

/* Digits or marks inside, as no word of a language has them. */
static bool is_odd(const struct window *w, const struct handle *h)
{
    bool ends_odd = h->digits && is_digit(w->p[h->end - 1]);
    bool has_mark = false;
    for (size_t i = h->start + 1; i + 1 < h->end; i++)
        has_mark |= w->p[i] == '_' || (w->p[i] == '.' && is_alpha(w->p[i + 1]));
    return is_alpha(w->p[h->start]) && h->upper <= 2 && h->letters >= 3 &&
           (ends_odd || has_mark || w->p[h->end - 1] == '_');
}

/* One word in small letters that no list has. */
static bool is_unheard(const struct window *w, const struct handle *h)
{
    if (h->upper || h->digits || h->marks || h->letters < TOLD_LEAST)
        return false;
    const struct token *t = private_token(w, token_at(w, (uint32_t)h->start));
    if (t->start != h->start || t->end != h->end || t->lex || t->cls ||
        (t->names & (NAME_COMMON | NAME_FREQUENT)))
        return false;
    char folded[STEM_FOLD_BYTES];
    struct str s = stem_fold(token_str(w, t), folded);
    return (facts_find(word_hash(s.p, s.n)) & FACT_FREQUENCY) == 0;
}

static bool is_free(const struct window *w, size_t start, size_t end)
{
    for (size_t i = 0; i < w->nfound; i++) {
        const struct span *s = &w->found[i];
        if (s->start < end && s->end > start &&
            guard_type_group((enum guard_type)s->type) != GROUP_LOW &&
            !(s->type == TYPE_PERSON && (s->is_alone || s->end < end)))
            return false;
    }
    return true;
}

static bool give(struct window *w, const struct handle *h)
{
    if (!is_free(w, h->start, h->end))
        return false;
    for (size_t i = 0; i < w->nfound; i++)
        if (w->found[i].start >= h->start && w->found[i].end <= h->end)
            w->found[i].score = 1;
    propose(w, h->start, h->end, TYPE_USERNAME, PRIVATE_FORM_SCORE, SAW_SHAPE);
    return true;
}

/* -- by the sign before ----------------------------------------------------------------
 */

/* "@name" that begins a word. */
/* "@classmethod", " * @license MIT": first on a line of a program. */
static bool is_tag_of_program(const struct window *w, const struct handle *h, size_t at)
{
    size_t i = at;
    while (i > 0 && (strchr(" \t*/#", w->p[i - 1]) || is_digit(w->p[i - 1])))
        i--;
    return h->digits == 0 && (i == 0 || w->p[i - 1] == '\n');
}

static void read_mention(struct window *w, size_t at, bool is_source)
{
    struct handle h = handle_at(w, at + 1);
    bool begins = at == 0 || strchr(" \n\t(,;:\"'[/", w->p[at - 1]);
    if (begins && may_be_handle(w, &h) && h.letters >= 3 &&
        !(is_source && is_tag_of_program(w, &h, at)))
        give(w, &h);
}

/* "CORP\name": a domain in capitals, and an account; and the folder of somebody. */
static void read_backslash(struct window *w, size_t at)
{
    enum { DOMAIN_LEAST = 2, DOMAIN_MOST = 15 };
    size_t from = at, upper = 0;
    struct handle h = handle_at(w, at + 1);
    while (from > 0 && at - from <= DOMAIN_MOST &&
           (is_alnum(w->p[from - 1]) || w->p[from - 1] == '-')) {
        from--;
        upper += is_upper(w->p[from]);
    }
    struct str domain = {w->p + from, at - from};
    bool is_folder =
        str_eq_nocase(domain, STR("users")) && from > 0 && w->p[from - 1] == '\\';
    bool is_domain = upper >= DOMAIN_LEAST && domain.n <= DOMAIN_MOST &&
                     upper * 2 > domain.n &&
                     (from == 0 || strchr(" \n\t(,;:\"'[=", w->p[from - 1]));
    if ((is_folder || (is_domain && w->p[h.end] != '\\')) && may_be_handle(w, &h) &&
        h.upper <= 2)
        give(w, &h);
}

/* The reading of escapes has taken "\\n" of "CORP\nadia.holm" for a line's end, and
 * "\\t" of "Users\t.nguyen" for a tab: one byte that stands for two. */
static void read_escaped(struct window *w, size_t at)
{
    static const char letters[2][2] = {{'t', 't'}, {'n', 'r'}};
    bool is_line = w->p[at] == '\n', is_told = false;
    size_t from = at, upper = 0;
    struct handle h = handle_at(w, at + 1);
    if (w->nsteps == 0 || at == 0 || !is_alnum(w->p[at - 1]) || h.end == at + 1 ||
        source_end(w, (uint32_t)at) - source_start(w, (uint32_t)at) != 2)
        return;
    while (from > 0 && at - from <= 15 && is_alnum(w->p[from - 1])) {
        from--;
        upper += is_upper(w->p[from]);
    }
    struct str domain = {w->p + from, at - from}, rest = handle_str(w, &h);
    bool is_folder = str_eq_nocase(domain, STR("users")) && w->p[h.end] &&
                     strchr("\\\n\t", w->p[h.end]);
    bool is_domain = upper >= 2 && upper * 2 > domain.n;
    for (size_t k = 0; k < 2 && is_domain && rest.n < HANDLE_MOST; k++) {
        char word[HANDLE_MOST + 1] = {letters[is_line][k]};
        memcpy(word + 1, rest.p, rest.n);
        uint64_t hash = word_hash(word, rest.n + 1);
        bool is_common = lexicon_find(hash) & (NAME_COMMON | NAME_FREQUENT);
        is_told |= !is_common && (facts_find(hash) & FACT_FREQUENCY) <= 2;
    }
    is_told &= !h.upper && h.letters >= 3 && !(h.marks && w->p[h.end] == '=');
    if ((is_folder || is_told) && is_free(w, at, h.end))
        propose(w, at, h.end, TYPE_USERNAME, PRIVATE_FORM_SCORE, SAW_SHAPE);
}

/* A folder of somebody under the root of home folders. */
static void read_home(struct window *w, size_t at)
{
    static const char *const roots[] = {"/home/", "/Users/", "/export/home/"};
    struct str rest = {w->p + at, w->n - at};
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        if (!str_starts(rest, str_of(roots[i])))
            continue;
        struct handle h = handle_at(w, at + strlen(roots[i]));
        char end = w->p[h.end];
        if (h.letters >= 3 && !is_role(handle_str(w, &h)) && (end == '/' || is_stop(end)))
            give(w, &h);
    }
}

static void read_signs(struct window *w)
{
    for (size_t i = 0; w->nsteps && i < w->n; i++)
        if (w->p[i] == '\n' || w->p[i] == '\t')
            read_escaped(w, i);
    bool is_source = text_is_source((struct str){w->p, w->n});
    for (size_t i = 0; i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        if (t->c == '@')
            read_mention(w, t->start, is_source);
        else if (t->c == '\\')
            read_backslash(w, t->start);
        else if (t->c == '/')
            read_home(w, t->start);
    }
}

/* -- by the word before ----------------------------------------------------------------
 */

static bool is_filler(const struct window *w, const struct token *t)
{
    static const char *const words[] = {
        "is",    "was",   "are",    "name", "id", "handle", "i'm",  "im",      "i",
        "m",     "am",    "ist",    "est",  "es", "jest",   "e",    "on",      "tag",
        "my",    "war",   "lautet", "u",    "as", "the",    "it's", "called",  "to",
        "still", "dalej", "also",   "and",  "or", "und",    "oder", "et",      "ou",
        "y",     "o",     "i",      "lub",  "of", "von",    "by",   "account", "user"};
    if (t->kind == TOK_PUNCT)
        return strchr(":=@\"'(/-`*", t->c) != NULL || (unsigned char)t->c >= 0xC2;
    return is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

/* "by", "from": who did it. */
static bool is_doer(const struct window *w, const struct token *t)
{
    static const char *const words[] = {"by",   "von",  "par", "por", "przez", "door",
                                        "af",   "av",   "da",  "od",  "ot",    "to",
                                        "from", "oleh", "de",  "an"};
    static const char *const far[] = {"от", "від", "από"};
    if (t->kind != TOK_WORD)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(far); i++)
        if (str_eqz(token_str(w, t), far[i]))
            return true;
    return is_word_of(token_str(w, t), words, ARRAY_LEN(words));
}

/* The handles behind a word for accounts at token i. */
static void read_behind_word(struct window *w, size_t i)
{
    size_t k = i + 1;
    bool is_near = true;
    for (size_t n = 0; n < FILLERS_MOST && k < w->ntok; n++) {
        const struct token *t = &w->tok[k];
        if (!is_on_line(t))
            return;
        struct handle h = handle_at(w, t->start);
        if (t->kind == TOK_WORD && may_be_handle(w, &h) &&
            (is_odd(w, &h) || (is_near && is_unheard(w, &h)))) {
            give(w, &h);
            k = skip_to(w, k, h.end);
            n = 0;
            continue;
        }
        if (!is_filler(w, t))
            return;
        is_near = t->kind == TOK_PUNCT || token_width(t) <= 6;
        k++;
    }
}

static void read_words(struct window *w)
{
    for (size_t i = 0; i + 1 < w->ntok; i++) {
        const struct token *t = &w->tok[i], *next = &w->tok[i + 1];
        if (t->kind != TOK_WORD || !is_on_line(next))
            continue;
        if (private_stems(w, i) & STEM_HANDLE)
            read_behind_word(w, i);
        if (!next->gap || next->kind != TOK_WORD || !is_doer(w, t))
            continue;
        struct handle h = handle_at(w, next->start);
        bool is_named = h.digits >= 2 && is_digit(w->p[h.end - 1]) && !h.upper;
        if (may_be_handle(w, &h) && is_alpha(w->p[h.start]) &&
            ((is_odd(w, &h) &&
              (is_named || memchr(w->p + h.start, '_', h.end - h.start) ||
               memchr(w->p + h.start, '.', h.end - h.start))) ||
             is_unheard(w, &h)))
            give(w, &h);
    }
}

/* -- who speaks ------------------------------------------------------------------------
 */

struct label {
    struct handle h;
    uint64_t hash;
    bool is_said; /* words stand behind it */
};

/* "name: ", "<name> ", "[10:02] name: " at the front of the line that token i begins. */
static bool label_of(const struct window *w, size_t i, struct label *ret)
{
    size_t at = w->tok[i].start;
    if (w->p[at] == '[' || w->p[at] == '(') {
        char close = w->p[at] == '[' ? ']' : ')';
        size_t end = at;
        while (end < w->n && end - at < 24 && w->p[end] != close && w->p[end] != '\n')
            end++;
        at = w->p[end] == close ? end + 1 + (w->p[end + 1] == ' ') : at;
    }
    bool is_bracketed = w->p[at] == '<';
    struct handle h = word_at(w, at + is_bracketed, true);
    char behind = w->p[h.end];
    bool is_label = is_bracketed ? behind == '>' && w->p[h.end + 1] == ' '
                                 : behind == ':' && w->p[h.end + 1] == ' ';
    if (!is_label || h.letters < 2 || h.end - h.start > HANDLE_MOST ||
        h.end - h.start < HANDLE_LEAST || is_role(handle_str(w, &h)))
        return false;
    size_t blanks = 0;
    for (size_t k = h.end + 1; k < w->n && w->p[k] != '\n' && blanks < 3; k++)
        blanks += w->p[k] == ' ';
    uint64_t hash = WORD_HASH_SEED;
    for (size_t k = h.start; k < h.end; k++)
        hash = word_hash_step(hash, to_lower(w->p[k]));
    *ret = (struct label){h, hash, blanks >= 3};
    return true;
}

/* Lines with labels, half of them of somebody who speaks again, and half of them with
 * words: the labels are accounts, or names in small letters. */
static void read_speakers(struct window *w)
{
    struct label seen[LABELS_MOST];
    size_t n = 0, again = 0, said = 0;
    for (size_t i = 0; i < w->ntok && n < LABELS_MOST; i++)
        if ((i == 0 || !is_on_line(&w->tok[i])) && label_of(w, i, &seen[n]))
            n++;
    for (size_t i = 0; i < n; i++) {
        said += seen[i].is_said;
        for (size_t k = 0; k < n; k++)
            if (k != i && seen[k].hash == seen[i].hash) {
                again++;
                break;
            }
    }
    if (n < 3 || 2 * again < n || 2 * said < n)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct token *t = private_token(w, token_at(w, (uint32_t)seen[i].h.start));
        bool is_word = t->cls || (t->names & NAME_FREQUENT) || (t->lex & LEX_STOP);
        if (is_odd(w, &seen[i].h) || !is_word)
            give(w, &seen[i].h);
    }
}

/* -- again -----------------------------------------------------------------------------
 */

/* An account that was found stands again elsewhere, without its sign. */
static void find_again(struct window *w, size_t from)
{
    struct handle known[HANDLES_MOST];
    size_t n = 0;
    for (size_t i = from; i < w->nfound && n < HANDLES_MOST; i++)
        if (w->found[i].type == TYPE_USERNAME) {
            known[n] = handle_at(w, w->found[i].start);
            n += known[n].end == w->found[i].end &&
                 (is_odd(w, &known[n]) || is_unheard(w, &known[n]));
        }
    for (size_t i = 0; n && i < w->ntok; i++) {
        const struct token *t = &w->tok[i];
        if (t->kind != TOK_WORD ||
            (i > 0 && t->start && is_handle_sign(w->p[t->start - 1])))
            continue;
        struct handle h = handle_at(w, t->start);
        for (size_t k = 0; k < n; k++)
            if (h.end - h.start == known[k].end - known[k].start &&
                h.start != known[k].start &&
                str_eq_nocase(handle_str(w, &h), handle_str(w, &known[k]))) {
                give(w, &h);
                break;
            }
    }
}

void find_private_handles(struct window *w)
{
    size_t from = w->nfound;
    read_speakers(w);
    read_signs(w);
    read_words(w);
    find_again(w, from);
}
