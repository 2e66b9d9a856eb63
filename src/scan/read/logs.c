/* logs.c -- who did it, in the sentences of programs that log accounts: sshd, su, sudo,
 * PAM, cron, databases, web servers.
 *
 * Each row is the text before the account and the text behind it, as the program's source
 * has them. */
#include "scan/read/inside.h"

enum { MAX_ACCOUNT = 64 };

struct sentence {
    const char *before, *behind;
};

static const struct sentence sentences[] = {
    {"password for invalid user ", " from"},
    {"password for ", " from"},
    {"publickey for ", " from"},
    {"keyboard-interactive/pam for ", " from"},
    {"gssapi-with-mic for ", " from"},
    {"hostbased for ", " from"},
    {"none for ", " from"},
    {"nvalid user ", " from"},
    {"nvalid user ", " "},
    {"ession opened for user ", ""},
    {"ession closed for user ", ""},
    {"isconnected from user ", " "},
    {"uthenticating user ", " "},
    {"ecording session for user ", ""},
    {"password changed for ", ""},
    {"password check failed for user (", ")"},
    {"new user: name=", ","},
    {"delete user '", "'"},
    {"ccess denied for user '", "'"},
    {"ogin failed for user '", "'"},
    {"authentication failed for user \"", "\""},
    {"no pg_hba.conf entry for host", ""},
    {"connection authorized: user=", " "},
    {"user ", " logged in"},
    {"User ", " logged in"},
    {"user ", " logged out"},
    {"User ", " logged out"},
    {"user ", " authenticated"},
    {"User ", " authenticated"},
    {"user ", " failed to"},
    {"User ", " failed to"},
    {"logged in as ", ""},
    {"uccessful su for ", " by"},
    {"FAILED SU (to root) ", " on"},
    {"FAILED su for root by ", ""},
    {"(to root) ", " on"},
    {" of user ", "."},
    {"CMD by ", " "},
    {"ogin by ", ""},
    {"Started by user ", ""},
    {"approved by user ", ""},
    {"Relaying denied for ", ""},
    {"sasl_username=", ""},
    {"AUTH LOGIN for ", ""},
};

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

static void read_sentence(struct reader *r, const struct line *l, size_t at,
                          const struct sentence *s)
{
    size_t from = at + strlen(s->before), end = account_end(r, from, l->end);
    struct str rest = str_sub(r->text, end, l->end);
    if (end > from && (str_starts(rest, str_of(s->behind)) ||
                       (s->behind[0] == ' ' && s->behind[1] == '\0' && rest.n == 0)))
        emit_told(r, (struct piece){from, end, 0}, NOTE_SEGMENT, TELLS_USER);
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
    if (n == 4 && r->text.p[word[3].start] == '[' &&
        is_digit(byte_at(r, word[3].start + 1)) && str_eqz(piece_str(r, word[1]), "-") &&
        !str_eqz(piece_str(r, word[2]), "-"))
        emit_told(r, word[2], NOTE_SEGMENT, TELLS_USER);
}

void read_log(struct reader *r, const struct line *l)
{
    size_t end = l->end - l->body > READ_MAX_VALUE ? l->body + READ_MAX_VALUE : l->end;
    struct str s = str_sub(r->text, l->body, end);
    if (!may_read(r, s.n))
        return;
    for (size_t i = 0; i + 6 < s.n; i++) {
        char next = s.p[i + 1];
        if (i > 0 && is_alnum(s.p[i]) && is_alnum(s.p[i - 1]) && s.p[i - 1] != 'I' &&
            s.p[i - 1] != 'i' && !is_upper(s.p[i - 1]) && !strchr("sdrRalS", s.p[i - 1]))
            continue; /* a row begins a word, or behind its first letter */
        for (size_t k = 0; k < ARRAY_LEN(sentences); k++)
            if (sentences[k].before[0] == s.p[i] && sentences[k].before[1] == next &&
                str_starts(str_sub(s, i, s.n), str_of(sentences[k].before)))
                read_sentence(r, l, l->body + i, &sentences[k]);
    }
    read_marks(r, l, s);
    read_access(r, l);
}
