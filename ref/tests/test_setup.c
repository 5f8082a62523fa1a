/* SPDX-License-Identifier: MIT */
/* Configurations and memory; an error changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "grove/split.h"
#include "grove/table.h"
#include "table.h"
#include "vnet.h"

static const struct grove_config plain = {.profile = "linux-6.18"};

/* The linker renames what setup.c calls: it is the option --wrap. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);

static bool memory_ends;

void *__wrap_malloc(size_t size)
{
    return memory_ends ? NULL : __real_malloc(size);
}

ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags);
ssize_t __real_getrandom(void *to, size_t size, unsigned flags);

static bool random_ends;

ssize_t __wrap_getrandom(void *to, size_t size, unsigned flags)
{
    return random_ends ? -1 : __real_getrandom(to, size, flags);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void assert_refused(const struct grove_config *config,
                           enum grove_error error)
{
    static uint8_t memory[64];
    struct grove_table *table = NULL;

    assert_int_equal(grove_table_size(config), 0);
    assert_int_equal(grove_table_init(memory, sizeof memory, config, &table),
                     error);
    assert_null(table);
    assert_int_equal(grove_table_new(config, &table), error);
    assert_null(table);
}

static void limits_of_flows(void **state)
{
    struct grove_config config = plain;

    (void)state;
    config.max_flows = GROVE_MAX_FLOWS;
    assert_true(grove_table_size(&config) > 0);
    config.max_flows = GROVE_MAX_FLOWS + 1;
    assert_refused(&config, GROVE_E_CONFIG_FLOWS);
    config.max_flows = UINT32_MAX;
    assert_refused(&config, GROVE_E_CONFIG_FLOWS);
}

static void limits_of_packets(void **state)
{
    struct grove_config config = plain;

    (void)state;
    config.max_packets = GROVE_MAX_PACKETS;
    assert_true(grove_table_size(&config) > 0);
    config.max_packets = GROVE_MAX_PACKETS + 1;
    assert_refused(&config, GROVE_E_CONFIG_PACKETS);
}

static void limits_of_bytes(void **state)
{
    struct grove_config config = plain;

    (void)state;
    config.max_bytes = GROVE_DEFAULT_BYTES;
    assert_int_equal(grove_table_size(&config), grove_table_size(&plain));
    config.max_bytes = GROVE_MAX_BYTES;
    assert_true(grove_table_size(&config) > grove_table_size(&plain));
    config.max_bytes = GROVE_MAX_BYTES + 1;
    assert_refused(&config, GROVE_E_CONFIG_BYTES);
    config.max_bytes = GROVE_DEFAULT_BYTES - 1;
    assert_refused(&config, GROVE_E_CONFIG_BYTES);
}

/* More than usual is for linux mode without a link and tunnels. */
static void more_bytes_than_usual(void **state)
{
    const struct grove_tunnel tunnel = {GROVE_TUNNEL_IPIP, 0};
    struct grove_config config = plain;

    (void)state;
    config.max_bytes = GROVE_DEFAULT_BYTES + 1;
    assert_true(grove_table_size(&config) > 0);
    config.link = GROVE_LINK_ETHERNET;
    assert_refused(&config, GROVE_E_CONFIG_BIG);
    config.link = GROVE_LINK_NONE;
    config.tunnels = &tunnel;
    config.tunnel_count = 1;
    assert_refused(&config, GROVE_E_CONFIG_BIG);
    config.tunnel_count = 0;
    config.mode = GROVE_MODE_LOSSLESS;
    assert_refused(&config, GROVE_E_CONFIG_BIG);
    config.max_bytes = GROVE_DEFAULT_BYTES;
    assert_true(grove_table_size(&config) > 0);
}

static void profiles(void **state)
{
    struct grove_config config = plain;

    (void)state;
    config.profile = "linux-2.4";
    assert_refused(&config, GROVE_E_CONFIG_PROFILE);
    config.profile = NULL;
    assert_true(grove_table_size(&config) > 0);
}

static void links_that_exist(void **state)
{
    struct grove_config config = plain;

    (void)state;
    config.link = GROVE_LINK_ETHERNET;
    assert_true(grove_table_size(&config) > 0);
    config.link = (enum grove_link)(GROVE_LINK_ETHERNET + 1);
    assert_refused(&config, GROVE_E_CONFIG_LINK);
}

static void tunnels_that_are_covered(void **state)
{
    const struct grove_tunnel tunnels[GROVE_MAX_TUNNELS + 1] = {
        {GROVE_TUNNEL_IPIP, 0},  {GROVE_TUNNEL_IPIP, 0},
        {GROVE_TUNNEL_IPIP, 0},  {GROVE_TUNNEL_IPIP, 0},
        {GROVE_TUNNEL_IPIP, 0},  {GROVE_TUNNEL_IPIP, 0},
        {GROVE_TUNNEL_VXLAN, 1}, {GROVE_TUNNEL_VXLAN, 65535},
        {GROVE_TUNNEL_IPIP, 1}};
    struct grove_config config = plain;
    const size_t size = grove_table_size(&config);

    (void)state;
    config.tunnels = tunnels;
    config.tunnel_count = GROVE_MAX_TUNNELS;
    assert_true(grove_table_size(&config) > size);
    config.tunnel_count++;
    assert_refused(&config, GROVE_E_CONFIG_TUNNELS);
    config.tunnels = &tunnels[GROVE_MAX_TUNNELS];
    config.tunnel_count = 1;
    assert_refused(&config, GROVE_E_CONFIG_TUNNEL);
}

/* Lossless mode has tunnels of which a virtio header tells. */
static void tunnels_of_lossless_mode(void **state)
{
    const struct grove_tunnel tunnels[] = {{GROVE_TUNNEL_VXLAN, 1},
                                           {GROVE_TUNNEL_GENEVE, 2},
                                           {GROVE_TUNNEL_GRE, 0}};
    const struct grove_tunnel pppoe = {GROVE_TUNNEL_PPPOE, 0};
    const struct grove_config good = {.mode = GROVE_MODE_LOSSLESS,
                                      .link = GROVE_LINK_ETHERNET,
                                      .tunnels = tunnels,
                                      .tunnel_count = 2,
                                      .vnet_len = GROVE_VNET_TUNNEL_LEN};
    struct grove_config config = good;

    (void)state;
    assert_true(grove_table_size(&config) != 0);
    config.tunnel_count = 3;
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config.tunnels = &pppoe;
    config.tunnel_count = 1;
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config = good;
    config.link = GROVE_LINK_NONE;
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config = good;
    config.vnet_len = GROVE_VNET_BUFFERS_LEN;
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config = good;
    config.profile = "linux-6.16";
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config.profile = "linux-7.2:checks_csum_start=no";
    assert_refused(&config, GROVE_E_CONFIG_LOSSLESS);
    config.tunnel_count = 0;
    assert_true(grove_table_size(&config) != 0);
}

/* Lists are covered in linux mode, without a link and without tunnels. */
static void lists(void **state)
{
    const struct grove_tunnel tunnel = {GROVE_TUNNEL_IPIP, 0};
    const struct grove_config good = {.fraglist = true};
    struct grove_config config = good;

    (void)state;
    assert_true(grove_table_size(&config) != 0);
    config.mode = GROVE_MODE_LOSSLESS;
    assert_refused(&config, GROVE_E_CONFIG_FRAGLIST);
    config = good;
    config.link = GROVE_LINK_ETHERNET;
    assert_refused(&config, GROVE_E_CONFIG_FRAGLIST);
    config = good;
    config.tunnels = &tunnel;
    config.tunnel_count = 1;
    assert_refused(&config, GROVE_E_CONFIG_FRAGLIST);
    config = good;
    config.max_bytes = GROVE_DEFAULT_BYTES + 1;
    assert_refused(&config, GROVE_E_CONFIG_FRAGLIST);
    config = good;
    config.fraglist = false;
    assert_true(grove_table_size(&config) != 0);
}

/* With hashes there are eight buckets, in linux mode only. */
static void buckets(void **state)
{
    const struct grove_config good = {.hash = true, .max_flows = 64};
    struct grove_config config = good;

    (void)state;
    assert_true(grove_table_size(&config) > sizeof(struct held) * 7 * 64);
    config.link = GROVE_LINK_ETHERNET;
    assert_true(grove_table_size(&config) != 0);
    config.mode = GROVE_MODE_LOSSLESS;
    assert_refused(&config, GROVE_E_CONFIG_HASH);
    config = good;
    config.fraglist = true;
    assert_refused(&config, GROVE_E_CONFIG_HASH);
    config = good;
    config.max_bytes = GROVE_DEFAULT_BYTES + 1;
    assert_refused(&config, GROVE_E_CONFIG_HASH);
    config.hash = false;
    assert_true(grove_table_size(&config) < sizeof(struct held) * 4 * 64);
}

/* The number of packets that a table of this configuration accepts. */
static uint32_t capacity(const struct grove_config *config)
{
    static const struct grove_packet garbage = {NULL, 0, NULL, 0};
    struct grove_table *table;
    uint32_t count = 0;

    assert_int_equal(grove_table_new(config, &table), GROVE_OK);
    while (grove_receive(table, &garbage) == GROVE_OK)
        count++;
    grove_table_free(table);
    return count;
}

static void defaults(void **state)
{
    struct grove_config config = plain;

    (void)state;
    assert_int_equal(capacity(&config), GROVE_DEFAULT_BATCH);
    config.max_flows = 1;
    assert_int_equal(capacity(&config), GROVE_DEFAULT_BATCH);
    config.max_flows = 129;
    assert_int_equal(capacity(&config), 129);
    config.max_packets = 1;
    assert_int_equal(capacity(&config), 1);
    config.max_flows = 0;
    config.max_packets = 1000;
    assert_int_equal(capacity(&config), 1000);
}

static void size_of_memory(void **state)
{
    struct grove_config config = plain;

    (void)state;
    for (config.max_flows = 1; config.max_flows < 300; config.max_flows += 37) {
        const size_t size = grove_table_size(&config);
        struct grove_table *table = NULL;
        uint8_t *memory = malloc(size);
        uint8_t *before = malloc(size);

        assert_non_null(memory);
        assert_non_null(before);
        memset(memory, 0xa5, size);
        memcpy(before, memory, size);
        assert_int_equal(grove_table_init(memory, size - 1, &config, &table),
                         GROVE_E_MEMORY_SIZE);
        assert_memory_equal(memory, before, size);
        assert_null(table);
        assert_int_equal(grove_table_init(memory, size, &config, &table),
                         GROVE_OK);
        assert_ptr_equal(table, memory);
        assert_int_equal(grove_received(table), 0);
        assert_int_equal(grove_held(table), 0);
        free(before);
        free(memory);
    }
}

static void alignment_of_memory(void **state)
{
    const size_t align = _Alignof(max_align_t);
    const size_t size = grove_table_size(&plain);
    uint8_t *memory = malloc(size + align);
    struct grove_table *table = NULL;

    (void)state;
    assert_non_null(memory);
    for (size_t off = 1; off < align; off++)
        assert_int_equal(grove_table_init(memory + off, size, &plain, &table),
                         GROVE_E_MEMORY_ALIGN);
    assert_null(table);
    assert_int_equal(grove_table_init(memory + align, size, &plain, &table),
                     GROVE_OK);
    free(memory);
}

static void splitters(void **state)
{
    static const struct grove_split_config wrong = {.profile = "linux-2.4"};
    static const struct grove_split_config good = {.csum_offload = true};
    const size_t align = _Alignof(max_align_t);
    const size_t size = grove_split_size();
    uint8_t *memory = malloc(size + align);
    struct grove_split *split = NULL;

    (void)state;
    assert_non_null(memory);
    assert_int_equal(grove_split_init(memory, size, &wrong, &split),
                     GROVE_E_CONFIG_PROFILE);
    assert_int_equal(grove_split_new(&wrong, &split), GROVE_E_CONFIG_PROFILE);
    assert_int_equal(grove_split_init(NULL, size, &good, &split),
                     GROVE_E_ALLOCATION);
    assert_int_equal(grove_split_init(memory, size - 1, &good, &split),
                     GROVE_E_MEMORY_SIZE);
    assert_int_equal(grove_split_init(memory + 1, size, &good, &split),
                     GROVE_E_MEMORY_ALIGN);
    assert_null(split);
    assert_int_equal(grove_split_init(memory + align, size, &good, &split),
                     GROVE_OK);
    assert_ptr_equal(split, memory + align);
    assert_int_equal(grove_split_left(split), 0);
    free(memory);
}

static void no_memory_given(void **state)
{
    struct grove_table *table = NULL;

    (void)state;
    assert_int_equal(
        grove_table_init(NULL, grove_table_size(&plain), &plain, &table),
        GROVE_E_ALLOCATION);
    assert_null(table);
}

static void no_memory(void **state)
{
    static const struct grove_split_config splits = {0};
    struct grove_table *table = NULL;
    struct grove_split *split = NULL;
    enum grove_error error;
    enum grove_error split_error;

    (void)state;
    memory_ends = true;
    error = grove_table_new(&plain, &table);
    split_error = grove_split_new(&splits, &split);
    memory_ends = false;
    assert_int_equal(error, GROVE_E_ALLOCATION);
    assert_null(table);
    assert_int_equal(split_error, GROVE_E_ALLOCATION);
    assert_null(split);
}

/* The secret numbers of a new table with this seed, and with random ones. */
static uint64_t secret_of(uint64_t seed)
{
    const struct grove_config config = {.seed = seed};
    struct grove_table *table;
    uint64_t secret;

    assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
    secret = table->flows.secret[0];
    grove_table_free(table);
    return secret;
}

static void seeds(void **state)
{
    (void)state;
    assert_true(secret_of(1) == secret_of(1));
    assert_true(secret_of(1) != secret_of(2));
    assert_true(secret_of(0) != secret_of(0));
}

/* Then the address of the table is its seed. */
static void seed_without_getrandom(void **state)
{
    const struct grove_config config = {.seed = 0};
    const size_t size = grove_table_size(&config);
    void *memory[2] = {malloc(size), malloc(size)};
    struct grove_table *tables[2];

    (void)state;
    random_ends = true;
    for (uint32_t i = 0; i < 2; i++) {
        assert_non_null(memory[i]);
        assert_int_equal(grove_table_init(memory[i], size, &config, &tables[i]),
                         GROVE_OK);
    }
    random_ends = false;
    assert_true(tables[0]->flows.secret[0] != tables[1]->flows.secret[0]);
    assert_true(tables[0]->flows.secret[0] == secret_of((uintptr_t)tables[0]));
    free(memory[0]);
    free(memory[1]);
}

/* Of the virtio header: the length that a table and a splitter tell. */
static void lengths_of_headers(void **state)
{
    static const uint8_t packet[40] = {0x45};
    const struct grove_packet given = {packet, sizeof packet, NULL, 0};
    struct grove_config config = plain;
    struct grove_split_config split_config = {.profile = "linux-6.18"};

    (void)state;
    for (unsigned len = 0; len < 256; len++) {
        const bool good = len == 0 || vnet_len_exists(len);
        struct grove_table *table = NULL;
        struct grove_split *split = NULL;
        struct grove_segment segment;
        enum grove_rule rule;
        size_t count;

        config.vnet_len = split_config.vnet_len = (uint8_t)len;
        if (!good) {
            assert_refused(&config, GROVE_E_CONFIG_VNET_LEN);
            assert_int_equal(grove_split_new(&split_config, &split),
                             GROVE_E_CONFIG_VNET_LEN);
            assert_null(split);
            continue;
        }
        assert_int_equal(grove_table_new(&config, &table), GROVE_OK);
        assert_int_equal(grove_split_new(&split_config, &split), GROVE_OK);
        assert_int_equal(grove_coalesce(table, &given, 1), GROVE_OK);
        assert_int_equal(grove_to_write(table, &count)->iov[0].iov_len,
                         len != 0 ? len : GROVE_VNET_LEN);
        assert_int_equal(grove_split_begin(split, &given, &rule),
                         GROVE_SPLIT_OK);
        assert_true(grove_split_next(split, &segment));
        assert_int_equal(segment.iov[0].iov_len,
                         len != 0 ? len : GROVE_VNET_LEN);
        grove_table_free(table);
        grove_split_free(split);
    }
}

static void assert_fits(const struct grove_config *of_table,
                        const struct grove_config *config, bool fits)
{
    struct grove_table *table;

    assert_int_equal(grove_table_new(of_table, &table), GROVE_OK);
    assert_int_equal(grove_table_fits(table, config), fits);
    grove_table_free(table);
}

/* The tunnels may be fewer; the link and the headers are the same. */
static void tables_that_fit(void **state)
{
    static const struct grove_tunnel tunnels[] = {{GROVE_TUNNEL_VXLAN, 4789},
                                                  {GROVE_TUNNEL_GENEVE, 6081}};
    static const struct grove_tunnel others[] = {{GROVE_TUNNEL_GENEVE, 4789},
                                                 {GROVE_TUNNEL_VXLAN, 6081}};
    const struct grove_config two = {.tunnels = tunnels, .tunnel_count = 2};
    const struct grove_config second = {.tunnels = tunnels + 1,
                                        .tunnel_count = 1};
    const struct grove_config other = {.tunnels = others, .tunnel_count = 2};
    const struct grove_config tap = {.link = GROVE_LINK_ETHERNET};
    const struct grove_config ten = {.vnet_len = GROVE_VNET_LEN, .seed = 7};
    const struct grove_config longest = {.vnet_len = GROVE_VNET_TUNNEL_LEN};
    const struct grove_config big = {.max_bytes = GROVE_DEFAULT_BYTES + 1};

    (void)state;
    assert_fits(&plain, &plain, true);
    assert_fits(&plain, &ten, true);
    assert_fits(&ten, &plain, true);
    assert_fits(&plain, &two, true);
    assert_fits(&two, &two, true);
    assert_fits(&second, &two, true);
    assert_fits(&tap, &tap, true);
    assert_fits(&longest, &longest, true);
    assert_fits(&two, &second, false);
    assert_fits(&two, &plain, false);
    assert_fits(&two, &other, false);
    assert_fits(&plain, &tap, false);
    assert_fits(&tap, &plain, false);
    assert_fits(&plain, &longest, false);
    assert_fits(&longest, &ten, false);
    assert_fits(&plain, &big, true);
    assert_fits(&big, &big, true);
    assert_fits(&big, &plain, false);
}

static void free_of_nothing(void **state)
{
    (void)state;
    grove_table_free(NULL);
    grove_split_free(NULL);
}

static void words_of_errors(void **state)
{
    (void)state;
    for (int error = GROVE_OK; error <= GROVE_E_CONFIG_HASH; error++) {
        const char *words = grove_error_words((enum grove_error)error);

        assert_non_null(words);
        assert_string_not_equal(words, "unknown error");
        for (int other = GROVE_OK; other < error; other++)
            assert_string_not_equal(words,
                                    grove_error_words((enum grove_error)other));
    }
    assert_string_equal(grove_error_words((enum grove_error)99),
                        "unknown error");
    assert_string_equal(grove_error_words((enum grove_error) - 1),
                        "unknown error");
}

static void version(void **state)
{
    (void)state;
    assert_true(strspn(grove_version(), "0123456789.") ==
                strlen(grove_version()));
    assert_int_not_equal(strlen(grove_version()), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_flows),
        cmocka_unit_test(limits_of_packets),
        cmocka_unit_test(limits_of_bytes),
        cmocka_unit_test(more_bytes_than_usual),
        cmocka_unit_test(profiles),
        cmocka_unit_test(links_that_exist),
        cmocka_unit_test(tunnels_that_are_covered),
        cmocka_unit_test(tunnels_of_lossless_mode),
        cmocka_unit_test(lists),
        cmocka_unit_test(buckets),
        cmocka_unit_test(defaults),
        cmocka_unit_test(size_of_memory),
        cmocka_unit_test(alignment_of_memory),
        cmocka_unit_test(splitters),
        cmocka_unit_test(no_memory_given),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(seeds),
        cmocka_unit_test(seed_without_getrandom),
        cmocka_unit_test(lengths_of_headers),
        cmocka_unit_test(tables_that_fit),
        cmocka_unit_test(free_of_nothing),
        cmocka_unit_test(words_of_errors),
        cmocka_unit_test(version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
