/* SPDX-License-Identifier: MIT */
/*
 * Targets: the splitter, compared with the kernel of this machine, which is
 * asked in this process (tools/oracle).
 *
 * Asserts: both refuse the same packets, and split others into the same bytes.
 * A difference must occur three times.
 *
 * Input: a batch (script.h), whose first packet is split. The profile is the
 * kernel's. Super-packets of very many segments are left out, since they take
 * long and show nothing new.
 */
#include "diff.h"
#include "input.h"
#include "target.h"

enum { TIMES = 3, SEGMENTS = 200 };

static struct input input;

void target_make(void)
{
    input_make(&input);
    diff_probe_kernel();
}

static bool has_many_segments(const struct run_input *packet)
{
    struct grove_vnet vnet;

    grove_vnet_load(&vnet, packet->vnet);
    return packet->has_vnet && vnet.gso_type != GROVE_VNET_GSO_NONE &&
           packet->len / SEGMENTS > vnet.gso_size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run = &input.run;

    input_decode_gso(&input, data, size);
    if (has_many_segments(&input.entry[0]))
        return 0;
    diff_fit_layers(&run->config);
    diff_ask(diff_kernel(&run->profile), run, TIMES);
    return 0;
}
