/* SPDX-License-Identifier: MIT */
#include "level_ask.h"

void level_ask(struct implementation *implementation, enum level level,
               const struct run *run, struct answer *answer)
{
    const uint32_t max_flows = run_config_default().max_flows;
    struct run other = *run;

    implementation->ask(implementation->self, run, answer);
    if (answer->kind != ANSWER_SKIPPED || level != LEVEL_SAFE ||
        run->config.max_flows == max_flows)
        return;
    other.config.max_flows = max_flows;
    implementation->ask(implementation->self, &other, answer);
}
