/* SPDX-License-Identifier: MIT */
/*
 * A TUN device with one queue. A test says what each read gives and which write
 * fails, and looks at what was written.
 */
#ifndef GROVE_TEST_TUN_SCRIPT_H
#define GROVE_TEST_TUN_SCRIPT_H

#include "packets.h"
#include "tun_make.h"

enum { SCRIPT_MAX = 512 };

/* What a read gives, or the errno with which it fails. */
struct script_read {
    int error;
    const uint8_t *data;
    size_t len;
};

/* The argument of a write. */
struct script_write {
    struct wire wire; /* without the header; freed by wires_release() */
    int slices;       /* iovecs */
    struct grove_vnet vnet;
};

struct script {
    uint8_t header; /* bytes of a packet's virtio_net_hdr; 0: it has none */
    struct script_read reads[SCRIPT_MAX]; /* after them: EAGAIN */
    size_t reads_done;
    int errors[SCRIPT_MAX]; /* of each write; 0: it succeeds */
    int super_error;        /* of every write of a super-packet; or 0 */
    size_t short_by;        /* bytes that each write does not take */
    size_t writes_tried;
    struct script_write writes[SCRIPT_MAX]; /* that succeeded */
    size_t writes_done;
};

/* The script of the only device. */
extern struct script script;

/*
 * Makes the device, with virtio headers or without, and an empty script.
 * tun_unmake() frees it.
 */
struct grove_tun *script_open(bool headers);

/* The same with frames of this link, and headers of so many bytes. */
struct grove_tun *script_open_layers(enum grove_link link, uint8_t vnet_len);

/* A read that gives the packet and its header. */
struct script_read script_packet(const struct grove_packet *packet);

struct grove_tun_stats script_stats(const struct grove_tun *tun);

#endif
