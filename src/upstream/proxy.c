/* proxy.c -- reading HTTPS_PROXY and NO_PROXY.  Asking the proxy is in dial.c. */
#include "upstream/proxy.h"

#include "core/mem.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_PORT = 3128, MAX_CREDENTIALS = 255 };

static int refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_UPSTREAM, "upstream_connect", "HTTPS_PROXY: %s", why);
}

/* -- the proxy's address ------------------------------------------------------ */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static size_t percent_decode(struct str s, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
        out[n++] = s.p[i];
        if (low < 0)
            continue;
        out[n - 1] = (char)(unsigned char)(high * 16 + low);
        i += 2;
    }
    return n;
}

static void base64(const char *in, size_t n, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)(unsigned char)in[i] << 16;
        v |= i + 1 < n ? (unsigned)(unsigned char)in[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned)(unsigned char)in[i + 2] : 0;
        *out++ = digits[v >> 18];
        *out++ = digits[v >> 12 & 63];
        *out++ = digits[i + 1 < n ? v >> 6 & 63 : 64];
        *out++ = digits[i + 2 < n ? v & 63 : 64];
    }
    *out = '\0';
}

static int take_credentials(struct str *rest, struct proxy *ret, struct err *err)
{
    ptrdiff_t at = -1;
    for (size_t i = 0; i < rest->n; i++)
        at = rest->p[i] == '@' ? (ptrdiff_t)i : at;
    if (at < 0)
        return 0;
    if (at > MAX_CREDENTIALS)
        return refuse(err, "the user name and password are too long");
    char plain[MAX_CREDENTIALS];
    size_t n = percent_decode(str_sub(*rest, 0, (size_t)at), plain);
    base64(plain, n, ret->credentials);
    mem_wipe(plain, sizeof plain);
    *rest = str_sub(*rest, (size_t)at + 1, rest->n);
    return 0;
}

/* Splits "host:port", "[v6]:port" or either without its port. */
static bool split_host(struct str s, struct str *ret_host, uint64_t *ret_port)
{
    ptrdiff_t close = s.n && s.p[0] == '[' ? str_index(s, ']') : -1;
    struct str after = close < 0 ? s : str_sub(s, (size_t)close + 1, s.n);
    ptrdiff_t colon = str_index(after, ':');
    *ret_host = close > 0 ? str_sub(s, 1, (size_t)close) : s;
    if (colon < 0)
        return true;
    struct str port = str_sub(after, (size_t)colon + 1, after.n);
    if (close < 0 && str_index(port, ':') >= 0)
        return true; /* a bare IPv6 address */
    if (close < 0)
        *ret_host = str_sub(s, 0, (size_t)colon);
    return str_to_u64(port, ret_port) && *ret_port > 0 && *ret_port <= 65535;
}

int proxy_parse(struct str url, struct proxy *ret, struct err *err)
{
    struct str rest = url, host;
    uint64_t port = DEFAULT_PORT;
    *ret = (struct proxy){0};
    if (str_starts_nocase(rest, STR("http://")))
        rest = str_sub(rest, 7, rest.n);
    else if (str_find(rest, STR("://")) >= 0)
        return refuse(err, "only http:// proxies are supported");
    ptrdiff_t slash = str_index(rest, '/');
    if (slash >= 0)
        rest.n = (size_t)slash;
    if (take_credentials(&rest, ret, err) < 0)
        return -1;
    if (!split_host(rest, &host, &port) || host.n == 0 || host.n >= sizeof ret->host)
        return refuse(err, "write http://host:port");
    memcpy(ret->host, host.p, host.n);
    ret->port = (uint16_t)port;
    return 0;
}

/* -- NO_PROXY ----------------------------------------------------------------- */

static int parse_address(struct str s, unsigned char out[16])
{
    char text[64];
    if (s.n >= sizeof text)
        return 0;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

static bool is_in_range(struct str range, struct str host)
{
    unsigned char net[16], addr[16];
    uint64_t bits;
    ptrdiff_t slash = str_index(range, '/');
    int size = parse_address(str_sub(range, 0, (size_t)slash), net);
    if (size == 0 || parse_address(host, addr) != size ||
        !str_to_u64(str_sub(range, (size_t)slash + 1, range.n), &bits) ||
        bits > (uint64_t)size * 8)
        return false;
    size_t whole = (size_t)bits / 8;
    unsigned mask = (0xFF00u >> (bits % 8)) & 0xFF;
    return memcmp(net, addr, whole) == 0 &&
           (mask == 0 || ((net[whole] ^ addr[whole]) & mask) == 0);
}

static bool covers(struct str rule, struct str host, uint16_t port)
{
    struct str name;
    uint64_t rule_port = port;
    if (str_eqz(rule, "*"))
        return true;
    if (str_index(rule, '/') >= 0)
        return is_in_range(rule, host);
    if (!split_host(rule, &name, &rule_port) || rule_port != port)
        return false;
    if (str_starts(name, STR("*.")))
        name = str_sub(name, 2, name.n);
    else if (str_starts(name, STR(".")))
        name = str_sub(name, 1, name.n);
    if (name.n == 0 || name.n > host.n)
        return false;
    struct str tail = str_sub(host, host.n - name.n, host.n);
    return str_eq_nocase(tail, name) &&
           (tail.n == host.n || host.p[host.n - name.n - 1] == '.');
}

bool proxy_is_bypassed(struct str no_proxy, struct str host, uint16_t port)
{
    struct str part, word;
    while (str_split(&no_proxy, ',', &part)) {
        part = str_trim(part);
        while (str_split(&part, ' ', &word))
            if (word.n && covers(word, host, port))
                return true;
    }
    return false;
}

static struct str environment(const char *upper, const char *lower)
{
    const char *value = getenv(upper);
    if (!value || !*value)
        value = getenv(lower);
    return str_trim(str_of(value ? value : ""));
}

int proxy_from_environment(struct str host, uint16_t port, struct proxy *ret,
                           struct err *err)
{
    struct str url = environment("HTTPS_PROXY", "https_proxy");
    if (url.n == 0 || proxy_is_bypassed(environment("NO_PROXY", "no_proxy"), host, port))
        return 0;
    return proxy_parse(url, ret, err) < 0 ? -1 : 1;
}
