/* SPDX-License-Identifier: MIT */
/*
 * The outer VLAN tag of a frame. A kernel takes it off before AF_PACKET sees
 * the frame, and tells it beside the frame (packet(7), PACKET_AUXDATA). GRO has
 * seen the frame with it.
 */
#include "kernel_private.h"

#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

/* A tag stands behind both addresses of a frame. */
enum { ADDRESSES_LEN = 12 };

bool capture_tell_tags(int socket)
{
    const int on = 1;

    return setsockopt(socket, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) == 0;
}

/* What AF_PACKET tells of the frame; false: nothing. */
static bool read_told(struct msghdr *message, struct tpacket_auxdata *told)
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);

    if (header == NULL || header->cmsg_level != SOL_PACKET ||
        header->cmsg_type != PACKET_AUXDATA)
        return false;
    memcpy(told, CMSG_DATA(header), sizeof *told);
    return true;
}

static void put_be16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void capture_put_tag(struct captured *captured, uint8_t *frame,
                     struct msghdr *message)
{
    struct tpacket_auxdata told;

    if (!read_told(message, &told) ||
        (told.tp_status & TP_STATUS_VLAN_VALID) == 0)
        return;
    frame -= KERNEL_TAG_LEN;
    memmove(frame, frame + KERNEL_TAG_LEN, ADDRESSES_LEN);
    put_be16(frame + ADDRESSES_LEN, told.tp_vlan_tpid);
    put_be16(frame + ADDRESSES_LEN + 2, told.tp_vlan_tci);
    captured->packet = frame;
    captured->len += KERNEL_TAG_LEN;
    if ((captured->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        captured->vnet.csum_start += KERNEL_TAG_LEN;
}
