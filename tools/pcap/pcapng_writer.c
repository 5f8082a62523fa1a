/* SPDX-License-Identifier: MIT */
#include "pcapng_writer.h"

#include <string.h>

enum block { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6 };

enum option {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_RESOLUTION = 9
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define NANOSECONDS      9  /* as the resolution of an interface: 10^-9 */
#define BLOCK_FRAME      12 /* the type of a block, and its length twice */
#define OPTION_HEADER    4
#define OPTION_MAX       0xfffc /* the longest value whose padding fits */

static void put(FILE *stream, const void *bytes, size_t len)
{
    fwrite(bytes, 1, len, stream);
}

static void put16(FILE *stream, uint16_t value)
{
    put(stream, &value, sizeof value);
}

static void put32(FILE *stream, uint32_t value)
{
    put(stream, &value, sizeof value);
}

/* What is added so that `len` bytes end at a multiple of 4. */
static size_t padding(size_t len)
{
    return -len % 4;
}

static void put_padded(FILE *stream, const void *bytes, size_t len)
{
    put(stream, bytes, len);
    put(stream, "\0\0\0", padding(len));
}

static size_t text_len(const char *text)
{
    const size_t len = strlen(text);

    return len < OPTION_MAX ? len : OPTION_MAX;
}

/* The bytes that put_text() writes. */
static size_t text_size(const char *text)
{
    const size_t len = text_len(text);

    return OPTION_HEADER + len + padding(len);
}

static void put_text(FILE *stream, uint16_t option, const char *text)
{
    put16(stream, option);
    put16(stream, (uint16_t)text_len(text));
    put_padded(stream, text, text_len(text));
}

/* Begins a block whose body has `len` bytes; put32(len) ends it. */
static uint32_t begin(FILE *stream, uint32_t type, size_t len)
{
    const uint32_t all = (uint32_t)(BLOCK_FRAME + len);

    put32(stream, type);
    put32(stream, all);
    return all;
}

static void end_options(FILE *stream)
{
    put16(stream, OPTION_END);
    put16(stream, 0);
}

void pcapng_write_header(FILE *stream, const char *application)
{
    const uint32_t all =
        begin(stream, SECTION, 16 + text_size(application) + OPTION_HEADER);

    put32(stream, BYTE_ORDER_MAGIC);
    put16(stream, 1); /* version 1.0 */
    put16(stream, 0);
    put32(stream, UINT32_MAX); /* the length of the section is not told */
    put32(stream, UINT32_MAX);
    put_text(stream, SECTION_APPLICATION, application);
    end_options(stream);
    put32(stream, all);
}

void pcapng_write_interface(FILE *stream, uint16_t link_type, const char *name)
{
    const uint8_t resolution = NANOSECONDS;
    const uint32_t all =
        begin(stream, INTERFACE,
              8 + text_size(name) + OPTION_HEADER + 4 + OPTION_HEADER);

    put16(stream, link_type);
    put16(stream, 0);
    put32(stream, 0); /* no limit on the length of packets */
    put_text(stream, INTERFACE_NAME, name);
    put16(stream, INTERFACE_RESOLUTION);
    put16(stream, sizeof resolution);
    put_padded(stream, &resolution, sizeof resolution);
    end_options(stream);
    put32(stream, all);
}

void pcapng_write_packet(FILE *stream, const struct pcapng_packet *packet)
{
    const uint64_t time = (uint64_t)packet->time;
    size_t options = 0;
    uint32_t all;

    if (packet->comment != NULL)
        options = text_size(packet->comment) + OPTION_HEADER;
    all = begin(stream, PACKET,
                20 + packet->len + padding(packet->len) + options);
    put32(stream, packet->interface);
    put32(stream, (uint32_t)(time >> 32));
    put32(stream, (uint32_t)time);
    put32(stream, (uint32_t)packet->len);
    put32(stream, (uint32_t)packet->wire_len);
    put_padded(stream, packet->data, packet->len);
    if (packet->comment != NULL) {
        put_text(stream, OPTION_COMMENT, packet->comment);
        end_options(stream);
    }
    put32(stream, all);
}
