/* read.c -- walks a text by lines and shows each to the families of notations. */
#include "scan/read/inside.h"

size_t skip_blanks(const struct reader *r, size_t i, size_t end)
{
    while (i < end && (r->text.p[i] == ' ' || r->text.p[i] == '\t'))
        i++;
    return i;
}

size_t skip_space(const struct reader *r, size_t i)
{
    while (i < r->text.n && (unsigned char)r->text.p[i] <= ' ')
        i++;
    return i;
}

size_t skip_blanks_back(const struct reader *r, size_t i, size_t begin)
{
    while (i > begin && (r->text.p[i - 1] == ' ' || r->text.p[i - 1] == '\t'))
        i--;
    return i;
}

bool may_read(struct reader *r, size_t bytes)
{
    r->steps += bytes;
    return r->steps < r->max_steps;
}

struct piece trimmed(const struct reader *r, struct piece p)
{
    p.start = skip_blanks(r, p.start, p.end);
    while (p.end > p.start && (unsigned char)r->text.p[p.end - 1] <= ' ')
        p.end--;
    return p;
}

struct piece quoted_at(struct reader *r, size_t i, size_t end)
{
    char q = byte_at(r, i);
    size_t most = i + 1 + READ_MAX_VALUE < end ? i + 1 + READ_MAX_VALUE : end;
    struct piece none = {i, i, 0};
    if (i + 1 >= most)
        return none;
    bool is_triple = i + 2 < end && r->text.p[i + 1] == q && r->text.p[i + 2] == q;
    size_t from = is_triple ? i + 3 : i + 1;
    const char *close = from < most ? memchr(r->text.p + from, q, most - from) : NULL;
    size_t stop = close ? (size_t)(close - r->text.p) : most;
    if (!may_read(r, stop - i) || !close)
        return none;
    return (struct piece){from, stop, q};
}

struct piece word_before(const struct reader *r, size_t i, size_t begin)
{
    size_t from = i;
    while (from > begin && i - from < READ_MAX_NAME && is_name_char(r->text.p[from - 1]))
        from--;
    return (struct piece){from, i, 0};
}

bool begins_pair(const struct reader *r, size_t i, size_t end)
{
    size_t from = i;
    while (i < end && i - from < 32 &&
           (is_alnum(r->text.p[i]) || r->text.p[i] == '_' || r->text.p[i] == '-' ||
            r->text.p[i] == '.'))
        i++;
    char next = byte_at(r, i + 1), then = byte_at(r, i + 2);
    bool is_padding = (unsigned char)next <= ' ' || next == '=' ||
                      (is_quote(next) && (unsigned char)then <= ' ' && i - from > 8);
    return i > from && i < end && r->text.p[i] == '=' && (next >= 0 ? !is_padding : true);
}

void emit_pair(struct reader *r, struct piece name, struct piece value,
               enum notation note, enum telling says)
{
    if (value.end <= value.start || value.end > r->text.n ||
        value.end - value.start > READ_MAX_VALUE)
        return;
    const struct pair p = {.name = (uint32_t)name.start,
                           .name_end = (uint32_t)name.end,
                           .value = (uint32_t)value.start,
                           .value_end = (uint32_t)value.end,
                           .notation = (uint8_t)note,
                           .says = (uint8_t)says,
                           .quote = value.quote};
    r->found(r->ctx, &p);
    if (r->members && name.end > name.start)
        note_member(r, r->members, &p);
}

void emit(struct reader *r, struct piece name, struct piece value, enum notation note)
{
    if (name.end > name.start)
        emit_pair(r, name, value, note, TELLS_NOTHING);
}

void emit_told(struct reader *r, struct piece value, enum notation note,
               enum telling says)
{
    emit_pair(r, (struct piece){value.start, value.start, 0}, value, note, says);
}

/* -- lines ------------------------------------------------------------------------- */

static bool is_mark(char c)
{
    return c == '-' || c == '*' || c == '>' || c == '#' || c == '+' || c == '|';
}

/* Past list marks, numbers of lists, quoting of mail and the marks of a patch. */
static size_t body_of(const struct reader *r, size_t i, size_t end)
{
    i = skip_blanks(r, i, end);
    while (i < end && is_mark(r->text.p[i]) &&
           (byte_at(r, i + 1) == ' ' || is_mark(byte_at(r, i + 1))))
        i = skip_blanks(r, i + 1, end);
    if (i < end && (r->text.p[i] == '+' || r->text.p[i] == '-') &&
        is_alpha(byte_at(r, i + 1)))
        i++; /* a line of a patch */
    static const char *const words[] = {"export ", "set ", "SET ", "declare ", "local "};
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (str_starts(str_sub(r->text, i, end), str_of(words[k])))
            return skip_blanks(r, i + strlen(words[k]), end);
    return i;
}

static void read_bytes(struct reader *r, const struct line *l)
{
    for (size_t i = l->start; i < l->end; i++)
        switch (r->text.p[i]) {
        case ':':
            read_operator(r, l, i);
            if (byte_at(r, i + 1) == '/' && byte_at(r, i + 2) == '/')
                read_url(r, l, i);
            break;
        case '=':
            read_operator(r, l, i);
            read_several(r, l, i);
            read_directory_name(r, l, i);
            break;
        case '{':
            read_lazy(r, l, i);
            read_call(r, l, i);
            break;
        case '(':
        case ',':
            read_call(r, l, i);
            break;
        case '<':
            if (byte_at(r, i + 1) == '-' && byte_at(r, i + 2) == ' ')
                read_arrow(r, l, i);
            else
                read_element(r, l, i);
            read_beside_tag(r, l, i);
            break;
        default:
            break;
        }
}

/* "[section]", and below it "name = value" and comments: what stands there without quotes
 * is no variable. */
static void note_section(struct reader *r, const struct line *l)
{
    struct str s = str_trim(str_sub(r->text, l->start, l->end));
    if (s.n == 0 || s.p[0] == '#' || s.p[0] == ';')
        return;
    size_t i = 0;
    if (s.p[0] == '[' && s.p[s.n - 1] == ']') {
        for (i = 1; i + 1 < s.n; i++)
            if (!is_name_char(s.p[i]) && !strchr(" :/@\"", s.p[i]))
                break;
        r->is_ini = s.n > 2 && i + 1 == s.n && !is_digit(s.p[1]);
        return;
    }
    while (i < s.n && (is_name_char(s.p[i]) || s.p[i] == ' '))
        i++;
    char last = s.p[s.n - 1];
    r->is_ini &= i > 0 && i < s.n && s.p[i] == '=' && !strchr(";{(,", last);
}

static void read_line(struct reader *r, const struct line *l)
{
    note_section(r, l);
    read_bytes(r, l);
    if (l->end - l->body < 4)
        return;
    read_directive(r, l);
    read_form(r, l);
    read_markup(r, l);
    read_commands(r, l);
    read_argv(r, l);
    read_config_row(r, l);
    read_segment(r, l);
    read_chat(r, l);
    read_log(r, l);
    read_protocol(r, l);
    read_document(r, l);
    read_device(r, l);
    read_dump(r, l);
    read_profiles(r, l);
    read_sql(r, l);
}

bool read_pairs(struct str text, void (*found)(void *ctx, const struct pair *p),
                void *ctx)
{
    struct members m = {0};
    struct reader r = {.text = text,
                       .found = found,
                       .ctx = ctx,
                       .members = &m,
                       .max_steps = READ_STEPS_LEAST + READ_STEPS_PER_BYTE * text.n};
    size_t rows_end = 0;
    for (size_t at = 0; at < text.n;) {
        const char *nl = memchr(text.p + at, '\n', text.n - at);
        size_t next = nl ? (size_t)(nl - text.p) + 1 : text.n + 1;
        const char *cr = memchr(text.p + at, '\r', next - 1 - at);
        struct line l = {.start = at, .end = next - 1};
        if (cr) { /* HL7 ends its segments so */
            l.end = (size_t)(cr - text.p);
            next = l.end + 1 + (l.end + 1 == next - 1 && nl != NULL);
        }
        l.body = body_of(&r, l.start, l.end);
        read_line(&r, &l);
        if (at >= rows_end)
            rows_end = read_table(&r, &l);
        at = next;
    }
    return r.steps < r.max_steps;
}
