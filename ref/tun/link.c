/* SPDX-License-Identifier: MIT */
#include "tun/link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes of the longest answer about a device. */
enum { ANSWER_MAX = 16384 };

union answer {
    struct nlmsghdr header;
    uint8_t bytes[ANSWER_MAX];
};

int tun_link_open(struct tun_link *link, const struct tun_system *system)
{
    *link = (struct tun_link){.system = system};
    link->fd =
        system->socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return link->fd < 0 ? errno : 0;
}

void tun_link_close(struct tun_link *link)
{
    if (link->fd >= 0)
        link->system->close(link->fd);
    link->fd = -1;
}

static int send_request(struct tun_link *link, union tun_request *request)
{
    const uint32_t len = request->header.nlmsg_len;
    ssize_t sent;

    request->header.nlmsg_seq = ++link->sequence;
    sent = link->system->send(link->fd, request, len, 0);
    if (sent < 0)
        return errno;
    return (size_t)sent == len ? 0 : EPROTO;
}

/* The errno in an answer of type NLMSG_ERROR; 0: an acknowledgement. */
static int error_of(const struct nlmsghdr *header)
{
    const struct nlmsgerr *told = mnl_nlmsg_get_payload(header);

    if (mnl_nlmsg_get_payload_len(header) < sizeof *told || told->error > 0 ||
        told->error < -INT_MAX)
        return EPROTO;
    return -told->error;
}

/* Receives the answer, which must have this type. */
static int receive_answer(struct tun_link *link, union answer *answer,
                          uint16_t type)
{
    /* With MSG_TRUNC the result is the length of the whole answer. */
    const ssize_t len =
        link->system->recv(link->fd, answer, sizeof *answer, MSG_TRUNC);
    const struct nlmsghdr *header = &answer->header;

    if (len < 0)
        return errno;
    /* mnl_nlmsg_ok() may take a length of 2^31 and more for a negative one. */
    if ((size_t)len > sizeof *answer || !mnl_nlmsg_ok(header, (int)len) ||
        header->nlmsg_len > (size_t)len || header->nlmsg_seq != link->sequence)
        return EPROTO;
    if (header->nlmsg_type == NLMSG_ERROR && error_of(header) != 0)
        return error_of(header);
    return header->nlmsg_type == type ? 0 : EPROTO;
}

int tun_link_change(struct tun_link *link, union tun_request *request)
{
    union answer answer;
    int error;

    request->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    error = send_request(link, request);
    return error != 0 ? error : receive_answer(link, &answer, NLMSG_ERROR);
}

/* Begins a request about device `index`; 0: the request has its name. */
static struct ifinfomsg *begin_link(union tun_request *request, uint16_t type,
                                    int index)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct ifinfomsg *info;

    header->nlmsg_type = type;
    info = mnl_nlmsg_put_extra_header(header, sizeof *info);
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = index;
    return info;
}

/* The nested attributes of a device, the innermost first. */

static int read_tun(const struct nlattr *attribute, void *argument)
{
    struct tun_link_state *state = argument;
    const uint16_t type = mnl_attr_get_type(attribute);

    if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0) {
        if (type == IFLA_TUN_NUM_QUEUES || type == IFLA_TUN_NUM_DISABLED_QUEUES)
            state->queues += mnl_attr_get_u32(attribute);
    } else if (mnl_attr_validate(attribute, MNL_TYPE_U8) == 0) {
        const uint8_t value = mnl_attr_get_u8(attribute);

        if (type == IFLA_TUN_TYPE)
            state->type = value;
        if (type == IFLA_TUN_PI)
            state->pi = value != 0;
        if (type == IFLA_TUN_MULTI_QUEUE)
            state->multi_queue = value != 0;
    }
    return MNL_CB_OK;
}

/* Other drivers have attributes of the same numbers. The kind comes first. */
static int read_kind(const struct nlattr *attribute, void *argument)
{
    struct tun_link_state *state = argument;
    const uint16_t type = mnl_attr_get_type(attribute);

    if (type == IFLA_INFO_KIND &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
        state->tun = strcmp(mnl_attr_get_str(attribute), "tun") == 0;
    if (type == IFLA_INFO_DATA && state->tun)
        mnl_attr_parse_nested(attribute, read_tun, state);
    return MNL_CB_OK;
}

static int read_link(const struct nlattr *attribute, void *state)
{
    if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
        mnl_attr_parse_nested(attribute, read_kind, state);
    if (mnl_attr_get_type(attribute) == IFLA_MTU &&
        mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
        ((struct tun_link_state *)state)->mtu = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static int read_state(const union answer *answer, struct tun_link_state *state)
{
    const struct nlmsghdr *header = &answer->header;
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);

    if (mnl_nlmsg_get_payload_len(header) < sizeof *info)
        return EPROTO;
    *state = (struct tun_link_state){
        .index = info->ifi_index,
        .up = (info->ifi_flags & IFF_UP) != 0,
    };
    mnl_attr_parse(header, sizeof *info, read_link, state);
    return state->mtu != 0 ? 0 : EPROTO;
}

/* Asks for a device, and reads its state from the answer. */
static int ask(struct tun_link *link, union tun_request *request,
               struct tun_link_state *state)
{
    union answer answer;
    int error;

    request->header.nlmsg_flags |= NLM_F_REQUEST;
    error = send_request(link, request);
    if (error == 0)
        error = receive_answer(link, &answer, RTM_NEWLINK);
    return error != 0 ? error : read_state(&answer, state);
}

int tun_link_find(struct tun_link *link, const char *name,
                  struct tun_link_state *state)
{
    union tun_request request;

    begin_link(&request, RTM_GETLINK, 0);
    mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
    return ask(link, &request, state);
}

int tun_link_read(struct tun_link *link, int index,
                  struct tun_link_state *state)
{
    union tun_request request;

    begin_link(&request, RTM_GETLINK, index);
    return ask(link, &request, state);
}

int tun_link_set_mtu(struct tun_link *link, int index, uint32_t mtu)
{
    union tun_request request;

    begin_link(&request, RTM_SETLINK, index);
    mnl_attr_put_u32(&request.header, IFLA_MTU, mtu);
    return tun_link_change(link, &request);
}

int tun_link_set_up(struct tun_link *link, int index, bool up)
{
    union tun_request request;
    struct ifinfomsg *info = begin_link(&request, RTM_SETLINK, index);

    info->ifi_change = IFF_UP;
    info->ifi_flags = up ? IFF_UP : 0;
    return tun_link_change(link, &request);
}

/* Begins a request about an address of device `index`. */
static void begin_address(union tun_request *request, uint16_t type, int index,
                          const struct grove_tun_address *address)
{
    const size_t len = address->family == AF_INET ? 4 : 16;
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct ifaddrmsg *info;

    header->nlmsg_type = type;
    info = mnl_nlmsg_put_extra_header(header, sizeof *info);
    info->ifa_family = (uint8_t)address->family;
    info->ifa_prefixlen = address->prefix;
    info->ifa_index = (uint32_t)index;
    /* There is no other host on the link that could have the same address. */
    if (address->family == AF_INET6)
        info->ifa_flags = IFA_F_NODAD;
    mnl_attr_put(header, IFA_LOCAL, len, address->bytes);
    mnl_attr_put(header, IFA_ADDRESS, len, address->bytes);
}

int tun_link_add_address(struct tun_link *link, int index,
                         const struct grove_tun_address *address)
{
    union tun_request request;

    begin_address(&request, RTM_NEWADDR, index, address);
    request.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
    return tun_link_change(link, &request);
}

int tun_link_delete_address(struct tun_link *link, int index,
                            const struct grove_tun_address *address)
{
    union tun_request request;

    begin_address(&request, RTM_DELADDR, index, address);
    return tun_link_change(link, &request);
}

int tun_link_find_route(struct tun_link *link,
                        const struct grove_tun_address *address)
{
    union tun_request request;
    struct nlmsghdr *header = mnl_nlmsg_put_header(&request);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof *route);
    union answer answer;
    int error;

    header->nlmsg_type = RTM_GETROUTE;
    header->nlmsg_flags = NLM_F_REQUEST;
    route->rtm_family = AF_INET6;
    route->rtm_dst_len = 8 * sizeof address->bytes;
    mnl_attr_put(header, RTA_DST, sizeof address->bytes, address->bytes);
    error = send_request(link, &request);
    if (error == 0)
        error = receive_answer(link, &answer, RTM_NEWROUTE);
    if (error != 0)
        return error;
    if (mnl_nlmsg_get_payload_len(&answer.header) < sizeof *route)
        return EPROTO;
    route = mnl_nlmsg_get_payload(&answer.header);
    return route->rtm_type == RTN_LOCAL ? 0 : ENETUNREACH;
}
