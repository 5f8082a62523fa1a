/* SPDX-License-Identifier: MIT */
/*
 * segment.c: each segment of any valid splitter consists of readable bytes, and
 * the splitter stays valid.
 */
#include "bytes_model.h"

#include "../segment.c"
#include "ip_model.h"

/* Any sum of readable bytes, with a copy into writable ones. */
static uint16_t any_copy(uint8_t *to, const uint8_t *data, size_t len)
{
    PROVE(len == 0 || __CPROVER_w_ok(to, len));
    return any_sum(data, len);
}

/* Any valid splitter, at any of its segments. */
static void any_split(struct grove_split *split)
{
    split->input.bytes = any_packet_bytes();
    split->sum = any_sum;
    split->copy = any_copy;
    ASSUME(split_is_valid(split));
    /* count is payload / gso_size, rounded up: measure() in split.c */
    const uint32_t gso_size = split->input.vnet.gso_size;

    ASSUME(!split->input.gso || split->next == split->count ||
           split->next * gso_size < split->input.bytes.len - split->payload);
    if (split->input.gso && split->count != 0)
        segment_begin(split);
}

void proof_segment(void)
{
    struct grove_split split;
    struct grove_segment segment;
    uint32_t len = 0;

    any_split(&split);
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

/* The same into memory of the caller, which is not written if it is small. */
void proof_segment_copy(void)
{
    const uint32_t size = nondet_u32();
    uint8_t vnet[GROVE_VNET_LEN];
    struct grove_split split;

    ASSUME(size <= GROVE_MAX_PACKET_LEN);
    uint8_t *data = malloc(size);

    any_split(&split);
    const uint32_t left = split.count - split.next;
    const uint32_t len =
        grove_split_copy(&split, data, size, nondet_bool() ? vnet : NULL);

    PROVE(split_is_valid(&split));
    PROVE((len == 0) == (left == 0));
    PROVE((split.count - split.next) ==
          (len == 0 || len > size ? left : left - 1));
    REACHES(len > size);
    REACHES(split.next > 100 && size == len);
}
