/* devices.c -- the configuration of routers, tunnels and dialled lines.
 *
 *     username bob privilege 15 secret x         crypto isakmp key x address 10.0.0.1
 *     snmp-server user bob grp v3 auth sha x     neighbor 10.0.0.1 password 7 x
 *     bob : EAP "x"                              "bob" l2tpd "x" *
 *
 *     Host jump / User bob
 *
 * The words are those of Cisco's, Juniper's and MikroTik's manuals, of ipsec.secrets(5),
 * ssh_config(5) and pppd's chap-secrets. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

enum { MAX_DEVICE_LINE = 240, MAX_WORDS = 20 };

struct words {
    struct piece v[MAX_WORDS];
    size_t n;
};

static void split(struct reader *r, const struct line *l, struct words *w)
{
    w->n = 0;
    for (size_t i = skip_blanks(r, l->body, l->end); i < l->end && w->n < MAX_WORDS;) {
        struct piece p = {i, i, 0};
        if (is_quote(r->text.p[i]))
            p = quoted_at(r, i, l->end);
        if (!p.quote)
            for (p = (struct piece){i, i, 0};
                 p.end < l->end && (unsigned char)r->text.p[p.end] > ' ';)
                p.end++;
        w->v[w->n++] = p;
        i = skip_blanks(r, p.end + (p.quote != 0), l->end);
    }
}

static bool begins_directive(struct str s)
{
    static const char *const words[] = {
        "option",         "username", "enable",         "snmp-server", "tacacs-server",
        "radius-server",  "tacacs",   "radius",         "crypto",      "key",
        "neighbor",       "ip",       "ipv6",           "ppp",         "set",
        "server-private", "wpa-psk",  "security",       "ntp",         "aaa",
        "local-user",     "user",     "pre-shared-key", "standby",     "vrrp",
        "authentication", "peer",     "tunnel-group",   "ikev1",       "ikev2",
        "snmp-agent"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

static bool takes_secret(struct str s)
{
    static const char *const words[] = {"secret",
                                        "password",
                                        "key-string",
                                        "community",
                                        "ascii-text",
                                        "md5",
                                        "sha",
                                        "sha256",
                                        "aes",
                                        "des",
                                        "key",
                                        "pre-shared-key",
                                        "cipher",
                                        "psk",
                                        "irreversible-cipher",
                                        "plain-text-password-value"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* A type of encryption (0, 5, 7, 128), another such word. */
static bool is_between(struct str s)
{
    return (s.n <= 3 && count_digits(s) == s.n) || takes_secret(s);
}

/* Letters and digits or marks: a word alone is a name of something. */
static bool looks_set(struct str s)
{
    size_t letters = 0, marks = 0;
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]);
        marks += !is_alnum(s.p[i]) && !strchr("-_.:/", s.p[i]);
    }
    return s.n >= 6 && letters && (count_digits(s) || marks) && !memchr(s.p, '/', s.n) &&
           !memchr(s.p, '<', s.n) && !memchr(s.p, '(', s.n);
}

static void read_config(struct reader *r, const struct words *w)
{
    for (size_t i = 1; i + 1 < w->n; i++) {
        if (!takes_secret(piece_str(r, w->v[i])))
            continue;
        size_t k = i + 1;
        while (k < w->n && is_between(piece_str(r, w->v[k])))
            k++;
        if (k < w->n && looks_set(piece_str(r, w->v[k])))
            emit_told(r, w->v[k], NOTE_SEGMENT, TELLS_PASSWORD);
        i = k;
    }
}

/* ipsec.secrets: who, a colon, the kind, the secret in quotes. */
static void read_ipsec(struct reader *r, const struct words *w)
{
    static const char *const kinds[] = {"psk", "eap", "xauth", "ntlm", "pin"};
    for (size_t i = 0; i + 2 < w->n; i++)
        if (str_eqz(piece_str(r, w->v[i]), ":") && w->v[i + 2].quote &&
            is_word_of(piece_str(r, w->v[i + 1]), kinds, ARRAY_LEN(kinds))) {
            emit_told(r, w->v[i + 2], NOTE_SEGMENT, TELLS_PASSWORD);
            if (i == 1)
                emit_told(r, w->v[0], NOTE_SEGMENT, TELLS_USER);
        }
}

/* chap-secrets: client, server, secret, addresses. */
static void read_chap(struct reader *r, const struct words *w)
{
    if (w->n != 4)
        return;
    struct str last = piece_str(r, w->v[3]), secret = piece_str(r, w->v[2]);
    bool is_address = str_eqz(last, "*") || count_digits(last) >= 4;
    for (size_t i = 0; i < last.n; i++)
        is_address &= is_digit(last.p[i]) || strchr("./*", last.p[i]);
    if (is_address && (w->v[0].quote || w->v[2].quote) && looks_set(secret)) {
        emit_told(r, w->v[0], NOTE_SEGMENT, TELLS_USER);
        emit_told(r, w->v[2], NOTE_SEGMENT, TELLS_PASSWORD);
    }
}

/* ssh_config(5): the lines of a host, of which one says as whom. */
static void read_ssh(struct reader *r, const struct line *l, const struct words *w)
{
    enum { BLOCK = 160 };
    static const char *const words[] = {"host",      "hostname",    "identityfile",
                                        "proxyjump", "port",        "forwardagent",
                                        "match",     "localforward"};
    struct str first = piece_str(r, w->v[0]);
    if (is_word_of(first, words, ARRAY_LEN(words)))
        r->ssh_end = l->end + BLOCK;
    else if (equal_to(first, "user") && l->start < r->ssh_end)
        emit_told(r, w->v[1], NOTE_SEGMENT, TELLS_USER);
}

void read_device(struct reader *r, const struct line *l)
{
    struct words w;
    if (l->end - l->body > MAX_DEVICE_LINE || !may_read(r, l->end - l->body))
        return;
    split(r, l, &w);
    if (w.n == 2)
        read_ssh(r, l, &w);
    if (w.n < 3)
        return;
    if (begins_directive(piece_str(r, w.v[0])))
        read_config(r, &w);
    read_ipsec(r, &w);
    read_chap(r, &w);
}
