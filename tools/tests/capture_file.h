/* SPDX-License-Identifier: MIT */
/*
 * A capture file that a test writes, and what the tests of captures have in
 * common. A function fails the test if it cannot do what it says.
 */
#ifndef GROVE_TEST_CAPTURE_FILE_H
#define GROVE_TEST_CAPTURE_FILE_H

#include "capture.h"

#define MAGIC_US     0xa1b2c3d4
#define MAGIC_NS     0xa1b23c4d
#define LINK_ETH     1
#define LINK_RAW     101
#define MS           1000000 /* nanoseconds */
#define PACKET_LEN   28
#define US_PER_S     1000000
#define HEADER_LEN   24
#define RECORD_LEN   16
#define SNAP_LEN     262144
#define BEGIN        1700000000
#define BEGIN_NS     (INT64_C(1700000000) * 1000000000)
#define PADDED_FRAME 60

/* Both addresses of a frame of Ethernet. */
#define MACS 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2

/* The path of the file. */
extern char path[];

/* The byte order of the numbers that are written next. */
extern bool big_endian;

/* A UDP datagram without payload, and the same length of an IPv6 header. */
extern const uint8_t packet4[PACKET_LEN];
extern const uint8_t packet6[PACKET_LEN];

/* Packets that were captured whole. */
extern const struct capture_options whole;

/* Write the file, from its beginning to its end. */
void put16(uint16_t value);
void put32(uint32_t value);
void put_bytes(const void *bytes, size_t len);
void begin_empty(void);
void begin_file(uint32_t magic, uint32_t link);
void put_frame(uint32_t fraction, const void *frame, uint32_t len,
               uint32_t wire_len);
void end_file(void);
/* Read the file as a whole. */
void open_file(struct capture_file *file);
void expect_end(struct capture_file *file);
void expect_packet(const void *packet, size_t len);
void expect_time(int64_t time);
void expect_words(const char *why, const char *name, const char *words);
void expect_unreadable(const char *name, const char *words);
void expect_broken(int good, const char *words);
int make_path(void **state);
int remove_path(void **state);

#endif
