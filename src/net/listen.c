/* listen.c -- accepting: one listening socket on one loop.
 *
 * Facts that shape it.  Accepted sockets inherit TCP_NODELAY from the listening one,
 * which saves a call each.  With SO_REUSEPORT any process of the same user may bind
 * the port too and would silently take a share of our clients: so before sharing, the
 * port is bound alone once, unless the holder is this very process (another worker).
 * Out of descriptors accept() fails while the level stays high: that would spin, so
 * accepting rests. */
#include "net/listen.h"

#include "core/descriptors.h"
#include "core/log.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    ACCEPTS_PER_TURN = 64,
    REST_MS = 100,
    MAX_SCANNED_FDS = 4096,
    TIGHT_MS = 10 * 1000 /* so long there is a look before each accept() */
};

struct listener {
    struct loop_io io;
    struct loop_timer rest;
    listener_fn *fn;
    void *arg;
    listener_room_fn *room; /* NULL: no reserve is kept */
    int fd;
    int ceiling; /* descriptors from here on are kept from clients */
    uint64_t tight_until_ms;
    bool is_closed;
    uint16_t port;
};

/* -- addresses -------------------------------------------------------------- */

struct address {
    char host[256];
    char port[8];
};

static int split_address(struct str s, struct address *ret, struct err *err)
{
    struct str host = s, port = {0};
    uint64_t number;
    ptrdiff_t close = s.n && s.p[0] == '[' ? str_index(s, ']') : -1;
    ptrdiff_t colon = -1;
    for (size_t i = s.n; i > 0 && colon < 0; i--)
        if (s.p[i - 1] == ':')
            colon = (ptrdiff_t)i - 1;
    if (colon > close) {
        host = str_sub(s, 0, (size_t)colon);
        port = str_sub(s, (size_t)colon + 1, s.n);
    }
    if (close > 0 && (size_t)close + 1 == host.n)
        host = str_sub(host, 1, (size_t)close);
    else if (str_index(host, ':') >= 0)
        host.n = 0;
    if (host.n == 0 || host.n >= sizeof ret->host || !str_to_u64(port, &number) ||
        number > 65535)
        return err_set(err, ERR_CONFIG, "bad_listen",
                       "cannot listen on \"%.*s\": write host:port, for example "
                       "127.0.0.1:4141 or [::1]:4141",
                       STR_ARG(s));
    snprintf(ret->host, sizeof ret->host, "%.*s", STR_ARG(host));
    snprintf(ret->port, sizeof ret->port, "%u", (unsigned)number);
    return 0;
}

/* localhost is the IPv4 loopback: every client can reach it, and one socket will do. */
static int look_up(struct str s, struct addrinfo **ret, struct err *err)
{
    struct address a;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    if (split_address(s, &a, err) < 0)
        return -1;
    const char *host =
        str_eq_nocase(str_of(a.host), STR("localhost")) ? "127.0.0.1" : a.host;
    int rc = getaddrinfo(host, a.port, &hints, ret);
    if (rc != 0)
        return err_set(err, ERR_CONFIG, "bad_listen", "cannot listen on \"%.*s\": %s",
                       STR_ARG(s), gai_strerror(rc));
    return 0;
}

static bool is_loopback(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, sa, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    if (sa->sa_family != AF_INET6)
        return false;
    memcpy(&v6, sa, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool listen_address_is_public(struct str address)
{
    struct addrinfo *ai = NULL;
    if (look_up(address, &ai, NULL) < 0)
        return true;
    bool is_public = !is_loopback(ai->ai_addr);
    freeaddrinfo(ai);
    return is_public;
}

static uint16_t port_of(const struct sockaddr_storage *sa)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (sa->ss_family == AF_INET) {
        memcpy(&v4, sa, sizeof v4);
        return ntohs(v4.sin_port);
    }
    memcpy(&v6, sa, sizeof v6);
    return ntohs(v6.sin6_port);
}

/* -- binding ---------------------------------------------------------------- */

/* Is one of our own sockets listening there already?  Start-up only, few fds. */
static bool is_held_by_us(const struct addrinfo *ai)
{
    struct rlimit limit = {.rlim_cur = MAX_SCANNED_FDS};
    getrlimit(RLIMIT_NOFILE, &limit);
    int end = limit.rlim_cur < MAX_SCANNED_FDS ? (int)limit.rlim_cur : MAX_SCANNED_FDS;
    for (int fd = 3; fd < end; fd++) {
        int listens = 0;
        socklen_t n = sizeof listens;
        struct sockaddr_storage sa = {0};
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) < 0 || !listens)
            continue;
        n = sizeof sa;
        if (getsockname(fd, (struct sockaddr *)&sa, &n) == 0 && n == ai->ai_addrlen &&
            memcmp(&sa, ai->ai_addr, n) == 0)
            return true;
    }
    return false;
}

static int bind_socket(const struct addrinfo *ai, bool reuse_port)
{
    static const int on = 1;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (ai->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (reuse_port)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0)
        return fd;
    int sys = errno;
    close(fd);
    errno = sys;
    return -1;
}

static int open_listening(const struct addrinfo *ai, bool is_shared)
{
    if (is_shared && !is_held_by_us(ai)) {
        int alone = bind_socket(ai, false);
        if (alone < 0)
            return -1;
        close(alone);
    }
    int fd = bind_socket(ai, is_shared);
    if (fd < 0 || listen(fd, BACKLOG) == 0)
        return fd;
    int sys = errno;
    close(fd);
    errno = sys;
    return -1;
}

/* -- accepting -------------------------------------------------------------- */

static bool is_out_of_room(int sys)
{
    return sys == EMFILE || sys == ENFILE || sys == ENOBUFS || sys == ENOMEM;
}

static void end_rest(struct loop_timer *t)
{
    struct listener *ln = CONTAINER_OF(t, struct listener, rest);
    loop_io_want(&ln->io, LOOP_READ);
}

/* Once a minute at most.  `sys` is why there is no room. */
static void tell_of_limit(const struct listener *ln, int sys)
{
    if (sys == ENFILE)
        log_warn_rarely("this machine has no free file descriptor: connections without a "
                        "request under way are closed; raise fs.file-max (sysctl)");
    else if (sys == EMFILE)
        log_warn_rarely(
            "connections have taken the %d file descriptors that clients may have: those "
            "without a request under way are closed for new ones, the longest idle "
            "first; raise the limit of open files (systemd: LimitNOFILE=, docker: "
            "--ulimit nofile=, shell: ulimit -n)",
            ln->ceiling);
    else
        log_warn_rarely("no connection can be accepted: %s", strerror(sys));
}

static bool make_room(struct listener *ln, int sys)
{
    ln->tight_until_ms = loop_now_ms(ln->rest.loop) + TIGHT_MS;
    ln->ceiling = descriptors_ceilings().of_clients; /* prlimit may have changed it */
    tell_of_limit(ln, sys);
    return ln->room && ln->room(ln->arg);
}

/* The lowest free number, which is what accept() would give. */
static bool has_room(const struct listener *ln)
{
    int probe = fcntl(ln->fd, F_DUPFD_CLOEXEC, 0);
    if (probe >= 0)
        close(probe);
    return probe >= 0 && probe < ln->ceiling;
}

/* Into the place of the one that was closed for it: else the reserve would shrink by one
 * with each. */
static int lowered(int fd)
{
    int lower = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (lower < 0)
        return fd;
    close(lower < fd ? fd : lower);
    return lower < fd ? lower : fd;
}

static void take(struct listener *ln, int fd)
{
    if (UNLIKELY(fd >= ln->ceiling) && ln->room && make_room(ln, EMFILE))
        fd = lowered(fd);
    ln->fn(ln->arg, fd);
}

static bool rest(struct listener *ln)
{
    loop_io_want(&ln->io, 0);
    loop_timer_at(&ln->rest, loop_now_ms(ln->rest.loop) + REST_MS);
    return false;
}

/* False: no more in this turn. */
static bool accept_one(struct listener *ln)
{
    bool is_tight = ln->tight_until_ms > loop_now_ms(ln->rest.loop);
    if (UNLIKELY(is_tight) && ln->room && !has_room(ln) && !make_room(ln, EMFILE))
        return rest(ln);
    int fd = accept4(ln->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        take(ln, fd);
        return !is_tight; /* another may not be waiting: no room is made for nobody */
    }
    if (is_out_of_room(errno))
        return make_room(ln, errno) || rest(ln);
    /* Else a client that left while it waited, or a signal: the next one. */
    return errno != EAGAIN && errno != EWOULDBLOCK;
}

static void on_clients(struct loop_io *io, unsigned ready)
{
    struct listener *ln = CONTAINER_OF(io, struct listener, io);
    (void)ready;
    for (int i = 0; i < ACCEPTS_PER_TURN && !ln->is_closed; i++)
        if (!accept_one(ln))
            return;
}

static void on_released(struct loop_io *io)
{
    mem_free(CONTAINER_OF(io, struct listener, io));
}

static struct listener *start(struct loop *l, int fd, listener_fn *fn, void *arg,
                              struct err *err)
{
    struct sockaddr_storage sa = {0};
    socklen_t n = sizeof sa;
    struct listener *ln = mem_new(struct listener);
    if (!ln) {
        err_nomem(err);
        return NULL;
    }
    if (loop_io_open(l, &ln->io, fd, on_clients, err) < 0) {
        mem_free(ln);
        return NULL;
    }
    ln->fd = fd;
    ln->fn = fn;
    ln->arg = arg;
    ln->ceiling = descriptors_ceilings().of_clients;
    getsockname(fd, (struct sockaddr *)&sa, &n);
    ln->port = port_of(&sa);
    loop_timer_init(l, &ln->rest, end_rest);
    loop_io_want(&ln->io, LOOP_READ);
    return ln;
}

struct listener *listener_create(struct loop *l, struct str address, bool is_shared,
                                 listener_fn *fn, void *arg, struct err *err)
{
    struct addrinfo *ai = NULL;
    if (look_up(address, &ai, err) < 0)
        return NULL;
    int fd = open_listening(ai, is_shared);
    if (fd < 0)
        err_sys(err, ERR_CONFIG, errno == EADDRINUSE ? LISTEN_IN_USE : "bad_listen",
                "cannot listen on %.*s", STR_ARG(address));
    freeaddrinfo(ai);
    struct listener *ln = fd < 0 ? NULL : start(l, fd, fn, arg, err);
    if (!ln && fd >= 0)
        close(fd);
    return ln;
}

void listener_keep_reserve(struct listener *ln, listener_room_fn *fn)
{
    ln->room = fn;
}

void listener_close(struct listener *ln)
{
    if (!ln || ln->is_closed)
        return;
    ln->is_closed = true;
    loop_timer_stop(&ln->rest);
    loop_io_close(&ln->io, on_released);
    close(ln->fd);
}

uint16_t listener_port(const struct listener *ln)
{
    return ln->port;
}
