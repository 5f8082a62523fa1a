/* SPDX-License-Identifier: MIT */
#include "hints.h"

#include <stdarg.h>

#include "layout.h"

#define OFFLOADS_OFF "ethtool -K DEV gro off lro off tso off gso off tx off"

/* The sum of the 16-bit words of `len` bytes, an even number. */
static uint32_t sum(struct bytes view, uint32_t at, uint32_t len)
{
    uint32_t total = 0;

    for (uint32_t end = at + len; at < end; at += 2)
        total += bytes_be16(view, at);
    return total;
}

static uint16_t fold(uint32_t total)
{
    while (total > 0xffff)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)total;
}

bool checksum_is_left(const uint8_t *packet, size_t len)
{
    const struct bytes ip = {packet, (uint32_t)len};
    const struct layout at = layout_of(packet, len);
    uint32_t total;

    if (at.l4 == 0)
        return false;
    total = at.version == 4 ? sum(ip, 12, 8) : sum(ip, 8, 32);
    total += at.protocol + (uint32_t)(len - at.l4);
    return bytes_be16(ip, (uint32_t)at.field) == fold(total);
}

__attribute__((format(printf, 2, 3))) static void add(struct hints *hints,
                                                      const char *format, ...)
{
    char *line = hints->line[hints->count++];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof hints->line[0], format, args);
    va_end(args);
}

static void add_frames(struct hints *hints, const struct frame_counts *frames)
{
    if (frames->cut != 0)
        add(hints,
            "captured in part: %llu; capture with tcpdump -s 0, or let grove "
            "explain --headers decide by headers",
            (unsigned long long)frames->cut);
    if (frames->filled != 0)
        add(hints,
            "decided by headers: %llu; no checksum of TCP and UDP was looked "
            "at",
            (unsigned long long)frames->filled);
    if (frames->unlinked != 0)
        add(hints,
            "of unknown link types: %llu; capture on an Ethernet, TUN or "
            "loopback device, or on \"any\"",
            (unsigned long long)frames->unlinked);
    if (frames->jumbo != 0)
        add(hints,
            "longer than a frame can be: %llu; the capturing host put packets "
            "together: " OFFLOADS_OFF,
            (unsigned long long)frames->jumbo);
    if (frames->fcs != 0 && frames->fcs == frames->frames)
        add(hints, "all frames end with an FCS of which the file does not "
                   "tell; take it off: editcap -L -C -4 IN OUT");
}

static void add_checksums(struct hints *hints, uint64_t packets,
                          const struct findings *findings)
{
    if (findings->left != 0)
        add(hints,
            "checksums left to the hardware: %llu; on the capturing "
            "host: " OFFLOADS_OFF ", or go on with --csum trusted",
            (unsigned long long)findings->left);
    else if (findings->wrong > packets / 2)
        add(hints, "wrong checksums: %llu; go on with --csum trusted",
            (unsigned long long)findings->wrong);
}

static void add_deviations(struct hints *hints, const struct findings *findings)
{
    for (int i = DEVIATION_NONE + 1; i < DEVIATION_COUNT; i++)
        if (findings->deviations[i].packets != 0)
            add(hints,
                "%s (SPEC.md, section 13): %llu, the first in frame "
                "%llu; %s",
                deviation_id((enum deviation)i),
                (unsigned long long)findings->deviations[i].packets,
                (unsigned long long)findings->deviations[i].frame,
                deviation_words((enum deviation)i));
}

void hints_make(struct hints *hints, const struct frame_counts *frames,
                const struct findings *findings)
{
    hints->count = 0;
    add_frames(hints, frames);
    add_checksums(hints, frames->packets, findings);
    add_deviations(hints, findings);
}

void findings_add_wrong(struct findings *findings, const uint8_t *packet,
                        size_t len)
{
    findings->wrong++;
    findings->left += checksum_is_left(packet, len);
}

void findings_add_deviation(struct findings *findings, enum deviation deviation,
                            uint64_t frame)
{
    if (deviation == DEVIATION_NONE)
        return;
    if (findings->deviations[deviation].packets++ == 0)
        findings->deviations[deviation].frame = frame;
}

void hints_print(FILE *stream, const struct hints *hints)
{
    for (size_t i = 0; i < hints->count; i++)
        fprintf(stream, "  %s\n", hints->line[i]);
}
