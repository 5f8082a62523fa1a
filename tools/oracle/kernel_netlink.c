/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the kernel by netlink: to redirect a device's packets to
 * another device before any protocol looks at them, and to give a device's
 * queue a length, which root of a namespace may not set by ioctl(2). The files
 * of the TUN backend that send the messages are compiled into the oracle, too,
 * since the library hides their names.
 */
#include "kernel_private.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "tun/link.h"
#include "tun/redirect.h"

bool kernel_redirect(const char *from, const char *to, char why[WHY_LEN])
{
    struct tun_link link;
    int error = tun_link_open(&link, &tun_system_linux);

    if (error == 0)
        error = tun_redirect(&link, (int)if_nametoindex(from),
                             (int)if_nametoindex(to));
    tun_link_close(&link);
    errno = error;
    return error == 0 ||
           kernel_lacks(why, "redirecting packets "
                             "(modules sch_ingress, cls_bpf and act_mirred)");
}

/* A request to set the length of the queue of device `index`. */
static void make_request(union tun_request *request, int index, uint32_t length)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct ifinfomsg *info;

    header->nlmsg_type = RTM_NEWLINK;
    info = mnl_nlmsg_put_extra_header(header, sizeof *info);
    info->ifi_index = index;
    mnl_attr_put_u32(header, IFLA_TXQLEN, length);
}

bool kernel_queue_set(const char *device, uint32_t length)
{
    union tun_request request;
    struct tun_link link;
    int error = tun_link_open(&link, &tun_system_linux);

    make_request(&request, (int)if_nametoindex(device), length);
    if (error == 0)
        error = tun_link_change(&link, &request);
    tun_link_close(&link);
    errno = error;
    return error == 0;
}
