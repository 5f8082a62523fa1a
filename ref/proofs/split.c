/* SPDX-License-Identifier: MIT */
/*
 * split.c: whatever packet is given, a splitter is valid afterwards. Without a
 * segment, *rule says why.
 */
#include "bytes_model.h"

#include "../split.c"
#include "ip_model.h"

/* What input_accept() gives: a valid result for the packet. */
void input_accept(const struct profile *profile, enum grove_link link,
                  uint8_t vnet_len, const struct grove_packet *packet,
                  struct input *input)
{
    struct input any;

    any.bytes = (struct bytes){packet->data, (uint32_t)packet->len};
    any.network = link_len(link);
    ASSUME(input_is_valid(&any));
    *input = any;
}

uint32_t __CPROVER_uninterpreted_count(uint32_t, uint32_t);

/*
 * In the place of split_count(): split-count is about its value. Here it is the
 * same whenever it is asked.
 */
uint32_t any_count(uint32_t payload, uint32_t gso_size)
{
    return __CPROVER_uninterpreted_count(payload, gso_size);
}

void segment_begin(struct grove_split *split)
{
    PROVE(split_is_valid(split));
}

void proof_split(void)
{
    const struct bytes bytes = any_packet_bytes();
    const struct grove_packet given = {bytes.at, bytes.len, NULL};
    struct grove_split split;
    enum grove_rule rule;

    split.profile = any_profile();
    split.link = any_link();
    split.vnet_len = any_vnet_len();
    const enum grove_split_result result =
        grove_split_begin(&split, &given, &rule);

    PROVE(split_is_valid(&split));
    PROVE(result == GROVE_SPLIT_OK || grove_split_left(&split) == 0);
    PROVE((result == GROVE_SPLIT_OK) == (rule == GROVE_RULE_NONE));
    REACHES(split.input.gso && split.input.version == 6);
    REACHES(split.stripped != 0);
    REACHES(split.count == 1);
    REACHES(rule == GROVE_RULE_GSO_PROBE);
    REACHES(result == GROVE_SPLIT_REJECTED);
}
