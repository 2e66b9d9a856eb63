/* stats.c -- what a test may ask the engine about: how many, and what was in them.
 *
 * Bodies are kept as digests, so that a test can say "these very bytes arrived" and
 * the simulator does not become a store of prompts; --record keeps the last one. */
#include "sim/state.h"

#include "json/write.h"

void sim_stats_note(struct sim *s, struct str target, bool has_authorization,
                    bool has_cookie, struct str head_text, struct str body)
{
    struct sim_seen *seen = &s->stats.seen[s->stats.requests++ % SIM_SEEN_MAX];
    size_t n = target.n < sizeof seen->target - 1 ? target.n : sizeof seen->target - 1;
    memcpy(seen->target, target.p, n);
    seen->target[n] = '\0';
    seen->body_bytes = body.n;
    seen->has_authorization = has_authorization;
    seen->has_cookie = has_cookie;
    if (!EVP_DigestInit_ex(s->digest, s->sha256, NULL) ||
        !EVP_DigestUpdate(s->digest, body.p, body.n) ||
        !EVP_DigestFinal_ex(s->digest, seen->sha256, NULL))
        memset(seen->sha256, 0, sizeof seen->sha256);
    if (!s->is_recording)
        return;
    buf_clear(&s->last_head);
    buf_append(&s->last_head, head_text);
    buf_clear(&s->last_body);
    buf_append(&s->last_body, body);
}

static void write_seen(struct json_writer *w, const struct sim_seen *seen)
{
    static const char digits[] = "0123456789abcdef";
    char hex[sizeof seen->sha256 * 2];
    for (size_t i = 0; i < sizeof hex; i++)
        hex[i] = digits[seen->sha256[i / 2] >> (i % 2 ? 0 : 4) & 15];
    json_object_open(w);
    json_key(w, "target");
    json_str(w, str_of(seen->target));
    json_key(w, "sha256");
    json_str(w, (struct str){hex, sizeof hex});
    json_key(w, "bytes");
    json_u64(w, seen->body_bytes);
    json_key(w, "authorization");
    json_bool(w, seen->has_authorization);
    json_key(w, "cookie");
    json_bool(w, seen->has_cookie);
    json_object_close(w);
}

void sim_stats_write(const struct sim *s, struct buf *out)
{
    const struct sim_stats *st = &s->stats;
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {{"accepted", st->accepted},   {"open", s->nopen},
                  {"requests", st->requests},   {"completed", st->completed},
                  {"cancelled", st->cancelled}, {"bad", st->bad},
                  {"answering", s->nbusy},      {"streaming", s->nstreaming}};
    uint64_t n = st->requests < SIM_SEEN_MAX ? st->requests : SIM_SEEN_MAX;
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "profile");
    json_str(&w, str_of(s->profile->name));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_key(&w, counts[i].key);
        json_u64(&w, counts[i].value);
    }
    json_key(&w, "recent");
    json_array_open(&w);
    for (uint64_t i = st->requests - n; i < st->requests; i++) /* oldest first */
        write_seen(&w, &st->seen[i % SIM_SEEN_MAX]);
    json_array_close(&w);
    json_object_close(&w);
}
