/* claim_read.c -- finding a model, a device and a speed in what people write.
 *
 * No grammar: each part is searched for by itself, the longest known name wins, and a
 * name must stand alone (not inside a longer word), so that "M4" is not found in
 * "M4 Pro" when that is known too. */
#include "fit/claim.h"

#include <math.h>
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

static bool is_separator(char c)
{
    return c == ' ' || c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
}

/* Length of text at `at` that reads as `name` with separators folded; 0 if it does not.
 * A separator in the name may be missing in the text, and the other way round for names
 * long enough not to appear by accident ("M 5" is not an M5). */
static size_t reads_as(struct str text, size_t at, struct str name)
{
    size_t i = at;
    for (size_t k = 0; k < name.n;) {
        if (is_separator(name.p[k])) {
            k++;
            continue;
        }
        while (name.n > 3 && i > at && i < text.n && is_separator(text.p[i]))
            i++;
        if (i >= text.n || lower(text.p[i]) != lower(name.p[k]))
            return 0;
        i++;
        k++;
    }
    return i - at;
}

/* Where `name` stands alone in text: 0 when nowhere, else its length there. */
static size_t stands_alone(struct str text, struct str name)
{
    for (size_t at = 0; at < text.n; at++) {
        if (at && (is_alnum(text.p[at - 1]) || text.p[at - 1] == '_'))
            continue;
        size_t n = reads_as(text, at, name);
        if (n && (at + n == text.n || !is_alnum(text.p[at + n])))
            return n;
    }
    return 0;
}

static struct str cut_ending(struct str id)
{
    static const char *const endings[] = {"-Instruct", "-instruct", "-hf", "-it",
                                          "-Base"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(id, str_of(endings[i])))
            return str_sub(id, 0, id.n - strlen(endings[i]));
    return id;
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
    size_t best = 0;
    for (size_t i = 0; i < models_count(f->models); i++) {
        const struct model *m = models_at(f->models, i);
        size_t n = stands_alone(text, m->id);
        if (n == 0)
            n = stands_alone(text, cut_ending(m->id));
        if (n > best && m->params) {
            best = n;
            c->model = m;
        }
    }
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
    c->quant = QUANT_Q4_K_M;
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
static unsigned find_count(struct str text)
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
    return 1;
}

static struct str bare_device(struct str name)
{
    ptrdiff_t paren = str_index(name, '(');
    if (paren > 0)
        name = str_trim(str_sub(name, 0, (size_t)paren));
    if (str_starts(name, STR("Apple ")))
        name = str_sub(name, 6, name.n);
    return name;
}

static struct str first_words(struct str name)
{
    static const char *const endings[] = {" 80GB", " 16GB", " 12GB", " 10GB", " 8GB",
                                          " 6GB",  " 40GB", " PCIe", " SXM"};
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
            if (str_ends(name, str_of(endings[i]))) {
                name = str_sub(name, 0, name.n - strlen(endings[i]));
                again = true;
            }
        }
    }
    return name;
}

static size_t device_match(struct str text, const struct device *d)
{
    if (d->kind == DEVICE_CPU)
        return 0;
    struct str bare = bare_device(d->name);
    size_t n = stands_alone(text, bare);
    if (n)
        return 2 * n;
    struct str words = first_words(bare);
    n = stands_alone(text, words);
    if (n == 0 && str_starts(words, STR("RTX ")))
        n = stands_alone(text, str_sub(words, 4, words.n));
    return n;
}

static void find_device(const struct facts *f, struct str text, struct claim *c)
{
    size_t best = 0;
    double memory = find_memory(text);
    for (size_t i = 0; i < devices_count(f->devices); i++) {
        const struct device *d = devices_at(f->devices, i);
        size_t n = device_match(text, d);
        bool same_memory = memory > 0 && fabs(d->memory_gb - memory) < 0.6;
        if (n && n * 2 + same_memory > best) {
            best = n * 2 + same_memory;
            c->device = d;
        }
    }
    if (!c->device && stands_alone(text, STR("CPU")))
        c->device = devices_find(f->devices, STR("CPU dual-channel DDR5-5600"), 0);
    if (!c->device)
        return;
    c->devices = find_count(text);
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
