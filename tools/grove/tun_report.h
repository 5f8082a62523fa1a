/* SPDX-License-Identifier: MIT */
/* The output of `grove tun`: a line when it is up, and statistics. */
#ifndef GROVE_TOOLS_TUN_REPORT_H
#define GROVE_TOOLS_TUN_REPORT_H

#include "tun_join.h"

/* What was asked of the kernel before the devices were opened. */
struct tun_probed {
    bool asked;
    bool good; /* `kernel` is valid; otherwise `error` is */
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;
};

/*
 * Prints a line and flushes it, since scripts wait for it. More lines follow
 * for people if the kernel gets super-packets wrong, or was not probed.
 */
void tun_report_up(const struct join *join, const struct tun_probed *probed,
                   bool json);

/* The names of these offloads, each behind a blank, or " none". */
void tun_offload_names(uint32_t offloads, char names[64]);

/* Prints the statistics of both devices. */
void tun_report_end(const struct join *join, bool json);

#endif
