/* SPDX-License-Identifier: MIT */
/*
 * What the tests share: packets made from a struct of fields, with correct
 * checksums. This is a second opinion: the code shares nothing with the library
 * or with the packet builder of the tools (tools/oracle/draft.h).
 */
#ifndef GROVE_TEST_PACKETS_H
#define GROVE_TEST_PACKETS_H

#include <stdint.h>

#include "../../tools/oracle/dice.h"
#include "grove/table.h"

enum { TCP = 6, UDP = 17 };
enum { HBH = 0, ROUTE = 43, FRAGMENT = 44, DESTINATION = 60 };
enum {
    FIN = 0x001,
    SYN = 0x002,
    RST = 0x004,
    PSH = 0x008,
    ACK = 0x010,
    URG = 0x020,
    ECE = 0x040,
    CWR = 0x080,
    AE = 0x100
};
enum { RESERVED = 0x8000, DF = 0x4000, MF = 0x2000 };

/* The fields of a packet. Fields that its protocols do not have are ignored. */
struct fields {
    uint8_t version;  /* 4 or 6 */
    uint8_t protocol; /* TCP or UDP */
    uint8_t source[16];
    uint8_t destination[16]; /* IPv4: the first four bytes of each */
    uint8_t hop;
    uint8_t traffic_class;
    uint16_t id;
    uint16_t fragment; /* IPv4: flags and offset */
    uint32_t flow_label;
    uint8_t extensions[136]; /* whole IPv6 headers; see fields_extend() */
    uint32_t extensions_len;
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t sequence;
    uint32_t acknowledgment;
    uint16_t flags; /* TCP: all 12 bits after the data offset */
    uint16_t window;
    uint16_t urgent;
    uint8_t next_header; /* of the first of the extension headers */
    uint8_t payload;     /* its first byte; each further byte is 1 more */
    uint8_t options[40]; /* TCP */
    uint32_t options_len;
    uint32_t payload_len;
};

/* A good packet with 100 bytes of payload. */
struct fields fields_of(uint8_t version, uint8_t protocol);

/* The packet that follows `fields` in its flow: it would merge. */
struct fields fields_next(struct fields fields);

/* Adds an extension header of 8 bytes, the last six of them `content`. */
void fields_extend(struct fields *fields, uint8_t header, uint8_t content);

/*
 * IPv6 addresses of the bytes of the IPv4 ones, and zeros: in the words of a
 * flow's key they are the same.
 */
void fields_alias(struct fields *fields);

/* A packet, in memory of exactly its length. */
struct wire {
    uint8_t *data;
    uint32_t len;
    uint32_t l4; /* offset of the L4 header */
    uint8_t version;
    uint8_t protocol;
};

/* Makes the packet, its checksums right. wires_release() frees it. */
struct wire wire_of(const struct fields *fields);

/* As wire_of(), in memory of `len` bytes: cut, or with zeros after it. */
struct wire wire_sized(const struct fields *fields, uint32_t len);

/* Bytes that the caller fills; freed as above. */
uint8_t *wire_memory(uint32_t len);

/* Makes both checksums right for the bytes as they are. */
void wire_mend(struct wire wire);

/*
 * Sets the first two bytes of the payload (L4) or the identification (IPv4
 * header) so that the checksum is 0, and then writes 0xffff there: as valid,
 * but not what a sender computes.
 */
void wire_odd_l4_checksum(struct wire wire);
void wire_odd_ip_checksum(struct wire wire);

void wire_put8(struct wire wire, uint32_t offset, uint8_t value);
void wire_put16(struct wire wire, uint32_t offset, uint16_t value);
void wire_put32(struct wire wire, uint32_t offset, uint32_t value);
uint16_t wire_get16(struct wire wire, uint32_t offset);
uint32_t wire_get32(struct wire wire, uint32_t offset);

/*
 * The ones'-complement sum of the pseudo-header of `len` bytes of L4 and, if
 * `whole`, of those bytes.
 */
uint16_t wire_l4_sum(struct wire wire, uint32_t len, int whole);

/* The packet behind an Ethernet header, as at a TAP; freed as above. */
struct wire wire_framed(struct wire wire);

/* The frame with VLAN tags behind its addresses; freed as above. */
struct wire wire_tagged(struct wire frame, uint32_t tags);

enum { VXLAN_PORT = 4789 };

/*
 * The packet in VXLAN over UDP, with a checksum: a datagram of these outer
 * fields that has Ethernet and the packet as its payload. Freed as above.
 */
struct wire wire_in_vxlan(struct wire inner, const struct fields *outer,
                          uint32_t vni);

/* As the table takes it, without a virtio header. */
struct grove_packet wire_input(struct wire wire);

/* The bytes of `output` after its virtio header; freed as above. */
struct wire wire_of_output(const struct grove_output *output);

/* Its virtio header. */
struct grove_vnet vnet_of_output(const struct grove_output *output);

/* Frees every wire. cmocka can call it as a teardown. */
int wires_release(void **state);

#endif
