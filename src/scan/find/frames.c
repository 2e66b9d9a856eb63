/* frames.c -- values that carry their own frame: mail, URLs, network addresses, hosts,
 * wallets, tokens of three parts, PEM blocks, connection strings.
 *
 * Each is found from the mark no value of its kind can lack ('@', "://", a dot between
 * numbers) and read outwards, so that prose costs one look per token. */
#include "scan/detect.h"
#include "scan/find/logins.h"
#include "scan/scanner.h"

/* No value of a kind is longer; and no text makes every mark read to its end. */
enum {
    MAX_URL_BYTES = 2048,
    MAX_PAIR_BYTES = 512,
    MAX_NAME_BYTES = 48, /* of a pair */
    MAX_LOCAL_BYTES = 64,
    MAX_PEM_BYTES = 16 * 1024,
    MAX_HOST_BYTES = 256
};

static bool is_local_part(char c)
{
    return is_alnum(c) || c < 0 || strchr(".!#$&'*+-^_`{|}~", c);
}

static bool is_host_char(char c)
{
    return is_alnum(c) || c == '-' || c == '.' || c < 0;
}

static size_t host_end(const struct window *w, size_t i)
{
    size_t begin = i;
    while (i < w->n && i - begin < MAX_HOST_BYTES && is_host_char(w->p[i]) && w->p[i])
        i++;
    while (i > 0 && (w->p[i - 1] == '.' || w->p[i - 1] == '-'))
        i--;
    return i;
}

/* The last DNS label: letters, two at least. */
static bool has_tld(const struct window *w, size_t start, size_t end)
{
    size_t i = end;
    while (i > start && w->p[i - 1] != '.')
        i--;
    if (i == start || end - i < 2 || end - i > 24)
        return false;
    for (size_t k = i; k < end; k++)
        if (!is_alpha(w->p[k]) && w->p[k] >= 0)
            return false;
    return true;
}

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(s, str_of(list[i])))
            return true;
    return false;
}

static bool is_reserved_host(const struct window *w, size_t start, size_t end)
{
    static const char *const names[] = {"example.com", "example.org", "example.net",
                                        "example.edu", "domain.com",  "localhost"};
    struct str h = {w->p + start, end - start};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (h.n >= strlen(names[i]) &&
            str_eq_nocase(str_sub(h, h.n - strlen(names[i]), h.n), str_of(names[i])))
            return true;
    return str_ends(h, STR(".example")) || str_ends(h, STR(".test")) ||
           str_ends(h, STR(".invalid")) || str_starts(h, STR("example.")) ||
           str_find(h, STR(".example.")) > 0;
}

/* user@host.dom, foo@bar.com: two words that stand for any. */
static bool is_any_mailbox(struct str local, struct str host)
{
    static const char *const users[] = {
        "user",      "username",  "name",           "you",       "me",
        "foo",       "bar",       "email",          "someone",   "login",
        "xyz",       "loginname", "yourlogin",      "your.name", "yourname",
        "user.name", "someuser",  "nomutilisateur", "benutzer",  "usuario"};
    static const char *const hosts[] = {
        "host",      "hostname", "domain",     "server",     "foo",     "bar",
        "baz",       "mydomain", "yourdomain", "company",    "remote",  "remotehost",
        "somewhere", "site",     "provider",   "nommachine", "dominio", "rechner"};
    ptrdiff_t dot = str_index(host, '.');
    return dot > 0 && is_one_of(local, users, ARRAY_LEN(users)) &&
           is_one_of(str_sub(host, 0, (size_t)dot), hosts, ARRAY_LEN(hosts));
}

/* "chacha20-poly1305@openssh.com": a method of SSH that is no standard has the domain of
 * its maker behind it (RFC 4251, 6). */
static bool is_ssh_method(struct str local, struct str host)
{
    static const char *const makers[] = {"openssh.com", "libssh.org", "ssh.com"};
    static const char *const plain[] = {"zlib", "limits"};
    bool has_mark = is_one_of(local, plain, ARRAY_LEN(plain));
    for (size_t i = 0; i < local.n; i++) {
        if (!is_lower(local.p[i]) && !is_digit(local.p[i]) && local.p[i] != '-')
            return false;
        has_mark |= local.p[i] == '-';
    }
    return has_mark && is_one_of(host, makers, ARRAY_LEN(makers));
}

static void try_email(struct window *w, size_t at)
{
    size_t start = at, end = host_end(w, at + 1);
    while (start > 0 && at - start < MAX_LOCAL_BYTES && is_local_part(w->p[start - 1]) &&
           w->p[start - 1])
        start--;
    while (start < at && strchr(".'`*_-$#!&{|}~^", w->p[start]))
        start++;
    if (start == at || end <= at + 3 || !has_tld(w, at + 1, end))
        return;
    if (str_starts((struct str){w->p + start, at - start}, STR("git")) && at - start == 3)
        return; /* git@host: a transport, not a person */
    struct str local = {w->p + start, at - start}, host = {w->p + at + 1, end - at - 1};
    if (!is_reserved_host(w, at + 1, end) && !is_any_mailbox(local, host) &&
        !is_ssh_method(local, host))
        propose(w, start, end, TYPE_EMAIL, 98, SAW_SHAPE);
}

static bool word_is(const struct window *w, size_t i, const char *s)
{
    const struct token *t = &w->tok[i];
    return i < w->ntok && (t->c | 32) == s[0] &&
           str_eq_nocase((struct str){w->p + t->start, t->end - t->start}, str_of(s));
}

/* jane dot doe at mail dot example: two spelled signs at least, one of them "at". */
static void try_spelled_email(struct window *w, size_t at)
{
    size_t first = at, last = at;
    bool has_dot = false;
    if (at == 0 || at + 3 >= w->ntok || w->tok[at - 1].kind == TOK_PUNCT)
        return;
    first = at - 1;
    while (first > 0 && !(w->tok[first].gap & GAP_SPACE) && w->tok[first - 1].c != '"' &&
           w->tok[first - 1].c != '\'' && w->tok[first - 1].c != ',')
        first--;
    while (first >= 2 && word_is(w, first - 1, "dot")) {
        first -= 2;
        while (first > 0 && !(w->tok[first].gap & GAP_SPACE) &&
               strchr(".+-_", w->tok[first - 1].c))
            first--;
    }
    last = at + 1;
    while (last + 1 < w->ntok && !(w->tok[last + 1].gap & GAP_SPACE) &&
           (w->tok[last + 1].kind != TOK_PUNCT || w->tok[last + 1].c == '-'))
        last++;
    while (last + 2 < w->ntok && word_is(w, last + 1, "dot")) {
        has_dot = true;
        last += 2;
        while (last + 1 < w->ntok && !(w->tok[last + 1].gap & GAP_SPACE) &&
               (w->tok[last + 1].kind != TOK_PUNCT || w->tok[last + 1].c == '-'))
            last++;
    }
    if (has_dot)
        propose(w, w->tok[first].start, w->tok[last].end, TYPE_EMAIL, 90, SAW_SHAPE);
}

static bool is_scheme_char(char c)
{
    return is_alnum(c) || c == '+' || c == '.' || c == '-';
}

/* The end of what may be an address: it is the same for all that begin in one run. */
static size_t url_end(struct window *w, size_t at)
{
    size_t begin = at + 3, end = begin > w->url_end ? begin : w->url_end;
    while (end < w->n && !is_stop(w->p[end]) && w->p[end] != '>')
        end++;
    w->url_end = end;
    if (end > at + MAX_URL_BYTES)
        end = at + MAX_URL_BYTES;
    while (end > begin && strchr(".,;:!?)]}*", w->p[end - 1]))
        end--;
    return end;
}

static void try_url(struct window *w, size_t at)
{
    size_t start = at, end = url_end(w, at), host, sign = 0, colon = 0;
    while (start > 0 && is_scheme_char(w->p[start - 1]))
        start--;
    for (size_t i = at + 3; i < end && w->p[i] != '/' && w->p[i] != '?'; i++) {
        if (w->p[i] == '@')
            sign = i;
        else if (w->p[i] == ':' && !sign && !colon)
            colon = i;
    }
    if (!sign && colon)
        sign = sign_behind_slash((struct str){w->p, end}, colon);
    host = sign ? sign + 1 : at + 3;
    if (start == at || end <= host)
        return;
    if (sign && colon && sign > colon + 1 && !strchr("{$<%[", w->p[colon + 1])) {
        struct str user = {w->p + at + 3, colon - at - 3};
        struct str password = {w->p + colon + 1, sign - colon - 1};
        struct str server = {w->p + sign + 1, end - sign - 1};
        if (!is_documented_login(user, password, server))
            propose(w, start, end, TYPE_CONN_STRING, 96, SAW_SHAPE);
        return;
    }
    if (start < at)
        propose(w, start, end, TYPE_URL, 70, SAW_SHAPE);
}

static bool ends_pair(char c)
{
    return c == ';' || c == '"' || c == '\'' || c == '\n' || c == '`' || c == '\0';
}

/* Server=..;..Password=..; as drivers of databases read it. */
static void try_conn_pairs(struct window *w, size_t i)
{
    size_t start = w->tok[i].start, end = start, pairs = 0;
    bool has_password = false;
    size_t at = start;
    while (at < w->n && pairs < 24 && may_spend(w)) {
        size_t eq = at;
        while (eq < w->n && eq - at < MAX_NAME_BYTES &&
               (is_alnum(w->p[eq]) || w->p[eq] == ' ' || w->p[eq] == '_'))
            eq++;
        if (eq == at || eq >= w->n || w->p[eq] != '=')
            break;
        size_t stop = eq + 1;
        while (stop < w->n && stop - eq < MAX_PAIR_BYTES && !ends_pair(w->p[stop]))
            stop++;
        spend(w, stop - at);
        struct str key = {w->p + at, eq - at};
        bool is_password = str_eq_nocase(str_trim(key), STR("password")) ||
                           str_eq_nocase(str_trim(key), STR("pwd")) ||
                           str_eq_nocase(str_trim(key), STR("accountkey"));
        has_password |= is_password && stop > eq + 2;
        pairs++;
        end = stop;
        if (stop >= w->n || w->p[stop] != ';')
            break;
        at = end = stop + 1;
        while (at < w->n && w->p[at] == ' ')
            at++;
    }
    if (has_password && pairs >= 3)
        propose(w, start, end, TYPE_CONN_STRING, 96, SAW_SHAPE);
}

static const char *const pair_heads[] = {
    "server",  "host",        "driver",
    "uid",     "database",    "endpoint",
    "address", "accountname", "defaultendpointsprotocol"};

static bool begins_pairs(const struct window *w, size_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(pair_heads); k++)
        if (word_is(w, i, pair_heads[k]))
            return true;
    return false;
}

void frame_words(struct word_table *t)
{
    word_table_know(t, STR("at"), AT_FRAME);
    word_table_know(t, STR("data"), AT_FRAME);
    for (size_t i = 0; i < ARRAY_LEN(pair_heads); i++)
        word_table_know(t, str_of(pair_heads[i]), AT_FRAME);
}

/* "section 19.6.1.2", "OID 1.3.101.112": numbers of chapters and of objects. */
static bool counts_chapters(const struct window *w, size_t start)
{
    static const char *const words[] = {"section",   "sections",  "sec", "clause",
                                        "chapter",   "paragraph", "oid", "kapitel",
                                        "abschnitt", "chapitre",  "rfc", "\xC2\xA7"};
    size_t end = start, from;
    while (end > 0 && strchr(" .:=\"'", w->p[end - 1]) && w->p[end - 1])
        end--;
    for (from = end;
         from > 0 && end - from < 12 && (is_alpha(w->p[from - 1]) || w->p[from - 1] < 0);)
        from--;
    return end < start &&
           is_one_of((struct str){w->p + from, end - from}, words, ARRAY_LEN(words));
}

static void try_ipv4(struct window *w, size_t i)
{
    size_t at = w->tok[i].start;
    unsigned part[4];
    for (int k = 0; k < 4; k++) {
        size_t begin = at;
        part[k] = 0;
        while (at < w->n && is_digit(w->p[at]) && at - begin < 4)
            part[k] = part[k] * 10 + (unsigned)(w->p[at++] - '0');
        if (at == begin || part[k] > 255 || (k < 3 && (at >= w->n || w->p[at] != '.')))
            return;
        at += k < 3;
    }
    char before = w->tok[i].start ? w->p[w->tok[i].start - 1] : ' ';
    char after = at < w->n ? w->p[at] : ' ';
    char after2 = at + 1 < w->n ? w->p[at + 1] : ' ';
    if (is_alnum(before) || before == '.' || before == '-' || is_alnum(after) ||
        (after == '.' && is_digit(after2)))
        return;
    bool exempt = part[0] == 127 || part[0] == 255 || (part[0] == 0) ||
                  (part[0] == 8 && part[1] == 8) || (part[0] == 1 && part[1] == 1) ||
                  (part[0] == 192 && part[1] == 0 && part[2] == 2) ||
                  (part[0] == 198 && part[1] == 51) || (part[0] == 203 && part[2] == 113);
    bool is_version = part[0] < 10 && part[1] < 30 && part[2] < 60 && part[3] < 60 &&
                      caption_distance(w, w->tok[i].start, at, CLS_IP) < 0;
    bool is_network = part[3] == 0 && after == '/';
    if (!exempt && !is_version && !is_network && !counts_chapters(w, w->tok[i].start))
        propose(w, w->tok[i].start, at, TYPE_IP, 92, SAW_SHAPE);
}

/* Of documentation (RFC 7042, 2.1.2), or typed in a row: aa:bb:cc:dd:ee:ff. */
static bool is_any_mac(struct str s)
{
    static const char *const typed[] = {"aa:bb:cc:dd:ee:ff", "00:11:22:33:44:55",
                                        "01:23:45:67:89:ab", "12:34:56:78:9a:bc",
                                        "11:22:33:44:55:66", "de:ad:be:ef:00:00",
                                        "de:ad:be:ef:ca:fe", "de:ad:be:ef:00:01"};
    bool is_same = true;
    for (size_t i = 3; i < s.n; i++)
        is_same &= s.p[i] == s.p[i - 3];
    return is_same || str_starts_nocase(s, STR("00:00:5e:00:53:")) ||
           is_one_of(s, typed, ARRAY_LEN(typed));
}

/* Hexadecimal groups with colons: MAC with six pairs, IPv6 otherwise. */
static void try_hex_groups(struct window *w, size_t start)
{
    size_t at = start, groups = 0, longest = 0, colons = 0, digits = 0, letters = 0;
    bool has_gap = false;
    if (start > 0 && (is_alnum(w->p[start - 1]) || w->p[start - 1] == ':'))
        return;
    while (at < w->n) {
        size_t begin = at;
        while (at < w->n && is_hex(w->p[at])) {
            digits += is_digit(w->p[at]);
            letters += !is_digit(w->p[at]);
            at++;
        }
        if (at - begin > 4)
            return;
        groups += at > begin;
        if (at - begin > longest)
            longest = at - begin;
        if (at + 1 >= w->n || w->p[at] != ':' ||
            (!is_hex(w->p[at + 1]) && w->p[at + 1] != ':'))
            break;
        colons++;
        if (w->p[at + 1] == ':') {
            if (has_gap)
                return;
            has_gap = true;
            colons++;
            at++;
        }
        at++;
    }
    if (at < w->n && (is_alnum(w->p[at]) || w->p[at] == ':'))
        return;
    bool is_mac = groups == 6 && colons == 5 && longest == 2 && at - start == 17;
    if (is_mac && is_any_mac((struct str){w->p + start, at - start}))
        return;
    if (is_mac)
        propose(w, start, at, TYPE_MAC, 92, SAW_SHAPE);
    else if ((groups == 8 && colons == 7) || (has_gap && groups >= 3 && longest >= 3))
        propose(w, start, at, TYPE_IP, 92, SAW_SHAPE);
    else if (has_gap && groups >= 2 && longest >= 3 && digits + letters >= 5 &&
             digits > 0)
        propose(w, start, at, TYPE_IP, 85, SAW_SHAPE);
}

static void try_dashed_mac(struct window *w, size_t start)
{
    size_t n = 0;
    for (; n < 17 && start + n < w->n; n++) {
        char c = w->p[start + n];
        if (n % 3 == 2 ? c != '-' : !is_hex(c))
            return;
    }
    if (n == 17 && (start == 0 || !is_alnum(w->p[start - 1])) &&
        (start + n == w->n || (!is_alnum(w->p[start + n]) && w->p[start + n] != '-')))
        propose(w, start, start + n, TYPE_MAC, 88, SAW_SHAPE);
}

/* A dotted name whose zone is configured, reserved for private use, or has a DNS label by
 * which companies mark their inner zones. */
/* "\\\\PC-SALES-08", "LT-HRD-02502", "NigelTregenzas-iPhone": what people and those who
 * look after their machines call them. */
static bool is_machine(const struct window *w, size_t start, size_t end)
{
    static const char *const kinds[] = {
        "PC",   "LT",  "NB",  "WS",  "LAP", "DT",  "WKS", "CLT",  "TAB",  "PRN",
        "DESK", "NBK", "LPT", "SRV", "VDI", "MAC", "DC",  "THIN", "TERM", "KIOSK"};
    static const char *const things[] = {"iPhone", "iPad",    "MacBook", "iMac",  "MBP",
                                         "Laptop", "Galaxy",  "Pixel",   "Phone", "PC",
                                         "Watch",  "AirPods", "Android", "Tablet"};
    struct str s = {w->p + start, end - start};
    size_t parts = 1, digits = 0, lower = 0, first = 0;
    for (size_t k = 0; k < s.n; k++) {
        first = s.p[k] == '-' && parts++ == 1 ? k : first;
        digits += is_digit(s.p[k]);
        lower += is_lower(s.p[k]);
        if (s.p[k] == '.')
            return false;
    }
    bool is_share = start > 1 && w->p[start - 1] == '\\' && w->p[start - 2] == '\\';
    if (parts < 2 || (is_share && digits))
        return is_share && parts > 1;
    struct str front = str_sub(s, 0, first);
    for (size_t k = 0;
         !lower && digits >= 2 && (parts > 2 || digits >= 4) && k < ARRAY_LEN(kinds); k++)
        if (str_eqz(front, kinds[k]))
            return true;
    for (size_t k = 0; k < ARRAY_LEN(things); k++)
        if (is_upper(s.p[0]) && first > 4 && s.p[first - 1] == 's' &&
            str_starts(str_sub(s, first + 1, s.n), str_of(things[k])))
            return true;
    return false;
}

static void try_host(struct window *w, size_t i)
{
    static const char *const zones[] = {"internal", "local",       "lan",   "corp",
                                        "intranet", "localdomain", "intra", "priv"};
    static const char *const inner[] = {"int",  "corp",  "ad",       "internal",
                                        "lan",  "intra", "intranet", "svc",
                                        "mgmt", "infra", "priv"};
    size_t start = w->tok[i].start, end, labels = 1;
    bool is_inner = false, has_mark = false;
    if (start > 0 && (w->p[start - 1] == '.' || w->p[start - 1] == '@' ||
                      w->p[start - 1] == '-' || is_alnum(w->p[start - 1])))
        return;
    end = host_end(w, start);
    if (end < start + 6 || (end < w->n && (w->p[end] == '(' || w->p[end] == '@')))
        return;
    if (is_machine(w, start, end)) {
        propose(w, start, end, TYPE_HOSTNAME, 80, SAW_SHAPE);
        return;
    }
    struct str rest = {w->p + start, end - start}, label = {0};
    has_mark = memchr(w->p + start, '-', end - start) != NULL;
    for (size_t k = start; k < end; k++) {
        labels += w->p[k] == '.';
        has_mark |= is_digit(w->p[k]);
    }
    for (size_t k = 0; str_split(&rest, '.', &label); k++)
        is_inner |= k > 0 && rest.n && is_one_of(label, inner, ARRAY_LEN(inner));
    struct str host = {w->p + start, end - start};
    if (zone_matches(w->sc, host))
        propose(w, start, end, TYPE_HOSTNAME, 98, SAW_WORD);
    else if (labels >= 2 && is_one_of(label, zones, ARRAY_LEN(zones)) &&
             (labels >= 3 || has_mark || caption_distance(w, start, end, CLS_HOST) >= 0))
        propose(w, start, end, TYPE_HOSTNAME, 92, SAW_SHAPE);
    else if (labels >= (has_mark ? 3u : 4u) && is_inner && has_tld(w, start, end))
        propose(w, start, end, TYPE_HOSTNAME, 88, SAW_SHAPE);
}

/* The next "-----END" from here on, or the window's end. */
static size_t pem_end(struct window *w, size_t from)
{
    if (w->pem_end < from) {
        ptrdiff_t at = str_find((struct str){w->p + from, w->n - from}, STR("-----END"));
        w->pem_end = at < 0 ? w->n : from + (size_t)at;
    }
    return w->pem_end;
}

static void try_pem(struct window *w, size_t start)
{
    struct str rest = {w->p + start, w->n - start};
    if (!str_starts(rest, STR("-----BEGIN ")) && !str_starts(rest, STR("---- BEGIN ")) &&
        !str_starts(rest, STR("-----begin ")))
        return;
    struct str head = str_sub(rest, 0, 80);
    if (!str_contains_nocase(head, STR("PRIVATE KEY")))
        return;
    size_t stop = pem_end(w, start + 11), end = rest.n;
    if (stop < w->n && stop - start < MAX_PEM_BYTES) {
        end = stop - start + 8;
        ptrdiff_t tail = str_find(str_sub(rest, end, end + 64), STR("-----"));
        end = tail >= 0 ? end + (size_t)tail + 5 : end;
    } else if (end > 4096) {
        end = 4096;
    }
    if (end > 90)
        propose(w, start, start + end, TYPE_PRIVATE_KEY, 100, SAW_SHAPE);
}

static void try_wallet(struct window *w, size_t start)
{
    size_t n = 0, digits = 0, upper = 0, lower = 0;
    while (start + n < w->n && is_alnum(w->p[start + n]) && n < 100) {
        digits += is_digit(w->p[start + n]);
        upper += is_upper(w->p[start + n]);
        lower += is_lower(w->p[start + n]);
        n++;
    }
    struct str s = {w->p + start, n};
    char before = start ? w->p[start - 1] : ' ';
    if (is_alnum(before) || before == '_' || before == '/' || before == '+')
        return;
    if (n == 42 && str_starts_nocase(s, STR("0x")))
        propose(w, start, start + n, TYPE_CRYPTO, 90, SAW_SHAPE);
    else if (n >= 42 && n <= 62 && str_starts_nocase(s, STR("bc1")) && digits >= 4)
        propose(w, start, start + n, TYPE_CRYPTO, 95, SAW_SHAPE);
    else if (n >= 26 && n <= 35 && (s.p[0] == '1' || s.p[0] == '3') && digits >= 3 &&
             upper >= 4 && lower >= 4 && !memchr(s.p, '0', n) && !memchr(s.p, 'O', n) &&
             !memchr(s.p, 'I', n) && !memchr(s.p, 'l', n))
        propose(w, start, start + n, TYPE_CRYPTO, 90, SAW_SHAPE);
}

static void look_at_mark(struct window *w, size_t i)
{
    const struct token *t = &w->tok[i];
    if (t->c == '@')
        try_email(w, t->start);
    else if (t->c == ':' && t->start + 2 < w->n && w->p[t->start + 1] == '/' &&
             w->p[t->start + 2] == '/')
        try_url(w, t->start);
    else if (t->c == '-' && t->start + 11 < w->n && w->p[t->start + 1] == '-' &&
             (t->start == 0 || w->p[t->start - 1] != '-'))
        try_pem(w, t->start);
}

void find_frames(struct window *w)
{
    for (size_t i = next_anchor(w, 0, AT_FRAME); i < w->ntok;
         i = next_anchor(w, i + 1, AT_FRAME)) {
        const struct token *t = &w->tok[i];
        char next = t->end < w->n ? w->p[t->end] : '\0';
        if (t->kind == TOK_PUNCT) {
            look_at_mark(w, i);
            continue;
        }
        bool begins = t->start == 0 || !is_alnum(w->p[t->start - 1]);
        if (!begins)
            continue;
        if (t->kind == TOK_NUMBER) {
            if (next == '.')
                try_ipv4(w, i);
            if (t->end - t->start <= 2 || w->p[t->start] == '1' ||
                w->p[t->start] == '3' || w->p[t->start] == '0')
                try_wallet(w, t->start);
        } else {
            if (next == '.' || next == '-' || is_digit(next))
                try_host(w, i);
            if ((t->c == 'b' || t->c == 'B') && is_digit(next))
                try_wallet(w, t->start);
            if (word_is(w, i, "at"))
                try_spelled_email(w, i);
            if ((next == '=' && begins_pairs(w, i)) ||
                (next == ' ' && word_is(w, i, "data")))
                try_conn_pairs(w, i);
        }
        if (is_hex(t->c) && t->end - t->start <= 4) {
            if (next == ':' || is_hex(next))
                try_hex_groups(w, t->start);
            if (next == '-' || is_hex(next))
                try_dashed_mac(w, t->start);
        }
    }
}
