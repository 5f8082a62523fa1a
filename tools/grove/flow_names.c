/* SPDX-License-Identifier: MIT */
#include "flow_names.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM ((size_t)64)

/* FNV-1a. */
static uint64_t hash_of(const struct flow_name *name)
{
    const unsigned char *bytes = (const unsigned char *)name;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof *name; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The slot of this name: it is there, or the slot is empty. */
static uint32_t *slot_of(const struct flow_names *names,
                         const struct flow_name *name)
{
    size_t at = (size_t)hash_of(name) & (names->slot_count - 1);

    while (names->slots[at] != 0 &&
           memcmp(&names->at[names->slots[at] - 1], name, sizeof *name) != 0)
        at = (at + 1) & (names->slot_count - 1);
    return &names->slots[at];
}

/* Doubles the room. The map has at least twice as many slots as flows. */
static void grow(struct flow_names *names)
{
    names->room = names->room == 0 ? FIRST_ROOM : 2 * names->room;
    names->at = realloc(names->at, names->room * sizeof *names->at);
    free(names->slots);
    names->slot_count = 2 * names->room;
    names->slots = calloc(names->slot_count, sizeof *names->slots);
    if (names->at == NULL || names->slots == NULL)
        err(70, "memory");
    for (size_t i = 0; i < names->count; i++)
        *slot_of(names, &names->at[i]) = (uint32_t)i + 1;
}

uint32_t flow_names_add(struct flow_names *names, const char *interface,
                        const struct description *packet)
{
    struct flow_name name = {.protocol = ""}; /* zeros behind the strings */
    uint32_t *slot;

    memccpy(name.interface, interface, '\0', sizeof name.interface - 1);
    memccpy(name.protocol, packet->protocol, '\0', sizeof name.protocol);
    memccpy(name.from, packet->from, '\0', sizeof name.from);
    memccpy(name.to, packet->to, '\0', sizeof name.to);
    if (names->count == names->room)
        grow(names);
    slot = slot_of(names, &name);
    if (*slot == 0) {
        names->at[names->count++] = name;
        *slot = (uint32_t)names->count;
    }
    return *slot - 1;
}

void flow_names_free(struct flow_names *names)
{
    free(names->at);
    free(names->slots);
    *names = (struct flow_names){0};
}
