/* encoded.c -- base64 and hexadecimal that hide text: decoded once, scanned, reported
 * whole.
 *
 * Only runs whose bytes are text in some charset, or mostly, are looked into, and only
 * one layer deep: a text could otherwise make the scanner unwrap without end.  A long run
 * that is no text, or that is cut by the window's edge, is reported as a file that
 * nobody here can read; and a shorter one that begins like a picture, a sound or a
 * document, or stands in a data: URL of one. */
#include "scan/detect.h"
#include "scan/media.h"
#include "scan/text/charset.h"

enum {
    MIN_RUN = 12,
    HEX_LEAST = 24,
    MAX_RUN = 48 * 1024,
    LINE_LEAST = 60,
    BLOB_LEAST = 4096, /* so long a run that is no text is some file */
    FILE_LEAST = 64,   /* ... and this, when it begins like one */
    BESIDE_MOST = 96,
    UNSURE_SCORE = 60, /* what is seen in bytes that may be none of text: never surer
                        * than what the run is called beside it */
    HEAD_MOST = 128,   /* of a data: URL */
    MAX_BLOBS = 64,    /* past that what is seen in them counts */
    PROBE = 4096       /* of a long run: so much of it tells whether it is text */
};

/* From the blank on: the value of a byte of either alphabet, plus one. */
static const uint8_t sextets[96] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  63, 0,  63, 0,  64, 53, 54, 55, 56,
    57, 58, 59, 60, 61, 62, 0,  0,  0,  0,  0,  0,  0,  1,  2,  3,  4,  5,  6,  7,
    8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 0,
    0,  0,  0,  64, 0,  27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
    42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 0,  0,  0,  0,  0,
};

static int value_of(char c)
{
    unsigned i = (unsigned char)c - 32u;
    return i < sizeof sextets ? sextets[i] - 1 : -1;
}

/* The bytes of a run; 0: it is no base64. */
static size_t decode(struct str s, char *out)
{
    uint32_t bits = 0;
    size_t n = 0, k = 0;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        if (s.p[i] == '\n' || s.p[i] == '\r')
            continue;
        bits = bits << 6 | (uint32_t)value_of(s.p[i]);
        if (++k % 4 != 1) {
            unsigned shift = 2 * (4 - (unsigned)((k - 1) % 4 + 1));
            out[n++] = (char)(bits >> shift & 255);
        }
    }
    return k % 4 == 1 ? 0 : n;
}

/* The text in a run, in the arena; *ret.p is NULL when memory is out. */
static enum legible read_run_text(struct arena *a, struct str run, struct str *ret)
{
    char *bytes = arena_raw(a, run.n + 4);
    char *text = bytes ? arena_raw(a, charset_room(run.n)) : NULL;
    *ret = (struct str){text, 0};
    if (!text)
        return LEGIBLE_NOT;
    size_t n = decode(run, bytes);
    return n ? charset_read((struct str){bytes, n}, text, &ret->n) : LEGIBLE_NOT;
}

/* ASCII text in hexadecimal digits: by chance one run of a hundred million is. */
static bool is_hex_text(struct str run)
{
    if (run.n < HEX_LEAST || run.n % 2)
        return false;
    for (size_t i = 0; i < run.n; i += 2) {
        char high = run.p[i], low = to_lower(run.p[i + 1]);
        bool is_break = high == '0' && (low == '9' || low == 'a' || low == 'd');
        if (!is_hex(low) || !(is_break || (high >= '2' && high <= '7')) ||
            (high == '7' && low == 'f'))
            return false;
    }
    return true;
}

static enum legible read_hex(struct arena *a, struct str run, struct str *ret)
{
    char *text = arena_raw(a, run.n / 2 + 1);
    *ret = (struct str){text, text ? run.n / 2 : 0};
    for (size_t i = 0; i < ret->n; i++) {
        unsigned high = (unsigned)(run.p[2 * i] - '0');
        char c = to_lower(run.p[2 * i + 1]);
        unsigned low = is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        text[i] = (char)(high << 4 | low);
    }
    if (text)
        text[ret->n] = '\0';
    return LEGIBLE_ALL;
}

/* The surest of what is to be hidden in a run, score 0: nothing.  False: it is no text,
 * or not all of it. */
static bool read_inside(struct window *w, struct str run, struct span *ret)
{
    struct str text;
    enum legible legible =
        is_hex_text(run) ? read_hex(w->a, run, &text) : read_run_text(w->a, run, &text);
    *ret = (struct span){.score = 0};
    if (!text.p) {
        w->failed = true;
        return true;
    }
    if (legible == LEGIBLE_NOT || text.n < 8)
        return legible >= LEGIBLE_LIKELY;
    struct window inner = {.sc = w->sc, .a = w->a, .depth = 1, .memo = w->memo};
    if (scan_window(&inner, text) < 0) {
        w->failed = true;
        return true;
    }
    w->steps += inner.steps;
    w->is_unsure |= inner.is_unsure;
    rule_set_join(&w->rules, &inner.rules);
    for (size_t i = 0; i < inner.nfound; i++)
        if (guard_type_group((enum guard_type)inner.found[i].type) != GROUP_LOW &&
            inner.found[i].score > ret->score)
            *ret = inner.found[i];
    for (size_t i = 0; i < inner.nfound; i++)
        ret->is_checked |= inner.found[i].is_checked;
    if (legible < LEGIBLE_ALL && ret->score > UNSURE_SCORE)
        ret->score = UNSURE_SCORE;
    return legible >= LEGIBLE_LIKELY;
}

/* False: it is no text. */
static bool look_inside(struct window *w, size_t start, size_t end)
{
    const struct arena_mark mark = arena_mark(w->a);
    struct span best;
    bool is_text = read_inside(w, (struct str){w->p + start, end - start}, &best);
    arena_back(w->a, mark); /* a text may have many runs */
    if (best.score > 0) {
        size_t before = w->nfound;
        propose(w, start, end, (enum guard_type)best.type, best.score, SAW_DECODED);
        if (best.is_checked)
            note_checked(w, start, end);
        if (w->nfound > before)
            w->found[before].rule = best.rule;
    }
    return is_text;
}

struct run {
    size_t start, body, end; /* body: characters before the padding */
    size_t digits, upper, lower;
};

/* A whole line of base64 stands here: groups of four and nothing else. */
static bool is_whole_line(const struct window *w, size_t at)
{
    size_t i = at;
    while (i < w->n && value_of(w->p[i]) >= 0)
        i++;
    size_t body = i - at;
    while (i < w->n && w->p[i] == '=')
        i++;
    return body > 0 && (i - at) % 4 == 0 &&
           (i == w->n || w->p[i] == '\n' || w->p[i] == '\r');
}

/* Mail and PEM break base64 into lines of 64 or 76: past such a line it goes on. */
static size_t next_line(const struct window *w, size_t line, size_t i)
{
    size_t at = i + (i < w->n && w->p[i] == '\r');
    if (i - line < LINE_LEAST || (i - line) % 4 || at + 1 >= w->n || w->p[at] != '\n' ||
        !is_whole_line(w, at + 1))
        return i;
    return at + 1;
}

static struct run read_run(const struct window *w, size_t start)
{
    struct run r = {.start = start};
    size_t i = start, line = start;
    for (;;) {
        for (; i < w->n && value_of(w->p[i]) >= 0; i++) {
            r.digits += is_digit(w->p[i]);
            r.upper += is_upper(w->p[i]);
            r.lower += is_lower(w->p[i]);
        }
        size_t next = next_line(w, line, i);
        if (next == i)
            break;
        line = i = next;
    }
    r.body = i - start;
    while (i < w->n && w->p[i] == '=' && i - start - r.body < 2)
        i++;
    r.end = i;
    return r;
}

/* Of the run another part may lie in a window beside this one. */
static bool is_cut(const struct window *w, const struct run *r)
{
    return (r->start == 0 && w->is_cut[0]) || (r->end == w->n && w->is_cut[1]);
}

/* The bytes at its front are those of a picture, a sound, a film or a document. */
static bool begins_like_file(struct str run)
{
    char front[24];
    if (run.n < FILE_LEAST || memchr(run.p, '\n', 24))
        return false;
    size_t n = decode(str_sub(run, 0, 24), front);
    return media_is_file((struct str){front, n});
}

static bool ends_in_base64(struct str head)
{
    return head.n >= 7 &&
           str_eq_nocase(str_sub(head, head.n - 7, head.n), STR("base64,"));
}

/* A JSON in the text says beside it what it is: "mimeType":"image/png". */
static bool is_called_media(const struct window *w, const struct run *r)
{
    static const struct str words[] = {
        STR_INIT("\"image/"),         STR_INIT("\"audio/"),
        STR_INIT("\"video/"),         STR_INIT("\"image\""),
        STR_INIT("\"audio\""),        STR_INIT("\"video\""),
        STR_INIT("\"blob\""),         STR_INIT("\"input_audio\""),
        STR_INIT("\"inlineData\""),   STR_INIT("\"inline_data\""),
        STR_INIT("\"application/pdf")};
    if (r->body < FILE_LEAST)
        return false;
    struct str all = {w->p, w->n};
    struct str before =
        str_sub(all, r->start > BESIDE_MOST ? r->start - BESIDE_MOST : 0, r->start);
    struct str behind = str_sub(all, r->end, r->end + BESIDE_MOST);
    if (!before.n || before.p[before.n - 1] != '"')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(before, words[i]) >= 0 || str_find(behind, words[i]) >= 0)
            return true;
    return false;
}

/* The head of its data: URL stands before it, and says that it is no text. */
static enum media_type type_before(const struct window *w, size_t start)
{
    struct str head = str_sub((struct str){w->p, start},
                              start > HEAD_MOST ? start - HEAD_MOST : 0, start);
    if (LIKELY(start == 0 || w->p[start - 1] != ',') || !ends_in_base64(head))
        return MEDIA_TYPE_NONE;
    for (size_t i = head.n; i-- > 0;)
        if (is_stop(head.p[i]) || i == 0)
            return MEDIA_TYPE_NONE;
        else if (to_lower(head.p[i]) == 'd' &&
                 str_starts_nocase(str_sub(head, i, head.n), STR("data:")))
            return media_type_of(str_sub(head, i + 5, head.n));
    return MEDIA_TYPE_NONE;
}

static void add_blob(struct window *w, const struct run *r)
{
    w->has_blob = true;
    if (!w->blob)
        w->blob = arena_array(w->a, struct field, MAX_BLOBS);
    if (w->blob && w->nblob < MAX_BLOBS)
        w->blob[w->nblob++] =
            (struct field){.start = (uint32_t)r->start, .end = (uint32_t)r->end};
}

static void look_at_run(struct window *w, const struct run *r)
{
    const enum media_type type = type_before(w, r->start);
    if (is_hex_text((struct str){w->p + r->start, r->end - r->start}) &&
        r->body <= MAX_RUN) {
        look_inside(w, r->start, r->end);
        return;
    }
    bool is_padded = r->end - r->start > r->body;
    if (r->upper < 2 || r->lower + r->digits < 2 ||
        (!r->digits && !is_padded && r->body <= 20)) {
        w->has_blob |= type == MEDIA_TYPE_SEEN;
        return;
    }
    bool is_text = r->body <= MAX_RUN && look_inside(w, r->start, r->end);
    if ((!is_text &&
         (r->body >= BLOB_LEAST || type == MEDIA_TYPE_FILE || is_called_media(w, r))) ||
        type == MEDIA_TYPE_SEEN ||
        begins_like_file(str_sub((struct str){w->p, w->n}, r->start, r->end)) ||
        (is_cut(w, r) && r->body >= BLOB_LEAST / 2))
        add_blob(w, r);
}

/* Not what was decoded, nor what a key or a caption names. */
static bool is_chance(const struct span *s, const struct field *blob)
{
    bool is_named = s->start == blob->start && s->evidence == SAW_WORD;
    return s->start >= blob->start && s->end <= blob->end && s->evidence != SAW_DECODED &&
           s->evidence != SAW_RULE && !is_named;
}

void drop_in_blobs(struct window *w)
{
    size_t kept = 0;
    for (size_t i = 0; w->nblob && i < w->nfound; i++) {
        bool is_dropped = false;
        for (size_t k = 0; k < w->nblob && !is_dropped; k++)
            is_dropped = is_chance(&w->found[i], &w->blob[k]);
        if (!is_dropped)
            w->found[kept++] = w->found[i];
    }
    if (w->nblob)
        w->nfound = kept;
}

/* Without the tokens that lie in a blob. */
static void drop_tokens(struct window *w, const struct field *blob)
{
    size_t from = token_at(w, blob->start), to = from;
    while (to < w->ntok && w->tok[to].start < blob->end)
        to++;
    memmove(&w->tok[from], &w->tok[to], (w->ntok - to) * sizeof *w->tok);
    memmove(&w->anchor[from], &w->anchor[to], w->ntok - to);
    w->ntok -= to - from;
    memset(&w->tok[w->ntok], 0, (to - from) * sizeof *w->tok);
}

void hide_blobs(struct window *w)
{
    char *p = w->nblob ? arena_raw(w->a, w->n + 1) : NULL;
    if (!p)
        return; /* none, or they are read after all */
    memcpy(p, w->p, w->n + 1);
    for (size_t i = 0; i < w->nblob; i++) {
        memset(p + w->blob[i].start, ' ', w->blob[i].end - w->blob[i].start);
        drop_tokens(w, &w->blob[i]);
    }
    w->p = p;
}

/* Behind "data:image/png;base64,", if that is what it begins with. */
static struct str without_head(struct str text)
{
    struct str head = str_sub(text, 0, HEAD_MOST);
    ptrdiff_t comma = str_starts_nocase(head, STR("data:")) ? str_index(head, ',') : -1;
    return comma < 0 ? text : str_sub(text, (size_t)comma + 1, text.n);
}

/* One run of base64 from end to end, in lines or not, that could be nothing else. */
static bool is_one_run(struct str s)
{
    size_t n = s.n, digits = 0, upper = 0, lower = 0;
    while (n > 0 && (s.p[n - 1] == '=' || s.p[n - 1] == '\n' || s.p[n - 1] == '\r'))
        n--;
    for (size_t i = 0; i < n; i++) {
        char c = s.p[i];
        if (value_of(c) < 0 && c != '\n' && c != '\r')
            return false;
        digits += is_digit(c);
        upper += is_upper(c);
        lower += is_lower(c);
    }
    return upper >= 2 && lower >= 2 && digits >= 2;
}

static bool is_file(struct str text, size_t least, struct arena *a)
{
    struct str inside, run = text.n < least ? text : without_head(text);
    if (LIKELY(run.n < least) || !is_one_run(run))
        return false;
    if (run.n > MAX_RUN)
        return true;
    const struct arena_mark mark = arena_mark(a);
    bool is_text = read_run_text(a, run, &inside) >= LEGIBLE_LIKELY || !inside.p;
    arena_back(a, mark);
    return !is_text;
}

static bool read_long_base64(struct str text, struct arena *a, struct str *ret)
{
    struct str run = without_head(text), front;
    if (LIKELY(run.n <= MAX_RUN))
        return false;
    const struct arena_mark mark = arena_mark(a);
    bool is_text = is_one_run(str_sub(run, 0, PROBE)) &&
                   read_run_text(a, str_sub(run, 0, PROBE), &front) >= LEGIBLE_LIKELY &&
                   is_one_run(run);
    arena_back(a, mark);
    return is_text && read_run_text(a, run, ret) >= LEGIBLE_LIKELY;
}

static int hex_digit(char c)
{
    return is_digit(c) ? c - '0' : is_hex(c) ? to_lower(c) - 'a' + 10 : -1;
}

/* "data:text/csv,a%2Cb%0A": all of its signs, which the normaliser leaves alone. */
static bool read_percent(struct str text, struct arena *a, struct str *ret)
{
    struct str rest = without_head(text);
    char *p = arena_raw(a, rest.n + 1);
    size_t n = 0;
    if (!p)
        return false;
    for (size_t i = 0; i < rest.n; i++) {
        bool is_code = rest.p[i] == '%' && i + 2 < rest.n &&
                       hex_digit(rest.p[i + 1]) >= 0 && hex_digit(rest.p[i + 2]) >= 0;
        p[n++] = is_code
                     ? (char)(hex_digit(rest.p[i + 1]) * 16 + hex_digit(rest.p[i + 2]))
                     : rest.p[i];
        i += is_code ? 2 : 0;
    }
    *ret = (struct str){p, n};
    return true;
}

bool text_in_file(struct str text, struct arena *a, struct str *ret)
{
    if (LIKELY(!text.n || !str_starts_nocase(text, STR("data:"))))
        return read_long_base64(text, a, ret);
    struct str rest = without_head(text);
    if (ends_in_base64(str_sub(text, 0, text.n - rest.n)))
        return read_long_base64(text, a, ret);
    struct str type = str_sub(text, 5, HEAD_MOST);
    bool is_text = media_type_of(type) == MEDIA_TYPE_TEXT ||
                   str_starts_nocase(type, STR("image/svg"));
    return is_text && rest.n < text.n && memchr(rest.p, '%', rest.n) &&
           read_percent(text, a, ret);
}

bool text_is_blob(struct str text, struct arena *a)
{
    return is_file(text, BLOB_LEAST, a);
}

bool text_is_bytes(struct str text, struct arena *a)
{
    bool is_path = text.n && text.p[0] == '/' && !str_starts(text, STR("/9j/")) &&
                   !str_starts(text, STR("//"));
    return !is_path && is_file(text, FILE_LEAST, a);
}

void find_encoded(struct window *w)
{
    for (size_t i = 0; i + MIN_RUN <= w->n;) {
        size_t start = i + MIN_RUN;
        /* No run of that length begins before a byte that cannot be in one. */
        while (start > i && value_of(w->p[start - 1]) >= 0)
            start--;
        if (start > i) {
            i = start;
            continue;
        }
        const struct run r = read_run(w, i);
        look_at_run(w, &r);
        i = r.end;
    }
}
