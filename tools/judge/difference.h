/* SPDX-License-Identifier: MIT */
/* How a packet that arrives differs from the one that was sent. */
#ifndef GROVE_JUDGE_DIFFERENCE_H
#define GROVE_JUDGE_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "run.h"

struct difference {
    /*
     * The header field that differs, a static string. Of several it is the one
     * that says most: lengths, the identification and checksums, which follow
     * from other changes, come last.
     */
    const char *field;
    size_t at;        /* the first byte of it that differs */
    bool only_ip4_id; /* and the checksum of the IPv4 header, which is right */
    const char *laundered; /* the checksum that was wrong, and is right */
};

/* Whether the change of a field says more than that of the other one. */
bool field_says_more(const char *field, const char *other);

/*
 * True if they differ. Virtio headers are not compared. The configuration says
 * which layers the packets have.
 */
bool packets_differ(const struct run_config *config,
                    const struct run_output *sent,
                    const struct run_output *arrived,
                    struct difference *difference);

#endif
