/* SPDX-License-Identifier: MIT */
#include "held.h"

#include "ip.h"

void held_begin(struct held *held, uint32_t number)
{
    const struct packet *first = &held->first;

    held->gso_size = packet_payload_len(first);
    held->total = first->input.bytes.len;
    held->packets = 1;
    held->next_sequence = first->sequence + held->gso_size;
    held->flags = 0;
    held->fixed_id = 0;
    held->pseudo_sum = 0;
    held->first_number = held->last_number = number;
}

uint16_t held_pseudo_sum(struct held *held)
{
    const struct packet *first = &held->first;

    if (held->pseudo_sum == 0)
        held->pseudo_sum = ip_pseudo_sum(packet_network(first), first->version,
                                         first->protocol, packet_l4(first).len);
    return held->pseudo_sum;
}

void held_append(struct held *held, const struct packet *packet,
                 uint32_t number, uint8_t fixed_id)
{
    held_grow(held, packet_payload_len(packet), number);
    held->flags |= packet->flags & (TCP_FIN | TCP_PSH);
    held->fixed_id = fixed_id;
}
