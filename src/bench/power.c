/* power.c -- see power.h. */
#include "bench/power.h"

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "loop/turn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MAX_ZONES = 32,
    MAX_CARDS = 16,
    LOOK_US = 1000000,
    IDLE_STEP_MS = 20,
    PATH_BYTES = 512
};

#define POWERCAP "/sys/class/powercap"
#define SMI                                                                              \
    "exec nvidia-smi --query-gpu=index,power.draw --format=csv,noheader,nounits -lms "   \
    "250"

/* A counter of RAPL. */
struct zone {
    char path[PATH_BYTES];
    uint64_t range_uj, last_uj;
};

struct card {
    double watts; /* sum of what was read */
    uint64_t n;
};

struct bench_power {
    struct zone zones[MAX_ZONES];
    size_t nzones, npackages;
    struct card cards[MAX_CARDS];
    pid_t smi;
    int smi_fd;
    char line[64]; /* of nvidia-smi: what of it has come */
    size_t nline;
    uint64_t uj, began_us, looked_us;
    double idle_watts;
    bool is_lost;   /* a counter could be read no more */
    bool is_locked; /* there are counters, and only root may read them */
    bool has_cards; /* nvidia-smi has told something */
};

/* -- RAPL --------------------------------------------------------------------------- */

static bool read_number(const char *path, uint64_t *ret)
{
    char text[32] = "";
    LOOP_MAY_BLOCK("the kernel answers from memory, once a second");
    FILE *f = fopen(path, "re");
    bool is_read = f && fgets(text, sizeof text, f);
    if (f)
        fclose(f);
    text[strcspn(text, "\n")] = '\0';
    return is_read && str_to_u64(str_of(text), ret);
}

static bool is_counted(const char *folder)
{
    char path[PATH_BYTES], name[32] = "";
    snprintf(path, sizeof path, "%.400s/name", folder);
    FILE *f = fopen(path, "re");
    bool is_read = f && fgets(name, sizeof name, f);
    if (f)
        fclose(f);
    /* Cores are parts of their package; psys is the platform with all of them. */
    return is_read && (strncmp(name, "package", 7) == 0 || strncmp(name, "dram", 4) == 0);
}

static void add_zone(struct bench_power *p, const char *root, const char *name)
{
    char folder[PATH_BYTES], range[PATH_BYTES + 32];
    struct zone *z = &p->zones[p->nzones];
    snprintf(folder, sizeof folder, "%.250s/%.100s", root, name);
    if (p->nzones == MAX_ZONES || !is_counted(folder))
        return;
    snprintf(z->path, sizeof z->path, "%.400s/energy_uj", folder);
    snprintf(range, sizeof range, "%.400s/max_energy_range_uj", folder);
    errno = 0;
    if (!read_number(z->path, &z->last_uj)) {
        p->is_locked |= errno == EACCES;
        return;
    }
    if (!read_number(range, &z->range_uj))
        z->range_uj = 0;
    p->npackages += strchr(strchr(name, ':') + 1, ':') == NULL;
    p->nzones++;
}

static void find_zones(struct bench_power *p, const char *root)
{
    DIR *d = opendir(root);
    for (const struct dirent *e; d && (e = readdir(d));)
        if (strncmp(e->d_name, "intel-rapl:", 11) == 0)
            add_zone(p, root, e->d_name);
    if (d)
        closedir(d);
}

static void look_at_zones(struct bench_power *p)
{
    for (size_t i = 0; i < p->nzones; i++) {
        struct zone *z = &p->zones[i];
        uint64_t now;
        if (!read_number(z->path, &now)) {
            p->is_lost = true;
            continue;
        }
        p->is_lost |= now < z->last_uj && z->range_uj == 0;
        p->uj += now >= z->last_uj ? now - z->last_uj : z->range_uj - z->last_uj + now;
        z->last_uj = now;
    }
}

/* -- nvidia-smi --------------------------------------------------------------------- */

static void take_line(struct bench_power *p)
{
    char *end;
    unsigned long card = strtoul(p->line, &end, 10);
    if (end == p->line || *end != ',' || card >= MAX_CARDS)
        return;
    const char *from = end + 1;
    double watts = strtod(from, &end);
    if (end == from || !isfinite(watts) || watts < 0)
        return; /* "[N/A]": this card does not tell it */
    p->cards[card].watts += watts;
    p->cards[card].n++;
    p->has_cards = true;
}

static void look_at_cards(struct bench_power *p)
{
    char bytes[1024];
    ssize_t n = -1;
    LOOP_MAY_BLOCK("a pipe that waits for nothing");
    while (p->smi_fd >= 0 && (n = read(p->smi_fd, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            bool is_end = bytes[i] == '\n';
            if (!is_end && p->nline + 1 < sizeof p->line)
                p->line[p->nline++] = bytes[i];
            if (!is_end)
                continue;
            p->line[p->nline] = '\0';
            take_line(p);
            p->nline = 0;
        }
    if (n == 0) { /* it has ended, or was never there */
        close(p->smi_fd);
        p->smi_fd = -1;
    }
}

static void start_smi(struct bench_power *p, const char *words)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    p->smi = fork();
    if (p->smi == 0) {
        int quiet = open("/dev/null", O_WRONLY);
        setpgid(0, 0); /* Ctrl-C is for weir, which ends it */
        dup2(ends[1], STDOUT_FILENO);
        dup2(quiet, STDERR_FILENO);
        execl("/bin/sh", "sh", "-c", words, NULL);
        _exit(127);
    }
    close(ends[1]);
    p->smi_fd = ends[0];
    fcntl(p->smi_fd, F_SETFL, O_NONBLOCK);
}

static void stop_smi(const struct bench_power *p)
{
    if (p->smi_fd >= 0)
        close(p->smi_fd);
    if (p->smi <= 0)
        return;
    kill(p->smi, SIGKILL); /* nothing of it has to be kept */
    while (waitpid(p->smi, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* -- both --------------------------------------------------------------------------- */

struct bench_power *bench_power_open(const char *powercap, const char *smi)
{
    struct bench_power *p = mem_new(struct bench_power);
    if (!p)
        return NULL;
    p->idle_watts = NAN;
    p->smi_fd = -1;
    find_zones(p, powercap ? powercap : POWERCAP);
    start_smi(p, smi ? smi : SMI);
    return p;
}

void bench_power_close(struct bench_power *p)
{
    if (!p)
        return;
    stop_smi(p);
    mem_free(p);
}

bool bench_power_is_there(const struct bench_power *p)
{
    return p->nzones || p->has_cards;
}

void bench_power_begin(struct bench_power *p)
{
    look_at_zones(p);
    look_at_cards(p);
    memset(p->cards, 0, sizeof p->cards);
    p->uj = 0;
    p->is_lost = false;
    p->began_us = p->looked_us = clock_mono_us();
}

void bench_power_look(struct bench_power *p)
{
    uint64_t now = clock_mono_us();
    if (now - p->looked_us < LOOK_US)
        return;
    p->looked_us = now;
    look_at_zones(p);
    look_at_cards(p);
}

/* Watts of the cards together; NAN: none has told any. */
static double watts_of_cards(const struct bench_power *p, size_t *ret_n)
{
    double watts = 0;
    *ret_n = 0;
    for (size_t i = 0; i < MAX_CARDS; i++) {
        if (p->cards[i].n == 0)
            continue;
        watts += p->cards[i].watts / (double)p->cards[i].n;
        ++*ret_n;
    }
    return *ret_n ? watts : NAN;
}

static void say_meters(const struct bench_power *p, size_t ncards,
                       char words[BENCH_POWER_WORDS])
{
    char rapl[64] = "", cards[64] = "";
    if (p->nzones)
        snprintf(rapl, sizeof rapl, "RAPL (%zu package%s%s)", p->npackages,
                 p->npackages == 1 ? "" : "s",
                 p->nzones > p->npackages ? " and memory" : "");
    if (ncards)
        snprintf(cards, sizeof cards, "%snvidia-smi (%zu card%s)", p->nzones ? ", " : "",
                 ncards, ncards == 1 ? "" : "s");
    snprintf(words, BENCH_POWER_WORDS, "%s%s", rapl, cards);
}

void bench_power_end(struct bench_power *p, struct bench_energy *ret)
{
    size_t ncards;
    look_at_zones(p);
    look_at_cards(p);
    double seconds = (double)(clock_mono_us() - p->began_us) / 1e6;
    double watts = watts_of_cards(p, &ncards);
    *ret = (struct bench_energy){
        .joules = NAN, .seconds = seconds, .idle_watts = p->idle_watts};
    if (!p->nzones && !ncards) {
        snprintf(ret->words, sizeof ret->words, "%s",
                 p->is_locked ? "only root may read RAPL here, and no card of nvidia-smi "
                                "tells its watts"
                 : p->has_cards ? "the run was too short for nvidia-smi"
                                : "this machine has neither RAPL nor nvidia-smi");
        return;
    }
    say_meters(p, ncards, ret->words);
    if (p->is_lost) {
        snprintf(ret->words, sizeof ret->words, "a counter of RAPL could not be read");
        return;
    }
    ret->joules = (double)p->uj / 1e6 + (ncards ? watts * seconds : 0);
}

void bench_power_idle(struct bench_power *p, unsigned ms)
{
    struct bench_energy e;
    bench_power_begin(p);
    for (unsigned i = 0; i < ms / IDLE_STEP_MS; i++) {
        look_at_cards(p);
        if (!p->nzones && p->smi_fd < 0)
            return;
        usleep(IDLE_STEP_MS * 1000);
    }
    bench_power_end(p, &e);
    p->idle_watts = e.seconds > 0 ? e.joules / e.seconds : NAN;
}
