/* SPDX-License-Identifier: MIT */
/* The names of tunnels in configurations: "ipip", "vxlan:4789". */
#ifndef GROVE_TOOLS_TUNNEL_H
#define GROVE_TOOLS_TUNNEL_H

#include <stdbool.h>

#include "grove/layer.h"

/* Room for the longest name, with its NUL, in bytes. */
#define TUNNEL_NAME_SIZE 24

/* Reads a name. False if it is none, or if its port is not 1 to 65535. */
bool tunnel_read(const char *name, struct grove_tunnel *tunnel);

/* Writes the name of a tunnel. */
void tunnel_write(const struct grove_tunnel *tunnel,
                  char name[TUNNEL_NAME_SIZE]);

#endif
