/* SPDX-License-Identifier: MIT */
/* What a reader of captures gives: one frame at a time. */
#ifndef GROVE_TOOLS_FRAME_H
#define GROVE_TOOLS_FRAME_H

#include <stdint.h>

#include "../../ref/bytes.h"

/* Room for the reason why a file cannot be read. */
#define FRAME_REASON 256

/* As the capturing host saw it. */
enum direction { DIRECTION_UNKNOWN, DIRECTION_IN, DIRECTION_OUT };

struct frame {
    struct bytes data;  /* as captured, with its link header; valid until the
                         * next one is read */
    uint32_t wire_len;  /* bytes that it had on the wire */
    int64_t time;       /* nanoseconds since 1970; never negative */
    uint32_t interface; /* its number in the file, from 0 */
    const char *name;   /* of the interface; "" if the file does not tell it */
    int link;           /* its type: LINKTYPE_* or DLT_* of libpcap */
    uint32_t fcs_len;   /* bytes of FCS at its end on the wire, as told */
    enum direction direction;
};

enum read_result {
    READ_FRAME,
    READ_END,   /* of the file */
    READ_BROKEN /* the file is cut or damaged here; there is a reason */
};

/*
 * The time in nanoseconds. Times that an int64_t cannot hold are kept to the
 * nearest that it can, so that the difference of two never overflows.
 */
static inline int64_t frame_time(uint64_t seconds, uint64_t nanoseconds)
{
    const uint64_t second = 1000000000;
    const uint64_t most = INT64_MAX / second - 10;

    if (seconds > most)
        seconds = most;
    return (int64_t)(seconds * second + (nanoseconds & UINT32_MAX));
}

#endif
