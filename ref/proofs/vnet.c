/* SPDX-License-Identifier: MIT */
/* vnet.c: the header in bytes and in fields is the same. */
#include "../vnet.c"
#include "proof.h"

void proof_vnet(void)
{
    uint8_t wire[GROVE_VNET_LEN];
    uint8_t again[GROVE_VNET_LEN];
    struct grove_vnet vnet;
    const uint32_t at = nondet_u32();

    grove_vnet_load(&vnet, wire);
    grove_vnet_store(again, &vnet);
    ASSUME(at < GROVE_VNET_LEN);
    PROVE(wire[at] == again[at]);
    REACHES(vnet.csum_start == 0x1234);
}
