/* SPDX-License-Identifier: MIT */
#include "tun/redirect.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

/* The numbers of the only filter and of its only action. */
enum { PRIORITY = 1, ACTION = 1 };

/* Begins a request about `parent` of device `from`. */
static struct tcmsg *begin(union tun_request *request, uint16_t type,
                           uint32_t parent, int from, const char *kind)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct tcmsg *message;

    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    message = mnl_nlmsg_put_extra_header(header, sizeof *message);
    message->tcm_family = AF_UNSPEC;
    message->tcm_ifindex = from;
    message->tcm_parent = parent;
    mnl_attr_put_strz(header, TCA_KIND, kind);
    return message;
}

/* A queue for what comes in, which a filter can be attached to. */
static void make_queue(union tun_request *request, int from)
{
    begin(request, RTM_NEWQDISC, TC_H_CLSACT, from, "clsact");
}

static void put_action(struct nlmsghdr *header, int to)
{
    const struct tc_mirred mirred = {
        .action = TC_ACT_STOLEN,
        .eaction = TCA_EGRESS_REDIR,
        .ifindex = (uint32_t)to,
    };
    struct nlattr *actions = mnl_attr_nest_start(header, TCA_BPF_ACT);
    struct nlattr *action = mnl_attr_nest_start(header, ACTION);
    struct nlattr *options;

    mnl_attr_put_strz(header, TCA_ACT_KIND, "mirred");
    options = mnl_attr_nest_start(header, TCA_ACT_OPTIONS);
    mnl_attr_put(header, TCA_MIRRED_PARMS, sizeof mirred, &mirred);
    mnl_attr_nest_end(header, options);
    mnl_attr_nest_end(header, action);
    mnl_attr_nest_end(header, actions);
}

/* The filter takes every packet, and reads no byte of it. */
static void make_filter(union tun_request *request, int from, int to)
{
    const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    struct tcmsg *message =
        begin(request, RTM_NEWTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
              from, "bpf");
    struct nlattr *options = mnl_attr_nest_start(&request->header, TCA_OPTIONS);

    message->tcm_info = TC_H_MAKE((uint32_t)PRIORITY << 16, htons(ETH_P_ALL));
    mnl_attr_put_u16(&request->header, TCA_BPF_OPS_LEN, 1);
    mnl_attr_put(&request->header, TCA_BPF_OPS, sizeof all, &all);
    put_action(&request->header, to);
    mnl_attr_nest_end(&request->header, options);
}

int tun_redirect(struct tun_link *link, int from, int to)
{
    union tun_request request;
    int error;

    make_queue(&request, from);
    error = tun_link_change(link, &request);
    if (error != 0)
        return error;
    make_filter(&request, from, to);
    return tun_link_change(link, &request);
}
