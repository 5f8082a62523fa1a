/* SPDX-License-Identifier: MIT */
/*
 * Targets: the table, compared with the kernel of this machine, which is asked
 * in this process (tools/oracle).
 *
 * Asserts: the outputs of both have the same bytes and the same order, and both
 * reject the same packets. A difference must occur three times.
 *
 * Input: a batch (script.h). Profile, mode, trust and max_flows are those of
 * the kernel. If there are layers, the tunnels are IP in IP, GRE and VXLAN.
 * There are no lists, and max_bytes is the usual one. Batches that differ for a
 * reason in SPEC.md (K-1, K-2, K-8, K-13) are left out, and those that the
 * kernel cannot be asked.
 */
#include "diff.h"
#include "input.h"
#include "target.h"

enum { TIMES = 3 };

static struct input input;

void target_make(void)
{
    input_make(&input);
    diff_probe_kernel();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct run_config usual = run_config_default();
    struct run *run = &input.run;

    input_decode(&input, data, size);
    run->op = RUN_GRO;
    run->config.max_flows = usual.max_flows;
    run->config.csum_trusted = usual.csum_trusted;
    run->config.lossless = usual.lossless;
    diff_fit_layers(&run->config);
    if (diff_is_known(run))
        return 0;
    diff_ask(diff_kernel(&run->profile), run, TIMES);
    return 0;
}
