/* SPDX-License-Identifier: MIT */
#include "packets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Freed by wires_release(), so that a failed assertion does not leak it. */
struct memory {
    struct memory *next;
    uint8_t *data;
};

static struct memory *memories;

uint8_t *wire_memory(uint32_t len)
{
    struct memory *memory = malloc(sizeof *memory);

    assert_non_null(memory);
    memory->data = calloc(1, len ? len : 1);
    assert_non_null(memory->data);
    memory->next = memories;
    memories = memory;
    return memory->data;
}

int wires_release(void **state)
{
    (void)state;
    while (memories != NULL) {
        struct memory *next = memories->next;

        free(memories->data);
        free(memories);
        memories = next;
    }
    return 0;
}

struct fields fields_of(uint8_t version, uint8_t protocol)
{
    struct fields fields = {
        .version = version,
        .protocol = protocol,
        .source = {10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        .destination = {172, 16, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 99, 98, 97, 96},
        .hop = 64,
        .traffic_class = 0x28,
        .id = 1000,
        .fragment = DF,
        .flow_label = 0x54321,
        .source_port = 4711,
        .destination_port = 443,
        .sequence = 1000000,
        .acknowledgment = 77,
        .flags = ACK,
        .window = 501,
        .options = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8},
        .options_len = 12,
        .payload_len = 100,
    };

    return fields;
}

struct fields fields_next(struct fields fields)
{
    fields.id++;
    fields.sequence += fields.payload_len;
    fields.payload = (uint8_t)(fields.payload + fields.payload_len);
    return fields;
}

void fields_extend(struct fields *fields, uint8_t header, uint8_t content)
{
    uint8_t *at = fields->extensions + fields->extensions_len;

    assert_true(fields->extensions_len + 8 <= sizeof fields->extensions);
    if (fields->extensions_len == 0)
        fields->next_header = header;
    else
        at[-8] = header;
    memset(at, content, 8);
    at[0] = fields->protocol;
    at[1] = 0;
    fields->extensions_len += 8;
}

void fields_alias(struct fields *fields)
{
    memcpy(fields->source + 4, fields->destination, 4);
    memset(fields->source + 8, 0, 8);
    memset(fields->destination, 0, 16);
    fields->version = 6;
}

void wire_put8(struct wire wire, uint32_t offset, uint8_t value)
{
    assert_true(offset < wire.len);
    wire.data[offset] = value;
}

void wire_put16(struct wire wire, uint32_t offset, uint16_t value)
{
    wire_put8(wire, offset, (uint8_t)(value >> 8));
    wire_put8(wire, offset + 1, (uint8_t)value);
}

void wire_put32(struct wire wire, uint32_t offset, uint32_t value)
{
    wire_put16(wire, offset, (uint16_t)(value >> 16));
    wire_put16(wire, offset + 2, (uint16_t)value);
}

uint16_t wire_get16(struct wire wire, uint32_t offset)
{
    assert_true(offset + 2 <= wire.len);
    return (uint16_t)(wire.data[offset] << 8 | wire.data[offset + 1]);
}

uint32_t wire_get32(struct wire wire, uint32_t offset)
{
    return (uint32_t)wire_get16(wire, offset) << 16 |
           wire_get16(wire, offset + 2);
}

/* RFC 1071, word by word; `sum` is the sum of the words before. */
static uint16_t add_words(uint32_t sum, const uint8_t *data, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

uint16_t wire_l4_sum(struct wire wire, uint32_t len, int whole)
{
    const uint8_t pseudo[] = {
        (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
        (uint8_t)len,         wire.protocol,
    };
    uint16_t sum;

    sum = wire.version == 4 ? add_words(0, wire.data + 12, 8)
                            : add_words(0, wire.data + 8, 32);
    sum = add_words(sum, pseudo, 4);
    sum = add_words(sum, (uint8_t[]){0, pseudo[4]}, 2);
    return whole ? add_words(sum, wire.data + wire.l4, len) : sum;
}

static uint32_t checksum_field(struct wire wire)
{
    return wire.l4 + (wire.protocol == TCP ? 16 : 6);
}

static void mend_l4(struct wire wire)
{
    uint16_t checksum;

    wire_put16(wire, checksum_field(wire), 0);
    checksum = (uint16_t)~wire_l4_sum(wire, wire.len - wire.l4, 1);
    if (checksum == 0 && wire.protocol == UDP)
        checksum = 0xffff;
    wire_put16(wire, checksum_field(wire), checksum);
}

static void mend_ip(struct wire wire)
{
    const uint32_t len = (uint32_t)(wire.data[0] & 0x0f) * 4;

    wire_put16(wire, 10, 0);
    wire_put16(wire, 10, (uint16_t)~add_words(0, wire.data, len));
}

void wire_mend(struct wire wire)
{
    if (wire.version == 4)
        mend_ip(wire);
    mend_l4(wire);
}

void wire_odd_l4_checksum(struct wire wire)
{
    const uint32_t payload =
        wire.l4 + (wire.protocol == TCP
                       ? (uint32_t)(wire.data[wire.l4 + 12] >> 4) * 4
                       : 8);

    wire_put16(wire, payload, 0);
    mend_l4(wire);
    wire_put16(wire, payload, wire_get16(wire, checksum_field(wire)));
    wire_put16(wire, checksum_field(wire), 0xffff);
}

void wire_odd_ip_checksum(struct wire wire)
{
    wire_put16(wire, 4, 0);
    mend_ip(wire);
    wire_put16(wire, 4, wire_get16(wire, 10));
    wire_put16(wire, 10, 0xffff);
}

static void put_ip4(struct wire wire, const struct fields *fields)
{
    wire_put8(wire, 0, 0x45);
    wire_put8(wire, 1, fields->traffic_class);
    wire_put16(wire, 2, (uint16_t)wire.len);
    wire_put16(wire, 4, fields->id);
    wire_put16(wire, 6, fields->fragment);
    wire_put8(wire, 8, fields->hop);
    wire_put8(wire, 9, fields->protocol);
    memcpy(wire.data + 12, fields->source, 4);
    memcpy(wire.data + 16, fields->destination, 4);
}

static void put_ip6(struct wire wire, const struct fields *fields)
{
    wire_put32(wire, 0,
               (uint32_t)6 << 28 | (uint32_t)fields->traffic_class << 20 |
                   fields->flow_label);
    wire_put16(wire, 4, (uint16_t)(wire.len - 40));
    wire_put8(wire, 6,
              fields->extensions_len ? fields->next_header : fields->protocol);
    wire_put8(wire, 7, fields->hop);
    memcpy(wire.data + 8, fields->source, 16);
    memcpy(wire.data + 24, fields->destination, 16);
    memcpy(wire.data + 40, fields->extensions, fields->extensions_len);
}

static void put_tcp(struct wire wire, const struct fields *fields)
{
    const uint32_t words = 5 + fields->options_len / 4;

    assert_true(fields->options_len % 4 == 0);
    wire_put16(wire, wire.l4, fields->source_port);
    wire_put16(wire, wire.l4 + 2, fields->destination_port);
    wire_put32(wire, wire.l4 + 4, fields->sequence);
    wire_put32(wire, wire.l4 + 8, fields->acknowledgment);
    wire_put16(wire, wire.l4 + 12, (uint16_t)(words << 12 | fields->flags));
    wire_put16(wire, wire.l4 + 14, fields->window);
    wire_put16(wire, wire.l4 + 18, fields->urgent);
    memcpy(wire.data + wire.l4 + 20, fields->options, fields->options_len);
}

static void put_udp(struct wire wire, const struct fields *fields)
{
    wire_put16(wire, wire.l4, fields->source_port);
    wire_put16(wire, wire.l4 + 2, fields->destination_port);
    wire_put16(wire, wire.l4 + 4, (uint16_t)(wire.len - wire.l4));
}

struct wire wire_of(const struct fields *fields)
{
    const uint32_t l4 = fields->version == 4 ? 20 : 40 + fields->extensions_len;
    const uint32_t payload =
        l4 + (fields->protocol == TCP ? 20 + fields->options_len : 8);
    struct wire wire = {
        .len = payload + fields->payload_len,
        .l4 = l4,
        .version = fields->version,
        .protocol = fields->protocol,
    };

    wire.data = wire_memory(wire.len);
    if (fields->version == 4)
        put_ip4(wire, fields);
    else
        put_ip6(wire, fields);
    if (fields->protocol == TCP)
        put_tcp(wire, fields);
    else
        put_udp(wire, fields);
    for (uint32_t i = 0; i < fields->payload_len; i++)
        wire.data[payload + i] = (uint8_t)(fields->payload + i);
    wire_mend(wire);
    return wire;
}

struct wire wire_sized(const struct fields *fields, uint32_t len)
{
    const struct wire whole = wire_of(fields);
    struct wire wire = whole;

    wire.len = len;
    wire.data = wire_memory(len);
    memcpy(wire.data, whole.data, len < whole.len ? len : whole.len);
    return wire;
}

struct wire wire_framed(struct wire wire)
{
    enum { HEADER = 14 };
    static const uint8_t addresses[] = {2, 1, 2, 3, 4, 5, 2, 9, 8, 7, 6, 5};
    struct wire frame = wire;

    frame.len += HEADER;
    frame.l4 += HEADER;
    frame.data = wire_memory(frame.len);
    memcpy(frame.data, addresses, sizeof addresses);
    wire_put16(frame, sizeof addresses, wire.version == 4 ? 0x0800 : 0x86dd);
    memcpy(frame.data + HEADER, wire.data, wire.len);
    return frame;
}

struct wire wire_tagged(struct wire frame, uint32_t tags)
{
    enum { ADDRESSES = 12, TAG = 4 };
    struct wire tagged = frame;

    tagged.len += tags * TAG;
    tagged.l4 += tags * TAG;
    tagged.data = wire_memory(tagged.len);
    memcpy(tagged.data, frame.data, ADDRESSES);
    for (uint32_t i = 0; i < tags; i++) {
        wire_put16(tagged, ADDRESSES + i * TAG, 0x8100);
        wire_put16(tagged, ADDRESSES + i * TAG + 2, (uint16_t)(100 + i));
    }
    memcpy(tagged.data + ADDRESSES + (size_t)tags * TAG, frame.data + ADDRESSES,
           frame.len - ADDRESSES);
    return tagged;
}

struct wire wire_in_vxlan(struct wire inner, const struct fields *outer,
                          uint32_t vni)
{
    struct fields fields = *outer;
    struct wire wire;

    fields.destination_port = VXLAN_PORT;
    fields.payload_len = 8 + 14 + inner.len;
    wire = wire_of(&fields);
    memset(wire.data + wire.l4 + 8, 0, 22);
    wire_put32(wire, wire.l4 + 8, 0x08000000); /* a VNI follows */
    wire_put32(wire, wire.l4 + 12, vni << 8);
    wire_put16(wire, wire.l4 + 28, inner.version == 4 ? 0x0800 : 0x86dd);
    memcpy(wire.data + wire.l4 + 30, inner.data, inner.len);
    wire_mend(wire);
    return wire;
}

struct grove_packet wire_input(struct wire wire)
{
    return (struct grove_packet){wire.data, wire.len, NULL, 0};
}

struct wire wire_of_output(const struct grove_output *output)
{
    struct wire wire = {.len = output->len};
    size_t at = 0;

    wire.data = wire_memory(output->len);
    for (int i = 1; i < output->iovcnt; i++) {
        assert_true(output->iov[i].iov_len <= output->len - at);
        memcpy(wire.data + at, output->iov[i].iov_base, output->iov[i].iov_len);
        at += output->iov[i].iov_len;
    }
    assert_int_equal(at, output->len);
    return wire;
}

struct grove_vnet vnet_of_output(const struct grove_output *output)
{
    uint8_t wire[GROVE_VNET_LEN];
    struct grove_vnet vnet;

    assert_int_equal(output->iov[0].iov_len, GROVE_VNET_LEN);
    memcpy(wire, output->iov[0].iov_base, sizeof wire);
    vnet.flags = wire[0];
    vnet.gso_type = wire[1];
    vnet.hdr_len = (uint16_t)(wire[2] | wire[3] << 8);
    vnet.gso_size = (uint16_t)(wire[4] | wire[5] << 8);
    vnet.csum_start = (uint16_t)(wire[6] | wire[7] << 8);
    vnet.csum_offset = (uint16_t)(wire[8] | wire[9] << 8);
    return vnet;
}
