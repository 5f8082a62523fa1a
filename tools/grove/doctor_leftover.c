/* SPDX-License-Identifier: MIT */
/*
 * What a killed process leaves on a persistent TUN device: the next program
 * that reads it is given super-packets and checksums that are not computed,
 * whether it supports them or not. grove_tun_close() puts that back, but a
 * killed process does not get there.
 */
#include "doctor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grove.h"
#include "grove/tun.h"

/* A TUN device of this namespace. */
struct device {
    char name[IFNAMSIZ];
    bool tun; /* of the driver, and in mode tun */
    bool persistent;
    bool multi_queue;
    bool attached; /* a program has it open */
};

static int read_tun_flag(const struct nlattr *attribute, void *data)
{
    struct device *device = data;

    switch (mnl_attr_get_type(attribute)) {
    case IFLA_TUN_TYPE:
        device->tun = mnl_attr_get_u8(attribute) == IFF_TUN;
        break;
    case IFLA_TUN_PERSIST:
        device->persistent = mnl_attr_get_u8(attribute) != 0;
        break;
    case IFLA_TUN_MULTI_QUEUE:
        device->multi_queue = mnl_attr_get_u8(attribute) != 0;
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static int read_kind(const struct nlattr *attribute, void *data)
{
    if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
        mnl_attr_parse_nested(attribute, read_tun_flag, data);
    return MNL_CB_OK;
}

static int read_attribute(const struct nlattr *attribute, void *data)
{
    struct device *device = data;

    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        snprintf(device->name, sizeof device->name, "%s",
                 mnl_attr_get_str(attribute));
        break;
    case IFLA_CARRIER:
        device->attached = mnl_attr_get_u8(attribute) != 0;
        break;
    case IFLA_LINKINFO:
        mnl_attr_parse_nested(attribute, read_kind, device);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static bool get_value(int fd, const char *name, uint32_t command)
{
    struct ethtool_value value = {.cmd = command};
    struct ifreq request = {.ifr_data = (void *)&value};

    memcpy(request.ifr_name, name, IFNAMSIZ);
    return ioctl(fd, SIOCETHTOOL, &request) == 0 && value.data != 0;
}

/* Whether its next reader gets super-packets, or checksums to compute. */
static bool has_mask(const char *name)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool has = fd >= 0 && (get_value(fd, name, ETHTOOL_GTSO) ||
                                 get_value(fd, name, ETHTOOL_GTXCSUM));

    if (fd >= 0)
        close(fd);
    return has;
}

static bool is_leftover(const struct device *device)
{
    return device->tun && device->persistent && !device->attached &&
           has_mask(device->name);
}

/* What the devices of the namespace are looked through for. */
struct search {
    const char *name;    /* NULL: any leftover */
    struct device found; /* the first one */
    size_t count;        /* of all */
};

static int look_at(const struct nlmsghdr *message, void *data)
{
    struct search *search = data;
    struct device device = {.tun = false};

    mnl_attr_parse(message, sizeof(struct ifinfomsg), read_attribute, &device);
    if (search->name != NULL ? strcmp(device.name, search->name) != 0
                             : !is_leftover(&device))
        return MNL_CB_OK;
    if (search->count++ == 0)
        search->found = device;
    return MNL_CB_OK;
}

/* Asks for all devices of the namespace. False and errno. */
static bool ask_devices(struct mnl_socket *socket, struct search *search)
{
    char buffer[32768];
    struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
    ssize_t len;
    int more = MNL_CB_OK;

    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0 ||
        mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
        return false;
    while (more == MNL_CB_OK) {
        len = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
        more = len < 0 ? MNL_CB_ERROR
                       : mnl_cb_run(buffer, (size_t)len, 0, 0, look_at, search);
    }
    return more == MNL_CB_STOP;
}

static bool search_devices(struct search *search)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    const bool good = socket != NULL && ask_devices(socket, search);

    if (socket != NULL)
        mnl_socket_close(socket);
    return good;
}

void check_leftovers(struct doctor *doctor, struct checked *checked)
{
    struct search search = {.name = NULL};
    char remedy[sizeof checked->remedy];

    (void)doctor;
    if (!search_devices(&search)) {
        check_fails(checked, "see the errno", "no devices are listed: %s",
                    strerror(errno));
        return;
    }
    if (search.count == 0) {
        check_works(checked, "no device has offloads that nobody asked for");
        return;
    }
    snprintf(remedy, sizeof remedy, "run `grove doctor --mend %s` as root",
             search.found.name);
    check_fails(
        checked, remedy,
        "%zu persistent device%s, as %s, still give%s the super-packets "
        "that a killed program asked for",
        search.count, search.count == 1 ? "" : "s", search.found.name,
        search.count == 1 ? "s" : "");
}

/* Opening sets an empty mask, and closing leaves it so. */
static int switch_off(const struct device *device)
{
    const struct grove_tun_config config = {.name = device->name,
                                            .queues =
                                                device->multi_queue ? 1 : 0,
                                            .no_offload = true};
    struct grove_tun *tun;
    struct grove_tun_error error;

    if (!grove_tun_open(&config, &tun, &error)) {
        complain("--mend %s: %s: %s; %s", device->name,
                 grove_tun_step_words(error.step),
                 grove_tun_cause_words(error.cause),
                 grove_tun_remedy_words(error.cause));
        return grove_tun_cause_is_rights(error.cause) ? GROVE_EXIT_SKIPPED
                                                      : GROVE_EXIT_USAGE;
    }
    grove_tun_close(tun);
    if (!has_mask(device->name)) {
        printf("%s: its offloads are off now\n", device->name);
        return GROVE_EXIT_HOLDS;
    }
    complain("--mend %s: it still has offloads; delete the device",
             device->name);
    return GROVE_EXIT_DIFFERS;
}

int doctor_mend(const char *name)
{
    struct search search = {.name = name};

    if (!search_devices(&search) || search.count == 0 || !search.found.tun) {
        complain("--mend %s: no TUN device has this name; `grove doctor` names "
                 "those that need it",
                 name);
        return GROVE_EXIT_USAGE;
    }
    if (search.found.attached) {
        complain("--mend %s: a program has it open; stop that program first",
                 name);
        return GROVE_EXIT_USAGE;
    }
    if (has_mask(name))
        return switch_off(&search.found);
    printf("%s: it has nothing to mend\n", name);
    return GROVE_EXIT_HOLDS;
}
