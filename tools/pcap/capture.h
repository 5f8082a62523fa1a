/* SPDX-License-Identifier: MIT */
/* A capture file (pcap or pcapng) as a sequence of IP packets. */
#ifndef GROVE_TOOLS_CAPTURE_H
#define GROVE_TOOLS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "link.h"
#include "pcap_reader.h"
#include "pcapng_reader.h"
#include "source.h"

/* Room for the line that says what is wrong with a file. */
#define CAPTURE_WHY 1024

/* No link carries more in a frame; a capture that does is of a host that
 * let its NIC cut, or put together, what it sent or received. */
#define CAPTURE_JUMBO 9216

/* The most interfaces that are told apart; the others count as the last one. */
#define CAPTURE_INTERFACES 256

/* How many frames were read, and what they were. */
struct frame_counts {
    uint64_t frames;
    uint64_t packets;  /* those that capture_file_next() gave */
    uint64_t cut;      /* left out: shorter than they were on the wire */
    uint64_t not_ip;   /* left out: ARP, LLDP, ... */
    uint64_t unlinked; /* left out: their link type is not known here */
    uint64_t filled;   /* packets of which the end was not captured */
    uint64_t jumbo;    /* packets longer than CAPTURE_JUMBO */
    uint64_t fcs;      /* frames up to the first one without an FCS that the
                        * file does not tell */
};

struct timed_packet {
    uint64_t frame;      /* its number in the file, from 1 */
    int64_t time;        /* nanoseconds since 1970 */
    const uint8_t *data; /* from the IP header to the end of the frame */
    size_t len;
    uint32_t link_len;  /* bytes of link headers right before `data` */
    int link;           /* their type: DLT_* of libpcap */
    uint32_t interface; /* its number among those of struct capture_file */
    uint64_t key;       /* packets with different ones are of different flows */
};

/* Why there is no packet of a frame. */
enum left_out {
    LEFT_OUT_NOT, /* there is one */
    LEFT_OUT_CUT,
    LEFT_OUT_NOT_IP,
    LEFT_OUT_UNLINKED
};

/* A frame of which there is no packet. */
struct left_out_frame {
    enum left_out why;
    uint64_t number;     /* in the file, from 1 */
    int64_t time;        /* nanoseconds since 1970 */
    const uint8_t *data; /* as captured, with its link header */
    uint32_t len;
    uint32_t wire_len;  /* bytes that it had on the wire */
    int link;           /* its type: LINKTYPE_* or DLT_* of libpcap */
    uint32_t interface; /* as of struct timed_packet */
};

/* An interface that was captured. */
struct capture_interface {
    uint32_t of_file; /* its number in the file */
    uint64_t of_link; /* what link headers say of it, hashed */
    char name[40];    /* printable; "" if nothing tells it */
};

struct capture_options {
    bool headers; /* also give packets of which only the headers were captured,
                   * with zeros in place of the rest */
    int stop;     /* when this descriptor is readable, reading ends; or -1 */
    /* Is called for each frame that is left out, which is valid during the
     * call; or NULL. */
    void (*left_out)(void *context, const struct left_out_frame *frame);
    void *context;
};

/* An open file, which must not be moved. All zero is a closed one. */
struct capture_file {
    const char *path; /* the caller's */
    struct capture_options options;
    struct source source;
    struct pcap_reader pcap;     /* open if the file is pcap */
    struct pcapng_reader pcapng; /* open if the file is pcapng */
    const struct link *link;     /* of the last frame; NULL: not known */
    int link_type;               /* its number */
    struct capture_interface interfaces[CAPTURE_INTERFACES];
    uint32_t interface_count;
    uint32_t last_interface;
    uint8_t *filled; /* holds the last packet whose end was not captured */
    struct frame_counts counts;
};

/*
 * Opens the file, "-" for stdin. On failure `why` gets one line that names
 * the file and the remedy, and nothing is open.
 */
bool capture_file_open(struct capture_file *file, const char *path,
                       const struct capture_options *options,
                       char why[CAPTURE_WHY]);

/*
 * The next IP packet, valid until the next call. False at the end of the file,
 * with `why` empty, and where the file is broken: then it is one line that says
 * what is missing.
 */
bool capture_file_next(struct capture_file *file, struct timed_packet *packet,
                       char why[CAPTURE_WHY]);

/* The interface's name. "" if there is only one, or if nothing tells it. */
const char *capture_interface_name(const struct capture_file *file,
                                   uint32_t interface);

/* Closes it, if it is open. The counts and the interfaces stay. */
void capture_file_close(struct capture_file *file);

/* One line of what was read and left out, two spaces before it. */
void frame_counts_print(FILE *stream, const struct frame_counts *counts);

/* Adds `of` to `sum`. */
void frame_counts_add(struct frame_counts *sum, const struct frame_counts *of);

#endif
