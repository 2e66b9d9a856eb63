/* audit_line.c -- see audit_line.h. */
#include "ledger/audit/audit_line.h"

#include "core/clock.h"
#include "json/write.h"

#include <openssl/sha.h>
#include <stdio.h>

static const char *const decisions[AUDIT_DECISIONS] = {
    [AUDIT_START] = "start",     [AUDIT_SENT] = "sent",
    [AUDIT_MASKED] = "masked",   [AUDIT_LOCAL] = "local",
    [AUDIT_REFUSED] = "refused", [AUDIT_LOWERED] = "lowered",
    [AUDIT_ALLOWED] = "allowed", [AUDIT_NOT_SENT] = "not_sent",
    [AUDIT_UNKNOWN] = "unknown", [AUDIT_CONTINUED] = "continued",
    [AUDIT_DELETED] = "deleted", [AUDIT_PAUSED] = "paused",
    [AUDIT_RESUMED] = "resumed", [AUDIT_STOPPED] = "stopped",
    [AUDIT_STARTED] = "started",
};

const char *audit_decision_name(enum audit_decision d)
{
    return decisions[d];
}

bool audit_has_left(enum audit_decision d)
{
    return d == AUDIT_SENT || d == AUDIT_MASKED;
}

const char *audit_path(const char *state_dir, const char *name, char ret[AUDIT_PATH])
{
    snprintf(ret, AUDIT_PATH, "%s/audit%s", state_dir, name);
    return ret;
}

void audit_hash_zero(char ret[AUDIT_HASH_TEXT])
{
    memset(ret, '0', AUDIT_HASH_DIGITS);
    ret[AUDIT_HASH_DIGITS] = '\0';
}

void audit_hex(const unsigned char *bytes, size_t n, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *ret++ = digits[bytes[i] >> 4];
        *ret++ = digits[bytes[i] & 15];
    }
    *ret = '\0';
}

/* -- writing ------------------------------------------------------------------- */

static void put_word(struct json_writer *w, const char *key, struct str s)
{
    size_t n = s.n < AUDIT_WORD_BYTES ? s.n : AUDIT_WORD_BYTES;
    while (n && n < s.n && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    if (!s.n)
        return;
    json_key(w, key);
    json_str(w, str_sub(s, 0, n));
}

static void put_counts(struct json_writer *w, const struct audit_record *r)
{
    json_key(w, "types");
    json_array_open(w);
    for (size_t i = 0; i < r->ncounts; i++) {
        json_object_open(w);
        put_word(w, "type", str_of(r->counts[i].type));
        put_word(w, "action", str_of(r->counts[i].action));
        json_key(w, "n");
        json_u64(w, r->counts[i].n);
        json_object_close(w);
    }
    json_array_close(w);
}

static void put_number(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, key);
    json_u64(w, v);
}

/* What only CONTINUED and DELETED have. */
static void put_about_files(struct json_writer *w, const struct audit_record *r)
{
    if (r->decision == AUDIT_CONTINUED) {
        put_number(w, "before", r->before);
        put_word(w, "head", r->head);
        put_number(w, "newest", r->newest_ms);
        json_key(w, "gap");
        json_bool(w, r->is_gap);
    }
    if (r->decision == AUDIT_DELETED) {
        put_word(w, "what", r->what);
        put_number(w, r->through ? "through" : "rows", r->through ? r->through : r->rows);
    }
}

void audit_put_record(const struct audit_record *r, struct buf *out)
{
    struct json_writer w;
    char time[25];
    uint64_t ms = r->ts_ms ? r->ts_ms : clock_wall_ms();
    clock_format_utc(ms, time);
    json_writer_init(&w, out);
    json_key(&w, "time");
    json_str(&w, str_of(time));
    put_number(&w, "ms", ms);
    put_word(&w, "decision", str_of(decisions[r->decision]));
    put_word(&w, "of", r->of);
    put_word(&w, "request", r->request);
    if (r->attempt)
        put_number(&w, "attempt", r->attempt);
    put_word(&w, "key", r->key);
    put_word(&w, "session", r->session);
    put_word(&w, "label", r->label);
    put_word(&w, "source", r->source);
    put_word(&w, "reason", r->reason);
    put_word(&w, "would", r->would);
    put_about_files(&w, r);
    put_word(&w, "engine", r->engine);
    put_word(&w, "model", r->model);
    put_number(&w, "bytes", r->bytes);
    put_word(&w, "rules", r->rules);
    put_word(&w, "policy", r->policy);
    put_word(&w, "digest", r->digest);
    put_counts(&w, r);
    buf_lit(out, "}\n");
}

static void hash_text(struct str s, char ret[AUDIT_HASH_TEXT])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    union {
        const char *text;
        const unsigned char *bytes;
    } in = {s.p};
    SHA256(in.bytes, s.n, digest);
    audit_hex(digest, sizeof digest, ret);
}

/* What is hashed begins as the line does, so the new hash takes the place of the old. */
void audit_put_line(uint64_t seq, uint64_t lost, struct str rest,
                    char hash[AUDIT_HASH_TEXT], struct buf *out)
{
    size_t at = out->n;
    buf_append(out, (struct str){hash, AUDIT_HASH_DIGITS});
    buf_printf(out, " {\"seq\":%llu,", (unsigned long long)seq);
    if (lost)
        buf_printf(out, "\"lost\":%llu,", (unsigned long long)lost);
    buf_append(out, rest);
    if (out->failed)
        return;
    hash_text((struct str){out->p + at, out->n - at - 1}, hash);
    memcpy(out->p + at, hash, AUDIT_HASH_DIGITS);
}

/* -- reading ------------------------------------------------------------------- */

bool audit_line_split(struct str line, struct str *ret_hash, struct str *ret_json)
{
    if (line.n < AUDIT_HASH_DIGITS + 3 || line.p[AUDIT_HASH_DIGITS] != ' ')
        return false;
    for (size_t i = 0; i < AUDIT_HASH_DIGITS; i++)
        if (!line.p[i] || !strchr("0123456789abcdef", line.p[i]))
            return false;
    *ret_hash = str_sub(line, 0, AUDIT_HASH_DIGITS);
    *ret_json = str_sub(line, AUDIT_HASH_DIGITS + 1, line.n);
    return ret_json->p[0] == '{' && ret_json->p[ret_json->n - 1] == '}';
}

bool audit_line_follows(struct str line, const char *hash, struct str *ret_json)
{
    struct str own;
    char want[AUDIT_HASH_TEXT], text[AUDIT_LINE_BYTES];
    if (line.n > sizeof text || !audit_line_split(line, &own, ret_json))
        return false; /* longer than any record */
    memcpy(text, hash, AUDIT_HASH_DIGITS);
    memcpy(text + AUDIT_HASH_DIGITS, line.p + AUDIT_HASH_DIGITS,
           line.n - AUDIT_HASH_DIGITS);
    hash_text((struct str){text, line.n}, want);
    return str_eqz(own, want);
}

/* What follows `"name":`.  In a string every quote has a backslash before it, so this
 * is found at a member alone. */
static bool find_member(struct str json, const char *name, struct str *ret)
{
    char pattern[32];
    int n = snprintf(pattern, sizeof pattern, "\"%s\":", name);
    ptrdiff_t at = str_find(json, (struct str){pattern, (size_t)n});
    if (at < 0)
        return false;
    *ret = str_sub(json, (size_t)at + (size_t)n, json.n);
    return true;
}

bool audit_number(struct str json, const char *name, uint64_t *ret)
{
    struct str v;
    size_t n = 0;
    if (!find_member(json, name, &v))
        return false;
    while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
        n++;
    return str_to_u64(str_sub(v, 0, n), ret);
}

bool audit_word(struct str json, const char *name, struct str *ret)
{
    struct str v;
    if (!find_member(json, name, &v) || v.n == 0 || v.p[0] != '"')
        return false;
    v = str_sub(v, 1, v.n);
    ptrdiff_t end = str_index(v, '"');
    *ret = str_sub(v, 0, end < 0 ? 0 : (size_t)end);
    return end >= 0;
}
