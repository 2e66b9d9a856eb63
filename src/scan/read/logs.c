/* logs.c -- who did it, in the sentences of programs that log accounts: sshd, su, sudo,
 * PAM, cron, databases, web servers.
 *
 * Each row is the text before the account and the text behind it, as the program's source
 * has them. */
#include "scan/read/inside.h"

enum { MAX_ACCOUNT = 64, HOSTS_IN_SENTENCES = 3 };

struct sentence {
    const char *before, *behind;
};

/* Machines: the hops of a mail, the prompts and heads of devices. */
static const char *const hosts_before[] = {
    "Received: from ",      "Building remotely on ",
    "Connecting to host ",  "hostname ",
    "host-name ",           "sysname ",
    "switchname ",          "set hostname ",
    "set system host-name "};

/* The rows that begin with this letter, and how many. */
static const struct sentence *sentences_of(char first, size_t *ret_n)
{
#define ROWS(...)                                                                        \
    do {                                                                                 \
        static const struct sentence rows[] = {__VA_ARGS__};                             \
        *ret_n = ARRAY_LEN(rows);                                                        \
        return rows;                                                                     \
    } while (0)
    switch (first) {
    case ' ':
        ROWS({" of user ", "."});
    case '(':
        ROWS({"(to root) ", " on"});
    case 'A':
        ROWS({"AUTH LOGIN for ", ""});
    case 'C':
        ROWS({"CMD by ", " "});
    case 'F':
        ROWS({"FAILED SU (to root) ", " on"}, {"FAILED su for root by ", ""});
    case 'R':
        ROWS({"Relaying denied for ", ""});
    case 'S':
        ROWS({"Started by user ", ""});
    case 'U':
        ROWS({"User ", " logged in"}, {"User ", " logged out"},
             {"User ", " authenticated"}, {"User ", " failed to"},
             {"UUID of player ", " is"});
    case 'a':
        ROWS({"authentication failed for user \"", "\""}, {"approved by user ", ""});
    case 'c':
        ROWS({"ccess denied for user '", "'"}, {"connection authorized: user=", " "});
    case 'd':
        ROWS({"delete user '", "'"});
    case 'e':
        ROWS({"ession opened for user ", ""}, {"ession closed for user ", ""},
             {"ecording session for user ", ""});
    case 'g':
        ROWS({"gssapi-with-mic for ", " from"});
    case 'h':
        ROWS({"hostbased for ", " from"});
    case 'i':
        ROWS({"isconnected from user ", " "});
    case 'k':
        ROWS({"keyboard-interactive/pam for ", " from"});
    case 'n':
        ROWS({"none for ", " from"}, {"nvalid user ", " from"}, {"new user: name=", ","},
             {"no pg_hba.conf entry for host", ""});
    case 'o':
        ROWS({"ogin failed for user '", "'"});
    case 'p':
        ROWS({"password for invalid user ", " from"}, {"password for ", " from"},
             {"publickey for ", " from"}, {"password changed for ", ""},
             {"password check failed for user (", ")"});
    case 's':
        ROWS({"sasl_username=", ""});
    case 'u':
        ROWS({"uthenticating user ", " "}, {"user ", " logged in"},
             {"user ", " logged out"}, {"user ", " authenticated"},
             {"user ", " failed to"}, {"uccessful su for ", " by"});
    default:
        *ret_n = 0;
        return NULL;
    }
#undef ROWS
}

static size_t account_end(const struct reader *r, size_t i, size_t end)
{
    size_t from = i;
    while (i < end && i - from < MAX_ACCOUNT &&
           (is_alnum(r->text.p[i]) ||
            (r->text.p[i] && strchr("._-@\\+$", r->text.p[i])) || r->text.p[i] < 0))
        i++;
    while (i > from && (r->text.p[i - 1] == '.' || r->text.p[i - 1] == '-'))
        i--;
    return i;
}

/* "by user Ann Bell (bella)": the account in brackets behind the name. */
static void read_bracketed(struct reader *r, const struct line *l, size_t from)
{
    size_t i = from, words = 0;
    while (i < l->end && words < 4 && r->text.p[i] != '(') {
        words += r->text.p[i] == ' ';
        i++;
    }
    size_t end = account_end(r, i + 1, l->end);
    if (byte_at(r, i) == '(' && end > i + 2 && byte_at(r, end) == ')')
        emit_told(r, (struct piece){i + 1, end, 0}, NOTE_SEGMENT, TELLS_USER);
}

static void read_sentence(struct reader *r, const struct line *l, size_t at,
                          const struct sentence *s)
{
    size_t from = at + strlen(s->before), end = account_end(r, from, l->end);
    struct str rest = str_sub(r->text, end, l->end);
    if (end > from && (str_starts(rest, str_of(s->behind)) ||
                       (s->behind[0] == ' ' && s->behind[1] == '\0' && rest.n == 0)))
        emit_told(r, (struct piece){from, end, 0}, NOTE_SEGMENT, TELLS_USER);
    if (str_ends(str_of(s->before), STR("by user ")))
        read_bracketed(r, l, from);
}

/* "]: <bob> text", "]: bob[/10.0.0.1:9] logged in" of servers of games. */
static void read_player(struct reader *r, const struct line *l, struct str s)
{
    ptrdiff_t at = str_find(s, STR("]: "));
    if (at < 0)
        return;
    size_t from = l->body + (size_t)at + 3;
    bool is_speaker = byte_at(r, from) == '<';
    size_t end = account_end(r, from + is_speaker, l->end);
    bool is_player = is_speaker ? byte_at(r, end) == '>'
                                : byte_at(r, end) == '[' && byte_at(r, end + 1) == '/';
    bool issues =
        str_starts(str_sub(r->text, end, l->end), STR(" issued server command"));
    if ((is_player || issues) && end > from + is_speaker + 2)
        emit_told(r, (struct piece){from + is_speaker, end, 0}, NOTE_SEGMENT, TELLS_USER);
}

/* "  bob : TTY=pts/0" of sudo, "(bob) CMD" of cron. */
static void read_marks(struct reader *r, const struct line *l, struct str s)
{
    ptrdiff_t tty = str_find(s, STR(" : TTY="));
    ptrdiff_t cmd = str_find(s, STR(") CMD ("));
    if (tty > 0)
        emit_told(r, word_before(r, l->body + (size_t)tty, l->start), NOTE_SEGMENT,
                  TELLS_USER);
    if (cmd > 0)
        emit_told(r, word_before(r, l->body + (size_t)cmd, l->start), NOTE_SEGMENT,
                  TELLS_USER);
}

/* host - bob [10/Oct/2000:13:55:36 -0700] "GET ..." */
static void read_access(struct reader *r, const struct line *l)
{
    size_t i = l->body, n = 0;
    struct piece word[4];
    for (; n < 4 && i < l->end; n++) {
        size_t from = skip_blanks(r, i, l->end);
        for (i = from; i < l->end && r->text.p[i] != ' ' && i - from < 128;)
            i++;
        word[n] = (struct piece){from, i, 0};
    }
    if (n == 4 && byte_at(r, word[3].start) == '[' &&
        is_digit(byte_at(r, word[3].start + 1)) && str_eqz(piece_str(r, word[1]), "-") &&
        !str_eqz(piece_str(r, word[2]), "-"))
        emit_told(r, word[2], NOTE_SEGMENT, TELLS_USER);
}

static size_t host_end(const struct reader *r, size_t i, size_t end)
{
    size_t from = i;
    while (i < end && i - from < MAX_ACCOUNT &&
           (is_alnum(r->text.p[i]) || r->text.p[i] == '-' || r->text.p[i] == '.'))
        i++;
    while (i > from && (r->text.p[i - 1] == '.' || r->text.p[i - 1] == '-'))
        i--;
    return i;
}

static void emit_host(struct reader *r, size_t from, size_t end)
{
    emit_told(r, (struct piece){from, end, 0}, NOTE_SEGMENT, TELLS_HOST);
}

/* "Nov 28 10:00:00 db-01 sshd[7]: ", "2024-11-28T10:00:00Z db-01 sshd: ",
 * "<34>1 2003-10-11T22:14:15.003Z db-01 su - " */
static void read_syslog(struct reader *r, const struct line *l)
{
    size_t i = l->body, colons = 0, end = l->end - i > 64 ? i + 64 : l->end;
    if (byte_at(r, i) == '<')
        while (i < end && r->text.p[i] != ' ')
            i++;
    for (i = skip_blanks(r, i, end); i < end && colons < 2; i++)
        colons += r->text.p[i] == ':' && is_digit(byte_at(r, i + 1));
    while (i < end && r->text.p[i] > ' ')
        i++;
    size_t from = skip_blanks(r, i, end), to = host_end(r, from, l->end);
    size_t word = skip_blanks(r, to, l->end), stop = word;
    while (stop < l->end && stop - word < 48 && (unsigned char)r->text.p[stop] > ' ')
        stop++;
    bool is_program =
        stop > word && (r->text.p[stop - 1] == ':' || byte_at(r, l->body) == '<');
    if (colons == 2 && to > from && byte_at(r, to) == ' ' && is_program)
        emit_host(r, from, to);
}

/* "bob@db-01:~$ ls", "[bob@db-01 etc]# ", "core-sw-01#show run", "<CORE-01>" */
static void read_prompt(struct reader *r, const struct line *l)
{
    size_t i = l->body + (byte_at(r, l->body) == '[' || byte_at(r, l->body) == '<');
    size_t end = account_end(r, i, l->end);
    char behind = byte_at(r, end);
    const char *at = end > i ? memchr(r->text.p + i, '@', end - i) : NULL;
    if (at && at == r->text.p + i)
        return;
    if (at) {
        size_t host = (size_t)(at - r->text.p) + 1;
        bool is_shell = (behind == ':' || behind == ' ') && end > host;
        const char *mark = NULL;
        for (size_t k = end; k < l->end && k - end < 64 && is_shell && !mark; k++)
            if ((r->text.p[k] == '$' || r->text.p[k] == '#') &&
                (k + 1 == l->end || r->text.p[k + 1] == ' '))
                mark = r->text.p + k;
        if (!mark || memchr(r->text.p + host, '.', end - host))
            return;
        emit_told(r, (struct piece){i, host - 1, 0}, NOTE_SEGMENT, TELLS_USER);
        emit_host(r, host, end);
        return;
    }
    bool is_named = byte_at(r, l->body) != '<' || is_upper(byte_at(r, i));
    bool is_device = is_named && (behind == '#' || behind == '>') && end > i + 3 &&
                     memchr(r->text.p + i, '-', end - i) &&
                     (end + 1 == l->end || is_lower(byte_at(r, end + 1)) ||
                      byte_at(r, end + 1) == ' ');
    if (is_device && l->end - end < 100)
        emit_host(r, i, end);
}

static void read_hosts(struct reader *r, const struct line *l, struct str s)
{
    for (size_t k = 0; k < ARRAY_LEN(hosts_before); k++) {
        if (!str_startsz(s, hosts_before[k]))
            continue;
        size_t from = l->body + strlen(hosts_before[k]);
        size_t end = host_end(r, from, l->end);
        struct str rest = str_trim(str_sub(r->text, end, l->end));
        if (k < HOSTS_IN_SENTENCES || rest.n == 0 ||
            str_eqz(rest, ";")) /* a directive of its own */
            emit_host(r, from, end);
    }
    read_syslog(r, l);
    read_prompt(r, l);
}

void read_log(struct reader *r, const struct line *l)
{
    size_t end = l->end - l->body > READ_MAX_VALUE ? l->body + READ_MAX_VALUE : l->end;
    struct str s = str_sub(r->text, l->body, end);
    if (!may_read(r, s.n))
        return;
    for (size_t i = 0; i + 6 < s.n; i++) {
        size_t n;
        const struct sentence *rows = sentences_of(s.p[i], &n);
        char next = s.p[i + 1];
        if (!rows)
            continue;
        if (i > 0 && is_alnum(s.p[i]) && is_alnum(s.p[i - 1]) && s.p[i - 1] != 'I' &&
            s.p[i - 1] != 'i' && !is_upper(s.p[i - 1]) && !strchr("sdrRalS", s.p[i - 1]))
            continue; /* a row begins a word, or behind its first letter */
        for (size_t k = 0; k < n; k++)
            if (rows[k].before[1] == next &&
                str_startsz(str_sub(s, i, s.n), rows[k].before))
                read_sentence(r, l, l->body + i, &rows[k]);
    }
    read_player(r, l, s);
    read_marks(r, l, s);
    read_access(r, l);
    read_hosts(r, l, s);
}
