/* SPDX-License-Identifier: MIT */
#include "level_option.h"

#include <stdio.h>

#include "adapter.h"
#include "command_line.h"
#include "grove.h"
#include "node.h"

enum level parse_level(const char *text, struct argp_state *state)
{
    enum level level;

    if (!level_find(text, &level))
        wrong_usage(state, "--level %s: give exact, hints or safe", text);
    return level;
}

int claimed_level(const struct implementation *adapter, const char *command,
                  enum level *level)
{
    const char *claimed = adapter_said(adapter)->level;
    char shown[32];

    if (claimed == NULL || level_find(claimed, level))
        return GROVE_EXIT_HOLDS;
    snprintf(shown, sizeof shown, "%s", claimed);
    make_printable(shown);
    complain("--exec '%s': it claims the level %s, which is none; choose one "
             "by --level",
             command, shown);
    return GROVE_EXIT_USAGE;
}
