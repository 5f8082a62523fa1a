/* SPDX-License-Identifier: MIT */
/* The sizes of what src/lib.rs declares, for its test. */
#include "../grove.h"

extern const size_t grove_sys_sizes[];
const size_t grove_sys_sizes[] = {
    sizeof(struct grove_tunnel),       sizeof(struct grove_config),
    sizeof(struct grove_split_config), sizeof(struct grove_packet),
    sizeof(struct grove_fate),         sizeof(struct grove_output)};
