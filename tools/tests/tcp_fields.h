/* SPDX-License-Identifier: MIT */
/*
 * The TCP packet over IPv4 that unit tests begin with.
 */
#ifndef GROVE_TEST_TCP_FIELDS_H
#define GROVE_TEST_TCP_FIELDS_H

#include <stdint.h>

#include "draft.h"

/* Segment `number` of a flow. Each has `payload` bytes, which differ. */
struct draft_fields tcp_fields(uint32_t number, uint32_t payload);

#endif
