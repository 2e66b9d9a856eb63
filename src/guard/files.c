/* files.c -- see files.h.
 *
 * What was decoded is put into a small JSON body of its own, scanned and masked there
 * like a request's, and encoded again.  What would not come out byte for byte the same
 * when nothing is masked is left alone: it stays. */
#include "guard/files.h"

#include "json/scan.h"
#include "json/write.h"

#include <openssl/evp.h>

enum { GROWTH = 16 }; /* of the room, over the file's bytes */

/* -- the two encodings -----------------------------------------------------------------
 */

static struct str decode_base64(struct str run, struct arena *a)
{
    unsigned char *out = arena_raw(a, run.n + 4);
    size_t pad = 0;
    if (!out || run.n == 0 || run.n % 4 || run.n > INT32_MAX)
        return (struct str){NULL, 0};
    while (pad < 2 && run.p[run.n - 1 - pad] == '=')
        pad++;
    int n = EVP_DecodeBlock(out, (const unsigned char *)run.p, (int)run.n);
    if (n < (int)pad)
        return (struct str){NULL, 0};
    return (struct str){(const char *)out, (size_t)n - pad};
}

static struct str encode_base64(struct str text, struct arena *a)
{
    unsigned char *out = arena_raw(a, (text.n + 2) / 3 * 4 + 1);
    if (!out || text.n > INT32_MAX / 2)
        return (struct str){NULL, 0};
    int n = EVP_EncodeBlock(out, (const unsigned char *)text.p, (int)text.n);
    return (struct str){(const char *)out, (size_t)n};
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    ptrdiff_t n = at ? at - digits : -1;
    return (int)(n < 16 ? n : n - 6);
}

static struct str decode_percent(struct str run, struct arena *a)
{
    char *out = arena_raw(a, run.n + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < run.n; i++) {
        int high = run.p[i] == '%' && i + 2 < run.n ? hex_value(run.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(run.p[i + 2]) : -1;
        out[n++] = (char)(low >= 0 ? high << 4 | low : run.p[i]);
        i += low >= 0 ? 2 : 0;
    }
    return (struct str){out, n};
}

static struct str encode_percent(struct str text, struct arena *a)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_raw(a, 3 * text.n + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < text.n; i++) {
        char c = text.p[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                        (c >= 'A' && c <= 'Z') || (c && strchr("-_.~", c));
        out[n++] = is_plain ? c : '%';
        if (is_plain)
            continue;
        out[n++] = digits[(unsigned char)c >> 4];
        out[n++] = digits[(unsigned char)c & 15];
    }
    return (struct str){out, n};
}

/* -- one file --------------------------------------------------------------------------
 */

struct file {
    struct str head; /* "data:text/plain;base64,", or empty */
    struct str text;
    bool is_percent;
};

/* False: it cannot be written again as it was. */
static bool open_file(struct str whole, struct arena *a, struct file *ret)
{
    bool is_url = str_starts_nocase(whole, STR("data:"));
    ptrdiff_t comma = is_url ? str_index(whole, ',') : -1;
    *ret = (struct file){.head = str_sub(whole, 0, (size_t)(comma + 1))};
    struct str run = str_sub(whole, ret->head.n, whole.n);
    ret->is_percent = is_url && !str_ends(ret->head, STR("base64,"));
    ret->text = ret->is_percent ? decode_percent(run, a) : decode_base64(run, a);
    if (!ret->text.p || ret->is_percent)
        return ret->text.p != NULL;
    return str_eq(encode_base64(ret->text, a), run);
}

/* The text as the only string of a JSON body. */
static bool write_body(struct str text, struct buf *out)
{
    struct json_cur c;
    buf_byte(out, '[');
    json_write_string(out, text);
    buf_byte(out, ']');
    json_begin(&c, buf_view(out));
    return !out->failed && json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

static void note_names(struct vault *v, const struct body_scan *b)
{
    for (size_t i = 0; i < b->spans.n; i++)
        if (b->spans.v[i].type == TYPE_PERSON && !b->spans.v[i].is_alone)
            vault_remember_name(v, b->spans.v[i].who);
}

/* Masks the body of a file into `out`; how many values. */
static int mask_text(const struct screen_input *in, const struct body_scan *b,
                     struct vault *v, struct str body, struct arena *a, struct buf *out,
                     struct mask_counts *counts, struct err *err)
{
    struct body_scan inner = {.watch = b->watch,
                              .names = b->names,
                              .nnames = b->nnames,
                              .is_every_name = b->is_every_name};
    struct mask_span *spans = NULL;
    size_t n = 0;
    uint32_t bad_at;
    int rc = guard_scan_body(guard_rules_scanner(in->rules), body, &inner, err);
    if (rc == 0)
        rc = guard_raw_spans(in->rules, in->key, &inner, body, a, &spans, &n, &bad_at,
                             err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (spans[i].is_file) /* a file in a file */
            rc = err_set(err, ERR_INTERNAL, "unmaskable", "a file in a file");
    if (rc == 0 && n == 0)
        rc = err_set(err, ERR_INTERNAL, "unmaskable", "what a file holds is not found");
    if (rc == 0)
        rc = mask_body(v, body, spans, n, out, counts, err);
    if (rc == 0)
        note_names(v, &inner);
    body_scan_release(&inner);
    return rc;
}

/* What the masked body says, encoded as the file was. */
static struct str close_file(const struct file *f, struct str masked, struct arena *tmp,
                             struct arena *a)
{
    struct str raw = str_sub(masked, 2, masked.n - 2); /* ["..."] */
    struct str text = json_unescape(tmp, (struct json_string){raw, true});
    struct str run = {NULL, 0};
    if (text.p)
        run = f->is_percent ? encode_percent(text, tmp) : encode_base64(text, tmp);
    const struct str parts[] = {f->head, run};
    return run.p ? arena_join(a, parts, ARRAY_LEN(parts)) : run;
}

static int mask_file(const struct screen_input *in, const struct body_scan *b,
                     struct vault *v, struct mask_span *s, struct arena *a,
                     struct mask_counts *counts, struct err *err)
{
    struct str raw = str_sub(in->body, s->start, s->end);
    struct arena tmp;
    struct buf body, masked;
    struct file f;
    arena_init(&tmp, GROWTH * raw.n + 65536);
    buf_init(&body, GROWTH * raw.n + 4096);
    buf_init(&masked, GROWTH * raw.n + 65536);
    struct str whole = json_unescape(&tmp, (struct json_string){raw, true});
    int rc = -1;
    if (!whole.p || !open_file(whole, &tmp, &f) || !write_body(f.text, &body))
        err_set(err, ERR_INTERNAL, "unmaskable", "a file cannot be written again");
    else
        rc = mask_text(in, b, v, buf_view(&body), &tmp, &masked, counts, err);
    if (rc == 0) {
        s->instead = close_file(&f, buf_view(&masked), &tmp, a);
        rc = s->instead.p ? 0 : err_nomem(err);
    }
    buf_release(&body);
    buf_release(&masked);
    arena_reset(&tmp);
    return rc;
}

int mask_files(const struct screen_input *in, const struct body_scan *b, struct vault *v,
               struct mask_span *spans, size_t n, struct arena *a,
               struct mask_counts *counts, uint32_t *ret_bad_at, struct err *err)
{
    *counts = (struct mask_counts){0};
    for (size_t i = 0; i < n; i++) {
        struct mask_counts of = {0};
        if (LIKELY(!spans[i].is_file))
            continue;
        if (mask_file(in, b, v, &spans[i], a, &of, err) < 0) {
            *ret_bad_at = spans[i].start;
            return -1;
        }
        mask_counts_add(counts, &of);
    }
    return 0;
}
