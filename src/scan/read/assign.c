/* assign.c -- a name, a colon or an equals sign, a value.
 *
 * JSON, YAML, TOML, INI, .env, headers, cookies, queries, connection strings, forms,
 * attributes, assignments and keyword arguments are all this: what differs is how far the
 * name reaches back and where the value ends. */
#include "scan/read/inside.h"

enum { MAX_LIST = 600 };

/* -- the name ---------------------------------------------------------------------- */

/* "r. \xC4\x8D.", "dow. os.": a dot behind a few letters ends no sentence in a label. */
static bool is_dot_of_label(const struct reader *r, size_t dot)
{
    enum { LETTERS_MOST = 4 };
    size_t from = dot;
    while (from > 0 && dot - from <= LETTERS_MOST &&
           (is_alpha(r->text.p[from - 1]) || r->text.p[from - 1] < 0))
        from--;
    return dot > from && dot - from <= LETTERS_MOST;
}

/* May stand in a label: "Mother's maiden name", "Passwort (WLAN)", $config.db_pass. */
static bool is_label_char(const struct reader *r, size_t i)
{
    char c = r->text.p[i];
    if (is_name_char(c))
        return !(c == '.' && byte_at(r, i + 1) == ' ') || is_dot_of_label(r, i);
    return c == ' ' || c == '/' || c == '(' || c == ')' || c == '\'' || c == '&' ||
           c == '#' || c == '$' || (c == '@' && (i == 0 || !is_alnum(r->text.p[i - 1])));
}

static struct piece quoted_before(const struct reader *r, size_t end, size_t begin)
{
    char q = r->text.p[end];
    for (size_t i = end; i > begin && end - i < READ_MAX_NAME; i--)
        if (r->text.p[i - 1] == q)
            return (struct piece){i, end, q};
    return (struct piece){end, end, 0};
}

static struct piece label_before(const struct reader *r, size_t i, size_t begin)
{
    size_t from = i;
    while (from > begin && i - from < READ_MAX_NAME && is_label_char(r, from - 1)) {
        from--;
        if (r->text.p[from] == ' ' && from > begin && r->text.p[from - 1] == ' ')
            break; /* two blanks part columns */
    }
    for (size_t k = from; k < i; k++)
        if (r->text.p[k] == '$') /* "public $password" of PHP */
            from = k;
    while (from < i && !is_alnum(r->text.p[from]) && r->text.p[from] >= 0)
        from++;
    return (struct piece){from, i, 0};
}

static bool is_type_name(struct str s)
{
    static const char *const types[] = {"string", "str",       "text",  "char",
                                        "any",    "secret",    "bytes", "varchar",
                                        "object", "secretstr", "auto",  "const"};
    return is_word_of(s, types, ARRAY_LEN(types));
}

/* The last word: "static str" of "&'static str". */
static struct piece last_word(const struct reader *r, struct piece p)
{
    size_t from = p.end;
    while (from > p.start && is_name_char(r->text.p[from - 1]))
        from--;
    return (struct piece){from, p.end, 0};
}

/* Of `password: str = "x"` the name stands before the colon. */
static struct piece before_type(const struct reader *r, struct piece name, size_t begin)
{
    size_t i = skip_blanks_back(r, name.start, begin);
    while (i > begin && strchr("&*'", r->text.p[i - 1]) && name.start - i < 4)
        i = skip_blanks_back(r, i - 1, begin);
    if (i == begin || r->text.p[i - 1] != ':' ||
        !is_type_name(piece_str(r, last_word(r, name))))
        return name;
    i = skip_blanks_back(r, i - 1, begin);
    return i > begin && r->text.p[i - 1] == '?' ? label_before(r, i - 1, begin)
                                                : label_before(r, i, begin);
}

/* "public static string Password": who may reach it says nothing of the value; "public
 * key" does. */
static struct piece past_modifier(const struct reader *r, struct piece name)
{
    static const char *const kinds[] = {"static",   "final",   "readonly",
                                        "override", "virtual", "required"};
    const struct str modifier = STR("public ");
    if (!str_starts(piece_str(r, name), modifier))
        return name;
    size_t from = name.start + modifier.n, to = from;
    while (to < name.end && is_name_char(r->text.p[to]))
        to++;
    struct str word = str_sub(r->text, from, to);
    bool is_kind = is_type_name(word) || is_word_of(word, kinds, ARRAY_LEN(kinds));
    return is_kind && to < name.end ? (struct piece){from, name.end, 0} : name;
}

/* Of "Password { get; set; } = x" where the name ends. */
static size_t before_braces(const struct reader *r, size_t end, size_t begin)
{
    enum { MOST = 40 };
    size_t i = end - 1;
    while (i > begin && end - i < MOST && r->text.p[i - 1] != '{')
        i--;
    return i > begin && r->text.p[i - 1] == '{' ? skip_blanks_back(r, i - 1, begin) : end;
}

static struct piece name_before(const struct reader *r, size_t op, size_t begin)
{
    size_t i = skip_blanks_back(r, op, begin);
    if (i > begin && r->text.p[i - 1] == '}')
        i = before_braces(r, i, begin);
    while (i > begin && strchr("*?!])>[", r->text.p[i - 1]) && op - i < 8 &&
           r->text.p[i - 1])
        i--;
    if (i > begin && is_quote(r->text.p[i - 1]))
        return quoted_before(r, i - 1, begin);
    if (byte_at(r, i) == ')')
        i++; /* a label's own */
    return past_modifier(r, before_type(r, trimmed(r, label_before(r, i, begin)), begin));
}

/* -- the value --------------------------------------------------------------------- */

/* "Option<P>)": what begins at the mark are the arguments of a type. */
static bool is_of_type(const struct reader *r, size_t i, size_t end)
{
    size_t from = i + 1;
    if (i == 0 || !is_alnum(r->text.p[i - 1]) || from >= end ||
        !is_upper(r->text.p[from]))
        return false;
    while (from < end && (is_alnum(r->text.p[from]) || r->text.p[from] == '_'))
        from++;
    return from + 1 < end && r->text.p[from] == '>' &&
           strchr(",);>", r->text.p[from + 1]);
}

/* A mark that may end a value does so when a blank, the line's end or another mark
 * follows, or another pair. */
static bool ends_at(const struct reader *r, size_t i, size_t end)
{
    char c = r->text.p[i], next = i + 1 < end ? r->text.p[i + 1] : ' ';
    bool is_loose = next == ' ' || next == '\t' || is_quote(next) ||
                    strchr(",;)]}>", next) || next == '\0';
    switch (c) {
    case '\t':
    case '"':
    case '`':
        return true;
    case '<':
        return !is_of_type(r, i, end);
    case '\'':
        return !is_alnum(next);
    case ' ':
        return next == ' ' || (next == '|' && i + 2 < end && r->text.p[i + 2] == ' ') ||
               begins_pair(r, i + 1, end) ||
               (next == '#' && i + 2 < end && r->text.p[i + 2] == ' ');
    case '&':
    case ';':
    case ',':
        return begins_pair(r, skip_blanks(r, i + 1, end), end) ||
               (c == ';' && is_loose) || (c == ',' && is_quote(next));
    case ')':
    case ']':
    case '}':
        return is_loose;
    default:
        return false;
    }
}

/* ", Name:" behind a comma: the next pair of a row of them. */
static bool begins_label(const struct reader *r, size_t i, size_t end)
{
    size_t from = i = skip_blanks(r, i, end), words = 0;
    for (; i < end && i - from < 32; i++) {
        char c = r->text.p[i];
        if (c == ':')
            return i > from && words < 4 && byte_at(r, i + 1) != '/';
        words += c == ' ';
        if (!is_alnum(c) && c != ' ' && c != '_' && c != '-' && c != '"' && c != '\'' &&
            c != '.' && c >= 0)
            return false;
    }
    return false;
}

static struct piece bare_at(struct reader *r, size_t i, size_t end)
{
    size_t at = i, most = i + READ_MAX_VALUE < end ? i + READ_MAX_VALUE : end;
    while (at < most && !(at > i && ends_at(r, at, end)) &&
           !((r->text.p[at] == ',' || r->text.p[at] == ';' || r->text.p[at] == '.') &&
             begins_label(r, at + 1, end)))
        at++;
    may_read(r, at - i);
    return trimmed(r, (struct piece){i, at, 0});
}

/* r"x", b'x', @"x", L"x", $"x" */
static size_t past_prefix(const struct reader *r, size_t i, size_t end)
{
    size_t k = 0;
    while (k < 2 && i + k < end && r->text.p[i + k] &&
           strchr("rRbBfFuUL@$", r->text.p[i + k]))
        k++;
    return k && i + k < end && is_quote(r->text.p[i + k]) ? i + k : i;
}

struct piece value_at(struct reader *r, size_t i, size_t end)
{
    i = past_prefix(r, i, end);
    if (i >= end || r->steps >= r->max_steps)
        return (struct piece){i, i, 0};
    if (is_quote(r->text.p[i])) {
        struct piece v = quoted_at(r, i, end);
        if (v.quote)
            return v;
        return bare_at(r, i + 1, end);
    }
    return bare_at(r, i, end);
}

/* -- together ---------------------------------------------------------------------- */

/* A call around the value: str("x"), os.getenv("NAME", "x"), new Secret("x").  What only
 * fetches a value by its name has one argument. */
static bool is_fetcher(struct str callee)
{
    static const char *const ends[] = {
        "get",     "getenv",    "env",     "environ",     "read",      "load",
        "lookup",  "open",      "input",   "prompt",      "getpass",   "format",
        "sprintf", "gettext",   "find",    "select",      "query",     "fetch",
        "require", "param",     "header",  "getproperty", "getstring", "getpassword",
        "i18n",    "translate", "t",       "join",        "split",     "replace",
        "search",  "match",     "compile", "config",      "getattr",   "pop",
        "ask",     "question",  "printf"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct str e = str_of(ends[i]);
        if (callee.n >= e.n &&
            str_eq_nocase(str_sub(callee, callee.n - e.n, callee.n), e) &&
            (callee.n == e.n || e.n > 2 || !is_alnum(callee.p[callee.n - e.n - 1])))
            return true;
    }
    return false;
}

static bool is_encoding(struct str s)
{
    static const char *const words[] = {"utf8",   "utf-8", "ascii", "latin1",
                                        "base64", "hex",   "utf16", "binary"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static void emit_wrapped(struct reader *r, struct piece name, struct piece v,
                         const struct line *l)
{
    size_t i = v.start, args = 0;
    if (i + 2 < v.end && r->text.p[i] == '[' && r->text.p[i + 1] == ']')
        i += 2; /* []byte("x") */
    while (i < v.end &&
           (is_name_char(r->text.p[i]) || r->text.p[i] == ' ' || r->text.p[i] == ':'))
        i++;
    if (i == v.start || i >= l->end || (r->text.p[i] != '(' && !is_quote(r->text.p[i])))
        return;
    bool is_call = r->text.p[i] == '(';
    struct str callee = str_sub(r->text, v.start, i);
    if (makes_type(callee))
        return;
    struct piece last = {0}, now;
    for (i += is_call; i < l->end && i - v.start < READ_MAX_VALUE; i = now.end + 1) {
        while (i < l->end && !is_quote(r->text.p[i]) && r->text.p[i] != ')')
            i++;
        if (i >= l->end || r->text.p[i] == ')')
            break;
        now = quoted_at(r, i, l->end);
        if (!now.quote)
            break;
        if (args && is_encoding(piece_str(r, now)))
            continue; /* Buffer.from("x", "utf8") */
        last = now;
        args++;
    }
    if (args && (args > 1 || !is_fetcher(callee)))
        emit(r, name, last, NOTE_CODE);
}

/* if ("x" == password) */
static void read_comparison(struct reader *r, const struct line *l, size_t op)
{
    size_t right = op + (r->text.p[op] == '!');
    while (right < l->end && r->text.p[right] == '=')
        right++;
    right = skip_blanks(r, right, l->end);
    struct piece left = name_before(r, op, l->start);
    if (left.quote) {
        size_t end = right;
        while (end < l->end && end - right < READ_MAX_NAME &&
               is_name_char(r->text.p[end]))
            end++;
        emit(r, (struct piece){right, end, 0}, left, NOTE_CODE);
        return;
    }
    right = past_prefix(r, right, l->end);
    if (is_quote(byte_at(r, right)))
        emit(r, left, quoted_at(r, right, l->end), NOTE_CODE);
}

/* "def pass_obj(f):": what follows is a body, and no value. */
static bool opens_body(const struct reader *r, const struct line *l)
{
    static const char *const heads[] = {"def ", "class ", "async ", "if ",   "elif ",
                                        "for ", "while ", "with ",  "except"};
    struct str s = str_sub(r->text, l->body, l->end);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(s, str_of(heads[i])))
            return true;
    return false;
}

/* The value on the lines below its name: "key: |", "Name:" and the name under it. */
static struct piece value_below(struct reader *r, const struct line *l, size_t i)
{
    static const char *const marks[] = {"|", ">", "|-", ">-", "|+", ">+", "\\"};
    struct str rest = str_trim(str_sub(r->text, i, l->end));
    struct piece none = {0};
    if ((rest.n && !is_word_of(rest, marks, ARRAY_LEN(marks))) || opens_body(r, l))
        return none;
    size_t at = l->end, breaks = 0;
    while (at < r->text.n && r->text.p[at] <= ' ' && r->text.p[at] >= 0 &&
           at - l->end < 64 && (breaks += r->text.p[at] == '\n') < 2)
        at++;
    const char *nl =
        at < r->text.n
            ? memchr(r->text.p + at, '\n',
                     r->text.n - at < READ_MAX_VALUE ? r->text.n - at : READ_MAX_VALUE)
            : NULL;
    size_t end = nl ? (size_t)(nl - r->text.p) : r->text.n;
    if (at >= r->text.n || end - at > READ_MAX_VALUE || !may_read(r, end - at))
        return none;
    return value_at(r, at, end);
}

static enum notation notation_of(const struct reader *r, const struct line *l,
                                 struct piece name, size_t op, size_t value)
{
    char c = r->text.p[op];
    if (name.quote)
        return NOTE_DATA;
    if (c == ':' && byte_at(r, op + 1) != '=')
        return name.start == l->body || r->text.p[op - 1] == ' ' ? NOTE_FORM : NOTE_DATA;
    bool spaced =
        r->text.p[op - 1] == ' ' && value > op + 1 && r->text.p[value - 1] == ' ';
    if (r->is_ini && c == '=')
        return NOTE_DATA;
    size_t last = skip_blanks_back(r, l->end, l->start);
    char end = last > l->start ? r->text.p[last - 1] : ' ';
    if (name.start != l->body || end == ';' || end == ',' || end == ')' || end == '(' ||
        end == '{' || r->text.p[op - 1] == ':' || byte_at(r, op + 1) == '>')
        return spaced || end == ';' ? NOTE_CODE : NOTE_DATA;
    return spaced ? NOTE_CODE : NOTE_DATA;
}

/* "given": ["Anna", "Maria"]: each of a list of strings. */
static bool read_array(struct reader *r, const struct line *l, struct piece name,
                       size_t at)
{
    size_t i = skip_space(r, at + 1);
    if (byte_at(r, at) != '[' || !is_quote(byte_at(r, i)))
        return false;
    bool is_line = equal_to(piece_str(r, name), "line");
    for (int k = 0; k < 16 && is_quote(byte_at(r, i)); k++) {
        struct piece v = quoted_at(
            r, i, i + READ_MAX_VALUE < r->text.n ? i + READ_MAX_VALUE : r->text.n);
        if (!v.quote)
            break;
        if (is_line && r->is_fhir)
            emit_told(r, v, NOTE_DATA, TELLS_ADDRESS);
        else
            emit(r, name, v, l->end > at ? NOTE_DATA : NOTE_CODE);
        i = skip_space(r, v.end + 1);
        if (byte_at(r, i) != ',')
            break;
        i = skip_space(r, i + 1);
    }
    return true;
}

/* Content-Disposition: form-data; name="password", an empty line, the value. */
static void read_part(struct reader *r, const struct line *l, struct piece name,
                      struct piece v)
{
    if (!v.quote || !equal_to(piece_str(r, name), "name") ||
        skip_blanks(r, v.end + 1, l->end) != l->end)
        return;
    size_t i = l->end;
    for (int k = 0; k < 2; k++) {
        i += byte_at(r, i) == '\r';
        if (byte_at(r, i) != '\n')
            return;
        i++;
    }
    size_t end = i;
    while (end < r->text.n && end - i < READ_MAX_NAME && r->text.p[end] != '\n' &&
           r->text.p[end] != '\r')
        end++;
    if (may_read(r, end - i))
        emit(r, (struct piece){v.start, v.end, v.quote}, (struct piece){i, end, 0},
             NOTE_DATA);
}

/* password <- "x" of R */
void read_arrow(struct reader *r, const struct line *l, size_t at)
{
    size_t v = skip_blanks(r, at + 2, l->end);
    if (v < l->end && is_quote(r->text.p[v]))
        emit(r, name_before(r, at, l->start), quoted_at(r, v, l->end), NOTE_CODE);
}

/* Past what YAML writes before a value: "&anchor", "!!str", "!unsafe".  Other tags say
 * where the value is. */
static size_t past_yaml_marks(const struct reader *r, size_t i, size_t end)
{
    static const char *const tags[] = {"!str", "!string", "!unsafe", "!plain", "!text"};
    while (i < end && (r->text.p[i] == '&' || r->text.p[i] == '!')) {
        size_t to = i + 1;
        while (to < end && (unsigned char)r->text.p[to] > ' ')
            to++;
        struct str mark = str_sub(r->text, i, to);
        bool is_mark = mark.n > 1 &&
                       (mark.p[0] == '&' ? is_alpha(mark.p[1])
                                         : mark.p[1] == '!' ||
                                               is_word_of(mark, tags, ARRAY_LEN(tags)));
        size_t next = skip_blanks(r, to, end);
        if (!is_mark || (next == to && to < end) || (next == end && to < end))
            return i;
        i = next;
    }
    return i;
}

static bool is_one_word(const struct reader *r, struct piece p)
{
    for (size_t i = p.start; i < p.end; i++)
        if (!is_name_char(r->text.p[i]))
            return false;
    return true;
}

void read_operator(struct reader *r, const struct line *l, size_t op)
{
    char c = r->text.p[op], prev = op > l->start ? r->text.p[op - 1] : ' ',
         next = byte_at(r, op + 1);
    if (prev == '=' || (c == ':' && (prev == ':' || next == ':' || next == '/')) ||
        (c == ':' && next == '=') || (c == '=' && (prev == '<' || prev == '>')))
        return;
    if (c == '=' && (next == '=' || prev == '!')) {
        read_comparison(r, l, prev == '!' ? op - 1 : op);
        return;
    }
    size_t left = op;
    while (left > l->start && strchr("+?:|~-", r->text.p[left - 1]) && op - left < 2 &&
           c == '=')
        left--;
    size_t at =
        skip_blanks(r, op + 1 + (c == '=' && (next == '>' || next == '~')), l->end);
    struct piece name = name_before(r, left, l->start);
    if (name.end <= name.start || !may_read(r, op - name.start) ||
        (c == ':' && next == '`' && name.start > 0 && r->text.p[name.start - 1] == ':'))
        return; /* :ref:`x` of a manual's source has no name */
    if (c == ':' && (unsigned char)next > ' ' && !is_quote(next) &&
        byte_at(r, name.start - (name.start > 0)) == ':' && is_one_word(r, name))
        return; /* the next of a run of them: a:b:c */
    char opens = byte_at(r, at);
    if ((opens == '[' || opens == '(' || opens == '{') &&
        names_account(piece_str(r, name)))
        r->accounts_end = at + MAX_LIST;
    if (c == ':')
        at = past_yaml_marks(r, at, l->end);
    if (read_array(r, l, name, at))
        return;
    struct piece v = {0};
    if (c == ':' && (name.start == l->body || name.start == l->body + 1))
        v = value_below(r, l, at);
    if (!v.end)
        v = value_at(r, at, l->end);
    struct str s = piece_str(r, name);
    r->is_fhir |= str_eqz(s, "resourceType");
    if (r->is_fhir && str_eqz(s, "family"))
        emit_told(r, v, NOTE_DATA, TELLS_LAST);
    emit(r, name, v, notation_of(r, l, name, op, at));
    read_part(r, l, name, v);
    if (!v.quote && c == '=')
        emit_wrapped(r, name, v, l);
}
