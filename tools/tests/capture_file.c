/* SPDX-License-Identifier: MIT */
/* A capture file that a test writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_file.h"

/* The file under test. */
char path[] = "/tmp/grove-test-capture-XXXXXX";
static FILE *out;
bool big_endian;

void put16(uint16_t value)
{
    const uint8_t high = (uint8_t)(value >> 8);
    const uint8_t low = (uint8_t)value;
    const uint8_t bytes[] = {big_endian ? high : low, big_endian ? low : high};

    assert_int_equal(fwrite(bytes, 1, sizeof bytes, out), sizeof bytes);
}

void put32(uint32_t value)
{
    put16((uint16_t)(big_endian ? value >> 16 : value));
    put16((uint16_t)(big_endian ? value : value >> 16));
}

void put_bytes(const void *bytes, size_t len)
{
    assert_int_equal(fwrite(bytes, 1, len, out), len);
}

void begin_empty(void)
{
    out = fopen(path, "wb");
    assert_non_null(out);
}

void begin_file(uint32_t magic, uint32_t link)
{
    begin_empty();
    put32(magic);
    put16(2);
    put16(4);
    put32(0);
    put32(0);
    put32(SNAP_LEN);
    put32(link);
}

void put_frame(uint32_t fraction, const void *frame, uint32_t len,
               uint32_t wire_len)
{
    put32(BEGIN + fraction / US_PER_S);
    put32(fraction % US_PER_S);
    put32(len);
    put32(wire_len);
    put_bytes(frame, len);
}

void end_file(void)
{
    assert_int_equal(fclose(out), 0);
}

/* A UDP datagram without payload, and the same length of an IPv6 header. */
const uint8_t packet4[PACKET_LEN] = {
    0x45, 0, 0,   PACKET_LEN, 0, 0, 0,    0,    64, 17, 0, 0, 192, 0,
    2,    1, 192, 0,          2, 2, 0x12, 0x34, 0,  53, 0, 8, 0,   0};
const uint8_t packet6[PACKET_LEN] = {0x60, 0, 0, 0, 0, 0, 59, 64};

const struct capture_options whole = {.stop = -1};

void open_file(struct capture_file *file)
{
    char why[CAPTURE_WHY] = "";

    if (!capture_file_open(file, path, &whole, why))
        fail_msg("%s", why);
}

void expect_end(struct capture_file *file)
{
    struct timed_packet packet;
    char why[CAPTURE_WHY] = "?";

    assert_false(capture_file_next(file, &packet, why));
    assert_string_equal(why, "");
}

/* Reads the file's only packet, which has a link header of `header` bytes. */
void expect_packet(const void *packet, size_t len)
{
    struct capture_file file;
    struct timed_packet got;
    char why[CAPTURE_WHY] = "";

    open_file(&file);
    if (!capture_file_next(&file, &got, why))
        fail_msg("no packet: %s", why);
    assert_int_equal(got.frame, 1);
    assert_int_equal(got.len, len);
    assert_memory_equal(got.data, packet, len);
    expect_end(&file);
    capture_file_close(&file);
}

void expect_time(int64_t time)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY];

    open_file(&file);
    assert_true(capture_file_next(&file, &packet, why));
    assert_true(packet.time == time);
    capture_file_close(&file);
}

/* The message is one line, which names the file and has these words. */
void expect_words(const char *why, const char *name, const char *words)
{
    print_message("# %s\n", why);
    assert_ptr_equal(strstr(why, name), why);
    assert_null(strchr(why, '\n'));
    assert_non_null(strstr(why, words));
    assert_non_null(strstr(why, "; "));
}

void expect_unreadable(const char *name, const char *words)
{
    struct capture_file file;
    char why[CAPTURE_WHY] = "";

    assert_false(capture_file_open(&file, name, &whole, why));
    expect_words(why, name, words);
    assert_null(file.pcap.pcap);
    assert_null(file.pcapng.stream);
    capture_file_close(&file);
}

/* Reads `good` packets; the next one must be an error. */
void expect_broken(int good, const char *words)
{
    struct capture_file file;
    struct timed_packet packet;
    char why[CAPTURE_WHY] = "";

    open_file(&file);
    while (capture_file_next(&file, &packet, why))
        good--;
    assert_int_equal(good, 0);
    expect_words(why, path, words);
    capture_file_close(&file);
}

int make_path(void **state)
{
    const int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}
