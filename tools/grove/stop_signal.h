/* SPDX-License-Identifier: MIT */
/* Lets a program end well when it is interrupted. */
#ifndef GROVE_TOOLS_STOP_SIGNAL_H
#define GROVE_TOOLS_STOP_SIGNAL_H

/*
 * A descriptor that is readable after SIGINT or SIGTERM. The second signal ends
 * the program as usual. -1 and errno on failure.
 */
int stop_signal_open(void);

#endif
