/* media.c -- see media.h. */
#include "engine/media.h"

/* How files of a type begin, in base64, and how their names end. */
static const struct {
    const char *type, *start, *end;
} kinds[] = {
    {"image/png", "iVBORw0KGgo", ".png"},   {"image/jpeg", "/9j/", ".jpg"},
    {"image/gif", "R0lGOD", ".gif"},        {"image/webp", "UklGR", ".webp"},
    {"application/pdf", "JVBERi0", ".pdf"}, {"image/jpeg", NULL, ".jpeg"},
    {"text/plain", NULL, ".txt"},           {"text/plain", NULL, ".md"},
};

static bool ends_nocase(struct str s, struct str end)
{
    return s.n > end.n && str_eq_nocase(str_sub(s, s.n - end.n, s.n), end);
}

struct str piece_type_of(struct str said, struct str base64, struct str name)
{
    ptrdiff_t semicolon = str_index(said, ';');
    if (semicolon >= 0)
        said = str_sub(said, 0, (size_t)semicolon);
    said = str_trim(said);
    if (str_eq_nocase(said, STR("image/jpg")) || str_eq_nocase(said, STR("image/pjpeg")))
        return STR("image/jpeg");
    if (said.n && !str_eq_nocase(said, STR("application/octet-stream")))
        return said;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].start && str_starts(base64, str_of(kinds[i].start)))
            return str_of(kinds[i].type);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (ends_nocase(name, str_of(kinds[i].end)))
            return str_of(kinds[i].type);
    return STR("");
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

struct str base64_text(struct str base64, struct arena *a)
{
    struct str none = {NULL, 0};
    size_t n = 0;
    uint32_t bits = 0;
    unsigned nbits = 0;
    char *out = arena_raw(a, base64.n / 4 * 3 + 4);
    while (base64.n && base64.p[base64.n - 1] == '=')
        base64.n--;
    for (size_t i = 0; out && i < base64.n; i++) {
        char c = base64.p[i];
        int value = value_of(c);
        if (c == '\n' || c == '\r')
            continue;
        if (value < 0)
            return none;
        bits = bits << 6 | (uint32_t)value;
        nbits += 6;
        if (nbits >= 8) {
            nbits -= 8;
            out[n++] = (char)(bits >> nbits & 0xFF);
        }
    }
    return out ? (struct str){out, n} : none;
}
