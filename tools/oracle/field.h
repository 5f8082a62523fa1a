/* SPDX-License-Identifier: MIT */
/* The names of a packet's fields, for messages. */
#ifndef GROVE_TOOLS_FIELD_H
#define GROVE_TOOLS_FIELD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The name of the field at byte `offset` of the packet ("TCP window",
 * "payload"), a static string. NULL if the field is not known.
 */
const char *field_name(const uint8_t *packet, size_t len, size_t offset);

#endif
