/* SPDX-License-Identifier: MIT */
/* The speed of DPDK, which verifies and writes no checksum. */
#ifndef GROVE_PEERS_DPDK_SPEED_H
#define GROVE_PEERS_DPDK_SPEED_H

#include "frame.h"

/* Answers orders to measure, on stdin and stdout. False: one is wrong. */
bool speed_serve(const struct frames *frames);

#endif
