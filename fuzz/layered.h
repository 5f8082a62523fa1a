/* SPDX-License-Identifier: MIT */
/*
 * Packets with a link and tunnels: where the innermost headers are, and how all
 * layers are mended. Without layers they are those of layout.h and mend.h.
 */
#ifndef GROVE_FUZZ_LAYERED_H
#define GROVE_FUZZ_LAYERED_H

#include "layers.h"

/* Sets link, tunnels and vnet_len to what `layers` of an input says. */
void layered_config(uint8_t layers, struct run_config *config);

/* The byte that says so. False if none does: a tunnel has another port. */
bool layered_byte(const struct run_config *config, uint8_t *layers);

/* The innermost IP packet. Without IP all is zero. */
struct inner {
    size_t start;     /* offset of its IP header */
    struct layout at; /* its offsets count from the packet's first byte */
};

struct inner inner_of(const struct run_config *config, const uint8_t *packet,
                      size_t len);

/*
 * Changes the headers of a packet with `payload` bytes to those of the next
 * packet of its flow: the identification of each IPv4 header, and TCP's
 * sequence number.
 */
void layered_advance(const struct run_config *config, uint8_t *headers,
                     size_t len, size_t payload);

/*
 * Mends what `kind` says, from the innermost layer outwards. `vnet` has the
 * vnet_len bytes of the packet's virtio header.
 */
void layered_mend(const struct run_config *config, uint8_t *packet, size_t len,
                  uint8_t kind, const uint8_t *vnet);

#endif
