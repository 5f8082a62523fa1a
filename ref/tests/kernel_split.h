/* SPDX-License-Identifier: MIT */
/*
 * What a kernel makes of a super-packet, for the outputs of lossless mode: a
 * second opinion, which shares nothing with the library.
 */
#ifndef GROVE_TEST_KERNEL_SPLIT_H
#define GROVE_TEST_KERNEL_SPLIT_H

#include <stdint.h>

#include "packets.h"

/* How many packets `output` is split into. */
uint32_t segments_of_output(const struct grove_output *output);

/* The packet `number` of them; freed by wires_release(). */
struct wire split_packet(const struct grove_output *output, uint32_t number);

#endif
