/* SPDX-License-Identifier: MIT */
#include "gen_title.h"

#include <string.h>

#include "gen_inner.h"

/* The kinds of packets that a title names. */
enum kind {
    KIND_TCP,
    KIND_UDP,
    KIND_SYN,
    KIND_FIN,
    KIND_RST,
    KIND_ACK,
    KIND_OTHER,
    KIND_COUNT
};

static const struct {
    const char *one;
    const char *many;
} kinds[KIND_COUNT] = {
    [KIND_TCP] = {"a TCP segment", "TCP segments"},
    [KIND_UDP] = {"a UDP datagram", "UDP datagrams"},
    [KIND_SYN] = {"a SYN", "SYNs"},
    [KIND_FIN] = {"a bare FIN", "bare FINs"},
    [KIND_RST] = {"a RST", "RSTs"},
    [KIND_ACK] = {"a pure ACK", "pure ACKs"},
    [KIND_OTHER] = {"another packet", "other packets"},
};

struct story {
    size_t merged[KIND_COUNT]; /* packets inside super-packets */
    size_t supers[KIND_COUNT];
    size_t alone[KIND_COUNT];
};

static enum kind kind_of_tcp(const struct description *description)
{
    if (strchr(description->flags, 'S') != NULL)
        return KIND_SYN;
    if (strchr(description->flags, 'R') != NULL)
        return KIND_RST;
    if (description->payload > 0)
        return KIND_TCP;
    return strchr(description->flags, 'F') != NULL ? KIND_FIN : KIND_ACK;
}

static enum kind kind_of(const struct run_config *config,
                         const struct run_output *output)
{
    struct description description;

    gen_describe(config, output->packet, output->len, &description);
    if (description.has_tcp)
        return kind_of_tcp(&description);
    if (description.traffic == TRAFFIC_OTHER)
        return KIND_OTHER;
    return KIND_UDP;
}

static struct story read_story(const struct run_config *config,
                               const struct answer *answer)
{
    struct story story = {0};

    for (size_t i = 0; i < answer->outputs; i++) {
        const struct run_output *output = &answer->output[i];
        const enum kind kind = kind_of(config, output);

        if (output->ofs < 2) {
            story.alone[kind]++;
            continue;
        }
        story.supers[kind]++;
        story.merged[kind] += output->ofs;
    }
    return story;
}

static const char *tell_merged(const struct story *story, struct arena *arena)
{
    const char *text = "";

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (story->supers[kind] == 0)
            continue;
        text = arena_printf(arena, "%s%s%zu %s become ", text,
                            *text != '\0' ? "; " : "", story->merged[kind],
                            kinds[kind].many);
        if (story->supers[kind] == 1)
            text = arena_printf(arena, "%sone super-packet", text);
        else
            text = arena_printf(arena, "%s%zu super-packets", text,
                                story->supers[kind]);
    }
    return text;
}

/* "2 SYNs", "a pure ACK" */
static const char *tell_kind(size_t count, enum kind kind, struct arena *arena)
{
    if (count == 1)
        return kinds[kind].one;
    return arena_printf(arena, "%zu %s", count, kinds[kind].many);
}

static const char *tell_alone(const struct story *story, struct arena *arena)
{
    const char *told[KIND_COUNT];
    const char *text = "";
    size_t packets = 0;
    size_t count = 0;

    for (int i = 0; i < KIND_COUNT; i++) {
        packets += story->alone[i];
        if (story->alone[i] != 0)
            told[count++] = tell_kind(story->alone[i], (enum kind)i, arena);
    }
    for (size_t i = 0; i < count; i++) {
        const char *joint = i == 0 ? "" : i + 1 < count ? ", " : " and ";

        text = arena_printf(arena, "%s%s%s", text, joint, told[i]);
    }
    if (packets == 0)
        return "";
    return arena_printf(arena, "%s %s", text,
                        packets == 1 ? "leaves as it came"
                                     : "leave as they came");
}

const char *gen_title(const struct run_config *config,
                      const struct answer *answer, size_t polls,
                      struct arena *arena)
{
    const struct story story = read_story(config, answer);
    const char *merged = tell_merged(&story, arena);
    const char *alone = tell_alone(&story, arena);
    const char *joint = *merged != '\0' && *alone != '\0' ? "; " : "";

    if (polls == 1)
        return arena_printf(arena, "%s%s%s", merged, joint, alone);
    return arena_printf(arena, "in %zu polls, %s%s%s", polls, merged, joint,
                        alone);
}
