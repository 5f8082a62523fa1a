/* SPDX-License-Identifier: MIT */
/* The layers outside of a flow's packets. */
#ifndef GROVE_TOOLS_GENERATE_SHELL_H
#define GROVE_TOOLS_GENERATE_SHELL_H

#include "dice.h"
#include "run.h"
#include "shell.h"

/* A configuration with a link and tunnels, at random. */
void layers_pick(struct dice *dice, struct run_config *config);

/* A new shell, of the configuration's link and of some of its tunnels. */
void shell_begin(struct dice *dice, struct shell *shell,
                 const struct run_config *config);

/* Changes one field of the key. */
void shell_vary(struct dice *dice, struct shell *shell);

/* The shell of the flow's next packet. */
void shell_advance(struct dice *dice, struct shell *shell);

/* Makes one field wrong, which some rule reads. */
void shell_spoil(struct dice *dice, struct shell *shell);

/*
 * Changes bytes of a draft that shell_build() made, of an inner packet of this
 * IP version: lengths, checksums, bits of the headers, or the end.
 */
void shell_spoil_bytes(struct dice *dice, struct draft *draft,
                       const struct shell *shell, uint8_t version);

#endif
