/* SPDX-License-Identifier: MIT */
/*
 * segment.c: each segment of any valid splitter consists of readable bytes, and
 * the splitter stays valid.
 */
#include "../segment.c"
#include "ip_model.h"

grove_sum_fn *grove_sum_fastest(void)
{
    return any_sum;
}

void proof_segment(void)
{
    const struct bytes bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    struct grove_split split;
    struct grove_segment segment;
    uint32_t len = 0;

    split.input.bytes = bytes;
    ASSUME(split_is_valid(&split));
    if (split.input.gso && split.count != 0)
        segment_begin(&split);
    const uint32_t left = split.count - split.next;
    const bool given = grove_split_next(&split, &segment);

    PROVE(split_is_valid(&split));
    PROVE(given == (left != 0));
    if (!given)
        return;
    PROVE(segment.iovcnt >= 1 && segment.iovcnt <= GROVE_SEGMENT_IOVECS);
    PROVE(segment.iov[0].iov_len == GROVE_VNET_LEN);
    for (int i = 0; i < GROVE_SEGMENT_IOVECS; i++)
        if (i < segment.iovcnt) {
            PROVE(__CPROVER_r_ok(segment.iov[i].iov_base,
                                 segment.iov[i].iov_len));
            len += i > 0 ? (uint32_t)segment.iov[i].iov_len : 0;
        }
    PROVE(segment.len == len);
    REACHES(segment.iovcnt == 5);
    REACHES(split.next > 100);
    REACHES(!split.input.gso && segment.iovcnt == 4);
}
