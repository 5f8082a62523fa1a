/* SPDX-License-Identifier: MIT */
/*
 * The longest super-packet that a device coalesces, which is set by netlink. A
 * kernel ignores an attribute that it does not know, so the limits are read
 * back.
 */
#include "kernel_private.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* Linux 6.3 has added it; the headers of older kernels lack it. */
enum { GRO_IPV4_MAX_SIZE = 64 };

/* Room for a request, and for what the kernel tells of a device. */
#define MESSAGE_LEN 16384

/* Bytes that a super-packet stays below: of IPv6, and of IPv4. 0: not told. */
struct limits {
    uint32_t ip6;
    uint32_t ip4;
};

static int read_attribute(const struct nlattr *attribute, void *argument)
{
    struct limits *limits = argument;

    if (mnl_attr_get_type(attribute) == IFLA_GRO_MAX_SIZE)
        limits->ip6 = mnl_attr_get_u32(attribute);
    if (mnl_attr_get_type(attribute) == GRO_IPV4_MAX_SIZE)
        limits->ip4 = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int read_message(const struct nlmsghdr *header, void *limits)
{
    return mnl_attr_parse(header, sizeof(struct ifinfomsg), read_attribute,
                          limits);
}

/* Begins a request about device `index`. */
static struct nlmsghdr *begin(void *message, uint16_t type, int index)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(message);
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof *info);

    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    info->ifi_index = index;
    return header;
}

/* Sends a request, and reads answers up to its acknowledgement. */
static bool exchange(struct mnl_socket *socket, struct nlmsghdr *header,
                     struct limits *limits)
{
    const unsigned port = mnl_socket_get_portid(socket);
    int more = MNL_CB_OK;

    if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
        return false;
    while (more > MNL_CB_STOP) {
        ssize_t len = mnl_socket_recvfrom(socket, header, MESSAGE_LEN);

        if (len < 0)
            return false;
        more = mnl_cb_run(header, (size_t)len, 0, port, read_message, limits);
    }
    return more == MNL_CB_STOP;
}

static bool change(struct mnl_socket *socket, int index, uint32_t limit)
{
    _Alignas(struct nlmsghdr) char message[MESSAGE_LEN];
    struct nlmsghdr *header = begin(message, RTM_NEWLINK, index);
    struct limits ignored;

    mnl_attr_put_u32(header, IFLA_GRO_MAX_SIZE, limit);
    mnl_attr_put_u32(header, GRO_IPV4_MAX_SIZE, limit);
    return exchange(socket, header, &ignored);
}

/* Whether the device has the limit: for IPv4, if the kernel has one for it. */
static bool has(struct mnl_socket *socket, int index, uint32_t limit)
{
    _Alignas(struct nlmsghdr) char message[MESSAGE_LEN];
    struct nlmsghdr *header = begin(message, RTM_GETLINK, index);
    struct limits limits = {0};

    if (!exchange(socket, header, &limits))
        return false;
    errno = EOPNOTSUPP;
    return limits.ip6 == limit && (limits.ip4 == 0 || limits.ip4 == limit);
}

bool kernel_bytes_set(const char *device, uint32_t max_bytes)
{
    const int index = (int)if_nametoindex(device);
    const uint32_t limit = max_bytes + 1;
    struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
    bool set;

    if (socket == NULL)
        return false;
    set = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
          change(socket, index, limit) && has(socket, index, limit);
    (void)mnl_socket_close(socket);
    return set;
}
