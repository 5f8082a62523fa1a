/* SPDX-License-Identifier: MIT */
/* A capture file (pcap or pcapng) as a sequence of IP packets. */
#ifndef GROVE_TOOLS_CAPTURE_H
#define GROVE_TOOLS_CAPTURE_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Room for the line that says what is wrong with a file. */
#define CAPTURE_WHY 1024

/* No link carries more in a frame; a capture that does is of a host that
 * let its NIC cut, or put together, what it sent or received. */
#define CAPTURE_JUMBO 9216

/* How many frames were read, and what they were. */
struct frame_counts {
    uint64_t frames;
    uint64_t packets; /* those that capture_file_next() gave */
    uint64_t cut;     /* left out: shorter than they were on the wire */
    uint64_t not_ip;  /* left out: ARP, LLDP, ... */
    uint64_t jumbo;   /* packets longer than CAPTURE_JUMBO */
};

struct timed_packet {
    uint64_t frame;      /* its number in the file, from 1 */
    int64_t time;        /* nanoseconds since 1970 */
    const uint8_t *data; /* from the IP header to the end of the frame */
    size_t len;
};

/* An open file. All zero is a closed one. */
struct capture_file {
    const char *path; /* the caller's */
    pcap_t *pcap;
    int link; /* DLT_* of libpcap */
    struct frame_counts counts;
};

/*
 * Opens the file, "-" for stdin. On failure `why` gets one line that names
 * the file and the remedy, and nothing is open.
 */
bool capture_file_open(struct capture_file *file, const char *path,
                       char why[CAPTURE_WHY]);

/*
 * The next IP packet that was captured whole, valid until the next call.
 * False at the end of the file, with `why` empty, and where it is broken.
 */
bool capture_file_next(struct capture_file *file, struct timed_packet *packet,
                       char why[CAPTURE_WHY]);

/* Closes it, if it is open. The counts stay. */
void capture_file_close(struct capture_file *file);

/*
 * One line of what was read and left out, two spaces before it, and a second
 * one if the capture does not look like what was on the wire.
 */
void frame_counts_print(FILE *stream, const struct frame_counts *counts);

#endif
