/* SPDX-License-Identifier: MIT */
#include "column.h"

#include <endian.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a column when it gets its first value. */
#define FIRST_ROOM ((size_t)1 << 12)

static void make_room(struct column *column, size_t len)
{
    while (column->room - column->len < len) {
        column->room = column->room == 0 ? FIRST_ROOM : 2 * column->room;
        column->bytes = realloc(column->bytes, column->room);
        if (column->bytes == NULL)
            err(70, "memory");
    }
}

void column_add(struct column *column, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    make_room(column, len);
    memcpy(column->bytes + column->len, bytes, len);
    column->len += len;
}

void column_add_u8(struct column *column, uint8_t value)
{
    column_add(column, &value, sizeof value);
}

void column_add_u16(struct column *column, uint16_t value)
{
    const uint16_t bytes = htole16(value);

    column_add(column, &bytes, sizeof bytes);
}

void column_add_u32(struct column *column, uint32_t value)
{
    const uint32_t bytes = htole32(value);

    column_add(column, &bytes, sizeof bytes);
}

void column_add_double(struct column *column, double value)
{
    uint64_t bytes;

    memcpy(&bytes, &value, sizeof bytes);
    bytes = htole64(bytes);
    column_add(column, &bytes, sizeof bytes);
}

void column_set_u32(struct column *column, size_t index, uint32_t value)
{
    const uint32_t bytes = htole32(value);

    memcpy(column->bytes + index * sizeof bytes, &bytes, sizeof bytes);
}

uint32_t column_u32(const struct column *column, size_t index)
{
    uint32_t bytes;

    memcpy(&bytes, column->bytes + index * sizeof bytes, sizeof bytes);
    return le32toh(bytes);
}

/* Up to three bytes as four digits; "=" stands for missing bytes. */
static void print_group(const uint8_t *bytes, size_t len, FILE *stream)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
                                 "stuvwxyz0123456789+/";
    uint32_t word = 0;

    for (size_t i = 0; i < 3; i++)
        word = word << 8 | (i < len ? bytes[i] : 0);
    for (size_t i = 0; i < 4; i++)
        putc(i <= len ? digits[word >> (18 - 6 * i) & 63] : '=', stream);
}

void column_print(const struct column *column, FILE *stream)
{
    for (size_t at = 0; at < column->len; at += 3) {
        const size_t left = column->len - at;

        print_group(column->bytes + at, left < 3 ? left : 3, stream);
    }
}

void column_free(struct column *column)
{
    free(column->bytes);
    *column = (struct column){0};
}
