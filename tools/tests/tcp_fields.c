/* SPDX-License-Identifier: MIT */
#include "tcp_fields.h"

struct draft_fields tcp_fields(uint32_t number, uint32_t payload)
{
    return (struct draft_fields){
        .version = 4,
        .protocol = 6,
        .source = {10, 0, 0, 1},
        .destination = {10, 0, 0, 2},
        .hop = 64,
        .id = (uint16_t)number,
        .fragment = 0x4000,
        .source_port = 1000,
        .destination_port = 80,
        .sequence = number * payload,
        .flags = 0x10,
        .window = 1000,
        .payload = payload,
        .payload_fill = (uint8_t)number,
    };
}
