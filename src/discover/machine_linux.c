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

static double mib_of(struct str text)
{
    uint64_t mib;
    return str_to_u64(str_trim(text), &mib) ? (double)mib / 1024.0 : 0;
}

/* "NVIDIA GeForce RTX 4060, 8188, 7900": name, total and free MiB.  Where the memory is
 * the machine's own the driver says "[N/A]". */
void machine_take_nvidia(struct machine *m, const char *text)
{
    struct str rest = str_of(text);
    struct str line = {0};
    struct str name;
    struct str total = {0};
    struct str free_mib = {0};
    (void)str_split(&rest, '\n', &line);
    if (m->ncards == MACHINE_CARDS || !str_split(&line, ',', &name) ||
        !str_split(&line, ',', &total) || str_trim(name).n == 0)
        return;
    (void)str_split(&line, ',', &free_mib);
    struct machine_card *c = &m->cards[m->ncards++];
    *c = (struct machine_card){.is_nvidia = true, .seen_by = "nvidia-smi"};
    snprintf(c->name, sizeof c->name, "%.*s", STR_ARG(str_trim(name)));
    c->memory_gb = mib_of(total);
    c->free_gb = mib_of(free_mib);
}

static void read_nvidia(struct machine *m)
{
    char line[300];
    /* NOLINTNEXTLINE(cert-env33-c): a fixed command, nothing of it from outside. */
    FILE *f = popen("nvidia-smi --query-gpu=name,memory.total,memory.free "
                    "--format=csv,noheader,nounits 2>/dev/null",
                    "r");
    while (f && fgets(line, sizeof line, f))
        machine_take_nvidia(m, line);
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

/* The first line of a file of card `card`; false when there is none. */
static bool card_line(const char *folder, int card, const char *file, char *out,
                      size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/card%d/device/%s", folder, card, file);
    return read_line(path, out, size);
}

/* Bytes in such a file as GiB; 0 when it is not there. */
static double card_gb(const char *folder, int card, const char *file)
{
    char text[96];
    uint64_t bytes;
    if (!card_line(folder, card, file, text, sizeof text) ||
        !str_to_u64(str_of(text), &bytes))
        return 0;
    return (double)bytes / (1024.0 * 1024.0 * 1024.0);
}

/* "0x1002" without the prefix. */
static const char *bare_hex(const char *text)
{
    return strncmp(text, "0x", 2) == 0 ? text + 2 : text;
}

/* The amdgpu driver tells its memory; its product name only on some cards, what the PCI
 * bus calls it on all. */
void machine_read_drm(struct machine *m, const char *folder)
{
    for (int card = 0; card < 16 && m->ncards < MACHINE_CARDS; card++) {
        char vendor[16], device[16], revision[16];
        double total = card_gb(folder, card, "mem_info_vram_total");
        if (total <= 0)
            continue;
        struct machine_card *c = &m->cards[m->ncards++];
        *c = (struct machine_card){.memory_gb = total};
        snprintf(c->seen_by, sizeof c->seen_by, "%.20s/card%d", folder, card);
        double used = card_gb(folder, card, "mem_info_vram_used");
        c->free_gb = used > 0 && used <= total ? total - used : 0;
        c->shared_gb = card_gb(folder, card, "mem_info_gtt_total");
        if (!card_line(folder, card, "product_name", c->name, sizeof c->name))
            c->name[0] = '\0';
        if (card_line(folder, card, "vendor", vendor, sizeof vendor) &&
            card_line(folder, card, "device", device, sizeof device) &&
            card_line(folder, card, "revision", revision, sizeof revision))
            snprintf(c->pci, sizeof c->pci, "pci %.6s:%.6s rev %.6s", bare_hex(vendor),
                     bare_hex(device), bare_hex(revision));
    }
}

void machine_read_system(struct machine *m)
{
    read_cpu(m);
    read_memory(m);
    read_nvidia(m);
    machine_read_drm(m, "/sys/class/drm");
}
