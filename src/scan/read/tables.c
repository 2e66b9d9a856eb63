/* tables.c -- rows under a line of heads: CSV, tabs, semicolons, Markdown and the boxes
 * that database shells draw, columns parted by two blanks or more.
 *
 * A line is one of heads when the line below has as many cells and one of the heads tells
 * something; then every line with as many cells is a row of it. */
#include "scan/read/inside.h"
#include "scan/read/name_words.h"

enum { MAX_CELLS = 48, MAX_LINE = 2000, MAX_HEAD = 48, DOTTED_MOST = 8 };

struct row {
    struct piece v[MAX_CELLS];
    size_t n;
};

static size_t end_of_line(const struct reader *r, size_t from)
{
    const char *nl =
        from < r->text.n ? memchr(r->text.p + from, '\n', r->text.n - from) : NULL;
    return nl ? (size_t)(nl - r->text.p) : r->text.n;
}

static void add_cell(struct reader *r, struct row *row, size_t from, size_t to)
{
    struct piece v = trimmed(r, (struct piece){from, to, 0});
    if (v.end > v.start + 1 && is_quote(r->text.p[v.start]) &&
        r->text.p[v.end - 1] == r->text.p[v.start])
        v = (struct piece){v.start + 1, v.end - 1, r->text.p[v.start]};
    if (row->n < MAX_CELLS)
        row->v[row->n++] = v;
}

/* Cells of [from, to); sep ' ' stands for two blanks and more. */
static void cut_row(struct reader *r, size_t from, size_t to, char sep, struct row *row)
{
    bool quoted = false;
    row->n = 0;
    while (to > from && (unsigned char)r->text.p[to - 1] <= ' ' && sep != '\t')
        to--;
    from = sep == '\t' ? from : skip_blanks(r, from, to);
    if (sep == '|' && to > from + 1 && r->text.p[from] == '|') {
        from++;
        to -= r->text.p[to - 1] == '|';
    }
    size_t begin = from;
    for (size_t i = from; i < to; i++) {
        char c = r->text.p[i];
        if (c == '"' && (quoted || skip_blanks(r, begin, i) == i))
            quoted = !quoted;
        bool ends = sep == ' ' ? c == ' ' && i + 1 < to && r->text.p[i + 1] == ' '
                               : c == sep && !quoted;
        if (!ends)
            continue;
        add_cell(r, row, begin, i);
        if (sep == ' ')
            i = skip_blanks(r, i, to) - 1;
        begin = i + 1;
    }
    add_cell(r, row, begin, to);
    may_read(r, to - from);
}

/* |---|:--:|, +-----+-----+, ------  ------ */
static bool is_rule(const struct reader *r, size_t from, size_t to)
{
    size_t dashes = 0;
    for (size_t i = from; i < to; i++) {
        char c = r->text.p[i];
        if (c != '-' && c != '|' && c != '+' && c != '=' && c != ':' && c != ' ' &&
            c != '\r')
            return false;
        dashes += c == '-' || c == '=';
    }
    return dashes >= 3;
}

static bool is_letter_at(struct str s, size_t i)
{
    return i < s.n && (is_alpha(s.p[i]) || s.p[i] < 0);
}

/* "Ausweisnr.", "Α.Φ.Μ.": a dot that ends no sentence. */
static bool is_number_word(struct str s)
{
    return str_ends(s, STR("nr.")) || str_ends(s, STR("num.")) ||
           memchr(s.p, '.', s.n - 1) != NULL;
}

/* "OSError): pass": a bracket without its other half is cut out of a program. */
static bool is_cut(struct str s)
{
    int depth = 0;
    for (size_t i = 0; i < s.n && depth >= 0; i++)
        depth += (s.p[i] == '(') - (s.p[i] == ')');
    return depth != 0;
}

/* "#define NAME  x", "#include <x>" */
static bool is_of_preprocessor(struct str s)
{
    static const char *const words[] = {"#define ", "#include ", "#undef ", "#pragma "};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_startsz(s, words[i]))
            return true;
    return false;
}

/* A head is a few words; not code, a number or a sentence. */
static bool may_be_head(struct str s)
{
    if (s.n == 0 || s.n > (s.p[0] < 0 ? 2 * MAX_HEAD : MAX_HEAD) || is_digit(s.p[0]))
        return false;
    size_t blanks = 0, last = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool is_inside = (s.p[i] == '\'' || s.p[i] == '"') && is_letter_at(s, i - 1) &&
                         is_letter_at(s, i + 1);
        last = s.p[i] == ' ' ? i + 1 : last;
        blanks += s.p[i] == ' ';
        if (s.p[i] >= 0 && !is_inside && strchr("=<>{}[]*;|\\!\"'`~^", s.p[i]))
            return false;
    }
    bool is_dotted = s.p[s.n - 1] == '.' && s.n - last > DOTTED_MOST;
    return blanks < 5 && !is_cut(s) && !is_of_preprocessor(s) &&
           !(is_dotted && !is_number_word(str_sub(s, last, s.n)));
}

/* "Account" alone may be a customer's; beside what people are paid it is their bank's. */
static bool is_account(struct str s)
{
    static const char *const words[] = {
        "account", "acct",   "a/c",   "account no", "acc",      "konto", "kontonr",
        "compte",  "cuenta", "conto", "conta",      "rekening", "rek",   "cont",
        "hesap",   "tili",   "счёт",  "счет",       "рахунок",  "účet",  "bankkonto"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool is_pay(struct str s)
{
    static const char *const words[] = {
        "salary",  "wage",    "wages",     "net pay", "gross pay", "pay",
        "payroll", "bonus",   "gehalt",    "lohn",    "salaire",   "sueldo",
        "salario", "nómina",  "stipendio", "salário", "salaris",   "lön",
        "løn",     "lønn",    "palkka",    "pensja",  "plat",      "mzda",
        "fizetés", "salariu", "maaş",      "оклад",   "зарплата"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool has_pay(const struct reader *r, const struct row *heads)
{
    for (size_t i = 0; i < heads->n; i++)
        if (is_pay(piece_str(r, heads->v[i])))
            return true;
    return false;
}

static bool ends_in_colon(const struct reader *r, struct piece p)
{
    return p.end > p.start && r->text.p[p.end - 1] == ':';
}

/* "passwd:  files" above "group:  files": each line is a name and its value. */
static bool are_lines_of_pairs(const struct reader *r, const struct row *a,
                               const struct row *b)
{
    return a->n == 2 && ends_in_colon(r, a->v[0]) && ends_in_colon(r, b->v[0]);
}

static bool are_heads(struct reader *r, const struct row *row)
{
    size_t telling = 0;
    bool pays = has_pay(r, row);
    for (size_t i = 0; i < row->n; i++)
        if (!may_be_head(piece_str(r, row->v[i])))
            return false;
    for (size_t i = 0; i < row->n && !telling; i++) {
        struct str s = piece_str(r, row->v[i]);
        struct told told = telling_of(s);
        uint64_t roles = told.is_neuter ? 0 : name_roles(s);
        telling += told.what > TELLS_FAKE || (pays && is_account(s)) ||
                   names_paper(roles) || names_secret(roles);
        may_read(r, s.n);
    }
    return telling > 0;
}

static size_t count_of(const struct reader *r, size_t from, size_t to, char sep)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += sep == ' ' ? r->text.p[i] == ' ' && i + 1 < to && r->text.p[i + 1] == ' ' &&
                              r->text.p[i - (i > from)] != ' '
                        : r->text.p[i] == sep;
    return n;
}

/* The rows below; returns where they end. */
static size_t read_rows(struct reader *r, const struct row *heads, size_t at, char sep)
{
    size_t end_of_rows = at;
    bool pays = has_pay(r, heads);
    while (at < r->text.n && r->steps < r->max_steps) {
        size_t end = end_of_line(r, at);
        struct row row;
        if (end - at > MAX_LINE)
            break;
        if (!is_rule(r, at, end)) {
            cut_row(r, at, end, sep, &row);
            if (row.n != heads->n)
                break;
            for (size_t i = 0; i < row.n; i++)
                if (pays && is_account(piece_str(r, heads->v[i])))
                    emit_told(r, row.v[i], NOTE_TABLE, TELLS_ACCOUNT);
                else
                    emit(r, heads->v[i], row.v[i], NOTE_TABLE);
            end_of_rows = end + 1;
        }
        at = end + 1;
    }
    return end_of_rows;
}

size_t read_table(struct reader *r, const struct line *l)
{
    static const char seps[] = {'|', '\t', ';', ',', ' '};
    size_t next =
        l->end < r->text.n ? l->end + (r->text.p[l->end] == '\r') + 1 : r->text.n;
    if (l->end - l->start < 5 || l->end - l->start > MAX_LINE || next >= r->text.n)
        return l->start;
    size_t below = end_of_line(r, next);
    if (is_rule(r, next, below)) {
        next = below + 1;
        below = end_of_line(r, next);
    }
    if (next >= r->text.n || below - next > MAX_LINE)
        return l->start;
    for (size_t k = 0; k < sizeof seps; k++) {
        size_t n = count_of(r, l->start, l->end, seps[k]);
        if (!n || !count_of(r, next, below, seps[k]) || n > MAX_CELLS)
            continue;
        struct row heads, first;
        cut_row(r, l->start, l->end, seps[k], &heads);
        cut_row(r, next, below, seps[k], &first);
        if (heads.n < 2 || heads.n != first.n || !are_heads(r, &heads) ||
            are_lines_of_pairs(r, &heads, &first) ||
            (heads.n == 2 && l->body != l->start && seps[k] != '|'))
            continue; /* two indented columns are arguments of some code */
        return read_rows(r, &heads, next, seps[k]);
    }
    return l->start;
}
