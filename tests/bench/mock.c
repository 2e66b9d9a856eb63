/* mock.c -- the engine of the benchmark: canned answers, as cheap as they can be.
 *
 *   mock [-d FILE] PLAIN_PORT [TLS_PORT CERT KEY]
 *
 * The path says which dialect it is asked in, and it answers in that (forms.h).  A plain
 * request gets 568 bytes of JSON.  One whose message begins with
 * "bench events=N pace_ms=P." gets N events, in OpenAI's form of 181 bytes: one write
 * each P ms, or all at once with P = 0.  It must cost less than what is measured, so it
 * is one epoll loop over a ring of millisecond slots, and looks at the first kilobyte of
 * a body.
 * With -d it keeps a diary: for each request that holds the mark of `weir bench`, its
 * number, when the request had been read whole, and when each event was sent
 * (accuracy.py).  It is written at SIGTERM, a line each.
 * An engine that falls behind (the CPU is shared with the load) sends late, with the
 * time of sending: lag is what the proxy and the reader add. */
#include "forms.h"
#include "wire.h"

#include "core/mem.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum {
    MAX_FDS = 32768,
    HEAD_BYTES = 3072, /* a request's head and the start of its body */
    SLOTS = 4096,      /* longest pace, ms */
    BURST_EVENTS = 256,
    READ_BYTES = 65536,
    EVENT_BYTES = 512, /* the most that one takes */
    ENDS_BYTES = 4096, /* ... and what stands before and behind them */
    ANSWER_BYTES = 568
};

struct peer {
    SSL *ssl;
    char *rest; /* what the socket has not taken */
    size_t nrest, rest_at;
    uint64_t left; /* of the request's body */
    struct peer *next;
    int fd;
    unsigned nhead, events, pace_ms, number;
    bool in_body, is_waiting, is_closed;
    struct page *page; /* of the diary; NULL: none is kept */
    const struct form *form;
    char head[HEAD_BYTES];
};

/* What the diary says of one request; microseconds of CLOCK_MONOTONIC. */
struct page {
    struct page *before;
    uint64_t read_us;
    unsigned number, nsent, room;
    uint64_t sent_us[];
};

struct mock {
    const char *diary; /* where it goes; NULL: none is kept */
    struct page *pages;
    int epoll_fd, plain_fd, tls_fd;
    SSL_CTX *tls;
    struct peer *peers[MAX_FDS];
    struct peer *slots[SLOTS];
    uint64_t slot_ms; /* the last slot that was run */
    char answers[FORMS][1024];
    char input[READ_BYTES];
    char output[ENDS_BYTES + BURST_EVENTS * (EVENT_BYTES + 8)];
};

static volatile sig_atomic_t is_over;

static void on_term(int number)
{
    (void)number;
    is_over = 1;
}

static void begin_page(struct mock *m, struct peer *p)
{
    const char *mark = strstr(p->head, "weir-bench ");
    p->page = NULL;
    if (!m->diary || !mark)
        return;
    p->page = mem_zalloc(sizeof *p->page + p->events * sizeof p->page->sent_us[0]);
    if (!p->page)
        die("memory");
    p->page->before = m->pages;
    p->page->room = p->events;
    p->page->read_us = mono_us();
    p->page->number = (unsigned)strtoul(mark + strlen("weir-bench "), NULL, 10);
    m->pages = p->page;
}

static void write_diary(const struct mock *m)
{
    FILE *f = m->diary ? fopen(m->diary, "w") : NULL;
    for (const struct page *page = m->pages; f && page; page = page->before) {
        fprintf(f, "%u %llu", page->number, (unsigned long long)page->read_us);
        for (unsigned i = 0; i < page->nsent; i++)
            fprintf(f, " %llu", (unsigned long long)page->sent_us[i]);
        fputc('\n', f);
    }
    if (m->diary && (!f || fclose(f) != 0))
        die(m->diary);
}

/* Writes digits over each run of '#'. */
static void fill_in(char *text, size_t n, uint64_t number)
{
    char *p = text, *end = text + n;
    while ((p = memchr(p, '#', (size_t)(end - p))) && p + FORM_DIGITS <= end) {
        uint64_t v = 1000000 + number % 9000000;
        for (int i = FORM_DIGITS; i-- > 0; v /= 10)
            p[i] = (char)('0' + v % 10);
        p += FORM_DIGITS;
    }
}

static void make_answer(const struct form *f, char *to, size_t size)
{
    int fill = ANSWER_BYTES - (int)(strlen(f->whole_before) + strlen(f->whole_after));
    char words[ANSWER_BYTES];
    for (int i = 0; i < fill; i++)
        words[i] = "the quick brown fox "[i % 20];
    int n = snprintf(to, size,
                     "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                     "content-length: %d\r\n\r\n%s%.*s%s",
                     ANSWER_BYTES, f->whole_before, fill, words, f->whole_after);
    fill_in(to, (size_t)n, 0);
}

static void drop(struct mock *m, struct peer *p)
{
    if (p->is_closed)
        return;
    p->is_closed = true;
    m->peers[p->fd] = NULL;
    if (p->ssl)
        SSL_free(p->ssl);
    close(p->fd);
    mem_free(p->rest);
    if (!p->is_waiting) /* else its slot frees it */
        mem_free(p);
}

/* Bytes moved, 0 when the socket is not ready, -1 at the end. */
static ssize_t finish_io(struct peer *p, ssize_t n)
{
    if (n > 0)
        return n;
    if (!p->ssl)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    int why = SSL_get_error(p->ssl, (int)n);
    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t take_in(struct peer *p, char *to, size_t n)
{
    return finish_io(p, p->ssl ? SSL_read(p->ssl, to, (int)n) : recv(p->fd, to, n, 0));
}

static ssize_t put_out(struct peer *p, const char *from, size_t n)
{
    return finish_io(p, p->ssl ? SSL_write(p->ssl, from, (int)n)
                               : send(p->fd, from, n, MSG_NOSIGNAL));
}

static void watch(struct mock *m, struct peer *p, bool wants_write)
{
    struct epoll_event e = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0u),
                            .data.fd = p->fd};
    epoll_ctl(m->epoll_fd, EPOLL_CTL_MOD, p->fd, &e);
}

/* False when the peer is gone. */
static bool say(struct mock *m, struct peer *p, const char *bytes, size_t n)
{
    ssize_t sent = put_out(p, bytes, n);
    if (sent < 0) {
        drop(m, p);
        return false;
    }
    if ((size_t)sent == n)
        return true;
    p->nrest = n - (size_t)sent;
    p->rest = mem_alloc(p->nrest);
    if (!p->rest)
        die("memory");
    memcpy(p->rest, bytes + sent, p->nrest);
    p->rest_at = 0;
    watch(m, p, true);
    return true;
}

static size_t put_text(char *to, const char *text)
{
    size_t n = strlen(text);
    memcpy(to, text, n);
    return n;
}

/* Around what has been put behind `to`, with room for the size before it. */
enum { SIZE_BYTES = 5 };
static size_t close_chunk(char *to, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const char size[SIZE_BYTES] = {hex[n >> 8 & 15], hex[n >> 4 & 15], hex[n & 15], '\r',
                                   '\n'};
    memcpy(to, size, sizeof size);
    memcpy(to + SIZE_BYTES + n, "\r\n", 2);
    return SIZE_BYTES + n + 2;
}

static size_t put_event(char *to, struct peer *p)
{
    char *at = to + SIZE_BYTES;
    size_t n = put_text(at, p->form->before);
    fill_in(at, n, p->number);
    uint64_t now = mono_us();
    write_text(at + n, p->number, now);
    if (p->page && p->page->nsent < p->page->room)
        p->page->sent_us[p->page->nsent++] = now;
    n += EVENT_TEXT;
    size_t tail = put_text(at + n, p->form->after);
    fill_in(at + n, tail, p->number);
    p->number++;
    p->events--;
    return close_chunk(to, n + tail);
}

static size_t put_begin(char *to, const struct form *f)
{
    size_t n = (size_t)sprintf(to,
                               "HTTP/1.1 200 OK\r\ncontent-type: %s\r\n"
                               "transfer-encoding: chunked\r\n\r\n",
                               f->type);
    if (*f->begin)
        n += close_chunk(to + n, put_text(to + n + SIZE_BYTES, f->begin));
    return n;
}

static size_t put_end(char *to, const struct form *f)
{
    size_t n = put_text(to + SIZE_BYTES, f->finish);
    fill_in(to + SIZE_BYTES, n, 0);
    n = close_chunk(to, n);
    return n + put_text(to + n, "0\r\n\r\n");
}

static void wait_ms(struct mock *m, struct peer *p, unsigned ms)
{
    struct peer **slot = &m->slots[(m->slot_ms + ms) % SLOTS];
    p->next = *slot;
    *slot = p;
    p->is_waiting = true;
}

static void send_events(struct mock *m, struct peer *p)
{
    size_t n = 0;
    unsigned most = p->pace_ms ? 1 : BURST_EVENTS;
    if (p->number == 0)
        n = put_begin(m->output, p->form);
    while (most-- && p->events)
        n += put_event(m->output + n, p);
    bool is_last = p->events == 0;
    if (is_last)
        n += put_end(m->output + n, p->form);
    if (say(m, p, m->output, n) && !is_last && p->pace_ms)
        wait_ms(m, p, p->pace_ms);
}

static void send_burst(struct mock *m, struct peer *p)
{
    int fd = p->fd;
    while (m->peers[fd] == p && p->events && !p->rest)
        send_events(m, p);
}

/* By the first line of the head, which is still there. */
static const struct form *form_of(const struct peer *p)
{
    const char *end = strstr(p->head, "\r\n");
    for (size_t i = 0; i < FORMS; i++) {
        const char *at = strstr(p->head, forms[i].mark);
        if (at && at < end)
            return &forms[i];
    }
    return &forms[0];
}

static void answer(struct mock *m, struct peer *p)
{
    const char *hint = strstr(p->head, "bench events=");
    p->number = 0;
    p->form = form_of(p);
    const char *whole = m->answers[p->form - forms];
    if (!hint || sscanf(hint, BENCH_HINT, &p->events, &p->pace_ms) != 2 || !p->events) {
        p->events = 0;
        say(m, p, whole, strlen(whole));
        return;
    }
    begin_page(m, p);
    if (p->pace_ms) /* the paces of many streams are spread evenly */
        wait_ms(m, p, 1 + (unsigned)p->fd * 7919 % p->pace_ms);
    else
        send_burst(m, p);
}

static bool read_head(struct peer *p)
{
    char *end = strstr(p->head, "\r\n\r\n");
    char *length = end ? strcasestr(p->head, "content-length:") : NULL;
    if (!end)
        return false;
    p->left = length && length < end ? strtoull(length + 15, NULL, 10) : 0;
    p->in_body = true;
    size_t have = p->nhead - (size_t)(end + 4 - p->head);
    p->left -= have < p->left ? have : p->left;
    return true;
}

static void on_bytes(struct mock *m, struct peer *p, size_t n)
{
    size_t room = HEAD_BYTES - 1 - p->nhead, taken = n < room ? n : room;
    memcpy(p->head + p->nhead, m->input, taken);
    p->nhead += (unsigned)taken;
    p->head[p->nhead] = '\0';
    if (p->in_body)
        p->left -= n < p->left ? n : p->left;
    else if (read_head(p)) /* what did not fit was body too */
        p->left -= n - taken < p->left ? n - taken : p->left;
    if (!p->in_body || p->left)
        return;
    p->in_body = false;
    p->nhead = 0;
    answer(m, p);
}

static void on_readable(struct mock *m, struct peer *p)
{
    int fd = p->fd;
    do {
        ssize_t n = take_in(p, m->input, sizeof m->input);
        if (n < 0)
            drop(m, p);
        if (n <= 0)
            return;
        on_bytes(m, p, (size_t)n);
    } while (m->peers[fd] == p && p->ssl && SSL_has_pending(p->ssl));
}

static void on_writable(struct mock *m, struct peer *p)
{
    ssize_t n = put_out(p, p->rest + p->rest_at, p->nrest - p->rest_at);
    if (n < 0) {
        drop(m, p);
        return;
    }
    p->rest_at += (size_t)n;
    if (p->rest_at < p->nrest)
        return;
    mem_free(p->rest);
    p->rest = NULL;
    watch(m, p, false);
    if (!p->pace_ms)
        send_burst(m, p);
}

static void on_connection(struct mock *m, int listener)
{
    int fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        struct peer *p = fd < MAX_FDS ? mem_new(struct peer) : NULL;
        if (!p)
            die("too many connections");
        prepare_socket(fd);
        p->fd = fd;
        m->peers[fd] = p;
        if (listener == m->tls_fd) {
            p->ssl = SSL_new(m->tls);
            SSL_set_fd(p->ssl, fd);
            SSL_set_accept_state(p->ssl);
        }
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

static void run_slot(struct mock *m, size_t slot)
{
    struct peer *p = m->slots[slot];
    m->slots[slot] = NULL;
    while (p) {
        struct peer *next = p->next;
        p->is_waiting = false;
        if (p->is_closed)
            mem_free(p);
        else if (p->rest) /* its reader is slow: try again one pace later */
            wait_ms(m, p, p->pace_ms);
        else
            send_events(m, p);
        p = next;
    }
}

static void run(struct mock *m)
{
    struct epoll_event events[256];
    m->slot_ms = mono_us() / 1000;
    while (!is_over) {
        int n = epoll_wait(m->epoll_fd, events, 256, 1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            struct peer *p = m->peers[fd];
            if (fd == m->plain_fd || fd == m->tls_fd)
                on_connection(m, fd);
            if (p && p->rest && (events[i].events & EPOLLOUT))
                on_writable(m, p);
            if (m->peers[fd] && m->peers[fd] == p &&
                (events[i].events & ~(uint32_t)EPOLLOUT))
                on_readable(m, p);
        }
        for (uint64_t now = mono_us() / 1000; m->slot_ms < now;)
            run_slot(m, ++m->slot_ms % SLOTS);
    }
}

static int listen_on(struct mock *m, const char *port)
{
    const int one = 1;
    struct sockaddr_in at = loopback((uint16_t)strtoul(port, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 8192) < 0)
        die(port);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, fd, &e);
    return fd;
}

static void use_tls(struct mock *m, char **argv)
{
    m->tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(m->tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(m->tls, 1);
    if (SSL_CTX_use_certificate_chain_file(m->tls, argv[3]) != 1 ||
        SSL_CTX_use_PrivateKey_file(m->tls, argv[4], SSL_FILETYPE_PEM) != 1)
        die("certificate");
    m->tls_fd = listen_on(m, argv[2]);
}

int main(int argc, char **argv)
{
    struct mock *m = mem_new(struct mock);
    if (!m)
        die("memory");
    if (argc > 2 && strcmp(argv[1], "-d") == 0) {
        m->diary = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc != 2 && argc != 5) {
        fputs("usage: mock [-d FILE] PLAIN_PORT [TLS_PORT CERT KEY]\n", stderr);
        return 2;
    }
    signal(SIGTERM, on_term);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < FORMS; i++)
        make_answer(&forms[i], m->answers[i], sizeof m->answers[i]);
    m->epoll_fd = epoll_create1(0);
    m->tls_fd = -1;
    m->plain_fd = listen_on(m, argv[1]);
    if (argc == 5)
        use_tls(m, argv);
    run(m);
    write_diary(m);
    return 0;
}
