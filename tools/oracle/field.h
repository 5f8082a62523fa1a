/* SPDX-License-Identifier: MIT */
/* The names of a packet's fields, for messages. */
#ifndef GROVE_TOOLS_FIELD_H
#define GROVE_TOOLS_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "run.h"

/*
 * The name of the field at byte `offset` of a packet that begins with its IP
 * header ("TCP window", "payload"), a static string. NULL if the field is not
 * known.
 */
const char *field_name(const uint8_t *packet, size_t len, size_t offset);

/*
 * The same of a packet with layers. What stands before the innermost IP header
 * has the name of its layer ("VLAN tag", "outer IPv4 header").
 */
const char *field_name_in(const struct run_config *config,
                          const uint8_t *packet, size_t len, size_t offset);

#endif
