/* SPDX-License-Identifier: MIT */
/*
 * Lists of packets, which GRO makes with rx-gro-list. AF_PACKET shows a list as
 * if it was a super-packet: the headers of its first packet and all payloads.
 * So all that leaves is redirected to a second device, too. That one takes
 * super-packets but no lists, so its reader gets the packets of each list.
 *
 * To make packets of a list, a kernel writes two things anew. It counts the
 * identification up, and it lets each checksum begin where that of the first
 * packet does. Both are taken from the packet that was written.
 *
 * In Linux 6.1 AF_PACKET cannot express a list of UDP, as it cannot express a
 * super-packet of UDP.
 */
#include "kernel_private.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "layout.h"

/* TUN_F_USO4 and TUN_F_USO6, which older headers lack. */
#define OFFLOAD_USO 0x60UL

/* The longest queue that all kernels allow. */
#define QUEUE 32767

/* Room for the packets of a poll, and for a super-packet that is cut. */
#define ROOM(packets) (2 * (packets) + 64)

/* Where the random bytes of a sentinel are that never change. */
#define SENTINEL_FIXED 28

enum {
    BUFFER_LEN = GROVE_VNET_LEN + GROVE_MAX_PACKET_LEN,
    IP4_HEADER_LEN = 20,
    IP4_ID = 4,
    IP4_FRAGMENT = 6,
    IP4_CHECKSUM = 10,
    IP4_SOURCE = 12
};

/* What the second device gave. */
struct second {
    struct kernel_poll *poll;
    struct run_output *packet;
    size_t count;
    size_t room;
    size_t next;               /* the first that is in no output so far */
    bool *used;                /* of each packet that was written */
    struct run_output *output; /* the poll's, each packet of a list by itself */
    size_t outputs;
};

static bool set_offloads(const struct kernel_tun *tun, char why[WHY_LEN])
{
    const unsigned long supers =
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

    /* A kernel before 6.2 has no super-packets of UDP. */
    return ioctl(tun->fd, TUNSETOFFLOAD, supers | OFFLOAD_USO) == 0 ||
           ioctl(tun->fd, TUNSETOFFLOAD, supers) == 0 ||
           kernel_lacks(why, "setting the offloads of a TUN device");
}

static bool open_second(struct kernel_device *device, char why[WHY_LEN])
{
    struct kernel_tun *second = &device->second;

    return kernel_tun_open(second, &kernel_plain_layers, 0, why) &&
           (kernel_queue_set(second->name, QUEUE) ||
            kernel_lacks(why, "a queue of %d packets", QUEUE)) &&
           set_offloads(second, why) &&
           kernel_tun_up(second, device->socket, why) &&
           kernel_redirect(device->coalescing, second->name, why);
}

bool kernel_list_open(struct kernel_device *device, char why[WHY_LEN])
{
    struct kernel_feature lists;

    if (!device->layers.fraglist)
        return true;
    return ((kernel_feature_find(device->socket, device->coalescing,
                                 KERNEL_LIST_FEATURE, &lists) &&
             kernel_feature_set(device->socket, device->coalescing, &lists,
                                true)) ||
            kernel_lacks(why, "the device feature " KERNEL_LIST_FEATURE)) &&
           open_second(device, why);
}

/* Whether it is a sentinel or a ballast. */
static bool is_own(const struct kernel_device *device, const uint8_t *packet,
                   size_t len)
{
    const uint8_t *const own[] = {device->sentinel, device->ballast};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (len == SENTINEL_LEN &&
            memcmp(packet, own[i], IP4_HEADER_LEN) == 0 &&
            memcmp(packet + SENTINEL_FIXED, own[i] + SENTINEL_FIXED,
                   SENTINEL_LEN - SENTINEL_FIXED) == 0)
            return true;
    return false;
}

/* A packet that its header cannot express is lost for the reader: EINVAL. */
static ssize_t read_packet(const struct kernel_device *device, uint8_t *buffer)
{
    ssize_t len;

    do
        len = read(device->second.fd, buffer, BUFFER_LEN);
    while (len < 0 && errno == EINVAL);
    return len - GROVE_VNET_LEN;
}

static void add_packet(struct second *second, const uint8_t *buffer, size_t len)
{
    struct run_output *packet = &second->packet[second->count++];

    *packet = (struct run_output){
        .packet = arena_copy(&second->poll->answer->arena,
                             buffer + GROVE_VNET_LEN, len),
        .len = len,
    };
    grove_vnet_load(&packet->vnet, buffer);
}

/* Reads all that is there. */
static void read_all(struct second *second)
{
    const struct kernel_device *device = second->poll->device;
    uint8_t buffer[BUFFER_LEN];
    ssize_t len;

    while ((len = read_packet(device, buffer)) >= 0) {
        if (is_own(device, buffer + GROVE_VNET_LEN, (size_t)len))
            continue;
        if (second->count < second->room)
            add_packet(second, buffer, (size_t)len);
        else
            second->poll->unseen++;
    }
}

static bool same_bytes(const struct run_output *output, const uint8_t *packet,
                       size_t len)
{
    return output->len == len && memcmp(output->packet, packet, len) == 0;
}

/* Whether AF_PACKET and the second device show the same. */
static bool same_output(const struct run_output *a, const struct run_output *b)
{
    return a->vnet.gso_type == b->vnet.gso_type &&
           a->vnet.gso_size == b->vnet.gso_size &&
           a->vnet.flags == b->vnet.flags && same_bytes(a, b->packet, b->len);
}

/* Where the second device has this packet as a whole, or second->count. */
static size_t find_whole(const struct second *second,
                         const struct run_output *output)
{
    size_t i = second->next;

    while (i < second->count && !same_output(&second->packet[i], output))
        i++;
    return i;
}

/* Whether the headers and this part of the payload are those of a packet. */
static bool has_part(const struct run_output *list, size_t header, size_t at,
                     size_t len, const struct run_output *packet)
{
    return packet->len == header + len &&
           memcmp(packet->packet + header, list->packet + header + at, len) ==
               0;
}

/*
 * Whether both have the same L4 checksum, as a list and its first packet have.
 * A super-packet and its first segment have not.
 */
static bool same_check(const struct run_output *list,
                       const struct run_output *packet)
{
    const size_t at = layout_of(packet->packet, packet->len).field;

    return at != 0 && memcmp(list->packet + at, packet->packet + at, 2) == 0;
}

/*
 * How many packets from `first` on are those of a list that AF_PACKET shows; 0
 * if they are others.
 */
static size_t match_list(const struct second *second, size_t first,
                         const struct run_output *list)
{
    const size_t size = list->vnet.gso_size;
    const size_t header = second->packet[first].len - size;
    size_t count = 0;

    if (second->packet[first].len <= size || list->len <= header ||
        !same_check(list, &second->packet[first]))
        return 0;
    for (size_t at = 0; header + at < list->len; at += size) {
        const size_t left = list->len - header - at;
        const size_t i = first + count++;

        if (i == second->count ||
            !has_part(list, header, at, left < size ? left : size,
                      &second->packet[i]))
            return 0;
    }
    return count;
}

static struct grove_vnet vnet_of(const struct run_input *input)
{
    struct grove_vnet vnet = {0};

    if (input->has_vnet)
        grove_vnet_load(&vnet, input->vnet);
    return vnet;
}

/* Whether both have NEEDS_CSUM, or neither. */
static bool same_csum(const struct run_output *output,
                      const struct run_input *input)
{
    const struct grove_vnet vnet = vnet_of(input);

    return ((vnet.flags ^ output->vnet.flags) & GROVE_VNET_F_NEEDS_CSUM) == 0;
}

/* Whether the output is that input. */
static bool is_input(const struct run_output *output,
                     const struct run_input *input)
{
    const struct grove_vnet vnet = vnet_of(input);

    return same_csum(output, input) &&
           ((vnet.flags & GROVE_VNET_F_NEEDS_CSUM) == 0 ||
            (vnet.csum_start == output->vnet.csum_start &&
             vnet.csum_offset == output->vnet.csum_offset)) &&
           same_bytes(output, input->packet, input->len);
}

/* Whether the packet is that input, but for what a kernel writes anew. */
static bool was_input(const struct run_output *packet,
                      const struct run_input *input)
{
    const uint8_t *a = packet->packet;
    const uint8_t *b = input->packet;

    if (packet->len != input->len || !same_csum(packet, input))
        return false;
    if (packet->len < IP4_HEADER_LEN || a[0] >> 4 != 4)
        return memcmp(a, b, packet->len) == 0;
    return memcmp(a, b, IP4_ID) == 0 &&
           memcmp(a + IP4_FRAGMENT, b + IP4_FRAGMENT,
                  IP4_CHECKSUM - IP4_FRAGMENT) == 0 &&
           memcmp(a + IP4_SOURCE, b + IP4_SOURCE, packet->len - IP4_SOURCE) ==
               0;
}

/*
 * The first of the inputs that no output was before; NULL: it is none of them.
 * Packets of a flow leave in the order in which they came, unless their bytes
 * tell them apart.
 */
static const struct run_input *
use_input(struct second *second, const struct run_output *output,
          bool (*is)(const struct run_output *, const struct run_input *))
{
    const struct kernel_poll *poll = second->poll;

    for (size_t i = 0; i < poll->packets; i++)
        if (!second->used[i] && poll->fate[i].accepted &&
            is(output, &poll->input[i])) {
            second->used[i] = true;
            return &poll->input[i];
        }
    return NULL;
}

/* Takes what a kernel writes anew from the packet that was written. */
static void restore(struct second *second, struct run_output *packet)
{
    const struct run_input *input = use_input(second, packet, was_input);
    struct grove_vnet vnet;

    if (input == NULL)
        return;
    vnet = vnet_of(input);
    packet->packet = input->packet;
    if (packet->vnet.flags == GROVE_VNET_F_NEEDS_CSUM) {
        packet->vnet.csum_start = vnet.csum_start;
        packet->vnet.csum_offset = vnet.csum_offset;
    }
}

/* Makes the packets of a list outputs. */
static void put_packets(struct second *second, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct run_output *packet = &second->packet[second->next++];

        packet->has_rest = true;
        packet->rest = count - 1 - i;
        restore(second, packet);
        if (second->outputs < second->poll->packets)
            second->output[second->outputs++] = *packet;
    }
}

/* True if the output is a list, whose packets were put. */
static bool put_as_list(struct second *second, const struct run_output *output)
{
    if (output->vnet.gso_type == GROVE_VNET_GSO_NONE)
        return false;
    for (size_t i = second->next; i < second->count; i++) {
        const size_t count = match_list(second, i, output);

        if (count > 1) {
            second->next = i;
            put_packets(second, count);
            return true;
        }
    }
    return false;
}

/* An output that is no list. The second device may have cut it. */
static void put_whole(struct second *second, const struct run_output *output)
{
    const size_t at = find_whole(second, output);
    struct run_output *put = &second->output[second->outputs++];

    *put = *output;
    put->has_rest = true;
    if (at < second->count)
        second->next = at + 1;
}

static void put(struct second *second, const struct run_output *output)
{
    if (use_input(second, output, is_input) != NULL ||
        !put_as_list(second, output))
        put_whole(second, output);
}

void kernel_list_read(struct kernel_poll *poll)
{
    struct arena *arena = &poll->answer->arena;
    struct second second = {.poll = poll, .room = ROOM(poll->packets)};

    second.packet = arena_alloc(arena, second.room, sizeof *second.packet);
    second.used = arena_alloc(arena, poll->packets, sizeof *second.used);
    second.output = arena_alloc(arena, poll->packets, sizeof *second.output);
    read_all(&second);
    for (size_t i = 0; i < poll->outputs; i++)
        put(&second, &poll->output[i]);
    memcpy(poll->output, second.output, second.outputs * sizeof *second.output);
    poll->outputs = second.outputs;
}
