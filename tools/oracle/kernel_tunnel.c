/* SPDX-License-Identifier: MIT */
/*
 * The ends of tunnels. A kernel coalesces IP in IP and GRE wherever they go. A
 * tunnel over UDP is coalesced only if a device of its kind listens at the
 * port. Such a device is made for every address, without a remote end.
 */
#include "kernel_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tun/link.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* An attribute of such a device, whose value is a byte or nothing. */
struct attribute {
    uint16_t type; /* 0: there is none */
    uint16_t len;
    uint8_t value;
};

/* How a device of the tunnel is made. */
struct kind {
    const char *name;
    uint16_t port;                 /* the attribute of the port */
    struct attribute attribute[3]; /* the first: a packet names its other end */
};

static const struct kind kinds[] = {
    [GROVE_TUNNEL_VXLAN] = {"vxlan",
                            IFLA_VXLAN_PORT,
                            {{IFLA_VXLAN_COLLECT_METADATA, 1, 1},
                             {IFLA_VXLAN_LEARNING, 1, 0}}},
    [GROVE_TUNNEL_VXLAN_GPE] = {"vxlan",
                                IFLA_VXLAN_PORT,
                                {{IFLA_VXLAN_COLLECT_METADATA, 1, 1},
                                 {IFLA_VXLAN_LEARNING, 1, 0},
                                 {IFLA_VXLAN_GPE, 0, 0}}},
    [GROVE_TUNNEL_GENEVE] = {"geneve",
                             IFLA_GENEVE_PORT,
                             {{IFLA_GENEVE_COLLECT_METADATA, 0, 0}}},
};

/* NULL: the tunnel needs no device. */
static const struct kind *kind_of(const struct grove_tunnel *tunnel)
{
    const struct kind *kind = &kinds[tunnel->protocol];

    return tunnel->port != 0 ? kind : NULL;
}

static void put_attributes(struct nlmsghdr *header, const struct kind *kind,
                           uint16_t port)
{
    struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO);
    struct nlattr *data;

    mnl_attr_put_strz(header, IFLA_INFO_KIND, kind->name);
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    mnl_attr_put_u16(header, kind->port, htons(port));
    for (size_t i = 0; i < COUNT(kind->attribute); i++)
        if (kind->attribute[i].type != 0)
            mnl_attr_put(header, kind->attribute[i].type,
                         kind->attribute[i].len, &kind->attribute[i].value);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, info);
}

/* A request for a device that is up. */
static void make_request(union tun_request *request,
                         const struct grove_tunnel *tunnel)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct ifinfomsg *info;
    char name[IFNAMSIZ];

    header->nlmsg_type = RTM_NEWLINK;
    header->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    info = mnl_nlmsg_put_extra_header(header, sizeof *info);
    info->ifi_flags = info->ifi_change = IFF_UP;
    snprintf(name, sizeof name, "t%u", tunnel->port);
    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    put_attributes(header, kind_of(tunnel), tunnel->port);
}

/* Whether a socket of the kernel listens at the port, for this family. */
static bool is_taken(int family, uint16_t port)
{
    const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in ip4 = {.sin_family = AF_INET,
                                    .sin_port = htons(port)};
    const struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6,
                                     .sin6_port = htons(port)};
    const int on = 1;
    bool taken;

    if (fd < 0)
        return errno == EAFNOSUPPORT;
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    taken = (family == AF_INET
                 ? bind(fd, (const struct sockaddr *)&ip4, sizeof ip4)
                 : bind(fd, (const struct sockaddr *)&ip6, sizeof ip6)) != 0 &&
            errno == EADDRINUSE;
    close(fd);
    return taken;
}

static bool make_end(struct tun_link *link, const struct grove_tunnel *tunnel,
                     char why[WHY_LEN])
{
    const char *name = kind_of(tunnel)->name;
    union tun_request request;

    make_request(&request, tunnel);
    errno = tun_link_change(link, &request);
    if (errno != 0)
        return kernel_lacks(why, "a %s device with port %u (module %s)", name,
                            tunnel->port, name);
    if (is_taken(AF_INET, tunnel->port) && is_taken(AF_INET6, tunnel->port))
        return true;
    errno = 0;
    return kernel_lacks(why, "a %s device that listens at port %u", name,
                        tunnel->port);
}

static bool make_ends(struct tun_link *link, const struct kernel_layers *layers,
                      char why[WHY_LEN])
{
    for (uint32_t i = 0; i < layers->tunnel_count; i++)
        if (kind_of(&layers->tunnels[i]) != NULL &&
            !make_end(link, &layers->tunnels[i], why))
            return false;
    return true;
}

bool kernel_tunnels_make(const struct kernel_layers *layers, char why[WHY_LEN])
{
    struct tun_link link;
    bool made;

    if (layers->tunnel_count == 0)
        return true;
    errno = tun_link_open(&link, &tun_system_linux);
    made = errno == 0 ? make_ends(&link, layers, why)
                      : kernel_lacks(why, "a netlink socket");
    tun_link_close(&link);
    return made;
}
