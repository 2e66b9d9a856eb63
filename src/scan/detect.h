/* detect.h -- one window of a text while it is scanned; inside scan/ only.
 *
 * A window is normalised (normalise.c), cut into tokens (token.c), and then each
 * family of detectors proposes spans into `found`, possibly overlapping; resolve.c
 * keeps the best.  All memory is the window's arena.
 *
 * Most tokens of a text concern no family at all, so each token is looked at once
 * (anchors.c) and marked with the families that want to see it; a family asks for its
 * next anchor and does not walk the text itself. */
#ifndef WEIR_SCAN_DETECT_H
#define WEIR_SCAN_DETECT_H

#include "core/arena.h"
#include "scan/scan.h"
#include "scan/text/clinical.h"
#include "scan/text/words.h"

enum {
    WINDOW_BYTES = 64 * 1024,
    WINDOW_OVERLAP_BYTES = 4 * 1024,
    WINDOW_ARENA_BYTES = 256 * WINDOW_BYTES
};

enum token_kind { TOK_WORD, TOK_NUMBER, TOK_PUNCT };
enum token_case { CASE_LOWER, CASE_TITLE, CASE_UPPER, CASE_MIXED, CASE_NONE };

struct token {
    uint32_t start, end;
    uint32_t hash;  /* of the folded word; 0 for numbers and marks */
    uint32_t lex;   /* LEX_* of words.h */
    uint8_t kind;   /* enum token_kind */
    uint8_t letter; /* enum token_case */
    uint8_t cls;    /* enum word_class, CLS_NONE when it is no caption */
    uint8_t names;  /* NAME_* of lexicon.h */
    uint8_t gap;    /* GAP_*: what stands before it */
    char c;         /* its first byte */
    uint8_t known;  /* AT_* that the word itself asks for */
};

/* The families that a token is shown to. */
enum {
    AT_NUMBER = 1, /* every number */
    AT_DATE = 2,   /* the same, months, days of the week */
    AT_SPOKEN = 4, /* words for digits and letters */
    AT_SECRET = 8,
    AT_FRAME = 16,
    AT_ID = 32,
    AT_MARK = 64,
    AT_LINK = 128 /* "and" between names */
};
enum { GAP_SPACE = 1, GAP_LINE = 2, GAP_BLANK_LINE = 4 };

/* A word that says what is near it. */
struct caption_hit {
    uint32_t start, end;
    uint8_t cls;
};

/* A stretch of the text that a header or a key names. */
struct field {
    uint32_t start, end;
    uint8_t cls;
};

/* Where the normalised text differs from its source: from `at` on, byte for byte as the
 * source from `source` on; or, of a unit, all bytes up to the next step stand for all of
 * the source up to the next step's. */
struct source_step {
    uint32_t at;
    uint32_t source : 31, is_unit : 1;
};

/* What the tables say of a word, kept for when it comes again; open to all windows of a
 * scan. */
struct word_memo {
    uint64_t hash; /* 0: empty */
    uint32_t lex;
    uint8_t cls, names, known, clinical; /* OF_* of clinical.h */
};
enum { WORD_MEMOS = 256 };

struct prior_tap;
struct window {
    const struct scanner *sc;
    struct arena *a;
    const char *p; /* normalised text, a NUL behind it */
    size_t n;
    struct source_step *step; /* nsteps 0: the same offsets as the source */
    size_t nsteps, cap_steps;
    struct word_memo *memo; /* WORD_MEMOS of them */
    struct token *tok;      /* and some empty ones behind */
    uint8_t *anchor;        /* AT_* of each token */
    size_t ntok;
    struct caption_hit *hit;
    size_t nhit;
    struct field *field;
    size_t nfield, cap_field;
    struct field *checked; /* numbers whose check digits are right */
    size_t nchecked, cap_checked;
    struct span *found;
    size_t nfound, cap_found;
    struct clinical_talk clinical;
    struct field *cleared; /* what the operator says is nothing to hide */
    size_t ncleared;
    struct rule_set rules;
    struct field *blob; /* runs of base64 that are files, as far as there is room */
    size_t nblob;
    uint64_t *stems; /* STEM_* of each token, once private_text.c has asked */
    uint8_t club;    /* of the text: 0 not known yet, 1 no club, 2 one is spoken of */
    bool is_unsure;
    bool has_blob;
    bool is_cut[2]; /* text goes on before it, behind it */
    size_t steps, max_steps;
    size_t url_end; /* frames.c: where the run of bytes that a URL may have ends, */
    size_t pem_end; /* ... and where the next end of a PEM block begins */
    int depth;      /* 1 inside base64 */
    bool failed;    /* memory */
    bool names_only;
    const struct prior_tap *tap; /* or NULL: who learns of each name */
};

/* normalise.c */
bool window_normalise(struct window *w, struct str text);
/* Bytes of the source that a byte of the normalised text stands for. */
uint32_t source_start(const struct window *w, uint32_t pos);
uint32_t source_end(const struct window *w, uint32_t pos); /* exclusive */
/* Base letter of a Latin code point ('e' for U+00E9), or 0. */
char latin_base(uint32_t cp);
bool latin_is_upper(uint32_t cp);
size_t utf8_read_wide(const char *p, const char *end, uint32_t *ret);
/* Reads one code point at p < end; returns its length, at least 1. */
static inline size_t utf8_read(const char *p, const char *end, uint32_t *ret)
{
    unsigned char c = (unsigned char)*p;
    if (UNLIKELY(c >= 0x80))
        return utf8_read_wide(p, end, ret);
    *ret = c;
    return 1;
}

/* token.c */
bool window_tokenise(struct window *w);
/* The number at pos counts lines, as tools print them for people and agents: it is first
 * on its line, and a tab, a bar or an arrow stands behind it. */
bool counts_lines(const struct window *w, size_t pos);
size_t token_at(const struct window *w, uint32_t pos); /* first token ending past pos */

/* anchors.c */
bool window_anchor(struct window *w);
/* The first token at or after i that is shown to this family; ntok when none is. */
size_t next_anchor(const struct window *w, size_t i, uint8_t family);
/* How far from an identifier's first letter its first digit may be. */
enum { DIGIT_WITHIN = 40 };

/* Proposes a span of the normalised text. */
void propose(struct window *w, size_t start, size_t end, enum guard_type t, int score,
             enum guard_evidence e);

/* checked.c: a number with right check digits stands here.  What is found there is marked
 * so in the end, whatever it was taken for. */
void note_checked(struct window *w, size_t start, size_t end);
void mark_checked(struct window *w);

/* context.c: bytes to the nearest caption of this class: before (with the text between
 * not crossing another value's caption) or shortly after; -1 when none. */
int caption_distance(const struct window *w, size_t start, size_t end, enum word_class c);
/* False: of no class is there a caption for anything within these bytes. */
bool is_caption_near(const struct window *w, size_t start, size_t end);
bool field_is(const struct window *w, size_t start, size_t end, enum word_class c);
/* Adds one; afterwards they are sorted once. */
void add_field(struct window *w, size_t start, size_t end, uint8_t cls);
void sort_fields(struct window *w);
/* public.c: what documentation publishes is masked at most, and no secret. */
void spare_public(struct window *w);
/* Where nobody is spoken of published values leave, and those of a question about the
 * check of a number are masked at most.  Behind weigh_names(). */
void let_published_go(struct window *w);
/* pairs.c: values under telling names, and the fields. */
void find_pairs(struct window *w);

/* What begins here, behind a digit and a comma, is the rest of a number: "1,536".  In
 * "1,536-22-8726" and "1,4111111111111111" the comma parts two columns. */
bool is_in_thousands(const struct window *w, size_t start);

/* The families of detectors. */
void find_ids(struct window *w);
/* The letters and digits of `value` have right check digits of the kind that it is said
 * to be; of a number whose kind is not said, of any kind of number of people. */
bool has_check_of(enum guard_type t, struct str value);
/* Numbers of this kind have check digits. */
bool kind_has_check(enum guard_type t);
void find_captioned(struct window *w);
/* "member_no" in a text that speaks of clubs, libraries and shops: of no health plan, and
 * only masked. */
enum { SCORE_OF_CLUB = 50 };
bool names_club_member(struct window *w, struct str name);
void find_phones(struct window *w);
void find_spoken(struct window *w);
void find_frames(struct window *w);
void find_positions(struct window *w);
void find_secrets(struct window *w);
void find_marks(struct window *w);
void find_dates(struct window *w);
void find_addresses(struct window *w);
/* Those behind a word that says what they are, and postcodes. */
void find_captioned_addresses(struct window *w);
void find_streets(struct window *w);
/* Those that only what follows them tells. */
void find_address_blocks(struct window *w);
/* Does the word end like a street, in the languages that glue them: "Bahnhofstrasse"? */
bool ends_like_street(const struct window *w, const struct token *t);
/* Names what stands there a street and a number, or a number, a postcode and a town? */
bool is_written_as_address(const struct window *w, size_t start, size_t stop);
/* Without the doubtful addresses that are not. */
void drop_odd_addresses(struct window *w);
void find_people(struct window *w);
/* A second reading: other mentions of the names found, and who is linked to them. */
void find_people_again(struct window *w);
/* What stands beside the names found: dates of birth; and, once it is known whose the
 * names are, illness. */
void find_beside(struct window *w);
void find_illness(struct window *w);
/* again.c: other mentions of the accounts and machines found. */
void find_accounts_again(struct window *w);
void find_encoded(struct window *w);
/* All of it is the base64 of a file, maybe behind the head of a data: URL: nobody here
 * can read it, and what detectors would see in it is chance.  Text in base64 is no blob.
 */
bool text_is_blob(struct str text, struct arena *a);
/* A text that a member holds as a file, and that the detectors would not read as it
 * stands: in base64 that is longer than find_encoded() opens, maybe behind the head of a
 * data: URL, or in such a URL with its signs as %XX.  Decoded, in the arena.  False: it
 * is none. */
bool text_in_file(struct str text, struct arena *a, struct str *ret);
/* What detectors saw in the bytes of files is chance. */
void drop_in_blobs(struct window *w);
/* From here on there are blanks where they stand: nobody in there has a name. */
void hide_blobs(struct window *w);
/* The same of a short one, for members that may hold a file. */
bool text_is_bytes(struct str text, struct arena *a);
/* Weighs the tagger's spans against those found so far. */
void find_tagged(struct window *w);
/* What the reader of names sees, and nothing else. */
void find_names(struct window *w);

/* Reading ahead, which several marks may ask for of the same bytes ("password=" again and
 * again): a window may have so many steps of it for each of its bytes.  What is past that
 * is not looked at, and the window is unsure. */
enum { STEPS_PER_BYTE = 16, STEPS_LEAST = 16 * 1024 };
static inline bool may_spend(struct window *w)
{
    if (LIKELY(w->steps <= w->max_steps))
        return true;
    w->is_unsure = true;
    return false;
}
static inline void spend(struct window *w, size_t steps)
{
    w->steps += steps;
}

/* scan.c */
/* What one scan after another uses again: a body has thousands of short strings. */
struct scan_room {
    struct arena a;                 /* empty between scans */
    const struct scan_watch *watch; /* or NULL */
    bool names_only;                /* find_names() is all that is asked for */
    uint64_t steps;
    struct word_memo memo[WORD_MEMOS];
};
void scan_room_init(struct scan_room *r);
void scan_room_release(struct scan_room *r);
/* guard_scan_text() in a room. */
int scan_text_in(const struct scanner *sc, struct str text, struct scan_room *r,
                 struct span_list *ret, struct err *err);
/* Of a window, its scanner, arena and depth are set, and its memo and is_cut may be.
 * Afterwards `found` are spans of the text. */
int scan_window(struct window *w, struct str text);
bool zone_matches(const struct scanner *sc, struct str host);
/* resolve.c: in place; sorted, without overlaps. */
size_t resolve_spans(struct span *v, size_t n);
/* A letter right behind a digit or letter belongs to that word: a name that begins with
 * it begins with its next word instead. */
void drop_glued_letters(struct window *w);

/* Bits of each byte: most questions are put of letters and digits. */
enum { CHAR_DIGIT = 1, CHAR_LOWER = 2, CHAR_UPPER = 4, CHAR_HEX = 8, CHAR_STOP = 16 };
extern const uint8_t guard_chars[256];

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool is_alpha(char c)
{
    return is_lower((char)(c | 32));
}
static inline bool is_alnum(char c)
{
    return guard_chars[(unsigned char)c] & (CHAR_DIGIT | CHAR_LOWER | CHAR_UPPER);
}
static inline char to_lower(char c)
{
    return is_upper(c) ? (char)(c + 32) : c;
}
/* Ends a value or an address that stands without quotes: a blank, a control, " ' < `. */
static inline bool is_stop(char c)
{
    return (unsigned char)c <= ' ' || (guard_chars[(unsigned char)c] & CHAR_STOP);
}
static inline bool is_hex(char c)
{
    return guard_chars[(unsigned char)c] & CHAR_HEX;
}
/* In any case; the word begins with a small letter.  Most differ in their first byte,
 * which is looked at before anything is called. */
static inline bool equal_to(struct str s, const char *word)
{
    return s.n && to_lower(s.p[0]) == word[0] && str_eq_nocase(s, str_of(word));
}
static inline bool is_word_of(struct str s, const char *const *words, size_t n)
{
    if (s.n == 0)
        return false;
    char first = to_lower(s.p[0]);
    for (size_t i = 0; i < n; i++)
        if (UNLIKELY(words[i][0] == first) && equal_to(s, words[i]))
            return true;
    return false;
}

/* Among the first n spans, which are sorted: the first that ends behind this byte. */
static inline size_t span_behind(const struct window *w, size_t n, uint32_t at)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->found[mid].end <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

#endif
