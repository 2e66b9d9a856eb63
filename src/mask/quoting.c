/* quoting.c -- see quoting.h.
 *
 * Levels: the text itself; when it is in a string, what that string means; and so on.
 * A byte goes to the first level, which gives a string's characters to the next.
 *
 * What is taken for JSON but is none ends as soon as it shows: at a character that JSON
 * has not outside of strings, or at a line end inside of one. */
#include "mask/quoting.h"

enum mode {
    MODE_TEXT,
    MODE_FENCE, /* behind three ticks, on their line */
    MODE_JSON,
    MODE_CODE, /* strings with backslashes, in either quotes, within one line */
    MODE_YAML, /* the same in double quotes, which open a value; '' in single ones */
    MODE_SQL,  /* '' */
    MODE_CSV   /* "" in a field */
};

static const struct {
    const char *language;
    enum mode mode;
} languages[] = {
    {"json", MODE_JSON},       {"jsonc", MODE_JSON},  {"json5", MODE_JSON},
    {"jsonl", MODE_JSON},      {"ndjson", MODE_JSON}, {"geojson", MODE_JSON},
    {"jsonlines", MODE_JSON},  {"yaml", MODE_YAML},   {"yml", MODE_YAML},
    {"toml", MODE_YAML},       {"python", MODE_CODE}, {"py", MODE_CODE},
    {"javascript", MODE_CODE}, {"js", MODE_CODE},     {"jsx", MODE_CODE},
    {"typescript", MODE_CODE}, {"ts", MODE_CODE},     {"tsx", MODE_CODE},
    {"java", MODE_CODE},       {"kotlin", MODE_CODE}, {"swift", MODE_CODE},
    {"c", MODE_CODE},          {"cpp", MODE_CODE},    {"c++", MODE_CODE},
    {"csharp", MODE_CODE},     {"cs", MODE_CODE},     {"go", MODE_CODE},
    {"rust", MODE_CODE},       {"dart", MODE_CODE},   {"ruby", MODE_CODE},
    {"sql", MODE_SQL},         {"mysql", MODE_SQL},   {"postgresql", MODE_SQL},
    {"postgres", MODE_SQL},    {"sqlite", MODE_SQL},  {"plsql", MODE_SQL},
    {"csv", MODE_CSV},         {"tsv", MODE_CSV},
};

static void begin_level(struct quoting_level *l, enum mode mode)
{
    *l = (struct quoting_level){.mode = (uint8_t)mode, .is_line_start = true};
    l->last = '\n';
}

void quoting_init(struct quoting *q, bool is_json)
{
    q->n = 1;
    begin_level(&q->levels[0], is_json ? MODE_JSON : MODE_TEXT);
    q->levels[0].is_strict = q->levels[0].is_lasting = is_json;
}

static void open_string(struct quoting *q, unsigned k, char quote)
{
    q->levels[k].quote = quote;
    q->levels[k].escape = 0;
    if (k + 1 == QUOTING_LEVELS)
        return;
    begin_level(&q->levels[k + 1], MODE_TEXT);
    q->n = (uint8_t)(k + 2);
}

static void close_string(struct quoting *q, unsigned k)
{
    q->levels[k].quote = 0;
    q->n = (uint8_t)(k + 1);
}

void quoting_init_string(struct quoting *q)
{
    quoting_init(q, true);
    open_string(q, 0, '"');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* -- fences -------------------------------------------------------------------- */

static void enter_fence(struct quoting_level *l)
{
    enum mode mode = MODE_TEXT;
    l->language[l->nlanguage] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (strcmp(l->language, languages[i].language) == 0)
            mode = languages[i].mode;
    /* Three ticks alone close the fence; with a word they open the next one, whether
     * or not the last was closed. */
    l->is_fenced = !l->is_fenced || l->nlanguage > 0;
    l->mode = (uint8_t)(l->is_fenced ? mode : MODE_TEXT);
    l->is_lasting = l->mode == MODE_JSON;
    l->braces = 0;
    l->opener = 0;
}

/* True when c belongs to what may become a fence. */
static bool follow_ticks(struct quoting_level *l, char c)
{
    if (!l->is_line_start)
        return false;
    if (l->nticks == 0 && (is_blank(c) || c == '>'))
        return true;
    if ((c != '`' && c != '~') || (l->nticks > 0 && c != l->fence)) {
        l->is_line_start = false;
        l->nticks = 0;
        return false;
    }
    l->fence = c;
    if (++l->nticks < 3)
        return true;
    l->mode_then = l->mode;
    l->mode = MODE_FENCE;
    l->nlanguage = 0;
    l->has_language = false;
    l->opener = 0;
    return true;
}

static void begin_line(struct quoting_level *l)
{
    l->is_line_start = true;
    l->nticks = 0;
    l->last = '\n';
}

static void follow_language(struct quoting_level *l, char c)
{
    if (c == '`') { /* code on one line */
        l->mode = l->mode_then;
        l->is_line_start = false;
        l->nticks = 0;
    } else if (c == '\n') {
        enter_fence(l);
        begin_line(l);
    } else if (is_blank(c)) {
        l->has_language = l->nlanguage > 0;
    } else if (!l->has_language && (l->nlanguage > 0 || !strchr("{.", c))) {
        if (l->nlanguage < QUOTING_LANGUAGE && c != '}')
            l->language[l->nlanguage++] =
                (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
}

/* -- outside of strings ---------------------------------------------------------- */

static void follow_json(struct quoting *q, unsigned k, char c)
{
    struct quoting_level *l = &q->levels[k];
    if (c == '"') {
        open_string(q, k, c);
    } else if (c == '{' || c == '[') {
        l->braces++;
    } else if (c == '}' || c == ']') {
        if (l->braces > 0)
            l->braces--;
        if (l->braces == 0 && !l->is_lasting)
            l->mode = MODE_TEXT;
    } else if (!l->is_lasting && !strchr("truefalsn0123456789+-.E:, \t\r\n", c)) {
        l->mode = MODE_TEXT;
    }
}

/* True when a text that opens with these two is an object or a list of JSON. */
static bool opens_json(char first, char second)
{
    return second == '"' || (first == '[' && (second == '{' || second == '['));
}

static void look_for_json(struct quoting *q, unsigned k, char c)
{
    struct quoting_level *l = &q->levels[k];
    if (l->opener && is_blank(c))
        return;
    if (l->opener && opens_json(l->opener, c)) {
        l->opener = 0;
        l->mode = MODE_JSON;
        l->is_lasting = false;
        l->braces = 1;
        follow_json(q, k, c);
        return;
    }
    l->opener = c == '{' || c == '[' ? c : 0;
}

/* In modes other than JSON. */
static bool opens_string(const struct quoting_level *l, char c)
{
    if (c != '"' && c != '\'')
        return false;
    switch (l->mode) {
    case MODE_CODE:
        return true;
    case MODE_YAML:
        return strchr("\n:-=[{,", l->last) != NULL;
    case MODE_SQL:
        return c == '\'';
    case MODE_CSV:
        return c == '"' && strchr("\n,;|", l->last) != NULL;
    default:
        return false;
    }
}

static void follow_outside(struct quoting *q, unsigned k, char c)
{
    struct quoting_level *l = &q->levels[k];
    if (l->mode == MODE_FENCE) {
        if (c == l->fence && l->nlanguage == 0)
            return;
        follow_language(l, c);
        if (l->mode == MODE_FENCE) /* the JSON may begin on that line */
            look_for_json(q, k, c);
        return;
    }
    if (c == '\n')
        begin_line(l);
    else if (!l->is_strict && follow_ticks(l, c))
        return;
    if (l->mode == MODE_TEXT)
        look_for_json(q, k, c);
    else if (l->mode == MODE_JSON)
        follow_json(q, k, c);
    else if (opens_string(l, c))
        open_string(q, k, c);
    if (!is_blank(c))
        l->last = c;
}

/* -- in strings ------------------------------------------------------------------- */

static void follow(struct quoting *q, unsigned k, char c);

static unsigned hex_of(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* How a string of this level is escaped. */
enum rule { RULE_BACKSLASH, RULE_DOUBLED };

static enum rule rule_of(const struct quoting_level *l)
{
    switch (l->mode) {
    case MODE_SQL:
    case MODE_CSV:
        return RULE_DOUBLED;
    case MODE_YAML:
        return l->quote == '"' ? RULE_BACKSLASH : RULE_DOUBLED;
    default:
        return RULE_BACKSLASH;
    }
}

/* The character that c completes, or -1 when more must come. */
static int meaning(struct quoting_level *l, char c)
{
    static const char letters[] = "nrtbf", controls[] = "\n\r\t\b\f";
    if (rule_of(l) == RULE_DOUBLED)
        return (unsigned char)c;
    if (l->escape == 0) {
        l->escape = c == '\\';
        return c == '\\' ? -1 : (unsigned char)c;
    }
    if (l->escape == 1) {
        const char *hit = c ? strchr(letters, c) : NULL;
        l->escape = c == 'u' ? 5 : 0;
        l->code = 0;
        l->is_wide = false;
        return c == 'u' ? -1 : hit ? controls[hit - letters] : (unsigned char)c;
    }
    l->is_wide |= l->code >= 16;
    l->code = (uint8_t)(l->code * 16 + hex_of(c));
    if (--l->escape > 1)
        return -1;
    l->escape = 0;
    return l->is_wide || l->code >= 0x80 ? 'x' : l->code;
}

static void follow_string(struct quoting *q, unsigned k, char c)
{
    struct quoting_level *l = &q->levels[k];
    if (l->escape == 0 && c == l->quote) {
        close_string(q, k);
        if (c != '"' || l->mode != MODE_JSON)
            l->last = c;
        return;
    }
    if (c == '\n' && !l->is_strict) {
        close_string(q, k);
        if (!l->is_lasting && l->mode == MODE_JSON)
            l->mode = MODE_TEXT;
        follow_outside(q, k, c);
        return;
    }
    int means = meaning(l, c);
    if (means >= 0 && k + 1 < QUOTING_LEVELS)
        follow(q, k + 1, (char)means);
}

NOINLINE static void follow(struct quoting *q, unsigned k, char c)
{
    if (q->levels[k].quote)
        follow_string(q, k, c);
    else
        follow_outside(q, k, c);
}

/* Of most of what anybody says nothing matters but these. */
static size_t plain_run(const struct quoting_level *l, const char *p, size_t n)
{
    size_t i = 0;
    if (l->mode == MODE_TEXT && !l->is_line_start && !l->opener)
        while (i < n && p[i] != '{' && p[i] != '[' && p[i] != '\n')
            i++;
    return i;
}

void quoting_follow(struct quoting *q, struct str text)
{
    size_t i = 0;
    for (;;) {
        i += plain_run(&q->levels[0], text.p + i, text.n - i);
        if (LIKELY(i == text.n))
            return;
        follow(q, 0, text.p[i++]);
    }
}

void quoting_step_over_value(struct quoting *q)
{
    struct quoting_level *l = &q->levels[q->n - 1];
    if (l->quote) /* the deepest of all: what it means is not looked at */
        return;
    if (l->mode == MODE_FENCE)
        l->has_language = true;
    l->is_line_start = false;
    l->nticks = 0;
    l->opener = 0;
    l->last = 'x';
}

unsigned quoting_depth(const struct quoting *q)
{
    unsigned k = 0;
    while (k < q->n && q->levels[k].quote && q->levels[k].mode == MODE_JSON)
        k++;
    return k;
}

bool quoting_is_json(const struct quoting *q)
{
    return q->levels[0].mode == MODE_JSON;
}

/* -- writing ------------------------------------------------------------------------ */

/* Escapes in a value, in a string that is none of JSON: it may have been cut out of one.
 */
static bool has_escapes(const struct quoting_level *l, struct str value)
{
    const char doubled[] = {l->quote, l->quote};
    return l->mode != MODE_JSON && (str_index(value, '\\') >= 0 ||
                                    (rule_of(l) == RULE_DOUBLED &&
                                     str_find(value, (struct str){doubled, 2}) >= 0));
}

void quoting_take_pen(const struct quoting *q, struct str value, struct quoting_pen *ret)
{
    ret->n = 0;
    for (unsigned k = 0; k < q->n; k++) {
        const struct quoting_level *l = &q->levels[k];
        if (!l->quote || has_escapes(l, value))
            continue;
        ret->rules[ret->n] = (uint8_t)rule_of(l);
        ret->quotes[ret->n++] = l->quote;
    }
}

static void write_through(const struct quoting_pen *p, unsigned n, char c,
                          struct buf *out);

static void write_backslashed(const struct quoting_pen *p, unsigned n, char c,
                              struct buf *out)
{
    static const char letters[] = "nrtbf", controls[] = "\n\r\t\b\f";
    static const char hex[] = "0123456789abcdef";
    bool is_control = (unsigned char)c < 0x20;
    const char *hit = is_control && c ? strchr(controls, c) : NULL;
    if (is_control || c == '\\' || c == p->quotes[n])
        write_through(p, n, '\\', out);
    if (hit) {
        write_through(p, n, letters[hit - controls], out);
    } else if (is_control) {
        const char digits[] = {'u', '0', '0', hex[c >> 4], hex[c & 15]};
        for (size_t i = 0; i < sizeof digits; i++)
            write_through(p, n, digits[i], out);
    } else {
        write_through(p, n, c, out);
    }
}

/* Through the n outermost of the strings, the last of them first. */
static void write_through(const struct quoting_pen *p, unsigned n, char c,
                          struct buf *out)
{
    if (n-- == 0) {
        buf_byte(out, c);
    } else if (p->rules[n] == RULE_BACKSLASH) {
        write_backslashed(p, n, c, out);
    } else {
        if (p->rules[n] == RULE_DOUBLED && c == p->quotes[n])
            write_through(p, n, c, out);
        write_through(p, n, c, out);
    }
}

void quoting_write(const struct quoting_pen *p, char c, struct buf *out)
{
    write_through(p, p->n, c, out);
}
