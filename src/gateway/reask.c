/* reask.c -- see reask.h. */
#include "gateway/reask.h"

#include "json/scan.h"

/* What of a text counts, with one blank between words; in `text`, while it has room. */
struct words {
    char text[REASK_BYTES];
    size_t n;
    bool is_between;
};

static void add_byte(struct words *w, char c)
{
    if (w->is_between && w->n && w->n < sizeof w->text)
        w->text[w->n++] = ' ';
    w->is_between = false;
    if (w->n < sizeof w->text)
        w->text[w->n++] = c;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The inside of a JSON string.  An escape is a blank; of \u00e9 the digits count. */
static void add_words(struct words *w, struct str raw)
{
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (is_letter(c))
            add_byte(w, c);
        else
            w->is_between = true;
        if (c == '\\' && i + 1 < raw.n && raw.p[i + 1] != 'u')
            i++;
    }
    w->is_between = true;
}

/* As it stands.  Of a very long one the two ends and the length: no user changes the
 * middle of one and keeps its length by chance. */
static void add_exact(struct siphash *h, struct str raw)
{
    uint32_t crc = crc32c(0, str_sub(raw, 0, REASK_END_BYTES));
    if (raw.n > REASK_END_BYTES) {
        size_t rest = raw.n - REASK_END_BYTES;
        size_t from = rest > REASK_END_BYTES ? rest : REASK_END_BYTES;
        crc = crc32c(crc, str_sub(raw, from, raw.n));
    }
    uint64_t sum = (uint64_t)raw.n << 32 | crc;
    siphash_update(h, (struct str){(const char *)&sum, sizeof sum});
}

/* A part of another kind than text (a picture) counts as it is. */
static void add_part(struct siphash *h, struct words *w, struct json_cur *c)
{
    struct json_string text;
    struct str raw;
    bool has_text = chat_read_part(c, &text, &raw);
    if (has_text)
        add_words(w, text.raw);
    else
        add_exact(h, raw);
}

/* "a" and [{"type":"text","text":"a"}] are one. */
static void add_content(struct siphash *h, struct words *w, struct str raw)
{
    struct json_cur c;
    if (raw.p[0] != '[') {
        add_words(w, str_sub(raw, 1, raw.n - 1));
        return;
    }
    json_begin(&c, raw);
    json_enter_array(&c);
    while (json_next_element(&c))
        add_part(h, w, &c);
}

/* Each sum has another number: as good as a digest where nobody sees it but those who
 * know the key. */
static uint64_t keyed(struct siphash_key key, uint64_t sum)
{
    return (sum ^ key.k0) * (key.k1 | 1);
}

struct reask_mark reask_mark_of(struct siphash_key key, const struct chat *chat,
                                uint64_t sum)
{
    struct reask_mark m = {.nturns = chat->nturns};
    struct siphash h;
    if (chat->surface != SURFACE_CHAT || chat->nturns == 0)
        return m;
    const struct chat_turn *t = &chat->turns[chat->nturns - 1];
    struct str raw = t->user;
    m.is_users = t->reply.p == NULL;
    if (raw.n < 2 || (raw.p[0] != '"' && raw.p[0] != '['))
        return m;
    if (raw.n > REASK_BYTES && sum) {
        m.text = keyed(key, sum);
        return m;
    }
    siphash_init(&h, key);
    if (raw.n > REASK_BYTES) {
        add_exact(&h, raw);
    } else {
        struct words w;
        w.n = 0;
        w.is_between = false;
        add_content(&h, &w, raw);
        if (w.n == 0 && h.total == 0)
            return m;
        m.is_short = w.n < REASK_SHORT && h.total == 0;
        siphash_update(&h, (struct str){w.text, w.n});
    }
    m.text = siphash_final(&h);
    return m;
}

bool reask_is(const struct reask_mark *now, const struct reask_mark *before)
{
    return now->text && now->text == before->text && now->is_users &&
           (now->nturns == before->nturns || !now->is_short);
}
