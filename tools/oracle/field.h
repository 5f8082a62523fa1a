/* SPDX-License-Identifier: MIT */
/* What the bytes of a packet are called, for messages. */
#ifndef GROVE_TOOLS_FIELD_H
#define GROVE_TOOLS_FIELD_H

#include <stddef.h>
#include <stdint.h>

/*
 * The field that byte `offset` of the packet lies in ("TCP window",
 * "payload"), a static string; NULL where the packet does not tell.
 */
const char *field_name(const uint8_t *packet, size_t len, size_t offset);

#endif
