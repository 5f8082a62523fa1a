/* SPDX-License-Identifier: MIT */
#include "grove/vnet.h"

void grove_vnet_load(struct grove_vnet *vnet,
                     const uint8_t wire[GROVE_VNET_LEN])
{
    vnet->flags = wire[0];
    vnet->gso_type = wire[1];
    vnet->hdr_len = (uint16_t)(wire[2] | wire[3] << 8);
    vnet->gso_size = (uint16_t)(wire[4] | wire[5] << 8);
    vnet->csum_start = (uint16_t)(wire[6] | wire[7] << 8);
    vnet->csum_offset = (uint16_t)(wire[8] | wire[9] << 8);
}

void grove_vnet_store(uint8_t wire[GROVE_VNET_LEN],
                      const struct grove_vnet *vnet)
{
    wire[0] = vnet->flags;
    wire[1] = vnet->gso_type;
    wire[2] = (uint8_t)vnet->hdr_len;
    wire[3] = (uint8_t)(vnet->hdr_len >> 8);
    wire[4] = (uint8_t)vnet->gso_size;
    wire[5] = (uint8_t)(vnet->gso_size >> 8);
    wire[6] = (uint8_t)vnet->csum_start;
    wire[7] = (uint8_t)(vnet->csum_start >> 8);
    wire[8] = (uint8_t)vnet->csum_offset;
    wire[9] = (uint8_t)(vnet->csum_offset >> 8);
}
