/* SPDX-License-Identifier: MIT */
#include "splits.h"
#include "rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What memory holds that is not written. */
enum { UNTOUCHED = 0x5a };

uint32_t checksum_field(struct wire wire)
{
    return wire.l4 + (wire.protocol == TCP ? 16 : 6);
}

struct super super_of(const struct fields *fields, uint16_t gso_size)
{
    struct super super = {.wire = wire_of(fields)};
    const struct wire wire = super.wire;

    wire_put16(wire, checksum_field(wire),
               wire_l4_sum(wire, wire.len - wire.l4, 0));
    super.vnet = (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = GROVE_VNET_GSO_UDP_L4,
        .hdr_len = (uint16_t)(wire.len - fields->payload_len),
        .gso_size = gso_size,
        .csum_start = (uint16_t)wire.l4,
        .csum_offset = (uint16_t)(checksum_field(wire) - wire.l4),
    };
    if (fields->protocol == TCP)
        super.vnet.gso_type =
            fields->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;
    return super;
}

struct grove_packet input_of(struct super *super)
{
    struct grove_packet packet = wire_input(super->wire);

    grove_vnet_store(super->header, &super->vnet);
    packet.vnet = super->header;
    return packet;
}

struct made begin_with(const struct grove_split_config *config,
                       const struct grove_packet *packet)
{
    static struct grove_split *splitters[2];
    static unsigned turn;
    struct grove_split **split = &splitters[turn++ % 2];
    struct made made = {.rule = (enum grove_rule)RULE_LIMIT};

    grove_split_free(*split);
    assert_int_equal(grove_split_new(config, split), GROVE_OK);
    made.split = *split;
    made.result = grove_split_begin(made.split, packet, &made.rule);
    return made;
}

struct made begin_as(const char *profile, bool csum_offload,
                     const struct grove_packet *packet)
{
    const struct grove_split_config config = {.profile = profile,
                                              .csum_offload = csum_offload};

    return begin_with(&config, packet);
}

struct made begin(struct super *super, bool csum_offload)
{
    const struct grove_packet packet = input_of(super);

    return begin_as("linux-6.18", csum_offload, &packet);
}

struct grove_output output_of(const struct grove_segment *segment)
{
    assert_true(segment->iovcnt > 0);
    assert_true(segment->iovcnt <= GROVE_SEGMENT_IOVECS);
    assert_int_equal(segment->iov[0].iov_len, GROVE_VNET_LEN);
    return (struct grove_output){
        .iov = segment->iov, .iovcnt = segment->iovcnt, .len = segment->len};
}

/*
 * The segment as grove_split_copy() gives it. `split` is before the segment; it
 * gives no part of it for too little room.
 */
static struct wire copy_of(struct grove_split *split, uint8_t *vnet)
{
    const uint32_t left = grove_split_left(split);
    const uint32_t len = grove_split_copy(split, NULL, 0, vnet);
    struct wire copy = {.data = malloc(len), .len = len};

    assert_non_null(copy.data);
    memset(copy.data, UNTOUCHED, len);
    assert_int_equal(grove_split_copy(split, copy.data, len - 1, vnet), len);
    for (uint32_t i = 0; i < len; i++)
        assert_int_equal(copy.data[i], UNTOUCHED);
    for (uint32_t i = 0; i < GROVE_VNET_LEN; i++)
        assert_int_equal(vnet[i], UNTOUCHED);
    assert_int_equal(grove_split_left(split), left);
    assert_int_equal(grove_split_copy(split, copy.data, len, vnet), len);
    assert_int_equal(grove_split_left(split), left - 1);
    return copy;
}

struct grove_segment next(struct made *made)
{
    struct grove_segment segment;
    struct grove_split before = *made->split;
    uint8_t vnet[GROVE_VNET_LEN];
    struct grove_output output;
    struct wire copy;

    memset(vnet, UNTOUCHED, sizeof vnet);
    assert_true(grove_split_left(made->split) > 0);
    copy = copy_of(&before, vnet);
    assert_true(grove_split_next(made->split, &segment));
    output = output_of(&segment);
    assert_int_equal(copy.len, segment.len);
    assert_memory_equal(copy.data, wire_of_output(&output).data, copy.len);
    assert_memory_equal(vnet, segment.iov[0].iov_base, sizeof vnet);
    free(copy.data);
    return segment;
}

void assert_over(struct made *made)
{
    struct grove_segment segment;

    assert_int_equal(grove_split_left(made->split), 0);
    assert_false(grove_split_next(made->split, &segment));
    assert_false(grove_split_next(made->split, &segment));
    assert_int_equal(grove_split_copy(made->split, NULL, 0, NULL), 0);
}

void assert_bytes(const struct grove_segment *segment, struct grove_vnet vnet,
                  struct wire expected)
{
    const struct grove_output output = output_of(segment);
    const struct wire wire = wire_of_output(&output);
    const struct grove_vnet given = vnet_of_output(&output);

    assert_int_equal(segment->len, expected.len);
    assert_int_equal(wire.len, expected.len);
    assert_memory_equal(wire.data, expected.data, wire.len);
    assert_memory_equal(&given, &vnet, sizeof vnet);
}
