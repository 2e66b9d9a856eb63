/* sql.c -- the columns of INSERT and COPY over their rows, and arguments of procedures.
 *
 *     INSERT INTO t (a, b) VALUES ('x', 'y'), ('z', 'w');
 *     COPY t (a, b) FROM stdin;     rows with tabs, up to "\."
 *     EXEC sp_addlogin 'bob', 'x'     REPLACE INTO ...     MERGE ... INSERT (a) VALUES
 * ... CREATE TABLE t (a int, b text);     INSERT INTO t VALUES (1, 'x');
 *
 * A column named with a value somewhere else (WHERE password = 'x') is a pair with an
 * equals sign. */
#include "scan/read/inside.h"

enum { MAX_COLUMNS = 48, MAX_ROWS = 2000 };

struct columns {
    struct piece v[MAX_COLUMNS];
    size_t n;
};

static size_t find_word(const struct reader *r, size_t from, size_t end, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = from; i + n <= end; i++)
        if (to_lower(r->text.p[i]) == word[0] &&
            str_eq_nocase(str_sub(r->text, i, i + n), str_of(word)))
            return i;
    return end;
}

/* The list in brackets that opens at i: its end, past the bracket; i when it is none. */
static size_t read_list(struct reader *r, size_t i, size_t end, struct columns *c)
{
    size_t begin = i + 1, open = i;
    c->n = 0;
    for (i++; i < end && i - open < 8 * READ_MAX_VALUE && c->n < MAX_COLUMNS; i++) {
        char ch = r->text.p[i];
        if (is_quote(ch)) {
            struct piece q = quoted_at(r, i, end);
            if (q.quote)
                i = q.end;
            continue;
        }
        if (ch != ',' && ch != ')')
            continue;
        struct piece v = trimmed(r, (struct piece){begin, i, 0});
        while (v.start < v.end && (unsigned char)r->text.p[v.start] <= ' ')
            v.start++;
        if (v.end > v.start + 2 &&
            (r->text.p[v.start] == 'N' || r->text.p[v.start] == 'E') &&
            r->text.p[v.start + 1] == '\'')
            v.start++;
        if (v.end > v.start + 1 && is_quote(r->text.p[v.start]) &&
            r->text.p[v.end - 1] == r->text.p[v.start])
            v = (struct piece){v.start + 1, v.end - 1, r->text.p[v.start]};
        c->v[c->n++] = v;
        begin = i + 1;
        if (ch == ')') {
            may_read(r, i - open);
            return i + 1;
        }
    }
    may_read(r, i - open);
    return open;
}

static void read_values(struct reader *r, size_t at, const struct columns *heads)
{
    for (size_t rows = 0; rows < MAX_ROWS; rows++) {
        at = skip_space(r, at);
        if (byte_at(r, at) == ',')
            at = skip_space(r, at + 1);
        struct columns row;
        if (byte_at(r, at) != '(' || r->steps >= r->max_steps)
            return;
        size_t next = read_list(r, at, r->text.n, &row);
        if (next == at)
            return;
        for (size_t i = 0; i < row.n && i < heads->n && row.n == heads->n; i++)
            emit(r, heads->v[i], row.v[i], NOTE_TABLE);
        at = next;
    }
}

static void read_copied(struct reader *r, size_t at, const struct columns *heads)
{
    while (at < r->text.n && r->steps < r->max_steps) {
        const char *nl = memchr(r->text.p + at, '\n', r->text.n - at);
        size_t end = nl ? (size_t)(nl - r->text.p) : r->text.n, begin = at, n = 0;
        if (!memchr(r->text.p + at, '\t', end - at))
            return;
        for (size_t i = at; i <= end && n < heads->n; i++)
            if (i == end || r->text.p[i] == '\t') {
                emit(r, heads->v[n++], (struct piece){begin, i, 0}, NOTE_TABLE);
                begin = i + 1;
            }
        may_read(r, end - at);
        at = end + 1;
    }
}

/* -- tables ------------------------------------------------------------------------ */

/* `db`.`t`, "t", [t], t: its last part. */
static struct piece table_name(const struct reader *r, size_t i, size_t end)
{
    size_t from = i = skip_blanks(r, i, end);
    while (i < end && (is_name_char(r->text.p[i]) || strchr("`\"[]", r->text.p[i])) &&
           r->text.p[i])
        i++;
    size_t to = i;
    while (to > from && strchr("`\"]", r->text.p[to - 1]))
        to--;
    for (size_t k = to; k > from; k--)
        if (strchr(".`\"[", r->text.p[k - 1])) {
            from = k;
            break;
        }
    return (struct piece){from, to, 0};
}

/* CREATE TABLE t (a int, b varchar(20), PRIMARY KEY (a)): the first word of each column.
 */
static void read_created(struct reader *r, size_t i, size_t end)
{
    static const char *const none[] = {"primary", "foreign", "unique", "constraint",
                                       "key",     "index",   "check"};
    struct str s = str_sub(r->text, i, end);
    size_t skip = str_starts_nocase(s, STR("if not exists ")) ? 14 : 0;
    struct piece table = table_name(r, i + skip, end);
    size_t open = skip_blanks(r, table.end, r->text.n);
    while (open < r->text.n && open - table.end < 8 && r->text.p[open] != '(')
        open++;
    if (byte_at(r, open) != '(' || table.end == table.start)
        return;
    size_t depth = 0, last = open, most = open + 8 * READ_MAX_VALUE;
    r->created.n = 0;
    r->created.table = table;
    for (size_t k = open; k < r->text.n && k < most && r->created.n < MAX_CREATED; k++) {
        char c = r->text.p[k];
        depth += c == '(';
        if ((c == '(' || c == ',') && depth == 1) {
            size_t from = skip_space(r, k + 1);
            from += is_quote(byte_at(r, from)) || byte_at(r, from) == '[';
            size_t to = from;
            while (to < r->text.n && is_name_char(r->text.p[to]))
                to++;
            struct piece column = {from, to, 0};
            if (to > from && !is_word_of(piece_str(r, column), none, ARRAY_LEN(none)))
                r->created.column[r->created.n++] = column;
        }
        last = k;
        if (c == ')' && --depth == 0)
            break;
    }
    may_read(r, last - open);
}

/* INSERT INTO t VALUES (...), whose columns were created above. */
static void read_positional(struct reader *r, struct piece table, size_t values)
{
    struct columns heads = {.n = 0};
    if (!r->created.n || !str_eq(piece_str(r, table), piece_str(r, r->created.table)))
        return;
    for (size_t k = 0; k < r->created.n; k++)
        heads.v[heads.n++] = r->created.column[k];
    read_values(r, values, &heads);
}

/* -- procedures ----------------------------------------------------------------------
 */

/* EXEC sp_addlogin 'bob', 'x': of each argument a letter, p a password. */
static void read_procedure(struct reader *r, const struct line *l)
{
    static const struct {
        const char *name, *args;
    } rows[] = {{"sp_addlogin", "-p"},
                {"sp_password", "pp"},
                {"sp_addlinkedsrvlogin", "----p"},
                {"sp_setapprole", "-p"},
                {"sp_addapprole", "-p"}};
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        size_t at = find_word(r, l->body, l->end, rows[k].name);
        if (at == l->end)
            continue;
        at = skip_blanks(r, at + strlen(rows[k].name), l->end);
        for (const char *arg = rows[k].args; *arg && at < l->end; arg++) {
            struct piece v = {0};
            at += r->text.p[at] == 'N' && byte_at(r, at + 1) == '\'';
            if (is_quote(byte_at(r, at)))
                v = quoted_at(r, at, l->end);
            if (v.quote && *arg == 'p')
                emit_told(r, v, NOTE_DATA, TELLS_PASSWORD);
            at = v.quote ? v.end : at;
            while (at < l->end && r->text.p[at] != ',')
                at++;
            at = skip_blanks(r, at + 1, l->end);
        }
        return;
    }
}

/* "insert", "insert or replace into", "replace into": where the words end, end when none
 * is there; *ret_at: where they begin. */
static size_t past_insert(const struct reader *r, size_t from, size_t end, size_t *ret_at)
{
    static const char *const between[] = {"or replace ", "or ignore ", "ignore ",
                                          "overwrite ",  "all ",       "delayed ",
                                          "into "};
    size_t insert = find_word(r, from, end, "insert ");
    size_t other = find_word(r, from, insert, "replace into ");
    size_t upsert = find_word(r, from, other < insert ? other : insert, "upsert into ");
    if (upsert < end && (upsert < other || other == insert) && upsert < insert)
        other = upsert;
    if (other < insert) {
        *ret_at = other;
        return other + (to_lower(r->text.p[other]) == 'u' ? 12 : 13);
    }
    *ret_at = insert;
    size_t at = insert < end ? insert + 7 : end;
    for (size_t i = 0; i < ARRAY_LEN(between) && at < end; i++)
        if (str_starts_nocase(str_sub(r->text, at, end), str_of(between[i])))
            at += strlen(between[i]);
    return at;
}

void read_sql(struct reader *r, const struct line *l)
{
    size_t table = find_word(r, l->body, l->end, "create table ");
    if (table < l->end)
        read_created(r, table + 13, l->end);
    read_procedure(r, l);
    size_t at = l->end, past = past_insert(r, l->body, l->end, &at);
    bool is_copy = false;
    if (at == l->end) {
        is_copy = str_starts_nocase(str_sub(r->text, l->body, l->end), STR("copy "));
        at = is_copy ? l->body : at;
    }
    for (; at < l->end; past = past_insert(r, past, l->end, &at)) {
        struct piece into = table_name(r, is_copy ? at + 12 : past, l->end);
        size_t behind = skip_space(r, into.end);
        if (!is_copy &&
            str_starts_nocase(str_sub(r->text, behind, r->text.n), STR("values"))) {
            read_positional(r, into, behind + 6);
            continue;
        }
        size_t open = at;
        while (open < r->text.n && open - at < 200 && r->text.p[open] != '(')
            open++;
        struct columns heads;
        size_t after =
            byte_at(r, open) == '(' ? read_list(r, open, r->text.n, &heads) : open;
        if (after == open)
            return;
        size_t limit = after + 64 < r->text.n ? after + 64 : r->text.n;
        size_t values = find_word(r, after, limit, is_copy ? "from" : "values");
        if (values == limit)
            return;
        const char *nl = memchr(r->text.p + values, '\n', r->text.n - values);
        if (is_copy && nl)
            read_copied(r, (size_t)(nl - r->text.p) + 1, &heads);
        if (!is_copy)
            read_values(r, values + 6, &heads);
        if (is_copy)
            return;
    }
}
