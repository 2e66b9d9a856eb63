/* config_rows.c -- rows of files whose fields count by their place.
 *
 *     .x.example  TRUE  /  TRUE  1893456000  sid  x     a cookie of a browser (tabs)
 *     [smtp.x.example]:587 bob:x                        Postfix, sasl_passwd
 *     createUser bob SHA x AES y                        snmpd.conf(5)
 *     machine h login bob password x                    netrc
 */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_FIELDS = 12, MAX_ROW = 2000 };

struct row {
    struct piece v[MAX_FIELDS];
    size_t n;
};

static struct str field(const struct reader *r, const struct row *row, size_t i)
{
    return i < row->n ? piece_str(r, row->v[i]) : STR("");
}

/* Words, their quotes taken off; false: more than a row has. */
static bool split_words(const struct reader *r, const struct line *l, struct row *row)
{
    row->n = 0;
    for (size_t i = skip_blanks(r, l->body, l->end); i < l->end;) {
        size_t to = i;
        while (to < l->end && (unsigned char)r->text.p[to] > ' ')
            to++;
        if (row->n == MAX_FIELDS)
            return false;
        struct piece p = {i, to, 0};
        if (to > i + 2 && is_quote(r->text.p[i]) && r->text.p[to - 1] == r->text.p[i])
            p = (struct piece){i + 1, to - 1, r->text.p[i]};
        row->v[row->n++] = p;
        i = skip_blanks(r, to, l->end);
    }
    return row->n > 1;
}

/* -- cookies ----------------------------------------------------------------------- */

static void split_tabs(const struct reader *r, const struct line *l, struct row *row)
{
    size_t begin = l->start;
    row->n = 0;
    for (size_t i = l->start; i <= l->end && row->n < MAX_FIELDS; i++)
        if (i == l->end || r->text.p[i] == '\t') {
            row->v[row->n++] = (struct piece){begin, i, 0};
            begin = i + 1;
        }
}

static bool is_flag(struct str s)
{
    return str_eqz(s, "TRUE") || str_eqz(s, "FALSE");
}

/* Counts visits and opens nothing. */
static bool is_of_statistics(struct str name)
{
    static const char *const fronts[] = {"_ga", "_gid", "_gcl", "__utm", "_fbp", "_hj"};
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (str_starts(name, str_of(fronts[i])))
            return true;
    return false;
}

/* Whether hosts below count, the path, whether it needs TLS, its end, its name. */
static void read_cookie(struct reader *r, const struct line *l)
{
    enum { HOST, BELOW, PATH, TLS, UNTIL, NAME, VALUE, FIELDS };
    struct row row;
    split_tabs(r, l, &row);
    struct str path = field(r, &row, PATH), until = field(r, &row, UNTIL);
    if (row.n != FIELDS || !is_flag(field(r, &row, BELOW)) ||
        !is_flag(field(r, &row, TLS)) || path.n == 0 || path.p[0] != '/' ||
        until.n == 0 || count_digits(until) != until.n)
        return;
    emit(r, row.v[NAME], row.v[VALUE], NOTE_DATA);
    if (!is_of_statistics(field(r, &row, NAME)))
        emit_told(r, row.v[VALUE], NOTE_SEGMENT, TELLS_SESSION);
}

/* -- words ------------------------------------------------------------------------- */

/* "[smtp.x.example]:587", "mail.x.example:25": a server that mail is handed to.  A file
 * before its digest ("app.js sha256:...") has neither brackets nor such a port. */
static bool is_relay(struct str s, bool *ret_in_brackets)
{
    static const char *const ports[] = {":25", ":465", ":587", ":2525"};
    bool has_port = false;
    const char *close = s.n > 4 && s.p[0] == '[' ? memchr(s.p, ']', s.n) : NULL;
    size_t inside = close ? (size_t)(close - s.p) : 0;
    bool is_link = close && inside + 2 == s.n && s.p[s.n - 1] == ':'; /* of Markdown */
    *ret_in_brackets = close && memchr(s.p, '.', inside) && !is_link;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && !strchr("[].:-", s.p[i]))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(ports); i++)
        has_port |= str_ends(s, str_of(ports[i]));
    return *ret_in_brackets || (has_port && is_alpha(s.p[0]) && memchr(s.p, '.', s.n));
}

static void read_relay(struct reader *r, const struct row *row)
{
    enum { LEAST = 5 };
    struct str login = field(r, row, 1);
    ptrdiff_t colon = str_index(login, ':');
    bool in_brackets = false;
    if (row->n != 2 || colon < 2 || !is_relay(field(r, row, 0), &in_brackets))
        return;
    struct piece v = {row->v[1].start + (size_t)colon + 1, row->v[1].end, 0};
    struct str password = piece_str(r, v);
    if (password.n < LEAST || memchr(password.p, '/', password.n))
        return;
    emit_told(r, v, in_brackets ? NOTE_COMMAND : NOTE_LINE, TELLS_PASSWORD);
}

/* The word behind the name of a way to sign or to encrypt. */
static void read_snmp_user(struct reader *r, const struct row *row)
{
    static const char *const ways[] = {"sha",     "md5",     "sha-224", "sha-256",
                                       "sha-384", "sha-512", "aes",     "des",
                                       "aes-128", "aes128",  "aes-192", "aes-256"};
    if (!equal_to(field(r, row, 0), "createuser"))
        return;
    for (size_t i = 2; i + 1 < row->n; i++)
        if (is_word_of(field(r, row, i), ways, ARRAY_LEN(ways)))
            emit_told(r, row->v[++i], NOTE_COMMAND, TELLS_PASSWORD);
}

static void read_netrc(struct reader *r, const struct row *row)
{
    if (!equal_to(field(r, row, 0), "machine"))
        return;
    for (size_t i = 2; i + 1 < row->n; i += 2)
        emit(r, row->v[i], row->v[i + 1], NOTE_DATA);
}

void read_config_row(struct reader *r, const struct line *l)
{
    struct row row;
    if (l->end - l->start > MAX_ROW || !may_read(r, 2 * (l->end - l->start)))
        return;
    if (memchr(r->text.p + l->start, '\t', l->end - l->start))
        read_cookie(r, l);
    if (!split_words(r, l, &row))
        return;
    read_relay(r, &row);
    read_snmp_user(r, &row);
    read_netrc(r, &row);
}
