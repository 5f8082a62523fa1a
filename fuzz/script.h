/* SPDX-License-Identifier: MIT */
/*
 * The format of a fuzzing input that is a batch, version 2. It is total: any
 * bytes are a batch. Bytes after the last entry are ignored. It is stable: the
 * meaning of a stored input never changes. (In version 1, 0xfe and 0xfd were
 * kinds of packets.) Numbers are big-endian. Bytes after the end of the input
 * are 0.
 *
 *     input  := config(1) max_flows(1) [0xfe layers(1)] [0xfd growth(1)] entry*
 *     entry  := 0xff
 *             | kind(1) given(2) fill(2) [vnet(vnet_len)] bytes(given)
 *
 * config: bits 0 to 2 the number of the profile in ref/profile.def; a number
 *         that no profile has yet stands for that number mod 4;
 *         bit 3 lossless mode; bit 4 no UDP; bit 5 checksums are trusted;
 *         bit 6 the receiver of segments computes checksums; bit 7 op gso.
 *         A target for one op or one profile ignores these bits.
 * max_flows: 0 is 8.
 * layers: bit 0 the link is Ethernet; bits 1 and 2 are vnet_len: 0 is 10, 1 is
 *         12, 2 and 3 are 24; bits 3 to 7 are tunnels that end at the host:
 *         IP in IP, GRE, and VXLAN, VXLAN-GPE and GENEVE at their usual ports
 *         4789, 4790 and 6081. Without 0xfe it is 0. 0xfe has this meaning
 *         only there; as the kind of a later entry it is a packet.
 * growth: bit 0 lists of packets (fraglist); bits 1 to 3 are max_bytes: from 0
 *         on 65535, 65536, 65575, 65576, 66000, 70000, 131072 and 524280; bit 4
 *         packets have hashes. Bits 5 to 7 have no meaning. Without 0xfd it is
 *         0. 0xfd has this meaning only there. By a target for op gso, and in
 *         lossless mode, growth is ignored. With a link or tunnels, lists and
 *         max_bytes are ignored. With lists, max_bytes and hashes are ignored,
 *         and with hashes max_bytes is.
 *
 * 0xff is a flush, the end of a poll. Any other kind is a packet. Its bytes are
 * the `given` ones, or as many of them as the input has, and then `fill` bytes.
 * Each of the latter is the low byte of its offset in the packet. The bits of
 * kind are applied in this order:
 *
 *     6     the packet is the next one in the flow of the packet before it.
 *           The headers of that one, up to the payload of TCP or UDP, come
 *           before its bytes. IPv4's identification is increased by 1, and
 *           TCP's sequence number by the payload of that one. No headers are
 *           added if no packet comes before it or that one has no TCP or UDP
 *     0     the packet has a virtio header, `vnet`; else it is all zero
 *     1     lengths are mended: total_length or payload_length, UDP's length
 *     4, 5  the checksum of TCP or UDP: 0 as it is; 1 right; 2 the sum of the
 *           pseudo-header; 3 as it is, and right by the first two payload bytes
 *     2, 3  the checksum of the IPv4 header: 0 and 3 as it is; 1 right; 2 as
 *           it is, and right by the identification
 *     7     with hashes, the packet's hash is 8 more: it is that of another
 *           packet in the same bucket. 0xff is a flush
 *
 * A field that a packet does not have is not mended (layout.h has the offsets).
 * In a tunnel, bits 1 to 3 mend each IP header, and bits 4 and 5 the innermost
 * TCP or UDP. If one of bits 4 and 5 is set, the checksums of outer UDP headers
 * and of GRE become right, too, as they are once the inner one is complete. An
 * outer UDP checksum of 0 stays 0. If the virtio header tells of a tunnel with
 * a checksum, 2 also makes the outer UDP checksum the sum of its pseudo-header.
 *
 * The hash of a packet is the low byte of its innermost source port, and 0
 * without ports.
 *
 * Limits: entries after INPUT_ENTRIES are ignored. A packet that would exceed
 * the total of INPUT_BYTES loses its end.
 */
#ifndef GROVE_FUZZ_SCRIPT_H
#define GROVE_FUZZ_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "grove/vnet.h"

enum {
    INPUT_ENTRIES = 96,      /* more than fit into one super-packet of UDP */
    INPUT_BYTES = 80 * 1024, /* more than fit into one of TCP */
    INPUT_HEADER = 2,
    INPUT_MARK = 2,   /* bytes of 0xfe and layers, or of 0xfd and growth */
    INPUT_PACKET = 5, /* bytes of an entry before vnet and bytes */
};

/* Bits of `config`. */
enum {
    INPUT_PROFILE = 7,
    INPUT_LOSSLESS = 8,
    INPUT_NO_UDP = 16,
    INPUT_TRUSTED = 32,
    INPUT_OFFLOAD = 64,
    INPUT_GSO = 128
};

/* Bits of `layers`, and the mark before it. */
enum {
    INPUT_ETHERNET = 1,
    INPUT_VNET_12 = 2,
    INPUT_VNET_24 = 4,
    INPUT_IPIP = 8,
    INPUT_GRE = 16,
    INPUT_VXLAN = 32,
    INPUT_VXLAN_GPE = 64,
    INPUT_GENEVE = 128,
    INPUT_LAYERS = 0xfe
};

/* Bits of `growth`, and the mark before it. */
enum {
    INPUT_LISTS = 1,
    INPUT_MAX_BYTES = 14,
    INPUT_HASHES = 16,
    INPUT_GROWTH = 0xfd
};

/* Bits of `kind`. */
enum {
    INPUT_VNET = 1,
    INPUT_LENGTHS = 2,
    INPUT_IP = 0x0c,
    INPUT_IP_RIGHT = 0x04,
    INPUT_IP_BY_ID = 0x08,
    INPUT_L4 = 0x30,
    INPUT_L4_RIGHT = 0x10,
    INPUT_L4_PARTIAL = 0x20,
    INPUT_L4_BY_PAYLOAD = 0x30,
    INPUT_NEXT = 0x40,
    INPUT_HASH = 0x80,
    INPUT_FLUSH = 0xff
};

/* An entry of an input, before anything is mended. */
struct entry {
    uint8_t kind;
    uint8_t vnet[GROVE_VNET_LEN_MAX];
    const uint8_t *bytes; /* `given` bytes */
    uint16_t given;
    uint16_t fill;
};

/* The entries of an input. It points into the bytes that were read. */
struct script {
    uint8_t config;
    uint8_t max_flows;
    uint8_t layers;
    uint8_t growth;
    size_t entries;
    struct entry entry[INPUT_ENTRIES];
};

/* The length of virtio headers that `layers` says. */
size_t script_vnet_len(uint8_t layers);

/* Reads any bytes. */
void script_read(struct script *script, const uint8_t *data, size_t size);

/* Its length in bytes. */
size_t script_size(const struct script *script);

/*
 * Writes script_size() bytes, which do not overlap those that the entries point
 * to. Reading them gives the same script.
 */
void script_write(const struct script *script, uint8_t *data);

#endif
