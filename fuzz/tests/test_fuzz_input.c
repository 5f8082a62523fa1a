/* SPDX-License-Identifier: MIT */
/*
 * The format of inputs: any bytes are a batch, a written script is read again
 * as the same one, and mended fields are right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generate.h"
#include "generate_gso.h"
#include "generate_shell.h"
#include "input.h"
#include "layers.h"
#include "mend.h"

#include "dice.h"

enum { ROUNDS = 3000, NOISE = 700, WRITTEN = 1 << 20 };

static struct input input;
static struct input again;
static struct arena arena;
static uint8_t written[WRITTEN];

static int set_up(void **state)
{
    (void)state;
    input_make(&input);
    input_make(&again);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    input_free(&input);
    input_free(&again);
    arena_free(&arena);
    return 0;
}

static void assert_same_packet(const struct run_input *a,
                               const struct run_input *b,
                               const struct run_config *config)
{
    assert_int_equal(a->flush, b->flush);
    assert_int_equal(a->has_vnet, b->has_vnet);
    assert_int_equal(a->len, b->len);
    if (a->has_vnet)
        assert_memory_equal(a->vnet, b->vnet, config->vnet_len);
    if (config->hash && !a->flush)
        assert_int_equal(a->hash, b->hash);
    if (a->len != 0)
        assert_memory_equal(a->packet, b->packet, a->len);
}

static void assert_same_run(const struct run *a, const struct run *b)
{
    assert_int_equal(a->op, b->op);
    assert_string_equal(a->profile, b->profile);
    assert_int_equal(a->config.max_flows, b->config.max_flows);
    assert_int_equal(a->config.udp, b->config.udp);
    assert_int_equal(a->config.csum_trusted, b->config.csum_trusted);
    assert_int_equal(a->config.lossless, b->config.lossless);
    assert_int_equal(a->config.csum_offload, b->config.csum_offload);
    assert_int_equal(a->config.fraglist, b->config.fraglist);
    assert_int_equal(a->config.hash, b->config.hash);
    assert_int_equal(a->config.max_bytes, b->config.max_bytes);
    assert_int_equal(a->config.link, b->config.link);
    assert_int_equal(a->config.tunnel_count, b->config.tunnel_count);
    assert_int_equal(a->config.vnet_len, b->config.vnet_len);
    assert_int_equal(a->inputs, b->inputs);
    for (size_t i = 0; i < a->inputs; i++)
        assert_same_packet(&a->input[i], &b->input[i], &a->config);
}

/* Writes the run and reads it again, the same. False: it cannot be written. */
static bool comes_back(const struct run *run)
{
    static struct script script;

    if (!script_of(&script, run, &arena))
        return false;
    assert_true(script_size(&script) <= sizeof written);
    script_write(&script, written);
    input_decode(&again, written, script_size(&script));
    assert_same_run(run, &again.run);
    return true;
}

/* Random bytes of an exact size; half of them are usual first bytes. */
static uint8_t *noise(struct dice *dice, size_t *len)
{
    static const uint8_t likely[] = {
        0, 0, 1, 20, 40, 0x16, 0x17, 0x27, 0x36, 0x56, 0x45, 0x60, 6, 17, 0xff};
    uint8_t *bytes;

    *len = pick(dice, NOISE);
    bytes = malloc(*len);
    assert_true(bytes != NULL || *len == 0);
    for (size_t i = 0; i < *len; i++)
        bytes[i] = one_in(dice, 2) ? (uint8_t)roll(dice)
                                   : likely[pick(dice, sizeof likely)];
    return bytes;
}

static void is_total(void **state)
{
    struct dice dice = {1};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t bytes = 0;
        size_t len;
        uint8_t *data = noise(&dice, &len);

        arena_reset(&arena);
        input_decode(&input, data, len);
        assert_true(input.run.inputs <= INPUT_ENTRIES);
        for (size_t i = 0; i < input.run.inputs; i++)
            bytes += input.entry[i].len;
        assert_true(bytes <= INPUT_BYTES);
        assert_true(comes_back(&input.run));
        input_decode_gso(&input, data, len);
        assert_true(run_splits(&input.run));
        assert_true(comes_back(&input.run));
        free(data);
    }
}

/* The format can express the oracle's batches, if they are not too large. */
static void batches_come_back(void **state)
{
    int written_ones = 0;
    struct run run;

    (void)state;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        generate_batch(1, i, "linux-6.12", &arena, &run);
        written_ones += comes_back(&run);
        generate_gso(1, i, "linux-7.2", &arena, &run);
        written_ones += comes_back(&run);
    }
    assert_true(written_ones > ROUNDS);
}

/* How many packets in tunnels the written script mends in all respects. */
static int count_mended(const struct run *run)
{
    static struct script script;
    const uint8_t all = INPUT_LENGTHS | INPUT_IP_RIGHT | INPUT_L4_RIGHT;
    int count = 0;

    script_read(&script, written, sizeof written);
    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *packet = &run->input[i];
        const struct layers layers =
            layers_of(&run->config, packet->packet, packet->len);

        count += !packet->flush && layers_count(&layers, LAYER_IP) > 1 &&
                 (script.entry[i].kind & all) == all;
    }
    return count;
}

/*
 * So can it those with layers. Most of their packets have right checksums,
 * which the generator computes in another way.
 */
static void layers_come_back(void **state)
{
    struct dice dice = {4};
    int mended = 0;

    (void)state;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct run_config config = run_config_default();
        struct run run;

        arena_reset(&arena);
        layers_pick(&dice, &config);
        generate_layers(1, i, "linux-6.18", &config, &arena, &run);
        if (comes_back(&run))
            mended += count_mended(&run);
    }
    assert_true(mended > ROUNDS);
}

/* So can it those of lists, and with each max_bytes that has a number. */
static void growth_comes_back(void **state)
{
    static const uint32_t limits[] = {65536, 65575,  65576,          66000,
                                      70000, 131072, GROVE_MAX_BYTES};
    enum { LIMITS = sizeof limits / sizeof limits[0] };
    struct run_config lists = run_config_default();
    int written_ones = 0;
    struct run run;

    (void)state;
    lists.fraglist = true;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        generate_layers(1, i, "linux-6.18", &lists, &arena, &run);
        written_ones += comes_back(&run);
        generate_batch(1, i, "linux-6.18", &arena, &run);
        run.config.max_bytes = limits[i % LIMITS];
        written_ones += comes_back(&run);
        run.config.max_bytes = 65537;
        assert_false(comes_back(&run));
    }
    assert_true(written_ones > ROUNDS);
}

static void script_comes_back(void **state)
{
    static struct script script;
    static struct script other;
    struct dice dice = {2};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t len;
        uint8_t *data = noise(&dice, &len);

        script_read(&script, data, len);
        assert_true(script_size(&script) <= sizeof written);
        script_write(&script, written);
        script_read(&other, written, script_size(&script));
        assert_int_equal(script.entries, other.entries);
        assert_int_equal(script_size(&script), script_size(&other));
        for (size_t i = 0; i < script.entries; i++) {
            const struct entry *a = &script.entry[i];
            const struct entry *b = &other.entry[i];

            assert_int_equal(a->kind, b->kind);
            assert_int_equal(a->given, b->given);
            assert_int_equal(a->fill, b->fill);
            if (a->given != 0)
                assert_memory_equal(a->bytes, b->bytes, a->given);
        }
        free(data);
    }
}

/* The meaning of a stored input never changes; here is one. */
static void is_stable(void **state)
{
    static const uint8_t data[] = {
        0x09, 3,               /* linux-6.12, lossless */
        0x16, 0,    30, 0,  2, /* UDP over IPv4, 32 bytes */
        0x45, 0,    0,  0,  0,    1,    0x40, 0, 64, 17, 0, 0,
        10,   0,    0,  1,  10,   0,    0,    2, 0,  7,  0, 9,
        0,    0,    0,  0,  0xaa, 0xbb, 0x56, 0, 0,  0,  4, /* the next one of 4
                                                               bytes */
        0xff, 0x01, 0,  1,  0,    1,    1,    2, 3,  4,  5, 6,
        7,    8,    9,  10, 0x66};
    static const uint8_t first[] = {
        0x45, 0, 0, 32, 0, 1, 0x40, 0, 64, 17, 0x26, 0xca, 10,   0,    0,  1,
        10,   0, 0, 2,  0, 7, 0,    9, 0,  12, 0x22, 0xe9, 0xaa, 0xbb, 30, 31};
    static const uint8_t next[] = {
        0x45, 0, 0, 32, 0, 2, 0x40, 0, 64, 17, 0x26, 0xc9, 10, 0,  0,  1,
        10,   0, 0, 2,  0, 7, 0,    9, 0,  12, 0xb1, 0x87, 28, 29, 30, 31};

    (void)state;
    input_decode(&input, data, sizeof data);
    assert_string_equal(input.run.profile, "linux-6.12");
    assert_true(input.run.config.lossless && input.run.config.udp);
    assert_int_equal(input.run.config.max_flows, 3);
    assert_int_equal(input.run.config.vnet_len, GROVE_VNET_LEN);
    assert_int_equal(input.run.inputs, 4);
    assert_int_equal(input.entry[0].len, sizeof first);
    assert_memory_equal(input.entry[0].packet, first, sizeof first);
    assert_int_equal(input.entry[1].len, sizeof next);
    assert_memory_equal(input.entry[1].packet, next, sizeof next);
    assert_true(input.entry[2].flush);
    assert_true(input.entry[3].has_vnet);
    assert_int_equal(input.entry[3].vnet[9], 10);
    assert_int_equal(input.entry[3].len, 2);
    assert_int_equal(input.entry[3].packet[0], 0x66);
    assert_int_equal(input.entry[3].packet[1], 1);
}

static void layers_are_stable(void **state)
{
    static const uint8_t data[] = {3,  0,  0xfe, 0x25, 0x01, 0,  1,    0,   0,
                                   1,  2,  3,    4,    5,    6,  7,    8,   9,
                                   10, 11, 12,   13,   14,   15, 16,   17,  18,
                                   19, 20, 21,   22,   23,   24, 0x77, 0xfe};

    (void)state;
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.run.config.link, GROVE_LINK_ETHERNET);
    assert_int_equal(input.run.config.vnet_len, GROVE_VNET_TUNNEL_LEN);
    assert_int_equal(input.run.config.tunnel_count, 1);
    assert_int_equal(input.run.config.tunnels[0].protocol, GROVE_TUNNEL_VXLAN);
    assert_int_equal(input.run.config.tunnels[0].port, 4789);
    assert_int_equal(input.run.inputs, 2);
    assert_int_equal(input.entry[0].vnet[23], 24);
    assert_int_equal(input.entry[0].packet[0], 0x77);
    assert_int_equal(input.entry[1].len, 0);
}

/* Lists and max_bytes, with a usual table for what has neither. */
static void growth_is_stable(void **state)
{
    enum { CONFIG = 0, LAYERS = 3, GROWTH = 5 };
    uint8_t data[] = {3, 0, 0xfe, 0, 0xfd, 1, 0, 0, 1, 0, 0, 0x77};

    (void)state;
    input_decode(&input, data, sizeof data);
    assert_true(input.run.config.fraglist);
    assert_int_equal(input.run.config.max_bytes, GROVE_DEFAULT_BYTES);
    assert_int_equal(input.run.inputs, 1);
    data[GROWTH] = 0x0b; /* with lists, max_bytes is ignored */
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.run.config.max_bytes, GROVE_DEFAULT_BYTES);
    data[GROWTH] = 0x1b; /* and so are hashes */
    input_decode(&input, data, sizeof data);
    assert_false(input.run.config.hash);
    data[GROWTH] = 0xea;
    input_decode(&input, data, sizeof data);
    assert_false(input.run.config.fraglist);
    assert_int_equal(input.run.config.max_bytes, 70000);
    input_decode_gso(&input, data, sizeof data);
    assert_int_equal(input.run.config.max_bytes, GROVE_DEFAULT_BYTES);
    data[CONFIG] |= INPUT_LOSSLESS;
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.run.config.max_bytes, GROVE_DEFAULT_BYTES);
    data[CONFIG] = 3;
    data[LAYERS] = INPUT_GRE;
    data[GROWTH] = 1;
    input_decode(&input, data, sizeof data);
    assert_false(input.run.config.fraglist);
    assert_int_equal(input.run.inputs, 1);
}

/* With hashes, max_bytes is ignored. Layers have hashes, too. */
static void hashes_are_stable(void **state)
{
    enum { CONFIG = 0, LAYERS = 3, GROWTH = 5, KIND = 6 };
    uint8_t data[] = {3, 0, 0xfe, 0,  0xfd, 0x1a, 0, 0,  24,   0, 0, 0x45,
                      0, 0, 24,   0,  0,    0,    0, 64, 17,   0, 0, 10,
                      0, 0, 1,    10, 0,    0,    2, 1,  0xf3, 0, 53};

    (void)state;
    input_decode(&input, data, sizeof data);
    assert_true(input.run.config.hash);
    assert_int_equal(input.run.config.max_bytes, GROVE_DEFAULT_BYTES);
    assert_int_equal(input.entry[0].hash, 0xf3);
    data[KIND] = INPUT_HASH;
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.entry[0].hash, 0xfb);
    data[LAYERS] = INPUT_GRE;
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.entry[0].hash, 0xfb);
    data[CONFIG] |= INPUT_LOSSLESS;
    input_decode(&input, data, sizeof data);
    assert_false(input.run.config.hash);
}

/* A hash that no input can give. */
static void other_hashes_are_refused(void **state)
{
    static const uint8_t data[] = {3, 0, 0xfd, 0x10, 0, 0, 0, 0, 0};

    (void)state;
    arena_reset(&arena);
    input_decode(&input, data, sizeof data);
    assert_true(comes_back(&input.run));
    input.entry[0].hash = 1;
    assert_false(comes_back(&input.run));
}

/* The sequence number of a next segment is behind the payload of the last. */
static void follows_in_sequence(void **state)
{
    static const uint8_t data[] = {
        2,    0,    0x16, 0, 40, 3,    0xe8, 0x45, 0,    0, 0,  0xff, 0xff,
        0x40, 0,    64,   6, 0,  0,    10,   0,    0,    1, 10, 0,    0,
        2,    0,    7,    0, 9,  0xff, 0xff, 0xff, 0,    0, 0,  0,    1,
        0x50, 0x10, 1,    0, 0,  0,    0,    0,    0x56, 0, 0,  0,    1};
    static const uint8_t sequence[] = {0, 0, 2, 0xe8};

    (void)state;
    input_decode(&input, data, sizeof data);
    assert_int_equal(input.run.inputs, 2);
    assert_int_equal(input.entry[0].len, 1040);
    assert_int_equal(input.entry[1].len, 41);
    assert_memory_equal(input.entry[1].packet + 24, sequence, 4);
    assert_int_equal(input.entry[1].packet[4], 0);
    assert_int_equal(input.entry[1].packet[5], 0);
}

static void mends(void **state)
{
    struct dice dice = {3};
    uint8_t packet[80];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t len = pick(&dice, sizeof packet + 1);
        uint8_t *exact = malloc(len);
        uint16_t field;
        struct layout at;

        assert_true(exact != NULL || len == 0);
        for (size_t i = 0; i < len; i++)
            exact[i] = (uint8_t)roll(&dice);
        if (len > 9) {
            exact[0] = one_in(&dice, 2) ? 0x45 : 0x60;
            exact[exact[0] == 0x45 ? 9 : 6] = one_in(&dice, 2) ? 6 : 17;
        }
        mend_lengths(exact, len);
        mend_l4_checksum(exact, len);
        mend_ip_checksum(exact, len);
        at = layout_of(exact, len);
        assert_true(at.version != 4 || ip_checksum_is_right(exact, len));
        assert_true(at.l4 == 0 || l4_checksum_is_right(exact, len));
        mend_ip_id(exact, len);
        assert_true(at.version != 4 || ip_checksum_is_right(exact, len));
        if (at.payload != 0 && len - at.payload >= 2) {
            memset(exact + at.field, 0xff, 2);
            mend_l4_payload(exact, len);
            assert_true(l4_checksum_is_right(exact, len));
            memcpy(&field, exact + at.field, 2);
            assert_int_equal(field, 0xffff);
        }
        free(exact);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_total),
        cmocka_unit_test(batches_come_back),
        cmocka_unit_test(layers_come_back),
        cmocka_unit_test(growth_comes_back),
        cmocka_unit_test(script_comes_back),
        cmocka_unit_test(is_stable),
        cmocka_unit_test(layers_are_stable),
        cmocka_unit_test(growth_is_stable),
        cmocka_unit_test(hashes_are_stable),
        cmocka_unit_test(other_hashes_are_refused),
        cmocka_unit_test(follows_in_sequence),
        cmocka_unit_test(mends),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
