/* top_paint.c -- see top_paint.h. */
#include "cmd/serve/top_paint.h"

#include "core/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* -- letters ---------------------------------------------------------------------------
 */

static uint32_t next_letter(struct str s, size_t *at)
{
    unsigned char c = (unsigned char)s.p[(*at)++];
    unsigned more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    uint32_t cp = more ? c & (0x3FU >> more) : c;
    while (more-- && *at < s.n)
        cp = cp << 6 | ((unsigned char)s.p[(*at)++] & 0x3FU);
    return cp;
}

/* Columns of a letter: East Asian wide ones and pictures take two (UAX 11), marks none.
 */
static unsigned width_of(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF ||
        (c >= 0xFE00 && c <= 0xFE0F))
        return 0;
    bool is_wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                   (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                   (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                   (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                   (c >= 0x20000 && c <= 0x3FFFD);
    return is_wide ? 2 : 1;
}

static const char *style_begin(const struct paint *p, enum style s)
{
    static const char *const codes[] = {"",         "\033[1m",    "\033[2m", "\033[32m",
                                        "\033[33m", "\033[1;31m", "\033[7m"};
    return p->v->has_colour || (s == PICKED && !p->v->is_plain) ? codes[s] : "";
}

unsigned columns_of(struct str s)
{
    unsigned n = 0;
    for (size_t at = 0; at < s.n;)
        n += width_of(next_letter(s, &at));
    return n;
}

/* So much of s as has so many columns, *ret_n. */
static size_t fit(struct str s, unsigned columns, unsigned *ret_n)
{
    size_t at = 0, end = 0;
    *ret_n = 0;
    while (at < s.n) {
        unsigned more = width_of(next_letter(s, &at));
        if (*ret_n + more > columns)
            break;
        *ret_n += more;
        end = at;
    }
    return end;
}

size_t line_of(struct str s, unsigned columns)
{
    unsigned n;
    size_t end = fit(s, columns, &n), first = 0;
    if (end == s.n)
        return end;
    if (end == 0)
        (void)next_letter(s, &first);
    for (size_t i = end; i > end / 2; i--)
        if (s.p[i] == ' ')
            return i;
    return end ? end : first;
}

void put(struct paint *p, enum style style, struct str s, unsigned columns, bool fills)
{
    const struct str more = STR("\xE2\x80\xA6"); /* an ellipsis */
    struct buf clean;
    unsigned n, room = p->v->width > p->used ? p->v->width - p->used : 0;
    columns = columns < room ? columns : room;
    buf_init(&clean, PAINT_SCRATCH);
    clean_append(&clean, s);
    struct str text = buf_view(&clean);
    size_t end = fit(text, columns, &n);
    bool is_cut = end < text.n && columns > 0;
    if (is_cut) {
        end = columns > 1 ? line_of(text, columns - 1) : 0;
        while (end && text.p[end - 1] == ' ')
            end--;
        n = columns_of(str_sub(text, 0, end)) + 1;
    }
    const char *begin = style_begin(p, style);
    buf_append(p->out, str_of(begin));
    buf_append(p->out, str_sub(text, 0, end));
    buf_append(p->out, is_cut ? more : STR(""));
    for (; fills && n < columns; n++)
        buf_byte(p->out, ' ');
    if (*begin)
        buf_lit(p->out, "\033[0m");
    p->used += n;
    buf_release(&clean);
}

void put_text(struct paint *p, enum style style, const char *text)
{
    put(p, style, str_of(text), p->v->width, false);
}

void put_words(struct paint *p, enum style style, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_text(p, style, text);
}

void end_line(struct paint *p)
{
    buf_byte(p->out, '\n');
    p->used = 0;
    p->lines++;
}

void need(struct paint *p, unsigned columns, unsigned indent)
{
    if (p->used + columns <= p->v->width || p->used <= indent)
        return;
    end_line(p);
    for (unsigned i = 0; i < indent; i++)
        put_text(p, PLAIN, " ");
}

/* -- what JSON says ---------------------------------------------------------------------
 */

struct str raw_of(struct str object, const char *key)
{
    return object.n ? json_get(object, key) : STR("");
}

bool is_null(struct str raw)
{
    return !raw.p || raw.n == 0 || str_eqz(raw, "null");
}

/* A text without its escapes; a number or a word as it is; null: empty. */
struct str text_of(struct paint *p, struct str object, const char *key)
{
    struct str raw = raw_of(object, key);
    if (is_null(raw))
        return STR("");
    if (raw.n < 2 || raw.p[0] != '"')
        return raw;
    struct str text =
        json_unescape(&p->arena, (struct json_string){.raw = str_sub(raw, 1, raw.n - 1),
                                                      .has_escapes = true});
    return text.p ? text : STR("");
}

uint64_t number_of(struct str object, const char *key)
{
    uint64_t v = 0;
    return str_to_u64(raw_of(object, key), &v) ? v : 0;
}

bool begin_list(struct json_cur *c, struct str list)
{
    json_begin(c, list);
    return list.n && json_enter_array(c);
}

bool next_item(struct json_cur *c, struct str *ret)
{
    return json_next_element(c) && json_skip(c, ret);
}

/* Nano-dollars as people read them; null: unknown. */
void money_of(struct str raw, char ret[PAINT_WORD])
{
    uint64_t nano;
    bool is_minus = raw.n && raw.p[0] == '-';
    if (is_null(raw) || !str_to_u64(is_minus ? str_sub(raw, 1, raw.n) : raw, &nano))
        snprintf(ret, PAINT_WORD, "unknown");
    else if (nano == 0)
        snprintf(ret, PAINT_WORD, "$0");
    else if (nano < 100000)
        snprintf(ret, PAINT_WORD, "%s<$0.0001", is_minus ? "-" : "");
    else
        snprintf(ret, PAINT_WORD, "%s$%.*f", is_minus ? "-" : "",
                 nano < 1000000000 ? 4 : 2, (double)nano / 1e9);
}

/* "2026-11-30 10:41:22", of this machine's zone. */
void time_of(uint64_t ms, char ret[PAINT_WORD])
{
    time_t t = (time_t)(ms / 1000);
    struct tm at;
    if (!localtime_r(&t, &at) || !strftime(ret, PAINT_WORD, "%F %H:%M:%S", &at))
        memset(ret, '\0', PAINT_WORD);
}

bool has_word(struct str object, const char *key, const char *word)
{
    struct str raw = raw_of(object, key);
    return raw.n >= 2 && str_eqz(str_sub(raw, 1, raw.n - 1), word);
}

struct str code_words(struct paint *p, struct str code)
{
    char *words = arena_alloc(&p->arena, code.n + 1);
    if (!words)
        return code;
    for (size_t i = 0; i < code.n; i++)
        words[i] = (char)(code.p[i] == '_' ? ' ' : code.p[i]);
    return (struct str){words, code.n};
}
