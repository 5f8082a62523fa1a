/* SPDX-License-Identifier: MIT */
/* outputs.c: the checksum of a rewritten IPv4 header is right. */
#include "../outputs.c"
#include "ip_model.h"

/* The sum of the words of the header but its length and its checksum. */
static uint32_t sum_of_rest(struct bytes ip)
{
    uint32_t sum = 0;

    for (uint32_t at = 0; at < IP4_HEADER; at += 2)
        if (at != IP4_TOTAL_LENGTH && at != IP4_CHECKSUM)
            sum += bytes_be16(ip, at);
    return sum;
}

/* SPEC.md's fold(), for sums of up to 65536 words. */
static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/* Whether its length and its checksum are 0xffff. */
static bool is_all_ones(struct bytes ip)
{
    return bytes_be16(ip, IP4_TOTAL_LENGTH) == 0xffff &&
           bytes_be16(ip, IP4_CHECKSUM) == 0xffff;
}

/*
 * GRO-OUT-002: where the received checksum is right, the incremental update
 * gives the checksum that a full computation gives; also for both zeros. No
 * other field changes.
 */
void proof_ip4_checksum(void)
{
    uint8_t header[IP4_HEADER];
    uint8_t written[IP4_HEADER];
    const struct bytes ip = {header, IP4_HEADER};
    const struct bytes out = {written, IP4_HEADER};
    const uint32_t total = nondet_u32();
    const uint32_t at = nondet_u32();
    const uint32_t rest = sum_of_rest(ip);

    ASSUME(header[IP4_VERSION_IHL] == 0x45); /* so that its sum is not 0 */
    ASSUME(fold(rest + bytes_be16(ip, IP4_TOTAL_LENGTH) +
                bytes_be16(ip, IP4_CHECKSUM)) == 0xffff);
    const uint16_t field = total <= UINT16_MAX ? (uint16_t)total : 0;

    ASSUME(total >= IP4_HEADER && total <= GROVE_MAX_BYTES);
    memcpy(written, header, IP4_HEADER);
    rewrite_ip4((struct buffer){written, IP4_HEADER}, total);

    ASSUME(at < IP4_HEADER && at != IP4_TOTAL_LENGTH &&
           at != IP4_TOTAL_LENGTH + 1 && at != IP4_CHECKSUM &&
           at != IP4_CHECKSUM + 1);
    PROVE(written[at] == header[at]);
    PROVE(bytes_be16(out, IP4_TOTAL_LENGTH) == field);
    /* GRO-OUT-013: all words that change are 0xffff, and become 0. */
    PROVE(bytes_be16(out, IP4_CHECKSUM) ==
          (is_all_ones(ip) && field == 0 ? 0xffff
                                         : (uint16_t)~fold(rest + field)));
    REACHES(is_all_ones(ip) && field == 0);
    REACHES(bytes_be16(out, IP4_CHECKSUM) == 0);
    REACHES(bytes_be16(ip, IP4_CHECKSUM) == 0xffff);
}
