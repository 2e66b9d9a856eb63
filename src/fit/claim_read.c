/* claim_read.c -- finding a model, a device and a speed in what people write.
 *
 * No grammar: each part is searched for by itself, and the longest known name wins
 * (facts/names.h), so that "M4" is not found in "M4 Pro". */
#include "fit/claim.h"

#include <stdlib.h>

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* "27B", "7 b": billions of parameters, or 0. */
static double find_class(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]) ||
            (i && (is_alnum(text.p[i - 1]) || text.p[i - 1] == '.')))
            continue;
        char *end;
        char number[24] = {0};
        memcpy(number, text.p + i, text.n - i < 23 ? text.n - i : 23);
        double v = strtod(number, &end);
        size_t after = i + (size_t)(end - number);
        if (after < text.n && lower(text.p[after]) == 'b' &&
            (after + 1 == text.n || !is_alnum(text.p[after + 1])) && v > 0.05 && v < 3000)
            return v;
    }
    return 0;
}

static void find_model(const struct facts *f, struct str text, struct claim *c)
{
    c->model = models_in_sentence(f->models, text);
    double billions = find_class(text);
    if (c->model || billions <= 0)
        return;
    c->model = models_find_class(f->models, billions);
    c->is_class = c->model != NULL;
}

/* The quantisation's name, standing alone. */
static void find_quant(struct str text, struct claim *c)
{
    struct str rest = text;
    c->quant = c->model ? quant_default(c->model) : QUANT_Q4_K_M;
    c->quant_assumed = true;
    for (size_t i = 0; i < rest.n; i++) {
        size_t n = 0;
        if (i && (is_alnum(rest.p[i - 1]) || rest.p[i - 1] == '_'))
            continue;
        while (i + n < rest.n && (is_alnum(rest.p[i + n]) || rest.p[i + n] == '_'))
            n++;
        if (n && quant_parse(str_sub(rest, i, i + n), &c->quant)) {
            c->quant_assumed = false;
            return;
        }
    }
}

/* "16 GB" or "16GB" anywhere: 0 when absent. */
static double find_memory(struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        size_t end = i;
        double v = 0;
        if (!is_digit(text.p[i]) ||
            (i && (is_alnum(text.p[i - 1]) || text.p[i - 1] == '.')))
            continue;
        while (end < text.n && is_digit(text.p[end]))
            v = v * 10 + (text.p[end++] - '0');
        size_t digits = end;
        while (end < text.n && text.p[end] == ' ')
            end++;
        bool gb = end + 1 < text.n && lower(text.p[end]) == 'g' &&
                  lower(text.p[end + 1]) == 'b';
        bool whole =
            end + 2 >= text.n || (!is_alnum(text.p[end + 2]) && text.p[end + 2] != '/');
        if (gb && whole && digits - i <= 4 && v >= 1)
            return v;
        i = digits;
    }
    return 0;
}

/* "2x A100", "2 x A100" and the multiplication sign: the number before the name. */
static unsigned count_before(struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (!is_digit(text.p[i]) || (i && is_alnum(text.p[i - 1])))
            continue;
        size_t at = i + 1;
        while (at < text.n && text.p[at] == ' ')
            at++;
        struct str rest = str_sub(text, at, text.n);
        bool times = (rest.n > 1 && lower(rest.p[0]) == 'x' && !is_alnum(rest.p[1])) ||
                     (rest.n > 2 && lower(rest.p[0]) == 'x' && is_alnum(rest.p[1]) &&
                      !is_digit(rest.p[1])) ||
                     str_starts(rest, STR("\xC3\x97"));
        if (times && text.p[i] >= '1')
            return (unsigned)(text.p[i] - '0');
    }
    return 0;
}

/* "RTX 3090 x2", "RTX 3090 24GB * 2": the number after a sign that stands alone. */
static unsigned count_after(struct str text)
{
    for (size_t i = 1; i + 1 < text.n; i++) {
        struct str rest = str_sub(text, i, text.n);
        size_t at = str_starts(rest, STR("\xC3\x97"))             ? i + 2
                    : lower(text.p[i]) == 'x' || text.p[i] == '*' ? i + 1
                                                                  : 0;
        bool alone = text.p[i - 1] == ' ' || text.p[i - 1] == '(';
        while (at && at < text.n && text.p[at] == ' ')
            at++;
        if (at && alone && at < text.n && text.p[at] >= '1' && text.p[at] <= '9' &&
            (at + 1 == text.n || (!is_alnum(text.p[at + 1]) && text.p[at + 1] != '.')))
            return (unsigned)(text.p[at] - '0');
    }
    return 0;
}

static unsigned count_in_words(struct str text)
{
    static const struct {
        const char *word;
        unsigned count;
    } words[] = {{"dual ", 2}, {"two ", 2}, {"triple ", 3}, {"three ", 3}, {"four ", 4}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str word = str_of(words[i].word);
        for (size_t at = 0; at + word.n < text.n; at++)
            if (str_starts_nocase(str_sub(text, at, text.n), word) &&
                (at == 0 || !is_alnum(text.p[at - 1])))
                return words[i].count;
    }
    return 0;
}

static unsigned find_count(struct str text)
{
    unsigned n = count_before(text);
    if (n == 0)
        n = count_after(text);
    return n ? n : count_in_words(text);
}

static void find_device(const struct facts *f, struct str text, struct claim *c)
{
    double memory = find_memory(text);
    struct device_range r;
    if (!devices_in_sentence(f->devices, text, memory, &r))
        return;
    c->device = r.fastest;
    c->slowest_gbs = r.slowest->bandwidth_gbs;
    unsigned count = c->device->kind == DEVICE_CPU ? 1 : find_count(text);
    c->devices = count ? count : 1;
    c->memory_gb = c->device->memory_gb;
    if (memory > 0 && c->device->is_unified && c->device->kind != DEVICE_CPU)
        c->memory_gb = memory;
    c->memory_assumed = memory <= 0 || !c->device->is_unified;
}

/* --- the speed --- */

static size_t skip_dash(struct str text, size_t at)
{
    size_t i = at;
    while (i < text.n && text.p[i] == ' ')
        i++;
    struct str rest = str_sub(text, i, text.n);
    if (rest.n && rest.p[0] == '-')
        i++;
    else if (str_starts(rest, STR("\xE2\x80\x93")) ||
             str_starts(rest, STR("\xE2\x80\x94")) || str_starts_nocase(rest, STR("to ")))
        i += 3; /* a dash of three bytes, or the word and its blank */
    else
        return at;
    while (i < text.n && text.p[i] == ' ')
        i++;
    return i < text.n && is_digit(text.p[i]) ? i : at;
}

static size_t read_number(struct str text, size_t at, double *ret)
{
    char number[24] = {0};
    size_t n = 0;
    while (at + n < text.n && n < sizeof number - 1 &&
           (is_digit(text.p[at + n]) || (text.p[at + n] == '.' && n)))
        n++;
    while (n && text.p[at + n - 1] == '.')
        n--;
    memcpy(number, text.p + at, n);
    *ret = strtod(number, NULL);
    return n;
}

static bool is_speed_unit(struct str text, size_t at)
{
    static const char *const units[] = {
        "tok/s",   "tok/sec", "tokens/s",       "t/s", "tokens per second", "tps",
        "token/s", "tok / s", "tokens a second"};
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '+' || text.p[at] == '*'))
        at++;
    struct str rest = str_sub(text, at, text.n);
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_starts_nocase(rest, str_of(units[i])))
            return true;
    return false;
}

bool claim_find_speed(struct str text, bool bare, double *ret_low, double *ret_high)
{
    for (size_t i = 0; i < text.n; i++) {
        double low;
        double high;
        if (!is_digit(text.p[i]) || (i && (is_alnum(text.p[i - 1]) ||
                                           text.p[i - 1] == '.' || text.p[i - 1] == '_')))
            continue;
        bool negative = i && text.p[i - 1] == '-' && (i == 1 || !is_alnum(text.p[i - 2]));
        size_t end = i + read_number(text, i, &low);
        high = low;
        size_t second = skip_dash(text, end);
        if (second != end)
            end = second + read_number(text, second, &high);
        bool ends = end >= text.n || !is_alnum(text.p[end]);
        if ((is_speed_unit(text, end) || (bare && ends)) && low > 0 && high >= low &&
            !negative) {
            *ret_low = low;
            *ret_high = high;
            return true;
        }
        i = end - 1;
    }
    return false;
}

enum claim_missing claim_read(const struct facts *f, struct str text, struct claim *ret)
{
    struct claim c = {.devices = 1};
    find_model(f, text, &c);
    find_quant(text, &c);
    find_device(f, text, &c);
    bool speed = claim_find_speed(text, false, &c.low_tok_s, &c.high_tok_s);
    *ret = c;
    if (!speed)
        return CLAIM_NO_SPEED;
    if (!c.model)
        return CLAIM_NO_MODEL;
    return c.device ? CLAIM_WHOLE : CLAIM_NO_DEVICE;
}

int claim_parse(const struct facts *f, struct str text, struct claim *ret,
                struct err *err)
{
    static const char *const missing[] = {
        [CLAIM_NO_SPEED] =
            "speed: no \"N tok/s\" above 0 found; write for example \"44 tok/s\"",
        [CLAIM_NO_MODEL] =
            "model: no known model or size such as \"14B\" found; see weir "
            "facts models",
        [CLAIM_NO_DEVICE] = "device: no known device found; see weir facts devices",
    };
    enum claim_missing m = claim_read(f, text, ret);
    if (m != CLAIM_WHOLE)
        return err_set(err, ERR_CONFIG, "bad_claim", "%s", missing[m]);
    return 0;
}
