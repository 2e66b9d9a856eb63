/* protocols.c -- the sessions of protocols and of chats, where a word of the protocol
 * says that a password follows.
 *
 *     a1 LOGIN bob x        AUTH PLAIN AGJvYgB4        PRIVMSG NickServ :IDENTIFY bob x
 *     /login x              /register x x              /msg NickServ identify x
 *
 * IMAP (RFC 9051), SMTP and POP (RFC 4954, 5034), the services of IRC, and what servers
 * of games have people type. */
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
    if (!may_read(r, end - l->body))
        return;
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
