/* SPDX-License-Identifier: MIT */
/* grove gen: what is said at the end. */
#include "gen.h"
#include "grove.h"

void gen_complain_of_none(const struct capture_file *file, const char *why)
{
    if (why[0] != '\0')
        complain("%s", why);
    else if (file->counts.packets != 0)
        complain(
            "%s: every packet is a deviation such as K-2, in which SPEC.md "
            "differs from kernels (section 13); see grove explain",
            file->path);
    else if (file->counts.cut != 0)
        complain("%s: of all packets only the headers were captured, and a "
                 "kernel verifies checksums; capture with tcpdump -s 0, or see "
                 "grove explain --headers",
                 file->path);
    else
        complain("%s: no whole IP packet in it; capture IP traffic, with "
                 "tcpdump -s 0",
                 file->path);
}

static uint64_t left_out(const struct gen *gen)
{
    uint64_t packets = 0;

    for (int i = 0; i < DEVIATION_COUNT; i++)
        packets += gen->findings.deviations[i].packets;
    return packets;
}

void gen_summarize(const struct gen *gen)
{
    const uint64_t without = left_out(gen);
    const size_t captures = gen->options->count;
    struct hints hints;

    progress_end();
    fprintf(stderr, "%s%s%s: %zu vector%s from %zu capture%s\n",
            colour(stderr, COLOUR_BOLD), gen->options->out,
            colour(stderr, COLOUR_NONE), gen->vectors,
            gen->vectors == 1 ? "" : "s", captures, captures == 1 ? "" : "s");
    frame_counts_print(stderr, &gen->counts);
    if (without != 0)
        fprintf(stderr,
                "  %llu left out, in which SPEC.md differs from kernels\n",
                (unsigned long long)without);
    hints_make(&hints, &gen->counts, &gen->findings);
    hints_print(stderr, &hints);
    fprintf(stderr, "  %zu polls\n", gen->polls);
    tally_print(stderr, &gen->tally);
    if (gen->options->unconfirmed)
        fprintf(stderr, "  %sconfirmed by no kernel%s, made as %s\n",
                colour(stderr, COLOUR_YELLOW), colour(stderr, COLOUR_NONE),
                gen->profile);
    else
        fprintf(stderr,
                "  %sconfirmed by %s%s, whose profile is %s, and the "
                "reference agrees\n",
                colour(stderr, COLOUR_GREEN), gen->confirmed,
                colour(stderr, COLOUR_NONE), gen->profile);
}
