/* SPDX-License-Identifier: MIT */
/*
 * Packets with hashes. A TUN gives its packets none. So its GRO is off, and a
 * BPF program gives each packet the hash of its turn and sends it into a pair
 * of veth devices. The GRO of the second one finds the packets with their
 * hashes. One poll of it has all packets of one poll of the TUN, since no other
 * poll begins on a CPU before that one has ended.
 *
 * The pair has Ethernet headers. Without a link the program puts one before
 * each packet, and it is removed from what leaves.
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <unistd.h>

#include "tun/link.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The pair: packets go in by one, and come out of the other. */
static const char in[IFNAMSIZ] = "hash-in";
static const char out[IFNAMSIZ] = "hash-out";

/* The largest MTU of both. */
#define PAIR_MTU 65535

/* A program can put a header before packets of this length, and a few more. */
#define UNLINKED_MAX 16000

/*
 * What the first of the pair must not have. The second one coalesces only
 * without the first five, and the others would take VLAN tags off frames.
 */
static const char *const features_in[] = {
    "tx-tcp-segmentation",          "tx-tcp-ecn-segmentation",
    "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation",
    "tx-tcp-accecn-segmentation",   "tx-vlan-hw-insert",
    "tx-vlan-stag-hw-insert",
};

static void put_veth(struct nlmsghdr *header, const char *name)
{
    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    mnl_attr_put_u32(header, IFLA_MTU, PAIR_MTU);
    mnl_attr_put_u32(header, IFLA_NUM_TX_QUEUES, 1);
    mnl_attr_put_u32(header, IFLA_NUM_RX_QUEUES, 1);
}

/* A request for the pair. */
static void make_pair(union tun_request *request)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct nlattr *link;
    struct nlattr *data;
    struct nlattr *peer;

    header->nlmsg_type = RTM_NEWLINK;
    header->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
    put_veth(header, in);
    link = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
    put_veth(header, out);
    mnl_attr_nest_end(header, peer);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, link);
}

static bool set_feature(int socket, const char device[IFNAMSIZ],
                        const char *name, bool on)
{
    struct kernel_feature feature;

    if (!kernel_feature_find(socket, device, name, &feature))
        return !on; /* an older kernel */
    return kernel_feature_set(socket, device, &feature, on);
}

static bool set_features(const struct kernel_device *device)
{
    for (size_t i = 0; i < COUNT(features_in); i++)
        if (!set_feature(device->socket, in, features_in[i], false))
            return false;
    return set_feature(device->socket, device->tun.name, "rx-gro", false) &&
           set_feature(device->socket, out, "rx-gro", true);
}

/* Begins a request about what comes in by the device. */
static struct tcmsg *begin(union tun_request *request, uint16_t type,
                           const struct kernel_device *device, const char *kind)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct tcmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);

    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    message->tcm_ifindex = (int)if_nametoindex(device->tun.name);
    mnl_attr_put_strz(header, TCA_KIND, kind);
    return message;
}

/* A request that the program sees every packet, and decides where it goes. */
static void make_filter(union tun_request *request,
                        const struct kernel_device *device, int program)
{
    struct tcmsg *message = begin(request, RTM_NEWTFILTER, device, "bpf");
    struct nlmsghdr *header = &request->header;
    struct nlattr *options = mnl_attr_nest_start(header, TCA_OPTIONS);

    message->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
    message->tcm_info = TC_H_MAKE(1U << 16, htons(ETH_P_ALL));
    mnl_attr_put_u32(header, TCA_BPF_FD, (uint32_t)program);
    mnl_attr_put_strz(header, TCA_BPF_NAME, "hash");
    mnl_attr_put_u32(header, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    mnl_attr_nest_end(header, options);
}

/* Returns 0 or an errno. */
static int attach(struct tun_link *link, const struct kernel_device *device,
                  int program)
{
    union tun_request request;
    int error;

    begin(&request, RTM_NEWQDISC, device, "clsact")->tcm_parent = TC_H_CLSACT;
    error = tun_link_change(link, &request);
    if (error != 0)
        return error;
    make_filter(&request, device, program);
    return tun_link_change(link, &request);
}

/* The filter keeps the program. */
static bool run_program(struct tun_link *link, struct kernel_device *device,
                        char why[WHY_LEN])
{
    const int program = kernel_hashes_open(
        &device->hashes, device->layers.link != GROVE_LINK_NONE, in);
    int error;

    if (program < 0)
        return kernel_lacks(why, "a BPF program (needs root of the machine)");
    error = attach(link, device, program);
    close(program);
    errno = error;
    return error == 0 ||
           kernel_lacks(why, "a filter (modules sch_ingress and cls_bpf)");
}

/* Returns 0 or an errno. */
static int set_up(struct tun_link *link)
{
    const int error = tun_link_set_up(link, (int)if_nametoindex(out), true);

    return error != 0 ? error
                      : tun_link_set_up(link, (int)if_nametoindex(in), true);
}

static bool make_all(struct tun_link *link, struct kernel_device *device,
                     char why[WHY_LEN])
{
    union tun_request request;

    make_pair(&request);
    errno = tun_link_change(link, &request);
    if (errno != 0)
        return kernel_lacks(why, "a pair of devices (module veth)");
    if (!set_features(device))
        return kernel_lacks(why, "the features of veth devices");
    errno = set_up(link);
    if (errno != 0)
        return kernel_lacks(why, "setting veth devices up");
    return run_program(link, device, why);
}

bool kernel_hash_open(struct kernel_device *device, char why[WHY_LEN])
{
    struct tun_link link;
    bool made;

    memcpy(device->coalescing, device->tun.name, IFNAMSIZ);
    if (!device->layers.hash)
        return true;
    memcpy(device->coalescing, out, sizeof out);
    if (!kernel_silence(why))
        return false;
    errno = tun_link_open(&link, &tun_system_linux);
    made = errno == 0 ? make_all(&link, device, why)
                      : kernel_lacks(why, "a netlink socket");
    tun_link_close(&link);
    return made;
}

/* Whether a frame has nothing behind its Ethernet header, or behind its tag. */
static bool is_empty(const struct run_input *frame)
{
    return frame->len == KERNEL_ETHERNET_LEN ||
           (kernel_tag_is(frame) &&
            frame->len == KERNEL_ETHERNET_LEN + KERNEL_TAG_LEN);
}

/* Whether a checksum is to be made from a place in its Ethernet header. */
static bool sums_link(const struct run_input *frame)
{
    struct grove_vnet vnet = {0};

    if (frame->has_vnet)
        grove_vnet_load(&vnet, frame->vnet);
    return (vnet.flags & GROVE_VNET_F_NEEDS_CSUM) != 0 &&
           vnet.csum_start < KERNEL_ETHERNET_LEN;
}

const char *kernel_hash_refuses(const struct run_config *config,
                                const struct run_input *input)
{
    if (input->has_vnet && input->vnet[1] != GROVE_VNET_GSO_NONE)
        return "a super-packet is split on its way to packets with hashes";
    if (input->len >
        (config->link == GROVE_LINK_NONE ? UNLINKED_MAX : PAIR_MTU))
        return "a packet is too long to get a hash";
    if (config->link == GROVE_LINK_ETHERNET && is_empty(input))
        return "a frame without content does not reach packets with hashes";
    /* Linux 6.1: later ones refuse such a header. */
    if (config->link == GROVE_LINK_ETHERNET && sums_link(input))
        return "a kernel forgets csum_start in front of the type on that way";
    return NULL;
}

void kernel_hash_unwrap(const struct kernel_device *device,
                        struct captured *captured)
{
    if (!device->layers.hash || device->layers.link != GROVE_LINK_NONE)
        return;
    captured->packet += ETH_HLEN;
    captured->len -= ETH_HLEN;
    if ((captured->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
        captured->vnet.csum_start -= ETH_HLEN;
}
