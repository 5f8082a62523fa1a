/* SPDX-License-Identifier: MIT */
/*
 * Lengths and checksums put right in a packet of any bytes. What a packet does
 * not have is not mended, and nothing outside of it is read or written.
 */
#ifndef GROVE_FUZZ_MEND_H
#define GROVE_FUZZ_MEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

/* The sum of the 16-bit words of these bytes, and any such sum in 16 bits. */
uint32_t words_sum(const uint8_t *bytes, size_t len);
uint32_t words_fold(uint64_t sum);

/*
 * Makes the headers of a packet of `payload` bytes those of the packet that
 * follows in its flow: IPv4's identification, TCP's sequence number.
 */
void headers_advance(uint8_t *headers, size_t len, size_t payload);

/* total_length or payload_length, and UDP's length, all mod 2^16. */
void mend_lengths(uint8_t *packet, size_t len);

/* The IPv4 header's checksum; or, with that as it is, its identification. */
void mend_ip_checksum(uint8_t *packet, size_t len);
void mend_ip_id(uint8_t *packet, size_t len);

/*
 * The checksum of TCP or UDP: right, or the sum of the pseudo-header, as
 * NEEDS_CSUM wants it, or as it is and right by the first two bytes of payload.
 */
void mend_l4_checksum(uint8_t *packet, size_t len);
void mend_l4_partial(uint8_t *packet, size_t len);
void mend_l4_payload(uint8_t *packet, size_t len);

/* Whether all that it covers sums up, be it too short to have a checksum. */
bool ip_checksum_is_right(const uint8_t *packet, size_t len);
bool l4_checksum_is_right(const uint8_t *packet, size_t len);

#endif
