/* SPDX-License-Identifier: MIT */
/* What `grove tun` prints: that it is up, and what it did. */
#ifndef GROVE_TOOLS_TUN_REPORT_H
#define GROVE_TOOLS_TUN_REPORT_H

#include "tun_join.h"

/* One line, which scripts wait for; it is written at once. */
void tun_report_up(const struct join *join, bool json);

/* The statistics of both devices. */
void tun_report_end(const struct join *join, bool json);

#endif
