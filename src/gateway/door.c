/* door.c -- see door.h: links, cookies, and the key that makes them. */
#include "gateway/door.h"

#include "core/hash.h"
#include "core/mem.h"
#include "loop/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY_BYTES = 32, MAC_TEXT = 64, NONCE_BYTES = 8, PATH_BYTES = 1100 };

struct link_out {
    char secret[DOOR_LINK_TEXT]; /* "": none */
    enum door_role role;
    uint64_t until_ms;
};

struct door {
    char path[PATH_BYTES];
    pthread_mutex_t mutex; /* of all below; held for microseconds */
    unsigned char key[KEY_BYTES];
    struct link_out links[DOOR_LINKS];
    atomic_uint_fast64_t turns;
};

const char *door_role_name(enum door_role r)
{
    static const char *const names[] = {"none", "view", "operate"};
    return names[r];
}

static void write_hex(const unsigned char *bytes, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

/* -- the key --------------------------------------------------------------------------
 */

static bool read_key(struct door *d)
{
    int fd = open(d->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, d->key, KEY_BYTES);
    close(fd);
    return n == KEY_BYTES;
}

static int write_key(const char *path, const unsigned char *key, struct err *err)
{
    char fresh[PATH_BYTES + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, key, KEY_BYTES) == KEY_BYTES && fsync(fd) == 0;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    ok = ok && rename(fresh, path) == 0;
    errno = ok || !saved ? errno : saved;
    return ok ? 0
              : err_sys(err, ERR_INTERNAL, "page_key",
                        "%s cannot be written, so whoever has the page open must ask "
                        "for a new link after a restart (weir page)",
                        path);
}

struct door *door_create(const char *state_dir, struct err *err)
{
    struct door *d = mem_new(struct door);
    if (!d) {
        err_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&d->mutex, NULL);
    snprintf(d->path, sizeof d->path, "%s/page.key", state_dir);
    if (read_key(d))
        return d;
    if (!random_bytes(d->key, KEY_BYTES)) {
        err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
        door_free(d);
        return NULL;
    }
    (void)write_key(d->path, d->key, err);
    return d;
}

void door_free(struct door *d)
{
    if (!d)
        return;
    pthread_mutex_destroy(&d->mutex);
    OPENSSL_cleanse(d->key, sizeof d->key);
    mem_free(d);
}

int door_forget_all(struct door *d, struct err *err)
{
    unsigned char key[KEY_BYTES];
    LOOP_MAY_BLOCK("the operator ends all visits by hand, which is rare");
    if (!random_bytes(key, sizeof key))
        return err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
    if (write_key(d->path, key, err) < 0)
        return -1;
    pthread_mutex_lock(&d->mutex);
    memcpy(d->key, key, sizeof key);
    memset(d->links, 0, sizeof d->links);
    atomic_fetch_add(&d->turns, 1);
    pthread_mutex_unlock(&d->mutex);
    return 0;
}

uint64_t door_turns(const struct door *d)
{
    return atomic_load_explicit(&d->turns, memory_order_relaxed);
}

/* -- links ----------------------------------------------------------------------------
 */

static struct link_out *oldest(struct door *d)
{
    struct link_out *ret = &d->links[0];
    for (size_t i = 1; i < DOOR_LINKS; i++)
        if (d->links[i].until_ms < ret->until_ms)
            ret = &d->links[i];
    return ret;
}

bool door_make_link(struct door *d, enum door_role role, uint64_t now_ms,
                    char ret[DOOR_LINK_TEXT])
{
    unsigned char raw[(DOOR_LINK_TEXT - 1) / 2];
    if (!random_bytes(raw, sizeof raw))
        return false;
    write_hex(raw, sizeof raw, ret);
    pthread_mutex_lock(&d->mutex);
    struct link_out *l = oldest(d);
    memcpy(l->secret, ret, DOOR_LINK_TEXT);
    l->role = role;
    l->until_ms = now_ms + DOOR_LINK_S * 1000;
    pthread_mutex_unlock(&d->mutex);
    return true;
}

enum door_role door_use_link(struct door *d, struct str secret, uint64_t now_ms)
{
    enum door_role role = DOOR_NONE;
    if (secret.n != DOOR_LINK_TEXT - 1)
        return DOOR_NONE;
    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < DOOR_LINKS; i++) {
        struct link_out *l = &d->links[i];
        if (!l->secret[0] || CRYPTO_memcmp(l->secret, secret.p, secret.n) != 0)
            continue;
        if (now_ms < l->until_ms)
            role = l->role;
        memset(l, 0, sizeof *l);
    }
    pthread_mutex_unlock(&d->mutex);
    return role;
}

/* -- cookies --------------------------------------------------------------------------
 */

/* "o.1764500000.0123456789abcdef": what the HMAC stands behind. */
static bool mac_of(struct door *d, struct str text, char ret[MAC_TEXT + 1])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    pthread_mutex_lock(&d->mutex);
    bool ok = HMAC(EVP_sha256(), d->key, KEY_BYTES, (const unsigned char *)text.p, text.n,
                   mac, &n) != NULL;
    pthread_mutex_unlock(&d->mutex);
    if (!ok || n != MAC_TEXT / 2)
        return false;
    write_hex(mac, n, ret);
    return true;
}

bool door_make_cookie(struct door *d, enum door_role role, uint64_t now_s,
                      char ret[DOOR_COOKIE_TEXT])
{
    unsigned char raw[NONCE_BYTES];
    char nonce[2 * NONCE_BYTES + 1], mac[MAC_TEXT + 1];
    if (!random_bytes(raw, sizeof raw))
        return false;
    write_hex(raw, sizeof raw, nonce);
    int n = snprintf(ret, DOOR_COOKIE_TEXT, "%c.%llu.%s", door_role_name(role)[0],
                     (unsigned long long)(now_s + DOOR_COOKIE_S), nonce);
    if (!mac_of(d, (struct str){ret, (size_t)n}, mac))
        return false;
    snprintf(ret + n, DOOR_COOKIE_TEXT - (size_t)n, ".%s", mac);
    return true;
}

enum door_role door_role_of(struct door *d, struct str cookie, uint64_t now_s)
{
    char mac[MAC_TEXT + 1];
    struct str rest, role, until;
    uint64_t until_s;
    if (cookie.n <= MAC_TEXT + 1 || cookie.n >= DOOR_COOKIE_TEXT ||
        cookie.p[cookie.n - MAC_TEXT - 1] != '.')
        return DOOR_NONE;
    rest = str_sub(cookie, 0, cookie.n - MAC_TEXT - 1);
    if (!mac_of(d, rest, mac) ||
        CRYPTO_memcmp(mac, cookie.p + cookie.n - MAC_TEXT, MAC_TEXT) != 0)
        return DOOR_NONE;
    if (!str_split(&rest, '.', &role) || !str_split(&rest, '.', &until) ||
        !str_to_u64(until, &until_s) || now_s >= until_s ||
        until_s > now_s + DOOR_COOKIE_S)
        return DOOR_NONE;
    return str_eqz(role, "o") ? DOOR_OPERATE : str_eqz(role, "v") ? DOOR_VIEW : DOOR_NONE;
}

static uint64_t nibble(char c)
{
    return (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void door_visit_of(struct str cookie, struct page_visit *ret)
{
    struct str rest = cookie, role, until;
    size_t at = cookie.n - MAC_TEXT;
    (void)(str_split(&rest, '.', &role) && str_split(&rest, '.', &until) &&
           str_to_u64(until, &ret->until_s));
    ret->id = 0;
    for (size_t i = at; i < at + 16; i++)
        ret->id = ret->id << 4 | nibble(cookie.p[i]);
}

/* Of "mark v.1764500000...": no cookie begins like this. */
static bool mac_for(struct door *d, const char *what, struct str cookie,
                    char ret[DOOR_MARK_TEXT])
{
    char text[DOOR_COOKIE_TEXT + 8];
    int n = snprintf(text, sizeof text, "%s %.*s", what, STR_ARG(cookie));
    return n > 0 && n < (int)sizeof text && mac_of(d, (struct str){text, (size_t)n}, ret);
}

bool door_mark_of(struct door *d, struct str cookie, char ret[DOOR_MARK_TEXT])
{
    return mac_for(d, "mark", cookie, ret);
}

bool door_pass_of(struct door *d, struct str cookie, char ret[DOOR_MARK_TEXT])
{
    return mac_for(d, "pass", cookie, ret);
}
