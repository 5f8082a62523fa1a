/* SPDX-License-Identifier: MIT */
/* Bytes that grow at their end: one field of many packets, little-endian. */
#ifndef GROVE_TOOLS_COLUMN_H
#define GROVE_TOOLS_COLUMN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* All zero is an empty column. The program ends if memory runs out. */
struct column {
    uint8_t *bytes;
    size_t len;
    size_t room;
};

void column_add(struct column *column, const void *bytes, size_t len);
void column_add_u8(struct column *column, uint8_t value);
void column_add_u16(struct column *column, uint16_t value);
void column_add_u32(struct column *column, uint32_t value);
void column_add_double(struct column *column, double value);

/* Overwrites the value at `index` of a column of u32. */
void column_set_u32(struct column *column, size_t index, uint32_t value);

/* The value at `index` of a column of u32. */
uint32_t column_u32(const struct column *column, size_t index);

/* Writes all bytes as base64. */
void column_print(const struct column *column, FILE *stream);

/* Empties the column. */
void column_free(struct column *column);

#endif
