/* SPDX-License-Identifier: MIT */
/*
 * A TUN device with one queue whose reads and writes a test has written down:
 * what each read gives, which write fails and how, and what was written.
 */
#ifndef GROVE_TEST_TUN_SCRIPT_H
#define GROVE_TEST_TUN_SCRIPT_H

#include "packets.h"
#include "tun_make.h"

enum { SCRIPT_MAX = 512 };

/* What a read gives, or the errno that it fails with. */
struct script_read {
    int error;
    const uint8_t *data;
    size_t len;
};

/* What a write was given. */
struct script_write {
    struct wire wire; /* all behind the header; freed by wires_release() */
    int slices;       /* iovecs */
    struct grove_vnet vnet;
};

struct script {
    bool headers;                         /* packets have a virtio_net_hdr */
    struct script_read reads[SCRIPT_MAX]; /* then EAGAIN */
    size_t reads_done;
    int errors[SCRIPT_MAX]; /* of each write; 0: it takes the packet */
    int super_error;        /* of every write of a super-packet; or 0 */
    size_t short_by;        /* bytes that each write says it left out */
    size_t writes_tried;
    struct script_write writes[SCRIPT_MAX]; /* those that took it */
    size_t writes_done;
};

/* The one script, of the one device. */
extern struct script script;

/*
 * A device of one queue on an empty script; with virtio headers, or without.
 * tun_unmake() frees it.
 */
struct grove_tun *script_open(bool headers);

/* A header and a packet in one piece, as a read gives them. */
struct script_read script_packet(const struct grove_packet *packet);

struct grove_tun_stats script_stats(const struct grove_tun *tun);

#endif
