/* machine.h -- what this machine has: memory, bandwidth, graphics cards.
 *
 * What cannot be read is 0 and is shown as unknown.  Bandwidth of main memory is
 * measured: threads read a buffer far larger than any cache for a quarter of a second.
 * Cards are asked through nvidia-smi or the kernel's files; names are looked up in the
 * device facts by the caller. */
#ifndef WEIR_DISCOVER_MACHINE_H
#define WEIR_DISCOVER_MACHINE_H

#include "core/compiler.h"

enum { MACHINE_CARDS = 8 };

struct machine_card {
    char name[96];
    double memory_gb, free_gb; /* GiB; free is 0 when unknown */
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

#endif
