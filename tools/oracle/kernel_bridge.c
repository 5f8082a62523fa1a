/* SPDX-License-Identifier: MIT */
/*
 * A bridge of two devices. It learns no address, so that it sends each frame of
 * one to the other. It asks the packet filter, which has no rules: that is what
 * finds the header behind the IP header.
 */
#include "kernel_private.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "tun/link.h"

#define BRIDGE "bridge"

/* Begins a request about device `index`; 0: about a new one. */
static struct ifinfomsg *begin(union tun_request *request, unsigned char family,
                               unsigned index)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof *info);

    header->nlmsg_type = index == 0 ? RTM_NEWLINK : RTM_SETLINK;
    header->nlmsg_flags = index == 0 ? NLM_F_CREATE | NLM_F_EXCL : 0;
    info->ifi_family = family;
    info->ifi_index = (int)index;
    return info;
}

/* A kernel without IPv6, or with it switched off, has no such file. */
bool kernel_silence(char why[WHY_LEN])
{
    static const char path[] = "/proc/sys/net/ipv6/conf/default/disable_ipv6";

    return access(path, F_OK) != 0 || kernel_file_write(path, "1", why);
}

/* It forwards at once, and joins no group of its own. */
static void make_bridge(union tun_request *request)
{
    struct ifinfomsg *info = begin(request, AF_UNSPEC, 0);
    struct nlmsghdr *header = &request->header;
    struct nlattr *link;
    struct nlattr *data;

    info->ifi_flags = info->ifi_change = IFF_UP;
    mnl_attr_put_strz(header, IFLA_IFNAME, BRIDGE);
    link = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "bridge");
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    mnl_attr_put_u32(header, IFLA_BR_FORWARD_DELAY, 0);
    mnl_attr_put_u8(header, IFLA_BR_MCAST_SNOOPING, 0);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, link);
}

static void make_port(union tun_request *request, const char *name)
{
    begin(request, AF_UNSPEC, if_nametoindex(name));
    mnl_attr_put_u32(&request->header, IFLA_MASTER, if_nametoindex(BRIDGE));
}

static void forbid_learning(union tun_request *request, const char *name)
{
    struct nlattr *port;

    begin(request, AF_BRIDGE, if_nametoindex(name));
    port = mnl_attr_nest_start(&request->header, IFLA_PROTINFO);
    mnl_attr_put_u8(&request->header, IFLA_BRPORT_LEARNING, 0);
    mnl_attr_nest_end(&request->header, port);
}

static int add_port(struct tun_link *link, const char *name)
{
    union tun_request request;
    int error;

    make_port(&request, name);
    error = tun_link_change(link, &request);
    if (error != 0)
        return error;
    forbid_learning(&request, name);
    return tun_link_change(link, &request);
}

static int add_all(struct tun_link *link, const char *from, const char *to)
{
    union tun_request request;
    int error;

    make_bridge(&request);
    error = tun_link_change(link, &request);
    if (error == 0)
        error = add_port(link, from);
    return error != 0 ? error : add_port(link, to);
}

static bool ask_filter(char why[WHY_LEN])
{
    return kernel_file_write("/proc/sys/net/bridge/bridge-nf-call-iptables",
                             "1", why) &&
           kernel_file_write("/proc/sys/net/bridge/bridge-nf-call-ip6tables",
                             "1", why);
}

bool kernel_bridge(const char *from, const char *to, char why[WHY_LEN])
{
    struct tun_link link;
    int error;

    if (!kernel_silence(why))
        return false;
    error = tun_link_open(&link, &tun_system_linux);
    if (error == 0)
        error = add_all(&link, from, to);
    tun_link_close(&link);
    errno = error;
    return (error == 0 || kernel_lacks(why, "a bridge (module bridge)")) &&
           ask_filter(why);
}
