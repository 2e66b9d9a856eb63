/* protocols.c -- the sessions of protocols and of chats, where a word of the protocol
 * says that a password follows.
 *
 *     a1 LOGIN bob x        AUTH PLAIN AGJvYgB4        PRIVMSG NickServ :IDENTIFY bob x
 *     /login x              /register x x              /msg NickServ identify x
 *     334 UGFzc3dvcmQ6      USER bob
 *     x                     PASS x
 *
 * IMAP (RFC 9051), SMTP and POP (RFC 4954, 5034), the services of IRC, and what servers
 * of games have people type. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_PROTOCOL_LINE = 400 };

static struct piece next_word(const struct reader *r, size_t i, size_t end)
{
    i = skip_blanks(r, i, end);
    size_t to = i;
    while (to < end && (unsigned char)r->text.p[to] > ' ')
        to++;
    struct piece p = {i, to, 0};
    if (to > i + 2 && r->text.p[i] == '"' && r->text.p[to - 1] == '"')
        p = (struct piece){i + 1, to - 1, '"'};
    return p;
}

/* Not "page2", "/login 200 1234". */
static bool may_be_password(struct str s)
{
    size_t letters = 0;
    for (size_t i = 0; i < s.n; i++)
        letters += is_alpha(s.p[i]);
    return letters && s.n >= 6;
}

static void give_password(struct reader *r, struct piece v)
{
    if (v.end > v.start && may_be_password(piece_str(r, v)) &&
        !memchr(r->text.p + v.start, '/', v.end - v.start))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* The last of at most two words is the password, the one before an account. */
static void give_last_of_two(struct reader *r, size_t i, size_t end)
{
    struct piece one = next_word(r, i, end), two = next_word(r, one.end, end);
    if (next_word(r, two.end, end).end > skip_blanks(r, two.end, end))
        return; /* a sentence */
    if (two.end > two.start)
        emit_told(r, one, NOTE_SEGMENT, TELLS_USER);
    give_password(r, two.end > two.start ? two : one);
}

/* /login x, /register x x: at most two words behind. */
static void read_slash(struct reader *r, const struct line *l, size_t at)
{
    static const char *const commands[] = {"/login ", "/register ", "/reg ",
                                           "/changepassword ", "/identify "};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!str_starts_nocase(str_sub(r->text, at, l->end), str_of(commands[i])))
            continue;
        struct piece one = next_word(r, at + strlen(commands[i]), l->end);
        struct piece two = next_word(r, one.end, l->end);
        give_password(r, one);
        give_password(r, two);
        return;
    }
}

/* The word on the next line, past what a log puts before what was sent: "C: ". */
static struct piece sent_below(const struct reader *r, const struct line *l)
{
    static const char *const fronts[] = {"C: ", "> ", "-> ", ">>> ", "~> "};
    size_t at = l->end + (byte_at(r, l->end) == '\r');
    if (byte_at(r, at) != '\n')
        return (struct piece){0};
    size_t most = r->text.n - at > MAX_PROTOCOL_LINE ? at + MAX_PROTOCOL_LINE : r->text.n;
    const char *nl =
        at + 1 < most ? memchr(r->text.p + at + 1, '\n', most - at - 1) : NULL;
    size_t end = nl ? (size_t)(nl - r->text.p) : most;
    at = skip_blanks(r, at + 1, end);
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (str_starts(str_sub(r->text, at, end), str_of(fronts[i])))
            at += strlen(fronts[i]);
    struct piece p = next_word(r, at, end);
    return skip_blanks(r, p.end, end) < end && byte_at(r, p.end) != '\r'
               ? (struct piece){0}
               : p;
}

/* SMTP asks in base64: "Username:", "Password:" (RFC 4954). */
static void read_challenge(struct reader *r, const struct line *l)
{
    struct str line = str_sub(r->text, l->body, l->end);
    bool asks = str_find(line, STR("334 UGFzc3dvcmQ6")) >= 0 ||
                str_find(line, STR("334 cGFzc3dvcmQ6")) >= 0;
    struct piece v = asks ? sent_below(r, l) : (struct piece){0};
    if (v.end > v.start)
        emit_told(r, v, NOTE_COMMAND, TELLS_PASSWORD);
}

/* "PASS x" of POP and FTP: behind "USER bob", the answer to it, or as a log shows what
 * was sent.  A test that passed looks alike. */
static void read_pass(struct reader *r, const struct line *l)
{
    struct str line = str_sub(r->text, l->start, l->end);
    bool is_sent = str_starts(line, STR("> ")) || str_starts(line, STR("C: ")) ||
                   str_starts(line, STR("---> "));
    ptrdiff_t at = str_find(line, STR("PASS "));
    if (at < 0 || at > 5 || (at > 0 && !is_sent))
        return;
    for (size_t k = 0; k < ARRAY_LEN(r->heard.above) && !is_sent; k++) {
        const struct line *above = &r->heard.above[k];
        struct str s = str_sub(r->text, above->start, above->end);
        is_sent = above->end && (str_starts(s, STR("USER ")) ||
                                 str_starts(s, STR("331 ")) || str_starts(s, STR("+OK")));
    }
    struct piece v = next_word(r, l->start + (size_t)at + 5, l->end);
    if (is_sent && skip_blanks(r, v.end, l->end) == l->end)
        emit_told(r, v, NOTE_COMMAND, TELLS_PASSWORD);
}

/* "bob tried x (wrong password)" */
static void read_wrong(struct reader *r, const struct line *l)
{
    static const char *const words[] = {" (wrong password)", " (bad password)",
                                        " (invalid password)", " (incorrect password)"};
    struct str line = str_sub(r->text, l->body, l->end);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        ptrdiff_t found = str_find(line, str_of(words[i]));
        size_t end = l->body + (size_t)(found < 0 ? 0 : found), from = end;
        while (from > l->body && (unsigned char)r->text.p[from - 1] > ' ')
            from--;
        if (found > 0)
            give_password(r, (struct piece){from, end, 0});
    }
}

/* "login attempt [root/x] failed", "[b'root'/b'x']": what somebody tried. */
static void read_attempt(struct reader *r, const struct line *l)
{
    static const char *const words[] = {"login attempt [", "auth attempt ["};
    struct str line = str_sub(r->text, l->body, l->end);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        ptrdiff_t found = str_find(line, str_of(words[i]));
        size_t at = l->body + (size_t)found + strlen(words[i]), end = at, cut = 0;
        if (found < 0)
            continue;
        while (end < l->end && r->text.p[end] != ']') {
            cut = !cut && r->text.p[end] == '/' ? end : cut;
            end++;
        }
        struct piece v = {cut + 1, end, 0};
        v.start += byte_at(r, v.start) == 'b' && byte_at(r, v.start + 1) == '\'';
        v.start += byte_at(r, v.start) == '\'';
        v.end -= v.end > v.start && r->text.p[v.end - 1] == '\'';
        if (cut && end < l->end && count_digits(piece_str(r, v)) < v.end - v.start)
            emit_told(r, v, NOTE_COMMAND, TELLS_PASSWORD);
    }
}

void read_protocol(struct reader *r, const struct line *l)
{
    static const struct {
        const char *word;
        bool is_base64;
    } words[] = {{"AUTH PLAIN ", true},
                 {"AUTH LOGIN ", true},
                 {"AUTHENTICATE PLAIN ", true},
                 {"NickServ IDENTIFY ", false},
                 {"NickServ :IDENTIFY ", false},
                 {"NickServ REGISTER ", false},
                 {" LOGIN ", false}};
    size_t end =
        l->end - l->body > MAX_PROTOCOL_LINE ? l->body + MAX_PROTOCOL_LINE : l->end;
    if (!may_read(r, 4 * (end - l->body)))
        return;
    read_challenge(r, l);
    read_pass(r, l);
    read_attempt(r, l);
    read_wrong(r, l);
    for (size_t i = l->body; i + 6 < end; i++) {
        char c = r->text.p[i];
        if (c == '/' && (i == l->body || r->text.p[i - 1] == ' '))
            read_slash(r, l, i);
        if (c != 'A' && c != 'N' && c != 'n' && c != ' ')
            continue;
        struct str rest = str_sub(r->text, i, l->end);
        for (size_t k = 0; k < ARRAY_LEN(words); k++) {
            if (to_lower(c) != to_lower(words[k].word[0]))
                continue;
            if (c == ' ' ? !str_starts(rest, str_of(words[k].word)) || i - l->body > 8
                         : !str_starts_nocase(rest, str_of(words[k].word)))
                continue;
            size_t from = i + strlen(words[k].word);
            if (words[k].is_base64)
                emit_told(r, next_word(r, from, l->end), NOTE_COMMAND, TELLS_TOKEN);
            else
                give_last_of_two(r, from, l->end);
        }
    }
}
