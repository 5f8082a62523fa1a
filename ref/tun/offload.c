/* SPDX-License-Identifier: MIT */
#include "tun/offload.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "grove/tun.h"

/* Since Linux 6.2; older headers do not have them. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/* Since Linux 6.17. */
#ifndef TUN_F_UDP_TUNNEL_GSO
#define TUN_F_UDP_TUNNEL_GSO      0x080
#define TUN_F_UDP_TUNNEL_GSO_CSUM 0x100
#endif

/* The order in which they are tried: some need others above them. */
static const struct {
    uint32_t bit;
    unsigned long mask;
} steps[] = {
    {GROVE_TUN_CSUM, TUN_F_CSUM},
    {GROVE_TUN_TSO4, TUN_F_TSO4},
    {GROVE_TUN_TSO6, TUN_F_TSO6},
    {GROVE_TUN_TSO_ECN, TUN_F_TSO_ECN},
    {GROVE_TUN_USO, TUN_F_USO4 | TUN_F_USO6},
    {GROVE_TUN_TUNNEL, TUN_F_UDP_TUNNEL_GSO | TUN_F_UDP_TUNNEL_GSO_CSUM},
};

int tun_take_offloads(const struct tun_system *system, int fd, bool tunnel,
                      uint32_t *offloads)
{
    const uint32_t wanted = tunnel ? UINT32_MAX : ~GROVE_TUN_TUNNEL;
    unsigned long taken = 0;

    *offloads = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const unsigned long more = taken | steps[i].mask;

        if ((wanted & steps[i].bit) == 0)
            continue;
        if (system->ioctl(fd, TUNSETOFFLOAD, tun_value(more)) == 0) {
            taken = more;
            *offloads |= steps[i].bit;
        } else if (errno != EINVAL) {
            return errno;
        }
    }
    return 0;
}

uint32_t tun_capable(uint32_t offloads)
{
    const uint32_t tcp =
        GROVE_TUN_CSUM | GROVE_TUN_TSO4 | GROVE_TUN_TSO6 | GROVE_TUN_TSO_ECN;
    const uint32_t udp = GROVE_TUN_CSUM | GROVE_TUN_USO;
    uint32_t capable = 0;

    if ((offloads & tcp) == tcp)
        capable |= GROVE_TUN_TCP;
    if ((offloads & udp) == udp)
        capable |= GROVE_TUN_UDP;
    return capable;
}
