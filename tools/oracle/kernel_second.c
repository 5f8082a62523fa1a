/* SPDX-License-Identifier: MIT */
/*
 * A second device, to which a bridge sends all that leaves GRO. Its reader gets
 * virtio headers of 24 bytes, which tell of a tunnel over UDP. AF_PACKET has
 * only the header of 10 bytes, but it shows every packet as it left: a device
 * splits those in other tunnels for its reader.
 *
 * GRO leaves no trace of where the outer UDP header is. A bridge that asks the
 * packet filter finds that out, and so does a router. A TUN has no bridge, and
 * routing changes a packet: so no packet in a tunnel is asked there.
 */
#include "kernel_private.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>
#include <unistd.h>

#include "../../ref/bytes.h"
#include "layers.h"

/* The longest queue that all kernels allow. */
#define QUEUE 32767

/* Where the header has the offsets of the outer L4 and the inner IP header. */
enum { OUTER_TH = 20, INNER_NH = 22 };

/* The bits of gso_type that a tunnel over UDP has. */
#define UDP_TUNNEL 0x60

enum { BUFFER_LEN = RUN_VNET_MAX + GROVE_MAX_PACKET_LEN };

static bool has_second(const struct kernel_device *device)
{
    return device->layers.vnet_len == RUN_VNET_MAX &&
           device->layers.link == GROVE_LINK_ETHERNET;
}

bool kernel_second_open(struct kernel_device *device, char why[WHY_LEN])
{
    struct kernel_tun *second = &device->second;

    if (!has_second(device))
        return true;
    return kernel_tun_open(second, &device->layers, 0, why) &&
           (kernel_queue_set(second->name, QUEUE) ||
            kernel_lacks(why, "a queue of %d packets", QUEUE)) &&
           kernel_tun_up(second, device->socket, why) &&
           kernel_bridge(device->coalescing, second->name, why);
}

static uint16_t get_le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/*
 * K-11: a VLAN tag, which the kernel keeps beside the packet. The packet filter
 * does not look behind it, so that nothing finds the outer UDP header. K-14:
 * PPPoE, behind which it does not look either.
 */
static bool loses_offsets(const struct run_output *output)
{
    const struct bytes packet = {output->packet, (uint32_t)output->len};
    const uint16_t type = bytes_be16(packet, ETH_HLEN - 2);

    return type == ETH_P_8021Q || type == ETH_P_8021AD || type == ETH_P_PPP_SES;
}

/* Takes the fields of a tunnel into an output. */
static void take_header(struct run_output *output, const uint8_t *header)
{
    struct grove_vnet vnet;

    grove_vnet_load(&vnet, header);
    /* K-6: what is no super-packet may have the bit of a tunnel. */
    if ((vnet.gso_type & UDP_TUNNEL) == 0 ||
        (vnet.gso_type & ~UDP_TUNNEL) == GROVE_VNET_GSO_NONE ||
        loses_offsets(output))
        return;
    output->vnet.flags = vnet.flags;
    output->vnet.gso_type = vnet.gso_type;
    output->vnet.outer_th_offset = get_le16(header + OUTER_TH);
    output->vnet.inner_nh_offset = get_le16(header + INNER_NH);
}

/* The first output from `first` on with these bytes; none: their number. */
static size_t find_output(const struct kernel_poll *poll, size_t first,
                          const uint8_t *packet, size_t len)
{
    size_t i = first;

    while (i < poll->outputs &&
           (poll->output[i].len != len ||
            memcmp(poll->output[i].packet, packet, len) != 0))
        i++;
    return i;
}

/* A packet that its header cannot express is lost for the reader: EINVAL. */
static ssize_t read_packet(const struct kernel_device *device, uint8_t *buffer)
{
    ssize_t len;

    do
        len = read(device->second.fd, buffer, BUFFER_LEN);
    while (len < 0 && errno == EINVAL);
    return len - RUN_VNET_MAX;
}

void kernel_second_drain(const struct kernel_device *device)
{
    uint8_t buffer[BUFFER_LEN];

    while (read_packet(device, buffer) >= 0)
        ;
}

/* What is no output is a segment of one, or the sentinel. */
static void read_all(struct kernel_poll *poll)
{
    uint8_t buffer[BUFFER_LEN];
    const uint8_t *packet = buffer + RUN_VNET_MAX;
    size_t next = 0;
    ssize_t len;

    while ((len = read_packet(poll->device, buffer)) >= 0) {
        const size_t i = find_output(poll, next, packet, (size_t)len);

        if (i < poll->outputs) {
            take_header(&poll->output[i], buffer);
            next = i + 1;
        }
    }
}

/* Whether it was written with a header that told of a tunnel. */
static bool was_told(const struct kernel_poll *poll,
                     const struct run_output *output)
{
    for (size_t i = 0; i < poll->packets; i++) {
        const struct run_input *input = &poll->input[i];

        if (input->has_vnet && (input->vnet[1] & UDP_TUNNEL) != 0 &&
            input->len == output->len &&
            memcmp(input->packet, output->packet, output->len) == 0)
            return true;
    }
    return false;
}

/* A super-packet in a tunnel over UDP, and nothing tells of the tunnel. */
static bool lacks_tunnel(const struct kernel_poll *poll,
                         const struct run_config *config,
                         const struct run_output *output)
{
    const struct layers layers = layers_of(config, output->packet, output->len);

    return output->vnet.gso_type != GROVE_VNET_GSO_NONE &&
           (output->vnet.gso_type & UDP_TUNNEL) == 0 &&
           (layers_have(&layers, LAYER_UDP) || was_told(poll, output));
}

void kernel_second_read(struct kernel_poll *poll)
{
    const struct run_config config =
        kernel_layers_config(&poll->device->layers);

    if (poll->device->second.fd >= 0)
        read_all(poll);
    for (size_t i = 0; i < poll->outputs; i++)
        if (lacks_tunnel(poll, &config, &poll->output[i]))
            poll->unseen++;
}
