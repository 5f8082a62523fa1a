/* SPDX-License-Identifier: MIT */
/*
 * Outputs as a header and slices of the inputs. No header is parsed: of k
 * packets with the same length of headers the output has one header and every
 * payload, so the lengths alone tell where payload begins. The bytes are then
 * compared, so a wrong guess costs nothing but the short form.
 */
#include "codec.h"

#include <stdio.h>
#include <string.h>

/* Length of each packet's headers, if the lengths allow one. */
static bool header_length(const struct run *run,
                          const struct run_output *output, size_t *header)
{
    size_t total = 0;

    *header = 0;
    for (size_t i = 0; i < output->ofs; i++) {
        const struct run_input *packet = run_packet(run, output->of[i]);

        if (packet == NULL)
            return false;
        total += packet->len;
    }
    if (output->ofs == 1 || total <= output->len)
        return total == output->len;
    *header = (total - output->len) / (output->ofs - 1);
    return total - *header * (output->ofs - 1) == output->len;
}

/* Length of the slices as JSON. */
static size_t text_length(const struct slices *slices)
{
    size_t len = 2 * slices->header + strlen("\"header\":\"\",\"payload\":[]");

    for (size_t i = 0; i < slices->count; i++) {
        const struct slice *slice = &slices->at[i];

        len += (size_t)snprintf(NULL, 0, "[%u,%u,%u],", slice->packet,
                                slice->offset, slice->len);
    }
    return len;
}

/* Makes the slices; false at the first one whose bytes differ. */
static bool take_slices(const struct run *run, const struct run_output *output,
                        struct slices *slices)
{
    size_t at = slices->header;

    for (size_t i = 0; i < output->ofs; i++) {
        const struct run_input *packet = run_packet(run, output->of[i]);
        size_t len;

        if (packet->len < slices->header)
            return false;
        len = packet->len - slices->header;
        if (len > output->len - at ||
            (len != 0 && memcmp(output->packet + at,
                                packet->packet + slices->header, len) != 0))
            return false;
        slices->at[i] = (struct slice){output->of[i], (uint32_t)slices->header,
                                       (uint32_t)len};
        at += len;
    }
    return at == output->len;
}

bool slices_find(struct arena *arena, const struct run *run,
                 const struct run_output *output, struct slices *slices)
{
    if (!output->has_of || output->ofs == 0 ||
        !header_length(run, output, &slices->header) ||
        slices->header > output->len)
        return false;
    slices->count = output->ofs;
    slices->at = arena_alloc(arena, output->ofs, sizeof *slices->at);
    return take_slices(run, output, slices) &&
           text_length(slices) < 2 * output->len + strlen("\"packet\":\"\"");
}
