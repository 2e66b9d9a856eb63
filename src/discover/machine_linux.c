/* machine_linux.c -- /proc, /sys and nvidia-smi. */
#include "discover/machine.h"

#include "core/str.h"

#include <stdio.h>
#include <unistd.h>

#define KIB_PER_GIB (1024.0 * 1024.0)

static double field_of(struct str line, const char *name)
{
    uint64_t kib;
    if (!str_starts(line, str_of(name)))
        return 0;
    struct str rest = str_trim(str_sub(line, strlen(name), line.n));
    ptrdiff_t end = str_index(rest, ' ');
    if (!str_to_u64(str_sub(rest, 0, end < 0 ? rest.n : (size_t)end), &kib))
        return 0;
    return (double)kib / KIB_PER_GIB;
}

static void read_memory(struct machine *m)
{
    char line[200];
    FILE *f = fopen("/proc/meminfo", "r");
    while (f && fgets(line, sizeof line, f)) {
        double total = field_of(str_of(line), "MemTotal:");
        double available = field_of(str_of(line), "MemAvailable:");
        m->ram_gb = total > 0 ? total : m->ram_gb;
        m->free_ram_gb = available > 0 ? available : m->free_ram_gb;
    }
    if (f)
        fclose(f);
}

static void read_cpu(struct machine *m)
{
    char line[300];
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    m->cpus = n > 0 ? (unsigned)n : 0;
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f)) {
        struct str s = str_of(line);
        ptrdiff_t colon = str_index(s, ':');
        if (colon < 0 || !str_starts(s, STR("model name")))
            continue;
        struct str name = str_sub(s, (size_t)colon + 1, s.n ? s.n - 1 : 0);
        name = str_trim(name);
        snprintf(m->cpu, sizeof m->cpu, "%.*s", STR_ARG(name));
        break;
    }
    if (f)
        fclose(f);
}

/* "NVIDIA GeForce RTX 4060, 8188, 7900": name, total and free MiB. */
static void take_nvidia(struct machine *m, struct str line)
{
    struct str name;
    struct str total;
    struct str free_mib;
    uint64_t mib;
    uint64_t left;
    if (m->ncards == MACHINE_CARDS || !str_split(&line, ',', &name) ||
        !str_split(&line, ',', &total) || !str_split(&line, '\n', &free_mib) ||
        !str_to_u64(str_trim(total), &mib))
        return;
    struct machine_card *c = &m->cards[m->ncards++];
    snprintf(c->name, sizeof c->name, "%.*s", STR_ARG(str_trim(name)));
    c->memory_gb = (double)mib / 1024.0;
    if (str_to_u64(str_trim(free_mib), &left))
        c->free_gb = (double)left / 1024.0;
}

static void read_nvidia(struct machine *m)
{
    char line[300];
    /* NOLINTNEXTLINE(cert-env33-c): a fixed command, nothing of it from outside. */
    FILE *f = popen("nvidia-smi --query-gpu=name,memory.total,memory.free "
                    "--format=csv,noheader,nounits 2>/dev/null",
                    "r");
    while (f && fgets(line, sizeof line, f))
        take_nvidia(m, str_of(line));
    if (f)
        pclose(f);
}

static bool read_line(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    bool ok = f && fgets(out, (int)size, f);
    if (f)
        fclose(f);
    if (ok)
        out[strcspn(out, "\n")] = '\0';
    return ok;
}

/* The amdgpu driver tells its memory; its product name only on some cards. */
static void read_amd(struct machine *m)
{
    for (int card = 0; card < 16 && m->ncards < MACHINE_CARDS; card++) {
        char path[128];
        char text[96];
        uint64_t bytes;
        snprintf(path, sizeof path, "/sys/class/drm/card%d/device/mem_info_vram_total",
                 card);
        if (!read_line(path, text, sizeof text) || !str_to_u64(str_of(text), &bytes))
            continue;
        struct machine_card *c = &m->cards[m->ncards++];
        c->memory_gb = (double)bytes / (1024.0 * 1024.0 * 1024.0);
        snprintf(path, sizeof path, "/sys/class/drm/card%d/device/product_name", card);
        if (!read_line(path, c->name, sizeof c->name) || !c->name[0])
            snprintf(c->name, sizeof c->name, "AMD card of unknown name");
    }
}

void machine_read_system(struct machine *m)
{
    read_cpu(m);
    read_memory(m);
    read_nvidia(m);
    read_amd(m);
}
