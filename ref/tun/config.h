/* SPDX-License-Identifier: MIT */
/* Checks of a configuration, before anything is opened. */
#ifndef GROVE_TUN_CONFIG_H
#define GROVE_TUN_CONFIG_H

#include "grove/tun.h"

/* RFC 8200: the smallest MTU of IPv6, in bytes. */
enum { TUN_IP6_MIN_MTU = 1280 };

/* What is wrong with a configuration; GROVE_TUN_CAUSE_UNKNOWN: nothing. */
enum grove_tun_cause tun_config_check(const struct grove_tun_config *config);

/* How many descriptors the device will have. */
size_t tun_config_queues(const struct grove_tun_config *config);

/* Whether super-packets in tunnels are exchanged, which need long headers. */
bool tun_config_wants_tunnels(const struct grove_tun_config *config);

/* Whether it sets the MTU, addresses or the state. */
bool tun_config_sets_link(const struct grove_tun_config *config);

#endif
