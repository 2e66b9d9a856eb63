/* top_term.c -- see top_term.h. */
#include "cmd/serve/top_term.h"

#include "core/buf.h"
#include "loop/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER_SCREEN "\033[?1049h\033[?25l"
#define LEAVE_SCREEN "\033[?25h\033[?1049l"

enum { SCREEN_BYTES = 1 << 20 };

static struct termios was;
static int flags_were;
static volatile sig_atomic_t is_open, is_stopped, has_changed;

/* From signal handlers too: nothing but system calls. */
static void leave(void)
{
    LOOP_MAY_BLOCK("a terminal is put back at once, also by a signal");
    if (!is_open)
        return;
    is_open = 0;
    (void)!write(STDOUT_FILENO, LEAVE_SCREEN, sizeof LEAVE_SCREEN - 1);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
    (void)fcntl(STDIN_FILENO, F_SETFL, flags_were); /* the shell's own descriptor, too */
}

static void enter(void)
{
    struct termios raw = was;
    LOOP_MAY_BLOCK("nobody but this screen waits for it");
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    (void)!write(STDOUT_FILENO, ENTER_SCREEN, sizeof ENTER_SCREEN - 1);
    is_open = 1;
}

static void on_stop(int sig)
{
    (void)sig;
    is_stopped = 1;
}

static void on_change(int sig)
{
    (void)sig;
    has_changed = 1;
}

static void on_suspend(int sig)
{
    (void)sig;
    int saved = errno;
    leave();
    (void)raise(SIGSTOP);
    enter(); /* somebody said `fg` */
    has_changed = 1;
    errno = saved;
}

/* The system's own way goes on after it: SA_RESETHAND. */
static void on_crash(int sig)
{
    leave();
    (void)raise(sig);
}

static void catch_signal(int sig, void (*fn)(int sig), int flags)
{
    struct sigaction a = {.sa_handler = fn, .sa_flags = flags};
    sigemptyset(&a.sa_mask);
    sigaction(sig, &a, NULL);
}

static void catch_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        catch_signal(ends[i], on_stop, 0);
    for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
        catch_signal(crashes[i], on_crash, (int)SA_RESETHAND | SA_NODEFER);
    catch_signal(SIGWINCH, on_change, SA_RESTART);
    catch_signal(SIGTSTP, on_suspend, SA_RESTART);
    signal(SIGPIPE, SIG_IGN);
}

bool term_open(void)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &was) < 0 ||
        (flags_were = fcntl(STDIN_FILENO, F_GETFL)) < 0)
        return false;
    catch_signals();
    atexit(leave);
    enter();
    return true;
}

void term_close(void)
{
    leave();
}

void term_size(unsigned *ret_width, unsigned *ret_height)
{
    struct winsize w = {0};
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row;
    *ret_width = is_known ? w.ws_col : 80;
    *ret_height = is_known ? w.ws_row : 24;
}

void term_show(struct str lines)
{
    struct buf out;
    struct str rest = lines;
    LOOP_MAY_BLOCK("nobody but this screen waits for it");
    buf_init(&out, SCREEN_BYTES);
    /* Of another size the terminal may have moved what stood there. */
    buf_append(&out, has_changed ? STR("\033[2J\033[H") : STR("\033[H"));
    has_changed = 0;
    while (rest.n) {
        ptrdiff_t end = str_index(rest, '\n');
        buf_lit(&out, "\033[K"); /* before: behind a full line it takes the last letter */
        buf_append(&out, end < 0 ? rest : str_sub(rest, 0, (size_t)end));
        if (end >= 0)
            buf_lit(&out, "\r\n");
        rest = end < 0 ? STR("") : str_sub(rest, (size_t)end + 1, rest.n);
    }
    buf_lit(&out, "\033[J");
    for (struct str left = buf_view(&out); left.n && is_open;) {
        ssize_t n = write(STDOUT_FILENO, left.p, left.n);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            break;
        left = str_sub(left, n > 0 ? (size_t)n : 0, left.n);
    }
    buf_release(&out);
}

/* -- keys -------------------------------------------------------------------------------
 */

static const struct {
    const char *bytes;
    int key;
} sequences[] = {{"\033[A", KEY_UP},       {"\033[B", KEY_DOWN},
                 {"\033OA", KEY_UP},       {"\033OB", KEY_DOWN},
                 {"\033[5~", KEY_PAGE_UP}, {"\033[6~", KEY_PAGE_DOWN},
                 {"\033[H", KEY_HOME},     {"\033[1~", KEY_HOME}};

/* A sequence that is none of ours: all of it is stepped over. */
static int unknown_sequence(struct str *bytes)
{
    size_t n = 2;
    while (n < bytes->n && (bytes->p[n] < '@' || bytes->p[n] > '~'))
        n++;
    *bytes = str_sub(*bytes, n < bytes->n ? n + 1 : bytes->n, bytes->n);
    return KEY_NONE;
}

int term_key(struct str *bytes)
{
    for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
        if (str_starts(*bytes, str_of(sequences[i].bytes))) {
            *bytes = str_sub(*bytes, strlen(sequences[i].bytes), bytes->n);
            return sequences[i].key;
        }
    if (bytes->n > 2 && bytes->p[0] == '\033' &&
        (bytes->p[1] == '[' || bytes->p[1] == 'O'))
        return unknown_sequence(bytes);
    unsigned char c = (unsigned char)bytes->p[0];
    *bytes = str_sub(*bytes, 1, bytes->n);
    return c == '\r' || c == '\n' ? KEY_ENTER
           : c == '\033'          ? KEY_ESCAPE
           : c == 127 || c == 8   ? KEY_BACKSPACE
                                  : c;
}

bool term_is_stopped(void)
{
    return is_stopped;
}

bool term_has_changed(void)
{
    return has_changed;
}
