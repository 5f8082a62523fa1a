/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the kernel by netlink. A device's packets are redirected to
 * another device before any protocol looks at them, by a filter at its ingress
 * as tc(8) would set it. And a device's queue gets a length, which root of a
 * namespace may not set by ioctl(2).
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdalign.h>

/* Bytes for a request or its answer, both of which are much shorter. */
#define MESSAGE_LEN 8192

static struct nlmsghdr *begin(void *message, uint16_t type, uint32_t parent,
                              const char *from, const char *kind)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(message);
    struct tcmsg *tc;

    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    tc = mnl_nlmsg_put_extra_header(header, sizeof *tc);
    tc->tcm_ifindex = (int)if_nametoindex(from);
    tc->tcm_parent = parent;
    mnl_attr_put_strz(header, TCA_KIND, kind);
    return header;
}

static void make_qdisc(void *message, const char *from)
{
    begin(message, RTM_NEWQDISC, TC_H_CLSACT, from, "clsact");
}

static void put_redirect(struct nlmsghdr *header, const char *to)
{
    const struct tc_mirred mirred = {
        .action = TC_ACT_STOLEN,
        .eaction = TCA_EGRESS_REDIR,
        .ifindex = if_nametoindex(to),
    };
    struct nlattr *actions = mnl_attr_nest_start(header, TCA_BPF_ACT);
    struct nlattr *action = mnl_attr_nest_start(header, 1);
    struct nlattr *options;

    mnl_attr_put_strz(header, TCA_ACT_KIND, "mirred");
    options = mnl_attr_nest_start(header, TCA_ACT_OPTIONS);
    mnl_attr_put(header, TCA_MIRRED_PARMS, sizeof mirred, &mirred);
    mnl_attr_nest_end(header, options);
    mnl_attr_nest_end(header, action);
    mnl_attr_nest_end(header, actions);
}

/* The classifier reads no byte, so that it accepts packets of any length. */
static void make_filter(void *message, const char *from, const char *to)
{
    const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    struct nlmsghdr *header =
        begin(message, RTM_NEWTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
              from, "bpf");
    struct tcmsg *tc = mnl_nlmsg_get_payload(header);
    struct nlattr *options = mnl_attr_nest_start(header, TCA_OPTIONS);

    tc->tcm_info = TC_H_MAKE(1U << 16, htons(ETH_P_ALL));
    mnl_attr_put_u16(header, TCA_BPF_OPS_LEN, 1);
    mnl_attr_put(header, TCA_BPF_OPS, sizeof all, &all);
    put_redirect(header, to);
    mnl_attr_nest_end(header, options);
}

/* Sends the request and reads the acknowledgment. */
static bool request(struct mnl_socket *netlink, void *message)
{
    alignas(max_align_t) char reply[MESSAGE_LEN];
    const struct nlmsghdr *header = message;
    ssize_t len;

    if (mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0)
        return false;
    len = mnl_socket_recvfrom(netlink, reply, sizeof reply);
    return len >= 0 &&
           mnl_cb_run(reply, (size_t)len, 0, mnl_socket_get_portid(netlink),
                      NULL, NULL) >= 0;
}

/* A socket for requests, or NULL and errno. */
static struct mnl_socket *open_socket(void)
{
    struct mnl_socket *netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

    if (netlink == NULL || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) >= 0)
        return netlink;
    mnl_socket_close(netlink);
    return NULL;
}

static bool redirect(struct mnl_socket *netlink, const char *from,
                     const char *to, char why[WHY_LEN])
{
    alignas(max_align_t) char message[MESSAGE_LEN];

    make_qdisc(message, from);
    if (!request(netlink, message))
        return kernel_lacks(why, "an ingress queue (module sch_ingress)");
    make_filter(message, from, to);
    return request(netlink, message) ||
           kernel_lacks(why, "a filter that redirects "
                             "(modules cls_bpf and act_mirred)");
}

bool kernel_redirect(const char *from, const char *to, char why[WHY_LEN])
{
    struct mnl_socket *netlink = open_socket();
    bool good;

    if (netlink == NULL)
        return kernel_lacks(why, "a netlink socket");
    good = redirect(netlink, from, to, why);
    mnl_socket_close(netlink);
    return good;
}

bool kernel_queue_set(const char *device, uint32_t length)
{
    alignas(max_align_t) char message[MESSAGE_LEN];
    struct mnl_socket *netlink = open_socket();
    struct nlmsghdr *header = mnl_nlmsg_put_header(message);
    struct ifinfomsg *link;
    bool good;

    if (netlink == NULL)
        return false;
    header->nlmsg_type = RTM_NEWLINK;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    link = mnl_nlmsg_put_extra_header(header, sizeof *link);
    link->ifi_index = (int)if_nametoindex(device);
    mnl_attr_put_u32(header, IFLA_TXQLEN, length);
    good = request(netlink, message);
    mnl_socket_close(netlink);
    return good;
}
