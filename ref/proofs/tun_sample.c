/* SPDX-License-Identifier: MIT */
/* tun/sample.c: the packets of the probe lie inside of their room. */
#define _GNU_SOURCE
#include "bytes_model.h"

#include "../tun/sample.c"

grove_sum_fn *grove_sum_fastest(void)
{
    return any_sum;
}

/* What the probe asks for: up to 2000 bytes of payload. */
static struct tun_recipe any_recipe(void)
{
    struct tun_recipe recipe;

    recipe.version = nondet_bool() ? 4 : 6;
    recipe.protocol = nondet_bool() ? IP_PROTO_TCP : IP_PROTO_UDP;
    recipe.options = nondet_bool() ? 12 : 0;
    ASSUME(recipe.payload <= 2000);
    recipe.tunnel = nondet_bool() ? 0 : nondet_bool() ? 4 : 6;
    return recipe;
}

void proof_tun_sample(void)
{
    static uint8_t memory[TUN_SAMPLE_MAX];
    const struct buffer room = {memory, sizeof memory};
    const struct tun_recipe recipe = any_recipe();
    struct tun_sample sample = tun_sample_make(room, &recipe);
    const struct bytes packet = sample.packet;
    const uint32_t any = nondet_u32();

    PROVE(packet.at == memory && packet.len <= sizeof memory);
    PROVE(packet.len == sample.payload + recipe.payload);
    PROVE(sample.checksum_count <= TUN_SAMPLE_CHECKSUMS);
    if (any < sample.checksum_count)
        PROVE(sample.checksums[any] + CHECKSUM_LEN <= sample.payload);
    PROVE((uint32_t)sample.vnet.csum_start + sample.vnet.csum_offset +
              CHECKSUM_LEN <=
          sample.payload);
    tun_sample_complete(room, &sample);
    PROVE(sample.packet.at == packet.at && sample.packet.len == packet.len);
    REACHES(packet.len == IP6_HEADER + TCP_HEADER + 12 + 2000);
    REACHES(packet.len == IP4_HEADER + UDP_HEADER);
    REACHES(recipe.tunnel == 6 && recipe.version == 6);
}
