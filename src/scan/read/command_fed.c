/* command_fed.c -- what is fed to a program or to a variable of a shell.
 *
 *     echo "x" | tool --password-stdin     tool <<< "x"     read -s PASS <<< "x"
 *     --password-command "echo x"          Set-Item Env:DB_PASS x */
#include "scan/read/inside.h"

enum { MAX_COMMAND = 2048 };

/* --password-command "echo x", --auth-user-pass <(echo x): what the option's command
 * prints. */
static struct piece printed_by(struct reader *r, struct piece word, size_t end)
{
    static const char *const printers[] = {"echo ", "printf ", "<(echo ", "<(printf "};
    struct str s = str_sub(r->text, word.start, end);
    for (size_t i = 0; i < ARRAY_LEN(printers); i++)
        if (str_starts(s, str_of(printers[i]))) {
            size_t at = word.start + strlen(printers[i]);
            struct piece v = shell_word(r, &at, word.quote ? word.end : end);
            while (!v.quote && v.end > v.start && r->text.p[v.end - 1] == ')')
                v.end--;
            return v;
        }
    return (struct piece){0};
}

void read_printed(struct reader *r, struct piece option, struct piece word, size_t end)
{
    static const char *const files[] = {"command", "file", "auth-user-pass"};
    struct str name = piece_str(r, option);
    struct piece v = printed_by(r, word, end);
    bool is_told =
        telling_of(name).what == TELLS_PASSWORD || str_contains_nocase(name, STR("pass"));
    for (size_t i = 0; v.end > v.start && is_told && i < ARRAY_LEN(files); i++)
        if (str_ends(name, str_of(files[i]))) {
            emit_told(r, v, NOTE_COMMAND, TELLS_PASSWORD);
            return;
        }
}

/* read -s PASS <<< "x" */
void read_read(struct reader *r, const struct line *l, const struct argv *w)
{
    if (w->n < 4 || !equal_to(piece_str(r, w->v[0]), "read"))
        return;
    for (size_t i = 2; i + 1 < w->n; i++)
        if (str_eqz(piece_str(r, w->v[i]), "<<<") && may_read(r, l->end - l->start))
            emit(r, w->v[i - 1], w->v[i + 1], NOTE_COMMAND);
}

/* Set-Item Env:DB_PASS x */
void read_env_item(struct reader *r, const struct line *l, size_t at)
{
    size_t name = at + 4, end = name, v;
    while (end < l->end && is_name_char(r->text.p[end]))
        end++;
    v = skip_blanks(r, end, l->end);
    if (v > end && v < l->end && r->text.p[v] != '-' && r->text.p[v] != '|')
        emit(r, (struct piece){name, end, 0}, shell_word(r, &v, l->end), NOTE_COMMAND);
}

static bool looks_like_value(struct str s)
{
    return s.n > 2 && s.p[0] != '-' && !equal_to(s, "echo") && !equal_to(s, "printf");
}

/* echo "x" | tool --password-stdin, tool <<< "x" */
void read_fed(struct reader *r, const struct line *l, const struct argv *w)
{
    static const char *const takers[] = {
        "password-stdin", "--stdin", "sudo -S",    "chpasswd",      "passwd",
        "kinit",          "gpg ",    "cryptsetup", "docker login",  "vault login",
        "auth login",     "openssl", "smbpasswd",  "passphrase-fd", "secret create",
        "sudo -kS",       "su ",     "vncpasswd",  "keepassxc-cli", "borg ",
        "password_stdin"};
    struct str line = str_sub(r->text, w->v[0].start, l->end);
    line.n = line.n < MAX_COMMAND ? line.n : MAX_COMMAND;
    if (!may_read(r, 4 * line.n))
        return;
    bool takes = false;
    for (size_t i = 0; i < ARRAY_LEN(takers) && !takes; i++)
        takes = str_find(line, str_of(takers[i])) >= 0;
    if (!takes)
        return;
    struct str tool = piece_str(r, w->v[0]);
    ptrdiff_t here = str_find(line, STR("<<<"));
    struct piece v = {0};
    if (here >= 0) {
        size_t i = w->v[0].start + (size_t)here + 3;
        v = shell_word(r, &i, l->end);
    } else if ((equal_to(tool, "echo") || equal_to(tool, "printf")) && w->n > 1 &&
               memchr(line.p, '|', line.n)) {
        v = w->v[w->n - 1];
        for (size_t i = 1; i < w->n; i++)
            if (w->v[i].quote || looks_like_value(piece_str(r, w->v[i])))
                v = w->v[i];
    }
    if (v.end > v.start)
        emit_at(r, v, str_find(line, STR("chpasswd")) >= 0 ? ":" : "\n",
                str_find(line, STR("chpasswd")) >= 0 ? TELLS_USER : TELLS_PASSWORD,
                TELLS_PASSWORD);
}
