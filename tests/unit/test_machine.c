/* test_machine.c -- what drivers say of cards, and the rows that these are. */
#include "discover/machine.h"
#include "facts/facts.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static void a_card_without_memory_of_its_own_is_not_dropped(void **state)
{
    (void)state;
    struct machine m = {.ncards = 0};
    machine_take_nvidia(&m, "NVIDIA GB10, [N/A], [N/A]\n");
    machine_take_nvidia(&m, "NVIDIA GeForce RTX 3090, 24576, 20000\n");
    machine_take_nvidia(&m, "NVIDIA GeForce RTX 3090, 24576\n");
    machine_take_nvidia(&m, "\n");
    machine_take_nvidia(&m, "garbage\n");
    assert_int_equal(m.ncards, 3);
    assert_string_equal(m.cards[0].name, "NVIDIA GB10");
    assert_true(m.cards[0].memory_gb == 0 && m.cards[0].free_gb == 0);
    assert_true(m.cards[1].memory_gb == 24.0 && m.cards[1].free_gb > 19);
    assert_true(m.cards[2].memory_gb == 24.0 && m.cards[2].free_gb == 0);
    for (int i = 0; i < 20; i++)
        machine_take_nvidia(&m, "NVIDIA A100, 81920, 81920\n");
    assert_int_equal(m.ncards, MACHINE_CARDS);
}

static void put(const char *folder, const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void an_amd_card_is_told_by_its_pci_id(void **state)
{
    (void)state;
    char root[] = "/tmp/weir-drm-XXXXXX";
    char card[64];
    struct machine m = {.ncards = 0};
    assert_non_null(mkdtemp(root));
    snprintf(card, sizeof card, "%s/card1", root);
    assert_int_equal(mkdir(card, 0755), 0);
    snprintf(card, sizeof card, "%s/card1/device", root);
    assert_int_equal(mkdir(card, 0755), 0);
    put(card, "mem_info_vram_total", "536870912\n");
    put(card, "mem_info_vram_used", "134217728\n");
    put(card, "mem_info_gtt_total", "68719476736\n");
    put(card, "vendor", "0x1002\n");
    put(card, "device", "0x1586\n");
    put(card, "revision", "0xc1\n");
    machine_read_drm(&m, root);
    assert_int_equal(m.ncards, 1);
    assert_string_equal(m.cards[0].pci, "pci 1002:1586 rev c1");
    assert_string_equal(m.cards[0].name, "");
    assert_true(m.cards[0].memory_gb == 0.5 && m.cards[0].shared_gb == 64.0);
    folder_remove(root);
}

static void names_of_drivers_are_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double memory;
        const char *row;
    } rows[] = {
        {"NVIDIA GeForce RTX 4090", 23.99, "RTX 4090"},
        {"NVIDIA GeForce RTX 3060", 12.0, "RTX 3060 12GB"},
        {"NVIDIA GeForce RTX 4060 Ti", 15.99, "RTX 4060 Ti 16GB"},
        {"NVIDIA GeForce RTX 4060 Laptop GPU", 8.0, "RTX 4060 Laptop"},
        {"NVIDIA A100-SXM4-80GB", 80.0, "A100 SXM4 80GB"},
        {"NVIDIA H100 80GB HBM3", 79.6, "H100 SXM5 80GB"},
        {"NVIDIA H100 PCIe", 79.6, "H100 PCIe 80GB"},
        {"NVIDIA L4", 22.5, "L4"},
        {"NVIDIA L40S", 44.99, "L40S"},
        {"NVIDIA GB10", 0, "DGX Spark"},
        {"NVIDIA RTX 6000 Ada Generation", 47.99, "RTX 6000 Ada"},
        {"Tesla T4", 15.0, "Tesla T4"},
        {"pci 1002:1586 rev c1", 0.5, "Ryzen AI Max+ 395"},
        {"pci 1002:744c", 24.0, "RX 7900 XTX"},
        {"pci 1002:744c", 20.0, "RX 7900 XT"},
        {"Apple M4 Max", 128.0, "Apple M4 Max (40-core GPU)"},
    };
    struct facts f;
    struct err err;
    assert_int_equal(facts_load(&f, NULL, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct device *d =
            devices_seen(f.devices, str_of(rows[i].name), rows[i].memory);
        if (!d || !str_eqz(d->name, rows[i].row))
            fail_msg("%s: %.*s", rows[i].name, d ? (int)d->name.n : 4,
                     d ? d->name.p : "none");
    }
    assert_null(devices_seen(f.devices, STR("NVIDIA GeForce RTX 9999"), 24));
    assert_null(devices_seen(f.devices, STR(""), 24));
    const struct device *slow = devices_slowest(f.devices, DEVICE_NVIDIA, 23.9);
    assert_non_null(slow);
    assert_true(slow->bandwidth_gbs < 400);
    assert_null(devices_slowest(f.devices, DEVICE_NVIDIA, 5000));
    facts_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_without_memory_of_its_own_is_not_dropped),
        cmocka_unit_test(an_amd_card_is_told_by_its_pci_id),
        cmocka_unit_test(names_of_drivers_are_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
