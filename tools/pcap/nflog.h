/* SPDX-License-Identifier: MIT */
/* Packets that Linux's packet filter logs. */
#ifndef GROVE_TOOLS_NFLOG_H
#define GROVE_TOOLS_NFLOG_H

#include "link.h"

/* As link_read(), for DLT_NFLOG. */
bool read_nflog(struct bytes frame, struct link_packet *packet);

#endif
