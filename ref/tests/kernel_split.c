/* SPDX-License-Identifier: MIT */
#include "kernel_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct super {
    struct wire wire;
    struct grove_vnet vnet;
    uint32_t payload; /* offset of it */
    uint32_t count;   /* of segments; 1 if it is not a super-packet */
};

/* The checksum field must hold the seed that the kernel uses. */
static void assert_seed(const struct super *super)
{
    const struct wire wire = super->wire;

    assert_int_equal(super->vnet.flags, GROVE_VNET_F_NEEDS_CSUM);
    assert_int_equal(super->vnet.csum_offset, wire.protocol == TCP ? 16 : 6);
    assert_int_equal(wire_get16(wire, wire.l4 + super->vnet.csum_offset),
                     wire_l4_sum(wire, wire.len - wire.l4, 0));
}

static struct super super_of(const struct grove_output *output)
{
    struct super super = {
        .wire = wire_of_output(output),
        .vnet = vnet_of_output(output),
        .count = 1,
    };
    const uint8_t type = super.vnet.gso_type & (uint8_t)~GROVE_VNET_GSO_ECN;

    if (type == GROVE_VNET_GSO_NONE)
        return super;
    super.wire.version = super.wire.data[0] >> 4;
    super.wire.protocol = type == GROVE_VNET_GSO_UDP_L4 ? UDP : TCP;
    super.wire.l4 = super.vnet.csum_start;
    super.payload = super.wire.l4 + 8;
    if (super.wire.protocol == TCP)
        super.payload =
            super.wire.l4 +
            (uint32_t)(super.wire.data[super.wire.l4 + 12] >> 4) * 4;
    assert_int_equal(super.payload, super.vnet.hdr_len);
    assert_true(super.wire.len - super.payload > super.vnet.gso_size);
    super.count = (super.wire.len - super.payload + super.vnet.gso_size - 1) /
                  super.vnet.gso_size;
    assert_seed(&super);
    return super;
}

static void rewrite_ip(struct wire wire, uint32_t number)
{
    if (wire.version == 4) {
        wire_put16(wire, 2, (uint16_t)wire.len);
        wire_put16(wire, 4, (uint16_t)(wire_get16(wire, 4) + number));
    } else {
        wire_put16(wire, 4, (uint16_t)(wire.len - 40));
    }
}

static void rewrite_tcp(struct wire wire, const struct super *super,
                        uint32_t number)
{
    const uint32_t at = wire.l4 + 13;
    uint8_t flags = wire.data[at];

    wire_put32(wire, wire.l4 + 4,
               wire_get32(wire, wire.l4 + 4) + number * super->vnet.gso_size);
    if (number + 1 < super->count)
        flags &= (uint8_t) ~(FIN | PSH);
    if (number > 0)
        flags &= (uint8_t)~CWR;
    wire_put8(wire, at, flags);
}

static struct wire segment(const struct super *super, uint32_t number)
{
    const uint32_t gso_size = super->vnet.gso_size;
    const uint32_t from = super->payload + number * gso_size;
    const uint32_t rest = super->wire.len - from;
    const uint32_t len = rest < gso_size ? rest : gso_size;
    struct wire wire = super->wire;

    wire.len = super->payload + len;
    wire.data = wire_memory(wire.len);
    memcpy(wire.data, super->wire.data, super->payload);
    memcpy(wire.data + super->payload, super->wire.data + from, len);
    rewrite_ip(wire, number);
    if (wire.protocol == TCP)
        rewrite_tcp(wire, super, number);
    else
        wire_put16(wire, wire.l4 + 4, (uint16_t)(wire.len - wire.l4));
    wire_mend(wire);
    return wire;
}

uint32_t segments_of_output(const struct grove_output *output)
{
    return super_of(output).count;
}

struct wire split_packet(const struct grove_output *output, uint32_t number)
{
    const struct super super = super_of(output);

    return super.count == 1 ? super.wire : segment(&super, number);
}
