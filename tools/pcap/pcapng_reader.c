/* SPDX-License-Identifier: MIT */
#include "pcapng_reader.h"

#include <err.h>
#include <stdlib.h>

enum block_type {
    INTERFACE = 1,
    PACKET = 2, /* obsolete */
    SIMPLE = 3,
    ENHANCED = 6,
    SECTION = 0x0a0d0d0a
};

enum option { IF_NAME = 2, EPB_FLAGS = 2, IF_TSRESOL = 9, IF_FCSLEN = 13 };
enum { IF_TSOFFSET = 14, END_OF_OPTIONS = 0 };

/* The type of a block, its length, and the first word of its body. */
enum { HEAD = 12, BODY_AT = 8, BLOCK_MAX = 1 << 24, INTERFACES_MAX = 1024 };

bool pcapng_begins(const struct source *source)
{
    const struct bytes head = {source->head, (uint32_t)source->head_len};

    return bytes_have(head, 0, 4) && bytes_be32(head, 0) == SECTION;
}

void pcapng_reader_open(struct pcapng_reader *reader, struct source *source)
{
    *reader = (struct pcapng_reader){.stream = source->stream};
    reader->interfaces = calloc(INTERFACES_MAX, sizeof *reader->interfaces);
    if (reader->interfaces == NULL)
        err(70, "memory");
}

void pcapng_reader_close(struct pcapng_reader *reader)
{
    fclose(reader->stream);
    free(reader->block);
    free(reader->interfaces);
    *reader = (struct pcapng_reader){0};
}

static bool broken(struct pcapng_reader *reader, const char *reason)
{
    reader->reason = reason;
    return false;
}

static uint16_t get16(const struct pcapng_reader *reader, struct bytes view,
                      uint32_t at)
{
    const uint16_t value = bytes_be16(view, at);

    return reader->little ? __builtin_bswap16(value) : value;
}

static uint32_t get32(const struct pcapng_reader *reader, struct bytes view,
                      uint32_t at)
{
    const uint32_t value = bytes_be32(view, at);

    return reader->little ? __builtin_bswap32(value) : value;
}

/* Two words; those of a time have the high one first. */
static uint64_t get64(const struct pcapng_reader *reader, struct bytes view,
                      uint32_t high, uint32_t low)
{
    return (uint64_t)get32(reader, view, high) << 32 | get32(reader, view, low);
}

/* Finds the option, of `len` bytes or, if that is 0, of any number. */
static bool find_option(const struct pcapng_reader *reader, struct bytes view,
                        uint16_t wanted, uint32_t len, struct bytes *value)
{
    for (uint32_t at = 0; bytes_have(view, at, 4);) {
        const uint16_t code = get16(reader, view, at);
        const uint32_t has = get16(reader, view, at + 2);

        if (code == END_OF_OPTIONS || !bytes_have(view, at + 4, has))
            return false;
        *value = bytes_slice(view, at + 4, has);
        if (code == wanted)
            return len == 0 || len == has;
        at += 4 + (has + 3) / 4 * 4;
    }
    return false;
}

/* The units of time in a second; 0 if they are too many. */
static uint64_t units_of(uint8_t resolution)
{
    const uint8_t power = resolution & 0x7f;
    uint64_t units = 1;

    for (uint8_t i = 0; i < power; i++)
        if (__builtin_mul_overflow(units, resolution > power ? 2 : 10, &units))
            return 0;
    return units;
}

static bool read_interface(struct pcapng_reader *reader, struct bytes body)
{
    struct pcapng_interface *to = &reader->interfaces[reader->count];
    struct bytes options;
    struct bytes value;

    if (body.len < 8)
        return broken(reader, "an interface block is too short");
    if (reader->count == INTERFACES_MAX)
        return broken(reader, "more than 1024 interfaces in a section");
    *to = (struct pcapng_interface){.link = get16(reader, body, 0),
                                    .snap_len = get32(reader, body, 4),
                                    .units = 1000000};
    options = bytes_from(body, 8);
    if (find_option(reader, options, IF_TSRESOL, 1, &value))
        to->units = units_of(bytes_u8(value, 0));
    if (find_option(reader, options, IF_TSOFFSET, 8, &value))
        to->offset = (int64_t)(reader->little ? get64(reader, value, 4, 0)
                                              : get64(reader, value, 0, 4));
    if (find_option(reader, options, IF_FCSLEN, 1, &value))
        to->fcs_len = bytes_u8(value, 0);
    if (find_option(reader, options, IF_NAME, 0, &value) && value.len != 0)
        snprintf(to->name, sizeof to->name, "%.*s", (int)value.len,
                 (const char *)value.at);
    if (to->units == 0)
        return broken(reader, "an interface counts time in too small units");
    reader->count++;
    return true;
}

static int64_t time_of(const struct pcapng_interface *interface, uint64_t time)
{
    uint64_t rest = time % interface->units;
    uint64_t units = interface->units;
    int64_t seconds;

    while (units >> 34 != 0) { /* else the product below would not fit */
        rest /= units % 10 == 0 ? 10 : 2;
        units /= units % 10 == 0 ? 10 : 2;
    }
    if (__builtin_add_overflow(time / interface->units, interface->offset,
                               &seconds))
        seconds = INT64_MAX;
    return seconds < 0
               ? 0
               : frame_time((uint64_t)seconds, rest * 1000000000 / units);
}

/* epb_flags: the direction in bits 0 and 1, the length of the FCS in 5 to 8. */
static void read_flags(struct pcapng_reader *reader, struct bytes options,
                       struct frame *frame)
{
    struct bytes value;
    uint32_t flags;

    if (!find_option(reader, options, EPB_FLAGS, 4, &value))
        return;
    flags = get32(reader, value, 0);
    if ((flags >> 5 & 15) != 0)
        frame->fcs_len = flags >> 5 & 15;
    if ((flags & 3) != 3)
        frame->direction = (enum direction)(flags & 3);
}

/* Fills in what the interface tells, and the `len` bytes at `at`. */
static bool take_packet(struct pcapng_reader *reader, struct bytes body,
                        uint32_t at, uint32_t len, struct frame *frame)
{
    const uint32_t number = frame->interface;
    const uint32_t padded = len + (4 - len % 4) % 4;
    const struct pcapng_interface *interface;

    if (number >= reader->count)
        return broken(reader, "a packet of an interface that is not described");
    if (len > BLOCK_MAX || !bytes_have(body, at, padded))
        return broken(reader, "a packet is longer than its block");
    interface = &reader->interfaces[number];
    frame->data = bytes_slice(body, at, len);
    frame->interface += reader->first;
    frame->name = interface->name;
    frame->link = interface->link;
    frame->fcs_len = interface->fcs_len;
    read_flags(reader, bytes_from(body, at + padded), frame);
    return true;
}

static bool read_packet(struct pcapng_reader *reader, uint32_t type,
                        struct bytes body, struct frame *frame)
{
    if (body.len < 20)
        return broken(reader, "a packet block is too short");
    *frame = (struct frame){
        .wire_len = get32(reader, body, 16),
        .interface =
            type == PACKET ? get16(reader, body, 0) : get32(reader, body, 0),
    };
    if (!take_packet(reader, body, 20, get32(reader, body, 12), frame))
        return false;
    reader->time =
        time_of(&reader->interfaces[frame->interface - reader->first],
                get64(reader, body, 4, 8));
    frame->time = reader->time;
    return true;
}

/* A packet of the first interface, without a time and options. */
static bool read_simple(struct pcapng_reader *reader, struct bytes body,
                        struct frame *frame)
{
    const uint32_t snap_len = reader->interfaces[0].snap_len;
    uint32_t len;

    if (body.len < 4)
        return broken(reader, "a packet block is too short");
    len = get32(reader, body, 0);
    *frame = (struct frame){.wire_len = len, .time = reader->time};
    return take_packet(reader, body, 4,
                       snap_len != 0 && snap_len < len ? snap_len : len, frame);
}

/* Reads `len` bytes into the block, from `at` on. */
static bool fill(struct pcapng_reader *reader, size_t at, size_t len)
{
    if (at + len > reader->room) {
        reader->room = 2 * (at + len);
        reader->block = realloc(reader->block, reader->room);
        if (reader->block == NULL)
            err(70, "memory");
    }
    return fread(reader->block + at, 1, len, reader->stream) == len ||
           broken(reader, ferror(reader->stream)
                              ? "it cannot be read"
                              : "the file ends within a block");
}

/* The first word of its body tells the byte order of a section. */
static bool begin_section(struct pcapng_reader *reader, struct bytes head)
{
    const uint32_t order = bytes_be32(head, BODY_AT);

    reader->little = order == 0x4d3c2b1a;
    reader->first += reader->count;
    reader->count = 0;
    return reader->little || order == 0x1a2b3c4d ||
           broken(reader, "a section of unknown byte order");
}

/* Reads a block, of which the first byte was read already. */
static bool read_block(struct pcapng_reader *reader, uint32_t *type,
                       struct bytes *body)
{
    struct bytes block;
    uint32_t len;

    if (!fill(reader, 1, HEAD - 1))
        return false;
    block = (struct bytes){reader->block, HEAD};
    *type = get32(reader, block, 0);
    if (*type == SECTION && !begin_section(reader, block))
        return false;
    len = get32(reader, block, 4);
    if (len < HEAD || len > BLOCK_MAX || len % 4 != 0)
        return broken(reader, "a block of impossible length");
    if (!fill(reader, HEAD, len - HEAD))
        return false;
    block = (struct bytes){reader->block, len};
    *body = bytes_slice(block, BODY_AT, len - HEAD);
    return get32(reader, block, len - 4) == len ||
           broken(reader, "a block with two lengths");
}

enum read_result pcapng_reader_next(struct pcapng_reader *reader,
                                    struct frame *frame)
{
    struct bytes body;
    uint32_t type;

    while (fill(reader, 0, 1)) {
        if (!read_block(reader, &type, &body) ||
            (type == INTERFACE && !read_interface(reader, body)))
            return READ_BROKEN;
        if (type == ENHANCED || type == PACKET)
            return read_packet(reader, type, body, frame) ? READ_FRAME
                                                          : READ_BROKEN;
        if (type == SIMPLE)
            return read_simple(reader, body, frame) ? READ_FRAME : READ_BROKEN;
    }
    return ferror(reader->stream) ? READ_BROKEN : READ_END;
}
