/* SPDX-License-Identifier: MIT */
/*
 * Corrects lengths and checksums in a packet of any bytes. A field that the
 * packet does not have is not mended. Nothing outside of the packet is read or
 * written.
 */
#ifndef GROVE_FUZZ_MEND_H
#define GROVE_FUZZ_MEND_H

#include <stddef.h>
#include <stdint.h>

#include "sum.h"

/*
 * Changes the headers of a packet with `payload` bytes to those of the next
 * packet of its flow: IPv4's identification and TCP's sequence number.
 */
void headers_advance(uint8_t *headers, size_t len, size_t payload);

/* Mends total_length or payload_length, and UDP's length, all mod 2^16. */
void mend_lengths(uint8_t *packet, size_t len);

/* Mends the IPv4 header's checksum, or its identification to match that. */
void mend_ip_checksum(uint8_t *packet, size_t len);
void mend_ip_id(uint8_t *packet, size_t len);

/*
 * Mends the checksum of TCP or UDP: it becomes right, or the sum of the
 * pseudo-header for NEEDS_CSUM, or the first two bytes of payload are changed
 * to match it.
 */
void mend_l4_checksum(uint8_t *packet, size_t len);
void mend_l4_partial(uint8_t *packet, size_t len);
void mend_l4_payload(uint8_t *packet, size_t len);

#endif
