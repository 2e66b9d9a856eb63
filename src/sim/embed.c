/* embed.c -- hashed bags of words, as numbers or as base64.
 *
 * base64 is what the official clients ask for unasked: little-endian float32.  Both
 * encodings carry the same floats: nine digits tell any two of them apart. */
#include "sim/embed.h"

#include "core/hash.h"
#include "core/random.h"
#include "sim/text.h"

#include <math.h>

enum { PLACES_PER_WORD = 16 };

static const struct siphash_key word_key = {0x7765697265626564, 0x776f72642d2d2d31};

static void add_word(float *v, uint32_t n, struct str word)
{
    uint64_t seed = siphash_once(word_key, str_trim(word));
    for (int i = 0; i < PLACES_PER_WORD; i++) {
        uint64_t r = random_next(&seed);
        v[(r >> 1) % n] += r & 1 ? 1.0F : -1.0F;
    }
}

static void scale_to_one(float *v, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    if (sum == 0)
        v[0] = 1;
    double scale = sum == 0 ? 1 : 1 / sqrt(sum);
    for (uint32_t i = 0; i < n; i++)
        v[i] = (float)((double)v[i] * scale);
}

static void write_base64(struct buf *out, const float *v, uint32_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t group = 0, held = 0;
    for (size_t i = 0; i < (size_t)n * 4; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i / 4], sizeof bits);
        group = group << 8 | (bits >> (8 * (i % 4)) & 0xFF);
        if (++held < 3)
            continue;
        for (int shift = 18; shift >= 0; shift -= 6)
            buf_byte(out, letters[group >> shift & 63]);
        group = held = 0;
    }
    if (held == 0)
        return;
    group <<= 8 * (3 - held);
    buf_byte(out, letters[group >> 18 & 63]);
    buf_byte(out, letters[group >> 12 & 63]);
    buf_byte(out, held == 2 ? letters[group >> 6 & 63] : '=');
    buf_byte(out, '=');
}

static void write_floats(struct buf *out, const float *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        buf_printf(out, i ? ",%.9g" : "%.9g", (double)v[i]);
}

static void write_one(const struct sim_request *r, struct buf *out, float *v, uint32_t n,
                      uint32_t index)
{
    scale_to_one(v, n);
    buf_printf(out, "%s{\"object\":\"embedding\",\"index\":%u,\"embedding\":",
               index ? "," : "", index);
    buf_byte(out, r->is_base64 ? '"' : '[');
    if (r->is_base64)
        write_base64(out, v, n);
    else
        write_floats(out, v, n);
    buf_byte(out, r->is_base64 ? '"' : ']');
    buf_byte(out, '}');
}

static bool add_text(struct json_cur *c, float *v, uint32_t n, struct arena *a)
{
    struct json_string s;
    if (!json_read_string(c, &s))
        return false;
    struct str text = json_unescape(a, s);
    for (size_t at = 0; at < text.n;)
        add_word(v, n, sim_next_token(text, &at));
    return text.p != NULL;
}

/* A list of token numbers, already entered: each number is a word. */
static void add_numbers(struct json_cur *c, float *v, uint32_t n)
{
    struct str raw;
    while (json_next_element(c) && json_skip(c, &raw))
        add_word(v, n, raw);
}

static bool is_list_of_numbers(struct str input)
{
    struct json_cur c;
    json_begin(&c, input);
    return json_enter_array(&c) && json_next_element(&c) && json_peek(&c) == JSON_NUMBER;
}

static bool write_all(const struct sim_request *r, struct buf *out, float *v, uint32_t n,
                      struct arena *a)
{
    struct json_cur c;
    json_begin(&c, r->input);
    if (json_peek(&c) == JSON_STRING) {
        if (!add_text(&c, v, n, a))
            return false;
        write_one(r, out, v, n, 0);
        return true;
    }
    if (is_list_of_numbers(r->input)) {
        json_enter_array(&c);
        add_numbers(&c, v, n);
        write_one(r, out, v, n, 0);
        return true;
    }
    json_enter_array(&c);
    for (uint32_t index = 0; json_next_element(&c); index++) {
        memset(v, 0, n * sizeof *v);
        if (json_peek(&c) == JSON_ARRAY && json_enter_array(&c))
            add_numbers(&c, v, n);
        else if (!add_text(&c, v, n, a))
            return false;
        write_one(r, out, v, n, index);
    }
    return true;
}

int sim_embeddings(const struct sim_request *r, struct buf *out, struct arena *a,
                   struct err *err)
{
    uint32_t n = r->dimensions ? r->dimensions : SIM_DEFAULT_DIMENSIONS;
    float *v = arena_array(a, float, n);
    if (!v)
        return err_nomem(err);
    buf_lit(out, "{\"object\":\"list\",\"data\":[");
    if (!write_all(r, out, v, n, a))
        return err_nomem(err);
    buf_lit(out, "],\"model\":\"");
    buf_append(out, r->model);
    buf_printf(out, "\",\"usage\":{\"prompt_tokens\":%llu,\"total_tokens\":%llu}}",
               (unsigned long long)r->prompt_tokens,
               (unsigned long long)r->prompt_tokens);
    return out->failed ? err_nomem(err) : 0;
}
