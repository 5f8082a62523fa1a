/* SPDX-License-Identifier: MIT */
/* The output of `grove tun`: a line when it is up, and statistics. */
#ifndef GROVE_TOOLS_TUN_REPORT_H
#define GROVE_TOOLS_TUN_REPORT_H

#include "tun_join.h"

/* Prints one line and flushes it, since scripts wait for it. */
void tun_report_up(const struct join *join, bool json);

/* Prints the statistics of both devices. */
void tun_report_end(const struct join *join, bool json);

#endif
