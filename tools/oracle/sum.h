/* SPDX-License-Identifier: MIT */
/*
 * Checksums, for tools and fuzz targets: an implementation that is separate
 * from that of the library, which is tested. Nothing outside of the packet is
 * read.
 */
#ifndef GROVE_TOOLS_SUM_H
#define GROVE_TOOLS_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* The sum of the 16-bit words of the bytes, and a sum folded to 16 bits. */
uint32_t words_sum(const uint8_t *bytes, size_t len);
uint32_t words_fold(uint64_t sum);

/* The sum of the pseudo-header of a packet with TCP or UDP (at->body). */
uint32_t pseudo_sum(const struct layout *at, const uint8_t *packet, size_t len);

/* The word that makes the sum of all that an L4 checksum covers 0xffff. */
uint32_t l4_missing(const struct layout *at, const uint8_t *packet, size_t len);

/* True if the sum is right, even if the packet has no checksum field. */
bool ip_checksum_is_right(const uint8_t *packet, size_t len);
bool l4_checksum_is_right(const uint8_t *packet, size_t len);

#endif
