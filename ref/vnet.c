/* SPDX-License-Identifier: MIT */
#include "vnet.h"

void grove_vnet_load(struct grove_vnet *vnet,
                     const uint8_t wire[GROVE_VNET_LEN])
{
    grove_vnet_load_len(vnet, wire, GROVE_VNET_LEN);
}

void grove_vnet_load_len(struct grove_vnet *vnet, const uint8_t *wire,
                         size_t len)
{
    vnet->flags = wire[0];
    vnet->gso_type = wire[1];
    vnet->hdr_len = (uint16_t)(wire[2] | wire[3] << 8);
    vnet->gso_size = (uint16_t)(wire[4] | wire[5] << 8);
    vnet->csum_start = (uint16_t)(wire[6] | wire[7] << 8);
    vnet->csum_offset = (uint16_t)(wire[8] | wire[9] << 8);
    vnet->outer_th_offset = vnet->inner_nh_offset = 0;
    if (len < GROVE_VNET_TUNNEL_LEN)
        return;
    vnet->outer_th_offset = (uint16_t)(wire[20] | wire[21] << 8);
    vnet->inner_nh_offset = (uint16_t)(wire[22] | wire[23] << 8);
}

static void put_le16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put_le64(uint8_t *at, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(at, &value, sizeof value);
}

void grove_vnet_store(uint8_t wire[GROVE_VNET_LEN],
                      const struct grove_vnet *vnet)
{
    grove_vnet_store_len(wire, GROVE_VNET_LEN, vnet);
}

void grove_vnet_store_len(uint8_t *wire, size_t len,
                          const struct grove_vnet *vnet)
{
    put_le64(wire, vnet->flags | (uint64_t)vnet->gso_type << 8 |
                       (uint64_t)vnet->hdr_len << 16 |
                       (uint64_t)vnet->gso_size << 32 |
                       (uint64_t)vnet->csum_start << 48);
    put_le16(wire + 8, vnet->csum_offset);
    vnet_zero_rest(wire, len);
    if (len < GROVE_VNET_TUNNEL_LEN)
        return;
    put_le16(wire + 20, vnet->outer_th_offset);
    put_le16(wire + 22, vnet->inner_nh_offset);
}
