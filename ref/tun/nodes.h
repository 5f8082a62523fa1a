/* SPDX-License-Identifier: MIT */
/* The descriptors of a device: adopted, or opened and attached. */
#ifndef GROVE_TUN_NODES_H
#define GROVE_TUN_NODES_H

#include "tun/opening.h"

/* Takes over the caller's descriptors, if the configuration has some. */
tun_part tun_adopt;

/* Opens a netlink socket and the nodes, in the device's network namespace. */
tun_part tun_open_nodes;

/* Attaches each node to the device, and creates that if it is not there. */
tun_part tun_attach;

#endif
