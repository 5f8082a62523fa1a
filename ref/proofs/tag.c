/* SPDX-License-Identifier: MIT */
/* tag.c: only the frame is read, and only the two offsets may change. */
#include "../tag.c"
#include "ip_model.h"

void proof_tag(void)
{
    const struct bytes frame = any_bytes(UINT32_MAX);
    uint8_t header[GROVE_VNET_TUNNEL_LEN];
    struct grove_vnet before;
    struct grove_vnet after;

    grove_vnet_load_len(&before, header, sizeof header);
    grove_vnet_count_tag(header, frame.at, frame.len);
    grove_vnet_load_len(&after, header, sizeof header);
    const uint16_t more = after.outer_th_offset - before.outer_th_offset;

    PROVE(more == 0 || more == ETHERNET_TAG);
    PROVE((uint16_t)(after.inner_nh_offset - before.inner_nh_offset) == more);
    PROVE(after.flags == before.flags && after.gso_type == before.gso_type);
    PROVE(after.hdr_len == before.hdr_len);
    PROVE(after.gso_size == before.gso_size);
    PROVE(after.csum_start == before.csum_start);
    PROVE(after.csum_offset == before.csum_offset);
    REACHES(more == ETHERNET_TAG && after.outer_th_offset == 70);
    REACHES(more == 0 && vnet_tunnel(&after) != 0 && frame.len > 100);
}
