/* SPDX-License-Identifier: MIT */
/* What tc(8) would do: packets that come in by one device go out by another. */
#ifndef GROVE_TUN_REDIRECT_H
#define GROVE_TUN_REDIRECT_H

#include "tun/link.h"

/*
 * From now on each packet that is written to device `from` can be read from
 * device `to`. No protocol and no firewall sees it. Both indexes are of the
 * link's namespace. Returns 0 or an errno. ENOENT: the kernel lacks
 * sch_ingress, cls_bpf or act_mirred.
 */
int tun_redirect(struct tun_link *link, int from, int to);

#endif
