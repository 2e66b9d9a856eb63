/* advise_security.c -- a checklist for a machine that runs local models.
 *
 * It reads and changes nothing: listening ports from /proc/net, versions by asking the
 * engines themselves, modes of model files, and settings in the environment.  What it
 * cannot see it calls unknown; a container sees only its own sockets. */
#include "cmd/decide/advise_security.h"

#include "cmd/lib/output.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

struct checks {
    struct report *r;
    size_t bad, unknown;
};

enum state { GOOD, NOTE, CLOSE, UNKNOWN };

static void check(struct checks *c, const char *what, enum state state, const char *found,
                  const char *remedy)
{
    static const char *const names[] = {"good", "note", "to close", "unknown"};
    const char *cells[] = {names[state], what, found, remedy};
    c->bad += state == CLOSE;
    c->unknown += state == UNKNOWN;
    report_row(c->r, cells);
}

static bool hex(struct str s, unsigned *ret)
{
    unsigned v = 0;
    if (s.n == 0 || s.n > 8)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        unsigned d = ch >= '0' && ch <= '9'   ? (unsigned)(ch - '0')
                     : ch >= 'A' && ch <= 'F' ? (unsigned)(ch - 'A' + 10)
                     : ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a' + 10)
                                              : 16;
        if (d > 15)
            return false;
        v = v * 16 + d;
    }
    *ret = v;
    return true;
}

/* The address as the kernel prints it: words of the machine's byte order. */
static bool is_loopback(struct str address)
{
    if (address.n == 8)
        return str_eq_nocase(str_sub(address, 6, 8), STR("7F"));
    return str_eq(address, STR("00000000000000000000000001000000")) ||
           (str_starts_nocase(address, STR("0000000000000000FFFF0000")) &&
            str_eq_nocase(str_sub(address, 30, 32), STR("7F")));
}

bool security_parse_listener(struct str line, unsigned *ret_port, bool *ret_open)
{
    struct str fields[4];
    size_t n = 0;
    struct str part;
    line = str_trim(line);
    while (n < 4 && str_split(&line, ' ', &part))
        if (part.n)
            fields[n++] = part;
    if (n < 4 || !str_eq(fields[3], STR("0A")))
        return false;
    ptrdiff_t colon = str_index(fields[1], ':');
    if (colon < 0 || !hex(str_sub(fields[1], (size_t)colon + 1, fields[1].n), ret_port))
        return false;
    *ret_open = !is_loopback(str_sub(fields[1], 0, (size_t)colon));
    return true;
}

static const struct {
    unsigned port;
    const char *name;
} known_ports[] = {
    {11434, "Ollama"},    {1234, "LM Studio"}, {8080, "llama-server"},
    {8000, "vLLM"},       {4141, "weir"},      {5000, "text-generation-webui"},
    {3000, "Open WebUI"}, {1337, "Jan"},       {30000, "SGLang"}};

static const char *port_name(unsigned port)
{
    for (size_t i = 0; i < ARRAY_LEN(known_ports); i++)
        if (known_ports[i].port == port)
            return known_ports[i].name;
    return NULL;
}

static bool check_listeners_in(struct checks *c, const char *path)
{
    char line[400];
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    while (fgets(line, sizeof line, f)) {
        unsigned port;
        bool open;
        if (!security_parse_listener(str_of(line), &port, &open) || !port_name(port))
            continue;
        check(c, report_fmt(c->r, "%s, port %u", port_name(port), port),
              open ? CLOSE : GOOD,
              open ? "listens beyond loopback" : "listens on loopback only",
              open ? "bind it to 127.0.0.1, or put weir or a firewall before it" : "");
    }
    fclose(f);
    return true;
}

static void check_listeners(struct checks *c)
{
    bool four = check_listeners_in(c, "/proc/net/tcp");
    bool six = check_listeners_in(c, "/proc/net/tcp6");
    if (!four && !six)
        check(c, "listening ports", UNKNOWN, "/proc/net/tcp cannot be read",
              "look with: lsof -iTCP -sTCP:LISTEN");
}

static void check_version(struct checks *c, const char *name, const char *command)
{
    char line[200] = "";
    /* NOLINTNEXTLINE(cert-env33-c): a fixed command, nothing of it from outside. */
    FILE *f = popen(command, "r");
    bool found = f && fgets(line, sizeof line, f);
    if (f)
        pclose(f);
    line[strcspn(line, "\n")] = '\0';
    check(c, name, found ? NOTE : UNKNOWN, found ? line : "not installed, or not in PATH",
          found ? "compare with the newest release and its security notes" : "");
}

static void check_mode(struct checks *c, const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return;
    bool loose = (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    check(c, report_fmt(c->r, "%.60s", path), loose ? CLOSE : GOOD,
          report_fmt(c->r, "mode %03o", (unsigned)st.st_mode & 0777),
          loose ? "others may replace the model: chmod go-w" : "");
}

static void check_models(struct checks *c)
{
    static const char *const folders[] = {".ollama/models", ".lmstudio/models",
                                          ".cache/llama.cpp", ".cache/huggingface"};
    const char *home = getenv("HOME");
    const char *ollama = getenv("OLLAMA_MODELS");
    size_t seen = 0;
    for (size_t i = 0; home && i < ARRAY_LEN(folders); i++) {
        struct stat st;
        const char *path = report_fmt(c->r, "%s/%s", home, folders[i]);
        if (stat(path, &st) == 0) {
            check_mode(c, path);
            seen++;
        }
    }
    if (ollama) {
        check_mode(c, ollama);
        seen++;
    }
    if (seen == 0)
        check(c, "model files", UNKNOWN, "no usual model folder found", "");
}

/* Settings whose presence or value says something; values are shown, they are not
 * secrets. */
static void check_environment(struct checks *c)
{
    static const struct {
        const char *name, *good, *remedy;
        bool is_good_unset;
    } vars[] = {
        {"OLLAMA_HOST", "127", "unset it, or bind to 127.0.0.1", true},
        {"OLLAMA_ORIGINS", NULL, "a * lets any web page use your models", true},
        {"HF_HUB_DISABLE_TELEMETRY", "1", "set to 1 to stop usage reports", false},
        {"VLLM_NO_USAGE_STATS", "1", "set to 1 to stop usage reports", false},
        {"DO_NOT_TRACK", "1", "set to 1; several tools obey it", false},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", NULL, "traces with prompts may leave through it",
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
        const char *v = getenv(vars[i].name);
        bool wild = v && strcmp(vars[i].name, "OLLAMA_ORIGINS") == 0 && strchr(v, '*');
        bool open = v && strcmp(vars[i].name, "OLLAMA_HOST") == 0 &&
                    strncmp(v, "127", 3) != 0 && strncmp(v, "localhost", 9) != 0;
        bool good =
            v ? vars[i].good && strncmp(v, vars[i].good, strlen(vars[i].good)) == 0
              : vars[i].is_good_unset;
        check(c, vars[i].name, wild || open ? CLOSE : NOTE,
              v ? report_fmt(c->r, "%.60s", v) : "not set", good ? "" : vars[i].remedy);
    }
}

int advise_security(const struct options *o)
{
    static const char *const columns[] = {"state", "what", "found", "remedy"};
    struct checks c = {.r = report_create("advise", "Security of local models here")};
    if (!c.r)
        return EXIT_NO;
    report_section(c.r, "security", "");
    report_table(c.r, "checks", columns, ARRAY_LEN(columns), TRUTH_MEASURED,
                 "read on this machine just now", REPORT_NO_DATE);
    check_listeners(&c);
    check_version(&c, "ollama version", "ollama --version 2>/dev/null");
    check_version(&c, "llama-server version",
                  "llama-server --version 2>&1 </dev/null | "
                  "grep -i version");
    check_models(&c);
    check_environment(&c);
    report_answer(c.r, "%zu to close, %zu unknown.", c.bad, c.unknown);
    return output_report(o, c.r, c.bad ? EXIT_NO : EXIT_YES);
}
