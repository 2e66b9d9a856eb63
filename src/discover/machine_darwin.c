/* machine_darwin.c -- sysctl; on Apple silicon the one memory serves CPU and GPU. */
#include "discover/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysctl.h>

void machine_read_system(struct machine *m)
{
    uint64_t bytes = 0;
    int cpus = 0;
    size_t n = sizeof bytes;
    if (sysctlbyname("hw.memsize", &bytes, &n, NULL, 0) == 0)
        m->ram_gb = (double)bytes / (1024.0 * 1024.0 * 1024.0);
    n = sizeof cpus;
    if (sysctlbyname("hw.ncpu", &cpus, &n, NULL, 0) == 0 && cpus > 0)
        m->cpus = (unsigned)cpus;
    n = sizeof m->cpu;
    if (sysctlbyname("machdep.cpu.brand_string", m->cpu, &n, NULL, 0) != 0)
        m->cpu[0] = '\0';
    m->is_apple = strncmp(m->cpu, "Apple", 5) == 0;
    if (!m->is_apple)
        return;
    m->ncards = 1;
    snprintf(m->cards[0].name, sizeof m->cards[0].name, "%s", m->cpu);
    m->cards[0].memory_gb = m->ram_gb;
    snprintf(m->cards[0].seen_by, sizeof m->cards[0].seen_by, "sysctl");
}
