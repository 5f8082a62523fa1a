/* SPDX-License-Identifier: MIT */
/*
 * Outputs as a header and slices of the inputs. No header is parsed.
 *
 * Op gro: if k packets have the same length of headers, the output has one
 * header and every payload. The lengths alone give the place where the payload
 * begins. The bytes are then compared, so a wrong guess only loses the short
 * form.
 *
 * Op gso: a segment is a header, and an end that the super-packet contains.
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

static bool find_merged(struct arena *arena, const struct run *run,
                        const struct run_output *output, struct slices *slices)
{
    if (!output->has_of || output->ofs == 0 ||
        !header_length(run, output, &slices->header) ||
        slices->header > output->len)
        return false;
    slices->count = output->ofs;
    slices->at = arena_alloc(arena, output->ofs, sizeof *slices->at);
    return take_slices(run, output, slices);
}

/* Where `packet` contains the output from byte `from` on, or NULL. */
static const uint8_t *find_end(const struct run_input *packet,
                               const struct run_output *output, size_t from)
{
    return memmem(packet->packet, packet->len, output->packet + from,
                  output->len - from);
}

/*
 * Takes the longest end that the super-packet contains. It also contains every
 * shorter end, so bisection finds the longest one.
 */
static bool find_segment(struct arena *arena, const struct run *run,
                         const struct run_output *output, struct slices *slices)
{
    const struct run_input *packet = run_packet(run, 0);
    size_t low = 0;
    size_t high = output->len;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (find_end(packet, output, middle) != NULL)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == output->len)
        return false;
    slices->header = low;
    slices->count = 1;
    slices->at = arena_alloc(arena, 1, sizeof *slices->at);
    slices->at[0] = (struct slice){
        .offset = (uint32_t)(find_end(packet, output, low) - packet->packet),
        .len = (uint32_t)(output->len - low)};
    return true;
}

bool slices_find(struct arena *arena, const struct run *run,
                 const struct run_output *output, struct slices *slices)
{
    const bool found = run->op == RUN_GSO
                           ? find_segment(arena, run, output, slices)
                           : find_merged(arena, run, output, slices);

    return found &&
           text_length(slices) < 2 * output->len + strlen("\"packet\":\"\"");
}
