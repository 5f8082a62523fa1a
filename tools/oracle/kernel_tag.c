/* SPDX-License-Identifier: MIT */
/*
 * The outer VLAN tag of a frame. A kernel takes it off before AF_PACKET sees
 * the frame, and tells it beside the frame (packet(7), PACKET_AUXDATA). GRO has
 * seen the frame with it.
 */
#include "kernel_private.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "draft.h"

/* A tag stands behind both addresses of a frame. */
enum { ADDRESSES_LEN = 12 };

/* What stands between the addresses of a frame and its IPv4 header. */
struct types {
    uint8_t bytes[10];
    size_t len;
};

/*
 * Segment `number` of a TCP flow, in a frame with these types; returns its
 * length. The IPv4 packet has 41 bytes.
 */
static size_t make_frame(uint8_t frame[DRAFT_MAX], const struct types *types,
                         uint32_t number)
{
    static struct draft draft;
    const struct draft_fields fields = {.version = 4,
                                        .protocol = IPPROTO_TCP,
                                        .hop = 64,
                                        .id = (uint16_t)number,
                                        .sequence = number,
                                        .flags = 0x10,
                                        .payload = 1};

    draft_build(&draft, &fields);
    memset(frame, 0, ADDRESSES_LEN);
    memcpy(frame + ADDRESSES_LEN, types->bytes, types->len);
    memcpy(frame + ADDRESSES_LEN + types->len, draft.bytes, draft.len);
    return ADDRESSES_LEN + types->len + draft.len;
}

static void make_question(struct run *run, struct run_input input[2],
                          struct arena *arena, const struct types *types)
{
    uint8_t *bytes = arena_alloc(arena, 2, DRAFT_MAX);

    for (uint32_t i = 0; i < 2; i++)
        input[i] = (struct run_input){
            .packet = bytes + (size_t)i * DRAFT_MAX,
            .len = make_frame(bytes + (size_t)i * DRAFT_MAX, types, i)};
    *run = (struct run){.op = RUN_GRO,
                        .config = run_config_default(),
                        .input = input,
                        .inputs = 2};
    run->config.link = GROVE_LINK_ETHERNET;
}

void kernel_tag_question(struct run *run, struct run_input input[2],
                         struct arena *arena)
{
    static const struct types types = {{0x81, 0, 0, 1, 8, 0}, 6};

    make_question(run, input, arena, &types);
}

void kernel_pppoe_question(struct run *run, struct run_input input[2],
                           struct arena *arena)
{
    static const struct types types = {
        {0x88, 0x64, 0x11, 0, 0, 1, 0, 2 + 41, 0, 0x21}, 10};

    make_question(run, input, arena, &types);
}

bool kernel_tag_is(const struct run_input *frame)
{
    const uint8_t *type = frame->packet + ADDRESSES_LEN;

    return frame->len >= KERNEL_ETHERNET_LEN &&
           ((type[0] == 0x81 && type[1] == 0) ||
            (type[0] == 0x88 && type[1] == 0xa8));
}

bool kernel_tag_is_cut(const struct run_input *frame)
{
    return kernel_tag_is(frame) &&
           frame->len < KERNEL_ETHERNET_LEN + KERNEL_TAG_LEN + 2;
}

bool kernel_tag_hides_csum(const struct run_input *frame)
{
    const uint8_t *vnet = frame->vnet;

    return kernel_tag_is(frame) && frame->has_vnet &&
           (vnet[0] & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0 &&
           (vnet[6] | vnet[7] << 8) < KERNEL_ETHERNET_LEN + KERNEL_TAG_LEN;
}

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
