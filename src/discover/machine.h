/* machine.h -- what this machine has: memory, bandwidth, graphics cards.
 *
 * What cannot be read is 0 and is shown as unknown.  Bandwidth of main memory is
 * measured, once in a process: threads read a buffer far larger than any cache for a
 * quarter of a second.
 * Cards are asked through nvidia-smi or the kernel's files; names are looked up in the
 * device facts by the caller. */
#ifndef WEIR_DISCOVER_MACHINE_H
#define WEIR_DISCOVER_MACHINE_H

#include "core/compiler.h"
#include "core/str.h"

enum { MACHINE_CARDS = 8 };

struct machine_card {
    char name[96];             /* "" when the driver does not tell it */
    char pci[32];              /* "pci 1002:744c rev c8", when that is known */
    double memory_gb, free_gb; /* GiB; 0: unknown, as where memory is the machine's */
    double shared_gb;          /* of main memory that it may use besides (GTT) */
    bool is_nvidia;            /* else AMD, or Apple */
    char seen_by[40];          /* "nvidia-smi", "/sys/class/drm/card0", "sysctl" */
};

struct machine {
    char cpu[128];
    unsigned cpus;
    double ram_gb, free_ram_gb; /* GiB */
    double ram_gbs;             /* measured, 10^9 bytes a second; 0 when not asked */
    bool is_apple;              /* unified memory, the card is the CPU's */
    struct machine_card cards[MACHINE_CARDS];
    size_t ncards;
};

void machine_read(struct machine *m, bool measure_bandwidth);

/* machine_linux.c or machine_darwin.c: all but the bandwidth. */
void machine_read_system(struct machine *m);

/* Of Linux.  One line of nvidia-smi, "name, total MiB, free MiB", of which the memory may
 * be "[N/A]"; and the cards below a folder such as /sys/class/drm. */
void machine_take_nvidia(struct machine *m, const char *line);
void machine_read_drm(struct machine *m, const char *folder);

#endif
